#include "drive/precedence.h"
#include <math.h>

double cw_approach(const cw_map *map, uint32_t lane, uint32_t on, double travel) {
    if (on == lane) {
        return travel;
    }
    cw_span first = map->lanes[lane].previous;
    for (uint32_t i = 0; i < first.count; i++) {
        uint32_t before = map->links[first.first + i];
        if (before == on) {
            return travel - map->lanes[before].length;
        }
        cw_span second = map->lanes[before].previous;
        for (uint32_t j = 0; j < second.count && j < 4; j++) {
            uint32_t far = map->links[second.first + j];
            if (far == on) {
                return travel - map->lanes[far].length - map->lanes[before].length;
            }
        }
    }
    return NAN;
}

static double heading_at(const cw_map *map, uint32_t lane, double travel) {
    return cw_lane_pose(map, (cw_lane_place){.lane = lane, .s = cw_lane_station(map, lane, travel)}, NULL).heading;
}

int cw_precedence(const cw_map *map, const cw_conflict *conflict, bool green) {
    if (conflict->priority != 0) {
        return conflict->priority;
    }
    // Whence each comes: before the junction, not within it, where both may have turned already.
    double from_me = heading_at(map, conflict->lane, 0.0), from_it = heading_at(map, conflict->other, 0.0);
    double came = cw_wrap_angle(from_it - from_me);
    double turned_it = cw_wrap_angle(heading_at(map, conflict->other, map->lanes[conflict->other].length) - from_it);
    if (fabs(came) > 2.2) { // from the opposite arm
        double turned_me = cw_wrap_angle(heading_at(map, conflict->lane, map->lanes[conflict->lane].length) - from_me);
        double turned_here = cw_wrap_angle(heading_at(map, conflict->lane, conflict->s_in) - from_me);
        bool left_me = turned_me > 0.5 || turned_here > 0.3, left_it = turned_it > 0.5;
        return left_me && !left_it ? -1 : left_it && !left_me ? 1 : 0; // both alike: whoever is first
    }
    if (green) {
        return 1; // the crossing road has red
    }
    if (fabs(came) < 0.35) {
        return 0; // side by side: a merge
    }
    bool right_hand = !map->roads[map->lanes[conflict->lane].road].left_hand;
    bool from_right = came > 0.0; // it runs to the left: it comes from the right
    return from_right == right_hand ? -1 : 1;
}
