// A stage for the judge's tests: a straight road, actors that move by a short script, and the trace that a run of it would
// have left. Contacts are found on a fine clock. The whole may be moved, turned, mirrored or renumbered.
#ifndef CW_TESTS_JUDGE_STAGE_H
#define CW_TESTS_JUDGE_STAGE_H

#include "causeway/judge.h"

// The road runs along +x from 0 to 3000 m. Right of y = 0 two lanes of 3.5 m (-1, -2) and a shoulder of 2.5 m lead along +x;
// to the left one lane of 3.5 m (+1) leads back, with a shoulder of 2.5 m. Middles: -1.75, -5.25; +1.75.
#define LANE_INNER (-1.75)
#define LANE_OUTER (-5.25)
#define LANE_BACK 1.75

typedef enum stage_road {
    STAGE_STRAIGHT,
    STAGE_NARROW, // one lane of 3.5 m for both directions, its middle at y = 0
    // Two roads with a lane of 3.5 m each way that cross at (200, 0); the junction goes from -8 to 8 m. Straight on from
    // every arm, and to the left from west and east.
    STAGE_CROSSROADS
} stage_road;

enum { STAGE_ACTORS = 8, STAGE_SHIFTS = 3, STAGE_BRAKES = 4 };

typedef struct stage_actor {
    cw_actor_kind kind;
    double length, width, height; // 0: a car's 4.5 x 1.8 x 1.5
    double x, y, heading;         // box centre at the start
    double speed;                 // along the heading
    struct {                      // from..until: acceleration along the heading; never past standstill unless `reverse`
        double from, until, accel;
    } push[STAGE_BRAKES];
    bool reverse;
    struct { // from..until: a smooth shift to the left of the heading, m
        double from, until, by;
    } shift[STAGE_SHIFTS];
    struct { // from..until: its heading changes by that much, rad, to the left, and its way with it
        double from, until, by;
    } turn;
    double appears; // s from which on it is there
} stage_actor;

typedef struct stage {
    stage_actor actor[STAGE_ACTORS]; // the first is the ego
    uint32_t actors;
    double duration;  // s
    double period;    // s; 0: 0.1
    double actuation; // s by which the ego's motion comes after its command; 0: 0.2, < 0: none
    double light_s;   // > 0: a traffic light for lane -1 and -2 stands there, red from light_red on, green before
    double light_red;
    double stop_sign_s;    // > 0: a stop sign
    double limit;          // m/s; 0: none
    double post_x, post_y; // a solid obstacle of the map, 1 m wide; 0, 0: none
    stage_road road;
    int priority;      // crossroads: +1 the road along x has it, -1 the other, 0: not stated
    double side_light; // > 0, crossroads: a light for each side arm, red from then on, s
    double zebra_x;    // > 0: a marked crossing, 4 m long
    cw_box house;      // a building; half_length 0: none. ux = 1, uy = 0
    double slope;      // of the road along x, rad, > 0 uphill
    double friction;   // 0: 1
    bool town;         // the road is in a town
    uint8_t without;   // the evaluator's state for all of the drive: 4 unsafe_start, 3 mitigate; 0: normal
    bool solid;        // the line in the middle is solid
    bool motorway;     // one carriageway: no lane leads back; for R157
    bool lane_keeping; // the file gives the ego an ALKS
    bool no_decisions; // leave the channel out
    double set_speed;  // 0: no mission
    bool always_human;
    const cw_sample *recorded; // the ego's own drive, as a recording has it; NULL: none
    uint32_t recorded_count;
    const char *a1; // what the run says it took for granted, as cw_assumptions_write; NULL: nothing
    // the same seen from elsewhere
    double east, north, turn;
    bool mirror, renumber;
} stage;

typedef struct stage_result {
    cw_verdict verdict;
    cw_scene scene;
    cw_trace *trace;
} stage_result;

// Plays the script, judges it, and keeps scene and trace until stage_free. Fails the test when something does not work.
void stage_judge(const stage *s, stage_result *out);
void stage_free(stage_result *out);
const cw_criterion *stage_criterion(const stage_result *r, const char *name); // fails when there is none
bool stage_korean(const char *text); // has Korean letters, and no English words but field terms
double stage_metric(const stage_result *r, const char *name);

#endif
