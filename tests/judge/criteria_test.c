// Criteria and metrics: each on the case it exists for and on the one that would fool it; nuPlan's score by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "stage.h"

#define NEAR(a, b, e)                                                                                                  \
    do {                                                                                                               \
        double near_a = (a), near_b = (b);                                                                             \
        if (!(fabs(near_a - near_b) <= (e)))                                                                           \
            fail_msg("%s = %.9g, expected %.9g", #a, near_a, near_b);                                                  \
    } while (0)

#define CAR(px, py, v)                                                                                                 \
    { .kind = CW_ACTOR_CAR, .x = (px), .y = (py), .speed = (v) }

static double metric(const stage *s, const char *name) {
    stage_result r;
    stage_judge(s, &r);
    double value = stage_metric(&r, name);
    stage_free(&r);
    return value;
}

typedef struct verdict { // of one criterion
    bool applies, demanded, passed;
    double value, time;
} verdict;

static verdict ask(const stage *s, const char *name) {
    stage_result r;
    stage_judge(s, &r);
    const cw_criterion *c = stage_criterion(&r, name);
    verdict v = {c->applies, c->demanded, c->passed, c->value, (double)c->time_ns * 1e-9};
    stage_free(&r);
    return v;
}

// ---- nuPlan ----------------------------------------------------------------------------------------------------------

// 10 m/s for 10 s where 12 m/s were asked for: free flow comes to 11 + 9 x 12 = 119 m.
static void score_by_hand(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 10, .set_speed = 12, .actor = {CAR(100, LANE_INNER, 10)}};
    NEAR(metric(&s, "free_flow_progress_m"), 119, 1e-6);
    NEAR(metric(&s, "nuplan_ep"), 100.0 / 119, 1e-6);
    NEAR(metric(&s, "nuplan_score"), (5 * 100.0 / 119 + 5 + 4 + 2) / 16, 1e-6);
    s.limit = 9; // 1 m/s too fast all the time
    NEAR(metric(&s, "nuplan_sl"), 1 - 1 / 2.23, 1e-6);
    NEAR(metric(&s, "nuplan_score"), (5 + 5 + 4 * (1 - 1 / 2.23) + 2) / 16, 1e-6);
    s.limit = 0;
    s.period = 0.05; // the step is none of its arguments
    NEAR(metric(&s, "nuplan_score"), (5 * 100.0 / 119 + 5 + 4 + 2) / 16, 1e-6);
}

// The ego's own recording is the expert of EP and MP; what it did before and after does not count.
static void expert(void **state) {
    (void)state;
    cw_sample recorded[] = {{.time = -5, .x = 0}, {.time = 0, .x = 60}, {.time = 4, .x = 140}, {.time = 40, .x = 860}};
    stage s = {.actors = 1,
               .duration = 10,
               .set_speed = 12,
               .actor = {CAR(100, LANE_INNER, 10)},
               .recorded = recorded,
               .recorded_count = 4};
    NEAR(metric(&s, "expert_progress_m"), 200, 1e-6); // 4 s and 6 s at 20 m/s
    NEAR(metric(&s, "nuplan_ep"), 0.5, 1e-6);
    s.actor[0].speed = 3; // 30 m of them: no progress to speak of
    assert_true(metric(&s, "nuplan_mp") == 0 && metric(&s, "nuplan_score") == 0);
    s.recorded_count = 1; // somebody who only stood there recorded no drive
    assert_true(isnan(metric(&s, "expert_progress_m")));
    NEAR(metric(&s, "nuplan_mp"), 1, 0);
}

// The deceleration that would have been needed, and its share of what there is.
static void effort(void **state) {
    (void)state;
    // 6 m/s faster, 60 m at first, 12 m after 8 s
    stage s = {.actors = 2, .duration = 8, .actor = {CAR(100, LANE_INNER, 20), CAR(164.5, LANE_INNER, 14)}};
    NEAR(metric(&s, "max_drac_mps2"), 36 / (2 * 12.0), 1e-3);
    double share = metric(&s, "max_btn");
    assert_true(share > 1.5 / 9.81 && share < 0.5);
    s.friction = 0.4; // on ice the same is a greater threat
    assert_true(metric(&s, "max_btn") > 1.5 * share);
    s.friction = 0;
    // what would fool it: one who is very near but parts asks for nothing
    s.actor[1] = (stage_actor)CAR(105, LANE_INNER, 21);
    NEAR(metric(&s, "max_drac_mps2"), 0, 0);
    // and after a contact, when gaps are none, nothing is counted
    stage hit = {.actors = 2, .duration = 8, .actor = {CAR(100, LANE_INNER, 20), CAR(130, LANE_INNER, 10)}};
    assert_true(metric(&hit, "max_drac_mps2") < 1000);
}

// Until when braking or swerving is in time.
static void reaction(void **state) {
    (void)state;
    // 6 m/s faster, 12 m behind after 8 s: 2 s to the contact
    stage s = {.actors = 2, .duration = 8, .actor = {CAR(100, LANE_INNER, 20), CAR(164.5, LANE_INNER, 14)}};
    double brake = metric(&s, "max_drac_mps2") / metric(&s, "max_btn");
    NEAR(metric(&s, "min_ttr_s"), 2 - fmin(6 / (2 * brake), sqrt(2 * 1.8 / brake)), 0.01);
    // Half beside the ego's way it takes less to get by.
    s.actor[1].y = LANE_INNER + 1.6;
    NEAR(metric(&s, "min_ttr_s"), 2 - sqrt(2 * 0.2 / brake), 0.02);
    // what would fool it: one that comes up from behind, and one beside that is no faster
    s.actor[1] = (stage_actor)CAR(80, LANE_INNER, 21);
    assert_true(isnan(metric(&s, "min_ttr_s")));
    s.actor[1] = (stage_actor)CAR(105, LANE_OUTER, 20);
    assert_true(isnan(metric(&s, "min_ttr_s")));
}

// The time between one's leaving and the next one's entering.
static void post_encroachment(void **state) {
    (void)state;
    stage s = {.actors = 2, .duration = 10, .actor = {CAR(100, LANE_INNER, 10), CAR(150, -39.9, 5)}};
    s.actor[1].heading = 0.5 * CW_PI;
    // The ego's rear is out of its way after 5.315 s, its front comes into the ego's after 7 s.
    NEAR(metric(&s, "min_pet_s"), 7 - 5.315, 0.2);
    s.actor[1].y -= 10; // two seconds later
    NEAR(metric(&s, "min_pet_s"), 9 - 5.315, 0.2);
    // what would fool it: who stops before, and who drives behind on the same way
    s.actor[1].push[0].from = 2;
    s.actor[1].push[0].until = 6;
    s.actor[1].push[0].accel = -5;
    assert_true(isnan(metric(&s, "min_pet_s")));
    s.actor[1] = (stage_actor)CAR(90, LANE_INNER, 10);
    assert_true(isnan(metric(&s, "min_pet_s")));
}

static void other_scores(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 10, .set_speed = 12, .actor = {CAR(100, LANE_INNER, 10)}};
    NEAR(metric(&s, "navsim_pdms"), (5 + 5 * 100.0 / 119 + 2) / 12, 1e-6);
    NEAR(metric(&s, "carla_driving_score"), 100.0 / 119, 1e-6);
    s.light_s = 150; // red all the time, crossed at 5 s
    NEAR(metric(&s, "carla_driving_score"), 0.7 * 100.0 / 119, 1e-6);
    s.light_s = 0;
    s.stop_sign_s = 150;
    NEAR(metric(&s, "carla_driving_score"), 0.8 * 100.0 / 119, 1e-6);
    stage hit = {
        .actors = 2, .duration = 8, .set_speed = 20, .actor = {CAR(100, LANE_INNER, 20), CAR(200, LANE_INNER, 0)}};
    double way = metric(&hit, "route_completion");
    NEAR(metric(&hit, "carla_driving_score"), 0.6 * way, 1e-6);
    assert_true(metric(&hit, "navsim_pdms") == 0);
    hit.actor[1].kind = CW_ACTOR_PEDESTRIAN;
    NEAR(metric(&hit, "carla_driving_score"), 0.5 * metric(&hit, "route_completion"), 1e-6);
    // what would fool it: to stand and be run into is no infraction of the ego's
    stage stood = {.actors = 2,
                   .duration = 8,
                   .set_speed = 20,
                   .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{0, 4, -5}}}, CAR(20, LANE_INNER, 20)}};
    way = metric(&stood, "route_completion");
    assert_true(way > 0.2 && metric(&stood, "impact_mps") > 10);
    NEAR(metric(&stood, "carla_driving_score"), way, 1e-9);
}

static void time_to_collision(void **state) {
    (void)state;
    // 5 m/s faster; after 5 s the gap is what is left over of 25 m
    stage s = {.actors = 2, .duration = 5, .set_speed = 10, .actor = {CAR(100, LANE_INNER, 10), CAR(0, LANE_INNER, 5)}};
    s.actor[1].x = 100 + 4.5 + 25 + 0.89 * 5;
    NEAR(metric(&s, "min_ttc_s"), 0.89, 1e-6);
    assert_true(metric(&s, "nuplan_ttc") == 0);
    s.actor[1].x = 100 + 4.5 + 25 + 0.99 * 5;
    assert_true(metric(&s, "nuplan_ttc") == 1);
    // full boxes: 5 cm of overlap is a collision course, 5 cm of room is none
    s.actor[1].y = LANE_INNER - 1.75;
    NEAR(metric(&s, "min_ttc_s"), 0.99, 1e-6);
    s.actor[1].y = LANE_INNER - 1.85;
    assert_true(isnan(metric(&s, "min_ttc_s")));
    // one that is faster parts: hard braking is not needed, nor punished
    s.actor[1] = (stage_actor)CAR(106, LANE_INNER, 15);
    assert_true(metric(&s, "nuplan_ttc") == 1 && isnan(metric(&s, "min_ttc_s")));
    // behind the ego and faster: not its time to collision in nuPlan's eyes
    s.actor[1] = (stage_actor)CAR(70, LANE_INNER, 15);
    s.duration = 5;
    assert_true(metric(&s, "nuplan_ttc") == 1);
}

static void multipliers(void **state) {
    (void)state;
    stage s = {
        .actors = 2, .duration = 8, .set_speed = 20, .actor = {CAR(100, LANE_INNER, 20), CAR(200, LANE_INNER, 0)}};
    assert_true(metric(&s, "nuplan_nc") == 0 && metric(&s, "nuplan_score") == 0 && metric(&s, "nuplan_ttc") == 0);
    s.actor[1].kind = CW_ACTOR_OBSTACLE;
    NEAR(metric(&s, "nuplan_nc"), 0.5, 0); // one object is half a fault
    s.actor[1] = (stage_actor)CAR(20, LANE_INNER, 40);
    assert_true(metric(&s, "nuplan_nc") == 1); // struck from behind
    // against traffic within a second: 20 m, 4 m, 1.5 m
    stage w = {.actors = 1, .duration = 5, .set_speed = 20, .actor = {CAR(100, LANE_BACK, 20)}};
    assert_true(metric(&w, "nuplan_ddc") == 0);
    w.actor[0].speed = 4;
    assert_true(metric(&w, "nuplan_ddc") == 0.5);
    w.actor[0].speed = 1.5;
    assert_true(metric(&w, "nuplan_ddc") == 1);
    // who does not move makes no progress
    w.actor[0] = (stage_actor)CAR(100, LANE_INNER, 0);
    assert_true(metric(&w, "nuplan_mp") == 0 && metric(&w, "nuplan_score") == 0);
    NEAR(metric(&w, "stationary_in_lane_s"), 5, 1e-6);
    assert_true(metric(&w, "route_completion") == 0);
}

static void comfort(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 10, .set_speed = 20, .actor = {CAR(100, LANE_INNER, 20)}};
    s.actor[0].push[0].from = 3;
    s.actor[0].push[0].until = 7;
    s.actor[0].push[0].accel = -1;
    assert_true(metric(&s, "nuplan_c") == 1);
    NEAR(metric(&s, "max_decel_mps2"), 1, 0.2);
    s.actor[0].push[0].accel = -4.5;
    verdict v = ask(&s, "comfort");
    assert_true(v.applies && !v.demanded && !v.passed);
    // A step of 3.2 m/s^2 gives a jerk of 3.2 m/s^3 (the weights' half, 28 / 280, a sample of 0.1 s). From 1.5 up it is 4.7,
    // too much along, and all else within bounds.
    s.actor[0].push[0].accel = -3.2;
    assert_true(metric(&s, "nuplan_c") == 1);
    s.actor[0].push[1].from = 2;
    s.actor[0].push[1].until = 3;
    s.actor[0].push[1].accel = 1.5;
    assert_true(metric(&s, "nuplan_c") == 0);
    NEAR(metric(&s, "max_jerk_mps3"), 4.7, 3.7); // of the magnitude, whose bound is 8.37
}

// ---- the road --------------------------------------------------------------------------------------------------------

static void off_road(void **state) {
    (void)state;
    // the shoulder's edge is at -9.5; the box is 0.9 m to each side
    stage s = {.actors = 1, .duration = 6, .actor = {CAR(100, -8.5, 20)}};
    assert_true(ask(&s, "off_road").passed); // the shoulder is road
    s.actor[0].shift[0].from = 2;
    s.actor[0].shift[0].until = 4;
    s.actor[0].shift[0].by = -0.35;
    verdict v = ask(&s, "off_road");
    assert_true(v.passed && v.demanded);
    NEAR(v.value, 0.25, 1e-3);
    NEAR(metric(&s, "nuplan_dac"), 1, 0);
    s.actor[0].shift[0].by = -0.5;
    v = ask(&s, "off_road");
    assert_true(!v.passed && v.time > 2.9 && v.time <= 4.1);
    NEAR(v.value, 0.4, 1e-3);
    NEAR(metric(&s, "nuplan_dac"), 0, 0);
    // where the scenario puts it is not its doing, unless it goes off again
    stage t = {.actors = 1, .duration = 6, .actor = {CAR(100, -12, 20)}};
    assert_false(ask(&t, "off_road").applies);
    t.actor[0].shift[0].from = 1;
    t.actor[0].shift[0].until = 3;
    t.actor[0].shift[0].by = 6;
    assert_true(ask(&t, "off_road").passed && ask(&t, "off_road").applies);
}

static void wrong_way(void **state) {
    (void)state;
    stage s = {.actors = 2,
               .duration = 8,
               .actor = {{.x = 100, .y = LANE_INNER, .speed = 15, .shift = {{2, 4, 3.5}, {6, 8, -3.5}}},
                         CAR(800, LANE_OUTER, 0)}};
    verdict v = ask(&s, "wrong_way");
    assert_true(!v.passed && v.demanded);
    NEAR(v.value, 15, 0.1);
    s.actor[1] = (stage_actor)CAR(170, LANE_INNER, 0); // a blocked lane, passed
    stage_result r;
    stage_judge(&s, &r);
    assert_int_equal(r.verdict.contact_count, 0);
    assert_true(stage_criterion(&r, "wrong_way")->passed);
    assert_true(stage_criterion(&r, "off_road")->passed);
    stage_free(&r);
}

// The ego at 15 m/s goes over the middle from 2 to 4 s and comes back from 9 to 11 s, past a rider at 5 m/s.
static void legal_pass(void **state) {
    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        stage s = {.actors = 2,
                   .duration = 13,
                   .mirror = mirror,
                   .actor = {{.x = 100, .y = LANE_INNER, .speed = 15, .shift = {{2, 4, 3.5}, {9, 11, -3.5}}},
                             {.x = 170, .y = LANE_INNER - 0.8, .speed = 5, .length = 1.8, .width = 0.6}}};
        assert_true(ask(&s, "wrong_way").passed);
        s.solid = true;
        assert_false(ask(&s, "wrong_way").passed);
        s.solid = false;
        s.actor[1].speed = 15; // not slower: nobody is passed
        assert_false(ask(&s, "wrong_way").passed);
        s.actor[1].speed = 5;
        s.actor[1].y = LANE_OUTER - 0.5; // in the next lane: nobody in the way
        assert_false(ask(&s, "wrong_way").passed);
        s.actor[1].y = LANE_INNER - 0.8;
        s.actor[1].x = 700; // far ahead
        assert_false(ask(&s, "wrong_way").passed);
        s.actor[1].x = 170;
        s.actor[0].shift[1].from = 21; // stays there long after
        s.actor[0].shift[1].until = 23;
        s.duration = 24;
        assert_false(ask(&s, "wrong_way").passed);
        s.actor[0].shift[1].from = 9;
        s.actor[0].shift[1].until = 11;
        s.duration = 13;
        s.actors = 3; // somebody comes: far enough, then near
        s.actor[2] = (stage_actor){.x = 480, .y = LANE_BACK, .heading = CW_PI, .speed = 14};
        assert_true(ask(&s, "wrong_way").passed);
        s.actor[2].x = 448;
        assert_false(ask(&s, "wrong_way").passed);
    }
}

static void lights(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 8, .light_s = 150, .actor = {CAR(100, LANE_INNER, 10)}};
    verdict v = ask(&s, "red_light");
    assert_true(v.applies && v.demanded && !v.passed);
    NEAR(v.time, (150 - 102.25) / 10, 0.02); // the front's moment, whatever the tick
    s.light_red = 100;
    assert_true(ask(&s, "red_light").applies && ask(&s, "red_light").passed);
    s.light_red = 4.7; // red a moment before
    assert_false(ask(&s, "red_light").passed);
    s.light_red = 4.9; // red a moment after
    assert_true(ask(&s, "red_light").passed);
    s.light_red = 0;
    s.actor[0].push[0].from = 2;
    s.actor[0].push[0].until = 8;
    s.actor[0].push[0].accel = -3;
    assert_false(ask(&s, "red_light").applies); // it stops before the line
}

static void stop_signs(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 14, .stop_sign_s = 150, .actor = {CAR(100, LANE_INNER, 10)}};
    verdict v = ask(&s, "stop_line");
    assert_true(v.applies && v.demanded && !v.passed);
    NEAR(v.value, 10, 1e-3);
    // stops 2 m before it, goes on
    s.actor[0].push[0].from = 2.8;
    s.actor[0].push[0].until = 8;
    s.actor[0].push[0].accel = -3.14;
    s.actor[0].push[1].from = 8;
    s.actor[0].push[1].until = 14;
    s.actor[0].push[1].accel = 2;
    v = ask(&s, "stop_line");
    assert_true(v.applies && v.passed);
    // stopping far away does not count
    s.actor[0].push[0].from = 0;
    v = ask(&s, "stop_line");
    assert_true(v.applies && !v.passed);
}

static void speed_limit(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 8, .limit = 15, .actor = {CAR(100, LANE_INNER, 15.4)}};
    assert_true(ask(&s, "speed_limit").passed);
    s.actor[0].speed = 15;
    s.actor[0].push[0].from = 2;
    s.actor[0].push[0].until = 4;
    s.actor[0].push[0].accel = 1;
    verdict v = ask(&s, "speed_limit");
    assert_true(!v.passed && v.demanded);
    NEAR(v.value, 2, 1e-3);
    NEAR(v.time, 2.75, 0.06); // 0.2 s of actuation, then 0.5 m/s above
    s.actor[0].speed = 20;    // it was put there too fast, and slows down
    s.actor[0].push[0].from = 0;
    s.actor[0].push[0].until = 6;
    s.actor[0].push[0].accel = -1;
    assert_true(ask(&s, "speed_limit").passed);
    s.limit = 0;
    assert_false(ask(&s, "speed_limit").applies);
    assert_false(ask(&s, "goal").applies);
}

// ---- several contacts, and what a poor trace can tell ----------------------------------------------------------------

static void every_contact(void **state) {
    (void)state;
    stage s = {.actors = 3,
               .duration = 9,
               .actor = {CAR(200, LANE_INNER, 10), CAR(150, LANE_INNER, 20), CAR(290, LANE_INNER, 0)}};
    stage_result r;
    stage_judge(&s, &r);
    assert_int_equal(r.verdict.contact_count, 2);
    assert_int_equal(r.verdict.contacts[0].fault, CW_FAULT_OTHER); // struck from behind
    assert_int_equal(r.verdict.contacts[1].fault, CW_FAULT_EGO);   // then hits the one that stands
    assert_false(stage_criterion(&r, "contact")->passed);
    assert_false(r.verdict.passed);
    assert_false(r.verdict.contacts[0].nuplan_at_fault);
    assert_true(r.verdict.contacts[1].nuplan_at_fault && r.verdict.contacts[1].rss_blame);
    NEAR((double)r.verdict.contacts[0].impact_mps, 10, 1e-3);
    stage_free(&r);
}

// A contact with which the scenario begins is told, and charged to no one.
static void from_the_start(void **state) {
    (void)state;
    stage s = {.actors = 2, .duration = 3, .actor = {CAR(200, LANE_INNER, 10), CAR(203, LANE_INNER, 10)}};
    stage_result r;
    stage_judge(&s, &r);
    assert_int_equal(r.verdict.contact_count, 1);
    assert_int_equal(r.verdict.contacts[0].fault, CW_FAULT_NONE);
    assert_true(stage_criterion(&r, "contact")->passed);
    stage_free(&r);
}

static const cw_column poor[] = {{"actor", CW_U32, 1, ""},
                                 {"x_m", CW_F64, 1, ""},
                                 {"y_m", CW_F64, 1, ""},
                                 {"heading_rad", CW_F32, 1, ""},
                                 {"speed_mps", CW_F32, 1, ""}};

static void poor_traces(void **state) {
    (void)state;
    stage s = {.actors = 1, .duration = 1, .actor = {CAR(100, LANE_INNER, 10)}};
    stage_result r;
    stage_judge(&s, &r);
    cw_judge_def def = {.scene = &r.scene, .goal_time_ns = -1};
    cw_verdict told;
    cw_error err = {0};
    cw_trace *empty = cw_trace_new();
    def.trace = empty;
    assert_int_equal(cw_judge(&def, &told, &err), CW_ERR_INPUT);
    cw_trace_free(empty);

    cw_trace *trace = cw_trace_new();
    uint32_t channel = cw_trace_rows(trace, "/causeway/actors", poor, 5);
    for (uint32_t i = 0; i < 20; i++) {
        unsigned char row[28];
        uint32_t who = 0;
        double x = 100 + i, y = LANE_INNER;
        float heading = 0, speed = 10;
        memcpy(row, &who, 4);
        memcpy(row + 4, &x, 8);
        memcpy(row + 12, &y, 8);
        memcpy(row + 20, &heading, 4);
        memcpy(row + 24, &speed, 4);
        assert_true(cw_trace_add(trace, channel, (int64_t)i * 100000000, row, sizeof row));
    }
    def.trace = trace;
    assert_int_equal(cw_judge(&def, &told, &err), CW_OK);
    bool found = false;
    for (uint32_t i = 0; i < told.criterion_count; i++) {
        const cw_criterion *c = &told.criteria[i];
        if (strcmp(c->name, "contact") == 0 || strcmp(c->name, "comfort") == 0) {
            assert_false(c->applies); // there is no such channel, no such column
            found = true;
        }
    }
    assert_true(found && told.passed);
    uint32_t stranger = 7;
    unsigned char row[28] = {0};
    memcpy(row, &stranger, 4);
    assert_true(cw_trace_add(trace, channel, 3000000000, row, sizeof row));
    err = (cw_error){0};
    assert_int_equal(cw_judge(&def, &told, &err), CW_ERR_INPUT);
    cw_trace_free(trace);
    stage_free(&r);
}

// ---- UN R157 ---------------------------------------------------------------------------------------------------------

static void regulation(void **state) {
    (void)state;
    stage s = {.actors = 2,
               .duration = 10,
               .motorway = true,
               .set_speed = 20,
               .actor = {CAR(100, LANE_INNER, 20), CAR(144.5, LANE_INNER, 20)}};
    stage_result r;
    stage_judge(&s, &r);
    assert_true(cw_judge_is_alks(&r.scene));
    assert_true(stage_criterion(&r, "r157_contact")->passed && stage_criterion(&r, "r157_lane")->passed);
    // at 20 m/s the minimum is 20 x 1.72 = 34.4 m; the gap is 40 m
    NEAR(stage_metric(&r, "follow_gap_excess_min_s"), 5.6 / 20, 1e-6);
    NEAR(stage_metric(&r, "follow_gap_excess_max_s"), 5.6 / 20, 1e-6);
    assert_true(isnan(stage_metric(&r, "set_speed_held"))); // never free
    assert_true(stage_criterion(&r, "r157_following_distance")->passed);
    stage_free(&r);
    s.actor[1].x = 130;
    verdict v = ask(&s, "r157_following_distance");
    assert_true(!v.passed && !v.demanded);
    s.actor[1] = (stage_actor)CAR(400, LANE_OUTER, 20);
    s.actor[0].speed = 19;
    NEAR(metric(&s, "set_speed_held"), 0.95, 1e-6);
    // nothing ahead, the marking is crossed: demanded where lane keeping was asked for; to avoid a standing car: told
    s.actor[0].shift[0].from = 2;
    s.actor[0].shift[0].until = 5;
    s.actor[0].shift[0].by = -3.5;
    v = ask(&s, "r157_lane");
    assert_true(!v.passed && !v.demanded);
    s.lane_keeping = true;
    v = ask(&s, "r157_lane");
    assert_true(!v.passed && v.demanded);
    s.actor[1] = (stage_actor)CAR(175, LANE_INNER + 0.2, 0);
    v = ask(&s, "r157_lane");
    assert_true(!v.passed && !v.demanded);
    // a fair cut-in that is run into: absence of contact is demanded; braking above 5 m/s^2 is told
    stage c = {.actors = 2,
               .duration = 12,
               .motorway = true,
               .actor = {CAR(100, LANE_INNER, 20), {.x = 160, .y = LANE_OUTER, .speed = 10, .shift = {{1, 4, 3.5}}}}};
    assert_false(ask(&c, "r157_contact").passed);
    assert_true(ask(&c, "r157_emergency").passed);
    // struck from behind in its lane is none of the regulation's contacts
    c.actor[1] = (stage_actor)CAR(50, LANE_INNER, 30);
    assert_true(ask(&c, "r157_contact").passed);
    // a road with oncoming traffic is none of its kind
    stage_judge(&c, &r);
    stage_free(&r);
    c.motorway = false;
    stage_judge(&c, &r);
    assert_false(cw_judge_is_alks(&r.scene));
    stage_free(&r);
}

// Every number and every criterion is the same 10 km away, turned, mirrored, renumbered. float32 headings give the slack.
static void elsewhere(void **state) {
    (void)state;
    const stage home = {
        .actors = 3,
        .duration = 12,
        .limit = 18,
        .set_speed = 20,
        .light_s = 150,
        .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{3, 5, -3}}, .shift = {{7, 10, -4.5}}},
                  {.x = 170, .y = LANE_INNER, .speed = 14},
                  {.x = 700, .y = LANE_BACK, .heading = CW_PI, .speed = 12}}};
    stage_result base, there;
    stage_judge(&home, &base);
    for (int k = 0; k < 3; k++) {
        stage s = home;
        s.mirror = k == 0;
        s.renumber = k == 1;
        if (k == 2) {
            s.east = -8000;
            s.north = 6000;
            s.turn = 2.1;
        }
        stage_judge(&s, &there);
        assert_int_equal(base.verdict.criterion_count, there.verdict.criterion_count);
        for (uint32_t i = 0; i < base.verdict.criterion_count; i++) {
            const cw_criterion *a = &base.verdict.criteria[i], *b = &there.verdict.criteria[i];
            if (a->applies != b->applies || a->passed != b->passed || a->demanded != b->demanded ||
                a->time_ns / 1000000 != b->time_ns / 1000000)
                fail_msg("%s differs (%d): %s / %s", a->name, k, a->said.in[CW_ENGLISH], b->said.in[CW_ENGLISH]);
        }
        for (uint32_t i = 0; i < base.verdict.metric_count; i++) {
            const cw_metric *a = &base.verdict.metrics[i], *b = &there.verdict.metrics[i];
            if (isnan(a->value) != isnan(b->value) || fabs(a->value - b->value) > 2e-3)
                fail_msg("%s differs (%d): %g / %g", a->name, k, a->value, b->value);
        }
        stage_free(&there);
    }
    stage_free(&base);
}

// What a verdict holds has a name and a sentence in Korean as well.
static void in_korean(void **state) {
    (void)state;
    static const stage scenes[] = {
        {.actors = 1, .duration = 6, .limit = 25, .actor = {CAR(100, LANE_INNER, 30)}},
        {.actors = 2,
         .duration = 12,
         .lane_keeping = true,
         .set_speed = 20,
         .light_s = 150,
         .actor = {{.x = 100, .y = LANE_INNER, .speed = 20, .push = {{3, 5, -3}}, .shift = {{7, 10, -4.5}}},
                   CAR(170, LANE_INNER, 4)}},
        {.actors = 2, .duration = 8, .set_speed = 15, .actor = {CAR(100, LANE_INNER, 15), CAR(150, LANE_INNER, 14)}}};
    for (size_t k = 0; k < sizeof scenes / sizeof *scenes; k++) {
        stage_result r;
        stage_judge(&scenes[k], &r);
        for (uint32_t i = 0; i < r.verdict.criterion_count; i++) {
            const cw_criterion *c = &r.verdict.criteria[i];
            const char *name = cw_judge_label(c->name, CW_KOREAN), *said = c->said.in[CW_KOREAN];
            if (!stage_korean(name) || (c->applies && !stage_korean(said)) || stage_korean(c->said.in[CW_ENGLISH]))
                fail_msg("%s: \"%s\" says \"%s\"", c->name, name, said);
        }
        for (uint32_t i = 0; i < r.verdict.metric_count; i++)
            if (!stage_korean(cw_judge_label(r.verdict.metrics[i].name, CW_KOREAN)) &&
                strncmp(r.verdict.metrics[i].name, "nuplan_", 7) != 0)
                fail_msg("%s has no name in Korean", r.verdict.metrics[i].name);
        stage_free(&r);
    }
    assert_string_equal(cw_judge_label("min_ttc_s", CW_ENGLISH), "least TTC");
    assert_string_equal(cw_judge_label("of somebody else's", CW_KOREAN), "of somebody else's");
    for (int fault = CW_FAULT_NONE; fault <= CW_FAULT_SHARED; fault++)
        assert_true(stage_korean(cw_judge_label(cw_fault_name((cw_fault)fault), CW_KOREAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(score_by_hand), cmocka_unit_test(time_to_collision),
                                       cmocka_unit_test(multipliers),   cmocka_unit_test(comfort),
                                       cmocka_unit_test(off_road),      cmocka_unit_test(wrong_way),
                                       cmocka_unit_test(legal_pass),    cmocka_unit_test(lights),
                                       cmocka_unit_test(stop_signs),    cmocka_unit_test(speed_limit),
                                       cmocka_unit_test(every_contact), cmocka_unit_test(from_the_start),
                                       cmocka_unit_test(poor_traces),   cmocka_unit_test(regulation),
                                       cmocka_unit_test(elsewhere),     cmocka_unit_test(in_korean),
                                       cmocka_unit_test(expert),        cmocka_unit_test(effort),
                                       cmocka_unit_test(reaction),      cmocka_unit_test(post_encroachment),
                                       cmocka_unit_test(other_scores)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
