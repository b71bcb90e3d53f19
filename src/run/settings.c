#include "run/settings.h"

#include "causeway/scene.h"

#include <string.h>

static const struct {
    const char *name;
    size_t offset; // of a float in cw_sensor_def
    double low, high;
} sensor_settings[] = {
    {"range", offsetof(cw_sensor_def, range), 1, 1000},
    {"field_of_view", offsetof(cw_sensor_def, field_of_view), 0.01, 7},
    {"position_noise", offsetof(cw_sensor_def, position_noise), 0, 100},
    {"speed_noise", offsetof(cw_sensor_def, speed_noise), 0, 100},
    {"position_error", offsetof(cw_sensor_def, position_error), 0, 100},
    {"speed_error", offsetof(cw_sensor_def, speed_error), 0, 100},
    {"miss_rate", offsetof(cw_sensor_def, miss_rate), 0, 1},
};

static cw_status apply_sensor(const char *name, double value, cw_sensor_def *sensor, cw_error *err) {
    for (size_t i = 0; i < sizeof sensor_settings / sizeof *sensor_settings; i++) {
        if (strcmp(name, sensor_settings[i].name) != 0)
            continue;
        if (!(value >= sensor_settings[i].low && value <= sensor_settings[i].high))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "sensor.%s lies between %g and %g", name,
                                sensor_settings[i].low, sensor_settings[i].high);
        float number = (float)value;
        memcpy((char *)sensor + sensor_settings[i].offset, &number, sizeof number);
        return CW_OK;
    }
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                        "there is no setting 'sensor.%s'; there are range, field_of_view, position_noise, speed_noise, "
                        "position_error, speed_error, miss_rate",
                        name);
}

static cw_status apply_driver(const char *name, double value, cw_driver_def *driver, cw_error *err) {
    bool answer = strcmp(name, "timeout") == 0;
    if (!answer && strcmp(name, "start_timeout") != 0)
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                            "there is no setting 'driver.%s'; there are timeout, start_timeout", name);
    if (!(value >= 0.001 && value <= 3600))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "driver.%s lies between 0.001 and 3600 s", name);
    *(answer ? &driver->timeout : &driver->start_timeout) = value;
    return CW_OK;
}

cw_status cw_setting_apply(const char *setting, cw_assumptions *assumptions, cw_sensor_def *sensor,
                           cw_driver_def *driver, cw_error *err) {
    const char *equals = strchr(setting, '=');
    char name[64];
    double value;
    if (!equals || (size_t)(equals - setting) >= sizeof name ||
        !cw_parse_double(equals + 1, strlen(equals + 1), &value))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "'%s' is not NAME=NUMBER", setting);
    memcpy(name, setting, (size_t)(equals - setting));
    name[equals - setting] = 0;
    if (strncmp(name, "a1.", 3) == 0)
        return cw_assumptions_set(assumptions, name + 3, value, err);
    if (strncmp(name, "sensor.", 7) == 0)
        return apply_sensor(name + 7, value, sensor, err);
    if (strncmp(name, "driver.", 7) == 0)
        return apply_driver(name + 7, value, driver, err);
    if (strncmp(name, "traffic.", 8) == 0) { // in the scene already; here only misspelt ones are told
        cw_traffic_params unused = cw_traffic_defaults();
        if (strcmp(name + 8, "driven") == 0 && value >= 0 && value <= 1)
            return CW_OK; // of the episode: others_share
        return cw_traffic_set(&unused, name + 8, value, err);
    }
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                        "there is no setting '%s'; settings start with a1. (assumptions), sensor., driver. or traffic.",
                        name);
}
