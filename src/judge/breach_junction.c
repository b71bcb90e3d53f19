// A1's junction clause: who has to wait and could, waits; nobody enters later than 1 s after red, or faster than the limit
// lets expect.
#include "judge/breach.h"

#include <math.h>

static const int64_t red_grace = 1000000000;         // ns
static const double respond = 1.0, wait_brake = 4.0; // s, m/s^2: who can stop so, waits
static const double limit_share = 1.1;

static bool is_light(const cw_map *map, uint32_t stop) {
    uint32_t signal = map->stops[stop].signal;
    return signal != CW_NONE && map->signals[signal].kind == CW_SIGNAL_LIGHT;
}

// A light on the lane or on one that leads to it.
static bool lit(const cw_map *map, uint32_t lane) {
    const cw_lane *l = &map->lanes[lane];
    for (uint32_t i = 0; map->lane_stops && i <= l->previous.count; i++) {
        uint32_t on = i == 0 ? lane : map->links[l->previous.first + i - 1];
        for (uint32_t k = map->lane_stops[on]; k < map->lane_stops[on + 1]; k++)
            if (is_light(map, k))
                return true;
    }
    return false;
}

static double heading_at(const cw_map *map, uint32_t lane, double travel) {
    return cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = cw_lane_station(map, lane, travel)}, NULL).heading;
}

// Has the one on `lane` to wait for the one on `other`: by what the map states; else who turns across waits for who comes
// the other way; else, without lights, right before left (left before right where one drives on the left).
static bool must_wait(const cw_map *map, const cw_conflict *c) {
    if (c->priority != 0)
        return c->priority < 0;
    const cw_lane *lane = &map->lanes[c->lane], *other = &map->lanes[c->other];
    double side = map->roads[lane->road].left_hand ? -1 : 1;
    double from = heading_at(map, c->lane, 0), their = heading_at(map, c->other, 0);
    double came = side * cw_wrap_angle(their - from);
    if (fabs(came) > 0.75 * CW_PI) {
        double turn = side * cw_wrap_angle(heading_at(map, c->lane, lane->length) - from);
        double their_turn = side * cw_wrap_angle(heading_at(map, c->other, other->length) - their);
        return turn > 0.25 * CW_PI && their_turn < 0.25 * CW_PI;
    }
    return came > 0.25 * CW_PI && !lit(map, c->lane) && !lit(map, c->other);
}

static void late_at_light(window *w, uint32_t i) {
    const cw_history *h = &w->j->h;
    const cw_map *map = h->map;
    const cw_moment *m = w->at[i].m, *was = w->at[i - 1].m;
    uint32_t lane = was->place.lane;
    double at = cw_lane_travel(map, lane, was->place.s) + was->box.half_length;
    double moved = cw_hypot(m->box.x - was->box.x, m->box.y - was->box.y);
    for (uint32_t k = map->lane_stops ? map->lane_stops[lane] : 0; map->lane_stops && k < map->lane_stops[lane + 1];
         k++) {
        int64_t since = 0, now = h->time[w->at[i].tick];
        if (!is_light(map, k) || map->stops[k].s < at || map->stops[k].s >= at + moved)
            continue;
        uint8_t light = cw_history_light(h, map->stops[k].signal, now, &since);
        if (light == CW_LIGHT_RED && now - since > red_grace)
            cw_breach_note(w, i, "crossed a light %.1f s after red", "적신호 %.1f초 뒤 정지선을 넘음",
                           (double)(now - since) * 1e-9);
        else if (light == CW_LIGHT_RED_YELLOW) // a red that is about to end
            cw_breach_note(w, i, "crossed a light before its green", "녹색 신호 전에 정지선을 넘음");
    }
}

// From instant i on the partner is on a lane of the junction: does the ego's way lie across it?
static const cw_conflict *across(const window *w, uint32_t i, uint32_t lane, uint32_t nth) {
    const cw_map *map = w->j->h.map;
    const cw_span span = map->lanes[lane].conflicts;
    for (uint32_t k = 0; k < span.count; k++) {
        const cw_conflict *c = &map->conflicts[span.first + k];
        bool egos = false;
        for (uint32_t t = i; t < w->count && !egos; t++)
            egos = w->at[t].ego && w->at[t].ego->place.lane == c->other;
        if (egos && nth-- == 0)
            return c;
    }
    return NULL;
}

// Could it have stopped before the conflict when ego and it could see each other?
static bool could_wait(const window *w, uint32_t i, const cw_conflict *c) {
    const instant *n = &w->at[i];
    double inside = c->s_in - cw_lane_travel(w->j->h.map, c->lane, n->m->place.s);
    for (uint32_t b = i; b-- > 0 && w->at[b].m;) {
        const cw_moment *m = w->at[b].m;
        double to = cw_hypot(n->m->box.x - m->box.x, n->m->box.y - m->box.y) + inside - m->box.half_length;
        if (to >= m->speed * respond + m->speed * m->speed / (2 * wait_brake) &&
            cw_sight_clear(w->j, w->at[b].tick, w->touch->other))
            return true;
    }
    return false;
}

// At most as fast as it was seen to be, or 1.1 times the limit; out of hiding before an ego that cannot stop any more, at
// most the latter (O2).
static void speeds(window *w) {
    const cw_history *h = &w->j->h;
    double seen = NAN;
    bool hidden = false;
    for (uint32_t i = 0; i < w->count; i++) {
        const instant *n = &w->at[i];
        if (!n->m || !n->ego || !cw_history_place(h, n->tick, n->m))
            continue;
        double limit = limit_share * (double)cw_lane_limit(h->map, n->m->place.lane, n->m->place.s);
        if (!(limit > 0))
            continue;
        if (!isfinite(seen)) {
            if (!cw_sight_clear(w->j, n->tick, w->touch->other)) {
                hidden = true;
                continue;
            }
            seen = n->m->speed;
            double far = cw_hypot(w->touch->x - n->ego->box.x, w->touch->y - n->ego->box.y) - n->ego->box.half_length;
            if (hidden && seen > limit + slack_speed && far < cw_judging_stop(w->j, n->tick)) {
                cw_breach_note(w, i, "came into sight at %.1f m/s, where %.1f may be feared",
                               "%.1f m/s로 나타남 (우려되는 속도는 %.1f m/s까지)", seen, limit);
                return;
            }
        }
        if (n->m->speed > cw_max(seen, limit) + slack_speed) {
            cw_breach_note(w, i, "sped up to %.1f m/s before the junction", "교차로 앞에서 %.1f m/s로 빨라짐",
                           n->m->speed);
            return;
        }
    }
}

void cw_breach_junction(window *w) {
    const cw_history *h = &w->j->h;
    bool crosses = false;
    for (uint32_t i = 1; i < w->count; i++) {
        instant *n = &w->at[i], *before = &w->at[i - 1];
        if (!n->m || !before->m || !n->ego || !cw_history_place(h, n->tick, n->m) ||
            !cw_history_place(h, before->tick, before->m) || n->m->speed < 0.1)
            continue;
        late_at_light(w, i);
        uint32_t lane = n->m->place.lane;
        if (lane == before->m->place.lane || h->map->lanes[lane].junction == CW_NONE)
            continue;
        const cw_conflict *c;
        for (uint32_t nth = 0; (c = across(w, i, lane, nth)) != NULL; nth++) {
            crosses = true;
            if (must_wait(h->map, c) && could_wait(w, i, c)) {
                cw_breach_note(w, i, "entered the junction without priority", "우선권 없이 교차로에 들어옴");
                break;
            }
        }
    }
    if (crosses)
        speeds(w);
}
