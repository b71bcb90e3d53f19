// Random numbers and hashes: published vectors, fixed values, distribution and independence of neighbours.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void philox_vector(void **context) {
    (void)context;
    // Known answer of Philox4x64-10 for counter and key zero, from the authors' library.
    assert_true(cw_rng_u64((cw_rng_key){0}, 0) == 0x16554d9eca36314cu);
}

static void draws_are_uniform(void **context) {
    (void)context;
    enum { DRAWS = 64000, CELLS = 64 };
    for (int way = 0; way < 6; way++) { // along each word of the key and along the draw
        int count[CELLS] = {0};
        double sum = 0.0, previous = 0.5, product = 0.0, normal_sum = 0.0, normal_square = 0.0, cross = 0.0;
        for (uint32_t i = 0; i < DRAWS; i++) {
            cw_rng_key key = {.seed = 1, .world = 2, .agent = 3, .purpose = 4, .step = 5};
            uint32_t number = 0;
            *(way == 1   ? &key.world
              : way == 2 ? &key.agent
              : way == 3 ? &key.purpose
                         : &number) = way == 0 || way == 4 ? 0 : i;
            key.seed = way == 0 ? i : 1;
            key.step = way == 4 ? i : 5;
            double u = cw_rng_uniform(key, number), n = cw_rng_normal(key, number);
            assert_true(u >= 0.0 && u < 1.0);
            count[(int)(u * CELLS)]++;
            sum += u;
            product += (u - 0.5) * (previous - 0.5);
            cross += (u - 0.5) * n;
            previous = u;
            normal_sum += n;
            normal_square += n * n;
        }
        double chi = 0.0;
        for (int i = 0; i < CELLS; i++) {
            double off = count[i] - DRAWS / CELLS;
            chi += off * off / (DRAWS / CELLS);
        }
        // Five standard deviations each; the draws are fixed, so this cannot flicker.
        assert_true(fabs(chi - 63.0) < 5.0 * sqrt(126.0));
        assert_true(fabs(sum / DRAWS - 0.5) < 5.0 * sqrt(1.0 / 12.0 / DRAWS));
        assert_true(fabs(product / DRAWS) < 5.0 / 12.0 / sqrt(DRAWS));
        assert_true(fabs(cross / DRAWS) < 5.0 * sqrt(1.0 / 12.0 / DRAWS));
        assert_true(fabs(normal_sum / DRAWS) < 5.0 / sqrt(DRAWS));
        assert_true(fabs(normal_square / DRAWS - 1.0) < 5.0 * sqrt(2.0 / DRAWS));
    }
}

static void draws_are_fixed(void **context) {
    (void)context;
    cw_rng_key key = {.seed = 1, .world = 2, .agent = 3, .purpose = 4, .step = 5};
    uint64_t hash = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        double values[2] = {cw_rng_uniform(key, i), cw_rng_normal(key, i)};
        hash = cw_hash_bytes(hash, values, sizeof values);
    }
    if (hash != 0x5611269a7630f3c0u) {
        fail_msg("hash 0x%016llx", (unsigned long long)hash);
    }
}

static void hashes_are_fixed(void **context) {
    (void)context;
    unsigned char bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 7 + 1);
    }
    uint64_t hash = 0;
    for (size_t n = 0; n <= sizeof bytes; n++) { // every length, so every tail
        hash = cw_hash_bytes(hash, bytes, n);
    }
    if (hash != 0x8eb1d9c23904a699u) {
        fail_msg("hash 0x%016llx", (unsigned long long)hash);
    }
}

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int ones(uint64_t word) {
    int count = 0;
    for (; word != 0; word &= word - 1) {
        count++;
    }
    return count;
}

static void hashes_scatter(void **context) {
    (void)context;
    // Each single flipped bit, and each length of zeros, gives another hash, half of its bits changed on average.
    enum { SIZE = 100, COUNT = SIZE * 8 + 1 + SIZE };
    unsigned char bytes[SIZE] = {0};
    static uint64_t seen[COUNT];
    size_t count = 0;
    uint64_t plain = cw_hash_bytes(1, bytes, SIZE);
    seen[count++] = plain;
    double changed = 0.0;
    for (size_t i = 0; i < SIZE * 8; i++) {
        bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
        seen[count] = cw_hash_bytes(1, bytes, SIZE);
        changed += ones(seen[count++] ^ plain);
        bytes[i / 8] = 0;
    }
    assert_true(fabs(changed / (SIZE * 8) - 32.0) < 1.0);
    for (size_t n = 0; n < SIZE; n++) {
        seen[count++] = cw_hash_bytes(1, bytes, n);
    }
    qsort(seen, count, sizeof seen[0], compare);
    for (size_t i = 1; i < count; i++) {
        assert_true(seen[i] != seen[i - 1]);
    }
    assert_true(cw_hash_bytes(1, "abc", 3) != cw_hash_bytes(2, "abc", 3));
    // One seed must not let a word's value cancel the rest: zero and constants as content.
    assert_true(cw_hash_bytes(0, NULL, 0) == cw_hash_bytes(0, "", 0));
}

static void sha256_vectors(void **context) {
    (void)context;
    char text[65];
    cw_sha256_hex("", 0, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cw_sha256_hex("abc", 3, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    cw_sha256_hex(two, strlen(two), text);
    assert_string_equal(text, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = malloc(1000000);
    assert_non_null(million);
    memset(million, 'a', 1000000);
    cw_sha256_hex(million, 1000000, text);
    free(million);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_vector),    cmocka_unit_test(draws_are_uniform), cmocka_unit_test(draws_are_fixed),
        cmocka_unit_test(hashes_are_fixed), cmocka_unit_test(hashes_scatter),    cmocka_unit_test(sha256_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
