// What the attackers of the evaluator share: a proposal that holds pedal and wheel, and the classical driver's, which some
// of them spoil, because a bad proposal is most dangerous where a good driver has led.
#ifndef CW_DRIVE_ATTACK_H
#define CW_DRIVE_ATTACK_H

#include "causeway/agent.h"

// Answers this observation: `accel` (m/s^2) and `steer` (rad) now and for the whole trajectory, as far as speeds from 0 to
// the body's most allow. A proposal that fits what it commands.
void cw_attack_hold(const cw_obs *obs, const cw_body *body, double accel, double steer, cw_decision *out);

// The steering angle at which the body turns with `lateral` m/s^2 (> 0: left) at the speed it has, rad; at most full lock.
double cw_attack_steer(const cw_obs *obs, const cw_body *body, double lateral);

// Room for an attacker's own state, so that what follows it in memory is aligned, bytes.
size_t cw_attack_room(size_t own);

// The classical driver behind an attacker's `own` bytes of state: the size of both; a start of both, the own bytes cleared;
// what the classical driver would do. An attacker without options refuses those that it is given.
size_t cw_attack_size(size_t own, const cw_driver_def *def);
cw_status cw_attack_reset(void *memory, size_t own, const cw_driver_def *def, const char *name, cw_error *err);
void cw_attack_victim(void *memory, size_t own, const cw_obs *obs, cw_decision *out);

#endif
