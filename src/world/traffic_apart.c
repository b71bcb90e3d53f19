// Agents that surely do not touch, by their places on the lanes: most who are near each other.
#include "world/traffic.h"

#include <math.h>

#define CLEAR 0.3 // m

// Straight ahead with both axles on one straight lane?
static bool simple(const cw_world *world, uint32_t agent, const cw_net_lane *l) {
    const cw_state *s = &world->s;
    const cw_traffic_table *t = world->traffic;
    return l->straight && s->agent_slide[agent] == 0 && s->agent_from[agent] == CW_NONE &&
           s->agent_at[agent] + (double)t->front[agent] < l->length && s->agent_at[agent] > (double)t->back[agent];
}

bool cw_agents_apart(const cw_world *world, uint32_t a, uint32_t b) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    if (!t || !cw_is_agent(world, a) || !cw_is_agent(world, b))
        return false;
    uint32_t x = a - t->first, y = b - t->first, lane = s->agent_lane[x], other = s->agent_lane[y];
    const cw_net_lane *l = &t->net->lanes[lane], *m = &t->net->lanes[other];
    // On foot they make way for each other as no box can.
    if (l->flags & m->flags & CW_NET_WALK)
        return true;
    if (lane == other) {
        double ahead = s->agent_at[y] - s->agent_at[x], gap;
        gap = ahead > 0 ? ahead - (double)(t->front[x] + t->back[y]) : -ahead - (double)(t->front[y] + t->back[x]);
        return gap > CLEAR && l->straight && simple(world, x, l) && simple(world, y, l);
    }
    const cw_lane *map_lane = &world->map->lanes[lane];
    if (map_lane->left != other && map_lane->right != other)
        return false;
    return simple(world, x, l) && simple(world, y, m) &&
           fabs((double)s->agent_offset[x]) + (double)t->half[x] < 0.5 * (double)l->width &&
           fabs((double)s->agent_offset[y]) + (double)t->half[y] < 0.5 * (double)m->width;
}
