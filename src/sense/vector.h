// What layout (vector.c) and writer (vector_write.c) share.
#ifndef CW_SENSE_VECTOR_H
#define CW_SENSE_VECTOR_H

#include "sense/vector_map.h"

// Scales of the fields, by their place in the row.
extern const float cw_ego_scale[CW_VECTOR_EGO_FIELDS], cw_user_scale[CW_VECTOR_ROW], cw_road_scale[CW_VECTOR_ROW],
    cw_signal_scale[CW_VECTOR_SIGNAL_FIELDS];

typedef struct cw_cast_row {   // of an actor
    float center_x, center_y;  // m, of its box from the reference point
    float length, width, kind; // scaled, as they stand in a road user's row
} cw_cast_row;

struct cw_vector_cast {
    uint32_t count;
    cw_cast_row rows[];
};

typedef struct cw_user_tail { // fields of a road user's row that do not depend on who looks
    float speed, length, width, kind;
} cw_user_tail;

typedef struct cw_vector_place {  // on the map of segments
    const cw_vector_block *block; // NULL: none is near
    cw_vector_cell cell;
} cw_vector_place;

// Actors that are present, in order; arrays of `most` and a vector's more.
struct cw_vector_scratch {
    uint32_t most;
    uint32_t *slot; // per actor of the scene: its place in the arrays below, CW_NONE: not present
    double *x, *y;  // centre of its box, m; 1e200 where nobody sees it
    double *heading, *sine, *cosine;
    double *distance2; // from who looks, m^2
    double *sorted;    // a copy to select from
    double *near;      // distances of those picked
    uint32_t *pick;    // where there are many: those that may be among the nearest
    int32_t *rank;
    uint32_t *order;            // slots by rank
    float *rounded;             // distances
    float *ahead, *left, *turn; // in the frame of who looks, scaled
    cw_user_tail *tail;
    cw_vector_place *place; // of who looks, by task
};

#endif
