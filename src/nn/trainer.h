// A trainer's inside, for those who save it.
#ifndef CW_NN_TRAINER_H
#define CW_NN_TRAINER_H

#include "nn/net.h"

enum { CW_SHARES = 8 };

struct cw_trainer {
    cw_net *net;
    cw_pool *pool;
    cw_adam adam;
    int threads;
    uint64_t steps;
    size_t count; // floats
    cw_exec **execs;
    float *slopes[CW_SHARES]; // [0]: after the step their sum
    float *first, *second;    // moments
    float *average;           // NULL: none is kept
};

#endif
