// Why there was a contact: the last seconds before it driven again, other in one thing, and handed to somebody else.
#include "causeway/why_contact.h"
#include "causeway/world.h"

#include "judge/again.h"
#include "judge/judging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double look_back = 8, look_on = 3;        // s: the window about the contact
static const double near_actor = 80, near_signal = 80; // m: who and what is tried
static const double stands = 0.05;                     // m/s
static const double swerve_share = 0.9;                // of the friction, across
enum { ACTORS_MOST = 24, SIGNALS_MOST = 12 };

const char *cw_rescuer_name(cw_rescuer rescuer) {
    static const char *const names[] = {"evaluator", "human", "fsm", "physics"};
    return (unsigned)rescuer < CW_RESCUERS ? names[rescuer] : "unknown";
}

// ---- a driver that proposes nothing ----------------------------------------------------------------------------------

static size_t no_state(const cw_driver_def *def) {
    (void)def;
    return 1;
}

static cw_status no_reset(void *state, const cw_driver_def *def, cw_error *err) {
    (void)def;
    (void)err;
    *(char *)state = 0;
    return CW_OK;
}

static void no_proposal(void *state, const cw_obs *obs, cw_decision *decision) {
    (void)state;
    *decision = (cw_decision){.step = obs->step};
}

static const cw_driver nobody = {
    .name = "nobody", .state_size = no_state, .reset = no_reset, .decide = no_proposal, .repeatable = true};

// ---- running ---------------------------------------------------------------------------------------------------------

typedef struct window {
    again again;
    uint32_t ticks;   // from its start to its end
    uint32_t contact; // the tick within which it comes
} window;

// A contact of the ego beyond the first `known` that it had a part in: not while it stood, and not from behind.
static bool strikes(const again *a, const cw_world *world, uint32_t known) {
    const cw_contact *list;
    uint32_t count = cw_world_contacts(world, &list);
    for (uint32_t i = known; i < count; i++) {
        bool first = list[i].a == a->ego;
        if (!first && list[i].b != a->ego)
            continue;
        if (fabsf(first ? list[i].speed_a : list[i].speed_b) < (float)stands)
            continue;
        uint32_t other = first ? list[i].b : list[i].a;
        if (other == CW_NONE)
            return true;
        cw_box ego = cw_world_box(world, a->ego), its = cw_world_box(world, other);
        double along = (its.x - ego.x) * ego.ux + (its.y - ego.y) * ego.uy;
        if (along + cw_box_reach(&its, ego.ux, ego.uy) > -ego.half_length + 0.3)
            return true;
    }
    return false;
}

// Steps to the next tick. False: the ego strikes somebody, or the run is over.
static bool step_on(const again *a, cw_world *world, uint32_t known, bool *struck) {
    for (int64_t i = 0; i < a->every && cw_world_ended(world) == CW_GOES_ON; i++) {
        cw_world_step(world);
        if (strikes(a, world, known)) {
            *struck = true;
            return false;
        }
    }
    return cw_world_ended(world) == CW_GOES_ON;
}

// A way to get out of it by force: the share of full braking, and one S across.
typedef struct force {
    double brake, across, half; // share, share of the friction to the left, s of each half of the S
    cw_rescue_by by;
} force;

static const force forces[] = {{1, 0, 1, CW_BY_BRAKING},           {0, 1, 1, CW_BY_SWERVING_LEFT},
                               {0, -1, 1, CW_BY_SWERVING_RIGHT},   {0, 1, 0.6, CW_BY_SWERVING_LEFT},
                               {0, -1, 0.6, CW_BY_SWERVING_RIGHT}, {0.7, 0.7, 0.8, CW_BY_BOTH_LEFT},
                               {0.7, -0.7, 0.8, CW_BY_BOTH_RIGHT}};

static void apply(const again *a, cw_world *world, const force *f, double t) {
    cw_actor_state ego;
    cw_actor_limits limits;
    cw_world_actor(world, a->ego, &ego);
    cw_world_limits(world, a->ego, &limits);
    double mu = (double)cw_world_friction(world, ego.x, ego.y), v = cw_max((double)ego.speed, 2);
    double side = t < f->half ? f->across : t < 2 * f->half ? -f->across : 0;
    double curvature = swerve_share * mu * 9.81 * side / (v * v), length = cw_max((double)limits.wheelbase, 0.5);
    double steer = cw_clamp(cw_atan2(length * curvature, 1), -(double)limits.max_steer, (double)limits.max_steer);
    cw_world_control(world, a->ego, (float)(-f->brake * (double)limits.max_brake), (float)steer, 0);
}

// From where the fork stands, tick n of the window, to its end. f: NULL: its driver drives.
static bool gets_away(const window *w, cw_fork *fork, uint32_t n, const force *f) {
    const again *a = &w->again;
    cw_world *world = cw_fork_world(fork);
    const cw_contact *list;
    uint32_t known = cw_world_contacts(world, &list);
    bool struck = false;
    double period = (double)a->def->episode->period_ns * 1e-9;
    for (uint32_t k = n; k < w->ticks; k++) {
        cw_fork_decide_unasked(fork, a->s.first + k);
        if (f)
            apply(a, world, f, (k - n) * period);
        if (!step_on(a, world, known, &struck))
            break;
    }
    return !struck;
}

static bool stopped(const window *w) {
    const volatile int *interrupt = w->again.def->interrupt;
    return interrupt && *interrupt;
}

// The rescuer looks on from the window's start while the ego is led along its path; then it takes over, later and later
// moments tried from the last one back.
static cw_status rescue(window *w, const cw_episode_def *def, bool by_force, int64_t contact_ns, cw_rescue *out,
                        cw_error *err) {
    again *a = &w->again;
    const again_stretch *s = &a->s;
    cw_fork *fork;
    *out = (cw_rescue){0};
    cw_status status = cw_fork_open(def, &fork, err);
    if (status != CW_OK)
        return status;
    size_t size = cw_fork_size(fork);
    unsigned char *states = calloc(w->contact + 1, size);
    if (!states) {
        cw_fork_close(fork);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    cw_world *world = cw_fork_world(fork);
    cw_world_restore(world, s->snapshots);
    for (uint32_t n = 0; n <= w->contact; n++) {
        cw_fork_save(fork, n * a->every, states + n * size);
        if (n == w->contact)
            break;
        cw_fork_decide_unasked(fork, s->first + n);
        cw_world_actor_restore(world, a->ego, s->decided + n * a->actor_size);
        for (int64_t i = 0; i < a->every; i++) {
            cw_world_step(world);
            cw_world_actor_restore(world, a->ego, s->stepped + (n * (size_t)a->every + (size_t)i) * a->actor_size);
        }
    }
    out->ran = true;
    uint32_t ways = by_force ? sizeof forces / sizeof *forces : 1;
    for (uint32_t n = w->contact + 1; n-- > 0 && !out->avoids && !stopped(w);)
        for (uint32_t i = 0; i < ways && !out->avoids; i++) {
            int64_t step;
            if (cw_fork_restore(fork, states + n * size, size, &step, err) != CW_OK) {
                out->ran = false;
                n = 0;
                break;
            }
            if (gets_away(w, fork, n, by_force ? &forces[i] : NULL)) {
                out->avoids = true;
                out->by = (uint8_t)(by_force ? forces[i].by : CW_BY_BRAKING);
                out->last_ns = (s->first + n) * a->def->episode->period_ns;
                out->lead = (float)((double)(contact_ns - out->last_ns) * 1e-9);
            }
        }
    free(states);
    cw_fork_close(fork);
    return CW_OK;
}

// ---- single changes --------------------------------------------------------------------------------------------------

static void add(cw_contact_why *out, uint32_t row, uint8_t kind, uint32_t item, uint32_t actor) {
    if (out->change_count == CW_CONTACT_CHANGES)
        return;
    cw_contact_change *c = &out->changes[out->change_count++];
    *c = (cw_contact_change){
        .row = row,
        .what = {.cause = {.kind = kind, .item = item, .id = actor == CW_NONE ? 0 : actor + 1, .effect = NAN},
                 .actor = actor}};
}

static double nearest(const again *a, uint32_t actor) {
    const again_stretch *s = &a->s;
    double least = INFINITY;
    for (uint32_t n = 0; n <= s->before; n += 5) {
        const cw_why_pose *p = &s->poses[(size_t)n * a->actors + actor];
        if (p->present)
            least = cw_min(least, cw_hypot(p->x - s->x[n], p->y - s->y[n]));
    }
    return least;
}

// Everything but the one that was hit: without it there is nothing to hit.
static void list_changes(const again *a, cw_contact_why *out) {
    const cw_scene *scene = a->def->episode->scene;
    bool *taken = calloc(a->actors + 1, sizeof *taken);
    for (uint32_t i = 0; taken && i < ACTORS_MOST; i++) {
        uint32_t best = CW_NONE;
        double least = near_actor;
        for (uint32_t k = 0; k < a->actors; k++) {
            double far = k == a->ego || k == out->contact.actor || taken[k] ? INFINITY : nearest(a, k);
            if (far < least) {
                best = k;
                least = far;
            }
        }
        if (best == CW_NONE)
            break;
        taken[best] = true;
        add(out, CW_ACTOR_ABSENT, (uint8_t)cw_cause_of((cw_user_kind)scene->actors[best].kind), CW_NONE, best);
    }
    free(taken);
    const cw_map *map = scene->map;
    const again_stretch *s = &a->s;
    for (uint32_t i = 0, count = 0; i < map->signal_count && count < SIGNALS_MOST; i++) {
        cw_signal_kind kind = (cw_signal_kind)map->signals[i].kind;
        bool light = kind == CW_SIGNAL_LIGHT || kind == CW_SIGNAL_PEDESTRIAN_LIGHT;
        if (!light && kind != CW_SIGNAL_STOP && kind != CW_SIGNAL_YIELD)
            continue;
        cw_road_point at;
        cw_road_at(map, map->signals[i].road, map->signals[i].s, map->signals[i].t, &at);
        if (cw_hypot(at.x - s->x[s->before], at.y - s->y[s->before]) > near_signal)
            continue;
        count++;
        add(out, CW_SIGNAL_ABSENT, light ? CW_CAUSE_SIGNAL : CW_CAUSE_SIGN, i, CW_NONE);
        if (light && map->signals[i].dynamic)
            add(out, CW_SIGNAL_GREEN, CW_CAUSE_SIGNAL, i, CW_NONE);
    }
    if (a->def->episode->driver->heeds_told) {
        add(out, CW_LIMITS_ABSENT, CW_CAUSE_LIMIT, CW_NONE, CW_NONE);
        add(out, CW_BENDS_LIFTED, CW_CAUSE_GEOMETRY, CW_NONE, CW_NONE);
    }
    add(out, CW_DRY_SURFACE, CW_CAUSE_SURFACE, CW_NONE, CW_NONE);
    add(out, CW_ALL_CLEAR, CW_CAUSE_OCCLUSION, CW_NONE, CW_NONE);
}

static void try_change(window *w, int worker, cw_contact_change *c) {
    cw_fork *fork = w->again.forks[worker];
    if (!cw_fork_back(fork))
        return;
    uint32_t item = c->what.actor != CW_NONE ? c->what.actor : c->what.cause.item != CW_NONE ? c->what.cause.item : 0;
    cw_intervention row = {.kind = c->row, .item = item};
    cw_world_intervene(cw_fork_world(fork), &row, 1);
    c->avoids = gets_away(w, fork, 0, NULL);
    c->ran = !stopped(w);
    c->hash = cw_world_hash(cw_fork_world(fork));
    cw_world_intervene(cw_fork_world(fork), NULL, 0);
}

typedef struct batch {
    window *w;
    cw_contact_why *out;
} batch;

static void try_one(void *context, size_t index, int worker) {
    batch *b = context;
    if (!stopped(b->w))
        try_change(b->w, worker, &b->out->changes[index]);
}

static void try_changes(window *w, cw_contact_why *out) {
    list_changes(&w->again, out);
    batch b = {w, out};
    if (w->again.pool)
        cw_pool_run(w->again.pool, out->change_count, try_one, &b);
    else
        for (uint32_t i = 0; i < out->change_count; i++)
            try_one(&b, i, 0);
    for (uint32_t i = 0; i < out->change_count; i++)
        out->avoiding += out->changes[i].ran && out->changes[i].avoids;
}

// ---- the whole -------------------------------------------------------------------------------------------------------

static cw_status rescues(window *w, const cw_contact_why_def *def, cw_contact_why *out, cw_error *err) {
    const cw_driver *const by[CW_RESCUERS] = {&nobody, def->human, def->fsm, &nobody};
    for (int r = 0; r < CW_RESCUERS; r++) {
        if (!by[r] || stopped(w))
            continue;
        cw_episode_def episode = *def->why.episode;
        episode.driver = by[r];
        episode.weights = episode.options = NULL;
        episode.proposals = NULL;
        episode.evaluator = r == CW_RESCUE_EVALUATOR;
        cw_status status = rescue(w, &episode, r == CW_RESCUE_PHYSICS, out->contact.time_ns, &out->rescue[r], err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

cw_status cw_why_contact(const cw_contact_why_def *def, uint32_t index, cw_contact_why *out, cw_error *err) {
    *out = (cw_contact_why){0};
    if (index >= def->verdict->contact_count)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the run has %u contacts", def->verdict->contact_count);
    out->contact = def->verdict->contacts[index];
    window w = {0};
    cw_status status = again_open(&w.again, &def->why, err);
    int64_t period = def->why.episode->period_ns, tick = out->contact.time_ns / period;
    // One that comes at the very instant of a tick comes within the tick before.
    tick -= tick > 0 && out->contact.time_ns % period == 0;
    uint32_t before = (uint32_t)(look_back * 1e9 / (double)period), after = (uint32_t)(look_on * 1e9 / (double)period);
    if (status == CW_OK)
        status = again_stretch_make(&w.again, tick, before, 1, err);
    if (status == CW_OK) {
        w.contact = w.again.s.before;
        w.ticks = w.contact + after;
        out->from_ns = w.again.s.first * period;
        out->until_ns = out->from_ns + w.ticks * period;
        out->untestable = w.again.untestable;
        if (!out->untestable && out->contact.time_ns <= period)
            out->untestable = "the scenario begins with it";
        if (!out->untestable)
            status = rescues(&w, def, out, err);
        if (!out->untestable && status == CW_OK && !w.again.from_start)
            try_changes(&w, out);
    }
    again_close(&w.again);
    return status;
}

void cw_rescue_say(const cw_contact_why *why, cw_rescuer rescuer, cw_said *out) {
    static const char *const ways[][CW_LANGUAGES] = {
        {"full braking", "최대 제동"},
        {"swerving to the left", "왼쪽으로 급히 비키기"},
        {"swerving to the right", "오른쪽으로 급히 비키기"},
        {"braking and swerving to the left", "제동하며 왼쪽으로 비키기"},
        {"braking and swerving to the right", "제동하며 오른쪽으로 비키기"}};
    static const char *const whom[][CW_LANGUAGES] = {{"the evaluator", "평가기"},
                                                     {"the careful human driver", "주의 깊은 사람"},
                                                     {"the fuzzy safety model", "퍼지 안전 모델"},
                                                     {"physics", "물리 한계"}};
    const cw_rescue *r = &why->rescue[rescuer];
    cw_say_words(out, whom[rescuer][CW_ENGLISH], whom[rescuer][CW_KOREAN]);
    cw_say_words(out, ": ", ": ");
    if (!r->ran)
        cw_say(out, "not tried", "시험하지 않음");
    else if (!r->avoids)
        cw_say(out, "at no moment of the last %.1f s", "마지막 %.1f초 동안 어느 순간에도 못 피함",
               (double)(why->contact.time_ns - why->from_ns) * 1e-9);
    else
        cw_say(out, "until %.1f s, %.1f s before it", "%.1f초까지, %.1f초 전까지 피할 수 있음",
               (double)r->last_ns * 1e-9, (double)r->lead);
    if (rescuer == CW_RESCUE_PHYSICS && r->ran && r->avoids)
        cw_say_words(out, ", by ", ", 방법: ");
    if (rescuer == CW_RESCUE_PHYSICS && r->ran && r->avoids)
        cw_say_words(out, ways[r->by][CW_ENGLISH], ways[r->by][CW_KOREAN]);
}
