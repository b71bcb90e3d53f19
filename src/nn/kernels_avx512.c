// Kernels for AVX-512.
#include "nn/kernels.h"

#if defined __x86_64__
#include <immintrin.h>
#include <math.h>

#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))),                   \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512")
#endif

#define NAME "AVX-512"
#define KERNELS cw_kernels_avx512
#define TILE 14
#define WIDTH 16
#define VECTORS 2

typedef __m512 vec;

static inline vec load(const float *from) {
    return _mm512_loadu_ps(from);
}

static inline void store(float *to, vec v) {
    _mm512_storeu_ps(to, v);
}

static inline vec fill(float value) {
    return _mm512_set1_ps(value);
}

static inline vec fused(vec a, vec b, vec c) {
    return _mm512_fmadd_ps(a, b, c);
}

static inline vec greater(vec a, vec b) {
    return _mm512_max_ps(a, b);
}

static inline float root(float x) {
    return sqrtf(x);
}

static void turn_sixteen(const float *from, float *to, size_t stride) {
    __m512 r[16], s[16];
    for (int i = 0; i < 16; i++)
        r[i] = _mm512_loadu_ps(from + (size_t)i * CW_NN_BLOCK);
    for (int i = 0; i < 16; i += 2) {
        s[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) { // r[i + j]: column j of each lane of 128 bits, rows i to i + 3
        r[i] = _mm512_shuffle_ps(s[i], s[i + 2], 0x44);
        r[i + 1] = _mm512_shuffle_ps(s[i], s[i + 2], 0xee);
        r[i + 2] = _mm512_shuffle_ps(s[i + 1], s[i + 3], 0x44);
        r[i + 3] = _mm512_shuffle_ps(s[i + 1], s[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        __m512 low02 = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88), low13 = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
        __m512 high02 = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
        __m512 high13 = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
        float *at = to + (size_t)i * stride;
        _mm512_storeu_ps(at, _mm512_shuffle_f32x4(low02, high02, 0x88));
        _mm512_storeu_ps(at + 4 * stride, _mm512_shuffle_f32x4(low13, high13, 0x88));
        _mm512_storeu_ps(at + 8 * stride, _mm512_shuffle_f32x4(low02, high02, 0xdd));
        _mm512_storeu_ps(at + 12 * stride, _mm512_shuffle_f32x4(low13, high13, 0xdd));
    }
}

static void turn(const float *from, uint32_t elements, float *to, size_t stride) {
    uint32_t e = 0;
    for (; e + 16 <= elements; e += 16)
        for (size_t r = 0; r < CW_NN_BLOCK; r += 16)
            turn_sixteen(from + (size_t)e * CW_NN_BLOCK + r, to + r * stride + e, stride);
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
