// Recorded worlds: what becomes of the small one of our own, and what is wrong with others.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_own(size_t *count) {
    char path[1024], *bytes;
    snprintf(path, sizeof path, "%s/scenes/recorded.json", getenv("CAUSEWAY_SOURCE"));
    assert_int_equal(cw_file_read(path, 0, &bytes, count, NULL), CW_OK);
    return bytes;
}

static void the_small_one(void **state) {
    (void)state;
    size_t count;
    char *bytes = read_own(&count);
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", NULL, &scene, &err), CW_OK);
    assert_int_equal(scene->actor_count, 5); // a walker who is gone for two seconds is two
    assert_int_equal(scene->ego, 0);
    assert_true(scene->has_start && scene->goal_count == 1 && scene->duration == 9.0);
    assert_int_equal(scene->notice_count, 0);
    // The middle of the box is where it was recorded, to a tenth of a millimetre, far from the origin.
    const cw_actor *car = &scene->actors[1];
    for (uint32_t k = 0; k < car->sample_count; k++) {
        double sine, cosine;
        cw_sincos((double)car->samples[k].heading, &sine, &cosine);
        double x = car->samples[k].x + (double)car->center_x * cosine,
               y = car->samples[k].y + (double)car->center_x * sine;
        assert_true(fabs(x - (4200 + 45 + 0.7 * k)) < 1e-4 && fabs(y + 7300) < 1e-4);
        assert_true(fabs(car->samples[k].time - 0.1 * k) < 1e-12);
    }
    const cw_actor *walker = &scene->actors[2], *again = &scene->actors[3];
    assert_int_equal(walker->sample_count, 30);
    assert_true(walker->starts && !again->starts && fabs(again->samples[0].time - 5) < 1e-9);
    // The first lane leads into the second, and only there; the sign holds for the lane beside it.
    const cw_map *map = scene->map;
    uint32_t lanes = 0, joints = 0, lefts = 0, rights = 0;
    for (uint32_t i = 0; i < map->lane_count; i++) {
        lanes += map->lanes[i].kind == CW_LANE_DRIVING;
        joints += map->lanes[i].next.count;
        uint32_t left = map->lanes[i].left, right = map->lanes[i].right;
        lefts += left != CW_NONE && map->lanes[left].right == i;
        rights += right != CW_NONE && map->lanes[right].left == i;
    }
    assert_int_equal(lanes, 3);
    assert_int_equal(joints, 1);
    assert_int_equal(lefts + rights, 0); // the third lane runs the other way
    assert_int_equal(map->signal_count, 1);
    assert_true(map->crossing_count >= 2);
    cw_scene_free(scene);
    cw_scenario_options other = {.problem = 1};
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", &other, &scene, &err), CW_OK);
    assert_string_equal(scene->actors[0].name, "102");
    cw_scene_free(scene);
    other.problem = 2;
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", &other, &scene, &err), CW_ERR_USAGE);
    free(bytes);
}

// Who is replayed passes the recorded places within a millimetre; who is removed is not there; anyone can be driven.
static void driven_replayed_removed(void **state) {
    (void)state;
    size_t count;
    char *bytes = read_own(&count);
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", NULL, &scene, &err), CW_OK);
    cw_world_def def = cw_world_defaults(scene);
    def.drive_ego = true;
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    uint32_t passed = 0;
    for (int step = 0; step <= 900 && cw_world_ended(world) == CW_GOES_ON; step++, cw_world_step(world)) {
        cw_actor_state car;
        cw_world_actor(world, 1, &car);
        if (step % 10 != 0 || !car.present)
            continue;
        double sine, cosine, center = (double)scene->actors[1].center_x;
        cw_sincos((double)car.heading, &sine, &cosine);
        double x = car.x + center * cosine - (4200 + 45 + 0.07 * step), y = car.y + center * sine + 7300;
        assert_true(cw_hypot(x, y) < 1e-3);
        passed++;
    }
    assert_true(passed > 80);
    cw_world_free(world);
    cw_scene_free(scene);
    // A walker who is gone for two seconds is two actors, and removed as one.
    cw_scenario_options options = {.remove = "102,103"};
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", &options, &scene, &err), CW_OK);
    assert_int_equal(scene->actor_count, 2);
    assert_string_equal(scene->actors[1].name, "104");
    cw_scene_free(scene);
    options = (cw_scenario_options){.ego = "102", .remove = "all"};
    assert_int_equal(cw_recording_read(bytes, count, "recorded.json", &options, &scene, &err), CW_OK);
    assert_int_equal(scene->actor_count, 1);
    assert_string_equal(scene->actors[0].name, "102");
    cw_scene_free(scene);
    static const cw_scenario_options wrong[] = {
        {.ego = "77"}, {.remove = "102,77"}, {.remove = "101"}, {.remove = "102,,103"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(cw_recording_read(bytes, count, "recorded.json", &wrong[i], &scene, &err), CW_ERR_USAGE);
    free(bytes);
}

// The small one with `from` replaced by `to`.
static char *replaced(const char *from, const char *to, size_t *total) {
    size_t count;
    char *bytes = read_own(&count);
    size_t head = 0;
    while (head + strlen(from) < count && memcmp(bytes + head, from, strlen(from)) != 0)
        head++;
    *total = count - strlen(from) + strlen(to);
    char *changed = malloc(*total + 1);
    memcpy(changed, bytes, head);
    memcpy(changed + head, to, strlen(to));
    memcpy(changed + head + strlen(to), bytes + head + strlen(from), count - head - strlen(from) + 1);
    free(bytes);
    return changed;
}

// A light for the second lane, at its start: off for half a second, green, then by number yellow and red for good.
static void lights_play(void **state) {
    (void)state;
    size_t total;
    char *changed =
        replaced("\"tl_states\": {}",
                 "\"tl_states\": {\"2\": {\"state\": [\"go\", \"go\", 5, \"stop\"], \"x\": [4280, 4280, 4280, "
                 "4280], \"y\": [-7300], \"z\": 0, \"time_index\": [5, 6, 20, 30], \"lane_id\": [2]}}",
                 &total);
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_recording_read(changed, total, "recorded.json", NULL, &scene, &err), CW_OK);
    assert_int_equal(scene->notice_count, 0);
    assert_int_equal(scene->program_count, 1);
    uint32_t light = cw_map_find_signal(scene->map, "light-2");
    assert_true(light != CW_NONE);
    bool held = false;
    for (uint32_t i = 0; i < scene->map->stop_count; i++) {
        const cw_stop *stop = &scene->map->stops[i];
        if (stop->signal != light)
            continue;
        cw_pose at = cw_lane_pose(
            scene->map, (cw_lane_place){stop->lane, cw_lane_station(scene->map, stop->lane, stop->s), 0}, NULL);
        assert_true(cw_hypot(at.x - 4280, at.y + 7300) < 0.2);
        held = true;
    }
    assert_true(held);
    cw_world_def def = cw_world_defaults(scene);
    def.drive_ego = true;
    cw_world *world = cw_world_new(&def, &err);
    assert_non_null(world);
    for (int step = 0; step < 800; step++, cw_world_step(world)) {
        int expected = step < 50 ? 0 : step < 200 ? 4 : step < 300 ? 3 : 1;
        assert_int_equal(cw_world_light(world, light), expected);
    }
    cw_world_free(world);
    cw_scene_free(scene);
    free(changed);
}

static void refused(const char *from, const char *to, cw_status code, const char *word) {
    size_t total;
    char *changed = replaced(from, to, &total);
    cw_scene *scene;
    cw_error err = {0};
    cw_status status = cw_recording_read(changed, total, "recorded.json", NULL, &scene, &err);
    if (status != code || strstr(err.text, word) == NULL || err.line < 1 || err.column < 1)
        fail_msg("%s -> %s: status %d at %d:%d: %s", from, to, status, err.line, err.column, err.text);
    assert_null(scene);
    free(changed);
}

static void wrong_ones(void **state) {
    (void)state;
    refused("\"heading\":[0,", "\"heading\":[", CW_ERR_INPUT, "91 positions and 90 of heading");
    refused("\"heading\":[0,", "\"heading\":[NaN,", CW_ERR_INPUT, "'NaN' is not a finite number");
    refused("\"heading\":[0,", "\"heading\":[1e999,", CW_ERR_INPUT, "not a finite number");
    refused("\"valid\":", "\"other\":", CW_ERR_INPUT, "without valid");
    refused("\"width\":1.9,", "", CW_ERR_INPUT, "without length or width");
    refused("\"width\":1.9", "\"width\":-1", CW_ERR_INPUT, "size");
    refused("\"roads\"", "\"streets\"", CW_ERR_INPUT, "without roads");
    refused("\"tl_states\": {}", "\"tl_states\": {\"2\": {\"state\": [\"blue\"], \"x\": [1], \"y\": [1]}}",
            CW_ERR_INPUT, "state is a word");
    refused("\"tl_states\": {}", "\"tl_states\": {\"2\": {\"state\": [4], \"x\": [1]}}", CW_ERR_INPUT, "without state");
    refused("\"tl_states\": {}",
            "\"tl_states\": {\"2\": {\"state\": [4, 4], \"x\": [1], \"y\": [1], \"time_index\": [3, 3]}}", CW_ERR_INPUT,
            "do not rise");
    refused("\"tl_states\": {}",
            "\"tl_states\": {\"2\": {\"state\": [4, 4], \"x\": [1], \"y\": [1], \"time_index\": [3]}}", CW_ERR_INPUT,
            "2 states at 1");
    refused("\"sdc_track_index\": 0", "\"sdc_track_index\": 77", CW_ERR_INPUT, "recording car");
    refused("{\"x\":", "{\"q\":", CW_ERR_INPUT, "without x or y");
    refused("\"objects\": [", "\"objects\": {", CW_ERR_INPUT, "'[' should stand here");
    refused("\n}", "\n", CW_ERR_INPUT, "ends");
    refused("\n}", "\n}x", CW_ERR_INPUT, "follows");
}

// One lane to the right of the other; a third that begins beside them and leaves is no neighbour.
static void side_by_side(void **state) {
    (void)state;
    static const char lane[] =
        "\"roads\":[{\"type\":\"lane\",\"id\":90,\"geometry\":[{\"x\":4200,\"y\":-7303.6},{\"x\":4280,\"y\":%g}]},";
    for (int leaves = 0; leaves < 2; leaves++) {
        char more[256];
        size_t count, head = 0;
        char *bytes = read_own(&count);
        size_t added = (size_t)snprintf(more, sizeof more, lane, leaves ? -7310.0 : -7303.6);
        const char *mark = "\"roads\"";
        while (head + 9 < count && memcmp(bytes + head, mark, 7) != 0)
            head++;
        size_t rest = head;
        while (rest < count && bytes[rest] != '[')
            rest++;
        rest++;
        char *all = malloc(count + added);
        memcpy(all, bytes, head);
        memcpy(all + head, more, added);
        memcpy(all + head + added, bytes + rest, count - rest);
        cw_scene *scene;
        assert_int_equal(cw_recording_read(all, head + added + count - rest, "r.json", NULL, &scene, &(cw_error){0}),
                         CW_OK);
        uint32_t both = 0;
        for (uint32_t i = 0; i < scene->map->lane_count; i++) {
            uint32_t left = scene->map->lanes[i].left;
            both += left != CW_NONE && scene->map->lanes[left].right == i && cw_lane_same_way(scene->map, i, true);
        }
        assert_int_equal(both, leaves ? 0 : 1);
        cw_scene_free(scene);
        free(bytes);
        free(all);
    }
}

static void too_many(void **state) {
    (void)state;
    static const char one[] = "{\"position\":[],\"heading\":[],\"velocity\":[],\"valid\":[],\"width\":1,\"length\":1},";
    size_t count = 1000000, size = sizeof one - 1, used = 0;
    char *bytes = malloc(count * size + 64);
    used += (size_t)sprintf(bytes, "{\"objects\":[");
    for (size_t i = 0; i < count; i++, used += size)
        memcpy(bytes + used, one, size);
    cw_scene *scene;
    cw_error err = {0};
    assert_int_equal(cw_recording_read(bytes, used, "many.json", NULL, &scene, &err), CW_ERR_LIMIT);
    assert_true(err.line == 1 && err.column > 100000);
    free(bytes);
    char deep[400];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    assert_int_equal(cw_recording_read(deep, sizeof deep, "deep.json", NULL, &scene, &(cw_error){0}), CW_ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_small_one),
                                       cmocka_unit_test(wrong_ones),
                                       cmocka_unit_test(too_many),
                                       cmocka_unit_test(side_by_side),
                                       cmocka_unit_test(driven_replayed_removed),
                                       cmocka_unit_test(lights_play)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
