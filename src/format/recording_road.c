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

// Bounds at half a width to either side of the centre line. CW_NONE: it has no extent.
static uint32_t add_lane(rec_reader *r, cw_map_builder *b, const rec_road *road, const char *id) {
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

static void lane_name(size_t road, char out[32]) {
    snprintf(out, 32, "lane-%zu", road);
}

// A lane follows where it begins within a metre of this one's end.
static void link_lanes(rec_reader *r, cw_map_builder *b, const uint32_t *lanelets, lane_start *starts, size_t count) {
    qsort(starts, count, sizeof *starts, by_x);
    for (size_t i = 0; i < r->road_count; i++) {
        if (lanelets[i] == CW_NONE)
            continue;
        const rec_point *end = &r->points[r->roads[i].first + r->roads[i].count - 1];
        size_t low = 0, high = count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (starts[middle].x < end->x - joint)
                low = middle + 1;
            else
                high = middle;
        }
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

cw_map *rec_build_map(rec_reader *r) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    uint32_t *lanelets = calloc(r->road_count + 1, sizeof *lanelets);
    lane_start *starts = calloc(r->road_count + 1, sizeof *starts);
    cw_map *map = NULL;
    if (b != NULL && lanelets != NULL && starts != NULL) {
        size_t count = 0;
        if (r->road_count > 0)
            add_marks(r, b);
        for (size_t i = 0; i < r->road_count; i++) {
            const rec_road *road = &r->roads[i];
            char id[32];
            lane_name(i, id);
            lanelets[i] = road->kind == REC_LANE ? add_lane(r, b, road, id) : CW_NONE;
            if (lanelets[i] != CW_NONE)
                starts[count++] = (lane_start){r->points[road->first].x, r->points[road->first].y, i};
        }
        link_lanes(r, b, lanelets, starts, count);
        for (size_t i = 0; i < r->road_count; i++)
            if (r->roads[i].kind == REC_STOP)
                add_stop(r, b, lanelets, &r->roads[i]);
        if (cw_build_finish(b, r->json.path, &map, NULL) != CW_OK)
            map = NULL;
    }
    cw_build_free(b);
    free(lanelets);
    free(starts);
    return map;
}
