// The scenery of a map: its surfaces, markings and things, and the land around, as one mesh.
//
// A pure function of the map and the definition. What the map does not have (houses, trees, street lamps, terrain) comes
// from the seed.
#ifndef CW_SENSE_SCENERY_H
#define CW_SENSE_SCENERY_H

#include "causeway/road.h"
#include "sense/mesh.h"

typedef struct cw_scenery_def {
    uint32_t cookie; // set by cw_scenery_defaults
    const cw_map *map;
    uint64_t seed; // default 1
    // For pictures of a hundred pixels: few triangles, no windows, no digits on signs. Default false.
    bool coarse;
    bool terrain, buildings, trees, lamps; // default true
    double wear;                           // 0..1: how worn markings are, default 0.25
    double tolerance;                      // m by which a chord may leave a curve, default 0.015 (coarse 0.15)
    size_t triangle_limit;                 // default 30e6
} cw_scenery_def;

cw_scenery_def cw_scenery_defaults(const cw_map *map);

typedef enum cw_thing { // what an object of the scenery is
    CW_THING_GROUND,    // row 0: surfaces, markings, terrain
    CW_THING_SIGNAL,    // `index` in map->signals
    CW_THING_OBJECT,    // `index` in map->objects
    CW_THING_BUILDING,  // generated
    CW_THING_TREE,
    CW_THING_LAMP,  // `index` in `lamps`
    CW_THING_BRIDGE // `index` in map->roads
} cw_thing;

typedef struct cw_scenery_object {
    uint8_t thing;         // cw_thing
    uint8_t semantic;      // cw_class
    uint32_t index;        // see cw_thing; else CW_NONE
    uint32_t first, count; // its triangles: one run, but for the ground's, which stand between others'
    float low[3], high[3]; // their bounding box, m
} cw_scenery_object;

typedef struct cw_street_lamp {
    float position[3]; // of the light source, m, mesh frame
    float facing;      // rad: direction from the pole over the road
} cw_street_lamp;

typedef struct cw_scenery {
    double origin[3]; // m, map frame: add it to mesh coordinates
    cw_mesh mesh;
    uint32_t object_count, lamp_count;
    const cw_scenery_object *objects; // row 0: the ground
    const cw_street_lamp *lamps;
} cw_scenery;

// `arena` holds all of it. CW_ERR_INPUT: the map has no surface at all; CW_ERR_LIMIT: more triangles than the limit, or a
// map too wide; CW_ERR_MEMORY.
cw_status cw_scenery_build(const cw_scenery_def *def, cw_arena *arena, cw_scenery *out, cw_error *err);

// By how much a lane's surface stands above the road surface (sidewalks behind their kerb), m. The road map knows one
// height for all of a road's lanes; who stands on this lane is drawn higher by so much.
double cw_lane_lift(const cw_map *map, uint32_t lane);

#endif
