// The files that come out: picture, video, report, and the channels for other viewers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/sample.h"
#include "show/cutin.h"

#include "causeway/show.h"

#include <jansson.h>

typedef struct drive {
    cw_map *map;
    cw_trace *trace;
} drive;

static int set_up(void **state) {
    drive *d = calloc(1, sizeof *d);
    d->map = cutin_map(0.0, 0.0);
    d->trace = cutin_trace(d->map);
    *state = d;
    return 0;
}

static int tear_down(void **state) {
    drive *d = *state;
    cw_trace_free(d->trace);
    cw_map_free(d->map);
    free(d);
    return 0;
}

static char *file_of(const char *name, size_t *size) {
    char *bytes = NULL;
    cw_error err = {0};
    assert_int_equal(cw_file_read(sample_path(name), 0, &bytes, size, &err), CW_OK);
    return bytes;
}

static void a_frame_is_a_picture_that_repeats(void **state) {
    drive *d = *state;
    cw_show_def def = cw_show_defaults();
    cw_error err = {0};
    static const char *const names[] = {"a.png", "b.png", "c.png"};
    static const double times[] = {8.0, 8.0, 20.0};
    char *bytes[3];
    size_t size[3];
    for (int i = 0; i < 3; i++) {
        cw_status status = cw_show_frame(d->trace, d->map, NULL, &def, times[i], sample_path(names[i]), &err);
        if (status == CW_ERR_UNSUPPORTED) {
            assert_non_null(strstr(err.text, "apt-get install"));
            skip();
        }
        assert_int_equal(status, CW_OK);
        bytes[i] = file_of(names[i], &size[i]);
        assert_memory_equal(bytes[i], "\x89PNG\r\n\x1a\n", 8);
        assert_memory_equal(bytes[i] + 16, "\0\0\x05\0\0\0\x02\xd0", 8); // 1280 x 720
        assert_true(size[i] > 10000);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    assert_true(size[0] != size[2] || memcmp(bytes[0], bytes[2], size[0]) != 0);
    for (int i = 0; i < 3; i++)
        free(bytes[i]);
}

static bool count_frames(void *context, double done) {
    int *count = context;
    assert_true(done > 0.0 && done <= 1.0);
    (*count)++;
    return *count < 100;
}

static void a_video_has_every_frame(void **state) {
    drive *d = *state;
    cw_show_def def = cw_show_defaults();
    def.width = 640;
    def.height = 360;
    def.speed = 10.0;
    def.hold = 0.4;
    cw_error err = {0};
    int count = 0;
    cw_status status = cw_show_video(d->trace, d->map, NULL, &def, sample_path("a.mp4"), count_frames, &count, &err);
    if (status == CW_ERR_UNSUPPORTED)
        skip();
    assert_int_equal(status, CW_OK);
    assert_int_equal(count, 68 + 10); // 27 s ten times as fast, and the verdict
    size_t size;
    char *bytes = file_of("a.mp4", &size);
    assert_memory_equal(bytes + 4, "ftyp", 4);
    free(bytes);
    // Whoever stops it finds no file.
    def.speed = 1.0;
    count = 0;
    assert_int_equal(cw_show_video(d->trace, d->map, NULL, &def, sample_path("b.mp4"), count_frames, &count, &err),
                     CW_ERR_INTERRUPTED);
    assert_int_not_equal(access(sample_path("b.mp4"), F_OK), 0);
}

// The data within the page.
static json_t *data_of(const char *page) {
    const char *open = strstr(page, "id=\"data\">"), *close = open != NULL ? strstr(open, "</script>") : NULL;
    assert_non_null(close);
    open += strlen("id=\"data\">");
    json_error_t error;
    json_t *data = json_loadb(open, (size_t)(close - open), JSON_REJECT_DUPLICATES, &error);
    if (data == NULL)
        fail_msg("report data: %s, line %d", error.text, error.line);
    return data;
}

static void a_report_stands_alone(void **state) {
    drive *d = *state;
    cw_error err = {0};
    // A name that would end the script, were it not escaped.
    cw_trace_set(d->trace, "driver", "</script><script>alert(1)</script>");
    assert_int_equal(cw_show_report(d->trace, d->map, NULL, sample_path("r.html"), &err), CW_OK);
    size_t size;
    char *page = file_of("r.html", &size);
    assert_memory_equal(page, "<!doctype html>", 15);
    assert_non_null(strstr(page, "</html>"));
    static const char *const outside[] = {"http:", "https:", "src=", "@import", "url("};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_null(strstr(page, outside[i]));
    assert_null(strstr(page, "<script>alert"));
    json_t *data = data_of(page);
    assert_string_equal(json_string_value(json_object_get(data, "schema")), "causeway.report/1");
    assert_int_equal(json_array_size(json_object_get(data, "actors")), CUTIN_ACTORS);
    assert_int_equal(json_array_size(json_object_get(data, "words")), 7);
    assert_int_equal(json_array_size(json_object_get(data, "touches")), 1);
    assert_int_equal(json_array_size(json_object_get(data, "inputs")), 1); // scene and verdict are not inputs
    assert_true(json_array_size(json_object_get(data, "ground")) > 50);
    assert_string_equal(json_string_value(json_object_get(json_object_get(data, "meta"), "driver")),
                        "</script><script>alert(1)</script>");
    assert_true(json_is_false(json_object_get(json_object_get(data, "verdict"), "passed")));
    char digest[65];
    cw_sha256_hex("<OpenSCENARIO/>", 15, digest);
    json_t *input = json_array_get(json_object_get(data, "inputs"), 0);
    assert_string_equal(json_string_value(json_array_get(input, 2)), digest);
    // 271 ticks of 4 bytes: 1084 bytes, 1448 digits.
    assert_int_equal(json_string_length(json_object_get(data, "times")), 1448);
    json_decref(data);
    free(page);
}

static void a_report_without_anything_but_actors(void **state) {
    drive *d = *state;
    cw_trace *trace = cw_trace_new();
    const cw_column *columns;
    uint32_t from = cw_trace_find(d->trace, "/causeway/actors"), count = cw_trace_columns(d->trace, from, &columns);
    uint32_t to = cw_trace_rows(trace, "/causeway/actors", columns, count);
    cw_message message = cw_trace_message(d->trace, from, 0);
    cw_trace_add(trace, to, 0, message.bytes, message.size);
    cw_error err = {0};
    assert_int_equal(cw_show_report(trace, d->map, NULL, sample_path("r.html"), &err), CW_ERR_INPUT); // no scene.json
    cw_trace_attach(trace, "scene.json", "application/json", cutin_scene(), strlen(cutin_scene()));
    err = (cw_error){0};
    assert_int_equal(cw_show_report(trace, d->map, NULL, sample_path("r.html"), &err), CW_OK);
    size_t size;
    char *page = file_of("r.html", &size);
    json_t *data = data_of(page);
    assert_true(json_is_null(json_object_get(data, "verdict")));
    json_decref(data);
    free(page);
    cw_trace_free(trace);
}

static void viewers_get_what_they_know(void **state) {
    drive *d = *state;
    uint32_t before = cw_trace_channel_count(d->trace);
    assert_true(cw_show_viewer_channels(d->trace, d->map, NULL));
    assert_int_equal(cw_trace_channel_count(d->trace), before + 4);
    assert_true(cw_show_viewer_channels(d->trace, d->map, NULL)); // a second time adds nothing
    static const struct {
        const char *topic, *schema;
        size_t count;
    } expected[] = {{"/scene", "foxglove.SceneUpdate", 271},
                    {"/tf", "foxglove.FrameTransform", 271},
                    {"/ego/pose", "foxglove.PoseInFrame", 271},
                    {"/log", "foxglove.Log", 7 + 3 + 1}};
    for (size_t i = 0; i < 4; i++) {
        uint32_t channel = cw_trace_find(d->trace, expected[i].topic);
        assert_int_not_equal(channel, UINT32_MAX);
        assert_string_equal(cw_trace_schema_name(d->trace, channel), expected[i].schema);
        assert_int_equal(cw_trace_count(d->trace, channel), expected[i].count);
        for (size_t k = 0; k < cw_trace_count(d->trace, channel); k++) {
            cw_message message = cw_trace_message(d->trace, channel, k);
            json_error_t error;
            json_t *root = json_loadb(message.bytes, message.size, JSON_REJECT_DUPLICATES, &error);
            if (root == NULL)
                fail_msg("%s %zu: %s", expected[i].topic, k, error.text);
            json_t *stamp = i == 0 ? json_object_get(json_array_get(json_object_get(root, "entities"), 0), "timestamp")
                                   : json_object_get(root, "timestamp");
            int64_t time = json_integer_value(json_object_get(stamp, "sec")) * (int64_t)1000000000 +
                           json_integer_value(json_object_get(stamp, "nsec"));
            assert_int_equal(time, message.time_ns);
            if (i == 0 && k == 100) { // cubes of everyone who is there, and the plan
                json_t *entities = json_object_get(root, "entities");
                assert_int_equal(json_array_size(json_object_get(json_array_get(entities, 0), "cubes")), CUTIN_ACTORS);
                assert_string_equal(json_string_value(json_object_get(json_array_get(entities, 1), "id")), "plan");
            }
            json_decref(root);
        }
    }
}

// Rows of noise, words that are no JSON, sizes beyond reason: drawn as well as it goes, or refused.
static void noise_does_no_harm(void **state) {
    drive *d = *state;
    uint64_t random = 7;
    for (int round = 0; round < 6; round++) {
        cw_trace *trace = cw_trace_new();
        for (uint32_t c = 0; c < cw_trace_channel_count(d->trace); c++) {
            const cw_column *columns;
            uint32_t count = cw_trace_columns(d->trace, c, &columns);
            uint32_t to = count > 0 ? cw_trace_rows(trace, cw_trace_name(d->trace, c), columns, count)
                                    : cw_trace_messages(trace, cw_trace_name(d->trace, c), "json", "", "", "");
            for (size_t i = 0; i < 40 && i < cw_trace_count(d->trace, c); i++) {
                cw_message message = cw_trace_message(d->trace, c, i);
                char *bytes = malloc(message.size + 1);
                memcpy(bytes, message.bytes, message.size);
                for (size_t k = 0; k < message.size; k++) {
                    random = random * 6364136223846793005U + 1442695040888963407U;
                    if (random >> 61 < (uint64_t)round) // from none to most of the bytes
                        bytes[k] = (char)(random >> 32);
                }
                cw_trace_add(trace, to, message.time_ns, bytes, message.size);
                free(bytes);
            }
        }
        cw_trace_attach(trace, "scene.json", "application/json", cutin_scene(), strlen(cutin_scene()));
        static const char verdict[] = "{\"criteria\":[1,{},[],{\"name\":3}]}";
        cw_trace_attach(trace, "verdict.json", "application/json", verdict, sizeof verdict - 1);
        cw_show_def def = cw_show_defaults();
        cw_error err = {0};
        cw_status status = cw_show_report(trace, d->map, NULL, sample_path("r.html"), &err);
        assert_true(status == CW_OK || (round > 0 && status == CW_ERR_INPUT));
        if (status == CW_OK) {
            size_t size;
            char *page = file_of("r.html", &size);
            json_decref(data_of(page));
            free(page);
        }
        err = (cw_error){0};
        status = cw_show_frame(trace, d->map, NULL, &def, 99.0, sample_path("a.png"), &err);
        assert_true(status == CW_OK || status == CW_ERR_UNSUPPORTED || (round > 0 && status == CW_ERR_INPUT));
        assert_true(cw_show_viewer_channels(trace, d->map, NULL));
        cw_trace_free(trace);
    }
}

// A map without any surface: the view from above stands alone, and it is told why.
static void cameras_that_cannot_be_had(void **state) {
    drive *d = *state;
    cw_map empty = {.name = "empty"};
    cw_actor actors[8];
    for (int i = 0; i < 8; i++)
        actors[i] = cw_scene_usual_actor(CW_ACTOR_CAR);
    cw_scene scene = {.map = &empty, .actor_count = 8, .actors = actors, .ego = 0};
    cw_error err = {0}, why = {0};
    cw_show_def def = cw_show_defaults();
    def.cameras = true;
    def.left_out = &why;
    cw_status status = cw_show_frame(d->trace, d->map, &scene, &def, 8.0, sample_path("a.png"), &err);
    if (status == CW_ERR_UNSUPPORTED)
        skip();
    assert_int_equal(status, CW_OK);
    assert_true(why.code == CW_ERR_INPUT || why.code == CW_ERR_UNSUPPORTED);
    assert_non_null(strstr(why.text, why.code == CW_ERR_INPUT ? "no lane with a surface" : "apt-get install"));
}

static int clean(void **state) {
    (void)state;
    static const char *const names[] = {"a.png", "b.png", "c.png", "a.mp4", "b.mp4", "r.html"};
    sample_clean(names, sizeof names / sizeof *names);
    return 0;
}

// fontconfig keeps what it has found until the process ends; the sanitizer asks for these by name.
const char *__lsan_default_suppressions(void); // NOLINT
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
} // NOLINT

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_frame_is_a_picture_that_repeats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_video_has_every_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_stands_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_without_anything_but_actors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(viewers_get_what_they_know, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cameras_that_cannot_be_had, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
