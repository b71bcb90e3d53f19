// The safety evaluator: stands between any proposal and the car. It lets a proposal through for one tick only if from
// wherever that tick may lead a verified way to an allowed standstill exists (assumptions.h, docs/DRIVE.md).
//
// Allowed is a standstill in a lane or on a shoulder, clear of *areas*: where another lane crosses, marked crossings, rails.
// Of the plans that touch nobody that keeps A1 the first in this order is taken:
//   1. braking at b_e, and the body ends clear of every area;
//   2. going on through, at the speed it has or up to 4 m/s, and braking beyond the area, clear of all;
//   3. braking to an end in an area. A proposal may lead to this only where the fail-safe before it ends in one too, or
//      the ego stands in one: so nobody enters one without a verified way out of it, and whoever was forced into one, or
//      began there, may leave. The fail-safe itself falls back to it when neither 1 nor 2 verifies any more: whom A1 lets
//      force a stop goes before the area. A standstill in it is then held until a proposal leads on.
//
// Tracks are taken as seen at most A1's age ago and not moved on since; frames missed as moved on at constant velocity.
//
// A start at which nothing verifies is an `unsafe_start`: counted, and outside the promise until something verifies. Until then
// the least predicted harm decides: a proposal whose trajectory stays on the road, fits its control and is predicted to
// touch nobody is executed as it came (state unsafe_start, accepted -1); else braking or mitigation, whichever hits less.
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
    CW_EVALUATOR_MITIGATE,     // an assumption is seen broken and the fail-safe would be hit: least impact speed; and
                               // full braking after it until something verifies again
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
        stops;  // since the reset: how often each began; stops: minimal-risk standstills
    float tube; // m by which the verified tube is wider than the body on each side, where the road has room
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
