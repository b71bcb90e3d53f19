// The word after --driver.
#ifndef CW_CLI_DRIVER_OPTION_H
#define CW_CLI_DRIVER_OPTION_H

#include "causeway/agent.h"

// Does it name a shared library, "PATH.so[:OPTIONS]"? That is code, which runs with the user's rights.
bool names_library(const char *text);
// "NAME[:WEIGHTS]" to a driver, "PATH.so[:OPTIONS]" to the one of that library. NULL with *is_file for `file`; NULL with *err
// where a library holds no driver; NULL with neither for a name that nobody has. *weights points into the text behind the
// colon, NULL where nothing stands there: a path or, for drivers that have some, options.
const cw_driver *find_driver(const char *text, bool *is_file, const char **weights, cw_error *err);
// Is the evaluator on where the user does not say? Not for models that stand for people or regulations.
bool driver_wants_evaluator(const cw_driver *driver);

#endif
