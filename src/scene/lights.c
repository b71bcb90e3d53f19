// Programs for traffic lights that nobody switches, so that a bare map with lights can be driven.
#include "causeway/scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIGHT_RED = 1, LIGHT_YELLOW = 3, LIGHT_GREEN = 4 }; // cw_light of agent.h
enum { PHASES = 6, SIGNALS_MOST = 64 };

static const double durations[PHASES] = {20, 3, 2, 20, 3, 2};

typedef struct approach {
    uint32_t signal;
    double heading; // of the traffic that it holds, rad
} approach;

static bool switched(const cw_scene *scene, const char *id) {
    for (uint32_t i = 0; i < scene->program_count; i++)
        for (uint32_t k = 0; k < scene->programs[i].count; k++)
            for (uint32_t n = 0; n < scene->programs[i].phases[k].count; n++)
                if (strcmp(scene->programs[i].phases[k].states[n].signal, id) == 0)
                    return true;
    for (uint32_t i = 0; i < scene->action_count; i++)
        if (scene->actions[i].kind == CW_DO_SIGNAL_STATE && scene->actions[i].reference &&
            strcmp(scene->actions[i].reference, id) == 0)
            return true;
    return false;
}

// The junction that a light holds traffic from, by the first lane that it holds for.
static uint32_t junction_of(const cw_map *map, const cw_signal *signal, double *heading) {
    for (uint32_t i = 0; i < signal->stops.count; i++) {
        const cw_stop *stop = &map->stops[signal->stops.first + i];
        const cw_lane *lane = &map->lanes[stop->lane];
        uint32_t junction = lane->junction;
        for (uint32_t k = 0; k < lane->next.count && junction == CW_NONE; k++)
            junction = map->lanes[map->links[lane->next.first + k]].junction;
        if (junction == CW_NONE)
            continue;
        cw_lane_place place = {.lane = stop->lane, .s = cw_lane_station(map, stop->lane, stop->s)};
        *heading = cw_lane_pose(map, place, NULL).heading;
        return junction;
    }
    return CW_NONE;
}

static bool make_program(cw_scene *scene, uint32_t junction, const approach *approaches, uint32_t count,
                         cw_signal_program *out) {
    static const uint8_t lights[2][PHASES] = {{LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED, LIGHT_RED, LIGHT_RED, LIGHT_RED},
                                              {LIGHT_RED, LIGHT_RED, LIGHT_RED, LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED}};
    static const char *const names[] = {"", "red", "", "yellow", "green"};
    const cw_map *map = scene->map;
    cw_phase *phases = cw_arena_array(scene->arena, PHASES, sizeof *phases);
    if (!phases)
        return false;
    for (uint32_t k = 0; k < PHASES; k++) {
        cw_light_state *states = cw_arena_array(scene->arena, count, sizeof *states);
        if (!states)
            return false;
        for (uint32_t i = 0; i < count; i++) {
            // Approaches along one line share a phase, those across it the other.
            double turn = approaches[i].heading - approaches[0].heading;
            bool across = fabs(cw_sin(turn)) > fabs(cw_cos(turn));
            uint8_t light = lights[across][k];
            states[i] = (cw_light_state){map->signals[approaches[i].signal].id, names[light], light};
        }
        phases[k] = (cw_phase){.name = "", .duration = durations[k], .count = count, .states = states};
    }
    double period = 0;
    for (int k = 0; k < PHASES; k++)
        period += durations[k];
    *out = (cw_signal_program){.name = map->junctions[junction].id,
                               .delay = (double)(junction * 17 % 50),
                               .count = PHASES,
                               .phases = phases,
                               .period = period};
    return true;
}

typedef struct found_light {
    uint32_t junction;
    approach approach;
} found_light;

static int by_junction(const void *a, const void *b) {
    const found_light *x = a, *y = b;
    if (x->junction != y->junction)
        return x->junction < y->junction ? -1 : 1;
    return (x->approach.signal > y->approach.signal) - (x->approach.signal < y->approach.signal);
}

cw_status cw_scene_add_programs(cw_scene *scene, cw_error *err) {
    const cw_map *map = scene->map;
    found_light *lights = cw_arena_array(scene->arena, map->signal_count, sizeof *lights);
    if (!lights)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    uint32_t count = 0;
    bool programs = scene->program_count > 0 || scene->action_count > 0;
    for (uint32_t i = 0; i < map->signal_count; i++) {
        const cw_signal *signal = &map->signals[i];
        if (signal->kind != CW_SIGNAL_LIGHT || (programs && switched(scene, signal->id)))
            continue;
        double heading = 0;
        uint32_t junction = junction_of(map, signal, &heading);
        if (junction != CW_NONE)
            lights[count++] = (found_light){junction, {i, heading}};
    }
    if (count == 0)
        return CW_OK;
    qsort(lights, count, sizeof *lights, by_junction);
    cw_signal_program *all = cw_arena_array(scene->arena, (size_t)scene->program_count + count, sizeof *all);
    bool fine = all != NULL;
    if (fine && scene->program_count > 0)
        memcpy(all, scene->programs, scene->program_count * sizeof *all);
    uint32_t made = scene->program_count;
    for (uint32_t i = 0, k; i < count && fine; i = k) {
        approach approaches[SIGNALS_MOST];
        uint32_t n = 0;
        for (k = i; k < count && lights[k].junction == lights[i].junction; k++)
            if (n < SIGNALS_MOST)
                approaches[n++] = lights[k].approach;
        fine = make_program(scene, lights[i].junction, approaches, n, &all[made++]);
    }
    if (!fine)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    scene->programs = all;
    scene->program_count = made;
    scene->hash = cw_hash_bytes(scene->hash, &made, sizeof made);
    return CW_OK;
}
