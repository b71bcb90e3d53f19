// A drive tick by tick, for people and for grep.
#ifndef CW_CLI_STEPS_H
#define CW_CLI_STEPS_H

#include "causeway/record.h"
#include "causeway/scene.h"

#include <stdio.h>

// A line for each decision: time, speed, command, who decided what, and what the evaluator refused by which clause with
// which margin for the sake of whom. Names are the stable ones of the files, whatever the language; "-" where there is none.
void steps_print(const cw_trace *trace, const cw_scene *scene, FILE *out);

#endif
