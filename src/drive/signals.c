// Lights and stop signs: where the front must hold.
#include "drive/situation.h"

static const double dilemma = 3.5; // m/s^2: a yellow light is stopped for when no more than this is needed

static because about(const cw_signal_view *view, uint8_t kind, uint8_t relation, double ahead) {
    return (because){.kind = kind,
                     .relation = relation,
                     .quantity = CW_Q_DISTANCE_M,
                     .item = view->signal,
                     .value = (float)cw_max(ahead, 0.0)};
}

void cw_signals_apply(situation *now, uint32_t *stopped_at) {
    const cw_obs *obs = now->obs;
    for (uint32_t i = 0; i < obs->signal_count; i++) {
        const cw_signal_view *view = &obs->signals[i];
        double s = cw_corridor_find(now->c, view->lane, view->stop_travel);
        if (!(s > now->s - 5.0) || view->signal >= obs->map->signal_count) {
            continue; // not on the corridor, or behind
        }
        double ahead = s - now->s - now->front;
        if (ahead < -1.0) {
            continue; // across the line: clear the junction
        }
        double needed = ahead > 0.05 ? now->v * now->v / (2.0 * ahead) : now->v < 0.3 ? 0.0 : 12.0;
        switch (obs->map->signals[view->signal].kind) {
        case CW_SIGNAL_LIGHT:
            if (view->light == CW_LIGHT_RED || view->light == CW_LIGHT_RED_YELLOW) {
                // Just turned red on a car that cannot stop: on, out of the junction.
                if (!(view->since < 0.5f && needed > 0.8 * now->brake_most)) {
                    cw_situation_hold(now, s - 0.8, 1.4, 0, HOLD_ALWAYS,
                                      about(view, CW_CAUSE_SIGNAL, CW_REL_RED, ahead));
                }
            } else if (view->light == CW_LIGHT_YELLOW && needed <= dilemma) {
                cw_situation_hold(now, s - 0.8, 1.0, 0, HOLD_ALWAYS,
                                  about(view, CW_CAUSE_SIGNAL, CW_REL_YELLOW, ahead));
            }
            break;
        case CW_SIGNAL_STOP:
            if (*stopped_at == view->signal) {
                break; // it has stood there; whoever has priority is given way by the junction's rules
            }
            if (now->v < 0.15 && ahead < 3.0) {
                *stopped_at = view->signal;
                break;
            }
            cw_situation_hold(now, s - 0.6, 1.4, 0, HOLD_ALWAYS, about(view, CW_CAUSE_SIGN, CW_REL_AHEAD, ahead));
            break;
        default:
            break;
        }
    }
}
