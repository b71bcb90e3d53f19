// People: standing, walking, sitting on a bicycle, a motorcycle or in a wheelchair; and the vehicles of those who sit.
#include "sense/model_parts.h"

#include <math.h>
#include <string.h>

// ---- a body ----------------------------------------------------------------------------------------------------------

// Lengths for a person of 1 m; a child's head is larger.
static const double THIGH = 0.245, SHIN = 0.245, ANKLE = 0.045, UPPER_ARM = 0.17, FOREARM = 0.155;

typedef struct figure {
    cw_mesh_builder *b;
    double height, wide; // m; wide: between the outsides of the arms
    bool child, coarse, helmet, skirt;
    int sides;
} figure;

static void limb(figure *f, cw_vec3 from, cw_vec3 to, double r0, double r1, cw_material_kind material) {
    cw_builder_material(f->b, material);
    cw_add_tube(f->b, from, to, r0, r1, f->sides, false);
    if (f->coarse)
        return;
    cw_add_ellipsoid(f->b, from, vec(r0, r0, r0), 4, f->sides);
    cw_add_ellipsoid(f->b, to, vec(r1, r1, r1), 4, f->sides);
}

static void leg(figure *f, cw_vec3 hip, cw_vec3 knee, cw_vec3 ankle, double pitch) {
    double h = f->height;
    limb(f, hip, knee, 0.052 * h, 0.036 * h, f->skirt ? CW_MAT_SKIN : CW_MAT_CLOTH_LOWER);
    limb(f, knee, ankle, 0.035 * h, 0.024 * h, f->skirt ? CW_MAT_SKIN : CW_MAT_CLOTH_LOWER);
    double s, c;
    cw_sincos(pitch, &s, &c);
    cw_vec3 toe = vec(ankle.x + 0.075 * h * c, ankle.y, ankle.z - 0.018 * h - 0.075 * h * s);
    cw_builder_material(f->b, CW_MAT_SHOE);
    if (f->coarse)
        cw_add_tube(f->b, vec(ankle.x - 0.03 * h, ankle.y, ankle.z - 0.02 * h), toe, 0.025 * h, 0.02 * h, 3, true);
    else
        cw_add_ellipsoid(f->b, vec(0.5 * (toe.x + ankle.x) + 0.005 * h, toe.y, 0.5 * (ankle.z + toe.z) - 0.011 * h),
                         vec(0.075 * h, 0.028 * h, 0.025 * h), 4, f->sides + 2);
}

static void arm(figure *f, cw_vec3 shoulder, cw_vec3 elbow, cw_vec3 hand) {
    double h = f->height;
    limb(f, shoulder, elbow, 0.029 * h, 0.024 * h, CW_MAT_CLOTH_UPPER);
    limb(f, elbow, hand, 0.023 * h, 0.018 * h, CW_MAT_CLOTH_UPPER);
    cw_builder_material(f->b, CW_MAT_SKIN);
    if (!f->coarse)
        cw_add_ellipsoid(f->b, hand, vec(0.024 * h, 0.018 * h, 0.03 * h), 4, f->sides);
}

// Trunk from the hips to the shoulders, neck and head on it; `lean` forward, rad. Gives the shoulders' middle.
static cw_vec3 trunk(figure *f, cw_vec3 hips, double lean) {
    double h = f->height, s, c, length = 0.30 * h, deep = 0.062 * h;
    double shoulder = 0.5 * f->wide - 0.055 * h;
    cw_sincos(lean, &s, &c);
    cw_vec3 top = vec(hips.x + length * s, hips.y, hips.z + length * c);
    // Rings of the trunk from hip to neck: height along it, half width, half depth.
    static const double rings[6][3] = {{-0.12, 0.78, 1.0}, {0.12, 0.80, 1.05}, {0.45, 0.72, 0.95},
                                       {0.82, 1.02, 1.1},  {1.0, 0.62, 0.8},   {1.06, 0.1, 0.15}};
    cw_vec3 sheet[6 * 9];
    uint32_t columns = f->coarse ? 5 : 9;
    for (uint32_t i = 0; i < 6; i++) {
        double up = rings[i][0] * length, w = rings[i][1] * shoulder, d = rings[i][2] * deep;
        for (uint32_t k = 0; k < columns; k++) {
            double a = -2 * CW_PI * k / (columns - 1), ss, cc;
            cw_sincos(a, &ss, &cc);
            double along = d * cc, across = w * ss;
            sheet[i * columns + k] = vec(hips.x + up * s + along * c, hips.y + across, hips.z + up * c - along * s);
        }
    }
    cw_builder_material(f->b, CW_MAT_CLOTH_UPPER);
    model_sheet(f->b, sheet, 6, columns);
    cw_vec3 neck = vec(top.x + 0.02 * h * s, top.y, top.z + 0.015 * h);
    double head = f->child ? 0.085 * h : 0.067 * h, rise = 0.5 * s;
    cw_vec3 skull = vec(neck.x + head * (0.25 + rise), neck.y, neck.z + 0.04 * h + head);
    cw_builder_material(f->b, CW_MAT_SKIN);
    cw_add_tube(f->b, vec(top.x, top.y, top.z - 0.01 * h), skull, 0.03 * h, 0.03 * h, f->sides, false);
    cw_add_ellipsoid(f->b, skull, vec(0.86 * head, 0.74 * head, head), f->coarse ? 3 : 6, f->coarse ? 4 : 8);
    cw_builder_material(f->b, f->helmet ? CW_MAT_HELMET : CW_MAT_HAIR);
    if (!f->coarse || f->helmet)
        cw_add_ellipsoid(f->b, vec(skull.x - 0.1 * head, skull.y, skull.z + (f->helmet ? 0.2 : 0.16) * head),
                         vec(f->helmet ? 1.1 * head : 0.88 * head, f->helmet ? 0.95 * head : 0.8 * head, 0.9 * head),
                         f->coarse ? 3 : 5, f->coarse ? 4 : 8);
    return vec(top.x - 0.02 * h * s, top.y, top.z - 0.03 * h);
}

// The knee between hip and ankle, bent forward.
static cw_vec3 bent(cw_vec3 from, cw_vec3 to, double first, double second, double forward) {
    double dx = to.x - from.x, dz = to.z - from.z, d = cw_hypot(dx, dz);
    d = cw_clamp(d, 1e-3, (first + second) * 0.999);
    double along = (first * first - second * second + d * d) / (2 * d),
           off = sqrt(cw_max(first * first - along * along, 0));
    double ux = dx / d, uz = dz / d;
    return vec(from.x + along * ux - forward * off * uz, 0.5 * (from.y + to.y),
               from.z + along * uz + forward * off * ux);
}

// ---- walking ---------------------------------------------------------------------------------------------------------

static const double SWING = 0.40; // rad: of the thigh, each way

static void walker(figure *f, double phase, bool walks) {
    double h = f->height, leg_y = 0.048 * h;
    cw_vec3 knees[2], ankles[2];
    double hips = (THIGH + SHIN + ANKLE) * h, lowest = INFINITY, swing[2], pitch[2];
    for (int k = 0; k < 2; k++) {
        double s, c, a = 2 * CW_PI * (phase + 0.5 * k);
        cw_sincos(a, &s, &c);
        swing[k] = walks ? SWING * s : 0.0;
        double bend = walks ? 0.12 + 0.95 * (c > 0 ? c * c : 0) : 0.02, ts, tc, ls, lc;
        cw_sincos(swing[k] + (walks ? 0.08 : 0.01), &ts, &tc);
        cw_sincos(swing[k] + (walks ? 0.08 : 0.01) - bend, &ls, &lc);
        double y = k ? -leg_y : leg_y;
        knees[k] = vec(THIGH * h * ts, y, hips - THIGH * h * tc);
        ankles[k] = vec(knees[k].x + SHIN * h * ls, y, knees[k].z - SHIN * h * lc);
        pitch[k] = walks ? cw_clamp(-0.7 * swing[k], -0.1, 0.5) : 0;
        lowest = cw_min(lowest, ankles[k].z - cw_max(0, 0.075 * h * cw_sin(pitch[k])));
    }
    double drop = lowest - ANKLE * h;
    for (int k = 0; k < 2; k++) {
        double y = k ? -leg_y : leg_y;
        knees[k].z -= drop;
        ankles[k].z -= drop;
        leg(f, vec(0, y, hips - drop), knees[k], ankles[k], pitch[k]);
    }
    if (f->skirt) {
        cw_builder_material(f->b, CW_MAT_CLOTH_LOWER);
        cw_add_tube(f->b, vec(0, 0, hips - drop - 0.17 * h), vec(0, 0, hips - drop + 0.03 * h), 0.11 * h, 0.075 * h,
                    f->sides + 3, true);
    } else {
        cw_builder_material(f->b, CW_MAT_CLOTH_LOWER);
        cw_add_ellipsoid(f->b, vec(0, 0, hips - drop), vec(0.065 * h, 0.095 * h, 0.06 * h), f->coarse ? 2 : 4,
                         f->sides + 1);
    }
    cw_vec3 shoulders = trunk(f, vec(0, 0, hips - drop + 0.02 * h), 0.03);
    double out = 0.5 * f->wide - 0.029 * h;
    for (int k = 0; k < 2; k++) {
        double s, c, es, ec, a = (walks ? -0.75 * swing[k] : 0.0), side = k ? -1 : 1;
        cw_sincos(a, &s, &c);
        cw_sincos(a + (walks ? 0.35 : 0.1), &es, &ec);
        cw_vec3 shoulder = vec(shoulders.x, side * (out - 0.03 * h), shoulders.z);
        cw_vec3 elbow = vec(shoulder.x + UPPER_ARM * h * s, side * out, shoulder.z - UPPER_ARM * h * c);
        cw_vec3 hand = vec(elbow.x + FOREARM * h * es, side * (out - 0.008 * h), elbow.z - FOREARM * h * ec);
        arm(f, shoulder, elbow, hand);
    }
}

static figure figure_of(modeller *m, double height, double wide) {
    return (figure){.b = &m->b,
                    .height = height,
                    .wide = wide,
                    .child = height < 1.4,
                    .coarse = m->def.coarse,
                    .skirt = m->def.variant % 5 == 2,
                    .sides = m->def.coarse ? 3 : 7};
}

static void seated(figure *f, cw_vec3 seat, double lean, const cw_vec3 hands[2], const cw_vec3 feet[2], bool legs_only,
                   bool without_legs) {
    double h = f->height;
    if (!without_legs) {
        for (int k = 0; k < 2; k++) {
            cw_vec3 hip = vec(seat.x, (k ? -0.05 : 0.05) * h, seat.z);
            cw_vec3 knee = bent(hip, feet[k], THIGH * h, SHIN * h, 1);
            leg(f, hip, knee, feet[k], 0.1);
        }
    }
    if (legs_only)
        return;
    cw_builder_material(f->b, CW_MAT_CLOTH_LOWER);
    cw_add_ellipsoid(f->b, seat, vec(0.075 * h, 0.09 * h, 0.06 * h), f->coarse ? 2 : 4, f->sides + 1);
    cw_vec3 shoulders = trunk(f, vec(seat.x, 0, seat.z + 0.02 * h), lean);
    for (int k = 0; k < 2; k++) {
        cw_vec3 shoulder = vec(shoulders.x, (k ? -1 : 1) * (0.5 * f->wide - 0.06 * h), shoulders.z);
        cw_vec3 elbow = bent(shoulder, hands[k], UPPER_ARM * h, FOREARM * h, -1);
        elbow.y *= 1.12;
        arm(f, shoulder, elbow, hands[k]);
    }
}

// ---- two wheels ------------------------------------------------------------------------------------------------------

// A tyre with spokes around the y axis.
static void thin_wheel(modeller *m, double radius, double tyre, bool spokes) {
    cw_mesh_builder *b = &m->b;
    int sides = m->def.coarse ? 8 : 20;
    double rim = radius - (spokes ? 1.6 : 2.2) * tyre;
    for (int i = 0; i < sides; i++) {
        double s0, c0, s1, c1;
        cw_sincos(2 * CW_PI * i / sides, &s0, &c0);
        cw_sincos(2 * CW_PI * (i + 1) / sides, &s1, &c1);
        cw_vec3 o0 = vec(radius * c0, 0, radius * s0), o1 = vec(radius * c1, 0, radius * s1);
        cw_builder_material(b, CW_MAT_RUBBER);
        for (int side = -1; side <= 1; side += 2) {
            cw_vec3 m0 = vec(rim * c0, side * tyre, rim * s0), m1 = vec(rim * c1, side * tyre, rim * s1);
            cw_vec3 t0 = vec(o0.x * 0.985, side * tyre, o0.z * 0.985),
                    t1 = vec(o1.x * 0.985, side * tyre, o1.z * 0.985);
            if (side > 0) {
                cw_add_quad(b, m0, m1, t1, t0);
                cw_add_quad(b, t0, t1, o1, o0);
            } else {
                cw_add_quad(b, m1, m0, t0, t1);
                cw_add_quad(b, t1, t0, o0, o1);
            }
        }
        if (!m->def.coarse)
            cw_add_quad(b, vec(rim * c0, tyre, rim * s0), vec(rim * c0, -tyre, rim * s0),
                        vec(rim * c1, -tyre, rim * s1), vec(rim * c1, tyre, rim * s1));
        if (m->def.coarse && i % 2 != 0)
            continue;
        cw_builder_material(b, CW_MAT_WHEEL_RIM);
        if (spokes) {
            if (i % (m->def.coarse ? 4 : 2) == 0)
                cw_add_tube(b, vec(0, 0, 0), vec(rim * c0, 0, rim * s0), 0.006, 0.004, 3, false);
        } else if (i % 4 < 2) {
            for (int side = -1; side <= 1; side += 2) {
                cw_vec3 c = vec(0, side * 0.4 * tyre, 0), p = vec(rim * c0, side * 0.4 * tyre, rim * s0),
                        q = vec(rim * c1, side * 0.4 * tyre, rim * s1);
                if (side > 0)
                    cw_add_flat_triangle(b, c, q, p);
                else
                    cw_add_flat_triangle(b, c, p, q);
            }
        }
    }
}

static void bar(modeller *m, cw_vec3 from, cw_vec3 to, double radius) {
    cw_add_tube(&m->b, from, to, radius, radius, m->def.coarse ? 3 : 6, true);
}

static void lamp_box(modeller *m, cw_vec3 at, cw_vec3 half, cw_material_kind material) {
    cw_builder_material(&m->b, material);
    cw_add_box(&m->b, vec(at.x - half.x, at.y - half.y, at.z - half.z),
               vec(at.x + half.x, at.y + half.y, at.z + half.z));
}

void model_bicycle(modeller *m) {
    double h = (double)m->def.height, radius = cw_clamp(0.192 * (m->front - m->rear), 0.1, 0.5);
    double rear = m->rear + radius, front = m->front - radius, base = front - rear; // the wheels reach the box's ends
    double half = 0.5 * (double)m->def.width;
    cw_vec3 crank = vec(rear + 0.42 * base, 0, 0.8 * radius), seat = vec(rear + 0.22 * base, 0, 0.55 * h),
            head = vec(front - 0.16 * base, 0, 0.53 * h), bars = vec(front - 0.2 * base, 0, 0.6 * h);
    cw_builder_material(&m->b, CW_MAT_PAINT);
    bar(m, crank, vec(seat.x, 0, seat.z - 0.06), 0.016);
    bar(m, crank, vec(head.x, 0, head.z - 0.1), 0.02);
    bar(m, vec(seat.x + 0.01, 0, seat.z - 0.12), head, 0.016);
    for (int side = -1; side <= 1; side += 2) {
        bar(m, vec(rear, side * 0.06, radius), vec(seat.x, side * 0.015, seat.z - 0.12), 0.009);
        bar(m, vec(rear, side * 0.06, radius), vec(crank.x, side * 0.03, crank.z), 0.01);
        bar(m, vec(front, side * 0.055, radius), vec(head.x, side * 0.02, head.z - 0.05), 0.011);
    }
    cw_builder_material(&m->b, CW_MAT_TRIM);
    bar(m, head, bars, 0.014);
    bar(m, vec(bars.x, -half, bars.z), vec(bars.x, half, bars.z), 0.014);
    cw_add_ellipsoid(&m->b, vec(seat.x - 0.03, 0, seat.z - 0.03), vec(0.13, 0.075, 0.035), 3, m->def.coarse ? 4 : 8);
    lamp_box(m, vec(bars.x + 0.05, 0, bars.z - 0.06), vec(0.03, 0.03, 0.03), CW_MAT_LAMP_HEAD);
    lamp_box(m, vec(seat.x - 0.14, 0, seat.z - 0.14), vec(0.015, 0.025, 0.025), CW_MAT_LAMP_TAIL);
    // A person whose head reaches the height of the box.
    double tall = (h - seat.z) / 0.475;
    figure f = figure_of(m, tall, cw_min(0.95 * (double)m->def.width, 0.29 * tall));
    f.helmet = m->def.variant % 2 == 0;
    f.skirt = false;
    cw_builder_semantic(&m->b, CW_CLASS_RIDER);
    const cw_vec3 hands[2] = {vec(bars.x, 0.8 * half, bars.z + 0.02), vec(bars.x, -0.8 * half, bars.z + 0.02)};
    const cw_vec3 none[2] = {{0, 0, 0}, {0, 0, 0}};
    seated(&f, vec(seat.x, 0, seat.z + 0.01), 0.42, hands, none, false, true);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    uint32_t poses = m->def.coarse ? 4 : 8;
    for (uint32_t i = 0; i < poses; i++) {
        double s, c;
        cw_sincos(2 * CW_PI * i / poses, &s, &c);
        cw_vec3 feet[2];
        for (int k = 0; k < 2; k++) {
            double way = k ? -1 : 1, x = crank.x + way * 0.17 * c, z = crank.z - way * 0.17 * s;
            cw_builder_semantic(&m->b, CW_CLASS_BICYCLE);
            cw_builder_material(&m->b, CW_MAT_CHROME);
            bar(m, vec(crank.x, way * 0.06, crank.z), vec(x, way * 0.075, z), 0.012);
            cw_builder_material(&m->b, CW_MAT_TRIM);
            cw_add_box(&m->b, vec(x - 0.04, way * 0.11 - 0.045, z - 0.01), vec(x + 0.04, way * 0.11 + 0.045, z + 0.01));
            feet[k] = vec(x - 0.02, way * 0.11, z + 0.06);
        }
        f.b = &m->b;
        cw_builder_semantic(&m->b, CW_CLASS_RIDER);
        seated(&f, vec(seat.x, 0, seat.z + 0.01), 0.42, none, feet, true, false);
        model_part(m, CW_PART_GAIT, 0, 0, 0, 0);
    }
    m->gait_count = poses;
    m->stride = 4.6F;
    for (int i = 0; i < 2; i++) {
        thin_wheel(m, radius, 0.02, true);
        model_part(m, i ? CW_PART_WHEEL : CW_PART_WHEEL_STEERED, i ? rear : front, 0, radius, radius);
    }
}

void model_motorcycle(modeller *m) {
    double h = (double)m->def.height, radius = cw_clamp(0.141 * (m->front - m->rear), 0.1, 0.5);
    double rear = m->rear + radius, front = m->front - radius, base = front - rear;
    double half = 0.5 * (double)m->def.width;
    int round = m->def.coarse ? 4 : 9;
    cw_vec3 seat = vec(rear + 0.33 * base, 0, 0.52 * h), bars = vec(front - 0.26 * base, 0, 0.66 * h);
    cw_builder_material(&m->b, CW_MAT_TRIM); // engine and frame
    cw_add_ellipsoid(&m->b, vec(rear + 0.52 * base, 0, 1.05 * radius), vec(0.22 * base, 0.15, 0.17), 4, round);
    bar(m, vec(rear, 0.09, radius), vec(rear + 0.4 * base, 0.07, radius * 0.95), 0.03);
    bar(m, vec(rear, -0.09, radius), vec(rear + 0.4 * base, -0.07, radius * 0.95), 0.03);
    cw_builder_material(&m->b, CW_MAT_CHROME);
    bar(m, vec(rear - 0.1, -0.15, radius * 0.9), vec(rear + 0.55 * base, -0.14, radius * 0.75), 0.045); // exhaust
    for (int side = -1; side <= 1; side += 2)
        bar(m, vec(front, side * 0.09, radius), vec(bars.x + 0.03, side * 0.09, bars.z - 0.04), 0.025);
    cw_builder_material(&m->b, CW_MAT_PAINT);
    cw_add_ellipsoid(&m->b, vec(rear + 0.6 * base, 0, 0.53 * h), vec(0.21 * base, 0.15, 0.11 * h), 5, round); // tank
    cw_add_ellipsoid(&m->b, vec(rear + 0.02 * base, 0, 0.5 * h), vec(0.22 * base, 0.1, 0.045 * h), 4, round); // tail
    cw_add_ellipsoid(&m->b, vec(front - 0.13 * base, 0, 0.56 * h), vec(0.13 * base, 0.15, 0.11 * h), 4,
                     round);                                                                                 // fairing
    cw_add_ellipsoid(&m->b, vec(front, 0, 1.75 * radius), vec(0.6 * radius, 0.08, 0.35 * radius), 3, round); // mudguard
    cw_builder_material(&m->b, CW_MAT_TRIM);
    cw_add_ellipsoid(&m->b, vec(seat.x, 0, seat.z - 0.03), vec(0.25 * base, 0.13, 0.045), 4, round);
    bar(m, vec(bars.x, -half, bars.z), vec(bars.x, half, bars.z), 0.017);
    cw_builder_material(&m->b, CW_MAT_GLASS);
    const cw_vec3 screen[4] = {{front - 0.08 * base, -0.12, 0.65 * h},
                               {front - 0.08 * base, 0.12, 0.65 * h},
                               {front - 0.2 * base, 0.1, 0.76 * h},
                               {front - 0.2 * base, -0.1, 0.76 * h}};
    cw_add_quad(&m->b, screen[0], screen[1], screen[2], screen[3]);
    model_patch(&m->b, screen[3], screen[2], screen[1], screen[0], 0.004);
    lamp_box(m, vec(front, 0, 0.57 * h), vec(0.03, 0.09, 0.05), CW_MAT_LAMP_HEAD);
    double tail = rear - 0.17 * base;
    lamp_box(m, vec(tail, 0, 0.51 * h), vec(0.03, 0.06, 0.02), CW_MAT_LAMP_BRAKE);
    lamp_box(m, vec(tail, 0, 0.475 * h), vec(0.025, 0.06, 0.015), CW_MAT_LAMP_TAIL);
    lamp_box(m, vec(tail, 0, 0.40 * h), vec(0.01, 0.09, 0.06), CW_MAT_PLATE);
    for (int side = -1; side <= 1; side += 2) {
        cw_material_kind turn = side > 0 ? CW_MAT_LAMP_LEFT : CW_MAT_LAMP_RIGHT;
        lamp_box(m, vec(tail + 0.05, side * 0.14, 0.5 * h), vec(0.025, 0.03, 0.02), turn);
        lamp_box(m, vec(front - 0.05, side * 0.2, 0.58 * h), vec(0.025, 0.03, 0.02), turn);
    }
    double tall = (h - seat.z) / 0.468;
    figure f = figure_of(m, tall, cw_min(0.9 * (double)m->def.width, 0.3 * tall));
    f.helmet = true;
    f.skirt = false;
    const cw_vec3 hands[2] = {vec(bars.x, 0.85 * half, bars.z + 0.03), vec(bars.x, -0.85 * half, bars.z + 0.03)};
    const cw_vec3 feet[2] = {vec(rear + 0.42 * base, 0.2, radius + 0.05), vec(rear + 0.42 * base, -0.2, radius + 0.05)};
    cw_builder_semantic(&m->b, CW_CLASS_RIDER);
    seated(&f, vec(seat.x, 0, seat.z + 0.04), 0.4, hands, feet, false, false);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    for (int i = 0; i < 2; i++) {
        thin_wheel(m, radius, i ? 0.075 : 0.055, false);
        model_part(m, i ? CW_PART_WHEEL : CW_PART_WHEEL_STEERED, i ? rear : front, 0, radius, radius);
    }
}

// ---- on foot and in a wheelchair -------------------------------------------------------------------------------------

static void wheelchair(modeller *m, double middle) {
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, radius = 0.24 * h;
    cw_vec3 seat = vec(middle - 0.03, 0, 0.40 * h);
    cw_builder_material(&m->b, CW_MAT_TRIM);
    cw_add_box(&m->b, vec(seat.x - 0.22, -0.22, seat.z - 0.09), vec(seat.x + 0.22, 0.22, seat.z - 0.05));
    cw_add_box(&m->b, vec(seat.x - 0.25, -0.22, seat.z - 0.05), vec(seat.x - 0.21, 0.22, seat.z + 0.33 * h));
    cw_builder_material(&m->b, CW_MAT_CHROME);
    for (int side = -1; side <= 1; side += 2) {
        double y = side * 0.23;
        bar(m, vec(seat.x - 0.23, y, seat.z + 0.36 * h), vec(seat.x - 0.23, y, 0.1), 0.014);
        bar(m, vec(seat.x - 0.23, y, seat.z - 0.07), vec(seat.x + 0.26, y, seat.z - 0.07), 0.014);
        bar(m, vec(seat.x + 0.26, y, seat.z - 0.07), vec(seat.x + 0.34, y * 0.8, 0.12), 0.014);
        bar(m, vec(seat.x - 0.2, y, seat.z + 0.13), vec(seat.x + 0.16, y, seat.z + 0.13), 0.018);
    }
    cw_builder_material(&m->b, CW_MAT_TRIM);
    cw_add_box(&m->b, vec(seat.x + 0.3, -0.18, 0.1), vec(seat.x + 0.45, 0.18, 0.115));
    double tall = (h - seat.z) / 0.472;
    figure f = figure_of(m, tall, cw_min(0.8 * (double)m->def.width, 0.29 * tall));
    f.skirt = false;
    const cw_vec3 hands[2] = {vec(seat.x + 0.14, 0.24, seat.z + 0.16), vec(seat.x + 0.14, -0.24, seat.z + 0.16)};
    const cw_vec3 feet[2] = {vec(seat.x + 0.36, 0.1, 0.19), vec(seat.x + 0.36, -0.1, 0.19)};
    seated(&f, seat, -0.05, hands, feet, false, false);
    for (int side = -1; side <= 1; side += 2) { // castors
        cw_builder_material(&m->b, CW_MAT_RUBBER);
        cw_add_tube(&m->b, vec(seat.x + 0.28, side * 0.2 - 0.015, 0.06), vec(seat.x + 0.28, side * 0.2 + 0.015, 0.06),
                    0.06, 0.06, m->def.coarse ? 5 : 10, true);
    }
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    for (int side = -1; side <= 1; side += 2) {
        thin_wheel(m, radius, 0.018, true);
        model_part(m, CW_PART_WHEEL, seat.x - 0.12, side * (half - 0.02), radius, radius);
    }
}

void model_pedestrian(modeller *m) {
    double h = (double)m->def.height, middle = 0.5 * (m->rear + m->front);
    if (model_is_named(&m->def, "wheelchair")) {
        wheelchair(m, middle);
        return;
    }
    figure f = figure_of(m, h, (double)m->def.width);
    walker(&f, 0, false);
    model_part(m, CW_PART_STAND, middle, 0, 0, 0);
    uint32_t poses = m->def.coarse ? 6 : 12;
    for (uint32_t i = 0; i < poses; i++) {
        walker(&f, (double)i / poses, true);
        model_part(m, CW_PART_GAIT, middle, 0, 0, 0);
    }
    m->gait_count = poses;
    m->stride = (float)(4 * (THIGH + SHIN) * h * cw_sin(SWING));
}
