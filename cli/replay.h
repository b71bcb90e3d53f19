// Driving a trace again.
#ifndef CW_CLI_REPLAY_H
#define CW_CLI_REPLAY_H

#include "causeway/record.h"

#include <stdbool.h>

bool is_trace(const char *path); // does the file begin as MCAP does?
// Drives what the trace holds (its attached files, seed, driver and settings) once more and compares every step's hash.
// Returns an exit status: 0 identical, 1 it differs.
int replay_file(const char *path);
// Reads a trace file; *trace is the caller's.
cw_status open_trace(const char *path, cw_trace **trace, cw_error *err);

#endif
