// Recorded worlds: what becomes of the small one of our own, and what is wrong with others.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"

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
    uint32_t lanes = 0, joints = 0;
    for (uint32_t i = 0; i < map->lane_count; i++) {
        lanes += map->lanes[i].kind == CW_LANE_DRIVING;
        joints += map->lanes[i].next.count;
    }
    assert_int_equal(lanes, 3);
    assert_int_equal(joints, 1);
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

// The small one with `from` replaced by `to`.
static void refused(const char *from, const char *to, cw_status code, const char *word) {
    size_t count;
    char *bytes = read_own(&count);
    size_t head = 0;
    while (head + strlen(from) < count && memcmp(bytes + head, from, strlen(from)) != 0)
        head++;
    size_t total = count - strlen(from) + strlen(to);
    char *changed = malloc(total + 1);
    memcpy(changed, bytes, head);
    memcpy(changed + head, to, strlen(to));
    memcpy(changed + head + strlen(to), bytes + head + strlen(from), count - head - strlen(from) + 1);
    cw_scene *scene;
    cw_error err = {0};
    cw_status status = cw_recording_read(changed, total, "recorded.json", NULL, &scene, &err);
    if (status != code || strstr(err.text, word) == NULL || err.line < 1 || err.column < 1)
        fail_msg("%s -> %s: status %d at %d:%d: %s", from, to, status, err.line, err.column, err.text);
    assert_null(scene);
    free(changed);
    free(bytes);
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
    refused("\"sdc_track_index\": 0", "\"sdc_track_index\": 77", CW_ERR_INPUT, "recording car");
    refused("{\"x\":", "{\"q\":", CW_ERR_INPUT, "without x or y");
    refused("\"objects\": [", "\"objects\": {", CW_ERR_INPUT, "'[' should stand here");
    refused("\n}", "\n", CW_ERR_INPUT, "ends");
    refused("\n}", "\n}x", CW_ERR_INPUT, "follows");
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_small_one), cmocka_unit_test(wrong_ones),
                                       cmocka_unit_test(too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
