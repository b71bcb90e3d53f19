// One drive of the campaign: an attacker under the evaluator, others that A1's monitor watches, and the judge's verdict.
#ifndef CW_CAMPAIGN_RIDE_H
#define CW_CAMPAIGN_RIDE_H

#include "causeway/base.h"

enum { RIDE_SETTINGS = 24, RIDE_CONTACTS = 4, RIDE_COMMAND = 1536 };

typedef struct ride_def {
    const char *scene;  // a file, or town:SEED
    const char *driver; // NAME or NAME:OPTIONS
    unsigned traffic;   // road users besides the scene's
    uint64_t seed;
    double duration; // s; NAN: as the scene says
    unsigned count;
    char set[RIDE_SETTINGS][48]; // NAME=VALUE
} ride_def;

typedef struct ride_contact {
    double time; // s
    float impact;
    uint8_t fault, rule; // cw_fault, clause of cw_judged_contact
    char other[48], broken[96];
} ride_contact;

typedef struct ride {
    double seconds, metres;
    double gap;  // m, least true distance to anybody before or beside the ego while it moves; 0: contact
    bool whole;  // false: interrupted, and worth nothing
    bool kept;   // the others kept A1 until the first contact
    bool unsafe; // began where no fail-safe exists
    bool red, off_road, wrong_way;
    char broken[64]; // the monitor's clause, or the fault in which the run ended; "" neither
    uint32_t contacts;
    ride_contact contact[RIDE_CONTACTS];
} ride;

// Runs it; the drive ends at the ego's first contact. `stop` ends it early once it is not 0.
cw_status ride_run(const ride_def *def, const volatile int *stop, ride *out, cw_error *err);
// As `causeway drive` repeats it.
void ride_command(const ride_def *def, char *out, size_t size);

#endif
