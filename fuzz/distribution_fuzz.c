// Any bytes as a parameter distribution: read or refused with a place; of what was read a few variations can be asked for.
#include "causeway/format.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_distribution *d = NULL;
    cw_error err = {0};
    cw_status status = cw_distribution_read((const char *)bytes, size, "fuzz.xosc", &d, &err);
    if ((status == CW_OK) != (d != NULL) || (status != CW_OK && (err.code != status || err.text[0] == '\0')))
        abort();
    if (status != CW_OK)
        return 0;
    uint64_t count = cw_distribution_count(d);
    const uint64_t asked[] = {0, count / 2, count - 1};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        cw_arena *arena = cw_arena_new(0, 0);
        const char *const *set;
        uint32_t set_count;
        err = (cw_error){0};
        if (arena != NULL && cw_distribution_at(d, asked[i], arena, &set, &set_count, &err) != CW_OK &&
            err.text[0] == '\0')
            abort();
        cw_arena_free(arena);
    }
    cw_distribution_free(d);
    return 0;
}
