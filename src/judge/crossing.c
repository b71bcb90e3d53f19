// Stop lines that the ego's front went over, with the light at that moment.
#include "judge/judging.h"

#include <math.h>

enum { CROSSED_MOST = 64, LANES = 4 };

static const double before_line = 6.0; // m in which one stops at a stop sign

bool cw_crossing_is_red(const cw_judging *j, const cw_line_crossed *crossed) {
    uint32_t signal = j->h.map->stops[crossed->stop].signal;
    return signal != CW_NONE && j->h.map->signals[signal].kind == CW_SIGNAL_LIGHT &&
           (crossed->light == CW_LIGHT_RED || crossed->light == CW_LIGHT_RED_YELLOW);
}

static double slowest_before(const cw_judging *j, uint32_t tick) {
    const cw_history *h = &j->h;
    const cw_moment *here = cw_history_ego(h, tick);
    double slowest = fabs(here->speed);
    for (uint32_t t = tick; t-- > 0;) {
        const cw_moment *m = cw_history_ego(h, t);
        if (!m || cw_hypot(m->box.x - here->box.x, m->box.y - here->box.y) > before_line)
            break;
        slowest = cw_min(slowest, fabs(m->speed));
    }
    return slowest;
}

static uint32_t look(const cw_judging *j, cw_line_crossed *out) {
    const cw_history *h = &j->h;
    const cw_map *map = h->map;
    uint32_t lanes[LANES], count = 0, found = 0, lane = CW_NONE;
    double start[LANES];
    for (uint32_t t = 0; map->stop_count > 0 && t + 1 < h->ticks; t++) {
        const cw_moment *a = cw_history_ego(h, t), *b = cw_history_ego(h, t + 1);
        const cw_ego_tick *e = &h->ego_ticks[t];
        if (!a || !b || !e->on_lane || e->wrong_way || fabs(e->turn) > CW_PI / 4)
            continue;
        if (a->place.lane != lane) {
            lane = a->place.lane;
            count = cw_history_chain(h, t, j->def->mission, lanes, start, LANES);
        }
        double moved = (b->box.x - a->box.x) * a->box.ux + (b->box.y - a->box.y) * a->box.uy;
        double from = e->travel + a->box.half_length, to = from + moved;
        for (uint32_t i = 0; moved > 0 && i < count; i++) {
            for (uint32_t k = map->lane_stops[lanes[i]]; k < map->lane_stops[lanes[i] + 1]; k++) {
                double at = start[i] + map->stops[k].s;
                if (!(from <= at && at < to) || found == CROSSED_MOST)
                    continue;
                if (found > 0 && out[found - 1].stop == k)
                    continue; // the same line, seen again from the next lane
                uint32_t signal = map->stops[k].signal;
                double share = (at - from) / moved;
                int64_t time = h->time[t] + (int64_t)(share * (double)(h->time[t + 1] - h->time[t]));
                out[found++] = (cw_line_crossed){.time_ns = time,
                                                 .tick = t,
                                                 .stop = k,
                                                 .light = signal == CW_NONE ? (uint8_t)CW_LIGHT_UNKNOWN
                                                                            : cw_history_light(h, signal, time, NULL),
                                                 .slowest = slowest_before(j, t)};
            }
        }
    }
    return found;
}

uint32_t cw_crossing_list(const cw_judging *j, const cw_line_crossed **out) {
    static const cw_line_crossed none;
    cw_line_crossed *list = j->h.map->stop_count > 0 ? cw_arena_array(j->h.arena, CROSSED_MOST, sizeof *list) : NULL;
    *out = list ? list : &none;
    return list ? look(j, list) : 0;
}
