// What a scene's parts are before anything is said of them.
#include "causeway/scene.h"

#include <math.h>

cw_position cw_scene_nowhere(void) {
    return (cw_position){.entity = CW_NONE, .road = CW_NONE, .route = CW_NONE, .trajectory = CW_NONE};
}

cw_action cw_scene_no_action(void) {
    return (cw_action){.limits = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY},
                       .max_lateral_accel = NAN,
                       .time_scale = 1,
                       .entity = CW_NONE,
                       .position = cw_scene_nowhere(),
                       .master_position = cw_scene_nowhere(),
                       .route = CW_NONE,
                       .trajectory = CW_NONE,
                       .variable = CW_NONE,
                       .controller = {.name = ""},
                       .actor = CW_NONE};
}

cw_goal cw_scene_open_goal(void) {
    return (cw_goal){.time_high = INFINITY,
                     .speed_low = -INFINITY,
                     .speed_high = INFINITY,
                     .heading_low = -INFINITY,
                     .heading_high = INFINITY};
}

typedef struct body {
    float length, width, height, center_x, wheelbase, mass, max_speed, max_accel, max_brake;
} body;

static const body bodies[CW_ACTOR_KINDS] = {
    [CW_ACTOR_CAR] = {4.5F, 1.8F, 1.5F, 1.4F, 2.7F, 1500, 60, 4, 9},
    [CW_ACTOR_VAN] = {5.4F, 2.0F, 2.4F, 1.8F, 3.4F, 2600, 42, 3, 8.5F},
    [CW_ACTOR_TRUCK] = {9.6F, 2.5F, 3.5F, 3.4F, 5.4F, 14000, 25, 1.5F, 7},
    [CW_ACTOR_BUS] = {12, 2.55F, 3.1F, 3.2F, 6, 15000, 28, 1.6F, 7},
    [CW_ACTOR_MOTORCYCLE] = {2.2F, 0.8F, 1.5F, 0.7F, 1.4F, 280, 60, 5, 9},
    [CW_ACTOR_BICYCLE] = {1.8F, 0.6F, 1.7F, 0.5F, 1.05F, 90, 8, 1.2F, 5},
    [CW_ACTOR_PEDESTRIAN] = {0.5F, 0.6F, 1.75F, 0, 0, 75, 3, 3, 3},
    [CW_ACTOR_ANIMAL] = {1.3F, 0.4F, 0.9F, 0, 0, 60, 12, 6, 6},
};

cw_actor cw_scene_usual_actor(cw_actor_kind kind) {
    const body *b = &bodies[kind];
    return (cw_actor){.model = "",
                      .kind = (uint8_t)kind,
                      .length = b->length,
                      .width = b->width,
                      .height = b->height,
                      .center_x = b->center_x,
                      .center_z = b->height / 2,
                      .wheelbase = b->wheelbase,
                      .front_axle_x = b->wheelbase,
                      .mass = b->mass,
                      .max_speed = b->max_speed,
                      .max_accel = b->max_accel,
                      .max_brake = b->max_brake,
                      .max_steer = 0.6F,
                      .controller = {.name = ""},
                      .trailer = CW_NONE};
}
