// What the others will do, as the classical driver takes it: each track carried forward in the corridor's frame.
#ifndef CW_DRIVE_PREDICT_H
#define CW_DRIVE_PREDICT_H

#include "drive/corridor.h"

enum { FORECAST_STEPS = 33, FORECAST_MOST = 24 }; // now, then every 0.2 s up to 6.4 s
#define FORECAST_DT 0.2

typedef struct forecast {
    float s[FORECAST_STEPS], d[FORECAST_STEPS];           // box centre, m
    float turned[FORECAST_STEPS];                         // heading against the corridor's, rad
    float half_s[FORECAST_STEPS], half_d[FORECAST_STEPS]; // half of what it covers along and across, m
    float half_length, half_width;                        // m, grown by the track's error while it is unseen
    float vs, vd;                                         // m/s along and across, now
    float speed, accel;                                   // along its own heading
    float length, width, height;
    uint32_t lane; // below its centre
    cw_id id;
    uint8_t kind; // cw_user_kind
    bool along;   // runs in a lane beside or on the corridor: carried along it
    bool standing;
    bool vulnerable;
    bool seen;
} forecast;

// d at `to` of what lies at d at `from` and keeps its place beside the corridor's own lane while that narrows or widens.
double cw_predict_beside(const corridor *c, double d, double from, double to);
// Carries the tracks near the corridor forward; returns how many (the nearest ones, at most FORECAST_MOST).
uint32_t cw_predict_all(const corridor *c, const cw_obs *obs, double ego_s, forecast *out);

#endif
