// What the partner of a contact did against A1 in the 8 s before it: each clause looked for on truth.
#include "judge/judging.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHAIN_MOST = 24 };

static const int64_t look_back = 8000000000; // ns
static const double same_way = 0.5;          // cosine of the headings of two that drive the same way, at least
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
    double facing;       // cosine between the two headings
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
        n->facing = n->m->box.ux * n->ego->box.ux + n->m->box.uy * n->ego->box.uy;
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
        if (!n->m || !n->in_lane || !n->ahead || n->facing < same_way)
            continue;
        if (n->decel > most * (1 + slack_brake)) {
            broke(w, i, "leader braked at %.1f m/s2", n->decel);
            return;
        }
        if (n->m->speed < -0.1) {
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

// Ticks may have missed the first and the last moment of it.
static bool seen_long_enough(const window *w, uint32_t i, uint32_t actor) {
    return seen_coming(w, i, actor) + 2 * seconds_between(w, i - 1, i) >= w->j->a1.cut_in_visible;
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
            broke(w, i, "cut in beside ego");
            continue;
        }
        if (!n->ahead)
            continue;
        double closing = n->ego->speed - n->m->speed * n->facing;
        double ttc = closing > 0 ? n->gap / closing : INFINITY;
        double limit = closing / a1->cut_in_rate + a1->cut_in_time;
        if (ttc <= limit)
            broke(w, i, "cut in at TTC %.2f s, not above %.2f s", ttc, limit);
        if (!seen_long_enough(w, i, actor))
            broke(w, i, "cut in after %.1f s of visible motion", seen_coming(w, i, actor));
        for (uint32_t k = i; k < w->count && seconds_between(w, i, k) <= a1->cut_in_hold; k++)
            if (w->at[k].m && w->at[k].decel > a1->cut_in_brake * (1 + slack_brake) + 0.1) {
                broke(w, k, "braked at %.1f m/s2 after its cut-in", w->at[k].decel);
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
            broke(w, i, "wandered %.2f m within its lane", fabs(m->place.offset - from));
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
    if (since == w->count || seconds_between(w, since, w->count - 1) <= a1->follower_response)
        return;
    uint32_t due = since;
    while (due + 1 < w->count && seconds_between(w, since, due) < a1->follower_response)
        due++;
    double time = seconds_between(w, due, w->count - 1);
    double mean = time > 0 ? (w->at[due].m->speed - w->at[w->count - 1].m->speed) / time : w->at[due].decel;
    if (mean < a1->follower_brake * (1 - slack_brake)) {
        uint32_t before = w->found;
        broke(w, due, "followed without braking (%.1f m/s2)", mean);
        if (w->found > before)
            w->out[before].behind = true;
    }
}

// ---- oncoming --------------------------------------------------------------------------------------------------------

static void oncoming(window *w) {
    for (uint32_t i = 0; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!n->m || !n->ego || !n->in_lane || !n->ahead || n->facing > -same_way ||
            w->j->h.ego_ticks[n->tick].wrong_way)
            continue;
        uint32_t lane = n->ego->place.lane;
        if (w->j->h.map->lanes[lane].both_ways || n->m->speed < 0.1)
            continue;
        broke(w, i, "oncoming, left its side");
        return;
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
        broke(w, i, "hidden by a leader that swerved %.1f s before it", reach);
    }
}

// ---- junction --------------------------------------------------------------------------------------------------------

// Crossed a stop line later than 1 s after red; or entered the ego's way without priority although it could have stopped.
static void junction(window *w) {
    const cw_history *h = &w->j->h;
    const cw_map *map = h->map;
    for (uint32_t i = 1; i < w->count; i++) {
        instant *n = &w->at[i], *before = &w->at[i - 1];
        if (!n->m || !before->m || !n->ego || !cw_history_place(h, n->tick, n->m) ||
            !cw_history_place(h, before->tick, before->m) || n->m->speed < 0.1)
            continue;
        uint32_t lane = n->m->place.lane, was = before->m->place.lane;
        for (uint32_t k = map->lane_stops ? map->lane_stops[was] : 0; map->lane_stops && k < map->lane_stops[was + 1];
             k++) {
            uint32_t signal = map->stops[k].signal;
            double at = cw_lane_travel(map, was, before->m->place.s) + before->m->box.half_length;
            double moved = cw_hypot(n->m->box.x - before->m->box.x, n->m->box.y - before->m->box.y);
            int64_t since = 0;
            if (signal == CW_NONE || map->signals[signal].kind != CW_SIGNAL_LIGHT || map->stops[k].s < at ||
                map->stops[k].s >= at + moved)
                continue;
            uint8_t light = cw_history_light(h, signal, h->time[n->tick], &since);
            if (light == CW_LIGHT_RED && h->time[n->tick] - since > 1000000000)
                broke(w, i, "crossed a light %.1f s after red", (double)(h->time[n->tick] - since) * 1e-9);
        }
        if (lane == was || map->lanes[lane].junction == CW_NONE)
            continue;
        for (uint32_t k = 0; k < map->lanes[lane].conflicts.count; k++) {
            const cw_conflict *c = &map->conflicts[map->lanes[lane].conflicts.first + k];
            const instant *end = &w->at[w->count - 1];
            bool egos = end->ego && end->ego->place.lane == c->other;
            for (uint32_t t = i; t < w->count && !egos; t++)
                egos = w->at[t].ego && w->at[t].ego->place.lane == c->other;
            if (!egos || c->priority >= 0)
                continue;
            for (uint32_t b = i; b-- > 0 && w->at[b].m;) {
                const cw_moment *m = w->at[b].m;
                double to = cw_hypot(n->m->box.x - m->box.x, n->m->box.y - m->box.y) + c->s_in - m->box.half_length;
                if (to >= m->speed + m->speed * m->speed / 8) { // after 1 s at 4 m/s^2
                    broke(w, i, "entered the junction without priority");
                    break;
                }
            }
        }
    }
}

// ---- those on foot and on bicycles -----------------------------------------------------------------------------------

static bool near_crossing(const cw_map *map, const cw_moment *m, double within) {
    for (uint32_t i = 0; i < map->object_count; i++) {
        const cw_object *o = &map->objects[i];
        if (o->kind != CW_OBJECT_CROSSWALK || o->outline.count < 3)
            continue;
        bool inside = false;
        for (uint32_t k = 0, b = o->outline.count - 1; k < o->outline.count; b = k++) {
            cw_vec2 p = map->points[o->outline.first + k], q = map->points[o->outline.first + b];
            if ((p.y > m->y) != (q.y > m->y) && m->x < (q.x - p.x) * (m->y - p.y) / (q.y - p.y) + p.x)
                inside = !inside;
            double dx = q.x - p.x, dy = q.y - p.y, length = dx * dx + dy * dy;
            double f = length > 0 ? cw_clamp(((m->x - p.x) * dx + (m->y - p.y) * dy) / length, 0, 1) : 0;
            if (cw_hypot(m->x - p.x - f * dx, m->y - p.y - f * dy) <= within)
                return true;
        }
        if (inside)
            return true;
    }
    return false;
}

// On the carriageway, near a marked crossing, or near the edge and heading for it.
static bool engaged(const cw_judging *j, uint32_t tick, const cw_moment *m) {
    uint32_t driving = 0;
    for (uint32_t kind = 0; kind < CW_LANE_KINDS; kind++)
        driving |= cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}) ? 1u << kind : 0;
    const cw_moment *ego = cw_history_ego(&j->h, tick);
    cw_locate query = {.x = m->x, .y = m->y, .z = m->z, .heading = NAN, .kinds = driving, .hint = {.lane = CW_NONE}};
    if (ego)
        query.hint = ego->place;
    cw_lane_place place;
    if (cw_map_locate(j->h.map, &query, &place) || near_crossing(j->h.map, m, j->a1.engaged_crossing))
        return true;
    if (place.lane == CW_NONE || fabs(m->speed) < 0.05)
        return false;
    double half = 0.5 * cw_lane_width(j->h.map, place.lane, place.s);
    place.offset = cw_clamp(place.offset, -half, half);
    cw_pose edge = cw_lane_pose(j->h.map, place, NULL);
    double dx = edge.x - m->x, dy = edge.y - m->y, far = cw_hypot(dx, dy);
    return far <= j->a1.engaged_edge &&
           dx * m->box.ux + dy * m->box.uy >= far * cw_cos(j->a1.engaged_angle) * copysign(1, m->speed);
}

static void pedestrian(window *w) {
    const cw_assumptions *a1 = &w->j->a1;
    uint32_t since = w->count;
    for (uint32_t i = w->count; i-- > 0 && w->at[i].m && engaged(w->j, w->at[i].tick, w->at[i].m);)
        since = i;
    for (uint32_t i = 1; i < w->count; i++) {
        if (!w->at[i].m)
            continue;
        // faster than it walked a second before allows: the first tick of that second which it was there
        uint32_t b = i;
        while (b > 0 && w->at[b - 1].m && seconds_between(w, b - 1, i) <= 1.0)
            b--;
        double most = cw_max(fabs(w->at[b].m->speed), a1->walker_speed) + a1->speed_error;
        if (fabs(w->at[i].m->speed) > most) {
            broke(w, i, "sped up to %.1f m/s on foot", fabs(w->at[i].m->speed));
            break;
        }
    }
    // newly engaged: it was there before, and was not; away from marked crossings
    if (since == w->count || since == 0 || !w->at[since - 1].m || !w->at[since].ego)
        return;
    const instant *n = &w->at[since], *end = &w->at[w->count - 1];
    if (near_crossing(w->j->h.map, end->m, a1->engaged_crossing))
        return;
    double along = (w->touch->x - n->ego->box.x) * n->ego->box.ux + (w->touch->y - n->ego->box.y) * n->ego->box.uy -
                   n->ego->box.half_length;
    double stop = cw_judging_stop(w->j, n->tick);
    if (n->ego->speed > 0.1 && along < stop)
        broke(w, since, "newly engaged %.1f m ahead, ego stops in %.1f m", along, stop);
}

static void cyclist(window *w) {
    double line = NAN;
    uint32_t lane = CW_NONE;
    for (uint32_t i = 0; i < w->count; i++) {
        cw_moment *m = w->at[i].m;
        if (!m)
            continue;
        if (m->speed > 8.0 + w->j->a1.speed_error) { // A1's cyclist; it has no name in the table of numbers yet
            broke(w, i, "cycled at %.1f m/s", m->speed);
            return;
        }
        if (!cw_history_place(&w->j->h, w->at[i].tick, m))
            continue;
        cw_pose pose = cw_lane_pose(w->j->h.map, m->place, NULL);
        bool along = fabs(cw_sin(cw_wrap_angle(m->heading - pose.heading))) < 0.5;
        if (!along)
            line = NAN; // it crosses: that is no swerve
        else if (!isfinite(line) || m->place.lane != lane) {
            line = m->place.offset;
            lane = m->place.lane;
        } else if (fabs(m->place.offset - line) > 1.0) {
            broke(w, i, "swerved %.1f m", fabs(m->place.offset - line));
            return;
        }
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
    if (cw_judging_is_vehicle(j, touch->other)) {
        leader(&w);
        cut_in(&w, touch->other);
        wander(&w);
        follower(&w);
        oncoming(&w);
        junction(&w);
    }
    cut_out(&w, touch->other);
    if (kind == CW_ACTOR_PEDESTRIAN)
        pedestrian(&w);
    if (kind == CW_ACTOR_BICYCLE)
        cyclist(&w);
    // in order of time; few enough to sort by insertion
    for (uint32_t i = 1; i < w.found; i++)
        for (uint32_t k = i; k > 0 && out[k].time_ns < out[k - 1].time_ns; k--) {
            cw_breach swap = out[k];
            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    return w.found;
}
