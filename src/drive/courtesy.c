// Care beside the weak: slow past walkers and cyclists that are close, and past standing cars that may hide a child.
#include "drive/situation.h"
#include <math.h>

static const float hides_child = 0.6f; // m of height from which on somebody may be behind it

static because about(const forecast *f, uint8_t kind, uint8_t relation, double clearance) {
    return (because){.kind = kind,
                     .relation = relation,
                     .quantity = CW_Q_GAP_M,
                     .id = f->id,
                     .item = CW_NONE,
                     .value = (float)cw_max(clearance, 0.0)};
}

// A1, clause O3: a walker at 1.39 m/s out of a gap at 1.0, 1.5 and 2.0 m of clearance allows 12, 29 and 46 km/h.
static double hidden_walker_speed(double clearance) {
    return cw_max(3.3 + (clearance - 1.0) * 9.4, 2.5);
}

static bool town(const situation *now) {
    double limit = (double)now->c->limit[(uint32_t)cw_clamp(now->s, 0.0, cw_corridor_length(now->c))];
    return limit < 14.5 || now->wanted < 14.5;
}

void cw_courtesy_apply(situation *now) {
    bool in_town = town(now);
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double s = (double)f->s[0], low = s - (double)f->half_s[0], high = s + (double)f->half_s[0];
        if (high < now->s - now->rear || low > now->s + 80.0) {
            continue;
        }
        // Clearance at the ego's present offset: who nudges away earns speed.
        double clearance = fabs((double)f->d[0] - now->d) - (double)f->half_d[0] - now->half_width;
        if (clearance < 0.2) {
            continue; // in the way: others see to that
        }
        if (f->vulnerable && clearance < 1.5) {
            // EVALUATOR A1: past them at 30 km/h or less below 1.5 m.
            double run = cw_max((double)f->vs, 0.0) * 2.0;
            cw_situation_cap(now, low - 2.0, high + 2.0 + run, cw_max(30.0 / 3.6 - 0.3, (double)f->vs + 1.5), 2.0,
                             about(f, f->kind == CW_USER_BICYCLE ? CW_CAUSE_CYCLIST : CW_CAUSE_PEDESTRIAN,
                                   CW_REL_BESIDE, clearance));
        } else if (in_town && f->standing && f->length > 3.0f && f->height > hides_child && clearance < 2.0) {
            cw_situation_cap(now, low, high + 2.5, hidden_walker_speed(clearance), 2.0,
                             about(f, CW_CAUSE_OCCLUSION, CW_REL_BESIDE, clearance));
        }
    }
}
