// Text to number and back: against the C library in the C locale, and what must be refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 521288629u;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static bool parse(const char *text, double *value) {
    return cw_parse_double(text, strlen(text), value);
}

static void refused(void **context) {
    (void)context;
    static const char *const bad[] = {"",
                                      " ",
                                      ".",
                                      "-",
                                      "+",
                                      "e5",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "nan",
                                      "inf",
                                      "-inf",
                                      "1.2.3",
                                      "1,5",
                                      "12abc",
                                      "1 2",
                                      "--1",
                                      "+-1",
                                      "1e999",
                                      "-1e999",
                                      "1e5.0",
                                      "infinity",
                                      "1e99999999999999999999",
                                      "1.8e308"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double value = 7.0;
        if (parse(bad[i], &value)) {
            fail_msg("'%s' was read as %g", bad[i], value);
        }
    }
    double value;
    assert_false(cw_parse_double("1\0", 2, &value));
}

static void accepted(void **context) {
    (void)context;
    static const char *const good[] = {"0",
                                       "-0",
                                       "1",
                                       "+1",
                                       " 1.5\n",
                                       "\t-2.5e3 ",
                                       "1e308",
                                       "1.7976931348623157e308",
                                       "5e-324",
                                       "2e-324",
                                       "1e-400",
                                       ".5",
                                       "5.",
                                       "0.1",
                                       "1E5",
                                       "00012",
                                       "9007199254740993",
                                       "9007199254740992.999999999999999999999999",
                                       "1e23",
                                       "123456789012345678901234567890",
                                       "0.000000000000000000000000000000000000000000001",
                                       "0e99999999999999",
                                       "8.5e22",
                                       "2.2250738585072011e-308",
                                       "2.2250738585072014e-308",
                                       "6631236846766476e-316",
                                       "4503599627370496.5",
                                       "4503599627370497.5",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "1e-27",
                                       "3e27",
                                       "99999999999999999999e-5"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double value = 7.0, want = strtod(good[i], NULL);
        if (!parse(good[i], &value) || value != want || signbit(value) != signbit(want)) {
            fail_msg("'%s' gave %.17g", good[i], value);
        }
    }
    // A tie decided by a digit far behind: more digits than the copy holds.
    char *text = malloc(3000);
    assert_non_null(text);
    strcpy(text, "9007199254740993.");
    memset(text + 17, '0', 2000);
    strcpy(text + 2017, "1");
    double value;
    assert_true(parse(text, &value) && value == 9007199254740994.0);
    text[2017] = '0';
    assert_true(parse(text, &value) && value == 9007199254740992.0);
    free(text);
}

static void random_numbers_agree(void **context) {
    (void)context;
    for (int i = 0; i < 150000; i++) {
        double number;
        uint64_t bits = draw();
        if (i & 1) {
            memcpy(&number, &bits, sizeof number);
            if (!isfinite(number)) {
                continue;
            }
        } else {
            number = ((double)(bits >> 11) * 0x1p-53 - 0.5) * pow(10.0, (double)(draw() % 40) - 20.0);
        }
        int digits = 1 + (int)(draw() % 17);
        char wanted[64], got[64];
        snprintf(wanted, sizeof wanted, "%.*g", digits, number);
        double back, want = strtod(wanted, NULL);
        assert_int_equal(parse(wanted, &back), isfinite(want));
        assert_true(!isfinite(want) || back == want);
        size_t length = cw_print_double(got, sizeof got, number, digits);
        assert_int_equal(length, strlen(got));
        if (digits <= 15) {
            assert_string_equal(got, wanted);
        } else if (digits == 17) {
            assert_true(strtod(got, NULL) == number);
        }
    }
}

static void printed(void **context) {
    (void)context;
    static const struct {
        double value;
        int digits;
        const char *text;
    } rows[] = {{0.1, 17, "0.1"},
                {0.0, 6, "0"},
                {-0.0, 6, "-0"},
                {1e15, 17, "1e+15"},
                {NAN, 6, "null"},
                {INFINITY, 6, "null"},
                {-INFINITY, 6, "null"},
                {0.5, 1, "0.5"},
                {2.5, 1, "2"},
                {3.5, 1, "4"},
                {9.96, 2, "10"},
                {999999.5, 6, "1e+06"},
                {1e-5, 9, "1e-05"},
                {0.0001, 3, "0.0001"},
                {100.0, 9, "100"},
                {1e300, 3, "1e+300"},
                {5e-324, 17, "4.94065645841247e-324"},
                {0.1 + 0.2, 17, "0.30000000000000004"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        cw_print_double(text, sizeof text, rows[i].value, rows[i].digits);
        assert_string_equal(text, rows[i].text);
    }
}

static void integers(void **context) {
    (void)context;
    int64_t value;
    assert_true(cw_parse_int64("9223372036854775807", 19, &value) && value == INT64_MAX);
    assert_true(cw_parse_int64("-9223372036854775808", 20, &value) && value == INT64_MIN);
    assert_true(cw_parse_int64(" +42 ", 5, &value) && value == 42);
    assert_true(cw_parse_int64("-0", 2, &value) && value == 0);
    assert_false(cw_parse_int64("9223372036854775808", 19, &value));
    assert_false(cw_parse_int64("-9223372036854775809", 20, &value));
    assert_false(cw_parse_int64("99999999999999999999", 20, &value));
    assert_false(cw_parse_int64("1.0", 3, &value) || cw_parse_int64("", 0, &value) || cw_parse_int64("-", 1, &value));
    assert_false(cw_parse_int64("0x1", 3, &value) || cw_parse_int64("1 2", 3, &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused), cmocka_unit_test(accepted), cmocka_unit_test(random_numbers_agree),
        cmocka_unit_test(printed), cmocka_unit_test(integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
