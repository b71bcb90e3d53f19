// What the others are to the ego this tick: where they are along the way, who is ahead in the lane, who may cut in and
// when at the earliest, who walks and is engaged, and how far the lane is seen. Bounds on errors and age go with each.
#include "drive/evaluator_internal.h"
#include "drive/planted.h"

#include <math.h>
#include <string.h>

#define LOST 10 // frames
#define ANYWHERE                                                                                                       \
    10.0 // m of error from which a track says no more than that somebody may be hidden: occlusion speaks for it

static memory *recall(cw_evaluator *e, cw_id id) {
    for (uint32_t i = 0; i < e->memory_count; i++)
        if (e->memory[i].id == id)
            return &e->memory[i];
    uint32_t slot = e->memory_count;
    if (slot < MEMORY_MOST) {
        e->memory_count++;
    } else { // the one that is gone for longest
        slot = 0;
        for (uint32_t i = 1; i < MEMORY_MOST; i++)
            if (e->memory[i].ticks > e->memory[slot].ticks)
                slot = i;
    }
    e->memory[slot] = (memory){.id = id, .inside = -1};
    return &e->memory[slot];
}

static void forget(cw_evaluator *e) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < e->memory_count; i++) {
        if (++e->memory[i].ticks > 20)
            continue;
        if (kept != i)
            e->memory[kept] = e->memory[i];
        kept++;
    }
    e->memory_count = kept;
}

static void fear(cw_evaluator *e, const cw_obs *obs, const other *o) {
    const way *w = &e->way;
    double at = o->s + o->hs + cw_max(0, e->a1.cut_out_time - e->a1.cut_in_visible) * o->vs;
    const way_point *p = &w->point[way_find(w, at)];
    double over = cw_clamp(at - p->s, 0, WAY_STEP), x = p->x + over * p->ux, y = p->y + over * p->uy;
    if (cw_obs_sees(obs, x, y))
        return;
    for (int i = 0; i < PHANTOMS_MOST; i++) {
        if (e->phantoms[i].left > 0)
            continue;
        e->phantoms[i] = (phantom){.x = x, .y = y, .left = 5, .id = o->id};
        return;
    }
}

// Along: lane, cut-in and cut-out.
static void place_along(cw_evaluator *e, const view *v, const way_point *p, other *o) {
    const cw_assumptions *a1 = &e->a1;
    double left = (double)p->left, right = (double)p->right, side = o->d >= 0 ? 1 : -1;
    double border = side > 0 ? left : right, beside = (double)(side > 0 ? p->left_lane : p->right_lane);
    double out = side * o->d, center = NAN; // towards the side
    bool own = out < border;
    if (own)
        center = 0;
    else if (out < border + beside)
        center = border + 0.5 * beside;
    double roam = o->speed > 0.3 ? a1->wander : 0;
    double middle = isnan(center) ? o->d : side * center;
    o->low = cw_min(o->d, middle - roam) - o->hd - o->e;
    o->high = cw_max(o->d, middle + roam) + o->hd + o->e;
    if (!own && roam > 0) {
        // A vehicle may hover over the line for as long as it is no cut-in; the middle of ego's lane is ego's.
        double most = cw_max(0, border - 0.5 * (double)e->body.width - a1->tube_across);
        double near = border - cw_min(a1->cut_in_over, most);
        if (side > 0)
            o->low = cw_min(o->low, near);
        else
            o->high = cw_max(o->high, -near);
    }
    if (o->kind == CW_USER_BICYCLE && roam > 0) { // it swerves from where it rides, wherever that is in its lane
        o->low = o->d - PLANT(rides_straight, 0, a1->cyclist_swerve) - o->hd - o->e;
        o->high = o->d + PLANT(rides_straight, 0, a1->cyclist_swerve) + o->hd + o->e;
    }
    double over = border - (out - o->hd), towards = -side * o->vd;
    o->in_lane = own || over > 0;
    double shift = isnan(center) || own ? 0 : center - out; // towards ego's lane
    o->moving_in = !own && (shift > a1->wander || towards > 0.25);
    // Seen only once it exceeds the wander: two ticks and the age of what is seen go off the time that A1 gives.
    o->earliest = o->moving_in ? 0 : cw_max(0, a1->cut_in_visible - 2 * (double)e->period - o->age);
    // Nor does it come over the line sooner than its tyres can push it there.
    double push = a1->leader_brake * v->mu_high, drift = cw_max(0, towards) + o->ev,
           way_to_go = a1->cut_in_over - over - o->e;
    if (way_to_go > 0) {
        double soonest = (sqrt(drift * drift + 2 * push * way_to_go) - drift) / push - o->age;
        o->earliest = cw_max(o->earliest, soonest);
    }
    memory *m = recall(e, o->id);
    if (m->ticks > 1)
        m->beside = 0, m->inside = -1;
    m->ticks = 0;
    if (!o->in_lane) {
        m->beside = 1;
        m->inside = -1;
    } else if (m->inside >= 0) {
        m->inside += e->period;
    } else if (m->beside) {
        m->inside = 0;
        m->beside = 0;
    }
    o->hold = m->inside >= 0 ? cw_max(0, a1->cut_in_hold - (double)m->inside) : 0;
    if (own && out < a1->wander)
        m->out = 0;
    if (own && !m->out && out > a1->wander && side * o->vd > 0.3 && o->vs > 3 && m->inside < 0) {
        m->out = 1;
        fear(e, v->obs, o);
    }
}

static bool near_crossing(const way *w, double s, double reach) {
    for (uint32_t i = 0; i < w->area_count; i++) {
        const area *a = &w->area[i];
        if (a->kind == AREA_CROSSING && s > a->from - reach && s < a->to + reach)
            return true;
    }
    return false;
}

static void place_walker(const cw_evaluator *e, const way_point *p, double heading_s, double heading_d, other *o) {
    const cw_assumptions *a1 = &e->a1;
    double side = o->d >= 0 ? 1 : -1;
    double edge = (double)(PLANT(wrong_lane_side, -side, side) > 0 ? p->left_edge : p->right_edge);
    double beyond = side * o->d - cw_min(o->hl, o->hw) - o->e - edge; // off the carriageway by
    if (!isfinite(edge))                                              // no lanes known: anywhere is road
        beyond = 0;
    double pace = sqrt(heading_s * heading_s + heading_d * heading_d);
    bool heads = pace > 0 && -side * heading_d >= pace * cw_cos(a1->engaged_angle);
    o->engaged = beyond <= 0 || (beyond <= PLANT(engaged_only_on_road, 0, a1->engaged_edge) && heads) ||
                 (beyond <= a1->engaged_crossing && near_crossing(&e->way, o->s, a1->engaged_crossing));
}

static bool add(cw_evaluator *e, view *v, const cw_track *t, double cosine, double sine) {
    const cw_obs *obs = v->obs;
    const way *w = &e->way;
    other *o = &v->others[v->count];
    if ((double)t->error > ANYWHERE)
        return false;
    memset(o, 0, sizeof *o);
    double tx = (double)t->x, ty = (double)t->y;
    o->id = t->id;
    o->kind = t->kind;
    o->x = obs->ego.x + tx * cosine - ty * sine;
    o->y = obs->ego.y + tx * sine + ty * cosine;
    uint32_t at = (uint32_t)cw_clamp((double)w->at + tx / WAY_STEP, 0, (double)w->count - 2);
    way_project(w, o->x, o->y, &at, &o->s, &o->d);
    double far = o->s - v->ego_s;
    if (far < -WAY_BACK || far > 200 || fabs(o->d) > 60)
        return false;
    const way_point *p = &w->point[at];
    double tvx = (double)t->vx, tvy = (double)t->vy;
    o->vx = tvx * cosine - tvy * sine;
    o->vy = tvx * sine + tvy * cosine;
    o->vs = o->vx * p->ux + o->vy * p->uy;
    o->vd = o->vy * p->ux - o->vx * p->uy;
    o->speed = sqrt(tvx * tvx + tvy * tvy);
    o->accel = (double)t->accel;
    double hs, hc;
    cw_sincos((double)t->heading, &hs, &hc);
    o->ux = hc * cosine - hs * sine;
    o->uy = hc * sine + hs * cosine;
    o->hl = 0.5 * (double)t->length;
    o->hw = 0.5 * (double)t->width;
    o->height = (double)t->height;
    double c = o->ux * p->ux + o->uy * p->uy, n = o->uy * p->ux - o->ux * p->uy;
    o->hs = fabs(c) * o->hl + fabs(n) * o->hw;
    o->hd = fabs(n) * o->hl + fabs(c) * o->hw;
    o->e = cw_max((double)t->error, e->a1.position_error);
    o->ev = cw_max((double)t->speed_error, e->a1.speed_error);
    // What is seen was so up to A1's age ago; what is missed has been moved on since, and when it is lost its growing error
    // says the rest.
    o->guessed = PLANT(stale_track, 0, cw_min(t->missed, LOST)) * (double)e->period;
    o->age = e->a1.age + o->guessed;
    double left = (double)p->left_edge, right = (double)p->right_edge;
    o->carriageway = o->d < (isfinite(left) ? left : 6) + 0.5 && -o->d < (isfinite(right) ? right : 6) + 0.5;
    if (t->kind == CW_USER_PEDESTRIAN || t->kind == CW_USER_ANIMAL) {
        if (fabs(far) > 160 || fabs(o->d) > 25)
            return false;
        o->role = ROLE_WALKER;
        place_walker(e, p, c, n, o);
    } else if (o->speed > 0.5 && c * (o->vx * o->ux + o->vy * o->uy) < 0.7 * o->speed) {
        o->role = ROLE_CROSSING;
        o->may_stand = o->speed <= 0.5 + o->ev;
    } else {
        o->role = ROLE_ALONG;
    }
    if (o->role == ROLE_ALONG || o->may_stand)
        place_along(e, v, p, o);
    return true;
}

// How far the middle of the lane is seen: up to the range, a wall, or a vehicle that stands or drives elsewhere. Behind a
// leader the cut-out clause speaks instead.
static double sight(const cw_evaluator *e, const view *v) {
    const cw_obs *obs = v->obs;
    const way *w = &e->way;
    double range = cw_min(e->a1.range, cw_min((double)obs->range, (double)obs->surface.visibility));
    double end = v->ego_s + range, leader = INFINITY;
    for (uint32_t i = 0; i < v->count; i++) {
        const other *o = &v->others[i];
        if (o->role == ROLE_ALONG && o->in_lane && o->s - o->hs > v->ego_front)
            leader = cw_min(leader, o->s - o->hs);
    }
    double speed = cw_max(0, (double)obs->ego.speed), brake = evaluator_brake(e, v->mu_low, 0);
    double need = cw_min(range, 0.8 * speed + speed * speed / (2 * cw_max(brake, 0.2)) + 12);
    need = cw_min(need, leader - v->ego_front);
    uint32_t last = way_find(w, v->ego_front + need);
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    double cx = (double)obs->ego.body.center_x;
    cw_vec2 eye = {obs->ego.x + cx * cosine, obs->ego.y + cx * sine};
    double ex = w->point[last].x - eye.x, ey = w->point[last].y - eye.y, length = sqrt(ex * ex + ey * ey);
    if (length < 1)
        return leader < end ? INFINITY : end;
    ex /= length, ey /= length;
    double bow = 0; // how far the lane bends away from the straight line of sight
    for (uint32_t i = w->at; i < last; i += 4)
        bow = cw_max(bow, fabs((w->point[i].y - eye.y) * ex - (w->point[i].x - eye.x) * ey));
    cw_box boxes[32];
    int count = 0;
    for (uint32_t i = 0; i < v->count + obs->wall_count && count < 32; i++) {
        cw_box box;
        if (i < v->count) {
            const other *o = &v->others[i];
            if (o->role == ROLE_WALKER || (o->role == ROLE_ALONG && o->in_lane))
                continue;
            box = (cw_box){.x = o->x, .y = o->y, .ux = o->ux, .uy = o->uy, .half_length = o->hl, .half_width = o->hw};
        } else {
            box = obs->walls[i - v->count].box;
        }
        double dx = box.x - eye.x, dy = box.y - eye.y, size = box.half_length + box.half_width;
        double along = dx * ex + dy * ey;
        if (along < -size || along > length + size || fabs(dy * ex - dx * ey) > size + bow)
            continue;
        boxes[count++] = box;
    }
    if (count > 0)
        for (uint32_t i = way_find(w, v->ego_front) + 1; i <= last; i += 3) {
            cw_vec2 there = {w->point[i].x, w->point[i].y};
            for (int b = 0; b < count; b++)
                if (cw_box_hits_segment(&boxes[b], eye, there))
                    return cw_max(v->ego_front, w->point[i].s - 3 * WAY_STEP);
        }
    return leader < end ? INFINITY : end;
}

// What stands at the end of the visible lane has stood there: a part that was seen free a moment ago, and is hidden by
// somebody who passes, holds nothing that stands (A1, seen_hold).
static double remember_sight(cw_evaluator *e, double sight) {
    e->seen_ago += (double)e->period;
    if (!(sight < INFINITY))
        return sight; // a leader hides the rest: its own clause speaks
    if (sight >= e->seen || e->seen_ago > e->a1.seen_hold) {
        e->seen = sight;
        e->seen_ago = 0;
    }
    return e->seen;
}

#define HIDES 0.6       // m of height from which on somebody on foot may be behind it
#define LONG 3.0        // m
#define TOWN 14.0       // m/s of limit at most
#define BY_EDGE 1.0     // m from the edge of the carriageway
#define CLOSED 0.5      // m, less is no gap
#define SHADOW_FAR 60.0 // m

// In towns, what a vehicle hides that stands by the edge: the shadow behind it, from its corner on (A1, O3).
static void find_shadows(const cw_evaluator *e, view *v) {
    const cw_obs *obs = v->obs;
    const way *w = &e->way;
    v->shadow_count = 0;
    if (w->lane == CW_NONE)
        return;
    cw_lane_place place = obs->ego.place;
    double limit = place.lane == CW_NONE ? 0 : (double)cw_lane_limit(obs->map, place.lane, place.s);
    if (!(limit > 0) || limit > TOWN)
        return;
    for (uint32_t i = 0; i < v->count; i++) {
        const other *o = &v->others[i];
        double end = o->s + o->hs, side = o->d > v->ego_d ? 1 : -1;
        const way_point *p = &w->point[way_find(w, o->s)];
        double edge = (double)(side > 0 ? p->left_edge : p->right_edge);
        if (o->role != ROLE_ALONG || o->speed > 0.3 || o->height < HIDES || 2 * o->hs < LONG || end < v->ego_front ||
            end > v->ego_front + SHADOW_FAR || side * o->d + o->hd < edge - BY_EDGE)
            continue;
        bool closed = false; // by the next one
        for (uint32_t k = 0; k < v->count; k++) {
            const other *n = &v->others[k];
            closed |= k != i && n->role == ROLE_ALONG && n->speed <= 0.3 && n->height >= HIDES && n->s > o->s &&
                      n->s - n->hs < end + CLOSED && fabs(n->d - o->d) < 0.5 * (n->hd + o->hd);
        }
        if (closed)
            continue;
        double corner = o->d - side * o->hd;
        v->shadow[v->shadow_count++] =
            (shadow){.s = end, .d = corner, .slope = (corner - v->ego_d) / cw_max(end - v->ego_s, 1), .id = o->id};
        if (v->shadow_count == SHADOWS_MOST)
            return;
    }
}

#define ASIDE 6.0 // m: the line is told for the lane of the route, which may be the one beside

// The first line ahead at red or yellow, where the fail-safe stops before it: from then on it has to. At one that it cannot
// stop at any more it goes on, and is over it before yellow ends.
static double line(const cw_evaluator *e, const view *v) {
    const cw_obs *obs = v->obs;
    if (!e->verified)
        return INFINITY;
    const plan *p = &e->fallback;
    uint32_t last = p->count - 1, at = e->way.at;
    double sine, cosine, end, s, d, first = INFINITY, center = (double)e->body.center_x;
    cw_sincos((double)p->heading[last], &sine, &cosine);
    way_project(&e->way, p->x[last] + center * cosine, p->y[last] + center * sine, &at, &end, &d);
    end += 0.5 * (double)e->body.length;
    for (uint32_t i = 0; i < obs->signal_count; i++) {
        const cw_signal_view *signal = &obs->signals[i];
        if (signal->light != CW_LIGHT_RED && signal->light != CW_LIGHT_RED_YELLOW && signal->light != CW_LIGHT_YELLOW)
            continue;
        at = e->way.at;
        way_project(&e->way, signal->stop_x, signal->stop_y, &at, &s, &d);
        if (fabs(d) < ASIDE && s > v->ego_front && s >= end)
            first = cw_min(first, s);
    }
    return first;
}

void view_make(view *v, cw_evaluator *e, const cw_obs *obs) {
    double ds, dd;
    bool moved = way_update(&e->way, obs, &ds, &dd);
    if (moved) {
        if (!plan_move(e, &e->fallback, ds, dd)) { // what is verified goes before what lane it is on
            way_astray(&e->way, obs);
            ds = dd = NAN;
            plan_move(e, &e->fallback, ds, dd);
        }
        e->seen = fabs(dd) < 0.5 ? e->seen + ds : -INFINITY;
        e->green = isfinite(ds) ? e->green + ds : -INFINITY;
    }
    if (moved && !(fabs(dd) < 0.5))
        for (uint32_t i = 0; i < e->memory_count; i++) // ego changed lane, not they
            e->memory[i].beside = e->memory[i].out = 0, e->memory[i].inside = -1;
    const way *w = &e->way;
    v->obs = obs;
    v->count = 0;
    v->mu_low = cw_clamp((double)obs->surface.mu_low, 0.01, 2);
    v->mu_high = cw_max(v->mu_low, (double)obs->surface.mu_high);
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    uint32_t at = w->at;
    double center = (double)e->body.center_x, hl = 0.5 * (double)e->body.length, hw = 0.5 * (double)e->body.width;
    way_project(w, obs->ego.x + center * cosine, obs->ego.y + center * sine, &at, &v->ego_s, &v->ego_d);
    const way_point *p = &w->point[at];
    double c = fabs(cosine * p->ux + sine * p->uy), n = fabs(sine * p->ux - cosine * p->uy);
    v->ego_front = v->ego_s + c * hl + n * hw;
    v->ego_rear = v->ego_s - c * hl - n * hw;
    v->ego_low = v->ego_d - n * hl - c * hw;
    v->ego_high = v->ego_d + n * hl + c * hw;
    forget(e);
    for (uint32_t i = 0; i < obs->track_count && v->count < OTHERS_MOST; i++)
        if (add(e, v, &obs->tracks[i], cosine, sine))
            v->count++;
    junction_make(v, e);
    find_shadows(e, v);
    v->line = line(e, v);
    v->sight = remember_sight(e, sight(e, v));
    for (int i = 0; i < PHANTOMS_MOST; i++) {
        phantom *f = &e->phantoms[i];
        v->phantom[i] = INFINITY;
        v->phantom_id[i] = f->id;
        if (!(f->left > 0))
            continue;
        f->left -= e->period;
        if (cw_obs_sees(obs, f->x, f->y)) {
            f->left = 0;
            continue;
        }
        double s, d;
        at = w->at;
        way_project(w, f->x, f->y, &at, &s, &d);
        if (s < v->ego_front || fabs(d) > 1.5)
            f->left = 0;
        else
            v->phantom[i] = s;
    }
}
