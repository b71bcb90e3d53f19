#include "series.h"

#include <math.h>

static const double MARGIN = 0.3, FARTHEST = 150.0; // m

// The next road user within the ego's swept strip: the circle that it is on now, as wide as both bodies.
static void look_ahead(const replay *of, size_t tick, float *gap, float *ttc) {
    const replay_state *ego = replay_at(of, tick, of->ego);
    const replay_actor *body = &of->actors[of->ego];
    cw_vec2 from = replay_center(body, ego);
    double sine, cosine, best = FARTHEST;
    cw_sincos((double)ego->heading, &sine, &cosine);
    double curvature = ego->speed > 1.0F ? (double)ego->yaw_rate / (double)ego->speed : 0.0;
    for (uint32_t i = 0; i < of->actor_count; i++) {
        const replay_state *other = replay_at(of, tick, i);
        if (i == of->ego || !other->present)
            continue;
        const replay_actor *its = &of->actors[i];
        cw_vec2 at = replay_center(its, other);
        double dx = (at.x - from.x) * cosine + (at.y - from.y) * sine;
        double dy = (at.y - from.y) * cosine - (at.x - from.x) * sine - 0.5 * curvature * dx * dx;
        if (dx <= 0.0 || dx > FARTHEST)
            continue;
        double turn = (double)other->heading - (double)ego->heading, s = fabs(cw_sin(turn)), c = fabs(cw_cos(turn));
        double half_length = 0.5 * ((double)its->length * c + (double)its->width * s);
        double half_width = 0.5 * ((double)its->length * s + (double)its->width * c);
        if (fabs(dy) > half_width + 0.5 * (double)body->width + MARGIN)
            continue;
        double clear = cw_max(dx - half_length - 0.5 * (double)body->length, 0.0);
        if (clear >= best)
            continue;
        best = clear;
        *gap = (float)clear;
        double closing = (double)ego->speed - (double)other->speed * cw_cos(turn);
        *ttc = closing > 0.1 ? (float)(clear / closing) : NAN;
    }
}

bool series_make(series *out, const replay *of, const cw_map *map) {
    out->gap = cw_arena_array(of->arena, of->ticks, sizeof *out->gap);
    out->ttc = cw_arena_array(of->arena, of->ticks, sizeof *out->ttc);
    out->offset = cw_arena_array(of->arena, of->ticks, sizeof *out->offset);
    if (out->gap == NULL || out->ttc == NULL || out->offset == NULL)
        return false;
    cw_lane_place place = {.lane = CW_NONE};
    for (size_t tick = 0; tick < of->ticks; tick++) {
        out->gap[tick] = out->ttc[tick] = out->offset[tick] = NAN;
        if (of->ego == CW_NONE || !replay_at(of, tick, of->ego)->present)
            continue;
        look_ahead(of, tick, &out->gap[tick], &out->ttc[tick]);
        const replay_state *ego = replay_at(of, tick, of->ego);
        cw_vec2 center = replay_center(&of->actors[of->ego], ego);
        cw_locate query = cw_locate_at(center.x, center.y);
        query.heading = (double)ego->heading;
        query.hint = place;
        for (int kind = 0; kind < CW_LANE_KINDS; kind++)
            if (cw_lane_drivable(&(cw_lane){.kind = (uint8_t)kind}))
                query.kinds |= 1U << kind;
        if (cw_map_locate(map, &query, &place))
            out->offset[tick] = (float)place.offset;
    }
    return true;
}
