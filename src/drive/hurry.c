// Ways to a goal that sets a time: where the plain proposals do not arrive, more of the room across the road and more of
// the car's abilities are searched. A contact still outweighs everything.
#include "drive/manoeuvre.h"
#include <math.h>

enum { AIMS_MOST = 12 };

static const double near = 0.45, beside = 0.7; // m kept beside somebody: at least; with what A1 adds for errors
static const double lateral_most = 5.0; // m/s^2 of lateral acceleration that a change across may take at its peak

static uint32_t add_aim(double *aims, uint32_t count, double d) {
    for (uint32_t i = 0; i < count; i++) {
        if (fabs(aims[i] - d) < 0.2) {
            return count;
        }
    }
    if (count < AIMS_MOST && fabs(d) < 9.0) {
        aims[count++] = d;
    }
    return count;
}

// The places across the road worth going to: beside the nearest in the way and in the middle of gaps between two.
static uint32_t find_aims(const situation *now, double *aims, double *meet_s, double *leave_s) {
    uint32_t count = add_aim(aims, 0, 0.0);
    count = now->goal.narrow ? add_aim(aims, count, 0.5 * (now->goal.d_low + now->goal.d_high)) : count;
    double edges[2 * FORECAST_MOST];
    uint32_t edge_count = 0;
    *meet_s = INFINITY;
    *leave_s = -INFINITY;
    for (uint32_t i = 0; i < now->forecast_count; i++) {
        const forecast *f = &now->forecasts[i];
        double low = (double)f->s[0] - (double)f->half_s[0], over = now->v - cw_max((double)f->vs, 0.0);
        double time = over > 0.5 ? (low - now->s - now->front) / over : INFINITY;
        if (low < now->s || time > 5.0 || fabs((double)f->d[0]) > 7.0) {
            continue;
        }
        uint32_t k = (uint32_t)cw_clamp(time / FORECAST_DT, 0.0, FORECAST_STEPS - 1.0);
        double d = (double)f->d[k], half = (double)f->half_d[k];
        if (fabs(d) - half < now->half_width + 1.0) {
            double at = (double)f->s[k];
            *meet_s = cw_min(*meet_s, at - (double)f->half_s[k]);
            *leave_s = cw_max(*leave_s, at + (double)f->half_s[k]);
        }
        edges[edge_count++] = d - half;
        edges[edge_count++] = d + half;
        if (fabs(d) < 4.5) {
            for (int side = -1; side <= 1; side += 2) {
                double edge = d + side * (half + now->half_width);
                count = add_aim(aims, count, edge + side * near);
                count = add_aim(aims, count, edge + side * beside);
            }
        }
    }
    for (uint32_t i = 0; i < edge_count; i += 2) { // from the left side of one to the right side of another
        for (uint32_t j = 0; j < edge_count; j += 2) {
            double room = edges[j] - edges[i + 1];
            if (room > 2.0 * now->half_width + 0.3 && room < 2.0 * now->half_width + 2.0) {
                count = add_aim(aims, count, 0.5 * (edges[j] + edges[i + 1]));
            }
        }
    }
    return count;
}

// The acceleration that brings the box's centre `inside` m into the goal at the last moment, within what is sensible.
static double just_in_time(const situation *now, double inside) {
    const goal_window *g = &now->goal;
    double way = g->begin + cw_min(inside, 0.4 * (g->end - g->begin)) - now->s - 0.5 * (now->front - now->rear);
    double time = cw_max(g->last, 0.2), accel = 2.0 * (way - now->v * time) / (time * time);
    return cw_clamp(accel, -6.0, 4.0);
}

uint32_t cw_manoeuvre_hurry(const situation *now, const lateral *present, bool under_way, proposal *out) {
    double accels[] = {NAN, just_in_time(now, 0.15), just_in_time(now, 1.0), 0.0, 2.0, -2.5, -5.0, -1.2};
    double aims[AIMS_MOST], meet_s, leave_s;
    uint32_t aim_count = find_aims(now, aims, &meet_s, &leave_s), count = 0;
    for (uint32_t a = 0; a < sizeof accels / sizeof *accels; a++) {
        bool forced = !isnan(accels[a]);
        proposal p = {.what = PASS, .fraction = 1.0, .price = 3.0, .forced = forced, .force = forced ? accels[a] : 0.0};
        if (under_way && count < HURRY_MOST) {
            p.course = *present;
            p.going_on = true;
            out[count++] = p;
            p.going_on = false;
        }
        for (uint32_t i = 0; i < aim_count; i++) {
            double shift = fabs(aims[i] - now->d);
            double hard = cw_max(now->v * sqrt(5.8 * shift / lateral_most), 4.0);
            double soft = cw_max(now->v * sqrt(5.8 * shift / 2.0), 6.0);
            // At four fifths of its length a quintic is within a sixteenth of its end.
            double free = 1.25 * (meet_s - now->s - now->front);
            double length = free < soft ? cw_max(free, hard) : soft;
            if (!isfinite(meet_s) && isfinite(now->goal.begin)) {
                length = cw_clamp(0.8 * (now->goal.begin - 0.5 * (now->front - now->rear) - now->s), hard,
                                  cw_max(soft, hard));
            }
            if (count + 3 > HURRY_MOST) {
                break;
            }
            p.course = cw_manoeuvre_to(now, present, aims[i], length);
            out[count++] = p;
            if (fabs(aims[i]) > 0.2 && leave_s > now->s) {
                double home = now->goal.narrow ? 0.5 * (now->goal.d_low + now->goal.d_high) : 0.0;
                double back = cw_max(now->v * sqrt(5.8 * fabs(aims[i] - home) / 3.5), 5.0);
                // A quintic begins gently: its first quarter still leaves room beside what is being passed.
                lateral there = p.course;
                p.course = cw_lateral_back(there, leave_s + now->rear + 0.6, back, home);
                out[count++] = p;
                p.course = cw_lateral_back(there, leave_s + now->rear - 0.25 * back, back, home);
                out[count++] = p;
            }
        }
    }
    return count;
}
