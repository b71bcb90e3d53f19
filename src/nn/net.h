// A network's inside: its nodes, and the table of what a layer does.
#ifndef CW_NN_NET_H
#define CW_NN_NET_H

#include "nn/kernels.h"

typedef enum cw_layer_kind {
    CW_LAYER_INPUT,
    CW_LAYER_LINEAR,
    CW_LAYER_ACTIVATE,
    CW_LAYER_ADD,
    CW_LAYER_JOIN,
    CW_LAYER_LAYER_NORM,
    CW_LAYER_RMS_NORM,
    CW_LAYER_SOFTMAX,
    CW_LAYER_SET_MAX,
    CW_LAYER_EMBED,
    CW_LAYER_ATTENTION,
    CW_LAYER_GRU,
    CW_LAYER_CONV,
    CW_LAYER_DEPTHWISE,
    CW_LAYER_POOL,
    CW_LAYER_FLAT,
    CW_LAYER_KINDS
} cw_layer_kind;

typedef struct cw_matrix { // weights of a product, and the panels made of them
    uint32_t weight;       // which one
    size_t panels, turned; // first float in cw_net.panels: for y of x, for dx of dy
} cw_matrix;

typedef struct cw_layer {
    uint8_t kind, act; // cw_layer_kind, cw_activation
    bool learns;       // something before it or in it has a gradient
    bool flag;         // attention: causal; pool: the greatest
    cw_axes shape;
    uint32_t elements;
    cw_node from[3], mask; // CW_NO_NODE where there is none
    cw_matrix matrix;
    uint32_t bias;   // weight: bias, gain or table
    uint32_t offset; // weight: second vector of a norm or of a GRU
    uint32_t heads;  // or size of a pool
    cw_conv conv;
    size_t value, gradient; // first float in a cw_exec
    size_t extra;           // room that it keeps from forward to backward, likewise
    size_t extra_size;
    size_t work; // floats that it needs for the moment
} cw_layer;

struct cw_net {
    cw_arena *arena;
    const cw_kernels *kernels;
    uint64_t seed;
    bool failed, finished;
    cw_layer *layers;
    uint32_t count;
    size_t capacity;
    cw_weight *weights;
    uint32_t weight_count;
    size_t weight_capacity;
    float *floats; // weights
    size_t float_count;
    float *panels;
    size_t panel_count;
    uint64_t multiply_adds;
    size_t exec_floats, exec_slopes, work_floats; // values and extras; gradients; for the moment
};

struct cw_exec {
    const cw_net *net;
    float *values, *gradients, *work;
    bool learns;
    uint32_t rows;
};

// Of layer `l`, for so many rows; lanes: rows rounded up to 16. backward adds to the gradients of what it came from and to
// slopes.
typedef struct cw_layer_work {
    void (*forward)(cw_exec *exec, const cw_layer *l, uint32_t lanes);
    void (*backward)(cw_exec *exec, const cw_layer *l, uint32_t rows, float *slopes);
} cw_layer_work;

extern const cw_layer_work cw_work_linear, cw_work_activate, cw_work_add, cw_work_join, cw_work_flat,
    cw_work_embed;                                                                // dense.c
extern const cw_layer_work cw_work_layer_norm, cw_work_rms_norm, cw_work_softmax; // norm.c
extern const cw_layer_work cw_work_set_max, cw_work_pool;                         // pooling.c
extern const cw_layer_work cw_work_attention;                                     // attention.c
extern const cw_layer_work cw_work_gru;                                           // gru.c
extern const cw_layer_work cw_work_conv, cw_work_depthwise;                       // conv.c

static inline cw_node cw_net_node(const cw_net *net, const cw_layer *l) {
    return (cw_node)(l - net->layers);
}
static inline float *cw_value(const cw_exec *e, cw_node node) {
    return e->values + e->net->layers[node].value;
}
// NULL: nobody wants it.
static inline float *cw_slope(const cw_exec *e, cw_node node) {
    return e->net->layers[node].learns ? e->gradients + e->net->layers[node].gradient : NULL;
}
static inline const float *cw_weight_of(const cw_exec *e, uint32_t weight) {
    return e->net->floats + e->net->weights[weight].first;
}
static inline float *cw_weight_slope(const cw_exec *e, uint32_t weight, float *slopes) {
    return slopes + e->net->weights[weight].first;
}

// For layers that are products: y (out x 64) of x (in x 64), and back; `in` and `out` are the matrix's.
void cw_matrix_forward(const cw_exec *exec, const cw_matrix *m, uint32_t bias, bool relu, const float *x,
                       uint32_t lanes, float *y);
void cw_matrix_backward(const cw_exec *exec, const cw_matrix *m, uint32_t bias, const float *x, const float *dy,
                        uint32_t rows, float *work, float *dx, float *slopes);

// ---- while it is built (net.c) -------------------------------------------------------------------------------------------

cw_layer *cw_net_layer(cw_net *net, cw_layer_kind kind, cw_axes shape); // NULL: out of memory
cw_node cw_net_last(const cw_net *net);
// spread: deviation of the first weights; `even`: they are all that value instead. Returns its number.
uint32_t cw_net_weight(cw_net *net, const char *name, const char *part, uint32_t rows, uint32_t columns, float spread,
                       bool even);
void cw_net_matrix(cw_net *net, cw_layer *layer, const char *name, const char *part, uint32_t in, uint32_t out);

#endif
