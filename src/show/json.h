// JSON that traces hold (words, scene, verdict), read into a tree. Bounded in depth, and in size by its text.
#ifndef CW_SHOW_JSON_H
#define CW_SHOW_JSON_H

#include "causeway/base.h"

typedef enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} json_kind;

typedef struct json {
    json_kind kind;
    const char *key;  // within an object, else NULL
    const char *text; // string, terminated
    double number;
    struct json *first, *next; // children; the next of the same parent
} json;

// NULL when the text is not JSON, is deeper than 32 or memory is out. The tree lives in the arena.
const json *json_read(cw_arena *arena, const char *text, size_t size);
// All of these take NULL for a value that is not there.
const json *json_get(const json *object, const char *key);
double json_number(const json *object, const char *key, double otherwise);
const char *json_text(const json *object, const char *key, const char *otherwise);
bool json_holds(const json *object, const char *key);

#endif
