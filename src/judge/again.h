// A stretch of a run driven again from the middle: as it was, and with interventions.
#ifndef CW_JUDGE_AGAIN_H
#define CW_JUDGE_AGAIN_H

#include "causeway/fork.h"
#include "causeway/run.h"
#include "causeway/why.h"
#include "causeway/world.h"

enum { AGAIN_TICKS_MOST = 72 }; // after the decision

// The stretch as it was, tick by tick from the fork to the end of the longest horizon.
typedef struct again_stretch {
    int64_t first, tick;      // the fork and the decision, tick numbers
    uint32_t before, after;   // ticks from the fork to the decision, and from there on
    cw_why_pose *poses;       // (before + after + 1) x actors
    unsigned char *decided;   // (before) x actor size: the ego after each decision that it is forced through
    unsigned char *stepped;   // (before x steps) x actor size: ... and after each step
    unsigned char *snapshots; // (before + after + 1) x state size: before each decision
    cw_reason reason;         // of the decision
    uint8_t source;
    bool driven;                        // the driver had the ego at the decision
    cw_obs obs;                         // what it saw then, with its tracks, signals and walls
    uint64_t *hash;                     // (before + after + 1) of the world before each decision
    double *x, *y, *heading, *traveled; // (before + after + 1) of the ego
} again_stretch;

// One run with interventions.
typedef struct again_def {
    const cw_intervention *rows;
    uint32_t count, ticks; // ticks after the decision; at most the stretch's
    bool direct;           // the others keep their paths
    const cw_mission *instead;
} again_def;

typedef struct again_run {
    bool ran;
    cw_reason reason;
    uint32_t ticks;
    uint64_t hash;                                                               // of the world at the end
    double x[AGAIN_TICKS_MOST], y[AGAIN_TICKS_MOST], traveled[AGAIN_TICKS_MOST]; // after the decision: [i]: i + 1 ticks
    cw_why_pose *poses; // (before + ticks + 1) x actors, where asked for; NULL: not asked
} again_run;

typedef struct again {
    const cw_why_def *def;
    const cw_trace *trace;
    cw_arena *arena; // of the stretch: made anew for each decision
    cw_pool *pool;
    cw_fork **forks; // one for each worker, the first leads
    int fork_count;
    bool from_start; // the driver does not take its state back: each run begins at step 0
    int64_t every;   // steps a tick
    uint32_t step_channel;
    size_t steps; // of the trace
    uint32_t actors, ego;
    size_t actor_size, state_size;
    uint32_t asked; // ticks after the decision that were asked for
    int64_t at;     // tick before whose decision the leader stands; -1: nowhere known
    const char *untestable;
    again_stretch s;
} again;

cw_status again_open(again *a, const cw_why_def *def, cw_error *err);
void again_close(again *a);
// Drives the stretch about a tick again as it was, comparing hashes with the trace. `after`: ticks at most.
cw_status again_stretch_make(again *a, int64_t tick, uint32_t before, uint32_t after, cw_error *err);
// Runs them all, on all workers; each in a run of its own.
void again_run_all(again *a, const again_def *defs, again_run *runs, uint32_t count);

// aside.c: by how much an actor is moved sideways so that it keeps out of the ego's way; false: nowhere.
bool again_aside(const again *a, uint32_t actor, double *dx, double *dy);

#endif
