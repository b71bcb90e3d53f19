// So many numbers at once: one type and a handful of operations, by the instruction set for which the file that includes
// this is compiled. LANES is 16 (AVX-512), 8 (AVX2) or 4 (anything); with 4 the compiler's vectors do all of it.
#ifndef CW_SENSE_LANES_H
#define CW_SENSE_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if LANES > 4
#include <immintrin.h>
#endif

typedef float lf __attribute__((vector_size(4 * LANES)));
typedef int32_t li __attribute__((vector_size(4 * LANES)));
typedef uint32_t lu __attribute__((vector_size(4 * LANES))); // where products wrap

#define LANE_CODE static inline __attribute__((always_inline, unused))

typedef struct lf3 {
    lf x, y, z;
} lf3;

LANE_CODE lf lf_of(float value) {
    return (lf){0} + value;
}
LANE_CODE li li_of(int32_t value) {
    return (li){0} + value;
}
LANE_CODE lf lf_bits(li value) {
    return (lf)value;
}
LANE_CODE li li_bits(lf value) {
    return (li)value;
}
// a where the mask is set, else b.
LANE_CODE lf lf_pick(li mask, lf a, lf b) {
    return (lf)(((li)a & mask) | ((li)b & ~mask));
}
LANE_CODE li li_pick(li mask, li a, li b) {
    return (a & mask) | (b & ~mask);
}
LANE_CODE lf lf_load(const void *at) {
    lf out;
    memcpy(&out, at, sizeof out);
    return out;
}
LANE_CODE void lf_store(void *at, lf value) {
    memcpy(at, &value, sizeof value);
}
LANE_CODE li li_load(const void *at) {
    li out;
    memcpy(&out, at, sizeof out);
    return out;
}
LANE_CODE void li_store(void *at, li value) {
    memcpy(at, &value, sizeof value);
}
LANE_CODE li li_from(lf value) { // towards zero
    return __builtin_convertvector(value, li);
}
LANE_CODE lf lf_from(li value) {
    return __builtin_convertvector(value, lf);
}
LANE_CODE li li_count(void) { // 0, 1, 2, ...
    li out;
    for (int i = 0; i < LANES; i++)
        out[i] = i;
    return out;
}

#if LANES == 16

LANE_CODE lf lf_min(lf a, lf b) {
    return (lf)_mm512_min_ps((__m512)a, (__m512)b);
}
LANE_CODE lf lf_max(lf a, lf b) {
    return (lf)_mm512_max_ps((__m512)a, (__m512)b);
}
LANE_CODE lf lf_sqrt(lf a) {
    return (lf)_mm512_sqrt_ps((__m512)a);
}
LANE_CODE lf lf_floor(lf a) {
    return (lf)_mm512_roundscale_ps((__m512)a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
LANE_CODE lf lf_mad(lf a, lf b, lf c) { // a * b + c
    return (lf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
LANE_CODE int li_any(li mask) {
    return _mm512_movepi32_mask((__m512i)mask) != 0;
}
LANE_CODE int li_bit_mask(li mask) {
    return (int)_mm512_movepi32_mask((__m512i)mask);
}
LANE_CODE lf lf_gather(const float *base, li index) {
    return (lf)_mm512_i32gather_ps((__m512i)index, base, 4);
}
LANE_CODE li li_gather(const void *base, li index) {
    return (li)_mm512_i32gather_epi32((__m512i)index, base, 4);
}
LANE_CODE li li_gather_bytes(const uint8_t *base, li index) { // three bytes behind the last are read too
    return (li)_mm512_i32gather_epi32((__m512i)index, base, 1) & 255;
}

#elif LANES == 8

LANE_CODE lf lf_min(lf a, lf b) {
    return (lf)_mm256_min_ps((__m256)a, (__m256)b);
}
LANE_CODE lf lf_max(lf a, lf b) {
    return (lf)_mm256_max_ps((__m256)a, (__m256)b);
}
LANE_CODE lf lf_sqrt(lf a) {
    return (lf)_mm256_sqrt_ps((__m256)a);
}
LANE_CODE lf lf_floor(lf a) {
    return (lf)_mm256_floor_ps((__m256)a);
}
LANE_CODE lf lf_mad(lf a, lf b, lf c) {
    return (lf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
LANE_CODE int li_any(li mask) {
    return _mm256_movemask_ps((__m256)mask) != 0;
}
LANE_CODE int li_bit_mask(li mask) {
    return _mm256_movemask_ps((__m256)mask);
}
LANE_CODE lf lf_gather(const float *base, li index) {
    return (lf)_mm256_i32gather_ps(base, (__m256i)index, 4);
}
LANE_CODE li li_gather(const void *base, li index) {
    return (li)_mm256_i32gather_epi32(base, (__m256i)index, 4);
}
LANE_CODE li li_gather_bytes(const uint8_t *base, li index) {
    return (li)_mm256_i32gather_epi32((const void *)base, (__m256i)index, 1) & 255;
}

#else

LANE_CODE lf lf_min(lf a, lf b) {
    return lf_pick(a < b, a, b);
}
LANE_CODE lf lf_max(lf a, lf b) {
    return lf_pick(a > b, a, b);
}
LANE_CODE lf lf_sqrt(lf a) {
    for (int i = 0; i < LANES; i++)
        a[i] = (float)sqrt((double)a[i]); // rounds as sqrtf does
    return a;
}
LANE_CODE lf lf_floor(lf a) {
    lf whole = lf_from(li_from(a));
    return lf_pick(whole > a, whole - 1.0F, whole);
}
LANE_CODE lf lf_mad(lf a, lf b, lf c) {
    return a * b + c;
}
LANE_CODE int li_bit_mask(li mask) {
    int bits = 0;
    for (int i = 0; i < LANES; i++)
        bits |= (mask[i] < 0) << i;
    return bits;
}
LANE_CODE int li_any(li mask) {
    return li_bit_mask(mask) != 0;
}
LANE_CODE lf lf_gather(const float *base, li index) {
    lf out;
    for (int i = 0; i < LANES; i++)
        out[i] = base[index[i]];
    return out;
}
LANE_CODE li li_gather(const void *base, li index) {
    li out;
    for (int i = 0; i < LANES; i++)
        out[i] = ((const int32_t *)base)[index[i]];
    return out;
}
LANE_CODE li li_gather_bytes(const uint8_t *base, li index) {
    li out;
    for (int i = 0; i < LANES; i++)
        out[i] = base[index[i]];
    return out;
}

#endif

LANE_CODE lf lf_clamp(lf x, float low, float high) {
    return lf_min(lf_max(x, lf_of(low)), lf_of(high));
}
LANE_CODE lf lf_mix(lf a, lf b, lf f) {
    return lf_mad(b - a, f, a);
}
LANE_CODE lf lf_abs(lf a) {
    return (lf)((li)a & 0x7FFFFFFF);
}
// e^x for x <= 0, to 2e-5 relative; below -80: e^-80.
LANE_CODE lf lf_exp(lf x) {
    lf t = lf_max(x, lf_of(-80.0F)) * 1.44269504F, whole = lf_floor(t), f = t - whole;
    lf p = lf_mad(
        lf_mad(lf_mad(lf_mad(lf_of(0.0136779F), f, lf_of(0.0516962F)), f, lf_of(0.2416384F)), f, lf_of(0.6929885F)), f,
        lf_of(1.0000000F));
    return p * (lf)((li_from(whole) + 127) << 23);
}
LANE_CODE lf3 lf3_of(const float *v) {
    return (lf3){lf_of(v[0]), lf_of(v[1]), lf_of(v[2])};
}
LANE_CODE lf3 lf3_add(lf3 a, lf3 b) {
    return (lf3){a.x + b.x, a.y + b.y, a.z + b.z};
}
LANE_CODE lf3 lf3_times(lf3 a, lf3 b) {
    return (lf3){a.x * b.x, a.y * b.y, a.z * b.z};
}
LANE_CODE lf3 lf3_scaled(lf3 a, lf s) {
    return (lf3){a.x * s, a.y * s, a.z * s};
}
LANE_CODE lf3 lf3_mad(lf3 a, lf s, lf3 c) { // a * s + c
    return (lf3){lf_mad(a.x, s, c.x), lf_mad(a.y, s, c.y), lf_mad(a.z, s, c.z)};
}
LANE_CODE lf lf3_dot(lf3 a, lf3 b) {
    return lf_mad(a.x, b.x, lf_mad(a.y, b.y, a.z * b.z));
}
LANE_CODE lf3 lf3_unit(lf3 a) {
    return lf3_scaled(a, 1.0F / lf_sqrt(lf_max(lf3_dot(a, a), lf_of(1e-20F))));
}
LANE_CODE lf3 lf3_mix(lf3 a, lf3 b, lf f) {
    return (lf3){lf_mix(a.x, b.x, f), lf_mix(a.y, b.y, f), lf_mix(a.z, b.z, f)};
}
LANE_CODE lf3 lf3_pick(li mask, lf3 a, lf3 b) {
    return (lf3){lf_pick(mask, a.x, b.x), lf_pick(mask, a.y, b.y), lf_pick(mask, a.z, b.z)};
}

#endif
