// One street: its lanes, signs, crosswalks.
#include "synth.h"

#include <math.h>

static const double drop_length = 50, bay_start = 12, bay_ease = 6; // m
static const double crossing_at = 3.5, line_at = 6.5; // m before the crossing: middle of a crosswalk, stop line

double street_half(const street *s, bool with_walk) {
    int lanes = s->lanes_from > s->lanes_to ? s->lanes_from : s->lanes_to;
    return lanes * s->lane_width + (s->parking ? parking_width : 0) + (with_walk && s->walks ? walk_width : 0);
}

// ---- lanes -----------------------------------------------------------------------------------------------------------

// A bay for parked cars, closed at both ends of the street.
static lane_spec bay(int id, double length) {
    lane_spec lane = {.id = id, .kind = CW_LANE_PARKING, .widths = 5, .mark = CW_MARK_CURB};
    cw_cubic open = eased_width(0, parking_width, bay_ease), close = eased_width(parking_width, 0, bay_ease);
    open.s = bay_start;
    close.s = length - bay_start - bay_ease;
    lane.width[1] = open;
    lane.width[2] = (cw_cubic){.s = bay_start + bay_ease, .a = parking_width};
    lane.width[3] = close;
    lane.width[4] = (cw_cubic){.s = length - bay_start};
    return lane;
}

// Lanes of one section, `lanes` each way; closing: the outermost comes to nothing at its end. before and after: driving
// lanes of the neighbouring sections, 0: none. Gives how many there are, the centre line among them.
static int section_lanes(const street *s, int lanes, bool closing, int before, int after, lane_spec *out) {
    int count = 0, shift = s->parking ? 1 : 0;
    out[count++] = (lane_spec){.mark = s->one_way               ? CW_MARK_SOLID
                                       : s->kind == MAIN_STREET ? CW_MARK_SOLID_SOLID
                                                                : CW_MARK_BROKEN};
    for (int side = -1; side <= (s->one_way ? -1 : 1); side += 2) {
        for (int i = 1; i <= lanes; i++) {
            lane_spec *lane = &out[count++];
            *lane = (lane_spec){.id = side * i,
                                .kind = CW_LANE_DRIVING,
                                .widths = 1,
                                .width = {{.a = s->lane_width}},
                                .mark = i < lanes || s->parking ? CW_MARK_BROKEN
                                        : s->walks              ? CW_MARK_CURB
                                                                : CW_MARK_SOLID,
                                .previous = i <= before ? side * i : 0,
                                .next = i <= after ? side * i : 0};
            if (closing && i == lanes)
                lane->width[0] = eased_width(s->lane_width, 0, drop_length);
        }
        if (s->parking)
            out[count++] = bay(side * (lanes + 1), s->line.length);
        if (s->walks)
            out[count++] = (lane_spec){.id = side * (lanes + 1 + shift),
                                       .kind = CW_LANE_SIDEWALK,
                                       .widths = 1,
                                       .width = {{.a = walk_width}},
                                       .previous = before > 0 ? side * (before + 1 + shift) : 0,
                                       .next = after > 0 ? side * (after + 1 + shift) : 0};
    }
    return count;
}

// Links to an elbow's road: the same lanes there. Streets that end at junctions leave it to those.
static void link_elbows(const town *t, const street *s, lane_spec *lanes, int count) {
    for (int i = 0; i < count; i++) {
        if (lanes[i].id == 0)
            continue;
        for (int at_end = 0; at_end < 2; at_end++) {
            int index = at_end ? s->to : s->from;
            if (index < 0 || t->nodes[index].control != ELBOW)
                continue;
            // The elbow runs from its lower arm to its higher: seen from a street that meets it head to tail the ids stay.
            bool other_end = street_end(t, s, at_end).at_end;
            int id = other_end == (at_end == 1) ? -lanes[i].id : lanes[i].id;
            *(at_end ? &lanes[i].next : &lanes[i].previous) = id;
        }
    }
}

static void draw_lanes(town *t, const street *s) {
    lane_spec lanes[16];
    if (s->lanes_from == s->lanes_to) {
        int count = section_lanes(s, s->lanes_from, false, 0, 0, lanes);
        link_elbows(t, s, lanes, count);
        pen_section(t, 0, lanes, count);
        return;
    }
    double first = 0.5 * (s->line.length - drop_length);
    pen_section(t, 0, lanes, section_lanes(s, s->lanes_from, false, 0, s->lanes_from, lanes));
    pen_section(t, first, lanes, section_lanes(s, s->lanes_from, true, s->lanes_from, s->lanes_to, lanes));
    pen_section(t, first + drop_length, lanes, section_lanes(s, s->lanes_to, false, s->lanes_from, 0, lanes));
}

// ---- signs -----------------------------------------------------------------------------------------------------------

static void draw_control(town *t, const street *s, bool at_end) {
    int index = at_end ? s->to : s->from, k = at_end ? s->to_arm : s->from_arm;
    if (index < 0)
        return;
    node *n = &t->nodes[index];
    const arm *a = &n->arms[k];
    double length = s->line.length, half = street_half(s, false), sign = at_end ? -1 : 1; // t of the right side
    if (a->crosswalk)
        pen_box(t, CW_OBJECT_CROSSWALK, at_end ? length - crossing_at : crossing_at, 0, 0, 3,
                2 * a->lane_width * (a->in > a->out ? a->in : a->out), 0);
    if (a->in == 0 || n->control == ELBOW || n->control == RIGHT_FIRST)
        return;
    double back = a->crosswalk ? line_at : n->control == ROUNDABOUT ? 1 : 2, at = at_end ? length - back : back;
    int near = at_end ? -1 : 1, far = near * a->in;
    bool priority = n->control == SIGNS && a->major;
    double place = sign * (half + 0.6), middle = sign * 0.5 * a->in * a->lane_width;
    if (n->control == LIGHTS)
        n->light[k] = pen_sign(t, "1000001", "light", at, place, at_end, near, far, true, 2.6);
    else if (priority)
        pen_sign(t, "301", "priority", at, place, at_end, near, far, false, 2);
    else if (n->control == SIGNS && draw(t, DRAW_CONTROL, index, 8 + k) < 0.25)
        pen_sign(t, "206", "stop", at, place, at_end, near, far, false, 2);
    else
        pen_sign(t, "205", "give way", at, place, at_end, near, far, false, 2);
    if (!priority)
        pen_sign(t, "294", "stop line", at, middle, at_end, near, far, false, 0);
}

void draw_street(town *t, int index) {
    const street *s = &t->streets[index];
    static const char *const names[] = {"side street", "ring street", "main street", "ramp"};
    road_spec road = {.name = names[s->kind],
                      .line = &s->line,
                      .z0 = s->z0,
                      .z1 = s->z1,
                      .crest = s->crest,
                      .junction = -1,
                      .limit = s->limit,
                      .kind = s->kind == RAMP ? CW_ROAD_MOTORWAY : CW_ROAD_TOWN};
    pen_begin_road(t, street_number(index), &road, street_end(t, s, false), street_end(t, s, true));
    draw_lanes(t, s);
    pen_end_road(t);
    draw_control(t, s, false);
    draw_control(t, s, true);
    furnish_street(t, index);
}

// ---- elbows ----------------------------------------------------------------------------------------------------------

// Where two streets of one kind meet: a bend with their lanes.
void draw_elbow(town *t, int index) {
    const node *n = &t->nodes[index];
    int k[2], count = 0;
    for (int i = 0; i < ARMS; i++)
        if (n->arms[i].street >= 0)
            k[count++] = i;
    cw_pose from = arm_pose(n, k[0]), to = arm_pose(n, k[1]);
    from.heading += CW_PI;
    street s = t->streets[n->arms[k[0]].street];
    s.parking = false;
    s.lanes_from = s.lanes_to = n->arms[k[0]].in;
    s.line = curve_turn(from, to);
    road_spec road = {.name = "bend",
                      .line = &s.line,
                      .z0 = n->z,
                      .z1 = n->z,
                      .junction = -1,
                      .limit = s.limit,
                      .kind = CW_ROAD_TOWN};
    const arm *a = &n->arms[k[0]], *b = &n->arms[k[1]];
    lane_spec lanes[16];
    int lane_count = section_lanes(&s, s.lanes_from, false, 0, 0, lanes);
    for (int i = 0; i < lane_count; i++) {
        lanes[i].previous = a->at_end ? lanes[i].id : -lanes[i].id;
        lanes[i].next = b->at_end ? -lanes[i].id : lanes[i].id;
    }
    pen_begin_road(t, n->number, &road, (end_spec){CW_LINK_ROAD, street_number(a->street), a->at_end},
                   (end_spec){CW_LINK_ROAD, street_number(b->street), b->at_end});
    pen_section(t, 0, lanes, lane_count);
    pen_end_road(t);
}
