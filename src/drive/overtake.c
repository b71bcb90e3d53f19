#include "drive/overtake.h"
#include <math.h>

static const double delay = 0.45;      // s: tick and actuation of A1, and the brakes' own rise
static const double gained = 0.5;      // m/s that a command to speed up still gains meanwhile
static const double tube = 0.6;        // m along: the tube of A1 and as much to spare
static const double speed_error = 0.5; // m/s of A1
static const double hard = 9.81;       // m/s^2 of A1: what a leader brakes at most
static const double wander = 0.3;      // m of A1 within its lane
static const double unsure = 0.5;      // m across: error of perception 0.3, tube of the ego 0.2
static const double rise = 1.5;        // m/s^2 while passing
static const double clearance = 1.5;   // m beside the weak
static const double time_most = 16.0;  // s a pass may take

static double brake_counted(const situation *now) {
    return 0.72 * now->mu * 9.81;
}

// What the other needs to stop, at least: its speed and place are known to within the errors, its age counts.
static double other_stop(double run) {
    double v = cw_max(run - speed_error, 0.0);
    return v * v / (2.0 * hard) - 0.1 * run - 0.3;
}

double cw_overtake_gap(const situation *now, double v, double run) {
    double u = v + gained, brake = brake_counted(now);
    return cw_max(delay * v + u * u / (2.0 * brake) - other_stop(run), 0.0) + tube;
}

double cw_overtake_speed(const situation *now, double room) {
    double brake = brake_counted(now), free = cw_max(room - tube + delay * gained, 0.0);
    return cw_max(brake * (sqrt(delay * delay + 2.0 * free / brake) - delay) - gained, 0.0);
}

double cw_overtake_clear(const situation *now, const forecast *f, bool left) {
    double sign = left ? 1.0 : -1.0, d = sign * (double)f->d[0];
    bool inside = fabs(d) < cw_corridor_half(now->c, (double)f->s[0]);
    double reach = inside ? cw_max(d, f->standing ? 0.0 : wander) : d;
    return reach + (double)f->half_d[0] + unsure + now->half_width;
}

double cw_overtake_rear(const forecast *f, uint32_t k) {
    return (double)f->s[k] - (double)f->half_s[k] + other_stop(cw_max((double)f->vs, 0.0));
}

// When the ego's rear is 2.5 m ahead of its front: way of the ego until then, time and speed. false: it takes too long.
static bool pass_time(const situation *now, const forecast *f, double wait, double *way, double *time, double *speed) {
    double run = cw_max((double)f->vs, 0.0), v = cw_max(now->v, 1.0), x = 0.0, t = 0.0;
    double most = cw_min(now->wanted, cw_corridor_cap(now->c, now->s + 20.0));
    double relative = (double)f->s[0] + (double)f->half_s[0] + 2.5 + now->rear - now->s;
    for (; t < time_most && x < relative + run * t; t += FORECAST_DT) {
        x += v * FORECAST_DT;
        if (t >= wait) {
            v = cw_min(v + rise * FORECAST_DT, cw_max(most, v));
        }
    }
    *way = x;
    *time = t;
    *speed = v;
    return t < time_most;
}

bool cw_overtake_line_allows(const cw_map *map, uint32_t lane, double station, bool left) {
    if (cw_lane_same_way(map, lane, left)) {
        return cw_lane_may_change(map, lane, station, left);
    }
    const cw_road_mark *mark = cw_lane_mark(map, lane, station, left);
    if (!mark) {
        return true;
    }
    switch ((cw_mark_kind)mark->kind) {
    case CW_MARK_NONE:
    case CW_MARK_BROKEN:
    case CW_MARK_BROKEN_BROKEN:
    case CW_MARK_BOTTS_DOTS:
        return true;
    case CW_MARK_SOLID_BROKEN: // its own side of the two decides
    case CW_MARK_BROKEN_SOLID: {
        bool increase = left == (map->lanes[lane].direction >= 0);
        return (mark->change & (increase ? CW_CHANGE_INCREASE : CW_CHANGE_DECREASE)) != 0;
    }
    default:
        return false;
    }
}

// Do the markings allow it all the way?
static bool allowed(const situation *now, double end, bool left) {
    const cw_map *map = now->obs->map;
    for (double s = now->s; s < end; s += 8.0) {
        uint32_t lane = cw_corridor_lane(now->c, s);
        if (lane == CW_NONE || s > cw_corridor_length(now->c) ||
            !cw_overtake_line_allows(map, lane, cw_lane_station(map, lane, cw_corridor_travel(now->c, s)), left)) {
            return false;
        }
    }
    return true;
}

static bool into_oncoming(const situation *now, double d1, double s) {
    bool left = d1 > 0.0;
    double own = cw_corridor_paved(now->c, now->obs->map, cw_min(s, cw_corridor_length(now->c)), left, false);
    return fabs(d1) + now->half_width > own + 0.1;
}

uint32_t cw_overtake_propose(const situation *now, const lateral *present, uint32_t blocker, proposal *out,
                             uint32_t count, cw_id *waits_for) {
    const forecast *f = &now->forecasts[blocker];
    const cw_map *map = now->obs->map;
    uint32_t lane = cw_corridor_lane(now->c, now->s);
    bool left = lane == CW_NONE || !map->roads[map->lanes[lane].road].left_hand;
    double sign = left ? 1.0 : -1.0, run = cw_max((double)f->vs, 0.0);
    double side = sign * (double)f->d[0] + (double)f->half_d[0] + now->half_width;
    double least = cw_max(cw_overtake_clear(now, f, left) + 0.5, side + (f->vulnerable ? 1.0 : 0.5));
    double paved = cw_corridor_paved(now->c, map, cw_min((double)f->s[0], cw_corridor_length(now->c)), left, true);
    double d1 = cw_min(cw_max(least, side + (f->vulnerable ? clearance : 0.9)), paved - now->half_width - 0.3);
    if (d1 < least || count == PROPOSAL_MOST) {
        return count;
    }
    // It speeds up on the way across: comfortable at the speed that it will have.
    double later = cw_max(now->v, cw_min(run + 1.8, now->wanted));
    double length = cw_max(
               cw_max(cw_manoeuvre_length(now, d1 - sign * now->d), later * sqrt(5.8 * fabs(d1 - sign * now->d))), 8.0),
           shift_time = length / cw_max(now->v, 2.0);
    double gap = (double)f->s[0] - (double)f->half_s[0] - now->s - now->front, closing = now->v - run;
    double spare = gap - cw_overtake_gap(now, now->v, run) - cw_max(closing, 0.0) * (0.7 * shift_time + 0.5);
    // While it is still fast it may wait with it; once slowed down by the one ahead there is nothing to wait for.
    if (gap > 40.0 || (spare > 0.0 && now->v > 0.8 * now->wanted)) {
        return count; // too early
    }
    double way, time, speed;
    if (!pass_time(now, f, 0.7 * shift_time, &way, &time, &speed)) {
        return count;
    }
    double back = now->s + way, back_length = cw_max(speed * sqrt(5.8 * d1), 10.0), end = back + back_length;
    time += back_length / speed;
    bool oncoming = into_oncoming(now, sign * d1, (double)f->s[0]);
    double far = now->s + cw_min((double)now->obs->range, (double)now->obs->surface.visibility) - 12.0;
    bool over_line = d1 + now->half_width > cw_corridor_half(now->c, (double)f->s[0]);
    if (over_line && !allowed(now, cw_min(end, now->s + way), left)) {
        return count;
    }
    if (oncoming ? !cw_manoeuvre_oncoming_is_free(now, sign * d1, end, time, waits_for) ||
                       !cw_manoeuvre_sight_is_free(now, cw_min(end + 30.0, far), sign * d1)
                 : over_line && !cw_manoeuvre_gap_is_safe(now, sign * d1)) {
        return count;
    }
    // What it saves lies mostly beyond the horizon: the time lost behind.
    double saved = 12.0 * (1.0 - run / cw_max(now->wanted, run + 0.1));
    lateral there = cw_manoeuvre_to(now, present, sign * d1, length);
    out[count++] = (proposal){.course = cw_lateral_back(there, back, back_length, 0.0),
                              .what = PASS,
                              .fraction = 1.0,
                              .oncoming = oncoming,
                              .price = 1.5 + (oncoming ? 2.0 : 0.0) - saved,
                              .about = f->id};
    return count;
}

overtake_state cw_overtake_renew(const situation *now, cw_id about, lateral *course) {
    const forecast *f = NULL;
    for (uint32_t i = 0; i < now->forecast_count && !f; i++) {
        f = now->forecasts[i].id == about ? &now->forecasts[i] : NULL;
    }
    if (!f || now->s > course->s2 || !(course->s2 < INFINITY)) {
        return OVERTAKE_DONE;
    }
    double high = (double)f->s[0] + (double)f->half_s[0], low = (double)f->s[0] - (double)f->half_s[0];
    if (high + 2.5 < now->s - now->rear) {
        course->s2 = cw_max(now->s, course->s1); // past: back
        course->s3 = course->s2 + cw_max(now->v * sqrt(5.8 * fabs(course->d1)), 10.0);
        return OVERTAKE_GOES_ON;
    }
    if (f->standing) {
        return OVERTAKE_GOES_ON; // its place is fixed
    }
    double way, time, speed, wait = 0.7 * cw_max(course->s1 - now->s, 0.0) / cw_max(now->v, 2.0);
    bool possible = pass_time(now, f, wait, &way, &time, &speed);
    double back_length = cw_max(speed * sqrt(5.8 * fabs(course->d1)), 10.0);
    course->s2 = cw_max(now->s + way, course->s1);
    course->s3 = course->s2 + back_length;
    time += back_length / speed;
    bool committed = now->s + now->front > low - 1.0;
    if (committed) {
        return OVERTAKE_GOES_ON;
    }
    bool oncoming = into_oncoming(now, course->d1, low);
    bool free =
        !oncoming || cw_manoeuvre_oncoming_is_free(now, course->d1, course->s3 - 0.5 * back_length, time - 1.5, NULL);
    return possible && free ? OVERTAKE_GOES_ON : OVERTAKE_LOST;
}
