// Fuzzy safety model and the regulation's own model of a driver, longitudinal.
#include "causeway/rules.h"

#include <math.h>

static const double gravity = 9.81;

cw_fsm_params cw_fsm_defaults(void) {
    return (cw_fsm_params){.delay = 0.75,
                           .comfort = 4,
                           .brake = 6,
                           .lead_brake = 7,
                           .margin_safe = 2,
                           .margin = 2,
                           .cap = 0.774 * gravity,
                           .jerk = 12.65};
}

// 0 at or above `safe`, 1 at or below `unsafe`, linear between.
static double grade(double gap, double safe, double unsafe) {
    if (gap > safe)
        return 0;
    if (gap < unsafe || !(safe > unsafe))
        return 1;
    return (gap - safe) / (unsafe - safe);
}

double cw_fsm_pfs(const cw_fsm_params *p, double gap, double speed, double lead_speed) {
    double lead = lead_speed * lead_speed / (2 * p->lead_brake), delay = speed * p->delay;
    double safe = delay + speed * speed / (2 * p->comfort) - lead + p->margin_safe;
    double unsafe = delay + speed * speed / (2 * p->brake) - lead;
    return grade(gap - p->margin, safe, unsafe);
}

double cw_fsm_cfs(const cw_fsm_params *p, double gap, double speed, double lead_speed, double accel) {
    if (speed <= lead_speed)
        return 0;
    double a = cw_max(accel, -p->comfort), closing = speed - lead_speed, after = speed + p->delay * a;
    if (after < lead_speed) // reached only with a < 0
        return gap < closing * closing / (2 * fabs(a)) ? 1 : 0;
    double delay = (closing + 0.5 * a * p->delay) * p->delay, rest = (after - lead_speed) * (after - lead_speed);
    return grade(gap, delay + rest / (2 * p->comfort), delay + rest / (2 * p->brake));
}

double cw_fsm_demand(const cw_fsm_params *p, double gap, double speed, double lead_speed, double accel) {
    double cfs = cw_fsm_cfs(p, gap, speed, lead_speed, accel);
    if (cfs > 0)
        return cfs * (p->brake - p->comfort) + p->comfort;
    return cw_fsm_pfs(p, gap, speed, lead_speed) * p->comfort;
}

bool cw_fsm_lateral_safe(const cw_model_input *in) {
    if (in->lateral_gap <= 0)
        return false;
    if (in->lateral_closing <= 0)
        return true;
    double closing = in->speed - in->lead_speed;
    if (closing <= 0) // it is never passed: only the gap along tells
        return false;
    // until ego has passed it: centre to centre and half of each length
    double pass = (in->gap + in->length + in->other_length) / closing;
    return in->lateral_gap / in->lateral_closing > pass + 0.1;
}

bool cw_fsm_step(const cw_fsm_params *p, cw_fsm_state *state, const cw_model_input *in, double dt, double *accel) {
    bool free = !isfinite(in->gap) || in->hazard == CW_HAZARD_NONE || cw_fsm_lateral_safe(in);
    double demand = free ? 0 : cw_fsm_demand(p, cw_max(0, in->gap), in->speed, in->lead_speed, in->accel);
    if (!(demand > 0)) {
        *state = (cw_fsm_state){0};
        return false;
    }
    if (state->waiting + 1e-9 < p->delay) {
        state->waiting += dt;
        return false;
    }
    state->brake = cw_min(state->brake + p->jerk * dt, cw_min(p->cap, demand));
    *accel = -state->brake;
    return true;
}

bool cw_reg157_step(cw_reg157_state *state, const cw_model_input *in, double dt, double *accel) {
    const double near = 0.5, step = 0.1, delay = 0.35, brake = 6.0, jerk = 12.65;
    double closing = in->speed - in->lead_speed;
    if (!state->critical) {
        // The step of 0.1 s that S2 adds is the width of its 10 Hz grid.
        if (!isfinite(in->gap) || in->hazard == CW_HAZARD_NONE || in->lateral_gap > near || closing <= 0 ||
            cw_ttc(in->gap, closing) > cw_r157_cut_in_ttc(closing) + step)
            return false;
        state->critical = true;
    } else if (closing <= 0 && state->brake > 0) {
        *state = (cw_reg157_state){0};
        return false;
    }
    if (state->waiting + 1e-9 < delay) {
        state->waiting += dt;
        return false;
    }
    state->brake = cw_min(state->brake + jerk * dt, brake);
    *accel = -state->brake;
    return true;
}
