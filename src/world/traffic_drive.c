// What an agent does at a tick: whom it follows, where it stands, how fast bends let it go, whom it passes.
#include "world/traffic.h"

#include <math.h>

#define BESIDE 0.25 // m between the sides that counts as clear of each other
#define SEES 20.0   // m at least, and so many seconds
#define SEES_TIME 5.0
enum { LIGHT_OFF, LIGHT_RED, LIGHT_RED_YELLOW, LIGHT_YELLOW, LIGHT_GREEN, LIGHT_FLASHING_YELLOW, LIGHT_UNKNOWN };

double cw_agent_follow(const cw_world *world, uint32_t agent, double gap, double closing) {
    cw_idm_params idm = cw_agent_idm(world, agent);
    return cw_idm_accel(&idm, (double)world->s.speed[cw_agent_actor(world->traffic, agent)], gap, closing);
}

// ---- who is ahead ----------------------------------------------------------------------------------------------------

// Does the slot stand in the strip between `low` and `high` (offsets of the own centre now and where it goes)?
static bool in_way(const cw_slot *slot, double low, double high, double half) {
    double side = half + (double)slot->half + BESIDE;
    return (double)slot->offset > low - side && (double)slot->offset < high + side;
}

static bool look_along(const cw_traffic_table *t, uint32_t lane, uint32_t from, double place, double low, double high,
                       double half, uint32_t self, double reach, cw_lead *out) {
    for (uint32_t i = from; i < t->slot_first[lane + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        double gap = (double)slot->at - (double)slot->back - place;
        if (gap > reach)
            return false;
        if (slot->actor == self || !in_way(slot, low, high, half) || (double)slot->at + (double)slot->front < place - 1)
            continue;
        *out = (cw_lead){gap, (double)slot->speed, slot->offset, slot->half, slot->actor};
        return true;
    }
    return false;
}

cw_lead cw_agent_lead(const cw_world *world, uint32_t agent, uint32_t lane, double at, double reach) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t self = cw_agent_actor(t, agent);
    double front = (double)t->bodies[agent].front, half = (double)t->bodies[agent].half;
    bool own = lane == s->agent_lane[agent];
    double a = own ? (double)s->agent_offset[agent] : 0, b = (double)s->agent_aim[agent];
    cw_lead out = {(double)INFINITY, 0, 0, 0, CW_NONE};
    uint32_t from = own ? t->slot_of[agent] + 1 : cw_slot_ahead(t, lane, at);
    if (look_along(t, lane, from, at + front, cw_min(a, b), cw_max(a, b), half, self, reach, &out))
        return out;
    // On along its way, for the lane that it is on; straight on for another.
    double place = at + front - t->net->lanes[lane].length;
    const uint32_t *next = s->agent_next + (size_t)CW_AHEAD * agent;
    for (uint32_t k = 0; k < CW_AHEAD && -place < reach; k++) {
        uint32_t to = next[k];
        if (!own) {
            const cw_net_lane *l = &t->net->lanes[lane];
            if (l->next_count == 0)
                break;
            to = t->net->links[l->next];
            lane = to;
        }
        if (to == CW_NONE)
            break;
        if (look_along(t, to, t->slot_first[to], place, b, b, half, self, reach, &out))
            return out;
        place -= t->net->lanes[to].length;
    }
    return out;
}

// ---- signals, ends, bends --------------------------------------------------------------------------------------------

static double stop_at(const cw_idm_params *idm, double speed, double distance) {
    return cw_idm_stop(idm, speed, distance);
}

// A light that forbids to go on: red, or yellow where one can still stand.
static bool stops_at(const cw_world *world, uint32_t agent, uint32_t signal, double speed, double distance,
                     double hardest) {
    uint8_t light = world->s.light[signal];
    if (world->s.agent_act[agent] == CW_ACT_RED_LIGHT)
        return false;
    double need = speed * speed / (2 * cw_max(distance, 0.1));
    if (light == LIGHT_RED || light == LIGHT_RED_YELLOW)
        return need <= hardest;
    return light == LIGHT_YELLOW && need <= 3;
}

static void obey(cw_world *world, uint32_t agent, const cw_idm_params *idm, double speed, double sight, double *accel) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    const uint32_t *next = s->agent_next + (size_t)CW_AHEAD * agent;
    uint32_t lane = s->agent_lane[agent];
    double start = -(s->agent_at[agent] + (double)t->bodies[agent].front); // m to the lane's start
    bool emergency = s->agent_flags[agent] & CW_AGENT_EMERGENCY;
    for (int k = -1; k < CW_AHEAD && start < sight; k++) {
        if (k >= 0)
            lane = next[k];
        if (lane == CW_NONE)
            break;
        const cw_net_lane *l = &t->net->lanes[lane];
        for (uint32_t i = l->stop; i < l->stop + l->stop_count; i++) {
            double distance = start + (double)t->net->stops[i].at;
            if (distance < 0 || distance > sight || emergency)
                continue;
            if (stops_at(world, agent, t->net->stops[i].signal, speed, distance, idm->hardest)) {
                *accel = cw_min(*accel, stop_at(idm, speed, distance - 0.5));
                // What was granted beyond the line is given back: others may go.
                if (distance > 0.5)
                    s->agent_grant[agent] = CW_NONE;
            }
        }
        for (uint32_t i = l->walk; i < l->walk + l->walk_count; i++) {
            const cw_net_walk *w = &t->net->walks[i];
            double distance = start + (double)w->in;
            if (distance > 0 && distance < sight && t->crosswalk_busy[w->crosswalk] &&
                speed * speed / (2 * cw_max(distance - 0.5, 0.1)) < idm->hardest)
                *accel = cw_min(*accel, stop_at(idm, speed, distance - 1));
        }
        // Slower ahead: brake in time. A bend that it is in holds now.
        double most = cw_min((double)l->limit * (double)s->agent_factor[agent], (double)l->bend);
        if (k < 0)
            most = (double)l->bend;
        if (most < speed + 0.5) {
            double distance = cw_max(start, 0);
            double need = (speed * speed - most * most) / (2 * cw_max(distance, 0.5));
            if (start <= 0)
                *accel = cw_min(*accel, cw_clamp((most - speed) / 1.0, -2.5, idm->accel));
            else if (need > 0.6 * idm->brake)
                *accel = cw_min(*accel, -cw_min(need, 4));
        }
        start += l->length;
        bool leads_nowhere = l->next_count == 0 && !(l->flags & CW_NET_EXIT);
        if (leads_nowhere)
            *accel = cw_min(*accel, stop_at(idm, speed, start - l->length + (double)l->to - 3));
        if (l->next_count == 0)
            break;
    }
}

// ---- passing those at the edge ---------------------------------------------------------------------------------------

// Is the lane to the passing side free, of those who come and those who run along, for as long as passing takes?
static bool side_free(const cw_world *world, uint32_t agent, double from, double to, double time) {
    const cw_traffic_table *t = world->traffic;
    uint32_t lane = world->s.agent_lane[agent];
    const cw_lane *l = &world->map->lanes[lane];
    bool left_hand = t->net->lanes[lane].flags & CW_NET_LEFT_HAND;
    uint32_t beside = left_hand ? l->right : l->left;
    if (beside == CW_NONE || !(t->net->lanes[beside].flags & CW_NET_DRIVE) ||
        (t->net->lanes[lane].flags & CW_NET_JUNCTION))
        return false;
    if (cw_lane_same_way(world->map, lane, !left_hand))
        return false; // there one changes lane
    double length = t->net->lanes[beside].length;
    double swap = from; // counted from its own start
    from = length - to;
    to = length - swap;
    double low = from - 15 * time - 20, high = to + 5;
    if (low < 0)
        return false; // who comes may be out of what is looked at
    for (uint32_t i = cw_slot_ahead(t, beside, low - 10); i < t->slot_first[beside + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        if ((double)slot->at - (double)slot->back > high)
            break;
        if ((double)slot->at + (double)slot->front > low)
            return false;
    }
    return true;
}

static double keep_right(const cw_world *world, uint32_t agent) {
    const cw_net_lane *l = &world->traffic->net->lanes[world->s.agent_lane[agent]];
    uint8_t kind = world->traffic->bodies[agent].kind;
    if (kind == CW_ACTOR_TRUCK || kind == CW_ACTOR_BUS) {
        // Its nose swings out in a bend: it keeps to the kerb where that is inside.
        bool kerb = l->flags & CW_NET_LEFT_HAND ? l->turn > 0.6F : l->turn < -0.6F;
        return kerb ? copysign(0.35, (double)l->turn) : 0;
    }
    if (kind != CW_ACTOR_BICYCLE)
        return 0;
    double edge = cw_max(0, 0.5 * (double)l->width - 0.7);
    return l->flags & CW_NET_LEFT_HAND ? edge : -edge;
}

// Is somebody in the lane to the passing side, either way, level with it or within a second?
static bool level_beside(const cw_world *world, uint32_t agent, double speed) {
    const cw_traffic_table *t = world->traffic;
    uint32_t lane = world->s.agent_lane[agent];
    bool left = !(t->net->lanes[lane].flags & CW_NET_LEFT_HAND);
    uint32_t beside = left ? world->map->lanes[lane].left : world->map->lanes[lane].right;
    if (beside == CW_NONE || !(t->net->lanes[beside].flags & CW_NET_DRIVE))
        return false;
    double way = cw_lane_same_way(world->map, lane, left) ? 1 : -1;
    double at = cw_net_beside(world, lane, world->s.agent_at[agent], beside);
    double body = (double)cw_max((double)t->bodies[agent].front, (double)t->bodies[agent].back);
    for (uint32_t i = t->slot_first[beside]; i < t->slot_first[beside + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        double reach = body + 3 + fabs(speed - way * (double)slot->speed);
        if ((double)slot->at - (double)slot->back < at + reach && (double)slot->at + (double)slot->front > at - reach)
            return true;
    }
    return false;
}

// Where in the lane to drive: round a cyclist, a walker at the edge, something that stands in the lane's side.
static void aim(cw_world *world, uint32_t agent, double speed) {
    const cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    if (s->agent_from[agent] != CW_NONE || s->agent_act[agent] == CW_ACT_SWERVE ||
        s->agent_act[agent] == CW_ACT_WRONG_WAY)
        return;
    uint32_t lane = s->agent_lane[agent], self = cw_agent_actor(t, agent);
    const cw_net_lane *l = &t->net->lanes[lane];
    double want = keep_right(world, agent), half = (double)t->bodies[agent].half, room = 0.5 * (double)l->width - half;
    double side = l->flags & CW_NET_LEFT_HAND ? -1 : 1, at = s->agent_at[agent];
    if (t->siren[agent] < 60)
        want = -side * cw_max(room - 0.1, 0);
    if (t->lane_odd[lane] != t->mark) {
        s->agent_aim[agent] = (float)want;
        return;
    }
    uint32_t own = t->slot_of[agent], low = own;
    while (low > t->slot_first[lane] && (double)t->slots[low - 1].at > at - 20)
        low--;
    bool emergency = s->agent_flags[agent] & CW_AGENT_EMERGENCY;
    for (uint32_t i = low; i < t->slot_first[lane + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        double gap = (double)slot->at - (double)slot->back - at - (double)t->bodies[agent].front;
        if (gap > 30 + 1.5 * speed)
            break;
        if (slot->actor == self || (double)slot->at + (double)slot->front < at - (double)t->bodies[agent].back - 1)
            continue;
        uint8_t kind = world->scene->actors[slot->actor].kind;
        bool frail = kind == CW_ACTOR_BICYCLE || kind == CW_ACTOR_PEDESTRIAN || kind == CW_ACTOR_ANIMAL;
        bool stands = !cw_is_agent(world, slot->actor) && fabs((double)slot->speed) < 0.1;
        bool gives_way = emergency && cw_is_agent(world, slot->actor);
        if (!(frail && kind != CW_ACTOR_PEDESTRIAN) && !stands && !gives_way &&
            !(s->agent_act[slot->actor >= t->first ? slot->actor - t->first : agent] == CW_ACT_WRECKED &&
              cw_is_agent(world, slot->actor)))
            continue;
        if (kind == CW_ACTOR_BICYCLE && world->scene->actors[self].kind == CW_ACTOR_BICYCLE)
            continue;
        double clear = frail ? 1.5 : 0.5, beyond = (double)slot->offset * side + (double)slot->half + clear + half;
        if (beyond <= want * side)
            continue; // room as it is
        // Beside it: what clears it now is kept, whatever comes.
        double now = (double)s->agent_offset[agent] * side;
        if (gap < 2 && now > (double)slot->offset * side + (double)slot->half + half)
            want = side * cw_max(want * side, cw_min(now, beyond));
        double over = beyond - room,
               length = cw_max(gap, 0) + 2 * ((double)slot->front + (double)t->bodies[agent].front) + 10;
        double closing = cw_max(speed, 4) - (double)slot->speed;
        if (over > 0 && (closing < 1 || over > 2.2 ||
                         !side_free(world, agent, at, at + length * cw_max(speed, 4) / closing, length / closing)))
            continue;
        if (at + length > l->length - 5 && over > 0)
            continue;
        want = beyond * side;
    }
    // Who is beside counts on it to keep its line.
    double now = (double)s->agent_offset[agent] * side;
    if (world->scene->traffic.params.keep_a1 > 0.5 && want * side > cw_max(now, 0) && level_beside(world, agent, speed))
        want = side * cw_max(now, 0);
    s->agent_aim[agent] = (float)want;
}

// One in a lane beside that ends waits to come over: let it, one after the other.
static void let_in(const cw_world *world, uint32_t agent, const cw_idm_params *idm, double speed, double *accel) {
    const cw_traffic_table *t = world->traffic;
    uint32_t lane = world->s.agent_lane[agent];
    const cw_net_lane *l = &t->net->lanes[lane];
    uint32_t beside[2] = {l->left, l->right};
    for (int side = 0; side < 2 && l->lets_in; side++) {
        if (beside[side] == CW_NONE)
            continue;
        const cw_net_lane *o = &t->net->lanes[beside[side]];
        if (o->next_count > 0 || (o->flags & CW_NET_EXIT))
            continue;
        double at = world->s.agent_at[agent] * o->length / l->length + (double)t->bodies[agent].front;
        uint32_t i = t->slot_first[beside[side] + 1];
        if (i == t->slot_first[beside[side]])
            continue;
        const cw_slot *slot = &t->slots[i - 1]; // the one nearest to the end
        double gap = (double)slot->at - (double)slot->back - at;
        if (gap < 1 || gap > 40 || slot->speed > 0.6F * l->limit || !cw_is_agent(world, slot->actor))
            continue;
        *accel = cw_min(*accel, cw_max(cw_idm_accel(idm, speed, gap, speed - (double)slot->speed), -1.5));
    }
}

// ---- the tick --------------------------------------------------------------------------------------------------------

static double follow(cw_world *world, uint32_t agent, const cw_idm_params *idm, double speed, const cw_lead *lead) {
    if (world->scene->traffic.driver != CW_TRAFFIC_HUMAN)
        return cw_idm_accel(idm, speed, lead->gap, speed - lead->speed);
    cw_hdm_params hdm = cw_hdm_defaults();
    cw_rng_key key = cw_agent_key(world, agent, CW_DRAW_NOISE);
    double dt = (double)world->traffic->tick / 1e9;
    double accel = cw_hdm_accel(idm, &hdm, &world->s.agent_past[agent], speed, lead->gap, speed - lead->speed, dt,
                                cw_rng_normal(key, 0), cw_rng_normal(key, 1));
    // Nobody misjudges a bumper: at the last moment the eye is exact.
    double exact = cw_idm_accel(idm, speed, lead->gap, speed - lead->speed);
    return exact < -4 ? cw_min(accel, exact) : accel;
}

void cw_agent_decide(cw_world *world, uint32_t agent) {
    const cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(t, agent);
    double speed = (double)s->speed[actor];
    cw_idm_params idm = cw_agent_idm(world, agent);
    if (t->siren[agent] < 60)
        idm.speed *= 0.4;
    double sight = SEES + SEES_TIME * speed;
    cw_agent_act(world, agent);
    cw_agent_change(world, agent);
    aim(world, agent, speed);
    cw_lead lead = cw_agent_lead(world, agent, s->agent_lane[agent], s->agent_at[agent], sight);
    if (speed == 0 && lead.gap < idm.least_gap && lead.speed <= 0 && s->agent_from[agent] == CW_NONE) {
        s->agent_accel[agent] = 0; // in a queue that stands
        return;
    }
    double accel = cw_idm_free(&idm, speed);
    accel = cw_min(accel, follow(world, agent, &idm, speed, &lead));
    uint32_t from = s->agent_from[agent];
    if (from != CW_NONE) { // still partly on the old lane
        const cw_net_lane *l = &t->net->lanes[s->agent_lane[agent]];
        double at = cw_net_beside(world, s->agent_lane[agent], s->agent_at[agent], from);
        double apart = 0.5 * (double)(l->width + t->net->lanes[from].width) * (l->left == from ? -1 : 1);
        double offset = (double)s->agent_offset[agent] + apart;
        cw_lead old;
        cw_idm_params close = idm; // it is on its way out: it may come near
        close.least_gap = 0.5;
        close.time_gap = 0.8;
        if (look_along(t, from, cw_slot_ahead(t, from, at), at + (double)t->bodies[agent].front, offset, offset,
                       (double)t->bodies[agent].half, actor, sight, &old))
            accel = cw_min(accel, cw_idm_accel(&close, speed, old.gap, speed - old.speed));
        if (fabs((double)s->agent_offset[agent] - (double)s->agent_aim[agent]) < 0.4)
            s->agent_from[agent] = CW_NONE;
    }
    let_in(world, agent, &idm, speed, &accel);
    obey(world, agent, &idm, speed, sight, &accel);
    accel = cw_agent_junction(world, agent, &idm, &lead, accel);
    if (s->agent_act[agent] == CW_ACT_HARD_BRAKE)
        accel = cw_min(accel, -idm.hardest);
    if (s->agent_act[agent] == CW_ACT_WRECKED)
        accel = -5;
    s->agent_accel[agent] = (float)cw_clamp(accel, -idm.hardest, idm.accel);
}
