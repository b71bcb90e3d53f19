// Right of way: who comes to where lanes cross, who may go, and who waits.
//
// An agent that comes near a lane which crosses others may enter it once that is granted; until then the place before it
// is a wall. A grant looks at everybody who comes to the lanes crossed: those who were granted before and will not be
// out of the way in time, and those who have the right of way and would be hindered. Of two that were granted, the later
// lets the earlier pass. So no two are ever in one area, whatever the map.
#include "world/traffic.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LOOKS 100.0                  // m ahead at most
#define LOOKS_TIME 6                 // s, and 15 m
#define MARGIN 1.0                   // s between one leaving an area and the next coming in
#define UNUSED INT64_C(3000000000)   // ns
#define PATIENCE INT64_C(4000000000) // ns, until one of those who let each other pass goes
enum { LIGHT_OFF, LIGHT_RED, LIGHT_RED_YELLOW, LIGHT_YELLOW, LIGHT_GREEN };
enum { GROUP = 4, DEPTH = 3 };

static bool lit(const cw_world *world, uint32_t signal) {
    return signal != CW_NONE && world->s.light[signal] >= LIGHT_RED && world->s.light[signal] <= LIGHT_GREEN;
}

static bool shut(const cw_world *world, uint32_t signal) {
    return lit(world, signal) && world->s.light[signal] != LIGHT_GREEN;
}

// ---- who comes -------------------------------------------------------------------------------------------------------

static void add(cw_traffic_table *t, const cw_claim *claim) {
    if (t->claim_count == t->claim_most || t->net->lanes[claim->lane].cross_count == 0)
        return;
    t->loose_claims[t->claim_count++] = *claim;
    t->claim_first[claim->lane + 2]++;
}

static void add_agent(cw_world *world, uint32_t agent) {
    cw_traffic_table *t = world->traffic;
    const cw_state *s = &world->s;
    const cw_net *net = t->net;
    uint32_t actor = cw_agent_actor(t, agent), lane = s->agent_lane[agent], grant = s->agent_grant[agent];
    double front = s->agent_at[agent] + (double)t->bodies[agent].front;
    cw_claim c = {.actor = actor,
                  .speed = s->speed[actor],
                  .accel = s->agent_accel[agent],
                  .length = t->bodies[agent].front + t->bodies[agent].back,
                  .granted = true,
                  .since = s->agent_since[agent],
                  .lane = lane,
                  .distance = -front};
    if (net->lanes[lane].cross_count > 0)
        add(t, &c);
    if (s->agent_at[agent] < (double)t->bodies[agent].back && s->agent_last[agent] != CW_NONE) {
        c.lane = s->agent_last[agent];
        c.distance -= net->lanes[c.lane].length;
        add(t, &c);
    }
    const uint32_t *next = s->agent_next + (size_t)CW_AHEAD * agent;
    int granted = -1;
    for (int k = 0; k < CW_AHEAD && grant != CW_NONE; k++)
        if (next[k] == grant)
            granted = k;
    double looks = cw_min(LOOKS, 15 + LOOKS_TIME * (double)c.speed);
    c.distance = net->lanes[lane].length - front;
    for (int k = 0; k < CW_AHEAD && next[k] != CW_NONE && c.distance < looks; k++) {
        const cw_net_lane *l = &net->lanes[next[k]];
        c.lane = next[k];
        c.granted = k <= granted;
        c.since = c.granted ? s->agent_since[agent] : s->agent_waits[agent];
        c.holds = !c.granted && (shut(world, l->light) || (s->agent_flags[agent] & CW_AGENT_FULL));
        if (l->cross_count > 0)
            add(t, &c);
        c.distance += l->length;
    }
}

// Others: on the lanes that they lie on, and on all that they may take from there.
static void add_ways(const cw_world *world, cw_claim c, uint32_t lane, double start, uint32_t depth, double brake_way) {
    cw_traffic_table *t = world->traffic;
    const cw_net_lane *l = &t->net->lanes[lane];
    double end = start + l->length;
    for (uint32_t i = 0; i < l->next_count && end < LOOKS; i++) {
        uint32_t to = t->net->links[l->next + i];
        c.lane = to;
        c.distance = end;
        c.holds = shut(world, t->net->lanes[to].light);
        c.granted = end - (double)l->hold < brake_way; // it cannot stand any more: it counts as having been first
        c.since = c.granted ? 0 : -1;
        add(t, &c);
        if (depth > 1)
            add_ways(world, c, to, end, depth - 1, brake_way);
    }
}

// The way in which one stops at 4 m/s^2 after 1 s, as A1 asks of whoever has to wait.
static double stopping_way(double speed) {
    return speed + speed * speed / 8;
}

static void add_other(cw_world *world, const cw_slot *slot) {
    cw_traffic_table *t = world->traffic;
    if (slot->speed < -0.5F)
        return;
    double front = (double)slot->at + (double)slot->front, speed = (double)slot->speed;
    cw_claim c = {.actor = slot->actor,
                  .speed = slot->speed,
                  .length = slot->front + slot->back,
                  .granted = true,
                  .foreign = true,
                  .lane = slot->lane,
                  .distance = -front};
    add(t, &c);
    uint8_t kind = world->scene->actors[slot->actor].kind;
    bool vehicle = kind != CW_ACTOR_PEDESTRIAN && kind != CW_ACTOR_ANIMAL && kind != CW_ACTOR_OBSTACLE;
    bool moves = fabs(speed) > 0.3 || world->s.mover[slot->actor] == CW_MOVED_BY_CONTROL;
    if (vehicle && moves && fabs((double)slot->offset) < 2)
        add_ways(world, c, slot->lane, -front, DEPTH, stopping_way(speed));
}

void cw_claims_make(cw_world *world) {
    cw_traffic_table *t = world->traffic;
    uint32_t lanes = t->net->lane_count;
    t->claim_count = 0;
    memset(t->claim_first, 0, ((size_t)lanes + 2) * sizeof *t->claim_first);
    for (uint32_t i = 0; i < t->slot_count; i++)
        if (!cw_is_agent(world, t->slots[i].actor))
            add_other(world, &t->slots[i]);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t actor = cw_agent_actor(t, i);
        if (world->s.present[actor] && cw_is_agent(world, actor))
            add_agent(world, i);
    }
    for (uint32_t i = 0; i < lanes; i++) // as the lists of who is where
        t->claim_first[i + 2] += t->claim_first[i + 1];
    for (uint32_t i = 0; i < t->claim_count; i++)
        t->claims[t->claim_first[t->loose_claims[i].lane + 1]++] = t->loose_claims[i];
}

// ---- two of them -----------------------------------------------------------------------------------------------------

typedef struct comer { // the agent that asks
    const cw_world *world;
    uint32_t agent, actor;
    double speed, length, accel, top;
    int64_t since; // of its grant, or since when it waits
    bool stop_sign;
} comer;

static double leave_time(const cw_claim *c, double distance) {
    // One that stands and may go starts gently; one that is slow keeps at least walking pace.
    return cw_gap_time(distance + (double)c->length, (double)c->speed, 1.0, cw_max((double)c->speed, 12));
}

static bool first_come(int64_t a, int64_t b, uint32_t actor_a, uint32_t actor_b) {
    return a != b ? a < b : actor_a < actor_b;
}

// The gap behind one that merges ahead, measured from the common end; negative: it is beside or behind.
static double merge_gap(const comer *me, double start, double length, const cw_claim *c, double other_length) {
    (void)me;
    return (start + length) - (c->distance + other_length) - (double)c->length;
}

// One that no agent drives says nothing. While it can stand before the area it counts as one that asks, not as one that
// was granted: it may wait too, and whoever then waits for it would wait for ever.
static bool can_wait(const cw_claim *c, double area) {
    return c->foreign && c->distance + area > stopping_way((double)c->speed);
}

// Does what the other does or may do forbid to go?
static bool forbids(const comer *me, const cw_net_lane *lane, double start, const cw_net_cross *x, const cw_claim *c) {
    const cw_traffic_table *t = me->world->traffic;
    double other_in = c->distance + (double)x->other_in, other_out = c->distance + (double)x->other_out;
    if (other_out + (double)c->length < 0)
        return false; // it is through
    double in = start + (double)x->in, out = start + (double)x->out;
    double soonest = cw_gap_time(in, me->speed, me->accel * 1.2, me->top);
    int64_t since = c->foreign ? -1 : c->since;
    if (c->granted && !can_wait(c, (double)x->other_in)) {
        if (x->kind == CW_CROSS_MERGE) {
            double gap = merge_gap(me, start, lane->length, c, t->net->lanes[x->other].length);
            double closing = me->speed - (double)c->speed;
            if (gap > 2 + 0.5 * me->speed && (closing <= 0 || closing * closing / (2 * gap) < 1.5))
                return false;
        }
        return soonest < leave_time(c, other_out) + MARGIN;
    }
    if (c->holds)
        return false;
    // One that stands somewhere in a queue cannot come before its head does.
    if (!c->foreign && c->speed < 1 && since < 0)
        return false;
    const cw_net_lane *other = &t->net->lanes[x->other];
    bool lights = lit(me->world, lane->light) && lit(me->world, other->light);
    int rank = lights ? x->turn : x->sign;
    if (!lights && me->stop_sign && (other->flags & CW_NET_STOP_SIGN))
        rank = 0; // all stop: who came first
    bool stands = (double)c->speed < 0.5;
    if (rank == 0) {
        // Nobody has the right of way by rule: who waited longer, else who is nearer.
        if (me->since >= 0 && (since < 0 || first_come(me->since, since, me->actor, c->actor)))
            return false;
        if (since < 0 && me->since < 0)
            rank = other_in < in || (other_in == in && c->actor < me->actor) ? -1 : 1;
        else
            rank = -1;
    } else if (rank < 0 && stands && me->since >= 0) {
        // All let each other pass: the one that waited longest breaks it.
        int64_t waited = cw_world_time(me->world) - me->since;
        if (waited > PATIENCE && (c->foreign || (since >= 0 && first_come(me->since, since, me->actor, c->actor))))
            return false;
    }
    if (rank >= 0)
        return false;
    double through = cw_gap_time(out + me->length, me->speed, me->accel * 0.8, me->top);
    double comes = cw_gap_time(other_in, (double)c->speed, 2.0, cw_max((double)c->speed, (double)other->limit));
    return comes < through + MARGIN;
}

// ---- room behind -----------------------------------------------------------------------------------------------------

// The room on a lane behind whoever is the last on it; false: nobody is, and it is the lane's length.
static bool room_on(const comer *me, uint32_t lane, double *room) {
    const cw_traffic_table *t = me->world->traffic;
    for (uint32_t i = t->slot_first[lane]; i < t->slot_first[lane + 1]; i++) {
        const cw_slot *slot = &t->slots[i];
        if (slot->actor == me->actor)
            continue;
        double speed = cw_max((double)slot->speed, 0);
        *room = (double)slot->at - (double)slot->back + speed * speed / 4;
        return true;
    }
    *room = t->net->lanes[lane].length;
    return false;
}

// Is there room for it behind the last lane of the group, with all who are on their way there? `exits`: the lanes that
// follow on its way, `ahead` of them, as far as they are known.
static bool room_behind(const comer *me, const uint32_t *lanes, uint32_t count, const uint32_t *exits, uint32_t ahead) {
    assert(count > 0);
    const cw_traffic_table *t = me->world->traffic;
    if (ahead == 0 || exits[0] == CW_NONE)
        return true;
    double own = me->length + 1.5, need = own, room;
    bool closed = room_on(me, exits[0], &room);
    if (!closed && room > 15)
        return true;
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = t->claim_first[lanes[k]]; i < t->claim_first[lanes[k] + 1]; i++) {
            const cw_claim *c = &t->claims[i];
            bool comes = c->actor != me->actor && c->granted && !can_wait(c, 0);
            if (comes && (k + 1 == count || c->distance > -(double)c->length))
                need += (double)c->length + 1.5;
        }
    const cw_net_lane *last = &t->net->lanes[lanes[count - 1]];
    for (uint32_t x = last->crosses; x < last->crosses + last->cross_count; x++) {
        const cw_net_cross *cross = &t->net->crosses[x];
        for (uint32_t i = t->claim_first[cross->other];
             cross->kind == CW_CROSS_MERGE && i < t->claim_first[cross->other + 1]; i++)
            if (t->claims[i].granted && t->claims[i].actor != me->actor && !can_wait(&t->claims[i], 0))
                need += (double)t->claims[i].length + 1.5;
    }
    // One that is longer than the place, as a bus between two arms of a ring, stands there and beyond.
    for (uint32_t k = 1; room < need && need <= own && !closed && k < ahead && exits[k] != CW_NONE; k++) {
        double more;
        closed = room_on(me, exits[k], &more);
        room += more;
    }
    return room >= need || (!closed && need <= own);
}

// ---- asking ----------------------------------------------------------------------------------------------------------

static bool may_go(const comer *me, uint32_t lane, double start) {
    const cw_traffic_table *t = me->world->traffic;
    const cw_net_lane *l = &t->net->lanes[lane];
    for (uint32_t i = l->crosses; i < l->crosses + l->cross_count; i++) {
        const cw_net_cross *x = &t->net->crosses[i];
        if (x->kind == CW_CROSS_SPLIT)
            continue;
        for (uint32_t k = t->claim_first[x->other]; k < t->claim_first[x->other + 1]; k++) {
            const cw_claim *c = &t->claims[k];
            if (c->actor != me->actor && forbids(me, l, start, x, c))
                return false;
        }
    }
    return true;
}

static void grant(cw_world *world, uint32_t agent, uint32_t actor, const uint32_t *lanes, uint32_t count) {
    assert(count > 0);
    cw_traffic_table *t = world->traffic;
    world->s.agent_grant[agent] = lanes[count - 1];
    world->s.agent_since[agent] = cw_world_time(world);
    world->s.agent_waits[agent] = -1;
    world->s.agent_flags[agent] &= (uint8_t) ~(CW_AGENT_STOOD | CW_AGENT_FULL);
    // Those who ask later in this tick see it.
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = t->claim_first[lanes[k]]; i < t->claim_first[lanes[k] + 1]; i++)
            if (t->claims[i].actor == actor) {
                t->claims[i].granted = true;
                t->claims[i].holds = false;
                t->claims[i].since = world->s.agent_since[agent];
            }
}

// On a lane that was granted: let those pass who were granted before.
static double let_pass(const comer *me, const cw_idm_params *idm, uint32_t lane, double start, double accel) {
    const cw_traffic_table *t = me->world->traffic;
    const cw_net_lane *l = &t->net->lanes[lane];
    for (uint32_t i = l->crosses; i < l->crosses + l->cross_count; i++) {
        const cw_net_cross *x = &t->net->crosses[i];
        for (uint32_t k = t->claim_first[x->other]; k < t->claim_first[x->other + 1]; k++) {
            const cw_claim *c = &t->claims[k];
            double out = c->distance + (double)x->other_out + (double)c->length;
            if (c->actor == me->actor || out < 0)
                continue;
            if (x->kind == CW_CROSS_SPLIT) { // side by side from one lane: the one ahead is a leader
                double gap = start - c->distance - (double)c->length;
                if (c->distance < 0 && gap > -(double)c->length && start > c->distance)
                    accel = cw_min(accel, cw_idm_accel(idm, me->speed, gap, me->speed - (double)c->speed));
                continue;
            }
            double in = start + (double)x->in;
            // Who is in the area already is there, whoever was to go first.
            bool inside = c->distance + (double)x->other_in < 0;
            bool first =
                c->granted && !can_wait(c, (double)x->other_in) && first_come(c->since, me->since, c->actor, me->actor);
            if (in < -0.5 || !(inside || first))
                continue;
            if (x->kind == CW_CROSS_MERGE) {
                double gap = merge_gap(me, start, l->length, c, t->net->lanes[x->other].length);
                if (gap > 0) {
                    accel = cw_min(accel, cw_idm_accel(idm, me->speed, gap, me->speed - (double)c->speed));
                    continue;
                }
            }
            double soonest = cw_gap_time(in, me->speed, me->accel, me->top);
            if (soonest < leave_time(c, c->distance + (double)x->other_out) + 0.3)
                accel = cw_min(accel, cw_idm_stop(idm, me->speed, in - 0.7));
        }
    }
    return accel;
}

// Does somebody before it on the way in wait for the right to go? Nobody goes through those.
static bool queues(const cw_world *world, const cw_lead *lead, double start) {
    if (!(lead->gap < start))
        return false;
    if (!cw_is_agent(world, lead->actor))
        return lead->speed < 1;
    uint32_t agent = lead->actor - world->traffic->first, lane = world->s.agent_lane[agent];
    return world->s.agent_grant[agent] == CW_NONE && world->traffic->net->lanes[lane].cross_count == 0;
}

double cw_agent_junction(cw_world *world, uint32_t agent, const cw_idm_params *idm, const cw_lead *lead, double accel) {
    cw_traffic_table *t = world->traffic;
    cw_state *s = &world->s;
    const cw_net *net = t->net;
    uint32_t lane = s->agent_lane[agent], actor = cw_agent_actor(t, agent);
    const uint32_t *next = s->agent_next + (size_t)CW_AHEAD * agent;
    double start = -(s->agent_at[agent] + (double)t->bodies[agent].front), speed = (double)s->speed[actor];
    // Nothing that crosses within reach: most are done here.
    double reach = cw_max(12, speed * speed / 3 + speed + 8), end = start + net->lanes[lane].length;
    if (net->lanes[lane].cross_count == 0 && end > reach)
        return accel;
    comer me = {.world = world,
                .agent = agent,
                .actor = actor,
                .speed = speed,
                .length = (double)(t->bodies[agent].front + t->bodies[agent].back),
                .accel = idm->accel,
                .top = cw_max(idm->speed, 3),
                .since = s->agent_since[agent]};
    if (net->lanes[lane].cross_count > 0)
        accel = let_pass(&me, idm, lane, start, accel);
    int granted = -1, k = 0;
    for (int i = 0; i < CW_AHEAD && s->agent_grant[agent] != CW_NONE; i++)
        if (next[i] == s->agent_grant[agent])
            granted = i;
    // A right that is not used is given back, so that others may go.
    if (granted >= 0 && speed < 0.3 && net->lanes[lane].cross_count == 0 && end > 0.3 &&
        cw_world_time(world) - s->agent_since[agent] > UNUSED) {
        s->agent_grant[agent] = CW_NONE;
        granted = -1;
    }
    double before = (double)net->lanes[lane].hold;
    start = end;
    for (; k < CW_AHEAD && next[k] != CW_NONE && start < reach + before; k++) {
        const cw_net_lane *l = &net->lanes[next[k]];
        if (l->cross_count > 0 && k > granted)
            break;
        if (l->cross_count > 0 && start < speed * speed / 5 + 5)
            accel = let_pass(&me, idm, next[k], start, accel);
        start += l->length;
        before = (double)l->hold;
    }
    if (k == CW_AHEAD || next[k] == CW_NONE || start >= reach + before)
        return accel;
    // Asks for the lanes up to the next place where it can stand.
    uint32_t group[GROUP], count = 0;
    double starts[GROUP], at = start;
    int last = k;
    for (; last < CW_AHEAD && next[last] != CW_NONE && count < GROUP && net->lanes[next[last]].cross_count > 0;
         last++) {
        starts[count] = at;
        group[count++] = next[last];
        at += net->lanes[next[last]].length;
    }
    double hold = start - cw_min(before, cw_max(0.5, start));
    if (hold < 0.2 && start > 0)
        hold = cw_max(start - 0.7, 0);
    bool emergency = s->agent_flags[agent] & CW_AGENT_EMERGENCY, reckless = s->agent_act[agent] == CW_ACT_RED_LIGHT;
    bool sign = (net->lanes[next[k]].flags & CW_NET_STOP_SIGN) && !lit(world, net->lanes[next[k]].light);
    if (speed < 0.3 && hold < 4 && s->agent_waits[agent] < 0)
        s->agent_waits[agent] = cw_world_time(world);
    else if (speed > 1)
        s->agent_waits[agent] = -1;
    if (speed < 0.1 && hold < 3)
        s->agent_flags[agent] |= CW_AGENT_STOOD;
    me.since = s->agent_waits[agent];
    me.stop_sign = sign;
    bool go = !(shut(world, net->lanes[next[k]].light) && !emergency) &&
              !(sign && !(s->agent_flags[agent] & CW_AGENT_STOOD)) && !queues(world, lead, start);
    bool full = go && !room_behind(&me, group, count, next + last, (uint32_t)(CW_AHEAD - last));
    s->agent_flags[agent] = (uint8_t)((s->agent_flags[agent] & ~CW_AGENT_FULL) | (full ? CW_AGENT_FULL : 0));
    go = go && !full;
    for (uint32_t i = 0; i < count && go; i++)
        go = may_go(&me, group[i], starts[i]);
    // One that can no longer stand goes: others see it come.
    bool cannot = speed * speed / (2 * cw_max(hold + 0.3, 0.1)) > idm->hardest && speed > 1;
    if (go || cannot || reckless) {
        grant(world, agent, actor, group, count);
        return accel;
    }
    return cw_min(accel, cw_idm_stop(idm, speed, hold));
}
