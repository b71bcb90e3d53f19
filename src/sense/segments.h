// Road segments of a map: what the vector observation shows of the road.
#ifndef CW_SENSE_SEGMENTS_H
#define CW_SENSE_SEGMENTS_H

#include "causeway/vector.h"

typedef struct cw_segment {
    cw_vec2 from, to; // m, map frame; along travel for lanes
    float width;      // m: of the lane or of the line
    uint8_t kind;     // cw_segment_kind
} cw_segment;

typedef struct cw_segments {
    cw_segment *items;
    size_t count, capacity;
} cw_segments;

// Appends all of the map's, none longer than 5 m. False when memory is out. `out->items` comes from malloc.
bool cw_segments_gather(const cw_map *map, const cw_area *area, cw_segments *out);

#endif
