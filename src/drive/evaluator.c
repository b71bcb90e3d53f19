// The safety evaluator.
//
// Why it is safe (A1, assumptions.h). F_k is a plan that ends in standstill and touches nothing that A1 lets the others do
// from tick k on. Claim: at every tick some F_k is there and is what is executed unless something better is.
//   Start: F_0 is sought from the state at the first tick. Where none verifies the start is outside the promise.
//   Step: at tick k a proposal's control is simulated for one tick, with the delay of the actuators, and from where that
//   leads a plan that brakes at b_e, along the proposal's own way across or the lane's, or first goes on through what must
//   be kept clear; the two together are one plan, and it is verified, in its tube, against all that A1 allows from the
//   observation of tick k. Only then is the control given to the car, and the plan's
//   rest is F_(k+1): its braking begins at k+1, its delay is counted in, and it was verified against *every* behaviour
//   from k on, so also against the one that came true. If at k+1 nothing else verifies, it goes on as it stands.
//   Otherwise F_k goes on: its rest is still verified, because a set of behaviours only shrinks as it unfolds.
//   While it goes on, a milder or newer plan from the present state replaces it only if that verifies too.
//   Where it may end: the order in evaluator.h; contact always goes before the place of the standstill.
// So the safety of each tick rests on one verification, whatever the driver is. What the lemmas need is: the tube holds
// the execution (failsafe.c simulates the body with its controller; the worst delay bounds its front), and each clause
// bounds what A1 allows (reach.c, tube.c). Who crosses on no lane of the map is only predicted.
#include "drive/evaluator_internal.h"
#include "drive/planted.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define TAKE_BACK 0.2 // m of margin that ends a fail-safe under way
#define STANDS 0.05   // m/s

size_t cw_evaluator_size(void) {
    return sizeof(cw_evaluator);
}

void cw_evaluator_reset(cw_evaluator *e, const cw_evaluator_def *def) {
    assert(def->map && def->period > 0);
    memset(e, 0, sizeof *e);
    e->a1 = def->assumptions ? *def->assumptions : cw_assumptions_a1();
    memcpy(&e->body, &def->body, sizeof e->body);
    e->period = def->period;
    const cw_body *b = &def->body;
    e->params = cw_vehicle_params_make(b->length, b->width, b->center_x, b->wheelbase, b->mass, b->max_steer,
                                       b->max_accel, b->max_brake, b->max_speed);
    e->pure = e->params;
    e->pure.lag = 0;
    e->pure.jerk = (float)e->a1.jerk;
    e->way.lane = CW_NONE;
    e->seen = -INFINITY;
    e->eased = INFINITY;
    e->green = -INFINITY;
    for (int i = 0; i < ISSUED_MOST; i++)
        e->issued[i] = -INFINITY;
}

const char *cw_evaluator_state_name(cw_evaluator_state state) {
    static const char *const names[] = {"normal", "failsafe", "minimal_risk", "mitigate", "unsafe_start"};
    return (unsigned)state < sizeof names / sizeof *names ? names[state] : "?";
}

// Is it a proposal at all?
static cw_clause sane(const cw_evaluator *e, const cw_obs *obs, const cw_decision *d) {
    if (!d || !d->valid)
        return CW_CLAUSE_MISSING;
    if (PLANT(late_accepted, false, d->step != obs->step))
        return CW_CLAUSE_LATE;
    const cw_trajectory *t = &d->trajectory;
    float sum = d->control.accel * 0 + d->control.steer * 0; // NaN and infinity stay NaN
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        sum += t->x[i] * 0 + t->y[i] * 0 + t->heading[i] * 0 + t->speed[i] * 0;
    if (PLANT(nan_accepted, false, !(sum == 0)))
        return CW_CLAUSE_NOT_FINITE;
    float steer = e->params.max_steer * 1.01f + 0.01f;
    if (fabsf(d->control.accel) > 25 || fabsf(d->control.steer) > steer)
        return CW_CLAUSE_ABSURD;
    float x = 0, y = 0, most = fabsf(obs->ego.speed);
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        float v = fabsf(t->speed[i]), dx = t->x[i] - x, dy = t->y[i] - y;
        float reach = (v > most ? v : most) * 0.1f + 0.6f; // it cannot be further on than its speed carries it
        if (v > 1.2f * e->params.max_speed + 5 || dx * dx + dy * dy > reach * reach)
            return CW_CLAUSE_ABSURD;
        x = t->x[i], y = t->y[i], most = v;
    }
    return CW_CLAUSE_NONE;
}

enum { AIMS_MOST = 7 };

// The proposal's way across as a bend: where it comes to rest across, or turns back, and how far ahead that is.
static plan_def proposed_shift(const cw_evaluator *e, const view *v, const cw_decision *d) {
    const cw_trajectory *t = &d->trajectory;
    const cw_ego *ego = &v->obs->ego;
    double sine, cosine, s0, d0, s, side, to, length = 0;
    cw_sincos((double)ego->heading, &sine, &cosine);
    uint32_t p = e->way.at;
    way_project(&e->way, ego->x, ego->y, &p, &s0, &d0);
    to = d0;
    for (int i = 4; i < 25; i += 5) {
        double tx = (double)t->x[i], ty = (double)t->y[i];
        way_project(&e->way, ego->x + tx * cosine - ty * sine, ego->y + tx * sine + ty * cosine, &p, &s, &side);
        double more = (side - to) * (to >= d0 ? 1 : -1), from = fabs(to - d0);
        if (from > 0.3 && more < -0.1)
            break; // back already: that is no matter of the next seconds
        if (from <= 0.3 || more > 0.05) {
            to = side;
            length = s - s0;
        }
    }
    if (fabs(to) < 0.3 || !(length > 1))
        return (plan_def){.aim = AIM_LANE};
    double pace = fabs((double)ego->speed);
    length = cw_clamp(length, cw_max(1.5 * pace, 6), cw_max(3 * pace, 80));
    length = cw_max(length, 0.8 * bend_least(pace, to - d0));
    return (plan_def){.aim = AIM_OFFSET, .offset = to, .length = length};
}

#define FAR 1.4 // braking distances that the path holds

// The proposal's own path as far as braking along it goes; false: it gives none.
static bool proposed_path(const cw_evaluator *e, const view *v, const cw_decision *decision, bend *out) {
    const cw_trajectory *t = &decision->trajectory;
    const cw_ego *ego = &v->obs->ego;
    double sine, cosine, v0 = cw_max(0, (double)ego->speed);
    cw_sincos((double)ego->heading, &sine, &cosine);
    double far = FAR * (v0 * v0 / (2 * cw_max(0.5, evaluator_brake(e, v->mu_low, 0))) + 0.5 * v0) + 3;
    cw_vec2 point[CW_TRAJECTORY_POINTS + 1] = {{ego->x, ego->y}};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double x = (double)t->x[i], y = (double)t->y[i];
        point[i + 1] = (cw_vec2){ego->x + x * cosine - y * sine, ego->y + x * sine + y * cosine};
    }
    return bend_through(out, &e->way, e->way.at, cw_max(KNOT_STEP, far / (KNOTS_MOST - 1)), point,
                        CW_TRAJECTORY_POINTS + 1);
}

// Where the fail-safe may go across, in order. `path` is room for the proposal's own.
static unsigned aims(const cw_evaluator *e, const view *v, const cw_decision *d, plan_def *defs, bend *path) {
    unsigned n = 0;
    if (!d && e->verified)
        defs[n++] = (plan_def){.aim = AIM_KEEP, .past = e->fallback.past};
    plan_def own = {.aim = AIM_LANE};
    if (d) { // along the proposal's own way across, so that what it has gained is not lost in a hiccup
        own = proposed_shift(e, v, d);
        if (own.aim == AIM_OFFSET && proposed_path(e, v, d, path))
            defs[n++] = (plan_def){.aim = AIM_PATH, .path = path};
        if (own.aim == AIM_OFFSET)
            defs[n++] = own;
    }
    defs[n++] = (plan_def){.aim = AIM_LANE};
    if (fabs(v->ego_d) > 0.3)
        defs[n++] = (plan_def){.aim = AIM_HOLD};
    if (!d)
        return n;
    // the lane that the proposal is on its way to
    const cw_trajectory *t = &d->trajectory;
    const int at = 29;
    double sine, cosine, s, side;
    const cw_ego *ego = &v->obs->ego;
    cw_sincos((double)ego->heading, &sine, &cosine);
    double tx = (double)t->x[at], ty = (double)t->y[at];
    uint32_t p = (uint32_t)cw_clamp((double)e->way.at + tx / WAY_STEP, 0, (double)e->way.count - 2);
    way_project(&e->way, ego->x + tx * cosine - ty * sine, ego->y + tx * sine + ty * cosine, &p, &s, &side);
    const way_point *q = &e->way.point[p];
    if (side > (double)q->left && q->left_lane > 0)
        defs[n++] = (plan_def){.aim = AIM_OFFSET, .offset = (double)q->left + 0.5 * (double)q->left_lane};
    else if (-side > (double)q->right && q->right_lane > 0)
        defs[n++] = (plan_def){.aim = AIM_OFFSET, .offset = -(double)q->right - 0.5 * (double)q->right_lane};
    if (own.aim == AIM_OFFSET) { // the same, straightened sooner
        own.length = cw_max(0.5 * own.length, 5);
        defs[n++] = own;
    }
    return n;
}

// Is it refused for what others may do, or what is to be kept clear for them? To wait for that is no fault of the driver.
static bool for_others(cw_clause clause) {
    return clause >= CW_CLAUSE_LEADER && clause != CW_CLAUSE_OCCLUSION && clause != CW_CLAUSE_HYSTERESIS &&
           clause != CW_CLAUSE_REARM;
}

// What a search for a fail-safe may settle for.
typedef struct wish {
    const cw_control *control; // executed for one tick before it; NULL: the fail-safe from now on
    const cw_decision *d;      // the proposal it is from; NULL: none
    bool heed;                 // the prediction too
    bool strict;               // it must end clear of every area
    bool held;                 // ego stands and stays: no going on
} wish;

#define OWN_BEND 0.5 // of the tube: a body so near its bend keeps to it at other speeds too
#define OFF_BEND 1.5 // of the tube: one so far off goes where nothing but its speed leads it
#define SPREAD                                                                                                         \
    0.5 // of the tube, between the latest brakes and the soonest: what lies between strays more than its ends

// Makes a plan and verifies it. Its body is as late to brake as A1 allows; one that brakes sooner is slower where it turns, and
// must keep within the same tube.
static finding examine(const cw_evaluator *e, const view *v, const plan_def *def, bool heed, plan *out) {
    plan_make(e, v, def, out);
    finding f = plan_verify(e, v, out, heed);
    double tube = e->a1.tube_across, off = (double)out->beside;
    if (f.clause != CW_CLAUSE_NONE || off <= OWN_BEND * tube)
        return f;
    double room = OFF_BEND * tube - off;
    if (room >= 0) {
        plan_def at_once = *def;
        plan sooner;
        at_once.sooner = true;
        at_once.aim = AIM_PATH; // along the same bend
        at_once.path = &out->bend;
        plan_make(e, v, &at_once, &sooner);
        room = SPREAD * tube - plan_spread(out, &sooner);
    }
    return room >= 0 ? f : (finding){.clause = CW_CLAUSE_GRIP, .tight = CW_CLAUSE_GRIP, .margin = room};
}

// A verified plan in *out, by the order of evaluator.h: braking, to an end clear of every area; going on to such an end;
// and where `strict` does not forbid it, braking to an end in an area.
static finding seek(const cw_evaluator *e, const view *v, const wish *w, plan *out) {
    plan_def defs[AIMS_MOST];
    bend path;
    unsigned n = aims(e, v, w->d, defs, &path);
    finding first = {.clause = CW_CLAUSE_STOP}, inside = {0};
    const plan_def *halt = NULL; // brakes to a verified end in an area
    for (unsigned i = 0; i < n; i++) {
        defs[i].first = w->control;
        finding f = examine(e, v, &defs[i], w->heed, out);
        if (f.clause == CW_CLAUSE_HIDDEN) { // to go on past it may be what braking is too late for
            plan_def by = defs[i];
            for (uint32_t k = 0; k < v->shadow_count; k++)
                if (v->shadow[k].id == f.id)
                    by.past = cw_max(by.past, v->shadow[k].s + 4.5);
            finding past = examine(e, v, &by, w->heed, out);
            if (past.clause == CW_CLAUSE_NONE && !plan_ends_in(e, out))
                return past;
            plan_make(e, v, &defs[i], out);
        }
        bool verified = f.clause == CW_CLAUSE_NONE;
        const area *in = plan_ends_in(e, out);
        if (verified && !in)
            return f;
        if (!verified && (i == 0 || defs[i].aim == AIM_LANE))
            first = f; // what refused the lane itself is what is told
        if (verified && !halt) {
            halt = &defs[i];
            inside = f;
        }
        if (!in || w->held)
            continue;
        plan_def on = defs[i];
        on.through = true;
        on.beyond = (double)out->rear[out->count - 1];
        f = examine(e, v, &on, true, out);
        if (f.clause == CW_CLAUSE_NONE && !plan_ends_in(e, out))
            return f;
    }
    if (!halt)
        return first;
    plan_make(e, v, halt, out);
    if (w->strict) {
        inside.clause = CW_CLAUSE_KEEP_CLEAR;
        inside.margin = plan_ends_in(e, out)->from - (double)out->front[out->count - 1];
    }
    return inside;
}

// Nothing that stood on the stack gets into the state: it is saved as it is.
static void keep_plan(plan *out, const plan *from) {
    *out = *from;
    size_t n = from->count < PLAN_MOST ? from->count : PLAN_MOST, rest = PLAN_MOST - n;
    double *const wide[] = {out->x, out->y};
    float *const narrow[] = {out->heading, out->speed, out->s, out->d, out->front, out->rear, out->low, out->high};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        memset(wide[i] + n, 0, rest * sizeof *wide[i]);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        memset(narrow[i] + n, 0, rest * sizeof *narrow[i]);
    out->spare = 0;
}

static void keep(cw_evaluator *e, const plan *p) {
    keep_plan(&e->fallback, p);
    e->verified = e->ever = 1;
    e->clear = plan_ends_in(e, p) == NULL;
}

// The fail-safe from now on: F_k anew from the present state, else the lane, else straight along.
static finding brake_verify(const cw_evaluator *e, const view *v, plan *out) {
    // A standstill is held, but for one in an area that F_k leaves.
    bool held = fabsf(v->obs->ego.speed) < (float)STANDS && !(e->verified && e->fallback.through);
    finding f = seek(e, v, &(wish){.held = held}, out);
    if (f.clause == CW_CLAUSE_NONE)
        return f;
    plan_def rest = {.aim = e->verified ? AIM_KEEP : AIM_LANE,
                     .past = e->verified ? e->fallback.past : 0}; // what remains when none verifies: F_k as it was
    plan_make(e, v, &rest, out);
    if (e->verified && e->fallback.through) {
        rest.through = true;
        rest.beyond = (double)out->rear[out->count - 1];
        plan_make(e, v, &rest, out);
    }
    return f;
}

static void show(const cw_obs *obs, const plan *p, cw_trajectory *out) {
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        if (p->count == 0) {
            out->x[i] = out->y[i] = out->heading[i] = out->speed[i] = 0;
            continue;
        }
        uint32_t j = i + 1 < p->count ? i + 1 : p->count - 1;
        double dx = p->x[j] - obs->ego.x, dy = p->y[j] - obs->ego.y;
        out->x[i] = (float)(dx * cosine + dy * sine);
        out->y[i] = (float)(dy * cosine - dx * sine);
        out->heading[i] = (float)cw_wrap_angle((double)p->heading[j] - (double)obs->ego.heading);
        out->speed[i] = p->speed[j];
    }
}

// What the evaluator does when no proposal may be executed. Returns the state; `plan` is what is executed and shown. faulty:
// it is the driver that fails, and will hardly have something better in a moment.
static cw_evaluator_state fall_back(cw_evaluator *e, const view *v, cw_control *control, plan *plan_out, plan *trial,
                                    bool risk, bool faulty, bool strict) {
    double speed = fabs((double)v->obs->ego.speed);
    plan_def now = {.aim = e->verified ? AIM_KEEP : AIM_LANE};
    *control = (cw_control){.lamps = CW_LAMP_BRAKE};
    if (speed > STANDS) {
        // Mild braking first: whatever verifies for a tick is a fail-safe as good as F_k.
        const double mild[] = {1, 2.5, e->a1.risk_brake};
        plan_make(e, v, &now, trial);
        control->steer = trial->steer0;
        for (unsigned i = risk && faulty ? 1 : 0; i < 3; i++) {
            control->accel = (float)-mild[i];
            wish w = {.control = control, .heed = true, .strict = strict};
            // but not while going on is what clears an area
            cw_clause clause = seek(e, v, &w, plan_out).clause;
            if (PLANT(failsafe_unverified, true, clause == CW_CLAUSE_NONE) && !plan_out->through) {
                keep(e, plan_out);
                return CW_EVALUATOR_FAILSAFE;
            }
        }
    }
    finding f = brake_verify(e, v, plan_out);
    control->accel = plan_out->accel0;
    control->steer = plan_out->steer0;
    if (f.clause == CW_CLAUSE_NONE) {
        keep(e, plan_out);
        if (control->accel >= 0)
            control->lamps = 0;
        return CW_EVALUATOR_FAILSAFE;
    }
    cw_id id = 0;
    if (speed > STANDS && plan_impact(e, v, plan_out, &id) > 0) {
        evaluator_mitigate(e, v, plan_out, trial);
        keep_plan(&e->fallback, plan_out);
        e->verified = e->clear = 0;
        control->accel = -plan_out->brake;
        control->steer = plan_out->steer0;
        return CW_EVALUATOR_MITIGATE;
    }
    if (e->verified)
        return CW_EVALUATOR_FAILSAFE; // its rest was verified when it began
    if (e->ever)
        return CW_EVALUATOR_MITIGATE;                             // all that F_k had, until something verifies again
    control->accel = plan_out->brake < 3 ? -plan_out->brake : -3; // nothing is predicted to be hit: no emergency
    return CW_EVALUATOR_UNSAFE_START;
}

static void note(cw_verification *w, uint32_t i, cw_clause clause, const finding *f) {
    w->clause[i] = (uint8_t)clause;
    w->margin[i] = f ? (float)f->margin : NAN;
    w->track[i] = f ? f->id : 0;
}

void cw_evaluator_decide(cw_evaluator *e, const cw_obs *obs, const cw_decision *const proposals[], uint32_t count,
                         cw_decision *out, cw_verification *why) {
    assert(count <= CW_PROPOSALS);
    view v;
    plan tried, trial;
    cw_verification w;
    memset(&w, 0, sizeof w);
    w.accepted = -1;
    w.count = count;
    view_make(&v, e, obs);
    evaluator_ease(e, &v);
    w.brake = (float)evaluator_brake(e, v.mu_low, (double)e->way.point[e->way.at].slope);
    bool stands = fabsf(obs->ego.speed) < (float)STANDS;
    bool start = !e->started;
    e->started = 1;
    if (start && brake_verify(e, &v, &tried).clause == CW_CLAUSE_NONE)
        keep(e, &tried);
    // Whoever stands in an area may leave it, whatever for.
    bool strict = e->clear && !(stands && way_inside(&e->way, v.ego_rear, v.ego_front));
    bool acting = e->state == CW_EVALUATOR_FAILSAFE || e->state == CW_EVALUATOR_MINIMAL_RISK;
    cw_clause refused = CW_CLAUSE_MISSING;
    cw_id refused_by = 0;
    bool valid = false;
    finding f = {.margin = INFINITY};
    for (uint32_t i = 0; i < count; i++)
        note(&w, i, CW_CLAUSE_NONE, NULL);
    for (uint32_t i = 0; i < count && w.accepted < 0; i++) {
        cw_clause clause = sane(e, obs, proposals[i]);
        f = (finding){.margin = NAN};
        if (clause == CW_CLAUSE_NONE) {
            const cw_decision *d = proposals[i];
            f = seek(e, &v, &(wish){.control = &d->control, .d = d, .heed = true, .strict = strict}, &tried);
            clause = f.clause;
            valid |= clause == CW_CLAUSE_NONE || for_others(clause);
            if (clause == CW_CLAUSE_NONE && e->settled &&
                e->standing + e->period < PLANT(rearmed_at_once, 0, (float)e->a1.rearm))
                clause = CW_CLAUSE_REARM;
            else if (clause == CW_CLAUSE_NONE && acting && !stands &&
                     f.margin < PLANT(hysteresis_skipped, 0, TAKE_BACK))
                clause = CW_CLAUSE_HYSTERESIS;
        }
        note(&w, i, clause, &f);
        if (clause == CW_CLAUSE_NONE) {
            w.accepted = (int32_t)i;
        } else {
            refused = clause;
            refused_by = f.id;
            w.clause_holds |= acting && clause == (cw_clause)e->began;
        }
    }

    cw_evaluator_state state = CW_EVALUATOR_NORMAL;
    if (w.accepted >= 0) {
        *out = *proposals[w.accepted];
        if (isfinite(f.margin))
            out->margin = (float)f.margin;
        keep(e, &tried);
        e->failsafe_time = e->standing = 0;
        e->settled = 0;
        e->began = CW_CLAUSE_NONE;
        w.heeded = true;
    } else {
        bool risk = e->failsafe_time + 0.5f * e->period >= (float)e->a1.risk_after;
        cw_control control;
        bool faulty = refused <= CW_CLAUSE_ABSURD;
        state = fall_back(e, &v, &control, &tried, &trial, risk, faulty, strict);
        if (state == CW_EVALUATOR_FAILSAFE && risk)
            state = CW_EVALUATOR_MINIMAL_RISK;
        if (!acting && state != CW_EVALUATOR_UNSAFE_START)
            e->began = refused;
        if (!acting)
            w.clause_holds = true;
        if (!stands || e->settled || risk)
            e->failsafe_time += e->period;
        if (state == CW_EVALUATOR_MINIMAL_RISK && stands && !e->settled && !tried.through) {
            e->settled = 1;
            e->stops++;
        }
        e->standing = e->settled && stands && valid ? e->standing + e->period : 0;
        if (state == CW_EVALUATOR_MITIGATE && e->state != CW_EVALUATOR_MITIGATE)
            e->mitigations++;
        if (state == CW_EVALUATOR_MINIMAL_RISK)
            control.lamps |= CW_LAMP_HAZARD;
        // No fail-safe has existed since the start: outside the promise what is predicted to do least harm is done, and that
        // may be what was proposed.
        int32_t lesser = -1;
        if (!e->ever && !stands) {
            cw_id id;
            double least = state == CW_EVALUATOR_MITIGATE ? plan_impact(e, &v, &tried, &id) : 1e-3;
            for (uint32_t i = 0; i < count; i++) {
                if (sane(e, obs, proposals[i]) != CW_CLAUSE_NONE)
                    continue;
                double impact = evaluator_proposal_impact(e, &v, proposals[i], &trial);
                if (impact < least || (impact == 0 && lesser < 0)) {
                    least = impact;
                    lesser = (int32_t)i;
                }
            }
        }
        memset(out, 0, sizeof *out);
        out->valid = true;
        out->step = obs->step;
        out->control = control;
        out->source = state == CW_EVALUATOR_MITIGATE ? CW_FROM_MITIGATE : CW_FROM_FAILSAFE;
        out->margin = w.count > 0 ? w.margin[w.count - 1] : NAN;
        show(obs, &tried, &out->trajectory);
        cw_clause told = refused == CW_CLAUSE_HYSTERESIS || refused == CW_CLAUSE_REARM ? (cw_clause)e->began : refused;
        evaluator_reason(e, &v, told, refused_by, out, &out->reason);
        if (lesser >= 0) {
            *out = *proposals[lesser];
            state = CW_EVALUATOR_UNSAFE_START;
        }
    }
    if (start && !e->ever) {
        e->unsafe_starts++;
        e->began = refused;
    }
    for (int i = ISSUED_MOST - 1; i > 0; i--)
        e->issued[i] = e->issued[i - 1];
    e->issued[0] = out->control.accel;
    e->state = state;
    w.state = (uint8_t)state;
    w.began = (uint8_t)e->began;
    w.verified = e->verified != 0;
    w.tube = (float)e->a1.tube_across;
    w.failsafe_time = e->failsafe_time;
    w.unsafe_starts = e->unsafe_starts;
    w.mitigations = e->mitigations;
    w.stops = e->stops;
    if (why) {
        w.failsafe_points = tried.count > CW_TRAJECTORY_POINTS ? CW_TRAJECTORY_POINTS
                            : tried.count > 0                  ? tried.count - 1
                                                               : 0;
        show(obs, &tried, &w.failsafe);
        *why = w;
    }
}
