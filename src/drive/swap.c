// The driver "swap": an attacker that alternates between the classical driver's proposal and one that contradicts it: the
// throttle for the brakes, the other hand for the wheel, or the trajectory of the one with the control of the other.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <string.h>

enum { PURPOSE = 0x53574150 }; // "SWAP"

typedef enum contradiction { GOOD, PEDALS, WHEEL, BOTH, WORDS, KINDS } contradiction; // what is turned round

typedef struct state {
    cw_body body;
    uint64_t seed;
    int64_t until;    // this pair alternates until this decision
    uint32_t every;   // decisions between two changes
    uint32_t kind[2]; // the pair
    uint32_t spare;
} state;

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(sizeof(state), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    cw_status status = cw_attack_reset(memory, sizeof *self, def, "swap", err);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->seed = def->seed;
    return status;
}

static void contradict(const state *self, const cw_obs *obs, contradiction kind, cw_decision *decision) {
    double steer = (double)decision->control.steer;
    double accel = decision->control.accel < 0.0f ? (double)self->body.max_accel : -(double)self->body.max_brake;
    double aside = cw_attack_steer(obs, &self->body, steer > 0.0 ? -4.0 : 4.0); // m/s^2: hard, within the grip
    cw_trajectory said = decision->trajectory;
    if (kind == PEDALS) {
        cw_attack_hold(obs, &self->body, accel, steer, decision);
    } else if (kind == WHEEL) {
        cw_attack_hold(obs, &self->body, (double)decision->control.accel, aside, decision);
    } else if (kind != GOOD) {
        cw_attack_hold(obs, &self->body, accel, aside, decision);
    }
    if (kind == WORDS) {
        decision->trajectory = said;
    }
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    if (obs->step >= self->until) {
        cw_rng_key key = {.seed = self->seed, .purpose = PURPOSE, .step = (uint64_t)obs->step};
        self->until = obs->step + 10 + (int64_t)(cw_rng_uniform(key, 0) * 60.0);
        self->every = 1 + (uint32_t)(cw_rng_uniform(key, 1) * cw_rng_uniform(key, 2) * 8.0);
        self->kind[1] = 1 + (uint32_t)(cw_rng_uniform(key, 3) * (KINDS - 1));
        // Mostly against the good one, now and then two bad ones against each other.
        self->kind[0] = cw_rng_uniform(key, 4) < 0.8 ? GOOD : 1 + (uint32_t)(cw_rng_uniform(key, 5) * (KINDS - 1));
    }
    cw_attack_victim(memory, sizeof *self, obs, decision);
    uint64_t turn = (uint64_t)obs->step / self->every % 2;
    contradict(self, obs, (contradiction)self->kind[turn], decision);
}

const cw_driver cw_driver_swap = {
    .name = "swap", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
