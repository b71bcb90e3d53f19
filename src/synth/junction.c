// A crossing: a road for each way through it, lane by lane, and the program of its lights.
#include "synth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The left border of lane i (from the middle outward) where it enters (or leaves) the crossing.
static cw_pose border(const node *n, int k, int lane, bool enters) {
    cw_pose p = arm_pose(n, k);
    double offset = (lane - 1) * n->arms[k].lane_width, sine, cosine;
    if (enters)
        p.heading = cw_wrap_angle(p.heading + CW_PI);
    cw_sincos(p.heading, &sine, &cosine);
    p.x += offset * sine;
    p.y -= offset * cosine;
    return p;
}

// The ways through a crossing lie over each other, so one limit holds for all: that of its fastest street.
static double limit_at(const town *t, const node *n) {
    double limit = 0;
    for (int k = 0; k < ARMS; k++)
        if (n->arms[k].street >= 0 && n->arms[k].kind != RAMP)
            limit = cw_max(limit, t->streets[n->arms[k].street].limit);
    return limit;
}

typedef struct way { // through the crossing
    int number, from, lane_in;
} way;

typedef struct ways {
    way list[ARMS * ARMS * 2];
    int count;
} ways;

static void draw_way(town *t, int index, ways *all, int from, int lane_in, int to, int lane_out) {
    const node *n = &t->nodes[index];
    const arm *a = &n->arms[from], *b = &n->arms[to];
    curve line = curve_turn(border(n, from, lane_in, true), border(n, to, lane_out, false));
    bool right = (to - from + ARMS) % ARMS == 1; // arms are counted to the left, and one drives in against the arm
    bool walk = right && a->walks && b->walks && lane_in == a->in && lane_out == b->out;
    int in_sign = a->at_end ? -1 : 1, out_sign = b->at_end ? 1 : -1, number = t->roads + 1;
    const street *sa = &t->streets[a->street], *sb = &t->streets[b->street];
    lane_spec lanes[3] = {{.mark = CW_MARK_NONE},
                          {.id = -1,
                           .kind = CW_LANE_DRIVING,
                           .widths = 1,
                           .width = {eased_width(a->lane_width, b->lane_width, line.length)},
                           .mark = walk ? CW_MARK_CURB : CW_MARK_NONE,
                           .previous = in_sign * lane_in,
                           .next = out_sign * lane_out},
                          {.id = -2,
                           .kind = CW_LANE_SIDEWALK,
                           .widths = 1,
                           .width = {{.a = walk_width}},
                           .previous = in_sign * (a->in + 1 + sa->parking),
                           .next = out_sign * (b->out + 1 + sb->parking)}};
    road_spec road = {.name = "",
                      .line = &line,
                      .z0 = n->z,
                      .z1 = n->z,
                      .junction = n->number,
                      .limit = limit_at(t, n),
                      .kind = CW_ROAD_TOWN};
    pen_begin_road(t, number, &road, (end_spec){CW_LINK_ROAD, street_number(a->street), a->at_end},
                   (end_spec){CW_LINK_ROAD, street_number(b->street), b->at_end});
    pen_section(t, 0, lanes, walk ? 3 : 2);
    pen_end_road(t);
    all->list[all->count++] = (way){number, from, in_sign * lane_in};
}

// Right from the outermost lane, left from the innermost, straight on in every lane that goes on.
static void draw_turns(town *t, int index, ways *all, int from) {
    const node *n = &t->nodes[index];
    const arm *a = &n->arms[from];
    for (int turn = 1; turn < ARMS && a->in > 0; turn++) {
        int to = (from + turn) % ARMS;
        const arm *b = &n->arms[to];
        if (b->street < 0 || b->out == 0)
            continue;
        int straight = a->in < b->out ? a->in : b->out;
        if (turn == 1)
            draw_way(t, index, all, from, a->in, to, b->out);
        else if (turn == 3)
            draw_way(t, index, all, from, 1, to, 1);
        for (int lane = 1; turn == 2 && lane <= straight; lane++)
            draw_way(t, index, all, from, lane, to, lane);
    }
}

// ---- lights ----------------------------------------------------------------------------------------------------------

enum { PHASES = 6 };

static void draw_program(town *t, int index) {
    const node *n = &t->nodes[index];
    static const struct {
        const char *name;
        int axis; // that may go; the other has red
        const char *state;
        uint8_t light;
        double duration; // s
    } steps[PHASES] = {{"first green", 0, "green", 4, 20},   {"first yellow", 0, "yellow", 3, 3},
                       {"red after first", 0, "red", 1, 2},  {"second green", 1, "green", 4, 20},
                       {"second yellow", 1, "yellow", 3, 3}, {"red after second", 1, "red", 1, 2}};
    char name[24];
    snprintf(name, sizeof name, "lights %d", n->number);
    cw_signal_program program = {.name = cw_arena_text(t->arena, name, strlen(name)),
                                 .delay = floor(30 * draw(t, DRAW_PROGRAM, index, 0)),
                                 .count = PHASES};
    cw_phase *phases = cw_arena_array(t->arena, PHASES, sizeof *phases);
    t->failed = t->failed || program.name == NULL || phases == NULL;
    if (t->failed)
        return;
    for (int i = 0; i < PHASES; i++) {
        cw_light_state *states = cw_arena_array(t->arena, ARMS, sizeof *states);
        if (states == NULL) {
            t->failed = true;
            return;
        }
        phases[i] = (cw_phase){.name = steps[i].name, .duration = steps[i].duration, .states = states};
        program.period += steps[i].duration;
        for (int k = 0; k < ARMS; k++) {
            if (n->light[k] == NULL)
                continue;
            bool may = k % 2 == steps[i].axis;
            states[phases[i].count++] =
                (cw_light_state){n->light[k], may ? steps[i].state : "red", may ? steps[i].light : 1};
        }
    }
    program.phases = phases;
    t->programs[t->program_count++] = program;
}

void draw_junction(town *t, int index) {
    const node *n = &t->nodes[index];
    ways all = {.count = 0};
    for (int k = 0; k < ARMS; k++)
        if (n->arms[k].street >= 0)
            draw_turns(t, index, &all, k);
    pen_junction(t, n->number);
    for (int i = 0; i < all.count; i++)
        pen_connection(t, street_number(n->arms[all.list[i].from].street), all.list[i].number,
                       (const int[][2]){{all.list[i].lane_in, -1}}, 1);
    if (n->control == LIGHTS)
        draw_program(t, index);
}
