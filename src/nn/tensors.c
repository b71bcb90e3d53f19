// Reading safetensors: eight bytes of length, a JSON header, the tensors' bytes. Nothing in it is believed.
#include "causeway/nn.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 16 << 20, TENSORS_MOST = 65536 };

struct cw_tensors {
    json_t *header;
    char *bytes; // NULL: the caller's
    cw_tensor_view *list;
    uint32_t count;
};

static cw_status bad(const char *path, const char *what, const char *name, cw_error *err) {
    return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "not a safetensors file: %s%s%.100s", what, name ? ": " : "",
                        name ? name : "");
}

static size_t size_of_type(const char *type) {
    static const struct {
        const char *name;
        size_t size;
    } types[] = {{"F32", 4}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}, {"F16", 2}, {"BF16", 2}, {"I16", 2},
                 {"U16", 2}, {"I32", 4}, {"U32", 4}, {"F64", 8},  {"I64", 8}, {"U64", 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0)
            return types[i].size;
    return 0;
}

static bool read_number(const json_t *value, uint64_t *out) {
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static cw_status read_entry(const char *path, const char *name, const json_t *entry, const char *data, size_t room,
                            cw_tensor_view *out, cw_error *err) {
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    const json_t *shape = json_object_get(entry, "shape"), *offsets = json_object_get(entry, "data_offsets");
    uint64_t from, to, count = 1;
    size_t size = type ? size_of_type(type) : 0;
    if (size == 0)
        return bad(path, "a tensor of no known type", name, err);
    *out = (cw_tensor_view){.name = name, .rank = (uint32_t)json_array_size(shape)};
    if (!json_is_array(shape) || json_array_size(shape) > sizeof out->size / sizeof *out->size)
        return bad(path, "a tensor without a shape, or of more than 8 axes", name, err);
    for (uint32_t i = 0; i < out->rank; i++) {
        if (!read_number(json_array_get(shape, i), &out->size[i]))
            return bad(path, "a size is no whole number", name, err);
        if (out->size[i] != 0 && count > UINT64_MAX / size / out->size[i])
            return bad(path, "a tensor larger than memory", name, err);
        count *= out->size[i];
    }
    if (json_array_size(offsets) != 2 || !read_number(json_array_get(offsets, 0), &from) ||
        !read_number(json_array_get(offsets, 1), &to) || from > to || to > room)
        return bad(path, "a tensor outside the file", name, err);
    if (to - from != count * size)
        return bad(path, "a tensor's bytes do not fit its shape", name, err);
    out->count = count;
    if (strcmp(type, "I8") == 0)
        out->bytes = (const int8_t *)(data + from);
    if (strcmp(type, "F32") == 0) {
        if ((uintptr_t)(data + from) % sizeof(float) != 0)
            return bad(path, "a tensor of floats at an odd place", name, err);
        out->floats = (const float *)(const void *)(data + from);
    }
    return CW_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const cw_tensor_view *)a)->name, ((const cw_tensor_view *)b)->name);
}

static cw_status read_all(const char *path, const char *bytes, size_t size, cw_tensors *t, cw_error *err) {
    uint64_t length;
    if (size < sizeof length)
        return bad(path, "it is shorter than a header's length", NULL, err);
    memcpy(&length, bytes, sizeof length);
    if (length > size - sizeof length || length > HEADER_MOST)
        return bad(path, "the header is longer than the file, or than 16 MB", NULL, err);
    json_error_t where;
    t->header = json_loadb(bytes + sizeof length, (size_t)length, JSON_REJECT_DUPLICATES, &where);
    if (!t->header)
        return cw_error_set(err, CW_ERR_INPUT, path, where.line, where.column, "not a safetensors file: %s",
                            where.text);
    if (!json_is_object(t->header) || json_object_size(t->header) > TENSORS_MOST)
        return bad(path, "the header is no object, or has more than 65,536 tensors", NULL, err);
    t->list = calloc(json_object_size(t->header) + 1, sizeof *t->list);
    if (!t->list)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    const char *name;
    json_t *entry;
    json_object_foreach(t->header, name, entry) {
        if (strcmp(name, "__metadata__") == 0)
            continue;
        cw_status status = read_entry(path, name, entry, bytes + sizeof length + length,
                                      size - sizeof length - (size_t)length, &t->list[t->count], err);
        if (status != CW_OK)
            return status;
        t->count++;
    }
    if (t->count > 0)
        qsort(t->list, t->count, sizeof *t->list, by_name);
    return CW_OK;
}

cw_status cw_tensors_read(const char *path, const void *bytes, size_t size, cw_tensors **tensors, cw_error *err) {
    *tensors = NULL;
    cw_tensors *t = calloc(1, sizeof *t);
    if (!t)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    cw_status status = read_all(path, bytes, size, t, err);
    if (status == CW_OK)
        *tensors = t;
    else
        cw_tensors_free(t);
    return status;
}

cw_status cw_tensors_open(const char *path, cw_tensors **tensors, cw_error *err) {
    char *bytes;
    size_t size;
    *tensors = NULL;
    cw_status status = cw_file_read(path, 0, &bytes, &size, err);
    if (status == CW_OK)
        status = cw_tensors_read(path, bytes, size, tensors, err);
    else
        return status;
    if (status == CW_OK && *tensors)
        (*tensors)->bytes = bytes;
    else
        free(bytes);
    return status;
}

void cw_tensors_free(cw_tensors *t) {
    if (!t)
        return;
    json_decref(t->header);
    free(t->bytes);
    free(t->list);
    free(t);
}

const char *cw_tensors_note(const cw_tensors *t, const char *key) {
    return json_string_value(json_object_get(json_object_get(t->header, "__metadata__"), key));
}

const cw_tensor_view *cw_tensors_find(const cw_tensors *t, const char *name) {
    cw_tensor_view key = {.name = name};
    return t->count > 0 ? bsearch(&key, t->list, t->count, sizeof *t->list, by_name) : NULL;
}

const cw_tensor_view *cw_tensors_all(const cw_tensors *t, uint32_t *count) {
    *count = t->count;
    return t->list;
}
