// Road marks on lane borders: bands a few millimetres above the surface, cut at the surface's own stations so that they
// lie on it, in dashes and double lines as the map says, worn by the seed.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>

static const double RAISED = 0.004;                       // m above the lanes
static const double THIN = 0.13, BOLD = 0.25;             // m, where the map states no width
static const double STRETCH = 6;                          // m of a line that wear as one
static const double STUD_EVERY = 1.2, STUD = 0.1;         // m, botts' dots
static const double KERB_WIDTH = 0.15, KERB_HEIGHT = 0.1; // m
static const double NOTHING = 0.02;                       // m: shorter pieces are not drawn

enum { WEAR = 0x77656172 }; // purpose of the random draws

typedef struct line { // one line on one border
    scenery *of;
    const cw_section *section;
    uint32_t lanes, lane; // lanes of the section; the one on whose border it runs
    int side;             // of that lane: 0 low, 1 high
    const double *stations;
    uint32_t station_count;
    const lane_edge *profiles;
    double aside, width; // m, to the left
    cw_material_kind fresh, worn;
    double inward; // widths by which the line is moved to the left, beside a kerb
    double sunk;   // lanes of junctions that are not for driving lie lower
} line;

static cw_material_kind paint_of(uint8_t color, bool worn) {
    switch (color) {
    case CW_COLOR_YELLOW:
        return worn ? CW_MAT_MARK_WORN_YELLOW : CW_MAT_MARK_YELLOW;
    case CW_COLOR_BLUE:
        return CW_MAT_MARK_BLUE;
    case CW_COLOR_GREEN:
        return CW_MAT_MARK_GREEN;
    case CW_COLOR_RED:
        return CW_MAT_MARK_RED;
    case CW_COLOR_ORANGE:
        return CW_MAT_MARK_ORANGE;
    case CW_COLOR_VIOLET:
        return CW_MAT_MARK_VIOLET;
    case CW_COLOR_BLACK:
        return CW_MAT_MARK_BLACK;
    default:
        return worn ? CW_MAT_MARK_WORN_WHITE : CW_MAT_MARK_WHITE;
    }
}

// The two corners of the band at road s, between stations i and i + 1.
static void corners(const line *l, uint32_t i, double s, cw_vec3 out[2]) {
    const lane_edge *a = &l->profiles[(size_t)i * l->lanes + l->lane], *b = a + l->lanes;
    double span = l->stations[i + 1] - l->stations[i], f = span > 0 ? (s - l->stations[i]) / span : 0;
    cw_vec3 p = a->edge[l->side], q = b->edge[l->side];
    cw_vec3 at = {cw_lerp(p.x, q.x, f), cw_lerp(p.y, q.y, f), cw_lerp(p.z, q.z, f)};
    cw_vec3 left = {0, 0, 0};
    // Across: along the lane's own cross section, or the direction of travel turned where it has no width.
    double wa = a->t[1] - a->t[0], wb = b->t[1] - b->t[0], w = cw_lerp(wa, wb, f);
    if (w > 0.3) {
        left = (cw_vec3){cw_lerp(a->edge[1].x - a->edge[0].x, b->edge[1].x - b->edge[0].x, f),
                         cw_lerp(a->edge[1].y - a->edge[0].y, b->edge[1].y - b->edge[0].y, f),
                         cw_lerp(a->edge[1].z - a->edge[0].z, b->edge[1].z - b->edge[0].z, f)};
    } else {
        left = (cw_vec3){p.y - q.y, q.x - p.x, 0};
    }
    double length = cw_hypot(left.x, left.y);
    if (!(length > 1e-9)) {
        left = (cw_vec3){0, 1, 0};
        length = 1;
    }
    for (int k = 0; k < 2; k++) {
        double d = (l->aside + (l->inward + (k ? 0.5 : -0.5)) * l->width) / length;
        out[k] = (cw_vec3){at.x + d * left.x, at.y + d * left.y, at.z + d * left.z + RAISED + l->sunk};
    }
}

static uint32_t interval(const line *l, double s) {
    uint32_t low = 0, high = l->station_count - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (l->stations[middle] <= s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool upward(const cw_vec3 q[4]) {
    return (q[2].x - q[0].x) * (q[3].y - q[1].y) - (q[3].x - q[1].x) * (q[2].y - q[0].y) > 0;
}

// A band from s0 to s1 with one material.
static void band(const line *l, double s0, double s1, cw_material_kind material) {
    if (s1 - s0 < NOTHING)
        return;
    cw_mesh_builder *b = &l->of->mesh;
    cw_builder_material(b, material);
    cw_vec3 before[2], now[2];
    uint32_t i = interval(l, s0);
    corners(l, i, s0, before);
    const cw_vec3 up = {0, 0, 1};
    uint32_t last[2] = {cw_add_vertex(b, before[0], up), cw_add_vertex(b, before[1], up)};
    for (double s = s0; s < s1;) {
        double to = i + 2 < l->station_count ? cw_min(s1, l->stations[i + 1]) : s1;
        corners(l, i, to, now);
        uint32_t next[2] = {cw_add_vertex(b, now[0], up), cw_add_vertex(b, now[1], up)};
        const cw_vec3 quad[4] = {before[0], now[0], now[1], before[1]};
        if (upward(quad)) {
            cw_add_triangle(b, last[0], next[0], next[1]);
            cw_add_triangle(b, last[0], next[1], last[1]);
        }
        for (int k = 0; k < 2; k++) {
            before[k] = now[k];
            last[k] = next[k];
        }
        s = to;
        i++;
    }
}

typedef enum wear { FRESH, WORN, GONE } wear;

static wear wear_of(const line *l, double s) {
    double amount = l->of->def->wear;
    if (l->of->def->coarse || !(amount > 0))
        return FRESH;
    cw_rng_key key = {.seed = l->of->def->seed,
                      .world = l->section->road,
                      .agent = l->section->lanes.first + l->lane,
                      .purpose = WEAR,
                      .step = (uint64_t)floor(cw_max(s, 0) / STRETCH)};
    double draw = cw_rng_uniform(key, 0);
    return draw < 0.06 * amount ? GONE : draw < amount ? WORN : FRESH;
}

// A piece of line in its wear: neighbouring stretches that are alike become one. Where all of the paint is gone a third of
// the stretch is bare.
static void worn_band(const line *l, double s0, double s1) {
    double from = s0;
    wear now = wear_of(l, s0);
    for (double s = s0; s < s1;) {
        double end = cw_min(s1, (floor(s / STRETCH + 1e-9) + 1) * STRETCH);
        wear next = end < s1 ? wear_of(l, end + 1e-6) : now;
        if (end >= s1 || next != now || now == GONE) {
            if (now == GONE) {
                band(l, from, cw_lerp(from, end, 0.4), l->worn);
                band(l, cw_lerp(from, end, 0.7), end, l->worn);
            } else {
                band(l, from, end, now == WORN ? l->worn : l->fresh);
            }
            from = end;
            now = next;
        }
        s = end;
    }
}

static void dashes(const line *l, double s0, double s1, double on, double off) {
    double period = on + off;
    for (double k = floor(s0 / period); k * period < s1; k += 1) {
        double from = cw_max(s0, k * period), to = cw_min(s1, k * period + on);
        if (to - from >= NOTHING)
            band(l, from, to, wear_of(l, k * period) == FRESH ? l->fresh : l->worn);
    }
}

static void studs(const line *l, double s0, double s1) {
    cw_mesh_builder *b = &l->of->mesh;
    cw_builder_material(b, CW_MAT_STUD);
    for (double k = ceil(s0 / STUD_EVERY); k * STUD_EVERY < s1; k += 1) {
        double s = k * STUD_EVERY;
        cw_vec3 c[2];
        corners(l, interval(l, s), s, c);
        double x = 0.5 * (c[0].x + c[1].x), y = 0.5 * (c[0].y + c[1].y), z = 0.5 * (c[0].z + c[1].z) - RAISED;
        if (l->of->def->coarse) {
            cw_add_quad(b, (cw_vec3){x - 0.05, y - 0.05, z + 0.01}, (cw_vec3){x + 0.05, y - 0.05, z + 0.01},
                        (cw_vec3){x + 0.05, y + 0.05, z + 0.01}, (cw_vec3){x - 0.05, y + 0.05, z + 0.01});
            continue;
        }
        uint32_t first = cw_add_vertex(b, (cw_vec3){x, y, z + 0.018}, (cw_vec3){0, 0, 1});
        for (int i = 0; i < 6; i++) {
            double sine, cosine;
            cw_sincos(CW_PI * i / 3, &sine, &cosine);
            cw_add_vertex(b, (cw_vec3){x + 0.5 * STUD * cosine, y + 0.5 * STUD * sine, z}, (cw_vec3){cosine, sine, 1});
        }
        for (uint32_t i = 0; i < 6; i++)
            cw_add_triangle(b, first, first + 1 + i, first + 1 + (i + 1) % 6);
    }
}

// A kerb that the map draws as a mark: a low wall.
static void kerb(line *l, double s0, double s1) {
    cw_mesh_builder *b = &l->of->mesh;
    cw_builder_material(b, CW_MAT_KERB);
    cw_builder_semantic(b, CW_CLASS_SIDEWALK);
    l->width = KERB_WIDTH;
    cw_vec3 before[2], now[2];
    uint32_t i = interval(l, s0);
    corners(l, i, s0, before);
    for (double s = s0; s < s1;) {
        double to = i + 2 < l->station_count ? cw_min(s1, l->stations[i + 1]) : s1;
        corners(l, i++, to, now);
        cw_vec3 p = before[0], q = now[0], r = now[1], v = before[1];
        cw_vec3 P = {p.x, p.y, p.z + KERB_HEIGHT}, Q = {q.x, q.y, q.z + KERB_HEIGHT}, R = {r.x, r.y, r.z + KERB_HEIGHT},
                V = {v.x, v.y, v.z + KERB_HEIGHT};
        const cw_vec3 quad[4] = {p, q, r, v};
        if (upward(quad)) {
            cw_add_quad(b, P, Q, R, V);
            cw_add_quad(b, p, q, Q, P);
            cw_add_quad(b, r, v, V, R);
            if (s == s0)
                cw_add_quad(b, v, p, P, V);
            if (to >= s1)
                cw_add_quad(b, q, r, R, Q);
        }
        before[0] = now[0];
        before[1] = now[1];
        s = to;
    }
    cw_builder_semantic(b, CW_CLASS_MARKING);
}

static void draw(line *l, const cw_road_mark *mark, double s0, double s1, int32_t lane_id) {
    double width = mark->width > 0.02F && mark->width < 1.0F ? (double)mark->width : mark->bold ? BOLD : THIN;
    bool fast = scenery_road_kind(l->of->map, l->section->road, s0) == CW_ROAD_MOTORWAY;
    double on = fast ? 6 : 3, off = fast ? 12 : 6;
    l->width = width;
    l->aside = 0;
    l->fresh = paint_of(mark->color, false);
    l->worn = paint_of(mark->color, true);
    cw_builder_semantic(&l->of->mesh, CW_CLASS_MARKING);
    switch (mark->kind) {
    case CW_MARK_NONE:
        return;
    case CW_MARK_BROKEN:
        dashes(l, s0, s1, on, off);
        return;
    case CW_MARK_SOLID_SOLID:
    case CW_MARK_BROKEN_BROKEN:
    case CW_MARK_SOLID_BROKEN:
    case CW_MARK_BROKEN_SOLID: {
        // OpenDRIVE 1.8, 11.9: read from the inside out; on the centre lane from left to right.
        double first = lane_id > 0 ? -width : width;
        bool first_solid = mark->kind == CW_MARK_SOLID_SOLID || mark->kind == CW_MARK_SOLID_BROKEN;
        bool second_solid = mark->kind == CW_MARK_SOLID_SOLID || mark->kind == CW_MARK_BROKEN_SOLID;
        for (int k = 0; k < 2; k++) {
            l->aside = k ? -first : first;
            if (k ? second_solid : first_solid)
                worn_band(l, s0, s1);
            else
                dashes(l, s0, s1, on, off);
        }
        return;
    }
    case CW_MARK_BOTTS_DOTS:
        studs(l, s0, s1);
        return;
    case CW_MARK_CURB:
        kerb(l, s0, s1);
        return;
    case CW_MARK_GRASS:
        cw_builder_semantic(&l->of->mesh, CW_CLASS_TERRAIN);
        band(l, s0, s1, CW_MAT_GRASS);
        return;
    default:
        worn_band(l, s0, s1);
        return;
    }
}

void scenery_marks(scenery *of) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->section_count && !of->out_of_memory && !of->mesh.full; i++) {
        const cw_section *sec = &map->sections[i];
        uint32_t count;
        const double *stations;
        const lane_edge *profiles = scenery_profiles(of, i, &stations, &count);
        if (!profiles)
            continue;
        bool junction = map->roads[sec->road].junction != CW_NONE;
        for (uint32_t k = 0; k < sec->lanes.count; k++) {
            uint32_t index = sec->lanes.first + k;
            const cw_lane *lane = &map->lanes[index];
            line l = {.of = of,
                      .section = sec,
                      .lanes = sec->lanes.count,
                      .lane = k,
                      .side = lane->id > 0 ? 1 : 0,
                      .stations = stations,
                      .station_count = count,
                      .profiles = profiles};
            if (lane->id == 0) { // the centre's own edges are the reference line: measure across the lane beside it
                if (k > 0)
                    l.lane = k - 1;
                else if (k + 1 < sec->lanes.count)
                    l.lane = k + 1;
                l.side = k > 0 ? 0 : 1;
            }
            const cw_lane *on = &map->lanes[sec->lanes.first + l.lane];
            double lift = cw_lane_lift(map, sec->lanes.first + l.lane);
            // Beside a kerb the line lies before it, not half under it.
            uint32_t outer = lane->id > 0 ? k - 1 : k + 1;
            if (lane->id != 0 && lift == 0 && outer < sec->lanes.count &&
                cw_lane_lift(map, sec->lanes.first + outer) > 0)
                l.inward = lane->id > 0 ? -0.5 : 0.5;
            l.sunk = junction && lift == 0 && !cw_lane_drivable(on) ? SCENERY_SUNK : 0;
            for (uint32_t m = 0; m < lane->marks.count; m++) {
                const cw_road_mark *mark = &map->marks[lane->marks.first + m];
                double end = m + 1 < lane->marks.count ? mark[1].s : sec->s1;
                double s0 = cw_max(mark->s, sec->s0), s1 = cw_min(end, sec->s1);
                if (s1 - s0 > 0.05)
                    draw(&l, mark, s0, s1, lane->id);
            }
        }
    }
}
