#include "trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t cw_type_size(cw_type type) {
    static const uint8_t sizes[] = {1, 1, 2, 4, 4, 8, 8, 4, 8};
    assert((size_t)type < sizeof sizes);
    return sizes[type];
}

const char *cw_type_name(cw_type type) {
    static const char *const names[] = {"uint8",  "int8",  "uint16",  "uint32", "int32",
                                        "uint64", "int64", "float32", "float64"};
    assert((size_t)type < sizeof names / sizeof *names);
    return names[type];
}

static char *copy_bytes(const void *bytes, size_t size) {
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return NULL;
    if (size > 0)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

static char *copy_text(const char *text) {
    return copy_bytes(text, strlen(text));
}

cw_trace *cw_trace_new(void) {
    return calloc(1, sizeof(cw_trace));
}

static void free_channel(trace_channel *channel) {
    free(channel->name);
    free(channel->encoding);
    free(channel->schema_name);
    free(channel->schema_encoding);
    free(channel->schema);
    free(channel->columns);
    free(channel->entries);
    free(channel->bytes);
}

void cw_trace_free(cw_trace *trace) {
    if (trace == NULL)
        return;
    for (size_t i = 0; i < trace->channel_count; i++)
        free_channel(&trace->channels[i]);
    for (size_t i = 0; i < trace->attachment_count; i++) {
        free(trace->attachments[i].name);
        free(trace->attachments[i].media_type);
        free(trace->attachments[i].bytes);
    }
    for (size_t i = 0; i < trace->key_count; i++) {
        free(trace->keys[i].key);
        free(trace->keys[i].value);
    }
    free(trace->channels);
    free(trace->attachments);
    free(trace->keys);
    free(trace);
}

// ---- channels --------------------------------------------------------------------------------------------------------

uint32_t trace_channel_add(cw_trace *trace, const char *name, const char *encoding, const char *schema_name,
                           const char *schema_encoding, const void *schema, size_t schema_size) {
    if (trace->channel_count >= UINT16_MAX ||
        !CW_GROW(trace->channels, trace->channel_capacity, trace->channel_count + 1))
        return UINT32_MAX;
    trace_channel channel = {.name = copy_text(name),
                             .encoding = copy_text(encoding),
                             .schema_name = copy_text(schema_name),
                             .schema_encoding = copy_text(schema_encoding),
                             .schema = copy_bytes(schema, schema_size),
                             .schema_size = schema_size};
    if (channel.name == NULL || channel.encoding == NULL || channel.schema_name == NULL ||
        channel.schema_encoding == NULL || channel.schema == NULL) {
        free_channel(&channel);
        return UINT32_MAX;
    }
    trace->channels[trace->channel_count] = channel;
    return (uint32_t)trace->channel_count++;
}

bool trace_channel_set_columns(trace_channel *channel, const cw_column *columns, uint32_t count) {
    size_t text = 0, row = 0;
    for (uint32_t i = 0; i < count; i++) {
        text += strlen(columns[i].name) + strlen(columns[i].unit) + 2;
        row += cw_type_size(columns[i].type) * columns[i].count;
    }
    cw_column *copy = malloc(count * sizeof *copy + text);
    if (copy == NULL)
        return false;
    char *at = (char *)(copy + count);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = columns[i];
        size_t name = strlen(columns[i].name) + 1, unit = strlen(columns[i].unit) + 1;
        copy[i].name = memcpy(at, columns[i].name, name);
        copy[i].unit = memcpy(at + name, columns[i].unit, unit);
        at += name + unit;
    }
    free(channel->columns);
    channel->columns = copy;
    channel->column_count = count;
    channel->row_size = row;
    return true;
}

static bool same_columns(const trace_channel *channel, const cw_column *columns, uint32_t count) {
    if (channel->column_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const cw_column *a = &channel->columns[i], *b = &columns[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->unit, b->unit) != 0 || a->type != b->type ||
            a->count != b->count)
            return false;
    }
    return true;
}

uint32_t cw_trace_rows(cw_trace *trace, const char *name, const cw_column *columns, uint32_t count) {
    assert(trace != NULL && name != NULL && columns != NULL && count > 0);
    for (size_t i = 0; i < trace->channel_count; i++)
        if (strcmp(trace->channels[i].name, name) == 0 && same_columns(&trace->channels[i], columns, count))
            return (uint32_t)i;
    // "causeway.actors" for "/causeway/actors".
    char *schema_name = copy_text(name[0] == '/' ? name + 1 : name);
    if (schema_name == NULL)
        return UINT32_MAX;
    for (char *c = schema_name; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    char *schema = trace_schema_write(schema_name, columns, count);
    uint32_t number = UINT32_MAX;
    if (schema != NULL)
        number = trace_channel_add(trace, name, TRACE_ROWS, schema_name, "jsonschema", schema, strlen(schema));
    if (number != UINT32_MAX && !trace_channel_set_columns(&trace->channels[number], columns, count)) {
        free_channel(&trace->channels[number]);
        trace->channel_count--;
        number = UINT32_MAX;
    }
    free(schema);
    free(schema_name);
    return number;
}

uint32_t cw_trace_messages(cw_trace *trace, const char *name, const char *encoding, const char *schema_name,
                           const char *schema_encoding, const char *schema) {
    assert(trace != NULL && name != NULL && encoding != NULL && strcmp(encoding, TRACE_ROWS) != 0);
    schema_name = schema_name != NULL ? schema_name : "";
    schema_encoding = schema_encoding != NULL ? schema_encoding : "";
    schema = schema != NULL ? schema : "";
    for (size_t i = 0; i < trace->channel_count; i++) {
        const trace_channel *channel = &trace->channels[i];
        if (strcmp(channel->name, name) == 0 && strcmp(channel->encoding, encoding) == 0 &&
            strcmp(channel->schema_name, schema_name) == 0 && strcmp(channel->schema, schema) == 0)
            return (uint32_t)i;
    }
    return trace_channel_add(trace, name, encoding, schema_name, schema_encoding, schema, strlen(schema));
}

bool trace_channel_append(trace_channel *channel, int64_t time_ns, const void *bytes, size_t size) {
    if (size > SIZE_MAX - channel->byte_count ||
        !CW_GROW(channel->entries, channel->entry_capacity, channel->entry_count + 1) ||
        !CW_GROW(channel->bytes, channel->byte_capacity, channel->byte_count + size))
        return false;
    if (size > 0)
        memcpy(channel->bytes + channel->byte_count, bytes, size);
    channel->entries[channel->entry_count++] = (trace_entry){time_ns, channel->byte_count, size};
    channel->byte_count += size;
    return true;
}

bool cw_trace_add(cw_trace *trace, uint32_t channel, int64_t time_ns, const void *bytes, size_t size) {
    assert(trace != NULL && channel < trace->channel_count && time_ns >= 0 && (bytes != NULL || size == 0));
    trace_channel *to = &trace->channels[channel];
    assert(to->row_size == 0 || size % to->row_size == 0);
    assert(to->entry_count == 0 || to->entries[to->entry_count - 1].time_ns <= time_ns);
    return trace_channel_append(to, time_ns, bytes, size);
}

// Bottom-up merge sort: stable, and as fast on hostile input as on any other.
bool trace_channel_sort(trace_channel *channel) {
    size_t n = channel->entry_count;
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = channel->entries[i - 1].time_ns <= channel->entries[i].time_ns;
    if (sorted)
        return true;
    trace_entry *from = channel->entries, *to = malloc(channel->entry_capacity * sizeof *to);
    if (to == NULL)
        return false;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = n - low < width ? n : low + width, high = n - low < 2 * width ? n : low + 2 * width;
            size_t a = low, b = middle;
            for (size_t k = low; k < high; k++)
                to[k] = b == high || (a < middle && from[a].time_ns <= from[b].time_ns) ? from[a++] : from[b++];
        }
        trace_entry *swap = from;
        from = to;
        to = swap;
    }
    channel->entries = from;
    free(to);
    return true;
}

// ---- attachments and metadata ----------------------------------------------------------------------------------------

bool cw_trace_attach(cw_trace *trace, const char *name, const char *media_type, const void *bytes, size_t size) {
    assert(trace != NULL && name != NULL && media_type != NULL && (bytes != NULL || size == 0));
    if (trace->attachment_count >= UINT32_MAX ||
        !CW_GROW(trace->attachments, trace->attachment_capacity, trace->attachment_count + 1))
        return false;
    trace_attachment item = {copy_text(name), copy_text(media_type), copy_bytes(bytes, size), size};
    if (item.name == NULL || item.media_type == NULL || item.bytes == NULL) {
        free(item.name);
        free(item.media_type);
        free(item.bytes);
        return false;
    }
    trace->attachments[trace->attachment_count++] = item;
    return true;
}

bool cw_trace_set(cw_trace *trace, const char *key, const char *value) {
    assert(trace != NULL && key != NULL && value != NULL);
    char *copy = copy_text(value);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < trace->key_count; i++) {
        if (strcmp(trace->keys[i].key, key) == 0) {
            free(trace->keys[i].value);
            trace->keys[i].value = copy;
            return true;
        }
    }
    char *name = copy_text(key);
    if (name == NULL || !CW_GROW(trace->keys, trace->key_capacity, trace->key_count + 1)) {
        free(name);
        free(copy);
        return false;
    }
    trace->keys[trace->key_count++] = (trace_key){name, copy};
    return true;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

uint32_t cw_trace_channel_count(const cw_trace *trace) {
    return (uint32_t)trace->channel_count;
}

uint32_t cw_trace_find(const cw_trace *trace, const char *name) {
    for (size_t i = 0; i < trace->channel_count; i++)
        if (strcmp(trace->channels[i].name, name) == 0)
            return (uint32_t)i;
    return UINT32_MAX;
}

static const trace_channel *channel_of(const cw_trace *trace, uint32_t channel) {
    assert(trace != NULL && channel < trace->channel_count);
    return &trace->channels[channel];
}

const char *cw_trace_name(const cw_trace *trace, uint32_t channel) {
    return channel_of(trace, channel)->name;
}

const char *cw_trace_schema_name(const cw_trace *trace, uint32_t channel) {
    return channel_of(trace, channel)->schema_name;
}

size_t cw_trace_count(const cw_trace *trace, uint32_t channel) {
    return channel_of(trace, channel)->entry_count;
}

cw_message cw_trace_message(const cw_trace *trace, uint32_t channel, size_t index) {
    const trace_channel *from = channel_of(trace, channel);
    assert(index < from->entry_count);
    const trace_entry *entry = &from->entries[index];
    // A channel of empty messages may have no buffer at all.
    return (cw_message){entry->time_ns, from->bytes != NULL ? from->bytes + entry->offset : "", entry->size};
}

uint32_t cw_trace_columns(const cw_trace *trace, uint32_t channel, const cw_column **columns) {
    const trace_channel *from = channel_of(trace, channel);
    if (columns != NULL)
        *columns = from->columns;
    return from->column_count;
}

size_t cw_trace_row_size(const cw_trace *trace, uint32_t channel) {
    return channel_of(trace, channel)->row_size;
}

const char *cw_trace_get(const cw_trace *trace, const char *key) {
    for (size_t i = 0; i < trace->key_count; i++)
        if (strcmp(trace->keys[i].key, key) == 0)
            return trace->keys[i].value;
    return NULL;
}

uint32_t cw_trace_attachment_count(const cw_trace *trace) {
    return (uint32_t)trace->attachment_count;
}

bool cw_trace_attachment(const cw_trace *trace, uint32_t index, const char **name, const char **media_type,
                         const void **bytes, size_t *size) {
    if (index >= trace->attachment_count)
        return false;
    const trace_attachment *item = &trace->attachments[index];
    if (name != NULL)
        *name = item->name;
    if (media_type != NULL)
        *media_type = item->media_type;
    if (bytes != NULL)
        *bytes = item->bytes;
    if (size != NULL)
        *size = item->size;
    return true;
}

size_t cw_trace_offset(const cw_trace *trace, uint32_t channel, const char *column, cw_type type, uint32_t count) {
    if (channel >= trace->channel_count)
        return SIZE_MAX;
    const trace_channel *from = &trace->channels[channel];
    size_t offset = 0;
    for (uint32_t i = 0; i < from->column_count; i++) {
        const cw_column *at = &from->columns[i];
        if (strcmp(at->name, column) == 0)
            return at->type == type && at->count == count ? offset : SIZE_MAX;
        offset += cw_type_size(at->type) * at->count;
    }
    return SIZE_MAX;
}
