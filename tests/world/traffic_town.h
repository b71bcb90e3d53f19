// Networks for tests and figures of background traffic, written as OpenDRIVE and read back: a grid of junctions with or
// without lights and signs, and a ring.
#ifndef TESTS_WORLD_TRAFFIC_TOWN_H
#define TESTS_WORLD_TRAFFIC_TOWN_H

#include "causeway/scene.h"
#include "causeway/world.h"

typedef enum town_signs { TOWN_BARE, TOWN_LIGHTS, TOWN_ALL_STOP, TOWN_PRIORITY_X } town_signs;

typedef struct town_def {
    int columns, rows; // junctions
    double spacing;    // m between them
    double stub;       // m of road at the edges
    int lanes;         // each way
    double limit;      // m/s
    town_signs signs;
    bool mirrored;      // y turned over, traffic keeps left
    double x, y;        // m, where the first junction lies
    const char *prefix; // before every id
} town_def;

town_def town_defaults(void);
// The little town of scenes/: paths, crosswalks, a lane that ends.
cw_scene *town_little(void);
cw_scene *town_make(const town_def *def); // no ego, no traffic yet; fails the test when it cannot be read

// One lane round a circle, one way.
cw_scene *town_ring(double length, double limit);
// A straight road of so many lanes each way along +x.
cw_scene *town_straight(double length, int lanes, double limit);
// Two such roads, one lane each way, that cross in their middles without a junction.
cw_scene *town_crossing(double length, double limit);
// Lane of a road by its id and the lane's id.
uint32_t town_lane(const cw_scene *scene, const char *road, int id);

// A scene of a map that is not written here.
cw_scene *town_of_map(cw_map *map);

#endif
