// Trees: the map's own, along streets where it has none, and woods on the land around.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>

enum {
    TREES = 0x74726565,
    WOODS = 0x776f6f64,
    TREES_MOST = 6000,
    PLACES_MOST = 36000,
    CROWN_RINGS = 7,
    CROWN_SIDES = 11,
    BUCKETS = 4096
};
static const double SPACING = 9; // m between the places where a wood may have a tree
static const double CLEAR = 7;   // m from any road
static const double EVERY = 17;  // m between street trees

static double draw(const scenery *of, uint32_t tree, uint32_t number) {
    return cw_rng_uniform((cw_rng_key){.seed = of->def->seed, .agent = tree, .purpose = TREES}, number);
}

// A crown of leaves: an ellipsoid whose corners are pushed in and out.
static void crown(scenery *of, uint32_t tree, cw_vec3 c, double r, double tall, int rings, int sides, uint32_t key) {
    cw_mesh_builder *b = &of->mesh;
    uint32_t base = (uint32_t)b->vertex_count;
    for (int i = 0; i <= rings; i++) {
        double up, out;
        cw_sincos(CW_PI * (-0.5 + (double)i / rings), &up, &out);
        for (int k = 0; k < sides; k++) {
            double s, co, push = 0.86 + 0.26 * draw(of, tree, key + (uint32_t)(i * sides + k));
            if (i == 0 || i == rings) {
                out = 0;
                push = 1;
            }
            cw_sincos(2 * CW_PI * (k + 0.5 * (i & 1)) / sides, &s, &co);
            cw_add_vertex(b, (cw_vec3){c.x + r * push * out * co, c.y + r * push * out * s, c.z + tall * push * up},
                          (cw_vec3){out * co, out * s, up + 0.15});
        }
    }
    for (uint32_t i = 0; i < (uint32_t)rings; i++) {
        for (uint32_t k = 0; k < (uint32_t)sides; k++) {
            uint32_t n = (uint32_t)sides, a = base + i * n + k, d = base + i * n + (k + 1) % n, up = a + n,
                     over = d + n;
            if (i & 1) {
                cw_add_triangle(b, a, d, over);
                cw_add_triangle(b, a, over, up);
            } else {
                cw_add_triangle(b, a, d, up);
                cw_add_triangle(b, d, over, up);
            }
        }
    }
}

static void conifer(scenery *of, cw_vec3 foot, double height, int sides, int tiers) {
    cw_builder_material(&of->mesh, CW_MAT_LEAVES_DARK);
    for (int i = 0; i < tiers; i++) {
        double z0 = foot.z + height * (tiers == 1 ? 0 : 0.15 + 0.85 * i / tiers),
               z1 = foot.z + height * (0.15 + 0.85 * cw_min((i + 1.45) / tiers, 1));
        double r0 = 0.2 * height * (1 - 0.85 * i / tiers);
        cw_add_tube(&of->mesh, (cw_vec3){foot.x, foot.y, z0}, (cw_vec3){foot.x, foot.y, z1}, r0, 0.02, sides, true);
    }
}

// detail 0: coarse, 1: far, 2: near.
static void tree(scenery *of, uint32_t number, cw_vec3 foot, double height, double trunk, int detail) {
    cw_mesh_builder *b = &of->mesh;
    bool needles = draw(of, number, 0) < 0.28 && height > 6;
    cw_builder_material(b, CW_MAT_BARK);
    double r = trunk > 0.05 ? trunk : 0.025 * height;
    if (detail > 0)
        cw_add_tube(b, (cw_vec3){foot.x, foot.y, foot.z - 0.3},
                    (cw_vec3){foot.x, foot.y, foot.z + (needles ? 0.3 : 0.5) * height}, r, 0.6 * r, detail == 2 ? 6 : 3,
                    false);
    if (needles) {
        conifer(of, foot, height, detail == 2 ? 8 : detail == 1 ? 5 : 4, detail == 2 ? 4 : detail == 1 ? 2 : 1);
        return;
    }
    cw_builder_material(b, CW_MAT_LEAVES);
    double wide = height * (0.27 + 0.1 * draw(of, number, 1)), tall = 0.36 * height;
    cw_vec3 middle = {foot.x, foot.y, foot.z + 0.64 * height};
    if (detail == 0) { // down to the ground, for want of a trunk
        middle.z = foot.z + 0.5 * height;
        crown(of, number, middle, wide, 0.5 * height, 2, 4, 10);
        return;
    }
    if (detail == 1) {
        crown(of, number, middle, wide, tall, 4, 6, 10);
        return;
    }
    crown(of, number, middle, wide, 0.86 * tall, CROWN_RINGS, CROWN_SIDES, 10);
    for (uint32_t i = 0; i < 3; i++) { // boughs to the sides
        double s, c, a = 2 * CW_PI * (i / 3.0 + 0.2 * draw(of, number, 2 + i));
        cw_sincos(a, &s, &c);
        cw_vec3 at = {middle.x + 0.5 * wide * c, middle.y + 0.5 * wide * s,
                      middle.z + tall * (i == 2 ? 0.45 : -0.3 + 0.5 * draw(of, number, 5 + i))};
        crown(of, number, at, 0.6 * wide, 0.5 * tall, 5, 8, 200 + 60 * i);
    }
}

// ---- the map's own ---------------------------------------------------------------------------------------------------

static bool own_trees(scenery *of) {
    bool any = false;
    for (uint32_t i = 0; i < of->map->object_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_object *o = &of->map->objects[i];
        if ((o->kind != CW_OBJECT_TREE && !(o->kind == CW_OBJECT_VEGETATION && o->outline.count == 0)) ||
            of->map->roads[o->road].geometry.count == 0)
            continue;
        any = true;
        cw_vec3 at = scenery_place(of, o->road, o->s, o->t);
        cw_vec2 place = {at.x, at.y};
        at.z = scenery_base(of, &place, 1, at.z);
        double height = o->height > 0.5F && o->height < 80 ? (double)o->height : 7;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_VEGETATION, i);
        tree(of, i, at, height, cw_min(o->shape.radius, 0.6), of->def->coarse ? 0 : 2);
    }
    return any;
}

// ---- from the seed ---------------------------------------------------------------------------------------------------

typedef struct grove { // houses by squares of 32 m, so that no tree stands in one
    uint32_t first[BUCKETS], *next;
    uint32_t count;
} grove;

static uint32_t bucket(double x, double y) {
    int64_t cx = (int64_t)floor(x / 32), cy = (int64_t)floor(y / 32);
    return (uint32_t)((uint64_t)(cx * 73856093 ^ cy * 19349663) % BUCKETS);
}

static bool in_house(const scenery *of, const grove *g, double x, double y, double room) {
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            for (uint32_t i = g->first[bucket(x + 32 * dx, y + 32 * dy)]; i != CW_NONE; i = g->next[i])
                if (cw_hypot(of->blocks[i].x - x, of->blocks[i].y - y) < of->blocks[i].radius + room)
                    return true;
    return false;
}

static void plant(scenery *of, uint32_t number, double x, double y, double height, int detail) {
    scenery_object(of, CW_THING_TREE, CW_CLASS_VEGETATION, CW_NONE);
    tree(of, number, (cw_vec3){x, y, scenery_land_at(of, x, y)}, height, 0, detail);
}

static void street_trees(scenery *of, const grove *g, uint32_t *planted) {
    const cw_map *map = of->map;
    for (uint32_t i = 0; i < map->section_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_section *sec = &map->sections[i];
        if (map->roads[sec->road].junction != CW_NONE || map->roads[sec->road].geometry.count == 0)
            continue;
        for (int side = -1; side <= 1; side += 2) {
            uint32_t number = 0;
            for (double s = sec->s0 + 8; s < sec->s1 - 8 && *planted < TREES_MOST; s += EVERY, number++) {
                uint32_t key = 0x40000000u + i * 2048 + number * 2 + (side > 0);
                if (draw(of, key, 0) > 0.55)
                    continue;
                double edge = 0;
                for (uint32_t k = 0; k < sec->lanes.count; k++) {
                    double a, b;
                    cw_lane_borders(map, sec->lanes.first + k, s, &a, &b);
                    edge = side > 0 ? cw_max(edge, b) : cw_min(edge, a);
                }
                cw_vec3 at =
                    scenery_place(of, sec->road, s + 5 * draw(of, key, 3), edge + side * (3 + 4 * draw(of, key, 2)));
                if (!scenery_ground_free(of, at.x, at.y, 2) || in_house(of, g, at.x, at.y, 1.5))
                    continue;
                plant(of, key, at.x, at.y, 4.5 + 5 * draw(of, key, 4), of->def->coarse ? 0 : 2);
                ++*planted;
            }
        }
    }
}

static double density(const scenery *of, double x, double y) {
    double fx = floor(x / 130), fy = floor(y / 130), u = x / 130 - fx, v = y / 130 - fy, c[4];
    for (int k = 0; k < 4; k++)
        c[k] = cw_rng_uniform((cw_rng_key){.seed = of->def->seed,
                                           .world = (uint32_t)(int32_t)(fx + (k & 1)),
                                           .agent = (uint32_t)(int32_t)(fy + (k >> 1)),
                                           .purpose = WOODS},
                              0);
    return cw_lerp(cw_lerp(c[0], c[1], u), cw_lerp(c[2], c[3], u), v);
}

static void woods(scenery *of, const grove *g, uint32_t *planted) {
    double low[2], high[2], spacing = of->def->coarse ? 2.2 * SPACING : SPACING;
    scenery_land_extent(of, low, high);
    // Wide land is planted thinner: all of it, not the first few rows.
    while ((high[0] - low[0]) * (high[1] - low[1]) / (spacing * spacing) > PLACES_MOST)
        spacing *= 1.1;
    uint32_t columns = (uint32_t)((high[0] - low[0]) / spacing), rows = (uint32_t)((high[1] - low[1]) / spacing);
    for (uint32_t j = 0; j < rows; j++) {
        for (uint32_t i = 0; i < columns && *planted < TREES_MOST && !of->mesh.full && !of->mesh.out_of_memory; i++) {
            uint32_t key = 0x80000000u + j * columns + i;
            double x = low[0] + (i + draw(of, key, 2)) * spacing, y = low[1] + (j + draw(of, key, 3)) * spacing;
            double wood = cw_clamp((density(of, x, y) - 0.55) * 4, 0.012, 0.9);
            if (draw(of, key, 4) > wood || !scenery_ground_free(of, x, y, CLEAR) || in_house(of, g, x, y, 2.5))
                continue;
            // A hundred pixels show no trunk of a wood behind its edge.
            if (of->def->coarse && scenery_ground_free(of, x, y, 25))
                continue;
            bool far = scenery_ground_free(of, x, y, 16);
            plant(of, key, x, y, 6 + 9 * draw(of, key, 5), of->def->coarse ? 0 : far ? 1 : 2);
            ++*planted;
        }
    }
}

void scenery_trees(scenery *of) {
    bool own = own_trees(of);
    if (of->def->trees && of->land) {
        grove *g = malloc(sizeof *g);
        uint32_t planted = 0;
        if (g)
            g->next = malloc((of->block_count + 1) * sizeof *g->next);
        if (!g || !g->next) {
            free(g);
            of->out_of_memory = true;
            return;
        }
        for (uint32_t i = 0; i < BUCKETS; i++)
            g->first[i] = CW_NONE;
        for (uint32_t i = 0; i < of->block_count; i++) {
            uint32_t where = bucket(of->blocks[i].x, of->blocks[i].y);
            g->next[i] = g->first[where];
            g->first[where] = i;
        }
        if (!own)
            street_trees(of, g, &planted);
        woods(of, g, &planted);
        free(g->next);
        free(g);
    }
    scenery_on_ground(of);
}
