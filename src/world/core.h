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
cw_box cw_body_box_along(const cw_world *world, uint32_t actor, double x, double y, double sine, double cosine);
float cw_body_mass(const cw_world *world, uint32_t actor); // kg
// Does the actor have a recording that moves it?
bool cw_recorded(const cw_world *world, uint32_t actor);

// contact.c
bool cw_contacts_make(cw_world *world);
void cw_contacts_step(cw_world *world); // from old_* to now; the step that ends at s.step * dt_ns

// loose.c: bodies that only forces move
void cw_loose_make(const cw_world *world, uint32_t actor, cw_loose_params *out);
void cw_loose_start(cw_world *world, uint32_t actor); // a loose actor of the scene that has just been put
void cw_loose_step_all(cw_world *world);
bool cw_loose_rests_on(const cw_world *world, uint32_t cargo, uint32_t carrier); // on or above its platform

// surface.c
float cw_body_friction(const cw_world *world, uint32_t actor); // under the actor; faster than cw_world_friction

// impact.c: impulses between bodies, and pushing them apart. Boxes are where they touch.
typedef struct cw_touch {
    uint32_t a, b; // b CW_NONE: solid
    cw_box box_a, box_b;
    cw_vec2 at;         // where they touch
    double restitution; // 0 to 1
    double slow;        // the same of closing speeds of a few cm/s
} cw_touch;
// Does physics move the actor now?
static inline bool cw_yields(const cw_world *world, uint32_t actor) {
    uint8_t mover = world->s.mover[actor];
    return mover == CW_MOVED_BY_PHYSICS || (mover == CW_MOVED_BY_CONTROL && world->model[actor] != CW_MODEL_FIXED);
}
// Changes the speeds of those that yield. False when they part already.
bool cw_impact(cw_world *world, const cw_touch *touch);
// Moves the boxes of two that touch or overlap apart along the shortest way: those that yield, the lighter one further;
// or by shares that sum to 1.
void cw_push_apart(const cw_world *world, uint32_t a, uint32_t b, cw_box *box_a, cw_box *box_b);
void cw_push_by(cw_box *box_a, cw_box *box_b, double share_a, double share_b);
// An actor that has moved for `time` from the box with the speeds that it has now.
void cw_body_go_on(cw_world *world, uint32_t actor, const cw_box *from, double time);

// intervene.c: what the table changes within a step
void cw_changes_lift(cw_world *world);            // before motion: those aside are where they go
void cw_changes_lay(cw_world *world);             // after the step
void cw_changes_hide(cw_world *world, bool hide); // round the contacts: those aside are touched by nobody
bool cw_changes_dry(const cw_world *world);

// solid.c
bool cw_solids_make(cw_world *world);

// light.c
bool cw_lights_make(cw_world *world);
void cw_lights_start(cw_world *world);
void cw_lights_step(cw_world *world); // to the time of s.step

// traffic.c: background traffic
bool cw_traffic_make(cw_world *world);
void cw_traffic_start(cw_world *world);
// traffic_apart.c: which actors surely touch no other of these, by their places on the lanes (1, else 0); and do these two
// surely not touch? False: not known.
void cw_agents_alone(const cw_world *world, uint8_t *alone);
bool cw_agents_apart(const cw_world *world, uint32_t a, uint32_t b);
void cw_traffic_step(cw_world *world); // decides every 0.1 s, moves every step

#endif
