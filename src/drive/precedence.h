// Who goes first where two lanes meet: what both drivers that give way by rule ask.
#ifndef CW_DRIVE_PRECEDENCE_H
#define CW_DRIVE_PRECEDENCE_H

#include "causeway/road.h"

// > 0: whoever is on conflict->lane goes first; < 0: whoever is on conflict->other; 0: neither, first come, first served.
// As stated, else right before left (its mirror where traffic keeps left), and who turns left lets the opposite arm pass.
// green: the lane has a green light, so that the crossing road has red.
int cw_precedence(const cw_map *map, const cw_conflict *conflict, bool green);

// Travel distance from the start of `lane`, m, of what is at `travel` m on the lane `on`: on it, or before it (< 0) on up
// to two lanes that lead there. NAN: neither.
double cw_approach(const cw_map *map, uint32_t lane, uint32_t on, double travel);

#endif
