#include "causeway/format.h"

#include <stdlib.h>
#include <string.h>

// Names come from the file: a hostile one must not make the list grow without end.
enum { MOST_NOTICES = 256 };

struct cw_notices {
    cw_arena *arena;
    uint32_t count;
    cw_notice items[MOST_NOTICES];
};

cw_notices *cw_notices_new(void) {
    cw_notices *notices = calloc(1, sizeof *notices);
    if (notices == NULL)
        return NULL;
    notices->arena = cw_arena_new(4096, (size_t)1 << 22);
    if (notices->arena == NULL) {
        free(notices);
        return NULL;
    }
    return notices;
}

void cw_notices_free(cw_notices *notices) {
    if (notices == NULL)
        return;
    cw_arena_free(notices->arena);
    free(notices);
}

void cw_notices_add(cw_notices *notices, const char *path, int line, int column, const char *name, const char *text) {
    if (notices == NULL)
        return;
    for (uint32_t i = 0; i < notices->count; i++) {
        cw_notice *item = &notices->items[i];
        if (strcmp(item->name, name) == 0 && strcmp(item->text, text) == 0) {
            item->count++;
            return;
        }
    }
    if (notices->count == MOST_NOTICES) {
        notices->items[MOST_NOTICES - 1].count++;
        return;
    }
    if (notices->count == MOST_NOTICES - 1) {
        name = "...";
        text = "further kinds of notices";
    }
    cw_notice item = {.path = cw_arena_text(notices->arena, path != NULL ? path : "", path != NULL ? strlen(path) : 0),
                      .line = line,
                      .column = column,
                      .name = cw_arena_text(notices->arena, name, strnlen(name, 256)),
                      .text = cw_arena_text(notices->arena, text, strnlen(text, 512)),
                      .count = 1};
    if (item.path != NULL && item.name != NULL && item.text != NULL)
        notices->items[notices->count++] = item;
}

uint32_t cw_notices_count(const cw_notices *notices) {
    return notices != NULL ? notices->count : 0;
}

const cw_notice *cw_notices_at(const cw_notices *notices, uint32_t index) {
    return &notices->items[index];
}

bool cw_notices_copy(const cw_notices *notices, cw_arena *arena, const cw_notice **items, uint32_t *count) {
    uint32_t n = cw_notices_count(notices);
    cw_notice *copy = cw_arena_array(arena, n, sizeof *copy);
    if (copy == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const cw_notice *from = &notices->items[i];
        copy[i] = *from;
        copy[i].path = cw_arena_text(arena, from->path, strlen(from->path));
        copy[i].name = cw_arena_text(arena, from->name, strlen(from->name));
        copy[i].text = cw_arena_text(arena, from->text, strlen(from->text));
        if (copy[i].path == NULL || copy[i].name == NULL || copy[i].text == NULL)
            return false;
    }
    *items = copy;
    *count = n;
    return true;
}
