// Training steps over a pool of threads, and the optimiser.
//
// A step's blocks of samples are dealt to a fixed number of shares; each share sums its gradients block by block, and the
// shares are summed in order: the same bits on any number of threads.
#include "nn/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

cw_adam cw_adam_defaults(void) {
    return (cw_adam){.rate = 3e-4f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .clip = 1};
}

float cw_schedule_rate(const cw_schedule *s, float rate, uint64_t step) {
    if (step < s->warm)
        return rate * (float)(step + 1) / (float)s->warm;
    if (s->steps <= s->warm)
        return rate;
    double f = cw_min(1, (double)(step - s->warm) / (double)(s->steps - s->warm));
    return rate * (float)((double)s->last + (1 - (double)s->last) * 0.5 * (1 + cw_cos(CW_PI * f)));
}

static float *room(size_t floats) {
    size_t size = (floats * sizeof(float) + 127) & ~(size_t)63;
    float *p = aligned_alloc(64, size);
    if (p)
        memset(p, 0, size);
    return p;
}

cw_trainer *cw_trainer_new(cw_net *net, cw_pool *pool, cw_adam adam) {
    cw_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->net = net;
    t->pool = pool;
    t->adam = adam;
    t->threads = cw_pool_threads(pool);
    cw_net_floats(net, &t->count);
    t->execs = calloc((size_t)t->threads, sizeof(cw_exec *));
    bool fine = t->execs != NULL;
    for (int i = 0; fine && i < t->threads; i++)
        fine = (t->execs[i] = cw_exec_new(net, true)) != NULL;
    for (int i = 0; fine && i < CW_SHARES; i++)
        fine = (t->slopes[i] = room(t->count)) != NULL;
    fine = fine && (t->first = room(t->count)) && (t->second = room(t->count));
    if (fine && adam.average > 0 && (fine = (t->average = room(t->count)) != NULL))
        memcpy(t->average, cw_net_floats(net, &t->count), t->count * sizeof(float));
    if (!fine) {
        cw_trainer_free(t);
        return NULL;
    }
    return t;
}

void cw_trainer_free(cw_trainer *t) {
    if (!t)
        return;
    for (int i = 0; t->execs && i < t->threads; i++)
        cw_exec_free(t->execs[i]);
    for (int i = 0; i < CW_SHARES; i++)
        free(t->slopes[i]);
    free(t->execs);
    free(t->first);
    free(t->second);
    free(t->average);
    free(t);
}

cw_adam *cw_trainer_adam(cw_trainer *t) {
    return &t->adam;
}

uint64_t cw_trainer_steps(const cw_trainer *t) {
    return t->steps;
}

const float *cw_trainer_average(const cw_trainer *t) {
    return t->average;
}

// ---- gradients -----------------------------------------------------------------------------------------------------------

typedef struct job {
    cw_trainer *trainer;
    const cw_lesson *lesson;
    size_t rows, blocks;
    double losses[CW_SHARES], squares[CW_SHARES];
    cw_adam_step step;
} job;

static void learn_share(void *context, size_t share, int worker) {
    job *j = context;
    cw_trainer *t = j->trainer;
    cw_exec *exec = t->execs[worker];
    float *slopes = t->slopes[share];
    memset(slopes, 0, t->count * sizeof *slopes);
    j->losses[share] = 0;
    for (size_t b = share * j->blocks / CW_SHARES; b < (share + 1) * j->blocks / CW_SHARES; b++) {
        size_t first = b * CW_NN_BLOCK;
        uint32_t rows = (uint32_t)(j->rows - first < CW_NN_BLOCK ? j->rows - first : CW_NN_BLOCK);
        j->lesson->fill(j->lesson->context, exec, first, rows);
        cw_exec_forward(exec, rows);
        j->losses[share] += j->lesson->loss(j->lesson->context, exec, first, rows, slopes);
        cw_exec_backward(exec, rows, slopes);
    }
}

// The part of the weights that is summed, and later changed, at once.
static void part_of(const cw_trainer *t, size_t index, size_t *from, size_t *to) {
    size_t lines = t->count / 16; // the weights are padded to 16
    *from = index * lines / CW_SHARES * 16;
    *to = (index + 1) * lines / CW_SHARES * 16;
}

static void sum_part(void *context, size_t index, int worker) {
    (void)worker;
    job *j = context;
    cw_trainer *t = j->trainer;
    size_t from, to;
    part_of(t, index, &from, &to);
    for (int s = 1; s < CW_SHARES; s++)
        t->net->kernels->add(to - from, t->slopes[s] + from, t->slopes[0] + from);
    double lanes[8] = {0};
    const float *slope = t->slopes[0];
    for (size_t i = from; i < to; i += 8)
        for (size_t k = 0; k < 8; k++)
            lanes[k] += (double)slope[i + k] * (double)slope[i + k];
    j->squares[index] = 0;
    for (int k = 0; k < 8; k++)
        j->squares[index] += lanes[k];
}

static void change_part(void *context, size_t index, int worker) {
    (void)worker;
    job *j = context;
    cw_trainer *t = j->trainer;
    size_t from, to;
    part_of(t, index, &from, &to);
    for (uint32_t w = 0; w < t->net->weight_count; w++) {
        const cw_weight *weight = &t->net->weights[w];
        size_t first = weight->first, last = first + (size_t)weight->rows * weight->stride;
        first = first > from ? first : from;
        last = last < to ? last : to;
        if (first >= last)
            continue;
        cw_adam_step step = j->step;
        step.decay = weight->decays ? step.decay : 0;
        t->net->kernels->adam(&step, last - first, t->slopes[0] + first, t->net->floats + first, t->first + first,
                              t->second + first, t->average ? t->average + first : NULL);
    }
}

bool cw_trainer_step(cw_trainer *t, const cw_lesson *lesson, size_t rows, double *loss, double *norm) {
    assert(rows > 0);
    job j = {.trainer = t, .lesson = lesson, .rows = rows, .blocks = (rows + CW_NN_BLOCK - 1) / CW_NN_BLOCK};
    cw_pool_run(t->pool, CW_SHARES, learn_share, &j);
    cw_pool_run(t->pool, CW_SHARES, sum_part, &j);
    double sum = 0, square = 0;
    for (int i = 0; i < CW_SHARES; i++) {
        sum += j.losses[i];
        square += j.squares[i];
    }
    double length = sqrt(square);
    if (loss)
        *loss = sum;
    if (norm)
        *norm = length;
    if (!isfinite(sum) || !isfinite(length))
        return false;
    const cw_adam *a = &t->adam;
    t->steps++;
    double bias1 = 1 - cw_pow((double)a->beta1, (double)t->steps),
           bias2 = 1 - cw_pow((double)a->beta2, (double)t->steps);
    j.step = (cw_adam_step){.rate = a->rate,
                            .beta1 = a->beta1,
                            .beta2 = a->beta2,
                            .epsilon = a->epsilon,
                            .decay = a->decay,
                            .average = a->average,
                            .unbias1 = (float)(1 / bias1),
                            .unbias2 = (float)(1 / bias2),
                            .scale = a->clip > 0 && length > (double)a->clip ? (float)((double)a->clip / length) : 1};
    cw_pool_run(t->pool, CW_SHARES, change_part, &j);
    cw_net_changed(t->net);
    return true;
}

// ---- inference -----------------------------------------------------------------------------------------------------------

static void read_block(void *context, size_t block, int worker) {
    job *j = context;
    cw_exec *exec = j->trainer->execs[worker];
    size_t first = block * CW_NN_BLOCK;
    uint32_t rows = (uint32_t)(j->rows - first < CW_NN_BLOCK ? j->rows - first : CW_NN_BLOCK);
    j->lesson->fill(j->lesson->context, exec, first, rows);
    cw_exec_forward(exec, rows);
    j->lesson->loss(j->lesson->context, exec, first, rows, NULL);
}

void cw_trainer_forward(cw_trainer *t, const cw_lesson *lesson, size_t rows) {
    job j = {.trainer = t, .lesson = lesson, .rows = rows, .blocks = (rows + CW_NN_BLOCK - 1) / CW_NN_BLOCK};
    cw_pool_run(t->pool, j.blocks, read_block, &j);
}
