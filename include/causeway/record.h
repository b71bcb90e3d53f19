// The trace: everything that happened in a run, as columns. `record` knows a column's name, type, unit and count, not its
// meaning. A trace lives in memory while the run goes on, is read by everything afterwards, and is stored as MCAP.
#ifndef CAUSEWAY_RECORD_H
#define CAUSEWAY_RECORD_H

#include "causeway/base.h"

typedef enum cw_type { CW_U8, CW_I8, CW_U16, CW_U32, CW_I32, CW_U64, CW_I64, CW_F32, CW_F64 } cw_type;
size_t cw_type_size(cw_type type);
const char *cw_type_name(cw_type type); // "float32", ...

// One column of a row: `count` values of a type. A row is its columns packed without gaps, little-endian.
typedef struct cw_column {
    const char *name; // with the unit at its end where it has one: "speed_mps"
    cw_type type;
    uint32_t count;
    const char *unit; // "m/s", "" for none
} cw_column;

typedef struct cw_trace cw_trace; // one thread at a time

cw_trace *cw_trace_new(void);        // NULL when out of memory
void cw_trace_free(cw_trace *trace); // NULL is fine

// A channel of rows. `name` is the topic ("/causeway/actors"). The columns are copied. Returns its number, or UINT32_MAX
// when out of memory. Declaring the same name again with the same columns gives the same channel.
uint32_t cw_trace_rows(cw_trace *trace, const char *name, const cw_column *columns, uint32_t count);
// A channel of free-form messages: encoding "json" with a JSON schema's text (schema_name as viewers know it), or
// "x-bytes" with an empty schema for binary state.
uint32_t cw_trace_messages(cw_trace *trace, const char *name, const char *encoding, const char *schema_name,
                           const char *schema_encoding, const char *schema);
// Appends; time is ns from 0 and must not fall within a channel. For rows `size` must be a whole number of rows (several
// rows of one instant are one message). False when out of memory: the run then ends with a named fault.
bool cw_trace_add(cw_trace *trace, uint32_t channel, int64_t time_ns, const void *bytes, size_t size);
bool cw_trace_attach(cw_trace *trace, const char *name, const char *media_type, const void *bytes, size_t size);
// Sets a key of the trace's metadata record "causeway" (copied; an existing key is replaced).
bool cw_trace_set(cw_trace *trace, const char *key, const char *value);

// ---- reading ---------------------------------------------------------------------------------------------------------

typedef struct cw_message {
    int64_t time_ns;
    const void *bytes; // valid until the trace is freed or the channel is added to
    size_t size;
} cw_message;

uint32_t cw_trace_channel_count(const cw_trace *trace);
uint32_t cw_trace_find(const cw_trace *trace, const char *name); // UINT32_MAX: no such channel
const char *cw_trace_name(const cw_trace *trace, uint32_t channel);
const char *cw_trace_schema_name(const cw_trace *trace, uint32_t channel);
size_t cw_trace_count(const cw_trace *trace, uint32_t channel); // messages
cw_message cw_trace_message(const cw_trace *trace, uint32_t channel, size_t index);
uint32_t cw_trace_columns(const cw_trace *trace, uint32_t channel, const cw_column **columns); // 0: not a row channel
size_t cw_trace_row_size(const cw_trace *trace, uint32_t channel);
const char *cw_trace_get(const cw_trace *trace, const char *key); // metadata; NULL: absent
uint32_t cw_trace_attachment_count(const cw_trace *trace);
bool cw_trace_attachment(const cw_trace *trace, uint32_t index, const char **name, const char **media_type,
                         const void **bytes, size_t *size);
// Offset of a column within a row, SIZE_MAX where there is none of that name, type and count.
size_t cw_trace_offset(const cw_trace *trace, uint32_t channel, const char *column, cw_type type, uint32_t count);

// A channel's rows as a reader lists their columns, whatever columns the trace has.
enum { CW_VIEW_COLUMNS_MOST = 32 };
typedef struct cw_view {
    const cw_trace *trace;
    uint32_t channel;
    size_t messages, row_size; // of the trace; messages 0: it has no such channel of rows
    const cw_column *columns;  // as the reader lists them
    uint32_t count, piece_count;
    struct {
        size_t from, to, size; // bytes of a row that are copied together; `from` SIZE_MAX: not in the trace
        int otherwise;         // what each of them is then
    } pieces[CW_VIEW_COLUMNS_MOST];
} cw_view;

// `columns` (at most CW_VIEW_COLUMNS_MOST) outlive the view, and so does the trace; nothing is added to it meanwhile.
cw_view cw_trace_view(const cw_trace *trace, const char *channel, const cw_column *columns, uint32_t count);
bool cw_view_has(const cw_view *view, const char *column); // one of those listed: does the trace have it?
// One row of a message into `out`, packed as the reader lists it. What the trace does not have, with
// that name, type and count, reads as NAN where it is floating point, 0 where it is a byte, else as all bits set (CW_NONE).
void cw_view_row(const cw_view *view, const void *row, void *out);
size_t cw_view_rows(const cw_view *view); // of all messages together

// ---- MCAP ------------------------------------------------------------------------------------------------------------

// Writes the whole trace: indexed MCAP, zstd chunks with CRC, schemas, attachments, metadata, statistics. Row channels
// have the message encoding "x-causeway-rows" and a schema of encoding "jsonschema" that lists the columns
// (x-causeway-columns), so that the file describes itself. Under a temporary name, then renamed.
cw_status cw_trace_save(const cw_trace *trace, const char *path, cw_error *err);
// Reads an MCAP file of ours or of others (foreign channels are kept as messages). Every length is checked, CRCs too.
cw_status cw_trace_read(const void *bytes, size_t size, const char *path, cw_trace **trace, cw_error *err);

// ---- video -----------------------------------------------------------------------------------------------------------

typedef struct cw_video cw_video;

typedef struct cw_video_def {
    int width, height; // even
    int frames_per_second;
    int quality; // x264 CRF, 0: 23
} cw_video_def;

// H.264 in MP4, yuv420p, faststart, through libavcodec opened at first use; CW_ERR_UNSUPPORTED with how to install it
// where it is missing. Written under a temporary name; cw_video_close renames.
cw_status cw_video_open(const char *path, const cw_video_def *def, cw_video **video, cw_error *err);
// pixels: height rows of `stride` bytes, 32-bit native-endian 0xXXRRGGBB (cairo's RGB24).
cw_status cw_video_add(cw_video *video, const void *pixels, size_t stride, cw_error *err);
cw_status cw_video_close(cw_video *video, cw_error *err); // finishes the file and frees
void cw_video_abandon(cw_video *video);                   // frees, leaves no file; NULL is fine

// ---- pictures --------------------------------------------------------------------------------------------------------

typedef enum cw_png_kind {
    CW_PNG_COLOR, // 32-bit native-endian 0xXXRRGGBB, written as 8-bit RGB
    CW_PNG_GREY8, // a byte
    CW_PNG_GREY16 // a native uint16_t
} cw_png_kind;

// PNG of height rows of width pixels, packed. Under a temporary name, then renamed.
cw_status cw_png_write(const char *path, cw_png_kind kind, int width, int height, const void *pixels, cw_error *err);

#endif
