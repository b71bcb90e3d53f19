// The classical driver's reasons: what bound the plan that it chose.
#ifndef CW_DRIVE_EXPLAIN_H
#define CW_DRIVE_EXPLAIN_H

#include "drive/proposal.h"

// The plan, and what of the decision is not to be seen from it.
typedef struct plan_told {
    const proposal *proposal;
    const barrier *barrier;
    const outcome *outcome;
    const cw_cause *held_by; // first cause of the decision before
    cw_id waits_for;         // who comes and has to go by before it passes; 0: nobody
    double missed_at;        // s of the clock when it gave up a turn
    bool aborted;            // on its way back from a change
    cw_id danger;            // whom the plain plan would have run into; 0: nobody
    double danger_time;      // s until then
} plan_told;

void cw_explain(const situation *now, const plan_told *told, cw_reason *reason);

#endif
