// A1's clauses on pedestrians, hidden ones among them, and on cyclists. Animals are bound as those on foot are.
#include "judge/breach.h"

#include <math.h>

static const double cyclist_speed = 8.0, cyclist_swerve = 1.0; // m/s, m
static const double hidden_speed = 1.39;                       // m/s: of a walker out of a hidden gap (O3)
static const double town_limit = 50 / 3.6;                     // m/s: a town where the map does not say

// ---- on foot ---------------------------------------------------------------------------------------------------------

static bool near_crossing(const cw_map *map, const cw_moment *m, double within) {
    for (uint32_t i = 0; i < map->object_count; i++) {
        const cw_object *o = &map->objects[i];
        if (o->kind != CW_OBJECT_CROSSWALK || o->outline.count < 3)
            continue;
        bool inside = false;
        for (uint32_t k = 0, b = o->outline.count - 1; k < o->outline.count; b = k++) {
            cw_vec2 p = map->points[o->outline.first + k], q = map->points[o->outline.first + b];
            if ((p.y > m->y) != (q.y > m->y) && m->x < (q.x - p.x) * (m->y - p.y) / (q.y - p.y) + p.x)
                inside = !inside;
            double dx = q.x - p.x, dy = q.y - p.y, length = dx * dx + dy * dy;
            double f = length > 0 ? cw_clamp(((m->x - p.x) * dx + (m->y - p.y) * dy) / length, 0, 1) : 0;
            if (cw_hypot(m->x - p.x - f * dx, m->y - p.y - f * dy) <= within)
                return true;
        }
        if (inside)
            return true;
    }
    return false;
}

// On the carriageway, near a marked crossing, or near the edge and heading for it, standing or not.
static bool engaged(const cw_judging *j, uint32_t tick, const cw_moment *m) {
    uint32_t driving = 0;
    for (uint32_t kind = 0; kind < CW_LANE_KINDS; kind++)
        driving |= cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}) ? 1u << kind : 0;
    const cw_moment *ego = cw_history_ego(&j->h, tick);
    cw_locate query = {.x = m->x, .y = m->y, .z = m->z, .heading = NAN, .kinds = driving, .hint = {.lane = CW_NONE}};
    if (ego)
        query.hint = ego->place;
    cw_lane_place place;
    if (cw_map_locate(j->h.map, &query, &place) || near_crossing(j->h.map, m, j->a1.engaged_crossing))
        return true;
    if (place.lane == CW_NONE)
        return false;
    double half = 0.5 * cw_lane_width(j->h.map, place.lane, place.s);
    place.offset = cw_clamp(place.offset, -half, half);
    cw_pose edge = cw_lane_pose(j->h.map, place, NULL);
    double dx = edge.x - m->x, dy = edge.y - m->y, far = cw_hypot(dx, dy);
    return far <= j->a1.engaged_edge &&
           dx * m->box.ux + dy * m->box.uy >= far * cw_cos(j->a1.engaged_angle) * copysign(1, m->speed);
}

// Faster than it walked a second before allows, or another speed or direction sooner than feet can give.
static void walk(window *w) {
    const cw_assumptions *a1 = &w->j->a1;
    for (uint32_t i = 1; i < w->count; i++) {
        if (!w->at[i].m)
            continue;
        cw_vec2 now = cw_moment_velocity(w->at[i].m);
        double speed = cw_hypot(now.x, now.y), least = INFINITY;
        for (uint32_t b = i; b-- > 0 && w->at[b].m && window_seconds(w, b, i) <= 1.0;) {
            cw_vec2 then = cw_moment_velocity(w->at[b].m);
            double change = cw_hypot(now.x - then.x, now.y - then.y), time = window_seconds(w, b, i);
            if (change > a1->walker_accel * time + slack_speed) {
                cw_breach_note(w, i, "changed its speed at %.1f m/s2 on foot", "걷다가 %.1f m/s2로 속도를 바꿈",
                               change / time);
                return;
            }
            least = cw_hypot(then.x, then.y);
        }
        if (isfinite(least) && speed > cw_max(least, a1->walker_speed) + slack_speed) {
            cw_breach_note(w, i, "sped up to %.1f m/s on foot", "걷다가 %.1f m/s로 빨라짐", speed);
            return;
        }
    }
}

static bool in_town(const cw_judging *j, const cw_moment *ego) {
    const cw_map *map = j->h.map;
    if (ego->place.lane == CW_NONE)
        return false;
    const cw_span kinds = map->roads[map->lanes[ego->place.lane].road].kinds;
    uint8_t kind = CW_ROAD_UNKNOWN;
    for (uint32_t i = 0; i < kinds.count; i++)
        if (i == 0 || map->road_types[kinds.first + i].s <= ego->place.s)
            kind = map->road_types[kinds.first + i].kind;
    double limit = (double)cw_lane_limit(map, ego->place.lane, ego->place.s);
    return kind == CW_ROAD_TOWN || kind == CW_ROAD_LOW_SPEED || kind == CW_ROAD_PEDESTRIAN ||
           (kind == CW_ROAD_UNKNOWN && limit > 0 && limit <= town_limit + slack_speed);
}

// m from the ego's front to the touch, along its heading.
static double ahead(const window *w, const instant *n) {
    return (w->touch->x - n->ego->box.x) * n->ego->box.ux + (w->touch->y - n->ego->box.y) * n->ego->box.uy -
           n->ego->box.half_length;
}

// The instant at which it came out of hiding before an ego that could not stop any more; w->count: it did not.
static uint32_t out_of_hiding(const window *w) {
    uint32_t i = w->count;
    while (i > 0 && (!w->at[i - 1].m || !w->at[i - 1].ego || cw_sight_clear(w->j, w->at[i - 1].tick, w->touch->other)))
        i--;
    if (i == 0 || i == w->count)
        return i == 0 ? w->count : i - 1;
    const instant *n = &w->at[i];
    return n->m && n->ego && ahead(w, n) < cw_judging_stop(w->j, n->tick) ? i : w->count;
}

void cw_breach_pedestrian(window *w) {
    walk(w);
    uint32_t hidden = out_of_hiding(w);
    if (hidden < w->count && w->at[hidden].ego && in_town(w->j, w->at[hidden].ego)) { // that is what O3 is for
        double speed = w->at[hidden].m ? fabs(w->at[hidden].m->speed) : 0;
        if (speed > hidden_speed + slack_speed)
            cw_breach_note(w, hidden, "ran out of hiding at %.1f m/s", "가려진 곳에서 %.1f m/s로 뛰어나옴", speed);
        return;
    }
    uint32_t since = w->count;
    for (uint32_t i = w->count; i-- > 0 && w->at[i].m && engaged(w->j, w->at[i].tick, w->at[i].m);)
        since = i;
    // newly engaged: it was there before, and was not; away from marked crossings
    if (since == w->count || since == 0 || !w->at[since - 1].m || !w->at[since].ego ||
        near_crossing(w->j->h.map, w->at[w->count - 1].m, w->j->a1.engaged_crossing))
        return;
    const instant *n = &w->at[since];
    double along = ahead(w, n), stop = cw_judging_stop(w->j, n->tick);
    if (n->ego->speed > 0.1 && along < stop) {
        uint32_t before = w->found;
        cw_breach_note(w, since, "newly engaged %.1f m ahead, ego stops in %.1f m",
                       "%.1f m 앞에 새로 나타남 (자차 정지 거리 %.1f m)", along, stop);
        if (w->found > before)
            w->out[before].stepped_out = true;
    }
}

// ---- cyclists --------------------------------------------------------------------------------------------------------

void cw_breach_cyclist(window *w) {
    double side = NAN; // m to the left of where it rode along the road first
    const cw_moment *before = NULL;
    for (uint32_t i = 0; i < w->count; i++) {
        cw_moment *m = w->at[i].m;
        if (!m)
            continue;
        if (m->speed > cyclist_speed + slack_speed) {
            cw_breach_note(w, i, "cycled at %.1f m/s", "자전거가 %.1f m/s로 달림", m->speed);
            return;
        }
        if (!cw_history_place(&w->j->h, w->at[i].tick, m))
            continue;
        double sine, cosine;
        cw_sincos(cw_lane_pose(w->j->h.map, m->place, NULL).heading, &sine, &cosine);
        double along = m->box.ux * cosine + m->box.uy * sine;
        bool crosses = fabs(along) < 0.87; // more than 30 degrees: that is no swerve
        if (crosses || !isfinite(side))
            side = crosses ? (double)NAN : 0;
        else if (before)
            side += copysign(1, along) * ((m->box.y - before->box.y) * cosine - (m->box.x - before->box.x) * sine);
        before = m;
        if (fabs(side) > cyclist_swerve) {
            cw_breach_note(w, i, "swerved %.1f m", "옆으로 %.1f m 급히 꺾음", fabs(side));
            return;
        }
    }
}
