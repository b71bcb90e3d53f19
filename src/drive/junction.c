// Where other lanes cross the way: who may come there, and how soon at the earliest. A1: who has no priority and can stop
// before it at 4 m/s^2 after 1 s does so; one who cannot counts as having priority; nobody exceeds 1.1 times the limit, or the
// speed that it is seen with. What it may do otherwise is left open: it may keep standing in there.
#include "drive/evaluator_internal.h"
#include "drive/planted.h"
#include "drive/precedence.h"

#include <math.h>

#define LOST 10       // frames
#define ANYWHERE 10.0 // m of error from which a track says no more than that somebody may be hidden
#define FEED 160.0    // m before an area for which the lanes that lead there are looked at
#define TAIL 25.0     // m beyond it in which the rear of a long vehicle may still be inside
#define HEADING 0.5   // cosine between a vehicle and a lane that it may be following
#define OPPOSITE 2.2  // rad between the lanes' beginnings: from the arm across
#define BESIDE 0.35   // rad, likewise: from the same arm
#define LINE 60.0     // m behind a line for which its light holds
#define UNKNOWN 25.0  // m/s where no limit is stated

// ---- the way's side: sampled with it -----------------------------------------------------------------------------------

static double heading_at(const cw_map *map, uint32_t lane, double travel) {
    return cw_lane_pose(map, (cw_lane_place){lane, cw_lane_station(map, lane, travel), 0}, NULL).heading;
}

// With a green light the crossing roads have red; the arm across has green too.
static int8_t with_green(const cw_map *map, const cw_conflict *c) {
    double came = fabs(cw_wrap_angle(heading_at(map, c->other, 0) - heading_at(map, c->lane, 0)));
    return (int8_t)(came > BESIDE && came < OPPOSITE ? 1 : cw_precedence(map, c, true));
}

static bool feed(way *w, uint32_t lane, uint32_t to, double ahead) {
    for (uint32_t i = 0; i < w->feeder_count; i++)
        if (w->feeder[i].lane == lane && w->feeder[i].area == to)
            return false;
    if (w->feeder_count == FEEDERS_MOST)
        return false;
    w->feeder[w->feeder_count++] = (feeder){.lane = lane, .area = (uint16_t)to, .ahead = (float)ahead};
    return true;
}

void junction_feeders(way *w, const cw_map *map, const uint32_t *lanes, uint32_t lane_count) {
    w->feeder_count = 0;
    for (uint32_t a = 0; a < w->area_count; a++) {
        area *at = &w->area[a];
        if (at->kind != AREA_CONFLICT || at->conflict == CW_NONE || at->to < WAY_BACK - TAIL)
            continue;
        const cw_conflict *c = &map->conflicts[at->conflict];
        at->first = (int8_t)cw_precedence(map, c, false);
        at->green = with_green(map, c);
        uint32_t first = w->feeder_count;
        bool own = false; // the way itself runs over it
        for (uint32_t k = 0; k < lane_count; k++)
            own |= lanes[k] == c->other;
        if (own)
            continue;
        feed(w, c->other, a, c->other_in);
        const cw_lane *across = &map->lanes[c->other];
        for (uint32_t k = 0; across->length - c->other_out < TAIL && k < across->next.count; k++)
            feed(w, map->links[across->next.first + k], a, c->other_in - across->length);
        for (uint32_t i = first; i < w->feeder_count; i++) { // grows while it is gone through
            feeder f = w->feeder[i];
            if ((double)f.ahead < 0 || (double)f.ahead > FEED)
                continue;
            cw_span before = map->lanes[f.lane].previous;
            for (uint32_t k = 0; k < before.count; k++) {
                uint32_t lane = map->links[before.first + k];
                bool mine = false; // who is there follows ego or leads it
                for (uint32_t n = 0; n < lane_count; n++)
                    mine |= lanes[n] == lane;
                if (!mine && cw_lane_drivable(&map->lanes[lane]))
                    feed(w, lane, a, (double)f.ahead + map->lanes[lane].length);
            }
        }
    }
}

// ---- the others' side: each tick ---------------------------------------------------------------------------------------

// s until it has gone so far, m, at the earliest: it gains as much as A1 lets it, up to `most`.
static double soonest(double v, double most, double gain, double far) {
    if (far <= 0)
        return 0;
    double gaining = cw_max(0, most - v) / gain, gone = gaining * (v + 0.5 * gain * gaining);
    if (gone < far)
        return gaining + (far - gone) / cw_max(most, 0.01);
    return (sqrt(v * v + 2 * gain * far) - v) / gain;
}

// What is remembered of who stops: once it could, it does, for as long as it still can.
static bool gives_way(cw_evaluator *e, cw_id id, uint32_t conflict, double room, double v) {
    const cw_assumptions *a1 = &e->a1;
    double stop = v * v / (2 * a1->junction_brake);
    bound *known = NULL;
    for (uint32_t i = 0; i < e->bound_count && !known; i++)
        if (e->bound[i].id == id && e->bound[i].conflict == conflict)
            known = &e->bound[i];
    bool could = room >= PLANT(stops_at_once, 0, a1->junction_response) * v + stop;
    if (!known && could && e->bound_count < BOUND_MOST) {
        known = &e->bound[e->bound_count++];
        *known = (bound){.id = id, .conflict = conflict};
    }
    if (known)
        known->ticks = 0;
    return could || (known && room >= stop);
}

static void forget(cw_evaluator *e) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < e->bound_count; i++)
        if (++e->bound[i].ticks <= 5)
            e->bound[kept++] = e->bound[i];
    e->bound_count = kept;
}

// The line that ego has passed, or comes to, at green.
static void light(cw_evaluator *e, const view *v) {
    const cw_obs *obs = v->obs;
    for (uint32_t i = 0; i < obs->signal_count; i++) {
        const cw_signal_view *signal = &obs->signals[i];
        if (signal->light == CW_LIGHT_OFF || obs->map->signals[signal->signal].kind != CW_SIGNAL_LIGHT)
            continue;
        uint32_t at = e->way.at;
        double s, d;
        way_project(&e->way, signal->stop_x, signal->stop_y, &at, &s, &d);
        if (s < v->ego_front && s < e->green + 1)
            continue; // passed: what it shows now is for others
        bool green = signal->light == CW_LIGHT_GREEN || signal->light == CW_LIGHT_YELLOW;
        if (green)
            e->green = s;
        else if (fabs(s - e->green) < 2)
            e->green = -INFINITY;
        break; // the next one is another junction's
    }
}

// Any vehicle, however far aside: it is told by the lanes that it is on.
static void come(cw_evaluator *e, view *v, const cw_track *t) {
    const cw_assumptions *a1 = &e->a1;
    const cw_map *map = v->obs->map;
    const way *w = &e->way;
    cw_box body = cw_track_box(v->obs, t);
    cw_locate query = cw_locate_at(body.x, body.y);
    query.z = v->obs->ego.z + (double)t->z;
    cw_lane_place places[8];
    uint32_t count = cw_map_locate_all(map, &query, places, 8);
    double slow = fabs((double)t->speed);
    if (slow <= a1->speed_error) // who stands lets pass until it moves
        return;
    double fast = slow + cw_max((double)t->speed_error, a1->speed_error);
    double error = cw_max((double)t->error, a1->position_error), half = body.half_length;
    double age = a1->age + cw_min((double)t->missed, LOST) * (double)e->period;
    for (uint32_t p = 0; p < count; p++) {
        uint32_t lane = places[p].lane;
        double travel = NAN;
        for (uint32_t i = 0; i < w->feeder_count; i++) {
            const feeder *f = &w->feeder[i];
            if (f->lane != lane)
                continue;
            if (isnan(travel)) {
                double sine, cosine;
                cw_sincos(cw_lane_pose(map, places[p], NULL).heading, &sine, &cosine);
                if (cosine * body.ux + sine * body.uy < HEADING)
                    break;
                travel = cw_lane_travel(map, lane, places[p].s);
            }
            const area *a = &w->area[f->area];
            const cw_conflict *c = &map->conflicts[a->conflict];
            double to_go = (double)f->ahead - travel, room = to_go - half - error - fast * age;
            if (to_go + half + error + (c->other_out - c->other_in) < 0)
                continue; // it is through
            double limit = cw_max((double)cw_lane_limit(map, lane, places[p].s),
                                  (double)cw_lane_limit(map, c->other, map->lanes[c->other].s0));
            if (!(limit > 0))
                limit = UNKNOWN;
            double most = t->kind == CW_USER_BICYCLE ? a1->cyclist_speed : a1->junction_over_limit * limit;
            double due = soonest(fast, cw_max(fast, PLANT(nobody_gains, fast, most)), a1->vehicle_gain, room);
            bool green = a->from > e->green - 1 && a->from < e->green + LINE;
            bool first = PLANT(priority_ours, true, (green ? a->green : a->first) >= 0);
            bool stops = room >= 0 && gives_way(e, t->id, a->conflict, room, fast);
            if (!(first && stops) && due < v->due[f->area]) {
                v->due[f->area] = due;
                v->due_id[f->area] = t->id;
            }
            if (!stops && due < v->stuck[f->area]) {
                v->stuck[f->area] = due;
                v->stuck_id[f->area] = t->id;
            }
        }
    }
}

void junction_make(view *v, cw_evaluator *e) {
    forget(e);
    for (uint32_t i = 0; i < e->way.area_count; i++) {
        v->due[i] = v->stuck[i] = INFINITY;
        v->due_id[i] = v->stuck_id[i] = 0;
    }
    if (e->way.feeder_count == 0)
        return;
    light(e, v);
    for (uint32_t i = 0; i < v->obs->track_count; i++) {
        const cw_track *t = &v->obs->tracks[i];
        if (t->kind != CW_USER_PEDESTRIAN && t->kind != CW_USER_ANIMAL && t->kind != CW_USER_OBSTACLE &&
            (double)t->error < ANYWHERE)
            come(e, v, t);
    }
}
