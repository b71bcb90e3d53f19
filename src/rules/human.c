// The careful and competent human driver of UN R157: perceives, weighs for 0.4 s, waits 0.75 s, brakes.
#include "causeway/rules.h"

#include <math.h>

static const double gravity = 9.81;

cw_human_params cw_human_defaults(void) {
    return (cw_human_params){.perception_wander = 0.375,
                             .perception_decel = 5,
                             .evaluation = 0.4,
                             .evaluation_travel = 0.72,
                             .delay = 0.75,
                             .coast = 0.4,
                             .critical_ttc = 2,
                             .critical_thw = 2,
                             .brake = 0.774 * gravity,
                             .ramp = 0.6,
                             .aeb_brake = 0.85 * gravity,
                             .aeb_ttc = 1.5,
                             .range = 100};
}

static bool perceived(const cw_human_params *p, const cw_model_input *in) {
    if (!(in->gap <= p->range))
        return false;
    switch (in->hazard) {
    case CW_HAZARD_CUT_IN:
    case CW_HAZARD_CUT_OUT:
        return in->wander > p->perception_wander || in->wrap > 0;
    case CW_HAZARD_DECELERATION:
        return in->lead_accel <= -p->perception_decel || in->lead_speed <= 0;
    case CW_HAZARD_NONE:
        break;
    }
    return false;
}

static bool critical(const cw_human_params *p, const cw_model_input *in) {
    if (in->hazard == CW_HAZARD_CUT_IN)
        return cw_ttc(in->gap, in->speed - in->lead_speed) < p->critical_ttc;
    return in->speed > in->lead_speed && cw_thw(in->gap, in->speed) < p->critical_thw;
}

bool cw_human_step(const cw_human_params *p, cw_human_state *state, const cw_model_input *in, double dt,
                   double *accel) {
    const double tick = 1e-9;
    double closing = in->speed - in->lead_speed;
    if (state->critical && (in->hazard == CW_HAZARD_NONE || !isfinite(in->gap) || (state->braking && closing <= 0)))
        *state = (cw_human_state){0}; // over: the speeds are equal or the other is gone
    if (!state->critical) {
        if (!perceived(p, in)) {
            state->perceived = 0;
            return false;
        }
        // At the end of perception the risk is weighed anew each step until it is critical.
        bool weighed = state->perceived + tick >= p->evaluation ||
                       (in->hazard == CW_HAZARD_CUT_IN && in->lateral_travel >= p->evaluation_travel);
        state->perceived += dt;
        if (!weighed || !critical(p, in))
            return false;
        state->critical = true;
    }
    if (in->wrap >= 1 && cw_ttc(in->gap, closing) < p->aeb_ttc)
        state->aeb = true;
    if (!state->aeb && state->waiting + tick < p->delay) {
        state->waiting += dt;
        *accel = -p->coast;
        return true;
    }
    if (!state->braking)
        state->brake = p->coast; // the ramp goes on from there
    state->braking = true;
    double full = state->aeb ? p->aeb_brake : p->brake;
    state->brake = cw_min(full, state->brake + full / p->ramp * dt);
    *accel = -state->brake;
    return true;
}
