// What an agent of the batch has before it on its route.
#include "run/batch_parts.h"

#include "base/heading.h"

#include <assert.h>
#include <math.h>

void cw_batch_route(const cw_batch *b, uint32_t agent, const float *ahead, uint32_t count, float *out) {
    assert(agent < b->agent_count);
    uint32_t low = 0, high = b->world_count; // the world whose agents begin at or before it
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (b->worlds[middle].first <= agent)
            low = middle;
        else
            high = middle;
    }
    const cw_batch_slot *w = &b->worlds[low];
    const cw_agent_plan *plan = &w->scene->agents[agent - w->first];
    const cw_trail *trail = &plan->trail;
    cw_world_arrays at;
    cw_world_view(w->world, &at);
    double x = at.x[plan->actor], y = at.y[plan->actor], sine, cosine, from = (double)b->agents[agent].route_s;
    cw_heading_sincos(at.heading[plan->actor], &sine, &cosine);
    for (uint32_t i = 0; i < count; i++) {
        double s = (from + (double)ahead[i]) / trail->step;
        uint32_t k = s <= 0 ? 0 : s >= trail->count - 1 ? trail->count - 1 : (uint32_t)s;
        const cw_trail_point *p = &trail->points[k];
        double px = p->x, py = p->y, rest = s - k;
        if (k + 1 < trail->count && rest > 0) {
            px += rest * (p[1].x - p->x);
            py += rest * (p[1].y - p->y);
        } else {
            px += rest * trail->step * (double)p->ux;
            py += rest * trail->step * (double)p->uy;
        }
        out[2 * i] = (float)((px - x) * cosine + (py - y) * sine);
        out[2 * i + 1] = (float)((py - y) * cosine - (px - x) * sine);
    }
}
