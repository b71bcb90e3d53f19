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

// What a road user's row is made from, whoever looks: a line of the cache.
typedef struct cw_vector_user {
    double x, y, heading, zero;       // of its box: centre, m; rad
    float speed, length, width, kind; // scaled, as they stand in the row
    float unused[4];
} cw_vector_user;

typedef struct cw_vector_place {  // on the map of segments
    const cw_vector_block *block; // NULL: none is near
    cw_vector_cell cell;
} cw_vector_place;

// Actors that are present, in order; arrays of `most` and a vector's more.
struct cw_vector_scratch {
    uint32_t most;
    cw_vector_user *user;
    uint32_t *slot; // per actor of the scene: its place in the arrays, CW_NONE: not present
    double *x, *y;  // centre of its box, m; 1e200 where nobody sees it
    double *sine, *cosine;
    double *distance2; // from who looks, m^2; where the rounded ones do not tell
    double *sorted;    // a copy to select from
    double *near;      // distances of those picked
    uint32_t *pick;    // where there are many: those that may be among the nearest
    int32_t *rank;
    uint32_t *order;        // slots by rank
    float *rounded;         // distances
    cw_vector_place *place; // of who looks, by task
};

#endif
