// The fail-safe as a plan: the body's own dynamic model, driven by its tracking controller along the way while it brakes,
// sampled at each decision. What is simulated is what is executed: the control is held for a tick, the wheel follows with
// the body's own lag, and along the road A1's worst delay stands in for the lag.
#include "drive/evaluator_internal.h"
#include "drive/planted.h"

#include <math.h>

#define PREVIEW 0.15 // s: half a tick, the lag of the wheel, and of the yaw that follows it
#define ACROSS 2.2   // m/s^2 that a shift takes by itself
#define GO 2.0       // m/s^2 with which an area is left
#define PACE 4.0     // m/s at least, in the end
#define PACE_MOST 8.0
#define LATE 0.75     // share of b_e that stopping beyond it waits for
#define BUILDS_UP 0.1 // s until what it brakes with is there
#define BEYOND 0.5    // m that it aims beyond the area
#define SAME 0.02     // m
#define LEAST 2.0     // m of a plan that are worth a bend
#define SHORTER 0.7   // of a plan along the way, at least: across it it is no bend
#define TURNS 0.02    // rad/s: a body that stands and turns has not come to rest

double evaluator_brake(const cw_evaluator *evaluator, double mu_low, double slope) {
    const cw_assumptions *a = &evaluator->a1;
    double brake = a->brake_share * PLANT(friction_ignored, 0.9, mu_low) * a->gravity;
    return (PLANT(slope_ignored, 0, slope) < 0 ? brake + a->gravity * slope : brake);
}

cw_vehicle_state evaluator_ego(const cw_obs *obs) {
    const cw_ego *e = &obs->ego;
    return (cw_vehicle_state){.x = e->x,
                              .y = e->y,
                              .heading = (double)e->heading,
                              .vx = e->speed,
                              .vy = e->lateral_speed,
                              .yaw_rate = e->yaw_rate,
                              .steer = e->steer,
                              .accel = e->accel};
}

// The spline at s. Before its first knot it goes on as it begins, beyond its last along the way.
static void path_at(const bend *b, double s, double *d, double *slope, double *curvature) {
    double u = (s - b->s) / b->step, last = b->knots - 1.0;
    double at = floor(cw_clamp(u, 0, last)), f = cw_clamp(u, 0, last) - at;
    uint32_t i = (uint32_t)at;
    double k[4];
    for (uint32_t j = 0; j < 4; j++) { // knots i - 1 to i + 2
        uint32_t n = i + j > 0 ? i + j - 1 : 0;
        k[j] = (double)b->knot[n < b->knots ? n : b->knots - 1];
    }
    if (i == 0)
        k[0] = 2 * k[1] - k[2];
    double g = 1 - f;
    *d =
        (g * g * g * k[0] + (4 + 3 * f * f * (f - 2)) * k[1] + (4 + 3 * g * g * (g - 2)) * k[2] + f * f * f * k[3]) / 6;
    *slope = (f * f * (k[3] - k[2]) + g * g * (k[1] - k[0]) + (1 + 2 * f * g) * (k[2] - k[1])) / (2 * b->step);
    *curvature = (g * (k[0] - 2 * k[1] + k[2]) + f * (k[1] - 2 * k[2] + k[3])) / (b->step * b->step);
    if (u < 0)
        *d += *slope * u * b->step;
    if (u < 0 || u > last)
        *curvature = 0;
    if (u > last)
        *slope = 0;
}

static void bend_at(const bend *b, double s, double *d, double *slope, double *curvature) {
    if (b->knots > 0) {
        path_at(b, s, d, slope, curvature);
        return;
    }
    double u = (s - b->s) / b->length;
    if (!(u < 1)) {
        *d = b->to;
        *slope = *curvature = 0;
        return;
    }
    u = cw_max(u, 0);
    double c = b->from - b->to, m = b->slope * b->length, l = b->length;
    *d = b->to + c * (1 + u * u * (2 * u - 3)) + m * u * (1 + u * (u - 2));
    *slope = (c * 6 * u * (u - 1) + m * (1 + u * (3 * u - 4))) / l;
    *curvature = (c * (12 * u - 6) + m * (6 * u - 4)) / (l * l);
}

double bend_least(double v, double across) {
    return v * sqrt(6 * fabs(across) / ACROSS); // the cubic bends by 6 across / length^2 at its ends
}

static bend bend_start(const cw_evaluator *e, const plan_def *def, const way *w, const cw_vehicle_state *veh,
                       uint32_t at, double s, double d) {
    if (def->aim == AIM_KEEP)
        return e->fallback.bend;
    if (def->aim == AIM_PATH)
        return *def->path;
    const way_point *p = &w->point[at];
    double sine, cosine;
    cw_sincos(veh->heading, &sine, &cosine);
    double along = cosine * p->cosine + sine * p->sine, across = sine * p->cosine - cosine * p->sine;
    double v = fabs((double)veh->vx), drift = along > 0.2 ? across / along : 0;
    if (v > 1)
        drift += cw_clamp((double)veh->vy / v, -0.2, 0.2);
    bend b = {.s = s, .from = d, .slope = cw_clamp(drift, -0.5, 0.5)};
    // As long as it is comfortable, and no shorter than the curvature of its cubic leaves the tyres something for.
    double least = cw_clamp(2.2 * v, 6, 60);
    if (def->aim == AIM_LANE)
        b.to = 0;
    else if (def->aim == AIM_HOLD)
        b.to = d + b.slope * least * 0.25;
    else
        b.to = def->offset;
    b.length = def->length > 0 ? def->length : cw_max(least, bend_least(v, b.to - d));
    return b;
}

static float steer_to(const cw_evaluator *e, const way *w, const cw_vehicle_state *veh, const bend *b, uint32_t *at,
                      double accel, double mu, double *beside) {
    double s, d, want, slope, bent;
    way_project(w, veh->x, veh->y, at, &s, &d);
    const way_point *p = &w->point[*at];
    bend_at(b, s, &want, &slope, &bent);
    *beside = d - want;
    double f = cw_clamp((s - p->s) / p->length, 0, 1), heading = (double)p->heading;
    if (*at + 1 < w->count)
        heading = cw_lerp(heading, (double)p[1].heading, f);
    // What the wheel is told now turns the body a while later: take the bend from there.
    double there = s + PREVIEW * cw_max(0, (double)veh->vx), unused_d, unused_slope;
    bend_at(b, there, &unused_d, &unused_slope, &bent);
    double kappa = (double)w->point[way_find(w, there)].curvature;
    double room = cw_max(0.2, 1 - kappa * want), along = s - p->s;
    double x = p->x + along * p->ux - want * p->uy, y = p->y + along * p->uy + want * p->ux;
    cw_reference r = {.x = x,
                      .y = y,
                      .heading = heading + cw_atan(slope / room),
                      .speed = veh->vx,
                      .accel = (float)accel,
                      .curvature = (float)(kappa / room + bent)};
    if ((double)veh->vx < 0.3) // standing or backwards: leave the wheel
        return veh->steer;
    float unused, steer;
    cw_vehicle_track(&e->params, veh, &r, (float)mu, &unused, &steer);
    return steer;
}

static void record(const cw_evaluator *e, const cw_vehicle_state *veh, uint32_t *at, plan *out) {
    const way *w = &e->way;
    uint32_t j = out->count++;
    if (j == 0 || veh->vx > out->top)
        out->top = veh->vx;
    double sine, cosine, s, d;
    cw_sincos(veh->heading, &sine, &cosine);
    double center = (double)e->body.center_x;
    way_project(w, veh->x + center * cosine, veh->y + center * sine, at, &s, &d);
    const way_point *p = &w->point[*at];
    double hl = 0.5 * (double)e->body.length, hw = 0.5 * (double)e->body.width;
    double c = fabs(cosine * p->ux + sine * p->uy), n = fabs(sine * p->ux - cosine * p->uy);
    double hs = c * hl + n * hw, hd = n * hl + c * hw;
    double swing = 0.5 * (double)p->curvature * hl * hl; // in a bend nose and tail are farther out than the middle
    out->x[j] = veh->x;
    out->y[j] = veh->y;
    out->heading[j] = (float)veh->heading;
    out->speed[j] = veh->vx;
    out->s[j] = (float)s;
    out->d[j] = (float)d;
    // A step of the ramp acts from its beginning on, half a step too early: a profile that much later lies ahead by that
    // times the speed lost.
    double lost = cw_max(0, (double)out->top - (double)veh->vx);
    out->front[j] = (float)(s + hs + PLANT(tube_halved, 0.5, 1) * e->a1.tube_along + 0.5 * PLAN_FINE * lost);
    out->rear[j] = (float)(s - hs - e->a1.tube_along);
    out->low[j] = (float)(d - hd - cw_max(swing, 0));
    out->high[j] = (float)(d + hd + cw_max(-swing, 0));
}

const area *plan_ends_in(const cw_evaluator *e, const plan *p) {
    uint32_t last = p->count - 1;
    return way_inside(&e->way, (double)p->rear[last], (double)p->front[last]);
}

// What a plan asks for that drives on until its rear can come to stand at `target`.
static double go_through(const plan *p, const cw_vehicle_state *veh, double target, double brake, double pace) {
    double v = cw_max(0, (double)veh->vx), rest = target - (double)p->rear[p->count - 1] - BUILDS_UP * v;
    double need = rest > 0 ? v * v / (2 * rest) : brake;
    if (need >= LATE * brake)
        return -cw_min(brake, need);
    return v < pace ? GO : 0;
}

// What the bends on the way out of an area allow.
static double leaving_pace(const way *w, double from, double to) {
    double most = 1e-3;
    for (uint32_t i = way_find(w, from); i < w->count && w->point[i].s < to; i++)
        most = cw_max(most, fabs((double)w->point[i].curvature));
    return cw_clamp(sqrt(ACROSS / most), PACE, PACE_MOST);
}

void plan_make(const cw_evaluator *e, const view *v, const plan_def *def, plan *out) {
    const cw_obs *obs = v->obs;
    const cw_assumptions *a1 = &e->a1;
    const way *w = &e->way;
    cw_vehicle_state veh = evaluator_ego(obs);
    uint32_t at = w->at, box_at = w->at;
    double period = (double)e->period, now = (double)veh.accel, mu = v->mu_low, s, d;
    double first = def->first ? (double)def->first->accel : 0;
    bool reverse = def->first && (def->first->lamps & CW_LAMP_REVERSE) != 0;
    out->count = out->stops = 0;
    out->through = def->through;
    out->past = def->past;
    out->accel0 = 0;
    out->across = out->slip = out->beside = 0;
    out->bend = (bend){0};
    out->brake = (float)evaluator_brake(e, mu, (double)w->point[at].slope);
    out->hardest = (float)cw_max(0, -cw_min(first, now));
    out->steer0 = veh.steer;
    record(e, &veh, &box_at, out);
    bend b = {0};
    if (!def->first) {
        way_project(w, veh.x, veh.y, &at, &s, &d);
        b = bend_start(e, def, w, &veh, at, s, d);
    }
    double t = 0, delay = def->sooner ? 0 : PLANT(reaction_dropped, 0, a1->actuation_delay), under_way = now;
    for (int i = 0; i < ISSUED_MOST && i * period < delay - 1e-9; i++)
        under_way = cw_max(under_way, (double)e->issued[i]);
    double target = 0, least = 0;
    if (def->through) {
        double length = (double)(out->front[0] - out->rear[0]);
        target = way_clear(w, def->beyond, length + BEYOND) + BEYOND;
        if (isinf(target))
            return; // no such place is known
        least = cw_max(leaving_pace(w, (double)out->rear[0], target), (double)veh.vx);
    }
    while (out->count < PLAN_MOST) {
        bool proposed = def->first && out->count == 1;
        const way_point *p = &w->point[at];
        double slope = (double)p->slope, brake = evaluator_brake(e, mu, slope);
        if (def->brake > 0)
            brake = def->brake;
        if (!(brake > 0.2))
            return; // no brakes to speak of: no standstill
        float steer;
        if (proposed) {
            steer = def->first->steer;
        } else {
            if (def->first && out->count == 2) {
                way_project(w, veh.x, veh.y, &at, &s, &d);
                b = bend_start(e, def, w, &veh, at, s, d);
            }
            double beside;
            steer = steer_to(e, w, &veh, &b, &at, -brake, mu, &beside);
            out->beside = (float)cw_max((double)out->beside, fabs(beside));
        }
        out->hardest = (float)cw_max((double)out->hardest, brake);
        double wanted = def->through ? go_through(out, &veh, target, brake, least) : -brake;
        if (def->past > 0 && (double)out->front[out->count - 1] - a1->tube_along < def->past)
            wanted = 0;
        if (out->count == 1) {
            out->steer0 = steer;
            out->accel0 = (float)wanted;
            if (!def->first)
                under_way = cw_max(under_way, wanted); // it may act at once
        }
        double executed = delay + PLANT(off_by_a_tick, 0, period) - 1e-9; // until then the proposal acts
        double end = t + period, step = t < 1 || fabsf(veh.steer) > 0.08f ? PLAN_FINE : period;
        for (double u = t; u < end - 1e-9; u += step) {
            // Along: what is under way holds on for the delay, unless what follows is worse.
            double ask = u < delay - 1e-9               ? (def->first ? cw_max(under_way, first) : under_way)
                         : (def->first && u < executed) ? first
                                                        : wanted;
            float dt = (float)cw_min(step, end - u);
            if (reverse && u < executed)
                cw_vehicle_step_reverse(&e->pure, &veh, (float)cw_min(now, first), steer, (float)mu, p->slope, p->bank,
                                        dt);
            else
                cw_vehicle_step(&e->pure, &veh, (float)ask, steer, (float)mu, p->slope, p->bank, dt);
        }
        t = end;
        record(e, &veh, &box_at, out);
        float pace = fabsf(veh.vx), across = pace * fabsf(veh.yaw_rate), slip = fabsf(veh.vy) / (pace > 3 ? pace : 3);
        out->across = across > out->across ? across : out->across;
        out->slip = slip > out->slip ? slip : out->slip;
        out->bend = b;
        if (fabs((double)veh.vx) < 1e-3 && fabs((double)veh.yaw_rate) < TURNS &&
            t > delay + (def->first ? period : 0) + 1e-9) {
            out->stops = 1;
            return;
        }
    }
}

double plan_spread(const plan *late, const plan *sooner) {
    double most = 0;
    for (uint32_t j = 0; j < sooner->count; j++) {
        double s = (double)sooner->s[j], off = INFINITY;
        for (uint32_t i = 0; i + 1 < late->count; i++) {
            double from = (double)late->s[i], to = (double)late->s[i + 1];
            if (!(to > from) || s < from || s > to)
                continue;
            double f = (s - from) / (to - from);
            double low = cw_lerp((double)late->low[i], (double)late->low[i + 1], f);
            double high = cw_lerp((double)late->high[i], (double)late->high[i + 1], f);
            off = cw_min(off, cw_max(low - (double)sooner->low[j], (double)sooner->high[j] - high));
        }
        if (isfinite(off))
            most = cw_max(most, off);
    }
    return most;
}

bool bend_through(bend *out, const way *w, uint32_t at, double step, const cw_vec2 *point, uint32_t count) {
    double before_s, before_d;
    way_project(w, point[0].x, point[0].y, &at, &before_s, &before_d);
    *out = (bend){.s = before_s, .step = step, .knots = 1};
    out->knot[0] = (float)before_d;
    for (uint32_t i = 1; i < count && out->knots < KNOTS_MOST; i++) {
        double s, d;
        way_project(w, point[i].x, point[i].y, &at, &s, &d);
        while (out->knots < KNOTS_MOST && s >= out->s + out->knots * step) {
            double f = (out->s + out->knots * step - before_s) / (s - before_s);
            out->knot[out->knots++] = (float)cw_lerp(before_d, d, f);
        }
        if (s > before_s) {
            before_s = s;
            before_d = d;
        }
    }
    return out->knots > 3;
}

// Where the box of sample j is in the frame of the way, m to the left.
static double across_at(const cw_evaluator *e, const plan *p, uint32_t j) {
    uint32_t at = e->way.at;
    double sine, cosine, s, d, center = (double)e->body.center_x;
    cw_sincos((double)p->heading[j], &sine, &cosine);
    way_project(&e->way, p->x[j] + center * cosine, p->y[j] + center * sine, &at, &s, &d);
    return d;
}

bool plan_move(const cw_evaluator *e, plan *p, double ds, double dd) {
    if (p->count == 0)
        return true;
    uint32_t last = p->count - 1;
    // Another piece of the same way: what lay across lies so still.
    if (fabs(across_at(e, p, last) - (double)p->d[last] - dd) < SAME &&
        fabs(across_at(e, p, last / 2) - (double)p->d[last / 2] - dd) < SAME) {
        p->bend.s += ds;
        p->past = p->past > 0 ? cw_max(p->past + ds, 1e-3) : 0;
        p->bend.from += dd;
        p->bend.to += dd;
        for (uint32_t i = 0; i < p->bend.knots; i++)
            p->bend.knot[i] += (float)dd;
        for (uint32_t j = 0; j < p->count; j++)
            p->d[j] += (float)dd;
        return true;
    }
    p->past = 0; // along another way it is not known where that was
    cw_vec2 point[PLAN_MOST];
    double length = 0;
    for (uint32_t j = 0; j < p->count; j++) {
        point[j] = (cw_vec2){p->x[j], p->y[j]};
        if (j > 0)
            length += cw_hypot(p->x[j] - p->x[j - 1], p->y[j] - p->y[j - 1]);
        p->d[j] = (float)across_at(e, p, j);
    }
    bend b;
    double step = cw_max(KNOT_STEP, length / (KNOTS_MOST - 2));
    bool told = bend_through(&b, &e->way, e->way.at, step, point, p->count) && b.knots * step > SHORTER * length;
    if (told)
        p->bend = b;
    else // as good as it can be told; where next to nothing is left of it that does
        p->bend = (bend){.s = b.s, .length = 1, .from = (double)b.knot[0], .to = (double)b.knot[0]};
    return told || length < LEAST;
}
