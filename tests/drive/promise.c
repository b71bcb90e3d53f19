#include "promise.h"

#include "body.h"
#include "drive/evaluator_internal.h"
#include "road/build.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTORS = 9, EPISODE_TICKS = 600 };
#define LANE 3.5
#define LANES 3
#define DT 0.01
#define RANGE 120.0
#define CROSSWALK 4.0 // m along the road

static cw_build_text text(const char *t) {
    return (cw_build_text){.text = t, .length = t ? strlen(t) : 0};
}

// 8 km, three lanes one way, straight pieces and bends of both hands; marked crossings each 300 m if asked for.
cw_map *promise_map(bool crossings) {
    static const double bends[] = {0, 1.0 / 600, 0, -1.0 / 350, 0, 1.0 / 900, -1.0 / 900, 0};
    cw_map_builder *b = cw_build_new(NULL, NULL);
    double piece = 1000, x = 0, y = 0, heading = 0.4;
    cw_build_begin_road(b, &(cw_build_road){.id = text("1"), .name = text(""), .junction = text(NULL), .length = 8000});
    for (int i = 0; i < 8; i++) {
        double k = bends[i];
        cw_build_geometry(b, &(cw_geometry){.s = i * piece,
                                            .x = x,
                                            .y = y,
                                            .heading = heading,
                                            .length = piece,
                                            .kind = k == 0 ? CW_LINE : CW_ARC,
                                            .k0 = k});
        double turn = k * piece, chord = k == 0 ? piece : 2 / k * cw_sin(0.5 * turn), sine, cosine;
        cw_sincos(heading + 0.5 * turn, &sine, &cosine);
        x += chord * cosine;
        y += chord * sine;
        heading += turn;
    }
    cw_build_begin_section(b, 0);
    cw_build_begin_lane(b, &(cw_build_lane){.id = 0, .kind = CW_LANE_NONE});
    cw_build_end_lane(b);
    for (int i = 1; i <= LANES; i++) {
        cw_build_begin_lane(b, &(cw_build_lane){.id = -i, .kind = CW_LANE_DRIVING});
        cw_build_width(b, &(cw_cubic){.a = LANE});
        cw_build_mark(b, &(cw_road_mark){.kind = i < LANES ? CW_MARK_BROKEN : CW_MARK_SOLID,
                                         .change = i < LANES ? CW_CHANGE_BOTH : 0,
                                         .width = 0.15f});
        cw_build_limit(b, &(cw_speed_record){.limit = 36.2f});
        cw_build_end_lane(b);
    }
    cw_build_end_section(b);
    for (double at = 450; crossings && at < 8000; at += 300)
        cw_build_object_add(b, &(cw_build_object){.id = text("crosswalk"),
                                                  .name = text(""),
                                                  .kind = CW_OBJECT_CROSSWALK,
                                                  .s = at,
                                                  .t = -0.5 * LANE * LANES,
                                                  .length = CROSSWALK,
                                                  .width = LANE * LANES});
    cw_build_end_road(b);
    cw_map *map = NULL;
    cw_error err = {0};
    cw_status status = cw_build_finish(b, "promise", &map, &err);
    cw_build_free(b);
    assert(status == CW_OK);
    (void)status;
    return map;
}

static double lane_t(int lane) {
    return -LANE * (lane + 0.5);
}

typedef enum kind { CAR, STANDING, WALKER } kind;

typedef struct actor {
    kind kind;
    bool present;
    double s, t, v, vt, a; // road coordinates; t to the left
    double length, width, wish;
    int lane; // where it drives or moves to
    // a lane change under way
    bool changing;
    double moved;   // s since its lateral motion began
    double lateral; // m/s
    double hold;    // s for which it may brake gently alone
    bool in;        // it has come over the ego's line
    double brake_until, brake, next;
    double wander; // m off its lane's middle, kept
    // perception
    double ds, dt, dv; // errors now
    int missed, seen_before;
    double last_x, last_y, last_vx, last_vy, last_heading;
    double told[5]; // x, y, vx, vy, heading of the last frame that saw it
    bool heard;
} actor;

typedef struct sim {
    const promise_def *def;
    promise_result *r;
    cw_map *map;
    cw_rng_key key;
    uint32_t draw;
    actor actors[ACTORS];
    cw_vehicle_params params;
    cw_vehicle_state ego;
    cw_body body;
    double ego_s, ego_t, mu, time, still, delay, top;
    double ego_across; // m, half of what the ego's box covers across the road, however it stands
    cw_control commanded, pending;
    cw_lane_place place;
    bool broken, off, contact, stale, inside;
} sim;

static double uniform(sim *m, double low, double high) {
    return low + (high - low) * cw_rng_uniform(m->key, m->draw++);
}

static int below(sim *m, int n) {
    return (int)uniform(m, 0, n - 1e-9);
}

static void say(sim *m, const char *what, int who) {
    if (!m->r->first[0])
        snprintf(m->r->first, sizeof m->r->first,
                 "%s: actor %d, episode %u, t %.2f, ego s %.1f t %.2f v %.2f, its s %.1f "
                 "t %.2f v %.2f a %.1f",
                 what, who, m->key.world, m->time, m->ego_s, m->ego_t, (double)m->ego.vx,
                 who < 0 ? 0 : m->actors[who].s, who < 0 ? 0 : m->actors[who].t, who < 0 ? 0 : m->actors[who].v,
                 who < 0 ? 0 : m->actors[who].a);
}

static void locate_ego(sim *m) {
    double sine, cosine, s, t;
    cw_sincos(m->ego.heading, &sine, &cosine);
    double c = (double)m->body.center_x;
    cw_road_project(m->map, 0, m->ego.x + c * cosine, m->ego.y + c * sine, m->ego_s, &s, &t);
    m->ego_s = s;
    m->ego_t = t;
    cw_road_point road;
    cw_road_at(m->map, 0, s, 0, &road);
    cw_sincos(m->ego.heading - road.heading, &sine, &cosine);
    m->ego_across = 0.5 * (fabs(sine) * (double)m->body.length + fabs(cosine) * (double)m->body.width);
    cw_locate query = cw_locate_at(m->ego.x, m->ego.y);
    query.hint = m->place;
    query.heading = m->ego.heading;
    cw_lane_place place;
    if (cw_map_locate(m->map, &query, &place))
        m->place = place;
}

// ---- the others ------------------------------------------------------------------------------------------------------

// The lane at t.
static int lane_at(double t) {
    int lane = (int)floor(-t / LANE);
    return lane < 0 ? 0 : lane >= LANES ? LANES - 1 : lane;
}

static double gap_ahead(const sim *m, int self, int lane, double *speed) {
    const actor *a = &m->actors[self];
    double best = INFINITY;
    for (int i = 0; i < ACTORS; i++) {
        const actor *o = &m->actors[i];
        if (i == self || !o->present || o->s <= a->s || fabs(o->t - lane_t(lane)) > 0.5 * (LANE + o->width) - 0.3)
            continue;
        double gap = o->s - a->s - 0.5 * (o->length + a->length);
        if (gap < best)
            best = gap, *speed = o->v;
    }
    double reach = 0.5 * LANE + m->ego_across - 0.3;
    if (m->ego_s > a->s && fabs(m->ego_t - lane_t(lane)) < reach) {
        double gap = m->ego_s - a->s - 0.5 * ((double)m->body.length + a->length);
        if (gap < best)
            best = gap, *speed = (double)m->ego.vx;
    }
    return best;
}

// Is there room for it in that lane, the ego apart?
static bool room(const sim *m, int self, int lane) {
    const actor *a = &m->actors[self];
    for (int i = 0; i < ACTORS; i++) {
        const actor *o = &m->actors[i];
        if (i == self || !o->present || o->kind == WALKER)
            continue;
        if (fabs(o->t - lane_t(lane)) > 2.6 && o->lane != lane)
            continue;
        double gap = fabs(o->s - a->s) - 0.5 * (o->length + a->length);
        double closing = o->s > a->s ? a->v - o->v : o->v - a->v;
        if (gap < 4 + cw_max(0, closing) * 2 + cw_max(0, closing) * closing / 6)
            return false;
    }
    return true;
}

// May it be over the ego's line now? A1: TTC, and visible lateral motion before.
static bool may_enter(const sim *m, const actor *a) {
    double gap = a->s - 0.5 * a->length - (m->ego_s + 0.5 * (double)m->body.length);
    double closing = (double)m->ego.vx - a->v;
    if (a->s + 0.5 * a->length < m->ego_s - 0.5 * (double)m->body.length) { // behind: it must not be forced on ego
        double need = 3 + cw_max(0, -closing) * 1.5 + cw_max(0, -closing) * -closing / 6;
        return -(a->s + 0.5 * a->length - (m->ego_s - 0.5 * (double)m->body.length)) > need;
    }
    if (gap <= 0.3 || a->moved < 0.72)
        return false;
    return closing <= 0 || gap / closing > closing / 12 + 0.35 + 0.01;
}

// How far it reaches into any lane that the ego's box touches, beyond the line, m.
static double over_line(const sim *m, const actor *a, double t) {
    double most = -INFINITY, half = m->ego_across;
    for (int lane = 0; lane < LANES; lane++) {
        double high = -LANE * lane, low = high - LANE;
        if (m->ego_t + half < low || m->ego_t - half > high)
            continue; // ego is not there
        most = cw_max(most, cw_min(t + 0.5 * a->width - low, high - (t - 0.5 * a->width)));
    }
    return most;
}

static void drive_actor(sim *m, int index, double dt) {
    actor *a = &m->actors[index];
    if (a->kind == STANDING)
        return;
    if (a->kind == WALKER) {
        a->t += a->vt * dt;
        if (a->t < -LANE * LANES - 3 || a->t > 3)
            a->present = false;
        return;
    }
    double lead = 0, gap = gap_ahead(m, index, a->lane, &lead), a_free;
    if (lane_at(a->t) != a->lane) { // on its way over it still follows whoever is ahead where it is
        double here = 0, gap_here = gap_ahead(m, index, lane_at(a->t), &here);
        if (gap_here < gap)
            gap = gap_here, lead = here;
    }
    double v = a->v;
    a_free = 1.5 * (1 - (a->wish > 0 ? v / a->wish : 1));
    double accel = cw_clamp(a_free, -2, 1.5);
    if (gap < 200) { // follow: brake for a stop behind where it would stop
        double wanted = 3 + 1.2 * v + v * (v - lead) / (2 * sqrt(1.5 * 3));
        accel = cw_min(accel, 1.5 * (1 - (wanted / cw_max(gap, 0.5)) * (wanted / cw_max(gap, 0.5)) * (wanted > 0)));
        double need = v > lead ? (v * v - lead * lead) / (2 * cw_max(gap - 1, 0.3)) : 0;
        if (need > 4)
            accel = -need;
    }
    if (m->time > a->next) { // something happens
        a->next = m->time + uniform(m, 4, 30);
        double what = uniform(m, 0, 1);
        if (what < 0.45) {
            a->brake = uniform(m, 0, 1) < 0.5 ? 9.81 * m->mu : uniform(m, 2, 9.81 * m->mu);
            a->brake_until = m->time + uniform(m, 0.5, 5);
            m->r->brakings++;
        } else if (what < 0.9 && !a->changing) {
            int lane = a->lane + (below(m, 2) ? 1 : -1);
            // towards the ego, more often than not
            if (uniform(m, 0, 1) < 0.7 && lane_at(m->ego_t) != a->lane)
                lane = a->lane + (lane_at(m->ego_t) > a->lane ? 1 : -1);
            if (lane >= 0 && lane < LANES && room(m, index, lane)) {
                a->lane = lane;
                a->changing = true;
                a->moved = 0;
                a->lateral = uniform(m, 0.4, 1.5);
            }
        } else {
            a->wish = cw_max(0, cw_min(36, a->wish + uniform(m, -10, 10)));
        }
    }
    if (m->time < a->brake_until)
        accel = -a->brake;
    if (a->hold > 0) {
        accel = cw_max(accel, -1);
        a->hold -= dt;
    }
    a->a = cw_clamp(accel, -9.81 * m->mu, 2);
    double next = cw_max(0, v + a->a * dt);
    a->s += 0.5 * (v + next) * dt;
    a->v = next;

    // across
    double wanted = lane_t(a->lane) + a->wander, step = 0;
    if (a->changing) {
        a->moved += dt;
        double sideways = cw_min(a->lateral, 0.2 * v); // it drives, it does not slide
        step = cw_clamp(wanted - a->t, -sideways * dt, sideways * dt);
        double before = over_line(m, a, a->t), after = over_line(m, a, a->t + step);
        if (after > before && after > 0.3 - 0.02 && !a->in) {
            if (may_enter(m, a)) {
                a->in = true;
                if (a->s > m->ego_s) {
                    a->hold = 2;
                    a->brake_until = 0;
                    m->r->cut_ins++;
                    if (uniform(m, 0, 1) < 0.5) { // and, once it may, brakes as hard as it may
                        a->next = m->time + 2.0;
                        a->brake = 9.81 * m->mu;
                    }
                }
            } else if (v > 0) { // waits at the line
                step = 0;
                if (a->moved > 4) { // and gives up
                    a->lane = lane_at(a->t);
                    a->moved = 0;
                }
            } else {
                step = 0;
            }
        }
        if (fabs(wanted - a->t) < 0.01)
            a->changing = false;
    }
    if (over_line(m, a, a->t) < 0)
        a->in = false;
    a->vt = step / dt;
    a->t += step;

    // a leader sees what stands in its lane and swerves in time, or stops
    if (!a->changing) {
        for (int i = 0; i < ACTORS; i++) {
            actor *o = &m->actors[i];
            if (!o->present || o->kind != STANDING || o->lane != a->lane || o->s < a->s)
                continue;
            double far = o->s - 0.5 * o->length - a->s - 0.5 * a->length;
            if (far < 2.6 * v && far > 2.1 * v && v > 5) {
                int lane = a->lane + (a->lane == 0 ? 1 : a->lane == LANES - 1 ? -1 : below(m, 2) ? 1 : -1);
                if (lane == lane_at(m->ego_t) || !room(m, index, lane))
                    continue;
                a->lane = lane;
                a->changing = true;
                a->moved = 0;
                a->lateral = 1.5;
                m->r->cut_outs++;
            }
        }
    }
}

// ---- the monitor: did the others keep A1? ------------------------------------------------------------------------------

static void monitor(sim *m, const actor *before, int index) {
    const actor *a = &m->actors[index];
    if (a->kind == WALKER) {
        m->broken |= fabs(a->vt) > 2;
        return;
    }
    double decel = (before->v - a->v) / DT;
    if (decel > 9.81 * 1.0 + 1e-6 || a->v < 0)
        m->broken = true;
    double was = over_line(m, before, before->t), now = over_line(m, a, a->t);
    double gap = a->s - 0.5 * a->length - (m->ego_s + 0.5 * (double)m->body.length);
    if (was < 0.3 && now >= 0.3 && gap > -(a->length + (double)m->body.length) && fabs(a->t - before->t) > 1e-9) {
        double closing = (double)m->ego.vx - a->v;
        if (gap <= 0 || (closing > 0 && gap / closing <= closing / 12 + 0.35))
            m->broken = true;
    }
}

// ---- what is perceived -------------------------------------------------------------------------------------------------

static cw_box actor_box(const sim *m, const actor *a) {
    cw_road_point p;
    cw_road_at(m->map, 0, a->s, a->t, &p);
    // Along the road even while it changes lane: so its sides say where its tyres are.
    return cw_box_at((cw_pose){p.x, p.y, p.heading}, 0, a->length, a->width);
}

static cw_box ego_box(const sim *m) {
    return cw_box_at((cw_pose){m->ego.x, m->ego.y, m->ego.heading}, (double)m->body.center_x, (double)m->body.length,
                     (double)m->body.width);
}

static bool visible(const sim *m, int index, const cw_box *boxes) {
    const cw_box *b = &boxes[index];
    cw_box ego = ego_box(m);
    cw_vec2 eye = {ego.x, ego.y}, point[5];
    cw_box_corners(b, point);
    point[4] = (cw_vec2){b->x, b->y};
    for (int k = 0; k < 5; k++) {
        double dx = point[k].x - eye.x, dy = point[k].y - eye.y;
        if (dx * dx + dy * dy > RANGE * RANGE)
            continue;
        bool free = true;
        for (int i = 0; i < ACTORS && free; i++)
            free = i == index || !m->actors[i].present || !cw_box_hits_segment(&boxes[i], eye, point[k]);
        if (free)
            return true;
    }
    return false;
}

static uint32_t perceive(sim *m, cw_track *tracks) {
    cw_box boxes[ACTORS];
    uint32_t count = 0;
    for (int i = 0; i < ACTORS; i++)
        if (m->actors[i].present)
            boxes[i] = actor_box(m, &m->actors[i]);
    double sine, cosine;
    cw_sincos(m->ego.heading, &sine, &cosine);
    for (int i = 0; i < ACTORS; i++) {
        actor *a = &m->actors[i];
        if (!a->present)
            continue;
        bool errs = m->def->errors;
        bool seen = visible(m, i, boxes);
        if (errs && seen && a->seen_before > 3 && a->missed < 3 && uniform(m, 0, 1) < (a->missed ? 0.6 : 0.1))
            seen = false;
        double x, y, vx, vy, heading;
        if (seen) {
            double hx = boxes[i].ux, hy = boxes[i].uy;
            heading = cw_atan2(hy, hx);
            double road = a->kind == WALKER ? 0 : a->v;
            cw_road_point p;
            cw_road_at(m->map, 0, a->s, a->t, &p);
            double ps, pc;
            cw_sincos(p.heading, &ps, &pc);
            vx = road * pc - a->vt * ps;
            vy = road * ps + a->vt * pc;
            x = boxes[i].x, y = boxes[i].y;
            if (errs) { // slowly varying, within the bounds
                a->ds = cw_clamp(a->ds + uniform(m, -0.05, 0.05), -0.2, 0.2);
                a->dt = cw_clamp(a->dt + uniform(m, -0.05, 0.05), -0.2, 0.2);
                a->dv = cw_clamp(a->dv + uniform(m, -0.1, 0.1), -0.5, 0.5);
                x += a->ds * pc - a->dt * ps;
                y += a->ds * ps + a->dt * pc;
                if (a->v > 1) {
                    vx += a->dv * pc;
                    vy += a->dv * ps;
                }
            }
            double now[5] = {x, y, vx, vy, heading};
            if (m->stale && a->heard) { // as it was a tick ago
                x = a->told[0], y = a->told[1], vx = a->told[2], vy = a->told[3], heading = a->told[4];
            }
            memcpy(a->told, now, sizeof now);
            a->heard = true;
            a->missed = 0;
            a->seen_before++;
            a->last_heading = heading;
        } else {
            if (a->seen_before == 0 || ++a->missed > 50)
                continue; // never seen, or forgotten
            a->heard = false;
            x = a->last_x + 0.1 * a->last_vx, y = a->last_y + 0.1 * a->last_vy;
            vx = a->last_vx, vy = a->last_vy;
            heading = a->last_heading;
        }
        a->last_x = x, a->last_y = y, a->last_vx = vx, a->last_vy = vy;
        cw_track *t = &tracks[count++];
        memset(t, 0, sizeof *t);
        double dx = x - m->ego.x, dy = y - m->ego.y;
        t->id = (cw_id)(1 << 16 | (i + 1));
        t->kind = (uint8_t)(a->kind == WALKER     ? CW_USER_PEDESTRIAN
                            : a->kind == STANDING ? CW_USER_OBSTACLE
                                                  : CW_USER_CAR);
        t->seen = seen;
        t->missed = (uint16_t)a->missed;
        t->x = (float)(dx * cosine + dy * sine);
        t->y = (float)(dy * cosine - dx * sine);
        t->heading = (float)cw_wrap_angle(heading - m->ego.heading);
        t->vx = (float)(vx * cosine + vy * sine);
        t->vy = (float)(vy * cosine - vx * sine);
        t->speed = (float)cw_hypot(vx, vy);
        t->accel = (float)(a->kind == CAR ? a->a : 0);
        t->length = (float)a->length;
        t->width = (float)a->width;
        t->height = a->kind == WALKER ? 1.7f : 1.5f;
        t->error = 0.3f;
        t->speed_error = 0.5f;
        t->first_seen = 1;
        cw_locate query = cw_locate_at(x, y);
        cw_map_locate(m->map, &query, &t->place);
    }
    for (uint32_t i = 1; i < count; i++) // by distance
        for (uint32_t j = i; j > 0; j--) {
            double p = cw_hypot((double)tracks[j].x, (double)tracks[j].y);
            double q = cw_hypot((double)tracks[j - 1].x, (double)tracks[j - 1].y);
            if (q <= p)
                break;
            cw_track swap = tracks[j];
            tracks[j] = tracks[j - 1];
            tracks[j - 1] = swap;
        }
    return count;
}

// ---- an episode --------------------------------------------------------------------------------------------------------

static void place_actor(sim *m, int i, int lane, double s, double v) {
    m->actors[i] = (actor){.kind = CAR,
                           .present = true,
                           .s = s,
                           .t = lane_t(lane),
                           .v = v,
                           .lane = lane,
                           .length = uniform(m, 0, 1) < 0.25 ? 12 : 4.5,
                           .wish = v,
                           .next = uniform(m, 0.5, 20),
                           .wander = uniform(m, -0.2, 0.2),
                           .brake_until = 0};
    actor *a = &m->actors[i];
    a->width = a->length > 6 ? 2.5 : 1.8;
    if (a->length > 6)
        a->wander *= 0.5;
    a->t += a->wander;
}

static void begin(sim *m) {
    memset(m->actors, 0, sizeof m->actors);
    m->time = m->still = 0;
    m->broken = m->off = m->contact = m->inside = false;
    m->stale = m->def->errors && m->key.world % 2 == 1;
    m->commanded = m->pending = (cw_control){0};
    m->mu = uniform(m, 0.9, 1.0);
    m->delay = m->def->errors ? uniform(m, 0, 0.08) : 0; // of brakes and engine, beside their lag
    m->top = 60 / 3.6 + (m->def->top_speed - 60 / 3.6) * uniform(m, 0, 1);
    int lane = below(m, LANES);
    double v = uniform(m, 0, 1) < 0.1 ? 0 : uniform(m, 8, m->top), s = uniform(m, 300, 4000);
    m->ego_s = s;
    cw_road_point p;
    double c = (double)m->body.center_x;
    cw_road_at(m->map, 0, s - c, lane_t(lane), &p);
    if (p.curvature != 0) // no faster than the bend is built for, and turning with it already
        v = cw_min(v, sqrt(2.5 / fabs(p.curvature)));
    m->ego = (cw_vehicle_state){.x = p.x,
                                .y = p.y,
                                .heading = p.heading,
                                .vx = (float)v,
                                .yaw_rate = (float)(v * p.curvature),
                                .steer = (float)((double)m->body.wheelbase * p.curvature)};
    m->place = (cw_lane_place){.lane = CW_NONE};
    m->ego_t = lane_t(lane);
    locate_ego(m);
    int n = 0;
    if (uniform(m, 0, 1) < 0.8) { // a leader at a gap that lets F_0 exist
        double u = uniform(m, 3, 33), need = v * 0.6 + v * v / 12.7 - u * u / 22.0;
        place_actor(m, n++, lane, s + 10 + cw_max(0, need) + v * 0.3 + 6 + uniform(m, 0, 60), u);
    }
    for (int side = -1; side <= 1; side += 2) {
        int next = lane + side;
        if (next < 0 || next >= LANES)
            continue;
        double at = s - uniform(m, 20, 60);
        for (int k = 0; k < 2; k++) {
            place_actor(m, n++, next, at, cw_max(0, v + uniform(m, -12, 8)));
            at += uniform(m, 25, 90);
        }
    }
    if (uniform(m, 0, 1) < 0.4 && n < ACTORS) // a follower
        place_actor(m, n++, lane, s - 15 - v * 1.5 - uniform(m, 0, 40), cw_max(0, v + uniform(m, -3, 1)));
    if (uniform(m, 0, 1) < 0.4 && n < ACTORS) { // what stands in a lane
        int where = below(m, LANES);
        place_actor(m, n, where, s + uniform(m, 260, 700), 0);
        m->actors[n].kind = STANDING;
        m->actors[n++].wish = 0;
    }
    if (uniform(m, 0, 1) < 0.15 && n < ACTORS) { // someone on foot crosses far ahead
        place_actor(m, n, 0, s + uniform(m, 250, 500), 0);
        actor *a = &m->actors[n++];
        a->kind = WALKER;
        a->length = a->width = 0.5;
        a->t = -LANE * LANES - 0.5;
        a->vt = uniform(m, 0.5, 1.9);
        m->r->walkers++;
    }
}

static cw_obs look(const sim *m, const cw_mission *mission, int k) {
    return (cw_obs){.step = k,
                    .time_ns = k * 100000000LL,
                    .period = 0.1f,
                    .map = m->map,
                    .mission = mission,
                    .surface = {0.9f, 1.0f, 1000},
                    .range = (float)RANGE,
                    .ego = {.x = m->ego.x,
                            .y = m->ego.y,
                            .heading = (float)m->ego.heading,
                            .speed = m->ego.vx,
                            .lateral_speed = m->ego.vy,
                            .accel = m->ego.accel,
                            .yaw_rate = m->ego.yaw_rate,
                            .steer = m->ego.steer,
                            .place = m->place,
                            .body = m->body}};
}

// Goes on with the fail-safe alone from here and compares with what was verified: to the side at the same place along the
// way, along at the same time.
static void execute_failsafe(const sim *from, const cw_evaluator *evaluator, const cw_mission *mission,
                             const cw_control *first) {
    sim m = *from;
    cw_evaluator *e = malloc(sizeof *e);
    *e = *evaluator;
    plan p0 = e->fallback;
    cw_control control = *first, before = m.commanded;
    double hw = 0.5 * (double)m.body.width, hl = 0.5 * (double)m.body.length, delay = uniform(&m, 0, 0.12);
    uint32_t at = e->way.at;
    m.r->tubes++;
    for (uint32_t j = 1; j < p0.count; j++) {
        for (int i = 0; i < 10; i++) {
            cw_control now = i * DT < delay - 1e-9 ? before : control;
            cw_vehicle_step(&m.params, &m.ego, now.accel, control.steer, (float)m.mu, 0, 0, (float)DT);
        }
        before = control;
        double sine, cosine, s, d, c = (double)m.body.center_x;
        cw_sincos(m.ego.heading, &sine, &cosine);
        way_project(&e->way, m.ego.x + c * cosine, m.ego.y + c * sine, &at, &s, &d);
        const way_point *p = &e->way.point[at];
        double n = fabs(sine * p->ux - cosine * p->uy), u = fabs(cosine * p->ux + sine * p->uy);
        double hs = u * hl + n * hw, hd = n * hl + u * hw;
        m.r->along = cw_max(m.r->along, s + hs - (double)p0.front[j] + e->a1.tube_along);
        // at the same place along the plan, where it is more than once the nearest: all of it is verified
        double off = INFINITY, gone = cw_hypot(m.ego.x - p0.x[0], m.ego.y - p0.y[0]);
        for (uint32_t i = 0; i + 1 < p0.count; i++)
            if (s >= (double)p0.s[i] && s <= (double)p0.s[i + 1] && p0.s[i + 1] > p0.s[i]) {
                double f = (s - (double)p0.s[i]) / ((double)p0.s[i + 1] - (double)p0.s[i]);
                double low = cw_lerp((double)p0.low[i], (double)p0.low[i + 1], f);
                double high = cw_lerp((double)p0.high[i], (double)p0.high[i + 1], f);
                off = cw_min(off, cw_max(low - (d - hd), d + hd - high));
            }
        if (isfinite(off)) {
            m.r->strays = cw_max(m.r->strays, off / plan_strays(e, gone));
            if (off > m.r->across) {
                m.r->across = off;
                if (off > e->a1.tube_across)
                    say(&m, "out of the tube", -1);
            }
        }
        locate_ego(&m);
        if (fabsf(m.ego.vx) < 0.01f)
            break;
        cw_obs obs = look(&m, mission, 0);
        e->way.at = at;
        view v = {.obs = &obs, .mu_low = 0.9, .mu_high = 1};
        plan on;
        plan_make(e, &v, &(plan_def){.aim = AIM_KEEP}, &on); // what the evaluator does when nothing else verifies
        control = (cw_control){.accel = -on.brake, .steer = on.steer0};
    }
    free(e);
}

static void step(sim *m) {
    cw_vehicle_step(&m->params, &m->ego, m->commanded.accel, m->commanded.steer, (float)m->mu, 0, 0, (float)DT);
    locate_ego(m);
    for (int i = 0; i < ACTORS; i++) {
        if (!m->actors[i].present)
            continue;
        actor before = m->actors[i];
        drive_actor(m, i, DT);
        if (m->actors[i].present)
            monitor(m, &before, i);
    }
    m->time += DT;
    m->still = fabsf(m->ego.vx) < 0.05f ? m->still + DT : 0;
    cw_box ego = ego_box(m);
    for (int i = 0; i < ACTORS; i++) {
        const actor *a = &m->actors[i];
        if (!a->present || fabs(a->s - m->ego_s) > 12)
            continue;
        cw_box box = actor_box(m, a);
        if (!cw_box_overlap(&ego, &box))
            continue;
        m->contact = true;
        if (m->broken)
            break;
        m->r->contacts++;
        bool behind =
            a->s + 0.5 * a->length < m->ego_s - 0.5 * (double)m->body.length + 1.0 && a->v > (double)m->ego.vx;
        if (behind || m->still >= 1.0) {
            m->r->struck++;
        } else {
            m->r->charged++;
            say(m, "contact", i);
        }
        break;
    }
    bool inside = false; // does it stand on a crossing?
    for (double at = 450; m->def->crossings && m->still >= 0.5 && at < 8000; at += 300)
        inside |= fabs(m->ego_s - at) < 0.5 * (CROSSWALK + (double)m->body.length) - 0.05;
    if (inside && !m->inside) {
        m->r->stood_inside++;
        say(m, "stood on a crossing", -1);
    }
    m->inside = inside;
    cw_vec2 corner[4];
    cw_box_corners(&ego, corner);
    for (int k = 0; k < 4 && !m->off; k++) {
        double s, t;
        cw_road_project(m->map, 0, corner[k].x, corner[k].y, m->ego_s, &s, &t);
        if (t > 0 || t < -LANE * LANES) {
            m->off = true;
            m->r->off_road++;
            say(m, "off road", -1);
        }
    }
}

promise_result promise_run(const promise_def *def) {
    promise_result r = {0};
    sim *m = calloc(1, sizeof *m);
    *m = (sim){.def = def, .r = &r, .map = promise_map(def->crossings)};
    m->body = test_body();
    const cw_body *b = &m->body;
    m->params = cw_vehicle_params_make(b->length, b->width, b->center_x, b->wheelbase, b->mass, b->max_steer,
                                       b->max_accel, b->max_brake, b->max_speed);
    const cw_driver *driver = cw_driver_find(def->driver);
    assert(driver);
    cw_driver_def dd = {.map = m->map, .body = m->body, .seed = def->seed, .period = 0.1f, .options = def->options};
    void *state = malloc(driver->state_size(&dd));
    cw_evaluator *evaluator = malloc(cw_evaluator_size());
    cw_evaluator_def ed = {.map = m->map, .body = m->body, .period = 0.1f};
    double spent = 0;
    for (uint32_t episode = def->first; r.seconds < def->seconds; episode++) {
        m->key = (cw_rng_key){.seed = def->seed, .world = episode, .purpose = 0x50524f4d};
        m->draw = 0;
        begin(m);
        r.episodes++;
        dd.seed = def->seed + episode;
        driver->reset(state, &dd, NULL);
        cw_evaluator_reset(evaluator, &ed);
        if (def->spoil)
            def->spoil(evaluator);
        cw_arena *arena = cw_arena_new(0, 0);
        cw_mission mission = {.set_speed = (float)m->top};
        cw_route_ahead(m->map, m->place, 3500, arena, &mission.route);
        for (int k = 0; k < EPISODE_TICKS && !m->contact && !m->off && m->ego_s < 7600; k++) {
            m->key.step = (uint64_t)k;
            m->draw = 0;
            cw_track tracks[ACTORS];
            cw_obs obs = look(m, &mission, k);
            obs.tracks = tracks;
            obs.track_count = perceive(m, tracks);
            cw_decision decision, executed;
            unsigned long allocated = def->allocated ? *def->allocated : 0;
            driver->decide(state, &obs, &decision);
            cw_verification why;
            if (def->evaluator) {
                const cw_decision *proposals[] = {&decision};
                double start = cw_seconds();
                cw_evaluator_decide(evaluator, &obs, proposals, 1, &executed, &why);
                spent += cw_seconds() - start;
                r.ticks++;
                if (why.accepted < 0) {
                    r.failsafe_ticks++;
                    r.refused[why.clause[0]]++;
                }
                if (k == 0 && why.unsafe_starts) { // outside the promise
                    r.unsafe_starts++;
                    r.unsafe[why.began]++;
                    m->broken = true;
                    break;
                }
                if (k + 1 == EPISODE_TICKS) {
                    r.mitigations += (int)why.mitigations;
                    r.stops += (int)why.stops;
                }
            } else {
                executed = decision;
            }
            if (def->allocated && k >= 10)
                r.allocations += *def->allocated - allocated;
            m->pending = executed.control;
            if (def->tube && k % 7 == 0 && evaluator->verified && evaluator->fallback.x[0] == m->ego.x)
                execute_failsafe(m, evaluator, &mission, &executed.control);
            double x = m->ego.x, y = m->ego.y;
            for (int i = 0; i < 10 && !m->contact && !m->off; i++) {
                if (i * DT >= m->delay - 1e-9)
                    m->commanded.accel = m->pending.accel;
                m->commanded.steer = m->pending.steer;
                step(m);
            }
            r.distance += cw_hypot(m->ego.x - x, m->ego.y - y);
            r.stationary += m->still > 0 ? 0.1 : 0;
            r.seconds += 0.1;
            if (m->broken)
                break;
        }
        r.excluded += m->broken;
        cw_arena_free(arena);
    }
    r.evaluate_us = r.ticks ? 1e6 * spent / r.ticks : 0;
    free(evaluator);
    free(state);
    cw_map_free(m->map);
    free(m);
    return r;
}
