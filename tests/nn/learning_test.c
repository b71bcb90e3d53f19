// Losses, the optimiser, small tasks that are learned, going on from a file, and any number of threads.
#include "causeway/nn.h"

#include "world/allocations.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { B = CW_NN_BLOCK };

static float noise(uint32_t purpose, uint64_t index) {
    return (float)cw_rng_normal((cw_rng_key){.seed = 12, .purpose = purpose, .step = index}, 0);
}

// ---- losses --------------------------------------------------------------------------------------------------------------

enum { MODES = 3, AXES = 2, VALUES = MODES + 2 * MODES * AXES, ROWS = 5 };

typedef double (*loss_of)(const float *value, float *slope);

static float targets[VALUES * B];
static const uint32_t labels[ROWS] = {3, 0, 1, 2, 3};

static double mse(const float *value, float *slope) {
    return cw_loss_mse(value, targets, VALUES, ROWS, 1, slope);
}
static double huber(const float *value, float *slope) {
    return cw_loss_huber(value, targets, VALUES, ROWS, 0.7f, 1, slope);
}
static double cross_entropy(const float *value, float *slope) {
    return cw_loss_cross_entropy(value, labels, 4, ROWS, 1, slope);
}
static double mixture(const float *value, float *slope) {
    return cw_loss_mixture(value, targets, MODES, AXES, ROWS, 1, slope);
}
static double ppo(const float *value, float *slope) { // mean: the first two elements, log deviations the next
    double sum = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        float mean[2] = {value[r], value[B + r]}, deviation[2] = {value[2 * B + r], value[3 * B + r]}, ratio;
        float action[2] = {mean[0], mean[1]}, dmean[2] = {0}, ddeviation[2] = {0};
        action[0] = targets[r] * 0.1f;
        action[1] = targets[B + r] * 0.1f;
        // Some beyond the clip on either side, with advantages of either sign.
        float old = (float)cw_gaussian_log(mean, deviation, action, 2) + (r == 0 ? 0.05f : 0.4f * ((float)r - 2.5f));
        static float kept[ROWS];
        if (slope)
            kept[r] = old; // the old policy stays where it was while differences are taken
        sum += cw_loss_ppo(&(cw_ppo){0.2f, 0.01f}, mean, deviation, action, 2, kept[r], r % 2 ? 1.5f : -0.7f, 1, dmean,
                           ddeviation, &ratio);
        for (uint32_t i = 0; slope && i < 2; i++) {
            slope[i * B + r] += dmean[i];
            slope[(2 + i) * B + r] += ddeviation[i];
        }
    }
    return sum;
}

static void losses_have_their_slopes(void **state) {
    (void)state;
    static const loss_of all[] = {mse, huber, cross_entropy, mixture, ppo};
    for (uint32_t i = 0; i < VALUES * B; i++)
        targets[i] = noise(1, i);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        float value[VALUES * B], slope[VALUES * B] = {0};
        for (uint32_t i = 0; i < VALUES * B; i++)
            value[i] = 0.7f * noise(2, i);
        all[k](value, slope);
        for (uint32_t i = 0; i < VALUES; i++)
            for (uint32_t r = 0; r < ROWS; r++) {
                float *v = &value[i * B + r], kept = *v;
                const float step = 1e-3f;
                *v = kept + step;
                double above = all[k](value, NULL);
                *v = kept - step;
                double below = all[k](value, NULL);
                *v = kept;
                double wanted = (above - below) / (2 * (double)step), got = (double)slope[i * B + r];
                if (fabs(got - wanted) > 2e-3 * (1 + fabs(wanted)))
                    fail_msg("loss %zu, element %u, sample %u: slope %g, by differences %g", k, i, r, got, wanted);
            }
    }
}

static void losses_are_what_they_say(void **state) {
    (void)state;
    float value[VALUES * B] = {0}, target[VALUES * B] = {0};
    const uint32_t zero[1] = {0};
    // All classes alike: log of their number. One Gaussian at its mean: half log 2 pi for each axis.
    assert_float_equal(cw_loss_cross_entropy(value, zero, 4, 1, 1, NULL), cw_log(4), 1e-6);
    assert_float_equal(cw_loss_mixture(value, target, 1, 2, 1, 1, NULL), cw_log(2 * CW_PI), 1e-6);
    value[0] = 3;
    assert_float_equal(cw_loss_huber(value, target, 1, 1, 1, 1, NULL), 2.5, 1e-6);
    assert_float_equal(cw_loss_mse(value, target, 1, 1, 1, NULL), 4.5, 1e-6);
    float mean[2] = {0}, deviation[2] = {0}, action[2] = {0}, d[2] = {0}, e[2] = {0}, ratio;
    // Twice as likely as before and good: no more than 1.2 of it counts, and nothing pulls.
    float old = (float)(cw_gaussian_log(mean, deviation, action, 2) - cw_log(2));
    action[0] = 0;
    assert_float_equal(cw_loss_ppo(&(cw_ppo){0.2f, 0}, mean, deviation, action, 2, old, 1, 1, d, e, &ratio), -1.2,
                       1e-5);
    assert_float_equal(ratio, 2, 1e-5);
    assert_true(d[0] == 0 && d[1] == 0 && e[0] == 0 && e[1] == 0);
    // Twice as likely and bad: all of it counts.
    assert_float_equal(cw_loss_ppo(&(cw_ppo){0.2f, 0}, mean, deviation, action, 2, old, -1, 1, d, e, &ratio), 2, 1e-5);
}

static void schedules_are_closed_forms(void **state) {
    (void)state;
    const cw_schedule s = {.warm = 10, .steps = 110, .last = 0.1f};
    assert_float_equal(cw_schedule_rate(&s, 2, 4), 1, 1e-6);
    assert_float_equal(cw_schedule_rate(&s, 2, 10), 2, 1e-6);
    assert_float_equal(cw_schedule_rate(&s, 2, 60), 1.1, 1e-6);
    assert_float_equal(cw_schedule_rate(&s, 2, 5000), 0.2, 1e-6);
    assert_float_equal(cw_schedule_rate(&(cw_schedule){0}, 2, 77), 2, 0);
}

// ---- tasks ---------------------------------------------------------------------------------------------------------------

typedef struct task {
    cw_net *net;
    cw_node in, out;
    uint32_t elements, classes, samples;
    float *x;         // (samples x elements)
    uint32_t *labels; // (samples)
} task;

static void fill(void *context, cw_exec *exec, size_t first, uint32_t rows) {
    const task *t = context;
    cw_exec_put(exec, t->in, t->x + first * t->elements, t->elements, rows);
}

static double loss(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    const task *t = context;
    return cw_loss_cross_entropy(cw_exec_value(exec, t->out), t->labels + first, t->classes, rows,
                                 1.0f / (float)t->samples, slopes ? cw_exec_gradient(exec, t->out) : NULL);
}

static void task_free(task *t) {
    cw_net_free(t->net);
    free(t->x);
    free(t->labels);
}

static double learn(task *t, int threads, int steps, float rate, cw_trainer **kept, cw_pool **pool) {
    cw_adam adam = cw_adam_defaults();
    adam.rate = rate;
    adam.decay = 0.01f;
    adam.average = 0.9f;
    *pool = cw_pool_new(threads);
    *kept = cw_trainer_new(t->net, *pool, adam);
    cw_lesson lesson = {t, fill, loss};
    double last = 0;
    for (int i = 0; i < steps; i++)
        assert_true(cw_trainer_step(*kept, &lesson, t->samples, &last, NULL));
    return last / t->samples;
}

// Which letter comes next in a sentence: an embedding, causal attention with residuals and norms, a GRU on top.
static const char sentence[] = "the quick brown fox jumps over the lazy dog while five boxing wizards jump quickly";
enum { TIMES = 8, LETTERS = 27 };

static task language(cw_kernel_set set) {
    task t = {.net = cw_net_new(3, set), .elements = TIMES, .classes = LETTERS, .samples = sizeof sentence - 1 - TIMES};
    cw_net *net = t.net;
    t.in = cw_net_input(net, "letters", cw_axes_1("time", TIMES));
    cw_node x = cw_net_embed(net, "letter", t.in, LETTERS, 16);
    cw_node normed = cw_net_rms_norm(net, "norm", x);
    cw_node q = cw_net_linear(net, "q", normed, 16, CW_ACT_NONE), k = cw_net_linear(net, "k", normed, 16, CW_ACT_NONE);
    cw_node v = cw_net_linear(net, "v", normed, 16, CW_ACT_NONE);
    x = cw_net_add(net, x, cw_net_attention(net, q, k, v, CW_NO_NODE, 2, true));
    x = cw_net_layer_norm(net, "after", cw_net_gru(net, "gru", x, 16));
    t.out = cw_net_linear(net, "out", cw_net_flat(net, x), LETTERS, CW_ACT_NONE);
    cw_error err = {0};
    assert_int_equal(cw_net_finish(net, &err), CW_OK);
    t.x = calloc((size_t)t.samples * TIMES, sizeof *t.x);
    t.labels = calloc(t.samples, sizeof *t.labels);
    for (uint32_t i = 0; i < t.samples; i++) {
        for (uint32_t k2 = 0; k2 < TIMES; k2++)
            t.x[i * TIMES + k2] = (float)(sentence[i + k2] == ' ' ? 26 : sentence[i + k2] - 'a');
        t.labels[i] = sentence[i + TIMES] == ' ' ? 26 : (uint32_t)(sentence[i + TIMES] - 'a');
    }
    return t;
}

static void a_sentence_is_learned(void **state) {
    (void)state;
    task t = language(CW_NN_AUTO);
    cw_trainer *trainer;
    cw_pool *pool;
    double last = learn(&t, 1, 120, 0.01f, &trainer, &pool);
    assert_true(last < 0.1); // guessing: 3.3
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    task_free(&t);
}

// Which way a bar lies in a noisy image of 8 x 8, wherever it is: convolution, depthwise convolution, pooling.
static void bars_are_learned(void **state) {
    (void)state;
    enum { SIDE = 8, SAMPLES = 256, UNSEEN = 64 };
    task t = {.net = cw_net_new(4, CW_NN_AUTO), .elements = SIDE * SIDE, .classes = 2, .samples = SAMPLES};
    t.in = cw_net_input(t.net, "image", cw_axes_3("y", SIDE, "x", SIDE, "channel", 1));
    cw_node x = cw_net_conv(t.net, "a", t.in, (cw_conv){.out = 8, .kernel = 3, .stride = 1, .padding = 1});
    x = cw_net_pool(t.net, cw_net_activate(t.net, x, CW_ACT_GELU), 2, true);
    x = cw_net_conv(t.net, "b", x, (cw_conv){.out = 8, .kernel = 3, .stride = 1, .padding = 1, .depthwise = true});
    x = cw_net_pool(t.net, cw_net_activate(t.net, x, CW_ACT_SILU), 4, false);
    t.out = cw_net_linear(t.net, "out", cw_net_flat(t.net, x), 2, CW_ACT_NONE);
    cw_error err = {0};
    assert_int_equal(cw_net_finish(t.net, &err), CW_OK);
    t.x = calloc((size_t)(SAMPLES + UNSEEN) * SIDE * SIDE, sizeof *t.x);
    t.labels = calloc(SAMPLES + UNSEEN, sizeof *t.labels);
    for (uint32_t i = 0; i < SAMPLES + UNSEEN; i++) {
        uint32_t lies = t.labels[i] = i % 2, at = (uint32_t)fabsf(noise(7, i) * 100) % SIDE;
        for (uint32_t k = 0; k < SIDE * SIDE; k++)
            t.x[i * SIDE * SIDE + k] = 0.2f * noise(8, i * 64 + k) + ((lies ? k / SIDE : k % SIDE) == at ? 1.0f : 0.0f);
    }
    cw_trainer *trainer;
    cw_pool *pool;
    double last = learn(&t, 1, 80, 0.02f, &trainer, &pool);
    assert_true(last < 0.1); // guessing: 0.69
    task unseen = t;
    unseen.x += SAMPLES * SIDE * SIDE;
    unseen.labels += SAMPLES;
    unseen.samples = UNSEEN;
    cw_exec *e = cw_exec_new(t.net, false);
    fill(&unseen, e, 0, UNSEEN);
    cw_exec_forward(e, UNSEEN);
    assert_true(loss(&unseen, e, 0, UNSEEN, NULL) / UNSEEN < 0.2);
    cw_exec_free(e);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    task_free(&t);
}

static void one_batch_is_learned_by_heart(void **state) {
    (void)state;
    task t = language(CW_NN_AUTO);
    t.samples = 16;
    cw_trainer *trainer;
    cw_pool *pool;
    assert_true(learn(&t, 1, 150, 0.01f, &trainer, &pool) < 0.005);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    task_free(&t);
}

// ---- the same again --------------------------------------------------------------------------------------------------------

static void assert_same_weights(const task *a, const task *b) {
    size_t n, m;
    const float *x = cw_net_floats(a->net, &n), *y = cw_net_floats(b->net, &m);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n * sizeof *x);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    task one = language(CW_NN_AUTO);
    // Enough for several blocks.
    enum { TIMES_OVER = 9 };
    task all = one;
    all.samples = one.samples * TIMES_OVER;
    task nets[3];
    for (int i = 0; i < 3; i++) {
        nets[i] = language(CW_NN_AUTO);
        nets[i].x = realloc(nets[i].x, sizeof(float) * all.samples * TIMES);
        nets[i].labels = realloc(nets[i].labels, sizeof(uint32_t) * all.samples);
        for (uint32_t k = 0; k < all.samples; k++) {
            memcpy(nets[i].x + (size_t)k * TIMES, one.x + (size_t)(k % one.samples) * TIMES, sizeof(float) * TIMES);
            nets[i].labels[k] = one.labels[k % one.samples];
        }
        nets[i].samples = all.samples;
        cw_trainer *trainer;
        cw_pool *pool;
        learn(&nets[i], i + 1, 5, 0.01f, &trainer, &pool);
        cw_trainer_free(trainer);
        cw_pool_free(pool);
    }
    assert_same_weights(&nets[0], &nets[1]);
    assert_same_weights(&nets[0], &nets[2]);
    for (int i = 0; i < 3; i++)
        task_free(&nets[i]);
    task_free(&one);
}

static void save(const task *t, cw_trainer *trainer, const char *path) {
    cw_arena *names = cw_arena_new(0, 0);
    uint32_t count;
    size_t floats;
    cw_net_weights(t->net, &count);
    cw_tensor_out *out = calloc(4 * count + 1, sizeof *out);
    float step[2];
    uint32_t n = cw_net_tensors(t->net, "", cw_net_floats(t->net, &floats), names, out);
    n += cw_trainer_tensors(trainer, names, out + n, step);
    cw_note note = {"causeway.kind", "test"};
    cw_error err = {0};
    assert_int_equal(cw_tensors_write(path, &note, 1, out, n, &err), CW_OK);
    free(out);
    cw_arena_free(names);
}

static void going_on_equals_never_stopping(void **state) {
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "resume-%ld.safetensors", (long)getpid());
    task through = language(CW_NN_AUTO), before = language(CW_NN_AUTO), after = language(CW_NN_AUTO);
    cw_trainer *trainer;
    cw_pool *pool;
    learn(&through, 1, 20, 0.01f, &trainer, &pool);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    learn(&before, 1, 12, 0.01f, &trainer, &pool);
    save(&before, trainer, path);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    cw_adam adam = cw_adam_defaults();
    adam.rate = 0.01f;
    adam.decay = 0.01f;
    adam.average = 0.9f;
    pool = cw_pool_new(1);
    trainer = cw_trainer_new(after.net, pool, adam);
    cw_tensors *tensors;
    cw_error err = {0};
    size_t count;
    assert_int_equal(cw_tensors_open(path, &tensors, &err), CW_OK);
    assert_string_equal(cw_tensors_note(tensors, "causeway.kind"), "test");
    assert_int_equal(cw_net_take(after.net, path, tensors, "", cw_net_floats(after.net, &count), &err), CW_OK);
    cw_net_changed(after.net);
    assert_int_equal(cw_trainer_take(trainer, path, tensors, &err), CW_OK);
    assert_int_equal(cw_trainer_steps(trainer), 12);
    cw_tensors_free(tensors);
    cw_lesson lesson = {&after, fill, loss};
    for (int i = 0; i < 8; i++)
        assert_true(cw_trainer_step(trainer, &lesson, after.samples, NULL, NULL));
    assert_same_weights(&through, &after);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    remove(path);
    task_free(&through);
    task_free(&before);
    task_free(&after);
}

static double explodes(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    (void)slopes;
    const task *t = context;
    cw_exec_gradient(exec, t->out)[0] = INFINITY;
    return loss(context, exec, first, rows, NULL);
}

static void an_explosion_changes_nothing(void **state) {
    (void)state;
    task t = language(CW_NN_AUTO), same = language(CW_NN_AUTO);
    cw_pool *pool = cw_pool_new(1);
    cw_trainer *trainer = cw_trainer_new(t.net, pool, cw_adam_defaults());
    cw_lesson lesson = {&t, fill, explodes};
    assert_false(cw_trainer_step(trainer, &lesson, t.samples, NULL, NULL));
    assert_int_equal(cw_trainer_steps(trainer), 0);
    assert_same_weights(&t, &same);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    task_free(&t);
    task_free(&same);
}

static void a_step_allocates_nothing(void **state) {
    (void)state;
    task t = language(CW_NN_AUTO);
    cw_pool *pool = cw_pool_new(2);
    cw_trainer *trainer = cw_trainer_new(t.net, pool, cw_adam_defaults());
    cw_lesson lesson = {&t, fill, loss};
    cw_trainer_step(trainer, &lesson, t.samples, NULL, NULL);
    size_t before = allocations;
    for (int i = 0; i < 3; i++)
        cw_trainer_step(trainer, &lesson, t.samples, NULL, NULL);
    assert_int_equal(allocations, before);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    task_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_have_their_slopes),
                                       cmocka_unit_test(losses_are_what_they_say),
                                       cmocka_unit_test(schedules_are_closed_forms),
                                       cmocka_unit_test(a_sentence_is_learned),
                                       cmocka_unit_test(bars_are_learned),
                                       cmocka_unit_test(one_batch_is_learned_by_heart),
                                       cmocka_unit_test(threads_do_not_matter),
                                       cmocka_unit_test(going_on_equals_never_stopping),
                                       cmocka_unit_test(an_explosion_changes_nothing),
                                       cmocka_unit_test(a_step_allocates_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
