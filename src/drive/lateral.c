// Quintics with no slope and no bend at their ends (but for the slope they start with).
#include "drive/lateral.h"
#include <math.h>

lateral cw_lateral_make(double s0, double length, double d0, double slope0, double d1) {
    return (lateral){
        .s0 = s0, .s1 = s0 + length, .d0 = d0, .slope0 = slope0, .d1 = d1, .s2 = INFINITY, .s3 = INFINITY, .d2 = d1};
}

lateral cw_lateral_back(lateral there, double s2, double length, double d2) {
    there.s2 = s2 > there.s1 ? s2 : there.s1;
    there.s3 = there.s2 + length;
    there.d2 = d2;
    return there;
}

static double quintic(double u, double length, double from, double slope0, double to, double *slope, double *bend) {
    double rise = to - from, m = slope0 * length;
    double a = 10.0 * rise - 6.0 * m, b = -15.0 * rise + 8.0 * m, c = 6.0 * rise - 3.0 * m;
    if (slope) {
        *slope = (m + u * u * (3.0 * a + u * (4.0 * b + u * 5.0 * c))) / length;
    }
    if (bend) {
        *bend = u * (6.0 * a + u * (12.0 * b + u * 20.0 * c)) / (length * length);
    }
    return from + u * (m + u * u * (a + u * (b + u * c)));
}

double cw_lateral_at(const lateral *l, double s, double *slope, double *bend) {
    if (s > l->s0 && s < l->s1) {
        return quintic((s - l->s0) / (l->s1 - l->s0), l->s1 - l->s0, l->d0, l->slope0, l->d1, slope, bend);
    }
    if (s > l->s2 && s < l->s3) {
        return quintic((s - l->s2) / (l->s3 - l->s2), l->s3 - l->s2, l->d1, 0.0, l->d2, slope, bend);
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
