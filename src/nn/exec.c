// Running a network on a block of samples.
#include "nn/net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const cw_layer_work *const works[CW_LAYER_KINDS] = {[CW_LAYER_LINEAR] = &cw_work_linear,
                                                           [CW_LAYER_ACTIVATE] = &cw_work_activate,
                                                           [CW_LAYER_ADD] = &cw_work_add,
                                                           [CW_LAYER_JOIN] = &cw_work_join,
                                                           [CW_LAYER_LAYER_NORM] = &cw_work_layer_norm,
                                                           [CW_LAYER_RMS_NORM] = &cw_work_rms_norm,
                                                           [CW_LAYER_SOFTMAX] = &cw_work_softmax,
                                                           [CW_LAYER_SET_MAX] = &cw_work_set_max,
                                                           [CW_LAYER_EMBED] = &cw_work_embed,
                                                           [CW_LAYER_ATTENTION] = &cw_work_attention,
                                                           [CW_LAYER_GRU] = &cw_work_gru,
                                                           [CW_LAYER_CONV] = &cw_work_conv,
                                                           [CW_LAYER_DEPTHWISE] = &cw_work_depthwise,
                                                           [CW_LAYER_POOL] = &cw_work_pool,
                                                           [CW_LAYER_FLAT] = &cw_work_flat};

static float *room(size_t floats) {
    size_t size = (floats * sizeof(float) + 127) & ~(size_t)63;
    float *p = aligned_alloc(64, size);
    if (p)
        memset(p, 0, size);
    return p;
}

cw_exec *cw_exec_new(const cw_net *net, bool learns) {
    assert(net->finished);
    cw_exec *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    *e = (cw_exec){.net = net, .learns = learns, .values = room(net->exec_floats), .work = room(net->work_floats)};
    e->gradients = learns ? room(net->exec_slopes) : NULL;
    if (!e->values || !e->work || (learns && !e->gradients)) {
        cw_exec_free(e);
        return NULL;
    }
    return e;
}

void cw_exec_free(cw_exec *e) {
    if (!e)
        return;
    free(e->values);
    free(e->gradients);
    free(e->work);
    free(e);
}

float *cw_exec_value(cw_exec *e, cw_node node) {
    return cw_value(e, node);
}

float *cw_exec_gradient(cw_exec *e, cw_node node) {
    assert(e->learns && e->net->layers[node].learns);
    return cw_slope(e, node);
}

void cw_exec_put(cw_exec *e, cw_node node, const float *samples, size_t stride, uint32_t rows) {
    float *to = cw_value(e, node);
    uint32_t elements = e->net->layers[node].elements, lanes = (rows + 15) / 16 * 16;
    assert(rows <= CW_NN_BLOCK);
    // Eight samples at a time: each line of the tensor is written while it is at hand.
    for (uint32_t r = 0; r < rows; r += 8)
        for (uint32_t i = 0; i < elements; i++)
            for (uint32_t k = r; k < r + 8 && k < rows; k++)
                to[(size_t)i * CW_NN_BLOCK + k] = samples[k * stride + i];
    for (uint32_t i = 0; rows < lanes && i < elements; i++)
        memset(to + (size_t)i * CW_NN_BLOCK + rows, 0, (lanes - rows) * sizeof *to);
}

void cw_exec_get(const cw_exec *e, cw_node node, float *samples, size_t stride, uint32_t rows) {
    const float *from = cw_value(e, node);
    uint32_t elements = e->net->layers[node].elements;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t i = 0; i < elements; i++)
            samples[r * stride + i] = from[(size_t)i * CW_NN_BLOCK + r];
}

void cw_exec_forward(cw_exec *e, uint32_t rows) {
    assert(rows > 0 && rows <= CW_NN_BLOCK);
    const cw_net *net = e->net;
    uint32_t lanes = (rows + 15) / 16 * 16;
    e->rows = rows;
    for (uint32_t i = 0; i < net->count; i++)
        if (works[net->layers[i].kind])
            works[net->layers[i].kind]->forward(e, &net->layers[i], lanes);
}

void cw_exec_backward(cw_exec *e, uint32_t rows, float *slopes) {
    assert(e->learns && rows == e->rows);
    const cw_net *net = e->net;
    for (uint32_t i = net->count; i-- > 0;)
        if (net->layers[i].learns && works[net->layers[i].kind])
            works[net->layers[i].kind]->backward(e, &net->layers[i], rows, slopes);
    memset(e->gradients, 0, net->exec_slopes * sizeof *e->gradients);
}
