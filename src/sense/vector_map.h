// The road segments of a map as the writer reads them.
#ifndef CW_SENSE_VECTOR_MAP_H
#define CW_SENSE_VECTOR_MAP_H

#include "causeway/vector.h"

// Segments of a block of cells and its surroundings, in float32 relative to the block's centre: near enough that nothing is
// lost (a tenth of a millimetre), and one row is one vector.
typedef struct cw_vector_row { // scaled as the fields say, but for x and y
    float x, y;                // middle, m from the block's centre
    float length, width;
    float cosine, sine; // of its direction, map frame
    float kind;
    float zero;
} cw_vector_row;

enum { CW_BLOCK_CELLS = 64 }; // a block is so many cells across
#define CW_VECTOR_CELL 4.0    // m

typedef struct cw_vector_cell {
    uint32_t first, count; // in the list
} cw_vector_cell;

typedef struct cw_vector_block {
    double x, y; // its centre, m
    cw_vector_row *rows;
    uint32_t row_count;
    cw_vector_cell *cells; // CW_BLOCK_CELLS squared
} cw_vector_block;

struct cw_vector_map {
    double low_x, low_y; // m
    uint32_t across, up; // blocks
    uint32_t segment_count;
    uint32_t *blocks; // across * up: index + 1 into block, 0: no segment near
    cw_vector_block *block;
    size_t block_count, block_capacity;
    uint16_t *list; // rows of a block, nearest to the cell's centre first
    size_t list_count, list_capacity;
};

#endif
