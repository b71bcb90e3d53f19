// The immutable scenario: the map, who is on it, what the file tells them to do, the weather, and where the ego is to go.
//
// A scene is built by `format` or `synth`, then const; it is shared by any number of worlds and threads. Every expression
// and parameter is already resolved: what stays for run time are positions relative to moving entities, conditions and
// variables. Storyboard records mirror OpenSCENARIO's terms; a recorded actor (CommonRoad) carries a track instead.
#ifndef CAUSEWAY_SCENE_H
#define CAUSEWAY_SCENE_H

#include "causeway/base.h"
#include "causeway/road.h"

// ---- positions -------------------------------------------------------------------------------------------------------

typedef enum cw_position_kind {
    CW_AT_NOWHERE,
    CW_AT_WORLD,
    CW_AT_RELATIVE_WORLD,
    CW_AT_RELATIVE_OBJECT,
    CW_AT_ROAD,
    CW_AT_RELATIVE_ROAD,
    CW_AT_LANE,
    CW_AT_RELATIVE_LANE,
    CW_AT_ROUTE_ROAD,
    CW_AT_ROUTE_LANE,
    CW_AT_ROUTE_ENTITY,
    CW_AT_TRAJECTORY
} cw_position_kind;

typedef struct cw_position {
    uint8_t kind;          // cw_position_kind
    bool has_heading;      // a heading is stated
    bool relative_heading; // relative to the reference's (lane, road, entity, trajectory); else map frame
    uint32_t entity;       // relative kinds: actor index
    uint32_t road;         // road, lane, route road
    int32_t lane;          // OpenDRIVE lane id; relative lane: dLane
    uint32_t route;        // route kinds: index of a route; CW_NONE: the actor's own
    uint32_t trajectory;   // trajectory position: index of a trajectory
    double x, y, z;        // world: m; relative: dx, dy, dz
    bool has_z;
    double s, t;   // m: road s, trajectory s, route s; relative: ds (or dsLane when lane_s), dt
    bool lane_s;   // relative lane: ds is measured along the lane
    double offset; // m, from the lane's centre
    bool has_offset;
    double heading, pitch, roll; // rad
} cw_position;

typedef enum cw_shape_kind { CW_POLYLINE, CW_CLOTHOID, CW_CLOTHOID_SPLINE, CW_NURBS } cw_shape_kind;

typedef struct cw_vertex { // of a polyline, or a control point of a NURBS
    double time;           // s, NAN: none
    double weight;         // NURBS
    cw_position position;
} cw_vertex;

typedef struct cw_clothoid {
    double curvature, curvature_prime, length; // 1/m, 1/m^2, m
    double h_offset;                           // rad, of a spline's segment
    double start_time, end_time;               // s, NAN: none
    cw_position start;                         // kind CW_AT_NOWHERE: goes on from the segment before
} cw_clothoid;

typedef struct cw_trajectory_def {
    const char *name;
    uint8_t shape; // cw_shape_kind
    bool closed;
    uint32_t vertex_count;
    const cw_vertex *vertices;
    uint32_t clothoid_count;
    const cw_clothoid *clothoids;
    uint32_t order; // NURBS
    uint32_t knot_count;
    const double *knots;
} cw_trajectory_def;

typedef struct cw_waypoint {
    cw_position position;
    uint8_t strategy; // 0 shortest, 1 fastest, 2 least intersections, 3 random
} cw_waypoint;

typedef struct cw_route_def {
    const char *name;
    bool closed;
    uint32_t count;
    const cw_waypoint *waypoints;
} cw_route_def;

// ---- actors ----------------------------------------------------------------------------------------------------------

typedef enum cw_actor_kind { // as cw_user_kind of agent.h, same order
    CW_ACTOR_CAR,
    CW_ACTOR_VAN,
    CW_ACTOR_TRUCK,
    CW_ACTOR_BUS,
    CW_ACTOR_TRAILER,
    CW_ACTOR_MOTORCYCLE,
    CW_ACTOR_BICYCLE,
    CW_ACTOR_PEDESTRIAN,
    CW_ACTOR_ANIMAL,
    CW_ACTOR_OBSTACLE,
    CW_ACTOR_TRAIN,
    CW_ACTOR_OTHER,
    CW_ACTOR_KINDS
} cw_actor_kind;

// One state of a recorded actor. Reference point: the actor's own (rear axle), converted by the reader.
typedef struct cw_sample {
    double time;          // s
    double x, y;          // m
    float heading;        // rad
    float speed;          // m/s; NAN: from the positions
    float half_x, half_y; // uncertainty of the position, m (0: exact)
} cw_sample;

typedef struct cw_property {
    const char *name, *value;
} cw_property;

typedef struct cw_controller_def {
    const char *name; // "" none
    uint32_t property_count;
    const cw_property *properties;
} cw_controller_def;

typedef struct cw_actor {
    const char *name;                      // the file's id
    const char *model;                     // of its catalog entry, or ""
    uint8_t kind;                          // cw_actor_kind
    float length, width, height;           // m
    float center_x, center_y, center_z;    // box centre from the reference point, m
    float wheelbase;                       // m; 0: none stated or none
    float front_axle_x;                    // m
    float mass;                            // kg; 0: not stated
    float max_speed, max_accel, max_brake; // m/s, m/s^2; 0: not stated
    float max_steer;                       // rad; 0: not stated
    bool starts;                           // present at t = 0 (else added later, or a recording that begins later)
    bool has_controller;                   // an ObjectController is assigned
    cw_controller_def controller;
    uint32_t trailer;         // actor index it pulls, CW_NONE
    float hitch_x, coupler_x; // where it pulls and is pulled, from the reference point, m; 0: not stated
    // Recorded actors (no storyboard): samples by time; shown from the first to the last and gone after it, unless
    // `stays`. Static obstacles have one sample and stay.
    uint32_t sample_count;
    const cw_sample *samples;
    bool stays;
    bool from_occupancy;    // the samples come from an occupancy set
    bool loose;             // from the start only forces move it: loose cargo, a car parked without a driver
    float lift;             // m above the ground at which a loose one begins; it falls
    float deck;             // m above the ground of a loading platform as large as the box; 0: none
    uint32_t outline_count; // polygon shape: points around the reference point, m; the box encloses them
    const cw_vec2 *outline;
    bool has_goal;         // where it is to go when it is under control
    double goal_x, goal_y; // m, map frame
    uint32_t property_count;
    const cw_property *properties;
} cw_actor;

// ---- conditions ------------------------------------------------------------------------------------------------------

typedef enum cw_rule { CW_GREATER, CW_LESS, CW_EQUAL, CW_GREATER_OR_EQUAL, CW_LESS_OR_EQUAL, CW_NOT_EQUAL } cw_rule;
typedef enum cw_edge { CW_EDGE_NONE, CW_EDGE_RISING, CW_EDGE_FALLING, CW_EDGE_ANY } cw_edge;
typedef enum cw_coordinates { CW_IN_ENTITY, CW_IN_LANE, CW_IN_ROAD, CW_IN_TRAJECTORY, CW_IN_WORLD } cw_coordinates;
typedef enum cw_distance_kind { CW_LONGITUDINAL, CW_LATERAL, CW_EUCLIDEAN } cw_distance_kind;

typedef enum cw_condition_kind {
    // by value
    CW_IF_PARAMETER,
    CW_IF_VARIABLE,
    CW_IF_TIME_OF_DAY,
    CW_IF_SIMULATION_TIME,
    CW_IF_ELEMENT_STATE,
    CW_IF_USER_VALUE,
    CW_IF_TRAFFIC_SIGNAL,
    CW_IF_TRAFFIC_SIGNAL_CONTROLLER,
    // by entity
    CW_IF_END_OF_ROAD,
    CW_IF_COLLISION,
    CW_IF_OFFROAD,
    CW_IF_TIME_HEADWAY,
    CW_IF_TIME_TO_COLLISION,
    CW_IF_ACCELERATION,
    CW_IF_STAND_STILL,
    CW_IF_SPEED,
    CW_IF_RELATIVE_SPEED,
    CW_IF_TRAVELED_DISTANCE,
    CW_IF_REACH_POSITION,
    CW_IF_DISTANCE,
    CW_IF_RELATIVE_DISTANCE,
    CW_IF_RELATIVE_CLEARANCE,
    CW_IF_ANGLE,
    CW_IF_RELATIVE_ANGLE,
    CW_IF_UNSUPPORTED
} cw_condition_kind;

typedef enum cw_element_kind {
    CW_ELEMENT_STORY,
    CW_ELEMENT_ACT,
    CW_ELEMENT_GROUP,
    CW_ELEMENT_MANEUVER,
    CW_ELEMENT_EVENT,
    CW_ELEMENT_ACTION
} cw_element_kind;
typedef enum cw_element_state {
    CW_STATE_STANDBY,
    CW_STATE_RUNNING,
    CW_STATE_COMPLETE,
    CW_TRANSITION_START,
    CW_TRANSITION_END,
    CW_TRANSITION_STOP,
    CW_TRANSITION_SKIP
} cw_element_state;

typedef struct cw_condition {
    const char *name;
    uint8_t kind; // cw_condition_kind
    uint8_t edge; // cw_edge
    uint8_t rule; // cw_rule
    bool all;     // triggering entities: all of them (else any)
    bool freespace;
    bool opposite_lanes; // relative clearance
    uint8_t coordinates; // cw_coordinates
    uint8_t distance;    // cw_distance_kind
    uint8_t element;     // cw_element_kind
    uint8_t state;       // cw_element_state
    uint8_t direction;   // speed, acceleration: 0 total, 1 longitudinal, 2 lateral, 3 vertical; angle: 0 heading,
                         // 1 pitch, 2 roll
    double delay;        // s
    double value;        // number compared with; duration; tolerance of a reached position; clearance: distance
                         // forward; angle; signal: cw_light of `text`; time of day: s since midnight
    double value2;       // relative clearance: distance backward; angle: tolerance
    uint64_t lanes;      // relative clearance: bit 32 + n, the n-th lane to the left (to the right where n < 0) counts
    bool text_rule;      // compare text (a variable or parameter that is no number)
    const char *text;    // text compared with: parameter value, signal state, date and time (ISO 8601)
    const char *reference;  // parameter name, signal id, controller or user value name
    uint32_t variable;      // index, CW_NONE
    uint32_t element_index; // index in the table of its kind; CW_NONE: dangling
    uint32_t entity;        // the other one: headway, distance to, collision with; CW_NONE: none or by kind
    uint8_t by_kind;        // collision by type: cw_actor_kind + 1, 0: not by type (car: any vehicle)
    uint32_t other_count;   // relative clearance: only these count; 0: all
    const uint32_t *others;
    cw_position position;   // reach position, distance, TTC to a position
    uint32_t trigger_count; // triggering entities
    const uint32_t *triggers;
    int line, column; // in the scenario file
} cw_condition;

typedef struct cw_condition_group { // all must hold
    cw_span conditions;             // in the scene's table
} cw_condition_group;

typedef struct cw_trigger { // one group must hold
    bool present;           // false: no trigger element in the file
    cw_span groups;
} cw_trigger;

// ---- actions ---------------------------------------------------------------------------------------------------------

typedef enum cw_dynamics_shape { CW_STEP, CW_LINEAR, CW_CUBIC, CW_SINUSOIDAL } cw_dynamics_shape;
typedef enum cw_dynamics_dimension { CW_BY_TIME, CW_BY_DISTANCE, CW_BY_RATE } cw_dynamics_dimension;

typedef struct cw_dynamics {
    uint8_t shape, dimension;
    bool follow;  // followingMode follow
    double value; // s, m, or the target's unit per second
} cw_dynamics;

typedef struct cw_limits { // DynamicConstraints; INFINITY where free
    double max_speed, max_accel, max_brake, max_accel_rate, max_brake_rate;
} cw_limits;

typedef enum cw_action_kind {
    CW_DO_NOTHING, // an action that is listed as unsupported; it ends at once
    CW_DO_SPEED,
    CW_DO_SPEED_PROFILE,
    CW_DO_LONGITUDINAL_DISTANCE,
    CW_DO_LANE_CHANGE,
    CW_DO_LANE_OFFSET,
    CW_DO_LATERAL_DISTANCE,
    CW_DO_VISIBILITY,
    CW_DO_SYNCHRONIZE,
    CW_DO_ACTIVATE_CONTROLLER,
    CW_DO_ASSIGN_CONTROLLER,
    CW_DO_OVERRIDE_CONTROLLER,
    CW_DO_TELEPORT,
    CW_DO_ASSIGN_ROUTE,
    CW_DO_FOLLOW_TRAJECTORY,
    CW_DO_ACQUIRE_POSITION,
    CW_DO_LIGHT_STATE,
    CW_DO_ANIMATION,
    CW_DO_CONNECT_TRAILER,
    CW_DO_DISCONNECT_TRAILER,
    CW_DO_RANDOM_ROUTE,
    CW_DO_ENVIRONMENT,
    CW_DO_ADD_ENTITY,
    CW_DO_DELETE_ENTITY,
    CW_DO_SET_PARAMETER,
    CW_DO_SET_VARIABLE,
    CW_DO_MODIFY_VARIABLE,
    CW_DO_MODIFY_PARAMETER,
    CW_DO_SIGNAL_STATE,
    CW_DO_SIGNAL_CONTROLLER,
    CW_DO_TRAFFIC,
    CW_DO_CUSTOM
} cw_action_kind;

typedef struct cw_profile_entry {
    double speed, time; // m/s; s for this piece, NAN: none
} cw_profile_entry;

typedef struct cw_environment {
    bool has_friction, has_weather, has_time;
    double friction_scale; // times the surface's dry friction
    double visibility;     // m; INFINITY: clear
    uint8_t precipitation; // 0 dry, 1 rain, 2 snow
    double precipitation_mmph;
    double cloud;                                     // 0..1
    double sun_intensity, sun_azimuth, sun_elevation; // lux or W/m^2 as stated, rad
    double wind_direction, wind_speed;
    double temperature;    // K
    double time_of_day;    // s since midnight
    const char *date_time; // ISO 8601
    bool wet;
} cw_environment;

typedef struct cw_action {
    const char *name;
    uint8_t kind;  // cw_action_kind
    bool relative; // target relative to `entity`
    bool continuous;
    bool freespace;
    bool flag, flag2; // controller: lateral, longitudinal active; visibility: traffic, sensors (+ graphics: flag3)
    bool flag3;
    uint8_t target_type;  // relative speed: 0 delta, 1 factor; synchronize final: 0 none, 1 absolute, 2 to the
                          // master's plus `value`, 3 times `value`
    uint8_t displacement; // distance actions: 0 any, 1 ahead/left, 2 behind/right
    uint8_t coordinates;  // cw_coordinates
    uint8_t following;    // trajectory: 0 position, 1 follow
    uint8_t steady;       // synchronize: 0 none, 1 distance, 2 time
    bool has_timing, absolute_time;
    bool time_gap; // longitudinal distance: `value` is seconds
    cw_dynamics dynamics;
    cw_limits limits;
    double value;             // target speed, lane offset, distance or time gap, final speed, number set, factor or
                              // addend; signal state: its cw_light; override: greatest rate
    double value2;            // steady-state distance or time; override value (`flag`: active)
    int32_t lane;             // lane change: lane id, or relative count
    double offset;            // target lane offset, m
    double max_lateral_accel; // lane offset; NAN: none
    double tolerance, tolerance_master; // m
    double time_scale, time_offset;     // trajectory timing
    double start_offset;                // initialDistanceOffset, m
    uint32_t entity;                    // reference entity, master; CW_NONE
    cw_position position;               // teleport, acquire, synchronize target
    cw_position master_position;
    uint32_t route, trajectory; // indices; CW_NONE
    uint32_t flow;              // traffic actions: of scene.traffic.flows; CW_NONE. `flag`: stops it
    uint32_t variable;          // index; CW_NONE
    const char *text;           // value as text, signal state, lamp mode, custom command, override part
    const char *reference;      // signal id, lamp type, parameter, controller name
    uint32_t entry_count;
    const cw_profile_entry *entries;
    cw_environment environment;
    cw_controller_def controller;
    // Who it concerns: init private actions and global entity actions name one; in events the group's actors do.
    uint32_t actor; // CW_NONE: the maneuver group's actors, or nobody
    bool is_private;
    uint8_t operation; // modify: 0 add, 1 multiply; controller: bit 0 `flag` is stated, bit 1 `flag2` (what is
                       // not stated stays as it is)
    int line, column;
} cw_action;

typedef struct cw_event {
    const char *name;
    uint8_t priority; // 0 override (overwrite), 1 parallel, 2 skip
    uint32_t most;    // maximumExecutionCount
    cw_trigger start;
    cw_span actions;
    uint32_t maneuver;
} cw_event;

typedef struct cw_maneuver {
    const char *name;
    cw_span events;
    uint32_t group;
} cw_maneuver;

typedef struct cw_maneuver_group {
    const char *name;
    uint32_t most;
    bool triggering_entities; // actors are those that triggered
    uint32_t actor_count;
    const uint32_t *actors;
    cw_span maneuvers;
    uint32_t act;
} cw_maneuver_group;

typedef struct cw_act {
    const char *name;
    cw_trigger start, stop;
    cw_span groups;
    uint32_t story;
} cw_act;

typedef struct cw_story {
    const char *name;
    cw_span acts;
} cw_story;

typedef struct cw_variable {
    const char *name;
    uint8_t kind; // 0 number, 1 text, 2 boolean
    double number;
    const char *text;
} cw_variable;

// ---- traffic signals -------------------------------------------------------------------------------------------------

typedef struct cw_light_state {
    const char *signal; // id in the map
    const char *state;  // as the file says
    uint8_t light;      // cw_light of agent.h (0 off, 1 red, 2 red-yellow, 3 yellow, 4 green, 5 flashing yellow)
} cw_light_state;

typedef struct cw_phase {
    const char *name;
    double duration; // s
    uint32_t count;
    const cw_light_state *states;
} cw_phase;

typedef struct cw_signal_program { // a traffic signal controller, or one light's cycle
    const char *name;
    double delay;          // s before the first phase (offset)
    const char *reference; // controller it follows, or NULL
    uint32_t count;
    const cw_phase *phases;
    double period; // s, sum of durations
} cw_signal_program;

// ---- background traffic ----------------------------------------------------------------------------------------------

typedef enum cw_flow_kind {
    CW_FLOW_BACKGROUND, // `count` users wherever the network has room; who leaves it comes back at an entry
    CW_FLOW_SOURCE,     // new users at a place, `rate` a second
    CW_FLOW_SINK,       // users within the place vanish, `rate` a second (INFINITY: all)
    CW_FLOW_SWARM,      // `count` users in the ring between two ellipses round an actor
    CW_FLOW_AREA,       // `count` users within a polygon or on stretches of road
    CW_FLOW_DEMAND      // origin to destination, `rate` a second
} cw_flow_kind;

typedef struct cw_flow_share { // of the users that a flow makes
    uint8_t kind;              // cw_actor_kind
    double weight;
} cw_flow_share;

typedef struct cw_flow_stretch { // of road, for areas
    uint32_t road;               // in the map
    double s0, s1;               // m
    bool has_lanes;
    int32_t lane_low, lane_high; // OpenDRIVE ids
} cw_flow_stretch;

typedef struct cw_flow {
    const char *name;
    uint8_t kind;                                 // cw_flow_kind
    bool from_start;                              // runs without an action of the storyboard
    bool continuous;                              // areas: kept full; else filled once
    double rate;                                  // 1/s
    double radius;                                // m round the position; 0: the lane there
    double speed_low, speed_high;                 // m/s at which users begin; NAN: what the road allows
    cw_position position;                         // source, sink, origin
    cw_position destination;                      // demand; CW_AT_NOWHERE: anywhere
    uint32_t count;                               // background, swarm, area
    uint32_t entity;                              // swarm: its centre; CW_NONE
    double inner, semi_major, semi_minor, offset; // swarm, m; major axis along the centre's heading, `offset` ahead
    double same_way;                              // swarm: share that runs with the centre; NAN: as the lanes come
    uint32_t share_count;                         // 0: as the traffic's parameters say
    const cw_flow_share *shares;
    uint32_t corner_count; // areas by polygon
    const cw_position *corners;
    uint32_t stretch_count; // areas by road
    const cw_flow_stretch *stretches;
} cw_flow;

typedef enum cw_traffic_driver { CW_TRAFFIC_IDM, CW_TRAFFIC_HUMAN } cw_traffic_driver;

// Who they are and how they behave. Shares of users, 0 .. 1; misbehaviour by mean number of events per user and hour.
typedef struct cw_traffic_params {
    double vans, trucks, buses, motorcycles, cyclists, pedestrians, emergency;
    double keep_a1;                           // 1: all keep assumption set A1 of the evaluator, whatever else is set
    double speed;                             // factor of the limit that the middle one wants
    double spread;                            // standard deviation of that factor
    double time_gap, least_gap, accel, brake; // of a car: s, m, m/s^2
    double politeness;                        // MOBIL
    double jaywalk, cut_in, hard_brake, wrong_way, red_light, swerve, animal;
} cw_traffic_params;

cw_traffic_params cw_traffic_defaults(void);
// One number by its name ("trucks"). CW_ERR_USAGE for an unknown name or a value out of range; then nothing is changed.
cw_status cw_traffic_set(cw_traffic_params *params, const char *name, double value, cw_error *err);

// The traffic of a scene: actors [first, first + count) are its pool; flows take from it and give back.
typedef struct cw_traffic {
    uint32_t first, count;
    uint8_t driver; // cw_traffic_driver
    cw_traffic_params params;
    uint32_t flow_count;
    const cw_flow *flows;
} cw_traffic;

// ---- mission ---------------------------------------------------------------------------------------------------------

typedef struct cw_region { // a place to reach: one of these shapes
    uint8_t kind;          // 0 rectangle, 1 circle, 2 polygon, 3 lane
    cw_box box;            // rectangle
    double x, y, radius;   // circle
    uint32_t point_count;
    const cw_vec2 *points; // polygon
    uint32_t lane;         // lane index in the map
} cw_region;

typedef struct cw_goal {   // one goal state: every stated part must hold at once
    uint32_t region_count; // reached when inside one of them; 0: anywhere
    const cw_region *regions;
    double time_low, time_high;      // s; 0..INFINITY
    float speed_low, speed_high;     // m/s; -INFINITY..INFINITY
    float heading_low, heading_high; // rad; -INFINITY..INFINITY
} cw_goal;

// ---- what could not be read ------------------------------------------------------------------------------------------

typedef struct cw_notice { // a feature that is read over: reported once per kind, never ignored in silence
    const char *path;      // file
    int line, column;      // first place
    const char *name;      // element or attribute
    const char *text;      // what it means for the run
    uint32_t count;        // places
} cw_notice;

typedef struct cw_attachment { // an input file, as read
    const char *path;          // as the scenario names it
    const char *bytes;
    size_t count;
    char sha256[65];
} cw_attachment;

// ---- surface ---------------------------------------------------------------------------------------------------------

typedef struct cw_friction_patch { // a patch of ice, snow, sand: a polygon, or a stretch of a lane
    uint32_t lane;                 // in the map; CW_NONE: the polygon
    double s0, s1;                 // road s of the stretch, m, s0 <= s1
    uint32_t point_count;
    const cw_vec2 *points;
    float friction; // coefficient; weather does not scale it
} cw_friction_patch;

// ---- the scene -------------------------------------------------------------------------------------------------------

typedef enum cw_origin {
    CW_FROM_OPENSCENARIO,
    CW_FROM_COMMONROAD,
    CW_FROM_OPENDRIVE,
    CW_FROM_SYNTH,
    CW_FROM_RECORDING
} cw_origin;

typedef struct cw_scene {
    const char *name, *author, *description;
    uint8_t origin;      // cw_origin
    const char *version; // "1.1", "2020a"
    const cw_map *map;   // owned by the scene; never NULL
    bool borrows_map;    // the map is someone else's, who keeps it as long
    uint32_t actor_count;
    const cw_actor *actors;
    uint32_t ego;    // actor index; CW_NONE: nobody is the ego
    double dt;       // s of the file's time steps, 0 where it has none
    double duration; // s: the file's own end (recordings), INFINITY where it has none
    // storyboard tables; empty for recordings
    cw_span init; // init actions, in file order
    uint32_t story_count, act_count, group_count, maneuver_count, event_count, action_count, condition_count,
        condition_group_count, variable_count, trajectory_count, route_count, program_count;
    const cw_story *stories;
    const cw_act *acts;
    const cw_maneuver_group *groups;
    const cw_maneuver *maneuvers;
    const cw_event *events;
    const cw_action *actions;
    const cw_condition *conditions;
    const cw_condition_group *condition_groups;
    const cw_variable *variables; // variables, then the parameters (a ParameterSetAction may change them)
    const cw_trajectory_def *trajectories;
    const cw_route_def *routes;
    const cw_signal_program *programs;
    cw_trigger stop;
    // weather and surface at the start
    cw_environment environment;
    double dry_friction; // 0.9 .. 1.0 by assumption A1; 1.0
    uint32_t patch_count;
    const cw_friction_patch *patches; // of the surface; where several lie, the last holds
    // the ego's mission; a scenario without one drives on along its lane
    double start_x, start_y; // recordings: the ego's initial state, map frame, its reference point
    float start_heading, start_speed, start_steer, start_yaw_rate;
    bool has_start;
    uint32_t goal_count;
    const cw_goal *goals;
    uint32_t mission_route; // route the ego is assigned from the start; CW_NONE
    cw_traffic traffic;
    uint32_t notice_count;
    const cw_notice *notices;
    uint32_t attachment_count;
    const cw_attachment *attachments;
    cw_arena *arena; // owns everything, the map's memory apart
    uint64_t hash;
} cw_scene;

void cw_scene_free(cw_scene *scene); // frees the map too unless it is borrowed; NULL is fine
// Beginnings, to be filled in: no place; an action that does nothing; a goal that asks for nothing; a body as is usual for
// its kind, without a name, that does not start by itself.
cw_position cw_scene_nowhere(void);
cw_action cw_scene_no_action(void);
cw_goal cw_scene_open_goal(void);
cw_actor cw_scene_usual_actor(cw_actor_kind kind);

uint32_t cw_scene_find_actor(const cw_scene *scene, const char *name); // CW_NONE: no such actor
// Name of the controller that the file gives its ego, at the start or by an action; of several the one of a lane-keeping
// system, else the first. "": none. The scene's own.
const char *cw_scene_ego_controller(const cw_scene *scene);
// Is that an automated lane keeping system (its name holds "ALKS")? The file then asks for just that.
bool cw_scene_keeps_lane(const cw_scene *scene);
// The following change a scene before it is used by anyone; its hash changes with it. CW_ERR_MEMORY, or CW_ERR_LIMIT when
// the scene would hold more actors than ids can name.
// `count` more background users, and who drives all of them (parameters and driver hold for the whole pool; 0: only that).
cw_status cw_scene_add_traffic(cw_scene *scene, uint32_t count, const cw_traffic_params *params,
                               cw_traffic_driver driver, cw_error *err);
// Flows of the scene's own, copied; the pool grows by `users`. Their memory is the scene's arena already.
cw_status cw_scene_add_flows(cw_scene *scene, const cw_flow *flows, uint32_t flow_count, uint32_t users, cw_error *err);
// Users of a flow that may be on the road at once: a swarm's or an area's count, what a source makes in a minute, within
// reason.
uint32_t cw_flow_users(const cw_flow *flow);
// Where the storyboard sends the ego at the start (AcquirePositionAction) and stops when it is there (a condition group of
// the stop trigger that asks for this alone), that place becomes the scene's goal, within the distance that the condition
// states. Allocates in the scene's arena; false: out of memory.
bool cw_scene_name_goal(cw_scene *scene);
// Fixed-time programs for the lights of junctions that no program of the scene switches: two phases by the approaches'
// headings, 25 s each with yellow and all red.
cw_status cw_scene_add_programs(cw_scene *scene, cw_error *err);
// The ego begins on this lane place, standing still. False when the scene has no ego that its init actions place.
bool cw_scene_start_at(cw_scene *scene, cw_lane_place place);

// Cars of all sizes on the lanes of a map, each under way to a goal: scenes to learn in where no file says who is there.
typedef struct cw_spawn_def {
    uint32_t cookie;            // set by cw_spawn_defaults
    uint64_t seed;              // default 1
    uint32_t count;             // actors, default 20; 1 to 4096
    uint32_t count_most;        // a source of scenes draws the count of each from count to count_most; 0: always count
    double x, y, radius;        // m: their reference points lie in this circle, default everywhere (INFINITY)
    double gap;                 // m, least distance of two boxes, default 2
    double goal_near, goal_far; // m along the lanes to the goal, default 60 to 150; a dead end shortens it
    double speed_share;         // they begin with up to this share of the lane's limit, default 0.8
} cw_spawn_def;

cw_spawn_def cw_spawn_defaults(void);
// A pure function of def and map. The scene borrows the map; the area is the map's. CW_ERR_INPUT when so many find no room.
cw_status cw_scene_spawn(const cw_spawn_def *def, const cw_map *map, const cw_area *area, cw_scene **scene,
                         cw_error *err);

// Weather in words, "rain, night": each, from left to right, changes what it is about in *environment. CW_ERR_USAGE with the
// words that there are for one that is not.
cw_status cw_environment_words(const char *words, cw_environment *environment, cw_error *err);

// Many scenes by number, opened when needed: what run, learn and judge take.
typedef struct cw_scene_source {
    void *context;
    size_t count;
    // The scene belongs to the caller. Thread-safe.
    cw_status (*open)(void *context, size_t index, cw_scene **scene, cw_error *err);
    const char *(*name)(void *context, size_t index);
} cw_scene_source;

// `count` scenes on one map, the i-th from seed + i. *source stays as it is given until cw_spawn_source_free, and the scenes
// live no longer than it: they borrow the map of `base`, which belongs to the source from now on (on failure too).
cw_status cw_spawn_source_new(const cw_spawn_def *def, cw_scene *base, size_t count, cw_scene_source **source,
                              cw_error *err);
void cw_spawn_source_free(cw_scene_source *source); // NULL is fine

#endif
