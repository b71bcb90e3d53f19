// Lorries, buses, trailers and trains: long bodies with bevelled edges, windows, wheels and lamps.
#include "sense/model_parts.h"

#include <math.h>

typedef struct box { // a body along x
    double x0, x1, z0, z1, half, bevel;
} box;

// Extruded along x: an octagon with bevelled upper edges, and flat ends.
static void body(cw_mesh_builder *b, const box *o, cw_material_kind sides, cw_material_kind roof) {
    double w = o->half, k = o->bevel;
    const cw_vec2 ring[6] = {{w, o->z0}, {w, o->z1 - k}, {w - k, o->z1}, {-w + k, o->z1}, {-w, o->z1 - k}, {-w, o->z0}};
    for (int i = 0; i < 6; i++) {
        cw_vec2 p = ring[i], q = ring[(i + 1) % 6];
        cw_builder_material(b, i == 2 ? roof : i == 5 ? CW_MAT_UNDERBODY : sides);
        cw_add_quad(b, vec(o->x1, p.x, p.y), vec(o->x0, p.x, p.y), vec(o->x0, q.x, q.y), vec(o->x1, q.x, q.y));
    }
    cw_builder_material(b, sides);
    for (int end = 0; end < 2; end++) {
        double x = end ? o->x1 : o->x0;
        for (int i = 1; i + 1 < 6; i++) {
            cw_vec3 p = vec(x, ring[0].x, ring[0].y), q = vec(x, ring[i].x, ring[i].y),
                    r = vec(x, ring[i + 1].x, ring[i + 1].y);
            if (end)
                cw_add_flat_triangle(b, p, q, r);
            else
                cw_add_flat_triangle(b, p, r, q);
        }
    }
}

// A pane or panel on the side (+1 left) or the end (front +1) of a body, a hair outside.
static void on_side(cw_mesh_builder *b, const box *o, int side, double x0, double x1, double z0, double z1,
                    cw_material_kind material) {
    double y = side * (o->half + 0.006);
    cw_builder_material(b, material);
    if (side > 0)
        cw_add_quad(b, vec(x1, y, z0), vec(x0, y, z0), vec(x0, y, z1), vec(x1, y, z1));
    else
        cw_add_quad(b, vec(x0, y, z0), vec(x1, y, z0), vec(x1, y, z1), vec(x0, y, z1));
}

static void on_end(cw_mesh_builder *b, const box *o, int end, double y0, double y1, double z0, double z1,
                   cw_material_kind material) {
    double x = end > 0 ? o->x1 + 0.006 : o->x0 - 0.006;
    cw_builder_material(b, material);
    if (end > 0)
        cw_add_quad(b, vec(x, y0, z0), vec(x, y1, z0), vec(x, y1, z1), vec(x, y0, z1));
    else
        cw_add_quad(b, vec(x, y1, z0), vec(x, y0, z0), vec(x, y0, z1), vec(x, y1, z1));
}

static void mirrored_end(cw_mesh_builder *b, const box *o, int end, double y0, double y1, double z0, double z1,
                         cw_material_kind left, cw_material_kind right) {
    on_end(b, o, end, y0, y1, z0, z1, left);
    on_end(b, o, end, -y1, -y0, z0, z1, right);
}

static void front_lamps(modeller *m, const box *o, double z) {
    double w = o->half;
    mirrored_end(&m->b, o, 1, 0.62 * w, 0.9 * w, z, z + 0.16, CW_MAT_LAMP_HEAD, CW_MAT_LAMP_HEAD);
    mirrored_end(&m->b, o, 1, 0.9 * w, 0.985 * w, z, z + 0.16, CW_MAT_LAMP_LEFT, CW_MAT_LAMP_RIGHT);
}

static void rear_lamps(modeller *m, const box *o, double z) {
    double w = o->half;
    mirrored_end(&m->b, o, -1, 0.72 * w, 0.95 * w, z + 0.14, z + 0.26, CW_MAT_LAMP_BRAKE, CW_MAT_LAMP_BRAKE);
    mirrored_end(&m->b, o, -1, 0.72 * w, 0.95 * w, z + 0.07, z + 0.13, CW_MAT_LAMP_LEFT, CW_MAT_LAMP_RIGHT);
    mirrored_end(&m->b, o, -1, 0.72 * w, 0.95 * w, z, z + 0.06, CW_MAT_LAMP_TAIL, CW_MAT_LAMP_TAIL);
    mirrored_end(&m->b, o, -1, 0.55 * w, 0.68 * w, z + 0.02, z + 0.1, CW_MAT_LAMP_REVERSE, CW_MAT_LAMP_REVERSE);
    on_end(&m->b, o, -1, -0.26, 0.26, z + 0.02, z + 0.13, CW_MAT_PLATE);
}

static void axle(modeller *m, double x, double radius, double width, bool steered) {
    double half = 0.5 * (double)m->def.width;
    for (int side = -1; side <= 1; side += 2) {
        model_wheel(m, radius, width, side);
        model_part(m, steered ? CW_PART_WHEEL_STEERED : CW_PART_WHEEL, x, side * (half - 0.5 * width - 0.02), radius,
                   radius);
    }
}

static void arches(modeller *m, const box *o, double x, double radius) {
    // Dark half rounds where the wheels stand; the wheels themselves stand before them.
    int parts = m->def.coarse ? 3 : 8;
    for (int side = -1; side <= 1; side += 2) {
        double y = side * (o->half + 0.004), low = o->z0, reach = 1.14 * radius;
        cw_builder_material(&m->b, CW_MAT_UNDERBODY);
        for (int i = 0; i < parts; i++) {
            double s0, c0, s1, c1;
            cw_sincos(CW_PI * i / parts, &s0, &c0);
            cw_sincos(CW_PI * (i + 1) / parts, &s1, &c1);
            cw_vec3 p = vec(x + reach * c0, y, low), q = vec(x + reach * c1, y, low);
            cw_vec3 r = vec(q.x, y, cw_max(low, radius + reach * s1)),
                    t = vec(p.x, y, cw_max(low, radius + reach * s0));
            if (side > 0)
                cw_add_quad(&m->b, p, q, r, t);
            else
                cw_add_quad(&m->b, q, p, t, r);
        }
    }
}

// ---- lorries ---------------------------------------------------------------------------------------------------------

static void cab(modeller *m, const box *o) {
    cw_mesh_builder *b = &m->b;
    double h = o->z1 - o->z0, w = o->half, belt = o->z0 + 0.44 * h, top = o->z0 + 0.84 * h, length = o->x1 - o->x0;
    body(b, o, CW_MAT_PAINT, CW_MAT_PAINT);
    on_end(b, o, 1, -0.93 * w, 0.93 * w, belt, top, CW_MAT_GLASS);
    on_end(b, o, 1, -0.6 * w, 0.6 * w, o->z0 + 0.10 * h, belt - 0.06 * h, CW_MAT_TRIM); // grille
    on_end(b, o, 1, -0.98 * w, 0.98 * w, o->z0, o->z0 + 0.05 * h, CW_MAT_TRIM);
    on_end(b, o, 1, -0.26, 0.26, o->z0 + 0.01, o->z0 + 0.12, CW_MAT_PLATE);
    front_lamps(m, o, o->z0 + 0.09 * h);
    for (int side = -1; side <= 1; side += 2) {
        on_side(b, o, side, o->x1 - 0.58 * length, o->x1 - 0.06 * length, belt, top - 0.03 * h, CW_MAT_GLASS);
        if (m->def.coarse)
            continue;
        on_side(b, o, side, o->x1 - 0.62 * length, o->x1 - 0.61 * length, o->z0 + 0.08 * h, top, CW_MAT_TRIM);
        on_side(b, o, side, o->x1 - 0.56 * length, o->x1 - 0.48 * length, belt - 0.08 * h, belt - 0.06 * h,
                CW_MAT_CHROME);
        cw_builder_material(b, CW_MAT_TRIM); // mirrors, within the width
        double y0 = side > 0 ? 0.9 * w : -w, y1 = side > 0 ? w : -0.9 * w;
        cw_add_box(b, vec(o->x1 + 0.02, y0, belt), vec(o->x1 + 0.1, y1, belt + 0.42));
    }
}

void model_truck(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, length = m->front - m->rear;
    double radius = cw_clamp(0.145 * h, 0.25, 0.52), front = m->front - 0.11;
    double cab_length = cw_clamp(0.22 * length, 1.2, 2.3), cab_height = cw_min(0.92 * h, 3.1);
    box cabin = {front - cab_length, front, 0.75 * radius, cab_height, half * 0.97, 0.12};
    cab(m, &cabin);
    arches(m, &cabin, m->front_axle, radius);
    box load = {m->rear + 0.02, cabin.x0 - 0.12, 2.1 * radius, h, half, 0.03};
    bool tractor = length < 7 && h > 3 && model_is_named(&m->def, "tractor");
    if (!tractor)
        body(b, &load, CW_MAT_CARGO_WHITE, CW_MAT_CARGO_WHITE);
    box frame = {m->rear + 0.1, cabin.x0 + 0.3, 0.9 * radius, 2.1 * radius, half * 0.42, 0.02};
    body(b, &frame, CW_MAT_UNDERBODY, CW_MAT_UNDERBODY);
    box bumper = {m->rear, m->rear + 0.1, 0.95 * radius, 0.95 * radius + 0.34, half * 0.97, 0.01};
    body(b, &bumper, CW_MAT_TRIM, CW_MAT_TRIM);
    box tail = bumper;
    tail.x0 += 0.007;
    rear_lamps(m, &tail, bumper.z0 + 0.03);
    if (!m->def.coarse && !tractor) {
        for (int side = -1; side <= 1; side += 2) { // side guards, and ribs of the body
            box guard = {m->rear_axle + 1.3 * radius + 0.6,
                         m->front_axle - 1.3 * radius - 0.5,
                         1.0 * radius,
                         1.5 * radius,
                         half,
                         0};
            if (guard.x1 > guard.x0 + 0.3)
                on_side(b, &(box){.half = half * 0.96}, side, guard.x0, guard.x1, guard.z0, guard.z1, CW_MAT_TRIM);
            on_side(b, &load, side, load.x0 + 0.3, load.x1 - 0.3, load.z0 + 0.35 * (h - load.z0),
                    load.z0 + 0.6 * (h - load.z0), m->def.variant % 3 == 0 ? CW_MAT_CARGO_WHITE : CW_MAT_PAINT);
        }
        on_end(b, &load, -1, -0.01, 0.01, load.z0 + 0.05, load.z1 - 0.08, CW_MAT_TRIM);
    }
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    axle(m, m->front_axle, radius, 0.3, true);
    bool twin = length > 8.5;
    axle(m, m->rear_axle + (twin ? 0.66 : 0), radius, 0.42, false);
    if (twin)
        axle(m, m->rear_axle - 0.66, radius, 0.42, false);
}

void model_trailer(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, length = m->front - m->rear;
    bool small = h < 1.9 || length < 5;
    double radius = small ? cw_clamp(0.18 * h, 0.15, 0.32) : 0.5;
    box load = {m->rear + 0.02, m->front - (small ? 0.12 * length : 0), 1.7 * radius, h, half, 0.03};
    body(b, &load, CW_MAT_CARGO_WHITE, CW_MAT_CARGO_WHITE);
    box frame = {m->rear + 0.05, m->front, 1.1 * radius, 1.7 * radius, half * 0.35, 0.02};
    body(b, &frame, CW_MAT_UNDERBODY, CW_MAT_UNDERBODY);
    box bumper = {m->rear, m->rear + 0.08, 1.0 * radius, 1.0 * radius + 0.32, half * 0.97, 0.01};
    body(b, &bumper, CW_MAT_TRIM, CW_MAT_TRIM);
    box tail = bumper;
    tail.x0 += 0.007;
    rear_lamps(m, &tail, bumper.z0 + 0.02);
    for (int side = -1; side <= 1; side += 2)
        on_side(b, &load, side, load.x0 + 0.2, load.x1 - 0.2, load.z0 + 0.3 * (h - load.z0),
                load.z0 + 0.62 * (h - load.z0), m->def.variant % 3 == 0 ? CW_MAT_CARGO_WHITE : CW_MAT_PAINT);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    double at = cw_clamp(m->rear_axle, m->rear + 0.2 * length, m->rear + 0.5 * length);
    int axles = small ? 1 : 3;
    for (int i = 0; i < axles; i++)
        axle(m, at + (i - 0.5 * (axles - 1)) * 2.3 * radius, radius, small ? 0.2 : 0.38, false);
}

// ---- buses and trains ------------------------------------------------------------------------------------------------

static void window_row(modeller *m, const box *o, int side, double x0, double x1, double z0, double z1, double pitch) {
    int n = (int)cw_clamp(floor((x1 - x0) / pitch), 1, m->def.coarse ? 1 : 60);
    double step = (x1 - x0) / n;
    for (int i = 0; i < n; i++)
        on_side(&m->b, o, side, x0 + i * step + 0.04, x0 + (i + 1) * step - 0.04, z0, z1, CW_MAT_GLASS);
}

void model_bus(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, length = m->front - m->rear;
    double radius = cw_clamp(0.155 * h, 0.25, 0.5);
    box o = {m->rear + 0.01, m->front - 0.01, 0.68 * radius, h, half * 0.995, 0.16};
    body(b, &o, CW_MAT_PAINT, CW_MAT_CARGO_WHITE);
    double low = 0.36 * h, high = 0.82 * h, w = o.half;
    on_end(b, &o, 1, -0.94 * w, 0.94 * w, 0.30 * h, 0.80 * h, CW_MAT_GLASS);
    on_end(b, &o, 1, -0.7 * w, 0.7 * w, 0.83 * h, 0.92 * h, CW_MAT_SIGN_BLACK);
    on_end(b, &o, 1, -0.45 * w, 0.45 * w, 0.845 * h, 0.905 * h, CW_MAT_SIGN_YELLOW);
    on_end(b, &o, -1, -0.8 * w, 0.8 * w, 0.5 * h, 0.8 * h, CW_MAT_GLASS);
    on_end(b, &o, 1, -0.95 * w, 0.95 * w, o.z0, o.z0 + 0.06 * h, CW_MAT_TRIM);
    on_end(b, &o, 1, -0.26, 0.26, o.z0 + 0.08 * h, o.z0 + 0.08 * h + 0.11, CW_MAT_PLATE);
    front_lamps(m, &o, 0.19 * h);
    rear_lamps(m, &o, 0.2 * h);
    for (int side = -1; side <= 1; side += 2) {
        arches(m, &o, m->front_axle, radius);
        arches(m, &o, m->rear_axle, radius);
        // Doors on the right, seen along the way: before the front axle and amidships.
        double first = m->front_axle + 1.25 * radius, middle = 0.5 * (m->front_axle + m->rear_axle);
        if (side > 0) {
            window_row(m, &o, side, m->rear + 0.5, m->front - 0.35, low, high, 1.4);
        } else {
            window_row(m, &o, side, m->rear + 0.5, middle - 0.75, low, high, 1.4);
            window_row(m, &o, side, middle + 0.75, first - 0.1, low, high, 1.4);
            for (int d = 0; d < 2; d++) {
                double x0 = d ? middle - 0.65 : first, x1 = d ? middle + 0.65 : cw_min(first + 1.2, m->front - 0.15);
                on_side(b, &o, side, x0, 0.5 * (x0 + x1) - 0.03, o.z0 + 0.04 * h, high, CW_MAT_GLASS);
                on_side(b, &o, side, 0.5 * (x0 + x1) + 0.03, x1, o.z0 + 0.04 * h, high, CW_MAT_GLASS);
            }
        }
        on_side(b, &(box){.half = half * 0.992}, side, m->rear + 0.1, m->front - 0.1, o.z0 + 0.001, o.z0 + 0.05 * h,
                CW_MAT_TRIM);
    }
    if (!m->def.coarse) {
        cw_builder_material(b, CW_MAT_TRIM);
        for (int side = -1; side <= 1; side += 2) // mirrors, within the length and width
            cw_add_box(b, vec(m->front - 0.01, side > 0 ? 0.93 * half : -half, 0.56 * h),
                       vec(m->front, side > 0 ? half : -0.93 * half, 0.56 * h + 0.35));
    }
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
    axle(m, m->front_axle, radius, 0.3, true);
    axle(m, m->rear_axle, radius, 0.42, false);
    if (length > 14)
        axle(m, m->rear_axle - 2.3 * radius, radius, 0.3, false);
}

void model_train(modeller *m) {
    cw_mesh_builder *b = &m->b;
    double h = (double)m->def.height, half = 0.5 * (double)m->def.width, w = half;
    box o = {m->rear + 0.007, m->front - 0.007, 0.09 * h, h, half * 0.995, 0.12 * h};
    body(b, &o, CW_MAT_PAINT, CW_MAT_CARGO_WHITE);
    for (int end = -1; end <= 1; end += 2) {
        on_end(b, &o, end, -0.85 * w, 0.85 * w, 0.45 * h, 0.82 * h, CW_MAT_GLASS);
        mirrored_end(b, &o, end, 0.6 * w, 0.85 * w, 0.25 * h, 0.31 * h, end > 0 ? CW_MAT_LAMP_HEAD : CW_MAT_LAMP_TAIL,
                     end > 0 ? CW_MAT_LAMP_HEAD : CW_MAT_LAMP_TAIL);
    }
    for (int side = -1; side <= 1; side += 2)
        window_row(m, &o, side, m->rear + 0.8, m->front - 0.8, 0.45 * h, 0.78 * h, 1.8);
    box below = {m->rear + 0.4, m->front - 0.4, 0.0, 0.1 * h, half * 0.8, 0.01};
    body(b, &below, CW_MAT_UNDERBODY, CW_MAT_UNDERBODY);
    model_part(m, CW_PART_BODY, 0, 0, 0, 0);
}
