// Files that are broken or mean harm: a place and a class of error for each, nothing half made, no crash.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ODR(inner) "<OpenDRIVE><header revMajor='1' revMinor='7'/>\n" inner "</OpenDRIVE>"
#define ROAD(id, lanes, more)                                                                                          \
    "<road id='" id "' length='100' junction='-1'><planView><geometry s='0' x='0' y='0' hdg='0' length='100'><line/>"  \
    "</geometry></planView><lanes><laneSection s='0'><center><lane id='0'/></center>" lanes                            \
    "</laneSection></lanes>" more "</road>"
#define LANE(id, width)                                                                                                \
    "<right><lane id='" id "' type='driving'><width sOffset='0' a='" width "' b='0' c='0' d='0'/></lane></right>"
#define BOUND(side, y, more) "<" side "Bound><point><x>0</x><y>" y "</y></point>" more "</" side "Bound>"
#define MORE(y) "<point><x>50</x><y>" y "</y></point>"
#define LANELET(id, more)                                                                                              \
    "<lanelet id='" id "'>" BOUND("left", "3", MORE("3")) BOUND("right", "0", MORE("0")) more "</lanelet>"
#define CR(inner)                                                                                                      \
    "<commonRoad commonRoadVersion='2020a' benchmarkID='ZAM_T-1_1_T-1' timeStepSize='0.1'>\n" inner "</commonRoad>"
#define STATE "<position><point><x>9</x><y>1</y></point></position><orientation><exact>0</exact></orientation>"
#define PROBLEM                                                                                                        \
    "<planningProblem id='9'><initialState><position><point><x>1</x><y>1</y></point></position><orientation><exact>0"  \
    "</exact></orientation><time><exact>0</exact></time><velocity><exact>1</exact></velocity></initialState>"          \
    "<goalState><time><intervalStart>1</intervalStart><intervalEnd>9</intervalEnd></time></goalState></"               \
    "planningProblem>"
#define OBSTACLE(id, shape)                                                                                            \
    "<staticObstacle id='" id "'><type>parkedVehicle</type>" shape "<initialState>" STATE                              \
    "<time><exact>0</exact></time></initialState></staticObstacle>"

static cw_status read_any(const char *bytes, size_t count, int reader, cw_error *err) {
    cw_status status;
    *err = (cw_error){0};
    if (reader == 0) {
        cw_map *map = NULL;
        status = cw_opendrive_read(bytes, count, "t", &map, NULL, err);
        assert_true((status == CW_OK) == (map != NULL));
        cw_map_free(map);
        return status;
    }
    cw_scene *scene = NULL;
    cw_scenario_options options = {.open = scenario_open};
    status = reader == 1 ? cw_commonroad_read(bytes, count, "t", &options, &scene, err)
                         : cw_openscenario_read(bytes, count, "t", &options, &scene, err);
    assert_true((status == CW_OK) == (scene != NULL));
    cw_scene_free(scene);
    return status;
}

static const char *small(int reader) {
    return reader == 0 ? ODR(ROAD("1", LANE("-1", "3"), ""))
           : reader == 1
               ? CR(LANELET("1", "") OBSTACLE("2", "<shape><circle><radius>1</radius></circle></shape>") PROBLEM)
               : scenario_text(&(scenario_parts){0});
}

static void a_file_cut_short_anywhere_is_refused(void **state) {
    (void)state;
    for (int reader = 0; reader < 3; reader++) {
        const char *text = small(reader);
        size_t count = (size_t)(strrchr(text, '>') - text) + 1;
        cw_error err;
        assert_int_equal(read_any(text, count, reader, &err), CW_OK);
        for (size_t n = 0; n < count; n++) {
            char *exact = malloc(n + 1); // so that reading on is seen
            memcpy(exact, text, n);
            if (read_any(exact, n, reader, &err) != CW_ERR_INPUT || err.line < 1 || err.column < 1)
                fail_msg("reader %d, %zu of %zu bytes: %d:%d: %s", reader, n, count, err.line, err.column, err.text);
            free(exact);
        }
    }
}

static void what_is_no_xml_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "hello",
                                        "{\"a\": 1}",
                                        "<",
                                        "<a>",
                                        "<a></b>",
                                        "\x89PNG\r\n\x1a\n",
                                        "<?xml version='1.0'?>",
                                        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                                        "<a>&x;</a>",
                                        "<a b='1' b='2'/>",
                                        "<a>\xff\xfe\xfd</a>",
                                        "<OpenSCENARIO/><OpenSCENARIO/>"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int reader = 0; reader < 3; reader++) {
            cw_error err;
            if (read_any(texts[i], strlen(texts[i]), reader, &err) != CW_ERR_INPUT || err.line < 1)
                fail_msg("'%s': %d: %s", texts[i], err.line, err.text);
        }
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    static char text[9000];
    for (int reader = 0; reader < 3; reader++) {
        const char *root = reader == 0 ? "OpenDRIVE" : reader == 1 ? "commonRoad" : "OpenSCENARIO";
        size_t at = (size_t)snprintf(text, sizeof text, "<%s>\n", root);
        for (int i = 0; i < 2000; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "<a>");
        cw_error err;
        cw_status status = read_any(text, at, reader, &err);
        assert_true((status == CW_ERR_LIMIT || status == CW_ERR_INPUT) && err.line == 2);
    }
}

// The same bytes with a byte order mark, and in UTF-16 either way round.
static void other_encodings_are_read(void **state) {
    (void)state;
    for (int reader = 0; reader < 3; reader++) {
        const char *text = small(reader);
        size_t count = strlen(text);
        char *other = malloc(2 * count + 4);
        cw_error err;
        memcpy(other, "\xef\xbb\xbf", 3);
        memcpy(other + 3, text, count);
        assert_int_equal(read_any(other, count + 3, reader, &err), CW_OK);
        for (int big = 0; big < 2; big++) {
            memcpy(other, big ? "\xfe\xff" : "\xff\xfe", 2);
            for (size_t i = 0; i < count; i++) {
                other[2 + 2 * i + (size_t)!big] = 0;
                other[2 + 2 * i + (size_t)big] = text[i];
            }
            if (read_any(other, 2 * count + 2, reader, &err) != CW_OK)
                fail_msg("reader %d: %d:%d: %s", reader, err.line, err.column, err.text);
        }
        free(other);
    }
}

static void a_place_beyond_line_65535_is_told(void **state) {
    (void)state;
    static char text[70200];
    for (int reader = 0; reader < 3; reader++) {
        const char *root = reader == 0 ? "OpenDRIVE" : reader == 1 ? "commonRoad" : "OpenSCENARIO";
        size_t at = (size_t)snprintf(text, sizeof text, "<%s>", root);
        memset(text + at, '\n', 70000);
        at += 70000;
        at += (size_t)snprintf(text + at, sizeof text - at, " <a></b>");
        cw_error err;
        assert_int_equal(read_any(text, at, reader, &err), CW_ERR_INPUT);
        assert_int_equal(err.line, 70001);
    }
}

typedef struct hostile {
    const char *text;
    cw_status status; // CW_OK: read, with what is wrong left out
    int line;
} hostile;

static void check(const hostile *cases, size_t count, int reader) {
    for (size_t i = 0; i < count; i++) {
        cw_error err;
        cw_status status = read_any(cases[i].text, strlen(cases[i].text), reader, &err);
        if (status != cases[i].status || (cases[i].line > 0 && err.line != cases[i].line))
            fail_msg("case %zu: status %d, %d:%d: %s", i, (int)status, err.line, err.column, err.text);
    }
}

static void hostile_maps(void **state) {
    (void)state;
    static const hostile cases[] = {
        {ODR(""), CW_OK, 0},
        {ODR(ROAD("1", "", "")), CW_OK, 0}, // no lanes
        {ODR("<road id='1' length='0' junction='-1'/>"), CW_OK, 0},
        {ODR(ROAD("1", LANE("-1", "0"), "")), CW_OK, 0},
        {ODR(ROAD("1", LANE("-1", "-3"), "")), CW_OK, 0},
        {ODR(ROAD("1", LANE("-1", "1e308"), "")), CW_ERR_INPUT, 2},
        {ODR(ROAD("1", LANE("-1", "nan"), "")), CW_ERR_INPUT, 2},
        {ODR(ROAD("1", LANE("-1e9", "3"), "")), CW_ERR_INPUT, 2},
        {ODR(ROAD("1", LANE("-1", "3"), "") "\n" ROAD("1", LANE("-1", "3"), "")), CW_OK, 0},
        {ODR(ROAD("1", LANE("-1", "3") LANE("-1", "3"), "")), CW_OK, 0},
        {ODR(ROAD("1", LANE("-1", "3"),
                  "<link><successor elementType='road' elementId='1' contactPoint='start'/></link>")),
         CW_OK, 0}, // a ring onto itself
        {ODR(ROAD("1", LANE("-1", "3"),
                  "<objects>\n<object id='1' s='0' t='0' length='1' width='1'><repeat s='0' length='1e7' "
                  "distance='0.000001'/></object></objects>")),
         CW_ERR_LIMIT, 3},
        {ODR(ROAD(
             "1", LANE("-1", "3"),
             "<objects><object id='1' s='1e6' t='0' type='barrier' length='1' width='1'><repeat s='1e6' length='1e7' "
             "distance='0'/></object></objects>")),
         CW_OK, 0},
        {ODR("<road id='1' length='100'><planView><geometry s='0' x='0' y='0' hdg='0' length='0'><line/></geometry>"
             "</planView></road>"),
         CW_OK, 0},
        {ODR("<junction id='1'><connection incomingRoad='1' connectingRoad='2' contactPoint='start'><laneLink from='1' "
             "to='2'/></connection></junction>"),
         CW_OK, 0},
    };
    check(cases, sizeof cases / sizeof *cases, 0);
}

static void hostile_recordings(void **state) {
    (void)state;
    static const hostile cases[] = {
        {CR(PROBLEM), CW_OK, 0}, // no lanelet: nothing can drive there, but it can be looked at
        {CR("<lanelet id='1'>" BOUND("left", "3", "") BOUND("right", "0", "") "</lanelet>" PROBLEM), CW_ERR_INPUT, 2},
        {CR("<lanelet id='1'>" BOUND("left", "3", MORE("nan")) BOUND("right", "0", MORE("0")) "</lanelet>" PROBLEM),
         CW_ERR_INPUT, 2},
        {CR("<lanelet id='1'>" BOUND("left", "3", MORE("1e308")) BOUND("right", "0", MORE("0")) "</lanelet>" PROBLEM),
         CW_ERR_INPUT, 2},
        {CR("<lanelet>" BOUND("left", "3", MORE("3")) BOUND("right", "0", MORE("0")) "</lanelet>" PROBLEM),
         CW_ERR_INPUT, 2},
        {CR(LANELET("1", "<successor ref='1'/><successor ref='77'/>") PROBLEM), CW_OK, 0},
        {CR(LANELET("1", "<adjacentLeft ref='1' drivingDir='same'/>") PROBLEM), CW_OK, 0},
        {CR(LANELET("1", "") "\n" LANELET("1", "") PROBLEM), CW_OK, 0},
        {CR(LANELET("1", "") "\n" OBSTACLE("2", "") PROBLEM), CW_ERR_INPUT, 3},
        {CR(LANELET("1", "") "\n" OBSTACLE("2", "<shape/>") PROBLEM), CW_ERR_INPUT, 3},
        {CR(LANELET("1", "") "\n" OBSTACLE("2", "<shape><rectangle><length>1e308</length><width>1</width></rectangle>"
                                                "</shape>") PROBLEM),
         CW_ERR_INPUT, 3},
        {CR(LANELET("1", "<trafficSignRef ref='5'/>") PROBLEM), CW_OK, 0},
    };
    check(cases, sizeof cases / sizeof *cases, 1);
}

#define TELEPORT(position)                                                                                             \
    "<Action name='a'><PrivateAction><TeleportAction><Position>" position                                              \
    "</Position></TeleportAction></PrivateAction></Action>"

static void hostile_scenarios(void **state) {
    (void)state;
    static const struct {
        const char *action;
        const char *said;
    } cases[] = {
        {TELEPORT("<WorldPosition x='nan' y='0'/>"), "not a finite number"},
        {TELEPORT("<WorldPosition x='1e308' y='0'/>"), "beyond"},
        {TELEPORT("<LanePosition roadId='77' laneId='-1' s='0'/>"), "no road '77'"},
        {TELEPORT("<RelativeObjectPosition entityRef='Nobody' dx='1' dy='0'/>"), "Nobody"},
        {TELEPORT(""), "needs"},
        {TELEPORT("<WorldPosition x='$nothing' y='0'/>"), "nothing"},
        {TELEPORT("<WorldPosition x='${1/0}' y='0'/>"), ""},
        {TELEPORT("<WorldPosition x='${((((((1' y='0'/>"), ""},
        {TELEPORT("<RoutePosition><RouteRef><CatalogReference catalogName='c' entryName='e'/></RouteRef>"
                  "<InRoutePosition><FromRoadCoordinates pathS='0' t='0'/></InRoutePosition></RoutePosition>"),
         "no catalog 'c'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scenario_parts parts = {.stories = scenario_event(cases[i].action, "")};
        scenario_must_fail(&parts, CW_ERR_INPUT, 0, cases[i].said);
    }
    const text_file cyclic[] = {
        {"cat/loop.xosc",
         "<OpenSCENARIO><FileHeader revMajor='1' revMinor='0'/><Catalog name='loop'><Maneuver name='m'><Event name='e' "
         "priority='parallel'><Action name='x'><PrivateAction><RoutingAction><AssignRouteAction><CatalogReference "
         "catalogName='loop' entryName='r'/></AssignRouteAction></RoutingAction></PrivateAction></Action></Event>"
         "</Maneuver><Route name='r' closed='false'><Waypoint "
         "routeStrategy='shortest'><Position><RoutePosition><RouteRef>"
         "<CatalogReference catalogName='loop' entryName='r'/></RouteRef><InRoutePosition><FromRoadCoordinates "
         "pathS='0' "
         "t='0'/></InRoutePosition></RoutePosition></Position></Waypoint></Route></Catalog></OpenSCENARIO>"},
        {0}};
    scenario_parts parts = {
        .files = cyclic,
        .stories = scenario_event("<Action name='a'><PrivateAction><RoutingAction><AssignRouteAction><CatalogReference "
                                  "catalogName='loop' entryName='r'/></AssignRouteAction></RoutingAction>"
                                  "</PrivateAction></Action>",
                                  "")};
    cw_scene *scene;
    cw_error err;
    assert_true(scenario_read(&parts, &scene, &err) != CW_OK && err.text[0] != '\0');
    assert_null(scene);
}

static void catalogs_and_maps_are_found_on_the_search_path(void **state) {
    (void)state;
#define CATALOG                                                                                                        \
    "<OpenSCENARIO><FileHeader revMajor='1' revMinor='0'/><Catalog name='vans'><Pedestrian name='boy' mass='30' "      \
    "pedestrianCategory='pedestrian'><BoundingBox><Center x='0' y='0' z='1'/><Dimensions width='0.5' length='0.5' "    \
    "height='1.5'/></BoundingBox></Pedestrian></Catalog></OpenSCENARIO>"
    static const char *const places[] = {"cat/vans.xosc", "/a/cat/vans.xosc", "/b/vans.xosc"};
    for (size_t i = 0; i < 3; i++) {
        const text_file files[] = {{places[i], CATALOG}, {0}};
        scenario_parts parts = {.files = files,
                                .data_path = "/none:/a:/b",
                                .entities = "<ScenarioObject name='Boy'><CatalogReference catalogName='vans' "
                                            "entryName='boy'/></ScenarioObject>"};
        cw_scene *scene = scenario_must_read(&parts);
        assert_true(cw_scene_find_actor(scene, "Boy") != CW_NONE);
        bool attached = false; // under the name that the scenario uses, so that a trace finds it again
        for (uint32_t k = 0; k < scene->attachment_count; k++)
            attached = attached || strcmp(scene->attachments[k].path, "cat/vans.xosc") == 0;
        assert_true(attached);
        cw_scene_free(scene);
        parts.data_path = NULL;
        if (i > 0)
            scenario_must_fail(&parts, CW_ERR_INPUT, 0, "no catalog 'vans'");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
                                       cmocka_unit_test(what_is_no_xml_is_refused),
                                       cmocka_unit_test(deep_nesting_is_refused),
                                       cmocka_unit_test(other_encodings_are_read),
                                       cmocka_unit_test(a_place_beyond_line_65535_is_told),
                                       cmocka_unit_test(hostile_maps),
                                       cmocka_unit_test(hostile_recordings),
                                       cmocka_unit_test(hostile_scenarios),
                                       cmocka_unit_test(catalogs_and_maps_are_found_on_the_search_path)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
