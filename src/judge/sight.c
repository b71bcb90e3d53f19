// What the ego can see, on truth: rays from the middle of its box to the other's middle and corners, stopped by other
// bodies and by the map's solid objects.
#include "judge/judging.h"

#include <math.h>

enum { OBJECTS_MOST = 64 };

static const double low_body = 1.2; // m: one looks over what is lower

static double turn(cw_vec2 a, cw_vec2 b, cw_vec2 c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static bool segments_cross(cw_vec2 a, cw_vec2 b, cw_vec2 c, cw_vec2 d) {
    return (turn(a, b, c) > 0) != (turn(a, b, d) > 0) && (turn(c, d, a) > 0) != (turn(c, d, b) > 0);
}

static bool wall_between(const cw_map *map, cw_vec2 eye, cw_vec2 point) {
    cw_vec2 low = {cw_min(eye.x, point.x), cw_min(eye.y, point.y)};
    cw_vec2 high = {cw_max(eye.x, point.x), cw_max(eye.y, point.y)};
    uint32_t objects[OBJECTS_MOST];
    uint32_t count = map->object_count > 0 ? cw_map_objects_in(map, low, high, objects, OBJECTS_MOST) : 0;
    for (uint32_t i = 0; i < count && i < OBJECTS_MOST; i++) {
        const cw_object *o = &map->objects[objects[i]];
        if (!o->solid || (double)o->height < low_body)
            continue;
        for (uint32_t k = 0; k < o->outline.count; k++) {
            cw_vec2 p = map->points[o->outline.first + k];
            cw_vec2 q = map->points[o->outline.first + (k + 1) % o->outline.count];
            if (segments_cross(eye, point, p, q))
                return true;
        }
    }
    return false;
}

bool cw_sight_point(const cw_judging *j, uint32_t tick, cw_vec2 point, uint32_t actor) {
    const cw_moment *ego = cw_history_ego(&j->h, tick);
    if (!ego)
        return false;
    cw_vec2 eye = {ego->box.x, ego->box.y};
    if (cw_hypot(point.x - eye.x, point.y - eye.y) > j->a1.range)
        return false;
    for (uint32_t a = 0; a < j->h.actors; a++) {
        const cw_moment *m = a == actor || a == j->h.ego ? NULL : cw_history_moment(&j->h, tick, a);
        if (m && (double)j->h.scene->actors[a].height >= low_body && cw_box_hits_segment(&m->box, eye, point))
            return false;
    }
    return !wall_between(j->h.map, eye, point);
}

bool cw_sight_clear(const cw_judging *j, uint32_t tick, uint32_t actor) {
    const cw_moment *m = cw_history_moment(&j->h, tick, actor);
    if (!m)
        return false;
    cw_vec2 corner[4];
    cw_box_corners(&m->box, corner);
    if (cw_sight_point(j, tick, (cw_vec2){m->box.x, m->box.y}, actor))
        return true;
    for (int i = 0; i < 4; i++)
        if (cw_sight_point(j, tick, corner[i], actor))
            return true;
    return false;
}
