// What the subcommands share: exit status, option words, progress, input files.
#ifndef CW_CLI_H
#define CW_CLI_H

#include "causeway/base.h"
#include "causeway/record.h"
#include "causeway/scene.h"

#include <signal.h>

enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_UNSUPPORTED = 4,
    EXIT_INTERNAL = 70,
    EXIT_INTERRUPTED = 130
};

int exit_of(cw_status status); // exit status of an error's class
int exit_worse(int a, int b);  // of several inputs the gravest wins: 130, 70, 3, 4, 2, 1, 0
int fail(const cw_error *err); // prints it to stderr and gives its exit status
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern volatile sig_atomic_t interrupted; // set by Ctrl-C
void catch_interrupt(void);

// One line that is rewritten on a terminal, else a plain line every ten seconds. To stderr.
typedef struct progress {
    const char *what;   // "driving", "drawing"
    const char *unit;   // "s", "frames"
    double start, last; // wall clock
    bool terminal, shown;
} progress;
void progress_start(progress *p, const char *what, const char *unit);
void progress_show(progress *p, double done, double total); // rate and time left
void progress_end(progress *p);                             // wipes the line

bool color_wanted(void); // stdout is a terminal and NO_COLOR is not set

// Command-line settings: NAME=VALUE without a dot are scenario parameters, section.key=value are configuration.
typedef struct settings {
    const char **parameters;
    unsigned parameter_count;
    const char **keys;
    unsigned key_count;
    const char **town; // town.NAME=value, what shapes a town
    unsigned town_count;
    size_t parameter_capacity, key_capacity, town_capacity;
    char **owned; // lines of configuration files
    size_t owned_count, owned_capacity;
} settings;
bool settings_add(settings *s, const char *text);                      // false: not NAME=VALUE
cw_status settings_read(settings *s, const char *path, cw_error *err); // an INI file with the same keys
void settings_free(settings *s);

// The last part of a path without its ending, into out[size].
void file_stem(const char *path, char *out, size_t size);

// The text within so many columns of a terminal, on which Korean letters take two; columns < 0: to the right.
const char *padded(const char *text, int columns, char *out, size_t size);

int verb_convert(int argc, char **argv);
int verb_drive(int argc, char **argv);
int verb_info(int argc, char **argv);
int verb_render(int argc, char **argv);
int verb_why(int argc, char **argv);
int verb_train(int argc, char **argv);

#endif
