// OpenDRIVE 1.4 to 1.8: header, roads and their profiles. Lanes, objects, signals and junctions have files of their own.
#include "opendrive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double most_place = 1e8;   // m: a map is not larger than the planet
static const double most_length = 1e7;  // m of one road
static const double most_turn = 6300;   // rad within one record
static const double most_factor = 1e12; // of a polynomial

// ---- attributes ------------------------------------------------------------------------------------------------------

bool odr_number(cw_xml *xml, const cw_xml_element *element, const char *name, double fallback, double most,
                double *value) {
    const cw_xml_attr *attr = cw_xml_find(element, name);
    *value = isnan(fallback) ? 0 : fallback;
    if (attr == NULL)
        return isnan(fallback) ? cw_xml_fail(xml, NULL, CW_ERR_INPUT, "<%s> has no attribute %s", element->name, name)
                               : true;
    if (attr->length == 0 && !isnan(fallback))
        return true;
    if (!cw_parse_double(attr->value, attr->length, value))
        return cw_xml_fail(xml, attr, CW_ERR_INPUT, "%s=\"%.*s\" of <%s> is not a finite number", name,
                           (int)(attr->length < 40 ? attr->length : 40), attr->value, element->name);
    if (!(fabs(*value) <= most))
        return cw_xml_fail(xml, attr, CW_ERR_INPUT, "%s=\"%.*s\" of <%s> is out of range", name,
                           (int)(attr->length < 40 ? attr->length : 40), attr->value, element->name);
    return true;
}

bool odr_integer(cw_xml *xml, const cw_xml_element *element, const char *name, int32_t *value) {
    const cw_xml_attr *attr = cw_xml_find(element, name);
    int64_t wide = 0;
    *value = 0;
    if (attr == NULL)
        return cw_xml_fail(xml, NULL, CW_ERR_INPUT, "<%s> has no attribute %s", element->name, name);
    if (!cw_parse_int64(attr->value, attr->length, &wide) || wide < -100000 || wide > 100000)
        return cw_xml_fail(xml, attr, CW_ERR_INPUT, "%s=\"%.*s\" of <%s> is not a lane number", name,
                           (int)(attr->length < 40 ? attr->length : 40), attr->value, element->name);
    *value = (int32_t)wide;
    return true;
}

cw_build_text odr_text(const cw_xml_element *element, const char *name) {
    const cw_xml_attr *attr = cw_xml_find(element, name);
    return attr != NULL ? (cw_build_text){attr->value, attr->length} : (cw_build_text){NULL, 0};
}

void odr_notice(odr_reader *r, cw_xml *xml, const char *name, const char *text) {
    int line, column;
    if (r->notices == NULL)
        return;
    cw_xml_where(xml, &line, &column);
    cw_notices_add(r->notices, r->path, line, column, name, text);
}

static void on_note(void *context, int line, int column, const char *name, const char *text) {
    odr_reader *r = context;
    cw_notices_add(r->notices, r->path, line, column, name, text);
}

bool odr_speed(const cw_xml_attr *unit, double value, double *speed) {
    if (unit == NULL || unit->length == 0 || cw_xml_is(unit, "m/s"))
        *speed = value;
    else if (cw_xml_is(unit, "km/h") || cw_xml_is(unit, "kph"))
        *speed = value / 3.6;
    else if (cw_xml_is(unit, "mph"))
        *speed = value * 0.44704;
    else
        return false;
    return true;
}

// ---- header ----------------------------------------------------------------------------------------------------------

static bool start_root(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    if (strcmp(e->name, "OpenDRIVE") != 0)
        return cw_xml_fail(xml, NULL, CW_ERR_INPUT, "the root element is <%s>, not <OpenDRIVE>", e->name);
    r->has_root = true;
    return true;
}

static bool start_header(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    static const char *const names[] = {"revMajor", "revMinor"};
    int64_t version[2];
    r->has_header = true;
    for (int i = 0; i < 2; i++) {
        const cw_xml_attr *attr = cw_xml_find(e, names[i]);
        if (attr == NULL)
            return cw_xml_fail(xml, NULL, CW_ERR_INPUT, "the header has no version (attribute %s)", names[i]);
        if (!cw_parse_int64(attr->value, attr->length, &version[i]))
            return cw_xml_fail(xml, attr, CW_ERR_INPUT, "the version %s=\"%.*s\" is not a number", names[i],
                               (int)(attr->length < 40 ? attr->length : 40), attr->value);
    }
    if (version[0] != 1)
        return cw_xml_fail(xml, cw_xml_find(e, "revMajor"), CW_ERR_UNSUPPORTED,
                           "OpenDRIVE version %lld.%lld is not supported (1.4 to 1.8 are)", (long long)version[0],
                           (long long)version[1]);
    if (version[1] > 8)
        odr_notice(r, xml, "revMinor", "the version is newer than 1.8; what is new in it is read over");
    cw_build_header(r->builder, odr_text(e, "name"), 0, 0, 0, 0);
    return true;
}

static odr_tag start_in_header(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    if (strcmp(e->name, "defaultRegulations") == 0)
        odr_notice(r, xml, "defaultRegulations", "traffic rules of the file are read over");
    if (strcmp(e->name, "geoReference") == 0) {
        r->georeference_length = 0;
        return ODR_GEOREFERENCE;
    }
    if (strcmp(e->name, "offset") == 0) {
        double x, y, z, heading;
        *fine = odr_number(xml, e, "x", 0, 1e9, &x) && odr_number(xml, e, "y", 0, 1e9, &y) &&
                odr_number(xml, e, "z", 0, 1e9, &z) && odr_number(xml, e, "hdg", 0, 1e5, &heading);
        if (*fine)
            cw_build_header(r->builder, (cw_build_text){NULL, 0}, x, y, z, heading);
        return ODR_LEAF;
    }
    return ODR_SKIP;
}

static bool on_text(void *context, cw_xml *xml, const char *text, size_t length) {
    odr_reader *r = context;
    (void)xml;
    size_t room = sizeof r->georeference - r->georeference_length;
    bool inside = false;
    for (int i = 1; i <= 3; i++)
        inside = inside || r->stack[i] == ODR_GEOREFERENCE;
    if (inside) {
        size_t take = length < room ? length : room;
        memcpy(r->georeference + r->georeference_length, text, take);
        r->georeference_length += take;
    }
    return true;
}

static void end_georeference(odr_reader *r) {
    const char *text = r->georeference;
    size_t length = r->georeference_length;
    while (length > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    if (length > 0)
        cw_build_georeference(r->builder, (cw_build_text){text, length});
}

// ---- road ------------------------------------------------------------------------------------------------------------

static bool start_road(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_build_road road = {.id = odr_text(e, "id"), .name = odr_text(e, "name"), .junction = odr_text(e, "junction")};
    if (road.id.text == NULL)
        return cw_xml_fail(xml, NULL, CW_ERR_INPUT, "<road> has no attribute id");
    if (!odr_number(xml, e, "length", NAN, most_length, &road.length))
        return false;
    if (road.length < 0)
        return cw_xml_fail(xml, cw_xml_find(e, "length"), CW_ERR_INPUT, "the length of a road is negative");
    if (road.junction.text != NULL && (road.junction.length == 0 || cw_xml_is(cw_xml_find(e, "junction"), "-1")))
        road.junction.text = NULL;
    road.left_hand = cw_xml_is(cw_xml_find(e, "rule"), "LHT");
    cw_build_begin_road(r->builder, &road);
    r->length = road.length;
    r->geometry_end = 0;
    return true;
}

static odr_tag start_link(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    bool successor = strcmp(e->name, "successor") == 0;
    if (!successor && strcmp(e->name, "predecessor") != 0) {
        if (strcmp(e->name, "neighbor") != 0)
            return ODR_SKIP;
        odr_notice(r, xml, "neighbor", "parallel roads are not joined");
        return ODR_LEAF;
    }
    cw_build_link link = {.id = odr_text(e, "elementId")};
    cw_xml_where(xml, &link.line, &link.column);
    const cw_xml_attr *type = cw_xml_find(e, "elementType");
    link.kind = cw_xml_is(type, "junction") ? CW_LINK_JUNCTION : CW_LINK_ROAD;
    link.at_end = cw_xml_is(cw_xml_find(e, "contactPoint"), "end");
    if (cw_xml_find(e, "elementS") != NULL) {
        link.in_between = true;
        odr_notice(r, xml, "elementS", "a road joins another between its ends; their lanes are not linked");
    }
    if (link.id.text != NULL)
        cw_build_road_link(r->builder, successor, &link);
    return ODR_LEAF;
}

static cw_road_kind road_kind(const cw_xml_attr *type) {
    static const struct {
        const char *name;
        cw_road_kind kind;
    } kinds[] = {
        {"rural", CW_ROAD_RURAL},         {"motorway", CW_ROAD_MOTORWAY},     {"town", CW_ROAD_TOWN},
        {"lowSpeed", CW_ROAD_LOW_SPEED},  {"pedestrian", CW_ROAD_PEDESTRIAN}, {"bicycle", CW_ROAD_BICYCLE},
        {"townExpressway", CW_ROAD_TOWN}, {"townCollector", CW_ROAD_TOWN},    {"townArterial", CW_ROAD_TOWN},
        {"townPrivate", CW_ROAD_TOWN},    {"townLocal", CW_ROAD_TOWN},        {"townPlayStreet", CW_ROAD_LOW_SPEED}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (cw_xml_is(type, kinds[i].name))
            return kinds[i].kind;
    return CW_ROAD_UNKNOWN;
}

static odr_tag start_type(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    if (strcmp(e->name, "speed") != 0)
        return ODR_SKIP;
    const cw_xml_attr *max = cw_xml_find(e, "max");
    double value, speed;
    if (max == NULL || cw_xml_is(max, "undefined"))
        return ODR_LEAF;
    if (cw_xml_is(max, "no limit")) {
        r->type.limit = INFINITY;
        return ODR_LEAF;
    }
    *fine = odr_number(xml, e, "max", NAN, 1e6, &value);
    if (!odr_speed(cw_xml_find(e, "unit"), value, &speed))
        odr_notice(r, xml, "speed", "its unit is unknown; the limit is read over");
    else if (speed > 0)
        r->type.limit = (float)speed;
    return ODR_LEAF;
}

// ---- geometry --------------------------------------------------------------------------------------------------------

static bool start_geometry(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    r->geometry = (cw_geometry){.kind = CW_LINE};
    r->has_shape = false;
    cw_geometry *g = &r->geometry;
    if (!odr_number(xml, e, "s", NAN, most_length, &g->s) || !odr_number(xml, e, "x", NAN, most_place, &g->x) ||
        !odr_number(xml, e, "y", NAN, most_place, &g->y) || !odr_number(xml, e, "hdg", NAN, 1e5, &g->heading) ||
        !odr_number(xml, e, "length", NAN, most_length, &g->length))
        return false;
    if (g->length < 0)
        return cw_xml_fail(xml, cw_xml_find(e, "length"), CW_ERR_INPUT, "the length of a geometry is negative");
    if (g->s < 0)
        return cw_xml_fail(xml, cw_xml_find(e, "s"), CW_ERR_INPUT, "the station of a geometry is negative");
    return true;
}

static bool four(cw_xml *xml, const cw_xml_element *e, const char *const names[4], double out[4]) {
    for (int i = 0; i < 4; i++)
        if (!odr_number(xml, e, names[i], 0, most_factor, &out[i]))
            return false;
    return true;
}

static odr_tag start_shape(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    static const char *const u[] = {"aU", "bU", "cU", "dU"}, *const v[] = {"aV", "bV", "cV", "dV"},
                             *const plain[] = {"a", "b", "c", "d"};
    cw_geometry *g = &r->geometry;
    cw_geometry_kind kind;
    if (strcmp(e->name, "line") == 0) {
        kind = CW_LINE;
    } else if (strcmp(e->name, "arc") == 0) {
        kind = CW_ARC;
        *fine = odr_number(xml, e, "curvature", NAN, 1e4, &g->k0);
        g->k1 = g->k0;
        if (g->k0 == 0)
            kind = CW_LINE;
    } else if (strcmp(e->name, "spiral") == 0) {
        kind = CW_SPIRAL;
        *fine = odr_number(xml, e, "curvStart", NAN, 1e4, &g->k0) && odr_number(xml, e, "curvEnd", NAN, 1e4, &g->k1);
        if (g->k0 == g->k1)
            kind = g->k0 == 0 ? CW_LINE : CW_ARC;
    } else if (strcmp(e->name, "poly3") == 0) {
        kind = CW_POLY3;
        *fine = four(xml, e, plain, g->v);
    } else if (strcmp(e->name, "paramPoly3") == 0) {
        kind = CW_PARAM_POLY3;
        g->normalized = !cw_xml_is(cw_xml_find(e, "pRange"), "arcLength");
        *fine = four(xml, e, u, g->u) && four(xml, e, v, g->v);
    } else {
        return ODR_SKIP;
    }
    if (!*fine)
        return ODR_SKIP;
    if (cw_max(fabs(g->k0), fabs(g->k1)) * g->length > most_turn) {
        *fine = cw_xml_fail(xml, NULL, CW_ERR_INPUT, "<%s> turns more than a thousand times", e->name);
        return ODR_SKIP;
    }
    g->kind = kind;
    r->has_shape = true;
    return ODR_LEAF;
}

static void end_geometry(odr_reader *r, cw_xml *xml) {
    if (!r->has_shape)
        odr_notice(r, xml, "geometry", "its shape is unknown; it counts as a straight line");
    if (r->geometry.length == 0) {
        odr_notice(r, xml, "geometry", "it has no length and is left out");
        return;
    }
    cw_build_geometry(r->builder, &r->geometry);
    r->geometry_end = cw_max(r->geometry_end, r->geometry.s + r->geometry.length);
}

static void end_road(odr_reader *r, cw_xml *xml) {
    if (r->geometry_end == 0)
        odr_notice(r, xml, "road", "it has no geometry: nothing is on it");
    else if (fabs(r->geometry_end - r->length) > 0.01)
        odr_notice(r, xml, "road", "its length is not that of its geometry; the shorter holds");
    if (r->geometry_end < r->length)
        cw_build_road_length(r->builder, r->geometry_end);
    cw_build_end_road(r->builder);
}

static bool read_cubic(cw_xml *xml, const cw_xml_element *e, const char *station, double base, cw_cubic *out) {
    bool fine = odr_number(xml, e, station, 0, most_length, &out->s) && odr_number(xml, e, "a", 0, 1e6, &out->a) &&
                odr_number(xml, e, "b", 0, most_factor, &out->b) && odr_number(xml, e, "c", 0, most_factor, &out->c) &&
                odr_number(xml, e, "d", 0, most_factor, &out->d);
    out->s += base;
    return fine;
}

static odr_tag start_profile(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    cw_cubic cubic;
    if (parent == ODR_ELEVATION_PROFILE && strcmp(e->name, "elevation") == 0) {
        *fine = read_cubic(xml, e, "s", 0, &cubic);
        cw_build_cubic(r->builder, CW_PROFILE_ELEVATION, &cubic);
        return ODR_LEAF;
    }
    if (parent == ODR_LATERAL_PROFILE && strcmp(e->name, "superelevation") == 0) {
        *fine = read_cubic(xml, e, "s", 0, &cubic);
        cw_build_cubic(r->builder, CW_PROFILE_SUPERELEVATION, &cubic);
        return ODR_LEAF;
    }
    if (parent == ODR_LATERAL_PROFILE && strcmp(e->name, "userData") != 0)
        odr_notice(r, xml, e->name, "this lateral profile is read over: the surface stays flat there");
    return ODR_SKIP;
}

static odr_tag start_in_road(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    static const struct {
        const char *name;
        odr_tag tag;
    } children[] = {{"link", ODR_ROAD_LINK},
                    {"planView", ODR_PLAN_VIEW},
                    {"elevationProfile", ODR_ELEVATION_PROFILE},
                    {"lateralProfile", ODR_LATERAL_PROFILE},
                    {"lanes", ODR_LANES},
                    {"objects", ODR_OBJECTS},
                    {"signals", ODR_SIGNALS}};
    for (size_t i = 0; i < sizeof children / sizeof *children; i++)
        if (strcmp(e->name, children[i].name) == 0)
            return children[i].tag;
    if (strcmp(e->name, "type") == 0) {
        r->type = (cw_road_type){.kind = (uint8_t)road_kind(cw_xml_find(e, "type"))};
        *fine = odr_number(xml, e, "s", 0, most_length, &r->type.s);
        return ODR_TYPE;
    }
    if (strcmp(e->name, "railroad") == 0)
        odr_notice(r, xml, "railroad", "rails and switches are read over");
    else if (strcmp(e->name, "surface") == 0)
        odr_notice(r, xml, "surface",
                   "a measured surface is read over: the road is even, with the friction of its lanes");
    return ODR_SKIP;
}

// ---- dispatch --------------------------------------------------------------------------------------------------------

static odr_tag start_top(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    if (strcmp(e->name, "road") == 0) {
        *fine = start_road(r, xml, e);
        return ODR_ROAD;
    }
    if (strcmp(e->name, "header") == 0) {
        *fine = start_header(r, xml, e);
        return ODR_HEADER;
    }
    if (strcmp(e->name, "junction") == 0 || strcmp(e->name, "controller") == 0)
        return odr_start_junction(r, xml, e, ODR_ROOT, fine);
    if (strcmp(e->name, "userData") != 0)
        odr_notice(r, xml, e->name, "this element is read over");
    return ODR_SKIP;
}

static odr_tag child_tag(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    switch (parent) {
    case ODR_ROOT:
        return start_top(r, xml, e, fine);
    case ODR_HEADER:
        return start_in_header(r, xml, e, fine);
    case ODR_ROAD:
        return start_in_road(r, xml, e, fine);
    case ODR_ROAD_LINK:
        return start_link(r, xml, e);
    case ODR_TYPE:
        return start_type(r, xml, e, fine);
    case ODR_PLAN_VIEW:
        if (strcmp(e->name, "geometry") != 0)
            return ODR_SKIP;
        *fine = start_geometry(r, xml, e);
        return ODR_GEOMETRY;
    case ODR_GEOMETRY:
        return start_shape(r, xml, e, fine);
    case ODR_ELEVATION_PROFILE:
    case ODR_LATERAL_PROFILE:
        return start_profile(r, xml, e, parent, fine);
    case ODR_LANES:
    case ODR_SECTION:
    case ODR_SIDE:
    case ODR_LANE:
    case ODR_LANE_LINK:
        return odr_start_lane(r, xml, e, parent, fine);
    case ODR_OBJECTS:
    case ODR_OBJECT:
    case ODR_OUTLINES:
    case ODR_OUTLINE:
        return odr_start_object(r, xml, e, parent, fine);
    case ODR_SIGNALS:
    case ODR_SIGNAL:
        return odr_start_signal(r, xml, e, parent, fine);
    case ODR_CONTROLLER:
    case ODR_JUNCTION:
    case ODR_CONNECTION:
        return odr_start_junction(r, xml, e, parent, fine);
    case ODR_SKIP:
    case ODR_GEOREFERENCE:
    case ODR_LEAF:
        break;
    }
    return ODR_SKIP;
}

static bool on_start(void *context, cw_xml *xml, const cw_xml_element *e) {
    odr_reader *r = context;
    bool fine = true;
    if (e->depth == 1) {
        r->stack[1] = ODR_ROOT;
        return start_root(r, xml, e);
    }
    odr_tag parent = r->stack[e->depth - 1];
    r->stack[e->depth] = parent == ODR_SKIP ? ODR_SKIP : child_tag(r, xml, e, parent, &fine);
    return fine;
}

static bool on_end(void *context, cw_xml *xml, const char *name, int depth) {
    odr_reader *r = context;
    (void)name;
    odr_tag tag = r->stack[depth];
    r->stack[depth] = ODR_SKIP;
    switch (tag) {
    case ODR_GEOREFERENCE:
        end_georeference(r);
        break;
    case ODR_ROAD:
        end_road(r, xml);
        break;
    case ODR_TYPE:
        cw_build_road_type(r->builder, &r->type);
        break;
    case ODR_GEOMETRY:
        end_geometry(r, xml);
        break;
    case ODR_SECTION:
        cw_build_end_section(r->builder);
        break;
    case ODR_LANE:
        cw_build_end_lane(r->builder);
        break;
    case ODR_OBJECT:
        return odr_end_object(r, xml);
    default:
        break;
    }
    return true;
}

// ---- entry -----------------------------------------------------------------------------------------------------------

cw_status cw_opendrive_read(const char *bytes, size_t count, const char *path, cw_map **map, cw_notices *notices,
                            cw_error *err) {
    *map = NULL;
    odr_reader *r = calloc(1, sizeof *r);
    if (r != NULL)
        r->builder = cw_build_new(on_note, r);
    if (r == NULL || r->builder == NULL) {
        free(r);
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    r->path = path;
    r->notices = notices;
    cw_xml_handler handler = {r, on_start, on_end, on_text};
    cw_xml_limits limits = {.depth = ODR_MOST_DEPTH};
    cw_status status = cw_xml_parse(bytes, count, path, &handler, &limits, err);
    if (status == CW_OK && !r->has_header)
        cw_notices_add(notices, path, 1, 1, "header", "it is missing; the file is read as version 1.4");
    if (status == CW_OK)
        status = cw_build_finish(r->builder, path, map, err);
    cw_build_free(r->builder);
    free(r->corners);
    free(r->repeats);
    free(r);
    return status;
}
