// Tracking control of a vehicle on a trajectory.
//
// Errors are taken where the answer will act: state and reference are both moved ahead by half a period and the
// actuators' lag. Across, the errors e (m, to the left) and h (heading) of a path obey e' = v h, h' = v k for a
// curvature correction k, so that k = -(w^2 e / v^2 + 2 z w h / v) gives a damped second-order answer of frequency w.
// Along, the same with acceleration.
#include "motion/motion.h"

#include <math.h>

#define GRAVITY 9.81

// s, half of the 0.1 s for which the answer is held.
#define HALF_PERIOD 0.05
// rad/s. Across: fast enough for +-0.2 m, slow against the 10 Hz at which it is called.
#define ACROSS 2.6
#define ACROSS_DAMPING 1.2
#define ALONG 1.8
#define ALONG_DAMPING 0.9
// s, from turning the wheel to turning the path, at rest and for each m/s.
#define TURN_LAG 0.12
#define TURN_LAG_RISE 0.002
// m: at walking speed the answer is tied to distance, not time.
#define LEAST_LENGTH 2.5

// True when it did not turn, so that *sine and *cosine are those of the new heading too.
static bool ahead(double *x, double *y, double *heading, double *speed, double accel, double rate, double time,
                  double *sine, double *cosine) {
    double end = *speed + accel * time;
    if (*speed * end < 0)
        end = 0;
    double way = 0.5 * (*speed + end) * time, turn = rate * time;
    cw_sincos(*heading + 0.5 * turn, sine, cosine);
    *x += way * *cosine;
    *y += way * *sine;
    *heading += turn;
    *speed = end;
    return turn == 0;
}

// Inverse of the brush tyre: which z in [0, 1) gives 1 - (1 - z)^3 = |used|, with the sign of `used`. The slip is then
// 3 mu z / stiffness.
static double slide(double used) {
    if (used == 0)
        return used; // straight on: what the root would give as well
    double left = 1 - cw_min(fabs(used), 0.97), root = 1 - (1 - left) * (0.38 + 0.3 * (1 - left) * (1 - left));
    for (int i = 0; i < 2; ++i) { // Halley, for the cube root of `left`: error below 5e-9
        double cube = root * root * root;
        root *= (cube + 2 * left) / (2 * cube + left);
    }
    return copysign(1 - root, used);
}

void cw_vehicle_track(const cw_vehicle_params *p, const cw_vehicle_state *state, const cw_reference *reference,
                      float mu, float *accel, float *steer) {
    double v = (double)state->vx, wanted_speed = (double)reference->speed;
    double grip = (double)mu * GRAVITY, base = (double)p->wheelbase;
    double look = HALF_PERIOD + 0.5 * ((double)p->lag + (double)p->steer_lag);
    double x = state->x, y = state->y, heading = state->heading, speed = v;
    double sine, cosine;
    ahead(&x, &y, &heading, &speed, v == 0 ? 0 : (double)state->accel, (double)state->yaw_rate, look, &sine, &cosine);
    double rx = reference->x, ry = reference->y, rh = reference->heading, rv = wanted_speed;
    if (!ahead(&rx, &ry, &rh, &rv, (double)reference->accel, wanted_speed * (double)reference->curvature, look, &sine,
               &cosine))
        cw_sincos(rh, &sine, &cosine);
    double along = (rx - x) * cosine + (ry - y) * sine;  // the reference is ahead by
    double across = (y - ry) * cosine - (x - rx) * sine; // the vehicle is to its left by
    // In a steady turn the tyres slip by `slip` times compliance, and the body points so much into the curve.
    double bend = (double)reference->curvature +
                  (double)reference->curvature_rate * (look + TURN_LAG + TURN_LAG_RISE * fabs(speed));
    double slip = 3 * (double)mu * slide(bend * speed * speed / grip);
    double turned = cw_wrap_angle(heading - rh - slip / (double)p->stiffness_rear);

    double a = (double)reference->accel + ALONG * ALONG * along + 2 * ALONG_DAMPING * ALONG * (rv - speed);
    double direction = wanted_speed < 0 || (wanted_speed == 0 && v < 0) ? -1 : 1;
    if (fabs(wanted_speed) < 0.05 && (double)reference->accel * direction <= 0 && fabs(v) < 0.15 && fabs(along) < 0.2)
        a = -direction; // there: hold
    a = cw_clamp(a, -(double)p->max_brake, (double)(direction > 0 ? p->max_accel : p->max_brake));

    double pace = cw_max(fabs(speed), 0.5), w = cw_min(ACROSS, pace / LEAST_LENGTH);
    double signed_pace = speed < 0 || (speed == 0 && direction < 0) ? -pace : pace;
    double turned_most = cw_clamp(turned, -1, 1);
    double across_most = cw_clamp(across, -2.0, 2.0);
    double curvature = bend - w * w * across_most / (pace * pace) - 2 * ACROSS_DAMPING * w * turned_most / signed_pace;
    // No more than the tyres give.
    if (fabs(curvature) * speed * speed > 0.95 * grip)
        curvature = copysign(0.95 * grip / (speed * speed), curvature);
    slip = 3 * (double)mu * slide(curvature * speed * speed / grip);
    double wheel = cw_atan(curvature * base) + slip * (1 / (double)p->stiffness_front - 1 / (double)p->stiffness_rear);
    *accel = (float)a;
    *steer = (float)cw_clamp(wheel, -(double)p->max_steer, (double)p->max_steer);
}
