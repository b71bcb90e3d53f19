// Guidance along routes and to acquired positions: for each place to reach, the cost to go from every lane of the map.
#include "world/storyboard.h"

#include <math.h>

#define CHANGE_COST 50.0 // m that a lane change is worth

static bool no_memory(cw_error *err) {
    cw_error_set(err, CW_ERR_MEMORY, "", 0, 0, "out of memory");
    return false;
}

// ---- goal fields -----------------------------------------------------------------------------------------------------

typedef struct heap_item {
    float cost;
    uint32_t lane;
} heap_item;

static bool before(heap_item a, heap_item b) {
    return a.cost < b.cost || (a.cost <= b.cost && a.lane < b.lane);
}

static void heap_push(heap_item *heap, uint32_t *count, heap_item item) {
    uint32_t i = (*count)++;
    for (; i > 0 && before(item, heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = item;
}

static heap_item heap_pop(heap_item *heap, uint32_t *count) {
    heap_item top = heap[0], last = heap[--*count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= *count)
            break;
        if (child + 1 < *count && before(heap[child + 1], heap[child]))
            child++;
        if (!before(heap[child], last))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

// Dijkstra backwards from the goal: over predecessors, and over drivable neighbours that run the same way.
static bool fill_field(const cw_map *map, cw_arena *arena, cw_lane_place goal, cw_goal_field *field) {
    uint32_t n = map->lane_count, links = 0;
    for (uint32_t i = 0; i < n; i++)
        links += map->lanes[i].previous.count + 2;
    float *cost = cw_arena_array(arena, n + 1, sizeof *cost);
    uint32_t *next = cw_arena_array(arena, n + 1, sizeof *next);
    heap_item *heap = cw_arena_array(arena, (size_t)links + 1, sizeof *heap);
    if (!cost || !next || !heap)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        cost[i] = INFINITY;
        next[i] = CW_NONE;
    }
    *field = (cw_goal_field){goal.lane, cw_lane_travel(map, goal.lane, goal.s), cost, next};
    uint32_t count = 0;
    cost[goal.lane] = 0;
    heap_push(heap, &count, (heap_item){0, goal.lane});
    while (count > 0) {
        heap_item item = heap_pop(heap, &count);
        const cw_lane *lane = &map->lanes[item.lane];
        if (item.cost > cost[item.lane])
            continue;
        for (uint32_t k = 0; k < lane->previous.count + 2; k++) {
            uint32_t from;
            float step;
            if (k < lane->previous.count) {
                from = map->links[lane->previous.first + k];
                step = (float)map->lanes[from].length;
            } else {
                from = k == lane->previous.count ? lane->left : lane->right;
                if (from == CW_NONE || !cw_lane_drivable(lane) || !cw_lane_drivable(&map->lanes[from]) ||
                    map->lanes[from].direction != lane->direction)
                    continue;
                step = (float)CHANGE_COST;
            }
            if (item.cost + step < cost[from]) {
                cost[from] = item.cost + step;
                next[from] = item.lane;
                if (count < links)
                    heap_push(heap, &count, (heap_item){cost[from], from});
            }
        }
    }
    return true;
}

// The lane place of a fixed position, by its lane or by what lies under the point.
static bool place_of(const cw_world *world, const cw_position *position, cw_lane_place *place) {
    cw_spot spot;
    if (!cw_position_is_fixed(world->scene, position, 0) || !cw_position_find(world, position, CW_NONE, &spot))
        return false;
    *place = spot.place;
    if (place->lane != CW_NONE)
        return true;
    cw_locate query = cw_locate_at(spot.x, spot.y);
    query.heading = spot.heading;
    return cw_map_locate(world->map, &query, place) || place->lane != CW_NONE;
}

// ---- plans -----------------------------------------------------------------------------------------------------------

// Walks the field from a place and writes the lanes it passes; counts alone when legs is NULL.
static uint32_t trace_legs(const cw_map *map, const cw_goal_field *field, cw_lane_place *at, double *s, cw_leg *legs) {
    uint32_t count = 0, lane = at->lane;
    double from = cw_lane_travel(map, lane, at->s);
    for (uint32_t i = 0; i < map->lane_count + 1 && lane != CW_NONE; i++) {
        bool there = lane == field->lane && (i > 0 || field->travel >= from - 1e-9);
        uint32_t next = there ? CW_NONE : field->next[lane];
        bool beside = next != CW_NONE && map->lanes[next].section == map->lanes[lane].section &&
                      (map->lanes[lane].left == next || map->lanes[lane].right == next);
        double to = there ? field->travel : beside ? from : map->lanes[lane].length;
        if (there || !beside) {
            if (legs)
                legs[count] = (cw_leg){lane, from, to, *s};
            *s += to - from;
            count++;
        }
        if (there) {
            *at = (cw_lane_place){lane, cw_lane_station(map, lane, to), 0};
            break;
        }
        if (next == CW_NONE)
            break;
        from = beside ? cw_lane_travel(map, next, cw_lane_station(map, lane, from)) : 0;
        lane = next;
    }
    return count;
}

static bool plan_route(cw_world *world, uint32_t index, cw_goal_field *goals, uint32_t *goal_count, cw_route_plan *plan,
                       cw_error *err) {
    const cw_map *map = world->map;
    const cw_route_def *def = &world->scene->routes[index];
    plan->goal_first = *goal_count;
    cw_lane_place start = {CW_NONE, 0, 0};
    for (uint32_t i = 0; i < def->count + (def->closed ? 1 : 0); i++) {
        cw_lane_place place;
        if (!place_of(world, &def->waypoints[i % def->count].position, &place))
            continue; // a waypoint relative to an entity or off the map guides nobody
        if (start.lane == CW_NONE) {
            start = place;
            continue;
        }
        if (!fill_field(map, world->arena, place, &goals[*goal_count]))
            return no_memory(err);
        (*goal_count)++;
    }
    plan->goal_count = *goal_count - plan->goal_first;
    cw_leg *legs = NULL;
    for (int pass = 0; pass < 2; pass++) { // counts them, then writes them
        cw_lane_place at = start;
        double s = 0;
        uint32_t count = 0;
        for (uint32_t g = 0; g < plan->goal_count; g++)
            count += trace_legs(map, &goals[plan->goal_first + g], &at, &s, legs ? legs + count : NULL);
        if (pass == 0) {
            plan->legs = legs = cw_arena_array(world->arena, (size_t)count + 1, sizeof *legs);
            if (!legs)
                return no_memory(err);
        }
        plan->leg_count = count;
    }
    if (legs && plan->leg_count == 0 && start.lane != CW_NONE) { // one place: on along its lane
        legs[0] = (cw_leg){start.lane, cw_lane_travel(map, start.lane, start.s), map->lanes[start.lane].length, 0};
        plan->leg_count = 1;
    }
    return true;
}

bool cw_routes_prepare(cw_world *world, cw_error *err) {
    const cw_scene *scene = world->scene;
    cw_board *board = cw_board_of(world);
    size_t most = 1;
    for (uint32_t i = 0; i < scene->route_count; i++)
        most += (size_t)scene->routes[i].count + 1;
    for (uint32_t i = 0; i < scene->action_count; i++)
        most += scene->actions[i].kind == CW_DO_ACQUIRE_POSITION;
    cw_goal_field *goals = cw_arena_array(world->arena, most, sizeof *goals);
    cw_route_plan *plans = cw_arena_array(world->arena, (size_t)scene->route_count + 1, sizeof *plans);
    uint32_t *action_goal = cw_arena_array(world->arena, (size_t)scene->action_count + 1, sizeof *action_goal);
    if (!goals || !plans || !action_goal)
        return no_memory(err);
    board->goals = goals;
    board->routes = plans;
    board->action_goal = action_goal;
    for (uint32_t i = 0; i < scene->route_count; i++)
        if (!plan_route(world, i, goals, &board->goal_count, &plans[i], err))
            return false;
    for (uint32_t i = 0; i < scene->action_count; i++) {
        cw_lane_place place;
        action_goal[i] = CW_NONE;
        if (scene->actions[i].kind != CW_DO_ACQUIRE_POSITION || !place_of(world, &scene->actions[i].position, &place))
            continue;
        if (!fill_field(world->map, world->arena, place, &goals[board->goal_count]))
            return no_memory(err);
        action_goal[i] = board->goal_count++;
    }
    return true;
}

// ---- on the way ------------------------------------------------------------------------------------------------------

uint32_t cw_route_next(const cw_world *world, uint32_t actor, uint32_t lane, bool back) {
    const cw_map *map = world->map;
    const cw_board *board = cw_board_of(world);
    uint32_t goal = world->s.route_goal[actor];
    if (back || goal == CW_NONE)
        return cw_lane_straight(map, lane, back);
    const cw_goal_field *field = &board->goals[goal];
    if (lane == field->lane && goal < world->s.route_last[actor])
        field = &board->goals[goal + 1];
    cw_span links = map->lanes[lane].next;
    uint32_t best = CW_NONE;
    float least = INFINITY;
    for (uint32_t i = 0; i < links.count; i++) {
        uint32_t next = map->links[links.first + i];
        if (field->cost[next] < least) {
            least = field->cost[next];
            best = next;
        }
    }
    return best != CW_NONE ? best : cw_lane_straight(map, lane, back);
}

void cw_route_follow(cw_world *world, uint32_t actor) {
    cw_state *s = &world->s;
    const cw_board *board = cw_board_of(world);
    if (s->route_goal[actor] == CW_NONE)
        return;
    const cw_goal_field *field = &board->goals[s->route_goal[actor]];
    bool same = s->way_lane[actor] == field->lane ||
                (field->lane != CW_NONE &&
                 world->map->lanes[s->way_lane[actor]].section == world->map->lanes[field->lane].section &&
                 world->map->lanes[s->way_lane[actor]].direction == world->map->lanes[field->lane].direction);
    if (!same || s->way_travel[actor] < field->travel) {
        const cw_lane *lane = &world->map->lanes[s->way_lane[actor]];
        uint32_t next = field->next[s->way_lane[actor]];
        if (!same && next != CW_NONE && (next == lane->left || next == lane->right) &&
            s->across_kind[actor] == CW_ACROSS_KEEP && s->way_facing[actor] > 0)
            cw_lane_ease(world, actor, next);
        return;
    }
    if (s->route_goal[actor] < s->route_last[actor]) {
        s->route_goal[actor]++;
        return;
    }
    s->route_goal[actor] = CW_NONE;
    cw_instance_end(world, s->route_instance[actor]);
    s->route_instance[actor] = CW_NONE;
}

bool cw_route_place(const cw_world *world, uint32_t route, double s, cw_lane_place *place) {
    const cw_route_plan *plan = &cw_board_of(world)->routes[route];
    if (plan->leg_count == 0 || s < -1e-3)
        return false;
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const cw_leg *leg = &plan->legs[i];
        bool last = i + 1 == plan->leg_count;
        if (s > leg->s + (leg->to - leg->from) && !last)
            continue;
        double travel = leg->from + cw_max(s, 0) - leg->s;
        *place = (cw_lane_place){leg->lane, 0, 0};
        if (travel <= world->map->lanes[leg->lane].length) {
            place->s = cw_lane_station(world->map, leg->lane, travel);
            return true;
        }
        // Past its last waypoint a route goes straight on.
        place->s = cw_lane_station(world->map, leg->lane, leg->from);
        return cw_lane_walk(world->map, place, travel - leg->from);
    }
    return false;
}

bool cw_route_project(const cw_world *world, uint32_t route, cw_lane_place place, double *s) {
    const cw_route_plan *plan = &cw_board_of(world)->routes[route];
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const cw_leg *leg = &plan->legs[i];
        const cw_lane *lane = &world->map->lanes[leg->lane];
        if (place.lane == CW_NONE || lane->section != world->map->lanes[place.lane].section)
            continue;
        *s = leg->s + cw_lane_travel(world->map, leg->lane, place.s) - leg->from;
        return true;
    }
    return false;
}
