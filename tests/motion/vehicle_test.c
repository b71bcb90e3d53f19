// The vehicle against closed forms, conservation laws and symmetries.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "motion/motion.h"

#include <math.h>
#include <string.h>

#define G 9.81

static cw_vehicle_params car(void) {
    return cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0, 0, 0, 0);
}

// Without what slows down besides the brakes.
static cw_vehicle_params free_car(void) {
    cw_vehicle_params p = car();
    p.drag = 0;
    p.rolling = 0;
    return p;
}

static void run(const cw_vehicle_params *p, cw_vehicle_state *s, float accel, float steer, float mu, double dt,
                int steps) {
    for (int i = 0; i < steps; ++i)
        cw_vehicle_step(p, s, accel, steer, mu, 0, 0, dt);
}

static double draw(uint32_t i) {
    return 2 * cw_rng_uniform((cw_rng_key){.seed = 5}, i) - 1;
}

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.9g instead of %.9g +- %.3g", value, wanted, tolerance);
}

// Radius of a steady turn: (L + K v^2) / tan(steer) with the understeer gradient K = (1/Cf - 1/Cr) / g of the linear tyre.
static void steady_turn(void **unused) {
    (void)unused;
    cw_vehicle_params p = free_car();
    double gradient = (1 / (double)p.stiffness_front - 1 / (double)p.stiffness_rear) / G;
    for (int v = 5; v <= 30; v += 5) {
        // 0.3 m/s^2 across, where the brush tyre is still linear to 2%.
        double wanted = v * v / 0.3, steer = cw_atan(((double)p.wheelbase + gradient * v * v) / wanted);
        cw_vehicle_state s = {.vx = (float)v};
        for (int i = 0; i < 1500; ++i)
            cw_vehicle_step(&p, &s, (float)v - s.vx, (float)steer, 1, 0, 0, 0.01);
        near((double)s.vx / (double)s.yaw_rate, wanted, 0.02 * wanted);
        // The rear tyres carry their share of the weight, so the body points into the turn by a / (g Cr).
        near((double)s.vy / (double)s.vx, -0.3 / (G * (double)p.stiffness_rear), 5e-5);
    }
}

// At walking speed nothing slips: the rear axle runs on a circle of radius L / tan(steer).
static void kinematic_limit(void **unused) {
    (void)unused;
    cw_vehicle_params p = free_car();
    for (int k = -1; k <= 1; k += 2) {
        float steer = 0.4f * (float)k;
        cw_vehicle_state s = {.vx = 0.6f, .steer = steer}, q = s;
        run(&p, &s, 0, steer, 1, 0.01, 3000);
        double radius = (double)p.wheelbase / cw_tan((double)steer);
        near((double)s.vx / (double)s.yaw_rate, radius, 1e-2 * fabs(radius));
        near(cw_hypot(s.x, s.y - radius), fabs(radius), 2e-2 * fabs(radius));
        for (int i = 0; i < 3000; ++i)
            cw_vehicle_step_kinematic(&p, &q, 0, steer, 1, 0.01);
        near((double)q.vx / (double)q.yaw_rate, radius, 1e-3 * fabs(radius));
        near(cw_hypot(q.x, q.y - radius), fabs(radius), 1e-3 * fabs(radius));
    }
}

// Stopping distance v^2 / 2b, with b what friction (0.95 of it), slope and brakes leave.
static void braking_distance(void **unused) {
    (void)unused;
    const struct {
        float mu, slope;
    } cases[] = {{1, 0}, {0.5f, 0}, {0.3f, 0}, {0.1f, 0}, {0.4f, -0.1f}, {0.4f, 0.1f}, {1, -0.08f}, {1, 0.08f}};
    cw_vehicle_params p = free_car();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        double slope = (double)cases[i].slope;
        double grip = 0.95 * (double)cases[i].mu * G * cw_cos(slope), pull = G * cw_sin(slope);
        double b = cw_min((double)p.max_brake, cw_min((double)p.max_brake, grip) + pull);
        cw_vehicle_state s = {.vx = 25, .accel = -p.max_brake};
        int steps = 0;
        for (; s.vx > 0 && steps < 100000; ++steps)
            cw_vehicle_step(&p, &s, -20, 0, cases[i].mu, cases[i].slope, 0, 0.01);
        near(s.x, 25 * 25 / (2 * b), 0.02);
        near(s.y, 0, 1e-12);
        assert_true(s.vx == 0);
        if (i < 4)
            assert_true(b >= cw_min(0.72 * (double)cases[i].mu * G, 10));
    }
}

// Assumption A1: after a delay of 0.2 s the braking rises by 20 m/s^3 to 0.72 mu g. The car is never further.
static void stops_as_assumed(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    for (int k = 0; k < 8; ++k) {
        float mu = k % 2 ? 0.9f : 0.3f;
        double v = 5 + 5 * k, v0 = v, x = 0, b = 0, most = 0.72 * (double)mu * G;
        cw_vehicle_state s = {.vx = (float)v0, .accel = 0};
        for (int i = 0; i < 2000 && v > 0; ++i) {
            b = i < 20 ? 0 : cw_min(most, b + 20 * 0.01);
            double next = cw_max(0, v - b * 0.01);
            x += 0.5 * (v + next) * 0.01;
            v = next;
            cw_vehicle_step(&p, &s, (float)-most, 0, mu, 0, 0, 0.01);
            assert_true(s.x <= x + 1e-9);
            assert_true((double)s.vx <= v + 1e-6);
        }
        assert_true(s.vx == 0);
    }
}

// Whatever is asked, the tyres accelerate the centre of gravity by no more than mu g.
static void friction_circle(void **unused) {
    (void)unused;
    cw_vehicle_params p = free_car();
    double largest = 0;
    for (int run_number = 0; run_number < 4; ++run_number) {
        float mu = 0.25f * (float)(run_number + 1), accel = 0, steer = 0;
        cw_vehicle_state s = {.vx = 25};
        double rear = (double)p.rear;
        for (uint32_t i = 0; i < 5000; ++i) {
            if (i % 20 == 0) {
                accel = (float)(10 * draw(3 * i + (uint32_t)run_number * 100000));
                steer = (float)(0.6 * draw(3 * i + 1 + (uint32_t)run_number * 100000));
            }
            cw_vehicle_state b = s;
            cw_vehicle_step(&p, &s, accel, steer, mu, 0, 0, 0.01);
            double vy0 = (double)b.vy + rear * (double)b.yaw_rate, vy1 = (double)s.vy + rear * (double)s.yaw_rate;
            double turn = s.heading - b.heading;
            turn = cw_wrap_angle(turn);
            // Velocity after the step, in the axes before it.
            double x = (double)s.vx * cw_cos(turn) - vy1 * cw_sin(turn) - (double)b.vx;
            double y = (double)s.vx * cw_sin(turn) + vy1 * cw_cos(turn) - vy0;
            double a = cw_hypot(x, y) / 0.01;
            largest = cw_max(largest, a / ((double)mu * G));
            assert_true(isfinite(s.vx) && isfinite(s.vy));
            if ((double)s.vx > 1 && a > 1.02 * (double)mu * G + 0.02 * fabs((double)s.yaw_rate * (double)s.vx))
                fail_msg("step %u: %.3f m/s^2 of %.3f at %.2f m/s, %.2f rad/s", i, a, (double)mu * G, (double)s.vx,
                         (double)s.yaw_rate);
            if ((double)s.vx > 1) // below, the brake's last step to zero counts
                assert_true(a <= 1.02 * (double)mu * G + 0.02 * fabs((double)s.yaw_rate * (double)s.vx));
        }
    }
    assert_true(largest > 0.9); // the limit was felt
}

// Coasting: turning only takes energy away.
static void energy_never_grows(void **unused) {
    (void)unused;
    cw_vehicle_params p = free_car();
    for (uint32_t k = 0; k < 6; ++k) {
        cw_vehicle_state s = {.vx = (float)(5 + 7 * k)};
        float steer = 0;
        double before = INFINITY;
        for (uint32_t i = 0; i < 2000; ++i) {
            if (i % 25 == 0)
                steer = (float)(0.3 * draw(i + 7000 * k));
            double c = (double)s.vy + (double)p.rear * (double)s.yaw_rate;
            double energy = 0.5 * (double)p.mass * ((double)s.vx * (double)s.vx + c * c) +
                            0.5 * (double)p.inertia * (double)s.yaw_rate * (double)s.yaw_rate;
            assert_true(energy <= before * (1 + 3e-6));
            before = energy;
            cw_vehicle_step(&p, &s, 0, steer, 0.8f, 0, 0, 0.01);
        }
    }
}

static cw_vehicle_state slalom(const cw_vehicle_params *p, double dt, bool kinematic) {
    cw_vehicle_state s = {.vx = 15};
    int steps = (int)rint(4 / dt);
    for (int i = 0; i < steps; ++i) {
        float steer = (float)(0.04 * cw_sin(1.5 * (i + 0.5) * dt)), accel = (float)cw_sin((i + 0.5) * dt);
        if (kinematic)
            cw_vehicle_step_kinematic(p, &s, accel, steer, 1, dt);
        else
            cw_vehicle_step(p, &s, accel, steer, 1, 0, 0, dt);
    }
    return s;
}

// Halving the step halves the error.
static void order_of_convergence(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    cw_vehicle_state exact = slalom(&p, 0.01 / 64, false);
    double error[4];
    for (int k = 0; k < 4; ++k) {
        cw_vehicle_state s = slalom(&p, 0.02 / (1 << k), false);
        error[k] = cw_hypot(s.x - exact.x, s.y - exact.y);
    }
    assert_true(error[0] < 0.15);
    for (int k = 1; k < 4; ++k) {
        double order = cw_log(error[k - 1] / error[k]) / cw_log(2);
        if (!(order > 0.85 && order < 2.5))
            fail_msg("order %.3f at step %d (%.3g, %.3g)", order, k, error[k - 1], error[k]);
    }
}

static void kinematic_agrees_with_dynamic(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    cw_vehicle_state a = slalom(&p, 0.01, false), b = slalom(&p, 0.1, true);
    near(a.x, b.x, 0.7);
    near(a.y, b.y, 0.7);
    near(a.heading, b.heading, 0.03);
    near((double)a.vx, (double)b.vx, 0.3); // tyres that slip take some
}

static void mirrored_exactly(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    cw_vehicle_state a = {.vx = 22, .y = 1, .heading = 0.3}, b = {.vx = 22, .y = -1, .heading = -0.3}, c = a, d = b;
    for (uint32_t i = 0; i < 3000; ++i) {
        float accel = (float)(6 * draw(i / 30)), steer = (float)(0.2 * draw(5000 + i / 17));
        cw_vehicle_step(&p, &a, accel, steer, 0.7f, 0.03f, 0.02f, 0.01);
        cw_vehicle_step(&p, &b, accel, -steer, 0.7f, 0.03f, -0.02f, 0.01);
        cw_vehicle_step_kinematic(&p, &c, accel, steer, 0.7f, 0.1);
        cw_vehicle_step_kinematic(&p, &d, accel, -steer, 0.7f, 0.1);
        assert_true(a.x == b.x && a.y == -b.y && a.heading == -b.heading && a.vx == b.vx && a.vy == -b.vy);
        assert_true(a.yaw_rate == -b.yaw_rate && a.steer == -b.steer && a.accel == b.accel);
        assert_true(c.x == d.x && c.y == -d.y && c.heading == -d.heading && c.vx == d.vx);
    }
}

static void stands_and_reverses(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    const float slopes[] = {0, 0.15f, -0.15f};
    for (int k = 0; k < 3; ++k) {
        cw_vehicle_state s = {.vx = 3, .steer = 0.1f};
        for (int i = 0; i < 300; ++i)
            cw_vehicle_step(&p, &s, -5, 0.1f, 0.9f, slopes[k], 0.05f, 0.02);
        assert_true(s.vx == 0 && s.vy == 0 && s.yaw_rate == 0);
        cw_vehicle_state held = s;
        for (int i = 0; i < 300; ++i)
            cw_vehicle_step(&p, &s, i < 150 ? -9.0f : 0.0f, 0.1f, 0.9f, slopes[k], 0.05f, 0.02);
        assert_true(s.x == held.x && s.y == held.y && s.heading == held.heading && s.vx == 0);
        // On again, and in reverse gear backwards and to a stop.
        for (int i = 0; i < 100; ++i)
            cw_vehicle_step(&p, &s, 1, 0, 0.9f, slopes[k], 0, 0.02);
        near((double)s.vx, 1.9, 0.2);
        s = held;
        for (int i = 0; i < 100; ++i)
            cw_vehicle_step_reverse(&p, &s, -1, 0, 0.9f, slopes[k], 0, 0.02);
        near((double)s.vx, -1.9, 0.2);
        for (int i = 0; i < 100; ++i)
            cw_vehicle_step_reverse(&p, &s, 3, 0, 0.9f, slopes[k], 0, 0.02);
        assert_true(s.vx == 0);
    }
    // Too steep for the friction: it slides, and says so.
    cw_vehicle_state s = {0};
    for (int i = 0; i < 100; ++i)
        cw_vehicle_step(&p, &s, -9, 0, 0.1f, 0.2f, 0, 0.01);
    near((double)s.vx, -(G * cw_sin(0.2) - 0.95 * 0.1 * G * cw_cos(0.2)), 0.15);
}

// No speed, step or input makes it blow up.
static void stable_everywhere(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    const double steps[] = {0.005, 0.01, 0.02, 0.05};
    for (int d = 0; d < 4; ++d)
        for (uint32_t k = 0; k <= 12; ++k) {
            cw_vehicle_state s = {.vx = 5.0f * (float)k, .vy = k % 3 ? 0 : 4, .yaw_rate = k % 4 ? 0 : 2};
            double fastest = cw_hypot((double)s.vx, (double)s.vy + 3) + 3;
            for (uint32_t i = 0; i < 1000; ++i) {
                cw_vehicle_step(&p, &s, (float)(10 * draw(i / 20 + 90 * k)), (float)(0.6 * draw(i / 13 + 999 * k)),
                                0.9f, (float)(0.1 * draw(k)), (float)(0.1 * draw(k + 50)), steps[d]);
                assert_true(isfinite(s.x) && isfinite(s.vx) && isfinite(s.yaw_rate));
                assert_true(fabs((double)s.vx) < fastest + 4 * 0.05 * 1000 && fabs((double)s.vy) < fastest);
                assert_true(fabs((double)s.yaw_rate) < 6);
            }
        }
}

static void actuators_are_limited(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    cw_vehicle_state s = {.vx = 20};
    for (uint32_t i = 0; i < 2000; ++i) {
        cw_vehicle_state b = s;
        cw_vehicle_step(&p, &s, (float)(20 * draw(i / 15)), (float)(2 * draw(i / 11 + 3000)), 1, 0, 0, 0.01);
        if (s.vx > 0)
            assert_true(fabs((double)s.accel - (double)b.accel) <= (double)p.jerk * 0.01 + 1e-6);
        assert_true(fabs((double)s.steer - (double)b.steer) <= (double)p.steer_rate * 0.01 + 1e-6);
        assert_true(fabs((double)s.steer) <= (double)p.max_steer + 1e-6);
        assert_true((double)s.accel <= (double)p.max_accel + 1e-6 && (double)s.accel >= -(double)p.max_brake - 1e-6);
    }
    // Full throttle at speed: power over mass and speed, less drag and rolling.
    s = (cw_vehicle_state){.vx = 50, .accel = p.max_accel};
    cw_vehicle_step(&p, &s, 10, 0, 1, 0, 0, 0.01);
    double force = (double)p.power / 50 - (double)p.drag * 2500 - (double)p.rolling * (double)p.mass * G;
    near(((double)s.vx - 50) / 0.01, force / (double)p.mass, 1e-3);
    run(&p, &s, 10, 0, 1, 0.01, 60000);
    assert_true(s.vx <= p.max_speed);
    // A trickle of gravity on a bank is held by the tyres: it drifts as a / (g C), no more.
    s = (cw_vehicle_state){.vx = 20};
    for (int i = 0; i < 100; ++i)
        cw_vehicle_step(&p, &s, 0, 0, 1, 0, 0.05f, 0.01);
    assert_true(s.y < -0.01 && s.y > -0.8);
}

static void nan_goes_through(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    cw_vehicle_state s = {.vx = 10};
    cw_vehicle_step(&p, &s, NAN, 0, 1, 0, 0, 0.01);
    assert_true(isnan(s.vx) || isnan(s.accel));
    s = (cw_vehicle_state){.vx = 10};
    cw_vehicle_step(&p, &s, 0, NAN, 1, 0, 0, 0.01);
    assert_true(isnan(s.steer));
}

// Braking hard in a bend: the car goes straighter, and does not turn around.
static void brakes_in_a_bend(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    for (int v = 15; v <= 45; v += 5) {
        cw_vehicle_state s = {.vx = (float)v};
        float steer = (float)(3.0 / (v * v) * ((double)p.wheelbase + v * v / 9.81 * (0.1 - 1.0 / 12)));
        for (int i = 0; i < 300; ++i)
            cw_vehicle_step(&p, &s, (float)v - s.vx, steer, 0.9f, 0, 0, 0.01);
        for (int i = 0; i < 300 && s.vx > 1; ++i) {
            cw_vehicle_step(&p, &s, -9, steer, 0.9f, 0, 0, 0.01);
            assert_true(fabs((double)s.vy / (double)s.vx) < 0.12);
            assert_true((double)s.yaw_rate < 0.35);
        }
    }
}

// Full brakes and full lock at a walking pace: it comes to rest turned the way of its wheels, and then turns no more.
static void comes_to_rest(void **unused) {
    (void)unused;
    cw_vehicle_params p = car();
    for (int v = 1; v <= 6; ++v) {
        cw_vehicle_state s = {.vx = 0.5f * (float)v, .steer = -0.6f, .accel = -6};
        int stands = 0;
        for (int i = 0; i < 200; ++i) {
            cw_vehicle_step(&p, &s, -10, -0.6f, 0.95f, 0, 0, 0.01);
            stands += fabsf(s.vx) < 0.05f;
            if (stands > 30)
                assert_true(fabsf(s.yaw_rate) < 0.01f);
            if (s.heading > 0.05)
                fail_msg("from %.1f m/s it turns by %.3f rad against its wheels", 0.5 * v, s.heading);
        }
        assert_true(stands > 100);
    }
}

static void walker(void **unused) {
    (void)unused;
    cw_walker_state w = {0};
    for (int i = 0; i < 100; ++i)
        cw_walker_step(&w, 1.5f, 0.5 * CW_PI, 2, 0.01f);
    assert_true(w.speed == 1.5f);
    // Up to speed in 0.75 s, then 0.25 s at it.
    near(w.y, 0.5 * 1.5 * 0.75 + 0.25 * 1.5, 1e-4);
    near(w.x, 0, 1e-12);
    for (int i = 0; i < 100; ++i)
        cw_walker_step(&w, 0, 0, 2, 0.01f);
    assert_true(w.speed == 0);
}

// A rider downhill: from braking and from rolling, what slope, drag and rolling resistance say.
static void rider_on_a_slope(void **unused) {
    (void)unused;
    cw_vehicle_params p = free_car();
    const float slopes[] = {0, -0.08f, 0.08f};
    for (int k = 0; k < 3; ++k) {
        double pull = G * cw_sin((double)slopes[k]), b = 0.95 * 0.4 * G * cw_cos((double)slopes[k]) + pull;
        cw_vehicle_state s = {.vx = 8, .accel = -p.max_brake};
        for (int i = 0; i < 1000; ++i)
            cw_rider_step(&p, &s, -20, 0, 0.4f, slopes[k], 0.01);
        near(s.x, 64 / (2 * b), 0.02);
        cw_vehicle_state flat = {.vx = 8}, same = flat;
        for (int i = 0; i < 100 && k == 0; ++i) {
            cw_rider_step(&p, &flat, 1, 0.1f, 0.8f, 0, 0.01);
            cw_vehicle_step_kinematic(&p, &same, 1, 0.1f, 0.8f, 0.01);
        }
        assert_true(flat.x == same.x && flat.y == same.y && flat.vx == same.vx);
    }
    // What power holds uphill: P = v (m g sin + drag v^2), at full effort.
    p.mass = 90;
    p.power = 300;
    p.drag = 0.35f;
    p.max_accel = 1.2f;
    cw_vehicle_state s = {.vx = 3};
    for (int i = 0; i < 20000; ++i)
        cw_rider_step(&p, &s, 2, 0, 0.8f, 0.05f, 0.01);
    double v = (double)s.vx;
    near(v * (90 * G * cw_sin((double)0.05f) + 0.35 * v * v), 300, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_turn),          cmocka_unit_test(kinematic_limit),
        cmocka_unit_test(braking_distance),     cmocka_unit_test(stops_as_assumed),
        cmocka_unit_test(friction_circle),      cmocka_unit_test(energy_never_grows),
        cmocka_unit_test(order_of_convergence), cmocka_unit_test(kinematic_agrees_with_dynamic),
        cmocka_unit_test(mirrored_exactly),     cmocka_unit_test(stands_and_reverses),
        cmocka_unit_test(stable_everywhere),    cmocka_unit_test(actuators_are_limited),
        cmocka_unit_test(nan_goes_through),     cmocka_unit_test(brakes_in_a_bend),
        cmocka_unit_test(comes_to_rest),        cmocka_unit_test(walker),
        cmocka_unit_test(rider_on_a_slope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
