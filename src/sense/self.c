// What a body knows of itself and of the ground under it.
#include "causeway/scene.h"
#include "causeway/sense.h"
#include "causeway/world.h"

void cw_sense_ego(const struct cw_world *world, uint32_t actor, cw_ego *out) {
    const cw_actor *a = &cw_world_scene(world)->actors[actor];
    cw_actor_state s;
    cw_actor_limits limits;
    cw_world_actor(world, actor, &s);
    cw_world_limits(world, actor, &limits);
    *out = (cw_ego){.x = s.x,
                    .y = s.y,
                    .z = s.z,
                    .heading = s.heading,
                    .speed = s.speed,
                    .lateral_speed = s.lateral_speed,
                    .accel = s.accel,
                    .yaw_rate = s.yaw_rate,
                    .steer = s.steer,
                    .place = s.place,
                    .body = {.length = a->length,
                             .width = a->width,
                             .height = a->height,
                             .center_x = a->center_x,
                             .wheelbase = limits.wheelbase,
                             .mass = limits.mass,
                             .max_steer = limits.max_steer,
                             .max_accel = limits.max_accel,
                             .max_brake = limits.max_brake,
                             .max_speed = limits.max_speed}};
}

void cw_sense_surface(const struct cw_world *world, uint32_t observer, cw_surface *out) {
    cw_actor_state s;
    cw_world_actor(world, observer, &s);
    float mu = cw_world_friction(world, s.x, s.y);
    *out = (cw_surface){.mu_low = 0.9f * mu, .mu_high = mu, .visibility = cw_world_visibility(world)};
}
