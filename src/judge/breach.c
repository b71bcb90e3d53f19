// What the partner of a contact did against A1 in the 8 s before it: each clause looked for on truth.
#include "judge/breach.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHAIN_MOST = 24 };

static const int64_t look_back = 8000000000; // ns
static const double respond = 1.0;           // s within which the oncoming brakes where nobody can pass,
static const double meet_brake = 3.0;        // m/s^2, at least
static const double slack_brake = 0.02;      // share by which measured braking may exceed a bound

void cw_breach_note(window *w, uint32_t i, const char *english, const char *korean, ...) {
    if (w->found == CW_BREACHES_MOST)
        return;
    cw_breach *b = &w->out[w->found++];
    *b = (cw_breach){.time_ns = w->j->h.time[w->at[i].tick]};
    va_list arguments;
    va_start(arguments, korean);
    cw_say_list(&b->said, english, korean, arguments);
    va_end(arguments);
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
        n->facing = n->m->box.ux * n->ego->box.ux + n->m->box.uy * n->ego->box.uy;
        n->decel = isfinite(n->m->accel) ? -n->m->accel : 0;
        if (i > 0 && w->at[i - 1].m)
            n->decel = cw_max(n->decel, (w->at[i - 1].m->speed - n->m->speed) / window_seconds(w, i - 1, i));
    }
}

// ---- leader ----------------------------------------------------------------------------------------------------------

static void leader(window *w) {
    double most = w->j->a1.leader_brake * w->j->mu_high;
    for (uint32_t i = 0; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!n->m || !n->in_lane || !n->ahead || n->facing < same_way)
            continue;
        if (n->decel > most * (1 + slack_brake)) {
            cw_breach_note(w, i, "leader braked at %.1f m/s2", "앞차가 %.1f m/s2로 제동", n->decel);
            return;
        }
        if (n->m->speed < -0.1) {
            cw_breach_note(w, i, "leader reversed at %.1f m/s", "앞차가 %.1f m/s로 후진", -n->m->speed);
            return;
        }
    }
}

// ---- cut-in ----------------------------------------------------------------------------------------------------------

// For how long before instant i its way towards the ego's lane could be seen, s.
static double seen_coming(const window *w, uint32_t i, uint32_t actor) {
    double seen = 0;
    for (uint32_t k = i; k > 0 && w->at[k - 1].m && isfinite(w->at[k - 1].over); k--) {
        double step = window_seconds(w, k - 1, k);
        if (w->at[k].over - w->at[k - 1].over < 0.05 * step)
            break;
        if (!cw_sight_clear(w->j, w->at[k - 1].tick, actor))
            break;
        seen += step;
    }
    return seen;
}

// Ticks may have missed the first and the last moment of it.
static bool seen_long_enough(const window *w, uint32_t i, uint32_t actor) {
    return seen_coming(w, i, actor) + 2 * window_seconds(w, i - 1, i) >= w->j->a1.cut_in_visible;
}

// Did it come into the ego's lane at this instant, by its own motion, driving the same way?
static bool comes_in(const window *w, uint32_t i) {
    const instant *n = &w->at[i], *before = &w->at[i - 1];
    return n->m && before->m && n->in_lane && !before->in_lane && n->same_lane && n->facing > same_way;
}

static void cut_in(window *w, uint32_t actor) {
    const cw_assumptions *a1 = &w->j->a1;
    for (uint32_t i = 1; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!comes_in(w, i))
            continue;
        if (n->gap <= 0) {
            cw_breach_note(w, i, "cut in beside ego", "자차 바로 옆에서 끼어듦");
            continue;
        }
        if (!n->ahead)
            continue;
        double closing = n->ego->speed - n->m->speed * n->facing;
        double ttc = closing > 0 ? n->gap / closing : INFINITY;
        double limit = closing / a1->cut_in_rate + a1->cut_in_time;
        if (ttc <= limit)
            cw_breach_note(w, i, "cut in at TTC %.2f s, not above %.2f s", "TTC %.2f초에 끼어듦 (%.2f초를 넘어야 함)",
                           ttc, limit);
        if (!seen_long_enough(w, i, actor))
            cw_breach_note(w, i, "cut in after %.1f s of visible motion", "움직임이 %.1f초만 보인 뒤 끼어듦",
                           seen_coming(w, i, actor));
        for (uint32_t k = i; k < w->count && window_seconds(w, i, k) <= a1->cut_in_hold; k++)
            if (w->at[k].m && w->at[k].decel > a1->cut_in_brake * (1 + slack_brake) + 0.1) {
                cw_breach_note(w, k, "braked at %.1f m/s2 after its cut-in", "끼어든 뒤 %.1f m/s2로 제동",
                               w->at[k].decel);
                break;
            }
    }
}

// ---- beside and behind -----------------------------------------------------------------------------------------------

// A touch at the side by one that left its line within its lane by more than it may wander.
static void wander(window *w) {
    const instant *last = &w->at[w->count - 1];
    if (!last->ego || !last->m || cw_judging_side(last->ego, last->m) != CW_SIDE_FLANK)
        return;
    double from = NAN;
    uint32_t lane = CW_NONE;
    for (uint32_t i = 0; i < w->count; i++) {
        cw_moment *m = w->at[i].m;
        if (!m || w->at[i].in_lane || fabs(w->at[i].facing) < same_way || !cw_history_place(&w->j->h, w->at[i].tick, m))
            continue;
        if (m->place.lane != lane) {
            lane = m->place.lane;
            from = m->place.offset;
        }
        if (fabs(m->place.offset - from) > w->j->a1.wander) {
            cw_breach_note(w, i, "wandered %.2f m within its lane", "차로 안에서 %.2f m 쏠림",
                           fabs(m->place.offset - from));
            return;
        }
    }
}

// Behind the ego, closing so that more braking than 3 m/s^2 was needed for over a second, and it did not brake at 4 m/s^2.
static void follower(window *w) {
    const cw_assumptions *a1 = &w->j->a1;
    uint32_t since = w->count;
    for (uint32_t i = w->count; i-- > 0;) {
        const instant *n = &w->at[i];
        if (!n->m || !n->ego || n->facing < same_way)
            break;
        double dx = n->m->box.x - n->ego->box.x, dy = n->m->box.y - n->ego->box.y;
        double along = dx * n->ego->box.ux + dy * n->ego->box.uy, across = dy * n->ego->box.ux - dx * n->ego->box.uy;
        double gap = -along - n->ego->box.half_length - cw_box_reach(&n->m->box, n->ego->box.ux, n->ego->box.uy);
        double closing = n->m->speed * n->facing - n->ego->speed;
        bool behind = along < 0 && fabs(across) < n->ego->box.half_width + n->m->box.half_width;
        if (!behind || closing <= 0 || closing * closing / (2 * cw_max(gap, 0.1)) < a1->follower_entry)
            break;
        since = i;
    }
    if (since == w->count || window_seconds(w, since, w->count - 1) <= a1->follower_response)
        return;
    uint32_t due = since;
    while (due + 1 < w->count && window_seconds(w, since, due) < a1->follower_response)
        due++;
    double time = window_seconds(w, due, w->count - 1);
    double mean = time > 0 ? (w->at[due].m->speed - w->at[w->count - 1].m->speed) / time : w->at[due].decel;
    if (mean < a1->follower_brake * (1 - slack_brake)) {
        uint32_t before = w->found;
        cw_breach_note(w, due, "followed without braking (%.1f m/s2)", "제동 없이 따라옴 (%.1f m/s2)", mean);
        if (w->found > before)
            w->out[before].behind = true;
    }
}

// ---- oncoming --------------------------------------------------------------------------------------------------------

// Keeps its side; on a lane for both directions that is too narrow to pass, brakes once the two have seen each other.
static void oncoming(window *w) {
    const cw_map *map = w->j->h.map;
    uint32_t met = w->count;
    for (uint32_t i = 0; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!n->m || !n->ego || !n->in_lane || !n->ahead || n->facing > -same_way || n->m->speed < 0.1 ||
            w->j->h.ego_ticks[n->tick].wrong_way)
            continue;
        const cw_lane_place *place = &n->ego->place;
        if (!map->lanes[place->lane].both_ways) {
            cw_breach_note(w, i, "oncoming, left its side", "마주 오다 제 차로를 벗어남");
            return;
        }
        double room = cw_lane_width(map, place->lane, place->s) - 2 * (n->ego->box.half_width + n->m->box.half_width);
        if (room >= 2 * w->j->a1.wander)
            continue;
        if (met == w->count && cw_sight_clear(w->j, n->tick, w->touch->other))
            met = i;
        if (met < i && window_seconds(w, met, i) > respond + 1e-6 && n->decel < meet_brake * (1 - slack_brake)) {
            cw_breach_note(w, i, "oncoming, did not brake where nobody can pass (%.1f m/s2)",
                           "비켜 갈 수 없는 곳에서 마주 오며 제동하지 않음 (%.1f m/s2)", cw_max(0, n->decel));
            return;
        }
    }
}

// ---- cut-out ---------------------------------------------------------------------------------------------------------

// The partner stands, and a leader that hid it began to swerve less than 2 s before reaching it.
static void cut_out(window *w, uint32_t actor) {
    const cw_history *h = &w->j->h;
    const instant *end = &w->at[w->count - 1];
    if (!end->m || fabs(end->m->speed) > 0.5)
        return;
    for (uint32_t a = 0; a < h->actors; a++) {
        if (a == actor || a == h->ego || !cw_judging_is_vehicle(w->j, a))
            continue;
        double line = NAN;
        uint32_t straight = CW_NONE; // last instant at which it kept its line
        bool led = false, left = false;
        for (uint32_t i = 0; i < w->count && !left; i++) {
            const instant *n = &w->at[i];
            cw_moment *m = cw_history_moment(h, n->tick, a);
            if (!m || !n->m || !n->ego)
                continue;
            double ax = n->m->box.x - n->ego->box.x, ay = n->m->box.y - n->ego->box.y;
            double bx = m->box.x - n->ego->box.x, by = m->box.y - n->ego->box.y;
            double far = cw_hypot(ax, ay), along = (bx * ax + by * ay) / cw_max(far, 1e-9);
            double across = (by * ax - bx * ay) / cw_max(far, 1e-9); // from the line ego - obstacle
            if (along <= 0 || along >= far)
                continue;
            if (!isfinite(line) && fabs(across) < n->ego->box.half_width + m->box.half_width) {
                line = across;
                led = true;
            }
            if (led && fabs(across - line) <= 0.1)
                straight = i;
            left = led && fabs(across - line) > w->j->a1.wander;
        }
        if (!left || straight == CW_NONE)
            continue;
        const instant *n = &w->at[straight];
        const cw_moment *m = cw_history_moment(h, n->tick, a);
        double gap = cw_hypot(n->m->box.x - m->box.x, n->m->box.y - m->box.y) - m->box.half_length -
                     cw_box_reach(&n->m->box, m->box.ux, m->box.uy);
        double reach = m->speed > 0 ? gap / m->speed : INFINITY;
        if (reach >= w->j->a1.cut_out_time || cw_sight_clear(w->j, n->tick, actor))
            continue;
        uint32_t i = straight; // what the ego has to answer begins when it can see it
        while (i + 1 < w->count && !cw_sight_clear(w->j, w->at[i].tick, actor))
            i++;
        cw_breach_note(w, i, "hidden by a leader that swerved %.1f s before it",
                       "앞차에 가려 있다가 앞차가 %.1f초 앞에서 비켜남", reach);
    }
}

// The 8 s before a touch, the partner against the ego's lanes at each tick of them. False when out of memory.
static bool open_window(window *w, const cw_judging *j, const cw_touch_row *touch, cw_breach *out) {
    const cw_history *h = &j->h;
    uint32_t last = cw_history_tick(h, touch->time_ns);
    if (last > 0 && h->time[last] == touch->time_ns)
        last--;
    uint32_t first = last;
    while (first > 0 && touch->time_ns - h->time[first - 1] <= look_back)
        first--;
    *w = (window){.j = j, .touch = touch, .count = last - first + 1, .out = out};
    w->at = cw_arena_array(h->arena, w->count, sizeof *w->at);
    if (!w->at)
        return false;
    for (uint32_t i = 0; i < w->count; i++)
        w->at[i].tick = first + i;
    look(w, touch->other);
    return true;
}

bool cw_breach_intrusion(const cw_judging *j, const cw_touch_row *touch, cw_intrusion *out) {
    window w;
    if (touch->other == CW_NONE || !cw_judging_is_vehicle(j, touch->other) || !open_window(&w, j, touch, NULL))
        return false;
    for (uint32_t i = w.count; i-- > 1;) {
        const instant *n = &w.at[i];
        if (!comes_in(&w, i) || (!n->ahead && n->gap > 0))
            continue;
        double closing = n->ego->speed - n->m->speed * n->facing;
        double gap = cw_max(0, n->gap);
        *out = (cw_intrusion){.time_ns = j->h.time[n->tick],
                              .gap = gap,
                              .closing = closing,
                              .ttc = closing > 0 ? gap / closing : (double)INFINITY,
                              .visible = seen_long_enough(&w, i, touch->other)};
        return true;
    }
    return false;
}

uint32_t cw_breach_find(const cw_judging *j, const cw_touch_row *touch, cw_breach *out) {
    window w;
    if (touch->other == CW_NONE || !open_window(&w, j, touch, out))
        return 0;
    uint8_t kind = j->h.scene->actors[touch->other].kind;
    if (cw_judging_is_vehicle(j, touch->other) || cw_judging_is_fixed(j, touch->other))
        leader(&w); // a load that slides is bound as a leader is
    if (cw_judging_is_vehicle(j, touch->other)) {
        cut_in(&w, touch->other);
        wander(&w);
        follower(&w);
        oncoming(&w);
        cw_breach_junction(&w);
    }
    cut_out(&w, touch->other);
    if (kind == CW_ACTOR_PEDESTRIAN || kind == CW_ACTOR_ANIMAL)
        cw_breach_pedestrian(&w);
    if (kind == CW_ACTOR_BICYCLE)
        cw_breach_cyclist(&w);
    // in order of time; few enough to sort by insertion
    for (uint32_t i = 1; i < w.found; i++)
        for (uint32_t k = i; k > 0 && out[k].time_ns < out[k - 1].time_ns; k--) {
            cw_breach swap = out[k];
            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    return w.found;
}
