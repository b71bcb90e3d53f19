// What the files of the core share.
#ifndef CW_WORLD_CORE_H
#define CW_WORLD_CORE_H

#include "world/state.h"

// Every so many steps the lane of a recorded actor is found again, and of any where nobody asks for lanes.
enum { CW_PLACE_EVERY = 10 };

// world.c
void cw_fault_describe(cw_world *world); // the fault's text, a cache of the state

// recording.c
void cw_recording_start(cw_world *world);
void cw_recording_step(cw_world *world, int64_t time_ns); // recorded actors to where they are at that time

// body.c
bool cw_bodies_make(cw_world *world);
void cw_bodies_step(cw_world *world); // actors under control, by one step
cw_box cw_body_box(const cw_world *world, uint32_t actor, double x, double y, double heading);
float cw_body_mass(const cw_world *world, uint32_t actor); // kg
// Does the actor have a recording that moves it?
bool cw_recorded(const cw_world *world, uint32_t actor);

// contact.c
bool cw_contacts_make(cw_world *world);
void cw_contacts_step(cw_world *world); // from old_* to now; the step that ends at s.step * dt_ns

// impact.c: what a touch does to those under control. A first touch exchanges momentum along the contact normal without
// rebound; while they stay together, what stands or pushes keeps stopping those under control.
typedef struct cw_touch {
    uint32_t a, b;       // b CW_NONE: solid
    cw_box box_a, box_b; // at the touch
    bool first;
} cw_touch;
void cw_impact(cw_world *world, const cw_touch *touch);

// solid.c
bool cw_solids_make(cw_world *world);

// light.c
bool cw_lights_make(cw_world *world);
void cw_lights_start(cw_world *world);
void cw_lights_step(cw_world *world); // to the time of s.step

// traffic.c: background traffic
bool cw_traffic_make(cw_world *world);
void cw_traffic_start(cw_world *world);
// traffic_apart.c: do these two surely not touch, by their places on the lanes? False: not known.
bool cw_agents_apart(const cw_world *world, uint32_t a, uint32_t b);
void cw_traffic_step(cw_world *world); // decides every 0.1 s, moves every step

#endif
