// Curves of the reference line against closed forms and against quadrature of high order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "road/build.h"
#include "road/internal.h"

#include <math.h>
#include <string.h>

static cw_build_text words(const char *text) {
    return (cw_build_text){text, strlen(text)};
}

// One road of the given records with a lane of 3.5 m on each side.
static cw_map *make(const cw_geometry *records, int count, bool left_hand) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    double length = 0;
    for (int i = 0; i < count; i++)
        length = records[i].s + records[i].length;
    cw_build_begin_road(b, &(cw_build_road){.id = words("1"), .length = length, .left_hand = left_hand});
    for (int i = 0; i < count; i++)
        cw_build_geometry(b, &records[i]);
    cw_build_begin_section(b, 0);
    for (int id = -1; id <= 1; id++) {
        cw_build_begin_lane(b, &(cw_build_lane){.id = id, .kind = id == 0 ? CW_LANE_NONE : CW_LANE_DRIVING});
        if (id != 0)
            cw_build_width(b, &(cw_cubic){.a = 3.5});
        cw_build_end_lane(b);
    }
    cw_build_end_section(b);
    cw_build_end_road(b);
    cw_map *map = NULL;
    cw_error err = {0};
    assert_int_equal(cw_build_finish(b, "test", &map, &err), CW_OK);
    cw_build_free(b);
    return map;
}

// Gauss-Legendre with eight points on `parts` stretches of a curve whose heading is h + k0 s + c s^2 / 2.
static void integrate(double h, double k0, double c, double s, int parts, double *x, double *y) {
    static const double node[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    static const double weight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    *x = *y = 0;
    double half = s / parts / 2;
    for (int i = 0; i < parts; i++) {
        double middle = (2 * i + 1) * half;
        for (int k = 0; k < 8; k++) {
            double u = middle + (k % 2 == 0 ? node[k / 2] : -node[k / 2]) * half, angle = h + u * (k0 + 0.5 * c * u);
            *x += weight[k / 2] * half * cos(angle);
            *y += weight[k / 2] * half * sin(angle);
        }
    }
}

static void a_clothoid_agrees_with_quadrature(void **state) {
    (void)state;
    static const double cases[][3] = {{0, 0.02, 60},     {0.02, 0, 60},   {0.01, 0.05, 30},
                                      {0.03, -0.03, 80}, {-0.2, 0.1, 40}, {0.001, 0.0011, 9},
                                      {0, -1.5, 12},     {2, -3, 20},     {0.004, 0.004, 500}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double k0 = cases[i][0], k1 = cases[i][1], length = cases[i][2], rate = (k1 - k0) / length;
        for (int j = 0; j <= 10; j++) {
            double s = length * j / 10, x, y, rx, ry;
            cw_clothoid_at(k0, rate, s, &x, &y);
            integrate(0, k0, rate, s, 400, &rx, &ry);
            assert_true(fabs(x - rx) < 1e-10 && fabs(y - ry) < 1e-10);
        }
    }
}

static void a_clothoid_run_backward_ends_where_it_began(void **state) {
    (void)state;
    double x, y, bx, by, turn = 50 * (0.01 + 0.5 * 0.0004 * 50);
    cw_clothoid_at(0.01, 0.0004, 50, &x, &y);
    cw_clothoid_at(-(0.01 + 0.0004 * 50), 0.0004, 50, &bx, &by); // from its end, facing back
    double c = cos(turn + CW_PI), s = sin(turn + CW_PI);
    assert_true(fabs(x + bx * c - by * s) < 1e-10 && fabs(y + bx * s + by * c) < 1e-10);
}

static void an_arc_stays_on_its_circle(void **state) {
    (void)state;
    cw_geometry arc = {.x = 12, .y = -7, .heading = 0.8, .length = 200, .kind = CW_ARC, .k0 = 0.02, .k1 = 0.02};
    cw_map *map = make(&arc, 1, false);
    double cx = 12 - sin(0.8) / 0.02, cy = -7 + cos(0.8) / 0.02;
    for (int i = 0; i <= 20; i++) {
        cw_road_point p;
        cw_road_at(map, 0, 10.0 * i, 0, &p);
        assert_true(fabs(hypot(p.x - cx, p.y - cy) - 50) < 1e-10);
        assert_true(fabs(cw_wrap_angle(p.heading - 0.8 - 0.2 * i)) < 1e-10);
        assert_true(fabs(p.curvature - 0.02) < 1e-15);
        cw_road_at(map, 0, 10.0 * i, 4, &p);
        assert_true(fabs(hypot(p.x - cx, p.y - cy) - 46) < 1e-10);
    }
    assert_true(fabs(map->lanes[0].length - 200 * (1 - 0.02 * 1.75)) < 1e-9); // the left lane is the inner one
    assert_true(fabs(map->lanes[2].length - 200 * (1 + 0.02 * 1.75)) < 1e-9);
    cw_map_free(map);
}

static void every_kind_is_projected_back(void **state) {
    (void)state;
    cw_geometry kinds[] = {
        {.x = 3, .y = 4, .heading = 2, .length = 80, .kind = CW_LINE},
        {.x = 3, .y = 4, .heading = 2, .length = 80, .kind = CW_ARC, .k0 = -0.03, .k1 = -0.03},
        {.x = 3, .y = 4, .heading = 2, .length = 80, .kind = CW_SPIRAL, .k0 = -0.02, .k1 = 0.04},
        {.x = 3, .y = 4, .heading = 2, .length = 80, .kind = CW_POLY3, .v = {0, 0, 0.003, -0.00002}},
        {.x = 3,
         .y = 4,
         .heading = 2,
         .length = 80,
         .kind = CW_PARAM_POLY3,
         .u = {0, 1, 0, -1e-5},
         .v = {0, 0, 2e-3, 1e-5}},
        {.x = 3,
         .y = 4,
         .heading = 2,
         .length = 80,
         .kind = CW_PARAM_POLY3,
         .normalized = true,
         .u = {0, 80, 0, -8},
         .v = {0, 0, 9, 4}},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cw_map *map = make(&kinds[i], 1, false);
        for (int k = 0; k <= 40; k++) {
            double s = 2.0 * k, t = 5 * sin(1.7 * k), s2, t2;
            cw_road_point p;
            cw_road_at(map, 0, s, t, &p);
            cw_road_project(map, 0, p.x, p.y, NAN, &s2, &t2);
            assert_true(fabs(s - s2) < 1e-6 && fabs(t - t2) < 1e-6);
            cw_road_project(map, 0, p.x, p.y, s + 3 * cos(k), &s2, &t2);
            assert_true(fabs(s - s2) < 1e-6 && fabs(t - t2) < 1e-6);
        }
        cw_map_free(map);
    }
}

static void curvature_is_the_turn_of_the_heading(void **state) {
    (void)state;
    cw_geometry kinds[] = {
        {.heading = 2, .length = 80, .kind = CW_ARC, .k0 = -0.03, .k1 = -0.03},
        {.heading = 2, .length = 80, .kind = CW_SPIRAL, .k0 = -0.02, .k1 = 0.04},
        {.heading = 2, .length = 80, .kind = CW_POLY3, .v = {0, 0, 0.003, -0.00002}},
        {.heading = 2, .length = 80, .kind = CW_PARAM_POLY3, .u = {0, 1, 0, -1e-5}, .v = {0, 0, 2e-3, 1e-5}},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cw_map *map = make(&kinds[i], 1, false);
        for (int k = 2; k < 38; k++) {
            double s = 2.0 * k, h = 1e-3;
            cw_road_point a, b, p;
            cw_road_at(map, 0, s - h, 0, &a);
            cw_road_at(map, 0, s + h, 0, &b);
            cw_road_at(map, 0, s, 0, &p);
            double turn = cw_wrap_angle(b.heading - a.heading) / hypot(b.x - a.x, b.y - a.y);
            assert_true(fabs(turn - p.curvature) < 1e-6);
            cw_pose c = cw_lane_pose(map, (cw_lane_place){2, s - h, 0}, NULL);
            cw_pose d = cw_lane_pose(map, (cw_lane_place){2, s + h, 0}, NULL);
            turn = cw_wrap_angle(d.heading - c.heading) / hypot(d.x - c.x, d.y - c.y);
            assert_true(fabs(turn - cw_lane_curvature(map, 2, s)) < 1e-6);
        }
        cw_map_free(map);
    }
}

// A lane whose inner neighbour widens and whose road's offset swings, on a clothoid: pose, curvature and travelled distance
// against small differences of the centre line.
static void a_lane_of_changing_width_is_followed(void **state) {
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        cw_map_builder *b = cw_build_new(NULL, NULL);
        cw_build_begin_road(b, &(cw_build_road){.id = words("1"), .length = 100});
        cw_build_geometry(b, &(cw_geometry){.heading = 0.5, .length = 100, .kind = CW_SPIRAL, .k0 = -0.01, .k1 = 0.02});
        cw_build_cubic(b, CW_PROFILE_OFFSET, &(cw_cubic){.a = 0.5, .b = 0.02, .c = -0.0003});
        cw_build_begin_section(b, 0);
        for (int i = 0; i <= 2; i++) {
            cw_build_begin_lane(b, &(cw_build_lane){.id = side * i, .kind = i == 0 ? CW_LANE_NONE : CW_LANE_DRIVING});
            if (i == 1) {
                cw_build_width(b, &(cw_cubic){.a = 3, .c = 0.001, .d = -6e-6});
                cw_build_width(b, &(cw_cubic){.s = 60, .a = 3 + 0.001 * 3600 - 6e-6 * 216000, .b = 0.0552});
            } else if (i == 2) {
                cw_build_width(b, &(cw_cubic){.a = 3.2});
            }
            cw_build_end_lane(b);
        }
        cw_build_end_section(b);
        cw_build_end_road(b);
        cw_map *map = NULL;
        assert_int_equal(cw_build_finish(b, "test", &map, NULL), CW_OK);
        cw_build_free(b);
        uint32_t lane = cw_map_find_lane(map, 0, 2 * side, 0);
        double sum = 0, sign = side < 0 ? 1 : -1;
        for (int i = 0; i < 100000; i++) {
            double s = (side < 0 ? i : 99999 - i) * 1e-3, h = 1e-3;
            if (i % 5000 == 2500) {
                assert_true(fabs(cw_lane_travel(map, lane, side < 0 ? s : s + h) - sum) < 1e-5);
                assert_true(fabs(cw_lane_station(map, lane, sum) - (side < 0 ? s : s + h)) < 1e-5);
                cw_pose p = cw_lane_pose(map, (cw_lane_place){lane, s - h, 0}, NULL);
                cw_pose m = cw_lane_pose(map, (cw_lane_place){lane, s, 0}, NULL);
                cw_pose q = cw_lane_pose(map, (cw_lane_place){lane, s + h, 0}, NULL);
                double along = atan2(sign * (q.y - p.y), sign * (q.x - p.x)), run = hypot(q.x - p.x, q.y - p.y);
                assert_true(fabs(cw_wrap_angle(m.heading - along)) < 1e-6);
                double turn = sign * cw_wrap_angle(q.heading - p.heading) / run;
                assert_true(fabs(cw_lane_curvature(map, lane, s) - turn) < 1e-5);
            }
            cw_pose p = cw_lane_pose(map, (cw_lane_place){lane, s, 0}, NULL);
            cw_pose q = cw_lane_pose(map, (cw_lane_place){lane, s + h, 0}, NULL);
            sum += hypot(q.x - p.x, q.y - p.y);
        }
        assert_true(fabs(map->lanes[lane].length - sum) < 1e-5);
        cw_map_free(map);
    }
}

// A polynomial that is not parametrised by its length is still walked at one metre a metre.
static void a_normalised_polynomial_advances_evenly(void **state) {
    (void)state;
    cw_geometry g = {
        .length = 100, .kind = CW_PARAM_POLY3, .normalized = true, .u = {0, 30, 90, -25}, .v = {0, 0, 20, 10}};
    double length = 0;
    for (int i = 0; i < 20000; i++) { // its own length, by the midpoint rule
        double p = (i + 0.5) / 20000;
        length += hypot(30 + 180 * p - 75 * p * p, 40 * p + 30 * p * p) / 20000;
    }
    g.length = length;
    cw_map *map = make(&g, 1, false);
    cw_road_point a, b;
    for (int i = 0; i < 50; i++) {
        double s = length * i / 50, h = length / 5000;
        cw_road_at(map, 0, s, 0, &a);
        cw_road_at(map, 0, s + h, 0, &b);
        assert_true(fabs(hypot(b.x - a.x, b.y - a.y) / h - 1) < 1e-4);
    }
    cw_road_at(map, 0, length, 0, &b);
    assert_true(fabs(b.x - 95) < 1e-6 && fabs(b.y - 30) < 1e-6);
    cw_map_free(map);
}

static void mirrored_roads_are_mirror_images(void **state) {
    (void)state;
    cw_geometry right[] = {{.x = 5, .y = 2, .heading = 0.3, .length = 40, .kind = CW_SPIRAL, .k0 = 0, .k1 = 0.03},
                           {.s = 40, .length = 50, .kind = CW_ARC, .k0 = 0.03, .k1 = 0.03}};
    cw_map *first = make(right, 1, false);
    cw_road_point end;
    cw_road_at(first, 0, 40, 0, &end);
    cw_map_free(first);
    right[1].x = end.x;
    right[1].y = end.y;
    right[1].heading = end.heading;
    cw_geometry left[2] = {right[0], right[1]};
    for (int i = 0; i < 2; i++) {
        left[i].y = -left[i].y;
        left[i].heading = -left[i].heading;
        left[i].k0 = -left[i].k0;
        left[i].k1 = -left[i].k1;
    }
    cw_map *a = make(right, 2, false), *b = make(left, 2, true);
    for (int i = 0; i <= 90; i++) {
        cw_lane_place here = {2, i, 0.7}, there = {0, i, -0.7}; // lane -1 keeps right; mirrored it is lane 1, left
        cw_pose p = cw_lane_pose(a, here, NULL), q = cw_lane_pose(b, there, NULL);
        assert_true(fabs(p.x - q.x) < 1e-9 && fabs(p.y + q.y) < 1e-9 &&
                    fabs(cw_wrap_angle(p.heading + q.heading)) < 1e-9);
        assert_true(fabs(cw_lane_curvature(a, 2, i) + cw_lane_curvature(b, 0, i)) < 1e-9);
        assert_true(fabs(cw_lane_travel(a, 2, i) - cw_lane_travel(b, 0, i)) < 1e-9);
    }
    assert_int_equal(b->lanes[0].direction, 1);
    assert_int_equal(b->lanes[2].direction, -1);
    cw_map_free(a);
    cw_map_free(b);
}

static void ten_kilometres_away_nothing_changes(void **state) {
    (void)state;
    cw_geometry near = {.heading = 1, .length = 120, .kind = CW_SPIRAL, .k0 = -0.01, .k1 = 0.02}, far = near;
    far.x = 10000;
    far.y = -10000;
    cw_map *a = make(&near, 1, false), *b = make(&far, 1, false);
    for (int i = 0; i <= 60; i++) {
        cw_pose p = cw_lane_pose(a, (cw_lane_place){0, 2.0 * i, 0.5}, NULL);
        cw_pose q = cw_lane_pose(b, (cw_lane_place){0, 2.0 * i, 0.5}, NULL);
        assert_true(fabs(q.x - p.x - 10000) < 1e-8 && fabs(q.y - p.y + 10000) < 1e-8);
        cw_locate query = cw_locate_at(q.x, q.y);
        cw_lane_place place;
        assert_true(cw_map_locate(b, &query, &place));
        assert_int_equal(place.lane, 0);
        assert_true(fabs(place.s - 2.0 * i) < 1e-6 && fabs(place.offset - 0.5) < 1e-6);
    }
    cw_map_free(a);
    cw_map_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clothoid_agrees_with_quadrature),
        cmocka_unit_test(a_clothoid_run_backward_ends_where_it_began),
        cmocka_unit_test(an_arc_stays_on_its_circle),
        cmocka_unit_test(every_kind_is_projected_back),
        cmocka_unit_test(curvature_is_the_turn_of_the_heading),
        cmocka_unit_test(a_lane_of_changing_width_is_followed),
        cmocka_unit_test(a_normalised_polynomial_advances_evenly),
        cmocka_unit_test(mirrored_roads_are_mirror_images),
        cmocka_unit_test(ten_kilometres_away_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
