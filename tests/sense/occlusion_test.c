// Who is seen: range, field of view, occlusion with heights, the frame of detections, misses and noise.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/sense.h"
#include "world/hand_scene.h"

#include <string.h>

enum { MOST = 16 };

typedef struct stage {
    hand_scene hand;
    cw_sample samples[HAND_ACTORS];
    cw_world *world;
} stage;

typedef struct prop { // someone who stands there
    cw_actor_kind kind;
    double x, y;
    float heading, length, width, height;
} prop;

// The ego at the origin, turned and shifted with everything else.
static void build(stage *on, const prop *props, uint32_t count, cw_pose frame) {
    cw_actor others[HAND_ACTORS];
    double sine, cosine;
    cw_sincos(frame.heading, &sine, &cosine);
    for (uint32_t i = 0; i < count; ++i) {
        const prop *p = &props[i];
        on->samples[i] = (cw_sample){.x = frame.x + p->x * cosine - p->y * sine,
                                     .y = frame.y + p->x * sine + p->y * cosine,
                                     .heading = (float)cw_wrap_angle((double)p->heading + frame.heading)};
        others[i] = hand_recorded("prop", &on->samples[i], 1, true);
        others[i].kind = (uint8_t)p->kind;
        others[i].length = p->length;
        others[i].width = p->width;
        others[i].height = p->height;
        others[i].center_x = 0;
    }
    hand_make(&on->hand, frame.x, frame.y, (float)frame.heading, 0, others, count);
    on->hand.actors[0].center_x = 0;
    cw_world_def def = cw_world_defaults(&on->hand.scene);
    on->world = cw_world_new(&def, NULL);
    assert_non_null(on->world);
}

static uint32_t seen(const stage *on, const cw_sensor_def *def) {
    cw_detection out[MOST];
    uint32_t count = cw_sense_objects(on->world, 0, def, out, MOST), bits = 0;
    for (uint32_t i = 0; i < count; ++i)
        bits |= 1u << cw_sense_actor(on->world, out[i].id);
    for (uint32_t i = 1; i < cw_world_actor_count(on->world); ++i)
        assert_int_equal(cw_sense_sees(on->world, 0, def, i), (bits >> i) & 1);
    return bits;
}

static uint32_t seen_among(const prop *props, uint32_t count, cw_pose frame) {
    stage on;
    cw_sensor_def def = cw_sensor_defaults();
    build(&on, props, count, frame);
    uint32_t bits = seen(&on, &def);
    cw_world_free(on.world);
    return bits;
}

static const prop parked = {CW_ACTOR_CAR, 15, 0, 0, 4.5f, 1.8f, 1.5f};

// Behind a parked car of 1.5 m: a child is hidden, a tall adult and a lorry are not; behind a lorry a car is.
static void heights_matter(void **unused) {
    (void)unused;
    const prop child = {CW_ACTOR_PEDESTRIAN, 18.5, 0, 0, 0.4f, 0.4f, 1.2f},
               adult = {CW_ACTOR_PEDESTRIAN, 18.5, 0, 0, 0.5f, 0.5f, 1.85f};
    const prop lorry = {CW_ACTOR_TRUCK, 25, 0, 0, 10, 2.5f, 3.5f}, car = {CW_ACTOR_CAR, 40, 0, 0, 4.5f, 1.8f, 1.5f};
    const cw_pose frames[] = {{0, 0, 0}, {0, 0, 2.5}, {10000, -8000, -1.2}};
    for (int k = 0; k < 3; ++k) {
        assert_int_equal(seen_among((prop[]){parked, child}, 2, frames[k]), 2);
        assert_int_equal(seen_among((prop[]){parked, adult}, 2, frames[k]), 6);
        assert_int_equal(seen_among((prop[]){parked, lorry}, 2, frames[k]), 6);
        assert_int_equal(seen_among((prop[]){lorry, car}, 2, frames[k]), 2);
        // Stepping out: 1.3 m to the side a corner of the child shows past the car's.
        prop out = child;
        out.y = 1.0;
        assert_int_equal(seen_among((prop[]){parked, out}, 2, frames[k]), 2);
        out.y = 1.4;
        assert_int_equal(seen_among((prop[]){parked, out}, 2, frames[k]), 6);
    }
}

static void range_and_field_of_view(void **unused) {
    (void)unused;
    const prop props[] = {{CW_ACTOR_CAR, 149, 0, 0, 4, 2, 1.5f},
                          {CW_ACTOR_CAR, 0, 151, 0, 4, 2, 1.5f},
                          {CW_ACTOR_CAR, -30, 0, 0, 4, 2, 1.5f},
                          {CW_ACTOR_CAR, 20, 20, 0, 0.1f, 0.1f, 1.5f},
                          {CW_ACTOR_CAR, 20, -21, 0, 0.1f, 0.1f, 1.5f}};
    stage on;
    build(&on, props, 5, (cw_pose){3, 4, 1});
    cw_sensor_def def = cw_sensor_defaults();
    assert_int_equal(seen(&on, &def), 2 + 8 + 16 + 32);
    def.field_of_view = (float)(0.5 * CW_PI + 0.02); // just over 45 degrees to each side
    assert_int_equal(seen(&on, &def), 2 + 16);
    def.range = 25;
    assert_int_equal(seen(&on, &def), 0);
    cw_world_free(on.world);

    build(&on, props, 5, (cw_pose){0, 0, 0});
    cw_world_free(on.world);
    on.hand.scene.environment = (cw_environment){.has_weather = true, .visibility = 50};
    cw_world_def world_def = cw_world_defaults(&on.hand.scene);
    on.world = cw_world_new(&world_def, NULL);
    def = cw_sensor_defaults();
    assert_int_equal(seen(&on, &def), 8 + 16 + 32);
    cw_surface surface;
    cw_sense_surface(on.world, 0, &surface);
    assert_true(surface.visibility == 50 && surface.mu_high == 1 && surface.mu_low == 0.9f);
    cw_world_free(on.world);
}

// Marching along the line in steps of 2 cm, with no code in common: is any point within a body?
static bool march(const prop *props, uint32_t count, uint32_t target, double x, double y, double z) {
    double length = sqrt(x * x + y * y + (z - 1.5) * (z - 1.5));
    int steps = (int)(length / 0.02);
    for (int s = 0; s <= steps; ++s) {
        double f = (double)s / steps, px = x * f, py = y * f, pz = 1.5 + (z - 1.5) * f;
        for (uint32_t i = 0; i < count; ++i) {
            if (i == target || pz >= (double)props[i].height)
                continue;
            double dx = px - props[i].x, dy = py - props[i].y, c = cw_cos((double)props[i].heading);
            double si = cw_sin((double)props[i].heading);
            if (fabs(dx * c + dy * si) < 0.5 * (double)props[i].length &&
                fabs(dy * c - dx * si) < 0.5 * (double)props[i].width)
                return true;
        }
    }
    return false;
}

static void agrees_with_marching(void **unused) {
    (void)unused;
    uint32_t hidden = 0, shown = 0, differ = 0;
    for (uint32_t trial = 0; trial < 150; ++trial) {
        prop props[6];
        cw_rng_key key = {.seed = 77, .step = trial};
        for (uint32_t i = 0; i < 6; ++i) {
            bool walks = cw_rng_uniform(key, 8 * i) < 0.4;
            double size = cw_rng_uniform(key, 8 * i + 1);
            props[i] = (prop){.kind = walks ? CW_ACTOR_PEDESTRIAN : CW_ACTOR_CAR,
                              .x = 8 + 30 * cw_rng_uniform(key, 8 * i + 2),
                              .y = 10 * cw_rng_uniform(key, 8 * i + 3) - 5,
                              .heading = (float)(6 * cw_rng_uniform(key, 8 * i + 4) - 3),
                              .length = walks ? 0.5f : (float)(3 + 7 * size),
                              .width = walks ? 0.5f : (float)(1.6 + size),
                              .height = (float)(walks ? 1 + size : 1.3 + 2 * size)};
        }
        uint32_t bits = seen_among(props, 6, (cw_pose){0, 0, 0});
        for (uint32_t i = 0; i < 6; ++i) {
            bool visible = false;
            double c = cw_cos((double)props[i].heading), s = cw_sin((double)props[i].heading);
            for (int a = -1; a <= 1; ++a)
                for (int b = -1; b <= 1; ++b)
                    for (int h = 0; h < 2; ++h) {
                        double u = 0.49 * a * (double)props[i].length, w = 0.49 * b * (double)props[i].width;
                        visible |= !march(props, 6, i, props[i].x + u * c - w * s, props[i].y + u * s + w * c,
                                          (double)props[i].height * (h ? 0.5 : 0.95));
                    }
            hidden += !visible;
            shown += visible;
            differ += visible != (((bits >> (i + 1)) & 1) != 0);
        }
    }
    assert_true(hidden > 100 && shown > 100);
    assert_true(differ <= 1); // a line that grazes a corner between two steps
}

// Taking one away hides nobody.
static void fewer_hide_less(void **unused) {
    (void)unused;
    for (uint32_t trial = 0; trial < 40; ++trial) {
        prop props[6];
        cw_rng_key key = {.seed = 3, .step = trial};
        for (uint32_t i = 0; i < 6; ++i)
            props[i] = (prop){CW_ACTOR_CAR,
                              8 + 30 * cw_rng_uniform(key, 3 * i),
                              8 * cw_rng_uniform(key, 3 * i + 1) - 4,
                              (float)(3 * cw_rng_uniform(key, 3 * i + 2)),
                              4.5f,
                              1.8f,
                              1.5f};
        uint32_t all = seen_among(props, 6, (cw_pose){0, 0, 0});
        uint32_t five = seen_among(props, 5, (cw_pose){0, 0, 0});
        assert_int_equal(all & 0x3f & ~five, 0);
    }
}

// Position of the box centre and velocity over ground, both in the observer's axes.
static void frame_of_detections(void **unused) {
    (void)unused;
    double turn = 0.8, sine, cosine;
    cw_sincos((double)(float)turn, &sine, &cosine);
    // 20 m ahead, 5 m left, driving to the observer's left at 6 m/s, and turning.
    double x = 9000 + 20 * cosine - 5 * sine, y = -7000 + 20 * sine + 5 * cosine;
    cw_sample samples[] = {{.time = 0,
                            .x = x + 0.6 * sine,
                            .y = y - 0.6 * cosine,
                            .heading = (float)(turn + 0.5 * CW_PI - 0.02),
                            .speed = 6},
                           {.time = 0.2,
                            .x = x - 0.6 * sine,
                            .y = y + 0.6 * cosine,
                            .heading = (float)(turn + 0.5 * CW_PI + 0.02),
                            .speed = 6}};
    cw_actor other = hand_recorded("other", samples, 2, false);
    other.kind = CW_ACTOR_VAN;
    hand_scene hand;
    hand_make(&hand, 9000, -7000, (float)turn, 3, &other, 1);
    cw_world_def def = cw_world_defaults(&hand.scene);
    cw_world *world = cw_world_new(&def, NULL);
    // Until the other is half-way; the ego stands in for it by being put back.
    for (int i = 0; i < 10; ++i)
        cw_world_step(world);
    cw_actor_state ego;
    cw_world_actor(world, 0, &ego);
    cw_detection d;
    cw_sensor_def sensor = cw_sensor_defaults();
    assert_int_equal(cw_sense_objects(world, 0, &sensor, &d, 1), 1);
    assert_int_equal(cw_sense_actor(world, d.id), 1);
    assert_int_equal(cw_sense_actor(world, 0), CW_NONE);
    assert_int_equal(cw_sense_actor(world, 3), CW_NONE);
    assert_int_equal(d.kind, CW_USER_VAN);
    assert_true(fabs((double)d.x - (20 - 3 * 0.1)) < 1e-3); // the ego moved 0.3 m
    assert_true(fabs((double)d.y - (5 + 1.4)) < 1e-3);      // its box centre is 1.4 m ahead of its axle
    assert_true(fabs((double)d.z - 0.75) < 1e-6);
    assert_true(fabs((double)d.heading - 0.5 * CW_PI) < 1e-3);
    assert_true(fabs((double)d.vy - 6) < 1e-3);
    assert_true(fabs((double)d.vx + 1.4 * 0.04 / 0.2) < 1e-3); // the turn swings the centre backwards
    assert_true(d.length == 4.5f && d.width == 1.8f && d.height == 1.5f && d.indicators == 0);
    cw_ego self;
    cw_sense_ego(world, 0, &self);
    assert_true(self.x == ego.x && self.speed == 3 && self.body.mass == 1500 && self.body.max_brake > 0);
    assert_true(self.place.lane == CW_NONE);
    cw_world_free(world);
}

// At most three frames in a row are missed, about as many as asked; noise has the spread asked; both are keyed by time and
// actor alone.
static void misses_and_noise(void **unused) {
    (void)unused;
    const prop props[] = {{CW_ACTOR_CAR, 20, 0, 0, 4, 2, 1.5f}, {CW_ACTOR_CAR, 20, 10, 0, 4, 2, 1.5f}};
    stage both, one;
    build(&both, props, 2, (cw_pose){0, 0, 0});
    build(&one, props + 0, 1, (cw_pose){0, 0, 0});
    cw_sensor_def def = cw_sensor_defaults();
    def.miss_rate = 0.5f;
    def.position_noise = 0.2f;
    def.speed_noise = 0.3f;
    uint32_t run = 0, longest = 0, missing = 0, frames = 3000, hits = 0;
    double sum = 0, square = 0, speed_square = 0;
    float last = 0;
    for (uint32_t f = 0; f < frames; ++f) {
        cw_detection d[2], alone;
        uint32_t count = cw_sense_objects(both.world, 0, &def, d, 2);
        bool first = count > 0 && cw_sense_actor(both.world, d[0].id) == 1;
        assert_true(f > 0 || count == 2);
        uint32_t again = cw_sense_objects(one.world, 0, &def, &alone, 1);
        assert_int_equal(first, again == 1);
        run = first ? 0 : run + 1;
        longest = run > longest ? run : longest;
        missing += !first;
        if (first) {
            assert_true(d[0].x == alone.x && d[0].vy == alone.vy);
            assert_true(d[0].x != last);
            last = d[0].x;
            double e = (double)d[0].x - 20;
            sum += e;
            square += e * e;
            speed_square += (double)d[0].vx * (double)d[0].vx;
            ++hits;
        }
        for (int i = 0; i < 10; ++i) {
            cw_world_step(both.world);
            cw_world_step(one.world);
        }
    }
    assert_int_equal(longest, 3);
    // The first, second and third of a run are missed, later ones not.
    double rate = 1.0 / 4 + 1.0 / 8 + 1.0 / 16;
    assert_true(fabs((double)missing / frames - rate) < 0.03);
    assert_true(fabs(sum / hits) < 0.02);
    assert_true(fabs(sqrt(square / hits) - 0.2) < 0.01);
    assert_true(fabs(sqrt(speed_square / hits) - 0.3) < 0.015);
    cw_world_free(both.world);
    cw_world_free(one.world);
}

// As far off as asked in every frame, slowly turning, for each in a way of its own.
static void errors_at_the_bound(void **unused) {
    (void)unused;
    const prop props[] = {{CW_ACTOR_CAR, 20, 0, 0, 4, 2, 1.5f}, {CW_ACTOR_CAR, 20, 10, 0, 4, 2, 1.5f}};
    stage s;
    build(&s, props, 2, (cw_pose){0, 0, 0});
    cw_sensor_def def = cw_sensor_defaults();
    def.position_error = 0.3f;
    def.speed_error = 0.5f;
    double low = INFINITY, high = -INFINITY, step = 0, last = NAN;
    bool alike = true;
    for (uint32_t f = 0; f < 400; ++f) {
        cw_detection d[2];
        assert_int_equal(cw_sense_objects(s.world, 0, &def, d, 2), 2);
        double off[2][2];
        for (int i = 0; i < 2; i++) {
            off[i][0] = (double)d[i].x - 20;
            off[i][1] = (double)d[i].y - 10 * i;
            assert_true(fabs(hypot(off[i][0], off[i][1]) - 0.3) < 1e-4);
            assert_true(fabs(hypot((double)d[i].vx, (double)d[i].vy) - 0.5) < 1e-4);
        }
        alike = alike && fabs(off[0][0] - off[1][0]) < 0.01;
        low = fmin(low, off[0][0]);
        high = fmax(high, off[0][0]);
        if (f > 0)
            step = fmax(step, fabs(off[0][0] - last));
        last = off[0][0];
        for (int i = 0; i < 10; ++i)
            cw_world_step(s.world);
    }
    assert_true(!alike && low < -0.29 && high > 0.29 && step > 0 && step <= 0.0301);
    cw_world_free(s.world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_at_the_bound),     cmocka_unit_test(heights_matter),
        cmocka_unit_test(range_and_field_of_view), cmocka_unit_test(agrees_with_marching),
        cmocka_unit_test(fewer_hide_less),         cmocka_unit_test(frame_of_detections),
        cmocka_unit_test(misses_and_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
