// Building a network: shapes, weights, and where everything lies in memory.
#include "nn/net.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = 0x4e4e }; // keeps the draws of first weights apart

cw_axes cw_axes_1(const char *name, uint32_t size) {
    return (cw_axes){.rank = 1, .axis = {{name, size}}};
}

cw_axes cw_axes_2(const char *name0, uint32_t size0, const char *name1, uint32_t size1) {
    return (cw_axes){.rank = 2, .axis = {{name0, size0}, {name1, size1}}};
}

cw_axes cw_axes_3(const char *name0, uint32_t size0, const char *name1, uint32_t size1, const char *name2,
                  uint32_t size2) {
    return (cw_axes){.rank = 3, .axis = {{name0, size0}, {name1, size1}, {name2, size2}}};
}

uint32_t cw_axes_size(const cw_axes *shape) {
    uint32_t size = 1;
    for (uint32_t i = 0; i < shape->rank; i++)
        size *= shape->axis[i].size;
    return size;
}

static uint32_t last_axis(const cw_axes *shape) {
    return shape->axis[shape->rank - 1].size;
}

cw_net *cw_net_new(uint64_t seed, cw_kernel_set kernels) {
    cw_net *net = calloc(1, sizeof *net);
    cw_arena *arena = cw_arena_new(0, 0);
    if (!net || !arena) {
        free(net);
        cw_arena_free(arena);
        return NULL;
    }
    net->seed = seed;
    net->kernels = cw_kernels_of(kernels);
    net->arena = arena;
    return net;
}

void cw_net_free(cw_net *net) {
    if (!net)
        return;
    cw_arena_free(net->arena);
    free(net->layers);
    free(net->weights);
    free(net);
}

// ---- nodes and weights ---------------------------------------------------------------------------------------------------

cw_layer *cw_net_layer(cw_net *net, cw_layer_kind kind, cw_axes shape) {
    assert(!net->finished && shape.rank >= 1 && shape.rank <= CW_NN_AXES);
    if (net->failed || !CW_GROW(net->layers, net->capacity, net->count + 1)) {
        net->failed = true;
        return NULL;
    }
    cw_layer *layer = &net->layers[net->count++];
    *layer = (cw_layer){.kind = (uint8_t)kind,
                        .shape = shape,
                        .elements = cw_axes_size(&shape),
                        .from = {CW_NO_NODE, CW_NO_NODE, CW_NO_NODE},
                        .mask = CW_NO_NODE,
                        .matrix = {.weight = CW_NO_NODE},
                        .bias = CW_NO_NODE,
                        .offset = CW_NO_NODE};
    assert(layer->elements > 0);
    return layer;
}

cw_node cw_net_last(const cw_net *net) {
    return net->count - 1;
}

uint32_t cw_net_weight(cw_net *net, const char *name, const char *part, uint32_t rows, uint32_t columns, float spread,
                       bool even) {
    char text[128];
    int length = snprintf(text, sizeof text, "%s.%s", name, part);
    assert(length > 0 && (size_t)length < sizeof text);
    char *copy = net->failed ? NULL : cw_arena_text(net->arena, text, (size_t)length);
    if (!copy || !CW_GROW(net->weights, net->weight_capacity, net->weight_count + 1)) {
        net->failed = true;
        return CW_NO_NODE;
    }
    uint32_t stride = (columns + 15) / 16 * 16;
    net->weights[net->weight_count] = (cw_weight){.name = copy,
                                                  .rows = rows,
                                                  .columns = columns,
                                                  .stride = stride,
                                                  .first = net->float_count,
                                                  .decays = !even && rows > 1};
    // Grown by doubling: a network is built once.
    float *old = net->floats;
    size_t size = net->float_count + (size_t)rows * stride;
    net->floats = cw_arena_array(net->arena, size, sizeof *net->floats);
    if (!net->floats) {
        net->failed = true;
        return CW_NO_NODE;
    }
    if (old)
        memcpy(net->floats, old, net->float_count * sizeof *old);
    cw_rng_key key = {.seed = net->seed, .agent = net->weight_count, .purpose = PURPOSE};
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++) {
            key.step = (uint64_t)i * columns + j;
            net->floats[net->float_count + (size_t)i * stride + j] =
                even ? spread : spread * (float)cw_rng_normal(key, 0);
        }
    net->float_count = size;
    return net->weight_count++;
}

void cw_net_matrix(cw_net *net, cw_layer *layer, const char *name, const char *part, uint32_t in, uint32_t out) {
    // Of He et al. 2015 halfway to Glorot's: rectified or not.
    layer->matrix.weight = cw_net_weight(net, name, part, in, out, (float)sqrt(1.5 / in), false);
    layer->matrix.panels = net->panel_count;
    net->panel_count += (cw_panels(net->kernels, in, out, NULL, 0, false, NULL) + 15) & ~(size_t)15;
    layer->matrix.turned = net->panel_count;
    net->panel_count += (cw_panels(net->kernels, out, in, NULL, 0, true, NULL) + 15) & ~(size_t)15;
}

static bool learns(const cw_net *net, cw_node node) {
    return node != CW_NO_NODE && net->layers[node].learns;
}

static cw_axes with_last(cw_axes shape, uint32_t size) {
    shape.axis[shape.rank - 1] = (cw_axis){"feature", size};
    return shape;
}

// ---- layers --------------------------------------------------------------------------------------------------------------

cw_node cw_net_input(cw_net *net, const char *name, cw_axes shape) {
    (void)name;
    cw_layer *l = cw_net_layer(net, CW_LAYER_INPUT, shape);
    return l ? cw_net_last(net) : CW_NO_NODE;
}

// What it is made from stands in from[0].
static cw_layer *follow(cw_net *net, cw_layer_kind kind, cw_node x, cw_axes shape) {
    cw_layer *l = cw_net_layer(net, kind, shape);
    if (l) {
        l->from[0] = x;
        l->learns = net->layers[x].learns;
    }
    return l;
}

#define SHAPE_OF(net, x) ((net)->failed ? cw_axes_1("none", 1) : (net)->layers[x].shape)

cw_node cw_net_linear(cw_net *net, const char *name, cw_node x, uint32_t out, cw_activation act) {
    cw_axes from = SHAPE_OF(net, x);
    uint32_t in = last_axis(&from);
    bool apart = act != CW_ACT_NONE && act != CW_ACT_RELU; // these need what they were made from on the way back
    cw_layer *l = follow(net, CW_LAYER_LINEAR, x, with_last(from, out));
    if (!l)
        return CW_NO_NODE;
    l->learns = true;
    l->act = (uint8_t)(apart ? CW_ACT_NONE : act);
    cw_net_matrix(net, l, name, "weight", in, out);
    l->bias = cw_net_weight(net, name, "bias", 1, out, 0, true);
    l->work = cw_turned_room(in, out);
    net->multiply_adds += (uint64_t)l->elements * in;
    cw_node node = cw_net_last(net);
    return apart ? cw_net_activate(net, node, act) : node;
}

cw_node cw_net_activate(cw_net *net, cw_node x, cw_activation act) {
    cw_layer *l = follow(net, CW_LAYER_ACTIVATE, x, SHAPE_OF(net, x));
    if (l)
        l->act = (uint8_t)act;
    return l ? cw_net_last(net) : CW_NO_NODE;
}

static bool same_shape(const cw_axes *a, const cw_axes *b) {
    bool same = a->rank == b->rank;
    for (uint32_t i = 0; same && i < a->rank; i++)
        same = a->axis[i].size == b->axis[i].size;
    return same;
}

cw_node cw_net_add(cw_net *net, cw_node a, cw_node b) {
    cw_axes from = SHAPE_OF(net, a), other = SHAPE_OF(net, b);
    assert(same_shape(&from, &other));
    (void)other;
    cw_layer *l = follow(net, CW_LAYER_ADD, a, from);
    if (!l)
        return CW_NO_NODE;
    l->from[1] = b;
    l->learns |= learns(net, b);
    return cw_net_last(net);
}

cw_node cw_net_join(cw_net *net, cw_node a, cw_node b) {
    cw_axes first = SHAPE_OF(net, a), second = SHAPE_OF(net, b);
    cw_layer *l = follow(net, CW_LAYER_JOIN, a, cw_axes_1("feature", cw_axes_size(&first) + cw_axes_size(&second)));
    if (!l)
        return CW_NO_NODE;
    l->from[1] = b;
    l->learns |= learns(net, b);
    return cw_net_last(net);
}

cw_node cw_net_layer_norm(cw_net *net, const char *name, cw_node x) {
    cw_axes from = SHAPE_OF(net, x);
    cw_layer *l = follow(net, CW_LAYER_LAYER_NORM, x, from);
    if (!l)
        return CW_NO_NODE;
    l->learns = true;
    l->bias = cw_net_weight(net, name, "gain", 1, last_axis(&from), 1, true);
    l->offset = cw_net_weight(net, name, "offset", 1, last_axis(&from), 0, true);
    l->extra_size = (size_t)l->elements / last_axis(&from) * 2 * CW_NN_BLOCK; // means and inverse deviations
    return cw_net_last(net);
}

cw_node cw_net_rms_norm(cw_net *net, const char *name, cw_node x) {
    cw_axes from = SHAPE_OF(net, x);
    cw_layer *l = follow(net, CW_LAYER_RMS_NORM, x, from);
    if (!l)
        return CW_NO_NODE;
    l->learns = true;
    l->bias = cw_net_weight(net, name, "gain", 1, last_axis(&from), 1, true);
    l->extra_size = (size_t)l->elements / last_axis(&from) * CW_NN_BLOCK;
    return cw_net_last(net);
}

cw_node cw_net_softmax(cw_net *net, cw_node x) {
    cw_layer *l = follow(net, CW_LAYER_SOFTMAX, x, SHAPE_OF(net, x));
    return l ? cw_net_last(net) : CW_NO_NODE;
}

cw_node cw_net_set_max(cw_net *net, cw_node x, cw_node mask) {
    cw_axes from = SHAPE_OF(net, x);
    uint32_t width = last_axis(&from);
    cw_layer *l = follow(net, CW_LAYER_SET_MAX, x, cw_axes_1("feature", width));
    if (!l)
        return CW_NO_NODE;
    assert(mask == CW_NO_NODE || net->layers[mask].elements == cw_axes_size(&from) / width);
    l->mask = mask;
    l->extra_size = (size_t)width * CW_NN_BLOCK; // which row it was
    return cw_net_last(net);
}

cw_node cw_net_embed(cw_net *net, const char *name, cw_node x, uint32_t entries, uint32_t width) {
    cw_axes from = SHAPE_OF(net, x);
    assert(from.rank < CW_NN_AXES && entries > 0 && entries < 1u << 24);
    from.axis[from.rank++] = (cw_axis){"feature", width};
    cw_layer *l = follow(net, CW_LAYER_EMBED, x, from);
    if (!l)
        return CW_NO_NODE;
    l->learns = true;
    l->bias = cw_net_weight(net, name, "table", entries, width, 0.1f, false);
    return cw_net_last(net);
}

cw_node cw_net_attention(cw_net *net, cw_node q, cw_node k, cw_node v, cw_node mask, uint32_t heads, bool causal) {
    cw_axes asks = SHAPE_OF(net, q), keys = SHAPE_OF(net, k), values = SHAPE_OF(net, v);
    cw_layer *l = follow(net, CW_LAYER_ATTENTION, q, asks);
    if (!l)
        return CW_NO_NODE;
    assert(asks.rank == 2 && same_shape(&keys, &values) && keys.axis[1].size == asks.axis[1].size &&
           asks.axis[1].size % heads == 0 && (mask == CW_NO_NODE || net->layers[mask].elements == keys.axis[0].size));
    l->from[1] = k;
    l->from[2] = v;
    l->mask = mask;
    l->learns |= learns(net, k) || learns(net, v);
    l->heads = heads;
    l->flag = causal;
    l->extra_size = (size_t)heads * asks.axis[0].size * keys.axis[0].size * CW_NN_BLOCK; // the shares
    l->work = (size_t)keys.axis[0].size * CW_NN_BLOCK;
    return cw_net_last(net);
}

cw_node cw_net_gru(cw_net *net, const char *name, cw_node x, uint32_t width) {
    char part[96];
    snprintf(part, sizeof part, "%s.in", name);
    cw_node in = cw_net_linear(net, part, x, 3 * width, CW_ACT_NONE);
    cw_axes from = SHAPE_OF(net, x);
    cw_layer *l = follow(net, CW_LAYER_GRU, in, with_last(from, width));
    if (!l)
        return CW_NO_NODE;
    assert(from.rank == 2);
    cw_net_matrix(net, l, name, "weight", width, 3 * width);
    l->bias = cw_net_weight(net, name, "bias", 1, 3 * width, 0, true);
    l->extra_size =
        (size_t)from.axis[0].size * 4 * width * CW_NN_BLOCK; // reset, update, new, and the state's part of new
    l->work = cw_turned_room(width, 3 * width) + (size_t)(1 + 1 + 3 + 3) * width * CW_NN_BLOCK;
    net->multiply_adds += (uint64_t)from.axis[0].size * 3 * width * width;
    return cw_net_last(net);
}

cw_node cw_net_conv(cw_net *net, const char *name, cw_node x, cw_conv conv) {
    cw_axes from = SHAPE_OF(net, x);
    if (net->failed)
        return CW_NO_NODE;
    uint32_t high = from.axis[0].size + 2 * conv.padding, wide = from.axis[1].size + 2 * conv.padding;
    uint32_t channels = from.axis[2].size;
    assert(from.rank == 3 && conv.stride > 0 && conv.kernel > 0 && conv.kernel <= high && conv.kernel <= wide &&
           (!conv.depthwise || conv.out == channels));
    cw_axes to = cw_axes_3(from.axis[0].name, (high - conv.kernel) / conv.stride + 1, from.axis[1].name,
                           (wide - conv.kernel) / conv.stride + 1, from.axis[2].name, conv.out);
    cw_layer *l = follow(net, conv.depthwise ? CW_LAYER_DEPTHWISE : CW_LAYER_CONV, x, to);
    if (!l)
        return CW_NO_NODE;
    uint32_t taps = conv.kernel * conv.kernel;
    l->learns = true;
    l->conv = conv;
    if (conv.depthwise) {
        l->offset = cw_net_weight(net, name, "weight", taps, channels, (float)sqrt(1.5 / taps), false);
    } else {
        cw_net_matrix(net, l, name, "weight", taps * channels, conv.out);
        l->work = cw_turned_room(taps * channels, conv.out) + (size_t)2 * taps * channels * CW_NN_BLOCK;
    }
    l->bias = cw_net_weight(net, name, "bias", 1, conv.out, 0, true);
    net->multiply_adds += (uint64_t)l->elements * taps * (conv.depthwise ? 1 : channels);
    return cw_net_last(net);
}

cw_node cw_net_pool(cw_net *net, cw_node x, uint32_t size, bool greatest) {
    cw_axes from = SHAPE_OF(net, x);
    if (net->failed)
        return CW_NO_NODE;
    assert(from.rank == 3 && size > 0 && size <= from.axis[0].size && size <= from.axis[1].size);
    from.axis[0].size /= size;
    from.axis[1].size /= size;
    cw_layer *l = follow(net, CW_LAYER_POOL, x, from);
    if (!l)
        return CW_NO_NODE;
    l->heads = size;
    l->flag = greatest;
    l->extra_size = (size_t)l->elements * CW_NN_BLOCK;
    return cw_net_last(net);
}

cw_node cw_net_flat(cw_net *net, cw_node x) {
    cw_axes from = SHAPE_OF(net, x);
    cw_layer *l = follow(net, CW_LAYER_FLAT, x, cw_axes_1("feature", cw_axes_size(&from)));
    return l ? cw_net_last(net) : CW_NO_NODE;
}

uint32_t cw_net_vector(cw_net *net, const char *name, uint32_t size, float value) {
    return cw_net_weight(net, name, "value", 1, size, value, true);
}

// ---- memory --------------------------------------------------------------------------------------------------------------

cw_status cw_net_finish(cw_net *net, cw_error *err) {
    assert(!net->finished);
    for (uint32_t i = 0; !net->failed && i < net->count; i++) {
        cw_layer *l = &net->layers[i];
        l->value = net->exec_floats;
        net->exec_floats += (size_t)l->elements * CW_NN_BLOCK;
        l->extra = net->exec_floats;
        net->exec_floats += l->extra_size;
        l->gradient = net->exec_slopes;
        net->exec_slopes += l->learns ? (size_t)l->elements * CW_NN_BLOCK : 0;
        net->work_floats = l->work > net->work_floats ? l->work : net->work_floats;
    }
    net->panels = net->failed ? NULL : cw_arena_array(net->arena, net->panel_count + 16, sizeof *net->panels);
    if (!net->panels)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a network");
    net->finished = true;
    cw_net_changed(net);
    return CW_OK;
}

const cw_axes *cw_net_shape(const cw_net *net, cw_node node) {
    assert(node < net->count);
    return &net->layers[node].shape;
}

const cw_weight *cw_net_weights(const cw_net *net, uint32_t *count) {
    *count = net->weight_count;
    return net->weights;
}

float *cw_net_floats(cw_net *net, size_t *count) {
    *count = net->float_count;
    return net->floats;
}

void cw_net_changed(cw_net *net) {
    for (uint32_t i = 0; i < net->count; i++) {
        const cw_matrix *m = &net->layers[i].matrix;
        if (m->weight == CW_NO_NODE)
            continue;
        const cw_weight *w = &net->weights[m->weight];
        const float *from = net->floats + w->first;
        cw_panels(net->kernels, w->rows, w->columns, from, w->stride, false, net->panels + m->panels);
        cw_panels(net->kernels, w->columns, w->rows, from, w->stride, true, net->panels + m->turned);
    }
}

uint64_t cw_net_multiply_adds(const cw_net *net) {
    return net->multiply_adds;
}

size_t cw_net_parameters(const cw_net *net) {
    size_t count = 0;
    for (uint32_t i = 0; i < net->weight_count; i++)
        count += (size_t)net->weights[i].rows * net->weights[i].columns;
    return count;
}
