// Whole processes: how long a user waits for one command.
#include "figure.h"

#include "causeway/base.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Median wall time of `runs` runs after one warm-up, ms; -1 when the command fails to run.
static double time_of(const char *const *argv, int runs) {
    double times[64];
    int count = 0;
    for (int i = 0; i <= runs && count < 64; i++) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        pid_t pid;
        double start = cw_seconds();
        int failed = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
        int status = 0;
        if (!failed)
            waitpid(pid, &status, 0);
        double end = cw_seconds();
        posix_spawn_file_actions_destroy(&actions);
        if (failed || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
            return -1;
        if (i > 0)
            times[count++] = (end - start) * 1e3;
    }
    return median(times, count);
}

int main(int argc, char **argv) {
    const char *program = getenv("CAUSEWAY_PROGRAM");
    if (!program)
        program = "build/causeway";
    const char *data = test_data();
    char file[1024];
    if (figure_wanted(argc, argv, "version_ms"))
        figure("version_ms", time_of((const char *const[]){program, "--version", NULL}, 31), "ms", AT_MOST, 3,
               "causeway --version, whole process, median of 31");
    if (!data) {
        fprintf(stderr, "process_bench: CAUSEWAY_TEST_DATA is not set; drives of real files are left out\n");
        return 0;
    }
    static const char *const scenarios[] = {"4_1_1_free_driving", "4_3_1_follow_lead_vehicle_comfortable",
                                            "4_4_1_cut_in_no_collision"};
    char folder[] = "/tmp/causeway-bench-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    char trace[64], report[64];
    snprintf(trace, sizeof trace, "%s/t.mcap", folder);
    snprintf(report, sizeof report, "%s/r.html", folder);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        char name[96];
        snprintf(file, sizeof file,
                 "%s/openscenario/alks/logical_scenarios/concrete_scenarios/alks_scenario_%s_template.xosc", data,
                 scenarios[i]);
        snprintf(name, sizeof name, "drive_ms/%s", scenarios[i]);
        if (figure_wanted(argc, argv, name))
            figure(name, time_of((const char *const[]){program, "drive", file, "--json", "--quiet", NULL}, 15), "ms",
                   AT_MOST, 40, "drive --json, no outputs, whole process, median of 15; aim 25");
        snprintf(name, sizeof name, "drive_trace_ms/%s", scenarios[i]);
        if (figure_wanted(argc, argv, name))
            figure(
                name,
                time_of((const char *const[]){program, "drive", file, "--json", "--quiet", "--trace", trace, NULL}, 15),
                "ms", AT_MOST, 60, "drive --json --trace, whole process, median of 15");
        snprintf(name, sizeof name, "drive_report_ms/%s", scenarios[i]);
        if (figure_wanted(argc, argv, name))
            figure(name,
                   time_of((const char *const[]){program, "drive", file, "--json", "--quiet", "--report", report, NULL},
                           15),
                   "ms", AT_MOST, 150, "drive --json --report, whole process, median of 15");
    }
    unlink(trace);
    unlink(report);
    rmdir(folder);
    return 0;
}
