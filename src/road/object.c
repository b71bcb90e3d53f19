// Objects: outlines in map coordinates, and the lanes that a crosswalk or a painted stop line lies on.
#include "builder.h"

#include <math.h>
#include <stdlib.h>

typedef CW_TABLE(cw_vec2) point_table;

enum { MOST_CORNERS = 4096, CIRCLE_CORNERS = 16 };

static void add_point(cw_map_builder *b, point_table *points, double x, double y) {
    cw_vec2 *row = CW_ADD(b, points);
    if (row != NULL)
        *row = (cw_vec2){x, y};
}

// ---- outlines --------------------------------------------------------------------------------------------------------

static void outline_strip(cw_map_builder *b, const cw_raw_object *raw, point_table *points) {
    const cw_object *o = &raw->object;
    double run = raw->s_end - o->s;
    int parts = (int)cw_clamp(ceil(fabs(run) / 4), 1, 0.5 * MOST_CORNERS);
    for (int side = 0; side < 2; side++) { // out along the right, back along the left
        for (int i = 0; i <= parts; i++) {
            double f = (double)(side == 0 ? i : parts - i) / parts;
            double t = cw_lerp(o->t, raw->t_end, f), half = 0.5 * cw_max(cw_lerp(raw->width, raw->width_end, f), 0.05);
            cw_road_point at;
            cw_road_at(b->map, o->road, o->s + run * f, side == 0 ? t - half : t + half, &at);
            add_point(b, points, at.x, at.y);
        }
    }
}

static void outline_shape(cw_map_builder *b, const cw_raw_object *raw, point_table *points) {
    const cw_object *o = &raw->object;
    cw_road_point base;
    cw_road_at(b->map, o->road, o->s, o->t, &base);
    double sine, cosine;
    cw_sincos(base.heading + (double)o->heading, &sine, &cosine);
    if (raw->corners.count > 0) {
        for (uint32_t i = 0; i < raw->corners.count; i++) {
            const cw_build_corner *corner = &b->corners.items[raw->corners.first + i];
            cw_road_point at;
            if (corner->road) {
                cw_road_at(b->map, o->road, corner->a, corner->b, &at);
                add_point(b, points, at.x, at.y);
            } else {
                add_point(b, points, base.x + cosine * corner->a - sine * corner->b,
                          base.y + sine * corner->a + cosine * corner->b);
            }
        }
        return;
    }
    if (raw->radius > 0) {
        for (int i = 0; i < CIRCLE_CORNERS; i++) {
            double y, x;
            cw_sincos(2 * CW_PI * i / CIRCLE_CORNERS, &y, &x);
            add_point(b, points, base.x + raw->radius * x, base.y + raw->radius * y);
        }
        return;
    }
    if (!(raw->length > 0) || !(raw->width > 0))
        return;
    static const double signs[4][2] = {{1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
    for (int i = 0; i < 4; i++) {
        double u = 0.5 * raw->length * signs[i][0], v = 0.5 * raw->width * signs[i][1];
        add_point(b, points, base.x + cosine * u - sine * v, base.y + sine * u + cosine * v);
    }
}

static void outline(cw_map_builder *b, const cw_raw_object *raw, cw_object *object, point_table *points) {
    size_t first = points->count;
    if (b->map->roads[object->road].geometry.count == 0)
        return;
    if (raw->strip)
        outline_strip(b, raw, points);
    else
        outline_shape(b, raw, points);
    if (b->failed)
        return;
    size_t count = points->count - first;
    if (count > 1) { // a ring that repeats its first corner
        cw_vec2 p = points->items[first], q = points->items[points->count - 1];
        if (cw_hypot(p.x - q.x, p.y - q.y) < 1e-6) {
            count--;
            points->count--;
        }
    }
    if (count < 3) {
        points->count = first;
        count = 0;
    }
    object->outline = (cw_span){(uint32_t)first, (uint32_t)count};
}

// ---- what lies under an outline --------------------------------------------------------------------------------------

static int by_x_then_y(const void *a, const void *b) {
    const cw_vec2 *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static double turn(cw_vec2 a, cw_vec2 b, cw_vec2 c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// Convex hull, counter-clockwise (Andrew's monotone chain). hull has room for count + 1.
static int convex_hull(cw_vec2 *points, int count, cw_vec2 *hull) {
    qsort(points, (size_t)count, sizeof *points, by_x_then_y);
    int n = 0;
    for (int i = 0; i < count; i++) {
        while (n >= 2 && turn(hull[n - 2], hull[n - 1], points[i]) <= 0)
            n--;
        hull[n++] = points[i];
    }
    int low = n + 1;
    for (int i = count - 2; i >= 0; i--) {
        while (n >= low && turn(hull[n - 2], hull[n - 1], points[i]) <= 0)
            n--;
        hull[n++] = points[i];
    }
    return n - 1;
}

static bool crossable(const cw_lane *lane) {
    return lane->id != 0 && (cw_lane_drivable(lane) || lane->kind == CW_LANE_BIKING || lane->kind == CW_LANE_TRAM ||
                             lane->kind == CW_LANE_RAIL);
}

typedef struct under {
    cw_map_builder *b;
    const cw_vec2 *hull;
    int count;
    cw_rect box;
    double z;
    uint32_t object;
    bool stop_line;
    cw_crossing_table *crossings;
    cw_stop_table *stops;
} under;

static bool hull_meets(const under *u, const cw_strip *strip, double *s_in, double *s_out) {
    bool any = false;
    double length = (strip->s1 - strip->s0) / (strip->count > 0 ? strip->count : 1);
    for (uint32_t i = 0; i < strip->count; i++) {
        const cw_quad *quad = &strip->quads[i];
        if (!cw_rects_meet(&quad->box, &u->box) || fabs((double)strip->z[i] - u->z) > 3.5 ||
            !cw_convex_overlap(quad->corner, 4, u->hull, u->count))
            continue;
        if (!any)
            *s_in = strip->s0 + length * i;
        *s_out = strip->s0 + length * (i + 1);
        any = true;
    }
    return any;
}

static bool cross_lane(const under *u, uint32_t lane) {
    const cw_map *map = u->b->map;
    const cw_lane *l = &map->lanes[lane];
    // Coarsely over the whole lane, then finely where it was hit.
    cw_strip strip;
    double s_in = 0, s_out = 0;
    if (!cw_strip_make(map, lane, l->s0, l->s1, cw_max(2, (l->s1 - l->s0) / 250), 0.2, &strip))
        return false;
    bool hit = hull_meets(u, &strip, &s_in, &s_out);
    cw_strip_free(&strip);
    if (!hit)
        return true;
    double low = s_in, high = s_out;
    if (!cw_strip_make(map, lane, low, high, cw_max(0.1, (high - low) / 250), 0.2, &strip))
        return false;
    hit = hull_meets(u, &strip, &s_in, &s_out);
    cw_strip_free(&strip);
    if (!hit)
        return true;
    double a = cw_lane_travel(map, lane, s_in), c = cw_lane_travel(map, lane, s_out);
    if (u->stop_line) {
        cw_stop *stop = CW_ADD(u->b, u->stops);
        if (stop != NULL)
            *stop = (cw_stop){lane, cw_min(a, c), CW_NONE};
        return stop != NULL;
    }
    cw_crossing *crossing = CW_ADD(u->b, u->crossings);
    if (crossing != NULL)
        *crossing = (cw_crossing){lane, u->object, cw_min(a, c), cw_max(a, c)};
    return crossing != NULL;
}

static bool find_under(cw_map_builder *b, uint32_t object, bool stop_line, const point_table *points,
                       cw_crossing_table *crossings, cw_stop_table *stops) {
    const cw_map *map = b->map;
    const cw_object *o = &map->objects[object];
    int count = (int)o->outline.count;
    if (count < 3 || count > MOST_CORNERS || points->items == NULL)
        return true;
    cw_vec2 *work = calloc(2 * (size_t)count + 2, sizeof *work);
    if (work == NULL)
        return false;
    cw_vec2 *hull = work + count;
    for (int i = 0; i < count; i++)
        work[i] = points->items[o->outline.first + (uint32_t)i];
    under u = {b,
               hull,
               convex_hull(work, count, hull),
               {INFINITY, INFINITY, -INFINITY, -INFINITY},
               0,
               object,
               stop_line,
               crossings,
               stops};
    for (int i = 0; i < u.count; i++) {
        u.box.x0 = cw_min(u.box.x0, hull[i].x);
        u.box.y0 = cw_min(u.box.y0, hull[i].y);
        u.box.x1 = cw_max(u.box.x1, hull[i].x);
        u.box.y1 = cw_max(u.box.y1, hull[i].y);
    }
    u.z = cw_cubic_at(map, map->roads[o->road].elevation, o->s);
    bool fine = true;
    for (uint32_t r = 0; r < map->road_count && fine && u.count >= 3; r++) {
        if (!cw_rects_meet(&map->index->road_boxes[r], &u.box))
            continue;
        for (uint32_t k = 0; k < map->roads[r].sections.count && fine; k++) {
            cw_span lanes = map->sections[map->roads[r].sections.first + k].lanes;
            for (uint32_t i = lanes.first; i < lanes.first + lanes.count && fine; i++)
                if (crossable(&map->lanes[i]))
                    fine = cross_lane(&u, i);
        }
    }
    free(work);
    return fine;
}

bool cw_objects_place(cw_map_builder *b, cw_crossing_table *crossings, cw_stop_table *stops) {
    cw_map *map = b->map;
    point_table points = {0};
    uint32_t count = (uint32_t)b->objects.count;
    cw_object *objects = cw_arena_array(map->arena, count, sizeof *objects);
    if (objects == NULL)
        return false;
    for (uint32_t i = 0; i < count && !b->failed; i++) {
        const cw_raw_object *raw = &b->objects.items[i];
        objects[i] = raw->object;
        objects[i].shape = (cw_shape){.length = raw->length,
                                      .width = raw->width,
                                      .radius = raw->radius,
                                      .strip = raw->strip,
                                      .stop_line = raw->stop_line,
                                      .s_end = raw->s_end,
                                      .t_end = raw->t_end,
                                      .width_end = raw->width_end,
                                      .corners = raw->corners};
        outline(b, &b->objects.items[i], &objects[i], &points);
    }
    map->objects = objects;
    map->object_count = count;
    bool fine = !b->failed;
    for (uint32_t i = 0; i < count && fine; i++) {
        bool stop_line = b->objects.items[i].stop_line;
        if (stop_line || objects[i].kind == CW_OBJECT_CROSSWALK)
            fine = find_under(b, i, stop_line, &points, crossings, stops);
    }
    cw_vec2 *kept = fine ? cw_arena_array(map->arena, points.count, sizeof *kept) : NULL;
    for (size_t i = 0; kept != NULL && i < points.count; i++)
        kept[i] = points.items[i];
    map->points = kept;
    free(points.items);
    return kept != NULL;
}
