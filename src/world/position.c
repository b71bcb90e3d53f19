// The scenario's ways to name a place, resolved to a point when they are needed.
#include "world/storyboard.h"

#include <math.h>

enum { DEPTH_MOST = 32, WALK_MOST = 256 };

// ---- lanes -----------------------------------------------------------------------------------------------------------

static double lane_end_heading(const cw_map *map, uint32_t lane, bool end) {
    const cw_lane *l = &map->lanes[lane];
    bool high = (l->direction > 0) == end;
    return cw_lane_pose(map, (cw_lane_place){lane, high ? l->s1 : l->s0, 0}, NULL).heading;
}

uint32_t cw_lane_straight(const cw_map *map, uint32_t lane, bool back) {
    cw_span links = back ? map->lanes[lane].previous : map->lanes[lane].next;
    if (links.count == 0)
        return CW_NONE;
    uint32_t best = map->links[links.first];
    if (links.count == 1)
        return best;
    double heading = lane_end_heading(map, lane, !back), least = INFINITY;
    for (uint32_t i = 0; i < links.count; i++) {
        uint32_t next = map->links[links.first + i];
        double turn = fabs(cw_wrap_angle(lane_end_heading(map, next, !back) - heading));
        if (turn < least - 1e-6) {
            least = turn;
            best = next;
        }
    }
    return best;
}

bool cw_lane_walk(const cw_map *map, cw_lane_place *place, double distance) {
    uint32_t lane = place->lane;
    double travel = cw_lane_travel(map, lane, place->s) + distance;
    for (int i = 0; i < WALK_MOST; i++) {
        double length = map->lanes[lane].length;
        if (travel >= -1e-9 && travel <= length + 1e-9) {
            place->lane = lane;
            place->s = cw_lane_station(map, lane, cw_clamp(travel, 0, length));
            return true;
        }
        bool back = travel < 0;
        uint32_t next = cw_lane_straight(map, lane, back);
        if (next == CW_NONE)
            return false;
        travel = back ? travel + map->lanes[next].length : travel - length;
        lane = next;
    }
    return false;
}

uint32_t cw_lane_beside(const cw_map *map, uint32_t lane, double s, int32_t count, int facing) {
    int32_t id = map->lanes[lane].id;
    int32_t step = (count > 0 ? 1 : -1) * (facing < 0 ? -1 : 1);
    if (count < -1000 || count > 1000)
        return CW_NONE;
    for (int32_t left = count < 0 ? -count : count; left > 0; left--) {
        id += step;
        if (id == 0)
            id += step;
    }
    return id == map->lanes[lane].id ? lane : cw_map_find_lane(map, map->lanes[lane].road, id, s);
}

int cw_actor_facing(const cw_world *world, uint32_t actor, uint32_t lane, double s) {
    cw_pose pose = cw_lane_pose(world->map, (cw_lane_place){lane, s, 0}, NULL);
    bool along = fabs(cw_wrap_angle(world->s.heading[actor] - pose.heading)) <= CW_PI / 2;
    return along ? world->map->lanes[lane].direction : -world->map->lanes[lane].direction;
}

bool cw_distance_along(const cw_world *world, uint32_t actor, cw_lane_place place, double *distance) {
    const cw_map *map = world->map;
    const cw_state *s = &world->s;
    bool guided = s->way[actor] == CW_WAY_LANE && s->mover[actor] == CW_MOVED_BY_SCENARIO;
    uint32_t lane = guided ? s->way_lane[actor] : s->place_lane[actor];
    if (lane == CW_NONE || place.lane == CW_NONE)
        return false;
    double travel = guided ? s->way_travel[actor] : cw_lane_travel(map, lane, s->place_s[actor]);
    int sign = guided ? s->way_facing[actor]
                      : cw_actor_facing(world, actor, lane, s->place_s[actor]) * map->lanes[lane].direction;
    uint32_t road = map->lanes[place.lane].road;
    uint32_t start = lane;
    for (int turn = 0; turn < 2; turn++) { // as it faces, then behind it
        bool back = (sign < 0) != (turn == 1);
        double from = travel; // where on this lane the counting stands
        double passed = 0;    // along the travel direction, from the actor to `from`
        lane = start;
        for (int i = 0; i < WALK_MOST && lane != CW_NONE && fabs(passed) < 5000; i++) {
            const cw_lane *l = &map->lanes[lane];
            if (l->road == road && place.s >= l->s0 - 1e-6 && place.s <= l->s1 + 1e-6) {
                *distance = sign * (passed + cw_lane_travel(map, lane, place.s) - from);
                return true;
            }
            passed += back ? -from : l->length - from;
            lane = turn == 0 ? cw_route_next(world, actor, lane, back) : cw_lane_straight(map, lane, back);
            from = lane == CW_NONE ? 0 : back ? map->lanes[lane].length : 0;
        }
    }
    return false;
}

// ---- positions -------------------------------------------------------------------------------------------------------

bool cw_position_is_fixed(const cw_scene *scene, const cw_position *p, uint32_t depth) {
    switch ((cw_position_kind)p->kind) {
    case CW_AT_WORLD:
    case CW_AT_ROAD:
    case CW_AT_LANE:
        return true;
    case CW_AT_ROUTE_ROAD:
    case CW_AT_ROUTE_LANE:
        return p->route < scene->route_count;
    case CW_AT_TRAJECTORY: {
        if (p->trajectory >= scene->trajectory_count || depth > DEPTH_MOST)
            return false;
        const cw_trajectory_def *def = &scene->trajectories[p->trajectory];
        for (uint32_t i = 0; i < def->vertex_count; i++)
            if (!cw_position_is_fixed(scene, &def->vertices[i].position, depth + 1))
                return false;
        return def->clothoid_count == 0 || cw_position_is_fixed(scene, &def->clothoids[0].start, depth + 1);
    }
    default:
        return false;
    }
}

static void spot_on_lane(const cw_map *map, cw_lane_place place, cw_spot *spot) {
    cw_pose pose = cw_lane_pose(map, place, NULL);
    *spot = (cw_spot){pose.x, pose.y, pose.heading, place, 0};
}

static void spot_on_road(const cw_map *map, uint32_t road, double s, double t, cw_spot *spot) {
    cw_road_point point;
    cw_road_at(map, road, s, t, &point);
    *spot = (cw_spot){.x = point.x, .y = point.y, .heading = point.heading, .place = {CW_NONE, 0, 0}};
}

// The stated offset is OpenDRIVE's: to the left of rising s. A lane place counts it to the left of travel.
static double lane_offset(const cw_map *map, uint32_t lane, const cw_position *p) {
    return p->has_offset ? p->offset * map->lanes[lane].direction : 0;
}

static bool find_on_lane(const cw_world *world, const cw_position *p, cw_spot *spot) {
    const cw_map *map = world->map;
    if (p->road >= map->road_count)
        return false;
    double length = map->roads[p->road].length, s = p->s;
    s = cw_clamp(s, 0, length); // beyond its road's end: the reader has said so
    uint32_t lane = cw_map_find_lane(map, p->road, p->lane, s);
    if (lane == CW_NONE)
        return false;
    spot_on_lane(map, (cw_lane_place){lane, s, lane_offset(map, lane, p)}, spot);
    return true;
}

static bool has_pose(const cw_world *world, uint32_t actor) {
    return actor < world->scene->actor_count && (world->s.present[actor] || world->s.way_placed[actor]);
}

static bool find_relative_lane(const cw_world *world, const cw_position *p, cw_spot *spot) {
    const cw_map *map = world->map;
    if (!has_pose(world, p->entity))
        return false;
    cw_lane_place place = cw_world_place(world, p->entity);
    if (place.lane == CW_NONE)
        return false;
    int facing = cw_actor_facing(world, p->entity, place.lane, place.s); // against rising s
    int along = facing * map->lanes[place.lane].direction;               // against travel
    double s = place.s + facing * p->s;
    const cw_lane *lane = &map->lanes[place.lane];
    if (!p->lane_s && s >= lane->s0 && s <= lane->s1)
        place.s = s;
    else if (!cw_lane_walk(map, &place, along * p->s))
        return false;
    facing = along * map->lanes[place.lane].direction;
    place.lane = cw_lane_beside(map, place.lane, place.s, p->lane, facing);
    if (place.lane == CW_NONE)
        return false;
    place.offset = lane_offset(map, place.lane, p);
    spot_on_lane(map, place, spot);
    return true;
}

// The road coordinates of an actor's reference point.
static bool road_of(const cw_world *world, uint32_t actor, uint32_t *road, double *s, double *t) {
    cw_lane_place place = cw_world_place(world, actor);
    if (place.lane == CW_NONE)
        return false;
    *road = world->map->lanes[place.lane].road;
    cw_road_project(world->map, *road, world->s.x[actor], world->s.y[actor], place.s, s, t);
    return true;
}

static bool find_relative_road(const cw_world *world, const cw_position *p, cw_spot *spot) {
    const cw_map *map = world->map;
    uint32_t road;
    double s, t;
    if (!has_pose(world, p->entity) || !road_of(world, p->entity, &road, &s, &t))
        return false;
    if (s + p->s >= -1e-9 && s + p->s <= map->roads[road].length + 1e-9) {
        spot_on_road(map, road, s + p->s, t + p->t, spot);
        return true;
    }
    // Past the end of this road: on along the lane, with t kept as it lies to rising s here.
    cw_lane_place place = cw_world_place(world, p->entity);
    int direction = map->lanes[place.lane].direction < 0 ? -1 : 1;
    if (!cw_lane_walk(map, &place, direction * p->s))
        return false;
    int turned = direction * map->lanes[place.lane].direction;
    spot_on_road(map, map->lanes[place.lane].road, place.s, turned * (t + p->t), spot);
    if (turned < 0)
        spot->heading += CW_PI;
    return true;
}

static bool find_on_route(const cw_world *world, const cw_position *p, uint32_t self, cw_spot *spot) {
    const cw_map *map = world->map;
    uint32_t route = p->route != CW_NONE ? p->route : self != CW_NONE ? world->s.route[self] : CW_NONE;
    cw_lane_place place;
    if (route >= world->scene->route_count || !cw_route_place(world, route, p->s, &place))
        return false;
    // Route coordinates run with the route: t and offsets count to its left, and a lane that runs against it stands for
    // the one on the same side that runs with it.
    int along = map->lanes[place.lane].direction < 0 ? -1 : 1;
    if (p->kind == CW_AT_ROUTE_ROAD) {
        spot_on_road(map, map->lanes[place.lane].road, place.s, along * p->t, spot);
        if (along < 0)
            spot->heading += CW_PI;
        return true;
    }
    uint32_t lane = cw_map_find_lane(map, map->lanes[place.lane].road, p->lane, place.s);
    if (lane == CW_NONE || map->lanes[lane].direction != along) {
        uint32_t mirrored = cw_map_find_lane(map, map->lanes[place.lane].road, -p->lane, place.s);
        if (mirrored != CW_NONE && map->lanes[mirrored].direction == along)
            lane = mirrored;
    }
    if (lane == CW_NONE)
        return false;
    int with = map->lanes[lane].direction == along ? 1 : -1;
    spot_on_lane(map, (cw_lane_place){lane, place.s, p->has_offset ? with * p->offset : 0}, spot);
    if (with < 0) {
        spot->heading += CW_PI;
        spot->turned = CW_PI;
    }
    return true;
}

bool cw_position_find(const cw_world *world, const cw_position *p, uint32_t self, cw_spot *spot) {
    const cw_state *s = &world->s;
    bool found = false;
    switch ((cw_position_kind)p->kind) {
    case CW_AT_WORLD:
        *spot = (cw_spot){.x = p->x, .y = p->y, .place = {CW_NONE, 0, 0}};
        found = true;
        break;
    case CW_AT_RELATIVE_WORLD:
    case CW_AT_RELATIVE_OBJECT:
        if (has_pose(world, p->entity)) {
            double sine = 0, cosine = 1, h = s->heading[p->entity];
            if (p->kind == CW_AT_RELATIVE_OBJECT)
                cw_sincos(h, &sine, &cosine);
            *spot = (cw_spot){.x = s->x[p->entity] + cosine * p->x - sine * p->y,
                              .y = s->y[p->entity] + sine * p->x + cosine * p->y,
                              .heading = h,
                              .place = {CW_NONE, 0, 0}};
            found = true;
        }
        break;
    case CW_AT_ROAD:
        if (p->road < world->map->road_count) {
            spot_on_road(world->map, p->road, p->s, p->t, spot);
            found = true;
        }
        break;
    case CW_AT_RELATIVE_ROAD:
        found = find_relative_road(world, p, spot);
        break;
    case CW_AT_LANE:
        found = find_on_lane(world, p, spot);
        break;
    case CW_AT_RELATIVE_LANE:
        found = find_relative_lane(world, p, spot);
        break;
    case CW_AT_ROUTE_ROAD:
    case CW_AT_ROUTE_LANE:
        found = find_on_route(world, p, self, spot);
        break;
    case CW_AT_ROUTE_ENTITY:
        if (has_pose(world, p->entity)) {
            *spot = (cw_spot){
                .x = s->x[p->entity], .y = s->y[p->entity], .heading = s->heading[p->entity], .place = {CW_NONE, 0, 0}};
            found = true;
        }
        break;
    case CW_AT_TRAJECTORY:
        if (p->trajectory < world->scene->trajectory_count) {
            const cw_track *track = &cw_board_of(world)->tracks[p->trajectory];
            cw_pose frame = {0, 0, 0};
            if (track->local && self != CW_NONE)
                frame = (cw_pose){s->track_x[self], s->track_y[self], s->track_heading[self]};
            cw_pose pose = cw_track_at(world, p->trajectory, frame, p->s, NULL);
            double sine, cosine;
            cw_sincos(pose.heading, &sine, &cosine);
            *spot = (cw_spot){.x = pose.x - sine * p->t,
                              .y = pose.y + cosine * p->t,
                              .heading = pose.heading,
                              .place = {CW_NONE, 0, 0}};
            found = true;
        }
        break;
    default:
        break;
    }
    if (!found)
        return false;
    if (p->has_heading) {
        double base = spot->heading - spot->turned;
        spot->heading = p->relative_heading ? spot->heading + p->heading : p->heading;
        spot->turned = cw_wrap_angle(spot->heading - base);
    }
    spot->heading = cw_wrap_angle(spot->heading);
    return true;
}

void cw_spot_put(cw_world *world, uint32_t actor, const cw_spot *spot) {
    if (spot->place.lane != CW_NONE)
        cw_world_put_on_lane(world, actor, spot->place, spot->turned);
    else
        cw_world_put(world, actor, spot->x, spot->y, spot->heading);
    if (!world->s.place_on[actor]) // an offset that leads off its lane
        cw_world_find_place(world, actor);
    world->s.way_placed[actor] = 1;
    cw_scripted_take(world, actor);
}
