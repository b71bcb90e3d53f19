// Any bytes as a recorded world in JSON: read or refused with a place, never a crash. What was read is finite and in order,
// and a second reading gives the same scene.
#include "causeway/format.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static void look(const cw_scene *scene) {
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_scene *scene = NULL, *again = NULL;
    cw_error err = {0};
    cw_status status = cw_recording_read((const char *)bytes, size, "fuzz.json", NULL, &scene, &err);
    if (status != CW_OK) {
        require(scene == NULL && err.text[0] != '\0');
        return 0;
    }
    require(cw_recording_read((const char *)bytes, size, "fuzz.json", NULL, &again, NULL) == CW_OK);
    require(again->hash == scene->hash && again->map->hash == scene->map->hash);
    look(scene);
    cw_scene_free(scene);
    cw_scene_free(again);
    return 0;
}
