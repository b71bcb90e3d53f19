// The lemmas of the safety case, each as a property: what is verified is not touched by any of thousands of sampled
// behaviours that keep A1, and the evaluator's own duties (tube, brakes, sight, fail-safe) hold. Each is a test by name that
// planted.sh shows to find the fault it is there for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static cw_rng_key key;
static uint32_t draw;

static void seed(uint32_t purpose) {
    key = (cw_rng_key){.seed = 11, .purpose = purpose};
    draw = 0;
}
static double between(double low, double high) {
    return cw_lerp(low, high, cw_rng_uniform(key, draw++));
}
// Within +-most, half of the time at its end.
static double edge(double most) {
    double x = between(-2, 2);
    return most * cw_clamp(x, -1, 1);
}
static uint32_t below(uint32_t count) {
    return (uint32_t)between(0, count - 1e-9);
}

// Missed for some frames: the tracker moves it on at the speed that it saw, and lets the bound on its place grow with that.
static void miss(cw_track *t, uint32_t frames) {
    t->missed = (uint16_t)frames;
    t->x += 0.1f * (float)frames * t->vx;
    t->y += 0.1f * (float)frames * t->vy;
    t->error += 0.1f * (float)frames * t->speed_error;
}

// One situation looked at: a plan from now on, and what verification found.
typedef struct look {
    plan p;
    view v;
    finding f;
} look;

static void look_at(bench *b, const plan_def *def, look *l) {
    view_make(&l->v, b->e, &b->obs);
    plan_make(b->e, &l->v, def, &l->p);
    l->f = plan_verify(b->e, &l->v, &l->p, false);
}

// Ego's plan at t: values between two samples.
static double at(const float *values, double t, uint32_t count) {
    double x = cw_min(t / 0.1, count - 1.0);
    uint32_t j = (uint32_t)cw_min(x, count - 2.0);
    return cw_lerp((double)values[j], (double)values[j + 1], x - j);
}

static const double surfaces[][2] = {{0.9, 1.0}, {0.5, 0.8}, {0.2, 0.35}};

static void put_surface(bench *b, uint32_t kind) {
    b->obs.surface.mu_low = (float)surfaces[kind][0];
    b->obs.surface.mu_high = (float)surfaces[kind][1];
}

// ---- ego -------------------------------------------------------------------------------------------------------------

// A fail-safe from any speed, friction and slope takes the way that delay, ramp and b_e make it: no less, and little more.
static void brakes(void **state) {
    (void)state;
    seed(1);
    for (int i = 0; i < 200; i++) {
        double v = between(3, 30), slope = i % 2 ? between(-0.08, 0.08) : 0;
        uint32_t kind = below(3);
        bench *b = begin(v);
        put_surface(b, kind);
        look l;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &l); // samples the way
        for (uint32_t k = 0; k < b->e->way.count; k++)
            b->e->way.point[k].slope = (float)slope;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &l);
        double brake = 0.72 * surfaces[kind][0] * 9.81 + cw_min(0, 9.81 * slope);
        if (brake > 0.3 && v * v / (2 * brake) < 100) {
            double gone = (double)l.p.front[l.p.count - 1] - (double)l.p.front[0], stop = v * 0.2 + v * v / (2 * brake);
            if (!(gone >= stop - 0.05 && gone <= stop + v * (0.1 + 0.5 * brake / 20) + 1.0))
                fail_msg("%.1f m/s, friction %.2f, slope %.2f: stands after %.2f m, %.2f expected", v,
                         surfaces[kind][0], slope, gone, stop);
            assert_true(l.p.stops);
        }
        end(b);
    }
}

// A proposal is simulated for its tick before the fail-safe brakes: at steady speed it stands one tick's way further on.
static void proposal_first(void **state) {
    (void)state;
    seed(8);
    for (int i = 0; i < 50; i++) {
        double v = between(3, 28);
        bench *b = begin(v);
        look at_once, after;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &at_once);
        look_at(b, &(plan_def){.aim = AIM_LANE, .first = &b->proposal.control}, &after);
        double more = (double)after.p.front[after.p.count - 1] - (double)at_once.p.front[at_once.p.count - 1];
        assert_true(more > 0.1 * v - 0.05 && more < 0.1 * v + 0.05);
        end(b);
    }
}

// The plan's box holds the body and the tube that A1 grants its execution: by 0.3 m ahead and behind, by 0.2 m beside.
static void tube(void **state) {
    (void)state;
    seed(2);
    for (int i = 0; i < 50; i++) {
        bench *b = begin(between(3, 30));
        look l;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &l);
        for (uint32_t j = 0; j < l.p.count; j++) {
            assert_true((double)l.p.front[j] >= (double)l.p.s[j] + 2.25 + 0.3 - 1e-3);
            assert_true((double)l.p.rear[j] <= (double)l.p.s[j] - 2.25 - 0.3 + 1e-3);
        }
        end(b);
    }
    // What stands at the edge of the outermost lane: refused as soon as it stands within the tube.
    double low = 0, high = 0.8;
    while (high - low > 0.005) {
        double middle = 0.5 * (low + high);
        bench *b = begin(15);
        move_across(b, -3.5, 0);
        b->obs.ego.place.lane = CW_NONE;
        b->e->a1.position_error = 0;
        track(b, CW_USER_OBSTACLE, 10, -0.9 - 0.9 - middle, 0)->error = 0;
        look l;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &l);
        if (l.f.clause == CW_CLAUSE_NONE)
            high = middle;
        else
            low = middle;
        end(b);
    }
    assert_true(high > 0.19 && high < 0.25);
}

// Standing with a corner by the road's edge and turned towards it, ego gets going again with the wheel hard over, and no corner
// leaves the road.
static void kerb(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        double turned = -0.2 - 0.05 * i, room = i % 2 ? 0.06 : 0.12, sine, cosine, least = INFINITY;
        bench *b = begin(0);
        cw_sincos(turned, &sine, &cosine);
        move_across(b, room - 5.25 - 3.65 * sine + 0.9 * cosine, turned);
        b->obs.ego.place.lane = CW_NONE;
        cw_vehicle_state ego = evaluator_ego(&b->obs);
        for (int k = 0; k < CW_TRAJECTORY_POINTS; k++) { // round to the left
            double angle = cw_min(-turned, 0.02 * k);
            b->proposal.trajectory.x[k] = (float)(5 * cw_sin(angle));
            b->proposal.trajectory.y[k] = (float)(5 * (1 - cw_cos(angle)));
            b->proposal.trajectory.heading[k] = (float)angle;
            b->proposal.trajectory.speed[k] = 1;
        }
        b->proposal.control = (cw_control){.accel = 0.5f, .steer = b->obs.ego.body.max_steer};
        double x = ego.x, y = ego.y;
        for (int tick = 0; tick < 150; tick++) {
            cw_decision out;
            decide(b, &out);
            for (int k = 0; k < 10; k++)
                cw_vehicle_step(&b->e->params, &ego, out.control.accel, out.control.steer, 0.95f, 0, 0, 0.01f);
            cw_box body = cw_box_at((cw_pose){ego.x, ego.y, ego.heading}, 1.4, 4.5, 1.8);
            cw_vec2 corner[4];
            cw_box_corners(&body, corner);
            for (int k = 0; k < 4; k++) {
                double s, t;
                cw_road_project(b->map, 0, corner[k].x, corner[k].y, BENCH_AT, &s, &t);
                least = cw_min(least, t + 10.5);
            }
            cw_ego *e = &b->obs.ego;
            e->x = ego.x, e->y = ego.y, e->heading = (float)ego.heading, e->speed = ego.vx, e->lateral_speed = ego.vy;
            e->yaw_rate = ego.yaw_rate, e->steer = ego.steer, e->accel = ego.accel;
            b->obs.step = b->proposal.step = b->obs.step + 1;
        }
        if (!(least > 0 && cw_hypot(ego.x - x, ego.y - y) > 2))
            fail_msg("turned by %.2f, %.2f m from the edge: %.2f m gone, a corner %.3f m inside", turned, room,
                     cw_hypot(ego.x - x, ego.y - y), least);
        end(b);
    }
}

// ---- leader ----------------------------------------------------------------------------------------------------------

// Seen up to 0.1 s ago, up to 0.3 m and 0.5 m/s wrong, then missed for up to three frames for which the tracker moved it on;
// from then on it brakes as it likes, at most 9.81 mu_hi.
static void leader(void **state) {
    (void)state;
    seed(3);
    int verified = 0, refused = 0, near = 0;
    for (int i = 0; i < 1200; i++) {
        double v = between(4, 34), u = cw_max(0, v + between(-12, 6));
        uint32_t missed = below(4), kind = below(3);
        double brake_own = 0.72 * 9.81 * surfaces[kind][0], brake_lead = 9.81 * surfaces[kind][1];
        double need = v * 0.35 + v * v / (2 * brake_own) - u * u / (2 * brake_lead);
        double gap = cw_max(1, need) + between(-1, 5), ago = between(0, 0.1) + 0.1 * missed;
        double seen = gap + edge(0.3), pace = cw_max(0, u + edge(0.5));
        bench *b = begin(v);
        put_surface(b, kind);
        miss(track(b, CW_USER_CAR, seen, 0, pace), missed);
        b->proposal.control.accel = (float)between(-3, 2);
        look l;
        look_at(b, &(plan_def){.aim = AIM_LANE, .first = i % 2 ? &b->proposal.control : NULL}, &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause == CW_CLAUSE_LEADER;
        double start = (double)l.p.front[0] - b->e->a1.tube_along;
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 20; k++) {
            double brake = (k < 4 ? 1 : between(0, 1)) * brake_lead, from = k == 0 ? -ago : between(-ago, 3), s = gap,
                   speed = u;
            for (double t = -ago; t < 0.1 * l.p.count; t += 0.01) {
                double next = cw_max(0, speed - (t >= from ? brake : 0) * 0.01), rest;
                s += 0.005 * (speed + next);
                speed = next;
                rest = t < 0 ? INFINITY : s - (at(l.p.front, t, l.p.count) - start);
                near += rest < 1;
                if (rest < 0 && at(l.p.speed, t, l.p.count) > 0.1)
                    fail_msg("%.1f m/s, leader %.1f m/s %.1f m ahead brakes at %.1f m/s2 from %.2f s: hit at %.2f s", v,
                             u, gap, brake, from, t);
            }
        }
        end(b);
    }
    assert_true(verified > 200 && refused > 200 && near > 100);
}

// Ego's body at t on its plan, off it by as much as its tube lets it.
static cw_box executed(const bench *b, const plan *p, double t, double along, double across) {
    double x = cw_min(t / 0.1, p->count - 1.0), f, sine, cosine;
    uint32_t j = (uint32_t)cw_min(x, p->count - 2.0);
    f = x - j;
    cw_pose pose = {cw_lerp(p->x[j], p->x[j + 1], f), cw_lerp(p->y[j], p->y[j + 1], f),
                    cw_lerp((double)p->heading[j], (double)p->heading[j + 1], f)};
    cw_sincos(pose.heading, &sine, &cosine);
    pose.x += along * cosine - across * sine;
    pose.y += along * sine + across * cosine;
    return cw_box_at(pose, (double)b->e->body.center_x, (double)b->e->body.length, (double)b->e->body.width);
}

// Round somebody that stands askew in or beside the lane, some of it seen up to 0.3 m from where it is: what ego may run
// over by the plan and its tube is not where it stands, nor creeps to at 0.5 m/s until it answers.
static void stander(void **state) {
    (void)state;
    seed(21);
    int verified = 0, refused = 0, past = 0;
    for (int i = 0; i < 4000; i++) {
        double v = between(5, 20), gap = between(0, 0.8) * (v * 0.4 + v * v / 12.7), left = edge(4.5);
        bench *b = begin(v);
        cw_track *t = track(b, CW_USER_CAR, gap, left, 0);
        double askew = between(-0.6, 0.6), ex = edge(0.21), ey = edge(0.21), sine, cosine;
        t->heading += (float)askew;
        cw_box seen = cw_track_box(&b->obs, t);
        look l;
        look_at(b,
                &(plan_def){.aim = AIM_OFFSET,
                            .offset = left > 0 ? -between(0.5, 3.5) : between(0.5, 3.5),
                            .length = between(1.4, 2.5) * v},
                &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause != CW_CLAUSE_NONE;
        past += l.f.clause == CW_CLAUSE_NONE && (double)l.p.front[l.p.count - 1] > l.v.others[0].s;
        cw_sincos(askew, &sine, &cosine);
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 6; k++) {
            double along = edge(0.3), across = edge(0.2), creep = k % 2 ? 0.5 : 0;
            for (double time = 0; time < 0.1 * l.p.count; time += 0.02) {
                cw_box it = seen;
                double gone = creep * cw_min(time + 0.1, 1);
                it.x += ex + gone * it.ux;
                it.y += ey + gone * it.uy;
                cw_box ego = executed(b, &l.p, time, along, across);
                if (at(l.p.speed, time, l.p.count) > 0.1 && cw_box_overlap(&ego, &it))
                    fail_msg("%.1f m/s to %.1f m, car %.1f m ahead, %.1f m aside, %.2f rad askew: hit at %.2f s", v,
                             (double)l.p.bend.to, gap, left, askew, time);
            }
        }
        end(b);
    }

    assert_true(verified > 500 && refused > 500 && past > 100);
}

// Out from behind somebody that drives ahead, wanders by 0.3 m and may brake as hard as it can at any time.
static void pulls_out(void **state) {
    (void)state;
    seed(22);
    int verified = 0, refused = 0, beyond = 0;
    for (int i = 0; i < 2500; i++) {
        double v = between(8, 30), u = v + between(-4, 4), hard = 9.81, side = i % 2 ? 3.5 : -3.5;
        u = cw_max(u, 2);
        double need = v * 0.35 + v * v / (2 * 0.72 * 0.9 * 9.81) - u * u / (2 * hard);
        double gap = cw_max(0.5, need) * between(0.5, 1.1), place = edge(0.3), wrong = edge(0.3);
        bench *b = begin(v);
        track(b, CW_USER_CAR, gap, place, cw_max(0, u + edge(0.5)));
        look l;
        look_at(b, &(plan_def){.aim = AIM_OFFSET, .offset = side, .length = between(2.1, 3) * v}, &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause == CW_CLAUSE_LEADER;
        bool counted = false;
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 8; k++) {
            double along = edge(0.3), across = edge(0.2), from = k < 2 ? -0.1 : between(-0.1, 2), speed = u;
            double s = gap + 2.25 + wrong, y = place, to = side > 0 ? 0.3 : -0.3, ahead;
            for (double time = -0.1; time < 0.1 * l.p.count; time += 0.02) {
                speed = cw_max(0, speed - (time >= from ? hard * 0.02 : 0));
                s += speed * 0.02;
                y += cw_clamp(to - y, -0.02, 0.02);
                if (time < 0)
                    continue;
                cw_box ego = executed(b, &l.p, time, along, across);
                cw_box start = executed(b, &l.p, 0, 0, 0);
                cw_box it = {.x = start.x + (s + 2.25) * start.ux - y * start.uy,
                             .y = start.y + (s + 2.25) * start.uy + y * start.ux,
                             .ux = start.ux,
                             .uy = start.uy,
                             .half_length = 2.25,
                             .half_width = 0.9};
                ahead = (ego.x - it.x) * it.ux + (ego.y - it.y) * it.uy;
                counted |= ahead > -4.5;
                if (cw_box_overlap(&ego, &it) && at(l.p.speed, time, l.p.count) > 0.1)
                    fail_msg("%.1f m/s, leader %.1f m/s %.1f m ahead brakes from %.2f s: hit at %.2f s", v, u, gap,
                             from, time);
            }
        }
        beyond += counted;
        end(b);
    }

    assert_true(verified > 80 && refused > 200 && beyond > 40);
}

// ---- follower --------------------------------------------------------------------------------------------------------

// Ego goes over to the lane beside: whoever comes there from behind, and answers within 1 s with 4 m/s^2, does not reach it
// even if it then stops at once.
static void follower(void **state) {
    (void)state;
    seed(4);
    int verified = 0, refused = 0;
    for (int i = 0; i < 1600; i++) {
        double v = between(6, 28), u = v + between(-4, i % 4 ? 14 : 24);
        double need = u + u * u / 6 - v * 0.3 - v * v / (2 * 0.72 * 0.9 * 9.81);
        double behind = cw_clamp(need + between(-14, 12), 0.5, 114); // the range of perception, less two half cars
        uint32_t missed = below(4);
        double ago = between(0, 0.1) + 0.1 * missed, pace = cw_max(0, u + between(-0.5, 0.5));
        bench *b = begin(v);
        cw_track *t = track(b, CW_USER_CAR, 0, 3.5, pace);
        t->x = (float)(1.4 - 2.25 - behind - 2.25 + edge(0.3));
        miss(t, missed);
        look l;
        look_at(b, &(plan_def){.aim = AIM_OFFSET, .offset = 3.5, .length = 2.8 * v}, &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause == CW_CLAUSE_FOLLOWER;
        double s = -behind, speed = u, rear = (double)l.p.rear[0] + b->e->a1.tube_along;
        for (double time = -ago; l.f.clause == CW_CLAUSE_NONE && time < 12; time += 0.01) {
            double next = cw_max(0, speed - (time >= 1 ? 4 : 0) * 0.01);
            s += 0.005 * (speed + next);
            speed = next;
            if (time >= 0 && at(l.p.high, time, l.p.count) > 3.5 - 0.9 - 0.3 &&
                s > at(l.p.rear, time, l.p.count) - rear)
                fail_msg("%.1f m/s, follower at %.1f m/s %.1f m behind: hits at %.2f s", v, u, behind, time);
        }
        end(b);
    }
    assert_true(verified > 100 && refused > 100);
}

// ---- beside ----------------------------------------------------------------------------------------------------------

// Ego shifts within its lane and over its line, with somebody level with it in the next lane: that keeps to 0.3 m of its lane's
// middle, and speeds up and brakes as it likes.
static void beside(void **state) {
    (void)state;
    seed(9);
    int verified = 0, refused = 0;
    for (int i = 0; i < 2000; i++) {
        double v = between(6, 28), u = cw_max(0, v + between(-6, 6)), along = between(-4.4, 9), side = i % 2 ? 1 : -1;
        double place = edge(0.3), pace = cw_max(0, u + edge(0.5)), ago = between(0, 0.1);
        uint32_t missed = below(4);
        ago += 0.1 * missed;
        bench *b = begin(v);
        cw_track *t = track(b, CW_USER_CAR, 0, side * 3.5 + place + edge(0.2), pace);
        t->x = (float)(1.4 + along + edge(0.2));
        miss(t, missed);
        look l;
        look_at(b, &(plan_def){.aim = AIM_OFFSET, .offset = side * between(0, 3.5), .length = between(1.5, 3.5) * v},
                &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause == CW_CLAUSE_BESIDE;
        double start = (double)l.p.s[0];
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 15; k++) {
            double s = along, speed = u, y = side * 3.5 + place, to = side * 3.5 + edge(0.3), change = -ago, push = 0;
            for (double time = -ago; time < 0.1 * l.p.count; time += 0.02) {
                if (time >= change) {
                    push = k == 0 ? -9.81 : between(-9.81, 1);
                    change = k == 0 ? 99 : time + between(0.3, 2);
                }
                double next = cw_max(0, speed + push * 0.02);
                s += 0.01 * (speed + next);
                speed = next;
                y += cw_clamp(to - y, -0.01, 0.01);
                if (time < 0 || at(l.p.speed, time, l.p.count) < 0.1)
                    continue;
                double front = at(l.p.front, time, l.p.count) - start, rear = at(l.p.rear, time, l.p.count) - start;
                bool level = s - 2.25 < front && s + 2.25 > rear;
                bool touch =
                    y - 0.9 < at(l.p.high, time, l.p.count) + 0.2 && y + 0.9 > at(l.p.low, time, l.p.count) - 0.2;
                if (level && touch)
                    fail_msg("%.1f m/s to %.1f m, car %.1f m ahead with %.1f m/s: touched at %.2f s", v,
                             (double)l.p.bend.to, along, u, time);
            }
        }
        end(b);
    }
    assert_true(verified > 200 && refused > 200);
}

// ---- pedestrian ------------------------------------------------------------------------------------------------------

static bool hits(const bench *b, const plan *p, double t, double x, double y) {
    double f = cw_min(t / 0.1, p->count - 1.0), sine, cosine;
    uint32_t j = (uint32_t)cw_min(f, p->count - 2.0);
    f -= j;
    cw_sincos(cw_lerp((double)p->heading[j], (double)p->heading[j + 1], f), &sine, &cosine);
    double dx = x - cw_lerp(p->x[j], p->x[j + 1], f), dy = y - cw_lerp(p->y[j], p->y[j + 1], f);
    double along = fabs(dx * cosine + dy * sine - (double)b->e->body.center_x), across = fabs(dy * cosine - dx * sine);
    return along < 2.25 + 0.3 + 0.25 && across < 0.9 + 0.2 + 0.25 && at(p->speed, t, p->count) > 0.15;
}

// On the carriageway, anywhere around ego: it walks in any direction, at most max(observed, 2 m/s), 2 m/s^2, some of them
// straight for the place where ego will be.
static void pedestrian(void **state) {
    (void)state;
    seed(5);
    int verified = 0, refused = 0;
    for (int i = 0; i < 1500; i++) {
        double v = between(3, 16), pace = between(0, 1) < 0.4 ? 0 : between(0, 3), course = between(-CW_PI, CW_PI);
        uint32_t missed = below(4);
        double ago = between(0, 0.1) + 0.1 * missed, x = between(3, 45), y = between(-4, 4), sine, cosine;
        cw_sincos(course, &sine, &cosine);
        double wx = pace * cosine, wy = pace * sine; // in ego's frame, as it was when it was seen
        bench *b = begin(v);
        double turn = between(-CW_PI, CW_PI), off = between(0, 0.3), slip = between(0, 0.5), c2, s2;
        cw_sincos(turn, &s2, &c2);
        double vx = wx + slip * s2, vy = wy + slip * c2;
        cw_track *t = track(b, CW_USER_PEDESTRIAN, 0, 0, 0);
        t->x = (float)(x + off * c2);
        t->y = (float)(y + off * s2);
        t->vx = (float)vx;
        t->vy = (float)vy;
        t->speed = (float)cw_hypot(vx, vy);
        t->heading = (float)course;
        miss(t, missed);
        b->proposal.control.accel = (float)between(-2, 1);
        look l;
        look_at(b, &(plan_def){.aim = AIM_LANE, .first = i % 2 ? &b->proposal.control : NULL}, &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused += l.f.clause == CW_CLAUSE_PEDESTRIAN;
        double es, ec, most = cw_max(pace, 2);
        cw_sincos((double)b->obs.ego.heading, &es, &ec);
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 30; k++) {
            double px = b->obs.ego.x + x * ec - y * es, py = b->obs.ego.y + x * es + y * ec;
            double ux = wx * ec - wy * es, uy = wx * es + wy * ec, ax = 0, ay = 0, change = -ago;
            double meet = between(0, 0.1 * l.p.count); // when it means to be where ego is
            uint32_t there = (uint32_t)cw_min(meet / 0.1, l.p.count - 1.0);
            for (double time = -ago; time < 0.1 * l.p.count; time += 0.02) {
                if (time >= change) {
                    double turned = between(-CW_PI, CW_PI), hard = between(0, 2), gx = l.p.x[there] - px,
                           gy = l.p.y[there] - py;
                    cw_sincos(turned, &ay, &ax);
                    double far = cw_hypot(gx, gy);
                    if (k % 2 && far > 0.1) { // straight for it
                        ax = gx / far;
                        ay = gy / far;
                        hard = 2;
                    }
                    ax *= hard;
                    ay *= hard;
                    change = time + between(0.2, 1.5);
                }
                ux += ax * 0.02;
                uy += ay * 0.02;
                double speed = cw_hypot(ux, uy);
                if (speed > most) {
                    ux *= most / speed;
                    uy *= most / speed;
                }
                px += ux * 0.02;
                py += uy * 0.02;
                if (time >= 0 && hits(b, &l.p, time, px, py))
                    fail_msg("%.1f m/s, walker at (%.1f, %.1f) with %.1f m/s: hit at %.2f s", v, x, y, pace, time);
            }
        }
        end(b);
    }
    assert_true(verified > 150 && refused > 150);
}

// Whoever is on the carriageway is engaged, on either side; beside it, within 1.5 m, if it heads for it.
static void engaged(void **state) {
    (void)state;
    static const struct {
        double t, facing; // of the road; rad from its direction
        bool engaged;
    } rows[] = {{-0.6, 0, true},           {-9.9, 0, true},           {0.9, 0, false},
                {-11.6, 0, false},         {0.9, -0.5 * CW_PI, true}, {-11.6, 0.5 * CW_PI, true},
                {0.9, 0.5 * CW_PI, false}, {-13, 0.5 * CW_PI, false}};
    for (int lane = 0; lane < 3; lane++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            bench *b = begin(8);
            double own = -1.75 - 3.5 * lane;
            move_across(b, own + 5.25, 0);
            b->obs.ego.place.lane = CW_NONE;
            cw_track *t = track(b, CW_USER_PEDESTRIAN, 30, rows[i].t - own, 0);
            t->vx = 0;
            t->heading = (float)rows[i].facing;
            view v;
            view_make(&v, b->e, &b->obs);
            assert_int_equal(v.count, 1);
            if (v.others[0].engaged != rows[i].engaged)
                fail_msg("from lane %d, walker at %.1f facing %.1f: engaged %d", lane, rows[i].t, rows[i].facing,
                         v.others[0].engaged);
            end(b);
        }
}

// Past the unengaged at 30 km/h or less below 1.5 m of clearance.
static void passing(void **state) {
    (void)state;
    for (int fast = 0; fast < 2; fast++)
        for (int wide = 0; wide < 2; wide++) {
            bench *b = begin(fast ? 12 : 8);
            move_across(b, -3.5 - 0.4, 0); // near the edge, which is at -10.5: clearance from -9.95 on
            b->obs.ego.place.lane = CW_NONE;
            cw_track *t = track(b, CW_USER_PEDESTRIAN, 8, wide ? -4.2 : -2.2, 0);
            t->vx = 0;
            look l;
            look_at(b, &(plan_def){.aim = AIM_HOLD}, &l);
            assert_int_equal(l.f.clause, fast && !wide ? CW_CLAUSE_PASSING : CW_CLAUSE_NONE);
            end(b);
        }
}

// ---- cyclist -----------------------------------------------------------------------------------------------------------

// One rides across ego's way, or ahead of it in the same direction: at most max(observed, 8 m/s), 1 m to each side of its course.
static void cyclist(void **state) {
    (void)state;
    seed(10);
    int verified = 0, refused[2] = {0}, near = 0;
    for (int i = 0; i < 2400; i++) {
        bool along = i % 2;
        double v = between(3, 16), pace = along ? between(1, 8) : between(1.2, 9);
        double side = along ? between(-3.2, 3.2) : (i % 4 ? 1 : -1) * between(1, 20),
               x = along ? between(3, 30) : between(0, 45);
        double course = along ? 0 : (side > 0 ? -1 : 1) * between(0.9, 2.2), sine, cosine;
        cw_sincos(course, &sine, &cosine);
        uint32_t missed = below(4);
        double ago = between(0, 0.1) + 0.1 * missed, seen = cw_max(0.6, pace + edge(0.5));
        bench *b = begin(v);
        cw_track *t = track(b, CW_USER_BICYCLE, 0, side + edge(0.2), 0);
        t->length = 1.8f, t->width = 0.6f;
        t->x = (float)(1.4 + 2.25 + 0.9 + x + edge(0.2));
        t->heading = (float)course;
        t->vx = (float)(seen * cosine), t->vy = (float)(seen * sine), t->speed = (float)seen;
        miss(t, missed);
        look l;
        look_at(b, &(plan_def){.aim = along ? AIM_OFFSET : AIM_LANE, .offset = -side * 0.5}, &l);
        verified += l.f.clause == CW_CLAUSE_NONE;
        refused[along] += l.f.clause == (along ? CW_CLAUSE_LEADER : CW_CLAUSE_CYCLIST);
        double es, ec;
        cw_sincos((double)b->obs.ego.heading, &es, &ec);
        for (int k = 0; l.f.clause == CW_CLAUSE_NONE && k < 20; k++) {
            double gone = 0, off = 0, to = edge(1), speed = pace, push = k % 2 ? 3 : between(-6, 3), change = -ago;
            for (double time = -ago; time < 0.1 * l.p.count; time += 0.02) {
                if (time >= change) {
                    to = edge(1);
                    push = k % 2 ? push : between(-6, 3);
                    change = time + between(0.3, 2);
                }
                double next = cw_clamp(speed + push * 0.02, 0, cw_max(pace, 8));
                gone += 0.01 * (speed + next);
                speed = next;
                off += cw_clamp(to - off, -0.03, 0.03);
                double bx = 1.4 + 2.25 + 0.9 + x + gone * cosine - off * sine, by = side + gone * sine + off * cosine;
                if (time < 0 || at(l.p.speed, time, l.p.count) < 0.1)
                    continue;
                double f = cw_min(time / 0.1, l.p.count - 1.0);
                uint32_t j = (uint32_t)cw_min(f, l.p.count - 2.0);
                f -= j;
                cw_pose pose = {cw_lerp(l.p.x[j], l.p.x[j + 1], f), cw_lerp(l.p.y[j], l.p.y[j + 1], f),
                                cw_lerp((double)l.p.heading[j], (double)l.p.heading[j + 1], f)};
                cw_box ego = cw_box_at(pose, 1.4, 4.5 + 0.6, 1.8 + 0.4);
                cw_box bike = cw_box_at((cw_pose){b->obs.ego.x + bx * ec - by * es, b->obs.ego.y + bx * es + by * ec,
                                                  course + (double)b->obs.ego.heading},
                                        0, 1.8, 0.6);
                near += cw_hypot(bike.x - ego.x, bike.y - ego.y) < 5;
                if (cw_box_overlap(&ego, &bike))
                    fail_msg("%.1f m/s, cyclist %.1f m ahead, %.1f m beside, %s at %.1f m/s: hit at %.2f s", v, x, side,
                             along ? "along" : "across", pace, time);
            }
        }
        end(b);
    }
    assert_true(verified > 500 && refused[0] > 200 && refused[1] > 200 && near > 1000);
}

// ---- occlusion and cut-out -------------------------------------------------------------------------------------------

// No plan ends beyond what is seen, or beyond what a leader that swerved may have hidden.
static void sight_ends(void **state) {
    (void)state;
    seed(6);
    int verified = 0, refused[2] = {0};
    for (int i = 0; i < 400; i++) {
        double v = between(4, 28), far = between(14, 80);
        bench *b = begin(v);
        look l;
        cw_road_point p;
        cw_road_at(b->map, 0, BENCH_AT + 3.65 + far, -5.25, &p);
        if (i % 2)
            b->obs.surface.visibility = (float)(far + 2.25);
        else // hidden by the leader itself
            b->e->phantoms[0] = (phantom){.x = p.x, .y = p.y, .left = 5, .id = 3};
        if (i % 2 == 0)
            track(b, CW_USER_TRUCK, cw_max(1, far - 8), 0, v + 12)->height = 3.5f;
        look_at(b, &(plan_def){.aim = AIM_LANE}, &l);
        double end_at = (double)l.p.front[l.p.count - 1] - (double)l.p.front[0];
        bool ok = l.f.clause == CW_CLAUSE_NONE;
        verified += ok;
        refused[i % 2] += l.f.clause == (i % 2 ? CW_CLAUSE_OCCLUSION : CW_CLAUSE_CUT_OUT);
        if (ok && end_at > far + 0.3)
            fail_msg("%.1f m/s stands after %.1f m, seen are %.1f", v, end_at, far);
        end(b);
    }
    assert_true(verified > 100 && refused[0] > 20 && refused[1] > 20);
}

// ---- the fail-safe ---------------------------------------------------------------------------------------------------

// After whatever was proposed: a fail-safe that is said to be verified is so, from the state in which it was taken.
static void fallback_verified(void **state) {
    (void)state;
    seed(7);
    int fresh = 0, braked = 0;
    for (int i = 0; i < 120; i++) {
        bench *b = begin(between(8, 26));
        double gap = between(20, 70), v = (double)b->obs.ego.speed, u = cw_max(0, v + between(-8, 2));
        track(b, CW_USER_CAR, gap, 0, u);
        cw_evaluator *before = malloc(cw_evaluator_size());
        for (int tick = 0; tick < 20; tick++) {
            b->obs.step = b->proposal.step = b->obs.step + 1;
            b->proposal.valid = between(0, 1) < 0.5;
            memcpy(before, b->e, cw_evaluator_size());
            cw_decision out;
            cw_verification why = decide(b, &out);
            view v2;
            view_make(&v2, before, &b->obs);
            evaluator_ease(before, &v2);
            const plan *p = &b->e->fallback;
            if (why.verified && p->x[0] == b->obs.ego.x && p->y[0] == b->obs.ego.y) {
                finding f = plan_verify(before, &v2, p, false);
                if (f.clause != CW_CLAUSE_NONE)
                    fail_msg("tick %d: the fail-safe does not hold (%s, %.2f m)", tick, cw_clause_name(f.clause),
                             f.margin);
                fresh++;
            }
            braked += why.accepted < 0;
            // ego as told, the leader brakes in the end
            double speed = cw_max(0, (double)b->obs.ego.speed + 0.1 * (double)out.control.accel), sine, cosine;
            cw_sincos((double)b->obs.ego.heading, &sine, &cosine);
            double gone = 0.05 * (speed + (double)b->obs.ego.speed);
            b->obs.ego.x += gone * cosine;
            b->obs.ego.y += gone * sine;
            b->obs.ego.speed = (float)speed;
            b->obs.ego.accel = out.control.accel;
            u = cw_max(0, u - (tick > 8 ? 0.6 : 0));
            gap += 0.1 * u - gone;
            b->tracks[0].x = (float)(1.4 + 2.25 + gap + 2.25);
            b->tracks[0].vx = b->tracks[0].speed = (float)u;
        }
        free(before);
        end(b);
    }
    assert_true(fresh > 1000 && braked > 500);
}

// A proposal that verifies by little does not end a fail-safe under way; one that verifies by enough does.
static void hysteresis(void **state) {
    (void)state;
    static const struct {
        double more;
        int accepted;
    } rows[] = {{0.1, -1}, {0.6, 0}};
    double low = 0, high = 100; // the gap that is needed
    while (high - low > 0.005) {
        double middle = 0.5 * (low + high);
        bench *b = begin(15);
        track(b, CW_USER_CAR, middle, 0, 15);
        cw_decision out;
        if (decide(b, &out).accepted == 0)
            high = middle;
        else
            low = middle;
        end(b);
    }
    for (int i = 0; i < 2; i++) {
        bench *b = begin(15);
        track(b, CW_USER_CAR, high + rows[i].more, 0, 15);
        cw_decision out;
        b->proposal.valid = false;
        assert_int_equal(decide(b, &out).accepted, -1);
        b->proposal.valid = true;
        b->obs.step = b->proposal.step = 1;
        cw_verification why = decide(b, &out);
        assert_int_equal(why.accepted, rows[i].accepted);
        if (why.accepted < 0)
            assert_int_equal(why.clause[0], CW_CLAUSE_HYSTERESIS);
        end(b);
    }
}

// Standing after a minimal-risk manoeuvre, 3 s of valid proposals let it drive on, and no less.
static void rearms(void **state) {
    (void)state;
    bench *b = begin(0);
    cw_decision out;
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        b->proposal.trajectory.x[i] = b->proposal.trajectory.speed[i] = 0;
    b->proposal.control.accel = 0.5f;
    // It was on its way to a standstill when it stood.
    b->obs.ego.speed = 1;
    b->proposal.valid = false;
    for (int i = 0; i < 10; i++) {
        decide(b, &out);
        b->obs.step = b->proposal.step = b->obs.step + 1;
    }
    b->obs.ego.speed = 0;
    decide(b, &out);
    b->proposal.valid = true;
    int ticks = 0;
    do {
        b->obs.step = b->proposal.step = b->obs.step + 1;
        ticks++;
    } while (decide(b, &out).accepted < 0 && ticks < 100);
    assert_in_range(ticks, 29, 31);
    end(b);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brakes),     cmocka_unit_test(tube),
        cmocka_unit_test(leader),     cmocka_unit_test(follower),
        cmocka_unit_test(beside),     cmocka_unit_test(pedestrian),
        cmocka_unit_test(engaged),    cmocka_unit_test(passing),
        cmocka_unit_test(sight_ends), cmocka_unit_test(fallback_verified),
        cmocka_unit_test(hysteresis), cmocka_unit_test(proposal_first),
        cmocka_unit_test(cyclist),    cmocka_unit_test(rearms),
        cmocka_unit_test(kerb),       cmocka_unit_test(stander),
        cmocka_unit_test(pulls_out),
    };
    if (argc > 1) // one of them
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
