// The longitudinal domain against closed forms: every shape over time, distance and rate; relative and continuous
// targets; profiles; distances kept.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <string.h>

static double shape(const char *name, double x) {
    if (x >= 1)
        return 1;
    return name[0] == 'l' ? x : name[0] == 'c' ? 3 * x * x - 2 * x * x * x : 0.5 - 0.5 * cos(3.14159265358979 * x);
}

static double area(const char *name, double x) { // integral of the shape from 0
    if (x >= 1)
        return 0.5 + (x - 1);
    return name[0] == 'l'   ? x * x / 2
           : name[0] == 'c' ? x * x * x - x * x * x * x / 2
                            : x / 2 - sin(3.14159265358979 * x) / (2 * 3.14159265358979);
}

static void check_over_time(const char *name, const char *dimension, double value, double from, double to,
                            double span) {
    play p;
    play_begin(
        &p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), speed_to("step", "time", 0, from)),
        simple("A", event("e", "override", 1, action("a", speed_to(name, dimension, value, to)), trigger(after(1)))),
        NULL, NULL);
    double ended = -1;
    for (int k = 1; k <= 900; k++) {
        play_step(&p, 1);
        if (play_said(&p, "action a ends"))
            ended = k * 0.01;
        double t = k * 0.01 - 1, x = t / span;
        cw_actor_state a = play_actor(&p, "A");
        double v = t <= 0 ? from : from + (to - from) * shape(name, x);
        double s = t <= 0 ? from * (1 + t) : from * (1 + t) + (to - from) * span * area(name, x);
        assert_near(a.speed, v, 2e-5);
        assert_near(a.x, 10 + s, 1e-6);
        assert_near(a.traveled, fabs(s), 1e-6);
    }
    assert_true(ended >= 1 + span - 1e-6 && ended < 1 + span + 0.01 - 1e-6);
    play_end(&p);
}

static void shapes_over_time(void **state) {
    (void)state;
    check_over_time("linear", "time", 3.333, 10, 25, 3.333);
    check_over_time("cubic", "time", 3.333, 10, 25, 3.333);
    check_over_time("sinusoidal", "time", 4, 10, 0, 4);
    check_over_time("linear", "time", 2, 0, 20, 2);
}

// Rate is the largest acceleration: actual for linear, 3/2 and pi/2 of the mean for the curves.
static void shapes_by_rate(void **state) {
    (void)state;
    check_over_time("linear", "rate", 6, 10, 25, 2.5);
    check_over_time("linear", "rate", 4, 20, 3, 4.25);
    check_over_time("cubic", "rate", 6, 10, 25, 3.75);
    check_over_time("sinusoidal", "rate", 6, 10, 25, 15 * 3.14159265358979 / 12);
}

static void a_step_is_at_once(void **state) {
    (void)state;
    play p;
    play_begin(
        &p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), speed_to("step", "time", 0, 10)),
        simple("A", event("e", "override", 1, action("a", speed_to("step", "distance", 0, 3)), trigger(after(1)))),
        NULL, NULL);
    play_until(&p, 1);
    assert_near(play_actor(&p, "A").speed, 10, 0);
    play_step(&p, 1);
    assert_near(play_actor(&p, "A").speed, 3, 0);
    assert_near(play_actor(&p, "A").x, 20.03, 1e-9);
    assert_true(play_said(&p, "event e ends"));
    play_end(&p);
}

static void shapes_over_distance(void **state) {
    (void)state;
    static const char *const names[] = {"linear", "cubic", "sinusoidal"};
    for (int n = 0; n < 3; n++) {
        play p;
        play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), speed_to("step", "time", 0, 10)),
                   simple("A", event("e", "override", 1, action("a", speed_to(names[n], "distance", 40, 20)), "")),
                   NULL, NULL);
        for (int k = 1; k <= 500; k++) {
            play_step(&p, 1);
            cw_actor_state a = play_actor(&p, "A");
            assert_near(a.speed, 10 + 10 * shape(names[n], (a.x - 10) / 40), 2e-3);
        }
        if (n == 0) { // dv/dx = 1/4 per second: the time for 10 to 20 m/s is 4 ln 2
            double t = 5 - 4 * log(2);
            assert_near(play_actor(&p, "A").x, 50 + 20 * t, 2e-3);
        }
        play_end(&p);
        // From standstill the distance is kept as well.
        play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), ""),
                   simple("A", event("e", "override", 1, action("a", speed_to(names[n], "distance", 40, 20)), "")),
                   NULL, NULL);
        play_until(&p, 4);
        assert_near(play_actor(&p, "A").speed, 20, 1e-5);
        assert_near(play_actor(&p, "A").x, 50, 1e-6);
        play_end(&p);
    }
}

static const char *relative(const char *other, const char *type, double value, bool continuous, double time) {
    return say("<PrivateAction><LongitudinalAction><SpeedAction><SpeedActionDynamics dynamicsShape='linear' "
               "dynamicsDimension='time' value='%g'/><SpeedActionTarget><RelativeTargetSpeed entityRef='%s' value='%g' "
               "speedTargetValueType='%s' continuous='%s'/></SpeedActionTarget></SpeedAction></LongitudinalAction>"
               "</PrivateAction>",
               time, other, value, type, continuous ? "true" : "false");
}

static void relative_targets(void **state) {
    (void)state;
    play p;
    const char *init = say("%s%s%s", place("A", on_lane(-1, 10, 0), speed_to("linear", "rate", 1, 10)),
                           place("B", on_lane(-2, 10, 0), relative("A", "delta", 5, false, 2)),
                           place("C", on_lane(-3, 10, 0), relative("A", "factor", 2, true, 1)));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    play_until(&p, 1);
    assert_near(play_actor(&p, "B").speed, 2.5, 1e-5); // towards 5: A stood still when it began
    for (double t = 2; t < 14; t += 1) {
        play_until(&p, t);
        assert_near(play_actor(&p, "B").speed, 5, 1e-6);
        assert_near(play_actor(&p, "C").speed, 2 * play_actor(&p, "A").speed, 1e-5);
    }
    play_end(&p);
}

static const char *profile(const char *mode, const char *limits, const char *entries) {
    return say("<PrivateAction><LongitudinalAction><SpeedProfileAction followingMode='%s'>%s%s</SpeedProfileAction>"
               "</LongitudinalAction></PrivateAction>",
               mode, limits, entries);
}

static void profiles(void **state) {
    (void)state;
    play p;
    const char *entries = "<SpeedProfileEntry speed='2' time='0'/><SpeedProfileEntry speed='10' time='4'/>"
                          "<SpeedProfileEntry speed='10' time='1.005'/><SpeedProfileEntry speed='0' time='2.5'/>";
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), profile("position", "", entries)), NULL, NULL, NULL);
    assert_near(play_actor(&p, "A").speed, 2, 0);
    play_until(&p, 2);
    assert_near(play_actor(&p, "A").speed, 6, 1e-6);
    play_until(&p, 4.5);
    assert_near(play_actor(&p, "A").speed, 10, 0);
    play_until(&p, 6.255);
    assert_near(play_actor(&p, "A").speed, 10 - 4 * (6.26 - 5.005), 1e-5);
    play_until(&p, 9);
    assert_near(play_actor(&p, "A").speed, 0, 0);
    assert_near(play_actor(&p, "A").x, 10 + 24 + 10.05 + 12.5, 1e-6);
    play_end(&p);

    // With a jerk limit: 8 m/s at 4 m/s^2 and 8 m/s^3 take 8/4 + 4/8 s, and the acceleration never jumps.
    const char *limits = "<DynamicConstraints maxAcceleration='4' maxAccelerationRate='8' maxDeceleration='4' "
                         "maxDecelerationRate='8' maxSpeed='50'/>";
    play_begin(&p, PLAY_STRAIGHT,
               place("A", on_lane(-1, 10, 0),
                     profile("follow", limits, "<SpeedProfileEntry speed='8'/><SpeedProfileEntry speed='0'/>")),
               NULL, NULL, NULL);
    double last = 0;
    for (int k = 1; k <= 500; k++) {
        play_step(&p, 1);
        cw_actor_state a = play_actor(&p, "A");
        assert_true(fabs((double)a.accel) <= 4.001);
        assert_true(fabs((double)a.accel - last) <= 0.0801);
        last = (double)a.accel;
        if (k == 125)
            assert_near(a.speed, 4, 1e-5);
        if (k == 250)
            assert_near(a.speed, 8, 1e-5);
    }
    assert_near(play_actor(&p, "A").speed, 0, 1e-5);
    assert_near(play_actor(&p, "A").x, 10 + 20, 1e-5); // symmetric: mean speed 4 over 5 s
    play_end(&p);
}

static const char *gap(const char *attributes, const char *limits) {
    return say("<PrivateAction><LongitudinalAction><LongitudinalDistanceAction entityRef='A' %s>%s"
               "</LongitudinalDistanceAction></LongitudinalAction></PrivateAction>",
               attributes, limits);
}

static void distances_are_kept(void **state) {
    (void)state;
    play p;
    const char *init =
        say("%s%s%s", place("A", on_lane(-1, 100, 0), speed_to("linear", "rate", 2, 20)),
            place("B", on_lane(-1, 300, 0),
                  gap("distance='30' freespace='true' continuous='true' displacement='leadingReferencedEntity'", "")),
            place("C", on_lane(-1, 50, 0),
                  gap("timeGap='2' freespace='false' continuous='true' displacement='trailingReferencedEntity'",
                      "<DynamicConstraints maxAcceleration='4' maxDeceleration='6' maxSpeed='40'/>")));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    assert_near(play_actor(&p, "B").x, 134, 1e-9); // 30 m between the bumpers
    for (int k = 0; k < 3000; k++) {
        play_step(&p, 1);
        assert_near(play_actor(&p, "B").x - play_actor(&p, "A").x, 34, 1e-6);
        assert_true(fabs((double)play_actor(&p, "C").accel) <= 6.001);
    }
    assert_near(play_actor(&p, "B").speed, 20, 1e-4);
    assert_near(play_actor(&p, "A").x - play_actor(&p, "C").x, 40, 0.1);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes_over_time),  cmocka_unit_test(shapes_by_rate),
                                       cmocka_unit_test(a_step_is_at_once), cmocka_unit_test(shapes_over_distance),
                                       cmocka_unit_test(relative_targets),  cmocka_unit_test(profiles),
                                       cmocka_unit_test(distances_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
