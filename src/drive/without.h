// What a thing is worth to a plan: where the plan's own law would bring the car without it.
#ifndef CW_DRIVE_WITHOUT_H
#define CW_DRIVE_WITHOUT_H

#include "drive/proposal.h"

enum { WORTH_MOST = 12 };

typedef struct worth {
    because why;    // strongest of what binds on its account
    double asked;   // m/s^2 that the law asks for now without it
    double moved3;  // m on average over 3 s by which the way along differs without it
    double moved6;  // ... over 6 s
    double further; // m more after 3 s without it; < 0: less
    bool renamed;   // without it the decision would be called otherwise
    uint32_t with;  // index of another without which it counts, while alone it does not; CW_NONE
} worth;

// Does the plan without it have another name? Of those it is enough that the way is a little different.
typedef bool worth_renames(const void *context, const worth *without);
// Each thing that has a part in the law's plan along the proposal's course; returns how many, at most WORTH_MOST. way: m
// from now at each 0.2 s of the first 6 s as it is planned, NULL: as the law alone would drive.
uint32_t cw_without_each(const situation *now, const proposal *p, const barrier *b, const double *way,
                         worth_renames *renames, const void *context, worth *out);
bool cw_without_counts(const worth *w); // within 3 s, alone

enum { WITHOUT_STEPS = 30 };

#endif
