// The JSON schema of a row channel: written for people and viewers, and read back to find the columns again.
#include "trace.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 1024, TEXT_MOST = 128, DEPTH_MOST = 32 };

// ---- writing ---------------------------------------------------------------------------------------------------------

typedef struct text {
    char *bytes;
    size_t count, capacity;
    bool failed;
} text;

static void put(text *out, const char *words) {
    size_t size = strlen(words);
    if (out->failed || !CW_GROW(out->bytes, out->capacity, out->count + size + 1)) {
        out->failed = true;
        return;
    }
    memcpy(out->bytes + out->count, words, size + 1);
    out->count += size;
}

static void put_quoted(text *out, const char *words) {
    put(out, "\"");
    for (const char *c = words; *c != '\0'; c++) {
        char escaped[8] = {*c};
        if (*c == '"' || *c == '\\') {
            escaped[0] = '\\';
            escaped[1] = *c;
        } else if ((unsigned char)*c < 0x20) {
            static const char digits[] = "0123456789abcdef";
            escaped[0] = '\\';
            escaped[1] = 'u';
            escaped[2] = escaped[3] = '0';
            escaped[4] = digits[(*c >> 4) & 15];
            escaped[5] = digits[*c & 15];
        }
        put(out, escaped);
    }
    put(out, "\"");
}

static void put_number(text *out, uint32_t number) {
    char digits[16];
    cw_print_double(digits, sizeof digits, number, 10);
    put(out, digits);
}

char *trace_schema_write(const char *name, const cw_column *columns, uint32_t count) {
    text out = {0};
    put(&out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":");
    put_quoted(&out, name);
    put(&out, ",\"description\":\"Packed little-endian rows; x-causeway-columns gives the columns in order.\","
              "\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{");
    for (uint32_t i = 0; i < count; i++) {
        const char *kind = columns[i].type == CW_F32 || columns[i].type == CW_F64 ? "\"number\"" : "\"integer\"";
        put(&out, i > 0 ? "," : "");
        put_quoted(&out, columns[i].name);
        put(&out, ":{\"type\":");
        if (columns[i].count == 1) {
            put(&out, kind);
        } else {
            put(&out, "\"array\",\"items\":{\"type\":");
            put(&out, kind);
            put(&out, "}");
        }
        put(&out, "}");
    }
    put(&out, "}},\"x-causeway-columns\":[");
    for (uint32_t i = 0; i < count; i++) {
        put(&out, i > 0 ? ",{\"name\":" : "{\"name\":");
        put_quoted(&out, columns[i].name);
        put(&out, ",\"type\":\"");
        put(&out, cw_type_name(columns[i].type));
        put(&out, "\",\"count\":");
        put_number(&out, columns[i].count);
        put(&out, ",\"unit\":");
        put_quoted(&out, columns[i].unit);
        put(&out, "}");
    }
    put(&out, "]}");
    if (out.failed) {
        free(out.bytes);
        return NULL;
    }
    return out.bytes;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

typedef struct scan {
    const char *at, *end;
} scan;

static void skip_space(scan *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static bool take(scan *in, char c) {
    skip_space(in);
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A string into out[TEXT_MOST] (NULL: dropped). Of \u escapes only those below 128 are taken: names and units that we
// write have no others.
static bool take_string(scan *in, char *out) {
    if (!take(in, '"'))
        return false;
    size_t n = 0;
    while (in->at < in->end && *in->at != '"') {
        char c = *in->at++;
        if (c == '\\') {
            if (in->at == in->end)
                return false;
            c = *in->at++;
            static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
            const char *known = c != '\0' ? strchr(from, c) : NULL;
            if (known != NULL) {
                c = to[known - from];
            } else if (c == 'u') {
                if (in->end - in->at < 4)
                    return false;
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = hex_digit(*in->at++);
                    if (digit < 0)
                        return false;
                    value = value * 16 + digit;
                }
                if (out != NULL && (value == 0 || value > 127))
                    return false;
                c = (char)(value & 127);
            }
        }
        if (out != NULL) {
            if (n + 1 >= TEXT_MOST || c == '\0')
                return false;
            out[n++] = c;
        }
    }
    if (out != NULL)
        out[n] = '\0';
    return take(in, '"');
}

// Passes over one value of any kind.
static bool skip_value(scan *in) {
    char open[DEPTH_MOST];
    int depth = 0;
    for (;;) {
        skip_space(in);
        if (in->at == in->end)
            return false;
        char c = *in->at;
        if (c == '"') {
            if (!take_string(in, NULL))
                return false;
        } else if (c == '{' || c == '[') {
            if (depth == DEPTH_MOST)
                return false;
            open[depth++] = c;
            in->at++;
            continue;
        } else if (c == '}' || c == ']') {
            if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '['))
                return false;
            depth--;
            in->at++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            in->at++;
            continue;
        } else {
            const char *start = in->at;
            while (in->at < in->end && strchr(" \t\r\n,:{}[]\"", *in->at) == NULL)
                in->at++;
            if (in->at == start)
                return false;
        }
        if (depth == 0)
            return true;
    }
}

static bool take_count(scan *in, uint32_t *count) {
    skip_space(in);
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
        in->at++;
    int64_t value;
    if (!cw_parse_int64(start, (size_t)(in->at - start), &value) || value < 1 || value > 65536)
        return false;
    *count = (uint32_t)value;
    return true;
}

typedef struct found {
    char name[TEXT_MOST], unit[TEXT_MOST];
    cw_type type;
    uint32_t count;
} found;

static bool take_type(scan *in, cw_type *type) {
    char word[TEXT_MOST];
    if (!take_string(in, word))
        return false;
    for (int i = CW_U8; i <= CW_F64; i++) {
        if (strcmp(word, cw_type_name((cw_type)i)) == 0) {
            *type = (cw_type)i;
            return true;
        }
    }
    return false;
}

static bool take_column(scan *in, found *column) {
    *column = (found){.count = 1};
    bool typed = false;
    if (!take(in, '{'))
        return false;
    do {
        char key[TEXT_MOST];
        if (!take_string(in, key) || !take(in, ':'))
            return false;
        bool good;
        if (strcmp(key, "name") == 0)
            good = take_string(in, column->name);
        else if (strcmp(key, "unit") == 0)
            good = take_string(in, column->unit);
        else if (strcmp(key, "type") == 0)
            good = typed = take_type(in, &column->type);
        else if (strcmp(key, "count") == 0)
            good = take_count(in, &column->count);
        else
            good = skip_value(in);
        if (!good)
            return false;
    } while (take(in, ','));
    return typed && column->name[0] != '\0' && take(in, '}');
}

static bool find_columns(scan *in) {
    if (!take(in, '{'))
        return false;
    do {
        skip_space(in);
        static const char key[] = "\"x-causeway-columns\"";
        bool here = (size_t)(in->end - in->at) >= sizeof key - 1 && memcmp(in->at, key, sizeof key - 1) == 0;
        if (!take_string(in, NULL) || !take(in, ':'))
            return false;
        if (here)
            return true;
        if (!skip_value(in))
            return false;
    } while (take(in, ','));
    return false;
}

cw_status trace_schema_read(const char *words, size_t size, cw_column **columns, uint32_t *count) {
    scan in = {words, words + size};
    if (!find_columns(&in) || !take(&in, '['))
        return CW_ERR_INPUT;
    found *list = NULL;
    size_t n = 0, capacity = 0, bytes = 0;
    cw_status status = CW_OK;
    do {
        if (n == COLUMNS_MOST) {
            status = CW_ERR_LIMIT;
        } else if (!CW_GROW(list, capacity, n + 1)) {
            status = CW_ERR_MEMORY;
        } else if (!take_column(&in, &list[n])) {
            status = CW_ERR_INPUT;
        } else {
            bytes += sizeof(cw_column) + strlen(list[n].name) + strlen(list[n].unit) + 2;
            n++;
        }
    } while (status == CW_OK && take(&in, ','));
    if (status == CW_OK && !take(&in, ']'))
        status = CW_ERR_INPUT;
    cw_column *out = status == CW_OK ? malloc(bytes) : NULL;
    if (status == CW_OK && out == NULL)
        status = CW_ERR_MEMORY;
    if (status == CW_OK) {
        char *at = (char *)(out + n);
        for (size_t i = 0; i < n; i++) {
            size_t name = strlen(list[i].name) + 1, unit = strlen(list[i].unit) + 1;
            out[i] = (cw_column){.name = memcpy(at, list[i].name, name),
                                 .type = list[i].type,
                                 .count = list[i].count,
                                 .unit = memcpy(at + name, list[i].unit, unit)};
            at += name + unit;
        }
        *columns = out;
        *count = (uint32_t)n;
    }
    free(list);
    return status;
}
