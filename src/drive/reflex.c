// The learned driver: a policy trained by self-play (docs/TRAIN.md), asked for what to do now and, on its own prediction, for
// what it would do later.
//
// It says no reason: none was learned, and none is computed after the fact.
#include "drive/reflex_policy.h"

#include "drive/drivers.h"

#include <math.h>
#include <string.h>

// Points of the way that it keeps; how many it looks along for a place ahead; of the trajectory, from one question to the policy,
// and to the plain follower, to the next.
enum { WAY_MOST = 640, LOOK = 100, ASKED_EACH = 16, FOLLOWED_EACH = 4 };
static const double change_length = 30, ahead_most = 500;          // m
static const double goal_most = 120;                               // m along the way: as far as goals lay in training
static const double lost = 12;                                     // m beside the way: it is looked for anew
static const float usual_limit = 13.9f, fastest = 15, slowest = 3; // m/s

typedef struct state {
    cw_body body;
    float period;
    uint64_t policy; // hash of its weights
    uint32_t version, count, sample, meeting_count;
    uint32_t known, whole; // there is a way; it leads to the end
    float last[2];         // shares that it asked for last
    cw_way_point way[WAY_MOST];
    cw_way_meeting meetings[CW_WAY_MEETINGS];
} state;

static size_t state_size(const cw_driver_def *def) {
    (void)def;
    return sizeof(state);
}

static cw_status reset(void *memory, const cw_driver_def *def, cw_error *err) {
    state *self = memory;
    memset(self, 0, sizeof *self);
    memcpy(&self->body, &def->body, sizeof self->body);
    self->period = def->period;
    return cw_policy_load(def->weights, &self->policy, err);
}

// ---- the way -------------------------------------------------------------------------------------------------------------

// From beside the ego on: along the route where it is on it, else on along its lane.
static void find_way(state *self, const cw_obs *obs) {
    const cw_map *map = obs->map;
    const cw_route *route = &obs->mission->route;
    cw_lane_place from = obs->ego.place;
    cw_arena *arena = cw_arena_new(0, 0);
    self->count = self->sample = self->known = 0;
    self->version = obs->mission_version;
    if (!arena || from.lane == CW_NONE) {
        cw_arena_free(arena);
        return;
    }
    uint32_t at = CW_NONE;
    for (uint32_t i = 0; i < route->count && at == CW_NONE; i++)
        at = route->lanes[i] == from.lane ? i : CW_NONE;
    for (uint32_t i = 0; i < route->count && at == CW_NONE; i++)
        at = map->lanes[route->lanes[i]].section == map->lanes[from.lane].section ? i : CW_NONE;
    cw_route rest = {0};
    if (at != CW_NONE) {
        rest = (cw_route){.count = route->count - at, .lanes = route->lanes + at, .length = route->length};
        from.lane = route->lanes[at];
    }
    cw_path path;
    bool found = (at != CW_NONE || cw_route_ahead(map, from, ahead_most, arena, &rest)) &&
                 cw_path_along(map, &rest, from, (double)NAN, CW_WAY_STEP, change_length, arena, &path);
    for (uint32_t i = 0; found && i < path.count && self->count < WAY_MOST; i++) {
        double sine, cosine;
        cw_sincos((double)path.heading[i], &sine, &cosine);
        self->way[self->count++] =
            (cw_way_point){.x = path.x[i], .y = path.y[i], .ux = (float)cosine, .uy = (float)sine};
        self->way[self->count - 1].lane = path.lane[i];
        self->way[self->count - 1].travel = (float)path.lane_travel[i];
    }
    if (found)
        cw_way_settle(map, NULL, self->body.length, self->body.width, self->way, self->count);
    self->meeting_count = cw_way_meetings(map, self->way, self->count, self->meetings, CW_WAY_MEETINGS);
    self->known = self->count > 1;
    self->whole = found && path.count <= WAY_MOST;
    cw_arena_free(arena);
}

static cw_way_foot foot_at(const state *self, uint32_t sample, double x, double y, double sine, double cosine) {
    return cw_way_foot_at(self->way, self->count, sample, x, y, sine, cosine);
}

static double distance2(const cw_way_point *p, double x, double y) {
    return (p->x - x) * (p->x - x) + (p->y - y) * (p->y - y);
}

// How far along the way a place lies that is ahead of that sample, m, and how far beside it (may be NULL).
static double along(const state *self, uint32_t sample, double x, double y, double *beside) {
    uint32_t best = sample, last = sample + LOOK < self->count ? sample + LOOK : self->count - 1;
    double least = distance2(&self->way[sample], x, y), next;
    for (uint32_t i = sample + 1; i <= last; i++)
        if ((next = distance2(&self->way[i], x, y)) < least) {
            least = next;
            best = i;
        }
    cw_way_foot f = foot_at(self, best, x, y, 0, 1);
    if (beside)
        *beside = fabs(f.left);
    return f.s;
}

// ---- what the policy reads -----------------------------------------------------------------------------------------------

typedef struct moment { // of the roll-out
    double time, x, y, heading, sine, cosine, speed, accel, yaw_rate, steer, lateral;
    float last[2];
    cw_way_foot foot;
    cw_vec2 goal;
    double reach; // m along the way, of the goal
} moment;

static float kind_of(uint8_t kind) {
    switch ((cw_user_kind)kind) {
    case CW_USER_CAR:
    case CW_USER_VAN:
        return 1;
    case CW_USER_TRUCK:
    case CW_USER_BUS:
    case CW_USER_TRAILER:
    case CW_USER_TRAIN:
        return 2;
    case CW_USER_MOTORCYCLE:
    case CW_USER_BICYCLE:
        return 3;
    case CW_USER_PEDESTRIAN:
        return 4;
    case CW_USER_ANIMAL:
        return 5;
    case CW_USER_OBSTACLE:
        return 6;
    default:
        return 7;
    }
}

// Tracks go on as they move; the nearest as they are now, in the order in which they come.
static void write_users(const cw_obs *obs, const moment *m, cw_reflex_view *view) {
    double s0, c0;
    cw_sincos((double)obs->ego.heading, &s0, &c0);
    memset(view->users, 0, sizeof view->users);
    float *out = view->users;
    for (uint32_t i = 0; i < obs->track_count && i < CW_REFLEX_USERS; i++, out += CW_REFLEX_SEEN) {
        const cw_track *t = &obs->tracks[i];
        double tx = (double)t->x + (double)t->vx * m->time, ty = (double)t->y + (double)t->vy * m->time;
        double dx = obs->ego.x + tx * c0 - ty * s0 - m->x, dy = obs->ego.y + tx * s0 + ty * c0 - m->y;
        double turn = cw_wrap_angle((double)obs->ego.heading + (double)t->heading - m->heading);
        out[0] = (float)((dx * m->cosine + dy * m->sine) / 50);
        out[1] = (float)((dy * m->cosine - dx * m->sine) / 50);
        out[2] = (float)(turn / CW_PI);
        out[3] = t->speed / 30;
        out[4] = t->length / 10;
        out[5] = t->width / 4;
        out[6] = kind_of(t->kind) / 8;
        uint32_t lane = t->place.lane;
        double travel = lane == CW_NONE ? 0 : cw_lane_travel(obs->map, lane, t->place.s);
        view->moves[i].yaw_rate = t->yaw_rate;
        view->moves[i].lane = lane;
        view->moves[i].travel = (float)(travel + (double)t->speed * m->time);
    }
}

static bool counts(const cw_map *map, const cw_signal_view *v, bool *light) {
    uint8_t kind = v->signal == CW_NONE ? (uint8_t)CW_SIGNAL_STOP_LINE : map->signals[v->signal].kind;
    *light = kind == CW_SIGNAL_LIGHT;
    return *light || kind == CW_SIGNAL_STOP || kind == CW_SIGNAL_YIELD || kind == CW_SIGNAL_STOP_LINE;
}

static void write_signals(const state *self, const cw_obs *obs, const moment *m, float *out) {
    uint32_t filled = 0;
    memset(out, 0, sizeof(float) * CW_REFLEX_SIGNALS * CW_REFLEX_SIGNAL);
    for (uint32_t i = 0; i < obs->signal_count && filled < CW_REFLEX_SIGNALS; i++) {
        const cw_signal_view *v = &obs->signals[i];
        bool light;
        if (!counts(obs->map, v, &light))
            continue;
        double s = along(self, m->foot.sample, v->stop_x, v->stop_y, NULL) - m->foot.s;
        if (s < 0 || m->foot.s + s > m->reach) // what lies beyond its goal is not asked of it
            continue;
        bool red = light && (v->light == CW_LIGHT_RED || v->light == CW_LIGHT_RED_YELLOW);
        bool yellow = light && (v->light == CW_LIGHT_YELLOW || v->light == CW_LIGHT_RED_YELLOW ||
                                v->light == CW_LIGHT_FLASHING_YELLOW);
        out[0] = (float)(s / 100);
        out[1] = light ? 0 : 1;
        out[2] = red;
        out[3] = yellow;
        out[4] = light && v->light == CW_LIGHT_GREEN;
        out += CW_REFLEX_SIGNAL;
        filled++;
    }
}

// Where it is to go next: its goal, or a place on the way that is as far as goals lay in training.
static void set_goal(const state *self, const cw_obs *obs, moment *m) {
    double end = (self->count - 1) * CW_WAY_STEP, beside;
    m->reach = cw_min(m->foot.s + goal_most, cw_max(end, m->foot.s + 20));
    m->goal = cw_way_at(self->way, self->count, m->reach);
    if (!obs->mission->has_goal || !self->whole)
        return;
    cw_vec2 goal = {obs->mission->goal_x, obs->mission->goal_y};
    double s = along(self, m->foot.sample, goal.x, goal.y, &beside);
    if (s - m->foot.s > goal_most || beside > 20)
        return;
    m->reach = s;
    m->goal = goal;
}

static void write_ego(const state *self, const moment *m, float *out) {
    double dx = m->goal.x - m->x, dy = m->goal.y - m->y, ahead = dx * m->cosine + dy * m->sine;
    double left = dy * m->cosine - dx * m->sine, distance = sqrt(ahead * ahead + left * left);
    const double all[CW_REFLEX_EGO] = {m->speed / 30,
                                       ahead / 100,
                                       left / 100,
                                       (double)self->body.length / 10,
                                       (double)self->body.width / 4,
                                       m->steer,
                                       m->foot.left / 5,
                                       m->foot.turn,
                                       distance / 100,
                                       distance > 0 ? ahead / distance : 1,
                                       distance > 0 ? left / distance : 0,
                                       m->lateral / 5,
                                       m->yaw_rate,
                                       m->accel / 10,
                                       (double)m->last[0],
                                       (double)m->last[1]};
    for (uint32_t i = 0; i < CW_REFLEX_EGO; i++)
        out[i] = (float)all[i];
}

// As fast as the lane's limit and its user allow.
static cw_character character_of(const state *self, const cw_obs *obs) {
    const cw_lane_place *place = &obs->ego.place;
    float limit = place->lane == CW_NONE ? 0 : cw_lane_limit(obs->map, place->lane, place->s);
    limit = limit > 0 && isfinite(limit) ? limit : usual_limit;
    double speed = cw_clamp(cw_min((double)limit, (double)obs->mission->set_speed), (double)slowest, (double)fastest);
    return (cw_character){(float)speed, 0.5f, 0.5f, 1.2f, cw_reflex_kind(self->body.length, self->body.width)};
}

// ---- deciding --------------------------------------------------------------------------------------------------------------

static moment begin(const state *self, const cw_obs *obs) {
    moment m = {.x = obs->ego.x,
                .y = obs->ego.y,
                .heading = (double)obs->ego.heading,
                .speed = (double)obs->ego.speed,
                .accel = (double)obs->ego.accel,
                .yaw_rate = (double)obs->ego.yaw_rate,
                .steer = (double)obs->ego.steer,
                .lateral = (double)obs->ego.lateral_speed,
                .last = {self->last[0], self->last[1]}};
    cw_sincos(m.heading, &m.sine, &m.cosine);
    return m;
}

// What the policy reads at that moment.
// Sees what is there as it will be at that moment.
static void see(const state *self, const cw_obs *obs, moment *m, cw_reflex_view *view) {
    set_goal(self, obs, m);
    write_ego(self, m, view->ego);
    write_signals(self, obs, m, view->signals);
    write_users(obs, m, view);
    view->meetings = self->meetings;
    view->meeting_count = self->meeting_count;
    cw_reflex_look(self->way, self->count, m->foot.s, m->x, m->y, m->sine, m->cosine, view);
}

// The control that the action means where it is now.
static void steer_by(const state *self, const float *action, const cw_reflex_view *view, moment *m, float *accel,
                     float *steer) {
    cw_reflex_control(action, view, self->body.max_accel, self->body.max_brake, self->body.max_steer, accel, steer);
    m->last[0] = *accel / (*accel < 0 ? self->body.max_brake : self->body.max_accel);
    m->last[1] = *steer / self->body.max_steer;
}

static void move(const state *self, moment *m, double accel, double steer) {
    double wheelbase = self->body.wheelbase > 0.5f ? (double)self->body.wheelbase : 0.6 * (double)self->body.length;
    double next = cw_clamp(m->speed + accel * CW_TRAJECTORY_STEP, 0, (double)self->body.max_speed);
    double way = 0.5 * (m->speed + next) * CW_TRAJECTORY_STEP, bend = cw_tan(steer) / wheelbase;
    double middle = m->heading + 0.5 * way * bend, sine, cosine;
    cw_sincos(middle, &sine, &cosine);
    m->x += way * cosine;
    m->y += way * sine;
    m->heading += way * bend;
    cw_sincos(m->heading, &m->sine, &m->cosine);
    m->accel = (next - m->speed) / CW_TRAJECTORY_STEP;
    m->yaw_rate = next * bend;
    m->steer = steer;
    m->lateral = 0;
    m->speed = next;
    m->time += CW_TRAJECTORY_STEP;
}

// Brings the way up to date; false: there is none.
static bool look(state *self, const cw_obs *obs, moment *m) {
    *m = begin(self, obs);
    if (self->known)
        m->foot = foot_at(self, self->sample, m->x, m->y, m->sine, m->cosine);
    bool runs_out = self->known && !self->whole && m->foot.sample + 60 > self->count;
    if (!self->known || self->version != obs->mission_version || fabs(m->foot.left) > lost || runs_out) {
        find_way(self, obs);
        if (self->known)
            m->foot = foot_at(self, 0, m->x, m->y, m->sine, m->cosine);
    }
    self->sample = m->foot.sample;
    return self->known;
}

bool cw_reflex_sample(void *memory, const cw_obs *obs, float *sample) {
    state *self = memory;
    moment m;
    cw_reflex_view view = {.character = character_of(self, obs)};
    if (!look(self, obs, &m))
        return false;
    see(self, obs, &m, &view);
    cw_reflex_read(&view, sample);
    return true;
}

static void note(const cw_obs *obs, const moment *m, uint32_t i, cw_trajectory *out) {
    double dx = m->x - obs->ego.x, dy = m->y - obs->ego.y, sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    out->x[i] = (float)(dx * cosine + dy * sine);
    out->y[i] = (float)(dy * cosine - dx * sine);
    out->heading[i] = (float)cw_wrap_angle(m->heading - (double)obs->ego.heading);
    out->speed[i] = (float)m->speed;
}

static void decide(void *memory, const cw_obs *obs, cw_decision *decision) {
    state *self = memory;
    moment m;
    memset(decision, 0, sizeof *decision);
    decision->step = obs->step;
    decision->source = CW_FROM_LEARNED;
    decision->margin = NAN;
    cw_policy *policy = cw_policy_of(self->policy);
    if (!policy || !look(self, obs, &m))
        return; // off the map it has nothing to say
    cw_reflex_view view = {.character = character_of(self, obs)};
    float action[CW_REFLEX_ACTIONS], accel, steer, sample[CW_REFLEX_FLOATS];
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        m.foot = foot_at(self, m.foot.sample, m.x, m.y, m.sine, m.cosine);
        if (i % ASKED_EACH == 0) {
            see(self, obs, &m, &view);
            cw_reflex_read(&view, sample);
            if (!cw_policy_act(policy, sample, action))
                return;
        } else if (i % FOLLOWED_EACH == 0) {
            see(self, obs, &m, &view);
            cw_reflex_follow(&view);
        } else { // steering alone
            view.ego[0] = (float)(m.speed / 30);
            cw_reflex_look(self->way, self->count, m.foot.s, m.x, m.y, m.sine, m.cosine, &view);
        }
        steer_by(self, action, &view, &m, &accel, &steer);
        if (i == 0) {
            decision->control.accel = accel;
            decision->control.steer = steer;
            memcpy(self->last, m.last, sizeof self->last);
        }
        move(self, &m, (double)accel, (double)steer);
        note(obs, &m, i, &decision->trajectory);
    }
    decision->valid = true;
    decision->reason.accel = decision->control.accel;
    decision->reason.speed = view.character.speed;
}

const cw_driver cw_driver_reflex = {
    .name = "reflex", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
