// How near it came: times and gaps, told and never demanded.
#include "causeway/rules.h"
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>

// The least time to contact in the plane at constant velocities, over all moments before the first contact.
static double least_ttc(const cw_judging *j, uint32_t last, int64_t *when) {
    const cw_history *h = &j->h;
    double least = INFINITY;
    for (uint32_t t = j->first; t <= last; t++) {
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego)
            continue;
        cw_vec2 own = cw_moment_velocity(ego);
        for (uint32_t a = 0; a < h->actors; a++) {
            const cw_moment *m = a == h->ego ? NULL : cw_history_moment(h, t, a);
            double enter, leave;
            if (!m)
                continue;
            cw_vec2 v = cw_moment_velocity(m);
            double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y, vx = v.x - own.x, vy = v.y - own.y;
            if (dx * vx + dy * vy >= 0 && dx * dx + dy * dy > 400)
                continue; // far away and parting
            if (cw_sweep(&ego->box, own, &m->box, v, &enter, &leave) && enter < least) {
                least = enter;
                *when = h->time[t];
            }
        }
    }
    return least;
}

void cw_judge_closeness(cw_judging *j) {
    const cw_history *h = &j->h;
    uint32_t last = j->last;
    if (h->touch_count > 0)
        last = cw_history_tick(h, h->touches[0].time_ns);
    int64_t ttc_time = -1, rss_time = -1;
    double ttc = h->touch_count > 0 ? 0 : least_ttc(j, last, &ttc_time);
    if (h->touch_count > 0)
        ttc_time = h->touches[0].time_ns;
    double gap = INFINITY, headway = INFINITY, margin = INFINITY, impact = 0;
    cw_rss_params own = cw_rss_defaults(true), other = cw_rss_defaults(false);
    for (uint32_t t = j->first; t <= last && t < h->ticks; t++) {
        const cw_ego_tick *e = &h->ego_ticks[t];
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || e->lead == CW_NONE || e->wrong_way)
            continue;
        const cw_moment *m = cw_history_moment(h, t, e->lead);
        gap = cw_min(gap, e->gap);
        if (ego->speed > 0.5)
            headway = cw_min(headway, cw_max(0, e->gap) / ego->speed);
        cw_vec2 v = cw_moment_velocity(m);
        double forward = cw_max(0, v.x * ego->box.ux + v.y * ego->box.uy), safe;
        if (cw_rss_same_direction(cw_max(0, ego->speed), &own, forward, &other, &safe) && e->gap - safe < margin) {
            margin = e->gap - safe;
            rss_time = h->time[t];
        }
    }
    for (uint32_t i = 0; i < j->verdict->contact_count; i++)
        impact = cw_max(impact, (double)j->verdict->contacts[i].impact_mps);
    cw_judging_metric(j, "min_ttc_s", "s", ttc);
    cw_judging_metric(j, "min_gap_m", "m", gap);
    cw_judging_metric(j, "min_thw_s", "s", headway);
    cw_judging_metric(j, "min_rss_margin_m", "m", margin);
    cw_judging_metric(j, "impact_mps", "m/s", h->touch_count > 0 ? impact : (double)NAN);

    cw_criterion *c = cw_judging_criterion(j, "min_ttc", false);
    c->applies = isfinite(ttc);
    c->value = ttc;
    c->limit = 0.95;
    c->unit = "s";
    c->passed = ttc >= c->limit;
    c->time_ns = ttc_time;
    cw_say(&c->said, "least time to contact %.2f s at constant velocities (nuPlan asks 0.95 s)",
           "속도가 그대로일 때 접촉까지 최소 %.2f초 (nuPlan은 0.95초 요구)", ttc);
    c = cw_judging_criterion(j, "rss_margin", false);
    c->applies = isfinite(margin);
    c->value = margin;
    c->limit = 0;
    c->unit = "m";
    c->passed = margin > 0;
    c->time_ns = rss_time;
    cw_say(&c->said, "gap to the leader less RSS's safe distance: %.1f m at least",
           "앞차 간격에서 RSS 안전거리를 뺀 값: 최소 %.1f m", margin);
}
