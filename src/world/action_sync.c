// Actions that look at another actor along the way: synchronize, and longitudinal distance.
#include "world/storyboard.h"

#include <math.h>

// ---- synchronize -----------------------------------------------------------------------------------------------------

// How far the actor still has to its position, along its trajectory, its route or its lanes; < 0 past it.
static double remaining(const cw_world *world, uint32_t actor, const cw_position *p, double *hint) {
    const cw_state *s = &world->s;
    cw_pose frame = {s->track_x[actor], s->track_y[actor], s->track_heading[actor]};
    if (p->kind == CW_AT_TRAJECTORY && p->trajectory < world->scene->trajectory_count) {
        double at = cw_track_project(world, p->trajectory, frame, s->x[actor], s->y[actor], *hint, NULL);
        *hint = at;
        return p->s - at;
    }
    double route_s;
    uint32_t route = p->route != CW_NONE ? p->route : s->route[actor];
    if ((p->kind == CW_AT_ROUTE_ROAD || p->kind == CW_AT_ROUTE_LANE) && route < world->scene->route_count &&
        cw_route_project(world, route, cw_world_place(world, actor), &route_s))
        return p->s - route_s;
    cw_spot spot;
    if (!cw_position_find(world, p, actor, &spot))
        return NAN;
    if (s->mover[actor] == CW_MOVED_BY_SCENARIO && s->track[actor] != CW_NONE) {
        if (isnan(*hint))
            *hint = cw_track_project(world, s->track[actor], frame, spot.x, spot.y, NAN, NULL);
        return *hint - s->track_s[actor];
    }
    double distance;
    cw_lane_place place = spot.place;
    if (place.lane == CW_NONE) {
        cw_locate query = cw_locate_at(spot.x, spot.y);
        query.hint = cw_world_place(world, actor);
        if (!cw_map_locate(world->map, &query, &place))
            place.lane = CW_NONE;
    }
    double sine, cosine;
    if (s->place_on[actor] && cw_distance_along(world, actor, place, &distance))
        return distance;
    cw_sincos(s->heading[actor], &sine, &cosine);
    return (spot.x - s->x[actor]) * cosine + (spot.y - s->y[actor]) * sine;
}

void cw_sync_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance) {
    cw_state *s = &world->s;
    cw_along_end(world, actor);
    if (action->entity >= world->scene->actor_count) {
        cw_instance_end(world, instance);
        return;
    }
    s->along_kind[actor] = CW_ALONG_SYNC;
    s->along_flag[actor] = 0;
    s->along_instance[actor] = instance;
    s->along_hint[actor] = s->along_master[actor] = NAN;
}

// A speed that covers `room` in `time` and is `last` at the end. Of all such the one with the least acceleration in the
// mean square, which is a parabola in time: planned anew at each step it goes on as it was while the master keeps its
// speed. Where it would run backwards: brake, wait, and set off evenly so as to be in time. Without a last speed (NAN)
// the end is free. Returns the speed at the end of dt < time.
static double plan(double v, double last, double room, double time, double dt, double *distance) {
    double mean = isfinite(time) ? room / time : 0;
    if (isnan(last))
        last = cw_max(1.5 * mean - 0.5 * v, 0);
    double middle = 3 * mean - v - last; // control value of the parabola
    bool resting = v < 1e-6;
    if (!isfinite(time) || middle < -sqrt(v * last) || (resting && mean < 0.5 * last)) {
        if (!resting) { // even braking that leaves as much room as setting off evenly at the same rate takes
            double rate = (v * v + last * last) / (2 * room), stop = v / rate;
            double h = cw_min(dt, stop);
            *distance = v * h - 0.5 * rate * h * h;
            return cw_max(v - rate * dt, 0);
        }
        double wait = last > 0 && isfinite(time) ? time - 2 * room / last : INFINITY;
        if (!(wait < dt)) {
            *distance = 0;
            return 0;
        }
        double rate = last / (time - cw_max(wait, 0)), h = dt - cw_max(wait, 0);
        *distance = 0.5 * rate * h * h;
        return rate * h;
    }
    double x = dt / time, y = 1 - x;
    *distance = time * (v * (1 - y * y * y) / 3 + middle * x * x * (1 - 2 * x / 3) + last * x * x * x / 3);
    return v * y * y + 2 * middle * x * y + last * x * x;
}

double cw_sync_step(cw_world *world, uint32_t i, const cw_action *action, double dt, double *distance) {
    cw_state *s = &world->s;
    uint32_t master = action->entity;
    double v = cw_max(s->way_speed[i], 0), master_speed = fabs(cw_actor_speed(world, master));
    double room = remaining(world, i, &action->position, &s->along_hint[i]);
    double master_room = remaining(world, master, &action->master_position, &s->along_master[i]);
    *distance = s->way_speed[i] * dt;
    if (isnan(room) || isnan(master_room) || !s->present[master]) {
        cw_world_say(world, "synchronization of %s ends: a position cannot be found",
                     "%s의 동기화 끝: 위치를 찾을 수 없음", world->scene->actors[i].name);
        cw_along_end(world, i);
        return s->way_speed[i];
    }
    double last = NAN;
    if (action->target_type == 1)
        last = action->value;
    else if (action->target_type == 2)
        last = master_speed + action->value;
    else if (action->target_type == 3)
        last = master_speed * action->value;
    if (!isnan(last))
        last = cw_max(last, 0);
    bool near = room <= action->tolerance && fabs(master_room) <= action->tolerance_master;
    if (room <= 1e-9 || (action->tolerance > 0 && near)) {
        cw_along_end(world, i);
        if (!isnan(last) && room <= 1e-9)
            v = last;
        *distance = v * dt;
        return v;
    }
    double time = master_speed > 1e-6 ? master_room / master_speed : master_room > 0 ? INFINITY : 0;
    if (cw_board_of(world)->moved[master]) // it stands where it will be at the end of this step
        time += dt;
    time = cw_max(time, 0);
    if (!s->along_flag[i]) {
        double steady = isnan(last)           ? 0
                        : action->steady == 1 ? action->value2
                        : action->steady == 2 ? action->value2 * last
                                              : 0;
        double before = room - steady, until = steady > 0 ? (last > 0 ? time - steady / last : INFINITY) : time;
        if (steady > 0 && until <= 1e-9 && before > 0 &&
            time > dt) { // too late to be steady in time: to the point itself
            before = room;
            until = time;
        }
        if (before > 1e-9 && until > dt) {
            v = plan(v, last, before, until, dt, distance);
            if (v > cw_max(100, last))
                *distance = (v = cw_max(100, isnan(last) ? 0 : last)) * dt;
            if (*distance < room)
                return v;
            cw_along_end(world, i);
            return v;
        }
        // The point falls into this step: there exactly, then on at the final speed.
        s->along_flag[i] = 1;
        double used = cw_clamp(until, 0, dt);
        if (isnan(last))
            last = used > 1e-9 ? cw_min(cw_max(2 * before / used - v, 0), 100) : v;
        if (before > 1e-9 && before < 100 * cw_max(used, 1e-3)) {
            *distance = before + last * (dt - used);
            if (*distance >= room)
                cw_along_end(world, i);
            return last;
        }
    }
    if (isnan(last))
        last = v;
    *distance = last * dt;
    if (*distance >= room)
        cw_along_end(world, i);
    return last;
}

// ---- longitudinal distance -------------------------------------------------------------------------------------------

// The actor's place ahead of the other (along the other), the place asked for, and whether both face the same way.
static bool gap(const cw_world *world, uint32_t i, const cw_action *action, double *ahead, double *asked,
                double *sense) {
    const cw_state *s = &world->s;
    uint32_t other = action->entity;
    if (other >= world->scene->actor_count || !s->present[other])
        return false;
    *ahead = cw_actor_ahead(world, other, i, (cw_coordinates)action->coordinates);
    if (isnan(*ahead))
        return false;
    double turn = cw_wrap_angle(s->heading[i] - s->heading[other]);
    *sense = fabs(turn) <= CW_PI / 2 ? 1 : -1;
    bool leads = action->displacement == 1 || (action->displacement == 0 && *ahead >= 0);
    double distance = action->value;
    if (action->time_gap) // the gap is the one behind's
        distance *= fabs(leads ? cw_actor_speed(world, other) : s->way_speed[i]);
    if (action->freespace) {
        const cw_actor *a = &world->scene->actors[i], *b = &world->scene->actors[other];
        double mine = (leads ? -1 : 1) * *sense * (double)a->center_x, its = (leads ? 1 : -1) * (double)b->center_x;
        distance += 0.5 * ((double)a->length + (double)b->length) + mine + its;
    }
    *asked = leads ? distance : -distance;
    return true;
}

static bool is_limited(const cw_limits *limits) {
    return isfinite(limits->max_speed) || isfinite(limits->max_accel) || isfinite(limits->max_brake);
}

void cw_gap_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance) {
    cw_state *s = &world->s;
    double ahead, asked, sense;
    cw_along_end(world, actor);
    if (!gap(world, actor, action, &ahead, &asked, &sense)) {
        cw_world_say(world, "distance of %s cannot be measured", "%s의 거리를 잴 수 없음",
                     world->scene->actors[actor].name);
        cw_instance_end(world, instance);
        return;
    }
    if (!is_limited(&action->limits)) { // nothing limits it: there at once
        cw_scripted_move(world, actor, sense * (asked - ahead), 0);
        if (!action->continuous) {
            cw_instance_end(world, instance);
            return;
        }
        s->way_speed[actor] = sense * cw_actor_speed(world, action->entity);
        s->speed[actor] = (float)s->way_speed[actor];
    }
    s->along_kind[actor] = CW_ALONG_GAP;
    s->along_instance[actor] = instance;
}

double cw_gap_step(cw_world *world, uint32_t i, const cw_action *action, double dt, double *distance) {
    cw_state *s = &world->s;
    double ahead, asked, sense, v = s->way_speed[i];
    *distance = v * dt;
    if (!gap(world, i, action, &ahead, &asked, &sense)) {
        cw_along_end(world, i);
        return v;
    }
    double other = cw_actor_speed(world, action->entity);
    double missing = asked - ahead + (cw_board_of(world)->moved[action->entity] ? 0 : other * dt); // at the step's end
    if (!is_limited(&action->limits)) {
        *distance = sense * missing;
        return sense * other;
    }
    // To the place as fast as the limits let it stop there, along the other's axis.
    double up = isfinite(action->limits.max_accel) ? action->limits.max_accel : 10;
    double down = isfinite(action->limits.max_brake) ? action->limits.max_brake : 10;
    double top = action->limits.max_speed, rest = missing - sense * v * dt, gentle = 0.7 * cw_min(up, down);
    double closing = copysign(cw_min(sqrt(2 * gentle * fabs(rest)), fabs(rest)), rest);
    double wish = sense * (other + closing);
    wish = cw_clamp(wish, v < 0 ? wish : 0, isfinite(top) ? top : 1000);
    double next = cw_clamp(wish, v - down * dt, v + up * dt);
    *distance = 0.5 * (v + next) * dt;
    if (!action->continuous && fabs(missing - sense * *distance) < 0.05 && fabs(next - sense * other) < 0.1)
        cw_along_end(world, i);
    return next;
}
