// Holding the set speed on a free lane, and the gap kept in steady following.
#include "causeway/rules.h"
#include "judge/judging.h"

#include <math.h>

static const int64_t settled = 5000000000, steady_least = 2000000000; // ns
static const double free_ahead = 100.0, lead_within = 120.0;          // m

static void set_speed(cw_judging *j) {
    const cw_history *h = &j->h;
    double set = cw_judging_set_speed(j), way = 0, seconds = 0;
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        const cw_ego_tick *e = &h->ego_ticks[t];
        if (!m || h->time[t] - h->time[j->first] <= settled || (e->lead != CW_NONE && e->gap <= free_ahead))
            continue;
        double dt = (double)(h->time[t] - h->time[t - 1]) * 1e-9;
        way += m->speed * dt;
        seconds += dt;
    }
    cw_judging_metric(j, "set_speed_mps", "m/s", set);
    cw_judging_metric(j, "set_speed_held", "", seconds > 0 && set > 0 ? way / seconds / set : (double)NAN);
}

// Following is steady while the two speeds differ by less, m/s: a driver that closes the last of a gap does so slowly.
static const double steady_difference = 1.0;

static bool steady(const cw_judging *j, uint32_t t) {
    const cw_history *h = &j->h;
    const cw_ego_tick *e = &h->ego_ticks[t];
    const cw_moment *ego = cw_history_ego(h, t);
    if (!ego || e->lead == CW_NONE || e->gap > lead_within || ego->speed <= 2 || fabs(ego->accel) >= 0.3)
        return false;
    return fabs(cw_history_moment(h, t, e->lead)->speed - ego->speed) < steady_difference;
}

static void gap(cw_judging *j) {
    const cw_history *h = &j->h;
    double low = INFINITY, high = -INFINITY;
    for (uint32_t t = j->first; t <= j->last; t++) {
        uint32_t end = t;
        while (end <= j->last && steady(j, end) && h->ego_ticks[end].lead == h->ego_ticks[t].lead)
            end++;
        if (end == t)
            continue;
        if (h->time[end - 1] - h->time[t] >= steady_least)
            for (uint32_t k = t; k < end; k++) {
                double speed = cw_history_ego(h, k)->speed;
                double excess = (h->ego_ticks[k].gap - cw_r157_min_gap(speed)) / speed;
                low = cw_min(low, excess);
                high = cw_max(high, excess);
            }
        t = end - 1;
    }
    cw_judging_metric(j, "follow_gap_excess_min_s", "s", low);
    cw_judging_metric(j, "follow_gap_excess_max_s", "s", high);
}

void cw_judge_following(cw_judging *j) {
    set_speed(j);
    gap(j);
}
