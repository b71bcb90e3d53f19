// OpenDRIVE objects: outlines, repetition, what blocks the way.
#include "opendrive.h"

#include <math.h>
#include <string.h>

enum { MOST_CORNERS = 4096, MOST_COPIES = 2000, MOST_OBJECTS = 200000 };

typedef struct kind_word {
    const char *name;
    cw_object_kind kind;
    bool solid;
} kind_word;

static const kind_word kinds[] = {
    {"crosswalk", CW_OBJECT_CROSSWALK, false},
    {"pole", CW_OBJECT_POLE, true},
    {"streetLamp", CW_OBJECT_POLE, true},
    {"guide-post", CW_OBJECT_POLE, true},
    {"rail-pole", CW_OBJECT_POLE, true},
    {"barrier", CW_OBJECT_BARRIER, true},
    {"railing", CW_OBJECT_BARRIER, true},
    {"soundBarrier", CW_OBJECT_BARRIER, true},
    {"guardRail", CW_OBJECT_BARRIER, true},
    {"wall", CW_OBJECT_BARRIER, true},
    {"building", CW_OBJECT_BUILDING, true},
    {"obstacle", CW_OBJECT_OBSTACLE, true},
    {"parkedVehicle", CW_OBJECT_OBSTACLE, true},
    {"car", CW_OBJECT_OBSTACLE, true},
    {"van", CW_OBJECT_OBSTACLE, true},
    {"bus", CW_OBJECT_OBSTACLE, true},
    {"trailer", CW_OBJECT_OBSTACLE, true},
    {"vegetation", CW_OBJECT_VEGETATION, false},
    {"tree", CW_OBJECT_TREE, true},
    {"parkingSpace", CW_OBJECT_PARKING, false},
    {"trafficIsland", CW_OBJECT_ISLAND, false},
    {"gantry", CW_OBJECT_GANTRY, false},
    {"roadMark", CW_OBJECT_MARK, false},
    {"patch", CW_OBJECT_MARK, false},
};

static void copy_text(char *out, size_t size, const cw_xml_attr *attr) {
    size_t length = attr == NULL ? 0 : attr->length < size - 1 ? attr->length : size - 1;
    if (length > 0)
        memcpy(out, attr->value, length);
    out[length] = '\0';
}

static bool starts_with(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0;
}

// Maps drawn in one widespread editor have type -1 and say by the name what it is.
static void kind_of(odr_reader *r, const cw_xml_attr *type) {
    cw_build_object *o = &r->object;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (cw_xml_is(type, kinds[i].name)) {
            o->kind = kinds[i].kind;
            o->solid = kinds[i].solid;
        }
    }
    if (starts_with(r->object_name, "StopLine")) {
        o->kind = CW_OBJECT_MARK;
        o->stop_line = true;
    } else if (o->kind == CW_OBJECT_OTHER &&
               (starts_with(r->object_name, "Stencil_") || strstr(r->object_name, "Single") != NULL ||
                strstr(r->object_name, "Region") != NULL)) {
        o->kind = CW_OBJECT_MARK;
    } else if (o->kind == CW_OBJECT_OTHER && strstr(r->object_name, "Crosswalk") != NULL) {
        o->kind = CW_OBJECT_CROSSWALK;
    }
}

static bool start_object(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_build_object *o = &r->object;
    *o = (cw_build_object){0};
    r->corner_count = r->repeat_count = 0;
    r->has_outline = false;
    copy_text(r->object_id, sizeof r->object_id, cw_xml_find(e, "id"));
    copy_text(r->object_name, sizeof r->object_name, cw_xml_find(e, "name"));
    if (!odr_number(xml, e, "s", NAN, 1e7, &o->s) || !odr_number(xml, e, "t", 0, 1e6, &o->t) ||
        !odr_number(xml, e, "zOffset", 0, 1e6, &o->z) || !odr_number(xml, e, "hdg", 0, 1e5, &o->heading) ||
        !odr_number(xml, e, "length", 0, 1e6, &o->length) || !odr_number(xml, e, "width", 0, 1e6, &o->width) ||
        !odr_number(xml, e, "height", 0, 1e6, &o->height) || !odr_number(xml, e, "radius", 0, 1e6, &o->radius))
        return false;
    kind_of(r, cw_xml_find(e, "type"));
    return true;
}

static bool add_corner(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    bool road = strcmp(e->name, "cornerRoad") == 0;
    cw_build_corner corner = {.road = road};
    if (!odr_number(xml, e, road ? "s" : "u", NAN, 1e7, &corner.a) ||
        !odr_number(xml, e, road ? "t" : "v", NAN, 1e6, &corner.b))
        return false;
    if (r->corner_count == MOST_CORNERS)
        return cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "an outline has more than %d corners", MOST_CORNERS);
    if (!CW_GROW(r->corners, r->corner_capacity, r->corner_count + 1))
        return cw_xml_fail(xml, NULL, CW_ERR_MEMORY, "out of memory");
    r->corners[r->corner_count++] = corner;
    return true;
}

static bool optional(cw_xml *xml, const cw_xml_element *e, const char *name, double *value, bool *has) {
    *has = cw_xml_find(e, name) != NULL;
    return odr_number(xml, e, name, 0, 1e6, value);
}

static bool add_repeat(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    odr_repeat repeat = {0};
    bool ignored;
    if (!odr_number(xml, e, "s", r->object.s, 1e7, &repeat.s) ||
        !odr_number(xml, e, "length", 0, 1e7, &repeat.length) ||
        !odr_number(xml, e, "distance", 0, 1e7, &repeat.distance) ||
        !optional(xml, e, "tStart", &repeat.t0, &repeat.has_t) || !optional(xml, e, "tEnd", &repeat.t1, &ignored) ||
        !optional(xml, e, "widthStart", &repeat.width0, &repeat.has_width) ||
        !optional(xml, e, "widthEnd", &repeat.width1, &ignored) ||
        !optional(xml, e, "heightStart", &repeat.height0, &repeat.has_height) ||
        !optional(xml, e, "lengthStart", &repeat.length0, &repeat.has_length))
        return false;
    if (r->repeat_count == 256)
        return cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "an object has more than 256 <repeat>");
    if (!CW_GROW(r->repeats, r->repeat_capacity, r->repeat_count + 1))
        return cw_xml_fail(xml, NULL, CW_ERR_MEMORY, "out of memory");
    r->repeats[r->repeat_count++] = repeat;
    return true;
}

static void note_read_over(odr_reader *r, cw_xml *xml, const char *name) {
    static const char *const notes[][2] = {
        {"skeleton", "the object keeps its box; its polyline is read over"},
        {"markings", "what is painted on an object is not drawn"},
        {"borders", "the borders of an object are not drawn"},
        {"parkingSpace", "who may park there is read over"},
        {"surface", "a measured surface is read over: the road is even, with the friction of its lanes"}};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (strcmp(name, notes[i][0]) == 0)
            odr_notice(r, xml, name, notes[i][1]);
}

odr_tag odr_start_object(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    if (parent == ODR_OBJECTS) {
        if (strcmp(e->name, "object") == 0) {
            *fine = start_object(r, xml, e);
            return ODR_OBJECT;
        }
        bool tunnel = strcmp(e->name, "tunnel") == 0;
        if (tunnel || strcmp(e->name, "bridge") == 0) {
            cw_build_object o = {.id = odr_text(e, "id"),
                                 .name = odr_text(e, "name"),
                                 .kind = tunnel ? CW_OBJECT_TUNNEL : CW_OBJECT_BRIDGE};
            *fine = odr_number(xml, e, "s", NAN, 1e7, &o.s) && odr_number(xml, e, "length", 0, 1e7, &o.length);
            if (*fine)
                cw_build_object_add(r->builder, &o);
        } else if (strcmp(e->name, "objectReference") == 0) {
            odr_notice(r, xml, "objectReference", "an object of another road is not repeated here");
        }
        return ODR_SKIP;
    }
    if (parent == ODR_OBJECT) {
        if (strcmp(e->name, "outlines") == 0)
            return ODR_OUTLINES;
        if (strcmp(e->name, "repeat") == 0)
            *fine = add_repeat(r, xml, e);
        else
            note_read_over(r, xml, e->name);
    }
    if (strcmp(e->name, "outline") == 0) {
        const cw_xml_attr *outer = cw_xml_find(e, "outer");
        if (cw_xml_is(outer, "false") || cw_xml_is(outer, "0")) // a hole, or a line within another outline
            return ODR_SKIP;
        if (r->has_outline) { // each further one is a body of its own
            if (!odr_end_object(r, xml)) {
                *fine = false;
                return ODR_SKIP;
            }
            r->corner_count = 0;
        }
        r->has_outline = true;
        return ODR_OUTLINE;
    }
    if (parent == ODR_OUTLINE && (strcmp(e->name, "cornerLocal") == 0 || strcmp(e->name, "cornerRoad") == 0))
        *fine = add_corner(r, xml, e);
    return ODR_SKIP;
}

// Over the roof of a lorry, or low enough to drive over.
static bool in_the_way(const cw_build_object *o) {
    return o->z < 2.5 && !(o->height > 0 && o->z + o->height < 0.15);
}

static bool add(odr_reader *r, cw_xml *xml, const cw_build_object *object) {
    if (r->object_count++ == MOST_OBJECTS)
        return cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "more than %d objects", MOST_OBJECTS);
    cw_build_object_add(r->builder, object);
    return true;
}

static bool add_copies(odr_reader *r, cw_xml *xml, const odr_repeat *repeat) {
    cw_build_object copy = r->object;
    double t0 = repeat->has_t ? repeat->t0 : copy.t, t1 = repeat->has_t ? repeat->t1 : copy.t;
    double width0 = repeat->has_width ? repeat->width0 : copy.width;
    double width1 = repeat->has_width ? repeat->width1 : copy.width;
    if (repeat->has_height)
        copy.height = repeat->height0;
    if (repeat->has_length && repeat->length0 > 0)
        copy.length = repeat->length0;
    if (!(repeat->distance > 0)) { // one body along the road
        copy.strip = true;
        copy.s = repeat->s;
        copy.s_end = repeat->s + repeat->length;
        copy.t = t0;
        copy.t_end = t1;
        copy.width = width0;
        copy.width_end = width1;
        copy.corner_count = 0;
        return add(r, xml, &copy);
    }
    double count = floor(repeat->length / repeat->distance + 1e-9) + 1;
    if (count > MOST_COPIES)
        return cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "an object is repeated more than %d times", MOST_COPIES);
    for (int i = 0; i < (int)count; i++) {
        double f = repeat->length > 0 ? i * repeat->distance / repeat->length : 0;
        copy.s = repeat->s + i * repeat->distance;
        copy.t = cw_lerp(t0, t1, f);
        copy.width = cw_lerp(width0, width1, f);
        if (!add(r, xml, &copy))
            return false;
    }
    return true;
}

bool odr_end_object(odr_reader *r, cw_xml *xml) {
    cw_build_object *o = &r->object;
    o->id = (cw_build_text){r->object_id, strlen(r->object_id)};
    o->name = (cw_build_text){r->object_name, strlen(r->object_name)};
    o->solid = o->solid && in_the_way(o);
    o->corners = r->corners;
    o->corner_count = r->corner_count >= 3 ? (uint32_t)r->corner_count : 0;
    if (r->repeat_count == 0)
        return add(r, xml, o);
    for (size_t i = 0; i < r->repeat_count; i++)
        if (!add_copies(r, xml, &r->repeats[i]))
            return false;
    return true;
}
