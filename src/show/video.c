#include "stage.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COOKIE = 0x5350F111 };

cw_show_def cw_show_defaults(void) {
    return (cw_show_def){
        .cookie = COOKIE, .width = 1280, .height = 720, .frames_per_second = 25, .speed = 1.0, .hold = 4.0};
}

#ifdef CW_HAVE_CAIRO

static void check(const cw_show_def *def) {
    assert(def != NULL && def->cookie == COOKIE); // filled by cw_show_defaults
    assert(def->width >= 640 && def->height >= 360 && def->width <= 7680 && def->height <= 4320);
    assert(def->width % 2 == 0 && def->height % 2 == 0 && def->frames_per_second > 0 && def->speed > 0.0);
    (void)def;
}

static const double FADE = 0.5; // s in which the verdict comes up

static double verdict_at(double past) {
    return cw_clamp(past / FADE, 0.0, 1.0);
} // s since the end

cw_status cw_show_video(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        const char *path, cw_show_progress *progress, void *context, cw_error *err) {
    assert(trace != NULL && map != NULL && path != NULL);
    check(def);
    stage of;
    cw_video *video = NULL;
    cw_status status = stage_open(&of, trace, map, scene, def, err);
    if (status != CW_OK)
        return status;
    cw_video_def video_def = {def->width, def->height, def->frames_per_second, def->quality};
    status = cw_video_open(path, &video_def, &video, err);
    double step = def->speed / def->frames_per_second;
    int64_t frames = (int64_t)floor(of.replay.duration / step) + 1;
    int64_t held = (int64_t)cw_max(def->hold * def->frames_per_second, 0.0);
    for (int64_t i = 0; i < frames + held && status == CW_OK; i++) {
        double time = i < frames ? (double)i * step : of.replay.duration;
        double past = i < frames ? 0.0 : (double)(i - frames + 1) / def->frames_per_second;
        // What stands still is drawn once.
        if (past <= FADE + 1.0 / def->frames_per_second)
            status = stage_draw(&of, time, verdict_at(past), err);
        if (status == CW_OK)
            status = cw_video_add(video, of.api.image_surface_get_data(of.surface),
                                  (size_t)of.api.image_surface_get_stride(of.surface), err);
        if (status == CW_OK && progress != NULL && !progress(context, (double)(i + 1) / (double)(frames + held)))
            status = cw_error_set(err, CW_ERR_INTERRUPTED, path, 0, 0, "interrupted");
    }
    if (status == CW_OK)
        status = cw_video_close(video, err);
    else
        cw_video_abandon(video);
    stage_close(&of);
    return status;
}

cw_status cw_show_frame(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        double time, const char *path, cw_error *err) {
    assert(trace != NULL && map != NULL && path != NULL);
    check(def);
    stage of;
    cw_status status = stage_open(&of, trace, map, scene, def, err);
    if (status != CW_OK)
        return status;
    status = stage_draw(&of, cw_clamp(time, 0.0, of.replay.duration), verdict_at(time - of.replay.duration), err);
    if (status != CW_OK) {
        stage_close(&of);
        return status;
    }
    size_t size = strlen(path) + 32;
    char *part = malloc(size);
    if (part == NULL) {
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    } else {
        snprintf(part, size, "%s.part-%ld", path, (long)getpid());
        cairo_status_t code = of.api.surface_write_to_png(of.surface, part);
        if (code != CAIRO_STATUS_SUCCESS || rename(part, path) != 0) {
            status =
                cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot write the picture: %s", of.api.status_to_string(code));
            unlink(part);
        }
    }
    free(part);
    stage_close(&of);
    return status;
}

#else

static cw_status unsupported(const char *path, cw_error *err) {
    return cw_error_set(err, CW_ERR_UNSUPPORTED, path, 0, 0,
                        "built without drawing: apt-get install libcairo2-dev, then build again");
}

cw_status cw_show_video(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        const char *path, cw_show_progress *progress, void *context, cw_error *err) {
    (void)trace, (void)map, (void)scene, (void)def, (void)progress, (void)context;
    return unsupported(path, err);
}

cw_status cw_show_frame(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        double time, const char *path, cw_error *err) {
    (void)trace, (void)map, (void)scene, (void)def, (void)time;
    return unsupported(path, err);
}

#endif
