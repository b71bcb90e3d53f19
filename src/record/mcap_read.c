// Reads MCAP from memory: the data section in file order, so that files without a summary are read too. Nothing that the
// file says about a length, a count or an offset is believed before it is checked.
#include "mcap.h"
#include "trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#ifdef CW_HAVE_LZ4
#include <lz4frame.h>
#endif

// Limits on what a small file may make of itself. A chunk may unpack to 16 MiB, or 4096 times its size where that is
// more; all of them together to 256 MiB, or 512 times the file where that is more, and never beyond 4 GiB. Schemas are
// copied to each channel that names them: 256 MiB.
#define UNPACKED_MOST ((uint64_t)4 << 30)
#define CHUNK_FREE ((uint64_t)16 << 20)
#define CHUNK_RATIO 4096u
#define TOTAL_FREE ((uint64_t)256 << 20)
#define TOTAL_RATIO 512u
#define SCHEMAS_MOST ((uint64_t)256 << 20)
enum { CHANNELS_MOST = 65535, TEXT_MOST = 1 << 16 };

typedef struct cursor {
    const uint8_t *at, *end;
    bool bad; // something reached beyond the end
} cursor;

typedef struct schema {
    const uint8_t *name, *encoding, *data; // in the file or in `kept`
    uint32_t name_size, encoding_size, data_size;
    char *kept; // schemas of a chunk live on after it
} schema;

typedef struct reader {
    const uint8_t *bytes;
    size_t size;
    const char *path;
    cw_error *err;
    cw_trace *trace;
    schema *schemas;
    size_t schema_count, schema_capacity;
    uint16_t *schema_of;  // [65536] index + 1 by id; 0: none
    uint32_t *channel_of; // [65536] index + 1 by id; 0: none
    uint8_t *chunk;       // unpacked
    size_t chunk_capacity;
    uint64_t unpacked; // bytes, over all chunks
    uint64_t copied;   // bytes of schemas, over all channels
    ZSTD_DCtx *zstd;
} reader;

static cw_status fail(reader *r, cw_status status, const char *text, uint64_t offset) {
    if (offset == UINT64_MAX)
        return cw_error_set(r->err, status, r->path, 0, 0, "%s", text);
    return cw_error_set(r->err, status, r->path, 0, 0, "%s (byte %llu)", text, (unsigned long long)offset);
}

static cw_status no_memory(reader *r) {
    return fail(r, CW_ERR_MEMORY, "out of memory while reading the trace", UINT64_MAX);
}

// ---- bytes -----------------------------------------------------------------------------------------------------------

static const uint8_t *take(cursor *in, uint64_t size) {
    if (in->bad || (uint64_t)(in->end - in->at) < size) {
        in->bad = true;
        return NULL;
    }
    const uint8_t *at = in->at;
    in->at += size;
    return at;
}

static uint64_t take_number(cursor *in, unsigned size) {
    const uint8_t *at = take(in, size);
    uint64_t value = 0;
    for (unsigned i = 0; at != NULL && i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static uint16_t take_u16(cursor *in) {
    return (uint16_t)take_number(in, 2);
}
static uint32_t take_u32(cursor *in) {
    return (uint32_t)take_number(in, 4);
}
static uint64_t take_u64(cursor *in) {
    return take_number(in, 8);
}

static const uint8_t *take_text(cursor *in, uint32_t *size) {
    *size = take_u32(in);
    return take(in, *size);
}

// A terminated copy; NULL: out of memory. Text of a trace never holds a zero byte: what follows one is dropped.
static char *copy_text(const uint8_t *bytes, size_t size) {
    char *copy = malloc(size + 1);
    if (copy != NULL) {
        if (size > 0)
            memcpy(copy, bytes, size);
        copy[size] = '\0';
    }
    return copy;
}

static uint32_t crc_of(const void *bytes, size_t size) {
    return (uint32_t)crc32_z(0, bytes, size);
}

// ---- schemas and channels --------------------------------------------------------------------------------------------

static cw_status read_schema(reader *r, cursor in) {
    uint16_t id = take_u16(&in);
    schema item = {0};
    item.name = take_text(&in, &item.name_size);
    item.encoding = take_text(&in, &item.encoding_size);
    item.data = take_text(&in, &item.data_size);
    if (in.bad || id == 0 || item.name_size > TEXT_MOST || item.encoding_size > TEXT_MOST)
        return fail(r, CW_ERR_INPUT, "a schema record is damaged", UINT64_MAX);
    if (r->schema_of[id] != 0) {
        const schema *old = &r->schemas[r->schema_of[id] - 1];
        if (old->data_size != item.data_size || memcmp(old->data, item.data, item.data_size) != 0)
            return fail(r, CW_ERR_INPUT, "two schemas have the same number", UINT64_MAX);
        return CW_OK;
    }
    size_t total = (size_t)item.name_size + item.encoding_size + item.data_size;
    if (r->schema_count >= CHANNELS_MOST || !CW_GROW(r->schemas, r->schema_capacity, r->schema_count + 1) ||
        (item.kept = malloc(total + 1)) == NULL)
        return no_memory(r);
    uint8_t *at = memcpy(item.kept, item.name, item.name_size);
    item.name = at;
    item.encoding = memcpy(at + item.name_size, item.encoding, item.encoding_size);
    item.data = memcpy(at + item.name_size + item.encoding_size, item.data, item.data_size);
    r->schemas[r->schema_count++] = item;
    r->schema_of[id] = (uint16_t)r->schema_count;
    return CW_OK;
}

static cw_status make_rows(reader *r, trace_channel *channel) {
    cw_column *columns = NULL;
    uint32_t count = 0;
    cw_status status = trace_schema_read(channel->schema, channel->schema_size, &columns, &count);
    if (status == CW_ERR_MEMORY)
        return no_memory(r);
    if (status != CW_OK)
        return fail(r, status, "the schema of a row channel names no columns", UINT64_MAX);
    bool good = trace_channel_set_columns(channel, columns, count);
    free(columns);
    return good ? CW_OK : no_memory(r);
}

static cw_status read_channel(reader *r, cursor in) {
    uint16_t id = take_u16(&in), schema_id = take_u16(&in);
    uint32_t topic_size, encoding_size, map_size;
    const uint8_t *topic = take_text(&in, &topic_size);
    const uint8_t *encoding = take_text(&in, &encoding_size);
    take_text(&in, &map_size);
    if (in.bad || topic_size > TEXT_MOST || encoding_size > TEXT_MOST)
        return fail(r, CW_ERR_INPUT, "a channel record is damaged", UINT64_MAX);
    if (schema_id != 0 && r->schema_of[schema_id] == 0)
        return fail(r, CW_ERR_INPUT, "a channel names a schema that is not there", UINT64_MAX);
    schema none = {.name = (const uint8_t *)"", .encoding = (const uint8_t *)"", .data = (const uint8_t *)""};
    const schema *of = schema_id != 0 ? &r->schemas[r->schema_of[schema_id] - 1] : &none;
    r->copied += of->data_size;
    if (r->copied > SCHEMAS_MOST)
        return fail(r, CW_ERR_LIMIT, "the channels' schemas are larger than the limit", UINT64_MAX);
    char *name = copy_text(topic, topic_size), *code = copy_text(encoding, encoding_size);
    char *schema_name = copy_text(of->name, of->name_size), *schema_code = copy_text(of->encoding, of->encoding_size);
    cw_status status = CW_OK;
    if (name == NULL || code == NULL || schema_name == NULL || schema_code == NULL) {
        status = no_memory(r);
    } else if (r->channel_of[id] != 0) {
        if (strcmp(r->trace->channels[r->channel_of[id] - 1].name, name) != 0)
            status = fail(r, CW_ERR_INPUT, "two channels have the same number", UINT64_MAX);
    } else {
        uint32_t number = trace_channel_add(r->trace, name, code, schema_name, schema_code, of->data, of->data_size);
        r->channel_of[id] = number + 1; // UINT32_MAX becomes 0: none
        if (number == UINT32_MAX)
            status = no_memory(r);
        else if (strcmp(code, TRACE_ROWS) == 0)
            status = make_rows(r, &r->trace->channels[number]);
    }
    free(name);
    free(code);
    free(schema_name);
    free(schema_code);
    return status;
}

static cw_status read_message(reader *r, cursor in) {
    uint16_t id = take_u16(&in);
    take_u32(&in);
    uint64_t time = take_u64(&in);
    take_u64(&in);
    if (in.bad || time > INT64_MAX)
        return fail(r, CW_ERR_INPUT, "a message record is damaged", UINT64_MAX);
    if (r->channel_of[id] == 0)
        return fail(r, CW_ERR_INPUT, "a message belongs to no channel", UINT64_MAX);
    trace_channel *channel = &r->trace->channels[r->channel_of[id] - 1];
    size_t size = (size_t)(in.end - in.at);
    if (channel->row_size != 0 && size % channel->row_size != 0)
        return fail(r, CW_ERR_INPUT, "a message of rows is not a whole number of rows", UINT64_MAX);
    return trace_channel_append(channel, (int64_t)time, in.at, size) ? CW_OK : no_memory(r);
}

// ---- chunks ----------------------------------------------------------------------------------------------------------

static cw_status read_records(reader *r, cursor in) {
    cw_status status = CW_OK;
    while (status == CW_OK && in.at < in.end) {
        uint8_t opcode = (uint8_t)take_number(&in, 1);
        uint64_t length = take_u64(&in);
        const uint8_t *body = take(&in, length);
        if (in.bad)
            return fail(r, CW_ERR_INPUT, "a record reaches beyond its chunk", UINT64_MAX);
        cursor inner = {body, body + length, false};
        if (opcode == MCAP_SCHEMA)
            status = read_schema(r, inner);
        else if (opcode == MCAP_CHANNEL)
            status = read_channel(r, inner);
        else if (opcode == MCAP_MESSAGE)
            status = read_message(r, inner);
        // Other records do not belong here; the specification asks readers to pass over what they do not know.
    }
    return status;
}

// Unpacks into r->chunk, exactly `unpacked` bytes.
static cw_status unzstd(reader *r, const uint8_t *bytes, size_t packed, size_t unpacked, size_t offset) {
    // The frame's own header is asked first, so that a false claim costs no memory.
    unsigned long long content = ZSTD_getFrameContentSize(bytes, packed);
    if (content == ZSTD_CONTENTSIZE_ERROR || (content != ZSTD_CONTENTSIZE_UNKNOWN && content > unpacked))
        return fail(r, CW_ERR_INPUT, "a chunk does not unpack", offset);
    if (!CW_GROW(r->chunk, r->chunk_capacity, unpacked + 1))
        return no_memory(r);
    size_t got = ZSTD_decompressDCtx(r->zstd, r->chunk, unpacked, bytes, packed);
    return ZSTD_isError(got) || got != unpacked ? fail(r, CW_ERR_INPUT, "a chunk does not unpack", offset) : CW_OK;
}

// The same for one LZ4 frame.
static cw_status unlz4(reader *r, const uint8_t *bytes, size_t packed, size_t unpacked, size_t offset) {
#ifdef CW_HAVE_LZ4
    LZ4F_dctx *lz4 = NULL;
    if (!CW_GROW(r->chunk, r->chunk_capacity, unpacked + 1) ||
        LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)))
        return no_memory(r);
    size_t read = 0, written = 0, wants = 1; // wants is 0 at the frame's end
    while (wants != 0) {
        // One byte of room more than is stated: a frame that holds more then shows itself.
        size_t from = packed - read, to = unpacked + 1 - written;
        wants = LZ4F_decompress(lz4, r->chunk + written, &to, bytes + read, &from, NULL);
        read += from;
        written += to;
        if (LZ4F_isError(wants) || (from == 0 && to == 0))
            break;
    }
    LZ4F_freeDecompressionContext(lz4);
    return wants != 0 || written != unpacked ? fail(r, CW_ERR_INPUT, "a chunk does not unpack", offset) : CW_OK;
#else
    (void)bytes, (void)packed, (void)unpacked;
    return fail(r, CW_ERR_UNSUPPORTED, "a chunk is compressed with lz4: apt-get install liblz4-dev, then build again",
                offset);
#endif
}

static cw_status read_chunk(reader *r, cursor in, uint64_t offset) {
    take_u64(&in);
    take_u64(&in);
    uint64_t unpacked = take_u64(&in);
    uint32_t crc = take_u32(&in), name_size;
    const uint8_t *name = take_text(&in, &name_size);
    uint64_t packed = take_u64(&in);
    const uint8_t *bytes = take(&in, packed);
    if (in.bad)
        return fail(r, CW_ERR_INPUT, "a chunk is damaged", offset);
    r->unpacked = unpacked < UNPACKED_MOST ? r->unpacked + unpacked : UNPACKED_MOST + 1;
    uint64_t chunk_most = packed > CHUNK_FREE / CHUNK_RATIO ? packed * CHUNK_RATIO : CHUNK_FREE;
    uint64_t total_most = r->size > TOTAL_FREE / TOTAL_RATIO ? (uint64_t)r->size * TOTAL_RATIO : TOTAL_FREE;
    if (unpacked > chunk_most || r->unpacked > UNPACKED_MOST || r->unpacked > total_most)
        return fail(r, CW_ERR_LIMIT, "a chunk unpacks to more than the limit", offset);
    if (name_size == 0) {
        if (packed != unpacked)
            return fail(r, CW_ERR_INPUT, "a chunk states a wrong size", offset);
    } else if (name_size == 4 && memcmp(name, "zstd", 4) == 0) {
        cw_status status = unzstd(r, bytes, (size_t)packed, (size_t)unpacked, offset);
        if (status != CW_OK)
            return status;
        bytes = r->chunk;
    } else if (name_size == 3 && memcmp(name, "lz4", 3) == 0) {
        cw_status status = unlz4(r, bytes, (size_t)packed, (size_t)unpacked, offset);
        if (status != CW_OK)
            return status;
        bytes = r->chunk;
    } else {
        return fail(r, CW_ERR_UNSUPPORTED, "a chunk is compressed otherwise than with zstd or lz4", offset);
    }
    if (crc != 0 && crc_of(bytes, (size_t)unpacked) != crc)
        return fail(r, CW_ERR_INPUT, "a chunk's check sum is wrong", offset);
    return read_records(r, (cursor){bytes, bytes + unpacked, false});
}

// ---- attachments and metadata ----------------------------------------------------------------------------------------

static cw_status read_attachment(reader *r, cursor in, uint64_t offset) {
    const uint8_t *start = in.at;
    take_u64(&in);
    take_u64(&in);
    uint32_t name_size, type_size;
    const uint8_t *name = take_text(&in, &name_size);
    const uint8_t *type = take_text(&in, &type_size);
    uint64_t size = take_u64(&in);
    const uint8_t *bytes = take(&in, size);
    const uint8_t *end = in.at;
    uint32_t crc = take_u32(&in);
    if (in.bad || name_size > TEXT_MOST || type_size > TEXT_MOST)
        return fail(r, CW_ERR_INPUT, "an attachment is damaged", offset);
    if (crc != 0 && crc_of(start, (size_t)(end - start)) != crc)
        return fail(r, CW_ERR_INPUT, "an attachment's check sum is wrong", offset);
    char *name_copy = copy_text(name, name_size), *type_copy = copy_text(type, type_size);
    bool good =
        name_copy != NULL && type_copy != NULL && cw_trace_attach(r->trace, name_copy, type_copy, bytes, (size_t)size);
    free(name_copy);
    free(type_copy);
    return good ? CW_OK : no_memory(r);
}

static cw_status read_metadata(reader *r, cursor in, uint64_t offset) {
    uint32_t name_size, map_size;
    const uint8_t *name = take_text(&in, &name_size);
    const uint8_t *map = take_text(&in, &map_size);
    if (in.bad)
        return fail(r, CW_ERR_INPUT, "a metadata record is damaged", offset);
    static const char ours[] = "causeway";
    if (name_size != sizeof ours - 1 || memcmp(name, ours, sizeof ours - 1) != 0)
        return CW_OK; // of another program
    cursor pairs = {map, map + map_size, false};
    while (pairs.at < pairs.end) {
        uint32_t key_size, value_size;
        const uint8_t *key = take_text(&pairs, &key_size);
        const uint8_t *value = take_text(&pairs, &value_size);
        // Setting a key looks through all keys: their number is bounded.
        if (pairs.bad || r->trace->key_count >= 4096)
            return fail(r, CW_ERR_INPUT, "a metadata record is damaged", offset);
        char *key_copy = copy_text(key, key_size), *value_copy = copy_text(value, value_size);
        bool good = key_copy != NULL && value_copy != NULL && cw_trace_set(r->trace, key_copy, value_copy);
        free(key_copy);
        free(value_copy);
        if (!good)
            return no_memory(r);
    }
    return CW_OK;
}

// ---- the file --------------------------------------------------------------------------------------------------------

// The end of the file: footer and summary check sum.
static cw_status read_footer(reader *r, cursor in, uint64_t offset) {
    uint64_t summary = take_u64(&in), summary_offset = take_u64(&in);
    uint32_t crc = take_u32(&in);
    if (in.bad || summary > offset || summary_offset > offset)
        return fail(r, CW_ERR_INPUT, "the footer is damaged", offset);
    uint64_t checked = offset + MCAP_RECORD_HEAD + 16;
    if (crc != 0 && summary != 0 && crc_of(r->bytes + summary, (size_t)(checked - summary)) != crc)
        return fail(r, CW_ERR_INPUT, "the summary's check sum is wrong", offset);
    return CW_OK;
}

static cw_status read_data_end(reader *r, cursor in, uint64_t offset) {
    uint32_t crc = take_u32(&in);
    if (in.bad)
        return fail(r, CW_ERR_INPUT, "the end of the data is damaged", offset);
    if (crc != 0 && crc_of(r->bytes, (size_t)offset) != crc)
        return fail(r, CW_ERR_INPUT, "the data's check sum is wrong", offset);
    return CW_OK;
}

static cw_status read_file(reader *r) {
    if (r->size < MCAP_MAGIC_SIZE || memcmp(r->bytes, MCAP_MAGIC, MCAP_MAGIC_SIZE) != 0)
        return fail(r, CW_ERR_INPUT, "not an MCAP file", UINT64_MAX);
    if (r->size < 2 * MCAP_MAGIC_SIZE || memcmp(r->bytes + r->size - MCAP_MAGIC_SIZE, MCAP_MAGIC, MCAP_MAGIC_SIZE) != 0)
        return fail(r, CW_ERR_INPUT, "the file is cut off: the closing mark is missing", UINT64_MAX);
    cursor in = {r->bytes + MCAP_MAGIC_SIZE, r->bytes + r->size - MCAP_MAGIC_SIZE, false};
    bool first = true, data = true;
    while (in.at < in.end) {
        uint64_t offset = (uint64_t)(in.at - r->bytes);
        uint8_t opcode = (uint8_t)take_number(&in, 1);
        uint64_t length = take_u64(&in);
        const uint8_t *body = take(&in, length);
        if (in.bad)
            return fail(r, CW_ERR_INPUT, "a record reaches beyond the file", offset);
        if (first != (opcode == MCAP_HEADER))
            return fail(r, CW_ERR_INPUT, "the header is missing or stands twice", offset);
        first = false;
        cursor inner = {body, body + length, false};
        cw_status status = CW_OK;
        if (opcode == MCAP_FOOTER)
            return in.at == in.end ? read_footer(r, inner, offset)
                                   : fail(r, CW_ERR_INPUT, "something follows the footer", offset);
        if (opcode == MCAP_DATA_END) {
            data = false;
            status = read_data_end(r, inner, offset);
        } else if (!data) {
            continue; // the summary repeats what was read
        } else if (opcode == MCAP_SCHEMA) {
            status = read_schema(r, inner);
        } else if (opcode == MCAP_CHANNEL) {
            status = read_channel(r, inner);
        } else if (opcode == MCAP_MESSAGE) {
            status = read_message(r, inner);
        } else if (opcode == MCAP_CHUNK) {
            status = read_chunk(r, inner, offset);
        } else if (opcode == MCAP_ATTACHMENT) {
            status = read_attachment(r, inner, offset);
        } else if (opcode == MCAP_METADATA) {
            status = read_metadata(r, inner, offset);
        }
        if (status != CW_OK)
            return status;
    }
    return fail(r, CW_ERR_INPUT, "the file is cut off: the footer is missing", UINT64_MAX);
}

cw_status cw_trace_read(const void *bytes, size_t size, const char *path, cw_trace **trace, cw_error *err) {
    assert((bytes != NULL || size == 0) && trace != NULL);
    *trace = NULL;
    reader r = {.bytes = bytes,
                .size = size,
                .path = path,
                .err = err,
                .trace = cw_trace_new(),
                .schema_of = calloc(65536, sizeof(uint16_t)),
                .channel_of = calloc(65536, sizeof(uint32_t)),
                .zstd = ZSTD_createDCtx()};
    cw_status status = r.trace != NULL && r.schema_of != NULL && r.channel_of != NULL && r.zstd != NULL ? read_file(&r)
                                                                                                        : no_memory(&r);
    // Files of others may hold messages out of order.
    for (size_t i = 0; status == CW_OK && r.trace != NULL && i < r.trace->channel_count; i++)
        if (!trace_channel_sort(&r.trace->channels[i]))
            status = no_memory(&r);
    for (size_t i = 0; i < r.schema_count; i++)
        free(r.schemas[i].kept);
    free(r.schemas);
    free(r.schema_of);
    free(r.channel_of);
    free(r.chunk);
    ZSTD_freeDCtx(r.zstd);
    if (status == CW_OK)
        *trace = r.trace;
    else
        cw_trace_free(r.trace);
    return status;
}
