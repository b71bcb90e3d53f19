#include "causeway/cut_in.h"
#include "causeway/fork.h"
#include "causeway/run.h"
#include "causeway/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 351 };

static const double lateral_accel = 1.5, sideways = CW_CUT_IN_BESIDE + CW_CUT_IN_WIDTH; // m/s^2, m
static const double lane = -5.25, calm = 1;                                             // m; s

// It speeds up sideways, goes on, and is at rest in the middle of the ego's lane.
static double gone_aside(double t, double speed) {
    double rise = speed / lateral_accel, ramp = 0.5 * speed * rise;
    if (2 * ramp > sideways) { // it is there before it is so fast
        rise = sqrt(sideways / lateral_accel);
        speed = lateral_accel * rise;
        ramp = 0.5 * sideways;
    }
    if (!(speed > 0))
        return 0;
    double steady = (sideways - 2 * ramp) / speed, left = 2 * rise + steady - t;
    if (left <= 0)
        return sideways;
    return t < rise            ? 0.5 * lateral_accel * t * t
           : t < rise + steady ? ramp + speed * (t - rise)
                               : sideways - 0.5 * lateral_accel * left * left;
}

static void lay(const cw_cut_in *c, cw_sample *samples) {
    for (int i = 0; i < SAMPLES; i++) {
        double t = i * CW_CUT_IN_PERIOD;
        double aside = gone_aside(t, c->lateral_speed),
               across = (gone_aside(t + 0.01, c->lateral_speed) - aside) / 0.01;
        samples[i] = (cw_sample){.time = t,
                                 .x = CW_CUT_IN_START + CW_CUT_IN_LENGTH + c->gap + c->other_speed * t,
                                 .y = lane + sideways - aside,
                                 .heading = (float)cw_atan2(-across, cw_max(c->other_speed, 0.1)), // as cars do
                                 .speed = (float)cw_hypot(c->other_speed, across)};
    }
}

static cw_actor car(const char *name) {
    return (cw_actor){.name = name,
                      .model = "",
                      .kind = CW_ACTOR_CAR,
                      .length = (float)CW_CUT_IN_LENGTH,
                      .width = (float)CW_CUT_IN_WIDTH,
                      .height = 1.5F,
                      .center_z = 0.75F,
                      .starts = true,
                      .trailer = CW_NONE};
}

// Is it over: the ego is slower and behind, or has left the other behind?
static bool is_over(const cw_world *world, double *since) {
    cw_actor_state ego, other;
    cw_world_actor(world, 0, &ego);
    cw_world_actor(world, 1, &other);
    double gap = other.x - ego.x - CW_CUT_IN_LENGTH;
    bool in = fabs(other.y - lane) < 0.3, slower = (double)ego.speed < (double)other.speed - 0.1 && gap > 0;
    if (gap < -3 * CW_CUT_IN_LENGTH)
        return true;
    *since = in && slower ? *since + CW_CUT_IN_PERIOD : 0;
    return *since > calm;
}

static void drive(cw_fork *fork, cw_cut_in_outcome *out) {
    cw_world *world = cw_fork_world(fork);
    double since = 0;
    for (int64_t tick = 0; (double)tick * CW_CUT_IN_PERIOD < CW_CUT_IN_TIME && !out->hit; tick++) {
        cw_fork_tick t = cw_fork_decide_unasked(fork, tick);
        if (t.driven)
            out->braking = (float)cw_max((double)out->braking, -(double)t.decision->control.accel);
        for (int i = 0; i < 10 && cw_world_ended(world) == CW_GOES_ON && !out->hit; i++) {
            cw_world_step(world);
            const cw_contact *list;
            if (cw_world_contacts(world, &list) > 0) {
                out->hit = true;
                out->impact = list[0].impact_speed;
            }
        }
        if (cw_world_ended(world) != CW_GOES_ON || is_over(world, &since))
            break;
    }
    out->hash = cw_world_hash(world);
}

cw_status cw_cut_in_run(const cw_cut_in *c, const cw_map *map, const cw_driver *driver, bool evaluator,
                        cw_cut_in_outcome *out, cw_error *err) {
    *out = (cw_cut_in_outcome){0};
    cw_sample samples[SAMPLES];
    lay(c, samples);
    cw_actor actors[2] = {car("Ego"), car("CutIn")};
    actors[1].samples = samples;
    actors[1].sample_count = SAMPLES;
    actors[1].stays = true;
    cw_scene scene = {.name = "cut-in",
                      .author = "",
                      .description = "",
                      .version = "",
                      .origin = CW_FROM_RECORDING,
                      .map = map,
                      .borrows_map = true,
                      .actor_count = 2,
                      .actors = actors,
                      .ego = 0,
                      .dt = CW_CUT_IN_PERIOD,
                      .duration = CW_CUT_IN_TIME,
                      .dry_friction = 1,
                      .start_x = CW_CUT_IN_START,
                      .start_y = lane,
                      .start_speed = (float)c->ego_speed,
                      .has_start = true,
                      .mission_route = CW_NONE};
    cw_episode_def def = cw_episode_defaults(&scene);
    def.driver = driver;
    def.evaluator = evaluator;
    cw_fork *fork;
    cw_status status = cw_fork_open(&def, &fork, err);
    if (status != CW_OK)
        return status;
    drive(fork, out);
    cw_fork_close(fork);
    return CW_OK;
}
