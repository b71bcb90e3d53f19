// Why a driver decided as it did: each cause that it names, and each that it might have named, taken out of the world, and
// the run let go again from 2 s before. The protocol is docs/WHY.md.
#ifndef CAUSEWAY_WHY_H
#define CAUSEWAY_WHY_H

#include "causeway/agent.h"
#include "causeway/record.h"

struct cw_episode_def;  // causeway/run.h
struct cw_intervention; // causeway/world.h

typedef enum cw_why_verdict {
    CW_WHY_NO_CAUSE,  // not named, and the decision is the same without it
    CW_WHY_TRUE,      // named, and both interventions change the decision (the one, where the kind has but one)
    CW_WHY_SIGHT,     // removal changes it, moving it aside does not: it counts by what it hides
    CW_WHY_JOINT,     // named; changes it together with others that alone change nothing either
    CW_WHY_REFUTED,   // named, and neither changes it, or the harmless one alone; or the driver had not seen it
    CW_WHY_MISSED,    // not named, and changes it, alone or together with others
    CW_WHY_UNTESTED,  // the run ends too soon, or time was up
    CW_WHY_UNTESTABLE // `note` says why
} cw_why_verdict;

const char *cw_why_verdict_name(cw_why_verdict verdict); // stable: "tested_true"

// Where an actor was at a tick. Map frame.
typedef struct cw_why_pose {
    double x, y, heading; // m, rad; reference point
    float speed;          // m/s
    uint8_t present, mover;
} cw_why_pose;

// One run of the same world with interventions, against the run as it was.
typedef struct cw_why_branch {
    bool ran, changed;
    uint8_t longitudinal, lateral; // what is decided then
    float moved;                   // m on average over the horizon
    float further;                 // m along its way at the end of it, > 0: further
    float aside;                   // m to the left of where it was
    uint64_t hash;                 // of the world at the end,
    uint32_t before, ticks;        // from so many decisions before the one that is tested to so many after it
    uint32_t row_count;            // the interventions
    const struct cw_intervention *rows;
    const cw_why_pose *film; // (before + ticks + 1) x actors, at each tick from the fork on; NULL: not kept
} cw_why_branch;

enum { CW_WHY_TAUS = 3, CW_WHY_HORIZONS = 3 };
extern const double cw_why_tau[CW_WHY_TAUS], cw_why_horizon[CW_WHY_HORIZONS]; // m; s: of the sensitivity

typedef struct cw_why_candidate {
    cw_cause cause; // as the driver names it; of one not named: kind, id, item and the distance
    uint32_t actor; // CW_NONE: no actor
    float distance; // m to its centre, and s until it is reached at constant velocities; INFINITY: not seen, not at all
    float ttc;
    bool named, seen;
    bool scripted;                  // moved by the scenario or a recording: cannot react
    bool has_aside;                 // harmless variant exists
    bool alone;                     // `changed` by removal alone
    uint8_t verdict;                // cw_why_verdict
    const char *note;               // why it is not testable, refuted or decided by one intervention; NULL
    cw_why_branch removal, variant; // others react
    cw_why_branch direct_removal, direct_variant;   // others keep their paths
    bool sensitivity[CW_WHY_TAUS][CW_WHY_HORIZONS]; // removal changes it; where has_sensitivity
    bool has_sensitivity;
    uint32_t with[2], with_count; // joint: indices of the others
    cw_why_branch joint;          // without all of them
} cw_why_candidate;

typedef struct cw_why_result {
    int64_t tick, time_ns, fork_ns;
    double horizon, tau; // s, m
    cw_reason reason;
    uint8_t source; // cw_source of the decision
    uint32_t count, named;
    cw_why_candidate *candidates; // named first, in the reason's order
    uint32_t placebos, placebos_changed;
    bool has_sufficiency, sufficient;
    cw_why_branch sufficiency;
    cw_why_branch unchanged; // without any intervention
    uint64_t hash;           // of the world at the end of the horizon, as it was
    uint32_t actors;
    const cw_why_pose *film; // as cw_why_branch has it, of the run as it was; NULL: not kept
    uint32_t branches;       // runs made
    const char *untestable;  // NULL, or why nothing could be tested
} cw_why_result;

typedef struct cw_why_def {
    const struct cw_episode_def *episode; // as the run was
    const cw_trace *trace;                // of that run
    int threads;                          // 0: one for each processor
    bool direct, joint, sufficiency;
    bool films;        // keeps where all were, of the run as it was and without each named cause
    uint32_t placebos; // most of them for a decision
    const volatile int *interrupt;
} cw_why_def;

cw_why_def cw_why_defaults(const struct cw_episode_def *episode, const cw_trace *trace);

typedef struct cw_why cw_why;
// CW_ERR_INPUT: the trace holds no steps or decisions, or this build drives the run otherwise.
cw_status cw_why_open(const cw_why_def *def, cw_why **out, cw_error *err);
void cw_why_close(cw_why *why);                             // NULL is fine
uint32_t cw_why_ticks(const cw_why *why);                   // decisions of the trace
int64_t cw_why_tick_at(const cw_why *why, int64_t time_ns); // the decision that holds at that time; -1: none
// Tests the decision of a tick. *result lives until the next call. CW_ERR_INPUT: there is no such tick, or the run cannot
// be driven again.
cw_status cw_why_test(cw_why *why, int64_t tick, const cw_why_result **result, cw_error *err);
// Runs interventions again from `before` decisions before a tick to `ticks` after it, for a certificate: *hash at the end.
cw_status cw_why_replay(cw_why *why, int64_t tick, uint32_t before, uint32_t ticks, const struct cw_intervention *rows,
                        uint32_t count, bool direct, uint64_t *hash, cw_error *err);
// The verdict in words: "Tested true: without pedestrian 3, 6.2 m further after 3 s, and the decision becomes keep speed."
void cw_why_say(const cw_why_result *result, uint32_t candidate, const cw_labels *labels, cw_said *out);
void cw_why_name(const cw_why_candidate *candidate, const cw_labels *labels,
                 cw_said *out); // "pedestrian 3"; goes on saying
void cw_why_verdict_say(cw_why_verdict verdict, cw_said *out);
void cw_why_note(const char *note, cw_said *out); // a note of a candidate, or `untestable` of a result

#endif
