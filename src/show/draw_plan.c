// What the ego means to do and why: its trail, the planned and the fail-safe trajectory, the cause, contacts.
#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <math.h>
#include <stdio.h>

uint32_t draw_speed_color(double f) {
    static const uint8_t stops[4][3] = {{0xF0, 0x3E, 0x3E}, {0xF5, 0xA0, 0x3E}, {0xC0, 0xD9, 0x2D}, {0x2F, 0xD0, 0x8C}};
    double at = f > 0.0 ? cw_min(f, 1.0) * 3.0 : 0.0; // NaN is 0
    int i = at >= 3.0 ? 2 : (int)at;
    uint32_t color = 0;
    for (int k = 0; k < 3; k++)
        color = color << 8 | (uint32_t)(cw_lerp(stops[i][k], stops[i + 1][k], at - i) + 0.5);
    return color;
}

void draw_trail(stage *of, const lens *camera, double time) {
    const cairo_api *c = &of->api;
    replay_state state;
    bool begun = false;
    c->new_path(of->cr);
    for (int i = 0; i <= 40; i++) {
        double at = time - 4.0 + 0.1 * i;
        if (at < 0.0 || !replay_between(&of->replay, at, of->replay.ego, &state))
            continue;
        if (begun)
            c->line_to(of->cr, state.x, state.y);
        else
            c->move_to(of->cr, state.x, state.y);
        begun = true;
    }
    stage_color(of, names_actor_color(CW_USER_CAR, true), 0.35);
    c->set_line_width(of->cr, 2.0 / camera->scale);
    c->stroke(of->cr);
}

// Point i of a trajectory in the map frame; -1: where the ego was.
static bool point_at(const replay_state *ego, const float *x, const float *y, int i, cw_vec2 *out) {
    double px = i < 0 ? 0.0 : (double)x[i], py = i < 0 ? 0.0 : (double)y[i];
    if (!(fabs(px) < 1e4 && fabs(py) < 1e4))
        return false;
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    *out = (cw_vec2){ego->x + px * cosine - py * sine, ego->y + px * sine + py * cosine};
    return true;
}

static void draw_ribbon(stage *of, const replay_plan *plan, const replay_state *ego, double width) {
    const cairo_api *c = &of->api;
    c->set_line_width(of->cr, width);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_BUTT);
    cw_vec2 from, to;
    if (!point_at(ego, plan->x, plan->y, -1, &from))
        return;
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        if (!point_at(ego, plan->x, plan->y, i, &to))
            return;
        double length = cw_hypot(to.x - from.x, to.y - from.y);
        if (length < 0.02)
            continue;
        // A little longer than the piece, so that bends leave no gap.
        c->move_to(of->cr, from.x, from.y);
        c->line_to(of->cr, to.x + (to.x - from.x) * 0.02, to.y + (to.y - from.y) * 0.02);
        double fade = 1.0 - 0.55 * i / CW_TRAJECTORY_POINTS;
        stage_color(of, draw_speed_color((double)plan->speed[i] / of->fastest), 0.55 * fade);
        c->stroke(of->cr);
        from = to;
    }
}

// What was verified along the fail-safe: the body and the tube round it.
static void draw_tube(stage *of, const replay_plan *plan, const replay_state *ego) {
    const cairo_api *c = &of->api;
    const replay_actor *body = &of->replay.actors[of->replay.ego];
    cw_vec2 at;
    if (plan->failsafe_count == 0 || !(plan->tube > 0) || !point_at(ego, plan->failsafe_x, plan->failsafe_y, -1, &at))
        return;
    c->new_path(of->cr);
    c->move_to(of->cr, at.x, at.y);
    for (int i = 0; i < plan->failsafe_count && point_at(ego, plan->failsafe_x, plan->failsafe_y, i, &at); i++)
        c->line_to(of->cr, at.x, at.y);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_BUTT);
    c->set_line_width(of->cr, (double)body->width + 2.0 * (double)plan->tube);
    stage_color(of, 0xFFB86B, 0.16);
    c->stroke(of->cr);
}

static void draw_failsafe(stage *of, const lens *camera, const replay_plan *plan, const replay_state *ego) {
    const cairo_api *c = &of->api;
    cw_vec2 at;
    if (plan->failsafe_count == 0 || !point_at(ego, plan->failsafe_x, plan->failsafe_y, -1, &at))
        return;
    c->new_path(of->cr);
    c->move_to(of->cr, at.x, at.y);
    for (int i = 0; i < plan->failsafe_count && point_at(ego, plan->failsafe_x, plan->failsafe_y, i, &at); i++)
        c->line_to(of->cr, at.x, at.y);
    double dashes[2] = {7.0 / camera->scale, 5.0 / camera->scale};
    c->set_dash(of->cr, dashes, 2, 0.0);
    c->set_line_width(of->cr, 1.8 / camera->scale);
    stage_color(of, 0xFFB86B, 0.95);
    c->stroke(of->cr);
    c->set_dash(of->cr, NULL, 0, 0.0);
    c->arc(of->cr, at.x, at.y, 3.0 / camera->scale, 0.0, 2.0 * CW_PI); // where it comes to rest
    c->fill(of->cr);
}

void draw_plans(stage *of, const lens *camera, double time) {
    const replay_plan *plan = replay_plan_at(&of->replay, (int64_t)(time * 1e9 + 0.5));
    replay_state ego;
    if (plan == NULL || of->replay.ego == CW_NONE ||
        !replay_between(&of->replay, (double)plan->time_ns * 1e-9, of->replay.ego, &ego))
        return;
    draw_tube(of, plan, &ego);
    draw_ribbon(of, plan, &ego, cw_max((double)of->replay.actors[of->replay.ego].width * 0.75, 0.6));
    draw_failsafe(of, camera, plan, &ego);
}

// ---- causes ----------------------------------------------------------------------------------------------------------

static bool place_of_cause(const stage *of, const replay_cause *cause, double time, cw_vec2 *at, double *radius) {
    replay_state state;
    if (cause->actor != CW_NONE) {
        if (cause->actor == of->replay.ego || !replay_between(&of->replay, time, cause->actor, &state))
            return false;
        const replay_actor *actor = &of->replay.actors[cause->actor];
        *at = replay_center(actor, &state);
        *radius = cw_hypot((double)actor->length, (double)actor->width) * 0.5 + 0.8;
        return true;
    }
    if (cause->kind == CW_CAUSE_SIGNAL || cause->kind == CW_CAUSE_SIGN) {
        for (size_t i = 0; i < of->ground.sign_count; i++) {
            if (of->ground.signs[i].signal != cause->item)
                continue;
            *at = (cw_vec2){of->ground.signs[i].x, of->ground.signs[i].y};
            *radius = 3.0;
            return true;
        }
    }
    return false;
}

void draw_causes(stage *of, const lens *camera, double time) {
    const cairo_api *c = &of->api;
    const replay_decision *decision = replay_decision_at(&of->replay, (int64_t)(time * 1e9 + 0.5));
    replay_state ego;
    if (decision == NULL || of->replay.ego == CW_NONE || !replay_between(&of->replay, time, of->replay.ego, &ego))
        return;
    cw_vec2 from = replay_center(&of->replay.actors[of->replay.ego], &ego);
    for (uint32_t k = 0; k < decision->cause_count; k++) {
        cw_vec2 at;
        double radius;
        if (!place_of_cause(of, &decision->cause[k], time, &at, &radius))
            continue;
        radius = cw_max(radius, 11.0 / camera->scale);
        double strength = k == 0 ? 1.0 : 0.45, gap = cw_hypot(at.x - from.x, at.y - from.y);
        stage_color(of, 0xFF9F1C, strength);
        c->set_line_width(of->cr, (k == 0 ? 2.2 : 1.4) / camera->scale);
        c->new_path(of->cr);
        c->arc(of->cr, at.x, at.y, radius, 0.0, 2.0 * CW_PI);
        c->stroke(of->cr);
        if (gap > radius) { // from the ego to the ring
            double ux = (at.x - from.x) / gap, uy = (at.y - from.y) / gap;
            double dashes[2] = {2.0 / camera->scale, 4.0 / camera->scale};
            c->set_dash(of->cr, dashes, 2, 0.0);
            c->move_to(of->cr, from.x, from.y);
            c->line_to(of->cr, at.x - ux * radius, at.y - uy * radius);
            c->stroke(of->cr);
            c->set_dash(of->cr, NULL, 0, 0.0);
        }
    }
}

// The names of the road users that the reason speaks of, beside their rings; on the screen, not on the map.
void draw_cause_names(stage *of, const lens *camera, double time) {
    const cairo_api *c = &of->api;
    const replay_decision *decision = replay_decision_at(&of->replay, (int64_t)(time * 1e9 + 0.5));
    if (decision == NULL)
        return;
    c->select_font_face(of->cr, "NanumGothic", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    c->set_font_size(of->cr, 13.0);
    for (uint32_t k = 0; k < decision->cause_count; k++) {
        cw_vec2 at;
        double radius;
        uint32_t actor = decision->cause[k].actor;
        if (actor == CW_NONE || !place_of_cause(of, &decision->cause[k], time, &at, &radius))
            continue;
        cw_vec2 point = stage_project(camera, at.x, at.y);
        double x = point.x + cw_max(radius * camera->scale, 11.0) + 6.0, y = point.y + 4.5;
        const char *name = of->replay.actors[actor].name;
        cairo_text_extents_t size;
        c->text_extents(of->cr, name, &size);
        stage_round(of, x - 5.0, y - 13.5, size.x_advance + 10.0, 18.0, 5.0);
        stage_color(of, 0x12171B, 0.75);
        c->fill(of->cr);
        stage_color(of, 0xFFC078, 1.0);
        c->move_to(of->cr, x, y);
        c->show_text(of->cr, name);
    }
}

// ---- contacts --------------------------------------------------------------------------------------------------------

void draw_contacts(stage *of, const lens *camera, double time) {
    const cairo_api *c = &of->api;
    for (size_t i = 0; i < of->replay.contact_count; i++) {
        const replay_contact *contact = &of->replay.contacts[i];
        double since = time - (double)contact->time_ns * 1e-9;
        if (since < 0.0 || !(fabs(contact->x) < 1e7 && fabs(contact->y) < 1e7))
            continue;
        double outer = (14.0 + 10.0 * cw_max(0.0, 1.0 - since * 2.0)) / camera->scale;
        c->new_path(of->cr);
        for (int k = 0; k < 16; k++) {
            double sine, cosine, radius = k % 2 == 0 ? outer : outer * 0.45;
            cw_sincos(k * CW_PI / 8.0, &sine, &cosine);
            if (k == 0)
                c->move_to(of->cr, contact->x + radius * cosine, contact->y + radius * sine);
            else
                c->line_to(of->cr, contact->x + radius * cosine, contact->y + radius * sine);
        }
        c->close_path(of->cr);
        double alpha = since < 3.0 ? 0.95 : 0.5;
        stage_color(of, 0xFF2D2D, alpha);
        c->fill_preserve(of->cr);
        stage_color(of, 0xFFE066, alpha);
        c->set_line_width(of->cr, 1.5 / camera->scale);
        c->stroke(of->cr);
    }
}

#else

typedef int cw_draw_plan_absent; // a translation unit must declare something

#endif
