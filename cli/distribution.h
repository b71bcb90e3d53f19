// One scenario driven many times: with each, or some, of the sets of parameters that a distribution file makes.
#ifndef CW_CLI_DISTRIBUTION_H
#define CW_CLI_DISTRIBUTION_H

#include "cli.h"

#include "causeway/format.h"

// Drives one variation: number `index`, parameters `set`. Returns an exit status; *constraint_broken where the set breaks
// a constraint of the scenario's parameters: such a combination is dropped.
typedef int (*drive_variation)(void *context, const char *path, uint64_t index, const char *const *set,
                               uint32_t set_count, bool *constraint_broken);

// `scenario` NULL: the file that the distribution names. sample 0: all of a distribution; else so many, of a
// deterministic one a random one of each of so many equal parts. Says at the end, on stderr, what came of them.
int drive_distribution(const char *scenario, const char *distribution, uint64_t sample, uint64_t seed,
                       drive_variation drive, void *context);

#endif
