#include "causeway/run.h"

#include "run/keyframe.h"
#include "run/proposal.h"
#include "run/recorder.h"
#include "run/ride.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE = 0x45504953 };

static const double usual_duration = 120.0; // s, where neither the file nor the user sets an end

cw_episode_def cw_episode_defaults(const cw_scene *scene) {
    return (cw_episode_def){.cookie = COOKIE,
                            .scene = scene,
                            .evaluator = true,
                            .seed = 1,
                            .dt_ns = 10000000,
                            .period_ns = 100000000,
                            .duration = NAN,
                            .others_share = 1};
}

const char *cw_episode_end_name(cw_episode_end end) {
    static const char *const names[] = {"stop_trigger", "duration", "recording_over", "goal", "interrupted", "fault"};
    return names[end];
}

// Everything one episode holds; lives in its arena.
typedef struct episode {
    const cw_episode_def *def;
    const cw_scene *scene;
    cw_arena *arena;
    cw_ride ride;
    cw_ride_tick tick;
    cw_recorder recorder;
    unsigned char *keyframe, *keyframe_before, *packed;
    size_t keyframe_count;
    uint32_t proposal; // channel of a driver's answers as the trace keeps them
    char told[256];    // the driver's last trouble that was told
    uint32_t told_count;
    bool trace_full;
    // time of deciding
    float *decide_us;
    size_t decide_count, decide_capacity;
} episode;

// Every tenth stands alone, so that none needs more than nine before it.
static void record_keyframe(episode *e, int64_t step) {
    cw_ride_save(&e->ride, step, e->keyframe);
    const unsigned char *before = e->keyframe_count++ % 10 == 0 ? NULL : e->keyframe_before;
    size_t size = cw_keyframe_pack(e->keyframe, before, e->ride.keyframe_size, e->packed);
    cw_recorder_keyframe(&e->recorder, cw_world_time(e->ride.world), e->packed, size);
    unsigned char *now = e->keyframe;
    e->keyframe = e->keyframe_before;
    e->keyframe_before = now;
}

// What the run took for granted, for whoever judges it.
static void note_assumptions(const episode *e, cw_trace *trace) {
    char text[CW_A1_TEXT];
    cw_assumptions_write(&e->ride.a1, text, sizeof text);
    cw_trace_set(trace, "a1", text);
    snprintf(text, sizeof text, "%016llx", (unsigned long long)cw_assumptions_hash(&e->ride.a1));
    cw_trace_set(trace, "a1_hash", text);
}

static void note_time(episode *e, double seconds) {
    if (!CW_GROW(e->decide_us, e->decide_capacity, e->decide_count + 1))
        return;
    e->decide_us[e->decide_count++] = (float)(seconds * 1e6);
}

// Told once, and again where it is another trouble; a driver that finds a new one each tick is not heard out.
static void note_trouble(episode *e, int64_t now, cw_episode_result *result) {
    enum { TOLD_MOST = 16 };
    const char *trouble = e->tick.trouble;
    if (!trouble)
        return;
    if (result->driver_troubles++ == 0)
        result->driver_trouble_ns = now;
    else if (strncmp(e->told, trouble, sizeof e->told - 1) == 0 || e->told_count >= TOLD_MOST)
        return;
    snprintf(e->told, sizeof e->told, "%s", trouble);
    if (e->told_count++ == 0)
        snprintf(result->driver_trouble, sizeof result->driver_trouble, "%s", trouble);
    char text[320];
    snprintf(text, sizeof text, "driver %s: %s", e->def->driver->name, trouble);
    e->trace_full |= !cw_recorder_event(&e->recorder, now, text);
}

static int compare_floats(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static void summarise_times(episode *e, cw_episode_result *result) {
    size_t n = e->decide_count;
    result->decisions = (uint32_t)n;
    if (n == 0)
        return;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)e->decide_us[i];
    qsort(e->decide_us, n, sizeof *e->decide_us, compare_floats);
    result->decide_mean_us = sum / (double)n;
    result->decide_p99_us = (double)e->decide_us[(n - 1) * 99 / 100];
    result->decide_max_us = (double)e->decide_us[n - 1];
}

// How long the run may last, s.
static double latest_end(const cw_episode_def *def) {
    if (isfinite(def->duration))
        return def->duration;
    double end = usual_duration;
    if (isfinite(def->scene->duration) && def->scene->duration > 0)
        end = def->scene->duration;
    // A file with a stop trigger ends by itself; the bound only catches triggers that never fire.
    else if (def->scene->stop.present && def->scene->stop.groups.count > 0)
        end = 600.0;
    for (uint32_t i = 0; i < def->scene->goal_count; i++)
        if (isfinite(def->scene->goals[i].time_high))
            end = cw_max(end, def->scene->goals[i].time_high);
    return end;
}

static bool tick(episode *e, int64_t number, cw_episode_result *result) {
    uint32_t ego = e->scene->ego;
    cw_ride_tick *t = &e->tick;
    cw_ride_decide(&e->ride, number, t);
    if (t->driven) {
        note_trouble(e, t->obs.time_ns, result);
        note_time(e, t->seconds);
        if (!e->def->driver->repeatable)
            e->trace_full |= !cw_proposal_record(e->recorder.trace, e->proposal, t->obs.time_ns, &t->proposal);
    }
    const cw_world *world = e->ride.world;
    bool ok = cw_recorder_decision(&e->recorder, world, t->looks ? &t->obs : NULL, t->driven ? &t->decision : NULL,
                                   t->driven && e->ride.evaluator ? &t->why : NULL);
    if (ego != CW_NONE && e->scene->goal_count > 0 && result->goal_time_ns < 0) {
        cw_actor_state state;
        cw_world_actor(world, ego, &state);
        cw_pose pose = {state.x, state.y, (double)state.heading};
        if (cw_goal_reached(e->scene, (double)cw_world_time(world) * 1e-9, pose, state.speed))
            result->goal_time_ns = cw_world_time(world);
    }
    return ok && !e->trace_full;
}

// From `first` on; a resumed run has decided at that step already.
static void run(episode *e, int64_t first, bool resumed, cw_episode_result *result) {
    const cw_episode_def *def = e->def;
    int64_t every = def->period_ns / def->dt_ns;
    double end = latest_end(def);
    int64_t number = first / every + (resumed ? 1 : 0);
    result->end = CW_ENDED_DURATION;
    for (int64_t step = first;; step++) {
        double now = (double)cw_world_time(e->ride.world) * 1e-9;
        cw_world_end world_end = cw_world_ended(e->ride.world);
        bool due = step % every == 0 && !(resumed && step == first);
        bool over = world_end != CW_GOES_ON || now >= end - 1e-9;
        if (due || over) {
            bool told = !def->watch || def->watch(def->watcher, e->ride.world, e->recorder.trace);
            if (!tick(e, number++, result) || !told) {
                result->end = CW_ENDED_FAULT;
                snprintf(result->fault, sizeof result->fault, "out of memory for the trace");
                return;
            }
            if (def->keyframes && step % (10 * every) == 0) {
                record_keyframe(e, step);
            }
            if (def->progress)
                def->progress(def->context, now, end);
            if (def->interrupt && *def->interrupt) {
                result->end = CW_ENDED_INTERRUPT;
                return;
            }
        }
        if (world_end == CW_END_FAULT) {
            result->end = CW_ENDED_FAULT;
            snprintf(result->fault, sizeof result->fault, "%s", cw_world_fault(e->ride.world));
            return;
        }
        if (result->goal_time_ns >= 0) {
            result->end = CW_ENDED_GOAL;
            return;
        }
        if (world_end != CW_GOES_ON) {
            result->end = world_end == CW_END_RECORDING ? CW_ENDED_RECORDING : CW_ENDED_STOP_TRIGGER;
            return;
        }
        if (over)
            return;
        cw_world_step(e->ride.world);
        if (!cw_recorder_step(&e->recorder, e->ride.world)) {
            result->end = CW_ENDED_FAULT;
            snprintf(result->fault, sizeof result->fault, "out of memory for the trace");
            return;
        }
    }
}

cw_status cw_episode_run(const cw_episode_def *def, cw_trace **trace, cw_episode_result *result, cw_error *err) {
    assert(def->cookie == COOKIE && def->period_ns % def->dt_ns == 0 && def->dt_ns > 0);
    *trace = NULL;
    *result = (cw_episode_result){.goal_time_ns = -1};
    const cw_scene *scene = def->scene;
    if (def->driver && scene->ego == CW_NONE)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0,
                            "nobody in this scenario is the ego; with --driver file it is only played");
    cw_arena *arena = cw_arena_new(1 << 20, 0);
    episode *e = arena ? cw_arena_alloc(arena, sizeof *e) : NULL;
    if (!e) {
        cw_arena_free(arena);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    *e = (episode){.def = def, .scene = scene, .arena = arena};
    cw_status status = cw_ride_open(&e->ride, def, arena, err);
    bool opened = status == CW_OK;
    if (status == CW_OK) {
        *trace = cw_trace_new();
        if (*trace)
            note_assumptions(e, *trace);
        if (def->keyframes) {
            e->keyframe = cw_arena_alloc(arena, cw_keyframe_room(e->ride.keyframe_size));
            e->keyframe_before = cw_arena_alloc(arena, cw_keyframe_room(e->ride.keyframe_size));
            e->packed = cw_arena_alloc(arena, cw_keyframe_bound(e->ride.keyframe_size));
        }
        if (!*trace || !cw_recorder_start(&e->recorder, *trace, scene, arena) ||
            (def->driver && !def->driver->repeatable && (e->proposal = cw_proposal_channel(*trace)) == UINT32_MAX) ||
            (def->keyframes && !(e->keyframe && e->keyframe_before && e->packed)))
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    int64_t first = 0;
    if (status == CW_OK && def->resume) {
        status = cw_ride_restore(&e->ride, def->resume, def->resume_size, &first, err);
    }
    if (status == CW_OK) {
        run(e, first, def->resume != NULL, result);
        result->duration = (double)cw_world_time(e->ride.world) * 1e-9;
        result->steps = cw_world_steps(e->ride.world);
        result->hash = cw_world_hash(e->ride.world);
        result->mission = e->ride.mission;
        result->others = cw_others_count(e->ride.others);
        summarise_times(e, result);
    }
    if (opened)
        cw_ride_close(&e->ride);
    free(e->decide_us);
    if (status != CW_OK) {
        cw_trace_free(*trace);
        *trace = NULL;
        cw_arena_free(arena);
        return status;
    }
    result->arena = arena;
    return CW_OK;
}
