#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <math.h>
#include <stdlib.h>

static const double RADIUS = 170.0; // m of map around the ego's path

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}

// Where the ego is at each tick; where nobody is the ego, where the first actor is.
static cw_status survey(stage *of, cw_error *err) {
    cw_vec2 *path = malloc(of->replay.ticks * sizeof *path);
    if (path == NULL)
        return no_memory(err);
    size_t count = 0;
    double fastest = 0.0;
    uint32_t who = of->replay.ego != CW_NONE ? of->replay.ego : 0;
    for (size_t i = 0; i < of->replay.ticks; i++) {
        const replay_state *state = replay_at(&of->replay, i, who);
        if (!state->present)
            continue;
        path[count++] = (cw_vec2){state->x, state->y};
        fastest = cw_max(fastest, (double)state->speed);
    }
    of->fastest = cw_max(ceil(fastest * 3.6 / 10.0), 3.0) * 10.0 / 3.6;
    bool good = ground_open(&of->ground, of->map, path, count, RADIUS);
    free(path);
    return good ? CW_OK : no_memory(err);
}

cw_status stage_open(stage *out, const cw_trace *trace, const cw_map *map, const cw_scene *scene,
                     const cw_show_def *def, cw_error *err) {
    *out = (stage){.def = *def, .map = map, .replay = {.ego = CW_NONE}};
    const char *missing;
    if (!cairo_api_open(&out->api, &missing))
        return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                            "drawing needs cairo (%s is missing): apt-get install libcairo2 fonts-nanum", missing);
    cw_status status = replay_open(trace, scene, &out->replay, err);
    if (status == CW_OK)
        status = survey(out, err);
    if (status == CW_OK) {
        out->surface = out->api.image_surface_create(CAIRO_FORMAT_RGB24, def->width, def->height);
        out->cr = out->api.create(out->surface);
        if (out->api.status(out->cr) != CAIRO_STATUS_SUCCESS)
            status = no_memory(err);
    }
    if (status == CW_OK && def->cameras && scene != NULL) { // a map or a build without them: the view from above alone
        cw_error why = {0};
        status = stage_cameras_open(out, scene, &why);
        if (status == CW_ERR_UNSUPPORTED || status == CW_ERR_INPUT || status == CW_ERR_LIMIT) {
            status = CW_OK;
            if (def->left_out != NULL)
                *def->left_out = why;
        } else if (status != CW_OK)
            cw_error_set(err, status, why.path, why.line, why.column, "%s", why.text);
    }
    if (status != CW_OK)
        stage_close(out);
    return status;
}

void stage_close(stage *of) {
    stage_cameras_close(of);
    if (of->cr != NULL)
        of->api.destroy(of->cr);
    if (of->surface != NULL)
        of->api.surface_destroy(of->surface);
    ground_close(&of->ground);
    replay_close(&of->replay);
    of->cr = NULL;
    of->surface = NULL;
}

void stage_color(const stage *of, uint32_t color, double alpha) {
    of->api.set_source_rgba(of->cr, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0, (color & 255) / 255.0,
                            alpha);
}

void stage_round(const stage *of, double x, double y, double width, double height, double radius) {
    const cairo_api *c = &of->api;
    double r = cw_min(radius, cw_min(width, height) * 0.5);
    c->new_sub_path(of->cr);
    c->arc(of->cr, x + width - r, y + r, r, -CW_PI * 0.5, 0.0);
    c->arc(of->cr, x + width - r, y + height - r, r, 0.0, CW_PI * 0.5);
    c->arc(of->cr, x + r, y + height - r, r, CW_PI * 0.5, CW_PI);
    c->arc(of->cr, x + r, y + r, r, CW_PI, CW_PI * 1.5);
    c->close_path(of->cr);
}

cw_vec2 stage_project(const lens *camera, double x, double y) {
    double sine, cosine, dx = x - camera->x, dy = y - camera->y;
    cw_sincos(CW_PI * 0.5 - camera->angle, &sine, &cosine);
    return (cw_vec2){camera->screen_x + (dx * cosine - dy * sine) * camera->scale,
                     camera->screen_y - (dx * sine + dy * cosine) * camera->scale};
}

// The camera looks ahead of time and back: a drawing knows the whole drive, so that it turns and zooms without haste.
static lens aim(const stage *of, double time) {
    enum { LOOKS = 12 };
    uint32_t who = of->replay.ego != CW_NONE ? of->replay.ego : 0;
    replay_state state = {0};
    lens camera = {.angle = CW_PI * 0.5, .scale = of->def.scale};
    const double panel = 368.0 * of->def.width / 1280.0;
    camera.screen_x = (panel + of->def.width) * 0.5;
    double row = stage_cameras_row(of), share = of->def.north_up ? 0.5 : row > 0.0 ? 0.74 : 0.68;
    camera.screen_y = row + (of->def.height - 2.0 * row) * share;
    if (replay_between(&of->replay, time, who, &state)) {
        cw_vec2 center = replay_center(&of->replay.actors[who], &state);
        camera.x = center.x;
        camera.y = center.y;
    }
    double sum_x = 0.0, sum_y = 0.0, speed = 0.0, weights = 0.0;
    for (int i = -LOOKS; i <= LOOKS; i++) {
        double weight = 1.0 - fabs((double)i) / (LOOKS + 1.0), sine, cosine;
        if (!replay_between(&of->replay, time + 0.08 * i, who, &state))
            continue;
        cw_sincos((double)state.heading, &sine, &cosine);
        sum_x += weight * cosine;
        sum_y += weight * sine;
        if (replay_between(&of->replay, time + 0.3 * i, who, &state)) {
            speed += weight * fabs((double)state.speed);
            weights += weight;
        }
    }
    if (!of->def.north_up && (sum_x != 0.0 || sum_y != 0.0))
        camera.angle = cw_atan2(sum_y, sum_x);
    if (camera.scale <= 0.0)
        camera.scale =
            cw_clamp(10.0 - 0.2 * (weights > 0.0 ? speed / weights : 0.0), 3.8, 9.4) * of->def.height / 720.0;
    // What is in view lies within a circle around the camera's place.
    double far_x = cw_max(camera.screen_x, of->def.width - camera.screen_x);
    double far_y = cw_max(camera.screen_y, of->def.height - camera.screen_y);
    double reach = cw_hypot(far_x, far_y) / camera.scale;
    camera.low = (cw_vec2){camera.x - reach, camera.y - reach};
    camera.high = (cw_vec2){camera.x + reach, camera.y + reach};
    return camera;
}

cw_status stage_draw(stage *of, double time, double verdict, cw_error *err) {
    const cairo_api *c = &of->api;
    lens camera = aim(of, time);
    c->identity_matrix(of->cr);
    stage_color(of, 0x232A2C, 1.0);
    c->paint(of->cr);
    c->save(of->cr);
    c->translate(of->cr, camera.screen_x, camera.screen_y);
    c->scale(of->cr, camera.scale, -camera.scale);
    c->rotate(of->cr, CW_PI * 0.5 - camera.angle);
    c->translate(of->cr, -camera.x, -camera.y);
    c->set_tolerance(of->cr, 0.2);
    draw_ground(of, &camera, time);
    draw_trail(of, &camera, time);
    draw_plans(of, &camera, time);
    draw_actors(of, &camera, time);
    draw_causes(of, &camera, time);
    draw_contacts(of, &camera, time);
    c->restore(of->cr);
    draw_signs(of, &camera, time);
    draw_cause_names(of, &camera, time);
    cw_status status = draw_cameras(of, time, err);
    draw_panel(of, time);
    draw_subtitle(of, time);
    draw_timeline(of, time);
    draw_verdict(of, verdict);
    c->surface_flush(of->surface);
    return status;
}

#else

typedef int cw_stage_absent; // a translation unit must declare something

#endif
