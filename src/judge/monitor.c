#include "judge/monitor.h"

#include "causeway/agent.h"
#include "causeway/assumptions.h"
#include "causeway/scene.h"

#include <math.h>
#include <stdlib.h>

static const double red_grace = 1.0, limit_share = 1.1; // s; of A1's junction clause
static const double cyclist_speed = 8.0;                // m/s, of its cyclist clause
static const double coming = 3.0;                       // s within which one who comes is met

typedef struct seen { // of one actor at a look
    bool present;
    cw_actor_state now;
    double travel; // on its lane, m
    int over;      // which line its tyres are over: -1 right, +1 left
    double entry;  // m/s with which it came into the junction
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
    static const char *const names[] = {"leader", "cut_in", "oncoming", "red", "speed", "pedestrian", "cyclist"};
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

void cw_monitor_look(cw_monitor *m, const struct cw_world *world) {
    double mu_low, mu_high;
    cw_assumptions_friction(CW_SURFACE_DRY, &mu_low, &mu_high);
    for (uint32_t i = 0; i < m->scene->actor_count; i++)
        place(m, world, i);
    for (uint32_t i = 0; i < m->scene->actor_count && m->any; i++) {
        const seen *n = &m->new[i];
        uint8_t kind = m->scene->actors[i].kind;
        if (!n->present || n->now.mover == CW_MOVED_BY_CONTROL)
            continue;
        double speed = fabs((double)n->now.speed);
        if (kind == CW_ACTOR_PEDESTRIAN && speed > m->a1.walker_speed + m->a1.speed_error)
            breach(m, world, CW_MONITOR_PEDESTRIAN, i);
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
    }
    seen *swap = m->old;
    m->old = m->new;
    m->new = swap;
    m->any = true;
}
