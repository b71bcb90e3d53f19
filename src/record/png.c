// PNG (W3C, 2003): rows filtered by their difference from the left, deflated by zlib, in one chunk.
#include "causeway/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put32(uint8_t *to, uint32_t value) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

// Length, kind, bytes, check sum. Returns where the next chunk begins.
static uint8_t *chunk(uint8_t *to, const char kind[4], const void *bytes, size_t size) {
    put32(to, (uint32_t)size);
    memcpy(to + 4, kind, 4);
    if (size > 0 && bytes != to + 8)
        memmove(to + 8, bytes, size);
    put32(to + 8 + size, (uint32_t)crc32(0, to + 4, (uInt)(size + 4)));
    return to + 12 + size;
}

static void read_row(uint8_t *row, cw_png_kind kind, int width, const void *pixels, size_t first) {
    for (size_t i = 0; i < (size_t)width; i++) {
        if (kind == CW_PNG_COLOR) {
            uint32_t c = ((const uint32_t *)pixels)[first + i];
            row[3 * i] = (uint8_t)(c >> 16);
            row[3 * i + 1] = (uint8_t)(c >> 8);
            row[3 * i + 2] = (uint8_t)c;
        } else if (kind == CW_PNG_GREY8) {
            row[i] = ((const uint8_t *)pixels)[first + i];
        } else {
            uint16_t value = ((const uint16_t *)pixels)[first + i];
            row[2 * i] = (uint8_t)(value >> 8);
            row[2 * i + 1] = (uint8_t)value;
        }
    }
}

cw_status cw_png_write(const char *path, cw_png_kind kind, int width, int height, const void *pixels, cw_error *err) {
    assert(path != NULL && pixels != NULL && width > 0 && height > 0 && width <= 65536 && height <= 65536);
    size_t pixel = kind == CW_PNG_COLOR ? 3 : kind == CW_PNG_GREY16 ? 2 : 1, row = pixel * (size_t)width;
    size_t raw = (row + 1) * (size_t)height;
    uLong bound = compressBound((uLong)raw);
    uint8_t *filtered = malloc(raw), *plain = malloc(row), *file = malloc(bound + 128);
    cw_status status = CW_OK;
    if (filtered == NULL || plain == NULL || file == NULL) {
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    } else {
        for (int y = 0; y < height; y++) {
            uint8_t *to = filtered + (size_t)y * (row + 1);
            read_row(plain, kind, width, pixels, (size_t)y * (size_t)width);
            *to++ = 1; // Sub
            for (size_t i = 0; i < row; i++)
                to[i] = (uint8_t)(plain[i] - (i >= pixel ? plain[i - pixel] : 0));
        }
        static const uint8_t magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
        uint8_t head[13] = {[8] = kind == CW_PNG_GREY16 ? 16 : 8, [9] = kind == CW_PNG_COLOR ? 2 : 0};
        put32(head, (uint32_t)width);
        put32(head + 4, (uint32_t)height);
        memcpy(file, magic, sizeof magic);
        uint8_t *at = chunk(file + sizeof magic, "IHDR", head, sizeof head);
        uLongf size = bound;
        if (compress2(at + 8, &size, filtered, (uLong)raw, 4) != Z_OK) {
            status = cw_error_set(err, CW_ERR_INTERNAL, path, 0, 0, "zlib failed");
        } else {
            at = chunk(at, "IDAT", at + 8, size);
            at = chunk(at, "IEND", NULL, 0);
            status = cw_file_write(path, file, (size_t)(at - file), err);
        }
    }
    free(filtered);
    free(plain);
    free(file);
    return status;
}
