#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <math.h>

// All bodies are drawn in metres around the box centre, x forward, y left.

static void body(const stage *of, double x0, double x1, double half, double radius) {
    stage_round(of, x0, -half, x1 - x0, 2.0 * half, radius);
}

static uint32_t darker(uint32_t color, double f) {
    uint32_t r = (uint32_t)((color >> 16 & 255) * f), g = (uint32_t)((color >> 8 & 255) * f);
    return r << 16 | g << 8 | (uint32_t)((color & 255) * f);
}

static void fill_edge(const stage *of, uint32_t color, uint32_t edge, double width, double alpha) {
    stage_color(of, color, alpha);
    of->api.fill_preserve(of->cr);
    stage_color(of, edge, alpha);
    of->api.set_line_width(of->cr, width);
    of->api.stroke(of->cr);
}

static void quad(const stage *of, double x0, double y0, double x1, double y1) { // from half width y0 at x0 to y1 at x1
    const cairo_api *c = &of->api;
    c->move_to(of->cr, x0, -y0);
    c->line_to(of->cr, x1, -y1);
    c->line_to(of->cr, x1, y1);
    c->line_to(of->cr, x0, y0);
    c->close_path(of->cr);
}

static void lamp(const stage *of, double x, double y, double length, double width, uint32_t color) {
    of->api.rectangle(of->cr, x - length * 0.5, y - width * 0.5, length, width);
    stage_color(of, color, 1.0);
    of->api.fill(of->cr);
}

static void lamps(const stage *of, double half_length, double half_width, uint8_t lit, double time) {
    double y = half_width * 0.72, width = half_width * 0.45;
    bool blink = time * 1.5 - floor(time * 1.5) < 0.55;
    if ((lit & CW_LAMP_BRAKE) != 0)
        for (int side = -1; side <= 1; side += 2)
            lamp(of, -half_length + 0.1, side * y, 0.45, width, 0xFF2D2D);
    bool left = (lit & (CW_LAMP_LEFT | CW_LAMP_HAZARD)) != 0, right = (lit & (CW_LAMP_RIGHT | CW_LAMP_HAZARD)) != 0;
    for (int end = -1; blink && end <= 1; end += 2) {
        if (left)
            lamp(of, end * (half_length - 0.25), half_width, 0.7, 0.5, 0xFFB000);
        if (right)
            lamp(of, end * (half_length - 0.25), -half_width, 0.7, 0.5, 0xFFB000);
    }
    if ((lit & CW_LAMP_REVERSE) != 0)
        for (int side = -1; side <= 1; side += 2)
            lamp(of, -half_length + 0.08, side * y * 0.5, 0.3, width * 0.7, 0xFFFFFF);
}

static void car(const stage *of, double l, double w, uint32_t color, bool van, double alpha) {
    const cairo_api *c = &of->api;
    body(of, -l, l, w, w * 0.45);
    fill_edge(of, color, darker(color, 0.45), 0.1, alpha);
    uint32_t glass = 0x1B252D;
    c->new_path(of->cr);
    quad(of, van ? l * 0.62 : l * 0.32, w * 0.82, van ? l * 0.36 : l * 0.04, w * 0.68); // windscreen
    stage_color(of, glass, alpha);
    c->fill(of->cr);
    c->new_path(of->cr);
    quad(of, van ? -l * 0.92 : -l * 0.72, w * 0.78, van ? -l * 0.82 : -l * 0.5, w * 0.68); // rear window
    c->fill(of->cr);
    stage_round(of, van ? -l * 0.8 : -l * 0.5, -w * 0.68, van ? l * 1.14 : l * 0.54, w * 1.36, w * 0.2);
    stage_color(of, darker(color, 0.88), alpha);
    c->fill(of->cr);
    stage_color(of, 0xFFF3BF, 0.9 * alpha);
    for (int side = -1; side <= 1; side += 2) {
        c->rectangle(of->cr, l * 0.93, side * w * 0.62 - w * 0.16, l * 0.06, w * 0.32);
        c->fill(of->cr);
    }
}

static void lorry(const stage *of, double l, double w, uint32_t color, uint8_t kind, double alpha) {
    const cairo_api *c = &of->api;
    if (kind == CW_USER_BUS || kind == CW_USER_TRAIN || kind == CW_USER_TRAILER) {
        body(of, -l, l, w, 0.25);
        fill_edge(of, color, darker(color, 0.45), 0.12, alpha);
        stage_color(of, darker(color, 0.8), alpha);
        for (int i = 0; 2.4 * i < 2.0 * l - 3.2; i++) {
            c->rectangle(of->cr, -l + 1.2 + 2.4 * i, -w * 0.55, 1.3, w * 1.1);
            c->fill(of->cr);
        }
        if (kind == CW_USER_BUS) {
            c->rectangle(of->cr, l - 0.55, -w * 0.85, 0.35, w * 1.7);
            stage_color(of, 0x1B252D, alpha);
            c->fill(of->cr);
        }
        return;
    }
    double cab = cw_min(2.2, l * 0.5);
    body(of, -l, l - cab - 0.15, w, 0.15);
    fill_edge(of, color, darker(color, 0.45), 0.12, alpha);
    c->set_line_width(of->cr, 0.07);
    stage_color(of, darker(color, 0.75), alpha);
    for (int i = 1; i < 2.0 * l - cab - 0.6; i++) {
        double x = -l + i;
        c->move_to(of->cr, x, -w * 0.95);
        c->line_to(of->cr, x, w * 0.95);
    }
    c->stroke(of->cr);
    body(of, l - cab, l, w * 0.95, 0.35);
    fill_edge(of, darker(color, 0.75), darker(color, 0.4), 0.12, alpha);
    c->rectangle(of->cr, l - cab * 0.42, -w * 0.8, cab * 0.24, w * 1.6);
    stage_color(of, 0x1B252D, alpha);
    c->fill(of->cr);
}

static void two_wheels(const stage *of, double l, uint32_t color, bool motor, double alpha) {
    const cairo_api *c = &of->api;
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_ROUND);
    c->set_line_width(of->cr, motor ? 0.4 : 0.2);
    stage_color(of, 0x101315, alpha);
    c->move_to(of->cr, -l, 0.0);
    c->line_to(of->cr, l, 0.0);
    c->stroke(of->cr);
    c->set_line_width(of->cr, 0.15); // handlebar
    c->move_to(of->cr, l * 0.45, -0.35);
    c->line_to(of->cr, l * 0.45, 0.35);
    c->stroke(of->cr);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_BUTT);
    c->save(of->cr);
    c->scale(of->cr, 1.0, 1.3); // shoulders
    c->arc(of->cr, -0.05, 0.0, motor ? 0.36 : 0.3, 0.0, 2.0 * CW_PI);
    c->restore(of->cr);
    fill_edge(of, color, darker(color, 0.4), 0.09, alpha);
    c->new_sub_path(of->cr);
    c->arc(of->cr, 0.08, 0.0, 0.16, 0.0, 2.0 * CW_PI);
    stage_color(of, motor ? 0x1B252D : 0xFFF3E0, alpha);
    c->fill(of->cr);
}

static void walker(const stage *of, double radius, uint32_t color, double alpha) {
    const cairo_api *c = &of->api;
    c->new_path(of->cr);
    c->move_to(of->cr, radius * 1.75, 0.0); // which way it faces
    c->line_to(of->cr, radius * 0.7, radius * 0.75);
    c->line_to(of->cr, radius * 0.7, -radius * 0.75);
    c->close_path(of->cr);
    stage_color(of, darker(color, 0.75), alpha);
    c->fill(of->cr);
    c->new_sub_path(of->cr);
    c->arc(of->cr, 0.0, 0.0, radius, 0.0, 2.0 * CW_PI);
    fill_edge(of, color, darker(color, 0.35), radius * 0.22, alpha);
}

static void obstacle(const stage *of, double l, double w, uint32_t color, double alpha) {
    const cairo_api *c = &of->api;
    c->rectangle(of->cr, -l, -w, 2.0 * l, 2.0 * w);
    fill_edge(of, color, darker(color, 0.4), 0.12, alpha);
    c->save(of->cr);
    c->rectangle(of->cr, -l, -w, 2.0 * l, 2.0 * w);
    c->clip(of->cr);
    stage_color(of, 0xFFF3E0, 0.8 * alpha);
    c->set_line_width(of->cr, 0.22);
    for (int i = 0; 0.9 * i < 2.0 * l + 2.0 * w; i++) {
        double x = -l - 2.0 * w + 0.9 * i;
        c->move_to(of->cr, x, -w);
        c->line_to(of->cr, x + 2.0 * w, w);
    }
    c->stroke(of->cr);
    c->restore(of->cr);
}

static void draw_one(stage *of, const lens *camera, uint32_t index, const replay_state *state, double time) {
    const cairo_api *c = &of->api;
    const replay_actor *actor = &of->replay.actors[index];
    bool ego = index == of->replay.ego;
    cw_vec2 center = replay_center(actor, state);
    double reach = (double)actor->length + 5.0;
    if (center.x + reach < camera->low.x || center.x - reach > camera->high.x || center.y + reach < camera->low.y ||
        center.y - reach > camera->high.y)
        return;
    double l = cw_max((double)actor->length, 0.2) * 0.5, w = cw_max((double)actor->width, 0.2) * 0.5;
    double alpha = ego || state->seen ? 1.0 : 0.45;
    uint32_t color = names_actor_color(actor->kind, ego);
    c->save(of->cr);
    c->translate(of->cr, center.x, center.y);
    c->rotate(of->cr, (double)state->heading);
    bool small = actor->kind == CW_USER_PEDESTRIAN || actor->kind == CW_USER_ANIMAL;
    bool wheels = actor->kind == CW_USER_BICYCLE || actor->kind == CW_USER_MOTORCYCLE;
    if (!small && !wheels) { // shadow
        stage_round(of, -l - 0.25, -w - 0.25, 2.0 * l + 0.5, 2.0 * w + 0.5, 0.6);
        stage_color(of, 0x000000, 0.28 * alpha);
        c->fill(of->cr);
    }
    if (small) {
        walker(of, cw_max(cw_max(l, w), 4.0 / camera->scale), color, alpha);
    } else if (wheels) {
        two_wheels(of, cw_max(l, 0.8), color, actor->kind == CW_USER_MOTORCYCLE, alpha);
    } else if (actor->kind == CW_USER_OBSTACLE || actor->kind == CW_USER_OTHER) {
        obstacle(of, l, w, color, alpha);
    } else if (actor->kind == CW_USER_CAR || actor->kind == CW_USER_VAN) {
        car(of, l, w, color, actor->kind == CW_USER_VAN, alpha);
    } else {
        lorry(of, l, w, color, actor->kind, alpha);
    }
    if (!small)
        lamps(of, l, w, state->lamps, time);
    if (ego) {
        stage_round(of, -l - 0.3, -w - 0.3, 2.0 * l + 0.6, 2.0 * w + 0.6, 0.9);
        stage_color(of, 0xFFFFFF, 0.85);
        c->set_line_width(of->cr, 1.6 / camera->scale);
        c->stroke(of->cr);
    } else if (!state->seen) {
        double dashes[2] = {0.5, 0.4};
        c->set_dash(of->cr, dashes, 2, 0.0);
        stage_round(of, -l - 0.2, -w - 0.2, 2.0 * l + 0.4, 2.0 * w + 0.4, 0.5);
        stage_color(of, 0xFFFFFF, 0.6);
        c->set_line_width(of->cr, 1.2 / camera->scale);
        c->stroke(of->cr);
        c->set_dash(of->cr, NULL, 0, 0.0);
    }
    c->restore(of->cr);
}

void draw_actors(stage *of, const lens *camera, double time) {
    replay_state state;
    for (uint32_t i = 0; i < of->replay.actor_count; i++)
        if (i != of->replay.ego && replay_between(&of->replay, time, i, &state))
            draw_one(of, camera, i, &state, time);
    if (of->replay.ego != CW_NONE && replay_between(&of->replay, time, of->replay.ego, &state))
        draw_one(of, camera, of->replay.ego, &state, time);
}

#else

typedef int cw_draw_actor_absent; // a translation unit must declare something

#endif
