// Signs and traffic lights: a pole at the roadside (or an arm over the lanes), a face by the sign's kind, lenses whose
// materials whoever draws lights by the signal's state.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A face is drawn in its own plane: u to the left as the driver sees... to the right of the face's own view, v upwards,
// both in m from the face's middle; `out` is the layer.
static const double LAYER = 0.004;
static const double FARTHEST = 25; // m across from a signal over lanes to its pole
enum { RECENT = 64 };

typedef struct placed { // a sign at the roadside
    double x, y, value;
    uint8_t kind;
} placed;

static cw_vec3 on_face(double u, double v, int layer) {
    return (cw_vec3){0.02 + layer * LAYER, u, v};
}

// A regular polygon or disc; the first corner at `turn` from +u.
static void disc(cw_mesh_builder *b, double u, double v, double radius, int corners, double turn, int layer) {
    uint32_t first = 0;
    for (int i = 0; i < corners; i++) {
        double s, c;
        cw_sincos(turn + 2 * CW_PI * i / corners, &s, &c);
        uint32_t at = cw_add_vertex(b, on_face(u + radius * c, v + radius * s, layer), (cw_vec3){1, 0, 0});
        first = i == 0 ? at : first;
        if (i >= 2)
            cw_add_triangle(b, first, at - 1, at);
    }
}

static void bar(cw_mesh_builder *b, double u0, double v0, double u1, double v1, int layer) {
    cw_add_quad(b, on_face(u0, v0, layer), on_face(u1, v0, layer), on_face(u1, v1, layer), on_face(u0, v1, layer));
}

static void plate(cw_mesh_builder *b, double radius, int corners, double turn, cw_material_kind front) {
    cw_builder_material(b, CW_MAT_SIGN_BACK);
    for (int i = 0; i < corners; i++) { // the back, and the rim
        double s0, c0, s1, c1;
        cw_sincos(turn + 2 * CW_PI * i / corners, &s0, &c0);
        cw_sincos(turn + 2 * CW_PI * (i + 1) / corners, &s1, &c1);
        cw_vec3 p = {0.0, radius * c0, radius * s0}, q = {0.0, radius * c1, radius * s1};
        cw_add_flat_triangle(b, (cw_vec3){0, 0, 0}, q, p);
        cw_add_quad(b, p, q, on_face(q.y, q.z, 0), on_face(p.y, p.z, 0));
    }
    cw_builder_material(b, front);
    disc(b, 0, 0, radius, corners, turn, 0);
}

// Letters of seven strokes, as on a pocket calculator; bit 0: top, then clockwise, bit 6: middle.
static void letter(cw_mesh_builder *b, int strokes, double u, double v, double height) {
    double w = 0.5 * height, t = 0.14 * height, m = 0.5 * height;
    // The reader stands before the face and sees +u on his right hand when the face looks at him along +x: mirrored below.
    const double rect[7][4] = {
        {0, height - t, w, height}, {w - t, m, w, height},           {w - t, 0, w, m}, {0, 0, w, t}, {0, 0, t, m},
        {0, m, t, height},          {0, m - 0.5 * t, w, m + 0.5 * t}};
    for (int i = 0; i < 7; i++)
        if (strokes & (1 << i))
            bar(b, u + rect[i][0], v + rect[i][1], u + rect[i][2], v + rect[i][3], 3);
}

static void number(cw_mesh_builder *b, int value, double height) {
    static const int digits[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};
    int n = value >= 100 ? 3 : value >= 10 ? 2 : 1, rest = value;
    double pitch = 0.66 * height, u = 0.5 * n * pitch - 0.08 * height - 0.5 * height;
    for (int i = 0; i < n; i++) { // from the last digit, which stands rightmost
        letter(b, digits[rest % 10], u, -0.5 * height, height);
        u -= pitch;
        rest /= 10;
    }
}

static void ring_sign(cw_mesh_builder *b, double r, cw_material_kind rim, cw_material_kind inside) {
    plate(b, r, 20, 0, rim);
    cw_builder_material(b, inside);
    disc(b, 0, 0, 0.78 * r, 20, 0, 1);
}

static void triangle_sign(cw_mesh_builder *b, double r, bool points_up, cw_material_kind inside) {
    double turn = points_up ? 0.5 * CW_PI : -0.5 * CW_PI;
    plate(b, r, 3, turn, CW_MAT_SIGN_RED);
    cw_builder_material(b, inside);
    disc(b, 0, 0, 0.66 * r, 3, turn, 1);
}

// The German numbering, as maps use it most: 101 to 199 warn, 250 to 282 forbid, 209 to 241 order, 300 on inform.
static void other_sign(cw_mesh_builder *b, const cw_signal *s, double r) {
    long type = strtol(s->type ? s->type : "", NULL, 10);
    if (type >= 101 && type < 200) {
        triangle_sign(b, 1.15 * r, true, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_BLACK);
        bar(b, -0.05 * r, -0.12 * r, 0.05 * r, 0.4 * r, 2);
        bar(b, -0.05 * r, -0.32 * r, 0.05 * r, -0.2 * r, 2);
    } else if (type >= 250 && type <= 282) {
        ring_sign(b, r, CW_MAT_SIGN_RED, CW_MAT_SIGN_WHITE);
    } else if (type >= 209 && type <= 241) {
        ring_sign(b, r, CW_MAT_SIGN_WHITE, CW_MAT_SIGN_BLUE);
    } else {
        double w = s->width > 0.1F && s->width < 8 ? 0.5 * (double)s->width : 0.9 * r;
        double h = s->height > 0.1F && s->height < 8 ? 0.5 * (double)s->height : 0.9 * r;
        cw_material_kind inside = type >= 300 && type < 1000 ? CW_MAT_SIGN_BLUE : CW_MAT_SIGN_WHITE;
        cw_builder_material(b, CW_MAT_SIGN_BACK);
        cw_add_quad(b, (cw_vec3){0, w, -h}, (cw_vec3){0, -w, -h}, (cw_vec3){0, -w, h}, (cw_vec3){0, w, h});
        cw_builder_material(b, inside);
        bar(b, -w, -h, w, h, 0);
    }
}

static void face(scenery *of, const cw_signal *s, double r) {
    cw_mesh_builder *b = &of->mesh;
    bool fine = !of->def->coarse;
    int kmh = (int)cw_clamp(floor(s->value * 3.6 + 0.5), 0, 999);
    switch (s->kind) {
    case CW_SIGNAL_STOP:
        plate(b, r, 8, CW_PI / 8, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_RED);
        disc(b, 0, 0, 0.93 * r, 8, CW_PI / 8, 1);
        if (fine) {
            static const int word[4] = {0x6d, 0, 0x3f, 0x73}; // S, T, O, P
            double h = 0.55 * r, u = -2 * 0.62 * h;
            cw_builder_material(b, CW_MAT_SIGN_WHITE);
            for (int i = 0; i < 4; i++, u += 0.66 * h) {
                letter(b, word[i], u, -0.5 * h, h);
                if (i == 1) {
                    bar(b, u, 0.36 * h, u + 0.5 * h, 0.5 * h, 3);
                    bar(b, u + 0.18 * h, -0.5 * h, u + 0.32 * h, 0.5 * h, 3);
                }
            }
        }
        return;
    case CW_SIGNAL_YIELD:
        triangle_sign(b, 1.15 * r, false, CW_MAT_SIGN_WHITE);
        return;
    case CW_SIGNAL_PRIORITY:
        plate(b, 1.1 * r, 4, 0, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_YELLOW);
        disc(b, 0, 0, 0.78 * r, 4, 0, 1);
        return;
    case CW_SIGNAL_SPEED_LIMIT:
        ring_sign(b, r, CW_MAT_SIGN_RED, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_BLACK);
        if (fine && kmh > 0)
            number(b, kmh, kmh >= 100 ? 0.6 * r : 0.8 * r);
        return;
    case CW_SIGNAL_SPEED_LIMIT_END:
        ring_sign(b, r, CW_MAT_SIGN_BLACK, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_BLACK);
        cw_add_quad(b, on_face(-0.62 * r, -0.52 * r, 2), on_face(-0.52 * r, -0.62 * r, 2),
                    on_face(0.62 * r, 0.52 * r, 2), on_face(0.52 * r, 0.62 * r, 2));
        return;
    case CW_SIGNAL_NO_ENTRY:
        plate(b, r, 20, 0, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_RED);
        disc(b, 0, 0, 0.95 * r, 20, 0, 1);
        cw_builder_material(b, CW_MAT_SIGN_WHITE);
        bar(b, -0.65 * r, -0.16 * r, 0.65 * r, 0.16 * r, 2);
        return;
    case CW_SIGNAL_CROSSWALK:
        plate(b, 1.2 * r, 4, CW_PI / 4, CW_MAT_SIGN_BLUE);
        cw_builder_material(b, CW_MAT_SIGN_WHITE);
        disc(b, 0, -0.12 * r, 0.8 * r, 3, 0.5 * CW_PI, 1);
        cw_builder_material(b, CW_MAT_SIGN_BLACK);
        bar(b, -0.05 * r, -0.45 * r, 0.07 * r, 0.1 * r, 2);
        return;
    case CW_SIGNAL_RIGHT_BEFORE_LEFT:
        triangle_sign(b, 1.15 * r, true, CW_MAT_SIGN_WHITE);
        cw_builder_material(b, CW_MAT_SIGN_BLACK);
        cw_add_quad(b, on_face(-0.3 * r, -0.22 * r, 2), on_face(-0.22 * r, -0.3 * r, 2), on_face(0.3 * r, 0.22 * r, 2),
                    on_face(0.22 * r, 0.3 * r, 2));
        cw_add_quad(b, on_face(0.22 * r, -0.3 * r, 2), on_face(0.3 * r, -0.22 * r, 2), on_face(-0.22 * r, 0.3 * r, 2),
                    on_face(-0.3 * r, 0.22 * r, 2));
        return;
    default:
        other_sign(b, s, r);
        return;
    }
}

// ---- lights ----------------------------------------------------------------------------------------------------------

static void light_head(scenery *of, double height, bool for_feet) {
    cw_mesh_builder *b = &of->mesh;
    int lenses = for_feet ? 2 : 3;
    double half = 0.5 * height, pitch = height / lenses, r = 0.36 * pitch, w = 0.5 * pitch;
    static const cw_material_kind three[3] = {CW_MAT_SIGNAL_RED, CW_MAT_SIGNAL_YELLOW, CW_MAT_SIGNAL_GREEN},
                                  two[2] = {CW_MAT_SIGNAL_RED, CW_MAT_SIGNAL_GREEN};
    cw_builder_material(b, CW_MAT_POLE_DARK);
    cw_add_box(b, (cw_vec3){-0.2, -w, -half}, (cw_vec3){0.02, w, half});
    for (int i = 0; i < lenses; i++) {
        double v = half - (i + 0.5) * pitch;
        cw_builder_material(b, for_feet ? two[i] : three[i]);
        disc(b, 0, v, r, of->def->coarse ? 6 : 14, 0, 1);
        if (of->def->coarse)
            continue;
        cw_builder_material(b, CW_MAT_POLE_DARK); // the visor: the upper half of a tube, seen from both sides
        for (int k = 0; k < 6; k++) {
            double s0, c0, s1, c1;
            cw_sincos(CW_PI * k / 6, &s0, &c0);
            cw_sincos(CW_PI * (k + 1) / 6, &s1, &c1);
            cw_vec3 p = {0.02, 1.08 * r * c0, v + 1.08 * r * s0}, q = {0.02, 1.08 * r * c1, v + 1.08 * r * s1};
            cw_vec3 pf = {0.2, p.y, p.z}, qf = {0.2, q.y, q.z};
            cw_add_quad(b, p, pf, qf, q);
            cw_vec3 a = p, d = q, af = pf, df = qf;
            a.y *= 0.97;
            d.y *= 0.97;
            af.y *= 0.97;
            df.y *= 0.97;
            a.z = af.z = v + 1.045 * r * s0;
            d.z = df.z = v + 1.045 * r * s1;
            cw_add_quad(b, d, df, af, a);
        }
    }
}

// ---- where they stand ------------------------------------------------------------------------------------------------

static bool on_lanes(const scenery *of, double x, double y) {
    for (int i = -1; i <= 1; i++)
        for (int k = -1; k <= 1; k++)
            if (cw_area_holds(of->drivable, x + 0.4 * i + of->origin[0], y + 0.4 * k + of->origin[1]))
                return true;
    return false;
}

// The nearest place beside the lanes, straight across the road from a place over them; the signal's own side first.
static bool roadside(const scenery *of, double x, double y, double across, bool left_first, cw_vec2 *out) {
    double s, c;
    cw_sincos(across, &s, &c);
    for (double reach = 0.5; reach <= FARTHEST; reach += 0.5) {
        for (int k = 0; k < 2; k++) {
            double way = (k == 0) == left_first ? reach : -reach;
            *out = (cw_vec2){x + way * c, y + way * s};
            if (!on_lanes(of, out->x, out->y))
                return true;
        }
    }
    return false;
}

// Maps of lanelets have a sign for each lane; they meet at the roadside, where one is enough.
static bool is_there(const cw_signal *s, double x, double y, placed *all, uint32_t *count) {
    uint32_t known = *count < RECENT ? *count : RECENT;
    for (uint32_t i = 0; i < known; i++)
        if (all[i].kind == s->kind && all[i].value == s->value && cw_hypot(all[i].x - x, all[i].y - y) < 2.5)
            return true;
    all[*count % RECENT] = (placed){x, y, s->value, s->kind};
    ++*count;
    return false;
}

static double foot_of(const scenery *of, double x, double y, double near_z) {
    double z;
    if (scenery_ground_at(of, x, y, near_z, 3, &z, NULL))
        return z;
    return of->land ? cw_min(scenery_land_at(of, x, y), near_z + 1) : near_z;
}

static void add_signal(scenery *of, uint32_t index, placed *all, uint32_t *count) {
    const cw_map *map = of->map;
    const cw_signal *s = &map->signals[index];
    bool light = s->kind == CW_SIGNAL_LIGHT || s->kind == CW_SIGNAL_PEDESTRIAN_LIGHT;
    if (s->kind == CW_SIGNAL_STOP_LINE || map->roads[s->road].geometry.count == 0)
        return;
    cw_road_point road;
    cw_road_at(map, s->road, s->s, s->t, &road);
    double facing = road.heading + (s->orientation < 0 ? 0 : CW_PI) + (double)s->heading;
    double x = road.x - of->origin[0], y = road.y - of->origin[1], ground_z = road.z - of->origin[2];
    double size = light ? (s->kind == CW_SIGNAL_LIGHT ? 0.95 : 0.6) : 0.36;
    bool over = cw_area_holds(of->drivable, road.x, road.y), has_pole = true;
    cw_vec2 beside = {x, y};
    if (over) {
        bool right =
            map->roads[s->road].left_hand == (s->orientation >= 0); // of the traffic that it holds for, seen along s
        has_pole = roadside(of, x, y, road.heading + 0.5 * CW_PI, right, &beside);
    }
    scenery_object(of, CW_THING_SIGNAL, light ? CW_CLASS_TRAFFIC_LIGHT : CW_CLASS_TRAFFIC_SIGN, index);
    if (over && !light && has_pole) { // signs stand beside the road; lights hang over it
        x = beside.x;
        y = beside.y;
        over = false;
    }
    if (!light && is_there(s, x, y, all, count))
        return;
    double above = s->z + (double)s->height;
    double least = over ? 5.4 : light ? (s->kind == CW_SIGNAL_LIGHT ? 2.9 : 2.4) : 2.2; // m, middle of the face
    double middle = ground_z + cw_clamp(above - 0.5 * size, least, 9);
    cw_mesh_builder *b = &of->mesh;
    cw_builder_frame(b, x, y, middle, facing);
    if (light)
        light_head(of, size, s->kind == CW_SIGNAL_PEDESTRIAN_LIGHT);
    else
        face(of, s, size);
    cw_builder_home(b);
    if (!has_pole)
        return;
    cw_builder_semantic(b, CW_CLASS_POLE);
    cw_builder_material(b, light ? CW_MAT_POLE_DARK : CW_MAT_GALVANISED);
    int sides = of->def->coarse ? 4 : 8;
    double r = over ? 0.09 : light ? 0.06 : 0.035, behind = over ? 0.25 : light ? 0.12 : 0.06, s0, c0;
    cw_sincos(facing, &s0, &c0);
    double px = (over ? beside.x : x) - behind * c0, py = (over ? beside.y : y) - behind * s0;
    double foot = foot_of(of, px, py, ground_z) - 0.3, top = middle + (over ? 0.3 : light ? 0.5 : 0.4) * size;
    if (over) { // an arm reaches out from the roadside
        cw_vec3 tip = {x - behind * c0, y - behind * s0, top};
        cw_add_tube(b, (cw_vec3){px, py, top}, tip, 0.07, 0.05, sides, true);
        cw_add_tube(b, tip, (cw_vec3){x - 0.02 * c0, y - 0.02 * s0, middle}, 0.04, 0.04, 4, false);
        top += 0.15;
    }
    cw_add_tube(b, (cw_vec3){px, py, foot}, (cw_vec3){px, py, top}, r, over ? 0.8 * r : r, sides, true);
}

void scenery_signals(scenery *of) {
    placed all[RECENT];
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->map->signal_count && !of->mesh.full && !of->mesh.out_of_memory; i++)
        add_signal(of, i, all, &count);
    scenery_on_ground(of);
}
