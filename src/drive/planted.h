// Small faults of the evaluator, each where it would be made, so that tests can show that they find it. A build has none of
// them: PLANT is then the right value, and the wrong one is not compiled. Only tests/drive/planted.sh's own programs are built
// with CW_PLANTED, and there the environment's CAUSEWAY_PLANTED names the one that is made.
#ifndef CW_DRIVE_PLANTED_H
#define CW_DRIVE_PLANTED_H

#ifdef CW_PLANTED
#include <stdbool.h>

bool cw_planted(const char *fault); // tests/drive/planted.c

#define PLANT(fault, wrong, right) (cw_planted(#fault) ? (wrong) : (right))
#else
#define PLANT(fault, wrong, right) (right)
#endif

#endif
