// Errors, memory, files, threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/base.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void first_error_wins(void **context) {
    (void)context;
    cw_error err = {0};
    char text[600];
    assert_int_equal(cw_error_set(&err, CW_ERR_INPUT, "a.xodr", 3, 7, "no %s", "road"), CW_ERR_INPUT);
    cw_error_set(&err, CW_ERR_IO, "b", 1, 1, "later");
    size_t length = cw_error_print(&err, text, sizeof text);
    assert_string_equal(text, "a.xodr:3:7: error: no road");
    assert_int_equal(length, strlen(text));
    assert_int_equal(cw_error_print(&err, text, 8), 7);
    assert_string_equal(text, "a.xodr:");
    cw_error bare = {0};
    cw_error_set(&bare, CW_ERR_USAGE, NULL, 0, 0, "unknown option");
    cw_error_print(&bare, text, sizeof text);
    assert_string_equal(text, "error: unknown option");
    char huge[1000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    cw_error full = {0};
    cw_error_set(&full, CW_ERR_IO, huge, 1, 0, "%s", huge);
    assert_int_equal(strlen(full.path), sizeof full.path - 1);
    assert_int_equal(strlen(full.text), sizeof full.text - 1);
    assert_int_equal(cw_error_set(NULL, CW_ERR_LIMIT, NULL, 0, 0, "x"), CW_ERR_LIMIT);
}

static void arena_holds(void **context) {
    (void)context;
    cw_arena *arena = cw_arena_new(256, 100000);
    assert_non_null(arena);
    unsigned char *taken[200];
    size_t total = 0;
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 3 % 130;
        taken[i] = cw_arena_alloc(arena, size);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % (size >= 64 ? 64 : 16), 0);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(taken[i][k], 0);
            taken[i][k] = (unsigned char)i;
        }
        total += size;
        assert_int_equal(cw_arena_used(arena), total);
    }
    for (size_t i = 0; i < 200; i++) { // nobody wrote over another
        for (size_t k = 0; k < i * 3 % 130; k++) {
            assert_int_equal(taken[i][k], (unsigned char)i);
        }
    }
    assert_null(cw_arena_alloc(arena, 100000));
    assert_null(cw_arena_alloc(arena, SIZE_MAX - 8));
    assert_null(cw_arena_array(arena, SIZE_MAX / 2, 3));
    assert_string_equal(cw_arena_text(arena, "hello world", 5), "hello");
    assert_non_null(cw_arena_alloc(arena, 100000 - cw_arena_used(arena)));
    assert_null(cw_arena_alloc(arena, 1));
    cw_arena_free(arena);
    cw_arena_free(NULL);
}

static void arrays_grow(void **context) {
    (void)context;
    int *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 10000; i++) {
        assert_true(CW_GROW(items, capacity, i + 1));
        items[i] = (int)i;
    }
    for (size_t i = 0; i < 10000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_false(CW_GROW(items, capacity, SIZE_MAX / 2));
    assert_int_equal(items[9999], 9999);
    free(items);
}

static void files_are_whole(void **context) {
    (void)context;
    const char *base = getenv("TMPDIR");
    char folder[256], path[300], link[300], *bytes;
    snprintf(folder, sizeof folder, "%s/causeway-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    size_t count;
    cw_error err = {0};
    assert_int_equal(cw_file_write(path, "first\0!", 7, &err), CW_OK);
    assert_int_equal(cw_file_read(path, 0, &bytes, &count, &err), CW_OK);
    assert_int_equal(count, 7);
    assert_memory_equal(bytes, "first\0!", 8);
    free(bytes);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(cw_file_write(link, "second", 6, &err), CW_OK); // through the link, which stays one
    struct stat about;
    assert_true(lstat(link, &about) == 0 && S_ISLNK(about.st_mode));
    assert_true(stat(path, &about) == 0 && (about.st_mode & 0777) == 0640 && about.st_size == 6);
    assert_int_equal(cw_file_read(path, 5, &bytes, &count, &err), CW_ERR_LIMIT);
    assert_null(bytes);
    assert_int_equal(cw_file_read(path, 6, &bytes, &count, NULL), CW_OK);
    free(bytes);
    cw_error missing = {0};
    char absent[400];
    snprintf(absent, sizeof absent, "%s/none/file", folder);
    assert_int_equal(cw_file_read(absent, 0, &bytes, &count, &missing), CW_ERR_IO);
    assert_non_null(strstr(missing.text, "No such file"));
    assert_int_equal(cw_file_write(absent, "x", 1, NULL), CW_ERR_IO);
    assert_int_equal(cw_file_read(folder, 0, &bytes, &count, NULL), CW_ERR_IO);
    assert_int_equal(cw_file_write(folder, "x", 1, NULL), CW_ERR_IO);
    assert_int_equal(cw_file_write("/dev/null", "x", 1, NULL), CW_OK); // a device is not replaced
    assert_true(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode));
    // A write that fails half-way leaves the old file and nothing else.
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 8;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    cw_status status = cw_file_write(path, "more than eight bytes", 21, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, CW_ERR_IO);
    assert_int_equal(cw_file_read(path, 0, &bytes, &count, NULL), CW_OK);
    assert_string_equal(bytes, "second");
    free(bytes);
    unlink(link);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); // nothing temporary is left
}

typedef struct job {
    double results[1000];
    atomic_int calls[1000];
    int threads;
    atomic_int bad_worker;
} job;

static void task(void *context, size_t index, int worker) {
    job *work = context;
    if (worker < 0 || worker >= work->threads) {
        atomic_store(&work->bad_worker, 1);
    }
    atomic_fetch_add(&work->calls[index], 1);
    work->results[index] = cw_sin((double)index);
}

static void pool_does_each_once(void **context) {
    (void)context;
    static job work;
    for (int threads = 0; threads <= 5; threads++) {
        cw_pool *pool = cw_pool_new(threads);
        assert_non_null(pool);
        assert_true(threads == 0 ? cw_pool_threads(pool) >= 1 : cw_pool_threads(pool) == threads);
        for (size_t round = 0; round < 60; round++) {
            memset(&work, 0, sizeof work);
            work.threads = cw_pool_threads(pool);
            size_t count = round * 17 % 1000;
            cw_pool_run(pool, count, task, &work);
            assert_int_equal(atomic_load(&work.bad_worker), 0);
            for (size_t i = 0; i < 1000; i++) {
                assert_int_equal(atomic_load(&work.calls[i]), i < count);
                assert_true(work.results[i] == (i < count ? cw_sin((double)i) : 0.0));
            }
        }
        cw_pool_free(pool);
    }
    cw_pool_free(NULL);
    double before = cw_seconds();
    assert_true(cw_seconds() >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins), cmocka_unit_test(arena_holds),         cmocka_unit_test(arrays_grow),
        cmocka_unit_test(files_are_whole),  cmocka_unit_test(pool_does_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
