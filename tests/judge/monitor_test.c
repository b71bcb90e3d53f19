// The monitor of assumption set A1: it finds nothing in traffic that keeps A1, and something where misbehaviour is asked for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../world/traffic_town.h"
#include "causeway/format.h"
#include "causeway/synth.h"
#include "judge/monitor.h"
#include "world/traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// Watches a scene, and frees it.
static cw_monitor *observe(cw_scene *scene, uint32_t users, const cw_traffic_params *params, double seconds) {
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
        cw_monitor *m = observe(town_make(&t), (uint32_t)(70 * lanes), &p, 1000);
        for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
            assert_int_equal(cw_monitor_count(m, (cw_monitor_clause)c, NULL, NULL), 0);
        cw_monitor_free(m);
    }
    town_def bare = town(1);
    bare.signs = TOWN_BARE; // right before left
    cw_monitor *rights = observe(town_make(&bare), 60, &p, 1000);
    for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
        assert_int_equal(cw_monitor_count(rights, (cw_monitor_clause)c, NULL, NULL), 0);
    cw_monitor_free(rights);
    p.pedestrians = 0.5;
    p.jaywalk = p.animal = 3600;
    cw_monitor *m = observe(town_little(), 60, &p, 1000);
    for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
        assert_int_equal(cw_monitor_count(m, (cw_monitor_clause)c, NULL, NULL), 0);
    cw_monitor_free(m);
}

// ---- each clause by hand: cars that are put where the test says, look by look -----------------------------------------

typedef struct stage {
    cw_scene *scene;
    cw_world *world;
    cw_monitor *monitor;
} stage;

static stage begin(cw_scene *scene, double walkers) {
    cw_traffic_params p = cw_traffic_defaults();
    p.vans = p.trucks = p.buses = p.motorcycles = p.cyclists = p.spread = 0;
    p.pedestrians = walkers;
    cw_error err = {0};
    if (cw_scene_add_traffic(scene, 4, &p, CW_TRAFFIC_IDM, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 100000000;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    for (uint32_t i = 0; i < world->traffic->count; i++)
        cw_agent_leave(world, i);
    stage out = {scene, world, cw_monitor_new(world, 0.1)};
    assert_non_null(out.monitor);
    return out;
}

static void put(stage *st, uint32_t agent, uint32_t lane, double at, double offset, double speed) {
    cw_state *s = &st->world->s;
    uint32_t actor = st->world->traffic->first + agent;
    s->agent_lane[agent] = lane;
    s->agent_at[agent] = at;
    s->agent_offset[agent] = (float)offset;
    s->present[actor] = s->visible[actor] = 1;
    s->mover[actor] = CW_MOVED_BY_TRAFFIC;
    s->speed[actor] = (float)speed;
    cw_agent_pose(st->world, agent);
}

static void look(stage *st) {
    cw_monitor_look(st->monitor, st->world);
    st->world->s.step[0]++;
}

// Breaches of a clause; those of all others but one must be none.
static uint32_t end_but(stage *st, cw_monitor_clause clause, cw_monitor_clause other) {
    for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
        if (c != (int)clause && c != (int)other && cw_monitor_count(st->monitor, (cw_monitor_clause)c, NULL, NULL) > 0)
            fail_msg("%s", cw_monitor_clause_name((cw_monitor_clause)c));
    uint32_t count = cw_monitor_count(st->monitor, clause, NULL, NULL);
    cw_monitor_free(st->monitor);
    cw_world_free(st->world);
    cw_scene_free(st->scene);
    return count;
}

static uint32_t end(stage *st, cw_monitor_clause clause) {
    return end_but(st, clause, clause);
}

// Towards one that stands, at 15 m/s; brakes from `when` on.
static uint32_t follows(double when, double brake) {
    stage st = begin(town_straight(400, 1, 20), 0);
    uint32_t lane = town_lane(st.scene, "a", -1);
    double at = 20, speed = 15;
    for (int i = 0; i < 80 && at < 95; i++) {
        put(&st, 0, lane, at, 0, speed);
        put(&st, 1, lane, 100, 0, 0);
        look(&st);
        at += 0.1 * speed;
        speed = i * 0.1 >= when ? cw_max(speed - 0.1 * brake, 0) : speed;
    }
    return end(&st, CW_MONITOR_FOLLOWER);
}

static void who_follows_without_braking_breaks_a1(void **unused) {
    (void)unused;
    assert_true(follows(100, 0) > 0);
    assert_true(follows(3.6, 2) > 0); // too little
    assert_int_equal(follows(3.6, 5), 0);
    assert_int_equal(follows(1, 2), 0); // gentle, but early
}

// Level with one on the lane to its left, or 30 m behind it, to that offset within 2 s.
static uint32_t wanders(double offset, double behind) {
    stage st = begin(town_straight(400, 2, 20), 0);
    uint32_t left = town_lane(st.scene, "a", -1), lane = town_lane(st.scene, "a", -2);
    for (int i = 0; i < 40; i++) {
        put(&st, 0, lane, 20 + 1.5 * i, offset * cw_min(i / 20.0, 1), 15);
        put(&st, 1, left, 20 + behind + 1.5 * i, 0, 15);
        look(&st);
    }
    return end(&st, CW_MONITOR_WANDER);
}

static void who_wanders_towards_one_beside_breaks_a1(void **unused) {
    (void)unused;
    assert_true(wanders(0.5, 1) > 0);
    assert_int_equal(wanders(0.25, 1), 0);
    assert_int_equal(wanders(-0.5, 1), 0);
    assert_int_equal(wanders(0.5, 30), 0);
}

// Over to the left lane at `rate` m/s across, from `start` m on; one follows on its own lane, one on the left, and what
// stands on its lane at 150 m is left out where `blocked` says so.
static stage goes_over(double start, double rate, bool blocked) {
    stage st = begin(town_straight(600, 2, 20), 0);
    uint32_t left = town_lane(st.scene, "a", -1), right = town_lane(st.scene, "a", -2);
    for (int i = 0; i < 80; i++) {
        double at = 60 + 1.5 * i, moved = cw_clamp(rate * (at - start) / 15, 0, 3.5);
        put(&st, 0, moved > 1.75 ? left : right, at, moved > 1.75 ? moved - 3.5 : moved, 15);
        put(&st, 1, left, at - 50, 0, 15);
        if (at < 140)
            put(&st, 2, right, at - 40, 0, 15);
        else
            cw_agent_leave(st.world, 2);
        if (blocked)
            put(&st, 3, right, 150, 0, 0);
        look(&st);
    }
    return st;
}

static void a_cut_in_is_seen_coming(void **unused) {
    (void)unused;
    stage fast = goes_over(80, 3, false), slow = goes_over(80, 1, false);
    assert_true(end(&fast, CW_MONITOR_SEEN) > 0);
    assert_int_equal(end(&slow, CW_MONITOR_SEEN), 0);
}

static void a_cut_out_begins_in_time(void **unused) {
    (void)unused;
    stage late = goes_over(125, 1.6, true), early = goes_over(95, 1.6, true), nothing = goes_over(125, 1.6, false);
    assert_int_equal(end(&nothing, CW_MONITOR_CUT_OUT), 0);
    assert_int_equal(end(&early, CW_MONITOR_CUT_OUT), 0);
    assert_true(end_but(&late, CW_MONITOR_CUT_OUT, CW_MONITOR_FOLLOWER) > 0); // nor did it brake
}

// One on the first way at 8 m/s; one on the second at 12 m/s is `before` m from where their ways meet when the first comes there.
static const char *const from_south = "c0_3_1_1", *const from_west = "c0_2_1_1";
static uint32_t crosses(town_signs signs, bool mirrored, const char *first, const char *second, int8_t priority,
                        double before) {
    town_def t = town_defaults();
    t.signs = signs;
    t.mirrored = mirrored;
    stage st = begin(town_make(&t), 0);
    const cw_map *map = st.world->map;
    int id = mirrored ? 1 : -1;
    uint32_t lane[2] = {town_lane(st.scene, first, id), town_lane(st.scene, second, id)}, from[2];
    const cw_conflict *c = NULL;
    for (uint32_t k = 0; k < map->lanes[lane[0]].conflicts.count; k++)
        if (map->conflicts[map->lanes[lane[0]].conflicts.first + k].other == lane[1])
            c = &map->conflicts[map->lanes[lane[0]].conflicts.first + k];
    assert_non_null(c);
    assert_int_equal(c->priority, priority);
    double front = (double)st.world->traffic->bodies[0].front, meet = (c->s_in - front + 40) / 8;
    for (int k = 0; k < 2; k++)
        from[k] = map->links[map->lanes[lane[k]].previous.first];
    for (int i = 0; i < meet * 10 + 5; i++) {
        double at[2] = {-40 + 0.8 * i, c->other_in - front - before + 12 * (0.1 * i - meet)};
        for (uint32_t k = 0; k < 2; k++)
            put(&st, k, at[k] < 0 ? from[k] : lane[k], at[k] < 0 ? map->lanes[from[k]].length + at[k] : at[k], 0,
                k == 0 ? 8 : 12);
        look(&st);
    }
    return end(&st, CW_MONITOR_JUNCTION);
}

static void who_takes_the_right_of_way_breaks_a1(void **unused) {
    (void)unused;
    // Over a priority road.
    assert_true(crosses(TOWN_PRIORITY_X, false, from_south, from_west, -1, 8) > 0);
    assert_int_equal(crosses(TOWN_PRIORITY_X, false, from_south, from_west, -1, 80), 0);
    assert_int_equal(crosses(TOWN_PRIORITY_X, false, from_south, from_west, -1, -15), 0); // it is through
    // Without signs the right goes before the left; where all halt, the first to come.
    assert_true(crosses(TOWN_BARE, false, from_west, from_south, 0, 8) > 0);
    assert_int_equal(crosses(TOWN_BARE, false, from_west, from_south, 0, 80), 0);
    assert_int_equal(crosses(TOWN_BARE, false, from_south, from_west, 0, 8), 0);
    assert_int_equal(crosses(TOWN_ALL_STOP, false, from_west, from_south, 0, 8), 0);
    // Seen in a mirror, where traffic keeps left, the left goes before the right.
    assert_true(crosses(TOWN_BARE, true, from_west, from_south, 0, 8) > 0);
    assert_int_equal(crosses(TOWN_BARE, true, from_south, from_west, 0, 8), 0);
}

// A town of roundabouts whose signs say nothing.
static cw_scene *rings(void) {
    cw_town_def def = cw_town_defaults(5);
    def.roundabouts = 1;
    def.crosswalks = def.lights = def.traffic = 0;
    def.motorway = false;
    cw_scene *scene;
    cw_error err = {0};
    if (cw_town_make(&def, &scene, &err) != CW_OK)
        fail_msg("%s", err.text);
    scene->ego = CW_NONE;
    scene->actor_count = scene->action_count = scene->init.count = 0;
    scene->traffic = (cw_traffic){0};
    const cw_map *map = scene->map;
    for (uint32_t i = 0; i < map->lane_count; i++)
        for (uint32_t k = 0; k < map->lanes[i].conflicts.count; k++)
            ((cw_conflict *)(uintptr_t)map->conflicts)[map->lanes[i].conflicts.first + k].priority = 0;
    return scene;
}

// One comes into a ring at 5 m/s when one on the ring, at 8 m/s, is `before` m from where their ways meet.
static uint32_t enters_ring(double before) {
    stage st = begin(rings(), 0);
    const cw_map *map = st.world->map;
    const cw_net *net = st.world->traffic->net; // which lanes are rings, as the traffic sees it
    const cw_conflict *c = NULL;
    for (uint32_t i = 0; i < map->lane_count && !c; i++)
        for (uint32_t k = 0; k < map->lanes[i].conflicts.count && !c; k++) {
            const cw_conflict *one = &map->conflicts[map->lanes[i].conflicts.first + k];
            bool enters = !(net->lanes[i].flags & CW_NET_RING) && (net->lanes[one->other].flags & CW_NET_RING);
            if (enters && one->priority == 0 && one->s_in > 5 && one->other_in > 10 && map->lanes[i].next.count > 0)
                c = one;
        }
    assert_non_null(c);
    double front = (double)st.world->traffic->bodies[0].front, meet = 5;
    uint32_t from = map->links[map->lanes[c->lane].previous.first],
             earlier = map->links[map->lanes[c->other].previous.first];
    for (int i = 0; i < meet * 10 + 5; i++) {
        double at[2] = {c->s_in - front + 5 * (0.1 * i - meet), c->other_in - front - before + 8 * (0.1 * i - meet)};
        put(&st, 0, at[0] < 0 ? from : c->lane, at[0] < 0 ? map->lanes[from].length + at[0] : at[0], 0, 5);
        if (at[1] + map->lanes[earlier].length > 0)
            put(&st, 1, at[1] < 0 ? earlier : c->other, at[1] < 0 ? map->lanes[earlier].length + at[1] : at[1], 0, 8);
        else
            put(&st, 1, earlier, 0, 0, 8);
        look(&st);
    }
    return end(&st, CW_MONITOR_JUNCTION);
}

static void who_enters_a_ring_before_one_on_it_breaks_a1(void **unused) {
    (void)unused;
    assert_true(enters_ring(3) > 0);
    assert_int_equal(enters_ring(60), 0);
    cw_traffic_params p = cw_traffic_defaults();
    p.keep_a1 = 1;
    cw_monitor *m = observe(rings(), 60, &p, 600);
    for (int c = 0; c < CW_MONITOR_CLAUSES; c++)
        assert_int_equal(cw_monitor_count(m, (cw_monitor_clause)c, NULL, NULL), 0);
    cw_monitor_free(m);
}

// A walker comes to the road's edge `ahead` m before a car at 14 m/s, heading for it or along it.
static uint32_t steps_out(double ahead, bool along) {
    stage st = begin(town_straight(400, 1, 20), 0.5);
    cw_state *s = &st.world->s;
    uint32_t lane = town_lane(st.scene, "a", -1), car = 0, walker = 0;
    while (st.world->traffic->bodies[car].kind != CW_ACTOR_CAR)
        car++;
    while (st.world->traffic->bodies[walker].kind != CW_ACTOR_PEDESTRIAN)
        walker++;
    uint32_t w = st.world->traffic->first + walker;
    for (int i = 0; i < 10; i++) {
        double at = 100 + 1.4 * i;
        put(&st, car, lane, at, 0, 14);
        put(&st, walker, lane, at, 0, 1.5);
        s->x[w] = s->x[st.world->traffic->first + car] + ahead + 2;
        s->y[w] = -5.5 + 0.15 * i; // the edge is at -3.5
        s->heading[w] = along ? 0 : CW_PI / 2;
        s->place_lane[w] = CW_NONE;
        s->place_on[w] = 0;
        look(&st);
    }
    return end(&st, CW_MONITOR_JAYWALKER);
}

static void who_steps_out_too_near_breaks_a1(void **unused) {
    (void)unused;
    assert_true(steps_out(12, false) > 0);
    assert_int_equal(steps_out(12, true), 0);
    assert_int_equal(steps_out(40, false), 0);
}

// ---- misbehaviour ----------------------------------------------------------------------------------------------------

static void misbehaviour_is_found(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        cw_monitor_clause clause;
    } kinds[] = {{"red_light", CW_MONITOR_RED},
                 {"cut_in", CW_MONITOR_CUT_IN},
                 {"wrong_way", CW_MONITOR_ONCOMING},
                 {"swerve", CW_MONITOR_WANDER}};
    for (int k = 0; k < 4; k++) {
        cw_traffic_params p = cw_traffic_defaults();
        cw_error err = {0};
        assert_int_equal(cw_traffic_set(&p, kinds[k].name, 200, &err), CW_OK);
        town_def t = town(2);
        cw_monitor *m = observe(town_make(&t), 120, &p, 300);
        assert_true(cw_monitor_count(m, kinds[k].clause, NULL, NULL) > 0);
        cw_monitor_free(m);
    }
    cw_traffic_params p = cw_traffic_defaults();
    p.pedestrians = 0.5;
    p.jaywalk = 3600;
    cw_monitor *m = observe(town_little(), 60, &p, 300);
    assert_true(cw_monitor_count(m, CW_MONITOR_JAYWALKER, NULL, NULL) > 0);
    cw_monitor_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traffic_keeps_a1),
        cmocka_unit_test(who_follows_without_braking_breaks_a1),
        cmocka_unit_test(who_wanders_towards_one_beside_breaks_a1),
        cmocka_unit_test(a_cut_in_is_seen_coming),
        cmocka_unit_test(a_cut_out_begins_in_time),
        cmocka_unit_test(who_takes_the_right_of_way_breaks_a1),
        cmocka_unit_test(who_enters_a_ring_before_one_on_it_breaks_a1),
        cmocka_unit_test(who_steps_out_too_near_breaks_a1),
        cmocka_unit_test(misbehaviour_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
