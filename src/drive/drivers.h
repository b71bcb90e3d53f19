// The drivers of this part.
#ifndef CW_DRIVE_DRIVERS_H
#define CW_DRIVE_DRIVERS_H

#include "causeway/drive.h"

extern const cw_driver cw_driver_classical, cw_driver_random, cw_driver_constant;
extern const cw_driver cw_driver_human;

#endif
