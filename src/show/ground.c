#include "ground.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_POINTS = 64, MARK_WIDTH_CM = 13, BOLD_WIDTH_CM = 25 };
static const double CELL = 32.0, PIECE = 60.0, STEP = 2.0, TOLERANCE = 0.02;

// ---- near the path ---------------------------------------------------------------------------------------------------

typedef struct region {
    cw_vec2 low;
    double cell;
    uint32_t columns, rows;
    uint8_t *marked;
} region;

typedef struct builder {
    ground *out;
    const cw_map *map;
    region near;
    bool failed;
} builder;

static bool region_make(region *out, const cw_vec2 *path, size_t count, double radius) {
    cw_vec2 low = path[0], high = path[0];
    for (size_t i = 1; i < count; i++) {
        low = (cw_vec2){cw_min(low.x, path[i].x), cw_min(low.y, path[i].y)};
        high = (cw_vec2){cw_max(high.x, path[i].x), cw_max(high.y, path[i].y)};
    }
    out->low = (cw_vec2){low.x - radius, low.y - radius};
    double width = high.x - low.x + 2.0 * radius, height = high.y - low.y + 2.0 * radius;
    out->cell = CELL;
    while ((width / out->cell + 2.0) * (height / out->cell + 2.0) > 1e6)
        out->cell *= 2.0;
    out->columns = (uint32_t)(width / out->cell) + 2;
    out->rows = (uint32_t)(height / out->cell) + 2;
    out->marked = calloc((size_t)out->columns * out->rows, 1);
    if (out->marked == NULL)
        return false;
    int reach = (int)ceil(radius / out->cell);
    int64_t before = -1;
    for (size_t i = 0; i < count; i++) {
        int cx = (int)((path[i].x - out->low.x) / out->cell), cy = (int)((path[i].y - out->low.y) / out->cell);
        if (before == (int64_t)cy * out->columns + cx)
            continue;
        before = (int64_t)cy * out->columns + cx;
        for (int y = cy - reach; y <= cy + reach; y++)
            for (int x = cx - reach; x <= cx + reach; x++)
                if (x >= 0 && y >= 0 && x < (int)out->columns && y < (int)out->rows)
                    out->marked[(size_t)y * out->columns + (size_t)x] = 1;
    }
    return true;
}

static bool region_has(const region *of, double x, double y) {
    double cx = floor((x - of->low.x) / of->cell), cy = floor((y - of->low.y) / of->cell);
    return cx >= 0.0 && cy >= 0.0 && cx < of->columns && cy < of->rows &&
           of->marked[(size_t)cy * of->columns + (size_t)cx] != 0;
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

static void add_points(builder *b, const cw_vec2 *points, size_t count) {
    ground *out = b->out;
    if (b->failed || !CW_GROW(out->points, out->point_capacity, out->point_count + count)) {
        b->failed = true;
        return;
    }
    memcpy(out->points + out->point_count, points, count * sizeof *points);
    out->point_count += count;
}

// Takes the points added since `first`; dropped where they are too few or not numbers.
static void add_shape(builder *b, ground_shape shape, size_t first) {
    ground *out = b->out;
    shape.first = (uint32_t)first;
    shape.count = (uint32_t)(out->point_count - first);
    bool good = !b->failed && shape.count >= (shape.closed ? 3 : 2) && out->point_count < UINT32_MAX;
    shape.low = (cw_vec2){INFINITY, INFINITY};
    shape.high = (cw_vec2){-INFINITY, -INFINITY};
    for (size_t i = first; good && i < out->point_count; i++) {
        cw_vec2 p = out->points[i];
        good = fabs(p.x) < 1e7 && fabs(p.y) < 1e7;
        shape.low = (cw_vec2){cw_min(shape.low.x, p.x), cw_min(shape.low.y, p.y)};
        shape.high = (cw_vec2){cw_max(shape.high.x, p.x), cw_max(shape.high.y, p.y)};
    }
    if (!good) {
        out->point_count = first;
        return;
    }
    if (!CW_GROW(out->shapes, out->capacity, out->count + 1)) {
        b->failed = true;
        return;
    }
    out->shapes[out->count++] = shape;
}

// Ramer, Douglas and Peucker: keeps the ends, and what lies off the chord by more than the tolerance. At most
// PIECE_POINTS deep.
static void keep_bent(const cw_vec2 *points, int from, int to, bool *keep) {
    double dx = points[to].x - points[from].x, dy = points[to].y - points[from].y, length = cw_hypot(dx, dy);
    double most = TOLERANCE;
    int at = -1;
    for (int i = from + 1; i < to; i++) {
        double px = points[i].x - points[from].x, py = points[i].y - points[from].y;
        double off = length > 1e-9 ? fabs(dx * py - dy * px) / length : cw_hypot(px, py);
        if (off > most) {
            most = off;
            at = i;
        }
    }
    if (at < 0)
        return;
    keep[at] = true;
    keep_bent(points, from, at, keep);
    keep_bent(points, at, to, keep);
}

static void add_curve(builder *b, const cw_vec2 *points, int count, bool backwards) {
    bool keep[PIECE_POINTS] = {false};
    cw_vec2 kept[PIECE_POINTS];
    int n = 0;
    keep[0] = keep[count - 1] = true;
    keep_bent(points, 0, count - 1, keep);
    for (int i = 0; i < count; i++) {
        int k = backwards ? count - 1 - i : i;
        if (keep[k])
            kept[n++] = points[k];
    }
    add_points(b, kept, (size_t)n);
}

// ---- roads -----------------------------------------------------------------------------------------------------------

static int surface_of(uint8_t lane_kind) {
    switch (lane_kind) {
    case CW_LANE_NONE:
    case CW_LANE_KINDS:
        return -1;
    case CW_LANE_SHOULDER:
    case CW_LANE_BORDER:
    case CW_LANE_STOP:
        return GROUND_SHOULDER;
    case CW_LANE_SIDEWALK:
    case CW_LANE_WALKING:
    case CW_LANE_CURB:
        return GROUND_SIDEWALK;
    case CW_LANE_MEDIAN:
    case CW_LANE_RESTRICTED:
        return GROUND_GREEN;
    case CW_LANE_BIKING:
        return GROUND_BIKING;
    case CW_LANE_PARKING:
        return GROUND_PARKING;
    case CW_LANE_RAIL:
    case CW_LANE_TRAM:
        return GROUND_RAIL;
    case CW_LANE_CROSSWALK:
        return GROUND_CROSSWALK;
    default:
        return GROUND_ROAD;
    }
}

typedef struct station {
    double s, x, y, sine, cosine; // of the reference line's heading
} station;

typedef struct piece {
    const cw_section *section;
    double s0, s1;
    int16_t level;
    int count;
    station stations[PIECE_POINTS];
} piece;

static void survey(const builder *b, piece *p) {
    p->count = (int)ceil((p->s1 - p->s0) / STEP) + 1;
    if (p->count < 2)
        p->count = 2;
    if (p->count > PIECE_POINTS)
        p->count = PIECE_POINTS;
    for (int i = 0; i < p->count; i++) {
        station *at = &p->stations[i];
        cw_road_point point;
        at->s = p->s0 + (p->s1 - p->s0) * i / (p->count - 1);
        cw_road_at(b->map, p->section->road, at->s, 0.0, &point);
        at->x = point.x;
        at->y = point.y;
        cw_sincos(point.heading, &at->sine, &at->cosine);
        if (i == 0)
            p->level = (int16_t)cw_clamp(floor((point.z + 2.0) / 4.0), -1000.0, 1000.0);
    }
}

static cw_vec2 beside(const station *at, double t) {
    return (cw_vec2){at->x - t * at->sine, at->y + t * at->cosine};
}

static void border(const builder *b, const piece *p, uint32_t lane, bool left, cw_vec2 *points) {
    for (int i = 0; i < p->count; i++) {
        double low, high;
        cw_lane_borders(b->map, lane, p->stations[i].s, &low, &high);
        points[i] = beside(&p->stations[i], left ? high : low);
    }
}

// Neighbouring lanes of one surface become one shape.
static void add_surfaces(builder *b, const piece *p) {
    uint32_t first = p->section->lanes.first, end = first + p->section->lanes.count;
    for (uint32_t lane = first; lane < end;) {
        int surface = lane == p->section->center ? -1 : surface_of(b->map->lanes[lane].kind);
        uint32_t last = lane;
        if (surface < 0) {
            lane++;
            continue;
        }
        for (uint32_t next = lane + 1; next < end && surface != GROUND_CROSSWALK; next++) {
            if (next == p->section->center)
                continue;
            if (surface_of(b->map->lanes[next].kind) != surface)
                break;
            last = next;
        }
        cw_vec2 left[PIECE_POINTS] = {{0.0, 0.0}}, right[PIECE_POINTS] = {{0.0, 0.0}};
        border(b, p, lane, true, left);
        border(b, p, last, false, right);
        double widest = 0.0;
        for (int i = 0; i < p->count; i++)
            widest = cw_max(widest, cw_hypot(left[i].x - right[i].x, left[i].y - right[i].y));
        size_t points = b->out->point_count;
        if (widest > 0.01) {
            add_curve(b, left, p->count, false);
            add_curve(b, right, p->count, true);
            const station *middle = &p->stations[p->count / 2];
            add_shape(b,
                      (ground_shape){.kind = (uint8_t)surface,
                                     .closed = true,
                                     .level = p->level,
                                     .angle = (float)cw_atan2(middle->sine, middle->cosine),
                                     .item = CW_NONE},
                      points);
        }
        lane = last + 1;
    }
}

static void add_line(builder *b, const piece *whole, uint32_t lane, double s0, double s1, double aside,
                     ground_shape shape) {
    piece part = {.section = whole->section, .s0 = s0, .s1 = s1};
    survey(b, &part);
    const cw_lane *of = &b->map->lanes[lane];
    cw_vec2 points[PIECE_POINTS] = {{0.0, 0.0}};
    for (int i = 0; i < part.count; i++) {
        double low, high;
        cw_lane_borders(b->map, lane, part.stations[i].s, &low, &high);
        points[i] = beside(&part.stations[i], (of->id > 0 ? high : low) + aside);
    }
    size_t first = b->out->point_count;
    add_curve(b, points, part.count, false);
    shape.kind = GROUND_LINE;
    shape.level = whole->level;
    shape.item = CW_NONE;
    if (shape.off > 0.0F) { // dashes go on from piece to piece
        double period = (double)shape.on + (double)shape.off;
        shape.phase = (float)(s0 - period * floor(s0 / period));
    }
    add_shape(b, shape, first);
}

static void add_mark(builder *b, const piece *p, uint32_t lane, const cw_road_mark *mark, double s0, double s1) {
    double width = mark->width > 0.02F && mark->width < 1.0F ? (double)mark->width
                                                             : (mark->bold ? BOLD_WIDTH_CM : MARK_WIDTH_CM) / 100.0;
    uint8_t road_kind = CW_ROAD_UNKNOWN;
    const cw_road *road = &b->map->roads[p->section->road];
    for (uint32_t i = 0; i < road->kinds.count; i++)
        if (b->map->road_types[road->kinds.first + i].s <= s0)
            road_kind = b->map->road_types[road->kinds.first + i].kind;
    bool fast = road_kind == CW_ROAD_MOTORWAY;
    ground_shape solid = {.color = mark->color, .item_kind = mark->kind, .width = (float)width};
    ground_shape broken = solid;
    broken.on = fast ? 6.0F : 3.0F;
    broken.off = fast ? 12.0F : 6.0F;
    double aside = width; // of a double line, from its middle
    switch (mark->kind) {
    case CW_MARK_NONE:
        return;
    case CW_MARK_BROKEN:
        add_line(b, p, lane, s0, s1, 0.0, broken);
        return;
    case CW_MARK_SOLID_SOLID:
        add_line(b, p, lane, s0, s1, aside, solid);
        add_line(b, p, lane, s0, s1, -aside, solid);
        return;
    case CW_MARK_BROKEN_BROKEN:
        add_line(b, p, lane, s0, s1, aside, broken);
        add_line(b, p, lane, s0, s1, -aside, broken);
        return;
    case CW_MARK_SOLID_BROKEN:
    case CW_MARK_BROKEN_SOLID: {
        // OpenDRIVE 1.8, 11.9: read from the inside out; on the centre lane from left to right.
        double inner = b->map->lanes[lane].id > 0 ? -aside : aside;
        bool first_solid = mark->kind == CW_MARK_SOLID_BROKEN;
        add_line(b, p, lane, s0, s1, inner, first_solid ? solid : broken);
        add_line(b, p, lane, s0, s1, -inner, first_solid ? broken : solid);
        return;
    }
    case CW_MARK_BOTTS_DOTS:
        broken.on = 0.1F;
        broken.off = 1.1F;
        add_line(b, p, lane, s0, s1, 0.0, broken);
        return;
    default:
        add_line(b, p, lane, s0, s1, 0.0, solid);
        return;
    }
}

// Lanelets often state no marking: their borders are drawn faintly, so that lanes are told apart.
static void add_border(builder *b, const piece *p, uint32_t lane) {
    cw_span marks = b->map->lanes[lane].marks;
    for (uint32_t i = 0; i < marks.count; i++)
        if (b->map->marks[marks.first + i].kind != CW_MARK_NONE)
            return;
    add_line(b, p, lane, p->s0, p->s1, 0.0, (ground_shape){.item_kind = CW_MARK_NONE, .width = 0.08F});
}

static void add_marks(builder *b, const piece *p) {
    bool lanelet = false;
    for (uint32_t k = 0; k < p->section->lanes.count; k++)
        lanelet = lanelet || b->map->lanes[p->section->lanes.first + k].file_id != NULL;
    for (uint32_t k = 0; k < p->section->lanes.count; k++) {
        uint32_t lane = p->section->lanes.first + k;
        cw_span marks = b->map->lanes[lane].marks;
        if (lanelet)
            add_border(b, p, lane);
        for (uint32_t i = 0; i < marks.count; i++) {
            const cw_road_mark *mark = &b->map->marks[marks.first + i];
            double end = i + 1 < marks.count ? mark[1].s : p->section->s1;
            double s0 = cw_max(mark->s, p->s0), s1 = cw_min(end, p->s1);
            if (s1 - s0 > 0.05)
                add_mark(b, p, lane, mark, s0, s1);
        }
    }
}

static void add_road(builder *b, uint32_t index) {
    const cw_road *road = &b->map->roads[index];
    for (uint32_t k = 0; k < road->sections.count && !b->failed; k++) {
        const cw_section *section = &b->map->sections[road->sections.first + k];
        double length = section->s1 - section->s0;
        int pieces = (int)cw_clamp(ceil(length / PIECE), 1.0, 1e5);
        for (int i = 0; i < pieces && length > 1e-6 && !b->failed; i++) {
            piece p = {.section = section,
                       .s0 = section->s0 + length * i / pieces,
                       .s1 = section->s0 + length * (i + 1) / pieces};
            bool wanted = false;
            for (int at = 0; at <= 2 && !wanted; at++) {
                cw_road_point point;
                cw_road_at(b->map, index, cw_lerp(p.s0, p.s1, at * 0.5), 0.0, &point);
                wanted = region_has(&b->near, point.x, point.y);
            }
            if (!wanted)
                continue;
            survey(b, &p);
            add_surfaces(b, &p);
            add_marks(b, &p);
        }
    }
}

// ---- things ----------------------------------------------------------------------------------------------------------

static void add_stops(builder *b) {
    const cw_map *map = b->map;
    for (uint32_t i = 0; i < map->stop_count && !b->failed; i++) {
        const cw_stop *stop = &map->stops[i];
        uint8_t kind = stop->signal != CW_NONE ? map->signals[stop->signal].kind : (uint8_t)CW_SIGNAL_STOP_LINE;
        if (kind != CW_SIGNAL_LIGHT && kind != CW_SIGNAL_STOP && kind != CW_SIGNAL_YIELD && kind != CW_SIGNAL_STOP_LINE)
            continue;
        const cw_lane *lane = &map->lanes[stop->lane];
        double s = cw_lane_station(map, stop->lane, stop->s), low, high;
        cw_road_point point;
        cw_road_at(map, lane->road, s, 0.0, &point);
        if (!region_has(&b->near, point.x, point.y))
            continue;
        station at = {.s = s, .x = point.x, .y = point.y};
        cw_sincos(point.heading, &at.sine, &at.cosine);
        cw_lane_borders(map, stop->lane, s, &low, &high);
        cw_vec2 ends[2] = {beside(&at, low + 0.1), beside(&at, high - 0.1)};
        size_t first = b->out->point_count;
        add_points(b, ends, 2);
        bool yield = kind == CW_SIGNAL_YIELD;
        add_shape(b,
                  (ground_shape){.kind = GROUND_STOP,
                                 .item_kind = kind,
                                 .level = (int16_t)cw_clamp(floor((point.z + 2.0) / 4.0), -1000.0, 1000.0),
                                 .width = yield ? 0.35F : 0.4F,
                                 .on = yield ? 0.6F : 0.0F,
                                 .off = yield ? 0.4F : 0.0F,
                                 .item = stop->signal},
                  first);
    }
}

static void add_object(builder *b, uint32_t index) {
    const cw_object *object = &b->map->objects[index];
    cw_road_point point;
    cw_road_at(b->map, object->road, object->s, object->t, &point);
    const cw_vec2 *outline = b->map->points + object->outline.first;
    uint32_t count = object->outline.count;
    bool wanted = region_has(&b->near, point.x, point.y);
    for (uint32_t i = 0; i < count && !wanted; i++)
        wanted = region_has(&b->near, outline[i].x, outline[i].y);
    if (!wanted)
        return;
    size_t first = b->out->point_count;
    ground_shape shape = {.kind = object->kind == CW_OBJECT_CROSSWALK ? GROUND_CROSSWALK : GROUND_OBJECT,
                          .item_kind = object->kind,
                          .closed = true,
                          .level = (int16_t)cw_clamp(floor((point.z + object->z + 2.0) / 4.0), -1000.0, 1000.0),
                          .item = index};
    if (count >= 3) {
        add_points(b, outline, count);
        double longest = 0.0; // people walk along the longest side
        for (uint32_t i = 0; i < count; i++) {
            cw_vec2 p = outline[i], q = outline[(i + 1) % count];
            double length = cw_hypot(q.x - p.x, q.y - p.y);
            if (length > longest) {
                longest = length;
                shape.angle = (float)cw_atan2(q.y - p.y, q.x - p.x);
            }
        }
    } else if (count == 2) {
        add_points(b, outline, 2);
        shape.closed = false;
        shape.width = 0.2F;
    } else if (object->kind != CW_OBJECT_CROSSWALK && object->kind != CW_OBJECT_MARK) {
        cw_vec2 ring[12]; // a thing without extent: a dot
        double radius = object->kind == CW_OBJECT_TREE || object->kind == CW_OBJECT_VEGETATION ? 1.2 : 0.2;
        for (int i = 0; i < 12; i++) {
            double sine, cosine;
            cw_sincos(i * CW_PI / 6.0, &sine, &cosine);
            ring[i] = (cw_vec2){point.x + radius * cosine, point.y + radius * sine};
        }
        add_points(b, ring, 12);
    }
    add_shape(b, shape, first);
}

static void add_signs(builder *b) {
    const cw_map *map = b->map;
    for (uint32_t i = 0; i < map->signal_count && !b->failed; i++) {
        const cw_signal *signal = &map->signals[i];
        cw_road_point point;
        cw_road_at(map, signal->road, signal->s, signal->t, &point);
        if (signal->kind == CW_SIGNAL_OTHER || !region_has(&b->near, point.x, point.y))
            continue;
        if (!CW_GROW(b->out->signs, b->out->sign_capacity, b->out->sign_count + 1)) {
            b->failed = true;
            return;
        }
        double facing = signal->orientation < 0 ? point.heading + CW_PI : point.heading;
        b->out->signs[b->out->sign_count++] = (ground_sign){.signal = i,
                                                            .kind = signal->kind,
                                                            .value = (float)signal->value,
                                                            .heading = (float)facing,
                                                            .x = point.x,
                                                            .y = point.y};
    }
}

static int by_drawing_order(const void *left, const void *right) {
    const ground_shape *a = left, *b = right;
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

bool ground_open(ground *out, const cw_map *map, const cw_vec2 *path, size_t count, double radius) {
    *out = (ground){0};
    if (count == 0)
        return true;
    builder b = {.out = out, .map = map};
    uint32_t most = map->road_count > map->object_count ? map->road_count : map->object_count;
    uint32_t *found = malloc(((size_t)most + 1) * sizeof *found);
    if (found == NULL || !region_make(&b.near, path, count, radius)) {
        free(found);
        return false;
    }
    cw_vec2 high = {b.near.low.x + b.near.columns * b.near.cell, b.near.low.y + b.near.rows * b.near.cell};
    uint32_t n = cw_map_roads_in(map, b.near.low, high, found, map->road_count);
    for (uint32_t i = 0; i < n; i++)
        add_road(&b, found[i]);
    add_stops(&b);
    n = cw_map_objects_in(map, b.near.low, high, found, map->object_count);
    for (uint32_t i = 0; i < n; i++)
        add_object(&b, found[i]);
    add_signs(&b);
    if (out->count > 0)
        qsort(out->shapes, out->count, sizeof *out->shapes, by_drawing_order);
    free(found);
    free(b.near.marked);
    return !b.failed;
}

void ground_close(ground *of) {
    free(of->shapes);
    free(of->points);
    free(of->signs);
    *of = (ground){0};
}
