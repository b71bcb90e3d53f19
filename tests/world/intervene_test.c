// Interventions change what they say and nothing else, and leave no trace when they are lifted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causeway/format.h"
#include "causeway/scene.h"
#include "causeway/world.h"

typedef struct pair {
    cw_scene *scene;
    cw_world *as_it_was, *changed;
} pair;

static cw_world *start(const cw_scene *scene) {
    cw_world_def def = cw_world_defaults(scene);
    def.drive_ego = false;
    cw_error err = {0};
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s", err.text);
    return world;
}

static pair open_pair(const char *name, uint32_t traffic) {
    char path[1024];
    snprintf(path, sizeof path, "%s/scenes/%s", getenv("CAUSEWAY_SOURCE"), name);
    cw_error err = {0};
    pair p;
    if (cw_scene_read_file(path, NULL, &p.scene, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    if (traffic > 0) {
        cw_traffic_params params = cw_traffic_defaults();
        assert_int_equal(cw_scene_add_traffic(p.scene, traffic, &params, CW_TRAFFIC_IDM, &err), CW_OK);
    }
    p.as_it_was = start(p.scene);
    p.changed = start(p.scene);
    return p;
}

static void close_pair(pair *p) {
    cw_world_free(p->as_it_was);
    cw_world_free(p->changed);
    cw_scene_free(p->scene);
}

static void both_step(pair *p, int steps) {
    for (int i = 0; i < steps; i++) {
        cw_world_step(p->as_it_was);
        cw_world_step(p->changed);
    }
}

static uint32_t actor(const pair *p, const char *name) {
    for (uint32_t i = 0; i < p->scene->actor_count; i++)
        if (strcmp(p->scene->actors[i].name, name) == 0)
            return i;
    fail_msg("nobody is called %s", name);
    return 0;
}

static bool same(const pair *p, uint32_t i) {
    cw_actor_state a, b;
    cw_world_actor(p->as_it_was, i, &a);
    cw_world_actor(p->changed, i, &b);
    return a.x == b.x && a.y == b.y && a.speed == b.speed && a.present == b.present;
}

static void who_is_absent_is_gone_and_nobody_else(void **state) {
    (void)state;
    pair p = open_pair("cut_in.xosc", 0);
    both_step(&p, 300);
    uint32_t lorry = actor(&p, "Lorry");
    assert_true(cw_world_intervene(p.changed, &(cw_intervention){.kind = CW_ACTOR_ABSENT, .item = lorry}, 1));
    for (int i = 0; i < 300; i++) {
        both_step(&p, 1);
        for (uint32_t k = 0; k < p.scene->actor_count; k++)
            if (k != lorry)
                assert_true(same(&p, k));
        cw_actor_state s;
        cw_world_actor(p.changed, lorry, &s);
        assert_false(s.present);
    }
    assert_true(cw_world_hash(p.as_it_was) != cw_world_hash(p.changed));
    close_pair(&p);
}

static void who_is_aside_goes_where_it_would(void **state) {
    (void)state;
    pair p = open_pair("cut_in.xosc", 0);
    both_step(&p, 300);
    uint32_t cut_in = actor(&p, "CutIn"), ego = p.scene->ego;
    // On to the ego itself: nobody touches it there.
    cw_actor_state e, c;
    cw_world_actor(p.changed, ego, &e);
    cw_world_actor(p.changed, cut_in, &c);
    cw_intervention row = {.kind = CW_ACTOR_ASIDE, .item = cut_in, .dx = e.x - c.x, .dy = e.y - c.y};
    assert_true(cw_world_intervene(p.changed, &row, 1));
    for (int i = 0; i < 300; i++) {
        both_step(&p, 1);
        cw_actor_state a, b;
        cw_world_actor(p.as_it_was, cut_in, &a);
        cw_world_actor(p.changed, cut_in, &b);
        assert_true(fabs(b.x - a.x - row.dx) < 1e-9 && fabs(b.y - a.y - row.dy) < 1e-9);
        assert_true(same(&p, ego));
        cw_box hides = cw_world_sight_box(p.changed, cut_in), was = cw_world_box(p.as_it_was, cut_in);
        assert_true(fabs(hides.x - was.x) < 1e-9 && fabs(hides.y - was.y) < 1e-9);
    }
    const cw_contact *contacts;
    assert_int_equal(cw_world_contacts(p.changed, &contacts), 0);
    close_pair(&p);
}

// A table without rows leaves the world as it is: same hashes, step for step.
static void nothing_changes_nothing(void **state) {
    (void)state;
    pair p = open_pair("town.xosc", 0);
    both_step(&p, 100);
    assert_true(cw_world_intervene(p.changed, NULL, 0));
    for (int i = 0; i < 200; i++) {
        both_step(&p, 1);
        assert_true(cw_world_hash(p.as_it_was) == cw_world_hash(p.changed));
    }
    close_pair(&p);
}

// What others draw is keyed by who they are: those who are far from the one that is gone go on to the bit, and nobody takes
// its place in the pool.
static void draws_stay_as_they_are(void **state) {
    (void)state;
    pair p = open_pair("town.xosc", 40);
    both_step(&p, 200);
    uint32_t first = p.scene->traffic.first, gone = CW_NONE;
    cw_actor_state s;
    for (uint32_t i = first; i < first + p.scene->traffic.count && gone == CW_NONE; i++) {
        cw_world_actor(p.changed, i, &s);
        gone = s.present ? i : gone;
    }
    assert_true(gone != CW_NONE);
    cw_world_actor(p.changed, gone, &s);
    double x = s.x, y = s.y;
    assert_true(cw_world_intervene(p.changed, &(cw_intervention){.kind = CW_ACTOR_ABSENT, .item = gone}, 1));
    both_step(&p, 300);
    uint32_t far = 0;
    for (uint32_t i = first; i < first + p.scene->traffic.count; i++) {
        cw_world_actor(p.as_it_was, i, &s);
        if (i == gone || cw_hypot(s.x - x, s.y - y) < 150)
            continue;
        far++;
        assert_true(same(&p, i));
    }
    assert_true(far > 5);
    cw_world_actor(p.changed, gone, &s);
    assert_false(s.present);
    close_pair(&p);
}

static void lights_limits_and_ground(void **state) {
    (void)state;
    pair p = open_pair("town.xosc", 0);
    both_step(&p, 100);
    uint32_t light = 0;
    while (light < p.scene->map->signal_count && p.scene->map->signals[light].kind != CW_SIGNAL_LIGHT)
        light++;
    assert_true(light < p.scene->map->signal_count);
    enum { OFF = 0, GREEN = 4 }; // cw_light
    cw_intervention rows[] = {{.kind = CW_SIGNAL_GREEN, .item = light}, {.kind = CW_LIMITS_DEFAULT}};
    assert_true(cw_world_intervene(p.changed, rows, 2));
    both_step(&p, 10);
    assert_int_equal(cw_world_light(p.changed, light), GREEN);
    const cw_map *told = cw_world_told_map(p.changed);
    assert_true(told != p.scene->map && cw_world_told_map(p.as_it_was) == p.scene->map);
    assert_int_equal(told->told, CW_TOLD_USUAL_LIMITS);
    uint32_t limited = 0;
    for (uint32_t i = 0; i < told->lane_count; i++) {
        double s = told->lanes[i].s0;
        if (cw_lane_limit(p.scene->map, i, s) <= 0)
            continue;
        limited++;
        assert_true(fabs((double)cw_lane_limit(told, i, s) - 50 / 3.6) < 1e-5); // the town's
    }
    assert_true(limited > 0);
    rows[0] = (cw_intervention){.kind = CW_SIGNAL_ABSENT, .item = light};
    rows[1] = (cw_intervention){.kind = CW_LIMITS_ABSENT};
    assert_true(cw_world_intervene(p.changed, rows, 2));
    assert_int_equal(cw_world_light(p.changed, light), OFF);
    assert_true(cw_world_signal_is_absent(p.changed, light) && !cw_world_signal_is_absent(p.as_it_was, light));
    for (uint32_t i = 0; i < told->lane_count; i++)
        assert_true(cw_lane_limit(cw_world_told_map(p.changed), i, told->lanes[i].s0) == 0);
    assert_true(cw_world_intervene(p.changed, NULL, 0));
    assert_true(cw_world_told_map(p.changed) == p.scene->map);
    close_pair(&p);
}

// A run can be forced on to another one's path, and the others on to theirs.
static void paths_can_be_forced(void **state) {
    (void)state;
    pair p = open_pair("cut_in.xosc", 0);
    assert_true(cw_world_intervene(p.as_it_was, NULL, 0) && cw_world_intervene(p.changed, NULL, 0));
    both_step(&p, 100);
    unsigned char *ego = malloc(cw_world_actor_size(p.changed)), *all = malloc(cw_world_state_size(p.changed));
    assert_true(ego && all);
    for (int i = 0; i < 50; i++)
        cw_world_step(p.as_it_was);
    cw_world_actor_save(p.as_it_was, p.scene->ego, ego);
    cw_world_save(p.as_it_was, all);
    cw_world_actor_restore(p.changed, p.scene->ego, ego);
    assert_true(same(&p, p.scene->ego));
    cw_world_hold_others(p.changed, all, p.scene->ego);
    assert_true(cw_world_hash(p.changed) == cw_world_hash(p.as_it_was));
    free(ego);
    free(all);
    close_pair(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_is_absent_is_gone_and_nobody_else),
                                       cmocka_unit_test(who_is_aside_goes_where_it_would),
                                       cmocka_unit_test(nothing_changes_nothing),
                                       cmocka_unit_test(draws_stay_as_they_are),
                                       cmocka_unit_test(lights_limits_and_ground),
                                       cmocka_unit_test(paths_can_be_forced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
