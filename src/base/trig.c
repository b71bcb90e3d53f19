// Sine, cosine and tangent: Cody-Waite reduction by pi/2 in parts, then polynomials on [-pi/4, pi/4]. The coefficients
// interpolate the functions at Chebyshev nodes (near minimax); only +, -, *, / and sqrt are used, so the bits repeat.
#include "causeway/base.h"

#include <math.h>
#include <string.h>

// pi/2 in parts of 33 bits: k * part is exact for |k| < 2^20, which covers |x| <= 1e6.
#define HALF_PI_1 0x1.921fb544p+0
#define HALF_PI_2 0x1.0b4611a6p-34
#define HALF_PI_3 0x1.3198a2ep-69
#define HALF_PI_3_FULL 0x1.3198a2e037073p-69
#define HALF_PI_4 0x1.b839a252049c1p-104
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define TWO_PI_HIGH 0x1.921fb54442d18p+2
#define TWO_PI_LOW 0x1.1a62633145c07p-52
#define ROUNDER 0x1.8p52 // adding it rounds to an integer, which then stands in the low bits
#define REACH 1e6
#define FIRST 0.78 // below pi/4: the reduction leaves such an angle as it is, with nothing in the low part

typedef struct reduced {
    double high, low; // x - quadrant * pi/2, |high| <= pi/4
    unsigned quadrant;
} reduced;

// Outside the stated range: steps of whole turns, deterministic but ever less accurate; NaN for what is not finite.
static double far_angle(double x) {
    if (!(x - x == 0.0)) {
        return NAN;
    }
    while (!(x <= REACH && x >= -REACH)) {
        double turns = rint(x / TWO_PI_HIGH);
        x = (x - turns * TWO_PI_HIGH) - turns * TWO_PI_LOW;
    }
    return x;
}

// Where x lies within rounding of a multiple of pi/2, the third part decides as well and is taken exactly.
static __attribute__((noinline)) void reduce_near_zero(double x, double turns, reduced *out) {
    double rest = x - turns * HALF_PI_1; // exact
    double second = turns * HALF_PI_2;
    double a = rest - second;
    double back = rest - a;
    double a_error = (rest - (a + back)) + (back - second);
    double third = turns * HALF_PI_3;
    double b = a_error - third;
    double b_back = a_error - b;
    double b_error = (a_error - (b + b_back)) + (b_back - third) - turns * HALF_PI_4;
    out->high = a + b;
    out->low = (b - (out->high - a)) + b_error;
}

static inline __attribute__((always_inline)) reduced reduce(double x) {
    if (__builtin_expect(!(x <= REACH && x >= -REACH), 0)) {
        x = far_angle(x);
    }
    double shifted = x * TWO_OVER_PI + ROUNDER;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    double turns = shifted - ROUNDER;
    double rest = x - turns * HALF_PI_1; // exact
    double second = turns * HALF_PI_2;
    double high = rest - second;
    double back = rest - high;
    double error = (rest - (high + back)) + (back - second);
    double low = error - turns * HALF_PI_3_FULL; // up to 2^-49 for far angles: moved into high as far as it fits
    double sum = turns == 0.0 ? x : high + low;  // a negative zero keeps its sign
    reduced out = {.high = sum, .low = low - (sum - high), .quadrant = (unsigned)(bits & 3)};
    if (__builtin_expect(high < 0x1p-20 && high > -0x1p-20 && turns != 0.0, 0)) {
        reduce_near_zero(x, turns, &out);
    }
    return out;
}

// (sin r - r) / r^3, z = r^2
static double sine_tail(double z) {
    return -0x1.5555555555555p-3 +
           z * (0x1.1111111110bb2p-7 +
                z * (-0x1.a01a019e83816p-13 +
                     z * (0x1.71de379654304p-19 + z * (-0x1.ae600aca92c64p-26 + z * 0x1.5e0b05bff20f2p-33))));
}

// (cos r - 1 + r^2 / 2) / r^4, z = r^2
static double cosine_tail(double z) {
    return 0x1.5555555555555p-5 +
           z * (-0x1.6c16c16c16967p-10 +
                z * (0x1.a01a019f4e9b4p-16 +
                     z * (-0x1.27e4fa17bf139p-22 + z * (0x1.1eeb68cd22f56p-29 + z * -0x1.907d8f29fe831p-37))));
}

// sin(high + low), |high| <= pi/4
static double sine_kernel(double high, double low) {
    double z = high * high;
    double tail = z * high * sine_tail(z) + (low - 0.5 * z * low);
    return high == 0.0 ? high : high + tail;
}

// cos(high + low), |high| <= pi/4
static double cosine_kernel(double high, double low) {
    double z = high * high;
    double half = 0.5 * z;
    double head = 1.0 - half;
    return head + (((1.0 - head) - half) + (z * z * cosine_tail(z) - high * low));
}

// Flips the sign where the bit is set, without a branch.
static double signed_by(double value, unsigned bit) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits ^= (uint64_t)(bit & 1) << 63;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void cw_sincos(double x, double *sine, double *cosine) {
    if (fabs(x) <= FIRST) { // most headings and steering angles: the same bits without the reduction
        *sine = x;
        *cosine = 1.0;
        if (x != 0.0) {
            *sine = sine_kernel(x, 0);
            *cosine = cosine_kernel(x, 0);
        }
        return;
    }
    reduced r = reduce(x);
    double s = sine_kernel(r.high, r.low);
    double c = cosine_kernel(r.high, r.low);
    bool swap = (r.quadrant & 1) != 0;
    *sine = signed_by(swap ? c : s, r.quadrant >> 1);
    *cosine = signed_by(swap ? s : c, (r.quadrant ^ r.quadrant >> 1) & 1);
}

double cw_sin(double x) {
    reduced r = reduce(x);
    double value = (r.quadrant & 1) != 0 ? cosine_kernel(r.high, r.low) : sine_kernel(r.high, r.low);
    return signed_by(value, r.quadrant >> 1);
}

double cw_cos(double x) {
    reduced r = reduce(x);
    double value = (r.quadrant & 1) != 0 ? sine_kernel(r.high, r.low) : cosine_kernel(r.high, r.low);
    return signed_by(value, (r.quadrant ^ r.quadrant >> 1) & 1);
}

// The rounding errors of sine and cosine are carried into the quotient.
double cw_tan(double x) {
    reduced r = reduce(x);
    double z = r.high * r.high;
    double s_tail = z * r.high * sine_tail(z) + (r.low - 0.5 * z * r.low);
    double s = r.high + s_tail, s_error = (r.high - s) + s_tail;
    double half = 0.5 * z, head = 1.0 - half;
    double c_tail = ((1.0 - head) - half) + (z * z * cosine_tail(z) - r.high * r.low);
    double c = head + c_tail, c_error = (head - c) + c_tail;
    if (r.high == 0.0) {
        return r.high;
    }
    if ((r.quadrant & 1) != 0) {
        double quotient = c / s;
        return -(quotient + (c_error - quotient * s_error) / s);
    }
    double quotient = s / c;
    return quotient + (s_error - quotient * c_error) / c;
}

double cw_wrap_angle(double angle) {
    if (angle > -CW_PI && angle <= CW_PI) {
        return angle;
    }
    if (!(angle <= REACH && angle >= -REACH)) {
        angle = far_angle(angle);
    }
    double turns = angle * (0.25 * TWO_OVER_PI) + ROUNDER;
    turns -= ROUNDER;
    double quarters = 4.0 * turns; // at most 2^20
    double rest = angle - quarters * HALF_PI_1;
    double wrapped = (rest - quarters * HALF_PI_2) - quarters * HALF_PI_3_FULL;
    // Rounding may leave the ends of the range by a few units; -pi itself is pi.
    if (wrapped > CW_PI) {
        wrapped -= TWO_PI_HIGH;
    }
    if (wrapped <= -CW_PI) {
        wrapped += TWO_PI_HIGH;
    }
    return wrapped > CW_PI ? CW_PI : wrapped;
}
