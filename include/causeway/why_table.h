// A table over many scenes: how often the named causes are true, how many of the true ones are named, beside baselines.
#ifndef CAUSEWAY_WHY_TABLE_H
#define CAUSEWAY_WHY_TABLE_H

#include "causeway/agent.h"
#include "causeway/why.h"

enum { CW_TABLE_KINDS = CW_CAUSE_SURFACE + 1 };

typedef enum cw_table_method { // who names causes, and by which effect they are judged
    CW_TABLE_STATED,           // the driver; others react
    CW_TABLE_DIRECT,           // the driver; the others keep to their paths
    CW_TABLE_OWN,              // the driver, in decisions that are its own and not the evaluator's; others react
    CW_TABLE_NEAREST,          // the nearest road user that it sees; others react
    CW_TABLE_TTC,              // ... the one with the smallest time to collision
    CW_TABLE_RANDOM,           // ... any
    CW_TABLE_METHODS
} cw_table_method;

const char *cw_table_method_name(cw_table_method method); // stable: "nearest"

typedef struct cw_table_counts { // of causes
    uint32_t named, held;        // testable ones that were named; those of them that held
    uint32_t true_ones, found;   // all that change decisions; those of them that were named
} cw_table_counts;

typedef struct cw_table_score { // macro-averaged over kinds of cause; NAN: there are none
    double precision, precision_low, precision_high;
    double recall, recall_low, recall_high; // with the 95 % interval of the cluster bootstrap over scenes
    double precision_gain, precision_p;     // stated less this method, paired; p by Holm's procedure over all six
    double recall_gain, recall_p;
} cw_table_score;

typedef struct cw_table_result {
    uint32_t scenes, decisions;
    uint32_t plain;                           // decisions to keep speed and lane, counted apart from `decisions`
    uint32_t with_causes, tested;             // decisions that name causes; those with a cause that could be tested
    uint32_t untestable;                      // decisions of which nothing could be tested
    uint32_t verdicts[CW_WHY_UNTESTABLE + 1]; // candidates
    uint32_t sufficient, sufficiency_asked;
    uint32_t placebos, placebos_changed;
    cw_table_counts kinds[CW_TABLE_METHODS][CW_TABLE_KINDS];
    cw_table_score scores[CW_TABLE_METHODS];
} cw_table_result;

typedef struct cw_why_table cw_why_table;
cw_why_table *cw_why_table_new(uint64_t seed); // of the random baseline and the bootstrap; NULL: out of memory
void cw_why_table_free(cw_why_table *table);   // NULL is fine
// A new scene; the decisions added from now on are its. False: out of memory.
bool cw_why_table_scene(cw_why_table *table);
void cw_why_table_add(cw_why_table *table, const cw_why_result *result);
// Which decisions of a run to test, at most `most`: those at which another reason is said, rare kinds of decision (over the whole
// table) first. Returns how many, in the order of time.
uint32_t cw_why_table_choose(cw_why_table *table, const cw_trace *trace, int64_t period_ns, int64_t *ticks,
                             uint32_t most);
void cw_why_table_finish(const cw_why_table *table, cw_table_result *out);

#endif
