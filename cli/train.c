#include "cli.h"

#include "causeway/format.h"
#include "causeway/learn.h"
#include "causeway/scene.h"
#include "causeway/synth.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "causeway train - train drivers\n"
    "\n"
    "Usage: causeway train reflex [OPTION...] [MAP.xodr...]\n"
    "       causeway train eval [OPTION...] WEIGHTS\n"
    "       causeway train int8 WEIGHTS OUT\n"
    "\n"
    "reflex: the learned driver by self-play on procedural towns, and on the maps given. It leaves in its folder the "
    "weights that did best "
    "in\n"
    "validation (reflex.safetensors, for --driver reflex:FILE), its state to go on from, and metrics.csv.\n"
    "\n"
    "  --minutes N   train so long (default 60)\n"
    "  --steps N     or so many agent-steps, whichever is over first\n"
    "  --resume      go on with the training in the folder\n"
    "  -o DIR        the folder (default: reflex)\n"
    "\n"
    "eval: how often the weights reach the goal, touch, leave the road or run a red light in towns that no training "
    "sees,\n"
    "with 95 % intervals; everyone there drives by them, the evaluator is off.\n"
    "\n"
    "  --episodes N  at least so many (default 2000)\n"
    "  --rides N     instead, so many rides of the driver through whole towns among ordinary traffic, judged as drive "
    "does,\n"
    "                with the evaluator off and on\n"
    "  --map FILE    on this map, instead of towns\n"
    "  --validation  on the towns that training is validated on, instead of the test set\n"
    "\n"
    "int8: the same weights in a quarter of the size, matrices as bytes with a scale for each column; eval and the "
    "driver "
    "take\n"
    "them as well.\n"
    "\n"
    "reflex and eval:\n"
    "  --seed N      of everything random in training (default 1)\n"
    "  --threads N   default: one for each processor\n"
    "  --help        this text\n"
    "\n"
    "Examples:\n"
    "  causeway train reflex --steps 2000 -o ./my-reflex\n"
    "  causeway train eval --episodes 20 my-reflex/reflex.safetensors\n"
    "  causeway train int8 my-reflex/reflex.safetensors small.safetensors\n"
    "\n"
    "Ctrl-C saves and ends. Exit status: 0 done; 2 wrong usage; 3 a file that is none; 70 the loss has exploded; 130 "
    "interrupted.\n";

enum { MAPS_MOST = 64 };

typedef struct options {
    double minutes, steps, episodes, rides, threads, seed;
    bool resume, validation;
    const char *folder, *map;
} options;

static double share(uint64_t k, uint64_t n) {
    return n ? 100 * (double)k / (double)n : 0;
}

static void show(void *context, const cw_selfplay_progress *p) {
    (void)context;
    const cw_tally *t = &p->tally;
    fprintf(stderr,
            "%6.1f min  %9.0f steps  %6.0f steps/s  loss %7.4f  return %6.2f  goal %5.1f%%  contact %4.1f%%  off-road "
            "%4.1f%%  red %4.1f%%\n",
            p->seconds / 60, (double)p->steps, p->steps_per_second, p->loss,
            t->ended ? t->returned / (double)t->ended : 0, share(t->goal, t->ended), share(t->contact, t->ended),
            share(t->offroad, t->ended), share(t->red, t->ended));
    const cw_tally *v = &p->validation;
    if (p->validated)
        fprintf(stderr,
                "            validation: %" PRIu64
                " episodes, clean %.1f%%, contact %.1f%%, off-road %.1f%%, red %.1f%%, "
                "late %.1f%%\n",
                v->ended, share(v->clean, v->ended), share(v->contact, v->ended), share(v->offroad, v->ended),
                share(v->red, v->ended), share(v->late, v->ended));
}

static void join(int argc, char **argv, char *out, size_t size) {
    size_t at = (size_t)snprintf(out, size, "causeway");
    for (int i = 0; i < argc && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, " %s", argv[i]);
}

// A scene with the file's map and lights that run.
static cw_status open_map(const char *path, cw_scene **scene, cw_error *err) {
    cw_status status = cw_scene_read_file(path, NULL, scene, err);
    if (status == CW_OK && (*scene)->program_count == 0 && (status = cw_scene_add_programs(*scene, err)) != CW_OK)
        cw_scene_free(*scene);
    if (status != CW_OK)
        *scene = NULL;
    return status;
}

static int train_on(const options *o, const char *command, cw_scene *const *maps, uint32_t map_count) {
    cw_selfplay_def def = cw_selfplay_defaults(o->folder);
    cw_selfplay_progress last;
    cw_error err = {0};
    const cw_scene *given[MAPS_MOST];
    for (uint32_t i = 0; i < map_count; i++)
        given[i] = maps[i];
    def.maps = given;
    def.map_count = map_count;
    if (!o->resume && mkdir(o->folder, 0777) != 0 && errno != EEXIST) {
        cw_error_set(&err, CW_ERR_IO, o->folder, 0, 0, "cannot make this folder: %s", strerror(errno));
        return fail(&err);
    }
    def.resume = o->resume;
    def.minutes = o->minutes;
    def.steps = (uint64_t)o->steps;
    def.seed = (uint64_t)o->seed;
    def.threads = (int)o->threads;
    def.command = command;
    def.progress = show;
    catch_interrupt();
    def.interrupt = &interrupted;
    cw_status status = cw_selfplay_run(&def, &last, &err);
    if (status != CW_OK)
        return fail(&err);
    printf("weights  %s/reflex.safetensors\nstate    %s/state.safetensors\nmetrics  %s/metrics.csv\n", o->folder,
           o->folder, o->folder);
    return EXIT_FINE;
}

static int train_reflex(const options *o, const char *command, char **paths, int count) {
    cw_scene *maps[MAPS_MOST] = {0};
    cw_error err = {0};
    int code = EXIT_FINE;
    if (count > MAPS_MOST)
        return usage_error("train", "at most %d maps", MAPS_MOST);
    for (int i = 0; code == EXIT_FINE && i < count; i++)
        if (open_map(paths[i], &maps[i], &err) != CW_OK)
            code = fail(&err);
    if (code == EXIT_FINE)
        code = train_on(o, command, maps, (uint32_t)count);
    for (int i = 0; i < count; i++)
        cw_scene_free(maps[i]);
    return code;
}

static void row(const char *name, uint64_t k, uint64_t n) {
    double low, high;
    cw_rate_interval(k, n, &low, &high);
    printf("%-22s %6.2f %%  (%.2f to %.2f)\n", name, share(k, n), 100 * low, 100 * high);
}

static void table(const cw_tally *t) {
    row("goal reached, clean", t->clean, t->ended);
    row("goal reached", t->goal, t->ended);
    row("contact", t->contact, t->ended);
    if (t->hit > 0)
        row("  run into from behind", t->hit, t->ended);
    row("off-road", t->offroad, t->ended);
    row("red light run", t->red, t->ended);
    row("late", t->late, t->ended);
}

static int eval_rides(const options *o, const char *weights, uint8_t set) {
    for (int evaluator = 0; evaluator < 2; evaluator++) {
        cw_ride_def def = {.weights = weights,
                           .set = set,
                           .rides = (uint32_t)o->rides,
                           .evaluator = evaluator == 1,
                           .threads = (int)o->threads,
                           .interrupt = &interrupted};
        cw_tally t;
        cw_error err = {0};
        if (cw_reflex_ride(&def, &t, &err) != CW_OK)
            return fail(&err);
        printf("%" PRIu64 " rides through towns of the %s set among ordinary traffic, evaluator %s; in brackets 95 %% "
               "intervals\n",
               t.ended, cw_seed_set_name((cw_seed_set)set), evaluator ? "on" : "off");
        table(&t);
    }
    return EXIT_FINE;
}

static int train_eval(const options *o, const char *weights) {
    catch_interrupt();
    uint8_t set = o->validation ? CW_SEED_VALIDATION : CW_SEED_TEST;
    if (o->rides > 0)
        return eval_rides(o, weights, set);
    cw_reflex_eval_def def = {.weights = weights,
                              .set = set,
                              .episodes = (uint32_t)o->episodes,
                              .threads = (int)o->threads,
                              .interrupt = &interrupted};
    cw_tally t;
    cw_error err = {0};
    cw_scene *map = NULL;
    cw_status status = o->map ? open_map(o->map, &map, &err) : CW_OK;
    def.map = map;
    if (status == CW_OK)
        status = cw_reflex_evaluate(&def, &t, &err);
    cw_scene_free(map);
    if (status != CW_OK)
        return fail(&err);
    char where[64];
    snprintf(where, sizeof where, "in towns of the %s set", cw_seed_set_name((cw_seed_set)def.set));
    printf("%" PRIu64 " episodes %s, everyone driven so, evaluator off; in brackets 95 %% intervals\n", t.ended,
           o->map ? "on the map" : where);
    table(&t);
    return EXIT_FINE;
}

static bool read_count(const char *text, double least, double most, double *out) {
    return cw_parse_double(text, strlen(text), out) && *out >= least && *out <= most;
}

int verb_train(int argc, char **argv) {
    enum { MINUTES = 256, STEPS, RESUME, EPISODES, RIDES, MAP, VALIDATION, SEED, THREADS };
    static const struct option words[] = {{"minutes", required_argument, NULL, MINUTES},
                                          {"steps", required_argument, NULL, STEPS},
                                          {"resume", no_argument, NULL, RESUME},
                                          {"episodes", required_argument, NULL, EPISODES},
                                          {"rides", required_argument, NULL, RIDES},
                                          {"map", required_argument, NULL, MAP},
                                          {"validation", no_argument, NULL, VALIDATION},
                                          {"seed", required_argument, NULL, SEED},
                                          {"threads", required_argument, NULL, THREADS},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    options o = {.minutes = 60, .episodes = 2000, .seed = 1, .folder = "reflex"};
    char command[1024];
    join(argc, argv, command, sizeof command);
    for (int option; (option = getopt_long(argc, argv, "ho:", words, NULL)) != -1;) {
        bool fine = true;
        switch (option) {
        case MINUTES:
            fine = read_count(optarg, 0, 1e6, &o.minutes);
            break;
        case STEPS:
            fine = read_count(optarg, 1, 1e15, &o.steps);
            break;
        case EPISODES:
            fine = read_count(optarg, 1, 1e9, &o.episodes);
            break;
        case RIDES:
            fine = read_count(optarg, 1, 1e6, &o.rides);
            break;
        case SEED:
            fine = read_count(optarg, 0, 1e12, &o.seed);
            break;
        case THREADS:
            fine = read_count(optarg, 0, 1024, &o.threads);
            break;
        case RESUME:
            o.resume = true;
            break;
        case MAP:
            o.map = optarg;
            break;
        case VALIDATION:
            o.validation = true;
            break;
        case 'o':
            o.folder = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            return EXIT_USAGE;
        }
        if (!fine)
            return usage_error("train", "'%s' is no such number", optarg);
    }
    const char *what = optind < argc ? argv[optind++] : "";
    if (strcmp(what, "reflex") == 0)
        return train_reflex(&o, command, argv + optind, argc - optind);
    if (strcmp(what, "eval") == 0 && optind + 1 == argc)
        return train_eval(&o, argv[optind]);
    if (strcmp(what, "int8") == 0 && optind + 2 == argc) {
        cw_error err = {0};
        return cw_reflex_to_bytes(argv[optind], argv[optind + 1], &err) == CW_OK ? EXIT_FINE : fail(&err);
    }
    return usage_error("train", "it takes 'reflex', 'eval' with weights, or 'int8' with weights and a file to write");
}
