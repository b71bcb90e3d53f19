// The cut-in experiment by which driver models are compared (JRC, after the code published with the fuzzy safety model): a
// car comes over from the lane beside, slower than the ego, and the driver must not run into it.
#ifndef CAUSEWAY_CUT_IN_H
#define CAUSEWAY_CUT_IN_H

#include "causeway/agent.h"
#include "causeway/road.h"

typedef struct cw_cut_in {
    double ego_speed, other_speed; // m/s; the other keeps its speed
    double gap;                    // m, bumper to bumper at the start
    double lateral_speed;          // m/s to the side, reached with 1.5 m/s^2
} cw_cut_in;

typedef struct cw_cut_in_outcome {
    bool hit;
    float impact;  // m/s
    float braking; // m/s^2, hardest on the way
    uint64_t hash; // of the world at the end
} cw_cut_in_outcome;

#define CW_CUT_IN_LENGTH 4.3 // m, both cars
#define CW_CUT_IN_WIDTH 1.9
#define CW_CUT_IN_BESIDE 1.6  // m free between their sides at the start
#define CW_CUT_IN_TIME 35.0   // s at most
#define CW_CUT_IN_PERIOD 0.1  // s
#define CW_CUT_IN_START 100.0 // m: where the ego's middle begins on the map

// One case. map: a straight road along +x of at least 1500 m with two lanes of 3.5 m, of which the right one's middle is
// y = -5.25 and the left one's y = -1.75; its limit is what the driver would drive. `driver` keeps no state between cases.
// May be called from several threads at once.
cw_status cw_cut_in_run(const cw_cut_in *c, const cw_map *map, const cw_driver *driver, bool evaluator,
                        cw_cut_in_outcome *out, cw_error *err);

#endif
