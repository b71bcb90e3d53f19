// A trace turned into what drawings ask for: who was where at a time, what was decided then and why. Columns are looked
// up by name; one that a trace does not have reads as its default, so that older and other traces degrade cleanly.
#ifndef CW_SHOW_REPLAY_H
#define CW_SHOW_REPLAY_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/record.h"
#include "causeway/road.h"
#include "causeway/scene.h"
#include "json.h"

typedef struct replay_actor { // what does not change
    const char *name;
    uint8_t kind;                // cw_user_kind
    float length, width, height; // m
    float center_x, center_y;    // m, box centre from the reference point
} replay_actor;

typedef struct replay_state {
    bool present, seen; // seen: the ego's perception has it
    uint8_t lamps;      // CW_LAMP_*
    double x, y;        // m, reference point
    double traveled;    // m
    float z, heading, pitch, roll, speed, lateral_speed, accel, yaw_rate, steer;
} replay_state;

typedef struct replay_cause {
    uint8_t kind, relation, quantity;
    uint32_t actor; // CW_NONE: not a road user
    uint32_t item;  // signal, object or lane of the map; CW_NONE
    float value;
} replay_cause;

typedef struct replay_decision {
    int64_t time_ns;
    uint8_t source, longitudinal, lateral, reason_kind, cause_count, refused, clause;
    uint32_t clause_actor; // whom the clause is about, CW_NONE
    replay_cause cause[CW_CAUSES];
    float reason_accel, reason_speed, accel, steer, margin; // NAN: unknown
} replay_decision;

typedef struct replay_plan { // vehicle frame at its time
    int64_t time_ns;
    float x[CW_TRAJECTORY_POINTS], y[CW_TRAJECTORY_POINTS], speed[CW_TRAJECTORY_POINTS];
    float failsafe_x[CW_TRAJECTORY_POINTS], failsafe_y[CW_TRAJECTORY_POINTS];
    uint8_t failsafe_count;
    float tube; // m by which the verified tube is wider than the body on each side; 0 unknown
} replay_plan;

// What tests of reasons (why.json) say of the causes that were named.
typedef enum replay_tested { REPLAY_UNTESTED, REPLAY_TRUE, REPLAY_REFUTED } replay_tested;

typedef struct replay_words {
    int64_t time_ns;
    const char *text[CW_LANGUAGES]; // never NULL
    bool change;
    uint8_t tested; // replay_tested
} replay_words;

typedef struct replay_event {
    int64_t time_ns;
    const char *text[CW_LANGUAGES]; // never NULL
    bool breach;                    // of A1 by another
    uint32_t actor;                 // by whom, CW_NONE
} replay_event;

typedef struct replay_contact {
    int64_t time_ns;
    uint32_t a, b, object; // b CW_NONE: a map object
    float speed_a, speed_b, impact;
    double x, y;
} replay_contact;

typedef struct replay_light {
    int64_t time_ns;
    uint32_t signal;
    uint8_t light; // cw_light
} replay_light;

typedef struct replay {
    const cw_trace *trace;
    cw_arena *arena;
    uint32_t actor_count, ego; // ego CW_NONE: nobody
    replay_actor *actors;
    size_t ticks;
    int64_t *times;       // [ticks] ns
    replay_state *states; // (ticks x actor_count)
    size_t decision_count, plan_count, words_count, event_count, contact_count, light_count;
    replay_decision *decisions;
    replay_plan *plans;
    replay_words *words;
    replay_event *events;
    replay_contact *contacts;
    replay_light *lights;
    const json *verdict; // verdict.json, NULL: none
    const json *why;     // why.json: tests of reasons, NULL: none
    const char *name;    // of the scenario
    double duration;     // s
} replay;

// `scene` may be NULL. The trace must outlive the replay.
cw_status replay_open(const cw_trace *trace, const cw_scene *scene, replay *out, cw_error *err);
void replay_close(replay *of);

// States of an actor at tick.
const replay_state *replay_at(const replay *of, size_t tick, uint32_t actor);
// The last tick at or before the time; 0 when there is none before.
size_t replay_tick(const replay *of, int64_t time_ns);
// Between two ticks: places and angles linearly. False when it is not there.
bool replay_between(const replay *of, double time, uint32_t actor, replay_state *out);
// The last of each kind at or before the time; NULL: none yet.
const replay_decision *replay_decision_at(const replay *of, int64_t time_ns);
const replay_plan *replay_plan_at(const replay *of, int64_t time_ns);
const replay_words *replay_words_at(const replay *of, int64_t time_ns);
uint8_t replay_light_at(const replay *of, uint32_t signal, int64_t time_ns); // CW_LIGHT_UNKNOWN: never told
// The box centre of an actor in this state.
cw_vec2 replay_center(const replay_actor *actor, const replay_state *state);

#endif
