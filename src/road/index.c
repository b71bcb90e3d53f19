// The spatial index: boxes of roads and objects, and a grid that lists for each cell the stretches of road near it.
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CHUNKS = 1 << 20, MOST_CELLS = 1 << 20 };

static const double slack = 0.25; // m around a stretch: joints that do not quite meet, and the tolerance of locate

static bool empty(const cw_rect *r) {
    return r->x0 > r->x1;
}

static void include(cw_rect *r, double x, double y) {
    r->x0 = cw_min(r->x0, x);
    r->y0 = cw_min(r->y0, y);
    r->x1 = cw_max(r->x1, x);
    r->y1 = cw_max(r->y1, y);
}

static const cw_rect nowhere = {INFINITY, INFINITY, -INFINITY, -INFINITY};

bool cw_index_frames(cw_map *map, cw_index *index) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->road_count; i++)
        count += map->roads[i].geometry.count;
    cw_vec2 *frames = cw_arena_array(map->arena, count, sizeof *frames);
    if (frames == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        cw_sincos(map->geometry[i].heading, &frames[i].y, &frames[i].x);
    index->frames = frames;
    return true;
}

// ---- pieces ----------------------------------------------------------------------------------------------------------

typedef struct chunk { // what is drawn into the grid: a short stretch of a piece
    uint32_t piece;
    cw_rect box;
} chunk;

typedef struct gather {
    cw_map *map;
    cw_piece *pieces;
    size_t piece_count, piece_capacity;
    chunk *chunks;
    size_t chunk_count, chunk_capacity;
    double chunk_length;
    cw_rect *road_boxes;
    bool failed;
} gather;

// The width of all lanes at s.
static void section_range(const cw_map *map, const cw_section *section, double s, double *low, double *high) {
    double t0, t1;
    *low = INFINITY;
    *high = -INFINITY;
    if (section->lanes.count == 0)
        return;
    cw_lane_borders_of(map, &map->lanes[section->lanes.first], s, &t0, &t1);
    *low = cw_min(*low, t0);
    *high = cw_max(*high, t1);
    cw_lane_borders_of(map, &map->lanes[section->lanes.first + section->lanes.count - 1], s, &t0, &t1);
    *low = cw_min(*low, t0);
    *high = cw_max(*high, t1);
}

static bool widths_vary(const cw_map *map, const cw_section *section) {
    const cw_road *road = &map->roads[section->road];
    for (uint32_t i = 0; i < road->offset.count; i++) {
        const cw_cubic *c = &map->cubics[road->offset.first + i];
        if (c->b != 0 || c->c != 0 || c->d != 0)
            return true;
    }
    for (uint32_t i = 0; i < section->lanes.count; i++) {
        const cw_lane *lane = &map->lanes[section->lanes.first + i];
        for (uint32_t k = 0; k < lane->width.count; k++) {
            const cw_cubic *c = &map->cubics[lane->width.first + k];
            if (c->b != 0 || c->c != 0 || c->d != 0)
                return true;
        }
    }
    return false;
}

static void add_chunk(gather *g, const cw_section *section, uint32_t geometry, double s0, double s1, bool vary) {
    if (g->failed || !CW_GROW(g->chunks, g->chunk_capacity, g->chunk_count + 1)) {
        g->failed = true;
        return;
    }
    const cw_map *map = g->map;
    const cw_geometry *record = &map->geometry[geometry];
    cw_piece *piece = &g->pieces[g->piece_count - 1];
    cw_rect box = nowhere;
    int samples = record->kind == CW_LINE && !vary ? 2 : 3;
    double low = INFINITY, high = -INFINITY, bend = 0;
    for (int i = 0; i < samples; i++) {
        double s = s0 + (s1 - s0) * i / (samples - 1), t0, t1;
        section_range(map, section, s, &t0, &t1);
        cw_curve_point at;
        cw_curve_at(map, geometry, s - record->s, &at);
        low = cw_min(low, t0);
        high = cw_max(high, t1);
        bend = cw_max(bend, fabs(at.curvature));
        include(&box, at.x - at.s * t0, at.y + at.c * t0);
        include(&box, at.x - at.s * t1, at.y + at.c * t1);
    }
    double length = s1 - s0, reach = cw_max(fabs(low), fabs(high));
    // What the samples cannot show: the bow of the outermost border between them, and of the widths.
    double margin = slack + (samples > 2 ? bend * length * length * 0.125 * (1 + bend * reach) : 0);
    if (vary) {
        margin += 0.1 * length;
        low -= 0.1 * length;
        high += 0.1 * length;
    }
    box.x0 -= margin;
    box.y0 -= margin;
    box.x1 += margin;
    box.y1 += margin;
    piece->t_low = (float)cw_min(piece->t_low, low - slack);
    piece->t_high = (float)cw_max(piece->t_high, high + slack);
    g->chunks[g->chunk_count++] = (chunk){(uint32_t)(g->piece_count - 1), box};
    cw_rect *road_box = &g->road_boxes[section->road];
    include(road_box, box.x0, box.y0);
    include(road_box, box.x1, box.y1);
}

static void add_piece(gather *g, const cw_section *section, uint32_t geometry, double s0, double s1, bool vary) {
    if (g->failed || !CW_GROW(g->pieces, g->piece_capacity, g->piece_count + 1)) {
        g->failed = true;
        return;
    }
    cw_piece piece = {
        .road = section->road, .geometry = geometry, .s0 = s0, .s1 = s1, .t_low = INFINITY, .t_high = -INFINITY};
    for (uint32_t i = 0; i < section->lanes.count; i++) {
        const cw_lane *lane = &g->map->lanes[section->lanes.first + i];
        if (lane->id != 0)
            piece.kinds |= 1u << lane->kind;
    }
    g->pieces[g->piece_count++] = piece;
    const cw_geometry *record = &g->map->geometry[geometry];
    // Short enough for the grid, and for its box to be tight around a bend.
    double step = g->chunk_length, bend = cw_max(fabs(record->k0), fabs(record->k1));
    if (bend * step > 0.5)
        step = cw_max(0.5 / bend, 0.05 * g->chunk_length);
    int parts = (int)cw_clamp(ceil((s1 - s0) / step), 1, 65536);
    for (int i = 0; i < parts; i++)
        add_chunk(g, section, geometry, s0 + (s1 - s0) * i / parts, s0 + (s1 - s0) * (i + 1) / parts, vary);
}

// Lines and arcs are projected in closed form; on the others a search must start near its goal.
static int piece_parts(const cw_geometry *record, double length) {
    if (record->kind == CW_LINE)
        return 1;
    double bend = cw_max(fabs(record->k0), fabs(record->k1)) * length;
    double parts = ceil(bend / 2.5);
    if (record->kind != CW_ARC)
        parts = cw_max(parts, ceil(length / 20));
    return (int)cw_clamp(parts, 1, 4096);
}

static void add_section(gather *g, const cw_section *section) {
    const cw_map *map = g->map;
    const cw_road *road = &map->roads[section->road];
    if (section->lanes.count < 2 && (section->lanes.count == 0 || map->lanes[section->lanes.first].id == 0))
        return;
    bool vary = widths_vary(map, section);
    uint32_t end = road->geometry.first + road->geometry.count;
    for (uint32_t k = road->geometry.first; k < end && !g->failed; k++) {
        const cw_geometry *record = &map->geometry[k];
        double low = cw_max(section->s0, record->s), high = cw_min(section->s1, record->s + record->length);
        if (k + 1 < end) // where records overlap the later one holds
            high = cw_min(high, cw_max(low, map->geometry[k + 1].s));
        if (!(high > low))
            continue;
        int parts = piece_parts(record, high - low);
        for (int i = 0; i < parts; i++)
            add_piece(g, section, k, low + (high - low) * i / parts, low + (high - low) * (i + 1) / parts, vary);
    }
}

// ---- grid ------------------------------------------------------------------------------------------------------------

typedef struct cell_range {
    uint32_t c0, c1, r0, r1;
} cell_range;

static uint32_t cell_of(double x, double low, double inverse, uint32_t count) {
    double at = floor((x - low) * inverse);
    return at < 0 ? 0 : at >= count ? count - 1 : (uint32_t)at;
}

static cell_range cells_of(const cw_index *index, const cw_rect *box) {
    return (cell_range){cell_of(box->x0, index->x0, index->inverse, index->columns),
                        cell_of(box->x1, index->x0, index->inverse, index->columns),
                        cell_of(box->y0, index->y0, index->inverse, index->rows),
                        cell_of(box->y1, index->y0, index->inverse, index->rows)};
}

static bool fill_grid(gather *g, cw_index *index) {
    cw_map *map = g->map;
    size_t cells = (size_t)index->columns * index->rows;
    uint32_t *first = cw_arena_array(map->arena, cells + 1, sizeof *first);
    uint32_t *last_piece = calloc(cells, sizeof *last_piece); // 1 + the piece entered last
    if (first == NULL || last_piece == NULL) {
        free(last_piece);
        return false;
    }
    uint32_t *entries = NULL;
    // Twice: count, then fill. Chunks of one piece follow each other, so a repeat is one of the last piece.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < g->chunk_count; i++) {
            cell_range range = cells_of(index, &g->chunks[i].box);
            uint32_t piece = g->chunks[i].piece;
            for (uint32_t r = range.r0; r <= range.r1; r++) {
                for (uint32_t c = range.c0; c <= range.c1; c++) {
                    size_t cell = (size_t)r * index->columns + c;
                    if (last_piece[cell] == piece + 1)
                        continue;
                    last_piece[cell] = piece + 1;
                    if (pass == 0)
                        first[cell + 1]++;
                    else
                        entries[first[cell]++] = piece;
                }
            }
        }
        if (pass == 0) {
            for (size_t i = 0; i < cells; i++)
                first[i + 1] += first[i];
            entries = cw_arena_array(map->arena, first[cells], sizeof *entries);
            if (entries == NULL)
                break;
            memset(last_piece, 0, cells * sizeof *last_piece);
        } else { // filling moved every offset to the next cell's
            for (size_t i = cells; i > 0; i--)
                first[i] = first[i - 1];
            first[0] = 0;
        }
    }
    free(last_piece);
    index->cell_first = first;
    index->entries = entries;
    return entries != NULL;
}

// Cells of about the chunks' size, unless the map is so wide and thin that they would be too many.
static void lay_grid(cw_index *index, const cw_rect *all, double cell, size_t chunks) {
    double width = cw_max(all->x1 - all->x0, 1), height = cw_max(all->y1 - all->y0, 1);
    double most = cw_min(MOST_CELLS, 64.0 + 16.0 * (double)chunks);
    for (;;) {
        double columns = ceil(width / cell) + 1, rows = ceil(height / cell) + 1;
        if (columns * rows <= most || cell > 1e12) {
            index->columns = (uint32_t)columns;
            index->rows = (uint32_t)rows;
            break;
        }
        cell *= 1.5;
    }
    index->x0 = all->x0;
    index->y0 = all->y0;
    index->cell = cell;
    index->inverse = 1 / cell;
}

bool cw_index_grid(cw_map *map, cw_index *index) {
    gather g = {.map = map};
    g.road_boxes = cw_arena_array(map->arena, map->road_count, sizeof *g.road_boxes);
    if (g.road_boxes == NULL)
        return false;
    double total = 0;
    for (uint32_t i = 0; i < map->road_count; i++) {
        g.road_boxes[i] = nowhere;
        total += map->roads[i].length;
    }
    g.chunk_length = cw_max(8, 4 * total / MOST_CHUNKS);
    for (uint32_t i = 0; i < map->section_count; i++)
        add_section(&g, &map->sections[i]);
    cw_rect all = nowhere;
    for (uint32_t i = 0; i < map->road_count; i++) {
        if (empty(&g.road_boxes[i]))
            continue;
        include(&all, g.road_boxes[i].x0, g.road_boxes[i].y0);
        include(&all, g.road_boxes[i].x1, g.road_boxes[i].y1);
    }
    if (empty(&all))
        all = (cw_rect){0, 0, 0, 0};
    map->low = (cw_vec2){all.x0, all.y0};
    map->high = (cw_vec2){all.x1, all.y1};
    lay_grid(index, &all, g.chunk_length, g.chunk_count);
    bool fine = !g.failed && fill_grid(&g, index);
    cw_piece *pieces = fine ? cw_arena_array(map->arena, g.piece_count, sizeof *pieces) : NULL;
    if (pieces != NULL && g.piece_count > 0)
        memcpy(pieces, g.pieces, g.piece_count * sizeof *pieces);
    index->pieces = pieces;
    index->piece_count = (uint32_t)g.piece_count;
    index->road_boxes = g.road_boxes;
    free(g.pieces);
    free(g.chunks);
    return pieces != NULL;
}

// ---- objects and boxes -----------------------------------------------------------------------------------------------

bool cw_index_objects(cw_map *map, cw_index *index) {
    cw_rect *boxes = cw_arena_array(map->arena, map->object_count, sizeof *boxes);
    if (boxes == NULL)
        return false;
    for (uint32_t i = 0; i < map->object_count; i++) {
        const cw_object *object = &map->objects[i];
        boxes[i] = nowhere;
        for (uint32_t k = 0; k < object->outline.count; k++)
            include(&boxes[i], map->points[object->outline.first + k].x, map->points[object->outline.first + k].y);
        if (object->outline.count == 0) {
            cw_road_point at;
            cw_road_at(map, object->road, object->s, object->t, &at);
            include(&boxes[i], at.x, at.y);
        }
    }
    index->object_boxes = boxes;
    return true;
}

static uint32_t boxes_in(const cw_rect *boxes, uint32_t count, cw_vec2 low, cw_vec2 high, uint32_t *out,
                         uint32_t most) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count && found < most; i++)
        if (boxes[i].x0 <= high.x && boxes[i].x1 >= low.x && boxes[i].y0 <= high.y && boxes[i].y1 >= low.y)
            out[found++] = i;
    return found;
}

uint32_t cw_map_roads_in(const cw_map *map, cw_vec2 low, cw_vec2 high, uint32_t *roads, uint32_t most) {
    return boxes_in(map->index->road_boxes, map->road_count, low, high, roads, most);
}

uint32_t cw_map_objects_in(const cw_map *map, cw_vec2 low, cw_vec2 high, uint32_t *objects, uint32_t most) {
    return boxes_in(map->index->object_boxes, map->object_count, low, high, objects, most);
}

// ---- ids -------------------------------------------------------------------------------------------------------------

typedef struct id_entry {
    const char *id;
    uint32_t index;
} id_entry;

static int by_id(const void *a, const void *b) {
    const id_entry *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static const uint32_t *sort_ids(cw_map *map, uint32_t count, bool roads) {
    uint32_t *sorted = cw_arena_array(map->arena, count, sizeof *sorted);
    id_entry *entries = calloc((size_t)count + 1, sizeof *entries);
    if (sorted == NULL || entries == NULL) {
        free(entries);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (id_entry){roads ? map->roads[i].id : map->signals[i].id, i};
    qsort(entries, count, sizeof *entries, by_id);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = entries[i].index;
    free(entries);
    return sorted;
}

bool cw_index_ids(cw_map *map, cw_index *index) {
    index->roads_by_id = sort_ids(map, map->road_count, true);
    index->signals_by_id = sort_ids(map, map->signal_count, false);
    return index->roads_by_id != NULL && index->signals_by_id != NULL;
}

uint32_t cw_map_find_road(const cw_map *map, const char *id) {
    uint32_t low = 0, high = map->road_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(map->roads[map->index->roads_by_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == map->road_count)
        return CW_NONE;
    uint32_t road = map->index->roads_by_id[low];
    return strcmp(map->roads[road].id, id) == 0 ? road : CW_NONE;
}

uint32_t cw_map_find_signal(const cw_map *map, const char *id) {
    uint32_t low = 0, high = map->signal_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(map->signals[map->index->signals_by_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == map->signal_count)
        return CW_NONE;
    uint32_t signal = map->index->signals_by_id[low];
    return strcmp(map->signals[signal].id, id) == 0 ? signal : CW_NONE;
}

uint32_t cw_map_find_lane(const cw_map *map, uint32_t road, int32_t id, double s) {
    if (road >= map->road_count || map->roads[road].sections.count == 0)
        return CW_NONE;
    const cw_section *section = &map->sections[cw_road_section_at(map, &map->roads[road], s)];
    for (uint32_t i = 0; i < section->lanes.count; i++)
        if (map->lanes[section->lanes.first + i].id == id)
            return section->lanes.first + i;
    return CW_NONE;
}

void cw_map_free(cw_map *map) {
    if (map != NULL)
        cw_arena_free(map->arena); // the map itself lives in it
}
