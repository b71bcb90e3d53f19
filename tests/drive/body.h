// The ego's body in the tests of drivers and evaluator.
#ifndef TESTS_DRIVE_BODY_H
#define TESTS_DRIVE_BODY_H

#include "causeway/agent.h"

static inline cw_body test_body(void) {
    return (cw_body){.length = 4.5f,
                     .width = 1.8f,
                     .height = 1.5f,
                     .center_x = 1.4f,
                     .wheelbase = 2.7f,
                     .mass = 1500,
                     .max_steer = 0.6f,
                     .max_accel = 4,
                     .max_brake = 10,
                     .max_speed = 60};
}

#endif
