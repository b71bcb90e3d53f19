// A small proving ground for driver tests: one road, the ego on the dynamic model, actors that move by speeds.
#ifndef TEST_FIELD_H
#define TEST_FIELD_H

#include "causeway/agent.h"
#include "causeway/drive.h"
#include "motion/motion.h"

enum { FIELD_ACTORS = 8 };

typedef struct field_actor {
    cw_id id;
    cw_user_kind kind;
    double s, t;          // of the box centre, road coordinates, m
    double vs, vt;        // m/s
    double accel;         // m/s^2 along s, until it stands
    double start, stop;   // s: vt holds between (0, 0: always)
    double t_low, t_high; // it stops at these t
    double brake_at;      // s: from then on `accel` holds (default 0)
    double length, width;
    bool gone; // not there
} field_actor;

typedef struct field {
    cw_map *map;
    const cw_driver *driver;
    void *driver_state;
    cw_tracker *tracker;
    cw_body body;
    cw_vehicle_params params;
    cw_vehicle_state ego;
    cw_mission mission;
    cw_track tracks[CW_TRACKS_MAX];
    cw_wall walls[4];
    uint32_t wall_count;
    cw_signal_view signals[4];
    uint32_t signal_count;
    field_actor actors[FIELD_ACTORS];
    uint32_t actor_count;
    cw_control control;
    cw_decision decision;
    cw_lane_place place;
    int64_t time_ns;
    double range;
    // what happened
    bool contact;
    cw_id contact_id;
    double contact_speed;
    double least_gap, hardest, hardest_up; // m to any actor; m/s^2 commanded
    double most_t, least_t;                // of the ego's reference point
} field;

typedef struct field_road {
    double length, curvature;
    int right_lanes, left_lanes; // 3.5 m each, right ones are the ego's way; shoulders of 2 m on both sides
    bool solid;                  // lines may not be crossed
    double speed;                // m/s posted; 0 none
    double speed_from;           // s from which it holds
    double ends_at;              // s at which the outermost right lane has narrowed to nothing; 0: it goes on
    double x, y, heading;        // of its start
    bool mirrored;               // traffic keeps left
} field_road;

cw_map *field_map(const field_road *road);
// The ego on right lane `lane` (1 the innermost) at s.
field *field_new(cw_map *map, const char *driver, int lane, double s, double speed, double set_speed);
void field_free(field *f);                // the map too
void field_step(field *f);                // one decision, 0.1 s
void field_run(field *f, double seconds); // ends early at a contact
double field_lane_t(int lane);            // t of the middle of a right lane (mirrored maps: its negative)
void field_ego_st(const field *f, double *s, double *t);
double field_gap(const field *f, uint32_t actor); // bumper to bumper along s

#endif
