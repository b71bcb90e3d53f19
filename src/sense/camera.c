// A camera takes a picture: its directions are a table, its tiles are split over the pool, and what the air and the
// electronics add is drawn over the result.
#include "trace.h"

#include "falling.h"
#include "flaws.h"

#include "causeway/world.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#ifdef CW_HAVE_EMBREE

struct cw_view_table {
    cw_camera camera;
    cw_grade grade;
    bool straight, taken;
    const trace_kernel *kernel;
    int tiles_across, tiles_down, samples;
    float *table[SAMPLES_MOST];
    float *middle;     // show: directions of the pixels' middles, for labels
    float (*light)[4]; // show
    uint32_t *guide;   // show
    float (*glow)[4];  // show: a quarter of the size each way, twice
    float (*flow)[2];  // where its shutter asks for it
    uint32_t *copy;
    trace_eye last;
    uint32_t last_carrier;
};

const trace_kernel *trace_kernel_of(cw_isa isa) {
#if defined(__x86_64__)
    return isa == CW_ISA_AVX512 ? &trace_avx512 : isa == CW_ISA_AVX2 ? &trace_avx2 : &trace_sse2;
#else
    (void)isa;
    return &trace_sse2;
#endif
}

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for a camera's picture");
}

// Directions through every pixel at (across, down) of it, tile by tile.
static float *directions(const cw_eye *eye, double across, double down) {
    const trace_kernel *k = eye->kernel;
    const cw_lens *lens = &eye->camera.lens;
    size_t lanes = (size_t)k->lanes, tiles = (size_t)eye->tiles_across * (size_t)eye->tiles_down;
    float *table = aligned_alloc(64, (tiles * 3 * lanes * sizeof(float) + 63) / 64 * 64);
    if (table == NULL)
        return NULL;
    for (size_t tile = 0; tile < tiles; tile++)
        for (int lane = 0; lane < k->lanes; lane++) {
            int x = (int)(tile % (size_t)eye->tiles_across) * k->tile_width + lane % k->tile_width;
            int y = (int)(tile / (size_t)eye->tiles_across) * k->tile_height + lane / k->tile_width;
            double d[3] = {0, 0, 0};
            if (x >= lens->width || y >= lens->height || !cw_lens_ray(lens, x + across, y + down, d))
                memset(d, 0, sizeof d);
            for (size_t i = 0; i < 3; i++)
                table[(tile * 3 + i) * lanes + (size_t)lane] = (float)d[i];
        }
    return table;
}

cw_status cw_eye_new(const cw_rays *rays, const cw_camera *camera, cw_grade grade, cw_eye **out, cw_error *err) {
    assert(rays != NULL && camera != NULL && out != NULL);
    // Four samples of a pixel, none in a row or column with another (rotated grid).
    static const double spots[SAMPLES_MOST][2] = {{0.375, 0.125}, {0.875, 0.375}, {0.125, 0.625}, {0.625, 0.875}};
    *out = NULL;
    cw_camera copy = *camera;
    cw_status status = cw_lens_finish(&copy.lens, err);
    if (status != CW_OK)
        return status;
    cw_eye *eye = calloc(1, sizeof *eye);
    if (eye == NULL)
        return no_memory(err);
    const cw_lens *lens = &copy.lens;
    eye->camera = copy;
    eye->grade = grade;
    eye->straight = lens->kind == CW_LENS_PINHOLE && lens->k[0] == 0 && lens->k[1] == 0 && lens->k[2] == 0 &&
                    lens->p[0] == 0 && lens->p[1] == 0;
    eye->kernel = trace_kernel_of(rays->isa);
    eye->tiles_across = (lens->width + eye->kernel->tile_width - 1) / eye->kernel->tile_width;
    eye->tiles_down = (lens->height + eye->kernel->tile_height - 1) / eye->kernel->tile_height;
    eye->samples = grade == CW_GRADE_SHOW ? SAMPLES_MOST : 1;
    bool good = true;
    for (int i = 0; i < eye->samples; i++) {
        bool one = eye->samples == 1;
        eye->table[i] = directions(eye, one ? 0.5 : spots[i][0], one ? 0.5 : spots[i][1]);
        good = good && eye->table[i] != NULL;
    }
    if (grade == CW_GRADE_SHOW) {
        size_t pixels = (size_t)lens->width * (size_t)lens->height;
        size_t small = ((size_t)lens->width / 4 + 1) * ((size_t)lens->height / 4 + 1);
        eye->middle = directions(eye, 0.5, 0.5);
        eye->light = malloc(pixels * sizeof *eye->light);
        eye->glow = malloc(2 * small * sizeof *eye->glow);
        eye->guide = malloc(pixels * sizeof *eye->guide);
        good = good && eye->guide != NULL && eye->middle != NULL && eye->light != NULL && eye->glow != NULL;
    }
    if (copy.shutter > 0) {
        size_t pixels = (size_t)lens->width * (size_t)lens->height;
        eye->flow = malloc(pixels * sizeof *eye->flow);
        eye->copy = malloc(pixels * sizeof *eye->copy);
        good = good && eye->flow != NULL && eye->copy != NULL;
    }
    if (!good) {
        cw_eye_free(eye);
        return no_memory(err);
    }
    *out = eye;
    return CW_OK;
}

void cw_eye_free(cw_eye *eye) {
    if (eye == NULL)
        return;
    for (int i = 0; i < SAMPLES_MOST; i++)
        free(eye->table[i]);
    free(eye->middle);
    free(eye->light);
    free(eye->guide);
    free(eye->glow);
    free(eye->flow);
    free(eye->copy);
    free(eye);
}

// ---- the show grade's corners ----------------------------------------------------------------------------------------

// What rays to the sky found, averaged over 4 x 4 pixels of one surface: their rays are all 16 that there are, so that no
// pattern is left.
static void darken_corners(const cw_eye *eye) {
    enum { STRIP = 256 };
    int width = eye->camera.lens.width, height = eye->camera.lens.height;
    for (int y = 0; y < height; y++)
        for (int x0 = 0; x0 < width; x0 += STRIP) {
            int x1 = x0 + STRIP < width ? x0 + STRIP : width;
            const uint32_t *own = eye->guide + (size_t)y * (size_t)width;
            uint32_t stopped[STRIP] = {0}, count[STRIP] = {0};
            for (int k = 0; k < 16; k++) {
                int row = y + k / 4 - 1, aside = k % 4 - 1;
                const uint32_t *other = eye->guide + (ptrdiff_t)row * width + aside;
                int from = x0 + aside < 0 ? -aside : x0, to = x1 + aside > width ? width - aside : x1;
                for (int x = from; x < to && row >= 0 && row < height; x++) {
                    uint32_t same = (own[x] ^ other[x]) < 2;
                    count[x - x0] += same;
                    stopped[x - x0] += same & other[x];
                }
            }
            for (int x = x0; x < x1; x++) {
                if (stopped[x - x0] == 0)
                    continue;
                float *c = eye->light[(size_t)y * (size_t)width + (size_t)x];
                float left = 1.0F - c[3] * (float)stopped[x - x0] / (float)count[x - x0];
                for (int k = 0; k < 3; k++)
                    c[k] *= left;
            }
        }
}

// ---- the show grade's glow -------------------------------------------------------------------------------------------

enum { BLUR = 7 };

static void blur(float (*to)[4], float (*from)[4], int count, int stride, int lines, int line_stride) {
    static const float weight[BLUR + 1] = {0.16F, 0.15F, 0.12F, 0.09F, 0.06F, 0.035F, 0.02F, 0.01F};
    for (int line = 0; line < lines; line++)
        for (int i = 0; i < count; i++) {
            float sum[3] = {0};
            for (int k = -BLUR; k <= BLUR; k++) {
                int at = i + k < 0 ? 0 : i + k >= count ? count - 1 : i + k;
                const float *c = from[line * line_stride + at * stride];
                float w = weight[k < 0 ? -k : k];
                for (int j = 0; j < 3; j++)
                    sum[j] += w * c[j];
            }
            memcpy(to[line * line_stride + i * stride], sum, sizeof sum);
        }
}

// What is brighter than the picture can show spreads in the lens.
static void add_glow(const cw_eye *eye) {
    int width = eye->camera.lens.width, height = eye->camera.lens.height, w = width / 4, h = height / 4;
    if (w < 1 || h < 1)
        return;
    float(*a)[4] = eye->glow, (*b)[4] = eye->glow + (size_t)(w + 1) * (size_t)(h + 1), most = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float sum[3] = {0};
            for (int i = 0; i < 16; i++) {
                const float *c = eye->light[(4 * y + i / 4) * width + 4 * x + i % 4];
                for (int j = 0; j < 3; j++) {
                    float over = c[j] - 1.6F;
                    sum[j] += over > 0 ? (over < 12.0F ? over : 12.0F) * (1.0F / 16.0F) : 0.0F;
                }
            }
            memcpy(a[y * w + x], sum, sizeof sum);
            most = sum[0] > most ? sum[0] : most;
        }
    if (most <= 0)
        return;
    blur(b, a, w, 1, h, w);
    blur(a, b, h, w, w, 1);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float fx = ((float)x + 0.5F) * 0.25F - 0.5F, fy = ((float)y + 0.5F) * 0.25F - 0.5F;
            int i = fx < 0 ? 0 : (int)fx > w - 2 ? (w > 1 ? w - 2 : 0) : (int)fx;
            int k = fy < 0 ? 0 : (int)fy > h - 2 ? (h > 1 ? h - 2 : 0) : (int)fy;
            int right = w > 1 ? 1 : 0, below = h > 1 ? w : 0;
            float u = fx - (float)i, v = fy - (float)k;
            u = u < 0 ? 0 : u > 1 ? 1 : u;
            v = v < 0 ? 0 : v > 1 ? 1 : v;
            const float(*g)[4] = (const float(*)[4])(a + k * w + i);
            for (int j = 0; j < 3; j++) {
                float top = g[0][j] + (g[right][j] - g[0][j]) * u;
                float low = g[below][j] + (g[below + right][j] - g[below][j]) * u;
                eye->light[y * width + x][j] += 0.35F * (top + (low - top) * v);
            }
        }
}

static uint32_t level(const uint8_t *tone, float light) {
    float root = sqrtf(light > 0 ? light : 0) * ((TONE_STEPS - 1) / 4.0F);
    return tone[root < TONE_STEPS - 1 ? (int)root : TONE_STEPS - 1];
}

static void develop(const cw_eye *eye, const cw_rays *rays, uint32_t *color) {
    const uint8_t *tone = rays->light.tone;
    size_t pixels = (size_t)eye->camera.lens.width * (size_t)eye->camera.lens.height;
    for (size_t i = 0; i < pixels; i++) {
        const float *c = eye->light[i];
        color[i] = 0xFF000000U | level(tone, c[0]) << 16 | level(tone, c[1]) << 8 | level(tone, c[2]);
    }
}

// ---- taking a picture ------------------------------------------------------------------------------------------------

typedef struct taking {
    const trace_picture *picture;
    const trace_kernel *kernel;
    int batch, tiles;
} taking;

static void take_tiles(void *context, size_t index, int worker) {
    (void)worker;
    const taking *t = context;
    int first = (int)index * t->batch, end = first + t->batch < t->tiles ? first + t->batch : t->tiles;
#if defined(__x86_64__)
    // Embree asks for small numbers to be taken as zero; nobody else's arithmetic is to change.
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    t->kernel->tiles(t->picture, first, end);
    _mm_setcsr(before);
#else
    t->kernel->tiles(t->picture, first, end);
#endif
}

static void trace(const cw_eye *eye, const cw_rays *rays, const trace_picture *picture) {
    taking t = {picture, eye->kernel, 0, eye->tiles_across * eye->tiles_down};
    t.batch = eye->tiles_across * 2;
    size_t batches = (size_t)((t.tiles + t.batch - 1) / t.batch);
    if (rays->def.pool != NULL) {
        cw_pool_run(rays->def.pool, batches, take_tiles, &t);
    } else {
        for (size_t i = 0; i < batches; i++)
            take_tiles(&t, i, 0);
    }
}

static trace_eye eye_of(const cw_rays *rays, const cw_mount *mount, const cw_figure *carrier) {
    float frame[PLACE_FLOATS];
    double local[9];
    trace_eye out;
    rays_frame_of(rays, carrier, frame);
    cw_mount_rotation(mount, local);
    const double at[3] = {mount->x, mount->y, mount->z};
    for (int i = 0; i < 3; i++) {
        double place = (double)frame[9 + i];
        for (int k = 0; k < 3; k++) {
            double sum = 0;
            for (int m = 0; m < 3; m++)
                sum += (double)frame[3 * i + m] * local[3 * m + k];
            out.rotation[3 * i + k] = (float)sum;
            place += (double)frame[3 * i + k] * at[k];
        }
        out.origin[i] = (float)place;
    }
    return out;
}

static cw_status not_there(const cw_eye *eye, cw_error *err) {
    return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "camera '%s' is on a vehicle that is not there",
                        eye->camera.name);
}

cw_status cw_eye_take(cw_eye *eye, cw_rays *rays, uint32_t carrier, const cw_image *out, cw_error *err) {
    assert(eye != NULL && rays != NULL && out != NULL && rays->set);
    if (carrier >= rays->def.scene->actor_count || !rays->figures[carrier].present)
        return not_there(eye, err);
    rays_ready(rays, carrier, CW_NONE);
    bool show = eye->grade == CW_GRADE_SHOW;
    trace_picture p = {.rays = rays,
                       .width = eye->camera.lens.width,
                       .height = eye->camera.lens.height,
                       .tiles_across = eye->tiles_across,
                       .tiles_down = eye->tiles_down,
                       .samples = eye->samples,
                       .now = eye_of(rays, &eye->camera.mount, &rays->figures[carrier]),
                       .lens = &eye->camera.lens,
                       .exposure = rays->light.exposure * (float)eye->camera.exposure,
                       .show = show,
                       .straight = eye->straight,
                       .out = *out,
                       .light = show ? eye->light : NULL,
                       .guide = show ? eye->guide : NULL};
    p.before = rays->cut ? p.now : eye_of(rays, &eye->camera.mount, &rays->figures_before[carrier]);
    bool blurs = eye->flow != NULL && out->color != NULL && !rays->cut && rays->time_ns > rays->before_ns;
    if (blurs && out->flow == NULL)
        p.out.flow = eye->flow;
    memcpy(p.table, eye->table, sizeof p.table);
    if (show) { // labels see through the pixels' middles
        cw_image color = {.color = out->color};
        trace_picture labels = p;
        labels.out.color = NULL;
        labels.table[0] = eye->middle;
        if (out->depth || out->semantic || out->instance || out->normal || p.out.flow)
            trace(eye, rays, &labels);
        p.out = color;
        if (out->color == NULL)
            return CW_OK;
    }
    trace(eye, rays, &p);
    if (show) {
        darken_corners(eye);
        add_glow(eye);
        develop(eye, rays, out->color);
    }
    if (out->color == NULL)
        return CW_OK;
    if (blurs)
        flaws_blur(&eye->camera, out->color, (const float(*)[2])(out->flow != NULL ? out->flow : eye->flow),
                   1e-9 * (double)(rays->time_ns - rays->before_ns), eye->copy);
    falling_draw(out->color, &eye->camera, &rays->light, rays->time_ns, rays->figures[carrier].speed);
    flaws_draw(&eye->camera, out->color, rays->def.seed, rays->time_ns);
    return CW_OK;
}

cw_status cw_eye_single(cw_eye *eye, cw_rays *rays, uint32_t carrier, uint32_t actor, uint32_t *pixels, cw_error *err) {
    assert(eye != NULL && rays != NULL && pixels != NULL && rays->set && actor < rays->def.scene->actor_count);
    *pixels = 0;
    if (carrier >= rays->def.scene->actor_count || !rays->figures[carrier].present)
        return not_there(eye, err);
    const rays_body *body = &rays->bodies[actor];
    if (actor == carrier || !body->made || !body->shown)
        return CW_OK;
    rays_ready(rays, carrier, actor);
    trace_picture p = {.rays = rays,
                       .width = eye->camera.lens.width,
                       .height = eye->camera.lens.height,
                       .tiles_across = eye->tiles_across,
                       .tiles_down = eye->tiles_down,
                       .samples = 1,
                       .now = eye_of(rays, &eye->camera.mount, &rays->figures[carrier])};
    p.table[0] = eye->middle != NULL ? eye->middle : eye->table[0];
    // A ball around the body, and the cone that it fills.
    const cw_model *model = &rays->models[body->model].model;
    float frame[PLACE_FLOATS], axis[3], square = 0.0F, radius = 0.5F, away[3];
    rays_frame_of(rays, &rays->figures[actor], frame);
    for (int k = 0; k < 3; k++) {
        float half = 0.5F * (model->high[k] - model->low[k]);
        radius += half * half;
        away[k] = frame[9 + k] - p.now.origin[k];
        for (int m = 0; m < 3; m++)
            away[k] += frame[3 * k + m] * 0.5F * (model->low[m] + model->high[m]);
        square += away[k] * away[k];
    }
    float far = sqrtf(square);
    for (int k = 0; k < 3; k++)
        axis[k] = (p.now.rotation[k] * away[0] + p.now.rotation[3 + k] * away[1] + p.now.rotation[6 + k] * away[2]) /
                  (far > 1e-3F ? far : 1e-3F);
    *pixels = eye->kernel->single(&p, axis, square > radius ? sqrtf(1.0F - radius / square) - 1e-4F : -2.0F);
    return CW_OK;
}

#else

static cw_status unsupported(cw_error *err) {
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                        "built without cameras: apt-get install libembree-dev, then build again");
}

cw_status cw_eye_new(const cw_rays *rays, const cw_camera *camera, cw_grade grade, cw_eye **out, cw_error *err) {
    (void)rays, (void)camera, (void)grade;
    *out = NULL;
    return unsupported(err);
}

void cw_eye_free(cw_eye *eye) {
    (void)eye;
}

cw_status cw_eye_take(cw_eye *eye, cw_rays *rays, uint32_t carrier, const cw_image *out, cw_error *err) {
    (void)eye, (void)rays, (void)carrier, (void)out;
    return unsupported(err);
}

cw_status cw_eye_single(cw_eye *eye, cw_rays *rays, uint32_t carrier, uint32_t actor, uint32_t *pixels, cw_error *err) {
    (void)eye, (void)rays, (void)carrier, (void)actor;
    *pixels = 0;
    return unsupported(err);
}

#endif

cw_moment cw_moment_of_world(const cw_world *world, cw_figure *figures, uint8_t *lights) {
    const cw_scene *scene = cw_world_scene(world);
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        cw_actor_state a;
        cw_world_actor(world, i, &a);
        figures[i] = (cw_figure){.present = a.present,
                                 .lamps = a.lamps,
                                 .x = a.x,
                                 .y = a.y,
                                 .z = a.z,
                                 .heading = a.heading,
                                 .pitch = a.pitch,
                                 .roll = a.roll,
                                 .steer = a.steer,
                                 .speed = a.speed,
                                 .traveled = a.traveled};
    }
    for (uint32_t i = 0; i < scene->map->signal_count; i++)
        lights[i] = cw_world_light(world, i);
    return (cw_moment){.time_ns = cw_world_time(world), .figures = figures, .lights = lights};
}
