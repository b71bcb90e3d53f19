// OpenDRIVE lanes: sections, widths, links, road marks and speeds.
#include "opendrive.h"

#include <math.h>
#include <string.h>

typedef struct word {
    const char *name;
    int value;
} word;

static int look_up(const word *words, size_t count, const cw_xml_attr *attr, int fallback) {
    for (size_t i = 0; attr != NULL && i < count; i++)
        if (cw_xml_is(attr, words[i].name))
            return words[i].value;
    return fallback;
}

#define LOOK_UP(words, attr, fallback) look_up((words), sizeof(words) / sizeof *(words), (attr), (fallback))

static const word lane_kinds[] = {
    {"driving", CW_LANE_DRIVING},
    {"none", CW_LANE_NONE},
    {"shoulder", CW_LANE_SHOULDER},
    {"sidewalk", CW_LANE_SIDEWALK},
    {"border", CW_LANE_BORDER},
    {"stop", CW_LANE_STOP},
    {"median", CW_LANE_MEDIAN},
    {"biking", CW_LANE_BIKING},
    {"parking", CW_LANE_PARKING},
    {"restricted", CW_LANE_RESTRICTED},
    {"curb", CW_LANE_CURB},
    {"walking", CW_LANE_WALKING},
    {"entry", CW_LANE_ENTRY},
    {"exit", CW_LANE_EXIT},
    {"onRamp", CW_LANE_ON_RAMP},
    {"offRamp", CW_LANE_OFF_RAMP},
    {"connectingRamp", CW_LANE_CONNECTING_RAMP},
    {"slipLane", CW_LANE_CONNECTING_RAMP},
    {"mwyEntry", CW_LANE_ENTRY},
    {"mwyExit", CW_LANE_EXIT},
    {"bidirectional", CW_LANE_BIDIRECTIONAL},
    {"bus", CW_LANE_BUS},
    {"taxi", CW_LANE_TAXI},
    {"HOV", CW_LANE_HOV},
    {"rail", CW_LANE_RAIL},
    {"tram", CW_LANE_TRAM},
    {"shared", CW_LANE_DRIVING},
    {"special1", CW_LANE_SPECIAL},
    {"special2", CW_LANE_SPECIAL},
    {"special3", CW_LANE_SPECIAL},
    {"roadWorks", CW_LANE_SPECIAL},
};

static const word mark_kinds[] = {
    {"none", CW_MARK_NONE},
    {"solid", CW_MARK_SOLID},
    {"broken", CW_MARK_BROKEN},
    {"solid solid", CW_MARK_SOLID_SOLID},
    {"solid broken", CW_MARK_SOLID_BROKEN},
    {"broken solid", CW_MARK_BROKEN_SOLID},
    {"broken broken", CW_MARK_BROKEN_BROKEN},
    {"botts dots", CW_MARK_BOTTS_DOTS},
    {"grass", CW_MARK_GRASS},
    {"curb", CW_MARK_CURB},
    {"edge", CW_MARK_EDGE},
    {"custom", CW_MARK_CUSTOM},
};

static const word mark_colors[] = {
    {"standard", CW_COLOR_STANDARD}, {"white", CW_COLOR_WHITE},   {"yellow", CW_COLOR_YELLOW},
    {"blue", CW_COLOR_BLUE},         {"green", CW_COLOR_GREEN},   {"red", CW_COLOR_RED},
    {"orange", CW_COLOR_ORANGE},     {"violet", CW_COLOR_VIOLET}, {"black", CW_COLOR_BLACK},
};

static const word changes[] = {
    {"none", 0}, {"both", CW_CHANGE_BOTH}, {"increase", CW_CHANGE_INCREASE}, {"decrease", CW_CHANGE_DECREASE}};

// What a mark that does not say so allows: crossing a broken line, and the broken side of a double one. The first word
// of a double line is its inner (nearer the centre) half.
static int usual_change(cw_mark_kind kind, int32_t lane) {
    switch (kind) {
    case CW_MARK_SOLID:
    case CW_MARK_SOLID_SOLID:
    case CW_MARK_CURB:
    case CW_MARK_GRASS:
    case CW_MARK_EDGE:
        return 0;
    case CW_MARK_SOLID_BROKEN: // from outside inward
        return lane > 0 ? CW_CHANGE_DECREASE : CW_CHANGE_INCREASE;
    case CW_MARK_BROKEN_SOLID:
        return lane > 0 ? CW_CHANGE_INCREASE : CW_CHANGE_DECREASE;
    default:
        return CW_CHANGE_BOTH;
    }
}

static bool read_mark(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_road_mark mark = {0};
    double width;
    if (!odr_number(xml, e, "sOffset", 0, 1e7, &mark.s) || !odr_number(xml, e, "width", 0, 1e3, &width))
        return false;
    mark.s += r->section;
    cw_mark_kind kind = (cw_mark_kind)LOOK_UP(mark_kinds, cw_xml_find(e, "type"), CW_MARK_CUSTOM);
    mark.kind = (uint8_t)kind;
    mark.color = (uint8_t)LOOK_UP(mark_colors, cw_xml_find(e, "color"), CW_COLOR_STANDARD);
    mark.change = (uint8_t)LOOK_UP(changes, cw_xml_find(e, "laneChange"), usual_change(kind, r->lane));
    mark.bold = cw_xml_is(cw_xml_find(e, "weight"), "bold");
    mark.width = (float)(width > 0 ? width : mark.bold ? 0.25 : 0.12);
    cw_build_mark(r->builder, &mark);
    return true;
}

static bool read_limit(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    const cw_xml_attr *max = cw_xml_find(e, "max");
    cw_speed_record record = {0};
    if (!odr_number(xml, e, "sOffset", 0, 1e7, &record.s))
        return false;
    record.s += r->section;
    if (cw_xml_is(max, "no limit")) {
        record.limit = INFINITY;
    } else if (max != NULL && !cw_xml_is(max, "undefined")) {
        double value, speed;
        if (!odr_number(xml, e, "max", NAN, 1e6, &value))
            return false;
        if (!odr_speed(cw_xml_find(e, "unit"), value, &speed))
            odr_notice(r, xml, "speed", "its unit is unknown; the limit is read over");
        else if (speed > 0)
            record.limit = (float)speed;
    }
    cw_build_limit(r->builder, &record);
    return true;
}

static bool read_material(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_grip_record record = {0};
    double friction;
    if (!odr_number(xml, e, "sOffset", 0, 1e7, &record.s) || !odr_number(xml, e, "friction", 0, 10, &friction))
        return false;
    record.s += r->section;
    record.friction = (float)cw_max(friction, 0);
    cw_build_grip(r->builder, &record);
    return true;
}

static bool read_width(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool border) {
    cw_cubic cubic;
    if (!odr_number(xml, e, "sOffset", 0, 1e7, &cubic.s) || !odr_number(xml, e, "a", 0, 1e6, &cubic.a) ||
        !odr_number(xml, e, "b", 0, 1e12, &cubic.b) || !odr_number(xml, e, "c", 0, 1e12, &cubic.c) ||
        !odr_number(xml, e, "d", 0, 1e12, &cubic.d))
        return false;
    cubic.s += r->section;
    if (border)
        cw_build_border(r->builder, &cubic);
    else
        cw_build_width(r->builder, &cubic);
    return true;
}

static odr_tag start_in_lane(odr_reader *r, cw_xml *xml, const cw_xml_element *e, bool *fine) {
    if (strcmp(e->name, "width") == 0) {
        *fine = read_width(r, xml, e, false);
        return ODR_LEAF;
    }
    if (strcmp(e->name, "roadMark") == 0) {
        *fine = read_mark(r, xml, e);
        return ODR_SKIP; // its <type> and <explicit> give the lines in detail; kind and width suffice here
    }
    if (strcmp(e->name, "link") == 0)
        return ODR_LANE_LINK;
    if (strcmp(e->name, "speed") == 0) {
        *fine = read_limit(r, xml, e);
        return ODR_LEAF;
    }
    if (strcmp(e->name, "border") == 0) {
        *fine = read_width(r, xml, e, true);
        return ODR_LEAF;
    }
    if (strcmp(e->name, "material") == 0) {
        *fine = read_material(r, xml, e);
        return ODR_LEAF;
    }
    if (strcmp(e->name, "access") == 0)
        odr_notice(r, xml, "access", "access rules of a lane are read over: its type decides who may use it");
    else if (strcmp(e->name, "height") == 0)
        odr_notice(r, xml, "height", "a lane's height above the road is read over: its surface is the road's");
    else if (strcmp(e->name, "rule") == 0)
        odr_notice(r, xml, "rule", "a lane's rules in words are read over");
    return ODR_SKIP;
}

static bool start_lane(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_build_lane lane = {0};
    if (!odr_integer(xml, e, "id", &lane.id))
        return false;
    cw_xml_where(xml, &lane.line, &lane.column);
    const cw_xml_attr *type = cw_xml_find(e, "type"), *direction = cw_xml_find(e, "direction");
    lane.kind = (cw_lane_kind)LOOK_UP(lane_kinds, type, CW_LANE_NONE);
    if (type != NULL && lane.kind == CW_LANE_NONE && !cw_xml_is(type, "none"))
        odr_notice(r, xml, "lane type", "this type is unknown; the lane counts as none");
    const cw_xml_attr *level = cw_xml_find(e, "level");
    lane.level = cw_xml_is(level, "true") || cw_xml_is(level, "1");
    lane.way = cw_xml_is(direction, "both")       ? CW_WAY_BOTH
               : cw_xml_is(direction, "reversed") ? CW_WAY_REVERSED
                                                  : CW_WAY_STANDARD;
    r->lane = lane.id;
    cw_build_begin_lane(r->builder, &lane);
    return true;
}

odr_tag odr_start_lane(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    switch (parent) {
    case ODR_LANES:
        if (strcmp(e->name, "laneSection") == 0) {
            *fine = odr_number(xml, e, "s", NAN, 1e7, &r->section);
            cw_build_begin_section(r->builder, r->section);
            return ODR_SECTION;
        }
        if (strcmp(e->name, "laneOffset") == 0) {
            cw_cubic cubic;
            *fine = odr_number(xml, e, "s", 0, 1e7, &cubic.s) && odr_number(xml, e, "a", 0, 1e6, &cubic.a) &&
                    odr_number(xml, e, "b", 0, 1e12, &cubic.b) && odr_number(xml, e, "c", 0, 1e12, &cubic.c) &&
                    odr_number(xml, e, "d", 0, 1e12, &cubic.d);
            cw_build_cubic(r->builder, CW_PROFILE_OFFSET, &cubic);
            return ODR_LEAF;
        }
        return ODR_SKIP;
    case ODR_SECTION:
        return strcmp(e->name, "left") == 0 || strcmp(e->name, "center") == 0 || strcmp(e->name, "right") == 0
                   ? ODR_SIDE
                   : ODR_SKIP;
    case ODR_SIDE:
        if (strcmp(e->name, "lane") != 0)
            return ODR_SKIP;
        *fine = start_lane(r, xml, e);
        return ODR_LANE;
    case ODR_LANE:
        return start_in_lane(r, xml, e, fine);
    default:
        break;
    }
    bool successor = strcmp(e->name, "successor") == 0;
    if (successor || strcmp(e->name, "predecessor") == 0) {
        int32_t id;
        int line, column;
        *fine = odr_integer(xml, e, "id", &id);
        cw_xml_where(xml, &line, &column);
        cw_build_lane_link(r->builder, successor, id, line, column);
    }
    return ODR_SKIP;
}
