#include "ride.h"

#include "causeway/drive.h"
#include "causeway/evaluator.h"
#include "causeway/judge.h"
#include "causeway/run.h"
#include "causeway/world.h"
#include "judge/monitor.h"

#include "../../cli/source.h"
#include "../../cli/traffic_option.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct watcher {
    cw_monitor *monitor;
    const volatile int *stop;
    uint32_t ego;
    int end; // ends the episode
    ride *out;
} watcher;

// The least distance to whoever is not wholly behind.
static double true_gap(const cw_world *world, uint32_t ego) {
    cw_box own = cw_world_box(world, ego);
    double least = INFINITY;
    for (uint32_t i = 0; i < cw_world_actor_count(world); i++) {
        cw_actor_state state;
        cw_world_actor(world, i, &state);
        if (i == ego || !state.present)
            continue;
        cw_box box = cw_world_box(world, i);
        double dx = box.x - own.x, dy = box.y - own.y;
        if (dx * dx + dy * dy > 3600 || dx * own.ux + dy * own.uy < -own.half_length)
            continue;
        least = cw_min(least, cw_box_distance(&own, &box));
    }
    return least;
}

static bool watch(void *context, const cw_world *world, cw_trace *trace) {
    (void)trace;
    watcher *w = context;
    cw_actor_state state;
    cw_world_actor(world, w->ego, &state);
    if (!w->monitor)
        w->monitor = cw_monitor_new(world, 0.1);
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(world, &contacts);
    if (count == 0 && w->monitor)
        cw_monitor_look(w->monitor, world);
    for (uint32_t i = 0; i < count; i++)
        if (contacts[i].a == w->ego || contacts[i].b == w->ego) {
            w->out->gap = 0;
            w->end = 1;
        }
    if (fabsf(state.speed) > 0.3f)
        w->out->gap = cw_min(w->out->gap, true_gap(world, w->ego));
    if (*w->stop) {
        w->out->whole = false;
        w->end = 1;
    }
    return true;
}

// Outside the promise: at its first decision nothing verified, so that it had to mitigate or began as an unsafe start.
static bool began_unsafe(const cw_trace *trace) {
    uint32_t channel = cw_trace_find(trace, "/causeway/decision");
    if (channel == UINT32_MAX || cw_trace_count(trace, channel) == 0)
        return false;
    size_t at = cw_trace_offset(trace, channel, "state", CW_U8, 1);
    uint8_t state =
        at == SIZE_MAX ? CW_EVALUATOR_NORMAL : ((const uint8_t *)cw_trace_message(trace, channel, 0).bytes)[at];
    return state == CW_EVALUATOR_MITIGATE || state == CW_EVALUATOR_UNSAFE_START;
}

static void read_verdict(const cw_verdict *v, const cw_scene *scene, ride *out) {
    for (uint32_t i = 0; i < v->criterion_count; i++) {
        const cw_criterion *c = &v->criteria[i];
        bool failed = c->applies && !c->passed;
        out->red |= failed && strcmp(c->name, "red_light") == 0;
        out->off_road |= failed && strcmp(c->name, "off_road") == 0;
        out->wrong_way |= failed && strcmp(c->name, "wrong_way") == 0;
    }
    for (uint32_t i = 0; i < v->metric_count; i++)
        if (strcmp(v->metrics[i].name, "distance_m") == 0)
            out->metres = v->metrics[i].value;
    for (uint32_t i = 0; i < v->contact_count && i < RIDE_CONTACTS; i++) {
        const cw_judged_contact *c = &v->contacts[i];
        ride_contact *r = &out->contact[out->contacts++];
        *r = (ride_contact){
            .time = (double)c->time_ns * 1e-9, .impact = c->impact_mps, .fault = c->fault, .rule = c->clause};
        snprintf(r->other, sizeof r->other, "%s", c->actor == CW_NONE ? "a map object" : scene->actors[c->actor].name);
        snprintf(r->broken, sizeof r->broken, "%.95s", c->broken.in[CW_ENGLISH]);
    }
}

static cw_status drive(const ride_def *def, cw_scene *scene, const settings *set, const volatile int *stop, ride *out,
                       cw_error *err) {
    char name[64];
    size_t length = strcspn(def->driver, ":");
    snprintf(name, sizeof name, "%.*s", (int)length, def->driver);
    const cw_driver *driver = cw_driver_find(name);
    if (!driver)
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "there is no driver '%s'", name);
    watcher w = {.stop = stop, .ego = scene->ego, .out = out};
    cw_episode_def episode = cw_episode_defaults(scene);
    episode.driver = driver;
    episode.options = def->driver[length] == ':' ? def->driver + length + 1 : NULL;
    episode.set = set->keys;
    episode.set_count = set->key_count;
    episode.seed = def->seed;
    episode.duration = def->duration;
    episode.interrupt = &w.end;
    episode.watch = watch;
    episode.watcher = &w;
    cw_trace *trace;
    cw_episode_result result;
    cw_status status = cw_episode_run(&episode, &trace, &result, err);
    if (status != CW_OK) {
        cw_monitor_free(w.monitor);
        return status;
    }
    for (int c = 0; w.monitor && c < CW_MONITOR_CLAUSES && out->kept; c++) {
        uint32_t actor;
        int64_t time;
        if (cw_monitor_count(w.monitor, (cw_monitor_clause)c, &actor, &time) == 0)
            continue;
        out->kept = false;
        snprintf(out->broken, sizeof out->broken, "%s", cw_monitor_clause_name((cw_monitor_clause)c));
    }
    cw_monitor_free(w.monitor);
    if (result.end == CW_ENDED_FAULT)
        snprintf(out->broken, sizeof out->broken, "fault: %.50s", result.fault);
    out->seconds = result.duration;
    out->unsafe = began_unsafe(trace);
    cw_judge_def judge = {.scene = scene,
                          .trace = trace,
                          .end = cw_episode_end_name(result.end),
                          .goal_time_ns = result.goal_time_ns,
                          .mission = &result.mission,
                          .seed = def->seed,
                          .dt_ns = episode.dt_ns,
                          .period_ns = episode.period_ns};
    cw_verdict *verdict = calloc(1, sizeof *verdict);
    status = verdict ? cw_judge(&judge, verdict, err) : cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (status == CW_OK)
        read_verdict(verdict, scene, out);
    free(verdict);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    return status;
}

cw_status ride_run(const ride_def *def, const volatile int *stop, ride *out, cw_error *err) {
    *out = (ride){.gap = (double)INFINITY, .whole = true, .kept = true};
    settings set = {0};
    for (unsigned i = 0; i < def->count; i++)
        settings_add(&set, def->set[i]);
    cw_scenario_options options = {.set = set.parameters, .set_count = set.parameter_count};
    traffic_option traffic = {.count = def->traffic};
    cw_scene *scene = NULL;
    cw_status status = open_scene(def->scene, &options, &set, &scene, err);
    if (status == CW_OK)
        status = traffic_apply(&traffic, &set, scene, err);
    if (status == CW_OK)
        status = drive(def, scene, &set, stop, out, err);
    cw_scene_free(scene);
    settings_free(&set);
    return status;
}

void ride_command(const ride_def *def, char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "causeway drive %s --driver %s --seed %" PRIu64, def->scene, def->driver,
                                   def->seed);
    if (isfinite(def->duration) && used < size)
        used += (size_t)snprintf(out + used, size - used, " --duration %g", def->duration);
    if (def->traffic > 0 && used < size)
        used += (size_t)snprintf(out + used, size - used, " --traffic %u", def->traffic);
    for (unsigned i = 0; i < def->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, " --set %s", def->set[i]);
}
