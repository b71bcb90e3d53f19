// The judge: what a run was worth. It reads a trace and the scene, never the driver, and works on truth.
#ifndef CAUSEWAY_JUDGE_H
#define CAUSEWAY_JUDGE_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/record.h"
#include "causeway/road.h"
#include "causeway/scene.h"

typedef enum cw_fault { CW_FAULT_NONE, CW_FAULT_EGO, CW_FAULT_OTHER, CW_FAULT_SHARED } cw_fault;
const char *cw_fault_name(cw_fault fault); // stable: "ego"
// What people read for a name that a verdict holds (of a criterion, a metric, a fault, an end of the run): "off road",
// "도로 이탈". The name itself where it is not one of ours.
const char *cw_judge_label(const char *name, cw_language language);

// One contact of the ego, classified as docs/DRIVE.md says, by code that shares nothing with `rules` or `drive`.
typedef struct cw_judged_contact {
    int64_t time_ns;
    uint32_t actor;  // the other; CW_NONE: a map object
    uint32_t object; // map object, CW_NONE
    float impact_mps, ego_mps, other_mps;
    uint8_t fault;        // cw_fault
    uint8_t clause;       // 1..5: which line of EVALUATOR's list applied; 0: the scenario begins with it
    cw_said broken;       // which assumption of A1 the other broke, and when; or what the ego did (clause 1); "" none
    int64_t broken_ns;    // -1: none
    bool nuplan_at_fault; // nuPlan's own definition, beside it
    bool rss_blame;       // ego violated the proper response of RSS, beside it
} cw_judged_contact;

// One criterion of the verdict. `demanded`: it counts for pass or fail; else it is told only.
typedef struct cw_criterion {
    const char *name; // stable: "contact", "off_road", "red_light", "r157_contact", ...
    bool applies, demanded, passed;
    double value, limit; // in `unit`; NAN where there is no number
    const char *unit;
    int64_t time_ns; // first moment that decided it; -1: none
    cw_said said;    // in words
} cw_criterion;

typedef struct cw_metric {
    const char *name, *unit; // stable name, "" for no unit
    double value;            // NAN: does not apply
} cw_metric;

enum { CW_CRITERIA_MOST = 32, CW_METRICS_MOST = 64, CW_JUDGED_CONTACTS = 64 };

typedef struct cw_verdict {
    bool passed; // every demanded criterion that applies
    uint32_t criterion_count, metric_count, contact_count;
    cw_criterion criteria[CW_CRITERIA_MOST];
    cw_metric metrics[CW_METRICS_MOST];
    cw_judged_contact contacts[CW_JUDGED_CONTACTS];
    bool human_run;         // the careful human model was simulated
    bool human_avoids;      // and had no contact there but from behind or at a standstill (clause 2)
    float human_impact_mps; // else at which speed it hit; 0 where it avoids
} cw_verdict;

typedef struct cw_judge_def {
    const cw_scene *scene;
    const cw_trace *trace;     // of cw_episode_run or read from a file
    const char *end;           // how the episode ended (cw_episode_end_name), NULL: unknown
    int64_t goal_time_ns;      // -1: not reached
    const cw_mission *mission; // route that progress is measured along; NULL: the ego's own lanes
    const cw_driver *human;    // the careful and competent human driver; NULL: never simulated
    bool always_human;         // simulate it even where there was no contact
    uint64_t seed;
    int64_t dt_ns, period_ns;
} cw_judge_def;

cw_status cw_judge(const cw_judge_def *def, cw_verdict *verdict, cw_error *err);

// Looks on while a run goes on (cw_episode_def.watch) and tells in its trace who of the others breaks A1, when and how: as
// events with "breach" (the clause) and "actor". One for each run. NULL: out of memory.
typedef struct cw_witness cw_witness;
struct cw_world;
cw_witness *cw_witness_new(double period);                                          // s between looks
void cw_witness_free(cw_witness *witness);                                          // NULL is fine
bool cw_witness_look(void *witness, const struct cw_world *world, cw_trace *trace); // false: out of memory
// What a clause of A1 (cw_clause of assumptions.h, by its number as a trace holds it) says when it refuses; a few words.
const char *cw_judge_clause(uint8_t clause, cw_language language);

// Is this a scenario of the UN R157 kind: one carriageway, ego keeps its lane, speed at most 130 km/h, an ALKS controller
// or a file that names none, no junction on the way?
bool cw_judge_is_alks(const cw_scene *scene);

#endif
