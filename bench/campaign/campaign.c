// The campaign against the evaluator: each attacker, in traffic that keeps assumption set A1, for hours; over all cores, and
// on from where it was interrupted. Results go into a file as they come, and as a table to stdout.
#include "ledger.h"
#include "table.h"

#include "causeway/drive.h"

#include "../../cli/cli.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "campaign - try to break the evaluator's promise\n"
    "\n"
    "Usage: campaign [OPTION...]\n"
    "\n"
    "  --seconds S       simulated seconds of each driver in each traffic (default 200000)\n"
    "  --drivers A,B     attackers (default random,constant,razor,swap,spin)\n"
    "  --traffic NAME    adversary, town or both (default both)\n"
    "  --seed N          of everything random (default 1)\n"
    "  --threads N       default: one for each processor\n"
    "  --file F          what is done; the campaign goes on from it (default build/campaign.tsv)\n"
    "  --table           drive nothing more: the table of what is done\n"
    "\n"
    "Example:\n"
    "  ./run campaign --seconds 2000 --drivers razor,spin > campaign.md\n"
    "\n"
    "Exit status: 0 nothing is charged, no red light, never off the road; 1 something was; 2 wrong usage; 3 the file "
    "is\n"
    "of another campaign; 130 interrupted: the same command goes on.\n";

typedef struct options {
    double seconds;
    char drivers[512];
    const char *driver[LEDGER_DRIVERS], *file;
    unsigned driver_count;
    bool courses[COURSES], table;
    uint64_t seed;
    int threads;
} options;

enum { SECONDS = 256, DRIVERS, TRAFFIC, SEED, THREADS, FILE_NAME, TABLE, HELP };
static const struct option words[] = {{"seconds", required_argument, NULL, SECONDS},
                                      {"drivers", required_argument, NULL, DRIVERS},
                                      {"traffic", required_argument, NULL, TRAFFIC},
                                      {"seed", required_argument, NULL, SEED},
                                      {"threads", required_argument, NULL, THREADS},
                                      {"file", required_argument, NULL, FILE_NAME},
                                      {"table", no_argument, NULL, TABLE},
                                      {"help", no_argument, NULL, HELP},
                                      {NULL, 0, NULL, 0}};

static int wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int wrong(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("campaign: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\nTry './run campaign --help'.\n", stderr);
    va_end(args);
    return EXIT_USAGE;
}

static int read_drivers(options *o, const char *text) {
    o->driver_count = 0;
    snprintf(o->drivers, sizeof o->drivers, "%s", text);
    for (char *at = strtok(o->drivers, ","); at; at = strtok(NULL, ",")) {
        char name[LEDGER_DRIVER];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
        if (!cw_driver_find(name) || strlen(at) >= LEDGER_DRIVER || o->driver_count == LEDGER_DRIVERS)
            return wrong("--drivers: there is no driver '%s'", at);
        o->driver[o->driver_count++] = at;
    }
    return o->driver_count > 0 ? 0 : wrong("--drivers names none");
}

static int read_traffic(options *o, const char *text) {
    bool both = strcmp(text, "both") == 0, any = false;
    for (int c = 0; c < COURSES; c++) {
        o->courses[c] = both || strcmp(text, course_name((course)c)) == 0;
        any = any || o->courses[c];
    }
    return any ? 0 : wrong("--traffic takes adversary, town or both, not '%s'", text);
}

static int read_option(options *o, int option, const char *text) {
    int64_t whole;
    switch (option) {
    case SECONDS:
        return cw_parse_double(text, strlen(text), &o->seconds) && o->seconds > 0
                   ? 0
                   : wrong("--seconds takes a number above 0, not '%s'", text);
    case DRIVERS:
        return read_drivers(o, text);
    case TRAFFIC:
        return read_traffic(o, text);
    case SEED:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 0)
            return wrong("--seed takes a whole number, not '%s'", text);
        o->seed = (uint64_t)whole;
        return 0;
    case THREADS:
        if (!cw_parse_int64(text, strlen(text), &whole) || whole < 1 || whole > 1024)
            return wrong("--threads takes a number from 1 to 1024, not '%s'", text);
        o->threads = (int)whole;
        return 0;
    case FILE_NAME:
        o->file = text;
        return 0;
    case TABLE:
        o->table = true;
        return 0;
    default:
        return EXIT_USAGE;
    }
}

// ---- rounds ----------------------------------------------------------------------------------------------------------

typedef struct task {
    const char *driver;
    course course;
    uint32_t number;
} task;

typedef struct campaign {
    const options *o;
    ledger done;
    FILE *file;
    pthread_mutex_t lock;
    task *tasks;
    size_t task_count, task_capacity;
    progress bar;
    double here, total; // s done in this process so far, and to be done
    cw_error err;
    bool failed;
} campaign;

typedef struct hearsay {
    const task *task;
    unsigned family;
    ledger_event *events;
    size_t count, capacity;
    bool out_of_memory;
} hearsay;

static const char *const faults[] = {"nobody's", "ego", "other", "shared"};

__attribute__((format(printf, 4, 5))) static void note(hearsay *t, const ride_def *def, const char *kind,
                                                       const char *text, ...) {
    if (!CW_GROW(t->events, t->capacity, t->count + 1)) {
        t->out_of_memory = true;
        return;
    }
    ledger_event *e = &t->events[t->count++];
    *e = (ledger_event){.course = t->task->course, .number = t->task->number, .family = t->family};
    snprintf(e->driver, sizeof e->driver, "%s", t->task->driver);
    snprintf(e->kind, sizeof e->kind, "%s", kind);
    va_list args;
    va_start(args, text);
    vsnprintf(e->text, sizeof e->text, text, args);
    va_end(args);
    ride_command(def, e->command, sizeof e->command);
}

static void tell(void *context, const ride_def *def, const ride *r) {
    hearsay *t = context;
    if (strncmp(r->broken, "fault", 5) == 0)
        note(t, def, "fault", "%s", r->broken);
    if (r->unsafe)
        return; // so many that a count will do; as of those that are discarded
    if (!r->kept) {
        for (uint32_t i = 0; i < r->contacts; i++)
            note(t, def, "contact", "discarded, others broke A1 (%s): %s at %.1f s, %.0f km/h", r->broken,
                 r->contact[i].other, r->contact[i].time, 3.6 * (double)r->contact[i].impact);
        return;
    }
    for (uint32_t i = 0; i < r->contacts; i++) {
        const ride_contact *c = &r->contact[i];
        bool ego = c->fault == 1 || c->fault == 3;
        note(t, def, ego ? "charged" : "contact", "%s at %.1f s, %.0f km/h, fault %s (rule %u)%s%s", c->other, c->time,
             3.6 * (double)c->impact, faults[c->fault & 3], c->rule, c->broken[0] ? ": " : "", c->broken);
    }
    if (r->red)
        note(t, def, "red light", "crossed at red");
    if (r->off_road)
        note(t, def, "off road", "0.3 m or more");
}

static void work(void *context, size_t index, int worker) {
    (void)worker;
    campaign *c = context;
    const task *t = &c->tasks[index];
    if (interrupted || c->failed)
        return;
    round_def def = {
        .course = t->course, .driver = t->driver, .seed = c->o->seed, .number = t->number, .stop = &interrupted};
    ledger_round r = {.course = t->course, .number = t->number};
    snprintf(r.driver, sizeof r.driver, "%s", t->driver);
    hearsay told = {.task = t, .family = t->number % course_families(t->course)};
    bool whole = false;
    cw_error err = {0};
    cw_status status = round_run(&def, &r.result, &whole, tell, &told, &err);
    if (told.out_of_memory)
        status = cw_error_set(&err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    pthread_mutex_lock(&c->lock);
    if (status != CW_OK && !c->failed) {
        c->failed = true;
        c->err = err;
    } else if (whole && CW_GROW(c->done.rounds, c->done.round_capacity, c->done.round_count + 1) &&
               CW_GROW(c->done.events, c->done.event_capacity, c->done.event_count + told.count)) {
        for (size_t i = 0; i < told.count; i++) {
            ledger_write_event(c->file, &told.events[i]);
            c->done.events[c->done.event_count++] = told.events[i];
        }
        ledger_write_round(c->file, &r);
        fflush(c->file);
        c->done.rounds[c->done.round_count++] = r;
        c->here += cw_min(r.result.seconds, c->total - c->here);
        progress_show(&c->bar, c->here, c->total);
    }
    pthread_mutex_unlock(&c->lock);
    free(told.events);
}

static double seconds_of(const ledger *l, const char *driver, course c, uint32_t *rounds) {
    double seconds = 0;
    *rounds = 0;
    for (size_t i = 0; i < l->round_count; i++)
        if (l->rounds[i].course == c && strcmp(l->rounds[i].driver, driver) == 0) {
            seconds += l->rounds[i].result.seconds;
            *rounds = l->rounds[i].number + 1 > *rounds ? l->rounds[i].number + 1 : *rounds;
        }
    return seconds;
}

// The rounds that come next, of each driver in each traffic as many as may be needed, but a few at a time, so that all get
// on alike: first what an interruption left out, then further ones.
static double plan(campaign *c, unsigned each) {
    double left = 0;
    c->task_count = 0;
    for (int k = 0; k < COURSES; k++)
        for (unsigned d = 0; d < c->o->driver_count && c->o->courses[k]; d++) {
            uint32_t rounds;
            double seconds = seconds_of(&c->done, c->o->driver[d], (course)k, &rounds);
            left += cw_max(0, c->o->seconds - seconds);
            unsigned planned = 0;
            for (uint32_t i = 0; planned < each && (i < rounds || seconds < c->o->seconds); i++) {
                if (ledger_find(&c->done, c->o->driver[d], (course)k, i))
                    continue;
                if (!CW_GROW(c->tasks, c->task_capacity, c->task_count + 1))
                    abort();
                c->tasks[c->task_count++] = (task){c->o->driver[d], (course)k, i};
                planned++;
            }
        }
    return left;
}

// What this program is: results of two builds are not to be added up.
static void build_name(char *out, size_t size) {
    char *bytes = NULL;
    size_t count = 0;
    cw_error err = {0};
    snprintf(out, size, "?");
    if (cw_file_read("/proc/self/exe", (size_t)1 << 28, &bytes, &count, &err) != CW_OK)
        return;
    char hash[65];
    cw_sha256_hex(bytes, count, hash);
    snprintf(out, size, "%.16s", hash);
    free(bytes);
}

static int result(const campaign *c) {
    for (size_t i = 0; i < c->done.round_count; i++) {
        const round_result *r = &c->done.rounds[i].result;
        if (r->charged + r->red + r->off_road > 0)
            return EXIT_FAILED;
    }
    return EXIT_FINE;
}

int main(int argc, char **argv) {
    options o = {.seconds = 200000, .file = "build/campaign.tsv", .seed = 1, .courses = {true, true}};
    read_drivers(&o, "random,constant,razor,swap,spin");
    char command[512] = "./run campaign";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--table") != 0 && strlen(command) + strlen(argv[i]) + 2 < sizeof command)
            strcat(strcat(command, " "), argv[i]);
    int option;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (option == HELP) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        int code = read_option(&o, option, optarg);
        if (code != 0)
            return code;
    }
    if (optind < argc)
        return wrong("'%s' is no option", argv[optind]);
    catch_interrupt();
    char build[32];
    build_name(build, sizeof build);
    campaign c = {.o = &o, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (ledger_read(o.file, o.seed, build, &c.done, &c.err) != CW_OK)
        return fail(&c.err);
    c.file = fopen(o.file, "a");
    cw_pool *pool = cw_pool_new(o.threads);
    if (!c.file || !pool) {
        cw_error_set(&c.err, CW_ERR_IO, o.file, 0, 0, "cannot be written");
        return fail(&c.err);
    }
    if (ftell(c.file) == 0)
        ledger_write_head(c.file, o.seed, build);
    progress_start(&c.bar, "attacking", "s");
    c.total = plan(&c, 1);
    while (!o.table && !interrupted && !c.failed && plan(&c, 4 * (unsigned)cw_pool_threads(pool)) >= 0 &&
           c.task_count > 0)
        cw_pool_run(pool, c.task_count, work, &c);
    progress_end(&c.bar);
    int code = c.failed ? fail(&c.err) : interrupted ? EXIT_INTERRUPTED : result(&c);
    if (!c.failed) {
        table_def table = {.drivers = o.driver,
                           .driver_count = o.driver_count,
                           .asked = o.seconds,
                           .command = command,
                           .seed = o.seed};
        memcpy(table.courses, o.courses, sizeof table.courses);
        table_write(stdout, &table, &c.done);
    }
    fclose(c.file);
    cw_pool_free(pool);
    ledger_free(&c.done);
    free(c.tasks);
    return code;
}
