// Towns: seeds in their sets, the same town for the same seed, clean geometry, and writing and reading back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void seeds_keep_their_sets(void **state) {
    (void)state;
    for (int set = 0; set < 3; set++) {
        uint64_t before = 0;
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t seed = cw_seed_in((cw_seed_set)set, i * 4611686018427387u);
            assert_int_equal(cw_seed_set_of(seed), set);
            assert_true(i == 0 || seed != before);
            cw_error err = {0};
            assert_int_equal(cw_seed_may_learn(seed, &err), set == CW_SEED_TEST ? CW_ERR_USAGE : CW_OK);
            before = seed;
        }
    }
    assert_int_equal(cw_seed_set_of(UINT64_MAX), CW_SEED_TEST);
}

static cw_scene *make(uint64_t seed, bool left_hand, int size) {
    cw_town_def def = cw_town_defaults(seed);
    def.left_hand = left_hand;
    def.size = size;
    cw_scene *scene;
    cw_error err = {0};
    if (cw_town_make(&def, &scene, &err) != CW_OK)
        fail_msg("%s", err.text);
    return scene;
}

static const uint64_t seeds[] = {1, 2, 3, 4, 5, 6, 7, 8, (uint64_t)1 << 62, (uint64_t)1 << 63, UINT64_MAX};
enum { SEEDS = sizeof seeds / sizeof *seeds };

static void definitions_are_checked(void **state) {
    (void)state;
    cw_town_def def = cw_town_defaults(1);
    cw_error err = {0};
    assert_int_equal(cw_town_set(&def, "size", "3", &err), CW_OK);
    assert_int_equal(def.size, 3);
    assert_int_equal(cw_town_set(&def, "hills", "0", &err), CW_OK);
    assert_int_equal(cw_town_set(&def, "left_hand", "1", &err), CW_OK);
    assert_true(def.left_hand && def.hills == 0);
    static const char *const wrong[][2] = {{"size", "13"}, {"size", "2.5"},   {"density", "1.5"}, {"hills", "x"},
                                           {"no", "1"},    {"block", "-100"}, {"motorway", "2"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(cw_town_set(&def, wrong[i][0], wrong[i][1], &(cw_error){0}), CW_ERR_USAGE);
    def.curves = 7;
    cw_scene *scene;
    assert_int_equal(cw_town_make(&def, &scene, &err), CW_ERR_USAGE);
    assert_null(scene);
}

// Where one lane follows another: the same place, heading, height and width.
static void check_joint(const cw_map *map, uint32_t from, uint32_t to) {
    const cw_lane *a = &map->lanes[from], *b = &map->lanes[to];
    double sa = a->direction > 0 ? a->s1 : a->s0, sb = b->direction > 0 ? b->s0 : b->s1;
    cw_road_point pa, pb;
    cw_pose p = cw_lane_pose(map, (cw_lane_place){from, sa, 0}, &pa);
    cw_pose q = cw_lane_pose(map, (cw_lane_place){to, sb, 0}, &pb);
    bool fits = cw_hypot(p.x - q.x, p.y - q.y) < 1e-6 && fabs(cw_wrap_angle(p.heading - q.heading)) < 1e-6 &&
                fabs(pa.z - pb.z) < 1e-6;
    bool even = fabs(cw_lane_width(map, from, sa) - cw_lane_width(map, to, sb)) < 1e-6;
    if (!fits || !even)
        fail_msg("road %s lane %d to road %s lane %d: %g m, %g rad, %g m high, widths %g and %g",
                 map->roads[a->road].id, a->id, map->roads[b->road].id, b->id, cw_hypot(p.x - q.x, p.y - q.y),
                 cw_wrap_angle(p.heading - q.heading), pa.z - pb.z, cw_lane_width(map, from, sa),
                 cw_lane_width(map, to, sb));
}

static void lanes_join(void **state) {
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        cw_scene *scene = make(seeds[i], i % 2 == 1, 3 + i % 3);
        const cw_map *map = scene->map;
        uint32_t ends = 0, starts = 0;
        for (uint32_t l = 0; l < map->lane_count; l++) {
            const cw_lane *lane = &map->lanes[l];
            if (lane->kind == CW_LANE_DRIVING) {
                bool closes = cw_lane_width(map, l, lane->direction > 0 ? lane->s1 : lane->s0) < 1e-6;
                bool opens = cw_lane_width(map, l, lane->direction > 0 ? lane->s0 : lane->s1) < 1e-6;
                ends += lane->next.count == 0 && !closes;
                starts += lane->previous.count == 0 && !opens;
                assert_int_equal(map->roads[lane->road].left_hand, i % 2 == 1);
                assert_true(lane->length > 0.5);
            }
            for (uint32_t k = 0; k < lane->next.count; k++)
                check_joint(map, l, map->links[lane->next.first + k]);
        }
        // The only ends of the world are those of the motorway: two carriageways with two lanes.
        assert_int_equal(ends, 4);
        assert_int_equal(starts, 4);
        cw_scene_free(scene);
    }
}

static void reference_lines_are_smooth(void **state) {
    (void)state;
    cw_scene *scene = make(5, false, 5);
    const cw_map *map = scene->map;
    for (uint32_t r = 0; r < map->road_count; r++) {
        cw_span g = map->roads[r].geometry;
        double end = 0;
        for (uint32_t i = 0; i < g.count; i++) {
            const cw_geometry *piece = &map->geometry[g.first + i];
            assert_true(fabs(piece->s - end) < 1e-9);
            assert_true(fabs(piece->k0) < 1 / 6.0);
            if (i > 0) {
                cw_road_point before, after;
                cw_road_at(map, r, piece->s - 1e-9, 0, &before);
                cw_road_at(map, r, piece->s + 1e-9, 0, &after);
                assert_true(cw_hypot(before.x - after.x, before.y - after.y) < 1e-7);
                assert_true(fabs(cw_wrap_angle(before.heading - after.heading)) < 1e-7);
            }
            end = piece->s + piece->length;
        }
        assert_true(fabs(end - map->roads[r].length) < 1e-9);
    }
    cw_scene_free(scene);
}

// No house, tree or parked car stands on a lane that is driven on.
static void nothing_stands_on_the_road(void **state) {
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        cw_scene *scene = make(seeds[i], false, 4);
        const cw_map *map = scene->map;
        for (uint32_t o = 0; o < map->object_count; o++) {
            const cw_object *object = &map->objects[o];
            for (uint32_t k = 0; k < object->outline.count && object->solid; k++) {
                cw_vec2 p = map->points[object->outline.first + k];
                cw_locate query = cw_locate_at(p.x, p.y);
                query.kinds = 1u << CW_LANE_DRIVING;
                cw_lane_place place;
                if (cw_map_locate(map, &query, &place))
                    fail_msg("seed %d: object %s (%s) stands on road %s lane %d", i, object->id, object->name,
                             map->roads[map->lanes[place.lane].road].id, map->lanes[place.lane].id);
            }
        }
        cw_scene_free(scene);
    }
}

typedef struct files {
    char *map, *scenario;
    size_t map_size, scenario_size;
} files;

static cw_status open_file(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const files *f = context;
    (void)err;
    bool map = strcmp(path, "town.xodr") == 0;
    *count = map ? f->map_size : f->scenario_size;
    *bytes = malloc(*count + 1);
    memcpy(*bytes, map ? f->map : f->scenario, *count + 1);
    return CW_OK;
}

static void check_traffic(const cw_traffic *a, const cw_traffic *b) {
    assert_true(a->count > 0 && a->flow_count > 5); // a swarm, and both ways of the motorway in and out
    assert_int_equal(a->first, b->first);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->flow_count, b->flow_count);
    for (uint32_t i = 0; i < a->flow_count; i++) {
        const cw_flow *f = &a->flows[i], *g = &b->flows[i];
        assert_string_equal(f->name, g->name);
        assert_int_equal(f->kind, g->kind);
        assert_int_equal(f->count, g->count);
        assert_int_equal(f->entity, g->entity);
        assert_int_equal(f->position.road, g->position.road);
        assert_int_equal(f->position.lane, g->position.lane);
        assert_true(f->position.s == g->position.s);
        assert_true(f->rate == g->rate && f->radius == g->radius && f->inner == g->inner);
        assert_true(f->semi_major == g->semi_major && f->semi_minor == g->semi_minor && f->offset == g->offset);
        assert_true(isnan(f->speed_low) && isnan(g->speed_low) && isnan(f->same_way) && isnan(g->same_way));
    }
}

// The car's way ends where the run stops and where the goal is; who comes late is stopped too.
static void the_goal_is_asked(void **state) {
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        cw_scene *scene = make(seeds[i], i % 2 == 1, 4);
        assert_int_equal(scene->stop.groups.count, 2);
        assert_int_equal(scene->goal_count, 1);
        const cw_region *goal = scene->goals[0].regions;
        assert_int_equal(goal->kind, 1);
        const cw_position *to = &scene->routes[scene->mission_route].waypoints[0].position;
        uint32_t lane = cw_map_find_lane(scene->map, to->road, to->lane, to->s);
        cw_pose pose = cw_lane_pose(scene->map, (cw_lane_place){lane, to->s, 0}, NULL);
        assert_true(cw_hypot(goal->x - pose.x, goal->y - pose.y) < 1e-9);
        assert_true(goal->radius > 0 && goal->radius < 10);
        cw_scene_free(scene);
    }
}

static void written_and_read_back(void **state) {
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        cw_scene *scene = make(seeds[i], i % 2 == 1, 3), *again = make(seeds[i], i % 2 == 1, 3), *back;
        assert_true(scene->map->hash == again->map->hash);
        files f;
        cw_error err = {0};
        assert_int_equal(cw_opendrive_write(scene->map, &f.map, &f.map_size, &err), CW_OK);
        assert_int_equal(cw_openscenario_write(scene, "town.xodr", &f.scenario, &f.scenario_size, &err), CW_OK);
        cw_scenario_options options = {.open = open_file, .context = &f};
        cw_status status = cw_openscenario_read(f.scenario, f.scenario_size, "town.xosc", &options, &back, &err);
        if (status != CW_OK)
            fail_msg("%s:%d: %s", err.path, err.line, err.text);
        for (uint32_t k = 0; k < back->notice_count; k++)
            fail_msg("%s: %s", back->notices[k].name, back->notices[k].text);
        assert_true(back->map->hash == scene->map->hash);
        assert_true(cw_scene_digest(back) == cw_scene_digest(scene));
        check_traffic(&scene->traffic, &back->traffic);
        free(f.map);
        free(f.scenario);
        cw_scene_free(scene);
        cw_scene_free(again);
        cw_scene_free(back);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(seeds_keep_their_sets),
                                       cmocka_unit_test(definitions_are_checked),
                                       cmocka_unit_test(lanes_join),
                                       cmocka_unit_test(reference_lines_are_smooth),
                                       cmocka_unit_test(nothing_stands_on_the_road),
                                       cmocka_unit_test(the_goal_is_asked),
                                       cmocka_unit_test(written_and_read_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
