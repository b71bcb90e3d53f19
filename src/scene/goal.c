// The goal that a storyboard names: where the ego is sent at the start, and where the run stops when it is there.
#include "causeway/scene.h"

#include <math.h>

static bool point_of(const cw_map *map, const cw_position *p, cw_vec2 *out) {
    if (p->kind == CW_AT_WORLD) {
        *out = (cw_vec2){p->x, p->y};
        return true;
    }
    if (p->kind != CW_AT_LANE || p->road >= map->road_count)
        return false;
    double s = cw_clamp(p->s, 0, map->roads[p->road].length);
    uint32_t lane = cw_map_find_lane(map, p->road, p->lane, s);
    if (lane == CW_NONE)
        return false;
    // A stated offset counts to the left of rising s, that of a lane place to the left of travel.
    double offset = p->has_offset ? p->offset * map->lanes[lane].direction : 0;
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){lane, s, offset}, NULL);
    *out = (cw_vec2){pose.x, pose.y};
    return true;
}

// Does the condition hold wherever the ego is near enough to a place, and only there?
static bool asks_for_place(const cw_scene *scene, const cw_condition *c, cw_vec2 *at) {
    bool near = c->kind == CW_IF_REACH_POSITION ||
                (c->kind == CW_IF_DISTANCE && (c->rule == CW_LESS || c->rule == CW_LESS_OR_EQUAL) && !c->freespace &&
                 c->distance == CW_EUCLIDEAN);
    return near && c->value > 0 && c->trigger_count == 1 && c->triggers[0] == scene->ego &&
           point_of(scene->map, &c->position, at);
}

bool cw_scene_name_goal(cw_scene *scene) {
    cw_vec2 sent = {(double)NAN, (double)NAN}, place;
    for (uint32_t i = scene->init.first; i < scene->init.first + scene->init.count; i++)
        if (scene->actions[i].kind == CW_DO_ACQUIRE_POSITION && scene->actions[i].actor == scene->ego &&
            !point_of(scene->map, &scene->actions[i].position, &sent))
            sent.x = (double)NAN;
    for (uint32_t i = 0; i < scene->stop.groups.count && !isnan(sent.x); i++) {
        cw_span group = scene->condition_groups[scene->stop.groups.first + i].conditions;
        const cw_condition *c = &scene->conditions[group.first];
        if (group.count != 1 || !asks_for_place(scene, c, &place) || cw_hypot(place.x - sent.x, place.y - sent.y) > 0.1)
            continue;
        cw_region *region = cw_arena_alloc(scene->arena, sizeof *region);
        cw_goal *goal = cw_arena_alloc(scene->arena, sizeof *goal);
        if (region == NULL || goal == NULL)
            return false;
        *region = (cw_region){.kind = 1, .x = place.x, .y = place.y, .radius = c->value, .lane = CW_NONE};
        *goal = cw_scene_open_goal();
        goal->region_count = 1;
        goal->regions = region;
        scene->goals = goal;
        scene->goal_count = 1;
        return true;
    }
    return true;
}
