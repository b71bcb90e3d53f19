#include "field.h"
#include "body.h"
#include "road/build.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static cw_build_text text(const char *t) {
    return (cw_build_text){.text = t, .length = t ? strlen(t) : 0};
}

static void add_lane(cw_map_builder *b, int id, cw_lane_kind kind, double width, bool broken, const field_road *r) {
    cw_build_begin_lane(b, &(cw_build_lane){.id = id, .kind = kind});
    cw_build_width(b, &(cw_cubic){.s = 0, .a = width});
    if (r->ends_at > 0 && id == -r->right_lanes) { // over 40 m
        cw_build_width(b, &(cw_cubic){.s = r->ends_at - 40, .a = width, .b = -width / 40});
        cw_build_width(b, &(cw_cubic){.s = r->ends_at, .a = 0});
    }
    cw_build_mark(b, &(cw_road_mark){.s = 0,
                                     .kind = broken ? CW_MARK_BROKEN : CW_MARK_SOLID,
                                     .change = broken ? CW_CHANGE_BOTH : 0,
                                     .width = 0.15f});
    if (r->speed > 0 && kind == CW_LANE_DRIVING) {
        cw_build_limit(b, &(cw_speed_record){.s = r->speed_from, .limit = (float)r->speed});
    }
    cw_build_end_lane(b);
}

cw_map *field_map(const field_road *r) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_build_begin_road(
        b,
        &(cw_build_road){
            .id = text("1"), .name = text(""), .junction = text(NULL), .length = r->length, .left_hand = r->mirrored});
    cw_build_geometry(b, &(cw_geometry){.s = 0,
                                        .x = r->x,
                                        .y = r->y,
                                        .heading = r->heading,
                                        .length = r->length,
                                        .kind = r->curvature == 0 ? CW_LINE : CW_ARC,
                                        .k0 = r->curvature});
    cw_build_begin_section(b, 0);
    int right = r->mirrored ? r->left_lanes : r->right_lanes, left = r->mirrored ? r->right_lanes : r->left_lanes;
    add_lane(b, left + 1, CW_LANE_SHOULDER, 2.0, false, r);
    for (int i = left; i >= 1; i--) {
        add_lane(b, i, CW_LANE_DRIVING, 3.5, i < left && !r->solid, r);
    }
    cw_build_begin_lane(b, &(cw_build_lane){.id = 0, .kind = CW_LANE_NONE});
    bool center_broken = !r->solid && left > 0 && right > 0;
    cw_build_mark(b, &(cw_road_mark){.kind = center_broken ? CW_MARK_BROKEN : CW_MARK_SOLID,
                                     .change = center_broken ? CW_CHANGE_BOTH : 0,
                                     .width = 0.15f});
    cw_build_end_lane(b);
    for (int i = 1; i <= right; i++) {
        add_lane(b, -i, CW_LANE_DRIVING, 3.5, i < right && !r->solid, r);
    }
    add_lane(b, -right - 1, CW_LANE_SHOULDER, 2.0, false, r);
    cw_build_end_section(b);
    cw_build_end_road(b);
    cw_map *map = NULL;
    cw_error err = {0};
    cw_status status = cw_build_finish(b, "field", &map, &err);
    cw_build_free(b);
    assert(status == CW_OK && map);
    return map;
}

double field_lane_t(int lane) {
    return -3.5 * (lane - 0.5);
}

field *field_new(cw_map *map, const char *driver, int lane, double s, double speed, double set_speed) {
    field *f = calloc(1, sizeof *f);
    f->map = map;
    f->driver = cw_driver_find(driver);
    assert(f->driver);
    f->body = test_body();
    f->params = cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0.6f, 4, 10, 60);
    cw_driver_def def = {.map = map, .body = f->body, .seed = 1, .period = 0.1f};
    f->driver_state = malloc(f->driver->state_size(&def));
    cw_error err = {0};
    cw_status status = f->driver->reset(f->driver_state, &def, &err);
    assert(status == CW_OK);
    f->tracker = malloc(cw_tracker_size());
    cw_tracker_reset(f->tracker, map);
    double t = field_lane_t(lane) * (map->roads[0].left_hand ? -1 : 1);
    cw_road_point p;
    cw_road_at(map, 0, s, t, &p);
    f->ego = (cw_vehicle_state){.x = p.x, .y = p.y, .heading = p.heading, .vx = (float)speed};
    f->mission.set_speed = (float)set_speed;
    f->mission.goal_lane = CW_NONE;
    f->range = 120;
    f->least_gap = INFINITY;
    f->most_t = -INFINITY;
    f->least_t = INFINITY;
    f->place.lane = CW_NONE;
    return f;
}

void field_free(field *f) {
    cw_map_free(f->map);
    free(f->driver_state);
    free(f->tracker);
    free(f);
}

static cw_box actor_box(const field *f, const field_actor *a, double *heading) {
    cw_road_point p;
    cw_road_at(f->map, 0, a->s, a->t, &p);
    double course = a->vs == 0 && a->vt == 0 ? 0 : cw_atan2(a->vt, a->vs);
    if (a->kind != CW_USER_PEDESTRIAN && fabs(course) < 1.2) {
        course *= 0.8; // a car slips into another lane with a small angle
    }
    *heading = p.heading + course;
    return cw_box_at((cw_pose){p.x, p.y, *heading}, 0, a->length, a->width);
}

void field_ego_st(const field *f, double *s, double *t) {
    cw_road_project(f->map, 0, f->ego.x, f->ego.y, NAN, s, t);
}

double field_gap(const field *f, uint32_t actor) {
    double s, t;
    field_ego_st(f, &s, &t);
    return f->actors[actor].s - 0.5 * f->actors[actor].length - s - 1.4 - 2.25;
}

static void move_actors(field *f, double now, double dt) {
    for (uint32_t i = 0; i < f->actor_count; i++) {
        field_actor *a = &f->actors[i];
        if (now >= a->brake_at && a->accel != 0) {
            double v = a->vs + a->accel * dt;
            a->vs = a->vs == 0 || a->vs * v < 0 ? 0 : v;
        }
        a->s += a->vs * dt;
        if (a->start == 0 && a->stop == 0) {
            a->t += a->vt * dt;
        } else if (now >= a->start && now < a->stop) {
            a->t += a->vt * dt;
        }
        if (a->t_low < a->t_high) {
            if ((a->t <= a->t_low && a->vt < 0) || (a->t >= a->t_high && a->vt > 0)) {
                a->vt = 0;
            }
        }
    }
}

static bool hidden(const field *f, cw_vec2 eye, cw_vec2 there, uint32_t self) {
    for (uint32_t i = 0; i < f->wall_count; i++) {
        if (cw_box_hits_segment(&f->walls[i].box, eye, there)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < f->actor_count; i++) {
        double heading;
        cw_box box = actor_box(f, &f->actors[i], &heading);
        if (i != self && !f->actors[i].gone && f->actors[i].kind != CW_USER_PEDESTRIAN &&
            cw_box_hits_segment(&box, eye, there)) {
            return true;
        }
    }
    return false;
}

void field_step(field *f) {
    cw_ego ego = {.x = f->ego.x,
                  .y = f->ego.y,
                  .heading = (float)f->ego.heading,
                  .speed = f->ego.vx,
                  .lateral_speed = f->ego.vy,
                  .accel = f->ego.accel,
                  .yaw_rate = f->ego.yaw_rate,
                  .steer = f->ego.steer,
                  .body = f->body};
    cw_locate query = cw_locate_at(ego.x, ego.y);
    query.heading = f->ego.heading;
    query.hint = f->place;
    if (!cw_map_locate(f->map, &query, &f->place)) {
        f->place.lane = CW_NONE;
    }
    ego.place = f->place;
    double sine, cosine;
    cw_sincos((double)ego.heading, &sine, &cosine);
    cw_detection seen[FIELD_ACTORS];
    uint32_t count = 0;
    cw_vec2 eye = {ego.x + 1.4 * cosine, ego.y + 1.4 * sine};
    for (uint32_t i = 0; i < f->actor_count; i++) {
        field_actor *a = &f->actors[i];
        double heading;
        cw_box box = actor_box(f, a, &heading);
        if (a->gone || cw_hypot(box.x - ego.x, box.y - ego.y) > f->range ||
            hidden(f, eye, (cw_vec2){box.x, box.y}, i)) {
            continue;
        }
        cw_road_point p;
        cw_road_at(f->map, 0, a->s, a->t, &p);
        double rs, rc, dx = box.x - ego.x, dy = box.y - ego.y;
        cw_sincos(p.heading, &rs, &rc);
        bool moving = a->start == 0 && a->stop == 0;
        double now = 1e-9 * (double)f->time_ns;
        double vt = moving || (now >= a->start && now < a->stop) ? a->vt : 0;
        double stretch = 1 - p.curvature * a->t;
        double vx = a->vs * stretch * rc - vt * rs, vy = a->vs * stretch * rs + vt * rc;
        seen[count++] = (cw_detection){.id = a->id,
                                       .kind = (uint8_t)a->kind,
                                       .x = (float)(dx * cosine + dy * sine),
                                       .y = (float)(dy * cosine - dx * sine),
                                       .heading = (float)cw_wrap_angle(heading - (double)ego.heading),
                                       .vx = (float)(vx * cosine + vy * sine),
                                       .vy = (float)(vy * cosine - vx * sine),
                                       .length = (float)a->length,
                                       .width = (float)a->width,
                                       .height = 1.6f};
    }
    cw_obs obs = {.step = f->time_ns / 100000000,
                  .time_ns = f->time_ns,
                  .period = 0.1f,
                  .map = f->map,
                  .mission = &f->mission,
                  .ego = ego,
                  .tracks = f->tracks,
                  .walls = f->walls,
                  .wall_count = f->wall_count,
                  .signals = f->signals,
                  .signal_count = f->signal_count,
                  .surface = {.mu_low = 0.9f, .mu_high = 1.0f, .visibility = 1e4f},
                  .range = (float)f->range};
    obs.track_count = cw_tracker_update(f->tracker, f->time_ns, &ego, seen, count, f->walls, f->wall_count,
                                        (float)f->range, f->tracks, CW_TRACKS_MAX);
    f->driver->decide(f->driver_state, &obs, &f->decision);
    f->control = f->decision.control;
    f->hardest = cw_min(f->hardest, (double)f->control.accel);
    f->hardest_up = cw_max(f->hardest_up, (double)f->control.accel);
    for (int i = 0; i < 10; i++) {
        cw_vehicle_step(&f->params, &f->ego, f->control.accel, f->control.steer, 0.95f, 0, 0, 0.01f);
        f->time_ns += 10000000;
        move_actors(f, 1e-9 * (double)f->time_ns, 0.01);
        cw_box mine = cw_box_at((cw_pose){f->ego.x, f->ego.y, f->ego.heading}, 1.4, 4.5, 1.8);
        for (uint32_t k = 0; k < f->actor_count; k++) {
            double heading;
            cw_box box = actor_box(f, &f->actors[k], &heading);
            double gap = f->actors[k].gone ? INFINITY : cw_box_distance(&mine, &box);
            f->least_gap = cw_min(f->least_gap, gap);
            if (gap <= 0 && !f->contact) {
                f->contact = true;
                f->contact_id = f->actors[k].id;
                f->contact_speed = (double)f->ego.vx;
            }
        }
        double s, t;
        cw_road_project(f->map, 0, f->ego.x, f->ego.y, NAN, &s, &t);
        f->most_t = cw_max(f->most_t, t);
        f->least_t = cw_min(f->least_t, t);
    }
}

void field_run(field *f, double seconds) {
    int64_t end = f->time_ns + (int64_t)(seconds * 10.0 + 0.5) * 100000000;
    while (f->time_ns < end && !f->contact) {
        field_step(f);
    }
}
