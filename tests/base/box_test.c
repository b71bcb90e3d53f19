// Boxes: closed forms, and first contact against dense sampling of the overlap test.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/base.h"

#include <math.h>

static uint64_t state = 362436069u;

static double draw(double low, double high) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static cw_box box_at(double x, double y, double heading, double length, double width) {
    return cw_box_at((cw_pose){x, y, heading}, 0.0, length, width);
}

static void places_and_corners(void **context) {
    (void)context;
    cw_box box = cw_box_at((cw_pose){10.0, 20.0, CW_PI / 2}, 1.5, 4.0, 2.0);
    assert_true(fabs(box.x - 10.0) < 1e-12 && fabs(box.y - 21.5) < 1e-12);
    static const double wanted[4][2] = {{9, 23.5}, {11, 23.5}, {11, 19.5}, {9, 19.5}};
    cw_vec2 corner[4];
    cw_box_corners(&box, corner);
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(corner[i].x - wanted[i][0]) < 1e-12 && fabs(corner[i].y - wanted[i][1]) < 1e-12);
    }
}

static void gaps(void **context) {
    (void)context;
    cw_box a = box_at(0, 0, 0, 4, 2);
    cw_box side = box_at(0, 3, 0, 4, 2), touching = box_at(4, 0, 0, 4, 2), diagonal = box_at(7, 6, 0, 4, 2);
    assert_true(fabs(cw_box_distance(&a, &side) - 1.0) < 1e-12);
    assert_true(cw_box_overlap(&a, &touching) && cw_box_distance(&a, &touching) == 0.0);
    assert_true(fabs(cw_box_distance(&a, &diagonal) - 5.0) < 1e-12); // 3-4-5
    cw_box turned = box_at(4, 0, CW_PI / 4, 2, 2);                   // its corner points at a's face
    assert_true(fabs(cw_box_distance(&a, &turned) - (2.0 - sqrt(2.0))) < 1e-12);
    for (int i = 0; i < 2000; i++) { // the gap does not change with order, place or turn
        double x = draw(-6, 6), y = draw(-6, 6), h = draw(-3, 3), turn = draw(-3, 3), s, c;
        cw_box b = box_at(x, y, h, 3, 1.5);
        double gap = cw_box_distance(&a, &b);
        assert_true(fabs(gap - cw_box_distance(&b, &a)) < 1e-12);
        cw_sincos(turn, &s, &c);
        cw_box a_moved = box_at(1e4, -1e4, turn, 4, 2),
               b_moved = box_at(1e4 + x * c - y * s, -1e4 + x * s + y * c, h + turn, 3, 1.5);
        assert_true(fabs(gap - cw_box_distance(&a_moved, &b_moved)) < 1e-10);
    }
}

static void contact_in_closed_form(void **context) {
    (void)context;
    double f = -1.0;
    cw_box a = box_at(0, 0, 0, 4, 2), b0 = box_at(10, 0, 0, 4, 2), b1 = box_at(-10, 0, 0, 4, 2);
    assert_true(cw_box_first_contact(&a, &a, &b0, &b1, &f)); // passes right through: 6 of 20 m
    assert_true(fabs(f - 0.3) < 1e-9);
    cw_box high0 = box_at(10, 2.001, 0, 4, 2), high1 = box_at(-10, 2.001, 0, 4, 2);
    assert_false(cw_box_first_contact(&a, &a, &high0, &high1, &f));
    cw_box graze0 = box_at(10, 1.999, 0, 4, 2), graze1 = box_at(-10, 1.999, 0, 4, 2);
    assert_true(cw_box_first_contact(&a, &a, &graze0, &graze1, &f));
    assert_true(cw_box_first_contact(&a, &a, &a, &a, &f) && f == 0.0);
    // A thin bar turns a quarter about its centre; its end reaches a wall 1 m away at asin(1/2).
    cw_box bar0 = box_at(0, 0, 0, 4, 0), bar1 = box_at(0, 0, CW_PI / 2, 4, 0), wall = box_at(0, 2, 0, 100, 2);
    assert_true(cw_box_first_contact(&bar0, &bar1, &wall, &wall, &f));
    assert_true(fabs(f - 1.0 / 3.0) < 1e-9);
    assert_true(cw_box_first_contact(&wall, &wall, &bar0, &bar1, &f));
    assert_true(fabs(f - 1.0 / 3.0) < 1e-9);
    // Its end only just reaches, and only just not.
    cw_box there = box_at(0, 3 - 1e-7, 0, 100, 2), beyond = box_at(0, 3 + 1e-7, 0, 100, 2);
    bar1 = box_at(0, 0, 3.0, 4, 0);
    assert_true(cw_box_first_contact(&bar0, &bar1, &there, &there, &f));
    assert_true(fabs(f - cw_asin(1 - 0.5e-7) / 3.0) < 1e-6);
    assert_false(cw_box_first_contact(&bar0, &bar1, &beyond, &beyond, &f));
}

static void contact_against_sampling(void **context) {
    (void)context;
    int hits = 0;
    for (int n = 0; n < 2500; n++) {
        double ox = n % 3 ? 0 : 10000, x = draw(-8, 8), y = draw(-8, 8), vx = draw(-12, 12), vy = draw(-12, 12);
        double h = draw(-3, 3), dh = n % 4 ? draw(-3, 3) : 0, k = n % 8 ? draw(-3, 3) : h, dk = n % 4 ? draw(-3, 3) : 0;
        double la = draw(0.4, 6), wa = draw(0.4, 3), lb = draw(0.4, 6), wb = draw(0.4, 3), f = -1.0;
        cw_box a0 = box_at(ox, 0, h, la, wa), a1 = box_at(ox, 0, h + dh, la, wa);
        cw_box b0 = box_at(ox + x, y, k, lb, wb), b1 = box_at(ox + x + vx, y + vy, k + dk, lb, wb);
        bool found = cw_box_first_contact(&a0, &a1, &b0, &b1, &f);
        hits += found;
        for (int i = 0; i <= 200; i++) {
            double t = i / 200.0;
            cw_box a = box_at(ox, 0, h + t * dh, la, wa), b = box_at(ox + x + t * vx, y + t * vy, k + t * dk, lb, wb);
            if (cw_box_overlap(&a, &b)) {
                assert_true(found && f <= t + 1e-6);
                break;
            }
        }
        if (found) { // at that time they touch
            cw_box a = box_at(ox, 0, h + f * dh, la, wa), b = box_at(ox + x + f * vx, y + f * vy, k + f * dk, lb, wb);
            assert_true(cw_box_distance(&a, &b) < 1e-9);
        }
    }
    assert_true(hits > 300);
}

static void segments(void **context) {
    (void)context;
    cw_box box = box_at(5, 5, CW_PI / 4, 4, 2);
    assert_true(cw_box_hits_segment(&box, (cw_vec2){0, 0}, (cw_vec2){10, 10}));
    assert_true(cw_box_hits_segment(&box, (cw_vec2){5, 5}, (cw_vec2){5, 5}));
    assert_false(cw_box_hits_segment(&box, (cw_vec2){0, 0}, (cw_vec2){3, 3}));
    assert_false(cw_box_hits_segment(&box, (cw_vec2){0, 3}, (cw_vec2){10, 13}));
    cw_box flat = box_at(0, 0, 0, 4, 2);
    assert_true(cw_box_hits_segment(&flat, (cw_vec2){-5, 0.999}, (cw_vec2){5, 0.999}));
    assert_false(cw_box_hits_segment(&flat, (cw_vec2){-5, 1.001}, (cw_vec2){5, 1.001}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_and_corners),
        cmocka_unit_test(gaps),
        cmocka_unit_test(contact_in_closed_form),
        cmocka_unit_test(contact_against_sampling),
        cmocka_unit_test(segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
