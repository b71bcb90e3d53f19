// What the files of the storyboard runtime share: its fixed tables, and how one file calls another.
//
// storyboard.c runs the state machine, condition*.c answer triggers, action*.c begin actions, scripted*.c move actors,
// trajectory.c and position.c turn the scenario's places into points, route.c guides along routes.
#ifndef CW_WORLD_STORYBOARD_H
#define CW_WORLD_STORYBOARD_H

#include "world/state.h"

typedef enum cw_way { CW_WAY_FREE, CW_WAY_LANE, CW_WAY_TRACK } cw_way;

typedef enum cw_along {
    CW_ALONG_KEEP,     // the speed it has
    CW_ALONG_TIME,     // a shape over time
    CW_ALONG_DISTANCE, // a shape over distance
    CW_ALONG_FOLLOW,   // continuous relative speed, reached
    CW_ALONG_PROFILE,  // speed profile
    CW_ALONG_GAP,      // longitudinal distance
    CW_ALONG_SYNC,     // synchronize
    CW_ALONG_TIMED     // a trajectory's time reference
} cw_along;

typedef enum cw_across {
    CW_ACROSS_KEEP,     // the lane offset it has
    CW_ACROSS_TIME,     // a shape over time
    CW_ACROSS_DISTANCE, // a shape over distance
    CW_ACROSS_OFFSET,   // continuous lane offset, reached
    CW_ACROSS_SIDE      // lateral distance
} cw_across;

// One sample of a trajectory: heading is the tangent's, `stated` what the vertex asks the actor to face.
typedef struct cw_node {
    double x, y, heading, stated, s, time;
} cw_node;

typedef struct cw_track {
    uint32_t count;
    const cw_node *nodes; // in map coordinates, or in the frame of the actor's pose when `local`
    bool local;           // a clothoid without a start: begins where the actor is
    bool moving;          // some vertex is relative to an entity: x, y, heading, s stand in the state from first_node
    bool curved;          // between nodes a cubic through their tangents, else straight
    bool has_stated;      // its vertices state headings
    bool has_times;
    uint32_t first_node;
    uint32_t def; // scene trajectory
} cw_track;

// A place to reach, with the cost to go from every lane: follow the smallest.
typedef struct cw_goal_field {
    uint32_t lane;        // goal lane, CW_NONE: the position could not be found on the map
    double travel;        // on it
    const float *cost;    // per lane: m from its start to the goal; INFINITY: no way
    const uint32_t *next; // per lane: successor or neighbour to take; CW_NONE at the goal
} cw_goal_field;

typedef struct cw_leg { // a stretch of a route on one lane, in travel order
    uint32_t lane;
    double from, to; // travel distance on it
    double s;        // route s at `from`
} cw_leg;

typedef struct cw_route_plan {
    uint32_t goal_first, goal_count; // a field for each waypoint but the first
    uint32_t leg_count;
    const cw_leg *legs;
} cw_route_plan;

typedef struct cw_board {
    uint32_t first[CW_ELEMENT_ACTION + 1]; // first element of each kind
    uint32_t element_count;
    const uint32_t *delay_first; // per condition: its first ring byte
    const uint32_t *delay_steps; // per condition
    uint32_t delay_bytes;
    cw_track *tracks; // per scene trajectory
    uint32_t node_count;
    const cw_route_plan *routes; // per scene route
    uint32_t goal_count;
    const cw_goal_field *goals;
    const uint32_t *action_goal;     // per action: goal field of an acquired position, CW_NONE: none
    uint32_t *condition_signal;      // per condition: signal item or program, CW_NONE
    const uint32_t *instance_action; // per instance
    uint8_t *moved;                  // per actor, scratch of a step: already at the end of it
} cw_board;

static inline cw_board *cw_board_of(const cw_world *world) {
    return world->storyboard;
}

static inline double cw_board_time(const cw_world *world) // s, at the beginning of the step
{
    return (double)(world->s.step[0] * world->def.dt_ns) * 1e-9;
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

// Fraction of the change reached at x in [0, 1] (clamped); `slope` (may be NULL) is its derivative.
double cw_shape_at(cw_dynamics_shape shape, double x, double *slope);
// Duration (or distance) of a change by `delta` under these dynamics: rate is the largest rate of change.
double cw_shape_span(const cw_dynamics *dynamics, double delta);

// ---- places ----------------------------------------------------------------------------------------------------------

typedef struct cw_spot {
    double x, y, heading;
    cw_lane_place place; // lane CW_NONE: not found by lane; locate it
    double turned;       // heading less the lane's travel heading, where place is given
} cw_spot;

// Where a position is now. `self`: the actor it is asked for (CW_NONE: nobody). False when it lies nowhere (past the end
// of its road, a lane that does not exist, an entity that is not there).
bool cw_position_find(const cw_world *world, const cw_position *position, uint32_t self, cw_spot *spot);
// As above before any actor moves; false where it depends on one.
bool cw_position_is_fixed(const cw_scene *scene, const cw_position *position, uint32_t depth);
void cw_spot_put(cw_world *world, uint32_t actor, const cw_spot *spot); // places the actor there and sets its way
// Goes on from a place by `distance` of travel (< 0 back) along the straightest lanes; false past the end.
bool cw_lane_walk(const cw_map *map, cw_lane_place *place, double distance);
uint32_t cw_lane_straight(const cw_map *map, uint32_t lane, bool back); // straightest next or previous, CW_NONE
// The lane `count` lanes to the left of `lane` (at road s) as seen when facing +1 along rising s, -1 against; lane 0 is
// skipped. CW_NONE: none.
uint32_t cw_lane_beside(const cw_map *map, uint32_t lane, double s, int32_t count, int facing);
// +1 or -1: does the actor face rising road s of the lane it is on?
int cw_actor_facing(const cw_world *world, uint32_t actor, uint32_t lane, double s);
// Signed distance along the lanes from the actor to a place, ahead > 0 as it faces; false when no way is found near by.
bool cw_distance_along(const cw_world *world, uint32_t actor, cw_lane_place place, double *distance);

// ---- trajectories ----------------------------------------------------------------------------------------------------

bool cw_tracks_prepare(cw_world *world, cw_error *err);
double cw_track_length(const cw_world *world, uint32_t track);
// Point at s; local tracks lie at `frame`. `stated` (may be NULL): the stated heading there, NAN: none.
cw_pose cw_track_at(const cw_world *world, uint32_t track, cw_pose frame, double s, double *stated);
// Nearest s to a point; `hint` (NAN: none) is where it was a moment ago: only some metres around it are searched.
double cw_track_project(const cw_world *world, uint32_t track, cw_pose frame, double x, double y, double hint,
                        double *aside);
double cw_track_s_at_time(const cw_world *world, uint32_t track, double time); // time after scale and offset
double cw_track_end_time(const cw_world *world, uint32_t track);
void cw_track_begin(cw_world *world, uint32_t track, uint32_t actor); // places the nodes of a moving one

// ---- routes ----------------------------------------------------------------------------------------------------------

bool cw_routes_prepare(cw_world *world, cw_error *err);
// The lane to take when `actor` leaves `lane` (back: against travel).
uint32_t cw_route_next(const cw_world *world, uint32_t actor, uint32_t lane, bool back);
void cw_route_follow(cw_world *world, uint32_t actor); // moves the guide on when a waypoint is reached
bool cw_route_place(const cw_world *world, uint32_t route, double s, cw_lane_place *place);
// Route s of a lane place, and whether it lies on the route.
bool cw_route_project(const cw_world *world, uint32_t route, cw_lane_place place, double *s);

// ---- motion ----------------------------------------------------------------------------------------------------------

void cw_scripted_step(cw_world *world, double dt);
double cw_actor_speed(const cw_world *world, uint32_t actor); // m/s along its heading
// Moves it by `distance` along its way (< 0 back), drifting to its left at `rate` (m/s) meanwhile.
void cw_scripted_move(cw_world *world, uint32_t actor, double distance, double rate);
bool cw_scripted_on_lane(cw_world *world, uint32_t actor); // leaves a trajectory for the lane under it; false: none
void cw_scripted_take(cw_world *world, uint32_t actor);    // sets the actor's way from its pose (lane, or free)
void cw_scripted_measure(cw_world *world);                 // since when actors stand still or are off the road
// Speed of `actor` over the next dt and the distance it covers.
double cw_along_step(cw_world *world, uint32_t actor, double dt, double *distance);
double cw_across_step(cw_world *world, uint32_t actor, double dt, double distance); // moves way_offset; m/s to the left
double cw_sync_step(cw_world *world, uint32_t actor, const cw_action *action, double dt, double *distance);
double cw_gap_step(cw_world *world, uint32_t actor, const cw_action *action, double dt, double *distance);
void cw_trailers_step(cw_world *world, double dt);

// ---- actions ---------------------------------------------------------------------------------------------------------

void cw_action_begin(cw_world *world, uint32_t action, uint32_t instance); // may be done at once
void cw_instance_end(cw_world *world, uint32_t instance);                  // CW_NONE is fine
// Ends what runs in these domains on the actor, whoever began it.
void cw_along_end(cw_world *world, uint32_t actor);
void cw_across_end(cw_world *world, uint32_t actor);      // trajectory as well
void cw_motion_drop(cw_world *world, uint32_t actor);     // a driver has it: what the storyboard moves it by ends
void cw_instances_stop(cw_world *world, uint32_t action); // all instances of an action, their motion too
bool cw_speed_target(const cw_world *world, const cw_action *action, uint32_t actor, double *speed);
void cw_speed_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
void cw_profile_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
double cw_profile_span(const cw_action *action, uint32_t entry, double v0, double v1); // s
double cw_profile_speed(const cw_action *action, double v0, double v1, double span, double x);
void cw_lateral_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
void cw_lane_ease(cw_world *world, uint32_t actor, uint32_t lane); // changes to a lane beside, for its route
void cw_trajectory_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
void cw_gap_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
void cw_sync_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance);
double cw_side_target(const cw_world *world, uint32_t actor, const cw_action *action); // way_offset that is asked

// ---- conditions ------------------------------------------------------------------------------------------------------

bool cw_trigger_holds(cw_world *world, const cw_trigger *trigger, bool when_empty);
void cw_trigger_arm(cw_world *world, const cw_trigger *trigger);                         // forgets what it saw
bool cw_trigger_names(const cw_world *world, const cw_trigger *trigger, uint32_t actor); // did this entity trigger it?
bool cw_compare(cw_rule rule, double a, double b);
// Distance between two actors as the trigger measures it: >= 0, or NAN when it cannot be measured.
double cw_actor_distance(const cw_world *world, uint32_t from, uint32_t to, cw_coordinates coordinates,
                         cw_distance_kind kind, bool freespace);
double cw_point_distance(const cw_world *world, uint32_t from, const cw_spot *to, cw_coordinates coordinates,
                         cw_distance_kind kind, bool freespace);
// Signed: how far `to` (its reference point) lies ahead of `from` along it; half extents of both bodies in `reach`
// (ahead of from's point / behind to's point are taken by the sign). NAN: cannot be measured.
double cw_actor_ahead(const cw_world *world, uint32_t from, uint32_t to, cw_coordinates coordinates);
const char *cw_variable_text(const cw_world *world, uint32_t variable);

#endif
