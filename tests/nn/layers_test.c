// Layers: what comes out against a plain scalar version, gradients against finite differences, on every set of kernels.
#include "causeway/nn.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { B = CW_NN_BLOCK, ROWS = 21, MOST = 4096 }; // ROWS: not a multiple of anything

static const cw_kernel_set sets[] = {CW_NN_PLAIN, CW_NN_AVX2, CW_NN_AVX512};

static float noise(uint32_t purpose, uint64_t index) {
    return (float)cw_rng_normal((cw_rng_key){.seed = 11, .purpose = purpose, .step = index}, 0);
}

// A network with one layer to look at: `in` is filled with noise, `from` are what the layer is made from, `out` is it.
typedef struct subject {
    cw_net *net;
    cw_node in, mask, from[3], out;
    uint32_t whole; // the input takes whole numbers below this; 0: any
} subject;

static uint32_t size_of(const subject *s, cw_node node) {
    return cw_axes_size(cw_net_shape(s->net, node));
}

static cw_exec *run(const subject *s) {
    cw_exec *e = cw_exec_new(s->net, true);
    assert_non_null(e);
    float *x = cw_exec_value(e, s->in);
    for (uint32_t i = 0; i < size_of(s, s->in); i++)
        for (uint32_t r = 0; r < ROWS; r++) {
            float value = noise(1, i * B + r);
            x[i * B + r] = s->whole ? (float)((int)fabsf(value * 7) % (int)s->whole) : value;
        }
    if (s->mask != CW_NO_NODE)
        for (uint32_t i = 0; i < size_of(s, s->mask); i++)
            for (uint32_t r = 0; r < ROWS; r++)
                cw_exec_value(e, s->mask)[i * B + r] = r == 0 ? 0.0f : noise(2, i * B + r) > -0.5f ? 1.0f : 0.0f;
    cw_exec_forward(e, ROWS);
    return e;
}

// A loss with another slope for each output.
static double loss_of(const subject *s) {
    cw_exec *e = run(s);
    double sum = 0;
    for (uint32_t i = 0; i < size_of(s, s->out); i++)
        for (uint32_t r = 0; r < ROWS; r++)
            sum += (double)noise(3, i * B + r) * (double)cw_exec_value(e, s->out)[i * B + r];
    cw_exec_free(e);
    return sum;
}

static void check_gradient(const subject *s) {
    size_t count;
    float *weights = cw_net_floats(s->net, &count), *slopes = calloc(count, sizeof *slopes);
    uint32_t tensors;
    const cw_weight *list = cw_net_weights(s->net, &tensors);
    cw_exec *e = run(s);
    for (uint32_t i = 0; i < size_of(s, s->out); i++)
        for (uint32_t r = 0; r < ROWS; r++)
            cw_exec_gradient(e, s->out)[i * B + r] = noise(3, i * B + r);
    cw_exec_backward(e, ROWS, slopes);
    cw_exec_free(e);
    for (uint32_t t = 0; t < tensors; t++)
        for (uint32_t k = 0; k < 12; k++) { // some of each
            uint32_t row = (uint32_t)fabsf(noise(4, t * 100 + k) * 1000) % list[t].rows;
            uint32_t column = (uint32_t)fabsf(noise(5, t * 100 + k) * 1000) % list[t].columns;
            float *w = weights + list[t].first + (size_t)row * list[t].stride + column, kept = *w;
            const float step = 5e-4f; // small, for the kinks
            *w = kept + step;
            cw_net_changed(s->net);
            double above = loss_of(s);
            *w = kept - step;
            cw_net_changed(s->net);
            double below = loss_of(s);
            *w = kept;
            cw_net_changed(s->net);
            double wanted = (above - below) / (2 * (double)step), got = (double)slopes[w - weights];
            if (fabs(got - wanted) > 0.03 + 0.02 * fabs(wanted))
                fail_msg("%s [%u, %u]: slope %g, by differences %g", list[t].name, row, column, got, wanted);
        }
    free(slopes);
}

// A layer, and what its outputs are, computed plainly from the values that it was made from: expected (elements).
typedef struct plain {
    const subject *s;
    cw_exec *e;
    uint32_t r;
} plain;

static double value(const plain *p, int from, uint32_t i) {
    return (double)cw_exec_value(p->e, p->s->from[from])[(size_t)i * B + p->r];
}

static double weight(const plain *p, const char *name, uint32_t row, uint32_t column) {
    uint32_t count;
    size_t floats;
    const cw_weight *list = cw_net_weights(p->s->net, &count);
    for (uint32_t t = 0; t < count; t++)
        if (strcmp(list[t].name, name) == 0)
            return (double)cw_net_floats(p->s->net, &floats)[list[t].first + (size_t)row * list[t].stride + column];
    fail_msg("no weight %s", name);
    return 0;
}

static double mask_at(const plain *p, uint32_t i) {
    return p->s->mask == CW_NO_NODE ? 1 : (double)cw_exec_value(p->e, p->s->mask)[(size_t)i * B + p->r];
}

typedef struct row {
    const char *name;
    void (*make)(subject *s);
    void (*expect)(const plain *p, double *out);
} row;

static cw_node hidden(subject *s, cw_axes shape, uint32_t out) { // learns, so that slopes go through the layer
    s->in = cw_net_input(s->net, "in", shape);
    return s->from[0] = cw_net_linear(s->net, "first", s->in, out, CW_ACT_NONE);
}

static double act_of(cw_activation act, double x) {
    switch (act) {
    case CW_ACT_RELU:
        return x > 0 ? x : 0;
    case CW_ACT_GELU:
        return 0.5 * x * (1 + cw_tanh(sqrt(2 / CW_PI) * (x + 0.044715 * x * x * x)));
    case CW_ACT_SILU:
        return x / (1 + cw_exp(-x));
    case CW_ACT_TANH:
        return cw_tanh(x);
    case CW_ACT_SIGMOID:
        return 1 / (1 + cw_exp(-x));
    default:
        return x;
    }
}

#define ACTIVATION(name, act)                                                                                          \
    static void make_##name(subject *s) {                                                                              \
        s->out = cw_net_activate(s->net, hidden(s, cw_axes_1("feature", 5), 37), act);                                 \
    }                                                                                                                  \
    static void expect_##name(const plain *p, double *out) {                                                           \
        for (uint32_t i = 0; i < 37; i++)                                                                              \
            out[i] = act_of(act, value(p, 0, i));                                                                      \
    }
ACTIVATION(gelu, CW_ACT_GELU)
ACTIVATION(silu, CW_ACT_SILU)
ACTIVATION(tanh, CW_ACT_TANH)
ACTIVATION(sigmoid, CW_ACT_SIGMOID)

static void make_linear(subject *s) {
    s->out = cw_net_linear(s->net, "it", hidden(s, cw_axes_2("user", 3, "feature", 5), 33), 45, CW_ACT_RELU);
}
static void expect_linear(const plain *p, double *out) {
    for (uint32_t u = 0; u < 3; u++)
        for (uint32_t j = 0; j < 45; j++) {
            double sum = weight(p, "it.bias", 0, j);
            for (uint32_t k = 0; k < 33; k++)
                sum += value(p, 0, u * 33 + k) * weight(p, "it.weight", k, j);
            out[u * 45 + j] = sum > 0 ? sum : 0;
        }
}

static void make_residual(subject *s) {
    cw_node x = hidden(s, cw_axes_1("feature", 5), 20);
    s->from[1] = cw_net_linear(s->net, "it", x, 20, CW_ACT_NONE);
    s->out = cw_net_add(s->net, x, s->from[1]);
}
static void expect_residual(const plain *p, double *out) {
    for (uint32_t i = 0; i < 20; i++)
        out[i] = value(p, 0, i) + value(p, 1, i);
}

static void make_join(subject *s) {
    cw_node x = hidden(s, cw_axes_2("user", 2, "feature", 5), 7);
    s->from[1] = cw_net_linear(s->net, "it", s->in, 3, CW_ACT_NONE);
    s->out = cw_net_join(s->net, cw_net_flat(s->net, x), s->from[1]);
}
static void expect_join(const plain *p, double *out) {
    for (uint32_t i = 0; i < 20; i++)
        out[i] = i < 14 ? value(p, 0, i) : value(p, 1, i - 14);
}

static void make_layer_norm(subject *s) {
    s->out = cw_net_layer_norm(s->net, "it", hidden(s, cw_axes_2("user", 2, "feature", 5), 19));
}
static void make_rms_norm(subject *s) {
    s->out = cw_net_rms_norm(s->net, "it", hidden(s, cw_axes_2("user", 2, "feature", 5), 19));
}
static void expect_norm(const plain *p, double *out, bool centred) {
    for (uint32_t u = 0; u < 2; u++) {
        double mean = 0, square = 0;
        for (uint32_t i = 0; centred && i < 19; i++)
            mean += value(p, 0, u * 19 + i) / 19;
        for (uint32_t i = 0; i < 19; i++)
            square += (value(p, 0, u * 19 + i) - mean) * (value(p, 0, u * 19 + i) - mean) / 19;
        for (uint32_t i = 0; i < 19; i++)
            out[u * 19 + i] = (value(p, 0, u * 19 + i) - mean) / sqrt(square + 1e-5) * weight(p, "it.gain", 0, i) +
                              (centred ? weight(p, "it.offset", 0, i) : 0);
    }
}
static void expect_layer_norm(const plain *p, double *out) {
    expect_norm(p, out, true);
}
static void expect_rms_norm(const plain *p, double *out) {
    expect_norm(p, out, false);
}

static void make_softmax(subject *s) {
    s->out = cw_net_softmax(s->net, hidden(s, cw_axes_2("user", 2, "feature", 5), 9));
}
static void expect_softmax(const plain *p, double *out) {
    for (uint32_t u = 0; u < 2; u++) {
        double sum = 0;
        for (uint32_t i = 0; i < 9; i++)
            sum += cw_exp(value(p, 0, u * 9 + i));
        for (uint32_t i = 0; i < 9; i++)
            out[u * 9 + i] = cw_exp(value(p, 0, u * 9 + i)) / sum;
    }
}

static void make_set_max(subject *s) {
    cw_node x = hidden(s, cw_axes_2("user", 6, "feature", 5), 10);
    s->mask = cw_net_input(s->net, "mask", cw_axes_1("user", 6));
    s->out = cw_net_set_max(s->net, x, s->mask);
}
static void expect_set_max(const plain *p, double *out) {
    for (uint32_t k = 0; k < 10; k++) {
        double most = (double)-INFINITY;
        for (uint32_t u = 0; u < 6; u++)
            if (mask_at(p, u) > 0)
                most = cw_max(most, value(p, 0, u * 10 + k));
        out[k] = most > (double)-INFINITY ? most : 0;
    }
}

static void make_embed(subject *s) {
    s->whole = 11;
    s->from[0] = s->in = cw_net_input(s->net, "in", cw_axes_1("time", 4));
    s->out = cw_net_embed(s->net, "it", s->in, 11, 6);
}
static void expect_embed(const plain *p, double *out) {
    for (uint32_t t = 0; t < 4; t++)
        for (uint32_t k = 0; k < 6; k++)
            out[t * 6 + k] = weight(p, "it.table", (uint32_t)value(p, 0, t), k);
}

enum { TIMES = 5, WIDTH = 12, HEADS = 3 };

static void make_attention_of(subject *s, bool causal) {
    cw_node x = hidden(s, cw_axes_2("time", TIMES, "feature", 5), WIDTH);
    s->from[1] = cw_net_linear(s->net, "k", x, WIDTH, CW_ACT_NONE);
    s->from[2] = cw_net_linear(s->net, "v", x, WIDTH, CW_ACT_NONE);
    s->from[0] = cw_net_linear(s->net, "q", x, WIDTH, CW_ACT_NONE);
    if (!causal)
        s->mask = cw_net_input(s->net, "mask", cw_axes_1("time", TIMES));
    s->out = cw_net_attention(s->net, s->from[0], s->from[1], s->from[2], s->mask, HEADS, causal);
}
static void make_attention(subject *s) {
    make_attention_of(s, false);
}
static void make_causal(subject *s) {
    make_attention_of(s, true);
}
static void expect_attention_of(const plain *p, double *out, bool causal) {
    enum { PART = WIDTH / HEADS };
    for (uint32_t h = 0; h < HEADS; h++)
        for (uint32_t a = 0; a < TIMES; a++) {
            double share[TIMES], sum = 0;
            for (uint32_t t = 0; t < TIMES; t++) {
                double dot = 0;
                for (uint32_t i = h * PART; i < (h + 1) * PART; i++)
                    dot += value(p, 0, a * WIDTH + i) * value(p, 1, t * WIDTH + i);
                bool looks = (!causal || t <= a) && mask_at(p, t) > 0;
                share[t] = looks ? cw_exp(dot / sqrt(PART)) : 0;
                sum += share[t];
            }
            for (uint32_t i = h * PART; i < (h + 1) * PART; i++) {
                out[a * WIDTH + i] = 0;
                for (uint32_t t = 0; t < TIMES; t++)
                    out[a * WIDTH + i] += sum > 0 ? share[t] / sum * value(p, 2, t * WIDTH + i) : 0;
            }
        }
}
static void expect_attention(const plain *p, double *out) {
    expect_attention_of(p, out, false);
}
static void expect_causal(const plain *p, double *out) {
    expect_attention_of(p, out, true);
}

enum { CELLS = 9 };
static void make_gru(subject *s) {
    cw_node x = hidden(s, cw_axes_2("time", 4, "feature", 5), 6);
    s->out = cw_net_gru(s->net, "it", x, CELLS);
}
static void expect_gru(const plain *p, double *out) {
    double h[CELLS] = {0};
    for (uint32_t t = 0; t < 4; t++) {
        double next[CELLS];
        for (uint32_t j = 0; j < CELLS; j++) {
            double x[3], own[3];
            for (uint32_t g = 0; g < 3; g++) {
                x[g] = weight(p, "it.in.bias", 0, g * CELLS + j);
                own[g] = weight(p, "it.bias", 0, g * CELLS + j);
                for (uint32_t k = 0; k < 6; k++)
                    x[g] += value(p, 0, t * 6 + k) * weight(p, "it.in.weight", k, g * CELLS + j);
                for (uint32_t k = 0; k < CELLS; k++)
                    own[g] += h[k] * weight(p, "it.weight", k, g * CELLS + j);
            }
            double r = act_of(CW_ACT_SIGMOID, x[0] + own[0]), z = act_of(CW_ACT_SIGMOID, x[1] + own[1]);
            next[j] = (1 - z) * cw_tanh(x[2] + r * own[2]) + z * h[j];
        }
        memcpy(h, next, sizeof h);
        for (uint32_t j = 0; j < CELLS; j++)
            out[t * CELLS + j] = h[j];
    }
}

static const cw_conv strided = {.out = 8, .kernel = 3, .stride = 2, .padding = 1};
static const cw_conv depthwise = {.out = 4, .kernel = 3, .stride = 2, .padding = 1, .depthwise = true};

static void make_conv(subject *s) {
    s->out = cw_net_conv(s->net, "it", hidden(s, cw_axes_3("y", 6, "x", 5, "channel", 3), 4), strided);
}
static void make_depthwise(subject *s) {
    s->out = cw_net_conv(s->net, "it", hidden(s, cw_axes_3("y", 6, "x", 5, "channel", 3), 4), depthwise);
}
static void expect_conv_of(const plain *p, double *out, bool by_channel) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (uint32_t o = 0; o < (by_channel ? 4u : 8u); o++, out++) {
                *out = weight(p, "it.bias", 0, o);
                for (int a = 0; a < 3; a++)
                    for (int b = 0; b < 3; b++)
                        for (uint32_t c = 0; c < 4; c++) {
                            int y = 2 * i + a - 1, x = 2 * j + b - 1;
                            if (y < 0 || x < 0 || y >= 6 || x >= 5 || (by_channel && c != o))
                                continue;
                            uint32_t tap = (uint32_t)(a * 3 + b);
                            *out += value(p, 0, (uint32_t)(y * 5 + x) * 4 + c) *
                                    weight(p, "it.weight", by_channel ? tap : tap * 4 + c, o);
                        }
            }
}
static void expect_conv(const plain *p, double *out) {
    expect_conv_of(p, out, false);
}
static void expect_depthwise(const plain *p, double *out) {
    expect_conv_of(p, out, true);
}

static void make_pool_max(subject *s) {
    s->out = cw_net_pool(s->net, hidden(s, cw_axes_3("y", 5, "x", 4, "channel", 3), 4), 2, true);
}
static void make_pool_mean(subject *s) {
    s->out = cw_net_pool(s->net, hidden(s, cw_axes_3("y", 5, "x", 4, "channel", 3), 4), 2, false);
}
static void expect_pool(const plain *p, double *out, bool greatest) {
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; j < 2; j++)
            for (uint32_t c = 0; c < 4; c++, out++) {
                double most = (double)-INFINITY, sum = 0;
                for (uint32_t k = 0; k < 4; k++) {
                    double v = value(p, 0, ((2 * i + k / 2) * 4 + 2 * j + k % 2) * 4 + c);
                    most = cw_max(most, v);
                    sum += v / 4;
                }
                *out = greatest ? most : sum;
            }
}
static void expect_pool_max(const plain *p, double *out) {
    expect_pool(p, out, true);
}
static void expect_pool_mean(const plain *p, double *out) {
    expect_pool(p, out, false);
}

#define ROW(name)                                                                                                      \
    { #name, make_##name, expect_##name }
static const row layers[] = {ROW(linear),   ROW(gelu),      ROW(silu),       ROW(tanh),     ROW(sigmoid),
                             ROW(residual), ROW(join),      ROW(layer_norm), ROW(rms_norm), ROW(softmax),
                             ROW(set_max),  ROW(embed),     ROW(attention),  ROW(causal),   ROW(gru),
                             ROW(conv),     ROW(depthwise), ROW(pool_max),   ROW(pool_mean)};

static void check_layer(const row *l, cw_kernel_set set) {
    cw_error err = {0};
    subject s = {.net = cw_net_new(5, set), .mask = CW_NO_NODE};
    l->make(&s);
    assert_int_equal(cw_net_finish(s.net, &err), CW_OK);
    size_t count;
    float *weights = cw_net_floats(s.net, &count);
    uint32_t tensors;
    const cw_weight *list = cw_net_weights(s.net, &tensors);
    for (uint32_t t = 0; t < tensors; t++) // biases and gains that are none of 0 and 1
        for (uint32_t k = 0; list[t].rows == 1 && k < list[t].columns; k++)
            weights[list[t].first + k] += 0.3f * noise(6, t * 1000 + k);
    cw_net_changed(s.net);
    cw_exec *e = run(&s);
    double expected[MOST];
    for (uint32_t r = 0; r < ROWS; r++) {
        plain p = {&s, e, r};
        l->expect(&p, expected);
        for (uint32_t i = 0; i < size_of(&s, s.out); i++) {
            double got = (double)cw_exec_value(e, s.out)[(size_t)i * B + r];
            if (!(fabs(got - expected[i]) <= 2e-5 * (1 + fabs(expected[i]))))
                fail_msg("%s, %s kernels, sample %u, element %u: %.9g, expected %.9g", l->name, cw_nn_set_name(set), r,
                         i, got, expected[i]);
        }
    }
    cw_exec_free(e);
    check_gradient(&s);
    cw_net_free(s.net);
}

static void layers_are_right(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        for (size_t i = 0; cw_nn_has(sets[k]) && i < sizeof layers / sizeof *layers; i++)
            check_layer(&layers[i], sets[k]);
}

// A sample's result does not depend on who stands beside it: alone it gives the same bits, by every layer and set of kernels.
static void a_sample_stands_alone(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        for (size_t n = 0; cw_nn_has(sets[k]) && n < sizeof layers / sizeof *layers; n++) {
            cw_error err = {0};
            subject s = {.net = cw_net_new(5, sets[k]), .mask = CW_NO_NODE};
            layers[n].make(&s);
            assert_int_equal(cw_net_finish(s.net, &err), CW_OK);
            cw_exec *all = run(&s), *one = cw_exec_new(s.net, false);
            for (uint32_t i = 0; i < size_of(&s, s.in); i++)
                cw_exec_value(one, s.in)[i * B] = cw_exec_value(all, s.in)[i * B + 17];
            for (uint32_t i = 0; s.mask != CW_NO_NODE && i < size_of(&s, s.mask); i++)
                cw_exec_value(one, s.mask)[i * B] = cw_exec_value(all, s.mask)[i * B + 17];
            cw_exec_forward(one, 1);
            for (uint32_t i = 0; i < size_of(&s, s.out); i++)
                if (cw_exec_value(one, s.out)[i * B] != cw_exec_value(all, s.out)[i * B + 17])
                    fail_msg("%s, %s kernels: alone another number", layers[n].name, cw_nn_set_name(sets[k]));
            cw_exec_free(all);
            cw_exec_free(one);
            cw_net_free(s.net);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(layers_are_right), cmocka_unit_test(a_sample_stands_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
