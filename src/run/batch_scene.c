// Who of a scene is an agent, what its actions stand for, and its way to its goal.
#include "run/batch_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP 2.0    // m between samples of a trail
#define CHANGE 30.0 // m over which a route's lane change is drawn
#define AHEAD 150.0 // m: the goal of one whose file names none

// What an action of 1 asks of a walker or an animal: they start and stand within a step or two and turn on the spot.
static const float walk_accel = 2, walk_brake = 4, walk_turn = 2, walk_fastest = 3; // m/s^2, m/s^2, rad/s, m/s

static bool is_vehicle(uint8_t kind) {
    switch ((cw_actor_kind)kind) {
    case CW_ACTOR_CAR:
    case CW_ACTOR_VAN:
    case CW_ACTOR_TRUCK:
    case CW_ACTOR_BUS:
    case CW_ACTOR_MOTORCYCLE:
    case CW_ACTOR_BICYCLE:
        return true;
    default:
        return false;
    }
}

static bool walks(uint8_t kind) {
    return kind == CW_ACTOR_PEDESTRIAN || kind == CW_ACTOR_ANIMAL;
}

static bool wanted(const cw_batch_def *def, const cw_scene *scene, uint32_t actor) {
    switch ((cw_batch_control)def->control) {
    case CW_CONTROL_EGO:
        return actor == scene->ego;
    case CW_CONTROL_GOALS:
        return is_vehicle(scene->actors[actor].kind) && scene->actors[actor].has_goal;
    case CW_CONTROL_ALL:
        return is_vehicle(scene->actors[actor].kind) || walks(scene->actors[actor].kind);
    default:
        return is_vehicle(scene->actors[actor].kind);
    }
}

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a scene of the batch");
}

cw_status cw_batch_scene_make(const cw_batch_def *def, cw_scene *scene, const cw_batch_map *map, cw_batch_scene *out,
                              cw_error *err) {
    *out = (cw_batch_scene){.scene = scene, .map = map, .arena = cw_arena_new(0, 0)};
    out->cast = cw_vector_cast_new(scene);
    out->control = out->arena ? cw_arena_array(out->arena, scene->actor_count, 1) : NULL;
    if (!out->cast || !out->control)
        return no_memory(err);
    for (uint32_t i = 0; i < scene->actor_count; i++)
        out->control[i] = wanted(def, scene, i);
    return CW_OK;
}

void cw_batch_scene_free(cw_batch_scene *scene) {
    cw_vector_cast_free(scene->cast);
    cw_arena_free(scene->arena);
    cw_scene_free(scene->scene);
    free(scene->start);
}

// ---- ways ------------------------------------------------------------------------------------------------------------

static bool trail_of(const cw_path *path, cw_arena *arena, cw_trail *out) {
    cw_trail_point *points = cw_arena_array(arena, path->count, sizeof *points);
    for (uint32_t i = 0; points && i < path->count; i++) {
        double sine, cosine;
        cw_sincos((double)path->heading[i], &sine, &cosine);
        points[i] = (cw_trail_point){.x = path->x[i], .y = path->y[i], .ux = (float)cosine, .uy = (float)sine};
    }
    *out = (cw_trail){.count = path->count, .step = path->step, .points = points};
    return points != NULL;
}

// Straight to the goal, where no lane leads there.
static bool straight_trail(const cw_actor_state *s, cw_agent_plan *plan, cw_arena *arena) {
    double dx = plan->goal_x - s->x, dy = plan->goal_y - s->y, length = cw_hypot(dx, dy);
    uint32_t count = (uint32_t)cw_clamp(floor(length / STEP) + 1, 1, 1e6);
    cw_trail_point *points = cw_arena_array(arena, count, sizeof *points);
    double ux = length > 0 ? dx / length : cw_cos((double)s->heading),
           uy = length > 0 ? dy / length : cw_sin((double)s->heading);
    for (uint32_t i = 0; points && i < count; i++)
        points[i] =
            (cw_trail_point){.x = s->x + i * STEP * ux, .y = s->y + i * STEP * uy, .ux = (float)ux, .uy = (float)uy};
    plan->trail = (cw_trail){.count = count, .step = STEP, .points = points};
    return points != NULL;
}

static int by_distance(const void *a, const void *b) {
    const cw_vector_stop *p = a, *q = b;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return p->signal < q->signal ? -1 : p->signal > q->signal;
}

// What the path passes, by distance along it: a stop lies where the path is on its lane at its travel distance.
static bool stops_of(const cw_map *map, const cw_path *path, cw_arena *arena, cw_agent_plan *plan) {
    cw_vector_stop *stops = NULL;
    size_t count = 0, capacity = 0;
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        uint32_t lane = path->lane[i];
        if (lane == CW_NONE || map->stop_count == 0)
            continue;
        double from = path->lane_travel[i], to = path->lane[i + 1] == lane ? path->lane_travel[i + 1] : INFINITY;
        for (uint32_t k = map->lane_stops[lane]; k < map->lane_stops[lane + 1]; k++) {
            const cw_stop *stop = &map->stops[k];
            if (stop->s < from || stop->s >= cw_min(to, from + path->step))
                continue;
            uint8_t kind = stop->signal == CW_NONE ? (uint8_t)CW_SIGNAL_STOP_LINE : map->signals[stop->signal].kind;
            if (kind != CW_SIGNAL_LIGHT && kind != CW_SIGNAL_STOP && kind != CW_SIGNAL_YIELD &&
                kind != CW_SIGNAL_STOP_LINE)
                continue;
            if (!CW_GROW(stops, capacity, count + 1)) {
                free(stops);
                return false;
            }
            stops[count++] = (cw_vector_stop){.at = (float)(i * path->step + stop->s - from),
                                              .signal = stop->signal,
                                              .light = kind == CW_SIGNAL_LIGHT};
        }
    }
    if (count > 1)
        qsort(stops, count, sizeof *stops, by_distance);
    cw_vector_stop *kept = cw_arena_array(arena, count, sizeof *kept);
    if (kept && count > 0)
        memcpy(kept, stops, count * sizeof *kept);
    free(stops);
    plan->stops = kept;
    plan->stop_count = (uint32_t)count;
    return kept != NULL;
}

static bool locate(const cw_map *map, double x, double y, double heading, cw_lane_place *place) {
    cw_locate query = cw_locate_at(x, y);
    query.heading = heading;
    for (int kind = 0; kind < CW_LANE_KINDS; kind++)
        if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
            query.kinds |= 1u << kind;
    return map->lane_count > 0 && cw_map_locate(map, &query, place);
}

// Along the lanes; *found stays false where they do not lead there. False: out of memory.
static bool lane_trail(const cw_map *map, const cw_actor_state *s, bool has_goal, cw_arena *arena, cw_agent_plan *plan,
                       bool *found) {
    cw_lane_place from, to = {.lane = CW_NONE, .s = NAN};
    cw_route route;
    *found = false;
    if (!locate(map, s->x, s->y, (double)s->heading, &from))
        return true;
    if (has_goal) {
        if (!locate(map, plan->goal_x, plan->goal_y, NAN, &to) || !cw_route_find(map, from, to, arena, &route))
            return true;
    } else if (!cw_route_ahead(map, from, AHEAD, arena, &route)) {
        return true;
    }
    cw_path path;
    if (!cw_path_along(map, &route, from, to.s, STEP, CHANGE, arena, &path) || path.count < 2)
        return true;
    if (!has_goal) {
        uint32_t last = (uint32_t)cw_min(path.count - 1, AHEAD / STEP);
        plan->goal_x = path.x[last];
        plan->goal_y = path.y[last];
    }
    *found = true;
    return trail_of(&path, arena, &plan->trail) && stops_of(map, &path, arena, plan);
}

static bool make_plan(const cw_scene *scene, const cw_world *world, cw_arena *arena, cw_agent_plan *plan) {
    const cw_actor *a = &scene->actors[plan->actor];
    cw_actor_state s;
    cw_actor_limits limits;
    cw_world_actor(world, plan->actor, &s);
    cw_world_limits(world, plan->actor, &limits);
    plan->accel = limits.max_accel;
    plan->brake = limits.max_brake;
    plan->steer = limits.max_steer;
    plan->fastest = INFINITY;
    if (walks(a->kind)) {
        plan->accel = walk_accel;
        plan->brake = walk_brake;
        plan->steer = walk_turn;
        plan->fastest = a->max_speed > 0 ? a->max_speed : walk_fastest;
    }
    plan->on_road = a->kind != CW_ACTOR_BICYCLE && !walks(a->kind) && scene->map->lane_count > 0;
    plan->half_length = 0.5 * (double)a->length;
    plan->half_width = 0.5 * (double)a->width;
    plan->center_x = (double)a->center_x;
    plan->center_y = (double)a->center_y;
    bool has_goal = a->has_goal, found;
    if (has_goal) {
        plan->goal_x = a->goal_x;
        plan->goal_y = a->goal_y;
    } else if (a->sample_count > 1) { // where its recording goes
        has_goal = true;
        plan->goal_x = a->samples[a->sample_count - 1].x;
        plan->goal_y = a->samples[a->sample_count - 1].y;
    }
    found = false;
    if (!walks(a->kind) && !lane_trail(scene->map, &s, has_goal, arena, plan, &found))
        return false;
    if (found)
        return true;
    if (!has_goal) {
        double sine, cosine;
        cw_sincos((double)s.heading, &sine, &cosine);
        plan->goal_x = s.x + AHEAD * cosine;
        plan->goal_y = s.y + AHEAD * sine;
    }
    return straight_trail(&s, plan, arena);
}

cw_status cw_batch_scene_plan(cw_batch_scene *out, const cw_world *world, cw_error *err) {
    cw_world_arrays at;
    cw_world_view(world, &at);
    uint32_t count = out->scene->actor_count;
    out->agents = cw_arena_array(out->arena, count, sizeof *out->agents);
    out->agent_of = cw_arena_array(out->arena, count, sizeof *out->agent_of);
    out->start = malloc(cw_world_state_size(world));
    if (!out->agents || !out->agent_of || !out->start)
        return no_memory(err);
    cw_world_save(world, out->start);
    for (uint32_t i = 0; i < count; i++) {
        out->agent_of[i] = CW_NONE;
        if (!out->control[i] || at.mover[i] != CW_MOVED_BY_CONTROL)
            continue;
        cw_agent_plan *plan = &out->agents[out->agent_count];
        plan->actor = i;
        if (!make_plan(out->scene, world, out->arena, plan))
            return no_memory(err);
        out->agent_of[i] = out->agent_count++;
    }
    return CW_OK;
}
