// Where traffic comes from and where it goes: background, sources, sinks, swarms, areas, origin and destination.
#include "world/storyboard.h"
#include "world/traffic.h"

#include <math.h>
#include <string.h>

#define SWARM_RATE 5.0 // users at most that a swarm or an area takes in each second, once it runs
enum { ROUNDS = 24, TRIES = 8, ROADS = 64, OWED_MOST = 4 };

typedef struct spot { // a place to begin at
    uint32_t lane;
    double at, speed; // m, m/s; speed NAN: what the road allows
} spot;

static cw_rng_key key_of(const cw_world *world, uint32_t flow) {
    return (cw_rng_key){.seed = world->def.seed,
                        .world = world->def.number,
                        .agent = flow,
                        .purpose = CW_DRAW_FLOW,
                        .step = (uint64_t)world->s.step[0]};
}

static bool walks(const cw_world *world, uint32_t agent) {
    return cw_agent_walks(world->traffic, agent);
}

// ---- coming and going ------------------------------------------------------------------------------------------------

void cw_agent_leave(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    cw_world_remove(world, cw_agent_actor(world->traffic, agent));
    s->agent_lane[agent] = s->agent_from[agent] = s->agent_last[agent] = s->agent_grant[agent] = CW_NONE;
    s->agent_act[agent] = CW_ACT_NONE;
    s->agent_accel[agent] = s->agent_slide[agent] = 0;
    world->traffic->stretch[agent].lane = CW_NONE;
}

// Room before and behind on the lane, for one of this length at the speed it will have. Gives the speed.
static bool room(const cw_world *world, uint32_t agent, const spot *where, double *speed) {
    const cw_traffic_table *t = world->traffic;
    const cw_net_lane *l = &t->net->lanes[where->lane];
    double front = (double)t->bodies[agent].front, back = (double)t->bodies[agent].back, want = *speed,
           gap = (double)INFINITY;
    uint32_t i = cw_slot_ahead(t, where->lane, where->at);
    if (i < t->slot_first[where->lane + 1]) {
        gap = (double)t->slots[i].at - (double)t->slots[i].back - where->at - front;
        want = cw_min(want, cw_max((double)t->slots[i].speed, 0) + cw_max(gap - 4, 0) / 3);
    } else if (l->next_count > 0) {
        uint32_t next = t->net->links[l->next];
        uint32_t first = t->slot_first[next];
        if (first < t->slot_first[next + 1]) {
            gap = l->length - where->at - front + (double)t->slots[first].at - (double)t->slots[first].back;
            want = cw_min(want, cw_max((double)t->slots[first].speed, 0) + cw_max(gap - 4, 0) / 3);
        }
    }
    if (gap < 4)
        return false;
    if (i > t->slot_first[where->lane]) {
        const cw_slot *behind = &t->slots[i - 1];
        double closing = cw_max(0, (double)behind->speed - want);
        double rear = where->at - back - (double)behind->at - (double)behind->front;
        if (rear < 4 + (double)behind->speed + closing * closing / 4)
            return false;
    } else if (l->previous_count > 0 && where->at < 40)
        return false; // who comes from the lanes before is not looked at
    // Not so fast that what lies ahead could not be obeyed.
    *speed = cw_min(want, sqrt(2 * 1.5 * cw_max(0, l->length - where->at - front - (double)l->hold)) +
                              (l->next_count == 0 ? want : 0));
    return true;
}

static void appear(cw_world *world, uint32_t agent, uint32_t flow, const spot *where, double speed) {
    cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    uint32_t actor = cw_agent_actor(t, agent);
    cw_agent_leave(world, agent);
    s->agent_serial[agent]++;
    s->agent_flow[agent] = flow;
    s->agent_lane[agent] = where->lane;
    s->agent_at[agent] = where->at;
    s->agent_offset[agent] = s->agent_aim[agent] = 0;
    s->agent_waits[agent] = -1;
    s->agent_changed[agent] = s->agent_until[agent] = 0;
    s->agent_goal[agent] = CW_NONE;
    for (uint32_t k = 0; k < CW_AHEAD; k++)
        s->agent_next[CW_AHEAD * agent + k] = CW_NONE;
    cw_agent_personality(world, agent);
    if (walks(world, agent)) {
        if (cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_SPAWN), 1) < 0.5)
            s->agent_flags[agent] |= CW_AGENT_BACK;
        // Those who come towards each other keep to their sides.
        double wide = cw_max(0.35, 0.5 * (double)t->net->lanes[where->lane].width - 0.4);
        double side = s->agent_flags[agent] & CW_AGENT_BACK ? 1 : -1;
        s->agent_offset[agent] = s->agent_aim[agent] =
            (float)(side * cw_lerp(0.35, wide, cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_SPAWN), 2)));
    } else {
        // A destination: the flow's own, else one of those that can be reached from here.
        const cw_net *net = t->net;
        uint32_t goal = flow != CW_NONE ? net->flow_goal[flow] : CW_NONE;
        if (goal == CW_NONE && net->goal_count > 0) {
            uint32_t first = (uint32_t)(cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_SPAWN), 3) * net->goal_count);
            for (uint32_t k = 0; k < net->goal_count && goal == CW_NONE; k++) {
                uint32_t g = (first + k) % net->goal_count;
                // One that ends on this very lane is no journey.
                if (net->hops[(size_t)g * net->lane_count + where->lane] != CW_HOP_NONE && net->goals[g] != where->lane)
                    goal = g;
            }
        }
        s->agent_goal[agent] = goal;
        cw_agent_way(world, agent);
    }
    s->present[actor] = s->visible[actor] = 1;
    s->mover[actor] = CW_MOVED_BY_TRAFFIC;
    s->speed[actor] = (float)speed;
    s->traveled[actor] = 0;
    cw_agent_pose(world, agent);
}

// May somebody of this kind ever begin on the lane? Motorways are for motors.
static bool suits(const cw_world *world, uint32_t agent, uint32_t lane) {
    uint8_t flags = world->traffic->net->lanes[lane].flags;
    if (walks(world, agent))
        return (flags & CW_NET_WALK) != 0;
    const cw_road *road = &world->map->roads[world->map->lanes[lane].road];
    bool motorway = road->kinds.count > 0 && world->map->road_types[road->kinds.first].kind == CW_ROAD_MOTORWAY;
    bool cycles = world->scene->actors[cw_agent_actor(world->traffic, agent)].kind == CW_ACTOR_BICYCLE;
    return (flags & CW_NET_DRIVE) && !(motorway && cycles);
}

// Puts an agent there if there is room; it stands in the lists at the next tick only, so one on each lane a tick.
static bool place(cw_world *world, uint32_t agent, uint32_t flow, const spot *where) {
    cw_traffic_table *t = world->traffic;
    const cw_net_lane *l = &t->net->lanes[where->lane];
    double speed = isnan(where->speed) ? 0.8 * (double)cw_min((double)l->limit, (double)l->bend) : where->speed;
    speed = cw_min(speed, (double)world->scene->actors[cw_agent_actor(t, agent)].max_speed * 0.7);
    if (!suits(world, agent, where->lane))
        return false;
    if (walks(world, agent)) {
        appear(world, agent, flow, where, 1.2);
        return true;
    }
    if (t->lane_mark[where->lane] == t->mark || 2 * (double)t->bodies[agent].half + 0.2 > (double)l->width ||
        !room(world, agent, where, &speed))
        return false;
    t->lane_mark[where->lane] = t->mark;
    appear(world, agent, flow, where, speed);
    return true;
}

// An absent agent that nobody else owns and that may begin on `lane` (CW_NONE: whoever it is); the next from *from on.
// CW_NONE: the pool holds none.
static uint32_t take(const cw_world *world, uint32_t flow, uint32_t *from, uint32_t lane) {
    const cw_traffic_table *t = world->traffic;
    const cw_traffic *traffic = &world->scene->traffic;
    for (; *from < t->free_count; ++*from) {
        uint32_t agent = t->free[*from], owner = world->s.agent_flow[agent];
        bool background = owner != CW_NONE && owner != flow && traffic->flows[owner].kind == CW_FLOW_BACKGROUND;
        if (world->s.present[cw_agent_actor(t, agent)] || background || (lane != CW_NONE && !suits(world, agent, lane)))
            continue;
        ++*from;
        return agent;
    }
    return CW_NONE;
}

// ---- places ----------------------------------------------------------------------------------------------------------

static uint32_t by_length(const double *sum, uint32_t count, double share) {
    double at = share * sum[count - 1];
    uint32_t low = 0, high = count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sum[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// `share`: how far along the roads, all laid end to end.
static bool along_roads(const cw_world *world, uint32_t agent, double share, double place, spot *out) {
    const cw_net *net = world->traffic->net;
    bool on_foot = walks(world, agent);
    uint32_t count = on_foot ? net->path_count : net->road_count;
    if (count == 0)
        return false;
    uint32_t i = by_length(on_foot ? net->path_sum : net->road_sum, count, share);
    out->lane = on_foot ? net->paths[i] : net->roads[i];
    double length = net->lanes[out->lane].length;
    out->at = (0.05 + 0.9 * place) * length;
    out->speed = (double)NAN;
    return true;
}

static bool anywhere(const cw_world *world, uint32_t agent, cw_rng_key key, uint32_t draw, spot *out) {
    return along_roads(world, agent, cw_rng_uniform(key, draw), cw_rng_uniform(key, draw + 1), out);
}

// Lanes within `radius` of a point where one may begin.
static bool near_point(const cw_world *world, double x, double y, double radius, bool on_foot, cw_rng_key key,
                       uint32_t draw, spot *out) {
    const cw_traffic_table *t = world->traffic;
    uint32_t roads[ROADS];
    uint32_t count =
        cw_map_roads_in(world->map, (cw_vec2){x - radius, y - radius}, (cw_vec2){x + radius, y + radius}, roads, ROADS);
    if (count == 0)
        return false;
    const cw_road *road = &world->map->roads[roads[(uint32_t)(cw_rng_uniform(key, draw) * count)]];
    if (road->sections.count == 0)
        return false;
    uint32_t section = road->sections.first + (uint32_t)(cw_rng_uniform(key, draw + 1) * road->sections.count);
    cw_span lanes = world->map->sections[section].lanes;
    uint32_t lane = lanes.first + (uint32_t)(cw_rng_uniform(key, draw + 2) * lanes.count);
    const cw_net_lane *l = &t->net->lanes[lane];
    if (!(l->flags & (on_foot ? CW_NET_WALK : CW_NET_DRIVE)) || (l->flags & CW_NET_JUNCTION))
        return false;
    out->lane = lane;
    out->at = cw_rng_uniform(key, draw + 3) * l->length;
    cw_net_pose pose;
    cw_net_at(t->net, lane, out->at, &pose);
    return cw_hypot(pose.x - x, pose.y - y) <= radius;
}

// Nobody is put where others would see it appear close by.
static bool unseen(const cw_world *world, const spot *where) {
    const cw_traffic_table *t = world->traffic;
    uint32_t ego = world->scene->ego;
    if (ego == CW_NONE || !world->s.present[ego] || world->s.step[0] == 0)
        return true;
    cw_net_pose pose;
    cw_net_at(t->net, where->lane, where->at, &pose);
    return cw_hypot(pose.x - world->s.x[ego], pose.y - world->s.y[ego]) > 120;
}

// ---- the kinds -------------------------------------------------------------------------------------------------------

static void lose(cw_world *world, uint32_t flow, uint32_t count) {
    if (count == 0)
        return;
    if (world->s.flow_lost[flow] == 0)
        cw_world_say(world, "traffic %s: demand cannot be met: no room, or no users left",
                     "교통류 %s: 요구를 채울 수 없음 (자리나 도로 사용자가 모자람)",
                     world->scene->traffic.flows[flow].name);
    world->s.flow_lost[flow] += count;
}

// At the start: everywhere, in rounds, one on each lane a round.
static void fill_background(cw_world *world, uint32_t flow, uint32_t first, uint32_t count) {
    cw_traffic_table *t = world->traffic;
    uint32_t left = count;
    for (uint32_t i = first; i < first + count; i++)
        world->s.agent_flow[i] = flow;
    for (uint32_t round = 0; round < ROUNDS && left > 0; round++) {
        t->mark++;
        left = 0;
        for (uint32_t i = first; i < first + count; i++) {
            spot where;
            if (world->s.present[cw_agent_actor(t, i)])
                continue;
            cw_rng_key key = cw_agent_key(world, i, CW_DRAW_FLOW);
            // Evenly first, one after the other along the roads, so that neighbours in number are neighbours in place;
            // who finds no room there goes anywhere.
            double share = (i - first + cw_rng_uniform(key, 0)) / count;
            bool found = round < ROUNDS / 2 ? along_roads(world, i, share, cw_rng_uniform(key, 2 * round + 1), &where)
                                            : anywhere(world, i, key, 2 * round, &where);
            if (!found || !place(world, i, flow, &where))
                left++;
        }
        cw_lists_make(world);
    }
    lose(world, flow, left);
}

static void keep_background(cw_world *world, uint32_t flow) {
    cw_traffic_table *t = world->traffic;
    const cw_net *net = t->net;
    for (uint32_t i = 0; i < t->free_count; i++) {
        uint32_t agent = t->free[i];
        if (world->s.agent_flow[agent] != flow || world->s.present[cw_agent_actor(t, agent)])
            continue;
        cw_rng_key key = cw_agent_key(world, agent, CW_DRAW_FLOW);
        if (cw_rng_uniform(key, 0) > 0.1)
            continue; // not all at once
        spot where = {.at = 0, .speed = (double)NAN};
        if (net->entry_count > 0 && !walks(world, agent)) {
            where.lane = net->entries[(uint32_t)(cw_rng_uniform(key, 1) * net->entry_count)];
            where.at = (double)t->bodies[agent].back + 0.5;
        } else if (!anywhere(world, agent, key, 2, &where) || !unseen(world, &where))
            continue;
        place(world, agent, flow, &where);
    }
}

static bool spot_of(cw_world *world, const cw_position *position, cw_spot *out) {
    if (position->kind == CW_AT_NOWHERE || !cw_position_find(world, position, CW_NONE, out))
        return false;
    if (out->place.lane == CW_NONE) {
        cw_locate query = cw_locate_at(out->x, out->y);
        query.heading = out->heading;
        for (uint32_t kind = 0; kind < CW_LANE_KINDS; kind++)
            query.kinds |= cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}) ? 1u << kind : 0;
        cw_map_locate(world->map, &query, &out->place);
    }
    return true;
}

static void run_source(cw_world *world, uint32_t flow, double dt) {
    cw_traffic_table *t = world->traffic;
    const cw_flow *f = &world->scene->traffic.flows[flow];
    double *owed = &world->s.flow_owed[flow];
    *owed += f->rate * dt;
    uint32_t from = 0;
    cw_spot center = {.place = {.lane = CW_NONE}};
    for (uint32_t k = 0; *owed >= 1 && k < OWED_MOST; k++) {
        cw_rng_key key = key_of(world, flow);
        bool found = spot_of(world, &f->position, &center);
        uint32_t agent = take(world, flow, &from, found && f->radius <= 0 ? center.place.lane : CW_NONE);
        bool fine = false;
        for (uint32_t n = 0; n < TRIES && agent != CW_NONE && !fine; n++) {
            if (!found)
                break;
            spot where = {.lane = center.place.lane, .speed = (double)NAN};
            if (!isnan(f->speed_low))
                where.speed = cw_lerp(f->speed_low, f->speed_high, cw_rng_uniform(key, 16 * k + 9));
            if (f->radius > 0) {
                if (!near_point(world, center.x, center.y, f->radius, walks(world, agent), key, 64 * k + 4 * n + 100,
                                &where))
                    continue;
            } else if (where.lane == CW_NONE)
                break;
            else
                where.at =
                    cw_max(cw_lane_travel(world->map, where.lane, center.place.s), (double)t->bodies[agent].back + 0.1);
            fine = place(world, agent, flow, &where);
        }
        if (!fine)
            break;
        *owed -= 1;
        world->s.flow_made[flow]++;
    }
    if (*owed > OWED_MOST) {
        double over = floor(*owed - OWED_MOST);
        *owed -= over;
        lose(world, flow, (uint32_t)over);
    }
}

static void run_sink(cw_world *world, uint32_t flow, double dt) {
    cw_traffic_table *t = world->traffic;
    const cw_flow *f = &world->scene->traffic.flows[flow];
    cw_spot center;
    double *owed = &world->s.flow_owed[flow];
    *owed = isfinite(f->rate) ? cw_min(*owed + f->rate * dt, OWED_MOST) : t->count;
    if (!spot_of(world, &f->position, &center))
        return;
    double radius = f->radius > 0 ? f->radius : 5;
    for (uint32_t i = 0; i < t->count && *owed >= 1; i++) {
        uint32_t actor = cw_agent_actor(t, i);
        if (!world->s.present[actor] || !cw_is_agent(world, actor) ||
            cw_hypot(world->s.x[actor] - center.x, world->s.y[actor] - center.y) > radius)
            continue;
        cw_agent_leave(world, i);
        *owed -= 1;
    }
}

// In the frame of the swarm's centre: 1 on the outer ellipse.
static double outside(const cw_world *world, const cw_flow *f, double x, double y, double *along) {
    double sine, cosine;
    cw_sincos(world->s.heading[f->entity], &sine, &cosine);
    double dx = x - world->s.x[f->entity], dy = y - world->s.y[f->entity];
    double a = dx * cosine + dy * sine - f->offset, b = dy * cosine - dx * sine;
    *along = cw_hypot(a, b);
    a /= cw_max(f->semi_major, 1);
    b /= cw_max(f->semi_minor, 1);
    return a * a + b * b;
}

static bool in_polygon(const cw_world *world, const cw_flow *f, double x, double y) {
    bool inside = false;
    cw_spot p, q;
    for (uint32_t k = 0, b = f->corner_count - 1; k < f->corner_count; b = k++) {
        if (!cw_position_find(world, &f->corners[k], CW_NONE, &p) ||
            !cw_position_find(world, &f->corners[b], CW_NONE, &q))
            return false;
        if ((p.y > y) != (q.y > y) && x < (q.x - p.x) * (y - p.y) / (q.y - p.y) + p.x)
            inside = !inside;
    }
    return inside;
}

static bool in_area(const cw_world *world, const cw_flow *f, uint32_t lane, double s, double x, double y) {
    if (f->corner_count > 2)
        return in_polygon(world, f, x, y);
    const cw_lane *l = &world->map->lanes[lane];
    for (uint32_t i = 0; i < f->stretch_count; i++) {
        const cw_flow_stretch *r = &f->stretches[i];
        if (r->road == l->road && s >= r->s0 && s <= r->s1 &&
            (!r->has_lanes || (l->id >= r->lane_low && l->id <= r->lane_high)))
            return true;
    }
    return false;
}

// A place in the swarm's ring or in the area.
static bool find_spot(cw_world *world, uint32_t flow, bool on_foot, cw_rng_key key, uint32_t draw, spot *out) {
    const cw_flow *f = &world->scene->traffic.flows[flow];
    const cw_net *net = world->traffic->net;
    cw_net_pose pose;
    double far;
    out->speed =
        isnan(f->speed_low) ? (double)NAN : cw_lerp(f->speed_low, f->speed_high, cw_rng_uniform(key, draw + 5));
    if (f->kind == CW_FLOW_SWARM) {
        double reach = cw_max(f->semi_major, f->semi_minor) + fabs(f->offset);
        if (!near_point(world, world->s.x[f->entity], world->s.y[f->entity], reach, on_foot, key, draw, out))
            return false;
        cw_net_at(net, out->lane, out->at, &pose);
        if (outside(world, f, pose.x, pose.y, &far) > 1 || far < f->inner)
            return false;
        bool same = cw_cos(pose.heading - world->s.heading[f->entity]) > 0;
        return isnan(f->same_way) || same == (cw_rng_uniform(key, draw + 6) < f->same_way);
    }
    if (f->stretch_count > 0) {
        const cw_flow_stretch *r = &f->stretches[(uint32_t)(cw_rng_uniform(key, draw) * f->stretch_count)];
        double s = cw_lerp(r->s0, r->s1, cw_rng_uniform(key, draw + 1));
        const cw_road *road = &world->map->roads[r->road];
        for (uint32_t k = 0; k < road->sections.count; k++) {
            const cw_section *section = &world->map->sections[road->sections.first + k];
            if (s < section->s0 || s > section->s1)
                continue;
            out->lane = section->lanes.first + (uint32_t)(cw_rng_uniform(key, draw + 2) * section->lanes.count);
            if (!(net->lanes[out->lane].flags & (on_foot ? CW_NET_WALK : CW_NET_DRIVE)))
                return false;
            out->at = cw_lane_travel(world->map, out->lane, s);
            return in_area(world, f, out->lane, s, 0, 0);
        }
        return false;
    }
    cw_spot corner;
    double low_x = (double)INFINITY, high_x = -(double)INFINITY, low_y = (double)INFINITY, high_y = -(double)INFINITY;
    for (uint32_t k = 0; k < f->corner_count; k++) {
        if (!cw_position_find(world, &f->corners[k], CW_NONE, &corner))
            return false;
        low_x = cw_min(low_x, corner.x);
        high_x = cw_max(high_x, corner.x);
        low_y = cw_min(low_y, corner.y);
        high_y = cw_max(high_y, corner.y);
    }
    double radius = 0.5 * cw_hypot(high_x - low_x, high_y - low_y);
    if (!near_point(world, 0.5 * (low_x + high_x), 0.5 * (low_y + high_y), radius, on_foot, key, draw, out))
        return false;
    cw_net_at(net, out->lane, out->at, &pose);
    return in_polygon(world, f, pose.x, pose.y);
}

static void run_crowd(cw_world *world, uint32_t flow, double dt) {
    cw_traffic_table *t = world->traffic;
    const cw_flow *f = &world->scene->traffic.flows[flow];
    bool swarm = f->kind == CW_FLOW_SWARM, first = world->s.flow_made[flow] == 0;
    if (swarm && (f->entity == CW_NONE || !world->s.present[f->entity]))
        return;
    uint32_t here = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t actor = cw_agent_actor(t, i);
        if (!world->s.present[actor] || world->s.agent_flow[i] != flow || !cw_is_agent(world, actor))
            continue;
        double far;
        bool gone = swarm ? outside(world, f, world->s.x[actor], world->s.y[actor], &far) > 1
                          : f->continuous && !in_area(world, f, world->s.agent_lane[i], world->s.place_s[actor],
                                                      world->s.x[actor], world->s.y[actor]);
        if (gone)
            cw_agent_leave(world, i);
        else
            here++;
    }
    if (!swarm && !f->continuous && !first)
        return;
    world->s.flow_owed[flow] = cw_min(world->s.flow_owed[flow] + SWARM_RATE * dt, 2);
    uint32_t missing = f->count > here ? f->count - here : 0, from = 0;
    // Filled at once where it begins, later a few at a time.
    uint32_t most = first ? missing : (uint32_t)cw_min(missing, world->s.flow_owed[flow]), made = 0;
    for (uint32_t round = 0; made < most && round < (first ? ROUNDS : 1u); round++) {
        t->mark++;
        from = 0;
        for (uint32_t k = 0; made < most && k < most; k++) {
            uint32_t agent = take(world, flow, &from, CW_NONE);
            if (agent == CW_NONE)
                break;
            cw_rng_key key = cw_agent_key(world, agent, CW_DRAW_FLOW);
            bool fine = false;
            for (uint32_t n = 0; n < TRIES && !fine; n++) {
                spot where;
                fine = find_spot(world, flow, walks(world, agent), key, 1000 * round + 8 * n, &where) &&
                       place(world, agent, flow, &where);
            }
            made += fine;
        }
        if (first)
            cw_lists_make(world);
    }
    world->s.flow_made[flow] += made;
    if (first)
        lose(world, flow, missing - made);
    else
        world->s.flow_owed[flow] -= made;
    if (first && made == 0)
        world->s.flow_made[flow] = 1; // tried
}

// ---- running ---------------------------------------------------------------------------------------------------------

void cw_flow_switch(cw_world *world, uint32_t flow, bool on) {
    if (flow >= world->scene->traffic.flow_count)
        return;
    world->s.flow_on[flow] = on;
    world->s.flow_owed[flow] = 0;
    // A source begins with its first user, not after one interval.
    uint8_t kind = world->scene->traffic.flows[flow].kind;
    if (on && (kind == CW_FLOW_SOURCE || kind == CW_FLOW_DEMAND))
        world->s.flow_owed[flow] = 1;
}

void cw_flows_start(cw_world *world) {
    const cw_traffic *traffic = &world->scene->traffic;
    uint32_t first = 0;
    for (uint32_t i = 0; i < traffic->flow_count; i++) {
        const cw_flow *f = &traffic->flows[i];
        if (f->from_start)
            cw_flow_switch(world, i, true);
        if (f->kind != CW_FLOW_BACKGROUND)
            continue;
        // Background users own their part of the pool, from its end.
        uint32_t count = f->count;
        first += count;
        if (first <= traffic->count)
            fill_background(world, i, traffic->count - first, count);
    }
}

void cw_flows_tick(cw_world *world) {
    const cw_traffic *traffic = &world->scene->traffic;
    cw_traffic_table *t = world->traffic;
    double dt = (double)t->tick / 1e9;
    for (uint32_t i = 0; i < traffic->flow_count; i++) {
        if (!world->s.flow_on[i])
            continue;
        switch ((cw_flow_kind)traffic->flows[i].kind) {
        case CW_FLOW_BACKGROUND:
            keep_background(world, i);
            break;
        case CW_FLOW_SOURCE:
        case CW_FLOW_DEMAND:
            run_source(world, i, dt);
            break;
        case CW_FLOW_SINK:
            run_sink(world, i, dt);
            break;
        case CW_FLOW_SWARM:
        case CW_FLOW_AREA:
            run_crowd(world, i, dt);
            break;
        }
    }
}
