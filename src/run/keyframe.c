// The packed form: a header, then runs of words, each told by how many are as before and how many follow that differ, which
// are given as their exclusive or with what was before.
#include "run/keyframe.h"

#include "causeway/run.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = 8, MOST = 1 << 30 };

typedef struct packed_header {
    uint64_t size;  // of the keyframe, bytes
    uint32_t delta; // 1: against the one before; 0: against zeros
    uint32_t spare;
} packed_header;

typedef struct run_of_words {
    uint32_t same, changed;
} run_of_words;

static uint64_t word_at(const unsigned char *bytes, size_t i) {
    uint64_t word;
    memcpy(&word, bytes + i * WORD, WORD);
    return word;
}

size_t cw_keyframe_room(size_t size) {
    return (size + WORD - 1) / WORD * WORD;
}

size_t cw_keyframe_bound(size_t size) {
    return sizeof(packed_header) + cw_keyframe_room(size) / WORD * (WORD + sizeof(run_of_words)) + sizeof(run_of_words);
}

size_t cw_keyframe_pack(const unsigned char *now, const unsigned char *before, size_t size, unsigned char *out) {
    packed_header header = {.size = size, .delta = before != NULL};
    memcpy(out, &header, sizeof header);
    size_t used = sizeof header, words = cw_keyframe_room(size) / WORD;
    for (size_t i = 0; i < words;) {
        size_t first = i;
        while (i < words && word_at(now, i) == (before ? word_at(before, i) : 0))
            i++;
        run_of_words run = {.same = (uint32_t)(i - first)};
        unsigned char *told = out + used;
        used += sizeof run;
        for (; i < words; i++) {
            uint64_t change = word_at(now, i) ^ (before ? word_at(before, i) : 0);
            if (change == 0)
                break;
            memcpy(out + used, &change, WORD);
            used += WORD;
            run.changed++;
        }
        memcpy(told, &run, sizeof run);
    }
    return used;
}

// Lays one packed keyframe over `state`, which holds the one before. False: it is not what pack writes.
static bool unpack(cw_message message, unsigned char *state, size_t size) {
    const unsigned char *at = message.bytes, *end = at + message.size;
    packed_header header;
    memcpy(&header, at, sizeof header);
    at += sizeof header;
    if (header.delta == 0)
        memset(state, 0, cw_keyframe_room(size));
    size_t words = cw_keyframe_room(size) / WORD, i = 0;
    while (i < words) {
        run_of_words run;
        if ((size_t)(end - at) < sizeof run)
            return false;
        memcpy(&run, at, sizeof run);
        at += sizeof run;
        if (run.same > words - i || run.changed > words - i - run.same || (run.same == 0 && run.changed == 0) ||
            (size_t)(end - at) / WORD < run.changed)
            return false;
        i += run.same;
        for (uint32_t k = 0; k < run.changed; k++, i++, at += WORD) {
            uint64_t change;
            memcpy(&change, at, WORD);
            change ^= word_at(state, i);
            memcpy(state + i * WORD, &change, WORD);
        }
    }
    return at == end;
}

static bool header_of(cw_message message, packed_header *header) {
    if (message.size < sizeof *header)
        return false;
    memcpy(header, message.bytes, sizeof *header);
    return header->delta <= 1 && header->size > 0 && header->size <= MOST;
}

cw_status cw_keyframe_read(const cw_trace *trace, size_t index, void **bytes, size_t *size, cw_error *err) {
    uint32_t channel = cw_trace_find(trace, "/causeway/state");
    packed_header header;
    *bytes = NULL;
    if (channel == UINT32_MAX || index >= cw_trace_count(trace, channel))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace has no keyframe %zu", index);
    size_t first = index; // the last one before that stands alone
    bool good = header_of(cw_trace_message(trace, channel, index), &header);
    *size = good ? header.size : 0;
    while (good && header.delta == 1 && first > 0)
        good = header_of(cw_trace_message(trace, channel, --first), &header) && header.size == *size;
    good = good && header.delta == 0;
    unsigned char *state = good ? malloc(cw_keyframe_room(*size)) : NULL;
    if (good && !state)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    for (size_t i = first; good && i <= index; i++)
        good = unpack(cw_trace_message(trace, channel, i), state, *size);
    if (!good) {
        free(state);
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "keyframe %zu of the trace is broken", index);
    }
    *bytes = state;
    return CW_OK;
}
