#include "causeway/scene.h"

#include <string.h>

void cw_scene_free(cw_scene *scene) {
    if (scene == NULL)
        return;
    cw_map *map = (cw_map *)(uintptr_t)scene->map; // const to everyone but its owner
    cw_arena *arena = scene->arena;                // the scene itself lives in it
    if (!scene->borrows_map)
        cw_map_free(map);
    cw_arena_free(arena);
}

uint32_t cw_scene_find_actor(const cw_scene *scene, const char *name) {
    for (uint32_t i = 0; i < scene->actor_count; i++)
        if (strcmp(scene->actors[i].name, name) == 0)
            return i;
    return CW_NONE;
}
