#include "against.h"
#include "cli.h"
#include "distribution.h"
#include "driver_option.h"
#include "outputs.h"
#include "replay.h"
#include "result.h"
#include "source.h"
#include "steps.h"
#include "traffic_option.h"

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/judge.h"
#include "causeway/run.h"
#include "causeway/show.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "causeway drive - drive scenarios and judge the result\n"
    "\n"
    "Usage: causeway drive [OPTION...] FILE...\n"
    "\n"
    "FILE is an OpenSCENARIO, CommonRoad or OpenDRIVE file; town:SEED, a town made from a seed; or a trace, which is "
    "then driven again and compared step\n"
    "by step.\n"
    "\n"
    "Driver:\n"
    "  --driver NAME[:WEIGHTS]  who drives the ego: classical (default), file (the scenario moves it), human (careful\n"
    "                           and competent), reg157, rss, fsm (the same with other models of braking for a "
    "hazard);\n"
    "                           reflex (trained by self-play); to attack the evaluator with: constant, random, razor,\n"
    "                           swap, spin, late, frozen, nan;\n"
    "                           or one of your own (docs/BRING-YOUR-DRIVER.md): PATH.py[:OPTIONS],\n"
    "                           a Python class; unix:PATH, whoever connects to that socket; PATH.so[:OPTIONS], a "
    "shared\n"
    "                           library\n"
    "  --against NAME           drive it again with that driver, and hold the two against each other: a table of both\n"
    "                           verdicts and metrics, one report with both; or a trace of an earlier drive of it\n"
    "  --evaluator on|off       the safety evaluator between driver and car (default: on; off for file and human "
    "models)\n"
    "  --route FROM,TO          where to drive on a map, each as road:lane:s\n"
    "  --traffic N              so many other road users beside those of the file\n"
    "  --traffic-driver NAME    who drives them: idm (default), human (reaction delay, errors of estimation), or a "
    "driver\n"
    "                           as classical, which takes the vehicles that are there at the start; --set\n"
    "                           traffic.driven=0.3: so large a share of them\n"
    "  --set NAME=VALUE         a parameter of the scenario; or a setting, as a1.leader_brake=9.81,\n"
    "                           sensor.range=120, traffic.trucks=0.2 or driver.timeout=0.5 (s to answer, own drivers)\n"
    "  --config FILE            an INI file with such settings\n"
    "  --distribution FILE      drive the scenario with each set of parameters that FILE makes; without a FILE to "
    "drive,\n"
    "                           the scenario that it names\n"
    "  --sample N               so many of them, spread over all\n"
    "  --duration S             stop after S seconds at the latest (default: the file's own end, else 120)\n"
    "  --seed N                 seed of everything random (default 1)\n"
    "  --strict                 a feature that is not supported is an error (exit status 4)\n"
    "  --problem N              which planning problem of a CommonRoad file (default 1)\n"
    "  --ego ID                 which object of a recording is driven (default: the recording car)\n"
    "  --remove ID,...|all      objects of a recording that are left out; the others are replayed\n"
    "\n"
    "Results (with several FILEs, F is a folder):\n"
    "  --video F    the drive from above and what cameras all round see, H.264 in MP4\n"
    "  --cameras on|off  pictures of cameras in the video (default on, where Embree is installed)\n"
    "  --report F   one HTML page with replay, plots, reasons and verdict\n"
    "  --trace F    the recording as MCAP, complete enough to repeat the run\n"
    "  --json       the result as JSON on stdout (an object for one FILE, one a line for several)\n"
    "  --step       a line for each decision before the result: time, speed, decision, what was refused by which "
    "clause,\n"
    "               with which margin\n"
    "  --lang en|ko language of results, reasons, video and report (default en)\n"
    "  --quiet      no progress\n"
    "\n"
    "Example:\n"
    "  causeway drive scenes/town.xosc --video town.mp4 --report town.html --trace town.mcap\n"
    "  causeway drive scenes/cut_in.xosc --step | grep failsafe\n"
    "  causeway drive scenes/cut_in.xosc --driver classical --against human --report both.html\n"
    "\n"
    "Exit status: 0 passed; 1 a demanded criterion was violated or the episode ended in a fault; 2 wrong usage;\n"
    "3 input unreadable or invalid; 4 unsupported under --strict; 70 internal error; 130 interrupted.\n"
    "With --against it is that of --driver's drive; what the other one is worth is told, an error of it counts.\n";

typedef struct options {
    const char *driver_text, *against, *ego, *remove, *video, *report, *trace, *route, *distribution;
    int evaluator; // -1: by driver
    bool json, quiet, strict, step, many, no_cameras;
    cw_language language;
    double duration;
    uint64_t seed, sample, variation; // sample 0: all; variation: the number of this one, from 0
    unsigned problem;
    traffic_option traffic;
    settings settings;
    const char *side; // of two that are compared: "a" or "b"; NULL: only one
    char command[1024];
} options;

// What a drive leaves when it is compared with another one.
typedef struct drive_left {
    json_t *result; // schema causeway.drive/1
    cw_trace *trace;
} drive_left;

static void free_left(drive_left *left) {
    json_decref(left->result);
    cw_trace_free(left->trace);
    *left = (drive_left){0};
}

enum {
    OPT_DRIVER = 256,
    OPT_AGAINST,
    OPT_EVALUATOR,
    OPT_ROUTE,
    OPT_TRAFFIC,
    OPT_TRAFFIC_DRIVER,
    OPT_SET,
    OPT_CONFIG,
    OPT_DURATION,
    OPT_SEED,
    OPT_STRICT,
    OPT_PROBLEM,
    OPT_EGO,
    OPT_REMOVE,
    OPT_DISTRIBUTION,
    OPT_SAMPLE,
    OPT_VIDEO,
    OPT_CAMERAS,
    OPT_REPORT,
    OPT_TRACE,
    OPT_JSON,
    OPT_STEP,
    OPT_LANG,
    OPT_QUIET,
    OPT_HELP
};

static const struct option words[] = {{"driver", required_argument, NULL, OPT_DRIVER},
                                      {"against", required_argument, NULL, OPT_AGAINST},
                                      {"evaluator", required_argument, NULL, OPT_EVALUATOR},
                                      {"route", required_argument, NULL, OPT_ROUTE},
                                      {"traffic", required_argument, NULL, OPT_TRAFFIC},
                                      {"traffic-driver", required_argument, NULL, OPT_TRAFFIC_DRIVER},
                                      {"set", required_argument, NULL, OPT_SET},
                                      {"config", required_argument, NULL, OPT_CONFIG},
                                      {"duration", required_argument, NULL, OPT_DURATION},
                                      {"seed", required_argument, NULL, OPT_SEED},
                                      {"strict", no_argument, NULL, OPT_STRICT},
                                      {"problem", required_argument, NULL, OPT_PROBLEM},
                                      {"ego", required_argument, NULL, OPT_EGO},
                                      {"remove", required_argument, NULL, OPT_REMOVE},
                                      {"distribution", required_argument, NULL, OPT_DISTRIBUTION},
                                      {"sample", required_argument, NULL, OPT_SAMPLE},
                                      {"video", required_argument, NULL, OPT_VIDEO},
                                      {"cameras", required_argument, NULL, OPT_CAMERAS},
                                      {"report", required_argument, NULL, OPT_REPORT},
                                      {"trace", required_argument, NULL, OPT_TRACE},
                                      {"json", no_argument, NULL, OPT_JSON},
                                      {"step", no_argument, NULL, OPT_STEP},
                                      {"lang", required_argument, NULL, OPT_LANG},
                                      {"quiet", no_argument, NULL, OPT_QUIET},
                                      {"help", no_argument, NULL, OPT_HELP},
                                      {NULL, 0, NULL, 0}};

// 0: go on; else an exit status.
static int read_option(options *o, int option, const char *text) {
    cw_error err = {0};
    int64_t whole;
    switch (option) {
    case OPT_DRIVER:
        o->driver_text = text;
        return 0;
    case OPT_AGAINST:
        o->against = text;
        return 0;
    case OPT_EVALUATOR:
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
            return usage_error("drive", "--evaluator takes on or off, not '%s'", text);
        o->evaluator = strcmp(text, "on") == 0;
        return 0;
    case OPT_ROUTE:
        o->route = o->traffic.route = text;
        return 0;
    case OPT_TRAFFIC:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 0 || whole > 60000)
            return usage_error("drive", "--traffic takes a number of road users (up to 60000), not '%s'", text);
        o->traffic.count = (unsigned)whole;
        return 0;
    case OPT_TRAFFIC_DRIVER:
        o->traffic.driver = text;
        return 0;
    case OPT_SET:
        return settings_add(&o->settings, text) ? 0 : usage_error("drive", "--set takes NAME=VALUE, not '%s'", text);
    case OPT_CONFIG:
        return settings_read(&o->settings, text, &err) == CW_OK ? 0 : fail(&err);
    case OPT_DURATION:
        return cw_parse_double(text, strlen(text), &o->duration) && o->duration > 0 && o->duration <= 86400
                   ? 0
                   : usage_error("drive", "--duration takes seconds (up to 86400), not '%s'", text);
    case OPT_SEED:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 0)
            return usage_error("drive", "--seed takes a whole number, not '%s'", text);
        o->seed = (uint64_t)whole;
        return 0;
    case OPT_PROBLEM:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 1 || whole > 1000000)
            return usage_error("drive", "--problem counts from 1, not '%s'", text);
        o->problem = (unsigned)(whole - 1);
        return 0;
    case OPT_EGO:
        o->ego = text;
        return 0;
    case OPT_REMOVE:
        o->remove = text;
        return 0;
    case OPT_DISTRIBUTION:
        o->distribution = text;
        return 0;
    case OPT_SAMPLE:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 1 || whole > 1000000000)
            return usage_error("drive", "--sample takes a whole number from 1 on, not '%s'", text);
        o->sample = (uint64_t)whole;
        return 0;
    case OPT_STRICT:
        o->strict = true;
        return 0;
    case OPT_VIDEO:
        o->video = text;
        return 0;
    case OPT_CAMERAS:
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
            return usage_error("drive", "--cameras takes on or off, not '%s'", text);
        o->no_cameras = strcmp(text, "off") == 0;
        return 0;
    case OPT_REPORT:
        o->report = text;
        return 0;
    case OPT_TRACE:
        o->trace = text;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_STEP:
        o->step = true;
        return 0;
    case OPT_LANG:
        if (strcmp(text, "en") != 0 && strcmp(text, "ko") != 0)
            return usage_error("drive", "--lang takes en or ko, not '%s'", text);
        o->language = strcmp(text, "ko") == 0 ? CW_KOREAN : CW_ENGLISH;
        return 0;
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    default:
        return EXIT_USAGE; // getopt has said what is wrong
    }
}

// Where an output of one input goes: F itself, or F/stem.ending when there are several inputs; a variation's number, or
// the side of two that are compared, stands before the ending.
static const char *output_path(const options *o, const char *where, const char *input, const char *ending, char *out,
                               size_t size) {
    if (!where)
        return NULL;
    if (!o->many) {
        const char *dot = strrchr(where, '.');
        bool plain = !o->side || !dot || strchr(dot, '/');
        snprintf(out, size, "%.*s%s%s%s", plain ? (int)strlen(where) : (int)(dot - where), where, o->side ? "." : "",
                 o->side ? o->side : "", plain ? "" : dot);
        return out;
    }
    mkdir(where, 0777); // an existing folder is fine; a missing one shows when the file is opened
    char stem[256], number[24] = "";
    file_stem(input, stem, sizeof stem);
    if (o->distribution)
        snprintf(number, sizeof number, ".%06" PRIu64, o->variation);
    if (o->side)
        snprintf(number, sizeof number, ".%s", o->side);
    snprintf(out, size, "%s/%s%s%s", where, stem, number, ending);
    return out;
}

static void on_progress(void *context, double now, double end) {
    progress_show(context, now, end);
}

static bool evaluator_wanted(const options *o, const cw_driver *driver) {
    return o->evaluator >= 0 ? o->evaluator == 1 : driver_wants_evaluator(driver);
}

// What the file of an own driver held.
static void describe_driver(const driver_choice *choice, cw_trace *trace) {
    char *bytes, text[65];
    size_t count;
    if (!choice->path[0] || cw_file_read(choice->path, 0, &bytes, &count, NULL) != CW_OK)
        return;
    cw_sha256_hex(bytes, count, text);
    cw_trace_set(trace, "driver_sha256", text);
    free(bytes);
}

static void describe_run(const options *o, const drive_result *r, const cw_episode_def *def,
                         const driver_choice *choice, cw_trace *trace) {
    char text[64];
    describe_driver(choice, trace);
    cw_trace_set(trace, "version", "causeway 0.1.0");
    cw_trace_set(trace, "command", o->command);
    cw_trace_set(trace, "scenario", r->path);
    cw_trace_set(trace, "driver", o->driver_text);
    cw_trace_set(trace, "evaluator", r->evaluator ? "on" : "off");
    cw_trace_set(trace, "lang", o->language == CW_KOREAN ? "ko" : "en");
    cw_trace_set(trace, "route", o->route ? o->route : "");
    snprintf(text, sizeof text, "%u", o->traffic.count);
    cw_trace_set(trace, "traffic", text);
    cw_trace_set(trace, "traffic_driver", o->traffic.driver ? o->traffic.driver : "");
    snprintf(text, sizeof text, "%" PRIu64, def->seed);
    cw_trace_set(trace, "seed", text);
    snprintf(text, sizeof text, "%" PRId64, def->dt_ns);
    cw_trace_set(trace, "dt_ns", text);
    snprintf(text, sizeof text, "%" PRId64, def->period_ns);
    cw_trace_set(trace, "period_ns", text);
    snprintf(text, sizeof text, "%.17g", o->duration);
    cw_trace_set(trace, "duration_asked_s", isfinite(o->duration) ? text : "");
    snprintf(text, sizeof text, "%.3f", r->episode->duration);
    cw_trace_set(trace, "duration_s", text);
    snprintf(text, sizeof text, "%u", o->problem);
    cw_trace_set(trace, "problem", text);
    cw_trace_set(trace, "ego", o->ego ? o->ego : "");
    cw_trace_set(trace, "remove", o->remove ? o->remove : "");
    snprintf(text, sizeof text, "%016" PRIx64, r->episode->hash);
    cw_trace_set(trace, "final_hash", text);
    snprintf(text, sizeof text, "%" PRId64, r->episode->steps);
    cw_trace_set(trace, "steps", text);
    cw_trace_set(trace, "end", cw_episode_end_name(r->episode->end));
    cw_trace_set(trace, "result", r->verdict->passed ? "passed" : "failed");
    for (unsigned i = 0; i < o->settings.parameter_count + o->settings.key_count; i++) {
        snprintf(text, sizeof text, "set.%u", i);
        cw_trace_set(trace, text,
                     i < o->settings.parameter_count ? o->settings.parameters[i]
                                                     : o->settings.keys[i - o->settings.parameter_count]);
    }
}

static cw_scenario_options scenario_options(const options *o) {
    return (cw_scenario_options){.set = o->settings.parameters,
                                 .set_count = o->settings.parameter_count,
                                 .data_path = getenv("CAUSEWAY_DATA"),
                                 .strict = o->strict,
                                 .problem = o->problem,
                                 .ego = o->ego,
                                 .remove = o->remove};
}

static int no_such_driver(const char *text) {
    char names[256] = "file";
    size_t used = strlen(names);
    uint32_t count;
    const cw_driver *const *table = cw_driver_table(&count);
    for (uint32_t i = 0; i < count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, ", %s", table[i]->name);
    return usage_error("drive", "there is no driver '%s'; there are: %s; or your own: PATH.py, PATH.so, unix:PATH",
                       text, names);
}

// `left`: takes the result and the trace instead of printing; NULL: prints.
static int drive_scene(const options *o, const char *path, const cw_scene *scene, drive_left *left) {
    cw_error err = {0};
    driver_choice choice;
    if (choose_driver(o->driver_text, &choice, &err) != CW_OK)
        return err.code == CW_OK ? no_such_driver(o->driver_text) : fail(&err);
    const cw_driver *driver = choice.driver;
    char from[256] = "";
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = driver;
    def.weights = choice.weights;
    def.options = choice.options;
    def.evaluator = evaluator_wanted(o, driver);
    def.set = o->settings.keys;
    def.set_count = o->settings.key_count;
    def.seed = o->seed;
    def.duration = o->duration;
    def.keyframes = o->trace != NULL;
    traffic_drive(&o->traffic, &o->settings, &def);
    def.interrupt = &interrupted;
    if (o->route) {
        const char *comma = strchr(o->route, ',');
        if (!comma || (size_t)(comma - o->route) >= sizeof from)
            return usage_error("drive", "--route takes FROM,TO, each road:lane:s");
        memcpy(from, o->route, (size_t)(comma - o->route));
        def.route = (cw_route_request){true, from, comma + 1};
    }
    if (driver == &cw_driver_unix && !o->quiet)
        fprintf(stderr, "waiting for a driver to connect to %s\n", choice.weights);
    // What others do against A1 is looked for where it will be seen.
    cw_witness *witness = o->trace || o->video || o->report ? cw_witness_new((double)def.period_ns * 1e-9) : NULL;
    def.watch = witness ? cw_witness_look : NULL;
    def.watcher = witness;
    progress bar;
    progress_start(&bar, "driving", "s");
    if (!o->quiet) {
        def.progress = on_progress;
        def.context = &bar;
    }
    cw_trace *trace;
    cw_episode_result episode;
    cw_status status = cw_episode_run(&def, &trace, &episode, &err);
    progress_end(&bar);
    cw_witness_free(witness);
    if (status == CW_OK && episode.driver_troubles > 0)
        fprintf(stderr, "%s: driver %s: trouble at %u of %u decisions, first at %.1f s: %s\n", path, o->driver_text,
                episode.driver_troubles, episode.decisions, (double)episode.driver_trouble_ns * 1e-9,
                episode.driver_trouble);
    if (status != CW_OK) {
        if (!err.path[0])
            snprintf(err.path, sizeof err.path, "%s", path);
        return fail(&err);
    }
    cw_judge_def judge_def = {.scene = scene,
                              .trace = trace,
                              .end = cw_episode_end_name(episode.end),
                              .goal_time_ns = episode.goal_time_ns,
                              .mission = &episode.mission,
                              .human = cw_driver_find("human"),
                              .seed = def.seed,
                              .dt_ns = def.dt_ns,
                              .period_ns = def.period_ns};
    cw_verdict *verdict = calloc(1, sizeof *verdict);
    if (!verdict)
        abort();
    status = cw_judge(&judge_def, verdict, &err);
    int code = status != CW_OK ? fail(&err) : EXIT_FINE;
    char video[1024], report[1024], trace_path[1024];
    drive_result result = {.path = path,
                           .driver = o->driver_text,
                           .evaluator = def.evaluator && driver,
                           .driven = driver != NULL,
                           .seed = def.seed,
                           .scene = scene,
                           .episode = &episode,
                           .verdict = verdict,
                           .trace = trace,
                           .language = o->language,
                           .set = o->settings.parameters,
                           .set_count = o->settings.parameter_count,
                           .cameras = !o->no_cameras,
                           .video = output_path(o, o->video, path, ".mp4", video, sizeof video),
                           .report = left ? NULL : output_path(o, o->report, path, ".html", report, sizeof report),
                           .trace_path = output_path(o, o->trace, path, ".mcap", trace_path, sizeof trace_path)};
    if (code == EXIT_FINE) {
        describe_run(o, &result, &def, &choice, trace);
        json_t *json = result_json(&result);
        char *text =
            json ? json_dumps(json, (o->many ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(15)) : NULL;
        json_object_del(json, "decide_us"); // wall-clock time does not repeat; a trace does
        char *lasting = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
        if (!text || !lasting)
            abort();
        cw_trace_attach(trace, "verdict.json", "application/json", lasting, strlen(lasting));
        free(lasting);
        code = write_outputs(&result, trace, o->quiet);
        if (code == EXIT_FINE) {
            if (o->step)
                steps_print(trace, scene, stdout);
            if (left)
                *left = (drive_left){json_incref(json), trace};
            else if (o->json)
                puts(text);
            else if (o->distribution)
                result_print_line(&result, stdout);
            else
                result_print(&result, stdout);
        }
        free(text);
        json_decref(json);
        if (code == EXIT_FINE && (!verdict->passed || episode.end == CW_ENDED_FAULT))
            code = EXIT_FAILED;
        if (episode.end == CW_ENDED_INTERRUPT)
            code = EXIT_INTERRUPTED;
    }
    free(verdict);
    if (!left || !left->trace)
        cw_trace_free(trace);
    cw_arena_free(episode.arena);
    return code;
}

static bool names_trace(const char *text) {
    size_t length = strlen(text);
    return is_trace(text) || (length > 5 && strcmp(text + length - 5, ".mcap") == 0);
}

// An earlier drive, from its trace.
static int read_left(const char *path, drive_left *left) {
    cw_error err = {0};
    if (open_trace(path, &left->trace, &err) != CW_OK)
        return fail(&err);
    for (uint32_t i = 0; i < cw_trace_attachment_count(left->trace) && !left->result; i++) {
        const char *name, *type;
        const void *data;
        size_t size;
        if (cw_trace_attachment(left->trace, i, &name, &type, &data, &size) && strcmp(name, "verdict.json") == 0)
            left->result = json_loadb(data, size, 0, NULL);
    }
    if (json_is_object(left->result))
        return EXIT_FINE;
    cw_error_set(&err, CW_ERR_INPUT, path, 0, 0, "not a trace of 'causeway drive': it holds no verdict");
    return fail(&err);
}

static int write_against(const options *o, const char *path, const cw_scene *scene, const drive_left sides[2]) {
    json_t *both = against_json(sides[0].result, sides[1].result);
    char *text = both ? json_dumps(both, (o->many ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(15)) : NULL;
    if (!text)
        abort();
    char where[1024];
    const char *report = output_path(o, o->report, path, ".html", where, sizeof where);
    const cw_trace *const traces[2] = {sides[0].trace, sides[1].trace};
    cw_error err = {0};
    int code = report && cw_show_against(traces, scene->map, scene, report, &err) != CW_OK ? fail(&err) : EXIT_FINE;
    if (code == EXIT_FINE && o->json)
        puts(text);
    else if (code == EXIT_FINE)
        against_print(sides[0].result, sides[1].result, o->language, stdout);
    if (code == EXIT_FINE && report && !o->json)
        printf("%s  %s\n", o->language == CW_KOREAN ? "보고서" : "report", report);
    free(text);
    json_decref(both);
    return code;
}

// The exit status is that of the first; of the second only an error counts.
static int drive_against(const options *o, const char *path, const cw_scene *scene) {
    drive_left sides[2] = {{0}};
    options first = *o, second = *o;
    first.side = "a";
    second.side = "b";
    second.driver_text = o->against;
    int code = drive_scene(&first, path, scene, &sides[0]);
    if (sides[0].result) {
        int other =
            names_trace(o->against) ? read_left(o->against, &sides[1]) : drive_scene(&second, path, scene, &sides[1]);
        code = exit_worse(code, other == EXIT_FAILED ? EXIT_FINE : other);
        if (sides[1].result)
            code = exit_worse(code, write_against(o, path, scene, sides));
    }
    free_left(&sides[0]);
    free_left(&sides[1]);
    return code;
}

// constraint_broken: NULL, or where it is said instead of an error.
static int drive_file(const options *o, const char *path, bool *constraint_broken) {
    if (is_trace(path))
        return replay_file(path, o->driver_text);
    cw_error err = {0};
    cw_scenario_options scenario = scenario_options(o);
    scenario.constraint_broken = constraint_broken;
    cw_scene *scene;
    if (open_scene(path, &scenario, &o->settings, &scene, &err) != CW_OK)
        return constraint_broken && *constraint_broken ? EXIT_FINE : fail(&err);
    int code = EXIT_FINE;
    if (traffic_apply(&o->traffic, &o->settings, scene, &err) != CW_OK)
        code = fail(&err);
    else
        code = o->against ? drive_against(o, path, scene) : drive_scene(o, path, scene, NULL);
    cw_scene_free(scene);
    return code;
}

// The user's own parameters come last, so that they win.
static int drive_one_variation(void *context, const char *path, uint64_t index, const char *const *set,
                               uint32_t set_count, bool *constraint_broken) {
    options o = *(const options *)context;
    unsigned own = o.settings.parameter_count;
    const char **all = calloc((size_t)set_count + own + 1, sizeof *all);
    if (!all)
        abort();
    unsigned used = 0;
    for (uint32_t i = 0; i < set_count; i++)
        all[used++] = set[i];
    for (unsigned i = 0; i < own; i++)
        all[used++] = o.settings.parameters[i];
    o.settings.parameters = all;
    o.settings.parameter_count = used;
    o.variation = index;
    int code = drive_file(&o, path, constraint_broken);
    free(all);
    return code;
}

int verb_drive(int argc, char **argv) {
    options o = {.driver_text = "classical", .evaluator = -1, .duration = NAN, .seed = 1};
    size_t used = 0;
    for (int i = 0; i < argc && used < sizeof o.command; i++)
        used += (size_t)snprintf(o.command + used, sizeof o.command - used, "%s%s", i ? " " : "causeway ", argv[i]);
    int code = 0;
    for (int option; code == 0 && (option = getopt_long(argc, argv, "h", words, NULL)) != -1;) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            settings_free(&o.settings);
            return EXIT_FINE;
        }
        code = read_option(&o, option, optarg);
    }
    if (code == 0 && optind == argc && !o.distribution)
        code = usage_error("drive", "no FILE given");
    if (code == 0 && o.sample > 0 && !o.distribution)
        code = usage_error("drive", "--sample chooses from a --distribution");
    if (code == 0 && o.against && (o.distribution || o.step))
        code = usage_error("drive", "--against compares two drives of a FILE: not with --distribution or --step");
    if (code == 0 && o.step && o.json)
        code = usage_error("drive", "--step prints lines, --json an object: take one of them");
    o.many = argc - optind > 1 || o.distribution;
    catch_interrupt();
    if (code == 0 && optind == argc)
        code = drive_distribution(NULL, o.distribution, o.sample, o.seed, drive_one_variation, &o);
    for (int i = optind; code != EXIT_USAGE && i < argc && !interrupted; i++)
        code = exit_worse(code, o.distribution ? drive_distribution(argv[i], o.distribution, o.sample, o.seed,
                                                                    drive_one_variation, &o)
                                               : drive_file(&o, argv[i], NULL));
    settings_free(&o.settings);
    return code;
}
