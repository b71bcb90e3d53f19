// How far it came, against free flow; and the figures that keep a parked car from passing.
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>

static const double ease = 2.0;       // m/s^2 with which free flow speeds up
static const double bend_accel = 2.0; // m/s^2 sideways that free flow allows itself in bends
static const double still = 0.05;     // m/s
static const double moving = 0.3;     // m/s

static double lane_progress(const cw_judging *j, uint32_t t) {
    const cw_history *h = &j->h;
    const cw_moment *m = cw_history_ego(h, t);
    if (!m || !h->ego_ticks[t].on_lane)
        return 0;
    return m->speed * cw_cos(h->ego_ticks[t].turn) * (double)(h->time[t] - h->time[t - 1]) * 1e-9;
}

double cw_judging_set_speed(const cw_judging *j) {
    const cw_mission *mission = j->def->mission;
    if (mission && isfinite(mission->set_speed))
        return (double)mission->set_speed;
    const cw_moment *m = cw_history_ego(&j->h, j->first);
    double limit = j->h.ego_ticks[j->first].limit;
    return limit > 0 && isfinite(limit) ? limit : m ? m->speed : (double)NAN;
}

// m along the route from where the ego was first judged to the goal; NAN without one.
static double way_to_goal(const cw_judging *j) {
    const cw_mission *mission = j->def->mission;
    const cw_map *map = j->h.map;
    const cw_moment *m = cw_history_ego(&j->h, j->first);
    if (!mission || !mission->has_goal || mission->route.count == 0 || !m || m->place.lane == CW_NONE)
        return NAN;
    const cw_route *route = &mission->route;
    uint32_t from = 0, to = route->count - 1;
    while (from < route->count && route->lanes[from] != m->place.lane)
        from++;
    if (from == route->count)
        return NAN;
    while (to > from && mission->goal_lane != CW_NONE && route->lanes[to] != mission->goal_lane)
        to--;
    double way = 0;
    for (uint32_t i = from; i < to; i++) {
        const cw_lane *l = &map->lanes[route->lanes[i]];
        bool beside = l->left == route->lanes[i + 1] || l->right == route->lanes[i + 1];
        way += beside ? 0 : l->length;
    }
    way += mission->goal_lane != CW_NONE ? mission->goal_travel : map->lanes[route->lanes[to]].length;
    return cw_max(0, way - j->h.ego_ticks[j->first].travel);
}

// What nobody in the way would have allowed in the same time on the same road: up to the set speed, the limit and the bends
// as the ego met them at that distance, speeding up at 2 m/s^2, slowing at once; not beyond the goal.
static double free_flow(const cw_judging *j, double to_goal) {
    const cw_history *h = &j->h;
    const cw_moment *start = cw_history_ego(h, j->first);
    double set = cw_judging_set_speed(j), way = 0, own = 0, speed = start ? cw_max(0, start->speed) : 0;
    uint32_t at = j->first; // tick at which the ego had come as far
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        while (at < j->last && own < way) {
            at++;
            own += cw_max(0, lane_progress(j, at));
        }
        double most = isfinite(set) ? set : speed, limit = h->ego_ticks[at].limit;
        if (limit > 0)
            most = cw_min(most, limit);
        const cw_moment *m = cw_history_ego(h, at);
        if (m && h->ego_ticks[at].on_lane) {
            double bend = fabs(cw_lane_curvature(h->map, m->place.lane, m->place.s));
            if (bend > 1e-4)
                most = cw_min(most, sqrt(bend_accel / bend));
        }
        double dt = (double)(h->time[t] - h->time[t - 1]) * 1e-9, next = cw_min(most, speed + ease * dt);
        way += 0.5 * (speed + next) * dt;
        speed = next;
    }
    return isfinite(to_goal) ? cw_min(way, to_goal) : way;
}

// m that the recording of the ego itself came to between the first tick judged and the last, which may lie between its samples;
// NAN where the file records none.
static double expert_progress(const cw_judging *j) {
    const cw_history *h = &j->h;
    const cw_actor *ego = h->ego != CW_NONE ? &h->scene->actors[h->ego] : NULL;
    double begin = cw_history_seconds(h, j->first), end = cw_history_seconds(h, j->last), way = 0;
    if (!ego || ego->sample_count < 2)
        return NAN;
    for (uint32_t i = 1; i < ego->sample_count; i++) {
        const cw_sample *a = &ego->samples[i - 1], *b = &ego->samples[i];
        double within = cw_min(b->time, end) - cw_max(a->time, begin), span = b->time - a->time;
        if (within > 0 && span > 0)
            way += cw_hypot(b->x - a->x, b->y - a->y) * within / span;
    }
    return way;
}

// Runs of ticks in which the fail-safe goes on although nothing but its own hysteresis or re-arming holds it.
static void needless(cw_judging *j) {
    const cw_history *h = &j->h;
    uint32_t decided = 0, on_failsafe = 0, stops = 0, hit = 0;
    bool inside = false;
    int64_t last_needless = -1;
    uint32_t next_contact = 0;
    for (uint32_t t = 0; t < h->ticks; t++) {
        const cw_decided *d = &h->decided[t];
        for (; next_contact < j->verdict->contact_count && j->verdict->contacts[next_contact].time_ns <= h->time[t];
             next_contact++) {
            const cw_judged_contact *c = &j->verdict->contacts[next_contact];
            if (c->clause == 2 && last_needless >= 0 && c->time_ns - last_needless <= 5000000000)
                hit++;
        }
        if (!d->present)
            continue;
        decided++;
        bool failsafe = d->source == CW_FROM_FAILSAFE || d->source == CW_FROM_MITIGATE;
        on_failsafe += failsafe;
        bool free = failsafe && (d->clause == CW_CLAUSE_HYSTERESIS || d->clause == CW_CLAUSE_REARM);
        const cw_moment *m = cw_history_ego(h, t);
        bool stopped = free && m && fabs(m->speed) < moving;
        if (stopped) {
            stops += !inside;
            last_needless = h->time[t];
        }
        inside = failsafe && (inside || stopped);
    }
    bool known = decided > 0;
    cw_judging_metric(j, "failsafe_share", "", known ? (double)on_failsafe / decided : (double)NAN);
    cw_judging_metric(j, "needless_stops", "", known ? stops : (double)NAN);
    cw_judging_metric(j, "hit_from_behind_after_needless", "", known ? hit : (double)NAN);
}

void cw_judge_progress(cw_judging *j) {
    const cw_history *h = &j->h;
    double way = 0, stood = 0, seconds = cw_history_seconds(h, j->last) - cw_history_seconds(h, j->first);
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        double dt = (double)(h->time[t] - h->time[t - 1]) * 1e-9;
        j->progress += lane_progress(j, t);
        if (!m)
            continue;
        way += fabs(m->speed) * dt;
        if (fabs(m->speed) < still && h->ego_ticks[t].on_lane)
            stood += dt;
    }
    double to_goal = way_to_goal(j);
    j->free_progress = free_flow(j, to_goal);
    j->expert = expert_progress(j);
    j->completion = j->def->goal_time_ns >= 0 && h->scene->goal_count > 0 ? 1
                    : isfinite(to_goal) && to_goal > 0                    ? cw_clamp(j->progress / to_goal, 0, 1)
                                                       : cw_clamp(j->progress / cw_max(j->free_progress, 2), 0, 1);
    cw_judging_metric(j, "mean_speed_mps", "m/s", seconds > 0 ? way / seconds : (double)NAN);
    cw_judging_metric(j, "distance_m", "m", way);
    cw_judging_metric(j, "progress_m", "m", j->progress);
    cw_judging_metric(j, "free_flow_progress_m", "m", j->free_progress);
    cw_judging_metric(j, "expert_progress_m", "m", j->expert);
    cw_judging_metric(j, "route_completion", "", j->completion);
    cw_judging_metric(j, "stationary_in_lane_s", "s", stood);
    needless(j);
}
