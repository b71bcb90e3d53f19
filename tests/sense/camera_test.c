// Pictures against closed forms: the plane that the road is, points that move, whatever the threads and the lanes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/camera.h"
#include "causeway/format.h"
#include "sense/mesh.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 160, HEIGHT = 96, PIXELS = WIDTH * HEIGHT };

typedef struct studio {
    cw_scene *scene;
    cw_figure *figures;
    cw_moment moment;
    cw_pool *pool;
    cw_rays *rays;
    cw_eye *eye;
    cw_rig rig;
} studio;

// The town, the ego 60 m along its first road and a van 15 m ahead of it.
static studio open_studio(cw_isa isa, int threads, cw_grade grade) {
    studio s = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/scenes/town.xosc", getenv("CAUSEWAY_SOURCE") ? getenv("CAUSEWAY_SOURCE") : ".");
    cw_scenario_options options = {0};
    cw_error err = {0};
    assert_int_equal(cw_scene_read_file(path, &options, &s.scene, &err), CW_OK);
    s.figures = calloc(s.scene->actor_count, sizeof *s.figures);
    assert_non_null(s.figures);
    cw_road_point at;
    cw_road_at(s.scene->map, 0, 60.0, -1.75, &at);
    double sine, cosine;
    cw_sincos(at.heading, &sine, &cosine);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t actor = i == 0 ? s.scene->ego : cw_scene_find_actor(s.scene, "BrokenDown");
        s.figures[actor] = (cw_figure){.present = true,
                                       .x = at.x + 15.0 * i * cosine,
                                       .y = at.y + 15.0 * i * sine,
                                       .z = at.z,
                                       .heading = (float)at.heading};
    }
    s.moment = (cw_moment){.figures = s.figures};
    cw_rays_def def = cw_rays_defaults(s.scene);
    def.coarse = grade == CW_GRADE_TRAINING;
    def.isa = isa;
    def.pool = s.pool = threads > 0 ? cw_pool_new(threads) : NULL;
    cw_status status = cw_rays_new(&def, &s.rays, &err);
    if (status == CW_ERR_UNSUPPORTED)
        skip(); // a build or a machine without Embree
    if (status != CW_OK)
        fail_msg("%s", err.text);
    assert_int_equal(cw_rays_set(s.rays, &s.moment, true, &err), CW_OK);
    assert_true(cw_rig_named("front", &s.scene->actors[s.scene->ego], WIDTH, HEIGHT, &s.rig));
    assert_int_equal(cw_eye_new(s.rays, &s.rig.cameras[0], grade, &s.eye, &err), CW_OK);
    return s;
}

static void close_studio(studio *s) {
    cw_eye_free(s->eye);
    cw_rays_free(s->rays);
    cw_pool_free(s->pool);
    cw_scene_free(s->scene);
    free(s->figures);
}

typedef struct sheets {
    uint32_t color[PIXELS], instance[PIXELS];
    float depth[PIXELS], normal[PIXELS][3], flow[PIXELS][2];
    uint8_t semantic[PIXELS];
} sheets;

static void take(studio *s, sheets *out) {
    cw_image image = {out->color, out->depth, out->semantic, out->instance, out->normal, out->flow};
    cw_error err = {0};
    assert_int_equal(cw_eye_take(s->eye, s->rays, s->scene->ego, &image, &err), CW_OK);
}

// Every pixel of the road: its ray meets the plane of the road where the picture's depth says, within 1 mm up to 30 m.
static void depth_of_the_plane(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    sheets *p = malloc(sizeof *p);
    take(&s, p);
    double r[9];
    cw_mount_rotation(&s.rig.cameras[0].mount, r);
    int checked = 0;
    for (int i = 0; i < PIXELS; i++) {
        double d[3], point[3], pixel[2];
        if (p->semantic[i] != CW_CLASS_ROAD)
            continue;
        assert_true(cw_lens_ray(&s.rig.cameras[0].lens, i % WIDTH + 0.5, i / WIDTH + 0.5, d));
        double down = r[6] * d[0] + r[7] * d[1] + r[8] * d[2];
        assert_true(down < 0.0);
        double depth = s.rig.cameras[0].mount.z / -down * d[2];
        if (depth > 30.0)
            continue;
        if (fabs((double)p->depth[i] - depth) > 1e-3)
            fail_msg("pixel %d, %d: %.6f m instead of %.6f m", i % WIDTH, i / WIDTH, (double)p->depth[i], depth);
        // The normal of the road points up, in the camera's frame too.
        assert_true(fabs(r[6] * (double)p->normal[i][0] + r[7] * (double)p->normal[i][1] +
                         r[8] * (double)p->normal[i][2] - 1.0) < 1e-4);
        // And the point lies in that pixel.
        for (int k = 0; k < 3; k++)
            point[k] = d[k] * depth / d[2];
        assert_true(cw_lens_project(&s.rig.cameras[0].lens, point, pixel));
        assert_true(fabs(pixel[0] - (i % WIDTH + 0.5)) < 0.5 && fabs(pixel[1] - (i / WIDTH + 0.5)) < 0.5);
        checked++;
    }
    assert_true(checked > 1000);
    free(p);
    close_studio(&s);
}

// The van fills the pixels between the projections of its box's corners, and nothing outside them.
static void box_of_the_van(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    sheets *p = malloc(sizeof *p);
    take(&s, p);
    uint32_t van = cw_scene_find_actor(s.scene, "BrokenDown");
    const cw_actor *a = &s.scene->actors[van];
    const cw_mount *m = &s.rig.cameras[0].mount;
    double r[9], low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    cw_mount_rotation(m, r);
    for (int i = 0; i < 8; i++) {
        double at[3] = {15.0 + (double)a->center_x + (i & 1 ? 0.5 : -0.5) * (double)a->length - m->x,
                        (double)a->center_y + (i & 2 ? 0.5 : -0.5) * (double)a->width - m->y,
                        (i & 4 ? (double)a->height : 0.0) - m->z};
        double c[3], pixel[2];
        for (int k = 0; k < 3; k++)
            c[k] = r[k] * at[0] + r[3 + k] * at[1] + r[6 + k] * at[2];
        assert_true(cw_lens_project(&s.rig.cameras[0].lens, c, pixel));
        for (int k = 0; k < 2; k++) {
            low[k] = cw_min(low[k], pixel[k]);
            high[k] = cw_max(high[k], pixel[k]);
        }
    }
    int left = WIDTH, right = -1, top = HEIGHT, bottom = -1;
    for (int i = 0; i < PIXELS; i++)
        if (p->instance[i] == 1 + van) {
            left = i % WIDTH < left ? i % WIDTH : left;
            right = i % WIDTH > right ? i % WIDTH : right;
            top = i / WIDTH < top ? i / WIDTH : top;
            bottom = i / WIDTH > bottom ? i / WIDTH : bottom;
            assert_int_equal(p->semantic[i], CW_CLASS_VAN);
        }
    // Mirrors may stand out of the box; the roof and the rear do not.
    assert_true(right > left && left + 0.5 >= low[0] - 2.0 && right + 0.5 <= high[0] + 2.0);
    assert_true(left + 0.5 <= low[0] + 2.5 && right + 0.5 >= high[0] - 2.5);
    assert_true(top + 0.5 >= low[1] - 0.5 && bottom + 0.5 <= high[1] + 0.5);
    assert_true(top + 0.5 <= low[1] + 2.5 && bottom + 0.5 >= high[1] - 2.5);
    free(p);
    close_studio(&s);
}

// The ego drives 0.8 m on: a point of the road was where the same point projects from there.
static void flow_of_the_road(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    sheets *p = malloc(sizeof *p);
    cw_figure *ego = &s.figures[s.scene->ego];
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    ego->x += 0.8 * cosine;
    ego->y += 0.8 * sine;
    assert_int_equal(cw_rays_set(s.rays, &s.moment, false, NULL), CW_OK);
    take(&s, p);
    double r[9];
    cw_mount_rotation(&s.rig.cameras[0].mount, r);
    int checked = 0;
    for (int i = 0; i < PIXELS; i++) {
        if (p->semantic[i] != CW_CLASS_ROAD || p->depth[i] > 40.0F)
            continue;
        double d[3], c[3], pixel[2];
        cw_lens_ray(&s.rig.cameras[0].lens, i % WIDTH + 0.5, i / WIDTH + 0.5, d);
        for (int k = 0; k < 3; k++) // 0.8 m farther away then
            c[k] = d[k] * (double)p->depth[i] / d[2] + r[k] * 0.8;
        assert_true(cw_lens_project(&s.rig.cameras[0].lens, c, pixel));
        assert_true(fabs(pixel[0] - (i % WIDTH + 0.5) - (double)p->flow[i][0]) < 0.02);
        assert_true(fabs(pixel[1] - (i / WIDTH + 0.5) - (double)p->flow[i][1]) < 0.02);
        checked++;
    }
    assert_true(checked > 1000);
    free(p);
    close_studio(&s);
}

static void check_threads(cw_grade grade) {
    studio one = open_studio(CW_ISA_BEST, 0, grade), three = open_studio(CW_ISA_BEST, 3, grade);
    sheets *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    take(&one, a);
    take(&three, b);
    assert_memory_equal(a->color, b->color, sizeof a->color);
    assert_memory_equal(a->depth, b->depth, sizeof a->depth);
    assert_memory_equal(a->instance, b->instance, sizeof a->instance);
    take(&one, b); // and again
    assert_memory_equal(a->color, b->color, sizeof a->color);
    free(a);
    free(b);
    close_studio(&one);
    close_studio(&three);
}

static void any_threads(void **state) {
    (void)state;
    check_threads(CW_GRADE_TRAINING);
    check_threads(CW_GRADE_SHOW);
}

// The kernels agree but for pixels on edges.
static void any_lanes(void **state) {
    (void)state;
    sheets *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    studio s = open_studio(CW_ISA_SSE2, 0, CW_GRADE_TRAINING);
    take(&s, a);
    close_studio(&s);
    for (cw_isa isa = CW_ISA_AVX2; isa <= CW_ISA_AVX512; isa++) {
        s = open_studio(isa, 0, CW_GRADE_TRAINING);
        take(&s, b);
        close_studio(&s);
        double sum = 0;
        int other = 0;
        for (int i = 0; i < PIXELS; i++) {
            for (int shift = 0; shift < 24; shift += 8)
                sum += fabs((double)(a->color[i] >> shift & 255) - (double)(b->color[i] >> shift & 255));
            other += a->semantic[i] != b->semantic[i];
        }
        assert_true(sum / (3.0 * PIXELS) < 0.5);
        assert_true(other < PIXELS / 500);
    }
    free(a);
    free(b);
}

// By day the shadow beside the van is darker than the road; at night it all is darker, and lamps shine.
static void light_and_dark(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    sheets *day = malloc(sizeof *day), *night = malloc(sizeof *night);
    take(&s, day);
    cw_environment e = s.scene->environment;
    assert_int_equal(cw_environment_words("night", &e, NULL), CW_OK);
    s.moment.environment = &e;
    s.figures[cw_scene_find_actor(s.scene, "BrokenDown")].lamps = 1; // brakes
    assert_int_equal(cw_rays_set(s.rays, &s.moment, true, NULL), CW_OK);
    take(&s, night);
    double sum[2] = {0};
    int red = 0, count = 0;
    for (int i = 0; i < PIXELS; i++) {
        uint32_t c = night->color[i];
        red += (c >> 16 & 255) > 170 && (c >> 16 & 255) > (c >> 8 & 255) + 60;
        if (day->semantic[i] == CW_CLASS_SKY) {
            count++;
            sum[0] += day->color[i] >> 8 & 255;
            sum[1] += night->color[i] >> 8 & 255;
        }
    }
    assert_true(count > 500);
    assert_true(sum[1] < 0.6 * sum[0]);
    assert_true(red >= 2);
    free(day);
    free(night);
    close_studio(&s);
}

// Points of the road lie on its plane; the van's on the van, in front; fog swallows what is far.
static void points_of_a_turn(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    cw_scanner *scanner;
    cw_error err = {0};
    uint32_t count, again, van = cw_scene_find_actor(s.scene, "BrokenDown"), road = 0, on_van = 0, far_off = 0;
    s.figures[van].speed = 3.0F;
    assert_int_equal(cw_rays_set(s.rays, &s.moment, true, &err), CW_OK);
    assert_int_equal(cw_scanner_new(s.rays, &s.rig.lidars[0], &scanner, &err), CW_OK);
    cw_lidar_point *points = malloc(cw_scanner_rays(scanner) * sizeof *points),
                   *b = malloc(cw_scanner_rays(scanner) * sizeof *b);
    assert_int_equal(cw_scanner_scan(scanner, s.rays, s.scene->ego, points, &count, &err), CW_OK);
    for (uint32_t i = 0; i < count; i++) {
        const cw_lidar_point *p = &points[i];
        double range = cw_hypot(cw_hypot((double)p->position[0] - s.rig.lidars[0].mount.x, (double)p->position[1]),
                                (double)p->position[2] - s.rig.lidars[0].mount.z);
        assert_true(range <= s.rig.lidars[0].range + 1e-3 && p->intensity >= 0.0F && p->intensity <= 1.0F);
        far_off += range > 40.0;
        if (p->semantic == CW_CLASS_ROAD && range < 30.0) {
            road++;
            assert_true(fabs((double)p->position[2]) < 2e-3);
        }
        if (p->instance == 1 + van) {
            on_van++;
            assert_true(p->position[0] > 12.0F && fabsf(p->position[1]) < 1.4F && p->position[2] > -0.01F);
            assert_true(fabsf(p->velocity[0] - 3.0F) < 1e-3F && fabsf(p->velocity[1]) < 1e-3F);
        }
        assert_int_not_equal(p->instance, 1 + s.scene->ego);
    }
    assert_true(road > 1000 && on_van > 50);
    assert_int_equal(cw_scanner_scan(scanner, s.rays, s.scene->ego, b, &again, &err), CW_OK);
    assert_int_equal(again, count);
    assert_memory_equal(points, b, count * sizeof *b);
    cw_environment e = s.scene->environment;
    assert_int_equal(cw_environment_words("fog", &e, NULL), CW_OK);
    s.moment.environment = &e;
    assert_int_equal(cw_rays_set(s.rays, &s.moment, true, &err), CW_OK);
    assert_int_equal(cw_scanner_scan(scanner, s.rays, s.scene->ego, b, &again, &err), CW_OK);
    uint32_t through = 0;
    for (uint32_t i = 0; i < again; i++)
        through += cw_hypot((double)b[i].position[0] - s.rig.lidars[0].mount.x, (double)b[i].position[1]) > 40.0;
    assert_true(again < count && 2 * through < far_off);
    free(points);
    free(b);
    cw_scanner_free(scanner);
    close_studio(&s);
}

static void words_of_weather(void **state) {
    (void)state;
    cw_environment e = {0};
    cw_error err = {0};
    assert_int_equal(cw_environment_words("rain, night", &e, &err), CW_OK);
    assert_true(e.precipitation == 1 && e.wet && e.friction_scale < 0.8 && e.sun_elevation < 0.0);
    assert_int_equal(cw_environment_words("snow", &e, &err), CW_OK);
    assert_true(e.precipitation == 2 && e.friction_scale < 0.5);
    cw_environment before = e;
    assert_int_equal(cw_environment_words("fog, frogs", &e, &err), CW_ERR_USAGE);
    assert_non_null(strstr(err.text, "frogs"));
    assert_memory_equal(&before, &e, sizeof e);
}

static void files_of_rigs(void **state) {
    (void)state;
    static const char good[] =
        "{\"name\": \"two\", \"cameras\": [\n"
        " {\"name\": \"a\", \"width\": 64, \"height\": 48, \"view_deg\": 60, \"z_m\": 1.4},\n"
        " {\"name\": \"b\", \"kind\": \"fisheye\", \"width\": 64, \"height\": 48, \"fx\": 30, \"distortion\": "
        "[0.01, 0, 0, 0], \"yaw_deg\": 90, \"noise\": 2, \"black\": true, \"swapped_with\": \"a\", \"frozen_from_s\": "
        "3}],\n"
        " \"lidars\": [{\"name\": \"top\", \"beams_deg\": [-10, 0, 5], \"z_m\": 2}]}";
    static const struct {
        const char *text;
        int line;
    } bad[] = {
        {"{\"cameras\": [\n{\"name\": \"a\", \"width\": 0, \"height\": 48, \"view_deg\": 60}]}", 2},
        {"{\"cameras\": [{\"name\": \"a\", \"width\": 64, \"height\": 48, \"view_deg\": 179}]}", 1},
        {"{\"cameras\": [{\"name\": \"a\",\n \"width\": 64, \"height\": 48,\n \"fx\": -4}]}", 3},
        {"{\"cameras\": [{\"name\": \"../a\", \"width\": 64, \"height\": 48, \"view_deg\": 60}]}", 1},
        {"{\"cameras\": [{\"name\": \"a\", \"width\": 64, \"height\": 48, \"fx\": 40, \"distortion\": [-90]}]}", 1},
        {"{\"cameras\": [{\"name\": \"a\", \"width\": 64, \"height\": 48, \"view_deg\": 60, \"zoom\": 2}]}", 1},
        {"{\"cameras\": [{\"name\": \"a\", \"width\": 64, \"height\": 48, \"view_deg\": 60, \"drop_rate\": 1.5}]}", 1},
        {"{\"cameras\": [{\"name\": \"a\", \"width\": 64, \"height\": 48, \"view_deg\": 60, \"swapped_with\": \"b\"}]}",
         1},
        {"{\"cameras\": []}", 1},
        {"{\"cameras\": [", 1},
        {"", 1}};
    cw_rig rig;
    cw_error err = {0};
    assert_int_equal(cw_rig_read(good, strlen(good), "good.json", &rig, &err), CW_OK);
    assert_int_equal(rig.camera_count, 2);
    assert_int_equal(rig.lidars[0].beam_count, 3);
    assert_true(rig.cameras[1].noise == 2 && rig.cameras[1].black && rig.cameras[1].freezes && !rig.cameras[0].black);
    assert_int_equal(cw_rig_source(&rig, 1), 0);
    assert_true(fabs(rig.cameras[1].mount.yaw - CW_PI / 2) < 1e-12 && rig.cameras[1].lens.kind == CW_LENS_FISHEYE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (cw_error){0};
        assert_int_not_equal(cw_rig_read(bad[i].text, strlen(bad[i].text), "bad.json", &rig, &err), CW_OK);
        if (err.line != bad[i].line || err.text[0] == '\0')
            fail_msg("rig %zu: line %d: %s", i, err.line, err.text);
    }
    // A camera in the engine, one under the road.
    cw_actor body = {.length = 4.5F, .width = 1.8F, .height = 1.5F, .center_x = 1.4F};
    assert_true(cw_rig_named("surround6", &body, 64, 48, &rig));
    assert_int_equal(cw_rig_check(&rig, &body, &err), CW_OK);
    rig.cameras[0].mount = (cw_mount){.x = 2.8, .z = 0.5};
    assert_int_equal(cw_rig_check(&rig, &body, &err), CW_ERR_INPUT);
    rig.cameras[0].mount = (cw_mount){.x = 6, .z = -0.5};
    assert_int_equal(cw_rig_check(&rig, &body, &err), CW_ERR_INPUT);
    assert_true(cw_rig_named("surround4", &body, 64, 48, &rig));
    assert_int_equal(cw_rig_check(&rig, &body, &err), CW_OK);
    assert_false(cw_rig_named("surround7", &body, 64, 48, &rig));
}

// ---- what a camera adds, and what is wrong with it -------------------------------------------------------------------

// Somebody in front hides some of the van: what it would fill alone is what it fills when he is away, pixel by pixel.
static void share_that_is_visible(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    sheets *alone = malloc(sizeof *alone), *hidden = malloc(sizeof *hidden);
    uint32_t van = cw_scene_find_actor(s.scene, "BrokenDown"), ego = s.scene->ego, other = 0, before, after, none;
    while (other == van || other == ego)
        other++;
    take(&s, alone);
    assert_int_equal(cw_eye_single(s.eye, s.rays, ego, van, &before, NULL), CW_OK);
    cw_figure *f = &s.figures[other];
    const cw_figure *v = &s.figures[van], *e = &s.figures[ego];
    *f = *v; // half-way, a little aside
    f->x = 0.5 * (v->x + e->x) - 0.8 * sin((double)e->heading);
    f->y = 0.5 * (v->y + e->y) + 0.8 * cos((double)e->heading);
    assert_int_equal(cw_rays_set(s.rays, &s.moment, true, NULL), CW_OK);
    take(&s, hidden);
    assert_int_equal(cw_eye_single(s.eye, s.rays, ego, van, &after, NULL), CW_OK);
    assert_int_equal(cw_eye_single(s.eye, s.rays, ego, ego, &none, NULL), CW_OK);
    uint32_t whole = 0, seen = 0, covered = 0;
    for (int i = 0; i < PIXELS; i++) {
        whole += alone->instance[i] == 1 + van;
        seen += hidden->instance[i] == 1 + van;
        covered += alone->instance[i] == 1 + van && hidden->instance[i] == 1 + other;
    }
    assert_true(whole > 100 && seen > 10 && covered > 10);
    assert_int_equal(seen + covered, whole);
    assert_true(abs((int)before - (int)whole) * 50 <= (int)whole); // 2%
    assert_int_equal(after, before);
    assert_int_equal(none, 0);
    free(alone);
    free(hidden);
    close_studio(&s);
}

// A picture of this camera of the studio, with what is moved since the last moment.
static void take_with(studio *s, const cw_camera *camera, uint32_t *color) {
    cw_eye *eye;
    cw_image image = {.color = color};
    assert_int_equal(cw_eye_new(s->rays, camera, CW_GRADE_TRAINING, &eye, NULL), CW_OK);
    assert_int_equal(cw_eye_take(eye, s->rays, s->scene->ego, &image, NULL), CW_OK);
    cw_eye_free(eye);
}

static double mean_green(const uint32_t *color) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++)
        sum += color[i] >> 8 & 255;
    return sum / PIXELS;
}

static void flaws_of_a_picture(void **state) {
    (void)state;
    studio s = open_studio(CW_ISA_BEST, 0, CW_GRADE_TRAINING);
    uint32_t *plain = malloc(4 * sizeof *plain * PIXELS), *a = plain + PIXELS, *b = a + PIXELS, *c = b + PIXELS;
    cw_camera camera = s.rig.cameras[0];
    take_with(&s, &camera, plain);
    camera.exposure = 0.5;
    take_with(&s, &camera, a);
    assert_true(mean_green(a) < 0.85 * mean_green(plain));
    camera.exposure = 1.0;
    // Noise has the spread that is asked for where nothing is cut off, and is another one at another time.
    camera.noise = 6.0;
    take_with(&s, &camera, a);
    take_with(&s, &camera, b);
    assert_memory_equal(a, b, PIXELS * sizeof *a);
    double sum = 0, square = 0;
    int count = 0;
    for (int i = 0; i < PIXELS; i++) {
        double level = plain[i] >> 8 & 255, off = (double)(a[i] >> 8 & 255) - level;
        if (level < 40 || level > 215)
            continue;
        sum += off;
        square += off * off;
        count++;
    }
    assert_true(count > 3000 && fabs(sum / count) < 0.3);
    assert_true(fabs(sqrt(square / count) - 6.0) < 0.3);
    s.moment.time_ns += 100000000;
    assert_int_equal(cw_rays_set(s.rays, &s.moment, false, NULL), CW_OK);
    take_with(&s, &camera, b);
    assert_memory_not_equal(a, b, PIXELS * sizeof *a);
    camera.noise = 0.0;
    // Dirt covers about as much as it is asked to, and stays where it is.
    camera.dirt = 0.5;
    take_with(&s, &camera, a);
    int dirty = 0;
    for (int i = 0; i < PIXELS; i++)
        dirty += a[i] != plain[i];
    assert_true(dirty > PIXELS / 20 && dirty < PIXELS / 2);
    camera.dirt = 0.0;
    // Nothing moved: an open shutter changes nothing. The ego moves by 1.5 m: what is near is drawn out, the sky is not.
    camera.shutter = 0.1;
    take_with(&s, &camera, a);
    assert_memory_equal(a, plain, PIXELS * sizeof *a);
    cw_figure *ego = &s.figures[s.scene->ego];
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    ego->x += 1.5 * cosine;
    ego->y += 1.5 * sine;
    s.moment.time_ns += 100000000;
    assert_int_equal(cw_rays_set(s.rays, &s.moment, false, NULL), CW_OK);
    camera.shutter = 0.0;
    take_with(&s, &camera, b);
    camera.shutter = 0.1;
    take_with(&s, &camera, c);
    sheets *p = malloc(sizeof *p);
    take(&s, p);
    int near = 0, sky = 0, of_sky = 0;
    for (int i = 0; i < PIXELS; i++) {
        near += i >= PIXELS / 2 && b[i] != c[i];
        of_sky += p->semantic[i] == CW_CLASS_SKY;
        sky += p->semantic[i] == CW_CLASS_SKY && b[i] != c[i];
    }
    assert_true(near > PIXELS / 20 && of_sky > PIXELS / 10 && sky == 0);
    free(p);
    free(plain);
    close_studio(&s);
}

// When what is there was taken: closed forms, whoever asks in whatever order.
static void pictures_that_come_late(void **state) {
    (void)state;
    static const int64_t ms = 1000000;
    cw_rig rig = {.camera_count = 2};
    cw_camera *c = &rig.cameras[0];
    strcpy(c->name, "a");
    strcpy(rig.cameras[1].name, "b");
    assert_true(cw_rig_taken(&rig, 0, 1, 700 * ms, 50 * ms) == 700 * ms);
    c->latency = 0.12;
    assert_true(cw_rig_taken(&rig, 0, 1, 700 * ms, 50 * ms) == 550 * ms);
    assert_true(cw_rig_taken(&rig, 0, 1, 100 * ms, 50 * ms) < 0);
    assert_true(cw_rig_taken(&rig, 1, 1, 100 * ms, 50 * ms) == 100 * ms);
    c->freezes = true;
    c->frozen_from = 0.41;
    assert_true(cw_rig_taken(&rig, 0, 1, 500 * ms, 50 * ms) == 350 * ms);
    assert_true(cw_rig_taken(&rig, 0, 1, 9000 * ms, 50 * ms) == 400 * ms);
    c->freezes = false;
    c->latency = 0.0;
    c->drop_rate = 0.3;
    int lost = 0;
    int64_t last = -1;
    for (int i = 0; i < 4000; i++) {
        int64_t now = i * 50 * ms, taken = cw_rig_taken(&rig, 0, 1, now, 50 * ms);
        assert_true(taken == now || taken == last);
        lost += taken != now;
        last = taken;
    }
    assert_true(lost > 1080 && lost < 1320);
    c->drop_rate = 1.0;
    assert_true(cw_rig_taken(&rig, 0, 1, 700 * ms, 50 * ms) < 0);
    c->drop_rate = 0.0;
    c->black = true;
    assert_true(cw_rig_taken(&rig, 0, 1, 700 * ms, 50 * ms) < 0);
    assert_int_equal(cw_rig_source(&rig, 0), 0);
    strcpy(c->swapped_with, "b");
    assert_int_equal(cw_rig_source(&rig, 0), 1);
    assert_int_equal(cw_rig_source(&rig, 1), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(depth_of_the_plane), cmocka_unit_test(box_of_the_van),
                                       cmocka_unit_test(flow_of_the_road),   cmocka_unit_test(any_threads),
                                       cmocka_unit_test(any_lanes),          cmocka_unit_test(light_and_dark),
                                       cmocka_unit_test(points_of_a_turn),   cmocka_unit_test(words_of_weather),
                                       cmocka_unit_test(files_of_rigs),      cmocka_unit_test(share_that_is_visible),
                                       cmocka_unit_test(flaws_of_a_picture), cmocka_unit_test(pictures_that_come_late)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
