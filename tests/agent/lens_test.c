// Lenses: there and back, closed forms, and what cannot be.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/lens.h"

#include <math.h>

static cw_lens brown(void) {
    cw_lens lens = cw_lens_of_view(CW_LENS_PINHOLE, 640, 480, 1.4);
    lens.k[0] = -0.21, lens.k[1] = 0.06, lens.k[2] = -0.004;
    lens.p[0] = 0.0012, lens.p[1] = -0.0021;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_OK);
    return lens;
}

static cw_lens fisheye(void) {
    cw_lens lens = cw_lens_of_view(CW_LENS_FISHEYE, 640, 480, 3.3);
    lens.k[0] = 0.03, lens.k[1] = -0.004, lens.k[2] = 0.0009, lens.k[3] = -0.0001;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_OK);
    return lens;
}

static void check_round_trip(const cw_lens *lens) {
    uint32_t seen = 0;
    for (double v = 0.5; v < 480; v += 23)
        for (double u = 0.5; u < 640; u += 29) {
            double d[3], pixel[2];
            if (!cw_lens_ray(lens, u, v, d))
                continue;
            seen++;
            assert_true(fabs(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] - 1.0) < 1e-12);
            for (int k = 0; k < 3; k++)
                d[k] *= 37.0; // any distance
            assert_true(cw_lens_project(lens, d, pixel));
            if (fabs(pixel[0] - u) > 1e-6 || fabs(pixel[1] - v) > 1e-6)
                fail_msg("(%g, %g) comes back as (%.9g, %.9g)", u, v, pixel[0], pixel[1]);
        }
    assert_true(seen > 300);
}

static void there_and_back(void **state) {
    (void)state;
    cw_lens plain = cw_lens_of_view(CW_LENS_PINHOLE, 640, 480, 1.2), bent = brown(), wide = fisheye();
    check_round_trip(&plain);
    check_round_trip(&bent);
    check_round_trip(&wide);
}

// A view of 90 degrees over 200 pixels has a focal length of 100: 45 degrees to the right lies on the right edge.
static void closed_forms(void **state) {
    (void)state;
    cw_lens lens = cw_lens_of_view(CW_LENS_PINHOLE, 200, 100, CW_PI / 2);
    double pixel[2];
    assert_true(fabs(lens.fx - 100.0) < 1e-9);
    assert_true(cw_lens_project(&lens, (const double[3]){5, 0, 5}, pixel));
    assert_true(fabs(pixel[0] - 200.0) < 1e-9 && fabs(pixel[1] - 50.0) < 1e-9);
    assert_true(cw_lens_project(&lens, (const double[3]){0, 1, 4}, pixel));
    assert_true(fabs(pixel[0] - 100.0) < 1e-9 && fabs(pixel[1] - 75.0) < 1e-9);
    assert_false(cw_lens_project(&lens, (const double[3]){0, 0, -1}, pixel));
    // An equidistant fisheye: the angle is in proportion; 90 degrees of 180 over 200 pixels lie at 100 from the middle.
    lens = cw_lens_of_view(CW_LENS_FISHEYE, 200, 200, CW_PI);
    assert_true(cw_lens_project(&lens, (const double[3]){0, -3, 0}, pixel));
    assert_true(fabs(pixel[0] - 100.0) < 1e-9 && fabs(pixel[1]) < 1e-9);
    double d[3];
    assert_true(cw_lens_ray(&lens, 150.0, 100.0, d)); // 45 degrees
    assert_true(fabs(d[0] - d[2]) < 1e-12 && fabs(d[1]) < 1e-12);
    // One coefficient of Brown by hand: r = 0.5, 1 + 0.2 * 0.25.
    lens = cw_lens_of_view(CW_LENS_PINHOLE, 200, 100, CW_PI / 2);
    lens.k[0] = 0.2;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_OK);
    assert_true(cw_lens_project(&lens, (const double[3]){0.5, 0, 1}, pixel));
    assert_true(fabs(pixel[0] - (100.0 + 100.0 * 0.5 * 1.05)) < 1e-9);
}

static void what_cannot_be(void **state) {
    (void)state;
    cw_lens lens = cw_lens_of_view(CW_LENS_PINHOLE, 200, 100, 1.2);
    lens.width = 0;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_ERR_INPUT);
    lens.width = 100000;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_ERR_LIMIT);
    lens.width = 200;
    lens.fx = -3;
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_ERR_INPUT);
    lens.fx = 100;
    lens.k[0] = -30; // turns back at once
    assert_int_equal(cw_lens_finish(&lens, NULL), CW_ERR_INPUT);
}

// Axes of the optical frame in the vehicle's.
static void mounts(void **state) {
    (void)state;
    double r[9];
    cw_mount_rotation(&(cw_mount){0}, r);
    const double ahead[9] = {0, 0, 1, -1, 0, 0, 0, -1, 0};
    for (int i = 0; i < 9; i++)
        assert_true(fabs(r[i] - ahead[i]) < 1e-12);
    cw_mount_rotation(&(cw_mount){.yaw = CW_PI / 2}, r); // to the left: the view is +y
    assert_true(fabs(r[5] - 1) < 1e-12 && fabs(r[0] - 1) < 1e-12);
    cw_mount_rotation(&(cw_mount){.pitch = CW_PI / 6}, r); // down
    assert_true(fabs(r[8] + 0.5) < 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back), cmocka_unit_test(closed_forms),
                                       cmocka_unit_test(what_cannot_be), cmocka_unit_test(mounts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
