// Directions of many headings at once, compiled for each instruction set: the same operations in the same order, and nothing
// is contracted, so the bits are the same too.
#include "base/heading.h"

#include <math.h>

static inline __attribute__((always_inline)) void directions(const double *restrict heading, uint32_t count,
                                                             double *restrict sine, double *restrict cosine) {
    for (uint32_t i = 0; i < count; i++)
        cw_heading_sincos(heading[i], &sine[i], &cosine[i]);
}

static void directions_plain(const double *heading, uint32_t count, double *sine, double *cosine) {
    directions(heading, count, sine, cosine);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void directions_avx2(const double *heading, uint32_t count, double *sine,
                                                            double *cosine) {
    directions(heading, count, sine, cosine);
}
#endif

void cw_directions(const double *heading, uint32_t count, double *sine, double *cosine) {
#if defined __x86_64__
    (__builtin_cpu_supports("avx2") ? directions_avx2 : directions_plain)(heading, count, sine, cosine);
#else
    directions_plain(heading, count, sine, cosine);
#endif
    for (uint32_t i = 0; i < count; i++)
        if (!(fabs(heading[i]) <= CW_HEADING_MOST))
            cw_sincos(heading[i], &sine[i], &cosine[i]);
}
