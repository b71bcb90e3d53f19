// Positions, trajectories and routes.
#include "georeference.h"
#include "openscenario.h"

#include <math.h>
#include <string.h>

enum { MOST_TRAJECTORY_DEPTH = 4, MOST_NURBS_ORDER = 32 };

// ---- positions -------------------------------------------------------------------------------------------------------

static bool read_orientation(cw_osc *o, const cw_node *node, cw_position *out) {
    static const char *const types[] = {"absolute", "relative"};
    const cw_node *orientation = cw_osc_child(o, node, "Orientation");
    if (orientation == NULL)
        return true;
    uint8_t type;
    if (!cw_osc_word(o, orientation, "type", types, 2, 0, &type) ||
        !cw_osc_number_or(o, orientation, "h", 0, &out->heading) ||
        !cw_osc_number_or(o, orientation, "p", 0, &out->pitch) || !cw_osc_number_or(o, orientation, "r", 0, &out->roll))
        return false;
    out->has_heading = type == 1 || cw_osc_has(orientation, "h");
    out->relative_heading = type == 1;
    if (o->left_handed)
        out->heading = -out->heading;
    return true;
}

static bool read_road_id(cw_osc *o, const cw_node *node, cw_position *out) {
    const char *id;
    if (!cw_osc_text(o, node, "roadId", &id))
        return false;
    out->road = cw_map_find_road(o->map, id);
    return out->road != CW_NONE || cw_osc_fail(o, node, "roadId", CW_ERR_INPUT, "the map has no road '%.60s'", id);
}

static void check_station(cw_osc *o, const cw_node *node, const cw_position *at) {
    if (at->s < 0 || at->s > o->map->roads[at->road].length + 1e-3)
        cw_osc_note(o, node, "s", "a position beyond its road's end: moved to the end");
}

static bool read_lane_offset(cw_osc *o, const cw_node *node, cw_position *out) {
    out->has_offset = cw_osc_has(node, "offset");
    return cw_osc_number_or(o, node, "offset", 0, &out->offset);
}

static bool read_world(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_WORLD;
    out->has_heading = cw_osc_has(node, "h");
    out->has_z = cw_osc_has(node, "z");
    if (!cw_osc_number(o, node, "x", &out->x) || !cw_osc_number(o, node, "y", &out->y) ||
        !cw_osc_number_or(o, node, "z", 0, &out->z) || !cw_osc_number_or(o, node, "h", 0, &out->heading) ||
        !cw_osc_number_or(o, node, "p", 0, &out->pitch) || !cw_osc_number_or(o, node, "r", 0, &out->roll))
        return false;
    if (o->left_handed) {
        out->y = -out->y;
        out->heading = -out->heading;
    }
    return true;
}

static bool read_relative(cw_osc *o, const cw_node *node, uint8_t kind, cw_position *out) {
    out->kind = kind;
    if (!cw_osc_entity(o, node, "entityRef", &out->entity) || !cw_osc_number(o, node, "dx", &out->x) ||
        !cw_osc_number(o, node, "dy", &out->y) || !cw_osc_number_or(o, node, "dz", 0, &out->z))
        return false;
    out->has_z = cw_osc_has(node, "dz");
    if (o->left_handed)
        out->y = -out->y;
    return read_orientation(o, node, out);
}

static bool read_road(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_ROAD;
    if (!read_road_id(o, node, out) || !cw_osc_number(o, node, "s", &out->s) || !cw_osc_number(o, node, "t", &out->t) ||
        !read_orientation(o, node, out))
        return false;
    check_station(o, node, out);
    return true;
}

static bool read_relative_road(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_RELATIVE_ROAD;
    return cw_osc_entity(o, node, "entityRef", &out->entity) && cw_osc_number(o, node, "ds", &out->s) &&
           cw_osc_number(o, node, "dt", &out->t) && read_orientation(o, node, out);
}

static bool road_has_lane(const cw_map *map, uint32_t road, int32_t id) {
    const cw_span sections = map->roads[road].sections;
    for (uint32_t i = sections.first; i < sections.first + sections.count; i++) {
        const cw_span lanes = map->sections[i].lanes;
        for (uint32_t k = lanes.first; k < lanes.first + lanes.count; k++)
            if (map->lanes[k].id == id)
                return true;
    }
    return false;
}

static bool read_lane(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_LANE;
    if (!read_road_id(o, node, out) || !cw_osc_integer(o, node, "laneId", &out->lane) ||
        !cw_osc_number(o, node, "s", &out->s) || !read_lane_offset(o, node, out) || !read_orientation(o, node, out))
        return false;
    if (!road_has_lane(o->map, out->road, out->lane))
        return cw_osc_fail(o, node, "laneId", CW_ERR_INPUT, "the road '%.60s' has no lane %d",
                           o->map->roads[out->road].id, out->lane);
    check_station(o, node, out);
    return true;
}

static bool read_relative_lane(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_RELATIVE_LANE;
    out->lane_s = cw_osc_has(node, "dsLane");
    if (!out->lane_s && !cw_osc_has(node, "ds"))
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<RelativeLanePosition> needs 'ds' or 'dsLane'");
    return cw_osc_entity(o, node, "entityRef", &out->entity) && cw_osc_integer(o, node, "dLane", &out->lane) &&
           cw_osc_number(o, node, out->lane_s ? "dsLane" : "ds", &out->s) && read_lane_offset(o, node, out) &&
           read_orientation(o, node, out);
}

// In radians up to 1.1, later in degrees under other names. The header's offset leads from the map's own coordinates to those
// of its georeference, and is undone here.
static bool read_geo(cw_osc *o, const cw_node *node, cw_position *out) {
    static const double degree = CW_PI / 180;
    bool degrees = cw_osc_has(node, "latitudeDeg");
    double latitude, longitude, east, north, sine, cosine;
    if (!cw_osc_number(o, node, degrees ? "latitudeDeg" : "latitude", &latitude) ||
        !cw_osc_number(o, node, degrees ? "longitudeDeg" : "longitude", &longitude) ||
        !cw_osc_number_or(o, node, cw_osc_has(node, "height") ? "height" : "altitude", 0, &out->z) ||
        !read_orientation(o, node, out))
        return false;
    const cw_map *map = o->map;
    if (!cw_georeference_project(map->georeference, degrees ? latitude * degree : latitude,
                                 degrees ? longitude * degree : longitude, &east, &north))
        return cw_osc_fail(
            o, node, NULL, CW_ERR_UNSUPPORTED,
            "a position by latitude and longitude needs a map with a georeference of tmerc or utm%s%.60s",
            map->georeference[0] != '\0' ? ", not " : "", map->georeference);
    cw_sincos(map->origin_heading, &sine, &cosine);
    double dx = east - map->origin_x, dy = north - map->origin_y;
    out->kind = CW_AT_WORLD;
    out->x = cosine * dx + sine * dy;
    out->y = cosine * dy - sine * dx;
    out->has_z = cw_osc_has(node, "height") || cw_osc_has(node, "altitude");
    out->z -= map->origin_z;
    return true;
}

static bool read_in_route(cw_osc *o, const cw_node *node, cw_position *out) {
    const cw_node *in = cw_osc_need(o, node, "InRoutePosition");
    const cw_node *how = in != NULL ? cw_osc_need(o, in, NULL) : NULL;
    if (how == NULL)
        return false;
    const char *kind = how->name;
    if (strcmp(kind, "FromCurrentEntity") == 0 || strcmp(kind, "PositionOfCurrentEntity") == 0) {
        out->kind = CW_AT_ROUTE_ENTITY;
        return cw_osc_entity(o, how, "entityRef", &out->entity);
    }
    if (strcmp(kind, "FromRoadCoordinates") == 0 || strcmp(kind, "PositionInRoadCoordinates") == 0) {
        out->kind = CW_AT_ROUTE_ROAD;
        return cw_osc_number(o, how, "pathS", &out->s) && cw_osc_number_or(o, how, "t", 0, &out->t);
    }
    if (strcmp(kind, "FromLaneCoordinates") == 0 || strcmp(kind, "PositionInLaneCoordinates") == 0) {
        out->kind = CW_AT_ROUTE_LANE;
        out->has_offset = cw_osc_has(how, "laneOffset");
        return cw_osc_number(o, how, "pathS", &out->s) && cw_osc_integer(o, how, "laneId", &out->lane) &&
               cw_osc_number_or(o, how, "laneOffset", 0, &out->offset);
    }
    return cw_osc_fail(o, how, NULL, CW_ERR_INPUT, "<%.60s> is no position in a route", kind);
}

static bool read_on_route(cw_osc *o, const cw_node *node, cw_position *out) {
    const cw_node *reference = cw_osc_need(o, node, "RouteRef");
    return reference != NULL && cw_osc_read_route(o, reference, &out->route) && read_in_route(o, node, out) &&
           read_orientation(o, node, out);
}

static bool read_on_trajectory(cw_osc *o, const cw_node *node, cw_position *out) {
    out->kind = CW_AT_TRAJECTORY;
    const cw_node *reference = cw_osc_need(o, node, "TrajectoryRef");
    return reference != NULL && cw_osc_read_trajectory(o, reference, &out->trajectory) &&
           cw_osc_number(o, node, "s", &out->s) && cw_osc_number_or(o, node, "t", 0, &out->t) &&
           read_orientation(o, node, out);
}

static bool read_position(cw_osc *o, const cw_node *node, cw_position *out) {
    *out = cw_scene_nowhere();
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    const char *kind = one->name;
    if (strcmp(kind, "WorldPosition") == 0)
        return read_world(o, one, out);
    if (strcmp(kind, "RelativeWorldPosition") == 0)
        return read_relative(o, one, CW_AT_RELATIVE_WORLD, out);
    if (strcmp(kind, "RelativeObjectPosition") == 0)
        return read_relative(o, one, CW_AT_RELATIVE_OBJECT, out);
    if (strcmp(kind, "RoadPosition") == 0)
        return read_road(o, one, out);
    if (strcmp(kind, "RelativeRoadPosition") == 0)
        return read_relative_road(o, one, out);
    if (strcmp(kind, "LanePosition") == 0)
        return read_lane(o, one, out);
    if (strcmp(kind, "RelativeLanePosition") == 0)
        return read_relative_lane(o, one, out);
    if (strcmp(kind, "RoutePosition") == 0)
        return read_on_route(o, one, out);
    if (strcmp(kind, "TrajectoryPosition") == 0)
        return read_on_trajectory(o, one, out);
    if (strcmp(kind, "GeoPosition") == 0)
        return read_geo(o, one, out);
    return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no position", kind);
}

bool cw_osc_read_position(cw_osc *o, const cw_node *node, cw_position *out) {
    if (!read_position(o, node, out))
        return false;
    if (o->left_handed) { // with y to the south, what lies to the right counts positive
        out->t = -out->t;
        out->offset = -out->offset;
    }
    return true;
}

static bool position_in(cw_osc *o, const cw_node *node, const char *name, cw_position *out) {
    const cw_node *position = cw_osc_need(o, node, name);
    return position != NULL && cw_osc_read_position(o, position, out);
}

// ---- trajectories ----------------------------------------------------------------------------------------------------

static bool read_vertices(cw_osc *o, const cw_node *node, const char *name, bool nurbs, cw_trajectory_def *out) {
    uint32_t count = cw_osc_count(node, name), i = 0;
    cw_vertex *vertices = cw_arena_array(o->arena, count, sizeof *vertices);
    if (vertices == NULL)
        return cw_osc_no_memory(o);
    double last = -INFINITY;
    for (const cw_node *one = cw_osc_child(o, node, name); one != NULL; one = cw_osc_next(o, one, name), i++) {
        cw_vertex *v = &vertices[i];
        if (!cw_osc_number_or(o, one, "time", NAN, &v->time) || !cw_osc_number_or(o, one, "weight", 1, &v->weight) ||
            !position_in(o, one, "Position", &v->position))
            return false;
        if (nurbs && v->weight <= 0)
            return cw_osc_fail(o, one, "weight", CW_ERR_INPUT, "a control point's weight must be above 0");
        if (v->time < last)
            return cw_osc_fail(o, one, "time", CW_ERR_INPUT, "the times of a trajectory must not fall");
        last = v->time == v->time ? v->time : last;
    }
    out->vertex_count = count;
    out->vertices = vertices;
    return true;
}

static bool read_polyline(cw_osc *o, const cw_node *node, cw_trajectory_def *out) {
    out->shape = CW_POLYLINE;
    if (!read_vertices(o, node, "Vertex", false, out))
        return false;
    return out->vertex_count >= 2 || cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "a polyline needs two vertices");
}

static bool read_nurbs(cw_osc *o, const cw_node *node, cw_trajectory_def *out) {
    out->shape = CW_NURBS;
    int32_t order;
    if (!cw_osc_integer(o, node, "order", &order) || !read_vertices(o, node, "ControlPoint", true, out))
        return false;
    if (order < 2 || order > MOST_NURBS_ORDER || (uint32_t)order > out->vertex_count)
        return cw_osc_fail(o, node, "order", CW_ERR_INPUT, "order %d does not fit %u control points", order,
                           out->vertex_count);
    out->order = (uint32_t)order;
    out->knot_count = cw_osc_count(node, "Knot");
    if (out->knot_count != out->vertex_count + out->order)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "%u knots, but order and control points need %u",
                           out->knot_count, out->vertex_count + out->order);
    double *knots = cw_arena_array(o->arena, out->knot_count, sizeof *knots);
    if (knots == NULL)
        return cw_osc_no_memory(o);
    uint32_t i = 0;
    for (const cw_node *one = cw_osc_child(o, node, "Knot"); one != NULL; one = cw_osc_next(o, one, "Knot"), i++) {
        if (!cw_osc_number(o, one, "value", &knots[i]))
            return false;
        if (i > 0 && knots[i] < knots[i - 1])
            return cw_osc_fail(o, one, "value", CW_ERR_INPUT, "the knots must not fall");
    }
    if (!(knots[out->order - 1] < knots[out->vertex_count]))
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "the knots span nothing");
    out->knots = knots;
    return true;
}

static bool read_length(cw_osc *o, const cw_node *node, double *out) {
    return cw_osc_number(o, node, "length", out) &&
           (*out >= 0 || cw_osc_fail(o, node, "length", CW_ERR_INPUT, "length=%g must not be negative", *out));
}

static bool read_clothoid(cw_osc *o, const cw_node *node, cw_trajectory_def *out) {
    out->shape = CW_CLOTHOID;
    cw_clothoid *c = cw_arena_alloc(o->arena, sizeof *c);
    if (c == NULL)
        return cw_osc_no_memory(o);
    const char *prime = cw_osc_has(node, "curvaturePrime") ? "curvaturePrime" : "curvatureDot"; // 1.1 renamed it
    if (!cw_osc_number(o, node, "curvature", &c->curvature) || !cw_osc_number(o, node, prime, &c->curvature_prime) ||
        !read_length(o, node, &c->length) || !cw_osc_number_or(o, node, "startTime", NAN, &c->start_time) ||
        !cw_osc_number_or(o, node, "stopTime", NAN, &c->end_time) || !position_in(o, node, "Position", &c->start))
        return false;
    if (o->left_handed) {
        c->curvature = -c->curvature;
        c->curvature_prime = -c->curvature_prime;
    }
    out->clothoid_count = 1;
    out->clothoids = c;
    return true;
}

static bool read_spline(cw_osc *o, const cw_node *node, cw_trajectory_def *out) {
    out->shape = CW_CLOTHOID_SPLINE;
    uint32_t count = cw_osc_count(node, "ClothoidSplineSegment"), i = 0;
    cw_clothoid *all = cw_arena_array(o->arena, count, sizeof *all);
    if (all == NULL)
        return cw_osc_no_memory(o);
    if (count == 0)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "a clothoid spline needs a segment");
    const double sign = o->left_handed ? -1 : 1;
    for (const cw_node *one = cw_osc_child(o, node, "ClothoidSplineSegment"); one != NULL;
         one = cw_osc_next(o, one, "ClothoidSplineSegment"), i++) {
        cw_clothoid *c = &all[i];
        double from, to;
        if (!cw_osc_number(o, one, "curvatureStart", &from) || !cw_osc_number(o, one, "curvatureEnd", &to) ||
            !read_length(o, one, &c->length) || !cw_osc_number_or(o, one, "hOffset", 0, &c->h_offset) ||
            !cw_osc_number_or(o, one, "timeStart", NAN, &c->start_time))
            return false;
        c->curvature = sign * from;
        c->curvature_prime = c->length > 0 ? sign * (to - from) / c->length : 0;
        c->h_offset *= sign;
        c->end_time = NAN;
        if (i > 0)
            all[i - 1].end_time = c->start_time;
        c->start = cw_scene_nowhere();
        const cw_node *start = cw_osc_child(o, one, "PositionStart");
        if (start != NULL && !cw_osc_read_position(o, start, &c->start))
            return false;
    }
    if (!cw_osc_number_or(o, node, "timeEnd", NAN, &all[count - 1].end_time))
        return false;
    out->clothoid_count = count;
    out->clothoids = all;
    return true;
}

static bool read_trajectory_body(cw_osc *o, const cw_node *node, uint32_t *out) {
    cw_trajectory_def def = {0};
    const cw_node *shape = cw_osc_need(o, node, "Shape");
    const cw_node *one = shape != NULL ? cw_osc_need(o, shape, NULL) : NULL;
    if (one == NULL || !cw_osc_text_or(o, node, "name", "", &def.name) ||
        !cw_osc_boolean_or(o, node, "closed", false, &def.closed))
        return false;
    if (o->trajectory_depth == MOST_TRAJECTORY_DEPTH)
        return cw_osc_fail(o, node, NULL, CW_ERR_LIMIT, "trajectories refer to each other more than %d deep",
                           MOST_TRAJECTORY_DEPTH);
    o->trajectory_depth++;
    bool good;
    if (strcmp(one->name, "Polyline") == 0)
        good = read_polyline(o, one, &def);
    else if (strcmp(one->name, "Clothoid") == 0)
        good = read_clothoid(o, one, &def);
    else if (strcmp(one->name, "ClothoidSpline") == 0)
        good = read_spline(o, one, &def);
    else if (strcmp(one->name, "Nurbs") == 0)
        good = read_nurbs(o, one, &def);
    else
        good = cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no shape of a trajectory", one->name);
    o->trajectory_depth--;
    if (!good)
        return false;
    *out = CW_OSC_ADD(o, trajectories, 1);
    if (*out == CW_NONE)
        return false;
    o->trajectories[*out] = def;
    return true;
}

bool cw_osc_read_trajectory(cw_osc *o, const cw_node *node, uint32_t *out) {
    const cw_node *wrapper = cw_osc_child(o, node, "TrajectoryRef");
    if (wrapper != NULL)
        node = wrapper;
    const cw_node *direct = cw_osc_child(o, node, "Trajectory");
    if (direct != NULL) {
        const cw_osc_scope *scope = o->scope;
        bool good = cw_osc_open_scope(o, direct, scope, NULL, 0) && read_trajectory_body(o, direct, out);
        o->scope = scope;
        return good;
    }
    const cw_node *reference = cw_osc_need(o, node, "CatalogReference");
    cw_osc_visit visit;
    if (reference == NULL || !cw_osc_enter(o, reference, "Trajectory", &visit) ||
        !read_trajectory_body(o, visit.entry, out))
        return false;
    cw_osc_leave(o, &visit);
    return true;
}

// ---- routes ----------------------------------------------------------------------------------------------------------

static bool read_route_body(cw_osc *o, const cw_node *node, uint32_t *out) {
    static const char *const strategies[] = {"shortest", "fastest", "leastIntersections", "random"};
    cw_route_def def = {.count = cw_osc_count(node, "Waypoint")};
    cw_waypoint *points = cw_arena_array(o->arena, def.count, sizeof *points);
    if (points == NULL)
        return cw_osc_no_memory(o);
    if (!cw_osc_text_or(o, node, "name", "", &def.name) || !cw_osc_boolean_or(o, node, "closed", false, &def.closed))
        return false;
    if (def.count == 0)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "a route needs waypoints");
    uint32_t i = 0;
    for (const cw_node *one = cw_osc_child(o, node, "Waypoint"); one != NULL;
         one = cw_osc_next(o, one, "Waypoint"), i++)
        if (!cw_osc_word(o, one, "routeStrategy", strategies, 4, 0, &points[i].strategy) ||
            !position_in(o, one, "Position", &points[i].position))
            return false;
    def.waypoints = points;
    *out = CW_OSC_ADD(o, routes, 1);
    if (*out == CW_NONE)
        return false;
    o->routes[*out] = def;
    return true;
}

bool cw_osc_read_route(cw_osc *o, const cw_node *node, uint32_t *out) {
    const cw_node *direct = cw_osc_child(o, node, "Route");
    if (direct != NULL) {
        const cw_osc_scope *scope = o->scope;
        bool good = cw_osc_open_scope(o, direct, scope, NULL, 0) && read_route_body(o, direct, out);
        o->scope = scope;
        return good;
    }
    const cw_node *reference = cw_osc_need(o, node, "CatalogReference");
    cw_osc_visit visit;
    if (reference == NULL || !cw_osc_enter(o, reference, "Route", &visit) || !read_route_body(o, visit.entry, out))
        return false;
    cw_osc_leave(o, &visit);
    return true;
}
