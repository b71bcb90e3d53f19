// Drawing into the map builder: numbers become ids, left-hand traffic the mirror image.
#include "synth.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static cw_build_text text_of(const char *text) {
    return (cw_build_text){text, strlen(text)};
}

static const char *number_text(int number, char out[12]) {
    snprintf(out, 12, "%d", number);
    return out;
}

static double side(const town *t) {
    return t->def.left_hand ? -1 : 1;
}

// The mirror image of a number that counts to the left, never a negative zero.
static double sided(const town *t, double value) {
    return side(t) * value + 0.0;
}

static void link_end(town *t, bool successor, end_spec end) {
    char id[12];
    if (end.kind != CW_LINK_NONE)
        cw_build_road_link(
            t->builder, successor,
            &(cw_build_link){.id = text_of(number_text(end.number, id)), .kind = end.kind, .at_end = end.at_end});
}

// From z0 to z1, level at both ends, over a crest in the middle.
static void elevate(town *t, const road_spec *road) {
    double length = road->line->length;
    if (road->crest == 0) {
        cw_cubic rise = eased_width(road->z0, road->z1, length);
        cw_build_cubic(t->builder, CW_PROFILE_ELEVATION, &rise);
        return;
    }
    double top = 0.5 * (road->z0 + road->z1) + road->crest, half = 0.5 * length;
    cw_cubic up = eased_width(road->z0, top, half), down = eased_width(top, road->z1, half);
    down.s = half;
    cw_build_cubic(t->builder, CW_PROFILE_ELEVATION, &up);
    cw_build_cubic(t->builder, CW_PROFILE_ELEVATION, &down);
}

uint32_t pen_begin_road(town *t, int number, const road_spec *road, end_spec before, end_spec after) {
    char id[12], junction[12];
    assert(number == t->roads + 1);
    t->roads++;
    cw_build_road def = {.id = text_of(number_text(number, id)),
                         .name = text_of(road->name),
                         .length = road->line->length,
                         .left_hand = t->def.left_hand};
    if (road->junction >= 0)
        def.junction = text_of(number_text(road->junction, junction));
    uint32_t index = cw_build_begin_road(t->builder, &def);
    link_end(t, false, before);
    link_end(t, true, after);
    cw_build_road_type(t->builder, &(cw_road_type){.kind = (uint8_t)road->kind, .limit = (float)road->limit});
    for (int i = 0; i < road->line->count; i++) {
        cw_geometry g = road->line->piece[i];
        g.y = sided(t, g.y);
        g.heading = sided(t, g.heading);
        g.k0 = sided(t, g.k0);
        g.k1 = sided(t, g.k1);
        cw_build_geometry(t->builder, &g);
    }
    elevate(t, road);
    return index;
}

static bool crossable(cw_mark_kind mark) {
    return mark == CW_MARK_BROKEN || mark == CW_MARK_NONE;
}

void pen_section(town *t, double s, const lane_spec *lanes, int count) {
    int sign = t->def.left_hand ? -1 : 1;
    cw_build_begin_section(t->builder, s);
    for (int i = 0; i < count; i++) {
        const lane_spec *lane = &lanes[i];
        cw_build_begin_lane(t->builder, &(cw_build_lane){.id = sign * lane->id, .kind = lane->kind});
        for (int k = 0; k < lane->widths; k++) {
            cw_cubic width = lane->width[k];
            width.s += s;
            cw_build_width(t->builder, &width);
        }
        cw_build_mark(t->builder, &(cw_road_mark){.s = s,
                                                  .kind = (uint8_t)lane->mark,
                                                  .color = CW_COLOR_WHITE,
                                                  .change = crossable(lane->mark) && lane->id != 0 ? CW_CHANGE_BOTH : 0,
                                                  .width = 0.12F});
        if (lane->previous != 0)
            cw_build_lane_link(t->builder, false, sign * lane->previous, 0, 0);
        if (lane->next != 0)
            cw_build_lane_link(t->builder, true, sign * lane->next, 0, 0);
        cw_build_end_lane(t->builder);
    }
    cw_build_end_section(t->builder);
}

void pen_end_road(town *t) {
    cw_build_end_road(t->builder);
}

void pen_junction(town *t, int number) {
    char id[12];
    assert(number == t->junctions + 1);
    t->junctions++;
    cw_build_junction(t->builder, text_of(number_text(number, id)), 0);
}

void pen_connection(town *t, int incoming, int connecting, const int (*pairs)[2], int count) {
    char from[12], over[12];
    int sign = t->def.left_hand ? -1 : 1;
    cw_build_connection(t->builder, text_of(number_text(incoming, from)), text_of(number_text(connecting, over)), false,
                        0, 0);
    for (int i = 0; i < count; i++)
        cw_build_lane_pair(t->builder, sign * pairs[i][0], sign * pairs[i][1], 0, 0);
}

cw_cubic eased_width(double from, double to, double length) {
    double rise = to - from;
    return (cw_cubic){.a = from, .c = 3 * rise / (length * length), .d = -2 * rise / (length * length * length)};
}

const char *pen_sign(town *t, const char *type, const char *name, double s, double tt, bool along, int lane_first,
                     int lane_last, bool dynamic, double height) {
    char id[16];
    snprintf(id, sizeof id, "s%d", ++t->things);
    bool line = strcmp(type, "294") == 0;
    cw_build_signal signal = {.id = text_of(id),
                              .name = text_of(name),
                              .country = text_of("OpenDRIVE"),
                              .type = text_of(type),
                              .subtype = text_of("-1"),
                              .kind = line                       ? CW_SIGNAL_STOP_LINE
                                      : dynamic                  ? CW_SIGNAL_LIGHT
                                      : strcmp(type, "205") == 0 ? CW_SIGNAL_YIELD
                                      : strcmp(type, "206") == 0 ? CW_SIGNAL_STOP
                                                                 : CW_SIGNAL_PRIORITY,
                              .dynamic = dynamic,
                              .orientation = along ? 1 : -1,
                              .s = s,
                              .t = sided(t, tt),
                              .z = height,
                              .value = -1,
                              .height = line ? 0 : 0.75,
                              .width = line ? 0 : 0.5};
    int sign = t->def.left_hand ? -1 : 1;
    cw_build_signal_add(t->builder, &signal);
    cw_build_validity(t->builder, sign * lane_first, sign * lane_last);
    const char *kept = cw_arena_text(t->arena, id, strlen(id));
    t->failed = t->failed || kept == NULL;
    return kept != NULL ? kept : "";
}

static void pen_object(town *t, cw_build_object object, const char *name) {
    char id[16];
    snprintf(id, sizeof id, "o%d", ++t->things);
    object.id = text_of(id);
    object.name = text_of(name);
    object.solid = object.kind != CW_OBJECT_CROSSWALK && object.kind != CW_OBJECT_PARKING;
    object.t = sided(t, object.t);
    object.heading = sided(t, object.heading);
    cw_build_object_add(t->builder, &object);
}

void pen_box(town *t, cw_object_kind kind, double s, double tt, double heading, double length, double width,
             double height) {
    const char *name = kind == CW_OBJECT_BUILDING    ? "house"
                       : kind == CW_OBJECT_CROSSWALK ? "crosswalk"
                       : kind == CW_OBJECT_OBSTACLE  ? "parked car"
                       : kind == CW_OBJECT_BARRIER   ? "barrier"
                                                     : "parking space";
    pen_object(
        t,
        (cw_build_object){
            .kind = kind, .s = s, .t = tt, .heading = heading, .length = length, .width = width, .height = height},
        name);
}

void pen_round(town *t, cw_object_kind kind, double s, double tt, double radius, double height) {
    pen_object(t, (cw_build_object){.kind = kind, .s = s, .t = tt, .radius = radius, .height = height}, "tree");
}

void pen_sample(town *t, const curve *line, double half) {
    for (double s = 0; s <= line->length; s += 4) {
        if (!CW_GROW(t->samples, t->sample_capacity, t->sample_count + 1)) {
            t->failed = true;
            return;
        }
        cw_pose p = curve_at(line, s, 0);
        t->samples[t->sample_count++] = (sample){p.x, p.y, half};
    }
}
