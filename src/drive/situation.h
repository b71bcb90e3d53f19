// What the classical driver knows in one tick: the corridor, where the ego is in it, what the others will do, where it
// must hold and how fast it may be. Filled by the parts of the driver in turn, read by its proposals.
#ifndef CW_DRIVE_SITUATION_H
#define CW_DRIVE_SITUATION_H

#include "drive/corridor.h"
#include "drive/predict.h"
#include "motion/motion.h"

// Why something binds, in the terms of cw_cause.
typedef struct because {
    uint8_t kind, relation, quantity;
    cw_id id;
    uint32_t item;
    float value;
} because;

enum { HOLD_MOST = 24, CAP_MOST = 24, HOLD_ALWAYS = FORECAST_STEPS - 1 };

// The ego's front must stay behind s from forecast step k0 to k1.
typedef struct hold {
    double s;
    float begin; // m/s^2 of needed braking at which braking begins
    uint8_t k0, k1;
    bool own_lane; // holds for whoever is still in the lane at `leave`, not for whoever has left it by then
    double leave;
    because why;
} hold;

// No faster than v between s0 and s1.
typedef struct cap {
    double s0, s1;
    float v;     // m/s
    float brake; // m/s^2 with which it is approached
    because why;
} cap;

// The goal where it sets a time: the box's centre is to be within these bounds between the two times.
typedef struct goal_window {
    bool set;              // it sets a latest time, and lies on the corridor
    bool narrow;           // d_low..d_high holds; otherwise the lane's own width does
    double begin, end;     // m along the corridor
    double d_low, d_high;  // m across it
    double first, last;    // s from now
    double v_low, v_high;  // m/s
    double heading, swing; // rad: middle and half width of the headings allowed; INFINITY: any
} goal_window;

typedef struct situation {
    const cw_obs *obs;
    const corridor *c;
    cw_vehicle_params params;
    cw_vehicle_state ego;
    double s, d;        // of the ego's rear axle
    double line;        // d of the line through tight bends at s
    double v;           // m/s, >= 0
    double front, rear; // reach of the box ahead of and behind the rear axle, m
    double half_width;
    double mu, brake_most; // friction known; m/s^2 of full braking
    double wanted;         // m/s that it would drive on a free straight road
    because wanted_why;
    double unstated;     // m/s that it would drive where neither lane nor bend states a speed
    double last_accel;   // commanded last, m/s^2
    uint32_t stopped_at; // the stop sign that it has stood at; CW_NONE
    uint32_t forecast_count, hold_count, cap_count;
    forecast forecasts[FORECAST_MOST];
    goal_window goal;
    hold holds[HOLD_MOST];
    cap caps[CAP_MOST];
} situation;

void cw_situation_hold(situation *now, double s, double begin, int k0, int k1, because why); // dropped when full
// Always, but only for whoever is still in the lane when its front comes to `leave`.
void cw_situation_hold_lane(situation *now, double s, double leave, double begin, because why);
void cw_situation_cap(situation *now, double s0, double s1, double v, double brake, because why);

// The speed wanted, then all rules, from observation, corridor and forecasts. sees: what cannot be seen counts.
void cw_situation_apply(situation *now, bool sees);

// rules that fill it
void cw_signals_apply(situation *now, uint32_t *stopped_at); // lights, stop signs
void cw_yield_apply(situation *now);                         // junctions, crosswalks
void cw_sight_apply(situation *now);                         // what cannot be seen
void cw_courtesy_apply(situation *now);                      // walkers and cyclists close by, parked cars
void cw_goal_apply(situation *now);                          // where and when to arrive

#endif
