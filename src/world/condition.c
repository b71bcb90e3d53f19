// Triggers: conditions with their edges and delays, AND in a group, OR of the groups.
#include "world/storyboard.h"

#include <math.h>
#include <string.h>

enum { LANES_ASIDE = 16, WALK_MOST = 20 };

bool cw_compare(cw_rule rule, double a, double b) {
    switch (rule) {
    case CW_GREATER:
        return a > b;
    case CW_LESS:
        return a < b;
    case CW_EQUAL:
        return a >= b && a <= b;
    case CW_GREATER_OR_EQUAL:
        return a >= b;
    case CW_LESS_OR_EQUAL:
        return a <= b;
    default:
        return a < b || a > b;
    }
}

// ---- by value --------------------------------------------------------------------------------------------------------

static bool element_is(const cw_world *world, const cw_condition *c) {
    const cw_board *board = cw_board_of(world);
    if (c->element_index == CW_NONE || c->element > CW_ELEMENT_ACTION)
        return false;
    uint32_t element = board->first[c->element] + c->element_index;
    if (element >= board->element_count)
        return false;
    if (c->state <= CW_STATE_COMPLETE)
        return world->s.element_state[element] == c->state;
    return (world->s.element_seen[element] >> (c->state - CW_TRANSITION_START)) & 1;
}

static bool variable_is(const cw_world *world, const cw_condition *c) {
    if (c->variable >= world->scene->variable_count)
        return false;
    if (!c->text_rule)
        return cw_compare((cw_rule)c->rule, world->s.variable_number[c->variable], c->value);
    int order = strcmp(cw_variable_text(world, c->variable), c->text ? c->text : "");
    return cw_compare((cw_rule)c->rule, order, 0);
}

// Days of the civil calendar since 0000-03-01, from "YYYY-MM-DD..."; 0 where the text is none.
static double day_of(const char *text) {
    int part[3] = {0, 0, 0};
    const char *p = text ? text : "";
    for (int k = 0; k < 3; k++) {
        for (int n = 0; n < (k == 0 ? 4 : 2); n++, p++) {
            if (*p < '0' || *p > '9')
                return 0;
            part[k] = part[k] * 10 + (*p - '0');
        }
        if (k < 2 && *p++ != '-')
            return 0;
    }
    int year = part[1] <= 2 ? part[0] - 1 : part[0], month = (part[1] + 9) % 12;
    int days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + part[2];
    return days;
}

static bool clock_is(const cw_world *world, const cw_condition *c) {
    const cw_environment *e = cw_world_environment(world);
    if (!e->has_time)
        return false;
    double since = cw_board_time(world) - (double)world->s.environment_time[0] * 1e-9;
    double days = e->date_time && c->text ? day_of(e->date_time) - day_of(c->text) : 0;
    return cw_compare((cw_rule)c->rule, days * 86400 + e->time_of_day + since, c->value);
}

static bool signal_is(const cw_world *world, const cw_condition *c, uint32_t item) {
    if (item == CW_NONE || !c->text)
        return false;
    if (c->kind == CW_IF_TRAFFIC_SIGNAL)
        return strcmp(cw_world_light_text(world, item), c->text) == 0;
    uint32_t phase = world->s.program_phase[item];
    const cw_signal_program *program = &world->scene->programs[item];
    return phase < program->count && program->phases[phase].name && strcmp(program->phases[phase].name, c->text) == 0;
}

static bool value_is(const cw_world *world, const cw_condition *c, uint32_t index) {
    switch ((cw_condition_kind)c->kind) {
    case CW_IF_PARAMETER:
    case CW_IF_VARIABLE:
        return variable_is(world, c);
    case CW_IF_TIME_OF_DAY:
        return clock_is(world, c);
    case CW_IF_SIMULATION_TIME:
        return cw_compare((cw_rule)c->rule, cw_board_time(world), c->value);
    case CW_IF_ELEMENT_STATE:
        return element_is(world, c);
    case CW_IF_TRAFFIC_SIGNAL:
    case CW_IF_TRAFFIC_SIGNAL_CONTROLLER:
        return signal_is(world, c, cw_board_of(world)->condition_signal[index]);
    default:
        return false; // nobody sets user-defined values
    }
}

// ---- by entity -------------------------------------------------------------------------------------------------------

static void velocity(const cw_world *world, uint32_t actor, double *x, double *y) {
    double sine, cosine, v = (double)world->s.speed[actor], w = (double)world->s.lateral_speed[actor];
    cw_sincos(world->s.heading[actor], &sine, &cosine);
    *x = v * cosine - w * sine;
    *y = v * sine + w * cosine;
}

static bool since(const cw_world *world, int64_t start, double duration) {
    return start >= 0 && (double)(world->s.step[0] * world->def.dt_ns - start) * 1e-9 >= duration - 1e-9;
}

// How fast both come closer along the measure; < 0: they part.
static double closing_speed(const cw_world *world, uint32_t from, double x, double y, double vx, double vy,
                            const cw_condition *c) {
    double mx, my, ux, uy, dx = x - world->s.x[from], dy = y - world->s.y[from];
    velocity(world, from, &mx, &my);
    if (c->distance == CW_EUCLIDEAN) {
        double length = cw_hypot(dx, dy);
        ux = length > 0 ? dx / length : 0;
        uy = length > 0 ? dy / length : 0;
    } else {
        double sine = 0, cosine = 1;
        if (c->coordinates != CW_IN_WORLD)
            cw_sincos(world->s.heading[from], &sine, &cosine);
        ux = c->distance == CW_LATERAL ? -sine : cosine;
        uy = c->distance == CW_LATERAL ? cosine : sine;
        if (dx * ux + dy * uy < 0) {
            ux = -ux;
            uy = -uy;
        }
    }
    return (mx - vx) * ux + (my - vy) * uy;
}

static bool collision_time(const cw_world *world, const cw_condition *c, uint32_t actor) {
    double distance, closing, vx = 0, vy = 0;
    if (c->entity != CW_NONE) {
        distance = cw_actor_distance(world, actor, c->entity, (cw_coordinates)c->coordinates,
                                     (cw_distance_kind)c->distance, c->freespace);
        if (isnan(distance))
            return false;
        velocity(world, c->entity, &vx, &vy);
        closing = closing_speed(world, actor, world->s.x[c->entity], world->s.y[c->entity], vx, vy, c);
    } else {
        cw_spot spot;
        if (!cw_position_find(world, &c->position, actor, &spot))
            return false;
        distance = cw_point_distance(world, actor, &spot, (cw_coordinates)c->coordinates, (cw_distance_kind)c->distance,
                                     c->freespace);
        closing = closing_speed(world, actor, spot.x, spot.y, 0, 0, c);
    }
    return cw_compare((cw_rule)c->rule, closing > 1e-9 ? distance / closing : INFINITY, c->value);
}

static double component(double along, double across, uint8_t direction) {
    return direction == 2 ? across : direction == 3 ? 0 : along;
}

static bool relative_speed(const cw_world *world, const cw_condition *c, uint32_t actor) {
    const cw_state *s = &world->s;
    if (c->entity >= world->scene->actor_count || !s->present[c->entity])
        return false;
    if (c->direction == 0)
        return cw_compare((cw_rule)c->rule, (double)s->speed[actor] - (double)s->speed[c->entity], c->value);
    double ax, ay, bx, by, sine, cosine;
    velocity(world, actor, &ax, &ay);
    velocity(world, c->entity, &bx, &by);
    cw_sincos(s->heading[actor], &sine, &cosine);
    double dx = ax - bx, dy = ay - by;
    return cw_compare((cw_rule)c->rule, component(dx * cosine + dy * sine, -dx * sine + dy * cosine, c->direction),
                      c->value);
}

static bool angle_is(const cw_world *world, const cw_condition *c, uint32_t actor) {
    const cw_state *s = &world->s;
    double angle = c->direction == 1   ? (double)s->pitch[actor]
                   : c->direction == 2 ? (double)s->roll[actor]
                                       : s->heading[actor],
           base = 0;
    if (c->kind == CW_IF_RELATIVE_ANGLE) {
        if (c->entity >= world->scene->actor_count || !s->present[c->entity])
            return false;
        base = c->direction == 1   ? (double)s->pitch[c->entity]
               : c->direction == 2 ? (double)s->roll[c->entity]
                                   : s->heading[c->entity];
    } else if (c->direction == 0 && (c->coordinates == CW_IN_LANE || c->coordinates == CW_IN_ROAD)) {
        cw_lane_place place = cw_world_place(world, actor);
        if (place.lane == CW_NONE)
            return false;
        base = cw_lane_pose(world->map, place, NULL).heading;
        if (c->coordinates == CW_IN_ROAD && world->map->lanes[place.lane].direction < 0)
            base += CW_PI;
    }
    return fabs(cw_wrap_angle(angle - base - c->value)) <= c->value2;
}

// Does the other stand on the lane `lane` or on what continues it?
static bool on_continuation(const cw_map *map, uint32_t lane, uint32_t other) {
    for (int back = 0; back < 2; back++) {
        uint32_t at = lane;
        for (int i = 0; i < WALK_MOST && at != CW_NONE; i++, at = cw_lane_straight(map, at, back))
            if (at == other)
                return true;
    }
    return false;
}

static bool in_the_way(const cw_world *world, const cw_condition *c, uint32_t actor, uint32_t other) {
    const cw_map *map = world->map;
    const cw_state *s = &world->s;
    uint32_t lane = s->place_lane[actor], its = s->place_lane[other];
    if (!s->present[other] || lane == CW_NONE || its == CW_NONE || !s->place_on[other])
        return false;
    double ahead = cw_actor_ahead(world, actor, other, CW_IN_ROAD);
    if (isnan(ahead))
        return false;
    double reach = 0;
    if (c->freespace) {
        const cw_actor *a = &world->scene->actors[actor], *b = &world->scene->actors[other];
        ahead += (double)b->center_x - (double)a->center_x;
        reach = 0.5 * ((double)a->length + (double)b->length);
    }
    if (ahead - reach > c->value || ahead + reach < -c->value2)
        return false;
    int facing = cw_actor_facing(world, actor, lane, s->place_s[actor]);
    for (int32_t k = -LANES_ASIDE; k <= LANES_ASIDE; k++) {
        if ((c->lanes >> (32 + k) & 1) == 0)
            continue;
        uint32_t at = k == 0 ? lane : cw_lane_beside(map, lane, s->place_s[actor], k, facing);
        if (at == CW_NONE || (!c->opposite_lanes && map->lanes[at].direction != map->lanes[lane].direction))
            continue;
        if (on_continuation(map, at, its))
            return true;
    }
    return false;
}

static bool clearance(const cw_world *world, const cw_condition *c, uint32_t actor) {
    uint32_t count = c->other_count > 0 ? c->other_count : world->scene->actor_count;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t other = c->other_count > 0 ? c->others[k] : k;
        if (other != actor && in_the_way(world, c, actor, other))
            return false;
    }
    return true;
}

static bool entity_is(const cw_world *world, const cw_condition *c, uint32_t actor) {
    const cw_state *s = &world->s;
    cw_rule rule = (cw_rule)c->rule;
    cw_spot spot;
    double v, w;
    if (actor >= world->scene->actor_count || !s->present[actor])
        return false;
    v = (double)s->speed[actor];
    w = (double)s->lateral_speed[actor];
    switch ((cw_condition_kind)c->kind) {
    case CW_IF_END_OF_ROAD:
        return since(world, s->ended_since[actor], c->value);
    case CW_IF_OFFROAD:
        return since(world, s->offroad_since[actor], c->value);
    case CW_IF_STAND_STILL:
        return since(world, s->still_since[actor], c->value);
    case CW_IF_COLLISION:
        if (c->by_kind == CW_ACTOR_CAR + 1) { // any vehicle
            for (cw_actor_kind kind = CW_ACTOR_CAR; kind <= CW_ACTOR_BICYCLE; kind++)
                if (cw_world_touching_kind(world, actor, kind))
                    return true;
            return false;
        }
        if (c->by_kind != 0)
            return cw_world_touching_kind(world, actor, (cw_actor_kind)(c->by_kind - 1));
        return cw_world_touching(world, actor, c->entity);
    case CW_IF_TIME_HEADWAY: {
        double distance = cw_actor_distance(world, actor, c->entity, (cw_coordinates)c->coordinates,
                                            (cw_distance_kind)c->distance, c->freespace);
        return !isnan(distance) && cw_compare(rule, fabs(v) > 1e-9 ? distance / fabs(v) : INFINITY, c->value);
    }
    case CW_IF_TIME_TO_COLLISION:
        return collision_time(world, c, actor);
    case CW_IF_ACCELERATION:
        return cw_compare(rule, component((double)s->accel[actor], v * (double)s->yaw_rate[actor], c->direction),
                          c->value);
    case CW_IF_SPEED:
        return cw_compare(
            rule, c->direction == 0 && w != 0 ? copysign(cw_hypot(v, w), v) : component(v, w, c->direction), c->value);
    case CW_IF_RELATIVE_SPEED:
        return relative_speed(world, c, actor);
    case CW_IF_TRAVELED_DISTANCE:
        return s->traveled[actor] >= c->value;
    case CW_IF_REACH_POSITION:
        return cw_position_find(world, &c->position, actor, &spot) &&
               cw_hypot(spot.x - s->x[actor], spot.y - s->y[actor]) <= c->value;
    case CW_IF_DISTANCE:
        return cw_position_find(world, &c->position, actor, &spot) &&
               cw_compare(rule,
                          cw_point_distance(world, actor, &spot, (cw_coordinates)c->coordinates,
                                            (cw_distance_kind)c->distance, c->freespace),
                          c->value);
    case CW_IF_RELATIVE_DISTANCE: {
        double distance = cw_actor_distance(world, actor, c->entity, (cw_coordinates)c->coordinates,
                                            (cw_distance_kind)c->distance, c->freespace);
        return !isnan(distance) && cw_compare(rule, distance, c->value);
    }
    case CW_IF_RELATIVE_CLEARANCE:
        return clearance(world, c, actor);
    case CW_IF_ANGLE:
    case CW_IF_RELATIVE_ANGLE:
        return angle_is(world, c, actor);
    default:
        return false;
    }
}

// ---- edges and delays ------------------------------------------------------------------------------------------------

static bool raw(cw_world *world, uint32_t index) {
    const cw_condition *c = &world->scene->conditions[index];
    uint8_t *met = world->s.watch_met + world->watch_first[index];
    if (c->kind < CW_IF_END_OF_ROAD) {
        met[0] = value_is(world, c, index);
        return met[0];
    }
    bool any = false, all = c->trigger_count > 0;
    for (uint32_t k = 0; k < c->trigger_count; k++) {
        met[k] = entity_is(world, c, c->triggers[k]);
        any = any || met[k];
        all = all && met[k];
    }
    return c->all ? all : any;
}

// The edge is taken of what the condition is now and was at the evaluation before; what comes out counts `delay` later.
static bool condition_holds(cw_world *world, uint32_t index) {
    const cw_condition *c = &world->scene->conditions[index];
    const cw_board *board = cw_board_of(world);
    cw_state *s = &world->s;
    if (s->condition_step[index] == s->step[0] + 1)
        return s->condition_out[index];
    bool now = raw(world, index), was = s->condition_was[index], first = s->condition_checks[index] == 0;
    bool out = c->edge == CW_EDGE_RISING    ? !first && now && !was
               : c->edge == CW_EDGE_FALLING ? !first && !now && was
               : c->edge == CW_EDGE_ANY     ? !first && now != was
                                            : now;
    uint32_t steps = board->delay_steps[index], at = s->condition_checks[index];
    if (steps > 0) {
        uint8_t *ring = s->condition_ring + board->delay_first[index];
        uint32_t slot = at % steps; // holds what came out `steps` evaluations ago
        bool old = at >= steps && ((ring[slot / 8] >> (slot % 8)) & 1);
        ring[slot / 8] = (uint8_t)((ring[slot / 8] & ~(1u << (slot % 8))) | ((unsigned)out << (slot % 8)));
        out = old;
    }
    s->condition_was[index] = now;
    s->condition_step[index] = s->step[0] + 1;
    s->condition_out[index] = out;
    s->condition_checks[index] = at + 1 == 0 ? steps * 2 : at + 1;
    return out;
}

bool cw_trigger_holds(cw_world *world, const cw_trigger *trigger, bool when_empty) {
    const cw_scene *scene = world->scene;
    bool any = false;
    if (trigger->groups.count == 0)
        return when_empty;
    for (uint32_t g = 0; g < trigger->groups.count; g++) {
        cw_span span = scene->condition_groups[trigger->groups.first + g].conditions;
        bool all = true;
        for (uint32_t k = 0; k < span.count; k++) // every one is asked: edges and delays need each evaluation
            all = condition_holds(world, span.first + k) && all;
        any = any || all;
    }
    return any;
}

void cw_trigger_arm(cw_world *world, const cw_trigger *trigger) {
    for (uint32_t g = 0; g < trigger->groups.count; g++) {
        cw_span span = world->scene->condition_groups[trigger->groups.first + g].conditions;
        for (uint32_t k = 0; k < span.count; k++)
            world->s.condition_checks[span.first + k] = 0;
    }
}

bool cw_trigger_names(const cw_world *world, const cw_trigger *trigger, uint32_t actor) {
    const cw_scene *scene = world->scene;
    for (uint32_t g = 0; g < trigger->groups.count; g++) {
        cw_span span = scene->condition_groups[trigger->groups.first + g].conditions;
        for (uint32_t k = 0; k < span.count; k++) {
            const cw_condition *c = &scene->conditions[span.first + k];
            for (uint32_t t = 0; t < c->trigger_count; t++)
                if (c->triggers[t] == actor && world->s.watch_met[world->watch_first[span.first + k] + t])
                    return true;
        }
    }
    return false;
}
