// When the fail-safe will be hit all the same: full braking, and of a few lateral manoeuvres the one without contact or
// with the least impact speed; and the words for what the evaluator does by itself.
#include "drive/evaluator_internal.h"

#include <math.h>
#include <string.h>

double evaluator_mitigate(const cw_evaluator *e, const view *v, plan *best, plan *trial) {
    static const double aside[] = {0, 0.7, -0.7, 1.4, -1.4, 2.1, -2.1, 3, -3};
    double brake = cw_min((double)e->params.max_brake, 0.95 * v->mu_high * e->a1.gravity), least = INFINITY;
    const way_point *p = &e->way.point[way_find(&e->way, v->ego_s)];
    double half = 0.5 * (double)e->body.width, now = v->ego_d;
    for (unsigned i = 0; i < sizeof aside / sizeof *aside && least > 0; i++) {
        double offset = now + aside[i];
        if (i > 0 && (offset + half > (double)p->left_edge || offset - half < -(double)p->right_edge))
            continue; // not off the road
        plan_def def = {.aim = i > 0         ? AIM_OFFSET
                               : e->verified ? AIM_KEEP
                                             : AIM_LANE,
                        .offset = offset,
                        .brake = brake};
        plan_make(e, v, &def, trial);
        cw_id id;
        double impact = plan_impact(e, v, trial, &id);
        if (impact < least) {
            least = impact;
            *best = *trial;
        }
    }
    best->brake = (float)brake;
    return least;
}

double evaluator_proposal_impact(const cw_evaluator *e, const view *v, const cw_decision *d, plan *out) {
    const cw_ego *ego = &v->obs->ego;
    const cw_trajectory *t = &d->trajectory;
    // Its words must fit its deed: the speed that it tells is the one that it commands.
    double now = fabs((double)ego->speed), told = (double)t->speed[0];
    if (fabs(told - cw_max(0, now + (double)d->control.accel * 0.1)) > 1.5)
        return INFINITY;
    double sine, cosine, half = 0.5 * (double)e->body.width, center = (double)e->body.center_x;
    cw_sincos((double)ego->heading, &sine, &cosine);
    uint32_t at = e->way.at;
    memset(out, 0, sizeof *out);
    out->x[0] = ego->x;
    out->y[0] = ego->y;
    out->heading[0] = ego->heading;
    out->speed[0] = (float)now;
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double x = (double)t->x[i], y = (double)t->y[i], s, side;
        out->x[i + 1] = ego->x + x * cosine - y * sine;
        out->y[i + 1] = ego->y + x * sine + y * cosine;
        out->heading[i + 1] = (float)cw_wrap_angle((double)(ego->heading + t->heading[i]));
        out->speed[i + 1] = t->speed[i];
        cw_pose pose = {out->x[i + 1], out->y[i + 1], (double)out->heading[i + 1]};
        double turn_sine, turn_cosine;
        cw_sincos(pose.heading, &turn_sine, &turn_cosine);
        way_project(&e->way, pose.x + center * turn_cosine, pose.y + center * turn_sine, &at, &s, &side);
        const way_point *p = &e->way.point[at];
        if (side + half > (double)p->left_edge + 0.05 || side - half < -(double)p->right_edge - 0.05)
            return INFINITY; // not off the road
    }
    out->count = CW_TRAJECTORY_POINTS + 1;
    out->steer0 = d->control.steer;
    cw_id id;
    return plan_impact(e, v, out, &id);
}

static void user_cause(const view *v, cw_clause clause, const other *o, cw_cause *cause) {
    cause->kind = (uint8_t)cw_cause_of((cw_user_kind)o->kind);
    cause->id = o->id;
    double gap = o->s - o->hs - v->ego_front;
    cause->quantity = CW_Q_GAP_M;
    cause->value = (float)cw_max(0, gap);
    uint8_t side = o->d > v->ego_d ? CW_REL_CROSSING_LEFT : CW_REL_CROSSING_RIGHT;
    switch (clause) {
    case CW_CLAUSE_CUT_IN:
        cause->relation = o->moving_in ? CW_REL_CUTTING_IN : gap > 0 ? CW_REL_AHEAD : CW_REL_BESIDE;
        break;
    case CW_CLAUSE_CUT_OUT:
        cause->relation = CW_REL_CUTTING_OUT;
        break;
    case CW_CLAUSE_FOLLOWER:
        cause->relation = CW_REL_BEHIND;
        cause->value = (float)cw_max(0, v->ego_rear - o->s - o->hs);
        break;
    case CW_CLAUSE_BESIDE:
        cause->relation = CW_REL_BESIDE;
        cause->value = (float)cw_max(0, cw_max(o->low - v->ego_high, v->ego_low - o->high));
        break;
    case CW_CLAUSE_PEDESTRIAN:
    case CW_CLAUSE_PASSING: {
        cause->relation = o->speed > 0.3 ? side : CW_REL_STANDING;
        double towards = o->d > v->ego_d ? -o->vd : o->vd, across = cw_max(0, fabs(o->d - v->ego_d) - 1.2);
        if (towards > 0.2) {
            cause->quantity = CW_Q_ARRIVAL_S;
            cause->value = (float)(across / towards);
        } else {
            cause->quantity = CW_Q_DISTANCE_M;
        }
        break;
    }
    case CW_CLAUSE_ONCOMING:
    case CW_CLAUSE_CYCLIST:
    case CW_CLAUSE_PREDICTION:
        cause->relation = o->vs < -0.7 * o->speed ? CW_REL_ONCOMING : side;
        break;
    default:
        cause->relation = o->speed < 0.3 ? CW_REL_STANDING : CW_REL_AHEAD;
        break;
    }
}

// Somebody that comes across; it may be far aside.
static bool across_cause(const cw_evaluator *e, const view *v, cw_id id, cw_cause *cause) {
    for (uint32_t i = 0; i < v->obs->track_count; i++) {
        const cw_track *t = &v->obs->tracks[i];
        if (t->id != id)
            continue;
        double due = INFINITY;
        for (uint32_t a = 0; a < e->way.area_count; a++)
            due = cw_min(due, v->due_id[a] == id || v->stuck_id[a] == id ? v->due[a] : INFINITY);
        cause->kind = (uint8_t)cw_cause_of((cw_user_kind)t->kind);
        cause->id = id;
        cause->relation = CW_REL_HAS_PRIORITY;
        cause->quantity = CW_Q_ARRIVAL_S;
        cause->value = isfinite(due) ? (float)due : 0;
        return true;
    }
    return false;
}

void evaluator_reason(const cw_evaluator *e, const view *v, cw_clause clause, cw_id id, const cw_decision *decision,
                      cw_reason *reason) {
    double accel = (double)decision->control.accel, speed = (double)v->obs->ego.speed;
    *reason = (cw_reason){
        .kind = 1, .accel = decision->control.accel, .speed = decision->trajectory.speed[CW_TRAJECTORY_POINTS - 1]};
    reason->longitudinal = speed < 0.1                      ? CW_WAIT
                           : accel < -4.5                   ? CW_EMERGENCY_BRAKE
                           : clause == CW_CLAUSE_PEDESTRIAN ? CW_YIELD
                           : clause == CW_CLAUSE_JUNCTION   ? CW_YIELD
                           : clause == CW_CLAUSE_CYCLIST    ? CW_YIELD
                                                            : CW_ADAPT_SPEED;
    bool sideways = clause == CW_CLAUSE_FOLLOWER || clause == CW_CLAUSE_BESIDE;
    reason->lateral = sideways && fabs(v->ego_d) > 0.5 ? CW_ABORT_CHANGE : CW_KEEP_LANE;
    cw_cause *cause = &reason->cause[0];
    cause->item = CW_NONE;
    cause->effect = NAN;
    cause->value = NAN;
    if (clause == CW_CLAUSE_HIDDEN) {
        double ahead = 0;
        for (uint32_t i = 0; i < v->shadow_count; i++)
            if (v->shadow[i].id == id)
                ahead = cw_max(0, v->shadow[i].s - v->ego_front);
        *cause = (cw_cause){.kind = CW_CAUSE_OCCLUSION,
                            .relation = CW_REL_HIDDEN,
                            .quantity = CW_Q_DISTANCE_M,
                            .id = id,
                            .item = CW_NONE,
                            .effect = NAN,
                            .value = (float)ahead};
        reason->count = 1;
        return;
    }
    if (clause == CW_CLAUSE_JUNCTION && across_cause(e, v, id, cause)) {
        reason->count = 1;
        return;
    }
    for (uint32_t i = 0; i < v->count; i++)
        if (id != 0 && v->others[i].id == id) {
            user_cause(v, clause, &v->others[i], cause);
            reason->count = 1;
            return;
        }
    uint32_t lane = e->way.lane;
    if (clause == CW_CLAUSE_OCCLUSION || clause == CW_CLAUSE_CUT_OUT) {
        *cause = (cw_cause){.kind = CW_CAUSE_OCCLUSION,
                            .relation = CW_REL_HIDDEN,
                            .quantity = CW_Q_DISTANCE_M,
                            .item = lane,
                            .effect = NAN,
                            .value = (float)(isfinite(v->sight) ? cw_max(0, v->sight - v->ego_front) : 0)};
        reason->count = 1;
    } else if (clause == CW_CLAUSE_OFF_ROAD) {
        double curve = fabs((double)e->way.point[e->way.at].curvature);
        *cause = (cw_cause){.kind = CW_CAUSE_GEOMETRY,
                            .relation = curve > 0.002 ? CW_REL_CURVE : CW_REL_NONE,
                            .quantity = curve > 0.002 ? CW_Q_CURVATURE : CW_Q_NONE,
                            .item = lane,
                            .effect = NAN,
                            .value = curve > 0.002 ? (float)curve : NAN};
        reason->count = 1;
    } else if (clause == CW_CLAUSE_SIGNAL) {
        *cause = (cw_cause){.kind = CW_CAUSE_SIGNAL,
                            .relation = CW_REL_RED,
                            .quantity = CW_Q_DISTANCE_M,
                            .item = v->obs->signal_count > 0 ? v->obs->signals[0].signal : CW_NONE,
                            .effect = NAN,
                            .value = isfinite(v->line) ? (float)cw_max(0, v->line - v->ego_front) : NAN};
        reason->count = 1;
    } else if (clause == CW_CLAUSE_STOP) {
        *cause = (cw_cause){.kind = CW_CAUSE_SURFACE,
                            .quantity = CW_Q_FRICTION,
                            .item = CW_NONE,
                            .effect = NAN,
                            .value = v->obs->surface.mu_low};
        reason->count = 1;
    }
}
