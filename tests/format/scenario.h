// Small scenarios for the tests: a map of our own, files held in memory, and one way to put a scenario together.
#ifndef CAUSEWAY_TESTS_SCENARIO_H
#define CAUSEWAY_TESTS_SCENARIO_H

#include "causeway/format.h"

#include <math.h>

// cmocka's own comparison of numbers lets NaN pass as equal to anything.
#define assert_near(value, wanted, tolerance)                                                                          \
    do {                                                                                                               \
        double near_value = (double)(value), near_wanted = (double)(wanted);                                           \
        if (!(fabs(near_value - near_wanted) <= (tolerance)))                                                          \
            fail_msg("%s is %.17g, not %.17g", #value, near_value, near_wanted);                                       \
    } while (0)

typedef struct text_file {
    const char *path, *text;
} text_file;

// Parts of a scenario; NULL members leave a working default.
typedef struct scenario_parts {
    const char *description, *version; // version: "1" for 1.1
    const char *declarations;          // ParameterDeclarations, VariableDeclarations
    const char *signals;               // TrafficSignals in RoadNetwork
    const char *entities;              // more ScenarioObjects and selections
    const char *init;                  // more Private and GlobalAction
    const char *stories;
    const char *stop;       // ConditionGroups of the StopTrigger
    const text_file *files; // up to one without a path
    const char *const *set;
    unsigned set_count;
    bool strict;
    const char *data_path;
} scenario_parts;

extern const char
    test_map[]; // road "1": 1000 m straight along x, lanes 1, -1, -2; signal "s1"; road "2" likewise at y = 50

const char *scenario_text(const scenario_parts *parts); // static storage, until the next call
cw_status scenario_read(const scenario_parts *parts, cw_scene **scene, cw_error *err);
cw_scene *scenario_must_read(const scenario_parts *parts); // fails the test when it cannot be read
// Reads and expects an error of that class, at that line when line > 0, whose text holds `said`.
void scenario_must_fail(const scenario_parts *parts, cw_status code, int line, const char *said);
cw_status scenario_open(void *files, const char *path, char **bytes, size_t *count, cw_error *err); // a text_file list
const cw_action *scenario_action(const cw_scene *scene, const char *name);       // of an event, by name
const cw_condition *scenario_condition(const cw_scene *scene, const char *name); // by name
bool scenario_notes(const cw_scene *scene, const char *name);                    // is there a notice of that name?

// One story with one act and one group of "Ego" and one event: its actions and its start conditions.
const char *scenario_event(const char *actions, const char *conditions);

#endif
