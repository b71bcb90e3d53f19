// Contacts: which bodies touch, exactly when within the step, and how fast; and what they do to each other then.
//
// Those that may meet in a step are dealt with in the order of time: both go to where they touch, exchange momentum there
// (impact.c), and go on with their new speeds for the rest of the step. What still overlaps at its end (piles, bodies that
// lean on each other) is stopped and pushed apart, round by round.
// Pairs of recorded actors are left out: where a recording overlaps itself that says something of the recording, not of
// the run. A pair counts once until it has parted by 0.5 m.
#include "base/heading.h"
#include "world/broad.h"
#include "world/core.h"
#include "world/sweep.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// m
#define PARTED 0.5
#define STRIDE 1.0  // half the way in a step of one that is not looked at closely
enum { MANY = 48 }; // actors beyond which pairs are found by a grid
enum { OBJECT_PAIRS = 64, PAIRS_MOST = 8192, CONTACTS_MOST = 1024, SOLIDS_NEAR = 64 };
// Touches of the same two in a step (they turn about each other); rounds of pushing apart, and those after which walls push.
enum { TOUCHES_MOST = 8, ROUNDS_MOST = 200, ROUNDS_BY_MASS = 20 };
// Restitution of bodies that lean on each other and slide or turn: they hop by fractions of a mm instead of being pushed
// apart at every step, which would shift their angular momentum.
#define HOP 0.9
enum { LOOSE = 1 << 20 };

typedef struct cw_near { // an actor's way in the step
    uint64_t round;      // that it was made in
    cw_box from, to;     // at the fraction `start` of the step and at its end
    double start, turn;  // turn: from there to the end, rad, once `turned`
    bool turned;
    int held; // so many bodies away from what does not yield, as far as they lean on each other
} cw_near;

typedef struct cw_meeting { // two that come near each other
    uint32_t a, b;          // a < b; b CW_NONE: the solid
    const cw_solid *solid;
    double when; // fraction of the step at which they touch next; NEVER; DONE
    int touches;
} cw_meeting;
#define NEVER 2.0
#define DONE 3.0

bool cw_contacts_make(cw_world *world) {
    uint64_t n = world->scene->actor_count;
    uint64_t pairs = n * (n > 0 ? n - 1 : 0) / 2 + OBJECT_PAIRS;
    world->pair_most = (uint32_t)(pairs < PAIRS_MOST ? pairs : PAIRS_MOST);
    uint64_t contacts = 128 + 8 * n;
    world->contact_most = (uint32_t)(contacts < CONTACTS_MOST ? contacts : CONTACTS_MOST);
    world->near = cw_arena_array(world->arena, n, sizeof *world->near);
    world->sweep = cw_sweep_make(world->arena, (uint32_t)n);
    world->alone = cw_arena_array(world->arena, n, 1);
    world->found = cw_arena_array(world->arena, world->contact_most, sizeof *world->found);
    world->broad = n > MANY ? cw_broad_make(world->arena, (uint32_t)n) : NULL;
    world->meeting_most = world->pair_most;
    world->meetings = cw_arena_array(world->arena, world->meeting_most, sizeof *world->meetings);
    return world->near && world->sweep && world->alone && world->found && world->meetings &&
           (world->broad || n <= MANY);
}

// Distance of a point from a box in its plane.
static double reach(const cw_box *box, cw_vec2 p) {
    double dx = p.x - box->x, dy = p.y - box->y;
    double out_x = cw_max(fabs(dx * box->ux + dy * box->uy) - box->half_length, 0);
    double out_y = cw_max(fabs(dy * box->ux - dx * box->uy) - box->half_width, 0);
    return cw_hypot(out_x, out_y);
}

// Where they touch: the mean of the corners of either that come nearest to the other.
static cw_vec2 touch_point(const cw_box *a, const cw_box *b) {
    cw_vec2 corner[8], sum = {0, 0};
    double distance[8], least = INFINITY, count = 0;
    cw_box_corners(a, corner);
    cw_box_corners(b, corner + 4);
    for (int i = 0; i < 8; ++i) {
        distance[i] = reach(i < 4 ? b : a, corner[i]);
        least = cw_min(least, distance[i]);
    }
    for (int i = 0; i < 8; ++i)
        if (distance[i] <= least + 1e-3) {
            sum.x += corner[i].x - a->x; // relative: no digits lost far from the origin
            sum.y += corner[i].y - a->y;
            count += 1;
        }
    return (cw_vec2){a->x + sum.x / count, a->y + sum.y / count};
}

static uint32_t find_pair(const cw_world *world, uint32_t a, uint32_t b, uint32_t object) {
    for (uint32_t i = 0; i < world->s.pair_count[0]; ++i)
        if (world->s.pair_a[i] == a && world->s.pair_b[i] == b && world->s.pair_object[i] == object)
            return i;
    return CW_NONE;
}

bool cw_world_touching(const cw_world *world, uint32_t a, uint32_t b) {
    for (uint32_t i = 0; i < world->s.pair_count[0]; ++i) {
        uint32_t one = world->s.pair_a[i], other = world->s.pair_b[i];
        if ((one == a && (b == CW_NONE || other == b)) ||
            (other == a && other != CW_NONE && (b == CW_NONE || one == b)))
            return true;
    }
    return false;
}

bool cw_world_touching_kind(const cw_world *world, uint32_t a, cw_actor_kind kind) {
    for (uint32_t i = 0; i < world->s.pair_count[0]; ++i) {
        uint32_t one = world->s.pair_a[i], other = world->s.pair_b[i];
        uint32_t partner = one == a ? other : other == a ? one : CW_NONE;
        if (partner != CW_NONE && world->scene->actors[partner].kind == kind)
            return true;
    }
    return false;
}

static void drop_pair(cw_world *world, uint32_t i) {
    uint32_t last = --world->s.pair_count[0];
    for (; i < last; ++i) {
        world->s.pair_a[i] = world->s.pair_a[i + 1];
        world->s.pair_b[i] = world->s.pair_b[i + 1];
        world->s.pair_object[i] = world->s.pair_object[i + 1];
    }
    world->s.pair_a[last] = world->s.pair_b[last] = world->s.pair_object[last] = 0; // unused items are zero
}

static bool apart_in_height(const cw_world *world, uint32_t a, uint32_t b) {
    if (cw_loose_rests_on(world, a, b) || cw_loose_rests_on(world, b, a))
        return true;
    bool falls = world->s.fall[a] != 0 || world->s.fall[b] != 0;
    double za = world->s.z[a], zb = world->s.z[b], slack = falls ? 0 : 0.5;
    return za > zb + (double)world->scene->actors[b].height + slack ||
           zb > za + (double)world->scene->actors[a].height + slack;
}

static bool may_touch(const cw_world *world, uint32_t a, uint32_t b) {
    if (world->s.mover[a] == CW_MOVED_BY_RECORDING && world->s.mover[b] == CW_MOVED_BY_RECORDING)
        return false;
    if (world->s.trailer[a] == b || world->s.trailer[b] == a)
        return false;
    return !apart_in_height(world, a, b);
}

static float speed_at(const cw_world *world, uint32_t i, double f) {
    return (float)cw_lerp((double)world->old_speed[i], (double)world->s.speed[i], f);
}

static float relative_speed(const cw_world *world, const cw_contact *c, const cw_box *a, const cw_box *b) {
    double wa = (double)world->s.lateral_speed[c->a], va = (double)c->speed_a;
    double x = va * a->ux - wa * a->uy, y = va * a->uy + wa * a->ux;
    if (c->b != CW_NONE) {
        double wb = (double)world->s.lateral_speed[c->b], vb = (double)c->speed_b;
        x -= vb * b->ux - wb * b->uy;
        y -= vb * b->uy + wb * b->ux;
    }
    return (float)cw_hypot(x, y);
}

static void sweep(cw_world *world, uint32_t i) {
    cw_sweep *w = world->sweep;
    cw_state *s = &world->s;
    double dx = s->x[i] - world->old_x[i], dy = s->y[i] - world->old_y[i];
    double usual = 2 * cw_max(fabs((double)s->speed[i]), fabs((double)world->old_speed[i])) * world->dt + 1;
    if (!world->old_present[i] || dx * dx + dy * dy > usual * usual) { // put there, not driven there
        world->old_x[i] = s->x[i];
        world->old_y[i] = s->y[i];
        world->old_heading[i] = s->heading[i];
        world->old_speed[i] = s->speed[i];
    }
    double radius = (double)world->radius[i];
    w->low_x[i] = cw_min(world->old_x[i], s->x[i]) - radius;
    w->high_x[i] = cw_max(world->old_x[i], s->x[i]) + radius;
    w->low_y[i] = cw_min(world->old_y[i], s->y[i]) - radius;
    w->high_y[i] = cw_max(world->old_y[i], s->y[i]) + radius;
}

static void make_boxes(const cw_world *world, uint32_t i, cw_near *n) {
    const cw_sweep *w = world->sweep;
    *n = (cw_near){.round = w->round, .held = LOOSE};
    if (world->broad) {
        n->from = cw_body_box(world, i, world->old_x[i], world->old_y[i], world->old_heading[i]);
        n->to = cw_world_box(world, i);
        return;
    }
    n->from = cw_body_box_along(world, i, world->old_x[i], world->old_y[i], w->old_sine[i], w->old_cosine[i]);
    n->to = cw_body_box_along(world, i, world->s.x[i], world->s.y[i], w->sine[i], w->cosine[i]);
}

// The boxes are made when someone comes near.
static inline cw_near *boxes(const cw_world *world, uint32_t i) {
    cw_near *n = &world->near[i];
    if (n->round != world->sweep->round)
        make_boxes(world, i, n);
    return n;
}

// The box at fraction f of the step.
static cw_box box_at(cw_near *n, double f) {
    if (f <= n->start || n->start >= 1)
        return n->start >= 1 ? n->to : n->from;
    if (!n->turned)
        n->turn = cw_box_turn(&n->from, &n->to);
    n->turned = true;
    double share = cw_min((f - n->start) / (1 - n->start), 1), sine, cosine;
    cw_heading_sincos(n->turn * share, &sine, &cosine);
    cw_box out = n->from;
    out.x = cw_lerp(n->from.x, n->to.x, share);
    out.y = cw_lerp(n->from.y, n->to.y, share);
    out.ux = n->from.ux * cosine - n->from.uy * sine;
    out.uy = n->from.uy * cosine + n->from.ux * sine;
    return out;
}

static uint32_t object_of(const cw_meeting *m) {
    assert(m->b != CW_NONE || m->solid);
    return m->b == CW_NONE ? m->solid->object : CW_NONE;
}

// A touch at fraction f of the step: recorded unless the pair is known. False when there is no room.
static bool record(cw_world *world, const cw_meeting *m, double f, const cw_box *box_a, const cw_box *box_b, cw_vec2 at,
                   uint32_t *found) {
    if (*found >= world->contact_most - world->s.contact_count[0] || world->s.pair_count[0] >= world->pair_most) {
        cw_world_set_fault(world, CW_FAULT_CONTACTS, m->a);
        return false;
    }
    cw_contact c = {.time_ns = (world->s.step[0] - 1) * world->def.dt_ns + (int64_t)rint(f * (double)world->def.dt_ns),
                    .a = m->a,
                    .b = m->b,
                    .object = object_of(m),
                    .speed_a = speed_at(world, m->a, f),
                    .speed_b = m->b == CW_NONE ? 0 : speed_at(world, m->b, f),
                    .x = at.x,
                    .y = at.y};
    c.impact_speed = relative_speed(world, &c, box_a, box_b);
    world->found[(*found)++] = c;
    uint32_t pair = world->s.pair_count[0]++;
    world->s.pair_a[pair] = c.a;
    world->s.pair_b[pair] = c.b;
    world->s.pair_object[pair] = c.object;
    return true;
}

static bool together_with_object(cw_world *world, uint32_t pair) {
    uint32_t a = world->s.pair_a[pair];
    const cw_box *box = &boxes(world, a)->to;
    const cw_solid *solids[SOLIDS_NEAR];
    uint32_t count = cw_world_solids(world, box->x, box->y, (double)world->radius[a] + PARTED, solids, SOLIDS_NEAR);
    for (uint32_t k = 0; k < count; ++k)
        if (solids[k]->object == world->s.pair_object[pair] && cw_box_distance(box, &solids[k]->box) <= PARTED)
            return true;
    return false;
}

// Pairs [0, known) that touched before this step: forgotten once they have parted.
static void part(cw_world *world, uint32_t known) {
    for (uint32_t i = known; i-- > 0;) {
        uint32_t a = world->s.pair_a[i], b = world->s.pair_b[i];
        bool there = world->s.present[a] && (b == CW_NONE || world->s.present[b]);
        if (!there || (b == CW_NONE ? !together_with_object(world, i)
                                    : cw_box_distance(&boxes(world, a)->to, &boxes(world, b)->to) > PARTED))
            drop_pair(world, i);
    }
}

// ---- meetings --------------------------------------------------------------------------------------------------------

// When they touch, at `now` or later.
static double touch_time(const cw_world *world, const cw_meeting *m, double now) {
    cw_near *a = boxes(world, m->a), *b = m->b == CW_NONE ? NULL : boxes(world, m->b);
    assert(b || m->solid);
    double f;
    if (now <= 0)
        return cw_box_first_contact(&a->from, &a->to, b ? &b->from : &m->solid->box, b ? &b->to : &m->solid->box, &f)
                   ? f
                   : NEVER;
    cw_box a0 = box_at(a, now), b0 = b ? box_at(b, now) : m->solid->box;
    return cw_box_first_contact(&a0, &a->to, &b0, b ? &b->to : &m->solid->box, &f) ? now + f * (1 - now) : NEVER;
}

static bool yields(const cw_world *world, const cw_meeting *m) {
    return cw_yields(world, m->a) || (m->b != CW_NONE && cw_yields(world, m->b));
}

// Notes that two may meet in this step. Those that never yield matter only when they touch for the first time. False when
// there is no room.
static bool note(cw_world *world, uint32_t a, uint32_t b, const cw_solid *solid) {
    cw_meeting m = {.a = a, .b = b, .solid = solid};
    bool give = yields(world, &m);
    if (!give && find_pair(world, a, b, object_of(&m)) != CW_NONE)
        return true;
    m.when = touch_time(world, &m, 0);
    if (!give && m.when > 1)
        return true;
    if (world->meeting_count >= world->meeting_most) {
        cw_world_set_fault(world, CW_FAULT_CONTACTS, a);
        return false;
    }
    world->meetings[world->meeting_count++] = m;
    return true;
}

// Is the actor free once it is touched by one that yields?
static bool frees(const cw_world *world, uint32_t i) {
    const cw_actor *a = &world->scene->actors[i];
    if (!world->def.contact_frees || cw_yields(world, i) || world->model[i] == CW_MODEL_FIXED || a->from_occupancy ||
        a->kind == CW_ACTOR_TRAIN || a->kind == CW_ACTOR_TRAILER || world->s.trailer[i] != CW_NONE)
        return false;
    for (uint32_t k = 0; k < world->scene->actor_count; ++k)
        if (world->s.trailer[k] == i)
            return false;
    return true;
}

// Impulse between two that touch at those boxes. False when nothing comes of it.
static bool collide(cw_world *world, const cw_meeting *m, const cw_box *box_a, const cw_box *box_b, cw_vec2 at,
                    double restitution, double slow) {
    if (!yields(world, m))
        return false;
    if (m->b != CW_NONE && frees(world, m->a))
        cw_world_release(world, m->a);
    if (m->b != CW_NONE && frees(world, m->b))
        cw_world_release(world, m->b);
    return cw_impact(world, &(cw_touch){.a = m->a,
                                        .b = m->b,
                                        .box_a = *box_a,
                                        .box_b = *box_b,
                                        .at = at,
                                        .restitution = restitution,
                                        .slow = slow});
}

static bool go_on(cw_world *world, uint32_t i, const cw_box *from, double now) {
    if (i == CW_NONE || !cw_yields(world, i))
        return false;
    cw_body_go_on(world, i, from, (1 - now) * world->dt);
    cw_near *n = &world->near[i];
    n->from = *from;
    n->start = now;
    n->turned = false;
    n->to = cw_world_box(world, i);
    return true;
}

// The two of a meeting go on from where they touched; whom they meet then is asked again.
static void part_ways(cw_world *world, const cw_meeting *m, const cw_box *box_a, const cw_box *box_b, double now) {
    uint32_t a = go_on(world, m->a, box_a, now) ? m->a : CW_NONE, b = go_on(world, m->b, box_b, now) ? m->b : CW_NONE;
    for (uint32_t k = 0; k < world->meeting_count; ++k) {
        cw_meeting *o = &world->meetings[k];
        bool of_a = a != CW_NONE && (o->a == a || o->b == a), of_b = b != CW_NONE && (o->a == b || o->b == b);
        if (o->when < DONE && (of_a || of_b))
            o->when = touch_time(world, o, now);
    }
}

static cw_meeting *next_meeting(const cw_world *world) {
    cw_meeting *first = NULL;
    for (uint32_t k = 0; k < world->meeting_count; ++k) {
        cw_meeting *m = &world->meetings[k];
        if (m->when > 1)
            continue;
        bool before = !first || m->when < first->when ||
                      (m->when <= first->when && (m->a < first->a || (m->a == first->a && m->b < first->b)));
        first = before ? m : first;
    }
    return first;
}

// All that touch, in the order of time. False when there is no room for the record.
static bool meet(cw_world *world, uint32_t *found) {
    for (cw_meeting *m = next_meeting(world); m; m = next_meeting(world)) {
        double f = m->when;
        m->when = DONE;
        cw_box a = box_at(boxes(world, m->a), f), b = m->b == CW_NONE ? m->solid->box : box_at(boxes(world, m->b), f);
        cw_vec2 at = touch_point(&a, &b);
        bool known = find_pair(world, m->a, m->b, object_of(m)) != CW_NONE;
        if (!known && !record(world, m, f, &a, &b, at, found))
            return false;
        if (!collide(world, m, &a, &b, at, known || m->touches > 0 ? 0 : (double)world->def.restitution, HOP))
            continue;
        if (++m->touches < TOUCHES_MOST)
            m->when = NEVER; // asked again below
        cw_push_apart(world, m->a, m->b, &a, &b);
        part_ways(world, m, &a, &b, f);
    }
    return true;
}

static void move_to(cw_world *world, uint32_t i, const cw_box *box) {
    cw_near *n = &world->near[i];
    world->s.x[i] += box->x - n->to.x;
    world->s.y[i] += box->y - n->to.y;
    n->to = *box;
}

// Moves two that overlap apart. In late rounds whoever is nearer to a wall in the pile stays, so that a heavy one gives way
// at the end of a row of light ones.
static void push(cw_world *world, const cw_meeting *m, bool late) {
    cw_near *p = &world->near[m->a], *q = m->b == CW_NONE ? NULL : &world->near[m->b];
    cw_box a = p->to, b = q ? q->to : m->solid->box;
    int held_a = cw_yields(world, m->a) ? p->held : 0, held_b = q && cw_yields(world, m->b) ? q->held : 0;
    if (late && held_a != held_b) {
        cw_push_by(&a, &b, held_a > held_b, held_b > held_a);
        if (held_a > held_b)
            p->held = held_b + 1;
        else if (q)
            q->held = held_a + 1;
    } else {
        cw_push_apart(world, m->a, m->b, &a, &b);
    }
    move_to(world, m->a, &a);
    if (q)
        move_to(world, m->b, &b);
}

// What overlaps at the end of the step.
static void settle(cw_world *world) {
    bool any = world->meeting_count > 0;
    for (int round = 0; round < ROUNDS_MOST && any; ++round) {
        any = false;
        for (uint32_t k = 0; k < world->meeting_count; ++k) {
            const cw_meeting *m =
                &world->meetings[round % 2 ? world->meeting_count - 1 - k : k]; // to and fro along rows
            const cw_box *a = &boxes(world, m->a)->to;
            const cw_box *b = m->b == CW_NONE ? &m->solid->box : &boxes(world, m->b)->to;
            if (!yields(world, m) || !cw_box_overlap(a, b))
                continue;
            any = true;
            if (round < ROUNDS_BY_MASS)
                collide(world, m, a, b, touch_point(a, b), 0, 0);
            push(world, m, round >= ROUNDS_BY_MASS);
        }
    }
}

static bool near_solids(cw_world *world, uint32_t i) {
    const cw_sweep *w = world->sweep;
    const cw_solid *solids[SOLIDS_NEAR];
    double x = 0.5 * (w->low_x[i] + w->high_x[i]), y = 0.5 * (w->low_y[i] + w->high_y[i]);
    double radius = 0.5 * cw_hypot(w->high_x[i] - w->low_x[i], w->high_y[i] - w->low_y[i]);
    uint32_t count = cw_world_solids(world, x, y, radius, solids, SOLIDS_NEAR);
    double low = world->s.z[i], high = low + (double)world->scene->actors[i].height;
    for (uint32_t k = 0; k < count; ++k)
        if (solids[k]->low <= high && solids[k]->high >= low + 0.1 && !note(world, i, CW_NONE, solids[k]))
            return false;
    return true;
}

static bool earlier(const cw_contact *p, const cw_contact *q) {
    if (p->time_ns != q->time_ns)
        return p->time_ns < q->time_ns;
    if (p->a != q->a)
        return p->a < q->a;
    return p->b != q->b ? p->b < q->b : p->object < q->object;
}

static void keep(cw_world *world, uint32_t found) {
    for (uint32_t i = 1; i < found; ++i) {
        cw_contact c = world->found[i];
        uint32_t k = i;
        for (; k > 0 && earlier(&c, &world->found[k - 1]); --k)
            world->found[k] = world->found[k - 1];
        world->found[k] = c;
    }
    memcpy(world->s.contacts + world->s.contact_count[0], world->found, found * sizeof *world->found);
    world->s.contact_count[0] += found;
}

// Do i and k, whose sweeps overlap, touch in this step? Agents first: they are most, and their lanes tell at once.
static bool try_pair(cw_world *world, uint32_t i, uint32_t k) {
    uint32_t a = i < k ? i : k, b = i < k ? k : i;
    return (world->alone[a] && world->alone[b]) || cw_agents_apart(world, a, b) || !may_touch(world, a, b) ||
           note(world, a, b, NULL);
}

typedef struct search {
    cw_world *world;
    bool room;
} search;

static bool on_pair(void *context, uint32_t a, uint32_t b) {
    search *q = context;
    q->room = try_pair(q->world, a, b);
    return q->room;
}

// Is one that surely touches none of its like near somebody else?
static bool is_sought(const cw_world *world, uint32_t i) {
    double dx = world->s.x[i] - world->old_x[i], dy = world->s.y[i] - world->old_y[i];
    return fabs(dx) > 2 * STRIDE || fabs(dy) > 2 * STRIDE ||
           cw_broad_sought(world->broad, world->s.x[i] - 0.5 * dx, world->s.y[i] - 0.5 * dy);
}

static bool in_order(const cw_meeting *p, const cw_meeting *q) {
    return p->a != q->a ? p->a < q->a : p->b < q->b;
}

// As they would have been found each with each (Shell's sort): what is pushed apart goes by their order.
static void sort_meetings(cw_world *world) {
    uint32_t count = world->meeting_count;
    cw_meeting *m = world->meetings;
    for (uint32_t gap = count / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < count; ++i) {
            cw_meeting x = m[i];
            uint32_t k = i;
            for (; k >= gap && in_order(&x, &m[k - gap]); k -= gap)
                m[k] = m[k - gap];
            m[k] = x;
        }
}

// Among many.
static bool pairs_by_grid(cw_world *world) {
    const uint8_t *present = world->s.present;
    const cw_sweep *w = world->sweep;
    uint32_t count = world->scene->actor_count;
    cw_broad_begin(world->broad);
    cw_agents_alone(world, world->alone);
    for (uint32_t i = 0; i < count; ++i) {
        if (!present[i] || world->alone[i])
            continue;
        sweep(world, i);
        cw_broad_seek(world->broad, w->low_x[i], w->high_x[i], w->low_y[i], w->high_y[i], world->agent_radius + STRIDE);
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (!present[i])
            continue;
        if (world->alone[i]) {
            if (!is_sought(world, i))
                continue;
            sweep(world, i);
        }
        cw_broad_add(world->broad, i, w->low_x[i], w->high_x[i], w->low_y[i], w->high_y[i]);
    }
    search q = {world, true};
    cw_broad_pairs(world->broad, on_pair, &q);
    sort_meetings(world);
    return q.room;
}

// Among few: each with each.
static bool pairs_of_all(cw_world *world) {
    uint32_t count = world->scene->actor_count;
    cw_sweep *w = world->sweep;
    for (uint32_t i = 0; i < count; ++i) {
        if (world->s.present[i]) {
            sweep(world, i);
            continue;
        }
        w->low_x[i] = w->low_y[i] = INFINITY;
        w->high_x[i] = w->high_y[i] = -INFINITY;
    }
    cw_directions(world->old_heading, count, w->old_sine, w->old_cosine);
    cw_directions(world->s.heading, count, w->sine, w->cosine);
    cw_sweep_pairs(w, count);
    for (uint32_t i = 0; i < count; ++i)
        for (uint64_t later = w->later[i]; later != 0; later &= later - 1)
            if (!try_pair(world, i, (uint32_t)__builtin_ctzll(later)))
                return false;
    return true;
}

void cw_contacts_step(cw_world *world) {
    uint32_t found = 0, known = world->s.pair_count[0];
    world->meeting_count = 0;
    ++world->sweep->round;
    bool room = world->broad ? pairs_by_grid(world) : pairs_of_all(world);
    for (uint32_t i = 0; i < world->scene->actor_count && room && world->solid_count > 0; ++i)
        if (world->s.present[i] && cw_yields(world, i))
            room = near_solids(world, i);
    if (room && meet(world, &found))
        settle(world);
    part(world, known);
    keep(world, found);
}

uint32_t cw_world_contacts(const cw_world *world, const cw_contact **contacts) {
    *contacts = world->s.contacts;
    return world->s.contact_count[0];
}
