// The campaign against the evaluator: its bounds, its file, and that its rounds find what is there to find, the same each time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../bench/campaign/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const volatile int never = 0;

static void exact_bounds(void **state) {
    (void)state;
    // half the 95% quantile of chi squared with 2 n + 2 degrees of freedom
    assert_true(fabs(poisson_upper(0) - 2.995732) < 1e-5);
    assert_true(fabs(poisson_upper(1) - 4.743865) < 1e-5);
    assert_true(fabs(poisson_upper(5) - 10.513035) < 1e-5);
    assert_true(fabs(poisson_upper(100) - 118.079) < 1e-2);
}

// ---- the file --------------------------------------------------------------------------------------------------------

static char *temporary(void) {
    static char path[64];
    snprintf(path, sizeof path, "/tmp/campaign-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    return path;
}

static void append(const char *path, const char *text) {
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const ledger_round third = {.driver = "spin",
                                   .course = COURSE_ADVERSARY,
                                   .number = 3,
                                   .result = {3, 120.5, 2000.5, 0.125, 14, 2, 1, 3, 2, 1, 1, 4}};

static const char *written(void) {
    const char *path = temporary();
    FILE *f = fopen(path, "w");
    ledger_write_head(f, 7, "abc");
    ledger_write_event(f, &(ledger_event){.driver = "spin",
                                          .number = 3,
                                          .family = 3,
                                          .kind = "charged",
                                          .text = "x at 1 s",
                                          .command = "causeway drive y"});
    ledger_write_round(f, &third);
    fclose(f);
    return path;
}

static void goes_on_where_it_stopped(void **state) {
    (void)state;
    const char *path = written();
    append(path, "event\tspin\tadversary\t4\t4\tcharged\tof a round that was not ended\tcauseway\n");
    append(path, "round\tspin\tadver"); // and cut off in the middle of a line
    for (int i = 0; i < 2; i++) {
        ledger l;
        cw_error err = {0};
        assert_int_equal(ledger_read(path, 7, "abc", &l, &err), CW_OK);
        assert_int_equal(l.round_count, 1);
        assert_int_equal(l.event_count, 1);
        assert_string_equal(l.events[0].text, "x at 1 s");
        assert_string_equal(l.events[0].command, "causeway drive y");
        const ledger_round *r = ledger_find(&l, "spin", COURSE_ADVERSARY, 3);
        assert_non_null(r);
        assert_memory_equal(&r->result, &third.result, sizeof r->result);
        assert_null(ledger_find(&l, "spin", COURSE_TOWN, 3));
        assert_null(ledger_find(&l, "razor", COURSE_ADVERSARY, 3));
        ledger_free(&l);
        if (i == 0) { // the tail is gone: what is appended now is read
            ledger_round fourth = third;
            fourth.number = 4;
            FILE *f = fopen(path, "a");
            ledger_write_round(f, &fourth);
            fclose(f);
            assert_int_equal(ledger_read(path, 7, "abc", &l, &err), CW_OK);
            assert_non_null(ledger_find(&l, "spin", COURSE_ADVERSARY, 4));
            assert_int_equal(l.event_count, 1);
            ledger_free(&l);
            unlink(path);
            path = written();
        }
    }
    unlink(path);
}

static void other_campaigns_are_refused(void **state) {
    (void)state;
    const char *path = written();
    ledger l;
    cw_error err = {0};
    assert_int_equal(ledger_read(path, 8, "abc", &l, &err), CW_ERR_INPUT);
    assert_int_equal(ledger_read(path, 7, "abd", &l, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "another file"));
    err = (cw_error){0};
    append(path, "round\tspin\tadversary\t5\t3\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\tmany\n");
    assert_int_equal(ledger_read(path, 7, "abc", &l, &err), CW_ERR_INPUT);
    assert_int_equal(err.line, 4);
    unlink(path);
}

// ---- rounds ----------------------------------------------------------------------------------------------------------

static void keep_last(void *context, const ride_def *def, const ride *r) {
    (void)r;
    *(ride_def *)context = *def;
}

static void a_round_repeats(void **state) {
    (void)state;
    round_def def = {.course = COURSE_ADVERSARY, .driver = "constant", .seed = 1, .stop = &never};
    round_result a, b;
    ride_def last = {0}, again = {0};
    bool whole = false;
    cw_error err = {0};
    assert_int_equal(round_run(&def, &a, &whole, keep_last, &last, &err), CW_OK);
    assert_true(whole);
    assert_int_equal(round_run(&def, &b, &whole, keep_last, &again, &err), CW_OK);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_equal(last.set, again.set, sizeof last.set);
    assert_true(a.rides >= 14 && a.seconds > 50 && isfinite(a.gap));
    // One of them alone gives what it gave there: so the command that is told repeats it.
    char command[RIDE_COMMAND];
    ride_command(&last, command, sizeof command);
    assert_non_null(
        strstr(command, "causeway drive scenes/a1/motorway.xosc --driver constant --seed 1 --set EgoSpeed="));
}

// The search comes nearer than its first draws do.
static void a_search_finds_smaller_gaps(void **state) {
    (void)state;
    round_def def = {.course = COURSE_ADVERSARY, .driver = "constant:full", .seed = 1, .stop = &never};
    double least = INFINITY;
    for (uint32_t n = 0; n < 2; n++) {
        round_result r;
        ride_def last;
        bool whole;
        cw_error err = {0};
        def.number = n;
        assert_int_equal(round_run(&def, &r, &whole, keep_last, &last, &err), CW_OK);
        least = fmin(least, r.gap);
    }
    assert_true(least < 3);
}

static ride ridden(const char *scene, const char *driver, const char *const *set, unsigned count) {
    ride_def def = {.scene = scene, .driver = driver, .seed = 1, .duration = (double)NAN, .count = count};
    for (unsigned i = 0; i < count; i++)
        snprintf(def.set[i], sizeof def.set[i], "%s", set[i]);
    ride r;
    cw_error err = {0};
    if (ride_run(&def, &never, &r, &err) != CW_OK)
        fail_msg("%s", err.text);
    assert_true(r.whole);
    return r;
}

static void others_who_break_a1_are_seen(void **state) {
    (void)state;
    static const char *const kept[] = {"CyclistAt=60", "CyclistSpeed=7", "WalkerGap=0"};
    static const char *const broken[] = {"CyclistAt=60", "CyclistSpeed=10", "WalkerGap=0"};
    ride r = ridden("scenes/a1/street.xosc", "constant", kept, 3);
    assert_true(r.kept && !r.unsafe);
    r = ridden("scenes/a1/street.xosc", "constant", broken, 3);
    assert_false(r.kept);
    assert_string_equal(r.broken, "cyclist");
}

static void starts_without_a_fail_safe_are_seen(void **state) {
    (void)state;
    static const char *const far[] = {"LeadAt=200", "LeadSpeed=20", "EgoSpeed=20"};
    static const char *const near[] = {"LeadAt=80", "LeadSpeed=0", "EgoSpeed=30"};
    assert_false(ridden("scenes/a1/motorway.xosc", "constant", far, 3).unsafe);
    assert_true(ridden("scenes/a1/motorway.xosc", "constant", near, 3).unsafe);
}

// Drives that a campaign found: where roads cross there is more road than the lane's own, and not all of it is road.
static void stays_on_the_road_where_roads_cross(void **state) {
    (void)state;
    static const char *const turns[] = {"EgoSpeed=2.000",   "EgoAt=132.998",   "CrossAt=139.488",
                                        "CrossSpeed=5.075", "CrossGap=53.582", "CrossThen=13.732",
                                        "CrossRate=0.953",  "EgoRoad=v0_-1",   "CrossRoad=h-1_0"};
    static const char *const against[] = {"EgoSpeed=16.493",  "EgoAt=147.760",   "CrossAt=74.826",
                                          "CrossSpeed=9.500", "CrossGap=90.000", "CrossThen=4.516",
                                          "CrossRate=1.318",  "EgoRoad=v0_-1",   "CrossRoad=h-1_0"};
    ride_def def = {
        .scene = "scenes/a1/crossing.xosc", .driver = "spin", .seed = 21, .duration = (double)NAN, .count = 9};
    cw_error err = {0};
    ride r;
    for (int i = 0; i < 9; i++)
        snprintf(def.set[i], sizeof def.set[i], "%s", turns[i]);
    assert_int_equal(ride_run(&def, &never, &r, &err), CW_OK);
    assert_false(r.off_road);
    def.driver = "razor";
    def.seed = 32;
    for (int i = 0; i < 9; i++)
        snprintf(def.set[i], sizeof def.set[i], "%s", against[i]);
    assert_int_equal(ride_run(&def, &never, &r, &err), CW_OK);
    assert_false(r.off_road);
    // from turning lane to turning lane
    def = (ride_def){.scene = "town:11",
                     .driver = "razor",
                     .traffic = 40,
                     .seed = 11,
                     .duration = 40,
                     .count = 1,
                     .set = {"traffic.keep_a1=1"}};
    assert_int_equal(ride_run(&def, &never, &r, &err), CW_OK);
    assert_false(r.off_road);
}

// A line at red binds on the other side of the road too, where the lane under the ego runs against it.
static void stops_at_red_on_the_other_side(void **state) {
    (void)state;
    ride_def def = {.scene = "scenes/town.xosc", .driver = "razor", .seed = 3, .duration = 40};
    cw_error err = {0};
    ride r;
    assert_int_equal(ride_run(&def, &never, &r, &err), CW_OK);
    assert_true(r.wrong_way && !r.red);
}

int main(void) {
    if (chdir(getenv("CAUSEWAY_SOURCE")) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_bounds),
        cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(other_campaigns_are_refused),
        cmocka_unit_test(a_round_repeats),
        cmocka_unit_test(a_search_finds_smaller_gaps),
        cmocka_unit_test(others_who_break_a1_are_seen),
        cmocka_unit_test(stays_on_the_road_where_roads_cross),
        cmocka_unit_test(stops_at_red_on_the_other_side),
        cmocka_unit_test(starts_without_a_fail_safe_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
