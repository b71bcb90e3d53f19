#include "causeway/run.h"

#include "causeway/sense.h"
#include "causeway/world.h"
#include "run/keyframe.h"
#include "run/mission.h"
#include "run/others.h"
#include "run/proposal.h"
#include "run/recorder.h"
#include "run/settings.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE = 0x45504953, REROUTES_MOST = 32, DETECTIONS_MOST = 512, SIGNALS_MOST = 64, WALLS_MOST = 256 };

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
    cw_world *world;
    cw_recorder recorder;
    cw_sensor_def sensor;
    cw_assumptions a1;
    // the driver's side: all of it is flat bytes and part of a keyframe
    void *driver_state;
    size_t driver_size;
    cw_tracker *tracker;
    cw_evaluator *evaluator;
    cw_others *others; // NULL: nobody else is driven
    cw_mission mission;
    uint32_t mission_version, mission_seen;
    bool mission_made, driver_open;
    struct {
        cw_lane_place place; // where the last turn was found to be missed
        uint32_t count;
    } missed;
    // per tick
    cw_detection *detections;
    cw_track *tracks;
    cw_signal_view *signals;
    cw_wall *walls;
    unsigned char *keyframe, *keyframe_before, *packed;
    size_t keyframe_size, keyframe_count;
    // a driver's answers as the trace keeps them, and as an earlier one kept them
    uint32_t proposal, recorded;
    size_t recorded_next;
    char told[256]; // the driver's last trouble that was told
    uint32_t told_count;
    bool trace_full;
    // time of deciding
    float *decide_us;
    size_t decide_count, decide_capacity;
} episode;

// What stands before the states of a keyframe: it is refused by another build or another scene.
typedef struct keyframe_header {
    uint64_t table, scene; // hashes of the world's state table and of the scene
    uint64_t size;         // of the whole keyframe, bytes
    int64_t step;          // physics step that it was taken at, after that step's decision
    double missed_s;       // the last turn missed: where, on which lane, the how manieth; and the mission's version
    uint32_t missed_lane, missed_count, mission_version, nothing;
} keyframe_header;

static size_t keyframe_size(const episode *e) {
    return sizeof(keyframe_header) + cw_world_state_size(e->world) + cw_tracker_size() + e->driver_size +
           (e->evaluator ? cw_evaluator_size() : 0) + cw_others_size(e->others);
}

static keyframe_header header_of(const episode *e, int64_t step) {
    return (keyframe_header){.table = cw_world_state_table_hash(),
                             .scene = e->scene->hash,
                             .size = keyframe_size(e),
                             .step = step,
                             .missed_s = e->missed.place.s,
                             .missed_lane = e->missed.place.lane,
                             .missed_count = e->missed.count,
                             .mission_version = e->mission_version};
}

static void write_keyframe(episode *e, int64_t step) {
    unsigned char *at = e->keyframe;
    keyframe_header header = header_of(e, step);
    memcpy(at, &header, sizeof header);
    at += sizeof header;
    cw_world_save(e->world, at);
    at += cw_world_state_size(e->world);
    memcpy(at, e->tracker, cw_tracker_size());
    at += cw_tracker_size();
    if (e->def->driver && e->driver_size > 0) {
        if (e->def->driver->save) {
            memset(at, 0, e->driver_size); // it may write less
            e->def->driver->save(e->driver_state, at);
        } else
            memcpy(at, e->driver_state, e->driver_size);
        at += e->driver_size;
    }
    if (e->evaluator) {
        memcpy(at, e->evaluator, cw_evaluator_size());
        at += cw_evaluator_size();
    }
    cw_others_save(e->others, at);
}

// Every tenth stands alone, so that none needs more than nine before it.
static void record_keyframe(episode *e, int64_t step) {
    write_keyframe(e, step);
    const unsigned char *before = e->keyframe_count++ % 10 == 0 ? NULL : e->keyframe_before;
    size_t size = cw_keyframe_pack(e->keyframe, before, e->keyframe_size, e->packed);
    cw_recorder_keyframe(&e->recorder, cw_world_time(e->world), e->packed, size);
    unsigned char *now = e->keyframe;
    e->keyframe = e->keyframe_before;
    e->keyframe_before = now;
}

static const char *trouble_of(const episode *e) {
    return e->driver_open && e->def->driver->trouble ? e->def->driver->trouble(e->driver_state) : NULL;
}

// A driver's own restore is believed when what it saves then is what it was given.
static bool restores(episode *e, const void *bytes) {
    unsigned char *again = cw_arena_alloc(e->arena, e->driver_size);
    if (!again)
        return false;
    memset(again, 0, e->driver_size);
    if (!e->def->driver->restore(e->driver_state, bytes))
        return false;
    e->def->driver->save(e->driver_state, again);
    return memcmp(again, bytes, e->driver_size) == 0;
}

static void make_mission(episode *e, const cw_lane_place *from) {
    cw_mission_make(e->scene, e->world, &e->def->route, from, e->def->seed, e->def->duration, e->arena, &e->mission);
    e->mission_version++;
}

// Takes all states from a keyframe. The mission is the one of the start, or the one that the storyboard assigned since, or
// the one from where a turn was missed.
static cw_status read_keyframe(episode *e, const void *bytes, size_t size, int64_t *step, cw_error *err) {
    keyframe_header header = {0}, ours = header_of(e, 0);
    if (size >= sizeof header)
        memcpy(&header, bytes, sizeof header);
    if (size != ours.size || header.size != ours.size || header.table != ours.table || header.scene != ours.scene ||
        header.step < 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the keyframe is of another build, scene or driver");
    *step = header.step;
    const unsigned char *at = (const unsigned char *)bytes + sizeof header;
    cw_world_restore(e->world, at);
    at += cw_world_state_size(e->world);
    memcpy(e->tracker, at, cw_tracker_size());
    at += cw_tracker_size();
    if (e->def->driver && e->driver_size > 0) {
        if (e->def->driver->restore) {
            if (!restores(e, at)) {
                const char *why = trouble_of(e);
                return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "driver %s: %s", e->def->driver->name,
                                    why ? why : "its saved state does not restore");
            }
        } else
            memcpy(e->driver_state, at, e->driver_size);
        at += e->driver_size;
    }
    if (e->evaluator) {
        memcpy(e->evaluator, at, cw_evaluator_size());
        at += cw_evaluator_size();
    }
    cw_others_restore(e->others, at);
    if (header.missed_count > 0) {
        if (header.missed_lane >= e->scene->map->lane_count)
            return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the keyframe names a lane that the map does not have");
        e->missed.place = (cw_lane_place){.lane = header.missed_lane, .s = header.missed_s};
        e->missed.count = header.missed_count;
        make_mission(e, &e->missed.place);
        e->mission_version = header.mission_version;
        uint32_t route;
        const void *position;
        e->mission_seen = cw_world_mission(e->world, &route, &position);
    }
    return CW_OK;
}

static cw_status open_driver(episode *e, cw_error *err) {
    const cw_episode_def *def = e->def;
    e->a1 = cw_assumptions_a1();
    e->sensor = cw_sensor_defaults();
    e->sensor.seed = def->seed;
    cw_driver_def waits = {.timeout = def->timeout, .start_timeout = def->start_timeout};
    for (unsigned i = 0; i < def->set_count; i++) {
        cw_status status = cw_setting_apply(def->set[i], &e->a1, &e->sensor, &waits, err);
        if (status != CW_OK)
            return status;
    }
    e->tracker = cw_arena_alloc(e->arena, cw_tracker_size());
    e->detections = cw_arena_array(e->arena, DETECTIONS_MOST, sizeof *e->detections);
    e->tracks = cw_arena_array(e->arena, CW_TRACKS_MAX, sizeof *e->tracks);
    e->signals = cw_arena_array(e->arena, SIGNALS_MOST, sizeof *e->signals);
    e->walls = cw_arena_array(e->arena, WALLS_MOST, sizeof *e->walls);
    if (!e->tracker || !e->detections || !e->tracks || !e->signals || !e->walls)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    cw_tracker_reset(e->tracker, e->scene->map);
    if (!def->driver)
        return CW_OK;
    cw_ego ego;
    cw_sense_ego(e->world, e->scene->ego, &ego);
    cw_driver_def driver_def = {.map = e->scene->map,
                                .body = ego.body,
                                .seed = def->seed,
                                .period = (float)((double)def->period_ns * 1e-9),
                                .weights = def->weights,
                                .options = def->options,
                                .timeout = waits.timeout,
                                .start_timeout = waits.start_timeout,
                                .interrupt = def->interrupt};
    if (!def->proposals) {
        e->driver_size = def->driver->state_size(&driver_def);
        e->driver_state = cw_arena_alloc(e->arena, e->driver_size);
        if (!e->driver_state)
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        cw_status status = def->driver->reset(e->driver_state, &driver_def, err);
        if (status != CW_OK)
            return status;
        e->driver_open = true;
    } else if (!cw_proposal_open(def->proposals, &e->recorded)) {
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace does not hold what its driver answered");
    }
    if (def->evaluator) {
        e->evaluator = cw_arena_alloc(e->arena, cw_evaluator_size());
        if (!e->evaluator)
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        cw_evaluator_def evaluator_def = {
            .map = e->scene->map, .body = ego.body, .assumptions = &e->a1, .period = driver_def.period};
        cw_evaluator_reset(e->evaluator, &evaluator_def);
    }
    return CW_OK;
}

// What the run took for granted, for whoever judges it.
static void note_assumptions(const episode *e, cw_trace *trace) {
    char text[CW_A1_TEXT];
    cw_assumptions_write(&e->a1, text, sizeof text);
    cw_trace_set(trace, "a1", text);
    snprintf(text, sizeof text, "%016llx", (unsigned long long)cw_assumptions_hash(&e->a1));
    cw_trace_set(trace, "a1_hash", text);
}

// Whoever has missed a turn gets another way to the same place.
static void reroute(episode *e, const cw_ego *ego) {
    if (e->missed.count < REROUTES_MOST && ego->place.lane != e->missed.place.lane &&
        cw_mission_missed(e->scene, &e->mission, &ego->place, (double)ego->heading)) {
        e->missed.place = ego->place;
        e->missed.place.offset = 0;
        e->missed.count++;
        make_mission(e, &e->missed.place);
    }
}

// A mission is made when the ego first comes under control, and again when the storyboard assigns another.
static void refresh_mission(episode *e) {
    uint32_t route;
    const void *position;
    uint32_t version = cw_world_mission(e->world, &route, &position);
    if (!e->mission_made || version != e->mission_seen) {
        make_mission(e, NULL);
        e->mission_made = true;
        e->mission_seen = version;
    }
    float asked = cw_world_set_speed(e->world);
    if (isfinite(asked) && asked > 0.5f)
        e->mission.set_speed = asked;
}

static void observe(episode *e, int64_t tick, cw_obs *obs) {
    int64_t now = cw_world_time(e->world);
    *obs = (cw_obs){.step = tick,
                    .time_ns = now,
                    .period = (float)((double)e->def->period_ns * 1e-9),
                    .map = e->scene->map,
                    .mission = &e->mission,
                    .range = e->sensor.range};
    cw_sense_ego(e->world, e->scene->ego, &obs->ego);
    if (cw_world_ego_controlled(e->world))
        reroute(e, &obs->ego);
    obs->mission_version = e->mission_version;
    uint32_t seen = cw_sense_objects(e->world, e->scene->ego, &e->sensor, e->detections, DETECTIONS_MOST);
    obs->wall_count = cw_sense_walls(e->world, e->scene->ego, e->sensor.range, e->walls, WALLS_MOST);
    obs->walls = e->walls;
    obs->track_count = cw_tracker_update(e->tracker, now, &obs->ego, e->detections, seen, e->walls, obs->wall_count,
                                         e->sensor.range, e->tracks, CW_TRACKS_MAX);
    obs->tracks = e->tracks;
    obs->signal_count =
        cw_sense_signals(e->world, e->scene->ego, &e->mission, e->sensor.range, e->signals, SIGNALS_MOST);
    obs->signals = e->signals;
    cw_sense_surface(e->world, e->scene->ego, &obs->surface);
}

static void note_time(episode *e, double seconds) {
    if (!CW_GROW(e->decide_us, e->decide_capacity, e->decide_count + 1))
        return;
    e->decide_us[e->decide_count++] = (float)(seconds * 1e6);
}

// Words are looked up by these numbers, and a driver may be of other people: a reason that is none is dropped whole, and
// nobody passes for the evaluator or the scenario.
static void check_words(cw_decision *proposal) {
    cw_reason *reason = &proposal->reason;
    bool outside = proposal->source != CW_FROM_LEARNED && proposal->source != CW_FROM_CLASSICAL;
    bool good = reason->longitudinal <= CW_EMERGENCY_BRAKE && reason->lateral <= CW_PULL_OVER && reason->kind <= 2 &&
                reason->count <= CW_CAUSES;
    for (unsigned i = 0; good && i < reason->count; i++) {
        const cw_cause *c = &reason->cause[i];
        good = c->kind <= CW_CAUSE_SURFACE && c->relation <= CW_REL_MISSED && c->quantity <= CW_Q_FRICTION;
        good = good && (!outside || isfinite(c->value));
    }
    if (!good || (outside && !(isfinite(reason->accel) && isfinite(reason->speed))))
        *reason = (cw_reason){0};
    if (outside)
        proposal->source = CW_FROM_OUTSIDE;
}

// Told once, and again where it is another trouble; a driver that finds a new one each tick is not heard out.
static void note_trouble(episode *e, int64_t now, cw_episode_result *result) {
    enum { TOLD_MOST = 16 };
    const char *trouble = trouble_of(e);
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

// The driver proposes, the evaluator disposes.
static void decide(episode *e, const cw_obs *obs, cw_decision *out, cw_verification *why, cw_episode_result *result) {
    double start = cw_seconds();
    cw_decision proposal = {.step = -1};
    if (!e->def->proposals) {
        e->def->driver->decide(e->driver_state, obs, &proposal);
        note_trouble(e, obs->time_ns, result);
    } else if (!cw_proposal_find(e->def->proposals, e->recorded, obs->time_ns, &e->recorded_next, &proposal)) {
        proposal = (cw_decision){.step = -1};
    }
    check_words(&proposal);
    if (!e->def->driver->repeatable)
        e->trace_full |= !cw_proposal_record(e->recorder.trace, e->proposal, obs->time_ns, &proposal);
    if (e->evaluator) {
        const cw_decision *proposals[] = {&proposal};
        cw_evaluator_decide(e->evaluator, obs, proposals, 1, out, why);
    } else {
        *out = proposal;
        // Without an evaluator nothing stands between a driver and the car but this: a control that is no number is none.
        if (!proposal.valid || !isfinite(out->control.accel) || !isfinite(out->control.steer))
            out->control = (cw_control){0};
    }
    note_time(e, cw_seconds() - start);
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
    bool driven = e->def->driver && cw_world_ego_controlled(e->world);
    if (e->def->driver)
        refresh_mission(e);
    cw_obs obs = {0};
    cw_decision decision;
    cw_verification why;
    bool ok;
    if (e->def->driver) {
        observe(e, number, &obs);
        if (driven) {
            memset(&why, 0, sizeof why);
            decide(e, &obs, &decision, &why, result);
            cw_world_control(e->world, ego, decision.control.accel, decision.control.steer, decision.control.lamps);
            ok = cw_recorder_decision(&e->recorder, e->world, &obs, &decision, e->evaluator ? &why : NULL);
        } else {
            ok = cw_recorder_decision(&e->recorder, e->world, &obs, NULL, NULL);
        }
    } else {
        ok = cw_recorder_decision(&e->recorder, e->world, NULL, NULL, NULL);
    }
    cw_others_decide(e->others, number);
    if (ego != CW_NONE && e->scene->goal_count > 0 && result->goal_time_ns < 0) {
        cw_actor_state state;
        cw_world_actor(e->world, ego, &state);
        cw_pose pose = {state.x, state.y, (double)state.heading};
        if (cw_goal_reached(e->scene, (double)cw_world_time(e->world) * 1e-9, pose, state.speed))
            result->goal_time_ns = cw_world_time(e->world);
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
        double now = (double)cw_world_time(e->world) * 1e-9;
        cw_world_end world_end = cw_world_ended(e->world);
        bool due = step % every == 0 && !(resumed && step == first);
        bool over = world_end != CW_GOES_ON || now >= end - 1e-9;
        if (due || over) {
            bool told = !def->watch || def->watch(def->watcher, e->world, e->recorder.trace);
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
            snprintf(result->fault, sizeof result->fault, "%s", cw_world_fault(e->world));
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
        cw_world_step(e->world);
        if (!cw_recorder_step(&e->recorder, e->world)) {
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
    *e = (episode){.def = def, .scene = scene, .arena = arena, .missed = {.place = {.lane = CW_NONE}}};
    cw_world_def world_def = cw_world_defaults(scene);
    world_def.seed = def->seed;
    world_def.dt_ns = def->dt_ns;
    world_def.drive_ego = def->driver != NULL;
    if (def->others)
        world_def.control = cw_others_mask(scene, def->seed, def->others_share, arena);
    e->world = cw_world_new(&world_def, err);
    cw_status status = e->world ? CW_OK : (err && err->code != CW_OK ? err->code : CW_ERR_INPUT);
    if (status == CW_OK)
        status = open_driver(e, err);
    if (status == CW_OK && def->others)
        status = cw_others_make(def, e->world, &e->sensor, arena, &e->others, err);
    if (status == CW_OK) {
        *trace = cw_trace_new();
        if (*trace)
            note_assumptions(e, *trace);
        e->keyframe_size = keyframe_size(e);
        if (def->keyframes) {
            e->keyframe = cw_arena_alloc(arena, cw_keyframe_room(e->keyframe_size));
            e->keyframe_before = cw_arena_alloc(arena, cw_keyframe_room(e->keyframe_size));
            e->packed = cw_arena_alloc(arena, cw_keyframe_bound(e->keyframe_size));
        }
        if (!*trace || !cw_recorder_start(&e->recorder, *trace, scene, arena) ||
            (def->driver && !def->driver->repeatable && (e->proposal = cw_proposal_channel(*trace)) == UINT32_MAX) ||
            (def->keyframes && !(e->keyframe && e->keyframe_before && e->packed)))
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    int64_t first = 0;
    if (status == CW_OK && def->resume) {
        if (def->driver)
            refresh_mission(e);
        status = read_keyframe(e, def->resume, def->resume_size, &first, err);
    }
    if (status == CW_OK) {
        run(e, first, def->resume != NULL, result);
        result->duration = (double)cw_world_time(e->world) * 1e-9;
        result->steps = cw_world_steps(e->world);
        result->hash = cw_world_hash(e->world);
        result->mission = e->mission;
        result->others = cw_others_count(e->others);
        summarise_times(e, result);
    }
    cw_others_close(e->others);
    if (e->driver_open && def->driver && def->driver->close)
        def->driver->close(e->driver_state);
    free(e->decide_us);
    cw_world_free(e->world);
    if (status != CW_OK) {
        cw_trace_free(*trace);
        *trace = NULL;
        cw_arena_free(arena);
        return status;
    }
    result->arena = arena;
    return CW_OK;
}
