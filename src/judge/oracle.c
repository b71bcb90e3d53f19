// Whose fault a contact is: the five rules of the safety case, in their order, on truth. Nothing here comes from `rules` or
// `drive` but the numbers of A1, so that a mistake there cannot grade itself.
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double still = 0.05; // m/s below which one stands
static const int64_t second = 1000000000;
static const int64_t look_back = 8000000000;  // ns
static const int64_t answer_time = 300000000; // ns within which the ego brakes
static const int64_t actuation = 200000000;   // ns more where only its motion is known
static const double off_road = 0.3;           // m
static const double evade_time = 4.0;         // s

// ---- 1: the ego's own ------------------------------------------------------------------------------------------------

static bool over_into_oncoming(const cw_judging *j, uint32_t tick) {
    const cw_ego_tick *e = &j->h.ego_ticks[tick];
    const cw_moment *m = cw_history_ego(&j->h, tick);
    const cw_lane *lanes = j->h.map->lanes;
    const cw_lane *own = &lanes[m->place.lane];
    for (int side = 0; side < 2; side++) {
        uint32_t beside = side == 0 ? own->left : own->right;
        double over = side == 0 ? e->over_left : e->over_right;
        if (over >= off_road && beside != CW_NONE && cw_lane_drivable(&lanes[beside]) && !lanes[beside].both_ways &&
            lanes[beside].direction != own->direction)
            return true;
    }
    return false;
}

bool cw_oracle_wrong_side(const cw_judging *j, uint32_t tick) {
    const cw_ego_tick *e = &j->h.ego_ticks[tick];
    return cw_history_ego(&j->h, tick) && e->on_lane && (e->wrong_way || over_into_oncoming(j, tick));
}

// Had it gone on along its lane: the shift that led it out may not be its own excuse.
static bool would_touch(const cw_judging *j, uint32_t tick) {
    const cw_moment *ego = cw_history_ego(&j->h, tick);
    if (!ego)
        return false;
    cw_vec2 along = cw_moment_velocity(ego);
    if (j->h.ego_ticks[tick].on_lane) {
        double sine, cosine;
        cw_sincos(cw_lane_pose(j->h.map, ego->place, NULL).heading, &sine, &cosine);
        double speed = along.x * cosine + along.y * sine;
        along = (cw_vec2){speed * cosine, speed * sine};
    }
    for (uint32_t a = 0; a < j->h.actors; a++) {
        const cw_moment *m = a == j->h.ego ? NULL : cw_history_moment(&j->h, tick, a);
        double enter, leave;
        if (m && cw_sweep(&ego->box, along, &m->box, cw_moment_velocity(m), &enter, &leave) && enter <= evade_time)
            return true;
    }
    return false;
}

bool cw_oracle_evading(const cw_judging *j, uint32_t tick) {
    const cw_history *h = &j->h;
    uint32_t left = tick; // the last tick at which it was within its lane, on its side
    while (left > 0 && h->time[tick] - h->time[left] < look_back &&
           (!h->ego_ticks[left].on_lane || !h->ego_ticks[left].inside_lane || h->ego_ticks[left].wrong_way))
        left--;
    for (uint32_t t = left + 1; t-- > 0 && h->time[left] - h->time[t] <= second;)
        if (would_touch(j, t))
            return true;
    return false;
}

static bool ran_red(const cw_judging *j, int64_t time_ns) {
    const cw_line_crossed *crossed;
    uint32_t count = cw_crossing_list(j, &crossed);
    for (uint32_t i = 0; i < count; i++) {
        if (!cw_crossing_is_red(j, &crossed[i]) || crossed[i].time_ns > time_ns)
            continue;
        // it is across that light until it has left the junction behind it, or for 3 s where there is none
        bool entered = false, through = false;
        for (uint32_t t = crossed[i].tick; t < j->h.ticks && j->h.time[t] <= time_ns; t++) {
            bool in = j->h.ego_ticks[t].junction;
            through = through || (entered && !in);
            entered = entered || in;
        }
        if (entered ? !through : time_ns - crossed[i].time_ns <= 3 * second)
            return true;
    }
    return false;
}

// An object of the map, an obstacle, or a vehicle that stood all the time; seen while the ego could still stop before it.
static bool visible_static(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    const cw_history *h = &j->h;
    cw_vec2 point = {touch->x, touch->y};
    for (uint32_t t = last + 1; t-- > 0 && h->time[last] - h->time[t] <= look_back;) {
        const cw_moment *ego = cw_history_ego(h, t);
        const cw_moment *m = touch->other == CW_NONE ? NULL : cw_history_moment(h, t, touch->other);
        if (!ego || (touch->other != CW_NONE && !m))
            break;
        if (m && fabs(m->speed) > still)
            return false;
        double ahead = cw_hypot(point.x - ego->box.x, point.y - ego->box.y) - ego->box.half_length;
        bool seen = m ? cw_sight_clear(j, t, touch->other) : cw_sight_point(j, t, point, CW_NONE);
        if (touch->other == CW_NONE && !seen) { // its own near edge may stop the ray: look a little before it
            double far = cw_hypot(point.x - ego->box.x, point.y - ego->box.y), share = far > 1 ? (far - 0.5) / far : 0;
            seen = cw_sight_point(
                j, t, (cw_vec2){cw_lerp(ego->box.x, point.x, share), cw_lerp(ego->box.y, point.y, share)}, CW_NONE);
        }
        if (seen && ahead >= cw_judging_stop(j, t))
            return true;
    }
    return false;
}

// In each language; NULL: nothing of its own.
static const char *const *own_fault(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    static const char *const off[] = {"ego was off the road", "자차가 도로를 벗어나 있었음"},
                             *const red[] = {"ego had crossed a red light", "자차가 적신호에 정지선을 넘었음"},
                             *const wrong[] = {"ego was on the wrong side", "자차가 반대쪽 차로에 있었음"},
                             *const fixed[] = {"ego hit a visible static object", "자차가 보이는 정지 물체에 부딪침"};
    const cw_history *h = &j->h;
    if (h->ego_ticks[last].outside >= off_road)
        return off;
    if (ran_red(j, touch->time_ns))
        return red;
    if (cw_oracle_wrong_side(j, last) && !cw_oracle_evading(j, last))
        return wrong;
    bool map_object = touch->other == CW_NONE;
    if ((map_object || cw_judging_is_fixed(j, touch->other) ||
         h->scene->actors[touch->other].kind <= CW_ACTOR_TRAILER) &&
        visible_static(j, touch, last))
        return fixed;
    return NULL;
}

// ---- 2: the other's, whatever the ego did ----------------------------------------------------------------------------

static bool stood(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    const cw_history *h = &j->h;
    for (uint32_t t = last + 1; t-- > 0;) {
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || fabs(ego->speed) > still || fabs(ego->lateral) > still)
            return false;
        if (touch->time_ns - h->time[t] >= second)
            return true;
    }
    return false;
}

// Did the ego come into this lane in the 8 s before in a way that asked more of the follower than A1 allows it to ask?
static bool entered_unfairly(const cw_judging *j, uint32_t other, uint32_t last) {
    const cw_history *h = &j->h;
    for (uint32_t t = last; t > 0 && h->time[last] - h->time[t] <= look_back; t--) {
        const cw_moment *now = cw_history_ego(h, t), *before = cw_history_ego(h, t - 1);
        const cw_moment *m = cw_history_moment(h, t, other);
        if (!now || !before || !m)
            return false;
        const cw_lane *from = before->place.lane == CW_NONE ? NULL : &h->map->lanes[before->place.lane];
        bool changed = from && now->place.lane != before->place.lane &&
                       (from->left == now->place.lane || from->right == now->place.lane);
        if (!changed)
            continue;
        double gap = (now->box.x - m->box.x) * now->box.ux + (now->box.y - m->box.y) * now->box.uy -
                     now->box.half_length - m->box.half_length;
        double closing = m->speed - now->speed;
        double room = gap - closing * j->a1.follower_response;
        return closing > 0 && (room <= 0 || closing * closing / (2 * room) > j->a1.follower_entry);
    }
    return false;
}

static bool struck_from_behind(const cw_judging *j, const cw_touch_row *touch, uint32_t last) {
    const cw_history *h = &j->h;
    const cw_moment *ego = cw_history_ego(h, last);
    const cw_moment *m = touch->other == CW_NONE ? NULL : cw_history_moment(h, last, touch->other);
    const cw_ego_tick *e = &h->ego_ticks[last];
    if (!m || ego->speed < -still || !e->on_lane || e->over_left > off_road || e->over_right > off_road)
        return false;
    double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y;
    double along = dx * ego->box.ux + dy * ego->box.uy;
    cw_vec2 v = cw_moment_velocity(m);
    double closing = v.x * ego->box.ux + v.y * ego->box.uy - ego->speed;
    // behind: its middle is further back than the ego's rear, and what is nearest of it is level with the rear bumper
    bool behind = along < -ego->box.half_length && along + cw_box_reach(&m->box, ego->box.ux, ego->box.uy) <
                                                       -ego->box.half_length + 0.5 * ego->box.half_width;
    return behind && closing > 0 && !entered_unfairly(j, touch->other, last);
}

// ---- 3: what the ego did about a breach ------------------------------------------------------------------------------

// The clock starts when the partner is in sight and within the range that A1 grants perception.
static bool answered(const cw_judging *j, const cw_breach *breach, const cw_touch_row *touch) {
    const cw_history *h = &j->h;
    uint32_t t = cw_history_tick(h, breach->time_ns);
    if (breach->behind)
        return true; // braking is no answer to a follower
    while (t + 1 < h->ticks && h->time[t] < touch->time_ns && !cw_sight_clear(j, t, touch->other))
        t++;
    int64_t from = h->time[t];
    if (touch->time_ns - from <= answer_time)
        return true; // nobody answers faster than that
    int64_t until = from + answer_time + (h->has_decisions ? 0 : actuation);
    for (; t < h->ticks && h->time[t] <= until; t++) {
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego)
            break;
        double given = h->has_decisions && h->decided[t].present ? h->decided[t].accel : ego->accel;
        if (fabs(ego->speed) <= still || given <= -0.9 * cw_judging_brake(j, t))
            return true;
    }
    return false;
}

// Could the ego stop behind it, braking at b_e after its delay, if that braked as hard as A1 lets it: gently for so long
// after its cut-in, then fully?
static bool stops_behind(const cw_judging *j, uint32_t t, double gap, double lead, double gently) {
    const double step = 0.01, delay = j->a1.actuation_delay + j->a1.tick, brake = cw_judging_brake(j, t);
    double own = cw_max(0, cw_history_ego(&j->h, t)->speed);
    for (double u = 0; own > 0 && gap >= 0; u += step) {
        double own_next = u < delay - 1e-9 ? own : cw_max(0, own - brake * step);
        double hard = u < gently ? j->a1.cut_in_brake : j->a1.leader_brake * j->mu_high;
        double lead_next = cw_max(0, lead - hard * step);
        gap += 0.5 * (lead + lead_next - own - own_next) * step;
        own = own_next;
        lead = lead_next;
    }
    return gap >= 0;
}

// s for which A1 still has it brake gently after its cut-in.
static double gentle_for(const cw_judging *j, const cw_touch_row *touch, uint32_t t) {
    cw_intrusion in;
    if (touch->other == CW_NONE || !cw_breach_intrusion(j, touch, &in) || in.time_ns > j->h.time[t])
        return 0;
    return cw_max(0, j->a1.cut_in_hold - (double)(j->h.time[t] - in.time_ns) * 1e-9);
}

// Past the unengaged below 1.5 m clearance at 30 km/h or less: is the ego as slow, or can it be by then?
static bool passes_slowly(const cw_judging *j, uint32_t t, const cw_moment *ego, const cw_moment *m) {
    double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y, ux = ego->box.ux, uy = ego->box.uy;
    double clear = fabs(dy * ux - dx * uy) - ego->box.half_width - cw_box_reach(&m->box, -uy, ux);
    double along = dx * ux + dy * uy - ego->box.half_length - cw_box_reach(&m->box, ux, uy);
    double v = cw_max(0, ego->speed), slow = j->a1.pass_speed;
    double need = v * (j->a1.actuation_delay + j->a1.tick) + (v * v - slow * slow) / (2 * cw_judging_brake(j, t));
    return clear >= j->a1.pass_clearance || v <= slow || along >= need;
}

// Was there a way out for the ego until the breach: a fail-safe by its own account, on its road, and no more speed than A1
// leaves it against this partner?
static bool invariant_kept(const cw_judging *j, const cw_breach *breach, const cw_touch_row *touch) {
    enum {
        MITIGATE = 3,
        UNSAFE_START = 4
    };                           // of the evaluator's states, as the trace numbers them: both without a fail-safe
    const double meet_brake = 3; // m/s^2 of the oncoming where nobody can pass
    const cw_history *h = &j->h;
    uint32_t t = cw_history_tick(h, breach->time_ns);
    if (t > 0)
        t--; // the tick before it
    const cw_moment *ego = cw_history_ego(h, t);
    const cw_moment *m = touch->other == CW_NONE ? NULL : cw_history_moment(h, t, touch->other);
    const cw_ego_tick *e = &h->ego_ticks[t];
    uint8_t state = h->decided[t].present ? h->decided[t].state : 0;
    if (!ego || e->outside >= off_road || state == MITIGATE || state == UNSAFE_START)
        return false;
    if (!m)
        return true;
    if (breach->behind) // and nobody need look out for one who backs
        return ego->speed >= -still && !entered_unfairly(j, touch->other, cw_history_tick(h, touch->time_ns));
    if (breach->stepped_out)
        return passes_slowly(j, t, ego, m);
    if (e->lead != touch->other)
        return true;
    cw_vec2 v = cw_moment_velocity(m);
    double dx = m->box.x - ego->box.x, dy = m->box.y - ego->box.y, ux = ego->box.ux, uy = ego->box.uy;
    bool beside = fabs(dy * ux - dx * uy) >= ego->box.half_width + cw_box_reach(&m->box, -uy, ux);
    if (beside && h->scene->actors[touch->other].kind == CW_ACTOR_BICYCLE)
        return true; // bound to a metre of swerve
    double forward = v.x * ux + v.y * uy;
    if (forward < -still && h->map->lanes[ego->place.lane].both_ways)
        return e->gap >= cw_judging_stop(j, t) + forward * forward / (2 * meet_brake);
    return stops_behind(j, t, e->gap, cw_max(0, forward), gentle_for(j, touch, t));
}

// ---- the rules -------------------------------------------------------------------------------------------------------

void cw_oracle_judge(const cw_judging *j, const cw_touch_row *touch, cw_judged_contact *out) {
    const cw_history *h = &j->h;
    uint32_t last = cw_history_tick(h, touch->time_ns);
    // A touch at the very instant of a tick is told with the speeds after it; what counts is what came before.
    if (last > 0 && h->time[last] == touch->time_ns)
        last--;
    out->broken_ns = -1;
    if (touch->time_ns <= h->time[0]) { // nobody's doing: listed, and charged to no one
        out->fault = CW_FAULT_NONE;
        out->clause = 0;
        cw_say(&out->broken, "the scenario begins with it", "시나리오가 접촉한 채 시작함");
        return;
    }
    if (!cw_history_ego(h, last)) {
        out->fault = CW_FAULT_EGO; // nothing is known that would excuse it
        out->clause = 4;
        return;
    }
    cw_breach breaches[CW_BREACHES_MOST];
    uint32_t count = cw_breach_find(j, touch, breaches);
    const char *const *own = own_fault(j, touch, last);
    uint32_t told = 0;
    if (own) {
        out->fault = CW_FAULT_EGO;
        out->clause = 1;
    } else if (stood(j, touch, last) || struck_from_behind(j, touch, last)) {
        out->fault = CW_FAULT_OTHER;
        out->clause = 2;
    } else if (count > 0) {
        out->fault = CW_FAULT_SHARED;
        out->clause = 5;
        for (uint32_t i = 0; i < count && out->clause == 5; i++)
            if (invariant_kept(j, &breaches[i], touch) && answered(j, &breaches[i], touch)) {
                out->fault = CW_FAULT_OTHER;
                out->clause = 3;
                told = i;
            }
    } else {
        out->fault = CW_FAULT_EGO;
        out->clause = 4;
    }
    if (own)
        cw_say_words(&out->broken, own[CW_ENGLISH], own[CW_KOREAN]);
    else if (count > 0) {
        out->broken_ns = breaches[told].time_ns;
        out->broken = breaches[told].said;
        cw_say(&out->broken, " at %.1f s", " (%.1f초)", (double)breaches[told].time_ns * 1e-9);
    }
}
