#include "sense/model_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHEET_MOST = 1024 };

// ---- pieces ----------------------------------------------------------------------------------------------------------

void model_part(modeller *m, cw_part_kind kind, double x, double y, double z, double radius) {
    if (m->part_count == MODEL_PARTS || m->status != CW_OK) {
        cw_builder_free(&m->b);
    } else {
        cw_model_part *part = &m->parts[m->part_count++];
        *part =
            (cw_model_part){.kind = (uint8_t)kind, .pivot = {(float)x, (float)y, (float)z}, .radius = (float)radius};
        m->status = cw_builder_finish(&m->b, m->arena, &part->mesh, m->err);
    }
    cw_builder_begin(&m->b, 0);
    cw_builder_semantic(&m->b, m->semantic);
}

static cw_vec3 sub(cw_vec3 a, cw_vec3 b) {
    return (cw_vec3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static cw_vec3 cross(cw_vec3 a, cw_vec3 b) {
    return (cw_vec3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

void model_sheet(cw_mesh_builder *b, const cw_vec3 *points, uint32_t rows, uint32_t columns) {
    cw_vec3 normals[SHEET_MOST] = {{0, 0, 0}};
    if (rows * columns > SHEET_MOST)
        return;
    for (uint32_t i = 0; i + 1 < rows; i++) {
        for (uint32_t k = 0; k + 1 < columns; k++) { // each quad gives its area vector to its corners
            uint32_t at[4] = {i * columns + k, (i + 1) * columns + k, (i + 1) * columns + k + 1, i * columns + k + 1};
            cw_vec3 n = cross(sub(points[at[2]], points[at[0]]), sub(points[at[3]], points[at[1]]));
            for (int c = 0; c < 4; c++)
                normals[at[c]] = vec(normals[at[c]].x + n.x, normals[at[c]].y + n.y, normals[at[c]].z + n.z);
        }
    }
    uint32_t base = 0;
    for (uint32_t i = 0; i < rows * columns; i++) {
        uint32_t v = cw_add_vertex(b, points[i], normals[i]);
        base = i == 0 ? v : base;
    }
    for (uint32_t i = 0; i + 1 < rows; i++) {
        for (uint32_t k = 0; k + 1 < columns; k++) {
            uint32_t at = base + i * columns + k;
            cw_add_triangle(b, at, at + columns, at + columns + 1);
            cw_add_triangle(b, at, at + columns + 1, at + 1);
        }
    }
}

void model_patch(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r, cw_vec3 s, double out) {
    cw_vec3 n = cross(sub(r, p), sub(s, q));
    double length = sqrt(n.x * n.x + n.y * n.y + n.z * n.z);
    if (!(length > 0))
        return;
    cw_vec3 d = vec(n.x / length * out, n.y / length * out, n.z / length * out);
    cw_vec3 c[4] = {p, q, r, s};
    for (int i = 0; i < 4; i++)
        c[i] = vec(c[i].x + d.x, c[i].y + d.y, c[i].z + d.z);
    cw_add_quad(b, c[0], c[1], c[2], c[3]);
}

static cw_vec3 on_wheel(double radius, double turn, double y) {
    double s, c;
    cw_sincos(turn, &s, &c);
    return vec(radius * c, y, radius * s);
}

// A flat ring or disc of the wheel's face, between two radii over a range of angles.
static void face(cw_mesh_builder *b, double r0, double r1, double from, double to, double y, int side) {
    cw_vec3 p = on_wheel(r0, from, y), q = on_wheel(r1, from, y), r = on_wheel(r1, to, y), s = on_wheel(r0, to, y);
    if (side > 0)
        cw_add_quad(b, s, r, q, p);
    else
        cw_add_quad(b, p, q, r, s);
}

// Few triangles: a tyre of six corners and a hub of two blades before it.
static void coarse_wheel(cw_mesh_builder *b, double radius, double half, int side) {
    double out = side * half;
    cw_builder_material(b, CW_MAT_RUBBER);
    cw_add_tube(b, vec(0, -half, 0), vec(0, half, 0), radius, radius, 6, false);
    cw_vec3 p[6];
    for (int i = 0; i < 6; i++)
        p[i] = on_wheel(radius, CW_PI * i / 3, out);
    for (int i = 1; i + 1 < 6; i++) {
        if (side > 0)
            cw_add_flat_triangle(b, p[0], p[i + 1], p[i]);
        else
            cw_add_flat_triangle(b, p[0], p[i], p[i + 1]);
    }
    cw_builder_material(b, CW_MAT_WHEEL_RIM);
    for (int i = 0; i < 2; i++)
        face(b, 0, 0.62 * radius, CW_PI * (i - 0.25), CW_PI * (i + 0.25), out + side * 0.004, side);
}

void model_wheel(modeller *m, double radius, double width, int side) {
    cw_mesh_builder *b = &m->b;
    if (m->def.coarse) {
        coarse_wheel(b, radius, 0.5 * width, side);
        return;
    }
    int sides = 20;
    double half = 0.5 * width, rim = 0.64 * radius, out = side * half;
    cw_builder_material(b, CW_MAT_RUBBER);
    cw_add_tube(b, vec(0, -half, 0), vec(0, half, 0), radius, radius, sides, false);
    for (int i = 0; i < sides; i++) {
        double a = 2 * CW_PI * i / sides, e = 2 * CW_PI * (i + 1) / sides;
        cw_builder_material(b, CW_MAT_RUBBER);
        face(b, rim, radius, a, e, out, side);
        // Spokes stand before a dark dish, so that one sees the wheel turn.
        cw_builder_material(b, CW_MAT_TRIM);
        face(b, 0.12 * rim, rim, a, e, out - side * 0.03, side);
        cw_vec3 p = on_wheel(rim, a, out), q = on_wheel(rim, e, out), r = q, t = p;
        r.y = t.y = out - side * 0.03;
        if (side > 0)
            cw_add_quad(b, p, t, r, q);
        else
            cw_add_quad(b, q, r, t, p);
        cw_builder_material(b, CW_MAT_WHEEL_RIM);
        face(b, 0.9 * rim, rim, a, e, out, side);
        if (i % 4 < 2)
            face(b, 0, 0.92 * rim, a, e, out - side * 0.008, side);
        face(b, 0, 0.22 * rim, a, e, out - side * 0.004, side);
    }
    cw_builder_material(b, CW_MAT_TRIM);
    for (int i = 0; i < sides; i++) // the inner side
        face(b, 0, radius, 2 * CW_PI * i / sides, 2 * CW_PI * (i + 1) / sides, -out, -side);
}

// ---- what an actor is ------------------------------------------------------------------------------------------------

cw_model_def cw_model_of_actor(const cw_actor *actor, uint32_t variant, bool coarse) {
    return (cw_model_def){.kind = actor->kind,
                          .length = actor->length,
                          .width = actor->width,
                          .height = actor->height,
                          .center_x = actor->center_x,
                          .wheelbase = actor->wheelbase,
                          .model = actor->model,
                          .variant = variant,
                          .coarse = coarse};
}

static float or_usual(float value, float usual) {
    return value > 0 && value < 1000 ? value : usual > 0 ? usual : 1.0F;
}

// Axles within the box, whatever the reference point is.
static void place_axles(modeller *m) {
    double length = (double)m->def.length, base = (double)m->def.wheelbase;
    if (!isfinite(m->def.center_x))
        m->def.center_x = 0;
    m->rear = (double)m->def.center_x - 0.5 * length;
    m->front = m->rear + length;
    if (!(base > 0.3 * length && base < 0.85 * length))
        base = 0.6 * length;
    m->rear_axle = 0;
    if (m->rear_axle < m->rear + 0.1 * length || m->rear_axle + base > m->front - 0.08 * length)
        m->rear_axle = (double)m->def.center_x - 0.52 * base;
    m->front_axle = m->rear_axle + base;
}

static uint8_t class_of(uint8_t kind) {
    static const uint8_t classes[CW_ACTOR_KINDS] = {
        [CW_ACTOR_CAR] = CW_CLASS_CAR,         [CW_ACTOR_VAN] = CW_CLASS_VAN,
        [CW_ACTOR_TRUCK] = CW_CLASS_TRUCK,     [CW_ACTOR_BUS] = CW_CLASS_BUS,
        [CW_ACTOR_TRAILER] = CW_CLASS_TRAILER, [CW_ACTOR_MOTORCYCLE] = CW_CLASS_MOTORCYCLE,
        [CW_ACTOR_BICYCLE] = CW_CLASS_BICYCLE, [CW_ACTOR_PEDESTRIAN] = CW_CLASS_PEDESTRIAN,
        [CW_ACTOR_ANIMAL] = CW_CLASS_ANIMAL,   [CW_ACTOR_OBSTACLE] = CW_CLASS_OBJECT,
        [CW_ACTOR_TRAIN] = CW_CLASS_TRAIN,     [CW_ACTOR_OTHER] = CW_CLASS_OBJECT,
    };
    return kind < CW_ACTOR_KINDS ? classes[kind] : (uint8_t)CW_CLASS_OBJECT;
}

static void bound(cw_model *model, bool with_gait) {
    for (int k = 0; k < 3; k++) {
        model->low[k] = INFINITY;
        model->high[k] = -INFINITY;
    }
    for (uint32_t i = 0; i < model->part_count; i++) {
        const cw_model_part *part = &model->parts[i];
        for (uint32_t v = 0; v < part->mesh.vertex_count && (with_gait || part->kind != CW_PART_GAIT); v++) {
            for (int k = 0; k < 3; k++) {
                float x = part->mesh.position[v][k] + part->pivot[k];
                model->low[k] = x < model->low[k] ? x : model->low[k];
                model->high[k] = x > model->high[k] ? x : model->high[k];
            }
        }
    }
}

// Shapes are drawn by eye: what they miss of the actor's box by a few percent is made good by stretching. A person is
// fitted in height alone, within reason in width: the box of one who stands is as long as he steps.
static void fit(const modeller *m, cw_model *model, cw_model_part *parts) {
    bool person = model->kind == CW_ACTOR_PEDESTRIAN && model->gait_count > 0;
    double size[3] = {m->front - m->rear, (double)m->def.width, (double)m->def.height}, by[3], from[3], to[3];
    for (int k = 0; k < 3; k++) {
        double extent = (double)model->high[k] - (double)model->low[k], most = person && k < 2 ? 1.15 : 1.6;
        by[k] = extent > 0 ? cw_clamp(size[k] / extent, 1 / most, most) : 1;
        from[k] = k == 2 ? (double)model->low[2] : 0.5 * ((double)model->low[k] + (double)model->high[k]);
        to[k] = k == 0 ? 0.5 * (m->rear + m->front) : 0;
    }
    for (uint32_t i = 0; i < model->part_count; i++) {
        cw_model_part *part = &parts[i];
        bool wheel = part->kind == CW_PART_WHEEL || part->kind == CW_PART_WHEEL_STEERED;
        double scale[3] = {wheel ? by[2] : by[0], by[1], by[2]};
        float(*position)[3] = (float(*)[3])part->mesh.position,
        (*normal)[3] = (float(*)[3])part->mesh.normal; // ours still
        for (uint32_t v = 0; v < part->mesh.vertex_count; v++) {
            double n[3], length = 0;
            for (int k = 0; k < 3; k++) {
                position[v][k] = (float)((double)position[v][k] * scale[k]);
                n[k] = (double)normal[v][k] / scale[k];
                length += n[k] * n[k];
            }
            for (int k = 0; k < 3; k++)
                normal[v][k] = (float)(n[k] / sqrt(length));
        }
        for (int k = 0; k < 3; k++)
            part->pivot[k] = (float)(to[k] + ((double)part->pivot[k] - from[k]) * by[k]);
        part->radius *= (float)by[2];
    }
}

cw_status cw_model_build(const cw_model_def *def, cw_arena *arena, cw_model *out, cw_error *err) {
    *out = (cw_model){0};
    modeller m = {.def = *def, .arena = arena, .err = err, .semantic = class_of(def->kind)};
    cw_actor usual = cw_scene_usual_actor(def->kind < CW_ACTOR_KINDS ? (cw_actor_kind)def->kind : CW_ACTOR_OTHER);
    m.def.length = or_usual(def->length, usual.length);
    m.def.width = or_usual(def->width, usual.width);
    m.def.height = or_usual(def->height, usual.height);
    m.def.model = def->model ? def->model : "";
    place_axles(&m);
    cw_builder_begin(&m.b, 0);
    cw_builder_semantic(&m.b, m.semantic);
    static void (*const make[CW_ACTOR_KINDS])(modeller *) = {
        [CW_ACTOR_CAR] = model_car,         [CW_ACTOR_VAN] = model_car,
        [CW_ACTOR_TRUCK] = model_truck,     [CW_ACTOR_BUS] = model_bus,
        [CW_ACTOR_TRAILER] = model_trailer, [CW_ACTOR_MOTORCYCLE] = model_motorcycle,
        [CW_ACTOR_BICYCLE] = model_bicycle, [CW_ACTOR_PEDESTRIAN] = model_pedestrian,
        [CW_ACTOR_ANIMAL] = model_animal,   [CW_ACTOR_OBSTACLE] = model_obstacle,
        [CW_ACTOR_TRAIN] = model_train,     [CW_ACTOR_OTHER] = model_obstacle,
    };
    make[def->kind < CW_ACTOR_KINDS ? def->kind : CW_ACTOR_OTHER](&m);
    cw_builder_free(&m.b);
    if (m.status != CW_OK)
        return m.status;
    cw_model_part *parts = cw_arena_array(arena, m.part_count, sizeof *parts);
    if (!parts)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for a body");
    memcpy(parts, m.parts, m.part_count * sizeof *parts);
    *out = (cw_model){.kind = def->kind,
                      .semantic = m.semantic,
                      .part_count = m.part_count,
                      .parts = parts,
                      .gait_count = m.gait_count,
                      .stride = m.stride};
    bound(out, false);
    fit(&m, out, parts);
    bound(out, true);
    return CW_OK;
}

uint32_t cw_model_pose(const cw_model *model, double traveled) {
    if (model->gait_count == 0 || !(model->stride > 0) || !isfinite(traveled))
        return 0;
    double cycles = traveled / (double)model->stride, phase = cycles - floor(cycles);
    uint32_t pose = (uint32_t)(phase * model->gait_count);
    return pose < model->gait_count ? pose : model->gait_count - 1;
}
