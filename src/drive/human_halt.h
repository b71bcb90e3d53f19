// Where the careful human driver halts by rule: lights, stop signs, and whoever has the right of way.
#ifndef CW_DRIVE_HUMAN_HALT_H
#define CW_DRIVE_HUMAN_HALT_H

#include "causeway/agent.h"

typedef struct human_way { // the lanes ahead
    const cw_obs *obs;
    uint32_t count;
    const uint32_t *lanes;
    const double *start; // m from the ego's reference point to the start of each, < 0 for its own
    double front, rear;  // reach of the car ahead of and behind that point, m
} human_way;

typedef struct human_halt {
    double room;    // m from the front bumper to where it must halt; INFINITY: nowhere
    cw_cause cause; // why; its value is the room
} human_halt;

// wanted: m/s of free driving. *stopped_at, the caller's: the stop sign that the car has stood at; CW_NONE at first.
human_halt cw_human_halt(const human_way *way, double wanted, uint32_t *stopped_at);

#endif
