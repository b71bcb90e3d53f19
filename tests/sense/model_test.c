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
            assert_true(triangles <= (def.coarse ? 250U : 2300U));
            static const cw_material_kind needed[] = {CW_MAT_PAINT,      CW_MAT_GLASS,        CW_MAT_LAMP_HEAD,
                                                      CW_MAT_LAMP_BRAKE, CW_MAT_LAMP_LEFT,    CW_MAT_LAMP_RIGHT,
                                                      CW_MAT_LAMP_TAIL,  CW_MAT_LAMP_REVERSE, CW_MAT_RUBBER};
            for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
                assert_true(triangles_of(&m, needed[k]) > 0);
        }
    }
    cw_arena_free(arena);
}

// Every kind, in usual and in odd sizes, both grades.
static void test_kinds(void **state) {
    (void)state;
    static const struct {
        uint8_t kind;
        float size[3];
        const char *model;
        uint8_t semantic;
        uint32_t wheels;
        bool gait;
    } rows[] = {
        {CW_ACTOR_TRUCK, {9.6F, 2.5F, 3.5F}, "", CW_CLASS_TRUCK, 6, false},
        {CW_ACTOR_TRUCK, {6.5F, 2.3F, 2.9F}, "", CW_CLASS_TRUCK, 4, false},
        {CW_ACTOR_BUS, {12, 2.55F, 3.1F}, "", CW_CLASS_BUS, 4, false},
        {CW_ACTOR_TRAILER, {13.6F, 2.55F, 4}, "", CW_CLASS_TRAILER, 6, false},
        {CW_ACTOR_TRAILER, {3.2F, 1.7F, 1.5F}, "", CW_CLASS_TRAILER, 2, false},
        {CW_ACTOR_MOTORCYCLE, {2.2F, 0.8F, 1.5F}, "", CW_CLASS_MOTORCYCLE, 2, false},
        {CW_ACTOR_BICYCLE, {1.8F, 0.6F, 1.7F}, "", CW_CLASS_BICYCLE, 2, true},
        {CW_ACTOR_PEDESTRIAN, {0.5F, 0.6F, 1.75F}, "", CW_CLASS_PEDESTRIAN, 0, true},
        {CW_ACTOR_PEDESTRIAN, {0.4F, 0.4F, 1.1F}, "child", CW_CLASS_PEDESTRIAN, 0, true},
        {CW_ACTOR_PEDESTRIAN, {1.1F, 0.7F, 1.3F}, "wheelchair", CW_CLASS_PEDESTRIAN, 2, false},
        {CW_ACTOR_ANIMAL, {1.3F, 0.4F, 0.9F}, "", CW_CLASS_ANIMAL, 0, true},
        {CW_ACTOR_OBSTACLE, {0.4F, 0.4F, 0.75F}, "traffic_cone", CW_CLASS_CONE, 0, false},
        {CW_ACTOR_OBSTACLE, {0.3F, 2.2F, 1}, "", CW_CLASS_BARRIER, 0, false},
        {CW_ACTOR_OBSTACLE, {1.2F, 1, 0.9F}, "crate", CW_CLASS_CARGO, 0, false},
        {CW_ACTOR_TRAIN, {25, 2.9F, 3.8F}, "", CW_CLASS_TRAIN, 0, false},
        {CW_ACTOR_OTHER, {2, 1, 1}, "", CW_CLASS_CARGO, 0, false},
    };
    cw_arena *arena = cw_arena_new(0, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (uint32_t variant = 0; variant < 6; variant++) {
            cw_actor actor = cw_scene_usual_actor((cw_actor_kind)rows[i].kind);
            float stretch = actor.length > 0 ? rows[i].size[0] / actor.length : 1;
            actor.center_x *= stretch;
            actor.wheelbase *= stretch;
            actor.length = rows[i].size[0];
            actor.width = rows[i].size[1];
            actor.height = rows[i].size[2];
            actor.model = rows[i].model;
            cw_model_def def = cw_model_of_actor(&actor, variant / 2, variant % 2 == 1);
            cw_model m;
            assert_int_equal(cw_model_build(&def, arena, &m, NULL), CW_OK);
            assert_int_equal(m.semantic, rows[i].semantic);
            uint32_t shown = 0, wheels = 0, gait = 0, stands = 0;
            for (uint32_t p = 0; p < m.part_count; p++) {
                check_sound(&m.parts[p].mesh);
                uint8_t kind = m.parts[p].kind;
                wheels += kind == CW_PART_WHEEL || kind == CW_PART_WHEEL_STEERED;
                stands += kind == CW_PART_STAND;
                shown += kind == CW_PART_GAIT && gait > 0 ? 0 : m.parts[p].mesh.triangle_count;
                gait += kind == CW_PART_GAIT;
                assert_true(m.parts[p].mesh.triangle_count > 0);
            }
            assert_int_equal(wheels, rows[i].wheels);
            assert_true((m.gait_count > 0) == rows[i].gait);
            assert_int_equal(gait, m.gait_count);
            assert_true(shown < (def.coarse ? 800 : 3500));
            if (stands > 0 || rows[i].kind == CW_ACTOR_PEDESTRIAN) // who steps needs more room than who stands
                assert_true(fabs((double)(m.high[2] - m.low[2]) - (double)def.height) < 0.02 * (double)def.height);
            else
                check_size(&m, &def);
        }
    }
    cw_arena_free(arena);
}

static void test_gait(void **state) {
    (void)state;
    cw_arena *arena = cw_arena_new(0, 0);
    cw_actor actor = cw_scene_usual_actor(CW_ACTOR_PEDESTRIAN);
    cw_model_def def = cw_model_of_actor(&actor, 0, false);
    cw_model m;
    assert_int_equal(cw_model_build(&def, arena, &m, NULL), CW_OK);
    assert_int_equal(m.gait_count, 12);
    for (uint32_t k = 0; k < 24; k++)
        assert_int_equal(cw_model_pose(&m, (k + 0.5) / 12 * (double)m.stride), k % 12);
    assert_int_equal(cw_model_pose(&m, -0.5 / 12 * (double)m.stride), 11);
    assert_int_equal(cw_model_pose(&m, NAN), 0);
    // Half a cycle on the legs have changed places: the pose is its mirror image.
    const cw_mesh *a = NULL, *b = NULL;
    uint32_t gait = 0;
    for (uint32_t p = 0; p < m.part_count; p++) {
        if (m.parts[p].kind != CW_PART_GAIT)
            continue;
        a = gait == 2 ? &m.parts[p].mesh : a;
        b = gait == 8 ? &m.parts[p].mesh : b;
        gait++;
    }
    double far[2][2] = {{-1, -1}, {-1, -1}}; // how far forward the left and right shoes reach
    const cw_mesh *both[2] = {a, b};
    for (int i = 0; i < 2; i++)
        for (uint32_t t = 0; t < both[i]->triangle_count; t++)
            for (int k = 0; k < 3 && both[i]->material[t] == CW_MAT_SHOE; k++) {
                const float *p = both[i]->position[both[i]->index[t][k]];
                double *most = &far[i][p[1] > 0 ? 0 : 1];
                *most = fmax(*most, (double)p[0]);
            }
    assert_true(fabs(far[0][0] - far[0][1]) > 0.2);
    assert_true(fabs(far[0][0] - far[1][1]) < 0.01 && fabs(far[0][1] - far[1][0]) < 0.01);
    cw_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cars), cmocka_unit_test(test_kinds),
                                       cmocka_unit_test(test_gait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
