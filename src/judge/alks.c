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
        cw_say(&c->said, "no contact", "접촉 없음");
        if (v->human_run && v->human_avoids)
            cw_say(&c->said, "; the careful human avoids it too", "; 주의 깊은 사람도 피함");
        else if (v->human_run)
            cw_say(&c->said, "; the careful human does not", "; 주의 깊은 사람은 피하지 못함");
        return;
    }
    if (in_time) {
        c->passed = false;
        cw_say(&c->said, "contact at %.1f km/h although TTC at the intrusion was %.2f s, above %.2f s",
               "시속 %.1f km로 접촉: 끼어들 때 TTC가 %.2f초로 %.2f초보다 길었음", impact * 3.6, in.ttc,
               in.closing / 12 + 0.35);
    } else if (!v->human_run) {
        c->passed = false;
        cw_say(&c->said, "contact at %.1f km/h; there was no human model to compare with",
               "시속 %.1f km로 접촉; 견줄 사람 모형이 없음", impact * 3.6);
    } else if (v->human_avoids) {
        c->passed = false;
        cw_say(&c->said, "contact at %.1f km/h that the careful human avoids",
               "주의 깊은 사람은 피하는 시속 %.1f km의 접촉", impact * 3.6);
    } else {
        c->limit = (double)v->human_impact_mps;
        c->passed = impact <= c->limit + impact_slack;
        cw_say(&c->said, "contact at %.1f km/h, the careful human's at %.1f km/h: demanded is no more",
               "시속 %.1f km로 접촉, 주의 깊은 사람은 시속 %.1f km: 그보다 빠르지 않아야 함", impact * 3.6,
               c->limit * 3.6);
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
    cw_say(&c->said, "smallest gap %.1f m where %.1f m is the minimum", "최소 간격 %.1f m, 그때의 하한 %.1f m",
           c->value, c->limit);
    if (!c->passed)
        cw_say(&c->said, ": too near", ": 너무 가까움");
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
    cw_say(&c->said, "hardest braking %.1f m/s2", "가장 강한 제동 %.1f m/s2", c->value);
    if (!c->passed)
        cw_say(&c->said, ": an emergency manoeuvre (5.3.1.1)", ": 비상 조작 (5.3.1.1)");
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
        cw_say(&c->said, "within its lane, %.2f m from the marking at least", "차로 안, 차선에서 최소 %.2f m",
               been_in ? -worst : 0.0);
    else
        cw_say(&c->said, "crossed its lane marking by %.2f m", "차선을 %.2f m 넘음", worst);
    if (!c->passed && avoids)
        cw_say(&c->said, "; at constant speeds a contact was less than 4 s away", "; 속도가 그대로면 4초 안에 접촉");
    c->demanded = c->passed || (cw_scene_keeps_lane(h->scene) && !avoids);
}

void cw_judge_alks(cw_judging *j) {
    contact(j);
    distance(j);
    emergency(j);
    lane(j);
}
