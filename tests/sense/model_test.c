// Bodies: as large as the actor says, sound triangles, lamps and wheels where they belong.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sense/model.h"

#include <math.h>

static void check_size(const cw_model *m, const cw_model_def *def) {
    double size[3] = {(double)def->length, (double)def->width, (double)def->height};
    for (int k = 0; k < 3; k++)
        if (fabs((double)(m->high[k] - m->low[k]) - size[k]) > 0.02 * size[k])
            fail_msg("kind %u variant %u axis %d: %g instead of %g m", def->kind, def->variant, k,
                     (double)(m->high[k] - m->low[k]), size[k]);
    assert_true(fabs(0.5 * (double)(m->high[0] + m->low[0]) - (double)def->center_x) <= 0.02 * size[0]);
    assert_true(fabsf(m->low[2]) < 0.005F);
}

static void check_sound(const cw_mesh *mesh) {
    for (uint32_t v = 0; v < mesh->vertex_count; v++) {
        double n = 0;
        for (int k = 0; k < 3; k++) {
            assert_true(isfinite(mesh->position[v][k]));
            n += (double)mesh->normal[v][k] * (double)mesh->normal[v][k];
        }
        assert_true(fabs(n - 1) < 1e-5);
    }
    for (uint32_t t = 0; t < mesh->triangle_count; t++)
        for (int k = 0; k < 3; k++)
            assert_true(mesh->index[t][k] < mesh->vertex_count);
}

static uint32_t triangles_of(const cw_model *m, cw_material_kind material) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->part_count; i++)
        for (uint32_t t = 0; t < m->parts[i].mesh.triangle_count; t++)
            n += m->parts[i].mesh.material[t] == material;
    return n;
}

static void test_cars(void **state) {
    (void)state;
    static const float sizes[][3] = {{4.5F, 1.8F, 1.5F}, {3.6F, 1.6F, 1.5F}, {4.7F, 1.9F, 1.75F}, {5.4F, 2.0F, 2.4F}};
    cw_arena *arena = cw_arena_new(0, 0);
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t variant = 0; variant < 8; variant++) {
            cw_actor actor = cw_scene_usual_actor(i == 3 ? CW_ACTOR_VAN : CW_ACTOR_CAR);
            actor.length = sizes[i][0];
            actor.width = sizes[i][1];
            actor.height = sizes[i][2];
            actor.wheelbase = 0.6F * actor.length;
            cw_model_def def = cw_model_of_actor(&actor, variant / 2, variant % 2 == 1);
            cw_model m;
            assert_int_equal(cw_model_build(&def, arena, &m, NULL), CW_OK);
            check_size(&m, &def);
            uint32_t triangles = 0, wheels = 0, steered = 0;
            for (uint32_t p = 0; p < m.part_count; p++) {
                check_sound(&m.parts[p].mesh);
                triangles += m.parts[p].mesh.triangle_count;
                wheels += m.parts[p].kind == CW_PART_WHEEL || m.parts[p].kind == CW_PART_WHEEL_STEERED;
                steered += m.parts[p].kind == CW_PART_WHEEL_STEERED;
            }
            assert_int_equal(wheels, 4);
            assert_int_equal(steered, 2);
            assert_true(triangles <= 2200);
            static const cw_material_kind needed[] = {CW_MAT_PAINT,      CW_MAT_GLASS,        CW_MAT_LAMP_HEAD,
                                                      CW_MAT_LAMP_BRAKE, CW_MAT_LAMP_LEFT,    CW_MAT_LAMP_RIGHT,
                                                      CW_MAT_LAMP_TAIL,  CW_MAT_LAMP_REVERSE, CW_MAT_RUBBER};
            for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
                assert_true(triangles_of(&m, needed[k]) > 0);
        }
    }
    cw_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cars)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
