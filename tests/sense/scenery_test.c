// The scenery's mesh against the road map that it was made from: it covers every lane at the lane's height, has no
// triangle that is none, does not depend on where the map lies, and says so where there is nothing to draw.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/synth.h"
#include "sense/scenery.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- a mesh under a point --------------------------------------------------------------------------------------------

typedef struct grid { // triangles by square of the plane
    const cw_mesh *mesh;
    double x0, y0, cell;
    uint32_t columns, rows;
    uint32_t *first, *entries;
} grid;

static void reach(const grid *g, uint32_t t, uint32_t low[2], uint32_t high[2]) {
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int k = 0; k < 3; k++) {
        const float *p = g->mesh->position[g->mesh->index[t][k]];
        box[0] = fmin(box[0], (double)p[0]);
        box[1] = fmin(box[1], (double)p[1]);
        box[2] = fmax(box[2], (double)p[0]);
        box[3] = fmax(box[3], (double)p[1]);
    }
    low[0] = (uint32_t)cw_clamp((box[0] - g->x0) / g->cell, 0, g->columns - 1);
    low[1] = (uint32_t)cw_clamp((box[1] - g->y0) / g->cell, 0, g->rows - 1);
    high[0] = (uint32_t)cw_clamp((box[2] - g->x0) / g->cell, 0, g->columns - 1);
    high[1] = (uint32_t)cw_clamp((box[3] - g->y0) / g->cell, 0, g->rows - 1);
}

static bool is_surface(const cw_mesh *mesh, uint32_t t) {
    uint8_t s = mesh->semantic[t];
    return s == CW_CLASS_ROAD || s == CW_CLASS_SIDEWALK || s == CW_CLASS_RAIL || s == CW_CLASS_TERRAIN;
}

static void grid_make(grid *g, const cw_mesh *mesh, double half) {
    *g = (grid){.mesh = mesh, .x0 = -half, .y0 = -half, .cell = 4};
    g->columns = g->rows = (uint32_t)cw_clamp(2 * half / g->cell, 1, 1000);
    g->cell = 2 * half / g->columns;
    g->first = calloc((size_t)g->columns * g->rows + 2, sizeof *g->first);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t t = 0; t < mesh->triangle_count; t++) {
            if (!is_surface(mesh, t))
                continue;
            uint32_t low[2], high[2];
            reach(g, t, low, high);
            for (uint32_t y = low[1]; y <= high[1]; y++) {
                for (uint32_t x = low[0]; x <= high[0]; x++) {
                    uint32_t *n = &g->first[y * g->columns + x + 1];
                    if (pass == 1)
                        g->entries[*n] = t;
                    ++*n;
                }
            }
        }
        uint32_t sum = 0, cells = g->columns * g->rows;
        if (pass == 1)
            break;
        for (uint32_t c = 0; c <= cells; c++) { // counts of cell c stand at c + 1: make them starts, one further on
            uint32_t n = g->first[c + 1];
            g->first[c + 1] = sum;
            sum += n;
        }
        g->entries = calloc((size_t)sum + 1, sizeof *g->entries);
    }
}

static void grid_free(grid *g) {
    free(g->first);
    free(g->entries);
}

static bool lies_under(const cw_mesh *mesh, uint32_t t, double x, double y, double *z) {
    double p[3][3];
    for (int k = 0; k < 3; k++)
        for (int c = 0; c < 3; c++)
            p[k][c] = (double)mesh->position[mesh->index[t][k]][c];
    double area = (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[2][0] - p[0][0]) * (p[1][1] - p[0][1]);
    if (area <= 0)
        return false;
    double u = ((x - p[0][0]) * (p[2][1] - p[0][1]) - (p[2][0] - p[0][0]) * (y - p[0][1])) / area;
    double v = ((p[1][0] - p[0][0]) * (y - p[0][1]) - (x - p[0][0]) * (p[1][1] - p[0][1])) / area;
    *z = p[0][2] + u * (p[1][2] - p[0][2]) + v * (p[2][2] - p[0][2]);
    return u >= -1e-4 && v >= -1e-4 && u + v <= 1 + 1e-4;
}

// Height of the surface at the point that lies nearest to z; NAN: none.
static double height_near(const grid *g, double x, double y, double z) {
    uint32_t cx = (uint32_t)cw_clamp((x - g->x0) / g->cell, 0, g->columns - 1);
    uint32_t cy = (uint32_t)cw_clamp((y - g->y0) / g->cell, 0, g->rows - 1), cell = cy * g->columns + cx;
    double best = NAN;
    for (uint32_t i = cell > 0 ? g->first[cell] : 0; i < g->first[cell + 1]; i++) {
        uint32_t t = g->entries[i];
        double h;
        if (!lies_under(g->mesh, t, x, y, &h))
            continue;
        if (!(fabs(h - z) >= fabs(best - z)))
            best = h;
    }
    return best;
}

// ---- checks ----------------------------------------------------------------------------------------------------------

static void check_sound(const cw_mesh *mesh) {
    for (uint32_t v = 0; v < mesh->vertex_count; v++) {
        double n = 0;
        for (int k = 0; k < 3; k++) {
            assert_true(isfinite(mesh->position[v][k]));
            n += (double)mesh->normal[v][k] * (double)mesh->normal[v][k];
        }
        assert_true(fabs(n - 1) < 1e-5);
    }
    for (uint32_t t = 0; t < mesh->triangle_count; t++) {
        const float *p[3];
        double e[2][3], n[3], against = 0;
        for (int k = 0; k < 3; k++) {
            assert_true(mesh->index[t][k] < mesh->vertex_count);
            p[k] = mesh->position[mesh->index[t][k]];
        }
        for (int k = 0; k < 3; k++) {
            e[0][k] = (double)p[1][k] - (double)p[0][k];
            e[1][k] = (double)p[2][k] - (double)p[0][k];
        }
        for (int k = 0; k < 3; k++)
            n[k] = e[0][(k + 1) % 3] * e[1][(k + 2) % 3] - e[0][(k + 2) % 3] * e[1][(k + 1) % 3];
        double area = 0.5 * sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        assert_true(area >= 1e-8);
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 3; k++)
                against += n[k] * (double)mesh->normal[mesh->index[t][c]][k];
        if (!(against > 0)) // the side that is seen is the one that the normals show
            fail_msg("triangle %u of %s is seen from behind", t, cw_materials[mesh->material[t]].name);
        assert_true(mesh->material[t] < CW_MAT_KINDS && mesh->semantic[t] < CW_CLASSES);
    }
}

// The land, banks and whatever else is green lies below the road, never over it.
static double land_over(const grid *g, double x, double y, double z) {
    uint32_t cx = (uint32_t)cw_clamp((x - g->x0) / g->cell, 0, g->columns - 1);
    uint32_t cy = (uint32_t)cw_clamp((y - g->y0) / g->cell, 0, g->rows - 1), cell = cy * g->columns + cx;
    double most = -INFINITY;
    for (uint32_t i = cell > 0 ? g->first[cell] : 0; i < g->first[cell + 1]; i++) {
        uint32_t t = g->entries[i];
        double h;
        if (g->mesh->semantic[t] == CW_CLASS_TERRAIN && lies_under(g->mesh, t, x, y, &h) && h - z < 2)
            most = fmax(most, h - z);
    }
    return most;
}

// Points on every lane lie on the mesh, at the lane's height; but where a junction's lanes cross one that is not for
// driving.
static void check_covers(const cw_map *map, const cw_scenery *s, double most_off) {
    grid g;
    double half = 0.5 * cw_max(map->high.x - map->low.x, map->high.y - map->low.y) + 2;
    grid_make(&g, &s->mesh, half);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < map->lane_count; i++) {
        const cw_lane *lane = &map->lanes[i];
        bool crossed = lane->junction != CW_NONE && !cw_lane_drivable(lane);
        if (lane->length < 0.5 || map->roads[lane->road].geometry.count == 0 || crossed ||
            i == map->sections[lane->section].center)
            continue;
        for (int k = 0; k < 12; k++) {
            double f = cw_rng_uniform((cw_rng_key){.seed = 3, .agent = i}, (uint32_t)(2 * k));
            double side = cw_rng_uniform((cw_rng_key){.seed = 3, .agent = i}, (uint32_t)(2 * k + 1)) - 0.5;
            double at = cw_lerp(lane->s0, lane->s1, f), width = cw_lane_width(map, i, at);
            if (width < 0.3)
                continue;
            cw_road_point p;
            cw_pose pose = cw_lane_pose(map, (cw_lane_place){i, at, side * (width - 0.2)}, &p);
            double z = p.z - s->origin[2] + cw_lane_lift(map, i);
            double h = height_near(&g, pose.x - s->origin[0], pose.y - s->origin[1], z);
            if (!(fabs(h - z) <= most_off))
                fail_msg("road %s lane %d at s = %g: mesh %g, lane %g", map->roads[lane->road].id, lane->id, at, h, z);
            double land = land_over(&g, pose.x - s->origin[0], pose.y - s->origin[1], z);
            if (cw_lane_drivable(lane) && land > 0)
                fail_msg("road %s lane %d at s = %g lies %g m under the land (%.2f, %.2f, %.2f)",
                         map->roads[lane->road].id, lane->id, at, land, pose.x, pose.y, p.z);
            seen++;
        }
    }
    assert_true(seen > 0);
    grid_free(&g);
}

static void check_map(const cw_map *map) {
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery_def def = cw_scenery_defaults(map);
    cw_scenery s;
    cw_error err = {0};
    if (cw_scenery_build(&def, arena, &s, &err) != CW_OK)
        fail_msg("%s", err.text);
    check_sound(&s.mesh);
    check_covers(map, &s, 0.01);
    cw_arena_free(arena);
}

static cw_map *read_map(const char *xml) {
    cw_map *map;
    cw_error err = {0};
    if (cw_opendrive_read(xml, strlen(xml), "inline.xodr", &map, NULL, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return map;
}

// A hill with a bend, tilted, a sidewalk that stays level, and a lane that opens; x0 and y0: where it begins.
static cw_map *hill(double x0, double y0) {
    static const char form[] =
        "<OpenDRIVE><header revMajor='1' revMinor='6' name='hill'/><road name='' length='200' id='1' junction='-1'>"
        "<planView><geometry s='0' x='%.17g' y='%.17g' hdg='0.3' length='80'><spiral curvStart='0' "
        "curvEnd='0.02'/></geometry><geometry s='80' x='%.17g' y='%.17g' hdg='1.1' length='120'><arc "
        "curvature='0.02'/></geometry></planView>"
        "<elevationProfile><elevation s='0' a='2' b='0' c='0.002' d='-0.00001'/><elevation s='120' a='13.52' b='0.048' "
        "c='-0.003' d='0.00002'/></elevationProfile>"
        "<lateralProfile><superelevation s='0' a='0' b='0.0008' c='0' d='0'/><superelevation s='100' a='0.08' "
        "b='-0.001' "
        "c='0' d='0'/></lateralProfile><lanes><laneOffset s='0' a='0' b='0.01' c='0' d='0'/><laneSection s='0'><left>"
        "<lane id='2' type='sidewalk' level='true'><width sOffset='0' a='2' b='0' c='0' d='0'/></lane>"
        "<lane id='1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></left>"
        "<center><lane id='0' type='none' level='false'/></center><right>"
        "<lane id='-1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>"
        "<lane id='-2' type='driving' level='false'><width sOffset='0' a='0' b='0' c='0.00105' d='-0.000007'/></lane>"
        "<lane id='-3' type='shoulder' level='false'><width sOffset='0' a='1.5' b='0' c='0' d='0'/></lane>"
        "</right></laneSection></lanes></road></OpenDRIVE>";
    char text[4096];
    snprintf(text, sizeof text, form, x0, y0, x0 + 62.0, y0 + 45.0);
    return read_map(text);
}

static void test_hill(void **state) {
    (void)state;
    cw_map *map = hill(0, 0);
    check_map(map);
    cw_map_free(map);
}

static void test_moved(void **state) {
    (void)state;
    cw_map *maps[2] = {hill(0, 0), hill(10000, -10000)};
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery s[2];
    for (int i = 0; i < 2; i++) {
        cw_scenery_def def = cw_scenery_defaults(maps[i]);
        assert_int_equal(cw_scenery_build(&def, arena, &s[i], NULL), CW_OK);
    }
    assert_int_equal(s[0].mesh.vertex_count, s[1].mesh.vertex_count);
    assert_int_equal(s[0].mesh.triangle_count, s[1].mesh.triangle_count);
    assert_true(s[1].origin[0] == s[0].origin[0] + 10000 && s[1].origin[1] == s[0].origin[1] - 10000);
    for (uint32_t v = 0; v < s[0].mesh.vertex_count; v++)
        for (int k = 0; k < 3; k++)
            assert_true(fabsf(s[0].mesh.position[v][k] - s[1].mesh.position[v][k]) < 1e-4F);
    cw_arena_free(arena);
    cw_map_free(maps[0]);
    cw_map_free(maps[1]);
}

static void test_towns(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        cw_town_def def = cw_town_defaults(seed);
        def.size = 3;
        def.hills = 8;
        def.motorway = seed == 2;
        cw_scene *scene;
        cw_error err = {0};
        assert_int_equal(cw_town_make(&def, &scene, &err), CW_OK);
        check_map(scene->map);
        cw_scene_free(scene);
    }
}

static void test_repeats(void **state) {
    (void)state;
    cw_map *map = hill(0, 0);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery_def def = cw_scenery_defaults(map);
    cw_scenery s[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(cw_scenery_build(&def, arena, &s[i], NULL), CW_OK);
    assert_int_equal(s[0].mesh.triangle_count, s[1].mesh.triangle_count);
    assert_memory_equal(s[0].mesh.position, s[1].mesh.position, s[0].mesh.vertex_count * sizeof *s[0].mesh.position);
    assert_memory_equal(s[0].mesh.index, s[1].mesh.index, s[0].mesh.triangle_count * sizeof *s[0].mesh.index);
    cw_arena_free(arena);
    cw_map_free(map);
}

// ---- markings --------------------------------------------------------------------------------------------------------

static double area_of(const cw_mesh *mesh, uint32_t t) {
    const float *p = mesh->position[mesh->index[t][0]], *q = mesh->position[mesh->index[t][1]],
                *r = mesh->position[mesh->index[t][2]];
    return 0.5 * fabs((double)(q[0] - p[0]) * (double)(r[1] - p[1]) - (double)(r[0] - p[0]) * (double)(q[1] - p[1]));
}

// Painted area of a material between two distances from the reference line of a road that runs along +x from 0.
static double painted(const cw_scenery *s, cw_material_kind material, double low, double high) {
    double sum = 0;
    for (uint32_t t = 0; t < s->mesh.triangle_count; t++) {
        double y = 0;
        for (int k = 0; k < 3; k++)
            y += ((double)s->mesh.position[s->mesh.index[t][k]][1] + s->origin[1]) / 3;
        if (s->mesh.material[t] == material && y > low && y < high)
            sum += area_of(&s->mesh, t);
    }
    return sum;
}

// Lengths and widths of lines by closed form: a town road of 302 m with a line of each kind.
static void test_marks(void **state) {
    (void)state;
    static const char xml[] =
        "<OpenDRIVE><header revMajor='1' revMinor='6' name='marks'/><road name='' length='302' id='1' junction='-1'>"
        "<type s='0' type='town'/>"
        "<planView><geometry s='0' x='0' y='0' hdg='0' length='302'><line/></geometry></planView>"
        "<lanes><laneSection s='0'><left>"
        "<lane id='2' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/>"
        "<roadMark sOffset='0' type='solid' color='yellow' width='0.15'/></lane>"
        "<lane id='1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/>"
        "<roadMark sOffset='0' type='solid broken' color='blue' width='0.1'/></lane></left>"
        "<center><lane id='0' type='none' level='false'><roadMark sOffset='0' type='solid solid' color='red' "
        "width='0.12'/></lane></center><right>"
        "<lane id='-1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/>"
        "<roadMark sOffset='0' type='broken' color='white' width='0.12'/><roadMark sOffset='200' type='none' "
        "color='white'/></lane>"
        "<lane id='-2' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/>"
        "<roadMark sOffset='0' type='botts dots' "
        "color='white'/></lane></right></laneSection></lanes></road></OpenDRIVE>";
    cw_map *map = read_map(xml);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery_def def = cw_scenery_defaults(map);
    def.wear = 0;
    cw_scenery s;
    assert_int_equal(cw_scenery_build(&def, arena, &s, NULL), CW_OK);
    const double on = 3, period = 9;
    double dashes = floor(302 / period) * on + fmin(302 - floor(302 / period) * period, on);
    double first_200 = floor(200 / period) * on + fmin(200 - floor(200 / period) * period, on);
    assert_true(fabs(painted(&s, CW_MAT_MARK_YELLOW, 6.8, 7.2) - 302 * 0.15) < 0.01);
    assert_true(fabs(painted(&s, CW_MAT_MARK_BLUE, 3, 3.5) - 302 * 0.1) < 0.01); // inside: solid
    assert_true(fabs(painted(&s, CW_MAT_MARK_BLUE, 3.5, 4) - dashes * 0.1) < 0.01);
    assert_true(fabs(painted(&s, CW_MAT_MARK_RED, 0.01, 1) - 302 * 0.12) < 0.01);
    assert_true(fabs(painted(&s, CW_MAT_MARK_RED, -1, -0.01) - 302 * 0.12) < 0.01);
    assert_true(fabs(painted(&s, CW_MAT_MARK_WHITE, -4, -3) - first_200 * 0.12) < 0.01);
    assert_true(painted(&s, CW_MAT_STUD, -7.2, -6.8) > 240 * 0.006); // a stud each 1.2 m
    // Worn by the seed: the same paint is there, less of it fresh, and another seed wears other places.
    def.wear = 0.5;
    cw_scenery worn[2];
    for (uint64_t seed = 1; seed <= 2; seed++) {
        def.seed = seed;
        assert_int_equal(cw_scenery_build(&def, arena, &worn[seed - 1], NULL), CW_OK);
        double fresh = painted(&worn[seed - 1], CW_MAT_MARK_YELLOW, 6.8, 7.2);
        double old = painted(&worn[seed - 1], CW_MAT_MARK_WORN_YELLOW, 6.8, 7.2);
        assert_true(fresh < 0.8 * 302 * 0.15 && fresh > 0.2 * 302 * 0.15);
        assert_true(fresh + old > 0.95 * 302 * 0.15 && fresh + old < 1.001 * 302 * 0.15);
    }
    assert_true(painted(&worn[0], CW_MAT_MARK_YELLOW, 6.8, 7.2) != painted(&worn[1], CW_MAT_MARK_YELLOW, 6.8, 7.2));
    cw_arena_free(arena);
    cw_map_free(map);
}

// ---- things ----------------------------------------------------------------------------------------------------------

// No house and no trunk stands on a lane; each object's triangles are one run; lights have their three lenses.
static void check_things(const cw_map *map, const cw_scenery *s) {
    const cw_mesh *mesh = &s->mesh;
    assert_int_equal(s->objects[0].thing, CW_THING_GROUND);
    uint32_t last = 0;
    for (uint32_t t = 0; t < mesh->triangle_count; t++) {
        uint32_t o = mesh->object[t];
        assert_true(o < s->object_count);
        if (o != 0)
            assert_true(t >= s->objects[o].first && t < s->objects[o].first + s->objects[o].count);
        if (o != 0)
            assert_true(o >= last);
        last = o ? o : last;
    }
    for (uint32_t i = 1; i < s->object_count; i++) {
        const cw_scenery_object *o = &s->objects[i];
        uint32_t lens[3] = {0, 0, 0};
        for (uint32_t t = o->first; t < o->first + o->count; t++) {
            uint8_t m = mesh->material[t];
            if (m >= CW_MAT_SIGNAL_RED && m <= CW_MAT_SIGNAL_GREEN)
                lens[m - CW_MAT_SIGNAL_RED]++;
            bool stands = m == CW_MAT_BARK || (o->thing == CW_THING_BUILDING && m != CW_MAT_WOOD);
            if (o->thing != CW_THING_BUILDING && o->thing != CW_THING_TREE)
                continue;
            for (int k = 0; k < 3 && stands; k++) {
                const float *p = mesh->position[mesh->index[t][k]];
                cw_locate at = cw_locate_at((double)p[0] + s->origin[0], (double)p[1] + s->origin[1]);
                at.under_only = true;
                cw_lane_place place;
                if (cw_map_locate(map, &at, &place))
                    fail_msg("%s %u stands on road %s", o->thing == CW_THING_TREE ? "tree" : "house", i,
                             map->roads[map->lanes[place.lane].road].id);
            }
        }
        if (o->thing == CW_THING_SIGNAL && map->signals[o->index].kind == CW_SIGNAL_LIGHT)
            assert_true(lens[0] > 0 && lens[0] == lens[1] && lens[1] == lens[2]);
        if (o->thing == CW_THING_LAMP)
            assert_true(o->index < s->lamp_count);
    }
}

static void test_things(void **state) {
    (void)state;
    cw_town_def town = cw_town_defaults(5);
    town.size = 3;
    cw_scene *scene;
    assert_int_equal(cw_town_make(&town, &scene, NULL), CW_OK);
    cw_arena *arena = cw_arena_new(0, 0);
    for (int coarse = 0; coarse < 2; coarse++) {
        cw_scenery_def def = cw_scenery_defaults(scene->map);
        def.coarse = coarse == 1;
        cw_scenery s;
        assert_int_equal(cw_scenery_build(&def, arena, &s, NULL), CW_OK);
        check_sound(&s.mesh);
        check_things(scene->map, &s);
        uint32_t things[8] = {0}, signals = 0;
        for (uint32_t i = 0; i < s.object_count; i++)
            things[s.objects[i].thing]++;
        for (uint32_t i = 0; i < scene->map->signal_count; i++)
            signals += scene->map->signals[i].kind != CW_SIGNAL_STOP_LINE;
        assert_int_equal(things[CW_THING_SIGNAL], signals);
        assert_int_equal(things[CW_THING_LAMP], s.lamp_count);
        assert_true(s.lamp_count > 10 && things[CW_THING_TREE] > 20);
    }
    cw_arena_free(arena);
    cw_scene_free(scene);
}

// A street without anything beside it gets houses, trees and lamps, but on the road that crosses it; without them where
// they are not wanted.
static void test_generated(void **state) {
    (void)state;
    cw_map *map = read_map(
        "<OpenDRIVE><header revMajor='1' revMinor='6' name='street'/><road name='' length='300' id='1' junction='-1'>"
        "<type s='0' type='town'/><planView><geometry s='0' x='0' y='0' hdg='0.4' "
        "length='300'><line/></geometry></planView>"
        "<lanes><laneSection s='0'><left><lane id='2' type='sidewalk' level='false'><width sOffset='0' a='2' b='0' "
        "c='0' "
        "d='0'/></lane><lane id='1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' "
        "d='0'/></lane></left>"
        "<center><lane id='0' type='none' level='false'/></center><right>"
        "<lane id='-1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>"
        "<lane id='-2' type='sidewalk' level='false'><width sOffset='0' a='2' b='0' c='0' d='0'/></lane>"
        "</right></laneSection></lanes></road>"
        "<road name='' length='240' id='2' junction='-1'><planView><geometry s='0' x='198.67' y='-46.25' hdg='1.9708' "
        "length='240'><line/></geometry></planView><lanes><laneSection s='0'><center><lane id='0' type='none' "
        "level='false'/></center><right><lane id='-1' type='driving' level='false'><width sOffset='0' a='5' b='0' "
        "c='0' "
        "d='0'/></lane></right></laneSection></lanes></road></OpenDRIVE>");
    cw_arena *arena = cw_arena_new(0, 0);
    uint64_t hashes[3];
    for (int i = 0; i < 4; i++) {
        cw_scenery_def def = cw_scenery_defaults(map);
        def.seed = i == 1 ? 2 : 1;
        def.buildings = def.trees = def.lamps = i != 3;
        cw_scenery s;
        assert_int_equal(cw_scenery_build(&def, arena, &s, NULL), CW_OK);
        check_things(map, &s);
        uint32_t things[8] = {0};
        for (uint32_t k = 0; k < s.object_count; k++)
            things[s.objects[k].thing]++;
        if (i < 3) {
            assert_true(things[CW_THING_BUILDING] >= 10 && things[CW_THING_TREE] >= 10);
            assert_int_equal(s.lamp_count, 9);
            hashes[i] = cw_hash_bytes(0, s.mesh.position, s.mesh.vertex_count * sizeof *s.mesh.position);
        } else {
            assert_int_equal(s.object_count, 1);
        }
    }
    assert_true(hashes[0] == hashes[2] && hashes[0] != hashes[1]);
    cw_arena_free(arena);
    cw_map_free(map);
}

// Rays straight down at random places, on the map and far beyond it, all meet the ground.
static void test_no_holes(void **state) {
    (void)state;
    cw_town_def town = cw_town_defaults(7);
    town.size = 2;
    town.hills = 10;
    cw_scene *scene;
    assert_int_equal(cw_town_make(&town, &scene, NULL), CW_OK);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery_def def = cw_scenery_defaults(scene->map);
    def.trees = def.buildings = false;
    cw_scenery s;
    assert_int_equal(cw_scenery_build(&def, arena, &s, NULL), CW_OK);
    double half = 0.5 * cw_max(scene->map->high.x - scene->map->low.x, scene->map->high.y - scene->map->low.y) + 400;
    grid g;
    grid_make(&g, &s.mesh, half);
    for (uint32_t i = 0; i < 20000; i++) {
        cw_rng_key key = {.seed = 9, .agent = i};
        double x = half * (2 * cw_rng_uniform(key, 0) - 1), y = half * (2 * cw_rng_uniform(key, 1) - 1);
        if (!(fabs(height_near(&g, x, y, 0)) < 200))
            fail_msg("a hole at %g, %g", x, y);
    }
    grid_free(&g);
    cw_arena_free(arena);
    cw_scene_free(scene);
}

static void test_refused(void **state) {
    (void)state;
    cw_map *map =
        read_map("<OpenDRIVE><header revMajor='1' revMinor='6' name='bare'/><road name='' length='100' id='1' "
                 "junction='-1'><planView><geometry s='0' x='0' y='0' hdg='0' length='100'><line/></geometry>"
                 "</planView><lanes><laneSection s='0'><center><lane id='0' type='none' level='false'/></center>"
                 "</laneSection></lanes></road></OpenDRIVE>");
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scenery_def def = cw_scenery_defaults(map);
    cw_scenery s;
    cw_error err = {0};
    assert_int_equal(cw_scenery_build(&def, arena, &s, &err), CW_ERR_INPUT);
    assert_non_null(strstr(err.text, "no lane with a surface"));
    cw_map_free(map);
    map = hill(0, 0);
    def = cw_scenery_defaults(map);
    def.triangle_limit = 10;
    err = (cw_error){0};
    assert_int_equal(cw_scenery_build(&def, arena, &s, &err), CW_ERR_LIMIT);
    assert_non_null(strstr(err.text, "more than 10 triangles"));
    assert_int_equal(s.mesh.triangle_count, 0);
    cw_map_free(map);
    map = read_map(
        "<OpenDRIVE><header revMajor='1' revMinor='6' name='wide'/><road name='' length='2e5' id='1' junction='-1'>"
        "<planView><geometry s='0' x='0' y='0' hdg='0' length='2e5'><line/></geometry></planView><lanes>"
        "<laneSection s='0'><center><lane id='0' type='none' level='false'/></center><right><lane id='-1' "
        "type='driving' level='false'><width sOffset='0' a='3' b='0' c='0' d='0'/></lane></right></laneSection>"
        "</lanes></road></OpenDRIVE>");
    def = cw_scenery_defaults(map);
    err = (cw_error){0};
    assert_int_equal(cw_scenery_build(&def, arena, &s, &err), CW_ERR_LIMIT);
    assert_non_null(strstr(err.text, "wider than 100 km"));
    cw_map_free(map);
    cw_arena_free(arena);
}

// Lanelets and the road of a recording: the same checks, on scenes of our own and on real files.
static void check_scene(const char *folder, const char *file) {
    char path[1024];
    cw_scene *scene;
    cw_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (cw_scene_read_file(path, NULL, &scene, &err) != CW_OK)
        fail_msg("%s: %s", path, err.text);
    check_map(scene->map);
    cw_scene_free(scene);
}

static void test_lanelets(void **state) {
    (void)state;
    const char *source = getenv("CAUSEWAY_SOURCE"), *data = getenv("CAUSEWAY_TEST_DATA");
    check_scene(source ? source : ".", "scenes/crossing.xml");
    check_scene(source ? source : ".", "scenes/recorded.json");
    static const char *const files[] = {
        "commonroad/commonroad-crime/USA_Lanker-1_3_T-1.xml", "commonroad/commonroad-io/USA_US101-3_3_T-1.xml",
        "commonroad/commonroad-io/DEU_A9-3_1_T-1.xml", "commonroad/commonroad-crime/HRV_Pula-27_3_T-1.xml"};
    for (size_t i = 0; i < sizeof files / sizeof *files && data; i++)
        check_scene(data, files[i]);
}

static void test_real_maps(void **state) {
    (void)state;
    const char *data = getenv("CAUSEWAY_TEST_DATA");
    if (!data)
        skip();
    static const char *const files[] = {"opendrive/carla/Town01.xodr",
                                        "opendrive/carla/Town04.xodr",
                                        "opendrive/alks/alks_road_left_radius_250m.xodr",
                                        "opendrive/esmini/e6mini.xodr",
                                        "opendrive/esmini/fabriksgatan.xodr",
                                        "opendrive/esmini/soderleden.xodr",
                                        "opendrive/esmini-unittest/straight_500_superelevation_elevation_curve.xodr",
                                        "opendrive/esmini-unittest/two_pitched_and_rolled_roads.xodr"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[1024], *bytes;
        size_t count;
        cw_map *map;
        cw_error err = {0};
        snprintf(path, sizeof path, "%s/%s", data, files[i]);
        assert_int_equal(cw_file_read(path, 0, &bytes, &count, &err), CW_OK);
        assert_int_equal(cw_opendrive_read(bytes, count, path, &map, NULL, &err), CW_OK);
        print_message("%s\n", files[i]);
        check_map(map);
        cw_map_free(map);
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hill),      cmocka_unit_test(test_moved),     cmocka_unit_test(test_towns),
        cmocka_unit_test(test_repeats),   cmocka_unit_test(test_marks),     cmocka_unit_test(test_things),
        cmocka_unit_test(test_generated), cmocka_unit_test(test_no_holes),  cmocka_unit_test(test_lanelets),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_real_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
