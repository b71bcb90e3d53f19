// Gap acceptance: when one that is on its way reaches and leaves a stretch of road, at the earliest and at the latest.
#include "causeway/rules.h"

#include <math.h>

double cw_gap_time(double distance, double speed, double accel, double top) {
    if (distance <= 0)
        return 0;
    speed = cw_max(speed, 0);
    if (accel <= 0)
        return speed > 0 ? distance / speed : (double)INFINITY;
    if (speed >= top)
        return distance / cw_max(speed, 1e-3);
    double reach = (top * top - speed * speed) / (2 * accel); // m until the top speed
    if (distance <= reach)
        return (sqrt(speed * speed + 2 * accel * distance) - speed) / accel;
    return (top - speed) / accel + (distance - reach) / top;
}
