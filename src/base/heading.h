// Sine and cosine of a heading, without a branch, so that loops over many headings become vectors.
#ifndef CW_BASE_HEADING_H
#define CW_BASE_HEADING_H

#include "causeway/base.h"

// |x| <= pi (what cw_wrap_angle gives); error below 1e-13. Taylor series about the nearest quarter turn.
static inline void cw_heading_sincos(double x, double *sine, double *cosine) {
    const double rounder = 0x1.8p52;
    double quarter = (x * (2 / CW_PI) + rounder) - rounder; // -2 to 2
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
    double even_s = quarter * quarter == 4 ? -s : s, even_c = quarter * quarter == 4 ? -c : c;
    double odd_s = quarter < 0 ? -c : c, odd_c = quarter < 0 ? s : -s;
    bool odd = quarter * quarter == 1;
    *sine = odd ? odd_s : even_s;
    *cosine = odd ? odd_c : even_c;
}

#endif
