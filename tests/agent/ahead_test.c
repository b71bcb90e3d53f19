// The way ahead and the control that follows it, on a road of our own: two sections, straight or bent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/agent.h"
#include "road/build.h"

#include <math.h>
#include <string.h>

static cw_build_text text(const char *t) {
    return (cw_build_text){.text = t, .length = t ? strlen(t) : 0};
}

// One lane of 3.5 m to the right of the x axis, 200 m in two sections of 100; curvature 1/m.
static cw_map *make_map(double curvature) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_build_begin_road(b, &(cw_build_road){.id = text("1"), .name = text(""), .junction = text(NULL), .length = 200});
    cw_build_geometry(b, &(cw_geometry){.length = 200, .kind = curvature == 0 ? CW_LINE : CW_ARC, .k0 = curvature});
    for (int section = 0; section < 2; section++) {
        cw_build_begin_section(b, 100 * section);
        for (int id = 0; id >= -1; id--) {
            cw_build_begin_lane(b, &(cw_build_lane){.id = id, .kind = id == 0 ? CW_LANE_NONE : CW_LANE_DRIVING});
            if (id != 0) {
                cw_build_width(b, &(cw_cubic){.a = 3.5});
                cw_build_lane_link(b, section == 0, id, 0, 0);
            }
            cw_build_end_lane(b);
        }
        cw_build_end_section(b);
    }
    cw_build_end_road(b);
    cw_map *map = NULL;
    assert_int_equal(cw_build_finish(b, "test", &map, NULL), CW_OK);
    cw_build_free(b);
    return map;
}

static const cw_mission nowhere;

// The ego 1 m left of the lane's middle at s, along the road.
static cw_obs at(const cw_map *map, double s) {
    cw_obs obs = {.map = map, .mission = &nowhere};
    cw_lane_place place = {cw_map_find_lane(map, 0, -1, s), s, 1};
    cw_pose pose = cw_lane_pose(map, place, NULL);
    obs.ego = (cw_ego){.x = pose.x,
                       .y = pose.y,
                       .heading = (float)pose.heading,
                       .speed = 10,
                       .place = place,
                       .body = {.wheelbase = 2.8f, .max_steer = 0.6f, .max_accel = 3, .max_brake = 8}};
    return obs;
}

static void the_way_runs_on_into_the_next_lane(void **state) {
    (void)state;
    cw_map *map = make_map(0);
    cw_obs obs = at(map, 90);
    float x[100], y[100];
    uint32_t lane[100];
    assert_int_equal(cw_obs_ahead(&obs, 2, 100, x, y, lane), 56); // to the end at 110 m
    for (int i = 0; i < 56; i++) {
        assert_true(fabsf(x[i] - 2.0f * (float)i) < 1e-3f);
        assert_true(fabsf(y[i] + 1) < 1e-3f);
        assert_int_equal(lane[i], cw_map_find_lane(map, 0, -1, i <= 5 ? 90 : 150));
    }
    assert_int_equal(cw_obs_ahead(&obs, 2, 7, x, y, NULL), 7);
    obs.ego.place.lane = CW_NONE;
    assert_int_equal(cw_obs_ahead(&obs, 2, 100, x, y, lane), 0);
    cw_map_free(map);
}

static void the_control_follows(void **state) {
    (void)state;
    static const double curvatures[] = {0.02, -0.02};
    for (int c = 0; c < 2; c++) {
        cw_map *map = make_map(curvatures[c]);
        cw_obs obs = at(map, 20);
        obs.ego.place.offset = 0;
        cw_pose pose = cw_lane_pose(map, obs.ego.place, NULL);
        obs.ego.x = pose.x;
        obs.ego.y = pose.y;
        cw_trajectory t;
        float x[CW_TRAJECTORY_POINTS + 1], y[CW_TRAJECTORY_POINTS + 1];
        assert_int_equal(cw_obs_ahead(&obs, 1, CW_TRAJECTORY_POINTS + 1, x, y, NULL), CW_TRAJECTORY_POINTS + 1);
        for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
            t.x[i] = x[i + 1];
            t.y[i] = y[i + 1];
            t.heading[i] = 0;
            t.speed[i] = 10 + 0.1f * (float)(i + 1);
        }
        cw_control control = cw_obs_follow(&obs, &t);
        // The lane's middle runs 1.75 m to the right of the reference line.
        double own = 1 / (1 / curvatures[c] + 1.75);
        assert_true(fabs((double)control.steer - cw_atan(2.8 * own)) < 1e-3);
        assert_true(fabsf(control.accel - 1) < 1e-3f);
        assert_int_equal(control.lamps, 0);
        for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
            t.speed[i] = t.x[i] = t.y[i] = 0; // a standstill at once: as hard as it can, the wheel as it is
        obs.ego.steer = 0.1f;
        control = cw_obs_follow(&obs, &t);
        assert_true(control.accel == -8 && control.steer == 0.1f);
        assert_int_equal(control.lamps, CW_LAMP_BRAKE);
        t.x[3] = NAN;
        control = cw_obs_follow(&obs, &t);
        t.speed[2] = NAN;
        control = cw_obs_follow(&obs, &t);
        assert_true(isnan(control.accel)); // never made into something that looks good
        cw_map_free(map);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_way_runs_on_into_the_next_lane),
        cmocka_unit_test(the_control_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
