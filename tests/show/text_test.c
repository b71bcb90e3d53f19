#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show/json.h"
#include "show/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void numbers_are_as_printf_rounds_them(void **state) {
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        double value = ((double)(random >> 11) / 9007199254740992.0 - 0.5) * (i % 3 == 0 ? 2e6 : 20.0);
        int decimals = (int)(random >> 8 & 3);
        text out = {0};
        text_number(&out, value, decimals);
        double back;
        assert_true(cw_parse_double(out.bytes, out.count, &back));
        static const double half[] = {0.5, 0.05, 0.005, 0.0005};
        assert_true(fabs(back - value) <= half[decimals] * (1.0 + 1e-9) + 1e-9);
        const char *point = strchr(out.bytes, '.');
        assert_true(point == NULL || (strlen(point) - 1 <= (size_t)decimals && out.bytes[out.count - 1] != '0'));
        free(out.bytes);
    }
    static const struct {
        double value;
        int decimals;
        const char *words;
    } known[] = {{0.0, 2, "0"},       {-0.001, 2, "0"},  {1.5, 0, "2"},      {-1.5, 0, "-2"},  {0.05, 2, "0.05"},
                 {-0.25, 2, "-0.25"}, {100.0, 2, "100"}, {12.30, 2, "12.3"}, {NAN, 2, "null"}, {INFINITY, 1, "null"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        text out = {0};
        text_number(&out, known[i].value, known[i].decimals);
        assert_string_equal(strcmp(out.bytes, "-0") == 0 ? "0" : out.bytes, known[i].words);
        free(out.bytes);
    }
}

static void integers_reach_both_ends(void **state) {
    (void)state;
    static const int64_t values[] = {0, 7, -7, 1000000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        text out = {0};
        text_integer(&out, values[i]);
        char expected[32];
        snprintf(expected, sizeof expected, "%lld", (long long)values[i]);
        assert_string_equal(out.bytes, expected);
        free(out.bytes);
    }
}

static void strings_come_back_through_json(void **state) {
    (void)state;
    static const char *const words[] = {"",
                                        "plain",
                                        "quote \" and \\ and \n and \x01",
                                        "</script><script>alert(1)//",
                                        "보행자 3이 오른쪽에서 건넘",
                                        "\xF0\x9F\x9A\x97"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        text out = {0};
        text_quoted(&out, words[i], strlen(words[i]));
        assert_null(strchr(out.bytes, '<')); // may stand in a page
        cw_arena *arena = cw_arena_new(0, 0);
        const json *back = json_read(arena, out.bytes, out.count);
        assert_non_null(back);
        assert_int_equal(back->kind, JSON_STRING);
        assert_string_equal(back->text, words[i]);
        cw_arena_free(arena);
        free(out.bytes);
    }
    static const char *const broken[] = {"\xFF", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        text out = {0};
        text_quoted(&out, broken[i], strlen(broken[i]));
        assert_non_null(strstr(out.bytes, "\xEF\xBF\xBD"));
        free(out.bytes);
    }
}

static void base64_as_in_rfc_4648(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        text out = {0};
        text_base64(&out, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(out.bytes, pairs[i][1]);
        free(out.bytes);
    }
}

static const json *parse(cw_arena *arena, const char *words) {
    return json_read(arena, words, strlen(words));
}

static void json_is_read(void **state) {
    (void)state;
    cw_arena *arena = cw_arena_new(0, 0);
    const json *root =
        parse(arena, " {\"a\" : [1, -2.5e1, true, null], \"b\":{\"c\":\"\\u00e9\\ud83d\\ude97\"}, \"d\":false} ");
    assert_non_null(root);
    const json *list = json_get(root, "a");
    assert_int_equal(list->kind, JSON_ARRAY);
    assert_true(list->first->number == 1.0 && list->first->next->number == -25.0);
    assert_int_equal(list->first->next->next->kind, JSON_TRUE);
    assert_null(list->first->next->next->next->next);
    assert_string_equal(json_text(json_get(root, "b"), "c", ""), "\xC3\xA9\xF0\x9F\x9A\x97");
    assert_string_equal(json_text(root, "none", "other"), "other");
    assert_true(json_number(NULL, "x", 3.0) == 3.0);
    assert_false(json_holds(root, "d"));
    static const char *const wrong[] = {
        "",    "{",     "[1,]", "{\"a\":}",    "{\"a\" 1}", "[1 2]",     "tru",      "\"open",  "\"\\x\"",
        "1 2", "{1:2}", "[}",   "\"\\ud800\"", "-",         "\"\\u00\"", "[\"a\\\"", "{\"a\":1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(parse(arena, wrong[i]));
    char deep[2048];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_null(parse(arena, deep));
    cw_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_as_printf_rounds_them),
        cmocka_unit_test(integers_reach_both_ends),
        cmocka_unit_test(strings_come_back_through_json),
        cmocka_unit_test(base64_as_in_rfc_4648),
        cmocka_unit_test(json_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
