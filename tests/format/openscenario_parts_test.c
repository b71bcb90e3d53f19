// The OpenSCENARIO reader, piece by piece: positions, trajectories, routes, actions, conditions, weather, signals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/openscenario.h"
#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PRIVATE(name, inner) "<Action name='" name "'><PrivateAction>" inner "</PrivateAction></Action>"
#define GLOBAL(name, inner) "<Action name='" name "'><GlobalAction>" inner "</GlobalAction></Action>"
#define POSITION(inner) "<Position>" inner "</Position>"
#define GO(name, inner) PRIVATE(name, "<TeleportAction>" POSITION(inner) "</TeleportAction>")
#define FOLLOW(name, more, inner)                                                                                      \
    PRIVATE(name,                                                                                                      \
            "<RoutingAction><FollowTrajectoryAction " more "><TrajectoryRef><Trajectory name='t' closed='false'>"      \
            "<Shape>" inner "</Shape></Trajectory></TrajectoryRef><TimeReference><Timing "                             \
            "domainAbsoluteRelative='absolute' scale='2' offset='3'/></TimeReference><TrajectoryFollowingMode "        \
            "followingMode='follow'/></FollowTrajectoryAction></RoutingAction>")
#define WORLD(x, y) "<WorldPosition x='" x "' y='" y "'/>"
#define TRAJECTORY_REF                                                                                                 \
    "<TrajectoryRef><Trajectory name='inner' closed='false'><Shape><Polyline><Vertex>" POSITION(WORLD(                 \
        "0",                                                                                                           \
        "0")) "</Vertex><Vertex>" POSITION(WORLD("9",                                                                  \
                                                 "0")) "</Vertex></Polyline></Shape></Trajectory></TrajectoryRef>"
#define ROUTE                                                                                                          \
    "<Route name='r' closed='true'><Waypoint routeStrategy='fastest'>" POSITION(WORLD(                                 \
        "0", "0")) "</Waypoint><Waypoint routeStrategy='shortest'>" POSITION(WORLD("9", "0")) "</Waypoint></Route>"

static cw_scene *with_actions(const char *actions) {
    scenario_parts parts = {.version = "3", .stories = scenario_event(actions, "")};
    return scenario_must_read(&parts);
}

static void positions_of_every_kind(void **state) {
    (void)state;
    cw_scene *s = with_actions(
        GO("world", "<WorldPosition x='1' y='2' z='3' h='0.5' p='0.1' r='0.2'/>")
            GO("relworld", "<RelativeWorldPosition entityRef='Lead' dx='1' dy='2'/>") GO(
                "relobject", "<RelativeObjectPosition entityRef='Lead' dx='1' dy='2' dz='4'><Orientation h='1' "
                             "type='relative'/></RelativeObjectPosition>")
                GO("road", "<RoadPosition roadId='2' s='5' t='-1'><Orientation h='1'/></RoadPosition>") GO(
                    "relroad", "<RelativeRoadPosition entityRef='Lead' ds='5' dt='-1'/>")
                    GO("lane", "<LanePosition roadId='1' laneId='-2' s='5' offset='0.25'/>") GO(
                        "rellane", "<RelativeLanePosition entityRef='Lead' dLane='-1' dsLane='7' offset='1'/>")
                        GO("rellane2", "<RelativeLanePosition entityRef='Lead' dLane='1' ds='8'/>") GO(
                            "trajectory", "<TrajectoryPosition s='4' t='1'>" TRAJECTORY_REF "</TrajectoryPosition>")
                            GO("routelane", "<RoutePosition><RouteRef>" ROUTE
                                            "</RouteRef><InRoutePosition><FromLaneCoordinates pathS='3' laneId='-1' "
                                            "laneOffset='0.5'/></InRoutePosition></RoutePosition>")
                                GO("routeroad", "<RoutePosition><RouteRef>" ROUTE
                                                "</RouteRef><InRoutePosition><FromRoadCoordinates pathS='3' t='2'/>"
                                                "</InRoutePosition></RoutePosition>")
                                    GO("routeentity", "<RoutePosition><RouteRef>" ROUTE
                                                      "</RouteRef><InRoutePosition><FromCurrentEntity "
                                                      "entityRef='Lead'/></InRoutePosition></RoutePosition>"));
    const cw_position *p = &scenario_action(s, "world")->position;
    assert_int_equal(p->kind, CW_AT_WORLD);
    assert_true(p->has_heading && p->has_z && !p->relative_heading);
    assert_near(p->y, 2, 0);
    assert_near(p->heading, 0.5, 0);
    assert_near(p->roll, 0.2, 0);
    p = &scenario_action(s, "relworld")->position;
    assert_int_equal(p->kind, CW_AT_RELATIVE_WORLD);
    assert_int_equal(p->entity, 1);
    assert_false(p->has_heading || p->has_z);
    p = &scenario_action(s, "relobject")->position;
    assert_int_equal(p->kind, CW_AT_RELATIVE_OBJECT);
    assert_true(p->has_heading && p->relative_heading && p->has_z);
    assert_near(p->z, 4, 0);
    p = &scenario_action(s, "road")->position;
    assert_int_equal(p->kind, CW_AT_ROAD);
    assert_string_equal(s->map->roads[p->road].id, "2");
    assert_true(p->has_heading && !p->relative_heading);
    assert_near(p->t, -1, 0);
    p = &scenario_action(s, "relroad")->position;
    assert_int_equal(p->kind, CW_AT_RELATIVE_ROAD);
    assert_near(p->s, 5, 0);
    p = &scenario_action(s, "lane")->position;
    assert_int_equal(p->kind, CW_AT_LANE);
    assert_int_equal(p->lane, -2);
    assert_true(p->has_offset);
    assert_near(p->offset, 0.25, 0);
    p = &scenario_action(s, "rellane")->position;
    assert_int_equal(p->kind, CW_AT_RELATIVE_LANE);
    assert_true(p->lane_s);
    assert_int_equal(p->lane, -1);
    assert_near(p->s, 7, 0);
    p = &scenario_action(s, "rellane2")->position;
    assert_false(p->lane_s || p->has_offset);
    p = &scenario_action(s, "trajectory")->position;
    assert_int_equal(p->kind, CW_AT_TRAJECTORY);
    assert_int_equal(s->trajectories[p->trajectory].vertex_count, 2);
    assert_near(p->t, 1, 0);
    p = &scenario_action(s, "routelane")->position;
    assert_int_equal(p->kind, CW_AT_ROUTE_LANE);
    assert_int_equal(s->routes[p->route].count, 2);
    assert_true(s->routes[p->route].closed);
    assert_int_equal(s->routes[p->route].waypoints[0].strategy, 1);
    assert_int_equal(scenario_action(s, "routeroad")->position.kind, CW_AT_ROUTE_ROAD);
    assert_int_equal(scenario_action(s, "routeentity")->position.kind, CW_AT_ROUTE_ENTITY);
    cw_scene_free(s);
}

static void positions_that_point_nowhere_are_errors(void **state) {
    (void)state;
    const char *const rows[][2] = {
        {GO("a", "<RoadPosition roadId='9' s='5' t='-1'/>"), "no road '9'"},
        {GO("a", "<LanePosition roadId='1' laneId='-7' s='5'/>"), "no lane -7"},
        {GO("a", "<LanePosition roadId='1' laneId='-1.5' s='5'/>"), "not an integer"},
        {GO("a", "<RelativeObjectPosition entityRef='Nobody' dx='1' dy='2'/>"), "no entity 'Nobody'"},
        {GO("a", "<RelativeLanePosition entityRef='Lead' dLane='0'/>"), "'ds' or 'dsLane'"},
        {GO("a", "<SomewherePosition/>"), "no position"},
        {GO("a", ""), "needs content"},
        {GO("a", "<WorldPosition x='1'/>"), "'y'"},
        {GO("a", "<WorldPosition x='1e30' y='0'/>"), "beyond"},
        {GO("a", "<RoutePosition><RouteRef/></RoutePosition>"), "CatalogReference"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scenario_parts parts = {.stories = scenario_event(rows[i][0], "")};
        scenario_must_fail(&parts, CW_ERR_INPUT, 17, rows[i][1]);
    }
}

static void carla_files_are_left_handed(void **state) {
    (void)state;
    scenario_parts parts = {
        .description = "CARLA:test",
        .stories = scenario_event(GO("world", "<WorldPosition x='1' y='2' h='0.5'/>")
                                      GO("object", "<RelativeObjectPosition entityRef='Lead' dx='1' dy='2'/>")
                                          GO("road", "<RoadPosition roadId='1' s='5' t='2.75'/>")
                                              GO("lane", "<LanePosition roadId='1' laneId='-2' offset='0.4' s='5'>"
                                                         "<Orientation h='1' type='relative'/></LanePosition>"),
                                  "")};
    cw_scene *s = scenario_must_read(&parts);
    assert_near(scenario_action(s, "world")->position.x, 1, 0);
    assert_near(scenario_action(s, "world")->position.y, -2, 0);
    assert_near(scenario_action(s, "world")->position.heading, -0.5, 0);
    assert_near(scenario_action(s, "object")->position.y, -2, 0);
    assert_near(scenario_action(s, "lane")->position.heading, -1, 0);
    assert_near(scenario_action(s, "lane")->position.offset, -0.4, 0); // to the right counts positive
    assert_near(scenario_action(s, "road")->position.t, -2.75, 0);
    cw_scene_free(s);
}

static void trajectories_of_every_shape(void **state) {
    (void)state;
    cw_scene *s = with_actions(
        FOLLOW("poly", "initialDistanceOffset='5'",
               "<Polyline><Vertex time='0'>" POSITION(WORLD("0", "0")) "</Vertex><Vertex time='2'>" POSITION(
                   WORLD("9", "0")) "</Vertex></Polyline>")
            FOLLOW("clothoid", "",
                   "<Clothoid curvature='0.1' curvaturePrime='0.02' length='30' startTime='1' stopTime='4'>" POSITION(
                       WORLD("0", "0")) "</Clothoid>")
                FOLLOW(
                    "spline", "",
                    "<ClothoidSpline timeEnd='9'><ClothoidSplineSegment curvatureStart='0' curvatureEnd='0.1' "
                    "length='20' timeStart='1'><PositionStart>" WORLD(
                        "5",
                        "6") "</PositionStart></ClothoidSplineSegment>"
                             "<ClothoidSplineSegment curvatureStart='0.1' curvatureEnd='0.1' length='10' hOffset='0.3' "
                             "timeStart='4'/></ClothoidSpline>")
                    FOLLOW("nurbs", "",
                           "<Nurbs order='2'><ControlPoint>" POSITION(
                               WORLD("0", "0")) "</ControlPoint><ControlPoint "
                                                "weight='2'>" POSITION(
                                                    WORLD("5", "0")) "</ControlPoint><Knot value='0'/><Knot value='0'/>"
                                                                     "<Knot value='1'/><Knot value='1'/></Nurbs>"));
    const cw_action *a = scenario_action(s, "poly");
    assert_int_equal(a->kind, CW_DO_FOLLOW_TRAJECTORY);
    assert_near(a->start_offset, 5, 0);
    assert_true(a->has_timing && a->absolute_time);
    assert_near(a->time_scale, 2, 0);
    assert_near(a->time_offset, 3, 0);
    assert_int_equal(a->following, 1);
    const cw_trajectory_def *t = &s->trajectories[a->trajectory];
    assert_int_equal(t->shape, CW_POLYLINE);
    assert_int_equal(t->vertex_count, 2);
    assert_near(t->vertices[1].time, 2, 0);
    t = &s->trajectories[scenario_action(s, "clothoid")->trajectory];
    assert_int_equal(t->shape, CW_CLOTHOID);
    assert_near(t->clothoids[0].curvature_prime, 0.02, 0);
    assert_near(t->clothoids[0].end_time, 4, 0);
    t = &s->trajectories[scenario_action(s, "spline")->trajectory];
    assert_int_equal(t->shape, CW_CLOTHOID_SPLINE);
    assert_int_equal(t->clothoid_count, 2);
    assert_near(t->clothoids[0].curvature_prime, 0.005, 1e-15);
    assert_near(t->clothoids[0].end_time, 4, 0);
    assert_int_equal(t->clothoids[0].start.kind, CW_AT_WORLD);
    assert_int_equal(t->clothoids[1].start.kind, CW_AT_NOWHERE);
    assert_near(t->clothoids[1].h_offset, 0.3, 0);
    assert_near(t->clothoids[1].end_time, 9, 0);
    t = &s->trajectories[scenario_action(s, "nurbs")->trajectory];
    assert_int_equal(t->shape, CW_NURBS);
    assert_int_equal(t->order, 2);
    assert_int_equal(t->knot_count, 4);
    assert_near(t->vertices[1].weight, 2, 0);
    assert_true(isnan(t->vertices[1].time));
    cw_scene_free(s);
}

static void broken_trajectories_are_errors(void **state) {
    (void)state;
#define NURBS(order, knots)                                                                                            \
    "<Nurbs order='" order "'><ControlPoint>" POSITION(WORLD("0", "0")) "</ControlPoint><ControlPoint>" POSITION(      \
        WORLD("5", "0")) "</ControlPoint>" knots "</Nurbs>"
    const char *const rows[][2] = {
        {FOLLOW("a", "", "<Polyline><Vertex>" POSITION(WORLD("0", "0")) "</Vertex></Polyline>"), "two vertices"},
        {FOLLOW("a", "", NURBS("3", "<Knot value='0'/>")), "does not fit"},
        {FOLLOW("a", "", NURBS("2", "<Knot value='0'/>")), "1 knots"},
        {FOLLOW("a", "", NURBS("2", "<Knot value='0'/><Knot value='1'/><Knot value='0'/><Knot value='1'/>")),
         "must not fall"},
        {FOLLOW("a", "", NURBS("2", "<Knot value='1'/><Knot value='1'/><Knot value='1'/><Knot value='1'/>")),
         "span nothing"},
        {FOLLOW("a", "", "<ClothoidSpline/>"), "needs a segment"},
        {FOLLOW("a", "",
                "<Clothoid curvature='0' curvaturePrime='0' length='-1'>" POSITION(WORLD("0", "0")) "</Clothoid>"),
         "negative"},
        {FOLLOW("a", "",
                "<Polyline><Vertex time='2'>" POSITION(WORLD("0", "0")) "</Vertex><Vertex time='1'>" POSITION(
                    WORLD("1", "0")) "</Vertex></Polyline>"),
         "must not fall"},
        {FOLLOW("a", "", "<Spiral/>"), "no shape"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scenario_parts parts = {.stories = scenario_event(rows[i][0], "")};
        scenario_must_fail(&parts, CW_ERR_INPUT, 17, rows[i][1]);
    }
}

// ---- actions ---------------------------------------------------------------------------------------------------------

#define LIMITS                                                                                                         \
    "<DynamicConstraints maxAcceleration='2' maxDeceleration='3' maxSpeed='INF' maxAccelerationRate='1e308'/>"
#define LONGITUDINAL(name, inner) PRIVATE(name, "<LongitudinalAction>" inner "</LongitudinalAction>")
#define LATERAL(name, inner) PRIVATE(name, "<LateralAction>" inner "</LateralAction>")
#define DYNAMICS(tag, shape, dimension, value)                                                                         \
    "<" tag " dynamicsShape='" shape "' dynamicsDimension='" dimension "' value='" value "'/>"

static void longitudinal_and_lateral_actions(void **state) {
    (void)state;
    cw_scene *s = with_actions(
        LONGITUDINAL("speed",
                     "<SpeedAction>" DYNAMICS(
                         "SpeedActionDynamics", "sinusoidal", "rate",
                         "-4") "<SpeedActionTarget><RelativeTargetSpeed entityRef='Lead' value='1.1' "
                               "speedTargetValueType='factor' continuous='true'/></SpeedActionTarget></SpeedAction>")
            LONGITUDINAL("profile", "<SpeedProfileAction followingMode='follow'><SpeedProfileEntry speed='5' time='2'/>"
                                    "<SpeedProfileEntry speed='7'/>" LIMITS "</SpeedProfileAction>")
                LONGITUDINAL("gap",
                             "<LongitudinalDistanceAction entityRef='Lead' timeGap='1.5' continuous='true' "
                             "freespace='true' displacement='leadingReferencedEntity' coordinateSystem='lane'>" LIMITS
                             "</LongitudinalDistanceAction>")
                    LONGITUDINAL("distance", "<LongitudinalDistanceAction entityRef='Lead' distance='9' "
                                             "continuous='false' freespace='false'/>")
                        LATERAL("change",
                                "<LaneChangeAction targetLaneOffset='0.3'>" DYNAMICS(
                                    "LaneChangeActionDynamics", "cubic", "distance",
                                    "40") "<LaneChangeTarget><RelativeTargetLane entityRef='Lead' value='-1'/>"
                                          "</LaneChangeTarget></LaneChangeAction>")
                            LATERAL("lane",
                                    "<LaneChangeAction>" DYNAMICS(
                                        "LaneChangeActionDynamics", "linear", "time",
                                        "4") "<LaneChangeTarget><AbsoluteTargetLane value='-2'/></LaneChangeTarget>"
                                             "</LaneChangeAction>")
                                LATERAL("offset", "<LaneOffsetAction continuous='true'><LaneOffsetActionDynamics "
                                                  "dynamicsShape='sinusoidal' maxLateralAcc='1.2'/><LaneOffsetTarget>"
                                                  "<AbsoluteTargetLaneOffset value='-0.8'/></LaneOffsetTarget>"
                                                  "</LaneOffsetAction>")
                                    LATERAL("side",
                                            "<LateralDistanceAction entityRef='Lead' distance='2' freespace='true' "
                                            "continuous='false' displacement='rightToReferencedEntity' "
                                            "coordinateSystem='road'/>"));
    const cw_action *a = scenario_action(s, "speed");
    assert_int_equal(a->kind, CW_DO_SPEED);
    assert_true(a->relative && a->continuous && a->is_private);
    assert_int_equal(a->target_type, 1);
    assert_int_equal(a->entity, 1);
    assert_int_equal(a->actor, CW_NONE);
    assert_int_equal(a->dynamics.shape, CW_SINUSOIDAL);
    assert_int_equal(a->dynamics.dimension, CW_BY_RATE);
    assert_near(a->dynamics.value, 4, 0);
    a = scenario_action(s, "profile");
    assert_int_equal(a->entry_count, 2);
    assert_true(a->dynamics.follow);
    assert_true(isnan(a->entries[1].time));
    assert_near(a->limits.max_brake, 3, 0);
    assert_true(isinf(a->limits.max_speed) && isinf(a->limits.max_accel_rate) && isinf(a->limits.max_brake_rate));
    a = scenario_action(s, "gap");
    assert_true(a->time_gap && a->continuous && a->freespace);
    assert_int_equal(a->displacement, 1);
    assert_int_equal(a->coordinates, CW_IN_LANE);
    a = scenario_action(s, "distance");
    assert_false(a->time_gap);
    assert_int_equal(a->displacement, 2);
    assert_near(a->value, 9, 0);
    a = scenario_action(s, "change");
    assert_true(a->relative);
    assert_int_equal(a->lane, -1);
    assert_near(a->offset, 0.3, 0);
    assert_int_equal(a->dynamics.dimension, CW_BY_DISTANCE);
    a = scenario_action(s, "lane");
    assert_false(a->relative);
    assert_int_equal(a->lane, -2);
    a = scenario_action(s, "offset");
    assert_near(a->value, -0.8, 0);
    assert_near(a->max_lateral_accel, 1.2, 0);
    a = scenario_action(s, "side");
    assert_int_equal(a->kind, CW_DO_LATERAL_DISTANCE);
    assert_int_equal(a->displacement, 2);
    assert_int_equal(a->coordinates, CW_IN_ROAD);
    cw_scene_free(s);
}

static void other_private_actions(void **state) {
    (void)state;
    cw_scene *s = with_actions(
        PRIVATE(
            "sync",
            "<SynchronizeAction masterEntityRef='Lead' targetTolerance='1' targetToleranceMaster='2'>"
            "<TargetPositionMaster>" WORLD("1", "0") "</TargetPositionMaster><TargetPosition>" WORLD(
                "2", "0") "</TargetPosition><FinalSpeed><RelativeSpeedToMaster value='-2' speedTargetValueType='delta'>"
                          "<TargetTimeSteadyState time='3'/></RelativeSpeedToMaster></FinalSpeed></SynchronizeAction>")
            PRIVATE("activate", "<ActivateControllerAction longitudinal='true'/>") PRIVATE(
                "control", "<ControllerAction><AssignControllerAction><Controller name='acc'><Properties><Property "
                           "name='gap' value='2'/></Properties></Controller></AssignControllerAction>"
                           "<OverrideControllerValueAction><Throttle value='0.3' active='true'/><Brake active='false'>"
                           "<BrakePercent value='0.5'/></Brake><Gear number='2' active='true'/>"
                           "</OverrideControllerValueAction></ControllerAction>")
                PRIVATE("route", "<RoutingAction><AssignRouteAction>" ROUTE "</AssignRouteAction></RoutingAction>")
                    PRIVATE("acquire", "<RoutingAction><AcquirePositionAction>" POSITION(
                                           WORLD("1", "1")) "</AcquirePositionAction></RoutingAction>")
                        PRIVATE("random", "<RoutingAction><RandomRouteAction/></RoutingAction>")
                            PRIVATE("light", "<AppearanceAction><LightStateAction><LightType><VehicleLight "
                                             "vehicleLightType='brakeLights'/></LightType><LightState mode='on'/>"
                                             "</LightStateAction></AppearanceAction>")
                                PRIVATE("connect",
                                        "<TrailerAction><ConnectTrailerAction trailerRef='Lead'/></TrailerAction>")
                                    PRIVATE("release", "<TrailerAction><DisconnectTrailerAction/></TrailerAction>")
                                        PRIVATE("see",
                                                "<VisibilityAction graphics='false' traffic='true' sensors='false'/>"));
    const cw_action *a = scenario_action(s, "sync");
    assert_int_equal(a->entity, 1);
    assert_near(a->tolerance, 1, 0);
    assert_near(a->tolerance_master, 2, 0);
    assert_near(a->master_position.x, 1, 0);
    assert_near(a->position.x, 2, 0);
    assert_int_equal(a->target_type, 2);
    assert_int_equal(a->steady, 2);
    assert_near(a->value2, 3, 0);
    a = scenario_action(s, "activate");
    assert_int_equal(a->operation, 2);
    assert_true(a->flag2 && !a->flag);
    a = scenario_action(s, "control"); // one element, four actions of the same name
    assert_int_equal(a->kind, CW_DO_ASSIGN_CONTROLLER);
    assert_string_equal(a->controller.properties[0].value, "2");
    assert_int_equal(a[1].kind, CW_DO_OVERRIDE_CONTROLLER);
    assert_string_equal(a[1].text, "throttle");
    assert_near(a[1].value2, 0.3, 0);
    assert_true(a[1].flag);
    assert_string_equal(a[2].text, "brake");
    assert_near(a[2].value2, 0.5, 0);
    assert_false(a[2].flag);
    assert_string_equal(a[3].text, "gear");
    assert_near(a[3].value2, 2, 0);
    assert_int_equal(s->routes[scenario_action(s, "route")->route].count, 2);
    assert_int_equal(scenario_action(s, "acquire")->kind, CW_DO_ACQUIRE_POSITION);
    assert_int_equal(scenario_action(s, "random")->kind, CW_DO_RANDOM_ROUTE);
    assert_string_equal(scenario_action(s, "light")->reference, "brakeLights");
    assert_int_equal(scenario_action(s, "connect")->entity, 1);
    assert_int_equal(scenario_action(s, "release")->kind, CW_DO_DISCONNECT_TRAILER);
    a = scenario_action(s, "see");
    assert_true(a->flag && !a->flag2 && !a->flag3);
    assert_int_equal(s->notice_count, 1);
    assert_true(scenario_notes(s, "RandomRouteAction"));
    assert_int_equal(s->events[0].actions.count, 13);
    cw_scene_free(s);
}

static void global_actions(void **state) {
    (void)state;
    scenario_parts parts = {
        .declarations = "<ParameterDeclarations><ParameterDeclaration name='p' parameterType='double' value='4'/>"
                        "</ParameterDeclarations><VariableDeclarations><VariableDeclaration name='hit' "
                        "variableType='boolean' value='false'/><VariableDeclaration name='n' variableType='double' "
                        "value='$p'/><VariableDeclaration name='word' variableType='string' value='a'/>"
                        "</VariableDeclarations>",
        .stories = scenario_event(
            GLOBAL("set", "<VariableAction variableRef='hit'><SetAction value='true'/></VariableAction>") GLOBAL(
                "times", "<VariableAction variableRef='n'><ModifyAction><Rule><MultiplyByValue value='3'/></Rule>"
                         "</ModifyAction></VariableAction>")
                GLOBAL("add", "<ParameterAction parameterRef='p'><ModifyAction><Rule><AddValue value='-1'/></Rule>"
                              "</ModifyAction></ParameterAction>")
                    GLOBAL("light", "<InfrastructureAction><TrafficSignalAction><TrafficSignalStateAction name='s1' "
                                    "state='off;on;off'/></TrafficSignalAction></InfrastructureAction>")
                        GLOBAL("program", "<InfrastructureAction><TrafficSignalAction><TrafficSignalControllerAction "
                                          "trafficSignalControllerRef='c' phase='go'/></TrafficSignalAction>"
                                          "</InfrastructureAction>")
                            GLOBAL("gone", "<EntityAction entityRef='Lead'><DeleteEntityAction/></EntityAction>")
                                GLOBAL("swarm", "<TrafficAction><TrafficSwarmAction innerRadius='1'/></TrafficAction>"),
            "")};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->variable_count, 4); // the variables, then the parameters
    assert_string_equal(s->variables[0].name, "hit");
    assert_int_equal(s->variables[0].kind, 2);
    assert_near(s->variables[1].number, 4, 0);
    assert_int_equal(s->variables[2].kind, 1);
    assert_string_equal(s->variables[3].name, "p");
    const cw_action *a = scenario_action(s, "set");
    assert_int_equal(a->kind, CW_DO_SET_VARIABLE);
    assert_int_equal(a->variable, 0);
    assert_near(a->value, 1, 0);
    assert_string_equal(a->text, "true");
    a = scenario_action(s, "times");
    assert_int_equal(a->kind, CW_DO_MODIFY_VARIABLE);
    assert_int_equal(a->operation, 1);
    a = scenario_action(s, "add");
    assert_int_equal(a->kind, CW_DO_MODIFY_PARAMETER);
    assert_int_equal(a->variable, 3);
    assert_near(a->value, -1, 0);
    a = scenario_action(s, "light");
    assert_int_equal(a->kind, CW_DO_SIGNAL_STATE);
    assert_string_equal(a->reference, "s1");
    assert_near(a->value, 3, 0); // yellow
    assert_string_equal(scenario_action(s, "program")->text, "go");
    a = scenario_action(s, "gone");
    assert_int_equal(a->actor, 1);
    assert_false(a->is_private);
    assert_int_equal(scenario_action(s, "swarm")->kind, CW_DO_TRAFFIC);
    assert_true(scenario_notes(s, "TrafficSwarmAction"));
    cw_scene_free(s);
    parts.stories =
        scenario_event(GLOBAL("set", "<VariableAction variableRef='n'><SetAction value='x'/></VariableAction>"), "");
    scenario_must_fail(&parts, CW_ERR_INPUT, 17, "is a number");
    parts.stories =
        scenario_event(GLOBAL("set", "<VariableAction variableRef='m'><SetAction value='1'/></VariableAction>"), "");
    scenario_must_fail(&parts, CW_ERR_INPUT, 17, "'m' is not declared");
}

// ---- conditions ------------------------------------------------------------------------------------------------------

#define VALUE(name, inner)                                                                                             \
    "<Condition name='" name "' delay='1.5' conditionEdge='risingOrFalling'><ByValueCondition>" inner                  \
    "</ByValueCondition></Condition>"
#define ENTITY(name, inner)                                                                                            \
    "<Condition name='" name "' delay='0' conditionEdge='falling'><ByEntityCondition><TriggeringEntities "             \
    "triggeringEntitiesRule='all'><EntityRef entityRef='Ego'/><EntityRef entityRef='Lead'/></TriggeringEntities>"      \
    "<EntityCondition>" inner "</EntityCondition></ByEntityCondition></Condition>"

static void conditions_by_value(void **state) {
    (void)state;
    scenario_parts parts = {
        .declarations = "<ParameterDeclarations><ParameterDeclaration name='p' parameterType='string' value='x'/>"
                        "</ParameterDeclarations><VariableDeclarations><VariableDeclaration name='hit' "
                        "variableType='boolean' value='false'/></VariableDeclarations>",
        .stories = scenario_event(
            "", VALUE("time", "<SimulationTimeCondition value='3' rule='notEqualTo'/>")
                    VALUE("variable", "<VariableCondition variableRef='hit' value='true' rule='equalTo'/>")
                        VALUE("parameter", "<ParameterCondition parameterRef='p' value='y' rule='equalTo'/>") VALUE(
                            "day", "<TimeOfDayCondition dateTime='2026-01-01T06:30:15.5+02:00' rule='greaterThan'/>")
                            VALUE("signal", "<TrafficSignalCondition name='s1' state='off;off;on'/>") VALUE(
                                "controller", "<TrafficSignalControllerCondition trafficSignalControllerRef='c' "
                                              "phase='go'/>")
                                VALUE("element", "<StoryboardElementStateCondition storyboardElementType='maneuver' "
                                                 "storyboardElementRef='maneuver' state='runningState'/>"))};
    cw_scene *s = scenario_must_read(&parts);
    const cw_condition *c = scenario_condition(s, "time");
    assert_int_equal(c->kind, CW_IF_SIMULATION_TIME);
    assert_int_equal(c->rule, CW_NOT_EQUAL);
    assert_int_equal(c->edge, CW_EDGE_ANY);
    assert_near(c->delay, 1.5, 0);
    c = scenario_condition(s, "variable");
    assert_int_equal(c->variable, 0);
    assert_false(c->text_rule);
    assert_near(c->value, 1, 0);
    c = scenario_condition(s, "parameter");
    assert_int_equal(c->variable, 1);
    assert_true(c->text_rule);
    assert_string_equal(c->text, "y");
    c = scenario_condition(s, "day");
    assert_near(c->value, 6 * 3600 + 30 * 60 + 15.5, 1e-9);
    c = scenario_condition(s, "signal");
    assert_near(c->value, 4, 0); // green
    assert_string_equal(c->reference, "s1");
    assert_string_equal(scenario_condition(s, "controller")->text, "go");
    c = scenario_condition(s, "element");
    assert_int_equal(c->element, CW_ELEMENT_MANEUVER);
    assert_int_equal(c->state, CW_STATE_RUNNING);
    assert_int_equal(c->element_index, 0);
    cw_scene_free(s);
}

static const char *const entity_conditions[] = {
    ENTITY("end", "<EndOfRoadCondition duration='2'/>"),
    ENTITY("off", "<OffroadCondition duration='1'/>"),
    ENTITY("hit", "<CollisionCondition><EntityRef entityRef='Lead'/></CollisionCondition>"),
    ENTITY("hits", "<CollisionCondition><ByType type='pedestrian'/></CollisionCondition>"),
    ENTITY("headway",
           "<TimeHeadwayCondition entityRef='Lead' value='1' freespace='true' alongRoute='true' rule='lessThan'/>"),
    ENTITY("ttc", "<TimeToCollisionCondition value='2' freespace='true' rule='lessOrEqual' coordinateSystem='lane' "
                  "relativeDistanceType='longitudinal'><TimeToCollisionConditionTarget><EntityRef entityRef='Lead'/>"
                  "</TimeToCollisionConditionTarget></TimeToCollisionCondition>"),
    ENTITY("accel", "<AccelerationCondition value='3' rule='greaterThan' direction='lateral'/>"),
    ENTITY("still", "<StandStillCondition duration='4'/>"),
    ENTITY("speed", "<SpeedCondition value='5' rule='greaterOrEqual'/>"),
    ENTITY("relspeed",
           "<RelativeSpeedCondition entityRef='Lead' value='-1' rule='lessThan' direction='longitudinal'/>"),
    ENTITY("travel", "<TraveledDistanceCondition value='70'/>"),
    ENTITY("reach", "<ReachPositionCondition tolerance='2'>" POSITION(WORLD("8", "9")) "</ReachPositionCondition>"),
    ENTITY("distance", "<DistanceCondition value='6' freespace='false' rule='lessThan'>" POSITION(WORLD("8", "9")) //
           "</DistanceCondition>"),
    ENTITY("relative", "<RelativeDistanceCondition entityRef='Lead' relativeDistanceType='cartesianDistance' value='7' "
                       "freespace='false' rule='lessThan'/>"),
    ENTITY("clear", "<RelativeClearanceCondition distanceForward='20' distanceBackward='10' freeSpace='true' "
                    "oppositeLanes='false'><EntityRef entityRef='Lead'/><RelativeLaneRange from='-1' to='1'/>"
                    "</RelativeClearanceCondition>"),
    ENTITY("angle", "<AngleCondition angle='0.5' angleTolerance='0.1' angleType='pitch' coordinateSystem='road'/>")};

static void conditions_by_entity(void **state) {
    (void)state;
    static char all[1 << 14];
    size_t at = 0;
    for (size_t i = 0; i < sizeof entity_conditions / sizeof entity_conditions[0]; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s", entity_conditions[i]);
    scenario_parts parts = {.version = "3", .stories = scenario_event("", all)};
    cw_scene *s = scenario_must_read(&parts);
    const struct {
        const char *name;
        uint8_t kind;
        double value;
    } rows[] = {{"end", CW_IF_END_OF_ROAD, 2},
                {"off", CW_IF_OFFROAD, 1},
                {"hit", CW_IF_COLLISION, 0},
                {"headway", CW_IF_TIME_HEADWAY, 1},
                {"ttc", CW_IF_TIME_TO_COLLISION, 2},
                {"accel", CW_IF_ACCELERATION, 3},
                {"still", CW_IF_STAND_STILL, 4},
                {"speed", CW_IF_SPEED, 5},
                {"relspeed", CW_IF_RELATIVE_SPEED, -1},
                {"travel", CW_IF_TRAVELED_DISTANCE, 70},
                {"reach", CW_IF_REACH_POSITION, 2},
                {"distance", CW_IF_DISTANCE, 6},
                {"relative", CW_IF_RELATIVE_DISTANCE, 7},
                {"clear", CW_IF_RELATIVE_CLEARANCE, 20},
                {"angle", CW_IF_ANGLE, 0.5}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const cw_condition *c = scenario_condition(s, rows[i].name);
        assert_int_equal(c->kind, rows[i].kind);
        assert_near(c->value, rows[i].value, 0);
        assert_true(c->all);
        assert_int_equal(c->trigger_count, 2);
        assert_int_equal(c->triggers[1], 1);
        assert_int_equal(c->edge, CW_EDGE_FALLING);
    }
    const cw_condition *c = scenario_condition(s, "headway"); // 1.0's alongRoute
    assert_int_equal(c->distance, CW_LONGITUDINAL);
    assert_int_equal(c->coordinates, CW_IN_ROAD);
    assert_int_equal(c->entity, 1);
    c = scenario_condition(s, "ttc");
    assert_int_equal(c->coordinates, CW_IN_LANE);
    assert_int_equal(c->rule, CW_LESS_OR_EQUAL);
    assert_int_equal(scenario_condition(s, "accel")->direction, 2);
    assert_int_equal(scenario_condition(s, "relative")->distance, CW_EUCLIDEAN);
    assert_int_equal(scenario_condition(s, "hit")->entity, 1);
    assert_int_equal(scenario_condition(s, "hits")->by_kind, CW_ACTOR_PEDESTRIAN + 1);
    assert_near(scenario_condition(s, "reach")->position.y, 9, 0);
    c = scenario_condition(s, "clear");
    assert_int_equal(c->other_count, 1);
    assert_int_equal(c->others[0], 1);
    assert_true(c->lanes == UINT64_C(7) << 31);
    assert_near(c->value2, 10, 0);
    c = scenario_condition(s, "angle");
    assert_int_equal(c->direction, 1);
    assert_near(c->value2, 0.1, 0);
    assert_int_equal(s->notice_count, 0);
    cw_scene_free(s);
}

// ---- weather and signals ---------------------------------------------------------------------------------------------

static void weather_of_both_spellings(void **state) {
    (void)state;
    scenario_parts parts = {
        .init = "<GlobalAction><EnvironmentAction><Environment name='e'><TimeOfDay animation='false' "
                "dateTime='2026-03-04T18:00:00'/><Weather cloudState='overcast'><Sun intensity='0.5' azimuth='1' "
                "elevation='0.2'/><Fog visualRange='150'/><Precipitation precipitationType='rain' intensity='0.4'/>"
                "</Weather><RoadCondition frictionScaleFactor='0.7'/></Environment></EnvironmentAction></GlobalAction>",
        .stories = scenario_event(
            GLOBAL("w", "<EnvironmentAction><Environment name='e'><Weather fractionalCloudCover='fourOktas' "
                        "temperature='275' atmosphericPressure='100000'><Sun illuminance='9000' azimuth='1' "
                        "elevation='0.2'/><Precipitation precipitationType='snow' precipitationIntensity='3'/><Wind "
                        "direction='2' speed='8'/></Weather></Environment></EnvironmentAction>"),
            "")};
    cw_scene *s = scenario_must_read(&parts);
    const cw_environment *e = &s->environment;
    assert_true(e->has_friction && e->has_weather && e->has_time && e->wet);
    assert_near(e->friction_scale, 0.7, 0);
    assert_near(e->visibility, 150, 0);
    assert_near(e->precipitation_mmph, 20, 1e-12);
    assert_near(e->cloud, 1, 0);
    assert_near(e->time_of_day, 18 * 3600, 0);
    e = &scenario_action(s, "w")->environment;
    assert_false(e->has_friction || e->has_time);
    assert_int_equal(e->precipitation, 2);
    assert_near(e->precipitation_mmph, 3, 0);
    assert_near(e->cloud, 0.5, 0);
    assert_near(e->sun_intensity, 9000, 0);
    assert_near(e->wind_speed, 8, 0);
    assert_near(e->temperature, 275, 0);
    assert_true(isinf(e->visibility));
    cw_scene_free(s);
}

static void days_have_seconds(void **state) {
    (void)state;
    double t = -1;
    assert_true(cw_osc_day_seconds("2020-10-10T10:30:30", &t));
    assert_near(t, 37830, 0);
    assert_true(cw_osc_day_seconds("2020-10-10T00:00:01.25Z", &t));
    assert_near(t, 1.25, 0);
    assert_true(cw_osc_day_seconds("2020-10-10T01:00:00+0100", &t));
    const char *const bad[] = {
        "", "12:00", "2020-13-01T00:00:00", "2020-01-01T25:00:00", "2020-01-01T10:00:00x", "2020-01-01 10:00:00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(cw_osc_day_seconds(bad[i], &t));
}

static void signal_states_become_lights(void **state) {
    (void)state;
    const struct {
        const char *state;
        uint8_t light;
    } rows[] = {{"red", 1},       {"RED", 1},        {"green", 4},       {"Yellow", 3},
                {"amber", 3},     {"redYellow", 2},  {"off;off;on", 4},  {"on;off;off", 1},
                {"on;on;off", 2}, {"off;on;off", 3}, {"off;off;off", 0}, {"off;flashing;off", 5},
                {"on;off", 1},    {"off;on", 4},     {"off", 0},         {"flashing_yellow", 5},
                {"stop", 1},      {"go", 4},         {"nonsense", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (cw_osc_light_of(rows[i].state) != rows[i].light)
            fail_msg("%s is %d", rows[i].state, cw_osc_light_of(rows[i].state));
}

static void signal_programs_are_read(void **state) {
    (void)state;
    scenario_parts parts = {
        .signals = "<TrafficSignals><TrafficSignalController name='c' delay='2' reference='d'><Phase name='go' "
                   "duration='10'><TrafficSignalState trafficSignalId='s1' state='green'/></Phase><Phase name='stop' "
                   "duration='5.5'><TrafficSignalState trafficSignalId='s1' state='on;off;off'/><TrafficSignalState "
                   "trafficSignalId='nowhere' state='red'/></Phase></TrafficSignalController></TrafficSignals>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->program_count, 1);
    const cw_signal_program *p = &s->programs[0];
    assert_string_equal(p->name, "c");
    assert_string_equal(p->reference, "d");
    assert_near(p->delay, 2, 0);
    assert_near(p->period, 15.5, 0);
    assert_int_equal(p->count, 2);
    assert_int_equal(p->phases[0].states[0].light, 4);
    assert_int_equal(p->phases[1].count, 2);
    assert_int_equal(p->phases[1].states[0].light, 1);
    assert_true(scenario_notes(s, "trafficSignalId"));
    cw_scene_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_of_every_kind),
        cmocka_unit_test(positions_that_point_nowhere_are_errors),
        cmocka_unit_test(carla_files_are_left_handed),
        cmocka_unit_test(trajectories_of_every_shape),
        cmocka_unit_test(broken_trajectories_are_errors),
        cmocka_unit_test(longitudinal_and_lateral_actions),
        cmocka_unit_test(other_private_actions),
        cmocka_unit_test(global_actions),
        cmocka_unit_test(conditions_by_value),
        cmocka_unit_test(conditions_by_entity),
        cmocka_unit_test(weather_of_both_spellings),
        cmocka_unit_test(days_have_seconds),
        cmocka_unit_test(signal_states_become_lights),
        cmocka_unit_test(signal_programs_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
