// The attackers: what each of them does to the evaluator, that it is the same each time, and that the promise holds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field.h"
#include "promise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICKS = 400 };

// Decisions of a driver on a straight road, with nobody between it and the car but a check for numbers.
typedef struct record {
    cw_decision said[TICKS];
    double speed[TICKS];
} record;

static cw_obs observe(const field *f, int i) {
    return (cw_obs){.step = i,
                    .time_ns = (int64_t)i * 100000000,
                    .period = 0.1f,
                    .map = f->map,
                    .mission = &f->mission,
                    .range = 120,
                    .surface = {0.9f, 1, 1000},
                    .ego = {.x = f->ego.x,
                            .y = f->ego.y,
                            .heading = (float)f->ego.heading,
                            .speed = f->ego.vx,
                            .lateral_speed = f->ego.vy,
                            .accel = f->ego.accel,
                            .yaw_rate = f->ego.yaw_rate,
                            .steer = f->ego.steer,
                            .place = f->place,
                            .body = f->body}};
}

static record *listen(const char *driver, uint64_t seed) {
    record *r = calloc(1, sizeof *r);
    static const field_road road = {.length = 8000, .right_lanes = 3, .speed = 30};
    field *f = field_new(field_map(&road), "classical", 2, 20, 10, 30);
    const cw_driver *attacker = cw_driver_find(driver);
    assert_non_null(attacker);
    cw_driver_def def = {.map = f->map, .body = f->body, .seed = seed, .period = 0.1f};
    void *state = calloc(1, attacker->state_size(&def));
    cw_error err = {0};
    assert_int_equal(attacker->reset(state, &def, &err), CW_OK);
    for (int i = 0; i < TICKS; i++) { // the good driver drives; the attacker is asked each time what it would do
        cw_obs obs = observe(f, i);
        attacker->decide(state, &obs, &r->said[i]);
        r->speed[i] = (double)f->ego.vx;
        field_step(f);
    }
    free(state);
    field_free(f);
    return r;
}

static bool finite_numbers(const cw_decision *d) {
    bool finite = isfinite(d->control.accel) && isfinite(d->control.steer);
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        finite = finite && isfinite(d->trajectory.x[i]) && isfinite(d->trajectory.y[i]) &&
                 isfinite(d->trajectory.heading[i]) && isfinite(d->trajectory.speed[i]);
    return finite;
}

static void same_seed_same_attack(void **state) {
    (void)state;
    static const char *const drivers[] = {"random", "razor", "swap", "spin", "late", "frozen", "nan"};
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        record *a = listen(drivers[i], 5), *b = listen(drivers[i], 5), *c = listen(drivers[i], 6);
        assert_memory_equal(a, b, sizeof *a);
        assert_true((memcmp(a, c, sizeof *a) == 0) == (strcmp(drivers[i], "frozen") == 0));
        free(a);
        free(b);
        free(c);
    }
}

static void swap_contradicts_itself(void **state) {
    (void)state;
    record *r = listen("swap", 1);
    int pedals = 0, wheel = 0, words = 0;
    for (int i = 1; i < TICKS; i++) {
        const cw_control *was = &r->said[i - 1].control, *is = &r->said[i].control;
        pedals += fabsf(is->accel - was->accel) > 4;
        wheel += fabsf(is->steer - was->steer) > 0.005f;
        double gain = (double)r->said[i].trajectory.speed[9] - r->speed[i];
        words += fabs((double)is->accel) > 3 && fabs(gain) < 1;
    }
    assert_true(pedals > 20 && wheel > 20 && words > 5);
    free(r);
}

static void spin_turns_the_wheel(void **state) {
    (void)state;
    record *r = listen("spin", 1);
    int left = 0, right = 0, flips = 0, tops = 0;
    for (int i = 1; i < TICKS; i++) {
        const cw_decision *d = &r->said[i];
        left += d->control.steer > 0.5f;
        right += d->control.steer < -0.5f;
        flips += d->control.steer * r->said[i - 1].control.steer < -0.25f;
        tops += d->trajectory.speed[63] > 5 && hypotf(d->trajectory.x[63], d->trajectory.y[63]) < 1;
    }
    assert_true(left > 5 && right > 5 && flips > 5 && tops > 5);
    free(r);
}

static void late_answers_late(void **state) {
    (void)state;
    int prompt = 0, old = 0, ahead = 0, missing = 0, forged = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        record *r = listen("late", seed), *good = listen("classical", seed);
        for (int i = 1; i < TICKS; i++) {
            const cw_decision *d = &r->said[i];
            missing += !d->valid;
            old += d->step < i;
            ahead += d->step > i;
            bool now = memcmp(&d->trajectory, &good->said[i].trajectory, sizeof d->trajectory) == 0;
            prompt += d->valid && d->step == i && now;
            if (d->step != i || now)
                continue;
            int k = i - 1; // what claims to be of now was the answer to an earlier question
            while (k >= 0 && memcmp(&d->trajectory, &good->said[k].trajectory, sizeof d->trajectory) != 0)
                k--;
            assert_true(k >= 0);
            forged++;
        }
        free(r);
        free(good);
    }
    assert_true(prompt > 50 && old > 20 && ahead > 20 && missing > 20 && forged > 20);
}

static void frozen_never_changes(void **state) {
    (void)state;
    record *r = listen("frozen", 1);
    assert_true(r->said[0].valid);
    for (int i = 1; i < TICKS; i++) {
        assert_int_equal(r->said[i].step, i);
        r->said[i].step = 0;
        assert_memory_equal(&r->said[i], &r->said[0], sizeof *r->said);
    }
    free(r);
}

static void nan_is_everywhere(void **state) {
    (void)state;
    record *r = listen("nan", 1);
    int good = 0, bad = 0, huge = 0, along = 0, control = 0;
    for (int i = 0; i < TICKS; i++) {
        const cw_decision *d = &r->said[i];
        bool finite = finite_numbers(d);
        good += finite;
        bad += !finite;
        control += !isfinite(d->control.accel) || !isfinite(d->control.steer);
        for (int k = 0; k < CW_TRAJECTORY_POINTS; k++) {
            along += !isfinite(d->trajectory.x[k]);
            huge += isfinite(d->trajectory.x[k]) && fabsf(d->trajectory.x[k]) > 1e29f;
        }
    }
    assert_true(good > 100 && bad > 50 && control > 5 && along > 5 && huge > 5);
    free(r);
}

// Behind somebody at 15 m/s, for a minute: it knows to the bit what the evaluator says, and follows as near as that permits.
static void razor_knows_the_evaluator(void **state) {
    (void)state;
    static const field_road road = {.length = 8000, .right_lanes = 1, .speed = 30};
    field *f = field_new(field_map(&road), "razor", 1, 20, 20, 30);
    cw_evaluator *evaluator = malloc(cw_evaluator_size());
    cw_evaluator_def def = {.map = f->map, .body = f->body, .period = 0.1f};
    cw_evaluator_reset(evaluator, &def);
    double x = f->ego.x + 60, y = f->ego.y, least = INFINITY;
    int accepted = 0;
    for (int i = 0; i < 600; i++, x += 1.5) {
        cw_track lead = {.id = 1 << 16 | 1,
                         .kind = CW_USER_CAR,
                         .seen = true,
                         .speed = 15,
                         .length = 4.5f,
                         .width = 1.8f,
                         .height = 1.5f,
                         .error = 0.3f,
                         .speed_error = 0.5f,
                         .first_seen = 1};
        double sine, cosine, dx = x - f->ego.x, dy = y - f->ego.y;
        cw_sincos(f->ego.heading, &sine, &cosine);
        lead.x = (float)(dx * cosine + dy * sine);
        lead.y = (float)(dy * cosine - dx * sine);
        lead.heading = (float)-f->ego.heading;
        lead.vx = (float)(15 * cosine);
        lead.vy = (float)(-15 * sine);
        cw_locate query = cw_locate_at(x, y);
        cw_map_locate(f->map, &query, &lead.place);
        query = cw_locate_at(f->ego.x, f->ego.y);
        cw_map_locate(f->map, &query, &f->place);
        cw_obs obs = observe(f, i);
        obs.tracks = &lead;
        obs.track_count = 1;
        cw_decision said, executed;
        const cw_decision *proposal = &said;
        cw_verification why;
        f->driver->decide(f->driver_state, &obs, &said);
        cw_evaluator_decide(evaluator, &obs, &proposal, 1, &executed, &why);
        assert_memory_equal(&said.margin, &why.margin[0], sizeof said.margin);
        accepted += why.accepted == 0;
        for (int k = 0; k < 10; k++)
            cw_vehicle_step(&f->params, &f->ego, executed.control.accel, executed.control.steer, 1, 0, 0, 0.01f);
        if (why.accepted == 0)
            least = cw_min(least, why.margin[0]);
    }
    assert_true(accepted > 400);
    assert_true(least < 0.1);
    free(evaluator);
    field_free(f);
}

// Whatever the driver is.
static void the_promise_holds(void **state) {
    (void)state;
    static const char *const drivers[] = {"razor", "swap", "spin", "late", "frozen", "nan"};
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        promise_result r = promise_run(&(promise_def){
            .driver = drivers[i], .evaluator = true, .errors = true, .seed = 7, .seconds = 240, .top_speed = 36});
        if (r.charged + r.off_road > 0)
            fail_msg("%s: %d charged, %d off road: %s", drivers[i], r.charged, r.off_road, r.first);
        assert_true(r.distance > 2 * r.seconds); // a parked car keeps every promise
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_attack),     cmocka_unit_test(swap_contradicts_itself),
        cmocka_unit_test(spin_turns_the_wheel),      cmocka_unit_test(late_answers_late),
        cmocka_unit_test(frozen_never_changes),      cmocka_unit_test(nan_is_everywhere),
        cmocka_unit_test(razor_knows_the_evaluator), cmocka_unit_test(the_promise_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
