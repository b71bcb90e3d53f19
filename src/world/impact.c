// What a touch does to a body under control: an inelastic exchange of momentum along the normal of the two boxes. The
// other one goes on as its storyboard or recording says; nothing is pushed apart.
#include "world/core.h"

#include <math.h>

// Direction from a to b in which they overlap least.
static cw_vec2 normal_of(const cw_box *a, const cw_box *b) {
    double dx = b->x - a->x, dy = b->y - a->y, best = -INFINITY;
    cw_vec2 normal = {1, 0};
    for (int i = 0; i < 4; ++i) {
        const cw_box *from = i < 2 ? a : b;
        double nx = i % 2 ? -from->uy : from->ux, ny = i % 2 ? from->ux : from->uy;
        double away = dx * nx + dy * ny;
        double reach_a = a->half_length * fabs(a->ux * nx + a->uy * ny) + a->half_width * fabs(a->ux * ny - a->uy * nx);
        double reach_b = b->half_length * fabs(b->ux * nx + b->uy * ny) + b->half_width * fabs(b->ux * ny - b->uy * nx);
        double gap = fabs(away) - reach_a - reach_b;
        if (gap > best) {
            best = gap;
            normal = away < 0 ? (cw_vec2){-nx, -ny} : (cw_vec2){nx, ny};
        }
    }
    return normal;
}

static cw_vec2 velocity(const cw_world *world, uint32_t i, const cw_box *box) {
    double v = (double)world->s.speed[i], w = (double)world->s.lateral_speed[i];
    return (cw_vec2){v * box->ux - w * box->uy, v * box->uy + w * box->ux};
}

static void change(cw_world *world, uint32_t i, const cw_box *box, cw_vec2 by) {
    world->s.speed[i] = (float)((double)world->s.speed[i] + by.x * box->ux + by.y * box->uy);
    world->s.lateral_speed[i] = (float)((double)world->s.lateral_speed[i] - by.x * box->uy + by.y * box->ux);
}

static bool soft(const cw_world *world, uint32_t actor) {
    cw_actor_kind kind = (cw_actor_kind)world->scene->actors[actor].kind;
    return kind == CW_ACTOR_PEDESTRIAN || kind == CW_ACTOR_BICYCLE || kind == CW_ACTOR_ANIMAL;
}

void cw_impact(cw_world *world, const cw_touch *t) {
    bool moves_a = world->s.mover[t->a] == CW_MOVED_BY_CONTROL;
    bool moves_b = t->b != CW_NONE && world->s.mover[t->b] == CW_MOVED_BY_CONTROL;
    if (!moves_a && !moves_b)
        return;
    if (!t->first && (soft(world, t->a) || (t->b != CW_NONE && soft(world, t->b))))
        return; // someone on foot does not hold a car
    cw_vec2 n = normal_of(&t->box_a, &t->box_b), va = velocity(world, t->a, &t->box_a), vb = {0, 0};
    if (t->b != CW_NONE)
        vb = velocity(world, t->b, &t->box_b);
    double closing = (va.x - vb.x) * n.x + (va.y - vb.y) * n.y;
    if (!(closing > 0))
        return;
    double ma = (double)cw_body_mass(world, t->a);
    double share_a = 1, share_b = 0; // of the closing speed, that each one loses: a wall loses nothing
    if (t->b != CW_NONE) {
        double mb = (double)cw_body_mass(world, t->b);
        share_a = mb / (ma + mb);
        share_b = ma / (ma + mb);
    }
    if (moves_a)
        change(world, t->a, &t->box_a, (cw_vec2){-n.x * closing * share_a, -n.y * closing * share_a});
    if (moves_b)
        change(world, t->b, &t->box_b, (cw_vec2){n.x * closing * share_b, n.y * closing * share_b});
}
