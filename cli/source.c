#include "source.h"

#include "causeway/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "town:";

bool is_town(const char *path) {
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

// Seeds use all 64 bits: decimal, or hexadecimal after 0x.
static bool read_seed(const char *text, uint64_t *seed) {
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    int base = hex ? 16 : 10;
    *seed = 0;
    if (hex)
        text += 2;
    if (text[0] == '\0')
        return false;
    for (; *text != '\0'; text++) {
        int digit = *text >= '0' && *text <= '9'          ? *text - '0'
                    : hex && *text >= 'a' && *text <= 'f' ? *text - 'a' + 10
                    : hex && *text >= 'A' && *text <= 'F' ? *text - 'A' + 10
                                                          : -1;
        if (digit < 0 || *seed > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base)
            return false;
        *seed = *seed * (uint64_t)base + (uint64_t)digit;
    }
    return true;
}

static cw_status define_town(const char *path, const settings *set, cw_town_def *def, cw_error *err) {
    uint64_t seed;
    if (!read_seed(path + strlen(prefix), &seed))
        return cw_error_set(err, CW_ERR_USAGE, path, 0, 0, "a town is town:SEED, a whole number below 2^64");
    *def = cw_town_defaults(seed);
    for (unsigned i = 0; set && i < set->town_count; i++) {
        const char *key = set->town[i], *equal = strchr(key, '=');
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(equal - key - 5), key + 5);
        cw_status status = cw_town_set(def, name, equal + 1, err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

cw_status make_town_files(const char *path, const settings *set, town_files *files, cw_error *err) {
    *files = (town_files){0};
    cw_town_def def = cw_town_defaults(0);
    cw_scene *scene = NULL;
    cw_status status = define_town(path, set, &def, err);
    if (status == CW_OK)
        status = cw_town_make(&def, &scene, err);
    if (status != CW_OK)
        return status;
    snprintf(files->map_name, sizeof files->map_name, "town-%" PRIu64 ".xodr", def.seed);
    snprintf(files->scenario_name, sizeof files->scenario_name, "town-%" PRIu64 ".xosc", def.seed);
    status = cw_opendrive_write(scene->map, &files->map, &files->map_size, err);
    if (status == CW_OK)
        status = cw_openscenario_write(scene, files->map_name, &files->scenario, &files->scenario_size, err);
    cw_scene_free(scene);
    return status;
}

static cw_status open_from_memory(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const town_files *files = context;
    bool map = strcmp(path, files->map_name) == 0;
    if (!map && strcmp(path, files->scenario_name) != 0)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "there is no such file");
    *count = map ? files->map_size : files->scenario_size;
    *bytes = malloc(*count + 1);
    if (!*bytes)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    memcpy(*bytes, map ? files->map : files->scenario, *count + 1);
    return CW_OK;
}

cw_status open_scene(const char *path, const cw_scenario_options *options, const settings *set, cw_scene **scene,
                     cw_error *err) {
    *scene = NULL;
    if (!is_town(path)) {
        if (set && set->town_count > 0)
            return cw_error_set(err, CW_ERR_USAGE, path, 0, 0, "%.60s shapes a town, and this is a file", set->town[0]);
        return cw_scene_read_file(path, options, scene, err);
    }
    town_files files;
    cw_status status = make_town_files(path, set, &files, err);
    if (status == CW_OK) {
        cw_scenario_options from = *options;
        from.open = open_from_memory;
        from.context = &files;
        status = cw_scene_read_file(files.scenario_name, &from, scene, err);
    }
    free(files.map);
    free(files.scenario);
    return status;
}
