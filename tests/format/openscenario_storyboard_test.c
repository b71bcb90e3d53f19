// The OpenSCENARIO reader: the storyboard, its nesting, names and references.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONDITION(name, inner)                                                                                         \
    "<Condition name='" name "' delay='0' conditionEdge='none'><ByValueCondition>" inner                               \
    "</ByValueCondition></Condition>"
#define AFTER(name, seconds) CONDITION(name, "<SimulationTimeCondition value='" seconds "' rule='greaterThan'/>")
#define SPEED(name, value)                                                                                             \
    "<Action name='" name                                                                                              \
    "'><PrivateAction><LongitudinalAction><SpeedAction><SpeedActionDynamics dynamicsShape='step' "                     \
    "value='0' dynamicsDimension='time'/><SpeedActionTarget><AbsoluteTargetSpeed value='" value                        \
    "'/></SpeedActionTarget></SpeedAction></LongitudinalAction></PrivateAction></Action>"
#define PARAMETER(name, type, value)                                                                                   \
    "<ParameterDeclaration name='" name "' parameterType='" type "' value='" value "'/>"
#define PARAMETERS(rows) "<ParameterDeclarations>" rows "</ParameterDeclarations>"

// ---- storyboard ------------------------------------------------------------------------------------------------------

#define EVENT(name, priority, inner) "<Event name='" name "' priority='" priority "'>" inner "</Event>"
#define MANEUVER(name, inner) "<Maneuver name='" name "'>" inner "</Maneuver>"
#define MGROUP(name, inner)                                                                                            \
    "<ManeuverGroup name='" name "' maximumExecutionCount='3'><Actors selectTriggeringEntities='true'/>" inner         \
    "</ManeuverGroup>"
#define STATE(type, ref)                                                                                               \
    "<StartTrigger><ConditionGroup>" CONDITION("c", "<StoryboardElementStateCondition storyboardElementType='" type    \
                                                    "' storyboardElementRef='" ref                                     \
                                                    "' state='endTransition'/>") "</ConditionGroup></StartTrigger>"

static void the_storyboard_keeps_its_nesting(void **state) {
    (void)state;
    scenario_parts parts = {
        .version = "3",
        .stories = "<Story name='s0'><Act name='a0'>" MGROUP(
            "g0", MANEUVER("m0", EVENT("e0", "override", "") EVENT("e1", "parallel", ""))
                      MANEUVER("m1", EVENT("e2", "skip", "")))
            MGROUP("g1", "") "</Act><Act name='a1'>" MGROUP(
                "g2", MANEUVER("m2", EVENT("e3", "overwrite",
                                           "<StartTrigger/>"))) "<StopTrigger/></Act></Story><Story name='s1'/>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->story_count, 2);
    assert_int_equal(s->act_count, 2);
    assert_int_equal(s->group_count, 3);
    assert_int_equal(s->maneuver_count, 3);
    assert_int_equal(s->event_count, 4);
    assert_int_equal(s->stories[0].acts.count, 2);
    assert_int_equal(s->acts[1].groups.first, 2);
    assert_int_equal(s->groups[0].maneuvers.count, 2);
    assert_int_equal(s->groups[0].most, 3);
    assert_true(s->groups[0].triggering_entities);
    assert_int_equal(s->groups[2].act, 1);
    assert_int_equal(s->maneuvers[2].group, 2);
    const uint8_t priorities[] = {0, 1, 2, 0};
    for (uint32_t i = 0; i < 4; i++) {
        char name[3] = {'e', (char)('0' + i), 0};
        assert_string_equal(s->events[i].name, name);
        assert_int_equal(s->events[i].priority, priorities[i]);
        assert_int_equal(s->events[i].most, 1);
    }
    assert_int_equal(s->events[3].maneuver, 2);
    assert_false(s->events[0].start.present); // 1.3: starts at once
    assert_true(s->events[3].start.present);
    assert_int_equal(s->events[3].start.groups.count, 0);
    assert_true(s->acts[1].stop.present);
    assert_false(s->acts[0].stop.present);
    cw_scene_free(s);
}

static void references_find_the_nearest_or_the_path(void **state) {
    (void)state;
    scenario_parts parts = {
        .version = "3",
        .stories = "<Story name='s'><Act name='A'>" MGROUP(
            "g",
            MANEUVER(
                "m",
                EVENT("e", "skip", SPEED("x", "1")) EVENT(
                    "near", "skip",
                    STATE(
                        "event",
                        "e")))) "</Act><Act name='B'>" MGROUP("g",
                                                              MANEUVER(
                                                                  "m",
                                                                  EVENT("e", "skip", SPEED("x", "1"))
                                                                      EVENT("near", "skip", STATE("event", "e")) EVENT(
                                                                          "path",
                                                                          "skip",
                                                                          STATE("event", "A::g::m::e"))
                                                                          EVENT("gone", "skip",
                                                                                STATE("event", "C::g::m::e"))
                                                                              EVENT("act", "skip", STATE("act", "s::B"))
                                                                                  EVENT(
                                                                                      "action",
                                                                                      "skip",
                                                                                      STATE(
                                                                                          "action",
                                                                                          "B::g::m::e::x")))) "</Act></"
                                                                                                              "Story>"};
    cw_scene *s = scenario_must_read(&parts);
    const uint32_t wanted[] = {0, 2, 0, CW_NONE, 1, 3};
    assert_int_equal(s->condition_count, 7); // and the stop trigger's
    for (uint32_t i = 0; i < 6; i++)
        if (s->conditions[i].element_index != wanted[i])
            fail_msg("condition %u: %u", i, s->conditions[i].element_index);
    assert_int_equal(s->conditions[4].element, CW_ELEMENT_ACT);
    assert_int_equal(s->conditions[4].state, CW_TRANSITION_END);
    assert_true(scenario_notes(s, "storyboardElementRef"));
    cw_scene_free(s);
}

static void counts_reach_to_the_largest_and_no_further_down_than_zero(void **state) {
    (void)state;
    const struct {
        const char *text;
        uint32_t most;
    } rows[] = {{"0", 0}, {"7", 7}, {"4294967295", UINT32_MAX}, {"1e11", UINT32_MAX}};
    char story[600];
    scenario_parts parts = {.version = "3", .stories = story};
    static const char form[] =
        "<Story name='s'><Act name='a'><ManeuverGroup name='g' maximumExecutionCount='1'><Actors "
        "selectTriggeringEntities='false'/><Maneuver name='m'><Event name='e' priority='skip' "
        "maximumExecutionCount='%s'/></Maneuver></ManeuverGroup></Act></Story>";
    for (size_t i = 0; i < 4; i++) {
        snprintf(story, sizeof story, form, rows[i].text);
        cw_scene *s = scenario_must_read(&parts);
        assert_int_equal(s->events[0].most, rows[i].most);
        cw_scene_free(s);
    }
    snprintf(story, sizeof story, form, "-1");
    scenario_must_fail(&parts, CW_ERR_INPUT, 16, "no count");
}

static void equal_names_mean_the_first_and_are_said(void **state) {
    (void)state;
    scenario_parts parts = {
        .version = "3",
        .stories = "<Story name='s'><Act name='A'>" MGROUP(
            "g", MANEUVER("m", EVENT("x", "skip", "") EVENT("twin", "skip", "") EVENT("twin", "skip", "")
                                   EVENT("asks", "skip", STATE("event", "twin")))) "</Act></Story>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->conditions[0].element_index, 1);
    assert_true(scenario_notes(s, "storyboardElementRef"));
    cw_scene_free(s);
}

static void names_carry_no_weight_but_numbers_do(void **state) {
    (void)state;
    scenario_parts parts = {.declarations = PARAMETERS(PARAMETER("v", "double", "8")),
                            .stories = scenario_event(SPEED("go", "$v"), AFTER("t", "1"))};
    cw_scene *s = scenario_must_read(&parts);
    uint64_t hash = s->hash;
    cw_scene_free(s);
    parts.declarations = PARAMETERS(PARAMETER("speed_of_it", "double", "8.0"));
    parts.stories = scenario_event(SPEED("drive", "${$speed_of_it}"), AFTER("later", "1.0"));
    s = scenario_must_read(&parts);
    assert_true(s->hash == hash);
    cw_scene_free(s);
    parts.stories = scenario_event(SPEED("drive", "${$speed_of_it}"), AFTER("later", "1.5"));
    s = scenario_must_read(&parts);
    assert_true(s->hash != hash);
    cw_scene_free(s);
    parts.declarations = PARAMETERS(
        PARAMETER("speed_of_it", "double", "8")) "<VariableDeclarations><VariableDeclaration "
                                                 "name='n' variableType='double' value='2'/></VariableDeclarations>";
    s = scenario_must_read(&parts);
    uint64_t with_variable = s->hash;
    cw_scene_free(s);
    parts.declarations = PARAMETERS(
        PARAMETER("speed_of_it", "double", "8")) "<VariableDeclarations><VariableDeclaration "
                                                 "name='n' variableType='double' value='3'/></VariableDeclarations>";
    s = scenario_must_read(&parts);
    assert_true(s->hash != with_variable);
    cw_scene_free(s);
    parts.declarations = PARAMETERS(PARAMETER("speed_of_it", "double", "8.000001"));
    parts.stories = scenario_event(SPEED("drive", "${$speed_of_it}"), AFTER("later", "1.0"));
    s = scenario_must_read(&parts);
    assert_true(s->hash != hash);
    cw_scene_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_storyboard_keeps_its_nesting),
        cmocka_unit_test(references_find_the_nearest_or_the_path),
        cmocka_unit_test(counts_reach_to_the_largest_and_no_further_down_than_zero),
        cmocka_unit_test(equal_names_mean_the_first_and_are_said),
        cmocka_unit_test(names_carry_no_weight_but_numbers_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
