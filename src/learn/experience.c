#include "learn/experience.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = 0xac71 };

cw_status cw_experience_new(uint32_t capacity, cw_experience **experience, cw_error *err) {
    cw_experience *x = calloc(1, sizeof *x);
    *experience = x;
    if (x) {
        x->capacity = capacity;
        x->samples = malloc(sizeof(float) * capacity * CW_REFLEX_FLOATS);
        x->actions = malloc(sizeof(float) * capacity * CW_REFLEX_ACTIONS);
        float **const one[] = {&x->log, &x->value, &x->reward, &x->advantage, &x->target, &x->beyond};
        bool fine = x->samples && x->actions;
        for (size_t i = 0; i < sizeof one / sizeof *one; i++)
            fine = (*one[i] = malloc(sizeof(float) * capacity)) != NULL && fine;
        x->next = malloc(sizeof *x->next * capacity);
        if (fine && x->next)
            return CW_OK;
    }
    cw_experience_free(x);
    *experience = NULL;
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for %u samples", capacity);
}

void cw_experience_free(cw_experience *x) {
    if (!x)
        return;
    free(x->samples);
    free(x->actions);
    free(x->log);
    free(x->value);
    free(x->reward);
    free(x->advantage);
    free(x->target);
    free(x->beyond);
    free(x->next);
    free(x);
}

typedef struct gathering {
    cw_experience *x;
    cw_crowd *crowd;
    const cw_reflex_net *net;
    uint32_t acting; // of the list; those after it are only asked for their value
} gathering;

static void fill(void *context, cw_exec *exec, size_t first, uint32_t rows) {
    const gathering *g = context;
    float *at = g->x->samples + ((size_t)g->x->count + first) * CW_REFLEX_FLOATS;
    for (uint32_t r = 0; r < rows; r++)
        cw_crowd_encode(g->crowd, g->crowd->list[first + r], at + (size_t)r * CW_REFLEX_FLOATS);
    cw_reflex_put(g->net, exec, at, CW_REFLEX_FLOATS, rows);
}

static double decide(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    (void)slopes;
    const gathering *g = context;
    const float *mean = cw_exec_value(exec, g->net->mean), *value = cw_exec_value(exec, g->net->value);
    const float *deviation = cw_reflex_deviation(g->net);
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t agent = g->crowd->list[first + r], s = g->x->count + (uint32_t)first + r;
        g->x->value[s] = value[r];
        if (first + r >= g->acting)
            continue;
        float means[CW_REFLEX_ACTIONS], *action = g->x->actions + (size_t)s * CW_REFLEX_ACTIONS;
        for (uint32_t i = 0; i < CW_REFLEX_ACTIONS; i++) {
            cw_rng_key key = {.seed = g->crowd->seed, .agent = agent, .purpose = PURPOSE, .step = g->crowd->step};
            means[i] = mean[i * CW_NN_BLOCK + r];
            action[i] = means[i] + (float)(cw_exp((double)deviation[i]) * cw_rng_normal(key, i));
        }
        g->x->log[s] = (float)cw_gaussian_log(means, deviation, action, CW_REFLEX_ACTIONS);
        cw_crowd_act(g->crowd, agent, action);
    }
    return 0;
}

// Who decides, and after them those that were cut off or (at the end) go on, whose value is asked for alone.
static uint32_t line_up(gathering *g, bool end) {
    cw_crowd *c = g->crowd;
    uint32_t count = g->acting = end ? 0 : cw_crowd_active(c);
    for (uint32_t i = 0; i < c->agents; i++) {
        cw_member *m = &c->members[i];
        if (m->value_only || (end && c->infos[i].active && m->sample != CW_NONE))
            c->list[count++] = i;
    }
    return count;
}

static void take_beyond(gathering *g, uint32_t count) {
    for (uint32_t k = g->acting; k < count; k++) {
        cw_member *m = &g->crowd->members[g->crowd->list[k]];
        g->x->beyond[m->sample] = g->x->value[g->x->count + k];
        m->value_only = false;
        m->sample = CW_NONE;
    }
}

static void take_step(gathering *g, const cw_rewards *rewards, cw_tally *tally) {
    cw_experience *x = g->x;
    cw_crowd *c = g->crowd;
    cw_crowd_step(c);
    for (uint32_t k = 0; k < g->acting; k++) {
        uint32_t agent = c->list[k], s = x->count + k;
        cw_member *m = &c->members[agent];
        x->reward[s] = cw_crowd_reward(c, rewards, agent, x->samples + (size_t)s * CW_REFLEX_FLOATS,
                                       x->actions + (size_t)s * CW_REFLEX_ACTIONS);
        x->next[s] = CW_NONE;
        x->beyond[s] = 0;
        if (m->sample != CW_NONE)
            x->next[m->sample] = s;
        m->sample = s;
        if (c->terminations[agent])
            m->sample = CW_NONE;
        m->value_only = c->truncations[agent] != 0;
        if (c->terminations[agent] || c->truncations[agent])
            cw_crowd_tally(c, agent, tally);
    }
    x->count += g->acting;
}

void cw_experience_gather(cw_experience *x, cw_crowd *crowd, cw_reflex_net *net, cw_trainer *trainer,
                          const cw_rewards *rewards, uint32_t steps, cw_tally *tally) {
    gathering g = {.x = x, .crowd = crowd, .net = net};
    cw_lesson lesson = {.context = &g, .fill = fill, .loss = decide};
    x->count = 0;
    assert(x->capacity >= (steps + 1) * crowd->agents);
    for (uint32_t i = 0; i < crowd->agents; i++)
        crowd->members[i].sample = CW_NONE;
    for (uint32_t t = 0; t <= steps; t++) {
        uint32_t count = line_up(&g, t == steps);
        if (count > 0)
            cw_trainer_forward(trainer, &lesson, count);
        take_beyond(&g, count);
        if (t < steps)
            take_step(&g, rewards, tally);
    }
}

void cw_experience_judge(cw_experience *x, double discount, double lambda) {
    for (uint32_t s = x->count; s-- > 0;) {
        uint32_t next = x->next[s];
        double after = (double)(next != CW_NONE ? x->value[next] : x->beyond[s]);
        double surprise = (double)x->reward[s] + discount * after - (double)x->value[s];
        double advantage = surprise + (next != CW_NONE ? discount * lambda * (double)x->advantage[next] : 0);
        x->advantage[s] = (float)advantage;
        x->target[s] = (float)(advantage + (double)x->value[s]);
    }
}
