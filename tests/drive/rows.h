// The decisions of a drive, read from its trace.
#ifndef TEST_ROWS_H
#define TEST_ROWS_H

#include "causeway/agent.h"
#include "causeway/record.h"

typedef struct row {
    double time, accel;
    uint8_t source, longitudinal, lateral, count, kind[CW_CAUSES], relation[CW_CAUSES];
} row;

row *rows_of(const cw_trace *t, size_t *count);                     // the caller frees them
bool tells(const row *r, cw_cause_kind kind, cw_relation relation); // is it among the causes?

#endif
