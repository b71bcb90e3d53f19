// The driver "frozen": an attacker that hangs and does not know it. Its first proposal, the classical driver's, is its answer
// to everything, each time as if it were of now.
#include "drive/attack.h"
#include "drive/drivers.h"
#include <string.h>

typedef struct state {
    uint32_t started, spare;
    cw_decision first;
} state;

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(sizeof(state), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    return cw_attack_reset(memory, sizeof(state), def, "frozen", err);
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    if (!self->started) {
        self->started = 1;
        cw_attack_victim(memory, sizeof *self, obs, &self->first);
    }
    *decision = self->first;
    decision->step = obs->step;
}

const cw_driver cw_driver_frozen = {
    .name = "frozen", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
