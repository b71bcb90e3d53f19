// What a test of a reason costs: a counterfactual of 3 s, and a full test with 20 road users in view.
#include "causeway/drive.h"
#include "causeway/fork.h"
#include "causeway/format.h"
#include "causeway/run.h"
#include "causeway/why.h"
#include "causeway/world.h"
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// s of this process's own time, all threads: the machine may be shared.
static double own_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { OTHERS = 20, RUNS = 25, TICK = 200 };

typedef struct stage {
    cw_scene *scene;
    cw_episode_def def;
    cw_trace *trace;
    cw_episode_result run;
} stage;

// A motorway with three scripted cars and as many of the traffic as make 20 others.
static bool open_stage(stage *s, const char *driver) {
    cw_error err = {0};
    cw_traffic_params params = cw_traffic_defaults();
    if (cw_scene_read_file("scenes/cut_in.xosc", NULL, &s->scene, &err) != CW_OK ||
        cw_scene_add_traffic(s->scene, OTHERS - 3, &params, CW_TRAFFIC_IDM, &err) != CW_OK) {
        fprintf(stderr, "why_bench: %s\n", err.text);
        return false;
    }
    s->def = cw_episode_defaults(s->scene);
    s->def.driver = cw_driver_find(driver);
    s->def.keyframes = true;
    s->def.duration = 29;
    return cw_episode_run(&s->def, &s->trace, &s->run, &err) == CW_OK;
}

static void close_stage(stage *s) {
    cw_trace_free(s->trace);
    cw_arena_free(s->run.arena);
    cw_scene_free(s->scene);
}

static void counterfactual(const stage *s, const char *name, double most) {
    cw_fork *fork;
    cw_error err = {0};
    void *bytes;
    size_t size;
    int64_t step;
    if (cw_fork_open(&s->def, &fork, &err) != CW_OK ||
        cw_keyframe_read(s->trace, TICK / 10 - 2, &bytes, &size, &err) != CW_OK)
        return;
    cw_fork_restore(fork, bytes, size, &step, &err);
    free(bytes);
    cw_fork_mark(fork);
    cw_world *world = cw_fork_world(fork);
    cw_intervention row = {.kind = CW_ACTOR_ABSENT, .item = 1};
    double times[RUNS];
    for (int n = 0; n < RUNS; n++) {
        double start = own_time();
        cw_fork_back(fork);
        cw_world_intervene(world, &row, 1);
        for (int tick = TICK - 20; tick < TICK + 30; tick++) { // 2 s before, 3 s after
            if (tick == TICK)                                  // the one whose reason is compared
                cw_fork_decide(fork, tick);
            else
                cw_fork_decide_unasked(fork, tick);
            for (int i = 0; i < 10; i++)
                cw_world_step(world);
        }
        times[n] = 1e3 * (own_time() - start);
    }
    figure(name, median(times, RUNS), "ms", AT_MOST, most,
           "2 s before a decision and 3 s after it, %d other road users, evaluator on, one core by its own time; "
           "median of %d",
           OTHERS, RUNS);
    cw_fork_close(fork);
}

static void full_test(const stage *s) {
    cw_why_def def = cw_why_defaults(&s->def, s->trace);
    def.threads = 2;
    cw_why *why;
    cw_error err = {0};
    if (cw_why_open(&def, &why, &err) != CW_OK)
        return;
    double times[RUNS];
    uint32_t candidates = 0, branches = 0;
    int count = 0;
    for (int tick = 60; count < RUNS && tick < 240; tick += 7) {
        const cw_why_result *r;
        double start = own_time();
        if (cw_why_test(why, tick, &r, &err) != CW_OK)
            break;
        times[count++] = 0.5e3 * (own_time() - start);
        candidates += r->count;
        branches += r->branches;
    }
    if (count > 0)
        figure("why full test", median(times, count), "ms", AT_MOST, 300,
               "half of the processor time of two threads; %.0f candidates and %.0f runs on average, both "
               "interventions, direct and total, sets, "
               "sufficiency; median of %d decisions",
               (double)candidates / count, (double)branches / count, count);
    cw_why_close(why);
}

// The cut-in experiment as docs/WHY.md has it, a quarter of its gaps and lateral speeds: what ours hits though the careful
// human does not.
static void cut_ins(void) {
    const char *program = getenv("CAUSEWAY_PROGRAM");
    char command[4096];
    snprintf(command, sizeof command, "'%s' why --cut-in --json", program ? program : "build/causeway");
    FILE *f = popen(command, "r");
    unsigned cases = 0, hits = 0, worse = 0;
    char line[256];
    bool ours = false;
    while (f && fgets(line, sizeof line, f)) {
        ours = strstr(line, "\"driver\": \"classical\"") ? true : ours;
        if (ours && cases == 0)
            sscanf(line, " \"cases\": %u", &cases);
        if (ours && hits == 0)
            sscanf(line, " \"hits\": %u", &hits);
        if (ours && sscanf(line, " \"hits_that_the_human_avoids\": %u", &worse) == 1)
            break;
    }
    while (f && fgets(line, sizeof line, f))
        ;
    if (f)
        pclose(f);
    if (cases > 0)
        figure("why cut-ins worse than human", worse, "", AT_MOST, 0,
               "of %u cases; classical with its evaluator hits %u", cases, hits);
}

int main(int argc, char **argv) {
    static const struct {
        const char *driver, *name;
        double most;
    } drivers[] = {{"classical", "why counterfactual classical", 6}, {"reflex", "why counterfactual reflex", 4}};
    for (int i = 0; i < 2; i++) {
        bool full = i == 0 && figure_wanted(argc, argv, "why full test");
        bool one = figure_wanted(argc, argv, drivers[i].name);
        stage s = {0};
        if (!one && !full)
            continue;
        if (!open_stage(&s, drivers[i].driver))
            return 1;
        if (one)
            counterfactual(&s, drivers[i].name, drivers[i].most);
        if (full)
            full_test(&s);
        close_stage(&s);
    }
    if (figure_wanted(argc, argv, "why cut-ins worse than human"))
        cut_ins();
    return 0;
}
