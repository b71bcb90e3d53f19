// The drivers of this part.
#ifndef CW_DRIVE_DRIVERS_H
#define CW_DRIVE_DRIVERS_H

#include "causeway/drive.h"

extern const cw_driver cw_driver_classical, cw_driver_random, cw_driver_constant;
extern const cw_driver cw_driver_human, cw_driver_reg157, cw_driver_rss, cw_driver_fsm;
extern const cw_driver cw_driver_reflex;
// What a reflex driver's policy reads now (CW_REFLEX_FLOATS of drive/reflex_net.h); for tests. False: it knows no way.
bool cw_reflex_sample(void *state, const cw_obs *obs, float *sample);
extern const cw_driver cw_driver_razor, cw_driver_swap, cw_driver_spin, cw_driver_late, cw_driver_frozen, cw_driver_nan;

// CW_ERR_USAGE and its text where options were given to a driver that knows none.
cw_status cw_driver_no_options(const cw_driver_def *def, const char *name, cw_error *err);

#endif
