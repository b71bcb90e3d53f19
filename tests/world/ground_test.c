// On a road with a hill and a bank: height, pitch and roll both ways, gravity; taking over from the scenario; what a touch
// does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "hand_scene.h"
#include "world/state.h"

// 1 km straight on, rising by 5% and banked by 0.04 rad; one lane a side.
static const char hill[] =
    "<OpenDRIVE><header revMajor='1' revMinor='6' name='hill'/><road name='' length='1000' id='1' junction='-1'>"
    "<planView><geometry s='0' x='0' y='0' hdg='0.5' length='1000'><line/></geometry></planView>"
    "<elevationProfile><elevation s='0' a='10' b='0.05' c='0' d='0'/></elevationProfile>"
    "<lateralProfile><superelevation s='0' a='0.04' b='0' c='0' d='0'/></lateralProfile>"
    "<lanes><laneSection s='0'><left><lane id='1' type='driving' level='false'><width sOffset='0' a='4' b='0' c='0' "
    "d='0'/></lane></left><center><lane id='0' type='none' level='false'/></center><right><lane id='-1' type='driving' "
    "level='false'><width sOffset='0' a='4' b='0' c='0' "
    "d='0'/></lane></right></laneSection></lanes></road></OpenDRIVE>";

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.9g instead of %.9g +- %.3g", value, wanted, tolerance);
}

static cw_actor_state at(const cw_world *world, uint32_t actor) {
    cw_actor_state s;
    cw_world_actor(world, actor, &s);
    return s;
}

static cw_world *start(hand_scene *hand) {
    cw_world_def def = cw_world_defaults(&hand->scene);
    cw_error err = {0};
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s", err.text);
    return world;
}

// s along the road and t to its left; facing +1 along it, -1 against it.
static cw_world *on_hill(hand_scene *hand, cw_map **map, double s, double t, double facing, float speed) {
    cw_error err = {0};
    if (cw_opendrive_read(hill, sizeof hill - 1, "hill.xodr", map, NULL, &err) != CW_OK)
        fail_msg("%s", err.text);
    double sine, cosine;
    cw_sincos(0.5, &sine, &cosine);
    hand_make(hand, s * cosine - t * sine, s * sine + t * cosine, (float)(facing > 0 ? 0.5 : 0.5 - CW_PI), speed, NULL,
              0);
    hand->scene.map = *map;
    return start(hand);
}

static void stands_on_the_ground(void **unused) {
    (void)unused;
    for (int k = -1; k <= 1; k += 2) {
        hand_scene hand;
        cw_map *map;
        // Right of the line going up, left of it going down: on the right lane both ways.
        cw_world *world = on_hill(&hand, &map, 300, -2 * k, k, 0);
        cw_actor_state s = at(world, 0);
        assert_true(s.place.lane != CW_NONE);
        near(s.place.s, 300, 1e-6);
        near(s.place.offset, 0, 1e-6);
        // A positive superelevation lowers the right side.
        near(s.z, 10 + 15 - 2 * k * cw_tan(0.04), 0.01);
        near((double)s.pitch, -0.05 * k, 2e-4);
        near((double)s.roll, 0.04 * k, 2e-4);
        cw_world_free(world);
        cw_map_free(map);
    }
}

// Full braking on a slippery hill: mu g cos +- g sin, so that uphill is shorter; at rest it stays.
static void gravity_counts(void **unused) {
    (void)unused;
    double way[2];
    for (int k = 0; k < 2; ++k) {
        hand_scene hand;
        cw_map *map;
        cw_world *world = on_hill(&hand, &map, 500, k ? 2 : -2, k ? -1 : 1, 15);
        cw_world_free(world);
        hand.scene.dry_friction = 0.3;
        world = start(&hand);
        near((double)cw_world_friction(world, 0, 0), 0.3, 1e-6);
        for (int i = 0; i < 1500; ++i) {
            cw_world_control(world, 0, -8, 0, 0);
            cw_world_step(world);
        }
        assert_true(at(world, 0).speed == 0);
        way[k] = at(world, 0).traveled;
        double x = at(world, 0).x;
        for (int i = 0; i < 500; ++i)
            cw_world_step(world);
        assert_true(at(world, 0).x == x && at(world, 0).lateral_speed == 0);
        cw_world_free(world);
        cw_map_free(map);
    }
    double grip = (0.95 * 0.3 + 0.012) * 9.81, pull = 9.81 * 0.05; // rolling helps
    near(way[1] / way[0], (grip + pull) / (grip - pull), 0.04);
    near(way[0], 15 * 15 / (2 * (grip + pull)), 2.5); // the brake takes its time
}

// At steady speed uphill: the engine makes up for the slope.
static void holds_its_speed(void **unused) {
    (void)unused;
    hand_scene hand;
    cw_map *map;
    cw_world *world = on_hill(&hand, &map, 100, -2, 1, 20);
    for (int i = 0; i < 500; ++i)
        cw_world_step(world);
    near((double)at(world, 0).speed, 20, 0.05);
    near(at(world, 0).z, 10 + 0.05 * (100 + 100) - 2 * cw_tan(0.04), 0.1);
    cw_world_free(world);
    cw_map_free(map);
}

// The scenario moves the ego until its controller is activated; then it goes on as it went.
static void taken_over_smoothly(void **unused) {
    (void)unused;
    const cw_action action = {.kind = CW_DO_ACTIVATE_CONTROLLER, .is_private = true, .actor = 0};
    hand_scene hand;
    hand_make(&hand, 0, 0, 0.3f, 15, NULL, 0);
    hand.scene.actions = &action;
    hand.scene.action_count = 1;
    cw_world *world = start(&hand);
    assert_false(cw_world_ego_controlled(world));
    cw_world_control(world, 0, 2, 0, 1); // heeded by nobody yet
    assert_int_equal(at(world, 0).lamps, 0);
    world->s.yaw_rate[0] = 0.2f;
    world->s.accel[0] = -1;
    assert_true(cw_world_activate(world, 0, false));
    assert_true(cw_world_ego_controlled(world));
    near((double)at(world, 0).steer, cw_atan(2.7 * 0.2 / 15), 1e-6);
    cw_world_step(world);
    near((double)at(world, 0).speed, 15 - 0.01, 0.01);
    near((double)at(world, 0).yaw_rate, 0.2, 0.02);
    assert_false(cw_world_activate(world, 0, true));
    assert_false(cw_world_ego_controlled(world));
    cw_world_free(world);

    // Nobody drives: the scenario keeps it.
    cw_world_def def = cw_world_defaults(&hand.scene);
    def.drive_ego = false;
    world = cw_world_new(&def, NULL);
    assert_false(cw_world_activate(world, 0, false));
    cw_world_free(world);
}

// Momentum along the normal is shared by mass; who walks stops a car by their own momentum only, once.
static void momentum_is_shared(void **unused) {
    (void)unused;
    const struct {
        cw_actor_kind kind;
        float mass, speed_after;
    } cases[] = {{CW_ACTOR_CAR, 1500, 10}, {CW_ACTOR_TRUCK, 28500, 1}, {CW_ACTOR_PEDESTRIAN, 75, 20 * 1500.0f / 1575}};
    for (int k = 0; k < 3; ++k) {
        cw_sample sample = {.x = 20};
        cw_actor other = hand_recorded("other", &sample, 1, true);
        other.kind = (uint8_t)cases[k].kind;
        other.mass = cases[k].mass;
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 20, &other, 1);
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.restitution = 0;
        cw_world *world = cw_world_new(&def, NULL);
        const cw_contact *c;
        while (cw_world_contacts(world, &c) == 0 && cw_world_steps(world) < 200)
            cw_world_step(world);
        near((double)at(world, 0).speed, (double)cases[k].speed_after, 0.01);
        for (int i = 0; i < 100; ++i)
            cw_world_step(world);
        if (cases[k].kind == CW_ACTOR_PEDESTRIAN)
            near((double)at(world, 0).speed, (double)cases[k].speed_after, 0.6); // who slides before it brakes it
        else // what it pushes slides on locked wheels
            assert_true(at(world, 0).speed < cases[k].speed_after && at(world, 0).x < at(world, 1).x);
        assert_true(isfinite(at(world, 0).yaw_rate));
        cw_world_free(world);
    }
    // A glancing touch takes only what points at the other.
    cw_sample sample = {.x = 15, .y = 1.9};
    cw_actor wall = hand_recorded("wall", &sample, 1, true);
    wall.length = 30;
    wall.width = 0.2f;
    wall.center_x = 0;
    hand_scene hand;
    hand_make(&hand, 0, 0, 0.05f, 20, &wall, 1);
    cw_world *world = start(&hand);
    for (int i = 0; i < 100; ++i)
        cw_world_step(world);
    const cw_contact *c;
    assert_int_equal(cw_world_contacts(world, &c), 1);
    assert_true((double)at(world, 0).speed > 15);
    cw_world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_on_the_ground), cmocka_unit_test(gravity_counts),     cmocka_unit_test(holds_its_speed),
        cmocka_unit_test(taken_over_smoothly),  cmocka_unit_test(momentum_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
