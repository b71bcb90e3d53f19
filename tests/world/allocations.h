// The allocations of this program: included by one file of a test, it counts them where no sanitizer does.
#ifndef TESTS_WORLD_ALLOCATIONS_H
#define TESTS_WORLD_ALLOCATIONS_H

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

static size_t allocations;
#if COUNTS_ALLOCATIONS
// The C library's allocator, counted: these definitions come before its own.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
void *malloc(size_t size) {
    ++allocations;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    ++allocations;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
    ++allocations;
    return __libc_realloc(old, size);
}
#endif

#endif
