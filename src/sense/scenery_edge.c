// The edges of roads: banks down to the land, walls where another road lies close below, and decks, parapets and piers
// where a road runs high above it.
#include "sense/scenery_parts.h"

#include <math.h>

static const double HIGH = 1.8;      // m above the land from which on a road is a bridge
static const double DECK = 0.8;      // m, thickness
static const double PARAPET = 0.95;  // m, height
static const double PIER_EVERY = 28; // m
static const double PIER_FROM = 3.5; // m above the land
static const double SLOPE = 2.2;     // of banks: metres out for each down
static const double INTO = 0.3;      // m by which banks reach into the land

typedef struct edge_point {
    cw_vec3 at, out; // the edge; unit vector away from the road, level
    double gap;      // above the land, m
    bool met;        // another surface goes on here
} edge_point;

static bool has_width(const lane_edge *e) {
    return e->t[1] - e->t[0] > 0.005;
}

// The outermost lane with width at a station: its index, or CW_NONE.
static uint32_t outermost(const cw_section *sec, const lane_edge *row, int side) {
    for (uint32_t i = 0; i < sec->lanes.count; i++) {
        uint32_t k = side ? i : sec->lanes.count - 1 - i;
        if (sec->lanes.first + k != sec->center && has_width(&row[k]))
            return k;
    }
    return CW_NONE;
}

// side 0: right, 1: left.
static bool edge_at(const scenery *of, const cw_section *sec, const lane_edge *row, int side, edge_point *p) {
    uint32_t k = outermost(sec, row, side), o = outermost(sec, row, !side);
    if (k == CW_NONE || o == CW_NONE)
        return false;
    cw_vec3 here = row[k].edge[side], there = row[o].edge[!side];
    double dx = here.x - there.x, dy = here.y - there.y, length = cw_hypot(dx, dy);
    if (!(length > 1e-6))
        return false;
    p->at = here;
    p->out = (cw_vec3){dx / length, dy / length, 0};
    double below =
        cw_min(scenery_land_at(of, here.x, here.y), scenery_land_at(of, here.x + p->out.x, here.y + p->out.y));
    p->gap = here.z - below;
    double z;
    p->met = scenery_ground_at(of, here.x + 0.25 * p->out.x, here.y + 0.25 * p->out.y, here.z, 0.6, &z, NULL);
    for (int i = -1; i <= 1 && !p->met && of->map->roads[sec->road].junction != CW_NONE; i++)
        p->met = cw_area_holds(of->drivable, here.x + 0.4 * i * p->out.x + of->origin[0],
                               here.y + 0.4 * i * p->out.y + of->origin[1]) &&
                 !cw_lane_drivable(&of->map->lanes[sec->lanes.first + k]);
    return true;
}

static cw_vec3 lowered(cw_vec3 p, double by) {
    return (cw_vec3){p.x, p.y, p.z - by};
}

// The foot of the bank; straight down where another road's surface lies in its way.
static cw_vec3 foot(const scenery *of, const edge_point *p) {
    double fall = cw_max(p->gap, 0.05) + INTO;
    for (double reach = SLOPE * fall;; reach *= 0.5) {
        double x = p->at.x + reach * p->out.x, y = p->at.y + reach * p->out.y, z = p->at.z - fall;
        if (reach < 0.3)
            return (cw_vec3){p->at.x + 0.02 * p->out.x, p->at.y + 0.02 * p->out.y, z};
        if (!scenery_ground_at(of, x, y, p->at.z - 0.5 * fall - 0.03, 0.5 * fall, NULL, NULL) &&
            !scenery_ground_at(of, 0.5 * (x + p->at.x), 0.5 * (y + p->at.y), p->at.z - 0.5 * fall - 0.03, 0.5 * fall,
                               NULL, NULL)) {
            double below = scenery_land_at(of, x, y);
            return (cw_vec3){x, y, cw_min(below - 0.15, z)};
        }
    }
}

static void bank(scenery *of, const edge_point *a, const edge_point *b, int side) {
    cw_vec3 p = foot(of, a), q = foot(of, b);
    bool steep = cw_hypot(p.x - a->at.x, p.y - a->at.y) < 0.3;
    cw_builder_material(&of->mesh, steep && a->gap > 0.3 ? CW_MAT_CONCRETE : CW_MAT_GRASS);
    cw_builder_semantic(&of->mesh, CW_CLASS_TERRAIN);
    if (side)
        cw_add_quad(&of->mesh, q, p, a->at, b->at);
    else
        cw_add_quad(&of->mesh, p, q, b->at, a->at);
}

// ---- bridges ---------------------------------------------------------------------------------------------------------

static void slab(scenery *of, cw_vec3 p, cw_vec3 q, cw_vec3 r, cw_vec3 s, double from, double to) {
    // p to q along the road on the right, s to r on the left; between two heights above them.
    cw_vec3 P = lowered(p, -to), Q = lowered(q, -to), R = lowered(r, -to), S = lowered(s, -to);
    p = lowered(p, -from);
    q = lowered(q, -from);
    r = lowered(r, -from);
    s = lowered(s, -from);
    cw_add_quad(&of->mesh, p, q, Q, P);
    cw_add_quad(&of->mesh, r, s, S, R);
    cw_add_quad(&of->mesh, P, Q, R, S);
    cw_add_quad(&of->mesh, q, p, s, r);
}

static void parapet(scenery *of, const edge_point *a, const edge_point *b, int side) {
    if (a->met || b->met)
        return;
    double in = 0.3;
    cw_vec3 p = a->at, q = b->at, r = {b->at.x - in * b->out.x, b->at.y - in * b->out.y, b->at.z},
            s = {a->at.x - in * a->out.x, a->at.y - in * a->out.y, a->at.z};
    cw_builder_semantic(&of->mesh, CW_CLASS_BARRIER);
    if (side)
        slab(of, s, r, q, p, -0.02, PARAPET);
    else
        slab(of, p, q, r, s, -0.02, PARAPET);
    cw_builder_semantic(&of->mesh, CW_CLASS_BRIDGE);
}

static void pier(scenery *of, const edge_point *right, const edge_point *left) {
    double x = 0.5 * (right->at.x + left->at.x), y = 0.5 * (right->at.y + left->at.y);
    double top = cw_min(right->at.z, left->at.z) - DECK + 0.1, below = scenery_land_at(of, x, y);
    double width = cw_hypot(left->at.x - right->at.x, left->at.y - right->at.y);
    if (top - below < PIER_FROM)
        return;
    // Not on a road below, nor close to one.
    for (int i = -2; i <= 2; i++)
        for (int k = -1; k <= 1; k++) {
            double px = x + left->out.x * i * 0.15 * width - left->out.y * k * 1.5,
                   py = y + left->out.y * i * 0.15 * width + left->out.x * k * 1.5;
            if (scenery_ground_at(of, px, py, 0.5 * (top + below) - 0.5, 0.5 * (top - below) + 0.2, NULL, NULL))
                return;
        }
    cw_builder_frame(&of->mesh, x, y, 0, cw_atan2(left->out.y, left->out.x));
    cw_add_box(&of->mesh, (cw_vec3){-0.28 * width, -0.5, below - 0.5}, (cw_vec3){0.28 * width, 0.5, top});
    cw_builder_home(&of->mesh);
}

static void bridge(scenery *of, const cw_section *sec, const lane_edge *profiles, const double *stations,
                   uint32_t count) {
    cw_builder_material(&of->mesh, CW_MAT_CONCRETE);
    uint32_t lanes = sec->lanes.count;
    edge_point before[2] = {0}, now[2] = {0};
    bool had = false;
    double pier_at = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        const lane_edge *row = profiles + (size_t)i * lanes;
        bool has = edge_at(of, sec, row, 0, &now[0]) && edge_at(of, sec, row, 1, &now[1]);
        if (had && has && cw_max(before[0].gap, cw_max(before[1].gap, cw_max(now[0].gap, now[1].gap))) > HIGH) {
            slab(of, before[0].at, now[0].at, now[1].at, before[1].at, -DECK, -0.02);
            for (int side = 0; side < 2; side++)
                parapet(of, &before[side], &now[side], side);
            // Piers between the stations too, where these are far apart.
            double length = stations[i] - stations[i - 1];
            for (double s = cw_max(stations[i - 1], pier_at + PIER_EVERY); s <= stations[i]; s += PIER_EVERY) {
                double f = length > 0 ? (s - stations[i - 1]) / length : 0;
                edge_point mid[2] = {before[0], before[1]};
                for (int k = 0; k < 2; k++)
                    mid[k].at =
                        (cw_vec3){cw_lerp(before[k].at.x, now[k].at.x, f), cw_lerp(before[k].at.y, now[k].at.y, f),
                                  cw_lerp(before[k].at.z, now[k].at.z, f)};
                pier(of, &mid[0], &mid[1]);
                pier_at = s;
            }
        }
        before[0] = now[0];
        before[1] = now[1];
        had = has;
    }
}

// A bank needs points where the land changes under it, not only where the road bends.
static uint32_t refine(const scenery *of, double s0, double s1, double *out, uint32_t most) {
    uint32_t parts = (uint32_t)cw_clamp(ceil((s1 - s0) / (of->def->coarse ? 30 : 6)), 1, most);
    for (uint32_t i = 0; i < parts; i++)
        out[i] = s0 + (s1 - s0) * (i + 1) / parts;
    return parts;
}

enum { PARTS_MOST = 128 };

static void blend(const lane_edge *a, const lane_edge *b, double f, uint32_t lanes, lane_edge *out) {
    for (uint32_t i = 0; i < lanes; i++) {
        for (int k = 0; k < 2; k++) {
            out[i].t[k] = cw_lerp(a[i].t[k], b[i].t[k], f);
            out[i].edge[k] =
                (cw_vec3){cw_lerp(a[i].edge[k].x, b[i].edge[k].x, f), cw_lerp(a[i].edge[k].y, b[i].edge[k].y, f),
                          cw_lerp(a[i].edge[k].z, b[i].edge[k].z, f)};
        }
    }
}

static void banks(scenery *of, const cw_section *sec, const lane_edge *profiles, const double *stations, uint32_t count,
                  lane_edge *row) {
    uint32_t lanes = sec->lanes.count;
    for (int side = 0; side < 2; side++) {
        edge_point before = {0}, now = {0};
        bool had = edge_at(of, sec, profiles, side, &before);
        for (uint32_t i = 1; i < count; i++) {
            const lane_edge *a = profiles + (size_t)(i - 1) * lanes, *b = a + lanes;
            double at[PARTS_MOST];
            uint32_t parts = refine(of, stations[i - 1], stations[i], at, PARTS_MOST);
            for (uint32_t k = 0; k < parts; k++) {
                blend(a, b, (double)(k + 1) / parts, lanes, row);
                bool has = edge_at(of, sec, row, side, &now);
                if (had && has && !before.met && !now.met && cw_max(before.gap, now.gap) <= HIGH)
                    bank(of, &before, &now, side);
                before = now;
                had = has;
            }
        }
    }
}

void scenery_edges(scenery *of) {
    const cw_map *map = of->map;
    lane_edge *row = of->row;
    scenery_on_ground(of);
    for (uint32_t i = 0; i < map->section_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const double *stations;
        uint32_t count;
        const lane_edge *profiles = scenery_profiles(of, i, &stations, &count);
        if (profiles)
            banks(of, &map->sections[i], profiles, stations, count, row);
    }
    for (uint32_t r = 0; r < map->road_count && !of->mesh.full && !of->mesh.out_of_memory; r++) {
        bool high = false;
        cw_span sections = map->roads[r].sections;
        for (uint32_t i = sections.first; i < sections.first + sections.count; i++) {
            const double *stations;
            uint32_t count;
            const lane_edge *profiles = scenery_profiles(of, i, &stations, &count);
            edge_point p;
            bool here = false;
            for (uint32_t k = 0; profiles && k < count && !here; k++)
                for (int side = 0; side < 2 && !here; side++)
                    here =
                        edge_at(of, &map->sections[i], profiles + (size_t)k * map->sections[i].lanes.count, side, &p) &&
                        p.gap > HIGH;
            if (!here)
                continue;
            if (!high)
                scenery_object(of, CW_THING_BRIDGE, CW_CLASS_BRIDGE, r);
            high = true;
            bridge(of, &map->sections[i], profiles, stations, count);
        }
    }
    scenery_on_ground(of);
}
