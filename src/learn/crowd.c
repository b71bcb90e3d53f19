#include "learn/crowd.h"

#include "causeway/vector.h"
#include "causeway/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = 0xc4a2, WAY_MOST = 200 };

static const double train_step = 0.2, step = 0.1; // s
static const double episode = 40, patience = 90;  // s, of training and of evaluation
static const double usual_share = 0.4;            // of the characters in training
static const double beyond_goal = 70;             // m of the way

// Where things stand in the vector observation's ego.
enum { SPEED = 0, GOAL_X = 1, GOAL_Y = 2, LENGTH = 3, WIDTH = 4, OFFSET = 6, TURN = 7, YAW_RATE = 12, ACCEL = 13 };

static cw_vector_def layout(void) {
    cw_vector_def def = cw_vector_compact();
    def.road = 0;  // the way stands for it
    def.users = 0; // they are read with the lanes that they are on
    return def;
}

static bool make_room(cw_crowd *c) {
    size_t n = c->agents;
    c->actions = calloc(2 * n, sizeof(float));
    c->observations = calloc(n * c->floats, sizeof(float));
    c->rewards = calloc(n, sizeof(float));
    c->terminations = calloc(n, 1);
    c->truncations = calloc(n, 1);
    c->infos = calloc(n, sizeof *c->infos);
    c->route_before = calloc(n, sizeof(float));
    c->members = calloc(n, sizeof *c->members);
    c->views = calloc(n, sizeof *c->views);
    c->ways = cw_arena_new(0, 0);
    c->list = calloc(n, sizeof *c->list);
    c->failed = calloc(c->worlds, sizeof *c->failed);
    c->ended = calloc(c->worlds, sizeof *c->ended);
    return c->actions && c->observations && c->rewards && c->terminations && c->truncations && c->infos &&
           c->route_before && c->members && c->views && c->ways && c->list && c->failed && c->ended;
}

// What it likes, drawn for each of its episodes; the usual one drives at an ordinary pace with an ordinary gap.
static void begin(cw_crowd *c, uint32_t agent) {
    cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    const float *ego = c->observations + (size_t)agent * c->floats;
    cw_rng_key key = {.seed = c->seed, .agent = agent, .purpose = PURPOSE, .step = c->step};
    *m = (cw_member){.max_accel = m->max_accel,
                     .max_brake = m->max_brake,
                     .max_steer = m->max_steer,
                     .way = m->way,
                     .way_count = m->way_count,
                     .meetings = m->meetings,
                     .meeting_count = m->meeting_count,
                     .sample = CW_NONE};
    m->character = (cw_character){10, 0.5f, 0.5f, 1.2f, 0};
    if (!c->usual && cw_rng_uniform(key, 4) > usual_share)
        m->character = (cw_character){.speed = (float)cw_lerp(4, 15, cw_rng_uniform(key, 0)),
                                      .haste = (float)cw_rng_uniform(key, 1),
                                      .comfort = (float)cw_rng_uniform(key, 2),
                                      .gap = (float)cw_lerp(0.6, 2, cw_rng_uniform(key, 3))};
    m->character.kind = cw_reflex_kind(ego[LENGTH] * 10, ego[WIDTH] * 4);
    if (m->max_steer > 0)
        return;
    cw_actor_limits limits;
    cw_world_limits(cw_batch_world(c->batch, info->world), info->actor, &limits);
    m->max_accel = limits.max_accel;
    m->max_brake = limits.max_brake;
    m->max_steer = limits.max_steer;
}

static void locate(const cw_map *map, double x, double y, double heading, cw_lane_place *place) {
    cw_locate query = cw_locate_at(x, y);
    query.heading = heading;
    query.hint = *place;
    query.under_only = true;
    for (int kind = 0; kind < CW_LANE_KINDS; kind++)
        if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
            query.kinds |= 1u << kind;
    if (!cw_map_locate(map, &query, place))
        *place = (cw_lane_place){.lane = CW_NONE};
}

// Who is where, for all to see.
static void watch(cw_crowd *c) {
    for (uint32_t w = 0; w < c->worlds; w++) {
        const cw_world *world = cw_batch_world(c->batch, w);
        const cw_scene *scene = cw_world_scene(world);
        cw_world_arrays at;
        cw_world_view(world, &at);
        for (uint32_t i = 0; i < scene->actor_count; i++) {
            cw_bystander *b = &c->bystanders[c->bystander_first[w] + i];
            const cw_actor *a = &scene->actors[i];
            double x = b->x, y = b->y;
            b->present = at.present[i] && at.visible[i];
            if (!b->present)
                continue;
            double sine, cosine;
            cw_sincos(at.heading[i], &sine, &cosine);
            b->x = at.x[i] + (double)a->center_x * cosine - (double)a->center_y * sine;
            b->y = at.y[i] + (double)a->center_x * sine + (double)a->center_y * cosine;
            b->heading = at.heading[i];
            b->speed = at.speed[i];
            b->yaw_rate = at.yaw_rate[i];
            b->length = a->length;
            b->width = a->width;
            b->kind = a->kind == CW_ACTOR_TRUCK || a->kind == CW_ACTOR_BUS            ? 2
                      : a->kind == CW_ACTOR_MOTORCYCLE || a->kind == CW_ACTOR_BICYCLE ? 3
                                                                                      : 1;
            if (x == b->x && y == b->y) // it stands
                continue;
            locate(scene->map, b->x, b->y, b->heading, &b->place);
            b->travel = b->place.lane == CW_NONE ? 0 : (float)cw_lane_travel(scene->map, b->place.lane, b->place.s);
        }
    }
}

static bool make_bystanders(cw_crowd *c) {
    uint32_t count = 0;
    c->bystander_first = calloc(c->worlds + 1, sizeof *c->bystander_first);
    for (uint32_t w = 0; c->bystander_first && w < c->worlds; w++) {
        c->bystander_first[w] = count;
        count += cw_world_actor_count(cw_batch_world(c->batch, w));
    }
    c->bystanders = c->bystander_first ? calloc(count + 1, sizeof *c->bystanders) : NULL;
    for (uint32_t i = 0; c->bystanders && i < count; i++)
        c->bystanders[i] = (cw_bystander){.x = NAN, .place = {.lane = CW_NONE}};
    return c->bystanders != NULL;
}

// The nearest to it, as the vector observation's rows, and how they move.
static void see_others(const cw_crowd *c, uint32_t agent, double x, double y, double heading, cw_reflex_view *v) {
    uint32_t w = c->infos[agent].world, actor = c->infos[agent].actor, count = 0, near[CW_REFLEX_USERS];
    const cw_bystander *all = c->bystanders + c->bystander_first[w];
    uint32_t most = cw_world_actor_count(cw_batch_world(c->batch, w));
    double least[CW_REFLEX_USERS], sine, cosine;
    for (uint32_t i = 0; i < most; i++) {
        if (!all[i].present || i == actor)
            continue;
        double dx = all[i].x - x, dy = all[i].y - y, square = dx * dx + dy * dy;
        if (count == CW_REFLEX_USERS && square >= least[count - 1])
            continue;
        uint32_t k = count < CW_REFLEX_USERS ? count++ : count - 1;
        for (; k > 0 && least[k - 1] > square; k--) {
            least[k] = least[k - 1];
            near[k] = near[k - 1];
        }
        least[k] = square;
        near[k] = i;
    }
    cw_sincos(heading, &sine, &cosine);
    memset(v->users, 0, sizeof v->users);
    for (uint32_t k = 0; k < count; k++) {
        const cw_bystander *b = &all[near[k]];
        double dx = b->x - x, dy = b->y - y;
        const float row[CW_REFLEX_SEEN] = {(float)((dx * cosine + dy * sine) / 50),
                                           (float)((dy * cosine - dx * sine) / 50),
                                           (float)(cw_wrap_angle(b->heading - heading) / CW_PI),
                                           b->speed / 30,
                                           b->length / 10,
                                           b->width / 4,
                                           b->kind / 8};
        memcpy(v->users + (size_t)k * CW_REFLEX_SEEN, row, sizeof row);
        v->moves[k].yaw_rate = b->yaw_rate;
        v->moves[k].lane = b->place.lane;
        v->moves[k].travel = b->travel;
    }
}

// Its way to the goal, as the driver would find it. False: out of memory.
static bool find_way(cw_crowd *c, const cw_course *course, uint32_t agent) {
    float ahead[WAY_MOST], at[2 * WAY_MOST];
    for (uint32_t i = 0; i < WAY_MOST; i++)
        ahead[i] = (float)(i * CW_WAY_STEP) - c->infos[agent].route_s;
    cw_batch_route(c->batch, agent, ahead, WAY_MOST, at);
    const float *ego = c->observations + (size_t)agent * c->floats;
    const cw_world *world = cw_batch_world(c->batch, c->infos[agent].world);
    const cw_map *map = cw_world_scene(world)->map;
    cw_world_arrays all;
    cw_world_view(world, &all);
    uint32_t actor = c->infos[agent].actor, count = WAY_MOST;
    double sine, cosine, least = INFINITY, gx = 100 * (double)ego[GOAL_X], gy = 100 * (double)ego[GOAL_Y];
    cw_sincos((double)all.heading[actor], &sine, &cosine);
    for (uint32_t i = 0; i < WAY_MOST; i++) {
        double d = cw_hypot((double)at[2 * i] - gx, (double)at[2 * i + 1] - gy);
        if (d < least) {
            least = d;
            uint32_t enough = i + (uint32_t)(beyond_goal / CW_WAY_STEP);
            count = enough < WAY_MOST ? enough : WAY_MOST;
        }
    }
    cw_way_point *way = cw_arena_array(c->ways, count, sizeof *way);
    if (!way)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        double x = (double)at[2 * i], y = (double)at[2 * i + 1];
        way[i].x = all.x[actor] + x * cosine - y * sine;
        way[i].y = all.y[actor] + x * sine + y * cosine;
    }
    for (uint32_t i = 0; i < count; i++) {
        const cw_way_point *p = &way[i > 0 ? i - 1 : 0], *q = &way[i + 1 < count ? i + 1 : i];
        double dx = q->x - p->x, dy = q->y - p->y;
        if (i == 0 && count > 2) { // of the parabola through the first three
            dx = 4 * dx - (way[2].x - p->x);
            dy = 4 * dy - (way[2].y - p->y);
        }
        double length = cw_max(cw_hypot(dx, dy), 1e-6);
        way[i].ux = (float)(dx / length);
        way[i].uy = (float)(dy / length);
    }
    cw_lane_place place = {.lane = CW_NONE};
    for (uint32_t i = 0; i < count; i++) {
        locate(map, way[i].x, way[i].y, cw_atan2((double)way[i].uy, (double)way[i].ux), &place);
        way[i].lane = place.lane;
        way[i].travel = place.lane == CW_NONE ? 0 : (float)cw_lane_travel(map, place.lane, place.s);
    }
    cw_way_meeting found[CW_WAY_MEETINGS], *meetings;
    uint32_t meeting_count = cw_way_meetings(map, way, count, found, CW_WAY_MEETINGS);
    meetings = cw_arena_array(c->ways, meeting_count + 1, sizeof *meetings);
    if (!meetings)
        return false;
    memcpy(meetings, found, meeting_count * sizeof *meetings);
    c->members[agent].meetings = meetings;
    c->members[agent].meeting_count = meeting_count;
    cw_way_settle(map, cw_course_area(course, map), ego[LENGTH] * 10, ego[WIDTH] * 4, way, count);
    c->members[agent].way = way;
    c->members[agent].way_count = count;
    return true;
}

static void begin_new(cw_crowd *c) {
    for (uint32_t i = 0; i < c->agents; i++)
        if (c->infos[i].first)
            begin(c, i);
}

cw_status cw_crowd_new(cw_course *course, const cw_pick *picks, uint32_t worlds, uint64_t seed, int threads, bool usual,
                       cw_crowd **crowd, cw_error *err) {
    *crowd = NULL;
    const cw_scene_source *source = cw_course_source(course, picks, worlds);
    cw_crowd *c = calloc(1, sizeof *c);
    if (!source || !c) {
        free(c);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    cw_vector_def vector = layout();
    cw_batch_def def = cw_batch_defaults(source);
    def.worlds = worlds;
    def.dt_ns = (int64_t)(1e9 * (usual ? step : train_step) + 0.5);
    def.horizon = (uint32_t)(usual ? patience / step : episode / train_step);
    def.control = CW_CONTROL_GOALS;
    def.on_contact = def.on_offroad = def.on_goal = CW_ON_REMOVE;
    def.goal_radius = 4;
    def.reward = (cw_batch_reward){0}; // ours depend on the character
    def.observation = &vector;
    def.threads = threads;
    cw_status status = cw_batch_new(&def, &c->batch, err);
    if (status == CW_OK) {
        c->agents = cw_batch_agents(c->batch);
        c->floats = cw_batch_floats(c->batch);
        c->worlds = worlds;
        c->seed = seed;
        c->usual = usual;
        if (!make_room(c))
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    if (status != CW_OK) {
        cw_crowd_free(c);
        return status;
    }
    cw_batch_set_buffers(c->batch, &(cw_batch_buffers){.actions = c->actions,
                                                       .observations = c->observations,
                                                       .rewards = c->rewards,
                                                       .terminations = c->terminations,
                                                       .truncations = c->truncations,
                                                       .infos = c->infos});
    cw_batch_reset(c->batch, NULL);
    bool fine = make_bystanders(c);
    for (uint32_t i = 0; fine && i < c->agents; i++)
        fine = find_way(c, course, i);
    if (!fine) {
        cw_crowd_free(c);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    begin_new(c);
    watch(c);
    *crowd = c;
    return CW_OK;
}

void cw_crowd_free(cw_crowd *c) {
    if (!c)
        return;
    cw_batch_free(c->batch);
    free(c->actions);
    free(c->observations);
    free(c->rewards);
    free(c->terminations);
    free(c->truncations);
    free(c->infos);
    free(c->route_before);
    free(c->members);
    free(c->views);
    free(c->bystanders);
    free(c->bystander_first);
    cw_arena_free(c->ways);
    free(c->list);
    free(c->failed);
    free(c->ended);
    free(c);
}

uint32_t cw_crowd_active(cw_crowd *c) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->agents; i++)
        if (c->infos[i].active)
            c->list[count++] = i;
    return count;
}

void cw_crowd_encode(cw_crowd *c, uint32_t agent, float *sample) {
    const float *row = c->observations + (size_t)agent * c->floats;
    cw_member *m = &c->members[agent];
    cw_reflex_view *v = &c->views[agent];
    cw_world_arrays at;
    cw_world_view(cw_batch_world(c->batch, c->infos[agent].world), &at);
    uint32_t actor = c->infos[agent].actor;
    double sine, cosine, x = at.x[actor], y = at.y[actor];
    cw_sincos((double)at.heading[actor], &sine, &cosine);
    cw_way_foot foot = cw_way_foot_at(m->way, m->way_count, m->foot, x, y, sine, cosine);
    m->foot = foot.sample;
    memcpy(v->ego, row, sizeof v->ego);
    v->ego[OFFSET] = (float)(foot.left / 5);
    v->ego[TURN] = (float)foot.turn;
    memcpy(v->signals, row + CW_REFLEX_EGO, sizeof v->signals);
    see_others(c, agent, x, y, at.heading[actor], v);
    v->meetings = m->meetings;
    v->meeting_count = m->meeting_count;
    v->character = m->character;
    cw_reflex_look(m->way, m->way_count, foot.s, x, y, sine, cosine, v);
    cw_reflex_read(v, sample);
}

void cw_crowd_act(cw_crowd *c, uint32_t agent, const float *action) {
    const cw_member *m = &c->members[agent];
    const cw_reflex_view *v = &c->views[agent];
    float accel, steer;
    cw_reflex_control(action, v, m->max_accel, m->max_brake, m->max_steer, &accel, &steer);
    c->actions[2 * agent] = (float)cw_clamp((double)(accel / (accel < 0 ? m->max_brake : m->max_accel)), -1, 1);
    c->actions[2 * agent + 1] = (float)cw_clamp((double)(steer / m->max_steer), -1, 1);
}

// It was run into from behind by someone faster.
static bool was_hit(const cw_crowd *c, uint32_t agent) {
    const cw_world *world = cw_batch_world(c->batch, c->infos[agent].world);
    uint32_t actor = c->infos[agent].actor;
    cw_world_arrays at;
    const cw_contact *contacts;
    cw_world_view(world, &at);
    for (uint32_t i = cw_world_contacts(world, &contacts); i-- > 0;) {
        const cw_contact *k = &contacts[i];
        if (k->b == CW_NONE || (k->a != actor && k->b != actor))
            continue;
        bool first = k->a == actor;
        double sine, cosine;
        cw_sincos((double)at.heading[actor], &sine, &cosine);
        double along = (k->x - at.x[actor]) * cosine + (k->y - at.y[actor]) * sine;
        double turn = cw_wrap_angle((double)(at.heading[first ? k->b : k->a] - at.heading[actor]));
        return along < 0 && fabs(turn) < 0.8 && (first ? k->speed_b > k->speed_a : k->speed_a > k->speed_b);
    }
    return false;
}

void cw_crowd_step(cw_crowd *c) {
    for (uint32_t i = 0; i < c->agents; i++)
        c->route_before[i] = c->infos[i].route_s;
    c->step++;
    cw_batch_step(c->batch);
    begin_new(c);
    watch(c);
    for (uint32_t i = 0; i < c->agents; i++)
        if (c->terminations[i] && c->infos[i].end == CW_AGENT_CONTACT)
            c->members[i].hit = was_hit(c, i);
}

// Share of the wished time gap that is missing to the nearest who drives ahead on its way.
static double missing_gap(const float *sample, double gap) {
    double speed = (double)sample[SPEED] * 30, front = 0.8 * (double)sample[LENGTH] * 10, most = 0;
    for (uint32_t i = 0; i < CW_REFLEX_USERS && speed > 2; i++) {
        const float *user = sample + CW_REFLEX_SELF + i * CW_REFLEX_USER, *on = user + CW_REFLEX_SEEN;
        double along = (double)on[0] * 50, beside = (double)on[1] * 10;
        if (user[CW_REFLEX_SEEN - 1] <= 0 || along < front || fabs(beside) > 1.5 || (double)on[2] < 0.9)
            continue;
        double room = along - 0.5 * (double)user[4] * 10 - front;
        most = cw_max(most, 1 - cw_max(room - 1, 0) / (speed * gap));
    }
    return most;
}

// It stands though no red light asks for it: 1, or a part of it where somebody is on its way.
static double dawdles(const float *sample) {
    double front = 0.8 * (double)sample[LENGTH] * 10, idle = (double)sample[SPEED] * 30 < 0.5;
    for (uint32_t i = 0; i < CW_REFLEX_SIGNALS; i++) {
        const float *signal = sample + CW_REFLEX_AT_SIGNALS + i * CW_REFLEX_SIGNAL;
        if ((signal[2] > 0 || signal[3] > 0) && (double)signal[0] * 100 < front + 15)
            return 0;
    }
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++) {
        const float *user = sample + CW_REFLEX_SELF + i * CW_REFLEX_USER, *on = user + CW_REFLEX_SEEN;
        double along = (double)on[0] * 50, beside = (double)on[1] * 10;
        if (user[CW_REFLEX_SEEN - 1] > 0 && along > 0 && along < front + 12 && fabs(beside) < 2.2)
            idle = cw_min(idle, 0.25);
    }
    return idle;
}

// Its front crossed a stop line at red.
static bool ran_red(const float *sample, double way) {
    double front = 0.8 * (double)sample[LENGTH] * 10;
    for (uint32_t i = 0; i < CW_REFLEX_SIGNALS; i++) {
        const float *signal = sample + CW_REFLEX_AT_SIGNALS + i * CW_REFLEX_SIGNAL;
        double before = (double)signal[0] * 100 - front;
        if (signal[2] > 0 && signal[3] <= 0 && before >= 0 && before - way < 0)
            return true;
    }
    return false;
}

// How near two are to meeting where their ways cross, 0 to 1, if both go on as they do: so far have each to go there, so fast
// are they, so long.
static double danger_at(double mine, double its, double own, double speed, double front, double length) {
    if (mine < -front || its < -length) // one of them is past it
        return 0;
    double first = mine / cw_max(own, 0.3), second = its / cw_max(speed, 0.3);
    double apart = fabs(first - second), soon = cw_max(cw_min(first, second), 0);
    return cw_max(1 - apart / 1.8, 0) * cw_max(1 - soon / 4, 0);
}

static double danger_of(const float *sample) {
    double most = 0, own = (double)sample[SPEED] * 30, front = 0.8 * (double)sample[LENGTH] * 10;
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++) {
        const float *user = sample + CW_REFLEX_SELF + i * CW_REFLEX_USER, *on = user + CW_REFLEX_SEEN,
                    *meets = user + CW_REFLEX_MEETS;
        double length = (double)user[4] * 10, speed = (double)user[3] * 30;
        if (user[CW_REFLEX_SEEN - 1] <= 0 || speed < 1)
            continue;
        if (on[4] > 0)
            most = cw_max(most, danger_at((double)on[5] * 50 - front, (double)on[6] * 50 - 0.5 * length, own, speed,
                                          front, length));
        else if (meets[1] > 0.9f)
            most = cw_max(most, danger_at((double)meets[3] * 50, (double)meets[4] * 50, own, speed, front, length));
    }
    return most;
}

float cw_crowd_reward(cw_crowd *c, const cw_rewards *w, uint32_t agent, const float *sample, const float *action) {
    cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    const float *now = c->observations + (size_t)agent * c->floats;
    double way = (double)(info->route_s - c->route_before[agent]), wished = (double)m->character.speed;
    double speed = (double)now[SPEED] * 30, comfort = 0.2 + 1.6 * (double)m->character.comfort;
    double press = 0.6 + 0.8 * (double)m->character.haste, span = c->usual ? step : train_step;
    double reward = press * (double)w->progress * cw_clamp(way, -1, span * wished), each = 0;
    each += (double)w->overspeed * cw_max(speed - wished, 0);
    each += (double)w->offset * cw_min(fabs((double)sample[OFFSET]) * 5, 2);
    double along = (double)now[ACCEL] * 10, across = speed * (double)now[YAW_RATE];
    each += comfort * (double)w->shake * cw_min(0.1 * (along * along + across * across), 10);
    // The batch's bodies grip whatever is asked of them; real ones do not.
    each += (double)w->slide * cw_clamp(fabs(across) - 3, 0, 6);
    for (int i = 0; i < CW_REFLEX_ACTIONS; i++) {
        float wanted = (float)cw_clamp((double)action[i], i == 0 ? -2 : -1, i == 0 ? 2 : 1);
        double change = (double)(wanted - m->wanted[i]);
        each += info->steps > 1 ? comfort * (double)w->jerk * change * change : 0;
        m->wanted[i] = wanted;
    }
    each += (double)w->gap * missing_gap(sample, (double)m->character.gap);
    each += (double)w->near * danger_of(sample);
    if (speed < 0.5)
        each += (double)w->dawdle * dawdles(sample);
    reward += each * span / 0.1;
    if (ran_red(sample, way)) {
        m->red = true;
        reward += (double)w->red;
    }
    if (info->end == CW_AGENT_CONTACT)
        reward += (double)(m->hit ? w->hit : w->contact);
    else if (info->end == CW_AGENT_OFFROAD)
        reward += (double)w->offroad;
    else if (info->end == CW_AGENT_GOAL)
        reward += (double)w->goal;
    m->returned += reward;
    return (float)reward;
}

void cw_crowd_tally(cw_crowd *c, uint32_t agent, cw_tally *t) {
    const cw_member *m = &c->members[agent];
    const cw_batch_info *info = &c->infos[agent];
    bool goal = info->end == CW_AGENT_GOAL;
    t->ended++;
    t->goal += goal;
    t->contact += info->end == CW_AGENT_CONTACT;
    t->hit += m->hit;
    t->offroad += info->end == CW_AGENT_OFFROAD;
    t->late += !goal && info->end != CW_AGENT_CONTACT && info->end != CW_AGENT_OFFROAD;
    t->red += m->red;
    t->clean += goal && !m->red;
    t->returned += m->returned;
    c->ended[info->world]++;
    c->failed[info->world] += !goal || m->red;
}
