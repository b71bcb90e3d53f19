// Kernels for any processor, and what the others are held against.
#include "nn/kernels.h"

#include <math.h>
#include <string.h>

#define NAME "plain"
#define KERNELS cw_kernels_plain
#define TILE 4
#define WIDTH 16
#define VECTORS 1

typedef struct vec {
    float of[WIDTH];
} vec;

static inline vec load(const float *from) {
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void store(float *to, vec v) {
    memcpy(to, &v, sizeof v);
}

static inline vec fill(float value) {
    vec v;
    for (int i = 0; i < WIDTH; i++)
        v.of[i] = value;
    return v;
}

static inline vec fused(vec a, vec b, vec c) {
    for (int i = 0; i < WIDTH; i++)
        c.of[i] += a.of[i] * b.of[i];
    return c;
}

static inline vec greater(vec a, vec b) {
    for (int i = 0; i < WIDTH; i++)
        a.of[i] = a.of[i] > b.of[i] ? a.of[i] : b.of[i];
    return a;
}

static inline float root(float x) {
    return sqrtf(x);
}

static void turn(const float *from, uint32_t elements, float *to, size_t stride) {
    for (uint32_t r = 0; r < CW_NN_BLOCK; r++)
        for (uint32_t e = 0; e < (elements + 15) / 16 * 16; e++)
            to[r * stride + e] = e < elements ? from[(size_t)e * CW_NN_BLOCK + r] : 0;
}

#include "nn/kernels_body.h"
