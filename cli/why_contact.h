// causeway why --contact: a contact of the ego explained.
#ifndef CW_CLI_WHY_CONTACT_H
#define CW_CLI_WHY_CONTACT_H

#include "causeway/why.h"

#include <stdbool.h>

struct cw_episode_def;

// Tells of each contact of the trace in which the ego had a part. Returns the exit status; *err says why it failed.
int why_contact(const cw_why_def *def, const char *path, bool json, cw_language language, cw_error *err);

#endif
