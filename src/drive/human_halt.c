#include "drive/human_halt.h"
#include "drive/precedence.h"
#include <math.h>

static const double late = 3.0;    // m/s^2: a yellow light that takes more to halt at is driven through
static const double stands = 0.15; // m/s
static const double ease = 1.5;    // m/s^2 with which it drives off
static const double spare = 1.5;   // s that a gap in the traffic of whoever goes first must leave over
static const double sight = 80.0;  // m ahead at which it looks for others

static void nearer(human_halt *halt, double room, cw_cause cause) {
    if (room < halt->room) {
        halt->room = room;
        halt->cause = cause;
    }
}

static cw_cause about(uint8_t kind, uint8_t relation, cw_id id, uint32_t item, double room) {
    return (cw_cause){.kind = kind,
                      .relation = relation,
                      .quantity = CW_Q_DISTANCE_M,
                      .id = id,
                      .item = item,
                      .value = (float)cw_max(room, 0.0),
                      .effect = NAN};
}

static void at_signal(const human_way *way, const cw_signal_view *view, double room, uint32_t *stopped_at,
                      human_halt *halt) {
    double v = cw_max((double)way->obs->ego.speed, 0.0);
    bool red = view->light == CW_LIGHT_RED || view->light == CW_LIGHT_RED_YELLOW;
    bool yellow = view->light == CW_LIGHT_YELLOW && v * v / (2.0 * cw_max(room, 0.1)) <= late;
    bool sign = view->signal < way->obs->map->signal_count &&
                way->obs->map->signals[view->signal].kind == CW_SIGNAL_STOP && *stopped_at != view->signal;
    if (sign && v < stands && room < 3.0) {
        *stopped_at = view->signal; // from now on the right of way decides
        sign = false;
    }
    if (red || yellow) {
        nearer(halt, room, about(CW_CAUSE_SIGNAL, red ? CW_REL_RED : CW_REL_YELLOW, 0, view->signal, room));
    } else if (sign) {
        nearer(halt, room, about(CW_CAUSE_SIGN, CW_REL_AHEAD, 0, view->signal, room));
    }
}

static bool on_way(const human_way *way, uint32_t lane) {
    for (uint32_t k = 0; k < way->count; k++) {
        if (way->lanes[k] == lane) {
            return true;
        }
    }
    return false;
}

// Is the light that it drives by green for the stretch that begins `room` m ahead?
static bool has_green(const human_way *way, double room) {
    for (uint32_t i = 0; i < way->obs->signal_count; i++) {
        const cw_signal_view *view = &way->obs->signals[i];
        for (uint32_t k = 0; k < way->count && view->light == CW_LIGHT_GREEN; k++) {
            double line = way->start[k] + view->stop_travel - way->front;
            if (way->lanes[k] == view->lane && line < room + 1.0 && line > room - 40.0) {
                return true;
            }
        }
    }
    return false;
}

// s that it takes for so many metres when it drives off gently.
static double time_for(double way, double v, double wanted) {
    double top = cw_max(wanted, cw_max(v, 1.0)), run = (top * top - v * v) / (2.0 * ease);
    return way < run ? (sqrt(v * v + 2.0 * ease * way) - v) / ease : (top - v) / ease + (way - run) / top;
}

static void at_conflict(const human_way *way, const cw_conflict *conflict, double start, double wanted,
                        human_halt *halt) {
    const cw_obs *obs = way->obs;
    double room = start + conflict->s_in - way->front, beyond = start + conflict->s_out + way->rear;
    if (room < -0.8 || room > sight) {
        return; // inside it: then only out; or far away
    }
    double v = cw_max((double)obs->ego.speed, 0.0);
    int first = cw_precedence(obs->map, conflict, has_green(way, room));
    if (first > 0) {
        return; // whoever does not give way is a matter of the performance model
    }
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        double pace = (double)t->speed;
        if (pace < 0.4 || t->place.lane == CW_NONE || on_way(way, t->place.lane) ||
            !(cw_user_is_vehicle((cw_user_kind)t->kind) || t->kind == CW_USER_BICYCLE)) {
            continue;
        }
        double travel = cw_lane_travel(obs->map, t->place.lane, t->place.s), half = 0.5 * (double)t->length;
        double at = cw_approach(obs->map, conflict->other, t->place.lane, travel);
        if (isnan(at) || conflict->other_out - at + half < 0.0) {
            continue;
        }
        double arrives = cw_max(conflict->other_in - at - half, 0.0) / pace;
        double leaves = (conflict->other_out - at + half) / pace, comes = time_for(cw_max(room, 0.0), v, wanted);
        bool ahead = first < 0 ? time_for(beyond, v, wanted) + spare < arrives : comes < arrives;
        if (ahead || leaves + 0.5 < comes) {
            continue;
        }
        uint8_t kind = t->kind == CW_USER_BICYCLE ? CW_CAUSE_CYCLIST : CW_CAUSE_VEHICLE;
        cw_cause cause = about(kind, CW_REL_HAS_PRIORITY, t->id, CW_NONE, room);
        cause.quantity = CW_Q_ARRIVAL_S;
        cause.value = (float)arrives;
        nearer(halt, room - 0.5, cause);
    }
}

human_halt cw_human_halt(const human_way *way, double wanted, uint32_t *stopped_at) {
    human_halt halt = {.room = INFINITY};
    const cw_map *map = way->obs->map;
    for (uint32_t i = 0; i < way->obs->signal_count; i++) {
        const cw_signal_view *view = &way->obs->signals[i];
        for (uint32_t k = 0; k < way->count; k++) {
            double room = way->start[k] + view->stop_travel - way->front;
            if (way->lanes[k] == view->lane && room >= -1.0) {
                at_signal(way, view, room, stopped_at, &halt);
            }
        }
    }
    for (uint32_t k = 0; k < way->count && way->obs->track_count > 0; k++) {
        cw_span conflicts = map->lanes[way->lanes[k]].conflicts;
        for (uint32_t i = 0; i < conflicts.count; i++) {
            at_conflict(way, &map->conflicts[conflicts.first + i], way->start[k], wanted, &halt);
        }
    }
    // Where its way ends in nothing it halts.
    const cw_lane *last = way->count > 0 ? &map->lanes[way->lanes[way->count - 1]] : NULL;
    if (last && last->next.count == 0) {
        double room = way->start[way->count - 1] + last->length - way->front;
        nearer(&halt, room - 1.0, about(CW_CAUSE_GEOMETRY, CW_REL_END_OF_LANE, 0, way->lanes[way->count - 1], room));
    }
    return halt;
}
