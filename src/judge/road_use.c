// How the ego used the road: its surface, its side, lights, stop signs, limits, and whether it came to its goal.
#include "judge/judging.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double off_road = 0.3;        // m outside that count, as nuPlan's drivable-area compliance
static const double wrong_way_least = 2.0; // m against traffic within 1 s (nuPlan's first step)
static const double stop_speed = 0.3;      // m/s that count as having stopped
static const double speed_slack = 0.5;     // m/s above the limit that a speedometer hides

static void surface(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "off_road", true);
    bool been_on = false;
    double worst = 0;
    for (uint32_t t = j->first; t <= j->last; t++) {
        if (!cw_history_ego(h, t))
            continue;
        double outside = h->ego_ticks[t].outside;
        been_on = been_on || outside < off_road;
        if (!been_on)
            continue; // where the scenario put it is not its doing
        if (outside >= off_road && c->time_ns < 0)
            c->time_ns = h->time[t];
        worst = cw_max(worst, outside);
    }
    c->applies = been_on;
    c->passed = worst < off_road;
    c->value = worst;
    c->limit = off_road;
    c->unit = "m";
    if (!been_on)
        cw_say(&c->said, "does not apply: the ego starts off the road and never comes onto it",
               "해당 없음: 자차가 도로 밖에서 출발해 도로에 오르지 않음");
    else if (c->passed)
        cw_say(&c->said, "on the paved surface all the time (shoulders count, leaving the lane is allowed)",
               "줄곧 포장면 위 (갓길 포함, 차로를 벗어나도 됨)");
    else
        cw_say(&c->said, "a corner was %.2f m off the paved surface", "차 모서리가 포장면에서 %.2f m 벗어남", worst);
    if (worst >= 5)
        cw_say(&c->said, " or more", " (또는 그 이상)");
}

// Against traffic: metres within 1 s, those that a contact would have followed without, and those of a legal pass, apart.
static void side(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "wrong_way", true);
    double worst = 0, excused = 0, passed = 0;
    for (uint32_t t = j->first + 1; t <= j->last; t++) {
        double moved = 0;
        uint32_t latest = t; // moment of it, which has to be excused
        for (uint32_t k = t; k > j->first && h->time[t] - h->time[k] < 1000000000; k--) {
            const cw_moment *m = cw_history_ego(h, k);
            if (!m || !h->ego_ticks[k].wrong_way || m->speed <= 0)
                continue;
            double step = m->speed * (double)(h->time[k] - h->time[k - 1]) * 1e-9;
            if (cw_passing_legally(j, k)) {
                passed += step;
                continue;
            }
            latest = moved > 0 ? latest : k;
            moved += step;
        }
        if (moved < wrong_way_least)
            continue;
        if (cw_oracle_evading(j, latest)) {
            excused = cw_max(excused, moved);
            continue;
        }
        worst = cw_max(worst, moved);
        if (c->time_ns < 0)
            c->time_ns = h->time[t];
    }
    c->passed = worst < wrong_way_least;
    c->value = worst;
    c->limit = wrong_way_least;
    c->unit = "m";
    if (!c->passed)
        cw_say(&c->said, "%.1f m against traffic within 1 s, with no contact ahead to avoid",
               "1초 동안 %.1f m 역주행, 피할 접촉도 없었음", worst);
    else if (excused > 0)
        cw_say(&c->said, "%.1f m against traffic, allowed: at constant speeds a contact was less than 4 s away",
               "%.1f m 역주행, 허용됨: 속도가 그대로면 4초 안에 접촉", excused);
    else if (passed > 0)
        cw_say(&c->said, "over the middle only to pass, where the line allows it and with nobody coming",
               "앞지르기 할 때만 중앙선을 넘음: 선이 허용하고 마주 오는 이가 없는 곳");
    else
        cw_say(&c->said, "never against traffic", "역주행 없음");
}

static void lights(cw_judging *j) {
    const cw_line_crossed *crossed;
    uint32_t count = cw_crossing_list(j, &crossed), lines = 0, signs = 0, red = 0, rolled = 0;
    double fastest = 0;
    cw_criterion *light = cw_judging_criterion(j, "red_light", true),
                 *sign = cw_judging_criterion(j, "stop_line", true);
    for (uint32_t i = 0; i < count; i++) {
        if (crossed[i].tick < j->first || crossed[i].tick > j->last)
            continue;
        uint32_t signal = j->h.map->stops[crossed[i].stop].signal;
        uint8_t kind = signal == CW_NONE ? (uint8_t)CW_SIGNAL_OTHER : j->h.map->signals[signal].kind;
        if (kind == CW_SIGNAL_LIGHT && crossed[i].light != CW_LIGHT_UNKNOWN && crossed[i].light != CW_LIGHT_OFF) {
            lines++;
            if (cw_crossing_is_red(j, &crossed[i])) {
                red++;
                if (light->time_ns < 0)
                    light->time_ns = crossed[i].time_ns;
            }
        } else if (kind == CW_SIGNAL_STOP) {
            signs++;
            if (crossed[i].slowest > stop_speed) {
                rolled++;
                fastest = cw_max(fastest, crossed[i].slowest);
                if (sign->time_ns < 0)
                    sign->time_ns = crossed[i].time_ns;
            }
        }
    }
    j->red_lights = red;
    j->rolled_stops = rolled;
    light->applies = lines > 0;
    light->passed = red == 0;
    light->value = red;
    light->limit = 0;
    cw_say(&light->said, "%u of %u lines with a light crossed at red",
           "적신호에 넘은 정지선 %u곳 (신호가 있는 %u곳 가운데)", red, lines);
    sign->applies = signs > 0;
    sign->passed = rolled == 0;
    sign->value = fastest;
    sign->limit = stop_speed;
    sign->unit = "m/s";
    cw_say(&sign->said, "%u of %u stop signs passed without stopping", "서지 않고 지난 정지 표지 %u곳 (%u곳 가운데)",
           rolled, signs);
}

static void goal(cw_judging *j) {
    cw_criterion *c = cw_judging_criterion(j, "goal", true);
    bool has = j->h.scene->goal_count > 0;
    c->applies = has;
    c->passed = j->def->goal_time_ns >= 0;
    c->time_ns = j->def->goal_time_ns;
    c->unit = "s";
    double latest = 0;
    for (uint32_t i = 0; i < j->h.scene->goal_count; i++)
        latest = cw_max(latest, j->h.scene->goals[i].time_high);
    c->limit = has && isfinite(latest) ? latest : (double)NAN;
    c->value = c->passed ? (double)c->time_ns * 1e-9 : (double)NAN;
    if (!has)
        cw_say(&c->said, "the scenario names no goal", "시나리오에 목적지가 없음");
    else if (c->passed)
        cw_say(&c->said, "reached after %.1f s", "%.1f초 뒤 도착", c->value);
    else
        cw_say(&c->said, "not reached", "도착하지 못함");
    if (has && !c->passed && j->def->end) {
        cw_say(&c->said, "; the run ended: ", "; 실행 끝: ");
        cw_say_words(&c->said, j->def->end, cw_judge_label(j->def->end, CW_KOREAN));
    }
}

static void limits(cw_judging *j) {
    const cw_history *h = &j->h;
    cw_criterion *c = cw_judging_criterion(j, "speed_limit", true);
    double worst = 0;
    bool known = false, started = false;
    double inherited = 0; // what it was already above when it took over
    for (uint32_t t = j->first; t <= j->last; t++) {
        const cw_moment *m = cw_history_ego(h, t);
        double limit = h->ego_ticks[t].limit;
        if (!m || !(limit > 0) || !isfinite(limit))
            continue;
        known = true;
        double over = m->speed - limit;
        if (!started)
            inherited = cw_max(0, over);
        started = true;
        inherited = cw_min(inherited, cw_max(0, over));
        if (over - inherited > speed_slack && c->time_ns < 0)
            c->time_ns = h->time[t];
        worst = cw_max(worst, over - inherited);
    }
    c->applies = known;
    c->passed = worst <= speed_slack;
    c->value = worst;
    c->limit = speed_slack;
    c->unit = "m/s";
    if (!known)
        cw_say(&c->said, "no limit is stated", "제한 속도가 없음");
    else if (c->passed)
        cw_say(&c->said, "kept", "지킴");
    else
        cw_say(&c->said, "%.1f km/h above the limit", "제한 속도를 시속 %.1f km 넘음", worst * 3.6);
}

void cw_judge_road_use(cw_judging *j) {
    surface(j);
    side(j);
    lights(j);
    goal(j);
    limits(j);
}
