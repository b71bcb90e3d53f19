// Lanelets become roads with one lane: a smooth reference line through the middle of the bounds.
#include "builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// m that the middle of the bounds may lie off the reference line before the lane follows it: bounds are digitised point by
// point, and a centre line that follows each of them would shake.
static const double dead_band = 0.1;

// ---- filling ---------------------------------------------------------------------------------------------------------

uint32_t cw_build_lanelet_add(cw_map_builder *b, const cw_build_lanelet *lanelet) {
    double length = 0;
    for (uint32_t i = 1; i < lanelet->count; i++)
        length += cw_hypot(lanelet->left[i].x + lanelet->right[i].x - lanelet->left[i - 1].x - lanelet->right[i - 1].x,
                           lanelet->left[i].y + lanelet->right[i].y - lanelet->left[i - 1].y - lanelet->right[i - 1].y);
    if (lanelet->count < 2 || !(length > 1e-3)) {
        cw_builder_note(b, lanelet->line, lanelet->column, "lanelet", "it has no extent and is left out");
        return CW_NONE;
    }
    cw_raw_lanelet raw = {.def = *lanelet,
                          .id = cw_builder_text(b, lanelet->id),
                          .junction = cw_builder_text(b, lanelet->junction),
                          .left = cw_builder_text(b, lanelet->adjacent_left),
                          .right = cw_builder_text(b, lanelet->adjacent_right),
                          .points = b->lanelet_points.count,
                          .line = lanelet->line,
                          .column = lanelet->column};
    for (uint32_t side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < lanelet->count; i++) {
            cw_vec2 *point = CW_ADD(b, &b->lanelet_points);
            if (point == NULL)
                return CW_NONE;
            *point = side == 0 ? lanelet->left[i] : lanelet->right[i];
        }
    }
    if (lanelet->z != NULL) {
        raw.z = calloc(lanelet->count, sizeof *raw.z);
        if (raw.z == NULL) {
            b->failed = true;
            return CW_NONE;
        }
        memcpy(raw.z, lanelet->z, lanelet->count * sizeof *raw.z);
    }
    cw_raw_lanelet *row = CW_ADD(b, &b->lanelets);
    if (row == NULL) {
        free(raw.z);
        return CW_NONE;
    }
    *row = raw;
    return (uint32_t)b->lanelets.count - 1;
}

void cw_build_lanelet_link(cw_map_builder *b, uint32_t lanelet, bool successor, cw_build_text id) {
    const char *text = cw_builder_text(b, id);
    cw_raw_lanelet_link *row = lanelet != CW_NONE && text != NULL ? CW_ADD(b, &b->lanelet_links) : NULL;
    if (row != NULL)
        *row = (cw_raw_lanelet_link){lanelet, successor, text};
}

void cw_build_lanelet_stop(cw_map_builder *b, uint32_t lanelet, const cw_vec2 *line) {
    cw_raw_lanelet_stop *row = lanelet != CW_NONE ? CW_ADD(b, &b->lanelet_stops) : NULL;
    if (row == NULL)
        return;
    *row = (cw_raw_lanelet_stop){.lanelet = lanelet, .has_line = line != NULL};
    if (line != NULL) {
        row->line[0] = line[0];
        row->line[1] = line[1];
    }
}

uint32_t cw_build_lanelet_signal(cw_map_builder *b, const cw_build_signal *signal, const cw_vec2 *position) {
    cw_signal raw = {.id = cw_builder_text(b, signal->id),
                     .name = cw_builder_text(b, signal->name),
                     .country = cw_builder_text(b, signal->country),
                     .type = cw_builder_text(b, signal->type),
                     .subtype = cw_builder_text(b, signal->subtype),
                     .kind = (uint8_t)signal->kind,
                     .dynamic = signal->dynamic,
                     .orientation = 1,
                     .road = CW_NONE,
                     .z = signal->z,
                     .value = signal->value,
                     .heading = (float)signal->heading,
                     .height = (float)signal->height,
                     .width = (float)signal->width};
    const char **texts[] = {&raw.id, &raw.name, &raw.country, &raw.type, &raw.subtype};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i] == NULL)
            *texts[i] = "";
    cw_signal *row = CW_ADD(b, &b->signals);
    cw_raw_lanelet_signal *place = CW_ADD(b, &b->lanelet_signals);
    if (row == NULL || place == NULL)
        return CW_NONE;
    *row = raw;
    place->has_position = position != NULL;
    if (position != NULL)
        place->position = *position;
    return (uint32_t)b->signals.count - 1;
}

void cw_build_lanelet_holds(cw_map_builder *b, uint32_t lanelet, uint32_t signal) {
    if (lanelet == CW_NONE || signal == CW_NONE)
        return;
    cw_raw_lanelet_hold *row = CW_ADD(b, &b->lanelet_holds);
    if (row != NULL)
        *row = (cw_raw_lanelet_hold){lanelet, signal};
}

// ---- names -----------------------------------------------------------------------------------------------------------

typedef struct cw_lanelet_name {
    const char *id;
    uint32_t index;
} cw_lanelet_name;

static int by_name(const void *x, const void *y) {
    const cw_lanelet_name *a = x, *b = y;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool sort_names(cw_map_builder *b) {
    b->lanelet_names = calloc(b->lanelets.count + 1, sizeof *b->lanelet_names);
    if (b->lanelet_names == NULL)
        return false;
    for (size_t i = 0; i < b->lanelets.count; i++)
        b->lanelet_names[i] =
            (cw_lanelet_name){b->lanelets.items[i].id != NULL ? b->lanelets.items[i].id : "", (uint32_t)i};
    qsort(b->lanelet_names, b->lanelets.count, sizeof *b->lanelet_names, by_name);
    return true;
}

static uint32_t find_name(const cw_map_builder *b, const char *id) {
    size_t low = 0, high = b->lanelets.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(b->lanelet_names[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->lanelets.count && strcmp(b->lanelet_names[low].id, id) == 0 ? b->lanelet_names[low].index : CW_NONE;
}

// ---- the reference line ----------------------------------------------------------------------------------------------

typedef struct middle_line {
    cw_vec2 *points, *tangents; // unit tangents
    double *stations;           // start of each piece, then the end
    cw_geometry *pieces;
    uint32_t *origin; // which pair of bound points it came from
    uint32_t count;   // points
} middle_line;

static cw_vec2 unit(cw_vec2 v) {
    double length = cw_hypot(v.x, v.y);
    return length > 0 ? (cw_vec2){v.x / length, v.y / length} : (cw_vec2){1, 0};
}

static cw_vec2 towards(cw_vec2 a, cw_vec2 b) {
    return unit((cw_vec2){b.x - a.x, b.y - a.y});
}

// Direction at the middle of three points: that of the parabola through them.
static cw_vec2 through(cw_vec2 a, cw_vec2 b, cw_vec2 c) {
    double h0 = cw_hypot(b.x - a.x, b.y - a.y), h1 = cw_hypot(c.x - b.x, c.y - b.y);
    if (!(h0 > 0) || !(h1 > 0))
        return towards(a, c);
    return unit(
        (cw_vec2){(b.x - a.x) / h0 * h1 + (c.x - b.x) / h1 * h0, (b.y - a.y) / h0 * h1 + (c.y - b.y) / h1 * h0});
}

// Direction at the end of a chord whose other end has the tangent given: that of the arc through both.
static cw_vec2 reflect(cw_vec2 chord, cw_vec2 tangent) {
    double dot = chord.x * tangent.x + chord.y * tangent.y;
    return unit((cw_vec2){2 * dot * chord.x - tangent.x, 2 * dot * chord.y - tangent.y});
}

// A cubic from (0, 0) along +x to (u, v), leaving it along (c, s), whose parameter is about its arc length.
static void hermite(double u, double v, double c, double s, cw_geometry *g) {
    static const double node[3] = {0, 0.53846931010568309, 0.90617984593866399};
    static const double weight[3] = {0.56888888888888889, 0.47862867049936647, 0.23692688505618909};
    double length = cw_hypot(u, v);
    for (int round = 0; round < 4; round++) {
        double l2 = length * length, l3 = l2 * length;
        g->u[0] = g->v[0] = g->v[1] = 0;
        g->u[1] = 1;
        g->u[2] = (3 * u - (2 + c) * length) / l2;
        g->u[3] = ((1 + c) * length - 2 * u) / l3;
        g->v[2] = (3 * v - s * length) / l2;
        g->v[3] = (s * length - 2 * v) / l3;
        g->length = length;
        double sum = 0, half = 0.5 * length;
        for (int i = 0; i < 3; i++) {
            for (int sign = -1; sign <= (i == 0 ? -1 : 1); sign += 2) {
                double p = half * (1 + sign * node[i]);
                double du = 1 + p * (2 * g->u[2] + p * 3 * g->u[3]), dv = p * (2 * g->v[2] + p * 3 * g->v[3]);
                sum += weight[i] * sqrt(du * du + dv * dv);
            }
        }
        if (round < 3)
            length = sum * half;
    }
}

static void place_on(const middle_line *line, uint32_t piece, double p, cw_vec2 *at, cw_vec2 *tangent) {
    const cw_geometry *g = &line->pieces[piece];
    cw_vec2 frame = line->tangents[piece];
    double u = p * (1 + p * (g->u[2] + p * g->u[3])), v = p * p * (g->v[2] + p * g->v[3]);
    double du = 1 + p * (2 * g->u[2] + p * 3 * g->u[3]), dv = p * (2 * g->v[2] + p * 3 * g->v[3]);
    *at = (cw_vec2){g->x + frame.x * u - frame.y * v, g->y + frame.y * u + frame.x * v};
    *tangent = unit((cw_vec2){frame.x * du - frame.y * dv, frame.y * du + frame.x * dv});
}

// Station and lateral distance of a bound's point, near the station of its own pair.
static void project(const middle_line *line, cw_vec2 point, double from, double *s, double *t) {
    uint32_t last = line->count - 2;
    double end = line->stations[line->count - 1], at = from;
    cw_vec2 here, tangent;
    for (int i = 0;; i++) {
        uint32_t low = 0, high = last + 1;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (line->stations[middle] <= at)
                low = middle;
            else
                high = middle;
        }
        place_on(line, low, cw_min(at - line->stations[low], line->pieces[low].length), &here, &tangent);
        double along = (point.x - here.x) * tangent.x + (point.y - here.y) * tangent.y;
        *t = (point.y - here.y) * tangent.x - (point.x - here.x) * tangent.y;
        double next = cw_clamp(at + along, 0, end);
        if (i == 8 || fabs(next - at) < 1e-9) {
            *s = next;
            return;
        }
        at = i < 3 ? next : 0.5 * (at + next);
    }
}

static cw_vec2 middle_of(const cw_map_builder *b, const cw_raw_lanelet *raw, uint32_t i) {
    cw_vec2 l = b->lanelet_points.items[raw->points + i];
    cw_vec2 r = b->lanelet_points.items[raw->points + raw->def.count + i];
    return (cw_vec2){0.5 * (l.x + r.x), 0.5 * (l.y + r.y)};
}

static bool near(cw_vec2 a, cw_vec2 b) {
    return cw_hypot(a.x - b.x, a.y - b.y) < 0.1;
}

// The point before the first or behind the last, taken from the only lanelet that goes on there, so that the direction at
// the joint is the same from both sides.
static bool neighbour_point(const cw_map_builder *b, uint32_t lanelet, uint32_t other, bool behind, cw_vec2 *point) {
    if (other == CW_NONE || other == lanelet)
        return false;
    const cw_raw_lanelet *own = &b->lanelets.items[lanelet], *raw = &b->lanelets.items[other];
    uint32_t n = raw->def.count;
    cw_vec2 joint = middle_of(b, own, behind ? own->def.count - 1 : 0);
    if (!near(joint, middle_of(b, raw, behind ? 0 : n - 1)))
        return false;
    for (uint32_t i = 1; i < n; i++) {
        *point = middle_of(b, raw, behind ? i : n - 1 - i);
        if (!near(joint, *point))
            return true;
    }
    return false;
}

static bool lay_middle(cw_map_builder *b, uint32_t lanelet, uint32_t before, uint32_t behind, middle_line *line) {
    const cw_raw_lanelet *raw = &b->lanelets.items[lanelet];
    uint32_t n = raw->def.count;
    line->points = calloc(n, sizeof *line->points);
    line->tangents = calloc(n, sizeof *line->tangents);
    line->stations = calloc(n, sizeof *line->stations);
    line->pieces = calloc(n, sizeof *line->pieces);
    line->origin = calloc(n, sizeof *line->origin);
    if (line->points == NULL || line->tangents == NULL || line->stations == NULL || line->pieces == NULL ||
        line->origin == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        cw_vec2 point = middle_of(b, raw, i);
        if (line->count > 0) {
            cw_vec2 last = line->points[line->count - 1];
            if (cw_hypot(point.x - last.x, point.y - last.y) < 1e-4)
                continue;
        }
        line->origin[line->count] = i;
        line->points[line->count++] = point;
    }
    if (line->count < 2)
        return true;
    uint32_t last = line->count - 1;
    cw_vec2 *p = line->points, *t = line->tangents, other;
    for (uint32_t i = 1; i < last; i++)
        t[i] = through(p[i - 1], p[i], p[i + 1]);
    cw_vec2 first_chord = towards(p[0], p[1]), last_chord = towards(p[last - 1], p[last]);
    t[0] = neighbour_point(b, lanelet, before, false, &other) ? through(other, p[0], p[1])
           : last > 1                                         ? reflect(first_chord, t[1])
                                                              : first_chord;
    t[last] = neighbour_point(b, lanelet, behind, true, &other) ? through(p[last - 1], p[last], other)
              : last > 1                                        ? reflect(last_chord, t[last - 1])
                                                                : last_chord;
    for (uint32_t i = 0; i < last; i++) {
        cw_geometry *g = &line->pieces[i];
        double dx = p[i + 1].x - p[i].x, dy = p[i + 1].y - p[i].y;
        *g = (cw_geometry){.s = line->stations[i],
                           .x = p[i].x,
                           .y = p[i].y,
                           .heading = cw_atan2(t[i].y, t[i].x),
                           .kind = CW_PARAM_POLY3};
        hermite(dx * t[i].x + dy * t[i].y, dy * t[i].x - dx * t[i].y, t[i + 1].x * t[i].x + t[i + 1].y * t[i].y,
                t[i + 1].y * t[i].x - t[i + 1].x * t[i].y, g);
        line->stations[i + 1] = line->stations[i] + g->length;
    }
    return true;
}

static void free_middle(middle_line *line) {
    free(line->points);
    free(line->tangents);
    free(line->stations);
    free(line->pieces);
    free(line->origin);
}

// ---- borders ---------------------------------------------------------------------------------------------------------

typedef struct border_point {
    double s, t;
} border_point;

static uint32_t project_bound(const cw_map_builder *b, const cw_raw_lanelet *raw, const middle_line *line, bool left,
                              border_point *out) {
    uint32_t count = 0;
    for (uint32_t i = 0, k = 0; i < raw->def.count; i++) {
        while (k + 1 < line->count && line->origin[k + 1] <= i)
            k++;
        border_point point;
        cw_vec2 at = b->lanelet_points.items[raw->points + (left ? 0 : raw->def.count) + i];
        project(line, at, line->stations[k], &point.s, &point.t);
        if (count > 0 && point.s <= out[count - 1].s + 1e-6) {
            if (point.s >= out[count - 1].s - 1e-6 && i + 1 == raw->def.count)
                out[count - 1].t = point.t;
            continue; // a bound that runs back on itself
        }
        out[count++] = point;
    }
    return count;
}

static double along_bound(const border_point *points, uint32_t count, double s) {
    uint32_t i = 0, high = count - 1;
    while (high - i > 1 && count > 1) {
        uint32_t middle = i + (high - i) / 2;
        if (points[middle].s < s)
            i = middle;
        else
            high = middle;
    }
    if (count < 2 || s <= points[0].s)
        return points[0].t;
    if (s >= points[count - 1].s)
        return points[count - 1].t;
    return cw_lerp(points[i].t, points[i + 1].t, (s - points[i].s) / (points[i + 1].s - points[i].s));
}

static int by_station(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

// Offset and width as straight runs between the stations of both bounds' points.
static bool add_borders(cw_map_builder *b, const cw_raw_lanelet *raw, const middle_line *line, cw_cubic **widths,
                        uint32_t *width_count) {
    uint32_t n = raw->def.count;
    border_point *left = calloc(n, sizeof *left), *right = calloc(n, sizeof *right);
    double *stations = calloc(2 * (size_t)n + 1, sizeof *stations);
    cw_cubic *records = calloc(2 * (size_t)n + 1, sizeof *records);
    bool fine = left != NULL && right != NULL && stations != NULL && records != NULL;
    if (fine) {
        uint32_t left_count = project_bound(b, raw, line, true, left);
        uint32_t right_count = project_bound(b, raw, line, false, right), count = 0, kept = 0;
        stations[count++] = 0;
        for (uint32_t i = 0; i < left_count; i++)
            stations[count++] = left[i].s;
        for (uint32_t i = 0; i < right_count; i++)
            stations[count++] = right[i].s;
        qsort(stations, count, sizeof *stations, by_station);
        for (uint32_t i = 0; i < count; i++)
            if (kept == 0 || stations[i] > stations[kept - 1] + 1e-4)
                stations[kept++] = stations[i];
        double offset_before = 0;
        for (uint32_t i = 0; i < kept; i++) {
            double high = along_bound(left, left_count, stations[i]),
                   low = along_bound(right, right_count, stations[i]);
            double width = cw_max(high - low, 0), center = 0.5 * (high + low);
            center = center > dead_band ? center - dead_band : center < -dead_band ? center + dead_band : 0;
            double offset = center + 0.5 * width;
            records[i] = (cw_cubic){.s = stations[i], .a = width};
            if (i > 0) {
                double run = stations[i] - stations[i - 1];
                records[i - 1].b = (width - records[i - 1].a) / run;
                cw_build_cubic(
                    b, CW_PROFILE_OFFSET,
                    &(cw_cubic){.s = stations[i - 1], .a = offset_before, .b = (offset - offset_before) / run});
            }
            offset_before = offset;
        }
        cw_build_cubic(b, CW_PROFILE_OFFSET, &(cw_cubic){.s = stations[kept - 1], .a = offset_before});
        *width_count = kept;
    }
    free(left);
    free(right);
    free(stations);
    if (fine)
        *widths = records;
    else
        free(records);
    return fine;
}

// ---- roads -----------------------------------------------------------------------------------------------------------

static cw_build_text text_of(const char *text) {
    return (cw_build_text){text, text != NULL ? strlen(text) : 0};
}

static void add_heights(cw_map_builder *b, const cw_raw_lanelet *raw, const middle_line *line) {
    for (uint32_t i = 0; raw->z != NULL && i + 1 < line->count; i++) {
        double low = raw->z[line->origin[i]], high = raw->z[line->origin[i + 1]];
        cw_build_cubic(b, CW_PROFILE_ELEVATION,
                       &(cw_cubic){.s = line->stations[i], .a = low, .b = (high - low) / line->pieces[i].length});
    }
}

static bool lay(cw_map_builder *b, uint32_t lanelet, uint32_t before, uint32_t behind) {
    const cw_raw_lanelet *raw = &b->lanelets.items[lanelet];
    const cw_build_lanelet *def = &raw->def;
    middle_line line = {0};
    bool fine = lay_middle(b, lanelet, before, behind, &line);
    cw_build_begin_road(b, &(cw_build_road){.id = text_of(raw->id),
                                            .junction = text_of(raw->junction),
                                            .length = fine && line.count > 1 ? line.stations[line.count - 1] : 0,
                                            .left_hand = def->left_hand});
    cw_build_road_type(b, &(cw_road_type){.kind = (uint8_t)def->road, .limit = 0});
    cw_cubic *widths = NULL;
    uint32_t width_count = 0;
    if (fine && line.count > 1) {
        for (uint32_t i = 0; i + 1 < line.count; i++)
            cw_build_geometry(b, &line.pieces[i]);
        add_heights(b, raw, &line);
        fine = add_borders(b, raw, &line, &widths, &width_count);
    }
    if (def->kind == CW_LANE_CROSSWALK && width_count > 0)
        cw_build_object_add(b, &(cw_build_object){.id = text_of(raw->id),
                                                  .kind = CW_OBJECT_CROSSWALK,
                                                  .width = widths[0].a,
                                                  .strip = true,
                                                  .s_end = line.stations[line.count - 1],
                                                  .width_end = widths[width_count - 1].a});
    cw_build_begin_section(b, 0);
    cw_build_begin_lane(b, &(cw_build_lane){.id = 0, .kind = CW_LANE_NONE});
    cw_build_mark(b, &def->left_mark);
    cw_build_end_lane(b);
    // Traffic keeps to the stated direction whichever side the country drives on.
    cw_build_begin_lane(
        b, &(cw_build_lane){.id = -1, .kind = def->kind, .way = def->left_hand ? CW_WAY_REVERSED : CW_WAY_STANDARD});
    for (uint32_t i = 0; i < width_count; i++)
        cw_build_width(b, &widths[i]);
    cw_build_mark(b, &def->right_mark);
    if (def->limit > 0)
        cw_build_limit(b, &(cw_speed_record){.s = 0, .limit = def->limit});
    cw_build_end_lane(b);
    cw_build_end_section(b);
    cw_build_end_road(b);
    if (!b->failed) {
        cw_lane *lane = &b->lanes.items[b->lanes.count - 1].lane;
        lane->both_ways = def->both_ways;
        lane->file_id = raw->id;
        b->lanelets.items[lanelet].lane = (uint32_t)b->lanes.count - 1;
    }
    free(widths);
    free_middle(&line);
    if (!fine)
        b->failed = true;
    return !b->failed;
}

// For each lanelet the only one before and behind it, where each is the other's only one; CW_NONE elsewhere.
static bool find_partners(cw_map_builder *b, uint32_t *before, uint32_t *behind) {
    size_t n = b->lanelets.count;
    const uint32_t many = CW_NONE - 1;
    for (size_t i = 0; i < n; i++)
        before[i] = behind[i] = CW_NONE;
    for (size_t i = 0; i < b->lanelet_links.count; i++) {
        const cw_raw_lanelet_link *link = &b->lanelet_links.items[i];
        uint32_t other = find_name(b, link->id);
        if (other == CW_NONE)
            continue;
        uint32_t from = link->successor ? link->lanelet : other, to = link->successor ? other : link->lanelet;
        behind[from] = behind[from] == CW_NONE || behind[from] == to ? to : many;
        before[to] = before[to] == CW_NONE || before[to] == from ? from : many;
    }
    for (size_t i = 0; i < n; i++) {
        if (behind[i] < n && before[behind[i]] != i)
            behind[i] = CW_NONE;
        if (before[i] < n && behind[before[i]] != i && behind[before[i]] != CW_NONE)
            before[i] = CW_NONE;
    }
    for (size_t i = 0; i < n; i++) { // only mutual ones are left
        if (behind[i] >= n)
            behind[i] = CW_NONE;
        if (before[i] >= n || behind[before[i]] != i)
            before[i] = CW_NONE;
    }
    return true;
}

bool cw_lanelets_lay(cw_map_builder *b) {
    size_t n = b->lanelets.count;
    if (n == 0 || b->failed)
        return !b->failed;
    if (!sort_names(b))
        return false;
    uint32_t *before = calloc(n, sizeof *before), *behind = calloc(n, sizeof *behind);
    bool fine = before != NULL && behind != NULL && find_partners(b, before, behind);
    for (size_t i = 0; i < n && fine; i++)
        fine = lay(b, (uint32_t)i, before[i], behind[i]);
    free(before);
    free(behind);
    return fine;
}

// ---- links -----------------------------------------------------------------------------------------------------------

static void join_sides(cw_map_builder *b, const cw_raw_lanelet *raw, bool left, const char *id, bool same) {
    uint32_t other = id != NULL ? find_name(b, id) : CW_NONE;
    if (id != NULL && other == CW_NONE)
        cw_builder_note(b, raw->line, raw->column, "adjacent lanelet", "it is not there; the link is dropped");
    if (other == CW_NONE || b->lanelets.items[other].lane == raw->lane)
        return;
    cw_lane *here = &b->final_lanes[raw->lane], *there = &b->final_lanes[b->lanelets.items[other].lane];
    *(left ? &here->left : &here->right) = b->lanelets.items[other].lane;
    uint32_t *back = left == same ? &there->right : &there->left;
    if (*back == CW_NONE)
        *back = raw->lane;
}

bool cw_lanelets_link(cw_map_builder *b) {
    for (size_t i = 0; i < b->lanelets.count; i++) {
        const cw_raw_lanelet *raw = &b->lanelets.items[i];
        join_sides(b, raw, true, raw->left, raw->def.left_same);
        join_sides(b, raw, false, raw->right, raw->def.right_same);
    }
    for (size_t i = 0; i < b->lanelet_links.count; i++) {
        const cw_raw_lanelet_link *link = &b->lanelet_links.items[i];
        const cw_raw_lanelet *raw = &b->lanelets.items[link->lanelet];
        uint32_t other = find_name(b, link->id);
        if (other == CW_NONE) {
            cw_builder_note(b, raw->line, raw->column, link->successor ? "successor lanelet" : "predecessor lanelet",
                            "it is not there; the link is dropped");
            continue;
        }
        uint32_t lane = b->lanelets.items[other].lane;
        cw_edge *edge = CW_ADD(b, &b->edges);
        if (edge != NULL)
            *edge = link->successor ? (cw_edge){raw->lane, lane} : (cw_edge){lane, raw->lane};
    }
    return !b->failed;
}

// ---- stops and signals -----------------------------------------------------------------------------------------------

static double stop_travel(const cw_map *map, uint32_t lane, const cw_raw_lanelet_stop *stop) {
    const cw_lane *l = &map->lanes[lane];
    if (!stop->has_line)
        return l->length;
    double s, t;
    cw_road_project(map, l->road, 0.5 * (stop->line[0].x + stop->line[1].x), 0.5 * (stop->line[0].y + stop->line[1].y),
                    NAN, &s, &t);
    return cw_lane_travel(map, lane, s);
}

static double signal_travel(const cw_map_builder *b, uint32_t lanelet, uint8_t kind) {
    uint32_t lane = b->lanelets.items[lanelet].lane;
    if (kind != CW_SIGNAL_LIGHT && kind != CW_SIGNAL_STOP && kind != CW_SIGNAL_YIELD)
        return 0;
    for (size_t i = 0; i < b->lanelet_stops.count; i++)
        if (b->lanelet_stops.items[i].lanelet == lanelet)
            return stop_travel(b->map, lane, &b->lanelet_stops.items[i]);
    return b->map->lanes[lane].length;
}

static void add_stop(cw_map_builder *b, cw_stop_table *stops, uint32_t lane, double travel, uint32_t signal) {
    cw_stop *row = CW_ADD(b, stops);
    if (row != NULL)
        *row = (cw_stop){lane, travel, signal};
}

bool cw_lanelets_signals(cw_map_builder *b, cw_stop_table *stops) {
    const cw_map *map = b->map;
    cw_signal *signals = (cw_signal *)(uintptr_t)map->signals; // ours until the map is handed out
    for (size_t i = 0; i < b->lanelet_holds.count; i++) {
        const cw_raw_lanelet_hold *hold = &b->lanelet_holds.items[i];
        uint32_t lane = b->lanelets.items[hold->lanelet].lane;
        cw_signal *signal = &signals[hold->signal];
        double travel = signal_travel(b, hold->lanelet, signal->kind);
        add_stop(b, stops, lane, travel, hold->signal);
        if (signal->road != CW_NONE)
            continue;
        const cw_raw_lanelet_signal *place = &b->lanelet_signals.items[hold->signal];
        signal->road = map->lanes[lane].road;
        signal->s = cw_lane_station(map, lane, travel);
        if (place->has_position)
            cw_road_project(map, signal->road, place->position.x, place->position.y, NAN, &signal->s, &signal->t);
    }
    for (size_t i = 0; i < b->lanelet_signals.count; i++) { // those that hold for nobody stand on the first road
        if (signals[i].road != CW_NONE)
            continue;
        signals[i].road = 0;
        if (b->lanelet_signals.items[i].has_position && map->road_count > 0)
            cw_road_project(map, 0, b->lanelet_signals.items[i].position.x, b->lanelet_signals.items[i].position.y, NAN,
                            &signals[i].s, &signals[i].t);
    }
    for (size_t i = 0; i < b->lanelet_stops.count; i++) {
        uint32_t lane = b->lanelets.items[b->lanelet_stops.items[i].lanelet].lane;
        add_stop(b, stops, lane, stop_travel(map, lane, &b->lanelet_stops.items[i]), CW_NONE);
    }
    return !b->failed;
}
