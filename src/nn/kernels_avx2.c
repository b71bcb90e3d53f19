// Kernels for AVX2 with fused multiply-adds.
#include "nn/kernels.h"

#if defined __x86_64__
#include <immintrin.h>
#include <math.h>

#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define NAME "AVX2"
#define KERNELS cw_kernels_avx2
#define TILE 6
#define WIDTH 8
#define VECTORS 2

typedef __m256 vec;

static inline vec load(const float *from) {
    return _mm256_loadu_ps(from);
}

static inline void store(float *to, vec v) {
    _mm256_storeu_ps(to, v);
}

static inline vec fill(float value) {
    return _mm256_set1_ps(value);
}

static inline vec fused(vec a, vec b, vec c) {
    return _mm256_fmadd_ps(a, b, c);
}

static inline vec greater(vec a, vec b) {
    return _mm256_max_ps(a, b);
}

static inline float root(float x) {
    return sqrtf(x);
}

static void turn_eight(const float *from, float *to, size_t stride) {
    __m256 r[8], s[8];
    for (int i = 0; i < 8; i++)
        r[i] = _mm256_loadu_ps(from + (size_t)i * CW_NN_BLOCK);
    for (int i = 0; i < 8; i += 2) {
        s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(s[i], s[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(to + (size_t)i * stride, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(to + (size_t)(i + 4) * stride, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}

static void turn(const float *from, uint32_t elements, float *to, size_t stride) {
    uint32_t e = 0;
    for (; e + 8 <= elements; e += 8)
        for (size_t r = 0; r < CW_NN_BLOCK; r += 8)
            turn_eight(from + (size_t)e * CW_NN_BLOCK + r, to + r * stride + e, stride);
    for (; e < (elements + 15) / 16 * 16; e++)
        for (size_t r = 0; r < CW_NN_BLOCK; r++)
            to[r * stride + e] = e < elements ? from[(size_t)e * CW_NN_BLOCK + r] : 0;
}

#include "nn/kernels_body.h"

#if defined __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
