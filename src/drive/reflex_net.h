// The network of the driver reflex and its weights files. From a sample (reflex_sample.h) it gives the mean of two actions, and,
// for the learner, the value. Learner and driver share it.
#ifndef CW_DRIVE_REFLEX_NET_H
#define CW_DRIVE_REFLEX_NET_H

#include "causeway/nn.h"
#include "drive/reflex_sample.h"

typedef struct cw_reflex_net {
    cw_net *net;
    cw_node self, users, mask, mean, value;
    uint32_t deviation; // weight: log deviations of the actions
} cw_reflex_net;

// CW_ERR_MEMORY.
cw_status cw_reflex_net_new(uint64_t seed, cw_kernel_set kernels, cw_reflex_net *out, cw_error *err);
void cw_reflex_net_free(cw_reflex_net *net);
// Puts `rows` samples of CW_REFLEX_FLOATS that stand one after the other into the inputs.
void cw_reflex_put(const cw_reflex_net *net, cw_exec *exec, const float *samples, size_t stride, uint32_t rows);
const float *cw_reflex_deviation(const cw_reflex_net *net); // (2)

uint64_t cw_reflex_layout(void); // hash of what a sample is: weights of another are refused
// Takes the weights of a file of kind "reflex". CW_ERR_INPUT: another kind, version or layout; wrong shapes.
cw_status cw_reflex_take(const cw_reflex_net *net, const char *path, const cw_tensors *tensors, cw_error *err);
enum { CW_REFLEX_VERSION = 2 };

#endif
