// The word after --driver.
#ifndef CW_CLI_DRIVER_OPTION_H
#define CW_CLI_DRIVER_OPTION_H

#include "causeway/agent.h"

typedef struct driver_choice {
    const cw_driver *driver;
    bool is_file;                  // `file`: the scenario moves the ego, there is no driver
    const char *weights, *options; // for cw_episode_def; point into this or into the text; NULL: none
    char path[4096];               // of the file that holds the driver; "" none
} driver_choice;

// NAME[:WEIGHTS], PATH.so[:OPTIONS], PATH.py[:OPTIONS] or unix:PATH. CW_ERR_USAGE without a text in *err for a name that nobody has; else *err
// says what is wrong. Nothing is opened or run yet.
cw_status choose_driver(const char *text, driver_choice *choice, cw_error *err);
// Is the evaluator on where the user does not say? Not for models that stand for people or regulations.
bool driver_wants_evaluator(const cw_driver *driver);

#endif
