// Boxes in uniform motion: when they touch, in closed form. Separating axes: on each of the four face normals the two
// shadows overlap during an interval of time; the boxes overlap while all four do.
#include "judge/judging.h"

#include <math.h>

cw_vec2 cw_moment_velocity(const cw_moment *m) {
    return (cw_vec2){m->speed * m->box.ux - m->lateral * m->box.uy, m->speed * m->box.uy + m->lateral * m->box.ux};
}

bool cw_sweep(const cw_box *a, cw_vec2 va, const cw_box *b, cw_vec2 vb, double *enter, double *leave) {
    double dx = b->x - a->x, dy = b->y - a->y, vx = vb.x - va.x, vy = vb.y - va.y;
    double first = 0, last = INFINITY;
    const cw_vec2 axis[4] = {{a->ux, a->uy}, {-a->uy, a->ux}, {b->ux, b->uy}, {-b->uy, b->ux}};
    for (int i = 0; i < 4; i++) {
        double reach = cw_box_reach(a, axis[i].x, axis[i].y) + cw_box_reach(b, axis[i].x, axis[i].y);
        double at = dx * axis[i].x + dy * axis[i].y, speed = vx * axis[i].x + vy * axis[i].y;
        if (fabs(speed) < 1e-9) {
            if (fabs(at) > reach)
                return false;
            continue;
        }
        double t0 = (-reach - at) / speed, t1 = (reach - at) / speed;
        first = cw_max(first, cw_min(t0, t1));
        last = cw_min(last, cw_max(t0, t1));
        if (first > last)
            return false;
    }
    *enter = first;
    *leave = last;
    return true;
}
