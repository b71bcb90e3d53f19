#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <math.h>
#include <stdio.h>

static const uint32_t surfaces[GROUND_KINDS] = {
    [GROUND_GREEN] = 0x2B3B30,   [GROUND_SIDEWALK] = 0x565D63, [GROUND_RAIL] = 0x3A3430, [GROUND_SHOULDER] = 0x353B40,
    [GROUND_PARKING] = 0x3A4650, [GROUND_BIKING] = 0x5B4138,   [GROUND_ROAD] = 0x41484E, [GROUND_CROSSWALK] = 0x41484E};

static uint32_t mark_color(const ground_shape *shape) {
    static const uint32_t colors[] = {0xE6EAED, 0xE6EAED, 0xF2C230, 0x4C8DFF, 0x51CF66,
                                      0xF03E3E, 0xF5803E, 0x9775FA, 0x101315};
    if (shape->item_kind == CW_MARK_NONE) // the border of a lanelet without marking
        return 0x626A71;
    if (shape->item_kind == CW_MARK_CURB)
        return 0x8A9299;
    if (shape->item_kind == CW_MARK_GRASS)
        return 0x4E7A50;
    return shape->color < sizeof colors / sizeof *colors ? colors[shape->color] : colors[0];
}

static uint32_t object_color(uint8_t kind) {
    switch (kind) {
    case CW_OBJECT_BUILDING:
        return 0x4B525B;
    case CW_OBJECT_VEGETATION:
    case CW_OBJECT_TREE:
        return 0x3F6B46;
    case CW_OBJECT_BARRIER:
    case CW_OBJECT_GANTRY:
        return 0x8D969E;
    case CW_OBJECT_OBSTACLE:
        return 0xB5651D;
    case CW_OBJECT_ISLAND:
        return 0x5E666C;
    case CW_OBJECT_POLE:
        return 0xA9B1B8;
    case CW_OBJECT_PARKING:
    case CW_OBJECT_MARK:
        return 0xE6EAED;
    default:
        return 0x6B737A;
    }
}

static bool in_view(const lens *camera, const ground_shape *shape) {
    return shape->high.x >= camera->low.x && shape->low.x <= camera->high.x && shape->high.y >= camera->low.y &&
           shape->low.y <= camera->high.y;
}

static void trace_path(const stage *of, const ground_shape *shape) {
    const cw_vec2 *p = of->ground.points + shape->first;
    of->api.move_to(of->cr, p[0].x, p[0].y);
    for (uint32_t i = 1; i < shape->count; i++)
        of->api.line_to(of->cr, p[i].x, p[i].y);
    if (shape->closed)
        of->api.close_path(of->cr);
}

// Stripes half a metre wide, half a metre apart, across the direction in which people walk.
static void draw_crosswalk(const stage *of, const ground_shape *shape) {
    const cairo_api *c = &of->api;
    c->save(of->cr);
    trace_path(of, shape);
    c->clip(of->cr);
    double x = (shape->low.x + shape->high.x) * 0.5, y = (shape->low.y + shape->high.y) * 0.5;
    double reach = cw_hypot(shape->high.x - shape->low.x, shape->high.y - shape->low.y) * 0.5;
    c->translate(of->cr, x, y);
    c->rotate(of->cr, (double)shape->angle);
    int stripes = (int)cw_min(ceil(reach), 200.0);
    for (int at = -stripes; at < stripes; at++)
        c->rectangle(of->cr, at, -reach, 0.5, 2.0 * reach);
    stage_color(of, 0xE6EAED, 0.9);
    c->fill(of->cr);
    c->restore(of->cr);
}

static void draw_line(const stage *of, const lens *camera, const ground_shape *shape, uint32_t color) {
    const cairo_api *c = &of->api;
    double dashes[2] = {(double)shape->on, (double)shape->off};
    c->set_dash(of->cr, dashes, shape->off > 0.0F ? 2 : 0, (double)shape->phase);
    c->set_line_width(of->cr, cw_max((double)shape->width, 1.3 / camera->scale));
    stage_color(of, color, 1.0);
    trace_path(of, shape);
    c->stroke(of->cr);
    c->set_dash(of->cr, NULL, 0, 0.0);
}

static void draw_object(const stage *of, const lens *camera, const ground_shape *shape) {
    const cairo_api *c = &of->api;
    uint32_t color = object_color(shape->item_kind);
    bool outline = shape->item_kind == CW_OBJECT_PARKING || shape->item_kind == CW_OBJECT_MARK || !shape->closed;
    trace_path(of, shape);
    if (!outline) {
        stage_color(of, color,
                    shape->item_kind == CW_OBJECT_BRIDGE || shape->item_kind == CW_OBJECT_TUNNEL ? 0.15 : 1.0);
        c->fill_preserve(of->cr);
    }
    stage_color(of, outline ? color : 0x14181B, outline ? 0.8 : 0.5);
    c->set_line_width(of->cr, cw_max(outline ? cw_max((double)shape->width, 0.1) : 0.15, 1.0 / camera->scale));
    c->stroke(of->cr);
}

// Shapes of one surface are one path: all of them turn the same way, so that where they meet no seam is left.
static size_t draw_surface(const stage *of, const lens *camera, size_t first) {
    const cairo_api *c = &of->api;
    const ground_shape *shapes = of->ground.shapes;
    size_t i = first;
    c->new_path(of->cr);
    for (; i < of->ground.count && shapes[i].kind == shapes[first].kind && shapes[i].level == shapes[first].level; i++)
        if (in_view(camera, &shapes[i]))
            trace_path(of, &shapes[i]);
    stage_color(of, surfaces[shapes[first].kind], 1.0);
    c->fill_preserve(of->cr);
    c->set_line_width(of->cr, 0.12);
    c->stroke(of->cr);
    return i;
}

void draw_ground(stage *of, const lens *camera, double time) {
    const cairo_api *c = &of->api;
    int64_t now = (int64_t)(time * 1e9 + 0.5);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_BUTT);
    c->set_line_join(of->cr, CAIRO_LINE_JOIN_BEVEL);
    for (size_t i = 0; i < of->ground.count;) {
        const ground_shape *shape = &of->ground.shapes[i];
        if (shape->kind <= GROUND_ROAD) {
            i = draw_surface(of, camera, i);
            continue;
        }
        i++;
        if (!in_view(camera, shape))
            continue;
        if (shape->kind == GROUND_CROSSWALK) {
            draw_crosswalk(of, shape);
        } else if (shape->kind == GROUND_LINE) {
            draw_line(of, camera, shape, mark_color(shape));
        } else if (shape->kind == GROUND_STOP) {
            bool light = shape->item_kind == CW_SIGNAL_LIGHT;
            uint8_t state = light ? replay_light_at(&of->replay, shape->item, now) : (uint8_t)CW_LIGHT_UNKNOWN;
            draw_line(of, camera, shape, state != CW_LIGHT_UNKNOWN ? names_light_color(state) : 0xE6EAED);
        } else {
            draw_object(of, camera, shape);
        }
    }
}

// ---- signs, upright on the picture -----------------------------------------------------------------------------------

static void polygon(const stage *of, double x, double y, double radius, int corners, double turn) {
    for (int i = 0; i < corners; i++) {
        double sine, cosine;
        cw_sincos(turn + 2.0 * CW_PI * i / corners, &sine, &cosine);
        if (i == 0)
            of->api.move_to(of->cr, x + radius * cosine, y + radius * sine);
        else
            of->api.line_to(of->cr, x + radius * cosine, y + radius * sine);
    }
    of->api.close_path(of->cr);
}

static void filled(const stage *of, uint32_t fill, uint32_t edge, double width) {
    stage_color(of, fill, 1.0);
    of->api.fill_preserve(of->cr);
    stage_color(of, edge, 1.0);
    of->api.set_line_width(of->cr, width);
    of->api.stroke(of->cr);
}

static void draw_light(const stage *of, double x, double y, uint8_t light) {
    const cairo_api *c = &of->api;
    stage_round(of, x - 6.5, y - 15.0, 13.0, 30.0, 4.0);
    filled(of, 0x14181B, 0x6B737A, 1.0);
    for (int i = 0; i < 3; i++) {
        bool lit = (i == 0 && (light == CW_LIGHT_RED || light == CW_LIGHT_RED_YELLOW)) ||
                   (i == 1 &&
                    (light == CW_LIGHT_YELLOW || light == CW_LIGHT_RED_YELLOW || light == CW_LIGHT_FLASHING_YELLOW)) ||
                   (i == 2 && light == CW_LIGHT_GREEN);
        static const uint32_t lamps[] = {0xFF4B4B, 0xFFC83D, 0x3DDC84};
        c->new_path(of->cr);
        c->arc(of->cr, x, y + (i - 1) * 9.0, 3.6, 0.0, 2.0 * CW_PI);
        stage_color(of, lit ? lamps[i] : 0x343A40, 1.0);
        c->fill(of->cr);
    }
}

static void draw_limit(const stage *of, double x, double y, double value, bool ends) {
    const cairo_api *c = &of->api;
    c->new_path(of->cr);
    c->arc(of->cr, x, y, 9.5, 0.0, 2.0 * CW_PI);
    filled(of, 0xFFFFFF, ends ? 0x6B737A : 0xE03131, 2.5);
    char digits[16];
    snprintf(digits, sizeof digits, "%.0f", value * 3.6);
    cairo_text_extents_t size;
    c->set_font_size(of->cr, 9.5);
    c->text_extents(of->cr, digits, &size);
    c->move_to(of->cr, x - size.width * 0.5 - size.x_bearing, y - size.height * 0.5 - size.y_bearing);
    stage_color(of, 0x14181B, 1.0);
    c->show_text(of->cr, digits);
}

void draw_signs(stage *of, const lens *camera, double time) {
    int64_t now = (int64_t)(time * 1e9 + 0.5);
    const cairo_api *c = &of->api;
    if (camera->scale < 2.5)
        return;
    c->select_font_face(of->cr, "NanumGothic", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    for (size_t i = 0; i < of->ground.sign_count; i++) {
        const ground_sign *sign = &of->ground.signs[i];
        cw_vec2 at = stage_project(camera, sign->x, sign->y);
        if (at.x < -20.0 || at.y < -20.0 || at.x > of->def.width + 20.0 || at.y > of->def.height + 20.0)
            continue;
        c->new_path(of->cr);
        switch (sign->kind) {
        case CW_SIGNAL_LIGHT:
        case CW_SIGNAL_PEDESTRIAN_LIGHT:
            draw_light(of, at.x, at.y, replay_light_at(&of->replay, sign->signal, now));
            break;
        case CW_SIGNAL_STOP:
            polygon(of, at.x, at.y, 9.0, 8, CW_PI / 8.0);
            filled(of, 0xE03131, 0xFFFFFF, 1.5);
            break;
        case CW_SIGNAL_YIELD:
            polygon(of, at.x, at.y, 10.0, 3, CW_PI / 2.0);
            filled(of, 0xFFFFFF, 0xE03131, 2.5);
            break;
        case CW_SIGNAL_PRIORITY:
            polygon(of, at.x, at.y, 9.0, 4, 0.0);
            filled(of, 0xFFD43B, 0xFFFFFF, 2.0);
            break;
        case CW_SIGNAL_SPEED_LIMIT:
        case CW_SIGNAL_SPEED_LIMIT_END:
            draw_limit(of, at.x, at.y, (double)sign->value, sign->kind == CW_SIGNAL_SPEED_LIMIT_END);
            break;
        case CW_SIGNAL_NO_ENTRY:
            c->arc(of->cr, at.x, at.y, 9.0, 0.0, 2.0 * CW_PI);
            filled(of, 0xE03131, 0xFFFFFF, 1.5);
            c->rectangle(of->cr, at.x - 5.5, at.y - 1.5, 11.0, 3.0);
            stage_color(of, 0xFFFFFF, 1.0);
            c->fill(of->cr);
            break;
        default:
            break;
        }
    }
}

#else

typedef int cw_draw_ground_absent; // a translation unit must declare something

#endif
