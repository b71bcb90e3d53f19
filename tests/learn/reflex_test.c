// The driver reflex: it reads what its policy learned from, its state is flat, weights that are none are refused.
#include "causeway/sense.h"
#include "causeway/world.h"
#include "drive/drivers.h"
#include "learn/crowd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct stand { // a town with everyone in it, as the batch has it
    cw_course *course;
    cw_crowd *crowd;
    cw_arena *arena;
} stand;

static stand begin(uint32_t number) {
    stand s = {.arena = cw_arena_new(0, 0)};
    cw_error err = {0};
    const cw_pick pick = {0, number};
    assert_int_equal(cw_course_new(CW_SEED_TRAINING, 40, 1, 1, &s.course, &err), CW_OK);
    assert_int_equal(cw_crowd_new(s.course, &pick, 1, 1, 1, true, &s.crowd, &err), CW_OK);
    return s;
}

static void end(stand *s) {
    cw_crowd_free(s->crowd);
    cw_course_free(s->course);
    cw_arena_free(s->arena);
}

typedef struct look { // what a driver would see of it
    cw_mission mission;
    cw_obs obs;
    cw_signal_view signals[32];
    cw_track tracks[64];
} look;

// Those of the route's lanes, by lane and place on it. (The batch keeps no places, by which cw_sense_signals would go.)
static void see_signals(const struct cw_world *world, const cw_map *map, look *l) {
    for (uint32_t i = 0; i < l->mission.route.count; i++) {
        uint32_t lane = l->mission.route.lanes[i];
        for (uint32_t k = map->lane_stops[lane]; k < map->lane_stops[lane + 1] && l->obs.signal_count < 32; k++) {
            const cw_stop *stop = &map->stops[k];
            cw_pose at =
                cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = cw_lane_station(map, lane, stop->s)}, NULL);
            bool light = stop->signal != CW_NONE && map->signals[stop->signal].kind == CW_SIGNAL_LIGHT;
            l->signals[l->obs.signal_count++] =
                (cw_signal_view){.signal = stop->signal,
                                 .lane = lane,
                                 .light = light ? cw_world_light(world, stop->signal) : (uint8_t)CW_LIGHT_OFF,
                                 .stop_x = at.x,
                                 .stop_y = at.y,
                                 .stop_travel = stop->s};
        }
    }
}

// Everyone where they are, the nearest first.
static void see_others(const stand *s, uint32_t actor, look *l) {
    uint32_t count = cw_world_actor_count(cw_batch_world(s->crowd->batch, 0));
    const cw_ego *ego = &l->obs.ego;
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    for (uint32_t i = 0; i < count; i++) {
        const cw_bystander *b = &s->crowd->bystanders[i];
        if (i == actor || !b->present)
            continue;
        double dx = b->x - ego->x, dy = b->y - ego->y;
        cw_track t = {.kind = b->kind > 1.5f ? CW_USER_TRUCK : CW_USER_CAR,
                      .x = (float)(dx * cosine + dy * sine),
                      .y = (float)(dy * cosine - dx * sine),
                      .heading = (float)cw_wrap_angle(b->heading - (double)ego->heading),
                      .speed = b->speed,
                      .yaw_rate = b->yaw_rate,
                      .length = b->length,
                      .width = b->width,
                      .place = b->place};
        uint32_t k = l->obs.track_count++;
        for (; k > 0 && l->tracks[k - 1].x * l->tracks[k - 1].x + l->tracks[k - 1].y * l->tracks[k - 1].y >
                            t.x * t.x + t.y * t.y;
             k--)
            l->tracks[k] = l->tracks[k - 1];
        l->tracks[k] = t;
    }
    l->obs.tracks = l->tracks;
}

// False: no lane leads to its goal.
static bool see(stand *s, uint32_t agent, look *l) {
    const struct cw_world *world = cw_batch_world(s->crowd->batch, 0);
    const cw_scene *scene = cw_world_scene(world);
    uint32_t actor = s->crowd->infos[agent].actor;
    const cw_actor *a = &scene->actors[actor];
    memset(l, 0, sizeof *l);
    l->obs = (cw_obs){.period = 0.1f, .map = scene->map, .mission = &l->mission, .signals = l->signals, .range = 150};
    cw_sense_ego(world, actor, &l->obs.ego);
    cw_locate from = cw_locate_at(l->obs.ego.x, l->obs.ego.y), to = cw_locate_at(a->goal_x, a->goal_y);
    from.heading = (double)l->obs.ego.heading;
    cw_lane_place start, goal;
    if (!cw_map_locate(scene->map, &from, &start) || !cw_map_locate(scene->map, &to, &goal) ||
        !cw_route_find(scene->map, start, goal, s->arena, &l->mission.route))
        return false;
    l->obs.ego.place = start;
    l->mission.set_speed = INFINITY;
    l->mission.has_goal = true;
    l->mission.goal_x = a->goal_x;
    l->mission.goal_y = a->goal_y;
    see_signals(world, scene->map, l);
    see_others(s, actor, l);
    return true;
}

static cw_driver_def def_of(const look *l, const char *weights) {
    return (cw_driver_def){
        .map = l->obs.map, .body = l->obs.ego.body, .seed = 1, .period = 0.1f, .weights = weights, .options = weights};
}

static void *driver_for(const look *l) {
    cw_driver_def def = def_of(l, NULL);
    cw_error err = {0};
    void *state = calloc(1, cw_driver_reflex.state_size(&def));
    if (cw_driver_reflex.reset(state, &def, &err) != CW_OK)
        fail_msg("%s", err.text);
    return state;
}

// The same numbers on both ways. (How well others are perceived is another question.)
static void it_reads_what_the_policy_learned_from(void **context) {
    (void)context;
    enum { CHARACTER = CW_REFLEX_AT_TRAITS, SIGNALS = CW_REFLEX_AT_SIGNALS };
    uint32_t compared = 0, with_light = 0, meeting = 0, places = 0, other_place = 0;
    for (uint32_t number = 1; number <= 4; number++) {
        stand s = begin(number);
        for (uint32_t agent = 0; agent < s.crowd->agents; agent++) {
            static look l;
            float learned[CW_REFLEX_FLOATS], driven[CW_REFLEX_FLOATS];
            if (!see(&s, agent, &l))
                continue;
            cw_crowd_encode(s.crowd, agent, learned);
            void *state = driver_for(&l);
            assert_true(cw_reflex_sample(state, &l.obs, driven));
            free(state);
            compared++;
            with_light += learned[SIGNALS] > 0;
            for (uint32_t i = 0; i < CW_REFLEX_USERS; i++)
                meeting += learned[CW_REFLEX_SELF + i * CW_REFLEX_USER + CW_REFLEX_MEETS + 1] > 0;
            for (uint32_t i = 0; i < CW_REFLEX_FLOATS; i++) {
                bool far_goal = i >= 1 && i <= 10 && learned[8] > 0.7f; // it takes a nearer one
                bool beyond = i >= SIGNALS && i < CW_REFLEX_SELF &&
                              (learned[SIGNALS] > 1.1f || learned[SIGNALS + 5] > 1.1f); // of that goal
                bool way = i >= CW_REFLEX_AT_WAY && i < CW_REFLEX_AT_ROOM;              // moved aside by small steps
                float apart = way ? 0.1f : i < CW_REFLEX_SELF ? 0.03f : 0.001f;
                bool taste = (i >= CHARACTER && i < SIGNALS) || (i >= CW_REFLEX_AT_PLAIN && i < CW_REFLEX_SELF);
                if (beyond || taste || (far_goal && (i < 3 || i > 7)))
                    continue;
                uint32_t field = i < CW_REFLEX_SELF ? 0 : (i - CW_REFLEX_SELF) % CW_REFLEX_USER;
                bool room = i >= CW_REFLEX_AT_ROOM && i < CW_REFLEX_AT_TRAITS;
                if (room || field >= CW_REFLEX_SEEN) { // points of the two ways lie up to a step apart
                    other_place += fabsf(learned[i] - driven[i]) > 0.1f;
                    places++;
                    continue;
                }
                if (fabsf(learned[i] - driven[i]) > apart)
                    fail_msg("scene %u, agent %u, number %u: learned from %g, drives by %g", number, agent, i,
                             (double)learned[i], (double)driven[i]);
            }
        }
        end(&s);
    }
    assert_true(compared > 20 && with_light > 5 && meeting > 20);
    print_message("%u of %u\n", other_place, places);
    assert_true(50 * other_place < places);
}

static void it_says_what_it_does(void **context) {
    (void)context;
    stand s = begin(2);
    static look l;
    uint32_t agent = 0;
    while (!see(&s, agent, &l))
        agent++;
    void *state = driver_for(&l);
    cw_decision d;
    cw_driver_reflex.decide(state, &l.obs, &d);
    assert_true(d.valid && d.source == CW_FROM_LEARNED);
    assert_int_equal(d.reason.kind, 0); // it has learned none
    double before = (double)l.obs.ego.speed, x = 0, y = 0;
    assert_true(fabs((double)d.trajectory.speed[0] - cw_max(before + 0.1 * (double)d.control.accel, 0)) < 1e-3);
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) { // each step as long as its speeds say
        double dx = (double)d.trajectory.x[i] - x, dy = (double)d.trajectory.y[i] - y,
               after = (double)d.trajectory.speed[i];
        assert_true(fabs(cw_hypot(dx, dy) - 0.05 * (before + after)) < 5e-3);
        x += dx;
        y += dy;
        before = after;
    }
    // The bytes of its state are all that it remembers.
    cw_driver_def def = def_of(&l, NULL);
    size_t size = cw_driver_reflex.state_size(&def);
    void *copy = malloc(size);
    memcpy(copy, state, size);
    cw_decision a, b;
    l.obs.step = 1;
    cw_driver_reflex.decide(state, &l.obs, &a);
    cw_driver_reflex.decide(copy, &l.obs, &b);
    assert_memory_equal(&a.trajectory, &b.trajectory, sizeof a.trajectory);
    assert_memory_equal(state, copy, size);
    free(copy);
    // Off the map it has nothing to say.
    l.obs.ego.x += 1e5;
    l.obs.ego.place.lane = CW_NONE;
    cw_driver_reflex.decide(state, &l.obs, &a);
    assert_false(a.valid);
    free(state);
    end(&s);
}

static void weights_that_are_none_are_refused(void **context) {
    (void)context;
    static const struct {
        const char *kind, *version, *layout, *why;
    } bad[] = {{"camera", "2", NULL, "kind"},
               {"reflex", "77", NULL, "version"},
               {"reflex", "2", "0123", "observation"},
               {"reflex", "2", NULL, "no tensor"}};
    stand s = begin(2);
    static look l;
    uint32_t agent = 0;
    while (!see(&s, agent, &l))
        agent++;
    char path[64], layout[32];
    snprintf(path, sizeof path, "weights-%ld.safetensors", (long)getpid());
    snprintf(layout, sizeof layout, "%016llx", (unsigned long long)cw_reflex_layout());
    cw_driver_def def = def_of(&l, path);
    void *state = calloc(1, cw_driver_reflex.state_size(&def));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cw_error err = {0};
        const cw_note notes[] = {{"causeway.kind", bad[i].kind},
                                 {"causeway.version", bad[i].version},
                                 {"causeway.observation", bad[i].layout ? bad[i].layout : layout}};
        assert_int_equal(cw_tensors_write(path, notes, 3, NULL, 0, &err), CW_OK);
        assert_int_equal(cw_driver_reflex.reset(state, &def, &err), CW_ERR_INPUT);
        if (!strstr(err.text, bad[i].why))
            fail_msg("\"%s\" does not tell of the %s", err.text, bad[i].why);
    }
    remove(path);
    cw_error err = {0};
    assert_int_equal(cw_driver_reflex.reset(state, &def, &err), CW_ERR_IO);
    free(state);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_reads_what_the_policy_learned_from),
                                       cmocka_unit_test(it_says_what_it_does),
                                       cmocka_unit_test(weights_that_are_none_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
