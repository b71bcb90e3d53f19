// Which lane is under a point.
#include "internal.h"

#include <assert.h>
#include <math.h>

static const double end_slack = 0.02;  // m that a point may lie beyond a road's end: files do not close every joint
static const double exact = 1e-9;      // m of rounding
static const double level_slack = 2.5; // m of height within which a level is the same
static const double reach = 5;         // m to the nearest lane that is still reported

enum { MOST_FOUND = 64 };

cw_locate cw_locate_at(double x, double y) {
    return (cw_locate){.x = x, .y = y, .z = NAN, .heading = NAN, .hint = {.lane = CW_NONE}};
}

// ---- one lane --------------------------------------------------------------------------------------------------------

static uint32_t wanted_kinds(const cw_locate *query) {
    return query->kinds != 0 ? query->kinds : UINT32_MAX;
}

static bool wanted(const cw_lane *lane, uint32_t kinds) {
    return lane->id != 0 && (kinds >> lane->kind & 1u) != 0;
}

static bool same_level(const cw_map *map, const cw_locate *query, uint32_t road, double s, double t) {
    if (isnan(query->z))
        return true;
    cw_road_point at;
    cw_road_at(map, road, s, t, &at);
    return fabs(at.z - query->z) <= level_slack;
}

static cw_lane_place place_at(const cw_map *map, uint32_t lane, double s, double t, double low, double high) {
    const cw_lane *l = &map->lanes[lane];
    double offset = t - 0.5 * (low + high);
    return (cw_lane_place){lane, s, l->direction < 0 ? -offset : offset};
}

// Does the lane hold (s, t) of its road?
static bool holds(const cw_map *map, uint32_t lane, double s, double t, cw_lane_place *place) {
    const cw_lane *l = &map->lanes[lane];
    if (s < l->s0 || s > l->s1)
        return false;
    double low, high;
    cw_lane_borders_of(map, l, s, &low, &high);
    if (t < low || t > high || !(high > low))
        return false;
    *place = place_at(map, lane, s, t, low, high);
    return true;
}

// The wanted lane of a section nearest to t; returns the gap to it, 0 inside. INFINITY where there is none.
static double nearest_in_section(const cw_map *map, uint32_t section, uint32_t kinds, double s, double t,
                                 cw_lane_place *place) {
    const cw_section *sec = &map->sections[section];
    double best = INFINITY;
    for (uint32_t i = 0; i < sec->lanes.count; i++) {
        uint32_t lane = sec->lanes.first + i;
        if (!wanted(&map->lanes[lane], kinds))
            continue;
        double low, high;
        cw_lane_borders_of(map, &map->lanes[lane], s, &low, &high);
        if (!(high > low))
            continue;
        double gap = t < low ? low - t : t > high ? t - high : 0;
        if (gap < best) {
            best = gap;
            *place = place_at(map, lane, s, t, low, high);
        }
    }
    return best;
}

// The wanted lane of a section that holds t, found from the centre outward. Border records can make a section's lanes
// overlap in no way, since none may end nearer than the one inside it.
static bool lane_in_section(const cw_map *map, uint32_t section, uint32_t kinds, double s, double t,
                            cw_lane_place *place) {
    const cw_section *sec = &map->sections[section];
    const cw_road *road = &map->roads[sec->road];
    double offset = cw_cubic_at(map, road->offset, s), inner = offset;
    bool left = t >= offset;
    double side = left ? 1.0 : -1.0;
    uint32_t count = left ? sec->center - sec->lanes.first : sec->lanes.first + sec->lanes.count - 1 - sec->center;
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t lane = left ? sec->center - i : sec->center + i;
        const cw_lane *l = &map->lanes[lane];
        double value = cw_cubic_at(map, l->width, s);
        double outer = l->is_border ? offset + value : inner + side * cw_max(value, 0);
        if (side * (outer - inner) < 0)
            outer = inner;
        if (outer != inner && side * (outer - t) >= 0) {
            if (!wanted(l, kinds))
                return false;
            *place = place_at(map, lane, s, t, cw_min(inner, outer), cw_max(inner, outer));
            return true;
        }
        inner = outer;
    }
    return false;
}

// ---- candidates ------------------------------------------------------------------------------------------------------

static void add_found(cw_lane_place place, cw_lane_place *found, uint32_t *count, uint32_t most) {
    for (uint32_t i = 0; i < *count; i++)
        if (found[i].lane == place.lane)
            return;
    if (*count < most)
        found[(*count)++] = place;
}

// A piece whose closed-form or local projection was just made.
typedef struct foot {
    uint32_t geometry;
    double s, t; // unclamped road s
} foot;

// Projects onto the piece. False when its foot lies outside the piece and its joints. *beyond: just beyond a road's end.
static bool project_piece(const cw_map *map, const cw_piece *piece, const cw_locate *query, foot *last, double *s,
                          double *t, bool *beyond) {
    *beyond = false;
    const cw_geometry *g = &map->geometry[piece->geometry];
    if (g->kind > CW_ARC || last->geometry != piece->geometry) {
        double low = piece->s0 - g->s, high = piece->s1 - g->s;
        last->s =
            g->s + cw_curve_project(map, piece->geometry, query->x, query->y, 0.5 * (low + high), low, high, &last->t);
        last->geometry = piece->geometry;
    }
    if (last->s >= piece->s0 && last->s <= piece->s1) {
        if (last->t < piece->t_low || last->t > piece->t_high)
            return false;
        *s = last->s;
        *t = last->t;
        return true;
    }
    // Beyond the piece: only the corner of a kink, or the end of a road, may still claim the point.
    double margin = 0.1 * cw_max(fabs(last->t), 1);
    if (last->s < piece->s0 - margin || last->s > piece->s1 + margin)
        return false;
    const cw_road *road = &map->roads[piece->road];
    double over;
    cw_road_project_near(map, road, piece->geometry, cw_clamp(last->s, piece->s0, piece->s1), query->x, query->y, s, t,
                         &over);
    *beyond = fabs(over) > exact;
    return fabs(over) <= end_slack && *s >= piece->s0 - margin && *s <= piece->s1 + margin;
}

// Lanes that hold the point. One whose road ends just before it counts only where no other holds it.
static uint32_t find_all(const cw_map *map, const cw_locate *query, cw_lane_place *found, uint32_t most) {
    const cw_index *index = map->index;
    double column = floor((query->x - index->x0) * index->inverse);
    double row = floor((query->y - index->y0) * index->inverse);
    if (!(column >= 0 && column < index->columns && row >= 0 && row < index->rows))
        return 0;
    size_t cell = (size_t)row * index->columns + (size_t)column;
    uint32_t kinds = wanted_kinds(query), count = 0;
    bool only_beyond = true;
    foot last = {.geometry = CW_NONE};
    for (uint32_t i = index->cell_first[cell]; i < index->cell_first[cell + 1]; i++) {
        const cw_piece *piece = &index->pieces[index->entries[i]];
        double s, t;
        bool beyond;
        if ((piece->kinds & kinds) == 0 || !project_piece(map, piece, query, &last, &s, &t, &beyond))
            continue;
        if (beyond && !only_beyond)
            continue;
        uint32_t section = cw_road_section_at(map, &map->roads[piece->road], s);
        cw_lane_place place;
        if (!lane_in_section(map, section, kinds, s, t, &place) || !same_level(map, query, piece->road, s, t))
            continue;
        if (only_beyond && !beyond) {
            only_beyond = false;
            count = 0;
        }
        add_found(place, found, &count, most);
    }
    return count;
}

uint32_t cw_map_locate_all(const cw_map *map, const cw_locate *query, cw_lane_place *places, uint32_t most) {
    if (!isfinite(query->x) || !isfinite(query->y))
        return 0;
    uint32_t count = find_all(map, query, places, most);
    for (uint32_t i = 1; i < count; i++) { // by lane, whatever the grid's order
        cw_lane_place place = places[i];
        uint32_t j = i;
        for (; j > 0 && places[j - 1].lane > place.lane; j--)
            places[j] = places[j - 1];
        places[j] = place;
    }
    return count;
}

// ---- nearest ---------------------------------------------------------------------------------------------------------

static void find_nearest(const cw_map *map, const cw_locate *query, cw_lane_place *best) {
    const cw_index *index = map->index;
    uint32_t kinds = wanted_kinds(query);
    double nearest = reach;
    best->lane = CW_NONE;
    double c0 = floor((query->x - reach - index->x0) * index->inverse);
    double c1 = floor((query->x + reach - index->x0) * index->inverse);
    double r0 = floor((query->y - reach - index->y0) * index->inverse);
    double r1 = floor((query->y + reach - index->y0) * index->inverse);
    if (c1 < 0 || r1 < 0 || c0 >= index->columns || r0 >= index->rows)
        return;
    uint32_t column0 = (uint32_t)cw_max(c0, 0), column1 = (uint32_t)cw_min(c1, index->columns - 1.0);
    uint32_t row0 = (uint32_t)cw_max(r0, 0), row1 = (uint32_t)cw_min(r1, index->rows - 1.0);
    for (uint32_t row = row0; row <= row1; row++) {
        for (uint32_t column = column0; column <= column1; column++) {
            size_t cell = (size_t)row * index->columns + column;
            for (uint32_t i = index->cell_first[cell]; i < index->cell_first[cell + 1]; i++) {
                const cw_piece *piece = &index->pieces[index->entries[i]];
                if ((piece->kinds & kinds) == 0)
                    continue;
                const cw_geometry *g = &map->geometry[piece->geometry];
                double low = piece->s0 - g->s, high = piece->s1 - g->s, t;
                double ds =
                    cw_curve_project(map, piece->geometry, query->x, query->y, 0.5 * (low + high), low, high, &t);
                double over = 0;
                if (ds < low || ds > high) {
                    ds = cw_clamp(ds, low, high);
                    cw_curve_point at;
                    cw_curve_at(map, piece->geometry, ds, &at);
                    double dx = query->x - at.x, dy = query->y - at.y;
                    over = dx * at.c + dy * at.s;
                    t = dy * at.c - dx * at.s;
                }
                cw_lane_place place = {.lane = CW_NONE};
                double s = g->s + ds;
                uint32_t section = cw_road_section_at(map, &map->roads[piece->road], 0.5 * (piece->s0 + piece->s1));
                double gap = nearest_in_section(map, section, kinds, s, t, &place);
                double distance = sqrt(gap * gap + over * over);
                bool better =
                    distance < nearest || (distance == nearest && best->lane != CW_NONE && place.lane < best->lane);
                if (distance < INFINITY && better && same_level(map, query, piece->road, s, t)) {
                    nearest = distance;
                    *best = place;
                }
            }
        }
    }
}

// ---- choice ----------------------------------------------------------------------------------------------------------

static bool is_next(const cw_map *map, uint32_t lane, uint32_t other) {
    cw_span next = map->lanes[lane].next;
    for (uint32_t i = 0; i < next.count; i++)
        if (map->links[next.first + i] == other)
            return true;
    return false;
}

static double heading_error(const cw_map *map, const cw_locate *query, cw_lane_place place) {
    if (isnan(query->heading))
        return 0;
    double error = fabs(cw_wrap_angle(cw_lane_pose(map, place, NULL).heading - query->heading));
    return map->lanes[place.lane].both_ways ? cw_min(error, CW_PI - error) : error;
}

static cw_lane_place choose(const cw_map *map, const cw_locate *query, const cw_lane_place *found, uint32_t count) {
    uint32_t best = 0;
    int best_rank = 3;
    double best_error = INFINITY;
    bool many = count > 1, hinted = query->hint.lane < map->lane_count;
    for (uint32_t i = 0; i < count; i++) {
        int rank = 2;
        if (hinted)
            rank = found[i].lane == query->hint.lane ? 0 : is_next(map, query->hint.lane, found[i].lane) ? 1 : 2;
        double error = many ? heading_error(map, query, found[i]) : 0;
        bool better = rank != best_rank     ? rank < best_rank
                      : error != best_error ? error < best_error
                                            : found[i].lane < found[best].lane;
        if (better) {
            best = i;
            best_rank = rank;
            best_error = error;
        }
    }
    return found[best];
}

// Is the point still on the lane of the hint? The usual case, without the grid.
static bool still_there(const cw_map *map, const cw_locate *query, cw_lane_place *place) {
    if (query->hint.lane >= map->lane_count || !isfinite(query->hint.s))
        return false;
    const cw_lane *lane = &map->lanes[query->hint.lane];
    const cw_road *road = &map->roads[lane->road];
    if (road->geometry.count == 0 || !wanted(lane, wanted_kinds(query)))
        return false;
    double from = cw_clamp(query->hint.s, 0, road->length), s, t, over;
    cw_road_project_near(map, road, cw_road_geometry_at(map, road, from), from, query->x, query->y, &s, &t, &over);
    if (fabs(over) > exact)
        return false;
    return holds(map, query->hint.lane, s, t, place) && same_level(map, query, lane->road, s, t);
}

bool cw_map_locate(const cw_map *map, const cw_locate *query, cw_lane_place *place) {
    assert(map != NULL && query != NULL && place != NULL);
    *place = (cw_lane_place){.lane = CW_NONE};
    if (!isfinite(query->x) || !isfinite(query->y) || map->lane_count == 0)
        return false;
    if (still_there(map, query, place))
        return true;
    cw_lane_place found[MOST_FOUND];
    uint32_t count = find_all(map, query, found, MOST_FOUND);
    if (count > 0) {
        *place = choose(map, query, found, count);
        return true;
    }
    if (!query->under_only)
        find_nearest(map, query, place);
    return false;
}
