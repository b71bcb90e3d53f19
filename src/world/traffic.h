// Background traffic: agents that move along the lanes of a network made from the map.
//
// Every 0.1 s (a tick) each agent decides: acceleration, lane change, right of way. Every step of the world it moves along
// its lane. What must outlive a step stands in rows CW_PER_AGENT and CW_PER_FLOW of the state (world/state.h); the
// network is fixed; lists of who is where are scratch, made anew each tick.
#ifndef CW_WORLD_TRAFFIC_H
#define CW_WORLD_TRAFFIC_H

#include "causeway/assumptions.h"
#include "causeway/rules.h"
#include "world/core.h"

enum {
    CW_AHEAD = CW_AGENT_AHEAD, // lanes of its way that an agent knows
    CW_GOALS_MOST = 64,        // destinations with a table of the way there
    CW_HOP_LEFT = 8,           // in such a table: change lane; below: which successor
    CW_HOP_RIGHT = 9,
    CW_HOP_NONE = 255
};

enum {                      // agent_flags
    CW_AGENT_STOOD = 1,     // has stood at the stop sign ahead
    CW_AGENT_FULL = 2,      // the way out of the junction ahead is full
    CW_AGENT_EMERGENCY = 4, // blue light and siren
    CW_AGENT_BACK = 8,      // walkers: against the lane's direction
    CW_AGENT_CROSSES = 16,  // walkers: over the road, to agent_to
};

// ---- the network (traffic_net.c, traffic_cross.c, traffic_way.c) -----------------------------------------------------

enum { // cw_net_lane.flags
    CW_NET_DRIVE = 1,
    CW_NET_WALK = 2,
    CW_NET_RING = 4,   // of a roundabout
    CW_NET_EXIT = 8,   // traffic leaves the map at its end
    CW_NET_ENTRY = 16, // and comes in at its start
    CW_NET_LEFT_HAND = 32,
    CW_NET_JUNCTION = 64,
    CW_NET_STOP_SIGN = 128, // who enters it stands first
};

typedef struct cw_net_lane {
    double length;                 // m along its centre
    float limit, bend;             // m/s: what is posted; what its curves allow
    float width;                   // m
    float from, to;                // m: where it is wide enough for a car
    float hold;                    // m before its end at which traffic stands that may not go on
    uint32_t left, right;          // neighbours that run the same way, CW_NONE
    uint32_t next, next_count;     // in cw_net.links
    uint32_t crosses, cross_count; // in cw_net.crosses
    uint32_t node;                 // in cw_net.nodes
    uint16_t pieces, stop_count;
    uint32_t stop, walk; // in cw_net.stops, cw_net.walks
    float piece;         // m, length of one
    uint32_t light;      // signal that lets traffic into it, CW_NONE
    float turn;          // rad from start to end, > 0 left
    uint16_t walk_count;
    uint8_t flags;
    uint8_t may_left, may_right; // bit k: a change is allowed in the k-th eighth
    uint8_t previous_count;
    bool straight;
    bool alone;   // straight, and no other such lane overlaps it
    bool against; // the road's direction
    bool lets_in; // a lane beside it ends alone
} cw_net_lane;

typedef struct cw_net_node { // of a lane's centre line
    double x, y, heading;    // unwrapped along the lane
    double s;                // road s
    double ux, uy;           // along the heading
    float z, pitch, roll, unused;
} cw_net_node;

typedef struct cw_net_stop {
    float at;        // m from the lane's start
    uint32_t signal; // light
} cw_net_stop;

typedef struct cw_net_walk { // a crosswalk over a lane
    float in, out;           // m from the lane's start
    uint32_t crosswalk;      // in cw_net.crosswalks
} cw_net_walk;

enum { CW_CROSS_AREA, CW_CROSS_MERGE, CW_CROSS_SPLIT };
typedef struct cw_net_cross { // two lanes that overlap, from one side
    uint32_t other;
    float in, out, other_in, other_out; // m from the lanes' starts
    uint8_t kind;                       // CW_CROSS_*
    int8_t sign, turn;                  // +1: this lane has the right of way, -1: the other; by signs, and under lights
} cw_net_cross;

typedef struct cw_net_crosswalk {
    double x, y, ux, uy;            // centre and the walkers' direction
    double half_length, half_width; // along the walkers' direction and across it, m
    uint32_t over, over_count;      // in cw_net.over
    bool lights;                    // stop the traffic at it
} cw_net_crosswalk;

typedef struct cw_net_door { // an end of a crosswalk beside a path
    uint32_t lane, crosswalk;
    double at;    // m on that path
    int32_t side; // +1: the end in the crosswalk's direction, -1: the other
} cw_net_door;

typedef struct cw_net_over { // a lane that a crosswalk lies over
    uint32_t crosswalk, lane;
    float in, out; // m from the lane's start
} cw_net_over;

typedef struct cw_net {
    uint32_t lane_count, crosswalk_count, goal_count;
    const cw_net_lane *lanes;
    const cw_net_node *nodes;
    const uint32_t *links;
    const cw_net_stop *stops;
    const cw_net_cross *crosses;
    const cw_net_walk *walks;
    const cw_net_crosswalk *crosswalks;
    uint32_t door_count, over_count;
    const cw_net_over *over;          // by crosswalk
    const cw_net_door *doors;         // by lane
    uint32_t entry_count, road_count; // lanes where traffic comes in; lanes to begin on, with their lengths summed up
    const uint32_t *entries, *roads;
    const uint32_t *order; // all lanes, each section from the middle outwards
    const double *road_sum;
    uint32_t path_count; // lanes for walkers
    const uint32_t *paths;
    const double *path_sum;
    uint32_t goals[CW_GOALS_MOST]; // a lane of each destination
    const uint8_t *hops;           // goal_count x lane_count
    const uint32_t *flow_goal;     // destination of a flow of demand, CW_NONE
} cw_net;

typedef struct cw_net_pose {
    double x, y, heading, s;
    double ux, uy; // along the heading
    float z, pitch, roll;
} cw_net_pose;

const cw_net *cw_net_make(cw_world *world); // NULL: out of memory
bool cw_net_crossings(cw_world *world, cw_net *net, cw_net_lane *lanes);
bool cw_net_ways(cw_world *world, cw_net *net);
bool cw_net_find_alone(const cw_net *net, cw_net_lane *lanes); // traffic_apart.c
void cw_net_at(const cw_net *net, uint32_t lane, double at, cw_net_pose *out);
double cw_net_beside(const cw_world *world, uint32_t lane, double at, uint32_t other); // the same place on a neighbour

// ---- who is where: scratch of a tick ---------------------------------------------------------------------------------

typedef struct cw_slot { // somebody on a lane; sorted by lane and place
    float at;            // m from the lane's start, of the reference point
    float front, back;   // m ahead of it and behind it
    float speed;         // m/s along the lane
    float offset, half;  // m: left of the centre, half width
    uint32_t actor;
    uint32_t lane;
} cw_slot;

typedef struct cw_claim { // somebody who comes to a lane that crosses others, or is on it
    uint32_t lane, actor;
    double distance; // m from its front to the lane's start, < 0: in
    float speed, length, accel;
    bool granted, foreign, holds; // holds: a light, a sign or no way out keeps it from going
    int64_t since;                // ns: when it was granted, or since when it waits
} cw_claim;

// A stretch of a lane that one agent has to itself until the next tick: bodies that lie in theirs do not touch.
typedef struct cw_agent_stretch {
    double low, high; // m from the lane's start: where its reference point may be
    uint32_t lane;    // CW_NONE: it has none
    float side;       // m that it may be off the lane's centre
} cw_agent_stretch;

typedef struct cw_agent_body { // what a tick asks of an agent's actor
    float front, back, half;   // m round the reference point
    float wheelbase;           // m
    float max_speed, max_accel, max_brake;
    uint8_t kind; // cw_actor_kind
} cw_agent_body;

typedef struct cw_traffic_table {
    const cw_net *net;
    uint32_t first, count; // agents are actors [first, first + count)
    int64_t tick;          // ns
    cw_assumptions a1;     // the numbers that they keep
    uint32_t slot_most, claim_most;
    uint32_t slot_count, claim_count;
    cw_slot *slots, *loose; // sorted; as they come
    uint32_t *slot_first;   // lane_count + 1
    uint32_t *slot_of;      // per agent, its own slot
    cw_claim *claims, *loose_claims;
    uint32_t *claim_first; // lane_count + 1
    uint8_t *crosswalk_busy;
    uint32_t *lane_odd;        // per lane: at this mark somebody is on it whom others pass within the lane
    uint32_t mark, *lane_mark; // per lane: somebody was put there at this mark
    uint32_t free_count;       // agents that are not present
    uint32_t *free;
    float *siren;              // per agent: distance of an emergency vehicle behind it, m; INFINITY
    cw_agent_stretch *stretch; // per agent
    cw_agent_body *bodies;     // per agent, fixed
} cw_traffic_table;

typedef struct cw_lead {
    double gap, speed; // INFINITY: nobody
    float offset, half;
    uint32_t actor;
} cw_lead;

static inline uint32_t cw_agent_actor(const cw_traffic_table *t, uint32_t agent) {
    return t->first + agent;
}
static inline bool cw_agent_walks(const cw_traffic_table *t, uint32_t agent) {
    return t->bodies[agent].kind == CW_ACTOR_PEDESTRIAN || t->bodies[agent].kind == CW_ACTOR_ANIMAL;
}
static inline bool cw_is_agent(const cw_world *world, uint32_t actor) {
    return world->s.mover[actor] == CW_MOVED_BY_TRAFFIC;
}

// Sideways per way ahead: a long body swings its nose out.
static inline double cw_slide_rate(double front) {
    return cw_min(0.2, 0.55 / front);
}

// traffic.c
void cw_agent_way(cw_world *world, uint32_t agent);         // fills agent_next
void cw_agent_pose(cw_world *world, uint32_t agent);        // where it is on the map
void cw_agent_personality(cw_world *world, uint32_t agent); // draws who it is, when it appears
cw_idm_params cw_agent_idm(const cw_world *world, uint32_t agent);
cw_rng_key cw_agent_key(const cw_world *world, uint32_t agent, uint32_t purpose);
enum { CW_DRAW_SPAWN = 0x7a000, CW_DRAW_TURN, CW_DRAW_SELF, CW_DRAW_NOISE, CW_DRAW_ACT, CW_DRAW_WALK, CW_DRAW_FLOW };

// traffic_list.c
void cw_lists_make(cw_world *world);
uint32_t cw_slot_ahead(const cw_traffic_table *t, uint32_t lane, double at); // first slot beyond `at`, in sorted order

// traffic_apart.c
void cw_stretches_make(cw_traffic_table *t, const cw_state *s); // of the lists

// traffic_drive.c
void cw_agent_decide(cw_world *world, uint32_t agent);
cw_lead cw_agent_lead(const cw_world *world, uint32_t agent, uint32_t lane, double at, double reach);
double cw_agent_follow(const cw_world *world, uint32_t agent, double gap, double closing); // IDM, m/s^2

// traffic_claim.c
void cw_claims_make(cw_world *world);
// Acceleration that right of way leaves, m/s^2; grants where it may go.
double cw_agent_junction(cw_world *world, uint32_t agent, const cw_idm_params *idm, const cw_lead *lead, double accel);

// traffic_change.c
void cw_agent_change(cw_world *world, uint32_t agent);
bool cw_agent_enter(cw_world *world, uint32_t agent, bool left); // begins the change

// traffic_flow.c
void cw_flows_start(cw_world *world);
void cw_flows_tick(cw_world *world);
void cw_flow_switch(cw_world *world, uint32_t flow, bool on);
void cw_agent_leave(cw_world *world, uint32_t agent);

// traffic_walker.c
void cw_walker_decide(cw_world *world, uint32_t agent);
void cw_walker_move(cw_world *world, uint32_t agent, double dt);
void cw_crosswalks_look(cw_world *world);

// traffic_act.c: misbehaviour on demand
enum {
    CW_ACT_NONE,
    CW_ACT_CUT_IN,
    CW_ACT_HARD_BRAKE,
    CW_ACT_WRONG_WAY,
    CW_ACT_RED_LIGHT,
    CW_ACT_SWERVE,
    CW_ACT_DASH,   // an animal, or a walker, straight over the road
    CW_ACT_WRECKED // touched somebody: brakes to a stand and stays
};
void cw_agent_act(cw_world *world, uint32_t agent);

#endif
