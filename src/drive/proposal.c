// Simulation and score of a proposal. The score is a sum of explicit terms; a contact outweighs all of them together.
#include "drive/proposal.h"
#include <math.h>
#include <string.h>

// The weights, in one place.
static const double w_contact = 400.0, w_impact = 6.0; // per contact; per (m/s)^2 of relative speed
static const double w_progress = 20.0;                 // for all of the free way
static const double w_accel = 0.04, w_hard = 0.15;     // per (m/s^2)^2 s; beyond 3 m/s^2
static const double w_centre = 0.8;                    // per m^2, mean
static const double w_close = 7.0;                     // for touching distance
static const double w_refused = 40.0;                  // for passing nearer than A1 lets it, and for each m of that
static const double w_leave = 60.0;                    // per m off the pavement
static const double w_arrive = 40.0;                   // for a goal reached in its time
static const double w_late = 4.0;                      // per m/s that would be missing to reach it later
static const double w_across = 0.15;                   // per (m/s^2)^2 s of lateral acceleration
static const double w_slide = 8.0;                     // the same of what is beyond the share below
static const double turn_share = 0.5;               // of the friction: with more of it A1 follows no braking in a bend
static const double asked_beside = 0.55;            // m: 0.3 of error, 0.2 of tube, and a little for the bend
static const double preview = 0.15;                 // s until what the wheel is told bends the way
static const double up_jerk = 3.0, down_jerk = 4.5; // m/s^3 in comfort

// The change of command that comfort allows; braking in need knows no limit.
static double eased(double wanted, double last, double dt) {
    double down = wanted < -3.5 ? 40.0 : down_jerk, up = last < -3.5 ? 20.0 : up_jerk;
    return cw_clamp(wanted, last - down * dt, last + up * dt);
}

// Distance one wants to keep beside it.
static double berth(const forecast *f) {
    return f->vulnerable ? 1.5 : f->standing ? 1.0 : 0.6;
}

typedef struct meeting {
    double least; // distance, m
    double close; // worst share of the berth that was missing
    double lacks; // m of what A1 asks for beside somebody who stands
    bool contact;
    double time, speed; // of the contact: when, and how fast the two ran into each other
    cw_id with;
    uint32_t weak;
} meeting;

static void meet(const situation *now, const proposal *p, uint32_t k, double s, double d, double turned, double v,
                 meeting *m) {
    double sine = turned, cosine = 1.0 - 0.5 * turned * turned;
    double length = 0.5 * (now->front + now->rear);
    double ahead = 0.5 * (now->front - now->rear);
    double cs = s + ahead * cosine, cd = d + ahead * sine;
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double want = berth(f), ds = fabs((double)f->s[k] - cs) - (double)f->half_s[k] - length;
        if (ds > want) {
            continue;
        }
        double dd = fabs((double)f->d[k] - cd) - (double)f->half_d[k] - now->half_width - fabs(sine) * length;
        if (dd > want) {
            continue;
        }
        // Whoever comes from behind in the ego's own lane keeps its own distance.
        if (f->along && f->vs > 0.0f && (double)f->s[0] + (double)f->half_s[0] < now->s - now->rear &&
            fabs(p->course.d1 - now->d) < 1.0) {
            continue;
        }
        cw_box a = {.x = cs, .y = cd, .ux = cosine, .uy = sine, .half_length = length, .half_width = now->half_width};
        double c2, s2;
        cw_sincos((double)f->turned[k], &s2, &c2);
        cw_box b = {.x = (double)f->s[k],
                    .y = (double)f->d[k],
                    .ux = c2,
                    .uy = s2,
                    .half_length = (double)f->half_length,
                    .half_width = (double)f->half_width};
        double gap = cw_box_distance(&a, &b);
        m->least = cw_min(m->least, gap);
        if (gap <= 0.0) {
            uint32_t j = k > 0 ? k : 1;
            double vs = ((double)f->s[j] - (double)f->s[j - 1]) / FORECAST_DT,
                   vd = ((double)f->d[j] - (double)f->d[j - 1]) / FORECAST_DT;
            // Standing it can still be run into; a walker who would touch a standing car stops.
            bool run_into = !f->vulnerable && vs * vs + vd * vd > 9.0;
            if ((v > 0.15 || run_into) && !m->contact) {
                m->contact = true;
                m->time = (double)k * FORECAST_DT;
                m->speed = cw_hypot(v - vs, vd);
                m->with = f->id;
                m->weak = f->vulnerable;
            }
        } else if (v > 0.5 && k > 0) {
            m->lacks = cw_max(m->lacks, f->standing ? asked_beside - gap : 0.0);
            if (v < 1.5) {
                continue;
            }
            double side = cw_max(dd, 0.0) + 0.5 * cw_max(ds, 0.0);
            m->close = cw_max(m->close, (1.0 - side / want) * cw_min(v / 8.0, 1.0));
        }
    }
}

// By how much the goal is missed at t: m, with headings and speeds weighed against them; 0: reached; INFINITY: not the time.
static double miss(const situation *now, double t, double s, double d, double heading, double turned, double v) {
    const goal_window *g = &now->goal;
    if (t < g->first - 0.02 || t > g->last + 0.02) {
        return INFINITY;
    }
    double ahead = 0.5 * (now->front - now->rear), spare = 0.05;
    double cs = s + ahead * (1.0 - 0.5 * turned * turned), cd = d + ahead * turned;
    double half = cw_corridor_half(now->c, cs), low = g->narrow ? g->d_low : -half, high = g->narrow ? g->d_high : half;
    double along = cw_max(g->begin + spare - cs, cs - g->end + spare),
           across = cw_max(low + spare - cd, cd - high + spare);
    double turn = g->swing < CW_PI ? fabs(cw_wrap_angle(heading - g->heading)) - g->swing : 0.0;
    double fast = cw_max(v - g->v_high, g->v_low - v);
    return cw_max(along, 0.0) + cw_max(across, 0.0) + 4.0 * cw_max(turn, 0.0) + 0.5 * cw_max(fast, 0.0);
}

// What the rest of the time would still ask for after the horizon, beyond what the road allows, m/s.
static double missing_speed(const situation *now, double t, double s, double v) {
    const goal_window *g = &now->goal;
    double left = g->last - t, ahead = 0.5 * (now->front - now->rear);
    if (left < 0.1) {
        return 8.0;
    }
    double need = (g->begin - s - ahead) / left, can = cw_max(now->wanted, v);
    double early = g->first - t > 0.0 ? (s + ahead - g->end) / cw_max(g->first - t, 0.5) : 0.0;
    return cw_clamp(cw_max(need - can, early), 0.0, 8.0);
}

void cw_proposal_simulate(const situation *now, const proposal *p, const barrier *b, outcome *out) {
    const corridor *c = now->c;
    cw_vehicle_state state = now->ego;
    double s = now->s, d = now->d, v = now->v, accel = now->last_accel, mu = now->mu;
    double comfort = 0.0, off_centre = 0.0, across = 0.0, slide = 0.0, left = 0.0;
    meeting m = {.least = INFINITY};
    double nearest = INFINITY; // to the goal in its time
    double turned = cw_wrap_angle(state.heading - cw_corridor_at(c, s, 0.0).heading);
    meet(now, p, 0, s, d, turned, v, &m);
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        if (i % 2 == 0) {
            double wanted =
                p->fraction < 0.0 ? -now->brake_most : cw_law_accel(now, b, p->fraction, i / 2, s + now->front, v);
            // Standing, the brakes are let go at once: easing off from them would hold it for ever.
            double from = v < 0.02 && wanted > 0.0 ? cw_max(accel, 0.0) : accel;
            if (p->forced) {
                double most = cw_max(now->wanted, now->v) + 0.5;
                double force = v > most && p->force > 0.0 ? 0.0 : p->force;
                wanted = v < 0.5 && wanted < 0.0 ? cw_min(force, wanted) : force; // nobody sets off into who crosses
            }
            accel = p->fraction < 0.0 || p->forced ? wanted : eased(wanted, from, i == 0 ? 0.1 : 0.2);
            if (i == 0) {
                out->demand = wanted;
            }
        }
        bool rests = v < 0.02 && accel <= 0.0;
        double slope, line_slope;
        double aim = cw_lateral_at(&p->course, s, &slope, NULL) + cw_corridor_aim(c, s, &line_slope, NULL);
        slope += line_slope;
        corridor_point at = cw_corridor_at(c, s, aim);
        double squeeze = cw_max(1.0 - (double)at.curvature * aim, 0.3);
        float asked, steer;
        if (!rests || i == 0) {
            double tilt = slope / squeeze, there = s + preview * v, bend, line_bend;
            double own = cw_corridor_curvature(c, there);
            (void)cw_lateral_at(&p->course, there, NULL, &bend);
            (void)cw_corridor_aim(c, there, NULL, &line_bend);
            cw_reference reference = {
                .x = at.x,
                .y = at.y,
                .heading = at.heading + tilt * (1.0 - tilt * tilt / 3.0),
                .speed = (float)v,
                .accel = (float)accel,
                .curvature = (float)(own / cw_max(1.0 - own * aim, 0.3) + bend + line_bend),
            };
            cw_vehicle_track(&now->params, &state, &reference, (float)mu, &asked, &steer);
            if (i == 0) {
                out->accel = rests ? cw_clamp(accel, -2.0, -1.0) : accel; // standing: held, not stamped on
                out->steer = (double)steer;
            }
        }
        if (!rests) {
            cw_vehicle_step(&now->params, &state, (float)accel, steer, (float)mu, 0, 0, (float)CW_TRAJECTORY_STEP);
            v = cw_max((double)state.vx, 0.0);
            cw_corridor_project(c, state.x, state.y, s + v * CW_TRAJECTORY_STEP, &s, &d);
            turned = cw_wrap_angle(state.heading - cw_corridor_at(c, s, 0.0).heading);
        }
        out->x[i] = (float)(state.x - now->ego.x);
        out->y[i] = (float)(state.y - now->ego.y);
        out->heading[i] = (float)state.heading;
        out->speed[i] = (float)v;
        double time = (double)(i + 1) * CW_TRAJECTORY_STEP;
        nearest = now->goal.set ? cw_min(nearest, miss(now, time, s, d, state.heading, turned, v)) : nearest;
        if (i % 2 == 1) {
            uint32_t k = (i + 1) / 2;
            meet(now, p, k, s, d, turned, v, &m);
            double turn = v * (double)state.yaw_rate;
            double beyond = cw_max(fabs(turn) - turn_share * mu * 9.81, 0.0);
            across += turn * turn * FORECAST_DT;
            slide += beyond * beyond * FORECAST_DT;
            if (!rests) {
                double hard = cw_max(-accel - 3.0, 0.0);
                comfort += (w_accel * accel * accel + w_hard * hard * hard) * FORECAST_DT;
            }
            double beside = d - p->course.d1; // whoever changes has two lanes to be in the middle of
            double off = p->what == CHANGE && fabs(beside) < fabs(d) ? beside : d;
            off_centre += off * off / (double)(FORECAST_STEPS - 1);
            if (k % 3 == 0) {
                double half = cw_corridor_half(c, s), reach = fabs(d) + now->half_width;
                if (reach > half + 0.1) {
                    double paved = cw_corridor_paved(c, now->obs->map, s, d > 0.0, true);
                    left = cw_max(left, reach - paved - 0.05);
                }
            }
        }
    }
    double horizon = (double)CW_TRAJECTORY_POINTS * CW_TRAJECTORY_STEP;
    double free_way = cw_max(cw_min(now->wanted, cw_corridor_cap(c, now->s + 20.0)) * horizon, 15.0);
    double cost = p->price;
    cost -= w_progress * cw_min((s - now->s) / free_way, 1.0);
    cost += comfort + w_centre * cw_min(off_centre, 16.0) + w_across * across + w_slide * slide;
    cost += w_close * cw_max(m.close, 0.0) + w_leave * cw_max(left, 0.0);
    cost += m.lacks > 0.0 ? w_refused * (1.0 + m.lacks) : 0.0;
    if (m.contact) {
        double soon = 1.0 - 0.06 * m.time;
        cost += (w_contact + w_impact * m.speed * m.speed) * soon * (m.weak ? 2.0 : 1.0);
    }
    bool arrives = nearest <= 0.0;
    if (now->goal.set) {
        cost -= arrives ? w_arrive : 0.0;
        cost += arrives ? 0.0 : w_late * cw_min(nearest, missing_speed(now, horizon, s, v));
    }
    cost -= p->going_on ? 1.0 : 0.0;
    out->cost = cost;
    out->arrives = arrives;
    out->contact = m.contact;
    out->contact_time = m.contact ? m.time : INFINITY;
    out->contact_with = m.with;
    out->margin = m.least;
    out->last_s = s;
}
