// nuPlan's closed-loop score, each term by itself:
// NC x DAC x MP x DDC x (5 EP + 5 TTC + 4 SL + 2 C) / 16.
#include "judge/judging.h"
#include "judge/smooth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double grid = 0.1;                      // s: nuPlan's step; other decision periods are interpolated to it
static const double threshold = 2.0;                 // m of progress
static const double outside_most = 0.3;              // m
static const double ttc_least = 0.95, horizon = 3.0; // s
static const double overspeed_worst = 2.23;          // m/s

// ---- comfort ---------------------------------------------------------------------------------------------------------

typedef struct series {
    uint32_t count;
    double *along, *across, *heading; // m/s^2, m/s^2, rad unwrapped
} series;

// The ego's motion on nuPlan's grid of time.
static bool sample(const cw_judging *j, series *s) {
    const cw_history *h = &j->h;
    double begin = cw_history_seconds(h, j->first), length = cw_history_seconds(h, j->last) - begin;
    s->count = (uint32_t)(length / grid + 1e-6) + 1;
    s->along = cw_arena_array(h->arena, s->count, sizeof(double));
    s->across = cw_arena_array(h->arena, s->count, sizeof(double));
    s->heading = cw_arena_array(h->arena, s->count, sizeof(double));
    if (!s->along || !s->across || !s->heading)
        return false;
    uint32_t t = j->first;
    for (uint32_t i = 0; i < s->count; i++) {
        double now = begin + grid * i;
        while (t + 1 < j->last && cw_history_seconds(h, t + 1) <= now)
            t++;
        const cw_moment *a = cw_history_ego(h, t), *b = t < j->last ? cw_history_ego(h, t + 1) : a;
        if (!a || !b)
            return false;
        double span = t < j->last ? cw_history_seconds(h, t + 1) - cw_history_seconds(h, t) : 1;
        double f = cw_clamp((now - cw_history_seconds(h, t)) / span, 0, 1);
        s->along[i] = cw_lerp(a->accel, b->accel, f);
        s->across[i] = cw_lerp(a->speed * a->yaw_rate, b->speed * b->yaw_rate, f);
        double heading = a->heading + f * cw_wrap_angle(b->heading - a->heading);
        s->heading[i] = i == 0 ? heading : s->heading[i - 1] + cw_wrap_angle(heading - s->heading[i - 1]);
    }
    return true;
}

static double largest(const double *x, uint32_t count) {
    double most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = cw_max(most, fabs(x[i]));
    return most;
}

typedef struct comfort {
    bool known, met;
    double along_low, along_high, across, jerk, jerk_along, yaw_accel, yaw_rate;
} comfort;

static comfort feel(const cw_judging *j) {
    comfort c = {0};
    series s;
    if (!j->h.has_accel || !sample(j, &s) || s.count < 4)
        return c;
    double *work = cw_arena_array(j->h.arena, 4 * (size_t)s.count, sizeof *work);
    if (!work)
        return c;
    double *along = work, *across = work + s.count, *size = across + s.count, *out = size + s.count;
    cw_smooth(s.along, s.count, 8, 2, 0, grid, along);
    cw_smooth(s.across, s.count, 8, 2, 0, grid, across);
    for (uint32_t i = 0; i < s.count; i++)
        out[i] = cw_hypot(s.along[i], s.across[i]);
    cw_smooth(out, s.count, 8, 2, 0, grid, size);
    c.along_low = INFINITY;
    c.along_high = -INFINITY;
    for (uint32_t i = 0; i < s.count; i++) {
        c.along_low = cw_min(c.along_low, along[i]);
        c.along_high = cw_max(c.along_high, along[i]);
    }
    c.across = largest(across, s.count);
    cw_smooth(size, s.count, 15, 2, 1, grid, out);
    c.jerk = largest(out, s.count);
    cw_smooth(along, s.count, 15, 2, 1, grid, out);
    c.jerk_along = largest(out, s.count);
    cw_smooth(s.heading, s.count, 5, 2, 1, grid, out);
    c.yaw_rate = largest(out, s.count);
    cw_smooth(s.heading, s.count, 5, 3, 2, grid, out);
    c.yaw_accel = largest(out, s.count);
    c.known = isfinite(c.along_low) && isfinite(c.across) && isfinite(c.yaw_accel);
    c.met = c.known && c.along_low > -4.05 && c.along_high < 2.40 && c.across < 4.89 && c.jerk < 8.37 &&
            c.jerk_along < 4.13 && c.yaw_accel < 1.93 && c.yaw_rate < 0.95;
    return c;
}

static void tell_comfort(cw_judging *j, const comfort *c) {
    cw_judging_metric(j, "max_decel_mps2", "m/s^2", c->known ? cw_max(0, -c->along_low) : (double)NAN);
    cw_judging_metric(j, "max_jerk_mps3", "m/s^3", c->known ? c->jerk : (double)NAN);
    cw_judging_metric(j, "max_lateral_accel_mps2", "m/s^2", c->known ? c->across : (double)NAN);
    cw_criterion *k = cw_judging_criterion(j, "comfort", false);
    k->applies = c->known;
    k->passed = c->met;
    if (!c->known)
        cw_say(&k->said, "the trace tells no acceleration", "기록에 가속도가 없음");
    else
        cw_say(&k->said,
               "along %.1f..%.1f, across %.1f m/s2; jerk %.1f (along %.1f) m/s3; yaw %.2f rad/s, %.1f rad/s2 (nuPlan)",
               "종방향 %.1f..%.1f, 횡방향 %.1f m/s2; 저크 %.1f (종방향 %.1f) m/s3; 요 %.2f rad/s, %.1f rad/s2 (nuPlan)",
               c->along_low, c->along_high, c->across, c->jerk, c->jerk_along, c->yaw_rate, c->yaw_accel);
}

// ---- the terms -------------------------------------------------------------------------------------------------------

static double no_collision(const cw_judging *j) {
    uint32_t vulnerable = 0, vehicles = 0, objects = 0;
    for (uint32_t i = 0; i < j->verdict->contact_count; i++) {
        const cw_judged_contact *c = &j->verdict->contacts[i];
        if (!c->nuplan_at_fault)
            continue;
        if (c->actor == CW_NONE || cw_judging_is_fixed(j, c->actor))
            objects++;
        else if (cw_user_is_vulnerable((cw_user_kind)j->h.scene->actors[c->actor].kind))
            vulnerable++;
        else
            vehicles++;
    }
    // max(0, 1 - n / (allowed + 1)): one object is allowed at half the score
    return (vulnerable ? 0.0 : 1.0) * (vehicles ? 0.0 : 1.0) * cw_max(0, 1 - objects / 2.0);
}

static double drivable(const cw_judging *j) {
    for (uint32_t t = j->first; t <= j->last; t++)
        if (cw_history_ego(&j->h, t) && j->h.ego_ticks[t].outside >= outside_most)
            return 0;
    return 1;
}

static double direction(const cw_judging *j) {
    const cw_history *h = &j->h;
    double worst = 0;
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        double moved = 0;
        for (uint32_t k = t; k > j->first && h->time[t] - h->time[k] < 1000000000; k--) {
            const cw_moment *m = cw_history_ego(h, k);
            const cw_ego_tick *e = &h->ego_ticks[k];
            if (m && e->on_lane && !h->map->lanes[m->place.lane].both_ways)
                moved += cw_max(0, -m->speed * cw_cos(e->turn)) * (double)(h->time[k] - h->time[k - 1]) * 1e-9;
        }
        worst = cw_max(worst, moved);
    }
    return worst < 2 ? 1 : worst < 6 ? 0.5 : 0;
}

static bool collided(const cw_judging *j, uint32_t actor, int64_t time_ns) {
    for (uint32_t i = 0; i < j->h.touch_count; i++)
        if (j->h.touches[i].other == actor && j->h.touches[i].time_ns <= time_ns)
            return true;
    return false;
}

// The least time to collision, s, on steps of 0.1 s within 3 s; INFINITY: none.
static double time_to_collision(const cw_judging *j) {
    const cw_history *h = &j->h;
    double least = INFINITY;
    const double ahead = 0.86602540378443865; // cosine of 30 degrees; behind: of 150
    for (uint32_t t = j->first; t <= j->last; t++) {
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || fabs(ego->speed) <= 0.005)
            continue;
        const cw_ego_tick *e = &h->ego_ticks[t];
        bool wide = e->junction || !e->on_lane || !e->inside_lane;
        for (uint32_t a = 0; a < h->actors; a++) {
            const cw_moment *m = a == h->ego ? NULL : cw_history_moment(h, t, a);
            if (!m)
                continue;
            double dx = m->box.x - ego->x, dy = m->box.y - ego->y, far = cw_hypot(dx, dy);
            double cosine = far > 0 ? (dx * ego->box.ux + dy * ego->box.uy) / far : 1;
            if (cosine < (wide ? -ahead : ahead))
                continue;
            double enter, leave;
            cw_vec2 own = cw_moment_velocity(ego), v = cw_moment_velocity(m);
            if (!cw_sweep(&ego->box, own, &m->box, v, &enter, &leave) || enter > horizon)
                continue;
            double step = grid * ceil(enter / grid - 1e-9);
            if (step > leave || step > horizon + 1e-9 || step >= least || collided(j, a, h->time[t]))
                continue;
            least = step;
        }
    }
    return least;
}

static double speed_limit(const cw_judging *j) {
    const cw_history *h = &j->h;
    double sum = 0, total = cw_history_seconds(h, j->last) - cw_history_seconds(h, j->first);
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        double limit = h->ego_ticks[t].limit;
        if (m && limit > 0 && isfinite(limit))
            sum += cw_max(0, m->speed - limit) * (double)(h->time[t] - h->time[t - 1]) * 1e-9;
    }
    return total > 0 ? cw_max(0, 1 - sum / (overspeed_worst * total)) : 1;
}

void cw_judge_nuplan(cw_judging *j) {
    comfort c = feel(j);
    tell_comfort(j, &c);
    double nc = no_collision(j), dac = drivable(j), ddc = direction(j), sl = speed_limit(j);
    // Without a recorded expert EP and MP are shares of what free flow would have come to: too low in traffic, never too high.
    bool recorded = isfinite(j->expert);
    double own = j->progress, expert = recorded ? j->expert : j->free_progress;
    double ep = own < -threshold ? 0 : cw_min(1, cw_max(own, threshold) / cw_max(expert, threshold));
    double mp = ep >= 0.2 ? 1 : 0, ttc = time_to_collision(j) >= ttc_least ? 1 : 0, comfortable = c.met ? 1 : 0;
    for (uint32_t i = 0; i < j->verdict->contact_count; i++)
        if (j->verdict->contacts[i].nuplan_at_fault)
            ttc = 0;
    double score = nc * dac * mp * ddc * (5 * ep + 5 * ttc + 4 * sl + 2 * comfortable) / 16;
    cw_judging_metric(j, "nuplan_nc", "", nc);
    cw_judging_metric(j, "nuplan_dac", "", dac);
    cw_judging_metric(j, "nuplan_mp", "", mp);
    cw_judging_metric(j, "nuplan_ddc", "", ddc);
    cw_judging_metric(j, "nuplan_ep", "", ep);
    cw_judging_metric(j, "nuplan_ttc", "", ttc);
    cw_judging_metric(j, "nuplan_sl", "", sl);
    cw_judging_metric(j, "nuplan_c", "", comfortable);
    cw_judging_metric(j, "nuplan_score", "", score);
    // NAVSIM's score with the same terms, over the whole run.
    cw_judging_metric(j, "navsim_pdms", "", nc * dac * (5 * ttc + 5 * ep + 2 * comfortable) / 12);
    cw_criterion *k = cw_judging_criterion(j, "nuplan", false);
    k->value = score;
    k->limit = 0.5;
    k->passed = score >= k->limit;
    cw_say(&k->said, "closed-loop score %.3f; ", "폐루프 점수 %.3f; ", score);
    if (recorded)
        cw_say(&k->said, "EP and MP against the recorded drive (%.0f m)", "EP와 MP는 기록된 주행(%.0f m)에 견줌",
               expert);
    else
        cw_say(&k->said, "no expert is recorded: EP and MP against free flow (%.0f m)",
               "기록된 전문가가 없어 EP와 MP는 자유 흐름(%.0f m)에 견줌", expert);
}
