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

void cw_agents_place(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    for (uint32_t i = 0; t && i < t->count; i++) {
        uint32_t actor = cw_agent_actor(t, i), lane = s->agent_lane[i];
        cw_agent_spot *spot = &t->spots[i];
        spot->agent = s->present[actor] && cw_is_agent(world, actor);
        if (!spot->agent)
            continue;
        const cw_net_lane *l = &t->net->lanes[lane];
        const cw_lane *map_lane = &world->map->lanes[lane];
        spot->at = s->agent_at[i];
        spot->front = t->front[i];
        spot->back = t->back[i];
        spot->lane = lane;
        spot->left = map_lane->left;
        spot->right = map_lane->right;
        spot->walks = l->flags & CW_NET_WALK;
        spot->simple = simple(world, i, l);
        spot->within = fabs((double)s->agent_offset[i]) + (double)t->half[i] < 0.5 * (double)l->width;
    }
}

bool cw_agents_apart(const cw_world *world, uint32_t a, uint32_t b) {
    const cw_traffic_table *t = world->traffic;
    if (!t || a - t->first >= t->count || b - t->first >= t->count)
        return false;
    const cw_agent_spot *x = &t->spots[a - t->first], *y = &t->spots[b - t->first];
    if (!x->agent || !y->agent)
        return false;
    // On foot they make way for each other as no box can.
    if (x->walks && y->walks)
        return true;
    if (!x->simple || !y->simple)
        return false;
    if (x->lane == y->lane) {
        double ahead = y->at - x->at;
        return (ahead > 0 ? ahead - (double)(x->front + y->back) : -ahead - (double)(y->front + x->back)) > CLEAR;
    }
    return (x->left == y->lane || x->right == y->lane) && x->within && y->within;
}
