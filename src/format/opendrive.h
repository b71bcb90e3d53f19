// What the files of the OpenDRIVE reader share. Private to format.
#ifndef CAUSEWAY_FORMAT_OPENDRIVE_H
#define CAUSEWAY_FORMAT_OPENDRIVE_H

#include "causeway/format.h"
#include "road/build.h"
#include "xml.h"

enum { ODR_MOST_DEPTH = 32 };

typedef enum odr_tag {
    ODR_SKIP, // an element that is read over, with all below it
    ODR_ROOT,
    ODR_HEADER,
    ODR_GEOREFERENCE,
    ODR_ROAD,
    ODR_ROAD_LINK,
    ODR_TYPE,
    ODR_PLAN_VIEW,
    ODR_GEOMETRY,
    ODR_ELEVATION_PROFILE,
    ODR_LATERAL_PROFILE,
    ODR_LANES,
    ODR_SECTION,
    ODR_SIDE,
    ODR_LANE,
    ODR_LANE_LINK,
    ODR_OBJECTS,
    ODR_OBJECT,
    ODR_OUTLINES,
    ODR_OUTLINE,
    ODR_SIGNALS,
    ODR_SIGNAL,
    ODR_CONTROLLER,
    ODR_JUNCTION,
    ODR_CONNECTION,
    ODR_LEAF // an element without children of interest
} odr_tag;

typedef struct odr_repeat {
    double s, length, distance;
    double t0, t1, width0, width1, height0, length0;
    bool has_t, has_width, has_height, has_length;
} odr_repeat;

typedef struct odr_reader {
    const char *path;
    cw_notices *notices;
    cw_map_builder *builder;
    odr_tag stack[ODR_MOST_DEPTH + 2]; // by depth
    bool has_root, has_header;
    // the open header
    char georeference[1024];
    size_t georeference_length;
    // the open road
    double length;        // of the road
    double geometry_end;  // m
    cw_geometry geometry; // open
    bool has_shape;
    cw_road_type type;
    double section; // s of the open section
    int32_t lane;   // id of the open lane
    bool side_left, side_right;
    // the open object
    cw_build_object object;
    char object_id[128], object_name[128];
    cw_build_corner *corners;
    size_t corner_count, corner_capacity;
    bool has_outline;
    odr_repeat *repeats;
    size_t repeat_count, repeat_capacity;
    uint32_t object_count;
    // the open controller
    char controller[128];
    uint8_t junction_kind;
} odr_reader;

// The attribute as a finite number within +-most; `fallback` where it is absent (NAN: it must be there). False after an
// error.
bool odr_number(cw_xml *xml, const cw_xml_element *element, const char *name, double fallback, double most,
                double *value);
bool odr_integer(cw_xml *xml, const cw_xml_element *element, const char *name, int32_t *value);
cw_build_text odr_text(const cw_xml_element *element, const char *name); // text NULL where absent
void odr_notice(odr_reader *reader, cw_xml *xml, const char *name, const char *text);
// Metres per second for a speed in the unit named; unit NULL: m/s. False: unknown unit.
bool odr_speed(const cw_xml_attr *unit, double value, double *speed);

// opendrive_object.c. The tag for the children; ODR_SKIP with *fine false after an error.
odr_tag odr_start_object(odr_reader *reader, cw_xml *xml, const cw_xml_element *element, odr_tag parent, bool *fine);
bool odr_end_object(odr_reader *reader, cw_xml *xml);
// opendrive_signal.c
odr_tag odr_start_signal(odr_reader *reader, cw_xml *xml, const cw_xml_element *element, odr_tag parent, bool *fine);
// opendrive_lane.c
odr_tag odr_start_lane(odr_reader *reader, cw_xml *xml, const cw_xml_element *element, odr_tag parent, bool *fine);
// opendrive_junction.c
odr_tag odr_start_junction(odr_reader *reader, cw_xml *xml, const cw_xml_element *element, odr_tag parent, bool *fine);

#endif
