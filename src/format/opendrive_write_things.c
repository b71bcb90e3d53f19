// Objects and signals of a road as OpenDRIVE.
#include "opendrive_write.h"

#include <math.h>
#include <string.h>

// ---- objects ---------------------------------------------------------------------------------------------------------

static const char *const object_kinds[] = {"none",     "crosswalk",  "pole",   "barrier",      "building",
                                           "obstacle", "vegetation", "tree",   "parkingSpace", "trafficIsland",
                                           "gantry",   "roadMark",   "tunnel", "bridge"};

static void object_numbers(cw_scribe *p, const cw_object *o) {
    cw_scribe_number(p, "s", o->s);
    cw_scribe_number(p, "t", o->t);
    cw_scribe_number(p, "zOffset", o->z);
    cw_scribe_number(p, "hdg", (double)o->heading);
    cw_scribe_number(p, "height", (double)o->height);
    if (o->shape.radius > 0) {
        cw_scribe_number(p, "radius", o->shape.radius);
    } else {
        cw_scribe_number(p, "length", o->shape.length);
        cw_scribe_number(p, "width", o->shape.width);
    }
}

static void write_object(cw_scribe *p, const cw_map *map, const cw_object *o) {
    bool span = o->kind == CW_OBJECT_TUNNEL || o->kind == CW_OBJECT_BRIDGE;
    const char *name = span ? object_kinds[o->kind] : "object";
    cw_scribe_start(p, name);
    cw_scribe_text(p, "id", o->id);
    cw_scribe_text(p, "name", o->name);
    if (span) {
        cw_scribe_number(p, "s", o->s);
        cw_scribe_number(p, "length", o->shape.length);
        cw_scribe_text(p, "type", o->kind == CW_OBJECT_TUNNEL ? "standard" : "concrete");
        if (o->kind == CW_OBJECT_TUNNEL) {
            cw_scribe_number(p, "lighting", 0);
            cw_scribe_number(p, "daylight", 1);
        }
        cw_scribe_end(p, name);
        return;
    }
    cw_scribe_text(p, "type", object_kinds[o->kind]);
    cw_scribe_text(p, "orientation", "none");
    object_numbers(p, o);
    const cw_shape *shape = &o->shape;
    if (shape->strip) {
        cw_scribe_start(p, "repeat");
        cw_scribe_number(p, "s", o->s);
        cw_scribe_number(p, "length", shape->s_end - o->s);
        cw_scribe_number(p, "distance", 0);
        cw_scribe_number(p, "tStart", o->t);
        cw_scribe_number(p, "tEnd", shape->t_end);
        cw_scribe_number(p, "widthStart", shape->width);
        cw_scribe_number(p, "widthEnd", shape->width_end);
        cw_scribe_number(p, "heightStart", (double)o->height);
        cw_scribe_number(p, "heightEnd", (double)o->height);
        cw_scribe_number(p, "zOffsetStart", o->z);
        cw_scribe_number(p, "zOffsetEnd", o->z);
        cw_scribe_end(p, "repeat");
    }
    if (shape->corners.count > 0) {
        cw_scribe_start(p, "outlines");
        cw_scribe_start(p, "outline");
        cw_scribe_whole(p, "id", 0);
        for (uint32_t i = 0; i < shape->corners.count; i++) {
            const cw_corner *corner = &map->corners[shape->corners.first + i];
            const char *kind = corner->road ? "cornerRoad" : "cornerLocal";
            cw_scribe_start(p, kind);
            cw_scribe_number(p, corner->road ? "s" : "u", corner->a);
            cw_scribe_number(p, corner->road ? "t" : "v", corner->b);
            cw_scribe_number(p, corner->road ? "dz" : "z", 0);
            cw_scribe_number(p, "height", (double)o->height);
            cw_scribe_end(p, kind);
        }
        cw_scribe_end(p, "outline");
        cw_scribe_end(p, "outlines");
    }
    cw_scribe_end(p, name);
}

// The reader makes a crosswalk of such a signal by itself.
static bool drawn_by_signal(const cw_map *map, const cw_object *o) {
    uint32_t signal = o->kind == CW_OBJECT_CROSSWALK ? cw_map_find_signal(map, o->id) : CW_NONE;
    return signal != CW_NONE && map->signals[signal].road == o->road &&
           strcmp(map->signals[signal].type, "1000003") == 0;
}

void odr_write_objects(cw_scribe *p, const cw_map *map, uint32_t road) {
    bool any = false;
    for (uint32_t i = 0; i < map->object_count; i++) {
        if (map->objects[i].road != road || drawn_by_signal(map, &map->objects[i]))
            continue;
        if (!any)
            cw_scribe_start(p, "objects");
        any = true;
        write_object(p, map, &map->objects[i]);
    }
    if (any)
        cw_scribe_end(p, "objects");
}

// ---- signals ---------------------------------------------------------------------------------------------------------

static void write_validity(cw_scribe *p, const cw_map *map, const cw_signal_reference *reference) {
    for (uint32_t i = 0; i < reference->validity.count; i++) {
        const cw_validity *v = &map->validity[reference->validity.first + i];
        cw_scribe_start(p, "validity");
        cw_scribe_whole(p, "fromLane", v->from);
        cw_scribe_whole(p, "toLane", v->to);
        cw_scribe_end(p, "validity");
    }
}

static const char *orientation(int8_t sign) {
    return sign > 0 ? "+" : sign < 0 ? "-" : "none";
}

static void write_signal(cw_scribe *p, const cw_map *map, const cw_signal *s, const cw_signal_reference *reference) {
    bool speed = s->kind == CW_SIGNAL_SPEED_LIMIT || s->kind == CW_SIGNAL_SPEED_LIMIT_END;
    cw_scribe_start(p, "signal");
    cw_scribe_number(p, "s", s->s);
    cw_scribe_number(p, "t", s->t);
    cw_scribe_text(p, "id", s->id);
    cw_scribe_text(p, "name", s->name);
    cw_scribe_text(p, "dynamic", s->dynamic ? "yes" : "no");
    cw_scribe_text(p, "orientation", orientation(s->orientation));
    cw_scribe_number(p, "zOffset", s->z);
    cw_scribe_text(p, "country", s->country);
    cw_scribe_text(p, "type", s->type);
    cw_scribe_text(p, "subtype", s->subtype);
    double kmh = rint(s->value * 3.6); // a Swedish sign with a small number counts in tens, so km/h where they fit
    bool fits = speed && kmh / 3.6 == s->value;
    cw_scribe_number(p, "value", fits ? kmh : s->value);
    if (speed)
        cw_scribe_text(p, "unit", fits ? "km/h" : "m/s");
    cw_scribe_number(p, "height", (double)s->height);
    cw_scribe_number(p, "width", (double)s->width);
    cw_scribe_number(p, "hOffset", (double)s->heading);
    write_validity(p, map, reference);
    cw_scribe_end(p, "signal");
}

// A signal's first reference is its own place, as the builder adds them.
void odr_write_signals(cw_scribe *p, const cw_map *map, uint32_t road) {
    bool any = false;
    for (uint32_t i = 0; i < map->reference_count; i++) {
        const cw_signal_reference *r = &map->references[i];
        if (r->road != road || r->signal == CW_NONE)
            continue;
        if (!any)
            cw_scribe_start(p, "signals");
        any = true;
        const cw_signal *s = &map->signals[r->signal];
        if (r->own) {
            write_signal(p, map, s, r);
            continue;
        }
        cw_scribe_start(p, "signalReference");
        cw_scribe_number(p, "s", r->s);
        cw_scribe_number(p, "t", 0);
        cw_scribe_text(p, "id", s->id);
        cw_scribe_text(p, "orientation", orientation(r->orientation));
        write_validity(p, map, r);
        cw_scribe_end(p, "signalReference");
    }
    if (any)
        cw_scribe_end(p, "signals");
}
