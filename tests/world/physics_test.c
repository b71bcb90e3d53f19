// Common sense with numbers: what is out of sight goes on, nothing moves without a force or a script, friction, gravity and
// inertia do as theory says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_scene.h"
#include "world/state.h"

#include <string.h>

#define G 9.81

static cw_world *start(hand_scene *hand) {
    cw_world_def def = cw_world_defaults(&hand->scene);
    cw_error err = {0};
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s", err.text);
    return world;
}

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g +- %.3g", value, wanted, tolerance);
}

static void within(double value, double wanted, double share) {
    near(value, wanted, share * fabs(wanted));
}

static void run(cw_world *world, int steps) {
    for (int i = 0; i < steps; ++i)
        cw_world_step(world);
}

static cw_actor crate(const char *name, const cw_sample *sample) {
    cw_actor a = hand_recorded(name, sample, 1, true);
    a.kind = CW_ACTOR_OBSTACLE;
    a.length = 1.2f;
    a.width = 0.8f;
    a.height = 0.8f;
    a.center_x = 0;
    a.center_z = 0.4f;
    a.wheelbase = a.front_axle_x = 0;
    a.mass = 200;
    a.loose = true;
    return a;
}

// A walker behind a wall: no sensor asks for it, and it comes out where its motion says.
static void what_is_hidden_goes_on(void **unused) {
    (void)unused;
    const cw_sample walk[] = {{.time = 0, .x = 20, .y = -6, .heading = (float)(0.5 * CW_PI), .speed = 1.3f},
                              {.time = 10, .x = 20, .y = 7, .heading = (float)(0.5 * CW_PI), .speed = 1.3f}};
    cw_sample wall_at = {.x = 15, .y = -2};
    cw_actor others[] = {hand_recorded("walker", walk, 2, true), crate("wall", &wall_at)};
    others[0].kind = CW_ACTOR_PEDESTRIAN;
    others[0].length = others[0].width = 0.5f;
    others[0].center_x = 0;
    others[1].width = 6;
    others[1].loose = false;
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 0, others, 2);
    cw_world *world = start(&hand);
    cw_box wall = cw_world_box(world, 2);
    int hidden = 0;
    for (int i = 1; i <= 900; ++i) {
        cw_world_step(world);
        near(world->s.y[1], -6 + 1.3 * 0.01 * i, 0.01);
        near(world->s.x[1], 20, 0.01);
        hidden += cw_box_hits_segment(&wall, (cw_vec2){0, 0}, (cw_vec2){world->s.x[1], world->s.y[1]});
    }
    assert_true(hidden > 200);
    cw_world_free(world);
}

// Likewise a loose one that its sensors may not see at all.
static void what_is_invisible_slides_on(void **unused) {
    (void)unused;
    cw_sample at = {.x = 10, .y = 8, .heading = 1, .speed = 5};
    double seen[2];
    for (int k = 0; k < 2; ++k) {
        cw_actor other = crate("crate", &at);
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 0, &other, 1);
        cw_world *world = start(&hand);
        world->s.visible[1] = k == 0;
        run(world, 200);
        seen[k] = world->s.x[1];
        cw_world_free(world);
    }
    near(seen[0], seen[1], 0);
}

// Nothing that lies or stands moves, to the bit; and a thrown crate slides v^2 / (2 mu g).
static void nothing_moves_without_cause(void **unused) {
    (void)unused;
    const float speeds[] = {1, 4, 12, 25};
    for (int m = 1; m <= 9; m += 2)
        for (int k = 0; k < 4; ++k) {
            cw_sample thrown = {.x = 10, .y = 30, .heading = 0.4f, .speed = speeds[k]}, lies = {.x = 10, .y = -30};
            cw_actor others[] = {crate("thrown", &thrown), crate("lies", &lies)};
            hand_scene hand;
            hand_make(&hand, 0, 0, 0, 0, others, 2);
            hand.scene.dry_friction = 0.1 * m;
            cw_world *world = start(&hand);
            cw_state *s = &world->s;
            double x = s->x[1], y = s->y[1], v = (double)speeds[k];
            run(world, 100 + (int)(100 * v / (0.1 * m * G)));
            within(cw_hypot(s->x[1] - x, s->y[1] - y), v * v / (2 * 0.1 * m * G), 0.02);
            assert_true(s->speed[1] == 0 && s->lateral_speed[1] == 0 && s->yaw_rate[1] == 0);
            near(s->heading[1], (double)0.4f, 1e-9);
            assert_true(s->x[2] == 10 && s->y[2] == -30 && s->heading[2] == 0 && s->speed[2] == 0);
            assert_true(s->x[0] == 0 && s->y[0] == 0 && s->heading[0] == 0);
            cw_world_free(world);
        }
}

// A crate that is hit by a car slides as far as the speed that it got from it.
static void a_pushed_crate_slides(void **unused) {
    (void)unused;
    cw_sample lies = {.x = 20, .y = 0};
    cw_actor other = crate("crate", &lies);
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 10, &other, 1);
    hand.scene.dry_friction = 0.4;
    cw_world *world = start(&hand);
    cw_state *s = &world->s;
    for (int i = 0; i < 400 && s->speed[1] == 0; ++i)
        cw_world_step(world);
    double v = (double)s->speed[1], x = s->x[1];
    assert_true(s->speed[1] > 9.5f && s->speed[1] < 10);
    within(1500 * (double)s->speed[0] + 200 * v, 1500 * 10, 1e-3);
    s->speed[0] = 0; // out of the way
    s->x[0] = -50;
    run(world, 600);
    within(s->x[1] - x, v * v / (2 * 0.4 * G), 0.02);
    assert_true(s->speed[1] == 0 && s->x[0] > -51);
    cw_world_free(world);
}

static void cargo_falls(void **unused) {
    (void)unused;
    const float heights[] = {0.3f, 1, 2.5f, 10};
    for (int k = 0; k < 4; ++k) {
        cw_sample at = {.x = 10, .y = 0, .speed = 3};
        cw_actor other = crate("crate", &at);
        other.lift = heights[k];
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 0, &other, 1);
        cw_world *world = start(&hand);
        double lands = sqrt(2 * (double)heights[k] / G);
        int steps = 0;
        for (; world->s.z[1] > 0 && steps < 1000; ++steps) {
            double t = 0.01 * steps;
            near(world->s.z[1], (double)heights[k] - 0.5 * G * t * t, 1e-5);
            near(world->s.x[1], 10 + 3 * t, 1e-5); // no friction in the air
            cw_world_step(world);
        }
        assert_true(0.01 * steps >= lands - 1e-6 && 0.01 * (steps - 1) <= lands);
        // Its landing presses it down: friction takes mu times the speed of the fall at once.
        if (heights[k] > 0.5f)
            assert_true(world->s.speed[1] == 0);
        assert_true(world->s.fall[1] == 0);
        cw_world_free(world);
    }
}

// Cargo rides on a truck that brakes softly; when it brakes harder than mu g the cargo slides forwards on the platform.
static void cargo_rides_and_slides(void **unused) {
    (void)unused;
    for (int k = 0; k < 2; ++k) {
        cw_sample at = {.x = 1, .y = 0, .speed = 15};
        cw_actor other = crate("crate", &at);
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 15, &other, 1);
        hand.actors[0].length = 9;
        hand.actors[0].center_x = 2;
        hand.actors[0].wheelbase = 5;
        hand.actors[0].mass = 12000;
        hand.actors[0].kind = CW_ACTOR_TRUCK;
        hand.actors[0].deck = hand.actors[1].lift = 1.2f;
        hand.scene.dry_friction = k ? 0.8 : 0.25;
        cw_world *world = start(&hand);
        cw_state *s = &world->s;
        // 0.25: the road's friction is the platform's here; the tyres get 0.95 of it.
        cw_world_control(world, 0, k ? -6.0f : -2.0f, 0, 0);
        run(world, 300);
        near(s->z[1], (double)1.2f, 1e-6);
        near(s->x[1] - s->x[0], 1, 0.03);
        // Off the platform's front it falls to the road.
        s->speed[1] = 12;
        run(world, 600);
        assert_true(s->z[1] == 0 && s->x[1] > s->x[0] + 6.5);
        cw_world_free(world);
    }
}

// Half the plane is ice: the wheel that stands on it slides sooner. The last patch holds.
static void friction_is_where_it_lies(void **unused) {
    (void)unused;
    const cw_vec2 corners[] = {{50, -10}, {100, -10}, {100, 10}, {50, 10}}, inner[] = {{70, -5}, {95, -5}, {95, 20}};
    const cw_friction_patch patches[] = {
        {.lane = CW_NONE, .point_count = 4, .points = corners, .friction = 0.1f},
        {.lane = CW_NONE, .point_count = 3, .points = inner, .friction = 0.5f},
    };
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 10, NULL, 0);
    hand.scene.patches = patches;
    hand.scene.patch_count = 2;
    cw_world *world = start(&hand);
    near((double)cw_world_friction(world, 49, 0), 1, 0);
    near((double)cw_world_friction(world, 51, 0), 0.1, 1e-6);
    near((double)cw_world_friction(world, 79, 0), 0.5, 1e-6);
    near((double)cw_world_friction(world, 51, 11), 1, 0);
    // Brakes on the ice: v^2 / (2 * 0.95 mu g), reached at full braking.
    world->s.x[0] = 52;
    world->s.drive[0] = -8;
    cw_world_control(world, 0, -8, 0, 0);
    run(world, 2000);
    // It slides into the inner patch and stops there: energy by parts.
    double left = 100 - 2 * 0.95 * 0.1 * G * 23;
    near(world->s.x[0], 75 + left / (2 * 0.95 * 0.5 * G), 0.15);
    cw_world_free(world);
}

// On a slope of 10%: on ice it slides with g (sin - mu cos), on a dry road it stays where it is.
static void parked_on_a_slope(void **unused) {
    (void)unused;
    for (int k = 0; k < 4; ++k) {
        cw_sample at = {.x = 10, .y = 30, .heading = 0.3f};
        cw_actor other = hand_recorded("parked", &at, 1, true);
        other.loose = true;
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 0, &other, 1);
        double mu = k < 2 ? 0.05 : 0.9, slope = cw_atan(0.1), sine = cw_sin(slope), cosine = cw_cos(slope);
        hand.scene.dry_friction = mu;
        cw_world *world = start(&hand);
        cw_state *s = &world->s;
        if (k % 2)
            s->pitch[1] = s->pitch[0] = (float)slope; // nose down
        else
            s->roll[1] = s->roll[0] = (float)slope; // left side higher
        run(world, 500);
        double way = 0.5 * G * (sine - mu * cosine) * 25;
        if (k >= 2) {
            assert_true(s->x[1] == 10 && s->y[1] == 30 && s->x[0] == 0 && s->y[0] == 0);
        } else {
            double heading = (double)0.3f - (k % 2 ? 0 : 0.5 * CW_PI);
            near(s->x[1], 10 + way * cw_cos(heading), 0.02 * way);
            near(s->y[1], 30 + way * cw_sin(heading), 0.02 * way);
            if (k % 2) // the one that stands on its brakes slides too, with what ABS leaves
                within(s->x[0], 0.5 * G * (sine - 0.95 * mu * cosine) * 25, 0.02);
        }
        cw_world_free(world);
    }
}

// From full braking: a car of 1.5 t and a truck of 40 t, on every surface and slope.
static void stops_as_far_as_theory_says(void **unused) {
    (void)unused;
    const double surfaces[] = {0.9, 0.6, 0.3, 0.12};
    const double slopes[] = {0, -0.06, 0.06};
    for (int truck = 0; truck < 2; ++truck)
        for (int m = 0; m < 4; ++m)
            for (int k = 0; k < 3; ++k) {
                hand_scene hand;
                hand_make(&hand, 0, 0, 0, 20, NULL, 0);
                if (truck) {
                    hand.actors[0].kind = CW_ACTOR_TRUCK;
                    hand.actors[0].length = 12;
                    hand.actors[0].center_x = 3.5f;
                    hand.actors[0].wheelbase = 6;
                    hand.actors[0].mass = 40000;
                }
                hand.scene.dry_friction = surfaces[m];
                cw_world *world = start(&hand);
                cw_state *s = &world->s;
                double angle = cw_atan(slopes[k]), pull = G * cw_sin(angle), most = (double)world->params[0].max_brake;
                s->pitch[0] = (float)-angle;
                double b = cw_min(most, cw_min(most, 0.95 * surfaces[m] * G * cw_cos(angle)) + pull);
                s->drive[0] = -world->params[0].max_brake;
                cw_world_control(world, 0, -12, 0, 0);
                run(world, 4000);
                double air = (double)world->params[0].drag / (double)world->params[0].mass; // b + air v^2
                within(s->x[0], cw_log(1 + 400 * air / b) / (2 * air), 0.02);
                assert_true(s->speed[0] == 0 && s->y[0] == 0);
                cw_world_free(world);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_hidden_goes_on),
        cmocka_unit_test(what_is_invisible_slides_on),
        cmocka_unit_test(nothing_moves_without_cause),
        cmocka_unit_test(a_pushed_crate_slides),
        cmocka_unit_test(cargo_falls),
        cmocka_unit_test(cargo_rides_and_slides),
        cmocka_unit_test(friction_is_where_it_lies),
        cmocka_unit_test(parked_on_a_slope),
        cmocka_unit_test(stops_as_far_as_theory_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
