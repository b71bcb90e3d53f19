// Every contact of the ego, with the oracle's fault and, beside it, nuPlan's and RSS's opinion.
#include "causeway/rules.h"
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double stopped = 0.05; // m/s, nuPlan's

// nuPlan: a stopped ego is never at fault; hitting a stopped track or with the front is; a touch at the side is where the
// ego is in several lanes or off the drivable area; a touch at the rear is not.
static bool nuplan_at_fault(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    const cw_history *h = &j->h;
    const cw_moment *ego = cw_history_ego(h, last);
    if (!ego || fabs(ego->speed) <= stopped)
        return false;
    if (touch->other == CW_NONE)
        return true;
    const cw_moment *m = cw_history_moment(h, last, touch->other);
    if (m && fabs(m->speed) <= stopped)
        return true;
    if (!m)
        return true;
    cw_side side = cw_judging_side(ego, m);
    if (side != CW_SIDE_FLANK)
        return side == CW_SIDE_FRONT;
    const cw_ego_tick *e = &h->ego_ticks[last];
    return !e->inside_lane || !e->on_lane;
}

// RSS blames the ego that was in a dangerous situation, owed a response along or across, and had not given it (braking at
// b_min after its response time) when the contact came.
static bool rss_blame(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    const cw_history *h = &j->h;
    if (touch->other == CW_NONE)
        return true;
    cw_rss_params own = cw_rss_defaults(true), others = cw_rss_defaults(false);
    cw_rss_pair pair = {0};
    uint32_t first = last;
    while (first > 0 && h->time[last] - h->time[first - 1] <= 8000000000)
        first--;
    int64_t since = -1;
    bool owed = false;
    for (uint32_t t = first; t <= last; t++) {
        const cw_moment *ego = cw_history_ego(h, t), *m = cw_history_moment(h, t, touch->other);
        if (!ego || !m)
            continue;
        double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y;
        double along = dx * ego->box.ux + dy * ego->box.uy, across = dx * ego->box.uy - dy * ego->box.ux; // right
        cw_vec2 v = cw_moment_velocity(m);
        double forward = v.x * ego->box.ux + v.y * ego->box.uy, right = v.x * ego->box.uy - v.y * ego->box.ux;
        bool opposite = forward < 0;
        cw_rss_situation now = {.relation = opposite     ? CW_RSS_OPPOSITE_CORRECT
                                            : along >= 0 ? CW_RSS_EGO_REAR
                                                         : CW_RSS_EGO_FRONT,
                                .ego_speed = cw_max(0, ego->speed),
                                .other_speed = fabs(forward),
                                .ego_lateral = -ego->lateral,
                                .other_lateral = right,
                                .gap_along = cw_max(0, fabs(along) - ego->box.half_length -
                                                           cw_box_reach(&m->box, ego->box.ux, ego->box.uy)),
                                .gap_across = cw_max(0, fabs(across) - ego->box.half_width -
                                                            cw_box_reach(&m->box, -ego->box.uy, ego->box.ux)),
                                .other_right = across > 0};
        if (opposite && h->ego_ticks[t].wrong_way)
            now.relation = CW_RSS_OPPOSITE_WRONG;
        if (!cw_rss_pair_step(&pair, &now, &own, &others))
            continue;
        bool response = pair.dangerous && pair.along != CW_RSS_NONE;
        if (!response)
            since = -1;
        else if (since < 0)
            since = h->time[t];
        double asked = pair.along == CW_RSS_BRAKE_MIN_CORRECT ? own.brake_correct : own.brake_min;
        owed = response && (double)(h->time[t] - since) * 1e-9 > own.response && ego->accel > -asked + 0.1 &&
               fabs(ego->speed) > stopped;
    }
    return owed;
}

const char *cw_fault_name(cw_fault fault) {
    static const char *const names[] = {"none", "ego", "other", "shared"};
    return (unsigned)fault < 4 ? names[fault] : "?";
}

void cw_judge_contacts(cw_judging *j) {
    cw_verdict *v = j->verdict;
    for (uint32_t i = 0; i < j->h.touch_count && v->contact_count < CW_JUDGED_CONTACTS; i++) {
        const cw_touch_row *touch = &j->h.touches[i];
        cw_judged_contact *c = &v->contacts[v->contact_count++];
        *c = (cw_judged_contact){.time_ns = touch->time_ns,
                                 .actor = touch->other,
                                 .object = touch->object,
                                 .impact_mps = (float)touch->impact,
                                 .ego_mps = (float)touch->ego_speed,
                                 .other_mps = (float)touch->other_speed};
        uint32_t last = cw_history_tick(&j->h, touch->time_ns);
        if (last > 0 && j->h.time[last] == touch->time_ns)
            last--;
        cw_oracle_judge(j, touch, c);
        c->nuplan_at_fault = nuplan_at_fault(j, touch, last);
        c->rss_blame = rss_blame(j, touch, last);
    }
}

void cw_judge_contact_criterion(cw_judging *j) {
    const cw_verdict *v = j->verdict;
    cw_criterion *c = cw_judging_criterion(j, "contact", true);
    uint32_t charged = 0, others = 0;
    const cw_judged_contact *first = NULL;
    double impact = 0;
    for (uint32_t i = 0; i < v->contact_count; i++) {
        const cw_judged_contact *k = &v->contacts[i];
        impact = cw_max(impact, (double)k->impact_mps);
        if (k->fault == CW_FAULT_OTHER || k->fault == CW_FAULT_NONE) {
            others++;
            continue;
        }
        charged++;
        first = first ? first : k;
    }
    c->applies = j->h.has_contacts;
    c->passed = charged == 0;
    c->value = v->contact_count > 0 ? impact : 0;
    c->unit = "m/s";
    if (first) {
        c->time_ns = first->time_ns;
        cw_say(&c->said, "%u of %u contacts charged to ego ", "자차 책임 접촉 %u건 (전체 %u건", charged,
               v->contact_count);
        if (first->fault == CW_FAULT_SHARED)
            cw_say(&c->said, "(shared counts too)", ", 공동 책임도 셈)");
        else
            cw_say(&c->said, "(its fault)", ")");
        cw_say(&c->said, ", hardest at %.1f km/h", ", 가장 셀 때 시속 %.1f km", impact * 3.6);
    } else if (others > 0) {
        c->time_ns = v->contacts[0].time_ns;
        cw_say(&c->said, "%u contact(s), none charged to ego", "접촉 %u건, 자차 책임 없음", others);
    } else {
        cw_say(&c->said, "no contact", "접촉 없음");
    }
    if (v->contact_count > 0 && v->human_run && v->human_avoids)
        cw_say(&c->said, "; the careful human avoids it", "; 주의 깊은 사람은 피함");
    else if (v->contact_count > 0 && v->human_run)
        cw_say(&c->said, "; the careful human hits at %.1f km/h", "; 주의 깊은 사람은 시속 %.1f km로 부딪침",
               (double)v->human_impact_mps * 3.6);
    if (j->h.touch_count > CW_JUDGED_CONTACTS)
        cw_say(&c->said, "; of %u, the first %d judged", "; %u건 가운데 앞의 %d건만 판정", j->h.touch_count,
               (int)CW_JUDGED_CONTACTS);
}
