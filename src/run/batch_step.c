// A step of one world of the batch: actions in, events and rewards, ends, observations out.
#include "run/batch_parts.h"

#include "base/heading.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- actions ---------------------------------------------------------------------------------------------------------

static float of_grid(uint32_t index, uint32_t count) {
    return -1 + 2 * (float)index / (float)(count - 1);
}

// The agent's action in [-1, 1]; false: it is no number, or beyond its limits.
static bool read_action(const cw_batch *b, uint32_t agent, float out[2]) {
    const cw_batch_def *def = &b->def;
    if (def->actions == CW_ACTIONS_DISCRETE) {
        int32_t choice = b->buffers.choices[agent];
        if (choice < 0 || (uint32_t)choice >= def->accel_count * def->steer_count)
            return false;
        out[0] = of_grid((uint32_t)choice / def->steer_count, def->accel_count);
        out[1] = of_grid((uint32_t)choice % def->steer_count, def->steer_count);
        return true;
    }
    out[0] = b->buffers.actions[2 * (size_t)agent];
    out[1] = b->buffers.actions[2 * (size_t)agent + 1];
    return out[0] >= -1 && out[0] <= 1 && out[1] >= -1 && out[1] <= 1;
}

static bool is_active(const cw_agent_now *a) {
    return a->end == CW_AGENT_ACTIVE;
}

// Takes out who ended in the step before, hands the others their actions. False: one of those is a fault.
static bool act(cw_batch *b, cw_batch_slot *w) {
    cw_world_arrays at;
    cw_world_view(w->world, &at);
    const float dt = (float)((double)b->def.dt_ns / 1e9);
    for (uint32_t i = 0; i < w->scene->agent_count; i++) {
        cw_agent_now *a = &b->agents[w->first + i];
        const cw_agent_plan *plan = &w->scene->agents[i];
        if (a->retire) {
            cw_world_retire(w->world, plan->actor, a->retire == CW_ON_REMOVE + 1);
            a->retire = 0;
        }
        if (!is_active(a))
            continue;
        // Read when the step is judged, by when it has come from memory.
        __builtin_prefetch(&plan->trail.points[a->sample]);
        float action[2];
        if (!read_action(b, w->first + i, action)) {
            snprintf(w->fault, sizeof w->fault, "action beyond its limits or no number: actor %u", plan->actor);
            return false;
        }
        a->last[0] = action[0];
        a->last[1] = action[1];
        float accel = action[0] * (action[0] < 0 ? plan->brake : plan->accel);
        if (plan->fastest < INFINITY) {
            float room = (plan->fastest - at.speed[plan->actor]) / dt;
            accel = accel < room ? accel : room;
        }
        cw_world_control(w->world, plan->actor, accel, action[1] * plan->steer, 0);
    }
    return true;
}

// ---- what happened ---------------------------------------------------------------------------------------------------

static void mark(cw_batch *b, const cw_batch_slot *w, uint32_t actor) {
    uint32_t agent = actor == CW_NONE ? CW_NONE : w->scene->agent_of[actor];
    if (agent != CW_NONE)
        b->agents[w->first + agent].events |= CW_EVENT_CONTACT;
}

static void mark_contacts(cw_batch *b, cw_batch_slot *w) {
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(w->world, &contacts);
    for (; w->contacts_seen < count; w->contacts_seen++) {
        mark(b, w, contacts[w->contacts_seen].a);
        mark(b, w, contacts[w->contacts_seen].b);
    }
}

static double distance2(const cw_trail *t, uint32_t i, double x, double y) {
    double dx = t->points[i].x - x, dy = t->points[i].y - y;
    return dx * dx + dy * dy;
}

// Where on its route: the sample that is nearest around the last one, and the foot on its tangent.
static void follow(cw_agent_now *a, const cw_trail *t, double x, double y, double sine, double cosine) {
    uint32_t i = a->sample;
    double here = distance2(t, i, x, y), next;
    while (i + 1 < t->count && (next = distance2(t, i + 1, x, y)) < here) {
        i++;
        here = next;
    }
    while (i > 0 && (next = distance2(t, i - 1, x, y)) < here) {
        i--;
        here = next;
    }
    const cw_trail_point *p = &t->points[i];
    float dx = (float)(x - p->x), dy = (float)(y - p->y);
    a->sample = i;
    a->route_s = (float)(i * t->step) + (dx * p->ux + dy * p->uy);
    a->offset = dy * p->ux - dx * p->uy;
    a->turn = (float)sine * p->ux - (float)cosine * p->uy;
}

static bool is_offroad(const cw_area *area, const cw_agent_plan *p, double x, double y, double sine, double cosine) {
    cw_box box = {.x = x + (p->center_x * cosine - p->center_y * sine),
                  .y = y + (p->center_x * sine + p->center_y * cosine),
                  .ux = cosine,
                  .uy = sine,
                  .half_length = p->half_length,
                  .half_width = p->half_width};
    return !cw_area_holds_box(area, &box);
}

static void end_agent(cw_agent_now *a, cw_agent_end end, uint8_t mode) {
    a->end = (uint8_t)end;
    a->retire = (uint8_t)(mode + 1);
}

// Events, reward and end of an active agent.
static float judge(cw_batch *b, const cw_batch_slot *w, const cw_world_arrays *at, const cw_agent_plan *plan,
                   const cw_batch_worker *worker, cw_agent_now *a) {
    const cw_batch_def *def = &b->def;
    uint32_t i = plan->actor;
    double sine = worker->sine[i], cosine = worker->cosine[i], x = at->x[i], y = at->y[i];
    float before = a->route_s;
    follow(a, &plan->trail, x, y, sine, cosine);
    if (plan->on_road && is_offroad(w->scene->map->area, plan, x, y, sine, cosine))
        a->events |= CW_EVENT_OFFROAD;
    double gx = plan->goal_x - x, gy = plan->goal_y - y, radius = (double)def->goal_radius;
    if (gx * gx + gy * gy <= radius * radius)
        a->events |= CW_EVENT_GOAL;
    float reward = def->reward.progress * (a->route_s - before);
    if (a->events & CW_EVENT_CONTACT)
        reward += def->reward.contact;
    if (a->events & CW_EVENT_OFFROAD)
        reward += def->reward.offroad;
    if (a->events & CW_EVENT_GOAL)
        reward += def->reward.goal;
    if ((a->events & CW_EVENT_CONTACT) && def->on_contact != CW_ON_IGNORE)
        end_agent(a, CW_AGENT_CONTACT, def->on_contact);
    else if ((a->events & CW_EVENT_OFFROAD) && def->on_offroad != CW_ON_IGNORE)
        end_agent(a, CW_AGENT_OFFROAD, def->on_offroad);
    else if ((a->events & CW_EVENT_GOAL) && def->on_goal != CW_ON_IGNORE)
        end_agent(a, CW_AGENT_GOAL, def->on_goal);
    a->returned += reward;
    return reward;
}

// ---- rows ------------------------------------------------------------------------------------------------------------

static void observe(const cw_batch *b, const cw_batch_slot *w, cw_batch_worker *worker, float *out) {
    uint32_t count = w->scene->agent_count;
    for (uint32_t i = 0; i < count; i++) {
        const cw_agent_now *a = &b->agents[w->first + i];
        const cw_agent_plan *plan = &w->scene->agents[i];
        // One whose end came in this step sees its last state; one that ended before sees nothing.
        bool sees = is_active(a) || a->retire;
        worker->tasks[i] = (cw_vector_task){.actor = sees ? plan->actor : CW_NONE,
                                            .route_s = a->route_s,
                                            .route_offset = a->offset,
                                            .route_turn = a->turn,
                                            .last = {a->last[0], a->last[1]},
                                            .goal_x = plan->goal_x,
                                            .goal_y = plan->goal_y,
                                            .stops = plan->stops,
                                            .stop_count = plan->stop_count};
    }
    cw_vector_write(&b->vector, w->scene->map->segments, w->scene->cast, w->world, worker->tasks, count,
                    worker->scratch, out + (size_t)w->first * b->floats);
}

static void inform(const cw_batch *b, const cw_batch_slot *w, bool first) {
    if (!b->buffers.infos)
        return;
    cw_world_arrays at;
    cw_world_view(w->world, &at);
    for (uint32_t i = 0; i < w->scene->agent_count; i++) {
        const cw_agent_now *a = &b->agents[w->first + i];
        const cw_agent_plan *plan = &w->scene->agents[i];
        double gx = plan->goal_x - at.x[plan->actor], gy = plan->goal_y - at.y[plan->actor];
        b->buffers.infos[w->first + i] = (cw_batch_info){.world = (uint32_t)(w - b->worlds),
                                                         .actor = plan->actor,
                                                         .episode = w->episode,
                                                         .steps = w->steps,
                                                         .episode_return = a->returned,
                                                         .route_s = a->route_s,
                                                         .goal_distance = (float)sqrt(gx * gx + gy * gy),
                                                         .end = a->end,
                                                         .events = a->events,
                                                         .active = is_active(a) && !w->over,
                                                         .first = first};
    }
}

static void clear_rows(const cw_batch *b, const cw_batch_slot *w) {
    size_t count = w->scene->agent_count;
    memset(b->buffers.rewards + w->first, 0, count * sizeof(float));
    memset(b->buffers.terminations + w->first, 0, count);
    memset(b->buffers.truncations + w->first, 0, count);
}

// ---- episodes --------------------------------------------------------------------------------------------------------

void cw_batch_draw_anew(cw_batch *b, cw_batch_slot *w) {
    cw_world_set_number(w->world, (uint32_t)(w - b->worlds) + w->episode * b->world_count);
}

void cw_batch_begin_world(cw_batch *b, cw_batch_slot *w) {
    cw_world_restore(w->world, w->scene->start);
    w->episode += w->started;
    cw_batch_draw_anew(b, w);
    cw_world_redraw(w->world);
    w->started = true;
    w->steps = w->contacts_seen = 0;
    w->over = false;
    w->fault[0] = '\0';
    cw_world_arrays at;
    cw_world_view(w->world, &at);
    for (uint32_t i = 0; i < w->scene->agent_count; i++) {
        cw_agent_now *a = &b->agents[w->first + i];
        const cw_agent_plan *plan = &w->scene->agents[i];
        double sine, cosine;
        *a = (cw_agent_now){0};
        cw_heading_sincos(at.heading[plan->actor], &sine, &cosine);
        follow(a, &plan->trail, at.x[plan->actor], at.y[plan->actor], sine, cosine);
    }
}

void cw_batch_show_start(cw_batch *b, cw_batch_slot *w, cw_batch_worker *worker) {
    clear_rows(b, w);
    observe(b, w, worker, b->buffers.observations);
    inform(b, w, true);
}

// Whoever is still active is cut off.
static void cut_off(cw_batch *b, const cw_batch_slot *w, cw_agent_end end) {
    for (uint32_t i = 0; i < w->scene->agent_count; i++) {
        cw_agent_now *a = &b->agents[w->first + i];
        if (!is_active(a))
            continue;
        end_agent(a, end, CW_ON_STOP);
        b->buffers.truncations[w->first + i] = 1;
    }
}

static void take_step(cw_batch *b, cw_batch_slot *w, const cw_batch_worker *worker) {
    bool fine = act(b, w);
    w->steps++;
    if (fine)
        cw_world_step(w->world);
    const char *fault = cw_world_fault(w->world);
    if (fault)
        snprintf(w->fault, sizeof w->fault, "%s", fault);
    if (w->fault[0]) {
        cut_off(b, w, CW_AGENT_FAULT);
        return;
    }
    mark_contacts(b, w);
    cw_world_arrays at;
    cw_world_view(w->world, &at);
    cw_directions(at.heading, cw_world_actor_count(w->world), worker->sine, worker->cosine);
    for (uint32_t i = 0; i < w->scene->agent_count; i++) {
        cw_agent_now *a = &b->agents[w->first + i];
        if (!is_active(a))
            continue;
        b->buffers.rewards[w->first + i] = judge(b, w, &at, &w->scene->agents[i], worker, a);
        b->buffers.terminations[w->first + i] = !is_active(a);
    }
    if (cw_world_ended(w->world) != CW_GOES_ON)
        cut_off(b, w, CW_AGENT_ENDED);
    else if (w->steps >= b->def.horizon)
        cut_off(b, w, CW_AGENT_HORIZON);
}

static bool all_ended(const cw_batch *b, const cw_batch_slot *w) {
    for (uint32_t i = 0; i < w->scene->agent_count; i++)
        if (is_active(&b->agents[w->first + i]))
            return false;
    return true;
}

void cw_batch_step_world(cw_batch *b, cw_batch_slot *w, cw_batch_worker *worker) {
    if (w->over && b->def.autoreset == CW_AUTORESET_NEXT_STEP) {
        cw_batch_begin_world(b, w);
        cw_batch_show_start(b, w, worker);
        return;
    }
    clear_rows(b, w);
    for (uint32_t i = 0; i < w->scene->agent_count; i++)
        b->agents[w->first + i].events = 0;
    if (w->over) { // it waits for cw_batch_reset, its last observations stay
        inform(b, w, false);
        return;
    }
    take_step(b, w, worker);
    w->over = all_ended(b, w);
    bool again = w->over && b->def.autoreset == CW_AUTORESET_SAME_STEP;
    if (!again)
        observe(b, w, worker, b->buffers.observations);
    else if (b->buffers.final_observations)
        observe(b, w, worker, b->buffers.final_observations);
    inform(b, w, again);
    if (again) {
        cw_batch_begin_world(b, w);
        observe(b, w, worker, b->buffers.observations);
    }
}
