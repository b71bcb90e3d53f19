// What an action does when it begins; which actions end each other.
#include "world/storyboard.h"
#include "world/traffic.h"

#include <math.h>
#include <string.h>

enum { LAMP_BRAKE = 1, LAMP_LEFT = 2, LAMP_RIGHT = 4, LAMP_HAZARD = 8, LAMP_REVERSE = 16 }; // CW_LAMP_* of agent.h

// ---- ending ----------------------------------------------------------------------------------------------------------

void cw_instance_end(cw_world *world, uint32_t instance) {
    if (instance != CW_NONE)
        world->s.instance_state[instance] = 2;
}

void cw_along_end(cw_world *world, uint32_t actor) {
    cw_state *s = &world->s;
    uint32_t instance = s->along_instance[actor];
    bool timed = s->along_kind[actor] == CW_ALONG_TIMED; // a trajectory's: it goes on, at the speed it has
    s->along_kind[actor] = CW_ALONG_KEEP;
    s->along_instance[actor] = CW_NONE;
    s->along_flag[actor] = 0;
    if (!timed)
        cw_instance_end(world, instance);
}

void cw_across_end(cw_world *world, uint32_t actor) {
    cw_state *s = &world->s;
    uint32_t instance = s->across_instance[actor], track = s->track_instance[actor];
    s->across_kind[actor] = CW_ACROSS_KEEP;
    s->across_instance[actor] = CW_NONE;
    s->across_rate[actor] = 0;
    cw_instance_end(world, instance);
    if (s->track[actor] == CW_NONE)
        return;
    s->track[actor] = s->track_instance[actor] = CW_NONE;
    if (s->along_kind[actor] == CW_ALONG_TIMED)
        cw_along_end(world, actor);
    cw_scripted_take(world, actor);
    cw_instance_end(world, track);
}

void cw_instances_stop(cw_world *world, uint32_t action) {
    cw_state *s = &world->s;
    for (uint32_t k = world->instance_first[action]; k < world->instance_first[action + 1]; k++) {
        uint32_t actor = world->instance_actor[k];
        if (s->instance_state[k] == 1 && actor != CW_NONE) {
            if (s->along_instance[actor] == k)
                cw_along_end(world, actor);
            if (s->across_instance[actor] == k || s->track_instance[actor] == k)
                cw_across_end(world, actor);
            if (s->route_instance[actor] == k)
                s->route_instance[actor] = CW_NONE;
        }
        cw_instance_end(world, k);
    }
}

static void motion_end(cw_world *world, uint32_t actor) {
    cw_along_end(world, actor);
    cw_across_end(world, actor);
    cw_instance_end(world, world->s.route_instance[actor]);
    world->s.route_instance[actor] = world->s.route_goal[actor] = CW_NONE;
}

// ---- private actions -------------------------------------------------------------------------------------------------

static const char *name_of(const cw_world *world, uint32_t actor) {
    return world->scene->actors[actor].name;
}

static bool is_motion(const cw_action *action) {
    switch ((cw_action_kind)action->kind) {
    case CW_DO_SPEED:
    case CW_DO_SPEED_PROFILE:
    case CW_DO_LONGITUDINAL_DISTANCE:
    case CW_DO_LANE_CHANGE:
    case CW_DO_LANE_OFFSET:
    case CW_DO_LATERAL_DISTANCE:
    case CW_DO_SYNCHRONIZE:
    case CW_DO_TELEPORT:
    case CW_DO_ASSIGN_ROUTE:
    case CW_DO_FOLLOW_TRAJECTORY:
    case CW_DO_ACQUIRE_POSITION:
        return true;
    default:
        return false;
    }
}

void cw_motion_drop(cw_world *world, uint32_t actor) {
    if (!world->s.dropped[actor])
        cw_world_say(world, "motion that the storyboard asks of %s is dropped: its driver moves it",
                     "스토리보드가 %s에 시키는 움직임은 버림: 운전자가 움직임", name_of(world, actor));
    world->s.dropped[actor] = 1;
    motion_end(world, actor);
}

// What the scenario asks of the ego, for whoever drives it.
static void note_for_ego(cw_world *world, const cw_action *action, uint32_t index, uint32_t actor) {
    cw_state *s = &world->s;
    double speed;
    if (actor != world->scene->ego)
        return;
    if (action->kind == CW_DO_SPEED && cw_speed_target(world, action, actor, &speed))
        s->set_speed[0] = (float)speed;
    if (action->kind == CW_DO_SPEED_PROFILE && action->entry_count > 0)
        s->set_speed[0] = (float)action->entries[action->entry_count - 1].speed;
    if (action->kind == CW_DO_ASSIGN_ROUTE || action->kind == CW_DO_ACQUIRE_POSITION) {
        s->mission_route[0] = action->kind == CW_DO_ASSIGN_ROUTE ? action->route : CW_NONE;
        s->mission_action[0] = action->kind == CW_DO_ASSIGN_ROUTE ? CW_NONE : index;
        s->mission_version[0]++;
    }
}

static void assign_route(cw_world *world, uint32_t actor, uint32_t first, uint32_t count) {
    cw_state *s = &world->s;
    if (s->track[actor] != CW_NONE)
        cw_across_end(world, actor);
    cw_instance_end(world, s->route_instance[actor]);
    s->route_instance[actor] = CW_NONE;
    s->route_goal[actor] = count > 0 ? first : CW_NONE;
    s->route_last[actor] = count > 0 ? first + count - 1 : CW_NONE;
}

static void set_lamps(cw_world *world, const cw_action *action, uint32_t actor) {
    static const struct {
        const char *type;
        uint8_t bits;
    } lamps[] = {{"brakeLights", LAMP_BRAKE},
                 {"indicatorLeft", LAMP_LEFT},
                 {"indicatorRight", LAMP_RIGHT},
                 {"warningLights", LAMP_HAZARD},
                 {"reversingLights", LAMP_REVERSE}};
    bool on = action->text && strcmp(action->text, "off") != 0;
    for (size_t i = 0; i < sizeof lamps / sizeof lamps[0]; i++)
        if (action->reference && strcmp(action->reference, lamps[i].type) == 0)
            world->s.lamps[actor] =
                (uint8_t)(on ? world->s.lamps[actor] | lamps[i].bits : world->s.lamps[actor] & ~lamps[i].bits);
}

static void activate(cw_world *world, const cw_action *action, uint32_t actor) {
    bool on = action->flag || action->flag2;
    bool stated = action->kind == CW_DO_ACTIVATE_CONTROLLER || action->operation != 0 || on;
    if (!stated) {
        cw_world_say(world, "controller assigned to %s", "%s에 제어기 할당", name_of(world, actor));
        return;
    }
    bool was = world->s.mover[actor] == CW_MOVED_BY_CONTROL;
    bool driven = cw_world_activate(world, actor, !on);
    if (driven && !was)
        motion_end(world, actor);
    if (was && !driven)
        cw_scripted_take(world, actor);
    cw_said *line = cw_world_line(world);
    cw_say(line, "controller of %s ", "%s의 제어기 ", name_of(world, actor));
    cw_say_words(line, on ? "activated" : "deactivated", on ? "켜짐" : "꺼짐");
    if (on && !driven && actor != world->scene->ego)
        cw_say_words(line, ": it has none here, its storyboard goes on",
                     ": 여기에는 제어기가 없어 스토리보드대로 움직임");
}

static void begin_private(cw_world *world, uint32_t index, uint32_t instance, uint32_t actor) {
    cw_state *s = &world->s;
    const cw_action *action = &world->scene->actions[index];
    note_for_ego(world, action, index, actor);
    if (s->mover[actor] == CW_MOVED_BY_CONTROL && is_motion(action)) {
        if (!s->dropped[actor])
            cw_world_say(world, "motion that the storyboard asks of %s is dropped: its driver moves it",
                         "스토리보드가 %s에 시키는 움직임은 버림: 운전자가 움직임", name_of(world, actor));
        s->dropped[actor] = 1;
        cw_instance_end(world, instance);
        return;
    }
    if ((s->mover[actor] == CW_MOVED_BY_RECORDING || s->mover[actor] == CW_MOVED_BY_PHYSICS) && is_motion(action)) {
        cw_instance_end(world, instance);
        return;
    }
    switch ((cw_action_kind)action->kind) {
    case CW_DO_SPEED:
        cw_speed_begin(world, action, actor, instance);
        return;
    case CW_DO_SPEED_PROFILE:
        cw_profile_begin(world, action, actor, instance);
        return;
    case CW_DO_LONGITUDINAL_DISTANCE:
        cw_gap_begin(world, action, actor, instance);
        return;
    case CW_DO_SYNCHRONIZE:
        cw_sync_begin(world, action, actor, instance);
        return;
    case CW_DO_LANE_CHANGE:
    case CW_DO_LANE_OFFSET:
    case CW_DO_LATERAL_DISTANCE:
        cw_lateral_begin(world, action, actor, instance);
        return;
    case CW_DO_FOLLOW_TRAJECTORY:
        cw_trajectory_begin(world, action, actor, instance);
        return;
    case CW_DO_ACQUIRE_POSITION: {
        uint32_t goal = cw_board_of(world)->action_goal[index];
        if (goal == CW_NONE || !cw_scripted_on_lane(world, actor)) {
            cw_world_say(world, "%s knows no way to the position it is to acquire",
                         "%s이(가) 목표 위치로 가는 길을 모름", name_of(world, actor));
            break;
        }
        assign_route(world, actor, goal, 1);
        s->route_instance[actor] = instance;
        return;
    }
    case CW_DO_ASSIGN_ROUTE:
        s->route[actor] = action->route;
        if (action->route < world->scene->route_count) {
            const cw_route_plan *plan = &cw_board_of(world)->routes[action->route];
            assign_route(world, actor, plan->goal_first, plan->goal_count);
        }
        break;
    case CW_DO_TELEPORT: {
        cw_spot spot;
        if (cw_position_find(world, &action->position, actor, &spot)) {
            if (s->track[actor] == CW_NONE) // a lateral change cannot go on from somewhere else; a trajectory can
                cw_across_end(world, actor);
            cw_spot_put(world, actor, &spot);
            cw_world_say(world, "%s is put to a position", "%s을(를) 지정된 위치에 놓음", name_of(world, actor));
        } else {
            cw_world_say(world, "%s cannot be put: the position lies nowhere",
                         "%s을(를) 놓을 수 없음: 위치가 도로망에 없음", name_of(world, actor));
        }
        break;
    }
    case CW_DO_VISIBILITY:
        s->visible[actor] = action->flag2;
        break;
    case CW_DO_ACTIVATE_CONTROLLER:
    case CW_DO_ASSIGN_CONTROLLER:
        activate(world, action, actor);
        break;
    case CW_DO_OVERRIDE_CONTROLLER:
        cw_world_say(world, "override of %s's %s: its controller does not heed it",
                     "%s의 %s 덮어쓰기: 제어기가 따르지 않음", name_of(world, actor),
                     action->text ? action->text : "controls");
        break;
    case CW_DO_LIGHT_STATE:
        set_lamps(world, action, actor);
        break;
    case CW_DO_CONNECT_TRAILER:
        if (action->entity != actor)
            s->trailer[actor] = action->entity;
        break;
    case CW_DO_DISCONNECT_TRAILER:
        s->trailer[actor] = CW_NONE;
        break;
    default:
        cw_world_say(world, "action %s of %s is not supported: it does nothing",
                     "동작 %s (%s)은(는) 지원되지 않아 아무 일도 하지 않음", action->name ? action->name : "",
                     name_of(world, actor));
        break;
    }
    cw_instance_end(world, instance);
}

// ---- global actions --------------------------------------------------------------------------------------------------

static void set_variable(cw_world *world, const cw_action *action, uint32_t index) {
    cw_state *s = &world->s;
    uint32_t v = action->variable;
    if (v >= world->scene->variable_count)
        return;
    switch ((cw_action_kind)action->kind) {
    case CW_DO_MODIFY_VARIABLE:
    case CW_DO_MODIFY_PARAMETER:
        s->variable_number[v] =
            action->operation == 1 ? s->variable_number[v] * action->value : s->variable_number[v] + action->value;
        break;
    default:
        s->variable_number[v] = action->value;
        s->variable_action[v] = index;
        break;
    }
    cw_world_say(world, "%s is now %.9g", "%s 값이 이제 %.9g", world->scene->variables[v].name, s->variable_number[v]);
}

const char *cw_variable_text(const cw_world *world, uint32_t variable) {
    uint32_t action = world->s.variable_action[variable];
    const char *text = action == CW_NONE ? world->scene->variables[variable].text : world->scene->actions[action].text;
    return text ? text : "";
}

// A flow begins; or those of that name end (all of them where none is named).
static void switch_traffic(cw_world *world, const cw_action *action) {
    const cw_traffic *traffic = &world->scene->traffic;
    const char *name = action->reference ? action->reference : "";
    if (!action->flag && action->flow < traffic->flow_count)
        cw_flow_switch(world, action->flow, true);
    for (uint32_t i = 0; i < traffic->flow_count && action->flag; i++)
        if (!name[0] || strcmp(traffic->flows[i].name, name) == 0)
            cw_flow_switch(world, i, false);
}

static void set_program(cw_world *world, const cw_action *action) {
    for (uint32_t i = 0; i < world->scene->program_count; i++) {
        const cw_signal_program *program = &world->scene->programs[i];
        if (!action->reference || !program->name || strcmp(program->name, action->reference) != 0)
            continue;
        for (uint32_t k = 0; k < program->count; k++)
            if (action->text && program->phases[k].name && strcmp(program->phases[k].name, action->text) == 0) {
                cw_world_set_phase(world, i, k);
                return;
            }
    }
    cw_world_say(world, "no traffic signal controller %s with phase %s", "신호 제어기 %s에 단계 %s이(가) 없음",
                 action->reference ? action->reference : "", action->text ? action->text : "");
}

static void add_entity(cw_world *world, const cw_action *action) {
    cw_spot spot;
    uint32_t actor = action->actor;
    if (world->s.present[actor]) {
        cw_world_say(world, "%s is there already", "%s이(가) 이미 있음", name_of(world, actor));
        return;
    }
    if (!cw_position_find(world, &action->position, actor, &spot)) {
        cw_world_say(world, "%s cannot be added: the position lies nowhere",
                     "%s을(를) 추가할 수 없음: 위치가 도로망에 없음", name_of(world, actor));
        return;
    }
    cw_spot_put(world, actor, &spot);
    cw_world_say(world, "%s is added", "%s 추가됨", name_of(world, actor));
}

void cw_action_begin(cw_world *world, uint32_t index, uint32_t instance) {
    cw_state *s = &world->s;
    const cw_action *action = &world->scene->actions[index];
    uint32_t actor = world->instance_actor[instance];
    s->instance_state[instance] = 1;
    switch ((cw_action_kind)action->kind) {
    case CW_DO_ENVIRONMENT:
        cw_world_set_environment(world, index);
        s->environment_time[0] = s->step[0] * world->def.dt_ns;
        break;
    case CW_DO_ADD_ENTITY:
        if (actor < world->scene->actor_count)
            add_entity(world, action);
        break;
    case CW_DO_DELETE_ENTITY:
        if (actor < world->scene->actor_count && s->present[actor]) {
            motion_end(world, actor);
            cw_world_remove(world, actor); // where it was can still be referred to
            s->way_speed[actor] = 0;
            cw_world_say(world, "%s is deleted", "%s 삭제됨", name_of(world, actor));
        }
        break;
    case CW_DO_SET_PARAMETER:
    case CW_DO_SET_VARIABLE:
    case CW_DO_MODIFY_VARIABLE:
    case CW_DO_MODIFY_PARAMETER:
        set_variable(world, action, index);
        break;
    case CW_DO_SIGNAL_STATE: {
        uint32_t signal = cw_world_signal(world, action->reference);
        if (signal != CW_NONE)
            cw_world_set_light(world, signal, index);
        else
            cw_world_say(world, "no signal %s", "신호 %s이(가) 없음", action->reference ? action->reference : "");
        break;
    }
    case CW_DO_SIGNAL_CONTROLLER:
        set_program(world, action);
        break;
    case CW_DO_TRAFFIC:
        switch_traffic(world, action);
        break;
    case CW_DO_CUSTOM:
        cw_world_say(world, "custom command %s: %s", "사용자 명령 %s: %s", action->reference ? action->reference : "",
                     action->text ? action->text : "");
        break;
    default:
        if (actor < world->scene->actor_count) {
            begin_private(world, index, instance, actor);
            return;
        }
        break;
    }
    cw_instance_end(world, instance);
}
