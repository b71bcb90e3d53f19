// Drivers: from what a vehicle perceives to what it does.
#ifndef CAUSEWAY_DRIVE_H
#define CAUSEWAY_DRIVE_H

#include "causeway/agent.h"

// The driver of that name: classical, human, reg157, rss, fsm, reflex (its `weights` are a file, NULL: those that ship); to
// attack the evaluator with: constant, random, razor, swap, spin, late, frozen, nan (docs/DRIVE.md). NULL: no such driver.
// Options (cw_driver_def.options): constant: "full" drives straight on at full throttle (default: keeps speed and wheel).
const cw_driver *cw_driver_find(const char *name);

// All drivers, for lists; *count may not be NULL.
const cw_driver *const *cw_driver_table(uint32_t *count);

// ---- drivers of one's own (docs/BRING-YOUR-DRIVER.md) -------------------------------------------------------------------

// In another process: it may hang, die or write nonsense, and costs a tick's answer by that. cw_driver_def.weights names
// it, `timeout` and `start_timeout` bound the waiting (default 1 s and 60 s). It is given up after three late answers in a row,
// and for what breaks the connection. reset: CW_ERR_IO, CW_ERR_INPUT or CW_ERR_INTERRUPTED with what the driver says.
extern const cw_driver cw_driver_library; // the one that the shared library at that path exports (below)
extern const cw_driver cw_driver_python;  // the class Driver of that Python file, run by the python3 on the PATH
extern const cw_driver cw_driver_unix; // whoever connects to the Unix socket of that path and speaks schema/driver.json

// ---- drivers in shared libraries ----------------------------------------------------------------------------------------

enum { CW_DRIVER_ABI = 4 }; // changes with any change to what a driver sees, says or is

typedef struct cw_driver_export {
    uint32_t abi;                                            // CW_DRIVER_ABI
    uint32_t driver_size, def_size, obs_size, decision_size; // bytes, as the library was built
    const cw_driver *driver;
} cw_driver_export;

// Once in a library, outside functions: makes `driver` (a cw_driver with static lifetime) the one that it holds.
#define CW_EXPORT_DRIVER(driver)                                                                                       \
    extern const cw_driver_export cw_driver_export_1;                                                                  \
    const cw_driver_export cw_driver_export_1 = {CW_DRIVER_ABI,  sizeof(cw_driver),   sizeof(cw_driver_def),           \
                                                 sizeof(cw_obs), sizeof(cw_decision), &(driver)}

// The driver of the shared library at `path`; without a slash in it, of the working directory. It stays loaded for the
// life of the process and runs inside it: cw_driver_library does so in a child, where it can harm nobody. CW_ERR_IO: it cannot be loaded. CW_ERR_INPUT: it holds no driver, one of
// another ABI version or of other headers, or one without its functions. *driver is NULL then.
cw_status cw_driver_open(const char *path, const cw_driver **driver, cw_error *err);

#endif
