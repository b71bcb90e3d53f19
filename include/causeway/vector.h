// The vector observation: what a learner's network reads instead of pictures. A row of floats for each agent, in its own frame
// (origin at its reference point, x forward, y left), every float scaled to about [-1, 1].
//
// Sections in this order: the ego, the nearest road users, the nearest road segments, the signals ahead on the route. Rows
// that nobody fills are zero. cw_vector_fields() is the layout, field by field; docs/BATCH.md is written from it.
#ifndef CAUSEWAY_VECTOR_H
#define CAUSEWAY_VECTOR_H

#include "causeway/base.h"
#include "causeway/road.h"
#include "causeway/scene.h"

struct cw_world; // causeway/world.h

typedef enum cw_vector_section { CW_VECTOR_EGO, CW_VECTOR_USER, CW_VECTOR_ROAD, CW_VECTOR_SIGNAL } cw_vector_section;

// One float of a row: value = quantity * scale.
typedef struct cw_vector_field {
    uint8_t section; // cw_vector_section
    const char *name, *unit;
    float scale;
    const char *text; // what it is
} cw_vector_field;

enum { CW_VECTOR_EGO_FIELDS = 16, CW_VECTOR_ROW = 7, CW_VECTOR_SIGNAL_FIELDS = 5 };

// The layout: fields of every section in order. For the ego the first `def.ego` of its fields are written.
const cw_vector_field *cw_vector_fields(uint32_t *count);

// What a road segment is; field `kind` holds it / 8.
typedef enum cw_segment_kind {
    CW_SEGMENT_NONE,
    CW_SEGMENT_LANE,   // centre line of a drivable lane, pointing along travel
    CW_SEGMENT_BROKEN, // a line that may be crossed
    CW_SEGMENT_SOLID,  // any other line between lanes
    CW_SEGMENT_EDGE,   // where the drivable area ends
    CW_SEGMENT_STOP,   // stop line
    CW_SEGMENT_CROSSWALK
} cw_segment_kind;

typedef enum cw_vector_kernel { // all give the same bits; AUTO takes the widest that the processor has
    CW_KERNEL_AUTO,
    CW_KERNEL_PLAIN,
    CW_KERNEL_AVX2,
    CW_KERNEL_AVX512
} cw_vector_kernel;

typedef struct cw_vector_def {
    uint32_t cookie;  // set by the functions below
    uint32_t ego;     // fields of the ego, 1 to CW_VECTOR_EGO_FIELDS
    uint32_t users;   // K nearest road users, ties by the lower actor
    uint32_t road;    // M nearest road segments to the centre of the 4 m cell that the agent is in, at most 4096
    uint32_t signals; // next ones on the route, at most 8
    float road_range; // m from the cell's centre, default 100
    uint8_t kernel;   // cw_vector_kernel, default AUTO
} cw_vector_def;

cw_vector_def cw_vector_full(void);    // 7 + 63 x 7 + 200 x 7 = 1,848 floats
cw_vector_def cw_vector_compact(void); // 16 + 12 x 7 + 20 x 7 + 2 x 5 = 250 floats
uint32_t cw_vector_floats(const cw_vector_def *def);
// Of the layout and its sizes: weights trained on one observation refuse another.
uint64_t cw_vector_layout_hash(const cw_vector_def *def);
// Does this processor run the kernel?
bool cw_vector_has(cw_vector_kernel kernel);

// The road segments of one map, listed for each cell of 4 m: made once, shared by any number of worlds and threads. The area
// is the map's. On failure NULL with *err: out of memory, or a map too dense (65,535 segments within a block of 256 m and its
// surroundings).
typedef struct cw_vector_map cw_vector_map;
cw_vector_map *cw_vector_map_new(const cw_vector_def *def, const cw_map *map, const cw_area *area, cw_error *err);
void cw_vector_map_free(cw_vector_map *map);               // NULL is fine
uint32_t cw_vector_map_segments(const cw_vector_map *map); // how many the map has

// The actors of one scene as the writer needs them. NULL when memory is out.
typedef struct cw_vector_cast cw_vector_cast;
cw_vector_cast *cw_vector_cast_new(const cw_scene *scene);
void cw_vector_cast_free(cw_vector_cast *cast); // NULL is fine

// Room to work in: one for each thread, for worlds of up to so many actors.
typedef struct cw_vector_scratch cw_vector_scratch;
cw_vector_scratch *cw_vector_scratch_new(uint32_t actors_most);
void cw_vector_scratch_free(cw_vector_scratch *scratch); // NULL is fine

typedef struct cw_vector_stop { // a signal, sign or stop line on the route
    float at;                   // m along the route
    uint32_t signal;            // of the map; CW_NONE: a stop line without one
    bool light;                 // it is a light; else one stops or yields
} cw_vector_stop;

// What the world does not know of an agent: its task.
typedef struct cw_vector_task {
    uint32_t actor;              // CW_NONE: the row is zero
    float route_s;               // m along the route
    float route_offset;          // m to the left of it
    float route_turn;            // sine of the agent's heading against the route's
    float last[2];               // action it took last: acceleration, steering, in [-1, 1]
    double goal_x, goal_y;       // m, map frame
    const cw_vector_stop *stops; // by `at`
    uint32_t stop_count;
} cw_vector_task;

// Writes the observations of `count` agents of one world: out + i * floats. The world's scene is the cast's, its map that of
// the vector map. Allocates nothing.
void cw_vector_write(const cw_vector_def *def, const cw_vector_map *map, const cw_vector_cast *cast,
                     const struct cw_world *world, const cw_vector_task *tasks, uint32_t count,
                     cw_vector_scratch *scratch, float *out);

#endif
