// Real files: the ALKS templates and the Euro NCAP base scenarios run from their start to their stop trigger with the
// scenario moving everybody; what is not supported is printed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/scene.h"
#include "causeway/world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct list {
    char *paths[256];
    int count;
} list;

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folder(list *out, const char *folder) {
    const char *root = getenv("CAUSEWAY_TEST_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, folder);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t n = strlen(entry->d_name);
        if (n < 6 || strcmp(entry->d_name + n - 5, ".xosc") != 0 || out->count == 256)
            continue;
        char *text = malloc(strlen(path) + n + 2);
        sprintf(text, "%s/%s", path, entry->d_name);
        out->paths[out->count++] = text;
    }
    closedir(dir);
    qsort(out->paths, (size_t)out->count, sizeof *out->paths, by_name);
}

// Runs to its stop trigger; the number of contacts.
static uint32_t run(const char *path, double most) {
    cw_scene *scene = NULL;
    cw_error err = {0};
    if (cw_scene_read_file(path, NULL, &scene, &err) != CW_OK)
        fail_msg("%s:%d: %s", path, err.line, err.text);
    cw_world_def def = cw_world_defaults(scene);
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        fail_msg("%s: %s", path, err.text);
    uint64_t hash = 0;
    while (cw_world_ended(world) == CW_GOES_ON && (double)cw_world_time(world) < most * 1e9)
        cw_world_step(world);
    hash = cw_world_hash(world);
    if (cw_world_ended(world) != CW_END_STOP_TRIGGER)
        fail_msg("%s: no stop trigger within %g s: %s", path, most,
                 cw_world_fault(world) ? cw_world_fault(world) : "goes on");
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(world, &contacts);
    for (uint32_t i = 0; i < scene->notice_count; i++)
        print_message("%s:%d: %s: %s\n", scene->notices[i].path, scene->notices[i].line, scene->notices[i].name,
                      scene->notices[i].text);
    // The same again ends the same.
    cw_world *again = cw_world_new(&def, &err);
    while (cw_world_ended(again) == CW_GOES_ON && (double)cw_world_time(again) < most * 1e9)
        cw_world_step(again);
    assert_int_equal(cw_world_hash(again), hash);
    cw_world_free(again);
    cw_world_free(world);
    cw_scene_free(scene);
    return count;
}

static void alks_files_run(void **state) {
    (void)state;
    if (!getenv("CAUSEWAY_TEST_DATA"))
        skip();
    list files = {.count = 0};
    add_folder(&files, "openscenario/alks/logical_scenarios/concrete_scenarios");
    assert_true(files.count >= 9);
    for (int i = 0; i < files.count; i++) {
        bool harmless = strstr(files.paths[i], "scenario_4_1_") || strstr(files.paths[i], "4_6_2");
        assert_int_equal(run(files.paths[i], 320), harmless ? 0 : 1); // an ego that only keeps its speed
        free(files.paths[i]);
    }
}

static void ncap_files_run(void **state) {
    (void)state;
    if (!getenv("CAUSEWAY_TEST_DATA"))
        skip();
    list files = {.count = 0};
    add_folder(&files, "openscenario/ncap/OpenSCENARIO/NCAP/AEB_VRU_2023");
    add_folder(&files, "openscenario/ncap/OpenSCENARIO/NCAP/AEB_C2C_2023");
    assert_int_equal(files.count, 13);
    for (int i = 0; i < files.count; i++) {
        // Nobody brakes, so each target is hit: that is what the files are made for.
        if (run(files.paths[i], 120) == 0)
            fail_msg("%s: no contact", files.paths[i]);
        free(files.paths[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(alks_files_run), cmocka_unit_test(ncap_files_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
