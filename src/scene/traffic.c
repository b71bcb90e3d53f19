// Background traffic of a scene: its parameters, and the pool of actors that its flows draw from.
#include "causeway/scene.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Ids name 16 bits of actors where sensors see them; worlds without an ego may hold more.
enum { ACTORS_SEEN = 65535, ACTORS_MOST = 4000000 };

cw_traffic_params cw_traffic_defaults(void) {
    return (cw_traffic_params){.vans = 0.1,
                               .trucks = 0.08,
                               .buses = 0.02,
                               .motorcycles = 0.02,
                               .cyclists = 0.05,
                               .pedestrians = 0.1,
                               .speed = 1,
                               .spread = 0.08,
                               .time_gap = 1.4,
                               .least_gap = 2,
                               .accel = 1.5,
                               .brake = 2,
                               .politeness = 0.3};
}

static const struct {
    const char *name;
    size_t offset;
    double low, high;
} table[] = {
#define ROW(name, low, high) {#name, offsetof(cw_traffic_params, name), low, high},
    ROW(vans, 0, 1) ROW(trucks, 0, 1) ROW(buses, 0, 1) ROW(motorcycles, 0, 1) ROW(cyclists, 0, 1) ROW(pedestrians, 0, 1)
        ROW(emergency, 0, 1) ROW(keep_a1, 0, 1) ROW(speed, 0.1, 2) ROW(spread, 0, 0.5) ROW(time_gap, 0.5, 5)
            ROW(least_gap, 0.5, 10) ROW(accel, 0.3, 5) ROW(brake, 0.5, 5) ROW(politeness, 0, 1) ROW(jaywalk, 0, 3600)
                ROW(cut_in, 0, 3600) ROW(hard_brake, 0, 3600) ROW(wrong_way, 0, 3600) ROW(red_light, 0, 3600)
                    ROW(swerve, 0, 3600) ROW(animal, 0, 3600)
#undef ROW
};

cw_status cw_traffic_set(cw_traffic_params *params, const char *name, double value, cw_error *err) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        if (!(value >= table[i].low && value <= table[i].high))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "traffic.%s lies between %g and %g", name, table[i].low,
                                table[i].high);
        memcpy((char *)params + table[i].offset, &value, sizeof value);
        return CW_OK;
    }
    return cw_error_set(
        err, CW_ERR_USAGE, NULL, 0, 0,
        "there is no setting 'traffic.%s'; there are vans, trucks, buses, motorcycles, cyclists, "
        "pedestrians, emergency, keep_a1, speed, spread, time_gap, least_gap, accel, brake, politeness, "
        "jaywalk, cut_in, hard_brake, wrong_way, red_light, swerve, animal",
        name);
}

// ---- the pool --------------------------------------------------------------------------------------------------------

// What its users are called.
static const char *const words[CW_ACTOR_KINDS] = {[CW_ACTOR_CAR] = "car",
                                                  [CW_ACTOR_VAN] = "van",
                                                  [CW_ACTOR_TRUCK] = "truck",
                                                  [CW_ACTOR_BUS] = "bus",
                                                  [CW_ACTOR_MOTORCYCLE] = "motorcycle",
                                                  [CW_ACTOR_BICYCLE] = "bicycle",
                                                  [CW_ACTOR_PEDESTRIAN] = "walker",
                                                  [CW_ACTOR_ANIMAL] = "animal"};

// Which kind the i-th user is: a sequence that keeps the shares in any stretch of it (golden ratio), so that no draw is
// needed before a seed is known.
static cw_actor_kind kind_of(const cw_traffic_params *p, uint32_t i) {
    double animals = p->animal > 0 ? 0.2 * p->pedestrians : 0; // of those on foot, where any are to run over the road
    const struct {
        cw_actor_kind kind;
        double share;
    } shares[] = {{CW_ACTOR_ANIMAL, animals},
                  {CW_ACTOR_PEDESTRIAN, p->pedestrians - animals},
                  {CW_ACTOR_BICYCLE, p->cyclists},
                  {CW_ACTOR_TRUCK, p->trucks},
                  {CW_ACTOR_VAN, p->vans},
                  {CW_ACTOR_BUS, p->buses},
                  {CW_ACTOR_MOTORCYCLE, p->motorcycles}};
    double at = (i + 0.5) * 0.6180339887498949;
    at -= floor(at);
    for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
        if (at < shares[k].share)
            return shares[k].kind;
        at -= shares[k].share;
    }
    return CW_ACTOR_CAR;
}

static bool name_actor(cw_arena *arena, cw_actor *actor, const char *kind, uint32_t number) {
    char text[48];
    int length = snprintf(text, sizeof text, "%s %u", kind, number);
    actor->name = cw_arena_text(arena, text, (size_t)length);
    return actor->name != NULL;
}

// The pool stands behind all others: an index that was given before keeps its meaning.
static cw_status grow_pool(cw_scene *scene, uint32_t users, const cw_flow *flow, cw_error *err) {
    uint64_t total = (uint64_t)scene->actor_count + users;
    if (total > (scene->ego == CW_NONE ? ACTORS_MOST : ACTORS_SEEN))
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "%llu actors are more than a scene may have",
                            (unsigned long long)total);
    cw_actor *actors = cw_arena_array(scene->arena, total, sizeof *actors);
    if (!actors)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (scene->actor_count > 0)
        memcpy(actors, scene->actors, scene->actor_count * sizeof *actors);
    if (scene->traffic.count == 0)
        scene->traffic.first = scene->actor_count;
    double weight = 0;
    for (uint32_t i = 0; flow && i < flow->share_count; i++)
        weight += flow->shares[i].weight;
    for (uint32_t i = 0; i < users; i++) {
        uint32_t number = scene->traffic.count + i;
        cw_actor_kind kind = kind_of(&scene->traffic.params, number);
        if (weight > 0) {
            double at = (i + 0.5) * 0.6180339887498949;
            at = (at - floor(at)) * weight;
            for (uint32_t k = 0; k < flow->share_count && at >= 0; k++) {
                kind = (cw_actor_kind)flow->shares[k].kind;
                at -= flow->shares[k].weight;
            }
        }
        if (kind >= CW_ACTOR_KINDS || words[kind] == NULL)
            kind = CW_ACTOR_CAR;
        cw_actor *a = &actors[scene->actor_count + i];
        *a = cw_scene_usual_actor(kind);
        if (!name_actor(scene->arena, a, words[kind], number + 1))
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    scene->actors = actors;
    scene->actor_count = (uint32_t)total;
    scene->traffic.count += users;
    return CW_OK;
}

static cw_status add_flows(cw_scene *scene, const cw_flow *flows, uint32_t count, cw_error *err) {
    cw_flow *all = cw_arena_array(scene->arena, (size_t)scene->traffic.flow_count + count, sizeof *all);
    if (!all)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (scene->traffic.flow_count > 0)
        memcpy(all, scene->traffic.flows, scene->traffic.flow_count * sizeof *all);
    if (count > 0)
        memcpy(all + scene->traffic.flow_count, flows, count * sizeof *all);
    scene->traffic.flows = all;
    scene->traffic.flow_count += count;
    return CW_OK;
}

static void rehash(cw_scene *scene) {
    const cw_traffic *t = &scene->traffic;
    uint64_t h = cw_hash_bytes(scene->hash, &t->params, sizeof t->params);
    uint32_t numbers[] = {t->first, t->count, t->driver, t->flow_count, scene->program_count};
    h = cw_hash_bytes(h, numbers, sizeof numbers);
    for (uint32_t i = 0; i < t->flow_count; i++) {
        const cw_flow *f = &t->flows[i];
        const double values[] = {(double)f->kind, f->rate,       f->radius, (double)f->count,     f->inner,
                                 f->semi_major,   f->semi_minor, f->offset, (double)f->from_start};
        h = cw_hash_bytes(h, values, sizeof values);
    }
    scene->hash = h;
}

cw_status cw_scene_add_flows(cw_scene *scene, const cw_flow *flows, uint32_t flow_count, uint32_t users,
                             cw_error *err) {
    if (scene->traffic.count == 0 && scene->traffic.flow_count == 0 && !(scene->traffic.params.speed > 0))
        scene->traffic.params = cw_traffic_defaults();
    cw_status status = grow_pool(scene, users, flow_count > 0 ? &flows[0] : NULL, err);
    if (status == CW_OK)
        status = add_flows(scene, flows, flow_count, err);
    if (status == CW_OK)
        rehash(scene);
    return status;
}

cw_status cw_scene_add_traffic(cw_scene *scene, uint32_t count, const cw_traffic_params *params,
                               cw_traffic_driver driver, cw_error *err) {
    scene->traffic.params = *params;
    scene->traffic.driver = (uint8_t)driver;
    cw_flow flow = {.name = "background",
                    .kind = CW_FLOW_BACKGROUND,
                    .from_start = true,
                    .count = count,
                    .speed_low = (double)NAN,
                    .speed_high = (double)NAN,
                    .position = cw_scene_nowhere(),
                    .destination = cw_scene_nowhere(),
                    .entity = CW_NONE,
                    .same_way = (double)NAN};
    return cw_scene_add_flows(scene, &flow, count > 0 ? 1 : 0, count, err);
}

uint32_t cw_flow_users(const cw_flow *flow) {
    switch ((cw_flow_kind)flow->kind) {
    case CW_FLOW_SOURCE:
    case CW_FLOW_DEMAND:
        return (uint32_t)cw_clamp(60 * flow->rate, 10, 200);
    case CW_FLOW_SINK:
        return 0;
    default:
        return flow->count;
    }
}

bool cw_scene_start_at(cw_scene *scene, cw_lane_place place) {
    const cw_lane *lane = &scene->map->lanes[place.lane];
    bool found = false;
    for (uint32_t i = scene->init.first; i < scene->init.first + scene->init.count; i++) {
        cw_action *a = (cw_action *)(uintptr_t)&scene->actions[i]; // ours until the scene is handed out
        if (a->actor != scene->ego)
            continue;
        if (a->kind == CW_DO_TELEPORT) {
            a->position = (cw_position){.kind = CW_AT_LANE,
                                        .entity = CW_NONE,
                                        .road = lane->road,
                                        .lane = lane->id,
                                        .route = CW_NONE,
                                        .trajectory = CW_NONE,
                                        .s = place.s,
                                        .offset = place.offset,
                                        .has_offset = true};
            found = true;
        } else if (a->kind == CW_DO_SPEED) {
            a->value = 0;
        }
    }
    if (found)
        scene->hash = cw_hash_bytes(scene->hash, &place, sizeof place.lane + sizeof place.s);
    return found;
}
