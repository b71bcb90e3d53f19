// Assumption set A1: what the safety evaluator takes for granted about the world, and no more. Plain numbers; sharing
// them is not sharing code, so the judge may read them too.
//
// Clauses of A1 that nothing assumes yet, and for which the evaluator promises nothing:
//   oncoming   who is not seen yet
//   O2         a vehicle at the edge of sight of a conflicting lane
// Against such users the evaluator has a prediction at constant velocity, a heuristic outside the promise.
#ifndef CAUSEWAY_ASSUMPTIONS_H
#define CAUSEWAY_ASSUMPTIONS_H

#include "causeway/base.h"

#define CW_A1_VERSION 1

typedef struct cw_assumptions {
    // ego
    double tick;            // s between decisions
    double actuation_delay; // s
    double jerk;            // m/s^3 of its brakes
    double brake_share;     // share of mu_lo g that the fail-safe counts on
    double tube_along;      // m
    double tube_across;     // m
    double gravity;         // m/s^2
    double turn_share;      // share of mu_lo g that a verified plan uses across, at most
    double slip;            // rad: of the rear axle in it, at most
    // perception
    double range;          // m within which an unoccluded road user is tracked
    double position_error; // m
    double speed_error;    // m/s
    double age;            // s
    double missed;         // frames
    // leader
    double leader_brake; // m/s^2 at friction 1
    // follower
    double follower_response; // s
    double follower_brake;    // m/s^2 it brakes at least
    double follower_entry;    // m/s^2 that entering its lane may ask of it
    // cut-in
    double cut_in_over;    // m of its tyre over the line
    double cut_in_rate;    // m/s^2: TTC > v_rel / rate + time
    double cut_in_time;    // s
    double cut_in_visible; // s of visible lateral motion before
    double cut_in_brake;   // m/s^2 at most, then
    double cut_in_hold;    // s
    double wander;         // m within its lane
    // cut-out
    double cut_out_time; // s before reaching what it hid
    // oncoming: keeps its side
    double oncoming_response; // s after which, where width forbids passing,
    double oncoming_brake;    // m/s^2 it brakes with
    double oncoming_drift;    // m/s at most towards the edge of its side
    // junction: a user without priority that can stop does; one that cannot counts as having it
    double junction_response;   // s after which
    double junction_brake;      // m/s^2 it can brake with
    double junction_over_limit; // times the limit, or as observed: nobody is faster
    double vehicle_gain;        // m/s^2 that a vehicle speeds up with at most
    // cyclist
    double cyclist_speed;  // m/s, or as observed
    double cyclist_swerve; // m to each side
    // occlusion (O1): a stationary obstacle may stand at the end of the visible lane
    // occlusion (O3), in towns: somebody on foot may come out from behind what stands by the edge
    double hidden_walker; // m/s
    double hidden_creep;  // m/s up to which ego passes all the same
    double seen_hold;     // s for which what was seen free counts as visible: what stands has stood there
    // pedestrian
    double walker_speed;     // m/s
    double walker_accel;     // m/s^2
    double engaged_crossing; // m to a marked crossing
    double engaged_edge;     // m to the carriageway
    double engaged_angle;    // rad between its heading and the shortest way to the edge
    double pass_speed;       // m/s past the unengaged
    double pass_clearance;   // m below which that holds
    // minimal-risk manoeuvre
    double risk_after; // s on the fail-safe
    double risk_brake; // m/s^2
    double rearm;      // s of valid proposals at standstill
} cw_assumptions;

cw_assumptions cw_assumptions_a1(void);

// One number: its name for `--set a1.NAME=VALUE`, unit, range, and what it says.
typedef struct cw_assumption {
    const char *name, *unit, *text;
    size_t offset;    // of the double in cw_assumptions
    double low, high; // accepted values
} cw_assumption;

const cw_assumption *cw_assumption_table(uint32_t *count);
// Sets a number by its name (without "a1."). CW_ERR_USAGE with `err` (may be NULL) for an unknown name or a value that is
// not a number within the accepted range; the set is then unchanged.
cw_status cw_assumptions_set(cw_assumptions *set, const char *name, double value, cw_error *err);
double cw_assumptions_get(const cw_assumptions *set, const cw_assumption *item);
// All numbers as "name=value name=value", for a trace: returns the length as snprintf does. CW_A1_TEXT bytes are enough.
enum { CW_A1_TEXT = 4096 };
size_t cw_assumptions_write(const cw_assumptions *set, char *out, size_t size);
// Reads that back; numbers that it does not name stay. CW_ERR_USAGE as cw_assumptions_set; the set is then not to be used.
cw_status cw_assumptions_read(cw_assumptions *set, const char *text, cw_error *err);
// Hash of version, names and values: stands in every trace.
uint64_t cw_assumptions_hash(const cw_assumptions *set);

// Friction of a surface as A1 knows it.
typedef enum cw_surface_kind { CW_SURFACE_DRY, CW_SURFACE_WET, CW_SURFACE_SNOW, CW_SURFACE_ICE } cw_surface_kind;
void cw_assumptions_friction(cw_surface_kind kind, double *mu_low, double *mu_high);

// Braking, m/s^2 along the road, that the fail-safe counts on: brake_share mu_lo g less the slope (rad, > 0 uphill).
// May come out <= 0 on steep ice: then no fail-safe exists.
double cw_assumptions_brake(const cw_assumptions *set, double mu_low, double slope);

// The clauses that a proposal can be refused by, in the order in which they are looked at.
typedef enum cw_clause {
    CW_CLAUSE_NONE,
    CW_CLAUSE_MISSING,    // no proposal came
    CW_CLAUSE_LATE,       // it answers another step
    CW_CLAUSE_NOT_FINITE, // NaN or infinite
    CW_CLAUSE_ABSURD,     // beyond what the body can do, or starts elsewhere
    CW_CLAUSE_STOP,       // no standstill within the horizon (ego)
    CW_CLAUSE_GRIP,       // needs more of the tyres than leaves the tube intact (ego)
    CW_CLAUSE_OFF_ROAD,   // leaves the drivable area (ego tube)
    CW_CLAUSE_LEADER,
    CW_CLAUSE_FOLLOWER,
    CW_CLAUSE_CUT_IN,
    CW_CLAUSE_CUT_OUT,
    CW_CLAUSE_PEDESTRIAN,
    CW_CLAUSE_PASSING,    // too fast past an unengaged pedestrian
    CW_CLAUSE_OCCLUSION,  // O1: cannot stop within the visible lane
    CW_CLAUSE_BESIDE,     // touches a vehicle beside
    CW_CLAUSE_PREDICTION, // heuristic: constant velocity of crossing and oncoming traffic
    CW_CLAUSE_HYSTERESIS, // verified, but not by enough to end the fail-safe
    CW_CLAUSE_REARM,      // standing after a minimal-risk manoeuvre
    CW_CLAUSE_KEEP_CLEAR, // the fail-safe would end where nobody may stand (terminal state)
    CW_CLAUSE_ONCOMING,   // would be on the side of somebody who comes and cannot stop before it
    CW_CLAUSE_SIGNAL,     // could no longer stop at a line whose light is red, or yellow
    CW_CLAUSE_CYCLIST,    // would be where somebody who rides across may get
    CW_CLAUSE_HIDDEN,     // O3: too fast past what may hide somebody on foot
    CW_CLAUSE_JUNCTION,   // would be where another lane crosses when somebody comes who may go first, or cannot stop
    CW_CLAUSES
} cw_clause;

const char *cw_clause_name(cw_clause clause);              // stable: "leader"
const char *cw_clause_text(cw_clause clause, bool korean); // a few words, UTF-8
bool cw_clause_promised(cw_clause clause);                 // part of A1's promise; false: heuristic or housekeeping

#endif
