// Walkers (and animals): along their paths, over crosswalks, and where they should not.
#include "world/traffic.h"

#include <math.h>

#define STRIDE_ACCEL 1.5 // m/s^2
#define ENTRY_CLEAR 80.0 // m behind where traffic comes into the map in which nobody jaywalks who keeps A1
#define KERB 1.5         // m from the end of a crosswalk where it is waited at
enum { LIGHT_RED_YELLOW = 2, LIGHT_YELLOW = 3, LIGHT_GREEN = 4 };

// Walkers keep their state in the rows of drivers; agent_grant is the crosswalk that one uses or waits at.

static double pace(const cw_world *world, uint32_t agent) {
    uint8_t kind = world->scene->actors[cw_agent_actor(world->traffic, agent)].kind;
    double own = cw_clamp(1.3 + (double)(world->s.agent_spirit[agent] - 1), 0.8, 1.8);
    if (world->s.agent_act[agent] == CW_ACT_DASH)
        return kind == CW_ACTOR_ANIMAL ? 6 : 3.5;
    return kind == CW_ACTOR_ANIMAL ? 0.6 : own;
}

// ---- crosswalks ------------------------------------------------------------------------------------------------------

static bool on_crosswalk(const cw_net_crosswalk *w, double x, double y, double more) {
    double dx = x - w->x, dy = y - w->y;
    return fabs(dx * w->ux + dy * w->uy) < w->half_length + more && fabs(dx * w->uy - dy * w->ux) < w->half_width + 0.5;
}

// Every crosswalk that somebody is on, or stands at with the intent to cross where no light decides.
void cw_crosswalks_look(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    const cw_net *net = t->net;
    const cw_state *s = &world->s;
    for (uint32_t i = 0; i < net->crosswalk_count; i++)
        t->crosswalk_busy[i] = 0;
    if (net->crosswalk_count == 0)
        return;
    for (uint32_t i = 0; i < world->scene->actor_count; i++) {
        uint8_t kind = world->scene->actors[i].kind;
        if (!s->present[i] || kind != CW_ACTOR_PEDESTRIAN)
            continue;
        uint32_t agent = i - t->first;
        if (agent < t->count && cw_is_agent(world, i)) {
            bool over = s->agent_flags[agent] & CW_AGENT_CROSSES;
            if (s->agent_grant[agent] != CW_NONE && (over || !net->crosswalks[s->agent_grant[agent]].lights))
                t->crosswalk_busy[s->agent_grant[agent]] = 1;
            continue;
        }
        for (uint32_t k = 0; k < net->crosswalk_count; k++) {
            const cw_net_crosswalk *w = &net->crosswalks[k];
            bool moves = fabs((double)s->speed[i]) > 0.1;
            if (on_crosswalk(w, s->x[i], s->y[i], moves ? 1 : -0.2))
                t->crosswalk_busy[k] = 1;
        }
    }
}

// Could all who come still stand before it? `in`, `out`: the stretch of the lane that is walked over.
static bool lane_lets(const cw_world *world, uint32_t lane, double in, double out) {
    const cw_traffic_table *t = world->traffic;
    const cw_net_lane *l = &t->net->lanes[lane];
    // A light close behind it that is green: theirs is the way.
    for (uint32_t k = l->stop; k < l->stop + l->stop_count; k++) {
        uint8_t light = world->s.light[t->net->stops[k].signal];
        if (fabs((double)t->net->stops[k].at - in) < 20 && light >= LIGHT_RED_YELLOW && light <= LIGHT_GREEN)
            return false;
    }
    for (uint32_t k = t->slot_first[lane]; k < t->slot_first[lane + 1]; k++) {
        const cw_slot *slot = &t->slots[k];
        double gap = in - (double)slot->at - (double)slot->front, speed = fabs((double)slot->speed);
        if ((double)slot->at - (double)slot->back > out + 0.5)
            break;
        if (gap < 0.3 || (speed > 0.3 && gap < 1.2 * speed + speed * speed / 4 + 1))
            return false;
    }
    const cw_lane *m = &world->map->lanes[lane];
    for (uint32_t k = 0; k < m->previous.count && in < 60; k++) {
        uint32_t from = world->map->links[m->previous.first + k];
        if (!(t->net->lanes[from].flags & CW_NET_DRIVE) || t->slot_first[from] == t->slot_first[from + 1])
            continue;
        const cw_slot *slot = &t->slots[t->slot_first[from + 1] - 1];
        double gap = t->net->lanes[from].length - (double)slot->at - (double)slot->front + in,
               speed = fabs((double)slot->speed);
        if (gap < 0.3 || (speed > 0.3 && gap < 1.2 * speed + speed * speed / 4 + 1))
            return false;
    }
    return true;
}

static bool crosswalk_lets(const cw_world *world, uint32_t crosswalk) {
    const cw_net *net = world->traffic->net;
    const cw_net_crosswalk *w = &net->crosswalks[crosswalk];
    for (uint32_t i = w->over; i < w->over + w->over_count; i++) {
        const cw_net_over *o = &net->over[i];
        if (!lane_lets(world, o->lane, (double)o->in, (double)o->out))
            return false;
    }
    return true;
}

// ---- over the road ---------------------------------------------------------------------------------------------------

static void set_out(cw_world *world, uint32_t agent, double x, double y) {
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    s->agent_to_x[agent] = x;
    s->agent_to_y[agent] = y;
    s->agent_flags[agent] |= CW_AGENT_CROSSES;
    s->heading[actor] = cw_atan2(y - s->y[actor], x - s->x[actor]);
}

// The door that it passes in the next tick, if it decides to use it.
static const cw_net_door *door_at(const cw_world *world, uint32_t agent, double way) {
    const cw_net *net = world->traffic->net;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent], low = 0, high = net->door_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (net->doors[middle].lane < lane)
            low = middle + 1;
        else
            high = middle;
    }
    double at = s->agent_at[agent], to = at + (s->agent_flags[agent] & CW_AGENT_BACK ? -way : way);
    for (; low < net->door_count && net->doors[low].lane == lane; low++) {
        double place = net->doors[low].at;
        if ((place >= at && place < to) || (place <= at && place > to))
            return &net->doors[low];
    }
    return NULL;
}

static void try_jaywalk(cw_world *world, uint32_t agent, double per_hour, uint8_t act) {
    const cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(t, agent), lane = s->agent_lane[agent];
    double tick = (double)t->tick / 1e9;
    if (cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_ACT), 7) >= per_hour * tick / 3600)
        return;
    const cw_lane *l = &world->map->lanes[lane];
    cw_road_point middle;
    cw_road_at(world->map, l->road, s->place_s[actor], 0, &middle);
    if (world->scene->traffic.params.keep_a1 > 0.5) {
        cw_span lanes = world->map->sections[l->section].lanes;
        for (uint32_t k = lanes.first; k < lanes.first + lanes.count; k++) {
            if (!(t->net->lanes[k].flags & CW_NET_DRIVE))
                continue;
            double at = cw_lane_travel(world->map, k, s->place_s[actor]);
            // Wider than at a crosswalk: nobody expects it here, who stands may start meanwhile, and others come into the
            // map.
            if ((t->net->lanes[k].flags & CW_NET_ENTRY && at < ENTRY_CLEAR) || !lane_lets(world, k, at - 25, at + 2))
                return;
        }
    }
    s->agent_act[agent] = act;
    set_out(world, agent, 2 * middle.x - s->x[actor], 2 * middle.y - s->y[actor]);
}

// Arrived on the other side: on along the path there, or back where there is none.
static void arrive(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    const cw_net *net = world->traffic->net;
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    cw_locate query = cw_locate_at(s->x[actor], s->y[actor]);
    query.kinds = 1u << CW_LANE_SIDEWALK | 1u << CW_LANE_WALKING;
    cw_lane_place place;
    s->agent_flags[agent] &= (uint8_t)~CW_AGENT_CROSSES;
    s->agent_grant[agent] = CW_NONE;
    s->agent_act[agent] = CW_ACT_NONE;
    if (!cw_map_locate(world->map, &query, &place) && place.lane == CW_NONE) {
        cw_agent_leave(world, agent);
        return;
    }
    s->agent_lane[agent] = place.lane;
    s->agent_at[agent] = cw_lane_travel(world->map, place.lane, place.s);
    double half = 0.5 * (double)net->lanes[place.lane].width;
    s->agent_offset[agent] = (float)place.offset;
    s->agent_aim[agent] =
        s->agent_flags[agent] & CW_AGENT_BACK ? (float)cw_max(0.35, half - 0.5) : (float)-cw_max(0.35, half - 0.5);
}

// Not faster than the one right ahead on the same side of the path.
static double behind_others(const cw_world *world, uint32_t agent) {
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent];
    double way = s->agent_flags[agent] & CW_AGENT_BACK ? -1 : 1, most = (double)INFINITY;
    for (uint32_t i = t->slot_first[lane]; i < t->slot_first[lane + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        double gap = way * ((double)slot->at - s->agent_at[agent]);
        if (slot->actor == cw_agent_actor(t, agent) || gap <= 0 || gap > 1.5 ||
            fabs((double)(slot->offset - s->agent_offset[agent])) > 0.8)
            continue;
        most = cw_min(most, gap < 0.8 ? 0 : cw_max(0.3, way * (double)slot->speed));
    }
    return most;
}

void cw_walker_decide(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    const cw_traffic_params *p = &world->scene->traffic.params;
    const cw_net *net = world->traffic->net;
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    double tick = (double)world->traffic->tick / 1e9, speed = (double)s->speed[actor], want = pace(world, agent);
    bool animal = world->scene->actors[actor].kind == CW_ACTOR_ANIMAL;
    if (s->agent_flags[agent] & CW_AGENT_CROSSES) {
        s->agent_accel[agent] = (float)cw_clamp((want - speed) / tick, -STRIDE_ACCEL, STRIDE_ACCEL);
        return;
    }
    if (s->agent_grant[agent] != CW_NONE) { // waits at the kerb
        const cw_net_crosswalk *w = &net->crosswalks[s->agent_grant[agent]];
        if (crosswalk_lets(world, s->agent_grant[agent])) {
            double side = s->agent_flags[agent] & CW_AGENT_STOOD ? -1 : 1, far = side * (w->half_length + KERB);
            s->agent_flags[agent] &= (uint8_t)~CW_AGENT_STOOD;
            set_out(world, agent, w->x + far * w->ux, w->y + far * w->uy);
        }
        s->agent_accel[agent] = (float)(speed > 0 ? -cw_min(speed / tick, 2) : 0);
        return;
    }
    want = cw_min(want, behind_others(world, agent));
    s->agent_accel[agent] = (float)cw_clamp((want - speed) / tick, -STRIDE_ACCEL, STRIDE_ACCEL);
    const cw_net_door *door = animal ? NULL : door_at(world, agent, speed * tick);
    if (door && cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_WALK), 0) < 0.4) {
        s->agent_grant[agent] = door->crosswalk;
        if (door->side > 0)
            s->agent_flags[agent] |= CW_AGENT_STOOD; // at the end in the crosswalk's direction: walks against it
        return;
    }
    if (animal)
        try_jaywalk(world, agent, p->animal, CW_ACT_DASH);
    else
        try_jaywalk(world, agent, p->jaywalk, CW_ACT_NONE);
}

// ---- motion ----------------------------------------------------------------------------------------------------------

// At an end of its path: on along the next one, or round.
static void pass_end(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    const cw_net *net = world->traffic->net;
    const cw_net_lane *l = &net->lanes[s->agent_lane[agent]];
    bool back = s->agent_flags[agent] & CW_AGENT_BACK;
    if (back ? s->agent_at[agent] >= 0 : s->agent_at[agent] <= l->length)
        return;
    if (!back && l->next_count > 0) {
        s->agent_at[agent] -= l->length;
        s->agent_lane[agent] = net->links[l->next];
        return;
    }
    const cw_lane *m = &world->map->lanes[s->agent_lane[agent]];
    for (uint32_t k = 0; back && k < m->previous.count; k++) {
        uint32_t to = world->map->links[m->previous.first + k];
        if (!(net->lanes[to].flags & CW_NET_WALK))
            continue;
        s->agent_at[agent] += net->lanes[to].length;
        s->agent_lane[agent] = to;
        return;
    }
    s->agent_at[agent] = back ? 0 : l->length;
    s->agent_flags[agent] ^= CW_AGENT_BACK;
    s->agent_aim[agent] = -s->agent_aim[agent];
}

void cw_walker_move(cw_world *world, uint32_t agent, double dt) {
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(world->traffic, agent);
    double v = (double)s->speed[actor], next = cw_max(0, v + (double)s->agent_accel[agent] * dt);
    double way = 0.5 * (v + next) * dt;
    s->speed[actor] = (float)next;
    s->accel[actor] = (float)((next - v) / dt);
    s->traveled[actor] += way;
    s->yaw_rate[actor] = 0;
    if (s->agent_flags[agent] & CW_AGENT_CROSSES) {
        double dx = s->agent_to_x[agent] - s->x[actor], dy = s->agent_to_y[agent] - s->y[actor];
        double far = cw_hypot(dx, dy);
        if (far > 0) {
            double f = cw_min(1, way / far);
            s->x[actor] += f * dx;
            s->y[actor] += f * dy;
            s->heading[actor] = cw_atan2(dy, dx);
        }
        if (far <= way + 0.01)
            arrive(world, agent);
        else
            cw_world_find_place(world, actor);
        return;
    }
    bool back = s->agent_flags[agent] & CW_AGENT_BACK;
    s->agent_at[agent] += back ? -way : way;
    double drift = cw_clamp((double)s->agent_aim[agent] - (double)s->agent_offset[agent], -0.3 * dt, 0.3 * dt);
    if (s->agent_aim[agent] != 0)
        s->agent_offset[agent] = (float)((double)s->agent_offset[agent] + drift);
    pass_end(world, agent);
    cw_agent_pose(world, agent);
    back = s->agent_flags[agent] & CW_AGENT_BACK;
    if (back)
        s->heading[actor] = cw_wrap_angle(s->heading[actor] + CW_PI);
}
