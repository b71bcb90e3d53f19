// Expressions of OpenSCENARIO: values in closed form, places of errors, limits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/expression.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const parameters[][2] = {{"a", "3"},       {"b", "-2.5"}, {"yes", "true"},
                                            {"name", "Lead"}, {"_x1", "7"},  {"big", "1e308"}};

static bool find(void *context, const char *name, size_t length, const char **text, char *why, size_t size) {
    (void)context;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (strlen(parameters[i][0]) == length && memcmp(parameters[i][0], name, length) == 0) {
            *text = parameters[i][1];
            return true;
        }
    snprintf(why, size, "unknown %.*s", (int)length, name);
    return false;
}

static cw_status evaluate(const char *text, bool texts, cw_value *value, cw_expression_error *error) {
    static char held[256];
    cw_lookup lookup = {NULL, find};
    cw_arena *arena = cw_arena_new(0, 0);
    cw_status status = cw_expression_evaluate(text, strlen(text), &lookup, texts, arena, value, error);
    if (status == CW_OK && value->kind == CW_VALUE_TEXT) {
        snprintf(held, sizeof held, "%s", value->text);
        value->text = held;
    }
    cw_arena_free(arena);
    return status;
}

static void numbers_have_their_closed_forms(void **state) {
    (void)state;
    const struct {
        const char *text;
        double value;
    } rows[] = {{"1+2*3", 7},
                {"(1+2)*3", 9},
                {"-$a", -3},
                {"--$a", 3},
                {"2--3", 5},
                {"-2*-3", 6},
                {"7/2", 3.5}, // a true quotient, of integers too
                {"1/6", 1.0 / 6},
                {"7%4", 3},
                {"-7%4", -3},
                {"7%-4", 3},
                {"-7 % -4", -3},
                {"8%4", 0},
                {"7.5 % 2", 1.5},
                {"10-4-3", 3},
                {"16/4/2", 2},
                {"sqrt(2)*sqrt(2)", 2},
                {"pow(2,10)", 1024},
                {"pow(3, 2)", 9},
                {"pow(8,1/3)", 2},
                {"abs($b)", 2.5},
                {"floor(-1.5)", -2},
                {"ceil(-1.5)", -1},
                {"round(2.5)", 3},
                {"round(-2.5)", -3},
                {"min($a,$b)", -2.5},
                {"max($a,$b)", 3},
                {"sign($b)", -1},
                {"sign(0)", 0},
                {"sin(pi/6)", 0.5},
                {"cos(pi/3)", 0.5},
                {"tan(pi/4)", 1},
                {"asin(1)*2", CW_PI},
                {"acos(-1)", CW_PI},
                {"atan(1)*4", CW_PI},
                {"$a*$a+$b*$b", 15.25},
                {" ( $a ) ", 3},
                {"1.5e2 + .5", 150.5},
                {"$_x1*e/e", 7},
                {"2+3*4-5/5%2", 13}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_value value;
        cw_expression_error error;
        assert_int_equal(evaluate(rows[i].text, false, &value, &error), CW_OK);
        assert_int_equal(value.kind, CW_VALUE_NUMBER);
        if (!(fabs(value.number - rows[i].value) <= 1e-12 * (1 + fabs(rows[i].value))))
            fail_msg("%s = %.17g, not %.17g", rows[i].text, value.number, rows[i].value);
    }
}

static void booleans_follow_their_precedence(void **state) {
    (void)state;
    const struct {
        const char *text;
        bool value;
    } rows[] = {{"true", true},
                {"not true", false},
                {"not not $yes", true},
                {"true or false and false", true},
                {"(true or false) and false", false},
                {"not false and false", false},
                {"$yes and not false", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_value value;
        cw_expression_error error;
        assert_int_equal(evaluate(rows[i].text, false, &value, &error), CW_OK);
        assert_int_equal(value.kind, CW_VALUE_BOOLEAN);
        if (value.flag != rows[i].value)
            fail_msg("%s", rows[i].text);
    }
}

static void texts_are_joined_only_where_wanted(void **state) {
    (void)state;
    cw_value value;
    cw_expression_error error;
    assert_int_equal(evaluate("$name + brake event", true, &value, &error), CW_OK);
    assert_string_equal(value.text, "Leadbrake event");
    assert_int_equal(evaluate("HWT + _ + $b", true, &value, &error), CW_OK);
    assert_string_equal(value.text, "HWT_-2.5");
    assert_int_equal(evaluate("$name", true, &value, &error), CW_OK);
    assert_string_equal(value.text, "Lead");
    assert_int_equal(evaluate("$name + brake", false, &value, &error), CW_ERR_INPUT);
    assert_int_equal(evaluate("1 + 2", true, &value, &error), CW_OK);
    assert_int_equal(value.kind, CW_VALUE_NUMBER);
    assert_int_equal(evaluate("$name + $missing", true, &value, &error), CW_ERR_INPUT);
    assert_int_equal(evaluate("$name + sqrt(", true, &value, &error), CW_ERR_INPUT);
}

static void errors_name_their_place(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t at;
        const char *said;
    } rows[] = {{"", 0, "operand"},
                {"1+", 2, "operand"},
                {"1 2", 2, "operator"},
                {"(1", 2, "')'"},
                {"1/0", 1, "zero"},
                {"1%0", 1, "zero"},
                {"2*sqrt(-1)", 2, "not defined"},
                {"acos(2)", 0, "not defined"},
                {"foo(1)", 0, "'foo'"},
                {"1+$zz", 2, "unknown zz"},
                {"pow(2)", 5, "2 arguments"},
                {"$name*2", 0, "number"},
                {"1+true", 2, "number"},
                {"not 1", 4, "true or false"},
                {"1 and true", 0, "true or false"},
                {"$big*10", 4, "finite"},
                {"1e400", 0, "finite"},
                {"$", 0, "name"},
                {"1 # 2", 2, "operator"},
                {"\xff", 0, "not expected"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_value value;
        cw_expression_error error;
        assert_int_equal(evaluate(rows[i].text, false, &value, &error), CW_ERR_INPUT);
        if (error.at != rows[i].at || strstr(error.text, rows[i].said) == NULL)
            fail_msg("'%s' at %zu: %s", rows[i].text, error.at, error.text);
    }
}

static void depth_is_limited_and_length_is_not_depth(void **state) {
    (void)state;
    char text[8192];
    cw_value value;
    cw_expression_error error;
    memset(text, '(', 1000);
    text[1000] = '1';
    memset(text + 1001, ')', 1000);
    text[2001] = '\0';
    assert_int_equal(evaluate(text, true, &value, &error), CW_ERR_LIMIT);
    memset(text, '-', 4000); // an even number of signs
    strcpy(text + 4000, "5");
    assert_int_equal(evaluate(text, true, &value, &error), CW_OK);
    assert_true(value.number == 5);
    text[0] = '1';
    for (int i = 0; i < 2000; i++)
        memcpy(text + 1 + 2 * i, "+1", 3);
    assert_int_equal(evaluate(text, true, &value, &error), CW_OK);
    assert_true(value.number == 2001);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_their_closed_forms),          cmocka_unit_test(booleans_follow_their_precedence),
        cmocka_unit_test(texts_are_joined_only_where_wanted),       cmocka_unit_test(errors_name_their_place),
        cmocka_unit_test(depth_is_limited_and_length_is_not_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
