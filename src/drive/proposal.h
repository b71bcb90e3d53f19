// A proposal: a way across the corridor and a way along it, simulated forward on the vehicle's model and scored.
#ifndef CW_DRIVE_PROPOSAL_H
#define CW_DRIVE_PROPOSAL_H

#include "drive/lateral.h"
#include "drive/law.h"
#include "drive/situation.h"

typedef enum manoeuvre { KEEP, NUDGE, CHANGE, PASS, EVADE } manoeuvre;

typedef struct proposal {
    lateral course;
    manoeuvre what;
    double fraction; // of the speed that the law would drive; < 0: full braking
    bool bold;       // in front of those that it can pass before
    bool oncoming;   // uses the oncoming lane
    bool illegal;    // crosses a line that it should not cross
    bool going_on;   // what it was doing already
    bool forced;     // with `force` as its acceleration instead of the law's
    double force;    // m/s^2
    double price;    // of the manoeuvre itself
    cw_id about;     // whom it passes
} proposal;

typedef struct outcome {
    double cost;
    bool contact;        // with a prediction
    double contact_time; // s
    cw_id contact_with;
    bool arrives;                                           // at a goal that sets a time, in time
    double margin;                                          // least distance to anybody, m
    double accel, steer;                                    // command now
    double demand;                                          // what the law asked for now, before jerk limits, m/s^2
    double last_s;                                          // where it ends along the corridor
    float x[CW_TRAJECTORY_POINTS], y[CW_TRAJECTORY_POINTS]; // m, from the ego, map axes
    float heading[CW_TRAJECTORY_POINTS], speed[CW_TRAJECTORY_POINTS]; // map, m/s
} outcome;

void cw_proposal_simulate(const situation *now, const proposal *p, const barrier *b, outcome *out);

#endif
