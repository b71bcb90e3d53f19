// Weights files: a round trip, and bytes that mean harm.
#include "causeway/nn.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

// A file of that header, with so many bytes of data.
static char *file_of(const char *header, size_t data, size_t *size) {
    uint64_t length = strlen(header);
    *size = sizeof length + length + data;
    char *bytes = calloc(*size + 1, 1);
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + sizeof length, header, length);
    return bytes;
}

static cw_status read_header(const char *header, size_t data, cw_error *err) {
    size_t size;
    char *bytes = file_of(header, data, &size);
    cw_tensors *t;
    cw_status status = cw_tensors_read("it", bytes, size, &t, err);
    assert_true((status == CW_OK) == (t != NULL));
    cw_tensors_free(t);
    free(bytes);
    return status;
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *header, *why;
    } bad[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,16]}}", "do not fit its shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]}}", "outside the file"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,-8]}}", "outside the file"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}", "no whole number"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", "larger than memory"},
        {"{\"a\":{\"dtype\":\"F99\",\"shape\":[4],\"data_offsets\":[0,16]}}", "no known type"},
        {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "without a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,4],\"data_offsets\":[0,16]}}", "more than 8 axes"},
        {"{\"a\":7}", "no known type"},
        {"[1]", "no object"},
        {"{\"a\":", "not a safetensors file"},
        {"{\"a\":1,\"a\":2}", "not a safetensors file"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cw_error err = {0};
        assert_int_equal(read_header(bad[i].header, 16, &err), CW_ERR_INPUT);
        if (!strstr(err.text, bad[i].why))
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i].header, err.text, bad[i].why);
    }
    cw_error err = {0};
    assert_int_equal(read_header("{\"abc\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}   ", 16, &err),
                     CW_OK);
    // A header's length beyond the file, and one that no machine could hold.
    static const uint64_t lengths[] = {9, UINT64_MAX, (uint64_t)1 << 40};
    for (size_t i = 0; i < 3; i++) {
        char bytes[16] = {0};
        cw_tensors *t;
        memcpy(bytes, &lengths[i], 8);
        assert_int_equal(cw_tensors_read("it", bytes, sizeof bytes, &t, &err), CW_ERR_INPUT);
    }
}

typedef struct small {
    cw_net *net;
    cw_node in, out;
} small;

static small make(uint32_t width) {
    small s = {.net = cw_net_new(9, CW_NN_PLAIN)};
    s.in = cw_net_input(s.net, "in", cw_axes_1("feature", 3));
    s.out = cw_net_linear(s.net, "layer", s.in, width, CW_ACT_NONE);
    cw_error err = {0};
    assert_int_equal(cw_net_finish(s.net, &err), CW_OK);
    return s;
}

static void put_file(const small *s, const char *path) {
    cw_arena *names = cw_arena_new(0, 0);
    cw_tensor_out out[3];
    size_t count;
    cw_error err = {0};
    static const int8_t bytes[5] = {-128, 127, 0, 1, -1};
    uint32_t n = cw_net_tensors(s->net, "", cw_net_floats(s->net, &count), names, out);
    out[n] = (cw_tensor_out){.name = "bytes", .columns = 5, .stride = 5, .bytes = bytes};
    cw_note notes[] = {{"causeway.kind", "small"}, {"causeway.command", "with \"quotes\" and \xc3\xa4"}};
    assert_int_equal(cw_tensors_write(path, notes, 2, out, n + 1, &err), CW_OK);
    cw_arena_free(names);
}

static const char *path_of(char out[64]) {
    snprintf(out, 64, "tensors-%ld.safetensors", (long)getpid());
    return out;
}

static void a_round_trip(void **state) {
    (void)state;
    char path[64];
    small s = make(5), other = make(5);
    size_t count;
    float *to = cw_net_floats(other.net, &count);
    for (size_t i = 0; i < count; i++)
        to[i] = to[i] != 0 ? 7 : 0;
    put_file(&s, path_of(path));
    cw_tensors *t;
    cw_error err = {0};
    assert_int_equal(cw_tensors_open(path, &t, &err), CW_OK);
    assert_int_equal(cw_net_take(other.net, path, t, "", to, &err), CW_OK);
    assert_memory_equal(to, cw_net_floats(s.net, &count), count * sizeof *to);
    assert_string_equal(cw_tensors_note(t, "causeway.command"), "with \"quotes\" and \xc3\xa4");
    assert_null(cw_tensors_note(t, "nothing"));
    const cw_tensor_view *v = cw_tensors_find(t, "bytes");
    assert_true(v && v->bytes && !v->floats && v->count == 5 && v->bytes[0] == -128 && v->bytes[4] == -1);
    cw_tensors_free(t);
    // Of another shape: refused, and nothing is changed.
    small wide = make(6);
    float *kept = cw_net_floats(wide.net, &count);
    float before = kept[0];
    assert_int_equal(cw_tensors_open(path, &t, &err), CW_OK);
    assert_int_equal(cw_net_take(wide.net, path, t, "", kept, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "is not"));
    assert_true(kept[0] == before);
    cw_tensors_free(t);
    // No number among the weights.
    cw_net_floats(s.net, &count)[1] = NAN;
    put_file(&s, path);
    err = (cw_error){0};
    assert_int_equal(cw_tensors_open(path, &t, &err), CW_OK);
    assert_int_equal(cw_net_take(other.net, path, t, "", to, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "no number"));
    cw_tensors_free(t);
    remove(path);
    cw_net_free(s.net);
    cw_net_free(other.net);
    cw_net_free(wide.net);
}

// As bytes: each weight within half a step of its column, the greatest of each column exact.
static void bytes_keep_their_scale(void **state) {
    (void)state;
    char path[64];
    small s = make(5), other = make(5);
    size_t count;
    float *from = cw_net_floats(s.net, &count), *to = cw_net_floats(other.net, &count);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_tensor_out out[4];
    cw_error err = {0};
    cw_tensors *t;
    uint32_t n = cw_net_bytes(s.net, from, arena, out), weights;
    assert_int_equal(n, 3);
    assert_int_equal(cw_tensors_write(path_of(path), NULL, 0, out, n, &err), CW_OK);
    assert_int_equal(cw_tensors_open(path, &t, &err), CW_OK);
    assert_int_equal(cw_net_take(other.net, path, t, "", to, &err), CW_OK);
    cw_tensors_free(t);
    const cw_weight *w = cw_net_weights(s.net, &weights);
    for (uint32_t k = 0; k < 5; k++) {
        float most = 0, at = 0;
        for (uint32_t r = 0; r < 3; r++)
            if (fabsf(from[r * w->stride + k]) > most) {
                most = fabsf(from[r * w->stride + k]);
                at = to[r * w->stride + k] - from[r * w->stride + k];
            }
        assert_true(fabsf(at) < 1e-6f * most);
        for (uint32_t r = 0; r < 3; r++)
            assert_true(fabsf(to[r * w->stride + k] - from[r * w->stride + k]) <= 0.501f * most / 127);
    }
    // Without their scales they say nothing.
    assert_int_equal(cw_tensors_write(path, NULL, 0, out, 1, &err), CW_OK);
    assert_int_equal(cw_tensors_open(path, &t, &err), CW_OK);
    assert_int_equal(cw_net_take(other.net, path, t, "", to, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "no scales"));
    cw_tensors_free(t);
    remove(path);
    cw_arena_free(arena);
    cw_net_free(s.net);
    cw_net_free(other.net);
}

// Cut off anywhere, or with any byte of the header changed: read or refused, never a crash (the sanitizers watch).
static void broken_files_do_no_harm(void **state) {
    (void)state;
    char path[64], *bytes;
    small s = make(5), other = make(5);
    size_t size, floats;
    cw_error err = {0};
    put_file(&s, path_of(path));
    assert_int_equal(cw_file_read(path, 0, &bytes, &size, &err), CW_OK);
    remove(path);
    uint32_t refused = 0, cut = 0;
    for (size_t k = 0; k < 2 * size; k++) {
        bool short_one = k < size;
        size_t length = short_one ? k : size;
        char *copy = malloc(length + 1); // its own block, so that a byte too far is seen
        memcpy(copy, bytes, length);
        if (!short_one)
            copy[k - size] ^= (char)(1 + k % 200);
        cw_tensors *t;
        if (cw_tensors_read("it", copy, length, &t, &err) == CW_OK) {
            cw_net_take(other.net, "it", t, "", cw_net_floats(other.net, &floats), &err);
            cw_tensors_free(t);
        } else {
            refused++;
            cut += short_one;
        }
        free(copy);
    }
    assert_int_equal(cut, size);
    assert_true(refused > size + 100);
    free(bytes);
    cw_net_free(s.net);
    cw_net_free(other.net);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_headers_are_refused), cmocka_unit_test(a_round_trip),
                                       cmocka_unit_test(bytes_keep_their_scale),
                                       cmocka_unit_test(broken_files_do_no_harm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
