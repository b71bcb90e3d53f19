// CommonRoad's road network: intersections, signs, lights and lanelets; and the cycles of the lights.
#include "commonroad.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- names -----------------------------------------------------------------------------------------------------------

typedef struct named {
    const char *id;
    uint32_t signal; // index in the builder
    cw_signal_kind kind;
    double speed;         // m/s, of a speed limit
    const char *junction; // of a lanelet within an intersection
} named;

typedef struct name_table {
    named *items;
    size_t count;
} name_table;

static int by_id(const void *a, const void *b) {
    return strcmp(((const named *)a)->id, ((const named *)b)->id);
}

static void sort_names(name_table *table) {
    if (table->count > 1)
        qsort(table->items, table->count, sizeof *table->items, by_id);
}

static const named *find_name(const name_table *table, const char *id) {
    named key = {.id = id};
    return table->count > 0 ? bsearch(&key, table->items, table->count, sizeof *table->items, by_id) : NULL;
}

static size_t count_children(const cw_node *node, const char *name) {
    size_t n = 0;
    for (const cw_node *c = cw_node_child(node, name); c != NULL; c = cw_node_next(c, name))
        n++;
    return n;
}

static cw_build_text text_of(const char *text) {
    return (cw_build_text){text, text != NULL ? strlen(text) : 0};
}

static const char *need_id(cr_reader *r, const cw_node *node) {
    const char *id = cw_node_value(node, "id");
    if (id == NULL)
        cr_fail(r, node, CW_ERR_INPUT, "<%s> has no attribute id", node->name);
    return id;
}

// ---- intersections ---------------------------------------------------------------------------------------------------

static const char *const turns[] = {"successorsRight", "successorsStraight", "successorsLeft"};

static size_t count_inner(const cw_node *root) {
    size_t n = 0;
    for (const cw_node *x = cw_node_child(root, "intersection"); x != NULL; x = cw_node_next(x, "intersection"))
        for (const cw_node *in = cw_node_child(x, "incoming"); in != NULL; in = cw_node_next(in, "incoming"))
            for (size_t i = 0; i < 3; i++)
                n += count_children(in, turns[i]);
    return n;
}

// Where right comes before left, every incoming lanelet of the one goes before every one of the other.
static void add_priorities(cr_reader *r, const cw_node *intersection) {
    size_t budget = 4096;
    for (const cw_node *in = cw_node_child(intersection, "incoming"); in != NULL; in = cw_node_next(in, "incoming")) {
        const cw_node *left_of = cw_node_child(in, "isLeftOf");
        const char *other_id = left_of != NULL ? cw_node_value(left_of, "ref") : NULL;
        if (other_id == NULL)
            continue;
        const cw_node *other = cw_node_child(intersection, "incoming");
        while (other != NULL &&
               (cw_node_value(other, "id") == NULL || strcmp(cw_node_value(other, "id"), other_id) != 0))
            other = cw_node_next(other, "incoming");
        if (other == NULL) {
            cr_notice(r, left_of, "isLeftOf", "names an incoming that is not there");
            continue;
        }
        for (const cw_node *a = cw_node_child(in, "incomingLanelet"); a != NULL;
             a = cw_node_next(a, "incomingLanelet")) {
            for (const cw_node *b = cw_node_child(other, "incomingLanelet"); b != NULL && budget > 0;
                 b = cw_node_next(b, "incomingLanelet"), budget--) {
                cw_build_text left = text_of(cw_node_value(a, "ref")), right = text_of(cw_node_value(b, "ref"));
                cw_build_priority(r->builder, r->left_hand ? left : right, r->left_hand ? right : left);
            }
        }
    }
}

static bool read_intersections(cr_reader *r, name_table *inner) {
    size_t most = count_inner(r->root);
    inner->items = cr_alloc(r, r->work, most, sizeof *inner->items);
    if (inner->items == NULL)
        return false;
    for (const cw_node *x = cw_node_child(r->root, "intersection"); x != NULL; x = cw_node_next(x, "intersection")) {
        const char *id = need_id(r, x);
        if (id == NULL)
            return false;
        cw_build_junction(r->builder, text_of(id), 0);
        for (const cw_node *in = cw_node_child(x, "incoming"); in != NULL; in = cw_node_next(in, "incoming"))
            for (size_t i = 0; i < 3; i++)
                for (const cw_node *s = cw_node_child(in, turns[i]); s != NULL; s = cw_node_next(s, turns[i]))
                    if (cw_node_value(s, "ref") != NULL)
                        inner->items[inner->count++] = (named){.id = cw_node_value(s, "ref"), .junction = id};
        add_priorities(r, x);
        if (cw_node_child(x, "crossing") != NULL)
            cr_notice(r, cw_node_child(x, "crossing"), "crossing", "crosswalks are known by their lanelet's type");
    }
    sort_names(inner);
    return true;
}

// ---- signs -----------------------------------------------------------------------------------------------------------

// Ids of several countries; speeds are in m/s already.
static cw_signal_kind sign_kind(const char *id) {
    static const struct {
        const char *id;
        cw_signal_kind kind;
    } kinds[] = {{"274", CW_SIGNAL_SPEED_LIMIT},     {"274.1", CW_SIGNAL_SPEED_LIMIT},
                 {"R2-1", CW_SIGNAL_SPEED_LIMIT},    {"c31", CW_SIGNAL_SPEED_LIMIT},
                 {"R301", CW_SIGNAL_SPEED_LIMIT},    {"278", CW_SIGNAL_SPEED_LIMIT_END},
                 {"282", CW_SIGNAL_SPEED_LIMIT_END}, {"205", CW_SIGNAL_YIELD},
                 {"R1-2", CW_SIGNAL_YIELD},          {"206", CW_SIGNAL_STOP},
                 {"R1-1", CW_SIGNAL_STOP},           {"301", CW_SIGNAL_PRIORITY},
                 {"306", CW_SIGNAL_PRIORITY},        {"102", CW_SIGNAL_RIGHT_BEFORE_LEFT},
                 {"267", CW_SIGNAL_NO_ENTRY},        {"R5-1", CW_SIGNAL_NO_ENTRY},
                 {"350", CW_SIGNAL_CROSSWALK}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(id, kinds[i].id) == 0)
            return kinds[i].kind;
    return CW_SIGNAL_OTHER;
}

static bool read_position(cr_reader *r, const cw_node *node, cw_vec2 *point, bool *has) {
    const cw_node *position = cw_node_child(node, "position");
    const cw_node *inner = position != NULL ? cw_node_child(position, "point") : NULL;
    *has = inner != NULL;
    return inner == NULL || cr_point(r, inner, point, NULL);
}

static const char *country_of(const cr_reader *r) {
    const char *name = r->scene->name;
    return strncmp(name, "C-", 2) == 0 ? name + 2 : name;
}

static bool read_sign(cr_reader *r, const cw_node *node, named *out) {
    cw_vec2 point;
    bool has;
    out->id = need_id(r, node);
    if (out->id == NULL || !read_position(r, node, &point, &has))
        return false;
    const cw_node *element = cw_node_child(node, "trafficSignElement");
    if (element == NULL)
        return cr_fail(r, node, CW_ERR_INPUT, "<trafficSign> has no <trafficSignElement>");
    if (cw_node_next(element, "trafficSignElement") != NULL)
        cr_notice(r, node, "trafficSignElement", "of several signs on one post the first holds");
    const cw_node *number = cw_node_child(element, "trafficSignID"), *value = cw_node_child(element, "additionalValue");
    cw_build_signal signal = {.id = text_of(out->id), .country = {country_of(r), 3}, .orientation = 1};
    signal.country.length = strnlen(signal.country.text, 3);
    const char *type = number != NULL ? number->text : "";
    signal.type = text_of(type);
    signal.kind = sign_kind(type);
    if (signal.kind == CW_SIGNAL_SPEED_LIMIT) {
        if (value == NULL)
            cr_notice(r, element, "trafficSign", "a speed limit without a value is read over");
        else if (!cr_number(r, value, &signal.value))
            return false;
        out->speed = signal.value;
    } else if (signal.kind == CW_SIGNAL_OTHER) {
        char text[80];
        snprintf(text, sizeof text, "sign %.24s has no effect on the drive", type);
        cr_notice(r, node, "trafficSign", text);
    }
    out->kind = signal.kind;
    out->signal = cw_build_lanelet_signal(r->builder, &signal, has ? &point : NULL);
    return true;
}

static bool read_light(cr_reader *r, const cw_node *node, named *out) {
    cw_vec2 point;
    bool has;
    out->id = need_id(r, node);
    if (out->id == NULL || !read_position(r, node, &point, &has))
        return false;
    const cw_node *direction = cw_node_child(node, "direction");
    if (direction != NULL && strcmp(direction->text, "all") != 0)
        cr_notice(r, direction, "direction", "a light for some directions holds for the whole lanelet");
    cw_build_signal signal = {.id = text_of(out->id),
                              .country = {country_of(r), strnlen(country_of(r), 3)},
                              .type = text_of("1000001"),
                              .kind = CW_SIGNAL_LIGHT,
                              .dynamic = true,
                              .orientation = 1};
    out->kind = signal.kind;
    out->signal = cw_build_lanelet_signal(r->builder, &signal, has ? &point : NULL);
    return true;
}

static bool read_signals(cr_reader *r, const char *name, bool light, name_table *table) {
    table->items = cr_alloc(r, r->work, count_children(r->root, name), sizeof *table->items);
    if (table->items == NULL)
        return false;
    for (const cw_node *n = cw_node_child(r->root, name); n != NULL; n = cw_node_next(n, name)) {
        named *item = &table->items[table->count];
        if (light ? !read_light(r, n, item) : !read_sign(r, n, item))
            return false;
        table->count++;
    }
    sort_names(table);
    return true;
}

// ---- lanelets --------------------------------------------------------------------------------------------------------

typedef struct network {
    name_table inner, signs, lights;
} network;

static void read_types(const cw_node *node, cw_build_lanelet *lanelet) {
    static const struct {
        const char *name;
        cw_lane_kind kind;
        int rank; // of several types the highest decides
    } kinds[] = {
        {"accessRamp", CW_LANE_ON_RAMP, 1},    {"exitRamp", CW_LANE_OFF_RAMP, 1},  {"busLane", CW_LANE_BUS, 2},
        {"busStop", CW_LANE_BUS, 2},           {"shoulder", CW_LANE_SHOULDER, 3},  {"border", CW_LANE_BORDER, 3},
        {"restricted", CW_LANE_RESTRICTED, 3}, {"parking", CW_LANE_PARKING, 3},    {"bicycleLane", CW_LANE_BIKING, 4},
        {"sidewalk", CW_LANE_SIDEWALK, 5},     {"crosswalk", CW_LANE_CROSSWALK, 6}};
    int best = 0;
    lanelet->kind = CW_LANE_DRIVING;
    for (const cw_node *t = cw_node_child(node, "laneletType"); t != NULL; t = cw_node_next(t, "laneletType")) {
        if (strcmp(t->text, "highway") == 0 || strcmp(t->text, "interstate") == 0)
            lanelet->road = CW_ROAD_MOTORWAY;
        else if (strcmp(t->text, "urban") == 0)
            lanelet->road = CW_ROAD_TOWN;
        else if (strcmp(t->text, "country") == 0)
            lanelet->road = CW_ROAD_RURAL;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            if (strcmp(t->text, kinds[i].name) == 0 && kinds[i].rank > best) {
                best = kinds[i].rank;
                lanelet->kind = kinds[i].kind;
            }
        }
    }
    bool walkers = false, others = false;
    for (const cw_node *u = cw_node_child(node, NULL); u != NULL; u = cw_node_next(u, NULL)) {
        bool both = strcmp(u->name, "userBidirectional") == 0;
        if (!both && strcmp(u->name, "userOneWay") != 0)
            continue;
        bool walker = strcmp(u->text, "pedestrian") == 0;
        walkers = walkers || walker;
        others = others || !walker;
        if (both && !walker)
            lanelet->both_ways = true;
    }
    if (walkers && !others && best < 4)
        lanelet->kind = CW_LANE_WALKING;
}

static cw_road_mark read_mark(const cw_node *bound) {
    const cw_node *marking = cw_node_child(bound, "lineMarking");
    const char *text = marking != NULL ? marking->text : "";
    bool solid = strcmp(text, "solid") == 0 || strcmp(text, "broad_solid") == 0;
    bool dashed = strcmp(text, "dashed") == 0 || strcmp(text, "broad_dashed") == 0;
    bool bold = strcmp(text, "broad_solid") == 0 || strcmp(text, "broad_dashed") == 0;
    return (cw_road_mark){.kind = (uint8_t)(solid                               ? CW_MARK_SOLID
                                            : dashed                            ? CW_MARK_BROKEN
                                            : strcmp(text, "curb") == 0         ? CW_MARK_CURB
                                            : strcmp(text, "lowered_curb") == 0 ? CW_MARK_CURB
                                                                                : CW_MARK_NONE),
                          .color = CW_COLOR_WHITE,
                          .change = (uint8_t)(solid || strcmp(text, "curb") == 0 ? 0 : CW_CHANGE_BOTH),
                          .bold = bold,
                          .width = bold ? 0.25F : 0.12F};
}

static bool read_adjacent(cr_reader *r, const cw_node *node, const char *name, cw_build_text *id, bool *same) {
    const cw_node *adjacent = cw_node_child(node, name);
    if (adjacent == NULL)
        return true;
    *id = text_of(cw_node_value(adjacent, "ref"));
    const char *direction = cw_node_value(adjacent, "drivingDir");
    *same = direction == NULL || strcmp(direction, "opposite") != 0;
    if (id->text == NULL)
        return cr_fail(r, adjacent, CW_ERR_INPUT, "<%s> has no attribute ref", name);
    return true;
}

static bool read_stop_line(cr_reader *r, const cw_node *node, uint32_t lanelet) {
    const cw_node *stop = cw_node_child(node, "stopLine");
    if (stop == NULL)
        return true;
    cw_vec2 ends[2];
    const cw_node *p = cw_node_child(stop, "point"), *q = p != NULL ? cw_node_next(p, "point") : NULL;
    if (q != NULL && (!cr_point(r, p, &ends[0], NULL) || !cr_point(r, q, &ends[1], NULL)))
        return false;
    cw_build_lanelet_stop(r->builder, lanelet, q != NULL ? ends : NULL);
    return true;
}

static void hold(cr_reader *r, const network *net, const cw_node *node, uint32_t lanelet) {
    static const char *const names[] = {"trafficSignRef", "trafficLightRef"};
    for (int light = 0; light < 2; light++) {
        for (const cw_node *ref = cw_node_child(node, names[light]); ref != NULL;
             ref = cw_node_next(ref, names[light])) {
            const char *id = cw_node_value(ref, "ref");
            const named *item = id != NULL ? find_name(light ? &net->lights : &net->signs, id) : NULL;
            if (item == NULL)
                cr_notice(r, ref, names[light], "names what is not there");
            else
                cw_build_lanelet_holds(r->builder, lanelet, item->signal);
        }
    }
}

static bool read_limit(cr_reader *r, const network *net, const cw_node *node, float *limit) {
    double lowest = INFINITY;
    for (const cw_node *ref = cw_node_child(node, "trafficSignRef"); ref != NULL;
         ref = cw_node_next(ref, "trafficSignRef")) {
        const char *id = cw_node_value(ref, "ref");
        const named *sign = id != NULL ? find_name(&net->signs, id) : NULL;
        if (sign != NULL && sign->kind == CW_SIGNAL_SPEED_LIMIT && sign->speed > 0)
            lowest = cw_min(lowest, sign->speed);
    }
    const cw_node *speed = cw_node_child(node, "speedLimit");
    if (speed != NULL && strcmp(speed->text, "inf") != 0) {
        double value;
        if (!cr_number(r, speed, &value))
            return false;
        if (value > 0)
            lowest = cw_min(lowest, value);
    }
    *limit = isfinite(lowest) ? (float)lowest : 0;
    return true;
}

static bool read_lanelet(cr_reader *r, const network *net, const cw_node *node) {
    const char *id = need_id(r, node);
    const cw_node *left = cw_node_child(node, "leftBound"), *right = cw_node_child(node, "rightBound");
    if (id == NULL)
        return false;
    if (left == NULL || right == NULL)
        return cr_fail(r, node, CW_ERR_INPUT, "<lanelet> has no %s", left == NULL ? "<leftBound>" : "<rightBound>");
    const named *inside = find_name(&net->inner, id);
    cw_build_lanelet lanelet = {.id = text_of(id),
                                .junction = text_of(inside != NULL ? inside->junction : NULL),
                                .left_hand = r->left_hand,
                                .line = node->line,
                                .column = node->column};
    uint32_t right_count;
    const double *left_z, *right_z;
    if (!cr_points(r, left, &lanelet.count, &lanelet.left, &left_z) ||
        !cr_points(r, right, &right_count, &lanelet.right, &right_z))
        return false;
    if (lanelet.count != right_count)
        return cr_fail(r, node, CW_ERR_INPUT, "the bounds of a lanelet have %u and %u points", lanelet.count,
                       right_count);
    if (lanelet.count < 2)
        return cr_fail(r, node, CW_ERR_INPUT, "the bounds of a lanelet have fewer than two points");
    if (left_z != NULL || right_z != NULL) {
        double *z = cr_alloc(r, r->work, lanelet.count, sizeof *z);
        if (z == NULL)
            return false;
        for (uint32_t i = 0; i < lanelet.count; i++)
            z[i] = left_z != NULL && right_z != NULL ? 0.5 * (left_z[i] + right_z[i])
                   : left_z != NULL                  ? left_z[i]
                                                     : right_z[i];
        lanelet.z = z;
    }
    read_types(node, &lanelet);
    lanelet.left_mark = read_mark(left);
    lanelet.right_mark = read_mark(right);
    if (!read_limit(r, net, node, &lanelet.limit) ||
        !read_adjacent(r, node, "adjacentLeft", &lanelet.adjacent_left, &lanelet.left_same) ||
        !read_adjacent(r, node, "adjacentRight", &lanelet.adjacent_right, &lanelet.right_same))
        return false;
    uint32_t index = cw_build_lanelet_add(r->builder, &lanelet);
    for (const cw_node *n = cw_node_child(node, "successor"); n != NULL; n = cw_node_next(n, "successor"))
        cw_build_lanelet_link(r->builder, index, true, text_of(cw_node_value(n, "ref")));
    for (const cw_node *n = cw_node_child(node, "predecessor"); n != NULL; n = cw_node_next(n, "predecessor"))
        cw_build_lanelet_link(r->builder, index, false, text_of(cw_node_value(n, "ref")));
    if (!read_stop_line(r, node, index))
        return false;
    hold(r, net, node, index);
    return true;
}

static void on_note(void *context, int line, int column, const char *name, const char *text) {
    cr_reader *r = context;
    cw_notices_add(r->notices, r->path, line, column, name, text);
}

bool cr_read_network(cr_reader *r) {
    r->builder = cw_build_new(on_note, r);
    if (r->builder == NULL)
        return cr_memory(r);
    cw_build_header(r->builder, text_of(r->scene->name), 0, 0, 0, 0);
    network net = {0};
    if (!read_intersections(r, &net.inner) || !read_signals(r, "trafficSign", false, &net.signs) ||
        !read_signals(r, "trafficLight", true, &net.lights))
        return false;
    for (const cw_node *n = cw_node_child(r->root, "lanelet"); n != NULL; n = cw_node_next(n, "lanelet"))
        if (!read_lanelet(r, &net, n))
            return false;
    cw_map *map;
    r->status = cw_build_finish(r->builder, r->path, &map, r->err);
    if (r->status == CW_OK)
        r->scene->map = map;
    return r->status == CW_OK;
}

// ---- cycles ----------------------------------------------------------------------------------------------------------

static uint8_t light_of(const char *color) {
    static const char *const names[] = {"inactive", "red", "redYellow", "yellow", "green"};
    for (uint8_t i = 0; i < 5; i++)
        if (strcmp(color, names[i]) == 0)
            return i;
    return 0;
}

static bool set_phase(cr_reader *r, cw_phase *phase, const char *signal, const char *color, double duration) {
    cw_light_state *state = cr_alloc(r, r->scene->arena, 1, sizeof *state);
    if (state == NULL)
        return false;
    *state = (cw_light_state){.signal = signal, .state = color, .light = light_of(color)};
    *phase = (cw_phase){.name = color, .duration = duration, .count = 1, .states = state};
    return true;
}

// The cycle repeats without end in both directions from its offset; it is turned so that it begins at the scene's zero.
static bool read_cycle(cr_reader *r, const cw_node *light, const cw_node *cycle, cw_signal_program *program) {
    size_t n = count_children(cycle, "cycleElement");
    cw_phase *phases = cr_alloc(r, r->scene->arena, n + 1, sizeof *phases);
    cw_phase *read = cr_alloc(r, r->work, n, sizeof *read);
    if (phases == NULL || read == NULL)
        return false;
    const char *id = cr_keep(r, cw_node_value(light, "id"));
    double offset = 0, period = 0;
    const cw_node *shift = cw_node_child(cycle, "timeOffset");
    if (shift != NULL && !cr_number(r, shift, &offset))
        return false;
    size_t i = 0;
    for (const cw_node *e = cw_node_child(cycle, "cycleElement"); e != NULL; e = cw_node_next(e, "cycleElement"), i++) {
        double steps;
        const cw_node *color = cw_node_child(e, "color");
        if (!cr_child_number(r, e, "duration", &steps))
            return false;
        if (color == NULL || steps < 0)
            return cr_fail(r, e, CW_ERR_INPUT, "a phase has no color or a negative duration");
        if (!set_phase(r, &read[i], id, cr_keep(r, color->text), steps * r->dt))
            return false;
        period += steps * r->dt;
    }
    if (!(period > 0))
        return cr_fail(r, cycle, CW_ERR_INPUT, "the cycle of a light has no length");
    double into = r->start - offset * r->dt; // of the cycle at the scene's zero
    into -= floor(into / period) * period;
    size_t first = 0;
    while (first + 1 < n && into >= read[first].duration - 1e-9) {
        into -= read[first].duration;
        first++;
    }
    into = cw_clamp(into, 0, read[first].duration);
    uint32_t count = 0;
    for (size_t k = 0; k < n; k++)
        phases[count++] = read[(first + k) % n];
    phases[0].duration -= into;
    if (into > 0) {
        phases[count] = read[first];
        phases[count++].duration = into;
    }
    *program = (cw_signal_program){.name = id, .count = count, .phases = phases, .period = period};
    return r->status == CW_OK;
}

bool cr_read_programs(cr_reader *r) {
    size_t most = count_children(r->root, "trafficLight");
    cw_signal_program *programs = cr_alloc(r, r->scene->arena, most, sizeof *programs);
    if (programs == NULL)
        return false;
    uint32_t count = 0;
    for (const cw_node *n = cw_node_child(r->root, "trafficLight"); n != NULL; n = cw_node_next(n, "trafficLight")) {
        const cw_node *cycle = cw_node_child(n, "cycle"), *active = cw_node_child(n, "active");
        if (active != NULL && strcmp(active->text, "false") == 0)
            continue; // dark
        if (cycle == NULL || cw_node_child(cycle, "cycleElement") == NULL) {
            cr_notice(r, n, "trafficLight", "a light without a cycle stays dark");
            continue;
        }
        if (!read_cycle(r, n, cycle, &programs[count]))
            return false;
        count++;
    }
    r->scene->programs = programs;
    r->scene->program_count = count;
    return true;
}
