// Background traffic in the world: flow and density on a ring, right of way, no contact and no red light, and the same run
// under renaming, shifting, mirroring, saving and restoring.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "traffic_town.h"
#include "world/traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g +- %.3g", value, wanted, tolerance);
}

static cw_world *begin(const cw_scene *scene, int64_t dt_ns) {
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = dt_ns;
    def.drive_ego = false;
    cw_error err = {0};
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s", err.text);
    return world;
}

static cw_traffic_params cars_only(void) {
    cw_traffic_params p = cw_traffic_defaults();
    p.vans = p.trucks = p.buses = p.motorcycles = p.cyclists = p.pedestrians = 0;
    p.spread = 0;
    p.keep_a1 = 1;
    return p;
}

static void add(cw_scene *scene, uint32_t count, const cw_traffic_params *params) {
    cw_error err = {0};
    if (cw_scene_add_programs(scene, &err) != CW_OK ||
        cw_scene_add_traffic(scene, count, params, CW_TRAFFIC_IDM, &err) != CW_OK)
        fail_msg("%s", err.text);
}

// Puts an agent on a lane, with its way.
static void put(cw_world *world, uint32_t agent, uint32_t lane, double at, double speed, const uint32_t *way,
                uint32_t count) {
    cw_state *s = &world->s;
    s->agent_lane[agent] = lane;
    s->agent_last[agent] = s->agent_from[agent] = s->agent_goal[agent] = s->agent_grant[agent] = CW_NONE;
    s->agent_at[agent] = at;
    s->agent_waits[agent] = -1;
    s->agent_offset[agent] = s->agent_aim[agent] = 0;
    for (uint32_t k = 0; k < CW_AHEAD; k++)
        s->agent_next[CW_AHEAD * agent + k] = k < count ? way[k] : CW_NONE;
    cw_agent_personality(world, agent);
    cw_agent_way(world, agent);
    uint32_t actor = world->traffic->first + agent;
    s->present[actor] = s->visible[actor] = 1;
    s->mover[actor] = CW_MOVED_BY_TRAFFIC;
    s->speed[actor] = (float)speed;
    cw_agent_pose(world, agent);
}

// ---- following -------------------------------------------------------------------------------------------------------

// On a ring, speed and so flow follow from density by the model's equilibrium.
static void ring_road_has_the_fundamental_diagram(void **unused) {
    (void)unused;
    const uint32_t counts[] = {15, 30, 45, 60};
    for (int k = 0; k < 4; k++) {
        cw_scene *scene = town_ring(1000, 15);
        cw_traffic_params p = cars_only();
        p.time_gap = 1.2;
        add(scene, counts[k], &p);
        cw_world *world = begin(scene, 100000000);
        uint32_t half[2] = {town_lane(scene, "a", -1), town_lane(scene, "b", -1)};
        for (uint32_t i = 0; i < counts[k]; i++) {
            double at = 1000.0 * i / counts[k];
            put(world, i, half[at >= 500], at >= 500 ? at - 500 : at, 5, NULL, 0);
        }
        for (int i = 0; i < 9000; i++)
            cw_world_step(world);
        cw_idm_params idm = cw_agent_idm(world, 0);
        double gap = 1000.0 / counts[k] - 4.5, low = 0, high = idm.speed, sum = 0;
        for (int i = 0; i < 60; i++) {
            double middle = 0.5 * (low + high);
            if (cw_idm_gap(&idm, middle) < gap)
                low = middle;
            else
                high = middle;
        }
        for (uint32_t i = 0; i < counts[k]; i++)
            sum += (double)world->s.speed[i];
        for (uint32_t i = 0; i < counts[k]; i++)
            assert_true(world->s.present[i]);
        near(sum / counts[k], low, 0.02 * low + 0.02); // and so the flow, density times speed
        cw_world_free(world);
        cw_scene_free(scene);
    }
}

// ---- right of way ----------------------------------------------------------------------------------------------------

static uint32_t way_lane(const cw_scene *scene, int arm, int turn) {
    char id[32];
    (void)snprintf(id, sizeof id, "c0_%d_%d_1", arm, turn + 1);
    for (int side = -1; side <= 1; side += 2) {
        uint32_t lane = town_lane(scene, id, side);
        if (lane != CW_NONE)
            return lane;
    }
    return CW_NONE;
}

static uint32_t arm_lane(const cw_scene *scene, int arm, bool mirrored) {
    static const char *const roads[] = {"h0_0", "v0_0", "h-1_0", "v0_-1"};
    bool along = arm == 2 || arm == 3;
    return town_lane(scene, roads[arm], (along ? -1 : 1) * (mirrored ? -1 : 1));
}

typedef struct comer {
    int arm, turn;
    double before, speed; // m before the junction, m/s
} comer;

// Runs them until all are through; order[i] is who came in i-th, stood[k] whether k stood before.
static void come(const town_def *town, const comer *comers, uint32_t count, uint32_t *order, bool *stood) {
    cw_scene *scene = town_make(town);
    cw_traffic_params p = cars_only();
    add(scene, count, &p);
    cw_world *world = begin(scene, 100000000);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = arm_lane(scene, comers[i].arm, town->mirrored),
                 way = way_lane(scene, comers[i].arm, comers[i].turn);
        put(world, i, lane, world->traffic->net->lanes[lane].length - comers[i].before, comers[i].speed, &way, 1);
        stood[i] = false;
    }
    uint32_t in = 0;
    bool entered[8] = {false};
    for (int step = 0; step < 900 && in < count; step++) {
        cw_world_step(world);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t lane = world->s.agent_lane[i];
            if (entered[i])
                continue;
            stood[i] = stood[i] || world->s.speed[i] < 0.2F;
            if (lane != CW_NONE && (world->traffic->net->lanes[lane].flags & CW_NET_JUNCTION)) {
                entered[i] = true;
                order[in++] = i;
            }
        }
    }
    assert_int_equal(in, count);
    const cw_contact *contacts;
    assert_int_equal(cw_world_contacts(world, &contacts), 0);
    cw_world_free(world);
    cw_scene_free(scene);
}

// Both come at once; the one from the right goes first, from the left where traffic keeps left. Arms: 0 east, 3 south.
static void right_before_left(void **unused) {
    (void)unused;
    for (int mirrored = 0; mirrored < 2; mirrored++) {
        town_def town = town_defaults();
        town.limit = 30 / 3.6;
        town.mirrored = mirrored;
        uint32_t order[2];
        bool stood[2];
        const comer a[] = {{3, 0, 40, 8}, {0, 0, 40, 8}}; // of the one from the south, east is to the right
        come(&town, a, 2, order, stood);
        assert_int_equal(order[0], 1);
        const comer b[] = {{0, 0, 40, 8}, {1, 0, 40, 8}}; // of the one from the east, north is to the right
        come(&town, b, 2, order, stood);
        assert_int_equal(order[0], 1);
    }
}

static void who_turns_across_lets_the_oncoming_pass(void **unused) {
    (void)unused;
    town_def town = town_defaults();
    uint32_t order[2];
    bool stood[2];
    const comer left[] = {{2, 1, 40, 9}, {0, 0, 45, 12}};
    come(&town, left, 2, order, stood);
    assert_int_equal(order[0], 1);
    const comer both[] = {{2, 0, 40, 9}, {0, 0, 45, 9}}; // straight on against straight on: nobody waits
    come(&town, both, 2, order, stood);
    assert_false(stood[0] || stood[1]);
}

static void all_way_stop_is_first_come_first_served(void **unused) {
    (void)unused;
    town_def town = town_defaults();
    town.signs = TOWN_ALL_STOP;
    uint32_t order[4];
    bool stood[4];
    const comer four[] = {{0, 0, 70, 9}, {1, 0, 35, 9}, {2, 0, 90, 9}, {3, 0, 50, 9}};
    come(&town, four, 4, order, stood);
    const uint32_t wanted[] = {1, 3, 0, 2};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(order[i], wanted[i]);
        assert_true(stood[i]);
    }
}

static void the_minor_road_yields(void **unused) {
    (void)unused;
    town_def town = town_defaults();
    town.signs = TOWN_PRIORITY_X;
    uint32_t order[2];
    bool stood[2];
    const comer two[] = {{3, 0, 30, 8}, {2, 0, 50, 12}}; // from the right, but without priority
    come(&town, two, 2, order, stood);
    assert_int_equal(order[0], 1);
    assert_false(stood[1]);
}

// ---- a whole town ----------------------------------------------------------------------------------------------------

typedef struct watch {
    double vehicle_seconds;
    uint32_t contacts, red;
    double farthest_still; // s for which the most patient stood
} watch;

// Who crosses a stop line at red: by places before and after the step, apart from what the traffic itself believes.
static uint32_t red_crossings(const cw_world *world, const uint32_t *lane, const double *s0) {
    const cw_map *map = world->map;
    uint32_t red = 0;
    for (uint32_t i = 0; i < world->scene->actor_count; i++) {
        uint32_t now = world->s.place_lane[i];
        const cw_actor *a = &world->scene->actors[i];
        if (!world->s.present[i] || lane[i] == CW_NONE || !cw_lane_drivable(&map->lanes[lane[i]]) ||
            a->kind == CW_ACTOR_PEDESTRIAN)
            continue;
        double front = (double)(a->center_x + a->length / 2), was = cw_lane_travel(map, lane[i], s0[i]) + front;
        double is = now == lane[i] ? cw_lane_travel(map, now, world->s.place_s[i]) + front
                                   : was + (double)world->s.speed[i] * world->dt;
        for (uint32_t k = map->lane_stops[lane[i]]; k < map->lane_stops[lane[i] + 1]; k++) {
            const cw_stop *stop = &map->stops[k];
            red += stop->signal != CW_NONE && map->signals[stop->signal].kind == CW_SIGNAL_LIGHT && stop->s >= was &&
                   stop->s < is && world->s.light[stop->signal] == 1 && is - was < 5;
        }
    }
    return red;
}

static watch observe(cw_scene *scene, uint32_t users, const cw_traffic_params *params, double seconds) {
    add(scene, users, params);
    cw_world *world = begin(scene, 100000000);
    uint32_t n = scene->actor_count;
    uint32_t *lane = calloc(n, sizeof *lane);
    double *s0 = calloc(n, sizeof *s0), *still = calloc(n, sizeof *still);
    watch w = {0};
    if (!lane || !s0 || !still)
        abort();
    for (int step = 0; step < seconds * 10; step++) {
        for (uint32_t i = 0; i < n; i++) {
            lane[i] = world->s.present[i] ? world->s.place_lane[i] : CW_NONE;
            s0[i] = world->s.place_s[i];
        }
        cw_world_step(world);
        assert_true(cw_world_ended(world) == CW_GOES_ON);
        w.red += red_crossings(world, lane, s0);
        for (uint32_t i = 0; i < n; i++) {
            bool drives = world->s.present[i] && scene->actors[i].kind != CW_ACTOR_PEDESTRIAN;
            w.vehicle_seconds += drives ? 0.1 : 0;
            still[i] = drives && world->s.speed[i] < 0.1F ? still[i] + 0.1 : 0;
            w.farthest_still = cw_max(w.farthest_still, still[i]);
        }
    }
    const cw_contact *contacts;
    w.contacts = cw_world_contacts(world, &contacts);
    for (uint32_t i = 0; i < w.contacts && i < 3; i++)
        print_message("contact at %.1f s: %s and %s\n", (double)contacts[i].time_ns * 1e-9,
                      scene->actors[contacts[i].a].name,
                      contacts[i].b == CW_NONE ? "a thing" : scene->actors[contacts[i].b].name);
    free(lane);
    free(s0);
    free(still);
    cw_world_free(world);
    return w;
}

static void nobody_touches_and_nobody_crosses_red(void **unused) {
    (void)unused;
    double total = 0;
    cw_traffic_params p = cw_traffic_defaults();
    p.keep_a1 = 1;
    for (int k = 0; k < 4; k++) {
        town_def town = town_defaults();
        town.columns = town.rows = 3;
        town.lanes = k == 0 ? 1 : 2;
        town.signs = k == 2 ? TOWN_BARE : k == 3 ? TOWN_ALL_STOP : TOWN_LIGHTS;
        town.lanes = k >= 2 ? 1 : town.lanes;
        cw_scene *scene = town_make(&town);
        watch w = observe(scene, k < 2 ? 100 : 70, &p, 350);
        assert_int_equal(w.contacts, 0);
        assert_int_equal(w.red, 0);
        assert_true(w.farthest_still < 200); // it flows
        total += w.vehicle_seconds;
        cw_scene_free(scene);
    }
    assert_true(total > 1e5);
}

// The little town, with walkers on its crosswalk and a lane that ends.
static void the_town_flows(void **unused) {
    (void)unused;
    cw_scene *scene;
    cw_error err = {0};
    cw_scenario_options options = {0};
    char path[1024];
    const char *root = getenv("CAUSEWAY_SOURCE");
    snprintf(path, sizeof path, "%s/scenes/town.xodr", root ? root : ".");
    if (cw_scene_read_file(path, &options, &scene, &err) != CW_OK)
        fail_msg("%s", err.text);
    scene->ego = CW_NONE;
    scene->actor_count = scene->action_count = scene->init.count = 0;
    cw_traffic_params p = cw_traffic_defaults();
    p.keep_a1 = 1;
    watch w = observe(scene, 35, &p, 600);
    assert_int_equal(w.contacts, 0);
    assert_int_equal(w.red, 0);
    assert_true(w.farthest_still < 200);
    cw_scene_free(scene);
}

// Runs a world; each pair of boxes that lie in each other after a step must be among its contacts. How many do?
static uint32_t overlaps_in(cw_world *world, int steps) {
    const cw_scene *scene = world->scene;
    uint32_t overlaps = 0;
    for (int step = 0; step < steps; step++) {
        cw_world_step(world);
        const cw_contact *contacts;
        uint32_t count = cw_world_contacts(world, &contacts);
        for (uint32_t a = 0; a < scene->actor_count; a++)
            for (uint32_t b = a + 1; b < scene->actor_count; b++) {
                if (!world->s.present[a] || !world->s.present[b] ||
                    cw_hypot(world->s.x[a] - world->s.x[b], world->s.y[a] - world->s.y[b]) > 30)
                    continue;
                cw_box one = cw_world_box(world, a), other = cw_world_box(world, b);
                if (!cw_box_overlap(&one, &other))
                    continue;
                bool found = false;
                for (uint32_t i = 0; i < count && !found; i++)
                    found = contacts[i].a == a && contacts[i].b == b;
                if (!found)
                    fail_msg("step %d: %s lies in %s", step, scene->actors[a].name, scene->actors[b].name);
                overlaps++;
            }
    }
    return overlaps;
}

// Most pairs are not looked at, since places on lanes tell that they are apart. None that overlaps is missed: where the map
// does not say that roads cross, where drivers do what they should not, and where one runs into the next.
static void every_overlap_is_a_contact(void **unused) {
    (void)unused;
    for (int k = 0; k < 3; k++) {
        town_def town = town_defaults();
        town.columns = town.rows = town.lanes = 2;
        cw_scene *scene = k == 0 ? town_crossing(500, 14) : k == 1 ? town_make(&town) : town_straight(2000, 1, 30);
        cw_traffic_params p = k == 2 ? cars_only() : cw_traffic_defaults();
        p.pedestrians = 0;
        p.cut_in = p.swerve = p.hard_brake = p.wrong_way = k == 1 ? 60 : 0;
        add(scene, 80, &p);
        cw_world *world = begin(scene, k == 0 ? 100000000 : 20000000);
        uint32_t lane = town_lane(scene, "a", -1);
        for (uint32_t i = 0; k == 2 && i < 80; i++)
            put(world, i, lane, 20 + 40 * (i / 2) + 8 * (i % 2), i % 2 == 0 ? 25 : 0, NULL, 0);
        assert_true(overlaps_in(world, k == 0 ? 600 : k == 1 ? 3000 : 50) > 0);
        cw_world_free(world);
        cw_scene_free(scene);
    }
}

// Misbehaviour on demand does happen.
static void misbehaviour_shows(void **unused) {
    (void)unused;
    town_def town = town_defaults();
    town.columns = town.rows = 2;
    town.signs = TOWN_LIGHTS;
    cw_scene *scene = town_make(&town);
    cw_traffic_params p = cw_traffic_defaults();
    p.red_light = 60;
    watch w = observe(scene, 40, &p, 120);
    assert_true(w.red > 0);
    cw_scene_free(scene);
}

// ---- the same run ----------------------------------------------------------------------------------------------------

typedef struct run {
    cw_scene *scene;
    cw_world *world;
} run;

static run start_grid(const town_def *town, int64_t dt_ns) {
    run r = {.scene = town_make(town)};
    cw_traffic_params p = cw_traffic_defaults();
    p.keep_a1 = 1;
    add(r.scene, 60, &p);
    r.world = begin(r.scene, dt_ns);
    return r;
}

static void end(run *r) {
    cw_world_free(r->world);
    cw_scene_free(r->scene);
}

static town_def usual(void) {
    town_def town = town_defaults();
    town.columns = town.rows = 2;
    town.lanes = 2;
    town.signs = TOWN_LIGHTS;
    return town;
}

static void the_same_under_other_names_elsewhere_and_mirrored(void **unused) {
    (void)unused;
    town_def one = usual();
    run a = start_grid(&one, 100000000);
    for (int i = 0; i < 600; i++)
        cw_world_step(a.world);
    for (int k = 0; k < 3; k++) {
        town_def other = usual();
        other.prefix = k == 0 ? "zz" : "";
        other.x = k == 1 ? 10000 : 0;
        other.y = k == 1 ? -7000 : 0;
        other.mirrored = k == 2;
        run b = start_grid(&other, 100000000);
        for (int i = 0; i < 600; i++)
            cw_world_step(b.world);
        uint32_t moved = 0;
        for (uint32_t i = 0; i < a.scene->actor_count; i++) {
            assert_int_equal(a.world->s.present[i], b.world->s.present[i]);
            if (!a.world->s.present[i])
                continue;
            moved++;
            near(b.world->s.x[i] - other.x, a.world->s.x[i], 1e-4);
            near((b.world->s.y[i] - other.y) * (k == 2 ? -1 : 1), a.world->s.y[i], 1e-4);
            near((double)b.world->s.speed[i], (double)a.world->s.speed[i], 1e-4);
        }
        assert_true(moved > 30);
        end(&b);
    }
    end(&a);
}

static void goes_on_from_a_saved_state(void **unused) {
    (void)unused;
    town_def town = usual();
    run a = start_grid(&town, 10000000), b = start_grid(&town, 10000000);
    for (int i = 0; i < 1537; i++) // between two ticks
        cw_world_step(a.world);
    size_t size = cw_world_state_size(a.world);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    cw_world_save(a.world, bytes);
    for (int i = 0; i < 700; i++) // elsewhere meanwhile
        cw_world_step(b.world);
    cw_world_restore(b.world, bytes);
    for (int i = 0; i < 2000; i++) {
        cw_world_step(a.world);
        cw_world_step(b.world);
        if (cw_world_hash(a.world) != cw_world_hash(b.world))
            fail_msg("differs after %d steps", i + 1);
    }
    free(bytes);
    end(&a);
    end(&b);
}

// ---- blue lights -----------------------------------------------------------------------------------------------------

// One drives 40 m ahead of another. How far to the edge does the first keep after 6 s (m), and how fast is it (m/s)?
static void followed(bool siren, float *offset, float *speed) {
    cw_scene *scene = town_straight(1000, 1, 14);
    cw_traffic_params p = cars_only();
    p.emergency = 1e-9; // nobody is drawn as one: the test says who is
    add(scene, 2, &p);
    cw_world *world = begin(scene, 100000000);
    uint32_t lane = CW_NONE;
    for (uint32_t i = 0; i < world->map->lane_count && lane == CW_NONE; i++)
        if (world->traffic->net->lanes[i].flags & CW_NET_DRIVE)
            lane = i;
    assert_true(lane != CW_NONE);
    put(world, 0, lane, 100, 12, NULL, 0);
    put(world, 1, lane, 140, 12, NULL, 0);
    if (siren)
        world->s.agent_flags[0] |= CW_AGENT_EMERGENCY;
    for (int i = 0; i < 60; i++)
        cw_world_step(world);
    assert_int_equal(world->s.agent_lane[1], lane);
    assert_int_equal(world->s.contact_count[0], 0);
    *offset = world->s.agent_offset[1];
    *speed = world->s.speed[world->traffic->first + 1];
    cw_world_free(world);
    cw_scene_free(scene);
}

static void who_hears_a_siren_keeps_to_the_edge_and_slows_down(void **unused) {
    (void)unused;
    float offset, speed, calm_offset, calm_speed;
    followed(false, &calm_offset, &calm_speed);
    followed(true, &offset, &speed);
    near((double)calm_offset, 0, 1e-6);
    assert_true(offset < -0.3F); // traffic keeps right
    assert_true(speed < 0.8F * calm_speed);
}

// ---- demand ----------------------------------------------------------------------------------------------------------

static void demand_is_met_or_said_to_be_not(void **unused) {
    (void)unused;
    const double rates[] = {0.2, 5}; // a second: one that a lane can take, one that it cannot
    for (int k = 0; k < 2; k++) {
        cw_scene *scene = town_straight(600, 1, 50 / 3.6);
        cw_traffic_params p = cars_only();
        add(scene, 0, &p);
        cw_position nowhere = {.entity = CW_NONE, .road = CW_NONE, .route = CW_NONE, .trajectory = CW_NONE};
        cw_flow flow = {.name = "west",
                        .kind = CW_FLOW_DEMAND,
                        .from_start = true,
                        .rate = rates[k],
                        .speed_low = (double)NAN,
                        .speed_high = (double)NAN,
                        .position = nowhere,
                        .destination = nowhere,
                        .entity = CW_NONE,
                        .same_way = (double)NAN};
        flow.position.kind = CW_AT_LANE;
        flow.position.road = 0;
        flow.position.lane = -1;
        flow.position.s = 1;
        cw_error err = {0};
        assert_int_equal(cw_scene_add_flows(scene, &flow, 1, 120, &err), CW_OK);
        cw_world *world = begin(scene, 100000000);
        bool said = false;
        for (int i = 0; i < 2000; i++) {
            cw_world_step(world);
            const cw_said *lines;
            uint32_t count = cw_world_events(world, &lines);
            for (uint32_t n = 0; n < count; n++)
                said = said || strstr(lines[n].in[CW_ENGLISH], "demand cannot be met");
        }
        if (k == 0)
            near(world->s.flow_made[0], 0.2 * 200, 2);
        assert_int_equal(said, k == 1);
        assert_int_equal(world->s.flow_lost[0] > 0, k == 1);
        cw_world_free(world);
        cw_scene_free(scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_road_has_the_fundamental_diagram),
        cmocka_unit_test(right_before_left),
        cmocka_unit_test(who_turns_across_lets_the_oncoming_pass),
        cmocka_unit_test(all_way_stop_is_first_come_first_served),
        cmocka_unit_test(the_minor_road_yields),
        cmocka_unit_test(nobody_touches_and_nobody_crosses_red),
        cmocka_unit_test(the_town_flows),
        cmocka_unit_test(every_overlap_is_a_contact),
        cmocka_unit_test(misbehaviour_shows),
        cmocka_unit_test(the_same_under_other_names_elsewhere_and_mirrored),
        cmocka_unit_test(goes_on_from_a_saved_state),
        cmocka_unit_test(who_hears_a_siren_keeps_to_the_edge_and_slows_down),
        cmocka_unit_test(demand_is_met_or_said_to_be_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
