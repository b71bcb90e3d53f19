// Lines of sight.
#ifndef CW_SENSE_SIGHT_H
#define CW_SENSE_SIGHT_H

#include "causeway/base.h"

// An upright box that may stand in the way.
typedef struct cw_blocker {
    cw_box box;
    double low, high; // m
    double radius;    // of the circle round the box, m
} cw_blocker;

// Does the straight line from p to q pass through it?
bool cw_blocker_stops(const cw_blocker *blocker, cw_vec3 p, cw_vec3 q);
// May it stop any line from `from` to the circle at (x, y)? Cheap, errs towards yes.
bool cw_blocker_near(const cw_blocker *blocker, cw_vec3 from, double x, double y, double radius);

#endif
