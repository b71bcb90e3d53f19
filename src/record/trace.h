// What a trace is in memory; for the files of `record` alone.
#ifndef CW_RECORD_TRACE_H
#define CW_RECORD_TRACE_H

#include "causeway/record.h"

// Where a message's bytes stand in its channel's buffer.
typedef struct trace_entry {
    int64_t time_ns;
    size_t offset, size;
} trace_entry;

typedef struct trace_channel {
    char *name, *encoding;
    char *schema_name, *schema_encoding;
    char *schema; // text or bytes, terminated
    size_t schema_size;
    cw_column *columns; // NULL: not a row channel
    uint32_t column_count;
    size_t row_size; // bytes, 0: not a row channel
    trace_entry *entries;
    size_t entry_count, entry_capacity;
    char *bytes;
    size_t byte_count, byte_capacity;
} trace_channel;

typedef struct trace_attachment {
    char *name, *media_type;
    void *bytes;
    size_t size;
} trace_attachment;

typedef struct trace_key {
    char *key, *value;
} trace_key;

struct cw_trace {
    trace_channel *channels;
    size_t channel_count, channel_capacity;
    trace_attachment *attachments;
    size_t attachment_count, attachment_capacity;
    trace_key *keys; // in the order in which they were first set
    size_t key_count, key_capacity;
};

// The message encoding of a row channel.
#define TRACE_ROWS "x-causeway-rows"

// Adds a channel without looking for one of the same name. Everything is copied. UINT32_MAX: out of memory.
uint32_t trace_channel_add(cw_trace *trace, const char *name, const char *encoding, const char *schema_name,
                           const char *schema_encoding, const void *schema, size_t schema_size);
// Makes it a row channel of these columns (copied).
bool trace_channel_set_columns(trace_channel *channel, const cw_column *columns, uint32_t count);
// Appends without asking for order. False when out of memory.
bool trace_channel_append(trace_channel *channel, int64_t time_ns, const void *bytes, size_t size);
// Brings the messages into order of time; those of one instant keep their order. False when out of memory.
bool trace_channel_sort(trace_channel *channel);

// The JSON schema that describes rows of these columns; from malloc, terminated. NULL: out of memory.
char *trace_schema_write(const char *name, const cw_column *columns, uint32_t count);
// The columns that such a schema lists, in *columns from malloc (names and units in the same block). CW_ERR_INPUT when
// the text is no such schema.
cw_status trace_schema_read(const char *text, size_t size, cw_column **columns, uint32_t *count);

#endif
