// Four at once give the bits of one by one, in all that a rider can be in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "motion/motion.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 20000 };

static double draw(uint32_t i, uint32_t what, double low, double high) {
    return low + (high - low) * cw_rng_uniform((cw_rng_key){.seed = 41, .step = i}, what);
}

// One of these now and then, else a draw.
static double or_edge(uint32_t i, uint32_t what, double low, double high, const double edges[4]) {
    double pick = draw(i, 1000 + what, 0, 12);
    return pick < 4 ? edges[(int)pick] : draw(i, what, low, high);
}

static void same_bits(void **unused) {
    (void)unused;
    uint32_t stepped = 0, stood = 0, slid = 0, turned_round = 0;
    for (uint32_t n = 0; n < ROUNDS; n++) {
        double x[4], y[4], heading[4], traveled[4], dt = n % 2 ? 0.1 : 0.01;
        float speed[4], lateral[4], rate[4], steer[4], drive[4], accel[4], asked[4], wheel[4], pitch[4], friction[4];
        cw_vehicle_params params[4];
        cw_rider_four four;
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t i = 4 * n + k;
            params[k] = cw_vehicle_params_make((float)draw(i, 0, 1.5, 14), (float)draw(i, 1, 0.6, 2.6), 1, 0, 0, 0, 0,
                                               0, (float)draw(i, 2, 5, 60));
            cw_rider_four_set(&four, k, &params[k]);
            x[k] = draw(i, 3, -1e4, 1e4);
            y[k] = draw(i, 4, -1e4, 1e4);
            heading[k] = or_edge(i, 5, -CW_PI, CW_PI, (const double[]){0, -0.0, CW_PI, -CW_PI + 1e-9});
            traveled[k] = draw(i, 6, 0, 1000);
            speed[k] = (float)or_edge(i, 7, -6, 40, (const double[]){0, -0.0, 0.01, -0.01});
            lateral[k] = 1;
            rate[k] = 0;
            steer[k] = (float)or_edge(i, 8, -0.6, 0.6, (const double[]){0, -0.0, 0.6, -0.6});
            drive[k] = (float)or_edge(i, 9, -10, 4, (const double[]){0, -0.0, -10, 1});
            accel[k] = 0;
            asked[k] = (float)or_edge(i, 10, -12, 6, (const double[]){0, -0.0, -20, 20});
            wheel[k] = (float)or_edge(i, 11, -0.8, 0.8, (const double[]){0, -0.0, 0.6, -2});
            pitch[k] = (float)or_edge(i, 12, -0.1, 0.1, (const double[]){0, -0.0, 0, 0.05});
            friction[k] = (float)or_edge(i, 13, 0.1, 1, (const double[]){0.9, 0.05, 0, 1});
        }
        cw_vehicle_state one[4];
        double one_traveled[4];
        float one_accel[4];
        for (uint32_t k = 0; k < 4; k++) {
            cw_vehicle_state *s = &one[k];
            *s = (cw_vehicle_state){.x = x[k],
                                    .y = y[k],
                                    .heading = heading[k],
                                    .vx = speed[k],
                                    .vy = lateral[k],
                                    .steer = steer[k],
                                    .accel = drive[k]};
            cw_rider_step(&params[k], s, asked[k], wheel[k], friction[k], -pitch[k], dt);
            one_accel[k] = (float)(((double)s->vx - (double)speed[k]) / dt);
            one_traveled[k] = traveled[k] + 0.5 * (fabs((double)s->vx) + fabs((double)speed[k])) * dt;
            stood += s->vx == 0;
            slid += fabs((double)s->yaw_rate * (double)s->vx) > 0.99 * (double)friction[k] * 9.8 * (friction[k] > 0);
            turned_round += fabs(s->heading - heading[k]) > 3;
        }
        if (!cw_riders_step(&four,
                            &(cw_rider_columns){.x = x,
                                                .y = y,
                                                .heading = heading,
                                                .traveled = traveled,
                                                .speed = speed,
                                                .lateral_speed = lateral,
                                                .yaw_rate = rate,
                                                .steer = steer,
                                                .drive = drive,
                                                .accel = accel,
                                                .control_accel = asked,
                                                .control_steer = wheel,
                                                .pitch = pitch},
                            0, friction, dt))
            continue;
        stepped++;
        for (uint32_t k = 0; k < 4; k++) {
            cw_vehicle_state four_state = {.x = x[k],
                                           .y = y[k],
                                           .heading = heading[k],
                                           .vx = speed[k],
                                           .vy = lateral[k],
                                           .yaw_rate = rate[k],
                                           .steer = steer[k],
                                           .accel = drive[k]};
            if (memcmp(&four_state, &one[k], offsetof(cw_vehicle_state, accel) + sizeof(float)) != 0)
                fail_msg("round %u, lane %u: speed %.9g instead of %.9g, heading %.17g instead of %.17g", n, k,
                         (double)speed[k], (double)one[k].vx, heading[k], one[k].heading);
            assert_memory_equal(&accel[k], &one_accel[k], sizeof accel[k]);
            assert_memory_equal(&traveled[k], &one_traveled[k], sizeof traveled[k]);
        }
    }
    if (stepped == 0)
        skip(); // this processor steps them one by one
    assert_true(stood > 1000 && slid > 1000 && turned_round > 10);
    assert_true(stepped == ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
