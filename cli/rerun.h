// A run as its trace tells it: the scene from the attachments, and what it was driven with.
#ifndef CW_CLI_RERUN_H
#define CW_CLI_RERUN_H

#include "cli.h"
#include "driver_option.h"
#include "traffic_option.h"

#include "causeway/run.h"

typedef struct rerun {
    driver_choice choice;
    traffic_option traffic;
    settings set;
    cw_scene *scene;
    cw_episode_def def; // points into this and into the trace
    bool renew;         // the user has named the very driver of the trace
    bool recorded;      // its answers come from the trace
    char from[256];
} rerun;

// `named`: the driver that the user names, or NULL. The trace outlives it, which is not moved. rerun_close, unless it
// fails.
cw_status rerun_open(cw_trace *trace, const char *path, const char *named, rerun *out, cw_error *err);
void rerun_close(rerun *run);

#endif
