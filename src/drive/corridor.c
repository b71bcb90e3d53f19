// The corridor: sampled once in a while, looked up many times a tick.
#include "drive/corridor.h"
#include <math.h>
#include <string.h>

static const double gentle = 1.5; // m/s^2 with which a lower limit ahead is approached

static double lane_end_heading(const cw_map *map, uint32_t lane, bool end) {
    const cw_lane *l = &map->lanes[lane];
    double s = (l->direction >= 0) == end ? l->s1 : l->s0;
    return cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = s, .offset = 0.0}, NULL).heading;
}

static uint32_t route_index(const cw_route *route, uint32_t lane, uint32_t from) {
    for (uint32_t i = from; i < route->count; i++) {
        if (route->lanes[i] == lane) {
            return i;
        }
    }
    return CW_NONE;
}

static bool same_way(const cw_map *map, uint32_t a, uint32_t b) {
    const cw_lane *p = &map->lanes[a], *q = &map->lanes[b];
    if (p->road == q->road) {
        return p->direction == q->direction;
    }
    double h = lane_end_heading(map, a, false) - lane_end_heading(map, b, false);
    return fabs(cw_wrap_angle(h)) < 1.0;
}

// Lanes to change from `lane` until one of the route's is reached: > 0 left, < 0 right; 0 when none is.
static int32_t lanes_to_route(const cw_map *map, const cw_route *route, uint32_t lane, uint32_t from, uint32_t *index) {
    uint32_t left = lane, right = lane;
    for (int32_t n = 1; n <= 5; n++) {
        left = left == CW_NONE ? CW_NONE : map->lanes[left].left;
        right = right == CW_NONE ? CW_NONE : map->lanes[right].right;
        for (int side = 0; side < 2; side++) {
            uint32_t beside = side == 0 ? right : left;
            uint32_t at = beside == CW_NONE ? CW_NONE : route_index(route, beside, from);
            if (at != CW_NONE && same_way(map, lane, beside)) {
                *index = at;
                return side == 0 ? -n : n;
            }
        }
    }
    return 0;
}

// The lane that follows: on the route, else one from which the route can be joined, else the straightest.
static uint32_t next_lane(const cw_map *map, const cw_route *route, uint32_t lane, uint32_t *index) {
    cw_span next = map->lanes[lane].next;
    for (uint32_t i = 0; i < next.count && route->count > 0; i++) {
        uint32_t at = route_index(route, map->links[next.first + i], *index);
        if (at != CW_NONE) {
            *index = at;
            return map->links[next.first + i];
        }
    }
    for (uint32_t i = 0; i < next.count && route->count > 0; i++) {
        uint32_t at;
        if (lanes_to_route(map, route, map->links[next.first + i], *index, &at) != 0) {
            return map->links[next.first + i];
        }
    }
    uint32_t best = CW_NONE;
    double least = 0.0, here = lane_end_heading(map, lane, true);
    for (uint32_t i = 0; i < next.count; i++) {
        uint32_t lane_next = map->links[next.first + i];
        double turn = fabs(cw_wrap_angle(lane_end_heading(map, lane_next, true) - here));
        if (!cw_lane_drivable(&map->lanes[lane_next])) {
            turn += 10.0;
        }
        if (best == CW_NONE || turn < least - 1e-9) {
            best = lane_next;
            least = turn;
        }
    }
    return best;
}

static uint32_t lane_before(const cw_map *map, const cw_route *route, uint32_t lane) {
    cw_span previous = map->lanes[lane].previous;
    for (uint32_t i = 0; i < previous.count; i++) {
        if (route_index(route, map->links[previous.first + i], 0) != CW_NONE) {
            return map->links[previous.first + i];
        }
    }
    return previous.count > 0 ? map->links[previous.first] : CW_NONE;
}

static void list_lanes(corridor *c, const cw_map *map, const cw_route *route, uint32_t lane, double ego_travel) {
    uint32_t behind[4], behind_count = 0;
    double reach = ego_travel;
    for (uint32_t at = lane; reach < CORRIDOR_BACK && behind_count < 4; behind_count++) {
        at = lane_before(map, route, at);
        if (at == CW_NONE) {
            break;
        }
        behind[behind_count] = at;
        reach += map->lanes[at].length;
    }
    double s = CORRIDOR_BACK - reach;
    for (uint32_t i = behind_count; i-- > 0;) {
        c->lane[c->lane_count] = behind[i];
        c->lane_start[c->lane_count] = s;
        s += map->lanes[behind[i]].length;
        c->lane_end[c->lane_count++] = s;
    }
    uint32_t index = route->count > 0 ? route_index(route, lane, 0) : CW_NONE;
    uint32_t from = index == CW_NONE ? 0 : index;
    if (index == CW_NONE && route->count > 0) {
        (void)lanes_to_route(map, route, lane, 0, &from);
    }
    for (uint32_t at = lane; at != CW_NONE && c->lane_count < CORRIDOR_LANES && s < (double)CORRIDOR_POINTS;) {
        c->lane[c->lane_count] = at;
        c->lane_start[c->lane_count] = s;
        s += map->lanes[at].length;
        c->lane_end[c->lane_count++] = s;
        at = next_lane(map, route, at, &from);
        c->dead_end = at == CW_NONE;
    }
}

static uint32_t lanes_beside(const cw_map *map, uint32_t lane, int32_t count) {
    for (; count != 0 && lane != CW_NONE; count -= count > 0 ? 1 : -1) {
        lane = count > 0 ? map->lanes[lane].left : map->lanes[lane].right;
    }
    return lane;
}

static bool leads_to(const cw_map *map, uint32_t lane, uint32_t next) {
    cw_span links = map->lanes[lane].next;
    for (uint32_t i = 0; i < links.count; i++) {
        if (map->links[links.first + i] == next) {
            return true;
        }
    }
    return false;
}

// A change that the corridor's lane number `slot` asks for may begin earlier, back along the lanes beside that lead there.
static double change_begin(const corridor *c, const cw_map *map, uint32_t slot) {
    uint32_t beside = lanes_beside(map, c->lane[slot], c->change_lanes);
    for (; slot > 0 && beside != CW_NONE; slot--) {
        uint32_t before = lanes_beside(map, c->lane[slot - 1], c->change_lanes);
        if (before == CW_NONE || !leads_to(map, before, beside)) {
            break;
        }
        beside = before;
    }
    return c->lane_start[slot];
}

// The last place before the deadline where the line may be crossed; the deadline itself where there is none.
static void heed_line(corridor *c, const cw_map *map, double from) {
    for (double s = cw_min(c->change_deadline, cw_corridor_length(c)) - 0.5; s > cw_max(c->change_from, from);
         s -= 1.0) {
        uint32_t lane = cw_corridor_lane(c, s);
        if (cw_lane_may_change(map, lane, cw_lane_station(map, lane, cw_corridor_travel(c, s)), c->change_lanes > 0)) {
            c->change_deadline = s;
            return;
        }
    }
}

// Where and by how many lanes the corridor must be left for the route.
static void plan_change(corridor *c, const cw_map *map, const cw_route *route) {
    c->change_from = 0.0;
    c->change_deadline = INFINITY;
    c->change_lanes = 0;
    if (route->count == 0) {
        return;
    }
    uint32_t index = 0;
    for (uint32_t i = 0; i < c->lane_count; i++) {
        if (c->lane_end[i] <= CORRIDOR_BACK) {
            continue; // behind
        }
        uint32_t at = route_index(route, c->lane[i], index);
        if (at != CW_NONE) {
            index = at;
            if (at + 1 >= route->count) {
                return; // the route ends here
            }
            if (c->change_lanes != 0) {
                c->change_lanes = 0; // it joined by itself
                c->change_deadline = INFINITY;
            }
            // On the route; does it go on by a link?
            if (i + 1 < c->lane_count && route_index(route, c->lane[i + 1], index + 1) == CW_NONE) {
                uint32_t aim = index;
                int32_t n = lanes_to_route(map, route, c->lane[i], index + 1, &aim);
                if (n != 0) {
                    c->change_lanes = n;
                    c->change_from = change_begin(c, map, i);
                    c->change_deadline = c->lane_end[i];
                    index = aim;
                }
            }
            continue;
        }
        uint32_t aim = index;
        int32_t n = lanes_to_route(map, route, c->lane[i], index, &aim);
        if (n == 0) {
            return; // beyond it the route is out of reach: the deadline stands
        }
        if (c->change_lanes == 0) {
            c->change_lanes = n;
            c->change_from = change_begin(c, map, i);
        }
        c->change_deadline = c->lane_end[i];
        index = aim;
    }
    c->beside_end = c->change_lanes != 0 && index + 1 >= route->count;
    // The corridor's end, not the route's: a dead end is a deadline, the end of sight is not.
    if (c->change_lanes != 0 && !c->dead_end && c->lane_count > 0 &&
        c->change_deadline >= c->lane_end[c->lane_count - 1]) {
        c->change_deadline = c->lane_end[c->lane_count - 1];
    }
}

static void look_ahead(corridor *c) {
    double before = INFINITY;
    for (uint32_t i = c->count; i-- > 0;) {
        double here = cw_min((double)c->limit[i], (double)c->bend[i]);
        double reachable = sqrt(before * before + 2.0 * gentle);
        before = cw_min(here, reachable);
        c->cap[i] = (float)before;
    }
}

void cw_corridor_free(corridor *c, bool of_limits) {
    for (uint32_t i = 0; i < c->count; i++) {
        *(of_limits ? &c->limit[i] : &c->bend[i]) = INFINITY;
    }
    look_ahead(c);
}

static float allowed_in(double bend, double lateral_accel) {
    return fabs(bend) > 1e-5 ? (float)sqrt(lateral_accel / fabs(bend)) : INFINITY;
}

// Does the lane beside at s have room for a car, still at `end`, and where that is the lane's own end, beyond it?
static bool goes_on_beside(const corridor *c, const cw_map *map, double s, double end, bool left, double least,
                           bool beyond) {
    corridor_side here = cw_corridor_beside(c, map, s, left);
    if (here.lane == CW_NONE || !here.drivable || !here.same_way || here.half < least) {
        return false;
    }
    corridor_side there = cw_corridor_beside(c, map, end, left);
    return there.lane != CW_NONE && there.half >= least && (!beyond || map->lanes[there.lane].next.count > 0);
}

void cw_corridor_merge(corridor *c, const cw_map *map, double ego, const line_body *body) {
    double least = body->half_width + 0.3;
    uint32_t end = (uint32_t)ego + 1; // where a lane has become too narrow that was not when it began
    while (end < c->count &&
           ((double)c->half[end] >= least || (double)c->half[end - 1] < least || c->slot[end] != c->slot[end - 1])) {
        end++;
    }
    bool narrows = end < c->count;
    if ((c->change_lanes != 0 && !(narrows && (double)end < c->change_deadline)) || (!narrows && !c->dead_end)) {
        return;
    }
    double deadline = (double)(narrows ? end : c->count - 1), at = cw_max(deadline - 20.0, ego);
    bool left = goes_on_beside(c, map, at, deadline, true, least, !narrows);
    if (left || goes_on_beside(c, map, at, deadline, false, least, !narrows)) {
        c->change_lanes = left ? 1 : -1;
        c->change_from = 0.0;
        c->change_deadline = deadline;
        c->lane_ends = 1;
    }
}

double cw_corridor_build(corridor *c, const cw_map *map, const cw_route *route, uint32_t lane, double ego_travel,
                         double lateral_accel, const line_body *body) {
    memset(c, 0, sizeof *c);
    list_lanes(c, map, route, lane, ego_travel);
    plan_change(c, map, route);
    double first = c->lane_start[0] < 0.0 ? 0.0 : c->lane_start[0];
    double end = c->lane_end[c->lane_count - 1];
    // Sample 0 stands at the first place that exists: everything moves back by as much.
    for (uint32_t i = 0; i < c->lane_count; i++) {
        c->lane_start[i] -= first;
        c->lane_end[i] -= first;
    }
    c->change_from -= first;
    c->change_deadline -= first;
    end -= first;
    double last_heading = 0.0;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < CORRIDOR_POINTS; i++) {
        double s = (double)i;
        if (s > end + 1e-9 && i > 1) {
            break;
        }
        while (slot + 1 < c->lane_count && s >= c->lane_end[slot]) {
            slot++;
        }
        uint32_t at = c->lane[slot];
        double travel = cw_clamp(s - c->lane_start[slot], 0.0, map->lanes[at].length);
        cw_lane_place place = {.lane = at, .s = cw_lane_station(map, at, travel), .offset = 0.0};
        cw_pose pose = cw_lane_pose(map, place, NULL);
        double heading = i == 0 ? pose.heading : last_heading + cw_wrap_angle(pose.heading - last_heading);
        double sine, cosine;
        cw_sincos(heading, &sine, &cosine);
        last_heading = heading;
        double bend = cw_lane_curvature(map, at, place.s);
        float limit = cw_lane_limit(map, at, place.s);
        c->x[i] = pose.x;
        c->y[i] = pose.y;
        c->ux[i] = (float)cosine;
        c->uy[i] = (float)sine;
        c->heading[i] = (float)heading;
        c->curvature[i] = (float)bend;
        c->half[i] = (float)(0.5 * cw_lane_width(map, at, place.s));
        c->limit[i] = limit > 0.0f ? limit : INFINITY;
        c->bend[i] = allowed_in(bend, lateral_accel);
        c->slot[i] = (uint8_t)slot;
        c->count = i + 1;
    }
    line_frame middle = {c->count, c->x, c->y, c->ux, c->uy, c->curvature, c->half};
    float pace[CORRIDOR_POINTS];
    for (uint32_t i = 0; i < c->count; i++) {
        pace[i] = INFINITY;
    }
    cw_line_settle(&middle, body, c->aim, c->extra, pace);
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->aim[i] != 0.0F) {
            double k = (double)c->curvature[i];
            double bend = k / cw_max(1.0 - k * (double)c->aim[i], 0.3) + (double)c->extra[i];
            c->bend[i] = (float)cw_min((double)allowed_in(bend, lateral_accel), (double)pace[i]);
        }
        if (map->told & CW_TOLD_NO_BENDS) {
            c->bend[i] = INFINITY;
        }
    }
    if (end > (double)c->count) {
        c->dead_end = 0; // farther than it was sampled
    }
    look_ahead(c);
    if (c->change_lanes != 0) {
        heed_line(c, map, CORRIDOR_BACK - first);
    }
    cw_corridor_merge(c, map, CORRIDOR_BACK - first, body);
    return CORRIDOR_BACK - first;
}

double cw_corridor_build_open(corridor *c, double x, double y, double heading) {
    memset(c, 0, sizeof *c);
    double sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    for (uint32_t i = 0; i < CORRIDOR_POINTS; i++) {
        double s = (double)i - CORRIDOR_BACK;
        c->x[i] = x + s * cosine;
        c->y[i] = y + s * sine;
        c->ux[i] = (float)cosine;
        c->uy[i] = (float)sine;
        c->heading[i] = (float)heading;
        c->half[i] = 2.0f;
        c->limit[i] = INFINITY;
        c->bend[i] = INFINITY;
        c->cap[i] = INFINITY;
    }
    c->count = CORRIDOR_POINTS;
    c->open = 1;
    c->change_deadline = INFINITY;
    return CORRIDOR_BACK;
}

double cw_corridor_length(const corridor *c) {
    return (double)(c->count - 1);
}

static uint32_t nearest_sample(const corridor *c, double s) {
    return (uint32_t)(cw_clamp(s, 0.0, (double)(c->count - 1)) + 0.5); // never negative: cut off is rounded down
}

static double square_to(const corridor *c, uint32_t i, double x, double y) {
    double dx = x - c->x[i], dy = y - c->y[i];
    return dx * dx + dy * dy;
}

void cw_corridor_project(const corridor *c, double x, double y, double hint, double *s, double *d) {
    uint32_t best = 0;
    if (isnan(hint)) {
        double least = INFINITY;
        for (uint32_t i = 0; i < c->count; i += 4) {
            double here = square_to(c, i, x, y);
            if (here < least) {
                least = here;
                best = i;
            }
        }
    } else {
        best = nearest_sample(c, hint);
    }
    // Downhill by the tangent: the foot lies ahead or behind by what the point is along it.
    for (int turn = 0; turn < 24; turn++) {
        double along = (x - c->x[best]) * (double)c->ux[best] + (y - c->y[best]) * (double)c->uy[best];
        if (fabs(along) < 0.49) {
            break; // its own nearest
        }
        double shift = floor(cw_clamp(along, -64.0, 64.0) + 0.5);
        double to = cw_clamp((double)best + shift, 0.0, (double)(c->count - 1));
        uint32_t next = (uint32_t)to;
        if (next == best) {
            break;
        }
        if (turn > 3) { // near a centre of curvature it may swing: go by single steps, and only nearer
            next = next > best ? best + 1 : best - 1;
            if (square_to(c, next, x, y) >= square_to(c, best, x, y)) {
                break;
            }
        }
        best = next;
    }
    double dx = x - c->x[best], dy = y - c->y[best], k = (double)c->curvature[best];
    double along = dx * (double)c->ux[best] + dy * (double)c->uy[best];
    double across = dy * (double)c->ux[best] - dx * (double)c->uy[best];
    double squeeze = cw_max(1.0 - k * across, 0.2);
    double ds = best == 0 || best + 1 == c->count ? along : cw_clamp(along / squeeze, -1.0, 1.0);
    *s = (double)best + ds;
    *d = across - (fabs(ds) <= 1.0 ? 0.5 * k * ds * ds * squeeze : 0.0);
}

corridor_point cw_corridor_at(const corridor *c, double s, double d) {
    uint32_t i = nearest_sample(c, s);
    double ds = s - (double)i, k = fabs(ds) <= 1.0 ? (double)c->curvature[i] : 0.0;
    double ux = (double)c->ux[i], uy = (double)c->uy[i], bend = 0.5 * k * ds * ds, turn = k * ds;
    // The normal at s, to first order in the small turn.
    double nx = -uy - turn * ux, ny = ux - turn * uy;
    corridor_point p = {.x = c->x[i] + ux * ds - uy * bend + nx * d,
                        .y = c->y[i] + uy * ds + ux * bend + ny * d,
                        .heading = (double)c->heading[i] + turn,
                        .curvature = (float)k};
    return p;
}

double cw_corridor_aim(const corridor *c, double s, double *slope, double *extra) {
    double at = cw_clamp(s, 0.0, (double)(c->count - 1));
    uint32_t i = (uint32_t)at, j = i + 1 < c->count ? i + 1 : i;
    double part = at - (double)i, here = (double)c->aim[i], next = (double)c->aim[j];
    if (slope) {
        *slope = next - here;
    }
    if (extra) {
        *extra = (double)c->extra[nearest_sample(c, s)]; // of the sample whose curvature it goes with
    }
    return cw_lerp(here, next, part);
}

double cw_corridor_curvature(const corridor *c, double s) {
    return (double)c->curvature[nearest_sample(c, s)];
}
double cw_corridor_half(const corridor *c, double s) {
    return (double)c->half[nearest_sample(c, s)];
}

double cw_corridor_cap(const corridor *c, double s) {
    double at = cw_clamp(s, 0.0, (double)(c->count - 1));
    uint32_t i = (uint32_t)at;
    uint32_t j = i + 1 < c->count ? i + 1 : i;
    if (!(c->cap[i] < INFINITY) || !(c->cap[j] < INFINITY)) {
        return (double)(c->cap[i] < c->cap[j] ? c->cap[i] : c->cap[j]);
    }
    return cw_lerp((double)c->cap[i], (double)c->cap[j], at - (double)i);
}

uint32_t cw_corridor_lane(const corridor *c, double s) {
    return c->open ? CW_NONE : c->lane[c->slot[nearest_sample(c, s)]];
}

double cw_corridor_travel(const corridor *c, double s) {
    return c->open ? 0.0 : cw_max(s - c->lane_start[c->slot[nearest_sample(c, s)]], 0.0);
}

double cw_corridor_find(const corridor *c, uint32_t lane, double travel) {
    for (uint32_t i = 0; i < c->lane_count; i++) {
        if (c->lane[i] == lane) {
            return c->lane_start[i] + travel;
        }
    }
    return NAN;
}

corridor_side cw_corridor_beside(const corridor *c, const cw_map *map, double s, bool left) {
    corridor_side side = {.lane = CW_NONE};
    uint32_t lane = cw_corridor_lane(c, s);
    if (lane == CW_NONE) {
        return side;
    }
    double station = cw_lane_station(map, lane, cw_corridor_travel(c, s));
    uint32_t beside = left ? map->lanes[lane].left : map->lanes[lane].right;
    if (beside == CW_NONE) {
        return side;
    }
    double sign = left ? 1.0 : -1.0;
    if (map->lanes[beside].road == map->lanes[lane].road) {
        side.half = 0.5 * cw_lane_width(map, beside, station);
        double t0 = cw_lane_center_t(map, lane, station), t1 = cw_lane_center_t(map, beside, station);
        side.center = sign * fabs(t1 - t0);
        side.same_way = map->lanes[beside].direction == map->lanes[lane].direction;
    } else { // lanelets: each a road of its own
        cw_pose here = cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = station, .offset = 0.0}, NULL);
        double station2, t;
        cw_road_project(map, map->lanes[beside].road, here.x, here.y, NAN, &station2, &t);
        cw_lane_place there = {.lane = beside, .s = station2, .offset = 0.0};
        side.half = 0.5 * cw_lane_width(map, beside, station2);
        cw_pose pose = cw_lane_pose(map, there, NULL);
        side.same_way = fabs(cw_wrap_angle(pose.heading - here.heading)) < 1.0;
        side.center = sign * cw_hypot(pose.x - here.x, pose.y - here.y);
    }
    if (side.half < 0.2) {
        return (corridor_side){.lane = CW_NONE};
    }
    side.lane = beside;
    side.drivable = cw_lane_drivable(&map->lanes[beside]);
    side.may_change = cw_lane_may_change(map, lane, station, left);
    return side;
}

// Out of one that ends or narrows to nothing it would have to be back too.
bool cw_corridor_goes_along(const corridor *c, const cw_map *map, double s, double until, bool left) {
    int32_t side = left ? 1 : -1;
    uint32_t slot = c->slot[nearest_sample(c, s)], beside = lanes_beside(map, c->lane[slot], side);
    for (; beside != CW_NONE && slot + 1 < c->lane_count && c->lane_end[slot] < until; slot++) {
        uint32_t own = c->lane[slot + 1], next = lanes_beside(map, own, side);
        if (leads_to(map, beside, own)) {
            return true;
        }
        if (next == CW_NONE || !leads_to(map, beside, next)) {
            // Where each lane crosses a junction on a road of its own, what counts is where that leads.
            uint32_t after = slot + 2 < c->lane_count ? c->lane[slot + 2] : CW_NONE, found = CW_NONE;
            uint32_t after_beside = after == CW_NONE ? CW_NONE : lanes_beside(map, after, side);
            cw_span links = map->lanes[beside].next;
            for (uint32_t i = 0; i < links.count && after != CW_NONE; i++) {
                uint32_t through = map->links[links.first + i];
                if (leads_to(map, through, after)) {
                    return true;
                }
                found = after_beside != CW_NONE && leads_to(map, through, after_beside) ? after_beside : found;
            }
            next = found;
            slot++;
        }
        beside = next;
    }
    return beside != CW_NONE && cw_corridor_beside(c, map, cw_min(until, cw_corridor_length(c)), left).half > 1.0;
}

static bool firm(uint8_t kind) {
    switch (kind) {
    case CW_LANE_NONE:
    case CW_LANE_SIDEWALK:
    case CW_LANE_CURB:
    case CW_LANE_WALKING:
    case CW_LANE_RAIL:
    case CW_LANE_MEDIAN:
    case CW_LANE_RESTRICTED:
        return false;
    default:
        return true;
    }
}

double cw_corridor_paved(const corridor *c, const cw_map *map, double s, bool left, bool oncoming) {
    double reach = cw_corridor_half(c, s);
    uint32_t own = cw_corridor_lane(c, s), lane = own;
    if (own == CW_NONE) {
        return 50.0;
    }
    double station = cw_lane_station(map, own, cw_corridor_travel(c, s));
    for (int n = 0; n < 6; n++) {
        // Neighbours are seen along a lane's own way: on an oncoming lane, outwards is its other side.
        bool as_we_go = map->lanes[lane].direction == map->lanes[own].direction;
        lane = left == as_we_go ? map->lanes[lane].left : map->lanes[lane].right;
        if (lane == CW_NONE || lane == own || !firm(map->lanes[lane].kind)) {
            break;
        }
        const cw_lane *beside = &map->lanes[lane];
        if (beside->road != map->lanes[own].road) { // lanelets: the nearest one only
            corridor_side side = cw_corridor_beside(c, map, s, left);
            return side.lane == lane && (oncoming || side.same_way) ? reach + 2.0 * side.half : reach;
        }
        if (!oncoming && cw_lane_drivable(beside) && beside->direction != map->lanes[own].direction) {
            break;
        }
        reach += cw_lane_width(map, lane, station);
    }
    return reach;
}
