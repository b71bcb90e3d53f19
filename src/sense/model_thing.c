// Animals, and what lies or stands on a road: cones, barriers, crates.
#include "sense/model_parts.h"

#include <math.h>

bool model_is_named(const cw_model_def *def, const char *word) {
    for (const char *at = def->model; *at; at++) {
        size_t i = 0;
        while (word[i] && at[i] && (at[i] | 32) == (word[i] | 32))
            i++;
        if (!word[i])
            return true;
    }
    return false;
}

// ---- animals ---------------------------------------------------------------------------------------------------------

static void animal(modeller *m, double phase, bool walks) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, length = m->front - m->rear;
    int round = m->def.coarse ? 4 : 8, rings = m->def.coarse ? 3 : 5, sides = m->def.coarse ? 3 : 6;
    double back = 0.68 * h, thick = 0.17 * h, middle = m->rear + 0.44 * length; // of the trunk
    double reach = 0.36 * length;
    cw_builder_material(b, CW_MAT_FUR);
    cw_add_ellipsoid(b, vec(middle, 0, back - 0.3 * thick), vec(reach, half, thick * 1.25), rings, round);
    cw_vec3 neck = vec(middle + 0.72 * reach, 0, back), head = vec(m->front - 0.13 * length, 0, h - 0.10 * h);
    cw_add_tube(b, neck, head, 0.13 * h, 0.075 * h, sides + 1, false);
    cw_add_ellipsoid(b, vec(head.x + 0.015 * length, 0, head.z), vec(0.115 * length, 0.42 * half, 0.075 * h), rings,
                     round);
    for (int side = -1; side <= 1; side += 2)
        cw_add_tube(b, vec(head.x - 0.03 * length, side * 0.22 * half, head.z + 0.03 * h),
                    vec(head.x - 0.05 * length, side * 0.36 * half, h), 0.03 * h, 0.006 * h, 3, false);
    cw_add_tube(b, vec(m->rear + 0.09 * length, 0, back + 0.02 * h), vec(m->rear, 0, back - 0.16 * h), 0.035 * h,
                0.015 * h, sides, false);
    for (int i = 0; i < 4; i++) { // trot: the legs go in diagonal pairs
        double s, c, side = i % 2 == 0 ? 1 : -1, fore = i < 2 ? 1 : -1;
        cw_sincos(2 * CW_PI * (phase + (side * fore > 0 ? 0 : 0.5)), &s, &c);
        double swing = walks ? 0.42 * s : 0, lift = walks && c > 0 ? 0.05 * h * c : 0, hs, hc;
        cw_sincos(swing, &hs, &hc);
        cw_vec3 hip = vec(middle + fore * 0.68 * reach, side * 0.5 * half, back - 0.6 * thick);
        double leg = hip.z - lift;
        cw_vec3 hoof = vec(hip.x + leg * hs * 0.8, hip.y, lift + 0.0);
        cw_vec3 knee =
            vec(0.5 * (hip.x + hoof.x) + (walks ? 0.03 * h : 0.015 * h) * fore, hip.y, 0.5 * (hip.z + hoof.z));
        cw_add_tube(b, hip, knee, 0.065 * h, 0.04 * h, sides, false);
        cw_add_tube(b, knee, hoof, 0.035 * h, 0.025 * h, sides, true);
    }
}

void model_animal(modeller *m) {
    animal(m, 0, false);
    model_part(m, CW_PART_STAND, 0, 0, 0, 0);
    uint32_t poses = m->def.coarse ? 4 : 8;
    for (uint32_t i = 0; i < poses; i++) {
        animal(m, (double)i / poses, true);
        model_part(m, CW_PART_GAIT, 0, 0, 0, 0);
    }
    m->gait_count = poses;
    m->stride = 1.5F * m->def.height;
}

// ---- things ----------------------------------------------------------------------------------------------------------

static void cone(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * cw_min((double)m->def.width, m->front - m->rear),
           x = 0.5 * (m->rear + m->front);
    int sides = m->def.coarse ? 6 : 16;
    double base = 0.05 * h, r0 = 0.72 * half, r1 = 0.12 * half;
    cw_builder_material(b, CW_MAT_TRIM);
    cw_add_box(b, vec(m->rear, -0.5 * (double)m->def.width, 0), vec(m->front, 0.5 * (double)m->def.width, base));
    static const double bands[6] = {0, 0.3, 0.48, 0.62, 0.78, 1};
    for (int i = 0; i < 5; i++) {
        cw_builder_material(b, i % 2 ? CW_MAT_STRIPE_WHITE : CW_MAT_CONE);
        cw_add_tube(b, vec(x, 0, cw_lerp(base, h, bands[i])), vec(x, 0, cw_lerp(base, h, bands[i + 1])),
                    cw_lerp(r0, r1, bands[i]), cw_lerp(r0, r1, bands[i + 1]), sides, i == 4);
    }
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
}

// Boards striped red and white on two feet.
static void barrier(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, length = m->front - m->rear;
    bool across = 2 * half > length; // the boards run along the longer side
    double run = across ? 2 * half : length, thick = across ? length : 2 * half, x = 0.5 * (m->rear + m->front);
    cw_builder_frame(b, x, 0, 0, across ? 0.5 * CW_PI : 0);
    int stripes = (int)cw_clamp(floor(run / 0.28), 2, 40);
    double board = cw_min(0.045, 0.5 * thick);
    for (int row = 0; row < 2; row++) {
        double z0 = row ? 0.28 * h : 0.72 * h, z1 = row ? 0.48 * h : h;
        for (int i = 0; i < stripes; i++) {
            double a = -0.5 * run + run * i / stripes, e = -0.5 * run + run * (i + 1) / stripes;
            cw_builder_material(b, (i + row) % 2 ? CW_MAT_STRIPE_WHITE : CW_MAT_STRIPE_RED);
            cw_add_box(b, vec(a, -board, z0), vec(e, board, z1));
        }
    }
    cw_builder_material(b, CW_MAT_TRIM);
    for (int side = -1; side <= 1; side += 2) {
        double at = side * 0.4 * run;
        cw_add_box(b, vec(at - 0.03, -0.03, 0), vec(at + 0.03, 0.03, 0.95 * h));
        cw_add_box(b, vec(at - 0.06, -0.5 * thick, 0), vec(at + 0.06, 0.5 * thick, 0.06 * h));
    }
    cw_builder_home(b);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
}

// A crate of boards, or a carton with tape over its seam.
static void crate(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width;
    bool wood = m->def.variant % 2 == 1;
    double in = m->def.coarse ? 0 : 0.006;
    cw_builder_material(b, wood ? CW_MAT_WOOD : CW_MAT_CARDBOARD);
    cw_add_box(b, vec(m->rear + in, -half + in, 0), vec(m->front - in, half - in, h - in));
    if (!m->def.coarse) {
        cw_builder_material(b, wood ? CW_MAT_DOOR : CW_MAT_CARGO_WHITE);
        double x = 0.5 * (m->rear + m->front), tape = wood ? 0.08 * (m->front - m->rear) : 0.03;
        for (int i = -1; i <= 1; i += wood ? 2 : 3) {
            double at = wood ? x + i * 0.42 * (m->front - m->rear) : x;
            cw_add_box(b, vec(at - tape, -half, wood ? 0 : 0.6 * h), vec(at + tape, half, h));
        }
        if (wood)
            for (int i = 0; i < 3; i++)
                cw_add_box(b, vec(m->rear, -half + 0.003, h * (0.08 + 0.36 * i)),
                           vec(m->front, half - 0.003, h * (0.2 + 0.36 * i)));
        else
            cw_add_box(b, vec(m->rear, -0.03, 0.6 * h), vec(m->front, 0.03, h - 0.002));
    }
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
}

void model_obstacle(modeller *m) {
    double longest = cw_max((double)m->def.width, m->front - m->rear);
    if (model_is_named(&m->def, "cone") || model_is_named(&m->def, "pylon")) {
        m->semantic = CW_CLASS_CONE;
        cw_builder_semantic(&m->b, CW_CLASS_CONE);
        cone(m);
    } else if (model_is_named(&m->def, "barrier") || model_is_named(&m->def, "fence") ||
               (longest > 1.5 && cw_min((double)m->def.width, m->front - m->rear) < 0.4)) {
        m->semantic = CW_CLASS_BARRIER;
        cw_builder_semantic(&m->b, CW_CLASS_BARRIER);
        barrier(m);
    } else {
        m->semantic = CW_CLASS_CARGO;
        cw_builder_semantic(&m->b, CW_CLASS_CARGO);
        crate(m);
    }
}
