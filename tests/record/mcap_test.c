#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sample.h"

#include <zlib.h>
#include <zstd.h>
#ifdef CW_HAVE_LZ4
#include <lz4frame.h>
#endif

static void same(const cw_trace *a, const cw_trace *b) {
    assert_int_equal(cw_trace_channel_count(a), cw_trace_channel_count(b));
    for (uint32_t c = 0; c < cw_trace_channel_count(a); c++) {
        assert_string_equal(cw_trace_name(a, c), cw_trace_name(b, c));
        assert_string_equal(cw_trace_schema_name(a, c), cw_trace_schema_name(b, c));
        const cw_column *left, *right;
        uint32_t count = cw_trace_columns(a, c, &left);
        assert_int_equal(count, cw_trace_columns(b, c, &right));
        for (uint32_t i = 0; i < count; i++) {
            assert_string_equal(left[i].name, right[i].name);
            assert_string_equal(left[i].unit, right[i].unit);
            assert_int_equal(left[i].type, right[i].type);
            assert_int_equal(left[i].count, right[i].count);
        }
        assert_int_equal(cw_trace_row_size(a, c), cw_trace_row_size(b, c));
        assert_int_equal(cw_trace_count(a, c), cw_trace_count(b, c));
        for (size_t i = 0; i < cw_trace_count(a, c); i++) {
            cw_message m = cw_trace_message(a, c, i), n = cw_trace_message(b, c, i);
            assert_int_equal(m.time_ns, n.time_ns);
            assert_int_equal(m.size, n.size);
            assert_memory_equal(m.bytes, n.bytes, m.size);
        }
    }
    assert_int_equal(cw_trace_attachment_count(a), cw_trace_attachment_count(b));
    for (uint32_t i = 0; i < cw_trace_attachment_count(a); i++) {
        const char *name[2], *type[2];
        const void *bytes[2];
        size_t size[2];
        assert_true(cw_trace_attachment(a, i, &name[0], &type[0], &bytes[0], &size[0]));
        assert_true(cw_trace_attachment(b, i, &name[1], &type[1], &bytes[1], &size[1]));
        assert_string_equal(name[0], name[1]);
        assert_string_equal(type[0], type[1]);
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
    }
    assert_string_equal(cw_trace_get(a, "seed"), cw_trace_get(b, "seed"));
    assert_string_equal(cw_trace_get(a, "command"), cw_trace_get(b, "command"));
}

static char *saved(const cw_trace *trace, size_t *size) {
    cw_error err = {0};
    char *bytes = NULL;
    assert_int_equal(cw_trace_save(trace, sample_path("trace.mcap"), &err), CW_OK);
    assert_int_equal(cw_file_read(sample_path("trace.mcap"), 0, &bytes, size, &err), CW_OK);
    return bytes;
}

static cw_status status_of(const void *bytes, size_t size) {
    cw_trace *trace = NULL;
    cw_error err = {0};
    cw_status status = cw_trace_read(bytes, size, "t.mcap", &trace, &err);
    assert_int_equal(status == CW_OK, trace != NULL);
    assert_int_equal(status, err.code);
    if (status != CW_OK) {
        assert_string_equal(err.path, "t.mcap");
        assert_true(err.text[0] != '\0');
    }
    cw_trace_free(trace);
    return status;
}

static void a_trace_comes_back(void **state) {
    (void)state;
    // One chunk, several chunks, and nothing at all.
    static const int ticks[] = {7, 900, 0};
    for (int i = 0; i < 3; i++) {
        cw_trace *trace = sample_trace(ticks[i]), *back = NULL;
        size_t size, again;
        char *bytes = saved(trace, &size);
        cw_error err = {0};
        assert_int_equal(cw_trace_read(bytes, size, "t.mcap", &back, &err), CW_OK);
        same(trace, back);
        // What was read is written as the same bytes again.
        char *second = saved(back, &again);
        assert_int_equal(size, again);
        assert_memory_equal(bytes, second, size);
        free(bytes);
        free(second);
        cw_trace_free(back);
        cw_trace_free(trace);
    }
}

// ---- the container, walked by the specification alone ----------------------------------------------------------------

static uint64_t number(const char *at, unsigned size) {
    uint64_t value = 0;
    memcpy(&value, at, size);
    return value;
}

static void every_index_points_where_it_says(void **state) {
    (void)state;
    cw_trace *trace = sample_trace(900);
    size_t size;
    char *bytes = saved(trace, &size);
    static const char magic[] = "\x89MCAP0\r\n";
    assert_memory_equal(bytes, magic, 8);
    assert_memory_equal(bytes + size - 8, magic, 8);
    const char *footer = bytes + size - 8 - 29;
    assert_int_equal(footer[0], 2);
    assert_int_equal(number(footer + 1, 8), 20);
    uint64_t summary = number(footer + 9, 8), offsets = number(footer + 17, 8);
    assert_int_equal(number(footer + 25, 4), crc32(0, (const Bytef *)bytes + summary, (uInt)(size - 8 - 4 - summary)));
    // Data end stands right before the summary and sums up all before itself.
    const char *data_end = bytes + summary - 13;
    assert_int_equal(data_end[0], 15);
    assert_int_equal(number(data_end + 9, 4), crc32(0, (const Bytef *)bytes, (uInt)(data_end - bytes)));
    // Each group of the summary holds records of its own kind only, and the groups fill the summary.
    uint64_t at = summary;
    uint32_t chunks = 0;
    uint64_t messages = 0;
    for (const char *record = bytes + offsets; record < footer; record += 9 + number(record + 1, 8)) {
        assert_int_equal(record[0], 14);
        uint8_t opcode = (uint8_t)record[9];
        assert_int_equal(number(record + 10, 8), at);
        uint64_t end = at + number(record + 18, 8);
        for (; at < end; at += 9 + number(bytes + at + 1, 8)) {
            const char *item = bytes + at + 9;
            assert_int_equal(bytes[at], opcode);
            if (opcode == 8) { // a chunk index: its chunk, that chunk's message indexes, each of their messages
                chunks++;
                const char *chunk = bytes + number(item + 16, 8);
                assert_int_equal(chunk[0], 6);
                assert_int_equal(9 + number(chunk + 1, 8), number(item + 24, 8));
                size_t unpacked = number(chunk + 9 + 16, 8), packed = number(chunk + 9 + 16 + 8 + 4 + 8, 8);
                char *records = malloc(unpacked);
                assert_int_equal(ZSTD_decompress(records, unpacked, chunk + 9 + 16 + 8 + 4 + 8 + 8, packed), unpacked);
                assert_int_equal(crc32(0, (const Bytef *)records, (uInt)unpacked), number(chunk + 9 + 24, 4));
                uint32_t map = (uint32_t)number(item + 32, 4);
                for (const char *pair = item + 36; pair < item + 36 + map; pair += 10) {
                    const char *index = bytes + number(pair + 2, 8);
                    assert_int_equal(index[0], 7);
                    assert_int_equal(number(index + 9, 2), number(pair, 2));
                    uint32_t listed = (uint32_t)number(index + 11, 4);
                    for (const char *stamp = index + 15; stamp < index + 15 + listed; stamp += 16) {
                        const char *message = records + number(stamp + 8, 8);
                        assert_int_equal(message[0], 5);
                        assert_int_equal(number(message + 9, 2), number(pair, 2));
                        assert_int_equal(number(message + 15, 8), number(stamp, 8));
                        assert_true(number(stamp, 8) >= number(item, 8) && number(stamp, 8) <= number(item + 8, 8));
                        messages++;
                    }
                }
                free(records);
            } else if (opcode == 10) {
                assert_int_equal(bytes[number(item, 8)], 9);
                assert_int_equal(9 + number(bytes + number(item, 8) + 1, 8), number(item + 8, 8));
            } else if (opcode == 13) {
                assert_int_equal(bytes[number(item, 8)], 12);
                assert_int_equal(9 + number(bytes + number(item, 8) + 1, 8), number(item + 8, 8));
            }
        }
        assert_int_equal(at, end);
    }
    assert_int_equal(at, offsets);
    assert_true(chunks > 1);
    assert_int_equal(messages, cw_trace_count(trace, 0) + cw_trace_count(trace, 1) + cw_trace_count(trace, 2));
    free(bytes);
    cw_trace_free(trace);
}

// ---- damage ----------------------------------------------------------------------------------------------------------

static void no_length_is_enough_but_the_whole(void **state) {
    (void)state;
    cw_trace *trace = sample_trace(3);
    size_t size;
    char *bytes = saved(trace, &size);
    assert_int_equal(status_of(bytes, size), CW_OK);
    for (size_t cut = 0; cut < size; cut += cut < 700 || size - cut < 700 ? 1 : 13) {
        char *copy = malloc(cut + 1); // of its own size, so that a sanitizer sees every step beyond it
        memcpy(copy, bytes, cut);
        assert_int_equal(status_of(copy, cut), CW_ERR_INPUT);
        free(copy);
    }
    free(bytes);
    cw_trace_free(trace);
}

static void every_changed_byte_is_noticed(void **state) {
    (void)state;
    cw_trace *trace = sample_trace(3);
    size_t size;
    char *bytes = saved(trace, &size);
    for (size_t i = 0; i < size; i += i < 900 || size - i < 1500 ? 1 : 7) {
        bytes[i] = (char)(bytes[i] ^ 0x41);
        assert_int_not_equal(status_of(bytes, size), CW_OK);
        bytes[i] = (char)(bytes[i] ^ 0x41);
    }
    free(bytes);
    cw_trace_free(trace);
}

typedef struct maker {
    char bytes[1 << 16];
    size_t count;
} maker;

static void put(maker *out, const void *bytes, size_t size) {
    assert_true(out->count + size <= sizeof out->bytes);
    memcpy(out->bytes + out->count, bytes, size);
    out->count += size;
}

static void put_number(maker *out, uint64_t value, unsigned size) {
    put(out, &value, size);
}

static void put_text(maker *out, const char *text) {
    put_number(out, strlen(text), 4);
    put(out, text, strlen(text));
}

static void put_record(maker *out, uint8_t opcode, const maker *body) {
    put_number(out, opcode, 1);
    put_number(out, body->count, 8);
    put(out, body->bytes, body->count);
}

static void put_start(maker *out) {
    maker body = {.count = 0};
    put(out, "\x89MCAP0\r\n", 8);
    put_text(&body, "ros2");
    put_text(&body, "another program");
    put_record(out, 1, &body);
}

static void put_end(maker *out) { // a footer without summary
    maker body = {.count = 0};
    put_number(&body, 0, 8);
    put_number(&body, 0, 8);
    put_number(&body, 0, 4);
    put_record(out, 2, &body);
    put(out, "\x89MCAP0\r\n", 8);
}

static void put_channel_record(maker *out, uint16_t id, const char *topic, const char *encoding) {
    maker body = {.count = 0};
    put_number(&body, id, 2);
    put_number(&body, 0, 2);
    put_text(&body, topic);
    put_text(&body, encoding);
    put_number(&body, 0, 4);
    put_record(out, 4, &body);
}

static void put_message_record(maker *out, uint16_t id, uint64_t time, const char *text) {
    maker body = {.count = 0};
    put_number(&body, id, 2);
    put_number(&body, 0, 4);
    put_number(&body, time, 8);
    put_number(&body, time, 8);
    put(&body, text, strlen(text));
    put_record(out, 5, &body);
}

static void put_chunk_of(maker *out, const maker *records, const char *compression, uint64_t claimed, uint32_t crc) {
    maker body = {.count = 0};
    put_number(&body, 0, 8);
    put_number(&body, 0, 8);
    put_number(&body, claimed, 8);
    put_number(&body, crc, 4);
    put_text(&body, compression);
    put_number(&body, records->count, 8);
    put(&body, records->bytes, records->count);
    put_record(out, 6, &body);
}

static void put_chunk_record(maker *out, const maker *records, const char *compression, uint64_t claimed) {
    put_chunk_of(out, records, compression, claimed, 0); // 0: no check sum
}

// Numbers that are far apart, no chunk, messages out of order, unknown records, no summary: all of it is allowed.
static void files_of_others_are_read(void **state) {
    (void)state;
    static maker file, records;
    file.count = records.count = 0;
    put_start(&file);
    put_channel_record(&file, 65535, "/late", "cdr");
    put_message_record(&file, 65535, 30, "third");
    put_record(&file, 0x80, &(maker){.bytes = "private", .count = 7});
    put_channel_record(&records, 700, "/other", "json");
    put_message_record(&records, 65535, 10, "first");
    put_message_record(&records, 700, 5, "{}");
    put_message_record(&records, 65535, 10, "second");
    put_chunk_record(&file, &records, "", records.count);
    put_end(&file);
    cw_trace *trace = NULL;
    cw_error err = {0};
    assert_int_equal(cw_trace_read(file.bytes, file.count, "t.mcap", &trace, &err), CW_OK);
    assert_int_equal(cw_trace_channel_count(trace), 2);
    uint32_t late = cw_trace_find(trace, "/late");
    static const char *const texts[] = {"first", "second", "third"};
    assert_int_equal(cw_trace_count(trace, late), 3);
    for (size_t i = 0; i < 3; i++) {
        cw_message message = cw_trace_message(trace, late, i);
        assert_int_equal(message.size, strlen(texts[i]));
        assert_memory_equal(message.bytes, texts[i], message.size);
    }
    cw_trace_free(trace);
}

// A chunk that lz4 packed: read as it was; a frame that is cut short, or holds more or less than the chunk states, is not.
static void lz4_is_read(void **state) {
    (void)state;
    static maker file, records, packed;
    records.count = 0;
    put_channel_record(&records, 1, "/a", "json");
    for (int i = 0; i < 40; i++)
        put_message_record(&records, 1, (uint64_t)i, "{\"again\":\"and again\"}");
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)records.bytes, (uInt)records.count);
#ifdef CW_HAVE_LZ4
    LZ4F_preferences_t how = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    size_t size = LZ4F_compressFrame(packed.bytes, sizeof packed.bytes, records.bytes, records.count, &how);
    assert_false(LZ4F_isError(size));
    assert_true(size < records.count / 2);
    static const struct {
        size_t cut;
        int more;
        cw_status status;
    } cases[] = {
        {0, 0, CW_OK}, {1, 0, CW_ERR_INPUT}, {40, 0, CW_ERR_INPUT}, {0, 1, CW_ERR_INPUT}, {0, -1, CW_ERR_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        packed.count = size - cases[i].cut;
        file.count = 0;
        put_start(&file);
        put_chunk_of(&file, &packed, "lz4", (uint64_t)((int64_t)records.count + cases[i].more), crc);
        put_end(&file);
        assert_int_equal(status_of(file.bytes, file.count), cases[i].status);
    }
    packed.count = size;
    file.count = 0;
    put_start(&file);
    put_chunk_of(&file, &packed, "lz4", records.count, crc);
    put_end(&file);
    cw_trace *trace = NULL;
    cw_error err = {0};
    assert_int_equal(cw_trace_read(file.bytes, file.count, "t.mcap", &trace, &err), CW_OK);
    uint32_t channel = cw_trace_find(trace, "/a");
    assert_int_equal(cw_trace_count(trace, channel), 40);
    cw_message last = cw_trace_message(trace, channel, 39);
    assert_int_equal(last.time_ns, 39);
    assert_memory_equal(last.bytes, "{\"again\":\"and again\"}", last.size);
    cw_trace_free(trace);
#else
    packed = records;
    file.count = 0;
    put_start(&file);
    put_chunk_of(&file, &packed, "lz4", records.count, crc);
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_UNSUPPORTED);
#endif
}

static void bombs_are_refused(void **state) {
    (void)state;
    static maker file, packed;
    // 64 MiB of zeros in a few kilobytes.
    size_t zeros = (size_t)64 << 20;
    char *nothing = calloc(zeros, 1);
    packed.count = ZSTD_compress(packed.bytes, sizeof packed.bytes, nothing, zeros, 19);
    assert_false(ZSTD_isError(packed.count));
    free(nothing);
    file.count = 0;
    put_start(&file);
    put_chunk_record(&file, &packed, "zstd", zeros);
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_LIMIT);
    // A claim that is larger than any memory, and one that is smaller than the content.
    static const uint64_t claims[] = {UINT64_MAX, (uint64_t)1 << 40, 100};
    for (int i = 0; i < 3; i++) {
        file.count = 0;
        put_start(&file);
        put_chunk_record(&file, &packed, "zstd", claims[i]);
        put_end(&file);
        assert_int_equal(status_of(file.bytes, file.count), claims[i] > zeros ? CW_ERR_LIMIT : CW_ERR_INPUT);
    }
    // Thirty chunks, each within its own limit, and too much together.
    maker *small = calloc(1, sizeof *small);
    zeros = (size_t)9 << 20; // whole records: each is nine zeros
    nothing = calloc(zeros, 1);
    small->count = ZSTD_compress(small->bytes, sizeof small->bytes, nothing, zeros, 19);
    free(nothing);
    file.count = 0;
    put_start(&file);
    for (int i = 0; i < 30; i++)
        put_chunk_record(&file, small, "zstd", zeros);
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_LIMIT);
    free(small);
}

static void faults_have_names(void **state) {
    (void)state;
    static maker file, records;
    assert_int_equal(status_of("", 0), CW_ERR_INPUT);
    assert_int_equal(status_of("<OpenSCENARIO/>  ", 17), CW_ERR_INPUT);
    file.count = 0; // a message of no channel
    put_start(&file);
    put_message_record(&file, 1, 0, "x");
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_INPUT);
    file.count = 0; // rows without a schema that says what they are
    put_start(&file);
    put_channel_record(&file, 1, "/rows", "x-causeway-rows");
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_INPUT);
    file.count = records.count = 0; // a compression that we do not have
    put_start(&file);
    put_channel_record(&records, 1, "/a", "json");
    put_chunk_record(&file, &records, "lzma", records.count);
    put_end(&file);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_UNSUPPORTED);
    // A chunk's own check sum, with no other that would tell.
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)records.bytes, (uInt)records.count);
    for (uint32_t wrong = 0; wrong < 2; wrong++) {
        file.count = 0;
        put_start(&file);
        put_chunk_of(&file, &records, "", records.count, crc ^ wrong);
        put_end(&file);
        assert_int_equal(status_of(file.bytes, file.count), wrong ? CW_ERR_INPUT : CW_OK);
    }
    file.count = 0; // no footer
    put_start(&file);
    put_channel_record(&file, 1, "/a", "json");
    put(&file, "\x89MCAP0\r\n", 8);
    assert_int_equal(status_of(file.bytes, file.count), CW_ERR_INPUT);
}

static void nothing_half_written(void **state) {
    (void)state;
    cw_trace *trace = sample_trace(1);
    cw_error err = {0};
    assert_int_equal(cw_trace_save(trace, "/nonexistent/folder/t.mcap", &err), CW_ERR_IO);
    assert_string_equal(err.path, "/nonexistent/folder/t.mcap");
    cw_trace_free(trace);
}

static int clean(void **state) {
    (void)state;
    static const char *const names[] = {"trace.mcap"};
    sample_clean(names, 1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_comes_back),
        cmocka_unit_test(every_index_points_where_it_says),
        cmocka_unit_test(no_length_is_enough_but_the_whole),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(files_of_others_are_read),
        cmocka_unit_test(lz4_is_read),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(faults_have_names),
        cmocka_unit_test(nothing_half_written),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
