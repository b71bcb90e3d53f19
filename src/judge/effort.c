// How hard the ego would have had to brake for whom it follows: DRAC, the deceleration that just avoids the contact at constant
// speed of the other, v_rel^2 / (2 gap), and BTN, the same as a share of what the road gives.
#include "judge/judging.h"

#include <math.h>

static const double nearest = 0.01; // m: at a gap below that they touch, and no deceleration helps

void cw_judge_effort(cw_judging *j) {
    const cw_history *h = &j->h;
    double drac = 0, btn = 0;
    bool known = false;
    for (uint32_t t = j->first; t <= j->last; t++) {
        if (h->touch_count > 0 && h->time[t] >= h->touches[0].time_ns)
            break; // what comes after a contact is no avoiding
        const cw_ego_tick *e = &h->ego_ticks[t];
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || e->lead == CW_NONE || e->wrong_way)
            continue;
        cw_vec2 v = cw_moment_velocity(cw_history_moment(h, t, e->lead));
        double closing = ego->speed - (v.x * ego->box.ux + v.y * ego->box.uy);
        known = true;
        if (closing <= 0 || e->gap < nearest)
            continue; // one that parts asks for nothing, however near
        double needed = closing * closing / (2 * e->gap);
        drac = cw_max(drac, needed);
        btn = cw_max(btn, needed / cw_judging_brake(j, t));
    }
    cw_judging_metric(j, "max_drac_mps2", "m/s^2", known ? drac : (double)NAN);
    cw_judging_metric(j, "max_btn", "", known ? btn : (double)NAN);
}
