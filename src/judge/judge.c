// One run judged: history, contacts, criteria, metrics, and the careful human beside it.
#include "judge/judging.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static const double least_brake = 0.1; // m/s^2

cw_criterion *cw_judging_criterion(cw_judging *j, const char *name, bool demanded) {
    assert(j->verdict->criterion_count < CW_CRITERIA_MOST);
    cw_criterion *c = &j->verdict->criteria[j->verdict->criterion_count++];
    *c = (cw_criterion){.name = name,
                        .applies = true,
                        .demanded = demanded,
                        .passed = true,
                        .value = NAN,
                        .limit = NAN,
                        .unit = "",
                        .time_ns = -1};
    return c;
}

void cw_judging_metric(cw_judging *j, const char *name, const char *unit, double value) {
    assert(j->verdict->metric_count < CW_METRICS_MOST);
    j->verdict->metrics[j->verdict->metric_count++] = (cw_metric){name, unit, isfinite(value) ? value : (double)NAN};
}

cw_side cw_judging_side(const cw_moment *ego, const cw_moment *other) {
    double dx = other->box.x - ego->box.x, dy = other->box.y - ego->box.y, ux = ego->box.ux, uy = ego->box.uy;
    double along = dx * ux + dy * uy, across = dy * ux - dx * uy;
    double gap_along = fabs(along) - ego->box.half_length - cw_box_reach(&other->box, ux, uy);
    double gap_across = fabs(across) - ego->box.half_width - cw_box_reach(&other->box, -uy, ux);
    // In a second of approach both may still be open: the one that closes last is where they touch.
    cw_vec2 v = cw_moment_velocity(ego), w = cw_moment_velocity(other);
    double vx = w.x - v.x, vy = w.y - v.y;
    double closing_along = -copysign(1, along) * (vx * ux + vy * uy);
    double closing_across = -copysign(1, across) * (vy * ux - vx * uy);
    double last_along = gap_along <= 0 ? 0 : gap_along / cw_max(closing_along, 1e-3);
    double last_across = gap_across <= 0 ? 0 : gap_across / cw_max(closing_across, 1e-3);
    bool flank = last_along == last_across ? gap_across > gap_along : last_across > last_along;
    return flank ? CW_SIDE_FLANK : along > 0 ? CW_SIDE_FRONT : CW_SIDE_REAR;
}

bool cw_judging_is_vehicle(const cw_judging *j, uint32_t actor) {
    return cw_user_is_vehicle((cw_user_kind)j->h.scene->actors[actor].kind);
}

bool cw_judging_is_fixed(const cw_judging *j, uint32_t actor) {
    return j->h.scene->actors[actor].kind == CW_ACTOR_OBSTACLE;
}

double cw_judging_brake(const cw_judging *j, uint32_t tick) {
    const cw_moment *m = cw_history_ego(&j->h, tick);
    double uphill = 0;
    if (m && j->h.ego_ticks[tick].on_lane) {
        cw_road_point point;
        cw_lane_pose(j->h.map, m->place, &point);
        uphill = -point.pitch * cw_cos(m->heading - point.heading);
    }
    return cw_max(least_brake, j->a1.gravity * (j->a1.brake_share * j->mu_low + cw_sin(uphill)));
}

double cw_judging_stop(const cw_judging *j, uint32_t tick) {
    const cw_moment *m = cw_history_ego(&j->h, tick);
    double speed = m ? cw_max(0, m->speed) : 0;
    return speed * (j->a1.actuation_delay + j->a1.tick) + speed * speed / (2 * cw_judging_brake(j, tick));
}

// The friction that A1 takes for granted on the scene's surface at its start: the row of its table that holds it.
static void friction(cw_judging *j) {
    const cw_environment *env = &j->h.scene->environment;
    double mu = j->h.scene->dry_friction > 0 ? j->h.scene->dry_friction : 1;
    if (env->has_friction)
        mu *= env->friction_scale;
    for (int kind = CW_SURFACE_DRY; kind <= CW_SURFACE_ICE; kind++) {
        cw_assumptions_friction((cw_surface_kind)kind, &j->mu_low, &j->mu_high);
        if (mu >= j->mu_low)
            break;
    }
    j->mu_low = cw_min(j->mu_low, mu);
    j->mu_high = cw_max(j->mu_high, mu);
}

// The ticks in which a driver had the ego; all of them where nobody but the scenario did.
static void span_of_control(cw_judging *j) {
    enum { BY_CONTROL = 3 }; // cw_mover
    j->first = 0;
    j->last = j->h.ticks > 0 ? j->h.ticks - 1 : 0;
    for (uint32_t t = 0; t < j->h.ticks; t++) {
        const cw_moment *m = cw_history_ego(&j->h, t);
        if (m && m->mover == BY_CONTROL) {
            j->first = t;
            return;
        }
    }
}

static cw_status judge(cw_judging *j, cw_error *err) {
    cw_verdict *v = j->verdict;
    cw_judge_contacts(j);
    bool hit = false;
    for (uint32_t i = 0; i < v->contact_count; i++)
        hit = hit || !cw_oracle_passive(&v->contacts[i]);
    if (j->def->human && (hit || j->def->always_human)) {
        cw_status status = cw_judge_human(j, err);
        if (status != CW_OK)
            return status;
    }
    cw_judge_contact_criterion(j);
    cw_judge_road_use(j);
    cw_judge_closeness(j);
    cw_judge_react(j);
    cw_judge_effort(j);
    cw_judge_progress(j);
    cw_judge_following(j);
    cw_judge_nuplan(j);
    cw_judge_driving_score(j);
    j->alks = cw_judge_is_alks(j->h.scene);
    if (j->alks)
        cw_judge_alks(j);
    v->passed = true;
    for (uint32_t i = 0; i < v->criterion_count; i++)
        v->passed = v->passed && (v->criteria[i].passed || !v->criteria[i].applies || !v->criteria[i].demanded);
    return CW_OK;
}

cw_status cw_judge(const cw_judge_def *def, cw_verdict *verdict, cw_error *err) {
    *verdict = (cw_verdict){0};
    cw_arena *arena = cw_arena_new(1 << 20, 0);
    if (!arena)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    cw_judging j = {.def = def, .verdict = verdict, .a1 = cw_assumptions_a1()};
    const char *told = cw_trace_get(def->trace, "a1"); // what the run took for granted; else A1 as it stands
    cw_status status = told ? cw_assumptions_read(&j.a1, told, err) : CW_OK;
    if (status != CW_OK) {
        cw_arena_free(arena);
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace's assumptions cannot be read");
    }
    status = cw_history_read(def->scene, def->trace, def->mission, arena, &j.h, err);
    if (status == CW_OK) {
        friction(&j);
        span_of_control(&j);
        if (j.h.ego == CW_NONE || j.h.ticks == 0)
            verdict->passed = true; // nobody to judge
        else
            status = judge(&j, err);
    }
    cw_arena_free(arena);
    return status;
}
