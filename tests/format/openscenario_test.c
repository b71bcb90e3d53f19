// The OpenSCENARIO reader: head, parameters, notices, bad input, real files.
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
#define BODY                                                                                                           \
    "<BoundingBox><Center x='0' y='0' z='0.5'/><Dimensions width='0.5' length='0.6' height='1.8'/></BoundingBox>"

// ---- the whole -------------------------------------------------------------------------------------------------------

static void a_small_scenario_becomes_a_scene(void **state) {
    (void)state;
    scenario_parts parts = {.description = "A test", .version = "2"};
    cw_scene *s = scenario_must_read(&parts);
    assert_string_equal(s->name, "test");
    assert_string_equal(s->author, "us");
    assert_string_equal(s->description, "A test");
    assert_string_equal(s->version, "1.2");
    assert_int_equal(s->origin, CW_FROM_OPENSCENARIO);
    assert_non_null(s->map);
    assert_int_equal(s->actor_count, 2);
    assert_int_equal(s->ego, 0);
    assert_int_equal(s->map->road_count, 2);
    const cw_actor *ego = &s->actors[0];
    assert_string_equal(ego->name, "Ego");
    assert_string_equal(ego->model, "golf");
    assert_int_equal(ego->kind, CW_ACTOR_CAR);
    assert_near(ego->length, 4.4, 1e-6);
    assert_near(ego->center_x, 1.4, 1e-6);
    assert_near(ego->center_z, 0.75, 1e-6);
    assert_near(ego->wheelbase, 2.7, 1e-6);
    assert_near(ego->front_axle_x, 2.7, 1e-6);
    assert_near(ego->max_speed, 60, 0);
    assert_near(ego->max_steer, 0.5, 1e-6);
    assert_true(ego->starts);
    assert_int_equal(ego->trailer, CW_NONE);
    assert_int_equal(s->init.count, 2);
    assert_int_equal(s->actions[1].kind, CW_DO_TELEPORT);
    assert_int_equal(s->actions[1].actor, 1);
    assert_near(s->actions[1].position.s, 100, 0);
    assert_int_equal(s->actions[1].position.lane, -1);
    assert_true(s->stop.present);
    assert_int_equal(s->stop.groups.count, 1);
    assert_true(isinf(s->duration));
    assert_int_equal(s->notice_count, 0);
    // attachments: the scenario first, then the map, as read
    assert_int_equal(s->attachment_count, 2);
    assert_string_equal(s->attachments[0].path, "test.xosc");
    assert_string_equal(s->attachments[1].path, "map.xodr");
    assert_int_equal(s->attachments[1].count, strlen(test_map));
    char hex[65];
    cw_sha256_hex(test_map, strlen(test_map), hex);
    assert_string_equal(s->attachments[1].sha256, hex);
    cw_scene_free(s);
}

static void byte_order_mark_and_odd_xml_version_are_read(void **state) {
    (void)state;
    scenario_parts parts = {0};
    const char *text = scenario_text(&parts);
    char *odd = malloc(strlen(text) + 64);
    snprintf(odd, strlen(text) + 64, "\xEF\xBB\xBF<?xml version=\"1.3\"?>%s", strchr(text, '\n'));
    cw_scenario_options options = {.open = scenario_open};
    cw_scene *scene, *plain = scenario_must_read(&parts);
    cw_error err = {0};
    assert_int_equal(cw_openscenario_read(odd, strlen(odd), "x/odd.xosc", NULL, &scene, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "map.xodr")); // from disk there is none
    err = (cw_error){0};
    assert_int_equal(cw_openscenario_read(odd, strlen(odd), "odd.xosc", &options, &scene, &err), CW_OK);
    assert_true(scene->hash == plain->hash);
    cw_scene_free(plain);
    cw_scene_free(scene);
    free(odd);
}

static void a_scene_is_read_back_from_its_attachments(void **state) {
    (void)state;
    const text_file files[] = {
        {"cat/", "other.xosc\n"},
        {"cat/other.xosc",
         "<OpenSCENARIO><FileHeader revMajor='1' revMinor='1'/><Catalog name='walkers'><Pedestrian "
         "name='boy' pedestrianCategory='pedestrian' mass='40'>" BODY "</Pedestrian></Catalog></OpenSCENARIO>"},
        {0}};
    scenario_parts parts = {.files = files,
                            .entities = "<ScenarioObject name='Boy'><CatalogReference catalogName='walkers' "
                                        "entryName='boy'/></ScenarioObject>"};
    cw_scene *first = scenario_must_read(&parts);
    assert_int_equal(first->attachment_count, 4);
    text_file back[8] = {{0}};
    for (uint32_t i = 0; i < first->attachment_count; i++)
        back[i] = (text_file){first->attachments[i].path, first->attachments[i].bytes};
    cw_scenario_options options = {.open = scenario_open, .context = back};
    cw_scene *second;
    cw_error err = {0};
    assert_int_equal(
        cw_openscenario_read(back[0].text, first->attachments[0].count, back[0].path, &options, &second, &err), CW_OK);
    assert_true(first->hash == second->hash);
    assert_int_equal(second->attachment_count, 4);
    cw_scene_free(first);
    cw_scene_free(second);
}

// ---- parameters ------------------------------------------------------------------------------------------------------

static double first_speed(const scenario_parts *parts) {
    cw_scene *s = scenario_must_read(parts);
    double value = scenario_action(s, "go")->value;
    cw_scene_free(s);
    return value;
}

static void parameters_and_expressions_are_resolved(void **state) {
    (void)state;
    scenario_parts parts = {.declarations = PARAMETERS(PARAMETER("late", "double", "${$kph / 3.6}")
                                                           PARAMETER("kph", "double", "36.0") // declared after its use
                                                       PARAMETER("who", "string", "Lead")),
                            .stories = scenario_event(SPEED("go", "${$late * 2}"), "")};
    assert_near(first_speed(&parts), 20, 1e-12);
    const char *set[] = {"kph=72"};
    parts.set = set;
    parts.set_count = 1;
    assert_near(first_speed(&parts), 40, 1e-12);
    const char *expression[] = {"kph=${3 * 36}"}; // as the values of a distribution file are
    parts.set = expression;
    assert_near(first_speed(&parts), 60, 1e-12);
    const char *unknown[] = {"speed=1"};
    parts.set = unknown;
    scenario_must_fail(&parts, CW_ERR_USAGE, 0, "late, kph, who");
    const char *bad[] = {"kph=fast"};
    parts.set = bad;
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "'kph' is 'fast'");
}

static void parameters_of_a_story_hide_the_outer_ones(void **state) {
    (void)state;
    scenario_parts parts = {
        .declarations = PARAMETERS(PARAMETER("v", "double", "1") PARAMETER("w", "double", "2")),
        .stories = "<Story name='a'>" PARAMETERS(PARAMETER(
            "v", "double",
            "5")) "<Act name='act'><ManeuverGroup name='g' "
                  "maximumExecutionCount='1'><Actors selectTriggeringEntities='false'/><Maneuver name='m'>" PARAMETERS(
                      PARAMETER(
                          "u", "double",
                          "${$v+$w}")) "<Event name='e' priority='skip'>" SPEED("go",
                                                                                "$u") "</Event></Maneuver></"
                                                                                      "ManeuverGroup></Act></Story>"};
    assert_near(first_speed(&parts), 7, 0);
}

static void bad_parameters_are_errors_at_their_place(void **state) {
    (void)state;
    scenario_parts parts = {
        .declarations = "<ParameterDeclarations>\n" PARAMETER("a", "double", "$b") "\n" PARAMETER(
            "b", "double", "${$c}") "\n" PARAMETER("c", "double", "${1+$a}") "</ParameterDeclarations>"};
    scenario_must_fail(&parts, CW_ERR_INPUT, 7, "'a' refers to itself");
    parts.declarations = PARAMETERS(PARAMETER("a", "double", "$nowhere"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "'nowhere' is not declared");
    parts.declarations = PARAMETERS(PARAMETER("a", "double", "NaN"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "finite number");
    parts.declarations = PARAMETERS(PARAMETER("a", "integer", "1.5"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "an integer");
    parts.declarations = PARAMETERS(PARAMETER("a", "unsignedInt", "-1"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "not negative");
    parts.declarations = PARAMETERS(PARAMETER("a", "boolean", "maybe"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "true or false");
    parts.declarations = PARAMETERS(PARAMETER("a", "double", "${1+*2}"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "at character 5");
    parts.declarations = PARAMETERS(PARAMETER("a", "double", "${1"));
    scenario_must_fail(&parts, CW_ERR_INPUT, 4, "'}' is missing");
    // A chain that runs backwards is followed only so far.
    char *chain = malloc(1 << 16);
    size_t at = (size_t)sprintf(chain, "<ParameterDeclarations>");
    for (int i = 0; i < 200; i++)
        at += (size_t)sprintf(chain + at, "<ParameterDeclaration name='p%d' parameterType='double' value='${$p%d}'/>",
                              i, i + 1);
    sprintf(chain + at, "<ParameterDeclaration name='p200' parameterType='double' value='1'/></ParameterDeclarations>");
    parts.declarations = chain;
    scenario_must_fail(&parts, CW_ERR_LIMIT, 4, "more than 64 deep");
    free(chain);
}

#define CONSTRAINED(value, groups)                                                                                     \
    PARAMETERS(                                                                                                        \
        PARAMETER("low", "double", "1") "<ParameterDeclaration name='speed' parameterType='double' value='" value      \
                                        "'>" groups "</ParameterDeclaration>")
#define GROUP(rows) "<ConstraintGroup>" rows "</ConstraintGroup>"
#define RULE(rule, value) "<ValueConstraint rule='" rule "' value='" value "'/>"

static void constraints_join_by_or_between_and_by_and_within_groups(void **state) {
    (void)state;
    scenario_parts parts = {0};
    const struct {
        const char *declarations;
        bool good;
    } rows[] = {
        {CONSTRAINED("5", GROUP(RULE("greaterThan", "0") RULE("lessThan", "10"))), true},
        {CONSTRAINED("15", GROUP(RULE("greaterThan", "0") RULE("lessThan", "10"))), false},
        {CONSTRAINED("15", GROUP(RULE("lessThan", "10")) GROUP(RULE("equalTo", "15.0"))), true},
        {CONSTRAINED("12", GROUP(RULE("lessThan", "10")) GROUP(RULE("equalTo", "15"))), false},
        {CONSTRAINED("2", GROUP(RULE("greaterThan", "${$low*2}"))), false},
        {CONSTRAINED("2", GROUP(RULE("greaterOrEqual", "${$low*2}") RULE("notEqualTo", "3"))), true},
        {CONSTRAINED("2", GROUP(RULE("lessOrEqual", "$low"))), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parts.declarations = rows[i].declarations;
        if (rows[i].good)
            cw_scene_free(scenario_must_read(&parts));
        else
            scenario_must_fail(&parts, CW_ERR_INPUT, 4, "'speed' is");
    }
}

// ---- notices and bad input -------------------------------------------------------------------------------------------

static void what_is_not_supported_is_said_once_and_refused_when_strict(void **state) {
    (void)state;
    scenario_parts parts = {.stories = scenario_event(
                                "\n<Action name='a'><PrivateAction><HoverAction height='3'/></PrivateAction></Action>\n"
                                "<Action name='b'><PrivateAction><HoverAction height='4'/></PrivateAction></Action>\n"
                                "<Action name='c'><UserDefinedAction><CustomCommandAction type='t'>do it"
                                "</CustomCommandAction></UserDefinedAction></Action>",
                                "<Condition name='w' delay='0' conditionEdge='none' mood='bad'><ByValueCondition>"
                                "<MoonCondition/></ByValueCondition></Condition>")};
    cw_scene *s = scenario_must_read(&parts);
    assert_int_equal(scenario_action(s, "a")->kind, CW_DO_NOTHING);
    assert_int_equal(scenario_action(s, "c")->kind, CW_DO_CUSTOM);
    assert_string_equal(scenario_action(s, "c")->text, "do it");
    assert_int_equal(scenario_condition(s, "w")->kind, CW_IF_UNSUPPORTED);
    bool found = false;
    for (uint32_t i = 0; i < s->notice_count; i++)
        if (strcmp(s->notices[i].name, "HoverAction") == 0) {
            found = true;
            assert_int_equal(s->notices[i].count, 2);
            assert_int_equal(s->notices[i].line, 18);
            assert_string_equal(s->notices[i].path, "test.xosc");
        }
    assert_true(found);
    assert_true(scenario_notes(s, "MoonCondition"));
    assert_true(scenario_notes(s, "Condition@mood"));
    cw_scene_free(s);
    parts.strict = true;
    scenario_must_fail(&parts, CW_ERR_UNSUPPORTED, 18, "HoverAction");
}

static void other_files_of_the_standard_are_told_apart(void **state) {
    (void)state;
    cw_scene *scene;
    const struct {
        const char *text;
        cw_status code;
        const char *said;
    } rows[] = {
        {"<OpenSCENARIO><FileHeader revMajor='1' revMinor='1'/><ParameterValueDistribution/></OpenSCENARIO>",
         CW_ERR_UNSUPPORTED, "distribution"},
        {"<OpenSCENARIO><FileHeader revMajor='1' revMinor='1'/><Catalog name='x'/></OpenSCENARIO>", CW_ERR_INPUT,
         "catalog"},
        {"<OpenSCENARIO><FileHeader revMajor='0' revMinor='9'/></OpenSCENARIO>", CW_ERR_UNSUPPORTED, "0.9"},
        {"<OpenSCENARIO/>", CW_ERR_INPUT, "FileHeader"},
        {"<Other/>", CW_ERR_INPUT, "<Other>"},
        {"", CW_ERR_INPUT, ""},
        {"no xml at all", CW_ERR_INPUT, ""},
        {"<OpenSCENARIO><FileHeader revMajor='1' revMinor='1'/></OpenSCENARIO>", CW_ERR_INPUT, "RoadNetwork"},
        {"<OpenSCENARIO><FileHeader revMajor='1' revMinor='1'/><RoadNetwork/></OpenSCENARIO>", CW_ERR_UNSUPPORTED,
         "LogicFile"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_error err = {0};
        cw_status status = cw_openscenario_read(rows[i].text, strlen(rows[i].text), "f.xosc", NULL, &scene, &err);
        if (status != rows[i].code || strstr(err.text, rows[i].said) == NULL)
            fail_msg("row %zu: %d %s", i, (int)status, err.text);
    }
}

static void numbers_beyond_reason_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"NaN", "INF", "1e308", "1e999", "", "12a", "0x10"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char action[1024];
        snprintf(action, sizeof action, SPEED("go", "%s"), bad[i]);
        scenario_parts parts = {.stories = scenario_event(action, "")};
        scenario_must_fail(&parts, CW_ERR_INPUT, 17, "value=");
    }
}

static void positions_of_errors_hold_beyond_65535_lines(void **state) {
    (void)state;
    char *lines = malloc(70001);
    memset(lines, '\n', 70000);
    lines[70000] = '\0';
    scenario_parts parts = {.init = lines};
    cw_scene *scene;
    cw_error err;
    static char big[1 << 18];
    snprintf(big, sizeof big, "%s", scenario_text(&parts));
    // the stop trigger comes after the lines; break it
    char *at = strstr(big, "value='30'");
    assert_non_null(at);
    memcpy(at, "value='xx'", 10);
    cw_scenario_options options = {.open = scenario_open};
    err = (cw_error){0};
    assert_int_equal(cw_openscenario_read(big, strlen(big), "big.xosc", &options, &scene, &err), CW_ERR_INPUT);
    int line = 1;
    const char *start = big;
    for (const char *c = big; c < at; c++)
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    assert_true(line > 65535);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, (int)(at - start) + 8);
    free(lines);
}

static void truncated_and_damaged_files_are_errors_and_never_crash(void **state) {
    (void)state;
    scenario_parts parts = {.declarations = PARAMETERS(PARAMETER("v", "double", "${2*3}")),
                            .stories = scenario_event(SPEED("go", "$v"), AFTER("t", "1"))};
    const char *text = scenario_text(&parts);
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    cw_scenario_options options = {.open = scenario_open};
    for (size_t n = 0; n + 2 < length; n += 41) { // up to the last '>'
        cw_scene *scene;
        cw_error err = {0};
        memcpy(copy, text, n);
        assert_int_not_equal(cw_openscenario_read(copy, n, "t.xosc", &options, &scene, &err), CW_OK);
        assert_int_not_equal(err.code, CW_OK);
    }
    for (size_t n = 60; n < length; n += 13) {
        cw_scene *scene;
        cw_error err = {0};
        memcpy(copy, text, length);
        copy[n] = (char)(copy[n] ^ (1 << n % 7));
        if (cw_openscenario_read(copy, length, "t.xosc", &options, &scene, &err) == CW_OK)
            cw_scene_free(scene);
    }
    free(copy);
}

// ---- maps and files of every kind ------------------------------------------------------------------------------------

static void maps_are_found_without_extension_on_the_search_path(void **state) {
    (void)state;
    scenario_parts parts = {0};
    const char *text = scenario_text(&parts), *at = strstr(text, "map.xodr");
    char *changed = malloc(strlen(text) + 64);
    snprintf(changed, strlen(text) + 64, "%.*sTown%s", (int)(at - text), text, at + 8);
    text_file files[] = {{"maps/Town.xodr", test_map}, {0}};
    cw_scenario_options options = {.data_path = "nowhere::maps", .open = scenario_open, .context = files};
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_openscenario_read(changed, strlen(changed), "t.xosc", &options, &scene, &err), CW_OK);
    assert_string_equal(scene->attachments[1].path, "Town.xodr");
    cw_scene_free(scene);
    options.data_path = NULL;
    assert_int_equal(cw_openscenario_read(changed, strlen(changed), "t.xosc", &options, &scene, &err), CW_ERR_INPUT);
    assert_int_equal(err.line, 6);
    assert_non_null(strstr(err.text, "'Town'"));
    files[0] = (text_file){"Town.xodr", "<OpenDRIVE><header/><road"}; // there, but broken: the place is the map's
    err = (cw_error){0};
    assert_int_equal(cw_openscenario_read(changed, strlen(changed), "t.xosc", &options, &scene, &err), CW_ERR_INPUT);
    assert_string_equal(err.path, "Town.xodr");
    free(changed);
}

static void files_are_recognised_by_their_root(void **state) {
    (void)state;
    scenario_parts parts = {0};
    const text_file files[] = {{"s", scenario_text(&parts)},
                               {"other", "<?xml version='1.0'?>\n<!-- <OpenSCENARIO> -->\n <x:svg/>"},
                               {"text", "hello"},
                               {"empty", ""},
                               {"open", "<!-- never closed"},
                               {0}};
    cw_scenario_options options = {.open = scenario_open, .context = (void *)(uintptr_t)files};
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_scene_read_file("s", &options, &scene, &err), CW_OK);
    assert_int_equal(scene->origin, CW_FROM_OPENSCENARIO);
    cw_scene_free(scene);
    assert_int_equal(cw_scene_read_file("map.xodr", &options, &scene, &err), CW_OK);
    assert_int_equal(scene->origin, CW_FROM_OPENDRIVE);
    assert_int_equal(scene->actor_count, 1);
    assert_int_equal(scene->ego, 0);
    assert_true(scene->actors[0].starts);
    assert_int_equal(scene->init.count, 2);
    const cw_position *at = &scene->actions[0].position;
    assert_int_equal(at->kind, CW_AT_LANE);
    uint32_t lane = cw_map_find_lane(scene->map, at->road, at->lane, at->s);
    assert_int_not_equal(lane, CW_NONE);
    assert_near(cw_lane_travel(scene->map, lane, at->s), 10, 1e-6);
    assert_near(scene->actions[1].value, 50 / 3.6, 1e-12);
    cw_scene_free(scene);
    assert_int_equal(cw_scene_read_file("other", &options, &scene, &err), CW_ERR_INPUT);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 2);
    assert_non_null(strstr(err.text, "<svg>"));
    const char *const bad[] = {"text", "empty", "open"};
    for (size_t i = 0; i < 3; i++) {
        err = (cw_error){0};
        assert_int_equal(cw_scene_read_file(bad[i], &options, &scene, &err), CW_ERR_INPUT);
        assert_null(scene);
    }
    err = (cw_error){0};
    assert_int_equal(cw_scene_read_file("absent", &options, &scene, &err), CW_ERR_IO);
}

// ---- real files ------------------------------------------------------------------------------------------------------

#include <dirent.h>

typedef struct tally {
    int scenarios, distributions, catalogs, failed, actions, dangling;
    char data_path[512];
} tally;

static void read_all(const char *folder, tally *t) {
    struct dirent **list;
    int n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
        size_t length = strlen(path);
        if (list[i]->d_name[0] != '.' && list[i]->d_type == DT_DIR)
            read_all(path, t);
        if (length > 5 && strcmp(path + length - 5, ".xosc") == 0) {
            cw_scenario_options options = {.data_path = t->data_path};
            cw_scene *scene;
            cw_error err = {0};
            cw_status status = cw_scene_read_file(path, &options, &scene, &err);
            if (status == CW_OK) {
                t->scenarios++;
                t->actions += (int)scene->action_count;
                for (uint32_t k = 0; k < scene->condition_count; k++)
                    t->dangling += scene->conditions[k].kind == CW_IF_ELEMENT_STATE &&
                                   scene->conditions[k].element_index == CW_NONE;
                assert_int_not_equal(scene->ego, CW_NONE);
                cw_scene_free(scene);
            } else if (status == CW_ERR_UNSUPPORTED && strstr(err.text, "distribution") != NULL) {
                t->distributions++;
            } else if (status == CW_ERR_INPUT && strstr(err.text, "this is a catalog") != NULL) {
                t->catalogs++;
            } else if (status == CW_ERR_UNSUPPORTED && strstr(err.text, "0.9") != NULL) {
                t->catalogs++; // catalogs of 0.9 do not get further than their head
            } else {
                print_message("%s:%d:%d: %s\n", err.path, err.line, err.column, err.text);
                t->failed++;
            }
        }
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

static void every_real_scenario_is_read(void **state) {
    (void)state;
    const char *data = getenv("CAUSEWAY_TEST_DATA");
    if (data == NULL)
        skip();
    char folder[512];
    tally t = {0};
    snprintf(folder, sizeof folder, "%s/openscenario", data);
    snprintf(t.data_path, sizeof t.data_path, "%s/opendrive/carla", data);
    read_all(folder, &t);
    print_message("%d scenarios, %d distributions, %d catalogs, %d actions\n", t.scenarios, t.distributions, t.catalogs,
                  t.actions);
    assert_int_equal(t.failed, 0);
    assert_int_equal(t.dangling, 0);
    assert_int_equal(t.scenarios, 72);
    assert_int_equal(t.distributions, 56);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_scenario_becomes_a_scene),
        cmocka_unit_test(byte_order_mark_and_odd_xml_version_are_read),
        cmocka_unit_test(a_scene_is_read_back_from_its_attachments),
        cmocka_unit_test(parameters_and_expressions_are_resolved),
        cmocka_unit_test(parameters_of_a_story_hide_the_outer_ones),
        cmocka_unit_test(bad_parameters_are_errors_at_their_place),
        cmocka_unit_test(constraints_join_by_or_between_and_by_and_within_groups),
        cmocka_unit_test(what_is_not_supported_is_said_once_and_refused_when_strict),
        cmocka_unit_test(other_files_of_the_standard_are_told_apart),
        cmocka_unit_test(numbers_beyond_reason_are_refused),
        cmocka_unit_test(positions_of_errors_hold_beyond_65535_lines),
        cmocka_unit_test(truncated_and_damaged_files_are_errors_and_never_crash),
        cmocka_unit_test(maps_are_found_without_extension_on_the_search_path),
        cmocka_unit_test(files_are_recognised_by_their_root),
        cmocka_unit_test(every_real_scenario_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
