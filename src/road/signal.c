// Signals: which lanes each holds for and where traffic must stand, and the controllers that switch them.
#include "builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double line_before = 30, line_after = 5; // m: a stop line this near belongs to the light or sign

// ---- lanes -----------------------------------------------------------------------------------------------------------

static bool oriented(const cw_lane *lane, int8_t orientation) {
    return orientation == 0 || lane->both_ways || lane->direction == orientation;
}

static bool valid_for(const cw_map_builder *b, const cw_raw_reference *reference, int32_t id) {
    for (uint32_t i = 0; i < reference->validity.count; i++) {
        const cw_raw_validity *v = &b->validity.items[reference->validity.first + i];
        if (id >= v->from && id <= v->to)
            return true;
    }
    return false;
}

// Lanes named by a validity hold whatever the orientation says, if it would leave none: some tools state the way that a
// signal faces instead of the traffic it is for. Without a validity it holds for all traffic of its orientation.
static void place(cw_map_builder *b, const cw_raw_reference *reference, uint32_t signal, cw_stop_table *stops) {
    const cw_map *map = b->map;
    const cw_road *road = &map->roads[reference->road];
    if (road->sections.count == 0 || road->geometry.count == 0)
        return;
    double s = cw_clamp(reference->s, 0, road->length);
    cw_span lanes = map->sections[cw_road_section_at(map, road, s)].lanes;
    bool stated = reference->validity.count > 0, any = false;
    for (int pass = 0; pass < (stated ? 2 : 1) && !any; pass++) {
        for (uint32_t i = lanes.first; i < lanes.first + lanes.count; i++) {
            const cw_lane *lane = &map->lanes[i];
            bool holds = lane->id != 0 && (stated ? valid_for(b, reference, lane->id)
                                                  : cw_lane_drivable(lane) || lane->kind == CW_LANE_BIKING);
            if (!holds || (pass == 0 && !oriented(lane, reference->orientation)))
                continue;
            cw_stop *stop = CW_ADD(b, stops);
            if (stop != NULL)
                *stop = (cw_stop){i, cw_lane_travel(map, i, s), signal};
            any = true;
        }
    }
}

// ---- stop lines ------------------------------------------------------------------------------------------------------

static bool stops_traffic(uint8_t kind) {
    return kind == CW_SIGNAL_LIGHT || kind == CW_SIGNAL_STOP || kind == CW_SIGNAL_YIELD;
}

static int by_lane_then_s(const void *a, const void *b) {
    const cw_stop *x = a, *y = b;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    if (x->s != y->s)
        return x->s < y->s ? -1 : 1;
    return (x->signal > y->signal) - (x->signal < y->signal);
}

// A light or sign with a stop line close by on the same lane holds at the line.
static void move_to_lines(const cw_map *map, cw_stop_table *stops) {
    if (stops->count == 0)
        return;
    qsort(stops->items, stops->count, sizeof *stops->items, by_lane_then_s);
    for (size_t i = 0; i < stops->count; i++) {
        cw_stop *stop = &stops->items[i];
        if (stop->signal == CW_NONE || !stops_traffic(map->signals[stop->signal].kind))
            continue;
        double best = INFINITY, at = stop->s;
        size_t low = i, high = i;
        while (low > 0 && stops->items[low - 1].lane == stop->lane)
            low--;
        while (high + 1 < stops->count && stops->items[high + 1].lane == stop->lane)
            high++;
        if (high - low > 256)
            continue;
        for (size_t k = low; k <= high; k++) {
            const cw_stop *line = &stops->items[k];
            bool is_line = line->signal == CW_NONE || map->signals[line->signal].kind == CW_SIGNAL_STOP_LINE;
            double ahead = line->s - stop->s;
            if (is_line && ahead >= -line_before && ahead <= line_after && fabs(ahead) < best) {
                best = fabs(ahead);
                at = line->s;
            }
        }
        stop->s = at;
    }
}

// ---- controllers -----------------------------------------------------------------------------------------------------

static void assign_controllers(cw_map_builder *b) {
    cw_signal *signals = (cw_signal *)(uintptr_t)b->map->signals; // ours until the map is handed out
    for (size_t i = 0; i < b->controls.count; i++) {
        const cw_raw_control *control = &b->controls.items[i];
        if (control->signal == NULL || control->controller == NULL)
            continue;
        uint32_t signal = cw_map_find_signal(b->map, control->signal);
        if (signal == CW_NONE)
            cw_builder_note(b, 0, 0, "controller", "names a signal that is not there");
        else if (signals[signal].controller == NULL)
            signals[signal].controller = control->controller;
    }
}

bool cw_signals_place(cw_map_builder *b, cw_stop_table *stops) {
    for (size_t i = 0; i < b->references.count && !b->failed; i++) {
        const cw_raw_reference *reference = &b->references.items[i];
        uint32_t signal = reference->id == NULL ? reference->signal : cw_map_find_signal(b->map, reference->id);
        if (signal == CW_NONE) {
            cw_builder_note(b, reference->line, reference->column, "signalReference",
                            "names a signal that is not there; it is dropped");
            continue;
        }
        place(b, reference, signal, stops);
    }
    move_to_lines(b->map, stops);
    assign_controllers(b);
    return !b->failed;
}
