// The default drive: the town under the evaluator, from beginning to end, each of its stations with its reason.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/judge.h"
#include "causeway/run.h"
#include "rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct drive {
    cw_scene *scene;
    cw_trace *trace;
    cw_episode_result result;
    cw_verdict *verdict;
} drive;

// Drives the default scene, and fails where the verdict does; the caller leaves it.
static drive through_the_town(const char *driver, bool evaluator) {
    char path[1024];
    snprintf(path, sizeof path, "%s/scenes/town.xosc", getenv("CAUSEWAY_SOURCE"));
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_scene_read_file(path, NULL, &scene, &err), CW_OK);
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = cw_driver_find(driver);
    def.evaluator = evaluator;
    cw_trace *trace;
    cw_episode_result result;
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_OK);
    assert_int_equal(result.end, CW_ENDED_STOP_TRIGGER);
    cw_verdict *verdict = calloc(1, sizeof *verdict);
    cw_judge_def judge = {.scene = scene,
                          .trace = trace,
                          .end = cw_episode_end_name(result.end),
                          .goal_time_ns = result.goal_time_ns,
                          .mission = &result.mission,
                          .seed = def.seed,
                          .dt_ns = def.dt_ns,
                          .period_ns = def.period_ns};
    assert_int_equal(cw_judge(&judge, verdict, &err), CW_OK);
    for (uint32_t i = 0; i < verdict->criterion_count; i++)
        if (verdict->criteria[i].demanded && verdict->criteria[i].applies && !verdict->criteria[i].passed)
            fail_msg("%s: %s", verdict->criteria[i].name, verdict->criteria[i].said.in[CW_ENGLISH]);
    assert_true(verdict->passed);
    return (drive){scene, trace, result, verdict};
}

static double metric(const cw_verdict *verdict, const char *name) {
    for (uint32_t i = 0; i < verdict->metric_count; i++)
        if (strcmp(verdict->metrics[i].name, name) == 0)
            return verdict->metrics[i].value;
    fail_msg("no metric %s", name);
    return NAN;
}

static void leave(drive *d) {
    cw_trace_free(d->trace);
    cw_arena_free(d->result.arena);
    cw_scene_free(d->scene);
    free(d->verdict);
}

// The careful human keeps to its lane: over junctions and from road to road it comes as far as the blocked lane, behind
// the cyclist, and waits there.
static void as_a_human(void **state) {
    (void)state;
    drive d = through_the_town("human", false);
    assert_true(metric(d.verdict, "distance_m") > 750);
    leave(&d);
}

static void the_whole_drive(void **state) {
    (void)state;
    drive d = through_the_town("classical", true);
    const cw_trace *trace = d.trace;
    assert_true(d.result.duration > 100 && d.result.duration < 145); // there, and not "too late"
    size_t count, failsafe = 0, flips = 0;
    row *rows = rows_of(trace, &count);
    double child = INFINITY, red = NAN, green = NAN, oncoming = NAN, passed = NAN, van = NAN, lorry = NAN, hardest = 0;
    for (size_t i = 0; i < count; i++) {
        const row *r = &rows[i];
        failsafe += r->source == CW_FROM_FAILSAFE;
        hardest = cw_min(hardest, r->accel);
        if (r->count > 0 && r->kind[0] == CW_CAUSE_PEDESTRIAN && r->relation[0] == CW_REL_CROSSING_RIGHT)
            child = cw_min(child, r->accel); // it is the first cause while it binds
        if (r->longitudinal == CW_WAIT && r->count > 0 && r->kind[0] == CW_CAUSE_SIGNAL)
            red = r->time;
        if (!isnan(red) && isnan(green) && r->time > red && r->accel > 0.2)
            green = r->time;
        if (tells(r, CW_CAUSE_CYCLIST, CW_REL_AHEAD) && tells(r, CW_CAUSE_VEHICLE, CW_REL_ONCOMING))
            oncoming = r->time;
        if (!isnan(oncoming) && tells(r, CW_CAUSE_CYCLIST, CW_REL_BESIDE))
            passed = r->time;
        if (r->lateral == CW_CHANGE_RIGHT && tells(r, CW_CAUSE_VEHICLE, CW_REL_STANDING))
            van = r->time;
        if (r->accel < -0.5 && tells(r, CW_CAUSE_VEHICLE, CW_REL_CUTTING_IN))
            lorry = r->time;
        flips += r->lateral == CW_ABORT_CHANGE;
    }
    assert_true(failsafe * 50 < count);                 // the driver drives: the fail-safe less than 2 % of the time
    assert_true(hardest > -3.5);                        // and brakes for nothing as in an emergency
    assert_true(child < -1.5);                          // braked for, and named
    assert_true(fabs(red - 59) < 0.3 && green < 59.35); // waited until the light turns at 59 s, then off
    assert_true(oncoming > green && passed > oncoming); // let by first
    assert_true(van > passed && lorry > van);
    assert_int_equal(flips, 0);
    free(rows);
    leave(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_whole_drive), cmocka_unit_test(as_a_human)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
