// Golden sentences in both languages, and every combination of cause, relation and quantity.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/words.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *user(const void *context, cw_id id) {
    (void)context;
    static const char *const names[] = {NULL, "1", "2", "3", "Lead", "10", "트럭", "가로등", "Pedestrian"};
    return id < sizeof names / sizeof *names ? names[id] : NULL;
}

static const cw_labels labels = {.user = user, .context = NULL, .map = NULL};

static void says(const cw_reason *reason, const char *english, const char *korean) {
    char text[512];
    size_t n = cw_reason_words(reason, &labels, CW_ENGLISH, text, sizeof text);
    assert_string_equal(text, english);
    assert_int_equal(n, strlen(english));
    n = cw_reason_words(reason, &labels, CW_KOREAN, text, sizeof text);
    assert_string_equal(text, korean);
    assert_int_equal(n, strlen(korean));
}

static cw_reason one(cw_longitudinal longitudinal, double accel, cw_cause cause) {
    return (cw_reason){.longitudinal = (uint8_t)longitudinal,
                       .kind = 1,
                       .count = 1,
                       .accel = (float)accel,
                       .speed = 12.0f,
                       .cause = {cause}};
}

static void test_golden(void **state) {
    (void)state;
    cw_reason r = one(CW_YIELD, -2.1,
                      (cw_cause){.kind = CW_CAUSE_PEDESTRIAN,
                                 .relation = CW_REL_CROSSING_RIGHT,
                                 .quantity = CW_Q_ARRIVAL_S,
                                 .id = 3,
                                 .value = 1.8f});
    says(&r, "Braking 2.1 m/s2: pedestrian 3 crosses from the right and reaches my lane in 1.8 s.",
         "2.1 m/s2 감속: 보행자 3이 오른쪽에서 건너와 1.8초 뒤 내 차로에 들어옵니다.");
    r.cause[0].id = 2; // 이: open
    says(&r, "Braking 2.1 m/s2: pedestrian 2 crosses from the right and reaches my lane in 1.8 s.",
         "2.1 m/s2 감속: 보행자 2가 오른쪽에서 건너와 1.8초 뒤 내 차로에 들어옵니다.");
    r = one(CW_FOLLOW_LEAD, 0.0,
            (cw_cause){
                .kind = CW_CAUSE_VEHICLE, .relation = CW_REL_AHEAD, .quantity = CW_Q_GAP_M, .id = 4, .value = 24.96f});
    says(&r, "Following: vehicle Lead is 25.0 m ahead.", "앞을 따라 주행: 차량 Lead가 25.0 m 앞에 있습니다.");
    r = one(
        CW_STOP_FOR, -1.5,
        (cw_cause){
            .kind = CW_CAUSE_OBSTACLE, .relation = CW_REL_STANDING, .quantity = CW_Q_GAP_M, .id = 7, .value = 40.0f});
    says(&r, "Braking 1.5 m/s2 to stop: obstacle 가로등 stands 40.0 m ahead.",
         "정지하기 위해 1.5 m/s2 감속: 장애물 가로등이 40.0 m 앞에 서 있습니다.");
    r = one(CW_EMERGENCY_BRAKE, -8.56,
            (cw_cause){.kind = CW_CAUSE_VEHICLE, .relation = CW_REL_CUTTING_IN, .quantity = CW_Q_TTC_S, .value = 0.9f});
    says(&r, "Emergency braking, 8.6 m/s2: a vehicle cuts in, contact in 0.9 s.",
         "8.6 m/s2 급제동: 차량이 끼어들어 0.9초 뒤 부딪칠 수 있습니다.");
    r = one(
        CW_ADAPT_SPEED, -1.0,
        (cw_cause){.kind = CW_CAUSE_GEOMETRY, .relation = CW_REL_CURVE, .quantity = CW_Q_SPEED_MPS, .value = 10.0f});
    says(&r, "Braking 1.0 m/s2: the bend allows 36 km/h.",
         "1.0 m/s2 감속: 굽은 길에서는 시속 36 km까지 갈 수 있습니다.");
    r = one(CW_KEEP_SPEED, 0.1, (cw_cause){0});
    r.count = 0;
    says(&r, "Keeping 43 km/h.", "시속 43 km 유지.");
    r.lateral = CW_CHANGE_LEFT;
    r.count = 1;
    r.cause[0] = (cw_cause){.kind = CW_CAUSE_ROUTE, .quantity = CW_Q_DISTANCE_M, .value = 120.0f};
    says(&r, "Keeping 43 km/h, changing to the left lane: my route leaves this lane, 120.0 m ahead.",
         "시속 43 km 유지, 왼쪽 차로로 변경: 120.0 m 앞에서 경로가 이 차로를 벗어납니다.");
}

static void test_two_causes(void **state) {
    (void)state;
    cw_reason r = one(CW_YIELD, -0.1,
                      (cw_cause){.kind = CW_CAUSE_CYCLIST,
                                 .relation = CW_REL_HAS_PRIORITY,
                                 .quantity = CW_Q_ARRIVAL_S,
                                 .id = 5,
                                 .value = 2.44f});
    r.count = 2;
    r.cause[1] = (cw_cause){
        .kind = CW_CAUSE_SIGNAL, .relation = CW_REL_RED, .quantity = CW_Q_DISTANCE_M, .item = CW_NONE, .value = 30.0f};
    says(&r, "Yielding: cyclist 10 has priority and arrives in 2.4 s; the signal is red, 30.0 m ahead.",
         "양보: 자전거 10이 통행 우선권이 있고 2.4초 뒤 도착합니다; 30.0 m 앞 신호가 빨간불입니다.");
}

static const char *given_label(const void *context, cw_id id) {
    (void)id;
    return *(const char *const *)context;
}

// The particle follows how the last syllable is read.
static void test_particles(void **state) {
    (void)state;
    static const struct {
        const char *label, *particle;
    } cases[] = {{"0", "이"},   {"1", "이"},   {"2", "가"},  {"3", "이"},       {"4", "가"},        {"5", "가"},
                 {"6", "이"},   {"7", "이"},   {"8", "이"},  {"9", "가"},       {"20", "이"},       {"A", "가"},
                 {"B", "가"},   {"L", "이"},   {"M", "이"},  {"R", "이"},       {"트럭", "이"},     {"버스", "가"},
                 {"Ego", "가"}, {"Man", "이"}, {"#9", "가"}, {"자전거)", "가"}, {"Blocking", "이"}, {"Adult", "이"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cw_labels mine = labels;
        const char *const *slot = &cases[i].label;
        mine.context = slot;
        mine.user = given_label;
        cw_reason r = one(CW_WAIT, 0.0, (cw_cause){.kind = CW_CAUSE_VEHICLE, .relation = CW_REL_AHEAD, .id = 9});
        char text[256], want[256];
        cw_reason_words(&r, &mine, CW_KOREAN, text, sizeof text);
        snprintf(want, sizeof want, "대기: 차량 %s%s 앞에 있습니다.", cases[i].label, cases[i].particle);
        assert_string_equal(text, want);
    }
}

static bool whole_utf8(const char *text) {
    for (size_t i = 0; text[i] != '\0';) {
        unsigned char c = (unsigned char)text[i];
        size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 0;
        for (size_t k = 1; k < n; k++) {
            if (((unsigned char)text[i + k] & 0xC0) != 0x80) {
                return false;
            }
        }
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

// Every combination makes one sentence: it ends with a full stop, has no doubled blank and shows its number, if it has one.
static void test_every_combination(void **state) {
    (void)state;
    for (int language = 0; language < 2; language++) {
        for (int longitudinal = CW_KEEP_SPEED; longitudinal <= CW_EMERGENCY_BRAKE; longitudinal++) {
            for (int kind = CW_CAUSE_NONE; kind <= CW_CAUSE_SURFACE; kind++) {
                for (int relation = CW_REL_NONE; relation <= CW_REL_MISSED; relation++) {
                    for (int quantity = CW_Q_NONE; quantity <= CW_Q_FRICTION; quantity++) {
                        cw_reason r = one((cw_longitudinal)longitudinal, -0.7,
                                          (cw_cause){.kind = (uint8_t)kind,
                                                     .relation = (uint8_t)relation,
                                                     .quantity = (uint8_t)quantity,
                                                     .id = (cw_id)(relation % 8),
                                                     .item = CW_NONE,
                                                     .value = 7.25f});
                        r.lateral = (uint8_t)(relation % (CW_PULL_OVER + 1));
                        char text[512];
                        size_t n = cw_reason_words(&r, &labels, (cw_language)language, text, sizeof text);
                        assert_int_equal(n, strlen(text));
                        assert_true(n > 8 && text[n - 1] == '.');
                        assert_null(strstr(text, "  "));
                        assert_null(strstr(text, " ."));
                        assert_null(strstr(text, " ,"));
                        assert_null(strstr(text, "unknown"));
                        assert_true(whole_utf8(text));
                        if (quantity != CW_Q_NONE && kind != CW_CAUSE_NONE) {
                            assert_true(strstr(text, "7.2") || strstr(text, "7.3") || strstr(text, "26") != NULL);
                        }
                    }
                }
            }
        }
    }
}

// A language says all of it: its table has no hole, and each brace is one that the frame fills.
static void test_no_hole(void **state) {
    (void)state;
    static const char *const braces[] = {"{a}", "{kmh}", "{n}", "{who}", "{label}"};
    const cw_words *const tables[] = {&cw_words_english, &cw_words_korean};
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        const char *entries[sizeof(cw_words) / sizeof(char *)]; // it holds nothing but patterns
        memcpy(entries, tables[k], sizeof entries);
        for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
            if (!entries[i]) {
                fail_msg("language %zu has no entry %zu", k, i);
            }
            for (const char *at = entries[i]; (at = strchr(at, '{')) != NULL; at++) {
                bool known = false;
                for (size_t b = 0; b < sizeof braces / sizeof *braces; b++) {
                    known = known || strncmp(at, braces[b], strlen(braces[b])) == 0;
                }
                if (!known) {
                    fail_msg("language %zu: %s", k, entries[i]);
                }
            }
        }
    }
}

static void test_short_buffer(void **state) {
    (void)state;
    cw_reason r = one(CW_YIELD, -2.1,
                      (cw_cause){.kind = CW_CAUSE_PEDESTRIAN,
                                 .relation = CW_REL_CROSSING_LEFT,
                                 .quantity = CW_Q_ARRIVAL_S,
                                 .id = 3,
                                 .value = 1.8f});
    char text[128];
    for (size_t size = 1; size < 100; size++) {
        memset(text, '#', sizeof text);
        size_t n = cw_reason_words(&r, &labels, CW_KOREAN, text, size);
        assert_true(n < size);
        assert_int_equal(text[n], '\0');
        assert_int_equal(text[size], '#');
        assert_true(whole_utf8(text));
    }
    r.accel = NAN;
    r.cause[0].value = INFINITY;
    assert_true(cw_reason_words(&r, NULL, CW_ENGLISH, text, sizeof text) > 0);
}

static void test_names_and_same(void **state) {
    (void)state;
    assert_string_equal(cw_longitudinal_name(CW_EMERGENCY_BRAKE), "emergency_brake");
    assert_string_equal(cw_lateral_name(CW_PULL_OVER), "pull_over");
    assert_string_equal(cw_cause_name(CW_CAUSE_SURFACE), "surface");
    assert_string_equal(cw_relation_name(CW_REL_HIDDEN), "hidden");
    assert_string_equal(cw_relation_name(CW_REL_MISSED), "missed");
    assert_string_equal(cw_relation_name(CW_REL_STANDING), "standing");
    assert_string_equal(cw_quantity_name(CW_Q_FRICTION), "friction");
    assert_string_equal(cw_user_name(CW_USER_OTHER), "other");
    assert_string_equal(cw_user_name((cw_user_kind)99), "unknown");
    cw_reason a = one(CW_YIELD, -2.1, (cw_cause){.kind = CW_CAUSE_PEDESTRIAN, .id = 3, .value = 1.8f});
    cw_reason b = a;
    b.cause[0].value = 1.6f;
    b.accel = -2.4f;
    assert_true(cw_reason_same(&a, &b)); // the numbers may differ
    b.cause[0].id = 4;
    assert_false(cw_reason_same(&a, &b));
    b = a;
    b.lateral = CW_NUDGE_LEFT;
    assert_false(cw_reason_same(&a, &b));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden),        cmocka_unit_test(test_two_causes),
                                       cmocka_unit_test(test_particles),     cmocka_unit_test(test_every_combination),
                                       cmocka_unit_test(test_no_hole),       cmocka_unit_test(test_short_buffer),
                                       cmocka_unit_test(test_names_and_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
