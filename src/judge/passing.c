// Passing across the middle of the road: when it is no driving on the wrong side. Three things make it so, at each moment:
// the line between allows it, somebody slower (or something that stands) in the ego's own lane is being passed, and nobody
// who comes the other way is near. On truth, from positions and speeds alone.
#include "judge/judging.h"

#include <math.h>

static const double before_time = 5.0, before_way = 20.0; // s of the ego's way, and m, before reaching who is passed
static const double after_time = 4.0;                     // s of its way after
static const double slower = 0.5;                         // m/s that it must be faster by
static const double oncoming_time = 2.5;                  // s until it would meet somebody
static const double oncoming_side = 0.3;                  // m beside it that count as its way

// Does the line between a lane and its neighbour of the other direction allow to cross it from the lane?
static bool line_allows(const cw_map *map, uint32_t lane, double station, bool left) {
    const cw_road_mark *mark = cw_lane_mark(map, lane, station, left);
    if (!mark)
        return true;
    switch ((cw_mark_kind)mark->kind) {
    case CW_MARK_NONE:
    case CW_MARK_BROKEN:
    case CW_MARK_BROKEN_BROKEN:
    case CW_MARK_BOTTS_DOTS:
        return true;
    case CW_MARK_SOLID_BROKEN:
    case CW_MARK_BROKEN_SOLID: {
        bool increase = left == (map->lanes[lane].direction >= 0);
        return (mark->change & (increase ? CW_CHANGE_INCREASE : CW_CHANGE_DECREASE)) != 0;
    }
    default:
        return false;
    }
}

// The drivable lane across the middle from the lane that the ego is on against its traffic, and at which of its sides that
// one lies.
static uint32_t across_the_middle(const cw_map *map, uint32_t wrong, bool *left) {
    const cw_lane *l = &map->lanes[wrong];
    for (int side = 0; side < 2; side++) {
        uint32_t own = side == 0 ? l->left : l->right;
        if (own == CW_NONE || !cw_lane_drivable(&map->lanes[own]))
            continue;
        const cw_lane *o = &map->lanes[own];
        // of one section lanes tell their direction; others lie at each other's same side when they run opposite ways
        bool opposed = o->section == l->section && o->road == l->road ? o->direction != l->direction
                                                                      : (side == 0 ? o->left : o->right) == wrong;
        if (opposed) {
            *left = o->left == wrong;
            return own;
        }
    }
    return CW_NONE;
}

bool cw_passing_legally(const cw_judging *j, uint32_t tick) {
    const cw_history *h = &j->h;
    const cw_map *map = h->map;
    const cw_moment *ego = cw_history_ego(h, tick);
    if (!ego || !h->ego_ticks[tick].wrong_way)
        return false;
    bool left;
    uint32_t own = across_the_middle(map, ego->place.lane, &left);
    if (own == CW_NONE)
        return false;
    double station = ego->place.s, t;
    if (map->lanes[own].road != map->lanes[ego->place.lane].road)
        cw_road_project(map, map->lanes[own].road, ego->box.x, ego->box.y, NAN, &station, &t);
    if (!line_allows(map, own, station, left))
        return false;
    uint32_t lanes[16];
    double start[16];
    uint32_t count = 0;
    lanes[count] = own;
    start[count++] = 0;
    cw_span previous = map->lanes[own].previous, next = map->lanes[own].next;
    for (uint32_t i = 0; i < previous.count && count < 8; i++, count++) {
        lanes[count] = map->links[previous.first + i];
        start[count] = -map->lanes[lanes[count]].length;
    }
    for (uint32_t i = 0; i < next.count && count < 15; i++, count++) {
        lanes[count] = map->links[next.first + i];
        start[count] = map->lanes[own].length;
    }
    double here = cw_lane_travel(map, own, station);
    cw_vec2 mine = cw_moment_velocity(ego);
    double pace = ego->speed;
    bool passes = false;
    for (uint32_t a = 0; a < h->actors; a++) {
        cw_moment *m = a == h->ego ? NULL : cw_history_moment(h, tick, a);
        if (!m)
            continue;
        cw_vec2 v = cw_moment_velocity(m);
        double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y;
        double along = dx * ego->box.ux + dy * ego->box.uy, side = dy * ego->box.ux - dx * ego->box.uy;
        double vs = v.x * ego->box.ux + v.y * ego->box.uy;
        double reach = cw_box_reach(&m->box, ego->box.ux, ego->box.uy) + ego->box.half_length;
        double beside = cw_box_reach(&m->box, -ego->box.uy, ego->box.ux) + ego->box.half_width;
        double closing = mine.x * ego->box.ux + mine.y * ego->box.uy - vs;
        if (vs < -slower && along > -reach && fabs(side) < beside + oncoming_side &&
            along - reach < closing * oncoming_time)
            return false; // in the way of somebody who comes
        double travel, over;
        if (vs < -slower || vs > pace - slower || !cw_history_in_chain(h, tick, m, lanes, start, count, &travel, &over))
            continue;
        double gap = travel - here; // centre to centre
        passes = passes ||
                 (gap < reach + before_way + before_time * pace && gap > -reach - cw_max(after_time * (pace - vs), 5));
    }
    return passes;
}
