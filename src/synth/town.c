// A town from its definition: the plan, the map, and a car that is to drive somewhere.
#include "synth.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t cookie = 0x746f776e;

cw_town_def cw_town_defaults(uint64_t seed) {
    return (cw_town_def){.seed = seed,
                         .size = 4,
                         .block = 150,
                         .density = 0.7,
                         .lights = 0.6,
                         .roundabouts = 0.3,
                         .gaps = 0.3,
                         .curves = 0.6,
                         .hills = 5,
                         .parking = 0.6,
                         .crosswalks = 0.7,
                         .lane_drops = 0.3,
                         .motorway = true,
                         .cookie = cookie};
}

// ---- settings --------------------------------------------------------------------------------------------------------

typedef struct key {
    const char *name;
    size_t offset;
    double low, high;
} key;

#define KEY(name, low, high)                                                                                           \
    { #name, offsetof(cw_town_def, name), low, high }

static const key keys[] = {KEY(block, 130, 300),  KEY(density, 0, 1),   KEY(lights, 0, 1), KEY(roundabouts, 0, 1),
                           KEY(gaps, 0, 1),       KEY(curves, 0, 1),    KEY(hills, 0, 12), KEY(parking, 0, 1),
                           KEY(crosswalks, 0, 1), KEY(lane_drops, 0, 1)};
enum { KEYS = sizeof keys / sizeof *keys };

static double *member(cw_town_def *def, size_t offset) {
    return (double *)(void *)((char *)def + offset);
}

cw_status cw_town_set(cw_town_def *def, const char *name, const char *value, cw_error *err) {
    double number;
    if (!cw_parse_double(value, strlen(value), &number))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "town.%.40s takes a number, not '%.40s'", name, value);
    double low = 0, high = 1;
    bool whole = true;
    if (strcmp(name, "size") == 0) {
        low = 2;
        high = 12;
    } else if (strcmp(name, "motorway") != 0 && strcmp(name, "left_hand") != 0) {
        const key *k = keys;
        while (k < keys + KEYS && strcmp(k->name, name) != 0)
            k++;
        if (k == keys + KEYS)
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a town has no setting '%.40s'", name);
        low = k->low;
        high = k->high;
        whole = false;
        if (number >= low && number <= high)
            *member(def, k->offset) = number;
    }
    if (!(number >= low && number <= high) || (whole && number != floor(number)))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "town.%.40s takes %s from %g to %g, not %.40s", name,
                            whole ? "a whole number" : "a number", low, high, value);
    if (strcmp(name, "size") == 0)
        def->size = (int)number;
    else if (strcmp(name, "motorway") == 0)
        def->motorway = number == 1;
    else if (whole)
        def->left_hand = number == 1;
    return CW_OK;
}

static cw_status check(const cw_town_def *def, cw_error *err) {
    bool fine = def->size >= 2 && def->size <= 12;
    for (int i = 0; i < KEYS; i++) {
        double value = *member((cw_town_def *)(uintptr_t)def, keys[i].offset);
        fine = fine && value >= keys[i].low && value <= keys[i].high;
    }
    return fine ? CW_OK : cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a town's definition is out of its ranges");
}

// ---- the map ---------------------------------------------------------------------------------------------------------

static cw_map *draw_map(town *t) {
    plan_town(t);
    t->builder = t->failed ? NULL : cw_build_new(NULL, NULL);
    if (t->builder == NULL)
        return NULL;
    cw_build_header(t->builder, (cw_build_text){"town", 4}, 0, 0, 0, 0);
    for (int i = 0; i < t->street_count; i++)
        draw_street(t, i);
    for (int i = 0; i < t->node_count; i++)
        if (t->nodes[i].control == ELBOW)
            draw_elbow(t, i);
    for (int i = 0; i < t->node_count; i++) {
        if (t->nodes[i].control == ROUNDABOUT)
            draw_roundabout(t, i);
        else if (t->nodes[i].control != ELBOW)
            draw_junction(t, i);
    }
    if (t->gate >= 0)
        draw_motorway(t);
    cw_map *map = NULL;
    cw_status status = cw_build_finish(t->builder, "town", &map, NULL);
    cw_build_free(t->builder);
    if (status != CW_OK || !t->failed)
        return map;
    cw_map_free(map);
    return NULL;
}

// ---- the mission -----------------------------------------------------------------------------------------------------

static cw_lane_place place_on(const town *t, const cw_map *map, double choice, double where, bool back) {
    uint32_t road = (uint32_t)(choice * t->street_count); // streets are the first roads
    const street *s = &t->streets[road];
    int id = (back && !s->one_way ? 1 : -1) * (t->def.left_hand ? -1 : 1);
    double station = map->roads[road].length * (0.3 + 0.4 * where);
    return (cw_lane_place){cw_map_find_lane(map, road, id, station), station, 0};
}

// Of 64 pairs of places the first whose way is neither too short nor too long; else the longest.
static bool choose_mission(const town *t, const cw_map *map, cw_lane_place out[2]) {
    double best = 0;
    for (int i = 0; i < 64; i++) {
        double u[6];
        for (int k = 0; k < 6; k++)
            u[k] = draw(t, DRAW_MISSION, i, k);
        cw_lane_place from = place_on(t, map, u[0], u[1], u[2] < 0.5), to = place_on(t, map, u[3], u[4], u[5] < 0.5);
        cw_arena *arena = cw_arena_new(0, 0);
        cw_route route;
        bool found = arena != NULL && cw_route_find(map, from, to, arena, &route);
        double length = found ? route.length : 0;
        cw_arena_free(arena);
        if (length <= best)
            continue;
        best = length;
        out[0] = from;
        out[1] = to;
        if (length > 400 && length < 1500)
            return true;
    }
    return best > 0;
}

static cw_position position_of(const cw_map *map, const cw_lane_place *place) {
    const cw_lane *lane = &map->lanes[place->lane];
    return (cw_position){.kind = CW_AT_LANE,
                         .entity = CW_NONE,
                         .road = lane->road,
                         .lane = lane->id,
                         .route = CW_NONE,
                         .trajectory = CW_NONE,
                         .s = place->s};
}

static const cw_environment clear_day = {.friction_scale = 1,
                                         .visibility = INFINITY,
                                         .temperature = 293.15,
                                         .sun_elevation = 1,
                                         .time_of_day = 43200,
                                         .date_time = ""};

static const cw_actor car = {.name = "Ego",
                             .model = "car",
                             .kind = CW_ACTOR_CAR,
                             .length = 4.5F,
                             .width = 1.8F,
                             .height = 1.5F,
                             .center_x = 1.4F,
                             .center_z = 0.75F,
                             .wheelbase = 2.7F,
                             .front_axle_x = 2.7F,
                             .mass = 1500,
                             .max_speed = 60,
                             .max_accel = 4,
                             .max_brake = 9,
                             .max_steer = 0.6F,
                             .starts = true,
                             .controller = {.name = ""},
                             .trailer = CW_NONE};

// Put at the start, standing, and sent to the goal.
static bool fill_scene(const town *t, cw_scene *scene, const cw_map *map, const cw_lane_place mission[2]) {
    cw_actor *actor = cw_arena_alloc(t->arena, sizeof *actor);
    cw_action *actions = cw_arena_array(t->arena, 3, sizeof *actions);
    cw_route_def *route = cw_arena_alloc(t->arena, sizeof *route);
    cw_waypoint *point = cw_arena_alloc(t->arena, sizeof *point);
    char name[40];
    snprintf(name, sizeof name, "town-%llu", (unsigned long long)t->def.seed);
    const char *kept = cw_arena_text(t->arena, name, strlen(name));
    if (actor == NULL || actions == NULL || route == NULL || point == NULL || kept == NULL)
        return false;
    static const cw_position nowhere = {.entity = CW_NONE, .road = CW_NONE, .route = CW_NONE, .trajectory = CW_NONE};
    for (int i = 0; i < 3; i++)
        actions[i] = (cw_action){.is_private = true,
                                 .limits = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY},
                                 .max_lateral_accel = NAN,
                                 .time_scale = 1,
                                 .entity = CW_NONE,
                                 .position = nowhere,
                                 .master_position = nowhere,
                                 .route = CW_NONE,
                                 .trajectory = CW_NONE,
                                 .variable = CW_NONE,
                                 .environment = clear_day,
                                 .controller = {.name = ""}};
    actions[0].kind = CW_DO_TELEPORT;
    actions[0].position = position_of(map, &mission[0]);
    actions[1].kind = CW_DO_SPEED;
    actions[2].kind = CW_DO_ACQUIRE_POSITION;
    actions[2].position = point->position = position_of(map, &mission[1]);
    *actor = car;
    *route = (cw_route_def){.name = "", .count = 1, .waypoints = point};
    *scene = (cw_scene){.name = kept,
                        .author = "Causeway",
                        .description = "a town made from its seed",
                        .origin = CW_FROM_SYNTH,
                        .version = "",
                        .map = map,
                        .actor_count = 1,
                        .actors = actor,
                        .duration = INFINITY,
                        .init = {0, 3},
                        .action_count = 3,
                        .actions = actions,
                        .route_count = 1,
                        .routes = route,
                        .program_count = t->program_count,
                        .programs = t->programs,
                        .environment = clear_day,
                        .dry_friction = 1,
                        .mission_route = 0,
                        .arena = t->arena};
    return true;
}

cw_status cw_town_make(const cw_town_def *def, cw_scene **scene, cw_error *err) {
    assert(def->cookie == cookie);
    *scene = NULL;
    cw_status status = check(def, err);
    if (status != CW_OK)
        return status;
    town *t = calloc(1, sizeof *t);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scene *out = arena != NULL ? cw_arena_alloc(arena, sizeof *out) : NULL;
    cw_map *map = NULL;
    cw_lane_place mission[2] = {{.lane = CW_NONE}, {.lane = CW_NONE}};
    if (t != NULL && out != NULL) {
        t->def = *def;
        t->arena = arena;
        t->programs = cw_arena_array(arena, MOST_NODES, sizeof *t->programs);
        map = t->programs != NULL ? draw_map(t) : NULL;
    }
    bool fine = map != NULL && choose_mission(t, map, mission) && fill_scene(t, out, map, mission);
    if (t != NULL)
        free(t->samples);
    free(t);
    if (fine) {
        *scene = out;
        return CW_OK;
    }
    cw_map_free(map);
    cw_arena_free(arena);
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}
