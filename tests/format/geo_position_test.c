// Positions by latitude and longitude.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"

#include <stdio.h>

#define MAP(header)                                                                                                    \
    "<OpenDRIVE><header revMajor='1' revMinor='6'>" header "</header><road id='1' length='100' junction='-1'>"         \
    "<planView><geometry s='0' x='0' y='0' hdg='0' length='100'><line/></geometry></planView><lanes><laneSection "     \
    "s='0'><center><lane id='0'/></center><right><lane id='-1' type='driving'><width sOffset='0' a='4' b='0' c='0' "   \
    "d='0'/></lane></right></laneSection></lanes></road></OpenDRIVE>"
#define GEO(text) "<geoReference><![CDATA[" text "]]></geoReference>"
#define TELEPORT(position)                                                                                             \
    "<PrivateAction><TeleportAction><Position>" position "</Position></TeleportAction></PrivateAction>"

static cw_position where(const char *map, const char *position) {
    char action[400];
    snprintf(action, sizeof action,
             "<Action name='put'><PrivateAction><TeleportAction><Position>%s</Position></TeleportAction>"
             "</PrivateAction></Action>",
             position);
    const text_file files[] = {{"map.xodr", map}, {0}};
    scenario_parts parts = {.files = files, .stories = scenario_event(action, "")};
    cw_scene *scene = scenario_must_read(&parts);
    cw_position at = scenario_action(scene, "put")->position;
    cw_scene_free(scene);
    return at;
}

// Published figures: the corner of zone 31 on the equator, the meridian's arc to 45 degrees on WGS84 (4 984 944.378 m), and
// a monument in Paris.
static void utm_agrees_with_published_places(void **state) {
    (void)state;
    cw_position at =
        where(MAP(GEO("+proj=utm +zone=31 +datum=WGS84 +units=m")), "<GeoPosition latitudeDeg='0' longitudeDeg='0'/>");
    assert_int_equal(at.kind, CW_AT_WORLD);
    assert_near(at.x, 166021.443, 0.001);
    assert_near(at.y, 0, 1e-6);
    at = where(MAP(GEO("+proj=utm +zone=31 +ellps=WGS84")), "<GeoPosition latitudeDeg='45' longitudeDeg='3'/>");
    assert_near(at.x, 500000, 1e-6);
    assert_near(at.y, 0.9996 * 4984944.378, 0.001);
    at = where(MAP(GEO("+proj=utm +zone=31 +ellps=WGS84")),
               "<GeoPosition latitudeDeg='48.8582' longitudeDeg='2.2945' altitude='35'/>");
    assert_near(at.x, 448251.795, 0.01);
    assert_near(at.y, 5411932.678, 0.01);
    assert_true(at.has_z);
    assert_near(at.z, 35, 0);
    at = where(MAP(GEO("+proj=utm +zone=31 +south")), "<GeoPosition latitudeDeg='-45' longitudeDeg='3'/>");
    assert_near(at.y, 1e7 - 0.9996 * 4984944.378, 0.001);
}

static void radians_offsets_and_an_own_origin_count(void **state) {
    (void)state;
    cw_position at =
        where(MAP(GEO("+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=10 +y_0=20 +ellps=WGS84") "<offset x='100' y='200' "
                                                                                         "z='3' hdg='0'/>"),
              "<GeoPosition latitude='0.78539816339744831' longitude='0.15707963267948966' height='5'/>");
    assert_near(at.x, 10 - 100, 1e-6);
    assert_near(at.y, 4984944.378 + 20 - 200, 0.001);
    assert_near(at.z, 2, 0);
    at = where(
        MAP(GEO("+proj=tmerc +lat_0=45 +lon_0=9 +R=6371000") "<offset x='0' y='0' z='0' hdg='1.5707963267948966'/>"),
        "<GeoPosition latitudeDeg='46' longitudeDeg='9'/>");
    assert_near(at.x, 6371000 * CW_PI / 180, 1e-6); // the map's x runs to the north
    assert_near(at.y, 0, 1e-6);
}

static void a_map_without_a_known_projection_is_an_error(void **state) {
    (void)state;
    static const char *const maps[] = {MAP(""), MAP(GEO("+proj=merc +lon_0=0")), MAP(GEO("+proj=utm +zone=61")),
                                       MAP(GEO("+proj=tmerc +lat_0=x"))};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const text_file files[] = {{"map.xodr", maps[i]}, {0}};
        scenario_parts parts = {
            .files = files,
            .stories = scenario_event(
                "<Action name='put'>" TELEPORT("<GeoPosition latitudeDeg='1' longitudeDeg='2'/>") "</Action>", "")};
        scenario_must_fail(&parts, CW_ERR_UNSUPPORTED, 0, "georeference");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(utm_agrees_with_published_places),
                                       cmocka_unit_test(radians_offsets_and_an_own_origin_count),
                                       cmocka_unit_test(a_map_without_a_known_projection_is_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
