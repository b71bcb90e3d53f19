// RSS as a driver model, as the comparison of models for R157 has it.
#include "causeway/rules.h"

#include <math.h>

static cw_rss_params params(void) {
    cw_rss_params p = cw_rss_defaults(true);
    p.response = 0.75;
    p.accel = 3;
    p.brake_min = p.brake_max = p.brake_correct = 6;
    p.lat_accel = 1;
    p.fluctuation = 0.3;
    return p;
}

static bool is_safe(const cw_model_input *in) {
    cw_rss_params p = params();
    double along, across;
    // Whoever is faster than the formulas go is not judged by them.
    if (!cw_rss_same_direction(cw_max(0, in->speed), &p, cw_max(0, in->lead_speed), &p, &along) ||
        !cw_rss_lateral(in->lateral_closing, &p, 0, &p, &across))
        return true;
    return in->gap > along || in->lateral_gap > across;
}

bool cw_rss_model_step(cw_rss_model_state *state, const cw_model_input *in, double dt, double *accel) {
    const double jerk = 12.65, hardest = 0.774 * 9.81; // m/s^3, m/s^2
    if (!isfinite(in->gap) || in->hazard == CW_HAZARD_NONE || is_safe(in)) {
        *state = (cw_rss_model_state){0};
        return false;
    }
    if (state->waiting + 1e-9 < params().response) {
        state->waiting += dt;
        return false;
    }
    state->brake = cw_min(state->brake + jerk * dt, hardest);
    *accel = -state->brake;
    return true;
}
