// The corridor: the lanes ahead along the route as one sampled reference line, the frame in which the classical driver
// thinks. s runs along it (m, 0 at the first sample), d to its left (m).
#ifndef CW_DRIVE_CORRIDOR_H
#define CW_DRIVE_CORRIDOR_H

#include "causeway/agent.h"
#include "drive/line.h"

enum { CORRIDOR_POINTS = 448, CORRIDOR_LANES = 48 };
#define CORRIDOR_BACK 24.0 // m it begins behind the ego

typedef struct corridor {
    double x[CORRIDOR_POINTS], y[CORRIDOR_POINTS];                            // m, map; samples 1 m apart
    float ux[CORRIDOR_POINTS], uy[CORRIDOR_POINTS], heading[CORRIDOR_POINTS]; // tangent; heading unwrapped, rad
    float curvature[CORRIDOR_POINTS];                                         // 1/m, > 0 left
    float half[CORRIDOR_POINTS];                                              // half of its own lane's width, m
    float limit[CORRIDOR_POINTS];                                             // m/s the file states; INFINITY: none
    float bend[CORRIDOR_POINTS];                                              // m/s that the curve allows
    float cap[CORRIDOR_POINTS];        // m/s: both, seen from before with gentle braking
    float aim[CORRIDOR_POINTS];        // m left of the middle that the rear axle takes through tight bends
    float extra[CORRIDOR_POINTS];      // 1/m of curvature that this adds (line.h)
    double lane_start[CORRIDOR_LANES]; // s at which the lane begins (may be before the first sample)
    double lane_end[CORRIDOR_LANES];
    uint32_t lane[CORRIDOR_LANES];
    uint8_t slot[CORRIDOR_POINTS]; // sample -> lane
    uint32_t count;                // samples
    uint32_t lane_count;
    double change_from;     // s from which the lane beside leads to the route, so that the change may begin
    double change_deadline; // s at which the route must have been joined; INFINITY: nothing to do
    int32_t change_lanes;   // lanes to change for the route: > 0 to the left, < 0 to the right
    uint32_t open;          // straight ahead over open ground: no lane known
    uint32_t dead_end;      // the last lane has no successor
    uint32_t lane_ends;     // the change is asked for by a lane that narrows or ends, not by the route
    uint32_t beside_end;    // the change would only lead to the route's last lane, beside which the corridor ends
} corridor;

typedef struct corridor_point {
    double x, y, heading;
    float curvature;
} corridor_point;

// Along the route's lanes (or the straightest ones) from a place on a lane, `ego_travel` m from the lane's start.
// lateral_accel: m/s^2 that the speed in curves keeps. Returns the s of the place.
double cw_corridor_build(corridor *c, const cw_map *map, const cw_route *route, uint32_t lane, double ego_travel,
                         double lateral_accel, const line_body *body);
// A lane that narrows to nothing before the change asked for, or ends while one beside goes on, is left in time: writes
// that change. `ego`: s. (Building does so too.)
void cw_corridor_merge(corridor *c, const cw_map *map, double ego, const line_body *body);
// As if it stated no limit, or its bends asked for no speed.
void cw_corridor_free(corridor *c, bool of_limits);
// Straight ahead from a pose, where no lane is known. Returns the s of the pose.
double cw_corridor_build_open(corridor *c, double x, double y, double heading);

// s and d of a point. hint: s near by; NAN: search all.
void cw_corridor_project(const corridor *c, double x, double y, double hint, double *s, double *d);
corridor_point cw_corridor_at(const corridor *c, double s, double d);
// d of the line that the rear axle takes when nothing else is on; slope (dd/ds) and extra curvature, 1/m, may be NULL.
double cw_corridor_aim(const corridor *c, double s, double *slope, double *extra);
double cw_corridor_length(const corridor *c);
double cw_corridor_curvature(const corridor *c, double s);
double cw_corridor_half(const corridor *c, double s);
double cw_corridor_cap(const corridor *c, double s);    // m/s
uint32_t cw_corridor_lane(const corridor *c, double s); // map lane, CW_NONE over open ground
double cw_corridor_travel(const corridor *c, double s); // travel on that lane, m
// s of a travel distance on a lane of the corridor; NAN when the lane is not in it.
double cw_corridor_find(const corridor *c, uint32_t lane, double travel);

// The lane beside the corridor's own at s, seen along the way it goes.
typedef struct corridor_side {
    uint32_t lane;   // CW_NONE: none that has width
    double center;   // d of its centre line, m
    double half;     // half of its width, m
    bool drivable;   // for cars
    bool same_way;   // traffic runs as the corridor does
    bool may_change; // the marking lets it
} corridor_side;
corridor_side cw_corridor_beside(const corridor *c, const cw_map *map, double s, bool left);
// Does the lane beside at s run on beside the corridor's own, or into them, until there?
bool cw_corridor_goes_along(const corridor *c, const cw_map *map, double s, double until, bool left);
// How far the paved part that a car may use (lanes of any kind but kerbs, walks and the like) reaches to that side, m.
double cw_corridor_paved(const corridor *c, const cw_map *map, double s, bool left, bool oncoming);

#endif
