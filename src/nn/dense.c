// Layers that are matrix products, tables or nothing but plumbing.
#include "nn/net.h"

#include <assert.h>
#include <string.h>

// ---- products ------------------------------------------------------------------------------------------------------------

void cw_matrix_forward(const cw_exec *e, const cw_matrix *m, uint32_t bias, bool relu, const float *x, uint32_t lanes,
                       float *y) {
    const cw_weight *w = &e->net->weights[m->weight];
    cw_panels_product(e->net->kernels, w->rows, w->columns, e->net->panels + m->panels, x,
                      bias == CW_NO_NODE ? NULL : cw_weight_of(e, bias), false, relu, lanes, y);
}

void cw_matrix_backward(const cw_exec *e, const cw_matrix *m, uint32_t bias, const float *x, const float *dy,
                        uint32_t rows, float *work, float *dx, float *slopes) {
    const cw_weight *w = &e->net->weights[m->weight];
    uint32_t lanes = (rows + 15) / 16 * 16;
    cw_panels_slopes(e->net->kernels, w->rows, w->columns, x, dy, rows, work, slopes + w->first, w->stride,
                     bias == CW_NO_NODE ? NULL : cw_weight_slope(e, bias, slopes));
    if (dx)
        cw_panels_product(e->net->kernels, w->columns, w->rows, e->net->panels + m->turned, dy, NULL, true, false,
                          lanes, dx);
}

// For one sample alone the outputs stand side by side instead of the samples: the same sums in the same order, in a sixteenth
// of the work.
static void linear_single(const cw_exec *e, const cw_layer *l, const cw_weight *w, const float *x, float *y) {
    const cw_kernels *with = e->net->kernels;
    uint32_t groups = l->elements / w->columns;
    float *in = e->work, *out = in + (size_t)w->rows * groups;
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t k = 0; k < w->rows; k++)
            in[(size_t)k * groups + g] = x[((size_t)g * w->rows + k) * CW_NN_BLOCK];
    for (uint32_t g = 0; g < groups; g++)
        memcpy(out + (size_t)g * w->stride, cw_weight_of(e, l->bias), w->stride * sizeof *out);
    for (uint32_t g = 0; g < groups; g += with->tile)
        with->product(groups - g < with->tile ? groups - g : with->tile, w->stride, w->rows, in + g, groups,
                      e->net->floats + w->first, w->stride, NULL, true, l->act == CW_ACT_RELU,
                      out + (size_t)g * w->stride, w->stride);
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t j = 0; j < w->columns; j++)
            y[((size_t)g * w->columns + j) * CW_NN_BLOCK] = out[(size_t)g * w->stride + j];
}

static void linear_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    const cw_weight *w = &e->net->weights[l->matrix.weight];
    const float *x = cw_value(e, l->from[0]);
    float *y = cw_value(e, cw_net_node(e->net, l));
    if (e->rows == 1 && l->elements / w->columns <= CW_NN_BLOCK) {
        linear_single(e, l, w, x, y);
        return;
    }
    for (uint32_t i = 0; i < l->elements / w->columns; i++)
        cw_matrix_forward(e, &l->matrix, l->bias, l->act == CW_ACT_RELU, x + (size_t)i * w->rows * CW_NN_BLOCK, lanes,
                          y + (size_t)i * w->columns * CW_NN_BLOCK);
}

static void linear_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    const cw_weight *w = &e->net->weights[l->matrix.weight];
    cw_node node = cw_net_node(e->net, l);
    const float *x = cw_value(e, l->from[0]), *y = cw_value(e, node);
    float *dy = cw_slope(e, node), *dx = cw_slope(e, l->from[0]);
    if (l->act == CW_ACT_RELU) // in place: nobody reads it after this
        e->net->kernels->gate((size_t)l->elements * CW_NN_BLOCK, y, dy);
    for (uint32_t i = 0; i < l->elements / w->columns; i++) {
        size_t in = (size_t)i * w->rows * CW_NN_BLOCK, out = (size_t)i * w->columns * CW_NN_BLOCK;
        cw_matrix_backward(e, &l->matrix, l->bias, x + in, dy + out, rows, e->work, dx ? dx + in : NULL, slopes);
    }
}

const cw_layer_work cw_work_linear = {linear_forward, linear_backward};

// ---- element by element ----------------------------------------------------------------------------------------------------

static void activate_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    const float *x = cw_value(e, l->from[0]);
    float *y = cw_value(e, cw_net_node(e->net, l));
    if (lanes == CW_NN_BLOCK)
        e->net->kernels->activate((cw_activation)l->act, (size_t)l->elements * CW_NN_BLOCK, x, y);
    else
        for (size_t i = 0; i < l->elements; i++)
            e->net->kernels->activate((cw_activation)l->act, lanes, x + i * CW_NN_BLOCK, y + i * CW_NN_BLOCK);
}

static void activate_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)rows;
    (void)slopes;
    cw_node node = cw_net_node(e->net, l);
    e->net->kernels->slope((cw_activation)l->act, (size_t)l->elements * CW_NN_BLOCK, cw_value(e, l->from[0]),
                           cw_value(e, node), cw_slope(e, node), cw_slope(e, l->from[0]));
}

const cw_layer_work cw_work_activate = {activate_forward, activate_backward};

static void add_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    size_t count = (size_t)l->elements * CW_NN_BLOCK;
    float *y = cw_value(e, cw_net_node(e->net, l));
    memcpy(y, cw_value(e, l->from[0]), count * sizeof *y);
    e->net->kernels->add(count, cw_value(e, l->from[1]), y);
}

static void add_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)rows;
    (void)slopes;
    const float *dy = cw_slope(e, cw_net_node(e->net, l));
    for (int i = 0; i < 2; i++)
        if (cw_slope(e, l->from[i]))
            e->net->kernels->add((size_t)l->elements * CW_NN_BLOCK, dy, cw_slope(e, l->from[i]));
}

const cw_layer_work cw_work_add = {add_forward, add_backward};

static void join_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    float *y = cw_value(e, cw_net_node(e->net, l));
    for (int i = 0; i < 2 && l->from[i] != CW_NO_NODE; i++) {
        size_t count = (size_t)e->net->layers[l->from[i]].elements * CW_NN_BLOCK;
        memcpy(y, cw_value(e, l->from[i]), count * sizeof *y);
        y += count;
    }
}

static void join_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)rows;
    (void)slopes;
    const float *dy = cw_slope(e, cw_net_node(e->net, l));
    for (int i = 0; i < 2 && l->from[i] != CW_NO_NODE; i++) {
        size_t count = (size_t)e->net->layers[l->from[i]].elements * CW_NN_BLOCK;
        if (cw_slope(e, l->from[i]))
            e->net->kernels->add(count, dy, cw_slope(e, l->from[i]));
        dy += count;
    }
}

const cw_layer_work cw_work_join = {join_forward, join_backward}, cw_work_flat = {join_forward, join_backward};

// ---- tables ----------------------------------------------------------------------------------------------------------------

static uint32_t entry(const cw_weight *table, float x) {
    uint32_t i = x > 0 ? (uint32_t)x : 0;
    return i < table->rows ? i : table->rows - 1;
}

static void embed_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    const cw_weight *w = &e->net->weights[l->bias];
    const float *x = cw_value(e, l->from[0]), *table = cw_weight_of(e, l->bias);
    float *y = cw_value(e, cw_net_node(e->net, l));
    for (uint32_t t = 0; t < l->elements / w->columns; t++, x += CW_NN_BLOCK, y += (size_t)w->columns * CW_NN_BLOCK)
        for (uint32_t r = 0; r < lanes; r++) {
            const float *row = table + (size_t)entry(w, x[r]) * w->stride;
            for (uint32_t k = 0; k < w->columns; k++)
                y[(size_t)k * CW_NN_BLOCK + r] = row[k];
        }
}

static void embed_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    const cw_weight *w = &e->net->weights[l->bias];
    const float *x = cw_value(e, l->from[0]), *dy = cw_slope(e, cw_net_node(e->net, l));
    float *table = cw_weight_slope(e, l->bias, slopes);
    for (uint32_t t = 0; t < l->elements / w->columns; t++, x += CW_NN_BLOCK, dy += (size_t)w->columns * CW_NN_BLOCK)
        for (uint32_t r = 0; r < rows; r++) {
            float *row = table + (size_t)entry(w, x[r]) * w->stride;
            for (uint32_t k = 0; k < w->columns; k++)
                row[k] += dy[(size_t)k * CW_NN_BLOCK + r];
        }
}

const cw_layer_work cw_work_embed = {embed_forward, embed_backward};
