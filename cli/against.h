// Two drives of one scene, compared: verdicts, criteria and metrics side by side.
#ifndef CW_CLI_AGAINST_H
#define CW_CLI_AGAINST_H

#include "causeway/base.h"

#include <jansson.h>
#include <stdio.h>

// Both are results (schema causeway.drive/1): of the driver under test, and of what it is held against. `differences`
// holds the metrics of the second less the first where both are known, and the criteria that they do not share.
json_t *against_json(json_t *first, json_t *second); // schema causeway.against/1; NULL when out of memory
void against_print(const json_t *first, const json_t *second, cw_language language, FILE *out);

#endif
