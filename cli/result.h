// A finished drive in words and in JSON.
#ifndef CW_CLI_RESULT_H
#define CW_CLI_RESULT_H

#include "causeway/judge.h"
#include "causeway/run.h"

#include <jansson.h>
#include <stdio.h>

typedef struct drive_result {
    const char *path, *driver;
    bool evaluator, driven;
    uint64_t seed;
    const cw_scene *scene;
    const cw_episode_result *episode;
    const cw_verdict *verdict;
    const cw_trace *trace;
    cw_language language;
    const char *const *set; // the scenario's parameters as given, "Name=value"
    unsigned set_count;
    bool cameras;                            // the video shows what they see too
    const char *video, *report, *trace_path; // NULL: not written
} drive_result;

json_t *result_json(const drive_result *result);               // schema causeway.drive/1; NULL when out of memory
void result_print(const drive_result *result, FILE *out);      // for people
void result_print_line(const drive_result *result, FILE *out); // verdict, what failed, parameters: one of many

#endif
