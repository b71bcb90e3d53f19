// Oriented boxes in the plane: overlap by separating axes, distance, and the first contact of two moving, turning boxes.
#include "base/heading.h"

#include <math.h>

#define SLACK 1e-12         // m: boxes nearer than this touch
#define FIRST_ADVANCE 1e-12 // of the span: the least step, so that rounding cannot stall the search ...
#define LAST_ADVANCE 1e-7   // ... and what it grows to, a tenth of the promised exactness

typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t v4i __attribute__((vector_size(32), aligned(8), may_alias));

// What is compiled for each instruction set: the same operations in the same order, so that the bits are the same.
#define BODY static inline __attribute__((always_inline))

cw_box cw_box_at(cw_pose pose, double forward, double length, double width) {
    double s, c;
    cw_sincos(pose.heading, &s, &c);
    return (cw_box){.x = pose.x + forward * c,
                    .y = pose.y + forward * s,
                    .ux = c,
                    .uy = s,
                    .half_length = 0.5 * length,
                    .half_width = 0.5 * width};
}

void cw_box_corners(const cw_box *box, cw_vec2 corner[4]) {
    double lx = box->ux * box->half_length, ly = box->uy * box->half_length;
    double wx = -box->uy * box->half_width, wy = box->ux * box->half_width;
    corner[0] = (cw_vec2){box->x + lx + wx, box->y + ly + wy};
    corner[1] = (cw_vec2){box->x + lx - wx, box->y + ly - wy};
    corner[2] = (cw_vec2){box->x - lx - wx, box->y - ly - wy};
    corner[3] = (cw_vec2){box->x - lx + wx, box->y - ly + wy};
}

// The largest gap along the four face normals; negative inside. dx, dy: from a's centre to b's.
BODY double axis_gap(const cw_box *a, const cw_box *b, double dx, double dy) {
    double along = fabs(a->ux * b->ux + a->uy * b->uy);
    double across = fabs(a->ux * b->uy - a->uy * b->ux);
    double gap = fabs(dx * a->ux + dy * a->uy) - a->half_length - (b->half_length * along + b->half_width * across);
    gap =
        cw_max(gap, fabs(dy * a->ux - dx * a->uy) - a->half_width - (b->half_length * across + b->half_width * along));
    gap =
        cw_max(gap, fabs(dx * b->ux + dy * b->uy) - b->half_length - (a->half_length * along + a->half_width * across));
    return cw_max(gap,
                  fabs(dy * b->ux - dx * b->uy) - b->half_width - (a->half_length * across + a->half_width * along));
}

// axis_gap <= SLACK, asked axis by axis.
bool cw_box_overlap(const cw_box *a, const cw_box *b) {
    double dx = b->x - a->x, dy = b->y - a->y;
    double along = fabs(a->ux * b->ux + a->uy * b->uy), across = fabs(a->ux * b->uy - a->uy * b->ux);
    double to_b = fabs(dx * a->ux + dy * a->uy), beside_b = fabs(dy * a->ux - dx * a->uy);
    if (to_b - a->half_length - (b->half_length * along + b->half_width * across) > SLACK ||
        beside_b - a->half_width - (b->half_length * across + b->half_width * along) > SLACK) {
        return false;
    }
    double to_a = fabs(dx * b->ux + dy * b->uy), beside_a = fabs(dy * b->ux - dx * b->uy);
    return to_a - b->half_length - (a->half_length * along + a->half_width * across) <= SLACK &&
           beside_a - b->half_width - (a->half_length * across + a->half_width * along) <= SLACK;
}

// Squared distance from the corners of b to the box a.
static double corner_distance_squared(const cw_box *a, const cw_box *b) {
    double dx = b->x - a->x, dy = b->y - a->y;
    double least = HUGE_VAL;
    for (int i = 0; i < 4; i++) {
        double l = (i < 2 ? b->half_length : -b->half_length), w = (i == 0 || i == 3 ? b->half_width : -b->half_width);
        double px = dx + l * b->ux - w * b->uy, py = dy + l * b->uy + w * b->ux;
        double ahead = cw_max(fabs(px * a->ux + py * a->uy) - a->half_length, 0.0);
        double aside = cw_max(fabs(py * a->ux - px * a->uy) - a->half_width, 0.0);
        least = cw_min(least, ahead * ahead + aside * aside);
    }
    return least;
}

// Two convex polygons that lie apart are nearest at a corner of one of them.
double cw_box_distance(const cw_box *a, const cw_box *b) {
    if (cw_box_overlap(a, b)) {
        return 0.0;
    }
    return sqrt(cw_min(corner_distance_squared(a, b), corner_distance_squared(b, a)));
}

// The motion of the pair over the span, a's centre as origin: distances lose no digits far from the map's origin.
typedef struct motion {
    cw_box a0, b0;         // at fraction 0; the centre of a0 is the origin
    double vx, vy;         // change of the offset b - a over the span, m
    double turn_a, turn_b; // over the span, rad
    double reach;          // largest distance of the centres, m
    double speed;          // |vx, vy|
} motion;

double cw_box_turn(const cw_box *from, const cw_box *to) {
    double sine = from->ux * to->uy - from->uy * to->ux;
    double cosine = from->ux * to->ux + from->uy * to->uy;
    if (!(fabs(sine) < 0.1 * cosine)) {
        return cw_atan2(sine, cosine);
    }
    double t = sine / cosine, q = t * t; // the series of the arc tangent, off by less than 1e-16
    return t * (1.0 - q * (1.0 / 3 - q * (1.0 / 5 - q * (1.0 / 7 - q * (1.0 / 9 - q * (1.0 / 11 - q * (1.0 / 13)))))));
}

BODY void turned(const cw_box *from, double angle, cw_box *to) {
    *to = *from;
    if (angle != 0.0) {
        double s, c;
        cw_heading_sincos(angle, &s, &c);
        to->ux = from->ux * c - from->uy * s;
        to->uy = from->uy * c + from->ux * s;
    }
}

// For how long the faces' axis (nx, ny), fixed to a box that turns by `turn`, surely keeps the boxes apart: the gap to
// each corner of the other box is smooth, with its second derivative below `bend`, so that the least root of
// gap + slope h - bend h^2 / 2 is a safe advance; infinite where none comes within `rest`, the remainder of the span.
// half: extent of the axis' own box; (px, py): other centre relative to it.
BODY double axis_advance(double nx, double ny, double half, double px, double py, double vx, double vy, double turn,
                         const cw_box *other, double other_turn, double bend, double rest) {
    double offset = px * nx + py * ny;
    double side = offset < 0.0 ? -1.0 : 1.0;
    nx *= side;
    ny *= side;
    offset *= side;
    double clear = offset - half;
    // d(offset)/dt = n' . p + n . v, n' = turn * (-ny, nx)
    double slope = turn * (py * nx - px * ny) + (vx * nx + vy * ny);
    double along = other->ux * nx + other->uy * ny;  // cosine of the other's length against n
    double across = other->uy * nx - other->ux * ny; // its sine
    double relative = other_turn - turn, hl = other->half_length, hw = other->half_width;
    const v4 l = {hl, hl, -hl, -hl}, w = {hw, -hw, -hw, hw}; // corners
    v4 gap = clear + l * along - w * across;
    v4i touches = gap <= SLACK;
    if (touches[0] | touches[1] | touches[2] | touches[3]) {
        return 0.0;
    }
    v4 rate = slope + relative * (-l * across - w * along);
    // Where the parabola, which opens downwards, is above zero at both ends, the corner stays away.
    v4i stays = gap + rest * (rate - 0.5 * bend * rest) > 0.0;
    double safe = HUGE_VAL;
    if (stays[0] & stays[1] & stays[2] & stays[3]) {
        return safe;
    }
    for (int i = 0; i < 4; i++) {
        double discriminant = rate[i] * rate[i] + 2.0 * bend * gap[i];
        double below = sqrt(discriminant) - rate[i];
        if (!stays[i] && below > 0.0) {
            safe = cw_min(safe, 2.0 * gap[i] / below);
        }
    }
    return safe;
}

// A bound of the second derivative of each corner's gap along an axis that turns with `turn`.
static double axis_bend(const motion *m, double turn, double other_turn, const cw_box *other) {
    double relative = other_turn - turn;
    return turn * turn * m->reach + 2.0 * fabs(turn) * m->speed +
           relative * relative * sqrt(other->half_length * other->half_length + other->half_width * other->half_width);
}

// How far the box's corners come on their way round its centre, at most.
static double swing(const cw_box *from, const cw_box *to) {
    double dx = to->ux - from->ux, dy = to->uy - from->uy;
    double reach2 = from->half_length * from->half_length + from->half_width * from->half_width;
    return dx == 0.0 && dy == 0.0 ? 0.0 : sqrt((dx * dx + dy * dy) * reach2);
}

// The gap that stays along (nx, ny) while the offset of the centres goes from (px, py) by (vx, vy).
static double gap_kept(double nx, double ny, double px, double py, double vx, double vy, double extents) {
    double from = px * nx + py * ny, by = vx * nx + vy * ny;
    return (from < 0.0 ? -cw_max(from, from + by) : cw_min(from, from + by)) - extents;
}

// Does a face of either box, as it stands at fraction 0, keep them apart over the whole span?
static bool kept_apart(const cw_box *a, const cw_box *b, double px, double py, double vx, double vy, double swings) {
    double along = fabs(a->ux * b->ux + a->uy * b->uy), across = fabs(a->ux * b->uy - a->uy * b->ux);
    double more = swings + 1e-6; // beyond all rounding
    double b_length = b->half_length * along + b->half_width * across + more;
    double b_width = b->half_length * across + b->half_width * along + more;
    double a_length = a->half_length * along + a->half_width * across + more;
    double a_width = a->half_length * across + a->half_width * along + more;
    return gap_kept(-a->uy, a->ux, px, py, vx, vy, a->half_width + b_width) > 0.0 ||
           gap_kept(a->ux, a->uy, px, py, vx, vy, a->half_length + b_length) > 0.0 ||
           gap_kept(-b->uy, b->ux, px, py, vx, vy, b->half_width + a_width) > 0.0 ||
           gap_kept(b->ux, b->uy, px, py, vx, vy, b->half_length + a_length) > 0.0;
}

static double half_diagonal(const cw_box *box) {
    return sqrt(box->half_length * box->half_length + box->half_width * box->half_width);
}

// From where they stand apart to the first touch.
BODY bool search(const motion *m, double bend_a, double bend_b, double *fraction) {
    double px = m->b0.x - m->a0.x, py = m->b0.y - m->a0.y, vx = m->vx, vy = m->vy;
    double t = 0.0, least = FIRST_ADVANCE;
    for (;;) {
        cw_box a, b;
        turned(&m->a0, t * m->turn_a, &a);
        turned(&m->b0, t * m->turn_b, &b);
        double dx = px + t * vx, dy = py + t * vy, rest = 1.0 - t;
        if (axis_gap(&a, &b, dx, dy) <= SLACK) {
            *fraction = t;
            return true;
        }
        // The farthest that one of the four axes allows; the others do not matter once that is the end.
        double safe = axis_advance(-a.uy, a.ux, a.half_width, dx, dy, vx, vy, m->turn_a, &b, m->turn_b, bend_a, rest);
        if (safe <= rest) {
            safe = cw_max(
                safe, axis_advance(a.ux, a.uy, a.half_length, dx, dy, vx, vy, m->turn_a, &b, m->turn_b, bend_a, rest));
        }
        if (safe <= rest) {
            safe = cw_max(safe, axis_advance(-b.uy, b.ux, b.half_width, -dx, -dy, -vx, -vy, m->turn_b, &a, m->turn_a,
                                             bend_b, rest));
        }
        if (safe <= rest) {
            safe = cw_max(safe, axis_advance(b.ux, b.uy, b.half_length, -dx, -dy, -vx, -vy, m->turn_b, &a, m->turn_a,
                                             bend_b, rest));
        }
        if (safe > rest || t >= 1.0) {
            return false;
        }
        t = cw_min(t + cw_max(safe, least), 1.0);
        least = cw_min(1.2 * least, LAST_ADVANCE);
    }
}

static bool search_plain(const motion *m, double bend_a, double bend_b, double *fraction) {
    return search(m, bend_a, bend_b, fraction);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static bool search_avx2(const motion *m, double bend_a, double bend_b,
                                                        double *fraction) {
    return search(m, bend_a, bend_b, fraction);
}
#endif

bool cw_box_first_contact(const cw_box *a0, const cw_box *a1, const cw_box *b0, const cw_box *b1, double *fraction) {
    double px = b0->x - a0->x, py = b0->y - a0->y;
    double vx = (b1->x - a1->x) - px, vy = (b1->y - a1->y) - py;
    double speed_squared = vx * vx + vy * vy;
    double circles = half_diagonal(a0) + half_diagonal(b0) + SLACK;
    // The circles around both never meet, or they pass each other in their lanes: most pairs of a step end here.
    double nearest = speed_squared > 0.0 ? cw_clamp(-(px * vx + py * vy) / speed_squared, 0.0, 1.0) : 0.0;
    double nx = px + nearest * vx, ny = py + nearest * vy;
    if (nx * nx + ny * ny > circles * circles * (1.0 + 1e-12) ||
        kept_apart(a0, b0, px, py, vx, vy, swing(a0, a1) + swing(b0, b1))) {
        return false;
    }
    motion m = {.a0 = *a0, .b0 = *b0, .vx = vx, .vy = vy, .speed = sqrt(speed_squared)};
    m.reach = sqrt(cw_max(px * px + py * py, (px + vx) * (px + vx) + (py + vy) * (py + vy)));
    m.turn_a = cw_box_turn(a0, a1);
    m.turn_b = cw_box_turn(b0, b1);
    double bend_a = axis_bend(&m, m.turn_a, m.turn_b, b0), bend_b = axis_bend(&m, m.turn_b, m.turn_a, a0);
#if defined __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        return search_avx2(&m, bend_a, bend_b, fraction);
    }
#endif
    return search_plain(&m, bend_a, bend_b, fraction);
}

bool cw_box_hits_segment(const cw_box *box, cw_vec2 p, cw_vec2 q) {
    double from[2], way[2];
    double half[2] = {box->half_length + SLACK, box->half_width + SLACK};
    double px = p.x - box->x, py = p.y - box->y, dx = q.x - p.x, dy = q.y - p.y;
    from[0] = px * box->ux + py * box->uy;
    from[1] = py * box->ux - px * box->uy;
    way[0] = dx * box->ux + dy * box->uy;
    way[1] = dy * box->ux - dx * box->uy;
    double enter = 0.0, leave = 1.0;
    for (int i = 0; i < 2; i++) {
        if (way[i] == 0.0) {
            if (fabs(from[i]) > half[i]) {
                return false;
            }
            continue;
        }
        double side = way[i] > 0.0 ? half[i] : -half[i];
        enter = cw_max(enter, (-side - from[i]) / way[i]);
        leave = cw_min(leave, (side - from[i]) / way[i]);
    }
    return enter <= leave;
}
