#include "names.h"

typedef const char *pair[2]; // English, Korean

static const pair longitudinal[NAMES_LONGITUDINAL] = {{"keep speed", "속도 유지"},
                                                      {"follow lead", "앞차 따르기"},
                                                      {"adapt speed", "속도 조절"},
                                                      {"yield", "양보"},
                                                      {"stop", "정지"},
                                                      {"wait", "대기"},
                                                      {"creep", "서행"},
                                                      {"go", "출발"},
                                                      {"accelerate", "가속"},
                                                      {"emergency brake", "긴급 제동"}};

static const pair lateral[NAMES_LATERAL] = {{"keep lane", "차로 유지"},
                                            {"turn left", "좌회전"},
                                            {"turn right", "우회전"},
                                            {"go straight", "직진"},
                                            {"change lane left", "왼쪽 차로 변경"},
                                            {"change lane right", "오른쪽 차로 변경"},
                                            {"abort change", "차로 변경 취소"},
                                            {"nudge left", "왼쪽으로 비켜가기"},
                                            {"nudge right", "오른쪽으로 비켜가기"},
                                            {"pull over", "길가에 세우기"}};

static const pair source[NAMES_SOURCE] = {
    {"no driver", "운전자 없음"}, {"learned", "학습형"},    {"classical", "고전형"},      {"fail-safe", "안전 대비"},
    {"mitigate", "피해 경감"},    {"scenario", "시나리오"}, {"own driver", "자체 운전자"}};

static const pair words[WORDS] = {{"time", "시간"},
                                  {"why", "이유"},
                                  {"plan, colour: speed", "계획 (색: 속도)"},
                                  {"fail-safe and its tube", "안전 대비와 그 폭"},
                                  {"cause", "원인"},
                                  {"not seen by the ego", "자차가 못 봄"},
                                  {"passed", "통과"},
                                  {"failed", "실패"},
                                  {"contact", "접촉"},
                                  {"impact", "충격 속도"},
                                  {"an object of the map", "지도의 물체"},
                                  {"no reason given", "이유 없음"},
                                  {"verdict", "판정"},
                                  {"computed, untested", "계산됨, 미검증"},
                                  {"computed, tested true", "계산됨, 시험 결과 참"},
                                  {"computed, refuted", "계산됨, 반증됨"},
                                  {"refused", "거부"}};

const char *names_longitudinal(uint8_t value, cw_language language) {
    return value < NAMES_LONGITUDINAL ? longitudinal[value][language] : "";
}

const char *names_lateral(uint8_t value, cw_language language) {
    return value < NAMES_LATERAL ? lateral[value][language] : "";
}

const char *names_source(uint8_t value, cw_language language) {
    return value < NAMES_SOURCE ? source[value][language] : "";
}

const char *names_of(names_word word, cw_language language) {
    return words[word][language];
}

uint32_t names_longitudinal_color(uint8_t value) {
    static const uint32_t colors[NAMES_LONGITUDINAL] = {0x7A8C9E, 0x4C8DFF, 0x22B8CF, 0xF2B233, 0xF5803E,
                                                        0x9775FA, 0xB08968, 0x51CF66, 0x94D82D, 0xF03E3E};
    return value < NAMES_LONGITUDINAL ? colors[value] : 0x7A8C9E;
}

uint32_t names_source_color(uint8_t value) {
    static const uint32_t colors[NAMES_SOURCE] = {0x868E96, 0xB197FC, 0x20C997, 0xE64980, 0xC92A2A, 0x868E96, 0x4DABF7};
    return value < NAMES_SOURCE ? colors[value] : 0x868E96;
}

uint32_t names_actor_color(uint8_t kind, bool ego) {
    static const uint32_t colors[CW_USER_KINDS] = {
        [CW_USER_CAR] = 0xC9D1D9,      [CW_USER_VAN] = 0xB7C4D1,        [CW_USER_TRUCK] = 0xD9B48F,
        [CW_USER_BUS] = 0xE0C05A,      [CW_USER_TRAILER] = 0xC7A684,    [CW_USER_MOTORCYCLE] = 0xE599F7,
        [CW_USER_BICYCLE] = 0xFFD43B,  [CW_USER_PEDESTRIAN] = 0xFF8FB8, [CW_USER_ANIMAL] = 0xC0916B,
        [CW_USER_OBSTACLE] = 0xE8590C, [CW_USER_TRAIN] = 0x9AA5B1,      [CW_USER_OTHER] = 0xADB5BD};
    if (ego)
        return 0x2F9BFF;
    return kind < CW_USER_KINDS ? colors[kind] : 0xADB5BD;
}

uint32_t names_light_color(uint8_t light) {
    switch (light) {
    case CW_LIGHT_RED:
    case CW_LIGHT_RED_YELLOW:
        return 0xFF4B4B;
    case CW_LIGHT_YELLOW:
    case CW_LIGHT_FLASHING_YELLOW:
        return 0xFFC83D;
    case CW_LIGHT_GREEN:
        return 0x3DDC84;
    default:
        return 0x9AA5B1;
    }
}
