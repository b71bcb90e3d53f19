// Speed signs of OpenDRIVE maps become the limits of lanes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Two roads of 100 m in a row, a lane each way; A's type allows 100 km/h, B's 30 m/s.
static cw_map *read_roads(const char *signals, const char *lane_speed) {
    static char text[8192];
    snprintf(text, sizeof text,
             "<OpenDRIVE><header revMajor='1' revMinor='7'/>"
             "<road id='A' length='100' junction='-1'><link><successor elementType='road' elementId='B' "
             "contactPoint='start'/></link><type s='0' type='rural'><speed max='100' unit='km/h'/></type><planView>"
             "<geometry s='0' x='0' y='0' hdg='0' length='100'><line/></geometry></planView><lanes><laneSection s='0'>"
             "<left><lane id='1' type='driving'><link><successor id='1'/></link><width sOffset='0' a='3' b='0' c='0' "
             "d='0'/></lane></left><center><lane id='0'/></center><right><lane id='-1' type='driving'><link><successor "
             "id='-1'/></link><width sOffset='0' a='3' b='0' c='0' d='0'/></lane></right></laneSection></lanes>"
             "<signals>%s</signals></road>"
             "<road id='B' length='100' junction='-1'><link><predecessor elementType='road' elementId='A' "
             "contactPoint='end'/></link><type s='0' type='rural'><speed max='30'/></type><planView><geometry s='0' "
             "x='100' y='0' hdg='0' length='100'><line/></geometry></planView><lanes><laneSection s='0'><left>"
             "<lane id='1' type='driving'><link><predecessor id='1'/></link><width sOffset='0' a='3' b='0' c='0' "
             "d='0'/></lane></left><center><lane id='0'/></center><right><lane id='-1' type='driving'><link>"
             "<predecessor id='-1'/></link><width sOffset='0' a='3' b='0' c='0' d='0'/>%s</lane></right></laneSection>"
             "</lanes></road></OpenDRIVE>",
             signals, lane_speed);
    cw_map *map = NULL;
    cw_error err = {0};
    if (cw_opendrive_read(text, strlen(text), "t.xodr", &map, NULL, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return map;
}

static double limit(const cw_map *map, uint32_t road, int32_t lane, double s) {
    return (double)cw_lane_limit(map, cw_map_find_lane(map, road, lane, s), s);
}

#define assert_limit(map, road, lane, s, wanted) assert_true(fabs(limit(map, road, lane, s) - (wanted)) < 1e-4)

static void a_sign_holds_along_the_way_of_traffic(void **state) {
    (void)state;
    cw_map *map = read_roads("<signal id='a' s='40' t='-4' type='274' subtype='55' country='DE' orientation='+' "
                             "dynamic='no'/><signal id='b' s='70' t='4' type='274' value='70' unit='km/h' "
                             "country='DE' orientation='-' dynamic='no'/>",
                             "");
    assert_limit(map, 0, -1, 39, 100 / 3.6);
    assert_limit(map, 0, -1, 41, 50 / 3.6);
    assert_limit(map, 1, -1, 50, 50 / 3.6); // on the next road as well, whatever that road's type allows
    assert_limit(map, 0, 1, 71, 100 / 3.6);
    assert_limit(map, 0, 1, 69, 70 / 3.6);
    assert_limit(map, 1, 1, 50, 30);
    cw_map_free(map);
}

static void the_end_of_limits_and_a_lanes_own_limit_end_a_sign(void **state) {
    (void)state;
    cw_map *map = read_roads("<signal id='a' s='20' t='-4' type='274' value='50' country='DE' orientation='+' "
                             "dynamic='no'/><signal id='e' s='60' t='-4' type='282' country='DE' orientation='+' "
                             "dynamic='no'/>",
                             "");
    assert_limit(map, 0, -1, 30, 50 / 3.6);
    assert_limit(map, 0, -1, 70, 100 / 3.6);
    assert_limit(map, 1, -1, 50, 30);
    cw_map_free(map);
    map = read_roads("<signal id='a' s='20' t='-4' type='274' value='50' country='DE' orientation='+' dynamic='no'/>",
                     "<speed sOffset='60' max='20'/>");
    assert_limit(map, 1, -1, 59, 50 / 3.6);
    assert_limit(map, 1, -1, 61, 20);
    cw_map_free(map);
    map = read_roads("<signal id='a' s='20' t='-4' type='274' value='50' country='DE' orientation='+' dynamic='no'/>",
                     "<speed sOffset='0' max='20'/>");
    assert_limit(map, 1, -1, 1, 20);
    cw_map_free(map);
}

static void each_country_counts_its_own_way(void **state) {
    (void)state;
    static const struct {
        const char *sign;
        double wanted; // m/s
    } cases[] = {{"type='R2-1' value='30' country='US'", 30 * 0.44704},
                 {"type='R2' subtype='1' value='30' unit='mph' country='USA'", 30 * 0.44704},
                 {"type='c' subtype='31' value='7' country='se'", 70 / 3.6},
                 {"type='274' value='20' unit='m/s' country='DE'", 20},
                 {"type='274' value='30' country='GB'", 30 * 0.44704},
                 {"type='274' country='DE'", 100 / 3.6}}; // without a number: no limit of its own
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "<signal id='a' s='20' t='-4' orientation='+' dynamic='no' %s/>", cases[i].sign);
        cw_map *map = read_roads(text, "");
        assert_limit(map, 0, -1, 30, cases[i].wanted);
        assert_limit(map, 0, 1, 30, 100 / 3.6);
        cw_map_free(map);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_sign_holds_along_the_way_of_traffic),
                                       cmocka_unit_test(the_end_of_limits_and_a_lanes_own_limit_end_a_sign),
                                       cmocka_unit_test(each_country_counts_its_own_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
