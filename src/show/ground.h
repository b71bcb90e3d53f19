// The map as shapes to be drawn: surfaces, lines, crosswalks, stop lines, objects and signs near a path, in metres. The
// video and the report draw the same shapes.
#ifndef CW_SHOW_GROUND_H
#define CW_SHOW_GROUND_H

#include "causeway/road.h"

typedef enum ground_kind { // in the order in which they are drawn
    GROUND_GREEN,          // medians, strips that are not for driving
    GROUND_SIDEWALK,
    GROUND_RAIL,
    GROUND_SHOULDER,
    GROUND_PARKING,
    GROUND_BIKING,
    GROUND_ROAD,
    GROUND_CROSSWALK, // striped along `angle`
    GROUND_LINE,      // a road mark
    GROUND_STOP,      // a stop line
    GROUND_OBJECT,
    GROUND_KINDS
} ground_kind;

typedef struct ground_shape {
    uint8_t kind;      // ground_kind
    uint8_t color;     // lines: cw_mark_color
    uint8_t item_kind; // objects: cw_object_kind; lines: cw_mark_kind; stop lines: cw_signal_kind
    bool closed;
    int16_t level;         // bridges above what they cross
    float width;           // lines, m
    float on, off, phase;  // dashes, m; off 0: none
    float angle;           // crosswalks: direction in which people walk, rad
    uint32_t item;         // objects: its index; stop lines: the signal's, CW_NONE
    uint32_t first, count; // points
    cw_vec2 low, high;     // bounding box, m
} ground_shape;

typedef struct ground_sign {
    uint32_t signal; // index in the map
    uint8_t kind;    // cw_signal_kind
    float value, heading;
    double x, y;
} ground_sign;

typedef struct ground {
    ground_shape *shapes; // in drawing order
    size_t count, capacity;
    cw_vec2 *points;
    size_t point_count, point_capacity;
    ground_sign *signs;
    size_t sign_count, sign_capacity;
} ground;

// What lies within `radius` m of the path. False when out of memory (close it still).
bool ground_open(ground *out, const cw_map *map, const cw_vec2 *path, size_t count, double radius);
void ground_close(ground *of);

#endif
