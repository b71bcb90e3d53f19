// What stands along a road without being in the map: street lamps where people live, guard rails where cars are fast.
#include "sense/scenery_parts.h"

#include <math.h>

static const double LAMP_EVERY = 30, LAMP_HIGH = 7, LAMP_ARM = 1.6; // m
static const double FAST = 22;                                      // m/s: a road with guard rails
static const double RAIL_OUT = 0.7, RAIL_HIGH = 0.78;               // m from the edge; m
enum { RUN_LEAST = 4, RUN_MOST = 64 };
static const double RAIL_STEP = 12; // m

// t of the outer border of what is not for people on foot, and of everything.
static void edges(const scenery *of, const cw_section *sec, double s, int side, double *carriage, double *all) {
    *carriage = *all = 0;
    for (uint32_t i = 0; i < sec->lanes.count; i++) {
        uint32_t index = sec->lanes.first + i;
        double a, b;
        if (index == sec->center)
            continue;
        cw_lane_borders(of->map, index, s, &a, &b);
        double t = side > 0 ? b : a;
        *all = side > 0 ? cw_max(*all, t) : cw_min(*all, t);
        uint8_t kind = of->map->lanes[index].kind;
        if (cw_lane_lift(of->map, index) == 0 && kind != CW_LANE_NONE && kind != CW_LANE_MEDIAN)
            *carriage = side > 0 ? cw_max(*carriage, t) : cw_min(*carriage, t);
    }
}

static double foot_at(const scenery *of, double x, double y, double near_z) {
    double z;
    return scenery_ground_at(of, x, y, near_z, 1.5, &z, NULL) ? z : scenery_land_at(of, x, y);
}

static bool on_road(const scenery *of, double x, double y) {
    for (int i = -1; i <= 1; i++)
        for (int k = -1; k <= 1; k++)
            if (cw_area_holds(of->drivable, x + 0.35 * i + of->origin[0], y + 0.35 * k + of->origin[1]))
                return true;
    return false;
}

static void lamp(scenery *of, uint32_t road, double s, double t, int side) {
    cw_vec3 at = scenery_place(of, road, s, t);
    cw_road_point point;
    cw_road_at(of->map, road, s, t, &point);
    if (on_road(of, at.x, at.y))
        return;
    double z = foot_at(of, at.x, at.y, at.z), facing = point.heading + (side > 0 ? -0.5 : 0.5) * CW_PI, sine, cosine;
    if (fabs(z - at.z) > 1.2)
        return;
    if (!CW_GROW(of->lamps, of->lamp_room, of->lamp_count + 1)) {
        of->out_of_memory = true;
        return;
    }
    cw_sincos(facing, &sine, &cosine);
    scenery_object(of, CW_THING_LAMP, CW_CLASS_POLE, (uint32_t)of->lamp_count);
    cw_mesh_builder *b = &of->mesh;
    int sides = of->def->coarse ? 3 : 7;
    cw_builder_frame(b, at.x, at.y, z, facing);
    cw_builder_material(b, CW_MAT_GALVANISED);
    cw_add_tube(b, (cw_vec3){0, 0, -0.3}, (cw_vec3){0, 0, LAMP_HIGH}, 0.085, 0.05, sides, true);
    cw_add_tube(b, (cw_vec3){0, 0, LAMP_HIGH - 0.05}, (cw_vec3){LAMP_ARM, 0, LAMP_HIGH + 0.15}, 0.045, 0.04, sides,
                true);
    cw_builder_material(b, CW_MAT_POLE_DARK);
    cw_add_box(b, (cw_vec3){LAMP_ARM - 0.35, -0.13, LAMP_HIGH + 0.11},
               (cw_vec3){LAMP_ARM + 0.35, 0.13, LAMP_HIGH + 0.22});
    cw_builder_material(b, CW_MAT_STREET_LAMP);
    cw_add_quad(b, (cw_vec3){LAMP_ARM - 0.3, 0.1, LAMP_HIGH + 0.105}, (cw_vec3){LAMP_ARM + 0.3, 0.1, LAMP_HIGH + 0.105},
                (cw_vec3){LAMP_ARM + 0.3, -0.1, LAMP_HIGH + 0.105}, (cw_vec3){LAMP_ARM - 0.3, -0.1, LAMP_HIGH + 0.105});
    cw_builder_home(b);
    of->lamps[of->lamp_count++] = (cw_street_lamp){
        .position = {(float)(at.x + cosine * LAMP_ARM), (float)(at.y + sine * LAMP_ARM), (float)(z + LAMP_HIGH + 0.1)},
        .facing = (float)cw_wrap_angle(facing)};
}

static void lamps_along(scenery *of, const cw_section *sec) {
    const cw_map *map = of->map;
    uint8_t kind = scenery_road_kind(map, sec->road, sec->s0);
    bool walk = false;
    for (uint32_t i = 0; i < sec->lanes.count; i++)
        walk = walk || map->lanes[sec->lanes.first + i].kind == CW_LANE_SIDEWALK;
    if (!walk && kind != CW_ROAD_TOWN && kind != CW_ROAD_LOW_SPEED)
        return;
    int number = (int)ceil((sec->s0 + 1) / LAMP_EVERY); // alternately on both sides, whatever the sections
    for (; number * LAMP_EVERY < sec->s1; number++) {
        double carriage, all, s = number * LAMP_EVERY;
        int side = number % 2 ? 1 : -1;
        edges(of, sec, s, side, &carriage, &all);
        lamp(of, sec->road, s, carriage + side * 0.55, side);
    }
}

static double limit_of(const cw_map *map, uint32_t road, double s) {
    cw_span kinds = map->roads[road].kinds;
    double limit = 0;
    for (uint32_t i = 0; i < kinds.count && map->road_types[kinds.first + i].s <= s; i++)
        limit = (double)map->road_types[kinds.first + i].limit;
    return limit;
}

// Is there room for a rail, and nothing behind it that it would bar?
static bool rail_at(const scenery *of, const cw_section *sec, double s, int side, cw_vec3 *out) {
    double carriage, all;
    edges(of, sec, s, side, &carriage, &all);
    cw_vec3 at = scenery_place(of, sec->road, s, all + side * RAIL_OUT);
    if (carriage != all || on_road(of, at.x, at.y) || !scenery_ground_free(of, at.x, at.y, 0))
        return false;
    for (int k = 1; k <= 3; k++) {
        cw_vec3 beyond = scenery_place(of, sec->road, s, all + side * (RAIL_OUT + k));
        if (scenery_ground_at(of, beyond.x, beyond.y, at.z, 1.0, NULL, NULL))
            return false;
    }
    double below = scenery_land_at(of, at.x, at.y), gap = at.z - below;
    *out = (cw_vec3){at.x, at.y, cw_max(at.z - 0.15, below)};
    return gap < 1.5 && gap > -1;
}

static void rails_along(scenery *of, const cw_section *sec) {
    const cw_map *map = of->map;
    bool fast =
        scenery_road_kind(map, sec->road, sec->s0) == CW_ROAD_MOTORWAY || limit_of(map, sec->road, sec->s0) >= FAST;
    double length = sec->s1 - sec->s0;
    int parts = (int)cw_clamp(ceil(length / RAIL_STEP), 1, 1e5);
    for (int side = -1; side <= 1 && fast; side += 2) {
        cw_vec3 run[RUN_MOST];
        int count = 0;
        for (int i = 0; i <= parts + 1; i++) {
            cw_vec3 at;
            bool here = i <= parts && rail_at(of, sec, sec->s0 + length * i / parts, side, &at);
            if (here)
                run[count++] = at;
            if (here && count < RUN_MOST)
                continue;
            for (int k = 1; k < count && count > RUN_LEAST; k++)
                scenery_beam(of, run[k - 1], run[k], RAIL_HIGH, k == 1);
            run[0] = count > 0 ? run[count - 1] : run[0];
            count = here ? 1 : 0;
        }
    }
}

void scenery_roadside(scenery *of) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->section_count && of->land && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_section *sec = &map->sections[i];
        const cw_road *road = &map->roads[sec->road];
        if (road->junction != CW_NONE || road->geometry.count == 0 || !(sec->s1 > sec->s0))
            continue;
        if (of->def->lamps)
            lamps_along(of, sec);
        scenery_on_ground(of);
        cw_builder_semantic(&of->mesh, CW_CLASS_BARRIER);
        rails_along(of, sec);
    }
    scenery_on_ground(of);
}
