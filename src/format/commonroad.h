// What the files of the CommonRoad reader share. Private to format.
#ifndef CAUSEWAY_FORMAT_COMMONROAD_H
#define CAUSEWAY_FORMAT_COMMONROAD_H

#include "causeway/format.h"
#include "road/build.h"
#include "tree.h"

typedef struct cr_reader {
    const char *path;
    cw_error *err;
    cw_status status;
    cw_notices *notices;
    cw_arena *work; // the tree and what is needed while reading
    const cw_node *root;
    double dt;    // s
    double start; // time of the planning problem's initial state, s: the scene's zero
    bool left_hand;
    cw_map_builder *builder;
    cw_scene *scene; // being filled, in its arena
} cr_reader;

// An interval, or twice the same exact value.
typedef struct cr_range {
    double low, high;
} cr_range;

// A shape as the file states it.
typedef struct cr_shape {
    enum { CR_NO_SHAPE, CR_RECTANGLE, CR_CIRCLE, CR_POLYGON } kind;
    double x, y, heading; // centre; polygons: of the box around it
    double length, width; // of the box around it
    uint32_t point_count; // polygon
    const cw_vec2 *points;
} cr_shape;

bool cr_fail(cr_reader *reader, const cw_node *node, cw_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool cr_memory(cr_reader *reader); // fails with CW_ERR_MEMORY
void cr_notice(cr_reader *reader, const cw_node *node, const char *name, const char *text);
void *cr_alloc(cr_reader *reader, cw_arena *arena, size_t count, size_t size); // NULL after an error
const char *cr_keep(cr_reader *reader, const char *text);                      // in the scene's arena

// The element's text as a finite number within +-1e9.
bool cr_number(cr_reader *reader, const cw_node *node, double *value);
bool cr_child_number(cr_reader *reader, const cw_node *node, const char *name,
                     double *value);                                              // the child must be there
bool cr_point(cr_reader *reader, const cw_node *node, cw_vec2 *point, double *z); // z may be NULL
bool cr_range_of(cr_reader *reader, const cw_node *node, cr_range *range); // <exact> or <intervalStart>, <intervalEnd>
bool cr_time_of(cr_reader *reader, const cw_node *state, cr_range *range); // s from the scene's zero
// The first shape below the node (a <shape>, <position> or <occupancy>); CR_NO_SHAPE when there is none.
bool cr_shape_of(cr_reader *reader, const cw_node *node, cr_shape *shape);
bool cr_points(cr_reader *reader, const cw_node *node, uint32_t *count, const cw_vec2 **points, const double **z);

bool cr_read_network(cr_reader *reader);  // commonroad_network.c: lanelets, signs, lights, intersections; makes the map
bool cr_read_programs(cr_reader *reader); // commonroad_network.c: cycles of lights
bool cr_read_actors(cr_reader *reader);   // commonroad_obstacle.c
bool cr_read_problem(cr_reader *reader, const cw_node *problem, cw_actor *ego); // commonroad_problem.c
// Where one of the obstacles is the ego's own recording, gives it to the ego. After both were read.
void cr_own_recording(cr_reader *reader, const cw_node *problem); // commonroad_problem.c

#endif
