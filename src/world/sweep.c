// The loops over all bodies, compiled for each instruction set. They are the same operations in the same order, and nothing
// is contracted, so the bits are too.
#include "world/sweep.h"

#include <math.h>

typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t v4i __attribute__((vector_size(32), aligned(8), may_alias));

#define BODY static inline __attribute__((always_inline))
#define WIDTH 4

cw_sweep *cw_sweep_make(cw_arena *arena, uint32_t most) {
    cw_sweep *s = cw_arena_alloc(arena, sizeof *s);
    if (!s)
        return NULL;
    double **const arrays[] = {&s->low_x, &s->high_x, &s->low_y,    &s->high_y,
                               &s->sine,  &s->cosine, &s->old_sine, &s->old_cosine};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = cw_arena_array(arena, (size_t)most + WIDTH, sizeof(double))))
            return NULL;
    s->later = cw_arena_array(arena, (size_t)most, sizeof *s->later);
    return s->later ? s : NULL;
}

// ---- kernels ---------------------------------------------------------------------------------------------------------

BODY void pairs(cw_sweep *s, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        double low_x = s->low_x[i], high_x = s->high_x[i], low_y = s->low_y[i], high_y = s->high_y[i];
        uint32_t first = (i + 1) / WIDTH * WIDTH; // a whole vector; what comes before is masked off
        v4i bit = (v4i){1, 2, 4, 8} << first, found = {0};
        for (uint32_t k = first; k < count; k += WIDTH, bit <<= WIDTH)
            found |= bit & (*(const v4 *)(s->low_x + k) <= high_x) & (*(const v4 *)(s->high_x + k) >= low_x) &
                     (*(const v4 *)(s->low_y + k) <= high_y) & (*(const v4 *)(s->high_y + k) >= low_y);
        uint64_t all = (uint64_t)(found[0] | found[1] | found[2] | found[3]);
        s->later[i] = i + 1 < CW_SWEEP_MOST ? all >> (i + 1) << (i + 1) : 0;
    }
}

static void pairs_plain(cw_sweep *s, uint32_t count) {
    pairs(s, count);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void pairs_avx2(cw_sweep *s, uint32_t count) {
    pairs(s, count);
}
#endif

static bool has_avx2(void) {
#if defined __x86_64__
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

void cw_sweep_pairs(cw_sweep *s, uint32_t count) {
    for (uint32_t i = count; i < count + WIDTH; i++) { // nobody is there
        s->low_x[i] = s->low_y[i] = INFINITY;
        s->high_x[i] = s->high_y[i] = -INFINITY;
    }
#if defined __x86_64__
    (has_avx2() ? pairs_avx2 : pairs_plain)(s, count);
#else
    pairs_plain(s, count);
#endif
}
