// Passing a road user that moves ahead in the ego's lane: shift across first, from far enough behind to stop there if it
// brakes (assumption set A1), speed up once clear of it across, come back once past.
#ifndef CW_DRIVE_OVERTAKE_H
#define CW_DRIVE_OVERTAKE_H

#include "drive/manoeuvre.h"

// Gap to its rear, m, from which the ego at v can still stop behind it when it brakes from `run` as hard as tyres let it.
double cw_overtake_gap(const situation *now, double v, double run);
// The same the other way round: the speed, m/s, at which it can stop `room` m ahead of its front.
double cw_overtake_speed(const situation *now, double room);
// d that the ego's middle needs to be clear of it: its width, its wander about the lane's middle, error and tube. left: > 0.
double cw_overtake_clear(const situation *now, const forecast *f, bool left);
// s of its rear at step k, had it just begun to brake in full.
double cw_overtake_rear(const forecast *f, uint32_t k);

// May one pass across that side's line at road s of the lane: a change of lane, or over the middle where it is broken?
bool cw_overtake_line_allows(const cw_map *map, uint32_t lane, double station, bool left);
// The proposal, where there is room across and time before anybody comes; returns the new count.
// waits_for: who comes and has to go by first, where that is what hinders it.
uint32_t cw_overtake_propose(const situation *now, const lateral *present, uint32_t blocker, proposal *out,
                             uint32_t count, cw_id *waits_for);

typedef enum overtake_state { OVERTAKE_DONE, OVERTAKE_GOES_ON, OVERTAKE_LOST } overtake_state;
// A pass of `about` under way: moves the place to come back to with it. LOST: it should be given up while that is possible.
overtake_state cw_overtake_renew(const situation *now, cw_id about, lateral *course);

#endif
