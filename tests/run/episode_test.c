// An episode repeats, goes on from a keyframe as if it had never stopped, and ends as it should.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/run.h"
#include "causeway/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cw_scene *town(void) {
    char path[1024];
    snprintf(path, sizeof path, "%s/scenes/town.xosc", getenv("CAUSEWAY_SOURCE"));
    cw_scene *scene;
    cw_error err = {0};
    if (cw_scene_read_file(path, NULL, &scene, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    return scene;
}

static cw_trace *run(const cw_episode_def *def, cw_episode_result *result) {
    cw_trace *trace;
    cw_error err = {0};
    if (cw_episode_run(def, &trace, result, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    return trace;
}

// The messages of a channel of `a` from index `from` on are those of `b` from its first on.
static void same_messages(const cw_trace *a, size_t from, const cw_trace *b, const char *topic) {
    uint32_t ca = cw_trace_find(a, topic), cb = cw_trace_find(b, topic);
    size_t count = cw_trace_count(b, cb);
    assert_true(count > 0);
    assert_int_equal(cw_trace_count(a, ca), from + count);
    for (size_t i = 0; i < count; i++) {
        cw_message ma = cw_trace_message(a, ca, from + i), mb = cw_trace_message(b, cb, i);
        assert_int_equal(ma.time_ns, mb.time_ns);
        assert_int_equal(ma.size, mb.size);
        assert_memory_equal(ma.bytes, mb.bytes, ma.size);
    }
}

static cw_episode_def town_def(const cw_scene *scene, const char *driver) {
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = driver ? cw_driver_find(driver) : NULL;
    def.duration = 12;
    return def;
}

static void it_repeats(void **state) {
    (void)state;
    static const char *const drivers[] = {NULL,   "classical", "random", "human",  "razor", "swap", "spin",
                                          "late", "frozen",    "nan",    "reg157", "rss",   "fsm"};
    cw_scene *scene = town();
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        cw_episode_def def = town_def(scene, drivers[i]);
        cw_episode_result ra, rb;
        cw_trace *a = run(&def, &ra), *b = run(&def, &rb);
        assert_int_equal(ra.steps, 1200);
        assert_true(ra.hash == rb.hash);
        same_messages(a, 0, b, "/causeway/step");
        same_messages(a, 0, b, "/causeway/actors");
        if (drivers[i])
            same_messages(a, 0, b, "/causeway/decision");
        cw_trace_free(a);
        cw_trace_free(b);
        cw_arena_free(ra.arena);
        cw_arena_free(rb.arena);
    }
    cw_scene_free(scene);
}

static void another_seed_drives_random_otherwise(void **state) {
    (void)state;
    cw_scene *scene = town();
    cw_episode_def def = town_def(scene, "random");
    cw_episode_result ra, rb;
    cw_trace *a = run(&def, &ra);
    def.seed = 2;
    cw_trace *b = run(&def, &rb);
    assert_true(ra.hash != rb.hash);
    cw_trace_free(a);
    cw_trace_free(b);
    cw_arena_free(ra.arena);
    cw_arena_free(rb.arena);
    cw_scene_free(scene);
}

// World, tracker, driver and evaluator from a keyframe at 5 s: the 700 steps that follow are the same to the bit.
static void it_goes_on_from_a_keyframe(void **state) {
    (void)state;
    static const char *const drivers[] = {"classical", "random", "human",  "razor", "swap",
                                          "spin",      "late",   "frozen", "nan"};
    cw_scene *scene = town();
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        cw_episode_def def = town_def(scene, drivers[i]);
        def.keyframes = true;
        static const char *const noisy[] = {"sensor.miss_rate=0.4", "sensor.position_noise=0.2"}; // the tracker matters
        def.set = noisy;
        def.set_count = 2;
        cw_episode_result ra, rb;
        cw_trace *a = run(&def, &ra);
        uint32_t channel = cw_trace_find(a, "/causeway/state");
        assert_int_equal(cw_trace_count(a, channel), 13);
        void *keyframe;
        size_t size;
        cw_error err = {0};
        assert_int_equal(cw_trace_message(a, channel, 5).time_ns, 5000000000);
        assert_int_equal(cw_keyframe_read(a, 5, &keyframe, &size, &err), CW_OK);
        assert_true(cw_trace_message(a, channel, 5).size < size / 2); // only what has changed is written
        def.resume = keyframe;
        def.resume_size = size;
        cw_trace *b = run(&def, &rb);
        assert_true(ra.hash == rb.hash);
        assert_int_equal(rb.steps, 1200);
        // Another process has the map elsewhere: a keyframe says nothing of where.
        cw_scene *elsewhere = town();
        def.scene = elsewhere;
        def.resume = NULL;
        cw_episode_result rc;
        cw_trace *c = run(&def, &rc);
        same_messages(a, 0, c, "/causeway/state");
        cw_trace_free(c);
        cw_arena_free(rc.arena);
        cw_scene_free(elsewhere);
        def.scene = scene;
        def.resume = keyframe;
        same_messages(a, 500, b, "/causeway/step");
        same_messages(a, 51, b, "/causeway/decision");
        same_messages(a, 51, b, "/causeway/actors");
        same_messages(a, 51, b, "/causeway/plan");
        cw_trace_free(b);
        cw_arena_free(rb.arena);
        // Of another length, or of another state table: refused.
        ((unsigned char *)keyframe)[0] ^= 1;
        assert_int_equal(cw_episode_run(&def, &b, &rb, &err), CW_ERR_INPUT);
        def.resume_size = size - 1;
        assert_int_equal(cw_episode_run(&def, &b, &rb, &err), CW_ERR_INPUT);
        free(keyframe);
        assert_int_equal(cw_keyframe_read(a, 13, &keyframe, &size, NULL), CW_ERR_INPUT);
        cw_trace_free(a);
        cw_arena_free(ra.arena);
    }
    cw_scene_free(scene);
}

// A driver that counts its decisions and saves the count in its own way.
static size_t counter_size(const cw_driver_def *def) {
    return def ? 16 : 0; // of which it writes four
}

static cw_status counter_reset(void *memory, const cw_driver_def *def, cw_error *err) {
    (void)def, (void)err;
    memset(memory, 0, 16);
    return CW_OK;
}

static void counter_decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    *decision = (cw_decision){.valid = true, .step = obs->step, .margin = NAN};
    ++*(uint32_t *)memory;
}

static void counter_save(const void *memory, void *bytes) {
    memcpy(bytes, memory, 4);
}

static bool counter_restore(void *memory, const void *bytes) {
    memcpy(memory, bytes, 4);
    return true;
}

static bool forget(void *memory, const void *bytes) {
    return memory && bytes;
}

static void a_driver_that_does_not_restore_is_named(void **state) {
    (void)state;
    cw_driver counter = {.name = "counter",
                         .state_size = counter_size,
                         .reset = counter_reset,
                         .decide = counter_decide,
                         .save = counter_save,
                         .restore = counter_restore,
                         .repeatable = true};
    cw_scene *scene = town();
    cw_episode_def def = town_def(scene, "constant");
    def.driver = &counter;
    def.duration = 3.0;
    def.keyframes = true;
    cw_episode_result ra, rb;
    cw_trace *a = run(&def, &ra), *b;
    void *keyframe;
    size_t size;
    cw_error err = {0};
    assert_int_equal(cw_keyframe_read(a, 2, &keyframe, &size, &err), CW_OK);
    def.resume = keyframe;
    def.resume_size = size;
    b = run(&def, &rb);
    assert_true(ra.hash == rb.hash);
    cw_trace_free(b);
    cw_arena_free(rb.arena);
    counter.restore = forget;
    assert_int_equal(cw_episode_run(&def, &b, &rb, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "driver counter: its saved state does not restore"));
    assert_null(b);
    free(keyframe);
    cw_trace_free(a);
    cw_arena_free(ra.arena);
    cw_scene_free(scene);
}

// The classical driver, and what it was told and said of a missed turn.
static int64_t said_at, rerouted_at;

static void decide_and_note(void *memory, const cw_obs *obs, cw_decision *decision) {
    cw_driver_find("classical")->decide(memory, obs, decision);
    for (uint8_t i = 0; i < decision->reason.count; i++)
        if (decision->reason.cause[i].relation == CW_REL_MISSED && said_at < 0)
            said_at = obs->time_ns;
    if (obs->mission->rerouted && rerouted_at < 0)
        rerouted_at = obs->time_ns;
}

// In dense traffic nobody lets it into the lane of its turn: it says so, drives on and takes another way to the same goal.
// From a keyframe beyond that the run goes on to the bit.
static void a_missed_turn_is_made_good(void **state) {
    (void)state;
    cw_town_def town_of = cw_town_defaults(12);
    town_of.traffic = 40;
    cw_scene *scene;
    assert_int_equal(cw_town_make(&town_of, &scene, NULL), CW_OK);
    cw_driver noting = *cw_driver_find("classical");
    noting.decide = decide_and_note;
    said_at = rerouted_at = -1;
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = &noting;
    def.duration = 60;
    def.keyframes = true;
    cw_episode_result ra, rb;
    cw_trace *a = run(&def, &ra);
    assert_true(said_at > 0);
    assert_true(rerouted_at > said_at && rerouted_at < said_at + 15000000000);
    assert_true(ra.mission.rerouted && ra.mission.has_goal);
    double x = scene->goals[0].regions[0].x;
    assert_true(fabs(ra.mission.goal_x - x) < 1e-9);
    void *keyframe;
    size_t size, index = (size_t)(rerouted_at / 1000000000) + 1;
    assert_int_equal(cw_keyframe_read(a, index, &keyframe, &size, NULL), CW_OK);
    def.resume = keyframe;
    def.resume_size = size;
    cw_trace *b = run(&def, &rb);
    assert_true(ra.hash == rb.hash);
    same_messages(a, 10 * index + 1, b, "/causeway/decision");
    free(keyframe);
    cw_trace_free(a);
    cw_trace_free(b);
    cw_arena_free(ra.arena);
    cw_arena_free(rb.arena);
    cw_scene_free(scene);
}

// Vehicles of the traffic driven by the classical driver: their share goes under control and moves, the run repeats, and from
// a keyframe goes on to the bit, with trackers and drivers of them all.
static void traffic_is_driven(void **state) {
    (void)state;
    uint64_t hashes[3];
    for (int k = 0; k < 3; k++) { // nobody, half of them, all
        cw_scene *scene = town();
        cw_traffic_params params = cw_traffic_defaults();
        params.pedestrians = params.cyclists = 0;
        assert_int_equal(cw_scene_add_traffic(scene, 12, &params, CW_TRAFFIC_IDM, NULL), CW_OK);
        cw_episode_def def = town_def(scene, "classical");
        def.others = k > 0 ? cw_driver_find("classical") : NULL;
        def.others_share = k == 1 ? 0.5 : 1;
        def.keyframes = true;
        cw_episode_result ra, rb;
        cw_trace *a = run(&def, &ra);
        assert_int_equal(ra.others, k == 0 ? 0 : k == 1 ? ra.others : 12);
        assert_true(k != 1 || (ra.others > 1 && ra.others < 11));
        hashes[k] = ra.hash;
        void *keyframe;
        size_t size;
        assert_int_equal(cw_keyframe_read(a, 5, &keyframe, &size, NULL), CW_OK);
        def.resume = keyframe;
        def.resume_size = size;
        cw_trace *b = run(&def, &rb);
        assert_true(ra.hash == rb.hash);
        same_messages(a, 500, b, "/causeway/step");
        free(keyframe);
        cw_trace_free(a);
        cw_trace_free(b);
        cw_arena_free(ra.arena);
        cw_arena_free(rb.arena);
        cw_scene_free(scene);
    }
    assert_true(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
}

static void settings_by_name(void **state) {
    (void)state;
    cw_scene *scene = town();
    cw_episode_def def = town_def(scene, "classical");
    def.duration = 0.3;
    static const char *const good[] = {"a1.leader_brake=8", "sensor.range=60"};
    def.set = good;
    def.set_count = 2;
    cw_episode_result result;
    cw_trace *trace = run(&def, &result);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    static const char *const bad[] = {"a1.nothing=1", "sensor.nothing=1", "sensor.range=-1", "sensor.range=far",
                                      "other.x=1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cw_error err = {0};
        def.set = &bad[i];
        def.set_count = 1;
        assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_USAGE);
        assert_null(trace);
    }
    cw_scene_free(scene);
}

static void goals(void **state) {
    (void)state;
    cw_actor ego = {.center_x = 1};
    cw_region box = {.kind = 0, .box = {.x = 10, .y = 0, .ux = 1, .uy = 0, .half_length = 2, .half_width = 1}};
    cw_goal goal = {.region_count = 1,
                    .regions = &box,
                    .time_low = 1,
                    .time_high = 2,
                    .speed_low = -INFINITY,
                    .speed_high = 5,
                    .heading_low = 3.0F, // an interval across pi
                    .heading_high = 3.4F};
    cw_scene scene = {.actors = &ego, .actor_count = 1, .goal_count = 1, .goals = &goal};
    // the box's centre counts: 1 m ahead of the reference point, here towards -x
    assert_true(cw_goal_reached(&scene, 1.5, (cw_pose){11, 0, CW_PI}, 4));
    assert_true(cw_goal_reached(&scene, 1.5, (cw_pose){11, 0, -3.1}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){11, 0, -2.5}, 4));
    assert_true(cw_goal_reached(&scene, 1.5, (cw_pose){12.9, 0.9, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){13.1, 0, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){11, 1.1, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 0.9, (cw_pose){11, 0, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 2.1, (cw_pose){11, 0, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){11, 0, CW_PI}, 5.1F));
    static const cw_vec2 corner[] = {{8, -1}, {12, -1}, {10, 3}};
    cw_region triangle = {.kind = 2, .point_count = 3, .points = corner};
    goal.regions = &triangle;
    assert_true(cw_goal_reached(&scene, 1.5, (cw_pose){11, 2, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){12.8, 2, CW_PI}, 4));
    cw_region circle = {.kind = 1, .x = 10, .y = 0, .radius = 1};
    goal.regions = &circle;
    assert_true(cw_goal_reached(&scene, 1.5, (cw_pose){11.9, 0, CW_PI}, 4));
    assert_false(cw_goal_reached(&scene, 1.5, (cw_pose){12.1, 0, CW_PI}, 4));
}

static volatile int stop_now;

static void on_progress(void *context, double now, double end) {
    (void)end;
    *(double *)context = now;
    if (now >= 2)
        stop_now = 1;
}

static void an_interrupt_leaves_a_whole_trace(void **state) {
    (void)state;
    cw_scene *scene = town();
    cw_episode_def def = town_def(scene, "classical");
    double last = 0;
    stop_now = 0;
    def.interrupt = &stop_now;
    def.progress = on_progress;
    def.context = &last;
    cw_episode_result result;
    cw_trace *trace = run(&def, &result);
    assert_int_equal(result.end, CW_ENDED_INTERRUPT);
    assert_true(fabs(result.duration - 2) < 1e-9 && fabs(last - 2) < 1e-9);
    assert_int_equal(cw_trace_count(trace, cw_trace_find(trace, "/causeway/step")), 200);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    cw_scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_repeats),
                                       cmocka_unit_test(another_seed_drives_random_otherwise),
                                       cmocka_unit_test(it_goes_on_from_a_keyframe),
                                       cmocka_unit_test(a_driver_that_does_not_restore_is_named),
                                       cmocka_unit_test(a_missed_turn_is_made_good),
                                       cmocka_unit_test(traffic_is_driven),
                                       cmocka_unit_test(settings_by_name),
                                       cmocka_unit_test(goals),
                                       cmocka_unit_test(an_interrupt_leaves_a_whole_trace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
