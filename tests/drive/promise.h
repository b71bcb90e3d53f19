// Traffic that keeps assumption set A1 and presses on its edges, around an ego with any driver under the evaluator; a
// monitor of its own that checks both. Compact and apart from world, sense and judge, so that a mistake there hides none
// here.
#ifndef TEST_PROMISE_H
#define TEST_PROMISE_H

#include "causeway/agent.h"
#include "causeway/assumptions.h"
#include "causeway/drive.h"
#include "causeway/evaluator.h"
#include "motion/motion.h"

typedef struct promise_def {
    const char *driver;  // cw_driver_find
    const char *options; // of the driver
    bool evaluator;
    bool errors;    // perception errs as far as A1 lets it
    bool crossings; // marked ones across all lanes, each 300 m
    uint64_t seed;
    uint32_t first;                         // episode that it begins with
    double seconds;                         // simulated, all episodes
    double top_speed;                       // m/s, the ego's set speed
    void (*spoil)(cw_evaluator *evaluator); // plants a bug; NULL
    const unsigned long *allocated;         // counts allocations, NULL: nobody does
    bool tube; // executes the fail-safe from many ticks and measures how well it keeps to its plan
} promise_def;

typedef struct promise_result {
    double seconds, distance;      // simulated
    int episodes, excluded;        // excluded: somebody broke A1
    int contacts, charged, struck; // all, to the ego, struck from behind
    int off_road;                  // episodes in which a corner of the ego left the lanes
    int unsafe_starts, mitigations, stops;
    int stood_inside;        // times that the ego came to stand on a crossing
    int unsafe[CW_CLAUSES];  // unsafe starts, by clause
    int refused[CW_CLAUSES]; // ticks with no proposal accepted, by the last proposal's clause
    int ticks, failsafe_ticks;
    int cut_ins, brakings, cut_outs, walkers; // what the traffic did
    double stationary;                        // s
    double evaluate_us;                       // mean, wall clock
    unsigned long allocations;                // within decisions, from an episode's second second on
    int tubes;                                // fail-safes executed to the end
    double across, along;                     // m: largest deviation from the plan to the side, and beyond its front
    double strays;                            // the same to the side, as a share of plan_strays
    char first[256];                          // the first thing that went wrong
} promise_result;

cw_map *promise_map(bool crossings);
promise_result promise_run(const promise_def *def);

#endif
