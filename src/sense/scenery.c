#include "sense/scenery_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t COOKIE = 0x73636e72;

cw_scenery_def cw_scenery_defaults(const cw_map *map) {
    return (cw_scenery_def){.cookie = COOKIE,
                            .map = map,
                            .seed = 1,
                            .terrain = true,
                            .buildings = true,
                            .trees = true,
                            .lamps = true,
                            .wear = 0.25,
                            .triangle_limit = 30000000};
}

static bool has_surface(const cw_map *map) {
    for (uint32_t i = 0; i < map->lane_count; i++) {
        const cw_lane *lane = &map->lanes[i];
        if (i != map->sections[lane->section].center && lane->length > 0 && map->roads[lane->road].geometry.count > 0)
            return true;
    }
    return false;
}

static void bound_objects(const cw_mesh *mesh, cw_scenery_object *objects, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cw_scenery_object *o = &objects[i];
        for (int k = 0; k < 3; k++) {
            o->low[k] = o->count ? INFINITY : 0;
            o->high[k] = o->count ? -INFINITY : 0;
        }
        for (uint32_t t = o->first; t < o->first + o->count; t++) {
            for (int c = 0; c < 3; c++) {
                const float *p = mesh->position[mesh->index[t][c]];
                for (int k = 0; k < 3; k++) {
                    o->low[k] = p[k] < o->low[k] ? p[k] : o->low[k];
                    o->high[k] = p[k] > o->high[k] ? p[k] : o->high[k];
                }
            }
        }
    }
}

static cw_status keep(scenery *of, cw_arena *arena, cw_scenery *out, cw_error *err) {
    cw_status status = cw_builder_finish(&of->mesh, arena, &out->mesh, err);
    if (status != CW_OK)
        return status;
    cw_scenery_object *objects = cw_arena_array(arena, of->object_count, sizeof *objects);
    cw_street_lamp *lamps = cw_arena_array(arena, of->lamp_count, sizeof *lamps);
    if (!objects || !lamps)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for the scenery");
    memcpy(objects, of->objects, of->object_count * sizeof *objects);
    if (of->lamp_count > 0)
        memcpy(lamps, of->lamps, of->lamp_count * sizeof *lamps);
    bound_objects(&out->mesh, objects, of->object_count);
    memcpy(out->origin, of->origin, sizeof out->origin);
    out->objects = objects;
    out->object_count = (uint32_t)of->object_count;
    out->lamps = lamps;
    out->lamp_count = (uint32_t)of->lamp_count;
    return CW_OK;
}

cw_status cw_scenery_build(const cw_scenery_def *def, cw_arena *arena, cw_scenery *out, cw_error *err) {
    assert(def->cookie == COOKIE && def->map);
    *out = (cw_scenery){0};
    const cw_map *map = def->map;
    if (!has_surface(map))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the map \"%s\" has no lane with a surface: nothing to draw",
                            map->name ? map->name : "");
    cw_scenery_def full = *def;
    if (!(full.tolerance > 0))
        full.tolerance = full.coarse ? 0.15 : 0.03;
    scenery of = {.def = &full, .map = map};
    // Whole metres, so that a map that is moved by whole metres gives the same mesh.
    of.origin[0] = floor(0.5 * (map->low.x + map->high.x));
    of.origin[1] = floor(0.5 * (map->low.y + map->high.y));
    cw_builder_begin(&of.mesh, full.triangle_limit);
    of.drivable = cw_area_new(map);
    of.out_of_memory = of.drivable == NULL || !CW_GROW(of.objects, of.object_room, 1);
    if (!of.out_of_memory) {
        of.objects[0] = (cw_scenery_object){.thing = CW_THING_GROUND, .semantic = CW_CLASS_ROAD, .index = CW_NONE};
        of.object_count = 1;
        scenery_surfaces(&of);
        of.objects[0].count = (uint32_t)of.mesh.triangle_count;
    }
    of.mesh.out_of_memory = of.mesh.out_of_memory || of.out_of_memory;
    cw_status status = keep(&of, arena, out, err);
    cw_builder_free(&of.mesh);
    cw_area_free(of.drivable);
    free(of.objects);
    free(of.lamps);
    free(of.stations);
    return status;
}
