// Drivers: from what a vehicle perceives to what it does.
#ifndef CAUSEWAY_DRIVE_H
#define CAUSEWAY_DRIVE_H

#include "causeway/agent.h"

// The driver of that name: classical; to attack the evaluator with: random, constant. NULL: no such driver.
// Options (cw_driver_def.options): constant: "full" drives straight on at full throttle (default: keeps speed and wheel).
const cw_driver *cw_driver_find(const char *name);

// All drivers, for lists; *count may not be NULL.
const cw_driver *const *cw_driver_table(uint32_t *count);

#endif
