// Which set a seed belongs to (training, validation, test), and seeds of each.
#include "causeway/synth.h"

#include <assert.h>

static const uint64_t test_bit = (uint64_t)1 << 63, validation_bit = (uint64_t)1 << 62;

cw_seed_set cw_seed_set_of(uint64_t seed) {
    return (seed & test_bit) != 0 ? CW_SEED_TEST : (seed & validation_bit) != 0 ? CW_SEED_VALIDATION : CW_SEED_TRAINING;
}

const char *cw_seed_set_name(cw_seed_set set) {
    static const char *const names[] = {"training", "validation", "test"};
    return names[set];
}

uint64_t cw_seed_in(cw_seed_set set, uint64_t index) {
    assert(index < validation_bit);
    return index | (set == CW_SEED_TEST ? test_bit : set == CW_SEED_VALIDATION ? validation_bit : 0);
}

cw_status cw_seed_may_learn(uint64_t seed, cw_error *err) {
    if (cw_seed_set_of(seed) != CW_SEED_TEST)
        return CW_OK;
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                        "town seed %llu is of the test set (its top bit is set): nothing may be learned from it or "
                        "selected on it",
                        (unsigned long long)seed);
}
