// Agents that surely do not touch, by their places on the lanes: most who are near each other.
#include "world/broad.h"
#include "world/traffic.h"

#include <math.h>

#define CLEAR 0.3       // m
#define MARGIN 0.1      // m that a body stays inside the sides and the ends of what it has to itself
#define PIECE 16.0      // m of a lane that are compared at once
#define LONGEST 10000.0 // m of a lane that is looked at
enum { PIECES_MOST = 1 << 22, OVERLAPS_EACH = 64 }; // of a map; more overlaps are no map of roads

// ---- lanes that no other overlaps ------------------------------------------------------------------------------------

typedef struct piece {
    uint32_t lane;
    cw_box box;
} piece;

typedef struct pieces {
    piece *at;
    cw_net_lane *lanes;
    uint64_t overlaps_left;
} pieces;

static bool is_candidate(const cw_net_lane *l) {
    return (l->flags & CW_NET_DRIVE) && l->straight && l->cross_count == 0 && l->length < LONGEST;
}

static uint32_t pieces_in(const cw_net_lane *l) {
    return (uint32_t)ceil(l->length / PIECE);
}

static bool compare(void *context, uint32_t a, uint32_t b) {
    pieces *p = context;
    uint32_t one = p->at[a].lane, other = p->at[b].lane;
    if (one != other && cw_box_overlap(&p->at[a].box, &p->at[b].box))
        p->lanes[one].alone = p->lanes[other].alone = false;
    return p->overlaps_left-- > 0;
}

// The boxes that lanes are compared by: a little smaller than the lanes, since those side by side and one behind the other
// share an edge.
static uint32_t cut(const cw_net *net, uint32_t lane, piece *out) {
    const cw_net_lane *l = &net->lanes[lane];
    const cw_net_node *node = &net->nodes[l->node];
    double length = cw_max(l->length - MARGIN, 0), width = cw_max((double)l->width - MARGIN, 0);
    uint32_t n = pieces_in(l);
    for (uint32_t k = 0; k < n; k++) {
        double middle = 0.5 * MARGIN + length * (k + 0.5) / n;
        out[k] = (piece){.lane = lane,
                         .box = {.x = node->x + middle * node->ux,
                                 .y = node->y + middle * node->uy,
                                 .ux = node->ux,
                                 .uy = node->uy,
                                 .half_length = 0.5 * length / n,
                                 .half_width = 0.5 * width}};
    }
    return n;
}

bool cw_net_find_alone(const cw_net *net, cw_net_lane *lanes) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < net->lane_count; i++)
        most += is_candidate(&lanes[i]) ? pieces_in(&lanes[i]) : 0;
    if (most == 0 || most > PIECES_MOST)
        return true; // none is; contacts ask about everybody
    cw_arena *arena = cw_arena_new(0, 0);
    piece *at = arena ? cw_arena_array(arena, most, sizeof *at) : NULL;
    cw_broad *broad = at ? cw_broad_make(arena, (uint32_t)most) : NULL;
    if (!broad) {
        cw_arena_free(arena);
        return false;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        lanes[i].alone = is_candidate(&lanes[i]);
        count += lanes[i].alone ? cut(net, i, at + count) : 0;
    }
    cw_broad_begin(broad);
    for (uint32_t i = 0; i < count; i++) {
        const cw_box *box = &at[i].box;
        double x = fabs(box->ux) * box->half_length + fabs(box->uy) * box->half_width;
        double y = fabs(box->uy) * box->half_length + fabs(box->ux) * box->half_width;
        cw_broad_add(broad, i, box->x - x, box->x + x, box->y - y, box->y + y);
    }
    pieces all = {.at = at, .lanes = lanes, .overlaps_left = OVERLAPS_EACH * (uint64_t)count};
    cw_broad_pairs(broad, compare, &all);
    for (uint32_t i = 0; i < net->lane_count && all.overlaps_left == UINT64_MAX; i++)
        lanes[i].alone = false;
    cw_arena_free(arena);
    return true;
}

// ---- stretches -------------------------------------------------------------------------------------------------------

void cw_stretches_make(cw_traffic_table *t, const cw_state *s) {
    double tick = (double)t->tick / 1e9, wall = (double)INFINITY; // where the body ahead on the lane may begin
    uint32_t lane = CW_NONE;
    for (uint32_t i = t->slot_count; i-- > 0;) {
        const cw_slot *slot = &t->slots[i];
        uint32_t agent = slot->actor - t->first;
        if (agent >= t->count || t->slot_of[agent] != i || slot->lane != s->agent_lane[agent])
            continue;
        const cw_net_lane *l = &t->net->lanes[slot->lane];
        if (slot->lane != lane)
            wall = l->length;
        lane = slot->lane;
        double low = (double)slot->at - 0.01, rear = low - (double)slot->back - MARGIN;
        double high = (double)slot->at + 1.2 * tick * (double)slot->speed + 0.1;
        bool alone = l->alone && rear > 0 && high + (double)slot->front + MARGIN < wall;
        t->stretch[agent] = (cw_agent_stretch){.low = low,
                                               .high = high,
                                               .lane = alone ? lane : CW_NONE,
                                               .side = 0.5F * l->width - t->bodies[agent].half - (float)MARGIN};
        wall = cw_min(wall, rear);
    }
}

void cw_agents_alone(const cw_world *world, uint8_t *alone) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    for (uint32_t i = 0; t && i < t->count; i++) {
        const cw_agent_stretch *own = &t->stretch[i];
        uint32_t actor = cw_agent_actor(t, i);
        alone[actor] = own->lane == s->agent_lane[i] && own->lane != CW_NONE && s->agent_at[i] >= own->low &&
                       s->agent_at[i] <= own->high && fabsf(s->agent_offset[i]) < own->side && s->agent_slide[i] == 0 &&
                       s->agent_from[i] == CW_NONE && cw_is_agent(world, actor);
    }
    // Those that have touched are asked whether they have parted.
    for (uint32_t k = 0; k < s->pair_count[0]; k++) {
        alone[s->pair_a[k]] = 0;
        if (s->pair_b[k] != CW_NONE)
            alone[s->pair_b[k]] = 0;
    }
}

// ---- two of them -----------------------------------------------------------------------------------------------------

// Straight ahead with both axles on one straight lane?
static bool simple(const cw_world *world, uint32_t agent, const cw_net_lane *l) {
    const cw_state *s = &world->s;
    const cw_traffic_table *t = world->traffic;
    return l->straight && s->agent_slide[agent] == 0 && s->agent_from[agent] == CW_NONE &&
           s->agent_at[agent] + (double)t->bodies[agent].front < l->length &&
           s->agent_at[agent] > (double)t->bodies[agent].back;
}

static bool within(const cw_world *world, uint32_t agent, const cw_net_lane *l) {
    return fabs((double)world->s.agent_offset[agent]) + (double)world->traffic->bodies[agent].half <
           0.5 * (double)l->width;
}

bool cw_agents_apart(const cw_world *world, uint32_t a, uint32_t b) {
    const cw_traffic_table *t = world->traffic;
    if (!t || a - t->first >= t->count || b - t->first >= t->count || !cw_is_agent(world, a) || !cw_is_agent(world, b))
        return false;
    const cw_state *s = &world->s;
    uint32_t one = a - t->first, other = b - t->first, lane = s->agent_lane[one], beside = s->agent_lane[other];
    const cw_net_lane *l = &t->net->lanes[lane], *o = &t->net->lanes[beside];
    // On foot they make way for each other as no box can.
    if (l->flags & o->flags & CW_NET_WALK)
        return true;
    if (!simple(world, one, l) || !simple(world, other, o))
        return false;
    if (lane == beside) {
        double ahead = s->agent_at[other] - s->agent_at[one];
        return (ahead > 0 ? ahead - (double)(t->bodies[one].front + t->bodies[other].back)
                          : -ahead - (double)(t->bodies[other].front + t->bodies[one].back)) > CLEAR;
    }
    const cw_lane *m = &world->map->lanes[lane];
    return (m->left == beside || m->right == beside) && within(world, one, l) && within(world, other, o);
}
