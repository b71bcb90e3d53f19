// What a driver in another process may send: read, or refused with its cause; whatever the bytes, nothing that is not
// finite or not a known word comes out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drive/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static message read_one; // large

// Read from exactly so many bytes, so that reading on is seen.
static bool reads_bytes(const char *bytes, size_t count, char why[224]) {
    char *exact = malloc(count + 1);
    memcpy(exact, bytes, count);
    bool read = message_read(exact, count, &read_one, why);
    free(exact);
    if (!read) {
        assert_true(why[0] != 0 && strlen(why) < 224);
        return false;
    }
    const cw_decision *d = &read_one.decision;
    float sum = d->control.accel * 0 + d->control.steer * 0 + d->reason.accel * 0 + d->reason.speed * 0;
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        sum +=
            d->trajectory.x[i] * 0 + d->trajectory.y[i] * 0 + d->trajectory.heading[i] * 0 + d->trajectory.speed[i] * 0;
    assert_true(sum == 0);
    const cw_reason *r = &d->reason;
    assert_true(r->longitudinal <= CW_EMERGENCY_BRAKE && r->lateral <= CW_PULL_OVER && r->kind <= 2);
    assert_true(r->count <= CW_CAUSES);
    for (int i = 0; i < r->count; i++)
        assert_true(r->cause[i].kind <= CW_CAUSE_SURFACE && r->cause[i].relation <= CW_REL_MISSED &&
                    r->cause[i].quantity <= CW_Q_FRICTION && isfinite(r->cause[i].value));
    assert_true(read_one.state_count <= MESSAGE_STATE_MOST && strlen(read_one.text) < sizeof read_one.text);
    return true;
}

static bool reads(const char *text) {
    char why[224];
    return reads_bytes(text, strlen(text), why);
}

static void refused(const char *text, const char *cause) {
    char why[224];
    if (reads_bytes(text, strlen(text), why))
        fail_msg("it is read: %s", text);
    if (!strstr(why, cause))
        fail_msg("'%s' where '%s' is asked for", why, cause);
}

// 64 numbers, the fourth of which is as given.
static const char *series(const char *fourth) {
    static char text[4][1024];
    static int next;
    char *at = text[next++ % 4], *begin = at;
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        at += i == 3 ? sprintf(at, ",%s", fourth) : sprintf(at, "%s%.1f", i ? "," : "[", 0.5 * (i + 1));
    sprintf(at, "]");
    return begin;
}

static char *drive(const char *x, const char *more) {
    static char text[8192];
    snprintf(text, sizeof text, "{\"type\":\"drive\",\"step\":7,\"x_m\":%s,\"y_m\":%s,\"speed_mps\":%s%s}", x,
             series("2"), series("2"), more);
    return text;
}

#define REASON                                                                                                         \
    ",\"accel_mps2\":-1.5,\"steer_rad\":0.01,\"lamps\":[\"brake\",\"left\"],\"reason\":{\"longitudinal\":"             \
    "\"follow_lead\",\"lateral\":\"keep_lane\",\"causes\":[{\"kind\":\"vehicle\",\"relation\":\"ahead\",\"id\":3,"     \
    "\"quantity\":\"gap_m\",\"value\":21.5}]}"

static void a_drive_is_read(void **state) {
    (void)state;
    assert_true(reads(drive(series("2"), "")));
    assert_int_equal(read_one.kind, MESSAGE_DRIVE);
    assert_true(read_one.decision.valid && !read_one.has_control);
    assert_int_equal(read_one.decision.step, 7);
    assert_int_equal(read_one.decision.source, CW_FROM_OUTSIDE);
    assert_true(read_one.decision.trajectory.x[63] == 32.0f);
    assert_true(fabsf(read_one.decision.trajectory.heading[0] - 0.785398f) < 1e-5f); // along the way
    assert_true(reads(drive(series("2"), REASON)));
    assert_true(read_one.has_control && read_one.decision.control.accel == -1.5f);
    assert_int_equal(read_one.decision.control.lamps, CW_LAMP_BRAKE | CW_LAMP_LEFT);
    const cw_reason *r = &read_one.decision.reason;
    assert_int_equal(r->longitudinal, CW_FOLLOW_LEAD);
    assert_int_equal(r->kind, 2);
    assert_int_equal(r->count, 1);
    assert_int_equal(r->cause[0].kind, CW_CAUSE_VEHICLE);
    assert_int_equal(r->cause[0].relation, CW_REL_AHEAD);
    assert_int_equal(r->cause[0].id, 3);
    assert_true(r->cause[0].value == 21.5f);
    assert_true(reads("{\"type\":\"drive\",\"step\":1,\"nothing\":true}"));
    assert_false(read_one.decision.valid);
    assert_true(reads("{\"type\":\"ready\",\"protocol\":1,\"saves\":true,\"name\":\"x\",\"later\":[]}"));
    assert_true(read_one.saves);
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    refused("", "no JSON");
    refused("NaN", "no JSON");
    refused("[]", "not a JSON object");
    refused("{\"type\":\"\\u0000\"}", "no JSON");
    refused("{\"type\":\"drive\",\"type\":\"drive\"}", "duplicate");
    refused("{\"step\":1}", "no type");
    refused("{\"type\":\"dance\\u001b[2J\"}", "type 'dance [2J' is unknown");
    refused("{\"type\":\"ready\"}", "no protocol");
    refused("{\"type\":\"ready\",\"protocol\":2}", "protocol 2, this is protocol 1");
    refused("{\"type\":\"drive\"}", "no step");
    refused("{\"type\":\"drive\",\"step\":1}", "x_m is not a list");
    refused("{\"type\":\"drive\",\"step\":1,\"x_m\":[1,2]}", "x_m has 2 numbers, not 64");
    refused(drive(series("NaN"), ""), "no JSON");
    refused(drive(series("1e999"), ""), "no JSON");
    refused(drive(series("1e308"), ""), "x_m[3] is 1e+308: beyond 1e+06");
    refused(drive(series("null"), ""), "x_m[3] is not a number");
    refused(drive(series("\"2\""), ""), "x_m[3] is not a number");
    refused(drive(series("2"), ",\"heading_rad\":[]"), "heading_rad has 0 numbers");
    refused(drive(series("2"), ",\"accel_mps2\":1"), "accel_mps2 and steer_rad go together");
    refused(drive(series("2"), ",\"accel_mps2\":1,\"steer_rad\":1e7"), "steer_rad is 1e+07");
    refused(drive(series("2"), ",\"lamps\":[\"disco\"]"), "lamps[0] is none of");
    refused("{\"type\":\"state\",\"bytes\":7}", "base64");
    refused("{\"type\":\"state\",\"bytes\":\"AAA\"}", "base64");
    refused("{\"type\":\"state\",\"bytes\":\"A===\"}", "base64");
    refused("{\"type\":\"state\",\"bytes\":\"AA=A\"}", "base64");
    size_t long_count = MESSAGE_MOST + 1;
    char *blanks = malloc(long_count), why[224];
    memset(blanks, ' ', long_count);
    assert_false(reads_bytes(blanks, long_count, why));
    assert_non_null(strstr(why, "more than"));
    memset(blanks, '[', MESSAGE_MOST); // as deep as a message can be
    assert_false(reads_bytes(blanks, MESSAGE_MOST, why));
    char *big = malloc(MESSAGE_MOST);
    size_t head = (size_t)sprintf(big, "{\"type\":\"state\",\"bytes\":\"");
    memset(big + head, 'A', 88000); // 66,000 bytes
    sprintf(big + head + 88000, "\"}");
    refused(big, "a state of 66000 bytes: more than 65536");
    free(big);
    free(blanks);
}

static void a_reason_that_is_none_costs_the_reason(void **state) {
    (void)state;
    static const char *const bad[] = {"7",
                                      "{\"longitudinal\":\"fly\"}",
                                      "{\"lateral\":3}",
                                      "{\"causes\":{}}",
                                      "{\"causes\":[1]}",
                                      "{\"causes\":[{},{},{},{},{}]}",
                                      "{\"causes\":[{\"kind\":\"ghost\"}]}",
                                      "{\"causes\":[{\"id\":-1}]}",
                                      "{\"causes\":[{\"signal\":4294967295}]}",
                                      "{\"causes\":[{\"value\":1e300}]}",
                                      "{\"kind\":\"divine\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char more[128];
        snprintf(more, sizeof more, ",\"reason\":%s", bad[i]);
        if (!reads(drive(series("2"), more)) || !read_one.reason_dropped || read_one.decision.reason.kind != 0 ||
            read_one.decision.reason.count != 0 || !read_one.decision.valid || !read_one.text[0])
            fail_msg("%s", bad[i]);
    }
}

static void text_of_others_is_printable(void **state) {
    (void)state;
    assert_true(reads("{\"type\":\"error\",\"text\":\"two\\nlines \\u001b[31mred\\u007f\\u0085\",\"line\":12}"));
    assert_string_equal(read_one.text, "two lines  [31mred  ");
    assert_int_equal(read_one.line, 12);
    assert_true(read_one.decision.step == INT64_MAX);
    assert_true(reads("{\"type\":\"error\",\"line\":-3,\"step\":4}"));
    assert_non_null(strstr(read_one.text, "without a text"));
    assert_int_equal(read_one.line, 0);
    assert_int_equal(read_one.decision.step, 4);
    char text[600] = "{\"type\":\"error\",\"text\":\"";
    for (int i = 0; i < 120; i++)
        strcat(text, "한");
    strcat(text, "\"}");
    assert_true(reads(text)); // cut between characters
    assert_int_equal(strlen(read_one.text), 222);
    char broken[] = "a\xff"
                    "b\xc0\x80"
                    "c\xed\xa0\x80"
                    "d\xe2\x82";
    message_clean(broken);
    assert_string_equal(broken, "a?b??c???d");
}

static void a_state_goes_there_and_back(void **state) {
    (void)state;
    unsigned char bytes[300];
    for (int i = 0; i < 300; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t count = 0; count <= 300; count += count < 8 ? 1 : 73) {
        message_text text = {0};
        message_write_restore(&text, bytes, count);
        char copy[1024];
        const char *data = strchr(text.bytes, ',');
        snprintf(copy, sizeof copy, "{\"type\":\"state\"%.*s", (int)(text.count - (size_t)(data - text.bytes)), data);
        assert_true(reads(copy));
        assert_int_equal(read_one.state_count, count);
        assert_memory_equal(read_one.state, bytes, count);
        message_text_free(&text);
    }
}

static void every_word_is_documented(void **state) {
    (void)state;
    char path[1024], *page;
    size_t count;
    cw_error err = {0};
    snprintf(path, sizeof path, "%s/docs/BRING-YOUR-DRIVER.md", getenv("CAUSEWAY_SOURCE"));
    assert_int_equal(cw_file_read(path, 0, &page, &count, &err), CW_OK);
    const char *words[128];
    size_t used = 0;
    for (int i = 0; i <= CW_EMERGENCY_BRAKE; i++)
        words[used++] = cw_longitudinal_name((cw_longitudinal)i);
    for (int i = 0; i <= CW_PULL_OVER; i++)
        words[used++] = cw_lateral_name((cw_lateral)i);
    for (int i = 1; i <= CW_CAUSE_SURFACE; i++)
        words[used++] = cw_cause_name((cw_cause_kind)i);
    for (int i = 1; i <= CW_REL_MISSED; i++)
        words[used++] = cw_relation_name((cw_relation)i);
    for (int i = 1; i <= CW_Q_FRICTION; i++)
        words[used++] = cw_quantity_name((cw_quantity)i);
    const char *table = strstr(page, "| `longitudinal` |");
    assert_non_null(table);
    for (size_t i = 0; i < used; i++)
        if (!strstr(table, words[i]))
            fail_msg("%s does not stand in %s", words[i], path);
    free(page);
}

// Every good message cut short anywhere, and with any byte changed, left out or doubled.
static void a_damaged_message_harms_nobody(void **state) {
    (void)state;
    char why[224];
    const char *good[] = {strdup(drive(series("2"), REASON)), "{\"type\":\"ready\",\"protocol\":1,\"saves\":true}",
                          "{\"type\":\"state\",\"bytes\":\"AAECAwQFBgcICQ==\"}", "{\"type\":\"restored\"}",
                          "{\"type\":\"error\",\"text\":\"ZeroDivisionError: \\u00e9\",\"line\":3,\"step\":9}"};
    for (size_t g = 0; g < sizeof good / sizeof *good; g++) {
        size_t count = strlen(good[g]);
        assert_true(reads(good[g]));
        char *copy = malloc(count + 2);
        for (size_t n = 0; n < count; n++)
            assert_false(reads_bytes(good[g], n, why));
        static const unsigned char others[] = {0, '"', '[', ']', '{', '}', ',', ':', '-', '9', 'e', '\\', 0x80, 0xff};
        for (size_t n = 0; n < count; n++) {
            for (size_t k = 0; k < sizeof others; k++) {
                memcpy(copy, good[g], count);
                copy[n] = (char)others[k];
                reads_bytes(copy, count, why);
            }
            memcpy(copy, good[g], n);
            memcpy(copy + n, good[g] + n + 1, count - n - 1); // left out
            reads_bytes(copy, count - 1, why);
            memcpy(copy + n + 1, good[g] + n, count - n); // doubled
            copy[n] = good[g][n];
            reads_bytes(copy, count + 1, why);
        }
        free(copy);
    }
    free((char *)good[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drive_is_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_reason_that_is_none_costs_the_reason),
        cmocka_unit_test(text_of_others_is_printable),
        cmocka_unit_test(a_state_goes_there_and_back),
        cmocka_unit_test(every_word_is_documented),
        cmocka_unit_test(a_damaged_message_harms_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
