#include "distribution.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNASKED = 100000, PURPOSE = 0x73616d70 };

// The scenario's path, as seen from the distribution's folder.
static void beside(const char *file, const char *name, char *out, size_t size) {
    const char *slash = strrchr(file, '/');
    int folder = slash && name[0] != '/' ? (int)(slash + 1 - file) : 0;
    snprintf(out, size, "%.*s%s", folder, file, name);
}

// Which of `count` the k-th of `sample` is.
static uint64_t pick(uint64_t count, uint64_t sample, uint64_t k, uint64_t seed) {
    if (sample == count)
        return k;
    uint64_t first = (uint64_t)((double)count * (double)k / (double)sample),
             next = (uint64_t)((double)count * (double)(k + 1) / (double)sample);
    cw_rng_key key = {.seed = seed, .purpose = PURPOSE, .step = k};
    return first + (uint64_t)(cw_rng_uniform(key, 0) * (double)(next - first));
}

int drive_distribution(const char *scenario, const char *distribution, uint64_t sample, uint64_t seed,
                       drive_variation drive, void *context) {
    cw_error err = {0};
    char *bytes, path[1024];
    size_t size;
    cw_distribution *d;
    if (cw_file_read(distribution, 0, &bytes, &size, &err) != CW_OK)
        return fail(&err);
    cw_status status = cw_distribution_read(bytes, size, distribution, &d, &err);
    free(bytes);
    if (status != CW_OK)
        return fail(&err);
    uint64_t count = cw_distribution_count(d), passed = 0, failed = 0, dropped = 0;
    int code = EXIT_FINE;
    if (sample == 0 && count > MOST_UNASKED)
        code = usage_error("drive", "%s makes %" PRIu64 " drives: ask for some of them by --sample N", distribution,
                           count);
    if (cw_distribution_is_stochastic(d) && sample > 0)
        count = sample; // each run is as good as another, also beyond the number that the file asks for
    sample = sample == 0 || sample > count ? count : sample;
    beside(distribution, cw_distribution_scenario(d), path, sizeof path);
    for (uint64_t k = 0; k < sample && code != EXIT_USAGE && !interrupted; k++) {
        uint64_t index = pick(count, sample, k, seed);
        const char *const *set;
        uint32_t set_count;
        bool broken = false;
        cw_arena *arena = cw_arena_new(0, 0);
        if (!arena)
            abort();
        int one = cw_distribution_at(d, index, arena, &set, &set_count, &err) != CW_OK
                      ? fail(&err)
                      : drive(context, scenario ? scenario : path, index, set, set_count, &broken);
        cw_arena_free(arena);
        dropped += broken;
        passed += one == EXIT_FINE && !broken;
        failed += one != EXIT_FINE && !broken;
        code = broken ? code : exit_worse(code, one);
    }
    cw_distribution_free(d);
    fflush(stdout); // the sum comes after what it sums up
    if (code != EXIT_USAGE)
        fprintf(stderr,
                "%" PRIu64 " of %" PRIu64 " variations: %" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64
                " dropped (they break a constraint of the scenario)\n",
                sample, count, passed, failed, dropped);
    return code;
}
