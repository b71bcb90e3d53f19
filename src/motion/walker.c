// A walker: someone on foot, or an animal. Turns at once; the speed follows with bounded acceleration.
#include "motion/motion.h"

void cw_walker_step(cw_walker_state *state, float speed, double heading, float accel, float dt) {
    double v = (double)state->speed, most = (double)accel * (double)dt;
    double next = v + cw_clamp((double)speed - v, -most, most);
    double way = 0.5 * (v + next) * (double)dt;
    double sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    state->heading = heading;
    state->x += way * cosine;
    state->y += way * sine;
    state->speed = (float)next;
}
