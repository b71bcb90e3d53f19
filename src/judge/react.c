// What was left at the narrowest: the time to react to whoever lies ahead at constant velocities, and the time between the
// ego's leaving a place where ways cross and another's coming there, or the other way round.
#include "judge/judging.h"

#include <math.h>

static const double crosses = 0.5;              // sine of the angle from which on ways cross
static const int64_t encroachment = 5000000000; // ns within which a meeting counts
static const int64_t reachable = 6000000000;    // ns: contacts farther off are no matter yet

// s in which full braking, or a swerve at the same force, still avoids the contact; < 0: neither does. INFINITY: none comes.
// Braking takes v_rel / 2b until nothing closes any more; a swerve sqrt(2 w / b) for the width w that is still overlapped.
static double left_to_react(const cw_judging *j, uint32_t t, const cw_moment *ego, const cw_moment *m) {
    cw_vec2 own = cw_moment_velocity(ego), v = cw_moment_velocity(m);
    double enter, leave;
    if (!cw_sweep(&ego->box, own, &m->box, v, &enter, &leave) || enter * 1e9 > (double)reachable)
        return INFINITY;
    double ux = ego->box.ux, uy = ego->box.uy, brake = cw_judging_brake(j, t);
    double closing = (own.x - v.x) * ux + (own.y - v.y) * uy;
    double across = (m->box.y - ego->box.y) * ux - (m->box.x - ego->box.x) * uy;
    double drift = (v.y - own.y) * ux - (v.x - own.x) * uy;
    double over = ego->box.half_width + cw_box_reach(&m->box, -uy, ux) - fabs(across + drift * enter);
    double by_braking = closing > 0 ? enter - closing / (2 * brake) : -INFINITY;
    double by_swerving = enter - sqrt(2 * cw_max(over, 0) / brake);
    return cw_max(by_braking, by_swerving);
}

static double least_reaction(const cw_judging *j, uint32_t last) {
    const cw_history *h = &j->h;
    double least = INFINITY;
    for (uint32_t t = j->first; t <= last && t < h->ticks; t++) {
        const cw_moment *ego = cw_history_ego(h, t);
        for (uint32_t a = 0; ego && ego->speed > 0.1 && a < h->actors; a++) {
            const cw_moment *m = a == h->ego ? NULL : cw_history_moment(h, t, a);
            // Whoever comes from behind is not the ego's to react to.
            bool ahead = m && (m->box.x - ego->box.x) * ego->box.ux + (m->box.y - ego->box.y) * ego->box.uy > 0;
            if (ahead)
                least = cw_min(least, left_to_react(j, t, ego, m));
        }
    }
    return least;
}

// Least time between a moment at which the ego is somewhere and one at which the actor is there, on ways that cross.
static double encroaches(const cw_history *h, uint32_t first, uint32_t last, uint32_t actor) {
    double least = INFINITY;
    for (uint32_t t = first; t <= last; t++) {
        const cw_moment *ego = cw_history_ego(h, t), *now = cw_history_moment(h, t, actor);
        double reach = now && ego ? (fabs(now->speed) + 15) * (double)encroachment * 1e-9 + 20 : 0;
        if (!ego || (now && cw_hypot(now->box.x - ego->box.x, now->box.y - ego->box.y) > reach))
            continue;
        uint32_t k = t;
        while (k > first && h->time[t] - h->time[k - 1] <= encroachment)
            k--;
        for (; k <= last && h->time[k] - h->time[t] <= encroachment; k++) {
            const cw_moment *m = cw_history_moment(h, k, actor);
            double apart = fabs((double)(h->time[k] - h->time[t])) * 1e-9;
            if (!m || apart >= least || fabs(m->box.x - ego->box.x) > 15 || fabs(m->box.y - ego->box.y) > 15)
                continue;
            if (fabs(m->box.ux * ego->box.uy - m->box.uy * ego->box.ux) > crosses && cw_box_overlap(&m->box, &ego->box))
                least = apart;
        }
    }
    return least;
}

void cw_judge_react(cw_judging *j) {
    const cw_history *h = &j->h;
    uint32_t last = j->last;
    if (h->touch_count > 0)
        last = cw_history_tick(h, h->touches[0].time_ns);
    last = last < h->ticks ? last : h->ticks - 1;
    double pet = INFINITY;
    for (uint32_t a = 0; a < h->actors; a++)
        if (a != h->ego)
            pet = cw_min(pet, encroaches(h, j->first, last, a));
    cw_judging_metric(j, "min_ttr_s", "s", least_reaction(j, last));
    cw_judging_metric(j, "min_pet_s", "s", pet);
}
