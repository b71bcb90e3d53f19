// The driver "late": an attacker whose answers are the classical driver's, but come some decisions after the question, say
// so or claim to be of now, or do not come.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <math.h>
#include <string.h>

enum { PURPOSE = 0x4c415445, KEPT = 32 }; // "LATE"; a power of two

typedef enum lateness { PROMPT, OLD, FORGED, AHEAD, MISSING, KINDS } lateness; // AHEAD: answers what was not asked yet

typedef struct state {
    uint64_t seed;
    int64_t until, first; // decisions; the first one of all
    uint32_t kind, delay; // delay in decisions
    uint32_t started, spare;
    cw_decision said[KEPT]; // answer to decision k at k % KEPT
} state;

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(sizeof(state), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    cw_status status = cw_attack_reset(memory, sizeof *self, def, "late", err);
    self->seed = def->seed;
    return status;
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    if (!self->started) {
        self->started = 1;
        self->first = obs->step;
    }
    if (obs->step >= self->until) {
        cw_rng_key key = {.seed = self->seed, .purpose = PURPOSE, .step = (uint64_t)obs->step};
        double choice = cw_rng_uniform(key, 1), length = cw_rng_uniform(key, 2);
        self->kind = choice < 0.35 ? PROMPT : OLD + (uint32_t)(cw_rng_uniform(key, 3) * (KINDS - OLD));
        self->delay = 1 + (uint32_t)(cw_rng_uniform(key, 4) * (KEPT - 2));
        // Claiming to be of now may go on for long: that it is old shows only in where it leads.
        double most = self->kind == PROMPT ? 40.0 : self->kind == FORGED ? 30.0 : 8.0;
        self->until = obs->step + 1 + (int64_t)(length * most);
    }
    cw_decision *now = &self->said[(uint64_t)obs->step % KEPT];
    memset(now, 0, sizeof *now);
    cw_attack_victim(memory, sizeof *self, obs, now);
    int64_t asked = obs->step - (int64_t)self->delay;
    asked = asked < self->first ? self->first : asked;
    bool late = self->kind == OLD || self->kind == FORGED;
    *decision = late ? self->said[(uint64_t)asked % KEPT] : *now;
    if (self->kind == FORGED) {
        decision->step = obs->step;
    } else if (self->kind == AHEAD) {
        decision->step = obs->step + (int64_t)self->delay;
    } else if (self->kind == MISSING) {
        decision->valid = false;
    }
}

const cw_driver cw_driver_late = {
    .name = "late", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
