// causeway why --table: drives scenes, tests a few decisions of each, and counts.
#ifndef CW_CLI_WHY_TABLE_H
#define CW_CLI_WHY_TABLE_H

#include "causeway/why.h"

typedef struct table_options {
    const char *driver;
    int evaluator; // -1: as the driver wants
    uint64_t seed;
    double duration; // s of each scene at most
    int decisions;   // of each scene at most
    int threads;
    bool json;
    const char *keep; // file that holds what each scene gave: those in it are not driven again; NULL: none
    // Tells each decision that was tested, with its scene; NULL: only the table is printed.
    void (*tell)(const cw_why_result *result, const cw_labels *labels, cw_language language);
    cw_language language;
} table_options;

// A scene that cannot be read or driven is told and left out. Returns the exit status.
int why_table(const table_options *options, char *const *paths, int count);

#endif
