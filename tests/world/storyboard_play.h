// Plays small scenarios that are written in the test itself: text to a scene, a scene to a world, and what became of it.
#ifndef STORYBOARD_PLAY_H
#define STORYBOARD_PLAY_H

#include "causeway/scene.h"
#include "causeway/world.h"

// A line of text that lives until the next play_begin.
const char *say(const char *format, ...) __attribute__((format(printf, 1, 2)));

typedef enum play_map {
    PLAY_STRAIGHT,      // road 0: 4 km along +x, lanes 3..1 and -1..-3, 3.5 m each, right-hand traffic
    PLAY_STRAIGHT_LEFT, // the same, left-hand traffic
    PLAY_CURVE,         // road 0: 100 m straight, then a left bend of 100 m radius, two lanes each way
    PLAY_CHAIN,         // roads 0, 1, 2 one after the other, 100 m each; road 1 runs backwards
    PLAY_SPLIT,         // road 0: 300 m, lanes -1 and -2; only -2 goes on, as lane -1 of road 1, 200 m
    PLAY_CROSSING       // roads 0 (from the west), 1 (to the east), 2 (to the north) and the junction between
} play_map;

typedef struct play {
    cw_scene *scene;
    cw_world *world;
} play;

// Cars A (the ego), B and C (4 m long, 2 m wide, centre 1 m ahead of the reference point), pedestrian P (0.5 x 0.5).
// init: private elements; story: acts; NULL: none. stop: conditions of one group, NULL: none. extra: declarations, or
// traffic signals.
void play_begin(play *p, play_map map, const char *init, const char *story, const char *stop, const char *extra);
// The error that it ends with instead; "" when there was none.
const char *play_fails(play_map map, const char *init, const char *story);
void play_again(play *p, bool drive_ego); // the same scene from its start
void play_end(play *p);
void play_step(play *p, int steps);
void play_until(play *p, double time); // as many steps as come to that time
cw_actor_state play_actor(const play *p, const char *name);
bool play_said(const play *p, const char *text); // in the events of the last step, in any language
// Steps until the text is said; the time at the beginning of that step, or -1 when it is not within `most` seconds.
double play_when(play *p, const char *text, double most);

// assert_float_equal counts in floats: too coarse for places.
#define assert_near(a, b, tolerance)                                                                                   \
    do {                                                                                                               \
        double near_a = (double)(a), near_b = (double)(b);                                                             \
        if (!(near_a - near_b <= (tolerance) && near_b - near_a <= (tolerance)))                                       \
            fail_msg("%.12g is not %.12g within %g", near_a, near_b, (double)(tolerance));                             \
    } while (0)

// ---- words of a scenario ---------------------------------------------------------------------------------------------

const char *on_lane(int lane, double s, double offset);                       // a position on road 0
const char *place(const char *actor, const char *position, const char *more); // <Private> with a teleport
const char *speed_to(const char *shape, const char *dimension, double value, double target); // private actions
const char *change_lane(const char *shape, const char *dimension, double value, const char *target);
const char *action(const char *name, const char *private_action);
const char *condition(const char *edge, double delay, const char *by);
const char *after(double seconds); // condition: time at least that
const char *when_state(const char *type, const char *name, const char *state, const char *edge, double delay);
const char *by_entity(const char *actor, const char *entity_condition); // condition without edge
const char *trigger(const char *conditions);                            // start trigger of one group
const char *event(const char *name, const char *priority, int most, const char *actions, const char *start_trigger);
const char *maneuver(const char *name, const char *events);
const char *group(const char *name, const char *actors, int most, const char *maneuvers);
const char *act(const char *name, const char *groups, const char *triggers);
// One act with one group for `actor` and one maneuver with these events.
const char *simple(const char *actor, const char *events);

#endif
