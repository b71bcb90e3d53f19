// Car following, lane changes and gap acceptance against closed forms.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/rules.h"

#include <math.h>

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g +- %.3g", value, wanted, tolerance);
}

// Behind a leader of constant speed the gap becomes that of equilibrium.
static void equilibrium(void **unused) {
    (void)unused;
    const double speeds[] = {2, 7, 11, 13};
    for (int k = 0; k < 4; k++) {
        cw_idm_params p = cw_idm_defaults();
        double lead = 60, x = 0, v = 12, dt = 0.01;
        for (int i = 0; i < 60000; i++) {
            double a = cw_idm_accel(&p, v, lead - x, v - speeds[k]);
            x += v * dt + 0.5 * a * dt * dt;
            v = cw_max(0, v + a * dt);
            lead += speeds[k] * dt;
        }
        near(v, speeds[k], 1e-6);
        near(lead - x, (2 + 1.5 * speeds[k]) / sqrt(1 - pow(speeds[k] * 3.6 / 50, 4)), 1e-4);
        near(lead - x, cw_idm_gap(&p, speeds[k]), 1e-4);
    }
}

// A leader that breathes sinusoidally: each follower's amplitude over that of the one before is the gain of the linear
// transfer function G(w) = (f_gap + i w f_lead) / (f_gap - w^2 - i w f_own), from the derivatives of the model.
static void strings_amplify_as_theory_says(void **unused) {
    (void)unused;
    enum { CARS = 6 };
    const double gaps[] = {0.8, 2.5}; // s: one that amplifies, one that damps
    for (int k = 0; k < 2; k++) {
        cw_idm_params p = cw_idm_defaults();
        p.time_gap = gaps[k];
        p.accel = 1;
        double v0 = 8, s0 = cw_idm_gap(&p, v0), h = 1e-5, w = 0.25, dt = 0.005;
        double f_gap = (cw_idm_accel(&p, v0, s0 + h, 0) - cw_idm_accel(&p, v0, s0 - h, 0)) / (2 * h);
        double f_own = (cw_idm_accel(&p, v0 + h, s0, h) - cw_idm_accel(&p, v0 - h, s0, -h)) / (2 * h);
        double f_lead = (cw_idm_accel(&p, v0, s0, -h) - cw_idm_accel(&p, v0, s0, h)) / (2 * h);
        double gain = sqrt((f_gap * f_gap + w * w * f_lead * f_lead) /
                           ((f_gap - w * w) * (f_gap - w * w) + w * w * f_own * f_own));
        double x[CARS], v[CARS], most[CARS] = {0};
        for (int i = 0; i < CARS; i++) {
            x[i] = -i * s0;
            v[i] = v0;
        }
        for (int step = 0; step < 120000; step++) {
            double t = step * dt, a[CARS];
            v[0] = v0 + 0.02 * sin(w * t);
            for (int i = 1; i < CARS; i++)
                a[i] = cw_idm_accel(&p, v[i], x[i - 1] - x[i], v[i] - v[i - 1]);
            x[0] += v[0] * dt;
            for (int i = 1; i < CARS; i++) {
                v[i] += a[i] * dt;
                x[i] += v[i] * dt;
                if (t > 400)
                    most[i] = cw_max(most[i], fabs(v[i] - v0));
            }
        }
        assert_true(k == 0 ? gain > 1 : gain < 1);
        for (int i = 2; i < CARS; i++)
            near(most[i] / most[i - 1], gain, 0.01);
    }
}

static void human_without_delay_and_noise_is_idm(void **unused) {
    (void)unused;
    cw_idm_params p = cw_idm_defaults();
    cw_hdm_params exact = {.delay_ticks = 0, .correlation = 20};
    cw_hdm_state state;
    cw_hdm_reset(&state);
    for (int i = 0; i < 50; i++) {
        double v = 5 + 0.1 * i, gap = 30 - 0.4 * i, closing = 0.02 * i;
        near(cw_hdm_accel(&p, &exact, &state, v, gap, closing, 0.1, 1, -1), cw_idm_accel(&p, v, gap, closing), 1e-5);
    }
    // With a delay and anticipation, constant closing is answered exactly; a change of it only afterwards.
    cw_hdm_params late = {.delay_ticks = 4, .correlation = 20};
    cw_hdm_reset(&state);
    double gap = 40;
    for (int i = 0; i < 20; i++, gap -= 0.1)
        if (i >= 4)
            near(cw_hdm_accel(&p, &late, &state, 10, gap, 1, 0.1, 0, 0), cw_idm_accel(&p, 10, gap, 1), 1e-4);
        else
            cw_hdm_accel(&p, &late, &state, 10, gap, 1, 0.1, 0, 0);
    double before = cw_hdm_accel(&p, &late, &state, 10, gap, 6, 0.1, 0, 0);
    near(before, cw_idm_accel(&p, 10, gap, 1), 1e-4);
}

// Behind one at 8 m/s, nobody beside: own gain 1.2 m/s^2, the follower left behind gains too.
static void mobil_by_hand(void **unused) {
    (void)unused;
    cw_mobil_params p = {.politeness = 0.5, .threshold = 0.2, .safe_brake = 2};
    cw_mobil_case c = {.own_before = -1, .own_after = 0.2};
    assert_true(cw_mobil_wants(&p, &c, 0));
    c.new_follower_after = -1.9; // it costs the other 1.9: 1.2 - 0.95 > 0.2 still
    assert_true(cw_mobil_wants(&p, &c, 0));
    c.own_after = 0.1; // 1.1 - 0.95 < 0.2
    assert_false(cw_mobil_wants(&p, &c, 0));
    assert_true(cw_mobil_wants(&p, &c, 0.1));
    c.old_follower_after = 0.2; // who is freed counts for it
    assert_true(cw_mobil_wants(&p, &c, 0));
    c.own_after = 9;
    c.new_follower_after = -2.1; // never at the cost of hard braking
    assert_false(cw_mobil_wants(&p, &c, 5));
    // A1: closing at 6 m/s needs TTC > 6/12 + 0.35 = 0.85 s, and 3 m/s^2 after 1 s to be enough: 6 + 36/6 = 12 m.
    assert_false(cw_entry_keeps_a1(11.9, 6, 12, 0.35, 3, 1));
    assert_true(cw_entry_keeps_a1(12.1, 6, 12, 0.35, 3, 1));
}

static void time_to_cover(void **unused) {
    (void)unused;
    near(cw_gap_time(50, 0, 2, 100), sqrt(50), 1e-12);
    near(cw_gap_time(100, 10, 0, 20), 10, 1e-12);
    // From 4 to 10 m/s at 1.5: 4 s and 28 m, then 32 m at 10.
    near(cw_gap_time(60, 4, 1.5, 10), 4 + 3.2, 1e-12);
    near(cw_gap_time(-1, 4, 1, 10), 0, 0);
    assert_true(isinf(cw_gap_time(1, 0, 0, 10)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equilibrium),
        cmocka_unit_test(strings_amplify_as_theory_says),
        cmocka_unit_test(human_without_delay_and_noise_is_idm),
        cmocka_unit_test(mobil_by_hand),
        cmocka_unit_test(time_to_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
