// Background traffic: vehicle updates a second on signalised grids, each 0.1 s step with route, junction, lane change,
// signals and contacts.
#include "figure.h"

#include "../tests/world/traffic_town.h"

#include <stdio.h>

enum { RUNS = 5 };

// Seconds of a vehicle's step, the best of several stretches.
static double cost(int side, uint32_t vehicles, int steps, int warm, double *present, double *speed) {
    town_def town = town_defaults();
    town.columns = town.rows = side;
    town.spacing = 150;
    town.lanes = 2;
    town.signs = TOWN_LIGHTS;
    cw_scene *scene = town_make(&town);
    cw_traffic_params p = cw_traffic_defaults();
    p.cyclists = p.pedestrians = 0;
    cw_error err = {0};
    if (cw_scene_add_programs(scene, &err) != CW_OK ||
        cw_scene_add_traffic(scene, vehicles, &p, CW_TRAFFIC_IDM, &err) != CW_OK)
        return -1;
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 100000000;
    def.drive_ego = false;
    cw_world *world = cw_world_new(&def, &err);
    if (!world)
        return -1;
    for (int i = 0; i < warm; i++)
        cw_world_step(world);
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        double updates = 0, sum = 0, start = cw_seconds(), spent = 0;
        for (int i = 0; i < steps; i++)
            cw_world_step(world);
        spent = cw_seconds() - start;
        for (uint32_t i = 0; i < vehicles; i++) {
            cw_actor_state state;
            cw_world_actor(world, i, &state);
            updates += state.present;
            sum += state.present ? (double)state.speed : 0;
        }
        *present = updates;
        *speed = sum / updates;
        spent /= updates * steps;
        best = spent < best ? spent : best;
    }
    cw_world_free(world);
    cw_scene_free(scene);
    return best;
}

int main(int argc, char **argv) {
    if (!figure_wanted(argc, argv, "traffic"))
        return 0;
    double present, speed, many_present, many_speed;
    double few = cost(10, 1000, 200, 300, &present, &speed);
    double many = cost(70, 100000, 4, 20, &many_present, &many_speed);
    figure("traffic updates", 1 / few / 1e6, "million/s", AT_LEAST, 4,
           "%.0f vehicles, 10 x 10 lights, two lanes each way, 0.1 s steps with contacts, mean %.1f m/s, one core",
           present, speed);
    figure("traffic cost at 100,000", many / few, "x", AT_MOST, 1.5,
           "%.0f vehicles on 70 x 70 junctions, mean %.1f m/s", many_present, many_speed);
    return 0;
}
