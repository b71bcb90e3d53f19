// Where to move an actor so that it is out of the ego's way.
//
// The way is the path that the ego drove, and its lane from the decision on. The actor is moved across the ego's heading by
// one vector for the whole stretch: the least of these by which its path, and where it would get at constant velocity in
// the 6 s after the decision, keep clear of the way, and it stands in nobody.
#include "judge/again.h"

#include <math.h>

enum { WAY_MOST = 192 };
static const double offsets[] = {3.5, 5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160}; // m
static const double clearance = 1.2, clearance_vulnerable = 3.5;                   // m from side to side
static const double foresight = 6.4, way_step = 3, clear_of_others = 0.5;          // s, m, m

typedef struct way {
    double x[WAY_MOST], y[WAY_MOST];
    uint32_t count;
} way;

static void add(way *w, double x, double y) {
    if (w->count < WAY_MOST) {
        w->x[w->count] = x;
        w->y[w->count++] = y;
    }
}

static void make_way(const again *a, way *w) {
    const again_stretch *s = &a->s;
    w->count = 0;
    for (uint32_t n = s->before; n <= s->before + s->after; n += 3)
        add(w, s->x[n], s->y[n]);
    float x[64], y[64];
    uint32_t count = s->obs.map ? cw_obs_ahead(&s->obs, way_step, 64, x, y, NULL) : 0;
    double sine, cosine;
    cw_sincos((double)s->obs.ego.heading, &sine, &cosine);
    for (uint32_t i = 0; i < 64; i++) {
        double px = i < count ? (double)x[i] : count > 0 ? NAN : way_step * i, py = i < count ? (double)y[i] : 0;
        if (isnan(px))
            break;
        add(w, s->obs.ego.x + px * cosine - py * sine, s->obs.ego.y + px * sine + py * cosine);
    }
}

static double distance_to(const way *w, double x, double y) {
    double least = INFINITY;
    for (uint32_t i = 0; i + 1 < w->count; i++) {
        double ex = w->x[i + 1] - w->x[i], ey = w->y[i + 1] - w->y[i], px = x - w->x[i], py = y - w->y[i];
        double length = ex * ex + ey * ey;
        if (length > 400)
            continue; // between the two pieces
        double f = length > 0 ? cw_clamp((px * ex + py * ey) / length, 0, 1) : 0;
        double dx = px - f * ex, dy = py - f * ey;
        least = cw_min(least, dx * dx + dy * dy);
    }
    return sqrt(least);
}

static bool keeps_clear(const again *a, const way *w, uint32_t actor, double dx, double dy) {
    const again_stretch *s = &a->s;
    const cw_actor *body = &a->def->episode->scene->actors[actor], *ego = &a->def->episode->scene->actors[a->ego];
    double vulnerable = cw_user_is_vulnerable((cw_user_kind)body->kind) ? clearance_vulnerable : clearance;
    for (uint32_t n = 0; n <= s->before + s->after; n++) {
        const cw_why_pose *p = &s->poses[(size_t)n * a->actors + actor];
        if (!p->present)
            continue;
        double sine, cosine;
        cw_sincos(p->heading, &sine, &cosine);
        // Half its width where it runs along, half its length where it crosses.
        double ux = cw_cos(s->heading[n]), uy = cw_sin(s->heading[n]);
        double across = fabs(cosine * uy - sine * ux);
        double half =
            0.5 * ((double)body->width * sqrt(1 - cw_min(across * across, 1)) + (double)body->length * across);
        double room = half + 0.5 * (double)ego->width + vulnerable;
        double cx = p->x + (double)body->center_x * cosine + dx, cy = p->y + (double)body->center_x * sine + dy;
        if (distance_to(w, cx, cy) < room)
            return false;
        if (n != s->before && n != 0)
            continue;
        for (double t = 0.4; t < foresight; t += 0.4)
            if (distance_to(w, cx + (double)p->speed * t * cosine, cy + (double)p->speed * t * sine) < room)
                return false;
    }
    return true;
}

static bool is_free(const again *a, uint32_t actor, double dx, double dy) {
    const cw_actor *body = &a->def->episode->scene->actors[actor];
    const cw_why_pose *at = &a->s.poses[(size_t)a->s.before * a->actors];
    cw_box box = cw_box_at((cw_pose){at[actor].x + dx, at[actor].y + dy, at[actor].heading}, (double)body->center_x,
                           (double)body->length, (double)body->width);
    for (uint32_t i = 0; i < a->actors; i++) {
        const cw_actor *other = &a->def->episode->scene->actors[i];
        if (i == actor || !at[i].present)
            continue;
        cw_box its = cw_box_at((cw_pose){at[i].x, at[i].y, at[i].heading}, (double)other->center_x,
                               (double)other->length, (double)other->width);
        if (cw_box_distance(&box, &its) < clear_of_others)
            return false;
    }
    return true;
}

bool again_aside(const again *a, uint32_t actor, double *dx, double *dy) {
    const again_stretch *s = &a->s;
    way w;
    make_way(a, &w);
    double ux = cw_cos(s->heading[s->before]), uy = cw_sin(s->heading[s->before]);
    const cw_why_pose *p = &s->poses[(size_t)s->before * a->actors + actor];
    double left = (p->y - s->y[s->before]) * ux - (p->x - s->x[s->before]) * uy;
    double side = left < 0 ? -1 : 1; // to the side where it is already
    for (uint32_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        for (int turn = 0; turn < 2; turn++) {
            double by = (turn == 0 ? side : -side) * offsets[i];
            *dx = -uy * by;
            *dy = ux * by;
            if (keeps_clear(a, &w, actor, *dx, *dy) && is_free(a, actor, *dx, *dy))
                return true;
        }
    return false;
}
