// The careful and competent human driver in the ego's place: the same scene, the same seed, no evaluator; its contacts are
// judged by the same oracle.
#include "causeway/run.h"
#include "judge/judging.h"

#include <stdio.h>

cw_status cw_judge_human(cw_judging *j, cw_error *err) {
    const cw_judge_def *def = j->def;
    cw_episode_def episode = cw_episode_defaults(def->scene);
    episode.driver = def->human;
    episode.evaluator = false;
    episode.seed = def->seed;
    if (def->dt_ns > 0 && def->period_ns > 0 && def->period_ns % def->dt_ns == 0) {
        episode.dt_ns = def->dt_ns;
        episode.period_ns = def->period_ns;
    }
    // No longer than the run that is judged: what comes after it is no comparison.
    episode.duration = (double)j->h.time[j->h.ticks - 1] * 1e-9;
    cw_trace *trace;
    cw_episode_result result;
    cw_status status = cw_episode_run(&episode, &trace, &result, err);
    if (status != CW_OK)
        return status;
    cw_judge_def again = *def;
    again.trace = trace;
    again.mission = &result.mission;
    again.human = NULL;
    again.always_human = false;
    again.goal_time_ns = result.goal_time_ns;
    again.end = cw_episode_end_name(result.end);
    cw_verdict *verdict = cw_arena_alloc(j->h.arena, sizeof *verdict);
    status = verdict ? cw_judge(&again, verdict, err) : cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (status == CW_OK && verdict != NULL) {
        j->verdict->human_run = true;
        j->verdict->human_avoids = true;
        for (uint32_t i = 0; i < verdict->contact_count; i++) {
            if (cw_oracle_passive(&verdict->contacts[i]))
                continue;
            j->verdict->human_avoids = false;
            j->verdict->human_impact_mps =
                (float)cw_max((double)j->verdict->human_impact_mps, (double)verdict->contacts[i].impact_mps);
        }
    }
    cw_trace_free(trace);
    cw_arena_free(result.arena);
    return status;
}
