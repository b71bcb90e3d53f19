// One episode: a scene, a driver and the evaluator in closed loop, written down as a trace; and its replay.
#ifndef CAUSEWAY_RUN_H
#define CAUSEWAY_RUN_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/record.h"
#include "causeway/road.h"
#include "causeway/scene.h"

struct cw_world; // causeway/world.h

typedef struct cw_route_request { // --route FROM,TO; each road:lane:s
    bool present;
    const char *from, *to; // NULL: where the scenario puts the ego; on along the lane
} cw_route_request;

// "road:lane:s" as --route takes it, on a map; lane CW_NONE: there is no such place.
cw_lane_place cw_mission_place(const cw_map *map, const char *text);

typedef struct cw_episode_def {
    uint32_t cookie;               // set by cw_episode_defaults
    const cw_scene *scene;         // outlives the episode
    const cw_driver *driver;       // NULL: the scenario moves the ego
    const char *weights, *options; // for the driver, or NULL
    bool evaluator;                // default: on where there is a driver
    // Who drives vehicles of the scene's traffic that are there at the start, each by itself, and which share of them; the
    // rest stays traffic. NULL: nobody (default). Its state must be flat bytes, without save and restore of its own.
    const cw_driver *others;
    const char *others_options; // for each of them, or NULL
    double others_share;        // 0 .. 1, default 1
    const char *const *set;     // "a1.name=value", "sensor.name=value": settings of assumptions and sensors
    unsigned set_count;
    cw_route_request route;        // default: none
    uint64_t seed;                 // default 1
    int64_t dt_ns, period_ns;      // 10 ms, 100 ms; the period is a whole multiple
    double duration;               // s; NAN: the file's stop trigger, else 120
    double timeout, start_timeout; // s of wall clock for a driver in another process; 0: its default
    bool keyframes;                // write state keyframes each second (for traces that are kept)
    // Goes on from a keyframe of an earlier run of the same def (cw_keyframe_read) instead of from the start; NULL: from
    // the start. Refused unless build and state table are those that wrote it.
    const void *resume;
    size_t resume_size;
    // The driver's answers are taken from this trace of an earlier run of the same def, and the driver is left alone; NULL:
    // it decides itself. Refused where the trace holds none: it has them of a driver that is not `repeatable`.
    const cw_trace *proposals;
    const volatile int *interrupt; // ends the episode at the next decision when it becomes non-zero; NULL: never
    // Called each decision with the simulated time, s, and the time at which it ends at the latest; NULL: silent.
    void (*progress)(void *context, double now, double end);
    void *context;
    // Called each decision, before the driver, with the world as it is: for monitors of truth, which may add events to the
    // trace. False: out of memory, the run ends. NULL: nobody looks.
    bool (*watch)(void *watcher, const struct cw_world *world, cw_trace *trace);
    void *watcher;
} cw_episode_def;

cw_episode_def cw_episode_defaults(const cw_scene *scene);

typedef enum cw_episode_end {
    CW_ENDED_STOP_TRIGGER, // the scenario says so
    CW_ENDED_DURATION,     // time is up
    CW_ENDED_RECORDING,    // the recording is over
    CW_ENDED_GOAL,         // the goal is reached
    CW_ENDED_INTERRUPT,
    CW_ENDED_FAULT // named in `fault`
} cw_episode_end;

const char *cw_episode_end_name(cw_episode_end end);

typedef struct cw_episode_result {
    cw_episode_end end;
    char fault[128];                                     // "" none
    double duration;                                     // simulated s
    int64_t steps;                                       // physics steps
    uint64_t hash;                                       // of the last state
    uint32_t decisions;                                  // ticks at which a driver decided
    double decide_mean_us, decide_p99_us, decide_max_us; // wall clock, driver and evaluator; not reproducible
    int64_t goal_time_ns;                                // first instant at which a goal was reached; -1: never
    uint32_t driver_troubles;                            // ticks at which something went wrong in the driver
    int64_t driver_trouble_ns;                           // of the first
    char driver_trouble[256];                            // what; "" none
    cw_mission mission;                                  // as it was at the end; its route lives in `arena`
    cw_arena *arena;
    uint32_t others; // vehicles of the traffic that a driver drove
} cw_episode_result;

// Runs to the end. *trace belongs to the caller (cw_trace_free); result->arena too (cw_arena_free). Bad starts and unknown
// settings give a status; a fault inside the run is an end, not a status. The same def gives the same bits.
cw_status cw_episode_run(const cw_episode_def *def, cw_trace **trace, cw_episode_result *result, cw_error *err);

// Keyframe `index` of a trace, from 0, for cw_episode_def.resume: *bytes from malloc. CW_ERR_INPUT when there is none or
// it is broken.
cw_status cw_keyframe_read(const cw_trace *trace, size_t index, void **bytes, size_t *size, cw_error *err);

// The file's own names of a scene's road users and signals, for words; live as long as the scene.
cw_labels cw_scene_labels(const cw_scene *scene);

// Is the ego inside one of the scene's goals at this time (s)? Pose of its reference point.
bool cw_goal_reached(const cw_scene *scene, double time, cw_pose pose, float speed);

#endif
