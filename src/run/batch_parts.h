// What the files of the batch share.
#ifndef CW_RUN_BATCH_PARTS_H
#define CW_RUN_BATCH_PARTS_H

#include "causeway/batch.h"
#include "causeway/vector.h"
#include "causeway/world.h"

// ---- a scene, as its worlds share it (batch_scene.c) -----------------------------------------------------------------

typedef struct cw_trail_point {
    double x, y;  // m
    float ux, uy; // direction of the trail
} cw_trail_point;

typedef struct cw_trail { // an agent's way to its goal, as samples of its route
    uint32_t count;       // at least 1
    double step;          // m
    const cw_trail_point *points;
} cw_trail;

typedef struct cw_agent_plan { // what is fixed of an agent
    uint32_t actor;
    double goal_x, goal_y;     // m
    float accel, brake, steer; // what an action of 1 stands for: m/s^2, m/s^2, rad (walkers: rad/s)
    bool on_road;              // off-road is asked of it
    float fastest;             // m/s that its action asks for at most; INFINITY: what its body can do
    double half_length, half_width, center_x, center_y;
    cw_trail trail;
    const cw_vector_stop *stops;
    uint32_t stop_count;
} cw_agent_plan;

typedef struct cw_batch_map { // shared by the scenes of one map
    const cw_map *map;
    cw_area *area;
    cw_vector_map *segments;
} cw_batch_map;

typedef struct cw_batch_scene {
    cw_scene *scene;
    const cw_batch_map *map;
    cw_vector_cast *cast;
    uint8_t *control; // per actor
    uint32_t agent_count;
    cw_agent_plan *agents;
    uint32_t *agent_of; // per actor: which of the agents, CW_NONE
    void *start;        // snapshot of a world of it at the start
    cw_arena *arena;    // owns the tables
} cw_batch_scene;

// Finds who is an agent and where to. `scene` belongs to `out` from the call on. On failure nothing is left but what
// cw_batch_scene_free frees.
cw_status cw_batch_scene_make(const cw_batch_def *def, cw_scene *scene, const cw_batch_map *map, cw_batch_scene *out,
                              cw_error *err);
// Once there is a world of it: ways and goals from where the actors stand.
cw_status cw_batch_scene_plan(cw_batch_scene *scene, const cw_world *world, cw_error *err);
void cw_batch_scene_free(cw_batch_scene *scene);

// ---- the batch -------------------------------------------------------------------------------------------------------

typedef struct cw_agent_now {
    uint32_t sample; // of the trail, the nearest
    float route_s;   // m
    float offset;    // m left of the trail
    float turn;      // sine of the heading against it
    float last[2];   // action
    float returned;  // rewards of the episode
    uint8_t end;     // cw_agent_end
    uint8_t events;  // CW_EVENT_*
    uint8_t retire;  // before the next step: cw_on_event + 1, 0: no
    uint8_t unused;
} cw_agent_now;

typedef struct cw_batch_slot { // a world and its episode
    cw_world *world;
    const cw_batch_scene *scene;
    uint32_t first; // agent
    uint32_t episode, steps;
    uint32_t contacts_seen; // of the world's list
    uint32_t bad_agent;     // whose action was refused, CW_NONE
    bool over, started;     // the episode is over; the next rows are the first of one
    char fault[96];
} cw_batch_slot;

typedef struct cw_batch_worker { // room of one thread
    cw_vector_scratch *scratch;
    cw_vector_task *tasks;
    double *sine, *cosine; // of the headings of a world's actors
} cw_batch_worker;

struct cw_batch {
    cw_batch_def def;
    cw_vector_def vector;
    uint32_t floats, world_count, agent_count, scene_count, map_count, chunk_count;
    cw_batch_map *maps;
    cw_batch_scene *scenes;
    cw_batch_slot *worlds;
    cw_agent_now *agents;
    uint32_t *chunks; // chunk_count + 1 offsets into worlds: what a thread takes at once
    cw_batch_worker *workers;
    int threads;
    cw_pool *pool;
    cw_batch_buffers buffers;
    const uint8_t *mask; // of the reset at work
};

// batch_step.c
void cw_batch_begin_world(cw_batch *batch, cw_batch_slot *w); // to its start
void cw_batch_draw_anew(cw_batch *batch, cw_batch_slot *w);   // random keys of the episode that it is in
void cw_batch_step_world(cw_batch *batch, cw_batch_slot *w, cw_batch_worker *worker); // and its rows
void cw_batch_show_start(cw_batch *batch, cw_batch_slot *w, cw_batch_worker *worker); // rows of a first observation

#endif
