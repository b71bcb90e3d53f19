// A route's centre line at equal steps of arc length.
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_SAMPLES = 1 << 20, MOST_DENSE = 1 << 22 };

// ---- the spine: one lane for each stretch of the route, and the shifts towards the lanes that it changes from -----------

typedef struct stretch {
    uint32_t lane;
    double s0, s1; // road s in the order of travel
    double d0, d1; // distance along the spine, m
} stretch;

typedef struct change {
    uint32_t from, to;    // lanes side by side
    double start, length; // along the spine, m
    uint32_t stretch;     // on which the lanes stand side by side
    double side;          // +1: `from` lies to the left of `to`
} change;

typedef struct spine {
    const cw_map *map;
    stretch *stretches;
    change *changes;
    uint32_t count, change_count;
    double length;
} spine;

static double entry(const cw_lane *l) {
    return l->direction > 0 ? l->s0 : l->s1;
}
static double leave(const cw_lane *l) {
    return l->direction > 0 ? l->s1 : l->s0;
}

static bool is_link(const cw_map *map, uint32_t from, uint32_t to) {
    const cw_lane *l = &map->lanes[from];
    for (uint32_t i = 0; i < l->next.count; i++)
        if (map->links[l->next.first + i] == to)
            return true;
    return false;
}

// The station on one lane beside that on another.
static double beside(const cw_map *map, uint32_t lane, double s, uint32_t other) {
    const cw_lane *a = &map->lanes[lane], *b = &map->lanes[other];
    if (a->section == b->section)
        return s;
    double fraction = a->length > 0 ? cw_lane_travel(map, lane, s) / a->length : 0;
    return cw_lane_station(map, other, fraction * b->length);
}

// Where along the stretch the marking first allows the change, as a distance along the spine.
static double first_allowed(const spine *p, uint32_t k, uint32_t from, bool to_left, double start) {
    const stretch *run = &p->stretches[k];
    for (int i = 0; i <= 16; i++) {
        double d = cw_lerp(start, run->d1, i / 16.0);
        double f = run->d1 > run->d0 ? (d - run->d0) / (run->d1 - run->d0) : 0;
        double s = beside(p->map, run->lane, cw_lerp(run->s0, run->s1, f), from);
        if (cw_lane_may_change(p->map, from, s, to_left))
            return d;
    }
    return start; // the route wants it all the same
}

static void place_changes(spine *p, double change_length) {
    double free_from = 0;
    for (uint32_t i = 0; i < p->change_count; i++) {
        change *c = &p->changes[i];
        const stretch *run = &p->stretches[c->stretch];
        double start = cw_min(cw_max(run->d0, free_from), run->d1);
        start = first_allowed(p, c->stretch, c->from, c->side < 0, start);
        // Within the stretch where there is room, else on into the next. Where the path ends first it ends beside the
        // lane's centre: nobody jumps sideways.
        uint32_t left = 1;
        while (i + left < p->change_count && p->changes[i + left].stretch == c->stretch)
            left++;
        double length = cw_min(change_length, cw_max((run->d1 - start) / left, 0.4 * change_length));
        c->start = start;
        c->length = length;
        free_from = c->start + c->length;
    }
}

static bool lay_spine(spine *p, const cw_route *route, cw_lane_place from, double end) {
    const cw_map *map = p->map;
    double start = from.s;
    for (uint32_t i = 0; i < route->count; i++) {
        uint32_t lane = route->lanes[i];
        if (lane >= map->lane_count)
            return false;
        bool last = i + 1 == route->count;
        uint32_t next = last ? CW_NONE : route->lanes[i + 1];
        if (!last && !is_link(map, lane, next)) { // side by side: the spine is the lane changed to
            const cw_lane *l = &map->lanes[lane];
            if (l->left != next && l->right != next)
                return false;
            p->changes[p->change_count++] =
                (change){.from = lane, .to = next, .stretch = p->count, .side = l->left == next ? -1.0 : 1.0};
            if (p->count == 0)
                start = beside(map, lane, start, next);
            continue;
        }
        const cw_lane *l = &map->lanes[lane];
        double s0 = p->count == 0 ? cw_clamp(start, l->s0, l->s1) : entry(l);
        double s1 = last && !isnan(end) ? cw_clamp(end, l->s0, l->s1) : leave(l);
        double d = fabs(cw_lane_travel(map, lane, s1) - cw_lane_travel(map, lane, s0));
        if ((s1 - s0) * cw_travel_sign(l) < 0) { // the end lies behind the start
            s1 = s0;
            d = 0;
        }
        p->stretches[p->count++] = (stretch){lane, s0, s1, p->length, p->length + d};
        p->length += d;
    }
    return p->count > 0;
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

static double smooth(double u) {
    u = cw_clamp(u, 0, 1);
    return u * u * u * (u * (u * 6 - 15) + 10);
}

// How far the centre of the lane changed from lies from the other's, at a distance along the spine.
static double gap_of(const spine *p, const change *c, double d) {
    const stretch *run = &p->stretches[c->stretch];
    const cw_map *map = p->map;
    double f = run->d1 > run->d0 ? cw_clamp((d - run->d0) / (run->d1 - run->d0), 0, 1) : 0;
    double s = cw_lerp(run->s0, run->s1, f);
    if (map->lanes[c->from].section == map->lanes[c->to].section) {
        double at = map->lanes[run->lane].section == map->lanes[c->to].section ? s : beside(map, run->lane, s, c->to);
        return fabs(cw_lane_center_t(map, c->from, at) - cw_lane_center_t(map, c->to, at));
    }
    double to = c->to == run->lane ? s : beside(map, run->lane, s, c->to);
    return 0.5 * (cw_lane_width(map, c->to, to) + cw_lane_width(map, c->from, beside(map, c->to, to, c->from)));
}

static double shift_at(const spine *p, uint32_t k, double d) {
    double shift = 0;
    for (uint32_t i = 0; i < p->change_count; i++) {
        const change *c = &p->changes[i];
        double share = 1 - smooth((d - c->start) / c->length);
        // Before its own stretch a change shifts nothing: the spine is still the lane before.
        if (share > 0 && k >= c->stretch)
            shift += share * c->side * gap_of(p, c, d);
    }
    return shift;
}

typedef struct point {
    double x, y, heading, t, shift;
} point;

static point evaluate(const spine *p, uint32_t k, double s) {
    const cw_map *map = p->map;
    const stretch *run = &p->stretches[k];
    const cw_lane *l = &map->lanes[run->lane];
    const cw_road *road = &map->roads[l->road];
    double sign = cw_travel_sign(l), center[3];
    double ratio = run->s1 != run->s0 ? (run->d1 - run->d0) / fabs(run->s1 - run->s0) : 1;
    double d = run->d0 + fabs(s - run->s0) * ratio;
    point out = {0};
    double slope = 0;
    if (p->change_count > 0) {
        double h = 0.01, low = cw_max(d - h, run->d0), high = cw_min(d + h, run->d1);
        out.shift = shift_at(p, k, d);
        slope = high > low ? (shift_at(p, k, high) - shift_at(p, k, low)) / (high - low) : 0;
    }
    cw_lane_center_derivatives(map, l, s, center);
    out.t = center[0] + sign * out.shift;
    if (road->geometry.count == 0)
        return out;
    uint32_t g = cw_road_geometry_at(map, road, s);
    cw_curve_point at;
    cw_curve_at(map, g, s - map->geometry[g].s, &at);
    double across = center[1] + slope * ratio;
    out.x = at.x - at.s * out.t;
    out.y = at.y + at.c * out.t;
    out.heading = at.heading;
    if (across != 0)
        out.heading += cw_atan2(across, at.speed * cw_max(1 - at.curvature * out.t, 1e-3));
    if (sign < 0)
        out.heading += CW_PI;
    return out;
}

// ---- sampling --------------------------------------------------------------------------------------------------------

typedef struct dense_point {
    double s, length; // road s; distance along the path so far
    double x, y, heading;
    uint32_t stretch;
} dense_point;

typedef struct dense_list {
    dense_point *items;
    size_t count, capacity;
} dense_list;

static bool add_dense(dense_list *list, const spine *p, uint32_t k, double s) {
    if (list->count >= MOST_DENSE || !CW_GROW(list->items, list->capacity, list->count + 1))
        return false;
    point at = evaluate(p, k, s);
    dense_point *row = &list->items[list->count];
    *row = (dense_point){s, 0, at.x, at.y, at.heading, k};
    if (list->count > 0) {
        const dense_point *last = row - 1;
        double chord = cw_hypot(row->x - last->x, row->y - last->y);
        double turn = last->stretch == k ? cw_wrap_angle(row->heading - last->heading) : 0;
        row->length = last->length + chord * (1 + turn * turn / 24); // of an arc over this chord
    }
    list->count++;
    return true;
}

static bool sample_densely(dense_list *list, const spine *p, double step) {
    double fine = cw_clamp(0.5 * step, 0.05, 0.5);
    for (uint32_t k = 0; k < p->count; k++) {
        const stretch *run = &p->stretches[k];
        double wanted = ceil((run->d1 - run->d0) / fine);
        if (wanted > MOST_DENSE)
            return false;
        int parts = wanted < 1 ? 1 : (int)wanted;
        for (int i = 0; i <= parts; i++)
            if (!add_dense(list, p, k, cw_lerp(run->s0, run->s1, (double)i / parts)))
                return false;
    }
    return true;
}

// The lane of the section that holds t, or the stretch's own.
static uint32_t lane_under(const cw_map *map, const stretch *run, double s, const point *at) {
    if (at->shift == 0)
        return run->lane;
    cw_span lanes = map->sections[map->lanes[run->lane].section].lanes;
    for (uint32_t i = lanes.first; i < lanes.first + lanes.count; i++) {
        double low, high;
        if (map->lanes[i].id == 0 || map->lanes[i].direction != map->lanes[run->lane].direction)
            continue;
        cw_lane_borders_of(map, &map->lanes[i], s, &low, &high);
        if (at->t >= low && at->t <= high && high > low)
            return i;
    }
    return run->lane;
}

typedef struct columns {
    double *x, *y, *travel;
    float *z, *slope, *heading, *curvature, *left, *right, *limit;
    uint32_t *lane;
} columns;

static bool make_columns(cw_arena *arena, uint32_t count, columns *c) {
    double **doubles[] = {&c->x, &c->y, &c->travel};
    float **floats[] = {&c->z, &c->slope, &c->heading, &c->curvature, &c->left, &c->right, &c->limit};
    for (size_t i = 0; i < 3; i++)
        if ((*doubles[i] = cw_arena_array(arena, count, sizeof(double))) == NULL)
            return false;
    for (size_t i = 0; i < 7; i++)
        if ((*floats[i] = cw_arena_array(arena, count, sizeof(float))) == NULL)
            return false;
    return (c->lane = cw_arena_array(arena, count, sizeof *c->lane)) != NULL;
}

// heading: of the sample, unwrapped against the one before.
static void put_sample(const spine *p, columns *c, uint32_t i, uint32_t k, double s, const point *at, double *heading) {
    const cw_map *map = p->map;
    const stretch *run = &p->stretches[k];
    uint32_t lane = lane_under(map, run, s, at);
    const cw_lane *l = &map->lanes[lane];
    double low, high;
    cw_lane_borders_of(map, l, s, &low, &high);
    *heading = i == 0 ? cw_wrap_angle(at->heading) : *heading + cw_wrap_angle(at->heading - *heading);
    cw_road_point ground;
    cw_road_at(map, l->road, s, at->t, &ground);
    bool along = l->direction > 0;
    c->x[i] = at->x;
    c->y[i] = at->y;
    c->heading[i] = (float)*heading;
    c->z[i] = (float)ground.z;
    c->slope[i] = (float)(along ? -ground.pitch : ground.pitch);
    c->left[i] = (float)cw_max(along ? high - at->t : at->t - low, 0);
    c->right[i] = (float)cw_max(along ? at->t - low : high - at->t, 0);
    c->limit[i] = cw_lane_limit(map, lane, s);
    c->lane[i] = lane;
    c->travel[i] = cw_lane_travel(map, lane, s);
}

static bool resample(const spine *p, const dense_list *dense, double step, cw_arena *arena, cw_path *out) {
    double length = dense->items[dense->count - 1].length;
    double steps = floor(length / step + 1e-9);
    if (!(steps < MOST_SAMPLES))
        return false;
    uint32_t count = (uint32_t)steps + 1;
    columns c;
    double *headings = calloc(count, sizeof *headings); // in full precision, for the curvature
    if (headings == NULL || !make_columns(arena, count, &c)) {
        free(headings);
        return false;
    }
    size_t at = 0;
    double heading = 0;
    for (uint32_t i = 0; i < count; i++) {
        double wanted = cw_min(i * step, length);
        while (at + 2 < dense->count && dense->items[at + 1].length < wanted)
            at++;
        const dense_point *a = &dense->items[at], *b = dense->count > 1 ? a + 1 : a;
        double f = b->length > a->length ? cw_clamp((wanted - a->length) / (b->length - a->length), 0, 1) : 0;
        uint32_t k = a->stretch;
        double s = a->s;
        point here;
        if (a->stretch == b->stretch) {
            s = cw_lerp(a->s, b->s, f);
            here = evaluate(p, k, s);
        } else { // in the gap of a joint that does not close
            if (f > 0.5) {
                k = b->stretch;
                s = b->s;
            }
            here = evaluate(p, k, s);
            here.x = cw_lerp(a->x, b->x, f);
            here.y = cw_lerp(a->y, b->y, f);
        }
        put_sample(p, &c, i, k, s, &here, &heading);
        headings[i] = heading;
    }
    for (uint32_t i = 0; i < count && count > 1; i++) {
        uint32_t low = i > 0 ? i - 1 : 0, high = i + 1 < count ? i + 1 : i;
        c.curvature[i] = (float)((headings[high] - headings[low]) / ((high - low) * step));
    }
    free(headings);
    *out = (cw_path){.count = count,
                     .step = step,
                     .length = (count - 1) * step,
                     .x = c.x,
                     .y = c.y,
                     .z = c.z,
                     .slope = c.slope,
                     .heading = c.heading,
                     .curvature = c.curvature,
                     .left = c.left,
                     .right = c.right,
                     .limit = c.limit,
                     .lane = c.lane,
                     .lane_travel = c.travel};
    return true;
}

bool cw_path_along(const cw_map *map, const cw_route *route, cw_lane_place from, double end, double step,
                   double change_length, cw_arena *arena, cw_path *out) {
    *out = (cw_path){0};
    if (route->count == 0 || !(step >= 0) || isnan(from.s))
        return false;
    step = step > 0 ? step : 1;
    spine p = {.map = map};
    p.stretches = calloc(route->count, sizeof *p.stretches);
    p.changes = calloc(route->count, sizeof *p.changes);
    dense_list dense = {0};
    bool fine = p.stretches != NULL && p.changes != NULL && lay_spine(&p, route, from, end);
    if (fine) {
        place_changes(&p, cw_max(change_length, 1));
        fine = sample_densely(&dense, &p, step) && dense.count > 0 && resample(&p, &dense, step, arena, out);
    }
    free(p.stretches);
    free(p.changes);
    free(dense.items);
    return fine;
}

// ---- queries ---------------------------------------------------------------------------------------------------------

typedef struct on_path {
    double x, y, tx, ty, heading; // tx, ty: derivative by s
} on_path;

// Between two samples a cubic Hermite curve with their headings; straight on beyond the ends.
static on_path interpolate(const cw_path *path, double s) {
    on_path out;
    double at = s / path->step;
    uint32_t last = path->count - 1;
    if (s <= 0 || s >= path->length || last == 0) {
        uint32_t i = s <= 0 || last == 0 ? 0 : last;
        double beyond = s - i * path->step;
        out.heading = (double)path->heading[i];
        cw_sincos(out.heading, &out.ty, &out.tx);
        out.x = path->x[i] + beyond * out.tx;
        out.y = path->y[i] + beyond * out.ty;
        return out;
    }
    uint32_t i = (uint32_t)at;
    if (i >= last)
        i = last - 1;
    double f = at - i, h = path->step, s0, c0, s1, c1;
    cw_sincos((double)path->heading[i], &s0, &c0);
    cw_sincos((double)path->heading[i + 1], &s1, &c1);
    double f2 = f * f, f3 = f2 * f;
    double a0 = 2 * f3 - 3 * f2 + 1, b0 = (f3 - 2 * f2 + f) * h, a1 = 3 * f2 - 2 * f3, b1 = (f3 - f2) * h;
    double da = 6 * (f2 - f) / h, db0 = 3 * f2 - 4 * f + 1, db1 = 3 * f2 - 2 * f;
    out.x = a0 * path->x[i] + a1 * path->x[i + 1] + b0 * c0 + b1 * c1;
    out.y = a0 * path->y[i] + a1 * path->y[i + 1] + b0 * s0 + b1 * s1;
    out.tx = da * (path->x[i] - path->x[i + 1]) + db0 * c0 + db1 * c1;
    out.ty = da * (path->y[i] - path->y[i + 1]) + db0 * s0 + db1 * s1;
    out.heading = cw_lerp((double)path->heading[i], (double)path->heading[i + 1], f);
    return out;
}

static double distance2(const cw_path *path, uint32_t i, double x, double y) {
    double dx = x - path->x[i], dy = y - path->y[i];
    return dx * dx + dy * dy;
}

static uint32_t nearest_sample(const cw_path *path, double x, double y, double hint) {
    if (isnan(hint)) {
        uint32_t best = 0;
        double least = INFINITY;
        for (uint32_t i = 0; i < path->count; i++) {
            double d = distance2(path, i, x, y);
            if (d < least) {
                least = d;
                best = i;
            }
        }
        return best;
    }
    // Downhill from the hint, looking a few samples past a rise.
    uint32_t at = (uint32_t)cw_clamp(rint(hint / path->step), 0, path->count - 1.0);
    double here = distance2(path, at, x, y);
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t k = 1; k <= 3 && !moved; k++) {
            if (at + k < path->count && distance2(path, at + k, x, y) < here) {
                at += k;
                moved = true;
            } else if (at >= k && distance2(path, at - k, x, y) < here) {
                at -= k;
                moved = true;
            }
        }
        here = distance2(path, at, x, y);
    }
    return at;
}

void cw_path_project(const cw_path *path, double x, double y, double hint, double *s, double *d) {
    assert(path->count > 0);
    uint32_t i = nearest_sample(path, x, y, hint);
    double at = i * path->step, low = at - path->step, high = at + path->step;
    // Beyond the ends the straight continuation counts; elsewhere the foot lies within a step of the nearest sample.
    if (i == 0)
        low = -INFINITY;
    if (i + 1 == path->count)
        high = INFINITY;
    on_path p = interpolate(path, at);
    for (int k = 0; k < 4; k++) {
        double norm2 = p.tx * p.tx + p.ty * p.ty;
        double along = ((x - p.x) * p.tx + (y - p.y) * p.ty) / cw_max(norm2, 1e-12);
        at = cw_clamp(at + along, low, high);
        p = interpolate(path, at);
        if (fabs(along) < 1e-9)
            break;
    }
    double norm = sqrt(cw_max(p.tx * p.tx + p.ty * p.ty, 1e-12));
    *s = at;
    *d = ((y - p.y) * p.tx - (x - p.x) * p.ty) / norm;
}

cw_pose cw_path_pose(const cw_path *path, double s, double d) {
    assert(path->count > 0);
    on_path p = interpolate(path, s);
    double norm = sqrt(cw_max(p.tx * p.tx + p.ty * p.ty, 1e-12));
    return (cw_pose){p.x - d * p.ty / norm, p.y + d * p.tx / norm, cw_wrap_angle(p.heading)};
}

double cw_path_curvature(const cw_path *path, double s) {
    assert(path->count > 0);
    double at = cw_clamp(s / path->step, 0, path->count - 1.0);
    uint32_t i = (uint32_t)at;
    if (i + 1 >= path->count)
        return (double)path->curvature[path->count - 1];
    return cw_lerp((double)path->curvature[i], (double)path->curvature[i + 1], at - i);
}
