// The driver "razor": an attacker that drives on the edge of what the evaluator permits. It carries an evaluator of its own,
// fed with what the real one is fed with, and so knows beforehand what will verify: between the classical driver's proposal
// and a bad one (full throttle, hard to the side, all brakes) it finds by bisection the worst that still does.
#include "causeway/evaluator.h"
#include "drive/attack.h"
#include "drive/drivers.h"
#include <math.h>
#include <string.h>

enum { PURPOSE = 0x52415a4f, HALVINGS = 4 }; // "RAZO"

typedef struct state {
    cw_body body;
    float period;
    uint64_t seed;
    int64_t until;         // the bad proposal is another from this decision on
    double accel, lateral; // of the bad one, m/s^2; accel NAN: as the good one
    size_t shadow;         // bytes from here: its evaluator, then a copy of it to try with
} state;

static size_t own_size(void) {
    return cw_attack_room(sizeof(state)) + 2 * cw_attack_room(cw_evaluator_size());
}

static size_t state_size(const cw_driver_def *def) {
    return cw_attack_size(own_size(), def);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    cw_status status = cw_attack_reset(memory, own_size(), def, "razor", err);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->period = def->period;
    self->seed = def->seed;
    self->shadow = cw_attack_room(sizeof *self);
    cw_evaluator_def shadow = {.map = def->map, .body = def->body, .period = def->period};
    cw_evaluator_reset((cw_evaluator *)((char *)memory + self->shadow), &shadow);
    return status;
}

static void draw_corner(state *self, int64_t step) {
    cw_rng_key key = {.seed = self->seed, .purpose = PURPOSE, .step = (uint64_t)step};
    double choice = cw_rng_uniform(key, 0), grip = 0.9 * 9.81, most = (double)self->body.max_accel;
    double side = cw_rng_uniform(key, 1) < 0.5 ? -1.0 : 1.0;
    self->until = step + 10 + (int64_t)(cw_rng_uniform(key, 2) * 50.0);
    self->lateral = choice < 0.5 ? 0.0 : side * grip * cw_rng_uniform(key, 3);
    self->accel = choice < 0.8 ? most : choice < 0.95 ? (double)NAN : -(double)self->body.max_brake;
}

// The share `bad` of the way from the good proposal to the corner.
static void mix(const state *self, const cw_obs *obs, const cw_decision *good, double bad, cw_decision *out) {
    double accel = (double)good->control.accel, steer = (double)good->control.steer;
    double worst = isnan(self->accel) ? accel : self->accel;
    double aside = self->lateral == 0.0 ? steer : cw_attack_steer(obs, &self->body, self->lateral);
    if (self->lateral != 0.0) {
        cw_attack_hold(obs, &self->body, cw_lerp(accel, worst, bad), cw_lerp(steer, aside, bad), out);
    } else { // along the good one's path
        *out = *good;
        out->control.accel = (float)cw_lerp(accel, worst, bad);
    }
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    size_t size = cw_evaluator_size();
    cw_evaluator *shadow = (cw_evaluator *)((char *)memory + self->shadow);
    cw_evaluator *copy = (cw_evaluator *)((char *)memory + self->shadow + cw_attack_room(size));
    cw_decision good, tried, executed;
    cw_verification why;
    cw_attack_victim(memory, own_size(), obs, &good);
    if (obs->step >= self->until) {
        draw_corner(self, obs->step);
    }
    *decision = good;
    const cw_decision *proposal = &tried;
    double low = 0.0, high = 1.0, bad = 1.0;
    for (int i = 0; i <= HALVINGS && low < 1.0; i++) {
        mix(self, obs, &good, bad, &tried);
        memcpy(copy, shadow, size);
        cw_evaluator_decide(copy, obs, &proposal, 1, &executed, &why);
        if (why.accepted == 0) {
            *decision = tried;
            low = bad;
        } else {
            high = bad;
        }
        bad = 0.5 * (low + high);
    }
    proposal = decision;
    cw_evaluator_decide(shadow, obs, &proposal, 1, &executed, &why);
    decision->margin = why.margin[0];
    decision->reason.kind = 0; // it has none
    decision->reason.count = 0;
}

const cw_driver cw_driver_razor = {
    .name = "razor", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
