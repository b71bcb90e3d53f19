#include "why_table.h"

#include "cli.h"
#include "driver_option.h"
#include "source.h"
#include "why_json.h"
#include "why_keep.h"

#include "causeway/run.h"
#include "causeway/why.h"
#include "causeway/why_table.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct job {
    const table_options *o;
    driver_choice choice;
    cw_why_table *table;
    why_keep *keep; // NULL: nothing is kept
    uint64_t hash;  // of all runs
    uint32_t left_out;
} job;

static cw_status test_run(job *j, const cw_episode_def *def, const cw_trace *trace, json_t *kept, cw_error *err) {
    cw_why_def why_def = cw_why_defaults(def, trace);
    why_def.threads = j->o->threads;
    why_def.interrupt = &interrupted;
    cw_why *why;
    cw_status status = cw_why_open(&why_def, &why, err);
    int64_t ticks[64];
    uint32_t count =
        status == CW_OK ? cw_why_table_choose(j->table, trace, def->period_ns, ticks, (uint32_t)j->o->decisions) : 0;
    for (uint32_t i = 0; i < count && status == CW_OK && !interrupted; i++) {
        const cw_why_result *result;
        status = cw_why_test(why, ticks[i], &result, err);
        if (status != CW_OK || interrupted)
            break;
        cw_why_table_add(j->table, result);
        cw_labels labels = cw_scene_labels(def->scene);
        if (kept)
            json_array_append_new(kept, why_keep_decision(result, &labels));
        if (j->o->tell)
            j->o->tell(result, &labels, j->o->language);
    }
    cw_why_close(why);
    return status;
}

static const char *hash_text(uint64_t hash, char text[24]) {
    snprintf(text, 24, "%016" PRIx64, hash);
    return text;
}

// A scene that was tested before. False: what is kept of it is not to be read.
static bool add_kept(job *j, const json_t *scene) {
    const char *text = json_string_value(json_object_get(scene, "hash"));
    uint64_t hash = text ? strtoull(text, NULL, 16) : 0;
    cw_arena *arena = cw_arena_new(1 << 16, 0);
    bool fine = text && arena && cw_why_table_scene(j->table);
    j->hash = cw_hash_bytes(j->hash, &hash, sizeof hash);
    size_t i;
    json_t *decision;
    json_array_foreach(json_object_get(scene, "decisions"), i, decision) {
        cw_why_result result;
        fine = fine && why_keep_read(decision, arena, &result);
        if (fine)
            cw_why_table_add(j->table, &result);
    }
    cw_arena_free(arena);
    return fine;
}

static cw_status add_scene(job *j, const char *path, cw_error *err) {
    const json_t *before = j->keep ? why_keep_find(j->keep, path) : NULL;
    if (before)
        return add_kept(j, before) ? CW_OK
                                   : cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "what is kept of it is broken");
    settings none = {0};
    cw_scenario_options options = {.data_path = getenv("CAUSEWAY_DATA")};
    cw_scene *scene = NULL;
    cw_status status = open_scene(path, &options, &none, &scene, err);
    if (status != CW_OK)
        return status;
    if (scene->ego == CW_NONE)
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "nobody in it is the ego");
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = j->choice.driver;
    def.weights = j->choice.weights;
    def.options = j->choice.options;
    def.evaluator = j->o->evaluator < 0 ? driver_wants_evaluator(def.driver) : j->o->evaluator > 0;
    def.duration = j->o->duration;
    def.seed = j->o->seed;
    def.keyframes = true;
    def.interrupt = &interrupted;
    cw_trace *trace = NULL;
    cw_episode_result run = {0};
    if (status == CW_OK && !cw_why_table_scene(j->table))
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    if (status == CW_OK)
        status = cw_episode_run(&def, &trace, &run, err);
    if (status == CW_OK) {
        j->hash = cw_hash_bytes(j->hash, &run.hash, sizeof run.hash);
        json_t *kept = j->keep ? json_array() : NULL;
        status = test_run(j, &def, trace, kept, err);
        char text[24];
        if (kept && status == CW_OK && !interrupted)
            status = why_keep_add(
                j->keep,
                json_pack("{s:s, s:s, s:O}", "scene", path, "hash", hash_text(run.hash, text), "decisions", kept), err);
        json_decref(kept);
        cw_arena_free(run.arena);
    }
    cw_trace_free(trace);
    cw_scene_free(scene);
    return status;
}

// ---- telling ---------------------------------------------------------------------------------------------------------

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *table_json(const job *j, const cw_table_result *r) {
    json_t *verdicts = json_object(), *methods = json_object();
    for (int v = 0; v <= CW_WHY_UNTESTABLE; v++)
        json_object_set_new(verdicts, cw_why_verdict_name((cw_why_verdict)v), json_integer(r->verdicts[v]));
    for (int m = 0; m < CW_TABLE_METHODS; m++) {
        const cw_table_score *s = &r->scores[m];
        json_t *kinds = json_object();
        for (int k = 0; k < CW_TABLE_KINDS; k++) {
            const cw_table_counts *c = &r->kinds[m][k];
            if (c->named + c->true_ones > 0)
                json_object_set_new(kinds, cw_cause_name((cw_cause_kind)k),
                                    json_pack("{s:i, s:i, s:i, s:i}", "named", (int)c->named, "held", (int)c->held,
                                              "true", (int)c->true_ones, "found", (int)c->found));
        }
        json_object_set_new(methods, cw_table_method_name((cw_table_method)m),
                            json_pack("{s:o, s:[o,o], s:o, s:[o,o], s:o, s:o, s:o, s:o, s:o}", "precision",
                                      number(s->precision), "precision_interval", number(s->precision_low),
                                      number(s->precision_high), "recall", number(s->recall), "recall_interval",
                                      number(s->recall_low), number(s->recall_high), "precision_gain",
                                      number(s->precision_gain), "precision_p", number(s->precision_p), "recall_gain",
                                      number(s->recall_gain), "recall_p", number(s->recall_p), "kinds", kinds));
    }
    char hash[24];
    hash_text(j->hash, hash);
    return json_pack("{s:s, s:s, s:I, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "schema",
                     "causeway.why_table/1", "driver", j->o->driver, "seed", (json_int_t)j->o->seed, "hash", hash,
                     "scenes", (int)r->scenes, "left_out", (int)j->left_out, "decisions", (int)r->decisions,
                     "keep_speed_keep_lane", (int)r->plain, "with_causes", (int)r->with_causes, "tested",
                     (int)r->tested, "not_testable", (int)r->untestable, "sufficiency_asked", (int)r->sufficiency_asked,
                     "sufficient", (int)r->sufficient, "placebos", (int)r->placebos, "placebos_changed",
                     (int)r->placebos_changed, "verdicts", verdicts, "methods", methods);
}

static void print_table(const job *j, const cw_table_result *r) {
    printf("driver %s, %u scenes, seed %" PRIu64 ", runs' hash %016" PRIx64 "\n", j->o->driver, r->scenes, j->o->seed,
           j->hash);
    printf("%u decisions and %u to keep speed and lane; %u name causes, of %u one could be tested; %u not testable\n",
           r->decisions, r->plain, r->with_causes, r->tested, r->untestable);
    printf("placebo %u of %u (%.2f %%); the named causes alone were enough in %u of %u\n", r->placebos_changed,
           r->placebos, r->placebos ? 100.0 * r->placebos_changed / r->placebos : 0.0, r->sufficient,
           r->sufficiency_asked);
    printf("\n%-14s %-22s %-22s %-18s %s\n", "named by", "precision (95 %)", "recall (95 %)", "stated is better by",
           "p (Holm)");
    for (int m = 0; m < CW_TABLE_METHODS; m++) {
        const cw_table_score *s = &r->scores[m];
        printf("%-14s %.3f (%.3f..%.3f)   %.3f (%.3f..%.3f)", cw_table_method_name((cw_table_method)m), s->precision,
               s->precision_low, s->precision_high, s->recall, s->recall_low, s->recall_high);
        if (m >= CW_TABLE_NEAREST)
            printf("   %+.3f, %+.3f    %.4f, %.4f%s", s->precision_gain, s->recall_gain, s->precision_p, s->recall_p,
                   s->precision_p > 0.05 && s->recall_p > 0.05 ? "  a tie" : "");
        putchar('\n');
    }
    printf("\n%-14s %8s %8s %8s %8s\n", "stated causes", "named", "held", "true", "found");
    for (int k = 0; k < CW_TABLE_KINDS; k++) {
        const cw_table_counts *c = &r->kinds[CW_TABLE_STATED][k];
        if (c->named + c->true_ones > 0)
            printf("%-14s %8u %8u %8u %8u\n", cw_cause_name((cw_cause_kind)k), c->named, c->held, c->true_ones,
                   c->found);
    }
    printf("\nverdicts:");
    for (int v = 0; v <= CW_WHY_UNTESTABLE; v++)
        printf(" %s %u%s", cw_why_verdict_name((cw_why_verdict)v), r->verdicts[v], v < CW_WHY_UNTESTABLE ? "," : "\n");
}

// What is kept counts only for the same build, driver and settings.
static json_t *settings_json(const table_options *o, bool evaluator) {
    char *bytes = NULL, text[24];
    size_t size = 0;
    cw_error none = {0};
    uint64_t build =
        cw_file_read("/proc/self/exe", 0, &bytes, &size, &none) == CW_OK ? cw_hash_bytes(1, bytes, size) : 0;
    free(bytes);
    return json_pack("{s:s, s:s, s:s, s:b, s:I, s:f, s:i}", "schema", "causeway.why_kept/1", "build",
                     hash_text(build, text), "driver", o->driver, "evaluator", evaluator, "seed", (json_int_t)o->seed,
                     "duration_s", o->duration, "decisions", o->decisions);
}

int why_table(const table_options *o, char *const *paths, int count) {
    job j = {.o = o, .table = cw_why_table_new(o->seed), .hash = 1};
    cw_error err = {0};
    if (!j.table)
        abort();
    if (choose_driver(o->driver, &j.choice, &err) != CW_OK || !j.choice.driver) {
        cw_why_table_free(j.table);
        return err.code != CW_OK ? fail(&err) : usage_error("why", "there is no driver '%s'", o->driver);
    }
    json_t *same = settings_json(o, o->evaluator < 0 ? driver_wants_evaluator(j.choice.driver) : o->evaluator > 0);
    int code = EXIT_FINE;
    if (o->keep && why_keep_open(o->keep, same, &j.keep, &err) != CW_OK) {
        json_decref(same);
        cw_why_table_free(j.table);
        return fail(&err);
    }
    progress bar;
    progress_start(&bar, "testing", "scenes");
    for (int i = 0; i < count && !interrupted; i++) {
        if (o->tell)
            puts(paths[i]);
        err = (cw_error){0};
        if (add_scene(&j, paths[i], &err) != CW_OK) {
            if (!err.path[0])
                snprintf(err.path, sizeof err.path, "%s", paths[i]);
            code = exit_worse(code, fail(&err));
            j.left_out++;
        }
        progress_show(&bar, i + 1, count);
    }
    progress_end(&bar);
    cw_table_result *result = calloc(1, sizeof *result);
    if (!result)
        abort();
    if (!interrupted) {
        cw_why_table_finish(j.table, result);
        if (o->json) {
            json_t *root = table_json(&j, result);
            why_print_json(root, 9);
            json_decref(root);
        } else {
            print_table(&j, result);
        }
    }
    free(result);
    cw_why_table_free(j.table);
    why_keep_close(j.keep);
    json_decref(same);
    return interrupted ? EXIT_INTERRUPTED : code;
}
