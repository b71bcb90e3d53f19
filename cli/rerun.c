#include "rerun.h"

#include "causeway/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// What the trace says of a key; NULL where that is nothing.
static const char *said(const cw_trace *trace, const char *key) {
    const char *text = cw_trace_get(trace, key);
    return text && text[0] ? text : NULL;
}

static cw_status read_scene(cw_trace *trace, const char *scenario, rerun *r, cw_error *err) {
    cw_scenario_options options = {.set = r->set.parameters,
                                   .set_count = r->set.parameter_count,
                                   .open = open_attached,
                                   .context = trace,
                                   .problem = (unsigned)whole(trace, "problem", 0),
                                   .ego = said(trace, "ego"),
                                   .remove = said(trace, "remove")};
    cw_status status = cw_scene_read_file(scenario, &options, &r->scene, err);
    return status == CW_OK ? traffic_apply(&r->traffic, &r->set, r->scene, err) : status;
}

static void fill_def(const cw_trace *trace, rerun *r) {
    const char *asked = cw_trace_get(trace, "duration_asked_s"), *route = cw_trace_get(trace, "route");
    cw_episode_def *def = &r->def;
    *def = cw_episode_defaults(r->scene);
    def->driver = r->choice.driver;
    def->weights = r->choice.weights;
    def->options = r->choice.options;
    def->proposals = r->recorded ? trace : NULL;
    def->interrupt = &interrupted;
    def->evaluator = cw_trace_get(trace, "evaluator") && strcmp(cw_trace_get(trace, "evaluator"), "on") == 0;
    traffic_drive(&r->traffic, &r->set, def);
    def->set = r->set.keys;
    def->set_count = r->set.key_count;
    def->seed = (uint64_t)whole(trace, "seed", 1);
    def->dt_ns = whole(trace, "dt_ns", def->dt_ns);
    def->period_ns = whole(trace, "period_ns", def->period_ns);
    if (!asked || !cw_parse_double(asked, strlen(asked), &def->duration))
        def->duration = NAN;
    const char *comma = route ? strchr(route, ',') : NULL;
    if (comma && (size_t)(comma - route) < sizeof r->from) {
        memcpy(r->from, route, (size_t)(comma - route));
        def->route = (cw_route_request){true, r->from, comma + 1};
    }
}

cw_status rerun_open(cw_trace *trace, const char *path, const char *named, rerun *r, cw_error *err) {
    // The scenario is the first attachment; the files that it refers to follow under the names it asks for.
    const char *scenario = NULL, *type, *driver_text = cw_trace_get(trace, "driver");
    const void *data;
    size_t size;
    *r = (rerun){0};
    if (!cw_trace_attachment(trace, 0, &scenario, &type, &data, &size))
        scenario = NULL;
    if (!scenario || !driver_text)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0,
                            "not a trace of 'causeway drive': it names no scenario and driver");
    // A driver of someone's own drives again when it is named; else its answers are in the trace.
    r->renew = named && strcmp(named, driver_text) == 0;
    if (choose_driver(driver_text, &r->choice, err) != CW_OK)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "it was driven by '%s', which this build does not have",
                            driver_text);
    r->recorded = !r->renew && cw_trace_find(trace, "/causeway/proposal") != UINT32_MAX;
    if (r->choice.driver && !r->choice.driver->repeatable && !r->renew &&
        !r->recorded) // a trace is data: it runs no code by itself
        return cw_error_set(
            err, CW_ERR_INPUT, path, 0, 0,
            "what its driver answered is not in it, and that is not run unless you name it: --driver %s", driver_text);
    for (unsigned i = 0; i < 4096; i++) {
        char key[24];
        snprintf(key, sizeof key, "set.%u", i);
        const char *text = cw_trace_get(trace, key);
        if (!text || !settings_add(&r->set, text))
            break;
    }
    r->traffic = (traffic_option){.count = (unsigned)whole(trace, "traffic", 0),
                                  .driver = said(trace, "traffic_driver"),
                                  .route = cw_trace_get(trace, "route")};
    cw_status status = read_scene(trace, scenario, r, err);
    if (status == CW_OK) {
        fill_def(trace, r);
        if (r->def.dt_ns <= 0 || r->def.period_ns <= 0 || r->def.period_ns % r->def.dt_ns != 0)
            status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "its time step is not one that Causeway writes");
    }
    if (status != CW_OK)
        rerun_close(r);
    return status;
}

void rerun_close(rerun *r) {
    cw_scene_free(r->scene);
    settings_free(&r->set);
    r->scene = NULL;
}
