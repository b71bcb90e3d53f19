// Every kind of condition, true and false, on both sides of the moment at which it changes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <stdio.h>

// A at 10 m/s from s = 100 on lane -1 speeds up by 2 m/s^2 from 1 s to 3 s; B stands at s = 200 on lane -1; C on lane -2
// drives at 5 m/s from s = 130 on.
static double first(const char *conditions, const char *extra) {
    play p;
    const char *init =
        say("%s%s%s", place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 10)),
            place("B", on_lane(-1, 200, 0), ""), place("C", on_lane(-2, 130, 0.25), speed_to("step", "time", 0, 5)));
    const char *story =
        say("%s%s",
            act("x",
                group("g", "A", 1,
                      maneuver("m", event("speed", "parallel", 1, action("s", speed_to("linear", "time", 2, 14)),
                                          trigger(after(1))))),
                ""),
            act("y",
                group("h", "A", 1,
                      maneuver("n", event("e", "parallel", 1,
                                          action("a", "<PrivateAction><VisibilityAction graphics='true' "
                                                      "traffic='true' sensors='true'/></PrivateAction>"),
                                          trigger(conditions)))),
                ""));
    play_begin(&p, PLAY_STRAIGHT, init, story, NULL, extra);
    double at = play_when(&p, "event e starts", 30);
    play_end(&p);
    return at;
}

static double of_a(const char *inner) {
    return first(by_entity("A", inner), NULL);
}

#define ENTITY(kind, attributes) "<" kind " " attributes "/>"

// A's way: 100 + 10 t, + (t - 1)^2 until 3 s, then 14 m/s. With 4 m cars whose points are 1 m behind the middle.
static double time_at(double x) {
    double way = x - 100;
    return way <= 10 ? way / 10 : way <= 34 ? 1 + (-10 + sqrt(100 + 4 * (way - 10))) / 2 : 3 + (way - 34) / 14;
}

static double step_of(double time) { // the evaluation that sees it
    return ceil(time * 100 - 1e-6) / 100;
}

static void speeds(void **state) {
    (void)state;
    assert_near(of_a(ENTITY("SpeedCondition", "value='12' rule='greaterThan'")), 2.01, 0.0101);
    assert_near(of_a(ENTITY("SpeedCondition", "value='12' rule='greaterThan' direction='lateral'")), -1, 0);
    assert_near(of_a(ENTITY("SpeedCondition", "value='9' rule='lessThan'")), -1, 0);
    assert_near(of_a(ENTITY("AccelerationCondition", "value='1.5' rule='greaterThan'")), 1.01, 1e-9);
    assert_near(of_a(ENTITY("AccelerationCondition", "value='2.5' rule='greaterThan'")), -1, 0);
    assert_near(of_a(ENTITY("RelativeSpeedCondition", "entityRef='C' value='8' rule='greaterThan'")), 2.51, 0.0101);
    assert_near(of_a(ENTITY("RelativeSpeedCondition", "entityRef='C' value='8' rule='greaterThan' "
                                                      "direction='longitudinal'")),
                2.51, 0.0101);
    assert_near(of_a(ENTITY("RelativeSpeedCondition", "entityRef='C' value='10' rule='greaterThan'")), -1, 0);
    assert_near(of_a(ENTITY("StandStillCondition", "duration='0.5'")), -1, 0);
    assert_near(first(by_entity("B", ENTITY("StandStillCondition", "duration='0.5'")), NULL), 0.5, 1e-9);
    assert_near(of_a(ENTITY("TraveledDistanceCondition", "value='50'")), step_of(time_at(150)), 1e-9);
}

static void distances(void **state) {
    (void)state;
    // To B's point: from point to point, and from bumper to bumper, 4 m less.
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='B' relativeDistanceType='longitudinal' "
                                                         "freespace='false' value='30' rule='lessThan'")),
                step_of(time_at(170) + 1e-6), 1e-9);
    static const char *const systems[] = {"entity", "lane", "road", "world"};
    for (int k = 0; k < 4; k++) {
        const char *text = say(ENTITY("RelativeDistanceCondition", "entityRef='B' relativeDistanceType='longitudinal' "
                                                                   "freespace='true' value='30' rule='lessOrEqual' "
                                                                   "coordinateSystem='%s'"),
                               systems[k]);
        assert_near(of_a(text), step_of(time_at(166)), 1e-9);
    }
    // To C, one lane to the right and 0.25 m to its left of that lane's centre.
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='lateral' "
                                                         "freespace='false' value='3.26' rule='lessThan' "
                                                         "coordinateSystem='road'")),
                0, 0);
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='lateral' "
                                                         "freespace='false' value='3.24' rule='lessThan' "
                                                         "coordinateSystem='road'")),
                -1, 0);
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='lateral' "
                                                         "freespace='true' value='1.26' rule='lessThan' "
                                                         "coordinateSystem='road'")),
                0, 0);
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='lateral' "
                                                         "freespace='true' value='1.24' rule='lessThan' "
                                                         "coordinateSystem='entity'")),
                -1, 0);
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='lateral' "
                                                         "freespace='false' value='0.26' rule='lessThan' "
                                                         "coordinateSystem='lane'")),
                0, 0);
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='euclidianDistance' "
                                                         "freespace='true' value='1.2501' rule='lessThan'")),
                step_of(time_at(166) - 0.1), 3.0); // while they pass
    assert_near(of_a(ENTITY("RelativeDistanceCondition", "entityRef='C' relativeDistanceType='euclidianDistance' "
                                                         "freespace='true' value='1.2499' rule='lessThan'")),
                -1, 0);
    const char *to = "<DistanceCondition value='%g' rule='lessThan' freespace='%s' coordinateSystem='road' "
                     "relativeDistanceType='longitudinal'><Position><LanePosition roadId='0' laneId='-3' s='180'/>"
                     "</Position></DistanceCondition>";
    char text[400];
    snprintf(text, sizeof text, to, 20.0, "false");
    assert_near(of_a(text), step_of(time_at(160) + 1e-6), 1e-9);
    snprintf(text, sizeof text, to, 20.0, "true");
    assert_near(of_a(text), step_of(time_at(157) + 1e-6), 1e-9); // 3 m from the point to the bumper
    assert_near(of_a(say("<ReachPositionCondition tolerance='2'><Position>%s</Position></ReachPositionCondition>",
                         on_lane(-1, 150, 0))),
                step_of(time_at(148)), 0.0101);
    assert_near(of_a(say("<ReachPositionCondition tolerance='2'><Position>%s</Position></ReachPositionCondition>",
                         on_lane(-2, 150, 0))),
                -1, 0);
}

static void headway_and_collision(void **state) {
    (void)state;
    // 14 m/s from 3 s on at 134 m: 2 s to the point of B is 172 m, bumper to bumper 168 m.
    assert_near(of_a(ENTITY("TimeHeadwayCondition", "entityRef='B' value='2' rule='lessThan' freespace='false' "
                                                    "coordinateSystem='road' relativeDistanceType='longitudinal'")),
                step_of(time_at(172) + 1e-6), 1e-9);
    assert_near(of_a(ENTITY("TimeHeadwayCondition", "entityRef='B' value='2' rule='lessThan' freespace='true' "
                                                    "alongRoute='true'")),
                step_of(time_at(168) + 1e-6), 1e-9);
    const char *to_b = "<TimeToCollisionConditionTarget><EntityRef entityRef='B'/></TimeToCollisionConditionTarget>";
    const char *text =
        say("<TimeToCollisionCondition value='1' rule='lessThan' freespace='true' coordinateSystem='entity' "
            "relativeDistanceType='longitudinal'>%s</TimeToCollisionCondition>",
            to_b);
    assert_near(of_a(text), step_of(time_at(182) + 1e-6), 1e-9);
    text = say("<TimeToCollisionCondition value='1' rule='lessThan' freespace='false'>"
               "<TimeToCollisionConditionTarget><Position>%s</Position></TimeToCollisionConditionTarget>"
               "</TimeToCollisionCondition>",
               on_lane(-1, 200, 0));
    assert_near(of_a(text), step_of(time_at(186) + 1e-6), 1e-9);
    // C only parts from B until it comes near; from A's point of view B stands.
    text = say("<TimeToCollisionCondition value='1' rule='lessThan' freespace='true' coordinateSystem='entity' "
               "relativeDistanceType='longitudinal'><TimeToCollisionConditionTarget><EntityRef entityRef='A'/>"
               "</TimeToCollisionConditionTarget></TimeToCollisionCondition>");
    assert_near(first(by_entity("B", text), NULL), step_of(time_at(182) + 1e-6), 1e-9); // it comes from behind
    assert_near(of_a("<CollisionCondition><EntityRef entityRef='B'/></CollisionCondition>"), step_of(time_at(196)),
                0.0101);
    assert_near(of_a("<CollisionCondition><EntityRef entityRef='C'/></CollisionCondition>"), -1, 0);
    assert_near(of_a("<CollisionCondition><ByType type='vehicle'/></CollisionCondition>"), step_of(time_at(196)),
                0.0101);
    assert_near(of_a("<CollisionCondition><ByType type='pedestrian'/></CollisionCondition>"), -1, 0);
}

static void clearance_and_angles(void **state) {
    (void)state;
    // C is 30 m ahead in the next lane and gains 5, later 9 m/s on it less.
    const char *text = "<RelativeClearanceCondition distanceForward='%g' distanceBackward='10' freeSpace='false' "
                       "oppositeLanes='false'><RelativeLaneRange from='%d' to='%d'/></RelativeClearanceCondition>";
    char line[400];
    snprintf(line, sizeof line, text, 25.0, -1, -1);
    assert_near(of_a(line), 0, 0); // free now: C is farther ahead
    snprintf(line, sizeof line, text, 35.0, -1, -1);
    assert_true(of_a(line) > 3.5); // free again when C is 10 m behind
    snprintf(line, sizeof line, text, 35.0, 1, 2);
    assert_near(of_a(line), 0, 0);
    snprintf(line, sizeof line, text, 200.0, 0, 0);
    assert_true(of_a(line) > 7);
    snprintf(line, sizeof line,
             "<RelativeClearanceCondition distanceForward='27' distanceBackward='0' freeSpace='true' "
             "oppositeLanes='false'><RelativeLaneRange from='-1' to='-1'/>"
             "</RelativeClearanceCondition>");
    assert_true(of_a(line) > 1); // 26 m between the bumpers
    snprintf(line, sizeof line,
             "<RelativeClearanceCondition distanceForward='35' distanceBackward='10' freeSpace='false' "
             "oppositeLanes='false'><RelativeLaneRange from='-3' to='-2'/><RelativeLaneRange from='1' to='2'/>"
             "</RelativeClearanceCondition>");
    assert_near(of_a(line), 0, 0); // C's lane lies between the ranges and does not count
    assert_near(of_a(ENTITY("AngleCondition", "angleType='heading' angle='0' angleTolerance='0.1' "
                                              "coordinateSystem='lane'")),
                0, 0);
    assert_near(of_a(ENTITY("AngleCondition", "angleType='heading' angle='0.5' angleTolerance='0.1'")), -1, 0);
    assert_near(of_a(ENTITY("RelativeAngleCondition", "entityRef='B' angleType='heading' angle='0' "
                                                      "angleTolerance='0.1'")),
                0, 0);
    assert_near(of_a(ENTITY("RelativeAngleCondition", "entityRef='B' angleType='heading' angle='3' "
                                                      "angleTolerance='0.1'")),
                -1, 0);
}

static void ends_of_the_road(void **state) {
    (void)state;
    play p;
    const char *track =
        "<PrivateAction><RoutingAction><FollowTrajectoryAction><TrajectoryRef><Trajectory name='t' "
        "closed='false'><Shape><Polyline><Vertex><Position><WorldPosition x='100' y='-1.75'/></Position>"
        "</Vertex><Vertex><Position><WorldPosition x='100' y='-60'/></Position></Vertex></Polyline>"
        "</Shape></Trajectory></TrajectoryRef><TimeReference><None/></TimeReference>"
        "<TrajectoryFollowingMode followingMode='follow'/></FollowTrajectoryAction></RoutingAction>"
        "</PrivateAction>";
    const char *v = speed_to("step", "time", 0, 10);
    const char *init = say("%s<Private entityRef='B'>%s%s</Private>", place("A", on_lane(-1, 3950, 0), v), track, v);
    const char *wait =
        "<PrivateAction><VisibilityAction graphics='true' traffic='true' sensors='true'/></PrivateAction>";
    const char *events = say("%s%s",
                             event("end", "parallel", 1, action("a", wait),
                                   trigger(by_entity("A", ENTITY("EndOfRoadCondition", "duration='1.5'")))),
                             event("off", "parallel", 1, action("b", wait),
                                   trigger(by_entity("B", ENTITY("OffroadCondition", "duration='0.5'")))));
    play_begin(&p, PLAY_STRAIGHT, init, simple("A", events), NULL, NULL);
    assert_near(play_when(&p, "event off starts", 20), 0.875 + 0.5, 0.02); // 8.75 m to the edge of the last lane
    assert_near(play_when(&p, "event end starts", 20), 5 + 1.5, 0.06);
    play_end(&p);
}

static void values(void **state) {
    (void)state;
    const char *time = "<ByValueCondition><TimeOfDayCondition dateTime='2024-03-01T00:00:01' rule='greaterOrEqual'/>"
                       "</ByValueCondition>";
    play p;
    const char *noon = "<GlobalAction><EnvironmentAction><Environment name='n'><TimeOfDay animation='true' "
                       "dateTime='2024-02-29T23:59:58'/><Weather fractionalCloudCover='zeroOktas'/>"
                       "<RoadCondition frictionScaleFactor='0.7'/></Environment></EnvironmentAction></GlobalAction>";
    const char *wait =
        "<PrivateAction><VisibilityAction graphics='true' traffic='true' sensors='true'/></PrivateAction>";
    play_begin(&p, PLAY_STRAIGHT, noon,
               simple("A", event("e", "parallel", 1, action("a", wait), trigger(condition("none", 0, time)))), NULL,
               NULL);
    assert_near(cw_world_friction(p.world, 0, 0), 0.7, 1e-6);
    assert_near(play_when(&p, "event e starts", 9), 3, 1e-9); // over the leap day's midnight
    play_end(&p);
    assert_near(first(condition("none", 0,
                                "<ByValueCondition><SimulationTimeCondition value='2' rule='greaterThan'/>"
                                "</ByValueCondition>"),
                      NULL),
                2.01, 1e-9);
    assert_near(first(condition("none", 0,
                                "<ByValueCondition><UserDefinedValueCondition name='u' value='1' "
                                "rule='equalTo'/></ByValueCondition>"),
                      NULL),
                -1, 0);
}

// A controller's phases, its condition, the signal's, an action on each.
static void signals(void **state) {
    (void)state;
    const char *lights = "<TrafficSignals><TrafficSignalController name='k'><Phase name='stop' duration='4'>"
                         "<TrafficSignalState trafficSignalId='s1' state='red'/></Phase><Phase name='go' duration='3'>"
                         "<TrafficSignalState trafficSignalId='s1' state='green'/></Phase></TrafficSignalController>"
                         "</TrafficSignals>";
    const char *phase =
        "<ByValueCondition><TrafficSignalControllerCondition trafficSignalControllerRef='k' phase='%s'/>"
        "</ByValueCondition>";
    const char *is = "<ByValueCondition><TrafficSignalCondition name='s1' state='%s'/></ByValueCondition>";
    char text[300];
    snprintf(text, sizeof text, phase, "go");
    assert_near(first(condition("none", 0, text), lights), 4, 0.0101);
    snprintf(text, sizeof text, phase, "stop");
    assert_near(first(condition("none", 0, text), lights), 0, 0);
    assert_near(first(condition("rising", 0, text), lights), 7, 0.0101);
    snprintf(text, sizeof text, is, "green");
    assert_near(first(condition("none", 0, text), lights), 4, 0.0101);
    snprintf(text, sizeof text, is, "blue");
    assert_near(first(condition("none", 0, text), lights), -1, 0);

    play p;
    const char *set = "<GlobalAction><InfrastructureAction><TrafficSignalAction><TrafficSignalStateAction name='s1' "
                      "state='blue'/></TrafficSignalAction></InfrastructureAction></GlobalAction>";
    const char *jump = "<GlobalAction><InfrastructureAction><TrafficSignalAction><TrafficSignalControllerAction "
                       "trafficSignalControllerRef='k' phase='go'/></TrafficSignalAction></InfrastructureAction>"
                       "</GlobalAction>";
    const char *wait =
        "<PrivateAction><VisibilityAction graphics='true' traffic='true' sensors='true'/></PrivateAction>";
    const char *green =
        say("%s", "<ByValueCondition><TrafficSignalCondition name='s1' state='green'/></ByValueCondition>");
    const char *blue =
        say("%s", "<ByValueCondition><TrafficSignalCondition name='s1' state='blue'/></ByValueCondition>");
    const char *events = say("%s%s%s%s", event("jump", "parallel", 1, action("j", jump), trigger(after(1))),
                             event("set", "parallel", 1, action("s", set), trigger(after(2))),
                             event("green", "parallel", 1, action("g", wait), trigger(condition("none", 0, green))),
                             event("blue", "parallel", 1, action("b", wait), trigger(condition("none", 0, blue))));
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 100, 0), ""), simple("A", events), NULL, lights);
    assert_near(play_when(&p, "event green starts", 9), 1, 0.0101);
    assert_near(play_when(&p, "event blue starts", 9), 2, 0.0101);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(speeds),
                                       cmocka_unit_test(distances),
                                       cmocka_unit_test(headway_and_collision),
                                       cmocka_unit_test(clearance_and_angles),
                                       cmocka_unit_test(ends_of_the_road),
                                       cmocka_unit_test(values),
                                       cmocka_unit_test(signals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
