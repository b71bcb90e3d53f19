// What the files of the reader of recorded worlds share. Private to format.
#ifndef CAUSEWAY_FORMAT_RECORDING_H
#define CAUSEWAY_FORMAT_RECORDING_H

#include "base/json_scan.h"
#include "causeway/format.h"
#include "road/build.h"

enum { REC_OBJECTS = 2000, REC_SAMPLES = 20000, REC_ROADS = 200000, REC_POINTS = 2000000 };

typedef struct rec_point {
    double x, y, z;
} rec_point;

typedef struct rec_object {
    char id[24];
    size_t place; // in the file
    cw_actor_kind kind;
    double length, width, height;
    bool expert, has_goal, removed;
    rec_point goal;
    size_t first, count; // samples in the reader's tables
} rec_object;

typedef enum rec_road_kind {
    REC_LANE,
    REC_LINE,
    REC_EDGE,
    REC_STOP,
    REC_CROSSWALK,
    REC_BUMP,
    REC_DRIVEWAY
} rec_road_kind;

typedef struct rec_road {
    rec_road_kind kind;
    char id[24];
    size_t place;
    size_t first, count; // points
} rec_road;

typedef struct rec_light {
    char lane[24]; // id of the road that it holds for
    size_t place;
    rec_point at;        // stop point
    size_t first, count; // states
} rec_light;

typedef struct rec_reader {
    cw_json json;
    cw_notices *notices;
    char name[128];
    rec_object *objects;
    size_t object_count, object_capacity;
    // of all objects, one row for each sample
    rec_point *positions;
    size_t position_count, position_capacity;
    double *headings;
    size_t heading_count, heading_capacity;
    cw_vec2 *velocities;
    size_t velocity_count, velocity_capacity;
    bool *valid;
    size_t valid_count, valid_capacity;
    rec_road *roads;
    size_t road_count, road_capacity;
    rec_point *points;
    size_t point_count, point_capacity;
    rec_light *lights;
    size_t light_count, light_capacity;
    // of all lights, one row for each state
    uint8_t *states;
    size_t state_count, state_capacity;
    uint32_t *steps; // sample that it holds from
    size_t step_capacity;
    int64_t sdc;
    int64_t *predict; // track indices
    size_t predict_count, predict_capacity;
    bool has_objects, has_roads;
} rec_reader;

bool rec_read_point(rec_reader *r, rec_point *out);
bool rec_read_roads(rec_reader *r);                           // recording_road.c
bool rec_read_lights(rec_reader *r);                          // recording_light.c
void rec_light_name(const rec_light *light, char out[40]);    // the id of its signal
bool rec_make_programs(const rec_reader *r, cw_scene *scene); // false: memory is out
cw_map *rec_build_map(rec_reader *r);                         // NULL: memory is out
void rec_notice(rec_reader *r, size_t place, const char *name, const char *text);

#endif
