// Quintics that start as they are told to and end with no slope and no bend. A plan made anew on the way that starts with
// the slope and the bend that it has goes on as before; from no bend at all it would begin later each time.
#include "drive/lateral.h"
#include <math.h>

lateral cw_lateral_make(double s0, double length, double d0, double slope0, double bend0, double d1) {
    return (lateral){.s0 = s0,
                     .s1 = s0 + length,
                     .d0 = d0,
                     .slope0 = slope0,
                     .bend0 = bend0,
                     .d1 = d1,
                     .s2 = INFINITY,
                     .s3 = INFINITY,
                     .d2 = d1};
}

lateral cw_lateral_back(lateral there, double s2, double length, double d2) {
    there.s2 = s2 > there.s1 ? s2 : there.s1;
    there.s3 = there.s2 + length;
    there.d2 = d2;
    return there;
}

static double quintic(double u, double length, double from, double slope0, double bend0, double to, double *slope,
                      double *bend) {
    double rise = to - from, m = slope0 * length, q = 0.5 * bend0 * length * length;
    double a = 10.0 * rise - 6.0 * m - 3.0 * q, b = -15.0 * rise + 8.0 * m + 3.0 * q, c = 6.0 * rise - 3.0 * m - q;
    if (slope) {
        *slope = (m + 2.0 * u * q + u * u * (3.0 * a + u * (4.0 * b + u * 5.0 * c))) / length;
    }
    if (bend) {
        *bend = (2.0 * q + u * (6.0 * a + u * (12.0 * b + u * 20.0 * c))) / (length * length);
    }
    return from + u * (m + u * (q + u * (a + u * (b + u * c))));
}

double cw_lateral_at(const lateral *l, double s, double *slope, double *bend) {
    if (s > l->s0 && s < l->s1) {
        return quintic((s - l->s0) / (l->s1 - l->s0), l->s1 - l->s0, l->d0, l->slope0, l->bend0, l->d1, slope, bend);
    }
    if (s > l->s2 && s < l->s3) {
        return quintic((s - l->s2) / (l->s3 - l->s2), l->s3 - l->s2, l->d1, 0.0, 0.0, l->d2, slope, bend);
    }
    if (slope) {
        *slope = 0.0;
    }
    if (bend) {
        *bend = 0.0;
    }
    return s <= l->s0 ? l->d0 : s <= l->s2 ? l->d1 : l->d2;
}

void cw_lateral_shift(lateral *l, double ds, double dd) {
    l->s0 += ds;
    l->s1 += ds;
    l->s2 += ds;
    l->s3 += ds;
    l->d0 += dd;
    l->d1 += dd;
    l->d2 += dd;
}
