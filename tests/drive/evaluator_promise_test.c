// The evaluator's promise: whatever the driver is, no contact is charged to the ego in traffic that keeps A1, and it stays
// on the road. And that these checks can fail: without the evaluator, and with a planted bug, they do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drive/evaluator_internal.h"
#include "promise.h"

static promise_result run(promise_def def) {
    promise_result r = promise_run(&def);
    if (r.charged || r.off_road || r.excluded != r.unsafe_starts)
        print_message("%s: %d charged, %d off road, %d of %d excluded: %s\n", def.driver, r.charged, r.off_road,
                      r.excluded, r.episodes, r.first);
    return r;
}

static void keeps(promise_def def) {
    promise_result r = run(def);
    assert_int_equal(r.charged, 0);
    assert_int_equal(r.off_road, 0);
    assert_int_equal(r.excluded, r.unsafe_starts); // the traffic itself keeps A1
    assert_true(r.distance > 3 * r.seconds);       // a parked car keeps every promise
    assert_true(r.failsafe_ticks > 0);
}

static void random_driver(void **state) {
    (void)state;
    keeps((promise_def){
        .driver = "random", .evaluator = true, .errors = true, .seed = 1, .seconds = 180, .top_speed = 28});
}

static void constant_driver(void **state) {
    (void)state;
    keeps((promise_def){
        .driver = "constant", .evaluator = true, .errors = true, .seed = 1, .seconds = 180, .top_speed = 36});
}

static void full_throttle(void **state) {
    (void)state;
    keeps((promise_def){
        .driver = "constant", .options = "full", .evaluator = true, .seed = 3, .seconds = 180, .top_speed = 36});
}

// Marked crossings on the way: the promise holds, and the ego stands on one only where others leave nothing else.
static void crossings(void **state) {
    (void)state;
    promise_def def = {.driver = "constant",
                       .options = "full",
                       .evaluator = true,
                       .errors = true,
                       .crossings = true,
                       .seed = 3,
                       .seconds = 300,
                       .top_speed = 36};
    promise_result r = run(def);
    assert_int_equal(r.charged + r.off_road, 0);
    assert_int_equal(r.stood_inside, 0);
    assert_true(r.refused[CW_CLAUSE_KEEP_CLEAR] > 0);
    assert_true(r.distance > 3 * r.seconds);
}

static void without_it(void **state) {
    (void)state;
    promise_result r = promise_run(
        &(promise_def){.driver = "constant", .options = "full", .seed = 3, .seconds = 180, .top_speed = 36});
    assert_true(r.charged > 0);
    assert_true(r.off_road > 0);
}

static void tube_holds(void **state) {
    (void)state;
    static const char *const drivers[] = {"constant", "classical", "random", "spin", "razor", "swap"};
    for (int i = 0; i < 6; i++) {
        promise_result r = run((promise_def){
            .driver = drivers[i], .evaluator = true, .seed = 5, .seconds = 120, .top_speed = 34, .tube = true});
        assert_true(r.tubes > 100);
        assert_true(r.across <= 0.2);
        assert_true(r.along <= 0.3);
        assert_true(r.strays > 0 && r.strays <= 1);
    }
}

// Planted bugs: each makes the evaluator believe in a kinder world than A1's.
static void kind_leaders(cw_evaluator *e) {
    e->a1.leader_brake = 0.5;
}
static void margin_sign(cw_evaluator *e) {
    e->a1.tube_along = -12;
}
static void narrow_body(cw_evaluator *e) {
    e->body.width = 0.1f;
}
static void strong_brakes(cw_evaluator *e) {
    e->a1.brake_share = 1.6;
    e->a1.leader_brake = 0.5;
}

static void planted_bugs(void **state) {
    (void)state;
    void (*const bugs[])(cw_evaluator *) = {kind_leaders, margin_sign, narrow_body, strong_brakes};
    for (int i = 0; i < 4; i++) {
        promise_result r = promise_run(&(promise_def){.driver = "constant",
                                                      .options = "full",
                                                      .evaluator = true,
                                                      .seed = 2,
                                                      .seconds = 800,
                                                      .top_speed = 36,
                                                      .spoil = bugs[i]});
        if (r.charged + r.off_road == 0)
            fail_msg("planted bug %d went unseen", i);
    }
}

static void repeats(void **state) {
    (void)state;
    promise_def def = {
        .driver = "random", .evaluator = true, .errors = true, .seed = 9, .seconds = 60, .top_speed = 30};
    promise_result a = promise_run(&def), b = promise_run(&def);
    assert_true(a.distance == b.distance);
    assert_int_equal(a.failsafe_ticks, b.failsafe_ticks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_driver), cmocka_unit_test(constant_driver), cmocka_unit_test(full_throttle),
        cmocka_unit_test(crossings),     cmocka_unit_test(without_it),      cmocka_unit_test(tube_holds),
        cmocka_unit_test(planted_bugs),  cmocka_unit_test(repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
