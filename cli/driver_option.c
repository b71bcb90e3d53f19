#include "driver_option.h"

#include "causeway/drive.h"

#include <string.h>

// Length of the library's path at the beginning of the text; 0: it names none.
static size_t library_length(const char *text) {
    const char *options = strstr(text, ".so:");
    size_t all = strlen(text);
    return options ? (size_t)(options - text) + 3 : all > 3 && strcmp(text + all - 3, ".so") == 0 ? all : 0;
}

bool names_library(const char *text) {
    return library_length(text) > 0;
}

static const cw_driver *open_library(const char *text, size_t length, cw_error *err) {
    char path[4096];
    const cw_driver *driver = NULL;
    if (length >= sizeof path) {
        cw_error_set(err, CW_ERR_IO, NULL, 0, 0, "the driver's path is too long");
        return NULL;
    }
    memcpy(path, text, length);
    path[length] = 0;
    cw_driver_open(path, &driver, err);
    return driver;
}

const cw_driver *find_driver(const char *text, bool *is_file, const char **weights, cw_error *err) {
    char name[64];
    size_t library = library_length(text);
    *is_file = false;
    if (library > 0) {
        *weights = text[library] == ':' ? text + library + 1 : NULL;
        return open_library(text, library, err);
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
