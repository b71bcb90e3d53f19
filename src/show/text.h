// Text that grows, written fast: numbers go out as whole multiples of a power of ten where that will do.
#ifndef CW_SHOW_TEXT_H
#define CW_SHOW_TEXT_H

#include "causeway/base.h"

#include <string.h>

typedef struct text {
    char *bytes; // from malloc
    size_t count, capacity;
    bool failed; // out of memory; what follows is dropped
} text;

void text_bytes(text *out, const void *bytes, size_t size);
// Here, so that the length of a literal is known when it is compiled.
static inline void text_put(text *out, const char *words) {
    text_bytes(out, words, strlen(words));
}
// With at most `decimals` (0..9) digits after the point, without trailing zeros; NaN and infinities become null. Rounds
// half away from zero.
void text_number(text *out, double value, int decimals);
void text_integer(text *out, int64_t value);
// As a JSON string, quotes and all. For HTML's sake "<" is escaped too. Bytes that are not UTF-8 become U+FFFD.
void text_quoted(text *out, const char *words, size_t size);
void text_base64(text *out, const void *bytes, size_t size);

#endif
