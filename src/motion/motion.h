// Bodies that move: pure functions of state, input, parameters, friction and slope. The world steps them, the drivers and
// the evaluator simulate with the very same functions.
#ifndef CW_MOTION_H
#define CW_MOTION_H

#include "causeway/base.h"

// Dynamic single-track model, blended into the kinematic one at walking speed. Reference point: rear axle.
typedef struct cw_vehicle_params {
    float mass, inertia;                   // kg, kg m^2 about z at the centre of gravity
    float wheelbase, rear;                 // m; rear: centre of gravity ahead of the rear axle
    float cg_height;                       // m
    float stiffness_front, stiffness_rear; // cornering stiffness over axle load, 1/rad
    float max_steer, steer_rate;           // rad, rad/s
    float max_accel, max_brake;            // m/s^2 of engine and brakes, both > 0
    float max_speed;                       // m/s
    float power;                           // W at the wheels; INFINITY: no limit
    float drag;                            // N per (m/s)^2
    float rolling;                         // rolling resistance coefficient
    float lag, steer_lag;                  // s, first-order actuator lag
    float jerk;                            // m/s^3, largest change of acceleration
    float length, width, center_x;         // the box
} cw_vehicle_params;

typedef struct cw_vehicle_state {
    double x, y;    // rear axle, map frame, m
    double heading; // rad
    float vx, vy;   // velocity of the rear axle in body axes, m/s
    float yaw_rate; // rad/s
    float steer;    // road-wheel angle, rad
    float accel;    // m/s^2 along the body as the actuators give it now
} cw_vehicle_state;

// From what a scenario states; 0 for "not stated" takes a usual value of the size.
cw_vehicle_params cw_vehicle_params_make(float length, float width, float center_x, float wheelbase, float mass,
                                         float max_steer, float max_accel, float max_brake, float max_speed);
// accel: m/s^2 wanted over ground along the heading: engine and brakes make up for drag, rolling and slope as far as they
// can. A negative one brakes: to a stop and no further. steer: rad. mu: friction; slope: rad, > 0 uphill along the
// heading; bank: rad, > 0 left side higher; dt: s. A NaN goes through to the state, where the caller finds it.
void cw_vehicle_step(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                     float slope, float bank, double dt);
// The same in reverse gear: a negative accel drives backwards, a positive one brakes.
void cw_vehicle_step_reverse(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                             float slope, float bank, double dt);
// A cheaper kinematic step (no slip angles, level road) with the same limits of actuators and friction and the same
// steady-state understeer; for proposals. In vehicles that roll backwards it takes the gear from the speed's sign.
void cw_vehicle_step_kinematic(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                               double dt);
// Two wheels: the same on a slope. The rider balances; leaning is not modelled, but how hard it may brake before the rear
// wheel lifts is the caller's max_brake.
void cw_rider_step(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu, float slope,
                   double dt);

// Four of them at once, to the bit. Numbers of each as doubles, lane by lane:
typedef struct cw_rider_four {
    double max_steer[4], steer_rate[4], steer_lag[4], max_accel[4], max_brake[4], max_speed[4], lag[4], jerk[4],
        drag[4], mass[4], rolling[4], power[4], front[4], rear[4], wheelbase[4];
} cw_rider_four;
void cw_rider_four_set(cw_rider_four *four, uint32_t lane, const cw_vehicle_params *p);

typedef struct cw_rider_columns { // of many, as the world holds them
    double *x, *y, *heading, *traveled;
    float *speed, *lateral_speed, *yaw_rate, *steer, *drive,
        *accel;                                         // drive: cw_vehicle_state.accel; accel: as it came out
    const float *control_accel, *control_steer, *pitch; // pitch: the slope, > 0 downhill
} cw_rider_columns;
// Steps those from `first` on. False when it leaves them as they are: one by one, then.
bool cw_riders_step(const cw_rider_four *p, const cw_rider_columns *at, uint32_t first, const float friction[4],
                    double dt);

// Reference for the tracking controller at one instant: where it should be now and what the path does there.
typedef struct cw_reference {
    double x, y, heading; // map frame
    float speed, accel;   // m/s, m/s^2
    float curvature;      // 1/m
    float curvature_rate; // 1/(m s): its change along the way; 0 where it is not known
} cw_reference;

// Tracking control: feed-forward on curvature and acceleration, feedback on the errors along, across and in heading.
// Made to be called every 0.1 s with its answer held in between: it looks ahead to where the answer acts.
void cw_vehicle_track(const cw_vehicle_params *p, const cw_vehicle_state *state, const cw_reference *reference,
                      float mu, float *accel, float *steer);

// A walker: turns at once, speeds up and slows down by `accel`.
typedef struct cw_walker_state {
    double x, y, heading;
    float speed;
} cw_walker_state;
void cw_walker_step(cw_walker_state *state, float speed, double heading, float accel, float dt);

// A loose body: cargo, a car after a crash, whoever was hit. Nobody drives it; its wheels do not roll.
typedef struct cw_loose_params {
    float center_x, center_y;      // centre of gravity from the reference point, m
    float gyration;                // yaw radius of gyration about it, m
    float front, rear, half_track; // supports ahead of, behind and beside the centre of gravity, m, all > 0
} cw_loose_params;

typedef struct cw_loose_state {
    double x, y, z, heading; // reference point, map frame; z: its underside
    float vx, vy;            // velocity of the reference point in body axes, m/s
    float yaw_rate;          // rad/s
    float fall;              // m/s downwards
} cw_loose_state;

typedef struct cw_ground { // what is under it
    double z;              // m
    double vx, vy;         // m/s, map frame, and rad/s: a loading platform moves
    double yaw_rate;
    float friction, slope, bank; // as in cw_vehicle_step
} cw_ground;
void cw_loose_step(const cw_loose_params *p, cw_loose_state *state, const cw_ground *ground, double dt);

#endif
