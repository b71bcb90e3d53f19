// The map's own objects: poles, barriers, obstacles, islands, gantries, tunnels; houses and trees stand in files of their
// own.
#include "sense/scenery_parts.h"

#include "sense/model.h"

#include <math.h>
#include <stdlib.h>

enum { RING_MOST = 4096, PARKED = 0x7061726b };

uint32_t scenery_ring(const scenery *of, const cw_object *object, cw_vec2 *ring, uint32_t most) {
    uint32_t n = object->outline.count;
    if (n < 3 || n > most)
        return 0;
    double area = 0;
    for (uint32_t i = 0; i < n; i++) {
        cw_vec2 p = of->map->points[object->outline.first + i];
        ring[i] = (cw_vec2){p.x - of->origin[0], p.y - of->origin[1]};
    }
    for (uint32_t i = 0; i < n; i++)
        area += ring[i].x * ring[(i + 1) % n].y - ring[(i + 1) % n].x * ring[i].y;
    for (uint32_t i = 0; i < n / 2 && area < 0; i++) {
        cw_vec2 swap = ring[i];
        ring[i] = ring[n - 1 - i];
        ring[n - 1 - i] = swap;
    }
    return n;
}

// The lowest ground under the corners.
double scenery_base(const scenery *of, const cw_vec2 *ring, uint32_t count, double near_z) {
    double low = near_z;
    for (uint32_t i = 0; i < count; i++) {
        double z;
        if (!scenery_ground_at(of, ring[i].x, ring[i].y, near_z, 3, &z, NULL))
            z = of->land ? cw_max(scenery_land_at(of, ring[i].x, ring[i].y), near_z - 4) : near_z;
        low = cw_min(low, z);
    }
    return low;
}

static void add_model(scenery *of, const cw_model *model, double x, double y, double z, double heading,
                      cw_material_kind paint) {
    cw_mesh_builder *b = &of->mesh;
    for (uint32_t p = 0; p < model->part_count; p++) {
        const cw_model_part *part = &model->parts[p];
        const cw_mesh *mesh = &part->mesh;
        if (part->kind == CW_PART_GAIT)
            continue;
        cw_builder_frame(b, x, y, z, heading);
        uint32_t base = (uint32_t)b->vertex_count;
        for (uint32_t v = 0; v < mesh->vertex_count; v++)
            cw_add_vertex(
                b,
                (cw_vec3){(double)(mesh->position[v][0] + part->pivot[0]),
                          (double)(mesh->position[v][1] + part->pivot[1]),
                          (double)(mesh->position[v][2] + part->pivot[2])},
                (cw_vec3){(double)mesh->normal[v][0], (double)mesh->normal[v][1], (double)mesh->normal[v][2]});
        for (uint32_t t = 0; t < mesh->triangle_count && !b->full && !b->out_of_memory; t++) {
            cw_builder_material(b, mesh->material[t] == CW_MAT_PAINT ? paint : mesh->material[t]);
            cw_builder_semantic(b, mesh->semantic[t]);
            cw_add_triangle(b, base + mesh->index[t][0], base + mesh->index[t][1], base + mesh->index[t][2]);
        }
    }
    cw_builder_home(b);
}

// A box of the size of a car is a parked one.
static bool parked(scenery *of, uint32_t index, const cw_object *o, const cw_vec2 *ring, uint32_t n, double base) {
    if (n != 4 || o->height < 1.2F || o->height > 4)
        return false;
    double a = cw_hypot(ring[1].x - ring[0].x, ring[1].y - ring[0].y),
           b = cw_hypot(ring[2].x - ring[1].x, ring[2].y - ring[1].y);
    double length = cw_max(a, b), width = cw_min(a, b);
    if (length < 3.2 || length > 12.5 || width < 1.4 || width > 2.7)
        return false;
    cw_vec2 from = a > b ? ring[0] : ring[1], to = a > b ? ring[1] : ring[2];
    double heading = cw_atan2(to.y - from.y, to.x - from.x);
    cw_road_point road;
    cw_road_at(of->map, o->road, o->s, o->t, &road);
    // On the right of the road it looks along it, on the left against it; either way by the box's own axis.
    double along = o->t < 0 ? road.heading : road.heading + CW_PI;
    if (cw_cos(heading - along) < 0)
        heading += CW_PI;
    cw_model_def def = {.kind = (uint8_t)(length > 7      ? CW_ACTOR_TRUCK
                                          : o->height > 2 ? CW_ACTOR_VAN
                                                          : CW_ACTOR_CAR),
                        .length = (float)length,
                        .width = (float)width,
                        .height = o->height,
                        .wheelbase = (float)(0.6 * length),
                        .model = "",
                        .variant = index,
                        .coarse = of->def->coarse};
    cw_arena *arena = cw_arena_new(0, 0);
    cw_model model;
    if (!arena || cw_model_build(&def, arena, &model, NULL) != CW_OK) {
        cw_arena_free(arena);
        of->out_of_memory = true;
        return true;
    }
    of->objects[of->object_count - 1].semantic = model.semantic;
    double draw = cw_rng_uniform((cw_rng_key){.seed = of->def->seed, .agent = index, .purpose = PARKED}, 0);
    add_model(of, &model, 0.25 * (ring[0].x + ring[1].x + ring[2].x + ring[3].x),
              0.25 * (ring[0].y + ring[1].y + ring[2].y + ring[3].y), base, heading,
              (cw_material_kind)(CW_MAT_PAINT_WHITE + (int)(draw * 5)));
    cw_arena_free(arena);
    return true;
}

// A guard rail along an outline that is long and thin: a beam on posts.
static void rail(scenery *of, const cw_object *o, const cw_vec2 *ring, uint32_t n, double near_z) {
    cw_mesh_builder *b = &of->mesh;
    uint32_t half = n / 2;
    double top = o->z + (double)o->height, height = top > 0.3 && top < 3 ? top : 0.8;
    cw_builder_material(b, CW_MAT_GALVANISED);
    for (uint32_t i = 0; i + 1 < half; i++) {
        cw_vec2 p = {0.5 * (ring[i].x + ring[n - 1 - i].x), 0.5 * (ring[i].y + ring[n - 1 - i].y)},
                q = {0.5 * (ring[i + 1].x + ring[n - 2 - i].x), 0.5 * (ring[i + 1].y + ring[n - 2 - i].y)};
        scenery_beam(of, (cw_vec3){p.x, p.y, scenery_base(of, &p, 1, near_z)},
                     (cw_vec3){q.x, q.y, scenery_base(of, &q, 1, near_z)}, height, i == 0);
    }
}

void scenery_beam(scenery *of, cw_vec3 p, cw_vec3 q, double height, bool first) {
    cw_mesh_builder *b = &of->mesh;
    double dx = q.x - p.x, dy = q.y - p.y, length = cw_hypot(dx, dy);
    if (!(length > 0.05))
        return;
    double nx = -dy / length * 0.045, ny = dx / length * 0.045;
    // A W in section: two bulges a side, drawn as a flat beam with a groove.
    double z[4] = {height - 0.31, height - 0.2, height - 0.11, height}, out[4] = {0.5, 1, 1, 0.5};
    cw_builder_material(b, CW_MAT_GALVANISED);
    int rows = of->def->coarse ? 1 : 3;
    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < rows; i++) {
            double o0 = side * (rows == 1 ? 1 : out[i] * (i == 1 ? 0.55 : 1)),
                   o1 = side * (rows == 1 ? 1 : out[i + 1] * (i == 1 ? 0.55 : 1));
            double z0 = z[i], z1 = rows == 1 ? z[3] : z[i + 1];
            cw_vec3 a = {p.x + nx * o0, p.y + ny * o0, p.z + z0}, c = {q.x + nx * o0, q.y + ny * o0, q.z + z0},
                    d = {q.x + nx * o1, q.y + ny * o1, q.z + z1}, e = {p.x + nx * o1, p.y + ny * o1, p.z + z1};
            if (side > 0)
                cw_add_quad(b, c, a, e, d);
            else
                cw_add_quad(b, a, c, d, e);
        }
    }
    cw_add_quad(b, (cw_vec3){p.x - nx, p.y - ny, p.z + height}, (cw_vec3){q.x - nx, q.y - ny, q.z + height},
                (cw_vec3){q.x + nx, q.y + ny, q.z + height}, (cw_vec3){p.x + nx, p.y + ny, p.z + height});
    int posts = (int)cw_clamp(ceil(length / (of->def->coarse ? 12 : 4)), 1, 50);
    for (int i = first ? 0 : 1; i <= posts; i++) {
        double f = (double)i / posts, x = cw_lerp(p.x, q.x, f), y = cw_lerp(p.y, q.y, f), base = cw_lerp(p.z, q.z, f);
        cw_add_tube(b, (cw_vec3){x, y, base - 0.4}, (cw_vec3){x, y, base + height - 0.05}, 0.04, 0.04, 4, true);
    }
}

// Striped planes at a barrier's edges show that it bars the way.
static void block(scenery *of, const cw_vec2 *ring, uint32_t n, double base, double height, cw_material_kind side,
                  cw_material_kind top) {
    cw_builder_material(&of->mesh, side);
    cw_add_prism(&of->mesh, ring, n, base - 0.2, base + height, false);
    cw_builder_material(&of->mesh, top);
    of->mesh.place[2] = base + height;
    cw_add_polygon(&of->mesh, ring, NULL, n);
    cw_builder_home(&of->mesh);
}

static void pole(scenery *of, double x, double y, double base, double height, double radius) {
    cw_builder_material(&of->mesh, CW_MAT_GALVANISED);
    cw_add_tube(&of->mesh, (cw_vec3){x, y, base - 0.3}, (cw_vec3){x, y, base + height}, radius, 0.8 * radius,
                of->def->coarse ? 4 : 8, true);
}

// Walls beside the road and a roof over it, from end to end.
static void tunnel(scenery *of, const cw_object *o) {
    const cw_map *map = of->map;
    double s0 = o->s, s1 = o->shape.s_end > s0 ? o->shape.s_end : s0 + o->shape.length;
    s1 = cw_min(s1, map->roads[o->road].length);
    if (!(s1 > s0 + 1))
        return;
    int parts = (int)cw_clamp(ceil((s1 - s0) / 8), 1, 500);
    cw_vec3 before[2][4] = {{{0, 0, 0}}};
    for (int i = 0; i <= parts; i++) {
        double s = cw_lerp(s0, s1, (double)i / parts), low = 0, high = 0;
        for (uint32_t k = 0; k < map->roads[o->road].sections.count; k++) {
            const cw_section *sec = &map->sections[map->roads[o->road].sections.first + k];
            if (s < sec->s0 || s > sec->s1)
                continue;
            for (uint32_t l = 0; l < sec->lanes.count; l++) {
                double a, b;
                cw_lane_borders(map, sec->lanes.first + l, s, &a, &b);
                low = cw_min(low, a);
                high = cw_max(high, b);
            }
        }
        double at[2][2] = {{low - 0.15, high + 0.15}, {low - 0.65, high + 0.65}}; // inside and outside of the walls
        cw_vec3 now[2][4];
        for (int shell = 0; shell < 2; shell++) {
            for (int k = 0; k < 4; k++) {
                now[shell][k] = scenery_place(of, o->road, s, at[shell][k / 2]);
                now[shell][k].z += k == 1 || k == 2 ? 5.6 + 0.6 * shell : -0.3;
            }
        }
        cw_builder_material(&of->mesh, CW_MAT_CONCRETE);
        for (int k = 0; k < 3 && i > 0; k++) {
            cw_add_quad(&of->mesh, now[0][k], before[0][k], before[0][k + 1], now[0][k + 1]);
            cw_add_quad(&of->mesh, before[1][k], now[1][k], now[1][k + 1], before[1][k + 1]);
        }
        for (int k = 0; k < 3 && (i == 0 || i == parts); k++) { // the portals' faces
            if (i == 0)
                cw_add_quad(&of->mesh, now[0][k], now[0][k + 1], now[1][k + 1], now[1][k]);
            else
                cw_add_quad(&of->mesh, now[1][k], now[1][k + 1], now[0][k + 1], now[0][k]);
        }
        for (int k = 0; k < 4; k++) {
            before[0][k] = now[0][k];
            before[1][k] = now[1][k];
        }
    }
}

static void add_object(scenery *of, uint32_t index) {
    const cw_object *o = &of->map->objects[index];
    if (of->map->roads[o->road].geometry.count == 0)
        return;
    cw_vec2 ring[RING_MOST];
    uint32_t n = scenery_ring(of, o, ring, RING_MOST);
    cw_vec3 at = scenery_place(of, o->road, o->s, o->t);
    cw_vec2 place = {at.x, at.y};
    double base = scenery_base(of, n ? ring : &place, n ? n : 1, at.z) + cw_max(o->z, 0);
    double height = o->height > 0.05F && o->height < 200 ? (double)o->height : 0;
    switch (o->kind) {
    case CW_OBJECT_POLE:
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_POLE, index);
        pole(of, at.x, at.y, base, height > 0 ? height : 4,
             cw_clamp(o->shape.radius > 0 ? o->shape.radius : 0.07, 0.03, 0.5));
        return;
    case CW_OBJECT_BARRIER:
        if (n == 0)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_BARRIER, index);
        if (o->shape.strip && (height == 0 || height < 1.2) && n >= 4)
            rail(of, o, ring, n, at.z);
        else
            block(of, ring, n, base, height > 0 ? height : 0.9, CW_MAT_CONCRETE, CW_MAT_CONCRETE);
        return;
    case CW_OBJECT_OBSTACLE:
        if (n == 0)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_OBJECT, index);
        if (!parked(of, index, o, ring, n, base))
            block(of, ring, n, base, height > 0 ? height : 1, CW_MAT_CONCRETE, CW_MAT_STRIPE_RED);
        return;
    case CW_OBJECT_ISLAND:
        if (n == 0)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_SIDEWALK, index);
        block(of, ring, n, base, height > 0 ? cw_min(height, 0.3) : 0.14, CW_MAT_KERB, CW_MAT_PAVING);
        return;
    case CW_OBJECT_VEGETATION:
        if (n == 0)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_VEGETATION, index);
        block(of, ring, n, base, height > 0 ? height : 1.2, CW_MAT_HEDGE, CW_MAT_HEDGE);
        return;
    case CW_OBJECT_GANTRY:
        if (n == 0)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_POLE, index);
        for (uint32_t i = 0; i < n; i++)
            pole(of, ring[i].x, ring[i].y, base, 5.6, 0.14);
        cw_builder_material(&of->mesh, CW_MAT_GALVANISED);
        cw_add_prism(&of->mesh, ring, n, base + 5.5, base + 6.4, true);
        return;
    case CW_OBJECT_TUNNEL:
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_BRIDGE, index);
        tunnel(of, o);
        return;
    case CW_OBJECT_OTHER:
        if (n == 0 || height < 0.1)
            return;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_OBJECT, index);
        block(of, ring, n, base, height, CW_MAT_CONCRETE, CW_MAT_CONCRETE);
        return;
    default: // painted ones, houses and trees have files of their own; bridges come with their road
        return;
    }
}

void scenery_things(scenery *of) {
    for (uint32_t i = 0; i < of->map->object_count && !of->out_of_memory && !of->mesh.full && !of->mesh.out_of_memory;
         i++)
        add_object(of, i);
    scenery_on_ground(of);
}
