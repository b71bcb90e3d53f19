#include "cli.h"
#include "replay.h"
#include "rerun.h"
#include "why_contact.h"
#include "why_cut_in.h"
#include "why_json.h"
#include "why_table.h"

#include "causeway/drive.h"
#include "causeway/show.h"
#include "causeway/why.h"
#include "causeway/world.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "causeway why - test the reasons of a drive by intervention\n"
    "\n"
    "Usage: causeway why [OPTION...] TRACE\n"
    "       causeway why --contact [OPTION...] TRACE\n"
    "       causeway why --check TESTS.json [TRACE]\n"
    "       causeway why --cut-in [OPTION...]\n"
    "       causeway why --table [OPTION...] SCENE...\n"
    "\n"
    "TRACE is one of 'causeway drive --trace'. The run is taken up 2 s before a decision, a cause is taken out of the\n"
    "world, and the run goes on: is the decision another one? (docs/WHY.md)\n"
    "\n"
    "Which decisions:\n"
    "  --at T           the one at T s\n"
    "  --decision K     the K-th, from 0\n"
    "  --all            each at which the driver says another reason, as 'causeway drive' lists them (default)\n"
    "  --contact        instead of decisions, each contact of the ego: whose fault, until when it was avoidable by "
    "the\n"
    "                   evaluator, the careful human driver, the fuzzy safety model and physics, and by which single\n"
    "                   changes (with --json: schema/why_contact.json)\n"
    "\n"
    "Options:\n"
    "  --check FILE     replays each certificate of an earlier --json: the hashes must be the same\n"
    "  --driver NAME    runs a driver of your own again, where the trace was driven by it\n"
    "  --no-direct      leaves out the runs in which the others keep their paths\n"
    "  --table          drives each SCENE (a file or town:SEED), tests up to three decisions of each, and prints "
    "precision,\n"
    "                   recall and placebo beside three baselines, with --all each decision too; with --driver,\n"
    "                   --evaluator, --seed, --duration\n"
    "  --each N         tests at most N decisions of each scene of --table (default 3)\n"
    "  --cut-in         a car cuts in before the careful human, the fuzzy safety model, the regulation's and RSS's\n"
    "                   drivers and --driver (classical), at all speeds, gaps and lateral speeds of the published\n"
    "                   experiment (a part of them without --full): which cases each avoids; with --report FILE.svg\n"
    "                   the picture of the regions\n"
    "  --full           all of them\n"
    "  --keep FILE      keeps in FILE what each scene of --table gave: a run cut short goes on where it ended\n"
    "  --evaluator on|off, --seed N, --duration S\n"
    "                   of the drives of --table: as 'causeway drive' has them; 60 s at most unless said\n"
    "  --output FILE    the trace with the tests in it\n"
    "  --report FILE    the drive's report with a timeline of reasons, coloured by verdict; click a cause to see the\n"
    "                   world with and without it\n"
    "  --video FILE     the drive's video, its panel saying what was tested\n"
    "  --json           as JSON (schema/why.json), with a certificate for each run\n"
    "  --lang en|ko     language of the words\n"
    "  --threads N      so many threads (default: one for each processor); the result is the same\n"
    "  --help           this text\n"
    "\n"
    "Examples:\n"
    "  causeway drive --trace cut_in.mcap scenes/cut_in.xosc\n"
    "  causeway why cut_in.mcap\n"
    "  causeway why cut_in.mcap --at 13.6 --json > tests.json\n"
    "  causeway why --check tests.json cut_in.mcap\n"
    "  causeway why cut_in.mcap --report cut_in.html --output tested.mcap\n"
    "  causeway why cut_in.mcap --contact\n"
    "  causeway why --table scenes/cut_in.xosc town:1\n"
    "\n"
    "Exit status: 0 fine, whatever the verdicts; 1 a certificate did not replay; 2 wrong usage; 3 input unreadable or\n"
    "invalid, or a run that this build does not repeat; 70 internal error; 130 interrupted.\n";

enum {
    OPT_HELP = 256,
    OPT_AT,
    OPT_DECISION,
    OPT_ALL,
    OPT_CHECK,
    OPT_DRIVER,
    OPT_NO_DIRECT,
    OPT_JSON,
    OPT_LANG,
    OPT_THREADS,
    OPT_TABLE,
    OPT_KEEP,
    OPT_CUT_IN,
    OPT_FULL,
    OPT_CONTACT,
    OPT_EACH,
    OPT_EVALUATOR,
    OPT_SEED,
    OPT_DURATION,
    OPT_REPORT,
    OPT_VIDEO,
    OPT_OUTPUT
};

static const struct option words[] = {{"help", 0, NULL, OPT_HELP},
                                      {"at", 1, NULL, OPT_AT},
                                      {"decision", 1, NULL, OPT_DECISION},
                                      {"all", 0, NULL, OPT_ALL},
                                      {"check", 1, NULL, OPT_CHECK},
                                      {"driver", 1, NULL, OPT_DRIVER},
                                      {"no-direct", 0, NULL, OPT_NO_DIRECT},
                                      {"json", 0, NULL, OPT_JSON},
                                      {"lang", 1, NULL, OPT_LANG},
                                      {"threads", 1, NULL, OPT_THREADS},
                                      {"table", 0, NULL, OPT_TABLE},
                                      {"evaluator", 1, NULL, OPT_EVALUATOR},
                                      {"seed", 1, NULL, OPT_SEED},
                                      {"duration", 1, NULL, OPT_DURATION},
                                      {"report", 1, NULL, OPT_REPORT},
                                      {"video", 1, NULL, OPT_VIDEO},
                                      {"output", 1, NULL, OPT_OUTPUT},
                                      {"keep", 1, NULL, OPT_KEEP},
                                      {"cut-in", 0, NULL, OPT_CUT_IN},
                                      {"full", 0, NULL, OPT_FULL},
                                      {"contact", 0, NULL, OPT_CONTACT},
                                      {"each", 1, NULL, OPT_EACH},
                                      {0}};

typedef struct options {
    double at;        // s; NAN: not asked
    int64_t decision; // -1: not asked
    bool all, json, no_direct, table, contact, cut_in, full;
    int evaluator; // of --table: -1: as the driver wants
    int64_t seed;
    double duration; // s
    const char *check, *driver, *keep;
    const char *report, *video, *output; // NULL: not written
    const cw_scene *films;               // for pictures in the report; NULL: none
    cw_language language;
    int threads, each; // threads; decisions of each scene of --table
} options;

static int read_option(options *o, int option, const char *value) {
    int64_t n;
    switch (option) {
    case OPT_AT:
        if (!cw_parse_double(value, strlen(value), &o->at) || o->at < 0)
            return usage_error("why", "--at takes a time in s");
        return 0;
    case OPT_DECISION:
        if (!cw_parse_int64(value, strlen(value), &o->decision) || o->decision < 0)
            return usage_error("why", "--decision takes a number from 0 on");
        return 0;
    case OPT_ALL:
        o->all = true;
        return 0;
    case OPT_REPORT:
        o->report = value;
        return 0;
    case OPT_VIDEO:
        o->video = value;
        return 0;
    case OPT_OUTPUT:
        o->output = value;
        return 0;
    case OPT_TABLE:
        o->table = true;
        return 0;
    case OPT_CONTACT:
        o->contact = true;
        return 0;
    case OPT_CUT_IN:
        o->cut_in = true;
        return 0;
    case OPT_FULL:
        o->full = true;
        return 0;
    case OPT_EACH:
        if (!cw_parse_int64(value, strlen(value), &n) || n < 1 || n > 64)
            return usage_error("why", "--each takes a number from 1 to 64");
        o->each = (int)n;
        return 0;
    case OPT_KEEP:
        o->keep = value;
        return 0;
    case OPT_EVALUATOR:
        if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
            return usage_error("why", "--evaluator takes on or off");
        o->evaluator = strcmp(value, "on") == 0;
        return 0;
    case OPT_SEED:
        return cw_parse_int64(value, strlen(value), &o->seed) ? 0 : usage_error("why", "--seed takes a whole number");
    case OPT_DURATION:
        if (!cw_parse_double(value, strlen(value), &o->duration) || o->duration <= 0)
            return usage_error("why", "--duration takes a time in s");
        return 0;
    case OPT_CHECK:
        o->check = value;
        return 0;
    case OPT_DRIVER:
        o->driver = value;
        return 0;
    case OPT_NO_DIRECT:
        o->no_direct = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_LANG:
        if (strcmp(value, "en") != 0 && strcmp(value, "ko") != 0)
            return usage_error("why", "--lang takes en or ko");
        o->language = strcmp(value, "ko") == 0 ? CW_KOREAN : CW_ENGLISH;
        return 0;
    case OPT_THREADS:
        if (!cw_parse_int64(value, strlen(value), &n) || n < 1 || n > 1024)
            return usage_error("why", "--threads takes a number from 1 to 1024");
        o->threads = (int)n;
        return 0;
    default:
        return usage_error("why", "see 'causeway why --help'");
    }
}

// ---- telling ---------------------------------------------------------------------------------------------------------

static void print_line(const char *mark, const cw_why_result *r, uint32_t i, const cw_labels *labels,
                       cw_language language) {
    const cw_why_candidate *c = &r->candidates[i];
    cw_said said;
    cw_why_say(r, i, labels, &said);
    printf("  %s %s", mark, said.in[language]);
    if (c->direct_removal.ran && c->direct_removal.changed != c->removal.changed)
        fputs(language == CW_KOREAN ? " (남들이 그대로 움직이면 결과가 다르다)"
                                    : " (otherwise where the others keep to their paths)",
              stdout);
    if (c->scripted)
        fputs(language == CW_KOREAN ? " [정해진 대로 움직임]" : " [moves as scripted]", stdout);
    putchar('\n');
}

static void print_decision(const cw_why_result *r, const cw_labels *labels, cw_language language) {
    char text[512];
    bool korean = language == CW_KOREAN;
    cw_reason_words(&r->reason, labels, language, text, sizeof text);
    printf("%6.1f s  %s\n", (double)r->time_ns * 1e-9, text);
    if (r->untestable) {
        cw_said note = {0};
        cw_why_note(r->untestable, &note);
        printf(korean ? "  시험할 수 없음: %s\n" : "  not testable: %s\n", note.in[language]);
        return;
    }
    if (r->named == 0)
        puts(korean ? "  원인을 말하지 않았다" : "  names no cause");
    uint32_t silent = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        uint8_t verdict = r->candidates[i].verdict;
        if (r->candidates[i].named)
            print_line(verdict == CW_WHY_TRUE || verdict == CW_WHY_JOINT ? "+" : "-", r, i, labels, language);
        else if (verdict != CW_WHY_NO_CAUSE)
            print_line("?", r, i, labels, language);
        else
            silent++;
    }
    printf(korean ? "  말하지 않은 다른 %u개는 결정을 바꾸지 않는다" : "  %u others change nothing", silent);
    if (r->placebos > 0)
        printf(korean ? "; 보이지 않는 %u 중 %u개가 바꾼다" : "; of %u unseen %u do", r->placebos, r->placebos_changed);
    if (r->has_sufficiency && r->sufficiency.ran)
        fputs(r->sufficient ? (korean ? "; 말한 원인만으로 같은 결정이 난다" : "; the named causes alone are enough")
                            : (korean ? "; 말한 원인만으로는 모자라다" : "; the named causes alone are not enough"),
              stdout);
    puts(".");
}

// ---- testing ---------------------------------------------------------------------------------------------------------

static bool number_of(const json_t *object, const char *key, uint64_t *out) {
    const char *text = json_string_value(json_object_get(object, key));
    char *end;
    if (!text || !text[0])
        return false;
    *out = strtoull(text, &end, 16);
    return *end == 0;
}

static int test_one(const options *o, cw_why *why, int64_t tick, const cw_labels *labels, json_t *out, cw_error *err) {
    const cw_why_result *r;
    if (cw_why_test(why, tick, &r, err) != CW_OK)
        return fail(err);
    if (out)
        json_array_append_new(out, why_decision_json(r, labels, o->films));
    if (!o->json)
        print_decision(r, labels, o->language);
    return EXIT_FINE;
}

static int test_all(const options *o, const cw_trace *trace, cw_why *why, const cw_labels *labels, int64_t period,
                    json_t *out, cw_error *err) {
    uint32_t channel = cw_trace_find(trace, "/causeway/words");
    size_t count = channel == UINT32_MAX ? 0 : cw_trace_count(trace, channel);
    int code = EXIT_FINE;
    progress bar;
    progress_start(&bar, "testing", "reasons");
    for (size_t i = 0; i < count && code == EXIT_FINE && !interrupted; i++) {
        cw_message m = cw_trace_message(trace, channel, i);
        json_t *said = json_loadb(m.bytes, m.size, 0, NULL);
        if (m.time_ns % period == 0 && json_is_true(json_object_get(said, "change")))
            code = test_one(o, why, m.time_ns / period, labels, out, err);
        json_decref(said);
        progress_show(&bar, (double)i, (double)count);
    }
    progress_end(&bar);
    return code;
}

// Every certificate within a JSON value, of the decision `tick`.
static void check_within(cw_why *why, const json_t *value, int64_t tick, uint32_t *count, uint32_t *broken) {
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_array(value)) {
        json_array_foreach(value, i, item) check_within(why, item, tick, count, broken);
        return;
    }
    const json_t *certificate = json_object_get(value, "certificate");
    if (certificate) {
        cw_intervention *rows;
        uint32_t rows_count;
        uint64_t recorded, now = 0;
        cw_error err = {0};
        json_int_t ticks = json_integer_value(json_object_get(certificate, "ticks"));
        json_int_t before = json_integer_value(json_object_get(certificate, "before"));
        bool fine = why_rows_read(certificate, &rows, &rows_count) && number_of(certificate, "hash", &recorded) &&
                    ticks > 0 && ticks <= 1000 && before >= 0 && before <= 1000 &&
                    cw_why_replay(why, tick, (uint32_t)before, (uint32_t)ticks, rows, rows_count,
                                  json_is_true(json_object_get(certificate, "direct")), &now, &err) == CW_OK;
        free(rows);
        ++*count;
        if (!fine || now != recorded) {
            ++*broken;
            printf("decision %" PRId64 ": a certificate DIFFERS%s%s\n", tick, err.text[0] ? ": " : "", err.text);
        }
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item) if (strcmp(key, "certificate") != 0)
        check_within(why, item, tick, count, broken);
}

static int check(const json_t *tests, cw_why *why, const char *path) {
    uint32_t count = 0, broken = 0;
    json_t *decision;
    size_t i;
    json_array_foreach(json_object_get(tests, "decisions"), i, decision) {
        check_within(why, decision, json_integer_value(json_object_get(decision, "decision")), &count, &broken);
        if (interrupted)
            return EXIT_INTERRUPTED;
    }
    printf("%s: %u certificates, %u differ\n", path, count, broken);
    return broken > 0 ? EXIT_FAILED : EXIT_FINE;
}

// The trace with the tests in it, and what is drawn from it.
static int write_tested(const options *o, const cw_scene *scene, cw_trace *trace, const json_t *root, cw_error *err) {
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (!text)
        abort();
    bool fine = cw_trace_attach(trace, "why.json", "application/json", text, strlen(text));
    free(text);
    if (!fine)
        return fail((cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory"), err));
    err->path[0] = 0;
    cw_show_def def = cw_show_defaults();
    def.language = o->language;
    if ((o->output && cw_trace_save(trace, o->output, err) != CW_OK) ||
        (o->report && cw_show_report(trace, scene->map, scene, o->report, err) != CW_OK) ||
        (o->video && cw_show_video(trace, scene->map, scene, &def, o->video, NULL, NULL, err) != CW_OK))
        return fail(err);
    return EXIT_FINE;
}

static int run(const options *asked, const char *path, const json_t *tests, cw_trace *trace, cw_error *err) {
    rerun again;
    options with = *asked, *o = &with;
    if (rerun_open(trace, path, o->driver, &again, err) != CW_OK)
        return fail(err);
    int code = EXIT_FINE;
    cw_why_def def = cw_why_defaults(&again.def, trace);
    def.threads = o->threads;
    def.direct = !o->no_direct;
    def.films = o->report || o->output;
    o->films = def.films ? again.scene : NULL;
    bool writes = o->report || o->video || o->output;
    def.interrupt = &interrupted;
    cw_why *why = NULL;
    if (again.recorded) {
        cw_error_set(err, CW_ERR_INPUT, path, 0, 0,
                     "not testable: its driver is not run unless you name it: --driver %s",
                     cw_trace_get(trace, "driver"));
        code = fail(err);
    } else if (cw_why_open(&def, &why, err) != CW_OK) {
        if (!err->path[0])
            snprintf(err->path, sizeof err->path, "%s", path);
        code = fail(err);
    }
    if (code == EXIT_FINE && o->contact) {
        code = why_contact(&def, path, o->json, o->language, err);
        cw_why_close(why);
        rerun_close(&again);
        return interrupted ? EXIT_INTERRUPTED : code;
    }
    cw_labels labels = cw_scene_labels(again.scene);
    json_t *root = code == EXIT_FINE && (o->json || writes) ? why_json(path, &again.def) : NULL;
    json_t *out = json_object_get(root, "decisions");
    int64_t period = again.def.period_ns, tick = o->decision;
    if (code == EXIT_FINE && tests) {
        code = check(tests, why, o->check);
    } else if (code == EXIT_FINE && !isnan(o->at)) {
        tick = cw_why_tick_at(why, (int64_t)floor(o->at * 1e9 + 0.5));
        if (tick < 0) {
            cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "nothing was decided at %g s", o->at);
            code = fail(err);
        }
    }
    snprintf(err->path, sizeof err->path, "%s", code == EXIT_FINE ? path : "");
    if (code == EXIT_FINE && !tests)
        code =
            tick >= 0 ? test_one(o, why, tick, &labels, out, err) : test_all(o, trace, why, &labels, period, out, err);
    if (code == EXIT_FINE && writes && !tests)
        code = write_tested(o, again.scene, trace, root, err);
    if (code == EXIT_FINE && o->json)
        why_print_json(root, 17);
    json_decref(root);
    cw_why_close(why);
    rerun_close(&again);
    return interrupted ? EXIT_INTERRUPTED : code;
}

// The tests of an earlier --json.
static int read_tests(const char *path, json_t **tests, cw_error *err) {
    char *bytes;
    size_t count;
    if (cw_file_read(path, 0, &bytes, &count, err) != CW_OK)
        return fail(err);
    json_error_t where;
    *tests = json_loadb(bytes, count, 0, &where);
    free(bytes);
    const char *schema = json_string_value(json_object_get(*tests, "schema"));
    if (*tests && schema && strcmp(schema, "causeway.why/1") == 0)
        return EXIT_FINE;
    if (*tests)
        cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "not tests of reasons: its schema is not causeway.why/1");
    else
        cw_error_set(err, CW_ERR_INPUT, path, where.line, where.column, "%s", where.text);
    json_decref(*tests);
    *tests = NULL;
    return fail(err);
}

int verb_why(int argc, char **argv) {
    options o = {.at = NAN, .decision = -1, .evaluator = -1, .seed = 1, .duration = 60, .each = 3};
    int code = 0;
    for (int option; code == 0 && (option = getopt_long(argc, argv, "h", words, NULL)) != -1;) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        code = read_option(&o, option, optarg);
    }
    if (code != 0)
        return code;
    if (!isnan(o.at) + (o.decision >= 0) + (o.all && !o.table) + o.table + o.contact + o.cut_in + (o.check != NULL) > 1)
        return usage_error("why", "take one of --at, --decision, --all, --contact, --cut-in, --table and --check");
    json_t *tests = NULL;
    cw_error err = {0};
    catch_interrupt();
    if (o.cut_in && optind < argc)
        return usage_error("why", "--cut-in makes its own scenes");
    if (o.cut_in)
        return why_cut_in(&(cut_in_options){.driver = o.driver ? o.driver : "classical",
                                            .report = o.report,
                                            .full = o.full,
                                            .json = o.json,
                                            .threads = o.threads,
                                            .language = o.language});
    if (o.table && optind == argc)
        return usage_error("why", "no SCENE given");
    if (o.table)
        return why_table(&(table_options){.driver = o.driver ? o.driver : "classical",
                                          .evaluator = o.evaluator,
                                          .seed = (uint64_t)o.seed,
                                          .duration = o.duration,
                                          .decisions = o.each,
                                          .threads = o.threads,
                                          .json = o.json,
                                          .keep = o.keep,
                                          .tell = o.all && !o.json ? print_decision : NULL,
                                          .language = o.language},
                         argv + optind, argc - optind);
    if (o.check && (code = read_tests(o.check, &tests, &err)) != EXIT_FINE)
        return code;
    const char *path = optind < argc ? argv[optind] : json_string_value(json_object_get(tests, "trace"));
    if (argc - optind > 1 || !path) {
        json_decref(tests);
        return usage_error("why", path ? "one TRACE at a time" : "no TRACE given");
    }
    cw_trace *trace;
    if (open_trace(path, &trace, &err) != CW_OK) {
        json_decref(tests);
        return fail(&err);
    }
    code = run(&o, path, tests, trace, &err);
    cw_trace_free(trace);
    json_decref(tests);
    return code;
}
