// The classical driver: proposals along the route's lanes, each simulated forward on the vehicle's own model under
// explicit constraints, scored by explicit rules, re-planned at each decision. Its reasons are computed: they are read
// off the constraints that bound the plan it chose.
#include "drive/drivers.h"
#include "drive/explain.h"
#include "drive/overtake.h"
#include <math.h>
#include <string.h>

static const double curve_comfort = 2.4;  // m/s^2 of lateral acceleration in bends
static const double curve_hurry = 4.0;    // the same where the goal sets a time: comfort comes second
static const double keeper_evades = 3.0;  // s to a contact from which a lane-keeping function gets out of the way
static const double patience = 1.4;       // s that something stands in the way before it is passed
static const double worth_passing = 0.85; // share of the speed wanted below which whoever drives ahead is passed
static const double queueing = 0.5;       // the same below which it is passed on either side
static const double turn_patience = 10.0; // s that it stands for a lane that its route wants before it forgoes the turn

typedef struct state {
    cw_vehicle_params params;
    corridor c;
    lateral course;       // what it follows across the corridor
    double s, last_accel; // where it was on the corridor; what it commanded
    double cruise;        // m/s for where neither user nor file states a speed
    double block_since;   // s of the clock since the same one has been in the way; NAN: nobody
    double block_seen;    // s of the clock when somebody was last in the way
    float period;
    uint32_t started, mission_version;
    uint32_t told;       // of the map that the corridor was laid on
    uint32_t what;       // manoeuvre under way
    uint32_t stopped_at; // the stop sign that it has stood at
    cw_id about;         // whom it passes
    cw_id blocker;
    cw_id waits_for;    // who comes and has to go by before it passes
    double turn_since;  // s of the clock since it stands for the lane of its turn; NAN: it does not
    double missed_at;   // s of the clock when it last forwent a turn or got a new route
    uint32_t forgone;   // the lane from which the route asks for a change that is given up: straight on; CW_NONE
    uint32_t returning; // an aborted change: on its way back
    uint32_t brakes;    // evades with the brakes on
    cw_cause held_by;   // first cause of the last decision
} state;

static size_t state_size(const cw_driver_def *def) {
    (void)def;
    return sizeof(state);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    memset(self, 0, sizeof *self);
    self->period = def->period;
    const cw_body *b = &def->body;
    self->params = cw_vehicle_params_make(b->length, b->width, b->center_x, b->wheelbase, b->mass, b->max_steer,
                                          b->max_accel, b->max_brake, b->max_speed);
    self->stopped_at = CW_NONE;
    self->forgone = CW_NONE;
    self->block_since = NAN;
    self->block_seen = -INFINITY;
    self->turn_since = NAN;
    self->missed_at = -INFINITY;
    return cw_driver_no_options(def, "classical", err);
}

// ---- where it is -----------------------------------------------------------------------------------------------------

// The lane to drive along from here: one of the route's under the ego if there is one, else the best drivable one.
static cw_lane_place starting_lane(const cw_obs *obs) {
    cw_locate query = cw_locate_at(obs->ego.x, obs->ego.y);
    query.heading = (double)obs->ego.heading;
    query.hint = obs->ego.place;
    const cw_route *route = &obs->mission->route;
    if (route->count > 0) {
        cw_lane_place places[8];
        uint32_t count = cw_map_locate_all(obs->map, &query, places, 8);
        for (uint32_t r = 0; r < route->count && r < 64; r++) {
            for (uint32_t i = 0; i < count; i++) {
                if (places[i].lane == route->lanes[r]) {
                    return places[i];
                }
            }
        }
    }
    if (obs->ego.place.lane != CW_NONE && cw_lane_drivable(&obs->map->lanes[obs->ego.place.lane])) {
        return obs->ego.place;
    }
    for (int kind = 0; kind < CW_LANE_KINDS; kind++) {
        cw_lane lane = {.kind = (uint8_t)kind};
        query.kinds |= cw_lane_drivable(&lane) ? 1u << kind : 0u;
    }
    cw_lane_place place;
    (void)cw_map_locate(obs->map, &query, &place); // the nearest one within 5 m where none lies below
    return place;
}

static double curve_accel(const cw_mission *mission) {
    return mission->has_goal && mission->goal_time_high < 1e4 ? curve_hurry : curve_comfort;
}

static line_body body_of(const state *self, const cw_obs *obs) {
    const cw_body *body = &obs->ego.body;
    double wheelbase = cw_max((double)self->params.wheelbase, 0.5);
    return (line_body){.front = (double)body->center_x + 0.5 * (double)body->length,
                       .half_width = 0.5 * (double)body->width,
                       .curvature_most = cw_tan((double)self->params.max_steer) / wheelbase,
                       .curvature_rate = (double)self->params.steer_rate / wheelbase};
}

static void drop_change(corridor *c) {
    c->change_lanes = 0;
    c->change_deadline = INFINITY;
}

// The lane that the change asked for has to leave.
static uint32_t changes_from(const corridor *c) {
    return cw_corridor_lane(c, cw_min(c->change_deadline, cw_corridor_length(c)) - 0.5);
}

static void lay_corridor(state *self, const cw_obs *obs, uint32_t lane, double travel) {
    line_body body = body_of(self, obs);
    self->s =
        cw_corridor_build(&self->c, obs->map, &obs->mission->route, lane, travel, curve_accel(obs->mission), &body);
    bool asked = self->c.change_lanes != 0 && !self->c.lane_ends;
    if (!asked || changes_from(&self->c) != self->forgone) {
        self->forgone = CW_NONE; // that turn is behind
    }
    // With no goal in a lane of its own, the one beside the last is as good.
    if (self->forgone != CW_NONE || (self->c.beside_end && !obs->mission->has_goal)) {
        drop_change(&self->c);
        cw_corridor_merge(&self->c, obs->map, self->s, &body);
    }
}

static void build(state *self, const cw_obs *obs, cw_lane_place place) {
    if (place.lane == CW_NONE) {
        self->s = cw_corridor_build_open(&self->c, obs->ego.x, obs->ego.y, (double)obs->ego.heading);
        return;
    }
    double off = cw_lane_pose(obs->map, place, NULL).heading - (double)obs->ego.heading;
    if (fabs(cw_wrap_angle(off)) > 2.2 && !obs->map->lanes[place.lane].both_ways) {
        self->s = cw_corridor_build_open(&self->c, obs->ego.x, obs->ego.y, (double)obs->ego.heading);
        return; // against the traffic: no lane of ours
    }
    lay_corridor(self, obs, place.lane, cw_lane_travel(obs->map, place.lane, place.s));
}

// A turn whose lane nobody lets it into, or that it has come past, is forgone: it drives on, and another way is found.
static void forgo_turn(state *self, const cw_obs *obs) {
    const corridor *c = &self->c;
    const cw_body *body = &obs->ego.body;
    double clock = 1e-9 * (double)obs->time_ns;
    double room = c->change_deadline - self->s - (double)body->center_x - 0.5 * (double)body->length;
    bool goes_on = c->lane_count > 0 && c->lane_end[c->lane_count - 1] > c->change_deadline + 20.0;
    if (c->change_lanes == 0 || c->lane_ends || !goes_on || room > 12.0) {
        self->turn_since = NAN;
        return;
    }
    if (isnan(self->turn_since)) {
        self->turn_since = clock;
    }
    if (room < 0.0 || clock - self->turn_since > turn_patience) {
        self->forgone = changes_from(c);
        self->missed_at = clock;
        self->turn_since = NAN;
        drop_change(&self->c);
        line_body own = body_of(self, obs);
        cw_corridor_merge(&self->c, obs->map, self->s, &own);
    }
}

// Keeps the corridor under the ego; on return self->s and *d hold.
static void follow_corridor(state *self, const cw_obs *obs, double *d) {
    double s, v = cw_max((double)obs->ego.speed, 0.0);
    if (!self->started || self->mission_version != obs->mission_version) {
        self->forgone = CW_NONE;
        if (obs->mission->rerouted) {
            self->missed_at = 1e-9 * (double)obs->time_ns;
        }
        build(self, obs, starting_lane(obs));
        cw_corridor_project(&self->c, obs->ego.x, obs->ego.y, self->s, &s, d);
        self->told = obs->map->told;
        self->mission_version = obs->mission_version;
        self->s = s;
        self->course = cw_lateral_make(s, 1.0, 0.0, 0.0, 0.0, 0.0);
        self->what = KEEP;
        self->block_since = NAN;
        if (!self->started) {
            self->started = 1;
            self->cruise = cw_max(13.9, v);
            self->last_accel = (double)obs->ego.accel;
        }
        return;
    }
    cw_corridor_project(&self->c, obs->ego.x, obs->ego.y, self->s + v * (double)self->period, &s, d);
    double half = cw_corridor_half(&self->c, s), length = cw_corridor_length(&self->c);
    double ahead = cw_min(40.0 + 6.4 * v + v * v / 3.0, 330.0);
    bool changed = self->what == CHANGE && fabs(*d) > half + 0.05 && *d * self->course.d1 > 0.0;
    bool lost = fabs(*d) > half + 8.0 || (self->c.open && obs->ego.place.lane != CW_NONE);
    bool used_up = length - s < ahead && s > CORRIDOR_BACK + 32.0 && !self->c.dead_end;
    used_up = used_up || (self->told != obs->map->told && !self->c.open);
    self->told = obs->map->told;
    self->s = s;
    if (!changed && !lost && !used_up && !(self->c.open && length - s < 60.0)) {
        return;
    }
    double old_s = s, old_d = *d;
    if (changed) {
        cw_lane_place place = obs->ego.place;
        corridor_side side = cw_corridor_beside(&self->c, obs->map, s, *d > 0.0);
        if (place.lane == CW_NONE || place.lane == cw_corridor_lane(&self->c, s)) {
            if (side.lane == CW_NONE) {
                return;
            }
            place.lane = side.lane;
            double t;
            cw_road_project(obs->map, obs->map->lanes[side.lane].road, obs->ego.x, obs->ego.y, NAN, &place.s, &t);
        }
        build(self, obs, place);
    } else if (lost || self->c.open) {
        build(self, obs, starting_lane(obs));
    } else {
        lay_corridor(self, obs, cw_corridor_lane(&self->c, s), cw_corridor_travel(&self->c, s));
    }
    cw_corridor_project(&self->c, obs->ego.x, obs->ego.y, self->s, &s, d);
    self->s = s;
    if (changed) { // the lane it came to is now its own
        cw_lateral_shift(&self->course, s - old_s, *d - old_d);
        self->course.d1 = 0.0;
        self->course.d2 = 0.0;
        self->what = NUDGE;
    } else if (lost) {
        self->course = cw_lateral_make(s, 1.0, 0.0, 0.0, 0.0, 0.0);
        self->what = KEEP;
    } else {
        cw_lateral_shift(&self->course, s - old_s, 0.0);
    }
}

static double default_speed(const state *self, const cw_obs *obs, double s) {
    uint32_t lane = cw_corridor_lane(&self->c, s);
    if (lane != CW_NONE) {
        const cw_road *road = &obs->map->roads[obs->map->lanes[lane].road];
        double station = cw_lane_station(obs->map, lane, cw_corridor_travel(&self->c, s));
        for (uint32_t i = road->kinds.count; i-- > 0;) {
            const cw_road_type *type = &obs->map->road_types[road->kinds.first + i];
            if (type->s <= station + 1e-6) {
                switch (type->kind) {
                case CW_ROAD_MOTORWAY:
                    return 33.3;
                case CW_ROAD_RURAL:
                    return 25.0;
                case CW_ROAD_LOW_SPEED:
                    return 8.3;
                default:
                    return self->cruise;
                }
            }
        }
    }
    return self->cruise;
}

static void observe(state *self, const cw_obs *obs, double d, situation *now) {
    const cw_body *body = &obs->ego.body;
    now->obs = obs;
    now->c = &self->c;
    now->params = self->params;
    now->ego = (cw_vehicle_state){.x = obs->ego.x,
                                  .y = obs->ego.y,
                                  .heading = (double)obs->ego.heading,
                                  .vx = obs->ego.speed,
                                  .vy = obs->ego.lateral_speed,
                                  .yaw_rate = obs->ego.yaw_rate,
                                  .steer = obs->ego.steer,
                                  .accel = obs->ego.accel};
    now->s = self->s;
    now->d = d;
    now->line = cw_corridor_aim(&self->c, self->s, NULL, NULL);
    now->v = cw_max((double)obs->ego.speed, 0.0);
    now->front = (double)body->center_x + 0.5 * (double)body->length;
    now->rear = 0.5 * (double)body->length - (double)body->center_x;
    now->half_width = 0.5 * (double)body->width;
    now->mu = (double)obs->surface.mu_low;
    now->brake_most = cw_min((double)self->params.max_brake, 0.97 * now->mu * 9.81);
    now->last_accel = self->last_accel;
    now->unstated = default_speed(self, obs, now->s);
    now->forecast_count = cw_predict_all(&self->c, obs, now->s, now->forecasts);
    now->stopped_at = self->stopped_at;
    cw_situation_apply(now, true);
    self->stopped_at = now->stopped_at;
}

// ---- what it could do ------------------------------------------------------------------------------------------------

// The nearest one that is in the way of the lane's middle and stands or is worth passing; FORECAST_MOST: nobody.
static uint32_t find_blocker(const situation *now, const barrier *keep) {
    uint32_t best = FORECAST_MOST;
    double near = INFINITY;
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double low = (double)f->s[0] - (double)f->half_s[0];
        if (!(keep->across >> i & 1) || keep->first[i] > 2 || low < now->s || low - now->s > 120.0 || low >= near) {
            continue;
        }
        bool slow = f->along && f->vs > 0.0f && (double)f->vs < (f->vulnerable ? 0.7 : worth_passing) * now->wanted;
        bool walks = f->vulnerable && !f->along && fabs((double)f->vd) < 0.3 && fabs((double)f->vs) < 3.0;
        if (f->standing || slow || walks) {
            best = i;
            near = low;
        }
    }
    return best;
}

// Does it stand in a queue: before a red light, or behind another one that stands?
static bool queues(const situation *now, uint32_t blocker) {
    const forecast *f = &now->forecasts[blocker];
    if (f->vulnerable || f->kind == CW_USER_OBSTACLE) {
        return false;
    }
    for (uint32_t i = 0; i < now->hold_count; i++) {
        if (now->holds[i].why.kind == CW_CAUSE_SIGNAL && now->holds[i].s > (double)f->s[0] - 3.0 &&
            now->holds[i].s < (double)f->s[0] + 60.0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *g = &now->forecasts[i];
        double gap = (double)g->s[0] - (double)f->s[0];
        if (i != blocker && gap > 2.0 && gap < 18.0 && fabs((double)g->d[0] - (double)f->d[0]) < 1.0 &&
            (g->standing || g->vs < 2.0f) && !g->vulnerable) {
            return true;
        }
    }
    return false;
}

// 1: traffic keeps to the right, and is overtaken on the left.
static int passing_side(const situation *now) {
    uint32_t lane = cw_corridor_lane(now->c, now->s);
    const cw_map *map = now->obs->map;
    return lane != CW_NONE && map->roads[map->lanes[lane].road].left_hand ? -1 : 1;
}

static uint32_t propose(state *self, const situation *now, uint32_t blocker, bool waited, proposal *list) {
    uint32_t count = 0;
    bool on_course = self->what == KEEP || fabs(cw_lateral_at(&self->course, 1e9, NULL, NULL)) < 1e-9;
    double away = fabs(cw_lateral_at(&self->course, now->s, NULL, NULL) + now->line - now->d);
    bool strayed = away > 0.6 && now->s > self->course.s1 && now->s < self->course.s2;
    lateral keep = self->course;
    if (!on_course || strayed || self->what == PASS) {
        double shift = now->d;
        keep = cw_manoeuvre_to(now, &self->course, 0.0, cw_max(cw_manoeuvre_length(now, shift), 6.0));
    }
    overtake_state pass = OVERTAKE_DONE;
    if (self->what == PASS && self->about != 0) {
        pass = cw_overtake_renew(now, self->about, &self->course);
    }
    bool comes = self->what == NUDGE && !cw_manoeuvre_nudge_holds(now, self->course.d1);
    if (self->what != KEEP && !strayed && pass != OVERTAKE_LOST && !comes) {
        // A pass or a change once begun is held; a nudge only for as long as there is somebody beside, and
        // out of the way it goes no farther than it has to.
        bool idle =
            (self->what == NUDGE && !cw_manoeuvre_nudges(now)) || (self->what == EVADE && now->s > self->course.s1);
        bool held =
            pass == OVERTAKE_GOES_ON || (self->what == CHANGE && cw_manoeuvre_gap_is_safe(now, self->course.d1));
        list[count++] = (proposal){.course = self->course,
                                   .what = (manoeuvre)self->what,
                                   .fraction = self->brakes ? -1.0 : 1.0,
                                   .going_on = !idle,
                                   .price = held   ? -8.0
                                            : idle ? 1.0
                                                   : 0.0,
                                   .about = self->about};
        // Begun at speed it is too long for whoever has had to slow down since.
        double rest = self->course.d1 - now->d;
        double length = cw_max(cw_manoeuvre_length(now, rest), 3.5 * now->v);
        if (self->what == CHANGE && fabs(rest) > 0.3 && now->s + length < self->course.s1 - 5.0) {
            proposal *again = &list[count];
            *again = list[count - 1];
            again->course = cw_manoeuvre_to(now, &self->course, self->course.d1, length);
            count++;
        }
    }
    list[count++] = (proposal){.course = keep, .what = KEEP, .fraction = 1.0, .going_on = self->what == KEEP};
    if (now->c->open || now->obs->mission->keep_lane) {
        return count;
    }
    if (self->what == KEEP || self->what == NUDGE) {
        count = cw_manoeuvre_nudge(now, &self->course, self->what == NUDGE, list, count);
        int32_t route = now->s >= now->c->change_from ? now->c->change_lanes : 0;
        if (route != 0) {
            count = cw_manoeuvre_change(now, &self->course, route, true, list, count);
        }
        if (blocker < FORECAST_MOST && waited && !queues(now, blocker)) {
            const forecast *f = &now->forecasts[blocker];
            uint32_t before = count;
            if (!f->vulnerable && route == 0) { // a lane of our own way is the better way round
                int fast = passing_side(now);   // round what stands or crawls either side will do
                bool either = f->standing || (double)f->vs < queueing * now->wanted;
                count = cw_manoeuvre_change(now, &self->course, fast, false, list, count);
                count = either ? cw_manoeuvre_change(now, &self->course, -fast, false, list, count) : count;
                for (uint32_t i = before; i < count; i++) { // what it saves lies beyond the horizon
                    list[i].price -= 8.0 * (1.0 - cw_max((double)f->vs, 0.0) / cw_max(now->wanted, 1.0));
                    list[i].about = f->id;
                }
            }
            if (count > before) {
                return count;
            }
            if (f->along && f->vs > 0.3f && f->vulnerable) {
                count = cw_overtake_propose(now, &self->course, blocker, list, count, &self->waits_for);
            } else if (f->standing || f->vulnerable) {
                count = cw_manoeuvre_pass(now, &self->course, blocker, list, count, &self->waits_for);
            }
        }
    }
    return count;
}

// ---- the decision ----------------------------------------------------------------------------------------------------

static void fill(const situation *now, const outcome *o, cw_decision *decision) {
    double sine, cosine;
    cw_sincos(now->ego.heading, &sine, &cosine);
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double x = (double)o->x[i], y = (double)o->y[i];
        decision->trajectory.x[i] = (float)(x * cosine + y * sine);
        decision->trajectory.y[i] = (float)(y * cosine - x * sine);
        decision->trajectory.heading[i] = (float)cw_wrap_angle((double)o->heading[i] - now->ego.heading);
        decision->trajectory.speed[i] = o->speed[i];
    }
    decision->control.accel = (float)o->accel;
    decision->control.steer = (float)o->steer;
    decision->margin = (float)cw_min(o->margin, 1e3);
}

static cw_id passed(const proposal *p) {
    return p->what == PASS ? p->about : 0;
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    memset(decision, 0, sizeof *decision);
    double d;
    follow_corridor(self, obs, &d);
    forgo_turn(self, obs);
    situation now;
    observe(self, obs, d, &now);

    // Who has been in the way of the lane's middle, and for how long?
    lateral middle = cw_lateral_make(now.s, 1.0, 0.0, 0.0, 0.0, 0.0);
    barrier keep;
    cw_barrier_make(&now, &middle, 1.0, false, 0, &keep);
    uint32_t blocker = find_blocker(&now, &keep);
    double clock = 1e-9 * (double)obs->time_ns;
    cw_id blocker_id = blocker < FORECAST_MOST ? now.forecasts[blocker].id : 0;
    // What stands may seem to move for a moment: it is the same wait.
    if (blocker_id == 0 && clock - self->block_seen > 1.0) {
        self->block_since = NAN;
        self->blocker = 0;
    } else if (blocker_id != 0) {
        if (blocker_id != self->blocker || isnan(self->block_since)) {
            self->block_since = clock;
        }
        self->block_seen = clock;
        self->blocker = blocker_id;
    }
    bool hurried = obs->mission->has_goal && obs->mission->goal_time_high < 1e4;
    bool waited = blocker_id != 0 && clock - self->block_since >= (hurried ? 0.25 * patience : patience);

    proposal list[PROPOSAL_MOST];
    self->waits_for = 0;
    uint32_t count = propose(self, &now, blocker, waited, list);
    outcome results[2] = {0};
    barrier barriers[2];
    uint32_t best = 0, slot = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t into = i == 0 ? 0 : 1 - slot;
        cw_barrier_make(&now, &list[i].course, 1.0, list[i].bold, passed(&list[i]), &barriers[into]);
        cw_proposal_simulate(&now, &list[i], &barriers[into], &results[into]);
        if (i == 0 || results[into].cost < results[slot].cost) {
            best = i;
            slot = into;
        }
    }
    // A goal in time that none of these reaches: all that the road and the car allow.
    if (now.goal.set && now.goal.last < 6.5 && !now.c->open && (!results[slot].arrives || results[slot].contact)) {
        proposal more[HURRY_MOST];
        uint32_t more_count = cw_manoeuvre_hurry(&now, &self->course, self->what == PASS || self->what == EVADE, more);
        for (uint32_t i = 0; i < more_count; i++) {
            uint32_t into = 1 - slot;
            cw_barrier_make(&now, &more[i].course, 1.0, more[i].bold, passed(&more[i]), &barriers[into]);
            cw_proposal_simulate(&now, &more[i], &barriers[into], &results[into]);
            if (results[into].cost < results[slot].cost - 1e-9) {
                list[best] = more[i];
                slot = into;
            }
        }
    }
    // Contested: the same ways slower, bolder, braking in full, and out of the way.
    proposal winner = list[best];
    cw_id danger = results[slot].contact ? results[slot].contact_with : 0;
    double danger_time = results[slot].contact_time;
    if (results[slot].contact || results[slot].demand < -5.0) {
        static const double fractions[] = {0.6, 0.25, -1.0, 1.0};
        count = 0;
        for (uint32_t i = 0; i < 4; i++) {
            list[count] = winner;
            list[count].fraction = fractions[i];
            list[count].bold = fractions[i] == 1.0;
            list[count].going_on = false;
            count++;
        }
        // A lane-keeping function leaves its lane for a contact at hand alone.
        bool at_hand = !obs->mission->keep_lane || danger_time < keeper_evades;
        if (!now.c->open && at_hand) {
            count = cw_manoeuvre_evade(&now, &self->course, list, count);
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t into = 1 - slot;
            cw_barrier_make(&now, &list[i].course, list[i].fraction < 0.0 ? 0.5 : list[i].fraction, list[i].bold,
                            passed(&list[i]), &barriers[into]);
            cw_proposal_simulate(&now, &list[i], &barriers[into], &results[into]);
            if (results[into].cost < results[slot].cost - 1e-9) {
                winner = list[i];
                slot = into;
            }
        }
    }

    const outcome *o = &results[slot];
    bool aborted = self->what == CHANGE && winner.what == KEEP;
    self->returning = aborted ? 1 : self->returning && fabs(now.d) > 0.3 ? 1 : 0;
    fill(&now, o, decision);
    cw_explain(&now,
               &(plan_told){.proposal = &winner,
                            .barrier = &barriers[slot],
                            .outcome = o,
                            .held_by = &self->held_by,
                            .waits_for = self->waits_for,
                            .missed_at = self->missed_at,
                            .aborted = self->returning != 0,
                            .danger = danger,
                            .danger_time = danger_time},
               &decision->reason);
    decision->valid = true;
    decision->step = obs->step;
    decision->source = CW_FROM_CLASSICAL;

    if (decision->reason.count > 0) {
        memcpy(&self->held_by, &decision->reason.cause[0], sizeof self->held_by);
    } else if (o->accel > -0.3) {
        memset(&self->held_by, 0, sizeof self->held_by);
    }
    bool over = now.s > winner.course.s1 && (winner.course.s2 == INFINITY || now.s > winner.course.s3);
    double rest = cw_lateral_at(&winner.course, 1e9, NULL, NULL);
    self->course = winner.course;
    self->what = over && fabs(rest) < 1e-9 ? KEEP : (uint32_t)winner.what;
    self->about = winner.about;
    self->brakes = self->what == EVADE && winner.fraction < 0.0;
    self->last_accel = o->accel;
    uint8_t word = decision->reason.lateral;
    if (word == CW_CHANGE_LEFT || word == CW_TURN_LEFT || (winner.oncoming && word == CW_NUDGE_LEFT)) {
        decision->control.lamps |= CW_LAMP_LEFT;
    } else if (word == CW_CHANGE_RIGHT || word == CW_TURN_RIGHT) {
        decision->control.lamps |= CW_LAMP_RIGHT;
    }
    if (o->accel < -0.7 || now.v < 0.1) {
        decision->control.lamps |= CW_LAMP_BRAKE;
    }
    if (o->accel < -6.0) {
        decision->control.lamps |= CW_LAMP_HAZARD;
    }
}

const cw_driver cw_driver_classical = {.name = "classical",
                                       .state_size = state_size,
                                       .reset = reset,
                                       .decide = decide,
                                       .repeatable = true,
                                       .heeds_told = true};
