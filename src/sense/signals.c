// Signals, signs and stop lines along the way.
#include "causeway/scene.h"
#include "causeway/sense.h"
#include "causeway/world.h"

#include <math.h>

// m: what lies this far behind is still told, so that a stop line under the bumper does not vanish.
#define BEHIND 5.0
enum { LANES_MOST = 256 };

// A lane of the way, and where it begins: distance along the way from the observer, m.
typedef struct stretch {
    uint32_t lane;
    double begin;
} stretch;

typedef struct way {
    stretch lanes[LANES_MOST];
    uint32_t count;
} way;

static void add_lane(way *w, uint32_t lane, double begin) {
    if (w->count < LANES_MOST)
        w->lanes[w->count++] = (stretch){.lane = lane, .begin = begin};
}

static bool follows(const cw_map *map, uint32_t lane, uint32_t next) {
    cw_span links = map->lanes[lane].next;
    for (uint32_t i = 0; i < links.count; ++i)
        if (map->links[links.first + i] == next)
            return true;
    return false;
}

// The successor that turns least between its ends; CW_NONE where the road ends.
static uint32_t straightest(const cw_map *map, uint32_t lane) {
    cw_span links = map->lanes[lane].next;
    uint32_t best = CW_NONE;
    double least = INFINITY;
    for (uint32_t i = 0; i < links.count; ++i) {
        uint32_t next = map->links[links.first + i];
        const cw_lane *l = &map->lanes[next];
        cw_pose a = cw_lane_pose(map, (cw_lane_place){.lane = next, .s = l->direction > 0 ? l->s0 : l->s1}, NULL);
        cw_pose b = cw_lane_pose(map, (cw_lane_place){.lane = next, .s = l->direction > 0 ? l->s1 : l->s0}, NULL);
        double turn = fabs(cw_wrap_angle(b.heading - a.heading));
        if (turn < least) {
            least = turn;
            best = next;
        }
    }
    return best;
}

// The first lane of the route, from the front, that is the observer's or lies beside it.
static uint32_t place_on_route(const cw_map *map, const cw_route *route, uint32_t lane) {
    for (uint32_t i = 0; i < route->count; ++i)
        if (route->lanes[i] == lane)
            return i;
    for (uint32_t i = 0; i < route->count; ++i)
        if (map->lanes[route->lanes[i]].section == map->lanes[lane].section)
            return i;
    return CW_NONE;
}

// The lane under the observer; on the wrong side the one beside that runs its way.
static uint32_t own_lane(const cw_map *map, cw_lane_place place, double heading) {
    uint32_t left = map->lanes[place.lane].left;
    bool against = cw_cos(heading - cw_lane_pose(map, place, NULL).heading) < 0;
    return against && left != CW_NONE && cw_lane_drivable(&map->lanes[left]) ? left : place.lane;
}

static void find_way(const cw_map *map, const cw_route *route, cw_lane_place place, double heading, double range,
                     way *out) {
    out->count = 0;
    uint32_t at = place_on_route(map, route, place.lane);
    uint32_t lane = at == CW_NONE ? own_lane(map, place, heading) : route->lanes[at];
    double begin = -cw_lane_travel(map, lane, place.s);
    if (at == CW_NONE) {
        while (lane != CW_NONE && begin <= range && out->count < LANES_MOST) {
            add_lane(out, lane, begin);
            begin += map->lanes[lane].length;
            lane = straightest(map, lane);
        }
        return;
    }
    if (at > 0 && begin > -BEHIND && follows(map, route->lanes[at - 1], route->lanes[at]))
        add_lane(out, route->lanes[at - 1], begin - map->lanes[route->lanes[at - 1]].length);
    for (uint32_t i = at; i < route->count && begin <= range; ++i) {
        add_lane(out, route->lanes[i], begin);
        if (i + 1 < route->count && follows(map, route->lanes[i], route->lanes[i + 1]))
            begin += map->lanes[route->lanes[i]].length;
    }
}

static cw_signal_view view_of(const struct cw_world *world, const cw_map *map, const cw_stop *stop) {
    double station = cw_lane_station(map, stop->lane, stop->s);
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){.lane = stop->lane, .s = station}, NULL);
    cw_signal_view v = {.signal = stop->signal,
                        .lane = stop->lane,
                        .light = CW_LIGHT_OFF,
                        .stop_x = pose.x,
                        .stop_y = pose.y,
                        .stop_travel = stop->s};
    if (stop->signal != CW_NONE && (map->signals[stop->signal].kind == CW_SIGNAL_LIGHT ||
                                    map->signals[stop->signal].kind == CW_SIGNAL_PEDESTRIAN_LIGHT)) {
        v.light = cw_world_light(world, stop->signal);
        v.since = (float)((double)(cw_world_time(world) - cw_world_light_since(world, stop->signal)) / 1e9);
    }
    return v;
}

uint32_t cw_sense_signals(const struct cw_world *world, uint32_t observer, const cw_mission *mission, float range,
                          cw_signal_view *out, uint32_t most) {
    const cw_map *map = cw_world_scene(world)->map;
    cw_actor_state self;
    cw_world_actor(world, observer, &self);
    if (self.place.lane == CW_NONE || map->stop_count == 0)
        return 0;
    way w;
    find_way(map, &mission->route, self.place, (double)self.heading, (double)range, &w);
    double far[LANES_MOST];
    uint32_t count = 0;
    for (uint32_t i = 0; i < w.count; ++i)
        for (uint32_t k = map->lane_stops[w.lanes[i].lane]; k < map->lane_stops[w.lanes[i].lane + 1]; ++k) {
            double distance = w.lanes[i].begin + map->stops[k].s;
            if (distance < -BEHIND || distance > (double)range ||
                cw_world_signal_is_absent(world, map->stops[k].signal))
                continue;
            uint32_t at = count < most && count < LANES_MOST ? count++ : CW_NONE;
            if (at == CW_NONE)
                return count;
            for (; at > 0 && far[at - 1] > distance; --at) {
                far[at] = far[at - 1];
                out[at] = out[at - 1];
            }
            far[at] = distance;
            out[at] = view_of(world, map, &map->stops[k]);
        }
    return count;
}
