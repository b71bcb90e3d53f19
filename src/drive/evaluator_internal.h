// What the files of the evaluator share.
#ifndef CW_DRIVE_EVALUATOR_INTERNAL_H
#define CW_DRIVE_EVALUATOR_INTERNAL_H

#include "causeway/assumptions.h"
#include "causeway/evaluator.h"
#include "motion/motion.h"

// ---- the way: the lane ahead and behind, sampled ---------------------------------------------------------------------

enum { WAY_POINTS = 176 };
#define WAY_STEP 2.0    // m
#define WAY_BACK 130.0  // m: farther than perception reaches (A1), so that nobody behind is left out
#define WAY_AHEAD 160.0 // m that must lie ahead; sampled anew when less is left

enum { AREAS_MOST = 64, FEEDERS_MOST = 512 };

typedef enum area_kind { AREA_CONFLICT, AREA_CROSSING, AREA_RAIL } area_kind;

// Where nobody may come to stand: another lane, a marked crossing or rails cross the way.
typedef struct area {
    double from, to;     // s, m
    uint32_t conflict;   // in the map, of AREA_CONFLICT; CW_NONE: of too many
    uint8_t kind;        // area_kind
    int8_t first, green; // cw_precedence of the way there; and with a green light
    uint8_t spare;
} area;

// A lane that leads to such a conflict from elsewhere.
typedef struct feeder {
    uint32_t lane;
    uint16_t area, spare;
    float ahead; // m from the lane's start to the area; < 0: it begins beyond
} feeder;

typedef struct way_point {
    double x, y, s;              // map frame; s along the way, m
    double ux, uy, length;       // chord to the next point
    double cosine, sine;         // of the lane's heading
    float heading;               // rad, unwrapped along the way
    float curvature;             // 1/m
    float slope, bank;           // rad: > 0 uphill, > 0 left side higher
    float left, right;           // own lane's borders, m from the centre line, >= 0
    float left_edge, right_edge; // of the drivable area
    float left_lane, right_lane; // widths of the lanes beside that run the same way, 0: none
} way_point;

typedef struct way {
    uint32_t count;   // 0: none
    uint32_t version; // of the mission
    uint32_t at;      // point near the ego
    uint32_t lane;    // lane it was sampled from; CW_NONE: straight over open ground
    double anchor;    // s of the ego when it was sampled
    uint32_t area_count;
    uint32_t astray; // on a road, but on no lane of it that runs the ego's way: straight on, with no edges of its own
    uint32_t feeder_count, spare;
    way_point point[WAY_POINTS];
    area area[AREAS_MOST];
    feeder feeder[FEEDERS_MOST];
} way;

// Keeps the way while the ego is on it, samples it anew otherwise: true, and what was at (s, d) is at (s + ds, d + dd).
bool way_update(way *way, const cw_obs *obs, double *ds, double *dd);
// Straight on from where the ego is, as where no lane runs its way.
void way_astray(way *way, const cw_obs *obs);
// s and d (left) of a map point, starting the search at *at, which moves along.
void way_project(const way *way, double x, double y, uint32_t *at, double *s, double *d);
uint32_t way_find(const way *way, double s); // the point at or before s
// The first area that a body from `rear` to `front` reaches into; NULL: none.
const area *way_inside(const way *way, double rear, double front);
// The least s >= from at which a body of that length may stand with its rear, clear of every area; INFINITY: none known.
double way_clear(const way *way, double from, double length);

// The lanes that lead to the way's conflicts, and who goes first at each; `lanes` are those that the way was sampled from.
void junction_feeders(way *way, const cw_map *map, const uint32_t *lanes, uint32_t lane_count);

// ---- others ----------------------------------------------------------------------------------------------------------

typedef enum role { ROLE_ALONG, ROLE_CROSSING, ROLE_WALKER } role; // along: same direction, or standing

enum { OTHERS_MOST = 48, MEMORY_MOST = 96, PHANTOMS_MOST = 4 };

typedef struct other {
    cw_id id;
    uint8_t kind, role;
    bool engaged;            // walker
    bool may_stand;          // crossing: what moves may be the error of its speed alone
    bool moving_in, in_lane; // along: visibly leaves its lane towards ego's; its edge is over ego's line
    bool carriageway;        // on ego's carriageway
    double x, y, vx, vy;     // map frame: box centre, velocity
    double ux, uy, hl, hw;   // box axes and half sizes
    double s, d, hs, hd;     // way frame: centre, half extents
    double vs, vd, speed;    // m/s along, to the left, total
    double accel;            // along its heading
    double e, ev, age;       // bounds: m, m/s, s since it was seen
    double guessed;          // s of it for which the tracker has moved it on by itself, at constant velocity
    double low, high;        // lateral reach while it keeps to its lane
    double earliest;         // s until it may be over the line
    double height;           // m
    double hold;             // s for which it still brakes gently after a cut-in
} other;

// What is remembered of a track from tick to tick.
typedef struct memory {
    cw_id id;
    uint32_t ticks; // since it was last there
    float inside;   // s since it came over the line; < 0: it did not while we watched
    uint8_t beside; // it was wholly beside the lane of ego
    uint8_t out;    // it was seen to leave ego's lane
    uint16_t spare;
} memory;

typedef struct bound { // somebody without priority that could stop before a conflict, and so does
    cw_id id;
    uint32_t conflict, ticks, spare;
} bound;

enum { BOUND_MOST = 64 };

typedef struct phantom { // what a swerving leader may have hidden
    double x, y;
    float left; // s for which it is feared; <= 0: none
    cw_id id;
} phantom;

// Beyond a vehicle that stands by the road's edge: somebody on foot may come out of there.
typedef struct shadow {
    double s, d;  // its far corner towards ego's way, m
    double slope; // of the line of sight past that corner, m to the left for each metre
    cw_id id;     // of the vehicle
} shadow;

enum { SHADOWS_MOST = 16 };

// The tick's view of the world: on the stack, gone afterwards.
typedef struct view {
    const cw_obs *obs;
    uint32_t count;
    other others[OTHERS_MOST];
    double ego_s, ego_d; // box centre in the way frame
    double ego_front, ego_rear, ego_low, ego_high;
    double mu_low, mu_high;
    double line;                   // s of a line at red or yellow at which F_k stops; INFINITY: none
    double sight;                  // s at which the visible lane ends
    double phantom[PHANTOMS_MOST]; // s of feared obstacles; INFINITY: none
    cw_id phantom_id[PHANTOMS_MOST];
    uint32_t shadow_count;
    shadow shadow[SHADOWS_MOST];
    double due[AREAS_MOST];   // s until somebody who may go first can be in that conflict area; INFINITY: nobody can
    double stuck[AREAS_MOST]; // likewise somebody who can no longer stop before it
    cw_id due_id[AREAS_MOST], stuck_id[AREAS_MOST];
} view;

// Who comes to the conflicts of the way, and when at the earliest.
void junction_make(view *view, cw_evaluator *evaluator);
void view_make(view *view, cw_evaluator *evaluator, const cw_obs *obs);

// ---- plans -----------------------------------------------------------------------------------------------------------

#define PLAN_FINE 0.05    // s of a step of its first second, in which the actuators build up
enum { PLAN_MOST = 161 }; // samples each 0.1 s: 16 s

enum { KNOTS_MOST = 32 };
#define KNOT_STEP 0.75 // m at least between two knots

// A lateral manoeuvre in the way frame: a cubic from where the body is to the aim; or, where there are knots, a proposal's
// own path: a cubic B-spline over d at equal steps of s, that ends along the way.
typedef struct bend {
    double s, length, from, slope, to;
    double step;    // m between knots
    uint32_t knots; // 0: the cubic
    float knot[KNOTS_MOST];
    uint32_t spare;
} bend;

// m along that a shift by `across` m takes at v m/s without more than a comfortable share of the tyres.
double bend_least(double v, double across);

typedef struct plan {
    bend bend;
    uint32_t count;   // samples, the first is now; 0: none
    uint32_t stops;   // 1: ends in standstill
    uint32_t through; // 1: drives on through what is to be kept clear before it brakes
    uint32_t spare;
    double x[PLAN_MOST], y[PLAN_MOST]; // rear axle, map frame
    float heading[PLAN_MOST], speed[PLAN_MOST];
    float s[PLAN_MOST], d[PLAN_MOST];        // box centre in the way frame of its tick
    float front[PLAN_MOST], rear[PLAN_MOST]; // with the tube
    float low[PLAN_MOST], high[PLAN_MOST];   // without the tube
    double past;                             // s that the front keeps its speed to before it brakes; 0: none
    float steer0, accel0;                    // what it asks for in its first tick: rad, m/s^2
    float brake, hardest;                    // m/s^2: b_e at the start; the most that it asks for
    float top;                               // m/s, most
    float across, slip;                      // most lateral acceleration, m/s^2, and slip of the rear axle, rad
    float beside;                            // m that the body is off the bend that it follows, at most
} plan;

typedef enum aim { AIM_LANE, AIM_HOLD, AIM_OFFSET, AIM_KEEP, AIM_PATH } aim;

typedef struct plan_def {
    const cw_control *first; // executed for one tick before the fail-safe; NULL: the fail-safe at once
    aim aim;                 // lateral: to the lane's centre, straight along, to `offset`, as F_k does, along `path`
    const bend *path;        // AIM_PATH: not NULL
    double offset;           // m to the left of the way
    double length;           // m along within which it gets there; 0: as speed makes it comfortable
    double brake;            // m/s^2; 0: b_e
    bool sooner;             // the brakes act at once, not after A1's worst delay
    bool through;            // goes on to the first place beyond `beyond` where it may stand clear of every area
    double beyond;           // s of the rear, m
    double past;             // s to which the front keeps its speed before it brakes; 0: brakes at once
} plan_def;

void plan_make(const cw_evaluator *evaluator, const view *view, const plan_def *def, plan *out);

// How far a body on `sooner` is beside `late` at the same place along the way, m: at most, and where there is more than one
// such place, of the nearest.
double plan_spread(const plan *late, const plan *sooner);

// Does it end where a standing car keeps nothing clear that must be? The area that it ends in; NULL: it ends clear of all.
const area *plan_ends_in(const cw_evaluator *evaluator, const plan *plan);

// The way has been sampled anew, and what was at (s, d) near the ego is now at (s + ds, d + dd). The plan stays where it is on
// the map: where the way is another, its bend is told anew. False: it runs
// across that way and cannot be told along it.
bool plan_move(const cw_evaluator *evaluator, plan *plan, double ds, double dd);

// A bend through points in the order of driving (count >= 1), with knots at equal steps of s, m, as far as they are enough;
// false: too few to be a way.
bool bend_through(bend *out, const way *way, uint32_t at, double step, const cw_vec2 *points, uint32_t count);

// ---- verification ----------------------------------------------------------------------------------------------------

typedef struct finding {
    cw_clause clause; // CW_CLAUSE_NONE: verified
    cw_id id;         // of the tightest
    double margin;    // m
    cw_clause tight;  // clause of the margin
} finding;

// Against everything that A1 lets the others do. heed: the prediction of crossing and oncoming traffic too.
// How far the tube may reach over the edge from now on: as far as it does, and a little more, so that a corner that swings
// by millimetres holds nobody at the kerb; never farther than before, so that nobody creeps out.
// How far across the body may be off its plan `gone` m from where it was when the plan was made, m: it sets out where it is,
// so less than the whole tube at first. What turns away from the road's edge at a walking pace needs no more room.
double plan_strays(const cw_evaluator *evaluator, double gone);
void evaluator_ease(cw_evaluator *evaluator, const view *view);
finding plan_verify(const cw_evaluator *evaluator, const view *view, const plan *plan, bool heed);
// Against what others will do if they go on as they do now: first contact's closing speed, m/s; 0: none.
double plan_impact(const cw_evaluator *evaluator, const view *view, const plan *plan, cw_id *id);

// ---- the evaluator ---------------------------------------------------------------------------------------------------

enum { ISSUED_MOST = 8 };

struct cw_evaluator {
    cw_assumptions a1;
    cw_body body;
    cw_vehicle_params params; // as the body is
    cw_vehicle_params pure;   // the same without lag along: A1 states the delay itself
    float period;
    uint32_t started;          // decided at least once
    uint32_t verified;         // `fallback` is a verified fail-safe
    uint32_t ever;             // there has been one
    uint32_t clear;            // it ends in an allowed terminal state: clear of every area
    uint32_t state;            // cw_evaluator_state of the last tick
    uint32_t began;            // cw_clause
    uint32_t settled;          // a minimal-risk manoeuvre ended in standstill
    float failsafe_time;       // s
    float issued[ISSUED_MOST]; // m/s^2 asked for in the last ticks: still under way in the actuators
    float standing;            // s of valid proposals at standstill
    uint32_t unsafe_starts, mitigations, stops;
    uint32_t memory_count, spare;
    double seen;     // s of the way up to which the lane has lately been seen free
    double seen_ago; // s since it was last seen so far
    double eased;    // m that the tube may reach over the edge of the road
    plan fallback;   // F_k
    way way;
    memory memory[MEMORY_MOST];
    phantom phantoms[PHANTOMS_MOST];
    double green; // s of the line that ego comes to, or has passed, at green; -INFINITY: none
    uint32_t bound_count, spare2;
    bound bound[BOUND_MOST];
};

double evaluator_brake(const cw_evaluator *evaluator, double mu_low, double slope);
cw_vehicle_state evaluator_ego(const cw_obs *obs);

// Least impact speed, m/s, and its plan in *best; `trial` is room to work in.
double evaluator_mitigate(const cw_evaluator *evaluator, const view *view, plan *best, plan *trial);
// The impact speed that a proposal is predicted to lead to, m/s, its trajectory in *out; INFINITY: it leaves the road or does
// not do what it says.
double evaluator_proposal_impact(const cw_evaluator *evaluator, const view *view, const cw_decision *decision,
                                 plan *out);
// Words of the evaluator's own decisions.
void evaluator_reason(const cw_evaluator *evaluator, const view *view, cw_clause clause, cw_id id,
                      const cw_decision *decision, cw_reason *reason);

#endif
