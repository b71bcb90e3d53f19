// Drivers that connect: whatever they do, the run goes on under the evaluator, the trace tells it, and drives again without
// them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/run.h"
#include "drive/message.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/causeway-remote-XXXXXX", path[64];
static cw_scene *scene;

// How a peer behaves at each observation.
typedef enum habit {
    GOOD,
    SAVES,       // good, and it has a state
    LIES,        // saves what it does not restore
    NO_HELLO,    // closes before it is ready
    GARBLED,     // is not ready but says nonsense
    OLD,         // speaks another protocol
    SILENT,      // never answers
    CLOSES,      // in the middle of the third answer
    SKIPS_ONE,   // answers the third observation with the fourth
    TOO_EARLY,   // answers a step that is to come
    NOISE,       // every third answer is noise
    NOT_NUMBERS, // every third answer holds NaN
    HUGE,        // sends without an end from the third on
    FLOODS,      // answers a hundred times over
    NEVER_READS, // is ready, and then only writes
    COMPLAINS,   // every third answer is an error
    REASONS      // every third reason is none
} habit;

typedef struct connected {
    habit habit;
    int fd, second; // errno of a second connection
    char counter;   // its state
    bool restored;
} connected;

static int dial(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool say(const connected *c, const char *text) {
    size_t count = strlen(text);
    for (ssize_t sent; count > 0; text += sent, count -= (size_t)sent)
        if ((sent = send(c->fd, text, count, MSG_NOSIGNAL)) <= 0)
            return false;
    return true;
}

// Straight on at 25 m/s.
static void answer(const connected *c, long step, const char *fourth, const char *more) {
    char text[8192], *at = text + sprintf(text, "{\"type\":\"drive\",\"step\":%ld,\"x_m\":[", step);
    for (int i = 0; i < 64; i++)
        at += i == 3 && fourth ? sprintf(at, ",%s", fourth) : sprintf(at, "%s%.2f", i ? "," : "", 2.5 * (i + 1));
    at += sprintf(at, "],\"y_m\":[0");
    for (int i = 1; i < 64; i++)
        at += sprintf(at, ",0");
    at += sprintf(at, "],\"speed_mps\":[25");
    for (int i = 1; i < 64; i++)
        at += sprintf(at, ",25");
    sprintf(at, "]%s}\n", more);
    say(c, text);
}

static void on_observation(connected *c, long step) {
    bool third = step % 3 == 2;
    c->counter++;
    switch (c->habit) {
    case SILENT:
        return;
    case CLOSES:
        if (step == 2) {
            say(c, "{\"type\":\"drive\",\"st");
            shutdown(c->fd, SHUT_RDWR);
            return;
        }
        break;
    case SKIPS_ONE:
        if (step == 2)
            return;
        if (step == 3)
            answer(c, 2, NULL, "");
        break;
    case TOO_EARLY:
        step += third;
        break;
    case NOISE:
        if (third) {
            say(c, "\x01\xff{]\n");
            return;
        }
        break;
    case NOT_NUMBERS:
        answer(c, step, third ? "NaN" : NULL, "");
        return;
    case HUGE:
        while (step >= 2 && say(c, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["))
            continue;
        break;
    case FLOODS:
        for (int i = 0; i < 100; i++)
            answer(c, step, NULL, "");
        return;
    case COMPLAINS:
        if (third) {
            say(c, "{\"type\":\"error\",\"text\":\"division by zero\"}\n");
            return;
        }
        break;
    case REASONS:
        answer(c, step, NULL,
               third ? ",\"reason\":{\"longitudinal\":\"fly\"}" : ",\"reason\":{\"lateral\":\"keep_lane\"}");
        return;
    default:
        break;
    }
    answer(c, step, NULL, "");
}

static void on_message(connected *c, const char *line) {
    char text[128];
    long step;
    if (sscanf(line, "{\"type\":\"observe\",\"step\":%ld", &step) == 1)
        on_observation(c, step);
    else if (strstr(line, "\"start\"") && c->habit != NO_HELLO)
        say(c, c->habit == GARBLED                     ? "hello?\n"
               : c->habit == OLD                       ? "{\"type\":\"ready\",\"protocol\":9}\n"
               : c->habit == SAVES || c->habit == LIES ? "{\"type\":\"ready\",\"protocol\":1,\"saves\":true}\n"
                                                       : "{\"type\":\"ready\",\"protocol\":1}\n");
    else if (strstr(line, "\"save\"")) {
        sprintf(text, "{\"type\":\"state\",\"bytes\":\"AAA%c\"}\n", 'A' + c->counter % 26);
        say(c, text);
    } else if (strstr(line, "\"restore\"")) {
        c->restored = true;
        c->counter = (char)(c->habit == LIES ? 13 : strstr(line, "AAA")[3] - 'A');
        say(c, "{\"type\":\"restored\"}\n");
    } else {
        shutdown(c->fd, SHUT_RDWR); // close, or no hello
    }
}

static void *live(void *context) {
    connected *c = context;
    while ((c->fd = dial()) < 0)
        usleep(1000);
    static char buffer[1 << 20];
    size_t filled = 0;
    for (ssize_t got; (got = recv(c->fd, buffer + filled, sizeof buffer - 1 - filled, 0)) > 0;) {
        filled += (size_t)got;
        buffer[filled] = 0;
        char *line = buffer;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            if (strstr(line, "\"step\":0,")) { // the session has begun: who else comes is refused
                int other = dial();
                c->second = other < 0 ? errno : 0;
            }
            on_message(c, line);
            if (c->habit == NEVER_READS) {
                while (say(c, "\n"))
                    continue;
                break;
            }
        }
        filled -= (size_t)(line - buffer);
        memmove(buffer, line, filled);
    }
    close(c->fd);
    return NULL;
}

static cw_episode_def remote_def(double timeout) {
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = &cw_driver_unix;
    def.weights = path;
    def.duration = 2;
    def.timeout = timeout;
    def.start_timeout = 60;
    def.keyframes = true;
    return def;
}

static cw_status run_with(connected *c, const cw_episode_def *def, cw_trace **trace, cw_episode_result *result,
                          cw_error *err) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, live, c), 0);
    *err = (cw_error){0};
    cw_status status = cw_episode_run(def, trace, result, err);
    pthread_join(thread, NULL);
    assert_int_equal(access(path, F_OK), -1); // the socket is gone
    return status;
}

// Ticks of 20 at which the proposal was nothing.
static uint32_t missing(const cw_trace *trace) {
    uint32_t channel = cw_trace_find(trace, "/causeway/proposal"), count = 0;
    assert_int_equal(cw_trace_count(trace, channel), 21);
    size_t valid = cw_trace_offset(trace, channel, "valid", CW_U8, 1);
    for (size_t i = 0; i < 21; i++)
        count += !((const unsigned char *)cw_trace_message(trace, channel, i).bytes)[valid];
    return count;
}

static bool tells(const cw_trace *trace, const char *text) {
    uint32_t channel = cw_trace_find(trace, "/causeway/events");
    uint32_t told = 0;
    for (size_t i = 0; i < cw_trace_count(trace, channel); i++) {
        cw_message m = cw_trace_message(trace, channel, i);
        told += memmem(m.bytes, m.size, text, strlen(text)) != NULL;
    }
    if (told > 2) // the same is told once; its column may differ
        fail_msg("told %u times: %s", told, text);
    return told > 0;
}

static void same_bytes(const cw_trace *a, const cw_trace *b, const char *topic) {
    uint32_t ca = cw_trace_find(a, topic), cb = cw_trace_find(b, topic);
    assert_int_equal(cw_trace_count(a, ca), cw_trace_count(b, cb));
    for (size_t i = 0; i < cw_trace_count(a, ca); i++) {
        cw_message ma = cw_trace_message(a, ca, i), mb = cw_trace_message(b, cb, i);
        assert_int_equal(ma.size, mb.size);
        assert_memory_equal(ma.bytes, mb.bytes, ma.size);
    }
}

// What it did drives again from the trace, without it.
static void drives_again(const cw_trace *first, const cw_episode_result *before) {
    cw_episode_def def = remote_def(60);
    def.proposals = first;
    cw_trace *trace;
    cw_episode_result result;
    cw_error err = {0};
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_OK);
    assert_true(result.hash == before->hash);
    same_bytes(first, trace, "/causeway/decision");
    same_bytes(first, trace, "/causeway/proposal");
    cw_trace_free(trace);
    cw_arena_free(result.arena);
}

static void whatever_it_does_the_run_goes_on(void **state) {
    (void)state;
    static const struct {
        habit habit;
        double timeout;
        uint32_t missing; // UINT32_MAX: at least one
        const char *trouble;
    } cases[] = {
        {GOOD, 60, 0, NULL},
        {SAVES, 60, 0, NULL},
        {FLOODS, 60, 0, NULL},
        {SILENT, 0.05, 21, "no answer within 0.05 s, 3 times in a row: given up"},
        {CLOSES, 60, 19, "it closed the connection"},
        {SKIPS_ONE, 0.5, UINT32_MAX, "no answer within 0.5 s"},
        {TOO_EARLY, 60, UINT32_MAX, "a step that was not asked for yet"},
        {NOISE, 60, 7, "no JSON"},
        {NOT_NUMBERS, 60, 7, "no JSON"},
        {HUGE, 60, 19, "a message of more than 131072 bytes"},
        {NEVER_READS, 0.5, 21, NULL},
        {COMPLAINS, 60, 7, "division by zero"},
        {REASONS, 60, 0, "longitudinal 'fly' is unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        connected c = {.habit = cases[i].habit};
        cw_episode_def def = remote_def(cases[i].timeout);
        cw_trace *trace;
        cw_episode_result result;
        cw_error err;
        if (run_with(&c, &def, &trace, &result, &err) != CW_OK)
            fail_msg("case %zu: %s", i, err.text);
        assert_int_equal(result.end, CW_ENDED_DURATION);
        assert_int_equal(result.steps, 200);
        uint32_t lacks = missing(trace);
        if (cases[i].missing == UINT32_MAX ? lacks == 0 : lacks != cases[i].missing)
            fail_msg("case %zu: %u answers are missing (%s)", i, lacks, result.driver_trouble);
        if (cases[i].trouble && !tells(trace, cases[i].trouble))
            fail_msg("case %zu: not told: %s; but %s", i, cases[i].trouble, result.driver_trouble);
        assert_true((result.driver_troubles > 0) == (result.driver_trouble[0] != 0));
        assert_true((result.driver_troubles > 0) == (lacks > 0 || cases[i].habit == REASONS));
        if (cases[i].habit != NEVER_READS)
            assert_true(c.second == ENOENT || c.second == ECONNREFUSED);
        drives_again(trace, &result);
        cw_trace_free(trace);
        cw_arena_free(result.arena);
    }
}

static void a_start_that_fails_is_named(void **state) {
    (void)state;
    static const struct {
        habit habit;
        const char *text;
    } cases[] = {{NO_HELLO, "did not get ready: it closed the connection"},
                 {GARBLED, "did not get ready: no JSON"},
                 {OLD, "it speaks protocol 9, this is protocol 1"}};
    cw_trace *trace;
    cw_episode_result result;
    cw_error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        connected c = {.habit = cases[i].habit};
        cw_episode_def def = remote_def(60);
        assert_int_equal(run_with(&c, &def, &trace, &result, &err), CW_ERR_INPUT);
        if (!strstr(err.text, cases[i].text) || strcmp(err.path, path) != 0)
            fail_msg("%s: %s", err.path, err.text);
        assert_null(trace);
    }
    cw_episode_def def = remote_def(60);
    FILE *other = fopen(path, "w"); // whatever stands there stays
    fputs("mine", other);
    fclose(other);
    err = (cw_error){0};
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_IO);
    assert_non_null(strstr(err.text, "the socket is in use"));
    struct stat kept;
    assert_true(stat(path, &kept) == 0 && kept.st_size == 4);
    unlink(path);
    def.start_timeout = 0.05;
    err = (cw_error){0};
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_IO);
    assert_non_null(strstr(err.text, "no driver has connected"));
    volatile int interrupt = 1;
    def.interrupt = &interrupt;
    def.start_timeout = 60;
    err = (cw_error){0};
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_INTERRUPTED);
    def.interrupt = NULL;
    char far[200];
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = 0;
    static const char *const names[] = {"no/such/folder/s", "", NULL};
    for (int i = 0; i < 4; i++) {
        def.weights = i == 3 ? far : names[i];
        err = (cw_error){0};
        assert_true(cw_episode_run(&def, &trace, &result, &err) != CW_OK && err.text[0]);
    }
}

static void it_goes_on_from_a_keyframe_if_it_saves(void **state) {
    (void)state;
    static const habit habits[] = {SAVES, GOOD, LIES};
    for (int i = 0; i < 3; i++) {
        connected c = {.habit = habits[i]};
        cw_episode_def def = remote_def(60);
        cw_trace *trace, *rest = NULL;
        cw_episode_result result, after;
        cw_error err;
        void *keyframe;
        size_t size;
        assert_int_equal(run_with(&c, &def, &trace, &result, &err), CW_OK);
        assert_int_equal(cw_keyframe_read(trace, 1, &keyframe, &size, &err), CW_OK);
        def.resume = keyframe;
        def.resume_size = size;
        c = (connected){.habit = habits[i]};
        cw_status status = run_with(&c, &def, &rest, &after, &err);
        assert_true(c.restored == (habits[i] != GOOD));
        if (habits[i] == SAVES) {
            assert_int_equal(status, CW_OK);
            assert_true(after.hash == result.hash);
            cw_trace_free(rest);
            cw_arena_free(after.arena);
        } else {
            assert_int_equal(status, CW_ERR_INPUT);
            assert_non_null(strstr(err.text, habits[i] == GOOD ? "driver unix: it does not save its state"
                                                               : "driver unix: its saved state does not restore"));
        }
        free(keyframe);
        cw_trace_free(trace);
        cw_arena_free(result.arena);
    }
}

static cw_trace *run_alone(const cw_episode_def *def, cw_episode_result *result) {
    cw_trace *trace = NULL;
    cw_error err = {0};
    if (cw_episode_run(def, &trace, result, &err) != CW_OK)
        fail_msg("%s: %s", err.path, err.text);
    return trace;
}

// Its answers depend on how often it was asked: from a keyframe it goes on only with its state.
static void a_class_goes_on_from_a_keyframe(void **state) {
    (void)state;
    if (system("command -v python3 >/dev/null") != 0)
        skip();
    char file[80];
    snprintf(file, sizeof file, "%s/counter.py", folder);
    FILE *out = fopen(file, "w");
    fputs("class Driver:\n"
          "    def reset(self, start): self.asked = int(start['options'])\n"
          "    def decide(self, obs):\n"
          "        self.asked += 1\n"
          "        v = [25 - 0.01 * self.asked * i for i in range(64)]\n"
          "        x = [sum(v[:i + 1]) / 10 for i in range(64)]\n"
          "        return {'x_m': x, 'y_m': [0] * 64, 'speed_mps': v}\n"
          "    def save(self): return bytes([self.asked])\n"
          "    def restore(self, state): self.asked = state[0]\n",
          out);
    fclose(out);
    cw_episode_def def = remote_def(60);
    def.driver = &cw_driver_python;
    def.weights = file;
    def.options = "3";
    cw_episode_result ra, rb;
    cw_trace *a = run_alone(&def, &ra);
    assert_int_equal(missing(a), 0);
    assert_int_equal(ra.driver_troubles, 0);
    drives_again(a, &ra);
    void *keyframe;
    size_t size;
    assert_int_equal(cw_keyframe_read(a, 1, &keyframe, &size, NULL), CW_OK);
    def.resume = keyframe;
    def.resume_size = size;
    def.options = "0"; // the state is what counts
    cw_trace *b = run_alone(&def, &rb);
    assert_true(ra.hash == rb.hash);
    free(keyframe);
    cw_trace_free(a);
    cw_trace_free(b);
    cw_arena_free(ra.arena);
    cw_arena_free(rb.arena);
    unlink(file);
}

// Counts how often it was asked, and brakes the more; KEEPS: in its own way; LIES: and forgets; BIG: in much room.
static const char counter_source[] =
    "#include \"causeway/drive.h\"\n"
    "#include <math.h>\n#include <string.h>\n"
    "static size_t size(const cw_driver_def *def) { return def ? ROOM : 0; }\n"
    "static cw_status reset(void *s, const cw_driver_def *def, cw_error *err) {\n"
    "    *(unsigned *)s = def->options ? 3 : 0;\n"
    "    return err ? CW_OK : CW_ERR_INTERNAL;\n"
    "}\n"
    "static void decide(void *s, const cw_obs *obs, cw_decision *d) {\n"
    "    float v = 25, x = 0, slower = 0.01f * (float)++*(unsigned *)s;\n"
    "    *d = (cw_decision){.valid = true, .step = obs->step, .source = CW_FROM_FAILSAFE, .margin = NAN};\n"
    "    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {\n"
    "        d->trajectory.speed[i] = v -= slower;\n"
    "        d->trajectory.x[i] = x += 0.1f * v;\n"
    "    }\n"
    "    d->control.accel = -10 * slower;\n"
    "}\n"
    "static void save(const void *s, void *bytes) { memcpy(bytes, s, 4); }\n"
    "static bool restore(void *s, const void *bytes) { if (!LIES) memcpy(s, bytes, 4); return true; }\n"
    "static const cw_driver counter = {.name = \"counter\", .state_size = size, .reset = reset, .decide = decide,\n"
    "    .save = KEEPS ? save : NULL, .restore = KEEPS ? restore : NULL};\n"
    "CW_EXPORT_DRIVER(counter);\n";

static void a_library_goes_on_from_a_keyframe(void **state) {
    (void)state;
    static const struct {
        const char *flags, *refused; // NULL: it goes on
    } cases[] = {
        {"-DKEEPS=0 -DLIES=0 -DROOM=4", NULL},
        {"-DKEEPS=1 -DLIES=0 -DROOM=16", NULL},
        {"-DKEEPS=1 -DLIES=1 -DROOM=16", "driver library: its saved state does not restore"},
        {"-DKEEPS=0 -DLIES=0 -DROOM=70000", "driver library: its state was not saved (it has more than 65536"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char source[80], library[80], command[1024];
        snprintf(source, sizeof source, "%s/counter.c", folder);
        snprintf(library, sizeof library, "%s/counter%zu.so", folder, i);
        FILE *out = fopen(source, "w");
        fputs(counter_source, out);
        fclose(out);
        snprintf(command, sizeof command, "${CC:-cc} -std=c17 -shared -fPIC -I\"$CAUSEWAY_SOURCE/include\" %s -o %s %s",
                 cases[i].flags, library, source);
        assert_int_equal(system(command), 0);
        cw_episode_def def = remote_def(60);
        def.driver = &cw_driver_library;
        def.weights = library;
        def.options = "3";
        cw_episode_result ra, rb;
        cw_trace *a = run_alone(&def, &ra), *b;
        assert_int_equal(missing(a), 0);
        drives_again(a, &ra);
        size_t channel = cw_trace_find(a, "/causeway/decision"); // nobody passes for the evaluator
        assert_int_equal(*(const unsigned char *)cw_trace_message(a, (uint32_t)channel, 0).bytes, CW_FROM_OUTSIDE);
        void *keyframe;
        size_t size;
        cw_error err = {0};
        assert_int_equal(cw_keyframe_read(a, 1, &keyframe, &size, NULL), CW_OK);
        def.resume = keyframe;
        def.resume_size = size;
        def.options = NULL; // the state is what counts
        if (cases[i].refused) {
            assert_int_equal(cw_episode_run(&def, &b, &rb, &err), CW_ERR_INPUT);
            if (!strstr(err.text, cases[i].refused))
                fail_msg("case %zu: %s", i, err.text);
        } else {
            b = run_alone(&def, &rb);
            assert_true(ra.hash == rb.hash);
            cw_trace_free(b);
            cw_arena_free(rb.arena);
        }
        free(keyframe);
        cw_trace_free(a);
        cw_arena_free(ra.arena);
        unlink(source);
        unlink(library);
    }
}

static void proposals_of_others_are_refused(void **state) {
    (void)state;
    cw_episode_def def = remote_def(60);
    cw_trace *trace, *none = cw_trace_new();
    cw_episode_result result;
    cw_error err = {0};
    def.proposals = none;
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_INPUT);
    static const cw_column wrong[] = {{"step", CW_U64, 1, ""}};
    cw_trace_rows(none, "/causeway/proposal", wrong, 1);
    err = (cw_error){0};
    assert_int_equal(cw_episode_run(&def, &trace, &result, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "does not hold what its driver answered"));
    cw_trace_free(none);
}

static int set_up(void **state) {
    (void)state;
    char file[1024];
    cw_error err = {0};
    snprintf(file, sizeof file, "%s/scenes/cut_in.xosc", getenv("CAUSEWAY_SOURCE"));
    snprintf(path, sizeof path, "%s/socket", mkdtemp(folder));
    return cw_scene_read_file(file, NULL, &scene, &err) == CW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    cw_scene_free(scene);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_it_does_the_run_goes_on),       cmocka_unit_test(a_start_that_fails_is_named),
        cmocka_unit_test(it_goes_on_from_a_keyframe_if_it_saves), cmocka_unit_test(a_class_goes_on_from_a_keyframe),
        cmocka_unit_test(a_library_goes_on_from_a_keyframe),      cmocka_unit_test(proposals_of_others_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
