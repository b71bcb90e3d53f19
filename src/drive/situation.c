// Filling a situation: where the ego must hold and how fast it may be. What does not fit any more is dropped.
#include "drive/situation.h"
#include <math.h>

void cw_situation_hold(situation *now, double s, double begin, int k0, int k1, because why) {
    if (now->hold_count == HOLD_MOST || k0 > k1) {
        return;
    }
    hold *h = &now->holds[now->hold_count++];
    h->s = s;
    h->begin = (float)begin;
    h->k0 = (uint8_t)cw_clamp((double)k0, 0.0, HOLD_ALWAYS);
    h->k1 = (uint8_t)cw_clamp((double)k1, 0.0, HOLD_ALWAYS);
    h->own_lane = false;
    h->why = why;
}

void cw_situation_hold_lane(situation *now, double s, double leave, double begin, because why) {
    uint32_t before = now->hold_count;
    cw_situation_hold(now, s, begin, 0, HOLD_ALWAYS, why);
    if (now->hold_count > before) {
        now->holds[before].own_lane = true;
        now->holds[before].leave = leave;
    }
}

void cw_situation_cap(situation *now, double s0, double s1, double v, double brake, because why) {
    if (now->cap_count == CAP_MOST) {
        return;
    }
    cap *c = &now->caps[now->cap_count++];
    c->s0 = s0;
    c->s1 = s1;
    c->v = (float)v;
    c->brake = (float)brake;
    c->why = why;
}

void cw_situation_apply(situation *now, bool sees) {
    now->hold_count = 0;
    now->cap_count = 0;
    now->goal.set = false;
    now->goal.narrow = false;
    now->wanted_why = (because){.item = CW_NONE};
    double set = (double)now->obs->mission->set_speed;
    if (set < INFINITY) {
        now->wanted = cw_max(set, 0.0);
    } else {
        double lane = cw_corridor_cap(now->c, now->s);
        now->wanted = lane < INFINITY ? lane + 5.0 : now->unstated;
    }
    now->wanted = cw_min(now->wanted, (double)now->params.max_speed);
    if (now->c->open && !(set < INFINITY)) {
        because why = {.kind = CW_CAUSE_GEOMETRY, .relation = CW_REL_END_OF_LANE, .item = CW_NONE};
        now->wanted = 0.0;
        now->wanted_why = why;
    }
    cw_signals_apply(now, &now->stopped_at);
    cw_yield_apply(now);
    if (sees) {
        cw_sight_apply(now);
    }
    cw_courtesy_apply(now);
    cw_goal_apply(now);
}
