#include "driver_option.h"

#include "causeway/drive.h"

#include <string.h>

const cw_driver *find_driver(const char *text, bool *is_file, const char **weights, cw_error *err) {
    char name[64], path[4096];
    *is_file = false;
    const char *end = strstr(text, ".so:");
    size_t all = strlen(text), size = end ? (size_t)(end - text) + 3 : all;
    if (end || (all > 3 && strcmp(text + all - 3, ".so") == 0)) {
        const cw_driver *driver = NULL;
        *weights = end ? text + size + 1 : NULL;
        if (size >= sizeof path) {
            cw_error_set(err, CW_ERR_IO, NULL, 0, 0, "the driver's path is too long");
            return NULL;
        }
        memcpy(path, text, size);
        path[size] = 0;
        cw_driver_open(path, &driver, err);
        return driver;
    }
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    *weights = colon ? colon + 1 : NULL;
    *is_file = length == 4 && memcmp(text, "file", 4) == 0;
    if (*is_file || length >= sizeof name)
        return NULL;
    memcpy(name, text, length);
    name[length] = 0;
    return cw_driver_find(name);
}

bool driver_wants_evaluator(const cw_driver *driver) {
    static const char *const models[] = {"human", "reg157", "rss", "fsm"};
    for (size_t i = 0; driver && i < sizeof models / sizeof *models; i++)
        if (strcmp(driver->name, models[i]) == 0)
            return false;
    return driver != NULL;
}
