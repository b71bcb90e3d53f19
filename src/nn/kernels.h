// What the layers are made of, for each instruction set: kernels_plain.c, kernels_avx2.c and kernels_avx512.c compile
// kernels_body.h once each.
#ifndef CW_NN_KERNELS_H
#define CW_NN_KERNELS_H

#include "causeway/nn.h"

enum { CW_TILE_MOST = 14 };

typedef struct cw_adam_step { // constants of one step
    float rate, beta1, beta2, epsilon, decay, average;
    float unbias1, unbias2; // 1 / (1 - beta^t)
    float scale;            // of the gradient
} cw_adam_step;

typedef struct cw_kernels {
    const char *name;
    uint32_t tile; // most rows of a product that are made at once
    // c[i][j] = start + sum over k of a[k * a_step + i] * b[k * b_step + j], i < height <= tile, j < lanes, a multiple of 16; k
    // in order. start: bias[i] where there is one, else c where `adds`, else 0. relu: and not below 0.
    void (*product)(uint32_t height, uint32_t lanes, uint32_t depth, const float *a, size_t a_step, const float *b,
                    size_t b_step, const float *bias, bool adds, bool relu, float *c, size_t c_step);
    // to[r * stride + e] = from[e * 64 + r] for e < elements, r < 64; up to the next multiple of 16 elements zeros.
    void (*turn)(const float *from, uint32_t elements, float *to, size_t stride);
    // y = act(x), and dx += dy * act'(x), over `count` floats, a multiple of 16.
    void (*activate)(cw_activation act, size_t count, const float *x, float *y);
    void (*slope)(cw_activation act, size_t count, const float *x, const float *y, const float *dy, float *dx);
    void (*exponential)(size_t count, const float *x, float *y); // 2 ulp
    void (*add)(size_t count, const float *x, float *y);         // y += x
    void (*gate)(size_t count, const float *y, float *dy);       // dy = 0 where y is not above 0
    // Where mask (NULL: everywhere) is > 0 and x > y: y = x and which = number. Back: dx += dy where which is the number.
    void (*pick)(size_t count, const float *x, const float *mask, float number, float *y, float *which);
    void (*give)(size_t count, const float *dy, const float *which, float number, float *dx);
    void (*adam)(const cw_adam_step *step, size_t count, const float *slope, float *weight, float *first, float *second,
                 float *average); // average NULL: none
} cw_kernels;

extern const cw_kernels cw_kernels_plain, cw_kernels_avx2, cw_kernels_avx512;

const cw_kernels *cw_kernels_of(cw_kernel_set set);

// A matrix (depth x height, rows `stride` floats apart) as panels of `tile` rows of the product: panel p holds, for each k, its
// heights. Returns the floats that it takes; `to` may be NULL.
uint32_t cw_panel_height(const cw_kernels *kernels, uint32_t height); // of each panel
size_t cw_panels(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *from, size_t stride,
                 bool transposed, float *to);
// c (height x 64) = bias + panels * b (depth x 64), for so many lanes.
void cw_panels_product(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *panels, const float *b,
                       const float *bias, bool adds, bool relu, uint32_t lanes, float *c);
// slopes (depth x height, rows `stride` apart) += x (depth x 64) times dy (height x 64) over the samples, and bias (height, padded
// to 16; NULL: none) += dy. room: two turned blocks, cw_turned_room floats.
size_t cw_turned_room(uint32_t depth, uint32_t height);
void cw_panels_slopes(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *x, const float *dy,
                      uint32_t rows, float *room, float *slopes, size_t stride, float *bias);

#endif
