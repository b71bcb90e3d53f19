// Making a world, stepping it, and looking at it.
#include "world/core.h"
#include "world/layout.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { COOKIE = 0x0c357 };

// m, m/s: beyond these something has gone wrong.
#define FARTHEST 1e7
#define FASTEST 1000.0f

cw_world_def cw_world_defaults(const struct cw_scene *scene) {
    return (cw_world_def){.cookie = COOKIE,
                          .scene = scene,
                          .seed = 1,
                          .dt_ns = 10000000,
                          .drive_ego = true,
                          .find_places = true,
                          .contact_frees = true,
                          .restitution = 0.1f,
                          .contact_friction = 0.5f};
}

// ---- tables ----------------------------------------------------------------------------------------------------------

static uint32_t instances_of(const cw_scene *scene, const uint32_t *event, uint32_t action) {
    const cw_action *a = &scene->actions[action];
    if (a->actor != CW_NONE || !a->is_private || event[action] == CW_NONE)
        return 1;
    const cw_maneuver_group *group = &scene->groups[scene->maneuvers[scene->events[event[action]].maneuver].group];
    return group->triggering_entities ? scene->actor_count : group->actor_count;
}

static uint32_t instance_actor(const cw_scene *scene, const uint32_t *event, uint32_t action, uint32_t k) {
    const cw_action *a = &scene->actions[action];
    if (a->actor != CW_NONE || !a->is_private || event[action] == CW_NONE)
        return a->actor;
    const cw_maneuver_group *group = &scene->groups[scene->maneuvers[scene->events[event[action]].maneuver].group];
    return group->triggering_entities ? k : group->actors[k];
}

static bool make_tables(cw_world *world) {
    const cw_scene *scene = world->scene;
    uint32_t *event = cw_arena_array(world->arena, scene->action_count, sizeof *event);
    uint32_t *first = cw_arena_array(world->arena, (size_t)scene->action_count + 1, sizeof *first);
    uint32_t *watch = cw_arena_array(world->arena, (size_t)scene->condition_count + 1, sizeof *watch);
    if (!event || !first || !watch)
        return false;
    for (uint32_t i = 0; i < scene->action_count; ++i)
        event[i] = CW_NONE;
    for (uint32_t i = 0; i < scene->event_count; ++i)
        for (uint32_t k = 0; k < scene->events[i].actions.count; ++k)
            event[scene->events[i].actions.first + k] = i;
    uint32_t total = 0;
    for (uint32_t i = 0; i < scene->action_count; ++i) {
        first[i] = total;
        total += instances_of(scene, event, i);
    }
    first[scene->action_count] = total;
    uint32_t *actor = cw_arena_array(world->arena, total, sizeof *actor);
    if (!actor)
        return false;
    for (uint32_t i = 0; i < scene->action_count; ++i)
        for (uint32_t k = first[i]; k < first[i + 1]; ++k)
            actor[k] = instance_actor(scene, event, i, k - first[i]);
    uint32_t watches = 0;
    for (uint32_t i = 0; i < scene->condition_count; ++i) {
        watch[i] = watches;
        watches += scene->conditions[i].trigger_count > 0 ? scene->conditions[i].trigger_count : 1;
    }
    watch[scene->condition_count] = watches;
    world->action_event = event;
    world->instance_first = first;
    world->instance_actor = actor;
    world->instance_count = total;
    world->watch_first = watch;
    world->watch_count = watches;
    return true;
}

// Room for what one step may say: little where there is no storyboard, for worlds come by the thousand.
static bool make_lines(cw_world *world) {
    const cw_scene *scene = world->scene;
    uint32_t most = 8 + 2 * (scene->act_count + scene->event_count + scene->action_count);
    world->event_most = most < CW_EVENTS_MOST ? most : CW_EVENTS_MOST;
    world->events = cw_arena_array(world->arena, world->event_most + 1, sizeof *world->events);
    return world->events;
}

static bool make_scratch(cw_world *world) {
    uint32_t count = world->scene->actor_count;
    world->old_x = cw_arena_array(world->arena, count, sizeof(double));
    world->old_y = cw_arena_array(world->arena, count, sizeof(double));
    world->old_heading = cw_arena_array(world->arena, count, sizeof(double));
    world->old_speed = cw_arena_array(world->arena, count, sizeof(float));
    world->old_present = cw_arena_array(world->arena, count, 1);
    return world->old_x && world->old_y && world->old_heading && world->old_speed && world->old_present;
}

// Does the scenario say when the ego's controller takes over?
static bool names_controller(const cw_world *world) {
    const cw_scene *scene = world->scene;
    for (uint32_t i = 0; i < scene->action_count; ++i) {
        uint8_t kind = scene->actions[i].kind;
        bool assigns = kind == CW_DO_ASSIGN_CONTROLLER && (scene->actions[i].flag || scene->actions[i].flag2);
        if (kind != CW_DO_ACTIVATE_CONTROLLER && !assigns)
            continue;
        for (uint32_t k = world->instance_first[i]; k < world->instance_first[i + 1]; ++k)
            if (world->instance_actor[k] == scene->ego)
                return true;
    }
    return false;
}

// ---- beginning -------------------------------------------------------------------------------------------------------

static void set_start(cw_world *world) {
    cw_state *s = &world->s;
    const cw_scene *scene = world->scene;
    s->set_speed[0] = NAN;
    s->mission_route[0] = scene->mission_route;
    s->mission_action[0] = CW_NONE;
    s->environment_action[0] = CW_NONE;
    s->friction_scale[0] = scene->environment.has_friction ? (float)scene->environment.friction_scale : 1;
    s->visibility[0] = scene->environment.has_weather ? (float)scene->environment.visibility : INFINITY;
    for (uint32_t i = 0; i < scene->actor_count; ++i) {
        s->place_lane[i] = CW_NONE;
        s->visible[i] = 1;
        s->trailer[i] = scene->actors[i].trailer;
    }
}

// The ego of a recording stands where its planning problem begins.
static void place_ego(cw_world *world) {
    const cw_scene *scene = world->scene;
    uint32_t ego = scene->ego;
    if (ego == CW_NONE || !scene->has_start || cw_recorded(world, ego))
        return;
    cw_world_put(world, ego, scene->start_x, scene->start_y, (double)scene->start_heading);
    world->s.speed[ego] = scene->start_speed;
    world->s.yaw_rate[ego] = scene->start_yaw_rate;
    world->s.steer[ego] = scene->start_steer;
}

static bool are_zero(const cw_map *map, cw_span records) {
    for (uint32_t i = records.first; i < records.first + records.count; ++i)
        if (map->cubics[i].a != 0 || map->cubics[i].b != 0 || map->cubics[i].c != 0 || map->cubics[i].d != 0)
            return false;
    return true;
}

static bool is_level(const cw_map *map) {
    for (uint32_t i = 0; i < map->road_count; ++i)
        if (!are_zero(map, map->roads[i].elevation) || !are_zero(map, map->roads[i].superelevation))
            return false;
    return true;
}

// Those of the def's mask that are there now go under control; the others are left to what moves them.
static void take_control(cw_world *world, uint8_t *control) {
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        control[i] = world->def.control && world->def.control[i] && world->s.present[i];
        if (control[i])
            cw_world_activate(world, i, false);
    }
    world->def.control = NULL; // the caller's
}

static bool make(cw_world *world, cw_error *err) {
    uint8_t *control = cw_arena_array(world->arena, world->scene->actor_count, 1);
    world->control = control;
    world->level = is_level(world->map);
    bool fine = control && make_lines(world) && make_tables(world) && make_scratch(world) && cw_bodies_make(world) &&
                cw_traffic_make(world) && cw_solids_make(world) && cw_contacts_make(world) && cw_lights_make(world);
    if (fine) {
        if (!cw_storyboard_prepare(world, err))
            return false;
        fine = cw_state_make(world);
    }
    if (!fine) {
        cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a world of %u actors", world->scene->actor_count);
        return false;
    }
    set_start(world);
    cw_lights_start(world);
    cw_recording_start(world);
    place_ego(world);
    world->ego_waits = world->def.drive_ego && world->scene->ego != CW_NONE && names_controller(world);
    if (!cw_storyboard_start(world, err))
        return false;
    if (world->scene->ego != CW_NONE && !world->ego_waits)
        cw_world_activate(world, world->scene->ego, false);
    cw_traffic_start(world);
    take_control(world, control);
    for (uint32_t i = 0; i < world->scene->actor_count; ++i)
        cw_loose_start(world, i);
    return true;
}

cw_world *cw_world_new(const cw_world_def *def, cw_error *err) {
    assert(def->cookie == COOKIE && def->scene && def->scene->map && def->dt_ns > 0);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_world *world = arena ? cw_arena_alloc(arena, sizeof *world) : NULL;
    if (!world) {
        cw_arena_free(arena);
        cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a world");
        return NULL;
    }
    world->def = *def;
    world->scene = def->scene;
    world->map = def->scene->map;
    world->dt = (double)def->dt_ns / 1e9;
    world->arena = arena;
    if (!make(world, err)) {
        cw_arena_free(arena);
        return NULL;
    }
    return world;
}

void cw_world_free(cw_world *world) {
    if (world)
        cw_arena_free(world->arena);
}

// ---- a step ----------------------------------------------------------------------------------------------------------

static void keep_old(cw_world *world) {
    size_t count = world->scene->actor_count;
    if (count == 0)
        return;
    memcpy(world->old_x, world->s.x, count * sizeof(double));
    memcpy(world->old_y, world->s.y, count * sizeof(double));
    memcpy(world->old_heading, world->s.heading, count * sizeof(double));
    memcpy(world->old_speed, world->s.speed, count * sizeof(float));
    memcpy(world->old_present, world->s.present, count);
}

// A state that is no number ends the run. The actor goes back to where it was, so that what is kept of the run (and its
// hash) holds no NaN.
static void check(cw_world *world) {
    cw_state *s = &world->s;
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        if (!s->present[i])
            continue;
        float sum = s->speed[i] + s->lateral_speed[i] + s->yaw_rate[i] + s->accel[i] + s->steer[i];
        if (fabs(s->x[i]) <= FARTHEST && fabs(s->y[i]) <= FARTHEST && fabsf(s->speed[i]) <= FASTEST &&
            isfinite(s->z[i] + s->heading[i] + (double)sum))
            continue; // nearly always
        cw_fault fault = CW_FAULT_NONE;
        if (!isfinite(s->x[i]) || !isfinite(s->y[i]) || !isfinite(s->z[i]) || !isfinite(s->heading[i]) ||
            !isfinite(sum))
            fault = CW_FAULT_NAN;
        else if (fabs(s->x[i]) > FARTHEST || fabs(s->y[i]) > FARTHEST)
            fault = CW_FAULT_FAR;
        else if (s->speed[i] > FASTEST || s->speed[i] < -FASTEST)
            fault = CW_FAULT_SPEED;
        if (fault == CW_FAULT_NONE)
            continue;
        s->x[i] = world->old_x[i];
        s->y[i] = world->old_y[i];
        s->heading[i] = world->old_heading[i];
        s->speed[i] = s->lateral_speed[i] = s->yaw_rate[i] = s->accel[i] = s->steer[i] = s->drive[i] = 0;
        if (!isfinite(s->z[i]))
            s->z[i] = 0;
        cw_world_set_fault(world, fault, i);
    }
}

void cw_world_step(cw_world *world) {
    if (world->s.ended[0] != CW_GOES_ON)
        return;
    world->event_count = 0;
    cw_changes_lift(world);
    keep_old(world);
    cw_storyboard_step(world, world->dt);
    cw_traffic_step(world);
    ++world->s.step[0];
    cw_recording_step(world, cw_world_time(world));
    cw_bodies_step(world);
    check(world);
    cw_changes_hide(world, true);
    if (world->s.fault[0] == CW_FAULT_NONE)
        cw_contacts_step(world);
    cw_changes_hide(world, false);
    cw_lights_step(world);
    cw_changes_lay(world);
    if (world->s.ended[0] == CW_GOES_ON && isfinite(world->scene->duration) &&
        (double)cw_world_time(world) / 1e9 >= world->scene->duration - 1e-9)
        world->s.ended[0] = CW_END_RECORDING;
}

// ---- looking ---------------------------------------------------------------------------------------------------------

int64_t cw_world_time(const cw_world *world) {
    return world->s.step[0] * world->def.dt_ns;
}
int64_t cw_world_steps(const cw_world *world) {
    return world->s.step[0];
}
cw_world_end cw_world_ended(const cw_world *world) {
    return (cw_world_end)world->s.ended[0];
}
const struct cw_scene *cw_world_scene(const cw_world *world) {
    return world->scene;
}
uint32_t cw_world_number(const cw_world *world) {
    return world->def.number;
}
void cw_world_set_number(cw_world *world, uint32_t number) {
    world->def.number = number;
}
uint32_t cw_world_actor_count(const cw_world *world) {
    return world->scene->actor_count;
}

void cw_world_limits(const cw_world *world, uint32_t actor, cw_actor_limits *out) {
    const cw_vehicle_params *p = &world->params[actor];
    *out = (cw_actor_limits){.wheelbase = p->wheelbase,
                             .mass = cw_body_mass(world, actor),
                             .max_steer = p->max_steer,
                             .max_accel = p->max_accel,
                             .max_brake = p->max_brake,
                             .max_speed = p->max_speed};
}

void cw_world_actor(const cw_world *world, uint32_t actor, cw_actor_state *out) {
    const cw_state *s = &world->s;
    *out = (cw_actor_state){
        .present = s->present[actor],
        .visible = s->visible[actor],
        .mover = s->mover[actor],
        .lamps = s->lamps[actor],
        .x = s->x[actor],
        .y = s->y[actor],
        .z = s->z[actor],
        .heading = (float)s->heading[actor],
        .pitch = s->pitch[actor],
        .roll = s->roll[actor],
        .speed = s->speed[actor],
        .lateral_speed = s->lateral_speed[actor],
        .accel = s->accel[actor],
        .yaw_rate = s->yaw_rate[actor],
        .steer = s->steer[actor],
        .place = cw_world_place(world, actor),
        .traveled = s->traveled[actor],
    };
    if (!s->place_on[actor])
        out->place.lane = CW_NONE;
}

void cw_world_view(const cw_world *world, cw_world_arrays *out) {
    const cw_state *s = &world->s;
    *out = (cw_world_arrays){.x = s->x,
                             .y = s->y,
                             .heading = s->heading,
                             .speed = s->speed,
                             .lateral_speed = s->lateral_speed,
                             .accel = s->accel,
                             .yaw_rate = s->yaw_rate,
                             .steer = s->steer,
                             .present = s->present,
                             .visible = s->visible,
                             .mover = s->mover,
                             .light = s->light};
}

void cw_fault_describe(cw_world *world) {
    static const char *const before[] = {
        [CW_FAULT_NONE] = "",
        [CW_FAULT_NAN] = "nan in actor ",
        [CW_FAULT_FAR] = "position out of bounds of actor ",
        [CW_FAULT_SPEED] = "faster than 1000 m/s: actor ",
        [CW_FAULT_CONTROL] = "control is not a number: actor ",
        [CW_FAULT_CONTACTS] = "capacity for contacts exhausted: actor ",
        [CW_FAULT_STORYBOARD] = "capacity of the storyboard exhausted: item ",
    };
    uint8_t fault = world->s.fault[0];
    if (fault == CW_FAULT_NONE)
        return;
    const char *text = fault < sizeof before / sizeof *before ? before[fault] : "fault ";
    snprintf(world->fault_text, sizeof world->fault_text, "%s%u", text, world->s.fault_item[0]);
}

void cw_world_set_fault(cw_world *world, cw_fault fault, uint32_t item) {
    if (world->s.fault[0] != CW_FAULT_NONE)
        return;
    world->s.fault[0] = (uint8_t)fault;
    world->s.fault_item[0] = item;
    world->s.ended[0] = CW_END_FAULT;
    cw_fault_describe(world);
}

const char *cw_world_fault(const cw_world *world) {
    return world->s.fault[0] == CW_FAULT_NONE ? NULL : world->fault_text;
}

cw_said *cw_world_line(cw_world *world) {
    cw_said *line = &world->events[world->event_count];
    if (world->event_count < world->event_most)
        world->event_count++;
    for (int i = 0; i < CW_LANGUAGES; i++)
        line->in[i][0] = '\0';
    return line;
}

void cw_world_say(cw_world *world, const char *english, const char *korean, ...) {
    va_list list;
    va_start(list, korean);
    cw_say_list(cw_world_line(world), english, korean, list);
    va_end(list);
}

uint32_t cw_world_events(const cw_world *world, const cw_said **lines) {
    *lines = world->events;
    return world->event_count;
}

const cw_environment *cw_world_environment(const cw_world *world) {
    uint32_t action = world->s.environment_action[0];
    return action == CW_NONE ? &world->scene->environment : &world->scene->actions[action].environment;
}

void cw_world_set_environment(cw_world *world, uint32_t action) {
    const cw_environment *e = &world->scene->actions[action].environment;
    world->s.environment_action[0] = action;
    if (e->has_friction)
        world->s.friction_scale[0] = (float)e->friction_scale;
    if (e->has_weather)
        world->s.visibility[0] = (float)e->visibility;
}

float cw_world_visibility(const cw_world *world) {
    return cw_world_is_clear(world, CW_NONE) ? INFINITY : world->s.visibility[0];
}
float cw_world_set_speed(const cw_world *world) {
    return world->s.set_speed[0];
}

int64_t cw_world_light_since(const cw_world *world, uint32_t signal) {
    return world->s.light_since[signal];
}

uint32_t cw_world_mission(const cw_world *world, uint32_t *route, const void **position) {
    uint32_t action = world->s.mission_action[0];
    *route = world->s.mission_route[0];
    *position = action == CW_NONE ? NULL : &world->scene->actions[action].position;
    return world->s.mission_version[0];
}
