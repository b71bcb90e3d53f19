// Stations along a section between which its borders are as good as straight.
#include "internal.h"

#include <assert.h>
#include <math.h>

enum { DEPTH_MOST = 24 };

typedef struct sampling {
    const cw_map *map;
    const cw_section *section;
    double tolerance;
    double *out;
    uint32_t most, count;
} sampling;

static double off_chord(const sampling *p, double a, double b, const double t[3]) {
    cw_road_point at[3];
    double s[3] = {a, 0.5 * (a + b), b};
    for (int i = 0; i < 3; i++)
        cw_road_at(p->map, p->section->road, s[i], t[i], &at[i]);
    return cw_hypot(at[1].x - 0.5 * (at[0].x + at[2].x), at[1].y - 0.5 * (at[0].y + at[2].y));
}

// The outermost borders are measured in the plane; those in between need only their offset to run straight.
static bool straight(const sampling *p, double a, double b) {
    double outer[2][3] = {{0}};
    cw_span lanes = p->section->lanes;
    for (uint32_t i = 0; i < lanes.count; i++) {
        double t[2][3], s[3] = {a, 0.5 * (a + b), b};
        for (int k = 0; k < 3; k++) {
            cw_lane_borders(p->map, lanes.first + i, s[k], &t[0][k], &t[1][k]);
            outer[0][k] = i == 0 ? t[0][k] : cw_min(outer[0][k], t[0][k]);
            outer[1][k] = i == 0 ? t[1][k] : cw_max(outer[1][k], t[1][k]);
        }
        for (int side = 0; side < 2; side++)
            if (fabs(t[side][1] - 0.5 * (t[side][0] + t[side][2])) > p->tolerance)
                return false;
    }
    return off_chord(p, a, b, outer[0]) <= p->tolerance && off_chord(p, a, b, outer[1]) <= p->tolerance;
}

static void add(sampling *p, double s) {
    if (p->out && p->count < p->most)
        p->out[p->count] = s;
    p->count++;
}

static void divide(sampling *p, double a, double b, int depth) {
    if (depth > 0 && b - a > 0.2 && !straight(p, a, b)) {
        double middle = 0.5 * (a + b);
        divide(p, a, middle, depth - 1);
        divide(p, middle, b, depth - 1);
        return;
    }
    add(p, b);
}

uint32_t cw_section_stations(const cw_map *map, uint32_t section, double tolerance, double longest, double *out,
                             uint32_t most) {
    assert(section < map->section_count && longest > 0);
    const cw_section *s = &map->sections[section];
    sampling p = {.map = map, .section = s, .tolerance = tolerance, .out = out, .most = most};
    double length = s->s1 - s->s0;
    add(&p, s->s0);
    if (!(length > 0))
        return p.count;
    uint32_t pieces = (uint32_t)cw_min(ceil(length / longest), 1e6);
    for (uint32_t i = 0; i < pieces; i++)
        divide(&p, s->s0 + length * i / pieces, i + 1 == pieces ? s->s1 : s->s0 + length * (i + 1) / pieces,
               DEPTH_MOST);
    return p.count;
}
