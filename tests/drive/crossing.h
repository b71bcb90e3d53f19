// A crossing of two roads, for tests and figures of the evaluator.
#ifndef TEST_DRIVE_CROSSING_H
#define TEST_DRIVE_CROSSING_H

#include "causeway/road.h"

#define CROSSING_HALF 1.75  // m of a lane
#define CROSSING_LIMIT 14.0 // m/s

// Ego's lane runs east along y = 0, its opposite west along y = 3.5. One crosses them to the north at x = 2: who comes there comes
// from ego's right, and goes first. One crosses them to the south at x = -2. 200 m of each arm; the caller frees it.
cw_map *crossing_map(void);

#endif
