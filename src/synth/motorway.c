// The motorway south of the town and its interchange: two carriageways, a bridge over them, and at either side of it a
// crossing with the ramps of the near carriageway. What is said here of the northern side, where traffic runs west, holds
// for the southern turned by half a turn.
#include "synth.h"

#include <math.h>

static const double out_there = 700, split = 330, joint = 30; // m from the bridge: end, and a fork's two ends
static const double lane_width = 3.75, hard_shoulder = 2.5, median_half = 2; // m
static const double fork_length = 240, taper = 80;   // m: of the lane beside, and of its opening
static const double from_town = 130, from_axis = 85; // m: terminal from the gate, and from the motorway
static const double limit = 100 / 3.6;

enum { JUNCTIONS_A_SIDE = 2 }; // where the ramp leaves, where it joins

static cw_pose side_pose(const town *t, int side, double x, double y, double heading) {
    double sign = side == 0 ? 1 : -1;
    return (cw_pose){t->nodes[t->gate].x + sign * x, t->axis + sign * y,
                     cw_wrap_angle(heading + (side == 0 ? 0 : CW_PI))};
}

// ---- terminals and ramps ---------------------------------------------------------------------------------------------

void plan_interchange(town *t) {
    const node *gate = &t->nodes[t->gate];
    t->axis = gate->y - from_town - from_axis;
    t->motorway_z = gate->z;
    int terminal[2];
    for (int side = 0; side < 2; side++) {
        cw_pose p = side_pose(t, side, 0, from_axis, 0);
        terminal[side] = t->node_count++;
        node *n = &t->nodes[terminal[side]];
        *n = (node){.x = p.x, .y = p.y, .z = t->motorway_z + 3, .turn = p.heading};
        for (int k = 0; k < ARMS; k++)
            n->arms[k].street = -1;
    }
    plan_street(t, t->gate, 3, terminal[0], 1, RING_STREET, 1, 1);
    int bridge = plan_street(t, terminal[0], 3, terminal[1], 3, RING_STREET, 1, 1);
    t->streets[bridge].crest = 4;
    for (int side = 0; side < 2; side++) {
        plan_street(t, -1, -1, terminal[side], 0, RAMP, 1, 1);
        plan_street(t, terminal[side], 2, -1, -1, RAMP, 1, 1);
    }
}

static int first_ramp(const town *t) {
    return t->street_count - 4;
}

// Where a ramp begins (or, mirrored in the bridge, ends): beside the motorway and a little away from it.
static cw_pose ramp_end(const town *t, int side, bool joins) {
    double x = split - joint, lean = 0.08;
    return side_pose(t, side, joins ? -x : x, median_half + 2 * lane_width + 1.2, joins ? CW_PI + lean : CW_PI - lean);
}

void plan_ramps(town *t) {
    for (int side = 0; side < 2; side++) {
        for (int joins = 0; joins < 2; joins++) {
            street *s = &t->streets[first_ramp(t) + 2 * side + joins];
            const node *n = &t->nodes[joins ? s->from : s->to];
            s->outer = t->motorway_number + side * JUNCTIONS_A_SIDE + joins;
            cw_pose terminal = arm_pose(n, joins ? 2 : 0), there = ramp_end(t, side, joins);
            if (!joins)
                terminal.heading = cw_wrap_angle(terminal.heading + CW_PI);
            s->line = joins ? curve_between(terminal, there) : curve_between(there, terminal);
            s->z0 = joins ? n->z : t->motorway_z;
            s->z1 = joins ? t->motorway_z : n->z;
        }
    }
}

// ---- carriageways ----------------------------------------------------------------------------------------------------

// Part 0 comes before the ramp leaves, 1 lies under the bridge, 2 follows where the other ramp joins.
static curve part_line(const town *t, int side, int part) {
    double from = part == 0 ? out_there : part == 1 ? split - joint : -split;
    double to = part == 0 ? split : part == 1 ? joint - split : -out_there;
    return curve_line(side_pose(t, side, from, median_half, CW_PI), from - to);
}

void sample_motorway(town *t) {
    for (int side = 0; side < 2; side++) {
        curve whole = curve_line(side_pose(t, side, out_there, median_half, CW_PI), 2 * out_there);
        pen_sample(t, &whole, 3 * lane_width + hard_shoulder);
    }
}

// Two lanes and the hard shoulder; `beside`: 0 none, or a third lane of this kind, its width by `width`. The neighbouring
// section has (has not) the lane beside.
static void draw_section(town *t, double s, cw_lane_kind beside, const cw_cubic *width, int widths, bool first,
                         bool last) {
    lane_spec lanes[5] = {{.mark = CW_MARK_SOLID}};
    int count = 1, shoulder = beside != CW_LANE_NONE ? -4 : -3, other = beside != CW_LANE_NONE ? -3 : -4;
    for (int i = 1; i <= 2; i++)
        lanes[count++] = (lane_spec){.id = -i,
                                     .kind = CW_LANE_DRIVING,
                                     .widths = 1,
                                     .width = {{.a = lane_width}},
                                     .mark = i == 1 || beside != CW_LANE_NONE ? CW_MARK_BROKEN : CW_MARK_SOLID,
                                     .previous = first ? 0 : -i,
                                     .next = last ? 0 : -i};
    if (beside != CW_LANE_NONE) {
        lanes[count] = (lane_spec){.id = -3, .kind = beside, .widths = widths, .mark = CW_MARK_SOLID};
        for (int i = 0; i < widths; i++)
            lanes[count].width[i] = width[i];
        count++;
    }
    lanes[count++] = (lane_spec){.id = shoulder,
                                 .kind = CW_LANE_SHOULDER,
                                 .widths = 1,
                                 .width = {{.a = hard_shoulder}},
                                 .mark = CW_MARK_NONE,
                                 .previous = first ? 0 : other,
                                 .next = last ? 0 : other};
    pen_section(t, s, lanes, count);
}

static void draw_part(town *t, int number, int side, int part) {
    curve line = part_line(t, side, part);
    int leave = t->motorway_number + side * JUNCTIONS_A_SIDE, join = leave + 1;
    end_spec none = {CW_LINK_NONE, 0, false}, before = {CW_LINK_JUNCTION, part == 1 ? leave : join, false},
             after = {CW_LINK_JUNCTION, part == 0 ? leave : join, false};
    road_spec road = {.name = "motorway",
                      .line = &line,
                      .z0 = t->motorway_z,
                      .z1 = t->motorway_z,
                      .junction = -1,
                      .limit = limit,
                      .kind = CW_ROAD_MOTORWAY};
    pen_begin_road(t, number, &road, part == 0 ? none : before, part == 2 ? none : after);
    if (part == 0) {
        cw_cubic open[2] = {eased_width(0, lane_width, taper), {.s = taper, .a = lane_width}};
        draw_section(t, 0, CW_LANE_NONE, NULL, 0, true, false);
        draw_section(t, line.length - fork_length, CW_LANE_EXIT, open, 2, false, true);
    } else if (part == 1) {
        draw_section(t, 0, CW_LANE_NONE, NULL, 0, true, true);
    } else {
        cw_cubic close[2] = {{.a = lane_width}, eased_width(lane_width, 0, taper)};
        close[1].s = fork_length - taper;
        draw_section(t, 0, CW_LANE_ENTRY, close, 2, true, false);
        draw_section(t, fork_length, CW_LANE_NONE, NULL, 0, false, true);
    }
    pen_end_road(t);
}

// The roads of a fork: two lanes straight on, and the ramp's.
static void draw_fork(town *t, int side, bool joins, int before, int after, int ramp) {
    int junction = t->motorway_number + side * JUNCTIONS_A_SIDE + joins, number = t->roads + 1;
    double from = joins ? joint - split : split;
    curve straight = curve_line(side_pose(t, side, from, median_half, CW_PI), joint);
    cw_pose beside = side_pose(t, side, joins ? -split : split, median_half + 2 * lane_width, CW_PI),
            away = ramp_end(t, side, joins);
    curve bend = joins ? curve_between(away, beside) : curve_between(beside, away);
    road_spec road = {.name = "",
                      .line = &straight,
                      .z0 = t->motorway_z,
                      .z1 = t->motorway_z,
                      .junction = junction,
                      .limit = limit,
                      .kind = CW_ROAD_MOTORWAY};
    lane_spec lanes[3] = {{.mark = CW_MARK_SOLID}};
    for (int i = 1; i <= 2; i++)
        lanes[i] = (lane_spec){.id = -i,
                               .kind = CW_LANE_DRIVING,
                               .widths = 1,
                               .width = {{.a = lane_width}},
                               .mark = i == 1 ? CW_MARK_BROKEN : CW_MARK_NONE,
                               .previous = -i,
                               .next = -i};
    end_spec main_in = {CW_LINK_ROAD, before, true}, main_out = {CW_LINK_ROAD, after, false},
             ramp_in = {CW_LINK_ROAD, ramp, true}, ramp_out = {CW_LINK_ROAD, ramp, false};
    pen_begin_road(t, number, &road, main_in, main_out);
    pen_section(t, 0, lanes, 3);
    pen_end_road(t);
    road.line = &bend;
    lanes[1].mark = CW_MARK_SOLID;
    lanes[1].previous = joins ? -1 : -3;
    lanes[1].next = joins ? -3 : -1;
    pen_begin_road(t, number + 1, &road, joins ? ramp_in : main_in, joins ? main_out : ramp_out);
    pen_section(t, 0, lanes, 2);
    pen_end_road(t);
}

static void connect_fork(town *t, int side, bool joins, int before, int ramp, int number) {
    pen_junction(t, t->motorway_number + side * JUNCTIONS_A_SIDE + joins);
    pen_connection(t, before, number, (const int[][2]){{-1, -1}, {-2, -2}}, 2);
    pen_connection(t, joins ? ramp : before, number + 1, (const int[][2]){{joins ? -1 : -3, -1}}, 1);
}

void draw_motorway(town *t) {
    for (int side = 0; side < 2; side++) {
        int parts = t->roads + 1, ramp = street_number(first_ramp(t) + 2 * side);
        for (int part = 0; part < 3; part++)
            draw_part(t, parts + part, side, part);
        for (int joins = 0; joins < 2; joins++)
            draw_fork(t, side, joins, parts + joins, parts + joins + 1, ramp + joins);
        for (int joins = 0; joins < 2; joins++)
            connect_fork(t, side, joins, parts + joins, ramp + joins, parts + 3 + 2 * joins);
    }
}
