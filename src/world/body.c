// Bodies: what each actor is to physics, where it stands on the map, and its motion under control.
#include "base/heading.h"
#include "world/core.h"

#include <math.h>

#define TAU (2 * CW_PI)

static cw_body_model model_of(cw_actor_kind kind, bool kinematic) {
    switch (kind) {
    case CW_ACTOR_MOTORCYCLE:
    case CW_ACTOR_BICYCLE:
        return CW_MODEL_KINEMATIC; // riders balance; the single-track equations of a car are not theirs
    case CW_ACTOR_PEDESTRIAN:
    case CW_ACTOR_ANIMAL:
        return CW_MODEL_WALKER;
    case CW_ACTOR_OBSTACLE:
        return CW_MODEL_FIXED;
    default:
        return kinematic ? CW_MODEL_KINEMATIC : CW_MODEL_VEHICLE;
    }
}

float cw_body_mass(const cw_world *world, uint32_t actor) {
    const cw_actor *a = &world->scene->actors[actor];
    if (a->mass > 0)
        return a->mass;
    switch ((cw_actor_kind)a->kind) {
    case CW_ACTOR_PEDESTRIAN:
    case CW_ACTOR_ANIMAL:
        return 75;
    case CW_ACTOR_BICYCLE:
        return 90;
    case CW_ACTOR_MOTORCYCLE:
        return 280;
    default:
        return world->params[actor].mass;
    }
}

// A cyclist: 300 W, upright (Wilson, Bicycling Science), brakes until the rear wheel lifts.
static void ride(const cw_actor *a, cw_vehicle_params *p) {
    p->mass = a->mass > 0 ? a->mass : 90;
    p->power = 300;
    p->drag = 0.35f;
    p->rolling = 0.006f;
    p->max_accel = a->max_accel > 0 ? a->max_accel : 1.2f;
    p->max_brake = a->max_brake > 0 ? a->max_brake : 5.5f;
}

bool cw_bodies_make(cw_world *world) {
    uint32_t count = world->scene->actor_count;
    cw_vehicle_params *params = cw_arena_array(world->arena, count, sizeof *params);
    uint8_t *model = cw_arena_array(world->arena, count, sizeof *model);
    float *radius = cw_arena_array(world->arena, count, sizeof *radius);
    cw_loose_params *loose = cw_arena_array(world->arena, count, sizeof *loose);
    cw_rider_four *fours = cw_arena_array(world->arena, count / 4, sizeof *fours);
    if (!params || !model || !radius || !loose || !fours)
        return false;
    world->params = params;
    world->fours = fours;
    world->model = model;
    world->radius = radius;
    world->loose = loose;
    for (uint32_t i = 0; i < count; ++i) {
        const cw_actor *a = &world->scene->actors[i];
        params[i] = cw_vehicle_params_make(a->length, a->width, a->center_x, a->wheelbase, a->mass, a->max_steer,
                                           a->max_accel, a->max_brake, a->max_speed);
        if (a->kind == CW_ACTOR_BICYCLE)
            ride(a, &params[i]);
        if (i / 4 < count / 4)
            cw_rider_four_set(&fours[i / 4], i % 4, &params[i]);
        model[i] = (uint8_t)model_of((cw_actor_kind)a->kind, world->def.kinematic);
        radius[i] = (float)(0.5 * cw_hypot((double)a->length, (double)a->width) +
                            cw_hypot((double)a->center_x, (double)a->center_y));
        cw_loose_make(world, i, &loose[i]);
        world->loose_count += a->loose;
        world->deck_count += a->deck > 0;
    }
    return true;
}

cw_box cw_body_box(const cw_world *world, uint32_t actor, double x, double y, double heading) {
    double sine, cosine;
    cw_direction(heading, &sine, &cosine);
    return cw_body_box_along(world, actor, x, y, sine, cosine);
}

cw_box cw_body_box_along(const cw_world *world, uint32_t actor, double x, double y, double sine, double cosine) {
    const cw_actor *a = &world->scene->actors[actor];
    double ahead = (double)a->center_x, left = (double)a->center_y;
    return (cw_box){.x = x + ahead * cosine - left * sine,
                    .y = y + ahead * sine + left * cosine,
                    .ux = cosine,
                    .uy = sine,
                    .half_length = 0.5 * (double)a->length,
                    .half_width = 0.5 * (double)a->width};
}

cw_box cw_world_box(const cw_world *world, uint32_t actor) {
    return cw_body_box(world, actor, world->s.x[actor], world->s.y[actor], world->s.heading[actor]);
}

cw_lane_place cw_world_place(const cw_world *world, uint32_t actor) {
    return (cw_lane_place){
        .lane = world->s.place_lane[actor], .s = world->s.place_s[actor], .offset = world->s.place_offset[actor]};
}

static void set_place(cw_world *world, uint32_t i, cw_lane_place place, bool on) {
    world->s.place_lane[i] = place.lane;
    world->s.place_s[i] = place.s;
    world->s.place_offset[i] = place.offset;
    world->s.place_on[i] = on;
}

// Height and tilt of the ground under an actor, in its own axes. The road's pitch and roll are about its own tangent.
static void stand(cw_world *world, uint32_t i, const cw_road_point *ground) {
    world->s.z[i] = ground->z;
    if (ground->pitch == 0 && ground->roll == 0) {
        world->s.pitch[i] = world->s.roll[i] = 0;
        return;
    }
    double sine, cosine;
    cw_sincos(world->s.heading[i] - ground->heading, &sine, &cosine);
    double rise = -cw_tan(ground->pitch), tilt = cw_tan(ground->roll); // dz along the tangent, and to its left
    world->s.pitch[i] = (float)-cw_atan(rise * cosine + tilt * sine);
    world->s.roll[i] = (float)cw_atan(tilt * cosine - rise * sine);
}

static void find_ground(cw_world *world, uint32_t i) {
    uint32_t lane = world->s.place_lane[i];
    if (lane == CW_NONE)
        return;
    const cw_road *road = &world->map->roads[world->map->lanes[lane].road];
    if (road->elevation.count == 0 && road->superelevation.count == 0) {
        world->s.z[i] = 0;
        world->s.pitch[i] = world->s.roll[i] = 0;
        return;
    }
    cw_road_point ground;
    cw_lane_pose(world->map, cw_world_place(world, i), &ground);
    stand(world, i, &ground);
}

// near: where no lane is under it, the nearest; else its height and tilt stay as they are.
static void find_place(cw_world *world, uint32_t actor, bool near) {
    cw_state *s = &world->s;
    if (world->map->lane_count == 0) {
        set_place(world, actor, (cw_lane_place){.lane = CW_NONE}, false);
        return;
    }
    cw_locate query = cw_locate_at(s->x[actor], s->y[actor]);
    query.heading = s->heading[actor];
    query.hint = cw_world_place(world, actor);
    bool hinted = query.hint.lane != CW_NONE;
    query.under_only = hinted || !near; // asked again below
    if (hinted)
        query.z = s->z[actor];
    cw_lane_place place;
    bool on = cw_map_locate(world->map, &query, &place);
    if (!on && hinted) {
        query.under_only = !near;
        query.z = NAN;
        on = cw_map_locate(world->map, &query, &place);
    }
    set_place(world, actor, place, on);
    find_ground(world, actor);
}

void cw_world_find_place(cw_world *world, uint32_t actor) {
    find_place(world, actor, true);
}

// Is the lane under an actor under control to be found now?
static bool finds_place(const cw_world *world, uint32_t actor) {
    return world->def.find_places || (!world->level && (world->s.step[0] + actor) % CW_PLACE_EVERY == 0);
}

static void appear(cw_world *world, uint32_t i) {
    world->s.present[i] = 1;
    world->s.visible[i] = 1;
    if (world->s.mover[i] != CW_MOVED_BY_CONTROL)
        world->s.mover[i] = CW_MOVED_BY_SCENARIO;
}

void cw_world_put(cw_world *world, uint32_t actor, double x, double y, double heading) {
    if (!world->s.present[actor])
        appear(world, actor);
    world->s.x[actor] = x;
    world->s.y[actor] = y;
    world->s.heading[actor] = cw_wrap_angle(heading);
    cw_world_find_place(world, actor);
}

void cw_world_put_on_lane(cw_world *world, uint32_t actor, cw_lane_place place, double turned) {
    if (!world->s.present[actor])
        appear(world, actor);
    cw_road_point ground;
    cw_pose pose = cw_lane_pose(world->map, place, &ground);
    world->s.x[actor] = pose.x;
    world->s.y[actor] = pose.y;
    world->s.heading[actor] = cw_wrap_angle(pose.heading + turned);
    double half = 0.5 * cw_lane_width(world->map, place.lane, place.s);
    set_place(world, actor, place, fabs(place.offset) <= half);
    stand(world, actor, &ground);
}

void cw_world_remove(cw_world *world, uint32_t actor) {
    world->s.present[actor] = 0;
    world->s.mover[actor] = CW_MOVED_BY_NOBODY;
    world->s.speed[actor] = world->s.lateral_speed[actor] = world->s.accel[actor] = world->s.yaw_rate[actor] = 0;
}

bool cw_world_activate(cw_world *world, uint32_t actor, bool off) {
    cw_state *s = &world->s;
    bool ego = world->def.drive_ego && actor == world->scene->ego;
    if (!s->present[actor] || !(ego || world->control[actor]))
        return false;
    if (off) {
        if (s->mover[actor] == CW_MOVED_BY_CONTROL)
            s->mover[actor] = CW_MOVED_BY_SCENARIO;
        return false;
    }
    if (s->mover[actor] == CW_MOVED_BY_CONTROL)
        return true;
    s->mover[actor] = CW_MOVED_BY_CONTROL;
    // The body goes on as it moves: the wheels stand as this turn needs them, engine and brakes as this acceleration.
    double v = (double)s->speed[actor], limit = (double)world->params[actor].max_steer;
    if (fabs(v) > 0.5)
        s->steer[actor] = (float)cw_clamp(
            cw_atan((double)world->params[actor].wheelbase * (double)s->yaw_rate[actor] / v), -limit, limit);
    s->drive[actor] = s->accel[actor];
    s->control_accel[actor] = 0;
    s->control_steer[actor] = s->steer[actor];
    if (!world->def.find_places && world->level)
        set_place(world, actor, (cw_lane_place){.lane = CW_NONE}, false);
    return true;
}

void cw_world_retire(cw_world *world, uint32_t actor, bool remove) {
    cw_state *s = &world->s;
    if (s->mover[actor] != CW_MOVED_BY_CONTROL)
        return;
    if (remove) {
        cw_world_remove(world, actor);
        return;
    }
    s->mover[actor] = CW_MOVED_BY_NOBODY;
    s->speed[actor] = s->lateral_speed[actor] = s->accel[actor] = s->yaw_rate[actor] = s->drive[actor] = 0;
}

bool cw_world_ego_controlled(const cw_world *world) {
    uint32_t ego = world->scene->ego;
    return ego != CW_NONE && world->s.mover[ego] == CW_MOVED_BY_CONTROL;
}

void cw_world_control(cw_world *world, uint32_t actor, float accel, float steer, uint8_t lamps) {
    if (!isfinite(accel) || !isfinite(steer)) {
        cw_world_set_fault(world, CW_FAULT_CONTROL, actor);
        return;
    }
    world->s.control_accel[actor] = accel;
    world->s.control_steer[actor] = steer;
    if (world->s.mover[actor] == CW_MOVED_BY_CONTROL)
        world->s.lamps[actor] = lamps;
}

enum { LAMP_REVERSE = 16 }; // CW_LAMP_REVERSE of agent.h

static void drive(cw_world *world, uint32_t i, float mu) {
    cw_state *s = &world->s;
    const cw_vehicle_params *p = &world->params[i];
    cw_vehicle_state v = {.x = s->x[i],
                          .y = s->y[i],
                          .heading = s->heading[i],
                          .vx = s->speed[i],
                          .vy = s->lateral_speed[i],
                          .yaw_rate = s->yaw_rate[i],
                          .steer = s->steer[i],
                          .accel = s->drive[i]};
    float accel = s->control_accel[i], steer = s->control_steer[i];
    if (world->model[i] == CW_MODEL_KINEMATIC)
        cw_rider_step(p, &v, accel, steer, mu, -s->pitch[i], world->dt);
    else if ((s->lamps[i] & LAMP_REVERSE) && v.vx <= 0)
        cw_vehicle_step_reverse(p, &v, accel, steer, mu, -s->pitch[i], s->roll[i], world->dt);
    else
        cw_vehicle_step(p, &v, accel, steer, mu, -s->pitch[i], s->roll[i], world->dt);
    s->accel[i] = (float)(((double)v.vx - (double)s->speed[i]) / world->dt);
    s->traveled[i] += 0.5 * (fabs((double)v.vx) + fabs((double)s->speed[i])) * world->dt;
    s->x[i] = v.x;
    s->y[i] = v.y;
    s->heading[i] = v.heading;
    s->speed[i] = v.vx;
    s->lateral_speed[i] = v.vy;
    s->yaw_rate[i] = v.yaw_rate;
    s->steer[i] = v.steer;
    s->drive[i] = v.accel;
}

// Walkers under control: accel as asked, `steer` is the turn per second.
static void walk(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    cw_walker_state w = {.x = s->x[i], .y = s->y[i], .heading = s->heading[i], .speed = s->speed[i]};
    double v = cw_max(0, (double)w.speed + (double)s->control_accel[i] * world->dt);
    double turn = cw_clamp((double)s->control_steer[i], -TAU, TAU);
    float old = w.speed;
    cw_walker_step(&w, (float)v, cw_wrap_angle(w.heading + turn * world->dt), 10, (float)world->dt);
    s->x[i] = w.x;
    s->y[i] = w.y;
    s->heading[i] = w.heading;
    s->speed[i] = w.speed;
    s->lateral_speed[i] = 0;
    s->yaw_rate[i] = (float)turn;
    s->accel[i] = (float)(((double)w.speed - (double)old) / world->dt);
    s->traveled[i] += 0.5 * ((double)old + (double)w.speed) * world->dt;
}

static bool are_four(const uint8_t *values, uint8_t value) {
    return values[0] == value && values[1] == value && values[2] == value && values[3] == value;
}

// Steps the four from i on at once if that is possible.
static bool drive_four(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    if (world->scene->actor_count - i < 4 || !are_four(s->present + i, 1) ||
        !are_four(s->mover + i, CW_MOVED_BY_CONTROL) || !are_four(world->model + i, CW_MODEL_KINEMATIC))
        return false;
    cw_rider_columns at = {.x = s->x,
                           .y = s->y,
                           .heading = s->heading,
                           .traveled = s->traveled,
                           .speed = s->speed,
                           .lateral_speed = s->lateral_speed,
                           .yaw_rate = s->yaw_rate,
                           .steer = s->steer,
                           .drive = s->drive,
                           .accel = s->accel,
                           .control_accel = s->control_accel,
                           .control_steer = s->control_steer,
                           .pitch = s->pitch};
    float friction[4];
    for (uint32_t k = 0; k < 4; ++k)
        friction[k] = k > 0 && world->scene->patch_count == 0 ? friction[0] : cw_body_friction(world, i + k);
    return cw_riders_step(&world->fours[i / 4], &at, i, friction, world->dt);
}

static void drive_one(cw_world *world, uint32_t i) {
    if (world->model[i] == CW_MODEL_WALKER)
        walk(world, i);
    else if (world->model[i] != CW_MODEL_FIXED)
        drive(world, i, cw_body_friction(world, i));
}

void cw_bodies_step(cw_world *world) {
    cw_state *s = &world->s;
    uint32_t driven = 0; // those before have been, with three others
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        if (!s->present[i] || s->mover[i] != CW_MOVED_BY_CONTROL)
            continue;
        if (i % 4 == 0 && drive_four(world, i))
            driven = i + 4;
        if (i >= driven)
            drive_one(world, i);
        if (finds_place(world, i))
            find_place(world, i, world->def.find_places);
    }
    cw_loose_step_all(world); // after those on whose platforms they lie
}
