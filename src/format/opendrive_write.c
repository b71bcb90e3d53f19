// A map as OpenDRIVE 1.8: header, roads, lanes, junctions. Objects and signals have a file of their own.
#include "opendrive_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- words -----------------------------------------------------------------------------------------------------------

static const char *const lane_kinds[CW_LANE_KINDS] = {
    "none",       "driving", "shoulder", "sidewalk", "border", "stop",     "median",  "biking",         "parking",
    "restricted", "curb",    "walking",  "entry",    "exit",   "onRamp",   "offRamp", "connectingRamp", "bidirectional",
    "bus",        "taxi",    "HOV",      "rail",     "tram",   "special1", NULL};
static const char *const mark_kinds[] = {"none",         "solid",        "broken",        "solid solid",
                                         "solid broken", "broken solid", "broken broken", "botts dots",
                                         "grass",        "curb",         "edge",          "custom"};
static const char *const mark_colors[] = {"standard", "white",  "yellow", "blue", "green",
                                          "red",      "orange", "violet", "black"};
static const char *const changes[] = {"none", "increase", "decrease", "both"};
static const char *const road_kinds[] = {"unknown", "rural", "motorway", "town", "lowSpeed", "pedestrian", "bicycle"};
static const char *const junction_kinds[] = {"default", "direct", "virtual", "crossing"};

// The offset that gives s again when the reader adds it to the base.
static double offset_from(double base, double s) {
    double offset = s - base;
    for (int i = 0; i < 3; i++) {
        double miss = s - (base + offset);
        if (miss == 0)
            break;
        offset += miss;
    }
    return offset;
}

static void cubic(cw_scribe *p, const char *name, const char *station, double s, const cw_cubic *c) {
    cw_scribe_start(p, name);
    cw_scribe_number(p, station, s);
    cw_scribe_number(p, "a", c->a);
    cw_scribe_number(p, "b", c->b);
    cw_scribe_number(p, "c", c->c);
    cw_scribe_number(p, "d", c->d);
    cw_scribe_end(p, name);
}

static void cubics(cw_scribe *p, const cw_map *map, cw_span span, const char *name) {
    for (uint32_t i = 0; i < span.count; i++)
        cubic(p, name, "s", map->cubics[span.first + i].s, &map->cubics[span.first + i]);
}

// ---- roads -----------------------------------------------------------------------------------------------------------

static void road_link(cw_scribe *p, const cw_map *map, const char *name, const cw_road_link *link) {
    if (link->kind == CW_LINK_NONE)
        return;
    bool road = link->kind == CW_LINK_ROAD;
    cw_scribe_start(p, name);
    cw_scribe_text(p, "elementType", road ? "road" : "junction");
    cw_scribe_text(p, "elementId", road ? map->roads[link->index].id : map->junctions[link->index].id);
    if (road)
        cw_scribe_text(p, "contactPoint", link->at_end ? "end" : "start");
    cw_scribe_end(p, name);
}

static void limit_attributes(cw_scribe *p, float limit) {
    if (isinf(limit))
        cw_scribe_text(p, "max", "no limit");
    else
        cw_scribe_number(p, "max", (double)limit);
    cw_scribe_text(p, "unit", "m/s");
}

static void geometry(cw_scribe *p, const cw_geometry *g) {
    static const char *const u[] = {"aU", "bU", "cU", "dU"}, *const v[] = {"aV", "bV", "cV", "dV"},
                             *const plain[] = {"a", "b", "c", "d"};
    static const char *const names[] = {"line", "arc", "spiral", "poly3", "paramPoly3"};
    cw_scribe_start(p, "geometry");
    cw_scribe_number(p, "s", g->s);
    cw_scribe_number(p, "x", g->x);
    cw_scribe_number(p, "y", g->y);
    cw_scribe_number(p, "hdg", g->heading);
    cw_scribe_number(p, "length", g->length);
    cw_scribe_start(p, names[g->kind]);
    if (g->kind == CW_ARC) {
        cw_scribe_number(p, "curvature", g->k0);
    } else if (g->kind == CW_SPIRAL) {
        cw_scribe_number(p, "curvStart", g->k0);
        cw_scribe_number(p, "curvEnd", g->k1);
    }
    for (int i = 0; i < 4 && g->kind == CW_PARAM_POLY3; i++)
        cw_scribe_number(p, u[i], g->u[i]);
    for (int i = 0; i < 4 && g->kind >= CW_POLY3; i++)
        cw_scribe_number(p, g->kind == CW_POLY3 ? plain[i] : v[i], g->v[i]);
    if (g->kind == CW_PARAM_POLY3)
        cw_scribe_text(p, "pRange", g->normalized ? "normalized" : "arcLength");
    cw_scribe_end(p, names[g->kind]);
    cw_scribe_end(p, "geometry");
}

// ---- lanes -----------------------------------------------------------------------------------------------------------

// Does a lane of the section lie there, and is it joined with this one?
static bool joined(const cw_map *map, const cw_lane *lane, uint32_t other) {
    const cw_span sides[] = {lane->next, lane->previous};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < sides[k].count; i++)
            if (map->links[sides[k].first + i] == other)
                return true;
    return false;
}

// The lanes at one of its ends that it is joined with: those of the next section, or of the road linked there.
static void lane_links(cw_scribe *p, const cw_map *map, const cw_lane *lane, bool successor) {
    const cw_road *road = &map->roads[lane->road];
    const cw_road_link *link = successor ? &road->successor : &road->predecessor;
    uint32_t last = road->sections.first + road->sections.count - 1, section = CW_NONE;
    bool leaves = (lane->direction > 0) == successor;
    if (successor ? lane->section < last : lane->section > road->sections.first) {
        section = successor ? lane->section + 1 : lane->section - 1;
    } else if (link->kind == CW_LINK_ROAD && map->roads[link->index].sections.count > 0) {
        cw_span there = map->roads[link->index].sections;
        section = link->at_end ? there.first + there.count - 1 : there.first;
    }
    if (section == CW_NONE)
        return;
    cw_span side = leaves ? lane->next : lane->previous;
    for (uint32_t i = 0; i < side.count; i++) {
        const cw_lane *other = &map->lanes[map->links[side.first + i]];
        if (other->section != section)
            continue;
        cw_scribe_start(p, successor ? "successor" : "predecessor");
        cw_scribe_whole(p, "id", other->id);
        cw_scribe_end(p, successor ? "successor" : "predecessor");
    }
}

static void write_lane(cw_scribe *p, const cw_map *map, const cw_section *section, uint32_t index) {
    const cw_lane *lane = &map->lanes[index];
    int usual = lane->id == 0 ? 1 : (lane->id > 0) == map->roads[lane->road].left_hand ? 1 : -1;
    cw_scribe_start(p, "lane");
    cw_scribe_whole(p, "id", lane->id);
    cw_scribe_text(p, "type", lane_kinds[lane->kind] != NULL ? lane_kinds[lane->kind] : "none");
    cw_scribe_text(p, "level", lane->level ? "true" : "false");
    if (lane->both_ways && lane->kind != CW_LANE_BIDIRECTIONAL)
        cw_scribe_text(p, "direction", "both");
    else if (lane->direction != usual)
        cw_scribe_text(p, "direction", "reversed");
    if (lane->id != 0) {
        cw_scribe_start(p, "link");
        lane_links(p, map, lane, false);
        lane_links(p, map, lane, true);
        cw_scribe_end(p, "link");
    }
    for (uint32_t i = 0; i < lane->width.count; i++) {
        const cw_cubic *c = &map->cubics[lane->width.first + i];
        cubic(p, lane->is_border ? "border" : "width", "sOffset", offset_from(section->s0, c->s), c);
    }
    for (uint32_t i = 0; i < lane->marks.count; i++) {
        const cw_road_mark *m = &map->marks[lane->marks.first + i];
        cw_scribe_start(p, "roadMark");
        cw_scribe_number(p, "sOffset", offset_from(section->s0, m->s));
        cw_scribe_text(p, "type", mark_kinds[m->kind]);
        cw_scribe_text(p, "weight", m->bold ? "bold" : "standard");
        cw_scribe_text(p, "color", mark_colors[m->color]);
        cw_scribe_number(p, "width", (double)m->width);
        cw_scribe_text(p, "laneChange", changes[m->change]);
        cw_scribe_end(p, "roadMark");
    }
    for (uint32_t i = 0; i < lane->grips.count; i++) {
        const cw_grip_record *r = &map->grips[lane->grips.first + i];
        cw_scribe_start(p, "material");
        cw_scribe_number(p, "sOffset", offset_from(section->s0, r->s));
        cw_scribe_number(p, "friction", (double)r->friction);
        cw_scribe_end(p, "material");
    }
    for (uint32_t i = 0; i < lane->limits.count; i++) {
        const cw_speed_record *r = &map->limits[lane->limits.first + i];
        cw_scribe_start(p, "speed");
        cw_scribe_number(p, "sOffset", offset_from(section->s0, r->s));
        if (r->limit == 0)
            cw_scribe_text(p, "max", "undefined");
        else
            limit_attributes(p, r->limit);
        cw_scribe_end(p, "speed");
    }
    cw_scribe_end(p, "lane");
}

static void write_section(cw_scribe *p, const cw_map *map, const cw_section *section) {
    static const char *const sides[] = {"left", "center", "right"};
    cw_scribe_start(p, "laneSection");
    cw_scribe_number(p, "s", section->s0);
    uint32_t i = section->lanes.first, end = i + section->lanes.count;
    for (int side = 0; side < 3; side++) {
        int sign = 1 - side;
        bool any = i < end && (map->lanes[i].id > 0) - (map->lanes[i].id < 0) == sign;
        if (!any)
            continue;
        cw_scribe_start(p, sides[side]);
        for (; i < end && (map->lanes[i].id > 0) - (map->lanes[i].id < 0) == sign; i++)
            write_lane(p, map, section, i);
        cw_scribe_end(p, sides[side]);
    }
    cw_scribe_end(p, "laneSection");
}

static void write_road(cw_scribe *p, const cw_map *map, uint32_t index) {
    const cw_road *road = &map->roads[index];
    cw_scribe_start(p, "road");
    cw_scribe_text(p, "name", road->name);
    cw_scribe_number(p, "length", road->length);
    cw_scribe_text(p, "id", road->id);
    cw_scribe_text(p, "junction", road->junction != CW_NONE ? map->junctions[road->junction].id : "-1");
    cw_scribe_text(p, "rule", road->left_hand ? "LHT" : "RHT");
    cw_scribe_start(p, "link");
    road_link(p, map, "predecessor", &road->predecessor);
    road_link(p, map, "successor", &road->successor);
    cw_scribe_end(p, "link");
    for (uint32_t i = 0; i < road->kinds.count; i++) {
        const cw_road_type *type = &map->road_types[road->kinds.first + i];
        cw_scribe_start(p, "type");
        cw_scribe_number(p, "s", type->s);
        cw_scribe_text(p, "type", road_kinds[type->kind]);
        if (type->limit > 0) {
            cw_scribe_start(p, "speed");
            limit_attributes(p, type->limit);
            cw_scribe_end(p, "speed");
        }
        cw_scribe_end(p, "type");
    }
    cw_scribe_start(p, "planView");
    for (uint32_t i = 0; i < road->geometry.count; i++)
        geometry(p, &map->geometry[road->geometry.first + i]);
    cw_scribe_end(p, "planView");
    cw_scribe_start(p, "elevationProfile");
    cubics(p, map, road->elevation, "elevation");
    cw_scribe_end(p, "elevationProfile");
    cw_scribe_start(p, "lateralProfile");
    cubics(p, map, road->superelevation, "superelevation");
    cw_scribe_end(p, "lateralProfile");
    cw_scribe_start(p, "lanes");
    cubics(p, map, road->offset, "laneOffset");
    for (uint32_t i = 0; i < road->sections.count; i++)
        write_section(p, map, &map->sections[road->sections.first + i]);
    cw_scribe_end(p, "lanes");
    odr_write_objects(p, map, index);
    odr_write_signals(p, map, index);
    cw_scribe_end(p, "road");
}

// ---- junctions -------------------------------------------------------------------------------------------------------

// The lanes of `from` that are joined with lanes at one end of `other`: one connection, if there are any.
static void connection(cw_scribe *p, const cw_map *map, bool direct, uint32_t from, uint32_t other, bool at_end,
                       int *number) {
    cw_span sections = map->roads[other].sections, theirs = map->roads[from].sections;
    if (sections.count == 0 || theirs.count == 0)
        return;
    const cw_section *there = &map->sections[at_end ? sections.first + sections.count - 1 : sections.first];
    bool any = false;
    for (uint32_t k = 0; k<theirs.count; k += theirs.count> 1 ? theirs.count - 1 : 1) {
        const cw_section *here = &map->sections[theirs.first + k];
        for (uint32_t a = here->lanes.first; a < here->lanes.first + here->lanes.count; a++)
            for (uint32_t b = there->lanes.first; b < there->lanes.first + there->lanes.count; b++) {
                if (map->lanes[a].id == 0 || map->lanes[b].id == 0 || !joined(map, &map->lanes[a], b))
                    continue;
                if (!any) {
                    cw_scribe_start(p, "connection");
                    cw_scribe_whole(p, "id", (*number)++);
                    cw_scribe_text(p, "incomingRoad", map->roads[from].id);
                    cw_scribe_text(p, direct ? "linkedRoad" : "connectingRoad", map->roads[other].id);
                    cw_scribe_text(p, "contactPoint", at_end ? "end" : "start");
                }
                any = true;
                cw_scribe_start(p, "laneLink");
                cw_scribe_whole(p, "from", map->lanes[a].id);
                cw_scribe_whole(p, "to", map->lanes[b].id);
                cw_scribe_end(p, "laneLink");
            }
    }
    if (any)
        cw_scribe_end(p, "connection");
}

// Traffic of a connecting road comes from the roads that its links name, at whichever end its lanes begin.
static void write_connections(cw_scribe *p, const cw_map *map, const cw_junction *junction) {
    int number = 0;
    for (uint32_t i = 0; i < junction->roads.count; i++) {
        uint32_t index = map->indices[junction->roads.first + i];
        const cw_road_link *ends[] = {&map->roads[index].predecessor, &map->roads[index].successor};
        for (int at_end = 0; at_end < 2; at_end++)
            if (ends[at_end]->kind == CW_LINK_ROAD &&
                map->roads[ends[at_end]->index].junction != map->roads[index].junction)
                connection(p, map, false, ends[at_end]->index, index, at_end, &number);
    }
}

static void write_junction(cw_scribe *p, const cw_map *map, uint32_t index) {
    const cw_junction *junction = &map->junctions[index];
    cw_scribe_start(p, "junction");
    cw_scribe_text(p, "name", "");
    cw_scribe_text(p, "id", junction->id);
    if (junction->kind != 0)
        cw_scribe_text(p, "type", junction_kinds[junction->kind]);
    write_connections(p, map, junction);
    for (uint32_t i = 0; i < map->priority_count; i++) {
        if (map->priorities[i].junction != index)
            continue;
        cw_scribe_start(p, "priority");
        cw_scribe_text(p, "high", map->roads[map->priorities[i].high].id);
        cw_scribe_text(p, "low", map->roads[map->priorities[i].low].id);
        cw_scribe_end(p, "priority");
    }
    cw_scribe_end(p, "junction");
}

// ---- entry -----------------------------------------------------------------------------------------------------------

static void write_header(cw_scribe *p, const cw_map *map) {
    cw_scribe_start(p, "header");
    cw_scribe_whole(p, "revMajor", 1);
    cw_scribe_whole(p, "revMinor", 8);
    cw_scribe_text(p, "name", map->name);
    cw_scribe_number(p, "north", map->high.y);
    cw_scribe_number(p, "south", map->low.y);
    cw_scribe_number(p, "east", map->high.x);
    cw_scribe_number(p, "west", map->low.x);
    cw_scribe_text(p, "vendor", "Causeway");
    if (map->georeference[0] != '\0') {
        cw_scribe_start(p, "geoReference");
        cw_scribe_inside(p, map->georeference);
        cw_scribe_end(p, "geoReference");
    }
    if (map->origin_x != 0 || map->origin_y != 0 || map->origin_z != 0 || map->origin_heading != 0) {
        cw_scribe_start(p, "offset");
        cw_scribe_number(p, "x", map->origin_x);
        cw_scribe_number(p, "y", map->origin_y);
        cw_scribe_number(p, "z", map->origin_z);
        cw_scribe_number(p, "hdg", map->origin_heading);
        cw_scribe_end(p, "offset");
    }
    cw_scribe_end(p, "header");
}

// Controllers in the order of their first signal.
static void write_controllers(cw_scribe *p, const cw_map *map) {
    for (uint32_t i = 0; i < map->signal_count; i++) {
        const char *name = map->signals[i].controller;
        bool first = name != NULL;
        for (uint32_t k = 0; k < i && first; k++)
            first = map->signals[k].controller == NULL || strcmp(map->signals[k].controller, name) != 0;
        if (!first)
            continue;
        cw_scribe_start(p, "controller");
        cw_scribe_text(p, "id", name);
        for (uint32_t k = i; k < map->signal_count; k++) {
            if (map->signals[k].controller == NULL || strcmp(map->signals[k].controller, name) != 0)
                continue;
            cw_scribe_start(p, "control");
            cw_scribe_text(p, "signalId", map->signals[k].id);
            cw_scribe_text(p, "type", "");
            cw_scribe_end(p, "control");
        }
        cw_scribe_end(p, "controller");
    }
}

cw_status cw_opendrive_write(const cw_map *map, char **bytes, size_t *count, cw_error *err) {
    *bytes = NULL;
    for (uint32_t i = 0; i < map->lane_count; i++)
        if (map->lanes[i].file_id != NULL)
            return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                                "a map of lanelets (here lanelet %s) cannot be written as OpenDRIVE",
                                map->lanes[i].file_id);
    cw_scribe p = {0};
    cw_scribe_start(&p, "OpenDRIVE");
    write_header(&p, map);
    for (uint32_t i = 0; i < map->road_count; i++)
        write_road(&p, map, i);
    write_controllers(&p, map);
    for (uint32_t i = 0; i < map->junction_count; i++)
        write_junction(&p, map, i);
    cw_scribe_end(&p, "OpenDRIVE");
    if (p.failed) {
        free(p.bytes);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    *bytes = p.bytes;
    *count = p.count;
    return CW_OK;
}
