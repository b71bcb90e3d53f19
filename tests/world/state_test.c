// The state: declared once, saved, restored and hashed whole; a step allocates nothing and repeats.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "causeway/record.h"
#include "hand_scene.h"
#include "world/layout.h"

#include <stdlib.h>
#include <string.h>

static const cw_sample passing[] = {
    {.time = 0, .x = 40, .y = 3.5, .heading = 3.14159f, .speed = 10},
    {.time = 2, .x = 20, .y = 3.5, .heading = -3.14159f, .speed = 10},
    {.time = 4, .x = 5, .y = 2.0, .heading = -3.0f, .speed = 5},
};
static const cw_sample parked[] = {{.time = 0, .x = 25, .y = 0}};

static const cw_light_state red = {.signal = "7", .state = "red", .light = 1};
static const cw_light_state green = {.signal = "7", .state = "green", .light = 4};
static const cw_phase phases[] = {{.name = "stop", .duration = 1, .count = 1, .states = &red},
                                  {.name = "go", .duration = 0.5, .count = 1, .states = &green}};
static const cw_signal_program program = {.name = "p", .count = 2, .phases = phases, .period = 1.5};

static cw_world *make(hand_scene *hand) {
    cw_actor others[] = {hand_recorded("passing", passing, 3, false), hand_recorded("parked", parked, 1, true)};
    hand_make(hand, 0, 0, 0.02f, 12, others, 2);
    hand->scene.program_count = 1;
    hand->scene.programs = &program;
    cw_world_def def = cw_world_defaults(&hand->scene);
    cw_world *world = cw_world_new(&def, NULL);
    assert_non_null(world);
    return world;
}

// A drive that steers, brakes, runs into the parked car.
static void drive(cw_world *world, int steps) {
    for (int i = 0; i < steps; ++i) {
        int64_t k = cw_world_steps(world);
        if (k % 10 == 0)
            cw_world_control(world, 0, k < 60 ? 1.5f : -4.0f, 0.01f * (float)(k % 40 < 20 ? 1 : -1), 0);
        cw_world_step(world);
    }
}

static void columns_are_those_of_record(void **unused) {
    (void)unused;
    assert_int_equal(CW_T_U8, CW_U8);
    assert_int_equal(CW_T_I8, CW_I8);
    assert_int_equal(CW_T_U16, CW_U16);
    assert_int_equal(CW_T_U32, CW_U32);
    assert_int_equal(CW_T_I32, CW_I32);
    assert_int_equal(CW_T_U64, CW_U64);
    assert_int_equal(CW_T_I64, CW_I64);
    assert_int_equal(CW_T_F32, CW_F32);
    assert_int_equal(CW_T_F64, CW_F64);
}

// Each row that has items enters the hash, the first bit and the last.
static void every_row_is_hashed(void **unused) {
    (void)unused;
    hand_scene hand;
    cw_world *world = make(&hand);
    drive(world, 300);
    assert_true(cw_world_contacts(world, &(const cw_contact *){NULL}) > 0);
    uint64_t before = cw_world_hash(world);
    uint32_t count, flipped = 0;
    const cw_state_row *table = cw_world_state_table(&count);
    size_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
        size_t bytes;
        unsigned char *row = cw_state_row_at(world, i, &bytes);
        sum += (bytes + 7) & ~(size_t)7;
        if (bytes == 0)
            continue;
        if (table[i].per == CW_PER_CONTACT)
            bytes = world->s.contact_count[0] * sizeof(cw_contact); // those in use
        if (strcmp(table[i].name, "contact_count") == 0)
            continue; // says how much is hashed: checked below
        size_t ends[2] = {0, bytes - 1};
        for (int k = 0; k < 2; ++k) {
            row[ends[k]] ^= 1;
            if (cw_world_hash(world) == before)
                fail_msg("row %s does not enter the hash", table[i].name);
            row[ends[k]] ^= 1;
        }
        ++flipped;
    }
    assert_true(flipped > 40);
    assert_true(sum == cw_world_state_size(world));
    assert_true(cw_world_hash(world) == before);
    ++world->s.contact_count[0];
    assert_true(cw_world_hash(world) != before);
    --world->s.contact_count[0];
    assert_true(cw_world_state_table_hash() != 0);
    cw_world_free(world);
}

static void restore_brings_everything_back(void **unused) {
    (void)unused;
    hand_scene hand;
    cw_world *world = make(&hand), *other = make(&hand);
    drive(world, 137);
    size_t size = cw_world_state_size(world);
    unsigned char *snapshot = malloc(size), *again = malloc(size);
    assert_non_null(snapshot);
    assert_non_null(again);
    cw_world_save(world, snapshot);
    uint64_t at = cw_world_hash(world), hashes[200];
    for (int i = 0; i < 200; ++i) {
        drive(world, 1);
        hashes[i] = cw_world_hash(world);
    }
    assert_true(hashes[0] != at);
    // The same world and another one, full of noise.
    cw_world *both[2] = {world, other};
    for (int w = 0; w < 2; ++w) {
        for (size_t i = 0; i < both[w]->block_size; ++i)
            both[w]->block[i] = (unsigned char)cw_rng_u64((cw_rng_key){.seed = 9, .world = (uint32_t)w}, (uint32_t)i);
        cw_world_restore(both[w], snapshot);
        assert_true(cw_world_hash(both[w]) == at);
        cw_world_save(both[w], again);
        assert_memory_equal(snapshot, again, size);
        for (int i = 0; i < 200; ++i) {
            drive(both[w], 1);
            assert_true(cw_world_hash(both[w]) == hashes[i]);
        }
    }
    const cw_contact *contacts;
    assert_true(cw_world_contacts(world, &contacts) > 0);
    free(snapshot);
    free(again);
    cw_world_free(world);
    cw_world_free(other);
}

static void a_step_allocates_nothing(void **unused) {
    (void)unused;
#if COUNTS_ALLOCATIONS
    hand_scene hand;
    size_t before = allocations;
    cw_world *world = make(&hand);
    assert_true(allocations > before); // the counter counts
    before = allocations;
    drive(world, 500);
    size_t after = allocations;
    assert_int_equal(after, before);
    cw_world_free(world);
#else
    skip();
#endif
}

// The same bits with every compiler and at every optimisation level: a hash written down once.
static void golden(void **unused) {
    (void)unused;
    hand_scene hand;
    cw_world *world = make(&hand);
    drive(world, 400);
    // Not cw_world_hash, which changes with each new row: the values themselves.
    double values[8] = {world->s.x[0], world->s.y[0], world->s.heading[0], (double)world->s.speed[0],
                        world->s.x[1], world->s.y[1], world->s.heading[1], (double)world->s.yaw_rate[0]};
    uint64_t hash = cw_hash_bytes(1, values, sizeof values);
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(world, &contacts);
    hash = cw_hash_bytes(hash, contacts, count * sizeof *contacts);
    if (hash != UINT64_C(0x089d9efaa555775b))
        fail_msg("golden hash is 0x%016llx", (unsigned long long)hash);
    cw_world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_record),
        cmocka_unit_test(every_row_is_hashed),
        cmocka_unit_test(restore_brings_everything_back),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
