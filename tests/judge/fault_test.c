// Scripted contacts, each with the fault, the rule and the clause that it must get.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stage.h"

#define CAR(px, py, v)                                                                                                 \
    { .kind = CW_ACTOR_CAR, .x = (px), .y = (py), .speed = (v) }
#define WALKER(px, py, h, v)                                                                                           \
    {                                                                                                                  \
        .kind = CW_ACTOR_PEDESTRIAN, .length = 0.5, .width = 0.6, .height = 1.8, .x = (px), .y = (py), .heading = (h), \
        .speed = (v)                                                                                                   \
    }

typedef struct row {
    const char *name;
    stage scene;
    cw_fault fault;
    unsigned clause;
    const char *word; // part of what is said of it; NULL: nothing may be said
} row;

static const double up = CW_PI / 2; // heading to the left across the road

// The ego at 20 m/s stops in 37.5 m by A1: 0.3 s, then 6.357 m/s^2.
static row rows[] = {
    // ---- rule 1
    {"a standing car in plain sight",
     {.actors = 2, .duration = 9, .actor = {CAR(100, LANE_INNER, 20), CAR(250, LANE_INNER, 0)}},
     CW_FAULT_EGO,
     1,
     "static"},
    {"a lost load in plain sight",
     {.actors = 2,
      .duration = 9,
      .actor = {CAR(100, LANE_OUTER, 20),
                {.kind = CW_ACTOR_OBSTACLE, .length = 1, .width = 1, .height = 0.5, .x = 200, .y = LANE_OUTER}}},
     CW_FAULT_EGO,
     1,
     "static"},
    {"an obstacle of the map",
     {.actors = 1, .duration = 9, .post_x = 200, .post_y = LANE_OUTER, .actor = {CAR(100, LANE_OUTER, 20)}},
     CW_FAULT_EGO,
     1,
     "static"},
    {"a walker beside the road, ego off it",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_OUTER, .speed = 20, .shift = {{1, 3, -5}}}, WALKER(200, -10.4, up, 0)}},
     CW_FAULT_EGO,
     1,
     "off the road"},
    {"a car on its own side, ego drove over to it",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .shift = {{1, 3, 3.5}}},
                {.x = 300, .y = LANE_BACK, .heading = CW_PI, .speed = 15}}},
     CW_FAULT_EGO,
     1,
     "wrong side"},
    {"a car on its own side, ego drove over round an obstacle",
     {.actors = 3,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .shift = {{1, 3, 3.5}}},
                {.x = 300, .y = LANE_BACK, .heading = CW_PI, .speed = 15},
                CAR(185, LANE_INNER, 0)}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"a crossing car, ego at red",
     {.actors = 2,
      .duration = 8,
      .light_s = 200,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 220, .y = -20, .heading = up, .speed = 3.2}}},
     CW_FAULT_EGO,
     1,
     "red light"},
    {"the same at green is no red light",
     {.actors = 2,
      .duration = 8,
      .light_s = 200,
      .light_red = 100,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 220, .y = -20, .heading = up, .speed = 3.2}}},
     CW_FAULT_EGO,
     4,
     NULL},
    // ---- rule 2
    {"struck while it stood",
     {.actors = 2, .duration = 8, .actor = {CAR(200, LANE_INNER, 0), CAR(100, LANE_INNER, 20)}},
     CW_FAULT_OTHER,
     2,
     ""},
    {"somebody walks into the standing car",
     {.actors = 2, .duration = 8, .actor = {CAR(200, LANE_OUTER, 0), WALKER(200, -9, up, 1.2)}},
     CW_FAULT_OTHER,
     2,
     ""},
    {"a standing car's side, from the next lane",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(200, LANE_OUTER, 0), {.x = 150, .y = LANE_INNER, .speed = 10, .shift = {{3, 5, -2.5}}}}},
     CW_FAULT_OTHER,
     2,
     NULL},
    {"half a second of standing is not enough",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 10, .push = {{0, 3, -5}}},
                {.x = 112.6, .y = -6.3, .heading = up, .speed = 1.0}}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"struck from behind in its lane",
     {.actors = 2, .duration = 8, .actor = {CAR(200, LANE_INNER, 10), CAR(150, LANE_INNER, 20)}},
     CW_FAULT_OTHER,
     2,
     ""},
    {"struck from behind by one that it cut off",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 200, .y = LANE_OUTER, .speed = 10, .shift = {{1, 3, 3.5}}}, CAR(170, LANE_INNER, 20)}},
     CW_FAULT_EGO,
     4,
     NULL},
    // ---- rules 3 to 5: lights
    {"over a light 5 s after red, then into the ego's side",
     {.actors = 2,
      .duration = 13,
      .light_s = 200,
      .actor = {CAR(201.5, LANE_INNER, 5),
                {.x = 100, .y = LANE_OUTER, .speed = 20, .push = {{6, 7.5, -10}}, .shift = {{8, 12, 2.5}}}}},
     CW_FAULT_SHARED,
     5,
     "after red"},
    {"over it at green, then into the ego's side",
     {.actors = 2,
      .duration = 13,
      .light_s = 200,
      .light_red = 100,
      .actor = {CAR(201.5, LANE_INNER, 5),
                {.x = 100, .y = LANE_OUTER, .speed = 20, .push = {{6, 7.5, -10}}, .shift = {{8, 12, 2.5}}}}},
     CW_FAULT_SHARED,
     5,
     "wandered"},
    // ---- rules 3 to 5: leader
    {"the leader brakes as A1 lets it, ego sleeps",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 124, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -9.81}}}}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"the leader brakes harder, ego answers",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{2.25, 9, -6.4}}},
                {.x = 122, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -13}}}}},
     CW_FAULT_OTHER,
     3,
     "leader braked at 13.0"},
    {"the same, where the run was set to expect it",
     {.actors = 2,
      .duration = 8,
      .a1 = "leader_brake=14",
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{2.25, 9, -6.4}}},
                {.x = 122, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -13}}}}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"the leader brakes harder, ego sleeps",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 122, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -13}}}}},
     CW_FAULT_SHARED,
     5,
     "leader braked"},
    {"the leader brakes harder, ego was too near",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{2.1, 9, -6.4}}},
                {.x = 112, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -13}}}}},
     CW_FAULT_SHARED,
     5,
     "leader braked"},
    {"the leader brakes harder, ego answers with half",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{2.1, 9, -3.2}}},
                {.x = 122, .y = LANE_INNER, .speed = 20, .push = {{2, 9, -13}}}}},
     CW_FAULT_SHARED,
     5,
     "leader braked"},
    {"the leader backs into the rolling ego",
     {.actors = 2,
      .duration = 12,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 4, .push = {{3.0, 9, -6}}},
                {.x = 117.5, .y = LANE_INNER, .speed = 3, .reverse = true, .push = {{2, 4, -4}}}}},
     CW_FAULT_OTHER,
     3,
     "reversed"},
    // ---- cut-in
    {"cut in too near, ego answers",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{2.7, 9, -6.4}}},
                {.x = 137, .y = LANE_OUTER, .speed = 10, .shift = {{1.5, 4.0, 3.5}}}}},
     CW_FAULT_OTHER,
     3,
     "TTC"},
    {"a fair cut-in, ego sleeps",
     {.actors = 2,
      .duration = 12,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 160, .y = LANE_OUTER, .speed = 10, .shift = {{1, 4, 3.5}}}}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"cut in at a jump, ego sleeps",
     {.actors = 2,
      .duration = 12,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 160, .y = LANE_OUTER, .speed = 10, .shift = {{2, 2.4, 3.5}}}}},
     CW_FAULT_SHARED,
     5,
     "visible motion"},
    {"brakes after its cut-in, ego sleeps",
     {.actors = 2,
      .duration = 12,
      .actor = {CAR(100, LANE_INNER, 20),
                {.x = 160, .y = LANE_OUTER, .speed = 12, .shift = {{1, 4, 3.5}}, .push = {{3.4, 5, -5}}}}},
     CW_FAULT_SHARED,
     5,
     "after its cut-in"},
    {"swerves into the ego's side",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(100, LANE_INNER, 20), {.x = 100, .y = LANE_OUTER, .speed = 20, .shift = {{2, 3.2, 3}}}}},
     CW_FAULT_OTHER,
     3,
     "beside ego"},
    {"ego swerves into another's side",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .shift = {{2, 3.2, -3}}}, CAR(100, LANE_OUTER, 20)}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"brushed by one that wanders, ego on its line",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER - 0.75, .speed = 20},
                {.x = 100, .y = LANE_OUTER, .speed = 20, .shift = {{2, 4, 1.1}}}}},
     CW_FAULT_SHARED,
     5,
     "wandered"},
    // ---- cut-out
    {"hidden by a leader that swerved late, ego answers",
     {.actors = 3,
      .duration = 9,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{4.6, 9, -6.4}}},
                {.x = 200, .y = LANE_INNER, .speed = 0, .height = 1.2},
                {.kind = CW_ACTOR_TRUCK,
                 .length = 8,
                 .width = 2.5,
                 .height = 3.5,
                 .x = 125,
                 .y = LANE_INNER,
                 .speed = 17,
                 .shift = {{3.0, 4.5, -3.5}}}}},
     CW_FAULT_SHARED,
     5,
     "hidden by a leader"},
    {"a leader swerves in good time",
     {.actors = 3,
      .duration = 9,
      .actor = {CAR(100, LANE_INNER, 20),
                {.x = 260, .y = LANE_INNER, .speed = 0},
                {.kind = CW_ACTOR_TRUCK,
                 .length = 8,
                 .width = 2.5,
                 .height = 3.5,
                 .x = 160,
                 .y = LANE_INNER,
                 .speed = 17,
                 .shift = {{1.0, 3.0, -3.5}}}}},
     CW_FAULT_EGO,
     1,
     "static"},
    {"a leader swerves in good time, ego too fast to stop for what it hid",
     {.actors = 3,
      .duration = 9,
      .actor = {CAR(100, LANE_INNER, 30),
                CAR(216.3, LANE_INNER, 0),
                {.kind = CW_ACTOR_TRUCK,
                 .length = 8,
                 .width = 2.5,
                 .height = 3.5,
                 .x = 125,
                 .y = LANE_INNER,
                 .speed = 25,
                 .shift = {{1.0, 2.2, -3.5}}}}},
     CW_FAULT_EGO,
     4,
     NULL},
    // ---- on foot, on bicycles
    {"steps out at the last moment, ego answers",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_OUTER, .speed = 20, .push = {{2.2, 9, -6.4}}},
                {.kind = CW_ACTOR_PEDESTRIAN,
                 .length = 0.5,
                 .width = 0.6,
                 .height = 1.8,
                 .x = 165,
                 .y = -8.0,
                 .heading = up,
                 .push = {{2, 3, 2}}}}},
     CW_FAULT_OTHER,
     3,
     "newly engaged"},
    {"walks across from far, ego sleeps",
     {.actors = 2, .duration = 8, .actor = {CAR(100, LANE_OUTER, 20), WALKER(210, -11.5, up, 1.2)}},
     CW_FAULT_EGO,
     4,
     NULL},
    {"starts to run, ego sleeps",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(100, LANE_INNER, 20),
                {.kind = CW_ACTOR_PEDESTRIAN,
                 .length = 0.5,
                 .width = 0.6,
                 .height = 1.8,
                 .x = 220,
                 .y = -18.5,
                 .heading = up,
                 .speed = 1,
                 .push = {{3.3, 5, 4}}}}},
     CW_FAULT_SHARED,
     5,
     "sped up"},
    {"a cyclist at 36 km/h, ego sleeps",
     {.actors = 2,
      .duration = 12,
      .actor = {CAR(100, LANE_INNER, 20),
                {.kind = CW_ACTOR_BICYCLE, .length = 1.8, .width = 0.6, .x = 160, .y = LANE_INNER, .speed = 10}}},
     CW_FAULT_SHARED,
     5,
     "cycled"},
    {"a cyclist at 25 km/h, ego sleeps",
     {.actors = 2,
      .duration = 12,
      .actor = {CAR(100, LANE_INNER, 20),
                {.kind = CW_ACTOR_BICYCLE, .length = 1.8, .width = 0.6, .x = 160, .y = LANE_INNER, .speed = 7}}},
     CW_FAULT_EGO,
     4,
     NULL},
    // ---- oncoming
    {"comes over to the ego's side, ego answers",
     {.actors = 2,
      .duration = 8,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 15, .push = {{2.6, 9, -6.4}}},
                {.x = 200, .y = LANE_BACK, .heading = CW_PI, .speed = 15, .shift = {{2, 3, 3.5}}}}},
     CW_FAULT_OTHER,
     3,
     "oncoming"},
    {"on the ego's side from afar, ego answers when it is in sight",
     {.actors = 2,
      .duration = 9,
      .actor = {{.x = 100, .y = LANE_INNER, .speed = 15, .push = {{3.2, 9, -6.4}}},
                {.x = 375, .y = LANE_INNER, .heading = CW_PI, .speed = 35}}},
     CW_FAULT_OTHER,
     3,
     "oncoming"},
    {"comes over to the ego's side, ego sleeps",
     {.actors = 2,
      .duration = 8,
      .actor = {CAR(100, LANE_INNER, 15),
                {.x = 220, .y = LANE_BACK, .heading = CW_PI, .speed = 15, .shift = {{2, 3, 3.5}}}}},
     CW_FAULT_SHARED,
     5,
     "oncoming"},
};

enum { ROWS = sizeof rows / sizeof *rows };

// Prints what is wrong with a row; all are looked at before the test fails.
static unsigned check(const row *r, const stage *s, const char *how) {
    stage_result out;
    stage_judge(s, &out);
    unsigned wrong = 1;
    const cw_judged_contact *c = &out.verdict.contacts[0];
    bool charged = r->fault == CW_FAULT_EGO || r->fault == CW_FAULT_SHARED;
    if (out.verdict.contact_count == 0)
        print_error("%s%s: no contact\n", r->name, how);
    else if (c->fault != r->fault || c->clause != r->clause)
        print_error("%s%s: fault %s by rule %u (%s), expected %s by rule %u; at %.2f s, %.1f m/s\n", r->name, how,
                    cw_fault_name((cw_fault)c->fault), c->clause, c->broken, cw_fault_name(r->fault), r->clause,
                    (double)c->time_ns * 1e-9, (double)c->impact_mps);
    else if (r->word ? !strstr(c->broken, r->word) : c->broken[0] != 0)
        print_error("%s%s: told \"%s\"\n", r->name, how, c->broken);
    else if (out.verdict.contact_count == 1 && stage_criterion(&out, "contact")->passed == charged)
        print_error("%s%s: the criterion does not follow the fault\n", r->name, how);
    else
        wrong = 0;
    stage_free(&out);
    return wrong;
}

static void faults(void **state) {
    (void)state;
    unsigned wrong = 0;
    for (unsigned i = 0; i < ROWS; i++)
        wrong += check(&rows[i], &rows[i].scene, "");
    assert_int_equal(wrong, 0);
}

// The verdict may not hang on where the road lies, which way it runs, on which side one drives, or who has which number.
static void elsewhere(void **state) {
    (void)state;
    unsigned wrong = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        stage s = rows[i].scene;
        s.east = 10000;
        s.north = -7000;
        s.turn = 0.7;
        wrong += check(&rows[i], &s, ", moved");
        s = rows[i].scene;
        s.mirror = true;
        wrong += check(&rows[i], &s, ", mirrored");
        s = rows[i].scene;
        s.renumber = true;
        wrong += check(&rows[i], &s, ", renumbered");
    }
    assert_int_equal(wrong, 0);
}

// Half the decision period, the same verdict.
static void finer_ticks(void **state) {
    (void)state;
    unsigned wrong = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        stage s = rows[i].scene;
        s.period = 0.05;
        wrong += check(&rows[i], &s, ", at 20 Hz");
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults), cmocka_unit_test(elsewhere),
                                       cmocka_unit_test(finer_ticks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
