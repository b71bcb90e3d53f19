// Reading JSON as it streams by.
#include "json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

void cw_json_where(const cw_json *j, size_t at, int *line, int *column) {
    *line = *column = 1;
    for (size_t i = 0; i < at && i < j->end; i++) {
        *column = j->bytes[i] == '\n' ? 1 : *column + 1;
        *line += j->bytes[i] == '\n';
    }
}

bool cw_json_fail(cw_json *j, size_t at, cw_status code, const char *format, ...) {
    if (j->status != CW_OK)
        return false;
    char text[200];
    int line, column;
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    cw_json_where(j, at, &line, &column);
    j->status = cw_error_set(j->err, code, j->path, line, column, "%s", text);
    return false;
}

char cw_json_peek(cw_json *j) {
    while (j->at < j->end &&
           (j->bytes[j->at] == ' ' || j->bytes[j->at] == '\t' || j->bytes[j->at] == '\r' || j->bytes[j->at] == '\n'))
        j->at++;
    return j->at < j->end && j->status == CW_OK ? j->bytes[j->at] : 0;
}

static bool take(cw_json *j, char wanted) {
    char c = cw_json_peek(j);
    if (j->status != CW_OK)
        return false;
    if (c == wanted) {
        j->at++;
        return true;
    }
    if (j->at >= j->end)
        return cw_json_fail(j, j->at, CW_ERR_INPUT, "the file ends where '%c' should stand", wanted);
    return cw_json_fail(j, j->at, CW_ERR_INPUT, "'%c' should stand here", wanted);
}

bool cw_json_enter(cw_json *j, char open) {
    return take(j, open);
}

bool cw_json_more(cw_json *j, char close, uint32_t *index) {
    if (j->status != CW_OK)
        return false;
    if (cw_json_peek(j) == close) {
        j->at++;
        return false;
    }
    if (*index != UINT32_MAX && !take(j, ','))
        return false;
    ++*index;
    return true;
}

bool cw_json_string(cw_json *j, char *out, size_t size) {
    size_t n = 0, start = j->at;
    if (!take(j, '"'))
        return false;
    for (; j->at < j->end && j->bytes[j->at] != '"'; j->at++) {
        char c = j->bytes[j->at];
        if ((unsigned char)c < 0x20)
            return cw_json_fail(j, j->at, CW_ERR_INPUT, "a line break or control character in a string");
        if (c == '\\') {
            if (++j->at >= j->end)
                break;
            c = j->bytes[j->at] == 'n' ? '\n' : j->bytes[j->at] == 't' ? '\t' : j->bytes[j->at];
            if (c == 'u')
                c = '?';
        }
        if (n + 1 < size)
            out[n++] = c;
    }
    if (j->at >= j->end)
        return cw_json_fail(j, start, CW_ERR_INPUT, "a string that does not end");
    j->at++;
    if (size > 0)
        out[n] = '\0';
    return true;
}

bool cw_json_key(cw_json *j, char *out, size_t size) {
    cw_json_peek(j);
    return cw_json_string(j, out, size) && take(j, ':');
}

bool cw_json_number(cw_json *j, double *value) {
    cw_json_peek(j);
    if (j->status != CW_OK)
        return false;
    size_t start = j->at;
    while (j->at < j->end && strchr("+-.0123456789eE", j->bytes[j->at]) != NULL && j->bytes[j->at] != '\0')
        j->at++;
    if (j->at > start && cw_parse_double(j->bytes + start, j->at - start, value))
        return true;
    size_t shown = start;
    while (shown < j->end && shown < start + 20 && strchr(",]} \n\r\t", j->bytes[shown]) == NULL)
        shown++;
    return cw_json_fail(j, start, CW_ERR_INPUT, "'%.*s' is not a finite number", (int)(shown - start),
                        j->bytes + start);
}

static bool word(cw_json *j, const char *text) {
    size_t n = strlen(text);
    cw_json_peek(j);
    if (j->status != CW_OK || j->end - j->at < n || memcmp(j->bytes + j->at, text, n) != 0)
        return false;
    j->at += n;
    return true;
}

bool cw_json_bool(cw_json *j, bool *value) {
    char c = cw_json_peek(j);
    if (c == '0' || c == '1') { // some tools write flags as numbers
        double number;
        bool good = cw_json_number(j, &number);
        *value = number != 0;
        return good;
    }
    *value = word(j, "true");
    return *value || word(j, "false") || cw_json_fail(j, j->at, CW_ERR_INPUT, "true or false should stand here");
}

static bool skip(cw_json *j, int depth) {
    char c = cw_json_peek(j), key[4];
    double number;
    uint32_t i = UINT32_MAX;
    if (depth == MOST_DEPTH)
        return cw_json_fail(j, j->at, CW_ERR_LIMIT, "nested more than %d deep", MOST_DEPTH);
    if (c == '{' || c == '[') {
        char close = c == '{' ? '}' : ']';
        j->at++;
        while (cw_json_more(j, close, &i))
            if ((c == '{' && !cw_json_key(j, key, sizeof key)) || !skip(j, depth + 1))
                return false;
        return j->status == CW_OK;
    }
    if (c == '"')
        return cw_json_string(j, key, sizeof key);
    return word(j, "true") || word(j, "false") || word(j, "null") || cw_json_number(j, &number);
}

bool cw_json_skip(cw_json *j) {
    return skip(j, 0);
}
