// OpenDRIVE: the friction of a lane's material, from the file to the tyres.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Two lanes; the right one is icy from 100 m on, and says nothing from 400 m on.
static const char text[] =
    "<OpenDRIVE><header revMajor='1' revMinor='8'/><road id='1' length='500' junction='-1'><planView><geometry s='0' "
    "x='0' "
    "y='0' hdg='0' length='500'><line/></geometry></planView><lanes><laneSection s='0'><center><lane id='0'/></center>"
    "<right><lane id='-1' type='driving'><width sOffset='0' a='4' b='0' c='0' d='0'/></lane>"
    "<lane id='-2' type='driving'><width sOffset='0' a='4' b='0' c='0' d='0'/>"
    "<material sOffset='400' friction='0'/><material sOffset='100' surface='ice' friction='0.3'/></lane>"
    "</right></laneSection></lanes></road></OpenDRIVE>";

static cw_map *read(const char *bytes, size_t count) {
    cw_map *map;
    cw_error err = {0};
    if (cw_opendrive_read(bytes, count, "t.xodr", &map, NULL, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return map;
}

static void read_and_written(void **state) {
    (void)state;
    cw_map *map = read(text, strlen(text)), *back;
    uint32_t icy = cw_map_find_lane(map, 0, -2, 0), dry = cw_map_find_lane(map, 0, -1, 0);
    assert_true(cw_lane_friction(map, icy, 99) == 0 && cw_lane_friction(map, icy, 100) == 0.3F);
    assert_true(cw_lane_friction(map, icy, 399) == 0.3F && cw_lane_friction(map, icy, 400) == 0);
    assert_true(cw_lane_friction(map, dry, 200) == 0);
    char *bytes;
    size_t count;
    cw_error err = {0};
    assert_int_equal(cw_opendrive_write(map, &bytes, &count, &err), CW_OK);
    back = read(bytes, count);
    assert_true(back->hash == map->hash);
    assert_true(cw_lane_friction(back, icy, 200) == 0.3F);
    free(bytes);
    cw_map_free(map);
    cw_map_free(back);
}

// From 20 m/s with the brakes full on: v^2 / (2 mu g), where the tyres use 95 % of the road's friction at most.
static double stops_after(const cw_map *map, double y) {
    static const cw_actor car = {.name = "ego",
                                 .model = "",
                                 .length = 4.5F,
                                 .width = 1.8F,
                                 .height = 1.5F,
                                 .center_x = 1.4F,
                                 .center_z = 0.75F,
                                 .wheelbase = 2.7F,
                                 .front_axle_x = 2.7F,
                                 .mass = 1500,
                                 .starts = true,
                                 .trailer = CW_NONE};
    cw_scene scene = {.name = "material",
                      .origin = CW_FROM_COMMONROAD,
                      .map = map,
                      .actor_count = 1,
                      .actors = &car,
                      .duration = (double)INFINITY,
                      .environment = {.friction_scale = 1},
                      .dry_friction = 1,
                      .has_start = true,
                      .start_x = 150,
                      .start_y = y,
                      .start_speed = 20,
                      .mission_route = CW_NONE};
    cw_world_def def = cw_world_defaults(&scene);
    def.drive_ego = true;
    cw_error err = {0};
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    assert_true(fabs((double)cw_world_friction(world, 150, y) - (y < -4 ? 0.3 : 1)) < 1e-6);
    cw_actor_state ego;
    cw_world_actor(world, 0, &ego);
    for (int step = 0; step < 3000 && ego.speed > 0.01F; step++) {
        cw_world_control(world, 0, -9.81F, 0, 0);
        cw_world_step(world);
        cw_world_actor(world, 0, &ego);
    }
    cw_world_free(world);
    return ego.x - 150;
}

static void the_tyres_feel_it(void **state) {
    (void)state;
    cw_map *map = read(text, strlen(text));
    double dry = stops_after(map, -2), icy = stops_after(map, -6), theory = 400 / (2 * 0.3 * 9.81);
    assert_true(dry < 35);
    assert_true(icy > 0.98 * theory && icy < 1.08 * theory);
    cw_map_free(map);
}

static void wrong_numbers(void **state) {
    (void)state;
    static const char *const bad[] = {"NaN", "x", "1e308"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char changed[sizeof text + 16];
        const char *at = strstr(text, "friction='0.3'") + 10;
        size_t head = (size_t)(at - text);
        memcpy(changed, text, head);
        memcpy(changed + head, bad[i], strlen(bad[i]));
        strcpy(changed + head + strlen(bad[i]), at + 3);
        cw_map *map;
        cw_error err = {0};
        assert_int_equal(cw_opendrive_read(changed, strlen(changed), "t.xodr", &map, NULL, &err), CW_ERR_INPUT);
        assert_true(err.line == 1 && err.column > 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(read_and_written), cmocka_unit_test(the_tyres_feel_it),
                                       cmocka_unit_test(wrong_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
