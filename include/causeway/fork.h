// A run that can be taken up in the middle and let go on otherwise: for tests of reasons by intervention.
#ifndef CAUSEWAY_FORK_H
#define CAUSEWAY_FORK_H

#include "causeway/agent.h"

struct cw_episode_def; // causeway/run.h
struct cw_world;       // causeway/world.h

typedef struct cw_fork cw_fork;

typedef struct cw_fork_tick { // valid until the next one
    bool driven;              // the driver has the ego: `decision` holds
    const cw_obs *obs;        // what the driver saw; NULL: there is no driver
    const cw_decision *decision;
} cw_fork_tick;

// The loop of that def, which it outlives, at its start; nothing is recorded. *out: cw_fork_close.
cw_status cw_fork_open(const struct cw_episode_def *def, cw_fork **out, cw_error *err);
void cw_fork_close(cw_fork *fork); // NULL is fine
struct cw_world *cw_fork_world(cw_fork *fork);

// Takes all states from a keyframe of the same def, build and scene (cw_keyframe_read); *step: the physics step after
// whose decision it was taken.
cw_status cw_fork_restore(cw_fork *fork, const void *bytes, size_t size, int64_t *step, cw_error *err);
// The states now as such a keyframe of cw_fork_size bytes.
size_t cw_fork_size(const cw_fork *fork);
void cw_fork_save(const cw_fork *fork, int64_t step, void *bytes);
// Marks this moment, and comes back to it as often as one likes. The world has no interventions then. back: false: the
// driver does not take its own state back.
void cw_fork_mark(cw_fork *fork);
bool cw_fork_back(cw_fork *fork);
// Takes over the mark of another fork of the same def, which outlives this one.
void cw_fork_follow(cw_fork *fork, const cw_fork *leader);

// The decision of tick `number` at the world's present time; its control holds from then on.
cw_fork_tick cw_fork_decide(cw_fork *fork, int64_t number);
// The same where nobody reads its reason, which then may hold no causes: sooner done.
cw_fork_tick cw_fork_decide_unasked(cw_fork *fork, int64_t number);
// Asked of the driver instead of its mission, until the mark is come back to; NULL: the mission. Outlives its use.
void cw_fork_ask(cw_fork *fork, const cw_mission *instead);
const cw_mission *cw_fork_mission(const cw_fork *fork); // its own, as of now

#endif
