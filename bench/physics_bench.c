// Physics: steps of the vehicle models, of worlds of cars, of a pile-up; save and restore.
#include "figure.h"

#include "causeway/scene.h"
#include "causeway/world.h"
#include "motion/motion.h"
#include "world/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CARS = 50, RUNS = 9 };

// The machine is shared: the smallest of the runs is what the work takes.
static double least(const double *values) {
    double out = INFINITY;
    for (int i = 0; i < RUNS; i++)
        out = fmin(out, values[i]);
    return out;
}

static void model(int argc, char **argv, bool kinematic) {
    const char *name = kinematic ? "physics step kinematic" : "physics step single-track";
    if (!figure_wanted(argc, argv, name))
        return;
    cw_vehicle_params p = cw_vehicle_params_make(4.5f, 1.8f, 1.4f, 2.7f, 1500, 0, 0, 0, 0);
    double took[RUNS];
    enum { STEPS = 200000 };
    for (int r = 0; r < RUNS; r++) {
        cw_vehicle_state s = {.vx = 15};
        double begin = cw_seconds();
        for (int i = 0; i < STEPS; i++) {
            float accel = i % 200 < 100 ? 1.0f : -1.0f, steer = i % 300 < 150 ? 0.03f : -0.03f;
            if (kinematic)
                cw_vehicle_step_kinematic(&p, &s, accel, steer, 0.9f, 0.01);
            else
                cw_vehicle_step(&p, &s, accel, steer, 0.9f, 0, 0, 0.01);
        }
        took[r] = (cw_seconds() - begin) / STEPS;
        if (!isfinite(s.x))
            return;
    }
    figure(name, 1e-6 / least(took), "million/s", kinematic ? TOLD : AT_LEAST, 5,
           "one car, slalom, 0.01 s, one thread; best of %d", RUNS);
}

typedef struct field {
    cw_map map;
    cw_actor actors[CARS];
    cw_sample samples[CARS];
    cw_scene scene;
} field;

// Cars on an open plane, all under control: one after the other, or side by side.
static cw_world *begin(field *f, double after, double beside) {
    *f = (field){.map = {.name = "", .georeference = ""}};
    for (uint32_t i = 0; i < CARS; i++) {
        f->samples[i] = (cw_sample){.x = after * (double)i, .y = beside * (double)i, .speed = 15};
        f->actors[i] = (cw_actor){.name = "car",
                                  .model = "",
                                  .length = 4.5f,
                                  .width = 1.8f,
                                  .height = 1.5f,
                                  .center_x = 1.4f,
                                  .wheelbase = 2.7f,
                                  .mass = 1500,
                                  .trailer = CW_NONE,
                                  .stays = true,
                                  .sample_count = 1,
                                  .samples = &f->samples[i]};
    }
    f->scene = (cw_scene){.name = "field",
                          .origin = CW_FROM_COMMONROAD,
                          .map = &f->map,
                          .actor_count = CARS,
                          .actors = f->actors,
                          .ego = CW_NONE,
                          .duration = INFINITY,
                          .dry_friction = 0.9,
                          .mission_route = CW_NONE};
    cw_world_def def = cw_world_defaults(&f->scene);
    cw_world *world = cw_world_new(&def, NULL);
    for (uint32_t i = 0; world && i < CARS; i++)
        world->s.mover[i] = CW_MOVED_BY_CONTROL;
    return world;
}

static void worlds(int argc, char **argv) {
    static const char name[] = "physics world single-track", saving[] = "physics save", restoring[] = "physics restore";
    static const char crash[] = "physics world pile-up";
    static field f;
    double took[RUNS], saved[RUNS], restored[RUNS];
    enum { STEPS = 2000, COPIES = 20000 };
    cw_world *world = begin(&f, 20, 0);
    void *bytes = world ? malloc(cw_world_state_size(world)) : NULL;
    if (!bytes)
        return;
    cw_world_save(world, bytes);
    for (int r = 0; r < RUNS; r++) {
        cw_world_restore(world, bytes);
        double start = cw_seconds();
        for (int i = 0; i < STEPS; i++) {
            for (uint32_t k = 0; k < CARS && i % 10 == 0; k++)
                cw_world_control(world, k, i % 200 < 100 ? 1.0f : -1.0f, i % 300 < 150 ? 0.03f : -0.03f, 0);
            cw_world_step(world);
        }
        took[r] = (cw_seconds() - start) / STEPS / CARS;
        start = cw_seconds();
        for (int i = 0; i < COPIES; i++)
            cw_world_save(world, bytes);
        saved[r] = (cw_seconds() - start) / COPIES;
        start = cw_seconds();
        for (int i = 0; i < COPIES; i++)
            cw_world_restore(world, bytes);
        restored[r] = (cw_seconds() - start) / COPIES;
    }
    if (figure_wanted(argc, argv, name))
        figure(name, 1e-6 / least(took), "million/s", AT_LEAST, 5,
               "vehicle-steps of 0.01 s, whole world step of %d cars under control, one thread, best of %d", CARS,
               RUNS);
    if (figure_wanted(argc, argv, saving))
        figure(saving, 1e6 * least(saved), "us", AT_MOST, 5, "world of %d actors, %zu bytes", CARS,
               cw_world_state_size(world));
    if (figure_wanted(argc, argv, restoring))
        figure(restoring, 1e6 * least(restored), "us", AT_MOST, 5, "world of %d actors", CARS);
    cw_world_free(world);
    free(bytes);
    world = figure_wanted(argc, argv, crash) ? begin(&f, 0, 2.5) : NULL;
    if (!world)
        return;
    double start = cw_seconds();
    for (int i = 0; i < STEPS; i++) { // the middle of the row turns into its neighbours
        for (uint32_t k = 0; k < CARS && i % 10 == 0; k++)
            cw_world_control(world, k, 1, k < CARS / 2 ? 0.05f : -0.05f, 0);
        cw_world_step(world);
    }
    const cw_contact *contacts;
    figure(crash, 1e-6 * STEPS * CARS / (cw_seconds() - start), "million/s", TOLD, 0,
           "vehicle-steps, %d cars that run into each other, %u contacts", CARS, cw_world_contacts(world, &contacts));
    cw_world_free(world);
}

int main(int argc, char **argv) {
    model(argc, argv, false);
    model(argc, argv, true);
    worlds(argc, argv);
    return 0;
}
