// Where the ego is asked to go: from the scenario's goal or from the way its file would move it.
#ifndef CW_RUN_MISSION_H
#define CW_RUN_MISSION_H

#include "causeway/run.h"

struct cw_world;

// The mission of a world that is about to be driven, from the ego's present place. `route` (may be NULL) names the route
// definition that the storyboard assigned. Everything it points to lives in `arena`. Never fails: with nothing to follow
// the route is empty and the driver keeps its lane.
void cw_mission_make(const cw_scene *scene, const struct cw_world *world, const cw_route_request *request,
                     uint64_t seed, double duration, cw_arena *arena, cw_mission *mission);

#endif
