// Predictions in the corridor's frame: what a bend or a lane that narrows does to what is seen must not be taken for a will.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drive/predict.h"
#include <math.h>
#include <stdlib.h>

typedef struct sight {
    corridor c;
    cw_track track;
    cw_obs obs;
    forecast f[FORECAST_MOST];
} sight;

// Straight ahead over open ground, half a lane of 1.75 m; one car in view, its pose and velocity from the ego.
static sight *look(double x, double y, double vx, double vy) {
    sight *g = calloc(1, sizeof *g);
    assert_true(cw_corridor_build_open(&g->c, 0, 0, 0) == CORRIDOR_BACK);
    for (uint32_t i = 0; i < g->c.count; i++) {
        g->c.half[i] = 1.75F;
    }
    g->track = (cw_track){.id = 1,
                          .kind = CW_USER_CAR,
                          .x = (float)x,
                          .y = (float)y,
                          .vx = (float)vx,
                          .vy = (float)vy,
                          .speed = (float)fabs(vx),
                          .heading = vx < 0 ? (float)CW_PI : 0.0F,
                          .length = 4.5F,
                          .width = 1.8F,
                          .place = {.lane = CW_NONE}};
    g->obs.tracks = &g->track;
    g->obs.track_count = 1;
    return g;
}

static const forecast *predict(sight *g) {
    assert_int_equal(cw_predict_all(&g->c, &g->obs, CORRIDOR_BACK, g->f), 1);
    assert_true(g->f[0].along);
    return &g->f[0];
}

// A car that drifts across on a straight road is believed; in a tight bend the same is what its velocity lags behind by.
static void lag_in_a_bend_is_no_drift(void **unused) {
    (void)unused;
    sight *g = look(60, 3.2, -5, -0.5);
    assert_true((double)predict(g)->d[25] < 1.0);
    for (uint32_t i = 60; i < 110; i++) {
        g->c.curvature[i] = 0.1F;
    }
    assert_true(fabs((double)predict(g)->d[25] - 3.2) < 0.1);
    g->track.vy = -1.4F; // more than the bend explains
    assert_true((double)predict(g)->d[25] < 1.0);
    free(g);
}

// Where the corridor's own lane narrows, whoever drives beside it comes no nearer to it.
static void keeps_beside_a_lane_that_narrows(void **unused) {
    (void)unused;
    sight *g = look(70, 2.0, -10, 0);
    for (uint32_t i = 0; i < g->c.count; i++) {
        double taper = cw_clamp(((double)i - 60) / 30, 0, 1);
        g->c.half[i] = (float)(1.75 - 1.5 * taper);
    }
    const forecast *f = predict(g);
    for (uint32_t k = 0; k < FORECAST_STEPS; k++) {
        double beside = (double)f->d[k] - cw_corridor_half(&g->c, (double)f->s[k]);
        assert_true(fabs(beside - 1.75) < 0.06);
    }
    assert_true(fabs(cw_predict_beside(&g->c, 2.0, CORRIDOR_BACK + 70, CORRIDOR_BACK) - 3.5) < 0.06);
    assert_true(fabs(cw_predict_beside(&g->c, 1.0, CORRIDOR_BACK, CORRIDOR_BACK + 70) - 1.0) < 1e-9); // in the lane
    free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag_in_a_bend_is_no_drift),
        cmocka_unit_test(keeps_beside_a_lane_that_narrows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
