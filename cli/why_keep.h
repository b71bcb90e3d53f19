// What a table's scenes gave, kept in a file: a line of JSON for each scene, so that a run cut short goes on where it ended.
#ifndef CW_CLI_WHY_KEEP_H
#define CW_CLI_WHY_KEEP_H

#include "causeway/why.h"

#include <jansson.h>

typedef struct why_keep why_keep;

// `settings` is what must be the same for what is kept to count: driver, seed, ... Owned by the caller. CW_ERR_INPUT: the
// file is of another table, or broken elsewhere than in its last line, which is then dropped.
cw_status why_keep_open(const char *path, const json_t *settings, why_keep **out, cw_error *err);
void why_keep_close(why_keep *keep); // NULL is fine
// The scene as it was kept: {"scene", "hash", "decisions"}; NULL: it is not there. Lives as long as `keep`.
const json_t *why_keep_find(const why_keep *keep, const char *scene);
// Adds a scene, which is taken over; it is on the disk when this returns.
cw_status why_keep_add(why_keep *keep, json_t *scene, cw_error *err);

// A decision with all that a table counts, and back. `arena` holds what is read.
json_t *why_keep_decision(const cw_why_result *result, const cw_labels *labels);
bool why_keep_read(const json_t *decision, cw_arena *arena, cw_why_result *out);

#endif
