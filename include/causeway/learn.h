// Training drivers: self-play, and what came of it.
#ifndef CAUSEWAY_LEARN_H
#define CAUSEWAY_LEARN_H

#include "causeway/base.h"

struct cw_scene; // causeway/scene.h

// What a step of self-play is worth, per step of 0.1 s unless it says otherwise. docs/TRAIN.md is written from it.
typedef struct cw_rewards {
    float progress;  // for each metre along the route, as far as the wished speed goes
    float overspeed; // for each m/s above the wished speed; < 0
    float offset;    // for each m beside the route, at most 2; < 0
    float shake;     // times comfort, for each (m/s^2)^2 / 10 of acceleration along and across; < 0
    float slide;     // for each m/s^2 across beyond 3, at most 6; < 0
    float jerk;      // times comfort, for the square of the change of each action; < 0
    float gap;       // for the missing share of the time gap to who drives ahead; < 0
    float near;      // times how near it is to meeting who crosses its way, 0 to 1; < 0
    float dawdle;    // standing with no red light and nobody close ahead; < 0
    float red;       // once, for a light run at red; < 0
    float contact;   // once; < 0
    float hit;       // once, in place of it where another ran into its back; < 0
    float offroad;   // once; < 0
    float goal;      // once
} cw_rewards;

cw_rewards cw_rewards_defaults(void);

typedef struct cw_tally {                         // of agents whose episode has ended
    uint64_t ended, goal, contact, offroad, late; // late: cut off before any of these
    uint64_t hit;                                 // of the contacts: those that came from behind, by someone faster
    uint64_t red;                                 // that ran at least one red light
    uint64_t clean;                               // reached the goal without contact, off-road or red light
    double returned;                              // sum of returns
} cw_tally;

typedef struct cw_selfplay_progress {
    uint64_t iteration, steps;                   // agent-steps learned from since the beginning
    double seconds;                              // of training since the beginning, wall clock
    double steps_per_second;                     // of this iteration
    double loss, value_loss, entropy, ratio_off; // ratio_off: share of samples that were clipped
    cw_tally tally;                              // of this iteration
    bool validated;                              // the tally of validation is new
    cw_tally validation;
} cw_selfplay_progress;

typedef struct cw_selfplay_def {
    uint32_t cookie;                    // set by cw_selfplay_defaults
    const char *folder;                 // where it writes; must be there
    bool resume;                        // goes on from the folder's state; else the folder must hold none
    uint64_t seed;                      // default 1; a town seed for training like any other
    double minutes;                     // default 60; of this run, wall clock
    uint64_t steps;                     // ends after so many agent-steps of this run; 0: no limit
    int threads;                        // default 0: one for each processor
    uint32_t towns;                     // default 12
    const struct cw_scene *const *maps; // and the maps of these scenes; NULL: none
    uint32_t map_count;
    uint32_t worlds;  // default 48
    uint32_t rollout; // steps from one update to the next, default 64
    cw_rewards rewards;
    const char *command;           // as typed, for the weights' metadata
    const volatile int *interrupt; // saves and ends when it becomes non-zero; NULL: never
    void (*progress)(void *context, const cw_selfplay_progress *p);
    void *context;
} cw_selfplay_def;

cw_selfplay_def cw_selfplay_defaults(const char *folder);

// Trains the driver reflex by PPO over batches of procedural towns in which it drives everyone. Leaves in the folder:
// reflex.safetensors (the weights that did best in validation), state.safetensors (to go on from), metrics.csv. CW_ERR_IO: the
// folder cannot be written, or another process trains in it. CW_ERR_INPUT: its state is none. CW_ERR_INTERNAL: the loss has
// exploded; the files hold the last good state. CW_ERR_INTERRUPTED: Ctrl-C, after saving.
cw_status cw_selfplay_run(const cw_selfplay_def *def, cw_selfplay_progress *last, cw_error *err);

// ---- how well it drives ----------------------------------------------------------------------------------------------------

typedef struct cw_reflex_eval_def {
    const char *weights;
    uint8_t set;                // cw_seed_set of the towns: validation or test
    const struct cw_scene *map; // in place of towns, the map of this scene; NULL: towns
    uint32_t episodes;          // at least so many, each one agent's
    int threads;
    const volatile int *interrupt;
} cw_reflex_eval_def;

// Everyone in the towns drives by these weights, by the mean of the policy; the evaluator is off.
cw_status cw_reflex_evaluate(const cw_reflex_eval_def *def, cw_tally *tally, cw_error *err);

// Weights of a file of kind reflex with their matrices as bytes and a scale for each column, into another file with the same
// metadata; the driver takes either. CW_ERR_IO, CW_ERR_INPUT, CW_ERR_MEMORY.
cw_status cw_reflex_to_bytes(const char *from, const char *to, cw_error *err);

typedef struct cw_ride_def {
    const char *weights; // a file
    uint8_t set;         // cw_seed_set of the towns: validation or test
    uint32_t rides;      // each through another town, with traffic that follows its own models
    bool evaluator;      // between the policy and the car
    int threads;
    const volatile int *interrupt;
} cw_ride_def;

// The driver reflex by these weights sent through whole towns, judged as `causeway drive` does. `late` counts all that did not
// reach the goal; a ride may count in several columns.
cw_status cw_reflex_ride(const cw_ride_def *def, cw_tally *tally, cw_error *err);

void cw_tally_add(cw_tally *to, const cw_tally *from);

// The interval that holds the true rate in 95 of 100 cases (Wilson 1927): k of n.
void cw_rate_interval(uint64_t k, uint64_t n, double *low, double *high);

#endif
