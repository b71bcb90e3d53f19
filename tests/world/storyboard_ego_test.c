// The ego under a driver: what the storyboard still tells it, and what is dropped; guidance that needs a lane change;
// trailers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>

static const char *activate(void) {
    return "<PrivateAction><ControllerAction><ActivateControllerAction lateral='true' longitudinal='true'/>"
           "</ControllerAction></PrivateAction>";
}

static const char *route(void) {
    return say(
        "<PrivateAction><RoutingAction><AssignRouteAction><Route name='r' closed='false'><Waypoint "
        "routeStrategy='shortest'><Position>%s</Position></Waypoint><Waypoint routeStrategy='shortest'><Position>"
        "%s</Position></Waypoint></Route></AssignRouteAction></RoutingAction></PrivateAction>",
        on_lane(-1, 0, 0), on_lane(-1, 900, 0));
}

static void the_driver_takes_over(void **state) {
    (void)state;
    play p;
    const char *events = say(
        "%s%s%s%s", event("take", "parallel", 1, action("t", activate()), trigger(after(2))),
        event("faster", "parallel", 1, action("f", speed_to("linear", "rate", 2, 30)), trigger(after(3))),
        event("way", "parallel", 1, action("w", route()), trigger(after(4))),
        event("change", "parallel", 1,
              action("c", change_lane("linear", "time", 2, "<AbsoluteTargetLane value='-2'/>")), trigger(after(5))));
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 100, 0), speed_to("linear", "rate", 4, 12)),
               simple("A", events), NULL, NULL);
    play_again(&p, true);
    uint32_t index;
    const void *goal;
    assert_false(cw_world_ego_controlled(p.world));
    assert_near(cw_world_set_speed(p.world), 12, 0);
    play_until(&p, 2);
    assert_near(play_actor(&p, "A").speed, 8, 1e-5); // the scenario moves it until then
    play_step(&p, 1);
    assert_true(play_said(&p, "controller of A activated"));
    assert_true(cw_world_ego_controlled(p.world));
    assert_int_equal(cw_world_mission(p.world, &index, &goal), 0);
    assert_near(play_when(&p, "event faster starts", 3), 3, 1e-9);
    assert_true(play_said(&p, "motion that the storyboard asks of A is dropped: its driver moves it"));
    assert_true(play_said(&p, "event faster ends"));
    assert_near(cw_world_set_speed(p.world), 30, 0);
    play_until(&p, 4.5);
    assert_int_equal(cw_world_mission(p.world, &index, &goal), 1);
    assert_int_equal(index, 0);
    assert_null(goal);
    assert_near(play_when(&p, "event change ends", 3), 5, 1e-9);
    assert_false(play_said(&p, "motion that the storyboard asks of A is dropped: its driver moves it")); // once
    play_until(&p, 8);
    assert_near(play_actor(&p, "A").y, -1.75, 0.05); // nobody steers
    assert_true(play_actor(&p, "A").speed < 10);
    play_end(&p);
}

static void without_a_controller_it_drives_from_the_start(void **state) {
    (void)state;
    play p;
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 12)), NULL, NULL, NULL);
    play_again(&p, true);
    assert_true(cw_world_ego_controlled(p.world));
    assert_near(play_actor(&p, "A").speed, 12, 0);
    play_end(&p);
}

static void a_route_changes_lanes(void **state) {
    (void)state;
    play p;
    const char *to = "<PrivateAction><RoutingAction><AcquirePositionAction><Position><LanePosition roadId='1' "
                     "laneId='-1' s='150'/></Position></AcquirePositionAction></RoutingAction></PrivateAction>";
    const char *init = say("%s%s", place("A", on_lane(-1, 20, 0), speed_to("step", "time", 0, 20)),
                           place("B", on_lane(-1, 60, 0), speed_to("step", "time", 0, 20)));
    play_begin(&p, PLAY_SPLIT, init, simple("A", event("e", "parallel", 1, action("a", to), "")), NULL, NULL);
    assert_near(play_when(&p, "event e ends", 60), (280 + 150) / 20.0, 0.02);
    assert_near(play_actor(&p, "A").y, -5.25, 1e-6);
    assert_near(play_actor(&p, "B").x, 300, 1e-6); // no way on for the one without a route
    play_end(&p);
}

static void trailers_follow(void **state) {
    (void)state;
    play p;
    const char *pull = "<PrivateAction><TrailerAction><ConnectTrailerAction trailerRef='C'/></TrailerAction>"
                       "</PrivateAction>";
    play_begin(&p, PLAY_CURVE, place("A", on_lane(-1, 40, 0), say("%s%s", pull, speed_to("step", "time", 0, 10))), NULL,
               NULL, NULL);
    // The hitch is the car's rear, 1 m behind its point; the coupler the other's front, 3 m ahead of its point.
    for (int k = 0; k < 2500; k++) {
        play_step(&p, 1);
        cw_actor_state a = play_actor(&p, "A"), c = play_actor(&p, "C");
        double hx = a.x - cos((double)a.heading), hy = a.y - sin((double)a.heading);
        assert_near(hypot(hx - c.x, hy - c.y), 3, 1e-5);
        assert_near(hx - c.x, 3 * cos((double)c.heading), 1e-5);
        if (k > 2300) // steady: the trailer's axle runs on the circle that the coupler leaves it
            assert_near(hypot(c.x - 100, c.y - 100), sqrt(101.75 * 101.75 + 1 - 9), 3e-3);
    }
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_driver_takes_over),
                                       cmocka_unit_test(without_a_controller_it_drives_from_the_start),
                                       cmocka_unit_test(a_route_changes_lanes), cmocka_unit_test(trailers_follow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
