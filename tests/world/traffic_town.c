#include "traffic_town.h"

#include "causeway/format.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 3.5
#define REACH 20.0 // m from a junction's middle to where its roads begin

typedef struct pen {
    char *text;
    size_t used, room;
    const town_def *def;
} pen;

__attribute__((format(printf, 2, 3))) static void put(pen *p, const char *format, ...) {
    if (p->room - p->used < 1024) {
        p->room = p->room * 2 + 4096;
        p->text = realloc(p->text, p->room);
        if (!p->text)
            abort();
    }
    va_list list;
    va_start(list, format);
    p->used += (size_t)vsnprintf(p->text + p->used, p->room - p->used, format, list);
    va_end(list);
}

static double flip(const pen *p) {
    return p->def->mirrored ? -1 : 1;
}

static void begin(pen *p) {
    put(p, "<OpenDRIVE><header revMajor='1' revMinor='7' name='town'/>");
}

static void road(pen *p, const char *id, double length, int junction) {
    char in[64];
    snprintf(in, sizeof in, junction < 0 ? "-1" : "%sj%d", p->def->prefix, junction);
    put(p, "<road id='%s%s' length='%.17g' junction='%s' rule='%s'><link>", p->def->prefix, id, length, in,
        p->def->mirrored ? "LHT" : "RHT");
}

static void plan(pen *p, double x, double y, double heading, double length, double curvature) {
    put(p, "</link><type s='0' type='town'><speed max='%.17g'/></type><planView>", p->def->limit);
    put(p, "<geometry s='0' x='%.17g' y='%.17g' hdg='%.17g' length='%.17g'>", p->def->x + x, p->def->y + flip(p) * y,
        flip(p) * heading, length);
    if (curvature == 0)
        put(p, "<line/>");
    else
        put(p, "<arc curvature='%.17g'/>", flip(p) * curvature);
    put(p, "</geometry></planView><lanes><laneSection s='0'>");
}

static void lane(pen *p, int id, int before, int after) {
    put(p, "<lane id='%d' type='driving'><link>", id);
    if (before)
        put(p, "<predecessor id='%d'/>", before);
    if (after)
        put(p, "<successor id='%d'/>", after);
    put(p,
        "</link><width sOffset='0' a='%g' b='0' c='0' d='0'/><roadMark sOffset='0' type='broken' "
        "laneChange='both'/></lane>",
        WIDTH);
}

// Lanes of a road with `count` each way, or only along it; ids as right-hand traffic counts them.
static void lanes(pen *p, int count, bool both) {
    int side = p->def->mirrored ? -1 : 1;
    for (int pass = 0; pass < 2; pass++) {
        bool left = pass == 0, along = left == p->def->mirrored;
        if (pass == 1)
            put(p, "<center><lane id='0' type='none'/></center>");
        if (!along && !both)
            continue;
        put(p, "<%s>", left ? "left" : "right");
        for (int k = left ? count : 1; left ? k >= 1 : k <= count; k += left ? -1 : 1)
            lane(p, left ? k : -k, 0, 0);
        put(p, "</%s>", left ? "left" : "right");
    }
    (void)side;
    put(p, "</laneSection></lanes>");
}

// ---- the grid --------------------------------------------------------------------------------------------------------

// The four arms of a junction: 0 east, 1 north, 2 west, 3 south. The road of an arm, and at which of its ends the junction
// is.
static void arm_road(const town_def *d, int i, int j, int arm, char *id, size_t size, bool *at_end) {
    int x = arm == 2 ? i - 1 : i, y = arm == 3 ? j - 1 : j;
    snprintf(id, size, "%c%d_%d", arm == 0 || arm == 2 ? 'h' : 'v', x, y);
    *at_end = arm == 2 || arm == 3;
    (void)d;
}

static void grid_road(pen *p, bool along_x, int i, int j) {
    const town_def *d = p->def;
    int last = along_x ? d->columns - 1 : d->rows - 1, at = along_x ? i : j;
    bool from = at >= 0, to = at < last;
    double start = (along_x ? i : j) * d->spacing + REACH, end = ((along_x ? i : j) + 1) * d->spacing - REACH;
    if (!from)
        start = -REACH - d->stub;
    if (!to)
        end = last * d->spacing + REACH + d->stub;
    if (!from)
        end = -REACH;
    double cross = (along_x ? j : i) * d->spacing;
    char id[48];
    snprintf(id, sizeof id, "%c%d_%d", along_x ? 'h' : 'v', i, j);
    road(p, id, end - start, -1);
    int number = j * d->columns + i;
    if (from)
        put(p, "<predecessor elementType='junction' elementId='%sj%d'/>", d->prefix, number);
    if (to)
        put(p, "<successor elementType='junction' elementId='%sj%d'/>", d->prefix,
            along_x ? number + 1 : number + d->columns);
    if (along_x)
        plan(p, start, cross, 0, end - start, 0);
    else
        plan(p, cross, start, CW_PI / 2, end - start, 0);
    lanes(p, d->lanes, true);
    if (d->signs != TOWN_BARE) {
        put(p, "<signals>");
        for (int side = 0; side < 2; side++) {
            if (!(side == 0 ? to : from))
                continue;
            double s = side == 0 ? end - start - 2 : 2, t = (side == 0 ? -1 : 1) * flip(p) * (d->lanes * WIDTH + 1);
            const char *type = d->signs == TOWN_LIGHTS     ? "1000001"
                               : d->signs == TOWN_ALL_STOP ? "206"
                               : along_x                   ? "301"
                                                           : "205";
            put(p,
                "<signal id='%ss%s%d' s='%.17g' t='%.17g' zOffset='3' orientation='%c' dynamic='%s' country='%s' "
                "type='%s' "
                "subtype='-1' value='-1' height='1' width='0.3'/>",
                d->prefix, id, side, s, t, side == 0 ? '+' : '-', d->signs == TOWN_LIGHTS ? "yes" : "no",
                d->signs == TOWN_LIGHTS ? "OpenDRIVE" : "DE", type);
        }
        put(p, "</signals>");
    }
    put(p, "</road>");
}

typedef struct way {         // through a junction
    int arm, turn, from, to; // turn: -1 right, 0 straight, 1 left; lanes from the middle
} way;

static int ways_of(const town_def *d, way *out) {
    int count = 0;
    for (int arm = 0; arm < 4; arm++) {
        out[count++] = (way){arm, 1, 1, 1};
        for (int k = 1; k <= d->lanes; k++)
            out[count++] = (way){arm, 0, k, k};
        out[count++] = (way){arm, -1, d->lanes, d->lanes};
    }
    return count;
}

static void way_id(const town_def *d, int junction, const way *w, char *id, size_t size) {
    (void)d;
    snprintf(id, size, "c%d_%d_%d_%d", junction, w->arm, w->turn + 1, w->from);
}

static void connect(pen *p, int i, int j, const way *w) {
    const town_def *d = p->def;
    int junction = j * d->columns + i, side = d->mirrored ? -1 : 1;
    // It comes in from the arm, heading to the middle.
    double heading = w->arm * CW_PI / 2 + CW_PI, offset = (w->from - 1) * WIDTH;
    double c = cos(heading), s = sin(heading);
    double x = i * d->spacing - REACH * c + offset * s, y = j * d->spacing - REACH * s - offset * c;
    double radius = w->turn > 0 ? REACH : REACH - offset;
    double length = w->turn == 0 ? 2 * REACH : radius * CW_PI / 2;
    int exit_arm = (w->arm + 2 + w->turn + 4) % 4;
    char id[64], from[48], to[48];
    bool from_end, to_end;
    way_id(d, junction, w, id, sizeof id);
    arm_road(d, i, j, w->arm, from, sizeof from, &from_end);
    arm_road(d, i, j, exit_arm, to, sizeof to, &to_end);
    road(p, id, length, junction);
    put(p, "<predecessor elementType='road' elementId='%s%s' contactPoint='%s'/>", d->prefix, from,
        from_end ? "end" : "start");
    put(p, "<successor elementType='road' elementId='%s%s' contactPoint='%s'/>", d->prefix, to,
        to_end ? "end" : "start");
    plan(p, x, y, heading, length, w->turn == 0 ? 0 : w->turn / radius);
    int in = (from_end ? -w->from : w->from) * side, out = (to_end ? w->to : -w->to) * side;
    if (d->mirrored)
        put(p, "<left>");
    else
        put(p, "<center><lane id='0' type='none'/></center><right>");
    lane(p, -side, in, out);
    put(p, d->mirrored ? "</left><center><lane id='0' type='none'/></center>" : "</right>");
    put(p, "</laneSection></lanes></road>");
}

static void junction(pen *p, int i, int j) {
    const town_def *d = p->def;
    way list[64];
    int count = ways_of(d, list), number = j * d->columns + i, side = d->mirrored ? -1 : 1;
    put(p, "<junction id='%sj%d' name=''>", d->prefix, number);
    for (int k = 0; k < count; k++) {
        char from[48], id[64];
        bool from_end;
        arm_road(d, i, j, list[k].arm, from, sizeof from, &from_end);
        way_id(d, number, &list[k], id, sizeof id);
        put(p,
            "<connection id='%d' incomingRoad='%s%s' connectingRoad='%s%s' contactPoint='start'><laneLink from='%d' "
            "to='%d'/></connection>",
            k, d->prefix, from, d->prefix, id, (from_end ? -list[k].from : list[k].from) * side, -side);
    }
    put(p, "</junction>");
}

// ---- reading ---------------------------------------------------------------------------------------------------------

cw_scene *town_of_map(cw_map *map) {
    cw_arena *arena = cw_arena_new(1 << 20, 0);
    cw_scene *scene = cw_arena_alloc(arena, sizeof *scene);
    *scene = (cw_scene){.name = "town",
                        .author = "",
                        .description = "",
                        .version = "",
                        .origin = CW_FROM_OPENDRIVE,
                        .map = map,
                        .ego = CW_NONE,
                        .duration = (double)INFINITY,
                        .dry_friction = 1,
                        .mission_route = CW_NONE,
                        .arena = arena};
    return scene;
}

static cw_scene *read(pen *p) {
    put(p, "</OpenDRIVE>");
    cw_map *map;
    cw_error err = {0};
    cw_notices *notices = cw_notices_new();
    if (cw_opendrive_read(p->text, p->used, "town", &map, notices, &err) != CW_OK) {
        fprintf(stderr, "town: %d:%d: %s\n", err.line, err.column, err.text);
        abort();
    }
    cw_notices_free(notices);
    free(p->text);
    return town_of_map(map);
}

town_def town_defaults(void) {
    return (town_def){
        .columns = 1, .rows = 1, .spacing = 150, .stub = 150, .lanes = 1, .limit = 50 / 3.6, .prefix = ""};
}

cw_scene *town_make(const town_def *def) {
    pen p = {.def = def};
    begin(&p);
    for (int j = 0; j < def->rows; j++)
        for (int i = -1; i < def->columns; i++)
            grid_road(&p, true, i, j);
    for (int i = 0; i < def->columns; i++)
        for (int j = -1; j < def->rows; j++)
            grid_road(&p, false, i, j);
    way list[64];
    int count = ways_of(def, list);
    for (int j = 0; j < def->rows; j++)
        for (int i = 0; i < def->columns; i++)
            for (int k = 0; k < count; k++)
                connect(&p, i, j, &list[k]);
    for (int j = 0; j < def->rows; j++)
        for (int i = 0; i < def->columns; i++)
            junction(&p, i, j);
    return read(&p);
}

cw_scene *town_ring(double length, double limit) {
    town_def def = town_defaults();
    def.limit = limit;
    pen p = {.def = &def};
    double radius = length / (2 * CW_PI);
    begin(&p);
    for (int k = 0; k < 2; k++) {
        char id[2] = {(char)('a' + k), 0};
        road(&p, id, length / 2, -1);
        put(&p, "<predecessor elementType='road' elementId='%c' contactPoint='end'/>", 'b' - k);
        put(&p, "<successor elementType='road' elementId='%c' contactPoint='start'/>", 'b' - k);
        plan(&p, k == 0 ? radius : -radius, 0, k == 0 ? CW_PI / 2 : -CW_PI / 2, length / 2, 1 / radius);
        put(&p, "<center><lane id='0' type='none'/></center><right>");
        lane(&p, -1, -1, -1);
        put(&p, "</right></laneSection></lanes></road>");
    }
    return read(&p);
}

cw_scene *town_straight(double length, int count, double limit) {
    town_def def = town_defaults();
    def.limit = limit;
    pen p = {.def = &def};
    begin(&p);
    road(&p, "a", length, -1);
    plan(&p, 0, 0, 0, length, 0);
    lanes(&p, count, true);
    put(&p, "</road>");
    return read(&p);
}

cw_scene *town_crossing(double length, double limit) {
    town_def def = town_defaults();
    def.limit = limit;
    pen p = {.def = &def};
    begin(&p);
    for (int k = 0; k < 2; k++) {
        road(&p, k == 0 ? "a" : "b", length, -1);
        plan(&p, k == 0 ? -length / 2 : 0, k == 0 ? 0 : -length / 2, k * CW_PI / 2, length, 0);
        lanes(&p, 1, true);
        put(&p, "</road>");
    }
    return read(&p);
}

cw_scene *town_little(void) {
    cw_scene *scene;
    cw_error err = {0};
    cw_scenario_options options = {0};
    char file[1024];
    const char *root = getenv("CAUSEWAY_SOURCE");
    snprintf(file, sizeof file, "%s/scenes/town.xodr", root ? root : ".");
    if (cw_scene_read_file(file, &options, &scene, &err) != CW_OK) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    scene->ego = CW_NONE;
    scene->actor_count = scene->action_count = scene->init.count = 0;
    return scene;
}

uint32_t town_lane(const cw_scene *scene, const char *road_id, int id) {
    uint32_t index = cw_map_find_road(scene->map, road_id);
    return index == CW_NONE ? CW_NONE : cw_map_find_lane(scene->map, index, id, 0);
}
