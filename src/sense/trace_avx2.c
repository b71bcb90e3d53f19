// The kernel for AVX2: 8 rays at once.
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define LANES 8
#define TILE_WIDTH 4
#define TILE_HEIGHT 2
#define KERNEL trace_avx2
#include "trace_lanes.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int cw_trace_avx2_absent; // a translation unit must declare something
#endif
