// Distances between entities as conditions and distance actions measure them.
#include "world/storyboard.h"

#include <math.h>

static void axes_of(const cw_world *world, uint32_t actor, cw_coordinates coordinates, double *cosine, double *sine) {
    *cosine = 1;
    *sine = 0;
    if (coordinates != CW_IN_WORLD)
        cw_sincos(world->s.heading[actor], sine, cosine);
}

// Half the extent of a box along a unit vector.
static double reach(const cw_box *box, double ux, double uy) {
    return fabs(box->ux * ux + box->uy * uy) * box->half_length + fabs(-box->uy * ux + box->ux * uy) * box->half_width;
}

// Gap along a unit vector between both boxes; 0 when their shadows meet.
static double shadow_gap(const cw_box *a, const cw_box *b, double ux, double uy) {
    double apart = fabs((b->x - a->x) * ux + (b->y - a->y) * uy);
    return cw_max(apart - reach(a, ux, uy) - reach(b, ux, uy), 0);
}

// s and t of a place about the road of `from`, seen as it faces: ahead, and to its left.
static bool along_road(const cw_world *world, uint32_t from, cw_lane_place place, double x, double y, double *ahead,
                       double *left) {
    const cw_map *map = world->map;
    cw_lane_place mine = cw_world_place(world, from);
    if (mine.lane == CW_NONE)
        return false;
    int facing = cw_actor_facing(world, from, mine.lane, mine.s);
    uint32_t road = map->lanes[mine.lane].road;
    double s, t, my_s, my_t;
    cw_road_project(map, road, world->s.x[from], world->s.y[from], mine.s, &my_s, &my_t);
    bool same = place.lane != CW_NONE && map->lanes[place.lane].road == road;
    cw_road_project(map, road, x, y, same ? place.s : NAN, &s, &t);
    *ahead = facing * (s - my_s);
    *left = facing * (t - my_t);
    if (place.lane == CW_NONE || same)
        return true;
    return cw_distance_along(world, from, place, ahead); // on another road: along the lanes
}

static double lane_left(const cw_world *world, uint32_t from, cw_lane_place place, double fallback) {
    cw_lane_place mine = cw_world_place(world, from);
    if (mine.lane == CW_NONE || place.lane == CW_NONE)
        return fallback;
    // In lane coordinates what counts is how far each is from its own lane's centre.
    int facing = cw_actor_facing(world, from, mine.lane, mine.s);
    const cw_lane *a = &world->map->lanes[mine.lane], *b = &world->map->lanes[place.lane];
    return facing * (b->direction * place.offset - a->direction * mine.offset);
}

static double measure(const cw_world *world, uint32_t from, cw_lane_place place, const cw_box *to, double x, double y,
                      cw_coordinates coordinates, cw_distance_kind kind, bool freespace) {
    const cw_state *s = &world->s;
    cw_box mine = cw_world_box(world, from);
    if (kind == CW_EUCLIDEAN)
        return freespace ? cw_box_distance(&mine, to) : cw_hypot(x - s->x[from], y - s->y[from]);
    bool road = coordinates == CW_IN_LANE || coordinates == CW_IN_ROAD;
    double ahead, left;
    if (!road || !along_road(world, from, place, x, y, &ahead, &left)) {
        double ux, uy;
        axes_of(world, from, coordinates, &ux, &uy);
        if (kind == CW_LATERAL) {
            double swap = ux;
            ux = -uy;
            uy = swap;
        }
        if (freespace)
            return shadow_gap(&mine, to, ux, uy);
        return fabs((x - s->x[from]) * ux + (y - s->y[from]) * uy);
    }
    if (kind == CW_LATERAL && coordinates == CW_IN_LANE)
        left = lane_left(world, from, place, left);
    double distance = kind == CW_LATERAL ? left : ahead;
    if (!freespace)
        return fabs(distance);
    // Both bodies about the direction of the road where they are.
    cw_lane_place here = cw_world_place(world, from);
    double a = here.lane == CW_NONE ? s->heading[from] : cw_lane_pose(world->map, here, NULL).heading;
    double b = place.lane == CW_NONE ? a : cw_lane_pose(world->map, place, NULL).heading, as, ac, bs, bc;
    int facing = fabs(cw_wrap_angle(s->heading[from] - a)) <= CW_PI / 2 ? 1 : -1;
    cw_sincos(a, &as, &ac);
    cw_sincos(b, &bs, &bc);
    if (ac * bc + as * bs < 0) { // the same sense along both lanes
        bc = -bc;
        bs = -bs;
    }
    if (kind == CW_LATERAL) {
        double swap = ac;
        ac = -as;
        as = swap;
        swap = bc;
        bc = -bs;
        bs = swap;
    }
    double my_center = facing * ((mine.x - s->x[from]) * ac + (mine.y - s->y[from]) * as);
    double its_center = facing * ((to->x - x) * bc + (to->y - y) * bs);
    return cw_max(fabs(distance + its_center - my_center) - reach(&mine, ac, as) - reach(to, bc, bs), 0);
}

double cw_actor_distance(const cw_world *world, uint32_t from, uint32_t to, cw_coordinates coordinates,
                         cw_distance_kind kind, bool freespace) {
    const cw_state *s = &world->s;
    uint32_t count = world->scene->actor_count;
    if (from >= count || to >= count || !s->present[from] || !s->present[to])
        return NAN;
    cw_box box = cw_world_box(world, to);
    return measure(world, from, cw_world_place(world, to), &box, s->x[to], s->y[to], coordinates, kind, freespace);
}

double cw_point_distance(const cw_world *world, uint32_t from, const cw_spot *to, cw_coordinates coordinates,
                         cw_distance_kind kind, bool freespace) {
    if (from >= world->scene->actor_count || !world->s.present[from])
        return NAN;
    cw_box point = {to->x, to->y, 1, 0, 0, 0};
    cw_lane_place place = to->place;
    if (place.lane == CW_NONE && (coordinates == CW_IN_LANE || coordinates == CW_IN_ROAD) && kind != CW_EUCLIDEAN) {
        cw_locate query = cw_locate_at(to->x, to->y);
        query.hint = cw_world_place(world, from);
        if (!cw_map_locate(world->map, &query, &place))
            place.lane = CW_NONE;
    }
    return measure(world, from, place, &point, to->x, to->y, coordinates, kind, freespace);
}

double cw_actor_ahead(const cw_world *world, uint32_t from, uint32_t to, cw_coordinates coordinates) {
    const cw_state *s = &world->s;
    double ahead, left, sine, cosine;
    if (!s->present[from] || !s->present[to])
        return NAN;
    if ((coordinates == CW_IN_LANE || coordinates == CW_IN_ROAD) &&
        cw_distance_along(world, from, cw_world_place(world, to), &ahead))
        return ahead;
    if ((coordinates == CW_IN_LANE || coordinates == CW_IN_ROAD) &&
        along_road(world, from, cw_world_place(world, to), s->x[to], s->y[to], &ahead, &left))
        return ahead;
    cw_sincos(s->heading[from], &sine, &cosine);
    return (s->x[to] - s->x[from]) * cosine + (s->y[to] - s->y[from]) * sine;
}
