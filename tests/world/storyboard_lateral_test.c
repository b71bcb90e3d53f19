// The lateral domain against closed forms, counting of lanes, mirrored scenarios, and the way along lanes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

static const char *to_lane(int lane) {
    return say("<AbsoluteTargetLane value='%d'/>", lane);
}

static const char *beside(const char *actor, int count) {
    return say("<RelativeTargetLane entityRef='%s' value='%d'/>", actor, count);
}

static double shape(const char *name, double x) {
    if (x >= 1)
        return 1;
    return name[0] == 'l' ? x : name[0] == 'c' ? 3 * x * x - 2 * x * x * x : 0.5 - 0.5 * cos(PI * x);
}

static void check_change(const char *name, const char *dimension, double value, double span) {
    play p;
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-2, 100, 0), speed_to("step", "time", 0, 20)),
               simple("A", event("e", "override", 1, action("a", change_lane(name, dimension, value, to_lane(-1))),
                                 trigger(after(1)))),
               NULL, NULL);
    for (int k = 1; k <= 900; k++) {
        play_step(&p, 1);
        double x = (k * 0.01 - 1) / span;
        cw_actor_state a = play_actor(&p, "A");
        assert_near(a.y, -5.25 + 3.5 * (x <= 0 ? 0 : shape(name, x)), 1e-9);
        assert_near(a.x, 100 + 0.2 * k, 1e-9);
        double h = 1e-6,
               rate = x > h && x < 1 - h ? 3.5 * (shape(name, x + h) - shape(name, x - h)) / (2 * h * span) : 0;
        assert_near(a.heading, atan(rate / 20), 1e-5);
        int32_t id = p.scene->map->lanes[a.place.lane].id;
        if (fabs(a.y + 3.5) > 1e-6)
            assert_int_equal(id, a.y > -3.5 ? -1 : -2);
        if (x > 1 + 0.01 / span)
            assert_near(a.y, -1.75, 1e-12);
    }
    play_end(&p);
}

static void lane_changes_have_their_shape(void **state) {
    (void)state;
    check_change("sinusoidal", "time", 3.21, 3.21);
    check_change("cubic", "time", 4, 4);
    check_change("linear", "time", 2, 2);
    check_change("sinusoidal", "distance", 64, 3.2);
    check_change("linear", "rate", 1, 3.5);
    check_change("sinusoidal", "rate", 1, 3.5 * PI / 2); // the largest lateral speed is 1 m/s
    check_change("cubic", "rate", 1, 5.25);
}

// To the left of whoever is referred to, whatever side of the road and whatever rule.
static void lanes_are_counted_to_the_left(void **state) {
    (void)state;
    static const struct {
        play_map map;
        int lane, count, target;
    } rows[] = {{PLAY_STRAIGHT, -3, 1, -2},      {PLAY_STRAIGHT, -1, 1, 1},       {PLAY_STRAIGHT, -1, -2, -3},
                {PLAY_STRAIGHT, 2, 1, 1},        {PLAY_STRAIGHT, 1, 1, -1},       {PLAY_STRAIGHT, 1, -1, 2},
                {PLAY_STRAIGHT, -2, 0, -2},      {PLAY_STRAIGHT_LEFT, 2, 1, 3},   {PLAY_STRAIGHT_LEFT, 1, -1, -1},
                {PLAY_STRAIGHT_LEFT, -2, 1, -3}, {PLAY_STRAIGHT_LEFT, -1, -1, 1}, {PLAY_STRAIGHT_LEFT, -2, -1, -1}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        play p;
        const char *init =
            say("%s%s", place("A", on_lane(rows[k].lane, 1000, 0), speed_to("step", "time", 0, 10)),
                place("B", say("<RelativeLanePosition entityRef='A' dLane='%d' ds='30'/>", rows[k].count),
                      speed_to("step", "time", 0, 10)));
        play_begin(&p, rows[k].map, init,
                   simple("A", event("e", "override", 1,
                                     action("a", change_lane("linear", "time", 1, beside("A", rows[k].count))), "")),
                   NULL, NULL);
        double y = (rows[k].target > 0 ? 1 : -1) * (3.5 * abs(rows[k].target) - 1.75);
        cw_actor_state a = play_actor(&p, "A"), b = play_actor(&p, "B");
        double ahead = fabs((double)a.heading) < 1 ? 1 : -1;
        assert_near(b.y, y, 1e-9);
        assert_near(b.x, 1000 + 30 * ahead, 1e-9); // along the way that A faces
        play_until(&p, 1.5);
        a = play_actor(&p, "A");
        assert_near(a.y, y, 1e-9);
        assert_near(a.x, 1000 + 15 * ahead, 1e-9); // goes on as it faced
        assert_int_equal(p.scene->map->lanes[a.place.lane].id, rows[k].target);
        play_end(&p);
    }
}

// The same scenario on the mirrored road: every place mirrored.
static void mirrored_scenarios_mirror(void **state) {
    (void)state;
    play p[2];
    for (int k = 0; k < 2; k++) {
        int sign = k ? -1 : 1;
        const char *offset = say("<PrivateAction><LateralAction><LaneOffsetAction continuous='false'>"
                                 "<LaneOffsetActionDynamics maxLateralAcc='1.5' dynamicsShape='sinusoidal'/>"
                                 "<LaneOffsetTarget><AbsoluteTargetLaneOffset value='%g'/></LaneOffsetTarget>"
                                 "</LaneOffsetAction></LateralAction></PrivateAction>",
                                 sign * 0.8);
        const char *events =
            say("%s%s",
                event("e", "override", 1, action("a", change_lane("sinusoidal", "time", 3, beside("A", sign))),
                      trigger(after(1))),
                event("f", "override", 1, action("b", offset),
                      trigger(when_state("event", "e", "endTransition", "rising", 1))));
        play_begin(&p[k], k ? PLAY_STRAIGHT_LEFT : PLAY_STRAIGHT,
                   place("A", on_lane(k ? 2 : -2, 100, 0), speed_to("step", "time", 0, 15)), simple("A", events), NULL,
                   NULL);
    }
    for (int n = 0; n < 900; n++) {
        play_step(&p[0], 1);
        play_step(&p[1], 1);
        cw_actor_state a = play_actor(&p[0], "A"), b = play_actor(&p[1], "A");
        assert_near(a.x, b.x, 1e-9);
        assert_near(a.y, -b.y, 1e-9);
        assert_near(a.heading, -b.heading, 1e-6);
        assert_near(a.yaw_rate, -b.yaw_rate, 1e-4);
    }
    assert_near(play_actor(&p[0], "A").y, -1.75 + 0.8, 1e-9);
    play_end(&p[0]);
    play_end(&p[1]);
}

static void offsets_keep_to_the_acceleration(void **state) {
    (void)state;
    play p;
    const char *offset = "<PrivateAction><LateralAction><LaneOffsetAction continuous='true'><LaneOffsetActionDynamics "
                         "maxLateralAcc='0.6' dynamicsShape='sinusoidal'/><LaneOffsetTarget><AbsoluteTargetLaneOffset "
                         "value='-1.2'/></LaneOffsetTarget></LaneOffsetAction></LateralAction></PrivateAction>";
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 15)),
               simple("A", event("e", "override", 1, action("a", offset), "")), NULL, NULL);
    double span = PI * sqrt(1.2 / 1.2), last[2] = {-1.75, -1.75}, most = 0;
    for (int k = 1; k <= 500; k++) {
        play_step(&p, 1);
        cw_actor_state a = play_actor(&p, "A");
        double x = k * 0.01 / span;
        assert_near(a.y, -1.75 - 1.2 * (x >= 1 ? 1 : 0.5 - 0.5 * cos(PI * x)), 1e-9);
        double accel = fabs(a.y - 2 * last[0] + last[1]) * 1e4;
        most = k > 2 && accel > most ? accel : most;
        last[1] = last[0];
        last[0] = a.y;
    }
    assert_near(most, 0.6, 0.001);
    assert_false(play_said(&p, "action a ends")); // continuous: never
    play_end(&p);
}

static void lateral_distance_is_kept(void **state) {
    (void)state;
    play p;
    const char *side =
        "<PrivateAction><LateralAction><LateralDistanceAction entityRef='B' distance='1' freespace='true' "
        "continuous='true' displacement='rightToReferencedEntity'/></LateralAction></PrivateAction>";
    const char *init = say("%s%s", place("A", on_lane(-3, 100, 0), speed_to("step", "time", 0, 15)),
                           place("B", on_lane(-1, 100, 0), speed_to("step", "time", 0, 15)));
    const char *story =
        say("%s%s", act("one", group("g", "A", 1, maneuver("m", event("e", "override", 1, action("a", side), ""))), ""),
            act("two",
                group("h", "B", 1,
                      maneuver("n", event("f", "override", 1, action("b", change_lane("cubic", "time", 3, to_lane(1))),
                                          trigger(after(2))))),
                ""));
    play_begin(&p, PLAY_STRAIGHT, init, story, NULL, NULL);
    play_until(&p, 1);
    for (int k = 0; k < 500; k++) {
        play_step(&p, 1);
        assert_near(play_actor(&p, "B").y - play_actor(&p, "A").y, 3, 1e-9); // 1 m and two half widths
    }
    assert_near(play_actor(&p, "B").y, 1.75, 1e-9);
    play_end(&p);
}

static void a_bend_is_driven_at_its_radius(void **state) {
    (void)state;
    play p;
    play_begin(&p, PLAY_CURVE, place("A", on_lane(-1, 20, 0.5), speed_to("step", "time", 0, 10)), NULL, NULL, NULL);
    play_until(&p, 20);
    cw_actor_state a = play_actor(&p, "A");
    double radius = 100 + 1.75 - 0.5;
    assert_near(hypot(a.x - 100, a.y - 100), radius, 1e-6);
    assert_near(a.heading, 120 / radius, 1e-4); // 80 m straight, then 120 m on the actor's own circle
    assert_near(a.yaw_rate, 10 / radius, 1e-4);
    assert_near(a.traveled, 200, 1e-6);
    play_end(&p);
}

static void lanes_lead_across_roads(void **state) {
    (void)state;
    play p;
    const char *init = say("%s%s", place("A", on_lane(-1, 20, 0.3), speed_to("step", "time", 0, 10)),
                           place("B", "<LanePosition roadId='2' laneId='1' s='50'/>", speed_to("step", "time", 0, 10)));
    play_begin(&p, PLAY_CHAIN, init, NULL, NULL, NULL);
    for (double t = 0; t < 20; t += 1) {
        play_until(&p, t);
        assert_near(play_actor(&p, "A").x, 20 + 10 * t, 1e-6);
        assert_near(play_actor(&p, "A").y, -1.45, 1e-6);
        assert_near(play_actor(&p, "B").x, 250 - 10 * t, 1e-6);
        assert_near(play_actor(&p, "B").y, 1.75, 1e-6);
    }
    assert_near(play_when(&p, "B stands at the end of the road", 100), 25, 0.02);
    assert_near(play_actor(&p, "B").x, 0, 1e-6);
    assert_near(play_actor(&p, "B").speed, 0, 0);
    play_end(&p);
}

static const char *route_to(int road) {
    return say(
        "<PrivateAction><RoutingAction><AssignRouteAction><Route name='r' closed='false'><Waypoint "
        "routeStrategy='shortest'><Position>%s</Position></Waypoint><Waypoint routeStrategy='shortest'><Position>"
        "<LanePosition roadId='%d' laneId='-1' s='50'/></Position></Waypoint></Route></AssignRouteAction>"
        "</RoutingAction></PrivateAction>",
        on_lane(-1, 0, 0), road);
}

static void routes_lead_through_junctions(void **state) {
    (void)state;
    play p;
    const char *acquire = "<PrivateAction><RoutingAction><AcquirePositionAction><Position><LanePosition roadId='2' "
                          "laneId='-1' s='20'/></Position></AcquirePositionAction></RoutingAction></PrivateAction>";
    const char *v = speed_to("step", "time", 0, 10);
    const char *init = say("%s%s%s", place("A", on_lane(-1, 50, 0), say("%s%s", v, route_to(2))),
                           place("B", on_lane(-1, 60, 0), v), place("C", on_lane(-1, 70, 0), v));
    play_begin(&p, PLAY_CROSSING, init, simple("C", event("e", "override", 1, action("a", acquire), "")), NULL, NULL);
    double reached = play_when(&p, "event e ends", 20);
    play_until(&p, 10);
    cw_actor_state a = play_actor(&p, "A"), b = play_actor(&p, "B"), c = play_actor(&p, "C");
    assert_near(a.x, 111.75, 1e-6); // to the north, on the right
    assert_near(a.heading, PI / 2, 1e-6);
    assert_near(b.y, -1.75, 1e-6); // nobody's route: straight on
    assert_true(b.x > 120);
    assert_near(c.x, 111.75, 1e-6);
    // 30 m, the bend at its own radius of 11.75 m, and 20 m.
    assert_near(reached, (30 + 11.75 * PI / 2 + 20) / 10, 0.02);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lane_changes_have_their_shape), cmocka_unit_test(lanes_are_counted_to_the_left),
        cmocka_unit_test(mirrored_scenarios_mirror),     cmocka_unit_test(offsets_keep_to_the_acceleration),
        cmocka_unit_test(lateral_distance_is_kept),      cmocka_unit_test(a_bend_is_driven_at_its_radius),
        cmocka_unit_test(lanes_lead_across_roads),       cmocka_unit_test(routes_lead_through_junctions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
