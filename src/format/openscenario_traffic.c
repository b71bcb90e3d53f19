// Traffic actions: sources, sinks, swarms and areas become flows of the scene.
#include "openscenario.h"

#include <math.h>
#include <string.h>

enum { USERS_MOST = 2000, CORNERS_MOST = 256 };

static const struct {
    const char *name;
    cw_actor_kind kind;
} categories[] = {{"car", CW_ACTOR_CAR},
                  {"van", CW_ACTOR_VAN},
                  {"truck", CW_ACTOR_TRUCK},
                  {"trailer", CW_ACTOR_TRUCK},
                  {"semitrailer", CW_ACTOR_TRUCK},
                  {"bus", CW_ACTOR_BUS},
                  {"motorbike", CW_ACTOR_MOTORCYCLE},
                  {"bicycle", CW_ACTOR_BICYCLE},
                  {"pedestrian", CW_ACTOR_PEDESTRIAN},
                  {"animal", CW_ACTOR_ANIMAL}};

static bool is(const cw_node *node, const char *name) {
    return strcmp(node->name, name) == 0;
}

// The categories of a TrafficDefinition, wherever in it they stand; controllers are the traffic's own.
static bool read_shares(cw_osc *o, const cw_node *definition, cw_flow *f) {
    const cw_node *list = definition != NULL ? cw_osc_child(o, definition, "VehicleCategoryDistribution") : NULL;
    if (definition != NULL)
        cw_osc_see_all(o, definition);
    uint32_t count = list != NULL ? cw_osc_count(list, "VehicleCategoryDistributionEntry") : 0;
    if (count == 0)
        return true;
    cw_flow_share *shares = cw_arena_array(o->arena, count, sizeof *shares);
    if (shares == NULL)
        return cw_osc_no_memory(o);
    for (const cw_node *n = cw_osc_child(o, list, "VehicleCategoryDistributionEntry"); n != NULL;
         n = cw_osc_next(o, n, "VehicleCategoryDistributionEntry")) {
        const char *category;
        double weight;
        if (!cw_osc_text(o, n, "category", &category) || !cw_osc_number_or(o, n, "weight", 1, &weight))
            return false;
        for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++)
            if (strcmp(categories[i].name, category) == 0 && weight > 0)
                shares[f->share_count++] = (cw_flow_share){(uint8_t)categories[i].kind, weight};
    }
    f->shares = shares;
    return true;
}

static bool read_place(cw_osc *o, const cw_node *one, cw_flow *f) {
    const cw_node *position = cw_osc_need(o, one, "Position");
    return position != NULL && cw_osc_read_position(o, position, &f->position) &&
           cw_osc_number_or(o, one, "radius", 0, &f->radius);
}

static bool read_source(cw_osc *o, const cw_node *one, cw_flow *f) {
    double speed;
    f->kind = CW_FLOW_SOURCE;
    if (!cw_osc_number(o, one, "rate", &f->rate) || !read_place(o, one, f) ||
        !cw_osc_number_or(o, one, "velocity", (double)NAN, &speed) || !cw_osc_number_or(o, one, "speed", speed, &speed))
        return false;
    f->speed_low = f->speed_high = speed;
    return true;
}

static bool read_sink(cw_osc *o, const cw_node *one, cw_flow *f) {
    f->kind = CW_FLOW_SINK;
    return cw_osc_number_or(o, one, "rate", (double)INFINITY, &f->rate) && read_place(o, one, f);
}

static bool read_swarm(cw_osc *o, const cw_node *one, cw_flow *f) {
    double count, speed, same = (double)NAN, opposite = (double)NAN;
    f->kind = CW_FLOW_SWARM;
    if (!cw_osc_number_or(o, one, "numberOfVehicles", 0, &count) ||
        !cw_osc_number_or(o, one, "innerRadius", 0, &f->inner) ||
        !cw_osc_number_or(o, one, "semiMajorAxis", 0, &f->semi_major) ||
        !cw_osc_number_or(o, one, "semiMinorAxis", 0, &f->semi_minor) ||
        !cw_osc_number_or(o, one, "offset", 0, &f->offset) ||
        !cw_osc_number_or(o, one, "velocity", (double)NAN, &speed))
        return false;
    f->speed_low = f->speed_high = speed;
    f->count = (uint32_t)cw_clamp(count, 0, USERS_MOST);
    const cw_node *central = cw_osc_child(o, one, "CentralObject");
    if (central != NULL && !cw_osc_entity(o, central, "entityRef", &f->entity))
        return false;
    const cw_node *range = cw_osc_child(o, one, "InitialSpeedRange");
    if (range != NULL && (!cw_osc_number(o, range, "lowerLimit", &f->speed_low) ||
                          !cw_osc_number(o, range, "upperLimit", &f->speed_high)))
        return false;
    const cw_node *ways = cw_osc_child(o, one, "DirectionOfTravelDistribution");
    if (ways != NULL && (!cw_osc_number(o, ways, "same", &same) || !cw_osc_number(o, ways, "opposite", &opposite)))
        return false;
    if (same + opposite > 0)
        f->same_way = same / (same + opposite);
    return true;
}

static bool read_range(cw_osc *o, const cw_node *range, cw_flow *f, cw_flow_stretch *out) {
    double s[2] = {0, 0};
    int count = 0;
    for (const cw_node *n = cw_osc_child(o, range, "RoadCursor"); n != NULL && count < 2;
         n = cw_osc_next(o, n, "RoadCursor")) {
        const char *road;
        if (!cw_osc_text(o, n, "roadId", &road) || !cw_osc_number_or(o, n, "s", 0, &s[count]))
            return false;
        out->road = cw_map_find_road(o->map, road);
        count++;
    }
    if (count == 0 || out->road == CW_NONE)
        return true; // nothing that the map knows
    if (count == 1)
        s[1] = o->map->roads[out->road].length;
    out->s0 = cw_min(s[0], s[1]);
    out->s1 = cw_max(s[0], s[1]);
    f->stretch_count++;
    return true;
}

static bool read_area(cw_osc *o, const cw_node *one, cw_flow *f) {
    double count;
    f->kind = CW_FLOW_AREA;
    if (!cw_osc_number_or(o, one, "numberOfEntities", 0, &count) ||
        !cw_osc_boolean_or(o, one, "continuous", true, &f->continuous))
        return false;
    f->count = (uint32_t)cw_clamp(count, 0, USERS_MOST);
    const cw_node *area = cw_osc_child(o, one, "TrafficArea");
    const cw_node *polygon = area != NULL ? cw_osc_child(o, area, "Polygon") : NULL;
    uint32_t corners = polygon != NULL ? cw_osc_count(polygon, "Position") : 0;
    uint32_t ranges = area != NULL ? cw_osc_count(area, "RoadRange") : 0;
    cw_position *corner = cw_arena_array(o->arena, corners, sizeof *corner);
    cw_flow_stretch *stretch = cw_arena_array(o->arena, ranges, sizeof *stretch);
    if (corner == NULL || stretch == NULL)
        return cw_osc_no_memory(o);
    f->corners = corner;
    f->stretches = stretch;
    if (corners > 0)
        for (const cw_node *n = cw_osc_child(o, polygon, "Position"); n != NULL && f->corner_count < CORNERS_MOST;
             n = cw_osc_next(o, n, "Position"))
            if (!cw_osc_read_position(o, n, &corner[f->corner_count++]))
                return false;
    if (ranges > 0)
        for (const cw_node *n = cw_osc_child(o, area, "RoadRange"); n != NULL; n = cw_osc_next(o, n, "RoadRange"))
            if (!read_range(o, n, f, &stretch[f->stretch_count]))
                return false;
    return true;
}

// Does it say enough to make anybody?
static bool whole(const cw_flow *f) {
    switch ((cw_flow_kind)f->kind) {
    case CW_FLOW_SWARM:
        return f->count > 0 && f->entity != CW_NONE && f->semi_major > 0 && f->semi_minor > 0;
    case CW_FLOW_AREA:
        return f->count > 0 && (f->corner_count > 2 || f->stretch_count > 0);
    default:
        return f->rate > 0;
    }
}

bool cw_osc_read_traffic(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    a->kind = CW_DO_TRAFFIC;
    a->flow = CW_NONE;
    if (one == NULL || !cw_osc_text_or(o, node, "trafficName", "", &a->reference))
        return false;
    cw_flow f = {.name = a->reference[0] ? a->reference : cw_osc_keep(o, one->name),
                 .speed_low = (double)NAN,
                 .speed_high = (double)NAN,
                 .position = cw_scene_nowhere(),
                 .destination = cw_scene_nowhere(),
                 .entity = CW_NONE,
                 .same_way = (double)NAN};
    if (is(one, "TrafficStopAction")) {
        a->flag = true;
        return true;
    }
    bool fine;
    if (is(one, "TrafficSourceAction"))
        fine = read_source(o, one, &f);
    else if (is(one, "TrafficSinkAction"))
        fine = read_sink(o, one, &f);
    else if (is(one, "TrafficSwarmAction"))
        fine = read_swarm(o, one, &f);
    else if (is(one, "TrafficAreaAction"))
        fine = read_area(o, one, &f);
    else {
        cw_osc_unsupported(o, one, one->name, "no such traffic is made");
        cw_osc_see_all(o, one);
        return true;
    }
    const cw_node *definition = cw_osc_child(o, one, "TrafficDefinition");
    if (!fine || !read_shares(o, definition != NULL ? definition : cw_osc_child(o, one, "TrafficDistribution"), &f))
        return false;
    if (!whole(&f)) {
        cw_osc_unsupported(o, one, one->name, "says too little to make traffic of");
        cw_osc_see_all(o, one);
        return true;
    }
    if (!CW_GROW(o->flows, o->flows_capacity, o->flows_count + 1))
        return cw_osc_no_memory(o);
    a->flow = o->flows_count;
    o->flows[o->flows_count++] = f;
    o->flow_users = (uint32_t)cw_min((double)o->flow_users + cw_flow_users(&f), USERS_MOST);
    return true;
}
