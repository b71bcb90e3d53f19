// Ways through the lane graph.
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double change_cost = 50;     // m that a lane change counts as
static const double forbidden_cost = 500; // m, where the marking forbids it and there is no other way

static const double change_room = 40; // m that a change takes; on less it costs up to `hurry` more
static const double hurry = 200;      // m

enum { MOST_LANES = 4096 };

// ---- search ----------------------------------------------------------------------------------------------------------

// Every lane has two nodes: entered at its start (even) or reached beside the start place, from part of the way on (odd).
typedef struct node {
    double cost;
    uint32_t from; // node
    bool done;
} node;

typedef struct heap_item {
    double cost;
    uint32_t node;
} heap_item;

typedef struct search {
    const cw_map *map;
    node *nodes;
    heap_item *heap;
    size_t count, capacity;
    double fraction; // of the first lane, where the way starts
    bool failed;
} search;

static bool before(heap_item a, heap_item b) {
    return a.cost != b.cost ? a.cost < b.cost : a.node < b.node;
}

static void push(search *q, heap_item item) {
    if (q->failed || !CW_GROW(q->heap, q->capacity, q->count + 1)) {
        q->failed = true;
        return;
    }
    size_t i = q->count++;
    while (i > 0 && before(item, q->heap[(i - 1) / 2])) {
        q->heap[i] = q->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    q->heap[i] = item;
}

static heap_item pop(search *q) {
    heap_item top = q->heap[0], last = q->heap[--q->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= q->count)
            break;
        if (child + 1 < q->count && before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!before(q->heap[child], last))
            break;
        q->heap[i] = q->heap[child];
        i = child;
    }
    if (q->count > 0)
        q->heap[i] = last;
    return top;
}

static void reach(search *q, uint32_t to, uint32_t from, double cost) {
    node *n = &q->nodes[to];
    if (n->done || !(cost < n->cost))
        return;
    n->cost = cost;
    n->from = from;
    push(q, (heap_item){cost, to});
}

static double entry_fraction(const search *q, uint32_t at) {
    return at & 1u ? q->fraction : 0;
}

// Somewhere along the lane, from where it is entered.
static bool change_allowed(const search *q, uint32_t at, bool left) {
    uint32_t lane = at / 2;
    const cw_lane *l = &q->map->lanes[lane];
    double from = entry_fraction(q, at) * l->length;
    for (int i = 0; i <= 8; i++)
        if (cw_lane_may_change(q->map, lane, cw_lane_station(q->map, lane, cw_lerp(from, l->length, i / 8.0)), left))
            return true;
    return false;
}

static void expand(search *q, uint32_t at, bool ignore_marks) {
    const cw_map *map = q->map;
    const cw_lane *l = &map->lanes[at / 2];
    double cost = q->nodes[at].cost, rest = l->length * (1 - entry_fraction(q, at));
    for (uint32_t i = 0; i < l->next.count; i++) {
        uint32_t next = map->links[l->next.first + i];
        if (cw_lane_drivable(&map->lanes[next]))
            reach(q, 2 * next, at, cost + rest);
    }
    for (int side = 0; side < 2; side++) {
        bool left = side == 0;
        uint32_t other = left ? l->left : l->right;
        if (other == CW_NONE || !cw_lane_drivable(&map->lanes[other]) || !cw_lane_same_way(map, at / 2, left))
            continue;
        bool allowed = change_allowed(q, at, left);
        double haste = hurry * cw_max(1 - rest / change_room, 0);
        if (allowed || ignore_marks)
            reach(q, 2 * other + (at & 1u), at, cost + (allowed ? change_cost : forbidden_cost) + haste);
    }
}

static uint32_t run(search *q, uint32_t start, uint32_t goal, double goal_fraction, bool ignore_marks) {
    for (uint32_t i = 0; i < 2 * q->map->lane_count; i++)
        q->nodes[i] = (node){INFINITY, CW_NONE, false};
    q->count = 0;
    reach(q, start, CW_NONE, 0);
    while (q->count > 0 && !q->failed) {
        heap_item item = pop(q);
        if (q->nodes[item.node].done)
            continue;
        q->nodes[item.node].done = true;
        // The goal's own lane counts only when entered before the goal. That its last stretch is not in the cost does not
        // matter: both of its nodes end at the same place.
        if (item.node / 2 == goal && entry_fraction(q, item.node) <= goal_fraction + 1e-9)
            return item.node;
        expand(q, item.node, ignore_marks);
    }
    return CW_NONE;
}

static double fraction_at(const cw_map *map, cw_lane_place place) {
    double length = map->lanes[place.lane].length;
    return length > 0 ? cw_lane_travel(map, place.lane, place.s) / length : 0;
}

static bool is_link(const cw_map *map, uint32_t from, uint32_t to) {
    const cw_lane *l = &map->lanes[from];
    for (uint32_t i = 0; i < l->next.count; i++)
        if (map->links[l->next.first + i] == to)
            return true;
    return false;
}

// From the start place to the goal's, along the lanes; of lanes side by side only the last is driven to its end.
static double route_length(const cw_map *map, const uint32_t *lanes, uint32_t count, double first, double last) {
    double length = 0, entry = first;
    for (uint32_t i = 0; i < count; i++) {
        bool ends = i + 1 == count;
        if (!ends && !is_link(map, lanes[i], lanes[i + 1]))
            continue; // a change keeps the place along the road
        length += map->lanes[lanes[i]].length * ((ends ? last : 1) - entry);
        entry = 0;
    }
    return cw_max(length, 0);
}

bool cw_route_find(const cw_map *map, cw_lane_place from, cw_lane_place to, cw_arena *arena, cw_route *out) {
    *out = (cw_route){0};
    if (from.lane >= map->lane_count || to.lane >= map->lane_count)
        return false;
    search q = {.map = map, .fraction = fraction_at(map, from)};
    double goal_fraction = fraction_at(map, to);
    q.nodes = calloc(2 * (size_t)map->lane_count, sizeof *q.nodes);
    if (q.nodes == NULL)
        return false;
    uint32_t start = 2 * from.lane + 1;
    uint32_t end = run(&q, start, to.lane, goal_fraction, false);
    if (end == CW_NONE && !q.failed)
        end = run(&q, start, to.lane, goal_fraction, true);
    bool fine = end != CW_NONE && !q.failed;
    if (fine) {
        uint32_t count = 0;
        for (uint32_t n = end; n != CW_NONE; n = q.nodes[n].from)
            count++;
        uint32_t *lanes = cw_arena_array(arena, count, sizeof *lanes);
        fine = lanes != NULL;
        uint32_t i = count;
        for (uint32_t n = end; fine && n != CW_NONE; n = q.nodes[n].from)
            lanes[--i] = n / 2;
        if (fine)
            *out = (cw_route){count, lanes, route_length(map, lanes, count, q.fraction, goal_fraction)};
    }
    free(q.nodes);
    free(q.heap);
    return fine;
}

// ---- ahead -----------------------------------------------------------------------------------------------------------

// How much traffic turns from the end of one lane to the end of the next.
static double turn_to(const cw_map *map, uint32_t lane, uint32_t next) {
    const cw_lane *a = &map->lanes[lane], *b = &map->lanes[next];
    cw_lane_place here = {lane, a->direction > 0 ? a->s1 : a->s0, 0},
                  there = {next, b->direction > 0 ? b->s1 : b->s0, 0};
    return fabs(cw_wrap_angle(cw_lane_pose(map, there, NULL).heading - cw_lane_pose(map, here, NULL).heading));
}

uint32_t cw_lane_straight_on(const cw_map *map, uint32_t lane) {
    const cw_lane *l = &map->lanes[lane];
    bool drives = cw_lane_drivable(l);
    uint32_t best = CW_NONE;
    double least = INFINITY;
    for (uint32_t i = 0; i < l->next.count; i++) { // in rising order: ties go to the lower index
        uint32_t next = map->links[l->next.first + i];
        if (drives && !cw_lane_drivable(&map->lanes[next]))
            continue;
        double turn = turn_to(map, lane, next);
        if (turn < least - 1e-9) {
            least = turn;
            best = next;
        }
    }
    return best;
}

bool cw_route_ahead(const cw_map *map, cw_lane_place from, double length, cw_arena *arena, cw_route *out) {
    *out = (cw_route){0};
    if (from.lane >= map->lane_count)
        return false;
    uint32_t lanes[MOST_LANES], count = 0;
    double covered = -cw_lane_travel(map, from.lane, from.s);
    for (uint32_t lane = from.lane; lane != CW_NONE && count < MOST_LANES;) {
        lanes[count++] = lane;
        covered += map->lanes[lane].length;
        if (covered >= length)
            break;
        lane = cw_lane_straight_on(map, lane);
    }
    uint32_t *copy = cw_arena_array(arena, count, sizeof *copy);
    if (copy == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        copy[i] = lanes[i];
    *out = (cw_route){count, copy, cw_max(covered, 0)};
    return true;
}
