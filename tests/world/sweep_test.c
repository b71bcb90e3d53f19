// Who may meet whom and the directions of all, against the same asked one by one: to the bit, whatever the processor has.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heading.h"
#include "world/sweep.h"

#include <math.h>
#include <string.h>

static double draw(uint32_t i, double low, double high) {
    return low + (high - low) * cw_rng_uniform((cw_rng_key){.seed = 31}, i);
}

static void pairs_are_those_that_overlap(void **state) {
    (void)state;
    cw_arena *arena = cw_arena_new(0, 0);
    cw_sweep *s = cw_sweep_make(arena, CW_SWEEP_MOST);
    assert_non_null(s);
    uint32_t draws = 0, met = 0;
    for (uint32_t count = 0; count <= CW_SWEEP_MOST; count++) {
        for (uint32_t i = 0; i < count; i++) {
            // On a coarse raster, so that many touch exactly; some are not there.
            bool there = draw(draws++, 0, 1) > 0.1;
            double x = floor(draw(draws++, -9, 9)), y = floor(draw(draws++, -9, 9)),
                   size = 1 + floor(draw(draws++, 0, 4));
            s->low_x[i] = there ? x : INFINITY;
            s->low_y[i] = there ? y : INFINITY;
            s->high_x[i] = there ? x + size : -INFINITY;
            s->high_y[i] = there ? y + size : -INFINITY;
        }
        cw_sweep_pairs(s, count);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t wanted = 0;
            for (uint32_t k = i + 1; k < count; k++)
                if (s->low_x[k] <= s->high_x[i] && s->high_x[k] >= s->low_x[i] && s->low_y[k] <= s->high_y[i] &&
                    s->high_y[k] >= s->low_y[i]) {
                    wanted |= (uint64_t)1 << k;
                    met++;
                }
            assert_true(s->later[i] == wanted);
        }
    }
    assert_true(met > 1000);
    cw_arena_free(arena);
}

static void directions_are_the_same_bits(void **state) {
    (void)state;
    double heading[67], sine[67], cosine[67];
    for (uint32_t i = 0; i < 67; i++)
        heading[i] = i < 5 ? 0.5 * CW_PI * (i - 2.0) : i < 60 ? draw(i, -CW_PI, CW_PI) : draw(i, -2e5, 2e5);
    cw_directions(heading, 67, sine, cosine);
    for (uint32_t i = 0; i < 67; i++) {
        double s, c, true_s, true_c;
        cw_direction(heading[i], &s, &c);
        assert_memory_equal(&s, &sine[i], sizeof s);
        assert_memory_equal(&c, &cosine[i], sizeof c);
        cw_sincos(heading[i], &true_s, &true_c);
        assert_true(fabs(s - true_s) < 1e-13 && fabs(c - true_c) < 1e-13);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_those_that_overlap),
        cmocka_unit_test(directions_are_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
