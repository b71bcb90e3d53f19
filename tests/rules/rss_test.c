// RSS against the 43 vectors of the reference library's own unit tests (tolerance 0.01 there; exact values beside them).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "causeway/rules.h"

static const double kmh = 1 / 3.6;

static cw_rss_params set_d(void) {
    cw_rss_params d = cw_rss_defaults(false);
    assert_true(d.response == 2 && d.accel == 3.5 && d.brake_min == 4 && d.brake_max == 8 && d.brake_correct == 3);
    return d;
}

#define NEAR(a, b, e)                                                                                                  \
    do {                                                                                                               \
        double near_a = (a), near_b = (b);                                                                             \
        if (!(fabs(near_a - near_b) <= (e)))                                                                           \
            fail_msg("%s = %.9g, expected %.9g", #a, near_a, near_b);                                                  \
    } while (0)

static void stopping_distance(void **state) { // 1 to 4
    (void)state;
    double d = NAN;
    assert_true(cw_rss_stopping_distance(100 * kmh, -6, &d));
    NEAR(d, 64.3004, 1e-4);
    assert_true(cw_rss_stopping_distance(-100 * kmh, 6, &d));
    NEAR(d, -64.3004, 1e-4);
    assert_true(cw_rss_stopping_distance(0, -6, &d));
    NEAR(d, 0, 0);
    assert_false(cw_rss_stopping_distance(10, 4, &d));
    assert_false(cw_rss_stopping_distance(10, 1, &d));
    assert_false(cw_rss_stopping_distance(10, 0, &d));
    assert_false(cw_rss_stopping_distance(-10, -1, &d));
}

static void limited_motion(void **state) { // 5 to 10
    (void)state;
    static const double rows[][6] = {// v, v^, a, t, v', d
                                     {4, 36, 2, 2, 8, 12}, {4, 6, 2, 2, 6, 11}, {6, 4, 2, 2, 6, 12},
                                     {6, 6, -2, 2, 2, 8},  {6, 6, -3, 3, 0, 6}, {4, 100, 0, 2, 4, 8}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double v, d;
        assert_true(cw_rss_motion(rows[i][0], rows[i][1], rows[i][2], rows[i][3], &v, &d));
        NEAR(v, rows[i][4], 1e-12);
        NEAR(d, rows[i][5], 1e-12);
    }
    double v, d;
    assert_false(cw_rss_motion(4, 100, 0, -1, &v, &d));
    assert_false(cw_rss_motion(-10, 100, 0, 2, &v, &d));
}

static void braking_pattern(void **state) { // 11 to 13
    (void)state;
    double d;
    assert_true(cw_rss_braking_pattern(100 * kmh, 100, 3.5, 2, 4, &d));
    NEAR(d, 213.7423, 1e-4);
    assert_true(cw_rss_braking_pattern(100 * kmh, 100, 3.5, 1, 4, &d));
    NEAR(d, 151.8152, 1e-4);
    assert_true(cw_rss_braking_pattern(50 * kmh, 100, 2, 2, 4, &d));
    NEAR(d, 71.7793, 1e-4);
}

static double same(double rear_kmh, cw_rss_params rear, double front_kmh, cw_rss_params front) {
    double d = NAN;
    assert_true(cw_rss_same_direction(rear_kmh * kmh, &rear, front_kmh * kmh, &front, &d));
    return d;
}

static void same_direction(void **state) { // 14 to 23
    (void)state;
    cw_rss_params d = set_d(), f = d;
    NEAR(same(10, d, 100, d), 0, 0);
    f.margin = 2;
    NEAR(same(10, f, 100, d), 2, 0);
    double out;
    assert_false(cw_rss_same_direction(50 * kmh, &d, -50 * kmh, &d, &out));
    assert_false(cw_rss_same_direction(-50 * kmh, &d, -50 * kmh, &d, &out));
    f = d;
    f.accel = 2;
    NEAR(same(50, f, 50, d), 59.7230, 1e-4);
    assert_true(60 > same(50, f, 50, d) && !(58 > same(50, f, 50, d)));
    cw_rss_params g = f;
    g.speed_max = 50 * kmh;
    NEAR(same(50, g, 50, d), 39.8341, 1e-4);
    assert_true(40 > same(50, g, 50, d) && !(38 > same(50, g, 50, d)));
    g.speed_max = 40 * kmh;
    NEAR(same(50, g, 50, d), 39.8341, 1e-4);
    g = d;
    g.accel = 0;
    NEAR(same(50, g, 50, d), 39.8341, 1e-4);
    NEAR(same(50, f, 0, d), 71.7793, 1e-4);
    assert_true(71.8 > same(50, f, 0, d) && !(71.6 > same(50, f, 0, d)));
    f.speed_max = 50 * kmh;
    NEAR(same(50, f, 0, d), 51.8904, 1e-4);
    assert_true(52 > same(50, f, 0, d) && !(50 > same(50, f, 0, d)));
    f.speed_max = 100;
    NEAR(same(0, f, 0, d), 6.0, 1e-12);
    assert_true(6.1 > same(0, f, 0, d) && !(6.0 > same(0, f, 0, d)));
    assert_true(95 > same(10, d, 100, d));
}

static void lateral_pattern(void **state) { // 24
    (void)state;
    static const double exact[] = {-8.25, -13, -14.21875, -10, 0.78125, 18.125, 42.03125, 72.5};
    static const double stated[] = {-8, -13, -14, -10, 0, 18, 42, 72};
    for (int i = 0; i < 8; i++) {
        double d = cw_rss_lateral_pattern(-10, 3.5, i + 1, 4, 1);
        NEAR(d, exact[i], 1e-9);
        NEAR(d, stated[i], 1.0);
    }
}

static void opposite(void **state) { // 25 to 28
    (void)state;
    cw_rss_params d = set_d(), e = d;
    double out;
    assert_true(cw_rss_opposite(50 * kmh, &d, 50 * kmh, &d, &out));
    NEAR(out, 196.8230, 1e-4);
    e.response = 1;
    assert_true(cw_rss_opposite(50 * kmh, &e, 50 * kmh, &d, &out));
    NEAR(out, 155.3555, 1e-4);
    assert_true(178 > out && !(150 > out));
    e = d;
    e.response = 0.5;
    cw_rss_params o = e;
    assert_true(cw_rss_opposite(0, &e, 0, &o, &out));
    NEAR(out, 1.77, 0.005);
    assert_true(1.9 > out);
    e.margin = 2;
    assert_true(cw_rss_opposite(0, &e, 0, &o, &out));
    NEAR(out, 3.77, 0.005);
    assert_false(1.9 > out);
}

static void responses(void **state) { // the proper responses that rows 25 and 27 name, and the memory of the pair
    (void)state;
    cw_rss_params d = set_d();
    cw_rss_situation s = {
        .relation = CW_RSS_OPPOSITE_CORRECT, .ego_speed = 50 * kmh, .other_speed = 50 * kmh, .gap_along = 197};
    cw_rss_pair pair = {0};
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_false(pair.dangerous);
    s.gap_along = 196;
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_true(pair.dangerous);
    assert_int_equal(pair.along, CW_RSS_BRAKE_MIN_CORRECT);
    assert_int_equal(pair.left, CW_RSS_NONE); // safe along before: it answers along alone
    pair = (cw_rss_pair){0};
    s.relation = CW_RSS_OPPOSITE_WRONG;
    s.gap_along = 178.7;
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_int_equal(pair.along, CW_RSS_BRAKE_MIN);
    assert_int_equal(pair.left, CW_RSS_BRAKE_MIN);
    assert_int_equal(pair.right, CW_RSS_BRAKE_MIN);
    // same direction, already overlapping across, no history: brake only
    pair = (cw_rss_pair){0};
    s = (cw_rss_situation){.relation = CW_RSS_EGO_REAR, .ego_speed = 50 * kmh, .other_speed = 0, .gap_along = 20};
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_int_equal(pair.along, CW_RSS_BRAKE_MIN);
    assert_int_equal(pair.left, CW_RSS_NONE);
    // the front one has nothing to do
    pair = (cw_rss_pair){0};
    s.relation = CW_RSS_EGO_FRONT;
    s.ego_speed = 0;
    s.other_speed = 50 * kmh;
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_true(pair.dangerous);
    assert_int_equal(pair.along, CW_RSS_NONE);
    // beside, safe across last: answers across alone
    pair = (cw_rss_pair){0};
    s = (cw_rss_situation){
        .relation = CW_RSS_EGO_REAR, .ego_speed = 20, .other_speed = 20, .gap_across = 3, .other_right = true};
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_int_equal(pair.history, 2);
    s.gap_across = 1;
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_int_equal(pair.along, CW_RSS_NONE);
    assert_int_equal(pair.right, CW_RSS_BRAKE_MIN);
    assert_int_equal(pair.left, CW_RSS_NONE);
    s.gap_along = -1;
    assert_false(cw_rss_pair_step(&pair, &s, &d, &d));
}

static double across(double left, cw_rss_params l, double right, cw_rss_params r) {
    double d = NAN;
    assert_true(cw_rss_lateral(left * kmh, &l, right * kmh, &r, &d));
    return d;
}

static void lateral(void **state) { // 29 to 37
    (void)state;
    cw_rss_params d = set_d(), one = d;
    static const double rows[][3] = {{0, 0, 1.1},      {1, 1, 1.1965}, {-1, -1, 1.1965}, {5, 5, 2.9001},
                                     {-5, -5, 2.9001}, {1, 0, 1.8427}, {0, 1, 0.4538},   {-1, 0, 0.4538},
                                     {0, -1, 1.8427},  {5, 0, 5.7779}, {0, 5, 0},        {-5, 0, 0},
                                     {0, -5, 5.7779}};
    one.fluctuation = 0.6;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double base = across(rows[i][0], d, rows[i][1], d);
        NEAR(base, rows[i][2], 1e-4);
        if (i < 5) {
            NEAR(across(rows[i][0], one, rows[i][1], d), base + 0.25, 1e-9);
            NEAR(across(rows[i][0], one, rows[i][1], one), base + 0.5, 1e-9);
        }
    }
    cw_rss_pair pair = {0};
    cw_rss_situation s = {.relation = CW_RSS_EGO_REAR, .gap_along = 0, .gap_across = 2, .other_right = true};
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_false(pair.dangerous);
    s.gap_across = 1;
    assert_true(cw_rss_pair_step(&pair, &s, &d, &d));
    assert_true(pair.dangerous);
    assert_int_equal(pair.right, CW_RSS_BRAKE_MIN);
}

static void intersection(void **state) { // 38
    (void)state;
    cw_rss_params d = set_d();
    d.accel = 2;
    bool can;
    assert_true(cw_rss_can_stop(50 * kmh, &d, 80, &can));
    assert_true(can);
    assert_true(cw_rss_can_stop(50 * kmh, &d, 70, &can));
    assert_false(can);
}

static void times(void **state) { // 39 to 43
    (void)state;
    double t;
    assert_true(cw_rss_time_to_cover(1, 2, 1.5, 2, -0.5, 1.75, &t));
    NEAR(t, 1.0, 1e-9);
    assert_true(cw_rss_time_to_cover(2, 1, 1, 1, -1, 3, &t));
    NEAR(t, 1.585786, 1e-6);
    assert_true(cw_rss_time_to_cover(0, 100, 1, 0, -1, 1, &t));
    assert_true(isinf(t));
    assert_true(cw_rss_time_to_cover(1, 100, 1, 0, -1, 0, &t));
    NEAR(t, 0, 0);
    static const double rows[][4] = {
        {0, 2, -2, 2.0}, {2, -1, -2, 1.5}, {2, 0, -2, 2.0}, {2, -4, 0, 0.5}, {2, 4, -2, 3.0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(cw_rss_time_to_stop(rows[i][0], 4, 1, rows[i][1], rows[i][2], &t));
        NEAR(t, rows[i][3], 1e-12);
    }
    assert_false(cw_rss_time_to_stop(0, 4, 1, -2, -2, &t));
    assert_false(cw_rss_time_to_stop(2, 4, 1, 0, 0, &t));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopping_distance), cmocka_unit_test(limited_motion),
        cmocka_unit_test(braking_pattern),   cmocka_unit_test(same_direction),
        cmocka_unit_test(lateral_pattern),   cmocka_unit_test(opposite),
        cmocka_unit_test(responses),         cmocka_unit_test(lateral),
        cmocka_unit_test(intersection),      cmocka_unit_test(times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
