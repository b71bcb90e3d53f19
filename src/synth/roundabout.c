// A roundabout: a ring of short roads, and where each arm meets it a junction of its own. Who is on the ring goes first.
#include "synth.h"

static const double inner = 14, ring_width = 5.5; // m
static const double opening = 0.58; // rad from the middle of an arm to where its ways have joined the ring

static cw_pose on_ring(const node *n, double angle) {
    double sine, cosine;
    cw_sincos(angle, &sine, &cosine);
    return (cw_pose){n->x + inner * cosine, n->y + inner * sine, cw_wrap_angle(angle + 0.5 * CW_PI)};
}

typedef struct piece {
    curve line;
    int junction; // -1: none
    end_spec before, after;
    int lane_before, lane_after;
    double width_from, width_to;
} piece;

static int draw_piece(town *t, const node *n, const piece *p) {
    lane_spec lanes[2] = {{.mark = p->junction < 0 ? CW_MARK_SOLID : CW_MARK_NONE},
                          {.id = -1,
                           .kind = CW_LANE_DRIVING,
                           .widths = 1,
                           .width = {eased_width(p->width_from, p->width_to, p->line.length)},
                           .mark = CW_MARK_CURB,
                           .previous = p->lane_before,
                           .next = p->lane_after}};
    road_spec road = {.name = p->junction < 0 ? "roundabout" : "",
                      .line = &p->line,
                      .z0 = n->z,
                      .z1 = n->z,
                      .junction = p->junction,
                      .limit = 30 / 3.6,
                      .kind = CW_ROAD_TOWN};
    int number = t->roads + 1;
    pen_begin_road(t, number, &road, p->before, p->after);
    pen_section(t, 0, lanes, 2);
    pen_end_road(t);
    return number;
}

void draw_roundabout(town *t, int index) {
    const node *n = &t->nodes[index];
    int arms[ARMS], count = 0, first = t->roads + 1, ways[ARMS][3];
    double angle[ARMS + 1];
    for (int k = 0; k < ARMS; k++)
        if (n->arms[k].street >= 0) {
            angle[count] = n->turn + 0.5 * CW_PI * k;
            arms[count++] = k;
        }
    angle[count] = angle[0] + 2 * CW_PI;
    for (int q = 0; q < count; q++) { // the ring between the arms
        double from = angle[q] + opening, to = angle[q + 1] - opening;
        draw_piece(t, n,
                   &(piece){.line = curve_arc(on_ring(n, from), 1 / inner, inner * (to - from)),
                            .junction = -1,
                            .before = {CW_LINK_JUNCTION, n->number + q, false},
                            .after = {CW_LINK_JUNCTION, n->number + (q + 1) % count, false},
                            .width_from = ring_width,
                            .width_to = ring_width});
        if (q == 0)
            pen_round(t, CW_OBJECT_TREE, 1, inner, 0.6, 8); // in the middle of the island
    }
    for (int q = 0; q < count; q++) {
        const arm *a = &n->arms[arms[q]];
        cw_pose in = arm_pose(n, arms[q]), out = in, join = on_ring(n, angle[q] + opening),
                leave = on_ring(n, angle[q] - opening);
        in.heading = cw_wrap_angle(in.heading + CW_PI);
        end_spec ring_in = {CW_LINK_ROAD, first + (q + count - 1) % count, true},
                 ring_out = {CW_LINK_ROAD, first + q, false},
                 street_here = {CW_LINK_ROAD, street_number(a->street), a->at_end};
        int sign = a->at_end ? -1 : 1, j = n->number + q;
        ways[q][0] = draw_piece(t, n,
                                &(piece){curve_arc(leave, 1 / inner, 2 * inner * opening), j, ring_in, ring_out, -1, -1,
                                         ring_width, ring_width});
        ways[q][1] = draw_piece(
            t, n, &(piece){curve_between(in, join), j, street_here, ring_out, sign, -1, a->lane_width, ring_width});
        ways[q][2] = draw_piece(
            t, n, &(piece){curve_between(leave, out), j, ring_in, street_here, -1, -sign, ring_width, a->lane_width});
    }
    for (int q = 0; q < count; q++) {
        const arm *a = &n->arms[arms[q]];
        int ring = first + (q + count - 1) % count, sign = a->at_end ? -1 : 1;
        pen_junction(t, n->number + q);
        pen_connection(t, ring, ways[q][0], (const int[][2]){{-1, -1}}, 1);
        pen_connection(t, street_number(a->street), ways[q][1], (const int[][2]){{sign, -1}}, 1);
        pen_connection(t, ring, ways[q][2], (const int[][2]){{-1, -1}}, 1);
    }
}
