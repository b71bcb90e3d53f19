// Synchronize: both at their points at the same instant, whatever the master does; the steady part at the final speed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <stdio.h>

static const char *sync(const char *at, const char *master_at, const char *final) {
    return say("<PrivateAction><SynchronizeAction masterEntityRef='A'><TargetPositionMaster>%s</TargetPositionMaster>"
               "<TargetPosition>%s</TargetPosition>%s</SynchronizeAction></PrivateAction>",
               master_at, at, final);
}

static const char *final_speed(double speed, const char *steady) {
    return say("<FinalSpeed><AbsoluteSpeed value='%g'>%s</AbsoluteSpeed></FinalSpeed>", speed, steady);
}

typedef struct crossing {
    double time, x, speed; // when it passes, from the states around it
} crossing;

// Steps until the master passes `master_x`; says where the other is at that very instant.
static crossing run(play *p, const char *other, double master_x) {
    cw_actor_state a0 = play_actor(p, "A"), b0 = play_actor(p, other);
    for (int k = 0; k < 6000; k++) {
        play_step(p, 1);
        cw_actor_state a = play_actor(p, "A"), b = play_actor(p, other);
        if (a.x >= master_x) {
            double f = (master_x - a0.x) / (a.x - a0.x);
            return (crossing){(double)cw_world_time(p->world) * 1e-9 - 0.01 * (1 - f), b0.x + f * (b.x - b0.x),
                              (double)b0.speed + f * ((double)b.speed - (double)b0.speed)};
        }
        a0 = a;
        b0 = b;
    }
    fail_msg("the master never comes");
    return (crossing){0};
}

static const char *const masters[] = {"", "linear 2 20", "linear 4 5", "sinusoidal 3 25", "step 0 7", "cubic 5 12"};

static void check(const char *final_text, double final_value, double start_speed) {
    char final[256]; // outlives each play
    snprintf(final, sizeof final, "%s", final_text);
    for (size_t k = 0; k < sizeof masters / sizeof masters[0]; k++) {
        play p;
        char name[16] = "step";
        double value = 0, target = 15;
        if (masters[k][0])
            assert_int_equal(sscanf(masters[k], "%15s %lf %lf", name, &value, &target), 3);
        const char *init = say("%s%s", place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 15)),
                               place("B", on_lane(-3, 150, 0), speed_to("step", "time", 0, start_speed)));
        const char *story =
            say("%s%s",
                act("one",
                    group("g", "B", 1,
                          maneuver("m", event("e", "override", 1,
                                              action("a", sync(on_lane(-3, 260, 0), on_lane(-1, 300, 0), final)), ""))),
                    ""),
                act("two",
                    group("h", "A", 1,
                          maneuver("n", event("f", "override", 1, action("b", speed_to(name, "time", value, target)),
                                              trigger(after(3))))),
                    ""));
        play_begin(&p, PLAY_STRAIGHT, init, story, NULL, NULL);
        crossing c = run(&p, "B", 300);
        assert_near(c.x, 260, 0.01);
        if (final_value >= 0)
            assert_near(c.speed, final_value, 0.02);
        play_end(&p);
    }
}

static void both_arrive_together(void **state) {
    (void)state;
    check("", -1, 10);
    check("", -1, 0);
    check(final_speed(10, ""), 10, 10);
    check(final_speed(6, ""), 6, 12);
    check("<FinalSpeed><RelativeSpeedToMaster value='-2' speedTargetValueType='delta'/></FinalSpeed>", -1, 10);
}

// Standing first, it sets off evenly so as to have the final speed at the steady point, and keeps it.
static void a_walker_sets_off_in_time(void **state) {
    (void)state;
    play p;
    const char *track = "<Trajectory name='t' closed='false'><Shape><Polyline><Vertex><Position><WorldPosition x='400' "
                        "y='-9' h='0'/></Position></Vertex><Vertex><Position><WorldPosition x='400' y='9' h='0'/>"
                        "</Position></Vertex></Polyline></Shape></Trajectory>";
    const char *follow = say("<PrivateAction><RoutingAction><FollowTrajectoryAction><TrajectoryRef>%s</TrajectoryRef>"
                             "<TimeReference><None/></TimeReference><TrajectoryFollowingMode followingMode='position'/>"
                             "</FollowTrajectoryAction></RoutingAction></PrivateAction>",
                             track);
    const char *target =
        say("<TrajectoryPosition s='7.25'><TrajectoryRef>%s</TrajectoryRef></TrajectoryPosition>", track);
    const char *init = say("%s<Private entityRef='P'>%s</Private>",
                           place("A", on_lane(-1, 300, 0), speed_to("step", "time", 0, 12.5)), follow);
    const char *story =
        simple("P", event("e", "override", 1,
                          action("a", sync(target, on_lane(-1, 397, 0),
                                           final_speed(1.5, "<TargetDistanceSteadyState distance='6'/>"))),
                          ""));
    play_begin(&p, PLAY_STRAIGHT, init, story, NULL, NULL);
    double arrives = 97 / 12.5, steady = arrives - 6 / 1.5, sets_off = steady - 2 * 1.25 / 1.5;
    double y = 0, last = -9;
    for (int k = 1; k <= 900; k++) {
        play_step(&p, 1);
        double t = k * 0.01;
        cw_actor_state w = play_actor(&p, "P");
        double v = t <= sets_off ? 0 : t < steady ? 1.5 * (t - sets_off) / (steady - sets_off) : 1.5;
        double at = t <= sets_off ? 0
                    : t < steady  ? 0.5 * 1.5 * (t - sets_off) * (t - sets_off) / (steady - sets_off)
                                  : 1.25 + 1.5 * (t - steady);
        assert_near(w.speed, v, 1e-3);
        assert_near(w.y, -9 + at, 1e-4);
        assert_near(w.x, 400, 1e-9);
        if (t >= arrives && y <= 0) {
            double f = (arrives - (t - 0.01)) / 0.01;
            y = last + f * (w.y - last);
            assert_near(y, -9 + 7.25, 1e-4);
            y = 1;
        }
        last = w.y;
    }
    assert_true(y > 0);
    play_end(&p);
}

// The master brakes while the walker is in its steady part: the walker does not.
static void the_steady_part_is_steady(void **state) {
    (void)state;
    play p;
    const char *init = say("%s%s", place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 10)),
                           place("B", on_lane(-3, 180, 0), ""));
    const char *story =
        say("%s%s",
            act("one",
                group("g", "B", 1,
                      maneuver("m", event("e", "override", 1,
                                          action("a", sync(on_lane(-3, 200, 0), on_lane(-1, 200, 0),
                                                           final_speed(2, "<TargetTimeSteadyState "
                                                                          "time='4'/>"))),
                                          ""))),
                ""),
            act("two",
                group("h", "A", 1,
                      maneuver("n", event("f", "override", 1, action("b", speed_to("linear", "rate", 6, 0)),
                                          trigger(after(7))))),
                ""));
    play_begin(&p, PLAY_STRAIGHT, init, story, NULL, NULL);
    play_until(&p, 6.05);
    for (int k = 0; k < 380; k++) {
        play_step(&p, 1);
        assert_near(play_actor(&p, "B").speed, 2, 1e-6);
    }
    assert_near(play_actor(&p, "A").speed, 0, 1e-6);
    assert_near(play_when(&p, "event e ends", 3), 9.99, 0.02);
    play_end(&p);
}

// The master is an ego that somebody drives: what counts is where it is, and each of its changes of mind.
static void a_driven_master(void **state) {
    (void)state;
    play p;
    const char *init = say("%s%s", place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 15)),
                           place("B", on_lane(-3, 150, 0), speed_to("step", "time", 0, 10)));
    const char *story =
        simple("B", event("e", "override", 1, action("a", sync(on_lane(-3, 260, 0), on_lane(-1, 300, 0), "")), ""));
    play_begin(&p, PLAY_STRAIGHT, init, story, NULL, NULL);
    play_again(&p, true);
    assert_true(cw_world_ego_controlled(p.world));
    for (int k = 0; play_actor(&p, "A").x < 300; k++) {
        assert_true(k < 6000);
        cw_world_control(p.world, 0, k < 300 ? -1.5F : 1.0F, 0, 0);
        play_step(&p, 1);
    }
    assert_near(play_actor(&p, "B").x, 260, 0.3); // a step of either
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_driven_master), cmocka_unit_test(both_arrive_together),
                                       cmocka_unit_test(a_walker_sets_off_in_time),
                                       cmocka_unit_test(the_steady_part_is_steady)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
