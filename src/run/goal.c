#include "causeway/run.h"

#include <math.h>

static bool inside_polygon(const cw_vec2 *points, uint32_t count, double x, double y) {
    bool inside = false;
    for (uint32_t i = 0, j = count - 1; i < count; j = i++) {
        const cw_vec2 *a = &points[i], *b = &points[j];
        if ((a->y > y) != (b->y > y) && x < (b->x - a->x) * (y - a->y) / (b->y - a->y) + a->x)
            inside = !inside;
    }
    return inside;
}

static bool inside_region(const cw_map *map, const cw_region *region, double x, double y) {
    switch (region->kind) {
    case 0: {
        double dx = x - region->box.x, dy = y - region->box.y;
        return fabs(dx * region->box.ux + dy * region->box.uy) <= region->box.half_length &&
               fabs(dy * region->box.ux - dx * region->box.uy) <= region->box.half_width;
    }
    case 1:
        return cw_hypot(x - region->x, y - region->y) <= region->radius;
    case 2:
        return region->point_count >= 3 && inside_polygon(region->points, region->point_count, x, y);
    default: {
        cw_lane_place places[16];
        cw_locate query = cw_locate_at(x, y);
        uint32_t count = cw_map_locate_all(map, &query, places, 16);
        for (uint32_t i = 0; i < count; i++)
            if (places[i].lane == region->lane)
                return true;
        return false;
    }
    }
}

// Headings are an interval that may run across pi.
static bool heading_within(double heading, double low, double high) {
    if (!isfinite(low) || !isfinite(high) || high - low >= 2 * CW_PI)
        return true;
    double middle = (low + high) / 2;
    return fabs(cw_wrap_angle(heading - middle)) <= (high - low) / 2 + 1e-9;
}

bool cw_goal_reached(const cw_scene *scene, double time, cw_pose pose, float speed) {
    // CommonRoad and recordings ask it of the box centre, storyboards of the reference point.
    const cw_actor *ego = &scene->actors[scene->ego];
    double sine, cosine, ahead = scene->story_count + scene->stop.groups.count > 0 ? 0 : (double)ego->center_x;
    cw_sincos(pose.heading, &sine, &cosine);
    double x = pose.x + ahead * cosine, y = pose.y + ahead * sine;
    for (uint32_t g = 0; g < scene->goal_count; g++) {
        const cw_goal *goal = &scene->goals[g];
        if (time < goal->time_low - 1e-9 || time > goal->time_high + 1e-9 || speed < goal->speed_low - 1e-6f ||
            speed > goal->speed_high + 1e-6f ||
            !heading_within(pose.heading, (double)goal->heading_low, (double)goal->heading_high))
            continue;
        bool inside = goal->region_count == 0;
        for (uint32_t r = 0; r < goal->region_count && !inside; r++)
            inside = inside_region(scene->map, &goal->regions[r], x, y);
        if (inside)
            return true;
    }
    return false;
}
