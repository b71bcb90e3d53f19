// Exponential, logarithm, power, hyperbolic tangent. Coefficients interpolate at Chebyshev nodes, as in trig.c.
#include "causeway/base.h"

#include <math.h>
#include <string.h>

// ln 2 with 42 leading bits: k * LN2_HIGH is exact for the exponents of a double.
#define LN2_HIGH 0x1.62e42fefa38p-1
#define LN2_LOW 0x1.ef35793c7673p-45
#define ONE_OVER_LN2 0x1.71547652b82fep+0
#define ROUNDER 0x1.8p52
#define EXP_MOST 709.782712893384
#define EXP_LEAST (-745.1332191019412)

// 2^power for power in [-1022, 1023]
static double power_of_two(int power) {
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double scale(double value, int power) {
    if (power > 1023) {
        return value * 0x1p1023 * power_of_two(power - 1023);
    }
    if (power < -1022) { // one rounding only: the value is brought just above the subnormals first
        return value * power_of_two(power + 1000 < -1022 ? -1022 : power + 1000) * 0x1p-1000;
    }
    return value * power_of_two(power);
}

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2
static double exp_tail(double r) {
    double low = 0x1p-1 + r * (0x1.5555555555557p-3 + r * 0x1.5555555555556p-5);
    double high =
        0x1.11111111100d3p-7 +
        r * (0x1.6c16c16c162cfp-10 +
             r * (0x1.a01a01abeccc3p-13 +
                  r * (0x1.a01a01a6db488p-16 +
                       r * (0x1.71de02225a2f3p-19 +
                            r * (0x1.27e4db5bb725ap-22 + r * (0x1.af4e092e1705bp-26 + r * 0x1.1f7315649f2d7p-29))))));
    return low + r * r * r * high;
}

// e^(x + low) - 1 = 2^k (1 + p) - 1; gives p and k. |low| is far below |x|.
static double exp_reduced(double x, double low, int *k) {
    double count = (x * ONE_OVER_LN2 + ROUNDER) - ROUNDER;
    *k = (int)count;
    double high = x - count * LN2_HIGH; // exact
    double less = count * LN2_LOW - low;
    double r = high - less;
    double error = (high - r) - less;
    return r + (r * r * exp_tail(r) + (error + error * r));
}

static double exp_sum(double x, double low) {
    if (x != x) {
        return x;
    }
    if (x > EXP_MOST + 1e-9) {
        return HUGE_VAL;
    }
    if (x < EXP_LEAST - 1e-9) {
        return 0.0;
    }
    int k;
    double p = exp_reduced(x, low, &k);
    return scale(1.0 + p, k);
}

double cw_exp(double x) {
    return exp_sum(x, 0.0);
}

// Splits x > 0, finite, into 2^k m with m in [sqrt(1/2), sqrt(2)).
static double mantissa(double x, int *k) {
    int shift = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        shift = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t offset = bits - 0x3FE6A09E667F3BCDu; // bits of sqrt(1/2)
    int64_t exponent = (int64_t)offset >> 52;
    bits -= (uint64_t)exponent << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    *k = (int)exponent + shift;
    return m;
}

// 2 atanh(s) = 2s + s * log_tail(s^2); s = (m - 1) / (m + 1)
static double log_tail(double z) {
    return z * (0x1.5555555555555p-1 +
                z * (0x1.9999999999998p-2 +
                     z * (0x1.2492492492959p-2 +
                          z * (0x1.c71c71c64c848p-3 +
                               z * (0x1.745d17d357dfcp-3 +
                                    z * (0x1.3b137b330cd59p-3 +
                                         z * (0x1.111d277b406a2p-3 +
                                              z * (0x1.debed10a4805cp-4 + z * 0x1.e6b028b00e7e1p-4))))))));
}

static bool log_special(double x, double *value) {
    if (x != x || x < 0.0) {
        *value = NAN;
        return true;
    }
    if (x == 0.0) {
        *value = -HUGE_VAL;
        return true;
    }
    if (x > 0x1.fffffffffffffp1023) {
        *value = x;
        return true;
    }
    return false;
}

double cw_log(double x) {
    double value;
    if (log_special(x, &value)) {
        return value;
    }
    int k;
    double f = mantissa(x, &k) - 1.0; // exact
    double s = f / (2.0 + f);
    double half_square = 0.5 * f * f;
    double count = (double)k;
    // log(1 + f) = f - f^2/2 + s (f^2/2 + log_tail(s^2)): the leading term is free of the division's error
    double correction = s * (half_square + log_tail(s * s)) + count * LN2_LOW;
    double head = count * LN2_HIGH + f;
    double head_error = k == 0 ? 0.0 : (count * LN2_HIGH - head) + f;
    return head - (half_square - (correction + head_error));
}

typedef struct pair {
    double high, low;
} pair;

static pair fast_sum(double a, double b) { // |a| >= |b| or a = 0
    double sum = a + b;
    return (pair){sum, b - (sum - a)};
}

static pair exact_product(double a, double b) { // Dekker's, without fused operations
    double ca = a * 0x1.0000002p27, cb = b * 0x1.0000002p27;
    double ah = ca - (ca - a), bh = cb - (cb - b);
    double al = a - ah, bl = b - bh;
    double product = a * b;
    return (pair){product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
}

// log x to about 2^-66 relative, for the power
static pair log_pair(double x) {
    int k;
    double f = mantissa(x, &k) - 1.0;
    pair below = fast_sum(2.0, f);
    double s = f / below.high;
    pair back = exact_product(s, below.high);
    double s_low = ((f - back.high) - back.low - s * below.low) / below.high;
    double count = (double)k;
    pair sum = fast_sum(count * LN2_HIGH, 2.0 * s);
    double rest = s * log_tail(s * s) + 2.0 * s_low; // at most a hundredth of the head
    return fast_sum(sum.high, sum.low + (count * LN2_LOW + rest));
}

static bool is_integer(double y) {
    return floor(y) == y;
}
static bool is_odd(double y) {
    return fabs(y) < 0x1p53 && is_integer(y) && floor(0.5 * y) != 0.5 * y;
}

double cw_pow(double x, double y) {
    if (y == 0.0 || x == 1.0) {
        return 1.0;
    }
    if (x != x || y != y) {
        return x + y;
    }
    double ax = fabs(x);
    bool negative = signbit(x) != 0 && is_odd(y);
    if (fabs(y) > 0x1.fffffffffffffp1023) {
        if (ax == 1.0) {
            return 1.0;
        }
        return (ax > 1.0) == (y > 0.0) ? HUGE_VAL : 0.0;
    }
    if (ax == 0.0 || ax > 0x1.fffffffffffffp1023) {
        double end = (ax == 0.0) == (y > 0.0) ? 0.0 : HUGE_VAL;
        return negative ? -end : end;
    }
    if (x < 0.0 && !is_integer(y)) {
        return NAN;
    }
    double value;
    if (ax == 1.0) {
        value = 1.0;
    } else {
        pair log = log_pair(ax);
        double rough = log.high * y;
        if (rough > 800.0) {
            value = HUGE_VAL;
        } else if (rough < -800.0) {
            value = 0.0;
        } else if (fabs(y) > 0x1p900) { // the split would overflow; |log| is then below 2^-890, so x cannot be here
            value = exp_sum(rough, 0.0);
        } else {
            pair product = exact_product(log.high, y);
            pair exponent = fast_sum(product.high, product.low + log.low * y);
            value = exp_sum(exponent.high, exponent.low);
        }
    }
    return negative ? -value : value;
}

double cw_tanh(double x) {
    double ax = fabs(x);
    if (x != x || ax < 0x1p-28) {
        return x;
    }
    if (ax > 22.0) { // 1 - 2 e^-44 rounds to 1
        return copysign(1.0, x);
    }
    int k;
    double p = exp_reduced(2.0 * ax, 0.0, &k);
    double power = power_of_two(k);
    double less_one = power * p + (power - 1.0); // e^(2x) - 1
    return copysign(less_one / (less_one + 2.0), x);
}

double cw_hypot(double x, double y) {
    return sqrt(x * x + y * y);
}
