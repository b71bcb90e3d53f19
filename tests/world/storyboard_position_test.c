// Every way to name a place, and trajectories against closed forms.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <stdio.h>

#define PI 3.14159265358979323846

static void check(play_map map, const char *ref, const char *position, double x, double y, double heading) {
    play p;
    // B stands first in the file though it refers to A, which is placed later.
    play_begin(&p, map, say("%s%s", place("B", position, ""), place("A", ref, "")), NULL, NULL, NULL);
    cw_actor_state b = play_actor(&p, "B");
    assert_near(b.x, x, 1e-6);
    assert_near(b.y, y, 1e-6);
    assert_near(sin((double)b.heading - heading), 0, 1e-6);
    assert_true(cos((double)b.heading - heading) > 0);
    play_end(&p);
}

static const char *turned(const char *type, double h) {
    return say("<Orientation type='%s' h='%.17g'/>", type, h);
}

static void positions(void **state) {
    (void)state;
    const char *a = on_lane(-1, 100, 0), *back = on_lane(2, 100, 0);
    char ref[200], against[200];
    snprintf(ref, sizeof ref, "%s", a);
    snprintf(against, sizeof against, "%s", back);
    check(PLAY_STRAIGHT, ref, "<WorldPosition x='50' y='-1' h='0.3'/>", 50, -1, 0.3);
    check(PLAY_STRAIGHT, ref, on_lane(-2, 40, 0.5), 40, -4.75, 0);
    check(PLAY_STRAIGHT, ref, on_lane(2, 40, 0.5), 40, 5.75, PI); // offsets count to the left of rising s
    check(PLAY_STRAIGHT, ref, "<RoadPosition roadId='0' s='70' t='-6'/>", 70, -6, 0);
    check(PLAY_STRAIGHT, ref, say("<RoadPosition roadId='0' s='70' t='6'>%s</RoadPosition>", turned("relative", PI)),
          70, 6, PI);
    check(PLAY_STRAIGHT, ref,
          say("<LanePosition roadId='0' laneId='1' s='70'>%s</LanePosition>", turned("relative", PI / 2)), 70, 1.75,
          -PI / 2); // against the lane's travel
    check(PLAY_STRAIGHT, ref,
          say("<LanePosition roadId='0' laneId='1' s='70'>%s</LanePosition>", turned("absolute", PI / 2)), 70, 1.75,
          PI / 2);
    check(PLAY_STRAIGHT, ref, "<RelativeRoadPosition entityRef='A' ds='20' dt='1'/>", 120, -0.75, 0);
    check(PLAY_STRAIGHT, against, "<RelativeRoadPosition entityRef='A' ds='20' dt='1'/>", 120, 6.25, 0);
    check(PLAY_STRAIGHT, ref, "<RelativeObjectPosition entityRef='A' dx='20' dy='3'/>", 120, 1.25, 0);
    check(PLAY_STRAIGHT, against, "<RelativeObjectPosition entityRef='A' dx='20' dy='3'/>", 80, 2.25, PI);
    check(PLAY_STRAIGHT, against, "<RelativeWorldPosition entityRef='A' dx='20' dy='3'/>", 120, 8.25, PI);
    check(PLAY_STRAIGHT, against, "<RelativeLanePosition entityRef='A' dLane='1' ds='20'/>", 80, 1.75, PI);
    check(PLAY_STRAIGHT, ref, "<RelativeLanePosition entityRef='A' dLane='0' dsLane='-20' offset='0.4'/>", 80, -1.35,
          0);
    // On the bend s runs on the reference line and dsLane on the lane's own circle.
    check(PLAY_CURVE, ref, "<RelativeLanePosition entityRef='A' dLane='-1' ds='50'/>", 100 + 105.25 * sin(0.5),
          100 - 105.25 * cos(0.5), 0.5);
    check(PLAY_CURVE, ref, "<RelativeLanePosition entityRef='A' dLane='0' dsLane='50'/>",
          100 + 101.75 * sin(50 / 101.75), 100 - 101.75 * cos(50 / 101.75), 50 / 101.75);
    // Over the ends of roads, road 1 running backwards.
    check(PLAY_CHAIN, on_lane(-1, 80, 0), "<RelativeLanePosition entityRef='A' dLane='0' ds='150'/>", 230, -1.75, 0);
    check(PLAY_CHAIN, on_lane(-1, 80, 0), "<RelativeLanePosition entityRef='A' dLane='1' ds='50'/>", 130, 1.75, PI);
    check(PLAY_CHAIN, on_lane(-1, 80, 0), "<RelativeRoadPosition entityRef='A' ds='50' dt='-0.25'/>", 130, -2, 0);
    check(PLAY_CHAIN, "<LanePosition roadId='2' laneId='1' s='30'/>",
          "<RelativeLanePosition entityRef='A' dLane='0' ds='150'/>", 80, 1.75, PI);
}

static const char *route(const char *in) {
    return say("<RoutePosition><RouteRef><Route name='r' closed='false'><Waypoint routeStrategy='shortest'><Position>"
               "<LanePosition roadId='0' laneId='-1' s='0'/></Position></Waypoint><Waypoint routeStrategy='shortest'>"
               "<Position><LanePosition roadId='1' laneId='1' s='0'/></Position></Waypoint></Route></RouteRef>"
               "<InRoutePosition>%s</InRoutePosition></RoutePosition>",
               in);
}

// The route's second road runs backwards: places count along the route, to its left.
static void positions_on_a_route(void **state) {
    (void)state;
    const char *a = on_lane(-1, 10, 0);
    char ref[200];
    snprintf(ref, sizeof ref, "%s", a);
    check(PLAY_CHAIN, ref, route("<FromRoadCoordinates pathS='150' t='1'/>"), 150, 1, 0);
    check(PLAY_CHAIN, ref, route("<FromRoadCoordinates pathS='50' t='-1'/>"), 50, -1, 0);
    check(PLAY_CHAIN, ref, route("<FromLaneCoordinates pathS='150' laneId='-1' laneOffset='0.5'/>"), 150, -1.25, 0);
    check(PLAY_CHAIN, ref, route("<FromLaneCoordinates pathS='150' laneId='1' laneOffset='0.5'/>"), 150, -1.25, 0);
    check(PLAY_CHAIN, ref, route("<FromCurrentEntity entityRef='A'/>"), 10, -1.75, 0);
}

// ---- trajectories ----------------------------------------------------------------------------------------------------

static const char *follow(const char *shape, const char *timing, const char *mode, const char *more) {
    return say("<PrivateAction><RoutingAction><FollowTrajectoryAction %s><TrajectoryRef><Trajectory name='t' "
               "closed='false'><Shape>%s</Shape></Trajectory></TrajectoryRef><TimeReference>%s</TimeReference>"
               "<TrajectoryFollowingMode followingMode='%s'/></FollowTrajectoryAction></RoutingAction></PrivateAction>",
               more, shape, timing, mode);
}

static const char *vertex(double time, double x, double y) {
    return say("<Vertex %s><Position><WorldPosition x='%g' y='%g'/></Position></Vertex>",
               isnan(time) ? "" : say("time='%g'", time), x, y);
}

static void polylines(void **state) {
    (void)state;
    play p;
    // 30 m to the east and 40 m to the north at 10 m/s, then straight on.
    const char *line =
        say("<Polyline>%s%s%s</Polyline>", vertex(NAN, 500, 100), vertex(NAN, 530, 100), vertex(NAN, 530, 140));
    const char *init = say("<Private entityRef='B'>%s%s</Private>", speed_to("step", "time", 0, 10),
                           follow(line, "<None/>", "follow", "initialDistanceOffset='5'"));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    assert_near(play_actor(&p, "B").x, 505, 1e-9);
    for (int k = 1; k <= 900; k++) {
        play_step(&p, 1);
        double s = 5 + 0.1 * k;
        cw_actor_state b = play_actor(&p, "B");
        assert_near(b.x, s < 30 ? 500 + s : 530, 1e-6);
        assert_near(b.y, s < 30 ? 100 : 100 + s - 30, 1e-6);
        assert_near(b.speed, 10, 1e-6);
        assert_near(b.traveled, 0.1 * k, 1e-6);
    }
    play_end(&p);

    // By time: scaled by 2 and 1 s late.
    line = say("<Polyline>%s%s%s</Polyline>", vertex(0, 500, 100), vertex(1, 510, 100), vertex(3, 510, 130));
    init = say("%s", place("B", "<WorldPosition x='0' y='300'/>", ""));
    play_begin(
        &p, PLAY_STRAIGHT, init,
        simple("B", event("e", "override", 1,
                          action("a", follow(line, "<Timing domainAbsoluteRelative='relative' scale='2' offset='1'/>",
                                             "position", "")),
                          trigger(after(2)))),
        NULL, NULL);
    play_until(&p, 2.5);
    assert_near(play_actor(&p, "B").x, 500, 1e-9);
    play_until(&p, 4);
    assert_near(play_actor(&p, "B").x, 505, 1e-6);
    assert_near(play_actor(&p, "B").speed, 5, 1e-5);
    play_until(&p, 7);
    assert_near(play_actor(&p, "B").y, 115, 1e-6);
    assert_near(play_actor(&p, "B").speed, 7.5, 1e-5);
    assert_near(play_when(&p, "action a ends", 9), 8.99, 1e-9);
    assert_near(play_actor(&p, "B").y, 130, 1e-6);
    play_until(&p, 10);
    assert_near(play_actor(&p, "B").y, 137.5, 1e-6); // it keeps its speed
    play_end(&p);
}

static void clothoids(void **state) {
    (void)state;
    play p;
    // A quarter circle of 20 m radius, and the spiral with k = s / 400: x and y by their series at s = 30.
    const char *arc =
        say("<Clothoid curvature='0.05' curvaturePrime='0' length='%.17g'><Position><WorldPosition x='500' "
            "y='100' h='0'/></Position></Clothoid>",
            10 * PI);
    const char *spiral = "<Clothoid curvature='0' curvaturePrime='0.0025' length='30'><Position><WorldPosition x='500' "
                         "y='300' h='0'/></Position></Clothoid>";
    const char *v = speed_to("step", "time", 0, 10);
    const char *init = say("<Private entityRef='B'>%s%s</Private><Private entityRef='C'>%s%s</Private>", v,
                           follow(arc, "<None/>", "follow", ""), v, follow(spiral, "<None/>", "follow", ""));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    double worst = 0;
    for (int k = 1; k <= 314; k++) {
        play_step(&p, 1);
        cw_actor_state b = play_actor(&p, "B");
        worst = fmax(worst, fabs(hypot(b.x - 500, b.y - 120) - 20));
        assert_near(b.heading, 0.005 * k, 1e-5);
        if (k == 300) {
            double theta = 900 * 0.0025 / 2, x = 0, y = 0, term = 30;
            for (int n = 0; n < 40; n++) { // Fresnel series
                if (n % 2 == 0)
                    x += (n % 4 == 0 ? 1 : -1) * term / (2 * n + 1);
                else
                    y += (n % 4 == 1 ? 1 : -1) * term / (2 * n + 1);
                term *= theta / (n + 1);
            }
            assert_near(play_actor(&p, "C").x, 500 + x, 1e-6);
            assert_near(play_actor(&p, "C").y, 300 + y, 1e-6);
            assert_near(play_actor(&p, "C").heading, theta, 1e-4);
        }
    }
    assert_true(worst < 1e-6);
    play_end(&p);

    // A spline without a start begins where its actor is, in its own direction.
    const char *spline =
        "<ClothoidSpline><ClothoidSplineSegment curvatureStart='0' curvatureEnd='0' length='10'/>"
        "<ClothoidSplineSegment curvatureStart='-0.1' curvatureEnd='-0.1' length='15.707963267948966'/>"
        "</ClothoidSpline>";
    play_begin(&p, PLAY_STRAIGHT,
               place("B", "<WorldPosition x='500' y='200' h='1.5707963267948966'/>", speed_to("step", "time", 0, 10)),
               simple("B", event("e", "override", 1, action("a", follow(spline, "<None/>", "position", "")), "")), NULL,
               NULL);
    play_until(&p, 3.5707963);
    cw_actor_state b = play_actor(&p, "B");
    assert_near(b.y, 220, 1e-3);
    assert_near(b.x, 510 + 35.8 - 10 - 15.707963, 0.01);
    assert_near(b.heading, 0, 1e-6);
    play_end(&p);
}

// Three weighted control points make a quarter circle exactly.
static void nurbs(void **state) {
    (void)state;
    play p;
    const char *curve =
        "<Nurbs order='3'><ControlPoint weight='1'><Position><WorldPosition x='530' y='100'/></Position></ControlPoint>"
        "<ControlPoint weight='0.7071067811865476'><Position><WorldPosition x='530' y='130'/></Position></ControlPoint>"
        "<ControlPoint weight='1'><Position><WorldPosition x='500' y='130'/></Position></ControlPoint><Knot value='0'/>"
        "<Knot value='0'/><Knot value='0'/><Knot value='1'/><Knot value='1'/><Knot value='1'/></Nurbs>";
    const char *init = say("<Private entityRef='B'>%s%s</Private>", speed_to("step", "time", 0, 10),
                           follow(curve, "<None/>", "follow", ""));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    for (int k = 1; k <= 470; k++) {
        play_step(&p, 1);
        cw_actor_state b = play_actor(&p, "B");
        assert_near(hypot(b.x - 500, b.y - 100), 30, 1e-4);
        assert_near(b.heading, PI / 2 + 0.1 * k / 30, 1e-4);
    }
    play_end(&p);
}

// Vertices relative to an entity lie where that one is when the action begins.
static void moving_vertices(void **state) {
    (void)state;
    play p;
    const char *line = "<Polyline><Vertex><Position><RelativeObjectPosition entityRef='A' dx='0' dy='5'/></Position>"
                       "</Vertex><Vertex><Position><RelativeObjectPosition entityRef='A' dx='0' dy='45'/></Position>"
                       "</Vertex></Polyline>";
    const char *init = say("%s%s", place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 20)),
                           place("B", "<WorldPosition x='0' y='300'/>", speed_to("step", "time", 0, 8)));
    play_begin(
        &p, PLAY_STRAIGHT, init,
        simple("B", event("e", "override", 1, action("a", follow(line, "<None/>", "position", "")), trigger(after(2)))),
        NULL, NULL);
    play_until(&p, 4);
    assert_near(play_actor(&p, "B").x, 140, 1e-6);
    assert_near(play_actor(&p, "B").y, -1.75 + 5 + 16, 1e-6);
    assert_near(play_actor(&p, "B").heading, PI / 2, 1e-6);
    play_end(&p);
}

// With a negative speed the car backs along its trajectory.
static void backwards(void **state) {
    (void)state;
    play p;
    const char *line = say("<Polyline>%s%s</Polyline>", vertex(NAN, 600, 0), vertex(NAN, 500, 0));
    const char *init = say(
        "<Private entityRef='B'>%s%s<PrivateAction><TeleportAction><Position><RoadPosition roadId='0' s='600' t='0'/>"
        "</Position></TeleportAction></PrivateAction></Private>",
        speed_to("step", "time", 0, -2), follow(line, "<None/>", "follow", ""));
    play_begin(&p, PLAY_STRAIGHT, init, NULL, NULL, NULL);
    play_until(&p, 5);
    cw_actor_state b = play_actor(&p, "B");
    assert_near(b.x, 590, 1e-6);
    assert_near(b.heading, 0, 1e-6);
    assert_near(b.speed, -2, 0);
    assert_near(b.traveled, 10, 1e-6);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(positions), cmocka_unit_test(positions_on_a_route),
                                       cmocka_unit_test(polylines), cmocka_unit_test(clothoids),
                                       cmocka_unit_test(nurbs),     cmocka_unit_test(moving_vertices),
                                       cmocka_unit_test(backwards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
