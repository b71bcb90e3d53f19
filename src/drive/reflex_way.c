#include "drive/reflex_way.h"

#include <math.h>

static const double spare = 0.35, narrow = 0.22;    // m beside the body, and where it has to go to the inside of a bend
static const double bend = 0.1, least_aside = 1e-3; // rad that make a bend, and m that mark one
static const double ramp = 0.25;                    // m that it is moved more from one point to the next
static const double swing_most = 2;                 // m that a point is moved to the inside of a bend
static const double front_share = 0.8;              // of the length, from the rear axle to the front
static const double coarse = 0.5, fine = 0.03;      // m, steps of the measure

static bool drivable(const cw_map *map, const cw_area *area, double x, double y) {
    if (area)
        return cw_area_holds(area, x, y);
    cw_locate query = cw_locate_at(x, y);
    query.under_only = true;
    for (int kind = 0; kind < CW_LANE_KINDS; kind++)
        if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
            query.kinds |= 1u << kind;
    cw_lane_place place;
    return cw_map_locate(map, &query, &place);
}

// How far it is from a point to where the drivable area ends in that direction; 0 where it does not begin.
static double room(const cw_map *map, const cw_area *area, const cw_way_point *p, double side) {
    double far = 0, px = -side * (double)p->uy, py = side * (double)p->ux;
    while (far < CW_WAY_ROOM && drivable(map, area, p->x + (far + coarse) * px, p->y + (far + coarse) * py))
        far += coarse;
    for (double step = 0.5 * coarse; far < CW_WAY_ROOM && step >= fine; step *= 0.5)
        if (drivable(map, area, p->x + (far + step) * px, p->y + (far + step) * py))
            far += step;
    return cw_min(far, CW_WAY_ROOM);
}

// How far to the inside of the bend ahead it should lie, > 0 to the left.
static double inward_of(const cw_way_point *p, const cw_way_point *ahead, double front, double half) {
    double turn =
        cw_atan2((double)(p->ux * ahead->uy - p->uy * ahead->ux), (double)(p->ux * ahead->ux + p->uy * ahead->uy));
    double swing = 0.5 * front * fabs(turn); // of the front, to the outside
    double inward = cw_clamp(swing + half + spare - (double)(turn > 0 ? ahead->right : ahead->left), 0, swing_most);
    inward = cw_max(inward, fabs(turn) > bend ? least_aside : 0);
    return turn > 0 ? inward : -inward;
}

static void ease(cw_way_point *p, const cw_way_point *beside) {
    if (p->aside * beside->aside < 0) // another bend
        return;
    if (beside->aside > 0)
        p->aside = (float)cw_max((double)p->aside, (double)beside->aside - ramp);
    else
        p->aside = (float)cw_min((double)p->aside, (double)beside->aside + ramp);
}

void cw_way_settle(const cw_map *map, const cw_area *area, float length, float width, cw_way_point *points,
                   uint32_t count) {
    double front = front_share * (double)length, half = 0.5 * (double)width;
    uint32_t reach = (uint32_t)(front / CW_WAY_STEP + 0.5);
    for (uint32_t i = 0; i < count; i++) {
        points[i].left = (float)room(map, area, &points[i], 1);
        points[i].right = (float)room(map, area, &points[i], -1);
    }
    for (uint32_t i = 0; i < count; i++)
        points[i].aside = (float)inward_of(&points[i], &points[i + reach < count ? i + reach : count - 1], front, half);
    // By and by before it and after it.
    for (uint32_t i = 1; i < count; i++)
        ease(&points[i], &points[i - 1]);
    for (uint32_t i = count; i-- > 1;)
        ease(&points[i - 1], &points[i]);
    for (uint32_t i = 0; i < count; i++) {
        cw_way_point *p = &points[i];
        double least = p->aside != 0 ? narrow : spare; // beside its sides where the point is
        double low = half + least - (double)p->right, high = (double)p->left - half - least;
        double aside = low > high ? 0.5 * (low + high) : cw_clamp((double)p->aside, low, high);
        p->aside = (float)aside;
        p->x -= aside * (double)p->uy;
        p->y += aside * (double)p->ux;
        p->left -= (float)aside;
        p->right += (float)aside;
    }
}

// ---- who meets it ---------------------------------------------------------------------------------------------------------

static bool follows(const cw_map *map, uint32_t lane, uint32_t before) {
    cw_span span = map->lanes[lane].previous;
    for (uint32_t i = 0; i < span.count; i++)
        if (map->links[span.first + i] == before)
            return true;
    return false;
}

typedef struct meetings {
    cw_way_meeting *out;
    uint32_t count, most;
} meetings;

static void add(meetings *m, cw_way_meeting meeting) {
    if (m->count < m->most)
        m->out[m->count++] = meeting;
}

// Those of one lane, which the way enters `base` m along it, from `before`.
static void meet(const cw_map *map, uint32_t lane, uint32_t before, double base, meetings *m) {
    cw_span span = map->lanes[lane].conflicts;
    for (uint32_t k = 0; k < span.count; k++) {
        const cw_conflict *c = &map->conflicts[span.first + k];
        // What parts from the way where it came from is behind it or before it, and never across.
        if (base + c->s_out < 0 || (before != CW_NONE && follows(map, c->other, before)))
            continue;
        cw_way_meeting one = {.lane = c->other,
                              .from = (float)(base + c->s_in),
                              .to = (float)(base + c->s_out),
                              .its_from = (float)c->other_in,
                              .its_to = (float)c->other_out,
                              .priority = c->priority};
        add(m, one);
        one.may = true;
        cw_span previous = map->lanes[c->other].previous;
        for (uint32_t i = 0; i < previous.count; i++) {
            one.lane = map->links[previous.first + i];
            float length = (float)map->lanes[one.lane].length;
            one.its_from = length + (float)c->other_in;
            one.its_to = length + (float)c->other_out;
            add(m, one);
        }
    }
}

uint32_t cw_way_meetings(const cw_map *map, const cw_way_point *points, uint32_t count, cw_way_meeting *out,
                         uint32_t most) {
    meetings m = {out, 0, most};
    uint32_t last = CW_NONE;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = points[i].lane;
        if (lane == last || lane == CW_NONE)
            continue;
        meet(map, lane, last != CW_NONE && follows(map, lane, last) ? last : CW_NONE,
             i * CW_WAY_STEP - (double)points[i].travel, &m);
        last = lane;
    }
    return m.count;
}

// ---- places on it ---------------------------------------------------------------------------------------------------------

static double distance2(const cw_way_point *p, double x, double y) {
    return (p->x - x) * (p->x - x) + (p->y - y) * (p->y - y);
}

cw_way_foot cw_way_foot_at(const cw_way_point *points, uint32_t count, uint32_t sample, double x, double y, double sine,
                           double cosine) {
    double here = distance2(&points[sample], x, y), next;
    while (sample + 1 < count && (next = distance2(&points[sample + 1], x, y)) < here) {
        sample++;
        here = next;
    }
    while (sample > 0 && (next = distance2(&points[sample - 1], x, y)) < here) {
        sample--;
        here = next;
    }
    const cw_way_point *p = &points[sample];
    double dx = x - p->x, dy = y - p->y, ux = (double)p->ux, uy = (double)p->uy;
    return (cw_way_foot){sample, sample * CW_WAY_STEP + dx * ux + dy * uy, dy * ux - dx * uy, sine * ux - cosine * uy};
}

const cw_way_point *cw_way_near(const cw_way_point *points, uint32_t count, double s) {
    double f = s / CW_WAY_STEP + 0.5;
    return &points[f <= 0 ? 0 : f >= count - 1 ? count - 1 : (uint32_t)f];
}

cw_vec2 cw_way_at(const cw_way_point *points, uint32_t count, double s) {
    double f = s / CW_WAY_STEP;
    uint32_t k = f <= 0 ? 0 : f >= count - 1 ? count - 1 : (uint32_t)f;
    const cw_way_point *p = &points[k];
    double rest = f - k;
    if (k + 1 < count && rest > 0)
        return (cw_vec2){p->x + rest * (p[1].x - p->x), p->y + rest * (p[1].y - p->y)};
    return (cw_vec2){p->x + rest * CW_WAY_STEP * (double)p->ux, p->y + rest * CW_WAY_STEP * (double)p->uy};
}
