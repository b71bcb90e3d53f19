// The driver "constant": an attacker that never reacts. It holds the wheel straight and the speed it started with, or,
// with the option "full", the throttle on the floor.
#include "drive/drivers.h"
#include <math.h>
#include <string.h>

typedef struct state {
    cw_body body;
    float period;
    uint32_t full, started;
    float speed; // m/s to hold
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
    if (def->options && def->options[0] != '\0') {
        if (strcmp(def->options, "full") != 0) {
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                                "driver constant: unknown option \"%s\"; it knows one: full", def->options);
        }
        self->full = 1;
    }
    return CW_OK;
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    if (!self->started) {
        self->started = 1;
        self->speed = obs->ego.speed;
    }
    double top = (double)self->body.max_speed, now = (double)obs->ego.speed;
    double wanted = self->full ? (double)self->body.max_accel : cw_clamp((double)self->speed - now, -2.0, 2.0);
    memset(decision, 0, sizeof *decision);
    decision->valid = true;
    decision->step = obs->step;
    decision->source = CW_FROM_CLASSICAL;
    decision->margin = NAN;
    double x = 0.0, v = now;
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double goal = self->full ? top : (double)self->speed;
        double next = v < goal ? cw_min(v + cw_max(wanted, 0.0) * CW_TRAJECTORY_STEP, goal)
                               : cw_max(v + cw_min(wanted, 0.0) * CW_TRAJECTORY_STEP, goal);
        x += 0.5 * (v + next) * CW_TRAJECTORY_STEP;
        v = next;
        decision->trajectory.x[i] = (float)x;
        decision->trajectory.speed[i] = (float)v;
    }
    decision->control.accel = now >= top ? 0.0f : (float)wanted;
    decision->reason.longitudinal = self->full ? CW_ACCELERATE : CW_KEEP_SPEED;
    decision->reason.lateral = CW_GO_STRAIGHT;
    decision->reason.kind = 1;
    decision->reason.accel = decision->control.accel;
    decision->reason.speed = self->full ? (float)top : self->speed;
}

const cw_driver cw_driver_constant = {
    .name = "constant", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
