// Any bytes as an OpenDRIVE map: read or refused with a place, never a crash. What was read answers every question with
// finite numbers, and a second reading gives the same map.
#include "causeway/format.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static void ask(const cw_map *map, uint32_t lane) {
    const cw_lane *l = &map->lanes[lane];
    for (int i = 0; i <= 4; i++) {
        double s = cw_lerp(l->s0, l->s1, i / 4.0), low, high;
        cw_road_point at;
        cw_pose pose = cw_lane_pose(map, (cw_lane_place){lane, s, 0}, &at);
        cw_lane_borders(map, lane, s, &low, &high);
        double travel = cw_lane_travel(map, lane, s);
        require(isfinite(pose.x) && isfinite(pose.y) && isfinite(pose.heading) && isfinite(at.z) && low <= high);
        require(isfinite(travel) && isfinite(cw_lane_curvature(map, lane, s)));
        require(isfinite(cw_lane_station(map, lane, travel)));
        cw_locate query = cw_locate_at(pose.x, pose.y);
        query.hint = (cw_lane_place){lane, s, 0};
        cw_lane_place place;
        if (cw_map_locate(map, &query, &place))
            require(place.lane < map->lane_count && isfinite(place.s) && isfinite(place.offset));
        cw_lane_may_change(map, lane, s, i % 2 == 0);
        cw_lane_limit(map, lane, s);
    }
}

static void drive(const cw_map *map, uint32_t from, uint32_t to) {
    cw_arena *arena = cw_arena_new(0, (size_t)64 << 20);
    cw_lane_place a = {from, 0.5 * (map->lanes[from].s0 + map->lanes[from].s1), 0}, b = {to, map->lanes[to].s1, 0};
    cw_route route;
    cw_path path;
    if (cw_route_find(map, a, b, arena, &route) || cw_route_ahead(map, a, 200, arena, &route)) {
        if (route.length < 1e4 && cw_path_along(map, &route, a, NAN, 2, 40, arena, &path))
            for (uint32_t i = 0; i < path.count; i++)
                require(isfinite(path.x[i]) && isfinite(path.y[i]) && path.left[i] >= 0 && path.right[i] >= 0);
    }
    cw_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_map *map = NULL, *again = NULL;
    cw_error err = {0};
    cw_notices *notices = cw_notices_new();
    cw_status status = cw_opendrive_read((const char *)bytes, size, "fuzz.xodr", &map, notices, &err);
    cw_notices_free(notices);
    if (status != CW_OK) {
        require(map == NULL && err.text[0] != '\0' && (err.line > 0 || status == CW_ERR_MEMORY));
        return 0;
    }
    require(cw_opendrive_read((const char *)bytes, size, "fuzz.xodr", &again, NULL, NULL) == CW_OK);
    require(again->hash == map->hash);
    for (uint32_t i = 0; i < map->lane_count && i < 64; i++)
        ask(map, i);
    for (uint32_t i = 0; i + 1 < map->lane_count && i < 8; i++)
        drive(map, i, map->lane_count - 1 - i);
    cw_map_free(map);
    cw_map_free(again);
    return 0;
}
