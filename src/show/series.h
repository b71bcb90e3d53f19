// Quantities along a drive that plots show and no column of a trace holds.
#ifndef CW_SHOW_SERIES_H
#define CW_SHOW_SERIES_H

#include "replay.h"

typedef struct series {
    float *gap;    // [ticks] m to the next road user on the ego's way; NAN: none
    float *ttc;    // [ticks] s until it is reached at the present speeds; NAN: not closing
    float *offset; // [ticks] m left of the centre of the lane under the ego's box; NAN: off the lanes
} series;

// In the replay's arena. False when out of memory.
bool series_make(series *out, const replay *of, const cw_map *map);

#endif
