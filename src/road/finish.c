// From the builder's tables to a map.
#include "builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- tables ----------------------------------------------------------------------------------------------------------

static void *copy_rows(cw_map_builder *b, void **items, size_t *count, size_t *capacity, size_t element) {
    void *copy = b->failed ? NULL : cw_arena_array(b->map->arena, *count, element);
    if (copy == NULL)
        b->failed = true;
    else if (*count > 0)
        memcpy(copy, *items, *count * element);
    free(*items);
    *items = NULL;
    *count = *capacity = 0;
    return copy;
}

// Moves a table into the arena; the builder's copy is freed at once, to keep the peak low.
#define MOVE(builder, table)                                                                                           \
    copy_rows((builder), (void **)&(table)->items, &(table)->count, &(table)->capacity, sizeof *(table)->items)

static bool copy_roads(cw_map_builder *b) {
    cw_map *map = b->map;
    map->road_count = (uint32_t)b->roads.count;
    map->section_count = (uint32_t)b->sections.count;
    map->lane_count = (uint32_t)b->lanes.count;
    cw_road *roads = cw_arena_array(map->arena, map->road_count, sizeof *roads);
    cw_lane *lanes = cw_arena_array(map->arena, map->lane_count, sizeof *lanes);
    cw_section *sections = MOVE(b, &b->sections);
    map->geometry = MOVE(b, &b->geometry);
    map->cubics = MOVE(b, &b->cubics);
    map->road_types = MOVE(b, &b->types);
    map->marks = MOVE(b, &b->marks);
    map->limits = MOVE(b, &b->limits);
    map->grip_count = (uint32_t)b->grips.count;
    map->grips = MOVE(b, &b->grips);
    if (b->failed || roads == NULL || lanes == NULL)
        return false;
    for (uint32_t i = 0; i < map->road_count; i++)
        roads[i] = b->roads.items[i].road;
    for (uint32_t i = 0; i < map->lane_count; i++)
        lanes[i] = b->lanes.items[i].lane;
    // Sections follow each other as the file states them; each ends where the next begins.
    for (uint32_t i = 0; i < map->road_count; i++) {
        cw_span span = roads[i].sections;
        for (uint32_t k = 0; k < span.count; k++) {
            cw_section *section = &sections[span.first + k];
            section->s0 = cw_clamp(section->s0, 0, roads[i].length);
            if (k == 0)
                section->s0 = 0;
            else if (section->s0 < section[-1].s0)
                section->s0 = section[-1].s0;
            section->s1 = roads[i].length;
            if (k > 0)
                section[-1].s1 = section->s0;
        }
    }
    for (uint32_t i = 0; i < map->lane_count; i++) {
        lanes[i].s0 = sections[lanes[i].section].s0;
        lanes[i].s1 = sections[lanes[i].section].s1;
    }
    map->roads = b->final_roads = roads;
    map->lanes = b->final_lanes = lanes;
    map->sections = sections;
    return true;
}

// ---- stops -----------------------------------------------------------------------------------------------------------

static int by_lane_then_s(const void *a, const void *b) {
    const cw_stop *x = a, *y = b;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    if (x->s != y->s)
        return x->s < y->s ? -1 : 1;
    return (x->signal > y->signal) - (x->signal < y->signal);
}

static int by_signal_then_lane(const void *a, const void *b) {
    const cw_stop *x = a, *y = b;
    if (x->signal != y->signal)
        return x->signal < y->signal ? -1 : 1;
    return by_lane_then_s(a, b);
}

// The table holds every stop twice: sorted by lane, then once more by signal for the signals' spans.
static bool store_stops(cw_map_builder *b, cw_stop_table *table, cw_signal *signals) {
    cw_map *map = b->map;
    size_t count = 0;
    if (table->count > 0)
        qsort(table->items, table->count, sizeof *table->items, by_lane_then_s);
    for (size_t i = 0; i < table->count; i++) {
        const cw_stop *stop = &table->items[i];
        bool again = false;
        for (size_t k = count; k > 0 && table->items[k - 1].lane == stop->lane && !again; k--)
            again = table->items[k - 1].signal == stop->signal &&
                    (stop->signal != CW_NONE || stop->s - table->items[k - 1].s < 0.5);
        if (!again)
            table->items[count++] = *stop;
    }
    table->count = count;
    cw_stop *stops = cw_arena_array(map->arena, 2 * count, sizeof *stops);
    uint32_t *first = cw_arena_array(map->arena, (size_t)map->lane_count + 1, sizeof *first);
    if (stops == NULL || first == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        stops[i] = stops[count + i] = table->items[i];
        first[stops[i].lane + 1]++;
    }
    for (uint32_t i = 0; i < map->lane_count; i++)
        first[i + 1] += first[i];
    if (count > 0)
        qsort(stops + count, count, sizeof *stops, by_signal_then_lane);
    for (size_t i = count; i < 2 * count; i++) {
        if (stops[i].signal == CW_NONE)
            break;
        cw_span *span = &signals[stops[i].signal].stops;
        if (span->count++ == 0)
            span->first = (uint32_t)i;
    }
    map->stops = stops;
    map->stop_count = (uint32_t)count;
    map->lane_stops = first;
    return true;
}

// ---- hash ------------------------------------------------------------------------------------------------------------

static uint64_t hash_doubles(uint64_t hash, const double *values, size_t count) {
    return cw_hash_bytes(hash, values, count * sizeof *values);
}

static uint64_t hash_ints(uint64_t hash, const uint32_t *values, size_t count) {
    return cw_hash_bytes(hash, values, count * sizeof *values);
}

// Field by field: structs hold padding and pointers.
static uint64_t hash_map(const cw_map *map) {
    uint64_t h =
        hash_ints(1,
                  (const uint32_t[]){map->road_count, map->section_count, map->lane_count, map->junction_count,
                                     map->signal_count, map->object_count, map->stop_count, map->crossing_count},
                  8);
    for (uint32_t i = 0; i < map->road_count; i++) {
        const cw_road *r = &map->roads[i];
        h = hash_doubles(h, &r->length, 1);
        h = hash_ints(h,
                      (const uint32_t[]){r->left_hand, r->junction, r->predecessor.kind, r->predecessor.at_end,
                                         r->predecessor.index, r->successor.kind, r->successor.at_end,
                                         r->successor.index},
                      8);
        for (uint32_t k = 0; k < r->geometry.count; k++) {
            const cw_geometry *g = &map->geometry[r->geometry.first + k];
            h = hash_doubles(h, (const double[]){g->s, g->x, g->y, g->heading, g->length, g->k0, g->k1}, 7);
            h = hash_doubles(h, g->u, 4);
            h = hash_doubles(h, g->v, 4);
            h = hash_ints(h, (const uint32_t[]){(uint32_t)g->kind, g->normalized}, 2);
        }
        const cw_span profiles[] = {r->elevation, r->superelevation, r->offset};
        for (int p = 0; p < 3; p++)
            h = cw_hash_bytes(h, map->cubics + profiles[p].first, profiles[p].count * sizeof *map->cubics);
        for (uint32_t k = 0; k < r->kinds.count; k++) {
            const cw_road_type *type = &map->road_types[r->kinds.first + k];
            h = hash_doubles(h, (const double[]){type->s, type->kind, (double)type->limit}, 3);
        }
    }
    for (uint32_t i = 0; i < map->lane_count; i++) {
        const cw_lane *l = &map->lanes[i];
        h = hash_ints(h,
                      (const uint32_t[]){l->road, l->section, (uint32_t)l->id, l->kind, (uint32_t)l->direction,
                                         l->both_ways, l->level, l->left, l->right, l->is_border},
                      10);
        h = hash_doubles(h, (const double[]){l->s0, l->s1, l->length}, 3);
        h = cw_hash_bytes(h, map->cubics + l->width.first, l->width.count * sizeof *map->cubics);
        h = hash_ints(h, map->links + l->next.first, l->next.count);
        h = hash_ints(h, map->links + l->previous.first, l->previous.count);
        for (uint32_t k = 0; k < l->marks.count; k++) {
            const cw_road_mark *m = &map->marks[l->marks.first + k];
            h = hash_doubles(h, (const double[]){m->s, m->kind, m->color, m->change, m->bold, (double)m->width}, 6);
        }
        for (uint32_t k = 0; k < l->limits.count; k++) {
            const cw_speed_record *r = &map->limits[l->limits.first + k];
            h = hash_doubles(h, (const double[]){r->s, (double)r->limit}, 2);
        }
        for (uint32_t k = 0; k < l->grips.count; k++) {
            const cw_grip_record *r = &map->grips[l->grips.first + k];
            h = hash_doubles(h, (const double[]){r->s, (double)r->friction}, 2);
        }
        for (uint32_t k = 0; k < l->conflicts.count; k++) {
            const cw_conflict *c = &map->conflicts[l->conflicts.first + k];
            h = hash_doubles(h, (const double[]){c->other, c->s_in, c->s_out, c->other_in, c->other_out, c->priority},
                             6);
        }
    }
    for (uint32_t i = 0; i < map->signal_count; i++) {
        const cw_signal *s = &map->signals[i];
        h = hash_ints(h, (const uint32_t[]){s->kind, s->dynamic, (uint32_t)s->orientation, s->road}, 4);
        h = hash_doubles(h, (const double[]){s->s, s->t, s->z, s->value, (double)s->heading}, 5);
    }
    for (uint32_t i = 0; i < map->stop_count; i++)
        h = hash_doubles(h, (const double[]){map->stops[i].lane, map->stops[i].s, map->stops[i].signal}, 3);
    for (uint32_t i = 0; i < map->object_count; i++) {
        const cw_object *o = &map->objects[i];
        h = hash_ints(h, (const uint32_t[]){o->kind, o->road, o->solid}, 3);
        h = hash_doubles(h, (const double[]){o->s, o->t, o->z, (double)o->heading, (double)o->height}, 5);
        h = cw_hash_bytes(h, map->points + o->outline.first, o->outline.count * sizeof *map->points);
    }
    for (uint32_t i = 0; i < map->crossing_count; i++) {
        const cw_crossing *c = &map->crossings[i];
        h = hash_doubles(h, (const double[]){c->lane, c->object, c->s_in, c->s_out}, 4);
    }
    return h;
}

// ---- finish ----------------------------------------------------------------------------------------------------------

static int by_object_then_lane(const void *a, const void *b) {
    const cw_crossing *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    return (x->s_in > y->s_in) - (x->s_in < y->s_in);
}

static bool store_crossings(cw_map_builder *b, cw_crossing_table *table) {
    cw_map *map = b->map;
    if (table->count > 0)
        qsort(table->items, table->count, sizeof *table->items, by_object_then_lane);
    cw_crossing *crossings = cw_arena_array(map->arena, table->count, sizeof *crossings);
    if (crossings == NULL)
        return false;
    cw_object *objects = (cw_object *)(uintptr_t)map->objects; // ours until the map is handed out
    for (size_t i = 0; i < table->count; i++) {
        crossings[i] = table->items[i];
        cw_span *span = &objects[crossings[i].object].crossed;
        if (span->count++ == 0)
            span->first = (uint32_t)i;
    }
    map->crossings = crossings;
    map->crossing_count = (uint32_t)table->count;
    return true;
}

// What signals, priorities and outlines were stated as, kept for those who write the map.
static bool store_statements(cw_map_builder *b) {
    cw_map *map = b->map;
    cw_signal_reference *references = cw_arena_array(map->arena, b->references.count, sizeof *references);
    cw_priority *priorities = cw_arena_array(map->arena, b->priorities.count, sizeof *priorities);
    if (references == NULL || priorities == NULL)
        return false;
    for (size_t i = 0; i < b->references.count; i++) {
        const cw_raw_reference *raw = &b->references.items[i];
        uint32_t signal = raw->id == NULL ? raw->signal : cw_map_find_signal(map, raw->id);
        references[i] =
            (cw_signal_reference){signal, raw->road, raw->s, raw->orientation, raw->id == NULL, raw->validity};
    }
    for (size_t i = 0; i < b->priorities.count; i++) {
        const cw_raw_priority *raw = &b->priorities.items[i];
        uint32_t high = raw->high != NULL ? cw_builder_find_road(b, raw->high) : CW_NONE;
        uint32_t low = raw->low != NULL ? cw_builder_find_road(b, raw->low) : CW_NONE;
        if (high != CW_NONE && low != CW_NONE)
            priorities[map->priority_count++] = (cw_priority){raw->junction, high, low};
    }
    map->references = references;
    map->reference_count = (uint32_t)b->references.count;
    map->priorities = priorities;
    map->validity = MOVE(b, &b->validity);
    map->corners = MOVE(b, &b->corners);
    return !b->failed;
}

static bool finish(cw_map_builder *b) {
    cw_map *map = b->map;
    cw_stop_table stops = {0};
    cw_crossing_table crossings = {0};
    cw_index *index = cw_arena_alloc(map->arena, sizeof *index);
    if (index == NULL || b->failed)
        return false;
    map->index = index;
    bool fine = cw_lanelets_lay(b) && copy_roads(b) && cw_index_frames(map, index) && cw_index_ids(map, index);
    if (!fine)
        return false;
    b->by_road_id = index->roads_by_id;
    fine = cw_index_travel(map, index, b->final_lanes) && cw_links_resolve(b, index) && cw_lanelets_link(b) &&
           cw_links_store(b) && cw_index_grid(map, index) && cw_objects_place(b, &crossings, &stops) &&
           cw_index_objects(map, index);
    cw_signal *signals = NULL;
    if (fine) {
        map->signal_count = (uint32_t)b->signals.count;
        map->signals = signals = MOVE(b, &b->signals);
        fine = signals != NULL && cw_index_ids(map, index) && cw_signals_place(b, &stops) &&
               cw_lanelets_signals(b, &stops);
    }
    fine = fine && store_stops(b, &stops, signals) && store_crossings(b, &crossings) && cw_speed_signs_apply(b) &&
           cw_conflicts_find(b) && store_statements(b);
    free(stops.items);
    free(crossings.items);
    if (fine && !b->failed)
        map->hash = hash_map(map);
    return fine && !b->failed;
}

cw_status cw_build_finish(cw_map_builder *b, const char *path, cw_map **map, cw_error *err) {
    *map = NULL;
    if (!finish(b))
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    *map = b->map;
    b->map = NULL;
    return CW_OK;
}
