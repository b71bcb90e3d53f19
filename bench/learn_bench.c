// The learned driver: self-play steps a second, a decision, a thousand agents at once, and how near its training comes to what
// oneDNN reaches on the shapes of its layers.
#include "figure.h"

#include "causeway/drive.h"
#include "causeway/learn.h"
#include "causeway/synth.h"
#include "drive/reflex_net.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REPEATS = 9, AGENTS = 1000, SAMPLES = 4096 };

static float *noise(size_t count) {
    float *x = malloc(count * sizeof *x);
    if (!x)
        exit(1);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(0.3 * cw_rng_normal((cw_rng_key){.seed = 3, .step = i}, 0));
    return x;
}

// ---- self-play -----------------------------------------------------------------------------------------------------------

typedef struct rates {
    double all[256];
    int count;
} rates;

static void take(void *context, const cw_selfplay_progress *p) {
    rates *r = context;
    if (r->count < 256)
        r->all[r->count++] = p->steps_per_second;
}

static void self_play(void) {
    char folder[] = "/tmp/learn-bench-XXXXXX", path[64];
    if (!mkdtemp(folder))
        exit(1);
    rates r = {0};
    cw_selfplay_def def = cw_selfplay_defaults(folder);
    def.threads = 2;
    def.steps = 400000;
    def.progress = take;
    def.context = &r;
    cw_selfplay_progress last;
    cw_error err = {0};
    if (cw_selfplay_run(&def, &last, &err) != CW_OK)
        fprintf(stderr, "learn_bench: %s\n", err.text);
    static const char *const names[] = {"lock", "metrics.csv", "reflex.safetensors", "state.safetensors"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    rmdir(folder);
    cw_reflex_net net;
    if (cw_reflex_net_new(1, CW_NN_AUTO, &net, &err) != CW_OK)
        exit(1);
    figure(
        "self-play", median(r.all, r.count), "agent-steps/s", AT_LEAST, 60000,
        "two threads, simulate, observe, infer, learn; 2 epochs, %.0f multiply-adds a step forward, %d floats a sample",
        (double)cw_net_multiply_adds(net.net), CW_REFLEX_FLOATS);
    cw_reflex_net_free(&net);
}

// ---- deciding ------------------------------------------------------------------------------------------------------------

static void one_decision(void) {
    cw_town_def town = cw_town_defaults(1);
    cw_scene *scene;
    cw_error err = {0};
    const cw_driver *driver = cw_driver_find("reflex");
    if (!driver || cw_town_make(&town, &scene, &err) != CW_OK)
        exit(1);
    const cw_map *map = scene->map;
    uint32_t lane = 0;
    while (map->lanes[lane].kind != CW_LANE_DRIVING || map->lanes[lane].length < 50)
        lane++;
    cw_lane_place place = {.lane = lane, .s = 0.5 * (map->lanes[lane].s0 + map->lanes[lane].s1)};
    cw_pose at = cw_lane_pose(map, place, NULL);
    cw_body body = {4.5f, 1.8f, 1.5f, 1.4f, 2.7f, 1500, 0.6f, 3, 8, 50};
    cw_mission mission = {.set_speed = INFINITY};
    cw_track tracks[CW_REFLEX_USERS] = {{0}};
    for (int i = 0; i < CW_REFLEX_USERS; i++)
        tracks[i] = (cw_track){.x = 10.0f + 5.0f * (float)i, .y = i % 2 ? 3.5f : -3.5f, .length = 4.5f, .width = 1.8f};
    cw_obs obs = {.period = 0.1f, .map = map, .mission = &mission, .tracks = tracks, .track_count = CW_REFLEX_USERS};
    obs.ego = (cw_ego){.x = at.x, .y = at.y, .heading = (float)at.heading, .speed = 8, .place = place, .body = body};
    cw_driver_def def = {.map = map, .body = body, .seed = 1, .period = 0.1f};
    void *state = malloc(driver->state_size(&def));
    if (!state || driver->reset(state, &def, &err) != CW_OK)
        exit(1);
    double times[2001];
    cw_decision decision;
    for (int i = 0; i < 2001; i++) {
        double start = cw_seconds();
        driver->decide(state, &obs, &decision);
        times[i] = 1e6 * (cw_seconds() - start);
    }
    figure("decision of reflex", median(times, 2001), "us", AT_MOST, 30,
           "one agent, 12 road users, control and trajectory of 6.4 s, for which the policy is asked 4 times");
    free(state);
    cw_scene_free(scene);
}

static void many_agents(const cw_reflex_net *net) {
    float *samples = noise((size_t)AGENTS * CW_REFLEX_FLOATS);
    cw_exec *exec = cw_exec_new(net->net, false);
    double times[101];
    for (int k = 0; k < 101; k++) {
        double start = cw_seconds();
        for (uint32_t i = 0; i < AGENTS; i += CW_NN_BLOCK) {
            uint32_t rows = AGENTS - i < CW_NN_BLOCK ? AGENTS - i : CW_NN_BLOCK;
            cw_reflex_put(net, exec, samples + (size_t)i * CW_REFLEX_FLOATS, CW_REFLEX_FLOATS, rows);
            cw_exec_forward(exec, rows);
        }
        times[k] = 1e3 * (cw_seconds() - start);
    }
    figure("1,000 agents of reflex", median(times, 101), "ms", AT_MOST, 3, "samples to actions, one thread, f32 %s",
           cw_nn_set_name(CW_NN_AUTO));
    cw_exec_free(exec);
    free(samples);
}

// ---- share of the peak -----------------------------------------------------------------------------------------------------

// Of this process: what others take of the machine counts for neither side.
static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct policy_task {
    const cw_reflex_net *net;
    const float *samples;
} policy_task;

static void fill(void *context, cw_exec *exec, size_t first, uint32_t rows) {
    const policy_task *t = context;
    cw_reflex_put(t->net, exec, t->samples + first * CW_REFLEX_FLOATS, CW_REFLEX_FLOATS, rows);
}

static double loss(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes) {
    const policy_task *t = context;
    static const float zero[CW_REFLEX_ACTIONS * CW_NN_BLOCK];
    (void)first;
    (void)slopes;
    return cw_loss_mse(cw_exec_value(exec, t->net->mean), zero, CW_REFLEX_ACTIONS, rows, 1.0f / SAMPLES,
                       cw_exec_gradient(exec, t->net->mean)) +
           cw_loss_mse(cw_exec_value(exec, t->net->value), zero, 1, rows, 1.0f / SAMPLES,
                       cw_exec_gradient(exec, t->net->value));
}

typedef int (*sgemm_call)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t,
                          float, float *, int64_t);

// GFLOP/s of oneDNN on the policy's two widest layers, one thread; NAN: it is not here.
static double peak_of_library(void) {
    void *library = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_GLOBAL);
    sgemm_call sgemm = NULL;
    void (*set_threads)(int) = NULL;
    if (library) {
        *(void **)&sgemm = dlsym(library, "dnnl_sgemm");
        *(void **)&set_threads = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    }
    if (!sgemm)
        return NAN;
    if (set_threads)
        set_threads(1);
    double best = 0;
    float *a = noise((size_t)SAMPLES * 144), *b = noise((size_t)144 * 128), *c = noise((size_t)SAMPLES * 128);
    for (int k = 0; k < 40; k++) {
        double start = processor_seconds();
        sgemm('N', 'N', SAMPLES, 128, 144, 1, a, 144, b, 128, 0, c, 128);
        sgemm('N', 'N', SAMPLES, 128, 128, 1, a, 128, b, 128, 0, c, 128);
        double rate = 2e-9 * SAMPLES * 128.0 * (144 + 128) / (processor_seconds() - start);
        best = rate > best ? rate : best;
    }
    free(a);
    free(b);
    free(c);
    return best;
}

static void share_of_peak(const cw_reflex_net *net) {
    cw_pool *pool = cw_pool_new(1);
    cw_trainer *trainer = cw_trainer_new(net->net, pool, cw_adam_defaults());
    float *samples = noise((size_t)SAMPLES * CW_REFLEX_FLOATS);
    policy_task t = {net, samples};
    cw_lesson lesson = {&t, fill, loss};
    double best = 0;
    for (int k = 0; k < 30; k++) { // both by their best
        double start = processor_seconds();
        cw_trainer_step(trainer, &lesson, SAMPLES, NULL, NULL);
        // Forward, and twice as much back but for the inputs.
        double inputs = CW_REFLEX_SELF * 96.0 + CW_REFLEX_USERS * CW_REFLEX_USER * 48.0;
        double work = SAMPLES * 2e-9 * (3 * (double)cw_net_multiply_adds(net->net) - inputs);
        best = fmax(best, work / (processor_seconds() - start));
    }
    double peak = peak_of_library();
    figure("policy's training step", best, "GFLOP/s", TOLD, 0, "batch 4,096, one thread, f32 %s, all in",
           cw_nn_set_name(CW_NN_AUTO));
    if (!isnan(peak))
        figure("policy's training step, share of oneDNN", 100 * best / peak, "%", AT_LEAST, 60,
               "of %.0f GFLOP/s that its sgemm reaches on 4,096 x (144, 128) x 128", peak);
    cw_trainer_free(trainer);
    cw_pool_free(pool);
    free(samples);
}

int main(int argc, char **argv) {
    cw_reflex_net net;
    cw_error err = {0};
    if (cw_reflex_net_new(1, CW_NN_AUTO, &net, &err) != CW_OK)
        return 1;
    if (figure_wanted(argc, argv, "decision of reflex"))
        one_decision();
    if (figure_wanted(argc, argv, "1,000 agents of reflex"))
        many_agents(&net);
    if (figure_wanted(argc, argv, "policy's training step"))
        share_of_peak(&net);
    if (figure_wanted(argc, argv, "self-play"))
        self_play();
    cw_reflex_net_free(&net);
    return 0;
}
