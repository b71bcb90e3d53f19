// The dynamic single-track vehicle and its kinematic limit.
//
// Forces act at two axles. A tyre's lateral force follows the brush model (Fiala 1954; Pacejka, Tyre and Vehicle
// Dynamics, 3.2), its friction lessened by the longitudinal force that the axle carries at the same time (friction
// circle; Hindiyeh and Gerdes 2014). The two lateral equations are solved implicitly with the tyres' secant stiffness,
// which is stable at any speed and step: as the speed goes to zero the slip goes to zero too, and what is left is the
// kinematic model.
#include "base/heading.h"
#include "motion/motion.h"

#include <math.h>

#define GRAVITY 9.81
// Share of friction that brakes and engine use at most: an ABS keeps some for steering.
#define LONGITUDINAL_SHARE 0.95
// Below this speed slip is measured against it instead of the true speed, m/s.
#define SLIP_SPEED 0.5
#define WALKING 2.5 // m/s

// For road-wheel angles, |x| <= 1: error below 3e-8.
static void small_sincos(double x, double *sine, double *cosine) {
    double q = x * x;
    *sine = x * (1 + q * (-1.0 / 6 + q * (1.0 / 120 + q * (-1.0 / 5040 + q * (1.0 / 362880)))));
    *cosine = 1 + q * (-1.0 / 2 + q * (1.0 / 24 + q * (-1.0 / 720 + q * (1.0 / 40320 + q * (-1.0 / 3628800)))));
}

static float pick(float stated, float usual) {
    return stated > 0 ? stated : usual;
}

static float least(float a, float b) {
    return a < b ? a : b;
}

cw_vehicle_params cw_vehicle_params_make(float length, float width, float center_x, float wheelbase, float mass,
                                         float max_steer, float max_accel, float max_brake, float max_speed) {
    length = pick(length, 4.5f);
    width = pick(width, 1.8f);
    bool heavy = length > 6.5f;
    cw_vehicle_params p = {
        .length = length,
        .width = width,
        .center_x = center_x,
        .wheelbase = pick(wheelbase, 0.6f * length),
        .mass = pick(mass, length * width * (heavy ? 400.0f : 185.0f)),
        .cg_height = width * (heavy ? 0.45f : 0.3f),
        .stiffness_front = heavy ? 6.5f : 10.0f,
        .stiffness_rear = heavy ? 7.5f : 12.0f,
        .max_steer = least(pick(max_steer, 0.6f), 1.0f),
        .steer_rate = 0.8f,
        .max_accel = least(pick(max_accel, heavy ? 1.8f : 3.8f), 12.0f),
        .max_brake = least(pick(max_brake, heavy ? 7.5f : 10.0f), 12.0f),
        .max_speed = pick(max_speed, heavy ? 36.0f : 70.0f),
        .drag = width * (heavy ? 1.2f : 0.22f),
        .rolling = heavy ? 0.007f : 0.012f,
        .lag = 0.08f,
        .steer_lag = 0.05f,
        .jerk = 20.0f,
    };
    p.rear = 0.52f * p.wheelbase;
    p.inertia = 0.92f * p.mass * p.rear * (p.wheelbase - p.rear);
    p.power = p.mass < 3500 ? 75.0f * p.mass : 75.0f * 3500;
    return p;
}

// What engine and brakes give after dt when `wanted` is asked: first-order lag, largest change, both ends.
static double actuate(const cw_vehicle_params *p, double now, double wanted, double dt, double low, double high) {
    double change = (cw_clamp(wanted, low, high) - now) * (dt / ((double)p->lag + dt));
    double most = (double)p->jerk * dt;
    return now + cw_clamp(change, -most, most);
}

static double turn_wheel(const cw_vehicle_params *p, double now, double wanted, double dt) {
    double limit = (double)p->max_steer;
    double change = (cw_clamp(wanted, -limit, limit) - now) * (dt / ((double)p->steer_lag + dt));
    double most = (double)p->steer_rate * dt;
    return now + cw_clamp(change, -most, most);
}

// Longitudinal motion of one step.
typedef struct longitudinal {
    double force;  // of the tyres along the body, per mass, m/s^2
    double accel;  // over ground, m/s^2
    bool stopping; // it must not pass zero speed
} longitudinal;

// asked: what the actuators stand for, m/s^2 along the heading; gear: +1, -1; pull: what gravity takes off, m/s^2.
static longitudinal push(const cw_vehicle_params *p, double v, double asked, double gear, double most, double pull,
                         double down) {
    bool drives = asked * gear > 0;
    double wanted = drives ? asked : v > 0 ? -fabs(asked) : v < 0 ? fabs(asked) : 0;
    double resist = pull, roll = 0; // rolling resistance is a force of the tyres and counts to what they give
    if (v != 0) {
        resist += copysign((double)p->drag * v * v / (double)p->mass, v);
        roll = copysign(cw_min((double)p->rolling * down, most), v);
    }
    // Engine: forward or backward by gear; brakes: against the motion, or to hold.
    double engine = (double)p->max_accel, brake = (double)p->max_brake, speed = fabs(v);
    if (engine * (double)p->mass * speed > (double)p->power)
        engine = (double)p->power / ((double)p->mass * speed);
    double ahead = gear > 0 ? engine : 0, back = gear > 0 ? 0 : engine;
    if (v <= 0)
        ahead = cw_max(ahead, brake);
    if (v >= 0)
        back = cw_max(back, brake);
    double high = cw_min(ahead - roll, most), low = cw_max(-back - roll, -most);
    double need = wanted + resist;
    longitudinal out = {.force = need, .accel = wanted, .stopping = !drives};
    if (need > high)
        out = (longitudinal){.force = high, .accel = high - resist, .stopping = !drives};
    else if (need < low)
        out = (longitudinal){.force = low, .accel = low - resist, .stopping = !drives};
    return out;
}

// Speed after dt; a brake ends at zero, an engine at the top speed.
static double roll_on(const cw_vehicle_params *p, double v, const longitudinal *l, double accel, double dt) {
    double next = v + accel * dt;
    if (l->stopping && v != 0 && next * v <= 0)
        return 0;
    double top = cw_max((double)p->max_speed, fabs(v));
    return cw_clamp(next, -top, top);
}

// Force over slip of a brush tyre: stiffness at no slip, friction over slip once it slides.
static double secant(double stiffness, double friction, double slip) {
    double linear = stiffness * fabs(slip), most = 3 * friction;
    if (linear >= most)
        return linear > 0 ? friction / fabs(slip) : 0;
    double z = linear / most;
    return stiffness * (1 - z + z * z * (1.0 / 3));
}

static void move(cw_vehicle_state *s, double vx, double vy, double turn, double dt) {
    double sine, cosine;
    double middle = s->heading + 0.5 * turn;
    cw_direction(middle, &sine, &cosine);
    double chord = dt * (1 - turn * turn / 24); // of an arc, per arc
    s->x += (vx * cosine - vy * sine) * chord;
    s->y += (vx * sine + vy * cosine) * chord;
    double heading = s->heading + turn;
    s->heading = fabs(heading) <= CW_PI ? heading : cw_wrap_angle(heading);
}

static void step(const cw_vehicle_params *p, cw_vehicle_state *s, double wanted, double wheel, double mu, double slope,
                 double bank, double dt, double gear) {
    double down = GRAVITY, pull = 0, aside = 0;
    if (slope != 0 || bank != 0) {
        double ss, cs, sb, cb;
        small_sincos(slope, &ss, &cs);
        small_sincos(bank, &sb, &cb);
        down = GRAVITY * cs * cb;
        pull = GRAVITY * ss;
        aside = GRAVITY * cs * sb;
    }
    double v = (double)s->vx;
    double low = gear > 0 ? -(double)p->max_brake : -(double)p->max_accel;
    double high = gear > 0 ? (double)p->max_accel : (double)p->max_brake;
    double act = actuate(p, (double)s->accel, wanted, dt, low, high);
    double steer = turn_wheel(p, (double)s->steer, wheel, dt);
    double grip = mu * down;
    longitudinal l = push(p, v, act, gear, LONGITUDINAL_SHARE * grip, pull, down);
    s->steer = (float)steer;
    s->accel = (float)act;

    double vy = (double)s->vy, rate = (double)s->yaw_rate;
    if (v == 0 && l.accel == 0 && fabs(vy) < 0.02 && fabs(rate) < 0.02 &&
        aside * aside + l.force * l.force <= grip * grip) {
        s->vy = s->yaw_rate = 0; // stiction
        if (act * gear < -1)
            s->accel = (float)-gear; // no more brake than it takes to stand, so that it is free soon
        return;
    }

    double base = (double)p->wheelbase, rear = (double)p->rear, front = base - rear, per_base = 1 / base;
    double used = grip > 0 ? l.force / grip : 0;
    double left = sqrt(cw_max(1 - used * used, 0)); // of the friction, for the lateral force
    double shift = l.force * (double)p->cg_height * per_base;
    // Loads per mass, hence all forces below are accelerations of the whole mass.
    double load_front = cw_max(down * rear * per_base - shift, 0),
           load_rear = cw_max(down * front * per_base + shift, 0);
    double most_front = mu * load_front * left, most_rear = mu * load_rear * left;
    // Braking loads the front; were it free to use all of that, a slide would turn the car around. Stability control holds
    // the front to what the rear can balance about the centre of gravity.
    most_front = l.force * v < 0 ? cw_min(most_front, most_rear * rear / front) : most_front;
    // Straight on, the lateral equations below have the right side 0, and their determinant is positive where the rear is no
    // softer than the front (Cauchy-Schwarz): what is left of them, to the bit.
    if (vy == 0 && rate == 0 && steer == 0 && aside == 0 && v > 0 && most_front > 0 && most_rear > 0 && dt > 0 &&
        p->stiffness_rear >= p->stiffness_front && !signbit(vy) && !signbit(rate)) {
        double vx1 = roll_on(p, v, &l, l.accel, dt);
        move(s, 0.5 * (v + vx1), 0, 0, dt);
        s->vx = (float)vx1;
        s->vy = s->yaw_rate = 0;
        return;
    }
    double sd, cd;
    small_sincos(steer, &sd, &cd);
    double vyf = vy + rate * base;
    double along_front = 1 / cw_max(fabs(v * cd + vyf * sd), SLIP_SPEED);
    double along_rear = 1 / cw_max(fabs(v), SLIP_SPEED);
    // Stiffness of the axles' loads at rest: that of a tyre hardly follows its load, and a car whose rear went soft under
    // braking would turn around above 27 m/s, which brake distribution and stability control of a real one prevent.
    double rest_front = down * rear / base, rest_rear = down * front / base;
    double kf = secant((double)p->stiffness_front * rest_front, most_front, (vyf * cd - v * sd) * along_front);
    double kr = secant((double)p->stiffness_rear * rest_rear, most_rear, vy * along_rear);
    kf *= along_front;
    kr *= along_rear;
    // Engine and brakes act along the wheels: at the front, part of it turns the car. At a walking pace a tyre that is braked
    // until it nearly slides pulls against the way that it goes instead: no car that comes to rest turns against its wheels.
    double along = grip > 0 ? l.force * load_front / down : 0, aslant = sd;
    if (l.force * v < 0 && fabs(v) < WALKING) {
        double goes = copysign(vyf / cw_max(sqrt(v * v + vyf * vyf), SLIP_SPEED), v * vyf);
        goes = cw_clamp(goes, -fabs(sd), fabs(sd));
        aslant += cw_min(WALKING - fabs(v), 1) * used * used * (goes - sd);
    }
    double turning = along * aslant;
    // force_front = -kf (cd (vy + base r) - sd v), force_rear = -kr vy, of the new vy and r. With c = vy + rear r:
    //   c' + r v = cd force_front + force_rear + turning - aside
    //   (inertia / mass) r' = front (cd force_front + turning) - rear force_rear
    double c = vy + rear * rate, gyration = (double)p->inertia / (double)p->mass;
    double kfc = kf * cd;
    double a11 = 1 + dt * (kfc * cd + kr);
    double a12 = dt * (v + kfc * cd * front - kr * rear);
    double a21 = dt * (front * kfc * cd - rear * kr);
    double a22 = gyration + dt * (front * front * kfc * cd + rear * rear * kr);
    double b1 = c + dt * (kfc * sd * v + turning - aside);
    double b2 = gyration * rate + dt * front * (kfc * sd * v + turning);
    double inverse = 1 / (a11 * a22 - a12 * a21);
    double c1 = (b1 * a22 - b2 * a12) * inverse, rate1 = (b2 * a11 - b1 * a21) * inverse;
    double force_front = -kf * (cd * (c1 + front * rate1) - sd * v), force_rear = -kr * (c1 - rear * rate1);
    if (fabs(force_front) > most_front || fabs(force_rear) > most_rear) {
        force_front = cw_clamp(force_front, -most_front, most_front);
        force_rear = cw_clamp(force_rear, -most_rear, most_rear);
        rate1 = rate + dt * (front * (cd * force_front + turning) - rear * force_rear) / gyration;
        c1 = c + dt * (cd * force_front + force_rear + turning - aside - rate1 * v);
    }
    double accel = l.accel - along * (1 - cd) - force_front * sd + rate1 * 0.5 * (c + c1);
    double vx1 = roll_on(p, v, &l, accel, dt);
    double vy1 = c1 - rear * rate1;
    if (vx1 == 0 && fabs(vy1) < 0.02 && fabs(rate1) < 0.02)
        vy1 = rate1 = 0;
    move(s, 0.5 * (v + vx1), 0.5 * (vy + vy1), 0.5 * (rate + rate1) * dt, dt);
    s->vx = (float)vx1;
    s->vy = (float)vy1;
    s->yaw_rate = (float)rate1;
}

void cw_vehicle_step(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                     float slope, float bank, double dt) {
    step(p, state, (double)accel, (double)steer, (double)mu, (double)slope, (double)bank, dt, 1);
}

void cw_vehicle_step_reverse(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                             float slope, float bank, double dt) {
    step(p, state, (double)accel, (double)steer, (double)mu, (double)slope, (double)bank, dt, -1);
}

// pull: what gravity takes off along the heading, down: what it presses, m/s^2.
static void roll(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu, double pull,
                 double down, double dt) {
    double v = (double)state->vx, gear = v < 0 ? -1 : 1, grip = (double)mu * down;
    double low = gear > 0 ? -(double)p->max_brake : -(double)p->max_accel;
    double high = gear > 0 ? (double)p->max_accel : (double)p->max_brake;
    double act = actuate(p, (double)state->accel, (double)accel, dt, low, high);
    double wheel = turn_wheel(p, (double)state->steer, (double)steer, dt);
    longitudinal l = push(p, v, act, gear, LONGITUDINAL_SHARE * grip, pull, down);
    double v1 = roll_on(p, v, &l, l.accel, dt);
    double front = (double)p->stiffness_front, rear = (double)p->stiffness_rear, base = (double)p->wheelbase;
    double curvature = wheel; // straight on: zero, and its sign
    if (wheel != 0 || !(front > 0 && rear >= front && base > 0)) {
        double sine, cosine;
        small_sincos(wheel, &sine, &cosine);
        curvature = sine * GRAVITY * front * rear / (cosine * (base * GRAVITY * front * rear + (rear - front) * v * v));
    }
    // Friction circle: what the longitudinal force leaves for the turn.
    double turn = curvature * v1 * v1, room = cw_max(grip * grip - l.force * l.force, 0);
    if (turn * turn > room)
        curvature = copysign(sqrt(room) / (v1 * v1), curvature);
    double rate = v1 * curvature;
    move(state, 0.5 * (v + v1), 0, 0.5 * (v + v1) * curvature * dt, dt);
    state->vx = (float)v1;
    state->vy = 0;
    state->yaw_rate = (float)rate;
    state->steer = (float)wheel;
    state->accel = (float)(v1 == 0 && act * gear < -1 ? -gear : act);
}

void cw_vehicle_step_kinematic(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu,
                               double dt) {
    roll(p, state, accel, steer, mu, 0, GRAVITY, dt);
}

void cw_rider_step(const cw_vehicle_params *p, cw_vehicle_state *state, float accel, float steer, float mu, float slope,
                   double dt) {
    double sine, cosine;
    small_sincos((double)slope, &sine, &cosine);
    roll(p, state, accel, steer, mu, GRAVITY * sine, GRAVITY * cosine, dt);
}
