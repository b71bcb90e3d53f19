// Writing XML.
#include "scribe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(cw_scribe *pen, const char *text, size_t length) {
    if (pen->failed || !CW_GROW(pen->bytes, pen->capacity, pen->count + length + 1)) {
        pen->failed = true;
        return;
    }
    memcpy(pen->bytes + pen->count, text, length);
    pen->count += length;
    pen->bytes[pen->count] = '\0';
}

static void word(cw_scribe *pen, const char *text) {
    put(pen, text, strlen(text));
}

static void escaped(cw_scribe *pen, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char code[8];
        if (c == '<' || c == '>' || c == '&' || c == '"' || c < 0x20) {
            snprintf(code, sizeof code, "&#%d;", c);
            word(pen, code);
        } else {
            put(pen, text, 1);
        }
    }
}

static void line(cw_scribe *pen) {
    static const char blanks[] = "                                ";
    word(pen, "\n");
    put(pen, blanks, (size_t)(2 * pen->depth < (int)sizeof blanks ? 2 * pen->depth : (int)sizeof blanks - 1));
}

void cw_scribe_start(cw_scribe *pen, const char *name) {
    if (pen->count == 0)
        word(pen, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    if (pen->open)
        word(pen, ">");
    line(pen);
    word(pen, "<");
    word(pen, name);
    pen->open = true;
    pen->depth++;
}

void cw_scribe_end(cw_scribe *pen, const char *name) {
    pen->depth--;
    if (pen->open) {
        word(pen, "/>");
    } else {
        if (pen->bytes[pen->count - 1] == '>')
            line(pen);
        word(pen, "</");
        word(pen, name);
        word(pen, ">");
    }
    pen->open = false;
    if (pen->depth == 0)
        word(pen, "\n");
}

void cw_scribe_text(cw_scribe *pen, const char *name, const char *value) {
    word(pen, " ");
    word(pen, name);
    word(pen, "=\"");
    escaped(pen, value);
    word(pen, "\"");
}

void cw_scribe_number(cw_scribe *pen, const char *name, double value) {
    char text[40];
    if (isinf(value))
        snprintf(text, sizeof text, "%s", value > 0 ? "INF" : "-INF");
    else
        cw_print_double(text, sizeof text, value, 17);
    cw_scribe_text(pen, name, text);
}

void cw_scribe_whole(cw_scribe *pen, const char *name, int64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    cw_scribe_text(pen, name, text);
}

void cw_scribe_inside(cw_scribe *pen, const char *text) {
    if (pen->open)
        word(pen, ">");
    pen->open = false;
    escaped(pen, text);
}
