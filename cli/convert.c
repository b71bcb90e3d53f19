#include "cli.h"
#include "source.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "causeway convert - write a scene as OpenDRIVE or OpenSCENARIO\n"
    "\n"
    "Usage: causeway convert [OPTION...] IN OUT\n"
    "\n"
    "IN is any file that drive reads, or town:SEED, a town made from a seed. OUT ends in .xodr (OpenDRIVE 1.8, the "
    "map) or\n"
    "in .xosc (OpenSCENARIO 1.3; the map is written beside it, with the ending .xodr).\n"
    "\n"
    "  --set NAME=VALUE  a parameter of the scenario; or what shapes a town, as town.size=6 or town.left_hand=1\n"
    "\n"
    "Example:\n"
    "  causeway convert town:7 town-7.xosc\n"
    "\n"
    "Exit status: 0 written; 2 wrong usage; 3 input unreadable or invalid; 4 what IN holds cannot be written so.\n";

static bool ends_in(const char *path, const char *ending) {
    size_t length = strlen(path), n = strlen(ending);
    return length > n && strcmp(path + length - n, ending) == 0;
}

static cw_status write_scene(const cw_scene *scene, const char *out, cw_error *err) {
    char map_path[1024], *bytes = NULL;
    size_t count = 0;
    bool scenario = ends_in(out, ".xosc");
    snprintf(map_path, sizeof map_path, "%.*s.xodr", (int)(strlen(out) - 5), out);
    const char *slash = strrchr(map_path, '/');
    cw_status status = CW_OK;
    char *story = NULL;
    size_t story_count = 0;
    if (scenario) // first, so that nothing is written when it cannot be
        status = cw_openscenario_write(scene, slash ? slash + 1 : map_path, &story, &story_count, err);
    if (status == CW_OK)
        status = cw_opendrive_write(scene->map, &bytes, &count, err);
    if (status == CW_OK)
        status = cw_file_write(map_path, bytes, count, err);
    if (status == CW_OK && scenario)
        status = cw_file_write(out, story, story_count, err);
    free(story);
    free(bytes);
    return status;
}

int verb_convert(int argc, char **argv) {
    enum { OPT_SET = 256, OPT_HELP };
    static const struct option words[] = {
        {"set", required_argument, NULL, OPT_SET}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    settings set = {0};
    int code = EXIT_FINE;
    for (int option; code == EXIT_FINE && (option = getopt_long(argc, argv, "h", words, NULL)) != -1;) {
        if (option == OPT_SET && !settings_add(&set, optarg)) {
            code = usage_error("convert", "--set takes NAME=VALUE, not '%s'", optarg);
        } else if (option == 'h' || option == OPT_HELP) {
            fputs(help, stdout);
            settings_free(&set);
            return EXIT_FINE;
        } else if (option != OPT_SET) {
            code = EXIT_USAGE;
        }
    }
    if (code == EXIT_FINE && argc - optind != 2)
        code = usage_error("convert", "it takes IN and OUT");
    else if (code == EXIT_FINE && !ends_in(argv[optind + 1], ".xodr") && !ends_in(argv[optind + 1], ".xosc"))
        code = usage_error("convert", "OUT ends in .xodr or .xosc, not as '%s'", argv[optind + 1]);
    if (code == EXIT_FINE) {
        cw_error err = {0};
        cw_scenario_options options = {
            .set = set.parameters, .set_count = set.parameter_count, .data_path = getenv("CAUSEWAY_DATA")};
        cw_scene *scene;
        cw_status status = open_scene(argv[optind], &options, &set, &scene, &err);
        if (status == CW_OK)
            status = write_scene(scene, argv[optind + 1], &err);
        if (status != CW_OK) {
            if (!err.path[0])
                snprintf(err.path, sizeof err.path, "%s", argv[optind]);
            code = fail(&err);
        }
        cw_scene_free(scene);
    }
    settings_free(&set);
    return code;
}
