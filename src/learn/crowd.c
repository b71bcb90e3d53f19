#include "learn/crowd.h"

#include "causeway/vector.h"
#include "causeway/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = 0xc4a2, HORIZON = 400, PATIENCE = 900 };

// Where things stand in a sample.
enum { ROUTE = CW_REFLEX_EGO, SIGNALS = ROUTE + 2 * CW_REFLEX_POINTS + CW_REFLEX_TRAITS };
enum { SPEED = 0, LENGTH = 3, WIDTH = 4, OFFSET = 6, YAW_RATE = 12, ACCEL = 13 };

static cw_vector_def layout(void) {
    cw_vector_def def = cw_vector_compact();
    def.road = 0; // the route stands for it
    return def;
}

static bool make_room(cw_crowd *c) {
    size_t n = c->agents;
    c->actions = calloc(2 * n, sizeof(float));
    c->observations = calloc(n * c->floats, sizeof(float));
    c->rewards = calloc(n, sizeof(float));
    c->terminations = calloc(n, 1);
    c->truncations = calloc(n, 1);
    c->infos = calloc(n, sizeof *c->infos);
    c->route_before = calloc(n, sizeof(float));
    c->members = calloc(n, sizeof *c->members);
    c->list = calloc(n, sizeof *c->list);
    c->failed = calloc(c->worlds, sizeof *c->failed);
    c->ended = calloc(c->worlds, sizeof *c->ended);
    return c->actions && c->observations && c->rewards && c->terminations && c->truncations && c->infos &&
           c->route_before && c->members && c->list && c->failed && c->ended;
}

// What it likes, drawn for each of its episodes; the usual one drives at an ordinary pace with an ordinary gap.
static void begin(cw_crowd *c, uint32_t agent) {
    cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    const float *ego = c->observations + (size_t)agent * c->floats;
    cw_rng_key key = {.seed = c->seed, .agent = agent, .purpose = PURPOSE, .step = c->step};
    *m =
        (cw_member){.max_accel = m->max_accel, .max_brake = m->max_brake, .max_steer = m->max_steer, .sample = CW_NONE};
    m->character = (cw_character){10, 0.5f, 0.5f, 1.2f, 0};
    if (!c->usual)
        m->character = (cw_character){.speed = (float)cw_lerp(4, 15, cw_rng_uniform(key, 0)),
                                      .haste = (float)cw_rng_uniform(key, 1),
                                      .comfort = (float)cw_rng_uniform(key, 2),
                                      .gap = (float)cw_lerp(0.6, 2, cw_rng_uniform(key, 3))};
    m->character.kind = cw_reflex_kind(ego[LENGTH] * 10, ego[WIDTH] * 4);
    if (m->max_steer > 0)
        return;
    cw_actor_limits limits;
    cw_world_limits(cw_batch_world(c->batch, info->world), info->actor, &limits);
    m->max_accel = limits.max_accel;
    m->max_brake = limits.max_brake;
    m->max_steer = limits.max_steer;
}

static void begin_new(cw_crowd *c) {
    for (uint32_t i = 0; i < c->agents; i++)
        if (c->infos[i].first)
            begin(c, i);
}

cw_status cw_crowd_new(cw_course *course, const cw_pick *picks, uint32_t worlds, uint64_t seed, int threads, bool usual,
                       cw_crowd **crowd, cw_error *err) {
    *crowd = NULL;
    const cw_scene_source *source = cw_course_source(course, picks, worlds);
    cw_crowd *c = calloc(1, sizeof *c);
    if (!source || !c) {
        free(c);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    cw_vector_def vector = layout();
    cw_batch_def def = cw_batch_defaults(source);
    def.worlds = worlds;
    def.horizon = usual ? PATIENCE : HORIZON;
    def.control = CW_CONTROL_GOALS;
    def.on_contact = def.on_offroad = def.on_goal = CW_ON_REMOVE;
    def.goal_radius = 4;
    def.reward = (cw_batch_reward){0}; // ours depend on the character
    def.observation = &vector;
    def.threads = threads;
    cw_status status = cw_batch_new(&def, &c->batch, err);
    if (status == CW_OK) {
        c->agents = cw_batch_agents(c->batch);
        c->floats = cw_batch_floats(c->batch);
        c->worlds = worlds;
        c->seed = seed;
        c->usual = usual;
        if (!make_room(c))
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    if (status != CW_OK) {
        cw_crowd_free(c);
        return status;
    }
    cw_batch_set_buffers(c->batch, &(cw_batch_buffers){.actions = c->actions,
                                                       .observations = c->observations,
                                                       .rewards = c->rewards,
                                                       .terminations = c->terminations,
                                                       .truncations = c->truncations,
                                                       .infos = c->infos});
    cw_batch_reset(c->batch, NULL);
    begin_new(c);
    *crowd = c;
    return CW_OK;
}

void cw_crowd_free(cw_crowd *c) {
    if (!c)
        return;
    cw_batch_free(c->batch);
    free(c->actions);
    free(c->observations);
    free(c->rewards);
    free(c->terminations);
    free(c->truncations);
    free(c->infos);
    free(c->route_before);
    free(c->members);
    free(c->list);
    free(c->failed);
    free(c->ended);
    free(c);
}

uint32_t cw_crowd_active(cw_crowd *c) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->agents; i++)
        if (c->infos[i].active)
            c->list[count++] = i;
    return count;
}

void cw_crowd_encode(const cw_crowd *c, uint32_t agent, float *sample) {
    const float *row = c->observations + (size_t)agent * c->floats;
    float route[2 * CW_REFLEX_POINTS];
    cw_batch_route(c->batch, agent, cw_reflex_ahead, CW_REFLEX_POINTS, route);
    cw_reflex_self(row, route, &c->members[agent].character, row + CW_REFLEX_EGO + CW_REFLEX_OTHERS, sample);
    memcpy(sample + CW_REFLEX_SELF, row + CW_REFLEX_EGO, CW_REFLEX_OTHERS * sizeof *sample);
}

void cw_crowd_act(cw_crowd *c, uint32_t agent, const float *action, const float *sample) {
    const cw_member *m = &c->members[agent];
    float route[2 * CW_REFLEX_POINTS], accel, steer;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        route[2 * i] = sample[ROUTE + 2 * i] * cw_reflex_ahead[i];
        route[2 * i + 1] = 0.5f * sample[ROUTE + 2 * i + 1] * cw_reflex_ahead[i];
    }
    cw_reflex_control(action, sample[SPEED] * 30, sample[LENGTH] * 10, route, m->max_accel, m->max_brake, m->max_steer,
                      &accel, &steer);
    c->actions[2 * agent] = (float)cw_clamp((double)(accel / (accel < 0 ? m->max_brake : m->max_accel)), -1, 1);
    c->actions[2 * agent + 1] = (float)cw_clamp((double)(steer / m->max_steer), -1, 1);
}

void cw_crowd_step(cw_crowd *c) {
    for (uint32_t i = 0; i < c->agents; i++)
        c->route_before[i] = c->infos[i].route_s;
    c->step++;
    cw_batch_step(c->batch);
    begin_new(c);
}

// Share of the wished time gap that is missing to the nearest who drives ahead in the same direction.
static double missing_gap(const float *sample, double gap) {
    double speed = (double)sample[SPEED] * 30, front = 0.8 * (double)sample[LENGTH] * 10, most = 0;
    for (uint32_t i = 0; i < CW_REFLEX_USERS && speed > 2; i++) {
        const float *user = sample + CW_REFLEX_SELF + i * CW_REFLEX_USER;
        double x = (double)user[0] * 50, y = (double)user[1] * 50;
        if (user[CW_REFLEX_USER - 1] <= 0 || x < front || fabs(y) > 1.5 || fabs((double)user[2]) > 0.15)
            continue;
        double room = x - 0.5 * (double)user[4] * 10 - front;
        most = cw_max(most, 1 - cw_max(room - 1, 0) / (speed * gap));
    }
    return most;
}

// It stands though no red light and nobody in its way asks for it.
static bool dawdles(const float *sample) {
    double front = 0.8 * (double)sample[LENGTH] * 10;
    bool idle = (double)sample[SPEED] * 30 < 0.5;
    for (uint32_t i = 0; i < CW_REFLEX_SIGNALS; i++) {
        const float *signal = sample + SIGNALS + i * CW_REFLEX_SIGNAL;
        idle = idle && !((signal[2] > 0 || signal[3] > 0) && (double)signal[0] * 100 < front + 15);
    }
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++) {
        const float *user = sample + CW_REFLEX_SELF + i * CW_REFLEX_USER;
        double x = (double)user[0] * 50, y = (double)user[1] * 50;
        idle = idle && !(user[CW_REFLEX_USER - 1] > 0 && x > 0 && x < front + 12 && fabs(y) < 2.2);
    }
    return idle;
}

// Its front crossed a stop line at red.
static bool ran_red(const float *sample, double way) {
    double front = 0.8 * (double)sample[LENGTH] * 10;
    for (uint32_t i = 0; i < CW_REFLEX_SIGNALS; i++) {
        const float *signal = sample + SIGNALS + i * CW_REFLEX_SIGNAL;
        double before = (double)signal[0] * 100 - front;
        if (signal[2] > 0 && signal[3] <= 0 && before >= 0 && before - way < 0)
            return true;
    }
    return false;
}

float cw_crowd_reward(cw_crowd *c, const cw_rewards *w, uint32_t agent, const float *sample, const float *action) {
    cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    const float *now = c->observations + (size_t)agent * c->floats;
    double way = (double)(info->route_s - c->route_before[agent]), wished = (double)m->character.speed;
    double speed = (double)now[SPEED] * 30, comfort = 0.2 + 1.6 * (double)m->character.comfort;
    double press = 0.6 + 0.8 * (double)m->character.haste;
    double reward = press * (double)w->progress * cw_clamp(way, -1, 0.1 * wished);
    reward += (double)w->overspeed * cw_max(speed - wished, 0);
    reward += (double)w->offset * cw_min(fabs((double)now[OFFSET]) * 5, 2);
    double along = (double)now[ACCEL] * 10, across = speed * (double)now[YAW_RATE];
    reward += comfort * (double)w->shake * cw_min(0.1 * (along * along + across * across), 10);
    // The batch's bodies grip whatever is asked of them; real ones do not.
    reward += (double)w->slide * cw_clamp(fabs(across) - 3, 0, 6);
    for (int i = 0; i < CW_REFLEX_ACTIONS; i++) {
        float wanted = (float)cw_clamp((double)action[i], -1, 1);
        double change = (double)(wanted - m->wanted[i]);
        reward += info->steps > 1 ? comfort * (double)w->jerk * change * change : 0;
        m->wanted[i] = wanted;
    }
    reward += (double)w->gap * missing_gap(sample, (double)m->character.gap);
    if (dawdles(sample) && speed < 0.5)
        reward += (double)w->dawdle;
    if (ran_red(sample, way)) {
        m->red = true;
        reward += (double)w->red;
    }
    if (info->end == CW_AGENT_CONTACT)
        reward += (double)w->contact;
    else if (info->end == CW_AGENT_OFFROAD)
        reward += (double)w->offroad;
    else if (info->end == CW_AGENT_GOAL)
        reward += (double)w->goal;
    m->returned += reward;
    return (float)reward;
}

void cw_crowd_tally(cw_crowd *c, uint32_t agent, cw_tally *t) {
    const cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    bool goal = info->end == CW_AGENT_GOAL;
    t->ended++;
    t->goal += goal;
    t->contact += info->end == CW_AGENT_CONTACT;
    t->offroad += info->end == CW_AGENT_OFFROAD;
    t->late += !goal && info->end != CW_AGENT_CONTACT && info->end != CW_AGENT_OFFROAD;
    t->red += m->red;
    t->clean += goal && !m->red;
    t->returned += m->returned;
    c->ended[info->world]++;
    c->failed[info->world] += !goal || m->red;
}
