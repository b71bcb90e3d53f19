// The roads of a recorded world: centre lines become lanes, road edges become kerbs, the rest is drawn.
#include "recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double lane_width = 3.6, joint = 1, kerb_width = 0.15, kerb_height = 0.2; // m
static const double stop_reach = 8; // m from a stop sign to the lane that it holds for

bool rec_read_point(rec_reader *r, rec_point *out) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    bool has_x = false, has_y = false;
    char key[16];
    cw_json_peek(j);
    size_t start = j->at;
    *out = (rec_point){0};
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        if (!cw_json_key(j, key, sizeof key))
            return false;
        bool x = strcmp(key, "x") == 0, y = strcmp(key, "y") == 0;
        double *to = x ? &out->x : y ? &out->y : strcmp(key, "z") == 0 ? &out->z : NULL;
        if (to != NULL ? !cw_json_number(j, to) : !cw_json_skip(j))
            return false;
        if (to != NULL && fabs(*to) > 1e8)
            return cw_json_fail(j, start, CW_ERR_INPUT, "a point farther out than the planet is wide");
        has_x = has_x || x;
        has_y = has_y || y;
    }
    if (j->status == CW_OK && !(has_x && has_y))
        return cw_json_fail(j, start, CW_ERR_INPUT, "a point without x or y");
    return j->status == CW_OK;
}

static bool kind_of(const char *word, rec_road_kind *kind) {
    static const char *const words[] = {"lane",      "road_line",  "road_edge", "stop_sign",
                                        "crosswalk", "speed_bump", "driveway"};
    for (int i = 0; i < 7; i++)
        if (strcmp(word, words[i]) == 0) {
            *kind = (rec_road_kind)i;
            return true;
        }
    return false;
}

static bool read_road(rec_reader *r) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[32], type[32] = "";
    cw_json_peek(j);
    rec_road road = {.place = j->at, .first = r->point_count};
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        if (!cw_json_key(j, key, sizeof key))
            return false;
        if (strcmp(key, "geometry") == 0) {
            uint32_t n = UINT32_MAX;
            if (!cw_json_enter(j, '['))
                return false;
            while (cw_json_more(j, ']', &n)) {
                if (r->point_count == REC_POINTS)
                    return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d points of roads", REC_POINTS);
                if (!CW_GROW(r->points, r->point_capacity, r->point_count + 1))
                    return cw_json_fail(j, j->at, CW_ERR_MEMORY, "out of memory");
                if (!rec_read_point(r, &r->points[r->point_count]))
                    return false;
                r->point_count++;
            }
        } else if (strcmp(key, "type") == 0 && cw_json_peek(j) == '"') {
            if (!cw_json_string(j, type, sizeof type))
                return false;
        } else if (strcmp(key, "id") == 0 && cw_json_peek(j) != '"') {
            double id;
            if (!cw_json_number(j, &id))
                return false;
            snprintf(road.id, sizeof road.id, "%.15g", id);
        } else if (!cw_json_skip(j)) {
            return false;
        }
    }
    if (j->status != CW_OK)
        return false;
    road.count = r->point_count - road.first;
    if (road.count == 0)
        return cw_json_fail(j, road.place, CW_ERR_INPUT, "a road without geometry");
    if (!kind_of(type, &road.kind)) {
        rec_notice(r, road.place, "road", "its type is unknown; it is left out");
        r->point_count = road.first;
        return true;
    }
    if (r->road_count == REC_ROADS)
        return cw_json_fail(j, road.place, CW_ERR_LIMIT, "more than %d roads", REC_ROADS);
    if (!CW_GROW(r->roads, r->road_capacity, r->road_count + 1))
        return cw_json_fail(j, road.place, CW_ERR_MEMORY, "out of memory");
    r->roads[r->road_count++] = road;
    return true;
}

bool rec_read_roads(rec_reader *r) {
    uint32_t i = UINT32_MAX;
    r->has_roads = true;
    if (!cw_json_enter(&r->json, '['))
        return false;
    while (cw_json_more(&r->json, ']', &i))
        if (!read_road(r))
            return false;
    return r->json.status == CW_OK;
}

// ---- the map ---------------------------------------------------------------------------------------------------------

static cw_build_text text_of(const char *text) {
    return (cw_build_text){text, strlen(text)};
}

static void lane_name(size_t road, char out[32]) {
    snprintf(out, 32, "lane-%zu", road);
}

// Bounds at half a width to either side of the centre line. CW_NONE: it has no extent. `beside`: the roads of its left and
// right neighbour, SIZE_MAX for none.
static uint32_t add_lane(rec_reader *r, cw_map_builder *b, const rec_road *road, const char *id,
                         const size_t beside[2]) {
    char names[2][32] = {"", ""};
    for (int k = 0; k < 2; k++)
        if (beside[k] != SIZE_MAX)
            lane_name(beside[k], names[k]);
    cw_vec2 *left = calloc(2 * road->count, sizeof *left), *right = left + road->count;
    double *z = calloc(road->count, sizeof *z);
    uint32_t made = CW_NONE, n = 0;
    const rec_point *p = &r->points[road->first];
    for (size_t i = 0; left != NULL && z != NULL && i < road->count; i++) {
        size_t before = i > 0 ? i - 1 : 0, after = i + 1 < road->count ? i + 1 : i;
        double dx = p[after].x - p[before].x, dy = p[after].y - p[before].y, length = cw_hypot(dx, dy);
        if (!(length > 1e-6))
            continue;
        double nx = -0.5 * lane_width * dy / length, ny = 0.5 * lane_width * dx / length;
        left[n] = (cw_vec2){p[i].x + nx, p[i].y + ny};
        right[n] = (cw_vec2){p[i].x - nx, p[i].y - ny};
        z[n++] = p[i].z;
    }
    if (n >= 2)
        made = cw_build_lanelet_add(b, &(cw_build_lanelet){.id = text_of(id),
                                                           .kind = CW_LANE_DRIVING,
                                                           .road = CW_ROAD_TOWN,
                                                           .count = n,
                                                           .adjacent_left = text_of(names[0]),
                                                           .adjacent_right = text_of(names[1]),
                                                           .left_same = beside[0] != SIZE_MAX,
                                                           .right_same = beside[1] != SIZE_MAX,
                                                           .left = left,
                                                           .right = right,
                                                           .z = z});
    free(left);
    free(z);
    return made;
}

typedef struct lane_start {
    double x, y;
    size_t road;
} lane_start;

static int by_x(const void *a, const void *b) {
    const lane_start *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->road > q->road) - (p->road < q->road);
}

static size_t first_start(const lane_start *starts, size_t count, double x) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (starts[middle].x < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// How far q lies to the left of p, where the line there runs along (dx, dy); NAN where it is not level with p.
static double offset_at(rec_point p, double dx, double dy, rec_point q) {
    double length = cw_hypot(dx, dy), x = q.x - p.x, y = q.y - p.y;
    bool level = length > 1e-6 && fabs(x * dx + y * dy) <= joint * length && fabs(q.z - p.z) <= joint;
    return level ? (dx * y - dy * x) / length : NAN;
}

// Begins, is halfway and ends side by side, a lane's width apart to within a quarter. A lane that joins or leaves is none.
static bool is_beside(rec_reader *r, size_t one, size_t other, bool left) {
    const rec_road *a = &r->roads[one], *b = &r->roads[other];
    const rec_point *p = &r->points[a->first], *q = &r->points[b->first];
    if (a->count < 2 || b->count < 2)
        return false;
    size_t m = a->count - 1, n = b->count - 1;
    double at[2] = {offset_at(p[0], p[1].x - p[0].x, p[1].y - p[0].y, q[0]),
                    offset_at(p[m], p[m].x - p[m - 1].x, p[m].y - p[m - 1].y, q[n])};
    for (int k = 0; k < 2; k++) {
        double d = left ? at[k] : -at[k];
        if (!(d >= 0.75 * lane_width && d <= 1.25 * lane_width))
            return false;
    }
    size_t h = m / 2;
    double dx = p[h + 1].x - p[h].x, dy = p[h + 1].y - p[h].y, length = cw_hypot(dx, dy);
    for (size_t k = 0; length > 1e-6 && k < n; k++) {
        double u = (q[k].x - p[h].x) * dx + (q[k].y - p[h].y) * dy;
        double v = (q[k + 1].x - p[h].x) * dx + (q[k + 1].y - p[h].y) * dy;
        if (!(u <= 0 && v >= 0 && v > u))
            continue;
        double f = -u / (v - u), x = q[k].x + f * (q[k + 1].x - q[k].x), y = q[k].y + f * (q[k + 1].y - q[k].y);
        double d = (dx * (y - p[h].y) - dy * (x - p[h].x)) / length * (left ? 1 : -1);
        if (d >= 0.75 * lane_width && d <= 1.25 * lane_width)
            return true;
    }
    return false;
}

// The only lane beside this one on that side; SIZE_MAX where there is none or more than one.
static size_t beside(rec_reader *r, const lane_start *starts, size_t count, size_t road, bool left) {
    rec_point p = r->points[r->roads[road].first];
    double reach = 1.25 * lane_width + joint;
    size_t found = SIZE_MAX;
    for (size_t k = first_start(starts, count, p.x - reach); k < count && starts[k].x <= p.x + reach; k++) {
        size_t other = starts[k].road;
        if (other == road || fabs(starts[k].y - p.y) > reach || !is_beside(r, road, other, left) ||
            !is_beside(r, other, road, !left))
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = other;
    }
    return found;
}

// Each must be the other's, so that the links go both ways.
static size_t neighbour(rec_reader *r, const lane_start *starts, size_t count, size_t road, bool left) {
    size_t other = beside(r, starts, count, road, left);
    return other != SIZE_MAX && beside(r, starts, count, other, !left) == road ? other : SIZE_MAX;
}

// A lane follows where it begins within a metre of this one's end.
static void link_lanes(rec_reader *r, cw_map_builder *b, const uint32_t *lanelets, const lane_start *starts,
                       size_t count) {
    for (size_t i = 0; i < r->road_count; i++) {
        if (lanelets[i] == CW_NONE)
            continue;
        const rec_point *end = &r->points[r->roads[i].first + r->roads[i].count - 1];
        size_t low = first_start(starts, count, end->x - joint);
        for (; low < count && starts[low].x <= end->x + joint; low++) {
            char id[32];
            if (starts[low].road == i || cw_hypot(starts[low].x - end->x, starts[low].y - end->y) > joint)
                continue;
            lane_name(starts[low].road, id);
            cw_build_lanelet_link(b, lanelets[i], true, text_of(id));
        }
    }
}

// Everything that is no lane hangs on a road of one metre at the first point, by corners in its frame.
static void add_band(cw_map_builder *b, rec_point base, rec_point p, rec_point q, cw_object_kind kind, double width,
                     double height, const char *id) {
    double dx = q.x - p.x, dy = q.y - p.y, length = cw_hypot(dx, dy);
    if (!(length > 1e-3))
        return;
    double c = dx / length, s = dy / length, x = p.x - base.x, y = p.y - base.y;
    double u = c * x + s * y, v = -s * x + c * y, half = 0.5 * width;
    const cw_build_corner corners[] = {
        {false, u, v - half}, {false, u + length, v - half}, {false, u + length, v + half}, {false, u, v + half}};
    cw_build_object_add(b, &(cw_build_object){.id = text_of(id),
                                              .kind = kind,
                                              .solid = kind == CW_OBJECT_BARRIER,
                                              .z = p.z - base.z,
                                              .heading = cw_atan2(s, c),
                                              .height = height,
                                              .corner_count = 4,
                                              .corners = corners});
}

static void add_area(rec_reader *r, cw_map_builder *b, rec_point base, const rec_road *road, cw_object_kind kind) {
    cw_build_corner corners[64];
    uint32_t n = 0;
    for (size_t i = 0; i < road->count && n < 64; i++, n++)
        corners[n] =
            (cw_build_corner){false, r->points[road->first + i].x - base.x, r->points[road->first + i].y - base.y};
    if (n >= 3)
        cw_build_object_add(
            b, &(cw_build_object){.id = text_of(road->id), .kind = kind, .corner_count = n, .corners = corners});
}

static void add_marks(rec_reader *r, cw_map_builder *b) {
    rec_point base = r->points[r->roads[0].first];
    cw_build_begin_road(b, &(cw_build_road){.id = text_of("edges"), .name = text_of(""), .length = 1});
    cw_build_geometry(b, &(cw_geometry){.x = base.x, .y = base.y, .length = 1, .kind = CW_LINE});
    cw_build_cubic(b, CW_PROFILE_ELEVATION, &(cw_cubic){.a = base.z});
    cw_build_begin_section(b, 0);
    cw_build_end_section(b);
    cw_build_end_road(b);
    for (size_t i = 0; i < r->road_count; i++) {
        const rec_road *road = &r->roads[i];
        bool edge = road->kind == REC_EDGE;
        if (road->kind == REC_CROSSWALK || road->kind == REC_BUMP || road->kind == REC_DRIVEWAY)
            add_area(r, b, base, road, road->kind == REC_CROSSWALK ? CW_OBJECT_CROSSWALK : CW_OBJECT_MARK);
        for (size_t k = 1; (edge || road->kind == REC_LINE) && k < road->count; k++)
            add_band(b, base, r->points[road->first + k - 1], r->points[road->first + k],
                     edge ? CW_OBJECT_BARRIER : CW_OBJECT_MARK, kerb_width, edge ? kerb_height : 0, road->id);
    }
}

// A stop sign holds for the lane nearest to it, where that passes it.
static void add_stop(rec_reader *r, cw_map_builder *b, const uint32_t *lanelets, const rec_road *road) {
    rec_point at = r->points[road->first];
    double best = stop_reach;
    uint32_t lane = CW_NONE;
    rec_point p = {0}, q = {0};
    for (size_t i = 0; i < r->road_count; i++)
        for (size_t k = 0; lanelets[i] != CW_NONE && k + 1 < r->roads[i].count; k++) {
            const rec_point *one = &r->points[r->roads[i].first + k];
            double d = cw_hypot(one->x - at.x, one->y - at.y);
            if (d < best && cw_hypot(one[1].x - one->x, one[1].y - one->y) > 1e-6) {
                best = d;
                lane = lanelets[i];
                p = one[0];
                q = one[1];
            }
        }
    if (lane == CW_NONE) {
        rec_notice(r, road->place, "stop_sign", "no lane is near; it holds for nobody");
        return;
    }
    double length = cw_hypot(q.x - p.x, q.y - p.y), nx = -(q.y - p.y) / length, ny = (q.x - p.x) / length;
    const cw_vec2 line[2] = {{p.x + 2 * nx, p.y + 2 * ny}, {p.x - 2 * nx, p.y - 2 * ny}};
    cw_build_signal sign = {.id = text_of(road->id),
                            .name = text_of("stop"),
                            .country = text_of("OpenDRIVE"),
                            .type = text_of("206"),
                            .subtype = text_of("-1"),
                            .kind = CW_SIGNAL_STOP};
    cw_build_lanelet_stop(b, lane, line);
    cw_build_lanelet_holds(b, lane, cw_build_lanelet_signal(b, &sign, &(cw_vec2){at.x, at.y}));
}

// A light holds for the lane of its id, across it at the stop point.
static void add_light(rec_reader *r, cw_map_builder *b, const uint32_t *lanelets, const rec_light *light) {
    size_t road = 0;
    while (road < r->road_count && (lanelets[road] == CW_NONE || strcmp(r->roads[road].id, light->lane) != 0))
        road++;
    if (road == r->road_count) {
        rec_notice(r, light->place, "tl_states", "the lane of a light is not in the recording; it holds for nobody");
        return;
    }
    const rec_point *p = &r->points[r->roads[road].first], *best = p;
    double least = (double)INFINITY, share = 0;
    for (size_t k = 0; k + 1 < r->roads[road].count; k++) {
        double dx = p[k + 1].x - p[k].x, dy = p[k + 1].y - p[k].y, square = dx * dx + dy * dy;
        if (!(square > 1e-12))
            continue;
        double f = cw_clamp(((light->at.x - p[k].x) * dx + (light->at.y - p[k].y) * dy) / square, 0, 1);
        double d = cw_hypot(p[k].x + f * dx - light->at.x, p[k].y + f * dy - light->at.y);
        if (d < least) {
            least = d;
            best = &p[k];
            share = f;
        }
    }
    double dx = best[1].x - best[0].x, dy = best[1].y - best[0].y, length = cw_hypot(dx, dy);
    share = cw_clamp(share, cw_min(0.1 / length, 0.5), 1); // a lane is often stopped at where it begins
    double x = best[0].x + share * dx, y = best[0].y + share * dy, nx = -dy / length, ny = dx / length;
    const cw_vec2 line[2] = {{x + 1.5 * nx, y + 1.5 * ny}, {x - 1.5 * nx, y - 1.5 * ny}};
    char name[40];
    rec_light_name(light, name);
    cw_build_signal signal = {.id = text_of(name),
                              .name = text_of("light"),
                              .country = text_of("OpenDRIVE"),
                              .type = text_of("1000001"),
                              .subtype = text_of("-1"),
                              .kind = CW_SIGNAL_LIGHT,
                              .dynamic = true,
                              .orientation = 1};
    cw_build_lanelet_stop(b, lanelets[road], line);
    cw_build_lanelet_holds(b, lanelets[road],
                           cw_build_lanelet_signal(b, &signal, &(cw_vec2){light->at.x, light->at.y}));
}

cw_map *rec_build_map(rec_reader *r) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    uint32_t *lanelets = calloc(r->road_count + 1, sizeof *lanelets);
    lane_start *starts = calloc(r->road_count + 1, sizeof *starts);
    cw_map *map = NULL;
    if (b != NULL && lanelets != NULL && starts != NULL) {
        size_t count = 0;
        if (r->road_count > 0)
            add_marks(r, b);
        for (size_t i = 0; i < r->road_count; i++)
            if (r->roads[i].kind == REC_LANE)
                starts[count++] = (lane_start){r->points[r->roads[i].first].x, r->points[r->roads[i].first].y, i};
        qsort(starts, count, sizeof *starts, by_x);
        size_t made = 0;
        for (size_t i = 0; i < r->road_count; i++) {
            lanelets[i] = CW_NONE;
            if (r->roads[i].kind != REC_LANE)
                continue;
            char id[32];
            lane_name(i, id);
            const size_t sides[2] = {neighbour(r, starts, count, i, true), neighbour(r, starts, count, i, false)};
            lanelets[i] = add_lane(r, b, &r->roads[i], id, sides);
        }
        for (size_t k = 0; k < count; k++)
            if (lanelets[starts[k].road] != CW_NONE)
                starts[made++] = starts[k];
        count = made;
        link_lanes(r, b, lanelets, starts, count);
        for (size_t i = 0; i < r->road_count; i++)
            if (r->roads[i].kind == REC_STOP)
                add_stop(r, b, lanelets, &r->roads[i]);
        for (size_t i = 0; i < r->light_count; i++)
            add_light(r, b, lanelets, &r->lights[i]);
        if (cw_build_finish(b, r->json.path, &map, NULL) != CW_OK)
            map = NULL;
    }
    cw_build_free(b);
    free(lanelets);
    free(starts);
    return map;
}
