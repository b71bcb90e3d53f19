#include "json.h"

#include <string.h>

enum { DEPTH_MOST = 32 };

typedef struct reader {
    cw_arena *arena;
    const char *at, *end;
} reader;

static void skip_space(reader *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static bool take(reader *in, char c) {
    skip_space(in);
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool take_hex(reader *in, uint32_t *code) {
    if (in->end - in->at < 4)
        return false;
    *code = 0;
    for (int i = 0; i < 4; i++) {
        char c = *in->at++;
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A' + 10);
        else
            return false;
        *code = *code * 16 + digit;
    }
    return true;
}

// Writes one code point at `to`; returns the bytes taken.
static size_t put_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 63));
        to[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 63));
    to[2] = (char)(0x80 | (code >> 6 & 63));
    to[3] = (char)(0x80 | (code & 63));
    return 4;
}

static bool take_escape(reader *in, char *to, size_t *length) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (in->at == in->end)
        return false;
    char c = *in->at++;
    if (c == 'u') {
        uint32_t code, low;
        if (!take_hex(in, &code))
            return false;
        if (code >= 0xD800 && code < 0xDC00) {
            if (in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u')
                return false;
            in->at += 2;
            if (!take_hex(in, &low) || low < 0xDC00 || low > 0xDFFF)
                return false;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        } else if ((code >= 0xDC00 && code < 0xE000) || code == 0) {
            return false;
        }
        *length += put_utf8(to + *length, code);
        return true;
    }
    const char *known = c != '\0' ? strchr(from, c) : NULL;
    if (known == NULL)
        return false;
    to[(*length)++] = into[known - from];
    return true;
}

static const char *take_string(reader *in) {
    if (!take(in, '"'))
        return NULL;
    const char *close = in->at;
    while (close < in->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= in->end)
        return NULL;
    char *to = cw_arena_alloc(in->arena, (size_t)(close - in->at) + 1); // an escape is never shorter than what it means
    size_t length = 0;
    if (to == NULL)
        return NULL;
    while (in->at < close) {
        char c = *in->at++;
        if (c == '\0' || (c == '\\' && !take_escape(in, to, &length)))
            return NULL;
        if (c != '\\')
            to[length++] = c;
    }
    in->at = close + 1;
    to[length] = '\0';
    return to;
}

static bool take_word(reader *in, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, word, size) != 0)
        return false;
    in->at += size;
    return true;
}

static json *take_value(reader *in, int depth);

static bool take_children(reader *in, json *parent, int depth) {
    json **last = &parent->first;
    char close = parent->kind == JSON_OBJECT ? '}' : ']';
    if (take(in, close))
        return true;
    do {
        const char *key = NULL;
        if (parent->kind == JSON_OBJECT && ((key = take_string(in)) == NULL || !take(in, ':')))
            return false;
        json *child = take_value(in, depth + 1);
        if (child == NULL)
            return false;
        child->key = key;
        *last = child;
        last = &child->next;
    } while (take(in, ','));
    return take(in, close);
}

// Recursion ends at DEPTH_MOST.
static json *take_value(reader *in, int depth) {
    json *value = depth < DEPTH_MOST ? cw_arena_alloc(in->arena, sizeof *value) : NULL;
    if (value == NULL)
        return NULL;
    skip_space(in);
    if (in->at == in->end)
        return NULL;
    char c = *in->at;
    if (c == '{' || c == '[') {
        in->at++;
        value->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        return take_children(in, value, depth) ? value : NULL;
    }
    if (c == '"') {
        value->kind = JSON_STRING;
        value->text = take_string(in);
        return value->text != NULL ? value : NULL;
    }
    if (c == 't' || c == 'f' || c == 'n') {
        value->kind = c == 't' ? JSON_TRUE : c == 'f' ? JSON_FALSE : JSON_NULL;
        return take_word(in, c == 't' ? "true" : c == 'f' ? "false" : "null") ? value : NULL;
    }
    const char *start = in->at;
    while (in->at < in->end && ((*in->at >= '0' && *in->at <= '9') || (*in->at != '\0' && strchr("+-.eE", *in->at))))
        in->at++;
    value->kind = JSON_NUMBER;
    return cw_parse_double(start, (size_t)(in->at - start), &value->number) ? value : NULL;
}

const json *json_read(cw_arena *arena, const char *text, size_t size) {
    reader in = {arena, text, text + size};
    const json *value = take_value(&in, 0);
    skip_space(&in);
    return in.at == in.end ? value : NULL;
}

const json *json_get(const json *object, const char *key) {
    if (object == NULL || object->kind != JSON_OBJECT)
        return NULL;
    for (const json *child = object->first; child != NULL; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

double json_number(const json *object, const char *key, double otherwise) {
    const json *value = json_get(object, key);
    return value != NULL && value->kind == JSON_NUMBER ? value->number : otherwise;
}

const char *json_text(const json *object, const char *key, const char *otherwise) {
    const json *value = json_get(object, key);
    return value != NULL && value->kind == JSON_STRING ? value->text : otherwise;
}

bool json_holds(const json *object, const char *key) {
    const json *value = json_get(object, key);
    return value != NULL && value->kind == JSON_TRUE;
}
