// Speed signs: the limits of the lanes that they hold for.
//
// A sign holds from where it stands, along the way of traffic, until another sign, the end of limits, a limit that the file
// states for the lane itself, or a junction. It goes before the limit that the file states for the road as a whole.
#include "builder.h"

#include <math.h>
#include <stdlib.h>

typedef CW_TABLE(cw_speed_record) record_table;

typedef struct speeds {
    cw_map_builder *b;
    record_table records; // of the lanes that signs change
    cw_span *spans;       // of lanes in `records`; count 0: unchanged
    float *inherited;     // m/s that a lane begins with, 0: no sign
    uint32_t *queue;      // lanes that inherit, each once
    uint32_t queued;
} speeds;

static bool is_speed_sign(const cw_map *map, uint32_t signal) {
    if (signal == CW_NONE)
        return false;
    const cw_signal *s = &map->signals[signal];
    return s->kind == CW_SIGNAL_SPEED_LIMIT_END || (s->kind == CW_SIGNAL_SPEED_LIMIT && s->value > 0);
}

// What the file states for the lane itself at road s; 0: nothing.
static float stated(const cw_map *map, const cw_lane *lane, double s) {
    float limit = 0;
    for (uint32_t i = 0; i < lane->limits.count && map->limits[lane->limits.first + i].s <= s + 1e-9; i++)
        limit = map->limits[lane->limits.first + i].limit;
    return limit;
}

static int by_station(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The sign that stands at road s; what it says in m/s, 0 for an end. False: none.
static bool sign_at(const cw_map *map, uint32_t lane, double s, float *limit) {
    for (uint32_t i = map->lane_stops[lane]; i < map->lane_stops[lane + 1]; i++) {
        const cw_stop *stop = &map->stops[i];
        if (!is_speed_sign(map, stop->signal) || fabs(cw_lane_station(map, lane, stop->s) - s) > 1e-9)
            continue;
        const cw_signal *sign = &map->signals[stop->signal];
        *limit = sign->kind == CW_SIGNAL_SPEED_LIMIT ? (float)sign->value : 0;
        return true;
    }
    return false;
}

// Writes the lane's limits anew and hands on what holds at its end.
static bool sign_lane(speeds *p, uint32_t index) {
    const cw_map *map = p->b->map;
    const cw_lane *lane = &map->lanes[index];
    uint32_t first = map->lane_stops[index], last = map->lane_stops[index + 1];
    size_t most = (size_t)(last - first) + lane->limits.count + 2, count = 0;
    double *at = calloc(most, sizeof *at);
    if (at == NULL)
        return false;
    at[count++] = lane->s0;
    for (uint32_t i = first; i < last; i++)
        if (is_speed_sign(map, map->stops[i].signal))
            at[count++] = cw_lane_station(map, index, map->stops[i].s);
    for (uint32_t i = 0; i < lane->limits.count; i++)
        at[count++] = cw_clamp(map->limits[lane->limits.first + i].s, lane->s0, lane->s1);
    at[count++] = lane->s1;
    qsort(at, count, sizeof *at, by_station);
    // Piece i lies between at[i] and at[i + 1]; they are gone through in the direction of travel.
    uint32_t start = (uint32_t)p->records.count;
    size_t pieces = count - 1;
    float sign = p->inherited[index], before = 0;
    for (size_t i = 0; i < pieces && !p->b->failed; i++) {
        cw_speed_record *row = CW_ADD(p->b, &p->records);
        if (row != NULL)
            row->s = at[i];
    }
    for (size_t n = 0; n < pieces && p->records.items != NULL && !p->b->failed; n++) {
        size_t i = lane->direction >= 0 ? n : pieces - 1 - n;
        float own = stated(map, lane, 0.5 * (at[i] + at[i + 1])), said;
        if (n > 0 && own > 0 && own != before)
            sign = 0;
        before = own;
        if (sign_at(map, index, lane->direction >= 0 ? at[i] : at[i + 1], &said))
            sign = said;
        p->records.items[start + i].limit = sign > 0 ? sign : own;
    }
    free(at);
    p->spans[index] = (cw_span){start, (uint32_t)pieces};
    for (uint32_t i = 0; i < lane->next.count && sign > 0; i++) {
        uint32_t next = map->links[lane->next.first + i];
        const cw_lane *other = &map->lanes[next];
        bool own = stated(map, other, other->direction >= 0 ? other->s0 : other->s1) > 0;
        if (p->inherited[next] > 0 || other->junction != CW_NONE || own)
            continue;
        p->inherited[next] = sign;
        p->queue[p->queued++] = next;
    }
    return !p->b->failed;
}

static bool has_sign(const cw_map *map, uint32_t lane) {
    for (uint32_t i = map->lane_stops[lane]; i < map->lane_stops[lane + 1]; i++)
        if (is_speed_sign(map, map->stops[i].signal))
            return true;
    return false;
}

static bool store(speeds *p) {
    cw_map *map = p->b->map;
    size_t held = 0;
    for (uint32_t i = 0; i < map->lane_count; i++) {
        size_t end = (size_t)map->lanes[i].limits.first + map->lanes[i].limits.count;
        held = end > held ? end : held;
    }
    cw_speed_record *all = cw_arena_array(map->arena, held + p->records.count, sizeof *all);
    if (all == NULL)
        return false;
    for (size_t i = 0; i < held; i++)
        all[i] = map->limits[i];
    for (size_t i = 0; i < p->records.count; i++)
        all[held + i] = p->records.items[i];
    for (uint32_t i = 0; i < map->lane_count; i++)
        if (p->spans[i].count > 0)
            p->b->final_lanes[i].limits = (cw_span){(uint32_t)held + p->spans[i].first, p->spans[i].count};
    map->limits = all;
    return true;
}

bool cw_speed_signs_apply(cw_map_builder *b) {
    const cw_map *map = b->map;
    bool any = false;
    for (uint32_t i = 0; i < map->signal_count && !any; i++)
        any = is_speed_sign(map, i);
    if (!any || b->lanelets.count > 0) // the reader of lanelets has given them the limits of their signs
        return true;
    size_t lanes = map->lane_count;
    speeds p = {.b = b,
                .spans = calloc(lanes + 1, sizeof *p.spans),
                .inherited = calloc(lanes + 1, sizeof *p.inherited),
                .queue = calloc(lanes + 1, sizeof *p.queue)};
    bool fine = p.spans != NULL && p.inherited != NULL && p.queue != NULL;
    for (uint32_t i = 0; i < lanes && fine; i++)
        if (has_sign(map, i))
            fine = sign_lane(&p, i);
    for (uint32_t i = 0; i < p.queued && fine; i++) // grows while it is gone through
        fine = sign_lane(&p, p.queue[i]);
    fine = fine && store(&p);
    free(p.records.items);
    free(p.spans);
    free(p.inherited);
    free(p.queue);
    return fine;
}
