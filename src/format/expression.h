// OpenSCENARIO's ${...} expressions: numbers, booleans, parameters ($Name), + - * / %, and or not, functions, and, for
// names that simulators compose, texts joined by +. Private to format.
#ifndef CAUSEWAY_FORMAT_EXPRESSION_H
#define CAUSEWAY_FORMAT_EXPRESSION_H

#include "causeway/base.h"

typedef enum cw_value_kind { CW_VALUE_NUMBER, CW_VALUE_BOOLEAN, CW_VALUE_TEXT } cw_value_kind;

typedef struct cw_value {
    uint8_t kind;     // cw_value_kind
    double number;    // finite
    bool flag;        // boolean
    const char *text; // text: in the arena given
} cw_value;

// How a parameter's text is found. True with *text set (terminated, lives as long as the evaluation), false when there
// is none; then `why` (size bytes, terminated) says so.
typedef struct cw_lookup {
    void *context;
    bool (*find)(void *context, const char *name, size_t length, const char **text, char *why, size_t size);
} cw_lookup;

typedef struct cw_expression_error {
    size_t at; // byte offset in the expression
    char text[200];
} cw_expression_error;

// Evaluates text[0..length), what stands between "${" and "}". texts: may the result be text? Nesting is limited to 64.
// CW_OK, CW_ERR_INPUT, CW_ERR_LIMIT or CW_ERR_MEMORY with *error filled.
cw_status cw_expression_evaluate(const char *text, size_t length, const cw_lookup *lookup, bool texts, cw_arena *arena,
                                 cw_value *out, cw_expression_error *error);

// The value that a plain text stands for: a number, true or false, else text (not copied).
cw_value cw_value_of(const char *text);

#endif
