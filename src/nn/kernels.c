// Which kernels a processor takes, and matrix products made of their tiles.
#include "nn/kernels.h"

#include <assert.h>
#include <string.h>

bool cw_nn_has(cw_kernel_set set) {
#if defined __x86_64__
    if (set == CW_NN_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == CW_NN_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && cw_nn_has(CW_NN_AVX2);
#endif
    return set == CW_NN_AUTO || set == CW_NN_PLAIN;
}

const cw_kernels *cw_kernels_of(cw_kernel_set set) {
    assert(cw_nn_has(set));
#if defined __x86_64__
    bool any = set == CW_NN_AUTO;
    if (set == CW_NN_AVX512 || (any && cw_nn_has(CW_NN_AVX512)))
        return &cw_kernels_avx512;
    if (set == CW_NN_AVX2 || (any && cw_nn_has(CW_NN_AVX2)))
        return &cw_kernels_avx2;
#endif
    return &cw_kernels_plain;
}

const char *cw_nn_set_name(cw_kernel_set set) {
    return cw_kernels_of(set)->name;
}

static uint32_t panel_count(const cw_kernels *kernels, uint32_t height) {
    return (height + kernels->tile - 1) / kernels->tile;
}

uint32_t cw_panel_height(const cw_kernels *kernels, uint32_t height) {
    uint32_t panels = panel_count(kernels, height);
    return (height + panels - 1) / panels; // even panels waste least
}

size_t cw_panels(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *from, size_t stride,
                 bool transposed, float *to) {
    uint32_t tile = cw_panel_height(kernels, height), panels = panel_count(kernels, height);
    for (uint32_t p = 0; to && p < panels; p++)
        for (uint32_t k = 0; k < depth; k++)
            for (uint32_t i = 0; i < tile; i++, to++) {
                uint32_t h = p * tile + i;
                *to = h >= height ? 0 : transposed ? from[h * stride + k] : from[k * stride + h];
            }
    return (size_t)panels * tile * depth;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void cw_panels_product(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *panels, const float *b,
                       const float *bias, bool adds, bool relu, uint32_t lanes, float *c) {
    uint32_t tile = cw_panel_height(kernels, height);
    for (uint32_t h = 0; h < height; h += tile, panels += (size_t)tile * depth)
        kernels->product(least(tile, height - h), lanes, depth, panels, tile, b, CW_NN_BLOCK, bias ? bias + h : NULL,
                         adds, relu, c + (size_t)h * CW_NN_BLOCK, CW_NN_BLOCK);
}

static size_t padded(uint32_t n) {
    return ((size_t)n + 15) & ~(size_t)15;
}

size_t cw_turned_room(uint32_t depth, uint32_t height) {
    return CW_NN_BLOCK * (padded(depth) + padded(height));
}

void cw_panels_slopes(const cw_kernels *kernels, uint32_t depth, uint32_t height, const float *x, const float *dy,
                      uint32_t rows, float *room, float *slopes, size_t stride, float *bias) {
    size_t wide = padded(depth), high = padded(height);
    assert(stride >= high);
    float *samples = room, *signals = room + CW_NN_BLOCK * wide;
    kernels->turn(x, depth, samples, wide);
    kernels->turn(dy, height, signals, high);
    for (uint32_t r = 0; bias && r < rows; r++)
        kernels->add(high, signals + r * high, bias);
    uint32_t tile = cw_panel_height(kernels, depth);
    for (uint32_t k = 0; k < depth; k += tile)
        kernels->product(least(tile, depth - k), (uint32_t)high, rows, samples + k, wide, signals, high, NULL, true,
                         false, slopes + k * stride, stride);
}
