// The network that traffic runs on: the map's lanes with what a step needs at hand, so that nothing is searched and no
// curve is evaluated while the world runs.
#include "world/traffic.h"

#include <math.h>
#include <stdlib.h>

// m, rad: how far the interpolated centre line may be off
#define LINE_ERROR 0.005
#define HEADING_ERROR 0.004
#define LEAST_WIDTH 2.5 // m
#define LIGHT_NEAR 20   // m from a crosswalk to a light that belongs to it
#define SIDE_ACCEL 2.0  // m/s^2 that a driver takes across in a bend
enum { PIECES_MOST = 512 };

static uint8_t flags_of(const cw_map *map, const cw_lane *lane) {
    uint8_t flags = 0;
    if (cw_lane_drivable(lane))
        flags |= CW_NET_DRIVE;
    if (lane->kind == CW_LANE_SIDEWALK || lane->kind == CW_LANE_WALKING)
        flags |= CW_NET_WALK;
    if (map->roads[lane->road].left_hand)
        flags |= CW_NET_LEFT_HAND;
    if (lane->junction != CW_NONE)
        flags |= CW_NET_JUNCTION;
    return flags;
}

// ---- centre lines ----------------------------------------------------------------------------------------------------

static cw_net_node sample(const cw_map *map, uint32_t lane, double at) {
    double s = cw_lane_station(map, lane, at);
    cw_road_point ground;
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = s}, &ground);
    cw_net_node node = {.x = pose.x,
                        .y = pose.y,
                        .heading = pose.heading,
                        .s = s,
                        .z = (float)ground.z,
                        .pitch = (float)ground.pitch,
                        .roll = (float)ground.roll};
    cw_sincos(pose.heading, &node.uy, &node.ux);
    return node;
}

static void between(const cw_net_node *a, const cw_net_node *b, double length, double f, cw_net_pose *out) {
    // Hermite: the chord is bent by the headings at its ends.
    double g = 1 - f;
    double h0 = g * g * (1 + 2 * f), h1 = f * f * (3 - 2 * f), m0 = f * g * g * length, m1 = -f * f * g * length;
    out->x = h0 * a->x + h1 * b->x + m0 * a->ux + m1 * b->ux;
    out->y = h0 * a->y + h1 * b->y + m0 * a->uy + m1 * b->uy;
    out->heading = a->heading + f * (b->heading - a->heading);
    out->s = a->s + f * (b->s - a->s);
    out->z = (float)((double)a->z + f * (double)(b->z - a->z));
    out->pitch = (float)((double)a->pitch + f * (double)(b->pitch - a->pitch));
    out->roll = (float)((double)a->roll + f * (double)(b->roll - a->roll));
}

void cw_net_at(const cw_net *net, uint32_t lane, double at, cw_net_pose *out) {
    const cw_net_lane *l = &net->lanes[lane];
    double place = cw_clamp(at, 0, l->length) / (double)l->piece;
    uint32_t k = (uint32_t)place;
    if (k >= l->pieces)
        k = l->pieces - 1u;
    const cw_net_node *a = &net->nodes[l->node + k], *b = a + 1;
    double f = place - k;
    if (a->heading == b->heading) { // straight
        out->x = a->x + f * (b->x - a->x);
        out->y = a->y + f * (b->y - a->y);
        out->heading = a->heading;
        out->s = a->s + f * (b->s - a->s);
        out->z = (float)((double)a->z + f * (double)(b->z - a->z));
        out->ux = a->ux;
        out->uy = a->uy;
        out->pitch = a->pitch;
        out->roll = a->roll;
        return;
    }
    between(a, b, (double)l->piece, f, out);
    cw_sincos(out->heading, &out->uy, &out->ux);
}

// In so many pieces, is the line good enough everywhere?
static bool good(const cw_map *map, uint32_t lane, double length, uint32_t pieces) {
    double piece = length / pieces;
    cw_net_node a = sample(map, lane, 0);
    for (uint32_t k = 0; k < pieces; k++) {
        cw_net_node b = sample(map, lane, (k + 1) * piece);
        b.heading = a.heading + cw_wrap_angle(b.heading - a.heading);
        for (int i = 1; i < 4; i++) {
            cw_net_node want = sample(map, lane, (k + 0.25 * i) * piece);
            cw_net_pose got;
            between(&a, &b, piece, 0.25 * i, &got);
            if (cw_hypot(want.x - got.x, want.y - got.y) > LINE_ERROR ||
                fabs(cw_wrap_angle(want.heading - got.heading)) > HEADING_ERROR ||
                fabs((double)(want.z - got.z)) > 0.02)
                return false;
        }
        a = b;
    }
    return true;
}

static uint32_t pieces_of(const cw_map *map, uint32_t lane, double length) {
    uint32_t pieces = 1;
    while (pieces < PIECES_MOST && length / pieces > 0.5 && !good(map, lane, length, pieces))
        pieces *= 2;
    return pieces;
}

static bool make_lines(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    const cw_map *map = world->map;
    uint64_t total = 0;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        cw_net_lane *l = &lanes[i];
        if (!(l->flags & (CW_NET_DRIVE | CW_NET_WALK)))
            continue;
        l->pieces = (uint16_t)pieces_of(map, i, l->length);
        l->piece = (float)(l->length / l->pieces);
        l->node = (uint32_t)total;
        total += l->pieces + 1u;
    }
    if (total > UINT32_MAX)
        return false;
    cw_net_node *nodes = cw_arena_array(world->arena, total, sizeof *nodes);
    if (!nodes)
        return false;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        cw_net_lane *l = &lanes[i];
        if (l->pieces == 0)
            continue;
        cw_net_node *node = &nodes[l->node];
        double sharpest = 0;
        for (uint32_t k = 0; k <= l->pieces; k++) {
            node[k] = sample(map, i, l->length * k / l->pieces);
            if (k > 0)
                node[k].heading = node[k - 1].heading + cw_wrap_angle(node[k].heading - node[k - 1].heading);
        }
        for (int k = 0; k <= 16; k++)
            sharpest = cw_max(sharpest,
                              fabs(cw_lane_curvature(map, i, cw_lane_station(map, i, l->length * (0.02 + 0.06 * k)))));
        l->bend = sharpest > 1e-6 ? (float)sqrt(SIDE_ACCEL / sharpest) : INFINITY;
        l->turn = (float)(node[l->pieces].heading - node[0].heading);
        l->straight = l->pieces == 1 && l->turn == 0;
    }
    net->nodes = nodes;
    return true;
}

double cw_net_beside(const cw_world *world, uint32_t lane, double at, uint32_t other) {
    const cw_net *net = world->traffic->net;
    const cw_net_lane *l = &net->lanes[lane], *o = &net->lanes[other];
    if (l->pieces == 1 && o->pieces == 1) {
        const cw_net_node *a = &net->nodes[l->node], *b = &net->nodes[o->node];
        double s = a[0].s + at / l->length * (a[1].s - a[0].s);
        return cw_clamp((s - b[0].s) / (b[1].s - b[0].s), 0, 1) * o->length;
    }
    return cw_lane_travel(world->map, other, cw_lane_station(world->map, lane, at));
}

// ---- lanes -----------------------------------------------------------------------------------------------------------

static float limit_of(const cw_map *map, uint32_t lane) {
    const cw_lane *l = &map->lanes[lane];
    float limit = cw_lane_limit(map, lane, 0.5 * (l->s0 + l->s1));
    if (limit > 0)
        return limit < 60 ? limit : 60;
    const cw_road *road = &map->roads[l->road];
    uint8_t kind = road->kinds.count > 0 ? map->road_types[road->kinds.first].kind : CW_ROAD_UNKNOWN;
    switch ((cw_road_kind)kind) {
    case CW_ROAD_MOTORWAY:
        return 120 / 3.6F;
    case CW_ROAD_RURAL:
        return 90 / 3.6F;
    case CW_ROAD_LOW_SPEED:
        return 30 / 3.6F;
    default:
        return 50 / 3.6F;
    }
}

static uint8_t may_change(const cw_map *map, uint32_t lane, double length, bool left) {
    uint8_t bits = 0;
    for (int k = 0; k < 8; k++)
        if (cw_lane_may_change(map, lane, cw_lane_station(map, lane, length * (k + 0.5) / 8), left))
            bits |= (uint8_t)(1u << k);
    return bits;
}

// The stretch that is wide enough for a car; the whole lane where no part of it is.
static void find_room(const cw_map *map, uint32_t lane, cw_net_lane *l) {
    int first = -1, last = -1;
    for (int k = 0; k <= 64; k++)
        if (cw_lane_width(map, lane, cw_lane_station(map, lane, l->length * k / 64)) >= LEAST_WIDTH) {
            first = first < 0 ? k : first;
            last = k;
        }
    l->from = first > 0 ? (float)(l->length * first / 64) : 0;
    l->to = first >= 0 && last < 64 ? (float)(l->length * last / 64) : (float)l->length;
}

static bool make_lanes(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    const cw_map *map = world->map;
    uint64_t links = 0;
    for (uint32_t i = 0; i < net->lane_count; i++)
        links += map->lanes[i].next.count;
    uint32_t *next = cw_arena_array(world->arena, links, sizeof *next), used = 0;
    if (!next)
        return false;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        const cw_lane *from = &map->lanes[i];
        cw_net_lane *l = &lanes[i];
        *l = (cw_net_lane){.length = cw_max(from->length, 0.01),
                           .flags = flags_of(map, from),
                           .left = CW_NONE,
                           .right = CW_NONE,
                           .light = CW_NONE,
                           .hold = 1,
                           .against = from->direction < 0};
        if (from->id == 0 || from->length <= 0)
            l->flags = 0;
        if (!(l->flags & (CW_NET_DRIVE | CW_NET_WALK)))
            continue;
        l->limit = limit_of(map, i);
        l->width = (float)cw_lane_width(map, i, 0.5 * (from->s0 + from->s1));
        uint32_t sides[2] = {from->left, from->right};
        for (int side = 0; side < 2 && (l->flags & CW_NET_DRIVE); side++)
            if (sides[side] != CW_NONE && cw_lane_drivable(&map->lanes[sides[side]]) &&
                map->lanes[sides[side]].length > 0 && cw_lane_same_way(map, i, side == 0)) {
                *(side == 0 ? &l->left : &l->right) = sides[side];
                *(side == 0 ? &l->may_left : &l->may_right) = may_change(map, i, l->length, side == 0);
            }
    }
    for (uint32_t i = 0; i < net->lane_count; i++)
        if (lanes[i].flags & CW_NET_DRIVE)
            find_room(map, i, &lanes[i]);
    for (uint32_t i = 0; i < net->lane_count; i++) {
        cw_net_lane *l = &lanes[i];
        const cw_lane *from = &map->lanes[i];
        l->next = used;
        for (uint32_t k = 0; k < from->next.count && l->next_count < CW_HOP_LEFT; k++) {
            uint32_t to = map->links[from->next.first + k];
            if (!(lanes[to].flags & l->flags & (CW_NET_DRIVE | CW_NET_WALK)))
                continue;
            // What narrows to nothing is to be left before, what opens to be entered later.
            bool drives = l->flags & CW_NET_DRIVE;
            if (drives && ((double)l->to < l->length - 0.5 || (lanes[to].from > 0.5F && from->next.count > 1)))
                continue;
            next[used++] = to;
            l->next_count++;
            if (lanes[to].previous_count < 255)
                lanes[to].previous_count++;
        }
    }
    net->links = next;
    return true;
}

// A lane whose road ends with it, for it and all that run beside it: the edge of the map. A lane that ends alone is one
// that drops: its traffic must change.
static bool all_beside(const cw_net_lane *lanes, uint32_t lane, bool ends) {
    for (int side = 0; side < 2; side++)
        for (uint32_t i = lane, n = 0; i != CW_NONE && n < 16; i = side == 0 ? lanes[i].left : lanes[i].right, n++)
            if ((ends ? lanes[i].next_count : lanes[i].previous_count) > 0)
                return false;
    return true;
}

// Lanes of each section from the middle outwards: an order that a mirrored map has too, so that draws fall on the same.
static void outwards(const cw_map *map, uint32_t *order) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < map->section_count; k++) {
        cw_span lanes = map->sections[k].lanes;
        uint32_t first = count;
        for (uint32_t i = lanes.first; i < lanes.first + lanes.count; i++) {
            int32_t id = map->lanes[i].id;
            int32_t rank = 2 * (id < 0 ? -id : id) + (map->lanes[i].direction > 0);
            uint32_t at = count++;
            for (; at > first; at--) {
                const cw_lane *other = &map->lanes[order[at - 1]];
                if (2 * (other->id < 0 ? -other->id : other->id) + (other->direction > 0) <= rank)
                    break;
                order[at] = order[at - 1];
            }
            order[at] = i;
        }
    }
}

// It ends alone: its traffic must change.
static bool drops(const cw_net_lane *lanes, uint32_t lane) {
    return lane != CW_NONE && lanes[lane].next_count == 0 && !(lanes[lane].flags & CW_NET_EXIT);
}

static bool make_ends(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    uint32_t *entries = cw_arena_array(world->arena, net->lane_count, sizeof *entries);
    uint32_t *roads = cw_arena_array(world->arena, net->lane_count, sizeof *roads);
    uint32_t *paths = cw_arena_array(world->arena, net->lane_count, sizeof *paths);
    double *road_sum = cw_arena_array(world->arena, net->lane_count, sizeof *road_sum);
    double *path_sum = cw_arena_array(world->arena, net->lane_count, sizeof *path_sum);
    if (!entries || !roads || !paths || !road_sum || !path_sum)
        return false;
    double road = 0, path = 0;
    uint32_t *order = cw_arena_array(world->arena, net->lane_count, sizeof *order);
    if (!order)
        return false;
    outwards(world->map, order);
    for (uint32_t n = 0; n < net->lane_count; n++) {
        uint32_t i = order[n];
        cw_net_lane *l = &lanes[i];
        if ((l->flags & CW_NET_DRIVE) && all_beside(lanes, i, true))
            l->flags |= CW_NET_EXIT;
        if ((l->flags & CW_NET_DRIVE) && all_beside(lanes, i, false) && l->length > 5) {
            l->flags |= CW_NET_ENTRY;
            entries[net->entry_count++] = i;
        }
        if ((l->flags & CW_NET_DRIVE) && !(l->flags & CW_NET_JUNCTION) && l->length > 20) {
            roads[net->road_count] = i;
            road_sum[net->road_count++] = road += l->length;
        }
        if ((l->flags & CW_NET_WALK) && l->length > 5) {
            paths[net->path_count] = i;
            path_sum[net->path_count++] = path += l->length;
        }
    }
    for (uint32_t i = 0; i < net->lane_count; i++)
        lanes[i].lets_in = drops(lanes, lanes[i].left) || drops(lanes, lanes[i].right);
    net->order = order;
    net->entries = entries;
    net->roads = roads;
    net->road_sum = road_sum;
    net->paths = paths;
    net->path_sum = path_sum;
    return true;
}

// ---- stops and crosswalks --------------------------------------------------------------------------------------------

static bool make_stops(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    const cw_map *map = world->map;
    cw_net_stop *stops = cw_arena_array(world->arena, map->stop_count, sizeof *stops);
    if (!stops)
        return false;
    uint32_t used = 0;
    for (uint32_t i = 0; i < net->lane_count && map->lane_stops; i++) {
        cw_net_lane *l = &lanes[i];
        l->stop = used;
        for (uint32_t k = map->lane_stops[i]; k < map->lane_stops[i + 1]; k++) {
            const cw_stop *stop = &map->stops[k];
            uint8_t kind = stop->signal == CW_NONE ? (uint8_t)CW_SIGNAL_STOP_LINE : map->signals[stop->signal].kind;
            bool line = kind == CW_SIGNAL_STOP_LINE || kind == CW_SIGNAL_STOP || kind == CW_SIGNAL_YIELD ||
                        kind == CW_SIGNAL_LIGHT;
            double before = l->length - stop->s;
            if (line && before < 20 && before > 0)
                l->hold = (float)cw_max((double)l->hold, before);
            uint32_t *light = &l->light;
            if (kind == CW_SIGNAL_LIGHT) {
                stops[used++] = (cw_net_stop){(float)stop->s, stop->signal};
                if (l->flags & CW_NET_JUNCTION)
                    *light = stop->signal;
            }
            // What stands on the way in holds for every lane that it leads to.
            for (uint32_t n = 0; n < l->next_count; n++) {
                cw_net_lane *to = &lanes[net->links[l->next + n]];
                if (!(to->flags & CW_NET_JUNCTION) || (l->flags & CW_NET_JUNCTION))
                    continue;
                if (kind == CW_SIGNAL_LIGHT)
                    to->light = stop->signal;
                if (kind == CW_SIGNAL_STOP)
                    to->flags |= CW_NET_STOP_SIGN;
            }
        }
        l->stop_count = (uint16_t)(used - l->stop);
    }
    net->stops = stops;
    return true;
}

// The box of a crosswalk along the way of those who walk over it: across the lanes.
static cw_net_crosswalk crosswalk_of(const cw_map *map, const cw_object *object, const cw_crossing *crossing) {
    cw_lane_place place = {.lane = crossing->lane,
                           .s = cw_lane_station(map, crossing->lane, 0.5 * (crossing->s_in + crossing->s_out))};
    cw_pose pose = cw_lane_pose(map, place, NULL);
    cw_net_crosswalk out = {.ux = -cw_sin(pose.heading), .uy = cw_cos(pose.heading)};
    double low = (double)INFINITY, high = -(double)INFINITY, left = (double)INFINITY, right = -(double)INFINITY;
    for (uint32_t k = 0; k < object->outline.count; k++) {
        cw_vec2 p = map->points[object->outline.first + k];
        double dx = p.x - pose.x, dy = p.y - pose.y;
        double along = dx * out.ux + dy * out.uy, across = dx * out.uy - dy * out.ux;
        low = cw_min(low, along);
        high = cw_max(high, along);
        left = cw_min(left, across);
        right = cw_max(right, across);
    }
    double along = 0.5 * (low + high), across = 0.5 * (left + right);
    out.x = pose.x + along * out.ux + across * out.uy;
    out.y = pose.y + along * out.uy - across * out.ux;
    out.half_length = 0.5 * (high - low);
    out.half_width = 0.5 * (right - left);
    return out;
}

static int by_lane(const void *a, const void *b) {
    const cw_net_door *x = a, *y = b;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_crosswalk(const void *a, const void *b) {
    const cw_net_over *x = a, *y = b;
    if (x->crosswalk != y->crosswalk)
        return x->crosswalk < y->crosswalk ? -1 : 1;
    return (x->lane > y->lane) - (x->lane < y->lane);
}

// Where a path passes the end of a crosswalk, and which lanes a crosswalk lies over.
static bool make_doors(cw_world *world, cw_net *net, cw_net_crosswalk *crosswalks) {
    cw_net_door *doors = cw_arena_array(world->arena, 2 * (size_t)net->crosswalk_count, sizeof *doors);
    cw_net_over *over = cw_arena_array(world->arena, world->map->crossing_count, sizeof *over);
    if (!doors || !over)
        return false;
    for (uint32_t i = 0; i < net->crosswalk_count; i++)
        for (int side = -1; side <= 1; side += 2) {
            const cw_net_crosswalk *w = &crosswalks[i];
            double far = side * (w->half_length + 1);
            cw_locate query = cw_locate_at(w->x + far * w->ux, w->y + far * w->uy);
            query.kinds = 1u << CW_LANE_SIDEWALK | 1u << CW_LANE_WALKING;
            cw_lane_place place;
            if (!cw_map_locate(world->map, &query, &place) && place.lane == CW_NONE)
                continue;
            double at = cw_lane_travel(world->map, place.lane, place.s);
            doors[net->door_count++] = (cw_net_door){place.lane, i, at, side};
        }
    for (uint32_t i = 0; i < net->lane_count; i++) {
        const cw_net_lane *l = &net->lanes[i];
        for (uint32_t k = l->walk; k < l->walk + l->walk_count && (l->flags & CW_NET_DRIVE); k++)
            over[net->over_count++] = (cw_net_over){net->walks[k].crosswalk, i, net->walks[k].in, net->walks[k].out};
    }
    if (net->door_count > 0)
        qsort(doors, net->door_count, sizeof *doors, by_lane);
    if (net->over_count > 0)
        qsort(over, net->over_count, sizeof *over, by_crosswalk);
    for (uint32_t i = 0; i < net->over_count; i++) {
        cw_net_crosswalk *w = &crosswalks[over[i].crosswalk];
        if (w->over_count++ == 0)
            w->over = i;
        const cw_net_lane *l = &net->lanes[over[i].lane];
        for (uint32_t k = l->stop; k < l->stop + l->stop_count; k++)
            w->lights |= fabs((double)(net->stops[k].at - over[i].in)) < LIGHT_NEAR;
    }
    net->doors = doors;
    net->over = over;
    return true;
}

static bool make_crosswalks(cw_world *world, cw_net *net, cw_net_lane *lanes) {
    const cw_map *map = world->map;
    cw_net_walk *walks = cw_arena_array(world->arena, map->crossing_count, sizeof *walks);
    cw_net_crosswalk *crosswalks = cw_arena_array(world->arena, map->object_count, sizeof *crosswalks);
    uint32_t *number = cw_arena_array(world->arena, map->object_count, sizeof *number);
    if (!walks || !crosswalks || !number)
        return false;
    for (uint32_t i = 0; i < map->object_count; i++)
        number[i] = CW_NONE;
    for (uint32_t i = 0; i < map->crossing_count; i++) {
        const cw_crossing *c = &map->crossings[i];
        if (number[c->object] == CW_NONE && map->objects[c->object].outline.count >= 3) {
            number[c->object] = net->crosswalk_count;
            crosswalks[net->crosswalk_count++] = crosswalk_of(map, &map->objects[c->object], c);
        }
        lanes[c->lane].walk_count = (uint16_t)(lanes[c->lane].walk_count + (number[c->object] != CW_NONE));
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < net->lane_count; i++) {
        lanes[i].walk = used;
        used += lanes[i].walk_count;
        lanes[i].walk_count = 0;
    }
    for (uint32_t i = 0; i < map->crossing_count; i++) {
        const cw_crossing *c = &map->crossings[i];
        cw_net_lane *l = &lanes[c->lane];
        if (number[c->object] != CW_NONE)
            walks[l->walk + l->walk_count++] = (cw_net_walk){(float)c->s_in, (float)c->s_out, number[c->object]};
    }
    net->walks = walks;
    net->crosswalks = crosswalks;
    return make_doors(world, net, crosswalks);
}

const cw_net *cw_net_make(cw_world *world) {
    cw_net *net = cw_arena_alloc(world->arena, sizeof *net);
    cw_net_lane *lanes = cw_arena_array(world->arena, world->map->lane_count, sizeof *lanes);
    if (!net || !lanes)
        return NULL;
    net->lane_count = world->map->lane_count;
    net->lanes = lanes;
    if (!make_lanes(world, net, lanes) || !make_lines(world, net, lanes) || !make_ends(world, net, lanes) ||
        !make_stops(world, net, lanes) || !make_crosswalks(world, net, lanes) || !cw_net_crossings(world, net, lanes) ||
        !cw_net_find_alone(net, lanes) || !cw_net_ways(world, net))
        return NULL;
    return net;
}
