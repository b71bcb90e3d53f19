// The storyboard's state machine: stories, acts, maneuver groups, maneuvers, events and actions, each standing by,
// running or complete; and the setting up of it all.
//
// An evaluation at the beginning of each step: the transitions of the step before become visible to conditions, triggers
// are answered, elements start and actions begin. Then actors move, and what they have finished by the end of the step
// ends at once, so that it is visible in the evaluation at that very time.
#include "world/storyboard.h"

#include <math.h>
#include <string.h>

enum { DELAY_MOST = 1 << 22 }; // steps

enum { MARK_START = 1, MARK_END = 2, MARK_STOP = 4, MARK_SKIP = 8 }; // in the order of cw_element_state

static const char *const element_words[][CW_LANGUAGES] = {
    {"story", "스토리"},  {"act", "액트"},     {"maneuver group", "기동 묶음"},
    {"maneuver", "기동"}, {"event", "이벤트"}, {"action", "동작"}};

// ---- elements --------------------------------------------------------------------------------------------------------

static uint32_t element(const cw_world *world, cw_element_kind kind, uint32_t index) {
    return cw_board_of(world)->first[kind] + index;
}

static bool is_running(const cw_world *world, cw_element_kind kind, uint32_t index) {
    return world->s.element_state[element(world, kind, index)] == CW_STATE_RUNNING;
}

static bool is_complete(const cw_world *world, cw_element_kind kind, uint32_t index) {
    return world->s.element_state[element(world, kind, index)] == CW_STATE_COMPLETE;
}

static const char *element_name(const cw_scene *scene, cw_element_kind kind, uint32_t index) {
    const char *name = kind == CW_ELEMENT_STORY      ? scene->stories[index].name
                       : kind == CW_ELEMENT_ACT      ? scene->acts[index].name
                       : kind == CW_ELEMENT_GROUP    ? scene->groups[index].name
                       : kind == CW_ELEMENT_MANEUVER ? scene->maneuvers[index].name
                       : kind == CW_ELEMENT_EVENT    ? scene->events[index].name
                                                     : scene->actions[index].name;
    return name ? name : "";
}

static void become(cw_world *world, cw_element_kind kind, uint32_t index, cw_element_state state, uint8_t mark) {
    uint32_t e = element(world, kind, index);
    world->s.element_state[e] = (uint8_t)state;
    world->s.element_now[e] |= mark;
    if (!mark || (kind != CW_ELEMENT_ACT && kind < CW_ELEMENT_EVENT))
        return;
    cw_said *line = cw_world_line(world);
    cw_say_words(line, element_words[kind][CW_ENGLISH], element_words[kind][CW_KOREAN]);
    cw_say(line, " %s ", " %s ", element_name(world->scene, kind, index));
    cw_say_words(line,
                 mark == MARK_START  ? "starts"
                 : mark == MARK_END  ? "ends"
                 : mark == MARK_STOP ? "is stopped"
                                     : "is skipped",
                 mark == MARK_START  ? "시작"
                 : mark == MARK_END  ? "끝"
                 : mark == MARK_STOP ? "중단됨"
                                     : "건너뜀");
}

static bool takes_part(const cw_world *world, const cw_event *event, uint32_t actor) {
    const cw_maneuver_group *group = &world->scene->groups[world->scene->maneuvers[event->maneuver].group];
    return !group->triggering_entities || actor == CW_NONE || cw_trigger_names(world, &event->start, actor);
}

// ---- stopping --------------------------------------------------------------------------------------------------------

static void stop_event(cw_world *world, uint32_t index) {
    const cw_event *event = &world->scene->events[index];
    if (is_complete(world, CW_ELEMENT_EVENT, index))
        return;
    for (uint32_t k = 0; k < event->actions.count; k++) {
        uint32_t action = event->actions.first + k;
        if (is_running(world, CW_ELEMENT_ACTION, action)) {
            cw_instances_stop(world, action);
            become(world, CW_ELEMENT_ACTION, action, CW_STATE_COMPLETE, MARK_STOP);
        }
    }
    become(world, CW_ELEMENT_EVENT, index, CW_STATE_COMPLETE, MARK_STOP);
}

static void stop_act(cw_world *world, uint32_t index) {
    const cw_scene *scene = world->scene;
    const cw_act *act = &scene->acts[index];
    for (uint32_t g = act->groups.first; g < act->groups.first + act->groups.count; g++) {
        for (uint32_t m = scene->groups[g].maneuvers.first;
             m < scene->groups[g].maneuvers.first + scene->groups[g].maneuvers.count; m++) {
            for (uint32_t e = scene->maneuvers[m].events.first;
                 e < scene->maneuvers[m].events.first + scene->maneuvers[m].events.count; e++)
                stop_event(world, e);
            if (!is_complete(world, CW_ELEMENT_MANEUVER, m))
                become(world, CW_ELEMENT_MANEUVER, m, CW_STATE_COMPLETE, MARK_STOP);
        }
        if (!is_complete(world, CW_ELEMENT_GROUP, g))
            become(world, CW_ELEMENT_GROUP, g, CW_STATE_COMPLETE, MARK_STOP);
    }
    become(world, CW_ELEMENT_ACT, index, CW_STATE_COMPLETE, MARK_STOP);
}

// ---- starting --------------------------------------------------------------------------------------------------------

static void start_event(cw_world *world, uint32_t index) {
    const cw_scene *scene = world->scene;
    const cw_event *event = &scene->events[index];
    cw_span events = scene->maneuvers[event->maneuver].events;
    uint32_t e = element(world, CW_ELEMENT_EVENT, index);
    uint32_t most = event->most > 0 ? event->most : 1;
    bool others = false;
    for (uint32_t k = events.first; k < events.first + events.count; k++)
        others = others || (k != index && is_running(world, CW_ELEMENT_EVENT, k));
    world->s.element_runs[e]++;
    if (event->priority == 2 && others) {
        bool last = world->s.element_runs[e] >= most;
        become(world, CW_ELEMENT_EVENT, index, last ? CW_STATE_COMPLETE : CW_STATE_STANDBY, MARK_SKIP);
        cw_trigger_arm(world, &event->start);
        return;
    }
    if (event->priority == 0 && others)
        for (uint32_t k = events.first; k < events.first + events.count; k++)
            if (k != index && is_running(world, CW_ELEMENT_EVENT, k))
                stop_event(world, k);
    become(world, CW_ELEMENT_EVENT, index, CW_STATE_RUNNING, MARK_START);
    for (uint32_t k = 0; k < event->actions.count; k++) {
        uint32_t action = event->actions.first + k;
        become(world, CW_ELEMENT_ACTION, action, CW_STATE_RUNNING, MARK_START);
        for (uint32_t i = world->instance_first[action]; i < world->instance_first[action + 1]; i++) {
            if (takes_part(world, event, world->instance_actor[i]))
                cw_action_begin(world, action, i);
            else
                cw_instance_end(world, i);
        }
    }
}

static void start_maneuver(cw_world *world, uint32_t index) {
    cw_span events = world->scene->maneuvers[index].events;
    become(world, CW_ELEMENT_MANEUVER, index, CW_STATE_RUNNING, MARK_START);
    for (uint32_t e = events.first; e < events.first + events.count; e++) {
        become(world, CW_ELEMENT_EVENT, e, CW_STATE_STANDBY, 0);
        world->s.element_runs[element(world, CW_ELEMENT_EVENT, e)] = 0;
        cw_trigger_arm(world, &world->scene->events[e].start);
        cw_span actions = world->scene->events[e].actions;
        for (uint32_t a = actions.first; a < actions.first + actions.count; a++)
            become(world, CW_ELEMENT_ACTION, a, CW_STATE_STANDBY, 0);
    }
}

static void start_group(cw_world *world, uint32_t index) {
    cw_span maneuvers = world->scene->groups[index].maneuvers;
    world->s.element_runs[element(world, CW_ELEMENT_GROUP, index)]++;
    become(world, CW_ELEMENT_GROUP, index, CW_STATE_RUNNING, MARK_START);
    for (uint32_t m = maneuvers.first; m < maneuvers.first + maneuvers.count; m++)
        start_maneuver(world, m);
}

static void start_act(cw_world *world, uint32_t index) {
    cw_span groups = world->scene->acts[index].groups;
    become(world, CW_ELEMENT_ACT, index, CW_STATE_RUNNING, MARK_START);
    cw_trigger_arm(world, &world->scene->acts[index].stop);
    for (uint32_t g = groups.first; g < groups.first + groups.count; g++) {
        world->s.element_runs[element(world, CW_ELEMENT_GROUP, g)] = 0;
        start_group(world, g);
    }
}

// ---- one evaluation --------------------------------------------------------------------------------------------------

static void evaluate_maneuver(cw_world *world, uint32_t index) {
    const cw_scene *scene = world->scene;
    cw_span events = scene->maneuvers[index].events;
    for (uint32_t e = events.first; e < events.first + events.count; e++)
        if (world->s.element_state[element(world, CW_ELEMENT_EVENT, e)] == CW_STATE_STANDBY &&
            cw_trigger_holds(world, &scene->events[e].start, true))
            start_event(world, e);
}

static void evaluate_act(cw_world *world, uint32_t index) {
    const cw_scene *scene = world->scene;
    const cw_act *act = &scene->acts[index];
    if (world->s.element_state[element(world, CW_ELEMENT_ACT, index)] == CW_STATE_STANDBY &&
        cw_trigger_holds(world, &act->start, true))
        start_act(world, index);
    if (!is_running(world, CW_ELEMENT_ACT, index))
        return;
    if (cw_trigger_holds(world, &act->stop, false)) {
        stop_act(world, index);
        return;
    }
    for (uint32_t g = act->groups.first; g < act->groups.first + act->groups.count; g++) {
        const cw_maneuver_group *group = &scene->groups[g];
        if (world->s.element_state[element(world, CW_ELEMENT_GROUP, g)] == CW_STATE_STANDBY)
            start_group(world, g);
        for (uint32_t m = group->maneuvers.first; m < group->maneuvers.first + group->maneuvers.count; m++)
            if (is_running(world, CW_ELEMENT_MANEUVER, m))
                evaluate_maneuver(world, m);
    }
}

// ---- what has ended --------------------------------------------------------------------------------------------------

static void finish_event(cw_world *world, uint32_t index) {
    const cw_event *event = &world->scene->events[index];
    uint32_t e = element(world, CW_ELEMENT_EVENT, index);
    bool all = true;
    for (uint32_t a = event->actions.first; a < event->actions.first + event->actions.count; a++) {
        bool done = true;
        for (uint32_t k = world->instance_first[a]; k < world->instance_first[a + 1]; k++)
            done = done && world->s.instance_state[k] == 2;
        if (done && is_running(world, CW_ELEMENT_ACTION, a))
            become(world, CW_ELEMENT_ACTION, a, CW_STATE_COMPLETE, MARK_END);
        all = all && done;
    }
    if (!all)
        return;
    bool last = world->s.element_runs[e] >= (event->most > 0 ? event->most : 1);
    become(world, CW_ELEMENT_EVENT, index, last ? CW_STATE_COMPLETE : CW_STATE_STANDBY, MARK_END);
    if (!last)
        cw_trigger_arm(world, &event->start);
}

static bool finish_maneuver(cw_world *world, uint32_t index) {
    cw_span events = world->scene->maneuvers[index].events;
    bool all = true;
    for (uint32_t e = events.first; e < events.first + events.count; e++) {
        if (is_running(world, CW_ELEMENT_EVENT, e))
            finish_event(world, e);
        all = all && is_complete(world, CW_ELEMENT_EVENT, e);
    }
    if (all)
        become(world, CW_ELEMENT_MANEUVER, index, CW_STATE_COMPLETE, MARK_END);
    return all;
}

static bool finish_group(cw_world *world, uint32_t index) {
    const cw_maneuver_group *group = &world->scene->groups[index];
    bool all = true;
    for (uint32_t m = group->maneuvers.first; m < group->maneuvers.first + group->maneuvers.count; m++)
        if (!is_complete(world, CW_ELEMENT_MANEUVER, m))
            all = finish_maneuver(world, m) && all;
    if (!all)
        return false;
    bool last = world->s.element_runs[element(world, CW_ELEMENT_GROUP, index)] >= (group->most > 0 ? group->most : 1);
    become(world, CW_ELEMENT_GROUP, index, last ? CW_STATE_COMPLETE : CW_STATE_STANDBY, MARK_END);
    return last;
}

static void finish_story(cw_world *world, uint32_t index) {
    const cw_scene *scene = world->scene;
    cw_span acts = scene->stories[index].acts;
    bool all = true;
    for (uint32_t a = acts.first; a < acts.first + acts.count; a++) {
        if (is_running(world, CW_ELEMENT_ACT, a)) {
            bool groups = true;
            for (uint32_t g = scene->acts[a].groups.first;
                 g < scene->acts[a].groups.first + scene->acts[a].groups.count; g++)
                if (!is_complete(world, CW_ELEMENT_GROUP, g))
                    groups = finish_group(world, g) && groups;
            if (groups)
                become(world, CW_ELEMENT_ACT, a, CW_STATE_COMPLETE, MARK_END);
        }
        all = all && is_complete(world, CW_ELEMENT_ACT, a);
    }
    if (all && is_running(world, CW_ELEMENT_STORY, index))
        become(world, CW_ELEMENT_STORY, index, CW_STATE_COMPLETE, MARK_END);
}

void cw_storyboard_step(cw_world *world, double dt) {
    const cw_scene *scene = world->scene;
    const cw_board *board = cw_board_of(world);
    if (scene->action_count > 0 || scene->story_count > 0) {
        if (board->element_count > 0) {
            memcpy(world->s.element_seen, world->s.element_now, board->element_count);
            memset(world->s.element_now, 0, board->element_count);
        }
        cw_scripted_measure(world);
        if (cw_trigger_holds(world, &scene->stop, false)) {
            world->s.ended[0] = CW_END_STOP_TRIGGER;
            cw_world_say(world, "the stop trigger ends the scenario", "종료 조건이 시나리오를 끝냄");
            return;
        }
        for (uint32_t i = 0; i < scene->act_count; i++)
            if (!is_complete(world, CW_ELEMENT_ACT, i))
                evaluate_act(world, i);
    }
    cw_scripted_step(world, dt);
    for (uint32_t i = 0; i < scene->story_count; i++)
        if (is_running(world, CW_ELEMENT_STORY, i))
            finish_story(world, i);
}

// ---- setting up ------------------------------------------------------------------------------------------------------

static bool prepare_delays(cw_world *world, cw_board *board, cw_error *err) {
    const cw_scene *scene = world->scene;
    uint32_t *first = cw_arena_array(world->arena, (size_t)scene->condition_count + 1, sizeof *first);
    uint32_t *steps = cw_arena_array(world->arena, (size_t)scene->condition_count + 1, sizeof *steps);
    if (!first || !steps)
        return false;
    uint64_t total = 0;
    for (uint32_t i = 0; i < scene->condition_count; i++) {
        const cw_condition *c = &scene->conditions[i];
        double n = c->delay > 0 ? ceil(c->delay / world->dt - 1e-6) : 0;
        if (!(n < DELAY_MOST) || total > UINT32_MAX / 2) {
            cw_error_set(err, CW_ERR_LIMIT, "", c->line, c->column, "a delay of %g s is too long", c->delay);
            return false;
        }
        first[i] = (uint32_t)total;
        steps[i] = (uint32_t)n;
        total += ((uint64_t)n + 7) / 8;
    }
    board->delay_first = first;
    board->delay_steps = steps;
    board->delay_bytes = (uint32_t)total;
    return true;
}

static bool prepare_signals(cw_world *world, cw_board *board) {
    const cw_scene *scene = world->scene;
    board->condition_signal = cw_arena_array(world->arena, (size_t)scene->condition_count + 1, sizeof(uint32_t));
    if (!board->condition_signal)
        return false;
    for (uint32_t i = 0; i < scene->condition_count; i++) {
        const cw_condition *c = &scene->conditions[i];
        board->condition_signal[i] = CW_NONE;
        if (c->kind == CW_IF_TRAFFIC_SIGNAL)
            board->condition_signal[i] = cw_world_signal(world, c->reference);
        for (uint32_t k = 0; c->kind == CW_IF_TRAFFIC_SIGNAL_CONTROLLER && k < scene->program_count; k++)
            if (c->reference && scene->programs[k].name && strcmp(scene->programs[k].name, c->reference) == 0)
                board->condition_signal[i] = k;
    }
    return true;
}

bool cw_storyboard_prepare(cw_world *world, cw_error *err) {
    const cw_scene *scene = world->scene;
    cw_board *board = cw_arena_alloc(world->arena, sizeof *board);
    world->storyboard = board;
    uint32_t *instance_action = cw_arena_array(world->arena, (size_t)world->instance_count + 1, sizeof(uint32_t));
    uint8_t *moved = cw_arena_array(world->arena, (size_t)scene->actor_count + 1, 1);
    if (!board || !instance_action || !moved) {
        cw_error_set(err, CW_ERR_MEMORY, "", 0, 0, "out of memory");
        return false;
    }
    const uint32_t counts[] = {scene->story_count,    scene->act_count,   scene->group_count,
                               scene->maneuver_count, scene->event_count, scene->action_count};
    for (int k = 0; k <= CW_ELEMENT_ACTION; k++) {
        board->first[k] = board->element_count;
        board->element_count += counts[k];
    }
    for (uint32_t a = 0; a < scene->action_count; a++)
        for (uint32_t k = world->instance_first[a]; k < world->instance_first[a + 1]; k++)
            instance_action[k] = a;
    board->instance_action = instance_action;
    board->moved = moved;
    if (!prepare_delays(world, board, err) || !prepare_signals(world, board)) {
        cw_error_set(err, CW_ERR_MEMORY, "", 0, 0, "out of memory");
        return false;
    }
    return cw_routes_prepare(world, err) && cw_tracks_prepare(world, err);
}

uint32_t cw_storyboard_items(const cw_world *world, uint32_t per) {
    const cw_board *board = cw_board_of(world);
    return per == CW_PER_ELEMENT ? board->element_count
           : per == CW_PER_DELAY ? board->delay_bytes
           : per == CW_PER_NODE  ? board->node_count
                                 : 0;
}

// ---- init ------------------------------------------------------------------------------------------------------------

static bool waits_for(const cw_world *world, const cw_action *action, uint32_t actor) {
    const cw_state *s = &world->s;
    uint32_t count = world->scene->actor_count;
    bool relative = action->position.kind == CW_AT_RELATIVE_WORLD || action->position.kind == CW_AT_RELATIVE_OBJECT ||
                    action->position.kind == CW_AT_RELATIVE_ROAD || action->position.kind == CW_AT_RELATIVE_LANE ||
                    action->position.kind == CW_AT_ROUTE_ENTITY;
    bool places = action->kind == CW_DO_TELEPORT || action->kind == CW_DO_ADD_ENTITY;
    if (places)
        return relative && action->position.entity < count && !s->way_placed[action->position.entity];
    if (!action->is_private || actor >= count)
        return false;
    bool needs_self = action->kind == CW_DO_LONGITUDINAL_DISTANCE || action->kind == CW_DO_LANE_CHANGE ||
                      action->kind == CW_DO_LANE_OFFSET || action->kind == CW_DO_LATERAL_DISTANCE ||
                      action->kind == CW_DO_ACQUIRE_POSITION || action->kind == CW_DO_ACTIVATE_CONTROLLER;
    if (needs_self && !s->way_placed[actor])
        return true;
    bool needs_other = action->kind == CW_DO_LONGITUDINAL_DISTANCE || action->kind == CW_DO_LATERAL_DISTANCE ||
                       ((action->kind == CW_DO_LANE_CHANGE || action->kind == CW_DO_LANE_OFFSET) && action->relative);
    return needs_other && action->entity < count && !s->way_placed[action->entity];
}

static bool check_teleport(const cw_world *world, const cw_action *action, uint32_t actor, cw_error *err) {
    cw_spot spot;
    if ((action->kind != CW_DO_TELEPORT && action->kind != CW_DO_ADD_ENTITY) || actor >= world->scene->actor_count ||
        cw_position_find(world, &action->position, actor, &spot))
        return true;
    cw_error_set(err, CW_ERR_INPUT, "", action->line, action->column,
                 "'%s' cannot be placed: the position is off the map", world->scene->actors[actor].name);
    return false;
}

// In file order; what needs an entity that is placed later waits for it.
static bool run_init(cw_world *world, cw_error *err) {
    const cw_scene *scene = world->scene;
    bool forced = false;
    for (uint32_t round = 0; round < 2 * scene->actor_count + 4; round++) {
        bool any = false, left = false;
        for (uint32_t k = 0; k < scene->init.count; k++) {
            uint32_t a = scene->init.first + k, e = element(world, CW_ELEMENT_ACTION, a);
            if (world->s.element_state[e] != CW_STATE_STANDBY)
                continue;
            uint32_t i = world->instance_first[a];
            if (waits_for(world, &scene->actions[a], world->instance_actor[i]) && !forced) {
                left = true;
                continue;
            }
            if (!check_teleport(world, &scene->actions[a], world->instance_actor[i], err))
                return false;
            world->s.element_state[e] = CW_STATE_RUNNING;
            cw_action_begin(world, a, i);
            any = true;
        }
        if (!left)
            return true;
        forced = !any; // nobody can go first: a cycle, or an entity that is never placed
    }
    return true;
}

static bool placed_later(const cw_world *world, uint32_t actor) {
    const cw_scene *scene = world->scene;
    for (uint32_t a = 0; a < scene->action_count; a++) {
        uint8_t kind = scene->actions[a].kind;
        if (kind == CW_DO_CONNECT_TRAILER && scene->actions[a].entity == actor)
            return true;
        if (kind != CW_DO_TELEPORT && kind != CW_DO_ADD_ENTITY && kind != CW_DO_FOLLOW_TRAJECTORY)
            continue;
        for (uint32_t k = world->instance_first[a]; k < world->instance_first[a + 1]; k++)
            if (world->instance_actor[k] == actor)
                return true;
    }
    for (uint32_t i = 0; i < scene->actor_count; i++)
        if (scene->actors[i].trailer == actor)
            return true;
    return false;
}

bool cw_storyboard_start(cw_world *world, cw_error *err) {
    const cw_scene *scene = world->scene;
    cw_state *s = &world->s;
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        s->way_lane[i] = s->along_instance[i] = s->across_instance[i] = s->track_instance[i] = CW_NONE;
        s->route[i] = s->route_goal[i] = s->route_last[i] = s->route_instance[i] = s->track[i] = CW_NONE;
        s->still_since[i] = s->offroad_since[i] = s->ended_since[i] = -1;
        s->way_placed[i] = s->present[i];
        s->way_speed[i] = (double)s->speed[i];
        s->way_facing[i] = 1;
        if (s->present[i] && s->mover[i] == CW_MOVED_BY_SCENARIO)
            cw_scripted_take(world, i);
    }
    for (uint32_t i = 0; i < scene->variable_count; i++) {
        s->variable_number[i] = scene->variables[i].number;
        s->variable_action[i] = CW_NONE;
    }
    if (!run_init(world, err))
        return false;
    cw_trailers_step(world, 0);
    for (uint32_t i = 0; i < scene->actor_count; i++)
        if (scene->origin == CW_FROM_OPENSCENARIO && scene->actors[i].starts && !s->way_placed[i] &&
            scene->actors[i].sample_count == 0 && !placed_later(world, i)) {
            cw_error_set(err, CW_ERR_INPUT, "", 0, 0, "entity '%s' is never placed", scene->actors[i].name);
            return false;
        }
    for (uint32_t i = 0; i < scene->story_count; i++)
        become(world, CW_ELEMENT_STORY, i, CW_STATE_RUNNING, MARK_START);
    return true;
}
