// The way: the ego's lane sampled ahead along the route and some way back, the frame in which the evaluator thinks.
#include "drive/evaluator_internal.h"

#include <math.h>
#include <string.h>

enum { LANES_MOST = 48 };

static bool on_route(const cw_mission *mission, uint32_t lane) {
    for (uint32_t i = 0; i < mission->route.count; i++)
        if (mission->route.lanes[i] == lane)
            return true;
    return false;
}

static double station(const cw_lane *lane, double travel) {
    double f = lane->length > 0 ? travel / lane->length : 0;
    return lane->direction >= 0 ? lane->s0 + f * (lane->s1 - lane->s0) : lane->s1 - f * (lane->s1 - lane->s0);
}

static double travel(const cw_lane *lane, double s) {
    double span = lane->s1 - lane->s0, f = span > 0 ? (s - lane->s0) / span : 0;
    return (lane->direction >= 0 ? f : 1 - f) * lane->length;
}

// The lane that follows (ahead) or precedes: the route's, else the straightest.
static uint32_t neighbour(const cw_map *map, const cw_mission *mission, uint32_t index, bool ahead) {
    const cw_lane *lane = &map->lanes[index];
    cw_span links = ahead ? lane->next : lane->previous;
    double here = cw_lane_pose(map, (cw_lane_place){index, station(lane, ahead ? lane->length : 0), 0}, NULL).heading;
    uint32_t best = CW_NONE;
    double least = INFINITY;
    for (uint32_t i = 0; i < links.count; i++) {
        uint32_t next = map->links[links.first + i];
        const cw_lane *o = &map->lanes[next];
        if (!cw_lane_drivable(o) || !(o->length > 0))
            continue;
        double away = 0;
        if (links.count > 1) { // how far its other end turns away
            cw_lane_place end = {next, station(o, ahead ? o->length : 0), 0};
            away = fabs(cw_wrap_angle(cw_lane_pose(map, end, NULL).heading - here));
        }
        if (on_route(mission, next))
            away -= 10;
        if (away < least)
            least = away, best = next;
    }
    return best;
}

static void edges(const cw_map *map, uint32_t index, double s, way_point *p) {
    const cw_lane *lane = &map->lanes[index];
    double half = 0.5 * cw_lane_width(map, index, s);
    p->left = p->right = (float)half;
    for (int side = 0; side < 2; side++) {
        double edge = half;
        float beside = 0;
        uint32_t next = side == 0 ? lane->left : lane->right;
        for (int i = 0; i < 8 && next != CW_NONE; i++) {
            const cw_lane *o = &map->lanes[next];
            double width = cw_lane_width(map, next, s);
            if (!cw_lane_drivable(o) && width > 0.05)
                break;
            edge += width;
            bool same = o->direction == lane->direction;
            if (i == 0 && same)
                beside = (float)width;
            // `left` is seen along each lane's own direction of travel
            next = (side == 0) == same ? o->left : o->right;
        }
        if (side == 0)
            p->left_edge = (float)edge, p->left_lane = beside;
        else
            p->right_edge = (float)edge, p->right_lane = beside;
    }
}

// ---- what is to be kept clear -----------------------------------------------------------------------------------------

#define CROSSES 0.35 // sine of the angle at which another lane crosses the way rather than joins or leaves it

static void add_area(way *w, area_kind kind, uint32_t conflict, double from, double to) {
    if (w->area_count < AREAS_MOST) {
        w->area[w->area_count++] = (area){.from = from, .to = to, .kind = (uint8_t)kind, .conflict = conflict};
        return;
    }
    area *last = &w->area[AREAS_MOST - 1]; // no room: too much kept clear rather than too little
    last->from = cw_min(last->from, from);
    last->to = cw_max(last->to, to);
    last->conflict = CW_NONE;
}

static double heading_at(const cw_map *map, uint32_t lane, double at) {
    return cw_lane_pose(map, (cw_lane_place){lane, station(&map->lanes[lane], at), 0}, NULL).heading;
}

static void areas_of_lane(way *w, const cw_map *map, uint32_t index, double start) {
    const cw_lane *lane = &map->lanes[index];
    for (uint32_t i = 0; i < lane->conflicts.count; i++) {
        const cw_conflict *c = &map->conflicts[lane->conflicts.first + i];
        double here = heading_at(map, index, 0.5 * (c->s_in + c->s_out));
        double there = heading_at(map, c->other, 0.5 * (c->other_in + c->other_out));
        if (fabs(cw_sin(here - there)) > CROSSES)
            add_area(w, AREA_CONFLICT, lane->conflicts.first + i, start + c->s_in, start + c->s_out);
    }
    for (uint32_t i = 0; i < map->crossing_count; i++)
        if (map->crossings[i].lane == index)
            add_area(w, AREA_CROSSING, CW_NONE, start + map->crossings[i].s_in, start + map->crossings[i].s_out);
}

// Rails that the way runs over: points of it that lie on a track of another road.
static void areas_of_rails(way *w, const cw_obs *obs) {
    const cw_map *map = obs->map;
    const uint32_t tracks = 1u << CW_LANE_RAIL | 1u << CW_LANE_TRAM;
    bool any = false;
    for (uint32_t i = 0; i < map->lane_count && !any; i++)
        any = (tracks >> map->lanes[i].kind & 1) != 0;
    for (uint32_t i = 0; any && i < w->count; i++) {
        const way_point *p = &w->point[i];
        cw_locate query = cw_locate_at(p->x, p->y);
        query.kinds = tracks;
        cw_lane_place place;
        if (!cw_map_locate(map, &query, &place))
            continue;
        double angle = cw_lane_pose(map, place, NULL).heading - (double)p->heading;
        if (fabs(cw_sin(angle)) > CROSSES)
            add_area(w, AREA_RAIL, CW_NONE, p->s - WAY_STEP, p->s + WAY_STEP);
    }
}

const area *way_inside(const way *w, double rear, double front) {
    const area *first = NULL;
    for (uint32_t i = 0; i < w->area_count; i++) {
        const area *a = &w->area[i];
        if (front > a->from && rear < a->to && (!first || a->from < first->from))
            first = a;
    }
    return first;
}

double way_clear(const way *w, double from, double length) {
    for (uint32_t i = 0; i <= w->area_count; i++) { // each area moves it on once at most
        const area *a = way_inside(w, from, from + length);
        if (!a)
            return from + length < w->point[w->count - 1].s ? from : INFINITY;
        from = a->to + 1e-6;
    }
    return INFINITY;
}

static void finish(way *w) {
    double s = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        way_point *p = &w->point[i];
        p->s = s;
        if (i + 1 == w->count) {
            p->ux = p->cosine, p->uy = p->sine, p->length = WAY_STEP;
            if (i > 0)
                p->ux = p[-1].ux, p->uy = p[-1].uy;
            break;
        }
        double dx = p[1].x - p->x, dy = p[1].y - p->y, length = sqrt(dx * dx + dy * dy);
        p->length = length;
        p->ux = dx / length;
        p->uy = dy / length;
        s += length;
    }
    for (uint32_t i = 1; i < w->count; i++) {
        double turn = cw_wrap_angle((double)w->point[i].heading - (double)w->point[i - 1].heading);
        w->point[i].heading = (float)((double)w->point[i - 1].heading + turn);
    }
    for (uint32_t i = 0; i + 1 < w->count; i++) { // from the chords: the same for every format
        double turn = (double)w->point[i + 1].heading - (double)w->point[i].heading;
        w->point[i].curvature = (float)(turn / w->point[i].length);
    }
    if (w->count > 1)
        w->point[w->count - 1].curvature = w->point[w->count - 2].curvature;
}

static bool add(way *w, way_point *p) {
    if (w->count > 0) {
        const way_point *last = &w->point[w->count - 1];
        double dx = p->x - last->x, dy = p->y - last->y;
        if (dx * dx + dy * dy < 0.25) // links that overlap
            return true;
    }
    if (w->count == WAY_POINTS)
        return false;
    w->point[w->count++] = *p;
    return true;
}

static void straight(way *w, const cw_obs *obs) {
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    w->count = w->area_count = w->feeder_count = w->astray = 0;
    w->lane = CW_NONE;
    for (uint32_t i = 0; i < WAY_POINTS; i++) {
        double at = WAY_STEP * i - WAY_BACK;
        way_point p = {.x = obs->ego.x + at * cosine,
                       .y = obs->ego.y + at * sine,
                       .cosine = cosine,
                       .sine = sine,
                       .heading = obs->ego.heading,
                       .left = 1.75f,
                       .right = 1.75f,
                       .left_edge = INFINITY,
                       .right_edge = INFINITY};
        add(w, &p);
    }
    finish(w);
}

static void sample(way *w, const cw_obs *obs, cw_lane_place place) {
    const cw_map *map = obs->map;
    uint32_t lanes[LANES_MOST];
    int count = 0, back = 0;
    double left = WAY_BACK - travel(&map->lanes[place.lane], place.s);
    uint32_t before[LANES_MOST], lane = place.lane;
    while (left > 0 && back < LANES_MOST / 2 && (lane = neighbour(map, obs->mission, lane, false)) != CW_NONE) {
        before[back++] = lane;
        left -= map->lanes[lane].length;
    }
    while (back > 0)
        lanes[count++] = before[--back];
    double ahead = WAY_POINTS * WAY_STEP;
    lane = place.lane;
    for (;;) {
        lanes[count++] = lane;
        ahead -= map->lanes[lane].length;
        if (ahead < 0 || count == LANES_MOST || (lane = neighbour(map, obs->mission, lane, true)) == CW_NONE)
            break;
    }
    w->count = w->area_count = w->feeder_count = w->astray = 0;
    w->lane = place.lane;
    double skip = cw_max(0, -left); // on the first lane, before the way begins
    double start = -skip;           // s of the lane's start
    for (int i = 0; i < count; i++) {
        const cw_lane *l = &map->lanes[lanes[i]];
        areas_of_lane(w, map, lanes[i], start);
        start += l->length;
        double sign = l->direction >= 0 ? 1 : -1;
        double end = i + 1 == count ? l->length + 1e-6 : l->length - 1e-6;
        for (double at = skip; at < end || at == skip; at += WAY_STEP) {
            double s = station(l, cw_min(at, l->length));
            cw_road_point road;
            cw_pose pose = cw_lane_pose(map, (cw_lane_place){lanes[i], s, 0}, &road);
            way_point p = {.x = pose.x,
                           .y = pose.y,
                           .heading = (float)pose.heading,
                           .slope = (float)(-sign * road.pitch),
                           .bank = (float)(sign * road.roll)};
            cw_sincos(pose.heading, &p.sine, &p.cosine);
            edges(map, lanes[i], s, &p);
            if (!add(w, &p))
                break;
            if (at > l->length)
                break;
        }
        double taken = l->length - skip, rest = taken - WAY_STEP * floor(taken / WAY_STEP);
        skip = rest > 1e-6 ? WAY_STEP - rest : 0;
    }
    if (w->count < 2) {
        straight(w, obs);
    } else {
        finish(w);
        areas_of_rails(w, obs);
        junction_feeders(w, map, lanes, (uint32_t)count);
    }
}

uint32_t way_find(const way *w, double s) {
    int i = (int)cw_clamp(s / WAY_STEP, 0, (double)w->count - 1), last = (int)w->count - 1;
    while (i > 0 && w->point[i].s > s)
        i--;
    while (i < last && w->point[i + 1].s <= s)
        i++;
    return (uint32_t)i;
}

void way_project(const way *w, double x, double y, uint32_t *at, double *s, double *d) {
    int i = (int)*at, last = (int)w->count - 2, from = 0;
    if (i > last)
        i = last;
    const way_point *p;
    double along;
    for (;;) {
        p = &w->point[i];
        along = (x - p->x) * p->ux + (y - p->y) * p->uy;
        if (along < 0 && i > 0 && from <= 0) {
            i--;
            from = -1;
        } else if (along > p->length && i < last && from >= 0) {
            i++;
            from = 1;
        } else {
            break;
        }
    }
    // outside a corner two chords both miss the point
    if (along > p->length && i < last)
        along = p->length;
    else if (along < 0 && i > 0)
        along = 0;
    *at = (uint32_t)i;
    *s = p->s + along;
    *d = (y - p->y) * p->ux - (x - p->x) * p->uy;
}

// The drivable lane under the ego; on the wrong side the nearest one that runs the ego's way. False: none known; *place is
// then where it is all the same, or on no lane at all.
static bool own_lane(const cw_obs *obs, double cosine, double sine, cw_lane_place *place) {
    const cw_map *map = obs->map;
    const cw_ego *ego = &obs->ego;
    *place = ego->place;
    if (place->lane >= map->lane_count || !cw_lane_drivable(&map->lanes[place->lane])) {
        cw_locate query = cw_locate_at(ego->x, ego->y);
        query.heading = (double)ego->heading;
        query.z = ego->z;
        for (uint32_t kind = 0; kind < CW_LANE_KINDS; kind++) {
            cw_lane probe = {.kind = (uint8_t)kind};
            if (cw_lane_drivable(&probe))
                query.kinds |= 1u << kind;
        }
        cw_map_locate(map, &query, place);
        if (place->lane >= map->lane_count)
            return false;
    }
    for (int i = 0; i < 4; i++) {
        double heading = cw_lane_pose(map, *place, NULL).heading, s, c;
        cw_sincos(heading, &s, &c);
        if (c * cosine + s * sine > 0)
            return true;
        uint32_t left = map->lanes[place->lane].left; // towards the middle of the road
        if (left == CW_NONE || !cw_lane_drivable(&map->lanes[left]))
            return false;
        place->lane = left;
        place->offset = 0;
    }
    return false;
}

#define ROAD 6.0 // m beside its way that ego is still on the same road

void way_astray(way *w, const cw_obs *obs) {
    double s, d;
    straight(w, obs);
    w->astray = 1;
    w->version = obs->mission_version;
    w->at = way_find(w, WAY_BACK);
    way_project(w, obs->ego.x, obs->ego.y, &w->at, &s, &d);
    w->anchor = s;
}

bool way_update(way *w, const cw_obs *obs, double *ds, double *dd) {
    const cw_ego *ego = &obs->ego;
    double sine, cosine, s, d, before_s = 0, before_d = 0;
    bool near = false; // what there is still tells of the road that ego is on
    cw_sincos((double)ego->heading, &sine, &cosine);
    if (w->count > 1) {
        way_project(w, ego->x, ego->y, &w->at, &s, &d);
        before_s = s;
        before_d = d;
        const way_point *p = &w->point[w->at];
        double rest = w->point[w->count - 1].s - s;
        bool fresh = rest > WAY_AHEAD || (w->count < WAY_POINTS && s < w->anchor + 40);
        bool inside = d < (double)p->left + 0.2 && -d < (double)p->right + 0.2;
        bool same = w->version == obs->mission_version && w->lane != CW_NONE;
        bool along = p->cosine * cosine + p->sine * sine > 0.36;
        if (same && fresh && inside && along)
            return false;
        near = same && fresh && along && fabs(d) < ROAD;
    }
    cw_lane_place place;
    if (own_lane(obs, cosine, sine, &place)) {
        sample(w, obs, place);
    } else if (near) { // on the wrong side of a junction, where no lane lies beside another
        return false;
    } else {
        straight(w, obs);
        w->astray = place.lane < obs->map->lane_count;
    }
    w->version = obs->mission_version;
    w->at = way_find(w, WAY_BACK);
    way_project(w, ego->x, ego->y, &w->at, &s, &d);
    w->anchor = s;
    *ds = s - before_s;
    *dd = d - before_d;
    return true;
}
