// The mutable world: who is where now, moved by physics, the storyboard and recordings, one fixed step at a time.
//
// A world belongs to one thread at a time; its scene is const and may be shared. A step allocates nothing.
#ifndef CAUSEWAY_WORLD_H
#define CAUSEWAY_WORLD_H

#include "causeway/base.h"
#include "causeway/road.h"

struct cw_scene; // causeway/scene.h

typedef struct cw_world cw_world;

typedef struct cw_world_def {
    uint32_t cookie;              // set by cw_world_defaults
    const struct cw_scene *scene; // outlives the world
    uint64_t seed;                // default 1
    uint32_t number;              // which world of a batch, for the random keys
    int64_t dt_ns;                // physics step, default 10 ms
    // Who drives the ego: true: a driver (cw_world_control), from the step the scenario activates its controller, or from
    // t = 0 where it names none; the ego's own storyboard motion is then dropped. false: the scenario moves it.
    bool drive_ego;
    // Who else is under control from t = 0 on: a byte for each actor of the scene, non-zero: under control; NULL: nobody
    // else. Read while the world is made. A recorded one starts as its recording does; one that is not there at t = 0 is
    // left to its recording or scenario.
    const uint8_t *control;
    // For learning: vehicles under control move by the kinematic single-track step, which is made for 0.1 s.
    bool kinematic;
    // Lanes under those who are under control are found at every step, default true. false: every tenth step where the map has
    // slopes and a lane is underneath, for height and tilt; elsewhere the lane place of whoever is under control is CW_NONE.
    bool find_places;
    // What a scenario or recording moves and a body under control or loose touches: true: is free from then on, moved only
    // by forces (default). false: goes on as it is told, whatever stands in its way. Trailers and who pulls them, trains,
    // obstacles that are not loose and occupancy sets always do.
    bool contact_frees;
    float restitution;      // of a first touch, 0 to 1, default 0.1
    float contact_friction; // between bodies, default 0.5
} cw_world_def;

cw_world_def cw_world_defaults(const struct cw_scene *scene);
// NULL with `err` when the scenario's start cannot be set up (a position off the map, an entity that is never placed).
cw_world *cw_world_new(const cw_world_def *def, cw_error *err);
void cw_world_free(cw_world *world); // NULL is fine

// How an actor is moved at this moment.
typedef enum cw_mover {
    CW_MOVED_BY_NOBODY,
    CW_MOVED_BY_SCENARIO,
    CW_MOVED_BY_RECORDING,
    CW_MOVED_BY_CONTROL,
    CW_MOVED_BY_TRAFFIC,
    CW_MOVED_BY_PHYSICS // by forces alone: loose cargo, whoever was hit
} cw_mover;

// What an actor is doing now. Map frame; the reference point is the actor's own (rear axle of a vehicle).
typedef struct cw_actor_state {
    bool present;               // exists and can be hit
    bool visible;               // to sensors (VisibilityAction)
    uint8_t mover;              // cw_mover
    uint8_t lamps;              // CW_LAMP_* of agent.h
    double x, y, z;             // m
    float heading, pitch, roll; // rad
    float speed;                // m/s along the heading, < 0 backwards
    float lateral_speed;        // m/s, left
    float accel;                // m/s^2 along the heading
    float yaw_rate;             // rad/s
    float steer;                // rad
    cw_lane_place place;        // lane under the reference point, CW_NONE off the lanes
    double traveled;            // m since the start
} cw_actor_state;

// The state's own arrays, to be read only: for those to whom copies cost too much. Valid as long as the world.
typedef struct cw_world_arrays { // (n_actors) each but `light` (map signals); units as cw_actor_state
    const double *x, *y, *heading;
    const float *speed, *lateral_speed, *accel, *yaw_rate, *steer;
    const uint8_t *present, *visible, *mover;
    const uint8_t *light; // cw_light of agent.h
} cw_world_arrays;

// What a body can do, with usual values of its size where the scenario states none.
typedef struct cw_actor_limits {
    float wheelbase;            // m
    float mass;                 // kg
    float max_steer;            // rad
    float max_accel, max_brake; // m/s^2, both > 0
    float max_speed;            // m/s
} cw_actor_limits;

const struct cw_scene *cw_world_scene(const cw_world *world);
uint32_t cw_world_number(const cw_world *world); // of its def, or as set since
// What is drawn at random from now on has this number in its key: another episode of the same world. It is no state: a
// snapshot does not hold it.
void cw_world_set_number(cw_world *world, uint32_t number);
// At the start of the world, as made or restored: background traffic is placed anew, as in a world made with the number.
void cw_world_redraw(cw_world *world);
void cw_world_limits(const cw_world *world, uint32_t actor, cw_actor_limits *out);
uint32_t cw_world_actor_count(const cw_world *world); // = the scene's
void cw_world_actor(const cw_world *world, uint32_t actor, cw_actor_state *out);
void cw_world_view(const cw_world *world, cw_world_arrays *out);
cw_box cw_world_box(const cw_world *world, uint32_t actor); // in the plane, where it is now

// What is asked of an actor: acceleration along its heading (m/s^2, < 0 brakes), road-wheel angle (rad), CW_LAMP_* of
// agent.h. Holds until it is given again. Only actors moved by control heed it. CW_LAMP_REVERSE puts a vehicle that stands
// or rolls backwards into reverse gear. What is not a number ends the run with a fault.
void cw_world_control(cw_world *world, uint32_t actor, float accel, float steer, uint8_t lamps);
// Takes an actor under control out of the run: `remove`: it is gone; else it stands where it is, a body to run into.
void cw_world_retire(cw_world *world, uint32_t actor, bool remove);
// From now on only forces move the actor: with the speeds that it has it slides on locked wheels. It does not come back
// to its script.
void cw_world_release(cw_world *world, uint32_t actor);
// Has the scenario (or the def) put the ego under a driver's control?
bool cw_world_ego_controlled(const cw_world *world);

typedef struct cw_contact {
    int64_t time_ns;        // exact time of first touch within the step
    uint32_t a, b;          // actors, a < b; b = CW_NONE: a solid map object
    uint32_t object;        // map object where b is CW_NONE
    float speed_a, speed_b; // at the touch, m/s
    float impact_speed;     // relative speed of the two, m/s
    double x, y;            // where they touch, m
} cw_contact;

typedef enum cw_world_end { CW_GOES_ON, CW_END_STOP_TRIGGER, CW_END_RECORDING, CW_END_FAULT } cw_world_end;

// One physics step. Order: storyboard, motion, contacts, signals. Contacts exchange momentum; afterwards no two bodies of
// which one yields overlap, but where there is no room for them.
void cw_world_step(cw_world *world);
int64_t cw_world_time(const cw_world *world); // ns
int64_t cw_world_steps(const cw_world *world);
cw_world_end cw_world_ended(const cw_world *world);
const char *cw_world_fault(const cw_world *world); // named fault ("nan in actor 3"), NULL: none
// Contacts since the start; each pair once until it has parted by 0.5 m. At most the capacity given to the world (1024).
uint32_t cw_world_contacts(const cw_world *world, const cw_contact **contacts);
uint8_t cw_world_light(const cw_world *world, uint32_t signal);       // cw_light of agent.h of a map signal now
float cw_world_friction(const cw_world *world, double x, double y);   // coefficient now
float cw_world_visibility(const cw_world *world);                     // m
int64_t cw_world_light_since(const cw_world *world, uint32_t signal); // ns: time at which the light became so
// Named things that the storyboard did in the last step, for the log: a line for each, valid until the next step.
uint32_t cw_world_events(const cw_world *world, const cw_said **lines);
// Is the ego's mission changed by the storyboard (an AssignRoute or AcquirePosition action)? The route's index in the
// scene, or CW_NONE; and a counter that rises with each change.
uint32_t cw_world_mission(const cw_world *world, uint32_t *route, const void **position);
// Speed that the scenario last asked of the ego (SpeedAction target), m/s; NAN: none.
float cw_world_set_speed(const cw_world *world);

// ---- solid map objects -----------------------------------------------------------------------------------------------

// A piece of a solid map object: what blocks a vehicle and sight. A rectangle is one piece, any other outline one thin
// piece for each edge, an object without extent a post.
typedef struct cw_solid {
    cw_box box;
    double low, high; // m, map frame
    uint32_t object;  // in the map
} cw_solid;

// Those whose bounding circle comes within `radius` m of the point, in ascending order of their number, at most `most`;
// returns how many. Fixed once the world is made.
uint32_t cw_world_solids(const cw_world *world, double x, double y, double radius, const cw_solid **out, uint32_t most);

// ---- interventions ---------------------------------------------------------------------------------------------------

// What a test of reasons changes in a world, one row a change (docs/WHY.md). The scene and every random draw stay as they
// are: what another actor draws is keyed by who it is and when.
typedef enum cw_intervention_kind {
    CW_ACTOR_ABSENT,  // gone, and its trailers with it; it does not come back, and nobody takes its place in a pool
    CW_ACTOR_ASIDE,   // dx, dy m beside where it goes: seen there and touched by nobody, while it hides what it hid
    CW_ACTOR_CLEAR,   // seen through, still solid
    CW_SIGNAL_ABSENT, // item: map signal. Light, sign or line: in nobody's view, and a light holds nobody of the traffic
    CW_SIGNAL_GREEN,
    CW_ALL_CLEAR,      // all actors, solid map objects and the air are seen through
    CW_LIMITS_ABSENT,  // drivers' map states no speed limit
    CW_LIMITS_DEFAULT, // ... but what is usual on a road of its kind
    CW_BENDS_LIFTED,   // drivers' map says that bends ask for no speed (CW_TOLD_NO_BENDS)
    CW_DRY_SURFACE,    // the scene's dry friction everywhere
    CW_INTERVENTIONS
} cw_intervention_kind;

typedef struct cw_intervention {
    uint32_t kind; // cw_intervention_kind
    uint32_t item; // actor or map signal; else 0
    double dx, dy; // m, of CW_ACTOR_ASIDE
} cw_intervention;

const char *cw_intervention_name(cw_intervention_kind kind); // stable: "actor_absent"
// From now on the world is as the rows say, in place of all rows before; count 0: as it is. The table is no state: it is
// in no snapshot, and a snapshot is taken and restored while it has no rows. False: out of memory (first call alone).
bool cw_world_intervene(cw_world *world, const cw_intervention *rows, uint32_t count);
bool cw_world_is_absent(const cw_world *world, uint32_t actor);
bool cw_world_is_clear(const cw_world *world, uint32_t actor); // actor CW_NONE: solid map objects
bool cw_world_is_aside(const cw_world *world, uint32_t actor);
bool cw_world_signal_is_absent(const cw_world *world, uint32_t signal);
// The box that blocks sight: where the actor goes, though it be moved aside.
cw_box cw_world_sight_box(const cw_world *world, uint32_t actor);
// The map as drivers are given it: the scene's, or one of the same lanes with other limits.
const cw_map *cw_world_told_map(const cw_world *world);

// The limit that is usual on the lane's kind of road, m/s; 0: none is.
float cw_world_usual_limit(const cw_map *map, uint32_t lane, double s);

// All state of one actor, to force it on to a path. These three only after a first cw_world_intervene.
size_t cw_world_actor_size(const cw_world *world); // bytes
void cw_world_actor_save(const cw_world *world, uint32_t actor, void *bytes);
void cw_world_actor_restore(cw_world *world, uint32_t actor, const void *bytes);
// Everything but the actor's own state and the interventions from a snapshot: the others keep to their paths.
void cw_world_hold_others(cw_world *world, const void *snapshot, uint32_t actor);

// ---- state -----------------------------------------------------------------------------------------------------------

// Mutable state is declared once, in this table; layout, save, restore, hash and trace columns derive from it.
typedef struct cw_state_row {
    const char *name;
    uint8_t type;   // cw_type of record.h
    uint32_t count; // values per item
    uint32_t per;   // items: 0 one, 1 actor, 2 signal, 3 event, 4 condition, 5 act, 6 variable, ... (world/state.h)
    const char *unit;
} cw_state_row;

const cw_state_row *cw_world_state_table(uint32_t *count);
uint64_t cw_world_state_table_hash(void);
uint64_t cw_world_hash(const cw_world *world);     // of the state now
size_t cw_world_state_size(const cw_world *world); // bytes of a snapshot
void cw_world_save(const cw_world *world, void *bytes);
void cw_world_restore(cw_world *world, const void *bytes); // a snapshot of the same scene and def

#endif
