// Words for a reason: the pen, and the choice of language.
#include "agent/words.h"
#include <assert.h>
#include <math.h>
#include <string.h>

void cw_pen_text(cw_pen *pen, const char *text) {
    size_t count = strlen(text);
    if (pen->length + count >= pen->size) {
        // Cut at a whole character, never within one: UTF-8 goes on with 10xxxxxx.
        count = pen->size > pen->length + 1 ? pen->size - pen->length - 1 : 0;
        while (count > 0 && ((unsigned char)text[count] & 0xC0) == 0x80) {
            count--;
        }
        memcpy(pen->out + pen->length, text, count);
        pen->length += count;
        pen->out[pen->length] = '\0';
        pen->size = pen->length + 1; // full: what follows would not fit in sense either
        return;
    }
    memcpy(pen->out + pen->length, text, count + 1);
    pen->length += count;
}

void cw_pen_number(cw_pen *pen, double value, int decimals) {
    if (!isfinite(value)) {
        cw_pen_text(pen, "?");
        return;
    }
    static const double scale[] = {1.0, 10.0, 100.0, 1000.0};
    double units = floor(fabs(value) * scale[decimals] + 0.5);
    units = units > 9e15 ? 9e15 : units;
    uint64_t whole = (uint64_t)units;
    char digits[32];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    for (int i = 0; i < decimals; i++) {
        digits[--at] = (char)('0' + whole % 10);
        whole /= 10;
    }
    if (decimals > 0) {
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (value < 0.0 && units > 0.0) {
        digits[--at] = '-';
    }
    cw_pen_text(pen, digits + at);
}

void cw_pen_speed(cw_pen *pen, double mps) {
    cw_pen_number(pen, mps * 3.6, 0);
}

const char *cw_label(const cw_labels *labels, cw_id id) {
    const char *label = labels && labels->user && id != 0 ? labels->user(labels->context, id) : NULL;
    return label && label[0] != '\0' ? label : NULL;
}

const char *cw_signal_label(const cw_labels *labels, uint32_t item) {
    if (!labels || !labels->map || item >= labels->map->signal_count) {
        return NULL;
    }
    const char *id = labels->map->signals[item].id;
    return id && id[0] != '\0' ? id : NULL;
}

int cw_signal_kind_of(const cw_labels *labels, uint32_t item) {
    return labels && labels->map && item < labels->map->signal_count ? (int)labels->map->signals[item].kind : -1;
}

size_t cw_reason_words(const cw_reason *reason, const cw_labels *labels, cw_language language, char *out, size_t size) {
    assert(reason && (out || size == 0));
    if (size == 0) {
        return 0;
    }
    cw_pen pen = {.out = out, .size = size, .length = 0};
    out[0] = '\0';
    if (language == CW_KOREAN) {
        cw_words_korean(&pen, reason, labels);
    } else {
        cw_words_english(&pen, reason, labels);
    }
    return pen.length;
}
