// Road coordinates: profiles, (s, t) to the plane and back.
#include "internal.h"

#include <math.h>

// ---- cubic records ---------------------------------------------------------------------------------------------------

static const cw_cubic *record_at(const cw_map *map, cw_span span, double s) {
    const cw_cubic *records = map->cubics + span.first;
    uint32_t low = 0, high = span.count;
    if (high <= 8) {
        while (low + 1 < high && records[low + 1].s <= s)
            low++;
        return &records[low];
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (records[middle].s <= s)
            low = middle;
        else
            high = middle;
    }
    return &records[low];
}

cw_span cw_span_until(const cw_map *map, cw_span span, double end) {
    while (span.count > 1 && map->cubics[span.first + span.count - 1].s >= end)
        span.count--;
    return span;
}

double cw_cubic_at(const cw_map *map, cw_span span, double s) {
    if (span.count == 0)
        return 0;
    const cw_cubic *r = record_at(map, span, s);
    double ds = cw_max(s - r->s, 0); // before the first record its first value holds
    return r->a + ds * (r->b + ds * (r->c + ds * r->d));
}

void cw_cubic_derivatives(const cw_map *map, cw_span span, double s, double out[3]) {
    out[0] = out[1] = out[2] = 0;
    if (span.count == 0)
        return;
    const cw_cubic *r = record_at(map, span, s);
    double ds = s - r->s;
    if (ds < 0) {
        out[0] = r->a;
        return;
    }
    out[0] = r->a + ds * (r->b + ds * (r->c + ds * r->d));
    out[1] = r->b + ds * (2 * r->c + ds * 3 * r->d);
    out[2] = 2 * r->c + ds * 6 * r->d;
}

// ---- lookup ----------------------------------------------------------------------------------------------------------

uint32_t cw_road_geometry_at(const cw_map *map, const cw_road *road, double s) {
    const cw_geometry *g = map->geometry + road->geometry.first;
    uint32_t low = 0, high = road->geometry.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (g[middle].s <= s)
            low = middle;
        else
            high = middle;
    }
    return road->geometry.first + low;
}

uint32_t cw_road_section_at(const cw_map *map, const cw_road *road, double s) {
    const cw_section *sections = map->sections + road->sections.first;
    uint32_t at = 0;
    while (at + 1 < road->sections.count && sections[at + 1].s0 <= s)
        at++;
    return road->sections.first + at;
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

void cw_road_at(const cw_map *map, uint32_t road, double s, double t, cw_road_point *out) {
    const cw_road *r = &map->roads[road];
    s = cw_clamp(s, 0, r->length);
    *out = (cw_road_point){0};
    double heading = 0;
    if (r->geometry.count > 0) {
        uint32_t g = cw_road_geometry_at(map, r, s);
        cw_curve_point at;
        cw_curve_at(map, g, s - map->geometry[g].s, &at);
        out->x = at.x - at.s * t;
        out->y = at.y + at.c * t;
        out->curvature = at.curvature;
        heading = at.heading;
    }
    double height[3];
    cw_cubic_derivatives(map, r->elevation, s, height);
    out->z = height[0];
    out->heading = cw_wrap_angle(heading);
    out->pitch = height[1] != 0 ? -cw_atan(height[1]) : 0;
    out->roll = 0;
    if (r->superelevation.count > 0) {
        // The cross section is tilted about the reference line; t is measured in the plane, so the height changes by
        // its tangent. OpenDRIVE counts the angle positive when the right side falls.
        out->roll = cw_clamp(cw_cubic_at(map, r->superelevation, s), -1.5, 1.5);
        if (out->roll != 0)
            out->z += t * cw_tan(out->roll);
    }
}

// ---- projection ------------------------------------------------------------------------------------------------------

void cw_road_project_near(const cw_map *map, const cw_road *road, uint32_t geometry, double from, double x, double y,
                          double *s, double *t, double *over) {
    uint32_t first = road->geometry.first, last = first + road->geometry.count - 1;
    int came = 0; // +1: from the record before, -1: from the one after
    *over = 0;
    for (uint32_t g = geometry;;) {
        const cw_geometry *record = &map->geometry[g];
        double ds = cw_curve_project(map, g, x, y, from - record->s, 0, record->length, t);
        int go = ds < 0 ? -1 : ds > record->length ? 1 : 0;
        if (go == 0) {
            *s = record->s + ds;
            return;
        }
        bool at_end = go < 0 ? g == first : g == last;
        if (at_end) {
            *over = go < 0 ? ds : ds - record->length; // < 0 before the start
            *s = go < 0 ? record->s : record->s + record->length;
            if (record->kind != CW_LINE) { // the distances at the end itself, not along the curve's continuation
                cw_curve_point end;
                cw_curve_at(map, g, *s - record->s, &end);
                *over = (x - end.x) * end.c + (y - end.y) * end.s;
                *t = (y - end.y) * end.c - (x - end.x) * end.s;
            }
            return;
        }
        if (came == -go) { // outside the kink between two records: the corner itself is nearest
            double corner = go < 0 ? 0 : record->length;
            cw_curve_point at;
            cw_curve_at(map, g, corner, &at);
            double dx = x - at.x, dy = y - at.y;
            double distance = sqrt(dx * dx + dy * dy);
            *t = dy * at.c - dx * at.s < 0 ? -distance : distance;
            *s = record->s + corner;
            return;
        }
        came = go;
        g = go < 0 ? g - 1 : g + 1;
        from = go < 0 ? map->geometry[g].s + map->geometry[g].length : map->geometry[g].s;
    }
}

void cw_road_project(const cw_map *map, uint32_t road, double x, double y, double hint, double *s, double *t) {
    const cw_road *r = &map->roads[road];
    double over;
    *s = 0;
    *t = 0;
    if (r->geometry.count == 0)
        return;
    if (isfinite(hint)) {
        hint = cw_clamp(hint, 0, r->length);
        cw_road_project_near(map, r, cw_road_geometry_at(map, r, hint), hint, x, y, s, t, &over);
        *s = cw_clamp(*s, 0, r->length);
        return;
    }
    // Everywhere: the nearest of a number of points, then downhill from it. A record is sampled at least every 1/8 turn.
    double best = INFINITY, from = 0;
    uint32_t best_geometry = r->geometry.first;
    for (uint32_t i = 0; i < r->geometry.count; i++) {
        uint32_t g = r->geometry.first + i;
        const cw_geometry *record = &map->geometry[g];
        double bend = cw_max(fabs(record->k0), fabs(record->k1)) * record->length;
        int parts = record->kind == CW_LINE ? 1 : (int)cw_clamp(ceil(bend / 0.7), 6, 512);
        for (int j = 0; j < parts; j++) {
            double low = record->length * j / parts, high = record->length * (j + 1) / parts, across;
            double ds = cw_curve_project(map, g, x, y, 0.5 * (low + high), low, high, &across);
            ds = cw_clamp(ds, low, high);
            cw_curve_point at;
            cw_curve_at(map, g, ds, &at);
            double dx = x - at.x, dy = y - at.y, d2 = dx * dx + dy * dy;
            if (d2 < best) {
                best = d2;
                best_geometry = g;
                from = record->s + ds;
            }
        }
    }
    cw_road_project_near(map, r, best_geometry, from, x, y, s, t, &over);
    *s = cw_clamp(*s, 0, r->length);
}
