// What the partner of a contact did against A1 in the 8 s before it: each clause looked for on truth.
#include "judge/judging.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHAIN_MOST = 24 };

static const int64_t look_back = 8000000000; // ns
static const double slack_brake = 0.02;      // share by which measured braking may exceed a bound

// One tick of the window, the partner as seen from the ego's lane.
typedef struct instant {
    uint32_t tick;
    cw_moment *m; // NULL: absent
    const cw_moment *ego;
    bool in_lane, ahead; // in the ego's lanes; its centre ahead of the ego's
    bool same_lane;      // the ego is still in the lane of the instant before, or in one that follows it
    double gap;          // m along the lane between the boxes, < 0 while they are level
    double over;         // m of it over the border towards the ego's lane; -INFINITY further away
    double decel;        // m/s^2, the harder of what it says and of its change of speed
} instant;

typedef struct window {
    const cw_judging *j;
    const cw_touch_row *touch;
    uint32_t count;
    instant *at;
    cw_breach *out;
    uint32_t found;
} window;

static void broke(window *w, uint32_t i, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void broke(window *w, uint32_t i, const char *format, ...) {
    if (w->found == CW_BREACHES_MOST)
        return;
    cw_breach *b = &w->out[w->found++];
    *b = (cw_breach){.time_ns = w->j->h.time[w->at[i].tick]};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(b->text, sizeof b->text, format, arguments);
    va_end(arguments);
}

static double seconds_between(const window *w, uint32_t from, uint32_t to) {
    return (double)(w->j->h.time[w->at[to].tick] - w->j->h.time[w->at[from].tick]) * 1e-9;
}

static void look(window *w, uint32_t actor) {
    const cw_history *h = &w->j->h;
    uint32_t lanes[CHAIN_MOST], count = 0, lane = CW_NONE;
    double start[CHAIN_MOST];
    for (uint32_t i = 0; i < w->count; i++) {
        instant *n = &w->at[i];
        n->ego = cw_history_ego(h, n->tick);
        n->m = cw_history_moment(h, n->tick, actor);
        n->over = -INFINITY;
        n->gap = INFINITY;
        if (!n->ego)
            continue;
        if (n->ego->place.lane != lane) {
            n->same_lane = false;
            for (uint32_t k = 0; k < count; k++)
                n->same_lane = n->same_lane || lanes[k] == n->ego->place.lane;
            lane = n->ego->place.lane;
            count = cw_history_chain(h, n->tick, w->j->def->mission, lanes, start, CHAIN_MOST);
        } else {
            n->same_lane = true;
        }
        if (!n->m)
            continue;
        double along = 0;
        n->in_lane = h->ego_ticks[n->tick].on_lane &&
                     cw_history_in_chain(h, n->tick, n->m, lanes, start, count, &along, &n->over);
        if (isfinite(n->over)) {
            cw_pose pose = cw_lane_pose(h->map, n->m->place, NULL);
            double sine, cosine;
            cw_sincos(pose.heading, &sine, &cosine);
            double apart = along - h->ego_ticks[n->tick].travel;
            n->ahead = apart > 0;
            n->gap = fabs(apart) - cw_box_reach(&n->m->box, cosine, sine) - n->ego->box.half_length;
        }
        n->decel = isfinite(n->m->accel) ? -n->m->accel : 0;
        if (i > 0 && w->at[i - 1].m)
            n->decel = cw_max(n->decel, (w->at[i - 1].m->speed - n->m->speed) / seconds_between(w, i - 1, i));
    }
}

// ---- leader ----------------------------------------------------------------------------------------------------------

static void leader(window *w) {
    double most = w->j->a1.leader_brake * w->j->mu_high;
    for (uint32_t i = 0; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!n->m || !n->in_lane || !n->ahead)
            continue;
        bool oncoming = n->m->box.ux * n->ego->box.ux + n->m->box.uy * n->ego->box.uy < 0;
        if (n->decel > most * (1 + slack_brake)) {
            broke(w, i, "leader braked at %.1f m/s2", n->decel);
            return;
        }
        if (!oncoming && n->m->speed < -0.1) {
            broke(w, i, "leader reversed at %.1f m/s", -n->m->speed);
            return;
        }
    }
}

// ---- cut-in ----------------------------------------------------------------------------------------------------------

// For how long before instant i its way towards the ego's lane could be seen, s.
static double seen_coming(const window *w, uint32_t i, uint32_t actor) {
    double seen = 0;
    for (uint32_t k = i; k > 0 && w->at[k - 1].m && isfinite(w->at[k - 1].over); k--) {
        double step = seconds_between(w, k - 1, k);
        if (w->at[k].over - w->at[k - 1].over < 0.05 * step)
            break;
        if (!cw_sight_clear(w->j, w->at[k - 1].tick, actor))
            break;
        seen += step;
    }
    return seen;
}

static void cut_in(window *w, uint32_t actor) {
    const cw_assumptions *a1 = &w->j->a1;
    for (uint32_t i = 1; i < w->count; i++) {
        const instant *n = &w->at[i], *before = &w->at[i - 1];
        if (!n->m || !before->m || !n->in_lane || before->in_lane || !n->same_lane)
            continue;
        double facing = n->m->box.ux * n->ego->box.ux + n->m->box.uy * n->ego->box.uy;
        if (facing < 0)
            continue;
        if (n->gap <= 0) {
            broke(w, i, "cut in beside ego");
            continue;
        }
        if (!n->ahead)
            continue;
        double closing = n->ego->speed - n->m->speed * facing;
        double ttc = closing > 0 ? n->gap / closing : INFINITY;
        double limit = closing / a1->cut_in_rate + a1->cut_in_time;
        if (ttc <= limit)
            broke(w, i, "cut in at TTC %.2f s, not above %.2f s", ttc, limit);
        double seen = seen_coming(w, i, actor);
        // ticks may have missed the first and the last moment of it
        if (seen + 2 * seconds_between(w, i - 1, i) < a1->cut_in_visible)
            broke(w, i, "cut in after %.1f s of visible motion", seen);
        for (uint32_t k = i; k < w->count && seconds_between(w, i, k) <= a1->cut_in_hold; k++)
            if (w->at[k].m && w->at[k].decel > a1->cut_in_brake * (1 + slack_brake) + 0.1) {
                broke(w, k, "braked at %.1f m/s2 after its cut-in", w->at[k].decel);
                break;
            }
    }
}

static int by_time(const cw_breach *a, const cw_breach *b) {
    return a->time_ns < b->time_ns ? -1 : a->time_ns > b->time_ns;
}

uint32_t cw_breach_find(const cw_judging *j, const cw_touch_row *touch, cw_breach *out) {
    if (touch->other == CW_NONE)
        return 0;
    const cw_history *h = &j->h;
    uint32_t last = cw_history_tick(h, touch->time_ns);
    if (last > 0 && h->time[last] == touch->time_ns)
        last--;
    uint32_t first = last;
    while (first > 0 && touch->time_ns - h->time[first - 1] <= look_back)
        first--;
    window w = {.j = j, .touch = touch, .count = last - first + 1, .out = out};
    w.at = cw_arena_array(h->arena, w.count, sizeof *w.at);
    if (!w.at)
        return 0;
    for (uint32_t i = 0; i < w.count; i++)
        w.at[i].tick = first + i;
    look(&w, touch->other);
    if (cw_judging_is_vehicle(j, touch->other)) {
        leader(&w);
        cut_in(&w, touch->other);
    }
    // in order of time; few enough to sort by insertion
    for (uint32_t i = 1; i < w.found; i++)
        for (uint32_t k = i; k > 0 && by_time(&out[k], &out[k - 1]) < 0; k--) {
            cw_breach swap = out[k];
            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    return w.found;
}
