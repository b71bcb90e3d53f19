#include "run/ride.h"

#include "run/mission.h"
#include "run/proposal.h"
#include "run/settings.h"

#include <math.h>
#include <string.h>

enum { REROUTES_MOST = 32, DETECTIONS_MOST = 512, SIGNALS_MOST = 64, WALLS_MOST = 256 };

// ---- keyframes -------------------------------------------------------------------------------------------------------

// What stands before the states of a keyframe: it is refused by another build or another scene.
typedef struct keyframe_header {
    uint64_t table, scene; // hashes of the world's state table and of the scene
    uint64_t size;         // of the whole keyframe, bytes
    int64_t step;          // physics step that it was taken at, after that step's decision
    double missed_s;       // the last turn missed: where, on which lane, the how manieth; and the mission's version
    uint32_t missed_lane, missed_count, mission_version, nothing;
} keyframe_header;

static size_t keyframe_size(const cw_ride *r) {
    return sizeof(keyframe_header) + cw_world_state_size(r->world) + cw_tracker_size() + r->driver_size +
           (r->evaluator ? cw_evaluator_size() : 0) + cw_others_size(r->others);
}

static keyframe_header header_of(const cw_ride *r, int64_t step) {
    return (keyframe_header){.table = cw_world_state_table_hash(),
                             .scene = r->scene->hash,
                             .size = keyframe_size(r),
                             .step = step,
                             .missed_s = r->missed.place.s,
                             .missed_lane = r->missed.place.lane,
                             .missed_count = r->missed.count,
                             .mission_version = r->mission_version};
}

void cw_ride_save(const cw_ride *r, int64_t step, unsigned char *at) {
    keyframe_header header = header_of(r, step);
    memcpy(at, &header, sizeof header);
    at += sizeof header;
    cw_world_save(r->world, at);
    at += cw_world_state_size(r->world);
    cw_tracker_save(r->tracker, at);
    at += cw_tracker_size();
    if (r->def->driver && r->driver_size > 0) {
        if (r->def->driver->save) {
            memset(at, 0, r->driver_size); // it may write less
            r->def->driver->save(r->driver_state, at);
        } else
            memcpy(at, r->driver_state, r->driver_size);
        at += r->driver_size;
    }
    if (r->evaluator) {
        memcpy(at, r->evaluator, cw_evaluator_size());
        at += cw_evaluator_size();
    }
    cw_others_save(r->others, at);
}

static const char *trouble_of(const cw_ride *r) {
    return r->driver_open && r->def->driver->trouble ? r->def->driver->trouble(r->driver_state) : NULL;
}

// A driver's own restore is believed when what it saves then is what it was given.
static bool restores(cw_ride *r, const void *bytes) {
    unsigned char *again = r->driver_again;
    memset(again, 0, r->driver_size);
    if (!r->def->driver->restore(r->driver_state, bytes))
        return false;
    r->def->driver->save(r->driver_state, again);
    return memcmp(again, bytes, r->driver_size) == 0;
}

static void make_mission(cw_ride *r, const cw_lane_place *from) {
    cw_mission_make(r->scene, r->world, &r->def->route, from, r->def->seed, r->def->duration, r->arena, &r->mission);
    r->mission_version++;
}

// A mission is made when the ego first comes under control, and again when the storyboard assigns another.
void cw_ride_refresh_mission(cw_ride *r) {
    uint32_t route;
    const void *position;
    uint32_t version = cw_world_mission(r->world, &route, &position);
    if (!r->mission_made || version != r->mission_seen) {
        make_mission(r, NULL);
        r->mission_made = true;
        r->mission_seen = version;
    }
    float asked = cw_world_set_speed(r->world);
    if (isfinite(asked) && asked > 0.5f)
        r->mission.set_speed = asked;
}

// The mission is the one of the start, or the one that the storyboard assigned since, or the one from where a turn was
// missed.
cw_status cw_ride_restore(cw_ride *r, const void *bytes, size_t size, int64_t *step, cw_error *err) {
    keyframe_header header = {0}, ours = header_of(r, 0);
    if (size >= sizeof header)
        memcpy(&header, bytes, sizeof header);
    if (size != ours.size || header.size != ours.size || header.table != ours.table || header.scene != ours.scene ||
        header.step < 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the keyframe is of another build, scene or driver");
    if (r->def->driver && !r->mission_made)
        cw_ride_refresh_mission(r);
    *step = header.step;
    const unsigned char *at = (const unsigned char *)bytes + sizeof header;
    cw_world_restore(r->world, at);
    at += cw_world_state_size(r->world);
    cw_tracker_restore(r->tracker, at);
    at += cw_tracker_size();
    if (r->def->driver && r->driver_size > 0) {
        if (r->def->driver->restore) {
            if (!restores(r, at)) {
                const char *why = trouble_of(r);
                return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "driver %s: %s", r->def->driver->name,
                                    why ? why : "its saved state does not restore");
            }
        } else
            memcpy(r->driver_state, at, r->driver_size);
        at += r->driver_size;
    }
    if (r->evaluator) {
        memcpy(r->evaluator, at, cw_evaluator_size());
        at += cw_evaluator_size();
    }
    cw_others_restore(r->others, at);
    if (header.missed_count > 0) {
        if (header.missed_lane >= r->scene->map->lane_count)
            return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the keyframe names a lane that the map does not have");
        r->missed.place = (cw_lane_place){.lane = header.missed_lane, .s = header.missed_s};
        r->missed.count = header.missed_count;
        make_mission(r, &r->missed.place);
        r->mission_version = header.mission_version;
        uint32_t route;
        const void *position;
        r->mission_seen = cw_world_mission(r->world, &route, &position);
    }
    return CW_OK;
}

// ---- beginning -------------------------------------------------------------------------------------------------------

static cw_status open_driver(cw_ride *r, cw_error *err) {
    const cw_episode_def *def = r->def;
    r->a1 = cw_assumptions_a1();
    r->sensor = cw_sensor_defaults();
    r->sensor.seed = def->seed;
    cw_driver_def waits = {.timeout = def->timeout, .start_timeout = def->start_timeout};
    for (unsigned i = 0; i < def->set_count; i++) {
        cw_status status = cw_setting_apply(def->set[i], &r->a1, &r->sensor, &waits, err);
        if (status != CW_OK)
            return status;
    }
    r->tracker = cw_arena_alloc(r->arena, cw_tracker_size());
    r->detections = cw_arena_array(r->arena, DETECTIONS_MOST, sizeof *r->detections);
    r->tracks = cw_arena_array(r->arena, CW_TRACKS_MAX, sizeof *r->tracks);
    r->signals = cw_arena_array(r->arena, SIGNALS_MOST, sizeof *r->signals);
    r->walls = cw_arena_array(r->arena, WALLS_MOST, sizeof *r->walls);
    if (!r->tracker || !r->detections || !r->tracks || !r->signals || !r->walls)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    cw_tracker_reset(r->tracker, r->scene->map);
    if (!def->driver)
        return CW_OK;
    cw_ego ego;
    cw_sense_ego(r->world, r->scene->ego, &ego);
    cw_driver_def driver_def = {.map = r->scene->map,
                                .body = ego.body,
                                .seed = def->seed,
                                .period = (float)((double)def->period_ns * 1e-9),
                                .weights = def->weights,
                                .options = def->options,
                                .timeout = waits.timeout,
                                .start_timeout = waits.start_timeout,
                                .interrupt = def->interrupt};
    if (!def->proposals) {
        r->driver_size = def->driver->state_size(&driver_def);
        r->driver_state = cw_arena_alloc(r->arena, r->driver_size);
        r->driver_again = cw_arena_alloc(r->arena, r->driver_size);
        if (!r->driver_state || !r->driver_again)
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        cw_status status = def->driver->reset(r->driver_state, &driver_def, err);
        if (status != CW_OK)
            return status;
        r->driver_open = true;
    } else if (!cw_proposal_open(def->proposals, &r->recorded)) {
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace does not hold what its driver answered");
    }
    if (def->evaluator) {
        r->evaluator = cw_arena_alloc(r->arena, cw_evaluator_size());
        if (!r->evaluator)
            return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        cw_evaluator_def evaluator_def = {
            .map = r->scene->map, .body = ego.body, .assumptions = &r->a1, .period = driver_def.period};
        cw_evaluator_reset(r->evaluator, &evaluator_def);
    }
    return CW_OK;
}

void cw_ride_close(cw_ride *r) {
    cw_others_close(r->others);
    if (r->driver_open && r->def->driver && r->def->driver->close)
        r->def->driver->close(r->driver_state);
    r->driver_open = false;
    cw_world_free(r->world);
    r->world = NULL;
}

cw_status cw_ride_open(cw_ride *r, const cw_episode_def *def, cw_arena *arena, cw_error *err) {
    const cw_scene *scene = def->scene;
    *r = (cw_ride){.def = def, .scene = scene, .arena = arena, .missed = {.place = {.lane = CW_NONE}}};
    cw_world_def world_def = cw_world_defaults(scene);
    world_def.seed = def->seed;
    world_def.dt_ns = def->dt_ns;
    world_def.drive_ego = def->driver != NULL;
    if (def->others)
        world_def.control = cw_others_mask(scene, def->seed, def->others_share, arena);
    r->world = cw_world_new(&world_def, err);
    cw_status status = r->world ? CW_OK : (err && err->code != CW_OK ? err->code : CW_ERR_INPUT);
    if (status == CW_OK)
        status = open_driver(r, err);
    if (status == CW_OK && def->others)
        status = cw_others_make(def, r->world, &r->sensor, arena, &r->others, err);
    if (status == CW_OK)
        r->keyframe_size = keyframe_size(r);
    else
        cw_ride_close(r);
    return status;
}

// ---- a decision ------------------------------------------------------------------------------------------------------

// Whoever has missed a turn gets another way to the same place.
static void reroute(cw_ride *r, const cw_ego *ego) {
    if (r->missed.count < REROUTES_MOST && ego->place.lane != r->missed.place.lane &&
        cw_mission_missed(r->scene, &r->mission, &ego->place, (double)ego->heading)) {
        r->missed.place = ego->place;
        r->missed.place.offset = 0;
        r->missed.count++;
        make_mission(r, &r->missed.place);
    }
}

// The places from which those moved aside still hide what they hid, behind the walls; returns how many both are.
static uint32_t add_shadows(cw_ride *r, uint32_t count) {
    for (uint32_t i = 0; i < r->scene->actor_count && count < WALLS_MOST; i++)
        if (cw_world_is_aside(r->world, i))
            r->walls[count++] = (cw_wall){cw_world_sight_box(r->world, i), r->scene->actors[i].height};
    return count;
}

static void observe(cw_ride *r, int64_t tick, cw_obs *obs) {
    int64_t now = cw_world_time(r->world);
    *obs = (cw_obs){.step = tick,
                    .time_ns = now,
                    .period = (float)((double)r->def->period_ns * 1e-9),
                    .map = cw_world_told_map(r->world),
                    .mission = r->instead ? r->instead : &r->mission,
                    .range = r->sensor.range,
                    .unasked = r->unasked};
    cw_sense_ego(r->world, r->scene->ego, &obs->ego);
    if (cw_world_ego_controlled(r->world))
        reroute(r, &obs->ego);
    obs->mission_version = r->mission_version + (r->instead != NULL);
    uint32_t seen = cw_sense_objects(r->world, r->scene->ego, &r->sensor, r->detections, DETECTIONS_MOST);
    obs->wall_count = cw_sense_walls(r->world, r->scene->ego, r->sensor.range, r->walls, WALLS_MOST);
    obs->walls = r->walls;
    // What hides others from the sensor hides them from the tracker too, though it be moved aside.
    uint32_t hiding = add_shadows(r, obs->wall_count);
    obs->track_count = cw_tracker_update(r->tracker, now, &obs->ego, r->detections, seen, r->walls, hiding,
                                         r->sensor.range, r->tracks, CW_TRACKS_MAX);
    obs->tracks = r->tracks;
    obs->signal_count =
        cw_sense_signals(r->world, r->scene->ego, obs->mission, r->sensor.range, r->signals, SIGNALS_MOST);
    obs->signals = r->signals;
    cw_sense_surface(r->world, r->scene->ego, &obs->surface);
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

// The driver proposes, the evaluator disposes.
static void decide(cw_ride *r, cw_ride_tick *t) {
    const cw_obs *obs = &t->obs;
    double start = cw_seconds();
    t->proposal = (cw_decision){.step = -1};
    if (!r->def->proposals) {
        r->def->driver->decide(r->driver_state, obs, &t->proposal);
        t->trouble = trouble_of(r);
    } else if (!cw_proposal_find(r->def->proposals, r->recorded, obs->time_ns, &r->recorded_next, &t->proposal)) {
        t->proposal = (cw_decision){.step = -1};
    }
    check_words(&t->proposal);
    if (r->evaluator) {
        const cw_decision *proposals[] = {&t->proposal};
        cw_evaluator_decide(r->evaluator, obs, proposals, 1, &t->decision, &t->why);
    } else {
        t->decision = t->proposal;
        cw_control *control = &t->decision.control;
        // Without an evaluator nothing stands between a driver and the car but this: a control that is no number is none.
        if (!t->proposal.valid || !isfinite(control->accel) || !isfinite(control->steer))
            *control = (cw_control){0};
    }
    t->seconds = cw_seconds() - start;
}

void cw_ride_decide(cw_ride *r, int64_t number, cw_ride_tick *t) {
    t->looks = r->def->driver != NULL;
    t->driven = t->looks && cw_world_ego_controlled(r->world);
    t->trouble = NULL;
    if (t->looks) {
        cw_ride_refresh_mission(r);
        observe(r, number, &t->obs);
    }
    if (t->driven) {
        memset(&t->why, 0, sizeof t->why);
        decide(r, t);
        const cw_control *control = &t->decision.control;
        cw_world_control(r->world, r->scene->ego, control->accel, control->steer, control->lamps);
    }
    cw_others_decide(r->others, number);
}
