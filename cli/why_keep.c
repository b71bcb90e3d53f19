#include "why_keep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CANDIDATES_MOST = 1000 };

struct why_keep {
    FILE *file;
    const char *path;
    json_t *scenes; // by name
};

static cw_status read_lines(why_keep *keep, const char *bytes, size_t count, const json_t *settings, size_t *good,
                            cw_error *err) {
    int line = 0;
    *good = 0;
    for (size_t at = 0; at < count; line++) {
        const char *end = memchr(bytes + at, '\n', count - at);
        if (!end)
            return CW_OK; // cut short while it was written
        json_error_t where;
        json_t *row = json_loadb(bytes + at, (size_t)(end - bytes) - at, 0, &where);
        const char *scene = json_string_value(json_object_get(row, "scene"));
        bool fine = line == 0 ? json_equal(row, settings) : scene && json_is_array(json_object_get(row, "decisions"));
        if (fine && line > 0)
            json_object_set(keep->scenes, scene, row);
        json_decref(row);
        if (!fine)
            return cw_error_set(err, CW_ERR_INPUT, keep->path, line + 1, 0,
                                line == 0 ? "kept of a table with other settings" : "not a scene of a table");
        at = (size_t)(end - bytes) + 1;
        *good = at;
    }
    return CW_OK;
}

cw_status why_keep_open(const char *path, const json_t *settings, why_keep **out, cw_error *err) {
    *out = NULL;
    why_keep *keep = calloc(1, sizeof *keep);
    if (!keep)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    keep->path = path;
    keep->scenes = json_object();
    char *bytes = NULL;
    size_t count = 0, good = 0;
    cw_status status = CW_OK;
    if (access(path, F_OK) == 0) {
        status = cw_file_read(path, 0, &bytes, &count, err);
        if (status == CW_OK)
            status = read_lines(keep, bytes, count, settings, &good, err);
        free(bytes);
    }
    if (status == CW_OK) {
        keep->file = fopen(path, good > 0 ? "r+" : "w");
        if (!keep->file || (good > 0 && (ftruncate(fileno(keep->file), (off_t)good) != 0 ||
                                         fseeko(keep->file, (off_t)good, SEEK_SET) != 0)))
            status = cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot be written");
    }
    if (status == CW_OK && good == 0)
        status = why_keep_add(keep, json_deep_copy(settings), err);
    if (status != CW_OK) {
        why_keep_close(keep);
        return status;
    }
    *out = keep;
    return CW_OK;
}

void why_keep_close(why_keep *keep) {
    if (!keep)
        return;
    if (keep->file)
        fclose(keep->file);
    json_decref(keep->scenes);
    free(keep);
}

const json_t *why_keep_find(const why_keep *keep, const char *scene) {
    return json_object_get(keep->scenes, scene);
}

cw_status why_keep_add(why_keep *keep, json_t *scene, cw_error *err) {
    char *text = scene ? json_dumps(scene, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(scene);
    if (!text)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    bool fine = fprintf(keep->file, "%s\n", text) > 0 && fflush(keep->file) == 0;
    free(text);
    return fine ? CW_OK : cw_error_set(err, CW_ERR_IO, keep->path, 0, 0, "cannot be written");
}

// ---- decisions -------------------------------------------------------------------------------------------------------

static json_t *real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *branch_json(const cw_why_branch *b) {
    return b->ran ? json_pack("{s:b, s:f, s:f}", "changed", b->changed, "moved_m", (double)b->moved, "further_m",
                              (double)b->further)
                  : json_null();
}

static json_t *candidate_json(const cw_why_result *r, uint32_t index, const cw_labels *labels) {
    const cw_why_candidate *c = &r->candidates[index];
    cw_said name = {0};
    cw_why_name(c, labels, &name);
    json_t *root = json_pack("{s:s, s:s, s:s, s:s}", "kind", cw_cause_name((cw_cause_kind)c->cause.kind), "name",
                             name.in[CW_ENGLISH], "relation", cw_relation_name((cw_relation)c->cause.relation),
                             "verdict", cw_why_verdict_name((cw_why_verdict)c->verdict));
    if (c->actor != CW_NONE) {
        json_object_set_new(root, "actor", json_integer(c->actor));
        json_object_set_new(root, "distance_m", real((double)c->distance));
        json_object_set_new(root, "ttc_s", real((double)c->ttc));
    }
    json_object_set_new(root, "named", json_boolean(c->named));
    json_object_set_new(root, "seen", json_boolean(c->seen));
    json_object_set_new(root, "removal", branch_json(&c->removal));
    json_object_set_new(root, "variant", branch_json(&c->variant));
    json_object_set_new(root, "direct_removal", branch_json(&c->direct_removal));
    json_object_set_new(root, "direct_variant", branch_json(&c->direct_variant));
    json_t *with = json_array();
    for (uint32_t k = 0; k < c->with_count; k++)
        json_array_append_new(with, json_integer(c->with[k]));
    json_object_set_new(root, "with", with);
    return root;
}

json_t *why_keep_decision(const cw_why_result *r, const cw_labels *labels) {
    char words[512];
    cw_reason_words(&r->reason, labels, CW_ENGLISH, words, sizeof words);
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->count; i++)
        json_array_append_new(list, candidate_json(r, i, labels));
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:f, s:b, s:b, s:b, s:i, s:i, s:o}", "decision", (json_int_t)r->tick,
                     "words", words, "longitudinal", cw_longitudinal_name((cw_longitudinal)r->reason.longitudinal),
                     "lateral", cw_lateral_name((cw_lateral)r->reason.lateral), "source",
                     cw_source_name((cw_source)r->source), "horizon_s", r->horizon, "not_testable",
                     r->untestable != NULL, "sufficiency", r->has_sufficiency && r->sufficiency.ran, "sufficient",
                     r->sufficient, "placebos", (int)r->placebos, "placebos_changed", (int)r->placebos_changed,
                     "candidates", list);
}

typedef const char *name_of(uint32_t value);
#define NAMED(function, call, type)                                                                                    \
    static const char *function(uint32_t value) {                                                                      \
        return call((type)value);                                                                                      \
    }
NAMED(longitudinal_at, cw_longitudinal_name, cw_longitudinal)
NAMED(lateral_at, cw_lateral_name, cw_lateral)
NAMED(cause_at, cw_cause_name, cw_cause_kind)
NAMED(source_at, cw_source_name, cw_source)
NAMED(verdict_at, cw_why_verdict_name, cw_why_verdict)

// The number of a name; false: nothing is called so.
static bool number_of(const json_t *row, const char *key, name_of *name, uint32_t count, uint8_t *out) {
    const char *text = json_string_value(json_object_get(row, key));
    for (uint32_t i = 0; text && i < count; i++)
        if (strcmp(text, name(i)) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

static cw_why_branch branch_read(const json_t *row) {
    return (cw_why_branch){.ran = json_is_object(row),
                           .changed = json_is_true(json_object_get(row, "changed")),
                           .moved = (float)json_number_value(json_object_get(row, "moved_m")),
                           .further = (float)json_number_value(json_object_get(row, "further_m"))};
}

static float far_or(const json_t *value) {
    return json_is_number(value) ? (float)json_number_value(value) : INFINITY;
}

static bool candidate_read(const json_t *row, cw_why_candidate *c) {
    const json_t *actor = json_object_get(row, "actor"), *with = json_object_get(row, "with");
    *c = (cw_why_candidate){.cause = {.item = CW_NONE, .effect = NAN},
                            .actor = json_is_integer(actor) ? (uint32_t)json_integer_value(actor) : CW_NONE,
                            .distance = far_or(json_object_get(row, "distance_m")),
                            .ttc = far_or(json_object_get(row, "ttc_s")),
                            .named = json_is_true(json_object_get(row, "named")),
                            .seen = json_is_true(json_object_get(row, "seen")),
                            .removal = branch_read(json_object_get(row, "removal")),
                            .variant = branch_read(json_object_get(row, "variant")),
                            .direct_removal = branch_read(json_object_get(row, "direct_removal")),
                            .direct_variant = branch_read(json_object_get(row, "direct_variant")),
                            .with_count = json_array_size(with) < 2 ? (uint32_t)json_array_size(with) : 2};
    return number_of(row, "kind", cause_at, CW_CAUSE_SURFACE + 1, &c->cause.kind) &&
           number_of(row, "verdict", verdict_at, CW_WHY_UNTESTABLE + 1, &c->verdict);
}

bool why_keep_read(const json_t *decision, cw_arena *arena, cw_why_result *out) {
    const json_t *list = json_object_get(decision, "candidates");
    size_t count = json_array_size(list);
    *out =
        (cw_why_result){.tick = json_integer_value(json_object_get(decision, "decision")),
                        .untestable = json_is_true(json_object_get(decision, "not_testable")) ? "not testable" : NULL,
                        .has_sufficiency = json_is_true(json_object_get(decision, "sufficiency")),
                        .sufficient = json_is_true(json_object_get(decision, "sufficient")),
                        .placebos = (uint32_t)json_integer_value(json_object_get(decision, "placebos")),
                        .placebos_changed = (uint32_t)json_integer_value(json_object_get(decision, "placebos_changed")),
                        .candidates = cw_arena_array(arena, count + 1, sizeof *out->candidates)};
    out->sufficiency.ran = out->has_sufficiency;
    if (!out->candidates || count > CANDIDATES_MOST ||
        !number_of(decision, "longitudinal", longitudinal_at, CW_EMERGENCY_BRAKE + 1, &out->reason.longitudinal) ||
        !number_of(decision, "lateral", lateral_at, CW_PULL_OVER + 1, &out->reason.lateral) ||
        !number_of(decision, "source", source_at, CW_FROM_OUTSIDE + 1, &out->source))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!candidate_read(json_array_get(list, i), &out->candidates[i]))
            return false;
        out->named += out->candidates[i].named;
    }
    out->count = (uint32_t)count;
    return true;
}
