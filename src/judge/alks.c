// UN R157: is a scenario of its kind, and its criteria.
#include "causeway/rules.h"
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// A carriageway of a motorway: two lanes or more, all of one direction.
static bool motorway(const cw_map *map) {
    if (map->junction_count > 0)
        return false;
    for (uint32_t r = 0; r < map->road_count; r++) {
        const cw_road *road = &map->roads[r];
        if (road->kinds.count == 0 || map->road_types[road->kinds.first].kind != CW_ROAD_MOTORWAY)
            return false;
        for (uint32_t s = 0; s < road->sections.count; s++) {
            const cw_section *section = &map->sections[road->sections.first + s];
            uint32_t drivable = 0;
            int direction = 0;
            for (uint32_t l = 0; l < section->lanes.count; l++) {
                const cw_lane *lane = &map->lanes[section->lanes.first + l];
                if (lane->id == 0 || !cw_lane_drivable(lane))
                    continue;
                if ((direction != 0 && lane->direction != direction) || lane->both_ways)
                    return false;
                direction = lane->direction;
                drivable++;
            }
            if (drivable < 2)
                return false;
        }
    }
    return map->road_count > 0;
}

bool cw_judge_is_alks(const cw_scene *scene) {
    if (scene->origin != CW_FROM_OPENSCENARIO || scene->ego == CW_NONE)
        return false;
    return cw_scene_keeps_lane(scene) || (!cw_scene_ego_controller(scene)[0] && motorway(scene->map));
}

// ---- criteria --------------------------------------------------------------------------------------------------------

static const double over_most = 0.05;   // m: half a marking
static const double impact_slack = 0.1; // m/s that two impacts may differ by and still be as fast

// 5.2.5: no contact where a cut-in left enough time or the careful human avoids it; else no harder than that one's.
static void contact(cw_judging *j) {
    cw_criterion *c = cw_judging_criterion(j, "r157_contact", true);
    const cw_verdict *v = j->verdict;
    double impact = 0;
    bool in_time = false;
    cw_intrusion in = {0};
    c->unit = "m/s";
    for (uint32_t i = 0; i < v->contact_count; i++) {
        const cw_judged_contact *k = &v->contacts[i];
        if (cw_oracle_passive(k))
            continue; // none of the regulation's cases
        impact = cw_max(impact, (double)k->impact_mps);
        if (c->time_ns < 0)
            c->time_ns = k->time_ns;
        cw_intrusion now;
        if (cw_breach_intrusion(j, &j->h.touches[i], &now) && now.visible && now.ttc > now.closing / 12 + 0.35) {
            in = now;
            in_time = true;
        }
    }
    c->value = impact;
    c->limit = 0;
    if (c->time_ns < 0) {
        snprintf(c->text, sizeof c->text, "no contact%s",
                 v->human_run ? v->human_avoids ? "; the careful human avoids it too" : "; the careful human does not"
                              : "");
        return;
    }
    if (in_time) {
        c->passed = false;
        snprintf(c->text, sizeof c->text, "contact at %.1f km/h although TTC at the intrusion was %.2f s, above %.2f s",
                 impact * 3.6, in.ttc, in.closing / 12 + 0.35);
    } else if (!v->human_run) {
        c->passed = false;
        snprintf(c->text, sizeof c->text, "contact at %.1f km/h; there was no human model to compare with",
                 impact * 3.6);
    } else if (v->human_avoids) {
        c->passed = false;
        snprintf(c->text, sizeof c->text, "contact at %.1f km/h that the careful human avoids", impact * 3.6);
    } else {
        c->limit = (double)v->human_impact_mps;
        c->passed = impact <= c->limit + impact_slack;
        snprintf(c->text, sizeof c->text, "contact at %.1f km/h, the careful human's at %.1f km/h: demanded is no more",
                 impact * 3.6, c->limit * 3.6);
        // What the regulation calls unavoidable is not demanded a second time.
        for (uint32_t i = 0; i < v->criterion_count; i++)
            if (strcmp(v->criteria[i].name, "contact") == 0)
                j->verdict->criteria[i].demanded = false;
    }
}

// 5.2.3.3: the minimum gap, told; who has just cut in is no breach of the ego's.
static void distance(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "r157_following_distance", false);
    uint32_t lead = CW_NONE;
    int64_t since = 0;
    double least = INFINITY;
    c->unit = "m";
    for (uint32_t t = j->first; t <= j->last; t++) {
        const cw_ego_tick *e = &h->ego_ticks[t];
        const cw_moment *ego = cw_history_ego(h, t);
        if (!ego || e->lead == CW_NONE || ego->speed < 2)
            continue;
        if (e->lead != lead) {
            lead = e->lead;
            since = t == j->first ? h->time[t] - 10000000000 : h->time[t];
        }
        const cw_moment *m = cw_history_moment(h, t, lead);
        // 10 s to make up the gap after a cut-in; and a leader that brakes may come nearer
        if (h->time[t] - since < 10000000000 || m->speed < ego->speed - 0.5)
            continue;
        double margin = e->gap - cw_r157_min_gap(ego->speed);
        if (margin < least) {
            least = margin;
            c->value = e->gap;
            c->limit = cw_r157_min_gap(ego->speed);
            c->time_ns = h->time[t];
        }
    }
    c->applies = isfinite(least);
    c->passed = !(least < 0);
    snprintf(c->text, sizeof c->text, "smallest gap %.1f m where %.1f m is the minimum%s", c->value, c->limit,
             c->passed ? "" : ": too near");
}

static void emergency(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "r157_emergency", false);
    c->applies = h->has_accel;
    c->value = 0;
    c->limit = 5;
    c->unit = "m/s^2";
    for (uint32_t t = j->first; t <= j->last; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        if (!m || !(-m->accel > c->value) || (h->touch_count > 0 && h->time[t] >= h->touches[0].time_ns))
            continue;
        c->value = -m->accel;
        c->time_ns = h->time[t];
    }
    c->passed = c->value <= c->limit;
    snprintf(c->text, sizeof c->text, "hardest braking %.1f m/s2%s", c->value,
             c->passed ? "" : ": an emergency manoeuvre (5.3.1.1)");
}

// The ego stays within its lane. The regulation lets no manoeuvre cross the marking; here leaving the lane to avoid a
// contact, as the oracle sees it, is told and not demanded, and so is any change of lane where nobody asked for lane keeping.
static void lane(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "r157_lane", true);
    double worst = -INFINITY;
    bool been_in = false, out = false, avoids = true; // avoids: each time it left the lane
    c->limit = over_most;
    c->unit = "m";
    for (uint32_t t = j->first; t <= j->last; t++) {
        const cw_ego_tick *e = &h->ego_ticks[t];
        if (h->touch_count > 0 && h->time[t] >= h->touches[0].time_ns)
            break; // where it is pushed to is not its doing
        if (!cw_history_ego(h, t) || !e->on_lane)
            continue;
        been_in = been_in || e->inside_lane;
        double over = cw_max(e->over_left, e->over_right);
        if (!been_in)
            continue;
        if (over > over_most && !out) {
            c->time_ns = c->time_ns < 0 ? h->time[t] : c->time_ns;
            avoids = avoids && cw_oracle_evading(j, t);
        }
        out = over > over_most;
        worst = cw_max(worst, over);
    }
    c->applies = been_in;
    c->value = worst;
    c->passed = worst <= over_most;
    if (c->passed)
        snprintf(c->text, sizeof c->text, "within its lane, %.2f m from the marking at least", been_in ? -worst : 0.0);
    else
        snprintf(c->text, sizeof c->text, "crossed its lane marking by %.2f m%s", worst,
                 avoids ? "; at constant speeds a contact was less than 4 s away" : "");
    c->demanded = c->passed || (cw_scene_keeps_lane(h->scene) && !avoids);
}

void cw_judge_alks(cw_judging *j) {
    contact(j);
    distance(j);
    emergency(j);
    lane(j);
}
