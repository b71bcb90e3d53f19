// Drivers whose true cause is known by construction get the verdicts that they deserve, from wherever the world is seen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causeway/drive.h"
#include "causeway/fork.h"
#include "causeway/sense.h"
#include "causeway/why_table.h"
#include "planted_truth.h"

// A run, its trace, and the tests of its reasons.
typedef struct tried {
    cw_scene *scene;
    cw_episode_def def;
    cw_trace *trace;
    cw_episode_result run;
    cw_why *why;
    const cw_why_result *result;
} tried;

static void drive(tried *t, const truth_road *road, const truth_driver *driver) {
    cw_error err = {0};
    t->scene = truth_scene(road);
    t->def = cw_episode_defaults(t->scene);
    t->def.driver = truth_drives(driver, t->scene);
    t->def.evaluator = false;
    t->def.keyframes = true;
    assert_int_equal(cw_episode_run(&t->def, &t->trace, &t->run, &err), CW_OK);
    cw_why_def def = cw_why_defaults(&t->def, t->trace);
    def.threads = 2;
    if (cw_why_open(&def, &t->why, &err) != CW_OK)
        fail_msg("%s", err.text);
}

static void test_at(tried *t, double seconds) {
    cw_error err = {0};
    int64_t tick = cw_why_tick_at(t->why, (int64_t)llround(seconds * 1e9));
    assert_true(tick >= 0);
    if (cw_why_test(t->why, tick, &t->result, &err) != CW_OK)
        fail_msg("%s", err.text);
    if (t->result->untestable)
        fail_msg("%s", t->result->untestable);
    assert_true(t->result->unchanged.ran && t->result->unchanged.moved == 0);
}

// The first time at which the driver brakes, and half a second.
static double braking(const tried *t) {
    uint32_t channel = cw_trace_find(t->trace, "/causeway/decision");
    size_t at = cw_trace_offset(t->trace, channel, "longitudinal", CW_U8, 1);
    for (size_t i = 0; i < cw_trace_count(t->trace, channel); i++) {
        cw_message m = cw_trace_message(t->trace, channel, i);
        if (((const uint8_t *)m.bytes)[at] == CW_YIELD)
            return (double)m.time_ns * 1e-9 + 0.5;
    }
    fail_msg("it never brakes");
    return 0;
}

static void finish(tried *t) {
    cw_why_close(t->why);
    cw_trace_free(t->trace);
    cw_arena_free(t->run.arena);
    cw_scene_free(t->scene);
}

static const cw_why_candidate *candidate(const tried *t, const char *name) {
    for (uint32_t i = 0; i < t->result->count; i++) {
        const cw_why_candidate *c = &t->result->candidates[i];
        if (c->actor != CW_NONE && strcmp(t->scene->actors[c->actor].name, name) == 0)
            return c;
    }
    fail_msg("%s is no candidate", name);
    return NULL;
}

static void is_verdict(const tried *t, const char *name, cw_why_verdict wanted) {
    const cw_why_candidate *c = candidate(t, name);
    if (c->verdict != wanted)
        fail_msg("%s: %s, not %s (moved %g and %g m)", name, cw_why_verdict_name((cw_why_verdict)c->verdict),
                 cw_why_verdict_name(wanted), (double)c->removal.moved, (double)c->variant.moved);
}

// Two cars stand in the lane, two drive along far beside it, and one comes behind a house.
static truth_road usual(void) {
    return (truth_road){.users = {{"7", TRUTH_CAR, -2, 180, 0.9, 0},
                                  {"3", TRUTH_CAR, -2, 188, -0.9, 0},
                                  {"Left", TRUTH_CAR, -1, 90, 0, 12},
                                  {"Right", TRUTH_CAR, -3, 60, 0, 11},
                                  {"Hidden", TRUTH_WALKER, -3, 200, -12, 0}},
                        .ego_speed = 12,
                        .house_s = 120};
}

static void it_brakes_for_seven_and_says_so(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7"}, {"7"}, 60, false, false});
    test_at(&t, braking(&t));
    is_verdict(&t, "7", CW_WHY_TRUE);
    is_verdict(&t, "3", CW_WHY_NO_CAUSE);
    is_verdict(&t, "Left", CW_WHY_NO_CAUSE);
    is_verdict(&t, "Right", CW_WHY_NO_CAUSE);
    const cw_why_candidate *c = candidate(&t, "7");
    assert_true(c->scripted && c->removal.further > 3 && c->direct_removal.changed && c->direct_variant.changed);
    assert_int_equal(c->removal.longitudinal, CW_KEEP_SPEED);
    // Without it the car keeps the speed that it has where it braked at 2.5 m/s^2: 1/2 a t^2 further after 3 s, less what the
    // brakes take off before they have let go.
    if ((double)c->removal.further > 0.5 * 2.5 * 9 || (double)c->removal.further < 0.5 * 2.5 * 9 - 1)
        fail_msg("%g m further", (double)c->removal.further);
    for (int tau = 0; tau < CW_WHY_TAUS; tau++)
        for (int h = 0; h < CW_WHY_HORIZONS; h++)
            assert_true(c->sensitivity[tau][h]);
    assert_true(t.result->sufficient);
    assert_int_equal(t.result->placebos_changed, 0);
    cw_labels labels = cw_scene_labels(t.scene);
    cw_said said;
    cw_why_say(t.result, 0, &labels, &said);
    assert_non_null(
        strstr(said.in[CW_ENGLISH],
               "Tested true: without vehicle 7, 10.6 m further after 3 s, and the decision becomes keep speed."));
    assert_non_null(strstr(said.in[CW_KOREAN], "차량 7이 없으면"));
    finish(&t);
}

static void it_brakes_for_seven_and_says_three(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7"}, {"3"}, 60, false, false});
    test_at(&t, braking(&t));
    is_verdict(&t, "3", CW_WHY_REFUTED);
    is_verdict(&t, "7", CW_WHY_MISSED);
    assert_false(t.result->sufficient);
    finish(&t);
}

static void either_is_enough(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7", "3"}, {"7", "3"}, 80, false, false});
    test_at(&t, braking(&t) + 0.8);
    is_verdict(&t, "7", CW_WHY_JOINT);
    is_verdict(&t, "3", CW_WHY_JOINT);
    assert_int_equal(candidate(&t, "7")->with_count, 1);
    assert_true(candidate(&t, "7")->joint.changed);
    assert_true(t.result->sufficient);
    finish(&t);
}

static void one_of_three_is_enough(void **state) {
    (void)state;
    truth_road road = usual();
    road.users[5] = (truth_user){"9", TRUTH_BUS, -2, 200, 0, 0};
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7", "3", "9"}, {"7", "3"}, 150, false, false});
    test_at(&t, braking(&t) + 1.8);
    is_verdict(&t, "7", CW_WHY_JOINT);
    is_verdict(&t, "3", CW_WHY_JOINT);
    is_verdict(&t, "9", CW_WHY_MISSED);
    assert_int_equal(candidate(&t, "7")->with_count, 2);
    finish(&t);
}

static void both_are_needed(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ALL, {"7", "3"}, {"7", "3"}, 70, false, false});
    test_at(&t, braking(&t));
    is_verdict(&t, "7", CW_WHY_TRUE);
    is_verdict(&t, "3", CW_WHY_TRUE);
    is_verdict(&t, "Left", CW_WHY_NO_CAUSE);
    finish(&t);
}

// The bus drives between the ego and the walker beside the road, who has been out of sight for more than 2 s.
static void it_remembers_what_is_out_of_sight(void **state) {
    (void)state;
    truth_road road = {.users = {{"Walker", TRUTH_WALKER, -3, 260, -2.5, 0}, {"Bus", TRUTH_BUS, -3, 71, 0, 10}},
                       .ego_speed = 10};
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"Walker"}, {"Walker"}, 45, false, false});
    test_at(&t, braking(&t) - 0.4);
    const cw_why_candidate *c = candidate(&t, "Walker");
    assert_true(c->seen);
    assert_true(c->removal.before > 20); // the fork is before it was seen last
    is_verdict(&t, "Walker", CW_WHY_TRUE);
    is_verdict(&t, "Bus", CW_WHY_NO_CAUSE);
    finish(&t);
}

// Whoever is hidden behind another is not when that one is seen through or gone, and still is when it is moved aside.
static void what_is_seen_through_hides_nobody(void **state) {
    (void)state;
    truth_road road = {.users = {{"Walker", TRUTH_WALKER, -3, 120, -2.5, 0}, {"Bus", TRUTH_BUS, -3, 71, 0, 0}},
                       .ego_speed = 10};
    cw_scene *scene = truth_scene(&road);
    cw_world_def def = cw_world_defaults(scene);
    cw_world *world = cw_world_new(&def, NULL);
    assert_non_null(world);
    cw_sensor_def sensor = cw_sensor_defaults();
    enum { EGO, WALKER, BUS };
    static const struct {
        cw_intervention row;
        bool sees;
    } cases[] = {{{.kind = CW_ACTOR_CLEAR, .item = BUS}, true},
                 {{.kind = CW_ACTOR_ABSENT, .item = BUS}, true},
                 {{.kind = CW_ALL_CLEAR}, true},
                 {{.kind = CW_ACTOR_ASIDE, .item = BUS, .dx = 0, .dy = 40}, false},
                 {{.kind = CW_ACTOR_CLEAR, .item = WALKER}, false},
                 {{.kind = CW_DRY_SURFACE}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(cw_sense_sees(world, EGO, &sensor, WALKER));
        assert_true(cw_world_intervene(world, &cases[i].row, 1));
        if (cw_sense_sees(world, EGO, &sensor, WALKER) != cases[i].sees)
            fail_msg("with %s", cw_intervention_name((cw_intervention_kind)cases[i].row.kind));
        assert_true(cw_world_intervene(world, NULL, 0));
        cw_actor_state bus;
        cw_world_actor(world, BUS, &bus);
        if (!bus.present) { // a snapshot would bring it back; a new world does as well
            cw_world_free(world);
            world = cw_world_new(&def, NULL);
            assert_non_null(world);
        }
    }
    cw_world_free(world);
    cw_scene_free(scene);
}

static void it_reacts_to_a_light(void **state) {
    (void)state;
    truth_road road = usual();
    road.light_s = 170;
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_LIGHT, {0}, {0}, 50, false, false});
    test_at(&t, braking(&t));
    const cw_why_candidate *c = &t.result->candidates[0];
    assert_true(c->named && c->cause.kind == CW_CAUSE_SIGNAL);
    assert_int_equal(c->verdict, CW_WHY_TRUE);
    assert_true(c->has_aside && c->variant.changed); // green changes it as well
    is_verdict(&t, "7", CW_WHY_NO_CAUSE);
    finish(&t);
}

static void it_ignores_everything(void **state) {
    (void)state;
    truth_road road = usual();
    road.users[0].lane = road.users[1].lane = -1;
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_NEVER, {0}, {"7", "Hidden"}, 60, false, false});
    test_at(&t, 4);
    is_verdict(&t, "7", CW_WHY_REFUTED);
    is_verdict(&t, "3", CW_WHY_NO_CAUSE);
    is_verdict(&t, "Left", CW_WHY_NO_CAUSE);
    is_verdict(&t, "Right", CW_WHY_NO_CAUSE);
    // Named, but nobody behind a house is seen.
    assert_false(candidate(&t, "Hidden")->seen);
    is_verdict(&t, "Hidden", CW_WHY_REFUTED);
    finish(&t);
}

// The same verdicts for the same world seen from elsewhere.
static void from_elsewhere(void **state) {
    (void)state;
    static const truth_driver drivers[] = {{TRUTH_ANY, {"7"}, {"7"}, 60, false, false},
                                           {TRUTH_ANY, {"7"}, {"3"}, 60, false, false},
                                           {TRUTH_ANY, {"7", "3"}, {"7", "3"}, 80, false, false}};
    static const char *const names[] = {"7", "3", "Left", "Right"};
    for (size_t d = 0; d < sizeof drivers / sizeof *drivers; d++) {
        uint8_t wanted[4] = {0};
        float moved[4] = {0};
        for (int view = 0; view < 5; view++) {
            truth_road road = usual();
            road.mirror = view == 1;
            road.turn = view == 2 ? 2.1 : 0;
            road.east = view == 3 ? 30000 : 0;
            road.north = view == 3 ? -30000 : 0;
            road.reversed = view == 4; // other numbers, another order
            tried t;
            drive(&t, &road, &drivers[d]);
            test_at(&t, braking(&t) + 0.8);
            for (int i = 0; i < 4; i++) {
                const cw_why_candidate *c = candidate(&t, names[i]);
                if (view == 0) {
                    wanted[i] = c->verdict;
                    moved[i] = c->removal.moved;
                }
                if (c->verdict != wanted[i])
                    fail_msg("driver %zu, view %d: %s is %s", d, view, names[i],
                             cw_why_verdict_name((cw_why_verdict)c->verdict));
                assert_true(fabsf(c->removal.moved - moved[i]) < 0.02F);
            }
            finish(&t);
        }
    }
}

static void certificates_replay(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7"}, {"7"}, 60, false, false});
    test_at(&t, braking(&t));
    cw_why_result r = *t.result;
    cw_why_candidate c = r.candidates[0];
    cw_intervention rows[2] = {c.removal.rows[0], c.variant.rows[0]};
    cw_error err = {0};
    uint64_t hash;
    assert_int_equal(cw_why_replay(t.why, r.tick, c.removal.before, c.removal.ticks, rows, 1, false, &hash, &err),
                     CW_OK);
    assert_true(hash == c.removal.hash);
    assert_int_equal(cw_why_replay(t.why, r.tick, c.variant.before, c.variant.ticks, rows + 1, 1, false, &hash, &err),
                     CW_OK);
    assert_true(hash == c.variant.hash);
    rows[1].dx += 0.001;
    assert_int_equal(cw_why_replay(t.why, r.tick, c.variant.before, c.variant.ticks, rows + 1, 1, false, &hash, &err),
                     CW_OK);
    assert_true(hash != c.variant.hash); // another intervention, another world
    finish(&t);
}

// One thread or two, a trace with keyframes or without: the same.
static void it_is_the_same_however_it_is_done(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7"}, {"7"}, 60, false, false});
    double at = braking(&t);
    test_at(&t, at);
    uint64_t removal = t.result->candidates[0].removal.hash, direct = t.result->candidates[0].direct_removal.hash;
    cw_why_close(t.why);
    cw_trace *bare;
    cw_episode_result again;
    cw_error err = {0};
    t.def.keyframes = false;
    assert_int_equal(cw_episode_run(&t.def, &bare, &again, &err), CW_OK);
    cw_why_def def = cw_why_defaults(&t.def, bare);
    def.threads = 1;
    assert_int_equal(cw_why_open(&def, &t.why, &err), CW_OK);
    test_at(&t, at);
    assert_true(t.result->candidates[0].removal.hash == removal);
    assert_true(t.result->candidates[0].direct_removal.hash == direct);
    cw_why_close(t.why);
    // Of another run the trace says otherwise: nothing is tested then.
    t.def.seed = 2;
    t.def.driver = truth_drives(&(truth_driver){TRUTH_ANY, {"7"}, {"7"}, 61, false, false}, t.scene);
    assert_int_equal(cw_why_open(&def, &t.why, &err), CW_OK);
    assert_int_equal(cw_why_test(t.why, cw_why_tick_at(t.why, (int64_t)llround((at + 1) * 1e9)), &t.result, &err),
                     CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "differs at step"));
    cw_trace_free(bare);
    cw_arena_free(again.arena);
    finish(&t);
}

// Of a driver that takes no state back each run begins at step 0, and gives the same.
static void it_is_driven_from_the_start(void **state) {
    (void)state;
    truth_road road = usual();
    uint64_t removal[2], variant[2];
    double at = 0;
    for (int forgets = 0; forgets < 2; forgets++) {
        truth_driver driver = {TRUTH_ANY, {"7"}, {"7"}, 60, forgets == 1, false};
        tried t;
        drive(&t, &road, &driver);
        at = forgets ? at : braking(&t);
        test_at(&t, at);
        is_verdict(&t, "7", CW_WHY_TRUE);
        is_verdict(&t, "3", CW_WHY_NO_CAUSE);
        removal[forgets] = t.result->candidates[0].removal.hash;
        variant[forgets] = t.result->candidates[0].variant.hash;
        finish(&t);
    }
    assert_true(removal[0] == removal[1] && variant[0] == variant[1]);
}

static void it_does_not_repeat(void **state) {
    (void)state;
    truth_road road = usual();
    tried t;
    drive(&t, &road, &(truth_driver){TRUTH_ANY, {"7"}, {"7"}, 60, true, true});
    cw_error err = {0};
    assert_int_equal(cw_why_test(t.why, cw_why_tick_at(t.why, (int64_t)llround(braking(&t) * 1e9)), &t.result, &err),
                     CW_OK);
    assert_non_null(t.result->untestable);
    assert_string_equal(t.result->untestable, "the driver does not repeat");
    finish(&t);
}

// The classical driver names what its own law would drive otherwise without, and that holds.
static void classical_names_what_holds(void **state) {
    (void)state;
    truth_road road = usual();
    road.users[0].offset = 0;
    road.users[1] = road.users[2];
    road.users[2] = road.users[3];
    road.users[3] = (truth_user){0};
    tried t;
    cw_error err = {0};
    t.scene = truth_scene(&road);
    t.def = cw_episode_defaults(t.scene);
    t.def.driver = cw_driver_find("classical");
    t.def.evaluator = false;
    t.def.keyframes = true;
    t.def.duration = 14;
    assert_int_equal(cw_episode_run(&t.def, &t.trace, &t.run, &err), CW_OK);
    cw_why_def def = cw_why_defaults(&t.def, t.trace);
    assert_int_equal(cw_why_open(&def, &t.why, &err), CW_OK);
    uint32_t held = 0, claims = 0;
    for (double at = 3; at < 9; at += 1.5) {
        test_at(&t, at);
        for (uint32_t i = 0; i < t.result->named; i++) {
            const cw_why_candidate *c = &t.result->candidates[i];
            if (c->actor != CW_NONE)
                assert_string_equal(t.scene->actors[c->actor].name, "7"); // the others drive beside
            if (c->verdict == CW_WHY_TRUE && c->actor != CW_NONE) {
                held++;
                // What it claims is about what there is.
                if (isfinite(c->cause.effect) && t.result->horizon == 3 &&
                    fabsf(c->cause.effect - c->removal.further) > 0.5F * fabsf(c->removal.further) + 0.5F)
                    fail_msg("at %g s it claims %g m, and it is %g m", at, (double)c->cause.effect,
                             (double)c->removal.further);
                claims += isfinite(c->cause.effect) ? 1 : 0;
            }
        }
    }
    assert_true(held >= 2 && claims >= 2);
    finish(&t);
}

// Whether its reason is asked for changes nothing of what is done.
static void an_unasked_decision_is_the_same(void **state) {
    (void)state;
    char path[1024];
    cw_error err = {0};
    cw_scene *scene;
    snprintf(path, sizeof path, "%s/scenes/town.xosc", getenv("CAUSEWAY_SOURCE"));
    assert_int_equal(cw_scene_read_file(path, NULL, &scene, &err), CW_OK);
    uint64_t hash[2];
    uint32_t causes[2] = {0};
    for (int unasked = 0; unasked < 2; unasked++) {
        cw_episode_def def = cw_episode_defaults(scene);
        def.driver = cw_driver_find("classical");
        cw_fork *fork;
        assert_int_equal(cw_fork_open(&def, &fork, &err), CW_OK);
        for (int64_t tick = 0; tick < 200; tick++) {
            cw_fork_tick t = unasked ? cw_fork_decide_unasked(fork, tick) : cw_fork_decide(fork, tick);
            causes[unasked] += t.driven ? t.decision->reason.count : 0;
            for (int i = 0; i < 10; i++)
                cw_world_step(cw_fork_world(fork));
        }
        hash[unasked] = cw_world_hash(cw_fork_world(fork));
        cw_fork_close(fork);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(causes[0] > 50 && causes[1] < causes[0]);
    cw_scene_free(scene);
}

// Decisions far apart in a run with a route, there and back: the fork finds the mission of each again.
static void a_route_is_found_again(void **state) {
    (void)state;
    tried t;
    char path[1024];
    cw_error err = {0};
    snprintf(path, sizeof path, "%s/scenes/town.xosc", getenv("CAUSEWAY_SOURCE"));
    assert_int_equal(cw_scene_read_file(path, NULL, &t.scene, &err), CW_OK);
    t.def = cw_episode_defaults(t.scene);
    t.def.driver = cw_driver_find("classical");
    t.def.keyframes = true;
    t.def.duration = 40;
    assert_int_equal(cw_episode_run(&t.def, &t.trace, &t.run, &err), CW_OK);
    cw_why_def def = cw_why_defaults(&t.def, t.trace);
    def.joint = def.direct = false;
    assert_int_equal(cw_why_open(&def, &t.why, &err), CW_OK);
    uint64_t hash[4];
    static const double times[] = {4.1, 33.7, 4.1, 19.2};
    for (int i = 0; i < 4; i++) {
        test_at(&t, times[i]);
        hash[i] = t.result->hash;
    }
    assert_true(hash[0] == hash[2] && hash[0] != hash[1]);
    finish(&t);
}

// Counts that can be checked by hand: two decisions of one scene, one of another.
static void a_table_counts(void **state) {
    (void)state;
    cw_why_table *table = cw_why_table_new(1);
    cw_why_candidate first[] = {
        {.cause = {.kind = CW_CAUSE_VEHICLE},
         .actor = 1,
         .named = true,
         .seen = true,
         .distance = 9,
         .ttc = 1,
         .verdict = CW_WHY_TRUE},
        {.cause = {.kind = CW_CAUSE_VEHICLE},
         .actor = 2,
         .seen = true,
         .distance = 5,
         .ttc = 7,
         .verdict = CW_WHY_NO_CAUSE},
        {.cause = {.kind = CW_CAUSE_SIGNAL}, .actor = CW_NONE, .seen = true, .verdict = CW_WHY_MISSED}};
    cw_why_candidate second[] = {
        {.cause = {.kind = CW_CAUSE_VEHICLE},
         .actor = 1,
         .named = true,
         .seen = true,
         .distance = 9,
         .ttc = 9,
         .verdict = CW_WHY_REFUTED},
        {.cause = {.kind = CW_CAUSE_SIGNAL}, .actor = CW_NONE, .named = true, .seen = true, .verdict = CW_WHY_JOINT},
        {.cause = {.kind = CW_CAUSE_OCCLUSION},
         .actor = 3,
         .named = true,
         .seen = true,
         .distance = 1,
         .verdict = CW_WHY_SIGHT}};
    assert_true(cw_why_table_scene(table));
    cw_why_table_add(table, &(cw_why_result){.tick = 1,
                                             .reason = {.longitudinal = CW_YIELD},
                                             .count = 3,
                                             .named = 1,
                                             .candidates = first,
                                             .placebos = 4});
    cw_why_table_add(table, &(cw_why_result){.tick = 2,
                                             .reason = {.longitudinal = CW_KEEP_SPEED},
                                             .count = 3,
                                             .named = 3,
                                             .candidates = second,
                                             .placebos = 4,
                                             .placebos_changed = 1});
    assert_true(cw_why_table_scene(table));
    cw_why_table_add(table, &(cw_why_result){.untestable = "the driver does not repeat"});
    cw_table_result *r = calloc(1, sizeof *r);
    assert_non_null(r);
    cw_why_table_finish(table, r);
    assert_int_equal(r->scenes, 2);
    assert_int_equal(r->decisions, 1);
    assert_int_equal(r->plain, 1);
    assert_int_equal(r->untestable, 1);
    assert_int_equal(r->placebos_changed, 1);
    // Vehicle 1 of 2, signal 1 of 1, occlusion 1 of 1: on average over the kinds 5/6. True: vehicle 1 of 1, signal 1 of 2.
    assert_true(fabs(r->scores[CW_TABLE_STATED].precision - 5.0 / 6) < 1e-12);
    assert_true(fabs(r->scores[CW_TABLE_STATED].recall - (1 + 0.5 + 1) / 3) < 1e-12);
    // The nearest is never the cause, the one with the smallest time is once of twice.
    assert_true(r->scores[CW_TABLE_NEAREST].precision == 0);
    assert_true(fabs(r->scores[CW_TABLE_TTC].precision - 0.5) < 1e-12);
    assert_true(r->scores[CW_TABLE_STATED].precision_low <= r->scores[CW_TABLE_STATED].precision);
    free(r);
    cw_why_table_free(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_brakes_for_seven_and_says_so),
                                       cmocka_unit_test(it_brakes_for_seven_and_says_three),
                                       cmocka_unit_test(either_is_enough),
                                       cmocka_unit_test(one_of_three_is_enough),
                                       cmocka_unit_test(both_are_needed),
                                       cmocka_unit_test(it_remembers_what_is_out_of_sight),
                                       cmocka_unit_test(what_is_seen_through_hides_nobody),
                                       cmocka_unit_test(it_reacts_to_a_light),
                                       cmocka_unit_test(it_ignores_everything),
                                       cmocka_unit_test(from_elsewhere),
                                       cmocka_unit_test(certificates_replay),
                                       cmocka_unit_test(a_route_is_found_again),
                                       cmocka_unit_test(it_is_driven_from_the_start),
                                       cmocka_unit_test(it_does_not_repeat),
                                       cmocka_unit_test(classical_names_what_holds),
                                       cmocka_unit_test(an_unasked_decision_is_the_same),
                                       cmocka_unit_test(a_table_counts),
                                       cmocka_unit_test(it_is_the_same_however_it_is_done)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
