// The tracker on a straight road of our own: no lag, kept when hidden, dropped when gone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/agent.h"
#include "road/build.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static cw_build_text text(const char *t) {
    return (cw_build_text){.text = t, .length = t ? strlen(t) : 0};
}

// Two lanes of 3.5 m to the right of the x axis, from x = 0; curvature 1/m.
static cw_map *make_map(double curvature) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_build_begin_road(b, &(cw_build_road){.id = text("1"), .name = text(""), .junction = text(NULL), .length = 2000});
    cw_build_geometry(b, &(cw_geometry){.length = 2000, .kind = curvature == 0 ? CW_LINE : CW_ARC, .k0 = curvature});
    cw_build_begin_section(b, 0);
    for (int id = 0; id >= -2; id--) {
        cw_build_begin_lane(b, &(cw_build_lane){.id = id, .kind = id == 0 ? CW_LANE_NONE : CW_LANE_DRIVING});
        if (id != 0) {
            cw_build_width(b, &(cw_cubic){.a = 3.5});
        }
        cw_build_end_lane(b);
    }
    cw_build_end_section(b);
    cw_build_end_road(b);
    cw_map *map = NULL;
    assert_int_equal(cw_build_finish(b, "test", &map, NULL), CW_OK);
    cw_build_free(b);
    return map;
}

typedef struct setup {
    cw_map *map;
    cw_tracker *tracker;
    cw_track tracks[8];
    cw_ego ego;
} setup;

static setup start(double curvature) {
    setup s = {.map = make_map(curvature), .tracker = malloc(cw_tracker_size())};
    cw_tracker_reset(s.tracker, s.map);
    s.ego = (cw_ego){.x = 100, .y = -1.75, .speed = 10, .body = {.length = 4.5f, .width = 1.8f, .center_x = 1.4f}};
    return s;
}

static void finish(setup *s) {
    cw_map_free(s->map);
    free(s->tracker);
}

static cw_detection car(cw_id id, double x, double y, double vx) {
    return (cw_detection){.id = id,
                          .kind = CW_USER_CAR,
                          .x = (float)x,
                          .y = (float)y,
                          .vx = (float)vx,
                          .length = 4.5f,
                          .width = 1.8f,
                          .height = 1.5f};
}

static const int64_t tick = 100000000;

static void test_taken_as_detected(void **state) {
    (void)state;
    setup s = start(0);
    s.ego.heading = 0.3f;
    for (int i = 0; i < 12; i++) { // it brakes at 3 m/s^2 on the observer's x axis
        double t = 0.1 * i, v = 12 - 3 * t, x = 40 + 12 * t - 1.5 * t * t;
        cw_detection seen = car(7, x, 0.5, v);
        seen.heading = 0.0f;
        uint32_t n = cw_tracker_update(s.tracker, i * tick, &s.ego, &seen, 1, NULL, 0, 120, s.tracks, 8);
        assert_int_equal(n, 1);
        assert_true(fabs((double)s.tracks[0].x - x) < 1e-4);
        assert_true(fabs((double)s.tracks[0].y - 0.5) < 1e-4);
        assert_true(fabs((double)s.tracks[0].vx - v) < 1e-5);
        assert_true(s.tracks[0].seen && s.tracks[0].missed == 0);
        assert_true(fabs((double)s.tracks[0].first_seen - t) < 1e-6);
    }
    assert_true(fabs((double)s.tracks[0].accel + 3) < 0.1); // filtered, settled
    finish(&s);
}

static void test_sorted_and_bounded(void **state) {
    (void)state;
    setup s = start(0);
    cw_detection seen[3] = {car(9, 50, 0, 0), car(4, -20, 0, 0), car(3, 20, 0, 0)};
    uint32_t n = cw_tracker_update(s.tracker, 0, &s.ego, seen, 3, NULL, 0, 120, s.tracks, 8);
    assert_int_equal(n, 3);
    assert_int_equal(s.tracks[0].id, 3); // a tie: by id
    assert_int_equal(s.tracks[1].id, 4);
    assert_int_equal(s.tracks[2].id, 9);
    assert_int_equal(cw_tracker_update(s.tracker, tick, &s.ego, seen, 3, NULL, 0, 120, s.tracks, 2), 2);
    finish(&s);
}

static void test_missed_three_frames(void **state) {
    (void)state;
    setup s = start(0);
    cw_detection seen = car(5, 40, 0, 8);
    cw_tracker_update(s.tracker, 0, &s.ego, &seen, 1, NULL, 0, 120, s.tracks, 8);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(cw_tracker_update(s.tracker, i * tick, &s.ego, NULL, 0, NULL, 0, 120, s.tracks, 8), 1);
        assert_false(s.tracks[0].seen);
        assert_int_equal(s.tracks[0].missed, i);
        assert_true(fabs((double)s.tracks[0].x - (40 + 0.8 * i)) < 1e-3); // at its speed
        assert_true((double)s.tracks[0].error > 0.3);
    }
    // In view and empty for longer: it is gone.
    uint32_t n = 1;
    for (int i = 4; i < 7; i++) {
        n = cw_tracker_update(s.tracker, i * tick, &s.ego, NULL, 0, NULL, 0, 120, s.tracks, 8);
    }
    assert_int_equal(n, 0);
    finish(&s);
}

static void test_kept_behind_a_wall(void **state) {
    (void)state;
    setup s = start(0);
    cw_wall wall = {.box = cw_box_at((cw_pose){120, -1.75, 0}, 0, 2, 6), .height = 3};
    cw_detection seen = car(5, 40, 0, 0);
    cw_tracker_update(s.tracker, 0, &s.ego, &seen, 1, NULL, 0, 120, s.tracks, 8);
    uint32_t n = 0;
    double error = 0;
    for (int i = 1; i <= 99; i++) {
        n = cw_tracker_update(s.tracker, i * tick, &s.ego, NULL, 0, &wall, 1, 120, s.tracks, 8);
        assert_int_equal(n, 1);
        assert_true((double)s.tracks[0].error >= error);
        error = (double)s.tracks[0].error;
    }
    assert_true(error > 10);
    n = cw_tracker_update(s.tracker, 101 * tick, &s.ego, NULL, 0, &wall, 1, 120, s.tracks, 8);
    assert_int_equal(n, 0); // ten seconds are over
    finish(&s);
}

static void test_follows_its_lane_unseen(void **state) {
    (void)state;
    setup s = start(0.01);
    cw_lane_place place = {.lane = cw_map_find_lane(s.map, 0, -1, 100), .s = 100, .offset = 0};
    cw_pose pose = cw_lane_pose(s.map, place, NULL);
    s.ego.x = pose.x;
    s.ego.y = pose.y;
    s.ego.heading = (float)pose.heading;
    cw_detection seen = car(5, 0.5, 0, 10);
    cw_wall wall = {.box = cw_box_at(pose, 3, 0.5, 200), .height = 3};
    cw_tracker_update(s.tracker, 0, &s.ego, &seen, 1, &wall, 1, 120, s.tracks, 8);
    for (int i = 1; i <= 30; i++) {
        assert_int_equal(cw_tracker_update(s.tracker, i * tick, &s.ego, NULL, 0, &wall, 1, 120, s.tracks, 8), 1);
    }
    assert_int_equal(s.tracks[0].place.lane, place.lane); // 30 m round the bend; straight on it would have left it
    assert_true(fabs(s.tracks[0].place.offset) < 0.6);
    finish(&s);
}

static void test_bytes_are_a_snapshot(void **state) {
    (void)state;
    setup s = start(0);
    cw_detection seen = car(5, 40, 0, 8);
    cw_tracker_update(s.tracker, 0, &s.ego, &seen, 1, NULL, 0, 120, s.tracks, 8);
    void *bytes = malloc(cw_tracker_size());
    memcpy(bytes, s.tracker, cw_tracker_size());
    cw_track a[8], b[8];
    uint32_t n = 0, m = 0;
    for (int round = 0; round < 2; round++) {
        memcpy(s.tracker, bytes, cw_tracker_size());
        for (int i = 1; i < 5; i++) {
            seen.x = (float)(40 + i);
            *(round == 0 ? &n : &m) = cw_tracker_update(s.tracker, i * tick, &s.ego, i == 3 ? NULL : &seen, i != 3,
                                                        NULL, 0, 120, round == 0 ? a : b, 8);
        }
    }
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n * sizeof *a);
    free(bytes);
    finish(&s);
}

static void test_bad_detections(void **state) {
    (void)state;
    setup s = start(0);
    cw_detection seen[3] = {car(5, 40, 0, 8), car(6, NAN, 0, 8), car(0, 10, 0, 0)};
    assert_int_equal(cw_tracker_update(s.tracker, 0, &s.ego, seen, 3, NULL, 0, 120, s.tracks, 8), 1);
    assert_int_equal(s.tracks[0].id, 5);
    // More than there is room for: the nearest ones stay.
    cw_detection many[200];
    for (int i = 0; i < 200; i++) {
        many[i] = car((cw_id)(1000 + i), 100.0 - 0.4 * i, 0, 0);
    }
    cw_track *all = malloc(CW_TRACKS_MAX * sizeof *all);
    uint32_t n = cw_tracker_update(s.tracker, tick, &s.ego, many, 200, NULL, 0, 120, all, CW_TRACKS_MAX);
    assert_int_equal(n, CW_TRACKS_MAX);
    assert_int_equal(all[0].id, 1199);
    free(all);
    finish(&s);
}

// ---- what is in view ------------------------------------------------------------------------------------------------

static void test_sees(void **state) {
    (void)state;
    cw_track truck = {.id = 1, .kind = CW_USER_TRUCK, .seen = true, .x = 20, .length = 8, .width = 2.5f, .height = 3};
    cw_wall wall = {.box = {.x = 0, .y = 20, .ux = 1, .uy = 0, .half_length = 10, .half_width = 0.2}, .height = 2};
    cw_obs obs = {.ego = {.heading = 0, .body = {.center_x = 1.4f}},
                  .tracks = &truck,
                  .track_count = 1,
                  .walls = &wall,
                  .wall_count = 1,
                  .range = 100,
                  .surface = {.visibility = 1000}};
    assert_true(cw_obs_sees(&obs, 10, 0));
    assert_false(cw_obs_sees(&obs, 40, 0)); // behind the truck
    assert_true(cw_obs_sees(&obs, 20, 0));  // the truck itself
    assert_true(cw_obs_sees(&obs, 40, 8));
    assert_false(cw_obs_sees(&obs, 0, 30)); // behind the wall
    assert_false(cw_obs_sees(&obs, 101, 0));
    truck.seen = false;
    assert_true(cw_obs_sees(&obs, 40, 0)); // remembered things hide nothing
    obs.surface.visibility = 30;
    assert_false(cw_obs_sees(&obs, 40, 0));
    obs.ego.heading = (float)(0.5 * CW_PI);
    cw_pose pose = cw_track_pose(&obs, &truck);
    assert_true(fabs(pose.x) < 1e-5 && fabs(pose.y - 20) < 1e-5);
    assert_true(cw_user_is_vehicle(CW_USER_TRUCK) && !cw_user_is_vehicle(CW_USER_BICYCLE));
    assert_true(cw_user_is_vulnerable(CW_USER_BICYCLE) && !cw_user_is_vulnerable(CW_USER_OBSTACLE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_as_detected),       cmocka_unit_test(test_sorted_and_bounded),
        cmocka_unit_test(test_missed_three_frames),     cmocka_unit_test(test_kept_behind_a_wall),
        cmocka_unit_test(test_follows_its_lane_unseen), cmocka_unit_test(test_bytes_are_a_snapshot),
        cmocka_unit_test(test_bad_detections),          cmocka_unit_test(test_sees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
