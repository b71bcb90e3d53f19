// Making sentences: a bounded pen, numbers with units, and one grammar for each language.
#ifndef CW_AGENT_WORDS_H
#define CW_AGENT_WORDS_H

#include "causeway/agent.h"

typedef struct cw_pen {
    char *out;
    size_t size, length; // length counts what was written, always < size once size > 0
} cw_pen;

void cw_pen_text(cw_pen *pen, const char *text);
void cw_pen_number(cw_pen *pen, double value, int decimals); // rounded half away from zero; 0 to 3 decimals
void cw_pen_speed(cw_pen *pen, double mps);                  // whole km/h, number alone

const char *cw_label(const cw_labels *labels, cw_id id);             // NULL where none is known
const char *cw_signal_label(const cw_labels *labels, uint32_t item); // the same
int cw_signal_kind_of(const cw_labels *labels, uint32_t item);       // cw_signal_kind, -1 unknown

void cw_words_english(cw_pen *pen, const cw_reason *reason, const cw_labels *labels);
void cw_words_korean(cw_pen *pen, const cw_reason *reason, const cw_labels *labels);

#endif
