#include "cli.h"
#include "driver_option.h"
#include "replay.h"
#include "rerun.h"
#include "source.h"
#include "traffic_option.h"

#include "causeway/camera.h"
#include "causeway/drive.h"
#include "causeway/run.h"
#include "causeway/show.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "causeway render - what the cameras of a drive see\n"
    "\n"
    "Usage: causeway render [OPTION...] FILE\n"
    "\n"
    "FILE is a trace of 'causeway drive'; or a scenario, which is driven first.\n"
    "\n"
    "Results:\n"
    "  -o, --output F      F.mp4: all cameras beside each other; F.png: one picture of them, at --from;\n"
    "                      F/ (with a slash): a video for each camera in that folder\n"
    "  --labels DIR        a data set in the nuScenes format: pictures, LiDAR points, 3D boxes, poses, its 13 tables; "
    "depth,\n"
    "                      class and instance of each pixel (docs/RENDER.md)\n"
    "\n"
    "Cameras:\n"
    "  --rig NAME|FILE     surround6 (default), surround4, front; or a JSON file (docs/RENDER.md)\n"
    "  --size WxH          of each camera's picture (default 640x360; training grade 160x96)\n"
    "  --grade G           show (default): fine meshes, anti-aliasing, soft shadows, reflections; training: fast\n"
    "  --weather WORDS     instead of the scenario's own, as \"rain, night\": clear, cloudy, overcast, drizzle, rain,\n"
    "                      heavy_rain, wet, snow, ice, mist, fog, day, noon, low_sun, dusk, night. A scenario is "
    "driven in\n"
    "                      it; of a trace it changes the look alone\n"
    "  --from S, --to S    this part of the drive (default: all)\n"
    "  --fps N             frames in a second (default 20; --labels: 2)\n"
    "  --speed X           simulated seconds in a second of video (default 1)\n"
    "  --seed N            of the drive, and of what the map does not have: houses, trees (default 1)\n"
    "\n"
    "Driving a scenario:\n"
    "  --driver NAME       who drives (default classical), as of 'causeway drive'\n"
    "  --traffic N         so many other road users beside those of the file\n"
    "  --set NAME=VALUE    a parameter of the scenario, or a setting\n"
    "  --duration S        stop after S seconds at the latest\n"
    "\n"
    "  --threads N         default: one for each processor\n"
    "  --quiet             no progress\n"
    "\n"
    "Examples:\n"
    "  causeway render scenes/town.xosc --duration 1 --size 160x90 -o town_cameras.mp4\n"
    "  causeway render scenes/town.xosc --duration 1 --grade training --labels town_set\n"
    "  causeway render scenes/cut_in.xosc --weather \"rain, night\" --rig front --from 4 --duration 4 -o night.png\n"
    "\n"
    "Exit status: 0 fine; 2 wrong usage; 3 input unreadable or invalid; 4 a build without cameras; 70 internal error;\n"
    "130 interrupted.\n";

typedef struct options {
    const char *output, *labels, *rig, *weather, *driver_text;
    int width, height;
    bool training, quiet;
    double from, to, speed, duration;
    int frames_per_second, threads;
    uint64_t seed;
    traffic_option traffic;
    settings settings;
} options;

enum {
    OPT_LABELS = 256,
    OPT_RIG,
    OPT_SIZE,
    OPT_GRADE,
    OPT_WEATHER,
    OPT_FROM,
    OPT_TO,
    OPT_FPS,
    OPT_SPEED,
    OPT_SEED,
    OPT_DRIVER,
    OPT_TRAFFIC,
    OPT_SET,
    OPT_DURATION,
    OPT_THREADS,
    OPT_QUIET,
    OPT_HELP
};

static const struct option words[] = {{"output", required_argument, NULL, 'o'},
                                      {"labels", required_argument, NULL, OPT_LABELS},
                                      {"rig", required_argument, NULL, OPT_RIG},
                                      {"size", required_argument, NULL, OPT_SIZE},
                                      {"grade", required_argument, NULL, OPT_GRADE},
                                      {"weather", required_argument, NULL, OPT_WEATHER},
                                      {"from", required_argument, NULL, OPT_FROM},
                                      {"to", required_argument, NULL, OPT_TO},
                                      {"fps", required_argument, NULL, OPT_FPS},
                                      {"speed", required_argument, NULL, OPT_SPEED},
                                      {"seed", required_argument, NULL, OPT_SEED},
                                      {"driver", required_argument, NULL, OPT_DRIVER},
                                      {"traffic", required_argument, NULL, OPT_TRAFFIC},
                                      {"set", required_argument, NULL, OPT_SET},
                                      {"duration", required_argument, NULL, OPT_DURATION},
                                      {"threads", required_argument, NULL, OPT_THREADS},
                                      {"quiet", no_argument, NULL, OPT_QUIET},
                                      {"help", no_argument, NULL, OPT_HELP},
                                      {NULL, 0, NULL, 0}};

static bool whole(const char *text, int64_t low, int64_t high, int64_t *out) {
    return cw_parse_int64(text, strlen(text), out) && *out >= low && *out <= high;
}

static bool real(const char *text, double low, double high, double *out) {
    return cw_parse_double(text, strlen(text), out) && *out >= low && *out <= high;
}

static int read_size(options *o, const char *text) {
    const char *x = strchr(text, 'x');
    int64_t width, height;
    if (!x || !cw_parse_int64(text, (size_t)(x - text), &width) || !cw_parse_int64(x + 1, strlen(x + 1), &height))
        return usage_error("render", "--size takes WxH, as 640x360, not '%s'", text);
    if (width < 1 || height < 1 || width > CW_LENS_SIDE_MOST || height > CW_LENS_SIDE_MOST)
        return usage_error("render", "--size: a picture has 1 to %d pixels a side, not %s", CW_LENS_SIDE_MOST, text);
    o->width = (int)width;
    o->height = (int)height;
    return 0;
}

// 0: go on; else an exit status.
static int read_option(options *o, int option, const char *text) {
    int64_t n;
    switch (option) {
    case 'o':
        o->output = text;
        return 0;
    case OPT_LABELS:
        o->labels = text;
        return 0;
    case OPT_RIG:
        o->rig = text;
        return 0;
    case OPT_SIZE:
        return read_size(o, text);
    case OPT_GRADE:
        if (strcmp(text, "show") != 0 && strcmp(text, "training") != 0)
            return usage_error("render", "--grade takes show or training, not '%s'", text);
        o->training = strcmp(text, "training") == 0;
        return 0;
    case OPT_WEATHER:
        o->weather = text;
        return 0;
    case OPT_FROM:
        return real(text, 0, 86400, &o->from) ? 0 : usage_error("render", "--from takes seconds, not '%s'", text);
    case OPT_TO:
        return real(text, 0, 86400, &o->to) ? 0 : usage_error("render", "--to takes seconds, not '%s'", text);
    case OPT_FPS:
        if (!whole(text, 1, 240, &n))
            return usage_error("render", "--fps takes 1 to 240, not '%s'", text);
        o->frames_per_second = (int)n;
        return 0;
    case OPT_SPEED:
        return real(text, 0.01, 1000, &o->speed) ? 0
                                                 : usage_error("render", "--speed takes 0.01 to 1000, not '%s'", text);
    case OPT_SEED:
        if (!whole(text, 0, INT64_MAX, &n))
            return usage_error("render", "--seed takes a whole number, not '%s'", text);
        o->seed = (uint64_t)n;
        return 0;
    case OPT_DRIVER:
        o->driver_text = text;
        return 0;
    case OPT_TRAFFIC:
        if (!whole(text, 0, 60000, &n))
            return usage_error("render", "--traffic takes a number of road users (up to 60000), not '%s'", text);
        o->traffic.count = (unsigned)n;
        return 0;
    case OPT_SET:
        return settings_add(&o->settings, text) ? 0 : usage_error("render", "--set takes NAME=VALUE, not '%s'", text);
    case OPT_DURATION:
        return real(text, 1e-3, 86400, &o->duration)
                   ? 0
                   : usage_error("render", "--duration takes seconds (up to 86400), not '%s'", text);
    case OPT_THREADS:
        if (!whole(text, 0, 1024, &n))
            return usage_error("render", "--threads takes 0 to 1024, not '%s'", text);
        o->threads = (int)n;
        return 0;
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    default:
        return EXIT_USAGE; // getopt has said what is wrong
    }
}

static void on_drive(void *context, double now, double end) {
    progress_show(context, now, end);
}

typedef struct watching {
    progress bar;
    double frames;
    bool quiet;
} watching;

static bool on_frame(void *context, double done) {
    watching *w = context;
    if (!w->quiet)
        progress_show(&w->bar, done * w->frames, w->frames);
    return !interrupted;
}

static bool ends_with(const char *text, const char *ending) {
    size_t a = text ? strlen(text) : 0, b = strlen(ending);
    return a >= b && strcmp(text + a - b, ending) == 0;
}

// The rig by name or from its file, at the size asked for.
static cw_status open_rig(const options *o, const cw_scene *scene, cw_rig *rig, cw_error *err) {
    const cw_actor *body = &scene->actors[scene->ego != CW_NONE ? scene->ego : 0];
    int width = o->width ? o->width : o->training ? 160 : 640, height = o->height ? o->height : o->training ? 96 : 360;
    if (!cw_rig_named(o->rig, body, width, height, rig)) {
        char *bytes;
        size_t count;
        if (strchr(o->rig, '.') == NULL && strchr(o->rig, '/') == NULL)
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                                "there is no rig '%s'; there are surround6, surround4, front; or a JSON file", o->rig);
        cw_status status = cw_file_read(o->rig, 1 << 20, &bytes, &count, err);
        if (status != CW_OK)
            return status;
        status = cw_rig_read(bytes, count, o->rig, rig, err);
        free(bytes);
        if (status != CW_OK)
            return status;
        for (uint32_t i = 0; i < rig->camera_count && o->width; i++)
            rig->cameras[i].lens = cw_lens_resized(&rig->cameras[i].lens, o->width, o->height);
    }
    if (rig->camera_count == 0)
        return cw_error_set(err, CW_ERR_INPUT, o->rig, 0, 0, "the rig has no camera");
    return cw_rig_check(rig, body, err);
}

// How many pictures of the rig there will be, for the progress bar.
static void start_bar(watching *w, const options *o, const cw_trace *trace, int rate) {
    const char *duration = cw_trace_get(trace, "duration_s");
    double length = 0;
    if (duration)
        cw_parse_double(duration, strlen(duration), &length);
    w->frames = cw_max(1, floor((cw_min(o->to, length) - o->from) * rate / o->speed) + 1);
    progress_start(&w->bar, "rendering", "frames");
}

static cw_status draw_output(const options *o, const cw_trace *trace, const cw_scene *scene, const cw_film_def *def,
                             watching *w, cw_error *err) {
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): without an output this is not called
    size_t end = strlen(o->output);
    if (ends_with(o->output, ".png"))
        return cw_show_picture(trace, scene, def, o->output, err);
    if (o->output[end - 1] == '/')
        return cw_show_films(trace, scene, def, o->output, on_frame, w, err);
    return cw_show_film(trace, scene, def, o->output, on_frame, w, err);
}

static int draw(const options *o, const cw_trace *trace, const cw_scene *scene, const cw_environment *environment) {
    cw_error err = {0};
    cw_rig *rig = malloc(sizeof *rig);
    if (!rig)
        abort();
    if (scene->actor_count == 0)
        cw_error_set(&err, CW_ERR_INPUT, NULL, 0, 0, "nobody is on the map: no vehicle carries the cameras");
    cw_status status = err.code != CW_OK ? err.code : open_rig(o, scene, rig, &err);
    for (int labels = 0; labels < 2 && status == CW_OK; labels++) {
        if (labels ? !o->labels : !o->output)
            continue;
        cw_film_def def = cw_film_defaults(rig);
        def.training = o->training;
        def.frames_per_second = o->frames_per_second ? o->frames_per_second : labels ? 2 : def.frames_per_second;
        def.speed = o->speed;
        def.from = o->from;
        def.to = o->to;
        def.seed = o->seed;
        def.environment = environment;
        def.threads = o->threads;
        watching w = {.quiet = o->quiet};
        start_bar(&w, o, trace, def.frames_per_second);
        status = labels ? cw_show_labels(trace, scene, &def, o->labels, on_frame, &w, &err)
                        : draw_output(o, trace, scene, &def, &w, &err);
        progress_end(&w.bar);
    }
    free(rig);
    return status == CW_OK ? EXIT_FINE : fail(&err);
}

static int render_trace(const options *o, const char *path) {
    cw_error err = {0};
    cw_trace *trace;
    if (open_trace(path, &trace, &err) != CW_OK)
        return fail(&err);
    rerun of;
    int code;
    // Named as the trace names it: nothing of it is run.
    if (rerun_open(trace, path, cw_trace_get(trace, "driver"), &of, &err) != CW_OK) {
        cw_trace_free(trace);
        return fail(&err);
    }
    cw_environment environment = of.scene->environment;
    code = o->weather && cw_environment_words(o->weather, &environment, &err) != CW_OK
               ? fail(&err)
               : draw(o, trace, of.scene, &environment);
    rerun_close(&of);
    cw_trace_free(trace);
    return code;
}

static cw_status drive(const options *o, const cw_scene *scene, cw_trace **trace, cw_error *err) {
    driver_choice choice;
    cw_status status = choose_driver(o->driver_text, &choice, err);
    if (status != CW_OK)
        return err->code != CW_OK
                   ? status
                   : cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "there is no driver '%s'", o->driver_text);
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = choice.driver;
    def.weights = choice.weights;
    def.options = choice.options;
    def.evaluator = choice.driver != NULL && driver_wants_evaluator(choice.driver);
    def.set = o->settings.keys;
    def.set_count = o->settings.key_count;
    def.seed = o->seed;
    def.duration = isfinite(o->to) && !(o->duration < o->to) ? o->to + 0.1 : o->duration;
    traffic_drive(&o->traffic, &o->settings, &def);
    def.interrupt = &interrupted;
    progress bar;
    progress_start(&bar, "driving", "s");
    if (!o->quiet) {
        def.progress = on_drive;
        def.context = &bar;
    }
    cw_episode_result result = {0};
    status = cw_episode_run(&def, trace, &result, err);
    progress_end(&bar);
    if (status == CW_OK) {
        char text[32];
        snprintf(text, sizeof text, "%.3f", result.duration);
        cw_trace_set(*trace, "duration_s", text);
        cw_arena_free(result.arena);
    }
    return status;
}

static int render_scenario(const options *o, const char *path) {
    cw_error err = {0};
    cw_scene *scene = NULL;
    cw_trace *trace = NULL;
    cw_scenario_options scenario = {
        .set = o->settings.parameters, .set_count = o->settings.parameter_count, .data_path = getenv("CAUSEWAY_DATA")};
    cw_status status = open_scene(path, &scenario, &o->settings, &scene, &err);
    if (status == CW_OK)
        status = traffic_apply(&o->traffic, &o->settings, scene, &err);
    if (status == CW_OK && o->weather) // driven in it, with its friction and sight
        status = cw_environment_words(o->weather, &scene->environment, &err);
    if (status == CW_OK)
        status = drive(o, scene, &trace, &err);
    int code = EXIT_INTERRUPTED;
    if (status != CW_OK) {
        if (!err.path[0] && err.code != CW_ERR_USAGE)
            snprintf(err.path, sizeof err.path, "%s", path);
        code = fail(&err);
    } else if (!interrupted) {
        code = draw(o, trace, scene, NULL);
    }
    cw_trace_free(trace);
    cw_scene_free(scene);
    return code;
}

int verb_render(int argc, char **argv) {
    options o = {
        .rig = "surround6", .driver_text = "classical", .to = INFINITY, .speed = 1, .duration = NAN, .seed = 1};
    int code = 0;
    for (int option; code == 0 && (option = getopt_long(argc, argv, "ho:", words, NULL)) != -1;) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            settings_free(&o.settings);
            return EXIT_FINE;
        }
        code = read_option(&o, option, optarg);
    }
    if (code == 0 && optind + 1 != argc)
        code = usage_error("render", optind == argc ? "no FILE given" : "one FILE at a time");
    if (code == 0 && (o.output ? !o.output[0] : !o.labels || !o.labels[0]))
        code = usage_error("render", "where to? -o FILE.mp4, FILE.png or FOLDER/, or --labels FOLDER");
    if (code == 0 && o.output && !ends_with(o.output, ".mp4") && !ends_with(o.output, ".png") &&
        !ends_with(o.output, "/"))
        code = usage_error("render", "-o takes a name that ends with .mp4, .png or a slash, not '%s'", o.output);
    if (code == 0 && o.to < o.from)
        code = usage_error("render", "--to lies before --from");
    catch_interrupt();
    if (code == 0)
        code = is_trace(argv[optind]) ? render_trace(&o, argv[optind]) : render_scenario(&o, argv[optind]);
    settings_free(&o.settings);
    return code;
}
