// Lanes, links, places, routes and paths on small maps of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "road/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static cw_build_text words(const char *text) {
    return (cw_build_text){text, text != NULL ? strlen(text) : 0};
}

typedef struct road_spec {
    const char *id, *junction, *before, *after; // linked roads, or "J..." for a junction
    bool before_end, after_end;                 // contact points
    double x, y, heading, length, curvature;
    int left, right;        // lanes on each side
    bool left_hand, linked; // linked: lanes lead to those of the same id
} road_spec;

static cw_link_kind link_kind(const char *id) {
    return id[0] == 'J' ? CW_LINK_JUNCTION : CW_LINK_ROAD;
}

static void add_lane(cw_map_builder *b, int id, const road_spec *spec) {
    cw_build_begin_lane(b, &(cw_build_lane){.id = id, .kind = id == 0 ? CW_LANE_NONE : CW_LANE_DRIVING});
    if (id != 0) {
        cw_build_width(b, &(cw_cubic){.a = 3.5});
        if (spec->linked && spec->before != NULL)
            cw_build_lane_link(b, false, spec->before_end ? id : -id, 0, 0);
        if (spec->linked && spec->after != NULL)
            cw_build_lane_link(b, true, spec->after_end ? -id : id, 0, 0);
    }
    bool outer = id != 0 && (id == spec->left || id == -spec->right);
    cw_build_mark(b, &(cw_road_mark){.kind = outer || id == 0 ? CW_MARK_SOLID : CW_MARK_BROKEN,
                                     .change = outer || id == 0 ? 0 : CW_CHANGE_BOTH,
                                     .width = 0.12F});
    cw_build_end_lane(b);
}

static void add_road(cw_map_builder *b, const road_spec *spec) {
    cw_build_begin_road(b, &(cw_build_road){.id = words(spec->id),
                                            .junction = words(spec->junction),
                                            .length = spec->length,
                                            .left_hand = spec->left_hand});
    if (spec->before != NULL)
        cw_build_road_link(
            b, false,
            &(cw_build_link){.id = words(spec->before), .kind = link_kind(spec->before), .at_end = spec->before_end});
    if (spec->after != NULL)
        cw_build_road_link(
            b, true,
            &(cw_build_link){.id = words(spec->after), .kind = link_kind(spec->after), .at_end = spec->after_end});
    cw_build_geometry(b, &(cw_geometry){.x = spec->x,
                                        .y = spec->y,
                                        .heading = spec->heading,
                                        .length = spec->length,
                                        .kind = spec->curvature != 0 ? CW_ARC : CW_LINE,
                                        .k0 = spec->curvature,
                                        .k1 = spec->curvature});
    cw_build_begin_section(b, 0);
    for (int id = spec->left; id >= -spec->right; id--)
        add_lane(b, id, spec);
    cw_build_end_section(b);
    cw_build_end_road(b);
}

static cw_map *finish(cw_map_builder *b) {
    cw_map *map = NULL;
    cw_error err = {0};
    assert_int_equal(cw_build_finish(b, "test", &map, &err), CW_OK);
    cw_build_free(b);
    return map;
}

// A crossing: roads W, E, S and N meet around (0, 0) with arms from 20 m to 120 m out, one lane each way. Through roads
// and one right turn from the south.
static cw_map_builder *crossing(void) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "W", .after = "J", .x = -120, .length = 100, .left = 1, .right = 1});
    add_road(b, &(road_spec){.id = "E", .before = "J", .x = 20, .length = 100, .left = 1, .right = 1});
    add_road(b, &(road_spec){
                    .id = "S", .after = "J", .y = -120, .heading = CW_PI / 2, .length = 100, .left = 1, .right = 1});
    add_road(
        b, &(road_spec){.id = "N", .before = "J", .y = 20, .heading = CW_PI / 2, .length = 100, .left = 1, .right = 1});
    add_road(b, &(road_spec){.id = "we",
                             .junction = "J",
                             .before = "W",
                             .before_end = true,
                             .after = "E",
                             .x = -20,
                             .length = 40,
                             .right = 1,
                             .linked = true});
    add_road(b, &(road_spec){.id = "sn",
                             .junction = "J",
                             .before = "S",
                             .before_end = true,
                             .after = "N",
                             .y = -20,
                             .heading = CW_PI / 2,
                             .length = 40,
                             .right = 1,
                             .linked = true});
    add_road(b, &(road_spec){.id = "se",
                             .junction = "J",
                             .before = "S",
                             .before_end = true,
                             .after = "E",
                             .y = -20,
                             .heading = CW_PI / 2,
                             .length = 10 * CW_PI,
                             .curvature = -0.05,
                             .right = 1,
                             .linked = true});
    cw_build_junction(b, words("J"), 0);
    static const char *const pairs[][2] = {{"W", "we"}, {"S", "sn"}, {"S", "se"}};
    for (int i = 0; i < 3; i++) {
        cw_build_connection(b, words(pairs[i][0]), words(pairs[i][1]), false, 0, 0);
        cw_build_lane_pair(b, -1, -1, 0, 0);
    }
    return b;
}

static uint32_t lane_of(const cw_map *map, const char *road, int id) {
    uint32_t lane = cw_map_find_lane(map, cw_map_find_road(map, road), id, 0);
    assert_int_not_equal(lane, CW_NONE);
    return lane;
}

static bool has_link(const cw_map *map, cw_span span, uint32_t lane) {
    for (uint32_t i = 0; i < span.count; i++)
        if (map->links[span.first + i] == lane)
            return true;
    return false;
}

static void a_junction_joins_its_lanes(void **state) {
    (void)state;
    cw_map *map = finish(crossing());
    uint32_t s = lane_of(map, "S", -1), sn = lane_of(map, "sn", -1), se = lane_of(map, "se", -1);
    assert_int_equal(map->lanes[s].next.count, 2);
    assert_true(has_link(map, map->lanes[s].next, sn) && has_link(map, map->lanes[s].next, se));
    assert_true(has_link(map, map->lanes[se].next, lane_of(map, "E", -1)));
    assert_int_equal(map->lanes[lane_of(map, "E", -1)].previous.count, 2);
    assert_int_equal(map->lanes[lane_of(map, "E", 1)].previous.count, 0);
    assert_int_equal(map->lanes[se].junction, 0);
    assert_int_equal(map->lanes[s].junction, CW_NONE);
    assert_int_equal(map->junctions[0].roads.count, 3);
    for (uint32_t i = 0; i < map->lane_count; i++)
        for (uint32_t k = 0; k < map->lanes[i].next.count; k++)
            assert_true(has_link(map, map->lanes[map->links[map->lanes[i].next.first + k]].previous, i));
    cw_map_free(map);
}

static void lanes_that_meet_head_on_are_not_linked(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .after = "2", .after_end = true, .length = 50, .right = 1, .linked = true});
    // The second runs towards the first; lane -1 of it keeps to the same side of the world as lane 1 would.
    add_road(b, &(road_spec){.id = "2", .x = 100, .heading = CW_PI, .length = 50, .left = 1, .right = 1});
    cw_map *map = finish(b);
    assert_int_equal(map->lanes[lane_of(map, "1", -1)].next.count, 1);
    assert_true(has_link(map, map->lanes[lane_of(map, "1", -1)].next, lane_of(map, "2", 1)));
    cw_map_free(map);
    b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .after = "2", .length = 50, .right = 1, .linked = true});
    add_road(b, &(road_spec){.id = "2", .x = 50, .length = 50, .right = 1, .left_hand = true}); // -1 runs against s
    map = finish(b);
    assert_int_equal(map->lanes[lane_of(map, "1", -1)].next.count, 0);
    assert_int_equal(map->lanes[lane_of(map, "2", -1)].next.count, 0);
    cw_map_free(map);
}

static void lane_changes_have_their_price(void **state) {
    (void)state;
    // Two ways from a to c on lane -1: straight through b, or twice across to a shorter lane: none is taken for less
    // than two times 50 m.
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "a", .after = "b", .length = 100, .right = 2, .linked = true});
    add_road(b, &(road_spec){.id = "b",
                             .before = "a",
                             .before_end = true,
                             .after = "c",
                             .x = 100,
                             .length = 100,
                             .curvature = 0.002,
                             .right = 2,
                             .linked = true});
    cw_geometry end = {.x = 100 + sin(0.2) / 0.002, .y = (1 - cos(0.2)) / 0.002};
    add_road(b, &(road_spec){.id = "c",
                             .before = "b",
                             .before_end = true,
                             .x = end.x,
                             .y = end.y,
                             .heading = 0.2,
                             .length = 100,
                             .right = 2,
                             .linked = true});
    cw_map *map = finish(b);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_route route;
    cw_lane_place from = {lane_of(map, "a", -2), 10, 0}, to = {lane_of(map, "c", -2), 90, 0};
    assert_true(cw_route_find(map, from, to, arena, &route)); // lane -1 of b is 0.7 m shorter
    assert_int_equal(route.count, 3);
    cw_arena_free(arena);
    cw_map_free(map);
}

static const cw_conflict *conflict(const cw_map *map, uint32_t a, uint32_t b) {
    for (uint32_t i = 0; i < map->lanes[a].conflicts.count; i++)
        if (map->conflicts[map->lanes[a].conflicts.first + i].other == b)
            return &map->conflicts[map->lanes[a].conflicts.first + i];
    return NULL;
}

static void crossing_lanes_conflict_where_they_overlap(void **state) {
    (void)state;
    cw_map_builder *b = crossing();
    cw_build_priority(b, words("we"), words("sn"));
    cw_map *map = finish(b);
    uint32_t we = lane_of(map, "we", -1), sn = lane_of(map, "sn", -1), se = lane_of(map, "se", -1);
    // we: y from -3.5 to 0, sn: x from 0 to 3.5; so we meets it at x 0..3.5, 20..23.5 m in; sn at y -3.5..0, 16.5..20 m.
    const cw_conflict *c = conflict(map, we, sn), *back = conflict(map, sn, we);
    assert_non_null(c);
    assert_non_null(back);
    assert_true(fabs(c->s_in - 20.15) < 0.3 && fabs(c->s_out - 23.35) < 0.3);
    assert_true(fabs(c->other_in - 16.65) < 0.3 && fabs(c->other_out - 19.85) < 0.3);
    assert_true(back->s_in == c->other_in && back->other_out == c->s_out);
    assert_int_equal(c->priority, 1);
    assert_int_equal(back->priority, -1);
    assert_non_null(conflict(map, se, we));         // they merge
    assert_true(conflict(map, se, we)->s_out > 28); // up to the end
    assert_true(conflict(map, se, sn)->s_in < 0.5); // and leave the same lane
    cw_map_free(map);
}

static void left_hand_traffic_runs_the_other_way(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .length = 50, .left = 2, .right = 1, .left_hand = true});
    cw_map *map = finish(b);
    uint32_t outer = lane_of(map, "1", 2), inner = lane_of(map, "1", 1), right = lane_of(map, "1", -1);
    assert_int_equal(map->lanes[outer].direction, 1);
    assert_int_equal(map->lanes[right].direction, -1);
    assert_int_equal(map->lanes[inner].left, outer);
    assert_int_equal(map->lanes[inner].right, right);
    assert_int_equal(map->lanes[right].right, inner); // seen along its own travel
    assert_true(cw_lane_same_way(map, inner, true) && !cw_lane_same_way(map, inner, false));
    assert_true(cw_lane_may_change(map, inner, 10, true));
    assert_false(cw_lane_may_change(map, inner, 10, false));
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){right, 20, 0.5}, NULL);
    assert_true(fabs(fabs(pose.heading) - CW_PI) < 1e-9);
    assert_true(fabs(pose.y + 2.25) < 1e-9); // left of its travel is outward here
    assert_true(fabs(cw_lane_travel(map, right, 20) - 30) < 1e-9);
    assert_true(fabs(cw_lane_station(map, right, 30) - 20) < 1e-9);
    cw_map_free(map);
}

static void a_place_is_found_again(void **state) {
    (void)state;
    cw_map *map = finish(crossing());
    uint32_t se = lane_of(map, "se", -1), sn = lane_of(map, "sn", -1), s = lane_of(map, "S", -1);
    for (int i = 0; i < 30; i++) {
        cw_lane_place from = {se, 0.5 + i, 1.2 * sin(i)}, place;
        cw_pose pose = cw_lane_pose(map, from, NULL);
        cw_locate query = cw_locate_at(pose.x, pose.y);
        query.hint = (cw_lane_place){se, from.s + 1, 0};
        assert_true(cw_map_locate(map, &query, &place));
        assert_int_equal(place.lane, se);
        assert_true(fabs(place.s - from.s) < 1e-9 && fabs(place.offset - from.offset) < 1e-9);
    }
    // Where two lanes leave S side by side: the hint's successors, then the heading, then the lower index decide.
    cw_pose pose = cw_lane_pose(map, (cw_lane_place){se, 5, 0}, NULL);
    cw_locate query = cw_locate_at(pose.x, pose.y);
    cw_lane_place place, all[8];
    assert_int_equal(cw_map_locate_all(map, &query, all, 8), 2);
    assert_true(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, sn < se ? sn : se);
    query.heading = pose.heading;
    assert_true(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, se);
    query.hint = (cw_lane_place){s, 100, 0};
    assert_true(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, se);
    // Beside the road: the nearest within 5 m, but not found.
    query = cw_locate_at(-70, -6);
    assert_false(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, lane_of(map, "W", -1));
    query.under_only = true;
    assert_false(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, CW_NONE);
    query = cw_locate_at(-70, -30);
    assert_false(cw_map_locate(map, &query, &place));
    assert_int_equal(place.lane, CW_NONE);
    query.kinds = 1u << CW_LANE_BIKING;
    query.y = -1;
    assert_false(cw_map_locate(map, &query, &place));
    cw_map_free(map);
}

static void levels_are_told_apart(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "low", .length = 100, .right = 1});
    cw_build_begin_road(b, &(cw_build_road){.id = words("high"), .length = 100});
    cw_build_geometry(b, &(cw_geometry){.x = 50, .y = -50, .heading = CW_PI / 2, .length = 100});
    cw_build_cubic(b, CW_PROFILE_ELEVATION, &(cw_cubic){.a = 6});
    cw_build_begin_section(b, 0);
    add_lane(b, -1, &(road_spec){.right = 1});
    cw_build_end_section(b);
    cw_build_end_road(b);
    cw_map *map = finish(b);
    cw_locate query = cw_locate_at(51, -1);
    cw_lane_place place;
    query.z = 6;
    assert_true(cw_map_locate(map, &query, &place));
    assert_string_equal(map->roads[map->lanes[place.lane].road].id, "high");
    query.z = 0;
    assert_true(cw_map_locate(map, &query, &place));
    assert_string_equal(map->roads[map->lanes[place.lane].road].id, "low");
    cw_map_free(map);
}

static void a_route_is_found_and_a_path_laid(void **state) {
    (void)state;
    cw_map *map = finish(crossing());
    cw_arena *arena = cw_arena_new(0, 0);
    uint32_t s = lane_of(map, "S", -1), e = lane_of(map, "E", -1);
    cw_route route;
    cw_lane_place from = {s, 10, 0}, to = {e, 60, 0};
    assert_true(cw_route_find(map, from, to, arena, &route));
    assert_int_equal(route.count, 3);
    assert_int_equal(route.lanes[1], lane_of(map, "se", -1));
    // The turn's lane lies outside the arc of radius 20: its centre runs at 18.25 m.
    double turn = 18.25 * CW_PI / 2;
    assert_true(fabs(route.length - (90 + turn + 60)) < 1e-6);
    assert_false(cw_route_find(map, to, from, arena, &route));
    cw_path path;
    assert_true(cw_route_find(map, from, to, arena, &route));
    assert_true(cw_path_along(map, &route, from, 60, 0.5, 30, arena, &path));
    assert_true(fabs(path.length - route.length) <= 0.5);
    for (uint32_t i = 1; i < path.count; i++)
        assert_true(fabs(hypot(path.x[i] - path.x[i - 1], path.y[i] - path.y[i - 1]) - 0.5) < 1e-3);
    uint32_t middle = (uint32_t)((90 + turn / 2) / 0.5);
    assert_true(fabs((double)path.curvature[middle] + 1 / 18.25) < 1e-4);
    assert_true(fabs((double)path.left[middle] - 1.75) < 1e-4 && fabs((double)path.right[middle] - 1.75) < 1e-4);
    for (int i = 0; i < 40; i++) {
        double at = 3.9 * i, off = 2 * sin(i), s2, d2;
        cw_pose pose = cw_path_pose(&path, at, off);
        cw_path_project(&path, pose.x, pose.y, at + cos(i), &s2, &d2);
        assert_true(fabs(at - s2) < 5e-3 && fabs(off - d2) < 1e-3);
    }
    assert_true(cw_route_ahead(map, from, 300, arena, &route)); // straight on
    assert_int_equal(route.lanes[1], lane_of(map, "sn", -1));
    cw_arena_free(arena);
    cw_map_free(map);
}

static void a_lane_change_is_smooth(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .length = 300, .right = 3});
    cw_map *map = finish(b);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_lane_place from = {lane_of(map, "1", -3), 20, 0}, to = {lane_of(map, "1", -1), 280, 0};
    cw_route route;
    cw_path path;
    assert_true(cw_route_find(map, from, to, arena, &route));
    assert_int_equal(route.count, 3);
    assert_true(cw_path_along(map, &route, from, 280, 1, 60, arena, &path));
    assert_true(fabs(path.y[0] + 8.75) < 1e-9 && fabs(path.y[path.count - 1] + 1.75) < 1e-9);
    for (uint32_t i = 1; i < path.count; i++) {
        assert_true(path.y[i] >= path.y[i - 1] - 1e-9);
        assert_true(fabs((double)path.curvature[i]) < 0.01);
        assert_true(fabs((double)(path.left[i] + path.right[i]) - 3.5) < 1e-5);
    }
    assert_int_equal(path.lane[0], from.lane);
    assert_int_equal(path.lane[60], lane_of(map, "1", -2));
    cw_arena_free(arena);
    cw_map_free(map);
}

static void a_solid_line_is_crossed_only_when_there_is_no_other_way(void **state) {
    (void)state;
    for (int closed = 0; closed < 2; closed++) {
        cw_map_builder *b = cw_build_new(NULL, NULL);
        add_road(b, &(road_spec){.id = "a", .after = closed ? NULL : "b", .length = 100, .right = 2, .linked = true});
        if (!closed)
            add_road(
                b,
                &(road_spec){
                    .id = "b", .before = "a", .before_end = true, .x = 100, .length = 100, .right = 2, .linked = true});
        cw_map *map = finish(b);
        uint32_t outer = lane_of(map, "a", -2), inner = lane_of(map, "a", -1);
        ((cw_road_mark *)(uintptr_t)map->marks)[map->lanes[inner].marks.first].change = 0; // between the two, on a
        assert_false(cw_lane_may_change(map, outer, 50, true));
        cw_arena *arena = cw_arena_new(0, 0);
        cw_route route;
        cw_lane_place from = {outer, 10, 0};
        cw_lane_place to = {closed ? inner : lane_of(map, "b", -1), 50, 0};
        assert_true(cw_route_find(map, from, to, arena, &route));
        assert_int_equal(route.count, closed ? 2 : 3);
        if (!closed)
            assert_int_equal(route.lanes[1], lane_of(map, "b", -2));
        cw_arena_free(arena);
        cw_map_free(map);
    }
}

static void signals_hold_for_their_lanes(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .length = 100, .left = 2, .right = 2});
    cw_build_signal light = {.id = words("L"), .kind = CW_SIGNAL_LIGHT, .dynamic = true, .orientation = -1, .s = 30};
    cw_build_signal_add(b, &light);
    cw_build_signal line = {.id = words("line"), .kind = CW_SIGNAL_STOP_LINE, .orientation = -1, .s = 34};
    cw_build_signal_add(b, &line);
    cw_build_validity(b, 1, 1);
    cw_build_signal sign = {.id = words("Y"), .kind = CW_SIGNAL_YIELD, .orientation = 1, .s = 80};
    cw_build_signal_add(b, &sign);
    cw_build_validity(b, 0, 0);
    cw_build_signal_reference(b, words("Y"), 90, 1, 0, 0);
    cw_build_validity(b, -2, -2);
    cw_build_control(b, words("c9"), words("L"));
    cw_map *map = finish(b);
    uint32_t signal = cw_map_find_signal(map, "L");
    assert_int_equal(map->signals[signal].stops.count, 2);
    assert_string_equal(map->signals[signal].controller, "c9");
    for (uint32_t i = 0; i < 2; i++) {
        const cw_stop *stop = &map->stops[map->signals[signal].stops.first + i];
        bool lined = map->lanes[stop->lane].id == 1; // the stop line 4 m before the light
        assert_true(fabs(stop->s - (lined ? 66 : 70)) < 1e-9);
    }
    uint32_t yield = lane_of(map, "1", -2);
    assert_int_equal(map->lane_stops[yield + 1] - map->lane_stops[yield], 1);
    assert_true(fabs(map->stops[map->lane_stops[yield]].s - 90) < 1e-9);
    uint32_t free_lane = lane_of(map, "1", -1);
    assert_int_equal(map->lane_stops[free_lane + 1], map->lane_stops[free_lane]);
    cw_map_free(map);
}

static void a_crosswalk_covers_its_lanes(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    add_road(b, &(road_spec){.id = "1", .length = 100, .left = 1, .right = 1});
    cw_build_object_add(
        b, &(cw_build_object){
               .id = words("z"), .kind = CW_OBJECT_CROSSWALK, .s = 40, .heading = CW_PI / 2, .length = 8, .width = 3});
    cw_map *map = finish(b);
    assert_int_equal(map->crossing_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const cw_crossing *c = &map->crossings[i];
        bool along = map->lanes[c->lane].direction > 0;
        assert_true(fabs(c->s_in - (along ? 38.5 : 58.5)) < 0.25 && fabs(c->s_out - (along ? 41.5 : 61.5)) < 0.25);
    }
    uint32_t found[4];
    assert_int_equal(cw_map_objects_in(map, (cw_vec2){39, 0}, (cw_vec2){39.5, 1}, found, 4), 1);
    assert_int_equal(cw_map_objects_in(map, (cw_vec2){43, 0}, (cw_vec2){50, 1}, found, 4), 0);
    assert_int_equal(cw_map_roads_in(map, (cw_vec2){90, -20}, (cw_vec2){120, 20}, found, 4), 1);
    assert_int_equal(cw_map_roads_in(map, (cw_vec2){110, -20}, (cw_vec2){120, 20}, found, 4), 0);
    cw_map_free(map);
}

// Names change nothing; anything else changes the hash.
static void the_hash_is_of_what_matters(void **state) {
    (void)state;
    uint64_t hashes[4];
    for (int i = 0; i < 4; i++) {
        cw_map_builder *b = cw_build_new(NULL, NULL);
        add_road(b,
                 &(road_spec){.id = i == 1 ? "renamed" : "1", .length = i == 2 ? 100.5 : 100, .left = 1, .right = 1});
        if (i == 3)
            cw_build_object_add(b,
                                &(cw_build_object){.id = words("o"), .solid = true, .s = 3, .length = 1, .width = 1});
        cw_map *map = finish(b);
        hashes[i] = map->hash;
        cw_map_free(map);
    }
    assert_true(hashes[0] == hashes[1] && hashes[0] != hashes[2] && hashes[0] != hashes[3]);
}

// ---- lanelets --------------------------------------------------------------------------------------------------------

enum { POINTS = 21 };

static uint32_t add_lanelet(cw_map_builder *b, const char *id, double radius_left, double radius_right, double from,
                            double to, const char *left, const char *right, bool left_same) {
    cw_vec2 l[POINTS], r[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double angle = from + (to - from) * i / (POINTS - 1);
        l[i] = (cw_vec2){radius_left * cos(angle), radius_left * sin(angle)};
        r[i] = (cw_vec2){radius_right * cos(angle), radius_right * sin(angle)};
    }
    return cw_build_lanelet_add(b, &(cw_build_lanelet){.id = words(id),
                                                       .kind = CW_LANE_DRIVING,
                                                       .count = POINTS,
                                                       .left = l,
                                                       .right = r,
                                                       .limit = 10,
                                                       .left_mark = {.change = CW_CHANGE_BOTH},
                                                       .right_mark = {.change = CW_CHANGE_BOTH},
                                                       .adjacent_left = words(left),
                                                       .adjacent_right = words(right),
                                                       .left_same = left_same,
                                                       .right_same = true});
}

static void lanelets_become_lanes(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    uint32_t one = add_lanelet(b, "1", 50, 54, 0, 1, "3", "2", false);
    add_lanelet(b, "2", 54, 58, 0, 1, NULL, NULL, true);
    add_lanelet(b, "3", 50, 46, 1, 0, NULL, NULL, true); // the other way
    uint32_t four = add_lanelet(b, "4", 50, 54, 1, 1.5, NULL, NULL, true);
    cw_build_lanelet_link(b, one, true, words("4"));
    uint32_t signal = cw_build_lanelet_signal(b, &(cw_build_signal){.id = words("77"), .kind = CW_SIGNAL_LIGHT}, NULL);
    cw_build_lanelet_stop(b, one, NULL);
    cw_build_lanelet_holds(b, one, signal);
    (void)four;
    cw_map *map = finish(b);
    uint32_t lane = lane_of(map, "1", -1), right = lane_of(map, "2", -1), other = lane_of(map, "3", -1);
    const cw_lane *l = &map->lanes[lane];
    assert_string_equal(l->file_id, "1");
    assert_true(fabs(l->length - 52) < 0.01);
    assert_int_equal(l->right, right);
    assert_int_equal(map->lanes[right].left, lane);
    assert_int_equal(l->left, other);
    assert_true(cw_lane_same_way(map, lane, false) && cw_lane_may_change(map, lane, 10, false));
    assert_false(cw_lane_same_way(map, lane, true));
    assert_int_equal(map->links[l->next.first], lane_of(map, "4", -1));
    assert_int_equal(l->conflicts.count, 0);
    assert_true(fabs((double)cw_lane_limit(map, lane, 5) - 10) < 1e-6);
    for (int i = 0; i <= 50; i++) {
        double s = l->s1 * i / 50;
        cw_pose pose = cw_lane_pose(map, (cw_lane_place){lane, s, 0}, NULL);
        assert_true(fabs(hypot(pose.x, pose.y) - 52) < 0.01);
        assert_true(fabs(cw_wrap_angle(pose.heading - (atan2(pose.y, pose.x) + CW_PI / 2))) < 0.01);
        assert_true(fabs(cw_lane_width(map, lane, s) - 4) < 0.01);
        if (i > 2 && i < 48)
            assert_true(fabs(cw_lane_curvature(map, lane, s) - 1 / 52.0) < 2e-3);
    }
    assert_int_equal(map->stop_count, 2); // the light's and the line's own
    assert_true(fabs(map->stops[map->signals[0].stops.first].s - l->length) < 1e-6);
    cw_map_free(map);
}

static void lanelets_that_cross_conflict(void **state) {
    (void)state;
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_vec2 l[2] = {{0, 2}, {40, 2}}, r[2] = {{0, -2}, {40, -2}}, l2[2] = {{18, -20}, {18, 20}},
            r2[2] = {{22, -20}, {22, 20}};
    cw_build_lanelet_add(
        b, &(cw_build_lanelet){.id = words("a"), .kind = CW_LANE_DRIVING, .count = 2, .left = l, .right = r});
    cw_build_lanelet_add(
        b, &(cw_build_lanelet){.id = words("b"), .kind = CW_LANE_DRIVING, .count = 2, .left = l2, .right = r2});
    cw_map *map = finish(b);
    const cw_conflict *c = conflict(map, lane_of(map, "a", -1), lane_of(map, "b", -1));
    assert_non_null(c);
    assert_true(fabs(c->s_in - 18.15) < 0.3 && fabs(c->s_out - 21.85) < 0.3);
    cw_map_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_junction_joins_its_lanes),
        cmocka_unit_test(lanes_that_meet_head_on_are_not_linked),
        cmocka_unit_test(lane_changes_have_their_price),
        cmocka_unit_test(crossing_lanes_conflict_where_they_overlap),
        cmocka_unit_test(left_hand_traffic_runs_the_other_way),
        cmocka_unit_test(a_place_is_found_again),
        cmocka_unit_test(levels_are_told_apart),
        cmocka_unit_test(a_route_is_found_and_a_path_laid),
        cmocka_unit_test(a_lane_change_is_smooth),
        cmocka_unit_test(a_solid_line_is_crossed_only_when_there_is_no_other_way),
        cmocka_unit_test(signals_hold_for_their_lanes),
        cmocka_unit_test(a_crosswalk_covers_its_lanes),
        cmocka_unit_test(the_hash_is_of_what_matters),
        cmocka_unit_test(lanelets_become_lanes),
        cmocka_unit_test(lanelets_that_cross_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
