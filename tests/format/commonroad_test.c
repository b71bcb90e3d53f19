// The CommonRoad reader: small scenarios of our own in both versions, bad input, every real file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINT(x, y) "<point><x>" x "</x><y>" y "</y></point>"
#define EXACT(name, value) "<" name "><exact>" value "</exact></" name ">"
#define BETWEEN(name, low, high)                                                                                       \
    "<" name "><intervalStart>" low "</intervalStart><intervalEnd>" high "</intervalEnd></" name ">"
#define LANELET(id, x0, x1, y, rest)                                                                                   \
    "<lanelet id='" id "'><leftBound>" POINT(x0, y "2")                                                                \
        POINT(x1, y "2") "<lineMarking>dashed</lineMarking></leftBound>"                                               \
                         "<rightBound>" POINT(x0, y "-2") POINT(x1, y "-2") "</rightBound>" rest "</lanelet>"
#define STATE(name, x, y, t, v)                                                                                        \
    "<" name "><position>" POINT(x, y) "</position>" EXACT("orientation", "0") EXACT("time", t) EXACT("velocity", v)   \
        EXACT("yawRate", "0.1") "</" name ">"
#define BOX "<shape><rectangle><length>4</length><width>2</width></rectangle></shape>"
#define HEAD(version)                                                                                                  \
    "<?xml version='1.0'?>\n<commonRoad commonRoadVersion='" version "' benchmarkID='DEU_Test-1_1_T-1' author='me' "   \
    "timeStepSize='0.1'>\n"
#define ROOT(version, inner) HEAD(version) inner "</commonRoad>"

static const char modern_roads[] = HEAD(
    "2020a") "<location><environment><time>09:30:00</time><underground>ice</underground></environment></location>"
             "<lanelet id='1'><leftBound>" POINT("0", "2")
                 POINT("50", "2") "<lineMarking>dashed</lineMarking></leftBound><rightBound>" POINT("0", "-2") POINT(
                     "50",
                     "-2") "</rightBound><successor ref='2'/><adjacentLeft ref='3' drivingDir='same'/>"
                           "<stopLine>" POINT("45", "2") POINT(
                               "45",
                               "-2") "</stopLine><laneletType>urban</laneletType>"
                                     "<trafficSignRef ref='70'/><trafficLightRef ref='71'/></lanelet>"
                                     "<lanelet id='2'><leftBound>" POINT("50", "2")
                                         POINT("100", "2") "</leftBound><rightBound>" POINT("50", "-2") POINT(
                                             "100",
                                             "-2") "</rightBound><predecessor ref='1'/></lanelet>"
                                                   "<lanelet id='3'><leftBound>" POINT("0", "6") POINT(
                                                       "50", "6") "</leftBound><rightBound>" POINT("0", "2")
                                                       POINT(
                                                           "50",
                                                           "2") "</rightBound><adjacentRight ref='1' "
                                                                "drivingDir='same'/></lanelet>"
                                                                "<trafficSign "
                                                                "id='70'><trafficSignElement><trafficSignID>274</"
                                                                "trafficSignID><additionalValue>13.5</additionalValue>"
                                                                "</trafficSignElement></trafficSign>"
                                                                "<trafficLight "
                                                                "id='71'><cycle><cycleElement><duration>30</"
                                                                "duration><color>red</color></"
                                                                "cycleElement><cycleElement>"
                                                                "<duration>50</duration><color>green</color></"
                                                                "cycleElement><cycleElement><duration>20</"
                                                                "duration><color>yellow</color>"
                                                                "</cycleElement><timeOffset>10</timeOffset></"
                                                                "cycle><direction>all</direction><active>true</"
                                                                "active></"
                                                                "trafficLight>"
                                                                "<intersection id='80'><incoming "
                                                                "id='81'><incomingLanelet "
                                                                "ref='1'/><successorsStraight "
                                                                "ref='2'/></incoming></intersection>";

static const char modern_actors[] = "<staticObstacle id='34'><type>parkedVehicle</type>" BOX STATE(
    "initialState", "20", "4", "0",
    "0") "</staticObstacle>"
         "<dynamicObstacle id='35'><type>car</type>" BOX STATE(
             "initialState", "10", "0", "20", "5") "<trajectory>" STATE("state", "10.5", "0", "21", "5")
             STATE("state", "11", "0", "22",
                   "5") "</trajectory></dynamicObstacle>"
                        "<dynamicObstacle "
                        "id='36'><type>pedestrian</"
                        "type><shape><circle><radius>0.4</"
                        "radius></circle></shape>"
                        "<initialState><position><rectangle><"
                        "length>2</length><width>1</"
                        "width><orientation>0</"
                        "orientation><center><x>60</x>"
                        "<y>3</y></center></rectangle></"
                        "position>" BETWEEN("orientation", "-0.2", "0.4") EXACT("time", "20") BETWEEN(
                            "velocity", "1",
                            "2") "</"
                                 "initialState><occupancySet><"
                                 "occupancy><shape><circle><"
                                 "radius>1.4</radius><center>"
                                 "<x>61</x><y>2</y></center></"
                                 "circle></shape>" EXACT(
                                     "time",
                                     "21") "</occupancy></"
                                           "occupancySet></"
                                           "dynamicObstacle>"
                                           "<environmentObstac"
                                           "le "
                                           "id='37'><type>"
                                           "building</"
                                           "type><shape><"
                                           "polygon>" POINT("70", "10")
                                               POINT("8"
                                                     "0",
                                                     "1"
                                                     "0")
                                                   POINT(
                                                       "80",
                                                       "14") "</"
                                                             "poly"
                                                             "gon>"
                                                             "</"
                                                             "shap"
                                                             "e></"
                                                             "envi"
                                                             "ronm"
                                                             "entO"
                                                             "bsta"
                                                             "cle>"
                                                             "<pha"
                                                             "ntom"
                                                             "Obst"
                                                             "acle"
                                                             " id="
                                                             "'38'"
                                                             "><"
                                                             "occu"
                                                             "panc"
                                                             "ySet"
                                                             "><"
                                                             "occu"
                                                             "panc"
                                                             "y><"
                                                             "shap"
                                                             "e><"
                                                             "rect"
                                                             "angl"
                                                             "e><"
                                                             "leng"
                                                             "th>"
                                                             "3</"
                                                             "leng"
                                                             "th><"
                                                             "widt"
                                                             "h>1<"
                                                             "/wid"
                                                             "th><"
                                                             "orie"
                                                             "ntat"
                                                             "ion>"
                                                             "1"
                                                             "</"
                                                             "orie"
                                                             "ntat"
                                                             "ion>"
                                                             "<cen"
                                                             "ter>"
                                                             "<x>"
                                                             "90</"
                                                             "x><"
                                                             "y>0<"
                                                             "/y><"
                                                             "/cen"
                                                             "ter>"
                                                             "</"
                                                             "rect"
                                                             "angl"
                                                             "e></"
                                                             "shap"
                                                             "e"
                                                             ">" EXACT(
                                                                 "time",
                                                                 "25") "</occupancy></occupancySet></phantomObstacle>"
                                                                       "<planningProblem id='34'>" STATE(
                                                                           "initialState", "5", "0", "20",
                                                                           "10") "<goalState>" BETWEEN("time", "40",
                                                                                                       "60")
                                                                           BETWEEN("velocity", "0",
                                                                                   "15") "<position><lanelet "
                                                                                         "ref='2'/><lanelet "
                                                                                         "ref='1'/></position></"
                                                                                         "goalState><"
                                                                                         "goalState>" BETWEEN("time",
                                                                                                              "0", "70")
                                                                                             BETWEEN(
                                                                                                 "orientation", "-0.1",
                                                                                                 "0.1") "<position><"
                                                                                                        "rectangle><"
                                                                                                        "length>6</"
                                                                                                        "length>"
                                                                                                        "<width>3</"
                                                                                                        "width><"
                                                                                                        "orientation>0."
                                                                                                        "5</"
                                                                                                        "orientation><"
                                                                                                        "center><x>90</"
                                                                                                        "x><y>1</y></"
                                                                                                        "center></"
                                                                                                        "rectangle></"
                                                                                                        "position></"
                                                                                                        "goalState>"
                                                                                                        "</"
                                                                                                        "planningProble"
                                                                                                        "m></"
                                                                                                        "commonRoad>";

static char modern[sizeof modern_roads + sizeof modern_actors]; // joined by main: C bounds the length of a literal

static cw_status read_text(const char *text, size_t length, unsigned problem, cw_scene **scene, cw_error *err) {
    cw_scenario_options options = {.problem = problem};
    *err = (cw_error){0};
    *scene = NULL;
    return cw_commonroad_read(text, length, "t.xml", &options, scene, err);
}

static cw_scene *must_read(const char *text) {
    cw_scene *scene;
    cw_error err;
    cw_status status = read_text(text, strlen(text), 0, &scene, &err);
    if (status != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return scene;
}

static bool near(double a, double b) {
    return fabs(a - b) < 1e-5;
}

static void a_2020a_scenario_becomes_a_scene(void **state) {
    (void)state;
    cw_scene *s = must_read(modern);
    const cw_map *map = s->map;
    assert_string_equal(s->version, "2020a");
    assert_int_equal(map->lane_count, 6); // a centre lane each
    uint32_t one = cw_map_find_lane(map, cw_map_find_road(map, "1"), -1, 0);
    uint32_t two = cw_map_find_lane(map, cw_map_find_road(map, "2"), -1, 0);
    uint32_t three = cw_map_find_lane(map, cw_map_find_road(map, "3"), -1, 0);
    assert_int_equal(map->lanes[one].next.count, 1);
    assert_int_equal(map->links[map->lanes[one].next.first], two);
    assert_int_equal(map->lanes[one].left, three);
    assert_int_equal(map->lanes[two].junction, 0);
    assert_true(near(map->lanes[one].length, 50));
    assert_true(near((double)cw_lane_limit(map, one, 1), 13.5));
    uint32_t light = cw_map_find_signal(map, "71");
    assert_int_equal(map->signals[light].kind, CW_SIGNAL_LIGHT);
    assert_true(near(map->stops[map->signals[light].stops.first].s, 45));
    assert_true(s->environment.has_friction && s->environment.friction_scale < 0.3);
    assert_true(near(s->environment.time_of_day, 9.5 * 3600));
    cw_scene_free(s);
}

static void lights_start_within_their_cycle(void **state) {
    (void)state;
    cw_scene *s = must_read(modern);
    // The problem starts at step 20, 10 into the cycle of 100: 20 steps of red are left.
    const cw_signal_program *p = &s->programs[0];
    assert_int_equal(s->program_count, 1);
    assert_int_equal(p->count, 4);
    static const double durations[] = {2, 5, 2, 1};
    static const uint8_t lights[] = {1, 4, 3, 1};
    for (int i = 0; i < 4; i++) {
        assert_true(near(p->phases[i].duration, durations[i]));
        assert_int_equal(p->phases[i].states[0].light, lights[i]);
    }
    assert_true(near(p->period, 10) && p->delay == 0);
    cw_scene_free(s);
}

static void obstacles_are_placed_by_their_rear_axle(void **state) {
    (void)state;
    cw_scene *s = must_read(modern);
    assert_int_equal(s->actor_count, 6);
    const cw_actor *parked = &s->actors[cw_scene_find_actor(s, "34")], *car = &s->actors[cw_scene_find_actor(s, "35")];
    assert_true(parked->stays && parked->sample_count == 1 && parked->starts);
    assert_int_equal(car->kind, CW_ACTOR_CAR);
    assert_int_equal(car->sample_count, 3);
    assert_true(near(car->samples[0].time, 0) && near(car->samples[2].time, 0.2));
    assert_true(near(car->samples[0].x + (double)car->center_x, 10) && (double)car->center_x > 1);
    const cw_actor *walker = &s->actors[cw_scene_find_actor(s, "36")];
    assert_true(walker->from_occupancy && walker->sample_count == 2 && walker->outline_count == 12);
    assert_true(near(walker->samples[0].x, 60) && near((double)walker->samples[0].half_x, 1));
    assert_true(near((double)walker->samples[0].half_y, 0.5) && near((double)walker->samples[0].heading, 0.1));
    assert_true(near((double)walker->samples[0].speed, 1.5));
    assert_true(near((double)walker->samples[1].half_x, 1)); // an area of radius 1.4 around a body of 0.4
    const cw_actor *house = &s->actors[cw_scene_find_actor(s, "37")];
    assert_true(house->stays && near((double)house->length, 10) && near(house->samples[0].y, 12));
    const cw_actor *ghost = &s->actors[cw_scene_find_actor(s, "38")];
    assert_true(!ghost->starts && near(ghost->samples[0].time, 0.5) && near((double)ghost->samples[0].heading, 1));
    cw_scene_free(s);
}

static void the_problem_is_the_egos_mission(void **state) {
    (void)state;
    cw_scene *s = must_read(modern);
    assert_int_equal(s->ego, 0);
    assert_true(s->has_start && near(s->start_x, 5 - 1.289) && near((double)s->start_speed, 10));
    assert_true(near((double)s->start_yaw_rate, 0.1));
    assert_int_equal(s->goal_count, 2);
    assert_int_equal(s->goals[0].region_count, 2);
    assert_int_equal(s->goals[0].regions[0].kind, 3);
    assert_string_equal(s->map->lanes[s->goals[0].regions[0].lane].file_id, "2");
    assert_true(near(s->goals[0].time_low, 2) && near(s->goals[0].time_high, 4));
    assert_true(near((double)s->goals[0].speed_high, 15) && isinf(s->goals[0].heading_low));
    assert_true(near(s->goals[1].regions[0].box.half_length, 3) && near(s->goals[1].regions[0].box.uy, sin(0.5)));
    assert_true(near(s->duration, 5));
    cw_scene *again = must_read(modern);
    assert_true(again->hash == s->hash);
    cw_scene_free(again);
    cw_scene_free(s);
}

static void a_2018b_scenario_is_read_alike(void **state) {
    (void)state;
    cw_scene *s = must_read(
        ROOT("2018b",
             LANELET("5", "0", "40", "",
                     "<speedLimit>20</speedLimit>") "<obstacle id='1'><role>static</role><type>parkedVehicle</type>" BOX
                 STATE("initialState", "20", "0", "0",
                       "0") "</obstacle>"
                            "<obstacle id='2'><role>dynamic</role><type>truck</type>" BOX STATE(
                                "initialState", "0", "0", "0", "3") "</obstacle>"));
    assert_int_equal(s->ego, CW_NONE);
    assert_int_equal(s->actor_count, 2);
    assert_true(s->actors[0].stays && s->actors[1].stays);
    assert_int_equal(s->actors[1].kind, CW_ACTOR_TRUCK);
    assert_int_equal(s->notice_count, 1); // the lorry has no trajectory
    assert_true(near((double)cw_lane_limit(s->map, 1, 1), 20));
    cw_scene_free(s);
}

static void one_of_several_problems_is_chosen(void **state) {
    (void)state;
    const char *text = ROOT(
        "2020a", LANELET("5", "0", "40", "", "") "<planningProblem id='1'>" STATE(
                     "initialState", "5", "0", "0",
                     "10") "</planningProblem>"
                           "<planningProblem id='2'>" STATE("initialState", "9", "0", "0", "10") "</planningProblem>");
    cw_scene *s;
    cw_error err;
    assert_int_equal(read_text(text, strlen(text), 1, &s, &err), CW_OK);
    assert_true(near(s->start_x, 9 - 1.289));
    assert_true(s->notice_count >= 1);
    cw_scene_free(s);
    assert_int_equal(read_text(text, strlen(text), 2, &s, &err), CW_ERR_USAGE);
}

#define CAR(id, x, v, last)                                                                                            \
    "<dynamicObstacle id='" id "'><type>car</type>" BOX STATE("initialState", x, "0", "0", v) "<trajectory>" STATE(    \
        "state", last, "0", "1", v) "</trajectory></dynamicObstacle>"

static void the_egos_own_recording_is_no_traffic(void **state) {
    (void)state;
    // 7 begins where, as and as fast as the ego does; 8 only where the ego is, at another speed; 9 elsewhere.
    const char *text = ROOT("2020a", LANELET("5", "0", "40", "", "") CAR("9", "20", "10", "21") CAR("7", "5", "10", "6")
                                         CAR("8", "5", "4", "5.4") "<planningProblem id='1'>" STATE(
                                             "initialState", "5", "0", "0", "10") "</planningProblem>");
    cw_scene *s;
    cw_error err;
    assert_int_equal(read_text(text, strlen(text), 0, &s, &err), CW_OK);
    assert_int_equal(s->actor_count, 3);
    assert_string_equal(s->actors[1].name, "9");
    assert_string_equal(s->actors[2].name, "8");
    assert_int_equal(s->actors[0].sample_count, 2);
    assert_true(near(s->actors[0].samples[1].x, 6 - 1.289)); // the middle of the box is what was recorded
    assert_true(s->notice_count >= 1);
    cw_scene_free(s);
}

static void bad_scenarios_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        cw_status status;
        int line;
    } cases[] = {
        {"<commonRoad/>", CW_ERR_INPUT, 1},
        {"<CommonRoadSolution/>", CW_ERR_INPUT, 1},
        {ROOT("2017a", ""), CW_ERR_UNSUPPORTED, 2},
        {ROOT("2020a", "\n<lanelet id='1'/>"), CW_ERR_INPUT, 4},
        {ROOT("2020a",
              "\n<lanelet id='1'><leftBound>" POINT("0", "0") POINT("1", "nan") "</leftBound><rightBound/></lanelet>"),
         CW_ERR_INPUT, 4},
        {ROOT("2020a", "\n<lanelet id='1'><leftBound>" POINT("0", "0")
                           POINT("1", "1") "</leftBound><rightBound>" POINT("0", "1") "</rightBound></lanelet>"),
         CW_ERR_INPUT, 4},
        {ROOT("2020a", "\n<dynamicObstacle id='1'><type>car</type></dynamicObstacle>"), CW_ERR_INPUT, 4},
        {ROOT("2020a", "\n<staticObstacle id='1'><type>car</type>" BOX "</staticObstacle>"), CW_ERR_INPUT, 4},
        {ROOT("2020a", "<planningProblem id='1'/>"), CW_ERR_INPUT, 3},
        {ROOT("2020a", LANELET("1", "0", "1e308", "", "")), CW_ERR_INPUT, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cw_scene *scene;
        cw_error err;
        assert_int_equal(read_text(cases[i].text, strlen(cases[i].text), 0, &scene, &err), cases[i].status);
        assert_null(scene);
        assert_int_equal(err.line, cases[i].line);
    }
    for (size_t length = 0, end = strlen(modern); length < end; length += 13) {
        cw_scene *scene;
        cw_error err;
        assert_int_equal(read_text(modern, length, 0, &scene, &err), CW_ERR_INPUT);
        assert_null(scene);
    }
}

static void every_real_scenario_is_read(void **state) {
    (void)state;
    const char *data = getenv("CAUSEWAY_TEST_DATA");
    if (data == NULL)
        skip();
    char pattern[512];
    glob_t files = {0};
    unsigned read = 0;
    snprintf(pattern, sizeof pattern, "%s/commonroad/*/*.xml", data);
    glob(pattern, 0, NULL, &files);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        if (strstr(files.gl_pathv[i], "/solution") != NULL)
            continue;
        cw_scene *scene = NULL;
        cw_error err = {0};
        char line[600];
        if (cw_scene_read_file(files.gl_pathv[i], NULL, &scene, &err) != CW_OK) {
            cw_error_print(&err, line, sizeof line);
            fail_msg("%s", line);
        }
        read++;
        const cw_map *map = scene->map;
        for (uint32_t k = 0; k < map->lane_count; k++) {
            const cw_lane *l = &map->lanes[k];
            if (l->id == 0)
                continue;
            assert_true(l->length > 0 && l->file_id != NULL);
            double s = 0.5 * (l->s0 + l->s1);
            cw_lane_place place = {k, s, 0}, found;
            cw_pose pose = cw_lane_pose(map, place, NULL);
            cw_locate query = cw_locate_at(pose.x, pose.y);
            query.hint = place;
            if (cw_lane_width(map, k, s) > 0.1)
                assert_true(cw_map_locate(map, &query, &found) && found.lane == k && fabs(found.offset) < 1e-3);
        }
        for (uint32_t k = 0; k < scene->actor_count; k++)
            for (uint32_t n = 1; n < scene->actors[k].sample_count; n++)
                assert_true(scene->actors[k].samples[n].time > scene->actors[k].samples[n - 1].time);
        cw_scene_free(scene);
    }
    assert_true(read >= 33);
    globfree(&files);
}

int main(void) {
    snprintf(modern, sizeof modern, "%s%s", modern_roads, modern_actors);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_2020a_scenario_becomes_a_scene),
        cmocka_unit_test(lights_start_within_their_cycle),
        cmocka_unit_test(obstacles_are_placed_by_their_rear_axle),
        cmocka_unit_test(the_problem_is_the_egos_mission),
        cmocka_unit_test(a_2018b_scenario_is_read_alike),
        cmocka_unit_test(one_of_several_problems_is_chosen),
        cmocka_unit_test(the_egos_own_recording_is_no_traffic),
        cmocka_unit_test(bad_scenarios_are_refused_with_their_place),
        cmocka_unit_test(every_real_scenario_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
