// What holds of any scene that was read, whatever the bytes: numbers finite, samples in order, lanes that are there.
#ifndef CW_FUZZ_SANE_H
#define CW_FUZZ_SANE_H

#include "causeway/format.h"

#include <math.h>
#include <stdlib.h>

static inline void require(bool holds) {
    if (!holds)
        abort();
}

static inline void require_sane(const cw_scene *scene) {
    const cw_map *map = scene->map;
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        const cw_actor *a = &scene->actors[i];
        for (uint32_t k = 0; k < a->sample_count; k++) {
            require(isfinite(a->samples[k].x) && isfinite(a->samples[k].y) && isfinite(a->samples[k].heading));
            require(k == 0 || a->samples[k].time > a->samples[k - 1].time);
        }
        require(a->length > 0 && a->width > 0);
    }
    for (uint32_t i = 0; i < scene->goal_count; i++)
        for (uint32_t k = 0; k < scene->goals[i].region_count; k++)
            require(scene->goals[i].regions[k].kind != 3 || scene->goals[i].regions[k].lane < map->lane_count);
    for (uint32_t i = 0; i < map->lane_count && i < 64; i++) {
        const cw_lane *l = &map->lanes[i];
        for (int k = 0; k <= 4; k++) {
            cw_pose pose = cw_lane_pose(map, (cw_lane_place){i, cw_lerp(l->s0, l->s1, k / 4.0), 0}, NULL);
            cw_locate query = cw_locate_at(pose.x, pose.y);
            cw_lane_place place;
            require(isfinite(pose.x) && isfinite(pose.y) && isfinite(pose.heading));
            cw_map_locate(map, &query, &place);
        }
    }
}

#endif
