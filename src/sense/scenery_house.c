// Houses: the map's own by their outlines, and along its streets where it has none, from the seed.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>

enum { RING_MOST = 256, HOUSES = 0x686f7573, WINDOWS = 0x77696e64, HOUSES_MOST = 6000, BUCKETS = 4096 };
static const double STOREY = 3.0, WINDOW_EVERY = 2.7, WINDOW_WIDE = 1.25, WINDOW_HIGH = 1.45, SILL = 0.9; // m
static const double OUT = 0.03; // m by which windows stand before the wall, frames and all

static double draw(const scenery *of, uint32_t house, uint32_t number) {
    return cw_rng_uniform((cw_rng_key){.seed = of->def->seed, .agent = house, .purpose = HOUSES}, number);
}

static cw_material_kind wall_of(const scenery *of, uint32_t house, double height) {
    static const cw_material_kind low[6] = {CW_MAT_PLASTER_WHITE, CW_MAT_PLASTER_SAND, CW_MAT_BRICK,
                                            CW_MAT_PLASTER_GREY,  CW_MAT_PLASTER_ROSE, CW_MAT_PLASTER_WHITE};
    if (height > 24)
        return draw(of, house, 20) < 0.6 ? CW_MAT_FACADE_GLASS : CW_MAT_CONCRETE;
    return low[(int)(draw(of, house, 20) * 6)];
}

static void windows(scenery *of, uint32_t house, cw_vec2 p, cw_vec2 q, double base, double height, uint32_t wall,
                    bool door) {
    cw_mesh_builder *b = &of->mesh;
    double dx = q.x - p.x, dy = q.y - p.y, length = cw_hypot(dx, dy);
    int columns = (int)cw_clamp(floor((length - 0.8) / WINDOW_EVERY), 0, 40),
        rows = height < 2.4 ? 0 : (int)cw_clamp(floor((height + 0.2) / STOREY), 1, 40);
    if (columns < 1 || rows < 1)
        return;
    double ux = dx / length, uy = dy / length, nx = uy * OUT, ny = -ux * OUT; // the outside lies to the right of p to q
    double step = length / columns;
    for (int row = 0; row < rows; row++) {
        for (int c = 0; c < columns; c++) {
            bool is_door = door && row == 0 && c == columns / 2;
            double middle = (c + 0.5) * step, half = 0.5 * (is_door ? 1.1 : WINDOW_WIDE);
            double z0 = base + row * STOREY + (is_door ? 0.25 : SILL), z1 = is_door ? base + 2.35 : z0 + WINDOW_HIGH;
            double lit =
                cw_rng_uniform((cw_rng_key){.seed = of->def->seed, .agent = house, .purpose = WINDOWS, .step = wall},
                               (uint32_t)(row * 64 + c));
            cw_builder_material(b, is_door ? CW_MAT_DOOR : lit < 0.3 ? CW_MAT_WINDOW_LIT : CW_MAT_WINDOW);
            double xa = p.x + ux * (middle - half) + nx, ya = p.y + uy * (middle - half) + ny;
            double xb = p.x + ux * (middle + half) + nx, yb = p.y + uy * (middle + half) + ny;
            cw_add_quad(b, (cw_vec3){xa, ya, z0}, (cw_vec3){xb, yb, z0}, (cw_vec3){xb, yb, z1}, (cw_vec3){xa, ya, z1});
        }
    }
}

// A gable or hipped roof over four corners; the ridge runs along the longer side.
static void pitched_roof(scenery *of, uint32_t house, const cw_vec2 ring[4], double eaves, cw_material_kind wall) {
    cw_mesh_builder *b = &of->mesh;
    cw_vec2 r[4], middle = {0, 0};
    bool turned =
        cw_hypot(ring[1].x - ring[0].x, ring[1].y - ring[0].y) < cw_hypot(ring[2].x - ring[1].x, ring[2].y - ring[1].y);
    for (int i = 0; i < 4; i++) {
        r[i] = ring[(i + (turned ? 1 : 0)) % 4]; // now 0-1 and 2-3 are the long sides
        middle.x += 0.25 * r[i].x;
        middle.y += 0.25 * r[i].y;
    }
    double depth = cw_hypot(r[2].x - r[1].x, r[2].y - r[1].y), rise = cw_clamp(0.38 * depth, 0.8, 5);
    bool hipped = draw(of, house, 30) < 0.35;
    double in = hipped ? 0.5 : 0.0, over = 0.35; // share of the half depth; m of eaves
    cw_vec3 e[4], ridge[2];
    for (int i = 0; i < 4; i++) {
        double dx = r[i].x - middle.x, dy = r[i].y - middle.y, d = cw_max(cw_hypot(dx, dy), 0.1);
        e[i] = (cw_vec3){r[i].x + dx / d * over, r[i].y + dy / d * over, eaves - 0.12};
    }
    for (int k = 0; k < 2; k++) {
        cw_vec3 a = k ? e[1] : e[0], c = k ? e[2] : e[3];
        double x = 0.5 * (a.x + c.x), y = 0.5 * (a.y + c.y), d = cw_max(cw_hypot(middle.x - x, middle.y - y), 0.1);
        double go = in * depth * 0.9;
        go = cw_min(go, 0.8 * d);
        ridge[k] = (cw_vec3){x + (middle.x - x) / d * go, y + (middle.y - y) / d * go, eaves + rise};
    }
    cw_material_kind cover = draw(of, house, 31) < 0.65 ? CW_MAT_ROOF_TILE : CW_MAT_ROOF_SLATE;
    cw_builder_material(b, cover);
    cw_add_quad(b, e[0], e[1], ridge[1], ridge[0]);
    cw_add_quad(b, e[2], e[3], ridge[0], ridge[1]);
    cw_builder_material(b, hipped ? cover : wall);
    cw_add_flat_triangle(b, e[1], e[2], ridge[1]);
    cw_add_flat_triangle(b, e[3], e[0], ridge[0]);
    cw_builder_material(b, CW_MAT_WOOD); // the eaves from below
    cw_add_quad(b, e[3], e[2], e[1], e[0]);
    if (of->def->coarse || draw(of, house, 32) < 0.4)
        return;
    double f = 0.3 + 0.4 * draw(of, house, 33);
    cw_vec3 c = {cw_lerp(ridge[0].x, ridge[1].x, f), cw_lerp(ridge[0].y, ridge[1].y, f), eaves + rise};
    cw_builder_material(b, CW_MAT_BRICK); // chimney
    cw_add_box(b, (cw_vec3){c.x - 0.35, c.y - 0.35, c.z - 0.8}, (cw_vec3){c.x + 0.35, c.y + 0.35, c.z + 0.9});
}

// ring counter-clockwise; base: the lowest ground under it.
static void house(scenery *of, uint32_t number, const cw_vec2 *ring, uint32_t n, double base, double height) {
    cw_mesh_builder *b = &of->mesh;
    cw_material_kind wall = wall_of(of, number, height);
    cw_vec2 middle = {0, 0};
    double reach = 0;
    for (uint32_t i = 0; i < n; i++) {
        middle.x += ring[i].x / n;
        middle.y += ring[i].y / n;
    }
    for (uint32_t i = 0; i < n; i++)
        reach = cw_max(reach, cw_hypot(ring[i].x - middle.x, ring[i].y - middle.y));
    scenery_block(of, middle.x, middle.y, reach);
    bool pitched = n == 4 && height < 14 && draw(of, number, 21) < 0.8;
    double top = base + height;
    if (pitched) { // the stated height is the ridge's
        double short_side = cw_min(cw_hypot(ring[1].x - ring[0].x, ring[1].y - ring[0].y),
                                   cw_hypot(ring[2].x - ring[1].x, ring[2].y - ring[1].y));
        top = cw_max(base + 2.6, top - cw_clamp(0.38 * short_side, 0.8, 5));
    }
    cw_builder_material(b, wall);
    cw_add_prism(b, ring, n, base - 0.5, top, false);
    if (pitched) {
        pitched_roof(of, number, ring, top, wall);
    } else {
        cw_builder_material(b, CW_MAT_ROOF_FLAT);
        b->place[2] = top - 0.02;
        cw_add_polygon(b, ring, NULL, n);
        cw_builder_home(b);
    }
    if (of->def->coarse)
        return;
    uint32_t longest = 0;
    double most = 0;
    for (uint32_t i = 0; i < n; i++) {
        double d = cw_hypot(ring[(i + 1) % n].x - ring[i].x, ring[(i + 1) % n].y - ring[i].y);
        longest = d > most ? i : longest;
        most = cw_max(most, d);
    }
    for (uint32_t i = 0; i < n; i++)
        windows(of, number, ring[i], ring[(i + 1) % n], base, top - base, i, i == longest);
}

// ---- the map's own ---------------------------------------------------------------------------------------------------

static bool own_houses(scenery *of) {
    bool any = false;
    for (uint32_t i = 0; i < of->map->object_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
        const cw_object *o = &of->map->objects[i];
        cw_vec2 ring[RING_MOST];
        uint32_t n = o->kind == CW_OBJECT_BUILDING ? scenery_ring(of, o, ring, RING_MOST) : 0;
        if (n == 0)
            continue;
        any = true;
        scenery_object(of, CW_THING_OBJECT, CW_CLASS_BUILDING, i);
        double base = scenery_base(of, ring, n, scenery_place(of, o->road, o->s, o->t).z);
        house(of, i, ring, n, base, o->height > 1 && o->height < 500 ? (double)o->height : 7);
    }
    return any;
}

// ---- along the streets -----------------------------------------------------------------------------------------------

typedef struct plots { // what is built on, by squares of 32 m
    cw_box boxes[HOUSES_MOST];
    uint32_t next[HOUSES_MOST], first[BUCKETS], count;
} plots;

static uint32_t bucket(double x, double y) {
    int64_t cx = (int64_t)floor(x / 32), cy = (int64_t)floor(y / 32);
    return (uint32_t)((uint64_t)(cx * 73856093 ^ cy * 19349663) % BUCKETS);
}

static bool taken(const plots *p, const cw_box *box) {
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            for (uint32_t i = p->first[bucket(box->x + 32 * dx, box->y + 32 * dy)]; i != CW_NONE; i = p->next[i])
                if (cw_box_overlap(&p->boxes[i], box))
                    return true;
    return false;
}

// Is there no road under the box, nor within 2 m of it, whatever its height?
static bool buildable(const scenery *of, const cw_box *box) {
    double reach_u = box->half_length + 2, reach_v = box->half_width + 2;
    int nu = (int)ceil(reach_u / 1.5), nv = (int)ceil(reach_v / 1.5);
    double low = INFINITY, high = -INFINITY;
    for (int i = -nu; i <= nu; i++) {
        for (int k = -nv; k <= nv; k++) {
            double u = reach_u * i / nu, v = reach_v * k / nv, x = box->x + box->ux * u - box->uy * v,
                   y = box->y + box->uy * u + box->ux * v;
            if (scenery_ground_at(of, x, y, 0, INFINITY, NULL, NULL))
                return false;
            double z = scenery_land_at(of, x, y);
            low = cw_min(low, z);
            high = cw_max(high, z);
        }
    }
    return high - low < 2.5;
}

typedef struct street_side {
    double density, setback, high; // share of the plots built on, m from the road's edge, m
} street_side;

static street_side side_of(const scenery *of, const cw_section *sec, int side) {
    const cw_map *map = of->map;
    uint8_t kind = scenery_road_kind(map, sec->road, sec->s0);
    bool walk = false;
    for (uint32_t i = 0; i < sec->lanes.count; i++) {
        const cw_lane *lane = &map->lanes[sec->lanes.first + i];
        walk = walk || ((side > 0) == (lane->id > 0) && lane->kind == CW_LANE_SIDEWALK);
    }
    if (kind == CW_ROAD_MOTORWAY)
        return (street_side){0, 0, 0};
    if (walk)
        return (street_side){0.85, 2.5, 11};
    if (kind == CW_ROAD_TOWN || kind == CW_ROAD_LOW_SPEED || kind == CW_ROAD_UNKNOWN)
        return (street_side){0.22, 11, 8};
    return (street_side){0.07, 16, 7};
}

static void build_along(scenery *of, uint32_t section, int side, plots *p) {
    const cw_section *sec = &of->map->sections[section];
    street_side of_side = side_of(of, sec, side);
    uint32_t key = section * 2 + (side > 0 ? 1 : 0), number = 0;
    double s = sec->s0 + 4;
    while (s < sec->s1 - 4 && p->count < HOUSES_MOST && of_side.density > 0) {
        double wide = 9 + 9 * draw(of, key, 100 + number), deep = 8 + 5 * draw(of, key, 101 + number);
        double yard = of_side.setback + 3 * draw(of, key, 102 + number), tall = draw(of, key, 103 + number);
        bool wanted = draw(of, key, 104 + number) < of_side.density;
        double middle = s + 0.5 * wide;
        s += wide + 2 + 5 * draw(of, key, 105 + number);
        number += 8;
        if (!wanted || middle > sec->s1)
            continue;
        double edge = 0;
        for (uint32_t i = 0; i < sec->lanes.count; i++) {
            double a, b;
            cw_lane_borders(of->map, sec->lanes.first + i, middle, &a, &b);
            edge = side > 0 ? cw_max(edge, b) : cw_min(edge, a);
        }
        cw_road_point at;
        cw_road_at(of->map, sec->road, middle, edge + side * (yard + 0.5 * deep), &at);
        cw_box box = cw_box_at((cw_pose){at.x - of->origin[0], at.y - of->origin[1], at.heading}, 0, wide, deep);
        cw_box with_gap = box;
        with_gap.half_length += 0.8;
        with_gap.half_width += 0.8;
        if (taken(p, &with_gap) || !buildable(of, &box))
            continue;
        uint32_t n = p->count++, where = bucket(box.x, box.y);
        p->boxes[n] = box;
        p->next[n] = p->first[where];
        p->first[where] = n;
        cw_vec2 c[4], ring[4];
        cw_box_corners(&box, c); // clockwise
        for (int i = 0; i < 4; i++)
            ring[i] = c[3 - i];
        scenery_object(of, CW_THING_BUILDING, CW_CLASS_BUILDING, CW_NONE);
        double low = INFINITY;
        for (int i = 0; i < 4; i++)
            low = cw_min(low, scenery_land_at(of, ring[i].x, ring[i].y));
        house(of, key * 64 + (number & 63), ring, 4, low, 5.5 + of_side.high * tall * tall);
    }
}

void scenery_houses(scenery *of) {
    bool own = own_houses(of);
    if (!own && of->def->buildings && of->land) {
        plots *p = malloc(sizeof *p);
        if (!p) {
            of->out_of_memory = true;
            return;
        }
        p->count = 0;
        for (uint32_t i = 0; i < BUCKETS; i++)
            p->first[i] = CW_NONE;
        for (uint32_t i = 0; i < of->map->section_count && !of->mesh.full && !of->mesh.out_of_memory; i++) {
            const cw_road *road = &of->map->roads[of->map->sections[i].road];
            for (int side = -1; side <= 1 && road->junction == CW_NONE && road->geometry.count > 0; side += 2)
                build_along(of, i, side, p);
        }
        free(p);
    }
    scenery_on_ground(of);
}
