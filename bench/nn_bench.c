// Neural networks: training steps a second, and how near the products come to what the processor can do.
#include "figure.h"

#include "causeway/nn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAMPLES = 4096, CLASSES = 10, INPUTS = 64 };

typedef struct task {
    cw_node in, out;
    const float *samples;
    const uint32_t *labels;
} task;

static void fill(void *context, cw_exec *exec, size_t first, uint32_t rows) {
    const task *t = context;
    cw_exec_put(exec, t->in, t->samples + first * INPUTS, INPUTS, rows);
}

static double loss(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    const task *t = context;
    return cw_loss_cross_entropy(cw_exec_value(exec, t->out), t->labels + first, CLASSES, rows, 1.0f / SAMPLES,
                                 slopes ? cw_exec_gradient(exec, t->out) : NULL);
}

static void training_step(int threads) {
    cw_net *net = cw_net_new(1, CW_NN_AUTO);
    task t = {.in = cw_net_input(net, "in", cw_axes_1("feature", INPUTS))};
    cw_node a = cw_net_linear(net, "a", t.in, 128, CW_ACT_RELU), b = cw_net_linear(net, "b", a, 128, CW_ACT_RELU);
    t.out = cw_net_linear(net, "c", b, CLASSES, CW_ACT_NONE);
    cw_error err = {0};
    cw_pool *pool = cw_pool_new(threads);
    float *samples = malloc(sizeof(float) * SAMPLES * INPUTS);
    uint32_t *labels = malloc(sizeof(uint32_t) * SAMPLES);
    if (!pool || !samples || !labels || cw_net_finish(net, &err) != CW_OK)
        exit(1);
    for (uint32_t i = 0; i < SAMPLES * INPUTS; i++)
        samples[i] = (float)cw_rng_normal((cw_rng_key){.seed = 1, .step = i}, 0);
    for (uint32_t i = 0; i < SAMPLES; i++)
        labels[i] = samples[i * INPUTS] > 0 ? i % 5 : 5 + i % 5;
    t.samples = samples;
    t.labels = labels;
    cw_trainer *trainer = cw_trainer_new(net, pool, cw_adam_defaults());
    cw_lesson lesson = {.context = &t, .fill = fill, .loss = loss};
    double rates[9], last = 0;
    for (int k = 0; k < 9; k++) {
        double start = cw_seconds();
        int steps = 0;
        for (; cw_seconds() - start < 0.3; steps++)
            cw_trainer_step(trainer, &lesson, SAMPLES, &last, NULL);
        rates[k] = steps * (double)SAMPLES / (cw_seconds() - start);
    }
    double rate = median(rates, 9);
    figure("training step 64-128-128-10", rate / 1e6, "M samples/s", threads == 2 ? AT_LEAST : TOLD, 2.0,
           "batch 4,096, AdamW, %d thread%s, f32 %s, %.0f GFLOP/s", threads, threads > 1 ? "s" : "",
           cw_nn_set_name(CW_NN_AUTO), rate * 2e-9 * (3 * (double)cw_net_multiply_adds(net) - INPUTS * 128));
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    cw_net_free(net);
    free(samples);
    free(labels);
}

int main(int argc, char **argv) {
    for (int threads = 1; threads <= 2; threads++)
        if (figure_wanted(argc, argv, "training step 64-128-128-10"))
            training_step(threads);
    return 0;
}
