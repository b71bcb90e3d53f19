// Which lanes of a junction overlap, where, and who goes first.
#include "builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double step = 1.5;      // m: length of a quadrilateral
static const double inset = 0.15;    // m a lane is narrowed by, so that lanes side by side do not count
static const double clearance = 3.5; // m of height between ways that cross without meeting

enum { MOST_PAIRS = 8 << 20 };

// ---- overlap ---------------------------------------------------------------------------------------------------------

static bool quad_meets(const cw_quad *quad, double z, const cw_strip *strip) {
    if (!cw_rects_meet(&quad->box, &strip->box))
        return false;
    for (uint32_t i = 0; i < strip->count; i++)
        if (cw_rects_meet(&quad->box, &strip->quads[i].box) && fabs(z - (double)strip->z[i]) < clearance &&
            cw_convex_overlap(quad->corner, 4, strip->quads[i].corner, 4))
            return true;
    return false;
}

// The part of a quadrilateral between two fractions of its length.
static cw_quad part_of(const cw_quad *quad, double from, double to) {
    const cw_vec2 *c = quad->corner;
    cw_quad part = {.corner = {{cw_lerp(c[0].x, c[1].x, from), cw_lerp(c[0].y, c[1].y, from)},
                               {cw_lerp(c[0].x, c[1].x, to), cw_lerp(c[0].y, c[1].y, to)},
                               {cw_lerp(c[3].x, c[2].x, to), cw_lerp(c[3].y, c[2].y, to)},
                               {cw_lerp(c[3].x, c[2].x, from), cw_lerp(c[3].y, c[2].y, from)}},
                    .box = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    for (int i = 0; i < 4; i++) {
        part.box.x0 = cw_min(part.box.x0, part.corner[i].x);
        part.box.y0 = cw_min(part.box.y0, part.corner[i].y);
        part.box.x1 = cw_max(part.box.x1, part.corner[i].x);
        part.box.y1 = cw_max(part.box.y1, part.corner[i].y);
    }
    return part;
}

// How far from its start (or end) a quadrilateral is free of the strip: to an eighth of its length, on the safe side.
static double free_part(const cw_quad *quad, double z, const cw_strip *strip, bool from_start) {
    double free = 0, size = 0.5;
    for (int i = 0; i < 3; i++, size *= 0.5) {
        cw_quad part = from_start ? part_of(quad, free, free + size) : part_of(quad, 1 - free - size, 1 - free);
        if (!quad_meets(&part, z, strip))
            free += size;
    }
    return free;
}

// Road s between which a overlaps b. False where it does not.
static bool overlap(const cw_strip *a, const cw_strip *b, double *s_in, double *s_out) {
    uint32_t first = 0, last = a->count;
    while (first < a->count && !quad_meets(&a->quads[first], (double)a->z[first], b))
        first++;
    if (first == a->count)
        return false;
    while (last > first + 1 && !quad_meets(&a->quads[last - 1], (double)a->z[last - 1], b))
        last--;
    double length = (a->s1 - a->s0) / a->count;
    *s_in = a->s0 + length * (first + free_part(&a->quads[first], (double)a->z[first], b, true));
    *s_out = a->s0 + length * (last - free_part(&a->quads[last - 1], (double)a->z[last - 1], b, false));
    *s_out = cw_max(*s_out, *s_in);
    return true;
}

// ---- priority --------------------------------------------------------------------------------------------------------

// +1 for a lane led to by a priority sign, -1 by a stop or yield sign, 0 otherwise. The sign may stand on the lane or on
// the one before.
static int sign_rank(const cw_map *map, uint32_t lane) {
    const cw_lane *l = &map->lanes[lane];
    int rank = 0;
    for (uint32_t i = 0; i <= l->previous.count; i++) {
        uint32_t from = i == 0 ? lane : map->links[l->previous.first + i - 1];
        for (uint32_t k = map->lane_stops[from]; k < map->lane_stops[from + 1]; k++) {
            if (map->stops[k].signal == CW_NONE)
                continue;
            uint8_t kind = map->signals[map->stops[k].signal].kind;
            if (kind == CW_SIGNAL_STOP || kind == CW_SIGNAL_YIELD)
                return -1;
            if (kind == CW_SIGNAL_PRIORITY)
                rank = 1;
        }
    }
    return rank;
}

static bool on_road(const cw_map *map, uint32_t lane, uint32_t road) {
    const cw_lane *l = &map->lanes[lane];
    if (l->road == road)
        return true;
    for (uint32_t i = 0; i < l->previous.count; i++)
        if (map->lanes[map->links[l->previous.first + i]].road == road)
            return true;
    return false;
}

static int stated_priority(const cw_map_builder *b, uint32_t junction, uint32_t lane, uint32_t other) {
    for (size_t i = 0; i < b->priorities.count; i++) {
        const cw_raw_priority *p = &b->priorities.items[i];
        if (p->junction != junction || p->high == NULL || p->low == NULL)
            continue;
        uint32_t high = cw_builder_find_road(b, p->high), low = cw_builder_find_road(b, p->low);
        if (high == CW_NONE || low == CW_NONE)
            continue;
        if (on_road(b->map, lane, high) && on_road(b->map, other, low))
            return 1;
        if (on_road(b->map, lane, low) && on_road(b->map, other, high))
            return -1;
    }
    return 0;
}

// ---- pairs -----------------------------------------------------------------------------------------------------------

static bool linked(const cw_map *map, uint32_t a, uint32_t b) {
    const cw_lane *l = &map->lanes[a];
    if (l->left == b || l->right == b)
        return true;
    for (uint32_t i = 0; i < l->next.count; i++)
        if (map->links[l->next.first + i] == b)
            return true;
    for (uint32_t i = 0; i < l->previous.count; i++)
        if (map->links[l->previous.first + i] == b)
            return true;
    return false;
}

static bool add_pair(cw_map_builder *b, cw_conflict_table *table, const cw_strip *x, const cw_strip *y,
                     uint32_t junction, const int *ranks) {
    const cw_map *map = b->map;
    double x_in, x_out, y_in, y_out;
    if (!overlap(x, y, &x_in, &x_out) || !overlap(y, x, &y_in, &y_out))
        return true;
    double xa = cw_lane_travel(map, x->lane, x_in), xb = cw_lane_travel(map, x->lane, x_out);
    double ya = cw_lane_travel(map, y->lane, y_in), yb = cw_lane_travel(map, y->lane, y_out);
    // Signs come before what the junction states: lanelets' intersections state only who is to the left of whom.
    int priority = (ranks[0] > ranks[1]) - (ranks[0] < ranks[1]);
    if (junction == CW_NONE && map->lanes[x->lane].junction == map->lanes[y->lane].junction)
        junction = map->lanes[x->lane].junction;
    else if (junction != CW_NONE)
        priority = 0;
    int stated = priority == 0 && junction != CW_NONE ? stated_priority(b, junction, x->lane, y->lane) : 0;
    if (stated != 0)
        priority = stated;
    else if (priority == 0)
        priority = (ranks[0] > ranks[1]) - (ranks[0] < ranks[1]);
    cw_conflict here = {x->lane,        y->lane,        cw_min(xa, xb),  cw_max(xa, xb),
                        cw_min(ya, yb), cw_max(ya, yb), (int8_t)priority};
    cw_conflict there = {y->lane,        x->lane,        cw_min(ya, yb),   cw_max(ya, yb),
                         cw_min(xa, xb), cw_max(xa, xb), (int8_t)-priority};
    cw_conflict *row = CW_ADD(b, table);
    if (row != NULL)
        *row = here;
    row = CW_ADD(b, table);
    if (row != NULL)
        *row = there;
    return !b->failed;
}

typedef struct group {
    cw_strip *strips;
    int *ranks;
    size_t count, capacity, rank_capacity;
} group;

static void clear_group(group *g) {
    for (size_t i = 0; i < g->count; i++)
        cw_strip_free(&g->strips[i]);
    g->count = 0;
}

static bool add_lane(cw_map_builder *b, group *g, uint32_t lane) {
    if (!CW_GROW(g->strips, g->capacity, g->count + 1) || !CW_GROW(g->ranks, g->rank_capacity, g->count + 1))
        return false;
    const cw_lane *l = &b->map->lanes[lane];
    if (!cw_strip_make(b->map, lane, l->s0, l->s1, step, inset, &g->strips[g->count]))
        return false;
    g->ranks[g->count++] = 0;
    return true;
}

static int by_left_edge(const void *a, const void *b) {
    const cw_strip *x = a, *y = b;
    if (x->box.x0 != y->box.x0)
        return x->box.x0 < y->box.x0 ? -1 : 1;
    return (x->lane > y->lane) - (x->lane < y->lane);
}

// Every pair whose boxes meet, found by sweeping along x.
static bool pair_up(cw_map_builder *b, group *g, uint32_t junction, cw_conflict_table *table, size_t *budget) {
    const cw_map *map = b->map;
    if (g->count < 2)
        return true;
    qsort(g->strips, g->count, sizeof *g->strips, by_left_edge);
    for (size_t i = 0; i < g->count; i++)
        g->ranks[i] = sign_rank(map, g->strips[i].lane);
    for (size_t i = 0; i < g->count; i++) {
        for (size_t k = i + 1; k < g->count && g->strips[k].box.x0 <= g->strips[i].box.x1; k++) {
            const cw_strip *x = &g->strips[i], *y = &g->strips[k];
            if (*budget == 0) {
                cw_builder_note(b, 0, 0, "junction", "too many lanes overlap; later conflicts are left out");
                return true;
            }
            (*budget)--;
            if (map->lanes[x->lane].road == map->lanes[y->lane].road || !cw_rects_meet(&x->box, &y->box) ||
                linked(map, x->lane, y->lane))
                continue;
            if (!add_pair(b, table, x, y, junction, (const int[]){g->ranks[i], g->ranks[k]}))
                return false;
        }
    }
    return true;
}

static int by_lane_then_other(const void *a, const void *b) {
    const cw_conflict *x = a, *y = b;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    if (x->other != y->other)
        return x->other < y->other ? -1 : 1;
    return (x->s_in > y->s_in) - (x->s_in < y->s_in);
}

bool cw_conflicts_find(cw_map_builder *b) {
    cw_map *map = b->map;
    cw_conflict_table table = {0};
    group g = {0};
    size_t budget = MOST_PAIRS;
    bool fine = true;
    for (uint32_t j = 0; j < map->junction_count && b->lanelets.count == 0 && fine; j++) {
        for (uint32_t i = 0; i < map->junctions[j].roads.count && fine; i++) {
            const cw_road *road = &map->roads[map->indices[map->junctions[j].roads.first + i]];
            for (uint32_t k = 0; k < road->sections.count && fine; k++) {
                cw_span lanes = map->sections[road->sections.first + k].lanes;
                for (uint32_t n = lanes.first; n < lanes.first + lanes.count && fine; n++)
                    if (map->lanes[n].id != 0 && cw_lane_drivable(&map->lanes[n]))
                        fine = add_lane(b, &g, n);
            }
        }
        fine = fine && pair_up(b, &g, j, &table, &budget);
        clear_group(&g);
    }
    for (size_t i = 0; i < b->lanelets.count && fine; i++)
        if (cw_lane_drivable(&map->lanes[b->lanelets.items[i].lane]))
            fine = add_lane(b, &g, b->lanelets.items[i].lane);
    fine = fine && pair_up(b, &g, CW_NONE, &table, &budget);
    clear_group(&g);
    free(g.strips);
    free(g.ranks);
    cw_conflict *conflicts = fine ? cw_arena_array(map->arena, table.count, sizeof *conflicts) : NULL;
    if (conflicts != NULL) {
        if (table.count > 0)
            qsort(table.items, table.count, sizeof *table.items, by_lane_then_other);
        for (size_t i = 0; i < table.count; i++) {
            conflicts[i] = table.items[i];
            cw_span *span = &b->final_lanes[conflicts[i].lane].conflicts;
            if (span->count++ == 0)
                span->first = (uint32_t)i;
        }
        map->conflicts = conflicts;
    }
    free(table.items);
    return conflicts != NULL;
}
