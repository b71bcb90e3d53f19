#include "drive/attack.h"

#include "drive/drivers.h"
#include <math.h>
#include <string.h>

void cw_attack_hold(const cw_obs *obs, const cw_body *body, double accel, double steer, cw_decision *out) {
    memset(out, 0, sizeof *out);
    out->valid = true;
    out->step = obs->step;
    out->source = CW_FROM_CLASSICAL;
    out->margin = NAN;
    out->control.accel = (float)accel;
    out->control.steer = (float)steer;
    double wheelbase = body->wheelbase > 0.5f ? (double)body->wheelbase : 2.7;
    double x = 0.0, y = 0.0, heading = 0.0, v = (double)obs->ego.speed;
    double curvature = cw_tan(cw_clamp(steer, -1.3, 1.3)) / wheelbase;
    for (uint32_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        double next = cw_clamp(v + accel * CW_TRAJECTORY_STEP, 0.0, (double)body->max_speed);
        double way = 0.5 * (v + next) * CW_TRAJECTORY_STEP, sine, cosine;
        cw_sincos(heading, &sine, &cosine);
        x += way * cosine;
        y += way * sine;
        heading += way * curvature;
        v = next;
        out->trajectory.x[i] = (float)x;
        out->trajectory.y[i] = (float)y;
        out->trajectory.heading[i] = (float)cw_wrap_angle(heading);
        out->trajectory.speed[i] = (float)v;
    }
    out->reason.kind = 1;
    out->reason.longitudinal = accel > 0.5 ? CW_ACCELERATE : accel < -0.5 ? CW_ADAPT_SPEED : CW_KEEP_SPEED;
    out->reason.lateral = CW_KEEP_LANE;
    out->reason.accel = (float)accel;
    out->reason.speed = (float)v;
}

double cw_attack_steer(const cw_obs *obs, const cw_body *body, double lateral) {
    double wheelbase = body->wheelbase > 0.5f ? (double)body->wheelbase : 2.7, v = (double)obs->ego.speed;
    double most = (double)body->max_steer;
    return cw_clamp(cw_atan(wheelbase * lateral / cw_max(v * v, 0.1)), -most, most);
}

size_t cw_attack_room(size_t own) {
    return (own + 15) & ~(size_t)15;
}

size_t cw_attack_size(size_t own, const cw_driver_def *def) {
    return cw_attack_room(own) + cw_driver_classical.state_size(def);
}

cw_status cw_attack_reset(void *memory, size_t own, const cw_driver_def *def, const char *name, cw_error *err) {
    memset(memory, 0, own);
    cw_status status = cw_driver_no_options(def, name, err);
    return status == CW_OK ? cw_driver_classical.reset((char *)memory + cw_attack_room(own), def, err) : status;
}

void cw_attack_victim(void *memory, size_t own, const cw_obs *obs, cw_decision *out) {
    cw_driver_classical.decide((char *)memory + cw_attack_room(own), obs, out);
}
