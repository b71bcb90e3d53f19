// Lanes, lines, edges, stop lines and crosswalks of a map as short straight segments.
#include "sense/segments.h"

#include <math.h>
#include <stdlib.h>

// m
#define CHORD 0.02
#define LONGEST 5.0
#define BESIDE 0.06   // how far beside a border it is asked what lies there
#define SHORTEST 0.25 // to which a border is cut where its neighbourhood changes

static bool add(cw_segments *out, cw_vec2 from, cw_vec2 to, double width, cw_segment_kind kind) {
    if (from.x == to.x && from.y == to.y)
        return true;
    if (!CW_GROW(out->items, out->capacity, out->count + 1))
        return false;
    out->items[out->count++] = (cw_segment){.from = from, .to = to, .width = (float)width, .kind = (uint8_t)kind};
    return true;
}

// One longer than a segment may be, in equal parts.
static bool add_long(cw_segments *out, cw_vec2 from, cw_vec2 to, double width, cw_segment_kind kind) {
    double length = cw_hypot(to.x - from.x, to.y - from.y);
    uint32_t parts = (uint32_t)cw_clamp(ceil(length / LONGEST), 1, 1000);
    cw_vec2 a = from;
    for (uint32_t i = 1; i <= parts; i++) {
        double f = (double)i / parts;
        cw_vec2 b = {cw_lerp(from.x, to.x, f), cw_lerp(from.y, to.y, f)};
        if (!add(out, a, b, width, kind))
            return false;
        a = b;
    }
    return true;
}

static cw_vec2 at(const cw_map *map, uint32_t road, double s, double t) {
    cw_road_point p;
    cw_road_at(map, road, s, t, &p);
    return (cw_vec2){p.x, p.y};
}

// ---- borders ---------------------------------------------------------------------------------------------------------

typedef struct border {
    const cw_map *map;
    const cw_area *area;
    const cw_lane *lane; // whose outer border it is
    double s0, s1;       // road s
} border;

static const cw_road_mark *mark_at(const border *b, double s) {
    const cw_road_mark *found = NULL;
    for (uint32_t i = 0; i < b->lane->marks.count; i++) {
        const cw_road_mark *m = &b->map->marks[b->lane->marks.first + i];
        if (m->s <= s || !found)
            found = m;
    }
    return found;
}

// What the border is at fraction f of a straight piece: an edge where one side of it is drivable, a line where both are.
static cw_segment_kind kind_at(const border *b, cw_vec2 p, cw_vec2 q, double f, float *width) {
    double dx = q.x - p.x, dy = q.y - p.y, length = cw_hypot(dx, dy);
    if (!(length > 0))
        return CW_SEGMENT_NONE;
    double x = p.x + f * dx, y = p.y + f * dy, ox = -dy / length * BESIDE, oy = dx / length * BESIDE;
    bool left = cw_area_holds(b->area, x + ox, y + oy), right = cw_area_holds(b->area, x - ox, y - oy);
    *width = 0;
    if (left != right)
        return CW_SEGMENT_EDGE;
    const cw_road_mark *mark = left ? mark_at(b, cw_lerp(b->s0, b->s1, f)) : NULL;
    if (!mark || mark->kind == CW_MARK_NONE)
        return CW_SEGMENT_NONE;
    *width = mark->width;
    bool broken =
        mark->kind == CW_MARK_BROKEN || mark->kind == CW_MARK_BROKEN_BROKEN || mark->kind == CW_MARK_BOTTS_DOTS;
    return broken ? CW_SEGMENT_BROKEN : CW_SEGMENT_SOLID;
}

static bool add_border(cw_segments *out, const border *b, cw_vec2 p, cw_vec2 q) {
    float width[3];
    cw_segment_kind kind[3];
    for (int i = 0; i < 3; i++)
        kind[i] = kind_at(b, p, q, (2 * i + 1) / 6.0, &width[i]);
    bool same = kind[0] == kind[1] && kind[1] == kind[2];
    if (same || cw_hypot(q.x - p.x, q.y - p.y) < SHORTEST)
        return kind[1] == CW_SEGMENT_NONE || add(out, p, q, (double)width[1], kind[1]);
    cw_vec2 middle = {0.5 * (p.x + q.x), 0.5 * (p.y + q.y)};
    border first = *b, second = *b;
    first.s1 = second.s0 = 0.5 * (b->s0 + b->s1);
    return add_border(out, &first, p, middle) && add_border(out, &second, middle, q);
}

// ---- sections --------------------------------------------------------------------------------------------------------

static bool add_lane(cw_segments *out, const cw_map *map, const cw_area *area, uint32_t index, const double *s,
                     uint32_t count) {
    const cw_lane *lane = &map->lanes[index];
    bool drives = cw_lane_drivable(lane);
    cw_vec2 border0 = {0, 0}, center0 = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        double low, high;
        cw_lane_borders(map, index, s[i], &low, &high);
        cw_vec2 border1 = at(map, lane->road, s[i], lane->id > 0 ? high : low);
        cw_vec2 center1 = drives ? at(map, lane->road, s[i], 0.5 * (low + high)) : border1;
        border b = {.map = map, .area = area, .lane = lane, .s0 = i ? s[i - 1] : 0, .s1 = s[i]};
        if (i > 0 && !add_border(out, &b, border0, border1))
            return false;
        if (i > 0 && drives) {
            bool with = lane->direction >= 0;
            if (!add(out, with ? center0 : center1, with ? center1 : center0, high - low, CW_SEGMENT_LANE))
                return false;
        }
        border0 = border1;
        center0 = center1;
    }
    return true;
}

static bool add_stops(cw_segments *out, const cw_map *map) {
    for (uint32_t i = 0; i < map->stop_count; i++) {
        uint32_t lane = map->stops[i].lane;
        double low, high, s = cw_lane_station(map, lane, map->stops[i].s);
        cw_lane_borders(map, lane, s, &low, &high);
        uint32_t road = map->lanes[lane].road;
        if (!add_long(out, at(map, road, s, low), at(map, road, s, high), 0.3, CW_SEGMENT_STOP))
            return false;
    }
    return true;
}

static bool add_crosswalks(cw_segments *out, const cw_map *map) {
    for (uint32_t i = 0; i < map->object_count; i++) {
        const cw_object *o = &map->objects[i];
        const cw_vec2 *p = map->points + o->outline.first;
        for (uint32_t k = 0; o->kind == CW_OBJECT_CROSSWALK && k < o->outline.count; k++)
            if (!add_long(out, p[k], p[(k + 1) % o->outline.count], 0, CW_SEGMENT_CROSSWALK))
                return false;
    }
    return true;
}

bool cw_segments_gather(const cw_map *map, const cw_area *area, cw_segments *out) {
    double *stations = NULL;
    size_t capacity = 0;
    bool fine = true;
    for (uint32_t i = 0; i < map->section_count && fine; i++) {
        uint32_t count = cw_section_stations(map, i, CHORD, LONGEST, stations, (uint32_t)capacity);
        if (count > capacity) {
            fine = CW_GROW(stations, capacity, count);
            if (fine)
                cw_section_stations(map, i, CHORD, LONGEST, stations, (uint32_t)capacity);
        }
        cw_span lanes = map->sections[i].lanes;
        for (uint32_t k = 0; k < lanes.count && fine; k++)
            fine = add_lane(out, map, area, lanes.first + k, stations, count);
    }
    free(stations);
    return fine && add_stops(out, map) && add_crosswalks(out, map);
}
