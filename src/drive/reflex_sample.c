#include "drive/reflex_sample.h"

#include <math.h>
#include <string.h>

const float cw_reflex_ahead[CW_REFLEX_POINTS] = {3, 6, 10, 15, 22, 32, 45, 60};
static const double accel_unit = 4;                       // m/s^2: what an action of 1 adds
static const double steer_unit = 0.15, steer_slow = 0.25; // rad likewise, and that more where it creeps
static const double slow = 8;                             // m/s: from there on no more
static const double front_share = 0.8;                    // of the length, from the rear axle to the front
static const double ease = 2;                             // m/s^2 with which the follower brakes where it may choose
static const double stand = 2;                            // m that it leaves to who stands before it
static const double grip = 2;                             // m/s^2 across that it takes bends with
static const double hard = 3.5; // m/s^2: it goes on at yellow where it would have to brake more
static const double far = 200;

float cw_reflex_kind(float length, float width) {
    return length > 6.5f ? 1 : width < 1.2f ? 0.5f : 0;
}

void cw_reflex_look(const cw_way_point *points, uint32_t count, double s, double x, double y, double sine,
                    double cosine, cw_reflex_view *view) {
    view->s = s;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        double at = s + (double)cw_reflex_ahead[i];
        cw_vec2 p = cw_way_at(points, count, at);
        const cw_way_point *near = cw_way_near(points, count, at);
        double dx = p.x - x, dy = p.y - y;
        view->way[2 * i] = (float)(dx * cosine + dy * sine);
        view->way[2 * i + 1] = (float)(dy * cosine - dx * sine);
        view->room[2 * i] = near->left;
        view->room[2 * i + 1] = near->right;
    }
}

// ---- how a user stands to the way -----------------------------------------------------------------------------------------

typedef struct leg { // of the way, from one point to the next
    double x, y, ux, uy, length, s;
} leg;

typedef struct legs {
    leg all[CW_REFLEX_POINTS];
} legs;

static legs legs_of(const cw_reflex_view *v) {
    legs l;
    // From beside the body on, not from it.
    double x = 0, y = 0, s = 0, turn = (double)v->ego[7], straight = sqrt(cw_max(1 - turn * turn, 0));
    double left = 5 * (double)v->ego[6];
    x = left * -turn; // the foot lies to the right of what is to the left of the way
    y = -left * straight;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        double px = (double)v->way[2 * i], py = (double)v->way[2 * i + 1], dx = px - x, dy = py - y;
        double length = cw_max(sqrt(dx * dx + dy * dy), 1e-3);
        l.all[i] = (leg){x, y, dx / length, dy / length, length, s};
        x = px;
        y = py;
        s += length;
    }
    return l;
}

typedef struct standing { // of a user to the way
    double along, beside; // m
    double cosine, sine;  // of its heading against the way's
} standing;

static standing stand_of(const legs *l, double x, double y, double hx, double hy) {
    double least = INFINITY;
    standing out = {0};
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        const leg *g = &l->all[i];
        double dx = x - g->x, dy = y - g->y, t = dx * g->ux + dy * g->uy;
        double held = cw_clamp(t, i == 0 ? -far : 0, i + 1 == CW_REFLEX_POINTS ? far : g->length);
        double ex = dx - held * g->ux, ey = dy - held * g->uy, square = ex * ex + ey * ey;
        if (square >= least)
            continue;
        least = square;
        double cross = g->ux * dy - g->uy * dx;
        out = (standing){.along = g->s + held,
                         .beside = cross < 0 ? -sqrt(square) : sqrt(square),
                         .cosine = hx * g->ux + hy * g->uy,
                         .sine = g->ux * hy - g->uy * hx};
    }
    return out;
}

// Where a user that goes straight on crosses the way: m along it, and m that it has to go; false: it does not.
static bool crossing_of(const legs *l, double x, double y, double hx, double hy, double tail, double *along,
                        double *reach) {
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        const leg *g = &l->all[i];
        double turn = g->ux * hy - g->uy * hx;
        if (fabs(turn) < 0.1) // beside each other
            continue;
        double dx = x - g->x, dy = y - g->y, on = (dx * hy - dy * hx) / turn, go = (dx * g->uy - dy * g->ux) / turn;
        if (on < 0 || on > g->length || go < -tail)
            continue;
        *along = g->s + on;
        *reach = go;
        return true;
    }
    return false;
}

typedef struct user {
    double x, y, hx, hy, speed, length, width;
    standing at;
} user;

static user user_of(const legs *l, const float *seen) {
    user u = {.x = (double)seen[0] * 50,
              .y = (double)seen[1] * 50,
              .speed = (double)seen[3] * 30,
              .length = (double)seen[4] * 10,
              .width = (double)seen[5] * 4};
    cw_sincos((double)seen[2] * CW_PI, &u.hy, &u.hx);
    u.at = stand_of(l, u.x, u.y, u.hx, u.hy);
    return u;
}

// The first place on the way ahead where one on that lane meets it; NULL: none.
static const cw_way_meeting *meeting_of(const cw_reflex_view *v, uint32_t lane, double travel, double half) {
    const cw_way_meeting *first = NULL;
    double tail = v->s - 0.2 * 10 * (double)v->ego[3], least = INFINITY;
    for (uint32_t i = 0; lane != CW_NONE && i < v->meeting_count; i++) {
        const cw_way_meeting *m = &v->meetings[i];
        if (m->lane != lane || (double)m->to < tail || (double)m->its_to < travel - half || (double)m->from > v->s + 60)
            continue;
        // Of two that begin at one place the one that is nearer to the other.
        double rank = (double)m->from + 0.1 * (double)m->its_from;
        if (rank >= least)
            continue;
        least = rank;
        first = m;
    }
    return first;
}

static void write_meeting(const cw_reflex_view *v, uint32_t i, const user *u, double speed, double front, float *out) {
    double travel = (double)v->moves[i].travel, half = 0.5 * u->length;
    const cw_way_meeting *m = meeting_of(v, v->moves[i].lane, travel, half);
    *out++ = v->moves[i].yaw_rate;
    if (!m)
        return;
    double mine = (double)m->from - v->s - front, its = (double)m->its_from - travel - half;
    double first = cw_max(mine, 0) / cw_max(speed, 2), second = cw_max(its, 0) / cw_max(u->speed, 1);
    *out++ = m->may ? 0.5f : 1;
    *out++ = m->priority;
    *out++ = (float)(cw_clamp(mine, -20, 60) / 50);
    *out++ = (float)(cw_clamp(its, -20, 100) / 50);
    *out++ = (float)(cw_clamp(first - second, -10, 10) / 5);
}

static void write_user(const legs *l, const float *seen, const user *u, double speed, double length, float *out) {
    double along, reach, front = front_share * length;
    memcpy(out, seen, CW_REFLEX_SEEN * sizeof *out);
    out += CW_REFLEX_SEEN;
    *out++ = (float)(cw_clamp(u->at.along, -50, 100) / 50);
    *out++ = (float)(cw_clamp(u->at.beside, -30, 30) / 10);
    *out++ = (float)u->at.cosine;
    *out++ = (float)u->at.sine;
    bool crosses = crossing_of(l, u->x, u->y, u->hx, u->hy, 0.5 * u->length, &along, &reach);
    double mine = crosses ? (along - front) / cw_max(speed, 2) : 0,
           its = crosses ? (reach - 0.5 * u->length) / cw_max(u->speed, 1) : 0;
    *out++ = crosses;
    *out++ = crosses ? (float)(along / 50) : 0;
    *out++ = crosses ? (float)(cw_clamp(reach, -10, 60) / 50) : 0;
    *out++ = (float)(cw_clamp(mine - its, -10, 10) / 5);
    // Both straight on: when they are nearest, and how near.
    double px = u->x - 0.5 * front, py = u->y, wx = u->speed * u->hx - speed, wy = u->speed * u->hy;
    double t = cw_clamp(-(px * wx + py * wy) / cw_max(wx * wx + wy * wy, 1e-3), 0, 6);
    px += t * wx;
    py += t * wy;
    *out++ = (float)(t / 5);
    *out++ = (float)(cw_min(sqrt(px * px + py * py), 30) / 10);
    *out = (float)(speed / 30);
}

// ---- the follower ---------------------------------------------------------------------------------------------------------

// The intelligent driver model (Treiber, Hennecke, Helbing 2000): braking for what is `room` m ahead and moves at `other`.
static double press(double speed, double other, double room, double gap, double most) {
    double wanted = stand + cw_max(0, speed * gap + speed * (speed - other) / (2 * sqrt(most * ease)));
    double share = wanted / cw_max(room, 0.3);
    return share * share;
}

// As fast as its character likes and the bends ahead allow.
static double wished_speed(const cw_reflex_view *v, const legs *l) {
    double wished = (double)v->character.speed;
    for (uint32_t i = 0; i + 1 < CW_REFLEX_POINTS; i++) {
        const leg *a = &l->all[i], *b = &l->all[i + 1];
        double turn = fabs(a->ux * b->uy - a->uy * b->ux), bend = turn / (0.5 * (a->length + b->length));
        if (bend < 1e-3)
            continue;
        double here = sqrt(grip / bend);
        wished = cw_min(wished, sqrt(here * here + 2 * ease * b->s * 0.8));
    }
    return wished;
}

static double follow(const cw_reflex_view *v, const legs *l, const user *users, uint32_t count, double *wished) {
    double speed = (double)v->ego[0] * 30, length = (double)v->ego[3] * 10, width = (double)v->ego[4] * 4;
    double front = front_share * length, most = 1.5 + (double)v->character.haste, pressed = 0;
    *wished = wished_speed(v, l);
    for (uint32_t i = 0; i < count; i++) {
        const user *u = &users[i];
        double side = 0.5 * (width + u->width), room = u->at.along - front - 0.5 * u->length;
        bool same = u->at.cosine > 0.5, stands = u->speed < 0.5;
        if (u->at.along < 0.5 * front || !(same || stands) || fabs(u->at.beside) > side + (same && !stands ? 0.4 : 0.1))
            continue;
        pressed = cw_max(pressed, press(speed, u->speed * u->at.cosine, room, (double)v->character.gap, most));
    }
    for (uint32_t i = 0; i < CW_REFLEX_SIGNALS; i++) {
        const float *signal = v->signals + i * CW_REFLEX_SIGNAL;
        double before = (double)signal[0] * 100 - front;
        bool red = signal[2] > 0, yellow = signal[3] > 0 && !red;
        if (before < 0 || !(red || yellow) || (yellow && speed * speed > 2 * hard * before))
            continue;
        pressed = cw_max(pressed, press(speed, 0, before + stand - 0.5, 0.5, most));
    }
    double ratio = speed / cw_max(*wished, 1), square = ratio * ratio;
    return cw_clamp(most * (1 - square * square - pressed), -8, most);
}

void cw_reflex_follow(cw_reflex_view *v) {
    legs l = legs_of(v);
    user users[CW_REFLEX_USERS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++)
        if (v->users[i * CW_REFLEX_SEEN + CW_REFLEX_SEEN - 1] > 0)
            users[count++] = user_of(&l, v->users + (size_t)i * CW_REFLEX_SEEN);
    double wished;
    v->plain = (float)follow(v, &l, users, count, &wished);
}

// ---- the sample -----------------------------------------------------------------------------------------------------------

void cw_reflex_read(cw_reflex_view *v, float *sample) {
    legs l = legs_of(v);
    memcpy(sample, v->ego, sizeof v->ego);
    // What it did last: to go on with that is all that it would learn.
    sample[CW_REFLEX_EGO - 2] = sample[CW_REFLEX_EGO - 1] = 0;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        float *way = sample + CW_REFLEX_AT_WAY + 2 * i, *room = sample + CW_REFLEX_AT_ROOM + 2 * i;
        // How far the way turns aside by then, and how far it has come.
        way[0] = v->way[2 * i] / cw_reflex_ahead[i];
        way[1] = 2 * v->way[2 * i + 1] / cw_reflex_ahead[i];
        room[0] = v->room[2 * i] / CW_WAY_ROOM;
        room[1] = v->room[2 * i + 1] / CW_WAY_ROOM;
    }
    const cw_character *c = &v->character;
    const float traits[CW_REFLEX_TRAITS] = {c->speed / 15, c->haste, c->comfort, c->gap / 2, c->kind};
    memcpy(sample + CW_REFLEX_AT_TRAITS, traits, sizeof traits);
    memcpy(sample + CW_REFLEX_AT_SIGNALS, v->signals, sizeof v->signals);
    float *out = sample + CW_REFLEX_SELF;
    user users[CW_REFLEX_USERS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++, out += CW_REFLEX_USER) {
        const float *seen = v->users + (size_t)i * CW_REFLEX_SEEN;
        memset(out, 0, CW_REFLEX_USER * sizeof *out);
        if (seen[CW_REFLEX_SEEN - 1] <= 0)
            continue;
        users[count] = user_of(&l, seen);
        double speed = (double)v->ego[0] * 30, length = (double)v->ego[3] * 10;
        write_user(&l, seen, &users[count], speed, length, out);
        write_meeting(v, i, &users[count++], speed, front_share * length, out + CW_REFLEX_MEETS);
    }
    double wished;
    v->plain = (float)follow(v, &l, users, count, &wished);
    sample[CW_REFLEX_AT_PLAIN] = (float)((double)v->plain / accel_unit);
    sample[CW_REFLEX_AT_PLAIN + 1] = (float)(wished / 30);
}

// ---- control --------------------------------------------------------------------------------------------------------------

// The wheel angle of the arc through the point of the way that lies max(4 m, 0.7 s) ahead (pure pursuit; Coulter 1992).
static double arc(const cw_reflex_view *v) {
    double reach = cw_clamp(0.7 * 30 * (double)v->ego[0], 4, 25), x = 0, y = 0, before = 0, px = 0, py = 0;
    for (uint32_t i = 0; i < CW_REFLEX_POINTS; i++) {
        x = (double)v->way[2 * i];
        y = (double)v->way[2 * i + 1];
        double at = (double)cw_reflex_ahead[i];
        if (at >= reach) {
            double f = (reach - before) / (at - before);
            x = cw_lerp(px, x, f);
            y = cw_lerp(py, y, f);
            break;
        }
        before = at;
        px = x;
        py = y;
    }
    double square = cw_max(x * x + y * y, 1), wheelbase = 0.6 * 10 * (double)v->ego[3];
    return cw_atan(2 * wheelbase * y / square);
}

void cw_reflex_control(const float *action, const cw_reflex_view *view, float max_accel, float max_brake,
                       float max_steer, float *accel, float *steer) {
    double a = (double)view->plain + accel_unit * cw_clamp((double)action[0], -2, 2),
           b = cw_clamp((double)action[1], -1, 1);
    double unit = steer_unit + steer_slow * cw_clamp(1 - 30 * (double)view->ego[0] / slow, 0, 1);
    *accel = (float)cw_clamp(a, -(double)max_brake, (double)max_accel);
    *steer = (float)cw_clamp(arc(view) + unit * b, -(double)max_steer, (double)max_steer);
}
