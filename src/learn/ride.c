// The policy as a driver among ordinary traffic: whole drives through towns, judged as `causeway drive` judges them.
#include "causeway/drive.h"
#include "causeway/judge.h"
#include "causeway/learn.h"
#include "causeway/run.h"
#include "causeway/synth.h"

#include <stdlib.h>
#include <string.h>

typedef struct rides {
    const cw_ride_def *def;
    cw_tally *tallies; // of each ride
    cw_error *errors;
} rides;

static bool failed(const cw_verdict *v, const char *name) {
    for (uint32_t i = 0; i < v->criterion_count; i++)
        if (strcmp(v->criteria[i].name, name) == 0)
            return v->criteria[i].applies && !v->criteria[i].passed;
    return false;
}

static void count(const cw_verdict *v, bool goal, cw_tally *t) {
    bool contact = v->contact_count > 0, offroad = failed(v, "off_road"), red = failed(v, "red_light");
    t->ended = 1;
    t->goal = goal;
    t->contact = contact;
    t->offroad = offroad;
    t->red = red;
    t->late = !goal;
    t->clean = goal && !contact && !offroad && !red;
}

static cw_status ride(const cw_ride_def *def, uint32_t index, cw_tally *tally, cw_error *err) {
    cw_town_def town = cw_town_defaults(cw_seed_in((cw_seed_set)def->set, index));
    cw_scene *scene;
    cw_status status = cw_town_make(&town, &scene, err);
    if (status != CW_OK)
        return status;
    cw_episode_def run = cw_episode_defaults(scene);
    run.driver = cw_driver_find("reflex");
    run.weights = def->weights;
    run.evaluator = def->evaluator;
    run.interrupt = def->interrupt;
    cw_trace *trace = NULL;
    cw_episode_result result = {0};
    cw_verdict *verdict = calloc(1, sizeof *verdict);
    if (!verdict)
        status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    else
        status = cw_episode_run(&run, &trace, &result, err);
    if (status == CW_OK && verdict) {
        cw_judge_def judge = {.scene = scene,
                              .trace = trace,
                              .end = cw_episode_end_name(result.end),
                              .goal_time_ns = result.goal_time_ns,
                              .mission = &result.mission,
                              .seed = run.seed,
                              .dt_ns = run.dt_ns,
                              .period_ns = run.period_ns};
        status = cw_judge(&judge, verdict, err);
        if (status == CW_OK)
            count(verdict, result.goal_time_ns >= 0, tally);
        cw_trace_free(trace);
        cw_arena_free(result.arena);
    }
    free(verdict);
    cw_scene_free(scene);
    return status;
}

static void one(void *context, size_t index, int worker) {
    (void)worker;
    rides *r = context;
    if (!r->def->interrupt || !*r->def->interrupt)
        ride(r->def, (uint32_t)index, &r->tallies[index], &r->errors[index]);
}

cw_status cw_reflex_ride(const cw_ride_def *def, cw_tally *tally, cw_error *err) {
    *tally = (cw_tally){0};
    rides r = {.def = def};
    cw_pool *pool = cw_pool_new(def->threads);
    r.tallies = calloc(def->rides + 1, sizeof *r.tallies);
    r.errors = calloc(def->rides + 1, sizeof *r.errors);
    cw_status status = CW_OK;
    if (!pool || !r.tallies || !r.errors) {
        cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
        status = CW_ERR_MEMORY;
    } else {
        cw_pool_run(pool, def->rides, one, &r);
    }
    for (uint32_t i = 0; status == CW_OK && i < def->rides; i++) {
        cw_tally_add(tally, &r.tallies[i]);
        if (r.errors[i].code != CW_OK) {
            *err = r.errors[i];
            status = r.errors[i].code;
        }
    }
    if (status == CW_OK && def->interrupt && *def->interrupt)
        status = cw_error_set(err, CW_ERR_INTERRUPTED, NULL, 0, 0, "interrupted");
    free(r.tallies);
    free(r.errors);
    cw_pool_free(pool);
    return status;
}
