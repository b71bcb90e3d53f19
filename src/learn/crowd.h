// Everyone of a batch driven by one policy: observations encoded, actions drawn, what happens told to whoever learns.
#ifndef CW_LEARN_CROWD_H
#define CW_LEARN_CROWD_H

#include "causeway/batch.h"
#include "causeway/learn.h"
#include "drive/reflex_net.h"
#include "learn/course.h"

typedef struct cw_member { // an agent in its episode
    cw_character character;
    float max_accel, max_brake, max_steer;
    float wanted[2]; // action before
    double returned;
    const cw_way_point *way;
    const cw_way_meeting *meetings;
    uint32_t way_count, meeting_count, foot; // foot: the sample of the way where it is
    bool red, hit;                           // has run a light; its end came from behind, by someone faster
    bool value_only;                         // it was cut off, and only its value is asked for
    uint32_t sample;                         // the last one of it, CW_NONE
} cw_member;

typedef struct cw_bystander {                   // anyone of a world, as the others see it
    double x, y, heading;                       // of its box
    float speed, yaw_rate, length, width, kind; // kind as the vector observation's
    bool present;
    cw_lane_place place; // under its centre
    float travel;        // m along its lane
} cw_bystander;

typedef struct cw_crowd {
    cw_batch *batch;
    uint32_t agents, worlds, floats;
    float *actions, *observations, *rewards;
    uint8_t *terminations, *truncations;
    cw_batch_info *infos;
    float *route_before; // m along the route, before the step
    cw_member *members;
    cw_reflex_view *views; // of who decides, as encoded last
    cw_arena *ways;
    cw_bystander *bystanders;  // of every world's actors
    uint32_t *bystander_first; // per world
    uint32_t *list;            // who decides in this step
    uint64_t seed, step;
    bool usual;               // characters: all the usual one, not drawn
    uint32_t *failed, *ended; // per world, agents since it was made
} cw_crowd;

cw_status cw_crowd_new(cw_course *course, const cw_pick *picks, uint32_t worlds, uint64_t seed, int threads, bool usual,
                       cw_crowd **crowd, cw_error *err);
void cw_crowd_free(cw_crowd *crowd); // NULL is fine
// Lists who takes the next action into crowd->list; returns how many.
uint32_t cw_crowd_active(cw_crowd *crowd);
// A sample of the agent as it is now (CW_REFLEX_FLOATS); other agents may be encoded meanwhile.
void cw_crowd_encode(cw_crowd *crowd, uint32_t agent, float *sample);
// Sets the agent's control by an action, where it was encoded.
void cw_crowd_act(cw_crowd *crowd, uint32_t agent, const float *action);
// One step of all.
void cw_crowd_step(cw_crowd *crowd);
// What the agent's last step was worth. sample: as it was before the step; action: what it was asked to do.
float cw_crowd_reward(cw_crowd *crowd, const cw_rewards *rewards, uint32_t agent, const float *sample,
                      const float *action);
// Once for each agent that has just ended: counts it.
void cw_crowd_tally(cw_crowd *crowd, uint32_t agent, cw_tally *tally);

#endif
