// Surfaces of lanes: strips between the stations of a section, kerbs where heights part.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>

static const double LIFT = 0.12; // of sidewalks, m
static const double SUNK =
    SCENERY_SUNK;                 // by which what is not for driving lies lower in junctions, where lanes cross it
static const double STEP = 0.002; // heights that part by more have a wall between them
static const double LONGEST = 500, CROSSED_LONGEST = 1.5; // between stations, m
static const double NO_WIDTH = 0.005;                     // m
static const double CLOSEST = 0.05;                       // stations, m
enum { DEEPEST = 20, PROFILES_MOST = 50000000 };

double cw_lane_lift(const cw_map *map, uint32_t lane) {
    uint8_t kind = map->lanes[lane].kind;
    return kind == CW_LANE_SIDEWALK || kind == CW_LANE_WALKING || kind == CW_LANE_CURB ? LIFT : 0;
}

cw_material_kind scenery_lane_material(uint8_t lane_kind, cw_class *semantic) {
    *semantic = CW_CLASS_ROAD;
    switch (lane_kind) {
    case CW_LANE_SHOULDER:
    case CW_LANE_BORDER:
    case CW_LANE_STOP:
    case CW_LANE_PARKING:
        return CW_MAT_ASPHALT_OLD;
    case CW_LANE_SIDEWALK:
    case CW_LANE_WALKING:
        *semantic = CW_CLASS_SIDEWALK;
        return CW_MAT_PAVING;
    case CW_LANE_CURB:
        *semantic = CW_CLASS_SIDEWALK;
        return CW_MAT_KERB;
    case CW_LANE_NONE:
    case CW_LANE_MEDIAN:
    case CW_LANE_RESTRICTED:
        *semantic = CW_CLASS_TERRAIN;
        return CW_MAT_GRASS;
    case CW_LANE_BIKING:
        return CW_MAT_BIKE_LANE;
    case CW_LANE_RAIL:
    case CW_LANE_TRAM:
        *semantic = CW_CLASS_RAIL;
        return CW_MAT_GRAVEL;
    default:
        return CW_MAT_ASPHALT;
    }
}

uint8_t scenery_road_kind(const cw_map *map, uint32_t road, double s) {
    cw_span kinds = map->roads[road].kinds;
    uint8_t kind = CW_ROAD_UNKNOWN;
    for (uint32_t i = 0; i < kinds.count && map->road_types[kinds.first + i].s <= s; i++)
        kind = map->road_types[kinds.first + i].kind;
    return kind;
}

cw_vec3 scenery_place(const scenery *of, uint32_t road, double s, double t) {
    cw_road_point at;
    cw_road_at(of->map, road, s, t, &at);
    return (cw_vec3){at.x - of->origin[0], at.y - of->origin[1], at.z - of->origin[2]};
}

void scenery_profile(const scenery *of, uint32_t section, double s, lane_edge *out) {
    const cw_map *map = of->map;
    const cw_section *sec = &map->sections[section];
    cw_road_point base;
    cw_road_at(map, sec->road, s, 0, &base);
    double sine, cosine, slope = base.roll != 0 ? cw_tan(base.roll) : 0;
    cw_sincos(base.heading, &sine, &cosine);
    bool inside = map->roads[sec->road].junction != CW_NONE;
    for (uint32_t i = 0; i < sec->lanes.count; i++) {
        uint32_t index = sec->lanes.first + i;
        const cw_lane *lane = &map->lanes[index];
        lane_edge *e = &out[i];
        cw_lane_borders(map, index, s, &e->t[0], &e->t[1]);
        double lift = cw_lane_lift(map, index);
        if (inside && lift == 0 && !cw_lane_drivable(lane))
            lift = -SUNK;
        for (int k = 0; k < 2; k++) {
            double t = e->t[k], level_t = lane->level ? e->t[lane->id > 0 ? 0 : 1] : t;
            e->edge[k] = (cw_vec3){base.x - sine * t - of->origin[0], base.y + cosine * t - of->origin[1],
                                   base.z + level_t * slope + lift - of->origin[2]};
        }
    }
}

// ---- stations --------------------------------------------------------------------------------------------------------

typedef struct survey {
    scenery *of;
    uint32_t section, count;
    lane_edge *a, *b, *m; // (lanes) each: profiles at both ends and between
} survey;

// How far m lies off the chord from a to b in the plane; *height: and above or below it there.
static double off(cw_vec3 a, cw_vec3 b, cw_vec3 m, double *height) {
    double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy, x = m.x - a.x, y = m.y - a.y;
    double f = length2 > 1e-18 ? (x * dx + y * dy) / length2 : 0.5;
    *height = fabs(cw_lerp(a.z, b.z, f) - m.z);
    return length2 > 1e-18 ? fabs(x * dy - y * dx) / sqrt(length2) : cw_hypot(x, y);
}

// Are the quads between the two stations flat and straight enough? Heights count more: half a centimetre, whatever the
// tolerance; at a third and two thirds, so that symmetric waves are seen.
static bool good(survey *v, double s0, double s1) {
    double tolerance = v->of->def->tolerance, upright = cw_min(0.004, 0.25 * tolerance);
    if (v->of->def->coarse)
        upright = 0.03;
    scenery_profile(v->of, v->section, s0, v->a);
    scenery_profile(v->of, v->section, s1, v->b);
    static const double at[3] = {0.5, 0.31, 0.73};
    for (int i = 0; i < 3; i++) {
        scenery_profile(v->of, v->section, cw_lerp(s0, s1, at[i]), v->m);
        for (uint32_t k = 0; k < v->count; k++) {
            for (int side = 0; side < 2; side++) {
                double height, aside = off(v->a[k].edge[side], v->b[k].edge[side], v->m[k].edge[side], &height);
                if (aside > tolerance || height > upright)
                    return false;
            }
        }
    }
    // The two triangles of a quad in a bend hold heights along its two ends; those of the road turn from one to the other.
    const lane_edge *l0 = &v->a[0], *r0 = &v->a[v->count - 1], *l1 = &v->b[0], *r1 = &v->b[v->count - 1];
    double ux = l0->edge[1].x - r0->edge[0].x, uy = l0->edge[1].y - r0->edge[0].y;
    double wx = l1->edge[1].x - r1->edge[0].x, wy = l1->edge[1].y - r1->edge[0].y;
    double width = cw_max(cw_hypot(ux, uy), 1e-6),
           turn = fabs(ux * wy - uy * wx) / (width * cw_max(cw_hypot(wx, wy), 1e-6));
    double rise = cw_max(fabs(l1->edge[1].z - l0->edge[1].z), fabs(r1->edge[0].z - r0->edge[0].z));
    if (0.25 * width * turn * rise / (s1 - s0) > upright)
        return false;
    // A twisted strip is cut along a diagonal: its middle then leaves the surface by a quarter of the twist.
    double twist = (l0->edge[1].z - r0->edge[0].z) - (l1->edge[1].z - r1->edge[0].z);
    return fabs(twist) * 0.25 <= upright;
}

static bool add_station(scenery *of, double s) {
    if (!CW_GROW(of->stations, of->station_room, of->station_count + 1))
        return false;
    of->stations[of->station_count++] = s;
    return true;
}

static bool divide(survey *v, double s0, double s1, int depth) {
    if (depth > 0 && s1 - s0 > 2 * CLOSEST && !good(v, s0, s1)) {
        double middle = 0.5 * (s0 + s1);
        return divide(v, s0, middle, depth - 1) && divide(v, middle, s1, depth - 1);
    }
    return add_station(v->of, s1);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Where records of the profiles begin: a kink may stand there that no halving hits.
static bool add_cuts(const cw_map *map, cw_span span, const cw_section *sec, double **cuts, size_t *count,
                     size_t *room) {
    for (uint32_t i = 0; i < span.count; i++) {
        double s = map->cubics[span.first + i].s;
        if (s <= sec->s0 + CLOSEST || s >= sec->s1 - CLOSEST)
            continue;
        if (!CW_GROW(*cuts, *room, *count + 1))
            return false;
        (*cuts)[(*count)++] = s;
    }
    return true;
}

// Stations of a section at which its surface is cut: between them chords leave curves, borders and heights by no more
// than the tolerance.
static bool survey_section(scenery *of, uint32_t section, double longest) {
    const cw_map *map = of->map;
    const cw_section *sec = &map->sections[section];
    const cw_road *road = &map->roads[sec->road];
    uint32_t lanes = sec->lanes.count;
    double *cuts = NULL, length = sec->s1 - sec->s0;
    size_t cut_count = 0, cut_room = 0;
    lane_edge *edges = malloc(((size_t)lanes * 3 + 1) * sizeof *edges);
    survey v = {of, section, lanes, edges, edges + lanes, edges + 2 * (size_t)lanes};
    bool fine = edges != NULL && add_cuts(map, road->elevation, sec, &cuts, &cut_count, &cut_room) &&
                add_cuts(map, road->superelevation, sec, &cuts, &cut_count, &cut_room) &&
                add_cuts(map, road->offset, sec, &cuts, &cut_count, &cut_room);
    for (uint32_t i = 0; i < lanes && fine; i++)
        fine = add_cuts(map, map->lanes[sec->lanes.first + i].width, sec, &cuts, &cut_count, &cut_room);
    if (fine && cut_count > 1)
        qsort(cuts, cut_count, sizeof *cuts, ascending);
    uint32_t pieces = (uint32_t)cw_clamp(ceil(length / longest), 1, 1e6);
    fine = fine && add_station(of, sec->s0);
    size_t next = 0;
    double from = sec->s0;
    for (uint32_t i = 0; i < pieces && fine && length > 0; i++) {
        double end = i + 1 == pieces ? sec->s1 : sec->s0 + length * (i + 1) / pieces;
        // Cuts are used only where the stretch without them is not good: records are often many and all alike.
        while (fine && from < end) {
            double to = end;
            if (next < cut_count && !good(&v, from, end)) {
                while (next < cut_count && cuts[next] <= from + CLOSEST)
                    next++;
                if (next < cut_count && cuts[next] < end - CLOSEST) {
                    to = cuts[next++];
                    while (next < cut_count && cuts[next] < end - CLOSEST && good(&v, from, cuts[next]))
                        to = cuts[next++];
                }
            }
            fine = divide(&v, from, to, DEEPEST);
            from = to;
        }
    }
    free(cuts);
    free(edges);
    return fine;
}

bool scenery_survey(scenery *of) {
    const cw_map *map = of->map;
    size_t most = 0;
    uint32_t widest = 0;
    of->cuts = calloc((size_t)map->section_count + 1, sizeof *of->cuts);
    if (!of->cuts)
        return false;
    for (uint32_t i = 0; i < map->section_count; i++) {
        const cw_section *sec = &map->sections[i];
        bool junction = map->roads[sec->road].junction != CW_NONE, crossed = false;
        for (uint32_t k = 0; k < sec->lanes.count && junction; k++) {
            uint32_t lane = sec->lanes.first + k;
            crossed = crossed || (lane != sec->center && !cw_lane_drivable(&map->lanes[lane]));
        }
        size_t first = of->station_count;
        if (map->roads[sec->road].geometry.count > 0 && sec->s1 > sec->s0 &&
            !survey_section(of, i, crossed ? CROSSED_LONGEST : LONGEST))
            return false;
        uint32_t count = (uint32_t)(of->station_count - first);
        size_t need = (size_t)count * sec->lanes.count;
        if (of->station_count > 3 * of->def->triangle_limit || need > PROFILES_MOST ||
            of->station_count > UINT32_MAX / 2) {
            of->mesh.full = true;
            return true;
        }
        of->cuts[i] = (cw_span){(uint32_t)first, count};
        most = need > most ? need : most;
        widest = sec->lanes.count > widest ? sec->lanes.count : widest;
    }
    of->profiles = malloc((most + 1) * sizeof *of->profiles);
    of->row = malloc(((size_t)widest + 1) * sizeof *of->row);
    return of->profiles != NULL && of->row != NULL;
}

const lane_edge *scenery_profiles(scenery *of, uint32_t section, const double **stations, uint32_t *count) {
    cw_span cuts = of->cuts[section];
    uint32_t lanes = of->map->sections[section].lanes.count;
    if (cuts.count < 2)
        return NULL;
    *stations = of->stations + cuts.first;
    *count = cuts.count;
    for (uint32_t i = 0; i < cuts.count; i++)
        scenery_profile(of, section, (*stations)[i], of->profiles + (size_t)i * lanes);
    return of->profiles;
}

// ---- strips ----------------------------------------------------------------------------------------------------------

typedef struct strip {    // neighbouring lanes with one look
    uint32_t first, last; // in the section, left to right
    uint8_t material, semantic;
    double lift;
    bool wall_right, wall_left; // something lower lies beside it
    bool crossed;               // other lanes of the junction may cross it: parts that lie on them are left out
} strip;

static bool has_width(const lane_edge *profiles, uint32_t stations, uint32_t lanes, uint32_t lane) {
    for (uint32_t i = 0; i < stations; i++)
        if (profiles[(size_t)i * lanes + lane].t[1] - profiles[(size_t)i * lanes + lane].t[0] > NO_WIDTH)
            return true;
    return false;
}

static cw_vec3 up_at(const lane_edge *profiles, uint32_t stations, uint32_t lanes, uint32_t i, const strip *of,
                     int side) {
    uint32_t a = i > 0 ? i - 1 : 0, b = i + 1 < stations ? i + 1 : i;
    const lane_edge *left = &profiles[(size_t)i * lanes + of->first], *right = &profiles[(size_t)i * lanes + of->last];
    uint32_t lane = side ? of->first : of->last;
    cw_vec3 p = profiles[(size_t)a * lanes + lane].edge[side], q = profiles[(size_t)b * lanes + lane].edge[side];
    cw_vec3 f = {q.x - p.x, q.y - p.y, q.z - p.z};
    cw_vec3 l = {left->edge[1].x - right->edge[0].x, left->edge[1].y - right->edge[0].y,
                 left->edge[1].z - right->edge[0].z};
    cw_vec3 n = {f.y * l.z - f.z * l.y, f.z * l.x - f.x * l.z, f.x * l.y - f.y * l.x};
    return n.z > 1e-6 ? n : (cw_vec3){0, 0, 1};
}

// Does another lane of the junction cover a corner or the middle of the quad?
static bool covered(const scenery *of, const cw_vec3 quad[4]) {
    double x = 0, y = 0;
    for (int i = 0; i < 4; i++) {
        x += 0.25 * quad[i].x;
        y += 0.25 * quad[i].y;
    }
    for (int i = 0; i < 5; i++) {
        double px = i < 4 ? cw_lerp(quad[i].x, x, 0.1) : x, py = i < 4 ? cw_lerp(quad[i].y, y, 0.1) : y;
        if (cw_area_holds(of->drivable, px + of->origin[0], py + of->origin[1]))
            return true;
    }
    return false;
}

static void wall(scenery *of, cw_vec3 p, cw_vec3 q, double p_top, double q_top, double p_low, double q_low) {
    cw_builder_material(&of->mesh, CW_MAT_KERB);
    cw_builder_semantic(&of->mesh, CW_CLASS_SIDEWALK);
    cw_add_quad(&of->mesh, (cw_vec3){p.x, p.y, p_low}, (cw_vec3){q.x, q.y, q_low}, (cw_vec3){q.x, q.y, q_top},
                (cw_vec3){p.x, p.y, p_top});
}

static void end_wall(scenery *of, const cw_vec3 edge[2], double lift) {
    wall(of, edge[0], edge[1], edge[0].z, edge[1].z, edge[0].z - lift - 0.02, edge[1].z - lift - 0.02);
}

// Where a lane lies beyond the centre of a bend its quads are turned over: they cover what others cover already.
static bool faces_up(cw_vec3 p, cw_vec3 q, cw_vec3 r) {
    return (q.x - p.x) * (r.y - p.y) - (r.x - p.x) * (q.y - p.y) > 0;
}

static void add_strip(scenery *of, const strip *s, const lane_edge *profiles, uint32_t stations, uint32_t lanes) {
    cw_mesh_builder *b = &of->mesh;
    uint32_t before[2] = {0, 0};
    bool drawn = false;
    cw_vec3 last_edge[2] = {{0, 0, 0}, {0, 0, 0}};
    for (uint32_t i = 0; i < stations; i++) {
        const lane_edge *row = profiles + (size_t)i * lanes;
        cw_vec3 right = row[s->last].edge[0], left = row[s->first].edge[1];
        uint32_t now[2] = {cw_add_vertex(b, right, up_at(profiles, stations, lanes, i, s, 0)),
                           cw_add_vertex(b, left, up_at(profiles, stations, lanes, i, s, 1))};
        if (i > 0) {
            const lane_edge *back = row - lanes;
            cw_vec3 quad[4] = {back[s->last].edge[0], right, left, back[s->first].edge[1]};
            bool draws = !s->crossed || !covered(of, quad);
            if (drawn && !draws && s->lift > 0)
                end_wall(of, last_edge, s->lift);
            if (draws) {
                cw_builder_material(b, s->material);
                cw_builder_semantic(b, s->semantic);
                if (faces_up(quad[0], quad[1], quad[2]))
                    cw_add_triangle(b, before[0], now[0], now[1]);
                if (faces_up(quad[0], quad[2], quad[3]))
                    cw_add_triangle(b, before[0], now[1], before[1]);
                if (s->lift > 0) { // its sides; where it stands against something as high they are not seen
                    cw_vec3 p = quad[0], q = quad[1], u = quad[2], v = quad[3];
                    if (s->wall_right)
                        wall(of, p, q, p.z, q.z, p.z - s->lift - 0.02, q.z - s->lift - 0.02);
                    if (s->wall_left)
                        wall(of, u, v, u.z, v.z, u.z - s->lift - 0.02, v.z - s->lift - 0.02);
                    if (!drawn)
                        wall(of, v, p, v.z, p.z, v.z - s->lift - 0.02, p.z - s->lift - 0.02);
                    last_edge[0] = q;
                    last_edge[1] = u;
                }
            }
            drawn = draws;
        }
        before[0] = now[0];
        before[1] = now[1];
    }
    if (drawn && s->lift > 0)
        end_wall(of, last_edge, s->lift);
}

// Level lanes part from their neighbours where the road is tilted.
static void add_steps(scenery *of, const lane_edge *profiles, uint32_t stations, uint32_t lanes, uint32_t left,
                      uint32_t right) {
    for (uint32_t i = 1; i < stations; i++) {
        const lane_edge *a = profiles + (size_t)(i - 1) * lanes, *b = profiles + (size_t)i * lanes;
        cw_vec3 pl = a[left].edge[0], ql = b[left].edge[0], pr = a[right].edge[1], qr = b[right].edge[1];
        double high = cw_max(pl.z - pr.z, ql.z - qr.z), low = cw_min(pl.z - pr.z, ql.z - qr.z);
        if (high > STEP && low >= 0)
            wall(of, pl, ql, pl.z, ql.z, pr.z, qr.z);
        else if (low < -STEP && high <= 0)
            wall(of, qr, pr, qr.z, pr.z, ql.z, pl.z);
    }
}

static void add_section(scenery *of, uint32_t section) {
    const cw_map *map = of->map;
    const cw_section *sec = &map->sections[section];
    bool junction = map->roads[sec->road].junction != CW_NONE;
    uint32_t lanes = sec->lanes.count, stations;
    const double *at;
    const lane_edge *profiles = scenery_profiles(of, section, &at, &stations);
    if (!profiles)
        return;
    strip now = {.first = CW_NONE};
    for (uint32_t i = 0; i <= lanes; i++) {
        uint32_t index = sec->lanes.first + i;
        if (i < lanes && (index == sec->center || !has_width(profiles, stations, lanes, i)))
            continue;
        strip here = {.first = i, .last = i};
        if (i < lanes) {
            const cw_lane *lane = &map->lanes[index];
            cw_class semantic;
            here.material = (uint8_t)scenery_lane_material(lane->kind, &semantic);
            here.semantic = (uint8_t)semantic;
            here.lift = cw_lane_lift(map, index);
            here.crossed = junction && !cw_lane_drivable(lane);
        }
        bool joins = now.first != CW_NONE && i < lanes && here.material == now.material && here.lift == now.lift &&
                     here.crossed == now.crossed && !map->lanes[index].level &&
                     !map->lanes[sec->lanes.first + now.last].level;
        if (joins) {
            now.last = i;
            continue;
        }
        if (now.first != CW_NONE) {
            now.wall_right = i >= lanes || here.lift != now.lift;
            add_strip(of, &now, profiles, stations, lanes);
            if (i < lanes && here.lift == now.lift)
                add_steps(of, profiles, stations, lanes, now.last, i);
        }
        here.wall_left = now.first == CW_NONE || here.lift != now.lift;
        now = here;
    }
}

void scenery_surfaces(scenery *of) {
    for (uint32_t i = 0; i < of->map->section_count && !of->out_of_memory && !of->mesh.full; i++)
        add_section(of, i);
}
