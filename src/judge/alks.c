// UN R157: is a scenario of its kind, and its criteria.
#include "causeway/rules.h"
#include "judge/judging.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool names_alks(const char *name) {
    for (size_t i = 0; name && name[i]; i++) {
        size_t k = 0;
        while (k < 4 && name[i + k] && toupper((unsigned char)name[i + k]) == "ALKS"[k])
            k++;
        if (k == 4)
            return true;
    }
    return false;
}

// A carriageway of a motorway: two lanes or more, all of one direction.
static bool motorway(const cw_map *map) {
    if (map->junction_count > 0)
        return false;
    for (uint32_t r = 0; r < map->road_count; r++) {
        const cw_road *road = &map->roads[r];
        if (road->kinds.count == 0 || map->road_types[road->kinds.first].kind != CW_ROAD_MOTORWAY)
            return false;
        for (uint32_t s = 0; s < road->sections.count; s++) {
            const cw_section *section = &map->sections[road->sections.first + s];
            uint32_t drivable = 0;
            int direction = 0;
            for (uint32_t l = 0; l < section->lanes.count; l++) {
                const cw_lane *lane = &map->lanes[section->lanes.first + l];
                if (lane->id == 0 || !cw_lane_drivable(lane))
                    continue;
                if ((direction != 0 && lane->direction != direction) || lane->both_ways)
                    return false;
                direction = lane->direction;
                drivable++;
            }
            if (drivable < 2)
                return false;
        }
    }
    return map->road_count > 0;
}

bool cw_judge_is_alks(const cw_scene *scene) {
    if (scene->origin != CW_FROM_OPENSCENARIO || scene->ego == CW_NONE)
        return false;
    bool named = false;
    const char *const names[] = {scene->actors[scene->ego].controller.name, NULL};
    for (int i = 0; names[i]; i++) {
        if (names_alks(names[i]))
            return true;
        named = named || names[i][0] != 0;
    }
    for (uint32_t i = 0; i < scene->action_count; i++) {
        const cw_action *a = &scene->actions[i];
        if (a->kind != CW_DO_ASSIGN_CONTROLLER || (a->actor != CW_NONE && a->actor != scene->ego))
            continue;
        if (names_alks(a->controller.name))
            return true;
        named = named || (a->controller.name && a->controller.name[0]);
    }
    return !named && motorway(scene->map);
}
