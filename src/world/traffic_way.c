// Ways through the network: for each destination, which successor or which change of lane leads there from every lane.
#include "world/traffic.h"

#include <math.h>
#include <string.h>

#define CHANGE_COST 4.0  // s that a change of lane counts as, on a lane long enough for it
#define HURRY_COST 20.0  // s more where it is short
#define CHANGE_ROOM 60.0 // m

typedef struct item {
    double cost;
    uint32_t lane;
} item;

typedef struct search {
    const cw_net *net;
    double *cost;
    item *heap;
    uint32_t count, capacity;
    const uint32_t *back, *back_first; // lanes that lead to a lane
} search;

static bool before(item a, item b) {
    return a.cost != b.cost ? a.cost < b.cost : a.lane < b.lane;
}

static void push(search *q, item x) {
    if (q->count == q->capacity)
        return;
    uint32_t i = q->count++;
    for (; i > 0 && before(x, q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = x;
}

static item pop(search *q) {
    item top = q->heap[0], last = q->heap[--q->count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= q->count)
            break;
        if (child + 1 < q->count && before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!before(q->heap[child], last))
            break;
        q->heap[i] = q->heap[child];
        i = child;
    }
    q->heap[i] = last;
    return top;
}

static double time_on(const cw_net_lane *l) {
    return l->length / (double)cw_min((double)l->limit, (double)l->bend);
}

static void reach(search *q, uint8_t *hops, uint32_t lane, double cost, uint8_t hop) {
    if (!(cost < q->cost[lane]))
        return;
    q->cost[lane] = cost;
    hops[lane] = hop;
    push(q, (item){cost, lane});
}

// The cheapest way from every lane to the goal lanes, backwards. A lane is entered at its start.
static void run(search *q, uint32_t goal, uint8_t *hops) {
    const cw_net *net = q->net;
    memset(hops, CW_HOP_NONE, net->lane_count);
    for (uint32_t i = 0; i < net->lane_count; i++)
        q->cost[i] = (double)INFINITY;
    q->count = 0;
    // All lanes beside the goal end there too.
    for (int side = 0; side < 2; side++)
        for (uint32_t i = goal, n = 0; i != CW_NONE && n < 16; n++) {
            reach(q, hops, i, time_on(&net->lanes[i]), 0);
            i = side == 0 ? net->lanes[i].left : net->lanes[i].right;
        }
    while (q->count > 0) {
        item at = pop(q);
        if (at.cost > q->cost[at.lane])
            continue;
        for (uint32_t k = q->back_first[at.lane]; k < q->back_first[at.lane + 1]; k++) {
            uint32_t from = q->back[k];
            const cw_net_lane *l = &net->lanes[from];
            for (uint32_t n = 0; n < l->next_count; n++)
                if (net->links[l->next + n] == at.lane)
                    reach(q, hops, from, at.cost + time_on(l), (uint8_t)n);
        }
        const cw_net_lane *to = &net->lanes[at.lane];
        uint32_t beside[2] = {to->left, to->right};
        for (int side = 0; side < 2; side++) {
            if (beside[side] == CW_NONE)
                continue;
            const cw_net_lane *l = &net->lanes[beside[side]];
            uint8_t may = side == 0 ? l->may_right : l->may_left;
            if (may == 0)
                continue;
            double hurry = HURRY_COST * cw_max(0, 1 - l->length / CHANGE_ROOM);
            reach(q, hops, beside[side], at.cost + CHANGE_COST + hurry, side == 0 ? CW_HOP_RIGHT : CW_HOP_LEFT);
        }
    }
}

static void add_goal(cw_net *net, uint32_t lane) {
    for (uint32_t i = 0; i < net->goal_count; i++)
        if (net->goals[i] == lane)
            return;
    if (net->goal_count < CW_GOALS_MOST)
        net->goals[net->goal_count++] = lane;
}

// Destinations of demand first, then exits of the map, evenly taken where there are too many.
static bool choose_goals(cw_world *world, cw_net *net) {
    const cw_traffic *traffic = &world->scene->traffic;
    uint32_t *flow_goal = cw_arena_array(world->arena, traffic->flow_count, sizeof *flow_goal);
    uint32_t *exits = cw_arena_array(world->arena, net->lane_count, sizeof *exits);
    if (!flow_goal || !exits)
        return false;
    for (uint32_t i = 0; i < traffic->flow_count; i++) {
        const cw_flow *flow = &traffic->flows[i];
        flow_goal[i] = CW_NONE;
        const cw_position *p = &flow->destination;
        if (flow->kind != CW_FLOW_DEMAND || p->kind != CW_AT_LANE)
            continue;
        uint32_t lane = cw_map_find_lane(world->map, p->road, p->lane, p->s);
        if (lane == CW_NONE || !(net->lanes[lane].flags & CW_NET_DRIVE) || net->goal_count == CW_GOALS_MOST)
            continue;
        add_goal(net, lane);
        for (uint32_t k = 0; k < net->goal_count; k++)
            if (net->goals[k] == lane)
                flow_goal[i] = k;
    }
    uint32_t count = 0;
    for (uint32_t n = 0; n < net->lane_count; n++) {
        const cw_net_lane *l = &net->lanes[net->order[n]];
        uint32_t inner = l->flags & CW_NET_LEFT_HAND ? l->right : l->left;
        if ((l->flags & CW_NET_EXIT) && inner == CW_NONE)
            exits[count++] = net->order[n];
    }
    uint32_t room = CW_GOALS_MOST - net->goal_count;
    // A network of very many lanes keeps its tables small: they serve as signposts, not as every address.
    uint32_t most = net->lane_count > 20000 ? 16 : CW_GOALS_MOST;
    room = room < most ? room : most;
    uint32_t take = count < room ? count : room;
    for (uint32_t i = 0; i < take; i++)
        add_goal(net, exits[(uint64_t)i * count / take]);
    net->flow_goal = flow_goal;
    return true;
}

bool cw_net_ways(cw_world *world, cw_net *net) {
    if (!choose_goals(world, net))
        return false;
    uint64_t lanes = net->lane_count, links = 0;
    for (uint32_t i = 0; i < net->lane_count; i++)
        links += net->lanes[i].next_count;
    uint8_t *hops = cw_arena_array(world->arena, (size_t)net->goal_count, lanes);
    uint32_t *first = cw_arena_array(world->arena, lanes + 1, sizeof *first);
    uint32_t *back = cw_arena_array(world->arena, links, sizeof *back);
    uint32_t *fill = cw_arena_array(world->arena, lanes, sizeof *fill);
    search q = {.net = net, .capacity = (uint32_t)(4 * lanes + links + 64)};
    q.cost = cw_arena_array(world->arena, lanes, sizeof *q.cost);
    q.heap = cw_arena_array(world->arena, q.capacity, sizeof *q.heap);
    if (!hops || !first || !back || !fill || !q.cost || !q.heap)
        return false;
    for (uint32_t i = 0; i < net->lane_count; i++)
        for (uint32_t k = 0; k < net->lanes[i].next_count; k++)
            first[net->links[net->lanes[i].next + k] + 1]++;
    for (uint32_t i = 0; i < net->lane_count; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < net->lane_count; i++)
        for (uint32_t k = 0; k < net->lanes[i].next_count; k++) {
            uint32_t to = net->links[net->lanes[i].next + k];
            back[first[to] + fill[to]++] = i;
        }
    q.back = back;
    q.back_first = first;
    for (uint32_t g = 0; g < net->goal_count; g++)
        run(&q, net->goals[g], hops + (size_t)g * lanes);
    net->hops = hops;
    return true;
}
