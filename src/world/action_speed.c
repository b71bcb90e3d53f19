// The longitudinal domain: shapes of a change, speed actions, speed profiles, and the speed of an actor step by step.
#include "world/storyboard.h"

#include <math.h>

// ---- shapes ----------------------------------------------------------------------------------------------------------

double cw_shape_at(cw_dynamics_shape shape, double x, double *slope) {
    double f, d;
    bool inside = x > 0 && x < 1;
    x = cw_clamp(x, 0, 1);
    switch (shape) {
    case CW_LINEAR:
        f = x;
        d = 1;
        break;
    case CW_CUBIC:
        f = x * x * (3 - 2 * x);
        d = 6 * x * (1 - x);
        break;
    case CW_SINUSOIDAL: {
        double sine, cosine;
        cw_sincos(CW_PI * x, &sine, &cosine);
        f = 0.5 * (1 - cosine);
        d = 0.5 * CW_PI * sine;
        break;
    }
    default:
        f = x > 0 ? 1 : 0;
        d = 0;
    }
    if (x >= 1)
        f = 1;
    if (slope)
        *slope = inside ? d : 0;
    return f;
}

// Largest slope of the shape over [0, 1]: 1, 3/2, pi/2.
double cw_shape_span(const cw_dynamics *dynamics, double delta) {
    if (dynamics->shape == CW_STEP)
        return 0;
    if (dynamics->dimension != CW_BY_RATE)
        return cw_max(dynamics->value, 0);
    if (!(dynamics->value > 0))
        return 0;
    double steepest = dynamics->shape == CW_CUBIC ? 1.5 : dynamics->shape == CW_SINUSOIDAL ? 0.5 * CW_PI : 1;
    return steepest * fabs(delta) / dynamics->value;
}

// ---- speed actions ---------------------------------------------------------------------------------------------------

double cw_actor_speed(const cw_world *world, uint32_t actor) {
    return world->s.mover[actor] == CW_MOVED_BY_SCENARIO ? world->s.way_speed[actor] : (double)world->s.speed[actor];
}

bool cw_speed_target(const cw_world *world, const cw_action *action, uint32_t actor, double *speed) {
    (void)actor;
    *speed = action->value;
    if (!action->relative)
        return true;
    if (action->entity >= world->scene->actor_count)
        return false;
    double other = cw_actor_speed(world, action->entity);
    *speed = action->target_type == 1 ? other * action->value : other + action->value;
    return true;
}

static void set_speed(cw_world *world, uint32_t actor, double speed) {
    world->s.way_speed[actor] = speed;
    world->s.speed[actor] = (float)speed;
}

void cw_speed_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance) {
    cw_state *s = &world->s;
    cw_along_end(world, actor);
    double target, now = s->way_speed[actor];
    if (!cw_speed_target(world, action, actor, &target)) {
        cw_instance_end(world, instance);
        return;
    }
    double span = cw_shape_span(&action->dynamics, target - now);
    bool follows = action->continuous && action->relative;
    if (!(span > 0)) {
        set_speed(world, actor, target);
        if (!follows) {
            cw_instance_end(world, instance);
            return;
        }
        s->along_kind[actor] = CW_ALONG_FOLLOW;
    } else if (action->dynamics.dimension == CW_BY_DISTANCE && now * target > 0) {
        s->along_kind[actor] = CW_ALONG_DISTANCE;
    } else {
        // A change over distance from or to standstill cannot be a function of the distance alone (it would never start
        // or never end): the same shape over time, which covers that distance since its mean is the mean of both speeds.
        if (action->dynamics.dimension == CW_BY_DISTANCE)
            span = now != 0 || target != 0 ? 2 * span / (fabs(now) + fabs(target)) : 0;
        s->along_kind[actor] = CW_ALONG_TIME;
    }
    s->along_instance[actor] = instance;
    s->along_v0[actor] = now;
    s->along_v1[actor] = target;
    s->along_t0[actor] = cw_board_time(world);
    s->along_span[actor] = span;
    s->along_done[actor] = 0;
}

// ---- speed profiles --------------------------------------------------------------------------------------------------

// How long a piece takes. Followed with a jerk limit it is an S: the acceleration rises to a peak, holds, and falls; a
// piece too short for the limits takes longer. Without a stated time: as quick as the limits allow.
double cw_profile_span(const cw_action *action, uint32_t entry, double v0, double v1) {
    double delta = fabs(v1 - v0), time = action->entries[entry].time, least = 0;
    double accel = v1 > v0 ? action->limits.max_accel : action->limits.max_brake;
    double jerk = v1 > v0 ? action->limits.max_accel_rate : action->limits.max_brake_rate;
    bool limited = isfinite(accel) && accel > 0;
    if (action->dynamics.follow && isfinite(jerk) && jerk > 0)
        least = limited && delta >= accel * accel / jerk ? delta / accel + accel / jerk : 2 * sqrt(delta / jerk);
    else if (limited)
        least = delta / accel;
    if (isnan(time))
        return least;
    return action->dynamics.follow ? cw_max(time, least) : time;
}

double cw_profile_speed(const cw_action *action, double v0, double v1, double span, double x) {
    double delta = fabs(v1 - v0), jerk = v1 > v0 ? action->limits.max_accel_rate : action->limits.max_brake_rate;
    if (x >= span || !(span > 0))
        return v1;
    double ramp = 0; // the acceleration rises for this long, and falls for as long
    if (action->dynamics.follow && isfinite(jerk) && jerk > 0)
        ramp = 0.5 * (span - sqrt(cw_max(span * span - 4 * delta / jerk, 0)));
    if (!(ramp > 0))
        return v0 + (v1 - v0) * (x / span);
    double peak = delta / (span - ramp), v;
    if (x < ramp)
        v = 0.5 * peak / ramp * x * x;
    else if (x < span - ramp)
        v = peak * (x - 0.5 * ramp);
    else
        v = delta - 0.5 * peak / ramp * (span - x) * (span - x);
    return v0 + copysign(v, v1 - v0);
}

// Takes up piece `along_entry`, and sets the speed at once for those that take no time.
static void take_entry(cw_world *world, const cw_action *action, uint32_t i) {
    cw_state *s = &world->s;
    for (; s->along_entry[i] < action->entry_count; s->along_entry[i]++) {
        uint32_t entry = s->along_entry[i];
        s->along_v1[i] = action->entries[entry].speed +
                         (action->relative && action->entity != CW_NONE ? cw_actor_speed(world, action->entity) : 0);
        s->along_span[i] = cw_profile_span(action, entry, s->along_v0[i], s->along_v1[i]);
        if (s->along_span[i] > 0)
            return;
        s->along_v0[i] = s->along_v1[i];
    }
}

void cw_profile_begin(cw_world *world, const cw_action *action, uint32_t actor, uint32_t instance) {
    cw_state *s = &world->s;
    cw_along_end(world, actor);
    s->along_kind[actor] = CW_ALONG_PROFILE;
    s->along_instance[actor] = instance;
    s->along_entry[actor] = 0;
    s->along_v0[actor] = s->way_speed[actor];
    s->along_t0[actor] = cw_board_time(world);
    take_entry(world, action, actor);
    set_speed(world, actor, s->along_v0[actor]);
    if (s->along_entry[actor] == action->entry_count)
        cw_along_end(world, actor);
}

static double profile_step(cw_world *world, uint32_t i, const cw_action *action, double dt, double *distance) {
    cw_state *s = &world->s;
    double now = cw_board_time(world), end = now + dt, v = s->way_speed[i];
    *distance = 0;
    while (s->along_entry[i] < action->entry_count) {
        double t0 = s->along_t0[i], span = s->along_span[i], v0 = s->along_v0[i], v1 = s->along_v1[i];
        double until = cw_min(end, t0 + span), h = until - now;
        if (h > 0) {
            double a = cw_profile_speed(action, v0, v1, span, now - t0);
            double m = cw_profile_speed(action, v0, v1, span, now + 0.5 * h - t0);
            v = cw_profile_speed(action, v0, v1, span, until - t0);
            *distance += h * (a + 4 * m + v) / 6;
            now = until;
        }
        if (t0 + span > end + 1e-9)
            return v;
        s->along_v0[i] = v1;
        s->along_t0[i] = t0 + span;
        s->along_entry[i]++;
        take_entry(world, action, i);
        v = s->along_v0[i];
    }
    *distance += v * cw_max(end - now, 0);
    cw_along_end(world, i);
    return v;
}

// ---- step by step ----------------------------------------------------------------------------------------------------

static double time_step(cw_world *world, uint32_t i, const cw_action *action, double dt, double *distance) {
    cw_state *s = &world->s;
    bool follows = action->continuous && action->relative;
    double begin = cw_board_time(world), end = begin + dt, t0 = s->along_t0[i], span = s->along_span[i];
    if (follows)
        cw_speed_target(world, action, i, &s->along_v1[i]);
    double v0 = s->along_v0[i], delta = s->along_v1[i] - v0;
    cw_dynamics_shape shape = (cw_dynamics_shape)action->dynamics.shape;
    double until = cw_clamp(t0 + span, begin, end), h = until - begin;
    double a = v0 + delta * cw_shape_at(shape, (begin - t0) / span, NULL);
    double m = v0 + delta * cw_shape_at(shape, (begin + 0.5 * h - t0) / span, NULL);
    double b = v0 + delta * cw_shape_at(shape, (until - t0) / span, NULL);
    *distance = h * (a + 4 * m + b) / 6 + (end - until) * s->along_v1[i]; // Simpson: exact for linear and cubic
    if (t0 + span > end + 1e-9)
        return b;
    double v = s->along_v1[i];
    if (follows)
        s->along_kind[i] = CW_ALONG_FOLLOW;
    else
        cw_along_end(world, i);
    return v;
}

static double speed_over(const cw_world *world, uint32_t i, const cw_action *action, double done) {
    double v0 = world->s.along_v0[i], v1 = world->s.along_v1[i];
    return v0 + (v1 - v0) * cw_shape_at((cw_dynamics_shape)action->dynamics.shape, done / world->s.along_span[i], NULL);
}

// dx/dt = |v(x)|, Runge-Kutta of order 4.
static double distance_step(cw_world *world, uint32_t i, const cw_action *action, double dt, double *distance) {
    cw_state *s = &world->s;
    if (action->continuous && action->relative)
        cw_speed_target(world, action, i, &s->along_v1[i]);
    double x = s->along_done[i], sign = s->along_v0[i] < 0 ? -1 : 1;
    double k1 = fabs(speed_over(world, i, action, x)), k2 = fabs(speed_over(world, i, action, x + 0.5 * dt * k1));
    double k3 = fabs(speed_over(world, i, action, x + 0.5 * dt * k2));
    double k4 = fabs(speed_over(world, i, action, x + dt * k3));
    double dx = dt * (k1 + 2 * k2 + 2 * k3 + k4) / 6;
    if (x + dx < s->along_span[i]) {
        s->along_done[i] = x + dx;
        *distance = sign * dx;
        return speed_over(world, i, action, x + dx);
    }
    double v = s->along_v1[i], rest = s->along_span[i] - x, used = cw_clamp(rest / (0.5 * (k1 + fabs(v))), 0, dt);
    *distance = sign * rest + v * (dt - used);
    if (action->continuous && action->relative)
        s->along_kind[i] = CW_ALONG_FOLLOW;
    else
        cw_along_end(world, i);
    return v;
}

double cw_along_step(cw_world *world, uint32_t i, double dt, double *distance) {
    cw_state *s = &world->s;
    double v = s->way_speed[i], was = v;
    const cw_action *action = s->along_instance[i] == CW_NONE
                                  ? NULL
                                  : &world->scene->actions[cw_board_of(world)->instance_action[s->along_instance[i]]];
    *distance = v * dt;
    if (!action)
        return v;
    switch ((cw_along)s->along_kind[i]) {
    case CW_ALONG_TIME:
        return time_step(world, i, action, dt, distance);
    case CW_ALONG_DISTANCE:
        return distance_step(world, i, action, dt, distance);
    case CW_ALONG_FOLLOW:
        cw_speed_target(world, action, i, &v);
        *distance = 0.5 * (was + v) * dt;
        return v;
    case CW_ALONG_PROFILE:
        return profile_step(world, i, action, dt, distance);
    case CW_ALONG_GAP:
        return cw_gap_step(world, i, action, dt, distance);
    case CW_ALONG_SYNC:
        return cw_sync_step(world, i, action, dt, distance);
    default:
        return v;
    }
}
