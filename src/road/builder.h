// The builder's tables, shared by the files that fill and finish a map. Private to road.
#ifndef CAUSEWAY_ROAD_BUILDER_H
#define CAUSEWAY_ROAD_BUILDER_H

#include "build.h"
#include "internal.h"

#define CW_TABLE(type)                                                                                                 \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count, capacity;                                                                                        \
    }

typedef struct cw_raw_link { // of a road's end
    const char *id;          // NULL: none
    uint8_t kind;
    bool at_end, in_between;
    int line, column;
} cw_raw_link;

typedef struct cw_raw_road {
    cw_road road;
    const char *junction; // id, NULL outside
    cw_raw_link predecessor, successor;
    bool repeated; // its id was taken
} cw_raw_road;

typedef struct cw_raw_lane_link {
    int32_t id;
    bool successor;
    int line, column;
} cw_raw_lane_link;

typedef struct cw_raw_lane {
    cw_lane lane;
    cw_span links; // cw_raw_lane_link
    uint8_t way;
} cw_raw_lane;

typedef struct cw_raw_pair {
    int32_t from, to;
    int line, column;
} cw_raw_pair;

typedef struct cw_raw_connection {
    uint32_t junction;
    const char *incoming, *other;
    bool at_end;
    cw_span pairs;
    int line, column;
} cw_raw_connection;

typedef struct cw_raw_priority {
    uint32_t junction;
    const char *high, *low;
} cw_raw_priority;

typedef cw_validity cw_raw_validity;

typedef struct cw_raw_reference { // of a signal to the lanes of a road; each signal has one to its own
    const char *id;               // NULL: signal `signal`
    uint32_t signal, road;
    double s;
    int8_t orientation;
    cw_span validity;
    int line, column;
} cw_raw_reference;

typedef struct cw_raw_control {
    const char *controller, *signal;
} cw_raw_control;

typedef struct cw_raw_object {
    cw_object object;
    bool stop_line, strip;
    double length, width, radius, s_end, t_end, width_end;
    cw_span corners; // cw_build_corner
} cw_raw_object;

typedef struct cw_raw_lanelet {
    cw_build_lanelet def;                     // its texts and points live in the tables below and in the map's arena
    const char *id, *junction, *left, *right; // left, right: neighbours' ids or NULL
    size_t points;                            // in lanelet_points: left bound, then right
    uint32_t lane;                            // made by cw_lanelets_lay
    double *z;                                // malloc'ed, or NULL
    int line, column;
} cw_raw_lanelet;

typedef struct cw_raw_lanelet_link {
    uint32_t lanelet;
    bool successor;
    const char *id;
} cw_raw_lanelet_link;

typedef struct cw_raw_lanelet_stop {
    uint32_t lanelet;
    bool has_line;
    cw_vec2 line[2];
} cw_raw_lanelet_stop;

typedef struct cw_raw_lanelet_signal { // one for each signal, in their order
    bool has_position;
    cw_vec2 position;
} cw_raw_lanelet_signal;

typedef struct cw_raw_lanelet_hold {
    uint32_t lanelet, signal;
} cw_raw_lanelet_hold;

typedef struct cw_edge { // traffic goes from one lane to the other
    uint32_t from, to;
} cw_edge;

typedef CW_TABLE(cw_cubic) cw_cubic_table;
typedef CW_TABLE(cw_edge) cw_edge_table;
typedef CW_TABLE(cw_stop) cw_stop_table;
typedef CW_TABLE(cw_crossing) cw_crossing_table;
typedef CW_TABLE(cw_conflict) cw_conflict_table;

struct cw_map_builder {
    cw_build_note *note;
    void *note_context;
    cw_map *map; // in its arena
    bool failed;
    CW_TABLE(cw_raw_road) roads;
    CW_TABLE(cw_section) sections;
    CW_TABLE(cw_raw_lane) lanes;
    CW_TABLE(cw_raw_lane_link) lane_links;
    CW_TABLE(cw_geometry) geometry;
    cw_cubic_table cubics;
    cw_cubic_table open[3]; // profiles of the open road, by cw_build_profile
    cw_cubic_table border;  // of the open lane
    CW_TABLE(cw_road_type) types;
    CW_TABLE(cw_road_mark) marks;
    CW_TABLE(cw_speed_record) limits;
    CW_TABLE(cw_grip_record) grips;
    CW_TABLE(cw_junction) junctions;
    CW_TABLE(cw_raw_connection) connections;
    CW_TABLE(cw_raw_pair) pairs;
    CW_TABLE(cw_raw_priority) priorities;
    CW_TABLE(cw_signal) signals;
    CW_TABLE(cw_raw_reference) references;
    CW_TABLE(cw_raw_validity) validity;
    CW_TABLE(cw_raw_control) controls;
    CW_TABLE(cw_raw_object) objects;
    CW_TABLE(cw_build_corner) corners;
    CW_TABLE(cw_raw_lanelet) lanelets;
    CW_TABLE(cw_vec2) lanelet_points;
    CW_TABLE(cw_raw_lanelet_link) lanelet_links;
    CW_TABLE(cw_raw_lanelet_stop) lanelet_stops;
    CW_TABLE(cw_raw_lanelet_signal) lanelet_signals;
    CW_TABLE(cw_raw_lanelet_hold) lanelet_holds;
    struct cw_lanelet_name *lanelet_names; // sorted by id
    bool lane_open, section_open, road_open;
    // made while finishing
    const uint32_t *by_road_id; // sorted by id: roads
    cw_road *final_roads;
    cw_lane *final_lanes;
    cw_edge_table edges;
};

// Makes room for one more and gives a pointer to it, zeroed; NULL (and the builder has failed) when memory is out.
#define CW_ADD(builder, table)                                                                                         \
    (cw_table_room((builder), (void **)&(table)->items, &(table)->capacity, (table)->count, sizeof *(table)->items)    \
         ? &(table)->items[(table)->count++]                                                                           \
         : NULL)
bool cw_table_room(cw_map_builder *builder, void **items, size_t *capacity, size_t count, size_t element);

const char *cw_builder_text(cw_map_builder *builder, cw_build_text text); // NULL stays NULL
void cw_builder_note(cw_map_builder *builder, int line, int column, const char *name, const char *text);
uint32_t cw_builder_find_road(const cw_map_builder *builder, const char *id);

// Steps of finishing, in this order. Each returns false when memory is out (or a limit is reached).
bool cw_lanelets_lay(cw_map_builder *builder);                   // lanelet.c: points to roads and lanes
bool cw_links_resolve(cw_map_builder *builder, cw_index *index); // link.c
bool cw_lanelets_link(cw_map_builder *builder);                  // lanelet.c
bool cw_links_store(cw_map_builder *builder);                    // link.c
bool cw_objects_place(cw_map_builder *builder, cw_crossing_table *crossings, cw_stop_table *stops); // object.c
bool cw_signals_place(cw_map_builder *builder, cw_stop_table *stops);                               // signal.c
bool cw_lanelets_signals(cw_map_builder *builder, cw_stop_table *stops);                            // lanelet.c
bool cw_speed_signs_apply(cw_map_builder *builder); // speed.c, once the stops are stored
bool cw_conflicts_find(cw_map_builder *builder);    // conflict.c

// ---- strips: a lane's area as quadrilaterals -------------------------------------------------------------------------

typedef struct cw_quad {
    cw_vec2 corner[4]; // right start, right end, left end, left start: counter-clockwise along rising s
    cw_rect box;
} cw_quad;

typedef struct cw_strip {
    uint32_t lane;
    uint32_t count;
    double s0, s1; // road s of the stretch
    cw_quad *quads;
    float *z; // height of each quad's middle
    cw_rect box;
} cw_strip;

// The lane from s0 to s1 in steps of about `step` m, narrowed by `inset` m at both borders. False when memory is out.
bool cw_strip_make(const cw_map *map, uint32_t lane, double s0, double s1, double step, double inset, cw_strip *strip);
void cw_strip_free(cw_strip *strip);
bool cw_convex_overlap(const cw_vec2 *a, int a_count, const cw_vec2 *b, int b_count);
bool cw_rects_meet(const cw_rect *a, const cw_rect *b);

#endif
