// The table of drivers.
#include "drive/drivers.h"
#include <string.h>

static const cw_driver *const table[] = {&cw_driver_classical, &cw_driver_random, &cw_driver_constant,
                                         &cw_driver_human};

const cw_driver *const *cw_driver_table(uint32_t *count) {
    *count = sizeof table / sizeof *table;
    return table;
}

const cw_driver *cw_driver_find(const char *name) {
    for (size_t i = 0; name && i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            return table[i];
        }
    }
    return NULL;
}
