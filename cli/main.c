#include "cli.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "causeway - simulate, drive and judge road traffic, and say why\n"
    "\n"
    "Usage: causeway VERB [OPTION...] FILE...\n"
    "\n"
    "Verbs:\n"
    "  drive    drive a scenario: verdict, reasons, video, report, trace\n"
    "  info     what is in a map, a scenario or a trace\n"
    "  render   what the cameras of a drive see: video, pictures, labelled data\n"
    "  convert  write a scene as OpenDRIVE or OpenSCENARIO\n"
    "  why      test the reasons of a drive by intervention\n"
    "  train    train the learned driver, and say how well it drives\n"
    "\n"
    "'causeway VERB --help' tells more and shows an example that works.\n"
    "\n"
    "Options:\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "Exit status: 0 fine; 1 what was tested failed; 2 wrong usage; 3 input unreadable or invalid;\n"
    "4 unsupported feature under --strict; 70 internal error; 130 interrupted.\n";

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*run)(int, char **);
    } verbs[] = {{"drive", verb_drive}, {"info", verb_info},   {"convert", verb_convert},
                 {"why", verb_why},     {"train", verb_train}, {"render", verb_render}};
    if (argc < 2) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("causeway %d.%d.%d\n", CW_VERSION_MAJOR, CW_VERSION_MINOR, CW_VERSION_PATCH);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return usage_error(NULL, "there is no verb '%s'", argv[1]);
}
