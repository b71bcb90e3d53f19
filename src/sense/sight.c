#include "sense/sight.h"

#include <math.h>

// Cuts [*t0, *t1] to where position + t * step lies within +-half. False when nothing is left.
static bool cut(double position, double step, double half, double *t0, double *t1) {
    if (step == 0)
        return fabs(position) <= half;
    double a = (-half - position) / step, b = (half - position) / step;
    *t0 = cw_max(*t0, cw_min(a, b));
    *t1 = cw_min(*t1, cw_max(a, b));
    return *t0 <= *t1;
}

bool cw_blocker_stops(const cw_blocker *blocker, cw_vec3 p, cw_vec3 q) {
    const cw_box *box = &blocker->box;
    double px = p.x - box->x, py = p.y - box->y, dx = q.x - p.x, dy = q.y - p.y;
    double t0 = 0, t1 = 1;
    if (!cut(px * box->ux + py * box->uy, dx * box->ux + dy * box->uy, box->half_length, &t0, &t1) ||
        !cut(py * box->ux - px * box->uy, dy * box->ux - dx * box->uy, box->half_width, &t0, &t1))
        return false;
    double z0 = p.z + (q.z - p.z) * t0, z1 = p.z + (q.z - p.z) * t1;
    return cw_min(z0, z1) < blocker->high && cw_max(z0, z1) > blocker->low;
}

bool cw_blocker_near(const cw_blocker *blocker, cw_vec3 from, double x, double y, double radius) {
    double dx = x - from.x, dy = y - from.y, bx = blocker->box.x - from.x, by = blocker->box.y - from.y;
    double length = cw_hypot(dx, dy), reach = blocker->radius + radius;
    double along = bx * dx + by * dy, aside = fabs(by * dx - bx * dy);
    return along >= -blocker->radius * length && along <= (length + reach) * length && aside <= reach * length;
}
