#include "expression.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_DEPTH = 64, MOST_ARGUMENTS = 2, MOST_LENGTH = 65536 };

typedef struct parser {
    const char *text;
    size_t length, at;
    int depth;
    const cw_lookup *lookup;
    cw_status status;
    cw_expression_error *error;
} parser;

static bool fail(parser *p, cw_status status, size_t at, const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool fail(parser *p, cw_status status, size_t at, const char *format, ...) {
    if (p->status != CW_OK)
        return false;
    p->status = status;
    p->error->at = at;
    va_list list;
    va_start(list, format);
    vsnprintf(p->error->text, sizeof p->error->text, format, list);
    va_end(list);
    return false;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static void skip_space(parser *p) {
    while (p->at < p->length && is_space(p->text[p->at]))
        p->at++;
}

static char peek(parser *p) {
    skip_space(p);
    return p->at < p->length ? p->text[p->at] : '\0';
}

static bool word_is(const char *word, size_t length, const char *name) {
    return strlen(name) == length && memcmp(word, name, length) == 0;
}

// The word that stands at the parser's place; 0 when none does.
static size_t word_length(parser *p) {
    skip_space(p);
    size_t n = 0;
    while (p->at + n < p->length && is_name(p->text[p->at + n]))
        n++;
    return n;
}

static bool take_word(parser *p, const char *name) {
    size_t n = word_length(p);
    if (!word_is(p->text + p->at, n, name))
        return false;
    p->at += n;
    return true;
}

cw_value cw_value_of(const char *text) {
    cw_value value = {.kind = CW_VALUE_TEXT, .text = text};
    double number;
    if (cw_parse_double(text, strlen(text), &number)) {
        value.kind = CW_VALUE_NUMBER;
        value.number = number;
    } else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        value.kind = CW_VALUE_BOOLEAN;
        value.flag = text[0] == 't';
    }
    return value;
}

static bool need_number(parser *p, const cw_value *value, size_t at) {
    return value->kind == CW_VALUE_NUMBER || fail(p, CW_ERR_INPUT, at, "a number is needed here");
}

static bool need_boolean(parser *p, const cw_value *value, size_t at) {
    return value->kind == CW_VALUE_BOOLEAN || fail(p, CW_ERR_INPUT, at, "true or false is needed here");
}

static bool set_number(parser *p, cw_value *out, double number, size_t at) {
    if (!(fabs(number) <= 1.7976931348623157e308))
        return fail(p, CW_ERR_INPUT, at, "the result is not a finite number");
    *out = (cw_value){.kind = CW_VALUE_NUMBER, .number = number};
    return true;
}

static bool set_boolean(cw_value *out, bool flag) {
    *out = (cw_value){.kind = CW_VALUE_BOOLEAN, .flag = flag};
    return true;
}

// The remainder with the sign of the dividend, as C's %.
static double remainder_of(double x, double y) {
    double rest = x - y * floor(x / y);
    return rest != 0 && (rest < 0) != (x < 0) ? rest - y : rest;
}

typedef enum function_kind {
    F_SQRT,
    F_POW,
    F_ABS,
    F_FLOOR,
    F_CEIL,
    F_ROUND,
    F_MIN,
    F_MAX,
    F_SIGN,
    F_SIN,
    F_COS,
    F_TAN,
    F_ASIN,
    F_ACOS,
    F_ATAN,
    F_COUNT
} function_kind;

static const struct {
    const char *name;
    int arguments;
} functions[F_COUNT] = {{"sqrt", 1},  {"pow", 2}, {"abs", 1},  {"floor", 1}, {"ceil", 1},
                        {"round", 1}, {"min", 2}, {"max", 2},  {"sign", 1},  {"sin", 1},
                        {"cos", 1},   {"tan", 1}, {"asin", 1}, {"acos", 1},  {"atan", 1}};

static double call_function(int which, const double a[MOST_ARGUMENTS]) {
    double x = a[0];
    switch (which) {
    case F_SQRT:
        return x < 0 ? NAN : sqrt(x);
    case F_POW:
        if (a[1] == 2) // the commonest one, exact
            return x * x;
        return cw_pow(x, a[1]);
    case F_ABS:
        return fabs(x);
    case F_FLOOR:
        return floor(x);
    case F_CEIL:
        return ceil(x);
    case F_ROUND: // half away from zero
        return x < 0 ? -floor(0.5 - x) : floor(x + 0.5);
    case F_MIN:
        return cw_min(x, a[1]);
    case F_MAX:
        return cw_max(x, a[1]);
    case F_SIGN:
        return x > 0 ? 1 : x < 0 ? -1 : 0;
    case F_SIN:
        return cw_sin(x);
    case F_COS:
        return cw_cos(x);
    case F_TAN:
        return cw_tan(x);
    case F_ASIN:
        return cw_asin(x);
    case F_ACOS:
        return cw_acos(x);
    default:
        return cw_atan(x);
    }
}

static bool parse_or(parser *p, cw_value *out);

static bool parse_call(parser *p, int which, size_t at, cw_value *out) {
    double arguments[MOST_ARGUMENTS] = {0};
    if (peek(p) != '(')
        return fail(p, CW_ERR_INPUT, p->at, "'(' is missing after %s", functions[which].name);
    p->at++;
    for (int i = 0; i < functions[which].arguments; i++) {
        if (i > 0) {
            if (peek(p) != ',')
                return fail(p, CW_ERR_INPUT, p->at, "%s takes %d arguments", functions[which].name,
                            functions[which].arguments);
            p->at++;
        }
        cw_value value = {0};
        skip_space(p);
        size_t from = p->at;
        if (!parse_or(p, &value) || !need_number(p, &value, from))
            return false;
        arguments[i] = value.number;
    }
    if (peek(p) != ')')
        return fail(p, CW_ERR_INPUT, p->at, "')' is missing");
    p->at++;
    double result = call_function(which, arguments);
    if (result != result)
        return fail(p, CW_ERR_INPUT, at, "%s is not defined for %.9g", functions[which].name, arguments[0]);
    return set_number(p, out, result, at);
}

static bool parse_parameter(parser *p, cw_value *out) {
    size_t at = p->at++;
    size_t n = 0;
    while (p->at + n < p->length && is_name(p->text[p->at + n]))
        n++;
    if (n == 0)
        return fail(p, CW_ERR_INPUT, at, "a name is missing after '$'");
    const char *text = NULL;
    char why[160] = "";
    if (!p->lookup->find(p->lookup->context, p->text + p->at, n, &text, why, sizeof why))
        return fail(p, CW_ERR_INPUT, at, "%s", why);
    p->at += n;
    *out = cw_value_of(text);
    return true;
}

static bool parse_number(parser *p, cw_value *out) {
    size_t from = p->at, to = from;
    const char *t = p->text;
    while (to < p->length && is_digit(t[to]))
        to++;
    if (to < p->length && t[to] == '.')
        to++;
    while (to < p->length && is_digit(t[to]))
        to++;
    if (to < p->length && (t[to] == 'e' || t[to] == 'E')) {
        size_t digits = to + 1;
        if (digits < p->length && (t[digits] == '+' || t[digits] == '-'))
            digits++;
        if (digits < p->length && is_digit(t[digits])) {
            to = digits;
            while (to < p->length && is_digit(t[to]))
                to++;
        }
    }
    double number;
    if (!cw_parse_double(t + from, to - from, &number))
        return fail(p, CW_ERR_INPUT, from, "not a finite number");
    p->at = to;
    *out = (cw_value){.kind = CW_VALUE_NUMBER, .number = number};
    return true;
}

static bool parse_primary(parser *p, cw_value *out) {
    char c = peek(p);
    size_t at = p->at;
    if (c == '\0')
        return fail(p, CW_ERR_INPUT, at, "an operand is missing");
    if (c == '(') {
        p->at++;
        if (!parse_or(p, out))
            return false;
        if (peek(p) != ')')
            return fail(p, CW_ERR_INPUT, p->at, "')' is missing");
        p->at++;
        return true;
    }
    if (c == '$')
        return parse_parameter(p, out);
    if (is_digit(c) || c == '.')
        return parse_number(p, out);
    size_t n = word_length(p);
    const char *word = p->text + at;
    if (n == 0)
        return fail(p, CW_ERR_INPUT, at, "'%c' is not expected here", c >= ' ' && c < 127 ? c : '?');
    p->at += n;
    if (word_is(word, n, "true") || word_is(word, n, "false"))
        return set_boolean(out, word[0] == 't');
    if (word_is(word, n, "pi"))
        return set_number(p, out, CW_PI, at);
    if (word_is(word, n, "e"))
        return set_number(p, out, 2.718281828459045, at);
    for (int i = 0; i < F_COUNT; i++)
        if (word_is(word, n, functions[i].name))
            return parse_call(p, i, at, out);
    return fail(p, CW_ERR_INPUT, at, "'%.*s' is no function and no constant", (int)cw_min((double)n, 60), word);
}

static bool parse_unary(parser *p, cw_value *out) {
    // A chain of signs must not grow the stack.
    bool negative = false, any = false;
    size_t at = 0;
    for (char c = peek(p); c == '-' || c == '+'; c = peek(p)) {
        if (!any)
            at = p->at;
        any = true;
        negative ^= c == '-';
        p->at++;
    }
    if (!parse_primary(p, out))
        return false;
    if (any && !need_number(p, out, at))
        return false;
    if (negative)
        out->number = -out->number;
    return true;
}

static bool parse_product(parser *p, cw_value *out) {
    skip_space(p);
    size_t from = p->at;
    if (!parse_unary(p, out))
        return false;
    for (char c = peek(p); c == '*' || c == '/' || c == '%'; c = peek(p)) {
        size_t at = p->at++;
        cw_value right = {0};
        if (!need_number(p, out, from) || !parse_unary(p, &right) || !need_number(p, &right, at + 1))
            return false;
        if (c != '*' && right.number == 0)
            return fail(p, CW_ERR_INPUT, at, "division by zero");
        double result = c == '*'   ? out->number * right.number
                        : c == '/' ? out->number / right.number
                                   : remainder_of(out->number, right.number);
        if (!set_number(p, out, result, at))
            return false;
    }
    return true;
}

static bool parse_sum(parser *p, cw_value *out) {
    skip_space(p);
    size_t from = p->at;
    if (!parse_product(p, out))
        return false;
    for (char c = peek(p); c == '+' || c == '-'; c = peek(p)) {
        size_t at = p->at++;
        cw_value right = {0};
        if (!need_number(p, out, from) || !parse_product(p, &right) || !need_number(p, &right, at + 1))
            return false;
        if (!set_number(p, out, c == '+' ? out->number + right.number : out->number - right.number, at))
            return false;
    }
    return true;
}

static bool parse_not(parser *p, cw_value *out) {
    bool negated = false, any = false;
    while (take_word(p, "not")) {
        negated = !negated;
        any = true;
    }
    size_t at = p->at;
    if (!parse_sum(p, out))
        return false;
    if (any && !need_boolean(p, out, at))
        return false;
    out->flag = negated ? !out->flag : out->flag;
    return true;
}

static bool parse_and(parser *p, cw_value *out) {
    size_t from = p->at;
    if (!parse_not(p, out))
        return false;
    while (take_word(p, "and")) {
        size_t at = p->at;
        cw_value right = {0};
        if (!need_boolean(p, out, from) || !parse_not(p, &right) || !need_boolean(p, &right, at))
            return false;
        set_boolean(out, out->flag && right.flag);
    }
    return true;
}

static bool parse_or(parser *p, cw_value *out) {
    if (p->depth == MOST_DEPTH)
        return fail(p, CW_ERR_LIMIT, p->at, "nested deeper than %d", MOST_DEPTH);
    p->depth++;
    size_t from = p->at;
    bool good = parse_and(p, out);
    while (good && take_word(p, "or")) {
        size_t at = p->at;
        cw_value right = {0};
        good = need_boolean(p, out, from) && parse_and(p, &right) && need_boolean(p, &right, at);
        if (good)
            set_boolean(out, out->flag || right.flag);
    }
    p->depth--;
    return good;
}

// Texts joined by +, as "$entity_name + trajectory event": each piece is a parameter or stands for itself.
static bool join_texts(const char *text, size_t length, const cw_lookup *lookup, cw_arena *arena, cw_value *out) {
    for (int pass = 0;; pass++) {
        size_t total = 0;
        char *joined = NULL;
        if (pass == 1) {
            joined = (char *)out->text;
        }
        for (size_t from = 0; from <= length;) {
            size_t to = from;
            while (to < length && text[to] != '+')
                to++;
            size_t a = from, b = to;
            while (a < b && is_space(text[a]))
                a++;
            while (b > a && is_space(text[b - 1]))
                b--;
            if (a == b)
                return false;
            const char *piece = text + a;
            size_t n = b - a;
            bool parameter = piece[0] == '$';
            for (size_t i = parameter ? 1 : 0; i < n; i++)
                if (!is_name(piece[i]) && (parameter || (!is_space(piece[i]) && piece[i] != '.' && piece[i] != '-')))
                    return false;
            if (parameter) {
                char why[160];
                if (!lookup->find(lookup->context, text + a + 1, n - 1, &piece, why, sizeof why))
                    return false;
                n = strlen(piece);
            }
            if (joined != NULL)
                memcpy(joined + total, piece, n);
            total += n;
            if (total > MOST_LENGTH)
                return false;
            from = to + 1;
        }
        if (pass == 1)
            return true;
        char *room = cw_arena_alloc(arena, total + 1);
        if (room == NULL)
            return false;
        *out = (cw_value){.kind = CW_VALUE_TEXT, .text = room};
    }
}

cw_status cw_expression_evaluate(const char *text, size_t length, const cw_lookup *lookup, bool texts, cw_arena *arena,
                                 cw_value *out, cw_expression_error *error) {
    parser p = {.text = text, .length = length, .lookup = lookup, .error = error};
    *error = (cw_expression_error){0};
    *out = (cw_value){0};
    if (length > MOST_LENGTH) {
        fail(&p, CW_ERR_LIMIT, 0, "longer than %d bytes", MOST_LENGTH);
        return p.status;
    }
    if (parse_or(&p, out) && peek(&p) != '\0')
        fail(&p, CW_ERR_INPUT, p.at, "an operator is missing here");
    if (p.status == CW_OK && out->kind == CW_VALUE_TEXT) {
        // A single parameter that holds text: its text lives with the scope; keep a copy with the result.
        out->text = cw_arena_text(arena, out->text, strlen(out->text));
        if (out->text == NULL)
            return CW_ERR_MEMORY;
    }
    if (p.status == CW_ERR_INPUT && texts && join_texts(text, length, lookup, arena, out))
        p.status = CW_OK;
    return p.status;
}
