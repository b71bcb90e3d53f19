#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows.h"
#include <stdlib.h>
#include <string.h>

static size_t offset(const cw_trace *t, uint32_t channel, const char *column, cw_type type, uint32_t count) {
    size_t at = cw_trace_offset(t, channel, column, type, count);
    assert_int_not_equal(at, SIZE_MAX);
    return at;
}

row *rows_of(const cw_trace *t, size_t *count) {
    uint32_t c = cw_trace_find(t, "/causeway/decision");
    size_t accel = offset(t, c, "accel_mps2", CW_F32, 1), source = offset(t, c, "source", CW_U8, 1);
    size_t along = offset(t, c, "longitudinal", CW_U8, 1), across = offset(t, c, "lateral", CW_U8, 1);
    size_t causes = offset(t, c, "cause_count", CW_U8, 1), kind = offset(t, c, "cause_kind", CW_U8, CW_CAUSES);
    size_t relation = offset(t, c, "cause_relation", CW_U8, CW_CAUSES);
    *count = cw_trace_count(t, c);
    row *rows = calloc(*count, sizeof *rows);
    for (size_t i = 0; i < *count; i++) {
        cw_message m = cw_trace_message(t, c, i);
        const unsigned char *bytes = m.bytes;
        float a;
        memcpy(&a, bytes + accel, sizeof a);
        rows[i] = (row){.time = 1e-9 * (double)m.time_ns,
                        .accel = (double)a,
                        .source = bytes[source],
                        .longitudinal = bytes[along],
                        .lateral = bytes[across],
                        .count = bytes[causes]};
        memcpy(rows[i].kind, bytes + kind, CW_CAUSES);
        memcpy(rows[i].relation, bytes + relation, CW_CAUSES);
    }
    return rows;
}

bool tells(const row *r, cw_cause_kind kind, cw_relation relation) {
    for (int i = 0; i < r->count; i++)
        if (r->kind[i] == kind && r->relation[i] == relation)
            return true;
    return false;
}
