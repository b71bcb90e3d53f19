// Policies of the driver reflex that have been loaded: read once, then shared by all drivers and threads for the life of the
// process, so that a driver's state stays flat bytes.
#ifndef CW_DRIVE_REFLEX_POLICY_H
#define CW_DRIVE_REFLEX_POLICY_H

#include "drive/reflex_net.h"

typedef struct cw_policy cw_policy;

// Loads weights, unless the same have been loaded; path NULL or "": those that ship. *hash names them from now on. CW_ERR_IO,
// CW_ERR_INPUT, CW_ERR_MEMORY.
cw_status cw_policy_load(const char *path, uint64_t *hash, cw_error *err);
cw_policy *cw_policy_of(uint64_t hash); // NULL: not loaded in this process
// The mean action for a sample of CW_REFLEX_FLOATS. From any thread. False: out of memory.
bool cw_policy_act(cw_policy *policy, const float *sample, float action[CW_REFLEX_ACTIONS]);

#endif
