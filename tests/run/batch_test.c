// The batch: the same bits on any threads and with any kernel, ends and resets as documented, faults that stay where they are,
// and observations against a plain reckoning of their own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/batch.h"
#include "causeway/format.h"
#include "causeway/vector.h"
#include "causeway/world.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct rig {
    cw_scene_source *source;
    cw_batch *batch;
    cw_vector_def vector;
    uint32_t agents, floats;
    float *actions, *observations, *finals, *rewards;
    uint8_t *terminations, *truncations;
    cw_batch_info *infos;
} rig;

static cw_scene_source *town_source(uint32_t count) {
    char path[1024];
    snprintf(path, sizeof path, "%s/scenes/town.xodr", getenv("CAUSEWAY_SOURCE"));
    cw_scene *base;
    cw_error err = {0};
    if (cw_scene_read_file(path, NULL, &base, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    cw_spawn_def def = cw_spawn_defaults();
    def.count = 5;
    def.count_most = 12;
    cw_scene_source *source;
    assert_int_equal(cw_spawn_source_new(&def, base, count, &source, &err), CW_OK);
    return source;
}

static void start(rig *r, cw_scene_source *source, cw_batch_def *def, cw_vector_def vector) {
    *r = (rig){.source = source, .vector = vector};
    def->observation = &r->vector;
    cw_error err = {0};
    if (cw_batch_new(def, &r->batch, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    r->agents = cw_batch_agents(r->batch);
    r->floats = cw_batch_floats(r->batch);
    size_t n = r->agents, all = n * r->floats;
    r->actions = calloc(2 * n, sizeof *r->actions);
    // NaN: whatever is not written shows.
    r->observations = malloc(all * sizeof(float));
    r->finals = malloc(all * sizeof(float));
    for (size_t i = 0; i < all; i++)
        r->observations[i] = r->finals[i] = NAN;
    r->rewards = calloc(n, sizeof(float));
    r->terminations = calloc(n, 1);
    r->truncations = calloc(n, 1);
    r->infos = calloc(n, sizeof *r->infos);
    cw_batch_set_buffers(r->batch, &(cw_batch_buffers){.actions = r->actions,
                                                       .observations = r->observations,
                                                       .final_observations = r->finals,
                                                       .rewards = r->rewards,
                                                       .terminations = r->terminations,
                                                       .truncations = r->truncations,
                                                       .infos = r->infos});
    cw_batch_reset(r->batch, NULL);
}

static void stop(rig *r) {
    cw_batch_free(r->batch);
    cw_spawn_source_free(r->source);
    free(r->actions);
    free(r->observations);
    free(r->finals);
    free(r->rewards);
    free(r->terminations);
    free(r->truncations);
    free(r->infos);
}

static void draw_actions(rig *r, int step) {
    for (uint32_t i = 0; i < 2 * r->agents; i++) {
        double u = cw_rng_uniform((cw_rng_key){.seed = 3, .agent = i, .step = (uint64_t)step}, 0);
        r->actions[i] = (float)(2 * u - 1) * (i % 2 ? 0.3f : 1.0f);
    }
}

static uint64_t hash_of(int threads, cw_vector_kernel kernel, uint8_t autoreset) {
    cw_scene_source *source = town_source(6);
    cw_batch_def def = cw_batch_defaults(source);
    def.worlds = 15;
    def.horizon = 20;
    def.threads = threads;
    def.autoreset = autoreset;
    cw_vector_def vector = cw_vector_full();
    vector.kernel = (uint8_t)kernel;
    vector.ego = CW_VECTOR_EGO_FIELDS;
    vector.signals = 2;
    rig r;
    start(&r, source, &def, vector);
    uint64_t hash = 0;
    for (int i = 0; i < 50; i++) {
        draw_actions(&r, i);
        cw_batch_step(r.batch);
        uint64_t now = cw_batch_hash(r.batch);
        hash = cw_hash_bytes(hash, &now, sizeof now);
    }
    stop(&r);
    return hash;
}

static void threads_and_kernels_give_the_same_bits(void **state) {
    (void)state;
    uint64_t one = hash_of(1, CW_KERNEL_PLAIN, CW_AUTORESET_SAME_STEP);
    assert_true(one == hash_of(2, CW_KERNEL_PLAIN, CW_AUTORESET_SAME_STEP));
    assert_true(one == hash_of(7, CW_KERNEL_AUTO, CW_AUTORESET_SAME_STEP));
    for (int kernel = CW_KERNEL_AVX2; kernel <= CW_KERNEL_AVX512; kernel++)
        if (cw_vector_has((cw_vector_kernel)kernel))
            assert_true(one == hash_of(1, (cw_vector_kernel)kernel, CW_AUTORESET_SAME_STEP));
    assert_true(one != hash_of(1, CW_KERNEL_PLAIN, CW_AUTORESET_NEXT_STEP));
}

// Saved, driven on, restored: the steps after that are those of never having stopped, and so they are in another batch.
static void a_restored_batch_goes_on_as_if_never_stopped(void **state) {
    (void)state;
    for (uint8_t mode = CW_AUTORESET_NEXT_STEP; mode <= CW_AUTORESET_SAME_STEP; mode++) {
        uint64_t went_on[30];
        cw_error err = {0};
        rig r[2];
        for (int k = 0; k < 2; k++) {
            cw_scene_source *source = town_source(4);
            cw_batch_def def = cw_batch_defaults(source);
            def.worlds = 6;
            def.horizon = 17;
            def.autoreset = mode;
            def.threads = 1 + k;
            start(&r[k], source, &def, cw_vector_compact());
        }
        size_t size = cw_batch_state_size(r[0].batch);
        char *bytes = malloc(size);
        for (int i = 0; i < 40; i++) {
            draw_actions(&r[0], i);
            cw_batch_step(r[0].batch);
            if (i < 10)
                cw_batch_save(r[0].batch, bytes); // in the middle of an episode, after the first contacts and ends
            else
                went_on[i - 10] = cw_batch_hash(r[0].batch);
        }
        for (int k = 0; k < 2; k++) {
            for (int i = 0; i < 7 * k; i++) { // the other one is elsewhere before
                draw_actions(&r[k], 100 + i);
                cw_batch_step(r[k].batch);
            }
            assert_int_equal(cw_batch_restore(r[k].batch, bytes, size, &err), CW_OK);
            for (int i = 10; i < 40; i++) {
                draw_actions(&r[k], i);
                cw_batch_step(r[k].batch);
                assert_true(cw_batch_hash(r[k].batch) == went_on[i - 10]);
            }
        }
        // What is no snapshot of it is refused and changes nothing.
        uint64_t before = cw_batch_hash(r[0].batch);
        assert_int_equal(cw_batch_restore(r[0].batch, bytes, size - 1, &err), CW_ERR_INPUT);
        bytes[3] ^= 1;
        assert_int_equal(cw_batch_restore(r[0].batch, bytes, size, &err), CW_ERR_INPUT);
        assert_true(cw_batch_hash(r[0].batch) == before);
        free(bytes);
        stop(&r[0]);
        stop(&r[1]);
    }
}

static void all_ignored(cw_batch_def *def) {
    def->on_contact = def->on_offroad = def->on_goal = CW_ON_IGNORE;
}

// A scene of the town with a few cars and traffic about them.
static cw_status open_with_traffic(void *context, size_t index, cw_scene **scene, cw_error *err) {
    const cw_scene_source *inner = context;
    cw_status status = inner->open(inner->context, index, scene, err);
    cw_traffic_params params = cw_traffic_defaults();
    if (status == CW_OK)
        status = cw_scene_add_traffic(*scene, 12, &params, CW_TRAFFIC_IDM, err);
    return status;
}

static double where_traffic_is(const cw_batch *batch, uint32_t world) {
    const cw_world *w = cw_batch_world(batch, world);
    cw_world_arrays at;
    cw_world_view(w, &at);
    double sum = 0;
    for (uint32_t i = 0; i < cw_world_actor_count(w); i++)
        sum += at.mover[i] == CW_MOVED_BY_TRAFFIC ? at.x[i] + 3 * at.y[i] : 0;
    return sum;
}

// Another episode has traffic of its own; the same episode in another run, or restored, has the same.
static void each_episode_draws_anew(void **state) {
    (void)state;
    double starts[2][2], ends[2][3], restored = 0;
    for (int run = 0; run < 2; run++) {
        cw_scene_source *inner = town_source(2);
        cw_scene_source source = {.context = inner, .count = 2, .open = open_with_traffic};
        cw_batch_def def = cw_batch_defaults(&source);
        def.horizon = 80;
        def.autoreset = CW_AUTORESET_DISABLED;
        def.threads = 1 + run;
        all_ignored(&def);
        rig r;
        start(&r, inner, &def, cw_vector_compact());
        char *bytes = malloc(cw_batch_state_size(r.batch));
        for (int episode = 0; episode < 3; episode++) {
            if (episode < 2)
                starts[run][episode] = where_traffic_is(r.batch, 1);
            for (int i = 0; i < 79; i++) {
                cw_batch_step(r.batch);
                if (episode == 1 && i == 20)
                    cw_batch_save(r.batch, bytes);
            }
            ends[run][episode] = where_traffic_is(r.batch, 1);
            cw_batch_reset(r.batch, NULL);
        }
        cw_error err = {0};
        assert_int_equal(cw_batch_restore(r.batch, bytes, cw_batch_state_size(r.batch), &err), CW_OK);
        for (int i = 21; i < 79; i++)
            cw_batch_step(r.batch);
        restored = where_traffic_is(r.batch, 1);
        free(bytes);
        stop(&r);
    }
    assert_true(starts[0][0] != starts[0][1]);
    assert_memory_equal(starts[0], starts[1], sizeof starts[0]);
    assert_true(ends[0][0] != ends[0][1] && ends[0][1] != ends[0][2]);
    assert_memory_equal(ends[0], ends[1], sizeof ends[0]);
    assert_true(restored == ends[0][1]);
}

// A walker under control turns on the spot, walks no faster than it may, and ends at its goal.
static cw_status open_walker(void *context, size_t index, cw_scene **scene, cw_error *err) {
    const cw_scene_source *inner = context;
    cw_status status = inner->open(inner->context, index, scene, err);
    if (status == CW_OK) { // the first of the cars becomes one
        cw_actor *a = &((cw_actor *)(uintptr_t)(*scene)->actors)[0];
        a->kind = CW_ACTOR_PEDESTRIAN;
        a->length = a->width = 0.6f;
        a->center_x = 0;
        a->max_speed = 0;
        ((cw_sample *)(uintptr_t)a->samples)[0].speed = 0;
        a->has_goal = true;
        a->goal_x = a->samples[0].x - 12;
        a->goal_y = a->samples[0].y + 5;
    }
    return status;
}

static void walkers_are_agents_too(void **state) {
    (void)state;
    cw_scene_source *inner = town_source(1);
    cw_scene_source source = {.context = inner, .count = 1, .open = open_walker};
    cw_batch_def def = cw_batch_defaults(&source);
    def.on_contact = CW_ON_IGNORE;
    def.goal_radius = 0.5f;
    rig r;
    start(&r, inner, &def, cw_vector_compact());
    uint32_t vehicles = r.agents;
    cw_batch_free(r.batch);
    def.control = CW_CONTROL_ALL;
    cw_error err = {0};
    assert_int_equal(cw_batch_new(&def, &r.batch, &err), CW_OK);
    assert_int_equal(cw_batch_agents(r.batch), vehicles + 1);
    cw_batch_free(r.batch);
    def.control = CW_CONTROL_ALL;
    cw_vector_def vector = r.vector;
    r.batch = NULL;
    inner = r.source;
    r.source = NULL;
    stop(&r);
    start(&r, inner, &def, vector);
    bool arrived = false;
    float fastest = 0;
    for (int i = 0; i < 90 && !arrived; i++) {
        const float *row = r.observations;
        float goal_x = row[1] * 100, goal_y = row[2] * 100, angle = (float)cw_atan2((double)goal_y, (double)goal_x);
        for (uint32_t k = 0; k < r.agents; k++) {
            r.actions[2 * k] = -1;
            r.actions[2 * k + 1] = 0;
        }
        r.actions[0] = fabsf(angle) < 0.3f ? 1 : -1;
        r.actions[1] = (float)cw_clamp(5 * (double)angle, -1, 1);
        cw_batch_step(r.batch);
        assert_false(r.infos[0].events & CW_EVENT_OFFROAD);
        fastest = (float)cw_max((double)fastest, (double)r.observations[0] * 30);
        arrived = r.terminations[0];
    }
    assert_int_equal(r.infos[0].end, CW_AGENT_GOAL);
    assert_true(fastest > 2.9f && fastest < 3.001f);
    stop(&r);
}

// ---- episodes --------------------------------------------------------------------------------------------------------

static void episodes_end_at_the_horizon_and_start_again(void **state) {
    (void)state;
    for (uint8_t mode = CW_AUTORESET_NEXT_STEP; mode <= CW_AUTORESET_DISABLED; mode++) {
        cw_scene_source *source = town_source(3);
        cw_batch_def def = cw_batch_defaults(source);
        def.horizon = 5;
        def.autoreset = mode;
        all_ignored(&def);
        rig r;
        start(&r, source, &def, cw_vector_compact());
        size_t bytes = (size_t)r.agents * r.floats * sizeof(float);
        float *first = malloc(bytes);
        memcpy(first, r.observations, bytes);
        for (size_t i = 0; i < bytes / sizeof(float); i++)
            assert_true(isfinite(first[i]));
        for (int i = 1; i <= 5; i++) {
            cw_batch_step(r.batch);
            for (uint32_t k = 0; k < r.agents; k++) {
                assert_int_equal(r.terminations[k], 0);
                assert_int_equal(r.truncations[k], i == 5);
            }
        }
        assert_int_equal(r.infos[0].end, CW_AGENT_HORIZON);
        bool same = memcmp(first, r.observations, bytes) == 0;
        assert_int_equal(same, mode == CW_AUTORESET_SAME_STEP);
        if (same) // the last observation is kept
            assert_true(isfinite(r.finals[0]) && memcmp(first, r.finals, bytes) != 0);
        cw_batch_step(r.batch);
        assert_int_equal(r.infos[0].first, mode == CW_AUTORESET_NEXT_STEP);
        assert_int_equal(r.infos[0].active, mode != CW_AUTORESET_DISABLED);
        if (mode == CW_AUTORESET_NEXT_STEP)
            assert_memory_equal(first, r.observations, bytes);
        if (mode == CW_AUTORESET_DISABLED) {
            uint8_t mask[3] = {0, 1, 0};
            cw_batch_reset(r.batch, mask);
            uint32_t from = cw_batch_first(r.batch, 1), to = cw_batch_first(r.batch, 2);
            assert_int_equal(r.infos[from].active, 1);
            assert_int_equal(r.infos[0].active, 0);
            assert_memory_equal(first + (size_t)from * r.floats, r.observations + (size_t)from * r.floats,
                                (size_t)(to - from) * r.floats * sizeof(float));
        }
        free(first);
        stop(&r);
    }
}

static void a_bad_action_ends_its_world_alone(void **state) {
    (void)state;
    const float bad[] = {NAN, 1.5f, -INFINITY};
    for (size_t b = 0; b < 3; b++) {
        cw_scene_source *source = town_source(3);
        cw_batch_def def = cw_batch_defaults(source);
        def.autoreset = CW_AUTORESET_DISABLED;
        all_ignored(&def);
        rig good, r;
        start(&good, town_source(3), &def, cw_vector_compact());
        def.source = source;
        start(&r, source, &def, cw_vector_compact());
        uint32_t from = cw_batch_first(r.batch, 1), to = cw_batch_first(r.batch, 2);
        for (int i = 0; i < 10; i++) {
            draw_actions(&good, i);
            draw_actions(&r, i);
            if (i == 4)
                r.actions[2 * (size_t)(from + 2)] = bad[b];
            cw_batch_step(good.batch);
            cw_batch_step(r.batch);
        }
        assert_non_null(cw_batch_fault(r.batch, 1));
        assert_string_equal(cw_batch_fault(r.batch, 1), "action beyond its limits or no number: actor 2");
        assert_null(cw_batch_fault(r.batch, 0));
        assert_null(cw_batch_fault(r.batch, 2));
        for (uint32_t k = 0; k < r.agents; k++) {
            bool hit = k >= from && k < to;
            assert_int_equal(r.infos[k].end, hit ? CW_AGENT_FAULT : CW_AGENT_ACTIVE);
            if (!hit)
                assert_memory_equal(r.observations + (size_t)k * r.floats, good.observations + (size_t)k * r.floats,
                                    r.floats * sizeof(float));
        }
        stop(&r);
        stop(&good);
    }
}

// Full throttle and a turned wheel leave the road: reward, end and zero rows afterwards.
static void leaving_the_road_ends_an_agent(void **state) {
    (void)state;
    cw_scene_source *source = town_source(1);
    cw_batch_def def = cw_batch_defaults(source);
    def.autoreset = CW_AUTORESET_DISABLED;
    def.on_contact = CW_ON_IGNORE;
    def.reward = (cw_batch_reward){.offroad = -3};
    rig r;
    start(&r, source, &def, cw_vector_compact());
    for (uint32_t i = 0; i < r.agents; i++) {
        r.actions[2 * i] = 1;
        r.actions[2 * i + 1] = 1;
    }
    uint32_t ended = 0;
    uint32_t active = r.agents;
    for (int i = 0; i < 60 && active > 0; i++) { // a world that is over keeps its last rows
        cw_batch_step(r.batch);
        active = 0;
        for (uint32_t k = 0; k < r.agents; k++) {
            active += r.infos[k].active;
            if (r.terminations[k] && r.infos[k].end == CW_AGENT_OFFROAD) {
                assert_true(r.rewards[k] == -3);
                assert_true(r.observations[(size_t)k * r.floats] > 0); // its last speed
                ended++;
            } else if (!r.infos[k].active && !r.terminations[k]) {
                for (uint32_t f = 0; f < r.floats; f++)
                    assert_true(r.observations[(size_t)k * r.floats + f] == 0);
            }
        }
    }
    assert_true(ended > 0);
    stop(&r);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    cw_scene_source *source = town_source(2);
    cw_batch *batch;
    cw_error err = {0};
    cw_batch_def def = cw_batch_defaults(source);
    def.worlds = 0;
    assert_int_equal(cw_batch_new(&def, &batch, &err), CW_ERR_USAGE);
    assert_null(batch);
    def = cw_batch_defaults(source);
    def.reward.goal = NAN;
    assert_int_equal(cw_batch_new(&def, &batch, &err), CW_ERR_USAGE);
    def = cw_batch_defaults(source);
    def.control = CW_CONTROL_EGO; // spawned scenes have none
    err = (cw_error){0};
    assert_int_equal(cw_batch_new(&def, &batch, &err), CW_ERR_INPUT);
    assert_string_equal(err.text, "batch: nobody in the scenes is an agent");
    cw_spawn_source_free(source);
}

static void a_step_allocates_nothing(void **state) {
    (void)state;
#if defined __SANITIZE_ADDRESS__
    skip();
#endif
    cw_scene_source *source = town_source(4);
    cw_batch_def def = cw_batch_defaults(source);
    def.horizon = 7;
    rig r;
    start(&r, source, &def, cw_vector_full());
    draw_actions(&r, 0);
    cw_batch_step(r.batch);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 30; i++)
        cw_batch_step(r.batch);
    struct mallinfo2 after = mallinfo2();
    assert_int_equal(before.uordblks, after.uordblks);
    assert_int_equal(before.hblkhd, after.hblkhd);
    stop(&r);
}

// ---- what is seen ----------------------------------------------------------------------------------------------------

typedef struct other {
    double distance2;
    uint32_t actor;
} other;

static int nearer(const void *a, const void *b) {
    const other *p = a, *q = b;
    if (p->distance2 != q->distance2)
        return p->distance2 < q->distance2 ? -1 : 1;
    return p->actor < q->actor ? -1 : p->actor > q->actor;
}

static void near_to(float value, double wanted) {
    if (fabs((double)value - wanted) > 2e-6 * (1 + fabs(wanted)))
        fail_msg("%.9g is not %.9g", (double)value, wanted);
}

// Every road user's row, reckoned in double from the actors' states and the table of scales.
static void road_users_are_the_nearest_in_order(void **state) {
    (void)state;
    cw_scene_source *source = town_source(4);
    cw_batch_def def = cw_batch_defaults(source);
    all_ignored(&def);
    cw_vector_def vector = cw_vector_compact();
    vector.users = 6;
    rig r;
    start(&r, source, &def, vector);
    for (int i = 0; i < 12; i++) {
        draw_actions(&r, i);
        cw_batch_step(r.batch);
    }
    for (uint32_t w = 0; w < cw_batch_worlds(r.batch); w++) {
        const cw_world *world = cw_batch_world(r.batch, w);
        for (uint32_t k = cw_batch_first(r.batch, w); k < cw_batch_first(r.batch, w + 1); k++) {
            cw_actor_state me, s;
            cw_world_actor(world, r.infos[k].actor, &me);
            other others[64];
            uint32_t count = 0;
            for (uint32_t a = 0; a < cw_world_actor_count(world); a++) {
                cw_box box = cw_world_box(world, a);
                double dx = box.x - me.x, dy = box.y - me.y;
                if (a != r.infos[k].actor)
                    others[count++] = (other){dx * dx + dy * dy, a};
            }
            qsort(others, count, sizeof *others, nearer);
            const float *row = r.observations + (size_t)k * r.floats;
            near_to(row[0], (double)me.speed / 30);
            row += vector.ego;
            for (uint32_t i = 0; i < vector.users; i++, row += CW_VECTOR_ROW) {
                if (i >= count) {
                    assert_true(row[0] == 0 && row[6] == 0);
                    continue;
                }
                cw_world_actor(world, others[i].actor, &s);
                cw_box box = cw_world_box(world, others[i].actor);
                double c = cos((double)me.heading), n = sin((double)me.heading), dx = box.x - me.x, dy = box.y - me.y;
                near_to(row[0], (dx * c + dy * n) / 50);
                near_to(row[1], (dy * c - dx * n) / 50);
                near_to(row[2], cw_wrap_angle((double)s.heading - (double)me.heading) / CW_PI);
                near_to(row[3], (double)s.speed / 30);
                near_to(row[4], 2 * box.half_length / 10);
                near_to(row[5], 2 * box.half_width / 4);
            }
        }
    }
    stop(&r);
}

// On a straight lane that leads east the rows are known: lane pieces ahead lie on y = 0 and point along the heading.
static void road_rows_lie_where_the_lanes_are(void **state) {
    (void)state;
    cw_scene_source *source = town_source(4);
    cw_batch_def def = cw_batch_defaults(source);
    rig r;
    start(&r, source, &def, cw_vector_full());
    uint32_t lanes = 0;
    for (uint32_t w = 0; w < cw_batch_worlds(r.batch); w++) {
        const cw_world *world = cw_batch_world(r.batch, w);
        const cw_map *map = cw_world_scene(world)->map;
        for (uint32_t k = cw_batch_first(r.batch, w); k < cw_batch_first(r.batch, w + 1); k++) {
            cw_actor_state me;
            cw_world_actor(world, r.infos[k].actor, &me);
            double c = cos((double)me.heading), n = sin((double)me.heading);
            const float *row = r.observations + (size_t)k * r.floats + 7 + 63 * 7;
            for (int i = 0; i < 200; i++, row += CW_VECTOR_ROW) {
                double x = 50 * (double)row[0], y = 50 * (double)row[1];
                if (row[6] != 1 / 8.0f)
                    continue;
                // The middle of a lane piece lies on a drivable lane whose heading of travel is the piece's.
                cw_locate query = cw_locate_at(me.x + x * c - y * n, me.y + x * n + y * c);
                cw_lane_place places[8];
                uint32_t found = cw_map_locate_all(map, &query, places, 8);
                bool agrees = false;
                for (uint32_t p = 0; p < found; p++) {
                    double heading = cw_lane_pose(map, places[p], NULL).heading - (double)me.heading;
                    agrees |= fabs(places[p].offset) < 0.06 && fabs(cos(heading) - (double)row[4]) < 0.03 &&
                              fabs(sin(heading) - (double)row[5]) < 0.03;
                }
                assert_true(agrees);
                lanes++;
            }
        }
    }
    assert_true(lanes > 500);
    stop(&r);
}

static void layouts_differ_in_their_hash(void **state) {
    (void)state;
    cw_vector_def full = cw_vector_full(), compact = cw_vector_compact(), third = full;
    assert_int_equal(cw_vector_floats(&full), 1848);
    assert_int_equal(cw_vector_floats(&compact), 250);
    assert_true(cw_vector_layout_hash(&full) != cw_vector_layout_hash(&compact));
    third.users--;
    assert_true(cw_vector_layout_hash(&full) != cw_vector_layout_hash(&third));
    third = full;
    third.kernel = CW_KERNEL_PLAIN; // the same numbers
    assert_true(cw_vector_layout_hash(&full) == cw_vector_layout_hash(&third));
}

// Points off the lanes by more than the tolerance are off, those on them are on: against the search by lane.
static void the_area_agrees_with_the_lanes(void **state) {
    (void)state;
    cw_scene_source *source = town_source(1);
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(source->open(source->context, 0, &scene, &err), CW_OK);
    const cw_map *map = scene->map;
    cw_area *area = cw_area_new(map);
    assert_non_null(area);
    uint32_t inside = 0, outside = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        cw_rng_key key = {.seed = 9, .step = i};
        double x = cw_lerp(map->low.x - 5, map->high.x + 5, cw_rng_uniform(key, 0)),
               y = cw_lerp(map->low.y - 5, map->high.y + 5, cw_rng_uniform(key, 1));
        cw_locate query = cw_locate_at(x, y);
        for (int kind = 0; kind < CW_LANE_KINDS; kind++)
            if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
                query.kinds |= 1u << kind;
        cw_lane_place places[16];
        uint32_t found = cw_map_locate_all(map, &query, places, 16);
        double margin = -INFINITY; // to the border of the lane that holds it best
        for (uint32_t k = 0; k < found; k++)
            margin = cw_max(margin, 0.5 * cw_lane_width(map, places[k].lane, places[k].s) - fabs(places[k].offset));
        if (margin > 0.03) {
            assert_true(cw_area_holds(area, x, y));
            inside++;
        } else if (found == 0) {
            // beyond the tolerance of joints and chords
            bool near_by = cw_area_holds(area, x, y);
            cw_lane_place place;
            bool on = cw_map_locate(map, &query, &place);
            double gap =
                place.lane == CW_NONE ? INFINITY : fabs(place.offset) - 0.5 * cw_lane_width(map, place.lane, place.s);
            assert_false(on);
            if (gap > 0.15)
                assert_false(near_by);
            outside++;
        }
    }
    assert_true(inside > 200 && outside > 200);
    // A box is on it with all four corners.
    uint32_t on = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        cw_rng_key key = {.seed = 10, .step = i};
        double turn = CW_PI * (2 * cw_rng_uniform(key, 2) - 1);
        cw_box box = {.x = cw_lerp(map->low.x - 5, map->high.x + 5, cw_rng_uniform(key, 0)),
                      .y = cw_lerp(map->low.y - 5, map->high.y + 5, cw_rng_uniform(key, 1)),
                      .ux = cw_cos(turn),
                      .uy = cw_sin(turn),
                      .half_length = 1 + 2 * cw_rng_uniform(key, 3),
                      .half_width = 0.5 + cw_rng_uniform(key, 4)};
        cw_vec2 corner[4];
        cw_box_corners(&box, corner);
        bool all = true;
        for (int k = 0; k < 4; k++)
            all &= cw_area_holds(area, corner[k].x, corner[k].y);
        assert_int_equal(cw_area_holds_box(area, &box), all);
        on += all;
    }
    assert_true(on > 200);
    cw_box nowhere = {.x = NAN, .y = 0, .ux = 1, .half_length = 1, .half_width = 1};
    assert_false(cw_area_holds_box(area, &nowhere));
    cw_area_free(area);
    cw_scene_free(scene);
    cw_spawn_source_free(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_kernels_give_the_same_bits),
        cmocka_unit_test(a_restored_batch_goes_on_as_if_never_stopped),
        cmocka_unit_test(each_episode_draws_anew),
        cmocka_unit_test(walkers_are_agents_too),
        cmocka_unit_test(episodes_end_at_the_horizon_and_start_again),
        cmocka_unit_test(a_bad_action_ends_its_world_alone),
        cmocka_unit_test(leaving_the_road_ends_an_agent),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(road_users_are_the_nearest_in_order),
        cmocka_unit_test(road_rows_lie_where_the_lanes_are),
        cmocka_unit_test(layouts_differ_in_their_hash),
        cmocka_unit_test(the_area_agrees_with_the_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
