// Lanes: widths, borders, centre line, marks and limits.
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// ---- width and borders -----------------------------------------------------------------------------------------------

// The offset's records that hold for a lane at s: at the end of its section those up to there, not the one that the next
// section starts with.
static cw_span offset_records(const cw_map *map, const cw_lane *lane, double s) {
    cw_span span = map->roads[lane->road].offset;
    return s >= lane->s1 ? cw_span_until(map, span, lane->s1) : span;
}

// t of the outer border of `lane`, whose inner border is `inner`.
static double outer_border(const cw_map *map, const cw_lane *lane, double offset, double inner, double s) {
    double side = lane->id > 0 ? 1.0 : -1.0;
    if (lane->is_border) { // stated from the (shifted) centre lane, whatever lies between
        double outer = offset + cw_cubic_at(map, lane->width, s);
        return side > 0 ? cw_max(outer, inner) : cw_min(outer, inner);
    }
    return inner + side * cw_max(cw_cubic_at(map, lane->width, s), 0);
}

void cw_lane_borders_of(const cw_map *map, const cw_lane *lane, double s, double *low, double *high) {
    double offset = cw_cubic_at(map, offset_records(map, lane, s), s);
    double inner = offset;
    if (lane->id != 0) {
        uint32_t center = map->sections[lane->section].center, self = (uint32_t)(lane - map->lanes);
        for (uint32_t i = center; i != self;) {
            i = lane->id > 0 ? i - 1 : i + 1;
            double outer = outer_border(map, &map->lanes[i], offset, inner, s);
            if (i == self) {
                *low = lane->id > 0 ? inner : outer;
                *high = lane->id > 0 ? outer : inner;
                return;
            }
            inner = outer;
        }
    }
    *low = *high = offset;
}

void cw_lane_borders(const cw_map *map, uint32_t lane, double s, double *t_right, double *t_left) {
    assert(lane < map->lane_count);
    cw_lane_borders_of(map, &map->lanes[lane], s, t_right, t_left);
}

double cw_lane_width(const cw_map *map, uint32_t lane, double s) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    if (!l->is_border)
        return l->id == 0 ? 0 : cw_max(cw_cubic_at(map, l->width, s), 0);
    double low, high;
    cw_lane_borders_of(map, l, s, &low, &high);
    return high - low;
}

double cw_lane_center_t(const cw_map *map, uint32_t lane, double s) {
    double low, high;
    cw_lane_borders(map, lane, s, &low, &high);
    return 0.5 * (low + high);
}

void cw_lane_center_derivatives(const cw_map *map, const cw_lane *lane, double s, double out[3]) {
    double offset[3], inner[3], outer[3], width[3];
    cw_cubic_derivatives(map, offset_records(map, lane, s), s, offset);
    for (int k = 0; k < 3; k++)
        inner[k] = outer[k] = offset[k];
    if (lane->id != 0) {
        double side = lane->id > 0 ? 1.0 : -1.0;
        uint32_t center = map->sections[lane->section].center, self = (uint32_t)(lane - map->lanes);
        for (uint32_t i = center; i != self;) {
            i = lane->id > 0 ? i - 1 : i + 1;
            const cw_lane *l = &map->lanes[i];
            cw_cubic_derivatives(map, l->width, s, width);
            bool border = l->is_border;
            if (border) {
                bool inside = side * (offset[0] + width[0] - outer[0]) < 0;
                for (int k = 0; k < 3; k++)
                    width[k] = inside ? 0 : side * (offset[k] + width[k] - outer[k]);
            } else if (width[0] < 0) {
                width[0] = width[1] = width[2] = 0;
            }
            for (int k = 0; k < 3; k++) {
                inner[k] = outer[k];
                outer[k] += side * width[k];
            }
        }
    }
    for (int k = 0; k < 3; k++)
        out[k] = 0.5 * (inner[k] + outer[k]);
}

// ---- pose and curvature ----------------------------------------------------------------------------------------------

cw_pose cw_lane_pose(const cw_map *map, cw_lane_place place, cw_road_point *out) {
    assert(place.lane < map->lane_count);
    const cw_lane *lane = &map->lanes[place.lane];
    const cw_road *road = &map->roads[lane->road];
    double s = cw_clamp(place.s, 0, road->length);
    double center[3];
    cw_lane_center_derivatives(map, lane, s, center);
    double sign = cw_travel_sign(lane);
    double t = center[0] + sign * place.offset;
    cw_pose pose = {0, 0, 0};
    if (road->geometry.count > 0) {
        uint32_t g = cw_road_geometry_at(map, road, s);
        cw_curve_point at;
        cw_curve_at(map, g, s - map->geometry[g].s, &at);
        double heading = at.heading;
        if (center[1] != 0)
            heading += cw_atan2(center[1], at.speed * cw_max(1 - at.curvature * t, 1e-3));
        pose = (cw_pose){at.x - at.s * t, at.y + at.c * t, cw_wrap_angle(sign < 0 ? heading + CW_PI : heading)};
    }
    if (out != NULL) {
        cw_road_at(map, lane->road, s, t, out);
        if (lane->level && out->roll != 0) { // a level lane keeps the height of its inner border
            double low, high;
            cw_lane_borders_of(map, lane, s, &low, &high);
            out->z += ((lane->id > 0 ? low : high) - t) * cw_tan(out->roll);
            out->roll = 0;
        }
    }
    return pose;
}

double cw_lane_curvature(const cw_map *map, uint32_t lane, double s) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    const cw_road *road = &map->roads[l->road];
    if (road->geometry.count == 0)
        return 0;
    s = cw_clamp(s, 0, road->length);
    uint32_t g = cw_road_geometry_at(map, road, s);
    cw_curve_point at;
    cw_curve_at(map, g, s - map->geometry[g].s, &at);
    double center[3];
    cw_lane_center_derivatives(map, l, s, center);
    // Of r + t n with r' = T, n' = -k T: first derivative (p, q) and second (., w) in the frame (T, n); all by arc length.
    double speed = cw_max(at.speed, 1e-6), t = center[0], t1 = center[1] / speed, t2 = center[2] / (speed * speed);
    double k = at.curvature, k1 = at.bend / speed, p = 1 - k * t, q = t1;
    double along = -k1 * t - 2 * k * t1, across = k * p + t2;
    double norm2 = p * p + q * q;
    if (!(norm2 > 1e-12))
        return 0;
    return cw_travel_sign(l) * (p * across - q * along) / (norm2 * sqrt(norm2));
}

// ---- distance along the centre line ----------------------------------------------------------------------------------

// |d centre/ds|, with the centre's t and its derivatives there.
static double center_speed(const cw_map *map, uint32_t geometry, double s, const double center[3]) {
    cw_curve_point at;
    const cw_geometry *g = &map->geometry[geometry];
    if (g->kind == CW_LINE)
        return sqrt(1 + center[1] * center[1]);
    if (g->kind <= CW_SPIRAL) {
        at.speed = 1;
        at.curvature = g->k0;
        if (g->kind == CW_SPIRAL && g->length > 0)
            at.curvature += (g->k1 - g->k0) * (s - g->s) / g->length;
    } else {
        cw_curve_at(map, geometry, s - g->s, &at);
    }
    double along = at.speed * (1 - at.curvature * center[0]);
    return sqrt(along * along + center[1] * center[1]);
}

// Is the speed beside the reference line at t linear between two stations? *bent: the mean of curvature times t there.
static bool runs_evenly(const cw_map *map, uint32_t geometry, double from, double to, double t, double *bent) {
    const cw_geometry *g = &map->geometry[geometry];
    if (g->kind > CW_SPIRAL)
        return false;
    double first = g->kind == CW_LINE ? 0 : g->k0, last = first;
    if (g->kind == CW_SPIRAL && g->length > 0) {
        double rise = (g->k1 - g->k0) / g->length;
        first += rise * (from - g->s);
        last += rise * (to - g->s);
    }
    *bent = 0.5 * (first + last) * t;
    return first * t < 1 && last * t < 1;
}

// Distance between two stations without a break between them: Gauss-Legendre, five points on stretches of 25 m.
// steady: the centre's t does not change between them, and is taken once (unless rounding might reach a break).
static double center_distance(const cw_map *map, const cw_lane *lane, bool steady, double from, double to) {
    static const double node[2] = {0.53846931010568309, 0.90617984593866399};
    static const double weight[3] = {0.56888888888888889, 0.47862867049936647, 0.23692688505618909};
    const cw_road *road = &map->roads[lane->road];
    if (road->geometry.count == 0 || !(to > from))
        return 0;
    uint32_t g = cw_road_geometry_at(map, road, 0.5 * (from + to));
    int parts = (int)cw_clamp(ceil((to - from) / 25), 1, 64);
    double half = 0.5 * (to - from) / parts, sum = 0, center[3];
    steady = steady && to - from > 1e-6;
    if (steady) {
        cw_lane_center_derivatives(map, lane, from + half, center);
        // Beside a clothoid the speed is linear, so its ends give the distance, unless the centre of a bend is reached.
        double bent = 0;
        if (runs_evenly(map, g, from, to, center[0], &bent))
            return (1 - bent) * (to - from);
    }
    for (int i = 0; i < parts; i++) {
        double middle = from + (2 * i + 1) * half;
        if (!steady)
            cw_lane_center_derivatives(map, lane, middle, center);
        sum += weight[0] * center_speed(map, g, middle, center);
        for (int j = 0; j < 2; j++) {
            double low = middle - node[j] * half, high = middle + node[j] * half;
            if (!steady)
                cw_lane_center_derivatives(map, lane, low, center);
            double speed = center_speed(map, g, low, center);
            if (!steady)
                cw_lane_center_derivatives(map, lane, high, center);
            sum += weight[j + 1] * (speed + center_speed(map, g, high, center));
        }
    }
    return sum * half;
}

static uint32_t knot_before(const cw_knot *knots, uint32_t count, double s) {
    uint32_t low = 0, high = count - 1; // the last starts no stretch
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (knots[middle].s <= s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

double cw_lane_travel(const cw_map *map, uint32_t lane, double s) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    const cw_index *index = map->index;
    const cw_knot *knots = index->knots + index->lane_knots[lane];
    uint32_t count = index->lane_knots[lane + 1] - index->lane_knots[lane];
    if (count < 2)
        return 0;
    s = cw_clamp(s, l->s0, l->s1);
    uint32_t i = knot_before(knots, count, s);
    double d;
    if (index->uniform[lane] & CW_DISTANCE_LINEAR) {
        double span = knots[i + 1].s - knots[i].s;
        d = span > 0 ? knots[i].d + (knots[i + 1].d - knots[i].d) * (s - knots[i].s) / span : knots[i].d;
    } else {
        d = knots[i].d + center_distance(map, l, index->uniform[lane] & CW_CENTER_STEADY, knots[i].s, s);
    }
    return l->direction < 0 ? l->length - d : d;
}

double cw_lane_station(const cw_map *map, uint32_t lane, double travel) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    const cw_index *index = map->index;
    const cw_knot *knots = index->knots + index->lane_knots[lane];
    uint32_t count = index->lane_knots[lane + 1] - index->lane_knots[lane];
    double d = cw_clamp(l->direction < 0 ? l->length - travel : travel, 0, l->length);
    if (count < 2)
        return l->s0;
    uint32_t low = 0, high = count - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (knots[middle].d <= d)
            low = middle;
        else
            high = middle;
    }
    double s0 = knots[low].s, s1 = knots[low + 1].s, rise = knots[low + 1].d - knots[low].d;
    double s = rise > 0 ? s0 + (s1 - s0) * (d - knots[low].d) / rise : s0;
    if (index->uniform[lane] & CW_DISTANCE_LINEAR)
        return s;
    bool steady = index->uniform[lane] & CW_CENTER_STEADY;
    uint32_t g = cw_road_geometry_at(map, &map->roads[l->road], 0.5 * (s0 + s1));
    for (int i = 0; i < 6; i++) {
        double error = knots[low].d + center_distance(map, l, steady, s0, s) - d, center[3];
        cw_lane_center_derivatives(map, l, s, center);
        double slope = center_speed(map, g, s, center);
        if (fabs(error) < 1e-10 || !(slope > 1e-9))
            break;
        s = cw_clamp(s - error / slope, s0, s1);
    }
    return s;
}

// ---- knots, at build time --------------------------------------------------------------------------------------------

typedef struct knot_list {
    cw_knot *items;
    size_t count, capacity;
    bool failed;
} knot_list;

static void add_break(knot_list *list, double s) {
    if (list->failed || !CW_GROW(list->items, list->capacity, list->count + 1)) {
        list->failed = true;
        return;
    }
    list->items[list->count++] = (cw_knot){s, 0};
}

static bool is_constant(const cw_map *map, cw_span span) {
    for (uint32_t i = 0; i < span.count; i++) {
        const cw_cubic *r = &map->cubics[span.first + i];
        if (r->b != 0 || r->c != 0 || r->d != 0)
            return false;
    }
    return true;
}

static void add_cubic_breaks(const cw_map *map, const cw_lane *lane, cw_span span, knot_list *list) {
    for (uint32_t i = 0; i < span.count; i++) {
        double s = map->cubics[span.first + i].s;
        if (s > lane->s0 && s < lane->s1)
            add_break(list, s);
    }
}

// Where the centre line's record changes within the lane. Returns what holds between those places: CW_DISTANCE_LINEAR,
// CW_CENTER_STEADY.
static uint8_t find_breaks(const cw_map *map, const cw_lane *lane, knot_list *list) {
    const cw_road *road = &map->roads[lane->road];
    bool steady = is_constant(map, road->offset), linear = true;
    add_break(list, lane->s0);
    size_t inner = list->count;
    for (uint32_t i = 0; i < road->geometry.count; i++) {
        const cw_geometry *g = &map->geometry[road->geometry.first + i];
        if (g->s > lane->s0 && g->s < lane->s1)
            add_break(list, g->s);
        if (g->kind > CW_ARC && g->s < lane->s1 && g->s + g->length > lane->s0)
            linear = false;
    }
    add_cubic_breaks(map, lane, road->offset, list);
    uint32_t center = map->sections[lane->section].center, self = (uint32_t)(lane - map->lanes);
    for (uint32_t i = center; i != self;) {
        i = lane->id > 0 ? i - 1 : i + 1;
        add_cubic_breaks(map, lane, map->lanes[i].width, list);
        steady = steady && is_constant(map, map->lanes[i].width);
    }
    if (list->failed)
        return 0;
    for (size_t i = inner + 1; i < list->count; i++) { // few and nearly sorted
        cw_knot knot = list->items[i];
        size_t j = i;
        for (; j > inner && list->items[j - 1].s > knot.s; j--)
            list->items[j] = list->items[j - 1];
        list->items[j] = knot;
    }
    size_t kept = inner;
    for (size_t i = inner; i < list->count; i++)
        if (list->items[i].s > list->items[kept - 1].s)
            list->items[kept++] = list->items[i];
    list->count = kept;
    add_break(list, lane->s1);
    return (uint8_t)((steady ? CW_CENTER_STEADY : 0) | (steady && linear ? CW_DISTANCE_LINEAR : 0));
}

bool cw_index_travel(cw_map *map, cw_index *index, cw_lane *lanes) {
    knot_list list = {0};
    uint32_t *first = cw_arena_array(map->arena, (size_t)map->lane_count + 1, sizeof *first);
    uint8_t *uniform = cw_arena_array(map->arena, map->lane_count, sizeof *uniform);
    if (first == NULL || uniform == NULL)
        return false;
    for (uint32_t i = 0; i < map->lane_count && !list.failed; i++) {
        first[i] = (uint32_t)list.count;
        if (lanes[i].id == 0) {
            lanes[i].length = cw_max(lanes[i].s1 - lanes[i].s0, 0);
            continue;
        }
        knot_list own = {list.items, list.count, list.capacity, false};
        size_t start = own.count;
        knot_list breaks = {0};
        uniform[i] = find_breaks(map, &lanes[i], &breaks);
        double d = 0;
        for (size_t k = 0; k < breaks.count && !own.failed; k++) {
            add_break(&own, breaks.items[k].s);
            if (own.failed)
                break;
            if (k > 0)
                d += center_distance(map, &lanes[i], uniform[i] & CW_CENTER_STEADY, breaks.items[k - 1].s,
                                     breaks.items[k].s);
            own.items[start + k].d = d;
        }
        own.failed = own.failed || breaks.failed;
        free(breaks.items);
        lanes[i].length = d;
        list = own;
    }
    first[map->lane_count] = (uint32_t)list.count;
    cw_knot *knots = list.failed ? NULL : cw_arena_array(map->arena, list.count, sizeof *knots);
    for (size_t i = 0; knots != NULL && i < list.count; i++)
        knots[i] = list.items[i];
    free(list.items);
    index->knots = knots;
    index->lane_knots = first;
    index->uniform = uniform;
    return knots != NULL;
}

// ---- marks, limits, kinds --------------------------------------------------------------------------------------------

static const cw_road_mark *mark_at(const cw_map *map, const cw_lane *lane, double s) {
    const cw_road_mark *found = NULL;
    for (uint32_t i = 0; i < lane->marks.count; i++) {
        const cw_road_mark *mark = &map->marks[lane->marks.first + i];
        if (i > 0 && mark->s > s)
            break;
        found = mark;
    }
    return found;
}

const cw_road_mark *cw_lane_mark(const cw_map *map, uint32_t lane, double s, bool left) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    if (l->id == 0)
        return mark_at(map, l, s);
    bool higher = left == (l->direction >= 0); // the border on the side of rising t
    bool outer = higher == (l->id > 0);
    if (outer)
        return mark_at(map, l, s);
    return mark_at(map, l->id > 0 ? l + 1 : l - 1, s); // the inner neighbour's outer border; lane 0 carries its own
}

float cw_lane_friction(const cw_map *map, uint32_t lane, double s) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    float friction = 0;
    for (uint32_t i = 0; i < l->grips.count && map->grips[l->grips.first + i].s <= s + 1e-9; i++)
        friction = map->grips[l->grips.first + i].friction;
    return friction;
}

float cw_lane_limit(const cw_map *map, uint32_t lane, double s) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    float limit = 0;
    for (uint32_t i = 0; i < l->limits.count; i++) {
        const cw_speed_record *r = &map->limits[l->limits.first + i];
        if (r->s > s + 1e-9)
            break;
        limit = r->limit;
    }
    if (limit > 0)
        return limit;
    const cw_road *road = &map->roads[l->road];
    for (uint32_t i = 0; i < road->kinds.count; i++) {
        const cw_road_type *type = &map->road_types[road->kinds.first + i];
        if (i > 0 && type->s > s)
            break;
        limit = type->limit;
    }
    return limit;
}

bool cw_lane_drivable(const cw_lane *lane) {
    switch ((cw_lane_kind)lane->kind) {
    case CW_LANE_DRIVING:
    case CW_LANE_ENTRY:
    case CW_LANE_EXIT:
    case CW_LANE_ON_RAMP:
    case CW_LANE_OFF_RAMP:
    case CW_LANE_CONNECTING_RAMP:
    case CW_LANE_BIDIRECTIONAL:
    case CW_LANE_BUS:
    case CW_LANE_TAXI:
    case CW_LANE_HOV:
        return true;
    default:
        return false;
    }
}

bool cw_lane_same_way(const cw_map *map, uint32_t lane, bool left) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    uint32_t other = left ? l->left : l->right;
    if (other == CW_NONE)
        return false;
    const cw_lane *o = &map->lanes[other];
    if (o->section == l->section)
        return o->direction == l->direction;
    return (left ? o->right : o->left) == lane; // lanelets: opposite ones have each other on the same side
}

bool cw_lane_may_change(const cw_map *map, uint32_t lane, double s, bool left) {
    assert(lane < map->lane_count);
    const cw_lane *l = &map->lanes[lane];
    uint32_t other = left ? l->left : l->right;
    if (other == CW_NONE)
        return false;
    if (!cw_lane_same_way(map, lane, left))
        return false;
    const cw_road_mark *mark = cw_lane_mark(map, lane, s, left);
    if (mark == NULL)
        return true;
    // Rising lane id is the side of rising t.
    bool increase = left == (l->direction >= 0);
    return (mark->change & (increase ? CW_CHANGE_INCREASE : CW_CHANGE_DECREASE)) != 0;
}
