// The cut-in experiment on drivers whose outcome is known in closed form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causeway/cut_in.h"
#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/show.h"

static cw_map *road(double limit) {
    char text[1400];
    snprintf(
        text, sizeof text,
        "<?xml version=\"1.0\"?><OpenDRIVE><header revMajor=\"1\" revMinor=\"6\" name=\"c\"/><road name=\"r\" "
        "length=\"3000\" id=\"1\" junction=\"-1\" rule=\"RHT\"><type s=\"0\" type=\"motorway\"/><planView><geometry "
        "s=\"0\" x=\"0\" y=\"0\" hdg=\"0\" length=\"3000\"><line/></geometry></planView><lanes><laneSection s=\"0\">"
        "<center><lane id=\"0\" type=\"none\" level=\"false\"/></center><right><lane id=\"-1\" type=\"driving\" "
        "level=\"false\"><width sOffset=\"0\" a=\"3.5\" b=\"0\" c=\"0\" d=\"0\"/><speed sOffset=\"0\" max=\"%g\" "
        "unit=\"m/s\"/></lane><lane id=\"-2\" type=\"driving\" level=\"false\"><width sOffset=\"0\" a=\"3.5\" "
        "b=\"0\" c=\"0\" d=\"0\"/><speed sOffset=\"0\" max=\"%g\" unit=\"m/s\"/></lane></right></laneSection></lanes>"
        "</road></OpenDRIVE>",
        limit, limit);
    cw_map *map;
    cw_error err = {0};
    if (cw_opendrive_read(text, strlen(text), "c.xodr", &map, NULL, &err) != CW_OK)
        fail_msg("%s", err.text);
    return map;
}

static cw_cut_in_outcome run(const cw_cut_in *c, const char *driver) {
    cw_map *map = road(c->ego_speed);
    cw_cut_in_outcome out;
    cw_error err = {0};
    if (cw_cut_in_run(c, map, cw_driver_find(driver), false, &out, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_map_free(map);
    return out;
}

// s until the sides overlap: 1.5 m/s^2 to the lateral speed, then steadily, over 1.6 m.
static double side_by_side(double speed) {
    double rise = speed / 1.5, ramp = 0.5 * speed * rise;
    return ramp >= CW_CUT_IN_BESIDE ? sqrt(2 * CW_CUT_IN_BESIDE / 1.5) : rise + (CW_CUT_IN_BESIDE - ramp) / speed;
}

// Whoever keeps its speed hits the other unless it has gone by before the other is in its way: gap and both lengths at the
// difference of the speeds.
static void who_keeps_its_speed(void **state) {
    (void)state;
    static const double gaps[] = {1, 9, 25, 41}, laterals[] = {0.3, 0.9, 1.7}, others[] = {8, 12};
    const double ego = 20, twist = 0.5; // s to spare: it turns towards the ego
    int hits = 0, passes = 0;
    for (size_t g = 0; g < 4; g++)
        for (size_t l = 0; l < 3; l++)
            for (size_t o = 0; o < 2; o++) {
                cw_cut_in c = {ego, others[o], gaps[g], laterals[l]};
                double gone = (c.gap + 2 * CW_CUT_IN_LENGTH) / (ego - c.other_speed),
                       in = side_by_side(c.lateral_speed);
                if (fabs(gone - in) < twist)
                    continue;
                cw_cut_in_outcome out = run(&c, "constant");
                if (out.hit != (in < gone))
                    fail_msg("gap %g, %g m/s sideways, other at %g: %s", c.gap, c.lateral_speed, c.other_speed,
                             out.hit ? "hit" : "no contact");
                hits += out.hit;
                passes += !out.hit;
                assert_true(out.braking < 0.5F);
            }
    assert_true(hits > 3 && passes > 3);
}

// From 60 km/h it takes 12 m at 8 m/s^2 to be as slow as one at 10 km/h, besides the time until one brakes: 20 m are too few for
// who sees it come over within 1.5 s. 55 m before one at 40 km/h are enough for all.
static void who_brakes(void **state) {
    (void)state;
    static const char *const models[] = {"human", "fsm", "rss"};
    for (int i = 0; i < 3; i++) {
        cw_cut_in near = {60 / 3.6, 10 / 3.6, 20, 1.7}, far = {60 / 3.6, 40 / 3.6, 55, 1.0};
        assert_true(run(&near, models[i]).hit);
        cw_cut_in_outcome out = run(&far, models[i]);
        if (out.hit)
            fail_msg("%s hits at %g m/s", models[i], (double)out.impact);
    }
    cw_cut_in c = {60 / 3.6, 20 / 3.6, 25, 1.0};
    assert_true(run(&c, "human").hash == run(&c, "human").hash);
}

static void a_picture(void **state) {
    (void)state;
    cw_avoidable *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->driver_count = a->speed_count = 1;
    a->lateral_count = 2;
    a->gap_count[0] = 2;
    a->gaps[0][1] = 5;
    a->drivers[0] = "human";
    a->cells[1] = (cw_avoidable_cell){3, 3, 1}; // gap 0, the second lateral speed
    a->cells[0] = (cw_avoidable_cell){3, 0, 0};
    char path[] = "/tmp/avoidable.XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    cw_error err = {0};
    assert_int_equal(cw_show_avoidable(a, CW_ENGLISH, path, &err), CW_OK);
    char *text;
    size_t size;
    assert_int_equal(cw_file_read(path, 0, &text, &size, &err), CW_OK);
    assert_non_null(strstr(text, "fill=\"#323246\" stroke=\"#d00\"")); // all hit, worse than the human
    const char *ground = strstr(text, "fill=\"#fff\"/>");              // all avoided: nothing is drawn on it
    assert_true(ground && !strstr(ground + 1, "fill=\"#fff"));
    assert_non_null(strstr(text, "</svg>"));
    free(text);
    remove(path);
    assert_int_equal(cw_show_avoidable(a, CW_ENGLISH, "/nowhere/there.svg", &err), CW_ERR_IO);
    free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_keeps_its_speed), cmocka_unit_test(who_brakes),
                                       cmocka_unit_test(a_picture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
