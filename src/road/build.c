// Filling the builder.
#include "builder.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- memory ----------------------------------------------------------------------------------------------------------

// Indices are 32 bits wide; a table that reaches this is no map.
static const size_t most_rows = (size_t)1 << 28;

bool cw_table_room(cw_map_builder *builder, void **items, size_t *capacity, size_t count, size_t element) {
    if (builder->failed || count >= most_rows || !cw_grow_bytes(items, capacity, count + 1, element)) {
        builder->failed = true;
        return false;
    }
    memset((char *)*items + count * element, 0, element);
    return true;
}

const char *cw_builder_text(cw_map_builder *builder, cw_build_text text) {
    if (text.text == NULL)
        return NULL;
    const char *copy = cw_arena_text(builder->map->arena, text.text, text.length);
    if (copy == NULL)
        builder->failed = true;
    return copy;
}

static const char *some_text(cw_map_builder *builder, cw_build_text text) {
    const char *copy = text.text != NULL && text.length > 0 ? cw_builder_text(builder, text) : NULL;
    return copy != NULL ? copy : "";
}

void cw_builder_note(cw_map_builder *builder, int line, int column, const char *name, const char *text) {
    if (builder->note != NULL)
        builder->note(builder->note_context, line, column, name, text);
}

cw_map_builder *cw_build_new(cw_build_note *note, void *context) {
    cw_map_builder *b = calloc(1, sizeof *b);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_map *map = arena != NULL ? cw_arena_alloc(arena, sizeof *map) : NULL;
    if (b == NULL || map == NULL) {
        cw_arena_free(arena);
        free(b);
        return NULL;
    }
    map->arena = arena;
    map->name = map->georeference = "";
    b->map = map;
    b->note = note;
    b->note_context = context;
    return b;
}

void cw_build_free(cw_map_builder *b) {
    if (b == NULL)
        return;
    cw_map_free(b->map);
    for (size_t i = 0; i < b->lanelets.count; i++)
        free(b->lanelets.items[i].z);
    void *tables[] = {b->roads.items,         b->sections.items,        b->lanes.items,          b->lane_links.items,
                      b->geometry.items,      b->cubics.items,          b->open[0].items,        b->open[1].items,
                      b->open[2].items,       b->border.items,          b->types.items,          b->marks.items,
                      b->limits.items,        b->grips.items,           b->junctions.items,      b->connections.items,
                      b->pairs.items,         b->priorities.items,      b->signals.items,        b->references.items,
                      b->validity.items,      b->controls.items,        b->objects.items,        b->corners.items,
                      b->lanelets.items,      b->edges.items,           b->lanelet_points.items, b->lanelet_links.items,
                      b->lanelet_stops.items, b->lanelet_signals.items, b->lanelet_holds.items,  b->lanelet_names};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        free(tables[i]);
    free(b);
}

// ---- header ----------------------------------------------------------------------------------------------------------

void cw_build_header(cw_map_builder *b, cw_build_text name, double x, double y, double z, double heading) {
    if (name.text != NULL)
        b->map->name = some_text(b, name);
    b->map->origin_x = x;
    b->map->origin_y = y;
    b->map->origin_z = z;
    b->map->origin_heading = heading;
}

void cw_build_georeference(cw_map_builder *b, cw_build_text georeference) {
    b->map->georeference = some_text(b, georeference);
}

// ---- roads -----------------------------------------------------------------------------------------------------------

uint32_t cw_build_begin_road(cw_map_builder *b, const cw_build_road *road) {
    assert(!b->road_open);
    b->road_open = true;
    cw_raw_road *raw = CW_ADD(b, &b->roads);
    if (raw == NULL)
        return CW_NONE;
    raw->road.id = some_text(b, road->id);
    raw->road.name = some_text(b, road->name);
    raw->junction = cw_builder_text(b, road->junction);
    raw->road.junction = CW_NONE;
    raw->road.length = road->length;
    raw->road.left_hand = road->left_hand;
    raw->road.geometry.first = (uint32_t)b->geometry.count;
    raw->road.kinds.first = (uint32_t)b->types.count;
    raw->road.sections.first = (uint32_t)b->sections.count;
    return (uint32_t)b->roads.count - 1;
}

static cw_raw_road *last_road(cw_map_builder *b) {
    return !b->failed && b->roads.count > 0 ? &b->roads.items[b->roads.count - 1] : NULL;
}

void cw_build_road_length(cw_map_builder *b, double length) {
    cw_raw_road *road = last_road(b);
    if (road != NULL)
        road->road.length = length;
}

void cw_build_geometry(cw_map_builder *b, const cw_geometry *geometry) {
    cw_geometry *row = CW_ADD(b, &b->geometry);
    if (row != NULL)
        *row = *geometry;
}

void cw_build_cubic(cw_map_builder *b, cw_build_profile profile, const cw_cubic *cubic) {
    cw_cubic *row = CW_ADD(b, &b->open[profile]);
    if (row != NULL)
        *row = *cubic;
}

void cw_build_road_type(cw_map_builder *b, const cw_road_type *type) {
    cw_road_type *row = CW_ADD(b, &b->types);
    if (row != NULL)
        *row = *type;
}

void cw_build_road_link(cw_map_builder *b, bool successor, const cw_build_link *link) {
    cw_raw_link raw = {
        cw_builder_text(b, link->id), (uint8_t)link->kind, link->at_end, link->in_between, link->line, link->column};
    cw_raw_road *road = last_road(b);
    if (road != NULL)
        *(successor ? &road->successor : &road->predecessor) = raw;
}

static int by_leading_double(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

// Sort by the leading double, stable for all but hostile numbers of rows: files are nearly always sorted already.
static void sort_rows(void *rows, size_t count, size_t element) {
    if (count > 512) {
        qsort(rows, count, element, by_leading_double);
        return;
    }
    char *base = rows, held[sizeof(cw_geometry)];
    assert(element <= sizeof held);
    for (size_t i = 1; i < count; i++) {
        double key, before;
        memcpy(&key, base + i * element, sizeof key);
        size_t j = i;
        for (; j > 0; j--) {
            memcpy(&before, base + (j - 1) * element, sizeof before);
            if (!(before > key))
                break;
        }
        if (j == i)
            continue;
        memcpy(held, base + i * element, element);
        memmove(base + (j + 1) * element, base + j * element, (i - j) * element);
        memcpy(base + j * element, held, element);
    }
}

static cw_span flush_cubics(cw_map_builder *b, cw_cubic_table *from) {
    cw_span span = {(uint32_t)b->cubics.count, (uint32_t)from->count};
    sort_rows(from->items, from->count, sizeof *from->items);
    for (size_t i = 0; i < from->count && !b->failed; i++) {
        cw_cubic *row = CW_ADD(b, &b->cubics);
        if (row != NULL)
            *row = from->items[i];
    }
    from->count = 0;
    return span;
}

void cw_build_begin_section(cw_map_builder *b, double s) {
    assert(b->road_open && !b->section_open);
    b->section_open = true;
    cw_section *section = CW_ADD(b, &b->sections);
    if (section == NULL)
        return;
    section->road = (uint32_t)b->roads.count - 1;
    section->s0 = s;
    section->lanes.first = (uint32_t)b->lanes.count;
}

// ---- lanes -----------------------------------------------------------------------------------------------------------

void cw_build_begin_lane(cw_map_builder *b, const cw_build_lane *lane) {
    assert(b->section_open && !b->lane_open);
    b->lane_open = true;
    b->border.count = 0;
    cw_raw_lane *raw = CW_ADD(b, &b->lanes);
    if (raw == NULL)
        return;
    bool left_hand = b->roads.items[b->roads.count - 1].road.left_hand;
    int direction = (lane->id > 0) == left_hand ? 1 : -1;
    if (lane->id == 0)
        direction = 1;
    raw->lane = (cw_lane){
        .road = (uint32_t)b->roads.count - 1,
        .section = (uint32_t)b->sections.count - 1,
        .id = lane->id,
        .kind = (uint8_t)lane->kind,
        .direction = (int8_t)(lane->way == CW_WAY_REVERSED ? -direction : direction),
        .both_ways = lane->way == CW_WAY_BOTH || lane->kind == CW_LANE_BIDIRECTIONAL,
        .level = lane->level,
        .junction = CW_NONE,
        .width = {(uint32_t)b->cubics.count, 0},
        .marks = {(uint32_t)b->marks.count, 0},
        .limits = {(uint32_t)b->limits.count, 0},
        .grips = {(uint32_t)b->grips.count, 0},
        .left = CW_NONE,
        .right = CW_NONE,
    };
    raw->way = (uint8_t)lane->way;
    raw->links.first = (uint32_t)b->lane_links.count;
}

void cw_build_width(cw_map_builder *b, const cw_cubic *width) {
    cw_cubic *row = CW_ADD(b, &b->cubics);
    if (row != NULL)
        *row = *width;
}

void cw_build_border(cw_map_builder *b, const cw_cubic *border) {
    cw_cubic *row = CW_ADD(b, &b->border);
    if (row != NULL)
        *row = *border;
}

void cw_build_mark(cw_map_builder *b, const cw_road_mark *mark) {
    cw_road_mark *row = CW_ADD(b, &b->marks);
    if (row != NULL)
        *row = *mark;
}

void cw_build_limit(cw_map_builder *b, const cw_speed_record *limit) {
    cw_speed_record *row = CW_ADD(b, &b->limits);
    if (row != NULL)
        *row = *limit;
}

void cw_build_grip(cw_map_builder *b, const cw_grip_record *grip) {
    cw_grip_record *row = CW_ADD(b, &b->grips);
    if (row != NULL)
        *row = *grip;
}

void cw_build_lane_link(cw_map_builder *b, bool successor, int32_t id, int line, int column) {
    cw_raw_lane_link *row = CW_ADD(b, &b->lane_links);
    if (row != NULL)
        *row = (cw_raw_lane_link){id, successor, line, column};
}

void cw_build_end_lane(cw_map_builder *b) {
    b->lane_open = false;
    if (b->failed)
        return;
    cw_raw_lane *raw = &b->lanes.items[b->lanes.count - 1];
    cw_lane *lane = &raw->lane;
    lane->width.count = (uint32_t)b->cubics.count - lane->width.first;
    lane->marks.count = (uint32_t)b->marks.count - lane->marks.first;
    lane->limits.count = (uint32_t)b->limits.count - lane->limits.first;
    lane->grips.count = (uint32_t)b->grips.count - lane->grips.first;
    raw->links.count = (uint32_t)b->lane_links.count - raw->links.first;
    if (lane->width.count > 0)
        sort_rows(b->cubics.items + lane->width.first, lane->width.count, sizeof *b->cubics.items);
    if (lane->marks.count > 0)
        sort_rows(b->marks.items + lane->marks.first, lane->marks.count, sizeof *b->marks.items);
    if (lane->limits.count > 0)
        sort_rows(b->limits.items + lane->limits.first, lane->limits.count, sizeof *b->limits.items);
    if (lane->grips.count > 0)
        sort_rows(b->grips.items + lane->grips.first, lane->grips.count, sizeof *b->grips.items);
    if (lane->width.count == 0 && b->border.count > 0) {
        lane->width = flush_cubics(b, &b->border);
        lane->is_border = true;
    }
    b->border.count = 0;
}

static int by_falling_id(const void *a, const void *b) {
    const cw_raw_lane *x = a, *y = b;
    if (x->lane.id != y->lane.id)
        return x->lane.id < y->lane.id ? 1 : -1;
    return (x->links.first > y->links.first) - (x->links.first < y->links.first);
}

void cw_build_end_section(cw_map_builder *b) {
    if (b->failed) {
        b->section_open = false;
        return;
    }
    cw_section *section = &b->sections.items[b->sections.count - 1];
    bool has_center = false;
    for (size_t i = section->lanes.first; i < b->lanes.count; i++)
        has_center = has_center || b->lanes.items[i].lane.id == 0;
    if (!has_center) {
        cw_build_begin_lane(b, &(cw_build_lane){.kind = CW_LANE_NONE});
        cw_build_end_lane(b);
    }
    b->section_open = false;
    if (b->failed)
        return;
    cw_raw_lane *lanes = b->lanes.items + section->lanes.first;
    size_t count = b->lanes.count - section->lanes.first, kept = 0;
    qsort(lanes, count, sizeof *lanes, by_falling_id);
    for (size_t i = 0; i < count; i++) { // of two lanes with one id the first stays
        if (kept > 0 && lanes[kept - 1].lane.id == lanes[i].lane.id) {
            cw_builder_note(b, 0, 0, "lane", "its id is taken in this section; it is left out");
            continue;
        }
        lanes[kept++] = lanes[i];
    }
    b->lanes.count = section->lanes.first + kept;
    section->lanes.count = (uint32_t)kept;
    for (uint32_t i = 0; i < kept; i++)
        if (lanes[i].lane.id == 0)
            section->center = section->lanes.first + i;
}

void cw_build_end_road(cw_map_builder *b) {
    b->road_open = false;
    cw_raw_road *raw = last_road(b);
    if (raw == NULL)
        return;
    cw_road *road = &raw->road;
    road->geometry.count = (uint32_t)b->geometry.count - road->geometry.first;
    road->kinds.count = (uint32_t)b->types.count - road->kinds.first;
    road->sections.count = (uint32_t)b->sections.count - road->sections.first;
    if (road->geometry.count > 0)
        sort_rows(b->geometry.items + road->geometry.first, road->geometry.count, sizeof *b->geometry.items);
    if (road->kinds.count > 0)
        sort_rows(b->types.items + road->kinds.first, road->kinds.count, sizeof *b->types.items);
    road->elevation = flush_cubics(b, &b->open[CW_PROFILE_ELEVATION]);
    road->superelevation = flush_cubics(b, &b->open[CW_PROFILE_SUPERELEVATION]);
    road->offset = flush_cubics(b, &b->open[CW_PROFILE_OFFSET]);
}

// ---- junctions -------------------------------------------------------------------------------------------------------

void cw_build_junction(cw_map_builder *b, cw_build_text id, uint8_t kind) {
    const char *text = some_text(b, id);
    cw_junction *row = CW_ADD(b, &b->junctions);
    if (row != NULL)
        *row = (cw_junction){.id = text, .kind = kind};
}

void cw_build_connection(cw_map_builder *b, cw_build_text incoming, cw_build_text other, bool at_end, int line,
                         int column) {
    cw_raw_connection raw = {.junction = (uint32_t)b->junctions.count - 1,
                             .incoming = cw_builder_text(b, incoming),
                             .other = cw_builder_text(b, other),
                             .at_end = at_end,
                             .pairs = {(uint32_t)b->pairs.count, 0},
                             .line = line,
                             .column = column};
    cw_raw_connection *row = CW_ADD(b, &b->connections);
    if (row != NULL)
        *row = raw;
}

void cw_build_lane_pair(cw_map_builder *b, int32_t from, int32_t to, int line, int column) {
    if (b->connections.count == 0)
        return;
    cw_raw_pair *row = CW_ADD(b, &b->pairs);
    if (row == NULL)
        return;
    *row = (cw_raw_pair){from, to, line, column};
    b->connections.items[b->connections.count - 1].pairs.count++;
}

void cw_build_priority(cw_map_builder *b, cw_build_text high, cw_build_text low) {
    cw_raw_priority raw = {(uint32_t)b->junctions.count - 1, cw_builder_text(b, high), cw_builder_text(b, low)};
    cw_raw_priority *row = CW_ADD(b, &b->priorities);
    if (row != NULL)
        *row = raw;
}

// ---- signals and objects ---------------------------------------------------------------------------------------------

void cw_build_signal_add(cw_map_builder *b, const cw_build_signal *signal) {
    cw_signal raw = {
        .id = some_text(b, signal->id),
        .name = some_text(b, signal->name),
        .country = some_text(b, signal->country),
        .type = some_text(b, signal->type),
        .subtype = some_text(b, signal->subtype),
        .kind = (uint8_t)signal->kind,
        .dynamic = signal->dynamic,
        .orientation = signal->orientation,
        .road = (uint32_t)b->roads.count - 1,
        .s = signal->s,
        .t = signal->t,
        .z = signal->z,
        .value = signal->value,
        .heading = (float)signal->heading,
        .height = (float)signal->height,
        .width = (float)signal->width,
    };
    cw_signal *row = CW_ADD(b, &b->signals);
    cw_raw_reference *reference = CW_ADD(b, &b->references);
    if (row == NULL || reference == NULL)
        return;
    *row = raw;
    *reference = (cw_raw_reference){.signal = (uint32_t)b->signals.count - 1,
                                    .road = raw.road,
                                    .s = raw.s,
                                    .orientation = raw.orientation,
                                    .validity = {(uint32_t)b->validity.count, 0}};
}

void cw_build_signal_reference(cw_map_builder *b, cw_build_text id, double s, int8_t orientation, int line,
                               int column) {
    const char *text = some_text(b, id);
    cw_raw_reference *row = CW_ADD(b, &b->references);
    if (row != NULL)
        *row = (cw_raw_reference){text, CW_NONE,     (uint32_t)b->roads.count - 1,
                                  s,    orientation, {(uint32_t)b->validity.count, 0},
                                  line, column};
}

void cw_build_validity(cw_map_builder *b, int32_t from, int32_t to) {
    if (b->references.count == 0)
        return;
    cw_raw_validity *row = CW_ADD(b, &b->validity);
    if (row == NULL)
        return;
    *row = from < to ? (cw_raw_validity){from, to} : (cw_raw_validity){to, from};
    b->references.items[b->references.count - 1].validity.count++;
}

void cw_build_control(cw_map_builder *b, cw_build_text controller, cw_build_text signal) {
    cw_raw_control raw = {cw_builder_text(b, controller), cw_builder_text(b, signal)};
    cw_raw_control *row = CW_ADD(b, &b->controls);
    if (row != NULL)
        *row = raw;
}

void cw_build_object_add(cw_map_builder *b, const cw_build_object *object) {
    cw_raw_object raw = {
        .object = {.id = some_text(b, object->id),
                   .name = some_text(b, object->name),
                   .kind = (uint8_t)object->kind,
                   .road = (uint32_t)b->roads.count - 1,
                   .s = object->s,
                   .t = object->t,
                   .z = object->z,
                   .heading = (float)object->heading,
                   .height = (float)object->height,
                   .solid = object->solid},
        .stop_line = object->stop_line,
        .strip = object->strip,
        .length = object->length,
        .width = object->width,
        .radius = object->radius,
        .s_end = object->s_end,
        .t_end = object->t_end,
        .width_end = object->width_end,
        .corners = {(uint32_t)b->corners.count, object->corner_count},
    };
    for (uint32_t i = 0; i < object->corner_count; i++) {
        cw_build_corner *corner = CW_ADD(b, &b->corners);
        if (corner == NULL)
            return;
        *corner = object->corners[i];
    }
    cw_raw_object *row = CW_ADD(b, &b->objects);
    if (row != NULL)
        *row = raw;
}
