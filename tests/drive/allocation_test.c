// A tick allocates nothing: classical driver and evaluator, on a motorway with marked crossings and where roads cross. The
// linker hands every call of an allocator to the counters here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "body.h"
#include "causeway/drive.h"
#include "causeway/evaluator.h"
#include "crossing.h"
#include "motion/motion.h"
#include "promise.h"

static unsigned long allocated;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size) {
    allocated++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    allocated++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size) {
    allocated++;
    return __real_realloc(old, size);
}

static void on_a_motorway(void **state) {
    (void)state;
    promise_result r = promise_run(&(promise_def){.driver = "classical",
                                                  .evaluator = true,
                                                  .errors = true,
                                                  .crossings = true,
                                                  .seed = 3,
                                                  .seconds = 120,
                                                  .top_speed = 33,
                                                  .allocated = &allocated});
    assert_true(allocated > 10); // the counters count: maps, arenas and states are allocated
    assert_true(r.ticks > 1000 && r.failsafe_ticks > 0);
    assert_int_equal(r.allocations, 0);
}

enum { USERS = 12, TICKS = 400 };

// To a crossing and over it, with others on all its arms that come and stand.
static void at_a_crossing(void **state) {
    (void)state;
    static const double ways[4][3] = {{0, 0, 0}, {0, 3.5, CW_PI}, {2, 0, 0.5 * CW_PI}, {-2, 0, -0.5 * CW_PI}};
    cw_map *map = crossing_map();
    cw_body b = test_body();
    cw_vehicle_params params = cw_vehicle_params_make(b.length, b.width, b.center_x, b.wheelbase, b.mass, b.max_steer,
                                                      b.max_accel, b.max_brake, b.max_speed);
    cw_vehicle_state ego = {.x = -90, .vx = 10};
    const cw_driver *driver = cw_driver_find("classical");
    cw_driver_def dd = {.map = map, .body = b, .seed = 1, .period = 0.1f};
    void *memory = malloc(driver->state_size(&dd));
    cw_evaluator *evaluator = malloc(cw_evaluator_size());
    driver->reset(memory, &dd, NULL);
    cw_evaluator_reset(evaluator, &(cw_evaluator_def){.map = map, .body = b, .period = 0.1f});
    cw_arena *arena = cw_arena_new(0, 0);
    cw_mission mission = {.set_speed = 12};
    cw_locate start = cw_locate_at(ego.x, 0);
    cw_lane_place place;
    assert_true(cw_map_locate(map, &start, &place));
    cw_route_ahead(map, place, 280, arena, &mission.route);
    unsigned long before = 0;
    for (int k = 0; k < TICKS && ego.x < 150; k++) {
        if (k == 10)
            before = allocated;
        cw_track tracks[USERS];
        for (uint32_t i = 0; i < USERS; i++) {
            const double *way = ways[i % 4];
            double speed = i % 3 ? 9 : 0, along = -60 - 25 * floor(i / 4.0) + 0.1 * speed * k, sine, cosine;
            if (i % 4 == 0)
                along += 40; // ahead of the ego
            cw_sincos(way[2], &sine, &cosine);
            tracks[i] = (cw_track){.id = 65537 + i,
                                   .kind = i % 5 == 4 ? CW_USER_BICYCLE : CW_USER_CAR,
                                   .seen = true,
                                   .x = (float)(way[0] + along * cosine - ego.x),
                                   .y = (float)(way[1] + along * sine - ego.y),
                                   .heading = (float)way[2],
                                   .vx = (float)(speed * cosine),
                                   .vy = (float)(speed * sine),
                                   .speed = (float)speed,
                                   .length = 4.5f,
                                   .width = 1.8f,
                                   .height = 1.5f,
                                   .error = 0.3f,
                                   .speed_error = 0.5f};
        }
        cw_obs obs = {.step = k,
                      .time_ns = k * 100000000LL,
                      .period = 0.1f,
                      .map = map,
                      .mission = &mission,
                      .tracks = tracks,
                      .track_count = USERS,
                      .surface = {0.9f, 1.0f, 1000},
                      .range = 200,
                      .ego = {.x = ego.x,
                              .y = ego.y,
                              .heading = (float)ego.heading,
                              .speed = ego.vx,
                              .lateral_speed = ego.vy,
                              .accel = ego.accel,
                              .yaw_rate = ego.yaw_rate,
                              .steer = ego.steer,
                              .body = b}};
        cw_locate query = cw_locate_at(ego.x, ego.y);
        cw_map_locate(map, &query, &obs.ego.place);
        cw_decision proposed, executed;
        cw_verification why;
        driver->decide(memory, &obs, &proposed);
        const cw_decision *proposals[] = {&proposed};
        cw_evaluator_decide(evaluator, &obs, proposals, 1, &executed, &why);
        for (int i = 0; i < 10; i++)
            cw_vehicle_step(&params, &ego, executed.control.accel, executed.control.steer, 0.95f, 0, 0, 0.01);
    }
    assert_true(ego.x > -60);
    assert_int_equal(allocated - before, 0);
    cw_arena_free(arena);
    free(evaluator);
    free(memory);
    cw_map_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(on_a_motorway), cmocka_unit_test(at_a_crossing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
