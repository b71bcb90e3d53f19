// Elements and attributes of OpenSCENARIO files: values with parameters resolved, errors with positions, and a record of
// what was read, so that whatever was not can be reported.
#include "openscenario.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double most_number = 1e12;

uint32_t cw_osc_add(cw_osc *o, void **items, size_t *capacity, uint32_t *held, size_t more, size_t element) {
    enum { MOST_ROWS = 4000000 };
    if (more > MOST_ROWS || *held + more > MOST_ROWS) {
        cw_osc_fail(o, NULL, NULL, CW_ERR_LIMIT, "more than %d elements of one kind", MOST_ROWS);
        return CW_NONE;
    }
    if (!cw_grow_bytes(items, capacity, *held + more + 1, element)) {
        cw_osc_no_memory(o);
        return CW_NONE;
    }
    uint32_t first = *held;
    memset((char *)*items + (size_t)first * element, 0, more * element);
    *held += (uint32_t)more;
    return first;
}

// ---- errors and notices ----------------------------------------------------------------------------------------------

static void where(const cw_node *node, const char *attr, int *line, int *column) {
    *line = *column = 0;
    if (node == NULL)
        return;
    const cw_node_attr *found = attr != NULL ? cw_node_find(node, attr) : NULL;
    *line = found != NULL ? found->line : node->line;
    *column = found != NULL ? found->column : node->column;
}

bool cw_osc_fail(cw_osc *o, const cw_node *node, const char *attr, cw_status code, const char *format, ...) {
    char text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    int line, column;
    where(node, attr, &line, &column);
    cw_error_set(o->err, code, o->path, line, column, "%s", text);
    return false;
}

bool cw_osc_no_memory(cw_osc *o) {
    return cw_osc_fail(o, NULL, NULL, CW_ERR_MEMORY, "out of memory, or the scenario is too large");
}

void cw_osc_note(cw_osc *o, const cw_node *node, const char *name, const char *text) {
    cw_notices_add(o->notices, o->path, node != NULL ? node->line : 0, node != NULL ? node->column : 0, name, text);
}

void cw_osc_unsupported(cw_osc *o, const cw_node *node, const char *name, const char *text) {
    cw_osc_note(o, node, name, text);
    if (o->unsupported)
        return;
    o->unsupported = true;
    o->first_unsupported = (cw_notice){.path = cw_osc_keep(o, o->path),
                                       .line = node->line,
                                       .column = node->column,
                                       .name = cw_osc_keep(o, name),
                                       .text = cw_osc_keep(o, text)};
}

// ---- what was read ---------------------------------------------------------------------------------------------------

static size_t slot_of(const void **seen, size_t capacity, const void *item) {
    size_t slot = (size_t)((uintptr_t)item >> 3) * 0x9E3779B97F4A7C15u >> 20 & (capacity - 1);
    while (seen[slot] != NULL && seen[slot] != item)
        slot = (slot + 1) & (capacity - 1);
    return slot;
}

void cw_osc_see(cw_osc *o, const void *item) {
    if (o->seen_count * 2 >= o->seen_capacity) {
        size_t capacity = o->seen_capacity == 0 ? 4096 : o->seen_capacity * 2;
        const void **grown = calloc(capacity, sizeof *grown);
        if (grown == NULL) // then it is reported as unread, at worst
            return;
        for (size_t i = 0; i < o->seen_capacity; i++)
            if (o->seen[i] != NULL)
                grown[slot_of(grown, capacity, o->seen[i])] = o->seen[i];
        free(o->seen);
        o->seen = grown;
        o->seen_capacity = capacity;
    }
    size_t slot = slot_of(o->seen, o->seen_capacity, item);
    if (o->seen[slot] == NULL) {
        o->seen[slot] = item;
        o->seen_count++;
    }
}

static bool is_seen(const cw_osc *o, const void *item) {
    return o->seen_capacity > 0 && o->seen[slot_of(o->seen, o->seen_capacity, item)] != NULL;
}

// Depth is limited by the tree's own limit.
void cw_osc_see_all(cw_osc *o, const cw_node *node) {
    cw_osc_see(o, node);
    for (unsigned i = 0; i < node->attr_count; i++)
        cw_osc_see(o, &node->attrs[i]);
    for (const cw_node *child = node->child; child != NULL; child = child->next)
        cw_osc_see_all(o, child);
}

void cw_osc_report_unseen(cw_osc *o, const cw_node *node) {
    char name[160];
    for (unsigned i = 0; i < node->attr_count; i++) {
        const cw_node_attr *attr = &node->attrs[i];
        if (is_seen(o, attr))
            continue;
        snprintf(name, sizeof name, "%.70s@%.70s", node->name, attr->name);
        cw_osc_unsupported(o, node, name, "this attribute is not read");
        cw_osc_see(o, attr);
    }
    for (const cw_node *child = node->child; child != NULL; child = child->next) {
        if (is_seen(o, child)) {
            cw_osc_report_unseen(o, child);
            continue;
        }
        snprintf(name, sizeof name, "%.70s/%.70s", node->name, child->name);
        cw_osc_unsupported(o, child, name, "this element is not read");
        cw_osc_see_all(o, child);
    }
}

const cw_node *cw_osc_child(cw_osc *o, const cw_node *node, const char *name) {
    const cw_node *found = cw_node_child(node, name);
    if (found != NULL)
        cw_osc_see(o, found);
    return found;
}

const cw_node *cw_osc_next(cw_osc *o, const cw_node *node, const char *name) {
    const cw_node *found = cw_node_next(node, name);
    if (found != NULL)
        cw_osc_see(o, found);
    return found;
}

const cw_node *cw_osc_need(cw_osc *o, const cw_node *node, const char *name) {
    const cw_node *found = cw_osc_child(o, node, name);
    if (found == NULL)
        cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<%.60s> needs %s%.60s%s", node->name,
                    name != NULL ? "a <" : "content", name != NULL ? name : "", name != NULL ? ">" : "");
    return found;
}

uint32_t cw_osc_count(const cw_node *node, const char *name) {
    uint32_t count = 0;
    for (const cw_node *child = cw_node_child(node, name); child != NULL; child = cw_node_next(child, name))
        count++;
    return count;
}

bool cw_osc_has(const cw_node *node, const char *name) {
    return cw_node_find(node, name) != NULL;
}

void cw_osc_skip(cw_osc *o, const cw_node *node, const char *name) {
    const cw_node_attr *attr = cw_node_find(node, name);
    if (attr != NULL)
        cw_osc_see(o, attr);
}

// ---- values ----------------------------------------------------------------------------------------------------------

const char *cw_osc_keep(cw_osc *o, const char *text) {
    const char *copy = cw_arena_text(o->arena, text, strlen(text));
    if (copy == NULL)
        cw_osc_no_memory(o);
    return copy;
}

// The resolved value; *out stays NULL where the attribute is missing.
static bool value_of(cw_osc *o, const cw_node *node, const char *name, bool needed, bool texts, const char **out) {
    const cw_node_attr *attr = cw_node_find(node, name);
    *out = NULL;
    if (attr == NULL)
        return !needed ||
               cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<%.60s> needs the attribute '%s'", node->name, name);
    cw_osc_see(o, attr);
    return cw_osc_resolve(o, node, attr, texts, out);
}

bool cw_osc_text(cw_osc *o, const cw_node *node, const char *name, const char **out) {
    const char *text;
    if (!value_of(o, node, name, true, true, &text) || text == NULL)
        return false;
    *out = cw_osc_keep(o, text);
    return *out != NULL;
}

bool cw_osc_text_or(cw_osc *o, const cw_node *node, const char *name, const char *other, const char **out) {
    *out = other;
    return !cw_osc_has(node, name) || cw_osc_text(o, node, name, out);
}

static bool trimmed(const char *text, double *value) {
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\n\r", text[0]) != NULL)
        text++, length--;
    while (length > 0 && strchr(" \t\n\r", text[length - 1]) != NULL)
        length--;
    return cw_parse_double(text, length, value);
}

bool cw_osc_number(cw_osc *o, const cw_node *node, const char *name, double *out) {
    const char *text;
    *out = 0;
    if (!value_of(o, node, name, true, false, &text) || text == NULL)
        return false;
    if (!trimmed(text, out))
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s='%.60s' is not a finite number", name, text);
    if (fabs(*out) > most_number)
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s=%.60s is beyond %g", name, text, most_number);
    return true;
}

bool cw_osc_number_or(cw_osc *o, const cw_node *node, const char *name, double other, double *out) {
    *out = other;
    return !cw_osc_has(node, name) || cw_osc_number(o, node, name, out);
}

bool cw_osc_float_or(cw_osc *o, const cw_node *node, const char *name, double other, float *out) {
    double value;
    if (!cw_osc_number_or(o, node, name, other, &value))
        return false;
    *out = (float)value;
    return true;
}

bool cw_osc_not_negative(cw_osc *o, const cw_node *node, const char *name, double other, double *out) {
    if (!cw_osc_number_or(o, node, name, other, out))
        return false;
    return !(*out < 0) || cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s=%g must not be negative", name, *out);
}

bool cw_osc_limit(cw_osc *o, const cw_node *node, const char *name, double *out) {
    const char *text;
    *out = INFINITY;
    if (!value_of(o, node, name, false, false, &text))
        return false;
    if (text == NULL || strcmp(text, "INF") == 0 || strcmp(text, "+INF") == 0 || strcmp(text, "inf") == 0 ||
        text[0] == '\0')
        return true;
    if (!trimmed(text, out))
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s='%.60s' is not a number", name, text);
    if (*out > most_number)
        *out = INFINITY;
    return *out >= 0 || cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s=%g must not be negative", name, *out);
}

bool cw_osc_integer(cw_osc *o, const cw_node *node, const char *name, int32_t *out) {
    double value;
    *out = 0;
    if (!cw_osc_number(o, node, name, &value))
        return false;
    double whole = rint(value);
    if (fabs(value - whole) > 1e-9 || fabs(whole) > 2147483647.0)
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s=%.9g is not an integer", name, value);
    *out = (int32_t)whole;
    return true;
}

bool cw_osc_integer_or(cw_osc *o, const cw_node *node, const char *name, int32_t other, int32_t *out) {
    *out = other;
    return !cw_osc_has(node, name) || cw_osc_integer(o, node, name, out);
}

bool cw_osc_boolean_or(cw_osc *o, const cw_node *node, const char *name, bool other, bool *out) {
    const char *text;
    *out = other;
    if (!value_of(o, node, name, false, false, &text))
        return false;
    if (text == NULL)
        return true;
    *out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (*out || strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
        return true;
    return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s='%.60s' is neither true nor false", name, text);
}

bool cw_osc_word(cw_osc *o, const cw_node *node, const char *name, const char *const *words, int count, int other,
                 uint8_t *out) {
    const char *text;
    *out = other < 0 ? 0 : (uint8_t)other;
    if (!value_of(o, node, name, other < 0, true, &text))
        return false;
    if (text == NULL)
        return true;
    for (int i = 0; i < count; i++)
        if (words[i][0] != '\0' && strcmp(words[i], text) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s='%.60s' is not one of the words that the standard knows", name,
                       text);
}
