// The mesh of a map: time, triangles, memory, in both grades; and bodies.
#include "figure.h"

#include "causeway/base.h"
#include "causeway/format.h"
#include "sense/model.h"
#include "sense/scenery.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 5 };

static void map_figures(int argc, char **argv, const cw_map *map, bool coarse) {
    char name[64];
    const char *grade = coarse ? "coarse" : "fine";
    snprintf(name, sizeof name, "scenery_build_s/Town04/%s", grade);
    if (!figure_wanted(argc, argv, name))
        return;
    double times[ROUNDS], triangles = 0, bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        cw_arena *arena = cw_arena_new(0, 0);
        cw_scenery_def def = cw_scenery_defaults(map);
        def.coarse = coarse;
        cw_scenery scenery;
        double start = cw_seconds();
        if (!arena || cw_scenery_build(&def, arena, &scenery, NULL) != CW_OK)
            abort();
        times[i] = cw_seconds() - start;
        triangles = scenery.mesh.triangle_count;
        bytes = (double)cw_arena_used(arena);
        cw_arena_free(arena);
    }
    figure(name, median(times, ROUNDS), "s", TOLD, 0, "with land, houses, trees, lamps; one thread");
    snprintf(name, sizeof name, "scenery_triangles/Town04/%s", grade);
    figure(name, triangles, "", TOLD, 0, "%s grade", grade);
    snprintf(name, sizeof name, "scenery_memory_MB/Town04/%s", grade);
    figure(name, bytes / 1e6, "MB", TOLD, 0, "of the finished mesh and its tables");
}

static void model_figures(int argc, char **argv) {
    for (int coarse = 0; coarse < 2; coarse++) {
        char name[64];
        snprintf(name, sizeof name, "model_triangles/car/%s", coarse ? "coarse" : "fine");
        if (!figure_wanted(argc, argv, name))
            continue;
        cw_arena *arena = cw_arena_new(0, 0);
        cw_actor car = cw_scene_usual_actor(CW_ACTOR_CAR);
        cw_model_def def = cw_model_of_actor(&car, 2, coarse != 0);
        cw_model model;
        double start = cw_seconds(), triangles = 0;
        if (!arena || cw_model_build(&def, arena, &model, NULL) != CW_OK)
            abort();
        double time = cw_seconds() - start;
        for (uint32_t i = 0; i < model.part_count; i++)
            triangles += model.parts[i].mesh.triangle_count;
        figure(name, triangles, "", TOLD, 0, "a saloon of 4.5 m, made in %.2f ms", time * 1e3);
        cw_arena_free(arena);
    }
}

int main(int argc, char **argv) {
    model_figures(argc, argv);
    const char *data = test_data();
    if (!data)
        return 0;
    char path[1024], *bytes;
    size_t count;
    cw_map *map;
    snprintf(path, sizeof path, "%s/opendrive/carla/Town04.xodr", data);
    if (cw_file_read(path, 0, &bytes, &count, NULL) != CW_OK ||
        cw_opendrive_read(bytes, count, path, &map, NULL, NULL) != CW_OK)
        return 0;
    for (int coarse = 0; coarse < 2; coarse++)
        map_figures(argc, argv, map, coarse != 0);
    cw_map_free(map);
    free(bytes);
    return 0;
}
