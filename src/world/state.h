// What is inside a world, and the line between its core (world.c, motion, contacts, signals) and the storyboard.
//
// State is declared once: each mutable value stands in a row of CW_STATE_ROWS below. From the rows derive the struct of
// arrays (cw_state), its layout in one block, save, restore, hash and cw_world_state_table. Whatever a step reads that
// an earlier step wrote must be a row; everything else in cw_world is fixed once the world is made, or scratch of a
// step.
#ifndef CW_WORLD_STATE_H
#define CW_WORLD_STATE_H

#include "causeway/rules.h"
#include "causeway/scene.h"
#include "causeway/world.h"
#include "motion/motion.h"
#include "world/storyboard_state.h"

// Column types, numbered as cw_type of record.h (a test compares them).
enum { CW_T_U8, CW_T_I8, CW_T_U16, CW_T_U32, CW_T_I32, CW_T_U64, CW_T_I64, CW_T_F32, CW_T_F64 };

// What a row has items for.
enum {
    CW_PER_ONE,    // the world
    CW_PER_ACTOR,  // scene actors
    CW_PER_SIGNAL, // map signals, then signals that the scenario names but the map does not have (cw_world_signal)
    CW_PER_EVENT,  // scene tables
    CW_PER_CONDITION,
    CW_PER_ACT,
    CW_PER_VARIABLE,
    CW_PER_STORY,
    CW_PER_GROUP,
    CW_PER_MANEUVER,
    CW_PER_INSTANCE, // an action on one actor: see cw_world.instance_first
    CW_PER_WATCH,    // a condition on one triggering entity (one for conditions by value): see cw_world.watch_first
    CW_PER_PROGRAM,  // signal programs
    CW_PER_PAIR,     // pairs that have touched and not parted yet; the first pair_count are in use
    CW_PER_CONTACT,  // contacts so far; the first contact_count are in use
    CW_PER_AGENT,    // background traffic: actors of the scene's pool
    CW_PER_FLOW,     // what makes them
    CW_PER_STORYBOARD = 32, // groups of the storyboard's own
};

// X(field, C type, CW_T_*, CW_PER_*, values per item, unit)
#define CW_CORE_ROWS(X)                                                                                                \
    X(step, int64_t, CW_T_I64, CW_PER_ONE, 1, "")                                                                      \
    X(ended, uint8_t, CW_T_U8, CW_PER_ONE, 1, "")        /* cw_world_end */                                            \
    X(fault, uint8_t, CW_T_U8, CW_PER_ONE, 1, "")        /* cw_fault */                                                \
    X(fault_item, uint32_t, CW_T_U32, CW_PER_ONE, 1, "") /* actor or the like that it happened to */                   \
    X(contact_count, uint32_t, CW_T_U32, CW_PER_ONE, 1, "")                                                            \
    X(pair_count, uint32_t, CW_T_U32, CW_PER_ONE, 1, "")                                                               \
    X(set_speed, float, CW_T_F32, CW_PER_ONE, 1, "m/s")       /* last asked of the ego; NAN: none */                   \
    X(mission_version, uint32_t, CW_T_U32, CW_PER_ONE, 1, "") /* rises with each change of the ego's mission */        \
    X(mission_route, uint32_t, CW_T_U32, CW_PER_ONE, 1, "")   /* scene route, CW_NONE */                               \
    X(mission_action, uint32_t, CW_T_U32, CW_PER_ONE, 1, "")  /* scene action whose position is the goal, CW_NONE */   \
    X(friction_scale, float, CW_T_F32, CW_PER_ONE, 1, "")     /* times the scene's dry friction */                     \
    X(visibility, float, CW_T_F32, CW_PER_ONE, 1, "m")                                                                 \
    X(environment_action, uint32_t, CW_T_U32, CW_PER_ONE, 1, "") /* scene action that set it last, CW_NONE: scene's */ \
    X(x, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                 /* reference point, map frame */                      \
    X(y, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                                       \
    X(z, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                                       \
    X(heading, double, CW_T_F64, CW_PER_ACTOR, 1, "rad")                                                               \
    X(pitch, float, CW_T_F32, CW_PER_ACTOR, 1, "rad") /* > 0 nose down, as cw_road_point */                            \
    X(roll, float, CW_T_F32, CW_PER_ACTOR, 1, "rad")                                                                   \
    X(speed, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s")         /* along the heading */                                  \
    X(lateral_speed, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s") /* left */                                               \
    X(accel, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s^2")       /* along the heading, as it came out */                  \
    X(yaw_rate, float, CW_T_F32, CW_PER_ACTOR, 1, "rad/s")                                                             \
    X(steer, float, CW_T_F32, CW_PER_ACTOR, 1, "rad")                                                                  \
    X(drive, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s^2")     /* what engine and brakes give now */                      \
    X(place_s, double, CW_T_F64, CW_PER_ACTOR, 1, "m")      /* road s of the lane place */                             \
    X(place_offset, double, CW_T_F64, CW_PER_ACTOR, 1, "m") /* left of the lane's centre in travel direction */        \
    X(place_lane, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")  /* CW_NONE: off the lanes */                               \
    X(place_on, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")      /* the point lies on that lane (else near it) */           \
    X(traveled, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                                \
    X(present, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")                                                                  \
    X(visible, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")                                                                  \
    X(mover, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")             /* cw_mover */                                         \
    X(lamps, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")             /* CW_LAMP_* */                                        \
    X(control_accel, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s^2") /* held until given again */                           \
    X(control_steer, float, CW_T_F32, CW_PER_ACTOR, 1, "rad")                                                          \
    X(fall, float, CW_T_F32, CW_PER_ACTOR, 1, "m/s")          /* downwards, of loose ones */                           \
    X(ground, double, CW_T_F64, CW_PER_ACTOR, 1, "m")         /* surface under a loose one */                          \
    X(sample, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")        /* recorded actors: the sample before now */             \
    X(trailer, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")       /* actor it pulls now, CW_NONE */                        \
    X(light, uint8_t, CW_T_U8, CW_PER_SIGNAL, 1, "")          /* cw_light now */                                       \
    X(light_since, int64_t, CW_T_I64, CW_PER_SIGNAL, 1, "ns") /* when it became so */                                  \
    X(light_text, uint32_t, CW_T_U32, CW_PER_SIGNAL, 1, "") /* its state as the file says it, cw_world.light_texts */  \
    X(light_action, uint32_t, CW_T_U32, CW_PER_SIGNAL, 1, "")    /* action that overrides the program, CW_NONE */      \
    X(program_start, int64_t, CW_T_I64, CW_PER_PROGRAM, 1, "ns") /* time at which its first phase (last) began */      \
    X(program_phase, uint32_t, CW_T_U32, CW_PER_PROGRAM, 1, "")  /* phase now, CW_NONE: not begun */                   \
    X(pair_a, uint32_t, CW_T_U32, CW_PER_PAIR, 1, "")                                                                  \
    X(pair_b, uint32_t, CW_T_U32, CW_PER_PAIR, 1, "") /* CW_NONE: a map object */                                      \
    X(pair_object, uint32_t, CW_T_U32, CW_PER_PAIR, 1, "")                                                             \
    X(contacts, cw_contact, CW_T_U64, CW_PER_CONTACT, sizeof(cw_contact) / 8, "")

// Background traffic (world/traffic.h). They stand before the contacts, which end the block.
enum { CW_AGENT_AHEAD = 8 };
#define CW_TRAFFIC_ROWS(X)                                                                                             \
    X(agent_at, double, CW_T_F64, CW_PER_AGENT, 1, "m") /* travel on its lane */                                       \
    X(agent_lane, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "")                                                             \
    X(agent_last, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "") /* lane before that, CW_NONE */                             \
    X(agent_from, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "") /* lane that it is leaving sideways, CW_NONE */             \
    X(agent_next, uint32_t, CW_T_U32, CW_PER_AGENT, CW_AGENT_AHEAD, "") /* lanes of its way, CW_NONE behind the end */ \
    X(agent_goal, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "")     /* destination, CW_NONE: wherever it comes to */        \
    X(agent_flow, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "")     /* that made it */                                      \
    X(agent_serial, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "")   /* how often it has appeared */                         \
    X(agent_grant, uint32_t, CW_T_U32, CW_PER_AGENT, 1, "")    /* last lane ahead that it may enter, CW_NONE */        \
    X(agent_since, int64_t, CW_T_I64, CW_PER_AGENT, 1, "ns")   /* when that was granted */                             \
    X(agent_waits, int64_t, CW_T_I64, CW_PER_AGENT, 1, "ns")   /* since when it stands for others, -1 */               \
    X(agent_changed, int64_t, CW_T_I64, CW_PER_AGENT, 1, "ns") /* last change of lane */                               \
    X(agent_until, int64_t, CW_T_I64, CW_PER_AGENT, 1, "ns")   /* end of what it does out of order */                  \
    X(agent_to_x, double, CW_T_F64, CW_PER_AGENT, 1, "m")      /* walkers that cross: where to */                      \
    X(agent_to_y, double, CW_T_F64, CW_PER_AGENT, 1, "m")                                                              \
    X(agent_offset, float, CW_T_F32, CW_PER_AGENT, 1, "m")                            /* left of the lane's centre */  \
    X(agent_slide, float, CW_T_F32, CW_PER_AGENT, 1, "m/s")                           /* rate of that */               \
    X(agent_aim, float, CW_T_F32, CW_PER_AGENT, 1, "m")                               /* offset that it wants */       \
    X(agent_accel, float, CW_T_F32, CW_PER_AGENT, 1, "m/s^2")                         /* decided at the last tick */   \
    X(agent_factor, float, CW_T_F32, CW_PER_AGENT, 1, "")                             /* who it is: of the limit */    \
    X(agent_gap, float, CW_T_F32, CW_PER_AGENT, 1, "s")                               /* time gap */                   \
    X(agent_spirit, float, CW_T_F32, CW_PER_AGENT, 1, "")                             /* of the acceleration */        \
    X(agent_act, uint8_t, CW_T_U8, CW_PER_AGENT, 1, "")                               /* CW_ACT_* */                   \
    X(agent_flags, uint8_t, CW_T_U8, CW_PER_AGENT, 1, "")                             /* CW_AGENT_* */                 \
    X(agent_past, cw_hdm_state, CW_T_F32, CW_PER_AGENT, sizeof(cw_hdm_state) / 4, "") /* what it saw before */         \
    X(flow_owed, double, CW_T_F64, CW_PER_FLOW, 1, "") /* users due, with the fraction */                              \
    X(flow_on, uint8_t, CW_T_U8, CW_PER_FLOW, 1, "")                                                                   \
    X(flow_made, uint32_t, CW_T_U32, CW_PER_FLOW, 1, "")                                                               \
    X(flow_lost, uint32_t, CW_T_U32, CW_PER_FLOW, 1, "") /* users due for whom there was no room */

#define CW_STATE_ROWS(X) CW_TRAFFIC_ROWS(X) CW_CORE_ROWS(X) CW_STORYBOARD_ROWS(X)

// One array for each row: world->s.x[actor]. They point into world->block.
typedef struct cw_state {
#define CW_FIELD(field, ctype, type, per, count, unit) ctype *field;
    CW_STATE_ROWS(CW_FIELD)
#undef CW_FIELD
} cw_state;

// How a body moves when it is under control.
typedef enum cw_body_model { CW_MODEL_VEHICLE, CW_MODEL_KINEMATIC, CW_MODEL_WALKER, CW_MODEL_FIXED } cw_body_model;

typedef enum cw_fault {
    CW_FAULT_NONE,
    CW_FAULT_NAN,       // a state is no number any more: item = actor
    CW_FAULT_FAR,       // left the space in which positions are exact (1e7 m): item = actor
    CW_FAULT_SPEED,     // faster than 1000 m/s: item = actor
    CW_FAULT_CONTROL,   // a control that is no number: item = actor
    CW_FAULT_CONTACTS,  // capacity for contacts exhausted
    CW_FAULT_STORYBOARD // capacity of the storyboard exhausted: item is its own
} cw_fault;

enum { CW_EVENTS_MOST = 64 };

struct cw_world {
    cw_world_def def;
    const cw_scene *scene;
    const cw_map *map;
    double dt;       // s
    cw_arena *arena; // owns all memory of the world; only creation allocates
    cw_state s;      // the state; arrays in block
    unsigned char *block;
    size_t block_size;
    size_t fixed_size; // bytes before the first row of contacts: saved and hashed whole
    // Fixed at creation:
    uint32_t signal_count; // items per signal
    uint32_t instance_count, watch_count, pair_most, contact_most;
    const uint32_t *instance_first;   // action_count + 1: action i has the instances [i], [i + 1)
    const uint32_t *instance_actor;   // actor of an instance (global actions: CW_NONE)
    const uint32_t *action_event;     // event of an action; CW_NONE: an init action
    const uint32_t *watch_first;      // condition_count + 1: condition i has the watches [i], [i + 1), one a triggering
                                      // entity in the order of cw_condition.triggers; exactly one where there is none
    const cw_vehicle_params *params;  // per actor
    const cw_rider_four *fours;       // the same of each four actors in a row, all of them there
    const uint8_t *model;             // per actor, cw_body_model
    const cw_loose_params *loose;     // per actor: as a loose body
    uint32_t recorded_end;            // actors with a recording come before it
    uint32_t loose_count, deck_count; // actors of the scene that are loose; with a loading platform
    double agent_radius;              // the largest of those of background traffic, m
    const float *radius;              // per actor: of the circle round the reference point that holds the box, m
    const char *const *signal_names;  // per signal item
    const char *const *light_texts;   // texts that light_text counts in; 0 is ""
    uint32_t light_text_count;
    const struct cw_light_table *lights; // private to light.c
    const struct cw_solid_grid *solids;  // solid map objects, private to solid.c
    uint32_t solid_count;
    struct cw_traffic_table *traffic; // network and scratch of background traffic, NULL: none
    const uint8_t *control;           // per actor: under control by the def's mask, from t = 0 on
    bool level;                       // no road of the map has a slope
    bool ego_waits;                   // drive_ego, and the scenario names the moment at which its controller takes over
    void *storyboard;                 // the storyboard's own fixed tables, from cw_storyboard_prepare
    struct cw_changes *changes;       // interventions, private to intervene.c; NULL: there never were any
    // Scratch of a step, never read by a later one:
    double *old_x, *old_y, *old_heading; // per actor, before this step's motion
    float *old_speed;
    uint8_t *old_present;
    struct cw_sweep *sweep;      // what each sweeps in the step
    uint8_t *alone;              // per actor: touches none of those that it stands at
    struct cw_broad *broad;      // finds pairs among many; NULL: few
    struct cw_near *near;        // their boxes in it, private to contact.c
    struct cw_meeting *meetings; // pairs that meet in the step, private to contact.c, meeting_most
    uint32_t meeting_most, meeting_count;
    cw_contact *found; // contacts of the step before they are sorted, contact_most
    uint32_t event_most, event_count;
    cw_said *events; // event_most, and one more for what is beyond
    char fault_text[96];
};

// ---- what the storyboard gives to the core
// ---------------------------------------------------------------------------

// Called once, before memory for the state exists: builds fixed tables in world->arena (paths, trajectories; whatever a
// step needs that would otherwise be allocated). world->scene, map, dt, instance and watch tables are ready.
bool cw_storyboard_prepare(cw_world *world, cw_error *err);
// Items of its own groups, per >= CW_PER_STORYBOARD. Called after prepare.
uint32_t cw_storyboard_items(const cw_world *world, uint32_t per);
// State is zero but for what the core has set (recorded actors placed; others not present; mover NOBODY; friction,
// lights). Applies the init actions: places actors, sets speeds. False with `err`: an actor cannot be placed.
bool cw_storyboard_start(cw_world *world, cw_error *err);
// Evaluates triggers, runs actions, moves the actors with mover CW_MOVED_BY_SCENARIO for dt: writes x, y, z, heading,
// pitch, roll, speed, accel, yaw_rate, place_* and traveled. World time is s.step * dt_ns at its start; the core has
// kept old_*. Motion actions on an actor with mover CW_MOVED_BY_CONTROL change nothing (a SpeedAction sets s.set_speed,
// AssignRoute and AcquirePosition change the mission). The stop trigger: s.ended[0] = CW_END_STOP_TRIGGER.
void cw_storyboard_step(cw_world *world, double dt);

// ---- what the core gives to the storyboard
// ---------------------------------------------------------------------------

// Puts an actor somewhere (present, mover by scenario unless it is under control already); finds its lane, z, pitch and
// roll. speed, accel are left as they are.
void cw_world_put(cw_world *world, uint32_t actor, double x, double y, double heading);
// As put, on a lane place, with the heading of travel (+ turned) - cheaper: nothing is searched.
void cw_world_put_on_lane(cw_world *world, uint32_t actor, cw_lane_place place, double turned);
// Finds the lane under the reference point (hint: the place before), and z, pitch, roll from it. Bicycles and walkers
// find their own lane kinds too.
void cw_world_find_place(cw_world *world, uint32_t actor);
cw_lane_place cw_world_place(const cw_world *world, uint32_t actor);
void cw_world_remove(cw_world *world, uint32_t actor); // not present any more
// A controller is activated for the actor: the ego of a world with drive_ego is handed over to its driver with speed,
// yaw rate and steering as they are now; true when the actor is under control afterwards. `off`: back to the scenario.
bool cw_world_activate(cw_world *world, uint32_t actor, bool off);
// Item of a signal by the file's id, CW_NONE: unknown.
uint32_t cw_world_signal(const cw_world *world, const char *id);
// TrafficSignalStateAction: from now on, until another one.
void cw_world_set_light(cw_world *world, uint32_t signal, uint32_t action);
// TrafficSignalControllerAction: the program goes on from the phase of that name.
void cw_world_set_phase(cw_world *world, uint32_t program, uint32_t phase);
const char *cw_world_light_text(const cw_world *world, uint32_t signal);
void cw_world_set_environment(cw_world *world, uint32_t action);   // EnvironmentAction
const cw_environment *cw_world_environment(const cw_world *world); // in force now
// A line for the log of this step, as cw_say; lines beyond the world's room for them are dropped.
void cw_world_say(cw_world *world, const char *english, const char *korean, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
cw_said *cw_world_line(cw_world *world);                                 // an empty one, to be said
void cw_world_set_fault(cw_world *world, cw_fault fault, uint32_t item); // the first one stays
// Do these two touch, or have they and not parted by 0.5 m yet (CollisionCondition)? b CW_NONE: anything.
bool cw_world_touching(const cw_world *world, uint32_t a, uint32_t b);
bool cw_world_touching_kind(const cw_world *world, uint32_t a, cw_actor_kind kind);

#endif
