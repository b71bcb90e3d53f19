// Misbehaviour on demand: each kind at its own mean rate, drawn for each agent and tick.
#include "world/traffic.h"

#include <math.h>

static bool happens(const cw_world *world, uint32_t agent, uint32_t draw, double per_hour) {
    double tick = (double)world->traffic->tick / 1e9;
    return per_hour > 0 && cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_ACT), draw) < per_hour * tick / 3600;
}

static void begin(cw_world *world, uint32_t agent, uint8_t act, double seconds) {
    world->s.agent_act[agent] = act;
    world->s.agent_until[agent] = cw_world_time(world) + (int64_t)(seconds * 1e9);
}

// Into the lane beside, right before somebody who follows there.
static bool cut_in(cw_world *world, uint32_t agent) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent];
    for (int side = 0; side < 2; side++) {
        uint32_t other = side == 0 ? t->net->lanes[lane].left : t->net->lanes[lane].right;
        if (other == CW_NONE || s->agent_from[agent] != CW_NONE)
            continue;
        double at = s->agent_at[agent] * t->net->lanes[other].length / t->net->lanes[lane].length;
        uint32_t i = cw_slot_ahead(t, other, at);
        if (i == t->slot_first[other])
            continue;
        const cw_slot *behind = &t->slots[i - 1];
        double gap = at - (double)t->bodies[agent].back - (double)behind->at - (double)behind->front;
        if (gap > 0.5 && gap < 0.6 * (double)behind->speed && cw_agent_enter(world, agent, side == 0))
            return true;
    }
    return false;
}

// Is there a lane of those who come the other way to the passing side?
static bool oncoming_beside(const cw_world *world, uint32_t agent, double *width) {
    uint32_t lane = world->s.agent_lane[agent];
    const cw_lane *l = &world->map->lanes[lane];
    const cw_net *net = world->traffic->net;
    bool left_hand = net->lanes[lane].flags & CW_NET_LEFT_HAND;
    uint32_t other = left_hand ? l->right : l->left;
    if (other == CW_NONE || !(net->lanes[other].flags & CW_NET_DRIVE) || cw_lane_same_way(world->map, lane, !left_hand))
        return false;
    *width = 0.5 * (double)(net->lanes[lane].width + net->lanes[other].width) * (left_hand ? -1 : 1);
    return true;
}

void cw_agent_act(cw_world *world, uint32_t agent) {
    const cw_traffic_params *p = &world->scene->traffic.params;
    const cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    bool any = p->hard_brake > 0 || p->red_light > 0 || p->swerve > 0 || p->wrong_way > 0 || p->cut_in > 0;
    if ((!any && s->agent_act[agent] == CW_ACT_NONE) || p->keep_a1 > 0.5 || s->agent_act[agent] == CW_ACT_WRECKED)
        return;
    if (s->agent_act[agent] != CW_ACT_NONE) {
        if (cw_world_time(world) < s->agent_until[agent])
            return;
        if (s->agent_act[agent] == CW_ACT_SWERVE || s->agent_act[agent] == CW_ACT_WRONG_WAY)
            s->agent_aim[agent] = 0;
        s->agent_act[agent] = CW_ACT_NONE;
    }
    double width, speed = (double)s->speed[cw_agent_actor(t, agent)];
    if (speed < 3)
        return;
    if (happens(world, agent, 0, p->hard_brake))
        begin(world, agent, CW_ACT_HARD_BRAKE, 2.5);
    else if (happens(world, agent, 1, p->red_light))
        begin(world, agent, CW_ACT_RED_LIGHT, 30);
    else if (happens(world, agent, 2, p->swerve)) {
        begin(world, agent, CW_ACT_SWERVE, 1.5);
        s->agent_aim[agent] += cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_ACT), 8) < 0.5 ? -1.3F : 1.3F;
    } else if (happens(world, agent, 3, p->wrong_way) && s->agent_from[agent] == CW_NONE &&
               oncoming_beside(world, agent, &width)) {
        begin(world, agent, CW_ACT_WRONG_WAY, 6);
        s->agent_aim[agent] = (float)width;
    } else if (happens(world, agent, 4, p->cut_in * 4) && cut_in(world, agent))
        begin(world, agent, CW_ACT_CUT_IN, 3); // not every moment has somebody to cut off
}
