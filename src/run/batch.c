// Making the batch, handing its worlds to threads, and looking at it.
#include "run/batch_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE = 0x0ba7c, WORLDS_MOST = 1 << 20, AGENTS_MOST = 1 << 24, CHUNK_AGENTS = 48, THREADS_MOST = 256 };

cw_batch_def cw_batch_defaults(const cw_scene_source *source) {
    return (cw_batch_def){.cookie = COOKIE,
                          .source = source,
                          .worlds = (uint32_t)(source->count < WORLDS_MOST ? source->count : WORLDS_MOST),
                          .seed = 1,
                          .dt_ns = 100000000,
                          .horizon = 91,
                          .kinematic = true,
                          .on_contact = CW_ON_STOP,
                          .on_offroad = CW_ON_REMOVE,
                          .on_goal = CW_ON_REMOVE,
                          .goal_radius = 2,
                          .reward = {.progress = 0.02f, .contact = -1, .offroad = -1, .goal = 1},
                          .accel_count = 7,
                          .steer_count = 13,
                          .threads = 1};
}

static cw_status refuse(cw_error *err, const char *what) {
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "batch: %s", what);
}

static cw_status check_def(const cw_batch_def *def, cw_error *err) {
    const float numbers[] = {def->goal_radius, def->reward.progress, def->reward.contact, def->reward.offroad,
                             def->reward.goal};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!isfinite(numbers[i]))
            return refuse(err, "rewards and the goal's radius are finite numbers");
    if (def->source->count == 0)
        return refuse(err, "there is no scene");
    if (def->worlds == 0 || def->worlds > WORLDS_MOST)
        return refuse(err, "from 1 to 1048576 worlds");
    if (def->dt_ns <= 0 || def->dt_ns > 1000000000 || def->horizon == 0)
        return refuse(err, "a step of at most 1 s, a horizon of at least one step");
    if (def->autoreset > CW_AUTORESET_DISABLED || def->control > CW_CONTROL_ALL || def->actions > CW_ACTIONS_DISCRETE ||
        def->on_contact > CW_ON_IGNORE || def->on_offroad > CW_ON_IGNORE || def->on_goal > CW_ON_IGNORE)
        return refuse(err, "a mode that there is not");
    if (def->actions == CW_ACTIONS_DISCRETE &&
        (def->accel_count < 2 || def->accel_count > 1000 || def->steer_count < 2 || def->steer_count > 1000))
        return refuse(err, "discrete actions have from 2 to 1000 rows and columns");
    if (def->threads < 0 || def->threads > THREADS_MOST)
        return refuse(err, "from 1 to 256 threads, 0 for one on each processor");
    return CW_OK;
}

// ---- making ----------------------------------------------------------------------------------------------------------

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for the batch");
}

static const char *name_of(const cw_scene_source *source, size_t index) {
    const char *name = source->name ? source->name(source->context, index) : NULL;
    return name ? name : "";
}

static cw_status find_map(cw_batch *b, const cw_map *map, const cw_batch_map **out, cw_error *err) {
    for (uint32_t i = 0; i < b->map_count; i++)
        if (b->maps[i].map == map) {
            *out = &b->maps[i];
            return CW_OK;
        }
    cw_batch_map *made = &b->maps[b->map_count++];
    *out = made;
    *made = (cw_batch_map){.map = map, .area = cw_area_new(map)};
    if (!made->area)
        return no_memory(err);
    made->segments = cw_vector_map_new(&b->vector, map, made->area, err);
    return made->segments ? CW_OK : CW_ERR_LIMIT;
}

static cw_status make_world(cw_batch *b, uint32_t index, cw_error *err) {
    cw_batch_slot *w = &b->worlds[index];
    cw_batch_scene *scene = &b->scenes[index % b->scene_count];
    cw_world_def def = cw_world_defaults(scene->scene);
    def.seed = b->def.seed;
    def.number = index;
    def.dt_ns = b->def.dt_ns;
    def.drive_ego = false;
    def.control = scene->control;
    def.kinematic = b->def.kinematic;
    def.find_places = false;
    w->scene = scene;
    w->world = cw_world_new(&def, err);
    if (!w->world)
        return CW_ERR_INPUT;
    cw_status status = scene->start ? CW_OK : cw_batch_scene_plan(scene, w->world, err);
    w->first = b->agent_count;
    b->agent_count += scene->agent_count;
    if (status == CW_OK && b->agent_count > AGENTS_MOST)
        status = cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "batch: more than %d agents", AGENTS_MOST);
    return status;
}

static cw_status make_scenes(cw_batch *b, cw_error *err) {
    const cw_scene_source *source = b->def.source;
    uint32_t count = (uint32_t)(source->count < b->def.worlds ? source->count : b->def.worlds);
    b->scenes = calloc(count, sizeof *b->scenes);
    b->maps = calloc(count, sizeof *b->maps);
    if (!b->scenes || !b->maps)
        return no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        cw_scene *scene;
        const cw_batch_map *map;
        cw_status status = source->open(source->context, i, &scene, err);
        if (status != CW_OK)
            return status;
        b->scene_count++;
        b->scenes[i].scene = scene;
        status = find_map(b, scene->map, &map, err);
        if (status == CW_OK)
            status = cw_batch_scene_make(&b->def, scene, map, &b->scenes[i], err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

static cw_status make_worlds(cw_batch *b, cw_error *err) {
    b->worlds = calloc((size_t)b->def.worlds + 1, sizeof *b->worlds);
    b->chunks = calloc((size_t)b->def.worlds + 1, sizeof *b->chunks);
    if (!b->worlds || !b->chunks)
        return no_memory(err);
    for (uint32_t i = 0; i < b->def.worlds; i++) {
        cw_error why = {0};
        cw_status status = make_world(b, i, &why);
        b->world_count += b->worlds[i].world != NULL;
        if (status != CW_OK)
            return cw_error_set(err, why.code ? why.code : status,
                                why.path[0] ? why.path : name_of(b->def.source, i % b->scene_count), why.line,
                                why.column, "%s", why.text);
    }
    b->worlds[b->world_count].first = b->agent_count;
    if (b->agent_count == 0)
        return cw_error_set(err, CW_ERR_INPUT, name_of(b->def.source, 0), 0, 0,
                            "batch: nobody in the scenes is an agent");
    // Fixed by the worlds alone, so that a world keeps its neighbours whatever the threads.
    for (uint32_t i = 0; i < b->world_count; i++) {
        uint32_t in_chunk = b->worlds[i].first - b->worlds[b->chunks[b->chunk_count]].first;
        if (in_chunk >= CHUNK_AGENTS)
            b->chunks[++b->chunk_count] = i;
    }
    b->chunks[++b->chunk_count] = b->world_count;
    return CW_OK;
}

static cw_status make_workers(cw_batch *b, cw_error *err) {
    uint32_t actors = 0, agents = 0;
    for (uint32_t i = 0; i < b->scene_count; i++) {
        const cw_batch_scene *s = &b->scenes[i];
        uint32_t count = cw_world_actor_count(b->worlds[i].world); // world i is of scene i
        actors = count > actors ? count : actors;
        agents = s->agent_count > agents ? s->agent_count : agents;
    }
    assert(b->scene_count > 0 && b->agent_count > 0); // refused before
    b->pool = cw_pool_new(b->def.threads);
    if (!b->pool)
        return no_memory(err);
    b->threads = cw_pool_threads(b->pool);
    b->workers = calloc((size_t)b->threads, sizeof *b->workers);
    b->agents = calloc(b->agent_count, sizeof *b->agents);
    if (!b->workers || !b->agents)
        return no_memory(err);
    for (int i = 0; i < b->threads; i++) {
        b->workers[i].scratch = cw_vector_scratch_new(actors);
        b->workers[i].tasks = calloc((size_t)agents + 1, sizeof *b->workers[i].tasks);
        b->workers[i].sine = calloc(2 * ((size_t)actors + 1), sizeof(double));
        b->workers[i].cosine = b->workers[i].sine ? b->workers[i].sine + actors + 1 : NULL;
        if (!b->workers[i].scratch || !b->workers[i].tasks || !b->workers[i].sine)
            return no_memory(err);
    }
    return CW_OK;
}

cw_status cw_batch_new(const cw_batch_def *def, cw_batch **batch, cw_error *err) {
    assert(def->cookie == COOKIE && def->source);
    *batch = NULL;
    cw_status status = check_def(def, err);
    if (status != CW_OK)
        return status;
    cw_batch *b = calloc(1, sizeof *b);
    if (!b)
        return no_memory(err);
    b->def = *def;
    b->vector = def->observation ? *def->observation : cw_vector_full();
    b->def.observation = NULL;
    b->floats = cw_vector_floats(&b->vector);
    status = make_scenes(b, err);
    if (status == CW_OK)
        status = make_worlds(b, err);
    if (status == CW_OK)
        status = make_workers(b, err);
    if (status != CW_OK) {
        cw_batch_free(b);
        return status;
    }
    for (uint32_t i = 0; i < b->world_count; i++)
        cw_batch_begin_world(b, &b->worlds[i]);
    *batch = b;
    return CW_OK;
}

void cw_batch_free(cw_batch *b) {
    if (!b)
        return;
    cw_pool_free(b->pool);
    for (int i = 0; b->workers && i < b->threads; i++) {
        cw_vector_scratch_free(b->workers[i].scratch);
        free(b->workers[i].tasks);
        free(b->workers[i].sine);
    }
    for (uint32_t i = 0; i < b->world_count; i++)
        cw_world_free(b->worlds[i].world);
    for (uint32_t i = 0; i < b->map_count; i++) {
        cw_vector_map_free(b->maps[i].segments);
        cw_area_free(b->maps[i].area);
    }
    for (uint32_t i = 0; i < b->scene_count; i++)
        cw_batch_scene_free(&b->scenes[i]);
    free(b->workers);
    free(b->agents);
    free(b->worlds);
    free(b->chunks);
    free(b->scenes);
    free(b->maps);
    free(b);
}

// ---- stepping --------------------------------------------------------------------------------------------------------

static void step_chunk(void *context, size_t index, int worker) {
    cw_batch *b = context;
    for (uint32_t i = b->chunks[index]; i < b->chunks[index + 1]; i++)
        cw_batch_step_world(b, &b->worlds[i], &b->workers[worker]);
}

void cw_batch_step(cw_batch *b) {
    assert(b->buffers.observations);
    cw_pool_run(b->pool, b->chunk_count, step_chunk, b);
}

static void reset_chunk(void *context, size_t index, int worker) {
    cw_batch *b = context;
    for (uint32_t i = b->chunks[index]; i < b->chunks[index + 1]; i++) {
        if (b->mask && !b->mask[i])
            continue;
        cw_batch_begin_world(b, &b->worlds[i]);
        cw_batch_show_start(b, &b->worlds[i], &b->workers[worker]);
    }
}

void cw_batch_reset(cw_batch *b, const uint8_t *mask) {
    assert(b->buffers.observations);
    b->mask = mask;
    cw_pool_run(b->pool, b->chunk_count, reset_chunk, b);
    b->mask = NULL;
}

// ---- looking ---------------------------------------------------------------------------------------------------------

void cw_batch_set_buffers(cw_batch *b, const cw_batch_buffers *buffers) {
    assert(buffers->observations && buffers->rewards && buffers->terminations && buffers->truncations);
    assert(b->def.actions == CW_ACTIONS_DISCRETE ? buffers->choices != NULL : buffers->actions != NULL);
    b->buffers = *buffers;
}

uint32_t cw_batch_worlds(const cw_batch *b) {
    return b->world_count;
}
uint32_t cw_batch_agents(const cw_batch *b) {
    return b->agent_count;
}
uint32_t cw_batch_floats(const cw_batch *b) {
    return b->floats;
}
uint64_t cw_batch_layout_hash(const cw_batch *b) {
    return cw_vector_layout_hash(&b->vector);
}

uint32_t cw_batch_first(const cw_batch *b, uint32_t world) {
    assert(world <= b->world_count);
    return b->worlds[world].first;
}

const struct cw_world *cw_batch_world(const cw_batch *b, uint32_t world) {
    assert(world < b->world_count);
    return b->worlds[world].world;
}

const char *cw_batch_fault(const cw_batch *b, uint32_t world) {
    assert(world < b->world_count);
    return b->worlds[world].fault[0] ? b->worlds[world].fault : NULL;
}

uint64_t cw_batch_hash(const cw_batch *b) {
    uint64_t hash = 0xba7c;
    for (uint32_t i = 0; i < b->world_count; i++) {
        uint64_t world = cw_world_hash(b->worlds[i].world);
        uint32_t numbers[] = {b->worlds[i].episode, b->worlds[i].steps, b->worlds[i].over};
        hash = cw_hash_bytes(hash, &world, sizeof world);
        hash = cw_hash_bytes(hash, numbers, sizeof numbers);
    }
    hash = cw_hash_bytes(hash, b->agents, b->agent_count * sizeof *b->agents);
    if (b->buffers.observations) {
        size_t n = b->agent_count;
        hash = cw_hash_bytes(hash, b->buffers.observations, n * b->floats * sizeof(float));
        hash = cw_hash_bytes(hash, b->buffers.rewards, n * sizeof(float));
        hash = cw_hash_bytes(hash, b->buffers.terminations, n);
        hash = cw_hash_bytes(hash, b->buffers.truncations, n);
    }
    return hash;
}
