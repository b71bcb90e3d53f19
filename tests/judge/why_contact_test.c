// Contacts that we made up, so that what would have avoided them is known: in closed form, or because we built it in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "causeway/drive.h"
#include "causeway/fork.h"
#include "causeway/why_contact.h"
#include "planted_truth.h"

typedef struct tried {
    cw_scene *scene;
    cw_trace *trace;
    cw_episode_result run;
    cw_verdict verdict;
    cw_contact_why why;
} tried;

static const double speed = 12, brake = 9; // m/s; m/s^2 that the brakes of planted cars give

static void crash_by(tried *t, const truth_road *road, const truth_driver *driver, int threads) {
    cw_error err = {0};
    memset(t, 0, sizeof *t);
    t->scene = truth_scene(road);
    cw_episode_def def = cw_episode_defaults(t->scene);
    def.driver = truth_drives(driver, t->scene);
    def.evaluator = false;
    def.keyframes = true;
    def.duration = 14;
    assert_int_equal(cw_episode_run(&def, &t->trace, &t->run, &err), CW_OK);
    cw_judge_def judged = {.scene = t->scene,
                           .trace = t->trace,
                           .goal_time_ns = -1,
                           .mission = &t->run.mission,
                           .seed = 1,
                           .dt_ns = def.dt_ns,
                           .period_ns = def.period_ns};
    assert_int_equal(cw_judge(&judged, &t->verdict, &err), CW_OK);
    cw_contact_why_def why = {.why = cw_why_defaults(&def, t->trace),
                              .human = cw_driver_find("human"),
                              .fsm = cw_driver_find("fsm"),
                              .verdict = &t->verdict};
    why.why.threads = threads;
    assert_int_not_equal(cw_why_contact(&why, t->verdict.contact_count, &t->why, &err), CW_OK); // there is no such one
    if (t->verdict.contact_count > 0 && cw_why_contact(&why, 0, &t->why, &err) != CW_OK)
        fail_msg("%s", err.text);
}

static void crash(tried *t, const truth_road *road, const truth_driver *driver) {
    crash_by(t, road, driver, 2);
}

static void finish(tried *t) {
    cw_trace_free(t->trace);
    cw_arena_free(t->run.arena);
    cw_scene_free(t->scene);
}

// Does taking that one out avoid it? -1: it was not tried.
static int avoids_without(const tried *t, const char *name) {
    for (uint32_t i = 0; i < t->why.change_count; i++) {
        const cw_contact_change *c = &t->why.changes[i];
        if (c->what.actor != CW_NONE && strcmp(t->scene->actors[c->what.actor].name, name) == 0)
            return c->ran ? c->avoids : -1;
    }
    return -1;
}

static truth_road car_in_the_way(void) {
    return (truth_road){.users = {{"7", TRUTH_CAR, -2, 180, 0, 0}, {"Left", TRUTH_CAR, -1, 90, 0, 12}},
                        .ego_speed = speed};
}

// Whoever never brakes hits what stands there. v / (2 b) before it full braking is just in time, but for the brakes' lag and
// the tick; an S to the side takes at least sqrt(2 w / (mu g)) for half the width w of both.
static void it_never_brakes(void **state) {
    (void)state;
    truth_road road = car_in_the_way();
    tried t;
    crash(&t, &road, &(truth_driver){TRUTH_NEVER, {0}, {0}, 60, false, false});
    assert_int_equal(t.verdict.contact_count, 1);
    assert_int_equal(t.why.contact.fault, CW_FAULT_EGO);
    assert_null(t.why.untestable);
    const cw_rescue *physics = &t.why.rescue[CW_RESCUE_PHYSICS], *human = &t.why.rescue[CW_RESCUE_HUMAN];
    const cw_rescue *fsm = &t.why.rescue[CW_RESCUE_FSM], *evaluator = &t.why.rescue[CW_RESCUE_EVALUATOR];
    assert_true(physics->ran && physics->avoids);
    double by_braking = speed / (2 * brake), by_steering = sqrt(2 * 1.8 / 9.81);
    double lead = (double)physics->lead;
    if (lead < fmin(by_braking, by_steering) || lead > by_braking + 0.5)
        fail_msg("physics: %g s before it, full braking takes %g s", lead, by_braking);
    assert_true(physics->last_ns % 100000000 == 0);
    // Nobody does better than physics; the fuzzy model brakes at 6 m/s^2 at most, the human at 0.774 g.
    assert_true(human->ran && human->avoids && human->lead >= physics->lead);
    assert_true(human->lead >= (float)(speed / (2 * 0.774 * 9.81)));
    assert_true(fsm->ran && fsm->avoids && (double)fsm->lead >= speed / (2 * 6.0));
    assert_true(evaluator->ran && evaluator->avoids && evaluator->lead >= physics->lead);
    assert_int_equal(avoids_without(&t, "Left"), 0);
    assert_int_equal(avoids_without(&t, "7"), -1); // without it there would be nothing to hit
    assert_int_equal(t.why.avoiding, 0);
    cw_said said = {0};
    cw_rescue_say(&t.why, CW_RESCUE_PHYSICS, &said);
    assert_non_null(strstr(said.in[CW_ENGLISH], "s before it, by "));
    assert_non_null(strstr(said.in[CW_KOREAN], "전까지"));
    finish(&t);
}

// It brakes for 7 unless it sees the other: that one alone is what must go.
static void it_brakes_unless(void **state) {
    (void)state;
    truth_road road = car_in_the_way();
    road.users[2] = (truth_user){"Distraction", TRUTH_CAR, -3, 185, 0, 0};
    tried t;
    crash(&t, &road, &(truth_driver){TRUTH_UNLESS, {"7", "Distraction"}, {0}, 60, false, false});
    assert_int_equal(t.verdict.contact_count, 1);
    assert_int_equal(avoids_without(&t, "Distraction"), 1);
    assert_int_equal(avoids_without(&t, "Left"), 0);
    assert_int_equal(t.why.avoiding, 1);
    tried alone; // by one thread: the same
    crash_by(&alone, &road, &(truth_driver){TRUTH_UNLESS, {"7", "Distraction"}, {0}, 60, false, false}, 1);
    assert_int_equal(alone.why.change_count, t.why.change_count);
    for (uint32_t i = 0; i < t.why.change_count; i++)
        assert_true(alone.why.changes[i].hash == t.why.changes[i].hash && t.why.changes[i].hash != 0);
    finish(&alone);
    finish(&t);
}

// Two cars beside it and one across the road: where it sets off so close that nothing helps, nothing is said to help.
static void it_is_too_late_from_the_start(void **state) {
    (void)state;
    truth_road road = {.users = {{"7", TRUTH_BUS, -2, 55, 0, 0},
                                 {"Left", TRUTH_BUS, -1, 52, 0, 0},
                                 {"Right", TRUTH_BUS, -3, 52, 0, 0}},
                       .ego_speed = speed};
    tried t;
    crash(&t, &road, &(truth_driver){TRUTH_NEVER, {0}, {0}, 60, false, false});
    assert_true(t.verdict.contact_count > 0);
    for (int r = 0; r < CW_RESCUERS && !t.why.untestable; r++)
        assert_false(t.why.rescue[r].avoids);
    assert_int_equal(t.why.avoiding, 0);
    finish(&t);
}

static void there_is_none(void **state) {
    (void)state;
    truth_road road = car_in_the_way();
    road.users[0].lane = -1;
    tried t;
    crash(&t, &road, &(truth_driver){TRUTH_NEVER, {0}, {0}, 60, false, false});
    assert_int_equal(t.verdict.contact_count, 0);
    finish(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_never_brakes), cmocka_unit_test(it_brakes_unless),
                                       cmocka_unit_test(it_is_too_late_from_the_start),
                                       cmocka_unit_test(there_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
