// Tracking: called every 0.1 s with the answer held, the car stays in the tube of assumption A1, +-0.3 m along and
// +-0.2 m across, on dry road.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "motion/motion.h"

#include <math.h>

typedef struct plan { // what is to be done at time t
    double (*curvature)(double speed, double t);
    double (*accel)(double speed, double t);
} plan;

typedef struct errors {
    double along, across; // largest, m
    cw_vehicle_state end;
    double ahead; // of the reference at the end, m
} errors;

static errors follow(plan todo, double v, double slope, double seconds) {
    cw_vehicle_params p = cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0, 0, 0, 0);
    cw_vehicle_state s = {.vx = (float)v};
    errors e = {0};
    double x = 0, y = 0, heading = 0, speed = v, a = 0;
    float accel = 0, steer = 0;
    for (int i = 0; i < (int)rint(seconds * 100); ++i) {
        double t = 0.01 * i, k = todo.curvature(v, t);
        a = todo.accel ? todo.accel(v, t) : 0;
        if (speed + a * 0.01 < 0)
            a = speed = 0;
        if (i % 10 == 0) {
            cw_reference r = {.x = x,
                              .y = y,
                              .heading = heading,
                              .speed = (float)speed,
                              .accel = (float)a,
                              .curvature = (float)k,
                              .curvature_rate = (float)((todo.curvature(v, t + 0.2) - k) / 0.2)};
            cw_vehicle_track(&p, &s, &r, 0.9f, &accel, &steer);
        }
        double sine, cosine;
        cw_sincos(heading, &sine, &cosine);
        double along = (s.x - x) * cosine + (s.y - y) * sine, across = (s.y - y) * cosine - (s.x - x) * sine;
        e.along = cw_max(e.along, fabs(along));
        e.across = cw_max(e.across, fabs(across));
        e.ahead = along;
        cw_vehicle_step(&p, &s, accel, steer, 0.9f, (float)slope, 0, 0.01);
        double next = speed + a * 0.01, way = 0.005 * (speed + next);
        cw_sincos(heading + 0.5 * way * k, &sine, &cosine);
        x += way * cosine;
        y += way * sine;
        heading += way * k;
        speed = next;
    }
    e.end = s;
    return e;
}

static double straight(double v, double t) {
    (void)v;
    (void)t;
    return 0;
}

// 2 m/s^2 across, to and fro in 6 s.
static double weave(double v, double t) {
    return (v > 4 ? cw_min(0.1, 2 / (v * v)) : 0.1) * cw_sin(2 * CW_PI * t / 6);
}

// 3.5 m to the side within 4 s.
static double change(double v, double t) {
    double u = cw_max(v, 4);
    return t > 1 && t < 5 ? 2 * CW_PI * 3.5 / 16 / (u * u) * cw_sin(2 * CW_PI * (t - 1) / 4) : 0;
}

// Into a bend of 3 m/s^2 within 2 s.
static double bend(double v, double t) {
    return cw_clamp((t - 1) / 2, 0, 1) * (v > 5 ? cw_min(0.12, 3 / (v * v)) : 0.12);
}

static double surge(double v, double t) {
    return (v < 30 ? 1.2 : 0.4) * cw_sin(2 * CW_PI * t / 7);
}

// From 1 s on: braking that rises by 15 m/s^3 to 6 m/s^2.
static double stop(double v, double t) {
    (void)v;
    return t < 1 ? 0 : -cw_min(6, 15 * (t - 1));
}

static void inside(errors e, const char *what, double v) {
    if (!(e.along <= 0.3 && e.across <= 0.2))
        fail_msg("%s at %g m/s: %.3f along, %.3f across", what, v, e.along, e.across);
}

static void stays_in_the_tube(void **unused) {
    (void)unused;
    for (double v = 1; v <= 40; v += 3) {
        inside(follow((plan){weave, NULL}, v, 0, 15), "weaving", v);
        inside(follow((plan){change, NULL}, v, 0, 10), "changing lane", v);
        inside(follow((plan){bend, NULL}, v, 0, 10), "bend", v);
        inside(follow((plan){weave, surge}, v, 0, 15), "weaving with surges", v);
        inside(follow((plan){straight, surge}, v, 0.06, 15), "uphill", v);
        inside(follow((plan){straight, surge}, v, -0.06, 15), "downhill", v);
    }
}

static void stops_where_it_should(void **unused) {
    (void)unused;
    for (double v = 3; v <= 40; v += 4) {
        errors e = follow((plan){straight, stop}, v, 0, 14);
        inside(e, "stopping", v);
        assert_true(e.end.vx == 0);
        assert_true(fabs(e.ahead) < 0.3);
    }
}

// An error of half a metre goes away without swinging, and at rest nothing moves.
static void returns_to_the_line(void **unused) {
    (void)unused;
    cw_vehicle_params p = cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0, 0, 0, 0);
    for (int v = 2; v <= 40; v += 2) {
        cw_vehicle_state s = {.vx = (float)v, .y = 0.5};
        double x = 0, lowest = 1, late = 0;
        float accel = 0, steer = 0;
        for (int i = 0; i < 1500; ++i) {
            cw_reference r = {.x = x, .speed = (float)v};
            if (i % 10 == 0)
                cw_vehicle_track(&p, &s, &r, 0.9f, &accel, &steer);
            cw_vehicle_step(&p, &s, accel, steer, 0.9f, 0, 0, 0.01);
            x += 0.01 * v;
            lowest = cw_min(lowest, s.y);
            if (i > 1000)
                late = cw_max(late, fabs(s.y));
        }
        assert_true(lowest > -0.05);
        assert_true(late < 0.01);
    }
    cw_vehicle_state s = {.x = 0.1, .y = 0.05};
    for (int i = 0; i < 100; ++i) {
        float accel, steer;
        cw_vehicle_track(&p, &s, &(cw_reference){0}, 0.9f, &accel, &steer);
        cw_vehicle_step(&p, &s, accel, steer, 0.9f, 0, 0, 0.01);
    }
    assert_true(s.vx == 0 && s.x == 0.1);
}

static void mirrored_exactly(void **unused) {
    (void)unused;
    cw_vehicle_params p = cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0, 0, 0, 0);
    for (uint32_t i = 0; i < 200; ++i) {
        cw_rng_key key = {.seed = 3, .step = i};
        double u[8];
        for (uint32_t k = 0; k < 8; ++k)
            u[k] = 2 * cw_rng_uniform(key, k) - 1;
        cw_vehicle_state a = {.y = u[0], .heading = u[1], .vx = (float)(20 + 20 * u[2]), .vy = (float)(0.3 * u[3])};
        a.yaw_rate = (float)(0.3 * u[4]);
        cw_vehicle_state b = a;
        b.y = -a.y;
        b.heading = -a.heading;
        b.vy = -a.vy;
        b.yaw_rate = -a.yaw_rate;
        cw_reference r = {.x = u[5], .heading = u[1] + 0.1 * u[6], .speed = 20, .curvature = (float)(0.01 * u[7])},
                     q = r;
        q.heading = -r.heading;
        q.curvature = -r.curvature;
        float accel[2], steer[2];
        cw_vehicle_track(&p, &a, &r, 0.8f, &accel[0], &steer[0]);
        cw_vehicle_track(&p, &b, &q, 0.8f, &accel[1], &steer[1]);
        assert_true(accel[0] == accel[1] && steer[0] == -steer[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_the_tube),
        cmocka_unit_test(stops_where_it_should),
        cmocka_unit_test(returns_to_the_line),
        cmocka_unit_test(mirrored_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
