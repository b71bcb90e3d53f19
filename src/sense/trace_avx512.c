// The kernel for AVX512: 16 rays at once.
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,fma")
#endif
#define LANES 16
#define TILE_WIDTH 4
#define TILE_HEIGHT 4
#define KERNEL trace_avx512
#include "trace_lanes.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int cw_trace_avx512_absent; // a translation unit must declare something
#endif
