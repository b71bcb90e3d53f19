#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/columns.h"
#include "rows.h"
#include <stdlib.h>
#include <string.h>

static const cw_column columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);

row *rows_of(const cw_trace *t, size_t *count) {
    cw_view view = cw_trace_view(t, CW_DECISION_CHANNEL, columns, sizeof columns / sizeof *columns);
    *count = view.messages;
    row *rows = calloc(*count, sizeof *rows);
    for (size_t i = 0; i < *count; i++) {
        cw_message m = cw_trace_message(t, view.channel, i);
        cw_decision_row read;
        cw_view_row(&view, m.bytes, &read);
        rows[i] = (row){.time = 1e-9 * (double)m.time_ns,
                        .accel = (double)read.accel_mps2,
                        .source = read.source,
                        .longitudinal = read.longitudinal,
                        .lateral = read.lateral,
                        .count = read.cause_count};
        memcpy(rows[i].kind, read.cause_kind, CW_CAUSES);
        memcpy(rows[i].relation, read.cause_relation, CW_CAUSES);
    }
    return rows;
}

bool tells(const row *r, cw_cause_kind kind, cw_relation relation) {
    for (int i = 0; i < r->count; i++)
        if (r->kind[i] == kind && r->relation[i] == relation)
            return true;
    return false;
}
