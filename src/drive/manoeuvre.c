// Proposals across the corridor: nudges within the lane, lane changes, passing what blocks, getting out of the way.
#include "drive/overtake.h"
#include <math.h>

double cw_manoeuvre_length(const situation *now, double shift) {
    // Quintic: largest lateral acceleration 5.8 shift v^2 / L^2; 1.0 m/s^2 of it is comfortable.
    double by_comfort = now->v * sqrt(5.8 * fabs(shift) / 1.0);
    // At walking speed the wheel's stop decides: two arcs of the least radius.
    double radius = (double)now->params.wheelbase / cw_max((double)now->params.max_steer * 0.8, 0.1);
    double by_wheel = sqrt(4.0 * radius * fabs(shift)) * 1.25;
    return cw_max(cw_max(by_comfort, by_wheel), 4.0);
}

lateral cw_manoeuvre_to(const situation *now, const lateral *present, double d1, double length) {
    double slope, bend, d0 = cw_lateral_at(present, now->s, &slope, &bend);
    if (fabs(d0 + now->line - now->d) > 0.4) { // it is not where it should be: from where it is
        double lane = cw_corridor_at(now->c, now->s, 0.0).heading;
        d0 = now->d - now->line;
        slope = cw_clamp(cw_wrap_angle(now->ego.heading - lane), -0.5, 0.5);
        bend = 0.0;
    }
    return cw_lateral_make(now->s, length, d0, slope, bend, d1);
}

// ---- nudge -----------------------------------------------------------------------------------------------------------

typedef struct push {
    double left, right; // m it would like to move to that side
    double end;         // s at which the last of them is passed
    bool weak;          // for somebody weak
    cw_id about;
} push;

static push pushes(const situation *now) {
    double reach = cw_max(5.0 * now->v, 25.0);
    push p = {0};
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double s = (double)f->s[0], d = (double)f->d[0];
        double want = f->vulnerable ? 1.55 : f->standing ? 1.3 : 0.0;
        bool slow = f->standing || (f->vulnerable && fabs((double)f->vs) < 0.7 * now->v + 1.0);
        if (want == 0.0 || !slow || s + (double)f->half_s[0] < now->s - now->rear || s > now->s + reach) {
            continue;
        }
        if (!f->standing && fabs((double)f->vd) > 0.6) {
            continue; // crossing: that is for the brakes
        }
        double free_side = fabs(d) - (double)f->half_d[0] - now->half_width; // beside the lane's centre
        if (free_side > want || free_side < -1.0) {
            continue; // far enough, or too much in the way for a nudge
        }
        p.about = p.about == 0 ? f->id : p.about;
        p.end = cw_max(p.end, s + (double)f->half_s[0] + now->rear);
        // Who rides in the lane is overtaken, or followed: that is no nudge over the line.
        bool rides = f->along && !f->standing && fabs(d) < cw_corridor_half(now->c, s);
        p.weak = p.weak || (f->vulnerable && !rides);
        if (d > 0.0) {
            p.right = cw_max(p.right, want - free_side);
        } else {
            p.left = cw_max(p.left, want - free_side);
        }
    }
    return p;
}

bool cw_manoeuvre_nudges(const situation *now) {
    push p = pushes(now);
    return p.left > 0.0 || p.right > 0.0;
}

static double room_within(const situation *now) {
    return cw_max(cw_corridor_half(now->c, now->s) - now->half_width - 0.1, 0.0);
}

// Over the line nobody comes, as far as it is seen, until the last of them is passed and the lane is taken again.
static bool line_is_free(const situation *now, double d, double end) {
    double pace = cw_max(now->v, 3.0), back = end + cw_max(2.0 * pace, 10.0), time = (back - now->s) / pace;
    return cw_manoeuvre_oncoming_is_free(now, d, back, time, NULL) &&
           cw_manoeuvre_sight_is_free(now, back + cw_min(8.0 * time, 60.0), d);
}

bool cw_manoeuvre_nudge_holds(const situation *now, double d) {
    return fabs(d) <= room_within(now) + 0.1 || line_is_free(now, d, pushes(now).end);
}

uint32_t cw_manoeuvre_nudge(const situation *now, const lateral *present, bool nudging, proposal *out, uint32_t count) {
    push p = pushes(now);
    double push_left = p.left, push_right = p.right, half = cw_corridor_half(now->c, now->s);
    double room = room_within(now);
    bool weak = p.weak;
    cw_id about = p.about;
    if (push_left == 0.0 && push_right == 0.0) {
        return count;
    }
    double shift = push_left > 0.0 && push_right > 0.0 ? 0.5 * (push_left - push_right) : push_left - push_right;
    // Over the line only for the weak, and only where nobody else is on that side.
    if (fabs(shift) > room) {
        bool left = shift > 0.0, free_lane = weak;
        for (uint32_t i = 0; i < now->forecast_count && free_lane; i++) {
            const forecast *f = &now->forecasts[i];
            double d = (double)f->d[0];
            if (!f->vulnerable && (d > 0.0) == left && fabs(d) < half + 4.0 && fabs((double)f->s[0] - now->s) < 90.0) {
                free_lane = false;
            }
        }
        double paved = cw_corridor_paved(now->c, now->obs->map, now->s + 10.0, left, true) - now->half_width - 0.2;
        free_lane = free_lane && line_is_free(now, shift, p.end);
        double most = cw_min(cw_min(room + 1.0, cw_max(paved, 0.0)), half - 0.15); // its middle stays in its lane
        shift = copysign(cw_min(fabs(shift), free_lane ? most : room), shift);
    }
    shift = 0.2 * floor(shift / 0.2 + 0.5);
    if (fabs(shift) < 0.15 || count == PROPOSAL_MOST || (nudging && fabs(shift - present->d1) < 0.25)) {
        return count;
    }
    double length = cw_max(cw_manoeuvre_length(now, shift - now->d), 8.0);
    out[count++] = (proposal){.course = cw_manoeuvre_to(now, present, shift, length),
                              .what = NUDGE,
                              .fraction = 1.0,
                              .price = 0.3,
                              .about = about};
    return count;
}

// ---- lane change -----------------------------------------------------------------------------------------------------

// May the ego come to `d` beside its lane with those who are there? A1: a follower then brakes at most 3 m/s^2 after 1 s.
bool cw_manoeuvre_gap_is_safe(const situation *now, double d) {
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double aside = cw_predict_beside(now->c, (double)f->d[0], (double)f->s[0], now->s);
        if (fabs(aside - d) > (double)f->half_d[0] + now->half_width + 0.6) {
            continue;
        }
        double low = (double)f->s[0] - (double)f->half_s[0], high = (double)f->s[0] + (double)f->half_s[0];
        double over = (double)f->vs - now->v;
        double behind = now->s - now->rear - high, ahead = low - now->s - now->front;
        if (f->vs < -0.3f) { // oncoming
            if (ahead > -5.0 && ahead < 20.0 + 8.0 * (now->v - (double)f->vs)) {
                return false;
            }
        } else if (behind > 0.0) {
            double room = behind - 2.0 - cw_max(over, 0.0) * 1.0;
            if (room < 0.15 * cw_max((double)f->vs, 0.0) ||
                (over > 0.0 && over * over / (2.0 * cw_max(room, 0.1)) > 2.5)) {
                return false;
            }
        } else if (ahead < 2.0 + 0.35 * now->v + (over < 0.0 ? over * over / 6.0 : 0.0)) {
            return false;
        }
    }
    return true;
}

uint32_t cw_manoeuvre_change(const situation *now, const lateral *present, int direction, bool for_route, proposal *out,
                             uint32_t count) {
    bool left = direction > 0;
    corridor_side side = cw_corridor_beside(now->c, now->obs->map, now->s + 0.5 * now->v, left);
    if (side.lane == CW_NONE || !side.drivable || !side.same_way || !side.may_change || count == PROPOSAL_MOST) {
        return count;
    }
    if (now->v < 1.0 && !for_route) {
        return count;
    }
    // Nobody is overtaken on a lane from which the route would be lost before it is back.
    if (!for_route &&
        !cw_corridor_goes_along(now->c, now->obs->map, now->s, now->s + cw_max(12.0 * now->v, 120.0), left)) {
        return count;
    }
    // Whoever changes to get past is faster by the time it is over: what is short enough now would then be a swerve.
    double pace = for_route ? now->v : cw_max(now->v, cw_min(now->v + 3.0, now->wanted));
    double length = cw_max(cw_manoeuvre_length(now, side.center - now->d), 3.5 * pace);
    corridor_side later = cw_corridor_beside(now->c, now->obs->map, now->s + length, left);
    if (later.lane == CW_NONE || !later.drivable || fabs(later.center - side.center) > 2.0) {
        if (!for_route) {
            return count; // that lane ends
        }
        later = side;
    }
    if (!cw_manoeuvre_gap_is_safe(now, side.center)) {
        return count;
    }
    out[count++] = (proposal){.course = cw_manoeuvre_to(now, present, later.center, length),
                              .what = CHANGE,
                              .fraction = 1.0,
                              .price = for_route ? -8.0 : 1.5};
    return count;
}

// ---- passing ---------------------------------------------------------------------------------------------------------

bool cw_manoeuvre_sight_is_free(const situation *now, double to, double d) {
    for (double s = now->s + 12.0; s < to; s += 12.0) {
        corridor_point p = cw_corridor_at(now->c, s, d);
        if (!cw_obs_sees(now->obs, p.x, p.y)) {
            return false;
        }
    }
    return true;
}

bool cw_manoeuvre_oncoming_is_free(const situation *now, double d, double end, double time, cw_id *who) {
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double off = fabs((double)f->d[0] - d) - (double)f->half_d[0] - now->half_width;
        if (off > 0.8 || f->vs > -0.3f || (double)f->s[0] < now->s) {
            continue;
        }
        double pace = -1.2 * (double)f->vs;
        if (f->accel > 0.3f) { // still gaining speed
            pace = cw_max(pace, 0.9 * now->wanted);
        }
        if ((double)f->s[0] - pace * time - (double)f->half_s[0] < end + 10.0) {
            if (who) {
                *who = f->id;
            }
            return false;
        }
    }
    return true;
}

uint32_t cw_manoeuvre_pass(const situation *now, const lateral *present, uint32_t blocker, proposal *out,
                           uint32_t count, cw_id *waits_for) {
    const forecast *f = &now->forecasts[blocker];
    const cw_map *map = now->obs->map;
    double s = (double)f->s[0], low = s - (double)f->half_s[0], high = s + (double)f->half_s[0];
    for (int turn = 0; turn < 2 && count < PROPOSAL_MOST; turn++) {
        bool left = (turn == 0) != map->roads[map->lane_count > 0 && cw_corridor_lane(now->c, now->s) != CW_NONE
                                                  ? map->lanes[cw_corridor_lane(now->c, now->s)].road
                                                  : 0]
                                       .left_hand;
        double sign = left ? 1.0 : -1.0;
        double side = (double)f->d[0] + sign * ((double)f->half_d[0] + now->half_width);
        double paved = cw_corridor_paved(now->c, map, cw_min(s, cw_corridor_length(now->c)), left, true);
        double room = paved - fabs(side) - now->half_width; // left over beyond the ego
        double wanted = f->vulnerable ? 1.5 : 0.9, least = f->vulnerable ? 1.0 : 0.45;
        if (side * sign < 0.0) {
            room = wanted + 1.0; // the middle of the lane is free enough
        }
        if (room < least + 0.15) {
            continue;
        }
        double d1 = side + sign * cw_min(wanted, room - 0.15);
        if (d1 * sign < 0.2) {
            continue; // it is not in the way of the lane's centre
        }
        double own = cw_corridor_paved(now->c, map, cw_min(s, cw_corridor_length(now->c)), left, false);
        bool oncoming = d1 * sign + now->half_width > own + 0.1;
        bool over_line = d1 * sign + now->half_width > cw_corridor_half(now->c, s);
        uint32_t lane = cw_corridor_lane(now->c, s);
        bool illegal =
            over_line && lane != CW_NONE &&
            !cw_overtake_line_allows(map, lane, cw_lane_station(map, lane, cw_corridor_travel(now->c, s)), left);
        double run = cw_max((double)f->vs, 0.0);
        double pace = cw_max(cw_min(cw_min(now->wanted, cw_corridor_cap(now->c, s)), cw_max(now->v, run) + 3.0), 3.0);
        double length = cw_manoeuvre_length(now, d1 - now->d);
        double begin = low - 1.5 - now->front - length;
        // While it moves on, the place of passing moves with it.
        double until = run > 0.0 && pace > run + 1.0 ? (high - now->s + now->rear + 4.0) / (pace - run) : 0.0;
        double back = high + now->rear + 2.5 + run * cw_min(until, 8.0);
        if (begin < now->s) {
            begin = now->s;
            length = cw_max(cw_min(length, low - 0.5 - now->front - now->s), 0.75 * length);
        }
        double back_length = cw_max(cw_manoeuvre_length(now, d1), 10.0), end = back + back_length;
        double time = (end - now->s) / cw_max(cw_min(pace, now->wanted), 2.0) + 1.0;
        if (oncoming && (!cw_manoeuvre_oncoming_is_free(now, d1, end, time, waits_for) ||
                         !cw_manoeuvre_sight_is_free(now, end + cw_min(8.0 * time, 60.0), d1))) {
            continue;
        }
        if (over_line && !oncoming && !cw_manoeuvre_gap_is_safe(now, d1)) {
            continue;
        }
        lateral there = cw_manoeuvre_to(now, present, d1, length);
        if (begin > now->s + 1.0) { // not yet: keep to the lane until it is time
            there = cw_lateral_make(begin, length, 0.0, 0.0, 0.0, d1);
        }
        out[count++] =
            (proposal){.course = cw_lateral_back(there, back, back_length, 0.0),
                       .what = PASS,
                       .fraction = 1.0,
                       .oncoming = oncoming,
                       .illegal = illegal,
                       .price = 1.5 + (oncoming ? 2.0 : 0.0) + (illegal ? 1.5 : 0.0) + (turn == 1 ? 0.5 : 0.0),
                       .about = f->id};
    }
    return count;
}

// ---- evasion ---------------------------------------------------------------------------------------------------------

uint32_t cw_manoeuvre_evade(const situation *now, const lateral *present, proposal *out, uint32_t count) {
    for (int turn = 0; turn < 2; turn++) {
        double sign = turn == 0 ? -1.0 : 1.0;
        double half = cw_corridor_half(now->c, now->s);
        // To the edge of the lane, one lane's width beyond it, and just past the nearest danger.
        double time = INFINITY; // s until the nearest danger is reached
        double aims[4] = {sign * cw_max(half - now->half_width, 0.3), sign * 2.0 * half, 0.0, 0.0};
        double paved = cw_corridor_paved(now->c, now->obs->map, now->s + 2.0 * now->v, turn == 1, true);
        double most = cw_max(paved - now->half_width - 0.4, 0.3); // as far as the paved surface goes
        double own = cw_corridor_paved(now->c, now->obs->map, now->s + 2.0 * now->v, turn == 1, false);
        for (uint32_t i = 0; i < now->forecast_count; i++) {
            const forecast *f = &now->forecasts[i];
            double s = (double)f->s[0];
            double speed = now->v - (double)f->vs, t = speed > 0.5 ? (s - now->s - now->front) / speed : INFINITY;
            if (s < now->s || t > 7.0 || fabs((double)f->d[0] - now->d) > 4.0) {
                continue;
            }
            uint32_t k = (uint32_t)cw_clamp(t / FORECAST_DT, 0.0, FORECAST_STEPS - 1.0);
            time = t;
            aims[2] = (double)f->d[k] + sign * ((double)f->half_d[k] + now->half_width + 0.9);
            break; // the nearest: they are sorted
        }
        aims[1] = sign * cw_min(sign * aims[1], most);
        aims[3] = sign * aims[2] > most + 0.1 ? sign * most : 0.0;
        for (int i = 0; i < 4; i++) {
            if (fabs(aims[i]) < 0.25 || fabs(aims[i]) > 8.0) {
                continue;
            }
            // As gently as the time left allows, as hard as 5 m/s^2 across where it must be.
            double gentle = cw_manoeuvre_length(now, aims[i] - now->d);
            double least = cw_max(now->v * sqrt(5.8 * fabs(aims[i] - now->d) / 5.0), now->v < 5.0 ? 0.7 * gentle : 5.0);
            double hurry = time < INFINITY ? cw_clamp(0.75 * now->v * time, least, cw_max(gentle, least)) : least;
            bool oncoming = fabs(aims[i]) + now->half_width > own + 0.3; // where braking helps as well, it stays here
            for (int brake = 0; brake < 2 && count < PROPOSAL_MOST; brake++) {
                out[count++] = (proposal){.course = cw_manoeuvre_to(now, present, aims[i], cw_max(hurry, 5.0)),
                                          .what = EVADE,
                                          .fraction = brake ? -1.0 : 1.0,
                                          .bold = !brake,
                                          .price = oncoming ? 25.0 : 8.0};
            }
        }
    }
    return count;
}
