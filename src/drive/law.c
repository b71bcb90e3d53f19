// The longitudinal law. Free driving is a pull towards the allowed speed; following a spring and a damper on the gap;
// everything else a needed constant braking, which is applied from a comfortable threshold on and as hard as it takes.
#include "drive/law.h"
#include "drive/overtake.h"
#include <math.h>
#include <string.h>

static const double time_gap_over = 0.4; // s above the regulation's least gap; it must stay below 1
static const double spring = 0.09;       // 1/s^2
static const double damper = 0.55;       // 1/s
static const double reaction = 0.15;     // s until a command acts
static const double lead = 0.2;          // s ahead at which speed limits are looked up

// UN R157 5.2.3.3 with the closed form of its table: 1 + v / 100 km/h s from 10 km/h on, not below 2 m.
double cw_law_least_gap(double v) {
    double time = v < 10.0 / 3.6 ? 1.0 + (cw_max(v, 2.0) - 2.0) / 7.8 : 1.0 + v * 3.6 / 100.0;
    return cw_max(2.0, v * time);
}

double cw_law_gap(double v) {
    return cw_law_least_gap(v) + 0.6 + time_gap_over * v;
}

double cw_law_needed(double v, double other_v, double room, double t) {
    room -= cw_max(v - cw_max(other_v, 0.0), 0.0) * reaction;
    double way = v * t;
    if (way <= room) {
        return 0.0;
    }
    if (room < 0.05) {
        return v < 0.1 ? 0.0 : cw_min(1.0 + 8.0 * v, 12.0); // the last decimetres are no emergency
    }
    double b = 2.0 * (way - room) / (t * t);
    if (b * t > v) { // it stands before t
        b = v * v / (2.0 * room);
    }
    return cw_min(b, 12.0);
}

static double accel_most(const situation *now, double v) {
    double comfort = v < 10.0 ? 2.0 : cw_max(2.0 - 0.045 * (v - 10.0), 0.8);
    return cw_min(comfort, (double)now->params.max_accel);
}

// Needed braking to what may be done: nothing below half of the threshold, all of it from there on.
static double shaped(const situation *now, double needed, double begin, double v) {
    if (needed >= begin) {
        return -cw_min(needed, now->brake_most);
    }
    double low = 0.5 * begin, most = accel_most(now, v);
    return needed <= low ? most : cw_lerp(most, -begin, (needed - low) / (begin - low));
}

static double pull(const situation *now, double target, double v) {
    double a = (target - v) * (target < v ? 0.9 : 1.1);
    return cw_clamp(a, -3.0, accel_most(now, v));
}

// Towards a speed that itself falls at `rate` m/s^2 on the way: without its share the car would lag behind by seconds.
static double pull_down(const situation *now, double target, double rate, double v) {
    double a = (target - v) * (target < v ? 0.9 : 1.1) + rate;
    return cw_clamp(a, -3.0, accel_most(now, v));
}

// What the lane itself allows where the car will be when the command acts, and how it falls from there.
static double along_lane(const situation *now, double fraction, double s, double v) {
    double at = s + lead * v, here = cw_corridor_cap(now->c, at);
    if (!(here < now->wanted)) {
        return pull(now, now->wanted * fraction, v);
    }
    double fall = cw_min(cw_corridor_cap(now->c, at + 1.0) - here, 0.0);
    return pull_down(now, here * fraction, v * fall * fraction, v);
}

static double follow(double gap, double v, double lead_v) {
    double a = spring * (gap - cw_law_gap(v)) + damper * (lead_v - v);
    return cw_max(a, -3.0);
}

static double cap_target(const cap *limit, double s, double v) {
    if (s > limit->s1) {
        return INFINITY;
    }
    double ahead = cw_max(limit->s0 - s - lead * v, 0.0);
    return sqrt((double)limit->v * (double)limit->v + 2.0 * (double)limit->brake * ahead);
}

static double under_cap(const situation *now, const cap *limit, double s, double v) {
    double target = cap_target(limit, s, v);
    if (!(target < now->wanted)) {
        return INFINITY;
    }
    return pull_down(now, target, s + lead * v < limit->s0 ? -(double)limit->brake : 0.0, v);
}

// ---- what lies across ------------------------------------------------------------------------------------------------

static double side_margin(const situation *now, const forecast *f) {
    if (f->vulnerable) {
        // A rider in the lane is not squeezed past.
        bool inside = f->along && fabs((double)f->d[0]) < cw_corridor_half(now->c, (double)f->s[0]);
        return f->kind != CW_USER_BICYCLE ? 0.6 : inside ? 0.95 : 0.5;
    }
    return f->along ? 0.3 : 0.4;
}

// Distance left free in front of it at t: before what stands, enough to steer round it from rest. Where less is left already, it is not won back at once.
static double front_margin(const forecast *f, double gap, double t) {
    double most = f->standing ? (f->vulnerable ? 3.5 : 4.5) : f->vulnerable ? 2.0 : f->along ? 2.0 : 1.5;
    if (f->along) {
        return cw_min(most, cw_max(0.8 * gap, 0.3) + 0.3 * t);
    }
    return cw_min(most, cw_max(gap - 0.3, 0.3));
}

static double begin_at(const forecast *f) {
    if (f->vulnerable) {
        return 0.8;
    }
    return f->standing ? 1.4 : f->along ? 1.4 : 1.0;
}

// Where the ego's rear axle would be at t, going on freely.
static double free_way(const situation *now, double fraction, double t) {
    double most = cw_min(now->wanted, cw_corridor_cap(now->c, now->s + 3.0 * t)) * fraction;
    double a = now->v < most ? cw_min(1.2, (most - now->v) / cw_max(t, 0.2)) : 0.0;
    return now->s + now->v * t + 0.5 * a * t * t;
}

// Does the ego get past before it comes into the way at step `first`?
static bool passes_before(const situation *now, const forecast *f, uint32_t first, double fraction, bool bold) {
    double t = (double)first * FORECAST_DT;
    double high = (double)f->s[first] + (double)f->half_s[first], low = (double)f->s[first] - (double)f->half_s[first];
    if (f->along && f->vs > 0.0f) {
        // Same way: whoever is behind when the ways meet gives way.
        if ((double)f->s[0] - (double)f->half_s[0] > now->s + now->front - 0.5) {
            return false;
        }
        double middle = now->s + 0.5 * (now->front - now->rear) + now->v * t;
        return first == 0 ? (double)f->s[0] < now->s + 0.5 * (now->front - now->rear)
                          : (double)f->s[first] < middle - 1.0;
    }
    double spare = bold ? 0.3 : f->vulnerable ? 0.8 : 1.2;
    double early = cw_max(t - spare, 0.0);
    if (free_way(now, fraction, early) - now->rear > high + 0.3) {
        return true;
    }
    // It would run into the ego's flank, and the ego cannot stay behind it any more: going on is the better way.
    double front = now->s + now->front;
    bool beyond = front + now->v * t > high + 0.3;
    bool lost = cw_law_needed(now->v, 0.0, low - front, cw_max(t, 0.1)) > 0.8 * now->brake_most;
    return beyond && lost;
}

// s at which somebody ahead who goes the ego's way stops when it brakes now as hard as it can, while its side is, or may
// any moment be, in the course's way: from there the distance of A1 is kept. INFINITY: clear.
static double may_stop_at(const situation *now, const lateral *there, double clear, const forecast *f, bool overtaken,
                          uint32_t k) {
    double rear = cw_overtake_rear(f, k);
    if ((double)f->s[k] < now->s || !f->along || f->vs < 0.3f) {
        return INFINITY;
    }
    if (overtaken) { // when the front comes to where its rear may stop, all of the side is clear of it
        double sign = there->d1 > 0.0 ? 1.0 : -1.0, slope;
        double d = sign * cw_lateral_at(there, cw_max(rear - now->front, now->s), &slope, NULL);
        return d - cw_max(sign * slope, 0.0) * now->rear < clear ? rear : INFINITY;
    }
    bool ahead = (double)f->s[0] - (double)f->half_s[0] > now->s + 0.5 * now->front;
    double off = (double)f->d[k] - cw_lateral_at(there, cw_max((double)f->s[k], now->s), NULL, NULL);
    return ahead && fabs(off) < now->half_width + (double)f->half_d[k] + 0.3 ? rear : INFINITY;
}

// Has the course left the lane by where a hold of the lane's own asks for it?
static bool has_left(const situation *now, const hold *h, const lateral *course) {
    double at = h->leave - now->front;
    return h->own_lane && fabs(cw_lateral_at(course, at, NULL, NULL)) > cw_corridor_half(now->c, at);
}

void cw_barrier_make(const situation *now, const lateral *course, double fraction, bool bold, cw_id passed,
                     barrier *out) {
    for (uint32_t k = 0; k < FORECAST_STEPS; k++) {
        out->stay[k] = INFINITY;
        out->begin[k] = 1.4;
        out->pace[k] = 0.0;
        out->lead_s[k] = INFINITY;
        out->lead_v[k] = 0.0;
        out->near[k] = INFINITY;
    }
    out->across = 0;
    out->passed = passed;
    lateral there = *course; // who is passed counts on the way there; coming back follows it
    there.s2 = there.s3 = INFINITY;
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double reach = now->half_width + side_margin(now, f);
        uint32_t first = FORECAST_STEPS, last = 0;
        out->first[i] = 0;
        uint64_t in_way = 0;
        uint32_t stride = f->standing ? FORECAST_STEPS : 1;
        bool overtaken = passed != 0 && f->id == passed && f->along && f->vs > 0.3f;
        double clear =
            overtaken ? fabs(course->d1) < 0.1 ? INFINITY : cw_overtake_clear(now, f, course->d1 > 0.0) : 0.0;
        for (uint32_t k = 0; k < FORECAST_STEPS; k += stride) {
            double at = cw_max((double)f->s[k], now->s);
            double off =
                (double)f->d[k] - cw_lateral_at(course, at, NULL, NULL) - cw_corridor_aim(now->c, at, NULL, NULL);
            bool within = fabs(off) < reach + (double)f->half_d[k];
            double stops = may_stop_at(now, &there, clear, f, overtaken, k);
            out->near[k] = cw_min(out->near[k], stops);
            out->near_each[i] = k == 0 ? stops : out->near_each[i];
            within = overtaken ? stops < INFINITY : within;
            if (within) {
                in_way |= (uint64_t)1 << k;
                first = k < first ? k : first;
                last = k;
            }
        }
        if (first == FORECAST_STEPS) {
            continue;
        }
        if (f->standing) {
            in_way = ((uint64_t)1 << FORECAST_STEPS) - 1;
            last = FORECAST_STEPS - 1;
        }
        if ((double)f->s[first] + (double)f->half_s[first] < now->s - now->rear && f->vs > -0.3f &&
            (f->along || first == 0)) {
            continue; // behind
        }
        if (passes_before(now, f, first, fraction, bold)) {
            continue;
        }
        bool oncoming = f->along && f->vs < -0.3f;
        // Those that cross get a step before and two after: nobody keeps time to 0.2 s.
        uint32_t real_first = first, real_last = last;
        if (!f->along && !f->standing) {
            first = first > 0 ? first - 1 : 0;
            last = last + 2 < FORECAST_STEPS ? last + 2 : FORECAST_STEPS - 1;
            for (uint32_t k = first; k <= last; k++) {
                in_way |= (uint64_t)1 << k;
            }
        }
        out->across |= 1u << i;
        out->first[i] = (uint8_t)real_first;
        out->last[i] = (uint8_t)real_last;
        out->from[i] = (uint8_t)first;
        out->to[i] = (uint8_t)last;
        double begin = begin_at(f), gap = (double)f->s[0] - (double)f->half_s[0] - now->s - now->front;
        for (uint32_t k = first; k <= last; k++) {
            if (!(in_way >> k & 1) || (oncoming && k > 15)) {
                continue; // a head-on course farther than 3 s away may yet resolve
            }
            // In the steps around it counts where it comes in and goes out, not where it is before and after.
            uint32_t at = k < real_first ? real_first : k > real_last ? real_last : k;
            double low = (double)f->s[at] - (double)f->half_s[at];
            double margin = overtaken ? cw_overtake_gap(now, (double)f->vs, (double)f->vs)
                                      : front_margin(f, gap, (double)k * FORECAST_DT);
            if (low - margin < out->stay[k]) {
                out->stay[k] = low - margin;
                out->begin[k] = overtaken ? 1.0 : begin;
                out->pace[k] = f->along ? (double)f->vs : 0.0;
            }
        }
        if (f->along && f->vs > 0.3f && !overtaken) {
            uint32_t from = first > 4 ? first - 4 : 0; // a coming lead is followed from a little before
            for (uint32_t k = from; k <= last; k++) {
                double low = (double)f->s[k] - (double)f->half_s[k];
                if (low < out->lead_s[k]) {
                    double gone =
                        k + 1 < FORECAST_STEPS ? (double)(f->s[k + 1] - f->s[k]) : (double)(f->s[k] - f->s[k - 1]);
                    out->lead_s[k] = low;
                    out->lead_v[k] = gone / FORECAST_DT;
                }
            }
        }
    }
    for (uint32_t i = 0; i < now->hold_count; i++) {
        const hold *h = &now->holds[i];
        if (has_left(now, h, course)) {
            continue;
        }
        for (uint32_t k = h->k0; k <= h->k1; k++) {
            if (h->s < out->stay[k]) {
                out->stay[k] = h->s;
                out->begin[k] = (double)h->begin;
                out->pace[k] = 0.0;
            }
        }
    }
}

// Standing before somewhere it must stay, how much room makes it worth going on: m.
static double worth_it(const situation *now) {
    return now->v < 0.1 && !now->goal.set ? 2.2 : 0.8; // where a goal sets a time, every metre is
}

// ---- the law ---------------------------------------------------------------------------------------------------------

double cw_law_accel(const situation *now, const barrier *b, double fraction, uint32_t k, double front, double v) {
    double s = front - now->front;
    double a = along_lane(now, fraction, s, v);
    for (uint32_t i = 0; i < now->cap_count; i++) {
        a = cw_min(a, under_cap(now, &now->caps[i], s, v));
    }
    if (b->near[k] < INFINITY) {
        a = cw_min(a, pull(now, cw_max(cw_overtake_speed(now, b->near[k] - front) - 0.3, 0.0), v));
    }
    if (b->lead_s[k] < INFINITY) {
        a = cw_min(a, follow(b->lead_s[k] - front, v, b->lead_v[k]));
    }
    for (uint32_t i = k; i < FORECAST_STEPS; i++) {
        if (b->stay[i] < INFINITY) {
            double t = i == k ? 0.1 : (double)(i - k) * FORECAST_DT;
            if (i + 1 == FORECAST_STEPS || b->stay[i + 1] == INFINITY || i == k || b->stay[i + 1] != b->stay[i]) {
                // of a standing thing the last step says it all
                double needed = cw_law_needed(v, b->pace[i], b->stay[i] - front, t);
                if (needed > 0.0) {
                    a = cw_min(a, shaped(now, needed, b->begin[i], v));
                }
            }
        }
    }
    // Beyond the forecast: whatever stands at its end is still there.
    uint32_t end = FORECAST_STEPS - 1;
    double last_room = b->stay[end] - front;
    if (last_room < INFINITY && last_room > 0.0) {
        double there = b->lead_s[end] < INFINITY ? cw_max(b->lead_v[end], 0.0) : 0.0, over = v - there;
        if (over > 0.0 && !(b->lead_s[end] < INFINITY)) {
            double room = cw_max(last_room - reaction * v, 0.1);
            a = cw_min(a, shaped(now, over * over / (2.0 * room), b->begin[end], v));
        }
    }
    // Standing just before where it must stay: hold, instead of creeping up to it.
    if (v < 0.8) {
        for (uint32_t i = k; i < FORECAST_STEPS && i < k + 8; i++) {
            double room = b->stay[i] - front - b->pace[i] * (double)(i - k) * FORECAST_DT;
            if (room < (v < 0.3 ? worth_it(now) : 0.5)) {
                a = cw_min(a, v < 0.3 ? -1.0 : -0.6);
            }
        }
    }
    return cw_max(a, -now->brake_most);
}

// ---- each cause apart ------------------------------------------------------------------------------------------------

static because about_user(const situation *now, const forecast *f, const barrier *b, uint32_t i) {
    because why = {.kind = (uint8_t)cw_cause_of((cw_user_kind)f->kind), .id = f->id, .item = CW_NONE};
    double gap = (double)f->s[0] - (double)f->half_s[0] - now->s - now->front;
    uint32_t first = b->first[i];
    if (f->standing) {
        why.relation = CW_REL_STANDING;
    } else if (f->along) {
        why.relation = f->vs < 0.0f ? CW_REL_ONCOMING
                       : first > 0 || fabs((double)f->d[0]) > 0.6 * cw_corridor_half(now->c, (double)f->s[0])
                           ? CW_REL_CUTTING_IN
                           : CW_REL_AHEAD;
        if (why.relation == CW_REL_CUTTING_IN && fabs((double)f->vd) < 0.15) {
            why.relation = CW_REL_AHEAD;
        }
    } else if (fabs((double)f->vd) < 0.3 * fabs((double)f->vs)) {
        why.relation = f->vs < 0.0f ? CW_REL_ONCOMING : CW_REL_AHEAD;
    } else {
        why.relation = f->vd > 0.0f ? CW_REL_CROSSING_RIGHT : CW_REL_CROSSING_LEFT;
    }
    if ((why.relation == CW_REL_CROSSING_LEFT || why.relation == CW_REL_CROSSING_RIGHT ||
         why.relation == CW_REL_CUTTING_IN) &&
        first > 0) {
        why.quantity = CW_Q_ARRIVAL_S;
        why.value = (float)((double)first * FORECAST_DT);
    } else {
        why.quantity = CW_Q_GAP_M;
        why.value = (float)cw_max(gap, 0.0);
    }
    return why;
}

static uint32_t insert(bound *out, uint32_t count, double accel, because why) {
    if (count == BOUND_MOST) {
        return count;
    }
    uint32_t at = count;
    while (at > 0 && out[at - 1].accel > accel) {
        out[at] = out[at - 1];
        at--;
    }
    out[at].accel = accel;
    out[at].why = why;
    return count + 1;
}

// Why the corridor's own cap binds at s: the sample from which it comes.
static because about_cap(const situation *now, double s) {
    const corridor *c = now->c;
    uint32_t i = (uint32_t)cw_clamp(s, 0.0, cw_corridor_length(c));
    while (i + 1 < c->count && c->cap[i] < c->limit[i] && c->cap[i] < c->bend[i]) {
        i++;
    }
    because why = {.item = cw_corridor_lane(c, (double)i), .id = 0};
    double ahead = (double)i - s;
    if (c->bend[i] <= c->limit[i]) {
        why.kind = CW_CAUSE_GEOMETRY;
        why.relation = CW_REL_CURVE;
        why.quantity = ahead > 2.0 ? CW_Q_DISTANCE_M : CW_Q_SPEED_MPS;
        why.value = ahead > 2.0 ? (float)ahead : c->bend[i];
    } else {
        why.kind = CW_CAUSE_LIMIT;
        why.quantity = CW_Q_SPEED_MPS;
        why.value = c->limit[i];
    }
    return why;
}

uint32_t cw_law_bounds(const situation *now, const lateral *course, const barrier *b, double fraction, law_moment when,
                       bound *out) {
    uint32_t count = 0, k0 = when.k;
    double v = when.v, s = when.s, front = s + now->front;
    double lane_cap = cw_corridor_cap(now->c, s + lead * v);
    count = insert(out, count, pull(now, now->wanted * fraction, v), now->wanted_why);
    if (lane_cap < now->wanted) {
        count = insert(out, count, along_lane(now, fraction, s, v), about_cap(now, s + lead * v));
    }
    for (uint32_t i = 0; i < now->cap_count; i++) {
        double a = under_cap(now, &now->caps[i], s, v);
        if (a < INFINITY) {
            count = insert(out, count, a, now->caps[i].why);
        }
    }
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        if (!(b->across >> i & 1)) {
            if (k0 == 0 && b->near_each[i] < INFINITY) {
                double most = cw_max(cw_overtake_speed(now, b->near_each[i] - front) - 0.3, 0.0);
                count = insert(out, count, pull(now, most, v), about_user(now, &now->forecasts[i], b, i));
            }
            continue;
        }
        const forecast *f = &now->forecasts[i];
        if (b->to[i] < k0) {
            continue; // it has gone by
        }
        double a = INFINITY, gap = (double)f->s[k0] - (double)f->half_s[k0] - front;
        bool oncoming = f->along && f->vs < -0.3f;
        bool overtaken = b->passed != 0 && f->id == b->passed && f->along && f->vs > 0.3f;
        for (uint32_t k = b->from[i] > k0 ? b->from[i] : k0; k <= b->to[i] && !(oncoming && k > 15); k++) {
            double t = k == k0 ? 0.1 : (double)(k - k0) * FORECAST_DT;
            uint32_t at = k < b->first[i] ? b->first[i] : k > b->last[i] ? b->last[i] : k;
            double margin = overtaken ? cw_overtake_gap(now, (double)f->vs, (double)f->vs) : front_margin(f, gap, t);
            double room = (double)f->s[at] - (double)f->half_s[at] - margin - front;
            double needed = cw_law_needed(v, f->along ? (double)f->vs : 0.0, room, t);
            a = cw_min(a, shaped(now, needed, overtaken ? 1.0 : begin_at(f), v));
        }
        if (v < 0.3 && b->from[i] < k0 + 8) { // standing before where it comes through
            uint32_t at = b->first[i];
            double room = (double)f->s[at] - (double)f->half_s[at] - front_margin(f, gap, 0.0) - front;
            a = room < worth_it(now) && !f->along ? cw_min(a, -1.0) : a;
        }
        if (k0 == 0 && b->near_each[i] < INFINITY) {
            a = cw_min(a, pull(now, cw_max(cw_overtake_speed(now, b->near_each[i] - front) - 0.3, 0.0), v));
        }
        if (f->standing) {
            double room = cw_max(gap - front_margin(f, gap, 0.0) - reaction * v, 0.1);
            a = cw_min(a, shaped(now, v * v / (2.0 * room), begin_at(f), v));
            a = v < 0.3 && gap < (f->vulnerable ? 4.3 : 5.3) ? cw_min(a, -1.0) : a;
        }
        if (f->along && f->vs > 0.3f && b->first[i] <= k0 + 4 && !overtaken) {
            a = cw_min(a, follow(gap, v, (double)f->vs));
        }
        count = insert(out, count, a, about_user(now, f, b, i));
    }
    for (uint32_t i = 0; i < now->hold_count; i++) {
        const hold *h = &now->holds[i];
        if (has_left(now, h, course)) {
            continue;
        }
        double a = INFINITY;
        for (uint32_t k = h->k0 > k0 ? h->k0 : k0; k <= h->k1; k++) {
            double needed = cw_law_needed(v, 0.0, h->s - front, k == k0 ? 0.1 : (double)(k - k0) * FORECAST_DT);
            a = cw_min(a, shaped(now, needed, (double)h->begin, v));
        }
        if (v < 0.3 && h->k0 < k0 + 8 && h->k1 >= k0 && h->s - front < worth_it(now)) {
            a = cw_min(a, -1.0);
        }
        if (h->k1 == HOLD_ALWAYS && h->s > front) {
            double room = cw_max(h->s - front - reaction * v, 0.1);
            a = cw_min(a, shaped(now, v * v / (2.0 * room), (double)h->begin, v));
        }
        if (a < INFINITY) {
            count = insert(out, count, a, h->why);
        }
    }
    return count;
}
