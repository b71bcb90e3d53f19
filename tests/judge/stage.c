#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/columns.h"
#include "road/build.h"
#include "stage.h"

static const double fine = 0.001; // s of the clock on which contacts are found

// ---- the road --------------------------------------------------------------------------------------------------------

static cw_build_text text(const char *t) {
    return (cw_build_text){t, strlen(t)};
}

static cw_pose moved(const stage *s, double x, double y, double heading) {
    double sine, cosine;
    if (s->mirror) {
        y = -y;
        heading = -heading;
    }
    cw_sincos(s->turn, &sine, &cosine);
    return (cw_pose){s->east + x * cosine - y * sine, s->north + x * sine + y * cosine,
                     cw_wrap_angle(heading + s->turn)};
}

static double height_at(const stage *s, double x) {
    return s->slope * x;
}

// The lanes of one carriageway from left to right, as they lie right of a road's line that leads along its traffic.
typedef struct cross_section {
    int32_t id;
    cw_lane_kind kind;
    double width;
    int32_t previous, next; // 0: none
} cross_section;

static void section(cw_map_builder *b, const stage *s, const cross_section *lanes, int count) {
    cw_build_begin_section(b, 0);
    for (int i = 0; i < count; i++) {
        const cross_section *l = &lanes[s->mirror ? count - 1 - i : i];
        int32_t sign = s->mirror ? -1 : 1;
        bool solid = l->id == 0 && s->solid;
        cw_build_begin_lane(b, &(cw_build_lane){.id = sign * l->id,
                                                .kind = l->kind,
                                                .way = s->road == STAGE_NARROW ? CW_WAY_BOTH : CW_WAY_STANDARD});
        if (l->id != 0)
            cw_build_width(b, &(cw_cubic){.a = l->width});
        if (s->limit > 0 && l->kind == CW_LANE_DRIVING)
            cw_build_limit(b, &(cw_speed_record){.limit = (float)s->limit});
        cw_build_mark(b, &(cw_road_mark){.kind = solid ? CW_MARK_SOLID : CW_MARK_BROKEN,
                                         .change = solid ? 0 : CW_CHANGE_BOTH,
                                         .width = 0.12f});
        if (l->previous != 0)
            cw_build_lane_link(b, false, sign * l->previous, 0, 0);
        if (l->next != 0)
            cw_build_lane_link(b, true, sign * l->next, 0, 0);
        cw_build_end_lane(b);
    }
    cw_build_end_section(b);
}

// A road of one piece from (x, y) on; bend: 1/m, 0: straight.
static void begin_road(cw_map_builder *b, const stage *s, const char *id, const char *junction, cw_pose from,
                       double length, double bend) {
    cw_pose start = moved(s, from.x, from.y, from.heading);
    cw_build_road road = {.id = text(id), .length = length, .left_hand = s->mirror};
    if (junction)
        road.junction = text(junction);
    cw_build_begin_road(b, &road);
    cw_build_geometry(b, &(cw_geometry){.x = start.x,
                                        .y = start.y,
                                        .heading = start.heading,
                                        .length = length,
                                        .kind = bend == 0 ? CW_LINE : CW_ARC,
                                        .k0 = s->mirror ? -bend : bend});
    if (s->slope != 0) // the whole stage is one tilted plane
        cw_build_cubic(b, CW_PROFILE_ELEVATION,
                       &(cw_cubic){.a = height_at(s, from.x), .b = s->slope * cw_cos(from.heading)});
    if (s->motorway || s->town)
        cw_build_road_type(b, &(cw_road_type){.kind = s->town ? CW_ROAD_TOWN : CW_ROAD_MOTORWAY});
}

// Holds for the traffic that runs along the road (way 1) or against it (-1).
static void sign_at(cw_map_builder *b, const stage *s, const char *id, cw_signal_kind kind, double at, int8_t way) {
    bool light = kind == CW_SIGNAL_LIGHT;
    cw_build_signal_add(b, &(cw_build_signal){.id = text(id),
                                              .name = text(light ? "light" : "stop"),
                                              .country = text(light ? "OpenDRIVE" : "DE"),
                                              .type = text(light ? "1000001" : "206"),
                                              .subtype = text("-1"),
                                              .kind = kind,
                                              .dynamic = light,
                                              .orientation = way,
                                              .s = at,
                                              .t = s->mirror ? 8.0 : -8.0,
                                              .z = 3,
                                              .height = 1});
}

// Things beside and on the road along x that begins at x = 0.
static void furnish(cw_map_builder *b, const stage *s) {
    // In left-hand traffic the lanes that lead along +x are those to the left, still with rising s.
    if (s->light_s > 0)
        sign_at(b, s, "L", CW_SIGNAL_LIGHT, s->light_s, 1);
    if (s->stop_sign_s > 0)
        sign_at(b, s, "S", CW_SIGNAL_STOP, s->stop_sign_s, 1);
    double side = s->mirror ? -1 : 1;
    if (s->post_x > 0)
        cw_build_object_add(b, &(cw_build_object){.id = text("P"),
                                                  .name = text("post"),
                                                  .kind = CW_OBJECT_OBSTACLE,
                                                  .solid = true,
                                                  .s = s->post_x,
                                                  .t = side * s->post_y,
                                                  .length = 1,
                                                  .width = 1,
                                                  .height = 2});
    if (s->house.half_length > 0)
        cw_build_object_add(b, &(cw_build_object){.id = text("H"),
                                                  .name = text("house"),
                                                  .kind = CW_OBJECT_BUILDING,
                                                  .solid = true,
                                                  .s = s->house.x,
                                                  .t = side * s->house.y,
                                                  .length = 2 * s->house.half_length,
                                                  .width = 2 * s->house.half_width,
                                                  .height = 6});
    if (s->zebra_x > 0)
        cw_build_object_add(b, &(cw_build_object){.id = text("Z"),
                                                  .name = text("zebra"),
                                                  .kind = CW_OBJECT_CROSSWALK,
                                                  .s = s->zebra_x,
                                                  .t = side * -1.75,
                                                  .length = 4,
                                                  .width = 10.5});
}

static void straight(cw_map_builder *b, const stage *s) {
    cw_lane_kind back = s->motorway ? CW_LANE_BORDER : CW_LANE_DRIVING;
    const cross_section lanes[] = {
        {2, CW_LANE_SHOULDER, 2.5, 0, 0}, {1, back, 3.5, 0, 0},
        {0, CW_LANE_NONE, 0, 0, 0},       {-1, CW_LANE_DRIVING, 3.5, 0, 0},
        {-2, CW_LANE_DRIVING, 3.5, 0, 0}, {-3, CW_LANE_SHOULDER, 2.5, 0, 0},
    };
    begin_road(b, s, "1", NULL, (cw_pose){0, 0, 0}, 3000, 0);
    section(b, s, lanes, 6);
    cw_build_end_road(b);
}

static void narrow(cw_map_builder *b, const stage *s) {
    const cross_section lanes[] = {{0, CW_LANE_NONE, 0, 0, 0}, {-1, CW_LANE_DRIVING, 3.5, 0, 0}};
    begin_road(b, s, "1", NULL, (cw_pose){0, 1.75, 0}, 3000, 0);
    section(b, s, lanes, 2);
    cw_build_end_road(b);
}

enum { ARM = 192, BOX = 16 }; // m: of an arm, and across the junction

static void crossroads(cw_map_builder *b, const stage *s) {
    const double edge = BOX / 2.0;
    static const cw_pose arms[] = {
        {0, 0, 0}, {200 + 8, 0, 0}, {200, -200, CW_PI / 2}, {200, 8, CW_PI / 2}}; // west, east, south, north
    static const char *const names[] = {"1", "2", "3", "4"};
    const cross_section lanes[] = {{2, CW_LANE_SHOULDER, 2.5, 0, 0},
                                   {1, CW_LANE_DRIVING, 3.5, 0, 0},
                                   {0, CW_LANE_NONE, 0, 0, 0},
                                   {-1, CW_LANE_DRIVING, 3.5, 0, 0},
                                   {-2, CW_LANE_SHOULDER, 2.5, 0, 0}};
    for (int i = 0; i < 4; i++) {
        begin_road(b, s, names[i], NULL, arms[i], ARM, 0);
        cw_build_road_link(b, i % 2 == 0, &(cw_build_link){.id = text("J"), .kind = CW_LINK_JUNCTION});
        section(b, s, lanes, 5);
        cw_build_end_road(b);
        if (i == 0)
            furnish(b, s);
        if (i >= 2 && s->side_light > 0)
            sign_at(b, s, i == 2 ? "M" : "N", CW_SIGNAL_LIGHT, i == 2 ? ARM - 1 : 1, i == 2 ? 1 : -1);
    }
    static const struct {
        const char *id;
        int from, to; // arms
        cw_pose start;
        double bend;
    } ways[] = {{"11", 0, 1, {192, 0, 0}, 0},          {"12", 1, 0, {208, 0, CW_PI}, 0},
                {"13", 2, 3, {200, -8, CW_PI / 2}, 0}, {"14", 3, 2, {200, 8, -CW_PI / 2}, 0},
                {"15", 1, 2, {208, 0, CW_PI}, 1},      {"16", 0, 3, {192, 0, 0}, 1}};
    enum { WAYS = sizeof ways / sizeof *ways };
    for (int i = 0; i < WAYS; i++) {
        bool ends = ways[i].from % 2 == 0, meets = ways[i].to % 2 != 0; // one comes to its end; goes on from its start
        const cross_section lane[] = {{0, CW_LANE_NONE, 0, 0, 0},
                                      {-1, CW_LANE_DRIVING, 3.5, ends ? -1 : 1, meets ? -1 : 1}};
        begin_road(b, s, ways[i].id, "J", ways[i].start, ways[i].bend == 0 ? BOX : edge * CW_PI / 2,
                   ways[i].bend / edge);
        cw_build_road_link(b, false,
                           &(cw_build_link){.id = text(names[ways[i].from]), .kind = CW_LINK_ROAD, .at_end = ends});
        cw_build_road_link(b, true,
                           &(cw_build_link){.id = text(names[ways[i].to]), .kind = CW_LINK_ROAD, .at_end = !meets});
        section(b, s, lane, 2);
        cw_build_end_road(b);
    }
    cw_build_junction(b, text("J"), 0);
    int32_t sign = s->mirror ? -1 : 1;
    for (int i = 0; i < WAYS; i++) {
        cw_build_connection(b, text(names[ways[i].from]), text(ways[i].id), false, 0, 0);
        cw_build_lane_pair(b, sign * (ways[i].from % 2 == 0 ? -1 : 1), sign * -1, 0, 0);
    }
    for (int x = 0; x < 2 && s->priority != 0; x++)
        for (int y = 2; y < 4; y++)
            cw_build_priority(b, text(names[s->priority > 0 ? x : y]), text(names[s->priority > 0 ? y : x]));
}

static const cw_map *build_road(const stage *s) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    assert_non_null(b);
    if (s->road == STAGE_CROSSROADS)
        crossroads(b, s);
    else if (s->road == STAGE_NARROW)
        narrow(b, s);
    else
        straight(b, s);
    if (s->road != STAGE_CROSSROADS)
        furnish(b, s);
    cw_map *map = NULL;
    cw_error err = {0};
    if (cw_build_finish(b, "stage", &map, &err) != CW_OK)
        fail_msg("the road does not build: %s", err.text);
    cw_build_free(b);
    return map;
}

// ---- motion ----------------------------------------------------------------------------------------------------------

typedef struct body {     // now
    double x, y, heading; // of its way; `side` is beside it
    double speed, accel, side, side_speed;
} body;

static double asked(const stage_actor *a, double t) {
    for (int i = 0; i < STAGE_BRAKES; i++)
        if (t >= a->push[i].from - 1e-9 && t < a->push[i].until - 1e-9)
            return a->push[i].accel;
    return 0;
}

static void step(const stage_actor *a, body *b, double t, double delay) {
    double accel = asked(a, t - delay), next = b->speed + accel * fine;
    if (!a->reverse && accel < 0 && next < 0)
        next = cw_min(b->speed, 0);
    b->accel = (next - b->speed) / fine;
    double way = 0.5 * (b->speed + next) * fine, sine, cosine;
    if (t >= a->turn.from - 1e-9 && t < a->turn.until - 1e-9)
        b->heading += a->turn.by / (a->turn.until - a->turn.from) * fine;
    cw_sincos(b->heading, &sine, &cosine);
    b->x += way * cosine;
    b->y += way * sine;
    b->speed = next;
    b->side = b->side_speed = 0;
    for (int i = 0; i < STAGE_SHIFTS; i++) {
        double span = a->shift[i].until - a->shift[i].from;
        if (!(span > 0))
            continue;
        double u = cw_clamp((t + fine - a->shift[i].from) / span, 0, 1);
        b->side += a->shift[i].by * 0.5 * (1 - cw_cos(CW_PI * u));
        if (u > 0 && u < 1)
            b->side_speed += a->shift[i].by * 0.5 * CW_PI / span * cw_sin(CW_PI * u);
    }
}

static cw_pose pose_of(const stage *s, const body *b) {
    double sine, cosine;
    cw_sincos(b->heading, &sine, &cosine);
    return moved(s, b->x - b->side * sine, b->y + b->side * cosine, b->heading);
}

static double length_of(const stage_actor *a) {
    return a->length > 0 ? a->length : 4.5;
}
static double width_of(const stage_actor *a) {
    return a->width > 0 ? a->width : 1.8;
}
static double center_of(const stage_actor *a) {
    return a->kind <= CW_ACTOR_BUS ? 0.3 * length_of(a) : 0;
}

static cw_box box_of(const stage *s, const stage_actor *a, const body *b) {
    return cw_box_at(pose_of(s, b), 0, length_of(a), width_of(a));
}

// ---- the trace -------------------------------------------------------------------------------------------------------

static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
static const cw_column contact_columns[] = CW_COLUMN_TABLE(CW_CONTACT_COLUMNS);
static const cw_column signal_columns[] = CW_COLUMN_TABLE(CW_SIGNAL_COLUMNS);

static uint32_t number(const stage *s, uint32_t actor) {
    return s->renumber ? s->actors - 1 - actor : actor;
}

typedef struct play {
    const stage *s;
    cw_trace *trace;
    body now[STAGE_ACTORS];
    bool touching[STAGE_ACTORS + 1];
    uint32_t actors, decision, contact, signals;
} play;

static void tick(play *p, int64_t time_ns, double t) {
    cw_actor_row rows[STAGE_ACTORS];
    size_t count = 0;
    for (uint32_t n = 0; n < p->s->actors; n++) {
        uint32_t i = number(p->s, n); // rows in order of the scene's numbers
        const stage_actor *a = &p->s->actor[i];
        if (t < a->appears - 1e-9)
            continue;
        cw_pose at = pose_of(p->s, &p->now[i]);
        double sine, cosine;
        cw_sincos(at.heading, &sine, &cosine);
        rows[count++] =
            (cw_actor_row){.actor = n,
                           .mover = i == 0 ? 3 : 1,
                           .x_m = at.x - center_of(a) * cosine,
                           .y_m = at.y - center_of(a) * sine,
                           .z_m = (float)height_at(p->s, p->now[i].x),
                           .heading_rad = (float)at.heading,
                           .speed_mps = (float)p->now[i].speed,
                           .lateral_speed_mps = (float)(p->s->mirror ? -p->now[i].side_speed : p->now[i].side_speed),
                           .accel_mps2 = (float)p->now[i].accel};
    }
    assert_true(cw_trace_add(p->trace, p->actors, time_ns, rows, count * sizeof *rows));
    if (p->s->no_decisions)
        return;
    cw_decision_row d = {
        .source = CW_FROM_CLASSICAL, .state = p->s->without, .accel_mps2 = (float)asked(&p->s->actor[0], t)};
    assert_true(cw_trace_add(p->trace, p->decision, time_ns, &d, sizeof d));
}

// The corner of either box that lies deepest in the other stands for the place of the touch.
static cw_vec2 place(const cw_box *a, const cw_box *b) {
    cw_vec2 best = {a->x, a->y}, corner[4];
    double least = INFINITY;
    for (int k = 0; k < 2; k++) {
        const cw_box *of = k == 0 ? a : b, *in = k == 0 ? b : a;
        cw_box_corners(of, corner);
        for (int i = 0; i < 4; i++) {
            double dx = corner[i].x - in->x, dy = corner[i].y - in->y;
            double along = fabs(dx * in->ux + dy * in->uy) - in->half_length;
            double across = fabs(dy * in->ux - dx * in->uy) - in->half_width;
            double out = cw_max(along, across);
            if (out < least) {
                least = out;
                best = corner[i];
            }
        }
    }
    return best;
}

static cw_vec2 velocity(const cw_box *box, const body *b, bool mirror) {
    double side = mirror ? -b->side_speed : b->side_speed;
    return (cw_vec2){b->speed * box->ux - side * box->uy, b->speed * box->uy + side * box->ux};
}

static void touches(play *p, int64_t time_ns, double t) {
    cw_box ego = box_of(p->s, &p->s->actor[0], &p->now[0]);
    cw_vec2 v = velocity(&ego, &p->now[0], p->s->mirror);
    for (uint32_t i = 1; i <= p->s->actors; i++) {
        bool post = i == p->s->actors;
        if (post ? !(p->s->post_x > 0) : t < p->s->actor[i].appears - 1e-9)
            continue;
        cw_vec2 w = {0, 0};
        cw_box other;
        if (post) {
            other = cw_box_at(moved(p->s, p->s->post_x, p->s->post_y, 0), 0, 1, 1);
        } else {
            other = box_of(p->s, &p->s->actor[i], &p->now[i]);
            w = velocity(&other, &p->now[i], p->s->mirror);
        }
        bool touch = cw_box_overlap(&ego, &other);
        if (touch && !p->touching[i]) {
            uint32_t a = number(p->s, 0), b = post ? CW_NONE : number(p->s, i);
            bool swap = b < a;
            cw_vec2 at = place(&ego, &other);
            double speeds[2] = {p->now[0].speed, post ? 0 : p->now[i].speed};
            cw_contact_row row = {.a = swap ? b : a,
                                  .b = swap ? a : b,
                                  .object = post ? 0 : CW_NONE,
                                  .speed_a_mps = (float)speeds[swap],
                                  .speed_b_mps = (float)speeds[!swap],
                                  .impact_mps = (float)cw_hypot(v.x - w.x, v.y - w.y),
                                  .x_m = at.x,
                                  .y_m = at.y};
            assert_true(cw_trace_add(p->trace, p->contact, time_ns, &row, sizeof row));
        }
        p->touching[i] = touch;
    }
}

static void light(play *p, int64_t time_ns, cw_light state) {
    cw_signal_row rows[2] = {{.signal = 0, .light = (uint8_t)state}, {.signal = 1, .light = (uint8_t)state}};
    size_t count = p->s->side_light > 0 ? 2 : 1;
    assert_true(cw_trace_add(p->trace, p->signals, time_ns, rows, count * sizeof *rows));
}

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

static cw_trace *run(const stage *s) {
    play p = {.s = s, .trace = cw_trace_new()};
    assert_non_null(p.trace);
    p.actors = cw_trace_rows(p.trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    if (!s->no_decisions)
        p.decision = cw_trace_rows(p.trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    p.contact = cw_trace_rows(p.trace, CW_CONTACT_CHANNEL, COLUMNS(contact_columns));
    p.signals = cw_trace_rows(p.trace, CW_SIGNALS_CHANNEL, COLUMNS(signal_columns));
    double delay = s->actuation == 0 ? 0.2 : cw_max(0, s->actuation);
    for (uint32_t i = 0; i < s->actors; i++)
        p.now[i] =
            (body){.x = s->actor[i].x, .y = s->actor[i].y, .heading = s->actor[i].heading, .speed = s->actor[i].speed};
    double red = s->light_s > 0 ? s->light_red : s->side_light;
    bool lit = s->light_s > 0 || s->side_light > 0;
    if (lit)
        light(&p, 0, red > 0 ? CW_LIGHT_GREEN : CW_LIGHT_RED);
    int64_t every = llround((s->period > 0 ? s->period : 0.1) / fine), steps = llround(s->duration / fine);
    for (int64_t k = 0; k <= steps; k++) {
        double t = (double)k * fine;
        int64_t time_ns = k * 1000000;
        if (lit && red > 0 && k == llround(red / fine))
            light(&p, time_ns, CW_LIGHT_RED);
        touches(&p, time_ns, t);
        if (k % every == 0)
            tick(&p, time_ns, t);
        for (uint32_t i = 0; i < s->actors; i++)
            step(&s->actor[i], &p.now[i], t, i == 0 ? delay : 0);
    }
    return p.trace;
}

void stage_judge(const stage *s, stage_result *out) {
    memset(out, 0, sizeof *out);
    cw_actor *actors = calloc(s->actors, sizeof *actors);
    assert_non_null(actors);
    static const char *const names[] = {"ego", "a", "b", "c", "d", "e", "f", "g"};
    for (uint32_t i = 0; i < s->actors; i++) {
        const stage_actor *a = &s->actor[i];
        actors[number(s, i)] = (cw_actor){.name = names[i],
                                          .model = "",
                                          .kind = (uint8_t)a->kind,
                                          .length = (float)length_of(a),
                                          .width = (float)width_of(a),
                                          .height = a->height > 0 ? (float)a->height : 1.5f,
                                          .center_x = (float)center_of(a),
                                          .starts = true,
                                          .samples = i == 0 ? s->recorded : NULL,
                                          .sample_count = i == 0 ? s->recorded_count : 0,
                                          .controller = {.name = i == 0 && s->lane_keeping ? "ALKS" : ""},
                                          .trailer = CW_NONE};
    }
    out->scene = (cw_scene){.name = "stage",
                            .origin = CW_FROM_OPENSCENARIO,
                            .map = build_road(s),
                            .actor_count = s->actors,
                            .actors = actors,
                            .ego = number(s, 0),
                            .duration = INFINITY,
                            .environment = {.has_friction = s->friction > 0, .friction_scale = s->friction},
                            .dry_friction = 1,
                            .mission_route = CW_NONE};
    out->trace = run(s);
    if (s->a1)
        cw_trace_set(out->trace, "a1", s->a1);
    cw_mission mission = {.set_speed = (float)s->set_speed, .goal_lane = CW_NONE};
    cw_judge_def def = {.scene = &out->scene,
                        .trace = out->trace,
                        .goal_time_ns = -1,
                        .mission = s->set_speed > 0 ? &mission : NULL,
                        .seed = 1,
                        .dt_ns = 10000000,
                        .period_ns = 100000000};
    cw_error err = {0};
    if (cw_judge(&def, &out->verdict, &err) != CW_OK)
        fail_msg("not judged: %s", err.text);
}

void stage_free(stage_result *out) {
    cw_trace_free(out->trace);
    cw_map_free((cw_map *)(uintptr_t)out->scene.map);
    free((void *)(uintptr_t)out->scene.actors);
}

const cw_criterion *stage_criterion(const stage_result *r, const char *name) {
    for (uint32_t i = 0; i < r->verdict.criterion_count; i++)
        if (strcmp(r->verdict.criteria[i].name, name) == 0)
            return &r->verdict.criteria[i];
    fail_msg("no criterion is called %s", name);
    return NULL;
}

double stage_metric(const stage_result *r, const char *name) {
    for (uint32_t i = 0; i < r->verdict.metric_count; i++)
        if (strcmp(r->verdict.metrics[i].name, name) == 0)
            return r->verdict.metrics[i].value;
    fail_msg("no metric is called %s", name);
    return NAN;
}

bool stage_korean(const char *text) {
    static const char *const terms[] = {"nuPlan", "NAVSIM", "PDMS", "CARLA", "DRAC", "BTN", "TTR", "PET",
                                        "R157",   "TTC",    "RSS",  "EP",    "MP",   "km",  "rad"};
    bool letters = false;
    for (const char *at = text; *at;) {
        size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), known = word < 2;
        for (size_t i = 0; i < sizeof terms / sizeof *terms && !known; i++)
            known = strncmp(at, terms[i], strlen(terms[i])) == 0;
        if (!known)
            return false;
        letters = letters || (unsigned char)*at >= 0xEA; // Hangul syllables begin with EA to ED
        at += word > 0 ? word : 1;
    }
    return letters;
}
