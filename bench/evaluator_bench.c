// The evaluator's figures: 20,000 simulated seconds of motorway traffic that keeps assumption set A1 and presses on its
// edges, with drivers that care for nothing; and what the evaluator costs the classical driver there.
#include "../tests/drive/body.h"
#include "../tests/drive/crossing.h"
#include "../tests/drive/promise.h"
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const traffic =
    "3 lanes, bends of 350 to 900 m, leaders braking up to 9.81 mu, cut-ins at A1's TTC, "
    "cut-outs, standing obstacles, walkers; perception errs up to A1's bounds";

#define FASTEST (130 / 3.6) // m/s: as far as a lane-keeping system of UN R157 goes

static void attack(const char *name, const char *driver, const char *options, bool crossings) {
    promise_result r = promise_run(&(promise_def){.driver = driver,
                                                  .options = options,
                                                  .evaluator = true,
                                                  .errors = true,
                                                  .crossings = crossings,
                                                  .seed = 1,
                                                  .seconds = crossings ? 5000 : 20000,
                                                  .top_speed = FASTEST});
    char line[96];
    snprintf(line, sizeof line, "evaluator %s contacts charged", name);
    figure(line, r.charged, "", AT_MOST, 0,
           "%.0f s, %.0f km, %d episodes, %d that begin unsafe excluded; %d cut-ins, %d brakings; %s%s%s", r.seconds,
           r.distance / 1000, r.episodes, r.excluded, r.cut_ins, r.brakings, traffic,
           r.charged || r.off_road ? "; " : "", r.charged || r.off_road ? r.first : "");
    snprintf(line, sizeof line, "evaluator %s off road", name);
    figure(line, r.off_road, "", AT_MOST, 0, "%.0f s, %.0f km", r.seconds, r.distance / 1000);
    snprintf(line, sizeof line, "evaluator %s contacts of others", name);
    figure(line, r.struck, "", TOLD, 0, "struck from behind or while standing for 1 s");
    if (crossings) {
        snprintf(line, sizeof line, "evaluator %s stood on a crossing", name);
        figure(line, r.stood_inside, "", TOLD, 0,
               "marked crossings each 300 m; %d proposals refused to keep them clear", r.refused[CW_CLAUSE_KEEP_CLEAR]);
    }
    snprintf(line, sizeof line, "evaluator %s time", name);
    figure(line, r.evaluate_us, "us", TOLD, 0, "mean of %d ticks, %d of them with the fail-safe", r.ticks,
           r.failsafe_ticks);
}

static void progress(uint32_t episodes) {
    double with = 0, without = 0, squares = 0, spent = 0;
    int pairs = 0, charged = 0, charged_off = 0, ticks = 0, failsafe = 0;
    for (uint32_t k = 0; k < episodes; k++) {
        promise_def def = {.driver = "classical", .seed = 2, .first = k, .seconds = 0.05, .top_speed = FASTEST};
        promise_result off = promise_run(&def);
        def.evaluator = true;
        promise_result on = promise_run(&def);
        charged += on.charged;
        charged_off += off.charged;
        spent += on.evaluate_us * on.ticks;
        ticks += on.ticks;
        failsafe += on.failsafe_ticks;
        // whole episodes alone: one that a contact ended early tells nothing of progress
        if (on.seconds < 59 || off.seconds < 59 || on.excluded || off.excluded)
            continue;
        double lost = off.distance - on.distance;
        pairs++;
        with += on.distance;
        without += off.distance;
        squares += lost * lost;
    }
    const char *same = "the same traffic, set speeds 60 to 130 km/h, without errors of perception";
    double mean = (without - with) / pairs, spread = sqrt((squares / pairs - mean * mean) / pairs);
    figure("evaluator classical progress lost", 100 * (1 - with / without), "%", AT_MOST, 3,
           "+-%.1f (standard error), %d episodes of 60 s driven with and without it; %s",
           100 * spread * pairs / without, pairs, same);
    figure("evaluator classical contacts charged", charged, "", AT_MOST, 0, "%u episodes; without it %d; %s", episodes,
           charged_off, same);
    figure("evaluator classical time", spent / ticks, "us", TOLD, 0, "mean of %d ticks, %d of them with the fail-safe",
           ticks, failsafe);
}

enum { USERS = 30, TICKS = 20000 };

static double uniform(cw_rng_key key, uint32_t *draw, double low, double high) {
    return cw_lerp(low, high, cw_rng_uniform(key, (*draw)++));
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Somebody on one of the four ways to the crossing, or on foot beside it.
static cw_track user(cw_rng_key key, uint32_t *draw, uint32_t index, const cw_ego *ego) {
    static const double ways[4][3] = {{0, 0, 0}, {0, 3.5, CW_PI}, {2, 0, 0.5 * CW_PI}, {-2, 0, -0.5 * CW_PI}};
    const double *way = ways[index % 4];
    bool walks = index % 5 == 4;
    double along = uniform(key, draw, -80, 80), aside = walks ? uniform(key, draw, -6, 6) : 0, sine, cosine;
    double speed = walks ? uniform(key, draw, 0, 2) : uniform(key, draw, -4, 15);
    speed = cw_max(0, speed); // some stand
    cw_sincos(way[2], &sine, &cosine);
    double x = way[0] + along * cosine - aside * sine - ego->x, y = way[1] + along * sine + aside * cosine - ego->y;
    return (cw_track){.id = 65537 + index,
                      .kind = walks            ? CW_USER_PEDESTRIAN
                              : index % 7 == 3 ? CW_USER_BICYCLE
                                               : CW_USER_CAR,
                      .seen = true,
                      .x = (float)x,
                      .y = (float)y,
                      .heading = (float)way[2],
                      .vx = (float)(speed * cosine),
                      .vy = (float)(speed * sine),
                      .speed = (float)speed,
                      .length = walks ? 0.5f : 4.5f,
                      .width = walks ? 0.5f : 1.8f,
                      .height = 1.5f,
                      .error = 0.3f,
                      .speed_error = 0.5f};
}

// The whole decision with 30 tracked users around a crossing: anew each tick at another place and speed, which is worse than a
// drive, where most of the way is known from the tick before.
static void tick(void) {
    cw_map *map = crossing_map();
    cw_evaluator *e = malloc(cw_evaluator_size());
    double *spent = malloc(TICKS * sizeof *spent);
    cw_track tracks[USERS];
    cw_mission mission = {.set_speed = 14};
    cw_rng_key key = {.seed = 5};
    uint32_t draw = 0;
    int refused = 0;
    for (int i = 0; i < TICKS; i++) {
        if (i % 50 == 0)
            cw_evaluator_reset(e, &(cw_evaluator_def){.map = map, .body = test_body(), .period = 0.1f});
        double speed = uniform(key, &draw, 0, 14);
        cw_obs obs = {.step = i,
                      .time_ns = i * 100000000LL,
                      .period = 0.1f,
                      .map = map,
                      .mission = &mission,
                      .tracks = tracks,
                      .track_count = USERS,
                      .surface = {0.9f, 1.0f, 1000},
                      .range = 200,
                      .ego = {.x = -75 + i % 50, .speed = (float)speed, .body = test_body()}};
        cw_locate query = cw_locate_at(obs.ego.x, 0);
        query.heading = 0;
        cw_map_locate(map, &query, &obs.ego.place);
        for (uint32_t k = 0; k < USERS; k++)
            tracks[k] = user(key, &draw, k, &obs.ego);
        cw_decision d = {.valid = true, .step = i, .control = {.accel = (float)uniform(key, &draw, -3, 2)}}, out;
        for (int k = 0; k < CW_TRAJECTORY_POINTS; k++) {
            d.trajectory.x[k] = (float)(speed * 0.1 * (k + 1));
            d.trajectory.y[k] = i % 3 ? 0 : 0.02f * (float)k;
            d.trajectory.speed[k] = (float)speed;
        }
        const cw_decision *proposals[] = {&d};
        cw_verification why;
        struct timespec from, to;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        cw_evaluator_decide(e, &obs, proposals, 1, &out, &why);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        spent[i] = 1e6 * (double)(to.tv_sec - from.tv_sec) + 1e-3 * (double)(to.tv_nsec - from.tv_nsec);
        refused += why.accepted < 0;
    }
    qsort(spent, TICKS, sizeof *spent, compare);
    figure("evaluator tick at a junction", spent[TICKS - TICKS / 1000], "us", AT_MOST, 1000,
           "99.9th percentile of %d decisions with %d tracked users at a crossing, median %.0f us, %d refused; "
           "processor time of one core",
           TICKS, USERS, spent[TICKS / 2], refused);
    free(spent);
    free(e);
    cw_map_free(map);
}

int main(int argc, char **argv) {
    if (figure_wanted(argc, argv, "evaluator random"))
        attack("random", "random", NULL, false);
    if (figure_wanted(argc, argv, "evaluator constant"))
        attack("constant", "constant", NULL, false);
    if (figure_wanted(argc, argv, "evaluator full throttle"))
        attack("full throttle", "constant", "full", false);
    if (figure_wanted(argc, argv, "evaluator crossings"))
        attack("crossings", "constant", "full", true);
    if (figure_wanted(argc, argv, "evaluator classical"))
        progress(400);
    if (figure_wanted(argc, argv, "evaluator tick at a junction"))
        tick();
    return 0;
}
