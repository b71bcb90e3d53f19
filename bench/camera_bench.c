// Pictures and scans a second on one core, and what a new moment costs.
#include "figure.h"

#include "causeway/camera.h"
#include "causeway/format.h"
#include "causeway/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH = 160, HEIGHT = 96, SHOW_WIDTH = 1280, SHOW_HEIGHT = 720, BLOCKS = 7 };

// Of the processor, for what runs on one thread: others at work beside it do not count.
static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

typedef struct studio {
    cw_scene *base; // whose map the scene borrows; NULL: its own
    cw_area *area;
    cw_scene *scene;
    uint32_t carrier; // of the cameras
    cw_world *world;
    cw_figure *figures;
    uint8_t *lights;
    cw_moment moment;
    cw_rays *rays;
} studio;

typedef enum set { // what is looked at
    SET_ROAD,      // the crossing of scenes/a1 with 20 vehicles around its middle
    SET_TOWN       // the town of the demo with its 24 road users, 10 s into its drive
} set;

static const char *const set_name[] = {"crossing", "town"};

static bool read_set(studio *s, set of, cw_error *err) {
    cw_scenario_options options = {0};
    if (of == SET_TOWN)
        return cw_scene_read_file("scenes/town.xosc", &options, &s->scene, err) == CW_OK;
    if (cw_scene_read_file("scenes/a1/crossing.xodr", &options, &s->base, err) != CW_OK)
        return false;
    cw_spawn_def def = cw_spawn_defaults();
    def.radius = 90;
    s->area = cw_area_new(s->base->map);
    return s->area != NULL && cw_scene_spawn(&def, s->base->map, s->area, &s->scene, err) == CW_OK;
}

static void close_studio(studio *s) {
    cw_rays_free(s->rays);
    cw_world_free(s->world);
    cw_scene_free(s->scene);
    cw_area_free(s->area);
    cw_scene_free(s->base);
    free(s->figures);
    free(s->lights);
}

static bool open_studio(studio *s, set of, bool coarse, cw_isa isa, const char *weather, cw_pool *pool) {
    cw_error err = {0};
    *s = (studio){0};
    if (!read_set(s, of, &err) || cw_environment_words(weather, &s->scene->environment, &err) != CW_OK) {
        fprintf(stderr, "camera_bench: %s\n", err.text);
        close_studio(s);
        return false;
    }
    s->carrier = s->scene->ego != CW_NONE ? s->scene->ego : 0;
    cw_world_def world = cw_world_defaults(s->scene);
    s->world = cw_world_new(&world, &err);
    for (int i = 0; s->world != NULL && of == SET_TOWN && i < 1000; i++)
        cw_world_step(s->world);
    s->figures = calloc(s->scene->actor_count + 1, sizeof *s->figures);
    s->lights = calloc(s->scene->map->signal_count + 1, 1);
    cw_rays_def def = cw_rays_defaults(s->scene);
    def.coarse = coarse;
    def.isa = isa;
    def.pool = pool;
    if (s->world == NULL || s->figures == NULL || s->lights == NULL || cw_rays_new(&def, &s->rays, &err) != CW_OK) {
        fprintf(stderr, "camera_bench: %s\n", err.text);
        close_studio(s);
        return false;
    }
    s->moment = cw_moment_of_world(s->world, s->figures, s->lights);
    if (cw_rays_set(s->rays, &s->moment, true, &err) == CW_OK)
        return true;
    close_studio(s);
    return false;
}

// Pictures a second of the six cameras of the default rig: the best of some blocks.
static double rate(studio *s, cw_grade grade, int width, int height, bool labels, int frames) {
    cw_rig *rig = malloc(sizeof *rig);
    size_t pixels = (size_t)width * (size_t)height;
    cw_eye *eyes[6] = {NULL};
    cw_image image = {.color = malloc(pixels * 4)};
    if (labels) {
        image.depth = malloc(pixels * 4);
        image.semantic = malloc(pixels);
        image.instance = malloc(pixels * 4);
        image.normal = malloc(pixels * 12);
        image.flow = malloc(pixels * 8);
    }
    cw_rig_named("surround6", &s->scene->actors[s->carrier], width, height, rig);
    for (int i = 0; i < 6; i++)
        cw_eye_new(s->rays, &rig->cameras[i], grade, &eyes[i], NULL);
    double best = 0;
    for (int block = 0; block < BLOCKS; block++) {
        double start = grade == CW_GRADE_SHOW ? cw_seconds() : seconds();
        for (int i = 0; i < frames; i++)
            cw_eye_take(eyes[i % 6], s->rays, s->carrier, &image, NULL);
        best = cw_max(best, frames / ((grade == CW_GRADE_SHOW ? cw_seconds() : seconds()) - start));
    }
    for (int i = 0; i < 6; i++)
        cw_eye_free(eyes[i]);
    void *owned[] = {image.color, image.depth, image.semantic, image.instance, image.normal, image.flow, rig};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    return best;
}

static void training_figures(int argc, char **argv) {
    static const struct {
        const char *name, *weather;
        cw_isa isa;
        bool labels;
        double asked;
        set of;
    } rows[] = {{"camera, training grade, AVX-512", "day", CW_ISA_AVX512, false, 2500, SET_ROAD},
                {"camera, training grade, AVX2", "day", CW_ISA_AVX2, false, 1500, SET_ROAD},
                {"camera, training grade, wet road", "day, rain", CW_ISA_BEST, false, 1200, SET_ROAD},
                {"camera, training grade, six labels", "day", CW_ISA_BEST, true, 1200, SET_ROAD},
                {"camera, training grade, town, AVX-512", "day", CW_ISA_AVX512, false, 0, SET_TOWN},
                {"camera, training grade, town, AVX2", "day", CW_ISA_AVX2, false, 0, SET_TOWN},
                {"camera, training grade, town, wet road", "day, rain", CW_ISA_BEST, false, 0, SET_TOWN},
                {"camera, training grade, town, six labels", "day", CW_ISA_BEST, true, 0, SET_TOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        studio s;
        if (!figure_wanted(argc, argv, rows[i].name) ||
            !open_studio(&s, rows[i].of, true, rows[i].isa, rows[i].weather, NULL))
            continue;
        if (rows[i].isa == CW_ISA_BEST || cw_rays_isa(s.rays) == rows[i].isa)
            figure(rows[i].name, rate(&s, CW_GRADE_TRAINING, WIDTH, HEIGHT, rows[i].labels, 300), "frames/s",
                   rows[i].asked > 0 ? AT_LEAST : TOLD, rows[i].asked,
                   "160 x 96, sun shadows, one core, %s, %s of %zu triangles with %u road users, best of %d",
                   cw_isa_name(cw_rays_isa(s.rays)), set_name[rows[i].of], cw_rays_triangles(s.rays),
                   s.scene->actor_count, BLOCKS);
        close_studio(&s);
    }
}

static void show_figure(int argc, char **argv) {
    const char *name = "camera, show grade";
    studio s;
    if (!figure_wanted(argc, argv, name))
        return;
    cw_pool *pool = cw_pool_new(2);
    if (open_studio(&s, SET_TOWN, false, CW_ISA_BEST, "day", pool)) {
        figure(name, rate(&s, CW_GRADE_SHOW, SHOW_WIDTH, SHOW_HEIGHT, false, 6), "frames/s", AT_LEAST, 8,
               "1280 x 720, up to 4 samples a pixel, two threads, %zu triangles, best of %d", cw_rays_triangles(s.rays),
               BLOCKS);
        close_studio(&s);
    }
    cw_pool_free(pool);
}

static void moment_figure(int argc, char **argv) {
    const char *name = "camera, a new moment";
    studio s;
    if (!figure_wanted(argc, argv, name) || !open_studio(&s, SET_TOWN, true, CW_ISA_BEST, "day", NULL))
        return;
    cw_rig rig;
    cw_eye *eye = NULL;
    uint32_t color[16];
    cw_image image = {.color = color};
    cw_rig_named("front", &s.scene->actors[s.carrier], 4, 4, &rig); // the tree is built at the first picture
    cw_eye_new(s.rays, &rig.cameras[0], CW_GRADE_TRAINING, &eye, NULL);
    double best = 1e9;
    for (int block = 0; block < BLOCKS; block++) {
        double start = seconds();
        for (int i = 0; i < 1000; i++) {
            s.figures[(uint32_t)i % s.scene->actor_count].x += 0.01;
            cw_rays_set(s.rays, &s.moment, false, NULL);
            cw_eye_take(eye, s.rays, s.carrier, &image, NULL);
        }
        best = cw_min(best, seconds() - start);
    }
    figure(name, best, "ms", AT_MOST, 0.3, "%u road users, with a picture of 4 x 4 pixels, best of %d",
           s.scene->actor_count, BLOCKS);
    cw_eye_free(eye);
    close_studio(&s);
}

static void lidar_figure(int argc, char **argv) {
    const char *name = "LiDAR";
    studio s;
    if (!figure_wanted(argc, argv, name) || !open_studio(&s, SET_TOWN, true, CW_ISA_BEST, "day", NULL))
        return;
    cw_rig rig;
    cw_scanner *scanner = NULL;
    uint32_t count = 0;
    cw_rig_named("front", &s.scene->actors[s.carrier], 4, 4, &rig);
    cw_scanner_new(s.rays, &rig.lidars[0], &scanner, NULL);
    uint32_t rays = cw_scanner_rays(scanner);
    cw_lidar_point *points = malloc(rays * sizeof *points);
    double best = 0;
    for (int block = 0; block < BLOCKS; block++) {
        double start = seconds();
        for (int i = 0; i < 20; i++)
            cw_scanner_scan(scanner, s.rays, s.carrier, points, &count, NULL);
        best = cw_max(best, 20.0 * rays / (seconds() - start) * 1e-6);
    }
    figure(name, best, "million rays/s", AT_LEAST, 20, "%u beams x %u steps, %u points, one core, best of %d",
           rig.lidars[0].beam_count, rig.lidars[0].steps, count, BLOCKS);
    free(points);
    cw_scanner_free(scanner);
    close_studio(&s);
}

int main(int argc, char **argv) {
    lidar_figure(argc, argv);
    training_figures(argc, argv);
    show_figure(argc, argv);
    moment_figure(argc, argv);
    return 0;
}
