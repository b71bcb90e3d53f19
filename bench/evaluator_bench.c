// The evaluator's figures: 20,000 simulated seconds of motorway traffic that keeps assumption set A1 and presses on its
// edges, with drivers that care for nothing; and what the evaluator costs the classical driver there.
#include "../tests/drive/promise.h"
#include "figure.h"

#include <math.h>
#include <stdio.h>

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
    return 0;
}
