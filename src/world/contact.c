// Contacts: which bodies touch, exactly when within the step, and how fast.
//
// Pairs of recorded actors are left out: where a recording overlaps itself that says something of the recording, not of
// the run. A pair counts once until it has parted by 0.5 m.
#include "world/broad.h"
#include "world/core.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// m
#define PARTED 0.5
enum { MANY = 48 }; // actors from which on pairs are found by a grid
enum { OBJECT_PAIRS = 64, PAIRS_MOST = 8192, CONTACTS_MOST = 1024, SOLIDS_NEAR = 64 };

typedef struct cw_near { // an actor's box before and after the step, and what the circle round it sweeps
    cw_box from, to;     // once ready
    bool ready, jumped;
    double low_x, high_x, low_y, high_y;
} cw_near;

bool cw_contacts_make(cw_world *world) {
    uint64_t n = world->scene->actor_count;
    uint64_t pairs = n * (n > 0 ? n - 1 : 0) / 2 + OBJECT_PAIRS;
    world->pair_most = (uint32_t)(pairs < PAIRS_MOST ? pairs : PAIRS_MOST);
    uint64_t contacts = 128 + 8 * n;
    world->contact_most = (uint32_t)(contacts < CONTACTS_MOST ? contacts : CONTACTS_MOST);
    world->near = cw_arena_array(world->arena, n, sizeof *world->near);
    world->order = cw_arena_array(world->arena, n, sizeof *world->order);
    world->found = cw_arena_array(world->arena, world->contact_most, sizeof *world->found);
    world->broad = n > MANY ? cw_broad_make(world->arena, (uint32_t)n) : NULL;
    return world->near && world->order && world->found && (world->broad || n <= MANY);
}

static cw_box box_between(const cw_box *a, const cw_box *b, double f) {
    double turn = cw_atan2(a->ux * b->uy - a->uy * b->ux, a->ux * b->ux + a->uy * b->uy) * f, sine, cosine;
    cw_sincos(turn, &sine, &cosine);
    cw_box out = *a;
    out.x = cw_lerp(a->x, b->x, f);
    out.y = cw_lerp(a->y, b->y, f);
    out.ux = a->ux * cosine - a->uy * sine;
    out.uy = a->uy * cosine + a->ux * sine;
    return out;
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
    double za = world->s.z[a], zb = world->s.z[b];
    return za > zb + (double)world->scene->actors[b].height + 0.5 ||
           zb > za + (double)world->scene->actors[a].height + 0.5;
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
    cw_near *n = &world->near[i];
    cw_state *s = &world->s;
    double moved = cw_hypot(s->x[i] - world->old_x[i], s->y[i] - world->old_y[i]);
    double usual = 2 * cw_max(fabs((double)s->speed[i]), fabs((double)world->old_speed[i])) * world->dt + 1;
    n->ready = false;
    n->jumped = !world->old_present[i] || moved > usual; // put there, not driven there
    if (n->jumped) {
        world->old_x[i] = s->x[i];
        world->old_y[i] = s->y[i];
        world->old_heading[i] = s->heading[i];
        world->old_speed[i] = s->speed[i];
    }
    double radius = (double)world->radius[i];
    n->low_x = cw_min(world->old_x[i], s->x[i]) - radius;
    n->high_x = cw_max(world->old_x[i], s->x[i]) + radius;
    n->low_y = cw_min(world->old_y[i], s->y[i]) - radius;
    n->high_y = cw_max(world->old_y[i], s->y[i]) + radius;
}

// The boxes are made when someone comes near.
static const cw_near *boxes(const cw_world *world, uint32_t i) {
    cw_near *n = &world->near[i];
    if (n->ready)
        return n;
    n->ready = true;
    n->to = cw_world_box(world, i);
    bool still = world->old_x[i] == world->s.x[i] && world->old_y[i] == world->s.y[i] &&
                 world->old_heading[i] == world->s.heading[i];
    n->from = still ? n->to : cw_body_box(world, i, world->old_x[i], world->old_y[i], world->old_heading[i]);
    return n;
}

// A touch at fraction f of the step: recorded unless the pair is known. False when there is no room.
static bool touch(cw_world *world, uint32_t a, uint32_t b, uint32_t object, const cw_box *from_b, const cw_box *to_b,
                  double f, uint32_t *found) {
    if (*found >= world->contact_most - world->s.contact_count[0] || world->s.pair_count[0] >= world->pair_most) {
        cw_world_set_fault(world, CW_FAULT_CONTACTS, a);
        return false;
    }
    const cw_near *na = boxes(world, a);
    cw_box box_a = box_between(&na->from, &na->to, f), box_b = box_between(from_b, to_b, f);
    cw_vec2 at = touch_point(&box_a, &box_b);
    cw_contact c = {.time_ns = (world->s.step[0] - 1) * world->def.dt_ns + (int64_t)rint(f * (double)world->def.dt_ns),
                    .a = a,
                    .b = b,
                    .object = object,
                    .speed_a = speed_at(world, a, f),
                    .speed_b = b == CW_NONE ? 0 : speed_at(world, b, f),
                    .x = at.x,
                    .y = at.y};
    c.impact_speed = relative_speed(world, &c, &box_a, &box_b);
    world->found[(*found)++] = c;
    uint32_t pair = world->s.pair_count[0]++;
    world->s.pair_a[pair] = a;
    world->s.pair_b[pair] = b;
    world->s.pair_object[pair] = object;
    cw_impact(world, &(cw_touch){.a = a, .b = b, .box_a = box_a, .box_b = box_b, .first = true});
    return true;
}

static void part_from_object(cw_world *world, uint32_t pair) {
    uint32_t a = world->s.pair_a[pair];
    const cw_box *box = &boxes(world, a)->to;
    const cw_solid *solids[SOLIDS_NEAR];
    uint32_t count = cw_world_solids(world, box->x, box->y, (double)world->radius[a] + PARTED, solids, SOLIDS_NEAR);
    bool together = false;
    for (uint32_t k = 0; k < count; ++k) {
        if (solids[k]->object != world->s.pair_object[pair])
            continue;
        together |= cw_box_distance(box, &solids[k]->box) <= PARTED;
        if (cw_box_overlap(box, &solids[k]->box))
            cw_impact(world, &(cw_touch){.a = a, .b = CW_NONE, .box_a = *box, .box_b = solids[k]->box});
    }
    if (!together)
        drop_pair(world, pair);
}

// Pairs [0, known) that touched before this step: forgotten once they have parted, held where they have not.
static void part(cw_world *world, uint32_t known) {
    for (uint32_t i = known; i-- > 0;) {
        uint32_t a = world->s.pair_a[i], b = world->s.pair_b[i];
        if (!world->s.present[a] || (b != CW_NONE && !world->s.present[b])) {
            drop_pair(world, i);
            continue;
        }
        if (b == CW_NONE) {
            part_from_object(world, i);
            continue;
        }
        const cw_box *box_a = &boxes(world, a)->to, *box_b = &boxes(world, b)->to;
        if (cw_box_distance(box_a, box_b) > PARTED)
            drop_pair(world, i);
        else if (cw_box_overlap(box_a, box_b))
            cw_impact(world, &(cw_touch){.a = a, .b = b, .box_a = *box_a, .box_b = *box_b});
    }
}

static bool hit_solids(cw_world *world, uint32_t i, uint32_t *found) {
    if (world->map->object_count == 0)
        return true;
    const cw_near *n = boxes(world, i);
    const cw_solid *solids[SOLIDS_NEAR];
    double x = 0.5 * (n->from.x + n->to.x), y = 0.5 * (n->from.y + n->to.y);
    double radius = (double)world->radius[i] + 0.5 * cw_hypot(n->to.x - n->from.x, n->to.y - n->from.y);
    uint32_t count = cw_world_solids(world, x, y, radius, solids, SOLIDS_NEAR);
    double low = world->s.z[i], high = low + (double)world->scene->actors[i].height;
    // The first piece of an object that is touched counts for it.
    double first[SOLIDS_NEAR];
    for (uint32_t k = 0; k < count; ++k) {
        first[k] = 2;
        if (solids[k]->low > high || solids[k]->high < low + 0.1 ||
            find_pair(world, i, CW_NONE, solids[k]->object) != CW_NONE)
            continue;
        double f;
        if (cw_box_first_contact(&n->from, &n->to, &solids[k]->box, &solids[k]->box, &f))
            first[k] = f;
    }
    for (uint32_t k = 0; k < count; ++k) {
        bool least = first[k] <= 1;
        for (uint32_t j = 0; j < count && least; ++j)
            if (j != k && solids[j]->object == solids[k]->object)
                least = first[k] < first[j] || (first[k] == first[j] && k < j);
        if (least && !touch(world, i, CW_NONE, solids[k]->object, &solids[k]->box, &solids[k]->box, first[k], found))
            return false;
    }
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

// Do i and k, whose sweeps overlap along x, touch in this step?
static bool try_pair(cw_world *world, uint32_t i, uint32_t k, uint32_t *found) {
    const cw_near *p = &world->near[i], *q = &world->near[k];
    if (p->low_y > q->high_y || q->low_y > p->high_y)
        return true;
    uint32_t a = i < k ? i : k, b = i < k ? k : i;
    if (!may_touch(world, a, b) || cw_agents_apart(world, a, b) || find_pair(world, a, b, CW_NONE) != CW_NONE)
        return true;
    double f;
    const cw_near *na = boxes(world, a), *nb = boxes(world, b);
    if (!cw_box_first_contact(&na->from, &na->to, &nb->from, &nb->to, &f))
        return true;
    return touch(world, a, b, CW_NONE, &nb->from, &nb->to, f, found);
}

typedef struct search {
    cw_world *world;
    uint32_t found;
    bool room;
} search;

static bool on_pair(void *context, uint32_t a, uint32_t b) {
    search *q = context;
    q->room = try_pair(q->world, a, b, &q->found);
    return q->room;
}

// Among many.
static bool pairs_by_grid(cw_world *world, uint32_t *found) {
    cw_broad_begin(world->broad);
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        if (!world->s.present[i])
            continue;
        sweep(world, i);
        const cw_near *n = &world->near[i];
        cw_broad_add(world->broad, i, n->low_x, n->high_x, n->low_y, n->high_y);
    }
    search q = {world, *found, true};
    cw_broad_pairs(world->broad, on_pair, &q);
    *found = q.found;
    return q.room;
}

// Among few: along x.
static bool pairs_by_sweep(cw_world *world, uint32_t *found) {
    uint32_t present = 0;
    for (uint32_t i = 0; i < world->scene->actor_count; ++i) {
        if (!world->s.present[i])
            continue;
        sweep(world, i);
        // Sorted by the low end along x, ties by number: built anew each step, so that the order is no state.
        uint32_t k = present++;
        for (; k > 0 && world->near[world->order[k - 1]].low_x > world->near[i].low_x; --k)
            world->order[k] = world->order[k - 1];
        world->order[k] = i;
    }
    bool room = true;
    for (uint32_t k = 0; k < present && room; ++k) {
        uint32_t i = world->order[k];
        for (uint32_t j = k + 1; j < present && room; ++j) {
            if (world->near[world->order[j]].low_x > world->near[i].high_x)
                break;
            room = try_pair(world, i, world->order[j], found);
        }
    }
    return room;
}

void cw_contacts_step(cw_world *world) {
    uint32_t found = 0, known = world->s.pair_count[0];
    bool room = world->broad ? pairs_by_grid(world, &found) : pairs_by_sweep(world, &found);
    for (uint32_t i = 0; i < world->scene->actor_count && room; ++i)
        if (world->s.present[i] && world->s.mover[i] == CW_MOVED_BY_CONTROL)
            room = hit_solids(world, i, &found);
    part(world, known);
    keep(world, found);
}

uint32_t cw_world_contacts(const cw_world *world, const cw_contact **contacts) {
    *contacts = world->s.contacts;
    return world->s.contact_count[0];
}
