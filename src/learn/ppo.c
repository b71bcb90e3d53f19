#include "learn/ppo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = 0x5f0f };

typedef struct update {
    const cw_ppo_def *def;
    const cw_experience *x;
    const cw_reflex_net *net;
    const uint32_t *order; // of this minibatch
    uint32_t count;
    double mean, inverse;         // of the advantages of this minibatch
    double *value_loss, *clipped; // per sample of the minibatch
} update;

static void fill(void *context, cw_exec *exec, size_t first, uint32_t rows) {
    const update *u = context;
    float samples[CW_NN_BLOCK][CW_REFLEX_FLOATS];
    for (uint32_t r = 0; r < rows; r++)
        memcpy(samples[r], u->x->samples + (size_t)u->order[first + r] * CW_REFLEX_FLOATS, sizeof samples[r]);
    cw_reflex_put(u->net, exec, samples[0], CW_REFLEX_FLOATS, rows);
}

static double loss(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    const update *u = context;
    uint32_t weights;
    const float *mean = cw_exec_value(exec, u->net->mean), *value = cw_exec_value(exec, u->net->value);
    const float *deviation = cw_reflex_deviation(u->net);
    float *dmean = cw_exec_gradient(exec, u->net->mean), *dvalue = cw_exec_gradient(exec, u->net->value);
    float *ddeviation = slopes + cw_net_weights(u->net->net, &weights)[u->net->deviation].first;
    float scale = 1 / (float)u->count;
    double sum = 0;
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t s = u->order[first + r];
        float means[CW_REFLEX_ACTIONS], slope[CW_REFLEX_ACTIONS] = {0}, ratio;
        for (uint32_t i = 0; i < CW_REFLEX_ACTIONS; i++)
            means[i] = mean[i * CW_NN_BLOCK + r];
        float advantage = (float)(((double)u->x->advantage[s] - u->mean) * u->inverse);
        sum += cw_loss_ppo(&u->def->ppo, means, deviation, u->x->actions + (size_t)s * CW_REFLEX_ACTIONS,
                           CW_REFLEX_ACTIONS, u->x->log[s], advantage, scale, slope, ddeviation, &ratio);
        for (uint32_t i = 0; i < CW_REFLEX_ACTIONS; i++)
            dmean[i * CW_NN_BLOCK + r] += slope[i];
        // Huber: a few returns far from what was thought must not shake all.
        float off = value[r] - u->x->target[s];
        u->value_loss[first + r] = fabsf(off) <= 1 ? 0.5 * (double)off * (double)off : fabs((double)off) - 0.5;
        sum += (double)u->def->value_share * u->value_loss[first + r];
        dvalue[r] += scale * u->def->value_share * (float)cw_clamp((double)off, -1, 1);
        u->clipped[first + r] = fabsf(ratio - 1) > u->def->ppo.clip;
    }
    return sum;
}

static void shuffle(uint32_t *order, uint32_t count, uint64_t seed, uint32_t epoch) {
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint64_t draw = cw_rng_u64((cw_rng_key){.seed = seed, .agent = epoch, .purpose = PURPOSE, .step = i}, 0);
        uint32_t k = (uint32_t)(draw % i), kept = order[i - 1];
        order[i - 1] = order[k];
        order[k] = kept;
    }
}

static void level(update *u) {
    double sum = 0, square = 0;
    for (uint32_t i = 0; i < u->count; i++)
        sum += (double)u->x->advantage[u->order[i]];
    u->mean = sum / u->count;
    for (uint32_t i = 0; i < u->count; i++) {
        double d = (double)u->x->advantage[u->order[i]] - u->mean;
        square += d * d;
    }
    u->inverse = 1 / (sqrt(square / u->count) + 1e-6);
}

bool cw_ppo_update(const cw_ppo_def *def, cw_experience *x, cw_reflex_net *net, cw_trainer *trainer, uint64_t seed,
                   cw_ppo_result *result) {
    *result = (cw_ppo_result){0};
    uint32_t *order = malloc(sizeof *order * (x->count + 1));
    double *notes = malloc(sizeof *notes * 2 * (def->minibatch + 1));
    bool fine = order && notes;
    uint64_t seen = 0;
    for (uint32_t epoch = 0; fine && epoch < def->epochs; epoch++) {
        shuffle(order, x->count, seed, epoch);
        for (uint32_t first = 0; fine && first < x->count; first += def->minibatch) {
            update u = {.def = def, .x = x, .net = net, .order = order + first};
            u.count = x->count - first < def->minibatch ? x->count - first : def->minibatch;
            u.value_loss = notes;
            u.clipped = notes + def->minibatch;
            level(&u);
            cw_lesson lesson = {.context = &u, .fill = fill, .loss = loss};
            double sum;
            fine = cw_trainer_step(trainer, &lesson, u.count, &sum, NULL);
            result->loss += sum;
            for (uint32_t i = 0; i < u.count; i++) {
                result->value_loss += u.value_loss[i];
                result->clipped += u.clipped[i];
            }
            seen += u.count;
        }
    }
    if (seen > 0) {
        result->loss /= (double)seen;
        result->value_loss /= (double)seen;
        result->clipped /= (double)seen;
    }
    for (uint32_t i = 0; i < CW_REFLEX_ACTIONS; i++)
        result->entropy += (double)cw_reflex_deviation(net)[i] + 1.4189385332046727;
    free(order);
    free(notes);
    return fine;
}
