// Any bytes as a message of a driver: read or refused with a cause; what was read has finite numbers, known words and
// printable text.
#include "drive/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(bool good) {
    if (!good)
        abort();
}

static void demand_printable(const char *text) {
    char copy[224];
    demand(strlen(text) < sizeof copy);
    strcpy(copy, text);
    message_clean(copy);
    demand(strcmp(copy, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static message m;
    char why[224];
    if (!message_read((const char *)bytes, size, &m, why)) {
        demand(why[0] != 0);
        demand_printable(why);
        return 0;
    }
    const cw_decision *d = &m.decision;
    demand(isfinite(d->control.accel) && isfinite(d->control.steer) && d->control.lamps < 32);
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++)
        demand(isfinite(d->trajectory.x[i]) && isfinite(d->trajectory.y[i]) && isfinite(d->trajectory.heading[i]) &&
               isfinite(d->trajectory.speed[i]));
    const cw_reason *r = &d->reason;
    demand(r->longitudinal <= CW_EMERGENCY_BRAKE && r->lateral <= CW_PULL_OVER && r->kind <= 2 &&
           r->count <= CW_CAUSES);
    for (int i = 0; i < r->count; i++)
        demand(r->cause[i].kind <= CW_CAUSE_SURFACE && r->cause[i].relation <= CW_REL_MISSED &&
               r->cause[i].quantity <= CW_Q_FRICTION && isfinite(r->cause[i].value));
    demand(m.kind < MESSAGE_KINDS && m.state_count <= MESSAGE_STATE_MOST && m.line >= 0);
    demand_printable(m.text);
    return 0;
}
