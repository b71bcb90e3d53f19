#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sample.h"

enum { WIDTH = 320, HEIGHT = 180, FRAMES = 60 };

static void draw(uint32_t *pixels, int frame) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            pixels[y * WIDTH + x] = x / 8 % 20 == frame % 20 ? 0xffd040U : 0x203040U + (uint32_t)y;
}

// False where FFmpeg is not there.
static bool record(const char *path) {
    cw_error err = {0};
    cw_video *video = NULL;
    cw_video_def def = {.width = WIDTH, .height = HEIGHT, .frames_per_second = 25};
    cw_status status = cw_video_open(path, &def, &video, &err);
    if (status == CW_ERR_UNSUPPORTED) {
        assert_non_null(strstr(err.text, "apt-get install"));
        return false;
    }
    assert_int_equal(status, CW_OK);
    static uint32_t pixels[WIDTH * HEIGHT];
    for (int i = 0; i < FRAMES; i++) {
        draw(pixels, i);
        assert_int_equal(cw_video_add(video, pixels, WIDTH * 4, &err), CW_OK);
    }
    assert_int_not_equal(access(path, F_OK), 0); // not there before it is whole
    assert_int_equal(cw_video_close(video, &err), CW_OK);
    return true;
}

static uint32_t big_endian(const char *at) {
    const uint8_t *b = (const uint8_t *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// The first box of that kind, searched as bytes: deep enough for what is asked here.
static const char *find(const char *bytes, size_t size, const char *kind) {
    for (size_t i = 4; i + 4 <= size; i++)
        if (memcmp(bytes + i, kind, 4) == 0)
            return bytes + i;
    return NULL;
}

static void a_video_is_whole(void **state) {
    (void)state;
    if (!record(sample_path("a.mp4")))
        skip();
    char *bytes;
    size_t size;
    cw_error err = {0};
    assert_int_equal(cw_file_read(sample_path("a.mp4"), 0, &bytes, &size, &err), CW_OK);
    const char *moov = find(bytes, size, "moov"), *mdat = find(bytes, size, "mdat"), *stsz = find(bytes, size, "stsz");
    assert_memory_equal(bytes + 4, "ftyp", 4);
    assert_non_null(moov);
    assert_non_null(mdat);
    assert_true(moov < mdat); // it plays before it is loaded
    assert_non_null(find(bytes, size, "avc1"));
    assert_int_equal(big_endian(stsz + 4 + 4 + 4), FRAMES);
    const char *mdhd = find(bytes, size, "mdhd");
    uint32_t scale = big_endian(mdhd + 4 + 12), duration = big_endian(mdhd + 4 + 16);
    assert_int_equal((uint64_t)duration * 25, (uint64_t)scale * FRAMES);
    free(bytes);
}

static void a_video_repeats(void **state) {
    (void)state;
    if (!record(sample_path("b.mp4")) || !record(sample_path("c.mp4")))
        skip();
    char *first, *second;
    size_t size, again;
    cw_error err = {0};
    assert_int_equal(cw_file_read(sample_path("b.mp4"), 0, &first, &size, &err), CW_OK);
    assert_int_equal(cw_file_read(sample_path("c.mp4"), 0, &second, &again, &err), CW_OK);
    assert_int_equal(size, again);
    assert_memory_equal(first, second, size);
    free(first);
    free(second);
}

static void an_abandoned_video_leaves_nothing(void **state) {
    (void)state;
    cw_error err = {0};
    cw_video *video = NULL;
    cw_video_def def = {.width = WIDTH, .height = HEIGHT, .frames_per_second = 25};
    char path[128];
    snprintf(path, sizeof path, "%s", sample_path("folder"));
    assert_int_equal(mkdtemp(strcat(path, "XXXXXX")) != NULL, 1);
    char file[160];
    snprintf(file, sizeof file, "%s/d.mp4", path);
    cw_status status = cw_video_open(file, &def, &video, &err);
    if (status == CW_OK) {
        static uint32_t pixels[WIDTH * HEIGHT];
        assert_int_equal(cw_video_add(video, pixels, WIDTH * 4, &err), CW_OK);
        cw_video_abandon(video);
    }
    cw_video_abandon(NULL);
    assert_int_equal(rmdir(path), 0); // only an empty folder can be removed
    if (status != CW_OK)
        skip();
}

static void a_folder_that_is_not_there_is_an_error(void **state) {
    (void)state;
    cw_error err = {0};
    cw_video *video = NULL;
    cw_video_def def = {.width = WIDTH, .height = HEIGHT, .frames_per_second = 25};
    cw_status status = cw_video_open("/nonexistent/folder/v.mp4", &def, &video, &err);
    if (status == CW_ERR_UNSUPPORTED)
        skip();
    assert_int_equal(status, CW_ERR_IO);
    assert_null(video);
}

static int clean(void **state) {
    (void)state;
    static const char *const names[] = {"a.mp4", "b.mp4", "c.mp4"};
    sample_clean(names, 3);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_video_is_whole),
        cmocka_unit_test(a_video_repeats),
        cmocka_unit_test(an_abandoned_video_leaves_nothing),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
