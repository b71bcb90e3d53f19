// The monitor of assumption set A1: it finds nothing in traffic that keeps A1, and something where misbehaviour is asked for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../world/traffic_town.h"
#include "judge/monitor.h"

static cw_monitor *observe(const town_def *town, uint32_t users, const cw_traffic_params *params, double seconds) {
    cw_scene *scene = town_make(town);
    cw_error err = {0};
    if (cw_scene_add_programs(scene, &err) != CW_OK ||
        cw_scene_add_traffic(scene, users, params, CW_TRAFFIC_HUMAN, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 100000000;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    cw_monitor *monitor = cw_monitor_new(world, 0.1);
    assert_non_null(monitor);
    for (int i = 0; i < seconds * 10; i++) {
        cw_monitor_look(monitor, world);
        cw_world_step(world);
    }
    for (int c = 0; c < CW_MONITOR_CLAUSES; c++) {
        uint32_t actor;
        int64_t time;
        uint32_t count = cw_monitor_count(monitor, (cw_monitor_clause)c, &actor, &time);
        if (count > 0)
            print_message("%s: %u, last by %s at %.1f s\n", cw_monitor_clause_name((cw_monitor_clause)c), count,
                          scene->actors[actor].name, (double)time * 1e-9);
    }
    cw_world_free(world);
    cw_scene_free(scene);
    return monitor;
}

static town_def town(int lanes) {
    town_def t = town_defaults();
    t.columns = t.rows = 3;
    t.lanes = lanes;
    t.signs = TOWN_LIGHTS;
    return t;
}

// Hours of driving in dense traffic.
static void traffic_keeps_a1(void **unused) {
    (void)unused;
    cw_traffic_params p = cw_traffic_defaults();
    p.keep_a1 = 1;
    p.cut_in = p.red_light = p.hard_brake = p.wrong_way = p.swerve = 3600; // the switch overrules them
    for (int lanes = 1; lanes <= 3; lanes++) {
        town_def t = town(lanes);
        cw_monitor *m = observe(&t, (uint32_t)(70 * lanes), &p, 1000);
        for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
            assert_int_equal(cw_monitor_count(m, (cw_monitor_clause)c, NULL, NULL), 0);
        cw_monitor_free(m);
    }
}

static void misbehaviour_is_found(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        cw_monitor_clause clause;
    } kinds[] = {{"red_light", CW_MONITOR_RED}, {"cut_in", CW_MONITOR_CUT_IN}, {"wrong_way", CW_MONITOR_ONCOMING}};
    for (int k = 0; k < 3; k++) {
        cw_traffic_params p = cw_traffic_defaults();
        cw_error err = {0};
        assert_int_equal(cw_traffic_set(&p, kinds[k].name, 200, &err), CW_OK);
        town_def t = town(2);
        cw_monitor *m = observe(&t, 120, &p, 300);
        assert_true(cw_monitor_count(m, kinds[k].clause, NULL, NULL) > 0);
        cw_monitor_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(traffic_keeps_a1), cmocka_unit_test(misbehaviour_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
