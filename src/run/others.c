#include "run/others.h"

#include "causeway/world.h"
#include "run/mission.h"

#include <math.h>
#include <string.h>

enum { LANES_MOST = 256, SEEN_MOST = 512, SIGNALS_MOST = 64, WALLS_MOST = 256, TRIES = 12 };
enum { DRAW_TAKEN = 0x7b000, DRAW_GOAL };

static const double least_way = 150, ahead = 500, end_room = 15; // m

typedef struct way { // what the route is made of: where it begins, and the how manieth it is
    double s;
    uint32_t lane, number;
} way;

typedef struct other {
    uint32_t actor;
    cw_tracker *tracker;
    void *state;
    way way;
    cw_mission mission;
    uint32_t lanes[LANES_MOST];
} other;

struct cw_others {
    const cw_episode_def *def;
    struct cw_world *world;
    cw_sensor_def sensor;
    uint32_t count;
    other *list;
    size_t state_size;
    cw_detection *seen;
    cw_track *tracks;
    cw_signal_view *signals;
    cw_wall *walls;
};

static double drawn(const cw_episode_def *def, uint32_t actor, uint32_t purpose, uint64_t step, uint32_t draw) {
    return cw_rng_uniform((cw_rng_key){.seed = def->seed, .agent = actor, .purpose = purpose, .step = step}, draw);
}

static bool is_vehicle(const cw_actor *a) {
    return a->kind <= CW_ACTOR_MOTORCYCLE && a->kind != CW_ACTOR_TRAILER;
}

const uint8_t *cw_others_mask(const cw_scene *scene, uint64_t seed, double share, cw_arena *arena) {
    uint8_t *mask = cw_arena_array(arena, scene->actor_count, 1);
    const cw_episode_def def = {.seed = seed};
    uint32_t first = scene->traffic.first, end = first + scene->traffic.count;
    for (uint32_t i = first; mask != NULL && i < end; i++)
        mask[i] = is_vehicle(&scene->actors[i]) && drawn(&def, i, DRAW_TAKEN, 0, 0) < share;
    return mask;
}

// ---- ways ------------------------------------------------------------------------------------------------------------

static bool is_goal(const cw_lane *lane) {
    return lane->kind == CW_LANE_DRIVING && lane->junction == CW_NONE && lane->length > 10;
}

// To a lane anywhere that can be reached and is not close by; else on along the road.
static void find_way(cw_others *o, other *one) {
    const cw_map *map = o->def->scene->map;
    cw_lane_place from = {.lane = one->way.lane, .s = one->way.s};
    cw_route route = {0};
    cw_arena *arena = cw_arena_new(0, 0);
    bool found = false;
    for (uint32_t k = 0; arena != NULL && k < TRIES && !found; k++) {
        uint32_t lane = (uint32_t)(drawn(o->def, one->actor, DRAW_GOAL, one->way.number, k) * map->lane_count);
        const cw_lane *l = &map->lanes[lane];
        found = is_goal(l) &&
                cw_route_find(map, from, (cw_lane_place){lane, 0.5 * (l->s0 + l->s1), 0}, arena, &route) &&
                route.length > least_way && route.count <= LANES_MOST;
    }
    if (!found && (arena == NULL || !cw_route_ahead(map, from, ahead, arena, &route)))
        route.count = 0;
    route.count = route.count < LANES_MOST ? route.count : LANES_MOST;
    if (route.count > 0)
        memcpy(one->lanes, route.lanes, route.count * sizeof *one->lanes);
    one->mission = cw_mission_open();
    one->mission.route.lanes = one->lanes;
    one->mission.route.count = route.count;
    one->mission.route.length = route.length;
    one->mission.has_end = true;
    cw_arena_free(arena);
}

static void renew_way(cw_others *o, other *one, const cw_ego *self) {
    const cw_route *route = &one->mission.route;
    if (self->place.lane == CW_NONE)
        return;
    bool over = route->count == 0 || self->place.lane == route->lanes[route->count - 1];
    if (!over && !cw_mission_missed(o->def->scene, &one->mission, &self->place, (double)self->heading))
        return;
    if (over && one->way.lane == self->place.lane)
        return; // this lane has been asked already
    one->way = (way){self->place.s, self->place.lane, one->way.number + 1};
    find_way(o, one);
}

// ---- deciding --------------------------------------------------------------------------------------------------------

static void observe(cw_others *o, other *one, int64_t tick, cw_obs *obs) {
    const cw_episode_def *def = o->def;
    *obs = (cw_obs){.step = tick,
                    .time_ns = cw_world_time(o->world),
                    .period = (float)((double)def->period_ns * 1e-9),
                    .map = def->scene->map,
                    .mission = &one->mission,
                    .range = o->sensor.range};
    cw_sense_ego(o->world, one->actor, &obs->ego);
    renew_way(o, one, &obs->ego);
    obs->mission_version = one->way.number;
    uint32_t seen = cw_sense_objects(o->world, one->actor, &o->sensor, o->seen, SEEN_MOST);
    obs->wall_count = cw_sense_walls(o->world, one->actor, o->sensor.range, o->walls, WALLS_MOST);
    obs->walls = o->walls;
    obs->track_count = cw_tracker_update(one->tracker, obs->time_ns, &obs->ego, o->seen, seen, o->walls,
                                         obs->wall_count, o->sensor.range, o->tracks, CW_TRACKS_MAX);
    obs->tracks = o->tracks;
    obs->signal_count =
        cw_sense_signals(o->world, one->actor, &one->mission, o->sensor.range, o->signals, SIGNALS_MOST);
    obs->signals = o->signals;
    cw_sense_surface(o->world, one->actor, &obs->surface);
}

static bool is_driven(const cw_others *o, const other *one) {
    cw_actor_state s;
    cw_world_actor(o->world, one->actor, &s);
    return s.present && s.mover == CW_MOVED_BY_CONTROL;
}

static bool at_road_end(const cw_map *map, const cw_lane_place *place) {
    const cw_lane *l = place->lane != CW_NONE ? &map->lanes[place->lane] : NULL;
    return l != NULL && l->next.count == 0 && l->length - cw_lane_travel(map, place->lane, place->s) < end_room;
}

void cw_others_decide(cw_others *others, int64_t tick) {
    for (uint32_t i = 0; others != NULL && i < others->count; i++) {
        other *one = &others->list[i];
        if (!is_driven(others, one))
            continue;
        cw_obs obs;
        observe(others, one, tick, &obs);
        if (at_road_end(obs.map, &obs.ego.place)) {
            cw_world_retire(others->world, one->actor, true);
            continue;
        }
        cw_decision decision = {0};
        others->def->others->decide(one->state, &obs, &decision);
        const cw_control *c = &decision.control;
        bool good = decision.valid && isfinite(c->accel) && isfinite(c->steer);
        cw_world_control(others->world, one->actor, good ? c->accel : -3, good ? c->steer : 0, good ? c->lamps : 0);
    }
}

// ---- making, saving --------------------------------------------------------------------------------------------------

static cw_status begin(cw_others *o, other *one, cw_arena *arena, cw_error *err) {
    const cw_episode_def *def = o->def;
    cw_ego self;
    cw_sense_ego(o->world, one->actor, &self);
    cw_driver_def driver = {.map = def->scene->map,
                            .body = self.body,
                            .seed = cw_rng_u64((cw_rng_key){.seed = def->seed, .agent = one->actor}, 0),
                            .period = (float)((double)def->period_ns * 1e-9),
                            .weights = def->others_options,
                            .options = def->others_options};
    o->state_size = def->others->state_size(&driver);
    one->state = cw_arena_alloc(arena, o->state_size);
    one->tracker = cw_arena_alloc(arena, cw_tracker_size());
    if (one->state == NULL || one->tracker == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    cw_tracker_reset(one->tracker, def->scene->map);
    cw_status status = def->others->reset(one->state, &driver, err);
    one->way = (way){self.place.s, self.place.lane, 1};
    if (status == CW_OK && self.place.lane != CW_NONE)
        find_way(o, one);
    return status;
}

cw_status cw_others_make(const cw_episode_def *def, struct cw_world *world, const cw_sensor_def *sensor,
                         cw_arena *arena, cw_others **out, cw_error *err) {
    const cw_scene *scene = def->scene;
    cw_others *o = cw_arena_alloc(arena, sizeof *o);
    *out = o;
    if (o == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    *o = (cw_others){.def = def, .world = world, .sensor = *sensor};
    o->list = cw_arena_array(arena, scene->traffic.count, sizeof *o->list);
    o->seen = cw_arena_array(arena, SEEN_MOST, sizeof *o->seen);
    o->tracks = cw_arena_array(arena, CW_TRACKS_MAX, sizeof *o->tracks);
    o->signals = cw_arena_array(arena, SIGNALS_MOST, sizeof *o->signals);
    o->walls = cw_arena_array(arena, WALLS_MOST, sizeof *o->walls);
    if (o->list == NULL || o->seen == NULL || o->tracks == NULL || o->signals == NULL || o->walls == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    cw_status status = CW_OK;
    for (uint32_t i = 0; i < scene->traffic.count && status == CW_OK; i++) {
        other *one = &o->list[o->count];
        one->actor = scene->traffic.first + i;
        if (!is_driven(o, one))
            continue;
        o->count++;
        status = begin(o, one, arena, err);
    }
    return status;
}

void cw_others_close(cw_others *others) {
    for (uint32_t i = 0; others != NULL && i < others->count; i++)
        if (others->def->others->close != NULL && others->list[i].state != NULL)
            others->def->others->close(others->list[i].state);
}

uint32_t cw_others_count(const cw_others *others) {
    return others != NULL ? others->count : 0;
}

size_t cw_others_size(const cw_others *others) {
    return others != NULL ? others->count * (sizeof(way) + cw_tracker_size() + others->state_size) : 0;
}

void cw_others_save(const cw_others *others, void *bytes) {
    unsigned char *at = bytes;
    for (uint32_t i = 0; others != NULL && i < others->count; i++) {
        const other *one = &others->list[i];
        memcpy(at, &one->way, sizeof one->way);
        at += sizeof one->way;
        cw_tracker_save(one->tracker, at);
        at += cw_tracker_size();
        memcpy(at, one->state, others->state_size);
        at += others->state_size;
    }
}

void cw_others_restore(cw_others *others, const void *bytes) {
    const unsigned char *at = bytes;
    for (uint32_t i = 0; others != NULL && i < others->count; i++) {
        other *one = &others->list[i];
        memcpy(&one->way, at, sizeof one->way);
        at += sizeof one->way;
        cw_tracker_restore(one->tracker, at);
        at += cw_tracker_size();
        memcpy(one->state, at, others->state_size);
        at += others->state_size;
        if (one->way.lane < others->def->scene->map->lane_count)
            find_way(others, one);
    }
}
