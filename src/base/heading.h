// Sine and cosine of a heading, without a branch, so that loops over many headings become vectors.
#ifndef CW_BASE_HEADING_H
#define CW_BASE_HEADING_H

#include "causeway/base.h"

#include <string.h>

#define CW_HEADING_MOST 1e5 // rad

// |x| <= CW_HEADING_MOST; error below 1e-13 within a few turns. Taylor series about the nearest quarter turn.
static inline void cw_heading_sincos(double x, double *sine, double *cosine) {
    const double rounder = 0x1.8p52;
    const uint64_t sign = (uint64_t)1 << 63;
    double shifted = x * (2 / CW_PI) + rounder; // the number of quarters stands in its low bits
    double quarter = shifted - rounder;
    double r = (x - quarter * 0x1.921fb544p+0) - quarter * 0x1.0b4611a62633p-34, q = r * r;
    double s =
        r * (1 + q * (-1.0 / 6 +
                      q * (1.0 / 120 +
                           q * (-1.0 / 5040 + q * (1.0 / 362880 + q * (-1.0 / 39916800 + q * (1.0 / 6227020800)))))));
    double c =
        1 + q * (-1.0 / 2 +
                 q * (1.0 / 24 +
                      q * (-1.0 / 720 + q * (1.0 / 40320 + q * (-1.0 / 3628800 +
                                                                q * (1.0 / 479001600 + q * (-1.0 / 87178291200)))))));
    uint64_t k, s_bits, c_bits;
    memcpy(&k, &shifted, sizeof k);
    memcpy(&s_bits, &s, sizeof s_bits);
    memcpy(&c_bits, &c, sizeof c_bits);
    uint64_t swapped = (s_bits ^ c_bits) & (0 - (k & 1)); // odd quarters swap the two
    s_bits = (s_bits ^ swapped) ^ (k << 62 & sign);
    c_bits = (c_bits ^ swapped) ^ ((k + 1) << 62 & sign);
    memcpy(sine, &s_bits, sizeof *sine);
    memcpy(cosine, &c_bits, sizeof *cosine);
}

// The same of any heading, however far round.
static inline void cw_direction(double heading, double *sine, double *cosine) {
    if (heading <= CW_HEADING_MOST && heading >= -CW_HEADING_MOST)
        cw_heading_sincos(heading, sine, cosine);
    else
        cw_sincos(heading, sine, cosine);
}

// The same of `count` headings.
void cw_directions(const double *heading, uint32_t count, double *sine, double *cosine);

#endif
