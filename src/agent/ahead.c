// The way before the ego, and how to follow a trajectory: what every driver needs first.
#include "causeway/agent.h"

#include <math.h>

enum { LANES_MOST = 256 }; // that the way may run through: a cycle of lanes without length ends

// The successor that the route names after `lane`, else the straightest one.
static uint32_t next_lane(const cw_obs *obs, uint32_t lane) {
    const cw_map *map = obs->map;
    const cw_route *route = &obs->mission->route;
    const cw_span *links = &map->lanes[lane].next;
    for (uint32_t r = 0; r + 1 < route->count; r++)
        for (uint32_t i = 0; route->lanes[r] == lane && i < links->count; i++)
            if (map->links[links->first + i] == route->lanes[r + 1])
                return route->lanes[r + 1];
    return cw_lane_straight_on(map, lane);
}

uint32_t cw_obs_ahead(const cw_obs *obs, double step, uint32_t most, float *x, float *y, uint32_t *lane) {
    const cw_map *map = obs->map;
    uint32_t at = obs->ego.place.lane, count = 0, lanes = 1;
    if (at == CW_NONE)
        return 0;
    double sine, cosine, travel = cw_lane_travel(map, at, obs->ego.place.s);
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    while (count < most) {
        while (travel > map->lanes[at].length) {
            uint32_t next = lanes++ < LANES_MOST ? next_lane(obs, at) : CW_NONE;
            if (next == CW_NONE)
                return count;
            travel -= map->lanes[at].length;
            at = next;
        }
        cw_pose p = cw_lane_pose(map, (cw_lane_place){at, cw_lane_station(map, at, travel), 0}, NULL);
        double dx = p.x - obs->ego.x, dy = p.y - obs->ego.y;
        x[count] = (float)(dx * cosine + dy * sine);
        y[count] = (float)(dy * cosine - dx * sine);
        if (lane)
            lane[count] = at;
        count++;
        travel += step;
    }
    return count;
}

cw_control cw_obs_follow(const cw_obs *obs, const cw_trajectory *trajectory) {
    enum { SOON = 2 }; // the point at 0.3 s
    const cw_body *body = &obs->ego.body;
    double v = (double)obs->ego.speed, far = cw_max(4, 0.8 * fabs(v));
    cw_control control = {.accel = (float)(((double)trajectory->speed[SOON] - v) / ((SOON + 1) * CW_TRAJECTORY_STEP)),
                          .steer = obs->ego.steer};
    control.accel = (float)cw_clamp((double)control.accel, -(double)body->max_brake, (double)body->max_accel);
    if (control.accel < -0.5f)
        control.lamps = CW_LAMP_BRAKE;
    int i = 0;
    double x, y, square;
    do {
        x = (double)trajectory->x[i];
        y = (double)trajectory->y[i];
        square = x * x + y * y;
    } while (square < far * far && ++i < CW_TRAJECTORY_POINTS);
    if (square > 1) // else it stands there: the wheel stays as it is
        control.steer = (float)cw_clamp(cw_atan(2 * (double)body->wheelbase * y / square), -(double)body->max_steer,
                                        (double)body->max_steer);
    return control;
}
