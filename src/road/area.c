// The drivable area as convex pieces in a grid: is a point on it? A cell is all in, all out, or lists the pieces that meet
// it, so that most answers cost one look and those near the edge are exact.
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// m
#define CHORD 0.01  // how far a piece's straight side may be off the lane's border
#define LONGEST 5.0 // of a piece
#define OVERLAP 0.1 // by which a section's pieces reach over its ends: joints of roads do not quite meet
#define SLACK 1e-3  // of a side
#define CELL 1.0    // m
enum { CELLS_MOST = 1 << 21, LINE_MOST = 1 << 20, CORNERS_MOST = 16, COVER_MOST = 4096 };
enum {
    TILE = 8
}; // cells across a tile: what cells say at first sight, a byte each, lies by tiles, one a line of the cache
#define ALL_OUT 0u
#define ALL_IN UINT32_MAX

typedef struct piece { // inside: nx[k] x + ny[k] y <= c[k] for each side
    double nx[4], ny[4], c[4];
    cw_vec2 low, high;
} piece;

enum { SIGHT_OUT, SIGHT_IN, SIGHT_ASK };

struct cw_area {
    double low_x, low_y, per_cell;
    uint32_t across, up;
    uint32_t *cells; // ALL_OUT, ALL_IN, or where in `items` its count and its pieces stand
    uint32_t *items;
    uint8_t *sight; // by tiles: IN, OUT or what is asked of `cells`
    uint32_t tiles; // across
    piece *pieces;
    size_t piece_count, piece_capacity, item_count, item_capacity;
};

// ---- pieces ----------------------------------------------------------------------------------------------------------

static double cross(cw_vec2 a, cw_vec2 b, cw_vec2 c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// A convex polygon of three or four corners in either sense of turn; false: out of memory.
static bool add_piece(cw_area *area, const cw_vec2 *p, int count) {
    double turn = cross(p[0], p[1], p[2]) + (count == 4 ? cross(p[0], p[2], p[3]) : 0);
    if (fabs(turn) < 1e-9)
        return true; // no area
    if (!CW_GROW(area->pieces, area->piece_capacity, area->piece_count + 1))
        return false;
    piece *out = &area->pieces[area->piece_count++];
    *out = (piece){.low = p[0], .high = p[0]};
    for (int k = 0; k < 4; k++) {
        cw_vec2 a = p[k % count], b = p[(k + 1) % count];
        double dx = b.x - a.x, dy = b.y - a.y, length = cw_hypot(dx, dy), side = turn > 0 ? 1 : -1;
        if (length > 0) {
            out->nx[k] = side * dy / length;
            out->ny[k] = -side * dx / length;
        }
        out->c[k] = out->nx[k] * a.x + out->ny[k] * a.y + SLACK;
        out->low = (cw_vec2){cw_min(out->low.x, a.x), cw_min(out->low.y, a.y)};
        out->high = (cw_vec2){cw_max(out->high.x, a.x), cw_max(out->high.y, a.y)};
    }
    return true;
}

// The quadrilateral between two stations of a lane: whole where it is convex, else as two triangles.
static bool add_slice(cw_area *area, cw_vec2 right0, cw_vec2 left0, cw_vec2 right1, cw_vec2 left1) {
    cw_vec2 p[4] = {right0, right1, left1, left0};
    int left_turns = 0, right_turns = 0;
    for (int k = 0; k < 4; k++) {
        double turn = cross(p[k], p[(k + 1) % 4], p[(k + 2) % 4]);
        left_turns += turn > 0;
        right_turns += turn < 0;
    }
    if (left_turns == 0 || right_turns == 0)
        return add_piece(area, p, 4);
    cw_vec2 a[3] = {right0, right1, left1}, b[3] = {right0, left1, left0};
    return add_piece(area, a, 3) && add_piece(area, b, 3);
}

static cw_vec2 beyond(cw_vec2 from, cw_vec2 to) {
    double dx = to.x - from.x, dy = to.y - from.y, length = cw_hypot(dx, dy);
    double f = length > 0 ? OVERLAP / length : 0;
    return (cw_vec2){to.x + f * dx, to.y + f * dy};
}

static bool add_lane(cw_area *area, const cw_map *map, uint32_t lane, const double *s, uint32_t count) {
    cw_vec2 before[2] = {{0}}, now[2];
    for (uint32_t i = 0; i < count; i++) {
        double t[2];
        cw_lane_borders(map, lane, s[i], &t[0], &t[1]);
        for (int side = 0; side < 2; side++) {
            cw_road_point at;
            cw_road_at(map, map->lanes[lane].road, s[i], t[side], &at);
            now[side] = (cw_vec2){at.x, at.y};
        }
        cw_vec2 from[2] = {before[0], before[1]}, to[2] = {now[0], now[1]};
        for (int side = 0; side < 2; side++) {
            if (i == 1)
                from[side] = beyond(now[side], before[side]);
            if (i + 1 == count)
                to[side] = beyond(before[side], now[side]);
        }
        if (i > 0 && !add_slice(area, from[0], from[1], to[0], to[1]))
            return false;
        before[0] = now[0];
        before[1] = now[1];
    }
    return true;
}

static bool has_drivable(const cw_map *map, const cw_section *section) {
    for (uint32_t i = 0; i < section->lanes.count; i++)
        if (cw_lane_drivable(&map->lanes[section->lanes.first + i]))
            return true;
    return false;
}

static bool gather(cw_area *area, const cw_map *map) {
    double *stations = NULL;
    size_t capacity = 0;
    bool fine = true;
    for (uint32_t i = 0; i < map->section_count && fine; i++) {
        const cw_section *section = &map->sections[i];
        if (!has_drivable(map, section))
            continue;
        uint32_t count = cw_section_stations(map, i, CHORD, LONGEST, stations, (uint32_t)capacity);
        if (count > capacity) {
            fine = CW_GROW(stations, capacity, count);
            if (fine)
                cw_section_stations(map, i, CHORD, LONGEST, stations, (uint32_t)capacity);
        }
        for (uint32_t k = 0; k < section->lanes.count && fine; k++)
            if (cw_lane_drivable(&map->lanes[section->lanes.first + k]))
                fine = add_lane(area, map, section->lanes.first + k, stations, count);
    }
    free(stations);
    return fine;
}

// ---- cells -----------------------------------------------------------------------------------------------------------

// What lies beyond side k (`outside`) or within it of a convex polygon; returns the number of corners.
static int clip(const piece *q, int k, bool outside, const cw_vec2 *in, int count, cw_vec2 *out) {
    int kept = 0;
    double sign = outside ? -1 : 1;
    for (int i = 0; i < count; i++) {
        cw_vec2 a = in[i], b = in[(i + 1) % count];
        double da = sign * (q->nx[k] * a.x + q->ny[k] * a.y - q->c[k]);
        double db = sign * (q->nx[k] * b.x + q->ny[k] * b.y - q->c[k]);
        if (da <= 0 && kept < CORNERS_MOST)
            out[kept++] = a;
        if ((da < 0 && db > 0) || (da > 0 && db < 0)) {
            double f = da / (da - db);
            if (kept < CORNERS_MOST)
                out[kept++] = (cw_vec2){cw_lerp(a.x, b.x, f), cw_lerp(a.y, b.y, f)};
        }
    }
    return kept;
}

static double size_of(const cw_vec2 *p, int count) {
    double twice = 0;
    for (int i = 1; i + 1 < count; i++)
        twice += cross(p[0], p[i], p[i + 1]);
    return 0.5 * fabs(twice);
}

// Is the polygon covered by the pieces list[0..left)? What sticks out of one is looked for in the others, `*budget` times at
// most: a cell that is not found covered is answered from its list, which is right as well.
static bool covered(const cw_area *area, const uint32_t *list, uint32_t left, const cw_vec2 *polygon, int count,
                    int *budget) {
    if (size_of(polygon, count) < 1e-9)
        return true;
    if (left == 0 || --*budget < 0)
        return false;
    const piece *q = &area->pieces[list[0]];
    cw_vec2 rest[CORNERS_MOST];
    for (int i = 0; i < count; i++)
        rest[i] = polygon[i];
    for (int k = 0; k < 4 && count > 0; k++) {
        cw_vec2 out[CORNERS_MOST], in[CORNERS_MOST];
        int outside = clip(q, k, true, rest, count, out);
        if (outside > 2 && !covered(area, list + 1, left - 1, out, outside, budget))
            return false;
        count = clip(q, k, false, rest, count, in);
        for (int i = 0; i < count; i++)
            rest[i] = in[i];
    }
    return true;
}

static bool meets(const piece *q, cw_vec2 low, cw_vec2 high) {
    if (q->low.x > high.x || q->high.x < low.x || q->low.y > high.y || q->high.y < low.y)
        return false;
    for (int k = 0; k < 4; k++) { // the corner farthest inside
        double x = q->nx[k] > 0 ? low.x : high.x, y = q->ny[k] > 0 ? low.y : high.y;
        if (q->nx[k] * x + q->ny[k] * y > q->c[k])
            return false;
    }
    return true;
}

static uint32_t cell_of(double value, double per_cell, uint32_t count) {
    double cell = floor(value * per_cell);
    return cell <= 0 ? 0 : cell >= (double)(count - 1) ? count - 1 : (uint32_t)cell;
}

typedef struct pair {
    uint32_t cell, piece;
} pair;

static int by_cell(const void *a, const void *b) {
    const pair *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    return p->piece < q->piece ? -1 : p->piece > q->piece;
}

static void corners_of(const cw_area *area, uint32_t cell, cw_vec2 p[4]) {
    uint32_t column = cell % area->across, row = cell / area->across;
    double x = area->low_x + column / area->per_cell, y = area->low_y + row / area->per_cell;
    double side = 1 / area->per_cell;
    p[0] = (cw_vec2){x, y};
    p[1] = (cw_vec2){x + side, y};
    p[2] = (cw_vec2){x + side, y + side};
    p[3] = (cw_vec2){x, y + side};
}

static bool list_cells(cw_area *area) {
    pair *pairs = NULL;
    size_t count = 0, capacity = 0;
    bool fine = true;
    for (uint32_t i = 0; i < area->piece_count && fine; i++) {
        const piece *q = &area->pieces[i];
        uint32_t x0 = cell_of(q->low.x - area->low_x, area->per_cell, area->across),
                 x1 = cell_of(q->high.x - area->low_x, area->per_cell, area->across),
                 y0 = cell_of(q->low.y - area->low_y, area->per_cell, area->up),
                 y1 = cell_of(q->high.y - area->low_y, area->per_cell, area->up);
        for (uint32_t y = y0; y <= y1 && fine; y++)
            for (uint32_t x = x0; x <= x1 && fine; x++) {
                cw_vec2 p[4];
                uint32_t cell = y * area->across + x;
                corners_of(area, cell, p);
                if (!meets(q, p[0], p[2]))
                    continue;
                fine = CW_GROW(pairs, capacity, count + 1);
                if (fine)
                    pairs[count++] = (pair){cell, i};
            }
    }
    if (fine && count > 0)
        qsort(pairs, count, sizeof *pairs, by_cell);
    fine = fine && CW_GROW(area->items, area->item_capacity, 2 * count + 1);
    area->item_count = 1; // 0 is ALL_OUT
    for (size_t i = 0; i < count && fine;) {
        uint32_t cell = pairs[i].cell, at = (uint32_t)area->item_count++, listed = 0;
        for (; i < count && pairs[i].cell == cell; i++, listed++)
            area->items[area->item_count++] = pairs[i].piece;
        cw_vec2 p[4];
        corners_of(area, cell, p);
        area->items[at] = listed;
        area->cells[cell] = at;
        int budget = COVER_MOST;
        if (covered(area, area->items + at + 1, listed, p, 4, &budget)) {
            area->cells[cell] = ALL_IN;
            area->item_count = at;
        }
    }
    free(pairs);
    return fine;
}

static size_t sight_of(const cw_area *area, uint32_t column, uint32_t row) {
    return ((size_t)(row / TILE) * area->tiles + column / TILE) * (TILE * TILE) + row % TILE * TILE + column % TILE;
}

static bool fill_sight(cw_area *area) {
    area->tiles = (area->across + TILE - 1) / TILE;
    size_t size = (size_t)area->tiles * ((area->up + TILE - 1) / TILE) * (TILE * TILE);
    area->sight = aligned_alloc(TILE * TILE, size);
    if (!area->sight)
        return false;
    memset(area->sight, SIGHT_OUT, size);
    for (uint32_t row = 0; row < area->up; row++)
        for (uint32_t column = 0; column < area->across; column++) {
            uint32_t cell = area->cells[(size_t)row * area->across + column];
            area->sight[sight_of(area, column, row)] = cell == ALL_OUT  ? SIGHT_OUT
                                                       : cell == ALL_IN ? SIGHT_IN
                                                                        : SIGHT_ASK;
        }
    return true;
}

// ---- the area --------------------------------------------------------------------------------------------------------

cw_area *cw_area_new(const cw_map *map) {
    cw_area *area = calloc(1, sizeof *area);
    if (!area || !gather(area, map)) {
        cw_area_free(area);
        return NULL;
    }
    cw_vec2 low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < area->piece_count; i++) {
        low = (cw_vec2){cw_min(low.x, area->pieces[i].low.x), cw_min(low.y, area->pieces[i].low.y)};
        high = (cw_vec2){cw_max(high.x, area->pieces[i].high.x), cw_max(high.y, area->pieces[i].high.y)};
    }
    if (area->piece_count == 0)
        return area;
    double side = cw_max(CELL, sqrt((high.x - low.x) * (high.y - low.y) / CELLS_MOST));
    side = cw_max(side, cw_max(high.x - low.x, high.y - low.y) / LINE_MOST);
    area->low_x = low.x - SLACK;
    area->low_y = low.y - SLACK;
    area->per_cell = 1 / side;
    area->across = (uint32_t)((high.x - area->low_x + SLACK) / side) + 1;
    area->up = (uint32_t)((high.y - area->low_y + SLACK) / side) + 1;
    area->cells = calloc((size_t)area->across * area->up, sizeof *area->cells);
    if (!area->cells || !list_cells(area) || !fill_sight(area)) {
        cw_area_free(area);
        return NULL;
    }
    return area;
}

void cw_area_free(cw_area *area) {
    if (!area)
        return;
    free(area->cells);
    free(area->items);
    free(area->sight);
    free(area->pieces);
    free(area);
}

bool cw_area_holds(const cw_area *area, double x, double y) {
    double cx = (x - area->low_x) * area->per_cell, cy = (y - area->low_y) * area->per_cell;
    if (!(cx >= 0 && cy >= 0 && cx < area->across && cy < area->up))
        return false;
    uint32_t cell = area->cells[(uint32_t)cy * area->across + (uint32_t)cx];
    if (cell == ALL_OUT || cell == ALL_IN)
        return cell == ALL_IN;
    for (uint32_t i = 1; i <= area->items[cell]; i++) {
        const piece *q = &area->pieces[area->items[cell + i]];
        bool inside = true;
        for (int k = 0; k < 4; k++)
            inside &= q->nx[k] * x + q->ny[k] * y <= q->c[k];
        if (inside)
            return true;
    }
    return false;
}

// ---- a box -----------------------------------------------------------------------------------------------------------

typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef int32_t v4w __attribute__((vector_size(16), aligned(4), may_alias));
typedef int64_t v4i __attribute__((vector_size(32), aligned(8), may_alias));

// Written out twice: the same operations in the same order, so that the answers are the same.
static inline __attribute__((always_inline)) bool holds_box(const cw_area *area, const cw_box *box) {
    double lx = box->ux * box->half_length, ly = box->uy * box->half_length;
    double wx = -box->uy * box->half_width, wy = box->ux * box->half_width;
    const v4 x = {box->x + (lx + wx), box->x + (lx - wx), box->x - (lx + wx), box->x - (lx - wx)};
    const v4 y = {box->y + (ly + wy), box->y + (ly - wy), box->y - (ly + wy), box->y - (ly - wy)};
    v4 cx = (x - area->low_x) * area->per_cell, cy = (y - area->low_y) * area->per_cell;
    v4i there = (cx >= 0) & (cy >= 0) & (cx < (double)area->across) & (cy < (double)area->up);
    if ((there[0] & there[1] & there[2] & there[3]) == 0)
        return false;
    v4w column = __builtin_convertvector(cx, v4w), row = __builtin_convertvector(cy, v4w);
    v4w at = ((row >> 3) * (int32_t)area->tiles + (column >> 3)) * (TILE * TILE) + (row & 7) * TILE + (column & 7);
    const uint8_t sight[4] = {area->sight[at[0]], area->sight[at[1]], area->sight[at[2]], area->sight[at[3]]};
    for (int k = 0; k < 4; k++)
        if (sight[k] == SIGHT_OUT)
            return false;
    for (int k = 0; k < 4; k++)
        if (sight[k] != SIGHT_IN && !cw_area_holds(area, x[k], y[k]))
            return false;
    return true;
}

static bool holds_box_plain(const cw_area *area, const cw_box *box) {
    return holds_box(area, box);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static bool holds_box_avx2(const cw_area *area, const cw_box *box) {
    return holds_box(area, box);
}
#endif

bool cw_area_holds_box(const cw_area *area, const cw_box *box) {
#if defined __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return holds_box_avx2(area, box);
#endif
    return holds_box_plain(area, box);
}
