#include "replay.h"

#include "cli.h"
#include "rerun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = "\x89MCAP0\r\n";

bool is_trace(const char *path) {
    FILE *file = fopen(path, "rb");
    char head[8];
    bool yes = file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, magic, sizeof head) == 0;
    if (file)
        fclose(file);
    return yes;
}

static uint64_t step_hash(const cw_trace *trace, uint32_t channel, size_t index) {
    uint64_t hash = 0;
    cw_message message = cw_trace_message(trace, channel, index);
    if (message.size == sizeof hash)
        memcpy(&hash, message.bytes, sizeof hash);
    return hash;
}

static int compare(const cw_trace *old, const cw_trace *new, bool recorded, const char *path) {
    uint32_t a = cw_trace_find(old, "/causeway/step"), b = cw_trace_find(new, "/causeway/step");
    size_t na = a == UINT32_MAX ? 0 : cw_trace_count(old, a), nb = b == UINT32_MAX ? 0 : cw_trace_count(new, b);
    for (size_t i = 0; i < na && i < nb; i++) {
        uint64_t ha = step_hash(old, a, i), hb = step_hash(new, b, i);
        if (ha != hb) {
            printf("%s: DIFFERS at step %zu of %zu: recorded %016" PRIx64 ", now %016" PRIx64 "\n", path, i + 1, na, ha,
                   hb);
            return EXIT_FAILED;
        }
    }
    // One that was interrupted ends there; driven again it would go on.
    const char *end = cw_trace_get(old, "end");
    bool interrupted_run = end && strcmp(end, "interrupted") == 0 && na < nb;
    if (na != nb && !interrupted_run) {
        printf("%s: DIFFERS: %zu steps recorded, %zu now\n", path, na, nb);
        return EXIT_FAILED;
    }
    printf("%s: identical: %zu steps, last hash %016" PRIx64 "%s\n", path, na, na ? step_hash(old, a, na - 1) : 0,
           recorded ? " (its driver's answers from the trace)" : "");
    return EXIT_FINE;
}

static int drive_again(cw_trace *old, const char *path, const char *named, cw_error *err) {
    rerun run;
    if (rerun_open(old, path, named, &run, err) != CW_OK)
        return fail(err);
    cw_trace *new = NULL;
    cw_episode_result result = {0};
    int code;
    if (cw_episode_run(&run.def, &new, &result, err) != CW_OK) {
        code = fail(err);
    } else {
        code = compare(old, new, run.recorded, path);
        cw_arena_free(result.arena);
    }
    cw_trace_free(new);
    rerun_close(&run);
    return code;
}

cw_status open_trace(const char *path, cw_trace **trace, cw_error *err) {
    char *bytes;
    size_t count;
    cw_status status = cw_file_read(path, 0, &bytes, &count, err);
    if (status == CW_OK) {
        status = cw_trace_read(bytes, count, path, trace, err);
        free(bytes);
    }
    return status;
}

int replay_file(const char *path, const char *driver_text) {
    cw_error err = {0};
    cw_trace *trace;
    if (open_trace(path, &trace, &err) != CW_OK)
        return fail(&err);
    int code = drive_again(trace, path, driver_text, &err);
    cw_trace_free(trace);
    return code;
}
