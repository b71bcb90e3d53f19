// What a rig's cameras see of a drive, as a video or a picture.
#include "film.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COOKIE = 0xF117A00 };

static const double REACH = 250.0; // m from the ego within which bodies are drawn

cw_film_def cw_film_defaults(const cw_rig *rig) {
    return (cw_film_def){
        .cookie = COOKIE, .rig = rig, .frames_per_second = 20, .speed = 1.0, .to = INFINITY, .seed = 1};
}

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for the cameras' pictures");
}

// ---- a drive seen again ----------------------------------------------------------------------------------------------

cw_status film_open(film *out, const replay *drive, const cw_scene *scene, const cw_film_def *def, bool coarse,
                    cw_error *err) {
    assert(def->cookie == COOKIE && def->rig != NULL && scene != NULL);
    *out = (film){.replay = drive,
                  .scene = scene,
                  .environment = def->environment,
                  .rig = def->rig,
                  .carrier = drive->ego != CW_NONE ? drive->ego : 0};
    size_t most = 1;
    for (uint32_t i = 0; i < def->rig->camera_count; i++) {
        const cw_lens *lens = &def->rig->cameras[i].lens;
        size_t pixels = (size_t)lens->width * (size_t)lens->height;
        most = pixels > most ? pixels : most;
    }
    out->pool = cw_pool_new(def->threads);
    out->picture = malloc(most * sizeof *out->picture);
    out->figures = calloc((size_t)scene->actor_count + 1, sizeof *out->figures);
    out->lights = calloc((size_t)scene->map->signal_count + 1, 1);
    if (out->pool == NULL || out->picture == NULL || out->figures == NULL || out->lights == NULL)
        return no_memory(err);
    cw_status status = cw_rig_check(def->rig, &scene->actors[out->carrier], err);
    if (status != CW_OK)
        return status;
    cw_rays_def rays = cw_rays_defaults(scene);
    rays.seed = out->seed = def->seed;
    out->period = (int64_t)(1e9 * def->speed / def->frames_per_second + 0.5);
    rays.coarse = coarse;
    rays.pool = out->pool;
    status = cw_rays_new(&rays, &out->rays, err);
    for (uint32_t i = 0; i < def->rig->camera_count; i++)
        out->blurs = out->blurs || def->rig->cameras[i].shutter > 0;
    for (uint32_t i = 0; i < def->rig->camera_count && status == CW_OK; i++, out->count++)
        status = cw_eye_new(out->rays, &def->rig->cameras[i], def->training ? CW_GRADE_TRAINING : CW_GRADE_SHOW,
                            &out->eyes[i], err);
    return status;
}

void film_close(film *of) {
    for (uint32_t i = 0; i < of->count; i++)
        cw_eye_free(of->eyes[i]);
    cw_rays_free(of->rays);
    cw_pool_free(of->pool);
    free(of->picture);
    free(of->figures);
    free(of->lights);
    *of = (film){0};
}

static cw_status move(film *of, int64_t now, bool cut, cw_error *err) {
    double time = 1e-9 * (double)now;
    for (uint32_t i = 0; i < of->scene->actor_count; i++) {
        replay_state s = {0};
        bool present = replay_between(of->replay, time, i, &s);
        of->figures[i] = (cw_figure){.present = present,
                                     .lamps = s.lamps,
                                     .x = s.x,
                                     .y = s.y,
                                     .z = (double)s.z,
                                     .heading = s.heading,
                                     .pitch = s.pitch,
                                     .roll = s.roll,
                                     .steer = s.steer,
                                     .speed = s.speed,
                                     .traveled = s.traveled};
    }
    for (uint32_t i = 0; i < of->scene->map->signal_count; i++)
        of->lights[i] = replay_light_at(of->replay, i, now);
    const cw_figure *carrier = &of->figures[of->carrier];
    cw_moment moment = {.time_ns = now,
                        .figures = of->figures,
                        .lights = of->lights,
                        .environment = of->environment,
                        .focus_x = carrier->x,
                        .focus_y = carrier->y,
                        .reach = REACH};
    of->at = now;
    return cw_rays_set(of->rays, &moment, cut, err);
}

// To that moment, from the one before where that matters.
static cw_status move_from_before(film *of, int64_t now, cw_error *err) {
    bool next = of->begun && now == of->at + of->period;
    cw_status status = of->blurs && !next && now >= of->period ? move(of, now - of->period, true, err) : CW_OK;
    if (status == CW_OK)
        status = move(of, now, !next && !of->blurs, err);
    of->begun = true;
    return status;
}

cw_status film_set(film *of, double time, cw_error *err) {
    of->now = (int64_t)(time * 1e9 + 0.5);
    return move_from_before(of, of->now, err);
}

bool film_present(const film *of) {
    return of->figures[of->carrier].present;
}

cw_status film_take(film *of, uint32_t camera, uint32_t *to, size_t stride, cw_error *err) {
    const cw_lens *lens = &of->rig->cameras[camera].lens;
    int64_t taken = cw_rig_taken(of->rig, camera, of->seed, of->now, of->period);
    cw_status status = taken >= 0 && taken != of->at ? move_from_before(of, taken, err) : CW_OK;
    if (status != CW_OK)
        return status;
    if (taken < 0 || !film_present(of)) { // nothing has come; or it has left the road: nobody sees anything
        memset(of->picture, 0, (size_t)lens->width * (size_t)lens->height * sizeof *of->picture);
    } else {
        cw_image image = {.color = of->picture};
        status = cw_eye_take(of->eyes[cw_rig_source(of->rig, camera)], of->rays, of->carrier, &image, err);
        if (status != CW_OK)
            return status;
    }
    for (int y = 0; y < lens->height; y++)
        memcpy(to + (size_t)y * stride, of->picture + (size_t)y * (size_t)lens->width,
               (size_t)lens->width * sizeof *to);
    return CW_OK;
}

// ---- one picture of all ----------------------------------------------------------------------------------------------

static double turn_of(const cw_rig *rig, uint32_t camera) { // 0 ahead, to the right, 2 pi
    double yaw = -rig->cameras[camera].mount.yaw;
    return yaw - 2.0 * CW_PI * floor(yaw / (2.0 * CW_PI));
}

static bool looks_ahead(const cw_rig *rig, uint32_t camera) {
    double turn = turn_of(rig, camera);
    return turn < CW_PI * 0.5 - 1e-6 || turn > CW_PI * 1.5 + 1e-6;
}

// From left to right in a row: ahead from the left side to the right, behind likewise, as if one looked over the shoulder.
static double rank(const cw_rig *rig, uint32_t camera) {
    double turn = turn_of(rig, camera);
    if (looks_ahead(rig, camera))
        return turn > CW_PI ? turn - 2.0 * CW_PI : turn;
    return -turn;
}

film_sheet film_layout(const cw_rig *rig) {
    film_sheet sheet = {0};
    for (int row = 0; row < 2; row++) {
        int x = 0, tallest = 0;
        bool used[CW_RIG_CAMERAS_MOST] = {false};
        for (uint32_t n = 0; n < rig->camera_count; n++) {
            uint32_t next = CW_NONE;
            for (uint32_t i = 0; i < rig->camera_count; i++)
                if (!used[i] && looks_ahead(rig, i) == (row == 0) &&
                    (next == CW_NONE || rank(rig, i) < rank(rig, next)))
                    next = i;
            if (next == CW_NONE)
                break;
            used[next] = true;
            sheet.x[next] = x;
            sheet.y[next] = sheet.height;
            x += rig->cameras[next].lens.width;
            tallest = rig->cameras[next].lens.height > tallest ? rig->cameras[next].lens.height : tallest;
        }
        sheet.width = x > sheet.width ? x : sheet.width;
        sheet.height += tallest;
    }
    sheet.width += sheet.width % 2;
    sheet.height += sheet.height % 2;
    return sheet;
}

// ---- films -----------------------------------------------------------------------------------------------------------

typedef struct session {
    replay replay;
    film film;
    film_sheet sheet;
    uint32_t *pixels;
} session;

static void end_session(session *s) {
    film_close(&s->film);
    replay_close(&s->replay);
    free(s->pixels);
}

static cw_status begin_session(session *s, const cw_trace *trace, const cw_scene *scene, const cw_film_def *def,
                               cw_error *err) {
    *s = (session){.replay = {.ego = CW_NONE}};
    cw_status status = replay_open(trace, scene, &s->replay, err);
    if (status != CW_OK)
        return status;
    s->sheet = film_layout(def->rig);
    s->pixels = calloc((size_t)s->sheet.width * (size_t)s->sheet.height + 1, sizeof *s->pixels);
    status = s->pixels != NULL ? film_open(&s->film, &s->replay, scene, def, def->training, err) : no_memory(err);
    return status;
}

static cw_status take_all(session *s, double time, cw_error *err) {
    cw_status status = film_set(&s->film, time, err);
    for (uint32_t i = 0; i < s->film.count && status == CW_OK; i++)
        status = film_take(&s->film, i, s->pixels + (size_t)s->sheet.y[i] * (size_t)s->sheet.width + s->sheet.x[i],
                           (size_t)s->sheet.width, err);
    return status;
}

// The frames' times; how many there are.
static int64_t frames_of(const cw_film_def *def, double duration) {
    double to = cw_min(def->to, duration), step = def->speed / def->frames_per_second;
    return to >= def->from ? (int64_t)floor((to - def->from) / step + 1e-9) + 1 : 0;
}

static cw_status no_frames(double from, cw_error *err) {
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "the drive ends before %g s: there is nothing to see", from);
}

cw_status cw_show_film(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *path,
                       cw_show_progress *progress, void *context, cw_error *err) {
    session s;
    cw_video *video = NULL;
    cw_status status = begin_session(&s, trace, scene, def, err);
    int64_t frames = status == CW_OK ? frames_of(def, s.replay.duration) : 0;
    if (status == CW_OK && frames == 0)
        status = no_frames(def->from, err);
    cw_video_def video_def = {s.sheet.width, s.sheet.height, def->frames_per_second, def->quality};
    if (status == CW_OK)
        status = cw_video_open(path, &video_def, &video, err);
    for (int64_t i = 0; i < frames && status == CW_OK; i++) {
        status = take_all(&s, def->from + (double)i * def->speed / def->frames_per_second, err);
        if (status == CW_OK)
            status = cw_video_add(video, s.pixels, (size_t)s.sheet.width * sizeof *s.pixels, err);
        if (status == CW_OK && progress != NULL && !progress(context, (double)(i + 1) / (double)frames))
            status = cw_error_set(err, CW_ERR_INTERRUPTED, path, 0, 0, "interrupted");
    }
    if (status == CW_OK)
        status = cw_video_close(video, err);
    else
        cw_video_abandon(video);
    end_session(&s);
    return status;
}

cw_status cw_show_films(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *folder,
                        cw_show_progress *progress, void *context, cw_error *err) {
    session s;
    cw_video *videos[CW_RIG_CAMERAS_MOST] = {NULL};
    cw_status status = begin_session(&s, trace, scene, def, err);
    int64_t frames = status == CW_OK ? frames_of(def, s.replay.duration) : 0;
    uint32_t count = def->rig->camera_count;
    if (status == CW_OK && frames == 0)
        status = no_frames(def->from, err);
    if (status == CW_OK)
        mkdir(folder, 0777); // one that is there is fine; a missing one shows when a video is opened
    for (uint32_t i = 0; i < count && status == CW_OK; i++) {
        char path[4096];
        const cw_lens *lens = &def->rig->cameras[i].lens;
        if (lens->width % 2 != 0 || lens->height % 2 != 0) {
            status = cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                                  "a video's width and height are even; camera '%s' has %d x %d",
                                  def->rig->cameras[i].name, lens->width, lens->height);
            break;
        }
        snprintf(path, sizeof path, "%s/%s.mp4", folder, def->rig->cameras[i].name);
        cw_video_def video_def = {lens->width, lens->height, def->frames_per_second, def->quality};
        status = cw_video_open(path, &video_def, &videos[i], err);
    }
    for (int64_t i = 0; i < frames && status == CW_OK; i++) {
        status = film_set(&s.film, def->from + (double)i * def->speed / def->frames_per_second, err);
        for (uint32_t k = 0; k < count && status == CW_OK; k++) {
            size_t width = (size_t)def->rig->cameras[k].lens.width;
            status = film_take(&s.film, k, s.pixels, width, err);
            if (status == CW_OK)
                status = cw_video_add(videos[k], s.pixels, width * sizeof *s.pixels, err);
        }
        if (status == CW_OK && progress != NULL && !progress(context, (double)(i + 1) / (double)frames))
            status = cw_error_set(err, CW_ERR_INTERRUPTED, folder, 0, 0, "interrupted");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (status == CW_OK)
            status = cw_video_close(videos[i], err);
        else
            cw_video_abandon(videos[i]);
        videos[i] = NULL;
    }
    end_session(&s);
    return status;
}

cw_status cw_show_picture(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *path,
                          cw_error *err) {
    session s;
    cw_status status = begin_session(&s, trace, scene, def, err);
    if (status == CW_OK)
        status = take_all(&s, cw_clamp(def->from, 0.0, s.replay.duration), err);
    if (status == CW_OK)
        status = cw_png_write(path, CW_PNG_COLOR, s.sheet.width, s.sheet.height, s.pixels, err);
    end_session(&s);
    return status;
}
