// Lane changes: for the route, because a lane ends, or because another lane is better (MOBIL).
#include "world/traffic.h"

#include <math.h>

#define REST INT64_C(4000000000)    // ns between two changes
#define BACK 100.0                  // m of lanes behind in which a follower is looked for
enum { EVERY = 5, LANES_BACK = 5 }; // ticks between two thoughts about it

static double idm_of(const cw_world *world, const cw_slot *slot, double gap, double closing) {
    const cw_traffic_table *t = world->traffic;
    cw_idm_params idm = cw_idm_defaults();
    if (cw_is_agent(world, slot->actor) && slot->actor >= t->first)
        idm = cw_agent_idm(world, slot->actor - t->first);
    else
        idm.speed = cw_max(idm.speed, (double)slot->speed);
    return cw_idm_accel(&idm, (double)slot->speed, gap, closing);
}

// The last one on the lanes that lead to a lane, or on those before them where they are empty; `room` m are between the start
// of the lane and whom it would follow.
static const cw_slot *last_before(const cw_world *world, uint32_t lane, double room, uint32_t self, int lanes,
                                  double *gap) {
    const cw_traffic_table *t = world->traffic;
    const cw_lane *l = &world->map->lanes[lane];
    const cw_slot *best = NULL;
    for (uint32_t k = 0; k < l->previous.count; k++) {
        uint32_t from = world->map->links[l->previous.first + k];
        if (!(t->net->lanes[from].flags & CW_NET_DRIVE))
            continue;
        double there = room + t->net->lanes[from].length, own = (double)INFINITY;
        const cw_slot *slot = NULL;
        if (t->slot_first[from] < t->slot_first[from + 1]) {
            slot = &t->slots[t->slot_first[from + 1] - 1];
            own = there - (double)slot->at - (double)slot->front;
        } else if (there < BACK && lanes > 1) {
            slot = last_before(world, from, there, self, lanes - 1, &own);
        }
        if (slot && slot->actor != self && (!best || own < *gap)) {
            best = slot;
            *gap = own;
        }
    }
    return best;
}

// Who follows at a place of a lane: on it, or on the lanes before it where it begins close by.
static const cw_slot *follower(const cw_world *world, uint32_t lane, double at, uint32_t self, double *gap,
                               double back) {
    const cw_traffic_table *t = world->traffic;
    for (uint32_t i = cw_slot_ahead(t, lane, at); i > t->slot_first[lane]; i--) {
        const cw_slot *slot = &t->slots[i - 1];
        if (slot->actor == self || fabs((double)slot->offset) > 0.5 * (double)t->net->lanes[lane].width + 0.3)
            continue;
        *gap = at - back - (double)slot->at - (double)slot->front;
        return slot;
    }
    return last_before(world, lane, at - back, self, LANES_BACK, gap);
}

bool cw_agent_enter(cw_world *world, uint32_t agent, bool left) {
    cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent], actor = cw_agent_actor(t, agent);
    uint32_t other = left ? t->net->lanes[lane].left : t->net->lanes[lane].right;
    if (other == CW_NONE)
        return false;
    // The body stays where it is; only what it is measured from changes.
    double at = cw_net_beside(world, lane, s->agent_at[agent], other);
    cw_net_pose pose;
    cw_net_at(t->net, other, at, &pose);
    double dx = s->x[actor] - pose.x, dy = s->y[actor] - pose.y;
    s->agent_at[agent] = at + dx * pose.ux + dy * pose.uy;
    s->agent_offset[agent] = (float)(dy * pose.ux - dx * pose.uy);
    s->agent_lane[agent] = other;
    s->agent_from[agent] = lane;
    s->agent_last[agent] = CW_NONE;
    s->agent_aim[agent] = 0;
    s->agent_grant[agent] = CW_NONE;
    s->agent_changed[agent] = cw_world_time(world);
    t->lane_mark[other] = t->mark;
    for (uint32_t k = 0; k < CW_AHEAD; k++)
        s->agent_next[CW_AHEAD * agent + k] = CW_NONE;
    cw_agent_way(world, agent);
    t->slot_of[agent] = cw_slot_ahead(t, other, at) - 1; // what it looks ahead from until the lists are made anew
    return true;
}

// May it, and does it want to? bias: m/s^2 in favour; must: the route asks for it.
static bool wants(cw_world *world, uint32_t agent, bool left, double bias, bool must) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent], actor = cw_agent_actor(t, agent);
    const cw_net_lane *l = &t->net->lanes[lane];
    uint32_t other = left ? l->left : l->right;
    uint32_t eighth = (uint32_t)cw_clamp(8 * s->agent_at[agent] / l->length, 0, 7);
    // One a tick for each lane: the lists do not show it yet.
    if (other == CW_NONE || !((left ? l->may_left : l->may_right) >> eighth & 1) || t->lane_mark[other] == t->mark)
        return false;
    const cw_net_lane *o = &t->net->lanes[other];
    double at = s->agent_at[agent] * o->length / l->length;
    // It must be over before what comes at the lane's end.
    double need = (double)o->width / cw_slide_rate((double)t->bodies[agent].front) + 2 * (double)s->speed[actor] +
                  (double)t->bodies[agent].front;
    uint32_t next = o->next_count > 0 ? t->net->links[o->next] : CW_NONE;
    bool crossing =
        next != CW_NONE && (t->net->lanes[next].cross_count > 0 || (t->net->lanes[next].flags & CW_NET_JUNCTION));
    if (at < (double)o->from || at > (double)o->to - 10 || (crossing && at + need > o->length - (double)o->hold))
        return false;
    double speed = (double)s->speed[actor];
    double front = (double)t->bodies[agent].front, back = (double)t->bodies[agent].back, sight = 20 + 6 * speed;
    if ((double)o->width < 2 * (double)t->bodies[agent].half + 0.2)
        return false;
    cw_idm_params idm = cw_agent_idm(world, agent);
    cw_lead now = cw_agent_lead(world, agent, lane, s->agent_at[agent], sight);
    // Behind one that stands there is no way to get across: the head of a queue goes first.
    if (now.gap + 3 * now.speed < 0.5 * (double)o->width / cw_slide_rate(front))
        return false;
    cw_lead then = cw_agent_lead(world, agent, other, at - back - front, sight + front + back);
    then.gap -= front + back; // seen from the own tail on, so that nobody beside is overlooked
    if (then.gap < 1)
        return false;
    double gap = (double)INFINITY, old_gap = (double)INFINITY;
    const cw_slot *behind = follower(world, other, at, actor, &gap, back);
    if (behind && gap < 1)
        return false;
    cw_mobil_case c = {.own_before = cw_idm_accel(&idm, speed, now.gap, speed - now.speed),
                       .own_after = cw_idm_accel(&idm, speed, then.gap, speed - then.speed)};
    // Whoever comes in may hardly brake then: those behind count on it.
    if (c.own_after < -t->a1.cut_in_brake)
        return false;
    if (behind) {
        double closing = (double)behind->speed - speed, through = gap + front + back + then.gap;
        if (!cw_entry_keeps_a1(gap, closing + 1, t->a1.cut_in_rate, t->a1.cut_in_time + 1, t->a1.follower_entry,
                               t->a1.follower_response))
            return false;
        c.new_follower_before = idm_of(world, behind, through, (double)behind->speed - then.speed);
        c.new_follower_after = idm_of(world, behind, gap, closing);
    }
    const cw_slot *old = follower(world, lane, s->agent_at[agent], actor, &old_gap, back);
    if (old) {
        c.old_follower_before = idm_of(world, old, cw_max(old_gap, 0.1), (double)old->speed - speed);
        c.old_follower_after =
            idm_of(world, old, cw_max(old_gap, 0.1) + front + back + now.gap, (double)old->speed - now.speed);
    }
    cw_mobil_params mobil = cw_mobil_defaults();
    mobil.politeness = world->scene->traffic.params.politeness;
    if (must)
        return c.new_follower_after > -mobil.safe_brake;
    return cw_mobil_wants(&mobil, &c, bias);
}

// What the route asks for here: CW_HOP_LEFT, CW_HOP_RIGHT or anything else.
static uint8_t asked(const cw_world *world, uint32_t agent) {
    const cw_net *net = world->traffic->net;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent], goal = s->agent_goal[agent];
    const cw_net_lane *l = &net->lanes[lane];
    if (l->next_count == 0 && !(l->flags & CW_NET_EXIT)) { // it ends alone
        for (int side = 0; side < 2; side++) {
            uint32_t at = lane;
            for (uint32_t n = 0; n < 8 && at != CW_NONE; n++) {
                at = side == 0 ? net->lanes[at].left : net->lanes[at].right;
                if (at != CW_NONE && net->lanes[at].next_count > 0)
                    return side == 0 ? CW_HOP_LEFT : CW_HOP_RIGHT;
            }
        }
        return CW_HOP_NONE;
    }
    return goal == CW_NONE ? (uint8_t)CW_HOP_NONE : net->hops[(size_t)goal * net->lane_count + lane];
}

void cw_agent_change(cw_world *world, uint32_t agent) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent], actor = cw_agent_actor(t, agent);
    const cw_net_lane *l = &t->net->lanes[lane];
    if ((l->left == CW_NONE && l->right == CW_NONE) || (l->flags & CW_NET_JUNCTION) || s->agent_from[agent] != CW_NONE)
        return;
    int64_t now = cw_world_time(world);
    if (s->agent_changed[agent] > 0 && now - s->agent_changed[agent] < REST)
        return;
    uint8_t hop = asked(world, agent);
    bool must = hop == CW_HOP_LEFT || hop == CW_HOP_RIGHT;
    double speed = (double)s->speed[actor], rest = l->length - s->agent_at[agent];
    if (must) {
        if (wants(world, agent, hop == CW_HOP_LEFT, 0, true))
            cw_agent_enter(world, agent, hop == CW_HOP_LEFT);
        return;
    }
    // At leisure: not just before a junction, not all at once.
    bool due = (now / t->tick + agent) % EVERY == 0;
    uint8_t kind = t->bodies[agent].kind;
    if (!due || speed < 4 || rest < 4 * speed || kind == CW_ACTOR_BICYCLE)
        return;
    bool fast = (double)l->limit > 80 / 3.6, left_hand = l->flags & CW_NET_LEFT_HAND;
    for (int i = 0; i < 2; i++) {
        bool left = (i == 0) != left_hand;
        uint32_t other = left ? l->left : l->right;
        if (other == CW_NONE)
            continue;
        // A lane that the route leaves, or that ends, is no improvement.
        const cw_net_lane *o = &t->net->lanes[other];
        uint32_t goal = s->agent_goal[agent];
        if ((o->next_count == 0 && !(o->flags & CW_NET_EXIT)) ||
            (goal != CW_NONE && rest < 20 * speed &&
             t->net->hops[(size_t)goal * t->net->lane_count + other] >= CW_HOP_LEFT))
            continue;
        double bias = fast ? (i == 0 ? -0.2 : 0.3) : 0; // keep to the slow side
        if (wants(world, agent, left, bias, false)) {
            cw_agent_enter(world, agent, left);
            return;
        }
    }
}
