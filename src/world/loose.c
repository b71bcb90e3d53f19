// Loose bodies in the world: who becomes one, what lies under it, and its step.
#include "world/core.h"

#include <math.h>

// Share of half its extent at which a box of even weight seems to stand: the four supports then have its second moment.
#define EVEN 0.5773502691896258 // 1 / sqrt(3)
// m: what lies so little below a platform lies on it.
#define STEP 0.05

void cw_loose_make(const cw_world *world, uint32_t i, cw_loose_params *out) {
    const cw_actor *a = &world->scene->actors[i];
    const cw_vehicle_params *p = &world->params[i];
    double length = cw_max((double)a->length, 0.05), width = cw_max((double)a->width, 0.05);
    if (world->model[i] == CW_MODEL_VEHICLE) {
        *out = (cw_loose_params){.center_x = p->rear,
                                 .gyration = (float)sqrt((double)p->inertia / (double)p->mass),
                                 .front = p->wheelbase - p->rear,
                                 .rear = p->rear,
                                 .half_track = (float)(0.43 * width)};
        return;
    }
    *out = (cw_loose_params){.center_x = a->center_x,
                             .center_y = a->center_y,
                             .gyration = (float)sqrt((length * length + width * width) / 12),
                             .front = (float)(0.5 * EVEN * length),
                             .rear = (float)(0.5 * EVEN * length),
                             .half_track = (float)(0.5 * EVEN * width)};
}

void cw_world_release(cw_world *world, uint32_t actor) {
    cw_state *s = &world->s;
    if (!s->present[actor] || s->mover[actor] == CW_MOVED_BY_PHYSICS)
        return;
    s->mover[actor] = CW_MOVED_BY_PHYSICS;
    s->ground[actor] = s->z[actor];
    s->fall[actor] = s->drive[actor] = s->steer[actor] = 0;
}

void cw_loose_start(cw_world *world, uint32_t i) {
    if (!world->scene->actors[i].loose || !world->s.present[i] || world->s.mover[i] >= CW_MOVED_BY_CONTROL)
        return;
    cw_world_release(world, i);
    world->s.z[i] += (double)world->scene->actors[i].lift;
}

static double deck_height(const cw_world *world, uint32_t carrier) {
    return world->s.z[carrier] + (double)world->scene->actors[carrier].deck;
}

bool cw_loose_rests_on(const cw_world *world, uint32_t cargo, uint32_t carrier) {
    return world->scene->actors[carrier].deck > 0 && world->s.z[cargo] >= deck_height(world, carrier) - STEP;
}

// What is under it: the highest platform that it reaches over and is not below, or the ground.
static cw_ground under(const cw_world *world, uint32_t i) {
    const cw_state *s = &world->s;
    cw_ground ground = {.z = s->ground[i], .slope = -s->pitch[i], .bank = s->roll[i]};
    uint32_t carrier = CW_NONE;
    cw_box box = {0};
    if (world->deck_count > 0)
        box = cw_world_box(world, i);
    for (uint32_t k = 0; world->deck_count > 0 && k < world->scene->actor_count; ++k) {
        if (k == i || !s->present[k] || !cw_loose_rests_on(world, i, k) || deck_height(world, k) < ground.z)
            continue;
        cw_box platform = cw_world_box(world, k);
        if (!cw_box_overlap(&box, &platform))
            continue;
        carrier = k;
        ground.z = deck_height(world, k);
    }
    if (carrier == CW_NONE) {
        ground.friction = cw_body_friction(world, i);
        return ground;
    }
    // The platform's speed under the body's centre, and its tilt about the body's axes.
    cw_box platform = cw_world_box(world, carrier);
    double rx = box.x - s->x[carrier], ry = box.y - s->y[carrier], w = (double)s->yaw_rate[carrier];
    double v = (double)s->speed[carrier], u = (double)s->lateral_speed[carrier];
    ground.vx = v * platform.ux - u * platform.uy - w * ry;
    ground.vy = v * platform.uy + u * platform.ux + w * rx;
    ground.yaw_rate = w;
    double cosine = box.ux * platform.ux + box.uy * platform.uy, sine = box.uy * platform.ux - box.ux * platform.uy;
    double rise = -(double)s->pitch[carrier], tilt = (double)s->roll[carrier];
    ground.slope = (float)(rise * cosine + tilt * sine);
    ground.bank = (float)(tilt * cosine - rise * sine);
    ground.friction = (float)world->scene->dry_friction; // the platform's own: not the road's under it
    return ground;
}

static void find_ground(cw_world *world, uint32_t i) {
    double z = world->s.z[i];
    world->s.z[i] = world->s.ground[i];
    cw_world_find_place(world, i); // sets z to the road's height where there is a road
    world->s.ground[i] = world->s.z[i];
    world->s.z[i] = z;
}

static void slide(cw_world *world, uint32_t i) {
    cw_state *s = &world->s;
    cw_loose_state body = {.x = s->x[i],
                           .y = s->y[i],
                           .z = s->z[i],
                           .heading = s->heading[i],
                           .vx = s->speed[i],
                           .vy = s->lateral_speed[i],
                           .yaw_rate = s->yaw_rate[i],
                           .fall = s->fall[i]};
    cw_ground ground = under(world, i);
    cw_loose_step(&world->loose[i], &body, &ground, world->dt);
    s->accel[i] = (float)(((double)body.vx - (double)s->speed[i]) / world->dt);
    s->traveled[i] += cw_hypot(body.x - s->x[i], body.y - s->y[i]);
    bool moved = body.x != s->x[i] || body.y != s->y[i] || body.heading != s->heading[i];
    s->x[i] = body.x;
    s->y[i] = body.y;
    s->z[i] = body.z;
    s->heading[i] = body.heading;
    s->speed[i] = body.vx;
    s->lateral_speed[i] = body.vy;
    s->yaw_rate[i] = body.yaw_rate;
    s->fall[i] = body.fall;
    if (moved)
        find_ground(world, i);
}

void cw_loose_step_all(cw_world *world) {
    cw_state *s = &world->s;
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        if (world->loose_count > 0)
            cw_loose_start(world, i); // whoever has come since
        if (s->present[i] && s->mover[i] == CW_MOVED_BY_PHYSICS)
            slide(world, i);
    }
}
