#include "judge/monitor.h"

#include "causeway/agent.h"
#include "causeway/assumptions.h"
#include "causeway/scene.h"

#include <math.h>
#include <stdlib.h>

static const double red_grace = 1.0, limit_share = 1.1;    // s; of A1's junction clause
static const double cyclist_speed = 8.0;                   // m/s, of its cyclist clause
static const double coming = 3.0;                          // s within which one who comes is met
static const double sideways = 0.05;                       // m/s across the lane that can be seen
static const double measured = 0.3;                        // m/s^2 by which braking may be misjudged between two looks
static const double yields_time = 1.0, yields_brake = 4.0; // s, m/s^2, of the junction clause
static const double crossing = 0.6;                        // rad of a turn over the oncoming lane
static const double ring_way = 220, ring_radius = 70;      // m: a roundabout's ring is no longer, and bends at least so
static const double path = 3.0;                            // m beside a body in which a walker is in its way

enum { RING_LANES = 24 };

typedef struct seen { // of one actor at a look
    bool present;
    cw_actor_state now;
    double travel;    // on its lane, m
    int over;         // which line its tyres are over: -1 right, +1 left
    double entry;     // m/s with which it came into the junction
    double there;     // s for which it has been present
    double rate;      // m/s to the left across the lanes, NAN: not known
    double to[2];     // s for which it has moved to the left, to the right
    double pressed;   // s for which it has had to brake hard for the one ahead
    double beside[2]; // offset when somebody came level on the left, on the right; NAN: nobody is
    bool hindered;    // somebody with priority in this junction already
    bool walks_in;    // walkers: on the carriageway or about to be
} seen;

struct cw_monitor {
    const cw_scene *scene;
    cw_assumptions a1;
    double period;
    bool any;
    seen *old, *new;
    uint32_t count[CW_MONITOR_CLAUSES], actor[CW_MONITOR_CLAUSES];
    int64_t time[CW_MONITOR_CLAUSES];
};

const char *cw_monitor_clause_name(cw_monitor_clause clause) {
    static const char *const names[] = {"leader",   "cut_in", "oncoming", "red",  "speed",    "pedestrian", "cyclist",
                                        "follower", "wander", "cut_out",  "seen", "junction", "jaywalker"};
    return names[clause];
}

cw_monitor *cw_monitor_new(const struct cw_world *world, double period) {
    cw_monitor *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->scene = cw_world_scene(world);
    m->a1 = cw_assumptions_a1();
    m->period = period;
    m->old = calloc(m->scene->actor_count + 1, sizeof *m->old);
    m->new = calloc(m->scene->actor_count + 1, sizeof *m->new);
    if (!m->old || !m->new) {
        cw_monitor_free(m);
        return NULL;
    }
    return m;
}

void cw_monitor_free(cw_monitor *m) {
    if (!m)
        return;
    free(m->old);
    free(m->new);
    free(m);
}

uint32_t cw_monitor_count(const cw_monitor *m, cw_monitor_clause clause, uint32_t *actor, int64_t *time_ns) {
    if (actor)
        *actor = m->actor[clause];
    if (time_ns)
        *time_ns = m->time[clause];
    return m->count[clause];
}

static void breach(cw_monitor *m, const cw_world *world, cw_monitor_clause clause, uint32_t actor) {
    m->count[clause]++;
    m->actor[clause] = actor;
    m->time[clause] = cw_world_time(world);
}

static bool drives(const cw_scene *scene, uint32_t i) {
    return cw_user_is_vehicle((cw_user_kind)scene->actors[i].kind);
}

static double front_of(const cw_actor *a) {
    return (double)a->length / 2 + (double)a->center_x;
}
static double rear_of(const cw_actor *a) {
    return (double)a->length / 2 - (double)a->center_x;
}

static void place(cw_monitor *m, const cw_world *world, uint32_t i) {
    seen *n = &m->new[i];
    const seen *o = &m->old[i];
    const cw_map *map = m->scene->map;
    *n = (seen){0};
    cw_world_actor(world, i, &n->now);
    n->present = n->now.present;
    n->there = o->present ? o->there + m->period : 0;
    if (!n->present || n->now.place.lane == CW_NONE)
        return;
    uint32_t lane = n->now.place.lane;
    n->travel = cw_lane_travel(map, lane, n->now.place.s);
    double half = 0.5 * cw_lane_width(map, lane, n->now.place.s), side = (double)m->scene->actors[i].width / 2;
    if (fabs(n->now.place.offset) + side - half > m->a1.cut_in_over)
        n->over = n->now.place.offset > 0 ? 1 : -1;
    bool junction = map->lanes[lane].junction != CW_NONE;
    bool was = o->present && o->now.place.lane != CW_NONE && map->lanes[o->now.place.lane].junction != CW_NONE;
    n->entry = !junction ? 0 : was ? o->entry : (double)n->now.speed;
}

// Over a line since this look: who is on the lane beside, behind it or towards it?
static void crossed_line(cw_monitor *m, const cw_world *world, uint32_t i) {
    const seen *n = &m->new[i], *o = &m->old[i];
    const cw_map *map = m->scene->map;
    if (n->over == 0 || !o->present || o->now.place.lane != n->now.place.lane || o->over != 0)
        return; // a lane taken over while under way was looked at when its line was crossed
    uint32_t lane = n->now.place.lane, beside = n->over > 0 ? map->lanes[lane].left : map->lanes[lane].right;
    if (beside == CW_NONE || !cw_lane_drivable(&map->lanes[beside]))
        return;
    bool same = cw_lane_same_way(map, lane, n->over > 0);
    double at = cw_lane_travel(map, beside, n->now.place.s);
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        if (k == i || !b->present || b->now.place.lane != beside || !drives(m->scene, k))
            continue;
        double gap = at - rear_of(&m->scene->actors[i]) - b->travel - front_of(&m->scene->actors[k]);
        if (!same)
            gap = at - front_of(&m->scene->actors[i]) - b->travel - front_of(&m->scene->actors[k]);
        double closing = same ? (double)(b->now.speed - n->now.speed) : (double)(b->now.speed + n->now.speed);
        if (gap < 0 || closing <= 0)
            continue;
        if (same && gap / closing <= closing / m->a1.cut_in_rate + m->a1.cut_in_time)
            breach(m, world, CW_MONITOR_CUT_IN, i);
        if (!same && gap / closing < coming &&
            fabs(b->now.place.offset) < 0.5 * cw_lane_width(map, beside, b->now.place.s))
            breach(m, world, CW_MONITOR_ONCOMING, i);
    }
}

// A change of lane seen as such: the place is now counted on the other lane, with the body over the line from there.
static void changed_lane(cw_monitor *m, const cw_world *world, uint32_t i) {
    const seen *n = &m->new[i], *o = &m->old[i];
    const cw_map *map = m->scene->map;
    uint32_t lane = n->now.place.lane, was = o->now.place.lane;
    if (!o->present || was == CW_NONE || was == lane || (map->lanes[was].left != lane && map->lanes[was].right != lane))
        return;
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        if (k == i || !b->present || b->now.place.lane != lane || !drives(m->scene, k))
            continue;
        double gap = n->travel - rear_of(&m->scene->actors[i]) - b->travel - front_of(&m->scene->actors[k]);
        double closing = (double)(b->now.speed - n->now.speed);
        if (gap > 0 && closing > 0 && gap / closing <= closing / m->a1.cut_in_rate + m->a1.cut_in_time)
            breach(m, world, CW_MONITOR_CUT_IN, i);
    }
}

static void crossed_red(cw_monitor *m, const cw_world *world, uint32_t i) {
    const seen *n = &m->new[i], *o = &m->old[i];
    const cw_map *map = m->scene->map;
    if (!o->present || o->now.place.lane == CW_NONE || !map->lane_stops)
        return;
    uint32_t lane = o->now.place.lane;
    double was = o->travel + front_of(&m->scene->actors[i]);
    double is = was + (n->now.traveled - o->now.traveled);
    for (uint32_t k = map->lane_stops[lane]; k < map->lane_stops[lane + 1]; k++) {
        const cw_stop *stop = &map->stops[k];
        if (stop->signal == CW_NONE || map->signals[stop->signal].kind != CW_SIGNAL_LIGHT || stop->s < was ||
            stop->s >= is)
            continue;
        double since = (double)(cw_world_time(world) - cw_world_light_since(world, stop->signal)) * 1e-9;
        if (cw_world_light(world, stop->signal) == CW_LIGHT_RED && since > red_grace)
            breach(m, world, CW_MONITOR_RED, i);
    }
}

// ---- across the lane -------------------------------------------------------------------------------------------------

static double half_width(const cw_monitor *m, const seen *n) {
    return 0.5 * cw_lane_width(m->scene->map, n->now.place.lane, n->now.place.s);
}

// How it has moved across since the last look, also when its place is now counted on the lane beside.
static void moved_across(cw_monitor *m, uint32_t i) {
    seen *n = &m->new[i];
    const seen *o = &m->old[i];
    const cw_map *map = m->scene->map;
    uint32_t lane = n->now.place.lane, was = o->now.place.lane;
    n->rate = (double)NAN;
    if (!o->present || lane == CW_NONE || was == CW_NONE)
        return;
    double apart = 0;
    if (lane == map->lanes[was].left && cw_lane_same_way(map, was, true))
        apart = half_width(m, n) + half_width(m, o);
    else if (lane == map->lanes[was].right && cw_lane_same_way(map, was, false))
        apart = -half_width(m, n) - half_width(m, o);
    else if (lane != was)
        return; // one lane behind the other: the middle of the lane may jump
    n->rate = (n->now.place.offset + apart - o->now.place.offset) / m->period;
    n->to[0] = n->rate > sideways ? o->to[0] + m->period : 0;
    n->to[1] = n->rate < -sideways ? o->to[1] + m->period : 0;
}

// How deep the body is over the line into `lane`, coming from its right (else left), m; NAN: it is on neither side of it.
static double depth(const cw_monitor *m, uint32_t i, const seen *n, uint32_t lane, bool from_right) {
    const cw_map *map = m->scene->map;
    uint32_t on = n->now.place.lane;
    if (!n->present || on == CW_NONE)
        return (double)NAN;
    double side = (double)m->scene->actors[i].width / 2, half = half_width(m, n);
    double across = from_right ? n->now.place.offset : -n->now.place.offset;
    if (on == lane)
        return across + side + half;
    uint32_t next = from_right ? map->lanes[on].left : map->lanes[on].right;
    return next == lane && cw_lane_same_way(map, on, from_right) ? across + side - half : (double)NAN;
}

// The nearest on a lane behind the rear of i, and how far: who must cope with what i does there. CW_NONE: nobody in sight.
static uint32_t behind(const cw_monitor *m, uint32_t i, uint32_t lane, double at, double *gap) {
    uint32_t best = CW_NONE;
    *gap = m->a1.range;
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        if (k == i || !b->present || b->now.place.lane != lane || !drives(m->scene, k))
            continue;
        double room = at - rear_of(&m->scene->actors[i]) - b->travel - front_of(&m->scene->actors[k]);
        if (room > 0 && room < *gap) {
            *gap = room;
            best = k;
        }
    }
    return best;
}

// Leaving `lane` to the left or right: did it begin in time before what stands there?
static void cut_out(cw_monitor *m, const cw_world *world, uint32_t i, uint32_t lane, bool left) {
    const seen *n = &m->new[i];
    double gap, speed = (double)n->now.speed, since = n->to[left ? 0 : 1];
    double at = cw_lane_travel(m->scene->map, lane, n->now.place.s), start = at - speed * since;
    if (speed < 1 || behind(m, i, lane, at, &gap) == CW_NONE)
        return;
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        if (k == i || !b->present || b->now.place.lane != lane || fabs((double)b->now.speed) > 0.5 ||
            fabs(b->now.place.offset) > half_width(m, b))
            continue;
        double reach = b->travel - rear_of(&m->scene->actors[k]) - start - front_of(&m->scene->actors[i]);
        if (b->travel > at && reach < m->a1.cut_out_time * speed)
            breach(m, world, CW_MONITOR_CUT_OUT, i);
    }
}

// A tyre comes over a line since the last look: could that be seen coming, and what was left behind?
static void over_line(cw_monitor *m, const cw_world *world, uint32_t i) {
    const seen *n = &m->new[i], *o = &m->old[i];
    const cw_map *map = m->scene->map;
    uint32_t on = n->now.place.lane;
    for (int side = 0; side < 2; side++) { // to the left, to the right
        bool left = side == 0;
        uint32_t into[2] = {on, left ? map->lanes[on].left : map->lanes[on].right};
        for (int k = 0; k < 2; k++) {
            if (into[k] == CW_NONE || !cw_lane_drivable(&map->lanes[into[k]]))
                continue;
            double was = depth(m, i, o, into[k], left), is = depth(m, i, n, into[k], left), gap;
            if (!(was <= m->a1.cut_in_over && is > m->a1.cut_in_over))
                continue;
            double at = cw_lane_travel(map, into[k], n->now.place.s);
            // The looks may have missed the first and the last moment of it.
            if (behind(m, i, into[k], at, &gap) != CW_NONE && n->to[side] + 2 * m->period < m->a1.cut_in_visible)
                breach(m, world, CW_MONITOR_SEEN, i);
            uint32_t from = left ? map->lanes[into[k]].right : map->lanes[into[k]].left;
            if (from != CW_NONE)
                cut_out(m, world, i, from, left);
        }
    }
}

// Level with one in the next lane it keeps its line, or goes away from it.
static void wandered(cw_monitor *m, const cw_world *world, uint32_t i) {
    seen *n = &m->new[i];
    const seen *o = &m->old[i];
    const cw_map *map = m->scene->map;
    uint32_t lane = n->now.place.lane;
    double side = (double)m->scene->actors[i].width / 2;
    bool inside = fabs(n->now.place.offset) + side <= half_width(m, n) + m->a1.cut_in_over;
    n->beside[0] = n->beside[1] = (double)NAN;
    for (int k = 0; k < 2 && inside; k++) {
        uint32_t next = k == 0 ? map->lanes[lane].left : map->lanes[lane].right;
        double way = k == 0 ? 1 : -1, offset = way * n->now.place.offset;
        bool level = false;
        for (uint32_t j = 0; j < m->scene->actor_count && next != CW_NONE && !level; j++) {
            const seen *b = &m->new[j];
            if (!b->present || b->now.place.lane != next || !drives(m->scene, j))
                continue;
            bool same = cw_lane_same_way(map, lane, k == 0);
            double at = cw_lane_travel(map, next, n->now.place.s);
            const cw_actor *a = &m->scene->actors[i], *c = &m->scene->actors[j];
            double ahead = same ? front_of(a) : rear_of(a), back = same ? rear_of(a) : front_of(a);
            level = b->travel - rear_of(c) < at + ahead && b->travel + front_of(c) > at - back;
        }
        if (!level)
            continue;
        bool known = o->present && o->now.place.lane == lane && isfinite(o->beside[k]);
        n->beside[k] = known ? o->beside[k] : offset;
        if (offset > cw_max(n->beside[k], 0) + m->a1.wander) {
            breach(m, world, CW_MONITOR_WANDER, i);
            n->beside[k] = offset;
        }
    }
}

// ---- along the lane --------------------------------------------------------------------------------------------------

static void followed(cw_monitor *m, const cw_world *world, uint32_t i, double brake) {
    seen *n = &m->new[i];
    const cw_actor *a = &m->scene->actors[i];
    double gap = m->a1.range, closing = 0;
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        const cw_actor *c = &m->scene->actors[k];
        if (k == i || !b->present || b->now.place.lane != n->now.place.lane || b->travel <= n->travel ||
            fabs(b->now.place.offset - n->now.place.offset) > (double)(a->width + c->width) / 2)
            continue;
        double room = b->travel - rear_of(c) - n->travel - front_of(a);
        if (room < gap) {
            gap = room;
            closing = (double)(n->now.speed - b->now.speed);
        }
    }
    double need = closing > 0 ? closing * closing / (2 * cw_max(gap, 0.1)) : 0;
    n->pressed = need > m->a1.follower_entry ? m->old[i].pressed + m->period : 0;
    if (n->pressed > m->a1.follower_response + m->period && brake < cw_min(need, m->a1.follower_brake) - measured)
        breach(m, world, CW_MONITOR_FOLLOWER, i);
}

// ---- junctions -------------------------------------------------------------------------------------------------------

// Does a light that works, or a sign to halt, stand before a lane?
static bool regulated(const cw_monitor *m, const cw_world *world, uint32_t lane) {
    const cw_map *map = m->scene->map;
    for (uint32_t b = 0; map->lane_stops && b <= map->lanes[lane].previous.count; b++) {
        uint32_t at = b == 0 ? lane : map->links[map->lanes[lane].previous.first + b - 1];
        for (uint32_t k = map->lane_stops[at]; k < map->lane_stops[at + 1]; k++) {
            uint32_t signal = map->stops[k].signal;
            uint8_t light = signal == CW_NONE ? (uint8_t)CW_LIGHT_OFF : cw_world_light(world, signal);
            if (signal != CW_NONE && map->signals[signal].kind == CW_SIGNAL_LIGHT && light >= CW_LIGHT_RED &&
                light <= CW_LIGHT_GREEN)
                return true;
        }
    }
    return false;
}

// Direction in which a lane begins, and by how much it turns towards the middle of the road (left where traffic keeps right).
static double turn_of(const cw_map *map, uint32_t lane, double *begins) {
    const cw_lane *l = &map->lanes[lane];
    bool against = l->direction < 0;
    double from = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = against ? l->s1 : l->s0}, NULL).heading;
    double to = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = against ? l->s0 : l->s1}, NULL).heading;
    *begins = from;
    return cw_wrap_angle(to - from) * (map->roads[l->road].left_hand ? -1 : 1);
}

// Does the lane belong to the ring of a roundabout: a short way round on lanes that all bend to the same side?
static bool on_ring(const cw_map *map, uint32_t lane) {
    double way = 0, turned = 0, begins;
    uint32_t at = lane;
    for (int k = 0; k < RING_LANES && at != CW_NONE; k++) {
        double length = map->lanes[at].length, turn = turn_of(map, at, &begins);
        way += length;
        turned += turn;
        if (way > ring_way || (length > 3 && turn < length / ring_radius))
            return false;
        uint32_t most = CW_NONE;
        double bend = -INFINITY;
        for (uint32_t n = 0; n < map->lanes[at].next.count; n++) {
            uint32_t next = map->links[map->lanes[at].next.first + n];
            double there = turn_of(map, next, &begins) / cw_max(map->lanes[next].length, 1);
            if (there > bend) {
                bend = there;
                most = next;
            }
        }
        at = most;
        if (at == lane)
            return fabs(turned - 2 * CW_PI) < 0.5;
    }
    return false;
}

static bool has_halt(const cw_map *map, uint32_t lane) {
    for (uint32_t b = 0; map->lane_stops && b <= map->lanes[lane].previous.count; b++) {
        uint32_t at = b == 0 ? lane : map->links[map->lanes[lane].previous.first + b - 1];
        for (uint32_t k = map->lane_stops[at]; k < map->lane_stops[at + 1]; k++)
            if (map->stops[k].signal != CW_NONE && map->signals[map->stops[k].signal].kind == CW_SIGNAL_STOP)
                return true;
    }
    return false;
}

// Has traffic on the other lane the right of way? By signs; where they say nothing the ring before those who come to it, right
// before left, and the oncoming before who turns across it. Where all halt the order is that of arrival, which is not looked at.
static bool goes_first(const cw_map *map, const cw_conflict *c) {
    if (c->priority != 0 || map->lanes[c->lane].junction == CW_NONE)
        return c->priority < 0;
    if (has_halt(map, c->lane) || on_ring(map, c->lane))
        return false;
    if (on_ring(map, c->other))
        return true;
    double own, others, turn = turn_of(map, c->lane, &own), turns = turn_of(map, c->other, &others);
    double against =
        cw_wrap_angle(others - own) *
        (map->roads[map->lanes[c->lane].road].left_hand ? -1 : 1); // > 0: it comes from the side that goes first
    if (fabs(against) > 0.75 * CW_PI)
        return turn > crossing && turns < crossing;
    return against > 0.25 * CW_PI;
}

static bool merge(const cw_map *map, const cw_conflict *c) {
    cw_span a = map->lanes[c->lane].next, b = map->lanes[c->other].next;
    for (uint32_t i = 0; i < a.count; i++)
        for (uint32_t k = 0; k < b.count; k++)
            if (map->links[a.first + i] == map->links[b.first + k])
                return true;
    return false;
}

// In a junction without priority: does one that has it need to brake for it? Who was not there yet when it could last have
// stopped is no reason, and lights go before signs.
static void junction(cw_monitor *m, const cw_world *world, uint32_t i) {
    seen *n = &m->new[i];
    const cw_map *map = m->scene->map;
    uint32_t lane = n->now.place.lane;
    double speed = (double)n->now.speed, could = yields_time + speed / (2 * yields_brake);
    n->hindered = m->old[i].hindered && m->old[i].now.place.lane == lane;
    if (map->lanes[lane].junction == CW_NONE || n->hindered || n->there < could)
        return;
    for (uint32_t k = 0; k < map->lanes[lane].conflicts.count; k++) {
        const cw_conflict *c = &map->conflicts[map->lanes[lane].conflicts.first + k];
        double in = c->s_in - n->travel - front_of(&m->scene->actors[i]);
        double out = c->s_out - n->travel + rear_of(&m->scene->actors[i]);
        if (in > 0 || out < 0 || regulated(m, world, lane) || !goes_first(map, c))
            continue;
        double time = out / cw_max(speed, 1);
        for (uint32_t j = 0; j < m->scene->actor_count; j++) {
            const seen *b = &m->new[j];
            if (!b->present || b->now.place.lane != c->other || !drives(m->scene, j) || b->there < could)
                continue;
            double far = c->other_in - b->travel - front_of(&m->scene->actors[j]), v = (double)b->now.speed;
            double need = far > 0 && v * time > far ? 2 * (v * time - far) / (time * time) : 0;
            if (need > 0 && merge(map, c)) { // behind it on the same lane, then
                double gap = (map->lanes[c->other].length - b->travel - front_of(&m->scene->actors[j])) -
                             (map->lanes[lane].length - n->travel + rear_of(&m->scene->actors[i]));
                double closing = cw_max(v - speed, 0);
                need = cw_min(need, gap > 0 ? closing * closing / (2 * gap) : INFINITY);
            }
            if (need > m->a1.follower_entry) {
                breach(m, world, CW_MONITOR_JUNCTION, i);
                n->hindered = true;
                return;
            }
        }
    }
}

// ---- on foot ---------------------------------------------------------------------------------------------------------

static bool at_crossing(const cw_monitor *m, const cw_lane_place *place) {
    const cw_map *map = m->scene->map;
    double at = cw_lane_travel(map, place->lane, place->s);
    for (uint32_t k = 0; k < map->crossing_count; k++)
        if (map->crossings[k].lane == place->lane && at > map->crossings[k].s_in - m->a1.engaged_crossing &&
            at < map->crossings[k].s_out + m->a1.engaged_crossing)
            return true;
    return false;
}

// On the carriageway, or near its edge and heading for it. The lane is the nearest.
static bool engaged(const cw_monitor *m, const seen *n, cw_lane_place *place) {
    const cw_map *map = m->scene->map;
    cw_locate query = cw_locate_at(n->now.x, n->now.y);
    for (uint32_t kind = 0; kind < CW_LANE_KINDS; kind++)
        query.kinds |= cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}) ? 1u << kind : 0;
    if (cw_map_locate(map, &query, place))
        return true;
    if (place->lane == CW_NONE)
        return false;
    double half = 0.5 * cw_lane_width(map, place->lane, place->s), sine, cosine;
    cw_lane_place edge = *place;
    edge.offset = cw_clamp(edge.offset, -half, half);
    cw_pose there = cw_lane_pose(map, edge, NULL);
    double dx = there.x - n->now.x, dy = there.y - n->now.y, far = cw_hypot(dx, dy);
    cw_sincos((double)n->now.heading, &sine, &cosine);
    return far <= m->a1.engaged_edge && dx * cosine + dy * sine >= far * cw_cos(m->a1.engaged_angle);
}

static void walked(cw_monitor *m, const cw_world *world, uint32_t i, double mu_low) {
    seen *n = &m->new[i];
    cw_lane_place place;
    n->walks_in = engaged(m, n, &place);
    if (!n->walks_in || !m->old[i].present || m->old[i].walks_in || at_crossing(m, &place))
        return;
    double brake = cw_assumptions_brake(&m->a1, mu_low, 0);
    for (uint32_t k = 0; k < m->scene->actor_count; k++) {
        const seen *b = &m->new[k];
        if (!b->present || !drives(m->scene, k) || b->now.speed < 0.1F)
            continue;
        double speed = (double)b->now.speed, sine, cosine;
        cw_sincos((double)b->now.heading, &sine, &cosine);
        double dx = n->now.x - b->now.x, dy = n->now.y - b->now.y;
        double along = dx * cosine + dy * sine - front_of(&m->scene->actors[k]), across = dy * cosine - dx * sine;
        double stop = speed * (m->a1.tick + m->a1.actuation_delay) + speed * speed / (2 * brake);
        if (along > 0 && along < stop && fabs(across) < (double)m->scene->actors[k].width / 2 + path)
            breach(m, world, CW_MONITOR_JAYWALKER, i);
    }
}

// ---- a look ----------------------------------------------------------------------------------------------------------

void cw_monitor_look(cw_monitor *m, const struct cw_world *world) {
    double mu_low, mu_high;
    cw_assumptions_friction(CW_SURFACE_DRY, &mu_low, &mu_high);
    for (uint32_t i = 0; i < m->scene->actor_count; i++)
        place(m, world, i);
    for (uint32_t i = 0; i < m->scene->actor_count && m->any; i++)
        if (m->new[i].present)
            moved_across(m, i);
    for (uint32_t i = 0; i < m->scene->actor_count && m->any; i++) {
        const seen *n = &m->new[i];
        uint8_t kind = m->scene->actors[i].kind;
        if (!n->present || n->now.mover == CW_MOVED_BY_CONTROL)
            continue;
        double speed = fabs((double)n->now.speed);
        if (kind == CW_ACTOR_PEDESTRIAN && speed > m->a1.walker_speed + m->a1.speed_error)
            breach(m, world, CW_MONITOR_PEDESTRIAN, i);
        if (kind == CW_ACTOR_PEDESTRIAN)
            walked(m, world, i, mu_low);
        if (kind == CW_ACTOR_BICYCLE && speed > cyclist_speed + m->a1.speed_error)
            breach(m, world, CW_MONITOR_CYCLIST, i);
        if (!drives(m->scene, i))
            continue;
        bool there = m->old[i].present;
        double brake = there ? ((double)m->old[i].now.speed - (double)n->now.speed) / m->period : 0;
        if (brake > m->a1.leader_brake * mu_high + 0.1 || n->now.speed < -0.1F)
            breach(m, world, CW_MONITOR_LEADER, i);
        if (n->now.place.lane == CW_NONE)
            continue;
        double limit = (double)cw_lane_limit(m->scene->map, n->now.place.lane, n->now.place.s);
        if (n->entry > 0 && limit > 0 && speed > cw_max(n->entry, limit_share * limit) + m->a1.speed_error)
            breach(m, world, CW_MONITOR_SPEED, i);
        crossed_line(m, world, i);
        changed_lane(m, world, i);
        crossed_red(m, world, i);
        over_line(m, world, i);
        wandered(m, world, i);
        followed(m, world, i, brake);
        junction(m, world, i);
    }
    seen *swap = m->old;
    m->old = m->new;
    m->new = swap;
    m->any = true;
}
