// Settings that a user may change by name.
#ifndef CW_RUN_SETTINGS_H
#define CW_RUN_SETTINGS_H

#include "causeway/agent.h"
#include "causeway/assumptions.h"
#include "causeway/sense.h"

// One "a1.NAME=NUMBER", "sensor.NAME=NUMBER" or "driver.NAME=NUMBER" (its waits). CW_ERR_USAGE for anything else.
cw_status cw_setting_apply(const char *setting, cw_assumptions *assumptions, cw_sensor_def *sensor,
                           cw_driver_def *driver, cw_error *err);

#endif
