// How well a policy does on a course, by its mean and as the usual character.
#ifndef CW_LEARN_EVALUATE_H
#define CW_LEARN_EVALUATE_H

#include "learn/crowd.h"

// Each agent of those scenes once. `execs`: one for each thread of the pool.
cw_status cw_crowd_evaluate(cw_course *course, const cw_pick *picks, uint32_t count, const cw_reflex_net *net,
                            cw_pool *pool, cw_exec **execs, const volatile int *interrupt, cw_tally *tally,
                            cw_error *err);

#endif
