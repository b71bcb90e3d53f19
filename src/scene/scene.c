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

static bool is_alks(const char *name) {
    return strcasestr(name, "ALKS") != NULL;
}

const char *cw_scene_ego_controller(const cw_scene *scene) {
    if (scene->ego == CW_NONE)
        return "";
    const char *found = scene->actors[scene->ego].controller.name;
    found = found ? found : "";
    for (uint32_t i = 0; i < scene->action_count && !is_alks(found); i++) {
        const cw_action *a = &scene->actions[i];
        const char *name = a->controller.name;
        if (a->kind != CW_DO_ASSIGN_CONTROLLER || (a->actor != CW_NONE && a->actor != scene->ego) || !name)
            continue;
        if (!found[0] || is_alks(name))
            found = name;
    }
    return found;
}

bool cw_scene_keeps_lane(const cw_scene *scene) {
    return is_alks(cw_scene_ego_controller(scene));
}
