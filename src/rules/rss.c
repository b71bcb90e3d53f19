// Responsibility-Sensitive Safety as published by its reference library; formulas and numbers in docs and tests there.
#include "causeway/rules.h"

#include <math.h>

cw_rss_params cw_rss_defaults(bool ego) {
    return (cw_rss_params){.response = ego ? 1.0 : 2.0,
                           .accel = 3.5,
                           .brake_min = 4,
                           .brake_max = 8,
                           .brake_correct = 3,
                           .lat_accel = 0.2,
                           .lat_brake = 0.8,
                           .fluctuation = 0.1,
                           .speed_max = 100,
                           .margin = 0};
}

bool cw_rss_stopping_distance(double speed, double accel, double *distance) {
    if (speed == 0) {
        *distance = 0;
        return true;
    }
    if (!(speed * accel < 0))
        return false;
    *distance = -speed * speed / (2 * accel);
    return true;
}

bool cw_rss_motion(double speed, double speed_max, double accel, double time, double *speed_after, double *distance) {
    if (!(speed >= 0 && time >= 0 && speed_max >= 0))
        return false;
    double after = cw_max(0, speed + accel * time);
    after = cw_min(cw_max(speed_max, speed), after);
    double spent = accel != 0 ? (after - speed) / accel : 0;
    *speed_after = after;
    *distance = speed * time + 0.5 * accel * spent * spent + (after - speed) * (time - spent);
    return true;
}

bool cw_rss_braking_pattern(double speed, double speed_max, double accel, double response, double brake,
                            double *distance) {
    double after, first, second;
    if (!(brake > 0) || !cw_rss_motion(speed, speed_max, accel, response, &after, &first) ||
        !cw_rss_stopping_distance(after, -brake, &second))
        return false;
    *distance = first + second;
    return true;
}

double cw_rss_lateral_pattern(double speed, double accel, double response, double brake, int toward) {
    double after = speed + accel * response;
    double distance = speed * response + 0.5 * accel * response * response;
    if (after * toward > 0)
        distance += toward * after * after / (2 * brake);
    return distance;
}

bool cw_rss_same_direction(double rear_speed, const cw_rss_params *rear, double front_speed, const cw_rss_params *front,
                           double *d_min) {
    double own, other;
    if (!(front_speed >= 0) ||
        !cw_rss_braking_pattern(rear_speed, rear->speed_max, rear->accel, rear->response, rear->brake_min, &own) ||
        !cw_rss_stopping_distance(front_speed, -front->brake_max, &other))
        return false;
    *d_min = cw_max(0, own - other) + rear->margin;
    return true;
}

bool cw_rss_opposite(double correct_speed, const cw_rss_params *correct, double other_speed, const cw_rss_params *other,
                     double *d_min) {
    double a, b;
    if (!cw_rss_braking_pattern(correct_speed, correct->speed_max, correct->accel, correct->response,
                                correct->brake_correct, &a) ||
        !cw_rss_braking_pattern(other_speed, other->speed_max, other->accel, other->response, other->brake_min, &b))
        return false;
    *d_min = a + b + cw_max(correct->margin, other->margin);
    return true;
}

bool cw_rss_lateral(double left_speed, const cw_rss_params *left, double right_speed, const cw_rss_params *right,
                    double *d_min) {
    if (!(left->lat_brake > 0 && right->lat_brake > 0 && left->response >= 0 && right->response >= 0))
        return false;
    double a = cw_rss_lateral_pattern(left_speed, left->lat_accel, left->response, left->lat_brake, 1);
    double b = cw_rss_lateral_pattern(right_speed, -right->lat_accel, right->response, right->lat_brake, -1);
    *d_min = cw_max(0, a - b + 0.5 * (left->fluctuation + right->fluctuation));
    return true;
}

bool cw_rss_can_stop(double speed, const cw_rss_params *params, double distance, bool *can) {
    double need;
    if (!(distance >= 0) ||
        !cw_rss_braking_pattern(speed, params->speed_max, params->accel, params->response, params->brake_min, &need))
        return false;
    *can = distance > need + params->margin;
    return true;
}

// Smallest t >= 0 with v t + a t^2 / 2 = d, d >= 0, v >= 0; INFINITY when it stops before.
static double time_for(double v, double a, double d) {
    if (d <= 0)
        return 0;
    if (a == 0)
        return v > 0 ? d / v : INFINITY;
    double root = v * v + 2 * a * d;
    if (root < 0)
        return INFINITY;
    double below = v + sqrt(root);
    return below > 0 ? 2 * d / below : INFINITY;
}

bool cw_rss_time_to_cover(double speed, double speed_max, double response, double accel, double then, double distance,
                          double *time) {
    if (!(speed >= 0 && speed_max >= 0 && response >= 0 && distance >= 0))
        return false;
    double top = cw_max(speed_max, speed), t = 0, left = distance, v = speed;
    if (left == 0) {
        *time = 0;
        return true;
    }
    // up to the speed limit, then at it, both within the response time
    double ramp = accel > 0 ? cw_min(response, (top - v) / accel) : accel < 0 ? cw_min(response, v / -accel) : 0;
    double gone = v * ramp + 0.5 * accel * ramp * ramp;
    if (gone >= left) {
        *time = time_for(v, accel, left);
        return true;
    }
    left -= gone;
    v = cw_max(0, v + accel * ramp);
    t = ramp;
    gone = v * (response - ramp);
    if (gone >= left) {
        *time = t + left / v;
        return true;
    }
    left -= gone;
    t = response;
    if (then > 0) { // again only up to the limit
        double rise = (top - v) / then, reach = v * rise + 0.5 * then * rise * rise;
        if (reach < left) {
            *time = top > 0 ? t + rise + (left - reach) / top : INFINITY;
            return true;
        }
    }
    *time = t + time_for(v, then, left);
    return true;
}

bool cw_rss_time_to_stop(double speed, double speed_max, double response, double accel, double then, double *time) {
    if (!(speed >= 0 && speed_max >= 0 && response >= 0) || (speed == 0 && accel < 0))
        return false;
    if (accel < 0 && speed / -accel <= response) {
        *time = speed / -accel;
        return true;
    }
    double after, distance;
    if (!cw_rss_motion(speed, speed_max, accel, response, &after, &distance))
        return false;
    if (after == 0) {
        *time = response;
        return true;
    }
    if (!(then < 0))
        return false;
    *time = response + after / -then;
    return true;
}

bool cw_rss_pair_step(cw_rss_pair *pair, const cw_rss_situation *now, const cw_rss_params *ego,
                      const cw_rss_params *other) {
    double along, across;
    if (!(now->gap_along >= 0 && now->gap_across >= 0))
        return false;
    bool valid = false, same = now->relation == CW_RSS_EGO_FRONT || now->relation == CW_RSS_EGO_REAR;
    switch (now->relation) {
    case CW_RSS_EGO_REAR:
        valid = cw_rss_same_direction(now->ego_speed, ego, now->other_speed, other, &along);
        break;
    case CW_RSS_EGO_FRONT:
        valid = cw_rss_same_direction(now->other_speed, other, now->ego_speed, ego, &along);
        break;
    case CW_RSS_OPPOSITE_CORRECT:
        valid = cw_rss_opposite(now->ego_speed, ego, now->other_speed, other, &along);
        break;
    case CW_RSS_OPPOSITE_WRONG:
        valid = cw_rss_opposite(now->other_speed, other, now->ego_speed, ego, &along);
        break;
    }
    if (!valid)
        return false;
    valid = now->other_right ? cw_rss_lateral(now->ego_lateral, ego, now->other_lateral, other, &across)
                             : cw_rss_lateral(now->other_lateral, other, now->ego_lateral, ego, &across);
    if (!valid)
        return false;
    bool overlap = now->gap_across == 0;
    bool safe_along = now->gap_along > along, safe_across = !overlap && now->gap_across > across;
    pair->along = pair->left = pair->right = CW_RSS_NONE;
    pair->dangerous = !safe_along && !safe_across;
    if (!pair->dangerous) {
        pair->history = (uint8_t)((safe_along ? 1 : 0) | (safe_across ? 2 : 0));
        return true;
    }
    uint8_t history = pair->history;
    if (history == 0)
        history = same && overlap ? 1 : 3;
    if (history & 1) {
        if (now->relation == CW_RSS_EGO_REAR || now->relation == CW_RSS_OPPOSITE_WRONG)
            pair->along = CW_RSS_BRAKE_MIN;
        else if (now->relation == CW_RSS_OPPOSITE_CORRECT)
            pair->along = CW_RSS_BRAKE_MIN_CORRECT;
    }
    if (history & 2) {
        pair->left = overlap || !now->other_right ? CW_RSS_BRAKE_MIN : CW_RSS_NONE;
        pair->right = overlap || now->other_right ? CW_RSS_BRAKE_MIN : CW_RSS_NONE;
    }
    return true;
}
