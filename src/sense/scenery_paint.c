// What is painted on the road besides lane markings: crossings, stop and yield lines, arrows, parking bays and patches.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RAISED = 0.006;          // m above the surface
static const double STRIPE = 0.5, GAP = 0.5; // m, of a zebra
static const double LINE = 0.12;             // m, width of a bay's lines
static const double NEAR = 1.5;              // m of height within which the surface is that of the road in question
enum { CORNERS_MOST = 24, CLIPPED_MOST = 2 * CORNERS_MOST, ARROWS_MOST = 3 };

static double height_at(const scenery *of, double x, double y, double near_z) {
    double z;
    return scenery_ground_at(of, x, y, near_z, NEAR, &z, NULL) ? z + RAISED : near_z + RAISED;
}

static void paint_ring(scenery *of, const cw_vec2 *ring, uint32_t count, double near_z, cw_material_kind material) {
    double z[CLIPPED_MOST];
    cw_vec2 turned[CLIPPED_MOST];
    if (count < 3 || count > CLIPPED_MOST)
        return;
    double area = 0;
    for (uint32_t i = 0; i < count; i++) {
        cw_vec2 p = ring[i], q = ring[(i + 1) % count];
        area += p.x * q.y - q.x * p.y;
    }
    for (uint32_t i = 0; i < count; i++) {
        turned[i] = ring[area > 0 ? i : count - 1 - i];
        z[i] = height_at(of, turned[i].x, turned[i].y, near_z);
    }
    cw_builder_material(&of->mesh, material);
    cw_add_polygon(&of->mesh, turned, z, count);
}

// A straight band between two points.
static void stroke(scenery *of, cw_vec2 a, cw_vec2 b, double width, double near_z, cw_material_kind material) {
    double dx = b.x - a.x, dy = b.y - a.y, length = cw_hypot(dx, dy);
    if (!(length > 0.01))
        return;
    double px = -dy / length * 0.5 * width, py = dx / length * 0.5 * width;
    int parts = (int)cw_clamp(ceil(length / 2.5), 1, 100);
    for (int i = 0; i < parts; i++) {
        double f = (double)i / parts, g = (double)(i + 1) / parts;
        const cw_vec2 ring[4] = {{a.x + f * dx - px, a.y + f * dy - py},
                                 {a.x + g * dx - px, a.y + g * dy - py},
                                 {a.x + g * dx + px, a.y + g * dy + py},
                                 {a.x + f * dx + px, a.y + f * dy + py}};
        paint_ring(of, ring, 4, near_z, material);
    }
}

// ---- crossings -------------------------------------------------------------------------------------------------------

// Keeps what of the polygon lies where nx x + ny y >= d (Sutherland and Hodgman).
static uint32_t clip(const cw_vec2 *in, uint32_t count, double nx, double ny, double d, cw_vec2 *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        cw_vec2 p = in[i], q = in[(i + 1) % count];
        double a = nx * p.x + ny * p.y - d, b = nx * q.x + ny * q.y - d;
        if (a >= 0 && n < CLIPPED_MOST)
            out[n++] = p;
        if ((a < 0) != (b < 0) && n < CLIPPED_MOST) {
            double f = a / (a - b);
            out[n++] = (cw_vec2){cw_lerp(p.x, q.x, f), cw_lerp(p.y, q.y, f)};
        }
    }
    return n;
}

// Stripes along the traffic that is crossed.
static void crossing(scenery *of, const cw_vec2 *ring, uint32_t count, double along, double near_z) {
    double s, c;
    cw_sincos(along, &s, &c);
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (uint32_t i = 0; i < count; i++) {
        double v[2] = {c * ring[i].x + s * ring[i].y, -s * ring[i].x + c * ring[i].y};
        for (int k = 0; k < 2; k++) {
            low[k] = cw_min(low[k], v[k]);
            high[k] = cw_max(high[k], v[k]);
        }
    }
    if (high[1] - low[1] > 200 || high[0] - low[0] > 60)
        return;
    for (double at = low[1] + 0.5 * GAP; at < high[1]; at += STRIPE + GAP) {
        int parts = (int)ceil((high[0] - low[0]) / 2);
        for (int i = 0; i < parts; i++) {
            double from = cw_lerp(low[0], high[0], (double)i / parts),
                   to = cw_lerp(low[0], high[0], (double)(i + 1) / parts);
            cw_vec2 a[CLIPPED_MOST + 1], b[CLIPPED_MOST + 1];
            uint32_t n = clip(ring, count, -s, c, at, a);
            n = clip(a, n, s, -c, -(at + STRIPE), b);
            n = clip(b, n, c, s, from, a);
            n = clip(a, n, -c, -s, -to, b);
            paint_ring(of, b, n, near_z, CW_MAT_MARK_WHITE);
        }
    }
}

static double traffic_heading(const scenery *of, const cw_object *object) {
    const cw_map *map = of->map;
    if (object->crossed.count > 0) {
        const cw_crossing *c = &map->crossings[object->crossed.first];
        double s = cw_lane_station(map, c->lane, 0.5 * (c->s_in + c->s_out));
        return cw_lane_pose(map, (cw_lane_place){c->lane, s, 0}, NULL).heading;
    }
    cw_road_point at;
    cw_road_at(map, object->road, object->s, object->t, &at);
    return at.heading;
}

static void bay(scenery *of, const cw_vec2 *ring, uint32_t count, double near_z) {
    for (uint32_t i = 0; i < count; i++)
        stroke(of, ring[i], ring[(i + 1) % count], LINE, near_z, CW_MAT_MARK_WHITE);
}

static void painted_objects(scenery *of) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->object_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_object *o = &map->objects[i];
        uint32_t n = o->outline.count;
        if (n < 3 || n > CORNERS_MOST)
            continue;
        cw_vec2 ring[CORNERS_MOST];
        for (uint32_t k = 0; k < n; k++) {
            cw_vec2 p = map->points[o->outline.first + k];
            ring[k] = (cw_vec2){p.x - of->origin[0], p.y - of->origin[1]};
        }
        double z = scenery_place(of, o->road, o->s, o->t).z;
        if (o->kind == CW_OBJECT_CROSSWALK)
            crossing(of, ring, n, traffic_heading(of, o), z);
        else if (o->kind == CW_OBJECT_PARKING)
            bay(of, ring, n, z);
        else if (o->kind == CW_OBJECT_MARK)
            paint_ring(of, ring, n, z, CW_MAT_MARK_WHITE);
    }
}

// ---- lines to stop at ------------------------------------------------------------------------------------------------

static void stop_lines(scenery *of) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->stop_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_stop *stop = &map->stops[i];
        uint8_t kind = stop->signal != CW_NONE ? map->signals[stop->signal].kind : (uint8_t)CW_SIGNAL_STOP_LINE;
        if (kind != CW_SIGNAL_LIGHT && kind != CW_SIGNAL_STOP && kind != CW_SIGNAL_YIELD && kind != CW_SIGNAL_STOP_LINE)
            continue;
        if (i > 0 && map->stops[i - 1].lane == stop->lane && fabs(map->stops[i - 1].s - stop->s) < 0.6)
            continue; // the line of another signal on the same lane
        const cw_lane *lane = &map->lanes[stop->lane];
        double s = cw_lane_station(map, stop->lane, stop->s), low, high;
        cw_lane_borders(map, stop->lane, s, &low, &high);
        if (high - low < 0.6 || !cw_lane_drivable(lane) || map->roads[lane->road].geometry.count == 0)
            continue;
        double run = kind == CW_SIGNAL_YIELD ? 0.5 : 0.4, to = cw_clamp(s - lane->direction * run, lane->s0, lane->s1);
        double step = kind == CW_SIGNAL_YIELD ? 0.6 : 1.8, width = high - low - 0.3;
        int parts = (int)cw_clamp(ceil(width / step), 1, 20);
        for (int k = 0; k < parts; k++) {
            double a = low + 0.15 + width * k / parts, b = low + 0.15 + width * (k + 1) / parts;
            cw_vec3 near_a = scenery_place(of, lane->road, s, a), near_b = scenery_place(of, lane->road, s, b);
            cw_vec3 far_a = scenery_place(of, lane->road, to, a), far_b = scenery_place(of, lane->road, to, b);
            if (kind == CW_SIGNAL_YIELD) { // teeth that point at the driver
                const cw_vec2 tooth[3] = {{cw_lerp(near_a.x, near_b.x, 0.1), cw_lerp(near_a.y, near_b.y, 0.1)},
                                          {cw_lerp(near_a.x, near_b.x, 0.9), cw_lerp(near_a.y, near_b.y, 0.9)},
                                          {0.5 * (far_a.x + far_b.x), 0.5 * (far_a.y + far_b.y)}};
                paint_ring(of, tooth, 3, near_a.z, CW_MAT_MARK_WHITE);
            } else {
                const cw_vec2 ring[4] = {
                    {near_a.x, near_a.y}, {near_b.x, near_b.y}, {far_b.x, far_b.y}, {far_a.x, far_a.y}};
                paint_ring(of, ring, 4, near_a.z, CW_MAT_MARK_WHITE);
            }
        }
    }
}

// ---- arrows ----------------------------------------------------------------------------------------------------------

enum { AHEAD = 1, LEFT = 2, RIGHT = 4 };

// Where the lane's successors in the junction lead.
static int ways(const cw_map *map, uint32_t index) {
    const cw_lane *lane = &map->lanes[index];
    int found = 0;
    for (uint32_t i = 0; i < lane->next.count; i++) {
        uint32_t next = map->links[lane->next.first + i];
        const cw_lane *to = &map->lanes[next];
        if (to->junction == CW_NONE || to->length < 1)
            continue;
        cw_pose a = cw_lane_pose(map, (cw_lane_place){next, to->direction > 0 ? to->s0 : to->s1, 0}, NULL);
        cw_pose b = cw_lane_pose(map, (cw_lane_place){next, to->direction > 0 ? to->s1 : to->s0, 0}, NULL);
        double turn = cw_wrap_angle(b.heading - a.heading);
        found |= turn > 0.6 ? LEFT : turn < -0.6 ? RIGHT : AHEAD;
    }
    return found;
}

// An arrow of 4 m whose foot lies at travel distance `at` of the lane.
static void arrow(scenery *of, uint32_t index, double at, int to) {
    const cw_map *map = of->map;
    double s = cw_lane_station(map, index, at);
    cw_road_point point;
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){index, s, 0}, &point);
    double sine, cosine, z = point.z - of->origin[2];
    cw_sincos(pose.heading, &sine, &cosine);
    // Points in the arrow's own frame: x ahead, y left.
#define AT(u, v) {pose.x - of->origin[0] + cosine * (u)-sine * (v), pose.y - of->origin[1] + sine * (u) + cosine * (v)}
    cw_material_kind white = CW_MAT_MARK_WHITE;
    double shaft = to & AHEAD ? 2.8 : 2.1;
    const cw_vec2 stem[4] = {AT(0, -0.08), AT(shaft, -0.08), AT(shaft, 0.08), AT(0, 0.08)};
    paint_ring(of, stem, 4, z, white);
    if (to & AHEAD) {
        const cw_vec2 head[3] = {AT(2.8, -0.35), AT(4.0, 0), AT(2.8, 0.35)};
        paint_ring(of, head, 3, z, white);
    }
    for (int side = -1; side <= 1; side += 2) {
        if (!(to & (side > 0 ? LEFT : RIGHT)))
            continue;
        double foot = to & AHEAD ? 1.1 : 1.8;
        const cw_vec2 arm[4] = {AT(foot, 0.0), AT(foot + 0.6, side * 0.42), AT(foot + 0.85, side * 0.42),
                                AT(foot + 0.3, 0.0)};
        const cw_vec2 head[3] = {AT(foot + 0.25, side * 0.4), AT(foot + 1.2, side * 0.4), AT(foot + 0.75, side * 0.95)};
        paint_ring(of, arm, 4, z, white);
        paint_ring(of, head, 3, z, white);
    }
#undef AT
}

// Do the lanes of one direction lead different ways? A road that merely bends in a junction needs no arrows.
static bool parts_ways(const cw_map *map, uint32_t index) {
    const cw_lane *lane = &map->lanes[index];
    const cw_section *sec = &map->sections[lane->section];
    int all = 0;
    for (uint32_t i = sec->lanes.first; i < sec->lanes.first + sec->lanes.count; i++)
        if (map->lanes[i].direction == lane->direction && cw_lane_drivable(&map->lanes[i]))
            all |= ways(map, i);
    return (all & (all - 1)) != 0;
}

// Lanes side by side that lead into a junction say where they go.
static void arrows(scenery *of) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->lane_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_lane *lane = &map->lanes[i];
        if (lane->kind != CW_LANE_DRIVING || lane->junction != CW_NONE || lane->length < 25 || lane->next.count == 0 ||
            map->roads[lane->road].geometry.count == 0)
            continue;
        bool beside =
            (lane->left != CW_NONE && cw_lane_same_way(map, i, true) && cw_lane_drivable(&map->lanes[lane->left])) ||
            (lane->right != CW_NONE && cw_lane_same_way(map, i, false) && cw_lane_drivable(&map->lanes[lane->right]));
        int to = ways(map, i);
        if (!beside || to == 0 || !parts_ways(map, i))
            continue;
        double end = lane->length;
        for (uint32_t k = map->lane_stops[i]; k < map->lane_stops[i + 1]; k++)
            end = cw_min(end, map->stops[k].s);
        for (int k = 0; k < ARROWS_MOST; k++) {
            double at = end - 8 - 22 * k;
            if (at > 10)
                arrow(of, i, at, to);
        }
    }
}

void scenery_paints(scenery *of) {
    scenery_on_ground(of);
    cw_builder_semantic(&of->mesh, CW_CLASS_MARKING);
    painted_objects(of);
    stop_lines(of);
    if (!of->def->coarse)
        arrows(of);
}
