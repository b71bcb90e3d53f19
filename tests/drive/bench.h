// One tick of the evaluator on a straight piece of road, for tests of its lemmas.
#ifndef TEST_DRIVE_BENCH_H
#define TEST_DRIVE_BENCH_H

#include "drive/evaluator_internal.h"

#define BENCH_AT 300.0 // m from the start of the road

typedef struct bench {
    cw_map *map;
    cw_evaluator *e;
    cw_mission mission;
    cw_track tracks[4];
    cw_obs obs;
    cw_decision proposal;
} bench;

// The ego, 4.5 x 1.8 m, in the middle of three lanes of 3.5 m (t from 0 to -10.5), BENCH_AT m from the start of the road, at `speed`;
// proposes to keep it.
bench *begin(double speed);
void end(bench *b);
// A car's body 4.5 x 1.8 m, a pedestrian's 0.5 x 0.5: `gap` m from bumper to bumper, `left` m beside the ego's middle, driving
// as the ego does at `speed`. Its errors are those of A1.
cw_track *track(bench *b, cw_user_kind kind, double gap, double left, double speed);
cw_verification decide(bench *b, cw_decision *out); // on b->proposal
// Moves the ego `left` m across, `turned` rad to the left; the way that the evaluator thinks in stays that of its lane.
void move_across(bench *b, double left, double turned);

#endif
