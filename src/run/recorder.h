// How a run's trace is filled.
#ifndef CW_RUN_RECORDER_H
#define CW_RUN_RECORDER_H

#include "agent/columns.h"
#include "agent/speech.h"
#include "causeway/evaluator.h"
#include "causeway/run.h"

struct cw_world;

typedef struct cw_recorder {
    cw_trace *trace;
    const cw_scene *scene;
    uint32_t actors, decision, plan, step, contact, signals, state, words, events;
    uint32_t contacts_seen;
    uint8_t *lights; // last written light of each signal
    cw_speech speech;
    cw_actor_row *rows; // room for one of each actor
} cw_recorder;

// Declares the channels, attaches the input files and the actors' description. `arena` holds the buffers. False when out
// of memory.
bool cw_recorder_start(cw_recorder *recorder, cw_trace *trace, const cw_scene *scene, cw_arena *arena);
bool cw_recorder_step(cw_recorder *recorder, const struct cw_world *world); // after each physics step
// At a decision: where all actors are, which of them the ego's tracks hold, what was decided.
bool cw_recorder_decision(cw_recorder *recorder, const struct cw_world *world, const cw_obs *obs,
                          const cw_decision *decision, const cw_verification *why);
bool cw_recorder_event(cw_recorder *recorder, int64_t time_ns, const char *text); // told like the storyboard's
bool cw_recorder_keyframe(cw_recorder *recorder, int64_t time_ns, const void *bytes, size_t size);

#endif
