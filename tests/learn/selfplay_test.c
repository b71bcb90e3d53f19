// Self-play: the same again for a seed, going on, one process a folder, disks that are full, losses that explode; rewards.
#include "causeway/learn.h"
#include "causeway/synth.h"
#include "causeway/world.h"
#include "learn/crowd.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static void near_to(double got, double wanted, double by) {
    if (!(fabs(got - wanted) <= by))
        fail_msg("%.9g, expected %.9g", got, wanted);
}

static int make_folder(void **state) {
    (void)state;
    static int number;
    snprintf(folder, sizeof folder, "selfplay-%ld-%d", (long)getpid(), number++);
    return mkdir(folder, 0777);
}

static const char *file(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int drop_folder(void **state) {
    (void)state;
    static const char *const names[] = {"lock", "reflex.safetensors", "state.safetensors", "metrics.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(file(names[i]));
    return rmdir(folder);
}

static cw_selfplay_def small(void) {
    cw_selfplay_def def = cw_selfplay_defaults(folder);
    def.towns = 1;
    def.worlds = 2;
    def.rollout = 8;
    def.threads = 1;
    def.steps = 400; // two updates or three
    return def;
}

static cw_status run(const cw_selfplay_def *def, cw_selfplay_progress *last, cw_error *err) {
    *err = (cw_error){0};
    return cw_selfplay_run(def, last, err);
}

static uint64_t hash_of(const char *name) {
    cw_tensors *t;
    cw_error err = {0};
    assert_int_equal(cw_tensors_open(file(name), &t, &err), CW_OK);
    uint32_t count;
    const cw_tensor_view *list = cw_tensors_all(t, &count);
    uint64_t hash = 1;
    assert_true(count > 10);
    for (uint32_t i = 0; i < count; i++)
        hash = cw_hash_bytes(hash, list[i].floats, list[i].count * sizeof(float));
    cw_tensors_free(t);
    return hash;
}

static void the_same_seed_gives_the_same_weights(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    uint64_t hashes[3];
    for (int i = 0; i < 3; i++) {
        def.threads = i == 1 ? 2 : 1; // and that on any number of threads
        def.seed = i == 2 ? 8 : 7;
        assert_int_equal(run(&def, &last, &err), CW_OK);
        hashes[i] = hash_of("state.safetensors");
        hash_of("reflex.safetensors");
        drop_folder(NULL);
        make_folder(NULL);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    assert_true(last.steps >= 400 && last.iteration >= 2 && isfinite(last.loss));
}

static void it_goes_on(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress first, then;
    cw_error err;
    def.resume = true; // from nothing
    assert_int_equal(run(&def, &first, &err), CW_ERR_IO);
    def.resume = false;
    assert_int_equal(run(&def, &first, &err), CW_OK);
    uint64_t before = hash_of("state.safetensors");
    assert_int_equal(run(&def, &then, &err), CW_ERR_USAGE); // it does not write over a training
    assert_non_null(strstr(err.text, "--resume"));
    assert_true(hash_of("state.safetensors") == before);
    def.resume = true;
    assert_int_equal(run(&def, &then, &err), CW_OK);
    assert_true(then.iteration > first.iteration && then.steps >= first.steps + def.steps);
    assert_true(hash_of("state.safetensors") != before);
    def.seed = 2;
    assert_int_equal(run(&def, &then, &err), CW_ERR_USAGE); // another training
    // A state that is none.
    def.seed = 1;
    assert_int_equal(cw_file_write(file("state.safetensors"), "12345678901234567890", 20, &err), CW_OK);
    assert_int_equal(run(&def, &then, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "safetensors"));
    // A curve with a line for each iteration.
    char *text;
    size_t size, lines = 0;
    assert_int_equal(cw_file_read(file("metrics.csv"), 0, &text, &size, &err), CW_OK);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    assert_true(lines >= 5 && memcmp(text, "iteration,steps,", 16) == 0);
    free(text);
}

static void one_process_a_folder(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    int other = open(file("lock"), O_RDWR | O_CREAT, 0666);
    assert_true(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    assert_int_equal(run(&def, &last, &err), CW_ERR_IO);
    assert_non_null(strstr(err.text, "another process"));
    close(other);
    def.folder = "there/is/no/such/folder";
    assert_int_equal(run(&def, &last, &err), CW_ERR_IO);
}

static void test_towns_are_not_learned_from(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    def.seed = cw_seed_in(CW_SEED_TEST, 3);
    assert_int_equal(run(&def, &last, &err), CW_ERR_USAGE);
}

static void a_full_disk_loses_nothing(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    assert_int_equal(run(&def, &last, &err), CW_OK);
    uint64_t before = hash_of("state.safetensors");
    struct rlimit kept, little;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &kept);
    little = kept;
    little.rlim_cur = 50000; // less than the weights take
    setrlimit(RLIMIT_FSIZE, &little);
    def.resume = true;
    cw_status status = run(&def, &last, &err);
    setrlimit(RLIMIT_FSIZE, &kept);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, CW_ERR_IO);
    assert_true(hash_of("state.safetensors") == before);
}

static void an_explosion_is_named(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    assert_int_equal(run(&def, &last, &err), CW_OK);
    uint64_t before = hash_of("state.safetensors");
    def.resume = true;
    def.rewards.offset = -INFINITY;
    assert_int_equal(run(&def, &last, &err), CW_ERR_INTERNAL);
    assert_non_null(strstr(err.text, "exploded"));
    assert_true(hash_of("state.safetensors") == before);
}

static void interrupting_saves(void **state) {
    (void)state;
    cw_selfplay_def def = small();
    cw_selfplay_progress last;
    cw_error err;
    const volatile int now = 1;
    def.interrupt = &now;
    assert_int_equal(run(&def, &last, &err), CW_ERR_INTERRUPTED);
    hash_of("state.safetensors");
    hash_of("reflex.safetensors");
    assert_int_equal(last.iteration, 1);
}

// ---- rewards ---------------------------------------------------------------------------------------------------------------

enum { RED = CW_REFLEX_AT_SIGNALS, FLOATS = CW_REFLEX_FLOATS };

typedef struct moment { // one agent before and after a step
    float before[FLOATS], after[FLOATS], route_before;
    cw_member member;
    cw_batch_info info;
    cw_crowd crowd;
} moment;

static float worth(moment *m, const float *action) {
    m->crowd = (cw_crowd){.agents = 1,
                          .usual = true, // steps of 0.1 s
                          .floats = FLOATS,
                          .observations = m->after,
                          .infos = &m->info,
                          .route_before = &m->route_before,
                          .members = &m->member};
    cw_rewards w = cw_rewards_defaults();
    return cw_crowd_reward(&m->crowd, &w, 0, m->before, action);
}

static moment usual(void) { // 8 m/s of 10 wished, in the middle of its route
    moment m = {.info = {.route_s = 20.8f, .steps = 1}, .route_before = 20};
    m.member.character = (cw_character){.speed = 10, .haste = 0.5f, .comfort = 0.5f, .gap = 1.2f};
    m.before[0] = m.after[0] = 8.0f / 30;
    m.before[3] = 0.45f; // 4.5 m long
    return m;
}

static void rewards_are_closed_forms(void **state) {
    (void)state;
    const cw_rewards w = cw_rewards_defaults();
    const float none[2] = {0, 0};
    moment m = usual();
    near_to(worth(&m, none), w.progress * 0.8f, 1e-6);
    m = usual();
    m.info.end = CW_AGENT_GOAL;
    near_to(worth(&m, none), w.progress * 0.8f + w.goal, 1e-6);
    m = usual();
    m.info.end = CW_AGENT_CONTACT;
    near_to(worth(&m, none), w.progress * 0.8f + w.contact, 1e-6);
    m = usual();
    m.info.end = CW_AGENT_CONTACT;
    m.member.hit = true;
    near_to(worth(&m, none), w.progress * 0.8f + w.hit, 1e-6);
    m = usual(); // faster than it wishes: no more for the way, and less for the speed
    m.info.route_s = 21.5f;
    m.after[0] = 15.0f / 30;
    near_to(worth(&m, none), w.progress + 5 * w.overspeed, 1e-6);
    m = usual(); // half a metre aside, on either side
    m.before[6] = -0.1f;
    near_to(worth(&m, none), w.progress * 0.8f + 0.5f * w.offset, 1e-6);
    m = usual(); // somebody comes from the right, and both would be where their ways cross in a second
    float *user = m.before + CW_REFLEX_SELF, *meets = user + CW_REFLEX_MEETS;
    user[3] = 8.0f / 30;
    user[4] = 0.45f;
    user[CW_REFLEX_SEEN - 1] = 0.125f;
    meets[1] = 1;
    meets[3] = meets[4] = 8.0f / 50;
    near_to(worth(&m, none), w.progress * 0.8f + w.near * 0.75f, 1e-6);
    meets[4] = 8.0f / 50 + 8 * 0.9f / 50; // 0.9 s apart
    near_to(worth(&m, none), w.progress * 0.8f + w.near * 0.375f, 1e-6);
    meets[4] = -6.0f / 50; // it is gone
    near_to(worth(&m, none), w.progress * 0.8f, 1e-6);
    m = usual();
    m.member.character.haste = 1; // presses on
    near_to(worth(&m, none), 1.4f * w.progress * 0.8f, 1e-6);
}

static void a_red_light_is_run_by_the_front(void **state) {
    (void)state;
    const cw_rewards w = cw_rewards_defaults();
    const float none[2] = {0, 0}, plain = w.progress * 0.8f;
    static const struct {
        float distance, red, yellow, cost;
    } cases[] = {{4.0f, 1, 0, 1}, {4.6f, 1, 0, 0}, {3.5f, 1, 0, 0}, {4.0f, 0, 0, 0}, {4.0f, 0, 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) { // the front is 3.6 m ahead, and moves 0.8 m
        moment m = usual();
        m.before[RED] = cases[i].distance / 100;
        m.before[RED + 2] = cases[i].red;
        m.before[RED + 3] = cases[i].yellow;
        near_to(worth(&m, none), plain + cases[i].cost * w.red, 1e-6);
        assert_int_equal(m.member.red, cases[i].cost > 0);
    }
}

static void intervals_are_wilsons(void **state) {
    (void)state;
    double low, high, z2 = 1.959963984540054 * 1.959963984540054;
    cw_rate_interval(0, 10, &low, &high);
    near_to(low, 0, 0);
    near_to(high, z2 / (10 + z2), 1e-12);
    cw_rate_interval(10, 10, &low, &high);
    near_to(low, 10 / (10 + z2), 1e-12);
    near_to(high, 1, 0);
    cw_rate_interval(5, 10, &low, &high);
    near_to(low + high, 1, 1e-12);
    cw_rate_interval(0, 0, &low, &high);
    assert_true(low == 0 && high == 1);
}

// ---- what an agent reads ------------------------------------------------------------------------------------------------------

static void the_route_lies_ahead(void **state) {
    (void)state;
    cw_course *course;
    cw_crowd *crowd;
    cw_error err = {0};
    const cw_pick pick = {0, 3};
    assert_int_equal(cw_course_new(CW_SEED_TRAINING, 40, 1, 1, &course, &err), CW_OK);
    assert_int_equal(cw_crowd_new(course, &pick, 1, 1, 1, true, &crowd, &err), CW_OK);
    assert_true(crowd->agents >= 8);
    for (uint32_t i = 0; i < crowd->agents; i++) {
        const float ahead[4] = {0, 1, 12, 13}, *row = crowd->observations + (size_t)i * crowd->floats;
        float p[8];
        cw_batch_route(crowd->batch, i, ahead, 4, p);
        // The foot lies as far to the right as it stands to the left of its route.
        near_to(sqrtf(p[0] * p[0] + p[1] * p[1]), fabsf(row[6] * 5), 0.05);
        // A metre on is a metre on, in the direction that the observation tells.
        float dx = p[2] - p[0], dy = p[3] - p[1];
        near_to(sqrtf(dx * dx + dy * dy), 1, 0.05);
        near_to(dy, -row[7], 0.12);
        assert_true(hypotf(p[6] - p[4], p[7] - p[5]) < 1.1f && hypotf(p[6], p[7]) < 13.6f);
    }
    cw_crowd_free(crowd);
    cw_course_free(course);
}

static cw_reflex_view straight(float speed) {
    cw_reflex_view v = {.character = {.speed = 10, .haste = 0.5f, .comfort = 0.5f, .gap = 1.2f}};
    v.ego[0] = speed / 30;
    v.ego[3] = 0.45f; // 4.5 m long, 1.8 m wide
    v.ego[4] = 0.45f;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        v.way[2 * i] = cw_reflex_ahead[i];
        v.room[2 * i] = v.room[2 * i + 1] = 2;
    }
    return v;
}

static void steering_follows_the_way(void **state) {
    (void)state;
    const float none[2] = {0, 0}, left[2] = {0, 1}, brakes[2] = {-2, 0};
    float accel, steer;
    cw_reflex_view v = straight(8);
    v.plain = -0.5f;
    // On a circle of 20 m to the left: the wheel angle of that circle.
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        double angle = (double)cw_reflex_ahead[i] / 20;
        v.way[2 * i] = (float)(20 * cw_sin(angle));
        v.way[2 * i + 1] = (float)(20 * (1 - cw_cos(angle)));
    }
    cw_reflex_control(none, &v, 3, 8, 0.6f, &accel, &steer);
    near_to(accel, -0.5f, 0); // as the follower does
    near_to(steer, cw_atan(0.6 * 4.5 / 20), 2e-2);
    cw_reflex_control(left, &v, 3, 8, 0.6f, &accel, &steer);
    near_to(steer, cw_atan(0.6 * 4.5 / 20) + 0.15, 2e-2);
    cw_reflex_control(brakes, &v, 3, 8, 0.1f, &accel, &steer);
    near_to(accel, -8, 0);
    near_to(steer, 0.1f, 1e-6); // as far as the wheel turns
}

// The intelligent driver model's own equation, and its limits.
static void the_follower_follows(void **state) {
    (void)state;
    cw_reflex_view v = straight(10);
    cw_reflex_follow(&v);
    near_to(v.plain, 0, 1e-5); // as fast as it wishes
    v = straight(5);
    cw_reflex_follow(&v);
    near_to(v.plain, 2 * (1 - 1.0 / 16), 1e-5);
    float *user = v.users; // the same speed, 10 m from its front to the other's back
    user[0] = (0.8f * 4.5f + 10 + 2.25f) / 50;
    user[3] = 5.0f / 30;
    user[4] = 0.45f;
    user[5] = 0.45f;
    user[6] = 0.125f;
    cw_reflex_follow(&v);
    near_to(v.plain, 2 * (1 - 1.0 / 16 - 0.8 * 0.8), 1e-5); // it wants 2 m and 1.2 s
    user[1] = 3.5f / 50;                                    // in the lane beside it
    cw_reflex_follow(&v);
    near_to(v.plain, 2 * (1 - 1.0 / 16), 1e-5);
    user[6] = 0;
    v.signals[0] = (0.8f * 4.5f + 12) / 100;
    v.signals[2] = 1; // red
    cw_reflex_follow(&v);
    double wanted = 2 + 5 * 0.5 + 25 / (2 * sqrt(2.0 * 2)), share = wanted / 13.5;
    near_to(v.plain, 2 * (1 - 1.0 / 16 - share * share), 1e-5);
    v.signals[2] = 0;
    v.signals[3] = 1; // yellow, and a stop would be hard
    v.signals[0] = (0.8f * 4.5f + 3) / 100;
    cw_reflex_follow(&v);
    near_to(v.plain, 2 * (1 - 1.0 / 16), 1e-5);
}

// A user reads as it stands to the way, wherever the way turns.
static void users_stand_to_the_way(void **state) {
    (void)state;
    float sample[CW_REFLEX_FLOATS];
    cw_reflex_view v = straight(8);
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) // 10 m ahead, then to the left
        if (cw_reflex_ahead[i] > 10) {
            v.way[2 * i] = 10;
            v.way[2 * i + 1] = cw_reflex_ahead[i] - 10;
        }
    const cw_way_meeting meetings[] = {{7, 40, 44, 5, 9, -1, false}, {7, 20, 24, 30, 34, 1, true}};
    v.meetings = meetings;
    v.meeting_count = 2;
    v.s = 2;
    const float row[CW_REFLEX_SEEN] = {10.0f / 50, 20.0f / 50, -0.5f, 4.0f / 30, 0.4f, 0.45f, 0.125f};
    memcpy(v.users, row, sizeof row);
    v.moves[0].lane = 7;
    v.moves[0].travel = 14;
    v.moves[0].yaw_rate = 0.1f;
    cw_reflex_read(&v, sample);
    const float *on = sample + CW_REFLEX_SELF + CW_REFLEX_SEEN, *meets = sample + CW_REFLEX_SELF + CW_REFLEX_MEETS;
    near_to(on[0], 30.0 / 50, 1e-5); // oncoming on its way, 30 m along
    near_to(on[1], 0, 1e-5);
    near_to(on[2], -1, 1e-5);
    near_to(meets[0], 0.1, 1e-6);
    near_to(meets[1], 0.5, 1e-6); // it is past the first; to the second it may go
    near_to(meets[2], 1, 0);
    near_to(meets[3], (20 - 2 - 3.6) / 50, 1e-6);
    near_to(meets[4], (30 - 14 - 2) / 50.0, 1e-6);
    near_to(meets[5], (14.4 / 8 - 14.0 / 4) / 5, 1e-5);
}

// A map that is given is one more town: those in its scenes drive on it, by its own lights.
static void maps_are_towns(void **state) {
    (void)state;
    cw_town_def def = cw_town_defaults(77);
    def.lights = 1;
    cw_scene *given;
    cw_course *course;
    cw_crowd *crowd;
    cw_error err = {0};
    assert_int_equal(cw_town_make(&def, &given, &err), CW_OK);
    assert_int_equal(cw_course_new(CW_SEED_TRAINING, 40, 1, 1, &course, &err), CW_OK);
    assert_int_equal(cw_course_add(course, given, &err), CW_OK);
    assert_int_equal(cw_course_towns(course), 2);
    const cw_pick picks[] = {{0, 1}, {1, 1}};
    assert_int_equal(cw_crowd_new(course, picks, 2, 1, 1, true, &crowd, &err), CW_OK);
    const cw_scene *first = cw_world_scene(cw_batch_world(crowd->batch, 0));
    const cw_scene *second = cw_world_scene(cw_batch_world(crowd->batch, 1));
    assert_ptr_not_equal(first->map, given->map);
    assert_ptr_equal(second->map, given->map);
    assert_true(given->program_count > 0 && second->program_count == given->program_count);
    assert_true(cw_batch_first(crowd->batch, 2) > cw_batch_first(crowd->batch, 1));
    assert_non_null(cw_course_area(course, given->map));
    cw_crowd_free(crowd);
    cw_course_free(course);
    cw_scene_free(given); // it is still there
}

// Its ways lead nowhere where a car's sides would leave the drivable area, though lanes begin and end narrow.
static void ways_have_room(void **state) {
    (void)state;
    cw_course *course;
    cw_crowd *crowd;
    cw_error err = {0};
    cw_pick picks[16];
    uint32_t points = 0, bad = 0;
    for (uint32_t i = 0; i < 16; i++)
        picks[i] = (cw_pick){i % 2, i};
    assert_int_equal(cw_course_new(CW_SEED_TRAINING, 41, 2, 1, &course, &err), CW_OK);
    assert_int_equal(cw_crowd_new(course, picks, 16, 1, 1, true, &crowd, &err), CW_OK);
    for (uint32_t i = 0; i < crowd->agents; i++) {
        const cw_member *m = &crowd->members[i];
        const cw_map *map = cw_world_scene(cw_batch_world(crowd->batch, crowd->infos[i].world))->map;
        for (uint32_t k = 0; k + 40 < m->way_count; k++) { // to its goal
            const cw_way_point *p = &m->way[k];
            cw_box box = {
                .x = p->x, .y = p->y, .ux = (double)p->ux, .uy = (double)p->uy, .half_length = 0.5, .half_width = 0.9};
            points++;
            bad += !cw_area_holds_box(cw_course_area(course, map), &box);
        }
    }
    assert_true(points > 5000);
    assert_int_equal(bad, 0);
    cw_crowd_free(crowd);
    cw_course_free(course);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {IN_FOLDER(the_same_seed_gives_the_same_weights),
                                       IN_FOLDER(it_goes_on),
                                       IN_FOLDER(one_process_a_folder),
                                       IN_FOLDER(test_towns_are_not_learned_from),
                                       IN_FOLDER(a_full_disk_loses_nothing),
                                       IN_FOLDER(an_explosion_is_named),
                                       IN_FOLDER(interrupting_saves),
                                       cmocka_unit_test(rewards_are_closed_forms),
                                       cmocka_unit_test(a_red_light_is_run_by_the_front),
                                       cmocka_unit_test(intervals_are_wilsons),
                                       cmocka_unit_test(the_route_lies_ahead),
                                       cmocka_unit_test(steering_follows_the_way),
                                       cmocka_unit_test(the_follower_follows),
                                       cmocka_unit_test(users_stand_to_the_way),
                                       cmocka_unit_test(maps_are_towns),
                                       cmocka_unit_test(ways_have_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
