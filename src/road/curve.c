// Curves of the reference line: line, arc, clothoid and the two polynomials.
#include "internal.h"

#include <math.h>

// ---- clothoid --------------------------------------------------------------------------------------------------------

// One stretch about its middle: with curvature A there and half its rate B, the offset in the frame of the middle's
// tangent is 2 * integral over [0, h] of cos(A u) cos(B u^2) and of cos(A u) sin(B u^2); the odd parts vanish. Both
// factors are expanded in powers of u/h. With |A h| <= 1 and |B h^2| <= 1/2 the series is cut off below 1e-12.
static void clothoid_stretch(double a, double b, double h, double *x, double *y) {
    enum { ROWS = 8, COLUMNS = 6 };
    double alpha = a * h * (a * h), beta = b * h * h, beta2 = beta * beta;
    double row[ROWS], even[COLUMNS], odd[COLUMNS];
    row[0] = 1;
    for (int i = 1; i < ROWS; i++)
        row[i] = row[i - 1] * -alpha / (double)((2 * i - 1) * (2 * i));
    even[0] = 1;
    odd[0] = beta;
    for (int j = 1; j < COLUMNS; j++) {
        even[j] = even[j - 1] * -beta2 / (double)((2 * j - 1) * (2 * j));
        odd[j] = odd[j - 1] * -beta2 / (double)((2 * j) * (2 * j + 1));
    }
    static const double inverse[] = {// 1 / (2 n + 1)
                                     1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                     1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25, 1.0 / 27,
                                     1.0 / 29, 1.0 / 31, 1.0 / 33, 1.0 / 35, 1.0 / 37, 1.0 / 39};
    double sum_x = 0, sum_y = 0;
    for (int j = COLUMNS - 1; j >= 0; j--) {
        double along = 0, across = 0;
        for (int i = ROWS - 1; i >= 0; i--) {
            along += row[i] * inverse[i + 2 * j];
            across += row[i] * inverse[i + 2 * j + 1];
        }
        sum_x += even[j] * along;
        sum_y += odd[j] * across;
    }
    *x = 2 * h * sum_x;
    *y = 2 * h * sum_y;
}

void cw_clothoid_at(double k0, double rate, double ds, double *x, double *y) {
    double most = cw_max(fabs(k0), fabs(k0 + rate * ds)) * fabs(ds) * 0.5;
    double twist = sqrt(fabs(rate)) * fabs(ds) * 0.5;
    double wanted = ceil(cw_max(most, twist));
    int parts = wanted < 1 ? 1 : wanted > 4096 ? 4096 : (int)wanted;
    double step = ds / parts;
    *x = 0;
    *y = 0;
    for (int i = 0; i < parts; i++) {
        double middle = (i + 0.5) * step, px, py, sine, cosine;
        clothoid_stretch(k0 + rate * middle, 0.5 * rate, 0.5 * step, &px, &py);
        cw_sincos(middle * (k0 + 0.5 * rate * middle), &sine, &cosine);
        *x += px * cosine - py * sine;
        *y += px * sine + py * cosine;
    }
}

// ---- polynomials -----------------------------------------------------------------------------------------------------

// u, v and their first three derivatives by the parameter.
typedef struct poly_point {
    double u[4], v[4];
} poly_point;

static void cubic(const double k[4], double p, double out[4]) {
    out[0] = k[0] + p * (k[1] + p * (k[2] + p * k[3]));
    out[1] = k[1] + p * (2 * k[2] + p * 3 * k[3]);
    out[2] = 2 * k[2] + p * 6 * k[3];
    out[3] = 6 * k[3];
}

static void poly_at(const cw_geometry *g, double p, poly_point *out) {
    if (g->kind == CW_POLY3) {
        out->u[0] = p;
        out->u[1] = 1;
        out->u[2] = out->u[3] = 0;
    } else {
        cubic(g->u, p, out->u);
    }
    cubic(g->v, p, out->v);
}

static double poly_speed(const cw_geometry *g, double p) {
    double du = g->kind == CW_POLY3 ? 1 : g->u[1] + p * (2 * g->u[2] + p * 3 * g->u[3]);
    double dv = g->v[1] + p * (2 * g->v[2] + p * 3 * g->v[3]);
    return sqrt(du * du + dv * dv);
}

// Gauss-Legendre with five points on four stretches.
static double poly_length(const cw_geometry *g, double p) {
    static const double node[3] = {0, 0.53846931010568309, 0.90617984593866399};
    static const double weight[3] = {0.56888888888888889, 0.47862867049936647, 0.23692688505618909};
    double half = p / 8, sum = 0;
    for (int i = 0; i < 4; i++) {
        double middle = (2 * i + 1) * half;
        sum += weight[0] * poly_speed(g, middle);
        for (int j = 1; j < 3; j++)
            sum += weight[j] * (poly_speed(g, middle - node[j] * half) + poly_speed(g, middle + node[j] * half));
    }
    return sum * half;
}

// The parameter at ds. paramPoly3 over arc length states it directly. A normalised one and poly3 are defined along the
// curve's own length, so the length is inverted; where the curve is not as long as stated it is stretched to fit.
static double poly_parameter(const cw_geometry *g, double ds, double *rate) {
    *rate = 1;
    if (g->kind == CW_PARAM_POLY3 && !g->normalized)
        return ds;
    if (!(g->length > 0)) {
        *rate = 0;
        return 0;
    }
    double end = g->kind == CW_POLY3 ? g->length : 1;
    double scale = g->kind == CW_POLY3 ? 1 : poly_length(g, 1) / g->length;
    double p = cw_clamp(ds / g->length, 0, 1) * end;
    if (!(scale > 0)) {
        *rate = end / g->length;
        return ds * *rate;
    }
    for (int i = 0; i < 4; i++) {
        double slope = poly_speed(g, p);
        if (!(slope > 1e-9))
            break;
        double error = poly_length(g, p) - ds * scale;
        p = cw_clamp(p - error / slope, -0.01 * end, 1.01 * end);
        if (fabs(error) < 1e-12 * g->length)
            break;
    }
    double slope = poly_speed(g, p);
    *rate = slope > 1e-9 ? scale / slope : end / g->length; // dp/ds
    return p;
}

static void poly_point_at(const cw_geometry *g, cw_vec2 frame, double ds, cw_curve_point *out) {
    double rate;
    double p = poly_parameter(g, ds, &rate);
    poly_point at;
    poly_at(g, p, &at);
    double du = at.u[1], dv = at.v[1], speed2 = du * du + dv * dv, speed = sqrt(speed2);
    out->x = g->x + frame.x * at.u[0] - frame.y * at.v[0];
    out->y = g->y + frame.y * at.u[0] + frame.x * at.v[0];
    if (!(speed > 1e-9)) { // a polynomial that stands still has no direction
        out->c = frame.x;
        out->s = frame.y;
        out->heading = g->heading;
        out->curvature = out->bend = 0;
        out->speed = 1e-9;
        return;
    }
    double cross = du * at.v[2] - dv * at.u[2], dot = du * at.u[2] + dv * at.v[2];
    out->c = (frame.x * du - frame.y * dv) / speed;
    out->s = (frame.y * du + frame.x * dv) / speed;
    out->heading = g->heading + cw_atan2(dv, du);
    out->curvature = cross / (speed2 * speed);
    double dcross = du * at.v[3] - dv * at.u[3];
    out->bend = (dcross - 3 * cross * dot / speed2) / (speed2 * speed) * rate;
    out->speed = speed * rate;
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

static void arc_at(const cw_geometry *g, cw_vec2 frame, double ds, cw_curve_point *out) {
    double turn = g->k0 * ds, sine, cosine, x, y;
    cw_sincos(turn, &sine, &cosine);
    if (fabs(turn) > 1e-4) {
        x = sine / g->k0;
        y = (1 - cosine) / g->k0;
    } else {
        double turn2 = turn * turn;
        x = ds * (1 - turn2 / 6);
        y = ds * turn * (0.5 - turn2 / 24);
    }
    out->x = g->x + frame.x * x - frame.y * y;
    out->y = g->y + frame.y * x + frame.x * y;
    out->c = frame.x * cosine - frame.y * sine;
    out->s = frame.y * cosine + frame.x * sine;
    out->heading = g->heading + turn;
    out->curvature = g->k0;
    out->bend = 0;
    out->speed = 1;
}

static void spiral_at(const cw_geometry *g, cw_vec2 frame, double ds, cw_curve_point *out) {
    double rate = g->length > 0 ? (g->k1 - g->k0) / g->length : 0, x, y, sine, cosine;
    double turn = ds * (g->k0 + 0.5 * rate * ds);
    cw_clothoid_at(g->k0, rate, ds, &x, &y);
    cw_sincos(turn, &sine, &cosine);
    out->x = g->x + frame.x * x - frame.y * y;
    out->y = g->y + frame.y * x + frame.x * y;
    out->c = frame.x * cosine - frame.y * sine;
    out->s = frame.y * cosine + frame.x * sine;
    out->heading = g->heading + turn;
    out->curvature = g->k0 + rate * ds;
    out->bend = rate;
    out->speed = 1;
}

void cw_curve_at(const cw_map *map, uint32_t geometry, double ds, cw_curve_point *out) {
    const cw_geometry *g = &map->geometry[geometry];
    cw_vec2 frame = map->index->frames[geometry];
    switch (g->kind) {
    case CW_ARC:
        arc_at(g, frame, ds, out);
        return;
    case CW_SPIRAL:
        spiral_at(g, frame, ds, out);
        return;
    case CW_POLY3:
    case CW_PARAM_POLY3:
        poly_point_at(g, frame, ds, out);
        return;
    case CW_LINE:
        break;
    }
    *out = (cw_curve_point){.x = g->x + frame.x * ds,
                            .y = g->y + frame.y * ds,
                            .c = frame.x,
                            .s = frame.y,
                            .heading = g->heading,
                            .speed = 1};
}

// ---- projection ------------------------------------------------------------------------------------------------------

static double arc_project(const cw_geometry *g, double along, double across, double *t) {
    double k = g->k0, radius = 1 / k;
    double vx = along, vy = across - radius; // from the centre
    double distance = sqrt(vx * vx + vy * vy);
    *t = k > 0 ? radius - distance : radius + distance;
    // Angle from the start's radius, taken the way the arc runs. The half turn behind the start stays negative.
    double turn = k > 0 ? cw_atan2(vx, -vy) : cw_atan2(vx, vy);
    double s = turn * fabs(radius), around = 2 * CW_PI * fabs(radius);
    // Of the feet a whole turn apart take the one on the arc, or else the one nearer to its ends.
    while (s > g->length && s - around >= 0)
        s -= around;
    if (s < 0) {
        double later = s + around;
        if (later <= g->length || later - g->length < -s)
            s = later;
    }
    return s;
}

// Newton on the distance along the tangent, kept within what is known to hold the foot; halved where the curve bends too
// much for it (the point lies near or beyond the centre of curvature).
static double newton_project(const cw_map *map, uint32_t geometry, double x, double y, double from, double low,
                             double high, double *t) {
    double ds = cw_clamp(from, low, high), behind = low, beyond = high; // the foot lies between the last two
    cw_curve_point at;
    for (int i = 0;; i++) {
        cw_curve_at(map, geometry, ds, &at);
        double dx = x - at.x, dy = y - at.y;
        double along = dx * at.c + dy * at.s;
        *t = dy * at.c - dx * at.s;
        double shrink = 1 - at.curvature * *t, speed = cw_max(at.speed, 1e-6);
        double step = along / (cw_max(shrink, 0.2) * speed);
        if (fabs(along) < 1e-10 || i == 60)
            return ds + step;
        if ((along < 0 && ds <= low) || (along > 0 && ds >= high))
            return ds + step; // beyond this stretch
        if (along > 0)
            behind = ds;
        else
            beyond = ds;
        double next = ds + step;
        if (next > behind && next < beyond && shrink > 0.05)
            ds = next;
        else if (next >= high && beyond == high)
            ds = high;
        else if (next <= low && behind == low)
            ds = low;
        else
            ds = 0.5 * (behind + beyond);
    }
}

double cw_curve_project(const cw_map *map, uint32_t geometry, double x, double y, double from, double low, double high,
                        double *t) {
    const cw_geometry *g = &map->geometry[geometry];
    if (g->kind <= CW_ARC) {
        cw_vec2 frame = map->index->frames[geometry];
        double dx = x - g->x, dy = y - g->y;
        double along = dx * frame.x + dy * frame.y, across = dy * frame.x - dx * frame.y;
        if (g->kind == CW_ARC && fabs(g->k0) > 1e-8)
            return arc_project(g, along, across, t);
        if (g->kind == CW_LINE) {
            *t = across;
            return along;
        }
    }
    return newton_project(map, geometry, x, y, from, low, high, t);
}
