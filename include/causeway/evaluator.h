// The safety evaluator: stands between any proposal and the car. It lets a proposal through for one tick only if from
// wherever that tick may lead a verified way to standstill exists (docs/SAFETY-CASE.md, assumptions.h).
#ifndef CAUSEWAY_EVALUATOR_H
#define CAUSEWAY_EVALUATOR_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/road.h"

struct cw_assumptions; // causeway/assumptions.h

// Flat state without a pointer: a copy of its cw_evaluator_size() bytes is a snapshot, and equal histories give equal
// bytes.
typedef struct cw_evaluator cw_evaluator;

typedef struct cw_evaluator_def {
    const cw_map *map;                        // never NULL; the same as in each cw_obs
    cw_body body;                             // what cw_obs will say of the ego
    const struct cw_assumptions *assumptions; // copied; NULL: A1
    float period;                             // s between decisions, > 0
} cw_evaluator_def;

enum { CW_PROPOSALS = 4 }; // at most, per tick

typedef enum cw_evaluator_state {
    CW_EVALUATOR_NORMAL,       // a proposal is being executed
    CW_EVALUATOR_FAILSAFE,     // none verifies: the fail-safe goes on
    CW_EVALUATOR_MINIMAL_RISK, // for so long that the minimal-risk manoeuvre is under way or has ended in standstill
    CW_EVALUATOR_MITIGATE,     // an assumption is seen broken and the fail-safe would be hit: least impact speed
    CW_EVALUATOR_UNSAFE_START  // no fail-safe has existed since the start: outside the promise
} cw_evaluator_state;

const char *cw_evaluator_state_name(cw_evaluator_state state); // stable: "failsafe"

// What was verified this tick, and what refused what.
typedef struct cw_verification {
    int32_t accepted;             // index of the proposal that is executed; -1: none
    uint32_t count;               // proposals judged, <= CW_PROPOSALS; those after the accepted one are not looked at
    uint8_t clause[CW_PROPOSALS]; // cw_clause of assumptions.h that refused it; CW_CLAUSE_NONE: verified
    float margin[CW_PROPOSALS];   // m by which the tightest clause is kept (< 0: broken); NAN: not known
    cw_id track[CW_PROPOSALS];    // the road user of that clause; 0: none
    uint8_t state;                // cw_evaluator_state
    uint8_t began;                // cw_clause that began the fail-safe which goes on; CW_CLAUSE_NONE
    bool verified;                // a verified fail-safe exists for the next tick
    bool clause_holds;            // while the fail-safe goes on: that clause still refuses a proposal; false: needless
    bool heeded;                  // false: the prediction (a heuristic, outside the promise) was overruled
    float failsafe_time;          // s for which the fail-safe has gone on
    float brake;                  // m/s^2 that it counts on (b_e)
    uint32_t unsafe_starts, mitigations,
        stops;                // since the reset: how often each began; stops: minimal-risk standstills
    uint32_t failsafe_points; // points of `failsafe` that are filled; the rest repeat the last
    cw_trajectory failsafe;   // F_(k+1), vehicle frame at decision time, for display
} cw_verification;

size_t cw_evaluator_size(void);
void cw_evaluator_reset(cw_evaluator *evaluator, const cw_evaluator_def *def);
// One tick. proposals[0..count): in order of preference, NULL entries allowed (no proposal), count <= CW_PROPOSALS.
// *out is what is executed: a proposal as it came, or the fail-safe with its own computed reason. why: may be NULL.
void cw_evaluator_decide(cw_evaluator *evaluator, const cw_obs *obs, const cw_decision *const proposals[],
                         uint32_t count, cw_decision *out, cw_verification *why);

#endif
