// The classical driver's reasons, read off the constraints that bound the plan it chose: the words, then the causes in the
// order in which they decided.
#include "drive/explain.h"
#include "drive/without.h"
#include <math.h>
#include <string.h>

static const double as_strong = 0.33;  // m/s^2: over 3 s it moves a path by 0.5 m on average
static const double another_way = 0.5; // m on average by which a path is another one (docs/WHY.md)
static const double far_off = 0.75;    // ... over 6 s, of which less is sure
static const double missed_told = 2.0; // s for which it says so

static uint8_t lateral_word(const situation *now, const proposal *p, bool aborted) {
    double aim = cw_lateral_at(&p->course, now->s + 3.0 * cw_max(now->v, 2.0), NULL, NULL);
    if (aborted) {
        return CW_ABORT_CHANGE;
    }
    switch (p->what) {
    case CHANGE:
        return p->course.d1 > 0.0 ? CW_CHANGE_LEFT : CW_CHANGE_RIGHT;
    case PASS:
    case EVADE:
    case NUDGE:
        if (fabs(aim - now->d) > 0.25 || fabs(aim) > 0.25) {
            bool left = fabs(aim - now->d) > 0.3 ? aim > now->d : aim > 0.0;
            return left ? CW_NUDGE_LEFT : CW_NUDGE_RIGHT;
        }
        break;
    default:
        break;
    }
    // A bend of more than 30 degrees within the next two seconds of a junction is a turn.
    uint32_t lane = cw_corridor_lane(now->c, now->s + 2.0 * now->v);
    if (lane != CW_NONE && now->obs->map->lanes[lane].junction != CW_NONE) {
        double turn = cw_corridor_at(now->c, now->s + cw_max(3.0 * now->v, 14.0), 0.0).heading -
                      cw_corridor_at(now->c, now->s - 4.0, 0.0).heading;
        return turn > 0.5 ? CW_TURN_LEFT : turn < -0.5 ? CW_TURN_RIGHT : CW_GO_STRAIGHT;
    }
    return CW_KEEP_LANE;
}

static uint8_t longitudinal_word(const situation *now, const proposal *p, double accel, const bound *first) {
    bool bound_now = first != NULL;
    if (accel < -5.0 && now->v >= 0.3) {
        return CW_EMERGENCY_BRAKE;
    }
    uint8_t kind = bound_now ? first->why.kind : CW_CAUSE_NONE,
            relation = bound_now ? first->why.relation : CW_REL_NONE;
    if (now->v < 0.3 && accel <= 0.05) {
        return CW_WAIT;
    }
    if (now->v < 2.0 && accel > 0.3) {
        return CW_GO;
    }
    if (!bound_now) {
        if (accel < -0.3) {
            return CW_ADAPT_SPEED;
        }
        return accel > 0.4 ? (p->what == PASS || p->what == CHANGE ? CW_ACCELERATE : CW_ADAPT_SPEED) : CW_KEEP_SPEED;
    }
    switch (kind) {
    case CW_CAUSE_SIGNAL:
    case CW_CAUSE_SIGN:
    case CW_CAUSE_OBSTACLE:
        return CW_STOP_FOR;
    case CW_CAUSE_VEHICLE:
    case CW_CAUSE_CYCLIST:
    case CW_CAUSE_PEDESTRIAN:
    case CW_CAUSE_ANIMAL:
        if (relation == CW_REL_STANDING) {
            return CW_STOP_FOR;
        }
        if (relation == CW_REL_AHEAD || (relation == CW_REL_CUTTING_IN && accel > -1.0)) {
            return CW_FOLLOW_LEAD;
        }
        if (relation == CW_REL_CROSSING_LEFT || relation == CW_REL_CROSSING_RIGHT || relation == CW_REL_HAS_PRIORITY ||
            relation == CW_REL_ON_CROSSING || relation == CW_REL_ONCOMING) {
            return CW_YIELD;
        }
        return CW_ADAPT_SPEED;
    default:
        return now->v < 2.0 && accel > -0.2 && kind == CW_CAUSE_OCCLUSION ? CW_CREEP : CW_ADAPT_SPEED;
    }
}

// m that the plan goes in 3 s.
static double planned(const outcome *o) {
    double way = 0.0;
    for (uint32_t i = 0; i < 30; i++) {
        way += (double)o->speed[i] * CW_TRAJECTORY_STEP;
    }
    return way;
}

static void name(cw_reason *reason, const because *why, double effect) {
    reason->cause[reason->count++] = (cw_cause){.kind = why->kind,
                                                .relation = why->relation,
                                                .quantity = why->quantity,
                                                .id = why->id,
                                                .item = why->item,
                                                .value = why->value,
                                                .effect = (float)effect};
}

static bool same(const because *a, const because *b) {
    return a->kind == b->kind && a->id == b->id && (a->id != 0 || (a->relation == b->relation && a->item == b->item));
}

// What holds back an acceleration that a goal forces is not the law's: what binds now, as hard as the first.
static void name_bounds(const bound *bounds, uint32_t count, const bound *first, cw_reason *reason) {
    for (uint32_t i = 0; i < count && first && reason->count < CW_CAUSES; i++) {
        const bound *b = &bounds[i];
        if (b->why.kind == CW_CAUSE_NONE || b->accel > first->accel + as_strong) {
            break;
        }
        bool known = false;
        for (uint32_t j = 0; j < i; j++) {
            known = known || same(&bounds[j].why, &b->why);
        }
        if (!known) {
            name(reason, &b->why, NAN);
        }
    }
}

// What binds now, strongest first; NULL: nothing does. `besides`: but for that.
static const bound *binding(const bound *bounds, uint32_t count, double free, const because *besides) {
    for (uint32_t i = 0; i < count; i++) {
        const bound *b = &bounds[i];
        if (b->why.kind != CW_CAUSE_NONE && b->accel <= cw_min(free, 0.6) - 0.1 &&
            !(besides && same(&b->why, besides))) {
            return b;
        }
    }
    return NULL;
}

typedef struct namer {
    const situation *now;
    const proposal *p;
    const bound *bounds;
    uint32_t count;
    double free;
    uint8_t word;
} namer;

static bool renames(const void *context, const worth *w) {
    const namer *n = context;
    const bound *next = binding(n->bounds, n->count, n->free, &w->why);
    return longitudinal_word(n->now, n->p, w->asked, next) != n->word;
}

// Each thing without which the plan would be another one within 3 s, alone or with another that binds as hard; where there
// is none, within 6 s. What binds now comes first, then what is worth most.
static void name_worths(const situation *now, const plan_told *told, const bound *first, const namer *n,
                        cw_reason *reason) {
    worth list[WORTH_MOST];
    double way[WITHOUT_STEPS], s = 0.0;
    for (uint32_t i = 0; i < WITHOUT_STEPS; i++) {
        s += CW_TRAJECTORY_STEP * ((double)told->outcome->speed[2 * i] + (double)told->outcome->speed[2 * i + 1]);
        way[i] = s;
    }
    // What the brakes alone decide is no plan of the law's.
    uint32_t count = cw_without_each(now, told->proposal, told->barrier, told->proposal->fraction < 0.0 ? way : NULL,
                                     renames, n, list);
    bool taken[WORTH_MOST] = {false}, soon = false;
    for (uint32_t i = 0; i < count; i++) {
        taken[i] = cw_without_counts(&list[i]) || list[i].with != CW_NONE;
        taken[i] =
            taken[i] && (told->proposal->fraction >= 0.0 || (list[i].why.id != 0 && list[i].why.id == told->danger));
        soon = soon || taken[i];
    }
    for (uint32_t i = 0; i < count && !soon; i++) {
        taken[i] = list[i].moved6 > far_off && fabs(list[i].further) < another_way;
    }
    while (reason->count < CW_CAUSES) {
        uint32_t best = CW_NONE;
        for (uint32_t i = 0; i < count; i++) {
            bool binds = first && same(&first->why, &list[i].why);
            if (taken[i] && (best == CW_NONE || binds || list[i].moved6 > list[best].moved6)) {
                best = i;
                if (binds) {
                    break;
                }
            }
        }
        if (best == CW_NONE) {
            break;
        }
        taken[best] = false;
        name(reason, &list[best].why, list[best].further);
    }
}

void cw_explain(const situation *now, const plan_told *told_of, cw_reason *reason) {
    const proposal *p = told_of->proposal;
    const barrier *b = told_of->barrier;
    const outcome *o = told_of->outcome;
    cw_id danger = told_of->danger;
    memset(reason, 0, sizeof *reason);
    reason->kind = 1;
    reason->accel = (float)o->accel;
    reason->lateral = lateral_word(now, p, told_of->aborted);
    if (now->obs->unasked) {
        return;
    }
    bound bounds[BOUND_MOST];
    uint32_t count = cw_law_bounds(now, &p->course, b, p->fraction < 0.0 ? 1.0 : p->fraction,
                                   (law_moment){0, now->s, now->v}, bounds);
    // Those that hold it back: they allow less than free driving would, and the first decides.
    double free = INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        if (bounds[i].why.kind == CW_CAUSE_NONE) {
            free = bounds[i].accel;
        }
    }
    const bound *first = binding(bounds, count, free, NULL);
    double top = cw_max(cw_min(now->wanted, cw_corridor_cap(now->c, now->s + 10.0)), now->v);
    if (p->forced) {
        name_bounds(bounds, count, first, reason);
    } else {
        namer n = {now, p, bounds, count, free, longitudinal_word(now, p, o->accel, first)};
        name_worths(now, told_of, first, &n, reason);
    }
    // What the plain plan would have run into decided, whether or not a constraint says so.
    bool told = danger == 0;
    for (uint32_t j = 0; j < reason->count; j++) {
        told = told || reason->cause[j].id == danger;
    }
    for (uint32_t i = 0; i < now->forecast_count && !told; i++) {
        const forecast *f = &now->forecasts[i];
        if (f->id == danger) {
            reason->count = reason->count < CW_CAUSES ? (uint8_t)(reason->count + 1) : reason->count;
            memmove(&reason->cause[1], &reason->cause[0], (CW_CAUSES - 1) * sizeof reason->cause[0]);
            cw_cause *cause = &reason->cause[0];
            bool across = fabs((double)f->vd) > 0.5 * fabs((double)f->vs) && !f->standing;
            cause->kind = (uint8_t)cw_cause_of((cw_user_kind)f->kind);
            cause->relation = f->standing     ? CW_REL_STANDING
                              : across        ? (f->vd > 0.0f ? CW_REL_CROSSING_RIGHT : CW_REL_CROSSING_LEFT)
                              : f->vs < -0.3f ? CW_REL_ONCOMING
                                              : CW_REL_AHEAD;
            cause->quantity = CW_Q_TTC_S;
            cause->id = danger;
            cause->item = CW_NONE;
            cause->value = (float)told_of->danger_time;
            cause->effect = (float)(3.0 * now->v - planned(o)); // it would have gone on
        }
    }
    // Still easing off from what held it back a moment ago: that is the cause, with its present distance.
    if (reason->count == 0 && o->accel < -0.3 && o->demand > o->accel + 0.1 &&
        told_of->held_by->kind != CW_CAUSE_NONE) {
        const cw_cause *old = told_of->held_by;
        for (uint32_t i = 0; i < now->forecast_count && old->id != 0; i++) {
            const forecast *f = &now->forecasts[i];
            if (f->id == old->id) {
                cw_cause *cause = &reason->cause[reason->count++];
                double gap = (double)f->s[0] - (double)f->half_s[0] - now->s - now->front;
                memcpy(cause, old, sizeof *cause);
                cause->relation = gap > 0.0 ? old->relation : CW_REL_BESIDE;
                cause->quantity = gap > 0.0 ? CW_Q_GAP_M : CW_Q_NONE;
                cause->value = (float)cw_max(gap, 0.0);
                cause->effect = NAN;
                break;
            }
        }
    }
    // What it goes around is a cause of the lateral decision.
    if ((p->what == PASS || p->what == NUDGE || p->what == CHANGE) && p->about != 0 && reason->count < CW_CAUSES) {
        bool named = false;
        for (uint32_t j = 0; j < reason->count; j++) {
            named = named || reason->cause[j].id == p->about;
        }
        for (uint32_t i = 0; i < now->forecast_count && !named; i++) {
            const forecast *f = &now->forecasts[i];
            if (f->id == p->about) {
                cw_cause *cause = &reason->cause[reason->count++];
                cause->kind = (uint8_t)cw_cause_of((cw_user_kind)f->kind);
                double gap = (double)f->s[0] - (double)f->half_s[0] - now->s - now->front;
                cause->relation = gap > 0.0 ? (f->standing ? CW_REL_STANDING : CW_REL_AHEAD) : CW_REL_BESIDE;
                cause->quantity = CW_Q_GAP_M;
                cause->id = f->id;
                cause->item = CW_NONE;
                cause->value =
                    (float)(gap > 0.0
                                ? gap
                                : cw_max(fabs((double)f->d[0] - now->d) - (double)f->half_d[0] - now->half_width, 0.0));
                cause->effect = NAN;
            }
        }
    }
    for (uint32_t i = 0; i < now->forecast_count && p->what == KEEP && reason->count < CW_CAUSES; i++) {
        const forecast *f = &now->forecasts[i];
        if (told_of->waits_for == 0 || f->id != told_of->waits_for) {
            continue;
        }
        cw_cause *cause = &reason->cause[reason->count++];
        cause->kind = (uint8_t)cw_cause_of((cw_user_kind)f->kind);
        cause->relation = CW_REL_ONCOMING;
        cause->quantity = CW_Q_GAP_M;
        cause->id = f->id;
        cause->item = CW_NONE;
        cause->value = (float)cw_max((double)f->s[0] - (double)f->half_s[0] - now->s - now->front, 0.0);
        cause->effect = NAN;
    }
    if (p->what == CHANGE && now->c->change_lanes != 0 && reason->count < CW_CAUSES) {
        cw_cause *cause = &reason->cause[reason->count++];
        cause->kind = now->c->lane_ends ? CW_CAUSE_GEOMETRY : CW_CAUSE_ROUTE;
        cause->relation = now->c->lane_ends ? CW_REL_END_OF_LANE : CW_REL_NONE;
        cause->quantity = CW_Q_DISTANCE_M;
        cause->item = CW_NONE;
        cause->value = (float)cw_max(cw_min(now->c->change_deadline, 1e4) - now->s, 0.0);
        cause->effect = NAN;
    }
    if (1e-9 * (double)now->obs->time_ns < told_of->missed_at + missed_told && reason->count < CW_CAUSES) {
        reason->cause[reason->count++] = (cw_cause){
            .kind = CW_CAUSE_ROUTE, .relation = CW_REL_MISSED, .quantity = CW_Q_NONE, .item = CW_NONE, .effect = NAN};
    }
    reason->longitudinal = longitudinal_word(now, p, o->accel, first);
    double aimed = top;
    if (first && (first->why.kind == CW_CAUSE_LIMIT || first->why.kind == CW_CAUSE_GEOMETRY ||
                  first->why.kind == CW_CAUSE_OCCLUSION)) {
        aimed = cw_min(aimed, cw_corridor_cap(now->c, now->s + 0.4 * now->v));
    }
    reason->speed = (float)(first && o->accel < -0.3 ? (double)o->speed[CW_TRAJECTORY_POINTS - 1] : aimed);
}
