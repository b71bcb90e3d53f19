// What happened, read back from a trace: who was where at each decision tick, where the ego stood on the road, and who
// drove ahead of it in its lane. Everything in the judge works on this and on the scene; columns that a trace does not
// have read as NAN.
#ifndef CW_JUDGE_HISTORY_H
#define CW_JUDGE_HISTORY_H

#include "causeway/agent.h"
#include "causeway/record.h"
#include "causeway/scene.h"

typedef struct cw_moment { // one actor at one tick
    uint32_t actor;
    uint8_t mover; // cw_mover of world.h
    uint8_t seen;
    bool placed;           // `place` has been looked up
    bool on_lane;          // the box centre lies on a lane
    double x, y, z;        // reference point, m
    double heading;        // rad
    double speed, lateral; // m/s, left
    double accel;          // m/s^2
    double yaw_rate;       // rad/s
    cw_box box;
    cw_lane_place place; // of the box centre
} cw_moment;

typedef struct cw_ego_tick { // the ego on the road at one tick
    bool on_lane;            // box centre on a drivable lane
    bool inside_lane;        // all corners within the borders of that lane
    bool wrong_way;          // on a lane whose traffic runs the other way
    bool junction;
    double outside;               // m by which the worst corner lies beyond the drivable surface
    double over_left, over_right; // m by which a corner lies beyond the lane's left and right border, < 0 within
    double turn;                  // heading relative to the lane's travel direction, rad
    double travel;                // on the lane, m
    double limit;                 // m/s; 0 unknown
    uint32_t lead;                // actor ahead in the lane within 150 m, CW_NONE
    double gap;                   // bumper to bumper along the lane, m; INFINITY
} cw_ego_tick;

typedef struct cw_decided { // what was decided at a tick
    bool present;
    uint8_t source, state, refused, clause;
    double accel; // m/s^2 commanded
} cw_decided;

typedef struct cw_touch_row { // a row of the contact channel that concerns the ego
    int64_t time_ns;
    uint32_t other, object;                // actor or CW_NONE; map object or CW_NONE
    double ego_speed, other_speed, impact; // m/s
    double x, y;                           // m
} cw_touch_row;

typedef struct cw_light_row {
    int64_t time_ns;
    uint32_t signal;
    uint8_t light;
} cw_light_row;

typedef struct cw_history {
    const cw_scene *scene;
    const cw_map *map;
    cw_arena *arena;
    uint32_t ticks, actors, ego;
    int64_t *time;  // (ticks) ns
    uint32_t *rows; // (ticks x actors) index into moments, CW_NONE: absent
    cw_moment *moments;
    cw_ego_tick *ego_ticks; // (ticks)
    cw_decided *decided;    // (ticks)
    bool has_decisions, has_contacts, has_accel, has_mover;
    uint32_t touch_count;
    cw_touch_row *touches;
    uint32_t light_count;
    cw_light_row *lights;
} cw_history;

// Reads a trace. Everything is allocated in `arena`. CW_ERR_INPUT when the trace has no actors' channel or speaks of actors
// that the scene does not have.
cw_status cw_history_read(const cw_scene *scene, const cw_trace *trace, const cw_mission *mission, cw_arena *arena,
                          cw_history *history, cw_error *err);

// Fills ego_ticks and the others' places near the ego; part of cw_history_read. False when out of memory.
bool cw_history_ego_ticks(cw_history *history, const cw_mission *mission);

// The actor at a tick; NULL: absent.
cw_moment *cw_history_moment(const cw_history *history, uint32_t tick, uint32_t actor);
static inline cw_moment *cw_history_ego(const cw_history *history, uint32_t tick) {
    return cw_history_moment(history, tick, history->ego);
}
// The last tick at or before the time; 0 when there is none.
uint32_t cw_history_tick(const cw_history *history, int64_t time_ns);
double cw_history_seconds(const cw_history *history, uint32_t tick);
// The lane under an actor, looked up once. False: on none.
bool cw_history_place(const cw_history *history, uint32_t tick, cw_moment *moment);
// The drivable lanes ahead of the ego's lane at a tick, itself first; `start`: m from the start of the ego's lane to that
// of each. At most `most`.
uint32_t cw_history_chain(const cw_history *history, uint32_t tick, const cw_mission *mission, uint32_t *lanes,
                          double *start, uint32_t most);
// Is the actor in one of those lanes: its centre, or more than 0.3 m of it over the border from a lane beside? `along`: its
// centre along the chain, m; `over`: m of it within the lane, measured from the border it came across.
bool cw_history_in_chain(const cw_history *history, uint32_t tick, cw_moment *moment, const uint32_t *lanes,
                         const double *start, uint32_t count, double *along, double *over);
// Half the extent of a box along a direction (ux, uy).
double cw_box_reach(const cw_box *box, double ux, double uy);
// By how much the point lies off the drivable surface, m; 0 on it; at most 5.
double cw_history_off_surface(const cw_history *history, double x, double y, double z, cw_lane_place hint);
uint8_t cw_history_light(const cw_history *history, uint32_t signal, int64_t time_ns, int64_t *since_ns); // cw_light

#endif
