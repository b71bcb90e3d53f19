// The batch: many worlds of different scenes stepped together, for learners. Each agent is an actor under control; its
// observation, reward and ends stand in the caller's buffers, one row for each agent of all worlds, world after world.
//
// One world is one episode: it ends when its last agent has, or at the horizon, and starts again as its scene starts, with
// random numbers of its own. The same def and actions give the same bits on any number of threads. A step allocates nothing.
#ifndef CAUSEWAY_BATCH_H
#define CAUSEWAY_BATCH_H

#include "causeway/base.h"
#include "causeway/scene.h"

struct cw_world;      // causeway/world.h
struct cw_vector_def; // causeway/vector.h

typedef struct cw_batch cw_batch;

// When an episode that is over starts again; names and meaning are Gymnasium's.
typedef enum cw_autoreset {
    CW_AUTORESET_NEXT_STEP, // by the next step, which takes no actions and gives the first observation
    CW_AUTORESET_SAME_STEP, // by the step that ends it: the last observations go to final_observations
    CW_AUTORESET_DISABLED   // by cw_batch_reset alone
} cw_autoreset;

typedef enum cw_on_event { // what becomes of an agent
    CW_ON_STOP,            // its episode ends, it stands there until the world starts again
    CW_ON_REMOVE,          // its episode ends, it is gone
    CW_ON_IGNORE           // it drives on
} cw_on_event;

typedef enum cw_batch_control {
    CW_CONTROL_VEHICLES, // every car, van, truck, bus, motorcycle and bicycle that is there at the start
    CW_CONTROL_EGO,      // the scene's ego alone
    CW_CONTROL_GOALS,    // every such vehicle that has a goal of its own in the file
    CW_CONTROL_ALL       // every such vehicle, pedestrian and animal
} cw_batch_control;

typedef enum cw_batch_actions {
    CW_ACTIONS_CONTINUOUS, // acceleration and steering in [-1, 1]: shares of what the body can do; < 0 brakes, turns right
    CW_ACTIONS_DISCRETE    // one number: row of accelerations times column of steering angles, both evenly from -1 to 1
} cw_batch_actions;

// The reward of a step is the sum of these times what happened in it.
typedef struct cw_batch_reward {
    float progress; // for each metre along the route, < 0 backwards; default 0.02
    float contact;  // when it comes to touch another body or a solid object; default -1
    float offroad;  // at each step with a corner of its box off the drivable area; default -1
    float goal;     // on reaching the goal; default 1
} cw_batch_reward;

typedef struct cw_batch_def {
    uint32_t cookie;               // set by cw_batch_defaults
    const cw_scene_source *source; // opened while the batch is made; world w has scene w modulo its count
    uint32_t worlds;               // default: one for each scene
    uint64_t seed;                 // default 1
    int64_t dt_ns;                 // of a step, default 100 ms
    uint32_t horizon;              // steps of an episode, default 91
    bool kinematic;     // vehicles move by the kinematic single-track step, default true; else the dynamic one
    uint8_t autoreset;  // cw_autoreset, default NEXT_STEP
    uint8_t control;    // cw_batch_control, default VEHICLES
    uint8_t on_contact; // cw_on_event, default STOP
    uint8_t on_offroad; // default REMOVE
    uint8_t on_goal;    // default REMOVE
    float goal_radius;  // m, default 2
    cw_batch_reward reward;
    uint8_t actions;                         // cw_batch_actions, default CONTINUOUS
    uint32_t accel_count, steer_count;       // of a discrete action, default 7 and 13
    const struct cw_vector_def *observation; // copied; NULL: cw_vector_full()
    int threads;                             // default 1; 0: one for each processor
} cw_batch_def;

cw_batch_def cw_batch_defaults(const cw_scene_source *source);

typedef enum cw_agent_end {
    CW_AGENT_ACTIVE,
    CW_AGENT_GOAL,
    CW_AGENT_CONTACT,
    CW_AGENT_OFFROAD,
    CW_AGENT_HORIZON, // truncated: the episode is as long as it may be
    CW_AGENT_ENDED,   // truncated: the scenario or the recording is over
    CW_AGENT_FAULT    // truncated: its world has a fault (cw_batch_fault)
} cw_agent_end;

enum { CW_EVENT_CONTACT = 1, CW_EVENT_OFFROAD = 2, CW_EVENT_GOAL = 4 };

typedef struct cw_batch_info {
    uint32_t world, actor;
    uint32_t episode, steps; // of its world: which one, and steps taken in it
    float episode_return;    // rewards of the episode so far
    float route_s;           // m along the route
    float goal_distance;     // m
    uint8_t end;             // cw_agent_end
    uint8_t events;          // CW_EVENT_* of the last step
    uint8_t active;          // it takes the next action
    uint8_t first;           // the observation is the first of an episode
} cw_batch_info;             // 32 bytes

// Rows for each agent; the caller's, and left where they are until the batch is freed or given others. Only what is marked so
// may be NULL.
typedef struct cw_batch_buffers {
    const float *actions;      // (n_agents x 2) where actions are continuous, else NULL
    const int32_t *choices;    // (n_agents) where they are discrete, else NULL
    float *observations;       // (n_agents x floats)
    float *rewards;            // (n_agents)
    uint8_t *terminations;     // (n_agents) 1 at the step in which goal, contact or off-road ended its episode
    uint8_t *truncations;      // (n_agents) 1 at the step in which horizon, scenario or fault did
    cw_batch_info *infos;      // (n_agents); may be NULL
    float *final_observations; // (n_agents x floats) of agents whose world has started again in this step; may be NULL
} cw_batch_buffers;

// Opens the scenes, makes the worlds. On failure *batch is NULL and *err names the scene and what is wrong with it.
cw_status cw_batch_new(const cw_batch_def *def, cw_batch **batch, cw_error *err);
void cw_batch_free(cw_batch *batch); // NULL is fine; before the source

uint32_t cw_batch_worlds(const cw_batch *batch);
uint32_t cw_batch_agents(const cw_batch *batch);
uint32_t cw_batch_floats(const cw_batch *batch); // of an observation
uint64_t cw_batch_layout_hash(const cw_batch *batch);
uint32_t cw_batch_first(const cw_batch *batch, uint32_t world); // agents [first(w), first(w + 1)) are of world w
// Where an agent's route is `ahead[i]` m beyond its foot on it: x, y in the agent's frame, m, into out[2 * i]. Beyond the end of
// the route it goes straight on.
void cw_batch_route(const cw_batch *batch, uint32_t agent, const float *ahead, uint32_t count, float *out);
const struct cw_world *cw_batch_world(const cw_batch *batch, uint32_t world);
void cw_batch_set_buffers(cw_batch *batch, const cw_batch_buffers *buffers);

// Starts the worlds again, those whose byte in mask (n_worlds) is not zero; NULL: all. Writes their rows.
void cw_batch_reset(cw_batch *batch, const uint8_t *mask);
// One step of every world. An action that is no number or beyond its limits is a fault of its world alone, which ends.
void cw_batch_step(cw_batch *batch);
// Why the world's last episode ended in a fault ("action beyond [-1, 1]: actor 3"); NULL: it did not.
const char *cw_batch_fault(const cw_batch *batch, uint32_t world);
// Every world mid-run with its episode, and every agent: `bytes` has room for cw_batch_state_size(). Rows are the caller's and
// stay as they are; the next step writes them. A snapshot is good for a batch made from the same def by the same build, in any
// process and on any threads; of any other CW_ERR_INPUT, and nothing is changed.
size_t cw_batch_state_size(const cw_batch *batch);
void cw_batch_save(const cw_batch *batch, void *bytes);
cw_status cw_batch_restore(cw_batch *batch, const void *bytes, size_t size, cw_error *err);
// Of every world's state, every agent's and the rows written; for tests of repeatability.
uint64_t cw_batch_hash(const cw_batch *batch);

#endif
