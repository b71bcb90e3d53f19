// The driver "random": an attacker. Each tick it draws a proposal, now one that a car could drive, now one that none
// could (jumps, sideways motion, speeds beyond the engine), now none, a late one or one full of NaN. What it commands
// follows what it proposes, wild as that is.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <math.h>
#include <string.h>

enum { PURPOSE = 0x52414e44 }; // "RAND": keeps these draws apart from everybody else's

typedef struct state {
    cw_body body;
    float period;
    uint64_t seed;
    double accel, steer; // held for a while: pure noise would cancel itself
    int64_t until;
    uint32_t kind, spare;
} state;

static size_t state_size(const cw_driver_def *def) {
    (void)def;
    return sizeof(state);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    memset(self, 0, sizeof *self);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->period = def->period;
    self->seed = def->seed;
    return cw_driver_no_options(def, "random", err);
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    cw_rng_key key = {.seed = self->seed, .world = 0, .agent = 0, .purpose = PURPOSE, .step = (uint64_t)obs->step};
    if (obs->step >= self->until) {
        self->until = obs->step + 1 + (int64_t)(cw_rng_uniform(key, 0) * 20.0);
        double choice = cw_rng_uniform(key, 1);
        self->kind = choice < 0.70 ? 0 : choice < 0.90 ? 1 : choice < 0.94 ? 2 : choice < 0.97 ? 3 : 4;
        double most = (double)self->body.max_accel, least = -(double)self->body.max_brake;
        // Half of the draws press on: a driver that brakes half of its time never gets anywhere dangerous.
        double press = cw_rng_uniform(key, 2);
        self->accel = press < 0.5 ? most * cw_rng_uniform(key, 3) : least + (most - least) * cw_rng_uniform(key, 3);
        double bend = cw_rng_uniform(key, 4) * 2.0 - 1.0;
        self->steer = (double)self->body.max_steer * bend * bend * bend;
        if (cw_rng_uniform(key, 5) < 0.4) {
            self->steer *= 0.02; // nearly straight on, so that it also gets fast
        }
    }
    cw_attack_hold(obs, &self->body, self->accel, self->steer, decision);
    double aside = 0.0, ahead = 0.0;
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS && self->kind == 1; i++) {
        // no car drives so: it jumps, slides sideways and knows no limit
        ahead += 6.0 * (cw_rng_uniform(key, 16 + 3 * i) - 0.5);
        aside += 6.0 * (cw_rng_uniform(key, 17 + 3 * i) - 0.5);
        decision->trajectory.x[i] += (float)ahead;
        decision->trajectory.y[i] += (float)aside;
        decision->trajectory.speed[i] = (float)(100.0 * cw_rng_uniform(key, 18 + 3 * i));
    }
    if (self->kind == 2) {
        decision->valid = false;
    } else if (self->kind == 3) {
        decision->step = obs->step - 1;
    } else if (self->kind == 4) {
        decision->trajectory.x[key.step % CW_TRAJECTORY_POINTS] = NAN;
        decision->control.steer = NAN;
    }
}

const cw_driver cw_driver_random = {
    .name = "random", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
