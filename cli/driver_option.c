#include "driver_option.h"

#include "causeway/drive.h"

#include <string.h>

// Length of the path at the beginning of the text that ends in `ending`; 0: none does.
static size_t path_length(const char *text, const char *ending) {
    size_t all = strlen(text), own = strlen(ending);
    for (const char *at = text; (at = strstr(at, ending)) != NULL; at += own)
        if (at != text && at[own] == ':')
            return (size_t)(at - text) + own;
    return all > own && strcmp(text + all - own, ending) == 0 ? all : 0;
}

static cw_status choose_file(const char *text, size_t length, driver_choice *choice, cw_error *err) {
    if (length >= sizeof choice->path)
        return cw_error_set(err, CW_ERR_IO, NULL, 0, 0, "the driver's path is too long");
    memcpy(choice->path, text, length);
    choice->path[length] = 0;
    choice->weights = choice->path;
    choice->options = text[length] == ':' ? text + length + 1 : NULL;
    return CW_OK;
}

cw_status choose_driver(const char *text, driver_choice *choice, cw_error *err) {
    *choice = (driver_choice){0};
    size_t library = path_length(text, ".so"), python = path_length(text, ".py");
    if (strncmp(text, "unix:", 5) == 0) {
        choice->driver = &cw_driver_unix;
        choice->weights = text + 5;
        return CW_OK;
    }
    if (python > 0) {
        choice->driver = &cw_driver_python;
        return choose_file(text, python, choice, err);
    }
    if (library > 0) {
        choice->driver = &cw_driver_library;
        return choose_file(text, library, choice, err);
    }
    char name[64];
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    choice->weights = choice->options = colon ? colon + 1 : NULL; // each driver reads the one that it knows
    choice->is_file = length == 4 && memcmp(text, "file", 4) == 0;
    if (choice->is_file)
        return CW_OK;
    if (length < sizeof name) {
        memcpy(name, text, length);
        name[length] = 0;
        choice->driver = cw_driver_find(name);
    }
    return choice->driver ? CW_OK : CW_ERR_USAGE;
}

bool driver_wants_evaluator(const cw_driver *driver) {
    static const char *const models[] = {"human", "reg157", "rss", "fsm"};
    for (size_t i = 0; driver && i < sizeof models / sizeof *models; i++)
        if (strcmp(driver->name, models[i]) == 0)
            return false;
    return driver != NULL;
}
