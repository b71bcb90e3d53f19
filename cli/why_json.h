// Tests of reasons as JSON: schema causeway.why/1. What a certificate needs to be replayed stands in it.
#ifndef CW_CLI_WHY_JSON_H
#define CW_CLI_WHY_JSON_H

#include "causeway/run.h"
#include "causeway/scene.h"
#include "causeway/why.h"
#include "causeway/world.h"

#include <jansson.h>

json_t *why_json(const char *path, const cw_episode_def *def); // without decisions; NULL when out of memory
// `films`: the scene, for the run as it was and without each named cause as pictures that a report shows; NULL: none.
json_t *why_decision_json(const cw_why_result *result, const cw_labels *labels, const cw_scene *films);
// One result, to stdout; numbers with so many digits. Keeps the reference.
void why_print_json(const json_t *root, unsigned digits);
// The rows of a certificate; false: not one that this build knows. *rows from malloc.
bool why_rows_read(const json_t *certificate, cw_intervention **rows, uint32_t *count);

#endif
