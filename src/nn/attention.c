// Scaled dot-product attention of several heads (Vaswani et al. 2017, arXiv:1706.03762), for each sample of the block side by
// side.
#include "nn/net.h"

#include <math.h>
#include <string.h>

enum { ROWS = CW_NN_BLOCK };

typedef struct sizes {
    uint32_t asks, keys, width, heads, part; // part: features of a head
    float scale;
} sizes;

static sizes sizes_of(const cw_exec *e, const cw_layer *l) {
    uint32_t width = l->shape.axis[1].size, part = width / l->heads;
    return (sizes){l->shape.axis[0].size, e->net->layers[l->from[1]].shape.axis[0].size, width, l->heads, part,
                   1 / sqrtf((float)part)};
}

static bool open(const cw_layer *l, uint32_t ask, uint32_t key) {
    return !l->flag || key <= ask;
}

// Shares of one head at one time, over the keys; 0 where it may not look.
static void weigh(const cw_exec *e, const cw_layer *l, const sizes *s, const float *q, const float *k, uint32_t ask,
                  const float *mask, float *share) {
    float most[ROWS], sum[ROWS] = {0};
    for (uint32_t r = 0; r < ROWS; r++)
        most[r] = -INFINITY;
    for (uint32_t t = 0; t < s->keys; t++) {
        float *to = share + (size_t)t * ROWS;
        const float *key = k + (size_t)t * s->width * ROWS;
        float product[ROWS] = {0};
        for (uint32_t i = 0; i < s->part; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                product[r] += q[i * ROWS + r] * key[i * ROWS + r];
        for (uint32_t r = 0; r < ROWS; r++) {
            bool looks = open(l, ask, t) && (!mask || mask[(size_t)t * ROWS + r] > 0);
            to[r] = looks ? product[r] * s->scale : -INFINITY;
            most[r] = to[r] > most[r] ? to[r] : most[r];
        }
    }
    for (uint32_t t = 0; t < s->keys; t++) {
        float *to = share + (size_t)t * ROWS, above[ROWS], power[ROWS];
        for (uint32_t r = 0; r < ROWS; r++)
            above[r] = to[r] > -INFINITY ? to[r] - most[r] : -INFINITY;
        e->net->kernels->exponential(ROWS, above, power);
        for (uint32_t r = 0; r < ROWS; r++) {
            to[r] = above[r] > -INFINITY ? power[r] : 0;
            sum[r] += to[r];
        }
    }
    for (uint32_t t = 0; t < s->keys; t++)
        for (uint32_t r = 0; r < ROWS; r++)
            share[(size_t)t * ROWS + r] /= sum[r] > 0 ? sum[r] : 1;
}

static void forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    sizes s = sizes_of(e, l);
    const float *mask = l->mask == CW_NO_NODE ? NULL : cw_value(e, l->mask);
    float *y = cw_value(e, cw_net_node(e->net, l)), *share = e->values + l->extra;
    memset(y, 0, (size_t)l->elements * ROWS * sizeof *y);
    for (uint32_t h = 0; h < s.heads; h++)
        for (uint32_t a = 0; a < s.asks; a++, share += (size_t)s.keys * ROWS) {
            size_t head = (size_t)h * s.part * ROWS, at = (size_t)a * s.width * ROWS + head;
            weigh(e, l, &s, cw_value(e, l->from[0]) + at, cw_value(e, l->from[1]) + head, a, mask, share);
            for (uint32_t t = 0; t < s.keys; t++)
                for (uint32_t i = 0; i < s.part; i++) {
                    const float *v = cw_value(e, l->from[2]) + ((size_t)t * s.width + i) * ROWS + head;
                    float *to = y + at + (size_t)i * ROWS;
                    for (uint32_t r = 0; r < ROWS; r++)
                        to[r] += share[(size_t)t * ROWS + r] * v[r];
                }
        }
}

// dx += dy times f, over the rows.
static void add_product(float *dx, const float *dy, const float *f, float scale, uint32_t rows) {
    for (uint32_t r = 0; dx && r < rows; r++)
        dx[r] += dy[r] * f[r] * scale;
}

static void backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)slopes;
    sizes s = sizes_of(e, l);
    const float *q = cw_value(e, l->from[0]), *k = cw_value(e, l->from[1]), *v = cw_value(e, l->from[2]);
    const float *share = e->values + l->extra, *all = cw_slope(e, cw_net_node(e->net, l));
    float *dq = cw_slope(e, l->from[0]), *dk = cw_slope(e, l->from[1]), *dv = cw_slope(e, l->from[2]);
    float *dshare = e->work;
    for (uint32_t h = 0; h < s.heads; h++)
        for (uint32_t a = 0; a < s.asks; a++, share += (size_t)s.keys * ROWS) {
            size_t head = (size_t)h * s.part * ROWS, at = (size_t)a * s.width * ROWS + head;
            float along[ROWS] = {0};
            for (uint32_t t = 0; t < s.keys; t++) {
                float *d = dshare + (size_t)t * ROWS;
                const float *one = share + (size_t)t * ROWS;
                memset(d, 0, ROWS * sizeof *d);
                for (uint32_t i = 0; i < s.part; i++) {
                    size_t value = ((size_t)t * s.width + i) * ROWS + head;
                    const float *dy = all + at + (size_t)i * ROWS;
                    add_product(d, dy, v + value, 1, rows);
                    add_product(dv ? dv + value : NULL, dy, one, 1, rows);
                }
                for (uint32_t r = 0; r < rows; r++)
                    along[r] += d[r] * one[r];
            }
            for (uint32_t t = 0; t < s.keys; t++) {
                float score[ROWS] = {0};
                for (uint32_t r = 0; r < rows; r++)
                    score[r] = share[(size_t)t * ROWS + r] * (dshare[(size_t)t * ROWS + r] - along[r]);
                for (uint32_t i = 0; i < s.part; i++) {
                    size_t key = ((size_t)t * s.width + i) * ROWS + head, ask = at + (size_t)i * ROWS;
                    add_product(dq ? dq + ask : NULL, score, k + key, s.scale, rows);
                    add_product(dk ? dk + key : NULL, score, q + ask, s.scale, rows);
                }
            }
        }
}

const cw_layer_work cw_work_attention = {forward, backward};
