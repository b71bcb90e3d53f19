// What the clauses of breach.c share: the 8 s before a touch, tick by tick.
#ifndef CW_JUDGE_BREACH_H
#define CW_JUDGE_BREACH_H

#include "judge/judging.h"

// One tick of the window, the partner as seen from the ego's lane.
typedef struct instant {
    uint32_t tick;
    cw_moment *m; // NULL: absent
    const cw_moment *ego;
    bool in_lane, ahead; // in the ego's lanes; its centre ahead of the ego's
    bool same_lane;      // the ego is still in the lane of the instant before, or in one that follows it
    double gap;          // m along the lane between the boxes, < 0 while they are level
    double over;         // m of it over the border towards the ego's lane; -INFINITY further away
    double facing;       // cosine between the two headings
    double decel;        // m/s^2, the harder of what it says and of its change of speed
} instant;

typedef struct window {
    const cw_judging *j;
    const cw_touch_row *touch;
    uint32_t count;
    instant *at;
    cw_breach *out;
    uint32_t found;
} window;

static const double same_way = 0.5;    // cosine of the headings of two that drive the same way, at least
static const double slack_speed = 0.1; // m/s by which a speed may exceed a bound before it counts

static inline double window_seconds(const window *w, uint32_t from, uint32_t to) {
    return (double)(w->j->h.time[w->at[to].tick] - w->j->h.time[w->at[from].tick]) * 1e-9;
}

// Adds a breach at instant i, told as printf does.
void cw_breach_note(window *w, uint32_t i, const char *english, const char *korean, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

// breach_junction.c, breach_foot.c: clause by clause.
void cw_breach_junction(window *w);
void cw_breach_pedestrian(window *w);
void cw_breach_cyclist(window *w);

#endif
