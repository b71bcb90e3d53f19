// Who is where, made anew each tick: everybody on the lanes, sorted along each lane.
#include "world/traffic.h"

#include <math.h>
#include <string.h>

enum { PLACES = 8, LANES = 6 };

static void add_slot(cw_traffic_table *t, const cw_slot *slot, bool odd) {
    if (t->slot_count == t->slot_most)
        return;
    t->loose[t->slot_count++] = *slot;
    if (odd)
        t->lane_odd[slot->lane] = t->mark;
    t->slot_first[slot->lane + 2]++;
}

// One that reaches over the line beside it is there too, for those who come the other way as well.
static void add_reaching(cw_world *world, uint32_t agent, cw_slot slot, bool odd) {
    cw_traffic_table *t = world->traffic;
    const cw_lane *m = &world->map->lanes[slot.lane];
    const cw_net_lane *l = &t->net->lanes[slot.lane];
    float offset = world->s.agent_offset[agent], over = fabsf(offset) + t->bodies[agent].half - 0.5F * l->width;
    uint32_t beside = offset > 0 ? m->left : m->right;
    if (over < 0.1F || beside == CW_NONE || !(t->net->lanes[beside].flags & CW_NET_DRIVE))
        return;
    bool same = cw_lane_same_way(world->map, slot.lane, offset > 0);
    float apart = 0.5F * (l->width + t->net->lanes[beside].width) * (offset > 0 ? -1 : 1);
    slot.at = (float)cw_net_beside(world, slot.lane, (double)slot.at, beside);
    slot.offset = (same ? 1.0F : -1.0F) * (offset + apart);
    slot.half = t->bodies[agent].half;
    slot.lane = beside;
    if (!same) {
        float swap = slot.front;
        slot.front = slot.back;
        slot.back = swap;
        slot.speed = -slot.speed;
    }
    add_slot(t, &slot, odd);
}

static void add_agent(cw_world *world, uint32_t agent) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(t, agent), lane = s->agent_lane[agent];
    bool odd = s->agent_act[agent] == CW_ACT_WRECKED || t->bodies[agent].kind == CW_ACTOR_BICYCLE ||
               (s->agent_flags[agent] & CW_AGENT_EMERGENCY);
    cw_slot slot = {.at = (float)s->agent_at[agent],
                    .front = t->bodies[agent].front,
                    .back = t->bodies[agent].back,
                    .speed = s->speed[actor],
                    // From where it is to where it goes across: nobody comes in between.
                    .offset = 0.5F * (s->agent_offset[agent] + s->agent_aim[agent]),
                    .half = t->bodies[agent].half + 0.5F * fabsf(s->agent_offset[agent] - s->agent_aim[agent]),
                    .actor = actor,
                    .lane = lane};
    add_slot(t, &slot, odd);
    uint32_t from = s->agent_from[agent];
    if (from == CW_NONE && s->agent_offset[agent] != 0)
        add_reaching(world, agent, slot, odd);
    if (from != CW_NONE) {
        bool was_left = t->net->lanes[lane].left == from;
        float apart = 0.5F * (t->net->lanes[lane].width + t->net->lanes[from].width);
        slot.at = (float)cw_net_beside(world, lane, (double)slot.at, from);
        slot.offset = s->agent_offset[agent] + (was_left ? -apart : apart);
        slot.half = t->bodies[agent].half;
        slot.lane = from;
        add_slot(t, &slot, odd);
    } else if (slot.at < slot.back && s->agent_last[agent] != CW_NONE) {
        // The tail is still on the lane before.
        slot.lane = s->agent_last[agent];
        slot.at += (float)t->net->lanes[slot.lane].length;
        add_slot(t, &slot, odd);
    }
}

// Anybody else, on every lane that the box lies on: at the middle and the corners; walkers also where they will be soon.
static void add_other(cw_world *world, uint32_t actor) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    const cw_net *net = t->net;
    cw_box box = cw_world_box(world, actor);
    cw_vec2 point[6] = {{box.x, box.y}};
    cw_box_corners(&box, point + 1);
    uint8_t kind = world->scene->actors[actor].kind;
    double speed = (double)s->speed[actor], vx = speed * box.ux, vy = speed * box.uy;
    bool walks = kind == CW_ACTOR_PEDESTRIAN || kind == CW_ACTOR_ANIMAL;
    uint32_t points = 5, seen[LANES], count = 0;
    if (walks) {
        points = 2; // small: the middle, and where it will be
        point[1] = (cw_vec2){box.x + 1.5 * vx, box.y + 1.5 * vy};
    }
    for (uint32_t i = 0; i < points; i++) {
        cw_locate query = cw_locate_at(point[i].x, point[i].y);
        query.z = s->z[actor];
        cw_lane_place places[PLACES];
        uint32_t found = cw_map_locate_all(world->map, &query, places, PLACES);
        for (uint32_t k = 0; k < found && count < LANES; k++) {
            uint32_t lane = places[k].lane;
            bool known = !(net->lanes[lane].flags & CW_NET_DRIVE);
            for (uint32_t n = 0; n < count && !known; n++)
                known = seen[n] == lane;
            if (known)
                continue;
            seen[count++] = lane;
            cw_net_pose pose;
            double at = cw_lane_travel(world->map, lane, places[k].s);
            cw_net_at(net, lane, at, &pose);
            double dx = box.x - point[i].x, dy = box.y - point[i].y;
            if (walks)
                dx = dy = 0;
            double c = fabs(pose.ux * box.ux + pose.uy * box.uy), n = fabs(pose.ux * box.uy - pose.uy * box.ux);
            double along = c * box.half_length + n * box.half_width, across = n * box.half_length + c * box.half_width;
            add_slot(t,
                     &(cw_slot){.at = (float)(at + dx * pose.ux + dy * pose.uy),
                                .front = (float)along,
                                .back = (float)along,
                                .speed = (float)(vx * pose.ux + vy * pose.uy),
                                .offset = (float)(places[k].offset + dy * pose.ux - dx * pose.uy),
                                .half = (float)across,
                                .actor = actor,
                                .lane = lane},
                     true);
        }
    }
}

static void add_walker(cw_world *world, uint32_t agent) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(t, agent);
    if (s->agent_flags[agent] & CW_AGENT_CROSSES)
        add_other(world, actor);
    else
        add_slot(t,
                 &(cw_slot){.at = (float)s->agent_at[agent],
                            .front = t->bodies[agent].front,
                            .back = t->bodies[agent].back,
                            .speed = s->agent_flags[agent] & CW_AGENT_BACK ? -s->speed[actor] : s->speed[actor],
                            .offset = s->agent_offset[agent],
                            .half = t->bodies[agent].half,
                            .actor = actor,
                            .lane = s->agent_lane[agent]},
                 false);
}

// On one lane: is a to stand before b?
static bool before(const cw_slot *a, const cw_slot *b) {
    return a->lane == b->lane && (a->at < b->at || (a->at == b->at && a->actor < b->actor));
}

// By lane (counting), and along each lane by place; ties by actor, so that the order is no state.
static void sort(cw_traffic_table *t) {
    // Counted two lanes further: summed up, [lane + 1] is where the lane begins, and filled, where it ends.
    for (uint32_t i = 0, lanes = t->net->lane_count; i < lanes; i++)
        t->slot_first[i + 2] += t->slot_first[i + 1];
    for (uint32_t i = 0; i < t->slot_count; i++)
        t->slots[t->slot_first[t->loose[i].lane + 1]++] = t->loose[i];
    for (uint32_t i = 1; i < t->slot_count; i++) {
        if (!before(&t->slots[i], &t->slots[i - 1]))
            continue; // nearly always
        cw_slot x = t->slots[i];
        uint32_t k = i;
        for (; k > 0 && before(&x, &t->slots[k - 1]); k--)
            t->slots[k] = t->slots[k - 1];
        t->slots[k] = x;
    }
}

// Who hears a siren: everybody on the same lane ahead of it, and how far behind it is.
static void hear(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    if (!(world->scene->traffic.params.emergency > 0))
        return;
    for (uint32_t i = 0; i < t->count; i++)
        t->siren[i] = INFINITY;
    for (uint32_t i = 0; i < t->slot_count; i++) {
        uint32_t agent = t->slots[i].actor - t->first;
        if (agent >= t->count || !(world->s.agent_flags[agent] & CW_AGENT_EMERGENCY) || t->slot_of[agent] != i)
            continue;
        for (uint32_t k = i + 1; k < t->slot_count && t->slots[k].lane == t->slots[i].lane; k++) {
            uint32_t other = t->slots[k].actor - t->first;
            if (other < t->count && !(world->s.agent_flags[other] & CW_AGENT_EMERGENCY))
                t->siren[other] =
                    (float)cw_min((double)t->siren[other], (double)t->slots[k].at - (double)t->slots[i].at);
        }
    }
}

void cw_lists_make(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    t->slot_count = t->free_count = 0;
    memset(t->slot_first, 0, ((size_t)t->net->lane_count + 2) * sizeof *t->slot_first);
    for (uint32_t i = 0; i < t->first; i++)
        if (s->present[i])
            add_other(world, i);
    for (uint32_t i = t->first + t->count; i < world->scene->actor_count; i++)
        if (s->present[i])
            add_other(world, i);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t actor = t->first + i;
        if (!s->present[actor] && !cw_world_is_absent(world, actor))
            t->free[t->free_count++] = i;
        else if (!s->present[actor])
            continue;
        else if (!cw_is_agent(world, actor))
            add_other(world, actor);
        else if (cw_agent_walks(t, i))
            add_walker(world, i);
        else
            add_agent(world, i);
    }
    sort(t);
    for (uint32_t i = 0; i < t->slot_count; i++) {
        uint32_t agent = t->slots[i].actor - t->first;
        if (agent < t->count && cw_is_agent(world, t->slots[i].actor) && t->slots[i].lane == s->agent_lane[agent])
            t->slot_of[agent] = i;
    }
    cw_stretches_make(t, s);
    hear(world);
}

uint32_t cw_slot_ahead(const cw_traffic_table *t, uint32_t lane, double at) {
    uint32_t low = t->slot_first[lane], high = t->slot_first[lane + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((double)t->slots[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
