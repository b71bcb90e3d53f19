// Small scenes built by hand on an open plane (a map without roads), for tests of the world alone.
#ifndef TESTS_WORLD_HAND_SCENE_H
#define TESTS_WORLD_HAND_SCENE_H

#include "causeway/scene.h"
#include "causeway/world.h"

#include <math.h>

enum { HAND_ACTORS = 8 };

typedef struct hand_scene {
    cw_map map;
    cw_actor actors[HAND_ACTORS];
    cw_scene scene;
} hand_scene;

static inline cw_actor hand_car(const char *name) {
    return (cw_actor){.name = name,
                      .model = "",
                      .kind = CW_ACTOR_CAR,
                      .length = 4.5f,
                      .width = 1.8f,
                      .height = 1.5f,
                      .center_x = 1.4f,
                      .center_z = 0.75f,
                      .wheelbase = 2.7f,
                      .front_axle_x = 2.7f,
                      .mass = 1500,
                      .starts = true,
                      .trailer = CW_NONE};
}

// The ego is actor 0 at the start pose. `others` follow it.
static inline void hand_make(hand_scene *hand, double x, double y, float heading, float speed, const cw_actor *others,
                             uint32_t count) {
    *hand = (hand_scene){.map = {.name = "", .georeference = ""}};
    hand->actors[0] = hand_car("ego");
    for (uint32_t i = 0; i < count; ++i)
        hand->actors[i + 1] = others[i];
    hand->scene = (cw_scene){.name = "by hand",
                             .origin = CW_FROM_COMMONROAD,
                             .map = &hand->map,
                             .actor_count = count + 1,
                             .actors = hand->actors,
                             .ego = 0,
                             .duration = INFINITY,
                             .dry_friction = 1,
                             .has_start = true,
                             .start_x = x,
                             .start_y = y,
                             .start_heading = heading,
                             .start_speed = speed,
                             .mission_route = CW_NONE};
}

static inline cw_actor hand_recorded(const char *name, const cw_sample *samples, uint32_t count, bool stays) {
    cw_actor actor = hand_car(name);
    actor.samples = samples;
    actor.sample_count = count;
    actor.stays = stays;
    return actor;
}

#endif
