// Memory: a chain of zeroed blocks freed as a whole, and arrays that grow.
#include "causeway/base.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)64 * 1024)
#define LARGEST_BLOCK ((size_t)16 * 1024 * 1024) // blocks double up to this, so that little is wasted at the end
#define WIDE 64                                  // alignment of what may hold arrays
#define NARROW 16

typedef struct block {
    struct block *next; // the block before this one in time
    size_t size, used;  // bytes of room behind the header
} block;

struct cw_arena {
    block *top;
    size_t next_size, limit, handed;
};

// calloc leaves fresh pages untouched, so a generous block costs nothing until it is used.
static block *block_new(size_t room) {
    if (room > SIZE_MAX - sizeof(block)) {
        return NULL;
    }
    block *fresh = calloc(1, sizeof(block) + room);
    if (fresh != NULL) {
        fresh->size = room;
    }
    return fresh;
}

cw_arena *cw_arena_new(size_t first, size_t limit) {
    cw_arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) {
        return NULL;
    }
    size_t room = first != 0 ? first : FIRST_BLOCK;
    arena->top = block_new(room);
    if (arena->top == NULL) {
        free(arena);
        return NULL;
    }
    arena->next_size = room < LARGEST_BLOCK / 2 ? room * 2 : LARGEST_BLOCK;
    arena->limit = limit != 0 ? limit : SIZE_MAX;
    return arena;
}

void cw_arena_free(cw_arena *arena) {
    if (arena == NULL) {
        return;
    }
    block *current = arena->top;
    while (current != NULL) {
        block *next = current->next;
        free(current);
        current = next;
    }
    free(arena);
}

// Takes `size` bytes at `alignment` from the block, or NULL.
static void *block_take(block *from, size_t size, size_t alignment) {
    uintptr_t base = (uintptr_t)(from + 1);
    uintptr_t free_at = base + from->used;
    size_t padding = (size_t)(-free_at & (alignment - 1));
    size_t room = from->size - from->used;
    if (padding > room || size > room - padding) {
        return NULL;
    }
    void *taken = (char *)(from + 1) + from->used + padding;
    from->used += padding + size;
    return taken;
}

void *cw_arena_alloc(cw_arena *arena, size_t size) {
    assert(arena != NULL);
    size_t alignment = size >= WIDE ? WIDE : NARROW;
    if (size > arena->limit - arena->handed) {
        return NULL;
    }
    void *taken = block_take(arena->top, size, alignment);
    if (taken == NULL) {
        if (size > SIZE_MAX - WIDE) {
            return NULL;
        }
        size_t room = size + WIDE > arena->next_size ? size + WIDE : arena->next_size;
        block *fresh = block_new(room);
        if (fresh == NULL) {
            return NULL;
        }
        if (arena->next_size < LARGEST_BLOCK) {
            arena->next_size *= 2;
        }
        fresh->next = arena->top;
        arena->top = fresh;
        taken = block_take(fresh, size, alignment);
    }
    arena->handed += size;
    return taken;
}

void *cw_arena_array(cw_arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    return cw_arena_alloc(arena, count * size);
}

char *cw_arena_text(cw_arena *arena, const char *text, size_t length) {
    if (length == SIZE_MAX) {
        return NULL;
    }
    char *copy = cw_arena_alloc(arena, length + 1);
    if (copy != NULL && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

size_t cw_arena_used(const cw_arena *arena) {
    return arena->handed;
}

bool cw_grow_bytes(void **items, size_t *capacity, size_t need, size_t element) {
    assert(element > 0);
    if (need <= *capacity) {
        return true;
    }
    size_t target = *capacity < 8 ? 8 : *capacity > SIZE_MAX / 2 ? need : *capacity * 2;
    if (target < need) {
        target = need;
    }
    if (target > SIZE_MAX / element) {
        return false;
    }
    // *items is some T * in the caller: read and written as bytes, since a void * is another type.
    void *old = NULL;
    memcpy(&old, (void *)items, sizeof old);
    void *fresh = realloc(old, target * element);
    if (fresh == NULL) {
        return false;
    }
    memcpy((void *)items, &fresh, sizeof fresh);
    *capacity = target;
    // cppcheck-suppress memleak ; *items holds it now
    return true;
}
