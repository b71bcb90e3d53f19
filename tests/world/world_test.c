// The world's core on an open plane: motion under control, recordings, contacts, signals, faults.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_scene.h"
#include "world/state.h"

#include <string.h>

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

static cw_actor_state at(const cw_world *world, uint32_t actor) {
    cw_actor_state s;
    cw_world_actor(world, actor, &s);
    return s;
}

// 600 s at constant speed, begun 10 km off the origin, end within 1 mm.
static void keeps_its_digits(void **unused) {
    (void)unused;
    const float headings[] = {0.7f, -2.9f};
    for (int k = 0; k < 2; ++k) {
        hand_scene hand;
        hand_make(&hand, 10000, -10000, headings[k], 33, NULL, 0);
        cw_world *world = start(&hand);
        assert_true(cw_world_ego_controlled(world));
        for (int i = 0; i < 60000; ++i)
            cw_world_step(world);
        double heading = (double)headings[k];
        near(at(world, 0).x, 10000 + 33 * 600 * cw_cos(heading), 1e-3);
        near(at(world, 0).y, -10000 + 33 * 600 * cw_sin(heading), 1e-3);
        near(at(world, 0).traveled, 33 * 600, 1e-3);
        assert_true(cw_world_time(world) == INT64_C(600000000000));
        assert_true(cw_world_ended(world) == CW_GOES_ON);
        cw_world_free(world);
    }
}

static void recordings_are_interpolated(void **unused) {
    (void)unused;
    static const cw_sample samples[] = {{.time = 1, .x = 0, .y = 5, .heading = 3.0f, .speed = 4},
                                        {.time = 2, .x = 4, .y = 5, .heading = -3.0f, .speed = 6},
                                        {.time = 3, .x = 10, .y = 5, .heading = -3.0f, .speed = NAN}};
    cw_actor others[] = {hand_recorded("a", samples, 3, false), hand_recorded("b", samples, 3, true)};
    hand_scene hand;
    hand_make(&hand, 0, -50, 0, 0, others, 2);
    hand.scene.duration = 4;
    cw_world *world = start(&hand);
    assert_false(at(world, 1).present);
    for (int i = 0; i < 125; ++i)
        cw_world_step(world);
    cw_actor_state s = at(world, 1);
    assert_true(s.present && s.mover == CW_MOVED_BY_RECORDING);
    near(s.x, 1, 1e-9);
    near((double)s.speed, 4.5, 1e-6);
    near((double)s.accel, 2, 1e-6);
    // From 3 to -3 rad the short way is over pi.
    near((double)s.heading, 3 + 0.25 * (2 * CW_PI - 6), 1e-6);
    near((double)s.yaw_rate, 2 * CW_PI - 6, 1e-6);
    for (int i = 0; i < 125; ++i)
        cw_world_step(world);
    near(at(world, 1).x, 7, 1e-9);
    // Without a speed in the file: from the positions, along the heading.
    near((double)at(world, 1).speed, 6 * cw_cos(-3), 1e-5);
    for (int i = 0; i < 50; ++i)
        cw_world_step(world);
    assert_true(at(world, 1).present);
    cw_world_step(world);
    assert_false(at(world, 1).present);
    assert_true(at(world, 2).present); // stays, standing
    assert_true(at(world, 2).speed == 0 && at(world, 2).x == 10);
    near(at(world, 2).traveled, 10, 1e-9);
    for (int i = 0; i < 98; ++i)
        cw_world_step(world);
    assert_true(cw_world_ended(world) == CW_GOES_ON);
    cw_world_step(world);
    assert_true(cw_world_ended(world) == CW_END_RECORDING);
    int64_t steps = cw_world_steps(world);
    cw_world_step(world);
    assert_true(cw_world_steps(world) == steps); // over is over
    cw_world_free(world);
}

static cw_actor standing(const char *name, cw_sample *sample, double x, double y, float heading) {
    *sample = (cw_sample){.x = x, .y = y, .heading = heading};
    return hand_recorded(name, sample, 1, true);
}

// Into a standing car's rear: front bumpers meet when the gap is gone, to a microsecond.
static void contact_is_exact(void **unused) {
    (void)unused;
    for (int k = 0; k < 5; ++k) {
        cw_sample sample;
        cw_actor other = standing("other", &sample, 30 + 0.037 * k, 0.4, 0);
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 17, &other, 1);
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.contact_friction = 0;
        cw_world *world = cw_world_new(&def, NULL);
        const cw_contact *c;
        while (cw_world_contacts(world, &c) == 0 && cw_world_steps(world) < 1000)
            cw_world_step(world);
        // The ego's front is 1.4 + 2.25 ahead of its rear axle, the other's rear 2.25 - 1.4 behind its own.
        double gap = 30 + 0.037 * k + 1.4 - 2.25 - (1.4 + 2.25);
        near((double)c[0].time_ns * 1e-9, gap / 17, 2e-8);
        assert_int_equal(c[0].a, 0);
        assert_int_equal(c[0].b, 1);
        near((double)c[0].impact_speed, 17, 1e-5);
        near((double)c[0].speed_a, 17, 1e-5);
        near((double)c[0].speed_b, 0, 0);
        near(c[0].x, 30 + 0.037 * k + 1.4 - 2.25, 1e-5);
        near(c[0].y, 0.2, 1e-3); // the middle of the 1.4 m that overlap
        // Equal masses that meet 0.2 m beside both centres, restitution 0.1; and it does not drive through.
        double lever = 0.2 * 0.2 / (double)(world->loose[0].gyration * world->loose[0].gyration);
        near((double)at(world, 0).speed, 17 * (1 - 0.5 * 1.1 / (1 + lever)), 0.1);
        for (int i = 0; i < 300; ++i) {
            if (i % 10 == 0)
                cw_world_control(world, 0, 3, 0, 0);
            cw_world_step(world);
        }
        assert_true(at(world, 0).x < at(world, 1).x);
        assert_int_equal(at(world, 1).mover, CW_MOVED_BY_PHYSICS);
        assert_true(cw_world_contacts(world, &c) >= 1);
        cw_world_free(world);
    }
}

// Two that cross at right angles at speed: nobody slips through between two steps.
static void fast_ones_do_not_pass_through(void **unused) {
    (void)unused;
    static const cw_sample samples[] = {{.time = 0, .x = 0, .y = 0, .speed = 0},
                                        {.time = 10, .x = 0, .y = 0, .speed = 0}};
    cw_actor pole = hand_recorded("pole", samples, 2, true);
    pole.length = pole.width = 0.05f;
    pole.center_x = 0;
    hand_scene hand;
    hand_make(&hand, -30.13, 0.5, 0, 60, &pole, 1);
    hand.actors[0].length = 0.2f;
    hand.actors[0].center_x = 0;
    cw_world_def def = cw_world_defaults(&hand.scene);
    def.dt_ns = 20000000; // 1.2 m a step
    cw_world *world = cw_world_new(&def, NULL);
    for (int i = 0; i < 40; ++i)
        cw_world_step(world);
    const cw_contact *c;
    assert_int_equal(cw_world_contacts(world, &c), 1);
    near((double)c[0].time_ns * 1e-9, (30.13 - 0.1 - 0.025) / 60, 1e-5);
    cw_world_free(world);
}

// A pair counts again only once it has parted by 0.5 m.
static void counts_once_until_parted(void **unused) {
    (void)unused;
    const double gaps[] = {0.4, 0.6};
    for (int k = 0; k < 2; ++k) {
        // Beside the standing ego: touches at 1 s, goes `gap` away, comes back at 3 s.
        double side = 1.8, gap = gaps[k];
        cw_sample samples[] = {{.time = 0, .x = 0, .y = side + 0.2},
                               {.time = 1, .x = 0, .y = side - 0.01},
                               {.time = 2, .x = 0, .y = side + gap},
                               {.time = 3, .x = 0, .y = side - 0.1}, // the ego has given way a little
                               {.time = 4, .x = 0, .y = side + 0.2}};
        cw_actor other = hand_recorded("other", samples, 5, true);
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 0, &other, 1);
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.contact_frees = false;
        cw_world *world = cw_world_new(&def, NULL);
        for (int i = 0; i < 500; ++i)
            cw_world_step(world);
        const cw_contact *c;
        assert_int_equal(cw_world_contacts(world, &c), k == 0 ? 1 : 2);
        assert_true(cw_world_touching(world, 0, 1) && cw_world_touching(world, 1, CW_NONE));
        assert_true(cw_world_touching_kind(world, 0, CW_ACTOR_CAR));
        assert_false(cw_world_touching_kind(world, 0, CW_ACTOR_BUS));
        assert_false(cw_world_touching(world, 0, 2));
        cw_world_free(world);
    }
}

static void some_do_not_collide(void **unused) {
    (void)unused;
    cw_sample a, b, c[] = {{.time = 100, .x = 1}, {.time = 200, .x = 1}};
    cw_actor others[] = {standing("trailer", &a, -4, 0, 0), standing("above", &b, 1, 0, 0),
                         hand_recorded("later", c, 2, false)};
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 0, others, 3);
    hand.actors[0].trailer = 1;
    cw_world *world = start(&hand);
    world->s.z[2] = 6; // on a bridge
    for (int i = 0; i < 10; ++i)
        cw_world_step(world);
    const cw_contact *contacts;
    assert_int_equal(cw_world_contacts(world, &contacts), 0);
    // Recorded ones that overlap one another say nothing of the run.
    world->s.z[2] = 0;
    world->s.z[0] = -6;
    cw_world_step(world);
    assert_int_equal(cw_world_contacts(world, &contacts), 0);
    cw_world_free(world);
}

// The whole world turned and shifted by 10 km gives the same contact.
static void contact_moves_with_the_world(void **unused) {
    (void)unused;
    double first[3] = {0};
    for (int k = 0; k < 3; ++k) {
        double turn = k == 0 ? 0 : 1.1, ox = k == 2 ? 10000 : 0, oy = k == 2 ? -7000 : 0, sine, cosine;
        cw_sincos((double)(float)turn, &sine, &cosine);
        cw_sample sample;
        cw_actor other = standing("other", &sample, ox + 25 * cosine - 1.2 * sine, oy + 25 * sine + 1.2 * cosine,
                                  (float)(turn + 0.6));
        hand_scene hand;
        hand_make(&hand, ox, oy, (float)turn, 14, &other, 1);
        cw_world *world = start(&hand);
        for (int i = 0; i < 300; ++i)
            cw_world_step(world);
        const cw_contact *c;
        assert_int_equal(cw_world_contacts(world, &c), 1);
        double dx = c[0].x - ox, dy = c[0].y - oy;
        double now[3] = {(double)c[0].time_ns * 1e-9, dx * cosine + dy * sine, dy * cosine - dx * sine};
        for (int i = 0; i < 3; ++i) {
            if (k == 0)
                first[i] = now[i];
            near(now[i], first[i], 1e-5);
        }
        cw_world_free(world);
    }
}

static void faults_are_named(void **unused) {
    (void)unused;
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 10, NULL, 0);
    cw_world *world = start(&hand);
    assert_null(cw_world_fault(world));
    cw_world_control(world, 0, NAN, 0, 0);
    assert_string_equal(cw_world_fault(world), "control is not a number: actor 0");
    assert_true(cw_world_ended(world) == CW_END_FAULT);
    cw_world_step(world);
    assert_true(cw_world_steps(world) == 0);
    cw_world_free(world);

    world = start(&hand);
    cw_world_step(world);
    unsigned char bytes[16384];
    assert_true(cw_world_state_size(world) <= sizeof bytes);
    world->s.lateral_speed[0] = NAN;
    cw_world_step(world);
    assert_string_equal(cw_world_fault(world), "nan in actor 0");
    assert_true(isfinite(at(world, 0).x) && at(world, 0).speed == 0);
    cw_world_save(world, bytes);
    cw_world_free(world);

    world = start(&hand);
    cw_world_restore(world, bytes); // the fault is state
    assert_string_equal(cw_world_fault(world), "nan in actor 0");
    cw_world_free(world);

    hand_make(&hand, 1e7 - 0.05, 0, 0, 10, NULL, 0);
    world = start(&hand);
    cw_world_step(world);
    assert_string_equal(cw_world_fault(world), "position out of bounds of actor 0");
    cw_world_free(world);
}

// Both directions of time, references, and what the storyboard overrides.
static void signals_run(void **unused) {
    (void)unused;
    static const cw_light_state states[] = {
        {"a", "red", 1}, {"a", "green", 4}, {"b", "off;off;on", 4}, {"b", "on;off;off", 1}};
    static const cw_phase first[] = {{"stop", 2, 1, &states[0]}, {"go", 3, 1, &states[1]}};
    static const cw_phase second[] = {{"go", 1, 1, &states[2]}, {"stop", 4, 1, &states[3]}};
    const cw_signal_program programs[] = {
        {.name = "one", .delay = 1, .count = 2, .phases = first, .period = 5},
        {.name = "two", .delay = 0.5, .reference = "one", .count = 2, .phases = second}};
    const cw_action action = {.kind = CW_DO_SIGNAL_STATE, .reference = "a", .text = "off;on;off", .actor = CW_NONE};
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 0, NULL, 0);
    hand.scene.programs = programs;
    hand.scene.program_count = 2;
    hand.scene.actions = &action;
    hand.scene.action_count = 1;
    cw_world *world = start(&hand);
    uint32_t a = cw_world_signal(world, "a"), b = cw_world_signal(world, "b");
    assert_true(a != CW_NONE && b != CW_NONE && cw_world_signal(world, "c") == CW_NONE);
    for (int i = 0; i < 1200; ++i) {
        double t = 0.01 * i, in_one = fmod(t - 1 + 10 + 1e-9, 5), in_two = fmod(t - 1.5 + 10 + 1e-9, 5);
        assert_int_equal(cw_world_light(world, a), in_one < 2 ? 1 : 4);
        assert_int_equal(cw_world_light(world, b), in_two < 1 ? 4 : 1);
        assert_string_equal(cw_world_light_text(world, b), in_two < 1 ? "off;off;on" : "on;off;off");
        cw_world_step(world);
    }
    assert_true(cw_world_light_since(world, a) == INT64_C(11000000000));
    cw_world_set_light(world, a, 0);
    assert_int_equal(cw_world_light(world, a), 3);
    for (int i = 0; i < 500; ++i)
        cw_world_step(world);
    assert_int_equal(cw_world_light(world, a), 3); // the program does not take it back
    assert_string_equal(cw_world_light_text(world, a), "off;on;off");
    cw_world_set_phase(world, 0, 1);
    assert_int_equal(cw_world_light(world, a), 4);
    for (int i = 0; i < 301; ++i)
        cw_world_step(world);
    assert_int_equal(cw_world_light(world, a), 1);
    cw_world_free(world);
}

// Reverse gear by its lamp; brake lamp and steering pass through.
static void control_is_held(void **unused) {
    (void)unused;
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 0, NULL, 0);
    cw_world *world = start(&hand);
    cw_world_control(world, 0, -1, 0.1f, 16);
    for (int i = 0; i < 200; ++i)
        cw_world_step(world);
    assert_true(at(world, 0).speed < -1.5f && at(world, 0).lamps == 16);
    cw_world_control(world, 0, -1, 0.1f, 0);
    for (int i = 0; i < 400; ++i)
        cw_world_step(world);
    assert_true(at(world, 0).speed == 0);
    near((double)at(world, 0).steer, 0.1, 1e-4);
    cw_actor_limits limits;
    cw_world_limits(world, 0, &limits);
    assert_true(limits.mass == 1500 && limits.wheelbase == 2.7f && limits.max_brake > 0);
    cw_world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_its_digits),
        cmocka_unit_test(recordings_are_interpolated),
        cmocka_unit_test(contact_is_exact),
        cmocka_unit_test(fast_ones_do_not_pass_through),
        cmocka_unit_test(counts_once_until_parted),
        cmocka_unit_test(some_do_not_collide),
        cmocka_unit_test(contact_moves_with_the_world),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(signals_run),
        cmocka_unit_test(control_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
