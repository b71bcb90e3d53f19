// Cars and vans: a lower body lofted from nose to tail with arches over the wheels, and a cabin on it.
#include "sense/model_parts.h"

#include <math.h>

enum { STATIONS_MOST = 64, SIDE_ROWS = 4, TOP_ROWS = 4, ROUND = 4 };

// Fractions of length (from the tail) and height: where the shape bends.
typedef struct shape {
    double screen_foot, screen_top, back_top, back_foot; // windscreen and rear window, fraction of length
    double nose, bonnet, belt, deck;                     // heights: nose, bonnet at the screen, belt, boot lid
    double roof_inset;                                   // m from the side
    bool cargo;                                          // no windows behind the first pair
} shape;

static const shape saloon = {0.70, 0.545, 0.27, 0.125, 0.48, 0.645, 0.63, 0.665, 0.17, false};
static const shape hatch = {0.735, 0.565, 0.15, 0.035, 0.49, 0.645, 0.63, 0.66, 0.16, false};
static const shape estate = {0.715, 0.56, 0.09, 0.02, 0.48, 0.635, 0.62, 0.65, 0.16, false};
static const shape offroad = {0.735, 0.60, 0.09, 0.015, 0.53, 0.655, 0.625, 0.65, 0.14, false};
static const shape minibus = {0.86, 0.73, 0.045, 0.012, 0.42, 0.555, 0.535, 0.55, 0.12, false};
static const shape panel_van = {0.86, 0.73, 0.03, 0.01, 0.42, 0.555, 0.535, 0.55, 0.10, true};

static const shape *pick(const modeller *m) {
    double tall = (double)m->def.height / (double)m->def.length;
    if (m->def.kind == CW_ACTOR_VAN)
        return m->def.variant % 3 == 0 ? &minibus : &panel_van;
    if ((double)m->def.height > 1.62 && tall > 0.33)
        return &offroad;
    if ((double)m->def.length < 4.15)
        return &hatch;
    switch (m->def.variant % 4) {
    case 0:
        return &hatch;
    case 1:
        return &estate;
    default:
        return &saloon;
    }
}

typedef struct car {
    modeller *m;
    const shape *s;
    double half, height, clearance, wheel, arch; // m
    double x[STATIONS_MOST];
    int count;
} car;

static double along(const car *c, double fraction) {
    return cw_lerp(c->m->rear, c->m->front, fraction);
}

static double smooth(double f) {
    f = cw_clamp(f, 0, 1);
    return f * f * (3 - 2 * f);
}

// Half width in plan: full amidships, drawn in towards the ends.
static double plan(const car *c, double x) {
    double end = 0.13 * (c->m->front - c->m->rear), nose = (c->m->front - x) / end,
           tail = (x - c->m->rear) / (0.8 * end);
    double k = cw_clamp(cw_min(nose, tail), 0, 1), from = c->m->def.kind == CW_ACTOR_VAN ? 0.9 : 0.84;
    return c->half * (from + (1 - from) * sqrt(k * (2 - k)));
}

// Height of bonnet, belt and boot: the upper edge of the lower body.
static double upper(const car *c, double x) {
    const shape *s = c->s;
    double f = (x - c->m->rear) / (c->m->front - c->m->rear);
    double h;
    if (f > s->screen_foot) {
        double g = (f - s->screen_foot) / (1 - s->screen_foot);
        h = cw_lerp(s->bonnet, s->nose, g * g * 0.75 + g * 0.25);
        if (g > 0.93) // the edge of the nose is round
            h -= 0.06 * (g - 0.93) / 0.07;
    } else if (f < s->back_foot) {
        h = s->deck - 0.05 * smooth(1 - f / cw_max(s->back_foot, 1e-3));
    } else {
        h = cw_lerp(s->deck, s->bonnet, (f - s->back_foot) / (s->screen_foot - s->back_foot));
    }
    return h * c->height;
}

// Lower edge: the sill, raised over the wheels and under the overhangs.
static double lower(const car *c, double x) {
    double z = c->clearance;
    double end = cw_min(c->m->front - x, x - c->m->rear);
    z += 0.05 * smooth(1 - end / 0.45);
    const double axles[2] = {c->m->rear_axle, c->m->front_axle};
    for (int i = 0; i < 2; i++) {
        double d = fabs(x - axles[i]);
        if (d < c->arch)
            z = cw_max(z, c->wheel + sqrt(c->arch * c->arch - d * d));
    }
    return z;
}

static void add_station(car *c, double x) {
    if (c->count >= STATIONS_MOST || x < c->m->rear || x > c->m->front)
        return;
    int i = c->count++;
    for (; i > 0 && c->x[i - 1] > x; i--)
        c->x[i] = c->x[i - 1];
    c->x[i] = x;
}

static void place_stations(car *c) {
    bool coarse = c->m->def.coarse;
    static const double fine[] = {0, 0.008, 0.025, 0.06, 0.42, 0.58, 0.8, 0.9, 0.955, 0.985, 0.996, 1};
    static const double rough[] = {0, 0.05, 0.95, 1};
    const double *f = coarse ? rough : fine;
    int n = coarse ? (int)(sizeof rough / sizeof *rough) : (int)(sizeof fine / sizeof *fine);
    for (int i = 0; i < n; i++)
        add_station(c, along(c, f[i]));
    add_station(c, along(c, c->s->screen_foot));
    if (c->s->back_foot > 0.06 && !coarse)
        add_station(c, along(c, c->s->back_foot));
    const double axles[2] = {c->m->rear_axle, c->m->front_axle};
    int cuts = coarse ? 0 : 8;
    for (int a = 0; a < 2; a++) {
        for (int i = 0; i <= cuts && cuts > 0; i++)
            add_station(c, axles[a] - c->arch * cw_cos(CW_PI * i / cuts) * 0.999);
        for (int side = -1; side <= 1 && cuts > 0; side += 2) // where the arch meets the sill
            add_station(c, axles[a] + side * c->arch * 1.001);
    }
}

// Points of the side from sill to shoulder, and of the top from shoulder to the middle.
static void section(const car *c, double x, cw_vec3 side[SIDE_ROWS], cw_vec3 top[TOP_ROWS]) {
    double w = plan(c, x), low = lower(c, x), high = upper(c, x);
    double shoulder = high - 0.06 * c->height;
    double waist = cw_clamp(0.40 * c->height, low + 0.01, shoulder - 0.02);
    double crease = cw_lerp(waist, shoulder, 0.6);
    side[0] = vec(x, 0.955 * w, low);
    side[1] = vec(x, w, waist);
    side[2] = vec(x, 0.985 * w, crease);
    side[3] = vec(x, 0.945 * w, shoulder);
    top[0] = side[3];
    top[1] = vec(x, 0.90 * w, high - 0.012 * c->height);
    top[2] = vec(x, 0.55 * w, high + 0.006 * c->height);
    top[3] = vec(x, 0, high + 0.012 * c->height);
}

static cw_vec3 other_side(cw_vec3 p) {
    return vec(p.x, -p.y, p.z);
}

static void lower_body(car *c) {
    cw_mesh_builder *b = &c->m->b;
    cw_vec3 side[2][SIDE_ROWS * STATIONS_MOST], top[TOP_ROWS * 2 * STATIONS_MOST];
    uint32_t n = (uint32_t)c->count, columns = 2 * TOP_ROWS - 1;
    for (uint32_t i = 0; i < n; i++) {
        cw_vec3 s[SIDE_ROWS], t[TOP_ROWS];
        section(c, c->x[i], s, t);
        for (uint32_t k = 0; k < SIDE_ROWS; k++) { // seen from outside: columns run to the left, looking along the rows
            side[0][i * SIDE_ROWS + k] = s[SIDE_ROWS - 1 - k];
            side[1][i * SIDE_ROWS + k] = other_side(s[k]);
        }
        for (uint32_t k = 0; k < columns; k++)
            top[i * columns + k] = k < TOP_ROWS ? other_side(t[k]) : t[columns - 1 - k];
    }
    cw_builder_material(b, CW_MAT_PAINT);
    model_sheet(b, side[0], n, SIDE_ROWS);
    model_sheet(b, side[1], n, SIDE_ROWS);
    model_sheet(b, top, n, columns);
    for (int end = 0; end < 2; end++) { // nose and tail: bands from bumper to shoulder, and the round edge above
        cw_vec3 s[SIDE_ROWS], t[TOP_ROWS], lid[2 * TOP_ROWS - 1];
        section(c, c->x[end ? c->count - 1 : 0], s, t);
        for (int k = 0; k + 1 < SIDE_ROWS; k++) {
            cw_builder_material(b, k == 0 ? CW_MAT_TRIM : CW_MAT_PAINT);
            if (end)
                cw_add_quad(b, other_side(s[k]), s[k], s[k + 1], other_side(s[k + 1]));
            else
                cw_add_quad(b, s[k], other_side(s[k]), other_side(s[k + 1]), s[k + 1]);
        }
        for (int k = 0; k < 2 * TOP_ROWS - 1; k++)
            lid[k] = k < TOP_ROWS ? t[k] : other_side(t[2 * TOP_ROWS - 2 - k]);
        for (int k = 1; k + 1 < 2 * TOP_ROWS - 1; k++) {
            if (end)
                cw_add_flat_triangle(b, lid[0], lid[k], lid[k + 1]);
            else
                cw_add_flat_triangle(b, lid[0], lid[k + 1], lid[k]);
        }
    }
    if (c->m->def.coarse)
        return;
    cw_builder_material(b, CW_MAT_UNDERBODY); // floor and housings, seen through the arches
    double w = 0.86 * c->half, z = c->clearance + 0.02;
    cw_add_box(b, vec(c->m->rear + 0.1, -w * 0.8, z),
               vec(c->m->front - 0.1, w * 0.8, cw_max(c->wheel + c->arch, z + 0.1)));
}

// ---- cabin -----------------------------------------------------------------------------------------------------------

typedef struct cabin {
    cw_vec3 foot[4], roof[4]; // right screen, left screen, left back, right back
} cabin;

static void pillar_and_panes(const car *c, const cw_vec3 q[4], const double *cuts, int count, const bool *pane) {
    // q: foot start, foot end, roof end, roof start, counter-clockwise from outside; cuts along the foot.
    cw_mesh_builder *b = &c->m->b;
    double low = 0.06, high = 0.90;
    if (c->m->def.coarse) { // one pane from end to end, paint where there is none
        bool any = false;
        for (int i = 0; i + 1 < count; i++)
            any = any || pane[i];
        cw_builder_material(b, any ? CW_MAT_GLASS : CW_MAT_PAINT);
        cw_add_quad(b, q[0], q[1], q[2], q[3]);
        return;
    }
    for (int i = 0; i + 1 < count; i++) {
        cw_vec3 f0 = mix(q[0], q[1], cuts[i]), f1 = mix(q[0], q[1], cuts[i + 1]);
        cw_vec3 r0 = mix(q[3], q[2], cuts[i]), r1 = mix(q[3], q[2], cuts[i + 1]);
        if (!pane[i]) {
            cw_builder_material(b, CW_MAT_PAINT);
            cw_add_quad(b, f0, f1, r1, r0);
            continue;
        }
        cw_builder_material(b, CW_MAT_PAINT);
        cw_add_quad(b, f0, f1, mix(f1, r1, low), mix(f0, r0, low));
        cw_add_quad(b, mix(f0, r0, high), mix(f1, r1, high), r1, r0);
        cw_builder_material(b, CW_MAT_GLASS);
        cw_add_quad(b, mix(f0, r0, low), mix(f1, r1, low), mix(f1, r1, high), mix(f0, r0, high));
    }
}

static void add_cabin(car *c, cabin *out) {
    const shape *s = c->s;
    cw_mesh_builder *b = &c->m->b;
    double screen = along(c, s->screen_foot), back = along(c, s->back_foot);
    double foot_w = 0.90 * c->half, roof_w = c->half - s->roof_inset;
    double edge = c->height * 0.975, z0 = upper(c, screen) - 0.015 * c->height, z1 = upper(c, back) - 0.015 * c->height;
    if (c->m->def.coarse) { // its body has no bend where the panes begin
        z0 -= 0.04 * c->height;
        z1 -= 0.05 * c->height;
    }
    double back_w = cw_min(foot_w, 0.9 * plan(c, back));
    cw_vec3 foot[4] = {vec(screen, -foot_w, z0), vec(screen, foot_w, z0), vec(back, back_w, z1),
                       vec(back, -back_w, z1)};
    double top = along(c, s->screen_top), end = along(c, s->back_top), end_w = cw_min(roof_w, back_w * 0.93);
    cw_vec3 roof[4] = {vec(top, -roof_w, edge), vec(top, roof_w, edge), vec(end, end_w, edge * 0.995),
                       vec(end, -end_w, edge * 0.995)};
    for (int i = 0; i < 4; i++) {
        out->foot[i] = foot[i];
        out->roof[i] = roof[i];
    }
    static const double across[4] = {0, 0.055, 0.945, 1};
    static const bool across_panes[3] = {false, true, false};
    const cw_vec3 front[4] = {foot[0], foot[1], roof[1], roof[0]};
    pillar_and_panes(c, front, across, 4, across_panes);
    bool rear_pane[3] = {false, !s->cargo, false};
    const cw_vec3 rear[4] = {foot[2], foot[3], roof[3], roof[2]};
    pillar_and_panes(c, rear, across, 4, rear_pane);
    // Sides: pillars at the screen, behind the front doors, and at the back.
    bool van = c->m->def.kind == CW_ACTOR_VAN;
    static const double car_cuts[6] = {0, 0.05, 0.46, 0.50, 0.86, 1}, van_cuts[6] = {0, 0.05, 0.27, 0.31, 0.95, 1};
    const double *cuts = van ? van_cuts : car_cuts;
    const bool panes[5] = {false, true, false, !s->cargo, false};
    double back_cuts[6];
    bool back_panes[5];
    for (int i = 0; i < 6; i++)
        back_cuts[i] = 1 - cuts[5 - i];
    for (int i = 0; i < 5; i++)
        back_panes[i] = panes[4 - i];
    const cw_vec3 left[4] = {foot[1], foot[2], roof[2], roof[1]}, right[4] = {foot[3], foot[0], roof[0], roof[3]};
    pillar_and_panes(c, left, cuts, 6, panes);
    pillar_and_panes(c, right, back_cuts, 6, back_panes);
    if (c->m->def.coarse) {
        cw_builder_material(b, CW_MAT_PAINT);
        for (int i = 0; i < 4; i++)
            roof[i].z = c->height;
        cw_add_quad(b, roof[3], roof[0], roof[1], roof[2]);
        for (int i = 0; i < 4; i++) { // its rim, down to the panes
            cw_vec3 p = roof[i], q = roof[(i + 1) % 4];
            cw_add_quad(b, vec(p.x, p.y, out->roof[i].z), vec(q.x, q.y, out->roof[(i + 1) % 4].z), q, p);
        }
        return;
    }
    cw_vec3 sheet[15];
    static const double rows[3] = {0, 0.4, 1}, columns[5] = {0, 0.15, 0.5, 0.85, 1},
                        crown[5] = {0, 0.017, 0.0245, 0.017, 0};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 5; k++) {
            cw_vec3 p = mix(mix(roof[3], roof[0], rows[i]), mix(roof[2], roof[1], rows[i]), columns[k]);
            p.z += c->height * crown[k] * (i == 1 ? 1 : 0.55);
            sheet[i * 5 + k] = p;
        }
    }
    cw_builder_material(b, CW_MAT_PAINT);
    model_sheet(b, sheet, 3, 5);
    for (int end_row = 0; end_row < 2; end_row++) { // between the crowned roof and the straight upper edge of the panes
        for (int k = 1; k + 1 < 4; k++) {
            const cw_vec3 *row = sheet + (end_row ? 10 : 0);
            cw_vec3 p = row[0], q = row[k], r = row[k + 1];
            if (end_row)
                cw_add_flat_triangle(b, p, r, q);
            else
                cw_add_flat_triangle(b, p, q, r);
        }
        const cw_vec3 *row = sheet + (end_row ? 10 : 0);
        if (end_row)
            cw_add_flat_triangle(b, row[0], row[4], row[3]);
        else
            cw_add_flat_triangle(b, row[0], row[3], row[4]);
    }
}

// ---- lamps and trim --------------------------------------------------------------------------------------------------

// A patch on the nose (end +1) or tail (-1) between y0 and y1 and two heights, that goes round the corner.
static void end_patch(car *c, int end, double y0, double y1, double z0, double z1, cw_material_kind material,
                      double out) {
    cw_mesh_builder *b = &c->m->b;
    double x = (end > 0 ? c->m->front : c->m->rear) + end * (out - 0.008);
    cw_builder_material(b, material);
    cw_vec3 p = vec(x, y0, z0), q = vec(x, y1, z0), r = vec(x, y1, z1), s = vec(x, y0, z1);
    if (end > 0)
        cw_add_quad(b, p, q, r, s);
    else
        cw_add_quad(b, q, p, s, r);
}

// A lamp at a corner: front face and a piece along the side, which follows the round of the body.
static void corner_lamp(car *c, int end, int side, double wide, double deep, double z0, double z1,
                        cw_material_kind material) {
    cw_mesh_builder *b = &c->m->b;
    double tip = end > 0 ? c->m->front : c->m->rear, x0 = tip + end * 0.006, w0 = plan(c, tip) * 1.004;
    bool forward = end * side > 0;
    cw_builder_material(b, material);
    double in = w0 - wide;
    cw_vec3 p = vec(x0, side * in, z0), q = vec(x0, side * w0, z0), r = vec(x0, side * w0, z1),
            s = vec(x0, side * in, z1);
    if (forward)
        cw_add_quad(b, p, q, r, s);
    else
        cw_add_quad(b, q, p, s, r);
    for (int i = 1; i <= ROUND && !c->m->def.coarse; i++) {
        double f = (double)(i * i) / (ROUND * ROUND), x = tip - end * deep * f, w = plan(c, x) + 0.012;
        cw_vec3 t = vec(x, side * w, z0 + 0.25 * f * (z1 - z0)), u = vec(x, side * w, z1);
        if (forward)
            cw_add_quad(b, q, t, u, r);
        else
            cw_add_quad(b, t, q, r, u);
        q = t;
        r = u;
    }
}

static void add_lamps(car *c) {
    const shape *s = c->s;
    double h = c->height, nose = s->nose * h, tail = upper(c, c->m->rear);
    double w = plan(c, c->m->front);
    for (int side = -1; side <= 1; side += 2) {
        cw_material_kind turn = side > 0 ? CW_MAT_LAMP_LEFT : CW_MAT_LAMP_RIGHT;
        double head_low = nose - 0.125 * h, head_high = nose - 0.045 * h;
        corner_lamp(c, 1, side, 0.42 * w, 0.075 * (c->m->front - c->m->rear), head_low, head_high, CW_MAT_LAMP_HEAD);
        corner_lamp(c, 1, side, 0.30 * w, 0.05 * (c->m->front - c->m->rear), head_low - 0.035 * h, head_low - 0.005 * h,
                    turn);
        // In pictures of a hundred pixels lamps are seen only where they are larger than life.
        double top = c->m->def.kind == CW_ACTOR_VAN ? tail * 0.98 : tail - 0.03 * h;
        double low = top - (c->m->def.coarse ? 0.24 : 0.16) * h, wide = (c->m->def.coarse ? 0.52 : 0.34) * w;
        double length = c->m->front - c->m->rear;
        corner_lamp(c, -1, side, wide, 0.05 * length, cw_lerp(low, top, 0.45), top, CW_MAT_LAMP_BRAKE);
        corner_lamp(c, -1, side, wide, 0.04 * length, cw_lerp(low, top, 0.22), cw_lerp(low, top, 0.44), turn);
        corner_lamp(c, -1, side, wide, 0.03 * length, low, cw_lerp(low, top, 0.21), CW_MAT_LAMP_TAIL);
        end_patch(c, -1, side > 0 ? 0.30 * w : -0.42 * w, side > 0 ? 0.42 * w : -0.30 * w, low - 0.06 * h,
                  low - 0.03 * h, CW_MAT_LAMP_REVERSE, 0.013);
    }
    if (c->m->def.coarse)
        return;
    end_patch(c, 1, -0.5 * w, 0.5 * w, nose - 0.15 * h, nose - 0.075 * h, CW_MAT_TRIM, 0.012); // grille
    end_patch(c, 1, -0.72 * w, 0.72 * w, 0.17 * h, 0.235 * h, CW_MAT_TRIM, 0.012);             // air intake
    end_patch(c, 1, -0.26, 0.26, 0.25 * h, 0.25 * h + 0.11, CW_MAT_PLATE, 0.0125);
    end_patch(c, -1, -0.26, 0.26, 0.43 * h, 0.43 * h + 0.11, CW_MAT_PLATE, 0.0125);
    end_patch(c, -1, -0.75 * w, 0.75 * w, 0.16 * h, 0.22 * h, CW_MAT_TRIM, 0.012);
}

static void add_trim(car *c, const cabin *at) {
    cw_mesh_builder *b = &c->m->b;
    double shoulder = at->foot[0].z, x = at->foot[0].x - 0.05 * (c->m->front - c->m->rear);
    for (int side = -1; side <= 1 && !c->m->def.coarse; side += 2) { // mirrors
        double in = 0.885 * c->half, out = 0.992 * c->half;
        double y0 = side > 0 ? in : -out, y1 = side > 0 ? out : -in;
        cw_builder_material(b, CW_MAT_PAINT);
        cw_add_box(b, vec(x - 0.07, y0, shoulder + 0.02), vec(x + 0.06, y1, shoulder + 0.14));
        // Gaps of the doors and their handles, a hair outside the sheet metal.
        bool van = c->m->def.kind == CW_ACTOR_VAN;
        double from = cw_lerp(at->foot[0].x, at->foot[2].x, 0.04),
               middle = cw_lerp(at->foot[0].x, at->foot[2].x, van ? 0.29 : 0.48);
        double last = cw_lerp(at->foot[0].x, at->foot[2].x, van ? 0.6 : 0.86);
        double gaps[3] = {from, middle, last};
        for (int i = 0; i < 3; i++) {
            cw_vec3 s[SIDE_ROWS], t[TOP_ROWS];
            section(c, gaps[i], s, t);
            cw_builder_material(b, CW_MAT_TRIM);
            for (int k = 0; k + 1 < SIDE_ROWS; k++) {
                cw_vec3 p = s[k], q = s[k + 1];
                if (side > 0)
                    model_patch(b, vec(p.x + 0.006, p.y, p.z), vec(p.x - 0.006, p.y, p.z), vec(q.x - 0.006, q.y, q.z),
                                vec(q.x + 0.006, q.y, q.z), 0.004);
                else
                    model_patch(b, vec(p.x - 0.006, -p.y, p.z), vec(p.x + 0.006, -p.y, p.z),
                                vec(q.x + 0.006, -q.y, q.z), vec(q.x - 0.006, -q.y, q.z), 0.004);
            }
            if (i == 0)
                continue;
            double hx = gaps[i] + 0.16, hz = s[2].z + 0.25 * (s[3].z - s[2].z), hy = s[2].y;
            cw_builder_material(b, CW_MAT_CHROME);
            cw_add_box(b, vec(hx - 0.08, side > 0 ? hy - 0.02 : -hy - 0.004, hz - 0.012),
                       vec(hx + 0.08, side > 0 ? hy + 0.004 : -hy + 0.02, hz + 0.012));
        }
    }
}

void model_car(modeller *m) {
    double height = (double)m->def.height;
    car c = {.m = m, .s = pick(m), .half = 0.5 * (double)m->def.width, .height = height};
    c.wheel = cw_clamp((m->def.kind == CW_ACTOR_CAR ? 0.215 : 0.145) * height, 0.12, 0.40);
    c.arch = c.wheel * 1.16;
    c.clearance = 0.62 * c.wheel;
    place_stations(&c);
    lower_body(&c);
    cabin at;
    add_cabin(&c, &at);
    add_lamps(&c);
    add_trim(&c, &at);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    double wide = cw_min(0.225, 0.13 * (double)m->def.width), y = 0.965 * c.half - 0.5 * wide;
    for (int i = 0; i < 4; i++) {
        int side = i % 2 == 0 ? 1 : -1;
        model_wheel(m, c.wheel, wide, side);
        model_part(m, i < 2 ? CW_PART_WHEEL_STEERED : CW_PART_WHEEL, i < 2 ? m->front_axle : m->rear_axle, side * y,
                   c.wheel, c.wheel);
    }
}
