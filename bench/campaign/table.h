// The campaign's table, in Markdown: exposure, what happened in it, exact Poisson bounds, and how to see each failure again.
#ifndef CW_CAMPAIGN_TABLE_H
#define CW_CAMPAIGN_TABLE_H

#include "ledger.h"

// The mean of a Poisson variable above which `events` or fewer come in less than 5% of cases: the exact one-sided 95% upper
// bound. 0 events: 2.996.
double poisson_upper(uint32_t events);

typedef struct table_def {
    const char *const *drivers;
    unsigned driver_count;
    bool courses[COURSES];
    double asked; // s for each
    const char *command;
    uint64_t seed;
} table_def;

void table_write(FILE *f, const table_def *def, const ledger *l);

#endif
