#include "mcap.h"
#include "trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK_SIZE = 1 << 20, ZSTD_LEVEL = -1 };

typedef struct buffer {
    char *bytes;
    size_t count, capacity;
    bool failed;
} buffer;

static void put_bytes(buffer *out, const void *bytes, size_t size) {
    if (out->failed || size > SIZE_MAX / 2 - out->count || !CW_GROW(out->bytes, out->capacity, out->count + size)) {
        out->failed = true;
        return;
    }
    if (size > 0)
        memcpy(out->bytes + out->count, bytes, size);
    out->count += size;
}

// The file is little-endian, as are the machines that Causeway runs on.
static void put_u8(buffer *out, uint8_t value) {
    put_bytes(out, &value, 1);
}
static void put_u16(buffer *out, uint16_t value) {
    put_bytes(out, &value, 2);
}
static void put_u32(buffer *out, uint32_t value) {
    put_bytes(out, &value, 4);
}
static void put_u64(buffer *out, uint64_t value) {
    put_bytes(out, &value, 8);
}

static void put_text(buffer *out, const char *text) {
    size_t size = strlen(text);
    put_u32(out, (uint32_t)size);
    put_bytes(out, text, size);
}

// Opens a record of which the length is not known yet; close_record fills it in.
static size_t open_record(buffer *out, uint8_t opcode) {
    put_u8(out, opcode);
    put_u64(out, 0);
    return out->count;
}

static void close_record(buffer *out, size_t start) {
    if (out->failed)
        return;
    uint64_t length = out->count - start;
    memcpy(out->bytes + start - 8, &length, 8);
}

static size_t open_u32(buffer *out) {
    put_u32(out, 0);
    return out->count;
}

static void close_u32(buffer *out, size_t start) {
    if (out->failed)
        return;
    uint32_t length = (uint32_t)(out->count - start);
    memcpy(out->bytes + start - 4, &length, 4);
}

static uint32_t crc_of(const void *bytes, size_t size) {
    return (uint32_t)crc32_z(0, bytes, size);
}

// ---- the records -----------------------------------------------------------------------------------------------------

typedef struct stamp {
    uint64_t time, offset;
} stamp;

typedef struct channel_index { // of the chunk being filled
    stamp *stamps;
    size_t count, capacity;
    uint32_t sequence;
} channel_index;

typedef struct chunk_note {
    uint64_t start, end, offset, length, index_length, compressed, uncompressed;
    size_t indexes; // where its map of message index offsets stands in `writer.maps`
    size_t indexes_size;
} chunk_note;

typedef struct note { // of an attachment or a metadata record
    uint64_t offset, length;
} note;

typedef struct writer {
    const cw_trace *trace;
    buffer file, records, maps; // records: of the chunk being filled
    channel_index *indexes;
    chunk_note *chunks;
    size_t chunk_count, chunk_capacity;
    uint64_t chunk_start, chunk_end;
    bool chunk_has_messages;
    note *attachments, metadata;
    ZSTD_CCtx *zstd;
    bool failed;
} writer;

// Schema ids count from 1: 0 says "none".
static void put_schema(buffer *out, const trace_channel *channel, size_t number) {
    size_t start = open_record(out, MCAP_SCHEMA);
    put_u16(out, (uint16_t)(number + 1));
    put_text(out, channel->schema_name);
    put_text(out, channel->schema_encoding);
    put_u32(out, (uint32_t)channel->schema_size);
    put_bytes(out, channel->schema, channel->schema_size);
    close_record(out, start);
}

static bool has_schema(const trace_channel *channel) {
    return channel->schema_name[0] != '\0';
}

static void put_channel(buffer *out, const trace_channel *channel, size_t number) {
    size_t start = open_record(out, MCAP_CHANNEL);
    put_u16(out, (uint16_t)number);
    put_u16(out, has_schema(channel) ? (uint16_t)(number + 1) : 0);
    put_text(out, channel->name);
    put_text(out, channel->encoding);
    put_u32(out, 0);
    close_record(out, start);
}

static void put_message(writer *w, size_t number, const trace_entry *entry) {
    const trace_channel *channel = &w->trace->channels[number];
    channel_index *index = &w->indexes[number];
    if (!CW_GROW(index->stamps, index->capacity, index->count + 1)) {
        w->failed = true;
        return;
    }
    uint64_t time = (uint64_t)entry->time_ns;
    index->stamps[index->count++] = (stamp){time, w->records.count};
    put_u8(&w->records, MCAP_MESSAGE);
    put_u64(&w->records, 2 + 4 + 8 + 8 + entry->size);
    put_u16(&w->records, (uint16_t)number);
    put_u32(&w->records, index->sequence++);
    put_u64(&w->records, time);
    put_u64(&w->records, time);
    put_bytes(&w->records, channel->bytes + entry->offset, entry->size);
    if (!w->chunk_has_messages)
        w->chunk_start = time;
    w->chunk_has_messages = true;
    w->chunk_end = time;
}

static void put_chunk(writer *w) {
    size_t bound = ZSTD_compressBound(w->records.count);
    chunk_note chunk = {.start = w->chunk_has_messages ? w->chunk_start : 0,
                        .end = w->chunk_has_messages ? w->chunk_end : 0,
                        .offset = w->file.count,
                        .uncompressed = w->records.count,
                        .indexes = w->maps.count};
    size_t start = open_record(&w->file, MCAP_CHUNK);
    put_u64(&w->file, chunk.start);
    put_u64(&w->file, chunk.end);
    put_u64(&w->file, chunk.uncompressed);
    put_u32(&w->file, crc_of(w->records.bytes, w->records.count));
    put_text(&w->file, "zstd");
    if (w->file.failed || w->records.failed || !CW_GROW(w->file.bytes, w->file.capacity, w->file.count + 8 + bound) ||
        !CW_GROW(w->chunks, w->chunk_capacity, w->chunk_count + 1)) {
        w->failed = true;
        return;
    }
    size_t compressed = ZSTD_compressCCtx(w->zstd, w->file.bytes + w->file.count + 8, bound, w->records.bytes,
                                          w->records.count, ZSTD_LEVEL);
    if (ZSTD_isError(compressed)) {
        w->failed = true;
        return;
    }
    chunk.compressed = compressed;
    put_u64(&w->file, compressed);
    w->file.count += compressed;
    close_record(&w->file, start);
    chunk.length = w->file.count - chunk.offset;
    size_t first = w->file.count;
    for (size_t i = 0; i < w->trace->channel_count; i++) {
        channel_index *index = &w->indexes[i];
        if (index->count == 0)
            continue;
        put_u16(&w->maps, (uint16_t)i);
        put_u64(&w->maps, w->file.count);
        start = open_record(&w->file, MCAP_MESSAGE_INDEX);
        put_u16(&w->file, (uint16_t)i);
        put_u32(&w->file, (uint32_t)(index->count * sizeof *index->stamps));
        put_bytes(&w->file, index->stamps, index->count * sizeof *index->stamps);
        close_record(&w->file, start);
        index->count = 0;
    }
    chunk.index_length = w->file.count - first;
    chunk.indexes_size = w->maps.count - chunk.indexes;
    w->chunks[w->chunk_count++] = chunk;
    w->records.count = 0;
    w->chunk_has_messages = false;
}

// All messages in order of time, those of one instant in order of their channels: a binary heap over the channels.
typedef struct cursor {
    int64_t time;
    uint32_t channel;
    size_t next;
} cursor;

static bool before(const cursor *a, const cursor *b) {
    return a->time != b->time ? a->time < b->time : a->channel < b->channel;
}

static void sift(cursor *heap, size_t count, size_t at) {
    for (;;) {
        size_t least = at, left = 2 * at + 1, right = left + 1;
        if (left < count && before(&heap[left], &heap[least]))
            least = left;
        if (right < count && before(&heap[right], &heap[least]))
            least = right;
        if (least == at)
            return;
        cursor swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

static void put_messages(writer *w) {
    const cw_trace *trace = w->trace;
    cursor *heap = malloc((trace->channel_count + 1) * sizeof *heap);
    if (heap == NULL) {
        w->failed = true;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < trace->channel_count; i++) {
        if (has_schema(&trace->channels[i]))
            put_schema(&w->records, &trace->channels[i], i);
        put_channel(&w->records, &trace->channels[i], i);
        if (trace->channels[i].entry_count > 0)
            heap[count++] = (cursor){trace->channels[i].entries[0].time_ns, (uint32_t)i, 0};
    }
    for (size_t i = count / 2; i-- > 0;)
        sift(heap, count, i);
    while (count > 0 && !w->failed) {
        const trace_channel *channel = &trace->channels[heap[0].channel];
        put_message(w, heap[0].channel, &channel->entries[heap[0].next]);
        if (++heap[0].next < channel->entry_count)
            heap[0].time = channel->entries[heap[0].next].time_ns;
        else
            heap[0] = heap[--count];
        sift(heap, count, 0);
        if (w->records.count >= CHUNK_SIZE)
            put_chunk(w);
    }
    if (w->records.count > 0 && !w->failed)
        put_chunk(w);
    free(heap);
}

static void put_attachments(writer *w) {
    for (size_t i = 0; i < w->trace->attachment_count; i++) {
        const trace_attachment *item = &w->trace->attachments[i];
        w->attachments[i].offset = w->file.count;
        size_t start = open_record(&w->file, MCAP_ATTACHMENT);
        put_u64(&w->file, 0); // logged at the start of the run
        put_u64(&w->file, 0); // its own date is not kept: the same run gives the same bytes
        put_text(&w->file, item->name);
        put_text(&w->file, item->media_type);
        put_u64(&w->file, item->size);
        put_bytes(&w->file, item->bytes, item->size);
        if (w->file.failed)
            return;
        put_u32(&w->file, crc_of(w->file.bytes + start, w->file.count - start));
        close_record(&w->file, start);
        w->attachments[i].length = w->file.count - w->attachments[i].offset;
    }
}

static void put_metadata(writer *w) {
    w->metadata.offset = w->file.count;
    size_t start = open_record(&w->file, MCAP_METADATA);
    put_text(&w->file, "causeway");
    size_t map = open_u32(&w->file);
    for (size_t i = 0; i < w->trace->key_count; i++) {
        put_text(&w->file, w->trace->keys[i].key);
        put_text(&w->file, w->trace->keys[i].value);
    }
    close_u32(&w->file, map);
    close_record(&w->file, start);
    w->metadata.length = w->file.count - w->metadata.offset;
}

// ---- the summary -----------------------------------------------------------------------------------------------------

static void put_statistics(writer *w) {
    const cw_trace *trace = w->trace;
    uint64_t messages = 0, first = UINT64_MAX, last = 0;
    uint16_t schemas = 0;
    for (size_t i = 0; i < trace->channel_count; i++) {
        const trace_channel *channel = &trace->channels[i];
        messages += channel->entry_count;
        schemas = (uint16_t)(schemas + has_schema(channel));
        if (channel->entry_count > 0) {
            uint64_t low = (uint64_t)channel->entries[0].time_ns;
            uint64_t high = (uint64_t)channel->entries[channel->entry_count - 1].time_ns;
            first = low < first ? low : first;
            last = high > last ? high : last;
        }
    }
    size_t start = open_record(&w->file, MCAP_STATISTICS);
    put_u64(&w->file, messages);
    put_u16(&w->file, schemas);
    put_u32(&w->file, (uint32_t)trace->channel_count);
    put_u32(&w->file, (uint32_t)trace->attachment_count);
    put_u32(&w->file, 1);
    put_u32(&w->file, (uint32_t)w->chunk_count);
    put_u64(&w->file, messages > 0 ? first : 0);
    put_u64(&w->file, last);
    size_t map = open_u32(&w->file);
    for (size_t i = 0; i < trace->channel_count; i++) {
        put_u16(&w->file, (uint16_t)i);
        put_u64(&w->file, trace->channels[i].entry_count);
    }
    close_u32(&w->file, map);
    close_record(&w->file, start);
}

static void put_chunk_index(writer *w, const chunk_note *chunk) {
    size_t start = open_record(&w->file, MCAP_CHUNK_INDEX);
    put_u64(&w->file, chunk->start);
    put_u64(&w->file, chunk->end);
    put_u64(&w->file, chunk->offset);
    put_u64(&w->file, chunk->length);
    put_u32(&w->file, (uint32_t)chunk->indexes_size);
    put_bytes(&w->file, w->maps.bytes + chunk->indexes, chunk->indexes_size);
    put_u64(&w->file, chunk->index_length);
    put_text(&w->file, "zstd");
    put_u64(&w->file, chunk->compressed);
    put_u64(&w->file, chunk->uncompressed);
    close_record(&w->file, start);
}

static void put_attachment_index(writer *w, size_t i) {
    const trace_attachment *item = &w->trace->attachments[i];
    size_t start = open_record(&w->file, MCAP_ATTACHMENT_INDEX);
    put_u64(&w->file, w->attachments[i].offset);
    put_u64(&w->file, w->attachments[i].length);
    put_u64(&w->file, 0);
    put_u64(&w->file, 0);
    put_u64(&w->file, item->size);
    put_text(&w->file, item->name);
    put_text(&w->file, item->media_type);
    close_record(&w->file, start);
}

static void put_metadata_index(writer *w) {
    size_t start = open_record(&w->file, MCAP_METADATA_INDEX);
    put_u64(&w->file, w->metadata.offset);
    put_u64(&w->file, w->metadata.length);
    put_text(&w->file, "causeway");
    close_record(&w->file, start);
}

// One group of the summary: its records, and in `offsets` where they stand.
static void put_group(writer *w, buffer *offsets, uint8_t opcode) {
    size_t first = w->file.count;
    switch (opcode) {
    case MCAP_SCHEMA:
        for (size_t i = 0; i < w->trace->channel_count; i++)
            if (has_schema(&w->trace->channels[i]))
                put_schema(&w->file, &w->trace->channels[i], i);
        break;
    case MCAP_CHANNEL:
        for (size_t i = 0; i < w->trace->channel_count; i++)
            put_channel(&w->file, &w->trace->channels[i], i);
        break;
    case MCAP_STATISTICS:
        put_statistics(w);
        break;
    case MCAP_CHUNK_INDEX:
        for (size_t i = 0; i < w->chunk_count; i++)
            put_chunk_index(w, &w->chunks[i]);
        break;
    case MCAP_ATTACHMENT_INDEX:
        for (size_t i = 0; i < w->trace->attachment_count; i++)
            put_attachment_index(w, i);
        break;
    default:
        put_metadata_index(w);
        break;
    }
    if (w->file.count == first)
        return;
    size_t start = open_record(offsets, MCAP_SUMMARY_OFFSET);
    put_u8(offsets, opcode);
    put_u64(offsets, first);
    put_u64(offsets, w->file.count - first);
    close_record(offsets, start);
}

static void put_summary(writer *w) {
    static const uint8_t groups[] = {MCAP_SCHEMA,      MCAP_CHANNEL,          MCAP_STATISTICS,
                                     MCAP_CHUNK_INDEX, MCAP_ATTACHMENT_INDEX, MCAP_METADATA_INDEX};
    buffer offsets = {0};
    size_t summary = w->file.count;
    for (size_t i = 0; i < sizeof groups; i++)
        put_group(w, &offsets, groups[i]);
    size_t summary_offsets = w->file.count;
    put_bytes(&w->file, offsets.bytes, offsets.count);
    put_u8(&w->file, MCAP_FOOTER);
    put_u64(&w->file, 8 + 8 + 4);
    put_u64(&w->file, summary);
    put_u64(&w->file, summary_offsets);
    w->failed = w->failed || w->file.failed || offsets.failed;
    if (!w->failed)
        put_u32(&w->file, crc_of(w->file.bytes + summary, w->file.count - summary));
    free(offsets.bytes);
}

static void put_file(writer *w) {
    put_bytes(&w->file, MCAP_MAGIC, MCAP_MAGIC_SIZE);
    size_t start = open_record(&w->file, MCAP_HEADER);
    put_text(&w->file, "");
    put_text(&w->file, "causeway");
    close_record(&w->file, start);
    put_attachments(w);
    put_messages(w);
    put_metadata(w);
    w->failed = w->failed || w->file.failed || w->records.failed || w->maps.failed;
    if (w->failed)
        return;
    uint32_t crc = crc_of(w->file.bytes, w->file.count);
    start = open_record(&w->file, MCAP_DATA_END);
    put_u32(&w->file, crc);
    close_record(&w->file, start);
    put_summary(w);
    put_bytes(&w->file, MCAP_MAGIC, MCAP_MAGIC_SIZE);
    w->failed = w->failed || w->file.failed;
}

cw_status cw_trace_save(const cw_trace *trace, const char *path, cw_error *err) {
    assert(trace != NULL && path != NULL);
    writer w = {.trace = trace,
                .indexes = calloc(trace->channel_count + 1, sizeof(channel_index)),
                .attachments = calloc(trace->attachment_count + 1, sizeof(note)),
                .zstd = ZSTD_createCCtx()};
    if (w.indexes == NULL || w.attachments == NULL || w.zstd == NULL)
        w.failed = true;
    else
        put_file(&w);
    cw_status status = w.failed ? cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory while writing the trace")
                                : cw_file_write(path, w.file.bytes, w.file.count, err);
    ZSTD_freeCCtx(w.zstd);
    for (size_t i = 0; w.indexes != NULL && i < trace->channel_count; i++)
        free(w.indexes[i].stamps);
    free(w.indexes);
    free(w.attachments);
    free(w.chunks);
    free(w.maps.bytes);
    free(w.records.bytes);
    free(w.file.bytes);
    return status;
}
