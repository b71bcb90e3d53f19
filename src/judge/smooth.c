#include "judge/smooth.h"

#include <assert.h>
#include <math.h>

enum { TERMS_MOST = CW_SMOOTH_ORDER_MOST + 1 };

// Solves a symmetric positive definite system in place by Gaussian elimination with row exchange.
static void solve(double a[TERMS_MOST][TERMS_MOST], double *b, uint32_t n) {
    for (uint32_t c = 0; c < n; c++) {
        uint32_t best = c;
        for (uint32_t r = c + 1; r < n; r++)
            if (fabs(a[r][c]) > fabs(a[best][c]))
                best = r;
        for (uint32_t k = 0; k < n; k++) {
            double swap = a[c][k];
            a[c][k] = a[best][k];
            a[best][k] = swap;
        }
        double swap = b[c];
        b[c] = b[best];
        b[best] = swap;
        for (uint32_t r = c + 1; r < n; r++) {
            double f = a[r][c] / a[c][c];
            for (uint32_t k = c; k < n; k++)
                a[r][k] -= f * a[c][k];
            b[r] -= f * b[c];
        }
    }
    for (uint32_t c = n; c-- > 0;) {
        for (uint32_t k = c + 1; k < n; k++)
            b[c] -= a[c][k] * b[k];
        b[c] /= a[c][c];
    }
}

// Weights of the window's samples for the derivative of the fitted polynomial at `at` samples from the window's middle.
static void weights(uint32_t window, uint32_t order, uint32_t derivative, double at, double *out) {
    double gram[TERMS_MOST][TERMS_MOST] = {{0}}, target[TERMS_MOST] = {0}, middle = 0.5 * (double)(window - 1);
    for (uint32_t k = 0; k < window; k++) {
        double u = (double)k - middle, power[2 * TERMS_MOST] = {0};
        power[0] = 1;
        for (uint32_t m = 1; m <= 2 * order; m++)
            power[m] = power[m - 1] * u;
        for (uint32_t r = 0; r <= order; r++)
            for (uint32_t c = 0; c <= order; c++)
                gram[r][c] += power[r + c];
    }
    for (uint32_t m = derivative; m <= order; m++) { // d^n u^m / du^n at `at`
        double value = 1;
        for (uint32_t k = 0; k < derivative; k++)
            value *= (double)(m - k);
        for (uint32_t k = derivative; k < m; k++)
            value *= at;
        target[m] = value;
    }
    solve(gram, target, order + 1);
    for (uint32_t k = 0; k < window; k++) {
        double u = (double)k - middle, power = 1;
        out[k] = 0;
        for (uint32_t m = 0; m <= order; m++, power *= u)
            out[k] += target[m] * power;
    }
}

static double apply(const double *in, const double *weight, uint32_t window, double scale) {
    double sum = 0;
    for (uint32_t k = 0; k < window; k++)
        sum += weight[k] * in[k];
    return sum * scale;
}

bool cw_smooth(const double *in, uint32_t count, uint32_t window, uint32_t order, uint32_t derivative, double step,
               double *out) {
    assert(order <= CW_SMOOTH_ORDER_MOST && window <= CW_SMOOTH_WINDOW_MOST && derivative <= order && step > 0);
    window = window < count ? window : count;
    if (window <= order) {
        for (uint32_t i = 0; i < count; i++)
            out[i] = 0;
        return false;
    }
    double weight[CW_SMOOTH_WINDOW_MOST], scale = 1, middle = 0.5 * (double)(window - 1);
    for (uint32_t k = 0; k < derivative; k++)
        scale /= step;
    uint32_t half = window / 2, back = (window - 1) / 2;
    weights(window, order, derivative, 0, weight);
    for (uint32_t i = half; i + half < count; i++)
        out[i] = apply(in + i - back, weight, window, scale);
    for (uint32_t i = 0; i < half; i++) {
        weights(window, order, derivative, (double)i - middle, weight);
        out[i] = apply(in, weight, window, scale);
        weights(window, order, derivative, middle - (double)i, weight);
        out[count - 1 - i] = apply(in + count - window, weight, window, scale);
    }
    return true;
}
