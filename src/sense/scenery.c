#include "sense/scenery_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double WIDEST = 100e3; // m: at its rim float32 then resolves 4 mm
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

void scenery_object(scenery *of, cw_thing thing, cw_class semantic, uint32_t index) {
    if (of->out_of_memory || !CW_GROW(of->objects, of->object_room, of->object_count + 1)) {
        of->out_of_memory = true;
        return;
    }
    of->objects[of->object_count] =
        (cw_scenery_object){.thing = (uint8_t)thing, .semantic = (uint8_t)semantic, .index = index};
    of->mesh.now_object = (uint32_t)of->object_count++;
    cw_builder_semantic(&of->mesh, semantic);
}

void scenery_on_ground(scenery *of) {
    of->mesh.now_object = 0;
    cw_builder_semantic(&of->mesh, CW_CLASS_ROAD);
}

void scenery_block(scenery *of, double x, double y, double radius) {
    if (CW_GROW(of->blocks, of->block_room, of->block_count + 1))
        of->blocks[of->block_count++] = (scenery_circle){x, y, radius};
    else
        of->out_of_memory = true;
}

// Bounding boxes, and where the triangles of each begin: those of an object stand in a row but for the ground's.
static void bound_objects(const cw_mesh *mesh, cw_scenery_object *objects, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < 3; k++) {
            objects[i].low[k] = INFINITY;
            objects[i].high[k] = -INFINITY;
        }
    }
    for (uint32_t t = 0; t < mesh->triangle_count; t++) {
        cw_scenery_object *o = &objects[mesh->object[t]];
        if (o->count++ == 0)
            o->first = t;
        for (int c = 0; c < 3; c++) {
            const float *p = mesh->position[mesh->index[t][c]];
            for (int k = 0; k < 3; k++) {
                o->low[k] = p[k] < o->low[k] ? p[k] : o->low[k];
                o->high[k] = p[k] > o->high[k] ? p[k] : o->high[k];
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 3 && objects[i].count == 0; k++)
            objects[i].low[k] = objects[i].high[k] = 0;
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

static void furnish(scenery *of) {
    scenery_object(of, CW_THING_GROUND, CW_CLASS_ROAD, CW_NONE);
    if (!scenery_survey(of)) {
        of->out_of_memory = true;
        return;
    }
    scenery_surfaces(of);
    if (of->mesh.full || of->mesh.out_of_memory || !scenery_ground_open(of)) {
        of->out_of_memory = !of->mesh.full;
        return;
    }
    scenery_floors(of);
    if (of->def->terrain) {
        if (!scenery_land_open(of)) {
            of->out_of_memory = true;
            return;
        }
        scenery_edges(of);
        scenery_land(of);
    }
    scenery_marks(of);
    scenery_paints(of);
    scenery_signals(of);
    scenery_things(of);
    scenery_houses(of);
    scenery_roadside(of);
    scenery_trees(of);
}

cw_status cw_scenery_build(const cw_scenery_def *def, cw_arena *arena, cw_scenery *out, cw_error *err) {
    assert(def->cookie == COOKIE && def->map);
    *out = (cw_scenery){0};
    const cw_map *map = def->map;
    if (!has_surface(map))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the map \"%s\" has no lane with a surface: nothing to draw",
                            map->name ? map->name : "");
    if (!(map->high.x - map->low.x < WIDEST) || !(map->high.y - map->low.y < WIDEST))
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the map \"%s\" is wider than %g km",
                            map->name ? map->name : "", WIDEST / 1000);
    cw_scenery_def full = *def;
    if (!(full.tolerance > 0))
        full.tolerance = full.coarse ? 0.15 : 0.015;
    scenery of = {.def = &full, .map = map};
    // Whole metres, so that a map that is moved by whole metres gives the same mesh.
    of.origin[0] = floor(0.5 * (map->low.x + map->high.x));
    of.origin[1] = floor(0.5 * (map->low.y + map->high.y));
    cw_builder_begin(&of.mesh, full.triangle_limit);
    of.drivable = cw_area_new(map);
    of.out_of_memory = of.drivable == NULL || !CW_GROW(of.objects, of.object_room, 1);
    if (!of.out_of_memory)
        furnish(&of);
    of.mesh.out_of_memory = of.mesh.out_of_memory || of.out_of_memory;
    cw_status status = keep(&of, arena, out, err);
    cw_builder_free(&of.mesh);
    cw_area_free(of.drivable);
    free(of.objects);
    free(of.lamps);
    free(of.stations);
    free(of.cuts);
    free(of.profiles);
    free(of.row);
    free(of.blocks);
    scenery_ground_close(&of);
    scenery_land_close(&of);
    return status;
}
