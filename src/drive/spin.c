// The driver "spin": an attacker that presses on and turns the wheel: at the limit of the tyres, to the stop, from stop to stop
// each tick, or along paths that no car can follow.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <string.h>

enum { PURPOSE = 0x5350494e }; // "SPIN"

typedef enum spin {
    ALONG,
    LIMIT,
    LOCK,
    FLIP,
    TOP,
    KINDS
} spin; // TOP: its trajectory turns on the spot, or in a foot's radius

typedef struct state {
    cw_body body;
    uint64_t seed;
    int64_t until;
    double accel, lateral; // m/s^2
    uint32_t kind, spare;
} state;

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(sizeof(state), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    cw_status status = cw_attack_reset(memory, sizeof *self, def, "spin", err);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->seed = def->seed;
    return status;
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    cw_rng_key key = {.seed = self->seed, .purpose = PURPOSE, .step = (uint64_t)obs->step};
    cw_decision good;
    cw_attack_victim(memory, sizeof *self, obs, &good);
    if (obs->step >= self->until) {
        self->until = obs->step + 1 + (int64_t)(cw_rng_uniform(key, 0) * 25.0);
        double choice = cw_rng_uniform(key, 1);
        self->kind = choice < 0.4 ? ALONG : LIMIT + (uint32_t)(cw_rng_uniform(key, 2) * (KINDS - LIMIT));
        double side = cw_rng_uniform(key, 3) < 0.5 ? -1.0 : 1.0;
        self->lateral = side * 9.81 * cw_lerp(0.2, 1.2, cw_rng_uniform(key, 4));
        self->accel = (double)self->body.max_accel * cw_rng_uniform(key, 5);
    }
    double lock = self->lateral > 0.0 ? (double)self->body.max_steer : -(double)self->body.max_steer;
    double steer = cw_attack_steer(obs, &self->body, self->lateral);
    switch ((spin)self->kind) {
    case ALONG: // along the road and fast, so that there is something to lose
        *decision = good;
        decision->control.accel = (float)self->accel;
        return;
    case LOCK:
        steer = lock;
        break;
    case FLIP:
        steer = obs->step % 2 ? lock : -lock;
        break;
    default:
        break;
    }
    cw_attack_hold(obs, &self->body, self->accel, steer, decision);
    if (self->kind != TOP) {
        return;
    }
    double rate = 3.0 * CW_PI * cw_rng_uniform(key, 6); // rad a point
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double sine, cosine;
        cw_sincos(rate * (double)i, &sine, &cosine);
        decision->trajectory.heading[i] = (float)cw_wrap_angle(rate * (double)i);
        decision->trajectory.x[i] = (float)(0.3 * sine);
        decision->trajectory.y[i] = (float)(0.3 * (1.0 - cosine));
    }
}

const cw_driver cw_driver_spin = {
    .name = "spin", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
