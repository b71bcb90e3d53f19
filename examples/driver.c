// A driver of one's own: follows its lane and keeps a distance to whoever is ahead in it. The evaluator does the rest.
//   cc -std=c17 -shared -fPIC -Iinclude examples/driver.c -o mine.so -lm
//   causeway drive scenes/cut_in.xosc --driver ./mine.so
#include "causeway/drive.h"
#include <math.h>

static size_t state_size(const cw_driver_def *def) {
    return def ? 1 : 0; // it remembers nothing
}

static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    return state && def ? CW_OK : cw_error_set(err, CW_ERR_INTERNAL, NULL, 0, 0, "nothing to drive");
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    float x[100], y[100], v = obs->ego.speed, gone = 0,
                          accel = fminf(1, 0.5f * (fminf(obs->mission->set_speed, 30) - v));
    uint32_t lane[100], count = cw_obs_ahead(obs, 2, 100, x, y, lane);
    if (!state || count < 2)
        return; // off the map: the evaluator goes on with its fail-safe
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        for (uint32_t k = 0; t->x > 0 && k < count; k++) // gap to grow to 1.5 s, speeds to become equal
            if (t->place.lane == lane[k])
                accel = fmaxf(-5, fminf(accel, 0.3f * (t->x - t->length / 2 - 6 - 1.5f * v) + 0.8f * (t->vx - v)));
    }
    *decision = (cw_decision){.valid = true, .step = obs->step, .margin = NAN};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) { // along the middle of the lane, a point each 0.1 s
        v = fmaxf(v + 0.1f * accel, 0);
        gone += 0.1f * v;
        uint32_t k = (uint32_t)fminf(gone / 2, (float)(count - 2));
        float part = gone / 2 - (float)k;
        decision->trajectory.x[i] = x[k] + part * (x[k + 1] - x[k]);
        decision->trajectory.y[i] = y[k] + part * (y[k + 1] - y[k]);
        decision->trajectory.speed[i] = v;
    }
    decision->control = cw_obs_follow(obs, &decision->trajectory);
}

static const cw_driver mine = {
    .name = "mine", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
CW_EXPORT_DRIVER(mine);
