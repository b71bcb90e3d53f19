// Making sentences: a bounded pen, and one table of patterns for each language.
#ifndef CW_AGENT_WORDS_H
#define CW_AGENT_WORDS_H

#include "causeway/agent.h"

typedef struct cw_pen {
    char *out;
    size_t size, length; // length counts what was written, always < size once size > 0
} cw_pen;

// A clause about a road user or a thing in the forms that its number asks for. Patterns hold {who}, {n} (the cause's
// number) and {kmh} (the same as a speed); Korean particles stand in both their forms.
typedef struct cw_user_clause {
    const char *ends;     // with no number
    const char *at;       // {n} m away
    const char *so, *and; // followed by what comes of it, or by what else is so: a tail
} cw_user_clause;

typedef struct cw_thing_clause {
    const char *ends, *at, *and;
    const char *speed, *friction; // where the number is what it allows or gives; "": `and` with the tail
} cw_thing_clause;

typedef struct cw_tails { // what a number says after a clause
    const char *ttc, *arrival, *arrival_first, *speed, *headway, *headway_aside, *curvature, *friction;
} cw_tails;

typedef struct cw_decided_words { // {a}: m/s^2 without sign, {kmh}: the speed aimed at
    const char *brakes, *gains, *steady;
} cw_decided_words;

typedef struct cw_named { // {label}: the file's id
    const char *labelled, *unlabelled;
} cw_named;

// All that a language says. Every entry is a pattern; a test finds those that are missing. "" says nothing.
typedef struct cw_words {
    cw_decided_words keep_speed, follow_lead, adapt_speed, yield, stop_for, wait, creep, go, accelerate,
        emergency_brake;
    const char *keep_lane, *turn_left, *turn_right, *go_straight, *change_left, *change_right, *abort_change,
        *nudge_left, *nudge_right, *pull_over;
    cw_named vehicle, pedestrian, cyclist, animal, obstacle, hider, signal;
    cw_user_clause ahead, cutting_in, cutting_out, crossing_left, crossing_right, oncoming, merging, behind, beside,
        standing, on_crossing, has_priority, hidden;
    cw_tails user, thing;
    cw_thing_clause signal_red, signal_yellow, signal_holds, stop_sign, yield_sign, sign, limit, lane_end, bend, goal,
        route, missed, steps_out, hidden_lane, slippery, nothing;
    const char *first, *next, *stop; // before the first cause, before another, after the last
} cw_words;

extern const cw_words cw_words_english, cw_words_korean;

#endif
