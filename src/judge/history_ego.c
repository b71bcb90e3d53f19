// The ego on the road: its lane, how far its corners reach over the lane's borders and over the edge of the drivable
// surface, and who is ahead of it in its lane.
#include "judge/history.h"

#include <math.h>

static const double ahead = 150.0;      // m within which a leader is looked for
static const double eager_radius = 160; // m around the ego within which others are placed on lanes
static const double intrusion = 0.3;    // m over the border: in the lane (UN R157)
static const double nowhere = 5.0;      // m: what "further off the road than one looks" counts as

enum { CHAIN_MOST = 24 };

#define KIND(name) (1u << CW_LANE_##name)

// Lanes made for cars to drive on.
static const uint32_t driving_kinds = KIND(DRIVING) | KIND(ENTRY) | KIND(EXIT) | KIND(ON_RAMP) | KIND(OFF_RAMP) |
                                      KIND(CONNECTING_RAMP) | KIND(BIDIRECTIONAL) | KIND(BUS) | KIND(TAXI) | KIND(HOV);
// The paved surface that carries a car, allowed or not: leaving it is leaving the road. Footways, medians and curbs are
// none of it.
static const uint32_t surface_kinds = KIND(DRIVING) | KIND(ENTRY) | KIND(EXIT) | KIND(ON_RAMP) | KIND(OFF_RAMP) |
                                      KIND(CONNECTING_RAMP) | KIND(BIDIRECTIONAL) | KIND(BUS) | KIND(TAXI) | KIND(HOV) |
                                      KIND(SHOULDER) | KIND(BORDER) | KIND(STOP) | KIND(BIKING) | KIND(PARKING) |
                                      KIND(RESTRICTED) | KIND(TRAM) | KIND(SPECIAL) | KIND(CROSSWALK);

static cw_locate query_of(const cw_moment *m, uint32_t kinds, cw_lane_place hint) {
    return (cw_locate){.x = m->box.x, .y = m->box.y, .z = m->z, .heading = m->heading, .kinds = kinds, .hint = hint};
}

bool cw_history_place(const cw_history *h, uint32_t tick, cw_moment *m) {
    if (m->placed)
        return m->on_lane;
    m->placed = true;
    const cw_moment *before = tick > 0 ? cw_history_moment(h, tick - 1, m->actor) : NULL;
    cw_lane_place hint = {.lane = CW_NONE};
    if (before && before->placed) {
        if (before->box.x == m->box.x && before->box.y == m->box.y && before->heading == m->heading) {
            m->place = before->place;
            m->on_lane = before->on_lane;
            return m->on_lane;
        }
        hint = before->place;
    }
    cw_locate query = query_of(m, 0, hint);
    m->on_lane = cw_map_locate(h->map, &query, &m->place);
    return m->on_lane;
}

double cw_history_off_surface(const cw_history *h, double x, double y, double z, cw_lane_place hint) {
    cw_locate query = {.x = x, .y = y, .z = z, .heading = NAN, .kinds = surface_kinds, .hint = hint};
    cw_lane_place place;
    if (cw_map_locate(h->map, &query, &place))
        return 0;
    if (place.lane == CW_NONE)
        return nowhere;
    double half = 0.5 * cw_lane_width(h->map, place.lane, place.s);
    place.offset = cw_clamp(place.offset, -half, half);
    cw_pose edge = cw_lane_pose(h->map, place, NULL);
    return cw_min(nowhere, cw_hypot(x - edge.x, y - edge.y));
}

// How far the corners reach beyond the borders of the ego's lane. The lane bends away below the box by k l^2 / 2.
static void measure_lane(const cw_history *h, cw_moment *m, cw_ego_tick *e) {
    cw_pose lane = cw_lane_pose(h->map, m->place, NULL);
    e->turn = cw_wrap_angle(m->heading - lane.heading);
    e->wrong_way = fabs(e->turn) > CW_PI / 2 && !h->map->lanes[m->place.lane].both_ways;
    e->junction = h->map->lanes[m->place.lane].junction != CW_NONE;
    e->travel = cw_lane_travel(h->map, m->place.lane, m->place.s);
    e->limit = (double)cw_lane_limit(h->map, m->place.lane, m->place.s);
    double curvature = cw_lane_curvature(h->map, m->place.lane, m->place.s);
    double half = 0.5 * cw_lane_width(h->map, m->place.lane, m->place.s), sine, cosine;
    cw_sincos(lane.heading, &sine, &cosine);
    cw_vec2 corner[4];
    cw_box_corners(&m->box, corner);
    e->over_left = e->over_right = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double dx = corner[i].x - m->box.x, dy = corner[i].y - m->box.y;
        double along = dx * cosine + dy * sine, across = dy * cosine - dx * sine;
        double offset = m->place.offset + across - 0.5 * curvature * along * along;
        e->over_left = cw_max(e->over_left, offset - half);
        e->over_right = cw_max(e->over_right, -offset - half);
    }
    e->inside_lane = e->over_left <= 0 && e->over_right <= 0;
}

static void measure_surface(const cw_history *h, const cw_moment *m, cw_ego_tick *e) {
    if (e->on_lane && e->inside_lane)
        return;
    cw_vec2 corner[4];
    cw_box_corners(&m->box, corner);
    for (int i = 0; i < 4; i++)
        e->outside = cw_max(e->outside, cw_history_off_surface(h, corner[i].x, corner[i].y, m->z, m->place));
}

// ---- the lanes ahead -------------------------------------------------------------------------------------------------

// Of the lanes that follow, the one that the ego went on to, else the mission's, else the first.
static uint32_t follow(const cw_history *h, uint32_t tick, const cw_mission *mission, uint32_t lane) {
    const cw_lane *l = &h->map->lanes[lane];
    if (l->next.count == 0)
        return CW_NONE;
    const uint32_t *next = h->map->links + l->next.first;
    if (l->next.count == 1)
        return next[0];
    uint32_t last = lane;
    for (uint32_t t = tick; t < h->ticks; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        if (!m || !m->placed || m->place.lane == last || m->place.lane == CW_NONE)
            continue;
        last = m->place.lane;
        for (uint32_t i = 0; i < l->next.count; i++)
            if (next[i] == last)
                return last;
    }
    for (uint32_t k = 0; mission && k < mission->route.count; k++)
        for (uint32_t i = 0; i < l->next.count; i++)
            if (next[i] == mission->route.lanes[k])
                return next[i];
    return next[0];
}

uint32_t cw_history_chain(const cw_history *h, uint32_t tick, const cw_mission *mission, uint32_t *lanes, double *start,
                          uint32_t most) {
    const cw_moment *ego = cw_history_ego(h, tick);
    if (!ego || ego->place.lane == CW_NONE || most == 0)
        return 0;
    uint32_t count = 0, lane = ego->place.lane;
    double at = 0, end = h->map->lanes[lane].length + ahead;
    while (lane != CW_NONE && count < most && at < end) {
        for (uint32_t i = 0; i < count; i++)
            if (lanes[i] == lane)
                return count; // a ring
        lanes[count] = lane;
        start[count++] = at;
        at += h->map->lanes[lane].length;
        lane = follow(h, tick, mission, lane);
    }
    return count;
}

bool cw_history_in_chain(const cw_history *h, uint32_t tick, cw_moment *m, const uint32_t *lanes, const double *start,
                         uint32_t count, double *along, double *over) {
    if (!cw_history_place(h, tick, m))
        return false;
    uint32_t lane = m->place.lane;
    const cw_lane *own = &h->map->lanes[lane];
    cw_pose pose = cw_lane_pose(h->map, m->place, NULL);
    double sine, cosine;
    cw_sincos(pose.heading, &sine, &cosine);
    double half = 0.5 * cw_lane_width(h->map, lane, m->place.s), reach = cw_box_reach(&m->box, -sine, cosine);
    for (uint32_t i = 0; i < count; i++) {
        // seen along the direction of travel of the chain's lane
        bool here = lanes[i] == lane;
        bool from_left = !here && h->map->lanes[lanes[i]].left == lane;
        bool from_right = !here && h->map->lanes[lanes[i]].right == lane;
        if (!here && !from_left && !from_right)
            continue;
        double travel = cw_lane_travel(h->map, lane, m->place.s);
        bool opposed = own->direction != h->map->lanes[lanes[i]].direction;
        if (!here && opposed) { // its travel counts the other way, its offset too
            travel = cw_lane_travel(h->map, lanes[i], m->place.s);
        }
        *along = start[i] + travel;
        if (here) {
            *over = half + reach - fabs(m->place.offset);
            return true;
        }
        // towards the chain's lane: to the right when it comes from the left and runs the same way
        double toward = (from_left != opposed) ? -m->place.offset : m->place.offset;
        *over = toward + reach - half;
        if (*over > intrusion)
            return true;
    }
    return false;
}

static void find_lead(const cw_history *h, uint32_t tick, const uint32_t *lanes, const double *start, uint32_t count) {
    cw_ego_tick *e = &h->ego_ticks[tick];
    const cw_moment *ego = cw_history_ego(h, tick);
    for (uint32_t a = 0; a < h->actors; a++) {
        cw_moment *m = a == h->ego ? NULL : cw_history_moment(h, tick, a);
        if (!m)
            continue;
        double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y;
        if (dx * dx + dy * dy > eager_radius * eager_radius)
            continue;
        double along, over;
        if (!cw_history_in_chain(h, tick, m, lanes, start, count, &along, &over) || along <= e->travel)
            continue;
        double sine, cosine;
        cw_pose lane = cw_lane_pose(h->map, m->place, NULL); // as it lies below the other
        cw_sincos(lane.heading, &sine, &cosine);
        double gap = along - e->travel - cw_box_reach(&m->box, cosine, sine) - ego->box.half_length;
        if (gap < e->gap && gap <= ahead) {
            e->gap = gap;
            e->lead = a;
        }
    }
}

bool cw_history_ego_ticks(cw_history *h, const cw_mission *mission) {
    h->ego_ticks = cw_arena_array(h->arena, h->ticks, sizeof *h->ego_ticks);
    if (!h->ego_ticks)
        return false;
    cw_lane_place hint = {.lane = CW_NONE};
    for (uint32_t t = 0; t < h->ticks; t++) {
        cw_ego_tick *e = &h->ego_ticks[t];
        *e = (cw_ego_tick){.lead = CW_NONE, .gap = INFINITY, .over_left = NAN, .over_right = NAN};
        cw_moment *ego = cw_history_ego(h, t);
        if (!ego)
            continue;
        cw_locate query = query_of(ego, driving_kinds, hint);
        ego->placed = true;
        ego->on_lane = e->on_lane = cw_map_locate(h->map, &query, &ego->place);
        hint = ego->place;
        if (e->on_lane)
            measure_lane(h, ego, e);
        measure_surface(h, ego, e);
    }
    uint32_t lanes[CHAIN_MOST], count = 0, lane = CW_NONE;
    double start[CHAIN_MOST];
    for (uint32_t t = 0; t < h->ticks; t++) {
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || !h->ego_ticks[t].on_lane)
            continue;
        if (ego->place.lane != lane) {
            lane = ego->place.lane;
            count = cw_history_chain(h, t, mission, lanes, start, CHAIN_MOST);
        }
        find_lead(h, t, lanes, start, count);
    }
    return true;
}
