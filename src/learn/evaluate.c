#include "learn/evaluate.h"

#include <math.h>
#include <stdlib.h>

typedef struct drive {
    cw_crowd *crowd;
    const cw_reflex_net *net;
    cw_exec **execs;
    float *samples; // of those who decide (count x CW_REFLEX_FLOATS)
    uint32_t count;
} drive;

static void decide(void *context, size_t block, int worker) {
    const drive *d = context;
    size_t first = block * CW_NN_BLOCK;
    uint32_t rows = (uint32_t)(d->count - first < CW_NN_BLOCK ? d->count - first : CW_NN_BLOCK);
    float *samples = d->samples + first * CW_REFLEX_FLOATS;
    for (uint32_t r = 0; r < rows; r++)
        cw_crowd_encode(d->crowd, d->crowd->list[first + r], samples + (size_t)r * CW_REFLEX_FLOATS);
    cw_exec *exec = d->execs[worker];
    cw_reflex_put(d->net, exec, samples, CW_REFLEX_FLOATS, rows);
    cw_exec_forward(exec, rows);
    const float *mean = cw_exec_value(exec, d->net->mean);
    for (uint32_t r = 0; r < rows; r++) {
        float action[CW_REFLEX_ACTIONS] = {mean[r], mean[CW_NN_BLOCK + r]};
        cw_crowd_act(d->crowd, d->crowd->list[first + r], action);
    }
}

cw_status cw_crowd_evaluate(cw_course *course, const cw_pick *picks, uint32_t count, const cw_reflex_net *net,
                            cw_pool *pool, cw_exec **execs, const volatile int *interrupt, cw_tally *tally,
                            cw_error *err) {
    drive d = {.net = net, .execs = execs};
    const cw_rewards rewards = cw_rewards_defaults();
    cw_status status = cw_crowd_new(course, picks, count, 1, cw_pool_threads(pool), true, &d.crowd, err);
    if (status != CW_OK)
        return status;
    // Who has ended is gone until its world begins again, and by then all of that world have been counted.
    bool *over = calloc(d.crowd->worlds, sizeof *over);
    uint32_t left = d.crowd->worlds;
    d.samples = malloc(sizeof(float) * (d.crowd->agents + 1) * CW_REFLEX_FLOATS);
    if (!over || !d.samples) {
        cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        status = CW_ERR_MEMORY;
    }
    while (status == CW_OK && left > 0) {
        uint32_t count_all = cw_crowd_active(d.crowd), kept = 0;
        for (uint32_t k = 0; k < count_all; k++)
            if (!over[d.crowd->infos[d.crowd->list[k]].world])
                d.crowd->list[kept++] = d.crowd->list[k];
        d.count = kept;
        cw_pool_run(pool, (kept + CW_NN_BLOCK - 1) / CW_NN_BLOCK, decide, &d);
        cw_crowd_step(d.crowd);
        for (uint32_t k = 0; k < kept; k++) {
            uint32_t agent = d.crowd->list[k];
            const float none[CW_REFLEX_ACTIONS] = {0};
            cw_crowd_reward(d.crowd, &rewards, agent, d.samples + (size_t)k * CW_REFLEX_FLOATS, none);
            if (d.crowd->terminations[agent] || d.crowd->truncations[agent])
                cw_crowd_tally(d.crowd, agent, tally);
        }
        for (uint32_t w = 0; w < d.crowd->worlds; w++) {
            bool any = false;
            for (uint32_t i = cw_batch_first(d.crowd->batch, w); i < cw_batch_first(d.crowd->batch, w + 1); i++)
                any |= d.crowd->infos[i].active;
            if (!any && !over[w]) {
                over[w] = true;
                left--;
            }
        }
        if (interrupt && *interrupt)
            status = cw_error_set(err, CW_ERR_INTERRUPTED, NULL, 0, 0, "interrupted");
    }
    free(over);
    free(d.samples);
    cw_crowd_free(d.crowd);
    return status;
}

void cw_tally_add(cw_tally *to, const cw_tally *from) {
    to->ended += from->ended;
    to->goal += from->goal;
    to->contact += from->contact;
    to->hit += from->hit;
    to->offroad += from->offroad;
    to->late += from->late;
    to->red += from->red;
    to->clean += from->clean;
    to->returned += from->returned;
}

void cw_rate_interval(uint64_t k, uint64_t n, double *low, double *high) {
    if (n == 0) {
        *low = 0;
        *high = 1;
        return;
    }
    const double z = 1.959963984540054;
    double p = (double)k / (double)n, d = 1 + z * z / (double)n, middle = (p + z * z / (2 * (double)n)) / d;
    double half = z / d * sqrt(p * (1 - p) / (double)n + z * z / (4 * (double)n * (double)n));
    *low = k == 0 ? 0 : cw_max(middle - half, 0);
    *high = k == n ? 1 : cw_min(middle + half, 1);
}

cw_status cw_reflex_evaluate(const cw_reflex_eval_def *def, cw_tally *tally, cw_error *err) {
    enum { TOWNS = 40, SCENES = 64 };
    *tally = (cw_tally){0};
    cw_reflex_net net = {0};
    cw_tensors *tensors = NULL;
    cw_course *course = NULL;
    cw_pool *pool = cw_pool_new(def->threads);
    int threads = pool ? cw_pool_threads(pool) : 0;
    cw_exec **execs = calloc((size_t)threads + 1, sizeof(cw_exec *));
    if (!pool || !execs) {
        free(execs);
        cw_pool_free(pool);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    cw_status status = CW_OK;
    if (status == CW_OK)
        status = cw_reflex_net_new(1, CW_NN_AUTO, &net, err);
    if (status == CW_OK)
        status = cw_tensors_open(def->weights, &tensors, err);
    if (status == CW_OK)
        status = cw_reflex_take(&net, def->weights, tensors, err);
    if (status == CW_OK)
        status = cw_course_new((cw_seed_set)def->set, 0, def->map ? 0 : TOWNS, 1, &course, err);
    if (status == CW_OK && def->map)
        status = cw_course_add(course, def->map, err);
    uint32_t towns = course ? cw_course_towns(course) : 1;
    for (int i = 0; status == CW_OK && i < threads; i++)
        if (!(execs[i] = cw_exec_new(net.net, false)))
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    for (uint32_t scene = 0; status == CW_OK && tally->ended < def->episodes; scene += SCENES) {
        cw_pick picks[SCENES];
        for (uint32_t i = 0; i < SCENES; i++)
            picks[i] = (cw_pick){(scene + i) % towns, scene + i};
        status = cw_crowd_evaluate(course, picks, SCENES, &net, pool, execs, def->interrupt, tally, err);
    }
    for (int i = 0; i < threads; i++)
        cw_exec_free(execs[i]);
    free(execs);
    cw_course_free(course);
    cw_tensors_free(tensors);
    cw_reflex_net_free(&net);
    cw_pool_free(pool);
    return status;
}
