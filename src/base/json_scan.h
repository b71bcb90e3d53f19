// Reading JSON as it streams by: nothing is kept but what the caller takes, and every error has its place.
#ifndef CAUSEWAY_BASE_JSON_SCAN_H
#define CAUSEWAY_BASE_JSON_SCAN_H

#include "causeway/base.h"

typedef struct cw_json {
    const char *bytes, *path;
    size_t at, end;
    cw_error *err;
    cw_status status;
} cw_json;

// The first error wins; every call after it returns false.
bool cw_json_fail(cw_json *json, size_t at, cw_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void cw_json_where(const cw_json *json, size_t at, int *line, int *column);
bool cw_json_enter(cw_json *json, char open); // '{' or '['
// Is there another member (element)? Reads the comma between and, at the end, the closing bracket. *index counts from 0.
bool cw_json_more(cw_json *json, char close, uint32_t *index);
bool cw_json_key(cw_json *json, char *out, size_t size);    // of the member, with its colon
bool cw_json_number(cw_json *json, double *value);          // finite
bool cw_json_string(cw_json *json, char *out, size_t size); // cut where it is longer; \u escapes become '?'
bool cw_json_bool(cw_json *json, bool *value);
char cw_json_peek(cw_json *json); // what comes next, blanks left out; 0 at the end
bool cw_json_skip(cw_json *json); // any value

#endif
