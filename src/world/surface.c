// The surface: friction where a point lies.
#include "world/core.h"

#include <math.h>

static bool inside(const cw_friction_patch *patch, double x, double y) {
    bool in = false;
    for (uint32_t i = 0, k = patch->point_count - 1; i < patch->point_count; k = i++) {
        cw_vec2 a = patch->points[i], b = patch->points[k];
        if ((a.y > y) != (b.y > y) && x - a.x < (b.x - a.x) * (y - a.y) / (b.y - a.y))
            in = !in;
    }
    return in;
}

// place: the lane under the point; lane CW_NONE: none.
static float friction_at(const cw_world *world, double x, double y, cw_lane_place place) {
    const cw_scene *scene = world->scene;
    if (cw_changes_dry(world))
        return (float)scene->dry_friction;
    for (uint32_t i = scene->patch_count; i-- > 0;) {
        const cw_friction_patch *patch = &scene->patches[i];
        if (patch->lane == CW_NONE ? inside(patch, x, y)
                                   : patch->lane == place.lane && place.s >= patch->s0 && place.s <= patch->s1)
            return patch->friction;
    }
    float own = place.lane != CW_NONE ? cw_lane_friction(world->map, place.lane, place.s) : 0;
    return (own > 0 ? own : (float)scene->dry_friction) * world->s.friction_scale[0];
}

float cw_world_friction(const cw_world *world, double x, double y) {
    cw_lane_place place = {.lane = CW_NONE};
    bool lanes = world->map->grip_count > 0;
    for (uint32_t i = 0; i < world->scene->patch_count; ++i)
        lanes |= world->scene->patches[i].lane != CW_NONE;
    if (lanes) {
        cw_locate query = cw_locate_at(x, y);
        if (!cw_map_locate(world->map, &query, &place))
            place.lane = CW_NONE;
    }
    return friction_at(world, x, y, place);
}

float cw_body_friction(const cw_world *world, uint32_t i) {
    cw_lane_place place = cw_world_place(world, i);
    if (!world->s.place_on[i])
        place.lane = CW_NONE;
    return friction_at(world, world->s.x[i], world->s.y[i], place);
}
