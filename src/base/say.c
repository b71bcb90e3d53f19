// What is said in every language of the program, side by side; and the particles of Korean, which depend on how the word
// before them is read.
#include "causeway/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- particles -------------------------------------------------------------------------------------------------------

typedef enum ending { OPEN, CLOSED, CLOSED_BY_L } ending; // of a reading: vowel, consonant, the consonant ㄹ

static ending ending_of_digit(char digit) {
    // 영 (십, 백, 천), 일, 이, 삼, 사, 오, 육, 칠, 팔, 구
    return digit == '1' || digit == '7' || digit == '8'   ? CLOSED_BY_L
           : digit == '0' || digit == '3' || digit == '6' ? CLOSED
                                                          : OPEN;
}

static bool is_letter(unsigned char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// A letter alone is read by its name (엘, 알; 엠, 엔), a word by its sound.
static ending ending_of_letter(unsigned char letter, bool word) {
    char low = (char)(letter | 0x20);
    if (low == 'l' || (low == 'r' && !word))
        return CLOSED_BY_L;
    return strchr(word ? "bcgkmnpt" : "mn", low) ? CLOSED : OPEN;
}

// How the reading of text[0..n) ends. What is not read, as a bracket or a full stop, is passed over.
static ending ending_of(const char *text, size_t n) {
    const unsigned char *bytes = (const unsigned char *)text;
    while (n > 0) {
        unsigned char last = bytes[n - 1];
        if (last >= '0' && last <= '9')
            return ending_of_digit((char)last);
        if (is_letter(last))
            return ending_of_letter(last, n > 1 && is_letter(bytes[n - 2]));
        if (n >= 3 && (last & 0xC0) == 0x80 && (bytes[n - 3] & 0xF0) == 0xE0) {
            unsigned code = (bytes[n - 3] & 0x0Fu) << 12 | (bytes[n - 2] & 0x3Fu) << 6 | (last & 0x3Fu);
            if (code >= 0xAC00 && code <= 0xD7A3) {
                unsigned final = (code - 0xAC00) % 28; // 0: none, 8: ㄹ
                return final == 0 ? OPEN : final == 8 ? CLOSED_BY_L : CLOSED;
            }
            n -= 3;
        } else {
            n--;
        }
    }
    return OPEN;
}

void cw_korean_particles(char *text) {
    static const struct {
        const char *both, *open, *closed, *closed_by_l;
    } particles[] = {{"은(는)", "는", "은", "은"},
                     {"이(가)", "가", "이", "이"},
                     {"을(를)", "를", "을", "을"},
                     {"와(과)", "와", "과", "과"},
                     {"(으)로", "로", "으로", "로"}};
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        const char *fits = NULL;
        for (size_t i = 0; i < sizeof particles / sizeof *particles && !fits; i++) {
            size_t length = strlen(particles[i].both);
            if (strncmp(from, particles[i].both, length) != 0)
                continue;
            ending e = ending_of(text, (size_t)(to - text));
            fits = e == OPEN ? particles[i].open : e == CLOSED ? particles[i].closed : particles[i].closed_by_l;
            from += length;
        }
        if (!fits) {
            *to++ = *from++;
            continue;
        }
        size_t length = strlen(fits);
        memcpy(to, fits, length);
        to += length;
    }
    *to = '\0';
}

// ---- saying ----------------------------------------------------------------------------------------------------------

// Ends `text`, of which `length` bytes are there and `wanted` were asked for, at a whole character.
static void end_whole(char *text, size_t length, size_t wanted) {
    if (length == wanted)
        return;
    // UTF-8 goes on with 10xxxxxx: the last character may have lost some of them.
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0)
        start--;
    else
        start = length;
    text[start] = '\0';
}

static void append(char *text, const char *format, va_list list) {
    size_t used = strlen(text), room = CW_SAID_SIZE - used;
    int wanted = vsnprintf(text + used, room, format, list);
    if (wanted > 0)
        end_whole(text, strlen(text), used + (size_t)wanted);
}

void cw_say_list(cw_said *said, const char *english, const char *korean, va_list list) {
    va_list again;
    va_copy(again, list);
    append(said->in[CW_ENGLISH], english, list);
    append(said->in[CW_KOREAN], korean, again);
    va_end(again);
    cw_korean_particles(said->in[CW_KOREAN]);
}

void cw_say(cw_said *said, const char *english, const char *korean, ...) {
    va_list list;
    va_start(list, korean);
    cw_say_list(said, english, korean, list);
    va_end(list);
}

static void append_words(char *text, const char *words) {
    size_t used = strlen(text), wanted = strlen(words), room = CW_SAID_SIZE - used - 1;
    size_t fits = wanted < room ? wanted : room;
    memcpy(text + used, words, fits);
    text[used + fits] = '\0';
    end_whole(text, used + fits, used + wanted);
}

void cw_say_words(cw_said *said, const char *english, const char *korean) {
    append_words(said->in[CW_ENGLISH], english);
    append_words(said->in[CW_KOREAN], korean);
    cw_korean_particles(said->in[CW_KOREAN]);
}
