#include "text.h"

#include <string.h>

void text_bytes(text *out, const void *bytes, size_t size) {
    bool room = size < out->capacity - out->count; // for them and the end
    if (out->failed || size > SIZE_MAX / 2 - out->count ||
        (!room && !CW_GROW(out->bytes, out->capacity, out->count + size + 1))) {
        out->failed = true;
        return;
    }
    if (size > 0)
        memcpy(out->bytes + out->count, bytes, size);
    out->count += size;
    out->bytes[out->count] = '\0';
}

void text_integer(text *out, int64_t value) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    text_bytes(out, digits + at, sizeof digits - at);
}

void text_number(text *out, double value, int decimals) {
    static const double powers[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    double scaled = value * powers[decimals];
    if (!(scaled > -9e15 && scaled < 9e15)) { // too large, NaN or infinite
        char digits[40];
        text_bytes(out, digits, cw_print_double(digits, sizeof digits, value, 17));
        return;
    }
    int64_t whole = (int64_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
    uint64_t left = whole < 0 ? (uint64_t)-whole : (uint64_t)whole;
    while (decimals > 0 && left % 10 == 0) { // zeros at the end say nothing
        left /= 10;
        decimals--;
    }
    char digits[32];
    size_t at = sizeof digits;
    for (int i = 0; i < decimals; i++, left /= 10)
        digits[--at] = (char)('0' + left % 10);
    if (decimals > 0)
        digits[--at] = '.';
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (whole < 0)
        digits[--at] = '-';
    text_bytes(out, digits + at, sizeof digits - at);
}

// Length of the well-formed UTF-8 sequence at bytes[0..size), 0: none.
static size_t sequence(const uint8_t *bytes, size_t size) {
    uint8_t c = bytes[0];
    size_t length = c < 0x80                ? 1
                    : c >= 0xC2 && c < 0xE0 ? 2
                    : c >= 0xE0 && c < 0xF0 ? 3
                    : c >= 0xF0 && c < 0xF5 ? 4
                                            : 0;
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (c == 0xE0 && bytes[1] < 0xA0) || (c == 0xF0 && bytes[1] < 0x90);
    bool surrogate = c == 0xED && bytes[1] >= 0xA0, beyond = c == 0xF4 && bytes[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

void text_quoted(text *out, const char *words, size_t size) {
    static const char hex[] = "0123456789abcdef";
    const uint8_t *bytes = (const uint8_t *)words;
    text_bytes(out, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < size;) {
        uint8_t c = bytes[i];
        size_t length = sequence(bytes + i, size - i);
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7F) {
            i += length;
            continue;
        }
        text_bytes(out, words + from, i - from);
        if (length == 0) {
            text_put(out, "\xEF\xBF\xBD");
        } else if (c == '"' || c == '\\') {
            char escaped[2] = {'\\', (char)c};
            text_bytes(out, escaped, 2);
        } else {
            char escaped[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            text_bytes(out, escaped, 6);
        }
        from = ++i;
    }
    text_bytes(out, words + from, size - from);
    text_bytes(out, "\"", 1);
}

void text_base64(text *out, const void *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = (size + 2) / 3 * 4;
    if (out->failed || size > SIZE_MAX / 4 || !CW_GROW(out->bytes, out->capacity, out->count + length + 1)) {
        out->failed = true;
        return;
    }
    const uint8_t *in = bytes;
    char *to = out->bytes + out->count;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)in[i] << 16 | (i + 1 < size ? (uint32_t)in[i + 1] << 8 : 0) |
                         (i + 2 < size ? (uint32_t)in[i + 2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = i + 1 < size ? digits[three >> 6 & 63] : '=';
        *to++ = i + 2 < size ? digits[three & 63] : '=';
    }
    *to = '\0';
    out->count += length;
}
