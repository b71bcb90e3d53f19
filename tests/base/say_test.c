#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/base.h"

#include <string.h>

// Golden readings: how a Korean speaker says what stands before the particle.
static void particles_fit_what_is_read(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"보행자이(가)", "보행자가"},
        {"차량이(가)", "차량이"},
        {"신호을(를)", "신호를"},
        {"표지판은(는)", "표지판은"},
        {"자차와(과)", "자차와"},
        {"사람와(과)", "사람과"},
        {"왼쪽(으)로", "왼쪽으로"},
        {"차로(으)로", "차로로"},
        {"길(으)로", "길로"}, // ㄹ takes 로
        {"길은(는)", "길은"},
        // digits: 영 일 이 삼 사 오 육 칠 팔 구
        {"0이(가) 1이(가) 2이(가) 3이(가) 4이(가)", "0이 1이 2가 3이 4가"},
        {"5이(가) 6이(가) 7이(가) 8이(가) 9이(가)", "5가 6이 7이 8이 9가"},
        {"10(으)로 21(으)로 32(으)로 47(으)로 68(으)로", "10으로 21로 32로 47로 68로"},
        // letters alone by their names, words by their sound
        {"A은(는) L은(는) M은(는) R은(는)", "A는 L은 M은 R은"},
        {"Lead이(가) Ego이(가) Walker이(가) Van이(가)", "Lead가 Ego가 Walker가 Van이"},
        {"Lorry(2)은(는)", "Lorry(2)는"}, // a bracket is not read
        {"\"길\"을(를)", "\"길\"을"},
        {"이(가)", "가"}, // nothing before it
        {"은 (는) 이 가", "은 (는) 이 가"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        strcpy(text, rows[i][0]);
        cw_korean_particles(text);
        assert_string_equal(text, rows[i][1]);
        cw_korean_particles(text);
        assert_string_equal(text, rows[i][1]);
    }
}

static void a_saying_goes_on(void **state) {
    (void)state;
    cw_said said = {0};
    cw_say(&said, "%s stops", "%s", "Lorry");
    cw_say(&said, " after %.1f s", "이(가) %.1f초 뒤 섬", 2.25);
    cw_say_words(&said, ", 100%", ", 100%");
    assert_string_equal(said.in[CW_ENGLISH], "Lorry stops after 2.2 s, 100%");
    assert_string_equal(said.in[CW_KOREAN], "Lorry가 2.2초 뒤 섬, 100%");
}

// Whatever the length, it ends at a whole character.
static void a_saying_is_cut_whole(void **state) {
    (void)state;
    for (int shift = 0; shift < 4; shift++)
        for (int words = 0; words < 2; words++) {
            cw_said said = {0};
            cw_say(&said, "%s", "%s", &"abc"[3 - shift]);
            for (int i = 0; i < 100; i++) {
                if (words)
                    cw_say_words(&said, "word ", "한");
                else
                    cw_say(&said, "%s", "%s한", "");
            }
            size_t length = strlen(said.in[CW_KOREAN]);
            assert_true(length < CW_SAID_SIZE && length > CW_SAID_SIZE - 5);
            assert_int_equal((length - (size_t)shift) % 3, 0);
            assert_string_equal(said.in[CW_KOREAN] + length - 3, "한");
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(particles_fit_what_is_read),
        cmocka_unit_test(a_saying_goes_on),
        cmocka_unit_test(a_saying_is_cut_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
