// The driver "human": the careful and competent driver that UN R157 compares with (cw_human_step of rules.h), as a driver.
// It keeps its lane along the route, holds the set speed and follows a leader as it saw it 1.15 s ago; what comes
// suddenly it meets with the performance model alone: 0.4 s to see the risk, 0.75 s to move the foot, 0.774 g within
// 0.6 s. It never swerves. Where somebody crosses its path the same times and THW < 2 s hold. It halts at red lights and
// stop signs and gives way by rule (human_halt.h). "reg157", "rss" and "fsm" are the same driver with another model of how to
// brake for a hazard.
#include "causeway/rules.h"
#include "drive/drivers.h"
#include "drive/human_halt.h"
#include "motion/motion.h"
#include <math.h>
#include <string.h>

enum { CHAIN = 8, PAST = 32, ROLE_LEAD = 0, ROLE_CUT_IN = 1, ROLE_CROSSING = 2, ROLES = 3 };

static const double reaction = 1.15;           // s, risk perception and delay
static const double comfort_brake = 4.0;       // m/s^2, when following
static const double ease = 1.5, calm = 2.0;    // m/s^2: accelerating; braking for a bend or a light
static const double headway = 1.6, room = 2.5; // s, m of following
static const double bend_accel = 2.5;          // m/s^2 sideways in bends
static const double merge_rate = 0.9;          // m/s sideways in a lane change of the route
static const double crossing_margin = 0.4;     // m beside the car that still count as its way
static const double crossing_slack = 0.5;      // s by which a crossing may miss
static const double standing = 0.3;            // m/s

// Which performance model brakes for hazards; all else is the human's.
typedef enum brake_model { BRAKES_HUMAN, BRAKES_REG157, BRAKES_RSS, BRAKES_FSM } brake_model;

typedef union model_state {
    cw_human_state human;
    cw_reg157_state reg157;
    cw_rss_model_state rss;
    cw_fsm_state fsm;
} model_state;

typedef struct watched { // one role of the performance model
    model_state model;
    cw_id id;
    double travel; // m sideways since its motion became visible
} watched;

typedef struct past { // the leader as it was
    double gap, speed;
} past;

typedef struct state {
    cw_vehicle_params car;
    cw_body body;
    cw_human_params params;
    double period;
    double set_speed;       // m/s where the mission has none
    uint32_t brakes, spare; // brake_model
    uint32_t started, mission_version, route_at, lane, past_count, past_next;
    uint32_t road;       // road that it was last projected to, and where
    double road_s;       // m
    uint32_t stopped_at; // the stop sign that it has stood at
    double shift;        // m from the lane's centre that is still to be given up
    past seen[PAST];
    watched watch[ROLES];
} state;

typedef struct view { // this tick
    const cw_obs *obs;
    double half_width, front; // m; front bumper ahead of the rear axle
    uint32_t count;
    uint32_t lanes[CHAIN];
    double start[CHAIN]; // m from the ego's reference point to the start of each lane, < 0 for its own
    cw_lane_place place;
} view;

typedef struct seen {      // a track against the lane
    bool in_chain, beside; // its centre is in the lane; or in a lane beside it
    double along;          // m, centre ahead of the ego's reference point
    double offset;         // m, its centre left of the middle of the ego's lane
    double speed, lateral; // m/s along the lane and to the left
    double wander;         // m from the middle of its own lane, towards the ego's
    double reach, half;    // half its extent along and across, m
    double lane_half;      // half the width of the ego's lane there, m
} seen;

static size_t state_size(const cw_driver_def *def) {
    (void)def;
    return sizeof(state);
}

static cw_status begin(void *memory, const cw_driver_def *def, brake_model which, cw_error *err) {
    static const char *const names[] = {"human", "reg157", "rss", "fsm"};
    state *self = memory;
    memset(self, 0, sizeof *self);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->car = cw_vehicle_params_make(def->body.length, def->body.width, def->body.center_x, def->body.wheelbase,
                                       def->body.mass, def->body.max_steer, def->body.max_accel, def->body.max_brake,
                                       def->body.max_speed);
    self->params = cw_human_defaults();
    self->brakes = (uint32_t)which;
    self->period = (double)def->period;
    self->lane = self->road = self->stopped_at = CW_NONE;
    return cw_driver_no_options(def, names[which], err);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    return begin(memory, def, BRAKES_HUMAN, err);
}

static cw_status reset_reg157(void *memory, const cw_driver_def *def, cw_error *err) {
    return begin(memory, def, BRAKES_REG157, err);
}

static cw_status reset_rss(void *memory, const cw_driver_def *def, cw_error *err) {
    return begin(memory, def, BRAKES_RSS, err);
}

static cw_status reset_fsm(void *memory, const cw_driver_def *def, cw_error *err) {
    return begin(memory, def, BRAKES_FSM, err);
}

// ---- where it is -----------------------------------------------------------------------------------------------------

static cw_lane_place place_on(state *self, const cw_obs *obs, uint32_t lane) {
    const cw_lane *l = &obs->map->lanes[lane];
    double s, t;
    cw_road_project(obs->map, l->road, obs->ego.x, obs->ego.y, self->road == l->road ? self->road_s : (double)NAN, &s,
                    &t);
    self->road = l->road;
    self->road_s = s;
    double offset = t - cw_lane_center_t(obs->map, lane, cw_clamp(s, l->s0, l->s1));
    return (cw_lane_place){lane, s, l->direction < 0 ? -offset : offset};
}

// A place beyond the road's own end projects onto that end.
static bool past_end(const cw_lane *lane, double s) {
    return lane->direction < 0 ? s <= lane->s0 : s >= lane->s1;
}

static bool linked(const cw_map *map, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < map->lanes[from].next.count; i++) {
        if (map->links[map->lanes[from].next.first + i] == to) {
            return true;
        }
    }
    return false;
}

// Is the lane beside free for a change: nobody within 10 m and 1.5 s around?
static bool change_free(const cw_obs *obs, uint32_t lane) {
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        double clear = 10.0 + 1.5 * cw_max((double)obs->ego.speed, (double)t->speed);
        if (t->place.lane == lane && fabs((double)t->x) < clear) {
            return false;
        }
    }
    return true;
}

// The place on the lane that it means to drive in, and that lane's index in the route.
static cw_lane_place find_place(state *self, const cw_obs *obs) {
    const cw_map *map = obs->map;
    const cw_route *route = &obs->mission->route;
    if (self->mission_version != obs->mission_version) {
        self->mission_version = obs->mission_version;
        self->route_at = 0;
        for (uint32_t k = 0; k < route->count; k++) {
            if (route->lanes[k] == obs->ego.place.lane) {
                self->route_at = k;
                break;
            }
        }
    }
    if (route->count == 0) {
        if (obs->ego.place.lane != CW_NONE) {
            self->lane = obs->ego.place.lane;
            return obs->ego.place;
        }
        return self->lane == CW_NONE ? obs->ego.place : place_on(self, obs, self->lane);
    }
    uint32_t k = self->route_at < route->count ? self->route_at : route->count - 1;
    cw_lane_place place = place_on(self, obs, route->lanes[k]);
    while (k + 1 < route->count) {
        uint32_t next = route->lanes[k + 1];
        if (linked(map, route->lanes[k], next)) {
            if (!past_end(&map->lanes[route->lanes[k]], place.s)) {
                break;
            }
            place = place_on(self, obs, next);
        } else { // a lane beside: change when there is room
            if (!change_free(obs, next)) {
                break;
            }
            double before = place.offset;
            place = place_on(self, obs, next);
            self->shift += place.offset - before;
        }
        k++;
    }
    self->route_at = k;
    return place;
}

static void look_along(const state *self, view *v) {
    const cw_map *map = v->obs->map;
    uint32_t lane = v->place.lane;
    double at = -cw_lane_travel(map, lane, v->place.s);
    uint32_t k = self->route_at;
    const cw_route *route = &v->obs->mission->route;
    while (lane != CW_NONE && v->count < CHAIN && at < 250) {
        v->lanes[v->count] = lane;
        v->start[v->count++] = at;
        at += map->lanes[lane].length;
        const cw_lane *l = &map->lanes[lane];
        uint32_t next = l->next.count > 0 ? map->links[l->next.first] : CW_NONE;
        for (; route->count > 0 && k + 1 < route->count; k++) {
            if (linked(map, lane, route->lanes[k + 1])) {
                next = route->lanes[++k];
                break;
            }
        }
        lane = next;
    }
}

// The lane and road s so far ahead. Measured along the reference line, which is off by the lane's bend around it: enough to
// see bends coming and to draw the way, and an inverse of the arc length would cost more than all the rest.
static uint32_t chain_lane(const view *v, double along, double *s) {
    uint32_t i = 0;
    while (i + 1 < v->count && along >= v->start[i + 1]) {
        i++;
    }
    const cw_lane *l = &v->obs->map->lanes[v->lanes[i]];
    bool back = l->direction < 0;
    double from = i == 0 ? v->place.s : back ? l->s1 : l->s0, on = i == 0 ? along : along - v->start[i];
    *s = cw_clamp(back ? from - on : from + on, l->s0, l->s1);
    return v->lanes[i];
}

// ---- what it sees ----------------------------------------------------------------------------------------------------

static seen see(const view *v, const cw_track *t) {
    const cw_map *map = v->obs->map;
    cw_pose pose = cw_track_pose(v->obs, t);
    seen out = {.along = (double)t->x, .offset = (double)t->y};
    double heading = (double)v->obs->ego.heading, lane_heading = heading, sine, cosine;
    const cw_lane *own = t->place.lane == CW_NONE ? NULL : &map->lanes[t->place.lane];
    for (uint32_t i = 0; own && i < v->count && !out.in_chain && !out.beside; i++) {
        const cw_lane *l = &map->lanes[v->lanes[i]];
        bool left = l->left == t->place.lane, right = l->right == t->place.lane;
        if (v->lanes[i] != t->place.lane && !left && !right) {
            continue;
        }
        cw_lane_place at = {v->lanes[i], t->place.s, 0};
        lane_heading = cw_lane_pose(map, at, NULL).heading;
        double center = cw_lane_center_t(map, v->lanes[i], t->place.s);
        double side = l->direction < 0 ? -1 : 1, own_side = own->direction < 0 ? -1 : 1;
        double t_at = cw_lane_center_t(map, t->place.lane, t->place.s) + own_side * t->place.offset;
        out.offset = side * (t_at - center);
        out.along = v->start[i] + cw_lane_travel(map, v->lanes[i], t->place.s);
        out.in_chain = v->lanes[i] == t->place.lane;
        out.beside = !out.in_chain;
        out.lane_half = 0.5 * cw_lane_width(map, v->lanes[i], t->place.s);
        double from_own = side * own_side * t->place.offset; // left of its own lane's middle, in the ego's sense
        out.wander = out.in_chain ? fabs(from_own) : left ? -from_own : from_own;
    }
    if (!out.in_chain && !out.beside) {
        out.lane_half = 0.5 * cw_lane_width(map, v->place.lane, v->place.s);
        out.offset += v->place.offset;
    }
    cw_sincos(cw_wrap_angle(lane_heading - heading), &sine, &cosine);
    out.speed = (double)t->vx * cosine + (double)t->vy * sine;
    out.lateral = (double)t->vy * cosine - (double)t->vx * sine;
    cw_box box = cw_box_at((cw_pose){0, 0, pose.heading - lane_heading}, 0, (double)t->length, (double)t->width);
    out.reach = box.half_length * fabs(box.ux) + box.half_width * fabs(box.uy);
    out.half = box.half_length * fabs(box.uy) + box.half_width * fabs(box.ux);
    return out;
}

static double gap_to(const view *v, const seen *s) {
    return s->along - s->reach - v->front;
}

// Will it be in the car's way when the car gets there, both going on as they do?
static bool crosses(const view *v, const seen *s, double speed) {
    double half = v->half_width + crossing_margin + s->half, gap = gap_to(v, s);
    double lateral = s->offset - v->place.offset;
    if (gap < -2 * s->reach) {
        return false;
    }
    double enter = 0, leave = INFINITY;
    if (fabs(s->lateral) < 0.1) {
        if (fabs(lateral) > half) {
            return false;
        }
    } else {
        double t0 = (-half - lateral) / s->lateral, t1 = (half - lateral) / s->lateral;
        enter = cw_max(0, cw_min(t0, t1));
        leave = cw_max(t0, t1);
    }
    if (leave <= 0 || enter > 6) {
        return false;
    }
    double pace = cw_max(speed - cw_min(s->speed, 0), 0.5);
    double arrive = cw_max(0, gap) / pace, gone = (cw_max(0, gap) + 2 * s->reach + 2 * v->front) / pace;
    return enter <= gone + crossing_slack && leave >= arrive - crossing_slack;
}

// ---- what it does ----------------------------------------------------------------------------------------------------

static double follow(double speed, double wanted, double gap, double lead_speed) {
    double free = cw_clamp(0.6 * (wanted - speed), -calm, ease);
    if (!isfinite(gap)) {
        return free;
    }
    double desired = room + cw_max(0, speed * headway + speed * (speed - lead_speed) / (2 * sqrt(ease * calm)));
    double share = desired / cw_max(gap, 0.1);
    return cw_clamp(cw_min(free, ease * (1 - share * share)), -comfort_brake, ease);
}

static double wanted_speed(const state *self, const view *v) {
    const cw_mission *mission = v->obs->mission;
    double limit = (double)cw_lane_limit(v->obs->map, v->place.lane, v->place.s);
    double wanted = (double)mission->set_speed;
    if (!isfinite(wanted)) {
        wanted = limit > 0 && isfinite(limit) ? limit : self->set_speed;
    }
    double speed = cw_max(0, (double)v->obs->ego.speed), far = speed * speed / (2 * calm) + 10;
    for (double at = 0; at <= far; at += 5) {
        double s;
        uint32_t lane = chain_lane(v, at, &s);
        double bend = fabs(cw_lane_curvature(v->obs->map, lane, s));
        if (bend > 1e-4 && !(v->obs->map->told & CW_TOLD_NO_BENDS)) {
            wanted = cw_min(wanted, sqrt(bend_accel / bend + 2 * calm * at));
        }
    }
    return wanted;
}

// One step of the model that it has. True: it acts, and *accel is its command.
static bool perform(const state *self, model_state *model, const cw_model_input *in, double *accel) {
    cw_fsm_params fsm = cw_fsm_defaults();
    switch ((brake_model)self->brakes) {
    case BRAKES_REG157:
        return cw_reg157_step(&model->reg157, in, self->period, accel);
    case BRAKES_RSS:
        return cw_rss_model_step(&model->rss, in, self->period, accel);
    case BRAKES_FSM:
        return cw_fsm_step(&fsm, &model->fsm, in, self->period, accel);
    default:
        return cw_human_step(&self->params, &model->human, in, self->period, accel);
    }
}

// The performance model on one role. Returns its command, or `otherwise`.
static double model(state *self, uint32_t role, const view *v, const cw_track *track, const seen *s, cw_hazard hazard,
                    double otherwise) {
    watched *w = &self->watch[role];
    if (!track) {
        if (w->id != 0) {
            memset(w, 0, sizeof *w);
        }
        return otherwise;
    }
    if (w->id != track->id) {
        memset(w, 0, sizeof *w);
        w->id = track->id;
    }
    if (s->beside && s->wander > 0) {
        w->travel += fabs(s->lateral) * self->period;
    }
    double apart = fabs(s->offset - v->place.offset);
    double covered = v->half_width + s->half - apart;
    double speed = (double)v->obs->ego.speed;
    double lead = role == ROLE_CROSSING ? cw_min(s->speed, speed) : s->speed;
    cw_model_input in = {.hazard = hazard,
                         .speed = speed,
                         .accel = (double)v->obs->ego.accel,
                         .lead_speed = lead < standing ? 0 : lead,
                         .lead_accel = (double)track->accel,
                         .gap = gap_to(v, s),
                         .lateral_gap = -covered,
                         .lateral_closing = s->offset > v->place.offset ? -s->lateral : s->lateral,
                         .wander = s->wander,
                         .lateral_travel = w->travel,
                         .wrap = cw_clamp(covered / (2 * v->half_width), 0, 1),
                         .length = (double)v->obs->ego.body.length,
                         .other_length = (double)track->length};
    double accel;
    return perform(self, &w->model, &in, &accel) ? cw_min(accel, otherwise) : otherwise;
}

static double longitudinal(state *self, const view *v, cw_reason *reason) {
    const cw_obs *obs = v->obs;
    double speed = cw_max(0, (double)obs->ego.speed);
    const cw_track *lead = NULL, *cutting = NULL, *crossing = NULL;
    seen lead_seen = {0}, cutting_seen = {0}, crossing_seen = {0};
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        seen s = see(v, t);
        double gap = gap_to(v, &s);
        if (s.along <= 0 || gap > self->params.range) {
            continue;
        }
        bool along_lane = fabs(s.lateral) < 0.5 * cw_max(fabs(s.speed), standing) && s.speed > -standing;
        bool vehicle = cw_user_is_vehicle((cw_user_kind)t->kind);
        double berth = t->kind == CW_USER_BICYCLE ? crossing_margin : 0; // it is not squeezed past
        bool overlaps = fabs(s.offset - v->place.offset) < v->half_width + s.half + berth;
        if (s.in_chain && (along_lane || s.speed * s.speed + s.lateral * s.lateral < standing * standing) && overlaps) {
            if (!lead || gap < gap_to(v, &lead_seen)) {
                lead = t;
                lead_seen = s;
            }
        } else if (vehicle && along_lane && s.beside && s.wander > 0 &&
                   (s.offset > v->place.offset ? -s.lateral : s.lateral) > 0.05) {
            if (!cutting || gap < gap_to(v, &cutting_seen)) {
                cutting = t;
                cutting_seen = s;
            }
        } else if (!(along_lane && s.beside) && crosses(v, &s, speed) && gap > -1) {
            if (!crossing || gap < gap_to(v, &crossing_seen)) {
                crossing = t;
                crossing_seen = s;
            }
        }
    }
    // One that cut in stays what it was until the model is done with it.
    bool from_cut_in = lead && self->watch[ROLE_CUT_IN].id == lead->id;
    if (from_cut_in && !cutting) {
        cutting = lead;
        cutting_seen = lead_seen;
    }
    past now = {lead ? gap_to(v, &lead_seen) : (double)INFINITY, lead ? lead_seen.speed : 0};
    uint32_t delay = (uint32_t)cw_clamp(rint(reaction / self->period), 0, PAST - 1);
    self->seen[self->past_next] = now;
    // at the start it knows what is before it
    uint32_t old = self->past_count < delay ? 0 : (self->past_next + PAST - delay) % PAST;
    past then = self->seen[old];
    self->past_next = (self->past_next + 1) % PAST;
    self->past_count = self->past_count < PAST ? self->past_count + 1 : PAST;

    double wanted = wanted_speed(self, v), accel = follow(speed, wanted, then.gap, then.speed);
    human_way way = {.obs = obs,
                     .count = v->count,
                     .lanes = v->lanes,
                     .start = v->start,
                     .front = v->front,
                     .rear = (double)self->body.length - v->front};
    human_halt halt = cw_human_halt(&way, wanted, &self->stopped_at);
    double halting = isfinite(halt.room) ? follow(speed, wanted, halt.room + room - 0.5, 0) : (double)INFINITY;
    bool halts = halting < accel;
    accel = cw_min(accel, halting);
    reason->longitudinal = !halts             ? isfinite(then.gap) ? CW_FOLLOW_LEAD : CW_KEEP_SPEED
                           : speed < standing ? CW_WAIT
                           : halt.cause.relation == CW_REL_HAS_PRIORITY ? CW_YIELD
                                                                        : CW_STOP_FOR;
    reason->speed = (float)wanted;
    double before = accel;
    accel = model(self, ROLE_LEAD, v, from_cut_in ? NULL : lead, &lead_seen, CW_HAZARD_DECELERATION, accel);
    accel = model(self, ROLE_CUT_IN, v, cutting, &cutting_seen, CW_HAZARD_CUT_IN, accel);
    accel = model(self, ROLE_CROSSING, v, crossing, &crossing_seen, CW_HAZARD_DECELERATION, accel);
    if (accel < before && accel < -1) {
        reason->longitudinal = CW_EMERGENCY_BRAKE;
    }
    const cw_track *cause = crossing ? crossing : cutting ? cutting : lead;
    if (halts && reason->longitudinal != CW_EMERGENCY_BRAKE) {
        reason->count = 1;
        memcpy(&reason->cause[0], &halt.cause, sizeof halt.cause);
    } else if (cause && reason->longitudinal != CW_KEEP_SPEED) {
        const seen *s = crossing ? &crossing_seen : cutting ? &cutting_seen : &lead_seen;
        bool walker = cause->kind == CW_USER_PEDESTRIAN;
        reason->count = 1;
        reason->cause[0] =
            (cw_cause){.kind = walker                           ? CW_CAUSE_PEDESTRIAN
                               : cause->kind == CW_USER_BICYCLE ? CW_CAUSE_CYCLIST
                                                                : CW_CAUSE_VEHICLE,
                       .relation = crossing ? (crossing_seen.lateral < 0 ? CW_REL_CROSSING_LEFT : CW_REL_CROSSING_RIGHT)
                                   : cutting ? CW_REL_CUTTING_IN
                                             : CW_REL_AHEAD,
                       .quantity = CW_Q_GAP_M,
                       .id = cause->id,
                       .item = CW_NONE,
                       .value = (float)gap_to(v, s),
                       .effect = NAN};
    }
    return accel;
}

static void steer(state *self, const view *v, double accel, cw_decision *out) {
    const cw_obs *obs = v->obs;
    double step = merge_rate * self->period;
    self->shift = fabs(self->shift) <= step ? 0 : self->shift - copysign(step, self->shift);
    cw_lane_place target = {v->place.lane,
                            cw_clamp(v->place.s, obs->map->lanes[v->place.lane].s0, obs->map->lanes[v->place.lane].s1),
                            self->shift};
    cw_pose pose = cw_lane_pose(obs->map, target, NULL);
    double speed = (double)obs->ego.speed, s, ahead = cw_max(1, speed * 0.1);
    double bend = cw_lane_curvature(obs->map, target.lane, target.s);
    uint32_t next = chain_lane(v, ahead, &s);
    cw_reference reference = {.x = pose.x,
                              .y = pose.y,
                              .heading = pose.heading,
                              .speed = obs->ego.speed,
                              .accel = (float)accel,
                              .curvature = (float)bend,
                              .curvature_rate =
                                  (float)((cw_lane_curvature(obs->map, next, s) - bend) / ahead * cw_max(0, speed))};
    cw_vehicle_state body = {.x = obs->ego.x,
                             .y = obs->ego.y,
                             .heading = (double)obs->ego.heading,
                             .vx = obs->ego.speed,
                             .vy = obs->ego.lateral_speed,
                             .yaw_rate = obs->ego.yaw_rate,
                             .steer = obs->ego.steer,
                             .accel = obs->ego.accel};
    float ignored, wheel;
    cw_vehicle_track(&self->car, &body, &reference, obs->surface.mu_low > 0 ? obs->surface.mu_low : 0.9f, &ignored,
                     &wheel);
    out->control.steer = wheel;
    double along = 0, pace = cw_max(0, speed), sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double after = cw_max(0, pace + accel * CW_TRAJECTORY_STEP);
        along += 0.5 * (pace + after) * CW_TRAJECTORY_STEP;
        pace = after;
        cw_lane_place there = {0};
        there.lane = chain_lane(v, along, &there.s);
        cw_pose p = cw_lane_pose(obs->map, there, NULL);
        double dx = p.x - obs->ego.x, dy = p.y - obs->ego.y;
        out->trajectory.x[i] = (float)(dx * cosine + dy * sine);
        out->trajectory.y[i] = (float)(dy * cosine - dx * sine);
        out->trajectory.heading[i] = (float)cw_wrap_angle(p.heading - (double)obs->ego.heading);
        out->trajectory.speed[i] = (float)pace;
    }
}

static void decide(void *memory, const cw_obs *obs, cw_decision *out) {
    state *self = memory;
    memset(out, 0, sizeof *out);
    view v = {.obs = obs,
              .half_width = 0.5 * (double)self->body.width,
              .front = (double)self->body.center_x + 0.5 * (double)self->body.length};
    v.place = find_place(self, obs);
    out->valid = true;
    out->step = obs->step;
    out->source = CW_FROM_CLASSICAL;
    out->margin = NAN;
    out->reason.kind = 1;
    out->reason.lateral = CW_KEEP_LANE;
    if (v.place.lane == CW_NONE) { // nowhere on the map: it can only stop
        out->reason.longitudinal = CW_STOP_FOR;
        out->control.accel = out->reason.accel = (float)-calm;
        return;
    }
    look_along(self, &v);
    if (!self->started) {
        self->started = 1;
        self->set_speed = (double)obs->ego.speed;
        self->shift = v.place.offset;
    }
    double accel = longitudinal(self, &v, &out->reason);
    accel = cw_clamp(accel, -(double)self->body.max_brake, (double)self->body.max_accel);
    out->control.accel = out->reason.accel = (float)accel;
    steer(self, &v, accel, out);
}

#define MODEL(driver_name, driver_reset)                                                                               \
    {                                                                                                                  \
        .name = driver_name, .state_size = state_size, .reset = driver_reset, .decide = decide, .repeatable = true,    \
        .heeds_told = true                                                                                             \
    }
const cw_driver cw_driver_human = MODEL("human", reset);
const cw_driver cw_driver_reg157 = MODEL("reg157", reset_reg157);
const cw_driver cw_driver_rss = MODEL("rss", reset_rss);
const cw_driver cw_driver_fsm = MODEL("fsm", reset_fsm);
