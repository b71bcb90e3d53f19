// OpenDRIVE: objects of several outlines, and that nothing is read over without a word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"

#include <string.h>

#define CORNER(s, t) "<cornerRoad s='" s "' t='" t "'/>"
#define SQUARE(attributes, s0, s1)                                                                                     \
    "<outline " attributes ">" CORNER(s0, "1") CORNER(s1, "1") CORNER(s1, "2") CORNER(s0, "2") "</outline>"

static const char text[] =
    "<OpenDRIVE><header revMajor='1' revMinor='8'>\n<defaultRegulations/></header>\n<road id='1' length='100' "
    "junction='-1'><planView><geometry s='0' x='0' y='0' hdg='0' length='100'><line/></geometry></planView>\n"
    "<lateralProfile><shape s='0' t='0' a='0' b='0' c='0' d='0'/></lateralProfile><lanes><laneSection s='0'><center>"
    "<lane id='0'/></center><right><lane id='-1' type='driving'><width sOffset='0' a='3' b='0' c='0' d='0'/>\n"
    "<height sOffset='0' inner='0.1' outer='0.1'/></lane></right></laneSection></lanes><objects>\n"
    "<object id='wall' type='barrier' s='10' t='1' height='2'><outlines>" SQUARE("id='0'", "10", "12")
        SQUARE("id='1' outer='false'", "10.5", "11")
            SQUARE("id='2'", "20", "23") "</outlines>\n<markings/>\n<borders/>\n"
                                         "<surface/></object>\n<object id='p' type='parkingSpace' s='1' "
                                         "t='1'><parkingSpace access='all'/></object></objects>"
                                         "<signals>\n<signal id='x' s='1' t='1' type='999' country='DE' "
                                         "orientation='+' dynamic='no'/>\n<signal id='y' s='1' "
                                         "t='1' type='274' country='DE' orientation='+' "
                                         "dynamic='no'/></signals>\n<surface/></road>\n<junction id='j'>"
                                         "<boundary/></junction>\n<junctionGroup id='g'/></OpenDRIVE>";

static void each_outline_is_a_body(void **state) {
    (void)state;
    cw_map *map;
    cw_error err = {0};
    assert_int_equal(cw_opendrive_read(text, strlen(text), "t", &map, NULL, &err), CW_OK);
    assert_int_equal(map->object_count, 3); // two of the wall, which has a hole, and the parking space
    for (uint32_t i = 0; i < 2; i++) {
        const cw_object *o = &map->objects[i];
        assert_string_equal(o->id, "wall");
        assert_true(o->solid && o->outline.count == 4);
        assert_true(map->points[o->outline.first].x == (i == 0 ? 10 : 20));
    }
    cw_map_free(map);
}

static void nothing_is_read_over_without_a_word(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int line;
    } wanted[] = {{"defaultRegulations", 2},
                  {"shape", 4},
                  {"height", 5},
                  {"markings", 7},
                  {"borders", 8},
                  {"surface", 9},
                  {"signal", 11},
                  {"parkingSpace", 10},
                  {"signal", 12},
                  {"boundary", 14},
                  {"junctionGroup", 15}};
    cw_map *map;
    cw_error err = {0};
    cw_notices *notices = cw_notices_new();
    assert_int_equal(cw_opendrive_read(text, strlen(text), "t", &map, notices, &err), CW_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        bool told = false;
        for (uint32_t k = 0; k < cw_notices_count(notices); k++) {
            const cw_notice *n = cw_notices_at(notices, k);
            told = told || (strcmp(n->name, wanted[i].name) == 0 && n->line == wanted[i].line);
        }
        if (!told)
            fail_msg("no notice of %s in line %d", wanted[i].name, wanted[i].line);
    }
    cw_notices_free(notices);
    cw_map_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_outline_is_a_body),
                                       cmocka_unit_test(nothing_is_read_over_without_a_word)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
