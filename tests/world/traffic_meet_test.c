// Users of background traffic who meet: in a roundabout, where a lane ends, at a crosswalk; and those who misbehave.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/synth.h"
#include "traffic_town.h"
#include "world/traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static cw_scene *bare(cw_scene *scene) {
    scene->ego = CW_NONE;
    scene->actor_count = scene->action_count = scene->init.count = 0;
    scene->traffic = (cw_traffic){0};
    return scene;
}

// A town of side streets that meet in roundabouts, or at crossings with crosswalks but no lights.
static cw_scene *drawn_town(double roundabouts) {
    cw_town_def def = cw_town_defaults(5);
    def.roundabouts = roundabouts;
    def.crosswalks = 1;
    def.lights = def.traffic = 0;
    def.motorway = false;
    cw_scene *scene;
    cw_error err = {0};
    if (cw_town_make(&def, &scene, &err) != CW_OK)
        fail_msg("%s", err.text);
    return bare(scene);
}

// With a pool of users of whom nobody is there yet.
static cw_world *begin(cw_scene *scene, uint32_t count, double walkers) {
    cw_traffic_params p = cw_traffic_defaults();
    p.vans = p.trucks = p.buses = p.motorcycles = p.cyclists = p.spread = 0;
    p.pedestrians = walkers;
    cw_error err = {0};
    if (cw_scene_add_traffic(scene, count, &p, CW_TRAFFIC_IDM, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 100000000;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s", err.text);
    for (uint32_t i = 0; i < count; i++) {
        cw_agent_leave(world, i);
        world->s.agent_flow[i] = CW_NONE;
    }
    return world;
}

static void put(cw_world *world, uint32_t agent, uint32_t lane, double at, double speed, const uint32_t *way,
                uint32_t count) {
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    s->agent_lane[agent] = lane;
    s->agent_at[agent] = at;
    s->agent_goal[agent] = CW_NONE;
    s->agent_waits[agent] = -1;
    for (uint32_t k = 0; k < CW_AHEAD; k++)
        s->agent_next[CW_AHEAD * agent + k] = k < count ? way[k] : CW_NONE;
    cw_agent_personality(world, agent);
    cw_agent_way(world, agent);
    s->present[actor] = s->visible[actor] = 1;
    s->mover[actor] = CW_MOVED_BY_TRAFFIC;
    s->speed[actor] = (float)speed;
    cw_agent_pose(world, agent);
}

static uint32_t of_kind(const cw_world *world, uint8_t kind) {
    uint32_t agent = 0;
    while (agent < world->traffic->count && world->traffic->bodies[agent].kind != kind)
        agent++;
    assert_true(agent < world->traffic->count);
    return agent;
}

static double speed_of(const cw_world *world, uint32_t agent) {
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    return world->s.present[actor] ? (double)world->s.speed[actor] : (double)INFINITY;
}

static uint32_t contacts(const cw_world *world) {
    const cw_contact *list;
    return cw_world_contacts(world, &list);
}

static void end(cw_world *world, cw_scene *scene) {
    cw_world_free(world);
    cw_scene_free(scene);
}

// ---- roundabouts -----------------------------------------------------------------------------------------------------

// A lane into a ring, the approach before it, and the two lanes of the ring that it meets, one after the other.
typedef struct entry {
    uint32_t approach, in, ring, before;
} entry;

static uint32_t lane_before(const cw_world *world, uint32_t lane, bool ring) {
    const cw_net *net = world->traffic->net;
    const cw_lane *l = &world->map->lanes[lane];
    for (uint32_t k = 0; k < l->previous.count; k++) {
        uint32_t from = world->map->links[l->previous.first + k];
        if ((net->lanes[from].flags & CW_NET_DRIVE) && !(net->lanes[from].flags & CW_NET_RING) == !ring)
            return from;
    }
    return CW_NONE;
}

static entry find_entry(const cw_world *world) {
    const cw_net *net = world->traffic->net;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        const cw_net_lane *l = &net->lanes[i];
        uint32_t approach = l->flags & CW_NET_DRIVE ? lane_before(world, i, false) : CW_NONE;
        if ((l->flags & CW_NET_RING) || approach == CW_NONE || net->lanes[approach].length < 40)
            continue;
        for (uint32_t k = l->crosses; k < l->crosses + l->cross_count; k++) {
            uint32_t ring = net->crosses[k].other;
            uint32_t before = net->lanes[ring].flags & CW_NET_RING ? lane_before(world, ring, true) : CW_NONE;
            if (before != CW_NONE && net->crosses[k].kind != CW_CROSS_SPLIT)
                return (entry){approach, i, ring, before};
        }
    }
    fail_msg("no roundabout");
    return (entry){CW_NONE, CW_NONE, CW_NONE, CW_NONE};
}

// One comes to the ring, at 7 m/s, with another on the ring or without. How slow does each become?
static void meet_at_ring(bool another, double *entering, double *circulating) {
    cw_scene *scene = drawn_town(1);
    cw_world *world = begin(scene, 2, 0);
    entry e = find_entry(world);
    const cw_net *net = world->traffic->net;
    put(world, 0, e.approach, net->lanes[e.approach].length - 22, 7, &e.in, 1);
    if (another)
        put(world, 1, e.before, cw_max(0, net->lanes[e.before].length - 12), 6, &e.ring, 1);
    *entering = *circulating = (double)INFINITY;
    bool in = false;
    for (int i = 0; i < 300 && !in; i++) {
        cw_world_step(world);
        uint32_t lane = world->s.agent_lane[0], other = world->s.agent_lane[1];
        in = lane != e.approach && lane != e.in;
        *entering = cw_min(*entering, speed_of(world, 0));
        if (other == e.before || other == e.ring)
            *circulating = cw_min(*circulating, speed_of(world, 1));
    }
    assert_true(in);
    assert_int_equal(contacts(world), 0);
    end(world, scene);
}

static void who_is_on_the_ring_goes_first(void **unused) {
    (void)unused;
    double entering, circulating, alone, none;
    meet_at_ring(false, &alone, &none);
    meet_at_ring(true, &entering, &circulating);
    assert_true(alone > 2.5);
    assert_true(entering < 0.6 * alone);
    assert_true(circulating > 4);
}

// Between two arms a ring may have less room than a bus is long: it goes in all the same when nobody is there.
static void a_bus_enters_an_empty_ring(void **unused) {
    (void)unused;
    cw_scene *scene = drawn_town(1);
    cw_world *world = begin(scene, 1, 0);
    entry e = find_entry(world);
    world->traffic->bodies[0].front = 9;
    world->traffic->bodies[0].back = 3;
    put(world, 0, e.approach, world->traffic->net->lanes[e.approach].length - 30, 7, &e.in, 1);
    bool in = false;
    for (int i = 0; i < 300 && !in; i++) {
        cw_world_step(world);
        in = world->s.agent_lane[0] != e.approach && world->s.agent_lane[0] != e.in;
    }
    assert_true(in);
    end(world, scene);
}

// One that no agent drives stands across its line before the ring: it has to wait, and is not waited for.
static void who_stands_before_the_ring_is_not_waited_for(void **unused) {
    (void)unused;
    cw_scene *scene = drawn_town(1);
    cw_world *world = begin(scene, 2, 0);
    entry e = find_entry(world);
    const cw_net *net = world->traffic->net;
    put(world, 0, e.before, cw_max(0, net->lanes[e.before].length - 12), 6, &e.ring, 1);
    put(world, 1, e.approach, net->lanes[e.approach].length - (double)world->traffic->bodies[1].front - 0.3, 0, &e.in,
        1);
    world->s.mover[cw_agent_actor(world->traffic, 1)] = CW_MOVED_BY_CONTROL;
    double slowest = (double)INFINITY;
    for (int i = 0; i < 100; i++) {
        cw_world_step(world);
        uint32_t lane = world->s.agent_lane[0];
        if (lane == e.before || lane == e.ring)
            slowest = cw_min(slowest, speed_of(world, 0));
    }
    assert_true(slowest > 4);
    assert_int_equal(contacts(world), 0);
    end(world, scene);
}

// ---- a lane that ends ------------------------------------------------------------------------------------------------

// From a lane that ends into a row of cars beside it.
static void who_must_merge_is_let_in(void **unused) {
    (void)unused;
    enum { ROW = 5 };
    cw_scene *scene = bare(town_little());
    cw_world *world = begin(scene, ROW + 1, 0);
    const cw_net *net = world->traffic->net;
    uint32_t lane = 0;
    while (lane < net->lane_count && !((net->lanes[lane].flags & CW_NET_DRIVE) && net->lanes[lane].next_count == 0 &&
                                       !(net->lanes[lane].flags & CW_NET_EXIT) && net->lanes[lane].length > 60 &&
                                       (net->lanes[lane].left != CW_NONE || net->lanes[lane].right != CW_NONE)))
        lane++;
    assert_true(lane < net->lane_count);
    uint32_t beside = net->lanes[lane].left != CW_NONE ? net->lanes[lane].left : net->lanes[lane].right;
    put(world, ROW, lane, 30, 6, NULL, 0);
    for (uint32_t i = 0; i < ROW; i++)
        put(world, i, beside, 55 - 11 * i, 6, NULL, 0);
    bool merged = false, passed = false;
    for (int i = 0; i < 400 && !(merged && passed); i++) {
        cw_world_step(world);
        merged = merged || (world->s.agent_lane[ROW] != lane && world->s.agent_from[ROW] == CW_NONE);
        passed = true;
        for (uint32_t k = 0; k < ROW; k++)
            passed = passed && world->s.agent_lane[k] != beside;
    }
    assert_true(merged);
    assert_true(passed); // nobody waits for the other for ever
    assert_int_equal(contacts(world), 0);
    end(world, scene);
}

// ---- an on-ramp ------------------------------------------------------------------------------------------------------

// From a ramp onto a motorway where a row of cars comes along: it finds a gap while it rolls, and nobody has to brake hard.
static void who_comes_from_a_ramp_merges_while_rolling(void **unused) {
    (void)unused;
    enum { ROW = 6 };
    cw_town_def def = cw_town_defaults(5);
    def.lights = def.traffic = 0;
    def.motorway = true;
    cw_scene *scene;
    cw_error err = {0};
    if (cw_town_make(&def, &scene, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_world *world = begin(bare(scene), ROW + 1, 0);
    const cw_net *net = world->traffic->net;
    uint32_t lane = 0; // of acceleration, beside the motorway
    while (lane < net->lane_count &&
           !((net->lanes[lane].flags & CW_NET_DRIVE) && net->lanes[lane].next_count == 0 &&
             net->lanes[lane].limit > 20 && !(net->lanes[lane].flags & CW_NET_EXIT) && net->lanes[lane].length > 60 &&
             net->lanes[lane].left != CW_NONE && lane_before(world, lane, false) != CW_NONE))
        lane++;
    assert_true(lane < net->lane_count);
    uint32_t ramp = lane_before(world, lane, false), beside = net->lanes[lane].left;
    double limit = 0.8 * (double)net->lanes[beside].limit, ahead = 0.5 * net->lanes[beside].length;
    put(world, ROW, ramp, cw_max(net->lanes[ramp].length - 20, 0), 15, &lane, 1);
    for (uint32_t i = 0; i < ROW; i++) {
        // Those for whom the lane beside is too short stand on the one before it.
        uint32_t on = beside;
        double at = ahead - 45.0 * i;
        while (at < 5 && (on = lane_before(world, on, false)) != CW_NONE)
            at += net->lanes[on].length;
        assert_true(on != CW_NONE);
        put(world, i, on, at, limit, NULL, 0);
    }
    bool merged = false;
    double slowest = (double)INFINITY, hardest = 0;
    for (int i = 0; i < 300 && !merged; i++) {
        cw_world_step(world);
        slowest = cw_min(slowest, speed_of(world, ROW));
        for (uint32_t k = 0; k < ROW; k++)
            hardest = cw_min(hardest, (double)world->s.agent_accel[k]);
        uint32_t on = world->s.agent_lane[ROW];
        merged = on != ramp && on != lane && world->s.agent_from[ROW] == CW_NONE;
    }
    assert_true(merged);
    assert_true(slowest > 8);
    assert_true(hardest > -4);
    assert_int_equal(contacts(world), 0);
    end(world, scene);
}

// ---- on foot ---------------------------------------------------------------------------------------------------------

static void cars_let_walkers_over_a_crosswalk(void **unused) {
    (void)unused;
    cw_scene *scene = drawn_town(0);
    cw_world *world = begin(scene, 8, 0.5);
    const cw_net *net = world->traffic->net;
    const cw_net_over *over = NULL;
    const cw_net_door *door = net->doors;
    for (; door < net->doors + net->door_count && !over; door++) {
        const cw_net_crosswalk *w = &net->crosswalks[door->crosswalk];
        for (uint32_t k = w->over; k < w->over + w->over_count && !w->lights; k++)
            over = net->over[k].in > 65 ? &net->over[k] : over;
    }
    assert_non_null(over);
    door--;
    uint32_t car = of_kind(world, CW_ACTOR_CAR), walker = of_kind(world, CW_ACTOR_PEDESTRIAN);
    double limit = (double)net->lanes[over->lane].limit;
    put(world, car, over->lane, (double)over->in - 60, 0.9 * limit, NULL, 0);
    put(world, walker, door->lane, door->at, 0, NULL, 0);
    world->s.agent_grant[walker] = door->crosswalk;
    if (door->side > 0)
        world->s.agent_flags[walker] |= CW_AGENT_STOOD;
    double slowest = (double)INFINITY;
    bool set_out = false, over_there = false;
    for (int i = 0; i < 400 && !over_there; i++) {
        cw_world_step(world);
        bool crosses = world->s.agent_flags[walker] & CW_AGENT_CROSSES;
        set_out = set_out || crosses;
        over_there = set_out && !crosses;
        // It stands or comes to stand before the crosswalk.
        if (crosses && world->s.agent_lane[car] == over->lane &&
            world->s.agent_at[car] + (double)world->traffic->bodies[car].front < (double)over->in)
            slowest = cw_min(slowest, speed_of(world, car));
    }
    assert_true(over_there);
    assert_true(slowest < 0.5 * limit);
    assert_int_equal(contacts(world), 0);
    end(world, scene);
}

// ---- misbehaviour on demand ------------------------------------------------------------------------------------------

typedef struct seen {
    uint32_t jaywalks, dashes; // ticks at which somebody crosses away from crosswalks; an animal runs over the road
    double brake;              // the hardest, m/s^2
} seen;

static seen watch(const char *key, double keep_a1) {
    cw_scene *scene = bare(town_little());
    cw_traffic_params p = cw_traffic_defaults();
    cw_error err = {0};
    p.pedestrians = 0.4;
    p.keep_a1 = keep_a1;
    if ((key && cw_traffic_set(&p, key, 600, &err) != CW_OK) ||
        cw_scene_add_traffic(scene, 40, &p, CW_TRAFFIC_IDM, &err) != CW_OK)
        fail_msg("%s", err.text);
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 100000000;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    seen out = {0};
    for (int i = 0; i < 1500; i++) {
        cw_world_step(world);
        for (uint32_t k = 0; k < world->traffic->count; k++) {
            uint32_t actor = cw_agent_actor(world->traffic, k);
            uint8_t kind = world->traffic->bodies[k].kind;
            if (!world->s.present[actor])
                continue;
            bool over = (world->s.agent_flags[k] & CW_AGENT_CROSSES) && world->s.agent_grant[k] == CW_NONE;
            out.jaywalks += kind == CW_ACTOR_PEDESTRIAN && over;
            out.dashes += kind == CW_ACTOR_ANIMAL && over && world->s.speed[actor] > 3;
            if (kind != CW_ACTOR_PEDESTRIAN && kind != CW_ACTOR_ANIMAL && world->s.agent_act[k] != CW_ACT_WRECKED)
                out.brake = cw_max(out.brake, -(double)world->s.accel[actor]);
        }
    }
    end(world, scene);
    return out;
}

static void misbehaviour_comes_when_it_is_asked_for(void **unused) {
    (void)unused;
    seen none = watch(NULL, 0), jaywalk = watch("jaywalk", 0), animal = watch("animal", 0),
         brake = watch("hard_brake", 0);
    seen kept = watch("hard_brake", 1);
    assert_int_equal(none.jaywalks, 0);
    assert_int_equal(none.dashes, 0);
    assert_true(jaywalk.jaywalks > 0);
    assert_true(animal.dashes > 0);
    assert_true(brake.brake > 8.5);
    assert_true(none.brake < 8 && kept.brake < 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_on_the_ring_goes_first),
        cmocka_unit_test(a_bus_enters_an_empty_ring),
        cmocka_unit_test(who_stands_before_the_ring_is_not_waited_for),
        cmocka_unit_test(who_must_merge_is_let_in),
        cmocka_unit_test(who_comes_from_a_ramp_merges_while_rolling),
        cmocka_unit_test(cars_let_walkers_over_a_crosswalk),
        cmocka_unit_test(misbehaviour_comes_when_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
