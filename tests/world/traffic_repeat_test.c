// Background traffic in a step: no memory asked for, and the same bits on any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "traffic_town.h"

#include <stdlib.h>

// Lights, two lanes each way, all kinds of users, some of whom do what they should not: they touch, are towed away, come in
// again.
static cw_scene *busy_town(void) {
    town_def town = town_defaults();
    town.columns = town.rows = town.lanes = 2;
    town.signs = TOWN_LIGHTS;
    cw_scene *scene = town_make(&town);
    cw_traffic_params p = cw_traffic_defaults();
    p.emergency = 0.05;
    p.cut_in = p.swerve = p.hard_brake = p.wrong_way = p.red_light = 40;
    cw_error err = {0};
    if (cw_scene_add_programs(scene, &err) != CW_OK ||
        cw_scene_add_traffic(scene, 70, &p, CW_TRAFFIC_HUMAN, &err) != CW_OK)
        fail_msg("%s", err.text);
    return scene;
}

static cw_world *begin(const cw_scene *scene, size_t number) {
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 50000000;
    def.drive_ego = false;
    def.number = (uint32_t)number;
    return cw_world_new(&def, NULL);
}

static void a_step_allocates_nothing(void **unused) {
    (void)unused;
    cw_scene *scene = busy_town();
    size_t before = allocations;
    cw_world *world = begin(scene, 0);
    assert_non_null(world);
    assert_true(!COUNTS_ALLOCATIONS || allocations > before); // it counts
    before = allocations;
    for (int i = 0; i < 4000; i++)
        cw_world_step(world);
    assert_int_equal(allocations, before);
    const cw_contact *contacts;
    assert_true(cw_world_contacts(world, &contacts) > 0);
    cw_world_free(world);
    cw_scene_free(scene);
}

enum { WORLDS = 6, STEPS = 600 };

typedef struct fleet {
    const cw_scene *scene;
    uint64_t hash[WORLDS];
} fleet;

// One world each: made and run by whichever thread takes it.
static void run(void *context, size_t index, int worker) {
    (void)worker;
    fleet *f = context;
    cw_world *world = begin(f->scene, index);
    f->hash[index] = 0;
    for (int i = 0; world && i < STEPS; i++) {
        cw_world_step(world);
        f->hash[index] = cw_hash_bytes(f->hash[index], &(uint64_t){cw_world_hash(world)}, sizeof(uint64_t));
    }
    cw_world_free(world);
}

static void the_same_on_any_number_of_threads(void **unused) {
    (void)unused;
    cw_scene *scene = busy_town();
    static const int threads[] = {1, 2, 7};
    fleet fleets[3];
    for (int k = 0; k < 3; k++) {
        cw_pool *pool = cw_pool_new(threads[k]);
        assert_non_null(pool);
        fleets[k].scene = scene;
        cw_pool_run(pool, WORLDS, run, &fleets[k]);
        cw_pool_free(pool);
    }
    for (int i = 0; i < WORLDS; i++) {
        assert_true(fleets[0].hash[i] != 0);
        assert_true(fleets[0].hash[i] == fleets[1].hash[i] && fleets[0].hash[i] == fleets[2].hash[i]);
        assert_true(i == 0 || fleets[0].hash[i] != fleets[0].hash[i - 1]); // worlds of their own
    }
    cw_scene_free(scene);
}

// Driven, brought back to its start and drawn anew, a world is what one made with that number is: at the start and later on.
static void drawn_anew_as_if_made_so(void **unused) {
    (void)unused;
    cw_scene *scene = busy_town();
    cw_world *again = begin(scene, 3), *made = begin(scene, 8);
    void *start = malloc(cw_world_state_size(again));
    assert_non_null(start);
    cw_world_save(again, start);
    assert_true(cw_world_hash(again) != cw_world_hash(made));
    for (int i = 0; i < 300; i++)
        cw_world_step(again);
    cw_world_restore(again, start);
    cw_world_set_number(again, 8);
    cw_world_redraw(again);
    assert_true(cw_world_number(again) == 8);
    for (int i = 0; i < 300; i++) {
        assert_true(cw_world_hash(again) == cw_world_hash(made));
        cw_world_step(again);
        cw_world_step(made);
    }
    free(start);
    cw_world_free(again);
    cw_world_free(made);
    cw_scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(the_same_on_any_number_of_threads),
        cmocka_unit_test(drawn_anew_as_if_made_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
