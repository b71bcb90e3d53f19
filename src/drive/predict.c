// Predictions: whoever runs in a lane beside the corridor goes on along it, drifts sideways as now until it has reached
// the lane it heads for, and brakes on as it brakes now; a vehicle that keeps to any other lane goes on along that one,
// straight on where it branches; everybody else goes straight on, or round its present bend.
#include "drive/predict.h"
#include <math.h>
#include <string.h>

static const double still = 0.25;        // m/s below which a user counts as standing
static const double keeps_askew = 0.35;  // rad against the lane up to which a vehicle keeps to it
static const double keeps_bend = 0.05;   // 1/m that its bend may differ from the lane's
static const double tracked_late = 0.25; // s by which a track's velocity turns later than the user does, in a bend

// Distance along its way after t at speed v and acceleration a: braking lasts until it stands, speeding up one second.
static double way(double v, double a, double t) {
    if (a < 0.0) {
        double stop = v / -a;
        return t < stop ? v * t + 0.5 * a * t * t : 0.5 * v * stop;
    }
    double rising = cw_min(t, 1.0);
    return v * t + 0.5 * a * rising * rising + a * rising * (t - rising);
}

static bool beside_corridor(const corridor *c, const cw_map *map, uint32_t lane, double s) {
    if (c->open) {
        return true;
    }
    if (lane == CW_NONE) {
        return false;
    }
    for (uint32_t i = 0; i < c->lane_count; i++) {
        if (c->lane[i] == lane) {
            return true;
        }
    }
    uint32_t own = cw_corridor_lane(c, s);
    const cw_lane *a = &map->lanes[lane], *b = &map->lanes[own];
    if (a->road == b->road) {
        return true;
    }
    return a->left == own || a->right == own;
}

static void cover(forecast *f, uint32_t k, double turned, double squeeze) {
    double sine, cosine;
    cw_sincos(turned, &sine, &cosine);
    sine = fabs(sine);
    cosine = fabs(cosine);
    f->turned[k] = (float)turned;
    f->half_s[k] = (float)(((double)f->half_length * cosine + (double)f->half_width * sine) / squeeze);
    f->half_d[k] = (float)((double)f->half_length * sine + (double)f->half_width * cosine);
}

static double squeeze_at(const corridor *c, double s, double d) {
    return cw_clamp(1.0 - cw_corridor_curvature(c, s) * d, 0.4, 2.5);
}

double cw_predict_beside(const corridor *c, double d, double from, double to) {
    double half = cw_corridor_half(c, from);
    return fabs(d) < half ? d : d + copysign(cw_corridor_half(c, to) - half, d);
}

// What of its speed across is its own: in a bend the track's velocity still points to where it was, by up to this.
static double own_drift(const corridor *c, double s, double vs, double vd) {
    double bend = 0.0;
    for (int i = -1; i <= 1; i++) {
        bend = cw_max(bend, fabs(cw_corridor_curvature(c, s + 5.0 * i)));
    }
    return copysign(cw_max(fabs(vd) - bend * vs * vs * tracked_late, 0.0), vd);
}

// Along the corridor, drifting towards d_to at vd.
static void carry_along(const corridor *c, forecast *f, double turned) {
    double s = (double)f->s[0], d = (double)f->d[0], vs = (double)f->vs;
    double half = cw_corridor_half(c, s), target = d, vd = own_drift(c, s, vs, (double)f->vd);
    double drift = vd;
    bool inside = fabs(d) < half;
    if (fabs(vd) > 0.12) {
        bool towards = d * vd < 0.0;
        if (inside) { // wandering, or leaving: believed with a discount, for what it hides may be worse
            drift = fabs(vd) > 0.4 ? 0.8 * vd : 0.0;
            target = towards ? 0.0 : copysign(fabs(d) + 3.6, vd);
        } else {
            target = towards ? 0.0 : copysign(fabs(d) + 3.5, d);
        }
    }
    double squeeze = squeeze_at(c, s, d);
    double a = (double)f->accel * (vs < 0.0 ? -1.0 : 1.0);
    double speed = fabs(vs) / squeeze, sign = vs < 0.0 ? -1.0 : 1.0;
    double rate = vs < 0.0 ? -a : a; // along its own way
    rate = cw_clamp(rate, -10.0, 3.0);
    if (fabs(rate) < 0.3) {
        rate = 0.0;
    }
    for (uint32_t k = 0; k < FORECAST_STEPS; k++) {
        double t = (double)k * FORECAST_DT;
        double moved = drift * t, left = target - d;
        bool arrived = fabs(moved) >= fabs(left) || moved * left < 0.0;
        double at = s + sign * way(speed, rate, t), aside = arrived && drift != 0.0 ? target : d + moved;
        f->s[k] = (float)at;
        f->d[k] = (float)(inside ? aside : aside + cw_predict_beside(c, d, s, at) - d);
        if (k == 0) {
            cover(f, k, turned, squeeze);
        } else {
            f->turned[k] = f->turned[0];
            f->half_s[k] = f->half_s[0];
            f->half_d[k] = f->half_d[0];
        }
    }
}

// A lane that a vehicle goes on along.
typedef struct lane_walk {
    const cw_map *map;
    uint32_t lane; // CW_NONE: it keeps to none
    double passed; // m of its way to the lane's beginning; < 0 for the first
    double offset; // m to the left of the lane's middle
} lane_walk;

static double end_heading(const cw_map *map, uint32_t lane, bool end) {
    double travel = end ? map->lanes[lane].length : 0.0;
    cw_lane_place place = {.lane = lane, .s = cw_lane_station(map, lane, travel)};
    return cw_lane_pose(map, place, NULL).heading;
}

// Does it keep to the lane under it: along it, and bending as it does?
static lane_walk find_walk(const cw_map *map, const cw_track *track, double heading, double speed) {
    lane_walk walk = {.map = map, .lane = CW_NONE};
    cw_lane_place place = track->place;
    bool rides = track->kind != CW_USER_PEDESTRIAN && track->kind != CW_USER_ANIMAL;
    if (!rides || speed < 1.0 || place.lane == CW_NONE || !cw_lane_drivable(&map->lanes[place.lane])) {
        return walk;
    }
    cw_span before = map->lanes[place.lane].previous;
    for (uint32_t i = 0; i < before.count; i++) {
        if (map->lanes[map->links[before.first + i]].next.count > 1) {
            return walk; // one branch of several, and which one is seen by how it turns
        }
    }
    double askew = cw_wrap_angle(heading - cw_lane_pose(map, place, NULL).heading);
    double bend = (double)track->yaw_rate / speed - cw_lane_curvature(map, place.lane, place.s);
    if (fabs(askew) < keeps_askew && fabs(bend) < keeps_bend) {
        walk.lane = place.lane;
        walk.passed = -cw_lane_travel(map, place.lane, place.s);
        walk.offset = place.offset;
    }
    return walk;
}

// Its pose after `gone` m, which never become fewer from call to call.
static cw_pose walk_to(lane_walk *walk, double gone) {
    const cw_map *map = walk->map;
    double length = map->lanes[walk->lane].length;
    while (gone - walk->passed > length && map->lanes[walk->lane].next.count > 0) {
        cw_span next = map->lanes[walk->lane].next;
        double here = end_heading(map, walk->lane, true), least = INFINITY;
        uint32_t best = map->links[next.first];
        for (uint32_t i = 0; i < next.count && next.count > 1; i++) {
            uint32_t lane = map->links[next.first + i];
            double turn = fabs(cw_wrap_angle(end_heading(map, lane, true) - here));
            if (turn < least - 1e-9) {
                least = turn;
                best = lane;
            }
        }
        walk->passed += length;
        walk->lane = best;
        length = map->lanes[best].length;
    }
    double travel = gone - walk->passed, beyond = cw_max(travel - length, 0.0), sine, cosine;
    cw_lane_place place = {
        .lane = walk->lane, .s = cw_lane_station(map, walk->lane, travel - beyond), .offset = walk->offset};
    cw_pose pose = cw_lane_pose(map, place, NULL);
    cw_sincos(pose.heading, &sine, &cosine);
    pose.x += beyond * cosine;
    pose.y += beyond * sine;
    return pose;
}

// Through the plane, along its lane or on its present arc; looked up in the corridor's frame every 0.4 s (walkers: 0.8 s),
// in between by interpolation.
static void carry_freely(const corridor *c, const cw_map *map, const cw_track *track, forecast *f, double x, double y,
                         double heading, double vx, double vy) {
    double speed = sqrt(vx * vx + vy * vy);
    double rate = f->vulnerable || speed < 1.0 || fabs((double)track->yaw_rate) < 0.03 ? 0.0 : (double)track->yaw_rate;
    double course = speed > still ? cw_atan2(vy, vx) : heading;
    double accel = cw_clamp((double)f->accel, -8.0, 2.0);
    if (f->vulnerable || fabs(accel) < 0.5) {
        accel = 0.0; // a walker's acceleration is noise after a step
    }
    double s = (double)f->s[0], d = (double)f->d[0], slip = cw_wrap_angle(heading - course);
    uint32_t stride = f->vulnerable ? 4 : 2;
    lane_walk walk = find_walk(map, track, heading, speed);
    for (uint32_t k = 0; k < FORECAST_STEPS; k += stride) {
        double t = (double)k * FORECAST_DT, gone = way(speed, accel, t), now_heading;
        if (walk.lane != CW_NONE && k > 0) {
            cw_pose pose = walk_to(&walk, gone);
            cw_corridor_project(c, pose.x, pose.y, s, &s, &d);
            now_heading = pose.heading;
        } else {
            double turn = speed > 1.0 ? cw_clamp(rate * cw_min(gone / speed, 3.0), -1.6, 1.6) : 0.0;
            double chord = 0.5 * turn, sine, cosine;
            cw_sincos(course + chord, &sine, &cosine);
            double straight = gone * (1.0 - chord * chord / 6.0);
            cw_corridor_project(c, x + straight * cosine, y + straight * sine, s, &s, &d);
            now_heading = course + turn + slip;
        }
        f->s[k] = (float)s;
        f->d[k] = (float)d;
        double lane = cw_corridor_at(c, s, 0.0).heading;
        cover(f, k, cw_wrap_angle(now_heading - lane), squeeze_at(c, s, d));
        if (k >= stride) {
            for (uint32_t i = 1; i < stride; i++) {
                double w = (double)i / (double)stride;
                uint32_t a = k - stride, at = a + i;
                f->s[at] = (float)cw_lerp((double)f->s[a], (double)f->s[k], w);
                f->d[at] = (float)cw_lerp((double)f->d[a], (double)f->d[k], w);
                f->turned[at] = f->turned[w < 0.5 ? a : k];
                f->half_s[at] = (float)cw_lerp((double)f->half_s[a], (double)f->half_s[k], w);
                f->half_d[at] = (float)cw_lerp((double)f->half_d[a], (double)f->half_d[k], w);
            }
        }
        if (k == 0 && speed <= still) { // it stands
            for (uint32_t i = 1; i < FORECAST_STEPS; i++) {
                f->s[i] = f->s[0];
                f->d[i] = f->d[0];
                f->turned[i] = f->turned[0];
                f->half_s[i] = f->half_s[0];
                f->half_d[i] = f->half_d[0];
            }
            return;
        }
    }
}

uint32_t cw_predict_all(const corridor *c, const cw_obs *obs, double ego_s, forecast *out) {
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    uint32_t count = 0;
    for (uint32_t i = 0; i < obs->track_count && count < FORECAST_MOST; i++) {
        const cw_track *track = &obs->tracks[i];
        double rx = (double)track->x, ry = (double)track->y;
        double x = obs->ego.x + rx * cosine - ry * sine, y = obs->ego.y + rx * sine + ry * cosine;
        double heading = (double)obs->ego.heading + (double)track->heading;
        double vx = (double)track->vx * cosine - (double)track->vy * sine;
        double vy = (double)track->vx * sine + (double)track->vy * cosine;
        double s, d;
        // Near ones with a hint from the ego's own place; in a bend far away the hint would mislead.
        cw_corridor_project(c, x, y, rx * rx + ry * ry < 900.0 ? ego_s + rx : NAN, &s, &d);
        if (s < ego_s - 90.0 || fabs(d) > 70.0) {
            continue;
        }
        forecast *f = &out[count];
        corridor_point at = cw_corridor_at(c, s, 0.0);
        double lane_sine, lane_cosine;
        cw_sincos(at.heading, &lane_sine, &lane_cosine);
        f->s[0] = (float)s;
        f->d[0] = (float)d;
        f->vs = (float)(vx * lane_cosine + vy * lane_sine);
        f->vd = (float)(vy * lane_cosine - vx * lane_sine);
        f->speed = track->speed;
        f->accel = track->accel;
        f->length = track->length;
        f->width = track->width;
        f->height = track->height;
        // Unseen for a while it may be elsewhere within its error; what the sensor's own error asks for is in the margins.
        double grown = cw_clamp((double)track->error - 0.3, 0.0, 3.0);
        f->half_length = (float)(0.5 * (double)track->length + grown);
        f->half_width = (float)(0.5 * (double)track->width + cw_min(0.3 * grown, 0.5));
        f->lane = track->place.lane;
        f->id = track->id;
        f->kind = track->kind;
        f->seen = track->seen;
        f->vulnerable = cw_user_is_vulnerable((cw_user_kind)track->kind);
        f->standing = vx * vx + vy * vy < still * still;
        double turned = cw_wrap_angle(heading - at.heading);
        double askew = fabs(turned) > 0.5 * CW_PI ? CW_PI - fabs(turned) : fabs(turned);
        bool walks = track->kind == CW_USER_PEDESTRIAN || track->kind == CW_USER_ANIMAL;
        f->along = !walks && askew < 0.5 && fabs((double)f->vd) < 0.5 * fabs((double)f->vs) + 0.2 && !f->standing &&
                   beside_corridor(c, obs->map, track->place.lane, s) && s > -1.0 && s < cw_corridor_length(c) + 1.0;
        if (f->along && track->kind == CW_USER_BICYCLE && askew > 0.25) {
            f->along = false;
        }
        if (f->along) {
            carry_along(c, f, turned);
        } else {
            carry_freely(c, obs->map, track, f, x, y, heading, vx, vy);
        }
        count++;
    }
    return count;
}
