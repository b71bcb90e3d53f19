// The driver "nan": an attacker whose answers are the classical driver's but for numbers here and there that are none, that
// are infinite, or that are beyond all measure.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { PURPOSE = 0x4e414e21, PLACES = 12 }; // "NAN!"

typedef struct state {
    uint64_t seed;
} state;

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(sizeof(state), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    cw_status status = cw_attack_reset(memory, sizeof *self, def, "nan", err);
    self->seed = def->seed;
    return status;
}

static float *place(cw_decision *d, uint32_t which, uint32_t point) {
    cw_cause *cause = &d->reason.cause[point % CW_CAUSES];
    float *const places[PLACES] = {&d->trajectory.x[point],
                                   &d->trajectory.y[point],
                                   &d->trajectory.heading[point],
                                   &d->trajectory.speed[point],
                                   &d->control.accel,
                                   &d->control.steer,
                                   &d->margin,
                                   &d->reason.accel,
                                   &d->reason.speed,
                                   &cause->value,
                                   &cause->effect,
                                   &d->trajectory.speed[CW_TRAJECTORY_POINTS - 1]};
    return places[which];
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    enum { NUMBERS = 9 };
    static const float numbers[NUMBERS] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 1e30f, FLT_MIN, 1e3f, -1e3f};
    state *self = memory;
    cw_rng_key key = {.seed = self->seed, .purpose = PURPOSE, .step = (uint64_t)obs->step};
    cw_attack_victim(memory, sizeof *self, obs, decision);
    // In bursts, so that the good answers in between lead somewhere.
    cw_rng_key burst = {.seed = self->seed, .purpose = PURPOSE + 1, .step = (uint64_t)obs->step / 16};
    if (cw_rng_uniform(key, 0) >= cw_rng_uniform(burst, 0)) {
        return;
    }
    uint32_t count = 1 + (uint32_t)(cw_rng_uniform(key, 1) * 3.0);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t which = (uint32_t)(cw_rng_uniform(key, 2 + 3 * i) * PLACES);
        uint32_t point = (uint32_t)(cw_rng_uniform(key, 3 + 3 * i) * CW_TRAJECTORY_POINTS);
        *place(decision, which, point) = numbers[(uint32_t)(cw_rng_uniform(key, 4 + 3 * i) * NUMBERS)];
    }
}

const cw_driver cw_driver_nan = {
    .name = "nan", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
