// The batch: agent-steps a second, on maps as dense as recorded city junctions.
#include "figure.h"

#include "causeway/batch.h"
#include "causeway/format.h"
#include "causeway/vector.h"
#include "causeway/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAPS = 3, HORIZON = 91, ACTION_SETS = 7 };

// ---- scenes around junctions -------------------------------------------------------------------------------------------

typedef struct junctions {
    cw_scene *base[MAPS];
    cw_area *area[MAPS];
    uint32_t count, map[4096];
    double x[4096], y[4096];
    uint32_t low, high; // agents of a scene
} junctions;

static cw_status open_junction(void *context, size_t index, cw_scene **scene, cw_error *err) {
    const junctions *j = context;
    cw_spawn_def def = cw_spawn_defaults();
    uint32_t k = (uint32_t)(index % j->count);
    def.seed = 1000 + index;
    double share = cw_rng_uniform((cw_rng_key){.seed = 1, .step = index}, 0);
    def.x = j->x[k];
    def.y = j->y[k];
    cw_status status = CW_ERR_INPUT;
    // Few agents are as frequent as many by a power of the draw: 1,000 agents in about 70 worlds.
    def.count = j->low + (uint32_t)(share * share * share * (j->high - j->low + 1));
    for (def.radius = 60; status != CW_OK && def.radius < 500; def.radius *= 1.5) {
        *err = (cw_error){0};
        status = cw_scene_spawn(&def, j->base[j->map[k]]->map, j->area[j->map[k]], scene, err);
    }
    return status;
}

static const char *junction_name(void *context, size_t index) {
    (void)context;
    (void)index;
    return "junction";
}

static bool load(junctions *j) {
    static const char *const files[MAPS] = {"opendrive/carla/Town01.xodr", "opendrive/carla/Town10HD.xodr",
                                            "opendrive/carla/Town04.xodr"};
    *j = (junctions){.low = 5, .high = 45};
    const char *data = test_data();
    if (!data)
        return false;
    for (int m = 0; m < MAPS; m++) {
        char path[1024];
        cw_error err = {0};
        snprintf(path, sizeof path, "%s/%s", data, files[m]);
        if (cw_scene_read_file(path, NULL, &j->base[m], &err) != CW_OK) {
            fprintf(stderr, "batch_bench: %s: %s\n", path, err.text);
            return false;
        }
        const cw_map *map = j->base[m]->map;
        j->area[m] = cw_area_new(map);
        for (uint32_t i = 0; i < map->junction_count && j->count < 4096; i++) {
            if (map->junctions[i].roads.count < 6)
                continue;
            double x = 0, y = 0;
            for (uint32_t k = 0; k < map->junctions[i].roads.count; k++) {
                cw_road_point p;
                uint32_t road = map->indices[map->junctions[i].roads.first + k];
                cw_road_at(map, road, 0.5 * map->roads[road].length, 0, &p);
                x += p.x / map->junctions[i].roads.count;
                y += p.y / map->junctions[i].roads.count;
            }
            j->map[j->count] = (uint32_t)m;
            j->x[j->count] = x;
            j->y[j->count++] = y;
        }
    }
    return j->count > 0;
}

static void unload(junctions *j) {
    for (int m = 0; m < MAPS; m++) {
        cw_area_free(j->area[m]);
        cw_scene_free(j->base[m]);
    }
}

// ---- a batch with its buffers ------------------------------------------------------------------------------------------

typedef struct rig {
    cw_batch *batch;
    uint32_t agents, floats;
    float *actions[ACTION_SETS], *observations, *rewards;
    uint8_t *terminations, *truncations;
} rig;

static void *room(size_t size) {
    void *p = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!p)
        abort();
    memset(p, 0, size);
    return p;
}

static void put_buffers(const rig *r, int set) {
    cw_batch_set_buffers(r->batch, &(cw_batch_buffers){.actions = r->actions[set],
                                                       .observations = r->observations,
                                                       .rewards = r->rewards,
                                                       .terminations = r->terminations,
                                                       .truncations = r->truncations});
}

// Actions that keep cars about on their way: gentle, so that most drive through the episode.
static rig make(const junctions *j, const cw_vector_def *vector, uint32_t worlds, uint32_t scenes, int threads) {
    cw_scene_source source = {
        .context = (void *)(uintptr_t)j, .count = scenes, .open = open_junction, .name = junction_name};
    cw_batch_def def = cw_batch_defaults(&source);
    def.worlds = worlds;
    def.horizon = HORIZON;
    def.observation = vector;
    def.threads = threads;
    def.autoreset = CW_AUTORESET_SAME_STEP;
    // Every agent lives through the episode, so that an agent-step is one: all are stepped, tested, observed.
    def.on_contact = def.on_offroad = def.on_goal = CW_ON_IGNORE;
    rig r = {0};
    cw_error err = {0};
    if (cw_batch_new(&def, &r.batch, &err) != CW_OK) {
        fprintf(stderr, "batch_bench: %s\n", err.text);
        exit(1);
    }
    r.agents = cw_batch_agents(r.batch);
    r.floats = cw_batch_floats(r.batch);
    for (int k = 0; k < ACTION_SETS; k++) {
        r.actions[k] = room(r.agents * 2 * sizeof(float));
        for (uint32_t i = 0; i < 2 * r.agents; i++) {
            double u = cw_rng_uniform((cw_rng_key){.seed = 5, .agent = i, .step = (uint64_t)k}, 0);
            r.actions[k][i] = (float)((2 * u - 1) * (i % 2 ? 0.1 : 0.4));
        }
    }
    r.observations = room((size_t)r.agents * r.floats * sizeof(float));
    r.rewards = room(r.agents * sizeof(float));
    r.terminations = room(r.agents);
    r.truncations = room(r.agents);
    put_buffers(&r, 0);
    cw_batch_reset(r.batch, NULL);
    return r;
}

static void drop(rig *r) {
    cw_batch_free(r->batch);
    for (int k = 0; k < ACTION_SETS; k++)
        free(r->actions[k]);
    free(r->observations);
    free(r->rewards);
    free(r->terminations);
    free(r->truncations);
}

// On one thread the processor's time for it, which a shared machine blurs less; on several the wall's.
static double now(bool wall) {
    struct timespec t;
    clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Steps a second of all agents: by the median step and, in *best, by the quickest tenth.
static double rate(rig *r, int rounds, bool wall, double *best) {
    double *took = malloc((size_t)rounds * HORIZON * sizeof *took);
    if (!took)
        abort();
    int count = 0;
    for (int k = 0; k < rounds; k++)
        for (int i = 0; i < HORIZON; i++) {
            put_buffers(r, i % ACTION_SETS);
            double start = now(wall);
            cw_batch_step(r->batch);
            took[count++] = now(wall) - start;
        }
    double middle = median(took, count); // sorts
    if (best)
        *best = r->agents / took[count / 10];
    free(took);
    return r->agents / middle;
}

static double filled_rows(const rig *r, const cw_vector_def *v, bool road) {
    double sum = 0;
    for (uint32_t i = 0; i < r->agents; i++) {
        const float *rows = r->observations + (size_t)i * r->floats + v->ego + (road ? CW_VECTOR_ROW * v->users : 0);
        for (uint32_t k = 0; k < (road ? v->road : v->users); k++)
            sum += rows[CW_VECTOR_ROW * k + 6] > 0;
    }
    return sum / r->agents;
}

static const char *const kernels[] = {"auto", "plain", "AVX2", "AVX-512"};

static void full_figures(int argc, char **argv, const junctions *j) {
    static const double asked[] = {0, 0, 1.2e6, 2.0e6};
    double one = 0, best;
    for (int kernel = CW_KERNEL_PLAIN; kernel <= CW_KERNEL_AVX512; kernel++) {
        char name[64];
        snprintf(name, sizeof name, "batch_full_steps/%s", kernels[kernel]);
        if (!figure_wanted(argc, argv, name))
            continue;
        if (!cw_vector_has((cw_vector_kernel)kernel)) {
            printf("%s\t-\tagent-steps/s\tat least %g\tnot run\tthis processor has no %s\n", name, asked[kernel],
                   kernels[kernel]);
            continue;
        }
        cw_vector_def vector = cw_vector_full();
        vector.kernel = (uint8_t)kernel;
        rig r = make(j, &vector, 70, 70, 1);
        rate(&r, 1, false, NULL);
        double road = filled_rows(&r, &vector, true), users = filled_rows(&r, &vector, false);
        one = rate(&r, 15, false, &best);
        figure(name, one, "agent-steps/s", asked[kernel] > 0 ? AT_LEAST : TOLD, asked[kernel],
               "one core by its own time, median of %d steps, quickest tenth %.3g; %u agents in %u worlds, %u floats, "
               "filled rows: road %.0f, users %.0f; "
               "reset every 91 steps, nobody leaves early",
               15 * HORIZON, best, r.agents, cw_batch_worlds(r.batch), r.floats, road, users);
        drop(&r);
    }
    if (one > 0 && figure_wanted(argc, argv, "batch_full_two_cores")) {
        cw_vector_def vector = cw_vector_full();
        rig a = make(j, &vector, 70, 70, 1), b = make(j, &vector, 70, 70, 2);
        rate(&a, 1, true, NULL);
        rate(&b, 1, true, NULL);
        double single = rate(&a, 15, true, NULL), both = rate(&b, 15, true, NULL);
        figure("batch_full_two_cores", both / single, "times one", AT_LEAST, 1.9, "2 threads: %.3g agent-steps/s",
               both);
        drop(&a);
        drop(&b);
    }
}

static void compact_figures(int argc, char **argv, const junctions *j) {
    cw_vector_def vector = cw_vector_compact();
    double small = 0;
    if (figure_wanted(argc, argv, "batch_compact_steps")) {
        rig r = make(j, &vector, 70, 70, 1);
        rate(&r, 1, false, NULL);
        double best, typical = rate(&r, 20, false, &best);
        figure("batch_compact_steps", typical, "agent-steps/s", AT_LEAST, 4e6,
               "one core by its own time, median of %d steps, quickest tenth %.3g; %u agents in %u worlds, %u floats",
               20 * HORIZON, best, r.agents, cw_batch_worlds(r.batch), r.floats);
        drop(&r);
    }
    if (figure_wanted(argc, argv, "batch_compact_growth")) {
        rig r = make(j, &vector, 100, 100, 1);
        rate(&r, 1, false, NULL);
        small = rate(&r, 9, false, NULL);
        drop(&r);
        r = make(j, &vector, 10000, 100, 1);
        rate(&r, 1, false, NULL);
        double large = rate(&r, 2, false, NULL);
        figure("batch_compact_growth", small / large, "times the cost", AT_MOST, 1.2,
               "an agent's step in 10,000 worlds (%u agents) against 100 worlds: %.3g and %.3g agent-steps/s", r.agents,
               large, small);
        drop(&r);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && argv[1][0] &&
        !strstr("batch_full_steps/AVX-512 batch_full_steps/AVX2 batch_full_steps/plain "
                "batch_full_two_cores batch_compact_steps batch_compact_growth",
                argv[1]))
        return 0; // nothing of ours: the maps are not worth reading
    junctions j;
    if (!load(&j)) {
        fprintf(stderr, "batch_bench: CAUSEWAY_TEST_DATA is not set\n");
        return 0;
    }
    full_figures(argc, argv, &j);
    compact_figures(argc, argv, &j);
    unload(&j);
    return 0;
}
