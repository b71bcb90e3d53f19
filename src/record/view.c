// Rows of a trace as a reader lists their columns.
#include "causeway/record.h"

#include <assert.h>
#include <string.h>

cw_view cw_trace_view(const cw_trace *trace, const char *channel, const cw_column *columns, uint32_t count) {
    assert(count <= CW_VIEW_COLUMNS_MOST);
    cw_view view = {.trace = trace, .channel = cw_trace_find(trace, channel), .columns = columns, .count = count};
    if (view.channel != UINT32_MAX)
        view.row_size = cw_trace_row_size(trace, view.channel);
    if (view.row_size > 0)
        view.messages = cw_trace_count(trace, view.channel);
    size_t to = 0;
    for (uint32_t i = 0; i < count; i++) {
        const cw_column *c = &columns[i];
        size_t from = cw_trace_offset(trace, view.channel, c->name, c->type, c->count);
        size_t size = cw_type_size(c->type) * c->count;
        uint32_t last = view.piece_count - 1;
        bool apart = i == 0 || from == SIZE_MAX || view.pieces[last].from == SIZE_MAX;
        if (!apart && view.pieces[last].from + view.pieces[last].size == from) {
            view.pieces[last].size += size; // they lie side by side in both
        } else {
            uint32_t next = view.piece_count++;
            view.pieces[next].from = from;
            view.pieces[next].to = to;
            view.pieces[next].size = size;
            view.pieces[next].otherwise = c->type == CW_U8 ? 0 : 0xff; // all bits set: NAN, too
        }
        to += size;
    }
    return view;
}

bool cw_view_has(const cw_view *view, const char *column) {
    for (uint32_t i = 0; i < view->count; i++) {
        const cw_column *c = &view->columns[i];
        if (strcmp(c->name, column) == 0)
            return cw_trace_offset(view->trace, view->channel, c->name, c->type, c->count) != SIZE_MAX;
    }
    assert(false); // the reader lists no such column
    return false;
}

void cw_view_row(const cw_view *view, const void *row, void *out) {
    for (uint32_t i = 0; i < view->piece_count; i++) {
        unsigned char *to = (unsigned char *)out + view->pieces[i].to;
        if (view->pieces[i].from != SIZE_MAX)
            memcpy(to, (const unsigned char *)row + view->pieces[i].from, view->pieces[i].size);
        else
            memset(to, view->pieces[i].otherwise, view->pieces[i].size);
    }
}

size_t cw_view_rows(const cw_view *view) {
    size_t rows = 0;
    for (size_t i = 0; i < view->messages; i++)
        rows += cw_trace_message(view->trace, view->channel, i).size / view->row_size;
    return rows;
}
