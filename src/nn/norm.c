// Layers that weigh the elements of an axis against each other: layer norm, RMS norm, softmax.
#include "nn/net.h"

#include <math.h>

enum { ROWS = CW_NN_BLOCK };
static const float tiny = 1e-5f;

// ---- layer norm (Ba et al. 2016, arXiv:1607.06450), RMS norm (Zhang, Sennrich 2019, arXiv:1910.07467) ----------------------

static void norm_forward(cw_exec *e, const cw_layer *l, bool centred) {
    uint32_t n = e->net->weights[l->bias].columns, groups = l->elements / n;
    const float *gain = cw_weight_of(e, l->bias), *offset = centred ? cw_weight_of(e, l->offset) : NULL;
    const float *x = cw_value(e, l->from[0]);
    float *y = cw_value(e, cw_net_node(e->net, l)), *inverse = e->values + l->extra, *mean = inverse + groups * ROWS;
    for (uint32_t g = 0; g < groups; g++, x += n * ROWS, y += n * ROWS, inverse += ROWS, mean += ROWS) {
        float middle[ROWS] = {0}, square[ROWS] = {0};
        for (uint32_t i = 0; centred && i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                middle[r] += x[i * ROWS + r];
        for (uint32_t r = 0; r < ROWS; r++)
            middle[r] /= (float)n;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                square[r] += (x[i * ROWS + r] - middle[r]) * (x[i * ROWS + r] - middle[r]);
        for (uint32_t r = 0; r < ROWS; r++)
            inverse[r] = 1 / sqrtf(square[r] / (float)n + tiny);
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                y[i * ROWS + r] = (x[i * ROWS + r] - middle[r]) * inverse[r] * gain[i] + (offset ? offset[i] : 0);
        for (uint32_t r = 0; centred && r < ROWS; r++)
            mean[r] = middle[r];
    }
}

static void norm_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes, bool centred) {
    uint32_t n = e->net->weights[l->bias].columns, groups = l->elements / n;
    const float *gain = cw_weight_of(e, l->bias), *x = cw_value(e, l->from[0]);
    const float *dy = cw_slope(e, cw_net_node(e->net, l));
    const float *inverse = e->values + l->extra, *mean = inverse + groups * ROWS;
    float *dx = cw_slope(e, l->from[0]), *dgain = cw_weight_slope(e, l->bias, slopes);
    float *doffset = centred ? cw_weight_slope(e, l->offset, slopes) : NULL;
    for (uint32_t g = 0; g < groups; g++, x += n * ROWS, dy += n * ROWS, inverse += ROWS, mean += ROWS) {
        float sum[ROWS] = {0}, along[ROWS] = {0}; // of dy gain, and of dy gain times what was normed
        for (uint32_t i = 0; i < n; i++) {
            float of_gain = 0, of_offset = 0;
            for (uint32_t r = 0; r < rows; r++) {
                float normed = (x[i * ROWS + r] - (centred ? mean[r] : 0)) * inverse[r], d = dy[i * ROWS + r];
                of_gain += d * normed;
                of_offset += d;
                sum[r] += d * gain[i];
                along[r] += d * gain[i] * normed;
            }
            dgain[i] += of_gain;
            if (doffset)
                doffset[i] += of_offset;
        }
        for (uint32_t i = 0; dx && i < n; i++)
            for (uint32_t r = 0; r < rows; r++) {
                float normed = (x[i * ROWS + r] - (centred ? mean[r] : 0)) * inverse[r];
                float level = centred ? sum[r] / (float)n : 0;
                dx[i * ROWS + r] += inverse[r] * (dy[i * ROWS + r] * gain[i] - level - normed * along[r] / (float)n);
            }
        if (dx)
            dx += n * ROWS;
    }
}

static void layer_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    norm_forward(e, l, true);
}
static void layer_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    norm_backward(e, l, rows, slopes, true);
}
static void rms_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    norm_forward(e, l, false);
}
static void rms_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    norm_backward(e, l, rows, slopes, false);
}

const cw_layer_work cw_work_layer_norm = {layer_forward, layer_backward};
const cw_layer_work cw_work_rms_norm = {rms_forward, rms_backward};

// ---- softmax ---------------------------------------------------------------------------------------------------------------

static void softmax_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    uint32_t n = l->shape.axis[l->shape.rank - 1].size;
    const float *x = cw_value(e, l->from[0]);
    float *y = cw_value(e, cw_net_node(e->net, l));
    for (uint32_t g = 0; g < l->elements / n; g++, x += n * ROWS, y += n * ROWS) {
        float most[ROWS], sum[ROWS] = {0};
        for (uint32_t r = 0; r < ROWS; r++)
            most[r] = x[r];
        for (uint32_t i = 1; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                most[r] = x[i * ROWS + r] > most[r] ? x[i * ROWS + r] : most[r];
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                y[i * ROWS + r] = x[i * ROWS + r] - most[r];
        e->net->kernels->exponential((size_t)n * ROWS, y, y);
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                sum[r] += y[i * ROWS + r];
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                y[i * ROWS + r] /= sum[r];
    }
}

static void softmax_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)slopes;
    uint32_t n = l->shape.axis[l->shape.rank - 1].size;
    const float *y = cw_value(e, cw_net_node(e->net, l)), *dy = cw_slope(e, cw_net_node(e->net, l));
    float *dx = cw_slope(e, l->from[0]);
    for (uint32_t g = 0; g < l->elements / n; g++, y += n * ROWS, dy += n * ROWS, dx += n * ROWS) {
        float along[ROWS] = {0};
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < rows; r++)
                along[r] += y[i * ROWS + r] * dy[i * ROWS + r];
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t r = 0; r < rows; r++)
                dx[i * ROWS + r] += y[i * ROWS + r] * (dy[i * ROWS + r] - along[r]);
    }
}

const cw_layer_work cw_work_softmax = {softmax_forward, softmax_backward};
