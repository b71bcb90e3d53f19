// Do the others keep assumption set A1? Looked at on truth, tick by tick, for every road user against every other; it
// shares no code with the traffic, with drivers or with the evaluator.
#ifndef CW_JUDGE_MONITOR_H
#define CW_JUDGE_MONITOR_H

#include "causeway/base.h"
#include "causeway/world.h"

typedef enum cw_monitor_clause {
    CW_MONITOR_LEADER,     // braked harder than 9.81 mu, or reversed
    CW_MONITOR_CUT_IN,     // came into a lane with less time to one behind than the clause asks
    CW_MONITOR_ONCOMING,   // on the wrong side with somebody coming
    CW_MONITOR_RED,        // crossed a line later than 1 s after red
    CW_MONITOR_SPEED,      // in a junction faster than it came and than 1.1 times the limit
    CW_MONITOR_PEDESTRIAN, // faster than a walker
    CW_MONITOR_CYCLIST,    // faster than a cyclist
    CW_MONITOR_FOLLOWER, // closed in on the one ahead and for over 1 s neither braked at 4 m/s^2 nor as hard as it takes
    CW_MONITOR_WANDER,   // came more than 0.3 m nearer, within its lane, to one level with it in the next
    CW_MONITOR_CUT_OUT,  // led somebody and began to leave its lane less than 2 s before what stands there
    CW_MONITOR_SEEN,     // came over a line before one behind with less than 0.72 s of motion to be seen
    CW_MONITOR_JUNCTION,  // in the way of one that has the right of way, though it could have stopped
    CW_MONITOR_JAYWALKER, // came towards the carriageway, away from crossings, within somebody's stopping distance
    CW_MONITOR_CLAUSES
} cw_monitor_clause;

const char *cw_monitor_clause_name(cw_monitor_clause clause);

typedef struct cw_monitor cw_monitor;

// For one world, looked at every `period` s. NULL: out of memory.
cw_monitor *cw_monitor_new(const struct cw_world *world, double period);
void cw_monitor_free(cw_monitor *monitor);
void cw_monitor_look(cw_monitor *monitor, const struct cw_world *world);
// Breaches so far of a clause; who was the last, and when (either may be NULL).
uint32_t cw_monitor_count(const cw_monitor *monitor, cw_monitor_clause clause, uint32_t *actor, int64_t *time_ns);

#endif
