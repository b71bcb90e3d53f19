// A loose body: a box that nobody drives. It falls freely, and on the ground it slides with Coulomb friction.
//
// Friction acts at four supports. It is solved implicitly: with the speed at which a support would slide after this step
// without friction, less what friction can take off it, as the secant. A body in pure translation loses exactly
// mu g dt in a step, one that turns loses energy at any step size, and a body that friction can hold stands still.
#include "motion/motion.h"

#include <math.h>

#define GRAVITY 9.81
// m: a body that lies follows ground that sinks no faster than this in a step (a slope); beyond, it falls.
#define FOLLOWS 0.05
// Of its speed, or of what friction can take off: a support that almost stands while another one slides keeps so much,
// since the force that would stop it is not there.
#define KEPT 0.25

// How hard the ground presses in this step, as a change of speed. Moves the body in height.
static double press(cw_loose_state *s, double ground, double down, double dt) {
    if (s->fall == 0 && s->z <= ground + FOLLOWS) {
        s->z = ground;
        return down * dt;
    }
    double fall = (double)s->fall, above = s->z - ground;
    double way = dt * (fall + 0.5 * GRAVITY * dt);
    if (way < above) {
        s->z -= way;
        s->fall = (float)(fall + GRAVITY * dt);
        return 0;
    }
    double hit = sqrt(cw_max(fall * fall + 2 * GRAVITY * cw_max(above, 0), 0)); // speed at which it lands
    double left = cw_clamp(dt - (hit - fall) / GRAVITY, 0, dt);
    s->z = ground;
    s->fall = 0;
    return hit + down * left;
}

typedef struct slip {
    double vx, vy, rate; // of the centre of gravity against the ground, in body axes
} slip;

// Friction of a step with the pressure `pressed` (times mu, m/s).
static void rub(const cw_loose_params *p, slip *v, double most) {
    if (most == 0)
        return;
    const double ahead[2] = {(double)p->front, -(double)p->rear}, side = (double)p->half_track;
    const double base = ahead[0] - ahead[1];
    const double share[2] = {-0.5 * ahead[1] / base, 0.5 * ahead[0] / base};
    double sum = 0, sum_x = 0, sum_y = 0, sum_turn = 0;
    bool holds = true;
    for (int i = 0; i < 4; ++i) {
        double x = ahead[i / 2], y = i % 2 ? -side : side;
        double sx = v->vx - v->rate * y, sy = v->vy + v->rate * x, speed = sqrt(sx * sx + sy * sy);
        holds = holds && speed <= most;
        double k = most * share[i / 2] / cw_max(speed - most, KEPT * cw_max(speed, most));
        sum += k;
        sum_x += k * x;
        sum_y += k * y;
        sum_turn += k * (x * x + y * y);
    }
    if (holds) {
        *v = (slip){0, 0, 0};
        return;
    }
    // (1 + sum) vx - sum_y w = vx0;  (1 + sum) vy + sum_x w = vy0;  (g^2 + sum_turn) w - sum_y vx + sum_x vy = g^2 w0
    double gyration = (double)p->gyration * (double)p->gyration, each = 1 / (1 + sum);
    double w = (gyration * v->rate + (sum_y * v->vx - sum_x * v->vy) * each) /
               (gyration + sum_turn - (sum_y * sum_y + sum_x * sum_x) * each);
    v->vx = (v->vx + sum_y * w) * each;
    v->vy = (v->vy - sum_x * w) * each;
    v->rate = w;
}

void cw_loose_step(const cw_loose_params *p, cw_loose_state *s, const cw_ground *ground, double dt) {
    double ss, cs, sb, cb, sine, cosine;
    cw_sincos((double)ground->slope, &ss, &cs);
    cw_sincos((double)ground->bank, &sb, &cb);
    cw_sincos(s->heading, &sine, &cosine);
    double cx = (double)p->center_x, cy = (double)p->center_y, w0 = (double)s->yaw_rate;
    double vx0 = (double)s->vx - w0 * cy, vy0 = (double)s->vy + w0 * cx; // of the centre of gravity
    double pressed = press(s, ground->z, GRAVITY * cs * cb, dt);
    double ux = ground->vx * cosine + ground->vy * sine, uy = ground->vy * cosine - ground->vx * sine;
    slip v = {vx0 - ux, vy0 - uy, w0 - ground->yaw_rate};
    if (pressed > 0) {
        v.vx -= GRAVITY * ss * dt;
        v.vy -= GRAVITY * cs * sb * dt;
        rub(p, &v, (double)ground->friction * pressed);
    }
    v = (slip){v.vx + ux, v.vy + uy, v.rate + ground->yaw_rate};
    double mx = 0.5 * (vx0 + v.vx) * dt, my = 0.5 * (vy0 + v.vy) * dt; // way of the centre, old axes
    double x = s->x + cx * cosine - cy * sine + mx * cosine - my * sine;
    double y = s->y + cx * sine + cy * cosine + mx * sine + my * cosine;
    double turn = 0.5 * (w0 + v.rate) * dt, ts = 0, tc = 1;
    if (turn != 0) {
        s->heading = cw_wrap_angle(s->heading + turn);
        cw_sincos(s->heading, &sine, &cosine);
        cw_sincos(turn, &ts, &tc);
    }
    s->x = x - (cx * cosine - cy * sine);
    s->y = y - (cx * sine + cy * cosine);
    s->vx = (float)(v.vx * tc + v.vy * ts + v.rate * cy);
    s->vy = (float)(v.vy * tc - v.vx * ts - v.rate * cx);
    s->yaw_rate = (float)v.rate;
}
