// causeway why --cut-in: which cut-ins each driver avoids.
#ifndef CW_CLI_WHY_CUT_IN_H
#define CW_CLI_WHY_CUT_IN_H

#include "causeway/agent.h"

typedef struct cut_in_options {
    const char *driver; // ours; its evaluator as usual
    const char *report; // SVG; NULL: none
    bool full, json;    // full: each speed, gap and lateral speed of the published experiment
    int threads;        // 0: one for each processor
    cw_language language;
} cut_in_options;

// Exit status: EXIT_FAILED where ours hits what the careful human driver avoids.
int why_cut_in(const cut_in_options *options);

#endif
