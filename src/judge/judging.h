// What the files of the judge share: one judging with its numbers, and how a criterion or a metric is added.
#ifndef CW_JUDGE_JUDGING_H
#define CW_JUDGE_JUDGING_H

#include "causeway/assumptions.h"
#include "causeway/judge.h"
#include "judge/history.h"

typedef struct cw_judging {
    const cw_judge_def *def;
    cw_history h;
    cw_verdict *verdict;
    cw_assumptions a1;      // the numbers alone
    double mu_low, mu_high; // friction that A1 takes for granted
    bool alks;
    uint32_t first, last;              // ticks from which on and up to which the ego is judged
    double progress;                   // m along its lanes
    double free_progress;              // m that free flow would have come to (progress.c)
    double completion;                 // share of the route (progress.c)
    uint32_t red_lights, rolled_stops; // lines crossed at red, stop signs passed without stopping (road_use.c)
    double expert;                     // m that the ego's own recording came to in that time; NAN: none is recorded
} cw_judging;

// A new criterion of the verdict: applies, demanded, passed; no number. Never NULL (asserts that there is room).
cw_criterion *cw_judging_criterion(cw_judging *j, const char *name, bool demanded);
void cw_judging_metric(cw_judging *j, const char *name, const char *unit, double value);
// Braking that A1 grants the ego at a tick, m/s^2: brake_share mu_lo g less the slope; at least 0.1.
double cw_judging_brake(const cw_judging *j, uint32_t tick);
// Distance from which the ego stands: delay at constant speed, then that braking, m.
double cw_judging_stop(const cw_judging *j, uint32_t tick);
// What it was asked to hold, m/s: the mission's set speed, else the limit where it began, else its speed there. NAN: none.
double cw_judging_set_speed(const cw_judging *j);
// Which side of the ego a body that nearly touches it is at: along the axis on which their gap is the larger.
typedef enum cw_side { CW_SIDE_FRONT, CW_SIDE_REAR, CW_SIDE_FLANK } cw_side;
cw_side cw_judging_side(const cw_moment *ego, const cw_moment *other);
bool cw_judging_is_vehicle(const cw_judging *j, uint32_t actor); // something that drives in lanes
bool cw_judging_is_fixed(const cw_judging *j, uint32_t actor);   // an obstacle

// sweep.c: two boxes that move uniformly, m/s, without turning: when they begin and cease to overlap, s from now. False:
// never from now on. `enter` is 0 when they overlap already.
bool cw_sweep(const cw_box *a, cw_vec2 va, const cw_box *b, cw_vec2 vb, double *enter, double *leave);
cw_vec2 cw_moment_velocity(const cw_moment *m);

// sight.c: does the straight line from the middle of the ego to some part of the actor pass no other body and no wall?
bool cw_sight_clear(const cw_judging *j, uint32_t tick, uint32_t actor);
bool cw_sight_point(const cw_judging *j, uint32_t tick, cw_vec2 point, uint32_t actor);

// oracle.c: whose fault a contact is, EVALUATOR's five rules, on truth.
void cw_oracle_judge(const cw_judging *j, const cw_touch_row *touch, cw_judged_contact *out);
// A contact that no driver could have avoided: the scenario begins with it, or the ego stood or was struck from behind.
static inline bool cw_oracle_passive(const cw_judged_contact *c) {
    return c->fault == CW_FAULT_NONE || c->clause == 2;
}
// Would constant speeds have led to a contact within 4 s, just before the ego left its lane or its side at `tick`?
bool cw_oracle_evading(const cw_judging *j, uint32_t tick);
// Against traffic at that tick: does it pass somebody slower, where the line allows it and nobody comes?
bool cw_passing_legally(const cw_judging *j, uint32_t tick);
bool cw_oracle_wrong_side(const cw_judging *j, uint32_t tick);

// breach.c: what the partner of a contact did against A1 in the 8 s before, in order of time.
typedef struct cw_breach {
    int64_t time_ns;
    bool behind;      // by one who follows: braking is no answer to it
    bool stepped_out; // on to the road, by one whom ego may only pass slowly until then
    cw_said said;
} cw_breach;
enum { CW_BREACHES_MOST = 16 };
uint32_t cw_breach_find(const cw_judging *j, const cw_touch_row *touch, cw_breach *out);
// A vehicle's last coming into the ego's lane in those 8 s, 0.3 m over the line and ahead of it.
typedef struct cw_intrusion {
    int64_t time_ns;
    double gap, closing, ttc; // m, m/s, s (INFINITY: not closing)
    bool visible;             // its way there could be seen for as long as A1 asks, within what ticks can tell
} cw_intrusion;
bool cw_breach_intrusion(const cw_judging *j, const cw_touch_row *touch, cw_intrusion *out);

// crossing.c: stop lines that the ego's front crossed.
typedef struct cw_line_crossed {
    int64_t time_ns;
    uint32_t tick, stop; // the tick before; index in the map's stops
    uint8_t light;       // cw_light then; CW_LIGHT_UNKNOWN: none
    double slowest;      // m/s: least speed while the front was within 6 m before the line
} cw_line_crossed;
uint32_t cw_crossing_list(const cw_judging *j, const cw_line_crossed **out); // worked out once, in the arena
bool cw_crossing_is_red(const cw_judging *j, const cw_line_crossed *crossed);

// contact.c, road_use.c, closeness.c, following.c, nuplan.c, alks.c: criteria and metrics by noun.
void cw_judge_contacts(cw_judging *j);
void cw_judge_contact_criterion(cw_judging *j);
void cw_judge_road_use(cw_judging *j);
void cw_judge_closeness(cw_judging *j);
void cw_judge_react(cw_judging *j);
void cw_judge_effort(cw_judging *j);
void cw_judge_driving_score(cw_judging *j);
void cw_judge_following(cw_judging *j);
void cw_judge_progress(cw_judging *j);
void cw_judge_nuplan(cw_judging *j);
void cw_judge_alks(cw_judging *j);
// human.c: the careful human in the ego's place; fills the verdict's human_* fields.
cw_status cw_judge_human(cw_judging *j, cw_error *err);

#endif
