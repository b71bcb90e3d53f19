// What is driven: a *course* of rounds, each a pure function of seed, driver and number. In adversary A1 a round searches the
// parameters of one scenario for the least true gap; in town a round is a drive through a town of its own.
#ifndef CW_CAMPAIGN_COURSE_H
#define CW_CAMPAIGN_COURSE_H

#include "ride.h"

typedef enum course { COURSE_ADVERSARY, COURSE_TOWN, COURSES } course;

const char *course_name(course c);
unsigned course_families(course c);
const char *course_family(course c, unsigned family);
// Does A1 as the evaluator assumes it so far cover what the family does? (assumptions.h)
bool course_promised(course c, unsigned family);

typedef struct round_def {
    course course;
    const char *driver;
    uint64_t seed;
    uint32_t number;
    const volatile int *stop;
} round_def;

typedef struct round_result {
    unsigned family;
    double seconds, metres; // of the rides that count
    double gap;             // m, the least true one of them
    uint32_t rides, discarded, unsafe, contacts, charged, red, off_road, wrong_way;
} round_result;

// Runs it; `told` is called for each ride, in order. CW_OK with *whole false: it was stopped.
cw_status round_run(const round_def *def, round_result *out, bool *whole,
                    void (*told)(void *context, const ride_def *def, const ride *ride), void *context, cw_error *err);

#endif
