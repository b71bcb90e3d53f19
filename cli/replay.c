#include "replay.h"

#include "cli.h"
#include "driver_option.h"
#include "traffic_option.h"

#include "causeway/format.h"
#include "causeway/run.h"

#include <inttypes.h>
#include <math.h>
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

// Files come from the trace's attachments, under the names that the first run gave them.
static cw_status open_attached(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const cw_trace *trace = context;
    for (uint32_t i = 0; i < cw_trace_attachment_count(trace); i++) {
        const char *name, *type;
        const void *data;
        size_t size;
        if (!cw_trace_attachment(trace, i, &name, &type, &data, &size) || strcmp(name, path) != 0)
            continue;
        *bytes = malloc(size + 1);
        if (!*bytes)
            return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
        memcpy(*bytes, data, size);
        (*bytes)[size] = 0;
        *count = size;
        return CW_OK;
    }
    return cw_error_set(err, CW_ERR_IO, path, 0, 0, "the trace has no such attachment");
}

static int64_t whole(const cw_trace *trace, const char *key, int64_t otherwise) {
    const char *text = cw_trace_get(trace, key);
    int64_t value;
    return text && cw_parse_int64(text, strlen(text), &value) ? value : otherwise;
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
    if (na != nb) {
        printf("%s: DIFFERS: %zu steps recorded, %zu now\n", path, na, nb);
        return EXIT_FAILED;
    }
    printf("%s: identical: %zu steps, last hash %016" PRIx64 "%s\n", path, na, na ? step_hash(old, a, na - 1) : 0,
           recorded ? " (its driver's answers from the trace)" : "");
    return EXIT_FINE;
}

// What the trace says of a key; NULL where that is nothing.
static const char *said(const cw_trace *trace, const char *key) {
    const char *text = cw_trace_get(trace, key);
    return text && text[0] ? text : NULL;
}

static int drive_again(cw_trace *old, const char *path, const char *named, cw_error *err) {
    // The scenario is the first attachment; the files that it refers to follow under the names it asks for.
    const char *scenario = NULL, *type, *driver_text = cw_trace_get(old, "driver");
    const void *data;
    size_t size;
    if (!cw_trace_attachment(old, 0, &scenario, &type, &data, &size))
        scenario = NULL;
    if (!scenario || !driver_text) {
        cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "not a trace of 'causeway drive': it names no scenario and driver");
        return fail(err);
    }
    // A driver of someone's own drives again when it is named; else its answers are in the trace.
    bool renew = strcmp(named, driver_text) == 0;
    driver_choice choice;
    if (choose_driver(driver_text, &choice, err) != CW_OK) {
        cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "it was driven by '%s', which this build does not have",
                     driver_text);
        return fail(err);
    }
    bool recorded = !renew && cw_trace_find(old, "/causeway/proposal") != UINT32_MAX;
    if (choice.driver && !choice.driver->repeatable && !renew &&
        !recorded) { // a trace is data: it runs no code by itself
        cw_error_set(err, CW_ERR_INPUT, path, 0, 0,
                     "what its driver answered is not in it, and that is not run unless you name it: --driver %s",
                     driver_text);
        return fail(err);
    }
    settings set = {0};
    for (unsigned i = 0; i < 4096; i++) {
        char key[24];
        snprintf(key, sizeof key, "set.%u", i);
        const char *text = cw_trace_get(old, key);
        if (!text || !settings_add(&set, text))
            break;
    }
    cw_scenario_options options = {.set = set.parameters,
                                   .set_count = set.parameter_count,
                                   .open = open_attached,
                                   .context = old,
                                   .problem = (unsigned)whole(old, "problem", 0),
                                   .ego = said(old, "ego"),
                                   .remove = said(old, "remove")};
    cw_scene *scene = NULL;
    cw_trace *new = NULL;
    int code = EXIT_FINE;
    traffic_option traffic = {.count = (unsigned)whole(old, "traffic", 0),
                              .driver = said(old, "traffic_driver"),
                              .route = cw_trace_get(old, "route")};
    if (cw_scene_read_file(scenario, &options, &scene, err) != CW_OK ||
        traffic_apply(&traffic, &set, scene, err) != CW_OK) {
        code = fail(err);
    } else {
        const char *asked = cw_trace_get(old, "duration_asked_s"), *route = cw_trace_get(old, "route");
        cw_episode_def def = cw_episode_defaults(scene);
        def.driver = choice.driver;
        def.weights = choice.weights;
        def.options = choice.options;
        def.proposals = recorded ? old : NULL;
        def.interrupt = &interrupted;
        def.evaluator = cw_trace_get(old, "evaluator") && strcmp(cw_trace_get(old, "evaluator"), "on") == 0;
        traffic_drive(&traffic, &set, &def);
        def.set = set.keys;
        def.set_count = set.key_count;
        def.seed = (uint64_t)whole(old, "seed", 1);
        def.dt_ns = whole(old, "dt_ns", def.dt_ns);
        def.period_ns = whole(old, "period_ns", def.period_ns);
        if (!asked || !cw_parse_double(asked, strlen(asked), &def.duration))
            def.duration = NAN;
        char from[256] = "";
        const char *comma = route ? strchr(route, ',') : NULL;
        if (comma && (size_t)(comma - route) < sizeof from) {
            memcpy(from, route, (size_t)(comma - route));
            def.route = (cw_route_request){true, from, comma + 1};
        }
        cw_episode_result result = {0};
        if (def.dt_ns <= 0 || def.period_ns <= 0 || def.period_ns % def.dt_ns != 0) {
            cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "its time step is not one that Causeway writes");
            code = fail(err);
        } else if (cw_episode_run(&def, &new, &result, err) != CW_OK) {
            code = fail(err);
        } else {
            code = compare(old, new, recorded, path);
            cw_arena_free(result.arena);
        }
    }
    cw_trace_free(new);
    cw_scene_free(scene);
    settings_free(&set);
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
