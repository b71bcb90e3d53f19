// Savitzky-Golay filters against their published weights and against polynomials, which they reproduce.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "judge/smooth.h"

#define NEAR(a, b, e)                                                                                                  \
    do {                                                                                                               \
        double near_a = (a), near_b = (b);                                                                             \
        if (!(fabs(near_a - near_b) <= (e)))                                                                           \
            fail_msg("%s = %.12g, expected %.12g", #a, near_a, near_b);                                                \
    } while (0)

// The answer to a unit impulse holds the weights in reverse order.
static void check_weights(uint32_t window, uint32_t order, uint32_t derivative, const double *weights, double over) {
    double in[41] = {0}, out[41];
    in[20] = 1;
    assert_true(cw_smooth(in, 41, window, order, derivative, 1, out));
    for (uint32_t k = 0; k < window; k++)
        NEAR(out[20 + window / 2 - k], weights[k] / over, 1e-12);
    assert_true(out[20 + window / 2 + 1] == 0);
}

static void published(void **state) {
    (void)state;
    check_weights(5, 2, 0, (const double[]){-3, 12, 17, 12, -3}, 35);
    check_weights(7, 2, 0, (const double[]){-2, 3, 6, 7, 6, 3, -2}, 21);
    check_weights(5, 2, 1, (const double[]){-2, -1, 0, 1, 2}, 10);
    check_weights(5, 3, 1, (const double[]){1, -8, 0, 8, -1}, 12);
    check_weights(5, 3, 2, (const double[]){2, -1, -2, -1, 2}, 7);
    check_weights(15, 2, 1, (const double[]){-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}, 280);
}

static void polynomials(void **state) {
    (void)state;
    double in[30], out[30];
    for (int i = 0; i < 30; i++) {
        double t = 0.1 * i;
        in[i] = 2 + 3 * t - 4 * t * t;
    }
    assert_true(cw_smooth(in, 30, 15, 2, 0, 0.1, out));
    for (int i = 0; i < 30; i++)
        NEAR(out[i], in[i], 1e-10); // the ends too
    assert_true(cw_smooth(in, 30, 5, 2, 1, 0.1, out));
    for (int i = 0; i < 30; i++)
        NEAR(out[i], 3 - 0.8 * i, 1e-9);
    assert_true(cw_smooth(in, 30, 5, 3, 2, 0.1, out));
    for (int i = 0; i < 30; i++)
        NEAR(out[i], -8, 1e-7);
}

// An even window answers between two samples, but for the ends.
static void even_window(void **state) {
    (void)state;
    double in[20], out[20];
    for (int i = 0; i < 20; i++)
        in[i] = 0.1 * i * i;
    assert_true(cw_smooth(in, 20, 8, 2, 0, 0.1, out));
    for (int i = 0; i < 20; i++) {
        double at = i < 4 || i >= 16 ? i : i + 0.5;
        NEAR(out[i], 0.1 * at * at, 1e-10);
    }
}

static void few_samples(void **state) {
    (void)state;
    double in[3] = {1, 4, 9}, out[3];
    assert_true(cw_smooth(in, 3, 15, 2, 0, 1, out)); // cut to three: a parabola through them
    NEAR(out[0], 1, 1e-12);
    NEAR(out[2], 9, 1e-12);
    assert_false(cw_smooth(in, 2, 15, 2, 0, 1, out));
    assert_true(out[0] == 0 && out[1] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(polynomials),
                                       cmocka_unit_test(even_window), cmocka_unit_test(few_samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
