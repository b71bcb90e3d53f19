// Drives a scenario by the library: cc drive.c $(pkg-config --cflags --libs causeway) && ./a.out scenario.xosc
#include <causeway/drive.h>
#include <causeway/format.h>
#include <causeway/judge.h>
#include <causeway/run.h>

#include <stdio.h>

static int fail(const cw_error *err) {
    char line[300];
    cw_error_print(err, line, sizeof line);
    fprintf(stderr, "%s\n", line);
    return 3;
}

int main(int argc, char **argv) {
    cw_scene *scene;
    cw_trace *trace;
    cw_episode_result result;
    cw_error err = {0};
    if (argc != 2)
        return 2;
    if (cw_scene_read_file(argv[1], NULL, &scene, &err) != CW_OK)
        return fail(&err);

    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = cw_driver_find("classical");
    def.evaluator = true;
    if (cw_episode_run(&def, &trace, &result, &err) != CW_OK)
        return fail(&err);

    static cw_verdict verdict;
    cw_judge_def judge = {.scene = scene,
                          .trace = trace,
                          .end = cw_episode_end_name(result.end),
                          .goal_time_ns = result.goal_time_ns,
                          .mission = &result.mission,
                          .seed = def.seed,
                          .dt_ns = def.dt_ns,
                          .period_ns = def.period_ns};
    if (cw_judge(&judge, &verdict, &err) != CW_OK)
        return fail(&err);
    printf("%s after %.1f s, hash %016llx\n", verdict.passed ? "passed" : "failed", result.duration,
           (unsigned long long)result.hash);
    for (uint32_t i = 0; i < verdict.criterion_count; i++)
        if (verdict.criteria[i].applies && !verdict.criteria[i].passed)
            printf("%s: %s\n", verdict.criteria[i].name, verdict.criteria[i].said.in[CW_ENGLISH]);
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    cw_scene_free(scene);
    return verdict.passed ? 0 : 1;
}
