// What stands along a street: houses, trees on the pavement, parked cars.
#include "synth.h"

#include <math.h>

static const double from_corner = 14; // m along the street that stay free at either end

// Is a circle around a place beside the street free of every road but the street itself?
static bool free_place(const town *t, const street *s, double at, double tt, double radius) {
    cw_pose p = curve_at(&s->line, at, tt);
    for (size_t i = 0; i < t->sample_count; i++) {
        double dx = t->samples[i].x - p.x, dy = t->samples[i].y - p.y, gap = t->samples[i].half + radius;
        if (dx * dx + dy * dy < gap * gap)
            return false;
    }
    return true;
}

static void place_houses(town *t, int index, int side) {
    const street *s = &t->streets[index];
    double half = street_half(s, true), at = from_corner;
    int number = 0, agent = 2 * index + side;
    double sign = side == 0 ? 1 : -1;
    while (at < s->line.length - from_corner) {
        double length = 9 + 10 * draw(t, DRAW_HOUSE, agent, number),
               depth = 8 + 4 * draw(t, DRAW_HOUSE, agent, number + 1);
        double yard = 2 + 2.5 * draw(t, DRAW_HOUSE, agent, number + 2), middle = at + 0.5 * length;
        double tt = sign * (half + yard + 0.5 * depth), height = 5 + 8 * draw(t, DRAW_HOUSE, agent, number + 3);
        bool wanted = draw(t, DRAW_HOUSE, agent, number + 4) < t->def.density;
        if (wanted && middle + 0.5 * length < s->line.length - from_corner + 4 &&
            free_place(t, s, middle, tt, 0.5 * cw_hypot(length, depth) * 0.75))
            pen_box(t, CW_OBJECT_BUILDING, middle, tt, 0, length, depth, height);
        at += length + 2 + 5 * draw(t, DRAW_HOUSE, agent, number + 5);
        number += 6;
    }
}

static void place_trees(town *t, int index, int side) {
    const street *s = &t->streets[index];
    double half = street_half(s, true);
    int agent = 2 * index + side, number = 0;
    for (double at = 18; at < s->line.length - 18; at += 14, number++)
        if (draw(t, DRAW_TREE, agent, number) < 0.6 * t->def.density)
            pen_round(t, CW_OBJECT_TREE, at, (side == 0 ? 1 : -1) * (half + 0.9), 0.3,
                      5 + 4 * draw(t, DRAW_TREE, agent, 1000 + number));
}

static void park_cars(town *t, int index, int side) {
    const street *s = &t->streets[index];
    double middle = s->lanes_from * s->lane_width + 0.5 * parking_width + 0.1;
    int agent = 2 * index + side, number = 0;
    for (double at = 23; at < s->line.length - 23; at += 6.2, number++)
        if (draw(t, DRAW_CAR, agent, number) < 0.7 * t->def.density)
            pen_box(t, CW_OBJECT_OBSTACLE, at + 0.4 * draw(t, DRAW_CAR, agent, 1000 + number),
                    (side == 0 ? 1 : -1) * middle, 0, 4.1 + 0.6 * draw(t, DRAW_CAR, agent, 2000 + number), 1.8, 1.5);
}

void furnish_street(town *t, int index) {
    const street *s = &t->streets[index];
    for (int side = 0; side < 2 && s->walks && s->crest == 0; side++) {
        if (s->parking)
            park_cars(t, index, side);
        place_trees(t, index, side);
        place_houses(t, index, side);
    }
}
