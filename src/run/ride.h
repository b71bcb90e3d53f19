// The closed loop of one ego: a world, what the ego perceives of it, its driver and its evaluator, and the traffic that a
// driver drives. An episode lets it run and writes it down; a fork lets it run again from the middle.
#ifndef CW_RUN_RIDE_H
#define CW_RUN_RIDE_H

#include "causeway/assumptions.h"
#include "causeway/evaluator.h"
#include "causeway/run.h"
#include "causeway/sense.h"
#include "causeway/world.h"
#include "run/others.h"

typedef struct cw_ride {
    const cw_episode_def *def;
    const cw_scene *scene;
    cw_arena *arena;
    cw_world *world;
    cw_sensor_def sensor;
    cw_assumptions a1;
    // the driver's side: all of it is flat bytes and part of a keyframe
    void *driver_state, *driver_again; // again: room to see whether its own restore is to be believed
    size_t driver_size;
    cw_tracker *tracker;
    cw_evaluator *evaluator;
    cw_others *others; // NULL: nobody else is driven
    cw_mission mission;
    uint32_t mission_version, mission_seen;
    bool mission_made, driver_open;
    struct {
        cw_lane_place place; // where the last turn was found to be missed
        uint32_t count;
    } missed;
    const cw_mission *instead; // asked of the driver in place of the mission; NULL: the mission itself
    bool unasked;              // nobody reads the reasons of the next decision
    // per tick
    cw_detection *detections;
    cw_track *tracks;
    cw_signal_view *signals;
    cw_wall *walls;
    // a driver's answers of an earlier run
    uint32_t recorded;
    size_t recorded_next;
    // what a keyframe packs
    size_t keyframe_size;
} cw_ride;

// One decision: what was seen, what was proposed and what came of it.
typedef struct cw_ride_tick {
    bool looks, driven; // `obs` holds; the driver has the ego, and what follows holds too
    cw_obs obs;
    cw_decision proposal, decision;
    cw_verification why; // where there is an evaluator
    double seconds;      // wall clock that driver and evaluator took
    const char *trouble; // of the driver; NULL: none
} cw_ride_tick;

// A world and all who drive in it, at the start. All memory is in `arena`. Closes what it opened when it fails.
cw_status cw_ride_open(cw_ride *ride, const cw_episode_def *def, cw_arena *arena, cw_error *err);
void cw_ride_close(cw_ride *ride);
// Makes the mission where none is made yet, or the storyboard has assigned another since.
void cw_ride_refresh_mission(cw_ride *ride);
// Decides and hands the controls to the world: tick `number`, at the world's present time.
void cw_ride_decide(cw_ride *ride, int64_t number, cw_ride_tick *tick);
// All states as a keyframe of ride->keyframe_size bytes, taken after the decision at that physics step.
void cw_ride_save(const cw_ride *ride, int64_t step, unsigned char *bytes);
// Takes all states from a keyframe; *step: the one that it was taken at.
cw_status cw_ride_restore(cw_ride *ride, const void *bytes, size_t size, int64_t *step, cw_error *err);

#endif
