// Where scenes come from: files, and towns made from a seed (`town:SEED`).
#ifndef CW_CLI_SOURCE_H
#define CW_CLI_SOURCE_H

#include "cli.h"

#include "causeway/format.h"

bool is_town(const char *path);
// A file of any kind that is read, or `town:SEED`, which is made, written and read like files; keys "town.NAME=value" of
// the settings shape it.
cw_status open_scene(const char *path, const cw_scenario_options *options, const settings *set, cw_scene **scene,
                     cw_error *err);
// The town's two files, from malloc.
typedef struct town_files {
    char *map, *scenario; // scenario NULL: the town as a map alone was asked for
    size_t map_size, scenario_size;
    char map_name[64], scenario_name[64];
} town_files;
cw_status make_town_files(const char *path, const settings *set, town_files *files, cw_error *err);

#endif
