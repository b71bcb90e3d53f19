// The campaign's file: a line for each round that is done, after a line for each thing worth telling that happened in it.
// Text with tabs, appended to as rounds are done, so that a campaign that was interrupted goes on where it stopped.
#ifndef CW_CAMPAIGN_LEDGER_H
#define CW_CAMPAIGN_LEDGER_H

#include "course.h"

#include <stdio.h>

enum { LEDGER_DRIVER = 32, LEDGER_DRIVERS = 16, LEDGER_KIND = 24, LEDGER_TEXT = 192 };

typedef struct ledger_round {
    char driver[LEDGER_DRIVER];
    course course;
    uint32_t number;
    round_result result;
} ledger_round;

typedef struct ledger_event {
    char driver[LEDGER_DRIVER];
    course course;
    uint32_t number;
    unsigned family;
    char kind
        [LEDGER_KIND]; // "contact", "charged", "red light", "off road", "wrong way", "discarded", "unsafe start", "fault"
    char text[LEDGER_TEXT];
    char command[RIDE_COMMAND];
} ledger_event;

typedef struct ledger {
    ledger_round *rounds;
    size_t round_count, round_capacity;
    ledger_event *events; // of rounds that are done alone
    size_t event_count, event_capacity;
} ledger;

// The first line tells the seed and the build; a file of another seed or build is refused (CW_ERR_INPUT), a missing or empty
// one is empty. What follows the last whole round is cut off the file.
cw_status ledger_read(const char *path, uint64_t seed, const char *build, ledger *out, cw_error *err);
void ledger_free(ledger *l);
const ledger_round *ledger_find(const ledger *l, const char *driver, course c, uint32_t number);
void ledger_write_head(FILE *f, uint64_t seed, const char *build);
void ledger_write_event(FILE *f, const ledger_event *e);
void ledger_write_round(FILE *f, const ledger_round *r);

#endif
