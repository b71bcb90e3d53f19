// The goal: where to arrive, when and how fast; and the end of the lane or of the route.
#include "drive/situation.h"
#include <math.h>

static void set_window(situation *now, double begin, double end) {
    const cw_mission *mission = now->obs->mission;
    double clock = 1e-9 * (double)now->obs->time_ns, centre = 0.5 * (now->front - now->rear);
    if (mission->goal_time_high > 1e4 || mission->goal_time_high < clock) {
        return;
    }
    goal_window *g = &now->goal;
    *g = (goal_window){.set = true,
                       .begin = begin + centre,
                       .end = end + centre,
                       .first = mission->goal_time_low - clock,
                       .last = mission->goal_time_high - clock,
                       .v_low = (double)mission->goal_speed_low,
                       .v_high = (double)mission->goal_speed_high,
                       .swing = INFINITY};
    double swing = 0.5 * ((double)mission->goal_heading_high - (double)mission->goal_heading_low);
    if (swing < CW_PI) {
        g->swing = swing;
        g->heading = 0.5 * ((double)mission->goal_heading_low + (double)mission->goal_heading_high);
    }
    const cw_box *box = &mission->goal_box;
    if (box->half_length > 0.0) {
        double s, d;
        cw_corridor_project(now->c, box->x, box->y, g->begin, &s, &d);
        double turn = cw_corridor_at(now->c, s, 0.0).heading - cw_atan2(box->uy, box->ux), sine, cosine;
        cw_sincos(turn, &sine, &cosine);
        double along = fabs(cosine) > fabs(sine) ? box->half_length : box->half_width;
        double across = fabs(cosine) > fabs(sine) ? box->half_width : box->half_length;
        if (fabs(d) < 8.0 && fabs(s - g->begin) < 200.0) {
            g->begin = s - along;
            g->end = s + along;
            g->narrow = true;
            g->d_low = d - across;
            g->d_high = d + across;
        }
    }
}

void cw_goal_apply(situation *now) {
    const cw_mission *mission = now->obs->mission;
    const corridor *c = now->c;
    double front = now->s + now->front;
    if (c->dead_end) {
        because why = {.kind = CW_CAUSE_GEOMETRY,
                       .relation = CW_REL_END_OF_LANE,
                       .quantity = CW_Q_DISTANCE_M,
                       .item = cw_corridor_lane(c, cw_corridor_length(c)),
                       .value = (float)cw_max(cw_corridor_length(c) - front, 0.0)};
        // A lane that ends in nothing; a goal before its end comes first, so that the end is braked for late.
        cw_situation_hold(now, cw_corridor_length(c) - 0.5, mission->has_goal ? 4.5 : 1.4, 0, HOLD_ALWAYS, why);
    }
    if (c->change_lanes != 0 && c->change_deadline < cw_corridor_length(c) + 1.0 &&
        (now->wanted < 20.0 || c->lane_ends) && (!c->dead_end || c->change_deadline < cw_corridor_length(c) - 1.0)) {
        because why = {.kind = c->lane_ends ? CW_CAUSE_GEOMETRY : CW_CAUSE_ROUTE,
                       .relation = CW_REL_END_OF_LANE,
                       .quantity = CW_Q_DISTANCE_M,
                       .item = cw_corridor_lane(c, c->change_deadline),
                       .value = (float)cw_max(c->change_deadline - front, 0.0)};
        cw_situation_hold_lane(now, c->change_deadline - 8.0, c->change_deadline, 2.0, why);
    }
    if (!mission->has_goal) {
        return;
    }
    double begin = mission->goal_lane == CW_NONE ? NAN : cw_corridor_find(c, mission->goal_lane, mission->goal_travel);
    double length = cw_min((double)mission->goal_length, 1e4);
    if (isnan(begin)) {
        double s, d;
        cw_corridor_project(c, mission->goal_x, mission->goal_y, NAN, &s, &d);
        if (fabs(d) > 8.0 || s <= 0.0 || s >= cw_corridor_length(c) - 1.0) {
            return; // not on this corridor yet
        }
        length = cw_min(length, 1e4);
        begin = mission->goal_lane == CW_NONE ? s - 0.5 * cw_min(length, 40.0) : s;
    }
    begin -= 0.5 * (now->front - now->rear); // the box's centre is to be inside
    set_window(now, begin, begin + length);
    double end = begin + length, middle = begin + 0.5 * cw_min(length, 30.0);
    double clock = 1e-9 * (double)now->obs->time_ns;
    because why = {.kind = CW_CAUSE_ROUTE,
                   .relation = CW_REL_GOAL,
                   .quantity = CW_Q_DISTANCE_M,
                   .item = CW_NONE,
                   .value = (float)cw_max(begin - now->s, 0.0)};
    if (mission->stop_at_goal && now->s < end + 5.0) {
        cw_situation_hold(now, cw_max(middle, begin + 0.2) + now->front, 1.0, 0, HOLD_ALWAYS, why);
    }
    if (mission->goal_speed_high < 1e3f && now->s < end && !mission->stop_at_goal) {
        cw_situation_cap(now, begin, end, cw_max((double)mission->goal_speed_high - 0.2, 0.3), 1.5, why);
    }
    // Late: as fast as it takes, where the file states no limit.
    double left = mission->goal_time_high - clock;
    if (left > 0.2 && left < 1e4 && now->s < begin && !(mission->set_speed < INFINITY)) {
        double need = (begin + cw_min(0.3 * length, 2.0) - now->s) / left;
        now->wanted = cw_max(now->wanted, cw_min(need * 1.05, 45.0));
    }
    // Too early is as wrong as too late: so slow that it is still inside when the window opens.
    double wait = mission->goal_time_low - clock;
    if (wait > 0.2 && now->s < end) {
        double reach = cw_max(middle, now->s), v = (reach - now->s) / wait;
        double latest = mission->goal_time_high - clock;
        double slow = latest > wait + 0.1 && now->s < begin ? cw_max((begin + 0.5 - now->s) / latest, 0.0) : v;
        double pace = cw_max(v, slow);
        if (now->s + now->wanted * wait > end - 1.0) {
            double most = cw_max((end - 1.0 - now->s) / wait, 0.0);
            cw_situation_cap(now, now->s, end, cw_max(cw_min(most, cw_max(pace, 0.0) * 1.3 + 0.5), 0.2), 1.5, why);
        }
    }
}
