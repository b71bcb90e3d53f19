// Crashes: momentum and angular momentum are kept, energy never grows, nobody overlaps afterwards, and a crash is the same
// wherever and however the world is turned.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_scene.h"
#include "world/core.h"

#include <string.h>

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g +- %.3g", value, wanted, tolerance);
}

static double draw(uint32_t i) { // -1 .. 1
    return 2 * cw_rng_uniform((cw_rng_key){.seed = 77}, i) - 1;
}

static cw_world *start(const cw_world_def *def) {
    cw_error err = {0};
    cw_world *world = cw_world_new(def, &err);
    if (!world)
        fail_msg("%s", err.text);
    return world;
}

typedef struct motion {
    double px, py, spin, energy; // spin: about the origin
} motion;

static void add(const cw_world *world, uint32_t i, motion *sum) {
    const cw_state *s = &world->s;
    double m = (double)cw_body_mass(world, i), x = (double)world->loose[i].center_x,
           y = (double)world->loose[i].center_y;
    double g = (double)world->loose[i].gyration, w = (double)s->yaw_rate[i], sine, cosine;
    cw_sincos(s->heading[i], &sine, &cosine);
    double v = (double)s->speed[i] - w * y, u = (double)s->lateral_speed[i] + w * x;
    double vx = v * cosine - u * sine, vy = v * sine + u * cosine;
    double cx = s->x[i] + x * cosine - y * sine, cy = s->y[i] + x * sine + y * cosine;
    sum->px += m * vx;
    sum->py += m * vy;
    sum->spin += m * (cx * vy - cy * vx) + m * g * g * w;
    sum->energy += 0.5 * m * (vx * vx + vy * vy + g * g * w * w);
}

static motion total(const cw_world *world) {
    motion sum = {0};
    for (uint32_t i = 0; i < world->scene->actor_count; ++i)
        if (cw_yields(world, i))
            add(world, i, &sum);
    return sum;
}

static void nobody_overlaps(const cw_world *world) {
    for (uint32_t i = 0; i < world->scene->actor_count; ++i)
        for (uint32_t k = i + 1; k < world->scene->actor_count; ++k) {
            cw_box a = cw_world_box(world, i), b = cw_world_box(world, k);
            if (cw_box_overlap(&a, &b))
                fail_msg("%u and %u overlap at step %lld", i, k, (long long)cw_world_steps(world));
        }
}

// Bodies in free flight over a plane without friction: only what they do to each other counts.
static void free_crashes(void **unused) {
    (void)unused;
    double lost = 0, turned = 0;
    uint32_t hits = 0;
    for (uint32_t n = 0; n < 2000; ++n) {
        uint32_t base = 64 * n;
        cw_sample at[3];
        cw_actor others[3];
        for (uint32_t k = 0; k < 3; ++k) {
            double angle = CW_PI * draw(base + 8 * k), away = 9 + 4 * draw(base + 8 * k + 1),
                   speed = 4 + 20 * fabs(draw(base + 8 * k + 2));
            at[k] = (cw_sample){.x = away * cw_cos(angle + 2.1 * k), .y = away * cw_sin(angle + 2.1 * k)};
            at[k].heading = (float)(angle + 2.1 * k + CW_PI + 0.4 * draw(base + 8 * k + 3));
            at[k].speed = (float)speed;
            others[k] = hand_recorded("body", &at[k], 1, true);
            others[k].loose = true;
            others[k].mass = k == 2 ? 9000.0f : 1500.0f;
            others[k].length = k == 2 ? 7.0f : 4.5f;
        }
        hand_scene hand;
        hand_make(&hand, 500, 500, 0, 0, others, 3);
        hand.scene.dry_friction = 0;
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.restitution = n % 3 == 0 ? 1.0f : n % 3 == 1 ? 0.1f : 0.0f;
        def.contact_friction = n % 2 ? 0.6f : 0.0f;
        cw_world *world = start(&def);
        bool clear = true;
        for (uint32_t i = 1; i < 4; ++i)
            for (uint32_t k = i + 1; k < 4; ++k) {
                cw_box a = cw_world_box(world, i), b = cw_world_box(world, k);
                clear = clear && !cw_box_overlap(&a, &b);
            }
        motion before = total(world), first = before;
        double scale = sqrt(2 * first.energy * 12000);
        for (int i = 0; clear && i < 120; ++i) {
            cw_world_step(world);
            motion now = total(world);
            near(now.px, first.px, 1e-4 * scale);
            near(now.py, first.py, 1e-4 * scale);
            turned = cw_max(turned, fabs(now.spin - first.spin) / (scale * 10));
            if (now.energy > before.energy * (1 + 2e-6))
                fail_msg("crash %u: energy grows from %.9g to %.9g", n, before.energy, now.energy);
            before = now;
            nobody_overlaps(world);
        }
        const cw_contact *c;
        hits += cw_world_contacts(world, &c);
        lost = cw_max(lost, 1 - before.energy / first.energy);
        assert_null(cw_world_fault(world));
        cw_world_free(world);
    }
    assert_true(hits > 1500 && lost > 0.3);
    assert_true(turned < 0.02); // where they scrape for long they are pushed apart by mm at a step
}

// Along one line: restitution as asked, for every ratio of masses.
static void restitution(void **unused) {
    (void)unused;
    const float masses[] = {300, 1500, 40000};
    for (int k = 0; k < 9; ++k) {
        cw_sample at = {.x = 12};
        cw_actor other = hand_recorded("other", &at, 1, true);
        other.loose = true;
        other.mass = masses[k % 3];
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 20, &other, 1);
        hand.actors[0].loose = true;
        hand.scene.dry_friction = 0;
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.drive_ego = false;
        def.restitution = 0.5f * (float)(k / 3);
        cw_world *world = start(&def);
        world->s.present[0] = 1;
        world->s.mover[0] = CW_MOVED_BY_PHYSICS;
        world->s.speed[0] = 20;
        for (int i = 0; i < 60; ++i)
            cw_world_step(world);
        double m = (double)other.mass, e = (double)def.restitution, common = 1500 * 20 / (1500 + m);
        near((double)world->s.speed[0], common - e * 20 * m / (1500 + m), 1e-4);
        near((double)world->s.speed[1], common + e * 20 * 1500 / (1500 + m), 1e-4);
        assert_true(world->s.lateral_speed[1] == 0 && world->s.yaw_rate[1] == 0);
        // Until the touch at 20 m/s, then at its own speed: exact in time.
        double touch = (12 - 4.5) / 20;
        near(world->s.x[1], 12 + (0.6 - touch) * (double)world->s.speed[1], 1e-5);
        cw_world_free(world);
    }
}

// A row of crates between a car that pushes and a wall.
static void pile(void **unused) {
    (void)unused;
    cw_sample at[6];
    cw_actor others[6];
    for (int k = 0; k < 6; ++k) {
        at[k] = (cw_sample){.x = 8 + 1.5 * k, .y = k % 2 ? 0.2 : -0.1, .heading = 0.1f * (float)k};
        others[k] = hand_recorded("crate", &at[k], 1, true);
        others[k].kind = CW_ACTOR_OBSTACLE;
        others[k].loose = k < 5;
        others[k].length = others[k].width = 1;
        others[k].center_x = 0;
        others[k].mass = 100;
    }
    others[5].width = 12; // the wall
    others[5].length = 1;
    at[5] = (cw_sample){.x = 19};
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 12, others, 6);
    cw_world_def def = cw_world_defaults(&hand.scene);
    cw_world *world = start(&def);
    cw_world_control(world, 0, 2, 0, 0);
    double stands = 0;
    for (int i = 0; i < 500; ++i) {
        cw_world_step(world);
        nobody_overlaps(world);
        stands = i == 400 ? world->s.x[0] : stands;
    }
    assert_true(world->s.x[6] == 19 && stands > 5);
    near(world->s.x[0], stands, 0.3); // it pushes on against the wall
    assert_null(cw_world_fault(world));
    cw_world_free(world);
}

// The crash of a driven car with another one, its end in the axes of its beginning.
static void end_of(double turn, double ox, double oy, double side, double out[8]) {
    double sine, cosine;
    cw_sincos((double)(float)turn, &sine, &cosine);
    double px = 20, py = 0.7 * side;
    cw_sample at = {.x = ox + px * cosine - py * sine, .y = oy + px * sine + py * cosine};
    at.heading = (float)(turn + 2.5 * side);
    at.speed = 6;
    cw_actor other = hand_recorded("other", &at, 1, true);
    other.loose = true;
    hand_scene hand;
    hand_make(&hand, ox, oy, (float)turn, 15, &other, 1);
    cw_world_def def = cw_world_defaults(&hand.scene);
    cw_world *world = start(&def);
    for (int i = 0; i < 300; ++i)
        cw_world_step(world);
    const cw_contact *c;
    assert_true(cw_world_contacts(world, &c) >= 1);
    for (uint32_t i = 0; i < 2; ++i) {
        double dx = world->s.x[i] - ox, dy = world->s.y[i] - oy;
        out[4 * i] = dx * cosine + dy * sine;
        out[4 * i + 1] = side * (dy * cosine - dx * sine);
        out[4 * i + 2] = side * cw_wrap_angle(world->s.heading[i] - (double)(float)turn);
        out[4 * i + 3] = (double)world->s.speed[i];
    }
    cw_world_free(world);
}

static void same_wherever(void **unused) {
    (void)unused;
    double plain[8], moved[8];
    end_of(0, 0, 0, 1, plain);
    assert_true(fabs(plain[2]) > 0.05); // it does turn
    end_of(0, 0, 0, -1, moved);
    for (int i = 0; i < 8; ++i)
        near(moved[i], plain[i], 1e-9);
    end_of(1.1, 0, 0, 1, moved);
    for (int i = 0; i < 8; ++i)
        near(moved[i], plain[i], 1e-4); // headings of files are floats
    end_of(0, 10000, -7000, 1, moved);
    for (int i = 0; i < 8; ++i)
        near(moved[i], plain[i], 1e-5);
}

// Who is hit leaves its recording, unless the def says that recordings hold.
static void scripts_yield_or_hold(void **unused) {
    (void)unused;
    const cw_sample samples[] = {{.time = 0, .x = 30, .speed = 5}, {.time = 20, .x = 130, .speed = 5}};
    for (int k = 0; k < 2; ++k) {
        cw_actor other = hand_recorded("other", samples, 2, true);
        hand_scene hand;
        hand_make(&hand, 0, 0, 0, 25, &other, 1);
        cw_world_def def = cw_world_defaults(&hand.scene);
        def.contact_frees = k == 0;
        cw_world *world = start(&def);
        const cw_contact *c;
        while (cw_world_contacts(world, &c) == 0 && cw_world_steps(world) < 1000)
            cw_world_step(world);
        near((double)c[0].impact_speed, 20, 0.01);
        assert_int_equal(world->s.mover[1], k == 0 ? CW_MOVED_BY_PHYSICS : CW_MOVED_BY_RECORDING);
        near((double)world->s.speed[0], k == 0 ? 15 - 1 : 5 - 2, 0.1);
        near((double)world->s.speed[1], k == 0 ? 15 + 1 : 5, 0.1);
        for (int i = 0; i < 1000; ++i) {
            cw_world_step(world);
            nobody_overlaps(world);
        }
        if (k == 0)
            assert_true(world->s.speed[1] == 0 && world->s.present[1]); // slid to a stop, and is still there
        else
            near(world->s.x[1], 30 + 0.05 * (double)cw_world_steps(world), 1e-6);
        cw_world_free(world);
    }
}

// Someone on foot is thrown, and hardly slows the car.
static void walker_is_thrown(void **unused) {
    (void)unused;
    cw_sample at = {.x = 20, .heading = (float)(0.5 * CW_PI)};
    cw_actor other = hand_recorded("walker", &at, 1, true);
    other.kind = CW_ACTOR_PEDESTRIAN;
    other.length = other.width = 0.5f;
    other.center_x = 0;
    other.mass = 75;
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 12, &other, 1);
    cw_world_def def = cw_world_defaults(&hand.scene);
    cw_world *world = start(&def);
    while (world->s.mover[1] != CW_MOVED_BY_PHYSICS && cw_world_steps(world) < 500)
        cw_world_step(world);
    double v = (double)world->s.speed[0], u = -(double)world->s.lateral_speed[1];
    near(1500 * v + 75 * u, 1500 * 12, 1500 * 12e-3);
    assert_true(v > 11.3 && u > 12);
    cw_world_free(world);
}

// Going on from a snapshot in the middle of a crash gives the same hashes.
static void restored_in_a_crash(void **unused) {
    (void)unused;
    static unsigned char bytes[1 << 17];
    cw_sample at[2] = {{.x = 12, .y = 0.8, .heading = 0.5f}, {.x = 17, .y = 0.2}};
    cw_actor others[2];
    for (int k = 0; k < 2; ++k)
        others[k] = hand_recorded("other", &at[k], 1, true);
    hand_scene hand;
    hand_make(&hand, 0, 0, 0, 15, others, 2);
    cw_world_def def = cw_world_defaults(&hand.scene);
    cw_world *world = start(&def), *fork = start(&def);
    assert_true(cw_world_state_size(world) <= sizeof bytes);
    for (int i = 0; i < 200; ++i) {
        cw_world_save(world, bytes);
        cw_world_restore(fork, bytes);
        cw_world_step(world);
        cw_world_step(fork);
        assert_true(cw_world_hash(world) == cw_world_hash(fork));
    }
    assert_true(world->s.mover[1] == CW_MOVED_BY_PHYSICS);
    cw_world_free(world);
    cw_world_free(fork);
}

// Cars that run into each other round a point, and as many that stand far away as it takes to have pairs found by a grid: what
// the first ones do is the same to the bit as where each is compared with each.
enum { CROWD = 24, FAR_AWAY = 40 };

static void crowd_makes(cw_actor *actors, cw_sample *at, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        double turn = 2 * CW_PI * i / CROWD, radius = 18 + 14 * (i % 3);
        if (i < CROWD)
            at[i] = (cw_sample){.x = radius * cw_cos(turn), .y = radius * cw_sin(turn)};
        else
            at[i] = (cw_sample){.x = 5000 + 30.0 * i, .y = -7000};
        // Nearly towards the middle, so that they meet one after the other.
        at[i].heading = (float)cw_wrap_angle(turn + CW_PI + 0.2 * draw(i));
        at[i].speed = i < CROWD ? (float)(9 + 3 * draw(100 + i)) : 0;
        actors[i] = hand_recorded("car", &at[i], 1, true);
        actors[i].mass = i % 5 ? 1500 : 8000;
        actors[i].loose = i % 4 == 3;
    }
}

static cw_world *crowd(cw_scene *scene, cw_map *map, cw_actor *actors, cw_sample *at, uint8_t *control,
                       uint32_t count) {
    crowd_makes(actors, at, count);
    *map = (cw_map){.name = "", .georeference = ""};
    *scene = (cw_scene){.name = "crowd",
                        .origin = CW_FROM_COMMONROAD,
                        .map = map,
                        .actor_count = count,
                        .actors = actors,
                        .ego = CW_NONE,
                        .duration = INFINITY,
                        .dry_friction = 1,
                        .mission_route = CW_NONE};
    for (uint32_t i = 0; i < count; ++i)
        control[i] = i < CROWD && !actors[i].loose;
    cw_world_def def = cw_world_defaults(scene);
    def.dt_ns = 50000000;
    def.drive_ego = false;
    def.control = control;
    return start(&def);
}

static void grid_and_array_find_the_same(void **unused) {
    (void)unused;
    static cw_actor actors[2][CROWD + FAR_AWAY];
    static cw_sample at[2][CROWD + FAR_AWAY];
    uint8_t control[2][CROWD + FAR_AWAY];
    cw_scene scene[2];
    cw_map map[2];
    cw_world *world[2];
    for (int k = 0; k < 2; ++k)
        world[k] = crowd(&scene[k], &map[k], actors[k], at[k], control[k], k ? CROWD + FAR_AWAY : CROWD);
    assert_true(!world[0]->broad && world[1]->broad);
    const cw_contact *contacts[2];
    uint32_t count = 0;
    for (int step = 0; step < 200; ++step) {
        for (int k = 0; k < 2; ++k)
            cw_world_step(world[k]);
        const cw_state *a = &world[0]->s, *b = &world[1]->s;
        assert_memory_equal(a->x, b->x, CROWD * sizeof *a->x);
        assert_memory_equal(a->y, b->y, CROWD * sizeof *a->y);
        assert_memory_equal(a->heading, b->heading, CROWD * sizeof *a->heading);
        assert_memory_equal(a->speed, b->speed, CROWD * sizeof *a->speed);
        assert_memory_equal(a->yaw_rate, b->yaw_rate, CROWD * sizeof *a->yaw_rate);
        count = cw_world_contacts(world[0], &contacts[0]);
        assert_int_equal(cw_world_contacts(world[1], &contacts[1]), count);
        assert_memory_equal(contacts[0], contacts[1], count * sizeof(cw_contact));
    }
    assert_true(count > CROWD);
    for (int k = 0; k < 2; ++k) {
        assert_null(cw_world_fault(world[k]));
        cw_world_free(world[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_crashes),
        cmocka_unit_test(restitution),
        cmocka_unit_test(pile),
        cmocka_unit_test(same_wherever),
        cmocka_unit_test(scripts_yield_or_hold),
        cmocka_unit_test(walker_is_thrown),
        cmocka_unit_test(restored_in_a_crash),
        cmocka_unit_test(grid_and_array_find_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
