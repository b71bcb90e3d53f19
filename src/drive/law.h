// The longitudinal law of a proposal: how hard it must brake and may accelerate, for each thing that binds it.
#ifndef CW_DRIVE_LAW_H
#define CW_DRIVE_LAW_H

#include "drive/lateral.h"
#include "drive/situation.h"

// Everything that lies across one lateral course, folded over the steps of the forecast.
typedef struct barrier {
    double stay[FORECAST_STEPS];   // s that the front must stay behind at that step; INFINITY: free
    double begin[FORECAST_STEPS];  // needed braking at which braking for it begins, m/s^2
    double pace[FORECAST_STEPS];   // speed along the corridor of what is there, m/s
    double lead_s[FORECAST_STEPS]; // rear end of the nearest one ahead that moves our way; INFINITY: none
    double lead_v[FORECAST_STEPS]; // its speed
    double near[FORECAST_STEPS];   // s at which somebody ahead may stop who brakes in full from then; INFINITY: nobody
    double near_each[FORECAST_MOST]; // the same of each, now
    uint32_t across;                 // bit per forecast that binds
    uint8_t first[FORECAST_MOST];    // first step at which it is in the way
    uint8_t last[FORECAST_MOST];     // last one
    uint8_t from[FORECAST_MOST];     // the same with what is spared before and after
    uint8_t to[FORECAST_MOST];
    cw_id passed; // the one that is being passed: from it the distance of A1 is kept until it is clear; 0: nobody
} barrier;

// bold: do not give way to those that the ego could pass in front of, or that cannot be stopped for any more.
// passed: whom the course passes, 0: nobody.
void cw_barrier_make(const situation *now, const lateral *course, double fraction, bool bold, cw_id passed,
                     barrier *out);
// Acceleration that is allowed at simulated time k * 0.2 s with the front at s (rear axle at s - front) and speed v.
double cw_law_accel(const situation *now, const barrier *b, double fraction, uint32_t k, double front, double v);

// One thing that binds now, with the acceleration it allows.
typedef struct bound {
    double accel;
    because why;
} bound;
enum { BOUND_MOST = 64 };
// A moment of a plan: step k of the forecast, the rear axle at s, at v m/s.
typedef struct law_moment {
    uint32_t k;
    double s, v;
} law_moment;
// Each thing apart, at a moment of the plan (k 0: now), weakest accelerations first; returns how many. What it says of a
// cause is of now.
uint32_t cw_law_bounds(const situation *now, const lateral *course, const barrier *b, double fraction, law_moment when,
                       bound *out);

// Constant braking with which the front, at speed v, covers at most `room` m within t, m/s^2; 0: none needed. other_v:
// speed along the corridor of what is there, m/s (what is driven until the brakes act counts against it only so far).
double cw_law_needed(double v, double other_v, double room, double t);
double cw_law_gap(double v);       // the following distance it aims at, m
double cw_law_least_gap(double v); // the regulation's least following distance (UN R157 5.2.3.3), m

#endif
