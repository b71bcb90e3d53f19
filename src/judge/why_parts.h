// The test of a decision's reasons, and the candidates that it begins with.
#ifndef CW_JUDGE_WHY_PARTS_H
#define CW_JUDGE_WHY_PARTS_H

#include "judge/again.h"

enum { CANDIDATES_MOST = 160 };

struct cw_why {
    cw_why_def def;
    again again;
    cw_arena *arena; // of the result
    uint32_t decisions;
    size_t ticks;
    cw_why_result result;
    cw_mission straight; // the mission with a route straight on
    bool has_straight;
};

// Fill result.candidates from the decision as it was driven: first the causes that the reason names, then what it does not.
void why_add_named(cw_why *why);
void why_add_others(cw_why *why);

bool why_is_user(uint8_t cause_kind);
bool why_is_named(const cw_why_result *r, uint8_t kind, cw_id id, uint32_t item); // item CW_NONE: any
const cw_track *why_track(const cw_obs *obs, cw_id id);                           // NULL: not tracked

#endif
