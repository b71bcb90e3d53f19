// A driver as a function of one's own program: cc callback.c $(pkg-config --cflags --libs causeway) && ./a.out scenario.xosc
// It holds lane and speed like a simple cruise control; the evaluator brakes for whatever is in the way.
#include <causeway/format.h>
#include <causeway/run.h>

#include <math.h>
#include <stdio.h>

static size_t state_size(const cw_driver_def *def) {
    return def ? sizeof(unsigned) : 0; // how often it was asked: flat, so a copy of it is a snapshot
}

static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    *(unsigned *)state = 0;
    return def ? CW_OK : cw_error_set(err, CW_ERR_INTERNAL, NULL, 0, 0, "nothing to drive");
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    float x[CW_TRAJECTORY_POINTS + 1], y[CW_TRAJECTORY_POINTS + 1], v = obs->ego.speed;
    ++*(unsigned *)state;
    if (cw_obs_ahead(obs, fmax(0.1 * v, 0.01), CW_TRAJECTORY_POINTS + 1, x, y, NULL) <= CW_TRAJECTORY_POINTS)
        return; // the lane ends: the evaluator goes on with its fail-safe
    *decision = (cw_decision){.valid = true, .step = obs->step, .margin = NAN};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) { // each 0.1 s
        decision->trajectory.x[i] = x[i + 1];
        decision->trajectory.y[i] = y[i + 1];
        decision->trajectory.speed[i] = v;
    }
    decision->control = cw_obs_follow(obs, &decision->trajectory);
}

int main(int argc, char **argv) {
    static const cw_driver mine = {
        .name = "mine", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
    cw_scene *scene;
    cw_trace *trace;
    cw_episode_result result;
    cw_error err = {0};
    if (argc != 2 || cw_scene_read_file(argv[1], NULL, &scene, &err) != CW_OK) {
        fprintf(stderr, "%s\n", argc == 2 ? err.text : "usage: callback SCENARIO");
        return 3;
    }
    cw_episode_def def = cw_episode_defaults(scene); // the evaluator is on
    def.driver = &mine;
    if (cw_episode_run(&def, &trace, &result, &err) != CW_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 3;
    }
    printf("%s after %.1f s, %u decisions\n", cw_episode_end_name(result.end), result.duration, result.decisions);
    cw_trace_free(trace); // or cw_trace_save(trace, "mine.mcap", &err), and cw_judge as in drive.c
    cw_arena_free(result.arena);
    cw_scene_free(scene);
    return 0;
}
