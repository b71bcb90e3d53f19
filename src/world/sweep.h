// The ways of all bodies in a step: what each sweeps, how it stood and stands, and who may meet whom.
#ifndef CW_WORLD_SWEEP_H
#define CW_WORLD_SWEEP_H

#include "causeway/base.h"

enum { CW_SWEEP_MOST = 64 }; // bodies of which cw_sweep_pairs tells

// Arrays per body, with room for a vector more.
typedef struct cw_sweep {
    uint64_t round;                                // counts the steps
    double *low_x, *high_x, *low_y, *high_y;       // m; of one that is not there low > high
    double *sine, *cosine, *old_sine, *old_cosine; // of its heading, after and before the step; among few alone
    uint64_t *later;                               // those with a higher number that it may meet, a bit each
} cw_sweep;

// NULL: out of memory.
cw_sweep *cw_sweep_make(cw_arena *arena, uint32_t most);
// Fills `later` for up to CW_SWEEP_MOST bodies; touching counts.
void cw_sweep_pairs(cw_sweep *sweep, uint32_t count);

#endif
