// A driver of one's own: follows its lane's centre and brakes for what is ahead in it. The evaluator does the rest.
//   cc -std=c17 -shared -fPIC -Iinclude examples/driver.c -o mine.so -lm
//   causeway drive scenes/cut_in.xosc --driver ./mine.so
#include "causeway/drive.h"
#include <math.h>

static size_t state_size(const cw_driver_def *def) {
    return def ? 1 : 0; // it remembers nothing
}

static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    (void)state, (void)def, (void)err;
    return CW_OK;
}

// The lane's centre `ahead` metres on, in the vehicle's frame.
static void centre(const cw_obs *obs, double ahead, float *x, float *y) {
    uint32_t lane = obs->ego.place.lane;
    double travel = cw_lane_travel(obs->map, lane, obs->ego.place.s) + ahead;
    cw_pose p = cw_lane_pose(obs->map, (cw_lane_place){lane, cw_lane_station(obs->map, lane, travel), 0.0}, NULL);
    double c = cw_cos((double)obs->ego.heading), s = cw_sin((double)obs->ego.heading);
    *x = (float)((p.x - obs->ego.x) * c + (p.y - obs->ego.y) * s);
    *y = (float)((p.y - obs->ego.y) * c - (p.x - obs->ego.x) * s);
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    (void)state;
    float v = obs->ego.speed, accel = 0.0f, x, y;
    if (obs->ego.place.lane == CW_NONE)
        return; // nothing to say: the evaluator goes on with its fail-safe
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        if (t->x > 0.0f && t->x < 2.0f * v + 10.0f && t->place.lane == obs->ego.place.lane && t->vx < v)
            accel = -3.0f;
    }
    double ahead = fmax(1.5 * (double)v, 5.0), gone = 0.0;
    centre(obs, ahead, &x, &y);
    *decision = (cw_decision){.valid = true, .step = obs->step, .source = CW_FROM_CLASSICAL, .margin = NAN};
    decision->control = (cw_control){.accel = accel, .steer = 2.0f * obs->ego.body.wheelbase * y / (x * x + y * y)};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        v = fmaxf(v + 0.1f * accel, 0.0f);
        gone += 0.1 * (double)v;
        centre(obs, gone, &decision->trajectory.x[i], &decision->trajectory.y[i]);
        decision->trajectory.speed[i] = v;
    }
}

static const cw_driver mine = {
    .name = "mine", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
CW_EXPORT_DRIVER(mine);
