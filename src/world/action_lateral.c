// The lateral domain: lane changes, lane offsets, lateral distances, trajectories.
#include "world/storyboard.h"

#include <math.h>

enum { WALK_MOST = 20 };

// ---- beginning -------------------------------------------------------------------------------------------------------

// Lane of the actor's own section that continues `lane` of another road; CW_NONE: none near by.
static uint32_t bring_here(const cw_map *map, uint32_t lane, uint32_t section) {
    for (int back = 0; back < 2; back++) {
        uint32_t at = lane;
        for (int i = 0; i < WALK_MOST && at != CW_NONE; i++) {
            if (map->lanes[at].section == section)
                return at;
            at = cw_lane_straight(map, at, back);
        }
    }
    return CW_NONE;
}

static uint32_t target_lane(const cw_world *world, const cw_action *action, uint32_t actor, double road_s) {
    const cw_map *map = world->map;
    const cw_state *s = &world->s;
    uint32_t mine = s->way_lane[actor];
    if (!action->relative)
        return cw_map_find_lane(map, map->lanes[mine].road, action->lane, road_s);
    uint32_t other = action->entity;
    if (other >= world->scene->actor_count || s->place_lane[other] == CW_NONE)
        return CW_NONE;
    uint32_t from = other == actor ? mine : s->place_lane[other];
    double from_s = other == actor ? road_s : s->place_s[other];
    uint32_t lane = cw_lane_beside(map, from, from_s, action->lane, cw_actor_facing(world, other, from, from_s));
    if (lane == CW_NONE || map->lanes[lane].section == map->lanes[mine].section)
        return lane;
    if (map->lanes[lane].road == map->lanes[mine].road) {
        uint32_t same = cw_map_find_lane(map, map->lanes[mine].road, map->lanes[lane].id, road_s);
        uint32_t linked = bring_here(map, lane, map->lanes[mine].section);
        return linked != CW_NONE ? linked : same;
    }
    return bring_here(map, lane, map->lanes[mine].section);
}

// Takes `lane` as the one that offsets are counted from; the actor stays where it is.
static void refer_to(cw_world *world, uint32_t i, uint32_t lane, double road_s) {
    const cw_map *map = world->map;
    cw_state *s = &world->s;
    const cw_lane *old = &map->lanes[s->way_lane[i]], *new = &map->lanes[lane];
    double t = cw_lane_center_t(map, s->way_lane[i], road_s) + old->direction * s->way_facing[i] * s->way_offset[i];
    int rising = old->direction * s->way_facing[i]; // faces rising s
    s->way_lane[i] = lane;
    s->way_facing[i] = (int8_t)(rising * new->direction);
    s->way_offset[i] = rising * (t - cw_lane_center_t(map, lane, road_s));
    s->way_travel[i] = cw_lane_travel(map, lane, road_s);
}

static void begin_change(cw_world *world, uint32_t i, uint32_t instance, const cw_dynamics *dynamics, double to,
                         double span) {
    cw_state *s = &world->s;
    s->across_from[i] = s->way_offset[i];
    s->across_to[i] = to;
    s->across_t0[i] = cw_board_time(world);
    s->across_span[i] = span;
    s->across_done[i] = 0;
    s->across_shape[i] = dynamics->shape;
    s->across_kind[i] = dynamics->dimension == CW_BY_DISTANCE ? CW_ACROSS_DISTANCE : CW_ACROSS_TIME;
    s->across_instance[i] = instance;
}

static void lane_change(cw_world *world, const cw_action *action, uint32_t i, uint32_t instance) {
    cw_state *s = &world->s;
    double road_s = cw_lane_station(world->map, s->way_lane[i], s->way_travel[i]);
    uint32_t lane = target_lane(world, action, i, road_s);
    if (lane == CW_NONE) {
        cw_world_say(world, "lane change of %s: there is no such lane", "%s의 차로 변경: 그런 차로가 없음",
                     world->scene->actors[i].name);
        cw_instance_end(world, instance);
        return;
    }
    refer_to(world, i, lane, road_s);
    double to = action->offset * world->map->lanes[lane].direction * s->way_facing[i];
    double span = cw_shape_span(&action->dynamics, to - s->way_offset[i]);
    if (!(span > 0)) {
        s->way_offset[i] = to;
        cw_scripted_move(world, i, 0, 0);
        cw_instance_end(world, instance);
        return;
    }
    begin_change(world, i, instance, &action->dynamics, to, span);
}

// As a route asks for it: to a lane beside, in 4 s or in what is left of this one, whichever is shorter.
void cw_lane_ease(cw_world *world, uint32_t i, uint32_t lane) {
    cw_state *s = &world->s;
    const cw_dynamics dynamics = {.shape = CW_SINUSOIDAL, .dimension = CW_BY_TIME};
    double left = world->map->lanes[s->way_lane[i]].length - s->way_travel[i], v = fabs(s->way_speed[i]);
    if (v < 0.1)
        return;
    refer_to(world, i, lane, cw_lane_station(world->map, s->way_lane[i], s->way_travel[i]));
    begin_change(world, i, CW_NONE, &dynamics, 0, cw_clamp(0.8 * left / v, 0.5, 4));
}

static double offset_target(const cw_world *world, const cw_action *action, uint32_t i) {
    const cw_state *s = &world->s;
    const cw_map *map = world->map;
    int rising = map->lanes[s->way_lane[i]].direction * s->way_facing[i];
    if (!action->relative || action->entity >= world->scene->actor_count || action->entity == i)
        return rising * action->value + (action->relative && action->entity == i ? s->way_offset[i] : 0);
    // Beside the other: its own distance from the centre of the actor's lane, and the value to the left of rising s.
    double road_s = cw_lane_station(map, s->way_lane[i], s->way_travel[i]), os, ot;
    cw_road_project(map, map->lanes[s->way_lane[i]].road, s->x[action->entity], s->y[action->entity], road_s, &os, &ot);
    return rising * (ot + action->value - cw_lane_center_t(map, s->way_lane[i], os));
}

// Sinusoidal: largest acceleration pi^2/2 d/T^2. Cubic: 6 d/T^2. A straight ramp has none that is finite: the same time
// as the cubic.
static double offset_span(const cw_action *action, double delta) {
    double a = action->max_lateral_accel, d = fabs(delta);
    if (action->dynamics.shape == CW_STEP || isnan(a) || !(a > 0) || !isfinite(a))
        return 0;
    return action->dynamics.shape == CW_SINUSOIDAL ? CW_PI * sqrt(0.5 * d / a) : sqrt(6 * d / a);
}

static void lane_offset(cw_world *world, const cw_action *action, uint32_t i, uint32_t instance) {
    cw_state *s = &world->s;
    double to = offset_target(world, action, i), span = offset_span(action, to - s->way_offset[i]);
    cw_dynamics dynamics = {.shape = action->dynamics.shape, .dimension = CW_BY_TIME};
    begin_change(world, i, instance, &dynamics, to, span);
    if (span > 0)
        return;
    s->way_offset[i] = to;
    cw_scripted_move(world, i, 0, 0);
    if (action->continuous) {
        s->across_kind[i] = CW_ACROSS_OFFSET;
        return;
    }
    s->across_kind[i] = CW_ACROSS_KEEP;
    s->across_instance[i] = CW_NONE;
    cw_instance_end(world, instance);
}

// Beside the other: to its left or right (any: the side it is on now), from centre to centre or with the gap between
// both bodies.
double cw_side_target(const cw_world *world, uint32_t i, const cw_action *action) {
    const cw_state *s = &world->s;
    const cw_map *map = world->map;
    uint32_t other = action->entity;
    uint32_t lane = s->way_lane[i];
    double road_s = cw_lane_station(map, lane, s->way_travel[i]), os, ot;
    int rising = map->lanes[lane].direction * s->way_facing[i];
    cw_road_project(map, map->lanes[lane].road, s->x[other], s->y[other], road_s, &os, &ot);
    int faces = cw_actor_facing(world, other, lane, road_s); // left of the other is rising t where it faces rising s
    double its = rising * (ot - cw_lane_center_t(map, lane, road_s)), now = s->way_offset[i];
    double side = action->displacement == 1   ? rising * faces
                  : action->displacement == 2 ? -rising * faces
                  : now >= its                ? 1
                                              : -1;
    double distance = action->value;
    if (action->freespace)
        distance += 0.5 * ((double)world->scene->actors[i].width + (double)world->scene->actors[other].width);
    return its + side * distance;
}

void cw_lateral_begin(cw_world *world, const cw_action *action, uint32_t i, uint32_t instance) {
    cw_state *s = &world->s;
    cw_across_end(world, i);
    if (!cw_scripted_on_lane(world, i)) {
        cw_world_say(world, "%s is on no lane: its lateral action does nothing",
                     "%s이(가) 차로 위에 없어 횡방향 동작을 하지 않음", world->scene->actors[i].name);
        cw_instance_end(world, instance);
        return;
    }
    switch ((cw_action_kind)action->kind) {
    case CW_DO_LANE_CHANGE:
        lane_change(world, action, i, instance);
        return;
    case CW_DO_LANE_OFFSET:
        lane_offset(world, action, i, instance);
        return;
    default:
        break;
    }
    if (action->entity >= world->scene->actor_count || !s->present[action->entity]) {
        cw_instance_end(world, instance);
        return;
    }
    s->across_kind[i] = CW_ACROSS_SIDE;
    s->across_instance[i] = instance;
    s->across_rate[i] = 0;
}

void cw_trajectory_begin(cw_world *world, const cw_action *action, uint32_t i, uint32_t instance) {
    cw_state *s = &world->s;
    cw_across_end(world, i);
    s->route_goal[i] = CW_NONE;
    if (action->trajectory >= world->scene->trajectory_count) {
        cw_instance_end(world, instance);
        return;
    }
    const cw_track *track = &cw_board_of(world)->tracks[action->trajectory];
    bool placed = s->way_placed[i];
    cw_track_begin(world, action->trajectory, i);
    s->track[i] = action->trajectory;
    s->track_instance[i] = instance;
    s->track_fresh[i] = 1;
    s->track_reverse[i] = 0;
    s->track_aside[i] = s->track_done[i] = 0;
    s->track_t0[i] = cw_board_time(world);
    s->track_s[i] = cw_clamp(action->start_offset, 0, cw_track_length(world, action->trajectory));
    if (!placed) {
        cw_pose frame = {s->track_x[i], s->track_y[i], s->track_heading[i]};
        double stated;
        cw_pose pose = cw_track_at(world, action->trajectory, frame, s->track_s[i], &stated);
        cw_world_put(world, i, pose.x, pose.y, action->following == 0 && !isnan(stated) ? stated : pose.heading);
        s->way_placed[i] = 1;
    }
    s->way[i] = CW_WAY_TRACK;
    if (action->has_timing && track->has_times) {
        cw_along_end(world, i);
        s->along_kind[i] = CW_ALONG_TIMED;
    }
}

// ---- step by step ----------------------------------------------------------------------------------------------------

static double side_step(cw_world *world, uint32_t i, const cw_action *action, double dt) {
    cw_state *s = &world->s;
    double missing = cw_side_target(world, i, action) - s->way_offset[i], rate = missing / dt;
    const cw_limits *limits = &action->limits;
    if (isfinite(limits->max_accel) || isfinite(limits->max_brake)) {
        double up = isfinite(limits->max_accel) ? limits->max_accel : limits->max_brake;
        double down = isfinite(limits->max_brake) ? limits->max_brake : up;
        double wish = copysign(cw_min(sqrt(1.4 * down * fabs(missing)), fabs(missing) / dt), missing);
        rate = cw_clamp(wish, s->across_rate[i] - up * dt, s->across_rate[i] + up * dt);
    }
    if (isfinite(limits->max_speed))
        rate = cw_clamp(rate, -limits->max_speed, limits->max_speed);
    s->across_rate[i] = rate;
    s->way_offset[i] += rate * dt;
    if (!action->continuous && fabs(missing - rate * dt) < 0.01)
        cw_across_end(world, i);
    bool jump = !isfinite(limits->max_accel) && !isfinite(limits->max_brake) && !isfinite(limits->max_speed);
    return jump && fabs(rate) > 5 ? 0 : rate; // a jump turns nobody's heading
}

double cw_across_step(cw_world *world, uint32_t i, double dt, double distance) {
    cw_state *s = &world->s;
    if (s->across_kind[i] == CW_ACROSS_KEEP || s->way[i] != CW_WAY_LANE)
        return 0;
    const cw_action *action = NULL; // a route's own lane change has none
    if (s->across_instance[i] != CW_NONE)
        action = &world->scene->actions[cw_board_of(world)->instance_action[s->across_instance[i]]];
    bool follows = action && action->kind == CW_DO_LANE_OFFSET && action->continuous;
    double was = s->way_offset[i];
    if (action && s->across_kind[i] == CW_ACROSS_SIDE)
        return side_step(world, i, action, dt);
    if (action && s->across_kind[i] == CW_ACROSS_OFFSET) {
        if (action->relative && action->entity != i)
            s->way_offset[i] = offset_target(world, action, i);
        double rate = (s->way_offset[i] - was) / dt;
        return fabs(rate) > 5 ? 0 : rate;
    }
    if (follows && action->relative && action->entity != i)
        s->across_to[i] = offset_target(world, action, i);
    double x, pace, slope; // fraction of the change, its growth per second
    if (s->across_kind[i] == CW_ACROSS_TIME) {
        x = (cw_board_time(world) + dt - s->across_t0[i]) / s->across_span[i];
        pace = 1 / s->across_span[i];
    } else {
        s->across_done[i] += fabs(distance);
        x = s->across_done[i] / s->across_span[i];
        pace = fabs(s->way_speed[i]) / s->across_span[i];
    }
    if (x > 1 - 1e-9)
        x = 1;
    double delta = s->across_to[i] - s->across_from[i];
    s->way_offset[i] = s->across_from[i] + delta * cw_shape_at((cw_dynamics_shape)s->across_shape[i], x, &slope);
    if (x < 1)
        return delta * slope * pace;
    s->way_offset[i] = s->across_to[i];
    if (follows)
        s->across_kind[i] = CW_ACROSS_OFFSET;
    else
        cw_across_end(world, i);
    return 0;
}
