// Background traffic: making it, its tick, and the motion of its agents along their lanes.
#include "world/traffic.h"
#include "world/layout.h"

#include <math.h>
#include <string.h>

#define TICK_NS INT64_C(100000000)
#define TOWED INT64_C(120000000000) // ns after which a wreck is towed away
#define SLIDE_ACCEL 0.8             // m/s^2 sideways
#define SLIDE_SPEED 1.2             // m/s
enum { LANES_EACH = 6 };

// ---- making ----------------------------------------------------------------------------------------------------------

bool cw_traffic_make(cw_world *world) {
    const cw_scene *scene = world->scene;
    if (scene->traffic.count == 0 || world->map->lane_count == 0)
        return true;
    cw_traffic_table *t = cw_arena_alloc(world->arena, sizeof *t);
    if (!t)
        return false;
    uint32_t agents = scene->traffic.count, others = scene->actor_count - agents;
    t->first = scene->traffic.first;
    t->count = agents;
    t->a1 = cw_assumptions_a1();
    t->tick = world->def.dt_ns > TICK_NS ? world->def.dt_ns : TICK_NS;
    t->slot_most = 3 * agents + LANES_EACH * (others + agents / 8 + 8);
    t->claim_most = 6 * agents + 64 * (others + 1);
    t->net = cw_net_make(world);
    if (!t->net)
        return false;
    cw_arena *arena = world->arena;
    uint32_t lanes = t->net->lane_count;
    t->slots = cw_arena_array(arena, t->slot_most, sizeof *t->slots);
    t->loose = cw_arena_array(arena, t->slot_most, sizeof *t->loose);
    t->slot_first = cw_arena_array(arena, (size_t)lanes + 2, sizeof *t->slot_first);
    t->slot_of = cw_arena_array(arena, agents, sizeof *t->slot_of);
    t->claims = cw_arena_array(arena, t->claim_most, sizeof *t->claims);
    t->loose_claims = cw_arena_array(arena, t->claim_most, sizeof *t->loose_claims);
    t->claim_first = cw_arena_array(arena, (size_t)lanes + 2, sizeof *t->claim_first);
    t->crosswalk_busy = cw_arena_array(arena, t->net->crosswalk_count, 1);
    t->free = cw_arena_array(arena, agents, sizeof *t->free);
    t->lane_odd = cw_arena_array(arena, lanes, sizeof *t->lane_odd);
    t->lane_mark = cw_arena_array(arena, lanes, sizeof *t->lane_mark);
    t->siren = cw_arena_array(arena, agents, sizeof *t->siren);
    t->stretch = cw_arena_array(arena, agents, sizeof *t->stretch);
    t->bodies = cw_arena_array(arena, agents, sizeof *t->bodies);
    if (!t->slots || !t->loose || !t->slot_first || !t->slot_of || !t->claims || !t->loose_claims || !t->claim_first ||
        !t->crosswalk_busy || !t->free || !t->lane_odd || !t->lane_mark || !t->siren || !t->stretch || !t->bodies)
        return false;
    for (uint32_t i = 0; i < agents; i++) {
        const cw_actor *a = &scene->actors[t->first + i];
        t->bodies[i] = (cw_agent_body){.front = a->length / 2 + a->center_x,
                                       .back = a->length / 2 - a->center_x,
                                       .half = a->width / 2,
                                       .wheelbase = a->wheelbase,
                                       .max_speed = a->max_speed,
                                       .max_accel = a->max_accel,
                                       .max_brake = a->max_brake,
                                       .kind = a->kind};
        t->siren[i] = INFINITY;
        world->agent_radius = cw_max(world->agent_radius, (double)world->radius[t->first + i]);
    }
    world->traffic = t;
    return true;
}

void cw_traffic_start(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    if (!t)
        return;
    for (uint32_t i = 0; i < t->count; i++) {
        world->s.agent_lane[i] = world->s.agent_last[i] = world->s.agent_from[i] = CW_NONE;
        world->s.agent_goal[i] = world->s.agent_grant[i] = world->s.agent_flow[i] = CW_NONE;
        world->s.agent_waits[i] = -1;
        for (uint32_t k = 0; k < CW_AHEAD; k++)
            world->s.agent_next[CW_AHEAD * i + k] = CW_NONE;
    }
    cw_lists_make(world);
    cw_flows_start(world);
}

void cw_world_redraw(cw_world *world) {
    const cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    if (!t)
        return;
    for (uint32_t i = t->first; i < t->first + t->count; i++) {
        cw_world_remove(world, i);
        s->x[i] = s->y[i] = s->z[i] = s->heading[i] = s->place_s[i] = s->place_offset[i] = s->traveled[i] = 0;
        s->pitch[i] = s->roll[i] = 0;
        s->place_lane[i] = CW_NONE;
        s->place_on[i] = s->lamps[i] = 0;
        s->visible[i] = 1;
    }
    cw_state_clear(world, CW_PER_AGENT);
    cw_state_clear(world, CW_PER_FLOW);
    cw_traffic_start(world);
}

// ---- who it is -------------------------------------------------------------------------------------------------------

cw_rng_key cw_agent_key(const cw_world *world, uint32_t agent, uint32_t purpose) {
    return (cw_rng_key){.seed = world->def.seed,
                        .world = world->def.number,
                        .agent = world->traffic->first + agent,
                        .purpose = purpose,
                        .step = (uint64_t)world->s.step[0]};
}

void cw_agent_personality(cw_world *world, uint32_t agent) {
    const cw_traffic_params *p = &world->scene->traffic.params;
    cw_rng_key key = cw_agent_key(world, agent, CW_DRAW_SELF);
    cw_state *s = &world->s;
    double spread = cw_clamp(cw_rng_normal(key, 0), -2, 2) * p->spread;
    s->agent_factor[agent] = (float)cw_max(0.3, p->speed * (1 + spread));
    if (p->keep_a1 > 0.5)
        s->agent_factor[agent] = (float)cw_min(1.08, (double)s->agent_factor[agent]);
    double wide = 4 * p->spread; // headway and temper differ more than speeds do
    s->agent_gap[agent] = (float)(p->time_gap * (1 + wide * (cw_rng_uniform(key, 1) - 0.5)));
    s->agent_spirit[agent] = (float)(1 + wide * (cw_rng_uniform(key, 2) - 0.5));
    s->agent_flags[agent] = 0;
    uint8_t kind = world->scene->actors[cw_agent_actor(world->traffic, agent)].kind;
    if (cw_rng_uniform(key, 3) < p->emergency && (kind == CW_ACTOR_CAR || kind == CW_ACTOR_VAN)) {
        s->agent_flags[agent] = CW_AGENT_EMERGENCY;
        s->agent_factor[agent] *= 1.2F;
    }
    cw_hdm_reset(&s->agent_past[agent]);
}

cw_idm_params cw_agent_idm(const cw_world *world, uint32_t agent) {
    const cw_traffic_params *p = &world->scene->traffic.params;
    const cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    const cw_agent_body *a = &t->bodies[agent];
    double most = (double)a->max_accel, spirit = (double)s->agent_spirit[agent];
    double limit = (double)t->net->lanes[s->agent_lane[agent]].limit * (double)s->agent_factor[agent];
    // Heavy ones use their strength; the others a share of it.
    double accel = cw_min(p->accel * spirit, 0.7 * most);
    return (cw_idm_params){.speed =
                               cw_min(limit, (double)a->max_speed * (a->kind == CW_ACTOR_BICYCLE ? 0.75 * spirit : 1)),
                           .time_gap = (double)s->agent_gap[agent],
                           .least_gap = p->least_gap,
                           .accel = accel,
                           .brake = p->brake,
                           .hardest = cw_min((double)a->max_brake, 9.5)};
}

// ---- where it goes ---------------------------------------------------------------------------------------------------

// The successor that one without a destination takes: any, straight on most often.
static uint32_t wander(const cw_world *world, const cw_net *net, uint32_t agent, uint32_t lane, uint32_t k) {
    const cw_net_lane *l = &net->lanes[lane];
    if (l->next_count == 1)
        return net->links[l->next];
    double sum = 0, weight[CW_HOP_LEFT];
    for (uint32_t i = 0; i < l->next_count; i++) {
        double turn = fabs((double)net->lanes[net->links[l->next + i]].turn);
        weight[i] = turn > 2.5 ? 0.02 : turn > 0.5 ? 0.6 : 1; // hardly anyone turns round
        sum += weight[i];
    }
    double at = cw_rng_uniform(cw_agent_key(world, agent, CW_DRAW_TURN), k) * sum;
    uint32_t i = 0;
    while (i + 1 < l->next_count && at >= weight[i])
        at -= weight[i++];
    return net->links[l->next + i];
}

static uint32_t straightest(const cw_net *net, uint32_t lane) {
    const cw_net_lane *l = &net->lanes[lane];
    uint32_t best = CW_NONE;
    for (uint32_t i = 0; i < l->next_count; i++) {
        uint32_t to = net->links[l->next + i];
        if (best == CW_NONE || fabs((double)net->lanes[to].turn) < fabs((double)net->lanes[best].turn))
            best = to;
    }
    return best;
}

void cw_agent_way(cw_world *world, uint32_t agent) {
    const cw_net *net = world->traffic->net;
    uint32_t *next = world->s.agent_next + (size_t)CW_AHEAD * agent, goal = world->s.agent_goal[agent];
    uint32_t lane = world->s.agent_lane[agent];
    for (uint32_t k = 0; k < CW_AHEAD; k++) {
        if (next[k] == CW_NONE) {
            const cw_net_lane *l = &net->lanes[lane];
            if (l->next_count == 0)
                return;
            uint8_t hop = goal == CW_NONE ? (uint8_t)CW_HOP_NONE : net->hops[(size_t)goal * net->lane_count + lane];
            if (hop < CW_HOP_LEFT)
                next[k] = hop < l->next_count ? net->links[l->next + hop] : net->links[l->next];
            else
                next[k] = hop == CW_HOP_NONE ? wander(world, net, agent, lane, k) : straightest(net, lane);
        }
        lane = next[k];
    }
}

// ---- motion ----------------------------------------------------------------------------------------------------------

static void stand_on(cw_world *world, uint32_t actor, const cw_net_pose *pose, double turned) {
    cw_state *s = &world->s;
    s->z[actor] = (double)pose->z;
    if (pose->pitch == 0 && pose->roll == 0) {
        s->pitch[actor] = s->roll[actor] = 0;
        return;
    }
    // The path's heading may run against the road's, whose pitch and roll these are; on level ground nothing matters.
    double sine, cosine;
    cw_sincos(turned, &sine, &cosine);
    s->pitch[actor] = (float)((double)pose->pitch * cosine - (double)pose->roll * sine);
    s->roll[actor] = (float)((double)pose->roll * cosine + (double)pose->pitch * sine);
}

// Both axles run on the centre line: the turn of the line between them against the path at the rear one.
static double chord(const cw_world *world, uint32_t agent, const cw_net_pose *rear) {
    const cw_net *net = world->traffic->net;
    const cw_state *s = &world->s;
    uint32_t lane = s->agent_lane[agent];
    const cw_net_lane *l = &net->lanes[lane];
    double at = s->agent_at[agent] + (double)world->traffic->bodies[agent].wheelbase;
    if (at == s->agent_at[agent] || (at <= l->length && l->straight))
        return 0;
    const uint32_t *next = s->agent_next + (size_t)CW_AHEAD * agent;
    for (uint32_t k = 0; k < CW_AHEAD && at > net->lanes[lane].length && next[k] != CW_NONE; k++) {
        at -= net->lanes[lane].length;
        lane = next[k];
    }
    cw_net_pose front;
    cw_net_at(net, lane, at, &front);
    double dx = front.x - rear->x, dy = front.y - rear->y;
    return cw_atan2(rear->ux * dy - rear->uy * dx, rear->ux * dx + rear->uy * dy);
}

void cw_agent_pose(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    const cw_traffic_table *t = world->traffic;
    uint32_t actor = cw_agent_actor(t, agent), lane = s->agent_lane[agent];
    cw_net_pose pose;
    cw_net_at(t->net, lane, s->agent_at[agent], &pose);
    double offset = (double)s->agent_offset[agent], slide = (double)s->agent_slide[agent];
    double heading = pose.heading + chord(world, agent, &pose);
    if (slide != 0)
        heading += cw_atan(slide / cw_max(fabs((double)s->speed[actor]), 0.5));
    s->x[actor] = pose.x - offset * pose.uy;
    s->y[actor] = pose.y + offset * pose.ux;
    s->heading[actor] = cw_wrap_angle(heading);
    bool against = t->net->lanes[lane].against;
    stand_on(world, actor, &pose, (against ? CW_PI : 0) + heading - pose.heading);
    s->place_lane[actor] = lane;
    s->place_s[actor] = pose.s;
    s->place_offset[actor] = offset;
    s->place_on[actor] = 1;
}

// Sideways towards where it wants to be: as fast as comfort allows, and hardly at all at walking pace.
static void slide(cw_state *s, const cw_traffic_table *t, uint32_t agent, double speed, double dt) {
    double error = (double)s->agent_aim[agent] - (double)s->agent_offset[agent], now = (double)s->agent_slide[agent];
    if (error == 0 && now == 0)
        return;
    double hurry = s->agent_act[agent] == CW_ACT_CUT_IN || s->agent_act[agent] == CW_ACT_SWERVE ? 2.5 : 1;
    // Out of a queue one steers hard.
    double rate =
        cw_slide_rate((double)t->bodies[agent].front) * (speed < 3 && s->agent_from[agent] != CW_NONE ? 2 : 1);
    double most = cw_min(hurry * SLIDE_SPEED, rate * speed), accel = hurry * hurry * SLIDE_ACCEL;
    double want = copysign(cw_min(most, sqrt(2 * accel * 0.8 * fabs(error))), error);
    now += cw_clamp(want - now, -accel * dt * 1.5, accel * dt * 1.5);
    now = cw_clamp(now, -most, most);
    double step = now * dt;
    if (fabs(error) < 0.01 && fabs(now) < 0.05) {
        s->agent_offset[agent] = s->agent_aim[agent];
        s->agent_slide[agent] = 0;
        return;
    }
    if (step * error > 0 && fabs(step) > fabs(error)) {
        step = error;
        now = 0;
    }
    s->agent_offset[agent] = (float)((double)s->agent_offset[agent] + step);
    s->agent_slide[agent] = (float)now;
}

// Into the next lanes of the way. False: there is none, the agent stands at the end of its lane or leaves.
static bool pass_ends(cw_world *world, uint32_t agent) {
    cw_state *s = &world->s;
    const cw_net *net = world->traffic->net;
    while (s->agent_at[agent] > net->lanes[s->agent_lane[agent]].length) {
        uint32_t lane = s->agent_lane[agent], *next = s->agent_next + (size_t)CW_AHEAD * agent;
        if (s->agent_goal[agent] != CW_NONE && net->goals[s->agent_goal[agent]] == lane) {
            cw_agent_leave(world, agent);
            return false;
        }
        if (next[0] == CW_NONE) {
            if (net->lanes[lane].flags & CW_NET_EXIT) {
                cw_agent_leave(world, agent);
                return false;
            }
            s->agent_at[agent] = net->lanes[lane].length;
            s->speed[cw_agent_actor(world->traffic, agent)] = 0;
            return true;
        }
        s->agent_at[agent] -= net->lanes[lane].length;
        if (s->agent_grant[agent] == lane)
            s->agent_grant[agent] = CW_NONE;
        s->agent_last[agent] = lane;
        s->agent_lane[agent] = next[0];
        s->agent_from[agent] = CW_NONE;
        memmove(next, next + 1, (CW_AHEAD - 1) * sizeof *next);
        next[CW_AHEAD - 1] = CW_NONE;
        s->agent_flags[agent] &= (uint8_t)~CW_AGENT_STOOD;
        cw_agent_way(world, agent);
    }
    return true;
}

static void move(cw_world *world, uint32_t agent, uint32_t actor, double dt) {
    cw_state *s = &world->s;
    double v = (double)s->speed[actor], a = (double)s->agent_accel[agent], next = v + a * dt, way;
    if (next < 0) {
        way = a < 0 ? v * v / (-2 * a) : 0;
        next = 0;
    } else {
        way = 0.5 * (v + next) * dt;
    }
    bool still = next == 0 && v == 0 && s->agent_slide[agent] == 0;
    s->accel[actor] = (float)((next - v) / dt);
    if (still) {
        s->yaw_rate[actor] = 0;
        return;
    }
    s->agent_at[agent] += way;
    s->traveled[actor] += way;
    s->speed[actor] = (float)next;
    slide(s, world->traffic, agent, next, dt);
    if (s->agent_at[agent] > world->traffic->net->lanes[s->agent_lane[agent]].length && !pass_ends(world, agent))
        return;
    double before = s->heading[actor];
    cw_agent_pose(world, agent);
    double turned = s->heading[actor] - before;
    s->yaw_rate[actor] = turned == 0 ? 0 : (float)(cw_wrap_angle(turned) / dt);
}

static void show_lamps(cw_state *s, uint32_t agent, uint32_t actor) {
    uint8_t lamps = 0;
    float rest = s->agent_aim[agent] - s->agent_offset[agent];
    if (s->agent_from[agent] != CW_NONE)
        lamps = rest > 0 ? 2 : 4; // CW_LAMP_LEFT, CW_LAMP_RIGHT
    if (s->agent_act[agent] == CW_ACT_WRECKED)
        lamps = 8; // hazard
    if (s->agent_accel[agent] < -1.3F && s->speed[actor] > 0)
        lamps |= 1;
    s->lamps[actor] = lamps;
}

void cw_traffic_step(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    if (!t)
        return;
    cw_state *s = &world->s;
    bool tick = cw_world_time(world) % t->tick < world->def.dt_ns;
    if (tick) {
        t->mark++;
        cw_lists_make(world);
        cw_crosswalks_look(world);
        cw_claims_make(world);
    }
    for (uint32_t i = 0; i < t->count && tick; i++) {
        uint32_t actor = t->first + i;
        if (!s->present[actor] || !cw_is_agent(world, actor))
            continue;
        if (s->pair_count[0] > 0 && s->agent_act[i] != CW_ACT_WRECKED && cw_world_touching(world, actor, CW_NONE)) {
            s->agent_act[i] = CW_ACT_WRECKED;
            s->agent_until[i] = cw_world_time(world) + TOWED;
        }
        if (s->agent_act[i] == CW_ACT_WRECKED && cw_world_time(world) > s->agent_until[i]) {
            cw_agent_leave(world, i);
            continue;
        }
        if (cw_agent_walks(t, i))
            cw_walker_decide(world, i);
        else
            cw_agent_decide(world, i);
        show_lamps(s, i, actor);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t actor = t->first + i;
        if (!s->present[actor] || !cw_is_agent(world, actor))
            continue;
        if (cw_agent_walks(t, i))
            cw_walker_move(world, i, world->dt);
        else
            move(world, i, actor, world->dt);
    }
    if (tick)
        cw_flows_tick(world);
}
