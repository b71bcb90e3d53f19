// Driving a trace again.
#ifndef CW_CLI_REPLAY_H
#define CW_CLI_REPLAY_H

#include "causeway/record.h"

#include <stdbool.h>

bool is_trace(const char *path); // does the file begin as MCAP does?
// Drives what the trace holds (its attached files, seed, driver and settings) once more and compares every step's hash.
// Returns an exit status: 0 identical, 1 it differs. driver_text: what the user gave as --driver; a library that the trace
// names is loaded only where it is the same, since a recording may be anybody's.
int replay_file(const char *path, const char *driver_text);
// Reads a trace file; *trace is the caller's.
cw_status open_trace(const char *path, cw_trace **trace, cw_error *err);

#endif
