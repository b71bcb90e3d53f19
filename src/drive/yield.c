// Giving way: at junctions by priority and right before left, at crosswalks to whoever is about to cross.
#include "drive/precedence.h"
#include "drive/situation.h"
#include <math.h>

static const double respond = 1.0, comfortable = 2.5; // s, m/s^2: who will give way begins by then; A1 allows it 4

static const double line_before = 25.0;                  // m before a conflict that its line may be
static const double same_place = 1.2, same_course = 0.4; // m, rad: from the middle of a lane that a track may be on
static const double slow = 4.0, unhurried = 0.8;         // m/s, m/s^2: who waits for that is not yet braking for it
static const double hardest = 4.0;                       // m/s^2 of braking for somebody without priority

static bool on_corridor(const corridor *c, uint32_t lane) {
    for (uint32_t i = 0; i < c->lane_count; i++) {
        if (c->lane[i] == lane) {
            return true;
        }
    }
    return false;
}

static bool has_green(const situation *now, double s_in) {
    for (uint32_t i = 0; i < now->obs->signal_count; i++) {
        const cw_signal_view *view = &now->obs->signals[i];
        double s = cw_corridor_find(now->c, view->lane, view->stop_travel);
        if (view->light == CW_LIGHT_GREEN && s < s_in + 1.0 && s > s_in - 40.0) {
            return true;
        }
    }
    return false;
}

// s of the line before the conflict at s_in where one gives way, while the front has not crossed it; NAN: none.
static double waiting_line(const situation *now, double s_in) {
    const cw_map *map = now->obs->map;
    double front = now->s + now->front, line = NAN;
    for (uint32_t i = 0; i < now->obs->signal_count; i++) {
        const cw_signal_view *view = &now->obs->signals[i];
        if (view->signal >= map->signal_count || map->signals[view->signal].kind != CW_SIGNAL_YIELD) {
            continue;
        }
        double s = cw_corridor_find(now->c, view->lane, view->stop_travel);
        if (s > front - 0.3 && s < s_in && s > s_in - line_before) {
            line = s;
        }
    }
    return line;
}

// Travel on `lane` of a track that is within the same junction but was located on another of its lanes: where they begin
// together, or cross, one place is on several. NAN: it is not on this one.
static double along_too(const situation *now, const cw_track *track, uint32_t lane) {
    const cw_obs *obs = now->obs;
    const cw_map *map = obs->map;
    uint32_t junction = map->lanes[lane].junction;
    if (junction == CW_NONE || map->lanes[track->place.lane].junction != junction) {
        return NAN;
    }
    double sine, cosine, station, across, rx = (double)track->x, ry = (double)track->y;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    double x = obs->ego.x + rx * cosine - ry * sine, y = obs->ego.y + rx * sine + ry * cosine;
    cw_road_project(map, map->lanes[lane].road, x, y, NAN, &station, &across);
    cw_pose there = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = station}, NULL);
    double off = cw_hypot(x - there.x, y - there.y);
    double turned = cw_wrap_angle((double)obs->ego.heading + (double)track->heading - there.heading);
    return off < same_place && fabs(turned) < same_course ? cw_lane_travel(map, lane, station) : NAN;
}

static void at_conflict(situation *now, const cw_conflict *conflict, double start, const double *travel) {
    const cw_obs *obs = now->obs;
    double s_in = start + conflict->s_in, s_out = start + conflict->s_out;
    double front = now->s + now->front, rear = now->s - now->rear;
    if (s_out < rear || s_in > now->s + 90.0 || front > s_in + 0.8) {
        return; // past it, far away, or already inside: then only out
    }
    bool green = has_green(now, s_in);
    for (uint32_t i = 0; i < obs->track_count && i < FORECAST_MOST; i++) {
        const cw_track *track = &obs->tracks[i];
        double v = (double)track->speed;
        if (v < 0.4 || track->place.lane == CW_NONE ||
            !(cw_user_is_vehicle((cw_user_kind)track->kind) || track->kind == CW_USER_BICYCLE)) {
            continue;
        }
        if (on_corridor(now->c, track->place.lane)) {
            continue; // ahead or behind in its own lane
        }
        double at = cw_approach(obs->map, conflict->other, track->place.lane, travel[i]);
        if (isnan(at)) {
            at = along_too(now, track, conflict->other);
        }
        if (isnan(at)) {
            continue;
        }
        double half = 0.5 * (double)track->length;
        double room = conflict->other_in - at - half, out = conflict->other_out - at + half;
        if (out < 0.0) {
            continue;
        }
        int first = cw_precedence(obs->map, conflict, green);
        bool can_stop = room > respond * v + v * v / (2.0 * comfortable);
        // One that comes near without a sign of braking is not set off in front of.
        bool comes_on = now->v < slow && (double)track->accel > -0.3 && v * v > 2.0 * unhurried * cw_max(room, 0.1);
        if (first > 0 && can_stop && !comes_on) {
            continue;
        }
        double arrives = cw_max(room, 0.0) / v, leaves = out / v;
        if (first > 0 && (double)track->accel < -1.0) {
            continue; // it is giving way
        }
        double left = s_in - 1.0 - front;
        if (first > 0 && now->v * now->v > 2.0 * hardest * cw_max(left, 0.0)) {
            continue; // to stop within its way now is worse than to insist
        }
        // Does the ego clear it in time, speeding up gently?
        double gap = s_out + now->rear - now->s, t = 0.0, speed = cw_max(now->v, 0.0);
        double top = cw_max(cw_min(now->wanted, cw_corridor_cap(now->c, s_out)), speed);
        while (gap > 0.0 && t < 12.0) {
            speed = cw_min(speed + 1.5 * 0.25, top);
            gap -= cw_max(speed, 0.3) * 0.25;
            t += 0.25;
        }
        if (t + (first < 0 ? 1.5 : first == 0 ? 0.0 : 0.8) < arrives) {
            continue;
        }
        double k0 = floor((arrives - 1.0) / FORECAST_DT), k1 = floor((leaves + 0.6) / FORECAST_DT) + 1.0;
        if (k0 > (double)HOLD_ALWAYS) {
            continue;
        }
        because why = {.kind = track->kind == CW_USER_BICYCLE ? CW_CAUSE_CYCLIST : CW_CAUSE_VEHICLE,
                       .relation = CW_REL_HAS_PRIORITY,
                       .quantity = CW_Q_ARRIVAL_S,
                       .id = track->id,
                       .item = CW_NONE,
                       .value = (float)arrives};
        int from = (int)cw_clamp(k0, 0.0, (double)HOLD_ALWAYS), to = (int)cw_clamp(k1, 0.0, (double)HOLD_ALWAYS - 1.0);
        cw_situation_hold(now, s_in - 1.0, 1.2, from, to, why);
        // Whoever sees it wait at its line, or come so slowly that it can, need not brake for it; it leaves there in time
        // to use the gap.
        double line = first < 0 ? waiting_line(now, s_in) : NAN, roll = (s_in - line) / cw_max(now->v, 3.0);
        double left_of_it = cw_max(line - 0.3 - front, 0.0);
        if (!isnan(line) && leaves * cw_max(now->v, 1.0) > left_of_it) {
            double calm = hardest * (sqrt(respond * respond + 2.0 * left_of_it / hardest) - respond);
            cw_situation_cap(now, now->s, line - now->front, cw_max(calm, 2.0), 2.0, why);
        }
        if (now->v * now->v < 2.0 * comfortable * left_of_it && roll < (double)to * FORECAST_DT) {
            cw_situation_hold(now, line - 0.3, 1.2, 0, (int)((double)to - roll / FORECAST_DT), why);
        }
    }
}

static void at_crosswalk(situation *now, double s_in, double s_out) {
    double front = now->s + now->front;
    if (s_out < now->s - now->rear || s_in > now->s + 80.0 || front > s_in + 0.5) {
        return;
    }
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        if (!f->vulnerable || f->kind == CW_USER_ANIMAL) {
            continue;
        }
        double s = (double)f->s[0], d = (double)f->d[0], half = cw_corridor_half(now->c, s_in);
        if (s < s_in - 3.0 || s > s_out + 3.0 || fabs(d) > half + 9.0) {
            continue;
        }
        bool on_lane = fabs(d) < half + 0.3, towards = d * (double)f->vd < 0.0 && fabs((double)f->vd) > 0.25;
        if (!on_lane && !towards) {
            continue;
        }
        uint32_t leaves = FORECAST_STEPS - 1, enters = FORECAST_STEPS;
        for (uint32_t k = 0; k < FORECAST_STEPS; k++) {
            bool in = fabs((double)f->d[k]) < now->half_width + 1.0;
            enters = in && enters == FORECAST_STEPS ? k : enters;
            if (enters < FORECAST_STEPS && !in) {
                leaves = k;
                break;
            }
        }
        if (enters == FORECAST_STEPS) {
            continue;
        }
        double clear = now->v > 0.5 ? (s_out + now->rear - now->s) / now->v : INFINITY;
        if (clear + 1.5 < (double)enters * FORECAST_DT) {
            continue;
        }
        because why = {.kind = f->kind == CW_USER_BICYCLE ? CW_CAUSE_CYCLIST : CW_CAUSE_PEDESTRIAN,
                       .relation = CW_REL_ON_CROSSING,
                       .quantity = CW_Q_DISTANCE_M,
                       .id = f->id,
                       .item = CW_NONE,
                       .value = (float)cw_max(s_in - front, 0.0)};
        cw_situation_hold(now, s_in - 1.0, 1.0, 0, (int)leaves, why);
    }
}

void cw_yield_apply(situation *now) {
    const corridor *c = now->c;
    const cw_map *map = now->obs->map;
    if (c->open || now->obs->track_count == 0) {
        return;
    }
    double travel[FORECAST_MOST];
    bool known = false;
    for (uint32_t i = 0; i < c->lane_count; i++) {
        if (c->lane_end[i] < now->s - now->rear || c->lane_start[i] > now->s + 90.0) {
            continue;
        }
        cw_span conflicts = map->lanes[c->lane[i]].conflicts;
        if (conflicts.count > 0 && !known) {
            known = true;
            for (uint32_t k = 0; k < now->obs->track_count && k < FORECAST_MOST; k++) {
                cw_lane_place place = now->obs->tracks[k].place;
                travel[k] = place.lane == CW_NONE ? 0.0 : cw_lane_travel(map, place.lane, place.s);
            }
        }
        for (uint32_t k = 0; k < conflicts.count; k++) {
            at_conflict(now, &map->conflicts[conflicts.first + k], c->lane_start[i], travel);
        }
    }
    for (uint32_t k = 0; k < map->crossing_count; k++) {
        const cw_crossing *crossing = &map->crossings[k];
        double s_in = cw_corridor_find(c, crossing->lane, crossing->s_in);
        if (!isnan(s_in)) {
            at_crosswalk(now, s_in, s_in + crossing->s_out - crossing->s_in);
        }
    }
}
