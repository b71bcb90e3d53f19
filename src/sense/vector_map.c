// For each cell of 4 m, the road segments nearest to its centre.
#include "sense/vector_map.h"
#include "sense/segments.h"
#include "sense/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET 16.0 // m
#define MARGIN 24.0 // m: a cell this far from every segment has no list
enum { BLOCKS_MOST = 1 << 20, ROWS_MOST = 65535, BUCKETS_MOST = 1 << 21, LINE_MOST = 1 << 20 };

// Segments by place, while the lists are made. A segment lies in the bucket of its middle.
typedef struct buckets {
    const cw_segment *segments;
    size_t count;
    double low_x, low_y, side;
    uint32_t across, up;
    uint32_t *first; // across * up + 1
    uint32_t *items;
} buckets;

typedef struct ranked {
    double distance2;
    uint32_t segment;
} ranked;

typedef struct work {
    const cw_vector_def *def;
    cw_vector_map *map;
    buckets near;
    ranked *found;
    size_t found_count, found_capacity;
    uint32_t *local; // per segment: its row in the block that is being made, + 1
    double reach;    // m: where the search for a cell's list begins
    bool dense;      // a block has too many rows
} work;

static cw_vec2 middle(const cw_segment *s) {
    return (cw_vec2){0.5 * (s->from.x + s->to.x), 0.5 * (s->from.y + s->to.y)};
}

static uint32_t index_of(double value, uint32_t count) {
    return value <= 0 ? 0 : value >= (double)(count - 1) ? count - 1 : (uint32_t)value;
}

static uint32_t bucket_of(const buckets *b, const cw_segment *s) {
    cw_vec2 m = middle(s);
    return index_of((m.y - b->low_y) / b->side, b->up) * b->across + index_of((m.x - b->low_x) / b->side, b->across);
}

static bool fill_buckets(buckets *b, cw_vec2 high) {
    double w = high.x - b->low_x, h = high.y - b->low_y;
    b->side = cw_max(BUCKET, cw_max(sqrt(w * h / BUCKETS_MOST), cw_max(w, h) / LINE_MOST));
    b->across = (uint32_t)(w / b->side) + 1;
    b->up = (uint32_t)(h / b->side) + 1;
    size_t cells = (size_t)b->across * b->up;
    b->first = calloc(cells + 2, sizeof *b->first);
    b->items = calloc(b->count + 1, sizeof *b->items);
    if (!b->first || !b->items)
        return false;
    // Counting sort: counts stand two places on, so that filling leaves the offsets where they belong.
    for (size_t i = 0; i < b->count; i++)
        b->first[bucket_of(b, &b->segments[i]) + 2]++;
    for (size_t i = 2; i < cells + 2; i++)
        b->first[i] += b->first[i - 1];
    for (uint32_t i = 0; i < b->count; i++)
        b->items[b->first[bucket_of(b, &b->segments[i]) + 1]++] = i;
    return true;
}

static double distance2(const cw_segment *s, double x, double y) {
    double dx = s->to.x - s->from.x, dy = s->to.y - s->from.y, px = x - s->from.x, py = y - s->from.y;
    double f = cw_clamp((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1);
    double ex = px - f * dx, ey = py - f * dy;
    return ex * ex + ey * ey;
}

static int nearer(const void *a, const void *b) {
    const ranked *p = a, *q = b;
    if (p->distance2 != q->distance2)
        return p->distance2 < q->distance2 ? -1 : 1;
    return p->segment < q->segment ? -1 : p->segment > q->segment;
}

// All within `radius` of the point. Middles lie up to half a segment farther.
static bool find_within(work *w, double x, double y, double radius) {
    const buckets *b = &w->near;
    double wide = radius + 2.5 + 1e-6;
    w->found_count = 0;
    if (x + wide < b->low_x || y + wide < b->low_y || x - wide > b->low_x + b->across * b->side ||
        y - wide > b->low_y + b->up * b->side)
        return true;
    uint32_t x0 = index_of((x - wide - b->low_x) / b->side, b->across),
             x1 = index_of((x + wide - b->low_x) / b->side, b->across),
             y0 = index_of((y - wide - b->low_y) / b->side, b->up),
             y1 = index_of((y + wide - b->low_y) / b->side, b->up);
    for (uint32_t cy = y0; cy <= y1; cy++)
        for (uint32_t k = b->first[cy * b->across + x0]; k < b->first[cy * b->across + x1 + 1]; k++) {
            double d2 = distance2(&b->segments[b->items[k]], x, y);
            if (d2 > radius * radius)
                continue;
            if (!CW_GROW(w->found, w->found_capacity, w->found_count + 1))
                return false;
            w->found[w->found_count++] = (ranked){d2, b->items[k]};
        }
    return true;
}

// The def.road nearest within def.road_range, sorted.
static bool find_nearest(work *w, double x, double y) {
    double most = (double)w->def->road_range, radius = cw_min(w->reach, most);
    for (;;) {
        if (!find_within(w, x, y, radius))
            return false;
        if (w->found_count >= w->def->road || radius >= most)
            break;
        radius = cw_min(1.4 * radius, most);
    }
    if (w->found_count > 1)
        qsort(w->found, w->found_count, sizeof *w->found, nearer);
    if (w->found_count > w->def->road)
        w->found_count = w->def->road;
    // The next cell's centre lies 4 m on.
    double last = w->found_count ? sqrt(w->found[w->found_count - 1].distance2) : most;
    w->reach = cw_clamp(last + CW_VECTOR_CELL + 0.1, 8, most);
    return true;
}

static cw_vector_row row_of(const cw_segment *s, const cw_vector_block *block) {
    double dx = s->to.x - s->from.x, dy = s->to.y - s->from.y, length = cw_hypot(dx, dy);
    cw_vec2 m = middle(s);
    return (cw_vector_row){.x = (float)(m.x - block->x),
                           .y = (float)(m.y - block->y),
                           .length = (float)length * cw_road_scale[2],
                           .width = s->width * cw_road_scale[3],
                           .cosine = (float)(dx / length),
                           .sine = (float)(dy / length),
                           .kind = (float)s->kind * cw_road_scale[6]};
}

static bool list_cell(work *w, cw_vector_block *block, cw_vector_cell *cell, size_t *row_capacity) {
    *cell = (cw_vector_cell){.first = (uint32_t)w->map->list_count, .count = (uint32_t)w->found_count};
    if (!CW_GROW(w->map->list, w->map->list_capacity, w->map->list_count + w->found_count))
        return false;
    for (size_t i = 0; i < w->found_count; i++) {
        uint32_t segment = w->found[i].segment;
        if (w->local[segment] == 0) {
            if (block->row_count >= ROWS_MOST) {
                w->dense = true;
                return false;
            }
            if (!CW_GROW(block->rows, *row_capacity, (size_t)block->row_count + 1))
                return false;
            block->rows[block->row_count++] = row_of(&w->near.segments[segment], block);
            w->local[segment] = block->row_count;
        }
        w->map->list[w->map->list_count++] = (uint16_t)(w->local[segment] - 1);
    }
    return true;
}

static bool make_block(work *w, uint32_t bx, uint32_t by) {
    const double side = CW_BLOCK_CELLS * CW_VECTOR_CELL;
    cw_vector_map *map = w->map;
    double x0 = map->low_x + bx * side, y0 = map->low_y + by * side;
    if (!find_within(w, x0 + 0.5 * side, y0 + 0.5 * side, 0.75 * side + MARGIN))
        return false;
    if (w->found_count == 0 || w->def->road == 0)
        return true;
    if (!CW_GROW(map->block, map->block_capacity, map->block_count + 1))
        return false;
    cw_vector_block *block = &map->block[map->block_count++];
    *block = (cw_vector_block){.x = x0 + 0.5 * side, .y = y0 + 0.5 * side};
    block->cells = calloc((size_t)CW_BLOCK_CELLS * CW_BLOCK_CELLS, sizeof *block->cells);
    map->blocks[by * map->across + bx] = (uint32_t)map->block_count;
    size_t capacity = 0;
    for (uint32_t k = 0; block->cells && k < CW_BLOCK_CELLS * CW_BLOCK_CELLS; k++) {
        uint32_t column = k % CW_BLOCK_CELLS, row = k / CW_BLOCK_CELLS;
        double x = x0 + (column + 0.5) * CW_VECTOR_CELL, y = y0 + (row + 0.5) * CW_VECTOR_CELL;
        if (!find_within(w, x, y, MARGIN))
            return false;
        if (w->found_count == 0)
            continue;
        if (!find_nearest(w, x, y) || !list_cell(w, block, &block->cells[k], &capacity))
            return false;
    }
    memset(w->local, 0, w->near.count * sizeof *w->local);
    return block->cells != NULL;
}

static bool make(work *w, const cw_segments *segments, cw_error *err) {
    cw_vec2 low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < segments->count; i++) {
        cw_vec2 m = middle(&segments->items[i]);
        low = (cw_vec2){cw_min(low.x, m.x), cw_min(low.y, m.y)};
        high = (cw_vec2){cw_max(high.x, m.x), cw_max(high.y, m.y)};
    }
    w->map->segment_count = (uint32_t)segments->count;
    if (segments->count == 0)
        return true;
    w->near = (buckets){.segments = segments->items, .count = segments->count, .low_x = low.x, .low_y = low.y};
    const double side = CW_BLOCK_CELLS * CW_VECTOR_CELL;
    w->map->low_x = low.x - MARGIN;
    w->map->low_y = low.y - MARGIN;
    double across = floor((high.x + MARGIN - w->map->low_x) / side) + 1,
           up = floor((high.y + MARGIN - w->map->low_y) / side) + 1;
    if (!(across * up <= BLOCKS_MOST)) {
        cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the map is too large for observations: %g x %g blocks", across,
                     up);
        return false;
    }
    w->map->across = (uint32_t)across;
    w->map->up = (uint32_t)up;
    w->map->blocks = calloc((size_t)w->map->across * w->map->up, sizeof *w->map->blocks);
    w->local = calloc(segments->count, sizeof *w->local);
    w->reach = 40;
    if (!w->map->blocks || !w->local || !fill_buckets(&w->near, high))
        return false;
    for (uint32_t by = 0; by < w->map->up; by++)
        for (uint32_t bx = 0; bx < w->map->across; bx++)
            if (!make_block(w, bx, by))
                return false;
    return true;
}

cw_vector_map *cw_vector_map_new(const cw_vector_def *def, const cw_map *map, const cw_area *area, cw_error *err) {
    cw_vector_map *out = calloc(1, sizeof *out);
    cw_segments segments = {0};
    work w = {.def = def, .map = out};
    // Nobody looks for segments: none are listed.
    bool fine = out && (def->road == 0 || cw_segments_gather(map, area, &segments)) && make(&w, &segments, err);
    free(w.near.first);
    free(w.near.items);
    free(w.found);
    free(w.local);
    free(segments.items);
    if (fine)
        return out;
    if (w.dense)
        cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0,
                     "the map is too dense for observations: more than %d segments a block", ROWS_MOST);
    cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for the observation's road segments");
    cw_vector_map_free(out);
    return NULL;
}

void cw_vector_map_free(cw_vector_map *map) {
    if (!map)
        return;
    for (size_t i = 0; i < map->block_count; i++) {
        free(map->block[i].rows);
        free(map->block[i].cells);
    }
    free(map->block);
    free(map->blocks);
    free(map->list);
    free(map);
}

uint32_t cw_vector_map_segments(const cw_vector_map *map) {
    return map->segment_count;
}
