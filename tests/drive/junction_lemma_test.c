// The lemma of junctions: what is verified where lanes cross is not touched by any of thousands of sampled behaviours of those
// who come there and keep A1.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "crossing.h"
#include "drive/evaluator_internal.h"

#define HALF CROSSING_HALF
#define LIMIT CROSSING_LIMIT

static cw_rng_key key;
static uint32_t draw;

static double between(double low, double high) {
    return cw_lerp(low, high, cw_rng_uniform(key, draw++));
}

typedef struct stage {
    cw_map *map;
    cw_evaluator *e;
    cw_mission mission;
    cw_track track;
    cw_obs obs;
    view v;
    plan p;
} stage;

// Ego's front `far` m before the first conflict, with `speed`.
static void set(stage *g, double far, double speed) {
    cw_evaluator_reset(g->e, &(cw_evaluator_def){.map = g->map, .body = test_body(), .period = 0.1f});
    double x = -2 - HALF - far - 3.65;
    cw_locate query = cw_locate_at(x, 0);
    query.heading = 0;
    cw_lane_place place;
    cw_map_locate(g->map, &query, &place);
    g->mission = (cw_mission){.set_speed = 14};
    g->obs = (cw_obs){.period = 0.1f,
                      .map = g->map,
                      .mission = &g->mission,
                      .tracks = &g->track,
                      .track_count = 1,
                      .surface = {0.9f, 1.0f, 1000},
                      .range = 200,
                      .ego = {.x = x, .speed = (float)speed, .place = place, .body = test_body()}};
}

static finding look(stage *g, const plan_def *def) {
    plan_make(g->e, &g->v, def, &g->p);
    return plan_verify(g->e, &g->v, &g->p, false);
}

// Braking, or where that would end inside going on through: as the evaluator seeks.
static finding seek(stage *g, const cw_control *first) {
    view_make(&g->v, g->e, &g->obs);
    plan_def def = {.aim = AIM_LANE, .first = first};
    finding f = look(g, &def);
    if (plan_ends_in(g->e, &g->p)) {
        def.through = true;
        def.beyond = (double)g->p.rear[g->p.count - 1];
        f = look(g, &def);
    }
    return f;
}

static bool touches(const stage *g, double t, const cw_box *theirs) {
    const plan *p = &g->p;
    double x = cw_min(t / 0.1, p->count - 1.0);
    uint32_t j = (uint32_t)cw_min(x, p->count - 2.0);
    x -= j;
    if (cw_lerp((double)p->speed[j], (double)p->speed[j + 1], x) < 0.1)
        return false;
    double heading = cw_lerp((double)p->heading[j], (double)p->heading[j + 1], x);
    cw_pose pose = {cw_lerp(p->x[j], p->x[j + 1], x), cw_lerp(p->y[j], p->y[j + 1], x), heading};
    cw_box ego = cw_box_at(pose, 1.4, 4.5 + 0.6, 1.8 + 0.4);
    return cw_box_overlap(&ego, theirs);
}

// Somebody comes from the right (first) or from the left, as it likes: gains up to 4 m/s^2, no faster than 1.1 times the limit
// or than it was; brakes as hard as it can, or stands in the middle of the crossing. From the left, or once ego is in, it
// stops before the crossing if it can at 4 m/s^2 after 1 s; who stands stays.
static void junction(void **state) {
    (void)state;
    key = (cw_rng_key){.seed = 11, .purpose = 21};
    draw = 0;
    stage g = {.map = crossing_map(), .e = calloc(1, cw_evaluator_size())};
    int verified = 0, refused = 0, near = 0;
    uint32_t through = 0;
    for (int i = 0; i < 3000; i++) {
        bool right = i % 3 > 0, bicycle = i % 7 == 0;
        double v = between(0, 15), far = i % 5 == 0 ? between(-4, 1) : between(0, 30);
        double u = between(0, 1) < 0.2 ? 0 : between(0, bicycle ? 8 : 17), gap = between(-6, 70),
               length = bicycle ? 1.8 : 4.5;
        set(&g, far, v);
        // Seen up to 0.1 s ago, and missed for up to three frames for which the tracker has moved it on.
        uint32_t missed = (uint32_t)between(0, 3.99);
        double ago = between(0, 0.1) + 0.1 * missed, off = between(-0.3, 0.3),
               pace = cw_max(0, u + cw_clamp(between(-1, 1), -0.5, 0.5));
        double side = right ? -1 : 1, y0 = side * (HALF + gap + 0.5 * length); // its middle, -ago
        double seen = y0 + off - side * pace * 0.1 * missed, vy = -side * pace;
        g.track = (cw_track){.id = 65537,
                             .kind = bicycle ? CW_USER_BICYCLE : CW_USER_CAR,
                             .seen = missed == 0,
                             .missed = (uint16_t)missed,
                             .x = (float)((right ? 2 : -2) - g.obs.ego.x),
                             .y = (float)seen,
                             .heading = (float)(-side * 0.5 * CW_PI),
                             .vy = (float)vy,
                             .speed = (float)pace,
                             .length = (float)length,
                             .width = bicycle ? 0.6f : 1.8f,
                             .error = 0.3f + 0.05f * (float)missed,
                             .speed_error = 0.5f};
        cw_control control = {.accel = (float)between(-2, 3)};
        finding f = seek(&g, i % 2 ? &control : NULL);
        bool inside = g.v.ego_front > g.e->way.area[0].from;
        refused += f.clause == CW_CLAUSE_JUNCTION;
        if (f.clause != CW_CLAUSE_NONE)
            continue;
        verified++;
        through += g.p.through;
        double most = cw_max(u, bicycle ? 8 : 1.1 * LIMIT);
        bool stands = pace <= 0.5, stops = (!right || inside) && gap >= u + u * u / 8;
        for (int k = 0; k < 40; k++) {
            double y = side * y0, speed = u, change = -ago, push = 0, till = between(0, 8); // y: m before the middle
            for (double t = -ago; t < 0.1 * g.p.count; t += 0.02) {
                if (t >= change) {
                    push = k % 4 == 0 ? 4 : k % 4 == 1 ? (t < till ? 4 : -9.81) : between(-9.81, 4);
                    change = k % 4 == 1 ? t + 0.02 : t + between(0.3, 2);
                }
                double accel = push, room = y - 0.5 * length - HALF;
                if (stands)
                    accel = -4;
                else if (stops && room >= 0)
                    accel = t < 1 - ago ? cw_min(push, 0) : cw_min(push, -4);
                double next = cw_clamp(speed + accel * 0.02, 0, most);
                y -= 0.01 * (speed + next);
                speed = next;
                if (t < 0)
                    continue;
                cw_box box =
                    cw_box_at((cw_pose){right ? 2 : -2, side * y, -side * 0.5 * CW_PI}, 0, length, bicycle ? 0.6 : 1.8);
                near += fabs(y) < HALF + length && g.p.through;
                if (touches(&g, t, &box))
                    fail_msg(
                        "ego %.1f m before it at %.1f m/s, %s from the %s %.1f m before it at %.1f m/s: hit at %.2f s, "
                        "%.1f m/s (due %.2f s)",
                        far, v, bicycle ? "bicycle" : "car", right ? "right" : "left", gap, u, t, speed,
                        g.v.due[right ? 1 : 0]);
            }
        }
    }
    print_message("junction: %d verified, %u of them through, %d refused, %d near\n", verified, through, refused, near);
    assert_true(verified > 800 && through > 100 && refused > 200 && near > 1000);
    free(g.e);
    cw_map_free(g.map);
}

// Who comes from the right goes first, who comes from the left does not; with a green light neither does.
static void precedence(void **state) {
    (void)state;
    stage g = {.map = crossing_map(), .e = calloc(1, cw_evaluator_size())};
    set(&g, 10, 8);
    g.obs.track_count = 0;
    view_make(&g.v, g.e, &g.obs);
    int found = 0;
    for (uint32_t i = 0; i < g.e->way.area_count; i++) {
        const area *a = &g.e->way.area[i];
        if (a->kind != AREA_CONFLICT)
            continue;
        found++;
        assert_int_equal(a->first, a->to > WAY_BACK + 3.65 + 10 + 4 ? -1 : 1);
        assert_int_equal(a->green, 1);
    }
    assert_int_equal(found, 2);
    assert_true(g.e->way.feeder_count >= 4);
    free(g.e);
    cw_map_free(g.map);
}

// Ego shifts towards the other side, or is on it, and somebody comes there: it keeps to its side and drifts over it, at most at
// 1 m/s and to the line; once ego is over the line, or in its way, it brakes at 3 m/s^2 within 1 s, and until then as it likes.
static void oncoming(void **state) {
    (void)state;
    key = (cw_rng_key){.seed = 11, .purpose = 22};
    draw = 0;
    stage g = {.map = crossing_map(), .e = calloc(1, cw_evaluator_size())};
    int verified = 0, refused = 0, near = 0;
    for (int i = 0; i < 3000; i++) {
        double v = between(2, 15), u = between(2, 17), gap = between(2, 110), side = i % 3 ? 0 : between(0, 2.5);
        set(&g, 150, v);
        g.obs.ego.y = side;
        uint32_t missed = (uint32_t)between(0, 3.99);
        double ago = between(0, 0.1) + 0.1 * missed, pace = cw_max(0.6, u + cw_clamp(between(-1, 1), -0.5, 0.5));
        double x0 = gap + 2.25, y0 = 3.5 + between(-0.3, 0.3); // its middle before ego's front, -ago
        g.track = (cw_track){.id = 65537,
                             .kind = CW_USER_CAR,
                             .seen = missed == 0,
                             .missed = (uint16_t)missed,
                             .x = (float)(3.65 + x0 + between(-0.3, 0.3) - 0.1 * missed * pace),
                             .y = (float)(y0 + between(-0.3, 0.3) - side),
                             .heading = (float)CW_PI,
                             .vx = (float)-pace,
                             .speed = (float)pace,
                             .length = 4.5f,
                             .width = 1.8f,
                             .error = 0.3f + 0.05f * (float)missed,
                             .speed_error = 0.5f};
        view_make(&g.v, g.e, &g.obs);
        finding f = look(&g, &(plan_def){.aim = AIM_OFFSET, .offset = between(0, 3.5), .length = between(10, 40)});
        verified += f.clause == CW_CLAUSE_NONE;
        refused += f.clause == CW_CLAUSE_ONCOMING;
        for (int k = 0; f.clause == CW_CLAUSE_NONE && k < 30; k++) {
            double x = x0, y = y0, speed = u, late = between(0, 1), met = INFINITY, drift = k % 3 ? -1 : between(-1, 1);
            for (double t = -ago; t < 0.1 * g.p.count; t += 0.02) {
                double high = side + HALF; // of ego, from its lane's middle
                if (t >= 0)
                    high = cw_lerp((double)g.p.high[(uint32_t)cw_min(t / 0.1, g.p.count - 1.0)],
                                   (double)g.p.high[(uint32_t)cw_min(t / 0.1 + 1, g.p.count - 1.0)], 0.5);
                if (t >= 0 && isinf(met) && high + 0.2 > cw_min(HALF, y - 0.9))
                    met = t;
                bool brakes = t > met + (k % 2 ? 1 : late);
                double next = cw_max(0, speed - (brakes ? 3 : 0) * 0.02);
                x -= 0.01 * (speed + next);
                speed = next;
                y = cw_clamp(y + 0.02 * drift, HALF + 0.92, 3.8);
                if (t < 0)
                    continue;
                cw_box box = cw_box_at((cw_pose){g.obs.ego.x + 3.65 + x, y, CW_PI}, 0, 4.5, 1.8);
                near += x < 10;
                if (touches(&g, t, &box))
                    fail_msg(
                        "ego %.1f m/s, to %.1f m from %.1f m, car %.1f m ahead at %.1f m/s: hit at %.2f s, %.1f m/s", v,
                        (double)g.p.bend.to, side, gap, u, t, speed);
            }
        }
    }
    print_message("oncoming: %d verified, %d refused, %d near\n", verified, refused, near);
    assert_true(verified > 300 && refused > 300 && near > 1000);
    free(g.e);
    cw_map_free(g.map);
}

// A van stands by the right edge, its far end `ahead` m before ego's front and `clear` m beside ego's way.
static void park(stage *g, double ahead, double clear) {
    g->track = (cw_track){.id = 65537,
                          .kind = CW_USER_VAN,
                          .seen = true,
                          .x = (float)(3.65 + ahead - 2.25),
                          .y = (float)-(0.9 + clear + 0.9),
                          .length = 4.5f,
                          .width = 1.8f,
                          .height = 2,
                          .error = 0.3f,
                          .speed_error = 0.5f};
}

// Braking, or going on past it: as the evaluator seeks.
static finding pass(stage *g, const cw_control *first) {
    plan_def def = {.aim = AIM_LANE, .first = first};
    finding f = look(g, &def);
    for (uint32_t k = 0; f.clause == CW_CLAUSE_HIDDEN && k < g->v.shadow_count; k++)
        def.past = cw_max(def.past, g->v.shadow[k].s + 4.5);
    return def.past > 0 ? look(g, &def) : f;
}

// The speeds at which ego may pass what hides a walker, at 1.0, 1.5 and 2.0 m of clearance: 12, 29 and 46 km/h. And whoever
// comes out from behind it, at 1.39 m/s from any place in its shadow, is not run into.
static void hidden_walker(void **state) {
    (void)state;
    key = (cw_rng_key){.seed = 11, .purpose = 23};
    draw = 0;
    stage g = {.map = crossing_map(), .e = calloc(1, cw_evaluator_size())};
    static const double clear[] = {1.0, 1.5, 2.0}, asked[] = {12, 29, 46};
    cw_control steady = {0};
    for (int i = 0; i < 3; i++) {
        double low = 0, high = 20;
        while (high - low > 0.05) {
            double v = 0.5 * (low + high);
            bool fine = true;
            for (double ahead = 0.3; ahead < 40 && fine; ahead += 0.1) {
                set(&g, 150, v);
                park(&g, ahead, clear[i]);
                view_make(&g.v, g.e, &g.obs);
                fine = pass(&g, &steady).clause == CW_CLAUSE_NONE;
            }
            if (fine)
                low = v;
            else
                high = v;
        }
        print_message("%.1f m: %.1f km/h\n", clear[i], 3.6 * low);
        assert_true(fabs(3.6 * low - asked[i]) < 6);
    }
    int verified = 0, refused = 0, met = 0;
    for (int i = 0; i < 3000; i++) {
        double v = between(3, 14), ahead = between(0.5, 20), beside = between(0.3, 2);
        set(&g, 150, v);
        park(&g, ahead, beside);
        view_make(&g.v, g.e, &g.obs);
        finding f = pass(&g, i % 2 ? &steady : NULL);
        verified += f.clause == CW_CLAUSE_NONE;
        refused += f.clause == CW_CLAUSE_HIDDEN;
        for (int k = 0; f.clause == CW_CLAUSE_NONE && k < 30; k++) {
            double on = between(0.25, 4.25), x = ahead + on; // its middle, before ego's front now
            double y = beside +
                       (beside + 0.9) * on / (ahead + 2.25); // from ego's side: along the line of sight past the corner
            double before = 0;
            for (double t = 0; t < 0.1 * g.p.count; t += 0.002) {
                double s = cw_min(t / 0.1, g.p.count - 1.0), front, speed;
                uint32_t j = (uint32_t)cw_min(s, g.p.count - 2.0);
                front = cw_lerp((double)g.p.front[j], (double)g.p.front[j + 1], s - j) - (double)g.p.front[0];
                speed = cw_lerp((double)g.p.speed[j], (double)g.p.speed[j + 1], s - j);
                bool there = y - 1.39 * (t - 0.002) < 0; // its edge was in ego's way already
                met += there && front > x - 3;
                if (there && before < x && front >= x && speed > 1.5)
                    fail_msg("ego %.1f m/s, van %.1f m ahead, %.1f m beside: walker %.1f m behind it hit at %.2f s, "
                             "%.1f m/s",
                             v, ahead, beside, on, t, speed);
                before = front;
            }
        }
    }
    // Tick by tick past it at 1.5 m: at 26 km/h nothing is refused, at 40 km/h it is, with the reason.
    for (int fast = 0; fast < 2; fast++) {
        double v = (fast ? 40 : 26) / 3.6;
        int hidden = 0, else_refused = 0;
        set(&g, 190, v);
        for (int k = 0; k < 60; k++) {
            double gone = 0.1 * v * k, ahead = 30 - gone;
            cw_decision d = {.valid = true, .step = k}, out;
            for (int n = 0; n < CW_TRAJECTORY_POINTS; n++) {
                d.trajectory.x[n] = (float)(0.1 * v * (n + 1));
                d.trajectory.speed[n] = (float)v;
            }
            const cw_decision *proposals[] = {&d};
            cw_verification why;
            g.obs.step = k;
            g.obs.ego.x = -2 - HALF - 190 - 3.65 + gone;
            g.obs.ego.place.s += k ? 0.1 * v : 0;
            park(&g, ahead, 1.5);
            cw_evaluator_decide(g.e, &g.obs, proposals, 1, &out, &why);
            hidden += why.clause[0] == CW_CLAUSE_HIDDEN;
            else_refused +=
                why.accepted < 0 && why.clause[0] != CW_CLAUSE_HIDDEN && why.clause[0] != CW_CLAUSE_HYSTERESIS;
            if (why.clause[0] == CW_CLAUSE_HIDDEN) {
                assert_int_equal(out.reason.cause[0].kind, CW_CAUSE_OCCLUSION);
                assert_int_equal(out.reason.cause[0].id, 65537);
            }
        }
        assert_int_equal(else_refused, 0);
        if (fast)
            assert_true(hidden > 0);
        else
            assert_int_equal(hidden, 0);
    }
    print_message("hidden: %d verified, %d refused, %d met\n", verified, refused, met);
    assert_true(verified > 500 && refused > 200 && met > 1000);
    free(g.e);
    cw_map_free(g.map);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(junction), cmocka_unit_test(precedence),
                                       cmocka_unit_test(oncoming), cmocka_unit_test(hidden_walker)};
    if (argc > 1) // one of them
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
