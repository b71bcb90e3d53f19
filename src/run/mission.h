// Where the ego is asked to go: from the scenario's goal or from the way its file would move it.
#ifndef CW_RUN_MISSION_H
#define CW_RUN_MISSION_H

#include "causeway/run.h"

struct cw_world;

// A mission that asks for nothing: no route, no goal, no speed.
cw_mission cw_mission_open(void);

// The mission of a world that is about to be driven, from the ego's present place, or from `from`, on a lane, where it has
// missed its way. `route` (may be NULL) names the route
// definition that the storyboard assigned. Everything it points to lives in `arena`. Never fails: with nothing to follow
// the route is empty and the driver keeps its lane.
void cw_mission_make(const cw_scene *scene, const struct cw_world *world, const cw_route_request *request,
                     const cw_lane_place *from, uint64_t seed, double duration, cw_arena *arena, cw_mission *mission);
// Has the ego, at this place and heading (rad, map), left the way to where the mission ends, so that another is to be looked
// for? Not within junctions, where lanes overlap, nor where it only passes somebody.
bool cw_mission_missed(const cw_scene *scene, const cw_mission *mission, const cw_lane_place *place, double heading);

#endif
