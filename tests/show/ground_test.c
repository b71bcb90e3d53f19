// What is drawn of a map, and what is read from a trace, against closed forms.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show/cutin.h"
#include "show/ground.h"
#include "show/replay.h"
#include "show/series.h"

// The whole road of the drive: a point each 20 m.
static bool draw(ground *out, const cw_map *map, double radius) {
    cw_vec2 path[36];
    for (int i = 0; i < 36; i++) {
        cw_road_point point;
        cw_road_at(map, 0, 20.0 * i, 0.0, &point);
        path[i] = (cw_vec2){point.x, point.y};
    }
    return ground_open(out, map, path, 36, radius);
}

static double area_of(const ground *of, const ground_shape *shape) {
    double twice = 0.0;
    for (uint32_t i = 0; i < shape->count; i++) {
        cw_vec2 p = of->points[shape->first + i], q = of->points[shape->first + (i + 1) % shape->count];
        twice += p.x * q.y - p.y * q.x;
    }
    return twice / 2.0;
}

static double length_of(const ground *of, const ground_shape *shape) {
    double sum = 0.0;
    for (uint32_t i = 1; i < shape->count; i++) {
        cw_vec2 p = of->points[shape->first + i - 1], q = of->points[shape->first + i];
        sum += sqrt((q.x - p.x) * (q.x - p.x) + (q.y - p.y) * (q.y - p.y));
    }
    return sum;
}

// A strip between t0 and t1 beside a curve of angle phi has the area length (t1 - t0) - phi (t1^2 - t0^2) / 2.
static void surfaces_cover_the_road(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    ground shapes;
    assert_true(draw(&shapes, map, 100.0));
    double sums[GROUND_KINDS] = {0.0}, phi = 200.0 / 300.0;
    for (size_t i = 0; i < shapes.count; i++)
        if (shapes.shapes[i].closed)
            sums[shapes.shapes[i].kind] += fabs(area_of(&shapes, &shapes.shapes[i]));
    const double road = 700.0 * 10.5 - phi * (3.5 * 3.5 - 7.0 * 7.0) / 2.0;
    const double bicycles = 700.0 * 1.6 - phi * (7.0 * 7.0 - 8.6 * 8.6) / 2.0;
    const double parking = 700.0 * 2.4 - phi * (5.9 * 5.9 - 3.5 * 3.5) / 2.0;
    assert_true(fabs(sums[GROUND_ROAD] - road) < 0.001 * road);
    assert_true(fabs(sums[GROUND_BIKING] - bicycles) < 0.01 * bicycles);
    assert_true(fabs(sums[GROUND_PARKING] - parking) < 0.01 * parking);
    assert_true(fabs(sums[GROUND_CROSSWALK] - 4.0 * 14.5) < 1e-6);
    ground_close(&shapes);
    cw_map_free(map);
}

static void marks_run_the_whole_way(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    ground shapes;
    assert_true(draw(&shapes, map, 100.0));
    int sides = 0;
    double yellow = 0.0, dashed = 0.0, phi = 200.0 / 300.0;
    for (size_t i = 0; i < shapes.count; i++) {
        const ground_shape *shape = &shapes.shapes[i];
        if (shape->kind != GROUND_LINE)
            continue;
        if (shape->color == CW_COLOR_YELLOW) {
            yellow += length_of(&shapes, shape);
            // On the first straight, y = t: the two lines stand a line's width to either side of the middle.
            assert_true(shape->high.x > 149.0 || fabs(fabs(shape->low.y) - 0.13) < 1e-3);
            sides |= shape->low.y < 0.0 ? 1 : 2;
        }
        if (shape->off > 0.0F) {
            dashed += length_of(&shapes, shape);
            // Dashes go on where a piece ends: the phase is the station within the period.
            assert_true(shape->phase >= 0.0F && shape->phase < shape->on + shape->off);
        }
    }
    assert_int_equal(sides, 3);
    assert_true(fabs(yellow - 2.0 * 700.0) < 0.5);                             // a double line
    assert_true(fabs(dashed - (700.0 - 3.5 * phi + 700.0 + 3.5 * phi)) < 0.5); // left and right of the middle
    ground_close(&shapes);
    cw_map_free(map);
}

static void only_what_is_near_is_drawn(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    ground shapes;
    cw_vec2 start = {10.0, 0.0};
    assert_true(ground_open(&shapes, map, &start, 1, 60.0));
    assert_true(shapes.count > 5);
    for (size_t i = 0; i < shapes.count; i++)
        assert_true(shapes.shapes[i].low.x < 10.0 + 60.0 + 32.0 + 60.0); // the radius, a cell, a piece
    ground_close(&shapes);
    assert_true(ground_open(&shapes, map, NULL, 0, 60.0));
    assert_int_equal(shapes.count, 0);
    ground_close(&shapes);
    cw_map_free(map);
}

// The same far away: every shape moves along, none changes.
static void far_from_the_origin_nothing_changes(void **state) {
    (void)state;
    cw_map *here = cutin_map(0.0, 0.0), *there = cutin_map(10240.0, -20480.0);
    ground a, b;
    assert_true(draw(&a, here, 100.0));
    assert_true(draw(&b, there, 100.0));
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        assert_int_equal(a.shapes[i].kind, b.shapes[i].kind);
        assert_true(fabs(b.shapes[i].low.x - a.shapes[i].low.x - 10240.0) < 0.05);
        assert_true(fabs(b.shapes[i].high.y - a.shapes[i].high.y + 20480.0) < 0.05);
    }
    ground_close(&a);
    ground_close(&b);
    cw_map_free(here);
    cw_map_free(there);
}

static void a_replay_knows_what_the_trace_holds(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    cw_trace *trace = cutin_trace(map);
    replay of;
    cw_error err = {0};
    assert_int_equal(replay_open(trace, NULL, &of, &err), CW_OK);
    assert_int_equal(of.actor_count, CUTIN_ACTORS);
    assert_int_equal(of.ego, CUTIN_EGO);
    assert_int_equal(of.ticks, 271);
    assert_string_equal(of.actors[CUTIN_LORRY].name, "Lorry");
    assert_int_equal(of.actors[CUTIN_LORRY].kind, CW_USER_TRUCK);
    assert_true(fabs(of.duration - 27.0) < 1e-9);
    // Halfway between two ticks on the straight: the mean of both.
    replay_state middle;
    assert_true(replay_between(&of, 2.05, CUTIN_EGO, &middle));
    const replay_state *a = replay_at(&of, 20, CUTIN_EGO), *b = replay_at(&of, 21, CUTIN_EGO);
    assert_true(fabs(middle.x - (a->x + b->x) / 2.0) < 1e-6);
    assert_true(fabs((double)middle.speed - (double)(a->speed + b->speed) / 2.0) < 1e-5);
    assert_false(replay_between(&of, 2.0, CUTIN_ACTORS, &middle));
    const replay_decision *decision = replay_decision_at(&of, 6000000000);
    assert_int_equal(decision->longitudinal, CW_ADAPT_SPEED);
    assert_int_equal(decision->cause[0].actor, CUTIN_LORRY);
    assert_int_equal(replay_light_at(&of, 0, 15000000000), CW_LIGHT_GREEN);
    assert_int_equal(replay_light_at(&of, 0, 20000000000), CW_LIGHT_RED);
    assert_int_equal(replay_light_at(&of, 1, 20000000000), CW_LIGHT_UNKNOWN);
    assert_non_null(strstr(replay_words_at(&of, 22000000000)->text[CW_KOREAN], "왼쪽"));
    assert_null(replay_words_at(&of, -1));
    assert_int_equal(of.contact_count, 1);
    assert_true(json_get(of.verdict, "criteria") != NULL);
    replay_close(&of);
    cw_trace_free(trace);
    cw_map_free(map);
}

static void other_traces_degrade_cleanly(void **state) {
    (void)state;
    replay of;
    cw_error err = {0};
    cw_trace *trace = cw_trace_new();
    assert_int_equal(replay_open(trace, NULL, &of, &err), CW_ERR_INPUT);
    // Three columns alone, an actor that no list knows, and a place that is no number.
    static const cw_column columns[] = {{"actor", CW_U32, 1, ""}, {"x_m", CW_F64, 1, "m"}, {"y_m", CW_F64, 1, "m"}};
    uint32_t channel = cw_trace_rows(trace, "/causeway/actors", columns, 3);
    char row[20];
    const uint32_t actors[] = {0, 77, 1};
    const double xs[] = {5.0, 6.0, NAN};
    for (int i = 0; i < 3; i++) {
        double y = 2.0;
        memcpy(row, &actors[i], 4);
        memcpy(row + 4, &xs[i], 8);
        memcpy(row + 12, &y, 8);
        cw_trace_add(trace, channel, i, row, sizeof row);
    }
    static const char scene[] = "{\"ego\":9,\"actors\":[{\"name\":\"A\",\"kind\":99,\"length_m\":1e300},{}]}";
    cw_trace_attach(trace, "scene.json", "application/json", scene, sizeof scene - 1);
    cw_trace_attach(trace, "verdict.json", "application/json", "{", 1);
    err = (cw_error){0};
    assert_int_equal(replay_open(trace, NULL, &of, &err), CW_OK);
    assert_int_equal(of.actor_count, 2);
    assert_int_equal(of.ego, CW_NONE);
    assert_true(replay_at(&of, 0, 0)->present && replay_at(&of, 0, 0)->x == 5.0);
    assert_false(replay_at(&of, 2, 1)->present);
    assert_true(of.actors[0].length < 100.0F);
    assert_null(of.verdict);
    assert_null(replay_decision_at(&of, 5));
    replay_close(&of);
    cw_trace_free(trace);
}

static void gaps_and_offsets_are_those_of_the_road(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    cw_trace *trace = cutin_trace(map);
    replay of;
    series plots;
    cw_error err = {0};
    assert_int_equal(replay_open(trace, NULL, &of, &err), CW_OK);
    assert_true(series_make(&plots, &of, map));
    // At 12 s both drive in the ego's lane in the same bend: the gap along the road, bumper to bumper, is less than a
    // hand's breadth from the straight one.
    cutin_state ego = cutin_actor(CUTIN_EGO, 12.0), lorry = cutin_actor(CUTIN_LORRY, 12.0);
    double gap = lorry.s + 3.0 - 9.5 / 2.0 - (ego.s + 1.4 + 4.6 / 2.0);
    assert_true(fabs((double)plots.gap[120] - gap) < 0.6);
    assert_true(isnan(plots.ttc[120]) || plots.ttc[120] > 20.0F);
    // Before, in a lane of its own, it is no lead.
    assert_true(isnan(plots.gap[20]) || (double)plots.gap[20] > 60.0);
    for (size_t i = 0; i < of.ticks; i++)
        assert_true(fabs((double)plots.offset[i]) < 0.05);
    replay_close(&of);
    cw_trace_free(trace);
    cw_map_free(map);
}

// In a bend of 300 m the next one stands on the circle, not straight ahead.
static void the_way_ahead_is_bent(void **state) {
    (void)state;
    cw_map *map = cutin_map(0.0, 0.0);
    for (int on_circle = 0; on_circle < 2; on_circle++) {
        replay_actor actors[2] = {{.length = 4.0F, .width = 1.8F}, {.length = 4.0F, .width = 1.8F}};
        replay_state states[2] = {
            {.present = true, .speed = 15.0F, .yaw_rate = 0.05F},
            {.present = true, .x = 60.0, .y = on_circle ? 60.0 * 60.0 / 600.0 : 0.0, .speed = 5.0F}};
        int64_t times[1] = {0};
        replay of = {.arena = cw_arena_new(0, 0),
                     .actor_count = 2,
                     .actors = actors,
                     .ticks = 1,
                     .times = times,
                     .states = states};
        series plots;
        assert_true(series_make(&plots, &of, map));
        if (on_circle) {
            assert_true(fabs((double)plots.gap[0] - 56.0) < 1e-4);
            assert_true(fabs((double)plots.ttc[0] - 5.6) < 1e-4);
        } else {
            assert_true(isnan(plots.gap[0]) && isnan(plots.ttc[0]));
        }
        cw_arena_free(of.arena);
    }
    cw_map_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surfaces_cover_the_road),
        cmocka_unit_test(marks_run_the_whole_way),
        cmocka_unit_test(only_what_is_near_is_drawn),
        cmocka_unit_test(far_from_the_origin_nothing_changes),
        cmocka_unit_test(a_replay_knows_what_the_trace_holds),
        cmocka_unit_test(other_traces_degrade_cleanly),
        cmocka_unit_test(gaps_and_offsets_are_those_of_the_road),
        cmocka_unit_test(the_way_ahead_is_bent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
