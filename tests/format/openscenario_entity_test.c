// The OpenSCENARIO reader: catalogs and entities.
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
#define PARAMETER(name, type, value)                                                                                   \
    "<ParameterDeclaration name='" name "' parameterType='" type "' value='" value "'/>"
#define PARAMETERS(rows) "<ParameterDeclarations>" rows "</ParameterDeclarations>"
#define BODY                                                                                                           \
    "<BoundingBox><Center x='0' y='0' z='0.5'/><Dimensions width='0.5' length='0.6' height='1.8'/></BoundingBox>"

// ---- catalogs --------------------------------------------------------------------------------------------------------

#define CATALOG(name, rows)                                                                                            \
    "<OpenSCENARIO><FileHeader revMajor='0' revMinor='9'/><Catalog name='" name "'>\n" rows "</Catalog></"             \
    "OpenSCENARIO>"
#define ENTRY(name, more)                                                                                              \
    "<Vehicle name='" name "' vehicleCategory='van'>" PARAMETERS(PARAMETER(                                            \
        "len", "double",                                                                                               \
        "6")) "<BoundingBox>"                                                                                          \
              "<Center x='1.5' y='0' z='1'/><Dimensions width='2' length='$len' height='2'/></BoundingBox>" more       \
              "</Vehicle>"
#define REFERENCE(catalog, entry, more)                                                                                \
    "<ScenarioObject name='Van'>\n<CatalogReference catalogName='" catalog "' entryName='" entry "'>" more             \
    "</CatalogReference></ScenarioObject>"

static void catalogs_are_found_by_file_then_by_their_own_name(void **state) {
    (void)state;
    const text_file files[] = {{"cat/", "a.xosc\nb.xosc\n"},
                               {"cat/a.xosc", CATALOG("vans", ENTRY("small", ""))},
                               {"cat/b.xosc", CATALOG("a", ENTRY("small", "") ENTRY("large", ""))},
                               {0}};
    scenario_parts parts = {.files = files};
    const char *const good[] = {REFERENCE("a", "small", ""), REFERENCE("vans", "small", ""),
                                REFERENCE("a", "large", ""), REFERENCE("b", "large", "")};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        parts.entities = good[i];
        cw_scene *s = scenario_must_read(&parts);
        assert_int_equal(s->actor_count, 3);
        assert_int_equal(s->actors[2].kind, CW_ACTOR_VAN);
        assert_near(s->actors[2].length, 6, 0);
        assert_false(s->actors[2].starts); // declared and never used: simply not there
        cw_scene_free(s);
    }
    parts.entities = REFERENCE(
        "a", "small",
        "<ParameterAssignments><ParameterAssignment parameterRef='len' value='${2*4}'/></ParameterAssignments>");
    cw_scene *s = scenario_must_read(&parts);
    assert_near(s->actors[2].length, 8, 0);
    cw_scene_free(s);
    parts.entities = REFERENCE("vans", "large", "");
    scenario_must_fail(&parts, CW_ERR_INPUT, 11, "has no entry 'large'");
    parts.entities = REFERENCE("trams", "small", "");
    scenario_must_fail(&parts, CW_ERR_INPUT, 11, "no catalog 'trams' in 'cat'");
}

static void trailers_that_pull_themselves_are_an_error(void **state) {
    (void)state;
    const text_file files[] = {
        {"cat/t.xosc", CATALOG("t", ENTRY("a", "<TrailerHitch dx='-1'/><Trailer><Trailer name='x'><CatalogReference "
                                               "catalogName='t' entryName='a'/></Trailer></Trailer>"))},
        {0}};
    scenario_parts parts = {.files = files, .entities = REFERENCE("t", "a", "")};
    scenario_must_fail(&parts, CW_ERR_LIMIT, 0, "deep");
    parts.files = NULL;
    parts.entities = "<ScenarioObject name='A'>" ENTRY(
        "a", "<Trailer><TrailerRef entityRef='B'/></Trailer>") "</ScenarioObject>"
                                                               "<ScenarioObject name='B'>" ENTRY(
                                                                   "b", "<Trailer><TrailerRef "
                                                                        "entityRef='A'/></Trailer>") "</"
                                                                                                     "ScenarioObject>";
    scenario_must_fail(&parts, CW_ERR_INPUT, 0, "pulls itself");
}

static void trailers_follow_their_vehicle(void **state) {
    (void)state;
    scenario_parts parts = {
        .entities = "<ScenarioObject name='Truck'>" ENTRY(
            "a", "<TrailerHitch dx='-1.2'/><Trailer><Trailer name='box'>" ENTRY(
                     "b", "<TrailerCoupler dx='3.25'/>") "</Trailer></Trailer>") "</ScenarioObject>",
        .init = "<Private entityRef='Truck'><PrivateAction><TeleportAction><Position><WorldPosition x='1' y='2'/>"
                "</Position></TeleportAction></PrivateAction></Private>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->actor_count, 4);
    assert_int_equal(s->actors[2].trailer, 3);
    assert_string_equal(s->actors[3].name, "box");
    assert_true(s->actors[3].starts);
    assert_near(s->actors[2].hitch_x, -1.2, 1e-6);
    assert_near(s->actors[3].coupler_x, 3.25, 1e-6);
    cw_scene_free(s);
}

// ---- entities --------------------------------------------------------------------------------------------------------

static void selections_stand_for_their_members(void **state) {
    (void)state;
    scenario_parts parts = {
        .entities = "<ScenarioObject name='Walker'><Pedestrian name='p' pedestrianCategory='animal' mass='8'>" BODY
                    "</Pedestrian></ScenarioObject><ScenarioObject name='Cone'><MiscObject name='c' mass='1' "
                    "miscObjectCategory='obstacle'>" BODY "</MiscObject></ScenarioObject>"
                    "<EntitySelection name='all'><Members><EntityRef entityRef='Ego'/><EntityRef entityRef='Lead'/>"
                    "</Members></EntitySelection><EntitySelection name='cars'><Members><ByType objectType='vehicle'/>"
                    "</Members></EntitySelection>",
        .init = "<Private entityRef='all'><PrivateAction><VisibilityAction graphics='true' traffic='false' "
                "sensors='true'/></PrivateAction></Private>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(s->actors[2].kind, CW_ACTOR_ANIMAL);
    assert_int_equal(s->actors[3].kind, CW_ACTOR_OBSTACLE);
    assert_int_equal(s->init.count, 4);
    assert_int_equal(s->actions[2].actor, 0);
    assert_int_equal(s->actions[3].actor, 1);
    assert_false(s->actions[3].flag);
    assert_true(s->actions[3].flag2);
    cw_scene_free(s);
}

static void the_ego_is_found_by_name_then_controller_then_order(void **state) {
    (void)state;
    scenario_parts parts = {0};
    const char *text = scenario_text(&parts);
    cw_scenario_options options = {.open = scenario_open};
    const struct {
        const char *ego, *lead;
        uint32_t index;
        const char *extra;
    } rows[] = {{"EGO", "Lead", 0, ""},
                {"Other", "hero", 1, ""},
                {"Other", "my_ego_car", 1, ""},
                {"hero", "ego", 1, ""},
                {"Other", "Second", 0, ""},
                {"Other", "Second", 1,
                 "<PrivateAction><ControllerAction><AssignControllerAction><Controller name='c'><Properties/>"
                 "</Controller></AssignControllerAction></ControllerAction></PrivateAction>"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *changed = malloc(strlen(text) + 4096), *out = changed;
        for (const char *at = text; *at != '\0';) {
            if (strncmp(at, "'Ego'", 5) == 0) {
                out += sprintf(out, "'%s'", rows[i].ego);
                at += 5;
            } else if (strncmp(at, "'Lead'", 6) == 0) {
                out += sprintf(out, "'%s'", rows[i].lead);
                at += 6;
                if (out[-1] == '\'' && strncmp(at, "><PrivateAction", 15) == 0) {
                    out += sprintf(out, ">%s", rows[i].extra);
                    at++;
                }
            } else {
                *out++ = *at++;
            }
        }
        *out = '\0';
        cw_scene *s;
        cw_error err = {0};
        assert_int_equal(cw_openscenario_read(changed, strlen(changed), "t.xosc", &options, &s, &err), CW_OK);
        if (s->ego != rows[i].index)
            fail_msg("row %zu: %u", i, s->ego);
        cw_scene_free(s);
        free(changed);
    }
}

static void entities_without_a_position_are_errors_when_used(void **state) {
    (void)state;
    scenario_parts parts = {.entities = "\n<ScenarioObject name='Van'>" ENTRY("v", "") "</ScenarioObject>"};
    cw_scene *s = scenario_must_read(&parts);
    assert_false(s->actors[2].starts);
    cw_scene_free(s);
    parts.init = "<Private entityRef='Van'><PrivateAction><VisibilityAction graphics='true' traffic='true' "
                 "sensors='true'/></PrivateAction></Private>";
    scenario_must_fail(&parts, CW_ERR_INPUT, 11, "nothing gives it a position");
    parts.init = "<Private entityRef='Truck'/>";
    scenario_must_fail(&parts, CW_ERR_INPUT, 15, "no entity 'Truck'");
    // Placed later by the storyboard: not there at the start.
    parts.init = NULL;
    parts.stories =
        scenario_event("<Action name='add'><GlobalAction><EntityAction entityRef='Van'><AddEntityAction><Position>"
                       "<WorldPosition x='1' y='2' h='0.5'/></Position></AddEntityAction></EntityAction>"
                       "</GlobalAction></Action>",
                       AFTER("t", "1"));
    s = scenario_must_read(&parts);
    assert_false(s->actors[2].starts);
    assert_int_equal(scenario_action(s, "add")->actor, 2);
    cw_scene_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogs_are_found_by_file_then_by_their_own_name),
        cmocka_unit_test(trailers_that_pull_themselves_are_an_error),
        cmocka_unit_test(trailers_follow_their_vehicle),
        cmocka_unit_test(selections_stand_for_their_members),
        cmocka_unit_test(the_ego_is_found_by_name_then_controller_then_order),
        cmocka_unit_test(entities_without_a_position_are_errors_when_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
