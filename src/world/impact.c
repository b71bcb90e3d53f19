// What a touch does to bodies: impulses at the point of contact, which turn them too, and pushing apart what overlaps.
//
// The impulse follows Chatterjee and Ruina (A new algebraic rigid-body collision law based on impulse space considerations,
// J. Appl. Mech. 65, 1998): between the plastic frictionless impulse and the one that lets nothing slip, scaled by
// restitution and cut off at the friction cone. It conserves momentum, and no choice of its numbers adds energy, which
// Newton's rule with friction does not promise for bodies that turn.
#include "base/heading.h"
#include "world/core.h"

#include <math.h>

// m: what is pushed apart comes to lie so far from each other.
#define CLEARANCE 1e-7
// m/s: slower touches are those of bodies that stay together.
#define SLOW 0.1
// m/s: a walker or rider who is thrown by more falls.
#define FALLS 2.0

typedef struct rigid {
    double per_mass, per_inertia; // 0: nothing moves it
    cw_vec2 center, v;            // of gravity, its velocity; map frame
    double rate;                  // rad/s
} rigid;

// Direction from a to b in which they overlap least, and by how much (< 0: apart).
static cw_vec2 normal_of(const cw_box *a, const cw_box *b, double *depth) {
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
    *depth = -best;
    return normal;
}

static cw_vec2 center_of(const cw_world *world, uint32_t i, const cw_box *box) {
    const cw_actor *a = &world->scene->actors[i];
    double x = (double)world->loose[i].center_x - (double)a->center_x;
    double y = (double)world->loose[i].center_y - (double)a->center_y;
    return (cw_vec2){box->x + x * box->ux - y * box->uy, box->y + x * box->uy + y * box->ux};
}

// The box may be one from within the step; the speeds in the state are along the axes that it has at the end.
static rigid rigid_of(const cw_world *world, uint32_t i, const cw_box *box) {
    if (i == CW_NONE)
        return (rigid){.center = {box->x, box->y}};
    double sine, cosine;
    cw_direction(world->s.heading[i], &sine, &cosine);
    const cw_loose_params *p = &world->loose[i];
    double rate = (double)world->s.yaw_rate[i];
    double v = (double)world->s.speed[i] - rate * (double)p->center_y;
    double w = (double)world->s.lateral_speed[i] + rate * (double)p->center_x;
    rigid body = {
        .center = center_of(world, i, box), .v = {v * cosine - w * sine, v * sine + w * cosine}, .rate = rate};
    if (cw_yields(world, i)) {
        body.per_mass = 1 / (double)cw_body_mass(world, i);
        body.per_inertia = body.per_mass / ((double)p->gyration * (double)p->gyration);
    }
    return body;
}

// Back into the state, along the axes of its heading.
static void set_speeds(cw_world *world, uint32_t i, cw_vec2 v, double rate) {
    const cw_loose_params *p = &world->loose[i];
    double sine, cosine;
    cw_direction(world->s.heading[i], &sine, &cosine);
    world->s.speed[i] = (float)(v.x * cosine + v.y * sine + rate * (double)p->center_y);
    world->s.lateral_speed[i] = (float)(v.y * cosine - v.x * sine - rate * (double)p->center_x);
    world->s.yaw_rate[i] = (float)rate;
}

static void push_body(cw_world *world, uint32_t i, const rigid *body, cw_vec2 at, cw_vec2 impulse) {
    if (body->per_mass == 0)
        return;
    cw_vec2 by = {impulse.x * body->per_mass, impulse.y * body->per_mass};
    double turn = ((at.x - body->center.x) * impulse.y - (at.y - body->center.y) * impulse.x) * body->per_inertia;
    set_speeds(world, i, (cw_vec2){body->v.x + by.x, body->v.y + by.y}, body->rate + turn);
    cw_actor_kind kind = (cw_actor_kind)world->scene->actors[i].kind;
    bool balances = world->model[i] == CW_MODEL_WALKER || kind == CW_ACTOR_BICYCLE || kind == CW_ACTOR_MOTORCYCLE;
    if (balances && by.x * by.x + by.y * by.y > FALLS * FALLS)
        cw_world_release(world, i);
}

static cw_vec2 velocity_at(const rigid *body, cw_vec2 at) {
    return (cw_vec2){body->v.x - body->rate * (at.y - body->center.y),
                     body->v.y + body->rate * (at.x - body->center.x)};
}

// Inverse mass felt at the point, added to k: xx, xy, yy.
static void yielding(const rigid *body, cw_vec2 at, double k[3]) {
    double x = at.x - body->center.x, y = at.y - body->center.y;
    k[0] += body->per_mass + body->per_inertia * y * y;
    k[1] -= body->per_inertia * x * y;
    k[2] += body->per_mass + body->per_inertia * x * x;
}

bool cw_impact(cw_world *world, const cw_touch *t) {
    rigid a = rigid_of(world, t->a, &t->box_a), b = rigid_of(world, t->b, &t->box_b);
    if (a.per_mass + b.per_mass == 0)
        return false;
    double depth, k[3] = {0, 0, 0};
    cw_vec2 n = normal_of(&t->box_a, &t->box_b, &depth), va = velocity_at(&a, t->at), vb = velocity_at(&b, t->at);
    cw_vec2 v = {va.x - vb.x, va.y - vb.y};
    double closing = v.x * n.x + v.y * n.y;
    if (!(closing > 0))
        return false;
    yielding(&a, t->at, k);
    yielding(&b, t->at, k);
    // On b, which takes from a: plain stops the approach along n only, stuck stops all of v.
    double plain = closing / (n.x * n.x * k[0] + 2 * n.x * n.y * k[1] + n.y * n.y * k[2]);
    double each = 1 / (k[0] * k[2] - k[1] * k[1]);
    cw_vec2 stuck = {(k[2] * v.x - k[1] * v.y) * each, (k[0] * v.y - k[1] * v.x) * each};
    cw_vec2 more = {stuck.x - plain * n.x, stuck.y - plain * n.y}; // than plain
    double e = closing > SLOW ? t->restitution : t->slow, mu = (double)world->def.contact_friction;
    double along = more.x * n.x + more.y * n.y, across = fabs(more.y * n.x - more.x * n.y), share = 1;
    if (across > mu * ((1 + e) * plain + along)) {
        double give = across - mu * along;
        share = give > 0 ? cw_min(mu * (1 + e) * plain / give, 1) : 0;
    }
    cw_vec2 impulse = {(1 + e) * plain * n.x + share * more.x, (1 + e) * plain * n.y + share * more.y};
    push_body(world, t->a, &a, t->at, (cw_vec2){-impulse.x, -impulse.y});
    push_body(world, t->b, &b, t->at, impulse);
    return true;
}

void cw_push_apart(const cw_world *world, uint32_t a, uint32_t b, cw_box *box_a, cw_box *box_b) {
    double ma = cw_yields(world, a) ? 1 / (double)cw_body_mass(world, a) : 0;
    double mb = b != CW_NONE && cw_yields(world, b) ? 1 / (double)cw_body_mass(world, b) : 0;
    cw_push_by(box_a, box_b, ma + mb > 0 ? ma / (ma + mb) : 0, ma + mb > 0 ? mb / (ma + mb) : 0);
}

void cw_push_by(cw_box *box_a, cw_box *box_b, double share_a, double share_b) {
    double depth;
    cw_vec2 n = normal_of(box_a, box_b, &depth);
    depth = cw_max(depth, 0) + CLEARANCE;
    box_a->x -= n.x * depth * share_a;
    box_a->y -= n.y * depth * share_a;
    box_b->x += n.x * depth * share_b;
    box_b->y += n.y * depth * share_b;
}

void cw_body_go_on(cw_world *world, uint32_t i, const cw_box *from, double time) {
    cw_state *s = &world->s;
    rigid body = rigid_of(world, i, from);
    double sine, cosine, x = (double)world->loose[i].center_x, y = (double)world->loose[i].center_y;
    s->heading[i] = cw_wrap_angle(cw_atan2(from->uy, from->ux) + body.rate * time);
    cw_direction(s->heading[i], &sine, &cosine);
    s->x[i] = body.center.x + body.v.x * time - (x * cosine - y * sine);
    s->y[i] = body.center.y + body.v.y * time - (x * sine + y * cosine);
    set_speeds(world, i, body.v, body.rate); // the velocity keeps its direction on the map
}
