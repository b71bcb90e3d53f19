// The line through tight bends: drivable, within the lane on the inner side, the middle where the lane is gentle, and the
// same seen in a mirror.
#include "causeway/base.h"
#include "drive/line.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MOST = 120 };

typedef struct lane {
    double x[MOST], y[MOST];
    float ux[MOST], uy[MOST], curvature[MOST], half[MOST];
    float aim[MOST], extra[MOST], pace[MOST];
    line_frame frame;
} lane;

// 40 m straight, a right angle of `radius` m (to the left, or to the right where sign is -1), straight on.
static void make(lane *l, double radius, double sign, double width) {
    double x = 0, y = 0, heading = 0;
    for (uint32_t i = 0; i < MOST; i++) {
        double s = (double)i - 40, sine, cosine, turned = cw_clamp(s / radius, 0, 0.5 * CW_PI);
        double k = s >= 0 && s / radius < 0.5 * CW_PI ? sign / radius : 0;
        heading = sign * turned;
        cw_sincos(heading, &sine, &cosine);
        l->x[i] = x, l->y[i] = y;
        l->ux[i] = (float)cosine, l->uy[i] = (float)sine;
        l->curvature[i] = (float)k;
        l->half[i] = (float)(0.5 * width);
        l->pace[i] = INFINITY;
        double next = sign * cw_clamp((s + 1) / radius, 0, 0.5 * CW_PI);
        cw_sincos(0.5 * (heading + next), &sine, &cosine);
        x += cosine, y += sine;
    }
    l->frame = (line_frame){MOST, l->x, l->y, l->ux, l->uy, l->curvature, l->half};
}

static const line_body car = {.front = 3.7, .half_width = 0.9, .curvature_most = 0.2, .curvature_rate = 0.3};

static double bend_of(const lane *l, uint32_t i) {
    double px[3], py[3];
    for (int k = 0; k < 3; k++) {
        uint32_t at = i + (uint32_t)k - 1;
        px[k] = l->x[at] - (double)l->uy[at] * (double)l->aim[at];
        py[k] = l->y[at] + (double)l->ux[at] * (double)l->aim[at];
    }
    double ax = px[1] - px[0], ay = py[1] - py[0], bx = px[2] - px[1], by = py[2] - py[1];
    return cw_atan2(ax * by - ay * bx, ax * bx + ay * by) / (0.5 * (cw_hypot(ax, ay) + cw_hypot(bx, by)));
}

static void a_tight_bend_becomes_drivable(void **state) {
    (void)state;
    static lane l, mirrored;
    // A bend of 4.5 m is tighter than full lock, 5 m; the line makes it one that can be driven.
    make(&l, 4.5, 1, 4.0);
    make(&mirrored, 4.5, -1, 4.0);
    cw_line_settle(&l.frame, &car, l.aim, l.extra, l.pace);
    cw_line_settle(&mirrored.frame, &car, mirrored.aim, mirrored.extra, mirrored.pace);
    double most = 0, slowest = INFINITY;
    for (uint32_t i = 1; i + 1 < MOST; i++) {
        double middle = (double)l.curvature[i], bend = bend_of(&l, i);
        most = cw_max(most, fabs(bend));
        slowest = cw_min(slowest, (double)l.pace[i]);
        assert_true((double)l.aim[i] < 2.0 - 0.9); // the inner flank stays off the kerb
        // what the driver is told adds up to the line's own bend
        double told = middle / (1 - middle * (double)l.aim[i]) + (double)l.extra[i];
        if (l.aim[i] != 0 && fabs(told - bend) > 0.02)
            fail_msg("sample %u: told %g, is %g", i, told, bend);
        assert_true(fabsf(mirrored.aim[i] + l.aim[i]) < 1e-5f);
    }
    assert_true(most < car.curvature_most);
    assert_true(slowest >= 2.0 && slowest < 8.0); // the wheel has to follow
    assert_true(l.aim[10] == 0 && l.aim[MOST - 10] == 0);
}

static void a_gentle_lane_is_followed_in_its_middle(void **state) {
    (void)state;
    static lane l;
    make(&l, 15, 1, 3.5); // a third of full lock
    cw_line_settle(&l.frame, &car, l.aim, l.extra, l.pace);
    for (uint32_t i = 0; i < MOST; i++)
        assert_true(l.aim[i] == 0 && l.extra[i] == 0 && l.pace[i] == INFINITY);
}

// Wide enough for all of the body: then all of it stays within the lane, the nose on the outer side too.
static void the_nose_stays_in_a_wide_lane(void **state) {
    (void)state;
    static lane l;
    make(&l, 8, 1, 4.5);
    cw_line_settle(&l.frame, &car, l.aim, l.extra, l.pace);
    for (uint32_t i = 1; i + 1 < MOST; i++) {
        double swing = 0.5 * car.front * car.front * (double)l.curvature[i];
        assert_true((double)l.aim[i] - swing - car.half_width > -2.25 - 0.05);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tight_bend_becomes_drivable),
        cmocka_unit_test(a_gentle_lane_is_followed_in_its_middle),
        cmocka_unit_test(the_nose_stays_in_a_wide_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
