// An elastic band: each point of a tight stretch moves across the lane to where it bends least with its neighbours, within
// the room that the swept body leaves, until the whole stretch can be driven.
#include "drive/line.h"

#include "causeway/base.h"

#include <math.h>

enum { RUN_UP = 14, TURNS_MOST = 240 }; // samples before and after a bend that may give way; rounds of relaxation

static const double tight = 0.45;    // share of full lock from which a bend is tight
static const double wanted = 0.85;   // share of full lock that the line may ask for: the rest is for corrections
static const double turned = 0.07;   // 1/m^2: change of curvature that it may ask for
static const double margin = 0.25;   // m that stays free beside the body
static const double settled = 1e-4;  // m of movement in a round at which nothing more is to be gained
static const double unhurried = 0.7; // share of the wheel's speed that following the line takes
static const double slowest = 2.0;   // m/s

typedef struct band {
    const line_frame *f;
    const line_body *body;
    uint32_t first, last; // fixed ends
    double swing;         // share of the nose's swing that has to stay within the lane
    float *aim;
} band;

static double at_x(const band *b, uint32_t i) {
    return b->f->x[i] - (double)b->f->uy[i] * (double)b->aim[i];
}
static double at_y(const band *b, uint32_t i) {
    return b->f->y[i] + (double)b->f->ux[i] * (double)b->aim[i];
}

// Curvature of the line through three of its points.
static double bend_at(const band *b, uint32_t i) {
    double ax = at_x(b, i) - at_x(b, i - 1), ay = at_y(b, i) - at_y(b, i - 1);
    double bx = at_x(b, i + 1) - at_x(b, i), by = at_y(b, i + 1) - at_y(b, i);
    double cx = ax + bx, cy = ay + by;
    double size = sqrt((ax * ax + ay * ay) * (bx * bx + by * by) * (cx * cx + cy * cy));
    return size > 1e-9 ? 2.0 * (ax * by - ay * bx) / size : 0.0;
}

// Where the rear axle may be: on the inner side the body's flank counts, on the outer side the nose that swings out.
static void room_at(const band *b, uint32_t i, double *low, double *high) {
    double half = (double)b->f->half[i], k = (double)b->f->curvature[i], reach = b->body->front;
    double free = cw_max(half - margin - b->body->half_width, 0.0);
    double outer = cw_max(free - b->swing * 0.5 * reach * reach * fabs(k), -free);
    *low = k > 0.0 ? -outer : -free;
    *high = k > 0.0 ? free : outer;
}

// One point to where it bends least with its neighbours; returns how far it moved.
static double relax(const band *b, uint32_t i) {
    double x = (4.0 * (at_x(b, i - 1) + at_x(b, i + 1)) - at_x(b, i - 2) - at_x(b, i + 2)) / 6.0;
    double y = (4.0 * (at_y(b, i - 1) + at_y(b, i + 1)) - at_y(b, i - 2) - at_y(b, i + 2)) / 6.0;
    double to = (y - b->f->y[i]) * (double)b->f->ux[i] - (x - b->f->x[i]) * (double)b->f->uy[i], low, high;
    room_at(b, i, &low, &high);
    double old = (double)b->aim[i];
    b->aim[i] = (float)cw_clamp(to, low, high);
    return fabs((double)b->aim[i] - old);
}

static bool drivable(const band *b) {
    double before = 0.0;
    for (uint32_t i = b->first + 1; i < b->last; i++) {
        double bend = bend_at(b, i);
        if (fabs(bend) > wanted * b->body->curvature_most || fabs(bend - before) > turned) {
            return false;
        }
        before = bend;
    }
    return true;
}

// The ends stay in the middle, with their direction: two points each.
static bool settle(const band *b) {
    for (int turn = 0; turn < TURNS_MOST; turn++) {
        double moved = 0.0;
        for (uint32_t i = b->first + 2; i + 2 <= b->last; i++) {
            moved = cw_max(moved, relax(b, i));
        }
        for (uint32_t i = b->last - 2; i >= b->first + 2; i--) {
            moved = cw_max(moved, relax(b, i));
        }
        if (drivable(b)) {
            return true;
        }
        if (moved < settled) {
            break;
        }
    }
    return false;
}

// First all of the body within the lane; where that cannot be driven the nose may swing out over the outer marking, but
// never the flank over the inner one, where the kerb is.
static void settle_stretch(band *b) {
    for (int round = 0; round < 3; round++) {
        b->swing = 1.0 - 0.5 * round;
        for (uint32_t i = b->first + 2; i + 2 <= b->last; i++) {
            double low, high;
            room_at(b, i, &low, &high);
            b->aim[i] = (float)cw_clamp((double)b->aim[i], low, high);
        }
        if (settle(b)) {
            return;
        }
    }
}

static bool is_tight(const line_frame *f, const line_body *body, uint32_t i) {
    return fabs((double)f->curvature[i]) > tight * body->curvature_most;
}

void cw_line_settle(const line_frame *frame, const line_body *body, float *aim, float *extra, float *pace) {
    for (uint32_t i = 0; i < frame->count; i++) {
        aim[i] = extra[i] = 0.0F;
    }
    for (uint32_t i = 0; i < frame->count; i++) {
        if (!is_tight(frame, body, i)) {
            continue;
        }
        uint32_t first = i > RUN_UP ? i - RUN_UP : 0, end = i; // end: the last tight sample of this stretch
        for (uint32_t k = i; k < frame->count && k <= end + 2 * RUN_UP; k++) {
            end = is_tight(frame, body, k) ? k : end;
        }
        uint32_t last = end + RUN_UP < frame->count ? end + RUN_UP : frame->count - 1;
        band b = {frame, body, first, last, 1.0, aim};
        if (last >= first + 5) {
            settle_stretch(&b);
            double before = 0.0;
            for (uint32_t k = first + 1; k < last; k++) {
                double middle = (double)frame->curvature[k], bend = bend_at(&b, k), change = fabs(bend - before);
                extra[k] = (float)(bend - middle / cw_max(1.0 - middle * (double)aim[k], 0.3));
                if (change > 1e-3) {
                    double v = cw_max(unhurried * body->curvature_rate / change, slowest);
                    pace[k] = (float)cw_min((double)pace[k], v);
                }
                before = bend;
            }
        }
        i = last;
    }
}
