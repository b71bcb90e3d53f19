// Layers that keep one of many, or their mean: the greatest of a set, squares of an image.
#include "nn/net.h"

#include <assert.h>
#include <math.h>

enum { ROWS = CW_NN_BLOCK };

// ---- the greatest of a set (Zaheer et al. 2017, arXiv:1703.06114) ----------------------------------------------------------

static void set_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    uint32_t width = l->elements, items = e->net->layers[l->from[0]].elements / width;
    const float *x = cw_value(e, l->from[0]), *mask = l->mask == CW_NO_NODE ? NULL : cw_value(e, l->mask);
    float *y = cw_value(e, cw_net_node(e->net, l)), *which = e->values + l->extra; // item + 1; 0: none
    for (size_t k = 0; k < width; k++)
        for (size_t r = k * ROWS; r < k * ROWS + lanes; r++) {
            y[r] = -INFINITY;
            which[r] = 0;
        }
    for (uint32_t i = 0; i < items; i++)
        for (uint32_t k = 0; k < width; k++)
            e->net->kernels->pick(lanes, x + ((size_t)i * width + k) * ROWS, mask ? mask + (size_t)i * ROWS : NULL,
                                  (float)(i + 1), y + (size_t)k * ROWS, which + (size_t)k * ROWS);
    for (size_t k = 0; k < width; k++)
        for (size_t r = k * ROWS; r < k * ROWS + lanes; r++)
            y[r] = which[r] > 0 ? y[r] : 0;
}

static void set_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)rows;
    (void)slopes;
    uint32_t width = l->elements, items = e->net->layers[l->from[0]].elements / width;
    const float *dy = cw_slope(e, cw_net_node(e->net, l)), *which = e->values + l->extra;
    float *dx = cw_slope(e, l->from[0]);
    for (uint32_t i = 0; i < items; i++)
        for (uint32_t k = 0; k < width; k++)
            e->net->kernels->give(ROWS, dy + (size_t)k * ROWS, which + (size_t)k * ROWS, (float)(i + 1),
                                  dx + ((size_t)i * width + k) * ROWS);
}

const cw_layer_work cw_work_set_max = {set_forward, set_backward};

// ---- squares of an image ---------------------------------------------------------------------------------------------------

typedef struct square {
    uint32_t high, wide, channels, across, size; // of the result; pixels across and of a square in the source
} square;

static square square_of(const cw_exec *e, const cw_layer *l) {
    const cw_axis *to = l->shape.axis;
    return (square){to[0].size, to[1].size, to[2].size, e->net->layers[l->from[0]].shape.axis[1].size, l->heads};
}

// Element of the source for result (i, j, c) and place (a, b) in its square.
static size_t source(const square *s, uint32_t i, uint32_t j, uint32_t c, uint32_t a, uint32_t b) {
    return (((size_t)i * s->size + a) * s->across + (size_t)j * s->size + b) * s->channels + c;
}

static void pool_one(const square *s, bool greatest, const float *x, uint32_t i, uint32_t j, uint32_t c, float *y,
                     float *which) {
    for (uint32_t a = 0; a < s->size; a++)
        for (uint32_t b = 0; b < s->size; b++) {
            const float *from = x + source(s, i, j, c, a, b) * ROWS;
            bool first = a == 0 && b == 0;
            for (uint32_t r = 0; r < ROWS; r++) {
                if (!greatest) {
                    y[r] = (first ? 0 : y[r]) + from[r] / (float)(s->size * s->size);
                } else if (first || from[r] > y[r]) {
                    y[r] = from[r];
                    which[r] = (float)(a * s->size + b);
                }
            }
        }
}

static void pool_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    square s = square_of(e, l);
    float *y = cw_value(e, cw_net_node(e->net, l)), *which = e->values + l->extra;
    for (uint32_t i = 0; i < s.high; i++)
        for (uint32_t j = 0; j < s.wide; j++)
            for (uint32_t c = 0; c < s.channels; c++, y += ROWS, which += ROWS)
                pool_one(&s, l->flag, cw_value(e, l->from[0]), i, j, c, y, which);
}

static void pool_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    (void)slopes;
    square s = square_of(e, l);
    const float *dy = cw_slope(e, cw_net_node(e->net, l)), *which = e->values + l->extra;
    float *dx = cw_slope(e, l->from[0]);
    assert(dy && dx); // else it would not be asked
    for (uint32_t i = 0; i < s.high; i++)
        for (uint32_t j = 0; j < s.wide; j++)
            for (uint32_t c = 0; c < s.channels; c++, dy += ROWS, which += ROWS)
                for (uint32_t p = 0; p < s.size * s.size; p++) {
                    float *to = dx + source(&s, i, j, c, p / s.size, p % s.size) * ROWS;
                    for (uint32_t r = 0; r < rows; r++)
                        to[r] += !l->flag ? dy[r] / (float)(s.size * s.size) : which[r] == (float)p ? dy[r] : 0;
                }
}

const cw_layer_work cw_work_pool = {pool_forward, pool_backward};
