// Scenes of cars on the lanes of a map.
#include "causeway/scene.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { COOKIE = 0x5fa37, COUNT_MOST = 4096, TRIES = 400, NAME = 16, PURPOSE = 0x5fa3e, LANES_MOST = 512 };
#define USUAL_LIMIT 13.9 // m/s, where the map states none
#define SIDE 0.2         // m that a car leaves free on both sides of its lane

cw_spawn_def cw_spawn_defaults(void) {
    return (cw_spawn_def){.cookie = COOKIE,
                          .seed = 1,
                          .count = 20,
                          .radius = INFINITY,
                          .gap = 2,
                          .goal_near = 60,
                          .goal_far = 150,
                          .speed_share = 0.8};
}

typedef struct spawner {
    const cw_spawn_def *def;
    const cw_map *map;
    const cw_area *area;
    uint32_t lane_count;
    uint32_t *lanes; // that may be started on
    double *until;   // their lengths, summed up
    cw_actor *actors;
    cw_sample *samples;
    cw_box *boxes;
    uint32_t placed;
} spawner;

static double draw(const spawner *p, uint32_t agent, uint32_t number) {
    return cw_rng_uniform((cw_rng_key){.seed = p->def->seed, .agent = agent, .purpose = PURPOSE}, number);
}

// Does the lane come near the circle?
static bool is_near(const spawner *p, const cw_lane *lane) {
    const cw_lane_place ends[] = {{.lane = (uint32_t)(lane - p->map->lanes), .s = lane->s0},
                                  {.lane = (uint32_t)(lane - p->map->lanes), .s = lane->s1}};
    for (int i = 0; i < 2; i++) {
        cw_pose pose = cw_lane_pose(p->map, ends[i], NULL);
        if (cw_hypot(pose.x - p->def->x, pose.y - p->def->y) <= p->def->radius + lane->length)
            return true;
    }
    return false;
}

static bool find_lanes(spawner *p) {
    p->lanes = calloc(p->map->lane_count + 1, sizeof *p->lanes);
    p->until = calloc(p->map->lane_count + 1, sizeof *p->until);
    if (!p->lanes || !p->until)
        return false;
    double sum = 0;
    for (uint32_t i = 0; i < p->map->lane_count; i++) {
        const cw_lane *lane = &p->map->lanes[i];
        if (lane->kind != CW_LANE_DRIVING || lane->length < 1 || !is_near(p, lane))
            continue;
        sum += lane->length;
        p->lanes[p->lane_count] = i;
        p->until[p->lane_count++] = sum;
    }
    return true;
}

static cw_lane_place place_at(const spawner *p, double share) {
    double at = share * p->until[p->lane_count - 1];
    uint32_t low = 0, high = p->lane_count - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (p->until[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    uint32_t lane = p->lanes[low];
    double travel = at - (low > 0 ? p->until[low - 1] : 0);
    return (cw_lane_place){.lane = lane, .s = cw_lane_station(p->map, lane, travel)};
}

typedef struct size {
    uint8_t kind;
    double least[2], most[2]; // length and width, m
} size;

static cw_actor body(const spawner *p, uint32_t i) {
    static const size sizes[] = {{CW_ACTOR_CAR, {3.6, 1.65}, {5.0, 1.95}},
                                 {CW_ACTOR_VAN, {4.8, 1.9}, {6.0, 2.1}},
                                 {CW_ACTOR_TRUCK, {7.0, 2.3}, {10.0, 2.5}}};
    double which = draw(p, i, 0), f = draw(p, i, 1);
    const size *s = &sizes[which < 0.8 ? 0 : which < 0.95 ? 1 : 2];
    double length = cw_lerp(s->least[0], s->most[0], f), width = cw_lerp(s->least[1], s->most[1], f);
    return (cw_actor){.model = "",
                      .kind = s->kind,
                      .length = (float)length,
                      .width = (float)width,
                      .height = (float)(0.8 * width),
                      .center_x = (float)(0.3 * length),
                      .center_z = (float)(0.4 * width),
                      .wheelbase = (float)(0.6 * length),
                      .front_axle_x = (float)(0.6 * length),
                      .starts = true,
                      .trailer = CW_NONE,
                      .sample_count = 1,
                      .stays = true};
}

static bool fits(const spawner *p, const cw_box *box) {
    cw_vec2 corner[4];
    cw_box_corners(box, corner);
    for (int k = 0; k < 4; k++)
        if (!cw_area_holds(p->area, corner[k].x, corner[k].y))
            return false;
    for (uint32_t k = 0; k < p->placed; k++)
        if (cw_box_distance(box, &p->boxes[k]) < p->def->gap)
            return false;
    return true;
}

// Follows the lanes for so far, taking any way that leads on; where it ends.
static cw_pose follow(const spawner *p, uint32_t agent, cw_lane_place place, double distance) {
    double travel = cw_lane_travel(p->map, place.lane, place.s) + distance;
    uint32_t lane = place.lane;
    for (uint32_t k = 0; k < LANES_MOST && travel > p->map->lanes[lane].length; k++) {
        uint32_t ways[16], count = 0;
        cw_span next = p->map->lanes[lane].next;
        for (uint32_t i = 0; i < next.count && count < 16; i++)
            if (cw_lane_drivable(&p->map->lanes[p->map->links[next.first + i]]))
                ways[count++] = p->map->links[next.first + i];
        if (count == 0)
            break;
        travel -= p->map->lanes[lane].length;
        lane = ways[(uint32_t)(draw(p, agent, 4 + k) * count)];
    }
    travel = cw_min(travel, p->map->lanes[lane].length);
    return cw_lane_pose(p->map, (cw_lane_place){.lane = lane, .s = cw_lane_station(p->map, lane, travel)}, NULL);
}

static bool place_one(spawner *p, uint32_t i) {
    cw_actor *a = &p->actors[i];
    const char *name = a->name;
    *a = body(p, i);
    a->name = name;
    for (uint32_t k = 0; k < TRIES; k++) {
        cw_lane_place place = place_at(p, draw(p, i, 1000 + k));
        cw_pose pose = cw_lane_pose(p->map, place, NULL);
        if (cw_hypot(pose.x - p->def->x, pose.y - p->def->y) > p->def->radius ||
            cw_lane_width(p->map, place.lane, place.s) < (double)a->width + 2 * SIDE)
            continue;
        cw_box box = cw_box_at(pose, (double)a->center_x, (double)a->length, (double)a->width);
        if (!fits(p, &box))
            continue;
        p->boxes[p->placed++] = box;
        double limit = (double)cw_lane_limit(p->map, place.lane, place.s);
        limit = limit > 0 && isfinite(limit) ? limit : USUAL_LIMIT;
        p->samples[i] = (cw_sample){.x = pose.x,
                                    .y = pose.y,
                                    .heading = (float)pose.heading,
                                    .speed = (float)(limit * p->def->speed_share * draw(p, i, 2))};
        a->samples = &p->samples[i];
        cw_pose goal = follow(p, i, place, cw_lerp(p->def->goal_near, p->def->goal_far, draw(p, i, 3)));
        a->has_goal = true;
        a->goal_x = goal.x;
        a->goal_y = goal.y;
        return true;
    }
    return false;
}

static cw_status populate(spawner *p, cw_arena *arena, cw_error *err) {
    const cw_spawn_def *def = p->def;
    p->actors = cw_arena_array(arena, def->count, sizeof *p->actors);
    p->samples = cw_arena_array(arena, def->count, sizeof *p->samples);
    p->boxes = calloc(def->count, sizeof *p->boxes);
    if (!p->actors || !p->samples || !p->boxes || !find_lanes(p))
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for %u cars", def->count);
    for (uint32_t i = 0; i < def->count; i++) {
        char name[NAME];
        int length = snprintf(name, sizeof name, "car %u", i);
        p->actors[i].name = cw_arena_text(arena, name, (size_t)length);
        if (!p->actors[i].name)
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for %u cars", def->count);
        if (p->lane_count == 0 || !place_one(p, i))
            return cw_error_set(err, CW_ERR_INPUT, p->map->name, 0, 0, "only %u of %u cars find room on the lanes", i,
                                def->count);
    }
    return CW_OK;
}

cw_status cw_scene_spawn(const cw_spawn_def *def, const cw_map *map, const cw_area *area, cw_scene **scene,
                         cw_error *err) {
    assert(def->cookie == COOKIE);
    *scene = NULL;
    if (def->count == 0 || def->count > COUNT_MOST || !(def->radius > 0) || !(def->goal_near >= 0) ||
        !(def->goal_far >= def->goal_near) || !isfinite(def->goal_far) || !isfinite(def->x) || !isfinite(def->y))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "cars to spawn: 1 to %d, in a circle, with goals ahead",
                            COUNT_MOST);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scene *out = arena ? cw_arena_alloc(arena, sizeof *out) : NULL;
    if (!out) {
        cw_arena_free(arena);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a scene");
    }
    spawner p = {.def = def, .map = map, .area = area};
    cw_status status = populate(&p, arena, err);
    free(p.lanes);
    free(p.until);
    free(p.boxes);
    if (status != CW_OK) {
        cw_arena_free(arena);
        return status;
    }
    *out = (cw_scene){.name = map->name,
                      .author = "",
                      .description = "",
                      .origin = CW_FROM_SYNTH,
                      .version = "",
                      .map = map,
                      .borrows_map = true,
                      .actor_count = def->count,
                      .actors = p.actors,
                      .ego = CW_NONE,
                      .duration = INFINITY,
                      .dry_friction = 1,
                      .mission_route = CW_NONE,
                      .arena = arena};
    out->hash = cw_hash_bytes(map->hash, p.samples, def->count * sizeof *p.samples);
    *scene = out;
    return CW_OK;
}

// ---- many of them ----------------------------------------------------------------------------------------------------

typedef struct spawn_source {
    cw_scene_source source; // first: it is what is handed out
    cw_spawn_def def;
    cw_scene *base;
    cw_area *area;
} spawn_source;

static cw_status open_scene(void *context, size_t index, cw_scene **scene, cw_error *err) {
    const spawn_source *p = context;
    cw_spawn_def def = p->def;
    def.seed += index;
    if (def.count_most > def.count) {
        double share = cw_rng_uniform((cw_rng_key){.seed = def.seed, .purpose = PURPOSE}, 0);
        def.count += (uint32_t)(share * (def.count_most - def.count + 1));
    }
    return cw_scene_spawn(&def, p->base->map, p->area, scene, err);
}

static const char *name_of(void *context, size_t index) {
    (void)index;
    return ((const spawn_source *)context)->base->name;
}

cw_status cw_spawn_source_new(const cw_spawn_def *def, cw_scene *base, size_t count, cw_scene_source **source,
                              cw_error *err) {
    assert(def->cookie == COOKIE);
    spawn_source *p = calloc(1, sizeof *p);
    cw_area *area = cw_area_new(base->map);
    if (!p || !area) {
        free(p);
        cw_area_free(area);
        cw_scene_free(base);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for scenes");
    }
    *p = (spawn_source){.source = {.context = p, .count = count, .open = open_scene, .name = name_of},
                        .def = *def,
                        .base = base,
                        .area = area};
    *source = &p->source;
    return CW_OK;
}

void cw_spawn_source_free(cw_scene_source *source) {
    if (!source)
        return;
    spawn_source *p = source->context;
    cw_area_free(p->area);
    cw_scene_free(p->base);
    free(p);
}
