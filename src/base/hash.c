// A quick 64-bit hash: 16 bytes a step, folded by the 128-bit product of two keyed words.
#include "causeway/base.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

// Odd constants with half of the bits set: fractional bits of pi (the same that SHA-like designs draw from).
#define SALT_0 0x243F6A8885A308D3u
#define SALT_1 0x13198A2E03707345u
#define SALT_2 0xA4093822299F31D1u
#define SALT_3 0x082EFA98EC4E6C89u

static uint64_t fold(uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

uint64_t cw_hash_bytes(uint64_t seed, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    uint64_t state = fold(seed ^ SALT_0, SALT_1 ^ (uint64_t)count);
    uint64_t other = state ^ SALT_2;
    size_t left = count;
    for (; left >= 32; left -= 32, at += 32) { // two chains hide the latency of the product
        state = fold(word_at(at) ^ SALT_1, word_at(at + 8) ^ state);
        other = fold(word_at(at + 16) ^ SALT_3, word_at(at + 24) ^ other);
    }
    state ^= fold(other ^ SALT_0, SALT_2);
    if (left >= 16) {
        state = fold(word_at(at) ^ SALT_1, word_at(at + 8) ^ state);
        left -= 16;
        at += 16;
    }
    unsigned char rest[16] = {0};
    if (left > 0) {
        memcpy(rest, at, left);
    }
    state = fold(word_at(rest) ^ SALT_2, word_at(rest + 8) ^ state);
    return fold(state ^ SALT_3, SALT_0 ^ (uint64_t)count);
}
