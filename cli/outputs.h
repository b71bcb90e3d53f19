// The files that a drive leaves.
#ifndef CW_CLI_OUTPUTS_H
#define CW_CLI_OUTPUTS_H

#include "result.h"

// Writes trace, report and video where they are wanted; says what went wrong. Returns an exit status.
int write_outputs(const drive_result *result, cw_trace *trace, bool quiet);

#endif
