// A contact of the ego explained: which single changes would have avoided it, until when it could still be avoided and by
// whom, and whose fault it is.
#ifndef CAUSEWAY_WHY_CONTACT_H
#define CAUSEWAY_WHY_CONTACT_H

#include "causeway/judge.h"
#include "causeway/why.h"

// Who takes over from the driver at a moment before the contact.
typedef enum cw_rescuer {
    CW_RESCUE_EVALUATOR, // its fail-safe and, where none is left, its mitigation; nothing is proposed to it
    CW_RESCUE_HUMAN,     // the careful and competent human driver
    CW_RESCUE_FSM,       // the fuzzy safety model
    CW_RESCUE_PHYSICS,   // full braking, swerving, or both, as far as friction and wheel allow, wherever it leads
    CW_RESCUERS
} cw_rescuer;
const char *cw_rescuer_name(cw_rescuer rescuer); // stable: "evaluator"

typedef struct cw_rescue {
    bool ran, avoids;
    int64_t last_ns; // the last tick from which it avoids the contact, where `avoids`
    float lead;      // s from then to the contact
    uint8_t by;      // of physics: cw_rescue_by
} cw_rescue;
typedef enum cw_rescue_by {
    CW_BY_BRAKING,
    CW_BY_SWERVING_LEFT,
    CW_BY_SWERVING_RIGHT,
    CW_BY_BOTH_LEFT,
    CW_BY_BOTH_RIGHT
} cw_rescue_by;

// The run again from the start of the window on, other in one thing; the driver decides all the time, and the others react.
typedef struct cw_contact_change {
    cw_why_candidate what; // kind, item, actor, for cw_why_name
    uint32_t row;          // cw_intervention_kind
    bool ran, avoids;      // no contact until the window's end
    uint64_t hash;         // of the world at the end
} cw_contact_change;

enum { CW_CONTACT_CHANGES = 64 };

typedef struct cw_contact_why {
    cw_judged_contact contact; // fault, clause, words
    int64_t from_ns, until_ns; // the window: from 8 s before (or the start) to 3 s after
    cw_rescue rescue[CW_RESCUERS];
    uint32_t change_count, avoiding; // tried; of them, those that avoid it
    cw_contact_change changes[CW_CONTACT_CHANGES];
    const char *untestable; // NULL, or why nothing could be run again
} cw_contact_why;

typedef struct cw_contact_why_def {
    cw_why_def why;               // episode, trace, threads, interrupt
    const cw_driver *human, *fsm; // NULL: left out
    const cw_verdict *verdict;    // of the run: its contacts
} cw_contact_why_def;

// Explains contact number `index` of the verdict. CW_ERR_INPUT: there is none, or this build drives the run otherwise.
cw_status cw_why_contact(const cw_contact_why_def *def, uint32_t index, cw_contact_why *out, cw_error *err);
// "until 1.3 s before it by full braking" and the like.
void cw_rescue_say(const cw_contact_why *why, cw_rescuer rescuer, cw_said *out);

#endif
