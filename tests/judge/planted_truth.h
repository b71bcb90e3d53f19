// A road with road users on it, written as files in memory, seen from wherever one likes; and drivers whose true cause is
// known because we built it in.
#ifndef CW_TESTS_PLANTED_TRUTH_H
#define CW_TESTS_PLANTED_TRUTH_H

#include "causeway/format.h"
#include "causeway/run.h"
#include "causeway/why.h"
#include "causeway/world.h"

typedef enum truth_kind { TRUTH_CAR, TRUTH_BUS, TRUTH_WALKER } truth_kind;

typedef struct truth_user {
    const char *name; // NULL ends the list
    truth_kind kind;
    int lane;         // -1 .. -3 from the middle, as right-hand traffic has it
    double s, offset; // m along, m to the left
    double speed;     // m/s
} truth_user;

enum { TRUTH_USERS = 10 };
typedef struct truth_road {
    truth_user users[TRUTH_USERS]; // beside the ego, which is at s = 50 in lane -2
    double ego_speed;              // m/s
    double light_s;                // > 0: a red light stands there
    double house_s;                // > 0: a house 30 m long begins there, 12 m right of the middle
    // the same seen from elsewhere
    double east, north, turn;
    bool mirror, reversed; // reversed: the file lists the users the other way round
} truth_road;

cw_scene *truth_scene(const truth_road *road);

// What the driver does: it keeps its speed and lane, and brakes at 2.5 m/s^2 while its condition holds.
typedef enum truth_condition {
    TRUTH_NEVER,
    TRUTH_ANY,   // one of `heeds` is within `near` m ahead, seen or remembered
    TRUTH_ALL,   // all of them are
    TRUTH_LIGHT, // a red light is within `near` m
    TRUTH_UNLESS // the first is, and the second is not seen at all
} truth_condition;

typedef struct truth_driver {
    truth_condition condition;
    const char *heeds[4], *says[4]; // names
    double near;
    bool forgets; // takes no state back: it is driven from the start for each run
    bool wavers;  // drives a little otherwise each time that it is started
} truth_driver;

// The driver of that truth in that scene; one at a time.
const cw_driver *truth_drives(const truth_driver *truth, const cw_scene *scene);

#endif
