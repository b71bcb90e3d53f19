// When a reason is said, tick by tick of 0.1 s.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/speech.h"

#include <stdio.h>
#include <string.h>

// One letter a tick: k keeps its speed, b brakes for a cut-in, f follows, e emergency brake, l changes lanes.
static cw_reason reason_of(char letter) {
    cw_reason r = {.kind = 1, .count = 1, .cause = {{.kind = CW_CAUSE_VEHICLE, .id = 1}}};
    switch (letter) {
    case 'b':
        r.longitudinal = CW_FOLLOW_LEAD;
        r.accel = -1.0F;
        r.cause[0].relation = CW_REL_CUTTING_IN;
        break;
    case 'f':
        r.longitudinal = CW_FOLLOW_LEAD;
        r.cause[0].relation = CW_REL_AHEAD;
        break;
    case 'e':
        r.longitudinal = CW_EMERGENCY_BRAKE;
        r.accel = -8.0F;
        break;
    case 'l':
        r.lateral = CW_CHANGE_LEFT;
        r.count = 0;
        break;
    default:
        r.count = 0;
        break;
    }
    return r;
}

// What is said: a capital for a change, a small letter for a repetition, a point for nothing.
static void heard(const char *ticks, const char *said) {
    cw_speech speech = {0};
    char out[128] = "";
    for (size_t i = 0; ticks[i]; i++) {
        cw_reason r = reason_of(ticks[i]);
        cw_speaks how = cw_speech_hear(&speech, (int64_t)i * 100000000, &r);
        out[i] = how == CW_SPEAKS_NOT ? '.' : how == CW_SPEAKS_AGAIN ? ticks[i] : (char)(ticks[i] - 'a' + 'A');
        out[i + 1] = '\0';
    }
    assert_string_equal(out, said);
}

static void once_a_second(void **state) {
    (void)state;
    heard("kkkkkkkkkkkkkkkkkkkkk", "K.........k.........k");
}

static void graver_at_once(void **state) {
    (void)state;
    heard("kkkbbbe", "K..B..E");
    heard("kkkl", "K..L");
}

static void lighter_once_it_holds(void **state) {
    (void)state;
    heard("bbbkkkkkkkkk", "B.......K...");
    heard("bbbffffffkkkkkk", "B.......F.....K");
}

// A driver that would speed up, and an evaluator that lets it for a tick or three.
static void turns_are_one_decision(void **state) {
    (void)state;
    heard("kkbbbbbkbbbbbkkbbbkbbbb", "K.B.....b......b....b..");
    heard("bkbkbkbkbkbkbkbk", "B.....b.....b..."); // each tick
}

// Whatever is heard: never silent for longer than a second.
static void never_silent(void **state) {
    (void)state;
    static const char letters[] = "kbfel";
    for (uint32_t seed = 0; seed < 200; seed++) {
        cw_speech speech = {0};
        int64_t last = 0;
        for (uint32_t i = 0; i < 300; i++) {
            cw_rng_key key = {.seed = seed, .step = i / (1 + seed % 7)};
            cw_reason r = reason_of(letters[cw_rng_u64(key, 0) % 5]);
            int64_t now = (int64_t)i * 100000000;
            if (cw_speech_hear(&speech, now, &r) != CW_SPEAKS_NOT)
                last = now;
            assert_true(now - last < 1000000000);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_a_second),         cmocka_unit_test(graver_at_once),
        cmocka_unit_test(lighter_once_it_holds), cmocka_unit_test(turns_are_one_decision),
        cmocka_unit_test(never_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
