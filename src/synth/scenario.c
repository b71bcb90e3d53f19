// What happens in a town: a car that is to drive somewhere, traffic, and when the run stops.
#include "synth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- the mission -----------------------------------------------------------------------------------------------------

static cw_lane_place place_on(const town *t, const cw_map *map, double choice, double where, bool back) {
    uint32_t road = (uint32_t)(choice * t->street_count); // streets are the first roads
    const street *s = &t->streets[road];
    int id = (back && !s->one_way ? 1 : -1) * (t->def.left_hand ? -1 : 1);
    double station = map->roads[road].length * (0.3 + 0.4 * where);
    return (cw_lane_place){cw_map_find_lane(map, road, id, station), station, 0};
}

// Of 64 pairs of places the first whose way is neither too short nor too long; else the longest. Gives its length, m.
static double choose_mission(const town *t, const cw_map *map, cw_lane_place out[2]) {
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
            break;
    }
    return best;
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

// ---- traffic ---------------------------------------------------------------------------------------------------------

enum { MOST_FLOWS = 17, EGO = 0 };

static const double swarm_reach = 300, swarm_clear = 40, sink_radius = 15; // m
static const double motorway_share = 1.0 / 600;                            // users a second and lane, of `traffic`

static cw_flow *add_flow(cw_flow *flows, uint32_t *count, cw_flow_kind kind, const char *name) {
    cw_flow *f = &flows[(*count)++];
    *f = (cw_flow){.name = name,
                   .kind = (uint8_t)kind,
                   .speed_low = (double)NAN,
                   .speed_high = (double)NAN,
                   .position = cw_scene_nowhere(),
                   .destination = cw_scene_nowhere(),
                   .entity = CW_NONE,
                   .same_way = (double)NAN};
    return f;
}

// Is the lane open where traffic comes onto the map (or leaves it) at its start (or end)?
static bool at_edge(const cw_map *map, uint32_t lane, bool leaves) {
    const cw_lane *l = &map->lanes[lane];
    double end = (l->direction > 0) == leaves ? l->s1 : l->s0;
    return l->kind == CW_LANE_DRIVING && (leaves ? l->next.count : l->previous.count) == 0 &&
           cw_lane_width(map, lane, end) > 2;
}

// A swarm around the car; on the motorway sources where its lanes come onto the map, and sinks where they leave it.
static uint32_t demand(const town *t, const cw_map *map, cw_flow flows[MOST_FLOWS]) {
    uint32_t count = 0;
    if (t->def.traffic < 1)
        return 0;
    cw_flow *swarm = add_flow(flows, &count, CW_FLOW_SWARM, "town");
    swarm->count = (uint32_t)t->def.traffic;
    swarm->entity = EGO;
    swarm->inner = swarm_clear;
    swarm->semi_major = swarm->semi_minor = swarm_reach;
    for (uint32_t lane = 0; lane < map->lane_count; lane++)
        for (int leaves = 0; leaves < 2; leaves++) {
            if (!at_edge(map, lane, leaves) || count == MOST_FLOWS)
                continue;
            const cw_lane *l = &map->lanes[lane];
            double inside = (l->direction > 0) == (leaves == 0) ? l->s0 + 10 : l->s1 - 10;
            cw_flow *f = add_flow(flows, &count, leaves ? CW_FLOW_SINK : CW_FLOW_SOURCE, leaves ? "out" : "in");
            f->position = position_of(map, &(cw_lane_place){lane, inside, 0});
            f->rate = leaves ? (double)INFINITY : t->def.traffic * motorway_share;
            f->radius = leaves ? sink_radius : 0;
        }
    return count;
}

// ---- the scene -------------------------------------------------------------------------------------------------------

static const double goal_radius = 5;                        // m
static const double patience = 90, slowest_mean = 10 / 3.6; // s, and m/s beyond which nobody waits for the car

// Put at the start, standing, and sent to the goal; before that the traffic begins.
static void act(cw_action *actions, uint32_t flow_count, const cw_flow *flows, cw_position from, cw_position to) {
    for (uint32_t i = 0; i < flow_count + 3; i++) {
        actions[i] = cw_scene_no_action();
        actions[i].environment = clear_day;
    }
    for (uint32_t i = 0; i < flow_count; i++) {
        actions[i].kind = CW_DO_TRAFFIC;
        actions[i].flow = i;
        actions[i].reference = flows[i].name;
    }
    cw_action *own = actions + flow_count;
    for (int i = 0; i < 3; i++) {
        own[i].is_private = true;
        own[i].actor = EGO;
    }
    own[0].kind = CW_DO_TELEPORT;
    own[0].position = from;
    own[1].kind = CW_DO_SPEED;
    own[2].kind = CW_DO_ACQUIRE_POSITION;
    own[2].position = to;
}

// It is there, or it is late: one of two groups with one condition each.
static void stop_when(cw_condition conditions[2], cw_condition_group groups[2], const uint32_t *ego, cw_position goal,
                      double late) {
    for (uint32_t i = 0; i < 2; i++) {
        conditions[i] = (cw_condition){
            .variable = CW_NONE, .element_index = CW_NONE, .entity = CW_NONE, .position = cw_scene_nowhere()};
        groups[i].conditions = (cw_span){i, 1};
    }
    conditions[0].name = "arrived";
    conditions[0].kind = CW_IF_DISTANCE;
    conditions[0].rule = CW_LESS;
    conditions[0].coordinates = CW_IN_WORLD;
    conditions[0].distance = CW_EUCLIDEAN;
    conditions[0].value = goal_radius;
    conditions[0].position = goal;
    conditions[0].trigger_count = 1;
    conditions[0].triggers = ego;
    conditions[1].name = "late";
    conditions[1].kind = CW_IF_SIMULATION_TIME;
    conditions[1].rule = CW_GREATER;
    conditions[1].value = late;
}

bool fill_scene(const town *t, cw_scene *scene, const cw_map *map) {
    cw_lane_place mission[2] = {{.lane = CW_NONE}, {.lane = CW_NONE}};
    double way = choose_mission(t, map, mission);
    cw_flow flows[MOST_FLOWS];
    uint32_t flow_count = demand(t, map, flows), users = 0;
    for (uint32_t i = 0; i < flow_count; i++)
        users += cw_flow_users(&flows[i]);
    cw_actor *actor = cw_arena_alloc(t->arena, sizeof *actor);
    cw_action *actions = cw_arena_array(t->arena, flow_count + 3, sizeof *actions);
    cw_route_def *route = cw_arena_alloc(t->arena, sizeof *route);
    cw_waypoint *point = cw_arena_alloc(t->arena, sizeof *point);
    cw_condition *conditions = cw_arena_array(t->arena, 2, sizeof *conditions);
    cw_condition_group *groups = cw_arena_array(t->arena, 2, sizeof *groups);
    uint32_t *ego = cw_arena_alloc(t->arena, sizeof *ego);
    char name[40];
    snprintf(name, sizeof name, "town-%llu", (unsigned long long)t->def.seed);
    const char *kept = cw_arena_text(t->arena, name, strlen(name));
    if (actor == NULL || actions == NULL || route == NULL || point == NULL || conditions == NULL || groups == NULL ||
        ego == NULL || kept == NULL || !(way > 0))
        return false;
    point->position = position_of(map, &mission[1]);
    act(actions, flow_count, flows, position_of(map, &mission[0]), point->position);
    stop_when(conditions, groups, ego, point->position, ceil(patience + way / slowest_mean));
    *actor = cw_scene_usual_actor(CW_ACTOR_CAR);
    actor->name = "Ego";
    actor->model = "car";
    actor->starts = true;
    *ego = EGO;
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
                        .init = {0, flow_count + 3},
                        .action_count = flow_count + 3,
                        .actions = actions,
                        .condition_count = 2,
                        .conditions = conditions,
                        .condition_group_count = 2,
                        .condition_groups = groups,
                        .stop = {.present = true, .groups = {0, 2}},
                        .route_count = 1,
                        .routes = route,
                        .program_count = t->program_count,
                        .programs = t->programs,
                        .environment = clear_day,
                        .dry_friction = 1,
                        .mission_route = 0,
                        .arena = t->arena};
    return cw_scene_name_goal(scene) && cw_scene_add_flows(scene, flows, flow_count, users, NULL) == CW_OK;
}
