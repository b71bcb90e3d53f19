// A driver of one's own: keeps 2 s to whatever is ahead. Steering, and all that this one forgets, is the evaluator's.
//   cc -std=c17 -shared -fPIC -Iinclude examples/driver.c -o mine.so
//   causeway drive scenes/cut_in.xosc --driver ./mine.so
#include "causeway/drive.h"

static size_t state_size(const cw_driver_def *def) {
    return def ? 1 : 0;
}
static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    (void)state, (void)def, (void)err;
    return CW_OK;
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    (void)state;
    float v = obs->ego.speed, accel = 0.0f, x = 0.0f;
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        if (t->x > 0.0f && t->x < 2.0f * v + 10.0f && t->y > -2.0f && t->y < 2.0f)
            accel = -3.0f;
    }
    *decision = (cw_decision){.valid = true, .step = obs->step, .source = CW_FROM_CLASSICAL, .control.accel = accel};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        v = v + 0.1f * accel > 0.0f ? v + 0.1f * accel : 0.0f;
        decision->trajectory.x[i] = x += 0.1f * v;
        decision->trajectory.speed[i] = v;
    }
}

static const cw_driver mine = {
    .name = "mine", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
CW_EXPORT_DRIVER(mine);
