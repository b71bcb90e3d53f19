// Short names and colours that the video and the report share, in both languages.
#ifndef CW_SHOW_NAMES_H
#define CW_SHOW_NAMES_H

#include "causeway/agent.h"

enum {
    NAMES_LONGITUDINAL = CW_EMERGENCY_BRAKE + 1,
    NAMES_LATERAL = CW_PULL_OVER + 1,
    NAMES_SOURCE = CW_FROM_OUTSIDE + 1
};

const char *names_longitudinal(uint8_t value, cw_language language); // "" beyond the last
const char *names_lateral(uint8_t value, cw_language language);
const char *names_source(uint8_t value, cw_language language);
uint32_t names_longitudinal_color(uint8_t value); // 0xRRGGBB
uint32_t names_source_color(uint8_t value);
uint32_t names_actor_color(uint8_t kind, bool ego);
uint32_t names_light_color(uint8_t light);

// Words of the panel.
typedef enum names_word {
    WORD_TIME,
    WORD_REASON,
    WORD_PLAN,
    WORD_FAILSAFE,
    WORD_CAUSE,
    WORD_UNSEEN,
    WORD_PASSED,
    WORD_FAILED,
    WORD_CONTACT,
    WORD_IMPACT,
    WORD_MAP_OBJECT,
    WORD_NO_REASON,
    WORD_VERDICT,
    WORD_UNTESTED,
    WORD_TESTED,
    WORD_REFUTED,
    WORD_REFUSED,
    WORDS
} names_word;
const char *names_of(names_word word, cw_language language);

#endif
