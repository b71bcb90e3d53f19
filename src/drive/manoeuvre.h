// Which ways across the corridor are worth proposing.
#ifndef CW_DRIVE_MANOEUVRE_H
#define CW_DRIVE_MANOEUVRE_H

#include "drive/proposal.h"

enum { PROPOSAL_MOST = 20, HURRY_MOST = 300 };

double cw_manoeuvre_length(const situation *now, double shift); // m along for a comfortable shift across
lateral cw_manoeuvre_to(const situation *now, const lateral *present, double d1, double length); // from where it is

// May the ego be at d beside its lane with those who are there; is it seen that far; does nobody come until `time`
// (who does is written to `who`, which may be NULL)?
bool cw_manoeuvre_gap_is_safe(const situation *now, double d);
bool cw_manoeuvre_sight_is_free(const situation *now, double to, double d);
bool cw_manoeuvre_oncoming_is_free(const situation *now, double d, double end, double time, cw_id *who);

// Each writes proposals at out[count..) and returns the new count (at most PROPOSAL_MOST).
bool cw_manoeuvre_nudges(const situation *now);                // is there anybody beside that one nudges for?
bool cw_manoeuvre_nudge_holds(const situation *now, double d); // within the lane, or nobody comes over the line?
uint32_t cw_manoeuvre_nudge(const situation *now, const lateral *present, bool nudging, proposal *out, uint32_t count);
// direction > 0: left. for_route: the route asks for it.
uint32_t cw_manoeuvre_change(const situation *now, const lateral *present, int direction, bool for_route, proposal *out,
                             uint32_t count);
// Around the forecast `blocker`, on both sides where there is room.
// waits_for: who comes and has to go by first, where that is what hinders it.
uint32_t cw_manoeuvre_pass(const situation *now, const lateral *present, uint32_t blocker, proposal *out,
                           uint32_t count, cw_id *waits_for);
// Aside, now, from whatever is about to be hit.
uint32_t cw_manoeuvre_evade(const situation *now, const lateral *present, proposal *out, uint32_t count);
// For a goal that sets a time: to places across the road, at given accelerations; at most HURRY_MOST. under_way: what it
// follows at present is one of them.
uint32_t cw_manoeuvre_hurry(const situation *now, const lateral *present, bool under_way, proposal *out);

#endif
