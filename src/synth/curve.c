// Reference lines from lines and arcs.
#include "road/internal.h"
#include "synth.h"

#include <math.h>

static cw_pose end_of(const cw_geometry *g, double ds) {
    cw_pose p = {g->x, g->y, g->heading + g->k0 * ds};
    double s, c;
    if (g->kind == CW_SPIRAL) {
        double x, y, rate = (g->k1 - g->k0) / g->length;
        cw_clothoid_at(g->k0, rate, ds, &x, &y);
        cw_sincos(g->heading, &s, &c);
        return (cw_pose){g->x + c * x - s * y, g->y + s * x + c * y, g->heading + ds * (g->k0 + 0.5 * rate * ds)};
    }
    if (g->k0 == 0) {
        cw_sincos(g->heading, &s, &c);
        p.x += ds * c;
        p.y += ds * s;
        return p;
    }
    // The chord: 2 sin(a / 2) / k long, half the turn to the left of the tangent.
    double half = 0.5 * g->k0 * ds, chord = 2 * cw_sin(half) / g->k0;
    cw_sincos(g->heading + half, &s, &c);
    p.x += chord * c;
    p.y += chord * s;
    return p;
}

static void append(curve *c, cw_pose from, double curvature, double length) {
    if (!(length > 1e-6))
        return;
    c->piece[c->count++] = (cw_geometry){.s = c->length,
                                         .x = from.x,
                                         .y = from.y,
                                         .heading = from.heading,
                                         .length = length,
                                         .kind = curvature == 0 ? CW_LINE : CW_ARC,
                                         .k0 = curvature,
                                         .k1 = curvature};
    c->length += length;
}

static void append_spiral(curve *c, cw_pose from, double k0, double k1, double length) {
    append(c, from, k0 != 0 ? k0 : k1, length);
    cw_geometry *g = &c->piece[c->count - 1];
    g->kind = CW_SPIRAL;
    g->k0 = k0;
    g->k1 = k1;
}

curve curve_arc(cw_pose from, double curvature, double length) {
    curve c = {0};
    append(&c, from, curvature, length);
    return c;
}

curve curve_line(cw_pose from, double length) {
    return curve_arc(from, 0, length);
}

cw_pose curve_at(const curve *c, double s, double t) {
    int i = 0;
    while (i + 1 < c->count && s >= c->piece[i + 1].s)
        i++;
    cw_pose p = end_of(&c->piece[i], s - c->piece[i].s);
    double sine, cosine;
    cw_sincos(p.heading, &sine, &cosine);
    p.x -= t * sine;
    p.y += t * cosine;
    return p;
}

// The arc from a pose through a point.
static void arc_to(curve *c, cw_pose from, double x, double y) {
    double dx = x - from.x, dy = y - from.y, sine, cosine;
    cw_sincos(from.heading, &sine, &cosine);
    double chord = cw_hypot(dx, dy), half = cw_atan2(cosine * dy - sine * dx, cosine * dx + sine * dy);
    if (fabs(half) < 1e-9)
        append(c, from, 0, chord);
    else
        append(c, from, 2 * cw_sin(half) / chord, chord * half / cw_sin(half));
}

// Two arcs with equal tangents: their length d solves |v - d (t0 + t1)| = 2 d, v from one end to the other.
curve curve_between(cw_pose a, cw_pose b) {
    curve c = {0};
    double s0, c0, s1, c1;
    cw_sincos(a.heading, &s0, &c0);
    cw_sincos(b.heading, &s1, &c1);
    double vx = b.x - a.x, vy = b.y - a.y, tx = c0 + c1, ty = s0 + s1;
    double vt = vx * tx + vy * ty, vv = vx * vx + vy * vy, apart = 2 * (1 - (c0 * c1 + s0 * s1));
    double d = apart < 1e-9 ? vv / (2 * vt) : (-vt + sqrt(vt * vt + apart * vv)) / apart;
    double mx = 0.5 * (a.x + d * c0 + b.x - d * c1), my = 0.5 * (a.y + d * s0 + b.y - d * s1);
    if (fabs(c0 * vy - s0 * vx) < 1e-9 * sqrt(vv) && apart < 1e-12) {
        append(&c, a, 0, sqrt(vv));
        return c;
    }
    arc_to(&c, a, mx, my);
    cw_pose middle = end_of(&c.piece[0], c.piece[0].length);
    arc_to(&c, (cw_pose){mx, my, middle.heading}, b.x, b.y);
    return c;
}

static const double clothoid_share = 0.2; // of a turn's angle, in either clothoid

static cw_pose moved(cw_pose from, double x, double y, double turn) {
    double sine, cosine;
    cw_sincos(from.heading, &sine, &cosine);
    return (cw_pose){from.x + cosine * x - sine * y, from.y + sine * x + cosine * y, from.heading + turn};
}

// Clothoid, arc, clothoid between two tangents of equal length: drawn for curvature 1, then scaled until the tangents fit.
static void bend(curve *c, cw_pose from, double turn, double tangent) {
    double sign = turn < 0 ? -1 : 1, angle = fabs(turn), eased = clothoid_share * angle, rest = angle - 2 * eased;
    double length = 2 * eased, x, y;
    cw_pose p = {0, 0, 0};
    cw_clothoid_at(0, 1 / length, length, &x, &y);
    p = moved(p, x, y, eased);
    p = moved(p, cw_sin(rest), 1 - cw_cos(rest), rest);
    cw_clothoid_at(1, -1 / length, length, &x, &y);
    p = moved(p, x, y, eased);
    double scale = tangent * 2 * cw_cos(0.5 * angle) / cw_hypot(p.x, p.y), k = sign / scale;
    length *= scale;
    append_spiral(c, from, 0, k, length);
    cw_clothoid_at(0, k / length, length, &x, &y);
    from = moved(from, x, y, sign * eased);
    append(c, from, k, rest * scale);
    from = end_of(&c->piece[c->count - 1], rest * scale);
    append_spiral(c, from, k, 0, length);
}

curve curve_turn(cw_pose a, cw_pose b) {
    double s0, c0, s1, c1;
    cw_sincos(a.heading, &s0, &c0);
    cw_sincos(b.heading, &s1, &c1);
    double turn = cw_wrap_angle(b.heading - a.heading), cross = c0 * s1 - s0 * c1, vx = b.x - a.x, vy = b.y - a.y;
    if (fabs(turn) < 0.2 || fabs(turn) > 3)
        return curve_between(a, b);
    double ahead = (vx * s1 - vy * c1) / cross, after = (c0 * vy - s0 * vx) / cross;
    double tangent = cw_min(ahead, after);
    if (!(tangent > 0))
        return curve_between(a, b);
    curve c = {0};
    append(&c, a, 0, ahead - tangent);
    cw_pose at = {a.x + (ahead - tangent) * c0, a.y + (ahead - tangent) * s0, a.heading};
    bend(&c, at, turn, tangent);
    append(&c, (cw_pose){b.x - (after - tangent) * c1, b.y - (after - tangent) * s1, a.heading + turn}, 0,
           after - tangent);
    return c;
}
