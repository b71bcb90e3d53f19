#include "driver_option.h"

#include "causeway/drive.h"

#include <string.h>

const cw_driver *find_driver(const char *text, bool *is_file, const char **weights) {
    char name[64];
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
