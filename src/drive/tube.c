// Verification: the plan's whole tube against everything that A1 lets the others do. Each clause gives a slack in metres;
// the plan holds when none is negative.
#include "drive/evaluator_internal.h"
#include "drive/planted.h"

#include <math.h>

#define BEND 0.02     // m: what the motion between two samples bends away from the chord, at most (20 m/s^2 over 0.1 s)
#define EASE 0.05     // m of the tube, not of the body
#define FAR_OUT 3.0   // m
#define STRAYS 0.02   // m that the body may be beside its plan when it sets out
#define STRAYS_ON 0.1 // and for each metre that it has gone, up to the tube
#define NEVER_LESS 0.005 // m, of that
#define SHADOW 4.25      // m behind a vehicle
#define SUB 4            // parts of a tick
#define STANDING 0.3     // m/s
#define MOVED 1e-3       // m: a plan that goes less far stands

typedef struct ctx {
    const cw_evaluator *e;
    const view *v;
    const plan *p;
    finding found;
} ctx;

// A slack of the clause; true while it holds.
static bool slack(ctx *c, cw_clause clause, cw_id id, double margin) {
    if (margin < c->found.margin) {
        c->found.margin = margin;
        c->found.tight = clause;
        c->found.id = id;
    }
    if (margin >= 0)
        return true;
    c->found.clause = clause;
    c->found.margin = margin;
    c->found.tight = clause;
    c->found.id = id;
    return false;
}

// Distance gone after t by a body that brakes at `gentle` for `hold` s, then at `hard`, never backwards.
static double braked(double v, double t, double hold, double gentle, double hard) {
    double gone = 0;
    if (hold > 0) {
        double u = cw_min(t, hold);
        if (gentle > 0)
            u = cw_min(u, v / gentle);
        gone = v * u - 0.5 * gentle * u * u;
        v -= gentle * u;
        t -= hold;
        if (t <= 0 || v <= 0)
            return gone;
    }
    double u = cw_min(t, v / hard);
    return gone + v * u - 0.5 * hard * u * u;
}

// How deep the tube reaches into what the other may occupy across, m; < 0: not.
static double into(const ctx *c, const other *o, uint32_t j) {
    double tube = c->e->a1.tube_across;
    return cw_min((double)c->p->high[j] + tube - o->low, o->high - (double)c->p->low[j] + tube);
}

static bool overlaps(const ctx *c, const other *o, uint32_t j) {
    double tube = PLANT(tube_across_halved, 0.5, 1) * c->e->a1.tube_across;
    return (double)c->p->low[j] - tube < o->high && (double)c->p->high[j] + tube > o->low;
}

// How far the part of the tube at sample j that is ahead of `from` reaches across, m; false: nothing of it is.
static bool tube_ahead(const ctx *c, uint32_t j, double from, double *low, double *high) {
    const plan *p = c->p;
    const way_point *q = &c->e->way.point[way_find(&c->e->way, (double)p->s[j])];
    double sine, cosine, s0 = (double)p->s[j], d0 = (double)p->d[j];
    cw_sincos((double)p->heading[j], &sine, &cosine);
    double ux = cosine * q->ux + sine * q->uy, uy = sine * q->ux - cosine * q->uy;
    double hl = 0.5 * (double)c->e->body.length, hw = 0.5 * (double)c->e->body.width, tube = c->e->a1.tube_across;
    double hs = fabs(ux) * hl + fabs(uy) * hw, hd = fabs(uy) * hl + fabs(ux) * hw;
    double ahead = (double)p->front[j] - s0 - hs; // what the delay and the tube add to the box, and the way's bend
    double swing_low = d0 - hd - (double)p->low[j], swing_high = (double)p->high[j] - d0 - hd;
    *low = INFINITY, *high = -INFINITY;
    double x[4], y[4];
    for (int i = 0; i < 4; i++) { // corners in turn
        double along = i == 0 || i == 3 ? hl : -hl, across = i < 2 ? hw : -hw;
        x[i] = s0 + along * ux - across * uy;
        y[i] = d0 + along * uy + across * ux;
    }
    from -= ahead; // of the box itself
    for (int i = 0; i < 4; i++) {
        double x0 = x[i], y0 = y[i], x1 = x[(i + 1) % 4], y1 = y[(i + 1) % 4];
        if (x0 < from && x1 < from)
            continue;
        double f0 = x0 < from ? (from - x0) / (x1 - x0) : 0, f1 = x1 < from ? (from - x0) / (x1 - x0) : 1;
        double ya = y0 + f0 * (y1 - y0), yb = y0 + f1 * (y1 - y0);
        *low = cw_min(*low, cw_min(ya, yb));
        *high = cw_max(*high, cw_max(ya, yb));
    }
    *low -= cw_max(swing_low, 0) + tube + BEND;
    *high += cw_max(swing_high, 0) + tube + BEND;
    return *low <= *high;
}

// Does the tube meet the box of somebody who stands, from sample j - 1 to j? What seems to stand may creep, until it answers
// that ego comes past.
static bool meets_standing(const ctx *c, const other *o, uint32_t j, double t) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    const cw_body *b = &c->e->body;
    double creeps = (o->speed + o->ev) * cw_min(t + a1->age, a1->follower_response);
    cw_box its = {.x = o->x + 0.5 * creeps * o->ux,
                  .y = o->y + 0.5 * creeps * o->uy,
                  .ux = o->ux,
                  .uy = o->uy,
                  .half_length = o->hl + o->e + 0.5 * creeps,
                  .half_width = o->hw + PLANT(stands_as_seen, 0, o->e)};
    double dx = p->x[j] - p->x[j - 1], dy = p->y[j] - p->y[j - 1], step = sqrt(dx * dx + dy * dy) / SUB;
    double turn = cw_wrap_angle((double)p->heading[j] - (double)p->heading[j - 1]);
    double late = 0.5 * PLAN_FINE * cw_max(0, (double)p->top - (double)p->speed[j]);
    double along = a1->tube_along + late + 0.5 * step + BEND, across = a1->tube_across + BEND;
    for (int i = 0; i <= SUB; i++) {
        double f = (double)i / SUB;
        cw_pose pose = {p->x[j - 1] + f * dx, p->y[j - 1] + f * dy, (double)p->heading[j - 1] + f * turn};
        cw_box ego = cw_box_at(pose, (double)b->center_x, (double)b->length + 2 * along, (double)b->width + 2 * across);
        if (cw_box_overlap(&ego, &its))
            return true;
    }
    return false;
}

// The nose is beyond its rear, but from sample j - 1 to j all that has got there is beside it; or past, if it stands.
static bool beside_it(const ctx *c, const other *o, uint32_t j, double t, double rear) {
    const plan *p = c->p;
    if (j == 0)
        return false;
    if (o->speed < STANDING)
        return !meets_standing(c, o, j, t);
    double beyond = (double)p->front[j] - rear, low, high;
    for (uint32_t k = j - 1; k <= j; k++)
        if (tube_ahead(c, k, (double)p->front[k] - beyond, &low, &high) &&
            PLANT(nose_ignored, false, low < o->high && high > o->low))
            return false;
    return true;
}

// The road user ahead may have braked as hard as its tyres let it since it was last seen. `always`: wherever
// ego's corridor lies; else only while the two overlap across. *aside: the plan brings ego beside it.
static double leader_slack(const ctx *c, const other *o, bool always, bool *aside) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    double hard = PLANT(leader_at_8, 8, a1->leader_brake) * c->v->mu_high;
    double v = cw_max(0, o->vs - PLANT(speed_error_ignored, 0, o->ev));
    double rear = o->s - o->hs - PLANT(margin_sign, -o->e, o->e) - v * o->guessed, least = INFINITY, t = o->guessed;
    double gone = 0;
    bool before = false;
    for (uint32_t j = 0; j < p->count; j++, t += (double)c->e->period) {
        bool now = always || overlaps(c, o, j);
        if (now || before) {
            double last = gone;
            gone = braked(v, t, o->hold, a1->cut_in_brake, hard);
            double d = rear + gone - (double)p->front[j];
            if (always || d >= BEND || !beside_it(c, o, j, t, rear + last))
                least = cw_min(least, d);
            else
                *aside = true;
        }
        before = now;
    }
    return least - BEND;
}

// A vehicle that is wholly in another lane may come over at any time from o->earliest on, if A1's TTC allows it, brakes
// gently for a while and then as a leader. The slack of a cut-in at speeds (v, u) is what A1's TTC leaves, v_rel^2 / rate +
// v_rel time, less what ego needs; over u it is made of convex parabolas, so its least value over the reachable u lies at
// an end or at a vertex.
typedef struct cut {
    double v, rest; // ego's speed then and the way it still needs to stop
    double brake, rate, time, gentle, hold, hard;
    double late;  // s that ego's brake is still behind
    double known; // gap that is there in any case
} cut;

static double cut_slack(const cut *k, double u) {
    double closing = cw_max(0, k->v - u);
    double gap = cw_max(closing * closing / k->rate + closing * k->time, k->known);
    double after = cw_max(0, u - k->gentle * k->hold);
    double gone = k->gentle > 0 && u < k->gentle * k->hold ? u * u / (2 * k->gentle)
                                                           : u * k->hold - 0.5 * k->gentle * k->hold * k->hold;
    double stop = gap + gone + after * after / (2 * k->hard) - k->rest;
    // While it brakes gently the speeds may become equal before: the gap is least there.
    double relative = k->brake - k->gentle;
    if (relative > 0 && closing > 0) {
        double equal = gap - closing * k->late - closing * closing / (2 * relative);
        if (closing / relative + k->late <= k->hold)
            stop = cw_min(stop, equal);
    }
    return stop;
}

// A cutter before it cuts in: how far ahead of ego it can be at most once its speed is u, and whether that is A1's TTC.
typedef struct race {
    double start, speed; // rear ahead of ego's front then, if it had not moved yet, m; m/s, at most
    double ego;          // m/s then, at least
    double time, hard;   // s it had; m/s^2 it brakes at most
} race;

#define GAIN 1.0 // m/s^2 that the others gain at most

static bool may_cut_in(const race *r, const cw_assumptions *a1, double u) {
    double u_time = cw_clamp((u - r->speed + r->hard * r->time) / (GAIN + r->hard), 0, r->time); // gains, then brakes
    double top = r->speed + GAIN * u_time, closing = cw_max(0, r->ego - u);
    double gap = r->start + 0.5 * (r->speed + top) * u_time + 0.5 * (top + cw_min(u, top)) * (r->time - u_time);
    return gap >= closing * closing / a1->cut_in_rate + closing * a1->cut_in_time;
}

// The least speed from low on at which it may; above `high`: none. The slower it is, the further back, and the more TTC asks.
static double slowest(const race *r, const cw_assumptions *a1, double low, double high) {
    if (may_cut_in(r, a1, low))
        return low;
    if (!may_cut_in(r, a1, high))
        return INFINITY;
    for (int i = 0; i < 8; i++) {
        double middle = 0.5 * (low + high);
        if (may_cut_in(r, a1, middle))
            high = middle;
        else
            low = middle;
    }
    return low;
}

static double cut_in_slack(const ctx *c, const other *o) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    double period = (double)c->e->period, hard = a1->leader_brake * c->v->mu_high, least = INFINITY;
    double fast = o->vs + o->ev, slow = cw_max(0, o->vs - o->ev), v0 = cw_max(0, (double)p->speed[0]);
    double rear = o->s - o->hs, end = (double)p->front[p->count - 1];
    uint32_t first = (uint32_t)ceil(o->earliest / period - 1e-9);
    for (uint32_t j = first; j < p->count; j += j < 8 ? 1 : 2) {
        double t = period * j, speed = (double)p->speed[j];
        if (speed < 0.3)
            continue; // less than 1 cm to go, which the tube holds, or it has yet to begin
        // Nobody cuts in ahead who is not ahead, nor at a gap that leaves less than A1's TTC: so it cannot have braked more
        // than would have let it fall back too far.
        double hardest = (double)p->hardest, ego_least = c->v->ego_front + braked(v0, t, 0, 0, hardest);
        race r = {
            .start = rear + o->e - o->vs * o->guessed - ego_least, .speed = fast, .time = t + o->age, .hard = hard};
        r.ego = cw_max(0, v0 - hardest * t);
        double high = fast + r.time, low = slowest(&r, a1, cw_max(0, slow - hard * r.time), high);
        if (low > high)
            continue;
        double late = cw_max(0, (end - (double)p->front[j]) / speed - speed / (2 * (double)p->brake));
        cut k = {.v = speed,
                 .rest = end - (double)p->front[j],
                 .brake = (double)p->brake,
                 .rate = a1->cut_in_rate,
                 .time = PLANT(ttc_doubled, 2, 1) * a1->cut_in_time,
                 .gentle = a1->cut_in_brake,
                 .hold = PLANT(gentle_for_ever, 20, a1->cut_in_hold),
                 .hard = hard,
                 .late = late,
                 .known =
                     rear - o->e - slow * o->guessed + braked(slow, t + o->guessed, 0, 0, hard) - (double)p->front[j]};
        // vertices of the two parabolas: while it still rolls after the hold, and when it stops within it
        double g = k.gentle * k.hold;
        double vertex = (speed / (0.5 * k.rate) + k.time - k.hold + g / hard) / (1 / (0.5 * k.rate) + 1 / hard);
        double inner = k.gentle > 0 ? (speed / (0.5 * k.rate) + k.time) / (1 / (0.5 * k.rate) + 1 / k.gentle) : low;
        double at[6] = {low,
                        cw_min(high, speed),
                        high,
                        cw_clamp(vertex, low, high),
                        cw_clamp(inner, low, high),
                        cw_clamp(g, low, high)};
        for (int i = 0; i < 6; i++)
            least = cw_min(least, cut_slack(&k, at[i]));
        if (least < 0)
            break;
    }
    return least;
}

// Does a body from `low` to `high` across reach over ego's own line towards the other, at s?
static bool over_line(const ctx *c, const other *o, double s, double low, double high) {
    const way_point *p = &c->e->way.point[way_find(&c->e->way, s)];
    return o->d > c->v->ego_d ? high > (double)p->left : low < -(double)p->right;
}

// A plan that is not over the line yet and comes to stand beyond it. To come over may ask no more of a follower there than an
// entry, and the stop that follows no more than it has.
static double follower_slack(const ctx *c, const other *o) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    double fast = cw_max(0, o->vs + o->ev), front = o->s + o->hs + o->e + fast * a1->age, least = INFINITY, t = 0;
    double respond = PLANT(follower_alert, 0, a1->follower_response) + o->guessed;
    bool over = false;
    for (uint32_t j = 0; j < p->count; j++, t += (double)c->e->period) {
        double gap = (double)p->rear[j] - front;
        if (!over && over_line(c, o, (double)p->s[j], (double)p->low[j], (double)p->high[j])) {
            over = true; // nothing made it brake before
            double closing = cw_max(0, fast - (double)p->speed[j]);
            double asked = closing * a1->follower_response + closing * closing / (2 * a1->follower_entry);
            least = cw_min(least, gap - fast * (t + o->guessed) - asked);
        }
        least = cw_min(least, gap - braked(fast, t + o->guessed, respond, 0, a1->follower_brake));
    }
    double after = fast * respond + fast * fast / (2 * a1->follower_brake);
    return cw_min(least, (double)p->rear[p->count - 1] - front - after) - 0.5;
}

static bool verify_along(ctx *c, const other *o) {
    const plan *p = c->p;
    const view *v = c->v;
    const cw_assumptions *a1 = &c->e->a1;
    if (o->s - o->hs > v->ego_front - 0.3 || (o->s > v->ego_s && o->low < v->ego_high && o->high > v->ego_low)) {
        if (o->s - o->hs - o->e > (double)p->front[p->count - 1] + 2 * fabs(o->vs) && o->vs >= 0)
            return true; // ahead of all that ego may reach, even if it stopped dead
        bool aside = false;
        double margin = leader_slack(c, o, o->in_lane && o->moving_in, &aside);
        if (!slack(c, CW_CLAUSE_LEADER, o->id, margin))
            return false;
        // What it hides stands in its way, not beside it.
        if (o->in_lane && o->vs > 1 && fabs(o->d) < 1.75 && !isinf(margin)) {
            double hidden = o->s + o->hs - o->e + a1->cut_out_time * cw_max(0, o->vs - o->ev);
            if (!slack(c, CW_CLAUSE_CUT_OUT, o->id, hidden - (double)p->front[p->count - 1]))
                return false;
        }
        bool follows = isfinite(margin) && !aside;
        if (o->in_lane || !o->carriageway || o->kind == CW_USER_BICYCLE || o->speed < STANDING || follows)
            return true;
        margin = leader_slack(c, o, true, &aside); // as if it were in the lane already
        if (margin >= 0)
            return slack(c, CW_CLAUSE_CUT_IN, o->id, margin);
        // At equal speeds A1 allows a cut-in that leaves no gap: the slack is then 0 and tells nothing of how near it is.
        margin = cut_in_slack(c, o);
        return margin >= 0 || slack(c, CW_CLAUSE_CUT_IN, o->id, margin);
    }
    // Behind or beside: it counts where ego goes further into what the other may occupy than it is.
    bool behind = o->s + o->hs < v->ego_rear, enters = false;
    if (behind && o->d - o->hd < v->ego_high && o->d + o->hd > v->ego_low)
        return true; // ego is in its way already: it follows
    double inside = cw_max(0, into(c, o, 0)) + 0.01;
    double hard = a1->leader_brake * v->mu_high, t = 0;
    for (uint32_t j = 1; j < p->count && !enters; j++) {
        t += (double)c->e->period;
        if (into(c, o, j) <= inside)
            continue;
        if (behind) {
            enters = true;
            break;
        }
        double back = cw_max(0, o->vs - o->ev), most = o->s + o->hs + o->e + (o->vs + o->ev) * (t + a1->age) + t * t;
        double least = o->s - o->hs - o->e - back * o->guessed + braked(back, t + o->guessed, 0, 0, hard);
        if (o->speed < STANDING && !meets_standing(c, o, j, t))
            continue; // not into its box
        if (PLANT(beside_skipped, false, most > (double)p->rear[j] && least < (double)p->front[j]))
            return slack(c, CW_CLAUSE_BESIDE, o->id, inside - into(c, o, j));
    }
    if (PLANT(follower_skipped, true, !enters))
        return true;
    uint32_t last = p->count - 1;
    if (over_line(c, o, (double)p->s[last], (double)p->low[last], (double)p->high[last]) &&
        !over_line(c, o, v->ego_s, v->ego_low, v->ego_high))
        return slack(c, CW_CLAUSE_FOLLOWER, o->id, follower_slack(c, o));
    double closing = o->vs + o->ev - cw_max(0, (double)p->speed[1]), gap = (double)p->rear[0] - o->s - o->hs - o->e;
    gap -= cw_max(0, o->vs + o->ev) * a1->age;
    if (closing > 0)
        gap -= closing * (a1->follower_response + o->guessed) + closing * closing / (2 * a1->follower_entry);
    return slack(c, CW_CLAUSE_FOLLOWER, o->id, gap - 0.5);
}

// Distance of a point from ego's box, with the tube, at sample j.
static double away(const ctx *c, uint32_t j, double x, double y) {
    const plan *p = c->p;
    const cw_body *b = &c->e->body;
    double sine, cosine;
    cw_sincos((double)p->heading[j], &sine, &cosine);
    double dx = x - p->x[j], dy = y - p->y[j];
    double along = fabs(dx * cosine + dy * sine - (double)b->center_x) - 0.5 * (double)b->length - c->e->a1.tube_along;
    double across = fabs(dy * cosine - dx * sine) - 0.5 * (double)b->width - c->e->a1.tube_across;
    if (along <= 0 && across <= 0)
        return cw_max(along, across);
    along = cw_max(0, along);
    across = cw_max(0, across);
    return sqrt(along * along + across * across);
}

static bool verify_walker(ctx *c, const other *o) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    double size = sqrt(o->hl * o->hl + o->hw * o->hw);
    double most = cw_max(o->speed + o->ev, PLANT(slow_walker, 1.0, a1->walker_speed));
    double span = (double)c->e->period * p->count, reach = size + o->e + most * (span + o->age);
    if (o->s + reach < (double)p->rear[0] || o->s - reach > (double)p->front[p->count - 1])
        return true;
    double t = o->age, half = 0.5 * a1->age; // it was seen that long ago, give or take as much
    for (uint32_t j = 0; j < p->count; j++, t += (double)c->e->period) {
        double speed = (double)p->speed[j], on = t - o->guessed - half;
        if (speed < 0.1 && j > 0)
            continue; // it stands: nobody is run into
        if (o->engaged) {
            // Two discs hold it: around where it would be at constant velocity, and around where it is.
            double swept = size + o->e + speed * (double)c->e->period * 0.5; // ego's own way to the next sample
            double first = away(c, j, o->x + o->vx * on, o->y + o->vy * on) - swept - o->speed * half - o->ev * t -
                           PLANT(walker_accel_halved, 0.25, 0.5) * a1->walker_accel * t * t;
            double second = away(c, j, o->x, o->y) - swept - most * t;
            if (!slack(c, CW_CLAUSE_PEDESTRIAN, o->id, cw_max(first, second)))
                return false;
        } else if (speed > a1->pass_speed) {
            // speed counts where it passes; ahead of that the fail-safe still slows down
            double margin = away(c, j, o->x, o->y) - size - o->e - a1->pass_clearance;
            if (margin < 0 && !slack(c, CW_CLAUSE_PASSING, o->id, PLANT(wrong_unit, 3.6, 1) * a1->pass_speed - speed))
                return false;
        }
    }
    return true;
}

// Who comes against ego keeps its side and may be anywhere on it that it drifts to; where ego is in its way it brakes after a
// while. As far as it may be then, ego must not be.
static bool verify_oncoming(ctx *c, const other *o) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    uint32_t last = p->count - 1;
    bool left = o->d > 0; // its side, seen from ego
    double v = o->speed + o->ev, hold = INFINITY, end = 0;
    double begins = o->s - o->hs - o->e - v * (a1->age + o->guessed);
    if (o->s + o->hs + o->e < (double)p->rear[0])
        return true; // it has passed
    for (uint32_t j = 0; j < p->count; j++) {
        double t = (double)c->e->period * j, drift = a1->wander + a1->oncoming_drift * t + o->e;
        const way_point *q = &c->e->way.point[way_find(&c->e->way, (double)p->front[j])];
        // Beyond ego's line, as far as it drifts; and where it is.
        bool meets = left ? (double)p->high[j] + c->e->a1.tube_across >
                                cw_max(cw_min((double)q->left, o->d - o->hd - o->e), o->d - o->hd - drift)
                          : (double)p->low[j] - c->e->a1.tube_across <
                                cw_min(cw_max(-(double)q->right, o->d + o->hd + o->e), o->d + o->hd + drift);
        if (!meets)
            continue;
        hold = cw_min(hold, t + a1->oncoming_response);
        double gone = braked(v, j == last ? hold + v / a1->oncoming_brake : t, hold, 0, a1->oncoming_brake);
        end = begins - gone - (double)p->front[j];
        if (end < 0 && o->s - o->hs > (double)p->rear[0])
            return slack(c, CW_CLAUSE_ONCOMING, o->id, end);
    }
    return true;
}

// Where another lane crosses, ego is out of it again before anybody can come in that may go first; once it is in, before those
// who can no longer stop.
static bool verify_junction(ctx *c) {
    const plan *p = c->p;
    const way *w = &c->e->way;
    for (uint32_t a = 0; a < w->area_count; a++) {
        const area *at = &w->area[a];
        bool in = c->v->ego_front > at->from;
        double due = in ? c->v->stuck[a] : c->v->due[a];
        if (at->kind != AREA_CONFLICT || isinf(due) || (double)p->front[p->count - 1] <= at->from ||
            c->v->ego_rear >= at->to)
            continue;
        uint32_t j = 0;
        while (j < p->count && (double)p->rear[j] < at->to)
            j++;
        double margin = at->from - (double)p->front[p->count - 1]; // it would have to stop sooner by so much
        if (j < p->count)
            margin = (due - (double)c->e->period * PLANT(left_too_soon, 0.5, 1) * j) * cw_max(1, (double)p->speed[j]);
        if (!slack(c, CW_CLAUSE_JUNCTION, in ? c->v->stuck_id[a] : c->v->due_id[a], margin))
            return false;
    }
    return true;
}

// A cyclist that rides across: anywhere ahead of it as far as it may get, and to both sides as far as it swerves.
static bool verify_cyclist(ctx *c, const other *o) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    const cw_body *b = &c->e->body;
    double most = cw_max(o->speed + o->ev, PLANT(slow_cyclist, 3, a1->cyclist_speed)), t = o->age;
    double back = o->hl + o->e + o->speed * o->guessed, wide = o->hw + o->e + a1->cyclist_swerve;
    uint32_t last = p->count - 1;
    for (uint32_t j = 0; j < p->count; j++, t += (double)c->e->period) {
        if ((double)p->speed[j] < 0.1 && j > 0)
            continue; // it stands: nobody is run into
        double ahead = o->hl + o->e + most * t, middle = 0.5 * (ahead - back);
        cw_box reach = {.x = o->x + middle * o->ux,
                        .y = o->y + middle * o->uy,
                        .ux = o->ux,
                        .uy = o->uy,
                        .half_length = 0.5 * (ahead + back),
                        .half_width = wide};
        cw_pose pose = {p->x[j], p->y[j], (double)p->heading[j]};
        cw_box ego = cw_box_at(pose, (double)b->center_x, (double)b->length + 2 * a1->tube_along,
                               (double)b->width + 2 * a1->tube_across);
        if (cw_box_overlap(&ego, &reach)) // it would have to stop sooner by so much
            return slack(c, CW_CLAUSE_CYCLIST, o->id, (double)p->front[j] - (double)p->front[last] - 0.01);
    }
    return true;
}

// Constant velocity of what crosses or comes against ego: a heuristic, not part of the promise. What runs along the way
// is followed along its bends.
static bool verify_prediction(ctx *c, const other *o) {
    const plan *p = c->p;
    const double horizon = 4, pad = 0.2;
    double size = cw_min(o->hl, o->hw), along = o->hl - size; // a stadium: a box with round ends
    bool follows = fabs(o->vs) > 0.85 * o->speed;
    double tube = c->e->a1.tube_across + pad;
    for (uint32_t j = 1; j < p->count; j++) {
        double t = (double)c->e->period * j;
        if (t > horizon)
            break;
        if ((double)p->speed[j] < 0.3)
            continue;
        double least = INFINITY;
        if (follows) {
            double s = o->s + o->vs * t, d = o->d + o->vd * cw_min(t, 1.5);
            double gap_s = cw_max(s - o->hs - (double)p->front[j], (double)p->rear[j] - s - o->hs);
            double gap_d = cw_max(d - o->hd - tube - (double)p->high[j], (double)p->low[j] - tube - d - o->hd);
            least = cw_max(gap_s, gap_d);
        } else {
            double x = o->x + o->vx * t, y = o->y + o->vy * t;
            for (int i = -2; i <= 2; i++)
                least = cw_min(least, away(c, j, x + 0.5 * i * along * o->ux, y + 0.5 * i * along * o->uy));
            least -= size + pad;
        }
        if (!slack(c, CW_CLAUSE_PREDICTION, o->id, least))
            return false;
    }
    return true;
}

// The drivable area. The tube gives way where the lane leaves no room for it; a body that is out already must not go
// further out.
static bool on_lanes(const cw_evaluator *e, const cw_map *map, cw_pose rear_axle, double tube) {
    double sine, cosine;
    cw_sincos(rear_axle.heading, &sine, &cosine);
    for (int i = 0; i < 4; i++) {
        double fx = (double)e->body.center_x + (i < 2 ? 0.5 : -0.5) * (double)e->body.length;
        double fy = (i % 2 ? 1 : -1) * (0.5 * (double)e->body.width + tube);
        cw_locate query = cw_locate_at(rear_axle.x + fx * cosine - fy * sine, rear_axle.y + fx * sine + fy * cosine);
        cw_lane_place places[8];
        uint32_t n = cw_map_locate_all(map, &query, places, 8);
        bool drivable = false;
        for (uint32_t k = 0; k < n && !drivable; k++)
            drivable = cw_lane_drivable(&map->lanes[places[k].lane]);
        if (!drivable)
            return false;
    }
    return true;
}

double plan_strays(const cw_evaluator *e, double gone) {
    return cw_min(e->a1.tube_across, STRAYS + STRAYS_ON * gone);
}

// How far the tube of a body between `low` and `high` reaches over the edge, m; < 0: it stays within.
static double outside(const cw_evaluator *e, const float at[3], double low, double high, double *tube) {
    const way *w = &e->way;
    double left = INFINITY, right = INFINITY;
    for (int i = 0; i < 3; i++) {
        const way_point *q = &w->point[way_find(w, (double)at[i])];
        left = cw_min(left, (double)q->left_edge);
        right = cw_min(right, (double)q->right_edge);
    }
    *tube = cw_clamp(0.5 * (left + right - (high - low)) - 0.05, 0, e->a1.tube_across);
    return cw_max(-right - (low - *tube), (high + *tube) - left);
}

void evaluator_ease(cw_evaluator *e, const view *v) {
    double tube;
    const float at[3] = {(float)v->ego_rear, (float)v->ego_s, (float)v->ego_front};
    double out = e->way.astray ? FAR_OUT : cw_max(0, outside(e, at, v->ego_low, v->ego_high, &tube));
    if (e->way.astray)
        tube = e->a1.tube_across;
    // Where roads join and cross there is more road than the way knows of: what counts is how far it is from all of it.
    const cw_ego *ego = &v->obs->ego;
    cw_pose pose = {ego->x, ego->y, (double)ego->heading};
    double less = 0;
    while (less < out && !on_lanes(e, v->obs->map, pose, tube - less))
        less += EASE;
    out = cw_min(out, less);
    e->eased = cw_max(out, cw_min(e->eased, out + EASE));
}

static bool verify_road(ctx *c) {
    const plan *p = c->p;
    double tube;
    for (uint32_t j = 1; j < p->count; j++) {
        const float at[3] = {p->rear[j], p->s[j], p->front[j]};
        double out = outside(c->e, at, (double)p->low[j], (double)p->high[j], &tube);
        if (c->e->way.astray)
            tube = c->e->a1.tube_across;
        double strays = plan_strays(c->e, cw_hypot(p->x[j] - p->x[0], p->y[j] - p->y[0]));
        double need = cw_min(tube - c->e->eased, strays); // beside the body
        if (c->e->eased <= c->e->a1.tube_across)          // which is not out, and does not get there bit by bit
            need = cw_max(need, cw_min(tube, NEVER_LESS));
        if (!c->e->way.astray && out <= tube - need)
            continue;
        cw_pose pose = {p->x[j], p->y[j], (double)p->heading[j]};
        if (on_lanes(c->e, c->v->obs->map, pose, need))
            continue;
        return slack(c, CW_CLAUSE_OFF_ROAD, 0, c->e->way.astray ? -tube : tube - need - out);
    }
    return true;
}

// Along the way and against it.
static bool comes(const other *o) {
    return o->carriageway && o->vs < -0.85 * o->speed;
}

// Somebody on foot that comes out of hiding now, straight across: ego is past before, or does not get there any more, or
// creeps. A1's speeds for that (12, 29, 46 km/h at 1, 1.5, 2 m) are those of ego's front and the walker's middle, without the
// tube along.
static bool verify_shadows(ctx *c) {
    const plan *p = c->p;
    const cw_assumptions *a1 = &c->e->a1;
    for (uint32_t i = 0; i < PLANT(shadows_ignored, 0, c->v->shadow_count); i++) {
        const shadow *g = &c->v->shadow[i];
        for (uint32_t k = 1; k < SUB * p->count - SUB; k++) { // the walker stands where the front then is
            uint32_t j = k / SUB;
            double f = (double)(k % SUB) / SUB, period = (double)c->e->period;
            double on = cw_lerp((double)p->front[j], (double)p->front[j + 1], f) - a1->tube_along - g->s;
            if (on < 0 || (double)p->speed[j] <= a1->hidden_creep)
                continue;
            if (on > SHADOW)
                break;
            double d = g->d + g->slope * on, high = (double)p->high[j], low = (double)p->low[j];
            double early = cw_max(0, cw_max(d - high, low - d)) / a1->hidden_walker - period * (j + f);
            if (early < 0 && !slack(c, CW_CLAUSE_HIDDEN, g->id, early * (double)p->speed[j]))
                return false;
        }
    }
    return true;
}

finding plan_verify(const cw_evaluator *e, const view *v, const plan *p, bool heed) {
    ctx c = {.e = e, .v = v, .p = p, .found = {.margin = INFINITY}};
    uint32_t last = p->count - 1;
    if (!p->stops) {
        slack(&c, CW_CLAUSE_STOP, 0, -1);
        return c.found;
    }
    if (fabs((double)p->s[last] - (double)p->s[0]) < MOVED && fabs((double)p->d[last] - (double)p->d[0]) < MOVED)
        return c.found; // it stands
    // Beyond this the body no longer follows its plan within the tube.
    double across = e->a1.turn_share * v->mu_low * e->a1.gravity, slip = e->a1.slip;
    if ((double)p->across > across || (double)p->slip > slip) {
        slack(&c, CW_CLAUSE_GRIP, 0, cw_min(across - (double)p->across, slip - (double)p->slip));
        return c.found;
    }
    if (!verify_road(&c))
        return c.found;
    for (uint32_t i = 0; i < v->count; i++) {
        const other *o = &v->others[i];
        bool holds = true;
        if (o->role == ROLE_ALONG)
            holds = verify_along(&c, o);
        else if (o->role == ROLE_WALKER)
            holds = verify_walker(&c, o);
        else
            holds = (comes(o) ? verify_oncoming(&c, o) : o->kind != CW_USER_BICYCLE || verify_cyclist(&c, o)) &&
                    (!o->may_stand || verify_along(&c, o)) && (!heed || verify_prediction(&c, o));
        if (!holds)
            return c.found;
    }
    double end = (double)p->front[last];
    if (!verify_shadows(&c) || !verify_junction(&c))
        return c.found;
    if (!slack(&c, CW_CLAUSE_SIGNAL, 0, v->line - end))
        return c.found;
    if (PLANT(occlusion_ignored, false, isfinite(v->sight)) && !slack(&c, CW_CLAUSE_OCCLUSION, 0, v->sight - end))
        return c.found;
    for (int i = 0; i < PLANT(phantom_skipped, 0, PHANTOMS_MOST); i++)
        if (isfinite(v->phantom[i]) && !slack(&c, CW_CLAUSE_CUT_OUT, v->phantom_id[i], v->phantom[i] - end))
            return c.found;
    return c.found;
}

double plan_impact(const cw_evaluator *e, const view *v, const plan *p, cw_id *id) {
    for (uint32_t j = 0; j < p->count; j++) {
        double t = (double)e->period * j, speed = (double)p->speed[j];
        cw_pose pose = {p->x[j], p->y[j], (double)p->heading[j]};
        cw_box box = cw_box_at(pose, (double)e->body.center_x, (double)e->body.length, (double)e->body.width);
        for (uint32_t i = 0; i < v->count; i++) {
            const other *o = &v->others[i];
            // vehicles go on with the braking that is seen, the rest with their velocity
            double left = t;
            if (o->role != ROLE_WALKER && o->accel < -0.5 && o->speed > 0.1) {
                double stop = o->speed / -o->accel, u = cw_min(t, stop);
                left = u + 0.5 * o->accel * u * u / o->speed;
            }
            if (o->speed <= o->ev + 0.05)
                left = 0; // what moves may be the error of its speed alone
            cw_box theirs = {.x = o->x + o->vx * left,
                             .y = o->y + o->vy * left,
                             .ux = o->ux,
                             .uy = o->uy,
                             .half_length = o->hl,
                             .half_width = o->hw};
            double dx = theirs.x - box.x, dy = theirs.y - box.y;
            double reach = o->hl + o->hw + box.half_length + box.half_width;
            if (dx * dx + dy * dy > reach * reach || !cw_box_overlap(&box, &theirs))
                continue;
            // not who follows, and nobody is run into by who stands
            bool behind = dx * box.ux + dy * box.uy < -0.5 * box.half_length;
            if (speed < 0.1 || (behind && o->vx * box.ux + o->vy * box.uy >= 0.5 * o->speed))
                continue;
            double sine, cosine;
            cw_sincos(pose.heading, &sine, &cosine);
            double rx = speed * cosine - o->vx, ry = speed * sine - o->vy;
            *id = o->id;
            return cw_max(0.01, sqrt(rx * rx + ry * ry));
        }
    }
    return 0;
}
