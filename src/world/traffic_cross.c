// Where lanes of the network cross, merge and part, and who has the right of way there.
#include "world/traffic.h"

#include <math.h>

#define RING_LENGTH 220.0 // m round a roundabout at most
#define MERGE_AREA 12.0   // m before a merge that two lanes share
enum { RING_LANES = 24, MERGES_EACH = 8 };

// ---- roundabouts -----------------------------------------------------------------------------------------------------

// Turn per length that a lane of a ring may have, 1/m; short ones may be straight.
static bool bends(const cw_net_lane *l, double side) {
    double rate = (double)l->turn * side / l->length;
    return (rate > 1.0 / 60 && rate < 1.0 / 5) || (l->length < 5 && rate > -0.05);
}

// Always turning to the inner side, does the way come back after one round?
static void find_ring(const cw_net *net, cw_net_lane *lanes, uint32_t start) {
    double side = lanes[start].flags & CW_NET_LEFT_HAND ? -1 : 1, turned = 0, length = 0;
    uint32_t ring[RING_LANES], count = 0, at = start;
    do {
        if (count == RING_LANES || !bends(&lanes[at], side))
            return;
        ring[count++] = at;
        turned += (double)lanes[at].turn * side;
        length += lanes[at].length;
        uint32_t best = CW_NONE;
        for (uint32_t k = 0; k < lanes[at].next_count; k++) {
            uint32_t to = net->links[lanes[at].next + k];
            if (best == CW_NONE || ((double)lanes[to].turn * side) / lanes[to].length >
                                       ((double)lanes[best].turn * side) / lanes[best].length)
                best = to;
        }
        at = best;
    } while (at != CW_NONE && at != start && length < RING_LENGTH);
    if (at == start && fabs(turned - 2 * CW_PI) < 0.5)
        for (uint32_t i = 0; i < count; i++)
            lanes[ring[i]].flags |= CW_NET_RING;
}

// ---- right of way ----------------------------------------------------------------------------------------------------

static double start_heading(const cw_net *net, const cw_net_lane *l) {
    return net->nodes[l->node].heading;
}

// +1: a goes first, -1: b does, by how they come together: who turns across the oncoming gives way; then right before
// left (left before right where traffic keeps left).
static int8_t by_geometry(const cw_net *net, const cw_net_lane *a, const cw_net_lane *b) {
    double side = a->flags & CW_NET_LEFT_HAND ? -1 : 1;
    double from = side * cw_wrap_angle(start_heading(net, b) - start_heading(net, a));
    double ta = side * (double)a->turn, tb = side * (double)b->turn;
    if (fabs(from) < 0.6)
        return 0; // side by side: who is ahead
    if (fabs(from) > CW_PI - 0.6) {
        bool a_across = ta > 0.5, b_across = tb > 0.5;
        return (int8_t)(b_across - a_across);
    }
    return from > 0 ? -1 : 1;
}

static int8_t by_signs(const cw_world *world, const cw_net *net, uint32_t a, uint32_t b, int8_t stated) {
    const cw_net_lane *la = &net->lanes[a], *lb = &net->lanes[b];
    bool ring_a = la->flags & CW_NET_RING, ring_b = lb->flags & CW_NET_RING;
    if (ring_a != ring_b)
        return ring_a ? 1 : -1;
    if (stated != 0)
        return stated;
    uint8_t kind_a = world->map->lanes[a].kind, kind_b = world->map->lanes[b].kind;
    bool ramp_a = kind_a == CW_LANE_ENTRY || kind_a == CW_LANE_ON_RAMP,
         ramp_b = kind_b == CW_LANE_ENTRY || kind_b == CW_LANE_ON_RAMP;
    if (ramp_a != ramp_b)
        return ramp_b ? 1 : -1;
    return by_geometry(net, la, lb);
}

static uint8_t kind_of(const cw_net *net, uint32_t a, uint32_t b) {
    const cw_net_lane *la = &net->lanes[a], *lb = &net->lanes[b];
    for (uint32_t i = 0; i < la->next_count; i++)
        for (uint32_t k = 0; k < lb->next_count; k++)
            if (net->links[la->next + i] == net->links[lb->next + k])
                return CW_CROSS_MERGE;
    cw_net_node na = net->nodes[la->node], nb = net->nodes[lb->node];
    return cw_hypot(na.x - nb.x, na.y - nb.y) < 0.5 && fabs(cw_wrap_angle(na.heading - nb.heading)) < 0.2
               ? CW_CROSS_SPLIT
               : CW_CROSS_AREA;
}

// ---- the table -------------------------------------------------------------------------------------------------------

typedef struct merges { // lanes that end in the same one without the map calling it a conflict
    uint32_t lane[MERGES_EACH], count;
} merges;

static void find_merges(const cw_world *world, const cw_net *net, const uint32_t *from, const uint32_t *from_first,
                        uint32_t lane, merges *out) {
    out->count = 0;
    const cw_lane *l = &world->map->lanes[lane];
    for (uint32_t n = 0; n < net->lanes[lane].next_count; n++) {
        uint32_t to = net->links[net->lanes[lane].next + n];
        for (uint32_t k = from_first[to]; k < from_first[to + 1]; k++) {
            bool known = from[k] == lane;
            for (uint32_t c = 0; c < l->conflicts.count && !known; c++)
                known = world->map->conflicts[l->conflicts.first + c].other == from[k];
            if (!known && out->count < MERGES_EACH)
                out->lane[out->count++] = from[k];
        }
    }
}

static void add_merge(const cw_world *world, const cw_net *net, uint32_t a, uint32_t b, cw_net_cross *out) {
    double la = net->lanes[a].length, lb = net->lanes[b].length;
    *out = (cw_net_cross){.other = b,
                          .in = (float)cw_max(0, la - MERGE_AREA),
                          .out = (float)la,
                          .other_in = (float)cw_max(0, lb - MERGE_AREA),
                          .other_out = (float)lb,
                          .kind = CW_CROSS_MERGE,
                          .sign = by_signs(world, net, a, b, 0)};
    out->turn = out->sign;
}

bool cw_net_crossings(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    const cw_map *map = world->map;
    uint32_t *from_first = cw_arena_array(world->arena, (size_t)net->lane_count + 1, sizeof *from_first);
    if (!from_first)
        return false;
    for (uint32_t i = 0; i < net->lane_count; i++)
        for (uint32_t k = 0; k < lanes[i].next_count; k++)
            from_first[net->links[lanes[i].next + k] + 1]++;
    for (uint32_t i = 0; i < net->lane_count; i++)
        from_first[i + 1] += from_first[i];
    uint32_t *from = cw_arena_array(world->arena, from_first[net->lane_count], sizeof *from);
    uint32_t *fill = cw_arena_array(world->arena, net->lane_count, sizeof *fill);
    if (!from || !fill)
        return false;
    for (uint32_t i = 0; i < net->lane_count; i++)
        for (uint32_t k = 0; k < lanes[i].next_count; k++) {
            uint32_t to = net->links[lanes[i].next + k];
            from[from_first[to] + fill[to]++] = i;
        }
    for (uint32_t i = 0; i < net->lane_count; i++)
        if ((lanes[i].flags & CW_NET_DRIVE) && !(lanes[i].flags & CW_NET_RING))
            find_ring(net, lanes, i);
    uint64_t total = 0;
    merges found;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        if (!(lanes[i].flags & CW_NET_DRIVE))
            continue;
        find_merges(world, net, from, from_first, i, &found);
        total += map->lanes[i].conflicts.count + found.count;
    }
    cw_net_cross *crosses = cw_arena_array(world->arena, total, sizeof *crosses);
    if (!crosses || total > UINT32_MAX)
        return false;
    uint32_t used = 0;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        if (!(lanes[i].flags & CW_NET_DRIVE))
            continue;
        lanes[i].crosses = used;
        for (uint32_t k = 0; k < map->lanes[i].conflicts.count; k++) {
            const cw_conflict *c = &map->conflicts[map->lanes[i].conflicts.first + k];
            if (!(lanes[c->other].flags & CW_NET_DRIVE))
                continue;
            crosses[used++] = (cw_net_cross){.other = c->other,
                                             .in = (float)c->s_in,
                                             .out = (float)c->s_out,
                                             .other_in = (float)c->other_in,
                                             .other_out = (float)c->other_out,
                                             .kind = kind_of(net, i, c->other),
                                             .sign = by_signs(world, net, i, c->other, c->priority),
                                             .turn = by_geometry(net, &lanes[i], &lanes[c->other])};
        }
        find_merges(world, net, from, from_first, i, &found);
        for (uint32_t k = 0; k < found.count; k++)
            add_merge(world, net, i, found.lane[k], &crosses[used++]);
        lanes[i].cross_count = used - lanes[i].crosses;
    }
    net->crosses = crosses;
    return true;
}
