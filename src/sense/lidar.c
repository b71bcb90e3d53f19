// A spinning LiDAR: one ray for each beam and step of a turn, what comes back of it and how strongly.
#include "trace.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#ifdef CW_HAVE_EMBREE

enum { PACKETS_A_TASK = 64 };

struct cw_scanner {
    cw_lidar lidar;
    const trace_kernel *kernel;
    uint32_t rays, packets;
    float *table; // (packets x 3 x lanes): directions in the LiDAR's frame, x ahead, y left, z up
    trace_echo *echoes;
};

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for a LiDAR's points");
}

// Ray number i looks along step i / beams and beam i % beams: neighbours stand beside each other.
cw_status cw_scanner_new(const cw_rays *rays, const cw_lidar *lidar, cw_scanner **out, cw_error *err) {
    assert(rays != NULL && lidar != NULL && out != NULL && lidar->beam_count > 0 && lidar->steps > 0);
    assert(lidar->beam_count <= CW_LIDAR_BEAMS_MOST && lidar->steps <= 20000);
    *out = NULL;
    cw_scanner *s = calloc(1, sizeof *s);
    if (s == NULL)
        return no_memory(err);
    s->lidar = *lidar;
    s->kernel = trace_kernel_of(rays->isa);
    uint32_t lanes = (uint32_t)s->kernel->lanes, beams = lidar->beam_count;
    s->rays = beams * lidar->steps;
    s->packets = (s->rays + lanes - 1) / lanes;
    s->table = aligned_alloc(64, ((size_t)s->packets * 3 * lanes * sizeof(float) + 63) / 64 * 64);
    s->echoes = malloc((size_t)s->packets * lanes * sizeof *s->echoes);
    if (s->table == NULL || s->echoes == NULL) {
        cw_scanner_free(s);
        return no_memory(err);
    }
    for (uint32_t i = 0; i < s->packets * lanes; i++) {
        double sa, ca, sb, cb, d[3] = {0};
        if (i < s->rays) {
            // NOLINTNEXTLINE(bugprone-integer-division)
            cw_sincos(-2.0 * CW_PI * (i / beams) / lidar->steps, &sa, &ca); // clockwise, as they spin
            cw_sincos((double)lidar->beams[i % beams], &sb, &cb);
            d[0] = cb * ca, d[1] = cb * sa, d[2] = sb;
        }
        for (size_t k = 0; k < 3; k++)
            s->table[((size_t)(i / lanes) * 3 + k) * lanes + i % lanes] = (float)d[k];
    }
    *out = s;
    return CW_OK;
}

void cw_scanner_free(cw_scanner *s) {
    if (s == NULL)
        return;
    free(s->table);
    free(s->echoes);
    free(s);
}

uint32_t cw_scanner_rays(const cw_scanner *s) {
    return s->rays;
}

typedef struct scanning {
    const trace_scan *scan;
    const trace_kernel *kernel;
    uint32_t packets;
} scanning;

static void scan_packets(void *context, size_t index, int worker) {
    (void)worker;
    const scanning *t = context;
    uint32_t first = (uint32_t)index * PACKETS_A_TASK, end = first + PACKETS_A_TASK;
    end = end < t->packets ? end : t->packets;
#if defined(__x86_64__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); // as for pictures
    t->kernel->scan(t->scan, (int)first, (int)end);
    _mm_setcsr(before);
#else
    t->kernel->scan(t->scan, (int)first, (int)end);
#endif
}

// Rotation and place of the LiDAR: rows to the map frame.
static trace_eye pose_of(const cw_rays *rays, const cw_mount *mount, const cw_figure *carrier, float local[9]) {
    float frame[PLACE_FLOATS];
    double optical[9];
    trace_eye out;
    rays_frame_of(rays, carrier, frame);
    cw_mount_rotation(mount, optical);
    for (int i = 0; i < 3; i++) { // from the optical axes to ahead, left, up
        local[3 * i] = (float)optical[3 * i + 2];
        local[3 * i + 1] = (float)-optical[3 * i];
        local[3 * i + 2] = (float)-optical[3 * i + 1];
    }
    const double at[3] = {mount->x, mount->y, mount->z};
    for (int i = 0; i < 3; i++) {
        double place = (double)frame[9 + i];
        for (int k = 0; k < 3; k++) {
            out.rotation[3 * i + k] = 0;
            for (int m = 0; m < 3; m++)
                out.rotation[3 * i + k] += frame[3 * i + m] * local[3 * m + k];
            place += (double)frame[3 * i + k] * at[k];
        }
        out.origin[i] = (float)place;
    }
    return out;
}

// The vehicle's frame, and what an actor that was hit does in it.
static cw_lidar_point point_of(const cw_scanner *s, const cw_rays *rays, uint32_t ray, const float local[9],
                               const cw_figure *carrier) {
    const trace_echo *echo = &s->echoes[ray];
    uint32_t lanes = (uint32_t)s->kernel->lanes;
    const float *d = s->table + (size_t)(ray / lanes) * 3 * lanes + ray % lanes;
    const cw_mount *m = &s->lidar.mount;
    const float at[3] = {(float)m->x, (float)m->y, (float)m->z};
    cw_lidar_point p = {
        .intensity = echo->intensity, .semantic = echo->semantic, .beam = (uint8_t)(ray % s->lidar.beam_count)};
    for (int i = 0; i < 3; i++)
        p.position[i] =
            at[i] + echo->range * (local[3 * i] * d[0] + local[3 * i + 1] * d[lanes] + local[3 * i + 2] * d[2 * lanes]);
    uint32_t owner = rays->places[echo->place].owner;
    if (owner == CW_NONE) {
        uint32_t thing = rays->object[echo->triangle];
        p.instance = thing != 0 ? 1 + rays->def.scene->actor_count + thing : 0;
        return p;
    }
    p.instance = 1 + owner;
    double sine, cosine;
    cw_sincos(cw_wrap_angle((double)rays->figures[owner].heading - (double)carrier->heading), &sine, &cosine);
    p.velocity[0] = (float)((double)rays->figures[owner].speed * cosine);
    p.velocity[1] = (float)((double)rays->figures[owner].speed * sine);
    return p;
}

cw_status cw_scanner_scan(cw_scanner *s, cw_rays *rays, uint32_t carrier, cw_lidar_point *out, uint32_t *count,
                          cw_error *err) {
    assert(s != NULL && rays != NULL && out != NULL && count != NULL && rays->set);
    *count = 0;
    if (carrier >= rays->def.scene->actor_count || !rays->figures[carrier].present)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "LiDAR '%s' is on a vehicle that is not there",
                            s->lidar.name);
    rays_ready(rays, carrier, CW_NONE);
    float local[9];
    trace_scan scan = {
        .rays = rays,
        .table = s->table,
        .pose = pose_of(rays, &s->lidar.mount, &rays->figures[carrier], local),
        .range = (float)s->lidar.range,
        .noise = (float)s->lidar.range_noise,
        .seed = (uint32_t)(cw_rng_u64(
            (cw_rng_key){.seed = rays->def.seed, .agent = carrier, .purpose = 0x11DA, .step = (uint64_t)rays->time_ns},
            0)),
        .echoes = s->echoes};
    scanning t = {&scan, s->kernel, s->packets};
    size_t tasks = (s->packets + PACKETS_A_TASK - 1) / PACKETS_A_TASK;
    if (rays->def.pool != NULL) {
        cw_pool_run(rays->def.pool, tasks, scan_packets, &t);
    } else {
        for (size_t i = 0; i < tasks; i++)
            scan_packets(&t, i, 0);
    }
    for (uint32_t i = 0; i < s->rays; i++)
        if (s->echoes[i].range > 0)
            out[(*count)++] = point_of(s, rays, i, local, &rays->figures[carrier]);
    return CW_OK;
}

#else

cw_status cw_scanner_new(const cw_rays *rays, const cw_lidar *lidar, cw_scanner **out, cw_error *err) {
    (void)rays, (void)lidar;
    *out = NULL;
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                        "built without LiDAR: apt-get install libembree-dev, then build again");
}

// No scanner is ever made, so that none of these is ever called rightly.
void cw_scanner_free(cw_scanner *scanner) {
    (void)scanner;
}

uint32_t cw_scanner_rays(const cw_scanner *scanner) {
    (void)scanner;
    return 0;
}

cw_status cw_scanner_scan(cw_scanner *scanner, cw_rays *rays, uint32_t carrier, cw_lidar_point *out, uint32_t *count,
                          cw_error *err) {
    (void)scanner, (void)rays, (void)carrier, (void)out;
    *count = 0;
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0, "built without LiDAR");
}

#endif
