// Status and error: the first cause with its place.
#include "causeway/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *out, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
    }
    memcpy(out, text, length);
    out[length] = '\0';
}

cw_status cw_error_set(cw_error *err, cw_status code, const char *path, int line, int column, const char *format, ...) {
    if (err == NULL || err->code != CW_OK) {
        return code;
    }
    err->code = code;
    err->line = line;
    err->column = column;
    copy_text(err->path, sizeof err->path, path != NULL ? path : "");
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(err->text, sizeof err->text, format, arguments) < 0) {
        copy_text(err->text, sizeof err->text, format);
    }
    va_end(arguments);
    return code;
}

size_t cw_error_print(const cw_error *err, char *out, size_t size) {
    if (size == 0) {
        return 0;
    }
    char place[300] = "";
    if (err->path[0] != '\0' && err->line > 0 && err->column > 0) {
        snprintf(place, sizeof place, "%s:%d:%d: ", err->path, err->line, err->column);
    } else if (err->path[0] != '\0' && err->line > 0) {
        snprintf(place, sizeof place, "%s:%d: ", err->path, err->line);
    } else if (err->path[0] != '\0') {
        snprintf(place, sizeof place, "%s: ", err->path);
    }
    int length = snprintf(out, size, "%serror: %s", place, err->text);
    if (length < 0) {
        out[0] = '\0';
        return 0;
    }
    return (size_t)length < size ? (size_t)length : size - 1;
}
