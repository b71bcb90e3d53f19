// Rules at a crossing, heeded by both drivers that know rules: the scene of the crossing with one sign or another, and with
// or without the car from the right. No evaluator helps.
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const drivers[] = {"classical", "human"};

static char *crossing_text(void) {
    char path[1024];
    snprintf(path, sizeof path, "%s/scenes/crossing.xml", getenv("CAUSEWAY_SOURCE"));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(size + 1, 1);
    assert_int_equal(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

// Blanks what lies from the first `from` to the end of the `to` after it.
static void blank(char *text, const char *from, const char *to) {
    char *begin = strstr(text, from), *end = begin ? strstr(begin, to) : NULL;
    assert_non_null(end);
    memset(begin, ' ', (size_t)(end - begin) + strlen(to));
}

typedef struct drive {
    row *rows;
    size_t count;
    double contacts;
} drive;

// sign: the number of the traffic sign at the ego's line, NULL for none.
static drive cross(const char *driver, const char *sign, bool alone) {
    char *text = crossing_text();
    if (sign) {
        memcpy(strstr(text, "<trafficSignID>205") + strlen("<trafficSignID>"), sign, 3);
    } else {
        blank(text, "<trafficSignRef", "/>");
        blank(text, "<trafficSign id", "</trafficSign>");
    }
    if (alone) {
        blank(text, "<dynamicObstacle", "</dynamicObstacle>");
    }
    char path[] = "/tmp/causeway-junction-XXXXXX.xml";
    int handle = mkstemps(path, 4);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, text, strlen(text)), strlen(text));
    close(handle);
    free(text);
    cw_scene *scene = NULL;
    cw_error err = {0};
    cw_status read = cw_scene_read_file(path, NULL, &scene, &err);
    unlink(path);
    assert_int_equal(read, CW_OK);
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = cw_driver_find(driver);
    def.evaluator = false;
    cw_trace *trace;
    cw_episode_result result;
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_OK);
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
    drive out = {.contacts = (double)verdict->contact_count};
    out.rows = rows_of(trace, &out.count);
    free(verdict);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    cw_scene_free(scene);
    return out;
}

static size_t waits(const drive *d, cw_cause_kind kind, cw_relation relation) {
    size_t count = 0;
    for (size_t i = 0; i < d->count; i++) {
        count += d->rows[i].longitudinal == CW_WAIT && tells(&d->rows[i], kind, relation);
    }
    return count;
}

static size_t gives_way(const drive *d) {
    size_t count = 0;
    for (size_t i = 0; i < d->count; i++) {
        count += tells(&d->rows[i], CW_CAUSE_VEHICLE, CW_REL_HAS_PRIORITY);
    }
    return count;
}

// Each of these says who goes first; whoever gives way needs no hard braking for it.
static void test_gives_way(void **state) {
    (void)state;
    static const char *const signs[] = {"205", "206", NULL}; // give way, stop, right before left
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 3; k++) {
            drive d = cross(drivers[i], signs[k], false);
            double hardest = 0;
            for (size_t n = 0; n < d.count; n++) {
                hardest = cw_min(hardest, d.rows[n].accel);
            }
            bool halts = k == 1; // the other may be gone when it drives off from the sign
            if (d.contacts != 0 || (gives_way(&d) == 0 && !halts) || hardest < -4.01) {
                fail_msg("%s, sign %s: %g contacts, gives way in %zu decisions, brakes %.2f m/s2", drivers[i],
                         signs[k] ? signs[k] : "none", d.contacts, gives_way(&d), -hardest);
            }
            free(d.rows);
        }
    }
}

static void test_halts_at_a_stop_sign(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        drive stop = cross(drivers[i], "206", true), yield = cross(drivers[i], "205", true);
        size_t halted = waits(&stop, CW_CAUSE_SIGN, CW_REL_AHEAD),
               free_way = waits(&yield, CW_CAUSE_SIGN, CW_REL_AHEAD);
        if (halted == 0 || halted > 15 || free_way != 0) { // it stands, drives on, and only where the sign asks for it
            fail_msg("%s: waits in %zu decisions at a stop sign, %zu at a give-way sign", drivers[i], halted, free_way);
        }
        free(stop.rows);
        free(yield.rows);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gives_way), cmocka_unit_test(test_halts_at_a_stop_sign)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
