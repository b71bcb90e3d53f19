#include "run/mission.h"

#include "causeway/run.h"
#include "causeway/world.h"

#include <math.h>
#include <string.h>

enum { ROUTE_LANES_MOST = 4096, PLACES_MOST = 16 };

static const uint32_t drivable_kinds = 1u << CW_LANE_DRIVING | 1u << CW_LANE_ENTRY | 1u << CW_LANE_EXIT |
                                       1u << CW_LANE_ON_RAMP | 1u << CW_LANE_OFF_RAMP | 1u << CW_LANE_CONNECTING_RAMP |
                                       1u << CW_LANE_BIDIRECTIONAL | 1u << CW_LANE_BUS | 1u << CW_LANE_TAXI |
                                       1u << CW_LANE_HOV;

static cw_lane_place place_at(const cw_map *map, double x, double y, double heading) {
    cw_locate query = cw_locate_at(x, y);
    query.heading = heading;
    query.kinds = drivable_kinds;
    cw_lane_place place = {.lane = CW_NONE};
    cw_map_locate(map, &query, &place);
    return place;
}

// "road:lane:s" as --route takes it. The road id may itself hold colons: the last two fields are lane and s.
cw_lane_place cw_mission_place(const cw_map *map, const char *text) {
    cw_lane_place place = {.lane = CW_NONE};
    const char *last = strrchr(text, ':');
    if (!last || last == text)
        return place;
    const char *middle = last - 1;
    while (middle > text && *middle != ':')
        middle--;
    if (*middle != ':' || middle - text >= 256)
        return place;
    char id[256];
    memcpy(id, text, (size_t)(middle - text));
    id[middle - text] = 0;
    int64_t lane_id;
    double s;
    if (!cw_parse_int64(middle + 1, (size_t)(last - middle - 1), &lane_id) ||
        !cw_parse_double(last + 1, strlen(last + 1), &s) || lane_id < -1000 || lane_id > 1000)
        return place;
    uint32_t road = cw_map_find_road(map, id);
    if (road == CW_NONE)
        return place;
    place.lane = cw_map_find_lane(map, road, (int32_t)lane_id, s);
    place.s = s;
    return place;
}

static cw_lane_place place_of_position(const cw_map *map, const cw_position *position) {
    cw_lane_place place = {.lane = CW_NONE};
    switch (position->kind) {
    case CW_AT_WORLD:
        return place_at(map, position->x, position->y, position->has_heading ? position->heading : (double)NAN);
    case CW_AT_LANE:
        place.lane = cw_map_find_lane(map, position->road, position->lane, position->s);
        place.s = position->s;
        return place;
    case CW_AT_ROAD: {
        cw_road_point point;
        cw_road_at(map, position->road, position->s, position->t, &point);
        return place_at(map, point.x, point.y, NAN);
    }
    default:
        return place;
    }
}

// Lanes gathered one after the other; a gap between two of them is filled with the shortest way.
typedef struct lane_list {
    uint32_t count;
    uint32_t lanes[ROUTE_LANES_MOST];
} lane_list;

static bool follows(const cw_map *map, uint32_t lane, uint32_t other) {
    const cw_lane *l = &map->lanes[lane];
    for (uint32_t i = 0; i < l->next.count; i++)
        if (map->links[l->next.first + i] == other)
            return true;
    return l->left == other || l->right == other;
}

static void list_push(lane_list *list, uint32_t lane) {
    if (list->count < ROUTE_LANES_MOST && (list->count == 0 || list->lanes[list->count - 1] != lane))
        list->lanes[list->count++] = lane;
}

static bool list_reach(const cw_map *map, lane_list *list, cw_lane_place from, cw_lane_place to, cw_arena *arena) {
    if (list->count > 0 &&
        (list->lanes[list->count - 1] == to.lane || follows(map, list->lanes[list->count - 1], to.lane))) {
        list_push(list, to.lane);
        return true;
    }
    cw_route route;
    if (!cw_route_find(map, from, to, arena, &route))
        return false;
    for (uint32_t i = 0; i < route.count; i++)
        list_push(list, route.lanes[i]);
    return true;
}

// Goes on along the last lane for `length` more metres, then stores the list in the arena.
static void list_finish(const cw_map *map, const lane_list *list, double length, cw_arena *arena, cw_route *out) {
    memset(out, 0, sizeof *out);
    if (list->count == 0)
        return;
    uint32_t last = list->lanes[list->count - 1];
    cw_lane_place from = {.lane = last,
                          .s = map->lanes[last].direction > 0 ? map->lanes[last].s0 : map->lanes[last].s1};
    cw_route ahead = {0};
    if (length > 0)
        cw_route_ahead(map, from, map->lanes[last].length + length, arena, &ahead);
    uint32_t count = list->count + (ahead.count > 0 ? ahead.count - 1 : 0);
    uint32_t *lanes = cw_arena_array(arena, count, sizeof *lanes);
    if (!lanes)
        return;
    memcpy(lanes, list->lanes, list->count * sizeof *lanes);
    if (ahead.count > 1)
        memcpy(lanes + list->count, ahead.lanes + 1, (ahead.count - 1) * sizeof *lanes);
    out->lanes = lanes;
    out->count = count;
    for (uint32_t i = 0; i < count; i++)
        if (i + 1 == count || map->lanes[lanes[i]].left != lanes[i + 1])
            if (i + 1 == count || map->lanes[lanes[i]].right != lanes[i + 1])
                out->length += map->lanes[lanes[i]].length;
}

// Does the file itself steer the ego (a route, a trajectory, a lane change)? Then where that leads is the mission.
static bool action_steers(const cw_action *action) {
    return action->kind == CW_DO_ASSIGN_ROUTE || action->kind == CW_DO_FOLLOW_TRAJECTORY ||
           action->kind == CW_DO_LANE_CHANGE || action->kind == CW_DO_ACQUIRE_POSITION;
}

static bool scene_steers_ego(const cw_scene *scene) {
    for (uint32_t i = 0; i < scene->init.count; i++) {
        const cw_action *action = &scene->actions[scene->init.first + i];
        if (action->actor == scene->ego && action_steers(action))
            return true;
    }
    for (uint32_t g = 0; g < scene->group_count; g++) {
        const cw_maneuver_group *group = &scene->groups[g];
        bool ours = false;
        for (uint32_t i = 0; i < group->actor_count; i++)
            ours = ours || group->actors[i] == scene->ego;
        if (!ours)
            continue;
        for (uint32_t m = 0; m < group->maneuvers.count; m++) {
            const cw_maneuver *maneuver = &scene->maneuvers[group->maneuvers.first + m];
            for (uint32_t e = 0; e < maneuver->events.count; e++) {
                const cw_event *event = &scene->events[maneuver->events.first + e];
                for (uint32_t a = 0; a < event->actions.count; a++)
                    if (action_steers(&scene->actions[event->actions.first + a]))
                        return true;
            }
        }
    }
    return false;
}

// Lets the file move the ego once, in a world of its own, and writes down the lanes it passes. Its stop trigger does not
// count here: a file that stops at the collision would hide where the ego was to go. Inside junctions lanes overlap, so
// only the lanes between them are taken; the way through follows from those.
static void follow_file(const cw_scene *scene, uint64_t seed, double duration, lane_list *list, cw_arena *arena) {
    cw_scene endless = *scene;
    endless.stop = (cw_trigger){0};
    endless.duration = INFINITY;
    cw_world_def def = cw_world_defaults(&endless);
    def.seed = seed;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, NULL);
    if (!world)
        return;
    const cw_map *map = scene->map;
    cw_lane_place before = {.lane = CW_NONE};
    double most = cw_min(isfinite(duration) ? duration : 120.0, 120.0);
    double rest = 0;
    for (int64_t step = 0; cw_world_ended(world) == CW_GOES_ON && (double)cw_world_time(world) * 1e-9 < most; step++) {
        if (step % 10 == 0) {
            cw_actor_state ego;
            cw_world_actor(world, scene->ego, &ego);
            if (!ego.present)
                break;
            cw_lane_place place = place_at(map, ego.x, ego.y, (double)ego.heading);
            bool between = place.lane != CW_NONE && map->lanes[place.lane].junction == CW_NONE;
            if (between && place.lane != before.lane) {
                if (list->count == 0)
                    list_push(list, place.lane);
                else if (!list_reach(map, list, before, place, arena))
                    break;
                before = place;
            } else if (between) {
                before.s = place.s;
            }
            rest = fabs((double)ego.speed) < 0.01 ? rest + 0.1 : 0;
            if (rest > 20)
                break;
        }
        cw_world_step(world);
    }
    cw_world_free(world);
}

static void region_center(const cw_map *map, const cw_region *region, double *x, double *y, double *extent) {
    switch (region->kind) {
    case 0:
        *x = region->box.x;
        *y = region->box.y;
        *extent = cw_max(region->box.half_length, region->box.half_width);
        return;
    case 1:
        *x = region->x;
        *y = region->y;
        *extent = region->radius;
        return;
    case 2: {
        double sx = 0, sy = 0;
        for (uint32_t i = 0; i < region->point_count; i++) {
            sx += region->points[i].x;
            sy += region->points[i].y;
        }
        *x = sx / (region->point_count ? region->point_count : 1);
        *y = sy / (region->point_count ? region->point_count : 1);
        *extent = 0;
        for (uint32_t i = 0; i < region->point_count; i++)
            *extent = cw_max(*extent, cw_hypot(region->points[i].x - *x, region->points[i].y - *y));
        return;
    }
    default: {
        const cw_lane *lane = &map->lanes[region->lane];
        cw_pose pose = cw_lane_pose(map, (cw_lane_place){.lane = region->lane, .s = (lane->s0 + lane->s1) / 2}, NULL);
        *x = pose.x;
        *y = pose.y;
        *extent = lane->length / 2;
        return;
    }
    }
}

static cw_box region_box(const cw_region *region) {
    if (region->kind == 0)
        return region->box;
    if (region->kind == 1)
        return (cw_box){.x = region->x,
                        .y = region->y,
                        .ux = 1,
                        .half_length = region->radius / sqrt(2.0),
                        .half_width = region->radius / sqrt(2.0)}; // the square within the circle
    return (cw_box){.ux = 1};
}

// The goal lane that is nearest by road. Several goals and regions are alternatives.
static bool route_to_goal(const cw_scene *scene, cw_lane_place start, cw_arena *arena, cw_mission *mission,
                          cw_route *out) {
    const cw_map *map = scene->map;
    bool found = false;
    for (uint32_t g = 0; g < scene->goal_count; g++) {
        const cw_goal *goal = &scene->goals[g];
        for (uint32_t r = 0; r < goal->region_count; r++) {
            const cw_region *region = &goal->regions[r];
            double x, y, extent;
            region_center(map, region, &x, &y, &extent);
            cw_lane_place places[PLACES_MOST];
            uint32_t count = 0;
            if (region->kind == 3) {
                const cw_lane *lane = &map->lanes[region->lane];
                places[count++] = (cw_lane_place){.lane = region->lane, .s = (lane->s0 + lane->s1) / 2};
            } else {
                cw_locate query = cw_locate_at(x, y);
                query.kinds = drivable_kinds;
                count = cw_map_locate_all(map, &query, places, PLACES_MOST);
                if (count == 0 && (cw_map_locate(map, &query, &places[0]) || places[0].lane != CW_NONE))
                    count = 1;
            }
            for (uint32_t i = 0; i < count; i++) {
                cw_route route;
                bool direct = start.lane != CW_NONE && cw_route_find(map, start, places[i], arena, &route);
                if (!direct || (found && route.length >= out->length))
                    continue;
                double travel = cw_lane_travel(map, places[i].lane, places[i].s);
                found = true;
                *out = route;
                mission->goal_x = x;
                mission->goal_y = y;
                mission->goal_lane = places[i].lane;
                mission->goal_box = region_box(region);
                mission->goal_travel = cw_max(0.0, travel - extent);
                mission->goal_length = (float)(2 * extent);
                mission->goal_speed_low = goal->speed_low;
                mission->goal_speed_high = goal->speed_high;
                mission->goal_heading_low = goal->heading_low;
                mission->goal_heading_high = goal->heading_high;
                mission->goal_time_low = goal->time_low;
                mission->goal_time_high = goal->time_high;
            }
        }
    }
    return found;
}

static bool route_by_waypoints(const cw_scene *scene, const cw_route_def *route, cw_lane_place start, lane_list *list,
                               cw_arena *arena) {
    cw_lane_place before = start;
    bool any = false;
    for (uint32_t i = 0; i < route->count; i++) {
        cw_lane_place place = place_of_position(scene->map, &route->waypoints[i].position);
        if (place.lane == CW_NONE)
            continue;
        if (before.lane == CW_NONE)
            list_push(list, place.lane);
        else if (!list_reach(scene->map, list, before, place, arena))
            continue;
        before = place;
        any = true;
    }
    return any;
}

bool cw_mission_missed(const cw_scene *scene, const cw_mission *mission, const cw_lane_place *place, double heading) {
    const cw_map *map = scene->map;
    const cw_route *route = &mission->route;
    if (!mission->has_end || place->lane == CW_NONE || map->lanes[place->lane].junction != CW_NONE ||
        !cw_lane_drivable(&map->lanes[place->lane]) ||
        fabs(cw_wrap_angle(cw_lane_pose(map, *place, NULL).heading - heading)) > 1)
        return false;
    uint32_t left = place->lane, right = place->lane;
    for (int n = 0; n < 6 && (left != CW_NONE || right != CW_NONE); n++) {
        for (uint32_t i = 0; i < route->count; i++)
            if (route->lanes[i] == left || route->lanes[i] == right)
                return false;
        left = left != CW_NONE && cw_lane_same_way(map, left, true) ? map->lanes[left].left : CW_NONE;
        right = right != CW_NONE && cw_lane_same_way(map, right, false) ? map->lanes[right].right : CW_NONE;
    }
    return true;
}

cw_mission cw_mission_open(void) {
    return (cw_mission){.set_speed = INFINITY,
                        .goal_lane = CW_NONE,
                        .goal_length = INFINITY,
                        .goal_speed_low = -INFINITY,
                        .goal_speed_high = INFINITY,
                        .goal_heading_low = -INFINITY,
                        .goal_heading_high = INFINITY,
                        .goal_time_high = INFINITY};
}

void cw_mission_make(const cw_scene *scene, const struct cw_world *world, const cw_route_request *request,
                     const cw_lane_place *from, uint64_t seed, double duration, cw_arena *arena, cw_mission *mission) {
    const cw_map *map = scene->map;
    *mission = cw_mission_open();
    cw_actor_state ego;
    cw_world_actor(world, scene->ego, &ego);
    cw_lane_place start = from ? *from : place_at(map, ego.x, ego.y, (double)ego.heading);
    mission->rerouted = from != NULL;
    float asked = cw_world_set_speed(world);
    if (isfinite(asked) && asked > 0.5f)
        mission->set_speed = asked;

    mission->keep_lane = cw_scene_keeps_lane(scene);

    lane_list *list = cw_arena_alloc(arena, sizeof *list);
    if (!list)
        return;
    // Enough road for the whole run at any speed that the road allows.
    double ahead = isfinite(duration) ? cw_clamp(60.0 * duration, 500.0, 10000.0) : 5000.0;
    uint32_t assigned = CW_NONE;
    const void *position = NULL;
    cw_world_mission(world, &assigned, &position);
    if (assigned == CW_NONE)
        assigned = scene->mission_route;

    if (request && request->present) {
        cw_lane_place to = request->to ? cw_mission_place(map, request->to) : (cw_lane_place){.lane = CW_NONE};
        if (to.lane != CW_NONE && start.lane != CW_NONE && list_reach(map, list, start, to, arena)) {
            mission->has_goal = true;
            cw_pose pose = cw_lane_pose(map, to, NULL);
            mission->goal_x = pose.x;
            mission->goal_y = pose.y;
            mission->goal_lane = to.lane;
            mission->goal_travel = cw_lane_travel(map, to.lane, to.s);
            mission->goal_length = INFINITY;
            mission->stop_at_goal = true;
        }
        ahead = mission->has_goal ? 200.0 : ahead;
    } else if (scene->goal_count > 0) {
        mission->has_goal = true;
        cw_route route = {0};
        if (route_to_goal(scene, start, arena, mission, &route)) {
            for (uint32_t i = 0; i < route.count; i++)
                list_push(list, route.lanes[i]);
            ahead = 200.0;
        } else {
            // A goal that is only a time, a speed or a heading: drive on.
            const cw_goal *goal = &scene->goals[0];
            mission->goal_speed_low = goal->speed_low;
            mission->goal_speed_high = goal->speed_high;
            mission->goal_heading_low = goal->heading_low;
            mission->goal_heading_high = goal->heading_high;
            mission->goal_time_low = goal->time_low;
            mission->goal_time_high = goal->time_high;
            if (goal->region_count > 0) {
                double extent;
                region_center(map, &goal->regions[0], &mission->goal_x, &mission->goal_y, &extent);
            } else {
                mission->has_goal = false;
            }
        }
        mission->stop_at_goal = isfinite(mission->goal_speed_high) && mission->goal_speed_high < 0.5f;
    } else if (position) {
        cw_lane_place to = place_of_position(map, position);
        if (to.lane != CW_NONE && start.lane != CW_NONE)
            list_reach(map, list, start, to, arena);
    } else if (assigned != CW_NONE && assigned < scene->route_count) {
        route_by_waypoints(scene, &scene->routes[assigned], start, list, arena);
    } else if (scene_steers_ego(scene)) {
        follow_file(scene, seed, duration, list, arena);
    }
    mission->has_end = list->count > 1 && (mission->has_goal || position != NULL);
    if (list->count == 0 && start.lane != CW_NONE)
        list_push(list, start.lane);
    list_finish(map, list, ahead, arena, &mission->route);
}
