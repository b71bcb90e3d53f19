// The table of drivers.
#include "drive/drivers.h"
#include <string.h>

static const cw_driver *const table[] = {
    &cw_driver_classical, &cw_driver_human,  &cw_driver_reg157, &cw_driver_rss,   &cw_driver_fsm,
    &cw_driver_constant,  &cw_driver_random, &cw_driver_razor,  &cw_driver_swap,  &cw_driver_spin,
    &cw_driver_late,      &cw_driver_frozen, &cw_driver_nan,    &cw_driver_reflex};

cw_status cw_driver_no_options(const cw_driver_def *def, const char *name, cw_error *err) {
    if (!def->options || def->options[0] == '\0') {
        return CW_OK;
    }
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "driver %s takes no options, got \"%s\"", name, def->options);
}

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
