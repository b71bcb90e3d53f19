#include "judge/again.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_PERIOD INT64_C(90000000) // ns

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}

cw_status again_open(again *a, const cw_why_def *def, cw_error *err) {
    const cw_episode_def *episode = def->episode;
    *a = (again){.def = def, .trace = def->trace, .ego = episode->scene->ego, .at = -1};
    a->every = episode->period_ns / episode->dt_ns;
    a->actors = episode->scene->actor_count;
    if (episode->period_ns < LEAST_PERIOD)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "its driver decided more often than each 0.1 s");
    a->step_channel = cw_trace_find(def->trace, "/causeway/step");
    a->steps = a->step_channel == UINT32_MAX ? 0 : cw_trace_count(def->trace, a->step_channel);
    if (a->steps == 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no steps to compare with");
    if (!episode->driver || a->ego == CW_NONE)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "no driver decided in this run: the scenario moved the ego");
    // A driver in another process is asked one question at a time.
    int threads = episode->driver->repeatable ? def->threads : 1;
    a->pool = cw_pool_new(threads);
    a->fork_count = a->pool ? cw_pool_threads(a->pool) : 1;
    a->forks = calloc((size_t)a->fork_count, sizeof *a->forks);
    if (!a->forks)
        return no_memory(err);
    for (int i = 0; i < a->fork_count; i++) {
        cw_status status = cw_fork_open(episode, &a->forks[i], err);
        if (status != CW_OK)
            return status;
    }
    const cw_world *world = cw_fork_world(a->forks[0]);
    a->actor_size = cw_world_actor_size(world);
    a->state_size = cw_world_state_size(world);
    a->at = 0;
    return CW_OK;
}

void again_close(again *a) {
    for (int i = 0; a->forks && i < a->fork_count; i++)
        cw_fork_close(a->forks[i]);
    free(a->forks);
    cw_pool_free(a->pool);
    cw_arena_free(a->arena);
}

// ---- as it was -------------------------------------------------------------------------------------------------------

static bool same_as_recorded(const again *a, const cw_world *world) {
    int64_t step = cw_world_steps(world);
    if (step < 1 || (size_t)step > a->steps)
        return true; // beyond what is recorded
    cw_message m = cw_trace_message(a->trace, a->step_channel, (size_t)step - 1);
    uint64_t recorded;
    if (m.size != sizeof recorded)
        return false;
    memcpy(&recorded, m.bytes, sizeof recorded);
    return recorded == cw_world_hash(world);
}

static cw_status differs(again *a, const cw_world *world, cw_error *err) {
    a->at = -1;
    if (!a->def->episode->driver->repeatable || a->from_start) {
        a->untestable = "the driver does not repeat";
        return CW_OK;
    }
    return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0,
                        "this build does not drive the run again as it was: it differs at step %lld",
                        (long long)cw_world_steps(world));
}

static cw_status restart(again *a, int worker, cw_error *err) {
    cw_fork_close(a->forks[worker]);
    a->forks[worker] = NULL;
    return cw_fork_open(a->def->episode, &a->forks[worker], err);
}

// The keyframe that helps most; false: none before the tick.
static bool nearest_keyframe(const again *a, int64_t tick, size_t *index) {
    uint32_t channel = cw_trace_find(a->trace, "/causeway/state");
    if (channel == UINT32_MAX)
        return false;
    bool found = false;
    int64_t latest = tick * a->def->episode->period_ns;
    for (size_t i = 0; i < cw_trace_count(a->trace, channel); i++) {
        int64_t time = cw_trace_message(a->trace, channel, i).time_ns;
        if (time >= latest)
            break;
        *index = i;
        found = time >= 0;
    }
    return found;
}

static cw_status step_on(again *a, cw_fork *fork, cw_error *err) {
    cw_world *world = cw_fork_world(fork);
    for (int64_t i = 0; i < a->every && cw_world_ended(world) == CW_GOES_ON; i++) {
        cw_world_step(world);
        if (!same_as_recorded(a, world))
            return differs(a, world, err);
    }
    return CW_OK;
}

// The leader before the decision of that tick.
static cw_status seek(again *a, int64_t tick, cw_error *err) {
    size_t index;
    bool ahead = a->at >= 0 && a->at <= tick && a->at + 10 >= tick;
    if (!ahead && !a->from_start && nearest_keyframe(a, tick, &index)) {
        void *bytes;
        size_t size;
        int64_t step;
        cw_error why = {0};
        cw_status status = cw_keyframe_read(a->trace, index, &bytes, &size, &why);
        if (status == CW_OK)
            status = cw_fork_restore(a->forks[0], bytes, size, &step, &why);
        free(bytes);
        if (status == CW_OK && step % a->every == 0) {
            // It has decided there already, and its control stands: the next step tells whether it is the same.
            a->at = step / a->every;
            status = step_on(a, a->forks[0], err);
            if (status != CW_OK || a->untestable)
                return status;
            a->at++;
            ahead = true;
        }
    }
    if (!ahead) { // of another build, or there are none
        cw_status status = restart(a, 0, err);
        if (status != CW_OK)
            return status;
        a->at = 0;
    }
    while (a->at < tick) {
        cw_fork_decide(a->forks[0], a->at);
        cw_status status = step_on(a, a->forks[0], err);
        if (status != CW_OK || a->untestable)
            return status;
        a->at++;
    }
    return CW_OK;
}

static void note_poses(const again *a, const cw_world *world, cw_why_pose *out) {
    cw_world_arrays v;
    cw_world_view(world, &v);
    for (uint32_t i = 0; i < a->actors; i++)
        out[i] = (cw_why_pose){v.x[i], v.y[i], v.heading[i], v.speed[i], v.present[i], v.mover[i]};
}

static void *copied(cw_arena *arena, const void *from, size_t count, size_t size) {
    void *to = cw_arena_array(arena, count + 1, size);
    if (to && count > 0)
        memcpy(to, from, count * size);
    return to;
}

static bool keep_decision(again *a, const cw_fork_tick *t) {
    again_stretch *s = &a->s;
    s->driven = t->driven;
    if (!t->obs)
        return true;
    s->obs = *t->obs;
    s->obs.tracks = copied(a->arena, t->obs->tracks, t->obs->track_count, sizeof *t->obs->tracks);
    s->obs.signals = copied(a->arena, t->obs->signals, t->obs->signal_count, sizeof *t->obs->signals);
    s->obs.walls = copied(a->arena, t->obs->walls, t->obs->wall_count, sizeof *t->obs->walls);
    cw_mission *mission = copied(a->arena, t->obs->mission, 1, sizeof *mission);
    s->obs.mission = mission;
    if (t->driven) {
        s->reason = t->decision->reason;
        s->source = t->decision->source;
    }
    return s->obs.tracks && s->obs.signals && s->obs.walls && mission;
}

cw_status again_stretch_make(again *a, int64_t tick, uint32_t before, uint32_t after, cw_error *err) {
    a->untestable = NULL;
    after = after < AGAIN_TICKS_MOST ? after : AGAIN_TICKS_MOST;
    before = tick < (int64_t)before ? (uint32_t)tick : before;
    if (a->arena && a->s.tick == tick && a->s.before == before && a->asked == after && a->at == a->s.first)
        return CW_OK; // it is there already
    a->asked = after;
    cw_status status = seek(a, tick - (int64_t)before, err);
    if (status != CW_OK || a->untestable)
        return status;
    cw_arena_free(a->arena);
    a->arena = cw_arena_new(1 << 20, 0);
    again_stretch *s = &a->s;
    *s = (again_stretch){.first = tick - before, .tick = tick, .before = before};
    size_t ticks = (size_t)before + after + 1, every = (size_t)a->every;
    if (a->arena) {
        s->poses = cw_arena_array(a->arena, ticks * a->actors, sizeof *s->poses);
        s->decided = cw_arena_array(a->arena, (size_t)before + 1, a->actor_size);
        s->stepped = cw_arena_array(a->arena, before * every + 1, a->actor_size);
        s->snapshots = cw_arena_array(a->arena, ticks, a->state_size);
        s->hash = cw_arena_array(a->arena, ticks, sizeof *s->hash);
        s->x = cw_arena_array(a->arena, 4 * ticks, sizeof *s->x);
        s->y = s->x ? s->x + ticks : NULL;
        s->heading = s->x ? s->x + 2 * ticks : NULL;
        s->traveled = s->x ? s->x + 3 * ticks : NULL;
    }
    if (!a->arena || !s->poses || !s->decided || !s->stepped || !s->snapshots || !s->hash || !s->x)
        return no_memory(err);
    cw_fork *fork = a->forks[0];
    cw_world *world = cw_fork_world(fork);
    cw_fork_mark(fork);
    for (int i = 1; i < a->fork_count; i++)
        cw_fork_follow(a->forks[i], fork);
    for (uint32_t n = 0;; n++) {
        cw_actor_state ego;
        cw_world_actor(world, a->ego, &ego);
        note_poses(a, world, s->poses + (size_t)n * a->actors);
        cw_world_save(world, s->snapshots + n * a->state_size);
        s->hash[n] = cw_world_hash(world);
        s->x[n] = ego.x;
        s->y[n] = ego.y;
        s->heading[n] = (double)ego.heading;
        s->traveled[n] = ego.traveled;
        s->after = n > before ? n - before : 0;
        if (n == before + after || cw_world_ended(world) != CW_GOES_ON)
            break;
        cw_fork_tick t = n <= before ? cw_fork_decide(fork, s->first + n) : cw_fork_decide_unasked(fork, s->first + n);
        if (n == before && !keep_decision(a, &t))
            return no_memory(err);
        if (n < before)
            cw_world_actor_save(world, a->ego, s->decided + n * a->actor_size);
        for (size_t i = 0; i < every && cw_world_ended(world) == CW_GOES_ON; i++) {
            cw_world_step(world);
            if (n < before)
                cw_world_actor_save(world, a->ego, s->stepped + (n * every + i) * a->actor_size);
            if (!same_as_recorded(a, world))
                return differs(a, world, err);
        }
    }
    a->at = -1; // its driver stands where it stands; the next test begins at a keyframe
    if (a->from_start)
        return CW_OK;
    if (cw_fork_back(fork)) {
        a->at = s->first;
        return CW_OK;
    }
    a->from_start = true; // no way back into the middle for this driver
    return again_stretch_make(a, tick, before, after, err);
}

// ---- with interventions ----------------------------------------------------------------------------------------------

// From step 0 to the fork, free. False: it does not repeat.
static bool run_up(again *a, int worker) {
    if (restart(a, worker, NULL) != CW_OK)
        return false;
    cw_fork *fork = a->forks[worker];
    for (int64_t n = 0; n < a->s.first; n++) {
        cw_fork_decide_unasked(fork, n);
        for (int64_t i = 0; i < a->every; i++)
            cw_world_step(cw_fork_world(fork));
    }
    return cw_world_hash(cw_fork_world(fork)) == a->s.hash[0];
}

static void run(again *a, int worker, const again_def *def, again_run *out) {
    const again_stretch *s = &a->s;
    cw_why_pose *poses = out->poses;
    *out = (again_run){.poses = poses};
    if (a->from_start ? !run_up(a, worker) : !cw_fork_back(a->forks[worker]))
        return;
    cw_fork *fork = a->forks[worker];
    cw_world *world = cw_fork_world(fork);
    cw_world_intervene(world, def->rows, def->count);
    cw_fork_ask(fork, def->instead);
    size_t every = (size_t)a->every;
    uint32_t ticks = def->ticks < s->after ? def->ticks : s->after, n = 0;
    for (; n < s->before + ticks; n++) {
        if (def->direct && n > 0)
            cw_world_hold_others(world, s->snapshots + n * a->state_size, a->ego);
        if (poses)
            note_poses(a, world, poses + (size_t)n * a->actors);
        bool asked = n == s->before;
        cw_fork_tick t = asked ? cw_fork_decide(fork, s->first + n) : cw_fork_decide_unasked(fork, s->first + n);
        if (asked && t.driven)
            out->reason = t.decision->reason;
        bool forced = n < s->before;
        if (forced)
            cw_world_actor_restore(world, a->ego, s->decided + n * a->actor_size);
        for (size_t i = 0; i < every && cw_world_ended(world) == CW_GOES_ON; i++) {
            cw_world_step(world);
            if (forced)
                cw_world_actor_restore(world, a->ego, s->stepped + (n * every + i) * a->actor_size);
        }
        if (cw_world_ended(world) != CW_GOES_ON && n + 1 < s->before + ticks)
            break;
        if (!forced) {
            cw_actor_state ego;
            cw_world_actor(world, a->ego, &ego);
            uint32_t k = out->ticks++;
            out->x[k] = ego.x;
            out->y[k] = ego.y;
            out->traveled[k] = ego.traveled;
        }
    }
    if (poses)
        note_poses(a, world, poses + (size_t)n * a->actors);
    out->hash = cw_world_hash(world);
    out->ran = out->ticks > 0;
    cw_world_intervene(world, NULL, 0);
}

typedef struct batch {
    again *a;
    const again_def *defs;
    again_run *runs;
} batch;

static void run_one(void *context, size_t index, int worker) {
    batch *b = context;
    if (!b->a->def->interrupt || !*b->a->def->interrupt)
        run(b->a, worker, &b->defs[index], &b->runs[index]);
}

void again_run_all(again *a, const again_def *defs, again_run *runs, uint32_t count) {
    batch b = {a, defs, runs};
    if (a->pool && count > 1 && !a->from_start)
        cw_pool_run(a->pool, count, run_one, &b);
    else
        for (uint32_t i = 0; i < count; i++)
            run_one(&b, i, 0);
    if (a->from_start || a->at != a->s.first)
        a->at = -1;
    else
        a->at = cw_fork_back(a->forks[0]) ? a->s.first : -1;
}
