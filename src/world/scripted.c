// Motion of the actors that the scenario moves: along lanes, along trajectories, or straight on.
#include "world/storyboard.h"

#include <math.h>
#include <string.h>

enum { CROSSINGS_MOST = 64 }; // lanes that one move may pass

// ---- where it stands -------------------------------------------------------------------------------------------------

void cw_scripted_take(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    uint32_t lane = s->place_lane[i];
    s->way_ended[i] = 0;
    if (s->track[i] != CW_NONE) { // wherever it is put, its trajectory goes on
        s->way[i] = CW_WAY_TRACK;
        return;
    }
    s->way[i] = CW_WAY_FREE;
    if (lane == CW_NONE || !s->place_on[i])
        return;
    double along = cw_lane_pose(world->map, (cw_lane_place){lane, s->place_s[i], 0}, NULL).heading;
    double turned = cw_wrap_angle(s->heading[i] - along);
    int facing = fabs(turned) <= CW_PI / 3 + 1e-9 ? 1 : fabs(turned) >= 2 * CW_PI / 3 - 1e-9 ? -1 : 0;
    if (facing == 0)
        return; // across the lane: straight on
    s->way[i] = CW_WAY_LANE;
    s->way_facing[i] = (int8_t)facing;
    s->way_lane[i] = lane;
    s->way_travel[i] = cw_lane_travel(world->map, lane, s->place_s[i]);
    s->way_offset[i] = facing * s->place_offset[i];
    s->way_turned[i] = facing > 0 ? turned : cw_wrap_angle(turned - CW_PI);
}

bool cw_scripted_on_lane(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    if (s->way[i] == CW_WAY_LANE)
        return true;
    cw_scripted_take(world, i);
    if (s->way[i] == CW_WAY_FREE && s->place_lane[i] != CW_NONE && s->place_on[i]) {
        // Across the lane, but asked to keep to it: it turns to the side that is nearer.
        double along = cw_lane_pose(world->map, (cw_lane_place){s->place_lane[i], s->place_s[i], 0}, NULL).heading;
        s->heading[i] = fabs(cw_wrap_angle(s->heading[i] - along)) <= CW_PI / 2 ? along : cw_wrap_angle(along + CW_PI);
        cw_scripted_take(world, i);
    }
    return s->way[i] == CW_WAY_LANE;
}

// The lane of the section that holds t at road s; `lane` itself when none does.
static uint32_t lane_at(const cw_map *map, uint32_t lane, double s, double t) {
    const cw_section *section = &map->sections[map->lanes[lane].section];
    for (uint32_t k = section->lanes.first; k < section->lanes.first + section->lanes.count; k++) {
        double right, left;
        if (map->lanes[k].id == 0)
            continue;
        cw_lane_borders(map, k, s, &right, &left);
        if (t >= right && t <= left && left > right)
            return k;
    }
    return lane;
}

static void settle_on_lane(cw_world *world, uint32_t i, double slip) {
    const cw_map *map = world->map;
    cw_state *s = &world->s;
    uint32_t lane = s->way_lane[i];
    cw_lane_place place = {lane, cw_lane_station(map, lane, s->way_travel[i]), s->way_offset[i] * s->way_facing[i]};
    double turned = (s->way_facing[i] < 0 ? CW_PI : 0) + s->way_turned[i] + slip;
    if (fabs(place.offset) > 0.5 * cw_lane_width(map, lane, place.s)) { // on another lane by now
        int direction = map->lanes[lane].direction < 0 ? -1 : 1;
        double t = cw_lane_center_t(map, lane, place.s) + direction * place.offset;
        uint32_t under = lane_at(map, lane, place.s, t);
        if (under != lane) {
            place.lane = under;
            place.offset = (t - cw_lane_center_t(map, under, place.s)) * map->lanes[under].direction;
            if (map->lanes[under].direction != direction)
                turned += CW_PI;
        }
    }
    cw_world_put_on_lane(world, i, place, turned);
}

static void move_on_lane(cw_world *world, uint32_t i, double distance, double slip) {
    const cw_map *map = world->map;
    cw_state *s = &world->s;
    uint32_t lane = s->way_lane[i];
    double along = s->way_facing[i] * distance, offset = s->way_facing[i] * s->way_offset[i];
    if (offset != 0) { // beside the centre line of a curve the way is longer or shorter
        double here = s->place_lane[i] == lane ? s->place_s[i] : cw_lane_station(map, lane, s->way_travel[i]);
        double k = cw_lane_curvature(map, lane, here);
        along /= cw_clamp(1 - k * offset, 0.2, 5);
    }
    double travel = s->way_travel[i] + along;
    s->way_ended[i] = 0;
    for (int k = 0; k < CROSSINGS_MOST && (travel < 0 || travel > map->lanes[lane].length); k++) {
        bool back = travel < 0;
        uint32_t next = cw_route_next(world, i, lane, back);
        if (next == CW_NONE) { // the road ends: it stops there
            travel = back ? 0 : map->lanes[lane].length;
            if (s->way_speed[i] != 0)
                cw_world_say(world, "%s stands at the end of the road", "%s이(가) 도로 끝에서 멈춤",
                             world->scene->actors[i].name);
            s->way_ended[i] = 1;
            s->way_speed[i] = 0;
            break;
        }
        travel = back ? travel + map->lanes[next].length : travel - map->lanes[lane].length;
        lane = next;
    }
    s->way_lane[i] = lane;
    s->way_travel[i] = cw_clamp(travel, 0, map->lanes[lane].length);
    settle_on_lane(world, i, slip);
    if (s->route_goal[i] != CW_NONE)
        cw_route_follow(world, i);
}

static void move_straight(cw_world *world, uint32_t i, double distance) {
    cw_state *s = &world->s;
    double sine, cosine;
    cw_sincos(s->heading[i], &sine, &cosine);
    cw_world_put(world, i, s->x[i] + cosine * distance, s->y[i] + sine * distance, s->heading[i]);
}

// ---- trajectories ----------------------------------------------------------------------------------------------------

static const cw_action *track_action(const cw_world *world, uint32_t i) {
    uint32_t instance = world->s.track_instance[i];
    return instance == CW_NONE ? NULL : &world->scene->actions[cw_board_of(world)->instance_action[instance]];
}

static void put_on_track(cw_world *world, uint32_t i, const cw_action *action) {
    cw_state *s = &world->s;
    cw_pose frame = {s->track_x[i], s->track_y[i], s->track_heading[i]};
    double stated, aside = 0, sine, cosine;
    cw_pose pose = cw_track_at(world, s->track[i], frame, s->track_s[i], &stated);
    if (s->track_aside[i] != 0 && s->track_done[i] < s->track_blend[i])
        aside = s->track_aside[i] * (1 - cw_shape_at(CW_CUBIC, s->track_done[i] / s->track_blend[i], NULL));
    cw_sincos(pose.heading, &sine, &cosine);
    double heading = action && action->following == 0 && !isnan(stated) ? stated : pose.heading;
    if (s->track_reverse[i] && isnan(stated))
        heading += CW_PI;
    cw_world_put(world, i, pose.x - sine * aside, pose.y + cosine * aside, heading);
}

// First step on it: where does it begin?
static void enter_track(cw_world *world, uint32_t i, const cw_action *action) {
    cw_state *s = &world->s;
    s->track_fresh[i] = 0;
    s->track_reverse[i] = s->way_speed[i] < 0;
    if (!action || action->following == 0 || action->has_timing)
        return; // put to its start
    cw_pose frame = {s->track_x[i], s->track_y[i], s->track_heading[i]};
    double at = cw_track_project(world, s->track[i], frame, s->x[i], s->y[i], NAN, &s->track_aside[i]);
    if (at > s->track_s[i])
        s->track_s[i] = cw_min(at, cw_track_length(world, s->track[i]));
    s->track_blend[i] = cw_max(5, 8 * fabs(s->track_aside[i]));
}

static void leave_track(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    uint32_t instance = s->track_instance[i];
    s->track[i] = s->track_instance[i] = CW_NONE;
    if (s->along_kind[i] == CW_ALONG_TIMED) {
        s->along_kind[i] = CW_ALONG_KEEP;
        s->along_instance[i] = CW_NONE;
    }
    cw_scripted_take(world, i);
    cw_instance_end(world, instance);
}

// Moves along the trajectory; with a time reference the time says how far. Returns the distance.
static double move_on_track(cw_world *world, uint32_t i, double distance, double dt) {
    cw_state *s = &world->s;
    const cw_action *action = track_action(world, i);
    if (s->track_fresh[i])
        enter_track(world, i, action);
    double length = cw_track_length(world, s->track[i]), step = s->track_reverse[i] ? -distance : distance;
    bool closed = world->scene->trajectories[s->track[i]].closed, ends;
    if (s->along_kind[i] == CW_ALONG_TIMED && action) {
        double now = cw_board_time(world) + dt - (action->absolute_time ? 0 : s->track_t0[i]);
        double time = (now - action->time_offset) / action->time_scale;
        double at = cw_track_s_at_time(world, s->track[i], time), end = cw_track_end_time(world, s->track[i]);
        step = at - s->track_s[i];
        ends = time >= end - 1e-9;
        if (!ends || step > 0) // the speed of the last piece is kept after the end
            s->way_speed[i] = ends && time > end ? s->way_speed[i] : step / dt;
        s->track_s[i] = at;
        s->track_done[i] += fabs(step);
        put_on_track(world, i, action);
        if (ends)
            leave_track(world, i);
        return step;
    }
    if (step == 0 && s->track_done[i] > 0)
        return 0;
    s->track_s[i] += step;
    s->track_done[i] += fabs(step);
    if (closed && length > 0 && s->track_s[i] > length)
        s->track_s[i] -= length * floor(s->track_s[i] / length);
    double beyond = s->track_s[i] > length ? s->track_s[i] - length : s->track_s[i] < 0 ? s->track_s[i] : 0;
    ends = !closed && (s->track_s[i] >= length - 1e-9 && step > 0);
    s->track_s[i] = cw_clamp(s->track_s[i], 0, length);
    put_on_track(world, i, action);
    if (!ends)
        return distance;
    bool reverse = s->track_reverse[i];
    leave_track(world, i);
    if (beyond > 0)
        cw_scripted_move(world, i, reverse ? -beyond : beyond, 0);
    return distance;
}

// ---- a step ----------------------------------------------------------------------------------------------------------

void cw_scripted_move(cw_world *world, uint32_t i, double distance, double rate) {
    cw_state *s = &world->s;
    if (s->way[i] == CW_WAY_TRACK) {
        move_on_track(world, i, distance, 0);
        return;
    }
    double v = s->way_speed[i];
    if (fabs(v) > 1e-6 && s->way[i] == CW_WAY_LANE)
        s->way_turned[i] = 0;
    if (s->way[i] == CW_WAY_LANE)
        move_on_lane(world, i, distance, fabs(v) > 0.1 && rate != 0 ? cw_atan(rate / v) : 0);
    else
        move_straight(world, i, distance);
}

static bool looks_at_others(const cw_world *world, uint32_t i) {
    const cw_state *s = &world->s;
    if (s->along_kind[i] == CW_ALONG_GAP || s->along_kind[i] == CW_ALONG_SYNC || s->along_kind[i] == CW_ALONG_FOLLOW)
        return true;
    if (s->across_kind[i] == CW_ACROSS_SIDE || s->across_kind[i] == CW_ACROSS_OFFSET)
        return true;
    return s->along_kind[i] == CW_ALONG_TIME && s->along_instance[i] != CW_NONE &&
           world->scene->actions[cw_board_of(world)->instance_action[s->along_instance[i]]].continuous;
}

static void step_actor(cw_world *world, uint32_t i, double dt) {
    cw_state *s = &world->s;
    double v0 = s->way_speed[i], heading = s->heading[i], distance, rate = 0;
    double v = cw_along_step(world, i, dt, &distance);
    s->way_speed[i] = v;
    bool track = s->way[i] == CW_WAY_TRACK;
    if (track) {
        double moved = move_on_track(world, i, distance, dt);
        if (s->along_kind[i] == CW_ALONG_TIMED || distance != moved)
            distance = moved;
        v = s->way_speed[i];
    } else {
        rate = cw_across_step(world, i, dt, distance);
        if (distance != 0 || rate != 0 || s->across_kind[i] != CW_ACROSS_KEEP || s->yaw_rate[i] != 0)
            cw_scripted_move(world, i, distance, rate);
        v = s->way_speed[i];
    }
    s->speed[i] = (float)v;
    s->accel[i] = (float)((v - v0) / dt);
    s->yaw_rate[i] = (float)(cw_clamp(cw_wrap_angle(s->heading[i] - heading) / dt, -CW_PI, CW_PI));
    s->lateral_speed[i] = 0;
    // A jump that puts a distance right is no way travelled.
    s->traveled[i] += s->along_kind[i] == CW_ALONG_GAP ? fabs(0.5 * (v + v0)) * dt : fabs(distance);
}

void cw_scripted_step(cw_world *world, double dt) {
    cw_state *s = &world->s;
    uint8_t *moved = cw_board_of(world)->moved;
    uint32_t count = world->scene->actor_count;
    memset(moved, 0, count);
    // Those that look at others go last, so that what they look at has moved as far as it will.
    bool late = true;
    for (int pass = 0; pass < 2 && late; pass++) {
        late = false;
        for (uint32_t i = 0; i < count; i++) {
            if (s->mover[i] != CW_MOVED_BY_SCENARIO || !s->present[i]) {
                s->way_speed[i] = (double)s->speed[i];
                if ((s->mover[i] == CW_MOVED_BY_CONTROL || s->mover[i] == CW_MOVED_BY_PHYSICS) &&
                    (s->along_instance[i] != CW_NONE || s->track[i] != CW_NONE || s->across_instance[i] != CW_NONE))
                    cw_motion_drop(world, i);
                continue;
            }
            if (moved[i])
                continue;
            if (pass == 0 && looks_at_others(world, i)) {
                late = true;
                continue;
            }
            step_actor(world, i, dt);
            moved[i] = 1;
        }
    }
    cw_trailers_step(world, dt);
}

void cw_scripted_measure(cw_world *world) {
    cw_state *s = &world->s;
    const cw_map *map = world->map;
    int64_t now = s->step[0] * world->def.dt_ns;
    for (uint32_t i = 0; i < world->scene->actor_count; i++) {
        bool still = s->present[i] && fabs((double)s->speed[i]) < 0.01 && fabs((double)s->lateral_speed[i]) < 0.01;
        bool off = s->present[i] && !s->place_on[i];
        bool end = s->present[i] && s->way_ended[i] && s->mover[i] == CW_MOVED_BY_SCENARIO;
        uint32_t lane = s->place_lane[i];
        if (!end && s->present[i] && lane != CW_NONE) {
            // The end of the lane in the direction the actor faces, with no lane behind it.
            const cw_lane *l = &map->lanes[lane];
            bool low = s->place_s[i] - l->s0 < 0.5, high = l->s1 - s->place_s[i] < 0.5;
            if ((low || high) && (l->next.count == 0 || l->previous.count == 0)) {
                bool last = (high == (l->direction > 0)) ? l->next.count == 0 : l->previous.count == 0;
                end = last && cw_actor_facing(world, i, lane, s->place_s[i]) == (high ? 1 : -1);
            }
        }
        if (!still)
            s->still_since[i] = -1;
        else if (s->still_since[i] < 0)
            s->still_since[i] = now;
        if (!off)
            s->offroad_since[i] = -1;
        else if (s->offroad_since[i] < 0)
            s->offroad_since[i] = now;
        if (!end)
            s->ended_since[i] = -1;
        else if (s->ended_since[i] < 0)
            s->ended_since[i] = now;
    }
}

// ---- trailers --------------------------------------------------------------------------------------------------------

// The coupler follows the hitch; the axle is drawn after it in the direction of the drawbar (a tractrix).
void cw_trailers_step(cw_world *world, double dt) {
    cw_state *s = &world->s;
    uint32_t count = world->scene->actor_count;
    for (uint32_t round = 0; round < count; round++) {
        bool any = false;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t t = s->trailer[i];
            if (t >= count || t == i || !s->present[i])
                continue;
            const cw_actor *tow = &world->scene->actors[i], *trailer = &world->scene->actors[t];
            double hitch = tow->hitch_x != 0 ? (double)tow->hitch_x : (double)tow->center_x - 0.5 * (double)tow->length;
            double bar = trailer->coupler_x != 0 ? (double)trailer->coupler_x
                                                 : (double)trailer->center_x + 0.5 * (double)trailer->length;
            bool ahead = s->mover[i] == CW_MOVED_BY_CONTROL; // moves after the storyboard: where it will be
            double h = s->heading[i] + (ahead ? (double)s->yaw_rate[i] * dt : 0), sine, cosine;
            cw_sincos(h, &sine, &cosine);
            double x = s->x[i] + (hitch + (ahead ? (double)s->speed[i] * dt : 0)) * cosine;
            double y = s->y[i] + (hitch + (ahead ? (double)s->speed[i] * dt : 0)) * sine;
            double turned = h;
            if (s->present[t] && s->way_placed[t] && dt > 0) {
                double dx = x - s->x[t], dy = y - s->y[t];
                turned = dx * dx + dy * dy > 1e-12 ? cw_atan2(dy, dx) : s->heading[t];
            }
            double old = s->heading[t];
            cw_sincos(turned, &sine, &cosine);
            cw_world_put(world, t, x - bar * cosine, y - bar * sine, turned);
            s->way[t] = CW_WAY_FREE;
            s->way_placed[t] = 1;
            s->yaw_rate[t] = dt > 0 ? (float)(cw_wrap_angle(s->heading[t] - old) / dt) : 0;
            s->speed[t] = s->speed[i];
            s->way_speed[t] = 0; // it has no speed of its own
            s->accel[t] = s->accel[i];
            s->traveled[t] += fabs((double)s->speed[i]) * dt;
            any = true;
        }
        if (!any || round > 0)
            break; // a second round lets a trailer's own trailer follow what the first one moved
    }
}
