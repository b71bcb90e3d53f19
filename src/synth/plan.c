// Where crossings and streets of a town lie: a grid that is bent, with main streets through the middle, a ring around it,
// some side streets left out, and what kind each crossing is.
#include "synth.h"

#include <math.h>

double draw(const town *t, int purpose, int agent, int number) {
    return cw_rng_uniform(
        (cw_rng_key){.seed = t->def.seed, .purpose = (uint32_t)purpose, .agent = (uint32_t)agent, .step = 0},
        (uint32_t)number);
}

static const double corner = 12;     // m: radius of a kerb between two arms
static const double ring_reach = 40; // m: where the arms of a roundabout end

cw_pose arm_pose(const node *n, int k) {
    double heading = n->turn + 0.5 * CW_PI * k, sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    return (cw_pose){n->x + n->radius * cosine, n->y + n->radius * sine, heading};
}

int arm_rank(const node *n, int k) {
    int rank = 0;
    for (int i = 0; i < k; i++)
        rank += n->arms[i].street >= 0;
    return rank;
}

end_spec street_end(const town *t, const street *s, bool at_end) {
    int index = at_end ? s->to : s->from;
    if (index < 0)
        return (end_spec){CW_LINK_JUNCTION, s->outer, false};
    const node *n = &t->nodes[index];
    if (n->control == ELBOW) // its road runs from the lower arm to the higher
        return (end_spec){CW_LINK_ROAD, n->number, arm_rank(n, at_end ? s->to_arm : s->from_arm) == 1};
    int more = n->control == ROUNDABOUT ? arm_rank(n, at_end ? s->to_arm : s->from_arm) : 0;
    return (end_spec){CW_LINK_JUNCTION, n->number + more, false};
}

static double limit_of(street_kind kind) {
    return (kind == SIDE_STREET ? 30 : kind == RAMP ? 60 : 50) / 3.6;
}

static void attach(town *t, int node_index, int k, int street_index, bool at_end) {
    if (node_index < 0)
        return;
    const street *s = &t->streets[street_index];
    int lanes = at_end ? s->lanes_to : s->lanes_from;
    node *n = &t->nodes[node_index];
    n->arms[k] = (arm){.street = street_index,
                       .at_end = at_end,
                       .in = s->one_way && !at_end ? 0 : lanes,
                       .out = s->one_way && at_end ? 0 : lanes,
                       .lane_width = s->lane_width,
                       .walks = s->walks,
                       .kind = s->kind};
    n->arm_count++;
}

int plan_street(town *t, int from, int from_arm, int to, int to_arm, street_kind kind, int lanes_from, int lanes_to) {
    int index = t->street_count++;
    street *s = &t->streets[index];
    *s = (street){.from = from,
                  .to = to,
                  .from_arm = from_arm,
                  .to_arm = to_arm,
                  .kind = kind,
                  .lanes_from = lanes_from,
                  .lanes_to = lanes_to,
                  .one_way = kind == RAMP,
                  .lane_width = kind == RAMP ? ramp_lane : town_lane,
                  .limit = limit_of(kind),
                  .parking = kind == SIDE_STREET && draw(t, DRAW_STREET, index, 0) < t->def.parking,
                  .walks = kind != RAMP};
    attach(t, from, from_arm, index, false);
    attach(t, to, to_arm, index, true);
    return index;
}

// ---- the grid --------------------------------------------------------------------------------------------------------

static street_kind kind_of(int line, int size) {
    return line == 0 || line == size ? RING_STREET : line == size / 2 ? MAIN_STREET : SIDE_STREET;
}

static void place_nodes(town *t) {
    int size = t->def.size;
    double jitter = 0.12 * t->def.curves * t->def.block, bend = 0.3 * t->def.curves;
    double phase_x = 2 * CW_PI * draw(t, DRAW_HILL, 0, 0), phase_y = 2 * CW_PI * draw(t, DRAW_HILL, 0, 1);
    for (int row = 0; row <= size; row++) {
        for (int column = 0; column <= size; column++) {
            int i = t->node_count++;
            node *n = &t->nodes[i];
            bool gate = t->def.motorway && row == 0 && column == size / 2;
            double loose = gate ? 0 : 1;
            *n =
                (node){.x = (column - 0.5 * size) * t->def.block + loose * jitter * (2 * draw(t, DRAW_PLACE, i, 0) - 1),
                       .y = (row - 0.5 * size) * t->def.block + loose * jitter * (2 * draw(t, DRAW_PLACE, i, 1) - 1),
                       .turn = loose * bend * (2 * draw(t, DRAW_PLACE, i, 2) - 1)};
            // Hills of about half a kilometre, the same for neighbours.
            n->z = 0.25 * t->def.hills * (2 + cw_sin(n->x / 90 + phase_x) * 0.9 + cw_sin(n->y / 110 + phase_y) * 0.9);
            for (int k = 0; k < ARMS; k++)
                n->arms[k].street = -1;
            if (gate)
                t->gate = i;
        }
    }
}

static void add_street(town *t, int a, int arm_a, int b, int arm_b, street_kind kind, bool a_inside, bool b_inside) {
    int lanes = kind == MAIN_STREET ? 2 : 1;
    bool drop = kind == MAIN_STREET && a_inside != b_inside &&
                draw(t, DRAW_STREET, 1000 + a * ARMS + arm_a, 1) < t->def.lane_drops;
    if (b_inside && !a_inside) // from the middle outward
        plan_street(t, b, arm_b, a, arm_a, kind, lanes, drop ? 1 : lanes);
    else
        plan_street(t, a, arm_a, b, arm_b, kind, lanes, drop ? 1 : lanes);
}

static void join_nodes(town *t) {
    int size = t->def.size, wide = size + 1;
    int degree[MOST_NODES];
    for (int row = 0; row <= size; row++)
        for (int column = 0; column <= size; column++)
            degree[row * wide + column] = 4 - (row == 0 || row == size) - (column == 0 || column == size);
    for (int row = 0; row <= size; row++) {
        for (int column = 0; column <= size; column++) {
            for (int north = 0; north < 2; north++) {
                if (north ? row == size : column == size)
                    continue;
                int a = row * wide + column, b = north ? a + wide : a + 1;
                street_kind kind = kind_of(north ? column : row, size);
                bool spare = kind == SIDE_STREET && degree[a] > 3 && degree[b] > 3;
                if (spare && draw(t, DRAW_GAP, a, north) < t->def.gaps) {
                    degree[a]--;
                    degree[b]--;
                    continue;
                }
                int across = north ? row : column;
                add_street(t, a, north, b, north + 2, kind, across > 0, across + 1 < size);
            }
        }
    }
}

// ---- crossings -------------------------------------------------------------------------------------------------------

static void choose_control(town *t, int index) {
    node *n = &t->nodes[index];
    int most = 0, kinds[4] = {0};
    for (int k = 0; k < ARMS; k++) {
        if (n->arms[k].street < 0)
            continue;
        kinds[n->arms[k].kind]++;
        most = n->arms[k].in > most ? n->arms[k].in : most;
        most = n->arms[k].out > most ? n->arms[k].out : most;
    }
    double u = draw(t, DRAW_CONTROL, index, 0);
    if (n->arm_count == 2)
        n->control = ELBOW;
    else if (kinds[RAMP] > 0)
        n->control = SIGNS;
    else if (kinds[MAIN_STREET] > 0)
        n->control = u < t->def.lights || kinds[MAIN_STREET] > 2 ? LIGHTS : SIGNS;
    else if (kinds[RING_STREET] > 0)
        n->control = SIGNS;
    else
        n->control = u < t->def.roundabouts ? ROUNDABOUT : RIGHT_FIRST;
    n->radius = n->control == ROUNDABOUT ? ring_reach : corner + most * town_lane;
    // Who goes first by signs: the pair of opposite arms that counts most, never a ramp.
    int best = -1, weight = -1;
    for (int k = 0; k < 2; k++) {
        const arm *a = &n->arms[k], *b = &n->arms[k + 2];
        int w = a->street >= 0 && b->street >= 0 && a->kind != RAMP ? (int)a->kind + (int)b->kind : -1;
        if (w > weight) {
            weight = w;
            best = k;
        }
    }
    bool crosswalks = (n->control == LIGHTS || (n->control == SIGNS && kinds[RAMP] == 0)) &&
                      draw(t, DRAW_CONTROL, index, 1) < t->def.crosswalks;
    for (int k = 0; k < ARMS; k++) {
        n->arms[k].major = best >= 0 ? k % 2 == best : n->arms[k].kind != RAMP;
        n->arms[k].crosswalk = crosswalks && (n->control == LIGHTS || !n->arms[k].major);
    }
}

static void lay_street(town *t, street *s) {
    if (s->from < 0 || s->to < 0)
        return; // a ramp
    const node *a = &t->nodes[s->from], *b = &t->nodes[s->to];
    cw_pose from = arm_pose(a, s->from_arm), to = arm_pose(b, s->to_arm);
    to.heading += CW_PI;
    s->line = curve_between(from, to);
    s->z0 = a->z;
    s->z1 = b->z;
}

void plan_town(town *t) {
    t->gate = -1;
    place_nodes(t);
    join_nodes(t);
    if (t->gate >= 0)
        plan_interchange(t);
    int junction = 1, elbow = t->street_count + 1;
    for (int i = 0; i < t->node_count; i++) {
        node *n = &t->nodes[i];
        choose_control(t, i);
        n->number = n->control == ELBOW ? elbow++ : junction;
        junction += n->control == ELBOW ? 0 : n->control == ROUNDABOUT ? n->arm_count : 1;
    }
    t->motorway_number = junction;
    for (int i = 0; i < t->street_count; i++)
        lay_street(t, &t->streets[i]);
    if (t->gate >= 0) {
        plan_ramps(t);
        sample_motorway(t);
    }
    for (int i = 0; i < t->street_count; i++)
        pen_sample(t, &t->streets[i].line, street_half(&t->streets[i], true));
    for (int i = 0; i < t->node_count; i++) {
        cw_pose middle = {t->nodes[i].x, t->nodes[i].y, 0};
        curve point = curve_line(middle, 0.1);
        pen_sample(t, &point, t->nodes[i].radius);
    }
}
