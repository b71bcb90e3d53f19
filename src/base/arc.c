// Inverse functions of the circle. Coefficients interpolate at Chebyshev nodes, as in trig.c.
#include "causeway/base.h"

#include <math.h>

#define PI_HIGH 0x1.921fb54442d18p+1
#define PI_LOW 0x1.1a62633145c07p-53

// (atan(t) - t) / t for |t| <= 0.166
static double atan_tail(double t) {
    double z = t * t;
    return z *
           (-0x1.5555555555555p-2 +
            z * (0x1.999999999994ap-3 +
                 z * (-0x1.2492492483627p-3 +
                      z * (0x1.c71c71a52decbp-4 + z * (-0x1.745d0446ca44dp-4 +
                                                       z * (0x1.3b0de7b552da1p-4 + z * (-0x1.101602f6fce4bp-4 +
                                                                                        z * 0x1.b522090cd2db3p-5)))))));
}

// atan2 of finite, not both zero, magnitudes: the smaller over the larger is taken to the nearest of four known angles
// by atan(q) = atan(c) + atan((q - c) / (1 + q c)), in which small - c * large is exact.
static double first_quadrant_atan(double y, double x, bool left) {
    static const double slope[4] = {0.0, 0.25, 0.5, 1.0};
    static const double angle_high[4] = {0.0, 0x1.f5b75f92c80ddp-3, 0x1.dac670561bb4fp-2, 0x1.921fb54442d18p-1};
    static const double angle_low[4] = {0.0, 0x1.8ab6e3cf7afbdp-57, 0x1.a2b7f222f65e2p-56, 0x1.1a62633145c07p-55};
    bool steep = y > x;
    double small = steep ? x : y, large = steep ? y : x;
    if (large > 0x1p1000) {
        small *= 0x1p-100;
        large *= 0x1p-100;
    } else if (large < 0x1p-900) {
        small *= 0x1p120;
        large *= 0x1p120;
    }
    int nearest = (small > 0.125 * large) + (small > 0.375 * large) + (small > 0.72 * large);
    double c = slope[nearest];
    double t = (small - c * large) / (large + c * small);
    double tail = t * atan_tail(t) + angle_low[nearest];
    if (!steep && !left) {
        return angle_high[nearest] + (t + tail);
    }
    // pi/2 - a when steep on the right, pi/2 + a steep on the left, pi - a flat on the left
    double base_high = steep ? 0.5 * PI_HIGH : PI_HIGH, base_low = steep ? 0.5 * PI_LOW : PI_LOW;
    double sign = steep && left ? 1.0 : -1.0;
    double head = base_high + sign * angle_high[nearest];
    double head_error = (base_high - head) + sign * angle_high[nearest];
    return head + (sign * t + (sign * tail + (base_low + head_error)));
}

double cw_atan2(double y, double x) {
    if (x != x || y != y) {
        return x + y;
    }
    double ax = fabs(x), ay = fabs(y);
    bool left = signbit(x) != 0;
    if (ay == 0.0 && (!left || ax == 0.0 || ax > 0.0)) {
        return copysign(left ? PI_HIGH : 0.0, y);
    }
    if (ax > 0x1.fffffffffffffp1023 || ay > 0x1.fffffffffffffp1023) {
        bool x_infinite = ax > 0x1.fffffffffffffp1023, y_infinite = ay > 0x1.fffffffffffffp1023;
        ax = x_infinite ? 1.0 : 0.0;
        ay = y_infinite ? 1.0 : 0.0;
    }
    return copysign(first_quadrant_atan(ay, ax, left), y);
}

double cw_atan(double x) {
    if (x != x) {
        return x;
    }
    double ax = fabs(x);
    if (ax <= 0.125) { // where first_quadrant_atan knows no nearer angle than 0: the same without its division
        return ax == 0.0 ? x : copysign(ax + ax * atan_tail(ax), x);
    }
    if (ax > 0x1p60) {
        return copysign(0.5 * PI_HIGH, x);
    }
    return copysign(first_quadrant_atan(ax, 1.0, false), x);
}

// (asin(t) - t) / t as a function of z = t*t <= 1/4
static double asin_tail(double z) {
    double upper =
        0x1.c9cf07674736ap-7 +
        z * (0x1.782651caa6547p-7 +
             z * (0x1.52420b04b37bep-7 +
                  z * (0x1.65a9c4dfcf8b2p-8 +
                       z * (0x1.1d189408314eep-6 + z * (-0x1.e6aaa8a0a04ccp-7 + z * 0x1.d72b2bc8155f8p-6)))));
    return z * (0x1.5555555555556p-3 +
                z * (0x1.3333333332ecap-4 +
                     z * (0x1.6db6db6e31f13p-5 +
                          z * (0x1.f1c71c1db0623p-6 +
                               z * (0x1.6e8bb1c8209a2p-6 + z * (0x1.1c4d35cf95421p-6 + z * upper))))));
}

// asin(sqrt(z)) for z in [0, 1/4] as head + tail, head = sqrt(z) rounded
static double asin_of_root(double z, double *tail) {
    double root = sqrt(z);
    if (root == 0.0) {
        *tail = 0.0;
        return 0.0;
    }
    // root^2 split without error, for what the rounding of the root left over
    double cut = root * 0x1.0000002p27;
    double top = cut - (cut - root), bottom = root - top;
    double square = root * root;
    double square_error = ((top * top - square) + 2.0 * top * bottom) + bottom * bottom;
    double missing = ((z - square) - square_error) / (2.0 * root);
    *tail = root * asin_tail(z) + missing;
    return root;
}

double cw_asin(double x) {
    double ax = fabs(x);
    if (!(ax <= 1.0)) {
        return NAN;
    }
    if (ax <= 0.5) {
        return x + x * asin_tail(x * x);
    }
    double tail, head = asin_of_root(0.5 * (1.0 - ax), &tail);
    double quarter = 0.5 * PI_HIGH;
    double twice = 2.0 * head;
    double sum = quarter - twice;
    double error = (quarter - sum) - twice;
    return copysign(sum + (error - 2.0 * tail + 0.5 * PI_LOW), x);
}

double cw_acos(double x) {
    double ax = fabs(x);
    if (!(ax <= 1.0)) {
        return NAN;
    }
    if (ax <= 0.5) {
        double quarter = 0.5 * PI_HIGH;
        double sum = quarter - x;
        double error = (quarter - sum) - x;
        return sum + (error - (x * asin_tail(x * x) - 0.5 * PI_LOW));
    }
    double tail, head = asin_of_root(0.5 * (1.0 - ax), &tail);
    if (x > 0.0) {
        return 2.0 * head + 2.0 * tail;
    }
    double twice = 2.0 * head;
    double sum = PI_HIGH - twice;
    double error = (PI_HIGH - sum) - twice;
    return sum + (error - 2.0 * tail + PI_LOW);
}
