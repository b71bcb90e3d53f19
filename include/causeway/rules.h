// Rules of safe driving as pure functions of numbers: RSS, times and gaps, UN R157, and the driver models that the
// regulation compares with. No state but what the caller hands over; SI units, radians, speeds along the lane.
//
// "Formula: ..." names where it stands. S1: intel/ad-rss-lib 4.x (documentation and unit tests); S2: JRC-FSM; R157: UN
// Regulation No. 157. All written anew from the formulas.
#ifndef CAUSEWAY_RULES_H
#define CAUSEWAY_RULES_H

#include "causeway/base.h"

// ---- times and gaps --------------------------------------------------------------------------------------------------

// Time to collision: gap / closing, s; INFINITY when not closing; 0 when gap <= 0 (touching) and closing.
// gap: bumper to bumper, m; closing: own speed - leader's, m/s.
double cw_ttc(double gap, double closing);
// Time to collision with constant relative acceleration: first t > 0 at which gap - closing t - accel t^2 / 2 = 0;
// closing_accel: own acceleration - leader's, m/s^2. INFINITY when never.
double cw_ttc_accel(double gap, double closing, double closing_accel);
// Time headway: gap / own speed, s; INFINITY at standstill.
double cw_thw(double gap, double speed);
// Deceleration rate to avoid a crash with a leader that keeps its speed: closing^2 / (2 gap), m/s^2; 0 when not closing,
// INFINITY when gap <= 0.
double cw_drac(double gap, double closing);
// The same after `response` s at constant speed; INFINITY when the gap is used up before.
double cw_drac_response(double gap, double closing, double response);
// Smallest gap, m, over all time between a follower that keeps its speed for `response` s, then brakes at `brake`, and a
// leader that brakes at `lead_brake` at once; both stop at 0. < 0: they meet. brake, lead_brake > 0, speeds >= 0.
double cw_least_gap(double gap, double speed, double response, double brake, double lead_speed, double lead_brake);

// ---- RSS -------------------------------------------------------------------------------------------------------------
// As published in S1. Every function answers false where S1 answers with an error: a value outside its range.

typedef struct cw_rss_params { // magnitudes, one set for each object
    double response;           // rho, s
    double accel;              // a, m/s^2: during the response time
    double brake_min;          // b_min: what it brakes at least
    double brake_max;          // b_max: what a leader brakes at most
    double brake_correct;      // b_c: what a car in its correct lane brakes at least against a wrong-way one
    double lat_accel;          // a_lat
    double lat_brake;          // b_lat
    double fluctuation;        // mu: lateral, m
    double speed_max;          // v^: speed up to which it accelerates, m/s
    double margin;             // m: least distance along, m
} cw_rss_params;

// Documented starting values (S1, "Parameter Discussion"); response 1 s for ego, 2 s for the others.
cw_rss_params cw_rss_defaults(bool ego);

// Signed stopping distance of speed under acceleration: -v^2 / (2a). False: both of the same sign, or a = 0 with v != 0.
bool cw_rss_stopping_distance(double speed, double accel, double *distance);
// Accelerated motion over `time` up to speed_max (a speed already above it is kept), down to standstill.
bool cw_rss_motion(double speed, double speed_max, double accel, double time, double *speed_after, double *distance);
// Stated braking pattern, along: accelerate during the response, then brake at `brake` to standstill.
bool cw_rss_braking_pattern(double speed, double speed_max, double accel, double response, double brake,
                            double *distance);
// Stated braking pattern, across. Positive is to the right; `toward` is +1 when the other object is to the right, -1 when
// to the left. accel is signed; brake > 0 stops the motion towards the other.
double cw_rss_lateral_pattern(double speed, double accel, double response, double brake, int toward);

// Safe distances, m. "Safe" is distance > d_min, strictly.
bool cw_rss_same_direction(double rear_speed, const cw_rss_params *rear, double front_speed, const cw_rss_params *front,
                           double *d_min);
bool cw_rss_opposite(double correct_speed, const cw_rss_params *correct, double other_speed, const cw_rss_params *other,
                     double *d_min); // `correct` drives in its own lane, `other` on the wrong side
// Lateral speeds positive to the right.
bool cw_rss_lateral(double left_speed, const cw_rss_params *left, double right_speed, const cw_rss_params *right,
                    double *d_min);
// Can it stop before the entry of an intersection `distance` m ahead?
bool cw_rss_can_stop(double speed, const cw_rss_params *params, double distance, bool *can);
// Time to cover `distance` m, accelerating at accel for `response` s up to speed_max and at `then` after; INFINITY when it
// stops before. accel and then are signed.
bool cw_rss_time_to_cover(double speed, double speed_max, double response, double accel, double then, double distance,
                          double *time);
// Time to standstill under the same motion.
bool cw_rss_time_to_stop(double speed, double speed_max, double response, double accel, double then, double *time);

typedef enum cw_rss_response { // what one axis must do
    CW_RSS_NONE,
    CW_RSS_BRAKE_MIN_CORRECT,
    CW_RSS_BRAKE_MIN
} cw_rss_response;

typedef enum cw_rss_relation {
    CW_RSS_EGO_FRONT,
    CW_RSS_EGO_REAR,
    CW_RSS_OPPOSITE_CORRECT,
    CW_RSS_OPPOSITE_WRONG
} cw_rss_relation;

// The proper response depends on which axis was safe last: state of one pair of objects.
typedef struct cw_rss_pair {
    uint8_t history; // 0 none, 1 safe along, 2 safe across, 3 both
    bool dangerous;
    uint8_t along, left, right; // cw_rss_response of ego now
} cw_rss_pair;

// One time step of a pair. gap_along and gap_across in m, 0 when they overlap on that axis; other_right: the other object
// is to the right of ego. `ego_speed` etc. along; lateral speeds positive to the right. False: a value out of range (the
// pair is left as it was). Formula: SAFETY 1.3, 1.4 after S1, RssResponseResolving and RssStateOperation.
typedef struct cw_rss_situation {
    cw_rss_relation relation;
    double ego_speed, other_speed;     // m/s, >= 0 each in its own driving direction
    double ego_lateral, other_lateral; // m/s, positive to the right of ego
    double gap_along, gap_across;      // m
    bool other_right;
} cw_rss_situation;
bool cw_rss_pair_step(cw_rss_pair *pair, const cw_rss_situation *now, const cw_rss_params *ego,
                      const cw_rss_params *other);

// ---- UN R157 ---------------------------------------------------------------------------------------------------------

// Minimum following distance, m, at own speed, m/s. Formula: R157 5.2.3.3, table to 60 km/h interpolated between its rows;
// at least 2 m; above 60 km/h the table's last time gaps go on by 0.1 s for each 10 km/h (no claim to the 01 series).
double cw_r157_min_gap(double speed);
double cw_r157_time_gap(double speed); // s
// A cut-in must not end in a contact when TTC at the lane intrusion exceeds this, s. closing: m/s, > 0 when ego is faster.
// Formula: R157 5.2.5.2, v_rel / (2 * 6 m/s^2) + 0.35 s.
double cw_r157_cut_in_ttc(double closing);
// The newer law (EU 2022/1426 Annex III 1.4.2): v_rel / (2 brake) + lag / 2 + 0.1 s; 6 m/s^2 and 0.3 s, with standing
// passengers 2.4 m/s^2 and 0.12 s.
double cw_eu_cut_in_ttc(double closing, bool standing_passengers);
#define CW_R157_INTRUSION 0.3 // m of the front tyre beyond the marking: the moment of lane intrusion
#define CW_R157_VISIBLE 0.72  // s for which its lateral motion is visible before, at least

// ---- driver models ---------------------------------------------------------------------------------------------------

typedef enum cw_hazard { // why the other car may be a danger
    CW_HAZARD_NONE,
    CW_HAZARD_CUT_IN,
    CW_HAZARD_CUT_OUT,
    CW_HAZARD_DECELERATION
} cw_hazard;

// What each of the three models sees of the one car that matters.
typedef struct cw_model_input {
    cw_hazard hazard;
    double speed, accel; // own, m/s, m/s^2
    double lead_speed, lead_accel;
    double gap;                  // bumper to bumper along, m; < 0 while they overlap; INFINITY: nobody
    double lateral_gap;          // between the sides, m; <= 0: their widths overlap
    double lateral_closing;      // m/s at which that gap shrinks; <= 0: not
    double wander;               // m of the other's centre from the centre of its lane
    double lateral_travel;       // m it has moved sideways since its motion became visible
    double wrap;                 // share of own width that it covers, 0 .. 1
    double length, other_length; // m
} cw_model_input;

// Careful and competent human driver (R157, performance model annex, table of SAFETY 2.3; behaviour as in S2 and S3).
typedef struct cw_human_params {
    double perception_wander; // 0.375 m
    double perception_decel;  // 5 m/s^2 of the leader
    double evaluation;        // 0.4 s
    double evaluation_travel; // 0.72 m sideways serve instead
    double delay;             // 0.75 s from the end of perception to braking
    double coast;             // 0.4 m/s^2 meanwhile
    double critical_ttc;      // 2 s (cut-in)
    double critical_thw;      // 2 s (cut-out, deceleration)
    double brake;             // 0.774 g
    double ramp;              // 0.6 s to full braking
    double aeb_brake;         // 0.85 g
    double aeb_ttc;           // 1.5 s with full wrap
    double range;             // 100 m
} cw_human_params;

typedef struct cw_human_state {
    double perceived; // s for which the risk has been seen
    double waiting;   // s since the risk was judged critical
    double brake;     // m/s^2 now
    bool critical, braking, aeb;
} cw_human_state;

cw_human_params cw_human_defaults(void);
// One step of dt s. True: the model acts and *accel (<= 0, m/s^2) is its command; false: it drives on as it did.
bool cw_human_step(const cw_human_params *params, cw_human_state *state, const cw_model_input *input, double dt,
                   double *accel);

// Fuzzy safety model (S2; proposed for R157).
typedef struct cw_fsm_params {
    double delay;                      // tau 0.75 s
    double comfort, brake, lead_brake; // 4, 6, 7 m/s^2
    double margin_safe, margin;        // 2 m each
    double cap, jerk;                  // 0.774 g, 12.65 m/s^3
} cw_fsm_params;

typedef struct cw_fsm_state {
    double waiting; // s of the reaction time gone by
    double brake;   // m/s^2 now
} cw_fsm_state;

cw_fsm_params cw_fsm_defaults(void);
double cw_fsm_pfs(const cw_fsm_params *p, double gap, double speed, double lead_speed);                  // 0 safe .. 1
double cw_fsm_cfs(const cw_fsm_params *p, double gap, double speed, double lead_speed, double accel);    // 0 safe .. 1
double cw_fsm_demand(const cw_fsm_params *p, double gap, double speed, double lead_speed, double accel); // m/s^2
bool cw_fsm_lateral_safe(const cw_model_input *input);
bool cw_fsm_step(const cw_fsm_params *params, cw_fsm_state *state, const cw_model_input *input, double dt,
                 double *accel);

// "Reg157" of S2: TTC below the regulation's + 0.1 s within 0.5 m sideways, then 0.35 s, then 6 m/s^2.
typedef struct cw_reg157_state {
    double waiting;
    bool critical;
    double brake;
} cw_reg157_state;
bool cw_reg157_step(cw_reg157_state *state, const cw_model_input *input, double dt, double *accel);

// RSS as a driver (S2): response 0.75 s, 3 m/s^2 until then, 6 m/s^2 for both cars, 1 m/s^2 across, 0.3 m of fluctuation. It
// brakes once the gap is no longer safe along and across, after the response, until it is again.
typedef struct cw_rss_model_state {
    double waiting; // s of the response gone by
    double brake;   // m/s^2 now
} cw_rss_model_state;
bool cw_rss_model_step(cw_rss_model_state *state, const cw_model_input *input, double dt, double *accel);

// ---- traffic ---------------------------------------------------------------------------------------------------------

// The Intelligent Driver Model. Formula: Treiber, Hennecke, Helbing, Congested traffic states in empirical observations
// and microscopic simulations, Phys. Rev. E 62 (2000).
typedef struct cw_idm_params {
    double speed;     // wanted, m/s
    double time_gap;  // s
    double least_gap; // m, at standstill
    double accel;     // m/s^2
    double brake;     // comfortable, m/s^2, > 0
    double hardest;   // m/s^2 that it brakes at most, > 0
} cw_idm_params;

cw_idm_params cw_idm_defaults(void); // a car in a town
// Acceleration with nobody ahead, m/s^2.
double cw_idm_free(const cw_idm_params *params, double speed);
// gap: bumper to bumper, m, INFINITY: nobody; closing: own speed - leader's, m/s. At least -hardest.
double cw_idm_accel(const cw_idm_params *params, double speed, double gap, double closing);
// Gap that it keeps behind a leader of this speed in equilibrium, m; INFINITY at the wanted speed and above.
double cw_idm_gap(const cw_idm_params *params, double speed);
// Braking to stand at a place `distance` m ahead, at its own comfort: no IDM term, which would brake from far off.
double cw_idm_stop(const cw_idm_params *params, double speed, double distance);

// The human variant: reaction delay, anticipation over it, and errors of estimation that wander. After Treiber, Kesting,
// Helbing, Delays, inaccuracies and anticipation in microscopic traffic models, Physica A 360 (2006).
enum { CW_HDM_TICKS = 8 };
typedef struct cw_hdm_params {
    uint32_t delay_ticks; // of reaction, in ticks, below CW_HDM_TICKS
    double gap_error;     // standard deviation, share of the gap
    double closing_error; // standard deviation of the inverse TTC, 1/s
    double correlation;   // s for which an error lasts
} cw_hdm_params;
typedef struct cw_hdm_state {
    float gap[CW_HDM_TICKS], closing[CW_HDM_TICKS]; // the newest first
    float error_gap, error_closing;                 // of unit variance
} cw_hdm_state;
cw_hdm_params cw_hdm_defaults(void);
void cw_hdm_reset(cw_hdm_state *state);
// One tick of dt s; the noises are two draws of unit normal variance.
double cw_hdm_accel(const cw_idm_params *idm, const cw_hdm_params *hdm, cw_hdm_state *state, double speed, double gap,
                    double closing, double dt, double noise_gap, double noise_closing);

// Lane changes. Formula: Kesting, Treiber, Helbing, General lane-changing model MOBIL for car-following models,
// Transportation Research Record 1999 (2007).
typedef struct cw_mobil_params {
    double politeness; // share
    double threshold;  // m/s^2
    double safe_brake; // m/s^2 that the new follower needs at most, > 0
} cw_mobil_params;
typedef struct cw_mobil_case { // accelerations, m/s^2, without and with the change
    double own_before, own_after, new_follower_before, new_follower_after, old_follower_before, old_follower_after;
} cw_mobil_case;
cw_mobil_params cw_mobil_defaults(void);
// bias: m/s^2 in favour of this side (keep right, route).
bool cw_mobil_wants(const cw_mobil_params *params, const cw_mobil_case *now, double bias);
// May one enter a lane `gap` m ahead of one that closes in at `closing` m/s? TTC > closing / rate + time, and braking of
// at most `brake` after `response` s suffices (A1's clauses of cut-in and follower).
bool cw_entry_keeps_a1(double gap, double closing, double rate, double time, double brake, double response);

// Time to cover `distance` m from `speed` with `accel` up to `top` m/s, s; 0 for distance <= 0, INFINITY when never.
double cw_gap_time(double distance, double speed, double accel, double top);

#endif
