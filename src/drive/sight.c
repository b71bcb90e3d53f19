// What cannot be seen: the speed from which it can still stop before the end of the visible lane (EVALUATOR, clause O1).
#include "drive/situation.h"
#include <math.h>

void cw_sight_apply(situation *now) {
    const cw_obs *obs = now->obs;
    double range = cw_min((double)obs->range, (double)obs->surface.visibility);
    double brake = 0.72 * (double)obs->surface.mu_low * 9.81; // b_e of assumption set A1
    double front = now->s + now->front, seen = cw_max(range - now->front, 0.0);
    bool hidden = false;
    // Anything between that could hide the lane? A leader hides it too, but then the leader is what is kept behind.
    double leader = INFINITY;
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double half = cw_corridor_half(now->c, (double)f->s[0]);
        if ((double)f->s[0] > front - 1.0 && fabs((double)f->d[0]) < half) {
            leader = cw_min(leader, (double)f->s[0] - (double)f->half_s[0]);
        }
    }
    double stop = now->v * now->v / (2.0 * 2.5) + 15.0;
    double most = cw_min(cw_min(stop, seen), cw_min(leader - front, cw_corridor_length(now->c) - front));
    if (obs->wall_count + obs->track_count > 0) {
        double step = 6.0;
        for (double ahead = step; ahead < most; ahead += step) {
            corridor_point p = cw_corridor_at(now->c, front + ahead, 0.0);
            if (!cw_obs_sees(obs, p.x, p.y)) {
                seen = ahead - step;
                hidden = true;
                break;
            }
        }
    }
    double room = cw_max(seen - 1.0, 0.5), delay = 0.3 * brake;
    double v = -delay + sqrt(delay * delay + 2.0 * brake * room);
    if (v < now->wanted + 1.0) {
        because why = {.kind = CW_CAUSE_OCCLUSION,
                       .relation = CW_REL_HIDDEN,
                       .quantity = CW_Q_DISTANCE_M,
                       .item = CW_NONE,
                       .value = (float)seen};
        (void)hidden;
        cw_situation_cap(now, now->s, now->s + 1e6, cw_max(v, 1.5), 2.0, why);
    }
}
