// Whole processes: how long a user waits for one command, and how much of that is the machine's work for it.
#include "figure.h"

#include "causeway/base.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { RUNS = 41, ANSWER = 1 << 16 };

// Of RUNS runs after one warm-up; wall is what the issue asks about, cpu what a busy machine does not blur.
typedef struct process {
    double wall, least, cpu;        // ms: median, shortest, and median of user + system time
    double decide_mean, decide_p99; // us a decision, median over the runs of what --json says; -1 where it says none
} process;

static double number_after(const char *text, const char *key) {
    const char *at = text ? strstr(text, key) : NULL;
    return at ? strtod(at + strlen(key), NULL) : -1;
}

// One run with its answer read to the end (cut at ANSWER bytes); false when it fails to run.
static bool run_once(const char *const *argv, double *wall, double *cpu, char *answer) {
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    double start = cw_seconds();
    int refused = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t length = 0;
    int status = 0;
    struct rusage used = {0};
    if (!refused) {
        char rest[4096];
        ssize_t got;
        do {
            bool room = length + 1 < ANSWER;
            got = read(ends[0], room ? answer + length : rest, room ? ANSWER - 1 - length : sizeof rest);
            length += room && got > 0 ? (size_t)got : 0;
        } while (got > 0);
        wait4(pid, &status, 0, &used);
    }
    *wall = (cw_seconds() - start) * 1e3;
    close(ends[0]);
    answer[length] = '\0';
    *cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-3;
    return !refused && WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

static process time_of(const char *const *argv) {
    static char answer[ANSWER];
    double wall[RUNS], cpu[RUNS], mean[RUNS], p99[RUNS];
    double unused;
    process out = {.wall = -1, .least = -1, .cpu = -1, .decide_mean = -1, .decide_p99 = -1};
    if (!run_once(argv, &unused, &unused, answer))
        return out;
    for (int i = 0; i < RUNS; i++) {
        if (!run_once(argv, &wall[i], &cpu[i], answer))
            return out;
        const char *decide = strstr(answer, "\"decide_us\"");
        mean[i] = number_after(decide, "\"mean\":");
        p99[i] = number_after(decide, "\"p99\":");
    }
    out = (process){.wall = median(wall, RUNS),
                    .cpu = median(cpu, RUNS),
                    .decide_mean = median(mean, RUNS),
                    .decide_p99 = median(p99, RUNS)};
    out.least = wall[0]; // median() sorts
    return out;
}

static bool failed; // some command did not run

// Prints the figure of one command line; returns what was measured for more.
static process process_figure(const char *name, const char *const *argv, double asked, const char *what) {
    process took = time_of(argv);
    if (took.wall < 0) {
        fprintf(stderr, "process_bench: %s: the command does not run\n", name);
        failed = true;
        return took;
    }
    figure(name, took.wall, "ms", AT_MOST, asked,
           "%s, whole process, wall, median of %d; shortest %.1f; user + system %.1f", what, RUNS, took.least,
           took.cpu);
    return took;
}

int main(int argc, char **argv) {
    const char *program = getenv("CAUSEWAY_PROGRAM");
    if (!program)
        program = "build/causeway";
    const char *data = test_data();
    if (figure_wanted(argc, argv, "version_ms"))
        process_figure("version_ms", (const char *const[]){program, "--version", NULL}, 3, "causeway --version");
    if (!data) {
        fprintf(stderr, "process_bench: CAUSEWAY_TEST_DATA is not set; drives of real files are left out\n");
        return failed;
    }
    // What is asked for 20 to 55 simulated seconds and at most 5 others; longer files are cut there.
    static const char *const scenarios[] = {"4_1_1_free_driving", "4_3_1_follow_lead_vehicle_comfortable",
                                            "4_4_1_cut_in_no_collision", "4_5_1_cut_out_fully_blocking"};
    char folder[] = "/tmp/causeway-bench-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    char file[1024], trace[64], report[64], name[96];
    snprintf(trace, sizeof trace, "%s/t.mcap", folder);
    snprintf(report, sizeof report, "%s/r.html", folder);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        snprintf(file, sizeof file,
                 "%s/openscenario/alks/logical_scenarios/concrete_scenarios/alks_scenario_%s_template.xosc", data,
                 scenarios[i]);
        const char *drive[] = {program, "drive", file, "--json", "--quiet", "--duration", "55", NULL, NULL, NULL};
        snprintf(name, sizeof name, "drive_ms/%s", scenarios[i]);
        char decide_name[96];
        snprintf(decide_name, sizeof decide_name, "decide_us/%s", scenarios[i]);
        bool decide_wanted = figure_wanted(argc, argv, decide_name);
        if (figure_wanted(argc, argv, name) || decide_wanted) {
            process took = process_figure(name, drive, 40, "drive --json, at most 55 simulated s, no outputs, aim 25");
            if (took.wall >= 0)
                figure(
                    decide_name, took.decide_mean, "us", TOLD, 0,
                    "driver and evaluator for one decision, mean of a drive, median of %d drives; 99th percentile %.0f",
                    RUNS, took.decide_p99);
        }
        snprintf(name, sizeof name, "drive_trace_ms/%s", scenarios[i]);
        drive[7] = "--trace", drive[8] = trace;
        if (figure_wanted(argc, argv, name))
            process_figure(name, drive, 60, "drive --json --trace");
        snprintf(name, sizeof name, "drive_report_ms/%s", scenarios[i]);
        drive[7] = "--report", drive[8] = report;
        if (figure_wanted(argc, argv, name))
            process_figure(name, drive, 150, "drive --json --report");
    }
    unlink(trace);
    unlink(report);
    rmdir(folder);
    return failed;
}
