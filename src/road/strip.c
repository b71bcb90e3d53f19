// Lane areas as rows of quadrilaterals, for what overlaps what. Made inside junctions and under crosswalks only.
#include "builder.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_QUADS = 256 };

bool cw_rects_meet(const cw_rect *a, const cw_rect *b) {
    return a->x0 <= b->x1 && a->x1 >= b->x0 && a->y0 <= b->y1 && a->y1 >= b->y0;
}

static void include(cw_rect *r, cw_vec2 p) {
    r->x0 = cw_min(r->x0, p.x);
    r->y0 = cw_min(r->y0, p.y);
    r->x1 = cw_max(r->x1, p.x);
    r->y1 = cw_max(r->y1, p.y);
}

bool cw_strip_make(const cw_map *map, uint32_t lane, double s0, double s1, double step, double inset, cw_strip *strip) {
    const cw_lane *l = &map->lanes[lane];
    const cw_road *road = &map->roads[l->road];
    *strip = (cw_strip){.lane = lane, .s0 = s0, .s1 = s1, .box = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    if (road->geometry.count == 0 || !(s1 > s0))
        return true;
    uint32_t count = (uint32_t)cw_clamp(ceil((s1 - s0) / step), 1, MOST_QUADS);
    strip->quads = calloc(count, sizeof *strip->quads);
    strip->z = calloc(count, sizeof *strip->z);
    if (strip->quads == NULL || strip->z == NULL) {
        cw_strip_free(strip);
        return false;
    }
    strip->count = count;
    cw_vec2 right = {0, 0}, left = {0, 0};
    double before = 0;
    for (uint32_t i = 0; i <= count; i++) {
        double s = s0 + (s1 - s0) * i / count, low, high;
        cw_lane_borders_of(map, l, s, &low, &high);
        double narrow = cw_min(inset, 0.45 * (high - low));
        low += narrow;
        high -= narrow;
        uint32_t g = cw_road_geometry_at(map, road, s);
        cw_curve_point at;
        cw_curve_at(map, g, s - map->geometry[g].s, &at);
        cw_vec2 r = {at.x - at.s * low, at.y + at.c * low}, f = {at.x - at.s * high, at.y + at.c * high};
        double height = cw_cubic_at(map, road->elevation, s);
        if (i > 0) {
            cw_quad *quad = &strip->quads[i - 1];
            *quad = (cw_quad){{right, r, f, left}, {INFINITY, INFINITY, -INFINITY, -INFINITY}};
            for (int k = 0; k < 4; k++) {
                include(&quad->box, quad->corner[k]);
                include(&strip->box, quad->corner[k]);
            }
            strip->z[i - 1] = (float)(0.5 * (before + height));
        }
        right = r;
        left = f;
        before = height;
    }
    return true;
}

void cw_strip_free(cw_strip *strip) {
    free(strip->quads);
    free(strip->z);
    strip->quads = NULL;
    strip->z = NULL;
    strip->count = 0;
}

// Does an edge of a part them? Both run counter-clockwise, or are so thin that it does not matter.
static bool parted(const cw_vec2 *a, int a_count, const cw_vec2 *b, int b_count) {
    for (int i = 0; i < a_count; i++) {
        cw_vec2 p = a[i], q = a[i + 1 < a_count ? i + 1 : 0];
        double nx = q.y - p.y, ny = p.x - q.x; // outward
        if (nx == 0 && ny == 0)
            continue;
        bool all_beyond = true;
        for (int k = 0; k < b_count && all_beyond; k++)
            all_beyond = (b[k].x - p.x) * nx + (b[k].y - p.y) * ny > 0;
        if (all_beyond)
            return true;
    }
    return false;
}

bool cw_convex_overlap(const cw_vec2 *a, int a_count, const cw_vec2 *b, int b_count) {
    return !parted(a, a_count, b, b_count) && !parted(b, b_count, a, a_count);
}
