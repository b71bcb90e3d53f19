// The OpenDRIVE reader: a small map of our own, bad input, and what holds on every real map.
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

static cw_status read_text(const char *text, cw_map **map, cw_notices *notices, cw_error *err) {
    *err = (cw_error){0};
    return cw_opendrive_read(text, strlen(text), "t.xodr", map, notices, err);
}

#define HEADER "<header revMajor='1' revMinor='7' name='small'/>"
#define LINE(s, x, l) "<geometry s='" s "' x='" x "' y='0' hdg='0' length='" l "'><line/></geometry>"
#define WIDTH(a) "<width sOffset='0' a='" a "' b='0' c='0' d='0'/>"

static const char small[] =
    "<OpenDRIVE>" HEADER "<road id='A' length='100' junction='-1' name='High Street'>"
    "<link><successor elementType='road' elementId='B' contactPoint='end'/></link>"
    "<type s='0' type='town'><speed max='30' unit='mph'/></type>"
    "<planView>" LINE("0", "0", "60") LINE(
        "60", "60",
        "40") "</planView>"
              "<elevationProfile><elevation s='0' a='1' b='0.05' c='0' d='0'/></elevationProfile>"
              "<lateralProfile><superelevation s='0' a='0.1' b='0' c='0' d='0'/></lateralProfile>"
              "<lanes><laneOffset s='0' a='0' b='0' c='0' d='0'/><laneOffset s='40' a='3' b='0' c='0' d='0'/>"
              "<laneSection s='0'><center><lane id='0' type='none'><roadMark sOffset='0' type='solid solid' "
              "color='yellow'/></lane>"
              "</center><right><lane id='-2' type='driving'><link><successor id='-1'/></link>" WIDTH(
                  "3.5") "<roadMark sOffset='0' type='solid'/><speed sOffset='10' max='36' unit='km/h'/></lane>"
                         "<lane id='-1' type='driving'>" WIDTH(
                             "3") "<roadMark sOffset='0' type='broken'/>"
                                  "<roadMark sOffset='20' type='solid' laneChange='none'/></lane></right></laneSection>"
                                  "<laneSection s='40'><center><lane id='0'/></center><right><lane id='-1' "
                                  "type='driving'><link>"
                                  "<predecessor id='-2'/><successor id='1'/></link>"
                                  "<border sOffset='0' a='-6.5' b='0' c='0' "
                                  "d='0'/></lane></right></laneSection></lanes>"
                                  "<objects><object id='7' type='barrier' s='10' t='-8' hdg='0' length='2' width='0.5' "
                                  "height='1'>"
                                  "<repeat s='0' length='30' distance='10' tStart='-8' tEnd='-8'/></object>"
                                  "<object id='8' type='crosswalk' s='20' t='-3' hdg='0'><outline><cornerRoad s='18' "
                                  "t='0'/><cornerRoad s='18' t='-7'/>"
                                  "<cornerRoad s='21' t='-7'/><cornerRoad s='21' t='0'/></outline></object></objects>"
                                  "<signals><signal id='s1' name='' s='30' t='-7' type='274' country='DE' subtype='57' "
                                  "dynamic='no' orientation='+'/>"
                                  "<signal id='s2' name='' s='39' t='-7' type='1000001' country='OpenDRIVE' "
                                  "dynamic='yes' orientation='+'>"
                                  "<validity fromLane='-2' toLane='-2'/></signal></signals></road>"
                                  "<road id='B' length='50' junction='-1'><link><successor elementType='road' "
                                  "elementId='A' contactPoint='end'/></link>"
                                  "<planView><geometry s='0' x='150' y='0' hdg='3.14159265358979' "
                                  "length='50'><line/></geometry></planView>"
                                  "<lanes><laneOffset s='0' a='-3' b='0' c='0' d='0'/><laneSection s='0'><left><lane "
                                  "id='1' type='driving'>"
                                  "<link><successor id='-1'/></link>" WIDTH(
                                      "9.5") "</lane></left><center><lane id='0'/></center></laneSection></lanes>"
                                             "</road><controller id='c'><control "
                                             "signalId='s2'/></controller><nonsense/></OpenDRIVE>";

static void a_small_map_is_read(void **state) {
    (void)state;
    cw_map *map;
    cw_error err;
    cw_notices *notices = cw_notices_new();
    assert_int_equal(read_text(small, &map, notices, &err), CW_OK);
    assert_string_equal(map->name, "small");
    assert_string_equal(map->roads[0].name, "High Street");
    assert_int_equal(map->section_count, 3);
    uint32_t a2 = cw_map_find_lane(map, 0, -2, 0), a1 = cw_map_find_lane(map, 0, -1, 0);
    uint32_t second = cw_map_find_lane(map, 0, -1, 50), b = cw_map_find_lane(map, 1, 1, 0);
    assert_int_equal(map->links[map->lanes[a2].next.first], second);
    assert_int_equal(map->lanes[second].next.count, 1);
    assert_int_equal(map->links[map->lanes[second].next.first], b);
    assert_int_equal(map->lanes[a1].next.count, 0);
    assert_true(map->lanes[second].is_border);
    assert_true(fabs(cw_lane_width(map, second, 60) - 6.5) < 1e-12);
    assert_true(fabs(cw_lane_center_t(map, second, 60) - (3 - 3.25)) < 1e-12);
    assert_true(fabs(cw_lane_center_t(map, a2, 40) + 4.75) < 1e-12); // the next section's offset does not reach back
    assert_true(fabs((double)cw_lane_limit(map, a1, 5) - 13.4112) < 1e-5);
    assert_true(fabs((double)cw_lane_limit(map, a2, 20) - 10) < 1e-5);
    assert_true(cw_lane_may_change(map, a2, 10, true) && !cw_lane_may_change(map, a2, 30, true));
    assert_int_equal(cw_lane_mark(map, a1, 1, true)->kind, CW_MARK_SOLID_SOLID);
    assert_int_equal(cw_lane_mark(map, a1, 1, true)->color, CW_COLOR_YELLOW);
    cw_road_point p;
    cw_road_at(map, 0, 20, -4, &p);
    assert_true(fabs(p.z - (2 - 4 * tan(0.1))) < 1e-9 && fabs(p.pitch + atan(0.05)) < 1e-9 &&
                fabs(p.roll - 0.1) < 1e-12);
    assert_int_equal(map->object_count, 5); // four barriers, one crosswalk
    assert_int_equal(map->crossing_count, 2);
    uint32_t sign = cw_map_find_signal(map, "s1"), light = cw_map_find_signal(map, "s2");
    assert_int_equal(map->signals[sign].kind, CW_SIGNAL_SPEED_LIMIT);
    assert_true(fabs(map->signals[sign].value - 70 / 3.6) < 1e-9);
    assert_int_equal(map->signals[light].stops.count, 1);
    assert_int_equal(map->stops[map->signals[light].stops.first].lane, a2);
    assert_string_equal(map->signals[light].controller, "c");
    assert_int_equal(cw_notices_count(notices), 1); // <nonsense>
    assert_string_equal(cw_notices_at(notices, 0)->name, "nonsense");
    cw_notices_free(notices);
    cw_map_free(map);
}

#define ROAD(planview)                                                                                                 \
    "<OpenDRIVE>" HEADER "\n<road id='1' length='10'>\n<planView>" planview "</planView></road></OpenDRIVE>"
#define GEOMETRY(attributes, shape) "\n<geometry " attributes ">" shape "</geometry>"

static void bad_maps_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        cw_status status;
        int line, column;
    } cases[] = {
        {"<ODrive/>", CW_ERR_INPUT, 1, 1},
        {"<OpenDRIVE>\n<header revMinor='4'/></OpenDRIVE>", CW_ERR_INPUT, 2, 1},
        {"<OpenDRIVE><header revMajor='1' revMinor='seven'/></OpenDRIVE>", CW_ERR_INPUT, 1, 43},
        {"<OpenDRIVE><header revMajor='0' revMinor='8'/></OpenDRIVE>", CW_ERR_UNSUPPORTED, 1, 0},
        {ROAD(GEOMETRY("s='0' x='nan' y='0' hdg='0' length='10'", "<line/>")), CW_ERR_INPUT, 4, 20},
        {ROAD(GEOMETRY("s='0' x='1e308' y='0' hdg='0' length='10'", "<line/>")), CW_ERR_INPUT, 4, 20},
        {ROAD(GEOMETRY("s='0' x='0' y='0' hdg='0' length='-1'", "<line/>")), CW_ERR_INPUT, 4, 0},
        {ROAD(GEOMETRY("s='0' x='0' y='0' length='1'", "<line/>")), CW_ERR_INPUT, 4, 1},
        {ROAD(GEOMETRY("s='0' x='0' y='0' hdg='0' length='10'", "<arc curvature='inf'/>")), CW_ERR_INPUT, 4, 0},
        {ROAD(GEOMETRY("s='0' x='0' y='0' hdg='0' length='9999'", "<arc curvature='5'/>")), CW_ERR_INPUT, 4, 0},
        {"<OpenDRIVE>" HEADER "<road length='10'/></OpenDRIVE>", CW_ERR_INPUT, 1, 0},
        {"<OpenDRIVE>" HEADER "<road id='1' length='-10'/></OpenDRIVE>", CW_ERR_INPUT, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cw_map *map = NULL;
        cw_error err;
        assert_int_equal(read_text(cases[i].text, &map, NULL, &err), cases[i].status);
        assert_null(map);
        assert_int_equal(err.line, cases[i].line);
        if (cases[i].column > 0)
            assert_int_equal(err.column, cases[i].column);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    for (size_t length = 0; length + 1 < sizeof small; length += 7) {
        cw_map *map = NULL;
        cw_error err = {0};
        assert_int_equal(cw_opendrive_read(small, length, "t.xodr", &map, NULL, &err), CW_ERR_INPUT);
        assert_null(map);
        assert_true(err.line >= 1);
    }
}

static void dangling_references_are_noticed(void **state) {
    (void)state;
    const char *text =
        "<OpenDRIVE>" HEADER "\n<road id='1' length='10'><link>\n<predecessor elementType='road' "
        "elementId='x' contactPoint='end'/></link><planView>" LINE(
            "0", "0",
            "10") "</planView><signals><signalReference id='no' s='1' t='0' orientation='+'/></signals></road>"
                  "<junction id='j'><connection incomingRoad='1' connectingRoad='q' contactPoint='start'/></junction>"
                  "</OpenDRIVE>";
    cw_map *map;
    cw_error err;
    cw_notices *notices = cw_notices_new();
    assert_int_equal(read_text(text, &map, notices, &err), CW_OK);
    assert_int_equal(cw_notices_count(notices), 3);
    assert_int_equal(cw_notices_at(notices, 0)->line, 3);
    assert_int_equal(map->roads[0].predecessor.kind, CW_LINK_NONE);
    cw_notices_free(notices);
    cw_map_free(map);
}

// ---- real maps -------------------------------------------------------------------------------------------------------

static double draw(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static cw_map *read_map(const char *path, cw_status *status) {
    char *bytes;
    size_t count;
    cw_map *map = NULL;
    cw_error err = {0};
    assert_int_equal(cw_file_read(path, 0, &bytes, &count, &err), CW_OK);
    *status = cw_opendrive_read(bytes, count, path, &map, NULL, &err);
    if (*status != CW_OK)
        assert_true(err.line > 0 && err.text[0] != '\0');
    free(bytes);
    return map;
}

// Links are mutual and join lanes that meet; `most`: how many of the joints may gape more than 5 cm.
static void check_links(const cw_map *map, bool good) {
    for (uint32_t i = 0; i < map->lane_count; i++) {
        const cw_lane *a = &map->lanes[i];
        for (uint32_t k = 0; k < a->next.count; k++) {
            uint32_t other = map->links[a->next.first + k];
            const cw_lane *b = &map->lanes[other];
            bool back = false;
            for (uint32_t n = 0; n < b->previous.count; n++)
                back = back || map->links[b->previous.first + n] == i;
            assert_true(back);
            if (!good || !cw_lane_drivable(a))
                continue;
            cw_pose end = cw_lane_pose(map, (cw_lane_place){i, a->direction > 0 ? a->s1 : a->s0, 0}, NULL);
            cw_pose start = cw_lane_pose(map, (cw_lane_place){other, b->direction > 0 ? b->s0 : b->s1, 0}, NULL);
            assert_true(hypot(end.x - start.x, end.y - start.y) < 0.05);
        }
        assert_true(a->left == CW_NONE || map->lanes[a->left].left == i || map->lanes[a->left].right == i);
    }
}

// Which lanes hold the point, found without the index.
static uint32_t brute_force(const cw_map *map, double x, double y, bool *held, double margin) {
    uint32_t count = 0;
    for (uint32_t r = 0; r < map->road_count; r++) {
        double s, t;
        if (map->roads[r].geometry.count == 0)
            continue;
        cw_road_project(map, r, x, y, NAN, &s, &t);
        cw_road_point foot;
        cw_road_at(map, r, s, t, &foot);
        if (hypot(foot.x - x, foot.y - y) > 1e-6) // beyond an end
            continue;
        cw_span sections = map->roads[r].sections;
        for (uint32_t n = sections.first; n < sections.first + sections.count; n++) {
            const cw_section *section = &map->sections[n];
            if (s < section->s0 - margin || s > section->s1 + margin)
                continue;
            for (uint32_t i = section->lanes.first; i < section->lanes.first + section->lanes.count; i++) {
                double low, high;
                cw_lane_borders(map, i, cw_clamp(s, section->s0, section->s1), &low, &high);
                if (map->lanes[i].id != 0 && t > low - margin && t < high + margin) {
                    held[i] = true;
                    count++;
                }
            }
        }
    }
    return count;
}

static void check_places(const cw_map *map, int points, bool brute) {
    uint64_t seed = 7;
    bool *held = calloc((size_t)map->lane_count + 1, sizeof *held);
    for (int i = 0; i < points && map->lane_count > 0; i++) {
        uint32_t lane = (uint32_t)(draw(&seed) * map->lane_count);
        const cw_lane *l = &map->lanes[lane];
        double s = cw_lerp(l->s0, l->s1, draw(&seed)), width = cw_lane_width(map, lane, s);
        if (l->id == 0 || !(width > 0.05))
            continue;
        cw_lane_place from = {lane, s, (draw(&seed) - 0.5) * 0.99 * width}, place;
        cw_pose pose = cw_lane_pose(map, from, NULL);
        cw_locate query = cw_locate_at(pose.x, pose.y);
        query.hint = (cw_lane_place){lane, s + draw(&seed) - 0.5, 0};
        assert_true(cw_map_locate(map, &query, &place));
        assert_int_equal(place.lane, lane);
        query.hint.lane = CW_NONE;
        assert_true(cw_map_locate(map, &query, &place));
        cw_pose again = cw_lane_pose(map, place, NULL);
        assert_true(hypot(again.x - pose.x, again.y - pose.y) < 1e-3);
        double travel = cw_lane_travel(map, lane, s);
        assert_true(fabs(cw_lane_station(map, lane, travel) - s) < 1e-6);
        if (!brute)
            continue;
        cw_lane_place all[64];
        uint32_t count = cw_map_locate_all(map, &query, all, 64);
        memset(held, 0, map->lane_count * sizeof *held);
        brute_force(map, pose.x, pose.y, held, 1e-6);
        for (uint32_t k = 0; k < count; k++) {
            assert_true(held[all[k].lane]);
            held[all[k].lane] = false;
        }
        bool surely[1] = {false}; // what is left may only lie on a border, within rounding
        for (uint32_t k = 0; k < map->lane_count; k++) {
            if (!held[k])
                continue;
            double low, high, rs, rt;
            cw_road_project(map, map->lanes[k].road, pose.x, pose.y, NAN, &rs, &rt);
            cw_lane_borders(map, k, rs, &low, &high);
            surely[0] = surely[0] || (rt > low + 1e-6 && rt < high - 1e-6 && rs > map->lanes[k].s0 + 1e-6 &&
                                      rs < map->lanes[k].s1 - 1e-6);
        }
        assert_false(surely[0]);
    }
    free(held);
}

static const char *data(void) {
    return getenv("CAUSEWAY_TEST_DATA");
}

static void every_real_map_is_read_or_refused(void **state) {
    (void)state;
    if (data() == NULL)
        skip();
    char pattern[512];
    glob_t files = {0};
    snprintf(pattern, sizeof pattern, "%s/opendrive/*/*.xodr", data());
    glob(pattern, 0, NULL, &files);
    snprintf(pattern, sizeof pattern, "%s/opendrive/*/*/*.xodr", data());
    glob(pattern, GLOB_APPEND, NULL, &files);
    assert_true(files.gl_pathc >= 70);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        bool good = strstr(path, "/invalid/") == NULL;
        cw_status status;
        cw_map *map = read_map(path, &status);
        assert_true(status == CW_OK || !good);
        if (map == NULL)
            continue;
        check_links(map, strstr(path, "/carla/") != NULL);
        // These two bend within a lane's width, where one point lies on a lane twice.
        if (strstr(path, "parampoly3_arclength") == NULL)
            check_places(map, strstr(path, "/carla/") != NULL ? 300 : 100, map->road_count < 20);
        cw_map_free(map);
    }
    globfree(&files);
}

// The index against brute force on a big map: places drawn over all lanes.
static void locate_agrees_with_brute_force_on_a_town(void **state) {
    (void)state;
    if (data() == NULL)
        skip();
    char path[512];
    cw_status status;
    snprintf(path, sizeof path, "%s/opendrive/carla/Town04.xodr", data());
    cw_map *map = read_map(path, &status);
    assert_int_equal(status, CW_OK);
    check_places(map, 150, true);
    uint32_t lights = 0, crossings = 0, conflicts = 0;
    for (uint32_t i = 0; i < map->signal_count; i++)
        lights += map->signals[i].kind == CW_SIGNAL_LIGHT && map->signals[i].stops.count > 0;
    for (uint32_t i = 0; i < map->object_count; i++)
        crossings += map->objects[i].kind == CW_OBJECT_CROSSWALK && map->objects[i].crossed.count > 0;
    for (uint32_t i = 0; i < map->lane_count; i++)
        conflicts += map->lanes[i].conflicts.count;
    assert_true(lights > 20 && crossings > 10 && conflicts > 500);
    cw_map_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_map_is_read),
        cmocka_unit_test(bad_maps_are_refused_with_their_place),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(dangling_references_are_noticed),
        cmocka_unit_test(every_real_map_is_read_or_refused),
        cmocka_unit_test(locate_agrees_with_brute_force_on_a_town),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
