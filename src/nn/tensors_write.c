// Writing safetensors; a net's weights and an optimiser's state as tensors, and back.
#include "nn/trainer.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t bytes_of(const cw_tensor_out *t) {
    return (size_t)(t->rows ? t->rows : 1) * t->columns * (t->floats ? sizeof(float) : 1);
}

static json_t *entry_of(const cw_tensor_out *t, size_t from) {
    json_t *shape = json_array();
    size_t to = from + bytes_of(t);
    if (t->rows)
        json_array_append_new(shape, json_integer(t->rows));
    json_array_append_new(shape, json_integer(t->columns));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", t->floats ? "F32" : "I8", "shape", shape, "data_offsets",
                     (json_int_t)from, (json_int_t)to);
}

// Floats first, so that they lie evenly.
static size_t lay_out(const cw_tensor_out *tensors, uint32_t count, json_t *header) {
    size_t at = 0;
    for (int bytes = 0; bytes < 2; bytes++)
        for (uint32_t i = 0; i < count; i++)
            if ((tensors[i].floats == NULL) == bytes) {
                json_object_set_new(header, tensors[i].name, entry_of(&tensors[i], at));
                at += bytes_of(&tensors[i]);
            }
    return at;
}

static void copy(const cw_tensor_out *tensors, uint32_t count, char *to) {
    for (int bytes = 0; bytes < 2; bytes++)
        for (uint32_t i = 0; i < count; i++) {
            const cw_tensor_out *t = &tensors[i];
            size_t size = t->floats ? sizeof(float) : 1, row = t->columns * size;
            const char *from = t->floats ? (const char *)t->floats : (const char *)t->bytes;
            if ((t->floats == NULL) != bytes)
                continue;
            for (size_t k = 0; k < (t->rows ? t->rows : 1); k++, to += row)
                memcpy(to, from + k * t->stride * size, row);
        }
}

cw_status cw_tensors_write(const char *path, const cw_note *notes, uint32_t note_count, const cw_tensor_out *tensors,
                           uint32_t count, cw_error *err) {
    json_t *header = json_object(), *meta = json_object();
    for (uint32_t i = 0; i < note_count; i++)
        json_object_set_new(meta, notes[i].key, json_string(notes[i].text));
    json_object_set_new(header, "__metadata__", meta);
    size_t data = lay_out(tensors, count, header);
    char *text = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(header);
    uint64_t length = text ? (strlen(text) + 7) / 8 * 8 : 0; // padded with spaces, as the format asks
    char *bytes = text ? malloc(sizeof length + length + data) : NULL;
    cw_status status;
    if (bytes) {
        memcpy(bytes, &length, sizeof length);
        memset(bytes + sizeof length, ' ', length);
        memcpy(bytes + sizeof length, text, strlen(text));
        copy(tensors, count, bytes + sizeof length + length);
        status = cw_file_write(path, bytes, sizeof length + length + data, err);
    } else {
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    free(bytes);
    free(text);
    return status;
}

// ---- networks and optimisers -----------------------------------------------------------------------------------------------

static const char *named(cw_arena *arena, const char *prefix, const char *name) {
    char text[192];
    int length = snprintf(text, sizeof text, "%s%s", prefix, name);
    return cw_arena_text(arena, text, (size_t)length);
}

uint32_t cw_net_tensors(const cw_net *net, const char *prefix, const float *floats, cw_arena *names,
                        cw_tensor_out *out) {
    for (uint32_t i = 0; i < net->weight_count; i++) {
        const cw_weight *w = &net->weights[i];
        out[i] = (cw_tensor_out){.name = named(names, prefix, w->name),
                                 .rows = w->rows > 1 ? w->rows : 0,
                                 .columns = w->columns,
                                 .stride = w->stride,
                                 .floats = floats + w->first};
        if (!out[i].name)
            return 0;
    }
    return net->weight_count;
}

static bool all_finite(const float *values, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

// The scales of a matrix of bytes, one for each column; NULL: there are none that fit.
static const float *scales_of(const cw_tensors *tensors, const char *name, const cw_weight *w) {
    char scale[208];
    snprintf(scale, sizeof scale, "%s.scale", name);
    const cw_tensor_view *t = cw_tensors_find(tensors, scale);
    return t && t->floats && t->rank == 1 && t->size[0] == w->columns && all_finite(t->floats, t->count) ? t->floats
                                                                                                         : NULL;
}

static cw_status check(const cw_tensors *tensors, const char *path, const char *name, const cw_weight *w,
                       cw_error *err) {
    const cw_tensor_view *t = cw_tensors_find(tensors, name);
    if (!t)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "there is no tensor %.100s", name);
    bool vector = t->rank == 1 && w->rows == 1 && t->size[0] == w->columns;
    bool matrix = t->rank == 2 && t->size[0] == w->rows && t->size[1] == w->columns;
    if ((!t->floats && !t->bytes) || (!vector && !matrix))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "tensor %.100s is not %u x %u floats or bytes", name,
                            w->rows, w->columns);
    if (t->bytes && !scales_of(tensors, name, w))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "tensor %.100s is of bytes and has no scales", name);
    if (t->floats && !all_finite(t->floats, t->count))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "tensor %.100s holds what is no number", name);
    return CW_OK;
}

static void take(const cw_tensors *tensors, const char *name, const cw_weight *w, float *to) {
    const cw_tensor_view *t = cw_tensors_find(tensors, name);
    const float *scale = t->bytes ? scales_of(tensors, name, w) : NULL;
    for (size_t r = 0; r < w->rows; r++)
        for (size_t k = 0; k < w->columns; k++)
            to[r * w->stride + k] =
                scale ? (float)t->bytes[r * w->columns + k] * scale[k] : t->floats[r * w->columns + k];
}

cw_status cw_net_take(const cw_net *net, const char *path, const cw_tensors *tensors, const char *prefix, float *floats,
                      cw_error *err) {
    for (int pass = 0; pass < 2; pass++) // nothing is changed before all is checked
        for (uint32_t i = 0; i < net->weight_count; i++) {
            const cw_weight *w = &net->weights[i];
            char name[192];
            snprintf(name, sizeof name, "%s%s", prefix, w->name);
            cw_status status = pass == 0 ? check(tensors, path, name, w, err) : CW_OK;
            if (status != CW_OK)
                return status;
            if (pass == 1)
                take(tensors, name, w, floats + w->first);
        }
    return CW_OK;
}

uint32_t cw_net_bytes(const cw_net *net, const float *floats, cw_arena *arena, cw_tensor_out *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->weight_count; i++) {
        const cw_weight *w = &net->weights[i];
        const float *from = floats + w->first;
        if (w->rows == 1) { // biases stay floats
            out[count++] = (cw_tensor_out){.name = w->name, .columns = w->columns, .stride = w->stride, .floats = from};
            continue;
        }
        int8_t *bytes = cw_arena_array(arena, (size_t)w->rows * w->columns, 1);
        float *scale = cw_arena_array(arena, w->columns, sizeof *scale);
        const char *name = named(arena, w->name, ".scale");
        if (!bytes || !scale || !name)
            return 0;
        for (uint32_t k = 0; k < w->columns; k++) {
            float most = 0;
            for (size_t r = 0; r < w->rows; r++)
                most = fmaxf(most, fabsf(from[r * w->stride + k]));
            scale[k] = most > 0 ? most / 127 : 1;
            for (size_t r = 0; r < w->rows; r++)
                bytes[r * w->columns + k] = (int8_t)rint((double)(from[r * w->stride + k] / scale[k]));
        }
        out[count++] = (cw_tensor_out){
            .name = w->name, .rows = w->rows, .columns = w->columns, .stride = w->columns, .bytes = bytes};
        out[count++] = (cw_tensor_out){.name = name, .columns = w->columns, .stride = w->columns, .floats = scale};
    }
    return count;
}

uint32_t cw_trainer_tensors(cw_trainer *t, cw_arena *names, cw_tensor_out *out, float step[2]) {
    // 24 bits each: exact as floats.
    step[0] = (float)(t->steps & 0xffffff);
    step[1] = (float)(t->steps >> 24);
    uint32_t count = cw_net_tensors(t->net, "adam.first.", t->first, names, out);
    count += cw_net_tensors(t->net, "adam.second.", t->second, names, out + count);
    if (t->average)
        count += cw_net_tensors(t->net, "average.", t->average, names, out + count);
    out[count] = (cw_tensor_out){.name = "adam.step", .columns = 2, .stride = 2, .floats = step};
    return count + 1;
}

cw_status cw_trainer_take(cw_trainer *t, const char *path, const cw_tensors *tensors, cw_error *err) {
    const cw_tensor_view *step = cw_tensors_find(tensors, "adam.step");
    if (!step || !step->floats || step->count != 2 || !(step->floats[0] >= 0 && step->floats[0] < 16777216) ||
        !(step->floats[1] >= 0 && step->floats[1] < 16777216))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "it holds no state of an optimiser to go on from");
    cw_status status = cw_net_take(t->net, path, tensors, "adam.first.", t->first, err);
    if (status == CW_OK)
        status = cw_net_take(t->net, path, tensors, "adam.second.", t->second, err);
    if (status == CW_OK && t->average)
        status = cw_net_take(t->net, path, tensors, "average.", t->average, err);
    if (status == CW_OK)
        t->steps = (uint64_t)step->floats[0] + ((uint64_t)step->floats[1] << 24);
    return status;
}
