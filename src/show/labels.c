// A drive as a labelled data set in the nuScenes format: what each camera and LiDAR of the rig saw at each sample, where
// everyone was, how much of them was visible; depth, classes and instances of each pixel beside it.
#include "dataset.h"

#include "film.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const double ANNOTATED = 100.0; // m from the carrier
static const double MARGIN = 100.0;    // m of map round the carrier's way on the mask
static const int MASK_SCALE = 10;      // pixels of the mask in a metre: what the development kit takes it for
static const int MASK_CELL = 5;        // pixels of the mask that are asked for together
static const double MASK_MOST = 1e6;   // m^2

typedef struct labelling {
    replay replay;
    film film;
    dataset set;
    double low[2], high[2]; // m, map frame: of the mask; low is the global frame's origin
    cw_scanner *scanners[CW_RIG_LIDARS_MOST];
    cw_lidar_point *points;
    float (*binary)[5];
    uint32_t *color, *instance;
    float *depth;
    uint8_t *semantic;
    uint16_t *levels;
    uint32_t *seen, *whole,
        *hits;  // (actors) of one sample: pixels that are seen, that the body would fill; LiDAR points
    bool *ever; // (actors) moves at some time
} labelling;

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for a data set");
}

static void make_folder(const char *folder, const char *part, const char *channel) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, part, channel);
    mkdir(path, 0777); // one that is there is fine; a missing one shows when a file is written
}

static void make_folders(const labelling *l, const char *folder) {
    static const char *const parts[] = {"", "samples/", "labels/", "maps/"};
    mkdir(folder, 0777);
    for (size_t i = 1; i < sizeof parts / sizeof *parts; i++)
        make_folder(folder, parts[i], "");
    for (uint32_t i = 0; i < l->set.rig->camera_count + l->set.rig->lidar_count; i++) {
        char channel[64];
        bool lidar = i >= l->set.rig->camera_count;
        const cw_rig *rig = l->set.rig;
        dataset_channel(lidar ? rig->lidars[i - rig->camera_count].name : rig->cameras[i].name, lidar, channel,
                        sizeof channel);
        make_folder(folder, parts[1], channel);
        if (!lidar)
            make_folder(folder, parts[2], channel);
    }
}

// ---- opening ---------------------------------------------------------------------------------------------------------

static void close_labelling(labelling *l) {
    for (int i = 0; i < CW_RIG_LIDARS_MOST; i++)
        cw_scanner_free(l->scanners[i]);
    film_close(&l->film);
    replay_close(&l->replay);
    void *owned[] = {l->points, l->binary, l->color, l->instance, l->depth,     l->semantic,  l->levels,
                     l->seen,   l->whole,  l->hits,  l->ever,     l->set.times, l->set.poses, l->set.boxes};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
}

static cw_status open_buffers(labelling *l, cw_error *err) {
    const cw_rig *rig = l->set.rig;
    size_t pixels = 1, rays = 1, actors = (size_t)l->set.scene->actor_count + 1;
    for (uint32_t i = 0; i < rig->camera_count; i++) {
        size_t count = (size_t)rig->cameras[i].lens.width * (size_t)rig->cameras[i].lens.height;
        pixels = count > pixels ? count : pixels;
    }
    for (uint32_t i = 0; i < rig->lidar_count; i++) {
        cw_status status = cw_scanner_new(l->film.rays, &rig->lidars[i], &l->scanners[i], err);
        if (status != CW_OK)
            return status;
        size_t count = cw_scanner_rays(l->scanners[i]);
        rays = count > rays ? count : rays;
    }
    l->points = malloc(rays * sizeof *l->points);
    l->binary = malloc(rays * sizeof *l->binary);
    l->color = malloc(pixels * sizeof *l->color);
    l->instance = malloc(pixels * sizeof *l->instance);
    l->depth = malloc(pixels * sizeof *l->depth);
    l->semantic = malloc(pixels);
    l->levels = malloc(pixels * sizeof *l->levels);
    l->seen = calloc(actors, sizeof *l->seen);
    l->whole = calloc(actors, sizeof *l->whole);
    l->hits = calloc(actors, sizeof *l->hits);
    l->ever = calloc(actors, sizeof *l->ever);
    return l->points && l->binary && l->color && l->instance && l->depth && l->semantic && l->levels && l->seen &&
                   l->whole && l->hits && l->ever
               ? CW_OK
               : no_memory(err);
}

// Who moves at all, and what part of the map the carrier comes by.
static cw_status survey(labelling *l, double from, double to, cw_error *err) {
    const cw_map *map = l->set.scene->map;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t tick = 0; tick < l->replay.ticks; tick++) {
        double time = (double)l->replay.times[tick] * 1e-9;
        for (uint32_t i = 0; i < l->replay.actor_count && i < l->set.scene->actor_count; i++) {
            const replay_state *s = replay_at(&l->replay, tick, i);
            l->ever[i] = l->ever[i] || (s->present && fabs((double)s->speed) > 0.1);
            if (i != l->film.carrier || !s->present || time < from - 0.1 || time > to + 0.1)
                continue;
            const double at[2] = {s->x, s->y};
            for (int k = 0; k < 2; k++) {
                low[k] = cw_min(low[k], at[k]);
                high[k] = cw_max(high[k], at[k]);
            }
        }
    }
    if (!(low[0] <= high[0]))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "who carries the cameras is not there between %g and %g s",
                            from, to);
    const double map_low[2] = {map->low.x, map->low.y}, map_high[2] = {map->high.x, map->high.y};
    for (int k = 0; k < 2; k++) { // the way itself lies within, wherever the map ends
        l->low[k] = floor(cw_min(low[k] - 1, cw_max(low[k] - MARGIN, map_low[k])));
        l->high[k] = ceil(cw_max(high[k] + 1, cw_min(high[k] + MARGIN, map_high[k])));
    }
    double area = (l->high[0] - l->low[0]) * (l->high[1] - l->low[1]);
    return area <= MASK_MOST
               ? CW_OK
               : cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0,
                              "a data set covers at most %g km^2 of map, this drive comes by %.3g: take a "
                              "part of it with --from and --to",
                              MASK_MOST * 1e-6, area * 1e-6);
}

// ---- a sample --------------------------------------------------------------------------------------------------------

// Rows of a figure's rotation.
static void rotation_of(const cw_figure *f, double rows[9]) {
    double sy, cy, sp, cp, sr, cr;
    cw_sincos(cw_wrap_angle((double)f->heading), &sy, &cy);
    cw_sincos((double)f->pitch, &sp, &cp);
    cw_sincos((double)f->roll, &sr, &cr);
    const double all[9] = {cy * cp,
                           cy * sp * sr - sy * cr,
                           cy * sp * cr + sy * sr,
                           sy * cp,
                           sy * sp * sr + cy * cr,
                           sy * sp * cr - cy * sr,
                           -sp,
                           cp * sr,
                           cp * cr};
    memcpy(rows, all, sizeof all);
}

// The pose of a point of somebody's frame.
static dataset_pose pose_of(const labelling *l, const cw_figure *f, double x, double y, double z) {
    dataset_pose out;
    double m[9];
    rotation_of(f, m);
    const double at[3] = {f->x - l->low[0], f->y - l->low[1], f->z};
    for (int k = 0; k < 3; k++)
        out.place[k] = at[k] + m[3 * k] * x + m[3 * k + 1] * y + m[3 * k + 2] * z;
    dataset_turn(m, out.turn);
    return out;
}

static cw_status write_picture(const labelling *l, const char *folder, const char *path, int width, int height,
                               uint32_t sample, const char *channel, cw_error *err) {
    char file[4096];
    size_t pixels = (size_t)width * (size_t)height;
    snprintf(file, sizeof file, "%s/%s", folder, path);
    cw_status status = cw_png_write(file, CW_PNG_COLOR, width, height, l->color, err);
    for (size_t i = 0; i < pixels; i++) {
        float cm = l->depth[i] * 100.0F + 0.5F;
        l->levels[i] = cm < 65535.0F ? (uint16_t)cm : 0; // the sky and what is farther: 0
    }
    snprintf(file, sizeof file, "%s/labels/%s/%06u_%s_depth.png", folder, channel, (unsigned)sample, channel);
    if (status == CW_OK)
        status = cw_png_write(file, CW_PNG_GREY16, width, height, l->levels, err);
    snprintf(file, sizeof file, "%s/labels/%s/%06u_%s_class.png", folder, channel, (unsigned)sample, channel);
    if (status == CW_OK)
        status = cw_png_write(file, CW_PNG_GREY8, width, height, l->semantic, err);
    for (size_t i = 0; i < pixels; i++)
        l->levels[i] = l->instance[i] < 65535 ? (uint16_t)l->instance[i] : 65535;
    snprintf(file, sizeof file, "%s/labels/%s/%06u_%s_instance.png", folder, channel, (unsigned)sample, channel);
    if (status == CW_OK)
        status = cw_png_write(file, CW_PNG_GREY16, width, height, l->levels, err);
    return status;
}

static cw_status take_camera(labelling *l, const char *folder, uint32_t camera, uint32_t sample, cw_error *err) {
    const cw_camera *c = &l->set.rig->cameras[camera];
    uint32_t actors = l->set.scene->actor_count;
    char channel[64], path[192];
    cw_image image = {.color = l->color, .depth = l->depth, .semantic = l->semantic, .instance = l->instance};
    cw_status status = cw_eye_take(l->film.eyes[camera], l->film.rays, l->film.carrier, &image, err);
    if (status != CW_OK)
        return status;
    size_t pixels = (size_t)c->lens.width * (size_t)c->lens.height;
    for (size_t i = 0; i < pixels; i++)
        if (l->instance[i] >= 1 && l->instance[i] <= actors)
            l->seen[l->instance[i] - 1]++;
    dataset_channel(c->name, false, channel, sizeof channel);
    dataset_file(channel, sample, false, path, sizeof path);
    return write_picture(l, folder, path, c->lens.width, c->lens.height, sample, channel, err);
}

static cw_status take_lidar(labelling *l, const char *folder, uint32_t lidar, uint32_t sample, cw_error *err) {
    const cw_lidar *s = &l->set.rig->lidars[lidar];
    char channel[64], path[192], file[4096];
    uint32_t count;
    cw_status status = cw_scanner_scan(l->scanners[lidar], l->film.rays, l->film.carrier, l->points, &count, err);
    double m[9]; // optical axes: right, down, ahead
    cw_mount_rotation(&s->mount, m);
    for (uint32_t i = 0; i < count; i++) {
        const cw_lidar_point *p = &l->points[i];
        if (p->instance >= 1 && p->instance <= l->set.scene->actor_count)
            l->hits[p->instance - 1]++;
        const double v[3] = {(double)p->position[0] - s->mount.x, (double)p->position[1] - s->mount.y,
                             (double)p->position[2] - s->mount.z};
        double along[3];
        for (int k = 0; k < 3; k++)
            along[k] = m[k] * v[0] + m[3 + k] * v[1] + m[6 + k] * v[2];
        const float row[5] = {(float)along[2], (float)-along[0], (float)-along[1], 255.0F * p->intensity,
                              (float)p->beam};
        memcpy(l->binary[i], row, sizeof row);
    }
    dataset_channel(s->name, true, channel, sizeof channel);
    dataset_file(channel, sample, true, path, sizeof path);
    snprintf(file, sizeof file, "%s/%s", folder, path);
    return status == CW_OK ? cw_file_write(file, l->binary, count * sizeof *l->binary, err) : status;
}

static cw_status annotate(labelling *l, uint32_t sample, cw_error *err) {
    const cw_figure *carrier = &l->film.figures[l->film.carrier];
    for (uint32_t i = 0; i < l->set.scene->actor_count; i++) {
        const cw_figure *f = &l->film.figures[i];
        const cw_actor *a = &l->set.scene->actors[i];
        if (i == l->film.carrier || !f->present || cw_hypot(f->x - carrier->x, f->y - carrier->y) > ANNOTATED ||
            (l->seen[i] == 0 && l->hits[i] == 0))
            continue;
        for (uint32_t c = 0; c < l->film.count && l->seen[i] > 0; c++) {
            uint32_t pixels;
            cw_status status = cw_eye_single(l->film.eyes[c], l->film.rays, l->film.carrier, i, &pixels, err);
            if (status != CW_OK)
                return status;
            l->whole[i] += pixels;
        }
        if (!CW_GROW(l->set.boxes, l->set.box_room, l->set.box_count + 1))
            return no_memory(err);
        l->set.boxes[l->set.box_count++] =
            (dataset_box){.sample = sample,
                          .actor = i,
                          .pose = pose_of(l, f, (double)a->center_x, (double)a->center_y, 0.5 * (double)a->height),
                          .visible = l->whole[i] > 0 ? cw_min(1.0, (double)l->seen[i] / l->whole[i]) : 0.0,
                          .points = l->hits[i],
                          .moves = fabs((double)f->speed) > 0.1,
                          .at_rest = !l->ever[i]};
    }
    return CW_OK;
}

static cw_status take_sample(labelling *l, const char *folder, double time, cw_error *err) {
    uint32_t sample = l->set.sample_count;
    size_t actors = l->set.scene->actor_count;
    cw_status status = film_set(&l->film, time, err);
    if (status != CW_OK || !film_present(&l->film))
        return status; // nobody carries the sensors then: no sample
    if (!CW_GROW(l->set.times, l->set.time_room, (size_t)sample + 1) ||
        !CW_GROW(l->set.poses, l->set.pose_room, (size_t)sample + 1))
        return no_memory(err);
    memset(l->seen, 0, actors * sizeof *l->seen);
    memset(l->whole, 0, actors * sizeof *l->whole);
    memset(l->hits, 0, actors * sizeof *l->hits);
    for (uint32_t i = 0; i < l->film.count && status == CW_OK; i++)
        status = take_camera(l, folder, i, sample, err);
    for (uint32_t i = 0; i < l->set.rig->lidar_count && status == CW_OK; i++)
        status = take_lidar(l, folder, i, sample, err);
    if (status == CW_OK)
        status = annotate(l, sample, err);
    l->set.times[sample] = (int64_t)(time * 1e9 + 0.5);
    l->set.poses[sample] = pose_of(l, &l->film.figures[l->film.carrier], 0, 0, 0);
    l->set.sample_count++;
    return status;
}

// ---- the map's mask --------------------------------------------------------------------------------------------------

static cw_status write_mask(const labelling *l, const char *folder, cw_error *err) {
    int width = (int)(l->high[0] - l->low[0]) * MASK_SCALE, height = (int)(l->high[1] - l->low[1]) * MASK_SCALE;
    cw_area *area = cw_area_new(l->set.scene->map);
    uint8_t *mask = malloc((size_t)width * (size_t)height);
    if (!area || !mask) {
        free(mask);
        cw_area_free(area);
        return no_memory(err);
    }
    double step = (double)MASK_CELL / MASK_SCALE;
    for (int row = 0; row < height / MASK_CELL; row++)
        for (int column = 0; column < width / MASK_CELL; column++) {
            bool held = cw_area_holds(area, l->low[0] + (column + 0.5) * step, l->high[1] - (row + 0.5) * step);
            for (int k = 0; k < MASK_CELL; k++)
                memset(mask + (size_t)(row * MASK_CELL + k) * (size_t)width + (size_t)(column * MASK_CELL),
                       held ? 255 : 0, (size_t)MASK_CELL);
        }
    char file[96], path[4096];
    dataset_mask(&l->set, file, sizeof file);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    cw_status status = cw_png_write(path, CW_PNG_GREY8, width, height, mask, err);
    free(mask);
    cw_area_free(area);
    return status;
}

cw_status cw_show_labels(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *folder,
                         cw_show_progress *progress, void *context, cw_error *err) {
    labelling l = {.replay = {.ego = CW_NONE}, .set = {.scene = scene, .rig = def->rig}};
    cw_status status = replay_open(trace, scene, &l.replay, err);
    double to = cw_min(def->to, l.replay.duration), step = def->speed / def->frames_per_second;
    if (status == CW_OK && to < def->from)
        status = cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "the drive ends before %g s: there is nothing to see",
                              def->from);
    if (status == CW_OK)
        status = film_open(&l.film, &l.replay, scene, def, def->training, err);
    if (status == CW_OK)
        status = open_buffers(&l, err);
    if (status == CW_OK)
        status = survey(&l, def->from, to, err);
    if (status == CW_OK) {
        l.set.carrier = l.film.carrier;
        l.set.vehicle = scene->actors[l.film.carrier].name;
        l.set.name = scene->name && scene->name[0] ? scene->name : "drive";
        const char *source = cw_trace_get(trace, "scenario");
        l.set.source = source ? source : "";
        make_folders(&l, folder);
        status = write_mask(&l, folder, err);
    }
    int64_t count = status == CW_OK ? (int64_t)floor((to - def->from) / step + 1e-9) + 1 : 0;
    for (int64_t i = 0; i < count && status == CW_OK; i++) {
        status = take_sample(&l, folder, def->from + (double)i * step, err);
        if (status == CW_OK && progress != NULL && !progress(context, (double)(i + 1) / (double)count))
            status = cw_error_set(err, CW_ERR_INTERRUPTED, folder, 0, 0, "interrupted: the tables are missing");
    }
    if (status == CW_OK)
        status = dataset_write(&l.set, folder, err);
    close_labelling(&l);
    return status;
}
