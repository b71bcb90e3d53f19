// What a body perceives of the world: the only way from truth to a driver.
//
// Pure functions of the world's state: nothing is remembered, random draws are keyed by seed, world, step and actor.
#ifndef CAUSEWAY_SENSE_H
#define CAUSEWAY_SENSE_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/road.h"

struct cw_world; // causeway/world.h

// A detector on the observer's roof, at the centre of its box.
typedef struct cw_sensor_def {
    float range;          // m, to the centre of a road user's box; default 150
    float field_of_view;  // rad, around the heading; 2 pi and more: all round (default)
    float position_noise; // m, standard deviation along x and along y; default 0
    float speed_noise;    // m/s, likewise of vx and vy; default 0
    float position_error; // m by which each road user is seen beside its place, in a direction that turns; default 0
    float speed_error;    // m/s, likewise of its velocity along and against the error of position; default 0
    float miss_rate;      // chance that a frame but the first misses a road user; default 0
    uint32_t miss_most;   // frames in a row that may be missed; default 3
    int64_t frame_ns;     // a new frame, with new draws, so often; default 100 ms
    uint64_t seed;        // default 1
} cw_sensor_def;

cw_sensor_def cw_sensor_defaults(void);

// Road users that can be seen now, in the order of their actors, in the observer's frame; at most `most`; returns how many.
// One is seen when a straight line from the sensor to one of the points of its box - corners, middles of the sides, centre;
// near the top and at half height - passes no other body and no solid map object. In fog the range is the visibility.
// A brake lamp shows from 1.3 m/s^2 on.
uint32_t cw_sense_objects(const struct cw_world *world, uint32_t observer, const cw_sensor_def *def, cw_detection *out,
                          uint32_t most);
// The same question for one actor, without misses: may the observer see it? For the judge.
bool cw_sense_sees(const struct cw_world *world, uint32_t observer, const cw_sensor_def *def, uint32_t target);
// The id that detections of an actor carry, and back (CW_NONE: no actor's).
cw_id cw_sense_id(const struct cw_world *world, uint32_t actor);
uint32_t cw_sense_actor(const struct cw_world *world, cw_id id);

// Solid map objects within `range` m, nearest first, ties by their number; at most `most`; returns how many.
uint32_t cw_sense_walls(const struct cw_world *world, uint32_t observer, float range, cw_wall *out, uint32_t most);

// Signals, signs and stop lines that hold for the mission's route (without a route: for the lanes straight ahead), from
// 5 m behind the observer to `range` m ahead, in order of distance along it; at most `most`; returns how many.
uint32_t cw_sense_signals(const struct cw_world *world, uint32_t observer, const cw_mission *mission, float range,
                          cw_signal_view *out, uint32_t most);

// The actor as it knows itself.
void cw_sense_ego(const struct cw_world *world, uint32_t actor, cw_ego *out);
// Friction is known to lie within 0.9 to 1.0 of what it is (assumption A1).
void cw_sense_surface(const struct cw_world *world, uint32_t observer, cw_surface *out);

#endif
