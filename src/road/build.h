// The map builder that readers fill: records go in as the file states them, in file order; cw_build_finish sorts them,
// resolves every link and computes what a map needs. Ids are the file's own strings, resolved at the end, so that a file
// may refer forward. Memory failures are remembered and reported by cw_build_finish.
#ifndef CAUSEWAY_ROAD_BUILD_H
#define CAUSEWAY_ROAD_BUILD_H

#include "causeway/road.h"

typedef struct cw_map_builder cw_map_builder;

typedef struct cw_build_text { // need not be terminated; text NULL: absent
    const char *text;
    size_t length;
} cw_build_text;

// Called for what cannot be resolved and is read over. name: the element concerned.
typedef void cw_build_note(void *context, int line, int column, const char *name, const char *text);

cw_map_builder *cw_build_new(cw_build_note *note, void *context); // NULL when out of memory; note may be NULL
void cw_build_free(cw_map_builder *builder);                      // NULL is fine
// Hands out the map and leaves the builder empty (free it still). Fails only with CW_ERR_MEMORY or CW_ERR_LIMIT.
cw_status cw_build_finish(cw_map_builder *builder, const char *path, cw_map **map, cw_error *err);

// name: its text NULL keeps the one there is.
void cw_build_header(cw_map_builder *builder, cw_build_text name, double x, double y, double z, double heading);
void cw_build_georeference(cw_map_builder *builder, cw_build_text georeference);

// ---- roads -----------------------------------------------------------------------------------------------------------

typedef struct cw_build_road {
    cw_build_text id, name, junction; // junction: NULL outside junctions
    double length;
    bool left_hand;
    int line, column;
} cw_build_road;

typedef struct cw_build_link {
    cw_build_text id;
    cw_link_kind kind;
    bool at_end;     // road: contact point of the other road is its end
    bool in_between; // of a virtual junction: it joins the other road between its ends; no lanes are linked
    int line, column;
} cw_build_link;

typedef enum cw_build_profile { CW_PROFILE_ELEVATION, CW_PROFILE_SUPERELEVATION, CW_PROFILE_OFFSET } cw_build_profile;

typedef struct cw_build_lane {
    int32_t id;
    cw_lane_kind kind;
    bool level;
    enum { CW_WAY_STANDARD, CW_WAY_REVERSED, CW_WAY_BOTH } way;
    int line, column;
} cw_build_lane;

// begin and end nest: road > section > lane. What belongs to a road, section or lane goes in between.
uint32_t cw_build_begin_road(cw_map_builder *builder, const cw_build_road *road); // its index
void cw_build_road_length(cw_map_builder *builder, double length);                // corrects the open road's
void cw_build_geometry(cw_map_builder *builder, const cw_geometry *geometry);
void cw_build_cubic(cw_map_builder *builder, cw_build_profile profile, const cw_cubic *cubic);
void cw_build_road_type(cw_map_builder *builder, const cw_road_type *type);
void cw_build_road_link(cw_map_builder *builder, bool successor, const cw_build_link *link);
void cw_build_begin_section(cw_map_builder *builder, double s);
void cw_build_begin_lane(cw_map_builder *builder, const cw_build_lane *lane);
void cw_build_width(cw_map_builder *builder, const cw_cubic *width);   // s: road s
void cw_build_border(cw_map_builder *builder, const cw_cubic *border); // s: road s; used where a lane has no width
void cw_build_mark(cw_map_builder *builder, const cw_road_mark *mark);
void cw_build_limit(cw_map_builder *builder, const cw_speed_record *limit);
void cw_build_grip(cw_map_builder *builder, const cw_grip_record *grip);
void cw_build_lane_link(cw_map_builder *builder, bool successor, int32_t id, int line, int column);
void cw_build_end_lane(cw_map_builder *builder);
void cw_build_end_section(cw_map_builder *builder);
void cw_build_end_road(cw_map_builder *builder);

// ---- junctions -------------------------------------------------------------------------------------------------------

void cw_build_junction(cw_map_builder *builder, cw_build_text id, uint8_t kind);
// Of the junction begun last. `other` is the connecting road, or the linked road of a direct junction; `at_end`: its end
// is what touches the incoming road.
void cw_build_connection(cw_map_builder *builder, cw_build_text incoming, cw_build_text other, bool at_end, int line,
                         int column);
void cw_build_lane_pair(cw_map_builder *builder, int32_t from, int32_t to, int line, int column);
void cw_build_priority(cw_map_builder *builder, cw_build_text high, cw_build_text low);

// ---- signals and objects ---------------------------------------------------------------------------------------------

typedef struct cw_build_signal {
    cw_build_text id, name, country, type, subtype;
    cw_signal_kind kind;
    bool dynamic;
    int8_t orientation;
    double s, t, z, value;
    double heading, height, width;
} cw_build_signal;

// Of the road begun last. A validity holds for the signal or reference added last.
void cw_build_signal_add(cw_map_builder *builder, const cw_build_signal *signal);
void cw_build_signal_reference(cw_map_builder *builder, cw_build_text id, double s, int8_t orientation, int line,
                               int column);
void cw_build_validity(cw_map_builder *builder, int32_t from, int32_t to);
void cw_build_control(cw_map_builder *builder, cw_build_text controller, cw_build_text signal);

typedef cw_corner cw_build_corner;

typedef struct cw_build_object {
    cw_build_text id, name;
    cw_object_kind kind;
    bool solid, stop_line;
    double s, t, z;               // m
    double heading;               // rad, relative to the road
    double length, width, height; // m; 0 where not stated
    double radius;                // m; 0: a box
    uint32_t corner_count;        // outline; 0: the box or circle
    const cw_build_corner *corners;
    bool strip; // runs along the road from s to s_end: t to t_end, width to width_end
    double s_end, t_end, width_end;
} cw_build_object;

void cw_build_object_add(cw_map_builder *builder, const cw_build_object *object); // of the road begun last

// ---- lanelets --------------------------------------------------------------------------------------------------------

typedef struct cw_build_lanelet {
    cw_build_text id;
    cw_build_text junction; // id of a junction added before; NULL outside
    cw_lane_kind kind;
    cw_road_kind road;
    float limit; // m/s, 0: none stated
    bool both_ways, left_hand;
    uint32_t count;              // points of each bound, at least 2
    const cw_vec2 *left, *right; // m, along the direction of travel
    const double *z;             // height of the middle, m, or NULL
    cw_road_mark left_mark, right_mark;
    cw_build_text adjacent_left, adjacent_right; // NULL: none
    bool left_same, right_same;                  // the neighbour runs the same way
    int line, column;
} cw_build_lanelet;

// A road with one lane, id -1. Returns its index among the lanelets; CW_NONE, with a note, when it has no extent.
uint32_t cw_build_lanelet_add(cw_map_builder *builder, const cw_build_lanelet *lanelet);
void cw_build_lanelet_link(cw_map_builder *builder, uint32_t lanelet, bool successor, cw_build_text id);
// Where to stop on it: across the line p - q, or at its end (line NULL).
void cw_build_lanelet_stop(cw_map_builder *builder, uint32_t lanelet, const cw_vec2 *line);
// A sign or light; returns its index. position: where it stands in the plane, or NULL. signal->s, t and orientation are
// ignored.
uint32_t cw_build_lanelet_signal(cw_map_builder *builder, const cw_build_signal *signal, const cw_vec2 *position);
// It holds for the lanelet: lights, stop and yield signs at its stop line or else at its end, others from its start.
void cw_build_lanelet_holds(cw_map_builder *builder, uint32_t lanelet, uint32_t signal);

#endif
