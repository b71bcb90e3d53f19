// The evaluator's figures: 20,000 simulated seconds of motorway traffic that keeps assumption set A1 and presses on its
// edges, with drivers that care for nothing; and what the evaluator costs the classical driver there.
#include "../tests/drive/promise.h"
#include "figure.h"

#include <stdio.h>

static const char *const traffic =
    "3 lanes, bends of 350 to 900 m, leaders braking up to 9.81 mu, cut-ins at A1's TTC, "
    "cut-outs, standing obstacles, walkers; perception errs up to A1's bounds";

static void attack(const char *name, const char *driver, const char *options, double seconds, uint64_t seed) {
    promise_result r = promise_run(&(promise_def){.driver = driver,
                                                  .options = options,
                                                  .evaluator = true,
                                                  .errors = true,
                                                  .seed = seed,
                                                  .seconds = seconds,
                                                  .top_speed = 36});
    char line[96];
    snprintf(line, sizeof line, "evaluator %s contacts charged", name);
    figure(line, r.charged, "", AT_MOST, 0,
           "%.0f s, %.0f km, %d episodes, %d excluded; %d cut-ins, %d brakings; %s%s%s", r.seconds, r.distance / 1000,
           r.episodes, r.excluded, r.cut_ins, r.brakings, traffic, r.first[0] ? "; " : "", r.first);
    snprintf(line, sizeof line, "evaluator %s off road", name);
    figure(line, r.off_road, "", AT_MOST, 0, "%.0f s, %.0f km", r.seconds, r.distance / 1000);
    snprintf(line, sizeof line, "evaluator %s contacts of others", name);
    figure(line, r.struck, "", TOLD, 0, "struck from behind or while standing for 1 s");
    snprintf(line, sizeof line, "evaluator %s time", name);
    figure(line, r.evaluate_us, "us", TOLD, 0, "mean of %d ticks, %d of them with the fail-safe", r.ticks,
           r.failsafe_ticks);
}

static void progress(uint32_t episodes) {
    double with = 0, without = 0, spent = 0;
    int pairs = 0, charged = 0, ticks = 0, failsafe = 0;
    for (uint32_t k = 0; k < episodes; k++) {
        promise_def def = {.driver = "classical", .seed = 2, .first = k, .seconds = 0.05, .top_speed = 100 / 3.6};
        promise_result off = promise_run(&def);
        def.evaluator = true;
        promise_result on = promise_run(&def);
        charged += on.charged;
        spent += on.evaluate_us * on.ticks;
        ticks += on.ticks;
        failsafe += on.failsafe_ticks;
        // whole episodes alone: one that a contact ended early tells nothing of progress
        if (on.seconds < 59 || off.seconds < 59 || on.excluded || off.excluded)
            continue;
        pairs++;
        with += on.distance;
        without += off.distance;
    }
    const char *same = "the same traffic, set speeds 60 to 100 km/h, without errors of perception";
    figure("evaluator classical progress lost", 100 * (1 - with / without), "%", AT_MOST, 3,
           "%d episodes of 60 s driven with and without it; %s", pairs, same);
    figure("evaluator classical contacts charged", charged, "", AT_MOST, 0, "%u episodes; %s", episodes, same);
    figure("evaluator classical time", spent / ticks, "us", TOLD, 0, "mean of %d ticks, %d of them with the fail-safe",
           ticks, failsafe);
}

int main(int argc, char **argv) {
    if (figure_wanted(argc, argv, "evaluator random"))
        attack("random", "random", NULL, 20000, 1);
    if (figure_wanted(argc, argv, "evaluator constant"))
        attack("constant", "constant", NULL, 20000, 1);
    if (figure_wanted(argc, argv, "evaluator full throttle"))
        attack("full throttle", "constant", "full", 20000, 1);
    if (figure_wanted(argc, argv, "evaluator classical"))
        progress(100);
    return 0;
}
