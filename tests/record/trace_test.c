#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cw_column columns[] = {
    {"actor", CW_U32, 1, ""}, {"kind", CW_U8, 1, ""}, {"x_m", CW_F64, 1, "m"}, {"plan_mps", CW_F32, 3, "m/s"}};
enum { ROW = 4 + 1 + 8 + 12 };

static void types_have_their_sizes(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 1, 2, 4, 4, 8, 8, 4, 8};
    for (int i = CW_U8; i <= CW_F64; i++) {
        assert_int_equal(cw_type_size((cw_type)i), sizes[i]);
        // The name says the size too: the digits at its end are bits.
        const char *name = cw_type_name((cw_type)i);
        assert_int_equal(strtoul(name + strcspn(name, "0123456789"), NULL, 10), 8 * sizes[i]);
    }
}

static void a_row_is_packed(void **state) {
    (void)state;
    cw_trace *trace = cw_trace_new();
    uint32_t channel = cw_trace_rows(trace, "/a/b", columns, 4);
    assert_int_equal(channel, 0);
    assert_int_equal(cw_trace_row_size(trace, channel), ROW);
    assert_int_equal(cw_trace_offset(trace, channel, "actor", CW_U32, 1), 0);
    assert_int_equal(cw_trace_offset(trace, channel, "x_m", CW_F64, 1), 5);
    assert_int_equal(cw_trace_offset(trace, channel, "plan_mps", CW_F32, 3), 13);
    assert_true(cw_trace_offset(trace, channel, "plan_mps", CW_F32, 1) == SIZE_MAX);
    assert_true(cw_trace_offset(trace, channel, "x_m", CW_F32, 1) == SIZE_MAX);
    assert_true(cw_trace_offset(trace, channel, "y_m", CW_F64, 1) == SIZE_MAX);
    assert_true(cw_trace_offset(trace, UINT32_MAX, "x_m", CW_F64, 1) == SIZE_MAX);
    assert_string_equal(cw_trace_schema_name(trace, channel), "a.b");
    const cw_column *back;
    assert_int_equal(cw_trace_columns(trace, channel, &back), 4);
    assert_string_equal(back[3].unit, "m/s");
    assert_ptr_not_equal(back[3].unit, columns[3].unit);
    cw_trace_free(trace);
}

static void a_view_reads_what_is_there(void **state) {
    (void)state;
    cw_trace *trace = cw_trace_new();
    uint32_t channel = cw_trace_rows(trace, "/rows", columns, 4);
    unsigned char rows[2 * ROW];
    for (int i = 0; i < 2 * ROW; i++)
        rows[i] = (unsigned char)i;
    assert_true(cw_trace_add(trace, channel, 0, rows, sizeof rows));
    assert_true(cw_trace_add(trace, channel, 1, rows, ROW));

    // All of it, as it stands there: one piece.
    unsigned char out[64];
    cw_view all = cw_trace_view(trace, "/rows", columns, 4);
    assert_int_equal(all.messages, 2);
    assert_int_equal(cw_view_rows(&all), 3);
    assert_int_equal(all.piece_count, 1);
    cw_view_row(&all, rows + ROW, out);
    assert_memory_equal(out, rows + ROW, ROW);

    // Another order; a name, a type and a count that are not there.
    static const cw_column mine[] = {{"x_m", CW_F64, 1, "m"}, {"lamps", CW_U8, 1, ""},        {"actor", CW_U32, 1, ""},
                                     {"kind", CW_U8, 1, ""},  {"plan_mps", CW_F32, 2, "m/s"}, {"item", CW_U32, 1, ""}};
    cw_view some = cw_trace_view(trace, "/rows", mine, 6);
    memset(out, 7, sizeof out);
    cw_view_row(&some, rows, out);
    assert_memory_equal(out, rows + 5, 8);
    assert_int_equal(out[8], 0);
    assert_memory_equal(out + 9, rows, 5);
    float plan[2];
    uint32_t item;
    memcpy(plan, out + 14, sizeof plan);
    memcpy(&item, out + 22, sizeof item);
    assert_true(isnan(plan[0]) && isnan(plan[1]));
    assert_int_equal(item, UINT32_MAX);
    assert_int_equal(out[26], 7);
    assert_true(cw_view_has(&some, "kind"));
    assert_false(cw_view_has(&some, "lamps"));
    assert_false(cw_view_has(&some, "plan_mps"));

    cw_view none = cw_trace_view(trace, "/none", mine, 6);
    assert_int_equal(none.messages, 0);
    assert_int_equal(cw_view_rows(&none), 0);
    assert_false(cw_view_has(&none, "actor"));
    cw_trace_free(trace);
}

static void a_channel_is_declared_once(void **state) {
    (void)state;
    cw_trace *trace = cw_trace_new();
    uint32_t rows = cw_trace_rows(trace, "/rows", columns, 4);
    uint32_t words = cw_trace_messages(trace, "/words", "json", "w", "jsonschema", "{}");
    assert_int_not_equal(rows, words);
    assert_int_equal(cw_trace_rows(trace, "/rows", columns, 4), rows);
    assert_int_equal(cw_trace_messages(trace, "/words", "json", "w", "jsonschema", "{}"), words);
    assert_int_not_equal(cw_trace_rows(trace, "/rows", columns, 3), rows);
    assert_int_equal(cw_trace_find(trace, "/words"), words);
    assert_int_equal(cw_trace_find(trace, "/none"), UINT32_MAX);
    assert_int_equal(cw_trace_columns(trace, words, NULL), 0);
    assert_int_equal(cw_trace_channel_count(trace), 3);
    cw_trace_free(trace);
}

static void messages_come_back(void **state) {
    (void)state;
    cw_trace *trace = cw_trace_new();
    uint32_t channel = cw_trace_messages(trace, "/bytes", "x-bytes", "", "", "");
    char bytes[257];
    for (int i = 0; i < 257; i++) {
        memset(bytes, i, sizeof bytes);
        assert_true(cw_trace_add(trace, channel, i / 2, bytes, (size_t)i));
    }
    assert_int_equal(cw_trace_count(trace, channel), 257);
    for (int i = 0; i < 257; i++) {
        cw_message message = cw_trace_message(trace, channel, (size_t)i);
        assert_int_equal(message.time_ns, i / 2);
        assert_int_equal(message.size, i);
        for (int k = 0; k < i; k++)
            assert_int_equal(((const uint8_t *)message.bytes)[k], i & 255);
    }
    cw_trace_free(trace);
}

static void keys_and_attachments_come_back(void **state) {
    (void)state;
    cw_trace *trace = cw_trace_new();
    assert_null(cw_trace_get(trace, "seed"));
    assert_true(cw_trace_set(trace, "seed", "1"));
    assert_true(cw_trace_set(trace, "lang", "ko"));
    assert_true(cw_trace_set(trace, "seed", "2"));
    assert_string_equal(cw_trace_get(trace, "seed"), "2");
    assert_string_equal(cw_trace_get(trace, "lang"), "ko");
    assert_true(cw_trace_attach(trace, "a.txt", "text/plain", "abc", 3));
    assert_true(cw_trace_attach(trace, "empty", "x/y", NULL, 0));
    const char *name, *type;
    const void *bytes;
    size_t size;
    assert_true(cw_trace_attachment(trace, 0, &name, &type, &bytes, &size));
    assert_string_equal(name, "a.txt");
    assert_string_equal(type, "text/plain");
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_true(cw_trace_attachment(trace, 1, NULL, NULL, NULL, &size));
    assert_int_equal(size, 0);
    assert_false(cw_trace_attachment(trace, 2, &name, &type, &bytes, &size));
    cw_trace_free(trace);
    cw_trace_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_their_sizes),     cmocka_unit_test(a_row_is_packed),
        cmocka_unit_test(a_view_reads_what_is_there), cmocka_unit_test(a_channel_is_declared_once),
        cmocka_unit_test(messages_come_back),         cmocka_unit_test(keys_and_attachments_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
