// The hash of a scene: everything that a run depends on, field by field, names and places in files left out.
#include "openscenario.h"

#include <string.h>

static void bytes(uint64_t *h, const void *data, size_t count) {
    *h = cw_hash_bytes(*h, data, count);
}

static void whole(uint64_t *h, uint64_t value) {
    bytes(h, &value, sizeof value);
}

static void real(uint64_t *h, double value) {
    // One bit pattern for zero, one for "none".
    uint64_t bits = 0x7ff8000000000000u;
    value += 0.0;
    if (value == value)
        memcpy(&bits, &value, sizeof bits);
    whole(h, bits);
}

static void reals(uint64_t *h, const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        real(h, values[i]);
}

static void text(uint64_t *h, const char *value) {
    size_t length = value != NULL ? strlen(value) : 0;
    whole(h, length);
    bytes(h, value != NULL ? value : "", length);
}

static void span(uint64_t *h, cw_span value) {
    whole(h, (uint64_t)value.first << 32 | value.count);
}

static void position(uint64_t *h, const cw_position *p) {
    whole(h, (uint64_t)p->kind | (uint64_t)p->has_heading << 8 | (uint64_t)p->relative_heading << 9 |
                 (uint64_t)p->has_z << 10 | (uint64_t)p->lane_s << 11 | (uint64_t)p->has_offset << 12);
    whole(h, (uint64_t)p->entity << 32 | p->road);
    whole(h, (uint64_t)p->route << 32 | p->trajectory);
    whole(h, (uint32_t)p->lane);
    const double values[] = {p->x, p->y, p->z, p->s, p->t, p->offset, p->heading, p->pitch, p->roll};
    reals(h, values, sizeof values / sizeof values[0]);
}

static void properties(uint64_t *h, uint32_t count, const cw_property *list) {
    whole(h, count);
    for (uint32_t i = 0; i < count; i++) {
        text(h, list[i].name);
        text(h, list[i].value);
    }
}

static void actor(uint64_t *h, const cw_actor *a) {
    const double values[] = {(double)a->length,    (double)a->width,     (double)a->height,    (double)a->center_x,
                             (double)a->center_y,  (double)a->center_z,  (double)a->wheelbase, (double)a->front_axle_x,
                             (double)a->mass,      (double)a->max_speed, (double)a->max_accel, (double)a->max_brake,
                             (double)a->max_steer, (double)a->hitch_x,   (double)a->coupler_x};
    whole(h, (uint64_t)a->kind | (uint64_t)a->starts << 8 | (uint64_t)a->has_controller << 9 |
                 (uint64_t)a->stays << 10 | (uint64_t)a->from_occupancy << 11 | (uint64_t)a->trailer << 32);
    reals(h, values, sizeof values / sizeof values[0]);
    if (a->loose || a->lift != 0 || a->deck != 0) {
        whole(h, a->loose);
        real(h, (double)a->lift);
        real(h, (double)a->deck);
    }
    properties(h, a->property_count, a->properties);
    properties(h, a->controller.property_count, a->controller.properties);
    whole(h, a->sample_count);
    for (uint32_t i = 0; i < a->sample_count; i++) {
        const cw_sample *s = &a->samples[i];
        const double sample[] = {s->time,          s->x, s->y, (double)s->heading, (double)s->speed, (double)s->half_x,
                                 (double)s->half_y};
        reals(h, sample, sizeof sample / sizeof sample[0]);
    }
    whole(h, a->outline_count);
    for (uint32_t i = 0; i < a->outline_count; i++) {
        real(h, a->outline[i].x);
        real(h, a->outline[i].y);
    }
}

static void trigger(uint64_t *h, const cw_trigger *t) {
    whole(h, t->present);
    span(h, t->groups);
}

static void condition(uint64_t *h, const cw_condition *c) {
    const uint8_t small[] = {c->kind,           c->edge,        c->rule,     c->all,     c->freespace,
                             c->opposite_lanes, c->coordinates, c->distance, c->element, c->state,
                             c->direction,      c->text_rule,   c->by_kind};
    bytes(h, small, sizeof small);
    real(h, c->delay);
    real(h, c->value);
    real(h, c->value2);
    whole(h, c->lanes);
    whole(h, (uint64_t)c->variable << 32 | c->element_index);
    whole(h, c->entity);
    text(h, c->text);
    bool named =
        c->kind == CW_IF_USER_VALUE || c->kind == CW_IF_TRAFFIC_SIGNAL || c->kind == CW_IF_TRAFFIC_SIGNAL_CONTROLLER;
    text(h, named ? c->reference : NULL);
    position(h, &c->position);
    whole(h, c->trigger_count);
    bytes(h, c->triggers, c->trigger_count * sizeof *c->triggers);
    whole(h, c->other_count);
    bytes(h, c->others, c->other_count * sizeof *c->others);
}

static void environment(uint64_t *h, const cw_environment *e) {
    const uint8_t small[] = {e->has_friction, e->has_weather, e->has_time, e->precipitation, e->wet};
    const double values[] = {e->friction_scale, e->visibility,  e->precipitation_mmph, e->cloud,
                             e->sun_intensity,  e->sun_azimuth, e->sun_elevation,      e->wind_direction,
                             e->wind_speed,     e->temperature, e->time_of_day};
    bytes(h, small, sizeof small);
    reals(h, values, sizeof values / sizeof values[0]);
}

static void action(uint64_t *h, const cw_action *a) {
    const uint8_t small[] = {
        a->kind,           a->relative,   a->continuous,  a->freespace,          a->flag,
        a->flag2,          a->flag3,      a->target_type, a->displacement,       a->coordinates,
        a->following,      a->steady,     a->has_timing,  a->absolute_time,      a->time_gap,
        a->dynamics.shape, a->is_private, a->operation,   a->dynamics.dimension, a->dynamics.follow};
    const double values[] = {a->dynamics.value,
                             a->limits.max_speed,
                             a->limits.max_accel,
                             a->limits.max_brake,
                             a->limits.max_accel_rate,
                             a->limits.max_brake_rate,
                             a->value,
                             a->value2,
                             a->offset,
                             a->max_lateral_accel,
                             a->tolerance,
                             a->tolerance_master,
                             a->time_scale,
                             a->time_offset,
                             a->start_offset};
    bytes(h, small, sizeof small);
    reals(h, values, sizeof values / sizeof values[0]);
    whole(h, (uint32_t)a->lane);
    whole(h, (uint64_t)a->entity << 32 | a->actor);
    whole(h, (uint64_t)a->route << 32 | a->trajectory);
    whole(h, a->variable);
    position(h, &a->position);
    position(h, &a->master_position);
    text(h, a->text);
    bool named = a->kind == CW_DO_SIGNAL_STATE || a->kind == CW_DO_SIGNAL_CONTROLLER || a->kind == CW_DO_LIGHT_STATE ||
                 a->kind == CW_DO_TRAFFIC || a->kind == CW_DO_CUSTOM;
    text(h, named ? a->reference : NULL);
    whole(h, a->entry_count);
    for (uint32_t i = 0; i < a->entry_count; i++) {
        real(h, a->entries[i].speed);
        real(h, a->entries[i].time);
    }
    environment(h, &a->environment);
    properties(h, a->controller.property_count, a->controller.properties);
}

static void trajectory(uint64_t *h, const cw_trajectory_def *t) {
    whole(h, (uint64_t)t->shape | (uint64_t)t->closed << 8 | (uint64_t)t->order << 32);
    whole(h, t->vertex_count);
    for (uint32_t i = 0; i < t->vertex_count; i++) {
        real(h, t->vertices[i].time);
        real(h, t->vertices[i].weight);
        position(h, &t->vertices[i].position);
    }
    whole(h, t->clothoid_count);
    for (uint32_t i = 0; i < t->clothoid_count; i++) {
        const cw_clothoid *c = &t->clothoids[i];
        const double values[] = {c->curvature, c->curvature_prime, c->length, c->h_offset, c->start_time, c->end_time};
        reals(h, values, sizeof values / sizeof values[0]);
        position(h, &c->start);
    }
    whole(h, t->knot_count);
    reals(h, t->knots, t->knot_count);
}

static void program(uint64_t *h, const cw_signal_program *p) {
    real(h, p->delay);
    text(h, p->name); // conditions and actions name it
    text(h, p->reference);
    whole(h, p->count);
    for (uint32_t i = 0; i < p->count; i++) {
        text(h, p->phases[i].name);
        real(h, p->phases[i].duration);
        whole(h, p->phases[i].count);
        for (uint32_t k = 0; k < p->phases[i].count; k++) {
            text(h, p->phases[i].states[k].signal);
            text(h, p->phases[i].states[k].state);
            whole(h, p->phases[i].states[k].light);
        }
    }
}

static void goal(uint64_t *h, const cw_goal *g) {
    whole(h, g->region_count);
    for (uint32_t i = 0; i < g->region_count; i++) {
        const cw_region *r = &g->regions[i];
        const double values[] = {r->box.x,          r->box.y, r->box.ux, r->box.uy, r->box.half_length,
                                 r->box.half_width, r->x,     r->y,      r->radius};
        whole(h, (uint64_t)r->kind | (uint64_t)r->lane << 32);
        reals(h, values, sizeof values / sizeof values[0]);
        whole(h, r->point_count);
        for (uint32_t k = 0; k < r->point_count; k++) {
            real(h, r->points[k].x);
            real(h, r->points[k].y);
        }
    }
    const double values[] = {g->time_low,           g->time_high,           (double)g->speed_low,
                             (double)g->speed_high, (double)g->heading_low, (double)g->heading_high};
    reals(h, values, sizeof values / sizeof values[0]);
}

static void storyboard(uint64_t *h, const cw_scene *scene) {
    whole(h, scene->story_count);
    for (uint32_t i = 0; i < scene->story_count; i++)
        span(h, scene->stories[i].acts);
    whole(h, scene->act_count);
    for (uint32_t i = 0; i < scene->act_count; i++) {
        trigger(h, &scene->acts[i].start);
        trigger(h, &scene->acts[i].stop);
        span(h, scene->acts[i].groups);
    }
    whole(h, scene->group_count);
    for (uint32_t i = 0; i < scene->group_count; i++) {
        const cw_maneuver_group *g = &scene->groups[i];
        whole(h, (uint64_t)g->most << 1 | g->triggering_entities);
        whole(h, g->actor_count);
        bytes(h, g->actors, g->actor_count * sizeof *g->actors);
        span(h, g->maneuvers);
    }
    whole(h, scene->maneuver_count);
    for (uint32_t i = 0; i < scene->maneuver_count; i++)
        span(h, scene->maneuvers[i].events);
    whole(h, scene->event_count);
    for (uint32_t i = 0; i < scene->event_count; i++) {
        whole(h, (uint64_t)scene->events[i].most << 8 | scene->events[i].priority);
        trigger(h, &scene->events[i].start);
        span(h, scene->events[i].actions);
    }
    span(h, scene->init);
    trigger(h, &scene->stop);
}

uint64_t cw_scene_digest(const cw_scene *scene) {
    uint64_t h = 0x6361757365776179u;
    whole(&h, scene->map->hash);
    whole(&h, scene->ego);
    real(&h, scene->dt);
    real(&h, scene->duration);
    real(&h, scene->dry_friction);
    for (uint32_t i = 0; i < scene->patch_count; i++) {
        const cw_friction_patch *p = &scene->patches[i];
        whole(&h, p->lane);
        real(&h, p->s0);
        real(&h, p->s1);
        real(&h, (double)p->friction);
        for (uint32_t k = 0; k < p->point_count; k++) {
            real(&h, p->points[k].x);
            real(&h, p->points[k].y);
        }
    }
    whole(&h, scene->actor_count);
    for (uint32_t i = 0; i < scene->actor_count; i++)
        actor(&h, &scene->actors[i]);
    storyboard(&h, scene);
    whole(&h, scene->action_count);
    for (uint32_t i = 0; i < scene->action_count; i++)
        action(&h, &scene->actions[i]);
    whole(&h, scene->condition_count);
    for (uint32_t i = 0; i < scene->condition_count; i++)
        condition(&h, &scene->conditions[i]);
    whole(&h, scene->condition_group_count);
    for (uint32_t i = 0; i < scene->condition_group_count; i++)
        span(&h, scene->condition_groups[i].conditions);
    whole(&h, scene->variable_count);
    for (uint32_t i = 0; i < scene->variable_count; i++) {
        const cw_variable *v = &scene->variables[i];
        whole(&h, v->kind);
        if (v->kind == 1)
            text(&h, v->text);
        else
            real(&h, v->number);
    }
    whole(&h, scene->trajectory_count);
    for (uint32_t i = 0; i < scene->trajectory_count; i++)
        trajectory(&h, &scene->trajectories[i]);
    whole(&h, scene->route_count);
    for (uint32_t i = 0; i < scene->route_count; i++) {
        whole(&h, (uint64_t)scene->routes[i].count << 1 | scene->routes[i].closed);
        for (uint32_t k = 0; k < scene->routes[i].count; k++) {
            whole(&h, scene->routes[i].waypoints[k].strategy);
            position(&h, &scene->routes[i].waypoints[k].position);
        }
    }
    whole(&h, scene->program_count);
    for (uint32_t i = 0; i < scene->program_count; i++)
        program(&h, &scene->programs[i]);
    environment(&h, &scene->environment);
    const double start[] = {scene->start_x,
                            scene->start_y,
                            (double)scene->start_heading,
                            (double)scene->start_speed,
                            (double)scene->start_steer,
                            (double)scene->start_yaw_rate};
    whole(&h, scene->has_start);
    reals(&h, start, sizeof start / sizeof start[0]);
    whole(&h, scene->goal_count);
    for (uint32_t i = 0; i < scene->goal_count; i++)
        goal(&h, &scene->goals[i]);
    whole(&h, scene->mission_route);
    return h;
}
