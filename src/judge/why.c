// The protocol of docs/WHY.md: what is run for each candidate of a decision, and what is made of it.
#include "causeway/why.h"
#include "causeway/run.h"
#include "causeway/world.h"

#include "judge/why_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JOINT_AMONG = 4, PARTNERS_MOST = 16, SETS_MOST = 192, ROWS_EACH = 4, DEFS_MOST = 512, REMEMBERED_MOST = 200 };

static const double before = 2, usual_horizon = 3, long_horizon = 6, usual_tau = 0.5,
                    kind_moved = 0.15; // s, s, s, m, m
static const char *const note_one = "decided by one intervention: there is no harmless variant";
const double cw_why_tau[CW_WHY_TAUS] = {0.25, 0.5, 1}, cw_why_horizon[CW_WHY_HORIZONS] = {2, 3, 5};

// What is run for one candidate or set of them.
typedef struct trial {
    cw_intervention *rows;
    uint32_t count;
    const cw_mission *instead;
} trial;

cw_why_def cw_why_defaults(const cw_episode_def *episode, const cw_trace *trace) {
    return (cw_why_def){
        .episode = episode, .trace = trace, .direct = true, .joint = true, .sufficiency = true, .placebos = 4};
}

const char *cw_why_verdict_name(cw_why_verdict verdict) {
    static const char *const names[] = {"no_cause", "tested_true", "sight_only", "joint",
                                        "refuted",  "missed",      "untested",   "not_testable"};
    return (unsigned)verdict < sizeof names / sizeof *names ? names[verdict] : "unknown";
}

cw_status cw_why_open(const cw_why_def *def, cw_why **out, cw_error *err) {
    *out = NULL;
    cw_why *why = calloc(1, sizeof *why);
    if (!why)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    why->def = *def;
    why->decisions = cw_trace_find(def->trace, "/causeway/decision");
    why->ticks = why->decisions == UINT32_MAX ? 0 : cw_trace_count(def->trace, why->decisions);
    cw_status status = why->ticks > 0 ? again_open(&why->again, &why->def, err)
                                      : cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no decisions");
    if (status != CW_OK) {
        cw_why_close(why);
        return status;
    }
    *out = why;
    return CW_OK;
}

void cw_why_close(cw_why *why) {
    if (why) {
        again_close(&why->again);
        cw_arena_free(why->arena);
    }
    free(why);
}

uint32_t cw_why_ticks(const cw_why *why) {
    return (uint32_t)why->ticks;
}

int64_t cw_why_tick_at(const cw_why *why, int64_t time_ns) {
    int64_t period = why->def.episode->period_ns;
    for (size_t i = 0; i < why->ticks; i++) {
        int64_t time = cw_trace_message(why->def.trace, why->decisions, i).time_ns;
        if (time_ns >= time && time_ns < time + period)
            return time / period;
    }
    return -1;
}

// ---- trials ----------------------------------------------------------------------------------------------------------

static bool row(trial *t, uint32_t most, uint32_t kind, uint32_t item, double dx, double dy) {
    if (t->count == most)
        return false;
    t->rows[t->count++] = (cw_intervention){kind, item, dx, dy};
    return true;
}

// Adds what takes the cause away. False: this kind cannot be.
static bool take_away(cw_why *why, const cw_why_candidate *c, trial *t, uint32_t most) {
    switch (c->cause.kind) {
    case CW_CAUSE_SIGNAL:
    case CW_CAUSE_SIGN:
        return row(t, most, CW_SIGNAL_ABSENT, c->cause.item, 0, 0);
    case CW_CAUSE_LIMIT:
        return row(t, most, CW_LIMITS_ABSENT, 0, 0, 0);
    case CW_CAUSE_GEOMETRY:
        return row(t, most, CW_BENDS_LIFTED, 0, 0, 0);
    case CW_CAUSE_ROUTE:
        t->instead = &why->straight;
        return true;
    case CW_CAUSE_SURFACE:
        return row(t, most, CW_DRY_SURFACE, 0, 0, 0);
    case CW_CAUSE_OCCLUSION:
        return c->actor != CW_NONE ? row(t, most, CW_ACTOR_CLEAR, c->actor, 0, 0) : row(t, most, CW_ALL_CLEAR, 0, 0, 0);
    default:
        return c->actor != CW_NONE && row(t, most, CW_ACTOR_ABSENT, c->actor, 0, 0);
    }
}

// Where what is stated is what is usual there, the usual limit is no variant.
static bool limit_is_usual(const cw_why *why, const cw_why_candidate *c) {
    const cw_map *map = why->def.episode->scene->map;
    cw_lane_place place = why->again.s.obs.ego.place;
    if (c->cause.item < map->lane_count && c->cause.item != place.lane)
        place = (cw_lane_place){.lane = c->cause.item,
                                .s = 0.5 * (map->lanes[c->cause.item].s0 + map->lanes[c->cause.item].s1)};
    if (place.lane == CW_NONE)
        return true;
    float usual = cw_world_usual_limit(map, place.lane, place.s), stated = cw_lane_limit(map, place.lane, place.s);
    return usual == 0 || fabsf(usual - stated) < 0.2F;
}

// Adds the harmless variant. False: the kind has none, or there is nowhere to move it to.
static bool make_harmless(const cw_why *why, const cw_why_candidate *c, trial *t, uint32_t most) {
    double dx, dy;
    const cw_map *map = why->def.episode->scene->map;
    switch (c->cause.kind) {
    case CW_CAUSE_SIGNAL:
        return map->signals[c->cause.item].dynamic && row(t, most, CW_SIGNAL_GREEN, c->cause.item, 0, 0);
    case CW_CAUSE_LIMIT:
        return !limit_is_usual(why, c) && row(t, most, CW_LIMITS_DEFAULT, 0, 0, 0);
    case CW_CAUSE_VEHICLE:
    case CW_CAUSE_PEDESTRIAN:
    case CW_CAUSE_CYCLIST:
    case CW_CAUSE_ANIMAL:
    case CW_CAUSE_OBSTACLE:
        return c->actor != CW_NONE && again_aside(&why->again, c->actor, &dx, &dy) &&
               row(t, most, CW_ACTOR_ASIDE, c->actor, dx, dy);
    default:
        return false;
    }
}

static trial new_trial(cw_why *why, uint32_t most) {
    return (trial){.rows = cw_arena_array(why->arena, most + 1, sizeof(cw_intervention))};
}

// Each run's place in the list, and whose it is.
typedef struct plan {
    again_def defs[DEFS_MOST];
    again_run runs[DEFS_MOST];
    cw_why_branch *into[DEFS_MOST];
    cw_why_candidate *whose[DEFS_MOST]; // for its sensitivity; NULL
    uint32_t count;
    bool films; // of those that are somebody's
    uint32_t before, actors;
    cw_arena *arena;
} plan;

static uint32_t ticks_of(const cw_why *why, double seconds) {
    return (uint32_t)floor(seconds * 1e9 / (double)why->def.episode->period_ns + 0.5);
}

static void ask(plan *p, const trial *t, cw_why_branch *into, cw_why_candidate *whose, uint32_t ticks, bool direct) {
    if (p->count == DEFS_MOST)
        return;
    p->defs[p->count] = (again_def){t->rows, t->count, ticks, direct, t->instead};
    p->runs[p->count].poses = NULL;
    if (p->films && whose)
        p->runs[p->count].poses =
            cw_arena_array(p->arena, (size_t)(p->before + ticks + 1) * p->actors, sizeof(cw_why_pose));
    p->into[p->count] = into;
    p->whose[p->count++] = whose;
}

// How far the path over n ticks lies from the one driven, m on average.
static double moved(const again *a, const again_run *run, uint32_t n) {
    double sum = 0;
    const again_stretch *s = &a->s;
    for (uint32_t i = 0; i < n; i++)
        sum += cw_hypot(run->x[i] - s->x[s->before + i + 1], run->y[i] - s->y[s->before + i + 1]);
    return n > 0 ? sum / n : 0;
}

static bool is_changed(const cw_why_result *r, const again_run *run, double mean, double tau) {
    bool kind = run->reason.longitudinal != r->reason.longitudinal || run->reason.lateral != r->reason.lateral;
    return mean > tau || (kind && mean > kind_moved);
}

static void read_run(const cw_why *why, const again_run *run, const again_def *def, cw_why_branch *out) {
    const again_stretch *s = &why->again.s;
    const cw_why_result *r = &why->result;
    uint32_t n = ticks_of(why, r->horizon);
    n = n < run->ticks ? n : run->ticks;
    *out = (cw_why_branch){.ran = run->ran,
                           .rows = def->rows,
                           .row_count = def->count,
                           .ticks = run->ticks,
                           .before = s->before,
                           .hash = run->hash,
                           .film = run->poses};
    if (!run->ran || n == 0)
        return;
    double mean = moved(&why->again, run, n), sine, cosine;
    uint32_t end = s->before + n;
    cw_sincos(s->heading[end], &sine, &cosine);
    out->moved = (float)mean;
    out->further =
        (float)((run->traveled[n - 1] - s->traveled[s->before]) - (s->traveled[end] - s->traveled[s->before]));
    out->aside = (float)((run->y[n - 1] - s->y[end]) * cosine - (run->x[n - 1] - s->x[end]) * sine);
    out->longitudinal = run->reason.longitudinal;
    out->lateral = run->reason.lateral;
    out->changed = is_changed(r, run, mean, r->tau);
}

static void run_plan(cw_why *why, plan *p) {
    cw_why_result *r = &why->result;
    again_run_all(&why->again, p->defs, p->runs, p->count);
    for (uint32_t i = 0; i < p->count; i++) {
        read_run(why, &p->runs[i], &p->defs[i], p->into[i]);
        r->branches++;
        cw_why_candidate *c = p->whose[i];
        if (!c || !p->runs[i].ran)
            continue;
        c->has_sensitivity = true;
        for (int h = 0; h < CW_WHY_HORIZONS; h++) {
            uint32_t n = ticks_of(why, cw_why_horizon[h]);
            double mean = moved(&why->again, &p->runs[i], n < p->runs[i].ticks ? n : p->runs[i].ticks);
            for (int t = 0; t < CW_WHY_TAUS; t++)
                c->sensitivity[t][h] = is_changed(r, &p->runs[i], mean, cw_why_tau[t]);
        }
    }
    p->count = 0;
}

// ---- the steps of a test ---------------------------------------------------------------------------------------------

static bool testable(const cw_why_candidate *c) {
    return c->verdict != CW_WHY_UNTESTABLE;
}

static void test_removals(cw_why *why, plan *p) {
    cw_why_result *r = &why->result;
    uint32_t short_run = ticks_of(why, r->horizon), long_run = ticks_of(why, cw_max(r->horizon, 5));
    trial none = new_trial(why, 0);
    ask(p, &none, &r->unchanged, NULL, short_run, false);
    for (uint32_t i = 0; i < r->count; i++) {
        cw_why_candidate *c = &r->candidates[i];
        trial t = new_trial(why, ROWS_EACH);
        if (testable(c) && take_away(why, c, &t, ROWS_EACH))
            ask(p, &t, &c->removal, c->named ? c : NULL, c->named ? long_run : short_run, false);
    }
    run_plan(why, p);
}

static void test_variants(cw_why *why, plan *p) {
    cw_why_result *r = &why->result;
    uint32_t ticks = ticks_of(why, r->horizon);
    for (uint32_t i = 0; i < r->count; i++) {
        cw_why_candidate *c = &r->candidates[i];
        trial away = new_trial(why, ROWS_EACH), harmless = new_trial(why, ROWS_EACH);
        if (!testable(c) || (!c->named && !c->removal.changed))
            continue;
        c->has_aside = make_harmless(why, c, &harmless, ROWS_EACH);
        if (c->has_aside)
            ask(p, &harmless, &c->variant, NULL, ticks, false);
        if (why->def.direct && take_away(why, c, &away, ROWS_EACH))
            ask(p, &away, &c->direct_removal, NULL, ticks, true);
        if (why->def.direct && c->has_aside)
            ask(p, &harmless, &c->direct_variant, NULL, ticks, true);
    }
    run_plan(why, p);
}

// Sets of two or three candidates that alone change nothing, tried together.
typedef struct sets {
    uint32_t member[SETS_MOST][3];
    uint32_t size[SETS_MOST];
    cw_why_branch branch[SETS_MOST];
    uint32_t count;
} sets;

// Those that alone change nothing: named ones first, then what moved the path most, then the nearest.
static uint32_t choose(const cw_why_result *r, uint32_t *out, uint32_t most) {
    uint32_t count = 0;
    bool taken[CANDIDATES_MOST] = {false};
    while (count < most) {
        uint32_t best = CW_NONE;
        for (uint32_t i = 0; i < r->count; i++) {
            const cw_why_candidate *c = &r->candidates[i], *b = best == CW_NONE ? NULL : &r->candidates[best];
            if (taken[i] || !testable(c) || !c->removal.ran || c->removal.changed || !c->seen)
                continue;
            if (!b || (c->named && !b->named) || (c->named == b->named && c->removal.moved > b->removal.moved + 0.01F))
                best = i;
        }
        if (best == CW_NONE)
            break;
        taken[best] = true;
        out[count++] = best;
    }
    return count;
}

static bool is_open(const cw_why_result *r, uint32_t index) {
    const cw_why_candidate *c = &r->candidates[index];
    return c->named && testable(c) && !c->removal.changed && c->with_count == 0;
}

// A set of three is worth trying if none of its pairs has changed anything.
static bool holds_pair(const cw_why_result *r, const uint32_t *set) {
    for (int i = 0; i < 3; i++)
        for (uint32_t k = 0; k < r->candidates[set[i]].with_count; k++)
            for (int j = 0; j < 3; j++)
                if (r->candidates[set[i]].with_count == 1 && r->candidates[set[i]].with[k] == set[j])
                    return true;
    return false;
}

static void add_set(cw_why *why, plan *p, sets *all, const uint32_t *set, uint32_t size) {
    cw_why_result *r = &why->result;
    if (all->count == SETS_MOST || (size == 3 && holds_pair(r, set)))
        return;
    trial t = new_trial(why, ROWS_EACH);
    for (uint32_t k = 0; k < size; k++)
        take_away(why, &r->candidates[set[k]], &t, ROWS_EACH);
    memcpy(all->member[all->count], set, size * sizeof *set);
    all->size[all->count] = size;
    ask(p, &t, &all->branch[all->count++], NULL, ticks_of(why, r->horizon), false);
}

// Each of a set that changes the decision is a joint cause; the first set found counts, and smaller ones come first.
static void run_sets(cw_why *why, plan *p, sets *all) {
    cw_why_result *r = &why->result;
    run_plan(why, p);
    for (uint32_t n = 0; n < all->count; n++)
        for (uint32_t k = 0; all->branch[n].changed && k < all->size[n]; k++) {
            cw_why_candidate *c = &r->candidates[all->member[n][k]];
            if (c->with_count > 0)
                continue;
            for (uint32_t j = 0; j < all->size[n]; j++)
                if (j != k)
                    c->with[c->with_count++] = all->member[n][j];
            c->joint = all->branch[n];
        }
    all->count = 0;
}

// Pairs of the likeliest four. Where a named cause is still open: its pairs with all others, then with two.
static void test_joint(cw_why *why, plan *p) {
    cw_why_result *r = &why->result;
    sets *all = cw_arena_alloc(why->arena, sizeof *all);
    uint32_t among[PARTNERS_MOST], count = choose(r, among, PARTNERS_MOST);
    uint32_t likely = count < JOINT_AMONG ? count : JOINT_AMONG;
    if (!all)
        return;
    for (uint32_t i = 0; i < likely; i++)
        for (uint32_t k = i + 1; k < likely; k++)
            add_set(why, p, all, (uint32_t[]){among[i], among[k]}, 2);
    run_sets(why, p, all);
    for (uint32_t i = 0; i < likely && is_open(r, among[i]); i++)
        for (uint32_t k = likely; k < count; k++)
            add_set(why, p, all, (uint32_t[]){among[i], among[k]}, 2);
    run_sets(why, p, all);
    for (uint32_t i = 0; i < likely && is_open(r, among[i]); i++)
        for (uint32_t k = i + 1; k < likely; k++)
            for (uint32_t n = k + 1; n < count; n++)
                add_set(why, p, all, (uint32_t[]){among[i], among[k], among[n]}, 3);
    run_sets(why, p, all);
}

// Only the named causes and the map. Whoever was named stays, and so does whoever it pulls or is hidden by it.
static void ask_sufficiency(cw_why *why, plan *p) {
    const again *a = &why->again;
    cw_why_result *r = &why->result;
    uint32_t most = a->actors + a->s.obs.signal_count + 1;
    trial t = new_trial(why, most);
    const cw_why_pose *now = a->s.poses;
    bool *stays = cw_arena_array(why->arena, a->actors + 1, sizeof *stays);
    if (!t.rows || !stays)
        return;
    for (uint32_t i = 0; i < r->named; i++)
        if (r->candidates[i].actor != CW_NONE)
            stays[r->candidates[i].actor] = true;
    for (uint32_t i = 0; i < a->actors; i++)
        if (i != a->ego && !stays[i] && (now[i].present || a->s.before == 0))
            row(&t, most, CW_ACTOR_ABSENT, i, 0, 0);
    for (uint32_t i = 0; i < r->count; i++) {
        const cw_why_candidate *c = &r->candidates[i];
        if (!c->named && (c->cause.kind == CW_CAUSE_SIGNAL || c->cause.kind == CW_CAUSE_SIGN))
            row(&t, most, CW_SIGNAL_ABSENT, c->cause.item, 0, 0);
    }
    if (!why_is_named(r, CW_CAUSE_SURFACE, 0, CW_NONE))
        row(&t, most, CW_DRY_SURFACE, 0, 0, 0);
    r->has_sufficiency = true;
    ask(p, &t, &r->sufficiency, NULL, ticks_of(why, r->horizon), false);
}

// The nearest that the driver does not see: what becomes of the decision without them is what the test itself adds.
static uint32_t ask_placebos(cw_why *why, plan *p, cw_why_branch *into, uint32_t most) {
    const again *a = &why->again;
    const cw_why_pose *now = a->s.poses + (size_t)a->s.before * a->actors;
    uint32_t count = 0;
    bool *taken = cw_arena_array(why->arena, a->actors + 1, sizeof *taken);
    while (taken && count < most) {
        uint32_t best = CW_NONE;
        double least = INFINITY;
        for (uint32_t i = 0; i < a->actors; i++) {
            double far = cw_hypot(now[i].x - now[a->ego].x, now[i].y - now[a->ego].y);
            if (i != a->ego && now[i].present && !taken[i] && far < least && !why_track(&a->s.obs, i + 1)) {
                best = i;
                least = far;
            }
        }
        if (best == CW_NONE)
            break;
        taken[best] = true;
        trial t = new_trial(why, 1);
        row(&t, 1, CW_ACTOR_ABSENT, best, 0, 0);
        ask(p, &t, &into[count++], NULL, ticks_of(why, why->result.horizon), false);
    }
    return count;
}

// The first decision in the last 20 s at which the driver saw the actor; -1: none.
static int64_t first_seen(const cw_why *why, uint32_t actor, int64_t tick) {
    const cw_trace *trace = why->def.trace;
    uint32_t channel = cw_trace_find(trace, "/causeway/actors");
    size_t size = channel == UINT32_MAX ? 0 : cw_trace_row_size(trace, channel);
    size_t who = size ? cw_trace_offset(trace, channel, "actor", CW_U32, 1) : SIZE_MAX;
    size_t seen = size ? cw_trace_offset(trace, channel, "seen", CW_U8, 1) : SIZE_MAX;
    if (who == SIZE_MAX || seen == SIZE_MAX)
        return -1;
    int64_t period = why->def.episode->period_ns;
    for (size_t i = 0; i < cw_trace_count(trace, channel); i++) {
        cw_message m = cw_trace_message(trace, channel, i);
        if (m.time_ns < (tick - REMEMBERED_MOST) * period)
            continue;
        if (m.time_ns > tick * period)
            break;
        for (const char *at = m.bytes, *end = at + m.size; at < end; at += size) {
            uint32_t its;
            memcpy(&its, at + who, sizeof its);
            if (its == actor && at[seen])
                return m.time_ns / period;
        }
    }
    return -1;
}

// Whom the driver has out of sight since before the fork it remembers, and so it would without it: the fork is then before
// it saw it.
static cw_status test_remembered(cw_why *why, plan *p, cw_error *err) {
    again *a = &why->again;
    cw_why_result *r = &why->result;
    int64_t tick = a->s.tick;
    for (uint32_t i = 0; i < r->count; i++) {
        cw_why_candidate *c = &r->candidates[i];
        if (!testable(c) || c->actor == CW_NONE || !why_is_user(c->cause.kind) || c->removal.changed || !c->seen)
            continue;
        const cw_track *track = why_track(&a->s.obs, c->cause.id);
        int64_t first = track && track->missed > a->s.before ? first_seen(why, c->actor, tick) : -1;
        if (first < 0 || first > a->s.first)
            continue;
        uint32_t after = a->s.after, lead = (uint32_t)(tick - first) + 1;
        cw_status status = again_stretch_make(a, tick, lead, after, err);
        if (status != CW_OK)
            return status;
        trial away = new_trial(why, ROWS_EACH), harmless = new_trial(why, ROWS_EACH);
        uint32_t ticks = ticks_of(why, r->horizon);
        take_away(why, c, &away, ROWS_EACH);
        ask(p, &away, &c->removal, NULL, ticks, false);
        c->has_aside = make_harmless(why, c, &harmless, ROWS_EACH);
        if (c->has_aside)
            ask(p, &harmless, &c->variant, NULL, ticks, false);
        run_plan(why, p);
        status = again_stretch_make(a, tick, ticks_of(why, before), after, err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

// ---- verdicts --------------------------------------------------------------------------------------------------------

static uint8_t verdict_of(cw_why_candidate *c) {
    bool removal = c->removal.changed, variant = c->variant.changed;
    if (c->verdict == CW_WHY_UNTESTABLE)
        return CW_WHY_UNTESTABLE;
    if (!c->removal.ran)
        return CW_WHY_UNTESTED;
    if (c->named && !c->seen)
        return CW_WHY_REFUTED;
    c->alone = removal;
    bool one = !c->has_aside || !c->variant.ran;
    if (removal && one) {
        c->note = note_one;
        return c->named ? CW_WHY_TRUE : CW_WHY_MISSED;
    }
    if (removal && variant)
        return c->named ? CW_WHY_TRUE : CW_WHY_MISSED;
    if (removal) // of things that hide nothing, both are asked for
        return c->named || c->actor != CW_NONE ? CW_WHY_SIGHT : CW_WHY_NO_CAUSE;
    if (c->with_count > 0)
        return c->named ? CW_WHY_JOINT : CW_WHY_MISSED;
    return c->named ? CW_WHY_REFUTED : CW_WHY_NO_CAUSE;
}

// Does what the first cause claims lie beyond the usual horizon? Swerving and braking hard are claims about now.
static bool beyond_usual(const cw_reason *reason, double speed) {
    const cw_cause *c = &reason->cause[0];
    double value = (double)c->value;
    if (!isfinite(c->effect) && (reason->longitudinal == CW_EMERGENCY_BRAKE || reason->lateral >= CW_CHANGE_LEFT))
        return false;
    if (isfinite(c->effect))
        return fabs((double)c->effect) < usual_tau;
    switch (c->quantity) {
    case CW_Q_TTC_S:
    case CW_Q_ARRIVAL_S:
        return value > usual_horizon;
    case CW_Q_GAP_M:
    case CW_Q_DISTANCE_M:
        return value > usual_horizon * cw_max(speed, 1);
    default:
        return false;
    }
}

// Straight on: the lanes ahead that turn least. False where that is the way it goes anyhow.
static bool make_straight(cw_why *why) {
    const again_stretch *s = &why->again.s;
    const cw_obs *obs = &s->obs;
    why->straight = *obs->mission;
    if (obs->ego.place.lane == CW_NONE || obs->mission->route.count == 0)
        return false;
    cw_route ahead;
    if (!cw_route_ahead(obs->map, obs->ego.place, 500, why->arena, &ahead))
        return false;
    const cw_route *own = &obs->mission->route;
    uint32_t at = 0;
    while (at < own->count && own->lanes[at] != ahead.lanes[0])
        at++;
    bool same = at < own->count;
    for (uint32_t i = 0; same && i < ahead.count && at + i < own->count; i++)
        same = own->lanes[at + i] == ahead.lanes[i];
    why->straight.route = ahead;
    why->straight.has_goal = why->straight.has_end = false;
    return !same;
}

static cw_status test(cw_why *why, cw_error *err) {
    again *a = &why->again;
    cw_why_result *r = &why->result;
    plan *p = cw_arena_alloc(why->arena, sizeof *p);
    r->candidates = cw_arena_array(why->arena, CANDIDATES_MOST, sizeof *r->candidates);
    cw_why_branch *placebos = cw_arena_array(why->arena, why->def.placebos + 1, sizeof *placebos);
    if (!p || !r->candidates || !placebos)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    p->films = why->def.films;
    p->before = a->s.before;
    p->actors = a->actors;
    p->arena = why->arena;
    why->has_straight = make_straight(why);
    why_add_named(why);
    why_add_others(why);
    test_removals(why, p);
    uint32_t end = a->s.before + ticks_of(why, r->horizon);
    if (!r->unchanged.ran || r->unchanged.moved != 0 ||
        (end <= a->s.before + a->s.after && r->unchanged.hash != a->s.hash[end])) {
        r->untestable = a->def->episode->driver->repeatable ? "without an intervention the run is another"
                                                            : "the driver does not repeat";
        return CW_OK;
    }
    test_variants(why, p);
    cw_status status = test_remembered(why, p, err);
    if (status != CW_OK)
        return status;
    if (why->def.joint)
        test_joint(why, p);
    if (why->def.sufficiency && r->named > 0)
        ask_sufficiency(why, p);
    r->placebos = ask_placebos(why, p, placebos, why->def.placebos);
    run_plan(why, p);
    r->sufficient = r->has_sufficiency && r->sufficiency.ran && !r->sufficiency.changed;
    for (uint32_t i = 0; i < r->placebos; i++)
        r->placebos_changed += placebos[i].changed;
    r->actors = a->actors;
    if (why->def.films) {
        size_t frames = (size_t)a->s.before + a->s.after + 1;
        cw_why_pose *kept = cw_arena_array(why->arena, frames * a->actors, sizeof *kept);
        if (kept)
            memcpy(kept, a->s.poses, frames * a->actors * sizeof *kept);
        r->film = kept;
    }
    for (uint32_t i = 0; i < r->count; i++)
        r->candidates[i].verdict = verdict_of(&r->candidates[i]);
    return CW_OK;
}

cw_status cw_why_test(cw_why *why, int64_t tick, const cw_why_result **result, cw_error *err) {
    int64_t period = why->def.episode->period_ns;
    cw_why_result *r = &why->result;
    again *a = &why->again;
    *r = (cw_why_result){.tick = tick, .time_ns = tick * period, .tau = usual_tau};
    *result = r;
    if (tick < 0 || cw_why_tick_at(why, tick * period) != tick)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no decision %lld", (long long)tick);
    cw_status status = again_stretch_make(a, tick, ticks_of(why, before), ticks_of(why, cw_max(long_horizon, 5)), err);
    if (status != CW_OK)
        return status;
    r->untestable = a->untestable;
    cw_arena_free(why->arena);
    why->arena = cw_arena_new(1 << 18, 0);
    if (!why->arena)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (a->untestable)
        return CW_OK;
    r->fork_ns = a->s.first * period;
    r->reason = a->s.reason;
    r->source = a->s.source;
    r->horizon = usual_horizon;
    if (r->reason.count > 0 && beyond_usual(&r->reason, (double)a->s.obs.ego.speed))
        r->horizon = long_horizon;
    double left = a->s.after * (double)period * 1e-9;
    r->horizon = cw_min(r->horizon, left);
    r->hash = a->s.hash[a->s.before + ticks_of(why, r->horizon)];
    if (!a->s.driven) {
        r->untestable = "the driver did not have the ego";
        return CW_OK;
    }
    if (left < 1) {
        r->untestable = "the run ends too soon after it";
        return CW_OK;
    }
    return test(why, err);
}

cw_status cw_why_replay(cw_why *why, int64_t tick, uint32_t lead, uint32_t ticks, const cw_intervention *rows,
                        uint32_t count, bool direct, uint64_t *hash, cw_error *err) {
    again *a = &why->again;
    if (tick < 0 || cw_why_tick_at(why, tick * why->def.episode->period_ns) != tick)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no decision %lld", (long long)tick);
    cw_status status =
        again_stretch_make(a, tick, lead <= REMEMBERED_MOST + 1 ? lead : REMEMBERED_MOST + 1, AGAIN_TICKS_MOST, err);
    if (status != CW_OK)
        return status;
    again_def def = {.rows = rows, .count = count, .ticks = ticks, .direct = direct};
    again_run run = {0};
    if (!a->untestable)
        again_run_all(a, &def, &run, 1);
    *hash = run.hash;
    return run.ran
               ? CW_OK
               : cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "%s", a->untestable ? a->untestable : "it does not run");
}
