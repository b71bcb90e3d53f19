#include "learn/course.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE_TOWN = 0x70c1, PURPOSE_SCENE, PURPOSE_PARKED, FEWEST = 8, MOST = 24, PARKED = 12, PARKED_TRIES = 120 };
static const double goal_most = 200; // m along the lanes

struct cw_course {
    uint64_t seed;
    uint32_t count, made; // the first `made` towns are the course's own
    const cw_scene **towns;
    cw_area **areas;
    size_t town_capacity, area_capacity;
    cw_pick *picks;
    size_t pick_capacity;
    cw_scene_source source;
};

static double draw(uint64_t seed, uint32_t purpose, uint64_t step, uint32_t number) {
    return cw_rng_uniform((cw_rng_key){.seed = seed, .purpose = purpose, .step = step}, number);
}

// Towns of all kinds: what each is made of is drawn from its seed.
static cw_town_def town_of(uint64_t seed) {
    cw_town_def def = cw_town_defaults(seed);
    def.size = 2 + (int)(2 * draw(seed, PURPOSE_TOWN, 0, 0));
    def.block = cw_lerp(130, 190, draw(seed, PURPOSE_TOWN, 0, 1));
    def.lights = draw(seed, PURPOSE_TOWN, 0, 2);
    def.roundabouts = 0.6 * draw(seed, PURPOSE_TOWN, 0, 3);
    def.gaps = 0.5 * draw(seed, PURPOSE_TOWN, 0, 4);
    def.curves = draw(seed, PURPOSE_TOWN, 0, 5);
    def.parking = draw(seed, PURPOSE_TOWN, 0, 6);
    def.hills = 0; // what it sees and does is in the plane
    def.traffic = 0;
    def.motorway = false;
    return def;
}

cw_status cw_course_add(cw_course *c, const cw_scene *scene, cw_error *err) {
    cw_area *area = NULL;
    if (!CW_GROW(c->towns, c->town_capacity, c->count + 1) || !CW_GROW(c->areas, c->area_capacity, c->count + 1) ||
        !(area = cw_area_new(scene->map)))
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    c->towns[c->count] = scene;
    c->areas[c->count++] = area;
    return CW_OK;
}

cw_status cw_course_new(cw_seed_set set, uint64_t first, uint32_t count, uint64_t seed, cw_course **course,
                        cw_error *err) {
    cw_course *c = calloc(1, sizeof *c);
    *course = NULL;
    if (!c)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    c->seed = seed;
    for (uint32_t i = 0; i < count; i++) {
        cw_town_def def = town_of(cw_seed_in(set, first + i));
        cw_scene *town;
        cw_status status = cw_town_make(&def, &town, err);
        if (status == CW_OK && (status = cw_course_add(c, town, err)) != CW_OK)
            cw_scene_free(town);
        if (status != CW_OK) {
            cw_course_free(c);
            return status;
        }
        c->made++;
    }
    *course = c;
    return CW_OK;
}

void cw_course_free(cw_course *c) {
    if (!c)
        return;
    for (uint32_t i = 0; i < c->count; i++) {
        cw_area_free(c->areas[i]);
        if (i < c->made)
            cw_scene_free((cw_scene *)(uintptr_t)c->towns[i]);
    }
    free(c->towns);
    free(c->areas);
    free(c->picks);
    free(c);
}

uint32_t cw_course_towns(const cw_course *c) {
    return c->count;
}

const cw_area *cw_course_area(const cw_course *c, const cw_map *map) {
    for (uint32_t i = 0; i < c->count; i++)
        if (c->towns[i]->map == map)
            return c->areas[i];
    return NULL;
}

static bool place_of(const cw_map *map, double x, double y, double heading, cw_lane_place *place) {
    cw_locate query = cw_locate_at(x, y);
    query.heading = heading;
    for (int kind = 0; kind < CW_LANE_KINDS; kind++)
        if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
            query.kinds |= 1u << kind;
    return cw_map_locate(map, &query, place);
}

// Its goal lies no farther along the lanes than a goal should: where lanes overlap, the goal's place may have been taken for one
// on another lane, and the way there leads around the block.
static bool goal_is_near(const cw_map *map, const cw_actor *a, double most) {
    cw_arena *arena = cw_arena_new(0, 0);
    cw_lane_place from, to;
    cw_route route;
    const cw_sample *at = &a->samples[0];
    bool near = arena && place_of(map, at->x, at->y, (double)at->heading, &from) &&
                place_of(map, a->goal_x, a->goal_y, (double)NAN, &to) && cw_route_find(map, from, to, arena, &route) &&
                route.length <= most;
    cw_arena_free(arena);
    return near;
}

// The town's lights, each junction's begun at another moment.
static bool copy_lights(const cw_scene *town, uint64_t seed, cw_scene *scene) {
    cw_signal_program *programs = cw_arena_array(scene->arena, town->program_count, sizeof *programs);
    if (!programs)
        return false;
    for (uint32_t i = 0; i < town->program_count; i++) {
        programs[i] = town->programs[i];
        programs[i].delay += programs[i].period * draw(seed, PURPOSE_SCENE, 1, i);
    }
    scene->programs = programs;
    scene->program_count = town->program_count;
    return true;
}

// Where the k-th parked car may stand: at the right edge of a lane that has no other beside it. False: not there.
static bool kerb(const cw_map *map, const cw_spawn_def *def, uint32_t k, cw_pose *pose) {
    uint32_t index = (uint32_t)(draw(def->seed, PURPOSE_PARKED, k, 0) * map->lane_count);
    const cw_lane *lane = &map->lanes[index];
    if (lane->kind != CW_LANE_DRIVING || lane->junction != CW_NONE || lane->length < 20 ||
        (lane->right != CW_NONE && cw_lane_drivable(&map->lanes[lane->right])))
        return false;
    double s = cw_lane_station(map, index, (0.2 + 0.6 * draw(def->seed, PURPOSE_PARKED, k, 1)) * lane->length);
    double aside = 0.5 * cw_lane_width(map, index, s) + cw_lerp(1.1, 1.8, draw(def->seed, PURPOSE_PARKED, k, 2)), sine,
           cosine;
    *pose = cw_lane_pose(map, (cw_lane_place){.lane = index, .s = s}, NULL);
    cw_sincos(pose->heading, &sine, &cosine);
    pose->x += aside * sine;
    pose->y -= aside * cosine;
    return cw_hypot(pose->x - def->x, pose->y - def->y) < def->radius;
}

// Cars that are parked along the streets and nobody drives.
static bool park(const cw_spawn_def *def, cw_scene *scene) {
    uint32_t count = scene->actor_count, most = count + PARKED;
    cw_actor *actors = cw_arena_array(scene->arena, most, sizeof *actors);
    cw_sample *samples = cw_arena_array(scene->arena, PARKED, sizeof *samples);
    if (!actors || !samples)
        return false;
    memcpy(actors, scene->actors, count * sizeof *actors);
    // Whoever has no goal that it should have is not there.
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (goal_is_near(scene->map, &actors[i], goal_most))
            actors[kept++] = actors[i];
    if (kept > 0)
        scene->actor_count = count = kept;
    most = count + PARKED;
    for (uint32_t k = 0; k < PARKED_TRIES && count < most; k++) {
        cw_pose pose;
        bool clear = kerb(scene->map, def, k, &pose);
        for (uint32_t i = 0; clear && i < count; i++)
            clear = cw_hypot(actors[i].samples[0].x - pose.x, actors[i].samples[0].y - pose.y) > 7 &&
                    cw_hypot(actors[i].goal_x - pose.x, actors[i].goal_y - pose.y) > 3;
        if (!clear)
            continue;
        cw_sample *at = &samples[count - scene->actor_count];
        *at = (cw_sample){.x = pose.x, .y = pose.y, .heading = (float)pose.heading};
        char name[32];
        int length = snprintf(name, sizeof name, "parked %u", k);
        actors[count] = cw_scene_usual_actor(CW_ACTOR_CAR);
        actors[count].name = cw_arena_text(scene->arena, name, (size_t)length);
        actors[count].model = "";
        actors[count].starts = actors[count].stays = true;
        actors[count].samples = at;
        actors[count].sample_count = 1;
        if (!actors[count++].name)
            return false;
    }
    scene->actors = actors;
    scene->actor_count = count;
    return true;
}

static cw_status open_pick(void *context, size_t index, cw_scene **scene, cw_error *err) {
    const cw_course *c = context;
    cw_pick pick = c->picks[index];
    const cw_scene *town = c->towns[pick.town];
    cw_spawn_def def = cw_spawn_defaults();
    def.seed = cw_hash_bytes(c->seed, &pick, sizeof pick);
    def.count = FEWEST + (uint32_t)((MOST - FEWEST + 1) * draw(def.seed, PURPOSE_SCENE, 0, 0));
    def.gap = 10; // nobody begins where a contact cannot be helped
    def.speed_share = 0.6;
    // Around a lane, so that they meet.
    const cw_map *map = town->map;
    uint32_t lane = (uint32_t)(draw(def.seed, PURPOSE_SCENE, 0, 1) * map->lane_count);
    cw_pose at = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = map->lanes[lane].s0}, NULL);
    def.x = at.x;
    def.y = at.y;
    cw_status status = CW_ERR_INPUT;
    for (def.radius = 120; status == CW_ERR_INPUT && def.radius < 3000; def.radius *= 1.6) {
        *err = (cw_error){0};
        status = cw_scene_spawn(&def, map, c->areas[pick.town], scene, err);
    }
    if (status == CW_OK && (!copy_lights(town, def.seed, *scene) || !park(&def, *scene))) {
        cw_scene_free(*scene);
        status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    return status;
}

static const char *name_of(void *context, size_t index) {
    const cw_course *c = context;
    return c->towns[c->picks[index].town]->name;
}

const cw_scene_source *cw_course_source(cw_course *c, const cw_pick *picks, uint32_t count) {
    if (!CW_GROW(c->picks, c->pick_capacity, count))
        return NULL;
    memcpy(c->picks, picks, count * sizeof *picks);
    c->source = (cw_scene_source){.context = c, .count = count, .open = open_pick, .name = name_of};
    return &c->source;
}
