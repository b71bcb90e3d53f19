// The contract between a body and whoever drives it: what a driver sees (cw_obs), what it says (cw_decision with its
// cw_reason), and the table of functions that is a driver (cw_driver).
#ifndef CAUSEWAY_AGENT_H
#define CAUSEWAY_AGENT_H

#include "causeway/base.h"
#include "causeway/road.h"

typedef uint32_t cw_id; // generation << 16 | index + 1; 0: none. People see the kind and the file's own id instead.

typedef enum cw_user_kind { // of a road user
    CW_USER_CAR,
    CW_USER_VAN,
    CW_USER_TRUCK,
    CW_USER_BUS,
    CW_USER_TRAILER,
    CW_USER_MOTORCYCLE,
    CW_USER_BICYCLE,
    CW_USER_PEDESTRIAN,
    CW_USER_ANIMAL,
    CW_USER_OBSTACLE,
    CW_USER_TRAIN,
    CW_USER_OTHER,
    CW_USER_KINDS
} cw_user_kind;

bool cw_user_is_vehicle(cw_user_kind kind);    // car to motorcycle, train and other: something that drives in lanes
bool cw_user_is_vulnerable(cw_user_kind kind); // bicycle, pedestrian, animal

typedef enum cw_light {
    CW_LIGHT_OFF,
    CW_LIGHT_RED,
    CW_LIGHT_RED_YELLOW,
    CW_LIGHT_YELLOW,
    CW_LIGHT_GREEN,
    CW_LIGHT_FLASHING_YELLOW,
    CW_LIGHT_UNKNOWN
} cw_light;

// ---- what it sees ----------------------------------------------------------------------------------------------------

// The body's fixed properties. SI units.
typedef struct cw_body {
    float length, width, height;
    float center_x;             // box centre ahead of the reference point (rear axle on the ground), m
    float wheelbase;            // m; 0 for a body without axles
    float mass;                 // kg
    float max_steer;            // road-wheel angle, rad
    float max_accel, max_brake; // m/s^2 that engine and brakes can give on dry road, both > 0
    float max_speed;            // m/s
} cw_body;

// The ego as it knows itself. Map frame, double.
typedef struct cw_ego {
    double x, y, z;
    float heading;       // rad
    float speed;         // m/s along the heading; < 0 backwards
    float lateral_speed; // m/s, left
    float accel;         // m/s^2, along the heading, as felt
    float yaw_rate;      // rad/s
    float steer;         // road-wheel angle now, rad
    cw_lane_place place; // the lane that localisation gives; lane CW_NONE off the map
    cw_body body;
} cw_ego;

// One raw perception of a road user, before tracking. Vehicle frame of the observer (x forward, y left) at `time_ns`.
typedef struct cw_detection {
    cw_id id;           // association is given: a detector's own track number
    uint8_t kind;       // cw_user_kind
    uint8_t indicators; // CW_LAMP_* bits seen
    float x, y, z;      // of its box centre, m
    float heading;      // rad relative to the observer's heading
    float vx, vy;       // velocity over ground in the observer's axes, m/s
    float length, width, height;
} cw_detection;

enum { CW_LAMP_BRAKE = 1, CW_LAMP_LEFT = 2, CW_LAMP_RIGHT = 4, CW_LAMP_HAZARD = 8, CW_LAMP_REVERSE = 16 };

// A road user as the tracker holds it. Vehicle frame at the time of the observation, float32, subtracted in double.
typedef struct cw_track {
    cw_id id;
    uint8_t kind;       // cw_user_kind
    uint8_t indicators; // CW_LAMP_* bits, as last seen
    bool seen;          // detected in this very frame
    uint16_t missed;    // frames since it was last detected
    float x, y, z;      // box centre, m
    float heading;      // rad, relative
    float vx, vy;       // over ground in the vehicle's axes, m/s
    float speed;        // along its own heading, m/s
    float accel;        // along its own heading, m/s^2, filtered
    float yaw_rate;     // rad/s, filtered
    float length, width, height;
    float error;         // bound on the position, m: grows while unseen
    float speed_error;   // bound on the speed, m/s
    float first_seen;    // s since it was first detected
    cw_lane_place place; // the lane under its centre, CW_NONE off the map
} cw_track;

// A signal, sign or stop line in view that holds for the route.
typedef struct cw_signal_view {
    uint32_t signal;       // index in the map
    uint32_t lane;         // for which lane of the route
    uint8_t light;         // cw_light; CW_LIGHT_OFF for signs
    float since;           // s since that light was first seen so
    double stop_x, stop_y; // stop line at the lane's centre, map frame
    double stop_travel;    // travel distance on `lane`, m
} cw_signal_view;

// What may block sight and is known: map objects near by. (Tracks block sight too.) Map frame.
typedef struct cw_wall {
    cw_box box;
    float height; // m
} cw_wall;

typedef struct cw_surface {
    float mu_low, mu_high; // friction known to lie within
    float visibility;      // meteorological range, m
} cw_surface;

// Where it is asked to go.
typedef struct cw_mission {
    cw_route route;  // lanes, from behind the ego to the goal; count 0: no route, keep the lane
    float set_speed; // m/s the user asked for; INFINITY: what limits and comfort allow
    bool keep_lane;  // a lane-keeping function is asked for: no lane change, no passing; only evading a contact
    bool has_end;    // the route leads to one place, wherever it begins
    bool rerouted;   // the way was looked for anew after a turn had been missed
    bool has_goal;
    double goal_x, goal_y;                     // centre of the goal region, map frame
    uint32_t goal_lane;                        // CW_NONE: no lane named
    double goal_travel;                        // travel distance on goal_lane at which the goal begins, m
    float goal_length;                         // m along the lane; INFINITY: to its end
    bool stop_at_goal;                         // the goal asks for standstill
    float goal_speed_low, goal_speed_high;     // m/s; -INFINITY..INFINITY when free
    float goal_heading_low, goal_heading_high; // rad, map; free likewise
    double goal_time_low, goal_time_high;      // s from the start; 0..INFINITY when free
    cw_box goal_box;                           // around the goal region; half_length 0: it is the goal lane itself
} cw_mission;

typedef struct cw_obs {
    int64_t step;              // decision number
    int64_t time_ns;           // from 0
    float period;              // s between decisions
    const cw_map *map;         // never NULL
    const cw_mission *mission; // never NULL; constant during an episode unless `mission_version` changes
    uint32_t mission_version;
    cw_ego ego;
    uint32_t track_count;
    const cw_track *tracks; // sorted by distance, ties by id
    uint32_t signal_count;
    const cw_signal_view *signals; // in order of distance along the route
    uint32_t wall_count;
    const cw_wall *walls;
    cw_surface surface;
    float range;  // sensor range, m
    bool unasked; // nobody will read this decision's reason: its causes may be left out
} cw_obs;

// Is the point (map frame, at the ground) within range and not behind a seen track or a wall?
bool cw_obs_sees(const cw_obs *obs, double x, double y);
// Track centre in map coordinates.
cw_pose cw_track_pose(const cw_obs *obs, const cw_track *track); // heading in map frame
cw_box cw_track_box(const cw_obs *obs, const cw_track *track);   // map frame
// The middle of the ego's lane from beside it on, every `step` m (> 0), vehicle frame; into successors by the route where
// that names one, else straight on. Changes no lane. x, y, lane (may be NULL): room for `most`. Returns how many points:
// fewer where the lane ends, 0 off the map.
uint32_t cw_obs_ahead(const cw_obs *obs, double step, uint32_t most, float *x, float *y, uint32_t *lane);

// ---- the tracker -----------------------------------------------------------------------------------------------------

// Turns detections into tracks, keeps what went out of sight. Part of the driver's side: flat state, copied as bytes.
enum { CW_TRACKS_MAX = 128 };
typedef struct cw_tracker cw_tracker;
size_t cw_tracker_size(void);
void cw_tracker_reset(cw_tracker *tracker, const cw_map *map);
// A snapshot of cw_tracker_size() bytes, the same in any process; and back, into a tracker that was reset.
void cw_tracker_save(const cw_tracker *tracker, void *bytes);
void cw_tracker_restore(cw_tracker *tracker, const void *bytes);
// Detections are in the frame of `ego` at time_ns. Fills tracks[most] (sorted as cw_obs asks); returns how many.
// `sees` answers whether a place where a track ought to be is in view (an empty place in view ends the track sooner).
uint32_t cw_tracker_update(cw_tracker *tracker, int64_t time_ns, const cw_ego *ego, const cw_detection *detections,
                           uint32_t count, const cw_wall *walls, uint32_t wall_count, float range, cw_track *tracks,
                           uint32_t most);

// ---- what it says ----------------------------------------------------------------------------------------------------

enum { CW_TRAJECTORY_POINTS = 64 };
#define CW_TRAJECTORY_STEP 0.1 // s

// Point i holds at (i + 1) * CW_TRAJECTORY_STEP after the decision, in the vehicle frame at decision time.
typedef struct cw_trajectory {
    float x[CW_TRAJECTORY_POINTS], y[CW_TRAJECTORY_POINTS]; // m
    float heading[CW_TRAJECTORY_POINTS];                    // rad
    float speed[CW_TRAJECTORY_POINTS];                      // m/s
} cw_trajectory;

typedef struct cw_control {
    float accel;   // m/s^2 asked for, along the heading; < 0 brakes
    float steer;   // road-wheel angle asked for, rad, > 0 left
    uint8_t lamps; // CW_LAMP_*
} cw_control;

// A control that follows the trajectory for a tick: the acceleration to the speed that it has after 0.3 s, and the wheel
// angle of the arc to its first point at least max(4 m, 0.8 s) ahead (pure pursuit; Coulter, CMU-RI-TR-92-01).
cw_control cw_obs_follow(const cw_obs *obs, const cw_trajectory *trajectory);

typedef enum cw_longitudinal {
    CW_KEEP_SPEED,
    CW_FOLLOW_LEAD,
    CW_ADAPT_SPEED,
    CW_YIELD,
    CW_STOP_FOR,
    CW_WAIT,
    CW_CREEP,
    CW_GO,
    CW_ACCELERATE,
    CW_EMERGENCY_BRAKE
} cw_longitudinal;

typedef enum cw_lateral {
    CW_KEEP_LANE,
    CW_TURN_LEFT,
    CW_TURN_RIGHT,
    CW_GO_STRAIGHT,
    CW_CHANGE_LEFT,
    CW_CHANGE_RIGHT,
    CW_ABORT_CHANGE,
    CW_NUDGE_LEFT,
    CW_NUDGE_RIGHT,
    CW_PULL_OVER
} cw_lateral;

typedef enum cw_cause_kind {
    CW_CAUSE_NONE,
    CW_CAUSE_VEHICLE,
    CW_CAUSE_PEDESTRIAN,
    CW_CAUSE_CYCLIST,
    CW_CAUSE_ANIMAL,
    CW_CAUSE_OBSTACLE,
    CW_CAUSE_SIGNAL,
    CW_CAUSE_SIGN,
    CW_CAUSE_LIMIT,
    CW_CAUSE_GEOMETRY,
    CW_CAUSE_ROUTE,
    CW_CAUSE_OCCLUSION,
    CW_CAUSE_SURFACE
} cw_cause_kind;

typedef enum cw_relation {
    CW_REL_NONE,
    CW_REL_AHEAD,
    CW_REL_CUTTING_IN,
    CW_REL_CUTTING_OUT,
    CW_REL_CROSSING_LEFT,
    CW_REL_CROSSING_RIGHT,
    CW_REL_ONCOMING,
    CW_REL_MERGING,
    CW_REL_BEHIND,
    CW_REL_BESIDE,
    CW_REL_STANDING,
    CW_REL_ON_CROSSING,
    CW_REL_HAS_PRIORITY,
    CW_REL_RED,
    CW_REL_YELLOW,
    CW_REL_CURVE,
    CW_REL_END_OF_LANE,
    CW_REL_GOAL,
    CW_REL_HIDDEN,
    CW_REL_MISSED // a turn of the route
} cw_relation;    // crossing left/right: from that side

typedef enum cw_quantity { // what the cause's number measures
    CW_Q_NONE,
    CW_Q_GAP_M,
    CW_Q_TTC_S,
    CW_Q_ARRIVAL_S,
    CW_Q_SPEED_MPS,
    CW_Q_DISTANCE_M,
    CW_Q_HEADWAY_S,
    CW_Q_CURVATURE,
    CW_Q_FRICTION
} cw_quantity;

typedef struct cw_cause {
    uint8_t kind;     // cw_cause_kind
    uint8_t relation; // cw_relation
    uint8_t quantity; // cw_quantity
    cw_id id;         // of the road user
    uint32_t item;    // signal, object or lane index in the map; CW_NONE where not one
    float value;      // in the quantity's unit
    float effect;     // claimed: m further after 3 s without it (NAN: not claimed)
} cw_cause;

enum { CW_CAUSES = 4 };

typedef struct cw_reason {
    uint8_t longitudinal, lateral; // cw_longitudinal, cw_lateral
    uint8_t kind;                  // 0 none, 1 computed, 2 learned
    uint8_t count;                 // causes
    float accel;                   // m/s^2 of the decision, for the words
    float speed;                   // m/s aimed at
    cw_cause cause[CW_CAUSES];     // strongest first
} cw_reason;

// Names of people's kind for a road user ("pedestrian 3"): `label` gives the file's id of a cw_id, or NULL.
typedef struct cw_labels {
    const char *(*user)(const void *context, cw_id id);
    const void *context;
    const cw_map *map;
} cw_labels;

// Words for a reason, made by grammar; terminated; returns the length. Numbers with units.
size_t cw_reason_words(const cw_reason *reason, const cw_labels *labels, cw_language language, char *out, size_t size);
// The same decision and the same causes (not the numbers)?
bool cw_reason_same(const cw_reason *a, const cw_reason *b);
const char *cw_longitudinal_name(cw_longitudinal value); // stable identifiers for files: "keep_speed"
const char *cw_lateral_name(cw_lateral value);
const char *cw_cause_name(cw_cause_kind value);
cw_cause_kind cw_cause_of(cw_user_kind kind); // what a road user of that kind is as a cause
const char *cw_relation_name(cw_relation value);
const char *cw_quantity_name(cw_quantity value);
const char *cw_user_name(cw_user_kind value);

typedef enum cw_source {
    CW_FROM_NONE,
    CW_FROM_LEARNED,
    CW_FROM_CLASSICAL,
    CW_FROM_FAILSAFE,
    CW_FROM_MITIGATE,
    CW_FROM_SCENARIO,
    CW_FROM_OUTSIDE // a driver that is no part of the program
} cw_source;

const char *cw_source_name(cw_source value); // stable: "failsafe"

typedef struct cw_decision {
    bool valid;   // false: the driver has nothing to say this tick
    int64_t step; // of the observation it answers; another one is late
    cw_trajectory trajectory;
    cw_control control; // follows the trajectory now
    uint8_t source;     // cw_source
    float margin;       // smallest distance or time margin the driver saw, m; NAN unknown
    cw_reason reason;
} cw_decision;

// ---- a driver --------------------------------------------------------------------------------------------------------

typedef struct cw_driver_def {
    const cw_map *map; // never NULL, outlives the driver
    cw_body body;
    uint64_t seed;
    float period;        // s between decisions
    const char *weights; // path or NULL
    const char *options; // driver's own, or NULL
    // For drivers in other processes; wall clock. 0: their default.
    double timeout;                // s that an answer may take
    double start_timeout;          // s that the start may take
    const volatile int *interrupt; // ends waiting for the start when it becomes non-zero; NULL: never
} cw_driver_def;

// A driver is a table of functions over a flat state: no pointer into itself, so that a copy of its bytes is a snapshot.
typedef struct cw_driver {
    const char *name;
    size_t (*state_size)(const cw_driver_def *def);
    cw_status (*reset)(void *state, const cw_driver_def *def, cw_error *err);
    void (*decide)(void *state, const cw_obs *obs, cw_decision *decision);
    // NULL: the bytes of the state are the snapshot. restore: false when these bytes do not bring a state back.
    void (*save)(const void *state, void *bytes);
    bool (*restore)(void *state, const void *bytes);
    void (*close)(void *state); // NULL: nothing to close
    // What went wrong in the last call of decide, save or restore; NULL: nothing. UTF-8 without control characters, valid
    // until the next call. The function is NULL for a driver in which nothing can.
    const char *(*trouble)(const void *state);
    // Equal observations since the reset give equal answers. Of a driver that does not promise it (another process, a
    // clock) each answer goes into the trace, so that a run repeats without it.
    bool repeatable;
    // It reads speeds of the map that it is given each tick, and cw_map.told: so that a test of reasons may keep limits and
    // bends from it. Of one that does not, such causes are not testable.
    bool heeds_told;
} cw_driver;

#endif
