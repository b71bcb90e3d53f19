// The careful human in the ego's place, and the comparison with it, on scenarios of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/judge.h"
#include "causeway/run.h"

static const char road[] =
    "<?xml version=\"1.0\"?><OpenDRIVE><header revMajor=\"1\" revMinor=\"6\"/><road id=\"1\" length=\"2000\" "
    "junction=\"-1\"><type s=\"0\" type=\"motorway\"/><planView><geometry s=\"0\" x=\"0\" y=\"0\" hdg=\"0\" "
    "length=\"2000\"><line/></geometry></planView><lanes><laneSection s=\"0\"><center><lane id=\"0\" type=\"none\" "
    "level=\"false\"/></center><right><lane id=\"-1\" type=\"driving\" level=\"false\"><width sOffset=\"0\" a=\"3.5\" "
    "b=\"0\" c=\"0\" d=\"0\"/></lane><lane id=\"-2\" type=\"driving\" level=\"false\"><width sOffset=\"0\" a=\"3.5\" "
    "b=\"0\" c=\"0\" d=\"0\"/></lane></right></laneSection></lanes></road></OpenDRIVE>";

#define CAR_XML                                                                                                        \
    "<Vehicle name=\"c\" vehicleCategory=\"car\"><BoundingBox><Center x=\"1.4\" y=\"0\" z=\"0.75\"/><Dimensions "      \
    "width=\"1.8\" length=\"4.5\" height=\"1.5\"/></BoundingBox><Performance maxSpeed=\"60\" maxDeceleration=\"10\" "  \
    "maxAcceleration=\"5\"/><Axles><FrontAxle maxSteering=\"0.5\" wheelDiameter=\"0.6\" trackWidth=\"1.6\" "           \
    "positionX=\"2.8\" positionZ=\"0.3\"/><RearAxle maxSteering=\"0\" wheelDiameter=\"0.6\" trackWidth=\"1.6\" "       \
    "positionX=\"0\" positionZ=\"0.3\"/></Axles><Properties/></Vehicle>"

#define PLACE_XML                                                                                                      \
    "<Private entityRef=\"%s\"><PrivateAction><TeleportAction><Position><LanePosition roadId=\"1\" laneId=\"%d\" "     \
    "s=\"%g\" offset=\"0\"/></Position></TeleportAction></PrivateAction><PrivateAction><LongitudinalAction>"           \
    "<SpeedAction><SpeedActionDynamics dynamicsShape=\"step\" dynamicsDimension=\"time\" value=\"0\"/>"                \
    "<SpeedActionTarget><AbsoluteTargetSpeed value=\"%g\"/></SpeedActionTarget></SpeedAction></LongitudinalAction>"    \
    "</PrivateAction></Private>"

// Ego at 100 m with 20 m/s in lane -1, another ahead of it in a lane of its own; after 3 s that one brakes to a stop at
// `brake` m/s^2 (0: not) or changes to lane -1 within `change` s (0: not).
typedef struct play {
    int lane;
    double ahead, speed, brake, change;
    char text[8192];
} play;

static void write_scenario(play *p) {
    char event[1024] = "";
    if (p->brake > 0)
        snprintf(event, sizeof event,
                 "<LongitudinalAction><SpeedAction><SpeedActionDynamics dynamicsShape=\"linear\" "
                 "dynamicsDimension=\"rate\" value=\"%g\"/><SpeedActionTarget><AbsoluteTargetSpeed value=\"0\"/>"
                 "</SpeedActionTarget></SpeedAction></LongitudinalAction>",
                 p->brake);
    else
        snprintf(event, sizeof event,
                 "<LateralAction><LaneChangeAction><LaneChangeActionDynamics dynamicsShape=\"sinusoidal\" "
                 "dynamicsDimension=\"time\" value=\"%g\"/><LaneChangeTarget><AbsoluteTargetLane value=\"-1\"/>"
                 "</LaneChangeTarget></LaneChangeAction></LateralAction>",
                 p->change);
    char places[2048];
    snprintf(places, sizeof places, PLACE_XML PLACE_XML, "Ego", -1, 100.0, 20.0, "Other", p->lane, 100 + p->ahead,
             p->speed);
    bool acts = p->brake > 0 || p->change > 0;
    char story[2560] = "";
    if (acts)
        snprintf(
            story, sizeof story,
            "<Story name=\"s\"><Act name=\"a\"><ManeuverGroup name=\"g\" maximumExecutionCount=\"1\"><Actors "
            "selectTriggeringEntities=\"false\"><EntityRef entityRef=\"Other\"/></Actors><Maneuver name=\"m\">"
            "<Event name=\"e\" priority=\"overwrite\"><Action name=\"x\"><PrivateAction>%s</PrivateAction></Action>"
            "<StartTrigger><ConditionGroup><Condition name=\"t\" delay=\"0\" conditionEdge=\"none\">"
            "<ByValueCondition><SimulationTimeCondition value=\"3\" rule=\"greaterThan\"/></ByValueCondition>"
            "</Condition></ConditionGroup></StartTrigger></Event></Maneuver></ManeuverGroup><StartTrigger>"
            "<ConditionGroup><Condition name=\"t\" delay=\"0\" conditionEdge=\"none\"><ByValueCondition>"
            "<SimulationTimeCondition value=\"0\" rule=\"greaterThan\"/></ByValueCondition></Condition>"
            "</ConditionGroup></StartTrigger></Act></Story>",
            event);
    int length = snprintf(
        p->text, sizeof p->text,
        "<?xml version=\"1.0\"?><OpenSCENARIO><FileHeader revMajor=\"1\" revMinor=\"1\" date=\"2024-01-01T00:00:00\" "
        "description=\"\" author=\"\"/><CatalogLocations/><RoadNetwork><LogicFile "
        "filepath=\"road.xodr\"/></RoadNetwork>"
        "<Entities><ScenarioObject name=\"Ego\">" CAR_XML "</ScenarioObject><ScenarioObject name=\"Other\">" CAR_XML
        "</ScenarioObject></Entities><Storyboard><Init><Actions>%s</Actions></Init>%s<StopTrigger><ConditionGroup>"
        "<Condition name=\"end\" delay=\"0\" conditionEdge=\"none\"><ByValueCondition><SimulationTimeCondition "
        "value=\"14\" rule=\"greaterThan\"/></ByValueCondition></Condition></ConditionGroup></StopTrigger></Storyboard>"
        "</OpenSCENARIO>",
        places, story);
    assert_true(length > 0 && (size_t)length < sizeof p->text);
}

static cw_status open_file(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    (void)context;
    size_t length = strlen(path);
    if (length < 9 || strcmp(path + length - 9, "road.xodr") != 0)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "there is no such file");
    *count = sizeof road - 1;
    *bytes = malloc(sizeof road);
    assert_non_null(*bytes);
    memcpy(*bytes, road, sizeof road);
    return CW_OK;
}

static const char *reference = "human"; // whose impact is the bound

static void judge(play *p, const char *driver, bool always, cw_verdict *out) {
    write_scenario(p);
    cw_scenario_options options = {.open = open_file};
    cw_error err = {0};
    cw_scene *scene;
    cw_trace *trace;
    cw_episode_result result;
    if (cw_openscenario_read(p->text, strlen(p->text), "inline.xosc", &options, &scene, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    assert_true(cw_judge_is_alks(scene));
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = cw_driver_find(driver);
    def.evaluator = false;
    if (cw_episode_run(&def, &trace, &result, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_judge_def j = {.scene = scene,
                      .trace = trace,
                      .end = cw_episode_end_name(result.end),
                      .goal_time_ns = result.goal_time_ns,
                      .mission = &result.mission,
                      .human = cw_driver_find(reference),
                      .always_human = always,
                      .seed = def.seed,
                      .dt_ns = def.dt_ns,
                      .period_ns = def.period_ns};
    if (cw_judge(&j, out, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    cw_scene_free(scene);
}

static const cw_criterion *criterion(const cw_verdict *v, const char *name) {
    for (uint32_t i = 0; i < v->criterion_count; i++)
        if (strcmp(v->criteria[i].name, name) == 0)
            return &v->criteria[i];
    fail_msg("no criterion is called %s", name);
    return NULL;
}

static double metric(const cw_verdict *v, const char *name) {
    for (uint32_t i = 0; i < v->metric_count; i++)
        if (strcmp(v->metrics[i].name, name) == 0)
            return v->metrics[i].value;
    fail_msg("no metric is called %s", name);
    return NAN;
}

static cw_verdict verdict;

static void free_lane(void **state) {
    (void)state;
    play p = {.lane = -2, .ahead = 60, .speed = 30};
    judge(&p, "human", true, &verdict);
    assert_true(verdict.passed && verdict.human_run && verdict.human_avoids);
    assert_true(fabs(metric(&verdict, "set_speed_held") - 1) < 0.01);
    assert_true(criterion(&verdict, "r157_lane")->passed);
    assert_true(fabs(criterion(&verdict, "r157_lane")->value + 0.85) < 0.1); // in the middle of 3.5 m with 1.8 m
}

// A leader that brakes at 6 m/s^2 from a proper distance: the human avoids it, one who never reacts does not.
static void avoidable(void **state) {
    (void)state;
    play p = {.lane = -1, .ahead = 50, .speed = 20, .brake = 6};
    judge(&p, "human", false, &verdict);
    assert_int_equal(verdict.contact_count, 0);
    assert_false(verdict.human_run); // nothing to compare
    assert_true(metric(&verdict, "max_decel_mps2") > 2);
    judge(&p, "constant", false, &verdict);
    assert_true(verdict.contact_count == 1 && verdict.human_run && verdict.human_avoids);
    assert_false(criterion(&verdict, "r157_contact")->passed);
    assert_true(criterion(&verdict, "contact")->demanded && !verdict.passed);
}

// Tailgating at 9.81 m/s^2: the human cannot help it; then its impact is the bound.
static void unavoidable(void **state) {
    (void)state;
    play p = {.lane = -1, .ahead = 14, .speed = 20, .brake = 9.81};
    judge(&p, "human", false, &verdict);
    assert_true(verdict.contact_count > 0 && verdict.human_run && !verdict.human_avoids);
    double impact = (double)verdict.contacts[0].impact_mps;
    assert_true(impact > 1 && fabs((double)verdict.human_impact_mps - impact) < 1e-6);
    assert_true(criterion(&verdict, "r157_contact")->passed && !criterion(&verdict, "contact")->demanded);
    judge(&p, "constant", false, &verdict);
    assert_false(criterion(&verdict, "r157_contact")->passed);
    assert_true((double)verdict.contacts[0].impact_mps > impact);
}

// A cut-in that leaves time, v_rel 8 m/s at about 2.5 s: the human brakes for it after its reaction, and keeps its lane.
static void cut_in(void **state) {
    (void)state;
    play p = {.lane = -2, .ahead = 60, .speed = 12, .change = 3};
    judge(&p, "human", false, &verdict);
    assert_int_equal(verdict.contact_count, 0);
    assert_true(verdict.passed);
    judge(&p, "constant", false, &verdict);
    assert_true(verdict.contact_count > 0 && verdict.human_run && verdict.human_avoids);
    assert_false(criterion(&verdict, "r157_contact")->passed);
    // Even if nobody avoided it: above v_rel / 12 + 0.35 s absence of contact is demanded.
    reference = "constant";
    judge(&p, "constant", false, &verdict);
    reference = "human";
    assert_true(verdict.human_run && !verdict.human_avoids);
    assert_false(criterion(&verdict, "r157_contact")->passed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(free_lane), cmocka_unit_test(avoidable),
                                       cmocka_unit_test(unavoidable), cmocka_unit_test(cut_in)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
