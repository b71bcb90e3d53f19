// A trace of our own with everything in it, and where tests put their files.
#ifndef CW_TEST_RECORD_SAMPLE_H
#define CW_TEST_RECORD_SAMPLE_H

#include "causeway/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Three channels (rows, json, bytes), `ticks` decision ticks, two attachments, two keys.
static inline cw_trace *sample_trace(int ticks) {
    static const cw_column columns[] = {
        {"actor", CW_U32, 1, ""}, {"seen", CW_U8, 1, ""}, {"x_m", CW_F64, 1, "m"}, {"plan_mps", CW_F32, 3, "m/s"}};
    enum { ROW = 4 + 1 + 8 + 12 };
    cw_trace *trace = cw_trace_new();
    uint32_t rows = cw_trace_rows(trace, "/causeway/actors", columns, 4);
    uint32_t words = cw_trace_messages(trace, "/causeway/words", "json", "causeway.words", "jsonschema",
                                       "{\"type\":\"object\",\"properties\":{\"en\":{\"type\":\"string\"}}}");
    uint32_t bytes = cw_trace_messages(trace, "/causeway/state", "x-bytes", "", "", "");
    cw_trace_messages(trace, "/causeway/silent", "json", "causeway.silent", "jsonschema", "{}");
    for (int tick = 0; tick < ticks; tick++) {
        int64_t time = tick * (int64_t)100000000;
        char two[2 * ROW];
        for (uint32_t actor = 0; actor < 2; actor++) {
            double x = tick * 1.25 + actor * 30.0;
            float plan[3] = {(float)tick, (float)tick * 0.5F, -1.0F};
            char *at = two + actor * ROW;
            memcpy(at, &actor, 4);
            at[4] = (char)(tick & 1);
            memcpy(at + 5, &x, 8);
            memcpy(at + 13, plan, 12);
        }
        cw_trace_add(trace, rows, time, two, tick % 3 == 0 ? ROW : 2 * ROW);
        if (tick % 10 == 0) {
            char text[64];
            int length = snprintf(text, sizeof text, "{\"en\":\"tick %d\",\"ko\":\"보행자\"}", tick);
            cw_trace_add(trace, words, time, text, (size_t)length);
            uint32_t noise[4096];
            for (uint32_t i = 0; i < 4096; i++)
                noise[i] = (i + (uint32_t)tick) * 2654435761U;
            cw_trace_add(trace, bytes, time, noise, sizeof noise);
        }
    }
    cw_trace_attach(trace, "scenario.xosc", "application/xml", "<OpenSCENARIO/>", 15);
    cw_trace_attach(trace, "empty.txt", "text/plain", NULL, 0);
    cw_trace_set(trace, "seed", "1");
    cw_trace_set(trace, "command", "causeway drive 보행자.xosc");
    return trace;
}

// A name in a temporary folder, which is made once.
static inline const char *sample_path(const char *name) {
    static char folder[64], path[128];
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/causeway-test-XXXXXX");
        if (mkdtemp(folder) == NULL)
            abort();
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void sample_clean(const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        unlink(sample_path(names[i]));
    char folder[128];
    snprintf(folder, sizeof folder, "%s", sample_path(""));
    rmdir(folder);
}

#endif
